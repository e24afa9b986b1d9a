"""The numbers, sentences and doubts of 'Overlooked streets'."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.cpted.naturalsurveillance import (
    ACTIVE,
    ENTRANCE,
    LITTLE,
    NOT,
    OVERLOOKED,
    WELL,
    WINDOW,
    Places,
    Positions,
    classes,
)
from ...layers import fields
from ...layers.areas import LINE, POLYGON
from ...reports import formats
from ...translation import tr
from .naturalsurveillance_read import Data


def class_name(code: int) -> str:
    """Return a class in words."""
    return {NOT: tr("not overlooked"), LITTLE: tr("little overlooked"), OVERLOOKED: tr("overlooked"),
            WELL: tr("well overlooked")}.get(int(code), tr("not looked at"))


def kind_name(kind: int) -> str:
    """Return a kind of watchers in words."""
    return {WINDOW: tr("windows"), ENTRANCE: tr("entrances"), ACTIVE: tr("active places")}[kind]


class Words:
    """What a run says of its result."""

    def __init__(self, run: Any, data: Data, positions: Positions, places: Places) -> None:
        self.run, self.data, self.positions, self.places = run, data, positions, places
        self.day, self.night = classes(places.day, *data.limits), classes(places.night, *data.limits)
        self.size = self._size()

    def _size(self) -> np.ndarray:
        """Metres of lines, square metres of areas, 1 for points."""
        layer = self.data.layer
        if layer.kind == LINE:
            return layer.lengths_m
        return layer.areas_m2 if layer.kind == POLYGON else np.ones(len(layer))

    @property
    def limits(self) -> list:
        """Return the limits of the classes as texts."""
        return [formats.number(limit, 0 if float(limit).is_integer() else None) for limit in self.data.limits]

    # --- fields --------------------------------------------------------------------------------
    def columns(self) -> dict:
        """Return the fields of the places."""
        p, none = self.places, self.places.positions == 0

        def count(values: np.ndarray) -> np.ma.MaskedArray:
            return np.ma.masked_array(values, none)

        def words(codes: np.ndarray) -> np.ndarray:
            return np.array([class_name(code) for code in codes], object)

        return {
            fields.WATCH_DAY: p.day, fields.WATCH_NGT: p.night,
            fields.DAY_CODE: np.ma.masked_array(self.day, self.day < 0), fields.DAY_CLASS: words(self.day),
            fields.NGT_CODE: np.ma.masked_array(self.night, self.night < 0), fields.NGT_CLASS: words(self.night),
            fields.N_WATCH: count(p.watchers), fields.N_NEAR: count(p.near), fields.VIEW_SHARE: p.view_share,
            fields.N_WINDOW: count(p.by_kind[:, WINDOW]), fields.N_ENTRANCE: count(p.by_kind[:, ENTRANCE]),
            fields.N_ACTIVE: count(p.by_kind[:, ACTIVE]),
            fields.SEEN_SHARE: p.seen_share, fields.SEEN_DAY: p.seen_day, fields.SEEN_NGT: p.seen_night,
            fields.LIT_SHARE: p.lit_share, fields.N_POS: p.positions,
        }

    def position_columns(self) -> dict:
        """Return the fields of the positions."""
        data, found = self.data, self.positions
        none = np.ones(len(data.samples), bool)
        lit = np.ma.masked_array(none, none) if data.lit is None else np.ma.masked_array(
            np.nan_to_num(data.lit) > 0, np.isnan(data.lit))
        return {
            fields.PLACE_ROW: data.layer.rows[data.samples.owner] + 1,
            fields.AT_M: data.samples.at,
            fields.N_WATCH: found.watchers,
            fields.WATCH_DAY: found.day,
            fields.WATCH_NGT: found.night,
            fields.LIT: lit,
        }

    # --- numbers -------------------------------------------------------------------------------
    def seen_within(self, distance: float) -> tuple[float, float]:
        """Return the share of the positions overlooked by day, and lit and overlooked by night, within metres."""
        found, lit = self.positions, self.data.lit
        if not len(found.watchers):
            return float("nan"), float("nan")
        known = np.ones(len(found.watchers), bool) if lit is None else ~np.isnan(lit)
        light = known if lit is None else np.nan_to_num(lit) > 0
        night = (found.nearest_night <= distance) & light
        by_night = float(night[known].mean()) if known.any() else float("nan")
        return float((found.nearest_day <= distance).mean()), by_night

    @property
    def watchers(self) -> int:
        """Watchers that can see out."""
        return sum(g.given - g.blind for g in self.data.groups)

    @property
    def hidden_share(self) -> float:
        """Share of the pairs of place and watcher near it that something hides."""
        near = int(self.places.near.sum())
        return 1.0 - float(self.places.watchers.sum()) / near if near else float("nan")

    @property
    def lit_share(self) -> float:
        """Share of the positions with known light that are lit."""
        lit = self.data.lit
        return float("nan") if lit is None or np.isnan(lit).all() else float(np.nanmean(lit))

    def numbers(self) -> dict:
        """Return the declared numbers."""
        data, found = self.data, self.positions
        by_day, by_night = self.seen_within(np.finfo(float).max)
        some = len(found.watchers) > 0
        known = ~np.isnan(found.night)
        return {
            "PLACES": len(data.layer), "JUDGED": int((self.places.positions > 0).sum()), "WATCHERS": self.watchers,
            "BLIND": sum(g.blind for g in data.groups), "MOVED": sum(g.moved for g in data.groups),
            "POSITION_COUNT": len(data.samples), "NOT_DAY": int((self.day == NOT).sum()),
            "NOT_NIGHT": int((self.night == NOT).sum()), "SEEN_DAY": by_day, "SEEN_NIGHT": by_night,
            "MEAN_DAY": float(found.day.mean()) if some else None,
            "MEAN_NIGHT": float(found.night[known].mean()) if known.any() else None,
            "LIT_SHARE": self.lit_share, "HIDDEN_SHARE": self.hidden_share,
        }

    # --- sentences -----------------------------------------------------------------------------
    def summary(self) -> str:
        """Return the sentences to read out."""
        judged = int((self.places.positions > 0).sum())
        if not judged:
            return tr("No place has a position outside of the obstacles, so nothing can be said.")
        seen_day, seen_night = self.seen_within(np.finfo(float).max)
        text = tr("By day {day} of {ground} can be seen by at least one of {watchers} watchers ({kinds}) within"
                  " {radius}; by night {night}{light}.").format(
                      day=_part(seen_day), night=_part(seen_night), ground=self.ground(),
                      radius=self.run.units.distance(self.data.radius), watchers=formats.number(self.watchers),
                      kinds=", ".join(dict.fromkeys(kind_name(g.kind) for g in self.data.groups)),
                      light=tr(" (lit and in view)") if self.data.lit is not None else "")
        known = int((self.night >= 0).sum())
        by_night = tr("{night} by night") if known == judged else tr("{night} of {known} with known light by night")
        none = tr("Nobody overlooks {day} of {count} places by day, {by_night}.").format(
            day=formats.number(int((self.day == NOT).sum())), count=formats.number(judged),
            by_night=by_night.format(night=formats.number(int((self.night == NOT).sum())),
                                     known=formats.number(known)))
        return f"{text} {none}"

    def ground(self) -> str:
        """Return what is looked at in words: 212 km of street, 35 ha, 12 points."""
        layer, units = self.data.layer, self.run.units
        if layer.kind == LINE:
            return tr("the {length} of street").format(length=units.length(float(self.size.sum())))
        if layer.kind == POLYGON:
            return tr("the {area}").format(area=units.area(float(self.size.sum())))
        return tr("the {count} points").format(count=formats.number(len(layer)))

    def extent(self, value: float) -> str:
        """Return the size of one place, or of several, in words."""
        layer, units = self.data.layer, self.run.units
        if layer.kind == LINE:
            return units.distance(value) if value < 1000 else units.length(value)
        return units.area(value) if layer.kind == POLYGON else formats.number(int(value))

    def warnings(self) -> list:
        """Return what the reader must know before using the result."""
        data, out = self.data, []
        if not data.obstacles.count:
            out.append(tr("No obstacles are given, so every watcher within range seems to see: sight is overstated."
                          " Give buildings, walls and fences."))
        elif data.obstacles.solid is None:
            out.append(tr("The obstacles are lines only. If the buildings are not among them, sight is overstated."))
        for group in data.groups:
            if group.blind:
                out.append(tr("{layer}: {count} of {all} are inside a building with no outer wall near, and see"
                              " nothing.").format(layer=group.layer, count=formats.number(group.blind),
                                                  all=formats.number(group.given)))
        if data.lit is None:
            out.append(tr("No light is given: by night only hours count, and dark streets seem as overlooked as lit"
                          " ones."))
        elif np.isnan(data.lit).any():
            out.append(tr("The light of {share} of the positions is not known; they are left out of the night.").format(
                share=formats.percent(float(np.isnan(data.lit).mean()), 1)))
        if data.lit is not None and self.run.has(self.run.tool.LIGHTS):
            out.append(tr("Positions farther than {reach} from the lights given count as unlit. If the layer does not"
                          " hold the lights of all owners, some of them are lit.").format(
                              reach=self.run.units.distance(self.run.number(self.run.tool.LIGHT_DISTANCE))))
        gone = int((self.places.positions == 0).sum())
        if gone:
            out.append(tr("{count} places lie inside obstacles altogether and are not looked at.").format(
                count=formats.number(gone)))
        if not any(group.kind == WINDOW for group in data.groups):
            out.append(tr("No windows are given: homes, the most common watchers, are missing, so far less seems"
                          " overlooked than is."))
        return out

    def notes(self) -> list:
        """Return how it was made, in sentences for the report."""
        data, units = self.data, self.run.units
        out = [tr("{positions} positions looked at, {hidden} more lie inside obstacles; {obstacles} obstacles.").format(
            positions=formats.number(len(data.samples)), hidden=formats.number(data.hidden),
            obstacles=formats.number(data.obstacles.count))]
        for group in data.groups:
            if group.moved:
                out.append(tr("{layer}: {count} inside a building look from its nearest wall, {far} away at most."
                              ).format(layer=group.layer, count=formats.number(group.moved),
                                       far=units.distance(group.farthest)))
        if data.light:
            out.append(tr("Light: {light}; a view onto an unlit position counts {weight}.").format(
                light=data.light, weight=formats.number(self.run.number(self.run.tool.UNLIT_WEIGHT))))
        return out


def _part(share: float) -> str:
    return formats.percent(share, 1 if share < 0.1 else 0)
