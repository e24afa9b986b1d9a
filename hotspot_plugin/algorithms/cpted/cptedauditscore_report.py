"""The look and the report of 'Score CPTED audit'."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...layers import fields, styling
from ...reports import charts, formats, maps
from ...reports.html import Report, Shown
from ...translation import tr
from .cptedauditscore_score import COMPLETE, NO_TEST, NOBODY
from .cptedauditscore_words import NOT_AUDITED, NOT_COMPLETE, Words, class_name, use_name, visits_name
from .cptedscore_report import COLOURS
from .cptedscore_words import principle_name

_LISTED = 20


def style() -> styling.Style:
    """Places by class of the score."""
    entries = [(class_name(code), colour, class_name(code).capitalize()) for code, colour in enumerate(COLOURS)]
    entries.append((class_name(NOT_COMPLETE), "#9e9e9e", tr("Not complete")))
    return styling.categories("Audit score", fields.AUD_CL, entries,
                              ("#ffffff", class_name(NOT_AUDITED).capitalize()))


def build(run: Any, words: Words) -> Report:
    """Return the report of a run whose layers have been written."""
    data, n = words.data, words.numbers()
    report = Report(tr("CPTED audit"), data.layer_name)
    report.sentence(words.summary())
    for text in run.warnings:
        report.warning(text)
    report.facts([
        (tr("Complete"), n["COMPLETE"], tr("of {count} audited, by day and by night").format(
            count=formats.number(n["AUDITED"]))),
        (tr("Mean score"), formats.number(n["MEAN_SCORE"], 0), tr("of 100, {count} places").format(
            count=formats.number(n["SCORED"]))),
        (tr("Judged by two"), n["DOUBLE"], tr("places")),
        (tr("Agreement"), formats.number(n["MEAN_KAPPA"], 2), tr("mean kappa")),
        (tr("Items dropped"), n["DROPPED"], tr("of {count}").format(count=formats.number(n["ITEMS"]))),
    ])
    report.figure(maps.map_png([run.output_layer(run.tool.OUTPUT)], tr("CPTED audit"), units=run.units), tr(
        "Each place by the score of its audits"), tr("Map of the audited places by class of the score"))
    _principles(report, words)
    _lowest(report, words)
    _pushed(report, words)
    _agreement(report, words)
    report.heading(tr("What this cannot say"))
    report.bullets([
        tr("Agreement shows that two people judge alike, not that they judge rightly."),
        tr("Not applicable and not seen are no marks: they neither lower nor raise a score."),
        tr("A low mark describes surroundings, and nobody who lives there. Read who would be pushed out before any"
           " measure is chosen."),
    ])
    return report


def _principles(report: Report, words: Words) -> None:
    scores, rows = words.found.scores, []
    if scores is None:
        return
    for p in range(scores.principles.shape[1]):
        known = scores.principles[np.isfinite(scores.principles[:, p]), p]
        if len(known):
            items = [i.name for i, kept in zip(words.data.items, words.found.kept) if kept and i.principle == p]
            rows.append([principle_name(p), ", ".join(items), Shown(float(known.mean()), formats.number(
                float(known.mean()), 0)), len(known)])
    if rows:
        report.heading(tr("By principle"))
        report.table([tr("Principle"), tr("Items used"), tr("Mean score"), tr("Places")], rows, tr(
            "Mean of the places seen, 0 to 100"), name="principles")


def _lowest(report: Report, words: Words) -> None:
    found = words.found
    order = [i for i in np.argsort(np.where(words.scored, found.overall, np.inf), kind="stable").tolist()
             if words.scored[i]]
    if order:
        report.heading(tr("The lowest scores"))
        rows = [[words.data.names[i], Shown(float(found.overall[i]), formats.number(float(found.overall[i]), 0)),
                 class_name(int(words.code[i])), principle_name(int(found.scores.weakest[i])),
                 Shown(float(found.seen[i]), formats.percent(float(found.seen[i]))),
                 visits_name(found.visits[i]), int(found.auditors[i])] for i in order]
        report.table([tr("Place"), tr("Score"), tr("Class"), tr("Weakest principle"), tr("Seen"), tr("Visits"),
                      tr("Auditors")], rows, tr("Places scored, the lowest first"), name="places", limit=_LISTED)
    open_ = np.flatnonzero((found.visits != COMPLETE) & (found.visits != NOBODY)).tolist()
    if open_:
        report.heading(tr("Still to be visited"))
        report.table([tr("Place"), tr("So far")], [[words.data.names[i], visits_name(found.visits[i])] for i in open_],
                     tr("Places without a visit by day or by night"), name="open", limit=_LISTED)


def _pushed(report: Report, words: Words) -> None:
    columns = words.columns()
    who, pushed = columns[fields.WHO_USES], columns[fields.PUSHED_OUT]
    order = np.argsort(np.where(words.scored, words.found.overall, np.inf), kind="stable").tolist()
    rows = [[words.data.names[i], who[i] or formats.NOTHING, pushed[i] or formats.NOTHING] for i in order
            if who[i] or pushed[i]]
    if rows:
        report.heading(tr("Who uses these places, and who would be pushed out"))
        report.paragraph(tr("In the words of the auditors; for internal use."))
        report.table([tr("Place"), tr("Who uses it"), tr("Who would be pushed out")], rows, tr(
            "Answers of the auditors, the places with the lowest scores first"), name="people", limit=_LISTED)


def _agreement(report: Report, words: Words) -> None:
    found, items = words.found, words.data.items
    report.heading(tr("How far auditors agree"))
    report.paragraph(words.agreement_sentence())
    tested = [i for i, use in enumerate(found.use) if use != NO_TEST]
    if tested:
        limit = words.run.number(words.run.tool.MIN_KAPPA)
        report.figure(charts.forest(
            [items[i].name for i in tested], [found.agreement[i].kappa for i in tested],
            [found.agreement[i].low for i in tested], [found.agreement[i].high for i in tested], "",
            tr("Kappa with quadratic weights, 95 % interval"), reference=limit, ratio=False, note=tr(
                "dropped below {limit}").format(limit=formats.number(limit, 2))), tr(
            "Agreement of two auditors beyond chance, by item"), tr("Chart of kappa by item with intervals"),
            name="kappa")
    rows = []
    for i, a in enumerate(found.agreement):
        text = formats.NOTHING if np.isnan(a.kappa) else tr("{kappa} ({low} to {high})").format(
            kappa=formats.number(a.kappa, 2), low=formats.number(a.low, 2), high=formats.number(a.high, 2))
        rows.append([items[i].name, a.n, Shown(a.same, formats.percent(a.same)), Shown(a.kappa, text),
                     Shown(a.plain, formats.number(a.plain, 2)), use_name(found.use[i])])
    report.table([tr("Item"), tr("Pairs"), tr("Same mark"), tr("Kappa (95 %)"), tr("Without weights"), tr("Use")], rows,
                 tr("Agreement by item"), name="agreement")
