"""How much of a layer lies in polygons: metres of street, residents."""

from __future__ import annotations

from typing import Sequence

import numpy as np
from qgis.core import QgsGeometry

from ..analysis.progress import Progress, part, silent
from .areas import POINT, Areas
from .zones import spatial_index


class LinesInside:
    """Lines that can be asked how many metres of them lie in a polygon."""

    def __init__(self, lines: Areas, progress: Progress = silent) -> None:
        self.lines = lines.geometries
        self.index = spatial_index(self.lines, progress)

    def length(self, polygon: QgsGeometry) -> float:
        """Return the metres of line within a polygon; a line drawn twice counts twice."""
        engine = QgsGeometry.createGeometryEngine(polygon.constGet())
        engine.prepareGeometry()
        total = 0.0
        for i in self.index.intersects(polygon.boundingBox()):
            line = self.lines[i]
            if engine.contains(line.constGet()):
                total += line.length()
            elif engine.intersects(line.constGet()):
                total += line.intersection(polygon).length()
        return total


def within(boundary: QgsGeometry, layer: Areas, progress: Progress = silent) -> np.ndarray:
    """Return the share of each feature that lies within a polygon.

    Returns
    -------
    (n,) array of float
        By area for polygons; 1 or 0 for points.
    """
    engine = QgsGeometry.createGeometryEngine(boundary.constGet())
    engine.prepareGeometry()
    out = np.zeros(len(layer))
    for i, geometry in enumerate(layer.geometries):
        if i % 100 == 0:
            progress(i / len(layer))
        if engine.contains(geometry.constGet()):
            out[i] = 1.0
        elif engine.intersects(geometry.constGet()):
            out[i] = 1.0 if layer.kind == POINT else _share(geometry, boundary)
    progress(1.0)
    return out


def sums_inside(
    polygons: Sequence[QgsGeometry], layer: Areas, columns: Sequence[np.ndarray], progress: Progress = silent
) -> np.ndarray:
    """Add up the values of points or polygons, e.g. residents, that lie in each polygon.

    Parameters
    ----------
    polygons : list of QgsGeometry
    layer : Areas
        Polygons, whose values are taken to spread evenly over their area, or points.
    columns : sequence of (n,) arrays
        Values of the layer; NaN counts nothing.

    Returns
    -------
    (polygons, columns) array of float
    """
    index = spatial_index(layer.geometries, part(progress, 0.0, 0.5))
    values = np.nan_to_num(np.column_stack([np.asarray(c, float) for c in columns]))
    out = np.zeros((len(polygons), values.shape[1]))
    for i, polygon in enumerate(polygons):
        progress(0.5 + 0.5 * i / len(polygons))
        engine = QgsGeometry.createGeometryEngine(polygon.constGet())
        engine.prepareGeometry()
        for j in index.intersects(polygon.boundingBox()):
            geometry = layer.geometries[j]
            if not engine.intersects(geometry.constGet()):
                continue
            out[i] += values[j] * (1.0 if layer.kind == POINT else _share(geometry, polygon))
    progress(1.0)
    return out


def _share(geometry: QgsGeometry, polygon: QgsGeometry) -> float:
    area = geometry.area()
    return geometry.intersection(polygon).area() / area if area > 0 else 0.0
