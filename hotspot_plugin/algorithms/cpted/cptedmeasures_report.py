"""The look and the report of 'CPTED measures and budget'."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...layers import fields, styling
from ...reports import charts, formats, maps
from ...reports.html import Report
from ...translation import tr
from .cptedmeasures_choice import CHOSEN, NO_EFFECT
from .cptedmeasures_words import Words, amount
from .cptedscore_words import principle_name

#: Told apart in grey print and by colour-blind readers.
_CHOSEN, _PROPOSED, _NONE = "#1b7837", "#c2a5cf", "#e8e8e8"


def style(budget: bool) -> styling.Style:
    """Return the look of the places."""
    entries = [("chosen", _CHOSEN, tr("Measures chosen"))] if budget else []
    entries += [("proposed", _PROPOSED, tr("Proposed, not chosen") if budget else tr("Measures proposed")),
                ("none", _NONE, tr("Nothing proposed"))]
    first = f"WHEN \"{fields.N_CHOSEN}\" > 0 THEN 'chosen' " if budget else ""
    rule = f"CASE {first}WHEN \"{fields.N_PROP}\" > 0 THEN 'proposed' ELSE 'none' END"
    return styling.categories("CPTED measures", rule, entries)


def build(run: Any, words: Words) -> Report:
    """Return the report."""
    report = Report(tr("CPTED measures and budget"), tr("Catalogue '{name}', {count} places").format(
        name=words.data.catalogue, count=formats.number(len(words.data.units))))
    report.sentence(words.summary())
    for text in words.warnings():
        report.warning(text)
    report.facts(_facts(words))
    report.figure(maps.map_png([run.output_layer(run.tool.OUTPUT)], tr("CPTED measures"), units=run.units), tr(
        "Where measures are proposed and chosen"), tr("Map of the places by whether measures are chosen or proposed"))
    if words.choice is not None:
        _chosen(report, words)
        _budget(report, words)
    _measures(report, words)
    if words.choice is None:
        _proposed(report, words)
    _before(report, words)
    report.heading(tr("What this cannot say"))
    report.bullets([
        tr("Effects were found elsewhere. Here they can be smaller, none, or harm; measure before and after, beside"
           " places without the measure."),
        tr("A place with many incidents in one year has fewer in the next without any measure. What is prevented is"
           " reckoned on what was recorded, and is too high for such places."),
        tr("Displacement, fear and what is never reported are not counted, nor what people lose who use a place"
           " otherwise than planned."),
    ])
    return report


def _facts(words: Words) -> list:
    numbers = words.numbers()
    facts = [(tr("Proposals"), formats.number(numbers["PROPOSALS_COUNT"]), tr("at {count} places").format(
        count=formats.number(numbers["PLACES_PROPOSED"])))]
    if words.choice is None:
        facts.append((tr("Without a published effect"), formats.number(numbers["WITHOUT_EFFECT"])))
    else:
        facts += [
            (tr("Chosen"), formats.number(numbers["CHOSEN_COUNT"]), tr("within {budget}").format(
                budget=formats.number(words.choice.budget, 0))),
            (tr("Prevented"), tr("{low} to {high}").format(low=amount(numbers["PREVENTED_LOW"]),
                                                           high=amount(numbers["PREVENTED_HIGH"])),
             f"{words.what} {words.a_year}"),
            (tr("Next {extra}").format(extra=formats.number(words.choice.extra, 0)),
             amount(words.choice.gain), tr("more prevented")),
        ]
    if numbers["EXISTING_COUNT"]:
        facts.append((tr("Exist already"), formats.number(numbers["EXISTING_COUNT"]), tr("not proposed again")))
    return facts


def _range(low: float, high: float, decimals: int | None = None) -> str:
    if not np.isfinite(high):
        return "–"
    texts = formats.number(float(low), decimals), formats.number(float(high), decimals)
    return texts[0] if texts[0] == texts[1] else tr("{low} to {high}").format(low=texts[0], high=texts[1])


def _shares(low: float, high: float) -> str:
    if not np.isfinite(high):
        return "–"
    return tr("{low} to {high}").format(low=formats.percent(low), high=formats.percent(high))


def _chosen(report: Report, words: Words) -> None:
    p = words.proposals
    order = np.flatnonzero(p.status == CHOSEN)
    order = order[np.argsort(-p.prev_low[order], kind="stable")]
    if not len(order):
        return
    report.heading(tr("What is chosen"))
    report.paragraph(tr("Each line by itself; where a place gets several measures they overlap, and prevent less"
                        " together than the sum of their lines."))
    rows = [[words.data.names[p.place[i]], words.data.measures[p.measure[i]].name, words.why[i],
             f"{formats.number(float(p.quantity[i]), 0)} × {words.data.measures[p.measure[i]].unit}",
             _range(p.cost_low[i], p.cost_high[i], 0), _range(p.prev_low[i], p.prev_high[i], 1)] for i in order]
    report.table([tr("Place"), tr("Measure"), tr("Why"), tr("How much"), tr("Cost"),
                  tr("Prevents {year}").format(year=words.a_year)], rows, tr("Measures chosen within the budget"),
                 name="chosen", limit=25)


def _budget(report: Report, words: Words) -> None:
    if words.choice.curve is None:
        return
    report.heading(tr("What more or less money would buy"))
    report.figure(charts.lines({tr("best set"): words.choice.curve}, tr("Prevented by the best set for each budget"),
                               tr("Budget"), tr("{what} {year}").format(what=words.what, year=words.a_year)),
                  tr("Prevented by the best set for each budget"),
                  tr("Line of what the best set prevents, by budget"), name="budget")


def _measures(report: Report, words: Words) -> None:
    p, rows = words.proposals, []
    for m, measure in enumerate(words.data.measures):
        mine = p.measure == m
        if not mine.any():
            continue
        known = [e for e in measure.effects if e.known]
        effect = "; ".join(_shares(e.low, e.high) + ("" if "*" in e.crimes else f" ({e.crimes[0]} …)")
                           + ("" if e.hours == "any" else f" [{e.hours}]") for e in known)
        basis = "; ".join(dict.fromkeys(f"{e.source} ({tr('lower end')}: {e.low_is})" for e in known))
        row = [measure.name, principle_name(measure.principle), int(mine.sum())]
        if words.choice is not None:
            row.append(int((mine & (p.status == CHOSEN)).sum()))
        rows.append([*row, effect or tr("none published"), basis or "–"])
    rows.sort(key=lambda row: (row[-1] == "–", -row[2]))
    report.heading(tr("The measures and what is known of them"))
    header = [tr("Measure"), tr("Principle"), tr("Proposed at")]
    if words.choice is not None:
        header.append(tr("Chosen at"))
    report.table([*header, tr("Share prevented elsewhere"), tr("Source")], rows,
                 tr("Measures proposed, with published effects"), name="measures")
    if (p.status == NO_EFFECT).any():
        report.paragraph(tr("Measures without a published effect are never chosen by the reckoning. Many are cheap and"
                            " wanted by residents: decide on them by what they are for."))
    if words.data.left:
        report.bullets([tr("{count} measures of the catalogue were not looked at: {reason}.").format(
            count=count, reason=reason) for reason, count in words.data.left.items()])


def _proposed(report: Report, words: Words) -> None:
    p = words.proposals
    worth = np.nan_to_num(p.prev_low, nan=-1.0)
    order = np.lexsort((p.score, -np.nan_to_num(p.n_year), -worth))
    if not len(order):
        return
    report.heading(tr("The proposals"))
    rows = [[words.data.names[p.place[i]], words.data.measures[p.measure[i]].name, words.why[i],
             _range(p.prev_low[i], p.prev_high[i], 1)] for i in order]
    report.table([tr("Place"), tr("Measure"), tr("Why"), tr("Prevents {year}").format(year=words.a_year)], rows,
                 tr("Measures proposed"), name="proposals", limit=25)


def _before(report: Report, words: Words) -> None:
    p = words.proposals
    wanted = p.status == CHOSEN if words.choice is not None else np.ones(len(p), bool)
    measures = [words.data.measures[m] for m in np.unique(p.measure[wanted])]
    if not measures:
        return
    report.heading(tr("Before anything is decided"))
    report.table([tr("Measure"), tr("Side effects"), tr("Whom to ask"), tr("Takes something away")], [
        [m.name, m.side_effects or "–", m.ask or "–", tr("yes") if m.restrictive else tr("no")] for m in measures], tr(
            "Side effects, and whom to ask"), name="ask")
