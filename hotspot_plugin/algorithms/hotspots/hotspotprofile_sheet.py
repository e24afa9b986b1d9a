"""One sheet a hot spot: map, week, types, places, and the headings of the problem analysis triangle."""

from __future__ import annotations

from typing import Any

import numpy as np
from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsExpression,
    QgsProperty,
    QgsRendererCategory,
    QgsSymbolLayer,
    QgsVectorLayer,
)

from ...analysis.hotspots import hotspotprofile as analysis
from ...analysis.hotspots import places as placing
from ...analysis.temporal.crimesummary import sparkline
from ...layers import fields, styling, writing
from ...reports import charts, formats, maps
from ...reports.html import Shown
from ...reports.sheets import THREE, TWO, WIDER, SheetReport
from ...translation import tr
from ..patrol import patrolzones_people as people
from ..patrol.patrolzones_facts import days_text
from . import hotspotprofile_facts as facts_module
from .hotspotprofile_words import Words

_TYPES, _KINDS, _FACILITIES = 6, 4, 3
#: other places drawn on the map of all hot spots
_MOST_DRAWN = 20_000
_DOT, _OTHER, _FACILITY = "#b2182b", "#b9c2cd", "#0072b2"
#: pixels of a small map, and metres around the hot spot at least
_SIZE, _AIR = (620, 470), 60.0


def _percent(share: float) -> Shown:
    return Shown(share, formats.percent(share))


def order(words: Words) -> list:
    """Return the hot spots by number of incidents."""
    return np.argsort(-words.facts.n, kind="stable").tolist()


