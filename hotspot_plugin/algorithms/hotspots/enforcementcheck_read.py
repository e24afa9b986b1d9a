"""What 'Officer-initiated activity check' reads: the incidents, and which of them officers began."""

from __future__ import annotations

from typing import Any

from ...analysis import proactive as marking
from ...analysis.errors import InputError
from ...layers import fields
from ...reports import formats
from ...translation import tr
from . import findhotspots_input
from .findhotspots_input import FEWEST

#: values of a field that a message lists
_LISTED = 12
#: share of incidents of which nothing is known that is worth a warning
_MANY_UNKNOWN = 0.05


def read(run: Any) -> tuple:
    """Return the incidents that are used, and their Marks."""
    tool = run.tool
    flag, source, values = _fields(run)
    incidents = findhotspots_input.read(run, tool, [flag, source])
    run.check()
    made = None
    if flag:
        made, strange = marking.from_truths(incidents.texts[flag], flag)
        _check_flags(run, made, strange, flag)
    if source:
        by_source, absent, found = marking.from_sources(incidents.texts[source], values, source)
        _check_sources(run, by_source, absent, found, values)
        made = by_source if made is None else marking.Marks(
            made.made | by_source.made, made.unknown & ~by_source.made, tr("{flag}, {source}").format(
                flag=flag, source=source))  # fmt: skip
    _refuse(made, run)
    if len(made) - made.known > _MANY_UNKNOWN * len(made):
        run.warn(tr("Of {count} incidents ({share}) it is not known whether officers found them: they count as reported"
                    " by others. If officers found them all, their share would be {most}.").format(
                        most=formats.percent(made.most, 1), count=formats.number(len(made) - made.known),
                        share=formats.percent(1.0 - made.known / len(made), 1)))  # fmt: skip
    return incidents, made


def _fields(run: Any) -> tuple:
    """The field of yes and no, the field of sources, and the sources that mean officers."""
    tool = run.tool
    values = [value.strip() for value in run.text(tool.PROACTIVE_VALUES).split(";") if value.strip()]
    source = run.field(tool.SOURCE_FIELD, schema=fields.SOURCE if values else None)
    if values and not source:
        raise InputError(tool.SOURCE_FIELD, "PROACTIVE_VALUES is given, but no field to look for these values in."
                         " Choose the field that says how incidents became known, or empty PROACTIVE_VALUES.")
    flag = run.field(tool.PROACTIVE_FIELD, schema=None if source else fields.PROACTIVE)
    if not flag and not source:
        raise InputError(
            tool.PROACTIVE_FIELD, "No field says which incidents officers found themselves. Run 'Group and weigh crime"
            " types' first, which adds the field 'proactive', choose a field of yes and no, or give SOURCE_FIELD and"
            " PROACTIVE_VALUES. The fields are: {fields}.", fields=", ".join(run.source_fields(tool.INPUT)) or "-")
    return flag, source, values


def _check_flags(run: Any, made: Any, strange: list, flag: str) -> None:
    if not made.known:
        if strange:
            raise InputError(
                run.tool.PROACTIVE_FIELD, "'{field}' holds neither yes nor no (but {values}). Choose a field of yes and"
                " no (true, false, 1, 0 will do), or give this one as SOURCE_FIELD with PROACTIVE_VALUES.",
                field=flag, values=_listed(strange))
        raise InputError(
            run.tool.PROACTIVE_FIELD, "'{field}' is empty for all incidents that are used, so nothing is known of who"
            " found them. Choose another field, or complete the table of types.", field=flag)
    if strange:
        run.warn(tr("Values of '{field}' that are neither yes nor no count as not known: {values}.").format(
            field=flag, values=_listed(strange)))


def _check_sources(run: Any, made: Any, absent: list, found: dict, values: list) -> None:
    counted = _listed([tr("{name} ({count})").format(name=name, count=formats.number(count))
                       for name, count in list(found.items())[: _LISTED + 1]])  # fmt: skip
    if not values:
        raise InputError(
            run.tool.PROACTIVE_VALUES, "State which values of '{field}' mean that officers began the record"
            " themselves, separated by semicolons. Its values are: {values}.", field=made.field, values=counted)
    if not made.n:
        raise InputError(
            run.tool.PROACTIVE_VALUES, "No incident that is used has {absent} in '{field}'. Its values are: {values}.",
            absent=", ".join(f"'{value}'" for value in values), field=made.field, values=counted)
    if absent:
        run.warn(tr("No row has {absent} in '{field}'; its values are: {values}.").format(
            absent=", ".join(f"'{value}'" for value in absent), field=made.field, values=counted))


def _listed(values: list) -> str:
    return ", ".join(values[:_LISTED]) + (" …" if len(values) > _LISTED else "") if values else tr("none")


def _refuse(made: Any, run: Any) -> None:
    """Refuse what leaves no hot spot to compare with."""
    left = len(made) - made.n
    if left >= FEWEST:
        return
    raise InputError(
        run.tool.PROACTIVE_FIELD if run.has(run.tool.PROACTIVE_FIELD) or not run.has(run.tool.SOURCE_FIELD)
        else run.tool.SOURCE_FIELD,
        "Officers found {n} of the {total} incidents themselves, so only {left} are left to compare with, and hot spots"
        " need at least {least}. These records say where officers looked, not where crime is: take data that hold"
        " reports of the public too.",
        n=made.n, total=len(made), left=left, least=FEWEST)
