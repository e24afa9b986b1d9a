"""The report of the synthetic control."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...reports import charts, formats
from ...reports.html import Report, Shown
from ...translation import tr
from .syntheticcontrol_read import Data, Result
from .syntheticcontrol_words import Words


def build(run: Any, data: Data, result: Result, words: Words) -> Report:
    """Return the report."""
    panel = data.source.panel
    report = Report(tr("Synthetic control"), tr("{areas} treated areas, {first} to {last}").format(
        areas=len(data.treated), first=panel.labels[0], last=panel.labels[-1]))
    report.sentence(words.headline())
    report.sentence(words.fit_sentence())
    report.sentence(words.placebo_sentence())
    for text in run.warnings:
        report.warning(text)
    low, high = words.interval
    interval = tr("95 % interval {low} to {high}").format(
        low=formats.number(low, 0, sign=True), high=formats.number(high, 0, sign=True)) if np.isfinite(low) else tr(
        "no interval: too few placebos")
    report.facts([
        (tr("Recorded after"), words.observed, tr("in the treated areas")),
        (tr("To be expected"), formats.number(words.expected, 0), tr("by the comparison")),
        (tr("Difference"), formats.number(words.effect, 0, sign=True), interval),
        (tr("By chance alone"), "p " + _p(result.placebos.p_effect), tr("{count} placebos").format(
            count=formats.number(len(result.placebos.groups)))),
        (tr("Missed before"), formats.percent(words.fit), tr("of the mean; above 25 % read nothing off")),
    ])
    _charts(report, data, result, words)
    run.check()
    _weights(report, data, result, words)
    _counted(report, data)
    report.heading(tr("What this rests on"))
    report.bullets([
        tr("Assumption: without the measure the treated areas would have gone on like their weighted comparison. It can"
           " be looked at only before the start."),
        tr("Whatever else happened in the treated areas at that time is part of the gap."),
        tr("A gap that could be chance is no proof that there was no effect."),
        tr("Areas that border on the treated ones should not be comparison areas: what moved there would count as what"
           " would have happened anyway."),
        tr("The p-value is the share of placebos with a mean gap as large, in units of what was missed before the"
           " start; the interval holds the effects that this test does not reject."),
    ])
    if data.notes:
        report.heading(tr("What else changed"))
        report.paragraph(data.notes)
    return report


def _p(p: float) -> str:
    text = formats.p_value(p)
    return text if text.startswith("<") else f"= {text}"


def _charts(report: Report, data: Data, result: Result, words: Words) -> None:
    panel, own = data.source.panel, result.own
    x = panel.starts if panel.starts is not None else np.arange(1, len(panel.labels) + 1)
    start = panel.labels[int(np.flatnonzero(panel.after)[0])]
    report.heading(tr("Treated and synthetic"))
    report.figure(
        charts.lines({tr("Treated"): (x, data.treated.mean(axis=0)), tr("Synthetic"): (x, own.fitted)},
                     tr("Incidents of one treated area"), "" if panel.starts is not None else tr("Unit of time"),
                     tr("Incidents"), steps=True),
        tr("Mean of the treated areas and their weighted comparison; it started with {start}").format(start=start),
        tr("Treated and synthetic in {count} units of time; after the start {observed} recorded, {expected} expected in"
           " all").format(count=len(panel.labels), observed=formats.number(words.observed),
                          expected=formats.number(words.expected, 0)), name="series")
    low, high = words.band()
    report.figure(
        charts.lines({tr("Gap of the treated"): (x, own.gap)}, tr("Recorded less expected"),
                     "" if panel.starts is not None else tr("Unit of time"), tr("Incidents of one area"),
                     band=(x, low, high, tr("Middle 95 % of the placebos"))),
        tr("The gap in each unit of time, and what the same method shows where nothing was done, in units of what it"
           " missed before; it started with {start}").format(start=start), words.placebo_sentence(), name="gap")


def _weights(report: Report, data: Data, result: Result, words: Words) -> None:
    report.heading(tr("What the comparison is made of"))
    columns = words.weights()
    rows = [[name, Shown(float(weight), formats.percent(weight, 1)), int(before), int(after)]
            for name, weight, before, after in zip(*columns.values())]
    rows.insert(0, [tr("Treated areas, mean"), Shown(None, formats.NOTHING), *(
        Shown(float(value), formats.number(float(value), 1)) for value in (
            (data.treated * data.length).mean(axis=0)[mask].sum() for mask in (data.before, data.after)))])
    report.table([tr("Area"), tr("Weight"), tr("Incidents before"), tr("Incidents after")], rows,
                 tr("Comparison areas, the weightiest first, beside the mean of the treated"), name="weights", limit=20)


def _counted(report: Report, data: Data) -> None:
    left = data.source.left_out
    names = {"outside": tr("Outside all areas with a role"), "unlocated": tr("Without a place"),
             "undated": tr("Without a date"), "other time": tr("Before or after the units of time used"),
             "shared": tr("In areas of more than one role (counted once)"), "missing": tr("Areas without a count"),
             "no role": tr("Areas without a role")}
    rows = [[text, left[key]] for key, text in names.items() if left.get(key)]
    if data.dropped:
        rows.append([tr("Comparison areas not drawn"), data.dropped])
    if rows:
        report.heading(tr("What was left out"))
        report.table([tr("What"), tr("How many")], rows, tr("Incidents and areas that take no part"), name="left_out")
