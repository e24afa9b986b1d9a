"""The ground of patrol zones: one compact polygon around areas that lie near one another."""

from __future__ import annotations

import math
from typing import Any, Sequence

import numpy as np
from qgis.core import QgsFeature, QgsGeometry, QgsRectangle, QgsSpatialIndex

from ..analysis.progress import Progress, silent
from .areas import POLYGON

#: Corners in a quarter of a circle when gaps are closed.
_CORNERS = 4
#: Least share of its convex hull that a grouped zone fills.
_COMPACT = 0.6
#: Square metres of overlap that are no overlap but rounding.
_SLIVER = 1.0


class ZoneShapes:
    """Makes the polygon of a zone from its areas.

    Areas that touch are simply united. Where a gap of at most the merging distance lies
    between them, the gap is closed; where closing does not connect them, the zone is their
    convex hull. Holes are filled, because a patrol walks through them. So the area of a
    zone is that of the ground that one has to cover, and not just that of its areas.

    Parameters
    ----------
    geometries : list of QgsGeometry
        The areas, in metres.
    distance : float
        Metres; gaps up to this width are closed.
    boundary : QgsGeometry, optional
        Zones end there.
    """

    def __init__(self, geometries: Sequence[QgsGeometry], distance: float, boundary: QgsGeometry | None = None) -> None:
        self.geometries, self.distance = list(geometries), distance
        self.index = spatial_index(self.geometries)
        self._engine = None
        if boundary is not None:
            self._boundary = boundary
            self._engine = QgsGeometry.createGeometryEngine(boundary.constGet())
            self._engine.prepareGeometry()
        self._known: dict = {}

    def boxes(self) -> np.ndarray:
        """Return x_min, y_min, x_max, y_max of each area; (n, 4)."""
        found = [g.boundingBox() for g in self.geometries]
        return np.array([(b.xMinimum(), b.yMinimum(), b.xMaximum(), b.yMaximum()) for b in found]).reshape(-1, 4)

    def near(self, progress: Progress = silent) -> Any:
        """Return which areas lie within the distance of one another; (n, n) csr_matrix, without self."""
        from scipy import sparse

        rows, columns = [], []
        for i, geometry in enumerate(self.geometries):
            if i % 50 == 0:
                progress(i / len(self.geometries))
            box = geometry.boundingBox().buffered(self.distance)
            for j in self.index.intersects(box):
                if j > i and geometry.distance(self.geometries[j]) <= self.distance:
                    rows += [i, j]
                    columns += [j, i]
        n = len(self.geometries)
        progress(1.0)
        return sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(n, n))

    def measure(self, members: Sequence[int]) -> float:
        """Return the square metres of a zone, before other areas are cut out of it.

        Infinity for what is no zone but a ring or a hook around other ground.
        """
        zone = self._around(members)
        area = zone.area()
        compact = len(members) < 2 or area >= _COMPACT * zone.convexHull().area()
        return area if compact else math.inf

    def shape(self, members: Sequence[int], taken: Sequence[QgsGeometry] = ()) -> QgsGeometry:
        """Return the polygon of a zone.

        The ground of areas that do not belong to it is left out, as is that of ``taken``, so
        that no two zones share ground.
        """
        zone = QgsGeometry(self._around(members))
        if len(members) == 1:
            return zone
        own = set(members)
        others = [self.geometries[i] for i in sorted(self.index.intersects(zone.boundingBox())) if i not in own]
        for other in [*others, *taken]:
            if _overlap(zone, other):
                zone = polygons_only(zone.difference(other))
        return zone

    def box_of(self, members: Sequence[int]) -> QgsRectangle:
        """Return the bounding box of a zone."""
        return self._around(members).boundingBox()

    def clipped(self, shape: QgsGeometry) -> QgsGeometry:
        """Return the part of a shape within the boundary; empty if there is none."""
        if self._engine is None or self._engine.contains(shape.constGet()):
            return shape
        return polygons_only(shape.intersection(self._boundary))

    def _around(self, members: Sequence[int]) -> QgsGeometry:
        key = tuple(members)
        if key not in self._known:
            if len(self._known) > 100_000:
                self._known.clear()
            self._known[key] = self._united([self.geometries[i] for i in members])
        return self._known[key]

    def _united(self, parts: list) -> QgsGeometry:
        if len(parts) == 1:
            return parts[0]
        whole = polygons_only(QgsGeometry.unaryUnion(parts))
        if _parts(whole) > 1:
            # as wide as the gap, so that the bridge is nearly as broad as what it connects
            radius = max(self.distance, 1.0)
            closed = whole.buffer(radius, _CORNERS).buffer(-radius, _CORNERS)
            whole = polygons_only(QgsGeometry.unaryUnion([whole, closed]))
        if _parts(whole) > 1:
            whole = whole.convexHull()
        return whole.removeInteriorRings()


def spatial_index(geometries: Sequence[QgsGeometry], progress: Progress = silent) -> QgsSpatialIndex:
    """Return an index over geometries, numbered from 0."""
    index = QgsSpatialIndex()
    for i, geometry in enumerate(geometries):
        if i % 1000 == 0:
            progress(i / len(geometries))
        add_to_index(index, i, geometry)
    return index


def add_to_index(index: QgsSpatialIndex, number: int, geometry: QgsGeometry) -> None:
    """Add a numbered geometry to an index."""
    feature = QgsFeature(number)
    feature.setGeometry(geometry)
    index.addFeature(feature)


def overlapping(polygons: Sequence[QgsGeometry]) -> float:
    """Return the square metres that polygons share, summed over pairs."""
    index = spatial_index(polygons)
    total = 0.0
    for i, polygon in enumerate(polygons):
        for j in index.intersects(polygon.boundingBox()):
            if j > i and polygon.intersects(polygons[j]):
                total += polygon.intersection(polygons[j]).area()
    return total


def polygons_only(geometry: QgsGeometry) -> QgsGeometry:
    """Return a geometry without the points, lines and slivers that overlays leave."""
    if geometry.type() == POLYGON and not geometry.isMultipart():
        return geometry
    parts = [p for p in geometry.asGeometryCollection() if p.type() == POLYGON and p.area() > _SLIVER]
    if not parts:
        return QgsGeometry()
    return parts[0] if len(parts) == 1 else QgsGeometry.collectGeometry(parts)


def _parts(geometry: QgsGeometry) -> int:
    return geometry.constGet().numGeometries() if geometry.isMultipart() else 1


def _overlap(one: QgsGeometry, other: QgsGeometry) -> bool:
    return one.intersects(other) and one.intersection(other).area() > _SLIVER
