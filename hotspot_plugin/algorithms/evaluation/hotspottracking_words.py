"""What the history of hot spots says: the sentences to read out, and the doubts."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.evaluation import hotspottracking as analysis
from ...layers import fields
from ...reports import formats
from ...translation import tr
from .hotspottracking_read import Data, Found

THERE, NOT_THERE = "●", "○"
#: Total grounds of two periods that differ by more than this ask whether the settings were the same.
_UNLIKE = 2.0
_LEVEL = 0.05


class Words:
    """The result in words.

    Parameters
    ----------
    data : Data
    found : Found
    units : Units
        Of lengths in sentences.
    """

    def __init__(self, data: Data, found: Found, units: Any) -> None:
        self.data, self.found, self.units, self.tracks = data, found, units, found.tracks
        self.last = len(data.labels) - 1
        self.present = analysis.presence(data.period, self.tracks.track, self.tracks.count, len(data.labels))
        self.kinds = analysis.kinds(self.present)

    # --- names -----------------------------------------------------------------------------
    @staticmethod
    def event_names() -> dict:
        """Return the words of what happened to a hot spot."""
        return {
            analysis.FIRST: tr("In the first period"), analysis.CAME: tr("Came"), analysis.STAYED: tr("Stayed"),
            analysis.GREW: tr("Stayed and grew"), analysis.SHRANK: tr("Stayed and shrank"),
            analysis.MOVED: tr("Moved (by distance)"), analysis.RETURNED: tr("Returned"),
            analysis.SPLIT: tr("Split off from another"),
        }

    @staticmethod
    def fate_names() -> dict:
        """Return the words of what became of a hot spot."""
        return {analysis.LAST: tr("Last period"), analysis.WENT: tr("Went"),
                analysis.MERGED: tr("Taken in by another"), analysis.CARRIED_ON: tr("Goes on")}

    @staticmethod
    def kind_names() -> dict:
        """Return the words of the history of a track."""
        return {
            analysis.PERSISTENT: tr("In all periods"), analysis.RECURRING: tr("With gaps, there in the last"),
            analysis.NEW: tr("New in the last"), analysis.GONE: tr("Several periods, now gone"),
            analysis.ONCE: tr("One earlier period only"), analysis.ONGOING: tr("Several periods to the last"),
        }

    def history(self, track: int) -> str:
        """Return one sign for each period."""
        return "".join(THERE if there else NOT_THERE for there in self.present[track])

    def name(self, track: int) -> str:
        """Return how the report calls a track: its number, and the latest name of its hot spots."""
        names = [self.data.names[i] for i in np.flatnonzero(self.tracks.track == track) if self.data.names[i]]
        return f"{track + 1} · {names[-1]}" if names else tr("Hot spot {number}").format(number=track + 1)

    # --- results ---------------------------------------------------------------------------
    def columns(self) -> dict:
        """Return the fields of the hot spots."""
        data, t, ground = self.data, self.tracks, self.found.ground
        events, fates = self.event_names(), self.fate_names()
        area, carried = data.area, (t.before >= 0) & (t.event != analysis.SPLIT)
        change = np.where(carried, 100.0 * (area / area[t.before] - 1.0), np.nan)
        out = {
            fields.TRACK: t.track + 1, fields.PERIOD_NO: data.period + 1,
            fields.PERIOD_OF: np.array([data.labels[k] for k in data.period], object),
            fields.EVT_CODE: t.event, fields.EVENT: np.array([events[int(e)] for e in t.event], object),
            fields.FATE_CODE: t.fate, fields.FATE: np.array([fates[int(f)] for f in t.fate], object),
            fields.SHARED: t.shared, fields.SHIFT_M: t.shift, fields.AREA_HA: area / 1e4, fields.AREA_CHG: change,
            fields.N_HOT: np.full(len(area), np.nan) if data.n is None else data.n,
        }
        counts = (fields.N_GROUND, fields.N_BEFORE, fields.N_AFTER)
        for name, part in zip(counts, ("own", "before", "after")):
            out[name] = np.ma.masked_all(len(area), np.int64)
            if ground is not None:
                values = getattr(ground, part)
                out[name] = np.ma.masked_array(np.nan_to_num(values).astype(np.int64), np.isnan(values))
        for name, part in ((fields.P_BEFORE, "p_before"), (fields.P_AFTER, "p_after")):
            out[name] = np.full(len(area), np.nan) if ground is None else getattr(ground, part)
        return out

    def track_rows(self) -> tuple[list, dict]:
        """Return the latest ground of each track and its fields."""
        data, t, names = self.data, self.tracks, self.kind_names()
        latest = np.full(t.count, -1)
        latest[t.track] = np.arange(len(t.track))  # hot spots come in the order of the periods
        seen = [np.flatnonzero(row) for row in self.present]
        return [data.geometries[i] for i in latest], {
            fields.TRACK: np.arange(1, t.count + 1),
            fields.HISTORY: self._texts(self.history(k) for k in range(t.count)),
            fields.TIMES: self.present.sum(axis=1), fields.FIRST_IN: self._texts(data.labels[s[0]] for s in seen),
            fields.LAST_IN: self._texts(data.labels[s[-1]] for s in seen), fields.KIND_CODE: self.kinds,
            fields.TRACK_KIND: self._texts(names[int(k)] for k in self.kinds), fields.AREA_HA: data.area[latest] / 1e4,
            fields.N_HOT: np.full(t.count, np.nan) if data.n is None else data.n[latest],
        }

    @staticmethod
    def _texts(values: Any) -> np.ndarray:
        return np.array(list(values), object)

    def of_last(self, *events: int) -> int:
        """Return how many hot spots of the last period met these events."""
        return int(np.isin(self.tracks.event[self.data.period == self.last], events).sum())

    @property
    def went(self) -> int:
        """Hot spots of the period before the last that have no successor."""
        return int((self.tracks.fate[self.data.period == self.last - 1] == analysis.WENT).sum())

    def could_be_chance(self) -> tuple[int, int] | None:
        """Return how many of all that came, returned or went may have as many incidents as ever, and of how many."""
        ground, t = self.found.ground, self.tracks
        if ground is None:
            return None
        came = np.isin(t.event, (analysis.CAME, analysis.RETURNED))
        went = t.fate == analysis.WENT
        # no incident in either period is no change
        unclear = [~(p[mask] < _LEVEL) for p, mask in ((ground.p_before, came), (ground.p_after, went))]
        return int(sum(u.sum() for u in unclear)), int(came.sum() + went.sum())

    def numbers(self) -> dict:
        """Return the declared numbers."""
        chance = self.could_be_chance()
        return {
            "PERIODS": len(self.data.labels), "HOTSPOT_COUNT": len(self.data.period), "TRACK_COUNT": self.tracks.count,
            "PERSISTENT": int((self.kinds == analysis.PERSISTENT).sum()),
            "STAYED": self.of_last(analysis.STAYED, analysis.GREW, analysis.SHRANK, analysis.MOVED),
            "CAME": self.of_last(analysis.CAME, analysis.SPLIT), "RETURNED": self.of_last(analysis.RETURNED),
            "WENT": self.went, "MOVED": self.of_last(analysis.MOVED), "GROUND_SHARED": float(self.found.common[-1]),
            "COULD_BE_CHANCE": None if chance is None else chance[0],
        }

    # --- sentences -------------------------------------------------------------------------
    def summary(self) -> str:
        """Return the sentences to read out."""
        return " ".join(part for part in (self.headline(), self.last_step(), self.chance_sentence()) if part)

    def headline(self) -> str:
        """Say how many hot spots there were and how many lasted."""
        numbers = self.numbers()
        return tr("In {periods} periods (the first: {first}; the last: {last}) hot spots were found in {tracks}"
                  " different places; in every period there was one in {always} of them.").format(
            periods=numbers["PERIODS"], first=self.data.labels[0], last=self.data.labels[-1],
            tracks=formats.number(numbers["TRACK_COUNT"]), always=formats.number(numbers["PERSISTENT"]))

    def last_step(self) -> str:
        """Say what changed between the last two periods."""
        numbers = self.numbers()
        return tr("Between the last two periods {stayed} stayed (of these {moved} moved), {came} came, {back} returned,"
                  " {went} went. {share} of the ground of either is common to both.").format(
            share=formats.percent(numbers["GROUND_SHARED"]),
            **{name: formats.number(numbers[key]) for name, key in (
                ("stayed", "STAYED"), ("moved", "MOVED"), ("came", "CAME"), ("back", "RETURNED"), ("went", "WENT"))})

    def chance_sentence(self) -> str:
        """Say for how many of what came and went nothing but chance is needed."""
        chance = self.could_be_chance()
        if chance is None or not chance[1]:
            return ""
        return tr("Of the {all} times that one came, returned or went, {unclear} could be chance: on the same ground"
                  " the incidents did not change by more.").format(
            all=formats.number(chance[1]), unclear=formats.number(chance[0]))

    # --- doubts ----------------------------------------------------------------------------
    def warnings(self) -> list:
        """Return what the reader must know before using the result."""
        found = [self._apart(), self._twice(), self._unlike(), self._lengths(), self._outside()]
        if self.found.ground is None:
            found.append(tr("No incidents were given: a hot spot that came or went may have had nearly as many"
                            " incidents as before, just above or below the line."))
        return [text for text in found if text]

    def _apart(self) -> str:
        if not self.found.apart:
            return ""
        return tr("The hot spots of two periods in a row lie {distance} apart. Check that all layers are of the same"
                  " place and that their coordinate systems are right.").format(
            distance=self.units.distance(self.found.apart))

    def _twice(self) -> str:
        if not self.found.twice:
            return ""
        return tr("Hot spots of the same period lie over each other ({periods}): that ground counts more than once, and"
                  " the copies come and go. Leave out the copies, or dissolve the layer.").format(
            periods="; ".join(self.found.twice[:4]))

    def _unlike(self) -> str:
        ground = np.bincount(self.data.period, self.data.area, len(self.data.labels))
        if not (ground > 0).all() or ground.max() <= _UNLIKE * ground.min():
            return ""
        return tr("The hot spots cover {small} in one period and {large} in another. Were they found with the same"
                  " settings and in periods of the same length? If not, that alone makes hot spots come and go."
                  ).format(
            small=self.units.area(float(ground.min())), large=self.units.area(float(ground.max())))

    def _lengths(self) -> str:
        if self.data.days is None:
            return ""
        days = [period.days for period in self.data.days]
        if max(days) - min(days) <= 0.02 * max(days):
            return ""
        return tr("The periods have {least} to {most} days. Longer periods show more hot spots: compare periods of the"
                  " same length and season.").format(least=min(days), most=max(days))

    def _outside(self) -> str:
        ground = self.found.ground
        if ground is None or not ground.outside:
            return ""
        return tr("{count} incidents lie in none of the periods and play no part.").format(
            count=formats.number(ground.outside))
