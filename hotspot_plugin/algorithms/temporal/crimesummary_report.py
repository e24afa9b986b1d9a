"""The report of the crime summary."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.temporal import crimesummary as analysis
from ...analysis.temporal.crimesummary import BEFORE, LAST_TO_DATE, NOW, TO_DATE, WEEK, YEAR_AGO
from ...reports import charts, formats
from ...reports.html import Report, Shown
from ...translation import tr
from .crimesummary_words import Words

#: rows of a table on the page; the CSV file has all
_LIMIT, _CELLS = 60, 30


def build(run: Any, words: Words) -> Report:
    """Return the report of a run."""
    data, lines = words.data, words.lines
    report = Report(tr("Crime summary (CompStat)"), tr("to {day} · {layer} · internal").format(
        day=words.calendar.as_of, layer=data.layer))
    for text in (words.now(), words.last_week(), words.to_date(), words.table()):
        if text:
            report.sentence(text)
    for text in run.warnings:
        report.warning(text)
    _facts(report, words)
    by_type = np.flatnonzero((lines.area < 0) & (lines.type >= 0))
    by_area = np.flatnonzero((lines.area >= 0) & (lines.type < 0))
    cells = np.flatnonzero((lines.area >= 0) & (lines.type >= 0))
    report.heading(tr("By type"))
    _table(report, words, np.append(by_type, 0), [tr("Type")], tr(
        "All records, with and without a place; the types add up to the last line"), "types")
    _weeks(report, words)
    if len(by_area):
        report.heading(tr("By area"))
        _table(report, words, np.append(by_area, 0), [tr("Area")], tr("The areas add up to the last line"), "areas")
    if len(cells):
        _stands_out(report, words, cells)
        report.heading(tr("By area and type"))
        _table(report, words, cells, [tr("Area"), tr("Type")], tr("Every type in every area that has any record"),
               "areas_types", _CELLS)
    _periods(report, words)
    report.heading(tr("What became of the records"))
    total = int(lines.counts.every[0])
    report.table([tr("Records"), tr("Number")], [*map(list, data.rows), [tr("all records"), total]], tr(
        "The rows add up to all records read, the table of unlocated ones included"), name="records")
    report.heading(tr("How to read this"))
    report.bullets(_reading(words))
    report.heading(tr("How it was made"))
    report.bullets([note for note in run.notes if note != words.summary()])
    return report


def _facts(report: Report, words: Words) -> None:
    week = words.week
    expected = "" if np.isnan(week.mean[0]) else tr("expected {range}").format(range=_range(words, 0))

    def beside(*windows: tuple) -> str:
        counts = [(words.count_of(0, window), text) for window, text in windows]
        return ", ".join(text.format(count=formats.number(n)) for n, text in counts if n is not None)

    report.facts([
        (tr("Last 7 days"), words.count_of(0, WEEK), expected),
        (tr("Last 28 days"), words.count_of(0, NOW), beside(
            (BEFORE, tr("{count} in the 28 before")), (YEAR_AGO, tr("{count} last year")))),
        (tr("Year to date"), words.count_of(0, TO_DATE), beside((LAST_TO_DATE, tr("{count} last year")))),
        (tr("Stand out"), words.flagged, tr("of {compared} comparisons; about {chance} by chance").format(
            compared=formats.number(words.compared), chance=formats.number(words.by_chance, 0))),
    ])


def _range(words: Words, line: int) -> str:
    """Whole numbers inside the limits."""
    low, high = np.ceil(words.week.low[line]), np.floor(words.week.high[line])
    return tr("{low}–{high}").format(low=formats.number(int(low)), high=formats.number(int(high)))


def _marked(value: float, text: str, flag: int) -> Shown:
    """A cell with an arrow, a word and a colour where it stands out."""
    if not flag:
        return Shown(value, text)
    sign = tr("▲\u00a0more") if flag > 0 else tr("▼\u00a0fewer")
    return Shown(value, f"{text} {sign}", "more" if flag > 0 else "fewer")


def _row(words: Words, line: int) -> list:
    def count(window: int) -> Any:
        value = words.count_of(line, window)
        return Shown(value, formats.number(value))

    def change(before: int) -> Shown:
        found = words.changes[before]
        return _marked(found.z[line], formats.number(found.z[line], 1, sign=True), int(found.flag[line]))

    week = words.week
    seven = words.count_of(line, WEEK)
    expected = Shown(None, formats.NOTHING) if np.isnan(week.mean[line]) else Shown(
        _range(words, line), _range(words, line))
    return [
        _marked(seven, formats.number(seven), int(week.flag[line])), expected, count(NOW), count(BEFORE),
        change(BEFORE), count(YEAR_AGO), change(YEAR_AGO), count(TO_DATE), count(LAST_TO_DATE), change(LAST_TO_DATE),
        words.spark(line),
    ]


def _header() -> list:
    return [tr("7 days"), tr("Expected"), tr("28 days"), tr("28 before"), tr("z, before"), tr("28 last year"),
            tr("z, last year"), tr("Year to date"), tr("Last year to date"), tr("z, to date"), tr("13 weeks")]


def _table(
    report: Report, words: Words, lines: np.ndarray, first: list, caption: str, name: str, limit: int = _LIMIT
) -> None:
    rows = []
    for line in lines.tolist():
        area, kind = words.area_name(line), words.type_name(line)
        if len(first) == 2:
            label = [area, kind]
        else:
            label = [next((text for text in (area, kind) if text), tr("All"))]
        rows.append(label + _row(words, line))
    report.table(first + _header(), rows, caption, name=name, limit=limit)


def _stands_out(report: Report, words: Words, cells: np.ndarray) -> None:
    z = np.array([np.abs(np.where(change.flag != 0, change.z, 0.0)) for change in words.all_changes])
    strength = z.max(axis=0)
    some = cells[strength[cells] > 0]
    some = some[np.argsort(-strength[some], kind="stable")]
    report.heading(tr("What stands out in single areas"))
    if not len(some):
        report.paragraph(tr("No type in any area is beyond what chance makes."))
        return
    rows = [[words.area_name(line), words.type_name(line), words.flag_words(line),
             words.count_of(line, WEEK), words.count_of(line, NOW), words.count_of(line, TO_DATE), words.spark(line)]
            for line in some.tolist()]
    report.table([tr("Area"), tr("Type"), tr("What stands out"), tr("7 days"), tr("28 days"), tr("Year to date"),
                  tr("13 weeks")], rows, tr("The clearest first; a reason to look, not a finding"), name="stands_out",
                 limit=25)


def _weeks(report: Report, words: Words) -> None:
    """Weeks of the whole with the range that the eight before each let expect."""
    known = all(span.covered for span in words.calendar.weeks)
    if not known:
        return
    counts = words.lines.counts.weeks[0]
    low, high = analysis.week_limits(counts)
    shown = counts[-analysis.WEEKS :]
    week = np.arange(1 - analysis.WEEKS, 1, dtype=float)
    series = {tr("Recorded"): (week, shown.astype(float)), tr("Expected at least"): (week, low),
              tr("Expected at most"): (week, high)}
    beyond = int(((shown < low) | (shown > high)).sum())
    report.figure(
        charts.lines(series, "", tr("Weeks before the last one, which ends on {day}").format(
            day=words.calendar.as_of), tr("Incidents a week")),
        tr("All records by week, and the range expected from the 8 weeks before each: {count} of {weeks} weeks lie"
           " outside").format(count=beyond, weeks=analysis.WEEKS),
        tr("Incidents of the last weeks, oldest first: {counts}").format(counts=", ".join(map(str, shown.tolist()))),
        name="weeks")


def _periods(report: Report, words: Words) -> None:
    calendar = words.calendar
    rows = [[name, str(span.start), str(span.end), span.days, tr("yes") if span.covered else tr("no"),
             words.count_of(0, number)]
            for number, (name, span) in enumerate(zip(words.window_names(), calendar.spans))]
    rows.append([tr("8 weeks before the last 7 days"), str(calendar.base.start), str(calendar.base.end),
                 calendar.base.days, tr("yes") if calendar.base.covered else tr("no"),
                 int(words.lines.counts.weeks[0, -1 - analysis.BASE_WEEKS : -1].sum())
                 if calendar.base.covered else None])
    report.heading(tr("The windows"))
    report.table([tr("Window"), tr("First day"), tr("Last day"), tr("Days"), tr("Covered by the data"),
                  tr("Records")], rows, tr("All first and last days are included"), name="windows")
    if calendar.leap:
        report.paragraph(tr("The two years to date differ by a day, the 29th of February: their z and per cent are"
                            " a day."))


def _reading(words: Words) -> list:
    out = [
        tr("An arrow, a word and a colour stand at a z of 3 or beyond and at least 5 incidents apart. Everything else"
           " could be chance."),
        tr("z is twice the difference of the square roots of two counts, of daily rates where lengths differ. Without"
           " any change it lies between −3 and 3 in about 97 of 100 comparisons, for a week beside the 8 before in"
           " more than 99."),
        tr("Expected: the range around the mean of the 8 weeks before in which the last 7 days stay by chance."),
        tr("13 weeks: blocks from 0 to the largest week of the line, the newest on the right; a dot is not known."),
        tr("A dash means that the data do not cover the window. It is not 0."),
        tr("Recent days still grow while reports come in, and seasons and series make more stand out than chance"
           " alone."),
    ]
    if words.data.named:
        out.append(tr("Records outside all areas and without a place have lines of their own, so that the areas add up"
                      " to the whole."))
    return out
