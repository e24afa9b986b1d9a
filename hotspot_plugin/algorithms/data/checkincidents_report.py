"""What 'Check incident data' says: numbers, warnings, and the report."""

from __future__ import annotations

from typing import Any

import numpy as np
from qgis.core import QgsCategorizedSymbolRenderer, QgsMarkerSymbol, QgsRendererCategory

from ...analysis.data import checkincidents as checks
from ...layers import fields, styling, writing
from ...reports import charts, formats, maps
from ...reports.html import Report
from ...translation import tr
from .checkincidents_read import Data, Findings

#: types that must never be shown as points to the public, known by words in their names
_SENSITIVE = ("sexual", "rape", "domestic", "child", "hate", "indecen", "trafficking")
#: code, what it means, for the table of the report
MEANINGS = (
    (checks.NO_PLACE, "No place"), (checks.EMPTY_PLACE, "Empty or unreadable place"),
    (checks.ZERO, "Coordinates 0, 0"), (checks.OUTSIDE, "Outside the boundary"),
    (checks.FAR, "Far from all others"), (checks.SWAPPED, "X and Y exchanged"),
    (checks.SIGN, "Wrong sign of a coordinate"), (checks.DEFAULT_PLACE, "At a place that may be a default"),
    (checks.NO_DATE, "No date"), (checks.BAD_DATE, "Unreadable date"),
    (checks.REVERSED, "Ends, or was reported, before it began"), (checks.FUTURE, "In the future"),
    (checks.BACKDATED, "From before the series begins"), (checks.LATE_REPORT, "Reported more than a year later"),
    (checks.MIDNIGHT, "Clock time that stands for unknown"), (checks.REPEAT_ID, "Number seen before"),
    (checks.SAME_ROW, "True repeat: same number, date, type and place"),
)
OK_COLOUR, BAD_COLOUR = "#2c7fb8", "#d95f0e"


