"""Which feature of a layer, whatever its geometry, is nearest to each position."""

from __future__ import annotations

import numpy as np
from qgis.core import QgsWkbTypes

from ..analysis import overlay
from ..analysis.progress import Progress, part, silent
from .areas import POINT, POLYGON, Areas
from .overlay import line_parts


def nearest_feature(
    layer: Areas, x: np.ndarray, y: np.ndarray, max_distance: float, progress: Progress = silent
) -> tuple[np.ndarray, np.ndarray]:
    """Return the feature nearest to each position within a distance, and how far it is.

    Parameters
    ----------
    layer : Areas
        Points, lines or polygons in the same system as the positions.
    x, y : (n,) ndarray of float
        Metres; NaN is near nothing.
    max_distance : float
        Metres; a feature at exactly this distance counts. 0: only polygons around a position,
        and what lies at it within a micrometre.
    progress : Progress

    Returns
    -------
    feature : (n,) ndarray of int64
        Index into ``layer``, or -1; of equally near features the first.
    distance : (n,) ndarray of float
        Metres, 0 inside a polygon, NaN for none.
    """
    inside = np.full(len(x), -1, dtype=np.int64)
    if layer.kind == POLYGON:
        vertices, owner, starts = layer.rings()
        inside = overlay.PolygonIndex(vertices, owner, starts, len(layer)).first(x, y, part(progress, 0.0, 0.5))
    elif layer.kind == POINT:
        # a point is a line from itself to itself
        corners, owner = points_of(layer)
        vertices, owner = np.repeat(corners, 2, axis=0), np.repeat(owner, 2)
        starts = np.arange(0, len(vertices), 2)
    else:
        vertices, owner, starts = line_parts(layer)
    open_ = inside < 0
    reach = max(max_distance, 1e-6)
    near, away = overlay.nearest_line(
        vertices, owner, starts, np.asarray(x)[open_], np.asarray(y)[open_], reach, part(progress, 0.5, 1.0))
    feature, distance = inside.copy(), np.where(open_, np.nan, 0.0)
    feature[open_], distance[open_] = near, away
    return feature, distance


def points_of(layer: Areas) -> tuple[np.ndarray, np.ndarray]:
    """Return all points of a point layer, and the feature each belongs to."""
    corners, owner = [], []
    for number, geometry in enumerate(layer.geometries):
        several = QgsWkbTypes.isMultiType(geometry.wkbType())
        for point in geometry.asMultiPoint() if several else [geometry.asPoint()]:
            corners.append((point.x(), point.y()))
            owner.append(number)
    return np.array(corners, dtype=float).reshape(-1, 2), np.array(owner, dtype=np.int64)
