"""The areas of a public release: polygons of the user, or squares with enough homes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry

from ...analysis.errors import InputError
from ...analysis.grids import SQUARE, Grid
from ...analysis.privacy import publicrelease as analysis
from ...layers import crs as crs_module
from ...layers import overlay, writing
from ...translation import tr

#: Fields that name an area where the user does not choose one.
_NAMES = ("name", "cell_id", "zone_id")
#: Square metres under which an area may be a single home, where nobody says how many live in it.
SMALLEST = 100_000.0
#: How often the side of a square is doubled.
_LEVELS = 5
#: More areas than this make no table that anybody reads, and one that takes long to check.
_MOST = 20_000


@dataclass(frozen=True)
class Places:
    """The areas of a release.

    Attributes
    ----------
    names : list of str
        Distinct, in order.
    shapes : list of QgsGeometry
        In the analysis system.
    places : list of (longitude, latitude, square kilometres)
    index : (n,) int64 array
        Area of each incident, -1 for none.
    left_out : list of str
        Names of areas with too few homes.
    layer : str
    grid : bool
    checked : str
        What is known of the homes in each area, in words.
    """

    names: list
    shapes: list
    places: list
    index: np.ndarray
    left_out: list
    layer: str
    grid: bool
    checked: str


@dataclass(frozen=True)
class _Homes:
    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    least: float
    words: str


def read(run: Any, x: np.ndarray, y: np.ndarray) -> Places:
    """Read the areas, leave out those with too few homes, and find the area of each incident."""
    homes = [*_addresses(run), *_residents(run)]
    if run.has(run.tool.AREAS):
        return _polygons(run, homes, x, y)
    if not homes:
        raise InputError(
            run.tool.AREAS, "Choose areas, such as wards or districts, or give addresses or residents, of which"
            " squares with enough homes are made. Points are never released.")
    return _squares(run, homes, x, y)


def _addresses(run: Any) -> list:
    tool = run.tool
    if not run.has(tool.ADDRESSES):
        return []
    points = run.points(tool.ADDRESSES, progress=run.stage(0.25, 0.3))
    # flats of one house share their place; a block of flats is many homes, but one address on the map
    least = run.integer(tool.MIN_ADDRESSES)
    return [_Homes(points.x, points.y, np.ones(len(points.x)), float(least),
                   tr("at least {count} addresses in each").format(count=least))]


def _residents(run: Any) -> list:
    tool = run.tool
    if not run.has(tool.POPULATION):
        return []
    field = run.field(tool.POPULATION_FIELD, of=tool.POPULATION)
    if not field:
        raise InputError(tool.POPULATION_FIELD, "Choose the field with the number of residents.")
    points = run.points(tool.POPULATION, numbers=[field], progress=run.stage(0.3, 0.35))
    residents = points.columns[field]
    good = np.isfinite(residents) & (residents > 0)
    if not good.any():
        raise InputError(tool.POPULATION_FIELD, "'{field}' holds no number above 0. Choose the field with the number"
                         " of residents.", field=field)
    least = run.integer(tool.MIN_RESIDENTS)
    return [_Homes(points.x[good], points.y[good], residents[good], float(least),
                   tr("at least {count} residents in each").format(count=least))]


@dataclass(frozen=True)
class Named:
    """Polygons by name; those of one name are one.

    Attributes
    ----------
    layer : Areas
    names : list of str
        Distinct, in order.
    shapes : list of QgsGeometry
    number : (polygons + 1,) int64 array
        Name of each polygon of the layer, and -1 at the end, so that "in no polygon" (-1) leads to no name.
    """

    layer: Any
    names: list
    shapes: list
    number: np.ndarray


def read_named(run: Any, more: tuple = ()) -> Named:
    """Read the areas by the field chosen, else by the usual fields of names; ``more`` are further texts to read."""
    tool = run.tool
    chosen = run.field(tool.NAME_FIELD, of=tool.AREAS) or next(
        (name for name in _NAMES if name in run.source_fields(tool.AREAS)), "")
    layer = run.areas(tool.AREAS, texts=[text for text in (chosen, *more) if text])
    if chosen:
        texts = [str(text) if text else tr("area without a name") for text in layer.columns[chosen]]
    else:
        run.warn(tr("The areas are numbered, as nothing names them. Choose NAME_FIELD, so that readers know them."))
        texts = [tr("Area {number}").format(number=row + 1) for row in layer.rows.tolist()]
    names = sorted(set(texts))
    if len(names) > _MOST:
        raise InputError(tool.AREAS, "{count} areas are too many for a public table. Use larger areas.",
                         count=len(names))
    position = {name: i for i, name in enumerate(names)}
    number = np.array([position[text] for text in texts] + [-1], dtype=np.int64)
    parts: list = [[] for _ in names]
    for text, shape in zip(texts, layer.geometries):
        parts[position[text]].append(shape)
    shapes = [group[0] if len(group) == 1 else QgsGeometry.unaryUnion(group) for group in parts]
    return Named(layer, names, shapes, number)


def _polygons(run: Any, homes: list, x: np.ndarray, y: np.ndarray) -> Places:
    tool = run.tool
    read_areas = read_named(run)
    layer, names, shapes, number = read_areas.layer, read_areas.names, read_areas.shapes, read_areas.number
    polygons = overlay.polygon_index(layer)
    keep = np.ones(len(names), dtype=bool)
    for given in homes:
        index = number[polygons.first(given.x, given.y, run.stage(0.35, 0.4))]
        held = np.bincount(index[index >= 0], weights=given.weight[index >= 0], minlength=len(names))
        keep &= held >= given.least
    if not homes:
        _refuse_small(run, names, shapes)
    if not keep.any():
        raise InputError(tool.AREAS, "No area has {words}. Use larger areas, or check that both layers cover the same"
                         " place.", words="; ".join(given.words for given in homes))
    index = number[polygons.first(x, y, run.stage(0.4, 0.5))]
    if (index < 0).all():
        raise InputError(
            tool.AREAS, "None of the {count} located incidents lies in an area of '{name}'. Check that both layers"
            " cover the same place and that their coordinate systems are right.", count=len(index), name=layer.name)
    checked = "; ".join(given.words for given in homes) or tr("each at least {area} large").format(
        area=run.units.area(SMALLEST))
    return _kept(run, names, shapes, index, keep, layer.name, checked)


def _refuse_small(run: Any, names: list, shapes: list) -> None:
    small = [name for name, shape in zip(names, shapes) if shape.area() < SMALLEST]
    if small:
        raise InputError(
            run.tool.AREAS, "{count} areas are smaller than {limit} (first: {name}): a count there may point to a"
            " single home. Use larger areas, or give ADDRESSES or POPULATION, so that areas with too few homes are"
            " left out.", count=len(small), limit=run.units.area(SMALLEST), name=small[0])


def _kept(
    run: Any, names: list, shapes: list, index: np.ndarray, keep: np.ndarray, layer: str, checked: str
) -> Places:
    number = np.append(np.where(keep, np.cumsum(keep) - 1, -1), -1)
    kept = np.flatnonzero(keep).tolist()
    shapes = [shapes[i] for i in kept]
    return Places([names[i] for i in kept], shapes, _where(run, shapes), number[index],
                  [names[i] for i in np.flatnonzero(~keep).tolist()], layer, False, checked)


def _squares(run: Any, homes: list, x: np.ndarray, y: np.ndarray) -> Places:
    tool, first = run.tool, homes[0]
    size = run.number(tool.CELL_SIZE)
    if not size >= 50:
        raise InputError(tool.CELL_SIZE, "Squares under 50 m point to single homes. 250 m is usual.")
    level, column, row, total, left_out = analysis.merged_cells(
        first.x, first.y, first.weight, first.least, size, _LEVELS)
    keep = np.ones(len(level), dtype=bool)
    for given in homes[1:]:
        held = analysis.held_by_cells(level, column, row, size, given.x, given.y)
        sums = np.bincount(held[held >= 0], weights=given.weight[held >= 0], minlength=len(level))
        keep &= sums >= given.least
    level, column, row = level[keep], column[keep], row[keep]
    if not len(level):
        raise InputError(tool.ADDRESSES if run.has(tool.ADDRESSES) else tool.POPULATION, "No square has {words}."
                         " Choose areas, or check the layer.", words="; ".join(given.words for given in homes))
    if len(level) > _MOST:
        raise InputError(tool.CELL_SIZE, "{count} squares are too many for a public table. Choose a larger size.",
                         count=len(level))
    names: list = []
    shapes: list = []
    for i in range(len(level)):
        if i % 1000 == 0:
            run.check()
        grid = Grid(SQUARE, size * 2 ** int(level[i]), run.crs_id)
        names += grid.ids(column[i : i + 1], row[i : i + 1]).tolist()
        shapes += list(writing.polygons_from_array(grid.polygons(column[i : i + 1], row[i : i + 1])))
    index = analysis.held_by_cells(level, column, row, size, x, y)
    if (index < 0).all():
        raise InputError(tool.INCIDENTS, "No incident lies in a square with enough homes. Check that the layers cover"
                         " the same place.")
    told = []
    if left_out > 0 or not keep.all():
        told = [tr("places where {homes:,.0f} of {all:,.0f} homes lie scattered").format(
            homes=left_out + float(total[~keep].sum()), all=float(first.weight.sum()))]
    return Places(names, shapes, _where(run, shapes), index, told, tr("squares of {least} to {most}").format(
        least=run.units.distance(size * 2 ** int(level.min())), most=run.units.distance(size * 2 ** int(level.max()))),
        True, "; ".join(given.words for given in homes))


def _where(run: Any, shapes: list) -> list:
    middle = np.array([(p.x(), p.y()) for p in (shape.centroid().asPoint() for shape in shapes)]).reshape(-1, 2)
    longitude, latitude = crs_module.transform_points(
        middle[:, 0], middle[:, 1], run.crs, QgsCoordinateReferenceSystem("EPSG:4326"), run.context.transformContext())
    return [[round(a, 5), round(b, 5), round(shape.area() / 1e6, 4)]
            for a, b, shape in zip(longitude.tolist(), latitude.tolist(), shapes)]
