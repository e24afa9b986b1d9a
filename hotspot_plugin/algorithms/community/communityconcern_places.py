"""The areas or cells of 'Where people are worried', which of them each report is in, and who lives there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from qgis.core import QgsGeometry

from ...analysis import people
from ...analysis.errors import InputError
from ...analysis.grids import HEXAGON, SQUARE, Grid
from ...layers import cells as cells_module
from ...layers import fields, overlay
from ...layers.areas import LINE, POINT, Areas
from ...layers.lengths import sums_inside
from ...layers.writing import polygons_from_array
from ...layers.zones import spatial_index
from ...reports import formats
from ...translation import tr

#: Options of where a drawn report counts.
ONCE, EVERY = range(2)
#: Least share of a drawn report, or of an area, that makes it count there with EVERY.
LEAST_SHARE = 0.1
_NAMES = ("name", "area", "label", "beat", "district")
#: More cells than this are refused: a table of them says nothing more.
_MOST = 50_000


@dataclass
class Places:
    """Areas of a layer, or the cells of a grid.

    Attributes
    ----------
    names : list of str
    shapes : list of QgsGeometry
    layer : Areas or None
        None for cells.
    own : dict
        Columns that cells bring along, the id first.
    place, report : (m,) arrays of int
        Each report in each place where it counts.
    nowhere, wide : int
        Reports in no place, and those drawn across so many that no place holds half of them.
    residents : (k,) array or None
    what : str
        What the places are, for sentences.
    """

    names: list
    shapes: list
    layer: Areas | None
    own: dict
    place: np.ndarray
    report: np.ndarray
    nowhere: int
    wide: int
    residents: np.ndarray | None
    what: str

    def __len__(self) -> int:
        return len(self.shapes)


def read(run: Any, reports: Areas) -> Places:
    """Read or make the places and find those of each report."""
    tool = run.tool
    points = reports.kind == POINT
    xy = reports.centroids
    if run.has(tool.AREAS):
        layer, names, own, what = *_areas(run), {}, tr("areas")
        shapes = layer.geometries
        place = overlay.polygon_index(layer).first(*xy.T, run.stage(0.3, 0.4)) if points else None
        residents = _own_residents(run, layer)
    else:
        grid, col, row = _grid(run, xy)
        layer, names = None, [tr("cell {col}/{row}").format(col=c, row=r) for c, r in zip(col.tolist(), row.tolist())]
        own = {fields.CELL_ID: grid.ids(col, row), fields.GRID_COL: col, fields.GRID_ROW: row}
        shapes = list(polygons_from_array(grid.polygons(col, row)))
        what = tr("cells of {size}").format(size=run.units.distance(grid.size))
        place = grid.index_in((col, row), *grid.locate(*xy.T), run.stage(0.3, 0.4)) if points else None
        residents = None
    if place is not None:
        report = np.flatnonzero(place >= 0)
        found = place[report], report, 0
    else:
        found = _drawn(run, reports, shapes)
    if not len(found[0]):
        raise InputError(tool.AREAS if layer is not None else tool.INPUT, "None of the {count} reports lies in an area."
                         " Check that both layers cover the same ground and have the right coordinate reference"
                         " system.", count=len(reports))
    if residents is None:
        residents = _residents(run, shapes)
    nowhere = len(reports) - len(np.unique(found[1])) - found[2]
    _tell(run, reports, nowhere, found[2], what)
    return Places(names, shapes, layer, own, found[0], found[1], nowhere, found[2], residents, what)


def _tell(run: Any, reports: Areas, nowhere: int, wide: int, what: str) -> None:
    for count, text in (
        (nowhere, tr("{count} of {rows} reports lie in none of the {what}: they count in the whole only.")),
        (wide, tr("{count} of {rows} reports are drawn across several of the {what}, none of which holds half of them:"
                  " they count in the whole only.")),
    ):
        if count:
            tell = run.warn if count > 0.05 * len(reports) else run.info
            tell(text.format(count=formats.number(count), rows=formats.number(len(reports)), what=what))


def _areas(run: Any) -> tuple[Areas, list]:
    tool = run.tool
    chosen = run.field(tool.NAME_FIELD, tool.AREAS) or next(
        (f for f in run.source_fields(tool.AREAS) if f.lower() in _NAMES), "")
    layer = run.areas(tool.AREAS, numbers=[run.field(tool.POPULATION_FIELD, tool.AREAS)], texts=[chosen])
    names = [tr("area {row}").format(row=row + 1) for row in layer.rows.tolist()]
    if chosen:
        names = [str(text or "").strip() or names[i] for i, text in enumerate(layer.columns[chosen])]
    return layer, names


def _grid(run: Any, xy: np.ndarray) -> tuple:
    from ...analysis.cellsize import check_cells, study_extent

    tool = run.tool
    size = run.number(tool.CELL_SIZE)
    if not size > 0:
        raise InputError(tool.CELL_SIZE, "The cell size must be more than 0 m. 500 m is usual.")
    grid = Grid((HEXAGON, SQUARE)[run.choice(tool.GRID_TYPE)], size, run.crs_id)
    boundary = None
    if run.has(tool.BOUNDARY):
        boundary = cells_module.dissolve(run.areas(tool.BOUNDARY))
        box = boundary.boundingBox()
        extent = box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()
    else:
        extent = study_extent(*xy.T)
    check_cells(tool.CELL_SIZE, size, grid.cover_size(extent), grid.cover_size(extent))
    col, row = grid.cover(extent)
    if boundary is not None:
        share, _ = cells_module.cells_within(grid, boundary, col, row, run.stage(0.2, 0.3))
        col, row = col[share > 0], row[share > 0]
    if len(col) > _MOST:
        raise InputError(tool.CELL_SIZE, "{count} cells are more than can be told apart. Choose larger cells.",
                         count=len(col))
    run.info(tr("{count} cells of {size} cover {what}.").format(
        count=formats.number(len(col)), size=run.units.distance(size),
        what=tr("the study area") if boundary is not None else tr("the reports")))
    return grid, col, row


def _drawn(run: Any, reports: Areas, shapes: list) -> tuple[np.ndarray, np.ndarray, int]:
    """Return place and report of each pair of reports drawn as areas or lines, and how many are too wide."""
    every = run.choice(run.tool.DRAWN) == EVERY
    index = spatial_index(shapes, run.stage(0.3, 0.33))
    place, report, wide = [], [], 0
    for i, geometry in enumerate(reports.geometries):
        run.progress(0.33 + 0.07 * i / len(reports))
        shares = []
        for j in sorted(index.intersects(geometry.boundingBox())):
            if geometry.intersects(shapes[j]):
                size, common = _common(geometry, shapes[j], reports.kind)
                shares.append((common / size if size > 0 else 1.0, -j, common / max(shapes[j].area(), 1e-9)))
        if every:
            kept = [-j for share, j, held in shares
                    if share >= LEAST_SHARE or (held >= LEAST_SHARE and reports.kind != LINE)]
        else:
            best = max(shares, default=(0.0, 0, 0.0))
            kept = [-best[1]] if best[0] >= 0.5 - 1e-9 else []
        wide += bool(shares) and not kept
        place += kept
        report += [i] * len(kept)
    return np.array(place, np.int64), np.array(report, np.int64), wide


def _common(geometry: QgsGeometry, shape: QgsGeometry, kind: Any) -> tuple[float, float]:
    cut = geometry.intersection(shape)
    return (geometry.length(), cut.length()) if kind == LINE else (geometry.area(), cut.area())


# --- residents -------------------------------------------------------------------------------
def _own_residents(run: Any, layer: Areas) -> np.ndarray | None:
    tool = run.tool
    name = run.field(tool.POPULATION_FIELD, tool.AREAS)
    if not name:
        return None
    return _checked(tool.POPULATION_FIELD, name, layer.columns[name])


def _residents(run: Any, shapes: list) -> np.ndarray | None:
    tool = run.tool
    if not run.has(tool.POPULATION):
        return None
    name = run.field(tool.RESIDENTS_FIELD, tool.POPULATION)
    if not name:
        raise InputError(tool.RESIDENTS_FIELD, "Choose the field of the population layer that holds the number of"
                         " residents.")
    layer = run.areas(tool.POPULATION, numbers=[name])
    values = _checked(tool.RESIDENTS_FIELD, name, layer.columns[name])
    return sums_inside(shapes, layer, [values], run.stage(0.42, 0.5))[:, 0]


def _checked(parameter: str, name: str, values: np.ndarray) -> np.ndarray:
    people.refuse_others(values, parameter, name)
    if not np.nansum(values) > 0:
        raise InputError(parameter, "'{field}' holds no number of residents: none is above 0. Choose the field with"
                         " their number.", field=name)
    return values
