"""The report of the weighted displacement difference."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.evaluation.weighteddisplacement import Dispersion, Estimate
from ...reports import forest, formats, maps
from ...reports.html import Report, Shown
from ...translation import tr
from .weighteddisplacement_compare import HARM, TYPE, Result, Row
from .weighteddisplacement_read import Data
from .weighteddisplacement_words import Words, interval, signed


def build(run: Any, data: Data, result: Result, words: Words) -> Report:
    """Return the report of a run."""
    report = Report(tr("Weighted displacement difference"), tr("{later} against {earlier}, {areas}").format(
        earlier=words.label(0), later=words.label(1), areas=run.source(run.tool.INPUT).sourceName()))
    report.sentence(words.headline())
    for text in (words.parts_sentence(), words.types_sentence(), words.harm_sentence()):
        if text:
            report.sentence(text)
    for text in run.warnings:
        report.warning(text)
    _facts(report, data, result)
    _roles(report, data, result, words)
    _forest(report, result)
    run.check()
    _types(report, result, words)
    _harm(report, result, words)
    _quotient(report, result, words)
    _checks(report, data, result, words)
    _map(report, run, data, words)
    _left_out(report, data)
    if data.notes:
        report.heading(tr("What else changed"))
        report.paragraph(data.notes)
    report.heading(tr("How to read this"))
    report.bullets(_reading(words))
    return report


def _facts(report: Report, data: Data, result: Result) -> None:
    found = result.whole.found
    tiles = [
        (tr("Difference (WDD)"), signed(found.total.value), tr("95 % interval {interval}").format(
            interval=interval(found.total))),
        (tr("Treated areas"), signed(found.local.value), tr("95 % interval {interval}").format(
            interval=interval(found.local)))]
    if data.displacement:
        tiles.append((tr("Around them"), signed(found.displaced.value), tr("95 % interval {interval}").format(
            interval=interval(found.displaced))))
    text = formats.p_value(found.total.p)
    if found.total.clear:
        tiles.append((tr("By chance alone"), "p " + (text if text.startswith("<") else f"= {text}"),
                      tr("more than chance")))
    elif np.isfinite(result.smallest_whole):
        tiles.append((tr("Smallest fall that would show"), formats.number(result.smallest_whole, 0),
                      tr("incidents, in 8 of 10 cases")))
    else:
        tiles.append((tr("Smallest fall that would show"), formats.NOTHING, tr("not even a fall to none")))
    report.facts(tiles)


def _roles(report: Report, data: Data, result: Result, words: Words) -> None:
    report.heading(tr("What was counted"))
    counts, rows = result.whole.counts, []
    for code in range(4 if data.displacement else 2):
        change = float(counts.change[code])
        row = [words.role(code), int(data.number[code]), _count(counts.before[code]), _count(counts.after[code]),
               Shown(change, signed(change))]
        if result.shrunken:
            row.insert(4, Shown(float(result.expected[code]), formats.number(float(result.expected[code]), 0)))
        rows.append(row)
    header = [tr("Role"), tr("Areas"), words.label(0), words.label(1),
              tr("Change as weighted") if words.weights_note() else tr("Change")]
    if result.shrunken:
        header.insert(4, tr("Earlier level taken"))
    report.table(header, rows, tr("Recorded incidents by role"), name="roles")
    note = words.weights_note()
    if note:
        report.paragraph(note)


def _count(value: float) -> Any:
    return int(value) if float(value).is_integer() else Shown(float(value), formats.number(float(value), 1))


def _forest(report: Report, result: Result) -> None:
    found = result.whole.found
    rows = [(tr("Difference as a whole (WDD)"), found.total)]
    if np.isfinite(found.displaced.value):
        rows += [(tr("In the treated areas"), found.local), (tr("Around them"), found.displaced)]
    if result.shrunken:
        rows.append((tr("As counted, luck not taken out"), result.as_counted.total))
    types = [(row.name, row.found.total) for row in result.of(TYPE) if row.found is not None][:15]
    report.figure(
        _chart([*rows, *types], [len(rows)] if types else [], tr("Incidents more or fewer than expected")),
        " ".join([tr("Difference against the comparison areas. Thin line: 95 % interval, thick: 90 %. What crosses the"
                     " upright line could be chance."),
                  tr("Each type stands by itself: among many some miss the line by chance, so the words of the table"
                     " decide.") if types else ""]).strip(),
        "; ".join(f"{name}: {signed(e.value)}, 95 % {interval(e)}" for name, e in [*rows, *types]), name="forest")


def _chart(rows: list, rules: list, title: str) -> Any:
    def values(name: str) -> list:
        return [getattr(estimate, name) for _, estimate in rows]

    return forest.differences(
        [name for name, _ in rows], values("value"), values("low"), values("high"), values("low90"), values("high90"),
        title=title, x_label=tr("Incidents"), sides=(tr("fewer"), tr("more")), rules=rules)


def _cells(found: Estimate) -> list:
    return [Shown(found.value, signed(found.value)), Shown(found.low, signed(found.low)),
            Shown(found.high, signed(found.high)), Shown(found.low90, signed(found.low90)),
            Shown(found.high90, signed(found.high90)), Shown(found.p, formats.p_value(found.p))]


def _types(report: Report, result: Result, words: Words) -> None:
    types = result.of(TYPE)
    if not types:
        return
    report.heading(tr("By type of incident"))
    rows = []
    for row in types:
        cells = [Shown(None, formats.NOTHING)] * 6 if row.found is None else _cells(row.found.total)
        rows.append([row.name, _change(row), *cells, words.row_word(row)])
    report.table(
        [tr("Type"), tr("Treated"), tr("WDD"), tr("95 % from"), tr("to"), tr("90 % from"), tr("to"), tr("p"),
         tr("In words")], rows,
        tr("Difference of each type; the words allow for the number of types (q below 0.05)"), name="types", limit=30)


def _change(row: Row) -> Shown:
    before, after = row.counts.before[0], row.counts.after[0]
    return Shown(float(after - before), f"{formats.number(before, 0)}\u00a0→\u00a0{formats.number(after, 0)}")


def _harm(report: Report, result: Result, words: Words) -> None:
    for row in result.of(HARM):
        report.heading(tr("By harm"))
        if row.found is None:
            report.paragraph(tr("The difference in harm is not defined: {why}.").format(why=row.why))
            return
        found = row.found
        parts = [(tr("Difference as a whole"), found.total)]
        if np.isfinite(found.displaced.value):
            parts += [(tr("In the treated areas"), found.local), (tr("Around them"), found.displaced)]
        report.table(
            [tr("Harm"), tr("Difference"), tr("95 % from"), tr("to"), tr("90 % from"), tr("to"), tr("p")],
            [[name, *_cells(estimate)] for name, estimate in parts],
            tr("Harm is the sum of the weights of the incidents; few grave ones make it uncertain"), name="harm")


def _quotient(report: Report, result: Result, words: Words) -> None:
    q = result.whole.quotient
    report.heading(tr("Displacement quotient and net effect"))
    rows = []
    if q.why:
        rows.append([tr("Displacement quotient (WDQ)"), Shown(None, tr("not defined")), Shown(None, formats.NOTHING),
                     Shown(None, formats.NOTHING), words.quotient_why()])
    else:
        rows.append([tr("Displacement quotient (WDQ)"), *(Shown(v, formats.number(v, 2)) for v in (
            q.value, q.low, q.high)), words.quotient_meaning()])
    if np.isfinite(q.net):
        text = tr("incidents prevented in the treated areas, at the comparison areas' rate of change")
        if result.whole.counts.displacement:
            text = tr("incidents prevented in and around the treated areas, at the comparison areas' rate of change")
        rows.append([tr("Total net effect"), *(Shown(v, signed(v)) for v in (q.net, q.net_low, q.net_high)), text])
    else:
        rows.append([tr("Total net effect"), Shown(None, tr("not defined")), Shown(None, formats.NOTHING),
                     Shown(None, formats.NOTHING), words.quotient_why()])
    report.table([tr("Measure"), tr("Value"), tr("95 % from"), tr("to"), tr("Meaning")], rows, tr(
        "After Bowers and Johnson (2003), from the counts as recorded"), name="quotient")


def _checks(report: Report, data: Data, result: Result, words: Words) -> None:
    report.heading(tr("What was assumed, and what could be checked"))
    spread, rows = result.whole.spread, []
    rows.append([tr("Without the measure all areas would have changed by the same number"), *_trend(result)])
    rows.append([tr("Incidents are independent, or vary as stated"), _spread_words(spread, data)])
    if result.other_spread is not None:
        rows[-1][1] += " " + _spread_words(result.other_spread, data) + " " + tr("The larger is used.")
    level = result.whole.counts.before / result.whole.counts.sizes
    rows.append([tr("Comparison areas are like the treated ones"), tr(
        "Incidents before: {treated} in the treated areas, {control} in the comparison areas.").format(
        treated=formats.number(level[0], 0), control=formats.number(level[1], 0)) + (
        "" if data.number[1] > 1 else " " + tr("One comparison area only."))])
    rows.append([tr("Areas, periods and outcome were fixed before the results"), words.plan_sentence()])
    if data.dose is not None:
        dose = np.nan_to_num(np.asarray(data.dose, float))
        rows.append([tr("The measure was delivered, and only there"), tr(
            "Dose in all: {treated} in the treated areas, {control} in the comparison areas.").format(
            treated=formats.number(float(dose[data.codes == 0].sum()), 0),
            control=formats.number(float(dose[data.codes == 1].sum()), 0))])
    rows.append([tr("Nothing else happened in one group only"), tr(
        "Cannot be checked from counts: ask who works there.")])
    rows.append([tr("The measure does not reach the comparison areas"), tr(
        "Cannot be checked from counts: leave room between them.")])
    report.table([tr("Assumption"), tr("Check")], rows, tr("Assumptions of the estimate"), name="checks")


def _trend(result: Result) -> list:
    trend = result.trend
    if trend is None:
        return [tr("Not checked: it needs the incidents of at least 8 weeks before.")]
    total = trend.total
    if not np.isfinite(total.low):
        return [tr("Not checked: no incidents before.")]
    text = tr("Not met: already before, the same difference between the two halves of that time is {value} (95 %"
              " {interval}).") if total.clear else tr(
        "Second half of the time before against its first: {value} (95 % {interval}). It does not speak against the"
        " assumption, and does not prove it.")
    return [text.format(value=signed(total.value), interval=interval(total))]


def _spread_words(spread: Dispersion, data: Data) -> str:
    phi = formats.number(spread.phi, 2)
    if spread.origin == "given":
        return tr("Overdispersion given: {phi}.").format(phi=phi)
    if spread.origin == "assumed":
        return tr("Not checked: too little to estimate overdispersion from; 1 is assumed.")
    free = formats.number(spread.free, 0)
    if spread.origin == "time":
        unit = tr("months") if data.units.name == "month" else tr("units of {days}").format(days=data.units.name)
        return tr("Overdispersion {phi} from {cells} {unit} before ({free} degrees of freedom, p {p}).").format(
            phi=phi, cells=spread.cells, unit=unit, free=free, p=formats.p_value(spread.p))
    return tr("Overdispersion {phi} from how differently {cells} areas changed ({free} degrees of freedom, p {p})."
              ).format(phi=phi, cells=spread.cells, free=free, p=formats.p_value(spread.p))


def _map(report: Report, run: Any, data: Data, words: Words) -> None:
    if data.areas is None or not run.wants(run.tool.COUNTS):
        return
    report.heading(tr("Where"))
    report.figure(
        maps.map_png([run.output_layer(run.tool.COUNTS)], tr("Areas by their role"), units=run.units),
        tr("Treated areas, comparison areas, and those around them"),
        tr("Map of the areas by role: {roles}").format(roles=", ".join(
            words.role(k) for k in range(4) if data.number[k])), name="map")


def _left_out(report: Report, data: Data) -> None:
    names = {
        "no role": tr("areas without a role"), "missing": tr("areas with a missing count, left out of both periods"),
        "outside": tr("located incidents of both periods in no area with a role"),
        "no place": tr("incidents of both periods without a place"),
        "no date": tr("rows of the incidents without a date"),
        "no harm": tr("incidents in the areas without a harm, which count as 0 in harm only"),
        "shared": tr("incidents in areas of more than one role, counted once")}
    found = [tr("{count} {what}").format(count=formats.number(count), what=names[key])
             for key, count in data.left_out.items() if count]
    if found:
        report.heading(tr("What is not in the counts"))
        report.bullets(found)


def _reading(words: Words) -> list[str]:
    out = [
        tr("WDD = (change in the treated areas - change in the comparison areas) + the same around them (Wheeler and"
           " Ratcliffe 2018). Below 0: fewer than expected."),
        tr("The interval says which differences fit the counts. Where it holds 0, the counts show no difference; that"
           " is not the same as showing that there is none."),
        tr("Recorded incidents only: reporting and recording change too, and a measure may itself change what is"
           " reported."),
    ]
    if words.data.displacement:
        out.append(tr("WDQ is the change around the treated areas as a share of their own: above 0 diffusion of"
                      " benefits, -1 to 0 some displacement, below -1 more moved than was gained."))
    return out