def background(run: Any, data: Any) -> QgsVectorLayer | None:
    """Return places of incidents in grey, which show where the town lies."""
    open_ = np.flatnonzero(~data.hidden)
    spots = placing.spots(data.incidents.x[open_], data.incidents.y[open_])
    some = np.argsort(spots.x, kind="stable")[:: len(spots) // _MOST_DRAWN + 1]
    layer = dots(run, spots.x[some], spots.y[some], np.ones(len(some), dtype=np.int64), _OTHER, size=0.6)
    if layer is not None:
        layer.setName(tr("Incidents"))
    return layer


def dots(run: Any, x: np.ndarray, y: np.ndarray, n: np.ndarray, colour: str, sized: bool = False,
         shape: str = "circle", size: float = 1.3) -> QgsVectorLayer | None:
    """Return a layer of points to be drawn, None without any; ``sized`` ones by their number beside the largest."""
    if not len(x):
        return None
    layer = writing.memory_layer("Point", "dots", run.crs, writing.points_from_arrays(x, y), {fields.N: n},
                                 lambda fraction: run.check())
    largest = max(int(n.max()), 1)

    def make(target: Any) -> Any:
        symbol = styling.symbol(target, colour)
        part = symbol.symbolLayer(0)
        symbol.setSize(size if shape == "circle" else 1.9)
        if shape == "square":
            part.setShape(part.decodeShape("square")[0])
        if sized:
            part.setDataDefinedProperty(QgsSymbolLayer.Property.PropertySize, QgsProperty.fromExpression(
                f'1.1 + 3.4 * sqrt("{fields.N}" / {largest})'))
        else:
            part.setStrokeColor(symbol.color())
        renderer = QgsCategorizedSymbolRenderer("1")
        renderer.addCategory(QgsRendererCategory(1, symbol, tr("Place with incidents")))
        return renderer

    styling.Style("dots", make).apply(layer)
    return layer


def _outlines(layer: Any, name: str) -> QgsCategorizedSymbolRenderer:
    """One hot spot outlined strongly, the others faintly."""
    renderer = QgsCategorizedSymbolRenderer(f'"{fields.HOTSPOT}" = {QgsExpression.quotedString(name)}')
    renderer.addCategory(QgsRendererCategory(0, styling.symbol(layer, "0,0,0,0", "#8a94a3", 0.25), ""))
    renderer.addCategory(QgsRendererCategory(1, styling.symbol(layer, "0,0,0,0", "#111111", 0.8), ""))
    return renderer


class Sheets:
    """Makes the sheets.

    Parameters
    ----------
    run : Run
        Its polygons have been written.
    words : Words
    """

    def __init__(self, run: Any, words: Words) -> None:
        self.run, self.words, self.facts, self.data = run, words, words.facts, words.data
        self.around = words.data.around
        self.outline = run.output_layer(run.tool.OUTPUT)
        self.outline.setLabelsEnabled(False)
        self.open = ~self.data.hidden[self.data.rows]

    def add(self, report: SheetReport, i: int) -> None:
        """Add the sheet of a hot spot."""
        name = self.data.names[i]
        report.sheet(tr("Hot spot {name}").format(name=name), self._subtitle(i))
        report.look(tr("Look first:"), self.words.proposals[i])
        report.facts(self._tiles(i))
        report.row(TWO)
        report.figure(self._map(i), self._map_caption(), tr("Map of hot spot {name}").format(name=name),
                      name=f"map_{name}")
        self._week(report, i)
        report.close()
        report.row(WIDER)
        self._types(report, i)
        report.cell()
        self._places(report, i)
        self._facilities(report, i)
        report.close()
        report.close()
        report.row(THREE)
        report.panel(tr("Place"), tr("Who could control it: its manager"), [
            (tr("The data say"), self._place_said(i)),
            (tr("To find out"), [tr("Who owns or runs the busiest places, and what have they tried?"),
                                 tr("What makes it easy there: light, sightlines, access, rules?")])])
        report.panel(tr("Target"), tr("Who could protect it: a guardian"), [
            (tr("The data say"), self._target_said(i)),
            (tr("To find out"), [tr("Who or what exactly is the target, and why here?"),
                                 tr("Who is around then and could watch: residents, staff, passers-by?")])])
        report.panel(tr("Offender"), tr("Who could hold them back: a handler"), [
            (tr("The data say"), [tr("Nothing: these records do not say who offends.")]),
            (tr("To find out"), [tr("Who is known to come here, from where, and what for?"),
                                 tr("Who has a say with them: family, school, coach, probation?")])], lines=3)
        report.close()
        report.close()

    # --- head ------------------------------------------------------------------------------
    def _subtitle(self, i: int) -> str:
        facts = self.facts
        parts = [facts.box(i), self.words.units.area(self.data.areas.geometries[i].area())]
        if facts.tenure is not None:
            parts.append(tr("{tenure}: incidents in {active} of {months} months").format(
                tenure=tr(facts.tenure[i]), active=int(facts.months_act[i]), months=facts.months))
        return " · ".join(parts)

    def _tiles(self, i: int) -> list:
        facts, places = self.facts, self.facts.places
        tiles = [
            (tr("Recorded incidents"), int(facts.n[i]), tr("95 % interval {low} to {high}").format(
                low=formats.number(facts.low[i], 0), high=formats.number(facts.high[i], 0))),
            (tr("Busiest place"), formats.percent(places.first[i], 1), tr("of the incidents; {count} places").format(
                count=formats.number(int(places.number[i])))),
            (tr("Repeats"), formats.percent(places.repeat[i]), tr("at a place that had one already")),
        ]
        if facts.hours is not None and facts.hours.n[i] >= analysis.LEAST_TIME:
            tiles.append((tr("Fullest six hours"), formats.percent(facts.hours.share[i], 1), self.words.hours_text(i)))
        if self.around.residents is not None:
            there = float(self.around.residents[i])
            rate = tr("fewer than {least}: no rate").format(least=facts_module.LEAST_RESIDENTS)
            if there >= facts_module.LEAST_RESIDENTS:
                rate = tr("{rate} incidents per 1,000").format(rate=formats.number(1000.0 * facts.n[i] / there, 0))
            tiles.append((tr("Residents"), int(round(there)), rate))
        return tiles

    # --- map -------------------------------------------------------------------------------
    def _map(self, i: int) -> bytes:
        data = self.data
        box = data.areas.geometries[i].boundingBox()
        box.grow(max(_AIR, 0.18 * max(box.width(), box.height())))
        # the frame's shape, so that what is drawn fills it
        wide, high = max(box.width(), box.height() * _SIZE[0] / _SIZE[1]), max(
            box.height(), box.width() * _SIZE[1] / _SIZE[0])
        middle = box.center()
        left, right, low, top = (middle.x() - wide / 2, middle.x() + wide / 2, middle.y() - high / 2,
                                 middle.y() + high / 2)
        box.set(left, low, right, top)
        own = np.flatnonzero((data.spot == i) & self.open)
        # where the place lies in this hot spot: an address of a long block may reach into several
        _, first, n = np.unique(data.place[own], return_index=True, return_counts=True)
        # the largest first, so that no small one is hidden
        order_ = np.argsort(-n, kind="stable")
        at = data.rows[own[first[order_]]]
        layers = [dots(self.run, data.incidents.x[at], data.incidents.y[at], n[order_], _DOT, True)]
        layers += [self._facility_dots(box)] if self.around.facilities is not None else []
        x, y = data.incidents.x, data.incidents.y
        near = np.flatnonzero((x > left) & (x < right) & (y > low) & (y < top) & ~data.hidden)
        near = np.setdiff1d(near, data.rows[data.spot == i])
        if len(near):
            spots = placing.spots(x[near], y[near])
            layers.append(dots(self.run, spots.x, spots.y, np.ones(len(spots), dtype=np.int64), _OTHER))
        self.outline.setRenderer(_outlines(self.outline, data.names[i]))
        drawn = [self.outline, *(layer for layer in layers if layer is not None)]
        return maps.map_png(drawn, "", legend=False, width=_SIZE[0], height=_SIZE[1], extent=box, units=self.run.units)

    def _facility_dots(self, box: Any) -> QgsVectorLayer | None:
        found = [g.centroid().asPoint() for g in self.around.facilities.layer.geometries
                 if g.boundingBox().intersects(box)]
        if not found:
            return None
        x, y = np.array([(p.x(), p.y()) for p in found]).T
        return dots(self.run, x, y, np.ones(len(x), dtype=np.int64), _FACILITY, shape="square")

    def _map_caption(self) -> str:
        text = tr("Red: places, larger with more incidents; grey: incidents around")
        if self.around.facilities is not None:
            text += tr("; blue squares: facilities")
        return text + (tr("; sensitive types are not drawn") if self.data.hidden.any() else "")

    # --- time ------------------------------------------------------------------------------
    def _week(self, report: SheetReport, i: int) -> None:
        facts = self.facts
        report.cell()
        if facts.hours is None:
            report.paragraph(tr("The incidents have no times: nothing is known of hours and days."))
        elif facts.hours.n[i] < analysis.LEAST_TIME:
            report.paragraph(tr("Only {count} incidents have a known time; {least} are needed to draw hours.").format(
                count=int(facts.hours.n[i]), least=analysis.LEAST_TIME))
        else:
            city = facts.city_week.reshape(7, 24).sum(axis=0)
            days = [tr("Mon"), tr("Tue"), tr("Wed"), tr("Thu"), tr("Fri"), tr("Sat"), tr("Sun")]
            order = self.run.agency.weekdays
            report.figure(
                charts.week_hours(facts.week[i].reshape(7, 24)[order], [days[d] for d in order],
                                  (tr("Here"), tr("City")), tr("% of incidents"),
                                  usual=city / max(float(city.sum()), 1e-12), height=4.0),
                tr("Hours of {n} incidents with a known time; darker: more").format(n=int(facts.hours.n[i])),
                tr("Fullest six hours: {hours}, {share}").format(
                    hours=self.words.hours_text(i), share=formats.percent(facts.hours.share[i])),
                name=f"week_{self.data.names[i]}")
        if facts.month_counts is not None and len(facts.month_names) > 1:
            counts = facts.month_counts[i][-facts.months:]
            report.note(tr("Months {first} to {last}: {spark} (at most {most})").format(
                first=facts.month_names[-len(counts)], last=facts.month_names[-1],
                spark=sparkline(counts, np.ones(len(counts), dtype=bool)), most=int(counts.max())))
        report.close()

    # --- tables ----------------------------------------------------------------------------
    def _types(self, report: SheetReport, i: int) -> None:
        rows = sorted(self.facts.of(i, facts_module.TYPE), key=lambda row: -row["n"])
        if not rows:
            report.paragraph(tr("The incidents have no type."))
            return
        shown = [[row["value"], int(row["n"]), _percent(row["share"]), _percent(row["city"]), self._quotient(row)]
                 for row in rows[:_TYPES]]
        rest = rows[_TYPES:]
        if rest:
            shown.append([tr("all other ({count})").format(count=len(rest)), int(sum(row["n"] for row in rest)),
                          _percent(sum(row["share"] for row in rest)), _percent(sum(row["city"] for row in rest)), ""])
        report.small_table([tr("Type"), tr("Incidents"), tr("Here"), tr("City"), tr("Times city")], shown,
                           tr("Types, beside all incidents"), "types")

    def _quotient(self, row: dict) -> Any:
        if not np.isfinite(row["lq"]):
            return formats.NOTHING
        digits = 1 if row["lq"] >= 0.95 else 2
        ratio, low, high = (formats.number(row[name], digits) for name in ("lq", "low", "high"))
        text = tr("{ratio} ({low}–{high})").format(ratio=ratio, low=low, high=high)
        if not row["q"] < analysis.LEVEL:
            return Shown(row["lq"], text)
        more = row["lq"] > 1.0
        return Shown(row["lq"], ("▲ " if more else "▼ ") + text, "more" if more else "fewer")

    def _places(self, report: SheetReport, i: int) -> None:
        listed = self.facts.listed.get(i, [])
        if not listed:
            report.paragraph(tr("No place with {least} incidents or more that may be named.").format(
                least=facts_module.LEAST_AT_PLACE))
            return
        report.small_table([tr("Place"), tr("Incidents"), tr("Here")], [
            [self.data.place_names[p], n, _percent(n / self.facts.n[i])] for p, n in listed], tr(
                "Busiest places ({least} or more)").format(least=facts_module.LEAST_AT_PLACE), "places")

    def _facilities(self, report: SheetReport, i: int) -> None:
        found = self.around.facilities
        if found is None:
            return
        rows = sorted(self.facts.of(i, facts_module.FACILITY), key=lambda row: -row["n"])[:_KINDS]
        inside = np.bincount(found.kind[found.near[i]], minlength=len(found.kinds))
        number = {kind: int(inside[j]) for j, kind in enumerate(found.kinds)}
        if not rows:
            report.paragraph(tr("No incident lies within {distance} of a facility.").format(
                distance=self.words.units.distance(self.around.distance)))
            return
        report.small_table([tr("Facility (how many)"), tr("Near it"), tr("Here"), tr("Times city")], [
            [f"{row['value']} ({number[row['value']]})", int(row["n"]), _percent(row["share"]),
             self._quotient(row)] for row in rows], tr("Facilities within {distance} of incidents").format(
                distance=self.words.units.distance(self.around.distance)), "facilities")

    # --- triangle --------------------------------------------------------------------------
    def _place_said(self, i: int) -> list:
        facts, places, found = self.facts, self.facts.places, self.around.facilities
        out = []
        name = facts.named_place(i)
        if name:
            out.append(tr("Most at {place}: {share}.").format(place=name, share=formats.percent(places.first[i])))
        if places.few[i] > 1:
            out.append(tr("The {few} busiest of {count} places hold {share} (chance alone: {chance}).").format(
                few=int(places.few[i]), count=formats.number(int(places.number[i])),
                share=formats.percent(places.few_share[i]), chance=formats.percent(places.few_chance[i])))
        if found is not None:
            near = facts.near_all
            out.append(tr("{share} within {distance} of a facility (city: {city}).").format(
                share=formats.percent(near.share[i]), distance=self.words.units.distance(self.around.distance),
                city=formats.percent(near.city[i])))
            names = self._facility_names(i)
            if names:
                out.append(tr("Most near {names}.").format(names=", ".join(names)))
        if self.around.score is not None and np.isfinite(self.around.score[i]):
            low, high = self.around.score_range
            out.append(tr("Mean CPTED score {score} of {count} (city: {low} to {high}).").format(
                score=formats.number(self.around.score[i], 1), count=int(self.around.scored[i]),
                low=formats.number(low, 1), high=formats.number(high, 1)))
        return out

    def _facility_names(self, i: int) -> list:
        spot, facility, n = self.facts.at_facility
        own = np.flatnonzero((spot == i) & (n >= facts_module.LEAST_AT_PLACE))
        names = self.around.facilities.names
        return [tr("{name} ({n})").format(name=names[facility[j]], n=int(n[j])) for j in own if names[facility[j]]][
            :_FACILITIES]

    def _target_said(self, i: int) -> list:
        facts, out = self.facts, []
        over = facts.speciality(i)
        if over:
            out.append(tr("{type} stands out: {here} here, {city} in the city.").format(
                type=over["value"], here=formats.percent(over["share"]), city=formats.percent(over["city"])))
        peak = facts.peak[i]
        if peak is not None:
            out.append(tr("Peak {days} {start}–{end}: {share}, {lift} times an even week (city then: {city}){doubt}."
                          ).format(days=days_text(peak), start=f"{peak.start // 60:02d}:{peak.start % 60:02d}",
                                   end=f"{peak.end // 60:02d}:{peak.end % 60:02d}", share=formats.percent(peak.share),
                                   lift=formats.number(peak.lift, 1), city=formats.percent(facts.in_peak(i)),
                                   doubt="" if peak.p < analysis.LEVEL else tr("; could be chance")))
        elif facts.hours is not None and facts.hours.n[i] >= analysis.LEAST_TIME:
            out.append(tr("No peak: nothing is fuller than an even week."))
        else:
            out.append(tr("No peak: {count} known times, {least} are needed.").format(
                count=int(facts.hours.n[i]) if facts.hours is not None else 0, least=analysis.LEAST_TIME))
        said = self.around.voices
        if said is not None:
            out.append(self._voices(said, i))
        if self.around.residents is None:
            out.append(tr("Who lives there was not checked (no population layer)."))
        return out

    def _voices(self, said: Any, i: int) -> str:
        if not said.enough[i]:
            return tr("Residents: fewer than {least} voices, too few to tell.").format(least=said.least)
        text = tr("{count} residents reported").format(count=formats.number(int(said.voices[i])))
        if said.category is not None:
            text += tr("; most about {concern}").format(concern=people.top_text(said.category, i))
        if said.wish is not None:
            text += tr("; most wish {wish}").format(wish=people.top_text(said.wish, i))
        return text + "."
