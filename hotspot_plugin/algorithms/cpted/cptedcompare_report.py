"""The look and the report of 'Compare two CPTED scores'."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.cpted.cptedcompare import BETTER, PERHAPS_BETTER, PERHAPS_WORSE, SAME, UNCOMPARABLE, WORSE
from ...layers import fields, styling
from ...reports import charts, formats, maps
from ...reports.html import Report
from ...translation import tr
from .cptedcompare_words import CODES, Words, verdict_name
from .cptedscore_words import principle_name

#: Told apart in grey print and by colour-blind readers.
COLOURS = {BETTER: "#1b7837", PERHAPS_BETTER: "#a6dba0", SAME: "#e0e0e0", PERHAPS_WORSE: "#c2a5cf", WORSE: "#7b3294",
           UNCOMPARABLE: "#ffffff"}
LISTED = 20


def style() -> styling.Style:
    """Return the look of the compared places."""
    entries = [(code, COLOURS[code], verdict_name(code).capitalize()) for code in CODES]
    return styling.categories("CPTED change", fields.VERD_CODE, entries, ("#ffffff", tr("Only in this scoring")))


def build(run: Any, words: Words) -> Report:
    """Return the report."""
    report = Report(tr("CPTED scores compared"), tr("{before} and {after}").format(
        before=words.data.before.units.name, after=words.data.after.units.name))
    report.sentence(words.summary())
    for text in words.warnings():
        report.warning(text)
    numbers = words.numbers()
    report.facts([
        (tr("Better"), formats.number(numbers["BETTER"]), tr("of {count} compared").format(
            count=formats.number(int(words.usable.sum())))),
        (tr("Worse"), formats.number(numbers["WORSE"])),
        (tr("Mean change"), formats.number(words.mean.value, 1, sign=True), tr("points")),
        (tr("Not comparable"), formats.number(numbers["NOT_COMPARABLE"])),
    ])
    report.figure(maps.map_png([run.output_layer(run.tool.OUTPUT)], tr("What changed"), units=run.units), tr(
        "Each place by what changed"), tr("Map of the places by whether they are better or worse"))
    _principles(report, words)
    _done(report, words)
    _places(report, words, better=True)
    _places(report, words, better=False)
    report.heading(tr("How it is decided"))
    report.bullets([
        tr("Better: the score rose by at least {least} points, and either the ranks that other weights would give lie"
           " apart before and after, or no principle fell, so that no weights of the principles could make it a"
           " loss. Worse: the same downwards.").format(least=formats.number(words.least, 0)),
        tr("Perhaps: it changed by as much, but with other weights it might not have."),
        tr("Not comparable: not scored both times, or other things were measured."),
        tr("A change of the score is a change of what was measured. It does not show that measures caused it, that"
           " crime changed, or that people feel it. Places chosen for their low scores rise somewhat by themselves"
           " where measuring is uncertain."),
    ])
    return report


def _principles(report: Report, words: Words) -> None:
    rows, labels, values, low, high = [], [], [], [], []
    for p, one in enumerate(words.principles):
        if not one.n:
            continue
        moved = words.change.principles[words.usable, p]
        moved = moved[np.isfinite(moved)]
        labels.append(principle_name(p))
        values.append(one.value)
        low.append(one.low)
        high.append(one.high)
        rows.append([labels[-1], formats.number(one.value, 1, sign=True), formats.number(one.low, 1, sign=True),
                     formats.number(one.high, 1, sign=True), int((moved >= words.least).sum()),
                     int((moved <= -words.least).sum()), one.n])
    if not rows:
        return
    report.heading(tr("By principle"))
    report.figure(charts.forest(labels, values, low, high, tr("Mean change by principle"), tr("points"), reference=0.0,
                                ratio=False, note=tr("no change")),
                  tr("Mean change of the compared places with its 95 % interval"),
                  tr("Mean change of each principle with its interval"), name="principles")
    report.table([tr("Principle"), tr("Mean change"), tr("From"), tr("To"), tr("Places that rose"),
                  tr("Places that fell"), tr("Compared")], rows,
                 tr("Change by principle in points, with its 95 % interval"), name="principles")


def _done(report: Report, words: Words) -> None:
    if words.apart is None:
        return
    report.heading(tr("Where something was done"))
    done, other, apart = words.apart
    rows = [[name, one.n, formats.number(one.value, 1, sign=True), formats.number(one.low, 1, sign=True),
             formats.number(one.high, 1, sign=True)] for name, one in (
        (tr("something was done"), done), (tr("nothing is on record"), other), (tr("difference"), apart))]
    report.table([tr("Places"), tr("Number"), tr("Mean change"), tr("From"), tr("To")], rows,
                 tr("Change of the score where something was done, and elsewhere"), name="done")


def _places(report: Report, words: Words, better: bool) -> None:
    change, data = words.change, words.data
    wanted = (BETTER, PERHAPS_BETTER) if better else (WORSE, PERHAPS_WORSE)
    rows = np.flatnonzero(words.matched & np.isin(change.verdict, wanted))
    rows = rows[np.lexsort((-np.abs(change.overall[rows]), -np.abs(change.verdict[rows])))]
    if not len(rows):
        return
    report.heading(tr("What improved") if better else tr("What got worse"))
    linked = words.linked()
    header = [tr("Place"), tr("Before"), tr("After"), tr("Change"), tr("With other weights"), tr("Verdict")]
    titles = {fields.PHOTO_BEF: tr("Photo before"), fields.PHOTO_AFT: tr("Photo after"),
              fields.NOTE_BEF: tr("Note before"), fields.NOTE_AFT: tr("Note after")}
    header += [titles[name] for name in linked]
    if data.done is not None:
        header.append(tr("Done"))
    before = data.before.scoring.overall
    table = []
    for i in rows.tolist():
        row = [data.after.names[i], formats.number(float(before[data.first[i]]), 0),
               formats.number(float(data.after.scoring.overall[i]), 0),
               formats.number(float(change.overall[i]), 1, sign=True),
               tr("{low} to {high}").format(low=formats.number(float(change.low[i]), 1, sign=True),
                                            high=formats.number(float(change.high[i]), 1, sign=True)),
               verdict_name(int(change.verdict[i])), *(linked[name][i] or "–" for name in linked)]
        if data.done is not None:
            row.append(data.done[i] or "–")
        table.append(row)
    report.table(header, table, tr("Places whose score rose") if better else tr("Places whose score fell"),
                 name="better" if better else "worse", limit=LISTED)
