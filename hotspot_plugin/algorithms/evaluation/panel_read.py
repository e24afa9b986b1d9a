"""Reads counts of areas through time: from incidents, or from fields in order of time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...analysis.errors import InputError
from ...analysis.evaluation import design, panel, presets, regression
from ...analysis.evaluation.panel import Panel
from ...analysis.evaluation.regression import Places
from ...layers import fields
from ...layers.areas import POLYGON, Areas
from ...reports import formats
from ...translation import tr
from . import design_plan, design_read
from .design_parameters import BOTH_ON_BEFORE, ON_BEFORE
from .design_read import Choice


@dataclass(frozen=True)
class Source:
    """A panel and where it comes from.

    Attributes
    ----------
    panel : Panel
    areas : Areas or None
        None where INPUT is a table.
    names : list of str
        Of the areas.
    unit : str
        Of time: "month", "28 days" ...; "" for fields.
    start : datetime64[D] or None
    choice : Choice
        How the areas were chosen.
    left_out : dict
        Incidents: "outside", "unlocated", "undated", "other time", "shared"; areas: "no role", "missing".
    values : dict of str to (n,) array
        Other fields of the areas that were asked for.
    places : Places or None
        All places of the size of the treated areas before, where these were chosen for their count.
    choice_both : bool
        Whether the comparison areas were chosen so too.
    """

    panel: Panel
    areas: Areas | None
    names: list
    unit: str
    start: np.datetime64 | None
    choice: Choice
    left_out: dict
    values: dict = field(default_factory=dict)
    places: Places | None = None
    choice_both: bool = False


def read(run: Any, displacement: str = "any", gaps: bool = False, numbers: tuple = ()) -> Source:
    """Read the panel that INCIDENTS or SERIES_FIELDS give.

    Parameters
    ----------
    run : Run
    displacement : str
        See ``design.check_roles``; "alone": there need not be comparison areas.
    gaps : bool
        Whether the tool can do with missing counts; else areas with one are left out and told.
    numbers : tuple of str
        Other fields with numbers that are read along.
    """
    tool = run.tool
    series = run.fields(tool.SERIES_FIELDS)
    if run.has(tool.INCIDENTS):
        if series:
            raise InputError(tool.SERIES_FIELDS, "Counts are given twice: by incidents and by fields of the areas."
                                                 " Leave SERIES_FIELDS or INCIDENTS empty.")
        return _from_incidents(run, displacement, numbers)
    if len(series) < 2:
        raise InputError(tool.SERIES_FIELDS, "Choose the fields with the counts of each unit of time, in order of time,"
                                             " or give incidents (INCIDENTS) and the date of the start (START).")
    return _from_fields(run, series, displacement, gaps, numbers)


def planned(run: Any, source: Source) -> str:
    """Say what was planned before and what was chosen after, by the file of the tool's parameter PLAN."""
    panel, before, after = source.panel, None, None
    plan = design_plan.read(run, run.tool.PLAN)
    if panel.starts is not None and source.start is not None:
        ends = panel.starts + panel.days.astype(int)
        day = np.timedelta64(1, "D")
        before = design.Period(panel.starts[panel.before][0], ends[panel.before][-1] - day)
        after = design.Period(source.start, ends[panel.later][-1] - day)
    areas = design_plan.fingerprint(source.areas, panel.roles) if source.areas is not None else ""
    roles = [int((panel.roles == k).sum()) for k in range(len(design.ROLES))]
    found = design_plan.deviations(plan, areas, roles, before, after) if plan is not None else []
    return design_plan.sentence(plan, found, after)


def _check_roles(codes: np.ndarray, parameter: str, displacement: str) -> None:
    alone = displacement == "alone"
    if not (alone and (codes == 0).any()):
        design.check_roles(codes, parameter, "any" if alone else displacement)


