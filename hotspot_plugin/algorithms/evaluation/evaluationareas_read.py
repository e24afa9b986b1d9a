"""Reads the treated areas, those that they could be compared with, and what was recorded before the start."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from qgis.core import QgsGeometry, QgsRectangle

from ...analysis.errors import InputError
from ...analysis.evaluation import design
from ...analysis.evaluation import evaluationareas as analysis
from ...analysis.evaluation.compareperiods import Period
from ...layers import fields, provenance, sources
from ...layers.areas import Areas
from ...reports import formats
from ...translation import tr
from . import design_read

#: In the order of the parameter SELECTED_ON.
AS_RECORDED, NOT_BY_COUNT, BY_COUNT = range(3)
#: Who proposed the candidates.
LAYER, CELLS, GIVEN = "layer", "cells", "given"
#: Share of common ground from which another treatment is the treated area itself.
_SAME_GROUND = 0.9
#: Units of time that a trend needs.
_LEAST_UNITS = 4
_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Rule:
    """How the treated areas were chosen.

    Attributes
    ----------
    by : {"count", "not by incidents", "not known"}
    days : Period or None
        Days of the incidents that they were chosen for.
    tool : str
        The tool that found them, as their record says, "" without.
    """

    by: str
    days: Period | None = None
    tool: str = ""


@dataclass(frozen=True)
class Group:
    """Areas with what is known of them before the start.

    Attributes
    ----------
    geometries : list of QgsGeometry
    names : list of str
    past : Past
    choice : (n,) array
        Incidents on the days of choice; of zeros where there are none.
    extra : (n, f) array
        Other numbers to match on; NaN where missing.
    """

    geometries: list
    names: list
    past: analysis.Past
    choice: np.ndarray
    extra: np.ndarray

    def __len__(self) -> int:
        return len(self.geometries)


@dataclass(frozen=True)
class Data:
    """What the areas are chosen from.

    Attributes
    ----------
    treated, candidates : Group
    origin : str
        LAYER, CELLS or GIVEN.
    others : list of QgsGeometry
        Other treatments, widened.
    touched : (t,) array of bool
        Treated areas that share ground with another treatment.
    start : datetime64[D]
    period : Period
        The time before.
    units : TimeUnits
    rule : Rule
    same_record : bool
        The candidates were found by the same tool for the same days.
    matched_on : list of str
        Other numbers.
    rows : Rows
        Incidents of the time before and of the days of choice; nothing later is kept.
    left_out : dict
    cell : float
        Side of the cells, where these are the candidates.
    """

    treated: Group
    candidates: Group
    origin: str
    others: list
    touched: np.ndarray
    start: np.datetime64
    period: Period
    units: Any
    rule: Rule
    same_record: bool
    matched_on: list
    rows: Any
    left_out: dict = field(default_factory=dict)
    cell: float = float("nan")


def read(run: Any) -> Data:
    """Read all layers; incidents from the start on are let go at once."""
    tool, left_out = run.tool, {}
    extra = run.fields(tool.MATCH_FIELDS)
    name_field = design_read.name_field(run, tool.INPUT, tool.NAME_FIELD)
    name_field = "" if name_field in extra else name_field
    areas = run.areas(tool.INPUT, extra, [name_field] if name_field else [])
    start = run.date(tool.START)
    date_field = run.field(tool.DATE_FIELD, of=tool.INCIDENTS, schema=fields.DT_FROM)
    if not date_field:
        raise InputError(tool.DATE_FIELD, "Choose the field with the date of the incidents; there is no 'dt_from'.")
    rows = design_read.read_rows(run, tool.INCIDENTS, "", date_field, "")
    rule = _rule(run, start)
    rows, period, units = _before(run, rows, start, rule, left_out)
    if rule.by == "count" and rule.days is None:
        rule = Rule(rule.by, period, rule.tool)
    candidates, names, origin, cell, extras, same_record = _candidates(run, areas, rows, period, extra, rule)
    values = np.column_stack([areas.columns[name] for name in extra]) if extra else np.zeros((len(areas), 0))
    if np.isnan(values).any():
        row = int(np.flatnonzero(np.isnan(values).any(axis=1))[0])
        raise InputError(tool.MATCH_FIELDS, "The treated area in row {row} has no number in a field to match on. Fill"
                                            " it in, or choose other fields.", row=int(areas.rows[row]) + 1)
    treated = _group(areas.geometries, design_read.area_names(areas, name_field), rows, period, units, rule, values)
    if not treated.past.total.any():
        raise InputError(tool.INCIDENTS, "No incident from {start} to {end} lies in a treated area. Check that both"
                         " layers cover the same place and the dates.", start=str(period.start), end=str(period.end))
    others, touched = _others(run, areas, left_out)
    return Data(treated, _group(candidates, names, rows, period, units, rule, extras), origin, others, touched, start,
                period, units, rule, same_record, extra, rows, left_out, cell)


# --- time -----------------------------------------------------------------------------------
def _rule(run: Any, start: np.datetime64) -> Rule:
    """Return how the treated areas were chosen; refuse days from the start on."""
    tool = run.tool
    chosen, days = run.choice(tool.SELECTED_ON), (run.date(tool.SELECTED_FROM), run.date(tool.SELECTED_TO))
    if chosen != BY_COUNT and any(day is not None for day in days):
        raise InputError(tool.SELECTED_ON, "Days of choice are given, but SELECTED_ON does not say that the areas were"
                                           " chosen for their many incidents. Choose that, or leave the days empty.")
    if chosen == NOT_BY_COUNT:
        return Rule("not by incidents")
    if chosen == BY_COUNT:
        if (days[0] is None) != (days[1] is None):
            name = tool.SELECTED_FROM if days[0] is None else tool.SELECTED_TO
            raise InputError(name, "Give both days of choice, or neither: then it is all the time before.")
        if days[0] is None:
            return Rule("count")
        if days[1] < days[0]:
            raise InputError(tool.SELECTED_TO, "The days of choice end ({end}) before they start ({start}).",
                             start=str(days[0]), end=str(days[1]))
        rule = Rule("count", Period(*days))
    else:
        record = _record(run, tool.INPUT)
        if not provenance.chosen_by_count(record) or not record:
            return Rule("not known")
        found = provenance.days_of_choice(record)
        rule = Rule("count", Period(*found) if found else None, str(record.get("tool")))
        if found is None:
            run.info(tr("The treated areas were chosen for their many incidents, but their record does not say when:"
                        " all the time before is taken."))
            return rule
        run.info(tr("The treated areas were chosen for their many incidents from {start} to {end}, as their own record"
                    " says.").format(start=rule.days.start, end=rule.days.end))
    if rule.days.end >= start:
        raise InputError(
            tool.SELECTED_ON, "The treated areas were chosen for their incidents up to {end}, which is after the start"
            " ({start}): a choice by the result cannot be evaluated. Find them with data before the start; if they"
            " were decided on otherwise, say so here.", end=str(rule.days.end), start=str(start))
    return rule


def _record(run: Any, name: str) -> dict:
    layer = sources.layer_of(run.tool, run.parameters, name, run.context)
    return provenance.read(layer) if layer is not None else {}


def _before(run: Any, rows: Any, start: np.datetime64, rule: Rule, left_out: dict) -> tuple:
    """Return what was recorded before the start, the time before and its units."""
    tool = run.tool
    dated = rows.moments[~np.isnat(rows.moments)]
    if not len(dated):
        raise InputError(tool.DATE_FIELD, "No row of '{layer}' has a date that can be read. Choose the field with the"
                                          " date of the incidents.", layer=run.source(tool.INCIDENTS).sourceName())
    first, last = run.date(tool.BEFORE_START), run.date(tool.BEFORE_END)
    first = dated.min().astype("M8[D]") if first is None else first
    last = start - _DAY if last is None else last
    if last >= start:
        raise InputError(tool.BEFORE_END, "The time before ends on {last}, but it started on {start}: areas are chosen"
                         " by what was known before the start alone. Choose an earlier day, or leave it empty.",
                         last=str(last), start=str(start))
    if first > last:
        raise InputError(tool.BEFORE_START, "There is no time before: it would run from {first} to {last}. Give"
                         " incidents from before the start ({start}), or correct the dates.", first=str(first),
                         last=str(last), start=str(start))
    period = Period(first, last)
    units = design.time_units(first, last, rows.monthly, _LEAST_UNITS)
    if units is None:
        raise InputError(tool.BEFORE_START, "{days} days before the start are too few for a level and a trend. Give at"
                         " least four weeks, better a year or more.", days=period.days)
    seen = period.holds(rows.moments)
    known = seen | rule.days.holds(rows.moments) if rule.days else seen
    left_out.update({
        "undated": int(np.isnat(rows.moments).sum()), "later": int((rows.moments >= start).sum()),
        "earlier": int((~known & (rows.moments < start)).sum()), "unlocated": int((seen & ~rows.located).sum())})
    rows = rows.take(known)
    if not period.holds(rows.moments).any():
        raise InputError(tool.BEFORE_START, "No incident lies between {first} and {last}; the dates run from {start} to"
                         " {end}. Give incidents of the time before.", first=str(first), last=str(last),
                         start=str(dated.min())[:10], end=str(dated.max())[:10])
    run.info(tr("Areas are chosen by the incidents from {first} to {last}; {later} incidents from the start on were not"
                " looked at.").format(first=first, last=last, later=formats.number(left_out["later"])))
    return rows, period, units


# --- areas ----------------------------------------------------------------------------------
def _candidates(run: Any, areas: Areas, rows: Any, period: Period, extra: list, rule: Rule) -> tuple:
    """Return the candidates' geometries and names, where they come from, the side of cells, numbers, same record."""
    tool = run.tool
    if run.has(tool.CANDIDATES):
        there = run.source_fields(tool.CANDIDATES)
        for name in extra:
            if name not in there:
                raise InputError(tool.MATCH_FIELDS, "The areas to compare with have no field '{field}'. Give it to both"
                                                    " layers, or do not match on it.", field=name)
        named = (*run.fields(tool.NAME_FIELD), *design_read.NAMES)
        names = next((name for name in named if name in there and name not in extra), "")
        found = run.areas(tool.CANDIDATES, extra, [names] if names else [])
        values = np.column_stack([found.columns[name] for name in extra]) if extra else np.zeros((len(found), 0))
        record = _record(run, tool.CANDIDATES)
        days = provenance.days_of_choice(record)
        same = bool(rule.by == "count" and rule.tool and record.get("tool") == rule.tool and days and rule.days
                    and Period(*days) == rule.days)
        origin = GIVEN if run.flag(tool.AS_GIVEN) else LAYER
        return found.geometries, design_read.area_names(found, names), origin, float("nan"), values, same
    if run.flag(tool.AS_GIVEN):
        raise InputError(tool.CANDIDATES, "Comparison areas are to be taken as given, but none are given.")
    if extra:
        raise InputError(tool.MATCH_FIELDS, "Cells have no fields to match on. Give a layer of areas to compare with.")
    side = float(np.sqrt(np.median(areas.areas_m2)))
    seen = period.holds(rows.moments) & rows.located
    x, y = rows.x[seen], rows.y[seen]
    corner = np.array([x.min(), y.min()])
    cells = np.unique(np.floor((np.column_stack([x, y]) - corner) / side).astype(np.int64), axis=0)
    low = corner + cells * side
    shapes = [QgsGeometry.fromRect(QgsRectangle(a, b, a + side, b + side)) for a, b in low]
    run.info(tr("No areas to compare with were given: {count} cells of {side} that have an incident before are taken,"
                " as large as the middle one of the treated areas.").format(
        count=formats.number(len(shapes)), side=run.units.distance(side)))
    names = [tr("Cell {column}-{row}").format(column=int(a) + 1, row=int(b) + 1) for a, b in cells]
    return shapes, names, CELLS, side, np.zeros((len(shapes), 0)), False