class Words:
    """Says the findings in numbers and sentences."""

    def __init__(self, data: Data, found: Findings, units: formats.Units) -> None:
        self.data, self.found, self.units = data, found, units

    def count(self, code: str) -> int:
        """Rows with a finding."""
        return int(self.found.masks[code].sum())

    def numbers(self) -> dict:
        """Return the declared numbers and texts."""
        found = self.found
        numbers = {code.upper(): self.count(code) for code, _ in MEANINGS}
        lag = found.lag
        return {
            **numbers, "TOTAL": self.data.n, "USABLE": int(found.ok.sum()), "IDENTICAL": found.identical,
            "GAPS": len(found.gaps), "COORD_STEP": round(found.step[1], 3), "UNLOCATED_ROWS": found.unlocated,
            "LAG_MEDIAN": lag.median if lag else None, "LAG_P95": lag.p95 if lag else None,
            "LOST_TYPE_COUNT": len(found.lost), "LOST_TYPES": "; ".join(t.name or tr("(no type)") for t in found.lost),
            "COMPLETE_TO": "" if np.isnat(found.complete_to) else formats.date(found.complete_to),
        }

    def period(self) -> str:
        """Return the first and last date in words, "" without dates."""
        sound = self._sound()
        return formats.period(sound.min(), sound.max(), bool(self.found.precisions["month"])) if len(sound) else ""

    def _sound(self) -> np.ndarray:
        return self.data.values[~np.isnat(self.data.values) & ~self.found.masks[checks.FUTURE]]

    def _ends(self) -> list:
        sound = self._sound()
        if not len(sound):
            return []
        unit = "M8[M]" if self.found.precisions["month"] else "M8[D]"
        first, last = (str(v.astype(unit)) for v in (sound.min(), sound.max()))
        return [first] if first == last else [first, last]

    def ends(self) -> list:
        """Return the first and last date as facts."""
        parts = self._ends() or [tr("none")]
        return list(zip((tr("First date"), tr("Last date")) if len(parts) == 2 else (tr("Dates"),), parts))

    def summary(self) -> str:
        """Return the sentence to read out."""
        n, usable = self.data.n, int(self.found.ok.sum())
        text = tr("{usable} of {rows} rows ({share}) can be used").format(
            usable=formats.number(usable), rows=formats.number(n), share=formats.percent(usable / n, 1))
        if self.found.unlocated:
            text += tr("; {count} more incidents have no place").format(count=formats.number(self.found.unlocated))
        if self.found.lost:
            names = ", ".join(t.name or tr("(no type)") for t in self.found.lost[:3])
            text += tr("; maps of them under-show {types}").format(types=names)
        period = self.period()
        return text + (tr("; dates {period}.").format(period=period) if period else ".")

    def warnings(self) -> list:
        """Return the warnings, the gravest first."""
        found, texts = self.found, []
        for row in found.lost:
            text = tr("{share} of '{type}' ({lost} of {rows}) have no usable place")
            after = tr(": no map of these data shows this type.") if row.located == 0 else tr(
                ", more than the 15 % that maps can bear: they under-show this type.")
            texts.append(text.format(
                share=formats.percent(row.lost), type=row.name or tr("(no type)"),
                lost=formats.number(row.rows - row.located), rows=formats.number(row.rows)) + after)
        texts += self._place_warnings() + self._time_warnings()
        if self.count(checks.SAME_ROW):
            texts.append(tr("{count} rows repeat another row: same number, date, type and place.").format(
                count=formats.number(self.count(checks.SAME_ROW))))
        return texts

    def _place_warnings(self) -> list:
        found, texts = self.found, []
        bad = int((~found.placed).sum())
        if found.checked_places and bad > 0.15 * self.data.n:
            texts.append(tr("{share} of the rows have no usable place; below 85 % located, maps mislead.").format(
                share=formats.percent(bad / self.data.n)))
        for code, text in ((checks.SWAPPED, tr("{count} rows have x and y exchanged.")),
                           (checks.SIGN, tr("{count} rows have a coordinate with the wrong sign."))):
            if self.count(code):
                texts.append(text.format(count=formats.number(self.count(code))))
        degrees, metres = found.step
        if metres >= 30:
            about = self.units.distance(metres)
            texts.append(tr("Coordinates are rounded to {step}: cells, distances and bandwidths below that show the"
                            " rounding, not the crime.").format(
                step=tr("{degrees}° (about {metres})").format(degrees=f"{degrees:g}", metres=about)
                if degrees else about))
        for rank, place in enumerate(found.busiest, 1):
            if place.mixed:
                texts.append(tr("The busiest place no. {rank} ({rows} rows, {share}) holds all types mixed as"
                                " in the whole"
                                " data: it may be a default place of the geocoder or the police station"
                                " itself.").format(
                    rank=rank, rows=formats.number(place.rows), share=formats.percent(place.share, 1)))
        return texts

    def _time_warnings(self) -> list:
        found, texts = self.found, []
        clock = found.clock
        if clock.default_rows:
            texts.append(tr("{count} rows are at exactly {times}, far more than at other full hours: that time stands"
                            " for 'unknown', and a peak there is none.").format(
                count=formats.number(clock.default_rows), times=tr(" or ").join(clock.defaults)))
        for code, text in (
            (checks.BACKDATED, tr("{count} rows are older than the series, which begins in {begin}: leave them out of"
                                  " comparisons over time.")),
            (checks.FUTURE, tr("{count} rows are dated in the future.")),
            (checks.REVERSED, tr("{count} rows end, or were reported, before they began.")),
            (checks.BAD_DATE, tr("{count} rows have a date that cannot be read.")),
        ):
            if self.count(code):
                texts.append(text.format(count=formats.number(self.count(code)), begin=str(found.begin)))
        if found.gaps:
            first, last = found.gaps[0]
            texts.append(tr("Gaps in the series: {count}, the first from {first} to {last}. Rows are probably"
                            " missing.").format(count=len(found.gaps), first=first, last=last))
        last = self.data.values[~np.isnat(self.data.values) & ~found.masks[checks.FUTURE]]
        if len(last) and not np.isnat(found.complete_to) and found.complete_to < last.max().astype("M8[D]"):
            texts.append(tr("The series looks complete to {day} only; later counts will still rise.").format(
                day=formats.date(found.complete_to)))
        return texts


def style() -> styling.Style:
    """Return the look of the checked rows."""
    return styling.categories("Checked incidents", fields.QC_OK, [
        (True, OK_COLOUR, tr("Can be used")), (False, BAD_COLOUR, tr("Something is wrong, see the codes"))])


def build(run: Any, data: Data, found: Findings, words: Words) -> Report:
    """Return the report; examples are row numbers and incident numbers only."""
    report = Report(tr("Check of incident data"), run.inputs["INPUT"]["account"].name)
    report.sentence(words.summary())
    for text in words.warnings():
        report.warning(text)
    numbers = words.numbers()
    facts = [(tr("Rows"), formats.number(data.n)), (tr("Usable"), formats.percent(numbers["USABLE"] / data.n, 1)),
             *words.ends()]
    if numbers["COMPLETE_TO"]:
        facts.append((tr("Complete to"), numbers["COMPLETE_TO"]))
    report.facts(facts)
    _findings(report, data, found)
    run.check()
    _types(report, data, found)
    run.check()
    _places(report, run, data, found)
    run.check()
    _times(report, data, found)
    if run.notes:
        report.heading(tr("Settings told in the log"))
        report.bullets(run.notes)
    return report


