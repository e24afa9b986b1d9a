"""Grid cells against a boundary: how much of each cell lies inside, and its clipped shape."""

from __future__ import annotations

import numpy as np
from qgis.core import QgsGeometry

from ..analysis.grids import Grid
from ..analysis.overlay import PolygonIndex
from ..analysis.progress import Progress, silent
from . import rings
from .areas import POLYGON, Areas
from .writing import polygons_from_array


def dissolve(areas: Areas) -> QgsGeometry:
    """Return the union of polygons as one geometry."""
    whole = QgsGeometry.unaryUnion(areas.geometries) if len(areas) > 1 else QgsGeometry(areas.geometries[0])
    return only_polygons(whole)


def only_polygons(geometry: QgsGeometry) -> QgsGeometry:
    """Return the polygons of a geometry, without the points and lines that an overlay may leave."""
    if geometry.type() == POLYGON:
        return geometry
    parts = [part for part in geometry.asGeometryCollection() if part.type() == POLYGON]
    return QgsGeometry.collectGeometry(parts) if parts else QgsGeometry()


def cells_within(
    grid: Grid, boundary: QgsGeometry, col: np.ndarray, row: np.ndarray, progress: Progress = silent
) -> tuple[np.ndarray, dict[int, QgsGeometry]]:
    """Return how much of each cell lies inside a boundary.

    Parameters
    ----------
    grid : Grid
    boundary : QgsGeometry
        A valid polygon in the grid's system.
    col, row : (n,) ndarray of int64
    progress : Progress

    Returns
    -------
    share : (n,) ndarray of float
        0 to 1.
    parts : dict
        For each cell that is cut, by its place in ``col``: the part inside.

    Notes
    -----
    Only cells that the boundary's line can cross are cut, the others are wholly in or out
    as their centre is. The boundary is first cut to each row of cells, so that a line of
    many corners is not walked through for every cell.
    """
    vertices, owner, starts = rings.from_wkb([boundary.asWkb().data()])
    index = PolygonIndex(vertices, owner, starts, 1)
    centres = grid.centres(col, row)
    share = (index.first(centres[:, 0], centres[:, 1], progress) == 0).astype(float)
    parts: dict[int, QgsGeometry] = {}
    cut = np.flatnonzero(_near_line(grid, vertices, starts, col, row))
    shapes = dict(zip(cut.tolist(), polygons_from_array(grid.polygons(col[cut], row[cut]))))
    box = boundary.boundingBox()
    order = cut[np.argsort(row[cut], kind="stable")]
    done = 0
    for members in np.split(order, np.flatnonzero(np.diff(row[order])) + 1):
        if not len(members):
            continue
        height = grid.polygons(col[members], row[members])[..., 1]
        low, high = height.min() - 1.0, height.max() + 1.0
        corners = [(box.xMinimum() - 1, low), (box.xMaximum() + 1, low), (box.xMaximum() + 1, high),
                   (box.xMinimum() - 1, high), (box.xMinimum() - 1, low)]  # fmt: skip
        (band,) = polygons_from_array(np.array([corners], dtype=float))
        strip = only_polygons(boundary.intersection(band))
        for i in members.tolist():
            if done % 50 == 0:
                progress(done / len(order))
            done += 1
            inside = only_polygons(strip.intersection(shapes[i])) if not strip.isEmpty() else QgsGeometry()
            area = 0.0 if inside.isNull() or inside.isEmpty() else inside.area()
            # a hair's breadth is the rounding of the overlay, not an overlap
            share[i] = 0.0 if area < 1e-9 * grid.area else min(area / grid.area, 1.0)
            if 0.0 < share[i] < 1.0 - 1e-9:
                parts[i] = inside
            elif share[i] > 0:
                share[i] = 1.0
    progress(1.0)
    return share, parts


def _near_line(
    grid: Grid, vertices: np.ndarray, starts: np.ndarray, col: np.ndarray, row: np.ndarray
) -> np.ndarray:
    """Whether the boundary's line may pass through each cell; true for some that it does not meet."""
    ends = np.zeros(len(vertices), dtype=bool)
    ends[np.append(starts[1:], len(vertices)) - 1] = True
    here = np.flatnonzero(~ends)
    a, b = vertices[here], vertices[here + 1]
    pieces = np.maximum(np.ceil(np.hypot(*(b - a).T) / (grid.size / 4)), 1).astype(np.int64)
    owner = np.repeat(np.arange(len(a)), pieces)
    along = (np.arange(len(owner)) - np.repeat(np.cumsum(pieces) - pieces, pieces)) / pieces[owner]
    at = a[owner] + along[:, None] * (b - a)[owner]
    # Some steps of a quarter cell lead from a sample into every cell that the line meets within half a sample's space.
    near = [grid.index_in((col, row), *grid.locate(at[:, 0] + dx, at[:, 1] + dy))
            for dx in (-grid.size / 4, 0, grid.size / 4) for dy in (-grid.size / 4, 0, grid.size / 4)]  # fmt: skip
    out = np.zeros(len(col), dtype=bool)
    for found in near:
        out[found[found >= 0]] = True
    return out