def _group(
    geometries: list, names: list, rows: Any, period: Period, units: Any, rule: Rule, extra: np.ndarray
) -> Group:
    from ...analysis.overlay import PolygonIndex
    from ...layers import rings

    vertices, owner, start = rings.from_wkb([bytes(g.asWkb()) for g in geometries])
    index = PolygonIndex(vertices, owner, start, len(geometries))
    position, area = index.pairs(rows.x, rows.y)
    moments = rows.moments[position]
    counted = analysis.past(area, moments, len(geometries), period, units)
    choice = np.zeros(len(geometries))
    if rule.days is not None:
        choice = np.bincount(area[rule.days.holds(moments)], minlength=len(geometries)).astype(float)
    return Group(geometries, names, counted, choice, extra)


def _others(run: Any, areas: Areas, left_out: dict) -> tuple[list, np.ndarray]:
    """Return the ground of other treatments, widened, and which treated areas share ground with one."""
    tool, touched = run.tool, np.zeros(len(areas), bool)
    if not run.has(tool.OTHER):
        return [], touched
    found = run.areas(tool.OTHER)
    width = run.number(tool.OTHER_BUFFER)
    width = run.number(tool.RING_DISTANCE) if width is None else width
    out, same = [], 0
    for geometry in found.geometries:
        shared = np.array([g.intersection(geometry).area() if g.intersects(geometry) else 0.0
                           for g in areas.geometries])
        largest = np.maximum(areas.areas_m2, geometry.area())
        if (shared >= _SAME_GROUND * largest).any():
            same += 1
            continue
        touched |= shared > 1.0
        out.append(geometry.buffer(width, 8) if width > 0 else geometry)
    left_out["same treatment"] = same
    if same:
        run.info(tr("{count} other treatments are the treated areas themselves and are not heeded.").format(count=same))
    return out, touched
