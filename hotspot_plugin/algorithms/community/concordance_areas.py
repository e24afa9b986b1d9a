"""The areas of 'Compare crime with community concern': given or made, what rates are per, and their CPTED score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from qgis.core import QgsFields, QgsGeometry

from ...analysis import people
from ...analysis.account import Account
from ...analysis.community import concordance as analysis
from ...analysis.errors import InputError
from ...analysis.grids import SQUARE, Grid
from ...analysis.hotspots import studyarea
from ...layers import fields, writing
from ...layers.areas import LINE, POINT, POLYGON, Areas
from ...layers.cells import cells_within, dissolve
from ...layers.lengths import LinesInside, sums_inside
from ...layers.zones import spatial_index
from ...reports import formats
from ...translation import tr

AUTOMATIC, RESIDENT, STREET, GROUND = range(4)
#: Metres; the sides of cells that are tried.
SIZES = (250.0, 500.0, 1000.0, 2000.0)
#: Parts of cells smaller than this share of a cell are no cells of their own.
LEAST_PART = 0.02


@dataclass(frozen=True)
class Ground:
    """Areas, their names and what is known of each before anything is counted.

    Attributes
    ----------
    size : float
        Side of cells in metres that were made, 0 for areas given.
    exposure : (n,) array
        NaN where rates are not told.
    few : (n,) bool array
        Too few residents for a rate.
    per : str
        What rates are per, in words.
    """

    areas: Areas
    names: list
    size: float
    exposure: np.ndarray
    few: np.ndarray
    per: str


def are_given(run: Any) -> bool:
    """Whether there are areas; those of the agency give way to cells where a size or a study area is given."""
    tool = run.tool
    wanted = run.number(tool.CELL_SIZE) > 0 or run.has(tool.BOUNDARY)
    if not run.has(tool.AREAS) or not wanted:
        return run.has(tool.AREAS)
    if tool.AREAS not in tool.agency.values:
        raise InputError(tool.AREAS, "Areas are given, and cells too (CELL_SIZE, BOUNDARY). Leave one of them empty.")
    run.info(tr("Cells are made, as CELL_SIZE or BOUNDARY asks; the areas of the agency settings are not used."))
    return False


def given(run: Any, counts: list) -> tuple[Areas, list]:
    """Read the areas and their names."""
    tool = run.tool
    there = run.source_fields(tool.AREAS)
    label = run.field(tool.NAME_FIELD, tool.AREAS) or next((n for n in there if n.lower() == "name"), "")
    residents = run.field(tool.RESIDENTS_FIELD, tool.AREAS)
    numbers = list(dict.fromkeys(n for n in [*counts, residents] if n))
    areas = run.areas(tool.AREAS, numbers=numbers, texts=[label] if label and label not in numbers else [])
    rows = [str(row + 1) for row in areas.rows.tolist()]
    texts = areas.columns.get(label, [None] * len(rows))
    return areas, [str(text).strip() if text not in (None, "") else row for text, row in zip(texts, rows)]


def made(run: Any, first: tuple, second: tuple, least: int) -> tuple[Areas, list, float, np.ndarray]:
    """Make square cells.

    Parameters
    ----------
    first, second : (x, y)
        Metres, what is counted.

    Returns
    -------
    areas, names, side in metres, and (n,) array with the part of each cell that lies in the study area
    """
    tool = run.tool
    x, y = np.concatenate([first[0], second[0]]), np.concatenate([first[1], second[1]])
    boundary = dissolve(run.areas(tool.BOUNDARY)) if run.has(tool.BOUNDARY) else None
    kept = studyarea.not_outlying(x, y)
    hull = None if boundary is not None else studyarea.hull(x[kept], y[kept], SIZES[0])
    whole = hull.size if boundary is None else boundary.area()
    side = run.number(tool.CELL_SIZE) or _side(run, whole, min(len(first[0]), len(second[0])), least)
    studyarea.refuse_huge_grid(whole, side**2)
    grid = Grid(SQUARE, side, run.crs_id)
    if boundary is None:
        col, row, share = hull.cells(grid, run.stage(0.3, 0.4))
        shapes = list(writing.polygons_from_array(grid.polygons(col, row)))
    else:
        box = boundary.boundingBox()
        col, row = grid.cover((box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()))
        share, cut = cells_within(grid, boundary, col, row, run.stage(0.3, 0.4))
        shapes = list(writing.polygons_from_array(grid.polygons(col, row)))
        shapes = [cut.get(i, shape) for i, shape in enumerate(shapes)]
    keep = np.flatnonzero(share >= LEAST_PART)
    col, row = col[keep], row[keep]
    account = Account(tr("cells of {side}").format(side=run.units.distance(side)), len(keep))
    areas = Areas([QgsGeometry(shapes[i]) for i in keep.tolist()], QgsFields(), [[] for _ in keep],
                  {fields.CELL_ID: grid.ids(col, row)}, {}, np.arange(len(keep)), account, run.crs, POLYGON,
                  account.name)
    names = [tr("Cell {column}/{row}").format(column=c, row=r) for c, r in zip(
        (col - col.min() + 1).tolist(), (row.max() - row + 1).tolist())]
    return areas, names, side, share[keep] * grid.area


def _side(run: Any, whole: float, rarer: int, least: int) -> float:
    # the least that tells something is hardly ever enough to tell high from not
    side = next((s for s in SIZES if rarer * s**2 / whole >= 2 * least), SIZES[-1])
    expected = rarer * side**2 / whole
    run.info(tr("Cells of {side}: {expected} of the rarer layer are to be expected in one.").format(
        side=run.units.distance(side), expected=formats.number(expected, 1)))
    if expected < 2 * least:
        run.warn(tr("Even cells of {side} have fewer than {least} of the rarer layer to expect: of most there is too"
                    " little to say. Use larger areas, or a longer period.").format(
                        side=run.units.distance(side), least=2 * least))
    return side


def exposure(run: Any, areas: Areas, names: list, side: float, ground: np.ndarray | None) -> Ground:
    """Find what rates are per."""
    tool, kind = run.tool, run.choice(run.tool.DENOMINATOR)
    field = run.field(tool.RESIDENTS_FIELD, tool.AREAS) if not side else ""
    population = run.has(tool.POPULATION)
    if kind == AUTOMATIC:
        kind = RESIDENT if field or population else STREET if run.has(tool.STREETS) else GROUND
    none = np.zeros(len(areas), bool)
    if kind == GROUND:
        values, per = (areas.areas_m2 if ground is None else ground) / 1e6, tr("per square kilometre")
        return Ground(areas, names, side, values, none, per)
    if kind == STREET:
        if not run.has(tool.STREETS):
            raise InputError(tool.STREETS, "Rates per kilometre of street need the streets. Give them, or choose"
                             " another DENOMINATOR.")
        streets = LinesInside(run.areas(tool.STREETS), run.stage(0.4, 0.42))
        metres = np.empty(len(areas))
        for i, shape in enumerate(areas.geometries):
            run.progress(0.42 + 0.06 * i / len(areas))
            metres[i] = streets.length(shape)
        if not (metres > 0).any():
            raise InputError(tool.STREETS, "No street lies in an area. Check that both layers show the same ground.")
        return Ground(areas, names, side, np.where(metres > 0, metres / 1000.0, np.nan), none,
                      tr("per kilometre of street"))
    residents = _residents(run, areas, field, population)
    least = max(run.number(tool.MIN_POPULATION), 1e-9)
    few = np.nan_to_num(residents) < least
    if few.all():
        raise InputError(tool.MIN_POPULATION, "No area has {least} residents or more. Check the field, or lower the"
                         " limit.", least=formats.number(least))
    if few.any():
        run.info(tr("{count} of {all} areas have fewer than {least} residents: too little to say.").format(
            count=formats.number(int(few.sum())), all=formats.number(len(areas)), least=formats.number(least)))
    return Ground(areas, names, side, np.where(few, np.nan, residents), few, tr("per resident"))


def _residents(run: Any, areas: Areas, field: str, population: bool) -> np.ndarray:
    tool = run.tool
    if field:
        values = areas.columns[field]
        people.refuse_others(values, tool.RESIDENTS_FIELD, field)
        return values
    if not population:
        raise InputError(tool.RESIDENTS_FIELD, "Rates per resident need the number of residents: a field of the areas,"
                         " or a POPULATION layer.")
    name = run.field(tool.POPULATION_FIELD, tool.POPULATION)
    if not name:
        raise InputError(tool.POPULATION_FIELD, "Choose the field of the population layer that holds the number of"
                         " residents.")
    layer = run.areas(tool.POPULATION, numbers=[name])
    return sums_inside(areas.geometries, layer, [layer.columns[name]], run.stage(0.4, 0.48))[:, 0]


def scores(run: Any, areas: Areas) -> analysis.Environment | None:
    """Return the CPTED score of each area: the mean of its places by length, ground or number."""
    tool = run.tool
    if not run.has(tool.ENVIRONMENT):
        return None
    name = run.field(tool.SCORE_FIELD, tool.ENVIRONMENT) or (
        fields.SCORE if fields.SCORE in run.source_fields(tool.ENVIRONMENT) else "")
    if not name:
        raise InputError(tool.SCORE_FIELD, "Choose the field with the CPTED score; the layer has no 'score'.")
    layer = run.areas(tool.ENVIRONMENT, numbers=[name])
    value = layer.columns[name]
    if not np.isfinite(value).any() or np.nanmin(value) < 0 or np.nanmax(value) > 100:
        raise InputError(tool.SCORE_FIELD, "'{field}' holds no scores from 0 to 100. Choose the field with the CPTED"
                         " score.", field=name)
    index = spatial_index(layer.geometries)
    score, measured = np.full(len(areas), np.nan), np.zeros(len(areas))
    for i, shape in enumerate(areas.geometries):
        run.progress(0.5 + 0.1 * i / len(areas))
        near = np.array(index.intersects(shape.boundingBox()), np.int64)
        engine = QgsGeometry.createGeometryEngine(shape.constGet())
        engine.prepareGeometry()
        size = np.array([_inside(engine, shape, layer.geometries[j], layer.kind) for j in near])
        known = np.isfinite(value[near]) if len(near) else np.zeros(0, bool)
        if size[known].sum() > 0:
            score[i] = float(size[known] @ value[near][known] / size[known].sum())
            measured[i] = float(size[known].sum() / size.sum())
    found = analysis.environment(
        score, measured, run.number(tool.MEASURED) / 100.0, run.number(tool.LOWEST) / 100.0)
    if not np.isfinite(found.limit):
        run.warn(tr("Fewer than four areas have a CPTED score of which enough was measured, or all have the same: the"
                    " environment is not compared."))
    return found


def _inside(engine: Any, shape: QgsGeometry, geometry: QgsGeometry, kind: Any) -> float:
    """How much of a place lies in an area: square metres, metres, or 1."""
    if not engine.intersects(geometry.constGet()):
        return 0.0
    if kind == POINT:
        return 1.0
    part = geometry if engine.contains(geometry.constGet()) else geometry.intersection(shape)
    return part.length() if kind == LINE else part.area()