def _from_fields(run: Any, series: list, displacement: str, gaps: bool, numbers: tuple) -> Source:
    tool = run.tool
    if run.has(tool.START):
        raise InputError(tool.START, "A date of the start belongs to incidents. With fields say in FIRST_AFTER which"
                                     " field is the first after the start.")
    if not run.has(tool.FIRST_AFTER):
        raise InputError(tool.FIRST_AFTER, "Say which of the fields is the first after the start, counted from 1.")
    role = design_read.role_field(run, tool.INPUT)
    name_field = design_read.name_field(run, tool.INPUT, tool.NAME_FIELD)
    source, areas = design_read.areas_or_table(run, [*dict.fromkeys([*series, *numbers])],
                                               [t for t in (role, name_field) if t])
    codes = design.role_codes(source.columns[role], tool.ROLE_FIELD)
    counts = np.column_stack([design.whole_counts(np.asarray(source.columns[name], float), tool.SERIES_FIELDS)
                              for name in series])
    missing = (codes >= 0) & ~np.isfinite(counts).all(axis=1)
    left_out = {"no role": int((codes < 0).sum()), "missing": 0 if gaps else int(missing.sum())}
    if missing.any() and not gaps:
        run.warn(tr("{count} of {rows} areas lack a count (first: row {row}) and are left out: a missing count is not"
                    " 0.").format(
            count=int(missing.sum()), rows=int((codes >= 0).sum()),
            row=int(source.rows[int(np.flatnonzero(missing)[0])]) + 1))
        codes = np.where(missing, np.int8(-1), codes)
    _check_roles(codes, tool.ROLE_FIELD, displacement)
    after, used = panel.of_fields(counts, run.integer(tool.FIRST_AFTER), tool.FIRST_AFTER)
    choice = Choice(maybe=run.choice(tool.SELECTED_ON) >= ON_BEFORE) if hasattr(tool, "SELECTED_ON") else Choice()
    return Source(Panel(counts, codes, np.ones(len(series)), list(series), after, used), areas,
                  design_read.area_names(source, name_field), "", None, choice, left_out,
                  {name: np.asarray(source.columns[name], float) for name in numbers})


def _from_incidents(run: Any, displacement: str, numbers: tuple) -> Source:
    tool = run.tool
    if not run.has(tool.START):
        raise InputError(tool.START, "Say on which day it started: the first day that counts as after.")
    if run.has(tool.FIRST_AFTER):
        raise InputError(tool.FIRST_AFTER, "With incidents the start is a date (START). Leave this empty.")
    role = design_read.role_field(run, tool.INPUT)
    name_field = design_read.name_field(run, tool.INPUT, tool.NAME_FIELD)
    areas = run.areas(tool.INPUT, list(numbers), [t for t in (role, name_field) if t])
    if areas.kind != POLYGON:
        raise InputError(tool.INPUT, "Incidents are counted in polygons. Give areas, or counts in fields.")
    codes = design.role_codes(areas.columns[role], tool.ROLE_FIELD)
    _check_roles(codes, tool.ROLE_FIELD, displacement)
    date_field = run.field(tool.DATE_FIELD, of=tool.INCIDENTS, schema=fields.DT_FROM)
    if not date_field:
        raise InputError(tool.DATE_FIELD, "Choose the field with the date of the incidents; there is no 'dt_from'.")
    rows = design_read.read_rows(run, tool.INCIDENTS, "", date_field, "")
    start = run.date(tool.START)
    first, last = _span(run, rows, start)
    unit = run.choice(tool.UNIT)
    if rows.monthly and unit not in (panel.MONTH, panel.QUARTER):
        raise InputError(tool.UNIT, "The dates say no more than the month. Choose months or quarters.")
    units, mixed = panel.units(first, last, start, unit)
    used = ~mixed
    if run.has(tool.FULL_FROM):
        full = run.date(tool.FULL_FROM)
        if full < start:
            raise InputError(tool.FULL_FROM, "It is in full effect from {full}, before its start on {start}. Exchange"
                                             " the dates, or leave this empty.", full=str(full), start=str(start))
        used &= (units.edges[1:] <= start) | (units.edges[:-1] >= full)
    after = units.edges[1:] > start
    for name, there in ((tool.START, (~after & used).any()), (tool.FULL_FROM, (after & used).any())):
        if not there:
            raise InputError(name, "No whole unit of time ({unit}) is left on one side. Give data of more time, or a"
                                   " shorter unit (UNIT).", unit=units.name)
    index, shared = design_read.assign_by_role(areas, codes, rows.x, rows.y, run.stage(0.4, 0.6))
    when = units.of(rows.moments)
    counts = design.panel(index, when, len(areas), len(units)).astype(float)
    left_out = {
        "no role": int((codes < 0).sum()), "undated": int(np.isnat(rows.moments).sum()),
        "other time": int(((when < 0) & ~np.isnat(rows.moments)).sum()),
        "unlocated": int(((when >= 0) & ~rows.located).sum()),
        "outside": int(((when >= 0) & rows.located & (index < 0)).sum()), "shared": shared}
    if not (counts[codes >= 0]).any():
        raise InputError(tool.INPUT, "No incident between {first} and {last} lies in an area with a role. Check that"
                         " both layers cover the same place and that their coordinate systems are right.",
                         first=str(first), last=str(last))
    _tell(run, units, mixed, used)
    choice = _choice(run, units, start)
    places = None
    if choice.on_before:
        here = rows.located & (when >= 0) & (used & ~after)[when]
        side = float(np.sqrt(np.median(areas.areas_m2[codes == 0])))
        places = regression.all_places(rows.x[here], rows.y[here], side) if here.any() else None
    days = np.diff(units.edges).astype(float)
    return Source(Panel(counts, codes, days, [_label(day, units.name) for day in units.edges[:-1]], after, used,
                        units.edges[:-1]), areas, design_read.area_names(areas, name_field), units.name, start, choice,
                  left_out, {name: np.asarray(areas.columns[name], float) for name in numbers}, places,
                  choice.both or (hasattr(tool, "SELECTED_ON") and run.choice(tool.SELECTED_ON) == BOTH_ON_BEFORE))


