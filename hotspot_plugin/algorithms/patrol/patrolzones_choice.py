"""Candidate zones and the choice among them, for 'Generate patrol zones'."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from qgis.core import QgsSpatialIndex

from ...analysis.errors import InputError
from ...analysis.patrol import patrolzones
from ...analysis.patrol.grouping import Candidates, grow, order_by_density
from ...layers.zones import ZoneShapes, add_to_index
from ...reports import formats
from ...translation import tr
from .patrolzones_input import KINDS, Given


@dataclass
class Options:
    """Candidate zones with their ground and cost."""

    candidates: Candidates
    shapes: list
    value: np.ndarray
    cost: np.ndarray
    kind: str
    area_of: np.ndarray
    of_input: np.ndarray


@dataclass
class Chosen:
    """The plan, and the settings that it was made with."""

    plan: patrolzones.Plan
    kind: str
    budget: float
    zones: int
    table: patrolzones.VisitsTable | None


def candidates(run: Any, given: Given, weight: np.ndarray | None = None, stage: Any = None) -> Options:
    """Make the candidate zones with their ground and cost.

    Parameters
    ----------
    weight : (n,) array, optional
        Incidents of each area; ``given.weight``, of which the user is told what takes no part.
    stage : callable, optional
        Returns the progress of a part of the work.
    """
    tool = run.tool
    quiet, weight, stage = weight is not None, given.weight if weight is None else weight, stage or run.stage
    largest, distance = run.number(tool.MAX_AREA) * 1e4, run.number(tool.MERGE_DISTANCE)
    shapes = ZoneShapes(given.areas.geometries, distance, given.boundary)
    ground = []
    for i, geometry in enumerate(given.areas.geometries):
        if i % 50 == 0:
            run.check()
        ground.append(shapes.clipped(geometry))
    area = np.array([g.area() for g in ground])
    some = np.nan_to_num(weight) > 0
    within_boundary = area > 0
    small = area <= largest * (1 + 1e-9)
    keep = np.flatnonzero(some & within_boundary & small)
    if not quiet:
        _tell_left_out(run, given, some, within_boundary, small, area, keep)
    ground, area, weight = [ground[i] for i in keep], area[keep], weight[keep]
    shapes = ZoneShapes(ground, distance, given.boundary)
    if distance > 0 and len(keep) > 1:
        near = shapes.near(stage(0.15, 0.25))
        found = grow(weight, area, shapes.boxes(), near, largest, shapes.measure, stage(0.25, 0.5))
    else:
        boxes = shapes.boxes()
        order = order_by_density(weight, area, 0.5 * (boxes[:, :2] + boxes[:, 2:]))
        found = Candidates([[i] for i in order.tolist()], order)
    polygons = _polygons(shapes, found, stage(0.5, 0.6))
    kind = KINDS[run.choice(tool.BUDGET_KIND)]
    value = np.array([float(weight[members].sum()) for members in found.members])
    hectares = np.array([p.area() / 1e4 for p in polygons])
    cost = _cost(run, given, kind, polygons, hectares, value, stage(0.6, 0.65), quiet)
    return Options(found, polygons, value, cost, kind, hectares, keep)


def _tell_left_out(run, given, some, within_boundary, small, area, keep) -> None:
    tool = run.tool
    empty, outside = int((~some).sum()), int((some & ~within_boundary).sum())
    large = some & within_boundary & ~small
    if empty:
        run.info(tr("{count} of {rows} areas hold no incident and take no part.").format(
            count=empty, rows=len(area)))
    if outside:
        run.warn(tr("{count} areas with incidents lie outside the boundary and take no part.").format(count=outside))
    if large.any() and len(keep):
        run.warn(tr("{count} areas are larger than the largest zone allowed ({largest}) and take no part; they hold"
                    " {incidents} incidents.").format(
            count=int(large.sum()), largest=run.units.area(run.number(tool.MAX_AREA) * 1e4),
            incidents=formats.number(round(float(given.weight[large].sum())))))
    if len(keep):
        return
    if large.any():
        raise InputError(tool.MAX_AREA, "All areas with incidents are larger than {largest:g} hectares (the smallest"
                         " has {area:.1f}), so none can be a zone. Allow larger zones, or take smaller areas such as"
                         " hot spots or grid cells.", largest=run.number(tool.MAX_AREA), area=area[large].min() / 1e4)
    if outside:
        raise InputError(tool.BOUNDARY, "No area with incidents lies within the boundary. Check that both layers cover"
                         " the same ground and have the right coordinate reference system.")
    raise InputError(tool.INPUT, "No area holds an incident{field}. Choose the field with the number of incidents, or"
                     " the layer of the hot spots.",
                     field=f" ({given.weight_name})" if given.weight_name else "")


def _polygons(shapes: ZoneShapes, found: Candidates, progress: Any) -> list:
    """Return the ground of each candidate; growths share none."""
    out, last = [], {}
    for i, label in enumerate(found.group.tolist()):
        last[label] = i
    taken_index, taken = QgsSpatialIndex(), []
    for i, (members, label) in enumerate(zip(found.members, found.group.tolist())):
        if i % 20 == 0:
            progress(i / len(found.members))
        box = shapes.box_of(members)
        before = [taken[j] for j in taken_index.intersects(box)] if len(members) > 1 else []
        polygon = shapes.clipped(shapes.shape(members, before))
        out.append(polygon)
        if last[label] == i and len(members) > 1:
            add_to_index(taken_index, len(taken), polygon)
            taken.append(polygon)
    progress(1.0)
    return out


def _cost(run, given, kind, polygons, hectares, value, progress, quiet) -> np.ndarray:
    visits = given.visits
    if kind == patrolzones.HECTARES:
        return hectares
    if kind == patrolzones.KILOMETRES and given.streets is not None:
        length = np.empty(len(polygons))
        for i, polygon in enumerate(polygons):
            if i % 20 == 0:
                progress(i / len(polygons))
            length[i] = given.streets.length(polygon) / 1000.0
        without = length <= 0
        if without.all():
            raise InputError(run.tool.STREETS, "No street lies in any area. Check that both layers cover the same"
                             " ground and have the right coordinate reference system.")
        if without.any() and not quiet:
            run.warn(tr("{count} candidate zones hold no street and take no part in a budget of street.").format(
                count=int(without.sum())))
            value[without] = 0.0
        return length
    hours = patrolzones.hours_of_zone(visits["visits"], visits["visit"], visits["travel"], visits["crew"])
    return np.full(len(polygons), hours)


# --- choose --------------------------------------------------------------------------------
def choose(run: Any, given: Given, options: Options) -> Chosen:
    """Choose the zones and say what more would add."""
    tool = run.tool
    budget = run.number(tool.BUDGET) if run.has(tool.BUDGET) else np.inf
    zones = run.integer(tool.ZONES)
    plan = patrolzones.plan(options.value, options.cost, options.candidates.group, budget, zones,
                            progress=run.stage(0.65, 0.8))
    if not len(plan.chosen):
        _refuse(run, given, options, budget)
    table = None
    if options.kind == patrolzones.HOURS:
        visits = given.visits
        per_visit = patrolzones.hours_of_zone(1, visits["visit"], visits["travel"], visits["crew"])
        table = patrolzones.drop_visits(options.value, options.candidates.group,
                                        budget if np.isfinite(budget) else plan.cost, zones_limit(run, budget),
                                        visits["visits"], per_visit)
    return Chosen(plan, options.kind, budget, zones, table)


def with_made(run: Any, given: Given, chosen: Chosen) -> list:
    """Return the areas of each zone, in rank, that would be chosen with the records that officers made."""
    if given.with_made is None:
        return []

    def stage(start: float, end: float) -> Any:
        return run.stage(0.8 + 0.02 * start, 0.8 + 0.02 * end)

    options = candidates(run, given, given.with_made, stage)
    plan = patrolzones.plan(options.value, options.cost, options.candidates.group, chosen.budget, chosen.zones,
                            progress=stage(0.65, 1.0))
    return [options.of_input[options.candidates.members[i]] for i in plan.chosen.tolist()]


def zones_limit(run: Any, budget: float) -> int:
    """Return how many zones the comparison of visits may show: where hours are short, more than planned."""
    return max(run.integer(run.tool.ZONES), 1) * (1 if np.isfinite(budget) else 4)


def _refuse(run: Any, given: Given, options: Options, budget: float) -> None:
    least = float(options.cost[options.value > 0].min())
    values = {"budget": formats.number(budget), "least": formats.number(least)}
    if options.kind == patrolzones.HOURS:
        raise InputError(
            run.tool.BUDGET, "{budget} officer-hours a day do not pay for one zone, which takes {least} ({visits}"
            " visits of {minutes} minutes and the travel). Plan fewer visits a day - drop visits, not minutes - or"
            " more hours.",
            visits=given.visits["visits"], minutes=formats.number(given.visits["visit"]), **values)
    unit = tr("hectares") if options.kind == patrolzones.HECTARES else tr("kilometres of street")
    raise InputError(run.tool.BUDGET, "{budget} {unit} do not pay for one zone; the smallest takes {least}. Allow a"
                     " larger budget, or take smaller areas.", unit=unit, **values)
