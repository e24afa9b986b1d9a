"""The report of the areas of an evaluation."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...reports import charts, formats, maps
from ...reports.html import Report, Shown
from ...translation import tr
from . import evaluationareas_match as matching
from .evaluationareas_match import Result
from .evaluationareas_read import GIVEN, Data
from .evaluationareas_words import Words


def build(run: Any, data: Data, result: Result, words: Words) -> Report:
    """Return the report of a run."""
    report = Report(tr("Treated, buffer and comparison areas"), tr("{areas}, start on {start}").format(
        areas=run.source(run.tool.INPUT).sourceName(), start=data.start))
    for text in (words.headline(), words.balance_sentence(), words.rule_sentence()):
        if text:
            report.sentence(text)
    for text in run.warnings:
        report.warning(text)
    report.facts([
        (tr("Treated areas"), words.paired, tr("{count} incidents before").format(
            count=formats.number(words.past(True)))),
        (tr("Comparison areas"), len(result.taken), tr("{count} incidents before").format(
            count=formats.number(words.past(False)))),
        (tr("Largest difference"), formats.number(result.worst, 2), tr("standard deviations; 0.1 is alike")),
        (tr("Cut out of the rings"), formats.percent(words.ring_cut()), tr("around the treated areas"))])
    _map(report, run, words)
    run.check()
    _balance(report, data, result)
    _series(report, data, result)
    _pairs(report, data, result)
    _left_out(report, data, result, words)
    _plan(report, run, data, result)
    report.heading(tr("What this rests on"))
    report.bullets(_reading(data))
    return report


def _map(report: Report, run: Any, words: Words) -> None:
    report.heading(tr("Where"))
    report.figure(
        maps.map_png([run.output_layer(run.tool.OUTPUT)], tr("Areas of the evaluation by role"), units=run.units),
        tr("The number is that of the treated area; its comparison area has the same. Hatched: ground where incidents"
           " that move would turn up."),
        tr("Map of treated areas, comparison areas and the rings around both"), name="map")


def _balance(report: Report, data: Data, result: Result) -> None:
    b = result.balance
    report.heading(tr("How alike they were before the start"))
    known = np.flatnonzero(np.isfinite(b.before) & np.isfinite(b.after))
    if len(known):
        names = [result.features[k] for k in known]
        after = tr("Treated against those taken")
        if data.origin == GIVEN:
            after = tr("Treated against those given")
        report.figure(
            charts.paired_dots(names, np.abs(b.before[known]), np.abs(b.after[known]),
                               (tr("Treated against all that could be taken"), after),
                               tr("Standardised mean differences"), tr("Standard deviations; up to 0.1 alike, up to"
                                                                       " 0.25 nearly")),
            tr("Nearer to 0 is more alike. They are told apart by the standard deviation before any choice."),
            "; ".join(f"{name}: {formats.number(abs(b.before[k]), 2)} → {formats.number(abs(b.after[k]), 2)}"
                      for name, k in zip(names, known)), name="balance")
    rows = []
    for k, name in enumerate(result.features):
        means = (Shown(float(v), formats.number(float(v), 1)) for v in (b.treated[k], b.chosen[k], b.candidates[k]))
        apart = (Shown(float(v), formats.number(float(v), 2, sign=True)) for v in (b.before[k], b.after[k]))
        rows.append([name, *means, *apart, Shown(float(b.ratio[k]), formats.number(float(b.ratio[k]), 2)),
                     result.words(b.after[k])])
    report.table([tr("What"), tr("Treated"), tr("Taken"), tr("All"), tr("Difference to all"), tr("to those taken"),
                  tr("Ratio of variances"), tr("In words")], rows,
                 tr("Means, standardised mean differences, and the variance of the treated over that of those taken (1"
                    " is alike, below 0.5 or above 2 is not)"), name="balance")


def _series(report: Report, data: Data, result: Result) -> None:
    own, other = data.treated.past, data.candidates.past
    keep = ~result.alone
    control = (result.weight[:, None] * other.rates[result.taken]).sum(axis=0) / result.weight.sum()
    x = own.edges[:-1]
    report.figure(
        charts.lines({tr("Treated"): (x, own.rates[keep].mean(axis=0)), tr("Comparison"): (x, control)},
                     tr("Incidents a year of one area, before the start"), "", tr("Incidents a year"), steps=True),
        tr("Mean of the treated and of the comparison areas in units of {unit}. Side by side is good; nothing from the"
           " start on is drawn, because nobody looked at it.").format(unit=_unit(data)),
        tr("Two curves through {count} units of time before the start").format(count=len(x)), name="series")


def _unit(data: Data) -> str:
    return tr("a month") if data.units.name == "month" else tr("{days}").format(days=data.units.name)


def _pairs(report: Report, data: Data, result: Result) -> None:
    own, other = data.treated, data.candidates
    if data.origin == GIVEN:
        rows = [[other.names[k], int(other.past.total[k]), _one(other.past.trend[k])] for k in result.taken]
        report.table([tr("Comparison area"), tr("Incidents before"), tr("Change a year")], rows,
                     tr("Comparison areas as given"), name="areas", limit=25)
        return
    rows = []
    for i in np.argsort(-own.past.total, kind="stable"):
        mine = np.flatnonzero(result.pair == i)
        for k in mine.tolist() or [None]:
            row = [own.names[i], int(own.past.total[i]), _one(own.past.trend[i])]
            if k is None:
                row += [tr("none is alike enough"), *[Shown(None, formats.NOTHING)] * 3]
            else:
                at = int(result.taken[k])
                row += [other.names[at], int(other.past.total[at]), _one(other.past.trend[at]),
                        Shown(float(result.distance[k]), formats.number(float(result.distance[k]), 2))]
            rows.append(row)
    report.table([tr("Treated area"), tr("Before"), tr("Change a year"), tr("Comparison area"), tr("Before"),
                  tr("Change a year"), tr("Apart")], rows,
                 tr("Pairs: incidents before the start, their change a year, and how far apart (standard deviations)"),
                 name="pairs", limit=30)


def _one(value: float) -> Shown:
    return Shown(float(value), formats.number(float(value), 1, sign=True))


def _left_out(report: Report, data: Data, result: Result, words: Words) -> None:
    report.heading(tr("What was left out"))
    names, left = words.states(), data.left_out
    rows = [[tr("Areas that could have been compared: {what}").format(what=names[code]),
             int((result.state == code).sum())] for code in sorted(names) if (result.state == code).any()]
    for key, text in (("later", tr("Incidents from the start on, not looked at")),
                      ("earlier", tr("Incidents of other days before the start")),
                      ("undated", tr("Incidents without a date")),
                      ("unlocated", tr("Incidents of the time before without a place")),
                      ("same treatment", tr("Other treatments that are the treated areas themselves"))):
        if left.get(key):
            rows.append([text, left[key]])
    report.table([tr("What"), tr("How many")], rows, tr("Areas and incidents"), name="left_out")
    if not result.rings:
        return
    rows = []
    for role, (rings, _) in zip(words.roles()[2:], result.rings):
        for key, text in (("areas", tr("areas of the evaluation")), ("others", tr("other treatments")),
                          ("rings", tr("rings of other areas"))):
            count, lost = int((rings.cut[key] > 1.0).sum()), float(rings.cut[key].sum())
            if count:
                rows.append([role, text, count, Shown(lost, words.units.area(lost)),
                             Shown(lost / rings.whole.sum(), formats.percent(lost / rings.whole.sum()))])
        empty = int((rings.left <= 0).sum())
        if empty:
            rows.append([role, tr("nothing is left of the ring"), empty, Shown(None, formats.NOTHING),
                         Shown(None, formats.NOTHING)])
    if rows:
        report.table([tr("Ring"), tr("Ground of"), tr("Rings"), tr("Cut out"), tr("Share")], rows,
                     tr("Ground that was cut out of the rings"), name="rings")


def _plan(report: Report, run: Any, data: Data, result: Result) -> None:
    report.heading(tr("What is planned"))
    made = np.datetime64(report.made, "D")
    when = tr("{days} days before the start").format(days=int((data.start - made).astype(int))) if made < data.start \
        else tr("after the start; the incidents from then on were not looked at, but could be known")
    text = tr("These areas were chosen on {day}, {when}.").format(day=made, when=when)
    if run.wants(run.tool.PLAN_OUT):
        months = run.number(run.tool.AFTER_MONTHS) or data.period.days / 30.436875
        text += " " + tr("A plan was written: {measure}, {months} months from the start against {first} to {last},"
                         " outcome: {outcome}. Give the file to the tool that evaluates; it says what was planned"
                         " before and what chosen after.").format(
            measure=matching.MEASURES[run.choice(run.tool.TEST)], months=formats.number(months, 0),
            first=data.period.start, last=data.period.end,
            outcome=run.text(run.tool.OUTCOME).strip() or tr("not stated"))
    else:
        text += " " + tr("No plan was written (PLAN_OUT): later nobody can tell what was planned before the results.")
    report.paragraph(text)
    if data.rule.by == "count" and data.rule.days is not None:
        report.paragraph(tr("Days of choice: {days}. An earlier period that begins after them is free of regression to"
                            " the mean.").format(days=formats.period(data.rule.days.start, data.rule.days.end)))


def _reading(data: Data) -> list[str]:
    out = [
        tr("Assumption: without the measure the treated areas would have gone on like the comparison areas. Likeness"
           " before the start speaks for it and does not prove it."),
        tr("Likeness is in recorded incidents only. Whether the same is going on there is for those to say who know the"
           " place."),
        tr("Areas were matched by optimal assignment without replacement on what the table names; differences are"
           " standardised by the pooled standard deviation before any choice (Austin 2009; Stuart 2010)."),
    ]
    if data.rule.by == "count":
        out.append(tr("What is chosen for a high count falls afterwards by itself. Comparison areas chosen by the same"
                      " rule on the same days fall alike."))
    return out
