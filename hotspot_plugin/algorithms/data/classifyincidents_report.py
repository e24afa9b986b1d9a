"""What 'Group and weigh crime types' says: numbers, warnings, the list of unmatched types, the report."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.data.classifyincidents import Classified, by_group
from ...analysis.data.typetable import COMPANY, OFFICER, TypeTable, suggestions
from ...analysis.proactive import MUCH
from ...layers import fields, styling
from ...reports import charts, formats
from ...reports.html import Report
from ...translation import tr
from .. import proactive
from .classifyincidents_read import Incidents

#: Paul Tol's "bright" and two more: told apart by the colour-blind
COLOURS = ("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#332288", "#bb5500")
#: unmatched types that are compared with all codes: beyond, that takes long and nobody reads it
MOST_COMPARED = 200


class Words:
    """Says the result in numbers and sentences."""

    def __init__(self, data: Incidents, table: TypeTable, result: Classified) -> None:
        self.data, self.table, self.result = data, table, result
        self.groups = by_group(result, table)
        self.rows = len(result)
        self.matched = int(result.matched.sum())
        self.proactive = int(result.proactive.filled(False).sum())
        self.sensitive = int(result.sensitive.filled(False).sum())
        self.company = int(result.company.sum())
        self.harm = float(np.nansum(result.harm))
        self.left_out = float(result.left_out.sum())
        self.near = [
            suggestions(result.types.names[k], table) if i < MOST_COMPARED else []
            for i, k in enumerate(result.unmatched_types)
        ]

    def numbers(self) -> dict:
        """Return the declared numbers."""
        has = self.table.has_harm
        return {
            "ROWS": self.rows, "MATCHED": self.matched, "UNMATCHED_COUNT": self.result.unmatched,
            "UNMATCHED_TYPES": len(self.result.unmatched_types), "NULL_TYPES": self.result.types.blank,
            "GROUPS": len(self.groups), "SENSITIVE_SHARE": self.sensitive / self.rows,
            "PROACTIVE_SHARE": self.proactive / self.rows, "COMPANY_SHARE": self.company / self.rows,
            "HARM_SUM": self.harm if has else None, "HARM_LEFT_OUT": self.left_out if has else None,
            "NO_HARM": self.result.without_harm,
        }

    def summary(self) -> str:
        """Return the sentence to read out."""
        text = tr("{matched} of {rows} rows ({share}) have a type of the table, in {groups} groups").format(
            matched=formats.number(self.matched), rows=formats.number(self.rows),
            share=formats.percent(self.matched / self.rows, 1), groups=len(self.groups))
        if self.groups:
            first = self.groups[0]
            text += tr("; the largest is {group} ({share})").format(
                group=first.name, share=formats.percent(first.rows / self.rows, 1))
        if self.left_out > 0:
            whole = self.harm + self.left_out
            text += tr("; {share} of all harm is of offences found by officers or company staff and weighs nothing"
                       ).format(share=formats.percent(self.left_out / whole, 1))
        return text + "."

    def warnings(self) -> list:
        """Return the warnings, the gravest first."""
        result, texts = self.result, []
        if result.unmatched:
            texts.append(tr("{count} rows ({share}) are of types that are not in the table (number of types:"
                            " {kinds}); their group, harm and marks are empty (not known).").format(
                count=formats.number(result.unmatched), share=formats.percent(result.unmatched / self.rows, 1),
                kinds=len(result.unmatched_types)))
        if result.types.blank:
            texts.append(tr("{count} rows ({share}) have no type.").format(
                count=formats.number(result.types.blank), share=formats.percent(result.types.blank / self.rows, 1)))
        if self.proactive > MUCH * self.rows:
            texts.append(tr("{share} of the rows are officers' own findings.").format(
                share=formats.percent(self.proactive / self.rows)) + " " + proactive.advice())
        if self.table.has_harm and result.without_harm:
            texts.append(tr("{count} rows ({share}) are of types for which the table states no harm; other tools leave"
                            " them out when they weigh.").format(
                count=formats.number(result.without_harm), share=formats.percent(result.without_harm / self.rows, 1)))
        return texts

    def infos(self) -> list:
        """Return what else is worth knowing."""
        texts = []
        if not self.table.has_harm:
            texts.append(tr("The table states no harm: the field harm is empty. Give the types of a table of your own"
                            " a harm to weigh them."))
        if self.sensitive:
            texts.append(tr("{count} rows ({share}) are of sensitive types: never show them in public as points or"
                            " small areas.").format(count=formats.number(self.sensitive),
                                                    share=formats.percent(self.sensitive / self.rows, 1)))
        for k, near in list(zip(self.result.unmatched_types, self.near))[:20]:
            if near:
                texts.append(tr("'{type}' is not in the table; the table has {codes}.").format(
                    type=self.result.types.names[k], codes=", ".join(f"'{code}'" for code in near)))
        return texts

    def unmatched_columns(self) -> dict:
        """Return the table of unmatched types."""
        kinds = self.result.unmatched_types
        counts = self.result.types.counts[kinds]
        return {
            fields.CTYPE: _texts([self.result.types.names[k] for k in kinds]),
            fields.N: counts.astype(np.int64),
            fields.SHARE: counts / self.rows,
            fields.LOOKS_LIKE: _texts(["; ".join(near) or None for near in self.near]),
        }

    def style(self) -> styling.Style:
        """Return the look of the rows: the largest groups in colours."""
        shown = self.groups[: len(COLOURS)]
        other = tr("Other groups, or not in the table") if len(self.groups) > len(shown) else tr("Not in the table")
        return styling.categories("Crime groups", fields.CGROUP, [
            (group.name, colour, group.name) for group, colour in zip(shown, COLOURS)], (styling.GREY, other))


def _texts(values: list) -> np.ndarray:
    out = np.empty(len(values), object)
    out[:] = values
    return out


def _whole(value: float) -> Any:
    """Return a whole number as one, so that it is written without decimals."""
    return int(value) if float(value).is_integer() else float(value)


def build(run: Any, data: Incidents, words: Words) -> Report:
    """Return the report."""
    result, table = words.result, words.table
    report = Report(tr("Crime types: groups and weights"), tr("{name}, types of the field {field}").format(
        name=data.name, field=data.type_field))
    report.sentence(words.summary())
    for text in run.warnings:
        report.warning(text)
    facts = [
        (tr("Rows"), words.rows), (tr("In the table"), words.matched, formats.percent(words.matched / words.rows, 1)),
        (tr("Not in the table"), result.unmatched, tr("types: {kinds}").format(kinds=len(result.unmatched_types))),
        (tr("Without a type"), result.types.blank),
        (tr("Sensitive"), formats.percent(words.sensitive / words.rows, 1), tr("never as points in public")),
        (tr("Found by officers"), formats.percent(words.proactive / words.rows, 1)),
        (tr("Found by company staff"), formats.percent(words.company / words.rows, 1)),
    ]
    if table.has_harm:
        left_out = tr("{harm} more left out as found by officers or company staff").format(
            harm=formats.number(words.left_out))
        facts.append((tr("Harm"), _whole(words.harm), left_out if words.left_out else ""))
    report.facts(facts)
    if not table.has_harm:
        report.paragraph(tr("The table states no harm, so nothing is weighed."))
    _groups(report, words)
    _unmatched(report, words)
    _types(report, words)
    _rules(report, run)
    return report


def _groups(report: Report, words: Words) -> None:
    if not words.groups:
        return
    report.heading(tr("Groups"))
    shown = words.groups[:20]
    report.figure(charts.bar_chart([g.name for g in shown], [g.rows for g in shown], "", tr("Rows")), tr(
        "Rows by group"), tr("Bars of the number of rows of each group"), "groups")
    has = words.table.has_harm
    header = [tr("Group"), tr("Types"), tr("Rows"), tr("Share of rows"), tr("Sensitive rows"), tr("Found by officers"),
              tr("Found by company staff")]
    rows: list = [[g.name, g.types, g.rows, formats.percent(g.rows / words.rows, 1), g.sensitive, g.proactive,
                   g.company] for g in words.groups]
    if has:
        header += [tr("Harm"), tr("Share of harm")]
        rows = [[*row, _whole(g.harm), formats.percent(g.harm / words.harm if words.harm else np.nan, 1)]
                for row, g in zip(rows, words.groups)]
    report.table(header, rows, tr("Rows of each group"), "groups_table")


def _unmatched(report: Report, words: Words) -> None:
    kinds = words.result.unmatched_types
    if not len(kinds):
        return
    report.heading(tr("Types that are not in the table"))
    report.paragraph(tr("Complete the table with these lines. Codes that look alike are shown for you to judge; none of"
                        " them was used."))
    types = words.result.types
    report.table([tr("Type"), tr("Rows"), tr("Share of rows"), tr("Looks like")], [
        [types.names[k], int(types.counts[k]), formats.percent(types.counts[k] / words.rows, 1), ", ".join(near)]
        for k, near in zip(kinds, words.near)],
        tr("Types that got neither group nor weight."), name="unmatched")


def _types(report: Report, words: Words) -> None:
    result, table = words.result, words.table
    known = [int(k) for k in np.argsort(-result.types.counts, kind="stable") if result.entry[k] >= 0]
    if not known:
        return
    report.heading(tr("Types and what the table says of them"))
    truth = {1: tr("yes"), 0: tr("no")}
    found = {OFFICER: tr("officers"), COMPANY: tr("company staff")}
    rows = []
    for k in known:
        e = int(result.entry[k])
        rows.append([result.types.names[k], int(result.types.counts[k]), table.groups[e],
                     None if np.isnan(table.harm[e]) else _whole(table.harm[e]), truth[int(table.sensitive[e])],
                     found.get(int(table.detected[e]), tr("reported")), truth.get(int(table.public_place[e]), ""),
                     truth.get(int(table.is_crime[e]), "")])
    report.table([tr("Type"), tr("Rows"), tr("Group"), tr("Harm by the table"), tr("Sensitive"), tr("Found by"),
                  tr("Public place"), tr("Crime")], rows, tr("Empty: the table does not say."), "types")


def _rules(report: Report, run: Any) -> None:
    report.heading(tr("How it was done"))
    counted = run.flag("COUNT_PROACTIVE")
    report.bullets([
        tr("A type is the table's if both are the same after removing spaces around and ignoring capitals; nothing is"
           " guessed."),
        tr("Offences found by officers or company staff keep their harm (COUNT_PROACTIVE was set).") if counted else
        tr("Offences found by officers or company staff weigh nothing: they tell where somebody looked (Cambridge"
           " consensus, Sherman and others 2020)."),
        tr("Harm is a judgement of whoever made the table, not a measurement."),
    ])