def _findings(report: Report, data: Data, found: Findings) -> None:
    report.heading(tr("What was found"))
    rows = []
    for code, meaning in MEANINGS:
        mask = found.masks[code]
        if mask.any():
            effect = tr("not usable") if code in checks.UNUSABLE else tr("told only")
            rows.append([tr(meaning), code, int(mask.sum()), formats.percent(mask.mean(), 1), effect,
                         _examples(data, mask)])
    if rows:
        report.table([tr("Finding"), tr("Code"), tr("Rows"), tr("Share"), tr("Effect"), tr("For example")], rows,
                     tr("A row can have several findings. Examples are row numbers, with the incident number."),
                     name="findings")
    else:
        report.paragraph(tr("No fault was found in any row."))
    if found.identical:
        report.paragraph(tr("{count} rows are alike another row in date, type and place. Without an incident"
                            " number that is"
                            " no error: like incidents happen, and coarse dates and places make them look"
                            " alike.").format(
            count=formats.number(found.identical)))


def _examples(data: Data, mask: np.ndarray) -> str:
    ids = data.texts.get("id")
    texts = []
    for row in np.flatnonzero(mask)[:3].tolist():
        text = tr("row {row}").format(row=row + 1)
        # prepared rows without a number carry their row number as one
        if ids is not None and ids[row] and not str(ids[row]).startswith("row "):
            text += f" ({str(ids[row])[:16]}{'…' if len(str(ids[row])) > 16 else ''})"
        texts.append(text)
    return ", ".join(texts)


def _types(report: Report, data: Data, found: Findings) -> None:
    if found.types:
        report.heading(tr("What each type loses"))
        rows = [[t.name or tr("(no type)"), t.rows, t.rows - t.located, formats.percent(t.lost, 1)]
                for t in found.types]
        report.table([tr("Type"), tr("Incidents"), tr("Without a usable place"), tr("Share lost")], rows, tr(
            "A type that loses more than 15 % is under-shown by every map made of these data."), name="types")
    types = data.texts.get("type")
    if types is not None:
        folded = np.array([(t or "").lower() for t in types], dtype=object)
        hit = np.array([any(w in t for w in _SENSITIVE) for t in folded], bool)
        if hit.any():
            report.paragraph(tr("{count} rows ({share}) are of sensitive types (sexual, domestic, child, hate"
                                " ...): never"
                                " show them as points or cells to the public.").format(
                count=formats.number(int(hit.sum())), share=formats.percent(hit.mean(), 1)))
    if "source" in data.texts and any(data.texts["source"]):
        names, counts = np.unique(np.array([s or tr("(none)") for s in data.texts["source"]], str), return_counts=True)
        order = np.argsort(-counts)
        report.table([tr("Source"), tr("Rows"), tr("Share")], [
            [str(names[k]), int(counts[k]), formats.percent(counts[k] / data.n, 1)] for k in order], tr(
            "Records that officers start themselves show where officers were, not where crime is."), name="sources")


def _places(report: Report, run: Any, data: Data, found: Findings) -> None:
    if data.raw is None:
        return
    report.heading(tr("Places"))
    layer = _map_layer(run, data, found)
    if layer is not None:
        image = maps.map_png([layer], tr("Checked incidents"), width=1000, height=700, units=run.units)
        report.figure(image, tr("Rows that can be used, and rows where something is wrong"), tr(
            "Map of all rows as dots in two colours"), name="map")
    rows = [[k, p.rows, formats.percent(p.share, 1), p.types, p.top_type, formats.percent(p.top_share, 1),
             tr("all types mixed: default place?") if p.mixed else "",
             _examples(data, np.arange(data.n) == p.row)] for k, p in enumerate(found.busiest, 1)]
    if "type" not in data.texts:
        rows = [[*row[:3], row[7]] for row in rows]
        header = [tr("Rank"), tr("Rows"), tr("Share"), tr("First row there")]
    else:
        header = [tr("Rank"), tr("Rows"), tr("Share"), tr("Types"), tr("Top type"), tr("Its share"), tr("Remark"),
                  tr("First row there")]
    report.table(header, rows, tr("The busiest places. One busy address is a matter for its manager, not for patrol."),
                 name="places")
    degrees, metres = found.step
    if metres >= 1:
        report.paragraph(tr("Coordinates are rounded to about {metres}{degrees}.").format(
            metres=run.units.distance(metres), degrees=f" ({degrees:g}°)" if degrees else ""))


