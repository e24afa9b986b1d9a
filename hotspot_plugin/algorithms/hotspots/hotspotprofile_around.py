"""What lies in and around hot spots: facilities, residents, what residents say, CPTED scores."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...analysis.errors import InputError
from ...layers.areas import Areas
from ...layers.lengths import sums_inside
from ...layers.nearest import nearest_feature
from ...layers.reading import Points
from ...layers.zones import spatial_index
from ...translation import tr
from ..patrol import patrolzones_people as people

_NAME = "name"


@dataclass
class Facilities:
    """Facilities and the incidents near them.

    Attributes
    ----------
    nearest : (n,) int64 array
        Nearest facility of each incident of the city within the distance, -1 for none.
    kind : (f,) int64 array
        Number of each facility's kind.
    near : list of (f,) int64 arrays
        Facilities in each hot spot or within the distance of it.
    """

    layer: Areas
    names: list
    nearest: np.ndarray
    kind: np.ndarray
    kinds: list
    near: list


@dataclass
class Around:
    """What was given beside incidents and polygons; None where it was not.

    Attributes
    ----------
    distance : float
        Metres that count as near.
    residents : (k,) array or None
    city_residents : float
    score : (k,) array or None
        Mean CPTED score, NaN without a feature.
    scored : (k,) array
        Features that it is the mean of.
    """

    distance: float
    facilities: Facilities | None = None
    residents: np.ndarray | None = None
    city_residents: float = float("nan")
    voices: people.Heard | None = None
    score: np.ndarray | None = None
    scored: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    score_range: tuple = (np.nan, np.nan)


def read(run: Any, areas: Areas, points: Points, boundary: Areas | None, progress: Any) -> Around:
    """Read the layers that were given."""
    tool = run.tool
    around = Around(run.number(tool.DISTANCE))
    progress(0.0)
    if run.has(tool.FACILITIES):
        around.facilities = _facilities(run, areas, points, around.distance)
    progress(0.6)
    if run.has(tool.POPULATION):
        around.residents, around.city_residents = _residents(run, areas, boundary)
    progress(0.8)
    if run.has(tool.COMMUNITY):
        around.voices = people.hear(run, people.read_reports(run), areas.geometries, run.stage(0.71, 0.73))
    progress(0.9)
    if run.has(tool.CPTED):
        around.score, around.scored, around.score_range = _scores(run, areas)
    progress(1.0)
    return around


def _facilities(run: Any, areas: Areas, points: Points, reach: float) -> Facilities:
    tool = run.tool
    names = run.source_fields(tool.FACILITIES)
    kind_field = run.field(tool.FACILITY_KIND, tool.FACILITIES)
    name_field = run.field(tool.FACILITY_NAME, tool.FACILITIES) or (_NAME if _NAME in names else "")
    layer = run.areas(tool.FACILITIES, texts=[kind_field, name_field])
    kinds = [str(text or "").strip() or tr("other") for text in layer.columns[kind_field]] if kind_field else (
        [layer.name] * len(layer))
    found = sorted(set(kinds))
    number = {name: i for i, name in enumerate(found)}
    nearest, _ = nearest_feature(layer, points.x, points.y, reach, run.stage(0.62, 0.68))
    index = spatial_index(layer.geometries, run.stage(0.68, 0.69))
    near = []
    for i, polygon in enumerate(areas.geometries):
        if i % 10 == 0:
            run.check()
        box = polygon.boundingBox()
        box.grow(reach)
        near.append(np.array(sorted(j for j in index.intersects(box)
                                    if polygon.distance(layer.geometries[j]) <= reach), dtype=np.int64))
    if not any(len(some) for some in near):
        run.warn(tr("None of the {count} facilities lies in a hot spot or near one. Check that both layers show the"
                    " same region.").format(count=len(layer)))
    called = [str(text or "").strip() for text in layer.columns[name_field]] if name_field else [""] * len(layer)
    return Facilities(layer, called, nearest, np.array([number[kind] for kind in kinds], dtype=np.int64), found, near)


def _residents(run: Any, areas: Areas, boundary: Areas | None) -> tuple:
    tool = run.tool
    name = run.field(tool.POPULATION_FIELD, tool.POPULATION)
    if not name:
        raise InputError(tool.POPULATION_FIELD, "Choose the field of the population layer that holds the number of"
                         " residents.")
    layer = run.areas(tool.POPULATION, numbers=[name])
    residents = np.nan_to_num(layer.columns[name])
    if residents.sum() <= 0:
        raise InputError(tool.POPULATION_FIELD, "'{field}' holds no residents. Choose the field with their number.",
                         field=name)
    inside = sums_inside(areas.geometries, layer, [residents], run.stage(0.69, 0.7))[:, 0]
    if boundary is None:
        return inside, float(residents.sum())
    return inside, float(sums_inside(boundary.geometries, layer, [residents], run.stage(0.7, 0.71)).sum())


def _scores(run: Any, areas: Areas) -> tuple:
    tool = run.tool
    name = run.field(tool.CPTED_FIELD, tool.CPTED)
    if not name:
        raise InputError(tool.CPTED_FIELD, "Choose the field of the CPTED layer that holds the score.")
    layer = run.areas(tool.CPTED, numbers=[name])
    value = layer.columns[name]
    known = np.isfinite(value)
    if not known.any():
        raise InputError(tool.CPTED_FIELD, "'{field}' holds no number. Choose the field with the score.", field=name)
    index = spatial_index(layer.geometries)
    mean, number = np.full(len(areas), np.nan), np.zeros(len(areas), dtype=np.int64)
    for i, polygon in enumerate(areas.geometries):
        run.check()
        inside = [j for j in index.intersects(polygon.boundingBox())
                  if known[j] and polygon.intersects(layer.geometries[j])]
        number[i] = len(inside)
        if inside:
            mean[i] = float(value[inside].mean())
    return mean, number, (float(value[known].min()), float(value[known].max()))
