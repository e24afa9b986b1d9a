"""The look and the report of 'Maintenance and disorder'."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...layers import fields, styling
from ...reports import charts, formats, maps
from ...reports.html import Report, Shown
from ...translation import tr
from .maintenance_words import (
    CODES,
    R_FEWER,
    R_MORE,
    R_NO_CLEAR,
    R_NOTHING,
    SEEN_FAIR,
    SEEN_GOOD,
    SEEN_POOR,
    Words,
    class_name,
    days_text,
    interval,
    repair_cell,
)

#: Seen on site in full colours, reports in paler ones; poor is dark, good is light.
COLOURS = {SEEN_POOR: "#7f2704", SEEN_FAIR: "#d9a441", SEEN_GOOD: "#2b7a78", R_MORE: "#f16913", R_NO_CLEAR: "#e6ddd0",
           R_FEWER: "#9ecae1", R_NOTHING: "#f7f7f7"}
_ORDER = (SEEN_POOR, SEEN_FAIR, SEEN_GOOD, R_MORE, R_NO_CLEAR, R_FEWER, R_NOTHING)
_LISTED = 20
#: Kinds that the curves show.
_CURVES = 5


def style(codes: tuple = CODES) -> styling.Style:
    """Places by class, what was seen on site first."""
    entries = [(code, COLOURS[code], class_name(code).capitalize()) for code in _ORDER if code in codes]
    return styling.categories("Maintenance", fields.MNT_CODE, entries, (styling.GREY, tr("Not compared")))


def build(run: Any, words: Words) -> Report:
    """Return the report of a run whose layers have been written."""
    data = words.data
    what = data.layer if not data.all_layer else tr("{layer} beside {all}").format(
        layer=data.layer, all=data.all_layer)
    report = Report(tr("Maintenance and disorder"), " · ".join(filter(None, (what, data.places.name))))
    report.sentence(words.summary())
    for text in run.warnings:
        report.warning(text)
    _facts(report, words)
    layer = run.output_layer(run.tool.OUTPUT)
    there = tuple(code for code in CODES if (words.code == code).any())
    style(there).apply(layer)
    report.figure(maps.map_png([layer], tr("Maintenance and disorder"), units=run.units), tr(
        "What was seen on site outranks what was reported"), tr("Map of the places: {counts}").format(
            counts="; ".join(f"{class_name(c)} {int((words.code == c).sum())}" for c in there)))
    _places(report, words)
    _disagree(report, words)
    _kinds(report, words)
    report.heading(tr("How to read this"))
    report.bullets(_reading(words))
    return report


def _facts(report: Report, words: Words) -> None:
    numbers = words.numbers()
    tiles = [
        (tr("Reports at the places"), numbers["REPORTS_NEAR"], tr("of {count}").format(
            count=formats.number(numbers["REPORTS_USED"]))),
        (tr("More than elsewhere"), numbers["MORE"], tr("of {count} places").format(
            count=formats.number(numbers["PLACES"]))),
    ]
    if words.repairs:
        tiles += [
            (tr("Days to repair"), days_text(numbers["MEDIAN_DAYS"]), tr("half; 95 % interval {interval}").format(
                interval=interval(numbers["MEDIAN_LOW"], numbers["MEDIAN_HIGH"]))),
            (tr("Open"), numbers["OPEN"], tr("on {day}").format(day=words.data.as_of)),
            (tr("Came back"), formats.percent(numbers["AGAIN_SHARE"]), tr("of the repairs, within {days} days").format(
                days=words.run.integer(words.run.tool.REPEAT_DAYS))),
        ]
    if words.seen.any():
        tiles.append((tr("Seen poor"), numbers["SEEN_POOR"], tr("of {count} seen on site").format(
            count=formats.number(numbers["SEEN"]))))
    report.facts(tiles)


def _row(words: Words, i: int) -> list:
    data, found = words.data, words.found
    beside = found.beside
    high = beside.high[i]
    text = formats.NOTHING if np.isnan(beside.ratio[i]) else tr("{ratio} ({low} to {high})").format(
        ratio=formats.number(float(beside.ratio[i])), low=formats.number(float(beside.low[i])),
        high=formats.number(float(high)))
    row = [data.names[i], class_name(int(words.code[i])), int(found.n[i])]
    if found.all_n is not None:
        row.append(int(found.all_n[i]))
    row.append(Shown(float(beside.ratio[i]), text))
    if words.dated:
        row.append(Shown(float(found.recent[i]), formats.number(float(found.recent[i]), 1)))
    if words.repairs:
        half = found.median[i]
        row += [int(found.open_[i]), Shown(float(half[0]), repair_cell(half, int(found.fixed[i])))]
    return row


def _header(words: Words) -> list:
    out = [tr("Place"), tr("Class"), tr("Reports")]
    if words.found.all_n is not None:
        out.append(tr("All reports"))
    out.append(tr("Times elsewhere (95 %)"))
    if words.dated:
        out.append(tr("By recency"))
    if words.repairs:
        out += [tr("Open"), tr("Days to repair (95 %)")]
    return out


def _places(report: Report, words: Words) -> None:
    first = {SEEN_POOR: 0, R_MORE: 1}
    weight = words.found.recent if words.dated else words.found.total
    rank = np.array([first.get(int(c), 9) for c in words.code])
    order = np.lexsort((-weight, rank))
    order = [i for i in order.tolist() if rank[i] < 9]
    report.heading(tr("Where to look first"))
    if not order:
        report.paragraph(tr("No place was seen in poor condition, and none has clearly more reports than elsewhere."))
        order = [i for i in np.argsort(-weight, kind="stable").tolist() if words.found.n[i] > 0]
        if not order:
            return
    caption = tr("Places seen in poor condition, then those with more reports, the most recent first") if (
        rank < 9).any() else tr("Places with most reports, which chance may explain")
    report.table(_header(words), [_row(words, i) for i in order], caption, name="places", limit=_LISTED)


def _disagree(report: Report, words: Words) -> None:
    poor, good = words.disagree()
    rows = np.flatnonzero(poor | good).tolist()
    if rows:
        report.heading(tr("Where eyes and reports disagree"))
        report.table(_header(words), [_row(words, i) for i in rows], tr(
            "Seen poor without more reports, or seen good with more reports"), name="disagree", limit=_LISTED)


def _kinds(report: Report, words: Words) -> None:
    kinds = words.by_kind()
    if words.repairs:
        report.heading(tr("How long repair takes"))
        curves = {}
        for name, _, _, survival, _, _ in kinds[:_CURVES]:
            if survival is not None and len(survival.days):
                x, y = np.append(0.0, survival.days), np.append(1.0, survival.open_share)
                # a stair: each level holds until the next day on which something was repaired
                curves[name] = (np.repeat(x, 2)[1:], 100 * np.repeat(y, 2)[:-1])
        if curves:
            longest = max(float(np.quantile(c[0], 0.98)) for c in curves.values())
            curves = {n: (x[x <= longest], y[x <= longest]) for n, (x, y) in curves.items()}
            report.figure(charts.lines(curves, "", tr("Days since the report"), tr("Per cent still open")), tr(
                "Share of the reports still open, those not yet repaired allowed for (Kaplan-Meier)"), tr(
                    "Curve of the share still open by days since the report"), name="repair")
    if len(kinds) > 1:
        header, rows = [tr("Kind"), tr("Reports")], []
        header += [tr("Open"), tr("Days to repair (95 %)"), tr("Came back")] if words.repairs else []
        for name, count, left, survival, again, of in kinds:
            row = [name, count]
            if words.repairs:
                half = np.array(survival.median() if survival else (np.nan,) * 3)
                row += [left, Shown(float(half[0]), repair_cell(half, survival.repaired if survival else 0)),
                        Shown(again / of if of else None, tr("{share} of {of}").format(
                            share=formats.percent(again / of if of else None), of=formats.number(of)))]
            rows.append(row)
        report.table(header, rows, tr("All reports used, by kind"), name="kinds")


def _reading(words: Words) -> list:
    out = [
        tr("A report says that somebody saw it, minded and had the time to report: it is no measure of the condition."
           " What was seen on site comes first."),
        tr("'Nothing reported' is not 'well kept'. Walk these places before you call them so."),
    ]
    if words.found.all_n is not None:
        out.append(tr("Times elsewhere: these reports over all reports of the place, over the same everywhere else."
                      " Places that report everything more readily are not marked for it."))
    if words.repairs:
        out.append(tr("Closed on paper counts as repaired. Came back: the same kind within {far} of the spot and {days}"
                      " days of the repair.").format(
            far=words.run.units.distance(words.run.number(words.run.tool.REPEAT_DISTANCE)),
            days=words.run.integer(words.run.tool.REPEAT_DAYS)))
    out.append(tr("The test takes reports for independent of one another; ten calls about one wall are not."))
    return out