def _map_layer(run: Any, data: Data, found: Findings) -> Any:
    """Return the rows as dots in metres, one for rows so near that they would cover one another."""
    rows = np.flatnonzero(np.isfinite(data.xy).all(axis=1) & ~found.masks[checks.ZERO])
    if not len(rows):
        return None
    xy = data.xy[rows]
    # the picture is some 300 dots wide; a million of them would take ten seconds to draw
    step = max(20.0, float(np.ptp(xy, axis=0).max()) / 300)
    column, row = np.round((xy - xy.min(axis=0)) / step).astype(np.int64).T
    dot = (column * (row.max() + 1) + row) * 2 + found.ok[rows]
    rows = rows[np.unique(dot, return_index=True)[1]]
    layer = writing.memory_layer(
        "Point", tr("Checked incidents"), run.crs, writing.points_from_arrays(data.xy[rows, 0], data.xy[rows, 1]),
        {fields.QC_OK: found.ok[rows]})
    size = 1.8 if data.n < 500 else 1.1 if data.n < 5000 else 0.7
    renderer = QgsCategorizedSymbolRenderer(fields.QC_OK)
    for value, colour, label in ((True, OK_COLOUR, tr("Can be used")), (False, BAD_COLOUR, tr("Something is wrong"))):
        symbol = QgsMarkerSymbol.createSimple({"name": "circle" if value else "diamond", "color": colour,
                                               "outline_style": "no", "size": str(size if value else 2 * size)})
        renderer.addCategory(QgsRendererCategory(value, symbol, label))
    layer.setRenderer(renderer)
    return layer


def _times(report: Report, data: Data, found: Findings) -> None:
    values = data.values
    known = ~np.isnat(values) & ~found.masks[checks.FUTURE]
    if not known.any():
        return
    report.heading(tr("Time"))
    months, counts = np.unique(values[known].astype("M8[M]"), return_counts=True)
    marked = (months < found.begin) if not np.isnat(found.begin) else np.zeros(len(months), bool)
    if not np.isnat(found.complete_to):
        # a last month that lacks a day or two is no incomplete one
        marked |= (months + 1).astype("M8[D]") - np.timedelta64(4, "D") > found.complete_to
    if len(months) > 1:
        legend = (tr("Looks complete"), tr("Backdated or incomplete")) if marked.any() else None
        chart = charts.histogram_by_month(months, counts, "", tr("Rows"), marked=marked, legend=legend)
        report.figure(chart, tr("Rows by month"), tr("Bars of the number of rows in each month"), "months")
    words = {"minute": tr("to the minute"), "hour": tr("to the hour"), "day": tr("to the day"),
             "month": tr("to the month"), "": tr("no date")}
    rows = [[words[k], n, formats.percent(n / data.n, 1)] for k, n in found.precisions.items() if n]
    heap = found.heaping
    report.table([tr("Precision of dates"), tr("Rows"), tr("Share")], rows,
                 tr("How exactly the rows say when."), name="precision")
    if heap.rows:
        report.table([tr("Clock time"), tr("Share of rows with a time"), tr("By chance")], [
            [tr("exactly 00:00"), formats.percent(heap.midnight, 1), formats.percent(1 / 1440, 2)],
            [tr("exactly 12:00"), formats.percent(heap.noon, 1), formats.percent(1 / 1440, 2)],
            [tr("a full hour"), formats.percent(heap.full_hour, 1), formats.percent(1 / 60, 1)],
            [tr("a multiple of five minutes"), formats.percent(heap.five, 1), formats.percent(0.2)]], tr(
            "People round: shares above chance at full hours are usual, at one clock time they are a default."),
            name="heaping")
    if found.lag is not None and found.lag.rows:
        lag = found.lag
        report.table([tr("Reported within"), tr("Days")], [
            [tr("half of them"), lag.median], [tr("90 %"), lag.p90], [tr("95 %"), lag.p95]],
            tr("Days from the incident to its report."), name="lag")
    if found.gaps:
        report.table([tr("Gap from"), tr("to")], [[formats.date(a), formats.date(b)] for a, b in found.gaps],
                     tr("Days without any row, longer than chance would make them."), name="gaps")
