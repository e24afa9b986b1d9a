"""The report of an interrupted time series."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.evaluation.interruptedseries import Fitted
from ...reports import charts, forest, formats
from ...reports.html import Report, Shown
from ...translation import tr
from .diffindiff_words import fewer, interval, level, shown
from .interruptedseries_read import Data
from .interruptedseries_words import Words


def build(run: Any, data: Data, found: Fitted, words: Words) -> Report:
    """Return the report of a run."""
    report = Report(tr("Interrupted time series"), tr("{areas}; {first} to {last}").format(
        areas=run.source(run.tool.INPUT).sourceName(), first=words.labels[0], last=words.labels[-1]))
    for text in (words.headline(), words.counts_sentence(), words.parts_sentence()):
        report.sentence(text)
    for text in run.warnings:
        report.warning(text)
    value, low, high = found.prevented
    report.facts([
        (tr("Whole time after"), shown(found.whole.value), tr("95 % interval {interval}").format(
            interval=interval(found.whole.low, found.whole.high))),
        (tr("Incidents fewer") if value >= 0 else tr("Incidents more"), formats.number(abs(value), 0),
         tr("95 % interval {interval}").format(interval=fewer(low, high))),
        (tr("By chance alone"), f"p {level(found.whole.p)}",
         tr("more than chance") if found.whole.clear else tr("could be chance")),
        (tr("Units of time"), f"{int((~data.after).sum())} + {int(data.after.sum())}",
         tr("before and after the start")),
    ])
    _series(report, data, found)
    run.check()
    _parts(report, found, words)
    _checks(report, data, found, words)
    _rows(report, data, found, words)
    report.heading(tr("Planned before, chosen after"))
    report.paragraph(data.planned)
    if data.notes:
        report.heading(tr("What else changed"))
        report.paragraph(data.notes)
    report.heading(tr("How to read this"))
    report.bullets([
        tr("Assumption: without the measure the line before and the season would have gone on") + (
            "." if data.control is None else tr(", as a ratio to the comparison areas.")),
        tr("The effect over the whole time after is the result. Level and slope pull against each other: do not pick"
           " one of them after seeing both."),
        tr("“No change is shown” says that the series fits no effect and other effects too; the interval says which."),
        tr("Nothing in the counts can tell the measure from something else that began at the same time."),
    ])
    return report


def _series(report: Report, data: Data, found: Fitted) -> None:
    panel, after = data.source.panel, data.after
    if panel.starts is not None:
        x = (panel.starts[data.used] + (data.days / 2.0).astype(int)).astype("M8[D]")
        start = data.source.start
    else:
        x, start = data.used + 1.0, float(data.used[after][0]) + 0.5
    scale = 30.0 / data.days if panel.starts is not None else np.ones(len(x))
    top = float(max((data.counts * scale).max(), (found.expected * scale)[~after].max()))
    series = {
        tr("Counted"): (x, data.counts * scale), tr("Fitted"): (x, found.mean * scale),
        tr("Expected without it"): (x[after], (found.expected * scale)[after]),
        tr("Start"): (np.array([start, start]), [0.0, top])}
    cut = 3.0 * top
    report.figure(
        charts.lines(series, tr("Incidents in 30 days") if panel.starts is not None else tr("Incidents"), "", "",
                     band=(x[after], np.minimum((found.low * scale)[after], cut),
                           np.minimum((found.high * scale)[after], cut), tr("95 % band"))),
        tr("Counted in the treated areas, the fitted series, and what was to be expected without the measure with its"
           " 95 % band, which holds the expected level, not single counts."),
        tr("Counted and expected incidents through time"), name="series")


def _parts(report: Report, found: Fitted, words: Words) -> None:
    report.heading(tr("Level and slope"))
    rows = [(tr("Whole time after"), found.whole), (tr("Level at the start"), found.level),
            (tr("Slope, each {unit} after").format(unit=words.unit()), found.slope)]
    report.figure(
        forest.differences([name for name, _ in rows], *(
            [100.0 * float(np.expm1(min(getattr(part, end), np.log(11.0)))) for _, part in rows]
            for end in ("value", "low", "high")), title=tr("Change against what was to be expected"),
            x_label=tr("Per cent"), decimals=1, sides=(tr("fewer"), tr("more"))),
        tr("95 % intervals"), "; ".join(f"{name}: {shown(part.value, 1)}" for name, part in rows), name="parts")
    rows = [*rows, (tr("Slope before, each {unit}").format(unit=words.unit()), found.before)]
    report.table([tr("Part"), tr("Change"), tr("95 % interval"), tr("p")], [
        [name, Shown(float(100 * np.expm1(c.value)), shown(c.value, 1)),
         tr("{low} to {high}").format(low=shown(c.low, 1), high=shown(c.high, 1)), Shown(c.p, formats.p_value(c.p))]
        for name, c in rows], tr("Changes in per cent"), name="parts")


def _checks(report: Report, data: Data, found: Fitted, words: Words) -> None:
    report.heading(tr("What was allowed for"))
    rows = [
        [tr("Season"), tr("{count} waves a year").format(count=data.pairs) if data.pairs else tr("not modelled")],
        [tr("Comparison areas"), tr("{count} areas, as a ratio").format(count=int(data.source.panel.control.sum()))
         if data.control is not None else tr("none")],
        [tr("Overdispersion"), tr("{times} times Poisson").format(times=formats.number(found.phi, 1))],
        [tr("Neighbouring units alike"), tr("correlation {rho} assumed; Durbin-Watson {dw}; Ljung-Box over {lags} lags"
                                            " p {p}").format(
            rho=formats.number(found.rho, 2), dw=formats.number(found.durbin_watson, 2), lags=found.lags,
            p=level(found.ljung_box))],
        [tr("Student's t"), tr("{free} degrees of freedom").format(free=formats.number(found.free, 0))],
    ]
    report.table([tr("What"), tr("How")], rows, tr("What the interval allows for"), name="checks")


def _rows(report: Report, data: Data, found: Fitted, words: Words) -> None:
    report.heading(tr("Unit by unit"))
    rows = [[words.labels[i], tr("after") if data.after[i] else tr("before"), int(data.counts[i]),
             *([] if data.control is None else [int(data.control[i])]),
             *(Shown(float(v[i]), formats.number(float(v[i]), 1)) for v in (
                 found.mean, found.expected, found.low, found.high))] for i in range(len(data.counts))]
    report.table([tr("Unit of time"), tr("Side"), tr("Counted"),
                  *([] if data.control is None else [tr("Comparison areas")]), tr("Fitted"), tr("Expected without it"),
                  tr("from"), tr("to")], rows, tr("Incidents in the treated areas"), name="series", limit=12)
    left = data.source.left_out
    names = {"outside": tr("located, in no area with a role"), "unlocated": tr("without a place"),
             "undated": tr("without a date that can be read"), "other time": tr("at another time"),
             "shared": tr("in areas of two roles (counted once, treated first)"),
             "no role": tr("areas without a role"), "missing": tr("areas that lack a count")}
    told = [tr("{count} {what}").format(count=formats.number(left[key]), what=text) for key, text in names.items()
            if left.get(key)]
    report.paragraph(tr("Not counted: {list}.").format(list="; ".join(told)) if told else tr("Nothing was left out."))
