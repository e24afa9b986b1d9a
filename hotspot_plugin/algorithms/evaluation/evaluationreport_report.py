"""The report of a whole evaluation, and its numbers as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from ...analysis.errors import InputError
from ...analysis.evaluation import evaluationreport as analysis
from ...analysis.evaluation.design import ROLES
from ...analysis.evaluation.pooling import Pooled
from ...layers import fields, provenance, styling, writing
from ...reports import forest, formats, maps
from ...reports.html import Report, Shown
from ...translation import tr
from . import evaluationareas_words
from .evaluationreport_read import Data
from .evaluationreport_words import Words, per_cent

KIND, VERSION = "crime-hotspots-evaluation", 1
#: What each design takes for granted.
_CHECKS = {
    "hotspot:diffindiff": ("TREND_P", "TREND_MISSED", "UNITS_P", "FAKE_P", "PLACEBO_P", "PLACEBO_COUNT"),
    "hotspot:syntheticcontrol": ("FIT", "P_RATIO", "PLACEBOS"),
    "hotspot:interruptedseries": ("LJUNG_BOX_P", "CORRELATION", "OVERDISPERSION"),
    "hotspot:weighteddisplacement": ("OVERDISPERSION_USED", "AS_COUNTED", "DETECTABLE"),
    "hotspot:datedevents": ("P_PLACEBO", "LOOKS"),
    "hotspot:detectableeffect": ("FALL", "FALL_PERC", "POWER_NOW", "POWER_ALL", "MONTHS_NEEDED"),
    "hotspot:evaluationareas": ("SMD_LEVEL", "SMD_TREND", "SAME_RULE", "CHANCE_SHARE"),
    "hotspot:patternchange": ("S_ROBUST", "S_CHANCE", "P_VALUE"),
}


def build(run: Any, data: Data, words: Words) -> Report:
    """Return the report."""
    report = Report(tr("Evaluation report"), data.texts["QUESTION"])
    for text in (words.headline(), words.moved(), words.caution(), words.plan_sentence()):
        if text:
            report.sentence(text)
    for text in run.warnings:
        report.warning(text)
    report.heading(tr("In plain words"))
    report.paragraph(words.plain())
    _question(report, data)
    _map(report, run, data)
    run.check()
    _results(report, data, words)
    _others(report, data)
    _planned(report, data, words)
    _checks(report, run, data)
    _residents(report, data)
    _done(report, data)
    _left_out(report, data)
    report.heading(tr("What could be wrong"))
    report.bullets(words.limits())
    report.heading(tr("The decision it feeds"))
    decision = data.texts["DECISION"] or (data.done.decision if data.done else "")
    report.paragraph(decision or tr("Not stated."))
    if data.done and data.done.reason:
        report.paragraph(data.done.reason)
    report.practice = report.practice or any(
        tr("These are practice data, not a real place: reports and results say so.") in (r.record.get("notes") or [])
        for r in data.results)
    return report


def _question(report: Report, data: Data) -> None:
    report.heading(tr("Question and design"))
    if data.texts["MEASURE"]:
        report.paragraph(tr("What was done: {measure}").format(measure=data.texts["MEASURE"]))
    rows = []
    for result in data.results:
        settings = result.settings
        start = settings.get("START") or settings.get("AFTER_START")
        before = formats.period(settings["BEFORE_START"], settings["BEFORE_END"]) if settings.get(
            "BEFORE_START") and settings.get("BEFORE_END") else formats.NOTHING
        used = ", ".join(f"{entry.get('layer', name)}: {formats.number(entry.get('used'))}"
                         for name, entry in (result.record.get("inputs") or {}).items())
        rows.append([result.title, before, start or formats.NOTHING, used or formats.NOTHING,
                     str(result.record.get("made", ""))[:10]])
    report.table([tr("Tool"), tr("Earlier period"), tr("Start"), tr("Data used (rows)"), tr("Computed on")], rows,
                 tr("Results that this report is made of"), name="design")


def _map(report: Report, run: Any, data: Data) -> None:
    if data.areas is None:
        return
    named = np.array([ROLES[code] if code >= 0 else None for code in data.codes], dtype=object)
    layer = writing.memory_layer("MultiPolygon", tr("Areas"), run.crs, data.areas.geometries, {fields.ROLE: named})
    roles = evaluationareas_words.Words.roles()
    looks = (("#b35806", "solid"), ("#2166ac", "solid"), ("#b35806", "f_diagonal"), ("#2166ac", "b_diagonal"))
    there = sorted({int(code) for code in data.codes if code >= 0})
    styling.patterns(tr("Role"), fields.ROLE, [(ROLES[k], *looks[k], roles[k]) for k in there],
                     ("#7f7f7f", "cross", tr("Takes no part")) if (data.codes < 0).any() else None).apply(layer)
    report.heading(tr("Where"))
    counted = ", ".join(f"{roles[k]}: {int((data.codes == k).sum())}" for k in there)
    report.figure(maps.map_png([layer], tr("Areas of the evaluation by role"), units=run.units), counted,
                  tr("Map of the areas by role: {counts}").format(counts=counted), name="map")


def _results(report: Report, data: Data, words: Words) -> None:
    report.heading(tr("Results and whether they agree"))
    order = sorted(data.effects, key=lambda e: (e.kind != analysis.COMPARED, e.kind == analysis.OTHER, not e.usable))
    if not order:
        report.paragraph(tr("No result states a change in per cent."))
        return
    names = [data.title(e.row) for e in order]
    counted = sum(1 for e in order if e.kind == analysis.COMPARED)
    bounded = [[v if np.isfinite(v) else np.nan for v in values] for values in (
        [e.low for e in order], [e.high for e in order])]
    report.figure(
        forest.differences(names, [e.value for e in order], *bounded, title=tr("Change in the treated areas"),
                           x_label=tr("Per cent of what was to be expected"), sides=(tr("fewer"), tr("more")),
                           rules=[counted] if 0 < counted < len(order) else [], decimals=0,
                           strong=[e.clear for e in order]),
        tr("Each design with its 95 % interval. What crosses the upright line could be chance.") + (
            " " + tr("Below the thin line stand results that do not count for the agreement.")
            if 0 < counted < len(order) else ""),
        "; ".join(f"{name}: {per_cent(e.value)}, 95 % {per_cent(e.low)} … {per_cent(e.high)}"
                  for name, e in zip(names, order)), name="forest")
    report.table(
        [tr("Design"), tr("Change"), tr("95 % from"), tr("to"), tr("p"), tr("For the agreement"), tr("Planned?")],
        [[name, *(Shown(float(v), per_cent(v)) for v in (e.value, e.low, e.high)), Shown(e.p, formats.p_value(e.p)),
          words.role(e), words.when_planned(e.row)] for name, e in zip(names, order)],
        tr("Change in the treated areas in per cent of what was to be expected"), name="effects")
    if data.pooled is not None:
        _pooled(report, data.pooled)


def _pooled(report: Report, one: Pooled) -> None:
    """Add how the places were pooled, and how much they differ."""
    rows = [[name, Shown(100.0 * float(np.expm1(value)), per_cent(100.0 * float(np.expm1(value)))),
             Shown(value, formats.number(value, 3, sign=True)), Shown(se, formats.number(se, 3))]
            for name, value, se in ((tr("Random effects (places may differ)"), one.value, one.se),
                                    (tr("Fixed effect (all places alike)"), one.fixed, one.fixed_se))]
    report.table([tr("All places together"), tr("Change"), tr("Log of the ratio"), tr("Standard error")], rows, tr(
        "{count} places. Differences between them: Q = {q}, p = {p}; {share} of their variation is not chance (I²). The"
        " interval is the wider of that of DerSimonian and Laird and that of Hartung and Knapp.").format(
        count=one.number, q=formats.number(one.q, 2), p=formats.p_value(one.q_p), share=formats.percent(one.i2)),
        name="pooled")


def _others(report: Report, data: Data) -> None:
    report.heading(tr("What each result says"))
    report.table([tr("Result"), tr("In its own words")],
                 [[result.title, str(result.numbers.get("SUMMARY") or formats.NOTHING)] for result in data.results],
                 tr("Sentences of the tools, as they were"), name="sentences")


def _planned(report: Report, data: Data, words: Words) -> None:
    report.heading(tr("Planned before, chosen after"))
    report.paragraph(words.plan_sentence())
    if data.plan is None:
        return
    content = data.plan.content
    rows = [[tr("Estimate"), str((content.get("test") or {}).get("measure") or formats.NOTHING)],
            [tr("Outcome"), str(content.get("outcome") or formats.NOTHING)],
            [tr("Earlier period"), formats.period(*content["before"]) if content.get("before") else formats.NOTHING],
            [tr("Start"), str(content.get("after_start") or formats.NOTHING)],
            [tr("Months after"), formats.number(content.get("after_months"), 1)],
            [tr("Areas by role"), ", ".join(map(str, content.get("roles") or [])) or formats.NOTHING]]
    report.table([tr("What"), tr("Planned")], rows, tr("The plan"), name="plan")
    for row, result in enumerate(data.results):
        if row in data.deviations:
            report.bullets([f"{result.title}: {words.when_planned(row)}"])


def _checks(report: Report, run: Any, data: Data) -> None:
    rows = []
    for result in data.results:
        tool = _tool(result.tool)
        for name in _CHECKS.get(result.tool, ()):
            value = result.numbers.get(name)
            if value is None:
                continue
            output = tool.outputDefinition(name) if tool is not None else None
            text = formats.p_value(value) if name.endswith("_P") or name.startswith("P_") else formats.number(value)
            rows.append([result.title, output.description() if output is not None else name, Shown(value, text),
                         str(tool.output_help.get(name, "")) if tool is not None else ""])
    report.heading(tr("Placebo, checks and power"))
    if not rows:
        report.paragraph(tr("No result brings a placebo, a check or its power."))
        return
    report.table([tr("Result"), tr("Check"), tr("Value"), tr("Meaning")], rows,
                 tr("What could be checked of the assumptions"), name="checks", limit=40)


def _tool(name: str) -> Any:
    from qgis.core import QgsApplication

    found = QgsApplication.processingRegistry().createAlgorithmById(name)
    return found if found is not None and hasattr(found, "output_help") else None


def _residents(report: Report, data: Data) -> None:
    report.heading(tr("Residents and their participation"))
    told = [r for r in data.results if r.tool in ("hotspot:surveychange", "hotspot:surveysummary")]
    rows = [[what, _whole(before), _whole(after), _whole(None if before is None else after - before, True)]
            for what, before, after in data.residents]
    done = data.done
    if done is not None and done.asked:
        rows += [[tr("Meetings at which it was asked about (register)"), None, done.meetings, None],
                 [tr("Residents who were there"), None, done.residents, None],
                 [tr("Questions asked"), None, done.asked, None], [tr("Of these answered"), None, done.answered, None]]
        if np.isfinite(done.days):
            rows.append([tr("Days to the answer, middle one"), None, done.days, None])
    if rows:
        report.table([tr("What"), tr("Before"), tr("After"), tr("Change")], rows,
                     tr("Participation, as counted and without a test"), name="participation")
    report.bullets([str(r.numbers.get("SUMMARY") or r.title) for r in told])
    if not rows and not told:
        report.paragraph(tr("Nothing was given on residents: whether they feel a change, or take more part, is not"
                            " known. Crime that is not reported is not in any number here."))


def _whole(value: float | None, sign: bool = False) -> Shown:
    if value is None:
        return Shown(None, formats.NOTHING)
    return Shown(value, formats.number(value, 0 if float(value).is_integer() else None, sign))


def _done(report: Report, data: Data) -> None:
    report.heading(tr("What was delivered, and what it cost"))
    rows = [[tr("Dose, as stated"), data.texts["DOSE"]]] if data.texts["DOSE"] else []
    if data.texts["COST"]:
        rows.append([tr("Cost, as stated"), data.texts["COST"]])
    done = data.done
    if done is not None:
        rows.append([tr("Problem of the register"), done.title])
        rows.append([tr("Actions done"), tr("{done} of {all}").format(done=done.done, all=done.actions)])
        for kind, number, minutes, amounts in done.deliveries:
            parts = [tr("{count} times").format(count=formats.number(number))]
            if minutes:
                parts.append(tr("{hours} hours").format(hours=formats.number(minutes / 60.0, 1)))
            parts += [f"{formats.number(value)} {unit}".strip() for unit, value in amounts.items()]
            rows.append([tr("Delivered: {kind}").format(kind=kind), ", ".join(parts)])
        rows.append([tr("Cost planned"), formats.number(done.cost)])
        rows.append([tr("Cost so far"), formats.number(done.spent)])
    if rows:
        report.table([tr("What"), tr("How much")], rows, tr("Dose and cost"), name="dose")
    else:
        report.paragraph(tr("Neither dose nor cost was given. Without the dose a result without a finding may mean that"
                            " little was done."))


def _left_out(report: Report, data: Data) -> None:
    rows = []
    for result in data.results:
        for name, entry in (result.record.get("inputs") or {}).items():
            for part in entry.get("left_out") or []:
                rows.append([result.title, str(entry.get("layer", name)), str(part.get("reason", "")),
                             part.get("count")])
    report.heading(tr("What was left out"))
    if rows:
        report.table([tr("Result"), tr("Layer"), tr("Why"), tr("Rows")], rows, tr("Rows that were not used"),
                     name="left_out", limit=40)
    else:
        report.paragraph(tr("The records tell of no row that could not be read. Rows outside the areas and periods are"
                            " in the reports of each tool."))


# --- JSON -----------------------------------------------------------------------------------
def as_json(data: Data, words: Words) -> str:
    """Return all numbers of the report; numbers without a bound or value are null."""
    t = data.together
    content = {
        "kind": KIND, "version": VERSION, "question": data.texts["QUESTION"], "texts": data.texts,
        "summary": words.summary(), "plain": words.plain(),
        "agreement": {"state": t.state, "designs": t.number, "clear": t.clear, "least_percent": t.least,
                      "most_percent": t.most, "common_low": t.low, "common_high": t.high},
        "effects": [{
            "tool": data.results[e.row].tool if e.row < len(data.results) else "pooled",
            "title": data.title(e.row), "kind": e.kind, "percent": e.value,
            "low": e.low, "high": e.high, "p": e.p, "counts_for_agreement": e.kind == analysis.COMPARED and e.usable,
            "planned": words.when_planned(e.row)} for e in data.effects],
        "pooled": None if data.pooled is None else vars(data.pooled),
        "plan": None if data.plan is None else {**data.plan.content, "intact": data.plan.intact,
                                                "before_start": words.before()},
        "deviations": {data.results[k].title: found for k, found in data.deviations.items()},
        "participation": [{"what": what, "before": before, "after": after} for what, before, after in data.residents],
        "delivered": None if data.done is None else vars(data.done),
        "areas_by_role": None if data.codes is None else {
            role: int((data.codes == k).sum()) for k, role in enumerate(ROLES)},
        "could_be_wrong": words.limits(), "records": [r.record for r in data.results],
    }
    return json.dumps(provenance.clean_values(content), ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def write_json(run: Any, data: Data, words: Words) -> None:
    """Write the numbers where they are asked for, or else beside the report."""
    tool = run.tool
    path = run.file(tool.NUMBERS)
    if not path and run.wants(tool.REPORT):
        path = str(Path(run.file(tool.REPORT)).with_suffix(".json"))
    if not path:
        return
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(as_json(data, words), encoding="utf-8")
    except OSError as error:
        raise InputError(tool.NUMBERS, "The file cannot be written ({error}). Choose a folder that you may write to.",
                         error=error.strerror or error) from error
    run.outputs[tool.NUMBERS] = path