def _span(run: Any, rows: Any, start: np.datetime64) -> tuple[np.datetime64, np.datetime64]:
    tool = run.tool
    if not len(rows.moments):
        raise InputError(tool.INCIDENTS, "'{layer}' has no incident. Check its filter and selection.",
                         layer=run.source(tool.INCIDENTS).sourceName())
    dated = rows.moments[~np.isnat(rows.moments)]
    if not len(dated):
        raise InputError(tool.DATE_FIELD, "No incident has a date that can be read. Choose the field with the date of"
                                          " the incidents.")
    first, last = run.date(tool.FROM), run.date(tool.UNTIL)
    if first is None:
        first = dated.min().astype("M8[D]")
    if last is None:
        last = presets.last_day(rows.moments, rows.precision, rows.monthly)
    if rows.monthly:
        last = max(last, (dated.max().astype("M8[M]") + 1).astype("M8[D]") - 1) if not run.has(tool.UNTIL) else last
    if not first < start <= last:
        raise InputError(tool.START, "The start {start} does not lie within the data used ({first} to {last}). Check"
                         " the date, FROM and UNTIL.", start=str(start), first=str(first), last=str(last))
    return first, last


def _label(day: np.datetime64, unit: str) -> str:
    if unit == "month":
        return formats.month(day)
    if unit == "quarter":
        month = int(day.astype("M8[M]").astype(int)) % 12
        return f"{str(day)[:4]} Q{month // 3 + 1}"
    return formats.date(day)


def _tell(run: Any, units: Any, mixed: np.ndarray, used: np.ndarray) -> None:
    run.info(tr("{count} units of time ({unit}), {first} to {last}.").format(
        count=len(units), unit=units.name, first=str(units.edges[0]), last=str(units.edges[-1] - 1)))
    if mixed.any():
        run.info(tr("The unit from {day} holds days before and after the start and is left out.").format(
            day=str(units.edges[:-1][mixed][0])))
    transition = int((~used & ~mixed).sum())
    if transition:
        run.info(tr("{count} units between the start and its full effect are left out.").format(count=transition))


def _choice(run: Any, units: Any, start: np.datetime64) -> Choice:
    tool = run.tool
    chosen = run.choice(tool.SELECTED_ON) if hasattr(tool, "SELECTED_ON") else 0
    if chosen:
        return Choice(on_before=ON_BEFORE <= chosen <= ON_BEFORE + 1)
    day = np.timedelta64(1, "D")
    return design_read.recorded_choice(run, tool.INPUT, design.Period(units.edges[0], start - day),
                                       design.Period(start, units.edges[-1] - day))
