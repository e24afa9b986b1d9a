"""The report of the smallest detectable change."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.evaluation import detectableeffect as analysis
from ...reports import charts, formats
from ...reports.html import Report, Shown
from ...translation import tr
from .detectableeffect_plan import LATER, LONGER, MORE_AREAS, Data, Option, Result, option
from .detectableeffect_words import Words


def build(run: Any, data: Data, result: Result, words: Words) -> Report:
    """Return the report of a run."""
    place = run.source(run.tool.INPUT).sourceName() if run.has(run.tool.INPUT) else tr("counts as given")
    report = Report(tr("Smallest detectable change"), tr("What could be found, {place}").format(place=place))
    for text in (words.headline(), words.displacement(), words.hoped(), words.survey()):
        if text:
            report.sentence(text)
    for text in run.warnings:
        report.warning(text)
    if result.now is not None:
        _facts(report, data, result, words)
        _power(report, data)
        run.check()
        _needed(report, data, result)
        _months(report, data)
    if data.survey is not None:
        _survey(report, data)
    report.heading(tr("What this rests on"))
    report.bullets(_reading(data, words))
    return report


def _facts(report: Report, data: Data, result: Result, words: Words) -> None:
    now = result.now
    tiles = [
        (tr("Smallest fall"), _share(now.fall_share), tr("{count} incidents in {after}").format(
            count=formats.number(np.ceil(now.fall), 0), after=words.months(now.after)))]
    if data.displacement:
        tiles.append((tr("With displacement"), _share(now.whole_share), tr("{count} incidents").format(
            count=formats.number(np.ceil(now.whole), 0))))
    tiles += [
        (tr("Power for a fall by {change}").format(change=formats.percent(data.change)), _often(now.power),
         tr("treated against comparison areas")),
        (tr("To find that"), words.months(np.ceil(result.months)), tr("before and after each"))]
    report.facts(tiles)


def _often(power: float) -> str:
    return tr("> 99 %") if power > 0.99 else formats.percent(power)


def _share(value: float) -> str:
    return formats.percent(value) if np.isfinite(value) else formats.NOTHING


def _power(report: Report, data: Data) -> None:
    falls = [v for v in (analysis.smallest_fall(data.plan), analysis.smallest_fall(data.plan, data.displacement))
             if np.isfinite(v)]
    end = min(1.0, 2.0 * max(falls) / data.plan.base) if falls else 1.0
    share = np.linspace(0.0, end, 101)
    series = {tr("Treated against comparison areas"): (100 * share, 100 * data.plan.power_of(
        share * data.plan.base, False))}
    if data.displacement:
        series[tr("With the areas around them")] = (100 * share, 100 * data.plan.power_of(
            share * data.plan.base, True))
    twice = data.plan.scaled(2.0)
    series[tr("Twice as many incidents")] = (100 * share, 100 * twice.power_of(share * twice.base, False))
    series[tr("Power asked for")] = ([0.0, 100.0 * end], [100 * data.plan.power] * 2)
    report.heading(tr("How likely a fall is found"))
    report.figure(
        charts.lines(series, tr("Power by the size of the fall"), tr("Fall in the treated areas, per cent"),
                     tr("Found in per cent of cases")),
        tr("Power: of 100 such evaluations, how many would find a fall of that size. Twice as many incidents: twice as"
           " long on both sides, or twice as many areas."),
        tr("A fall by {fall} is found in {power} of cases").format(
            fall=formats.percent(data.change), power=formats.percent(float(data.plan.power_of(
                data.change * data.plan.base, False)))),
        name="power")


def _row(row: Option, first: str, displacement: bool) -> list:
    cells = [first, Shown(row.before, formats.number(row.before, 0)), Shown(row.after, formats.number(row.after, 0)),
             Shown(row.fall, formats.number(np.ceil(row.fall), 0)), Shown(row.fall_share, _share(row.fall_share))]
    if displacement:
        cells.append(Shown(row.whole_share, _share(row.whole_share)))
    cells.append(Shown(row.power, _often(row.power)))
    return cells


def _needed(report: Report, data: Data, result: Result) -> None:
    report.heading(tr("How long, or how many areas"))
    names = {LONGER: tr("both periods"), LATER: tr("waiting longer")}
    rows = [_row(result.now, tr("as planned"), data.displacement)]
    for row in result.options:
        label = names.get(row.kind) or tr("{times} × the areas").format(times=formats.number(row.areas, 0))
        if row.kind == MORE_AREAS and data.number is not None:
            label += " " + tr("({treated} treated)").format(treated=formats.number(row.areas * data.number[0], 0))
        rows.append(_row(row, label, data.displacement))
    header = [tr("Plan"), tr("Months before"), tr("Months after"), tr("Smallest fall"), tr("in per cent")]
    if data.displacement:
        header.append(tr("with displacement"))
    header.append(tr("Power for {change}").format(change=formats.percent(data.change)))
    report.table(header, rows, tr("What each plan would find; a dash: not even a fall to none"), name="plans", limit=40)


def _months(report: Report, data: Data) -> None:
    months = np.arange(1.0, 61.0)
    both = [option(data, LONGER, m, m, 1.0) for m in months]
    later = [option(data, LATER, data.months, m, 1.0) for m in months]
    series = {tr("Both periods so long"): (months, [100 * o.fall_share for o in both]),
              tr("Time before as it is"): (months, [100 * o.fall_share for o in later])}
    report.figure(
        charts.lines(series, tr("Smallest fall by months counted"), tr("Months"), tr("Smallest fall, per cent")),
        tr("Waiting longer helps less and less where the time before is short"),
        tr("After 12 months {both}, after 24 months {more}").format(
            both=_share(both[11].fall_share), more=_share(both[23].fall_share)), name="months")


def _survey(report: Report, data: Data) -> None:
    survey = data.survey
    report.heading(tr("Survey"))
    rows = []
    for points in (2, 3, 5, 8, 10, 15, 20):
        for sign in (1, -1):
            after = survey.before + sign * points / 100.0
            if 0.0 < after < 1.0:
                rows.append([formats.percent(survey.before), formats.percent(after),
                             int(np.ceil(survey.answers(after))), int(np.ceil(survey.asked(after)))])
    report.table([tr("Share before"), tr("Share after"), tr("Answers in each wave"), tr("People to ask")], rows, tr(
        "Answers needed to find a change of a share"), name="survey", limit=20)
    if survey.design_effect > 1.0:
        report.paragraph(tr("Design effect {effect}: so many times more answers than from a simple random sample."
                            ).format(effect=formats.number(survey.design_effect, 2)))


def _reading(data: Data, words: Words) -> list[str]:
    out = []
    if data.plan is not None:
        sides = tr("two-sided") if data.plan.two_sided else tr("one-sided")
        out += [
            tr("Test: {sides}, level {alpha}, found {often}. Critical value and power together: {z}.").format(
                sides=sides, often=words.often(),
                alpha=formats.percent(data.plan.alpha, 0 if data.plan.alpha >= 0.01 else 2),
                z=formats.number(data.plan.z_sum, 3)),
            tr("The change is found by the weighted displacement difference (Wheeler and Ratcliffe 2018): x = z"
               " √(variance if the change is x). Its tool judges by the same variance."),
            tr("Overdispersion {phi}{origin}.").format(phi=formats.number(data.spread.phi, 2), origin={
                "given": tr(", as given"), "assumed": tr(", assumed"), "time": tr(", from the time before"),
                "areas": tr(", from how differently areas changed within the time before")}.get(
                    data.spread.origin, "")),
            tr("The counts before are taken as the true level. Areas chosen because they had many incidents will have"
               " fewer anyway: plan with a count from another time."),
        ]
    if data.survey is not None:
        out.append(tr("Survey: two shares, pooled variance under no change (Fleiss, Levin and Paik 2003), times the"
                      " design effect; people to ask are answers over the share who answer. Who does not answer may"
                      " think otherwise: more people do not mend that."))
    out.append(tr("A plan that could not find the change hoped for should be made larger, or the answer looked for in"
                  " another way: more areas, a longer time, harm or calls instead of one type of crime."))
    return out
