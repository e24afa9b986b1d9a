"""The internal report of 'Prepare data for publication'."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.privacy.disclosure import OTHER, SHOWN, SMALL
from ...analysis.privacy.releases import SENSITIVE
from ...reports import charts, formats, maps
from ...reports.html import Report, Shown
from ...translation import tr
from .publicrelease_words import Words

#: Groups drawn beside one another.
_DRAWN = 15


def build(run: Any, words: Words) -> Report:
    """Return the report of a run whose layers have been written."""
    release, u = words.release, words.utility
    report = Report(tr("Data for publication"), tr("{title} · {period} · this report is internal").format(
        title=words.title().rstrip("."), period=words.period()))
    report.sentence(words.summary())
    report.warning(tr("Internal: this report compares the public figures with the true ones. Only the layers and the"
                      " notes may be published, never the folder with this report and its tables."))
    for text in run.warnings:
        report.warning(text)
    tally = words.tally()
    report.facts([
        (tr("Figures shown"), tally["SHOWN"], tr("of {count}").format(count=formats.number(tally["FIGURES"]))),
        (tr("Withheld, small"), tally["WITHHELD_SMALL"], tr("under {limit}, 0 included").format(
            limit=release.rules.limit)),
        (tr("Withheld with them"), tally["WITHHELD_OTHER"], tr("from which a small one could be worked out")),
        (tr("Incidents in shown counts"), formats.percent(u.share_shown), tr("in shown totals of areas {share}").format(
            share=formats.percent(u.share_totals))),
        (tr("Busiest areas kept"), tr("{kept} of {top}").format(kept=u.top_kept, top=u.top),
         tr("rank correlation {value}").format(value=formats.number(u.rank_correlation, 3))),
        (tr("Hot areas in both"), formats.number(u.hot_both if u.hot >= 0 else None),
         tr("true {hot}, public {public}").format(hot=u.hot, public=u.hot_public) if u.hot >= 0 else
         tr("too few areas to test")),
    ])
    run.check()
    if run.tool.POLYGONS in run.outputs:
        span = words.mapped()[-1].span
        title = tr("Public totals, {period}").format(period=formats.period(span.start, span.end))
        report.figure(maps.map_png([run.output_layer(run.tool.POLYGONS)], title), tr(
            "What the public sees: totals of areas in the newest period; grey is withheld"), title)
    _areas(report, words)
    _groups(report, words)
    _periods(report, words)
    report.heading(tr("What was done"))
    report.bullets([*words.rules(), _proof(words), *_left_out(words)])
    report.heading(tr("What became of the records"))
    total = sum(count for _, count in release.rows)
    report.table([tr("Records"), tr("Number")], [*map(list, release.rows), [tr("all records"), total]], tr(
        "The rows add up to all records read from {layer}").format(layer=release.layer), name="internal_records")
    report.heading(tr("What it does not protect against"))
    report.bullets([
        tr("Knowledge from elsewhere: who knows of all cases but one in an area knows the last one from the count."),
        tr("Other tables of the same incidents that do not go through this register, such as answers to requests, a"
           " second register, or a dashboard."),
        tr("A group or an area all of whose residents are concerned by a large number."),
    ])
    report.heading(tr("How it was made"))
    report.bullets([note for note in run.notes if note != words.summary()])
    return report


def _unbroken(text: str) -> Shown:
    """Return the name of a period on one line."""
    return Shown(text, text.replace("-", "\u2011"))


def _proof(words: Words) -> str:
    release = words.release
    return tr("For each of the {count} counts withheld now because they are small, a table was found that fits all"
              " published numbers and has 0 there, and one that has {top}. So nobody can work out more than that it is"
              " withheld.").format(count=formats.number(release.proofs), top=release.rules.limit - 1)


def _left_out(words: Words) -> list:
    places = words.release.places
    if not places.left_out:
        return []
    return [tr("Left out, with all their incidents, because too few live there: {names}.").format(
        names=", ".join(places.left_out[:20]) + (" …" if len(places.left_out) > 20 else ""))]


def _areas(report: Report, words: Words) -> None:
    u, names = words.utility, words.release.names
    order = np.argsort(-u.true_totals, kind="stable")
    report.heading(tr("How much the answer changes"))
    ranks = [np.empty(len(order), dtype=np.int64) for _ in range(2)]
    for rank, totals in zip(ranks, (u.true_totals, u.public_totals)):
        rank[np.argsort(-totals, kind="stable")] = np.arange(1, len(totals) + 1)
    rows = [[names[i], int(u.true_totals[i]), int(u.public_totals[i]), int(u.public_totals[i] - u.true_totals[i]),
             int(ranks[0][i]), int(ranks[1][i])] for i in order.tolist()]
    report.table([tr("Area"), tr("True"), tr("Public"), tr("Difference"), tr("Rank"), tr("Public rank")], rows, tr(
        "Totals of all periods, sensitive incidents apart; where a total is withheld, half of the limit is taken;"
        " internal"), name="internal_areas", limit=15)


def _groups(report: Report, words: Words) -> None:
    found: dict = {}
    for table in words.tables:
        names = words.group_names(table)
        for i in range(len(table.groups)):
            entry = found.setdefault(names[i], [0, 0, 0, 0, 0])
            status, counts = table.status[:-1, i], table.counts[:-1, i]
            for k, kind in enumerate((SHOWN, SMALL, OTHER)):
                entry[k] += int((status == kind).sum())
            entry[3] += int(counts.sum())
            entry[4] += int(counts[status == SHOWN].sum())
    if len(found) < 2:
        return
    rows = [[name, e[3], formats.percent(e[4] / e[3]) if e[3] else formats.NOTHING, *e[:3]]
            for name, e in sorted(found.items(), key=lambda item: -item[1][3])]
    some = [row for row in sorted(found.items(), key=lambda item: -item[1][3])[:_DRAWN] if row[1][3]]
    report.heading(tr("What of each group can be seen"))
    report.figure(charts.bar_chart(
        [name for name, _ in some], [100.0 * e[4] / e[3] for _, e in some], "", tr("Per cent of the incidents")), tr(
            "Share of the incidents of each group that lie in counts which are shown, the largest group first"), tr(
                "Share of the incidents in shown counts by group"), name="internal_groups_chart")
    report.table([tr("Group"), tr("Incidents"), tr("In shown counts"), tr("Counts shown"), tr("Withheld, small"),
                  tr("Withheld with them")], rows, tr("Counts by area and period; internal"),
                 name="internal_groups", limit=25)


def _periods(report: Report, words: Words) -> None:
    release = words.release
    rows = []
    for table in words.tables:
        what = tr("release {number}").format(number=table.release) if table.release else tr("new")
        kind = tr("by year, sensitive") if table.kind == SENSITIVE else tr("ordinary")
        numbers = [int((table.status == found).sum()) for found in (SHOWN, SMALL, OTHER)]
        rows.append([_unbroken(table.span.name), kind, what, int(table.counts[:-1, :-1].sum()), *numbers])
    for span in release.recent:
        rows.append([_unbroken(span.name), tr("ordinary"), tr("too recent"), None, None, None, None])
    for span in release.partial:
        rows.append([_unbroken(span.name), tr("ordinary"), tr("not covered"), None, None, None, None])
    report.heading(tr("Periods"))
    report.table([tr("Period"), tr("Table"), tr("Release"), tr("Incidents"), tr("Shown"), tr("Withheld, small"),
                  tr("Withheld with them")], rows, tr(
                      "Data extracted on {day}, delay {delay} days; numbers of an earlier release are repeated as"
                      " published; internal").format(day=release.extracted, delay=release.delay),
                 name="internal_periods", limit=36)
