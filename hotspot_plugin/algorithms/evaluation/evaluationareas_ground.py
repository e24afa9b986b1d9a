"""Rings around areas: by straight distance or along streets, none on the ground of another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Sequence

import numpy as np
from qgis.core import QgsGeometry, QgsPointXY

from ...analysis.overlay import PolygonIndex
from ...analysis.progress import Progress, silent
from ...layers import overlay
from ...layers import rings as wkb_rings
from ...layers.areas import Areas
from ...layers.zones import polygons_only, spatial_index

#: Corners in a quarter of a circle.
_CORNERS = 8
#: Steps in which rings that would share ground grow towards each other.
_STEPS = 6
#: Square metres that are no ground but rounding.
_SLIVER = 1.0
#: Metres from an area within which a street belongs to it.
_AT = 20.0


class Straight:
    """Reach by straight distance."""

    def __init__(self, geometries: Sequence[QgsGeometry]) -> None:
        self.geometries = geometries
        self.without_street = np.zeros(len(geometries), bool)

    def __call__(self, i: int, distance: float) -> QgsGeometry:
        return self.geometries[i].buffer(distance, _CORNERS)


class AlongStreets:
    """Reach along streets: the ground on both sides of what one can walk from an area.

    Parameters
    ----------
    geometries : list of QgsGeometry
    streets : Areas
        Lines.
    depth : float
        Metres on each side of a street.
    reach : float
        The farthest distance that will be asked for.
    """

    def __init__(
        self, geometries: Sequence[QgsGeometry], streets: Areas, depth: float, reach: float,
        progress: Progress = silent,
    ) -> None:
        from ...analysis.streetreach import StreetReach

        self.geometries, self.depth = geometries, depth
        vertices, _, part_start = overlay.line_parts(streets)
        self.net = StreetReach(vertices, part_start, progress)
        self._metres: list = []
        for geometry in geometries:
            self._metres.append(self.net.within(self._at(geometry), reach))
        self.without_street = np.array([not np.isfinite(metres).any() for metres in self._metres], bool)

    def _at(self, geometry: QgsGeometry) -> np.ndarray:
        """Return the nodes in or at an area."""
        wide = geometry.buffer(_AT, _CORNERS)
        vertices, owner, start = wkb_rings.from_wkb([bytes(wide.asWkb())])
        return np.flatnonzero(PolygonIndex(vertices, owner, start, 1).first(*self.net.xy.T) == 0)

    def __call__(self, i: int, distance: float) -> QgsGeometry:
        if self.without_street[i]:
            return self.geometries[i].buffer(distance, _CORNERS)
        hit = np.flatnonzero(self.net.pieces(self._metres[i], distance))
        lines = [QgsGeometry.fromPolylineXY([QgsPointXY(*a), QgsPointXY(*b)])
                 for a, b in zip(self.net.first[hit], self.net.last[hit])]
        if not lines:
            return self.geometries[i]
        ways = QgsGeometry.unaryUnion(lines).buffer(self.depth, 4)
        return polygons_only(QgsGeometry.unaryUnion([ways, self.geometries[i]]))


@dataclass(frozen=True)
class Rings:
    """Rings around areas.

    Attributes
    ----------
    shapes : list of QgsGeometry
        Empty where nothing is left.
    whole : (n,) array
        Square metres of each ring before anything was cut out.
    cut : dict of (n,) arrays
        Square metres cut out: "areas" (areas of the evaluation), "others" (other treatments), "rings".
    """

    shapes: list
    whole: np.ndarray
    cut: dict

    @property
    def left(self) -> np.ndarray:
        """(n,) array of square metres that are left."""
        return np.array([shape.area() for shape in self.shapes]).reshape(-1)

    @property
    def cut_share(self) -> np.ndarray:
        """(n,) array: share of each ring that was cut out, 0 to 1."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.whole > 0, 1.0 - np.minimum(self.left / self.whole, 1.0), np.nan)


def rings(
    chosen: Sequence[int], reach: Any, areas: Sequence[QgsGeometry], others: Sequence[QgsGeometry],
    taken: Sequence[QgsGeometry], distance: float, progress: Progress = silent,
) -> Rings:
    """Make the rings around some areas.

    Parameters
    ----------
    chosen : sequence of int
        Areas that get a ring, by their number in ``reach``.
    reach : Straight or AlongStreets
    areas : list of QgsGeometry
        All areas of the evaluation.
    others : list of QgsGeometry
        Ground of other treatments.
    taken : list of QgsGeometry
        Rings made before, which keep their ground.
    distance : float
        Metres.
    """
    whole, cut, shapes = [], {key: np.zeros(len(chosen)) for key in ("areas", "others", "rings")}, []
    blocks = [(key, list(ground), spatial_index(list(ground))) for key, ground in (
        ("areas", areas), ("others", others), ("rings", taken))]
    for k, i in enumerate(chosen):
        progress(0.5 * k / max(len(chosen), 1))
        ring = polygons_only(reach(i, distance).difference(reach.geometries[i]))
        whole.append(ring.area())
        for key, ground, index in blocks:
            ring, lost = _without(ring, ground, index)
            cut[key][k] += lost
        shapes.append(ring)
    _share(chosen, reach, shapes, cut["rings"], distance, progress)
    return Rings(shapes, np.array(whole), cut)


def _without(ring: QgsGeometry, ground: list, index: Any) -> tuple[QgsGeometry, float]:
    if ring.isNull() or ring.isEmpty():
        return ring, 0.0
    near = [ground[j] for j in index.intersects(ring.boundingBox()) if ring.intersects(ground[j])]
    if not near:
        return ring, 0.0
    before = ring.area()
    ring = polygons_only(ring.difference(QgsGeometry.unaryUnion(near)))
    return ring, before - ring.area()


def _share(
    chosen: Sequence[int], reach: Any, shapes: list, cut: np.ndarray, distance: float, progress: Progress
) -> None:
    """Give ground that two rings reach to the one whose area is nearer, in steps of the distance."""
    index = spatial_index(shapes)
    clash = set()
    for k, ring in enumerate(shapes):
        for j in index.intersects(ring.boundingBox()):
            if j > k and ring.intersects(shapes[j]) and ring.intersection(shapes[j]).area() > _SLIVER:
                clash |= {k, j}
    if not clash:
        return
    rows = sorted(clash)
    full = {k: QgsGeometry(shapes[k]) for k in rows}
    own = {k: QgsGeometry() for k in rows}
    for step in range(1, _STEPS + 1):
        for k in rows:
            progress(0.5 + 0.5 * step / (_STEPS + 1))
            part = full[k].intersection(reach(chosen[k], distance * step / _STEPS))
            near = [own[j] for j in rows if j != k and not own[j].isEmpty() and own[j].intersects(part)]
            if near:
                part = part.difference(QgsGeometry.unaryUnion(near))
            own[k] = polygons_only(part if own[k].isEmpty() else QgsGeometry.unaryUnion([own[k], part]))
    for k in rows:
        cut[k] += shapes[k].area() - own[k].area()
        shapes[k] = own[k]


def near_any(shapes: Sequence[QgsGeometry], ground: Sequence[QgsGeometry], distance: float, progress: Progress = silent
             ) -> np.ndarray:
    """Return which shapes lie within a distance of some ground, (n,) array of bool; touching is not within 0."""
    out = np.zeros(len(shapes), bool)
    if not len(ground):
        return out
    index = spatial_index(shapes)
    for k, one in enumerate(ground):
        progress(k / len(ground))
        for j in index.intersects(one.boundingBox().buffered(distance)):
            if not out[j] and shapes[j].distance(one) <= distance:
                out[j] = distance > 0 or shapes[j].intersection(one).area() > _SLIVER
    return out


def conflicts(shapes: Sequence[QgsGeometry]) -> list:
    """Return for each shape the set of others that share its ground."""
    index = spatial_index(shapes)
    out: list = [set() for _ in shapes]
    for i, shape in enumerate(shapes):
        for j in index.intersects(shape.boundingBox()):
            if j > i and shape.intersects(shapes[j]) and shape.intersection(shapes[j]).area() > _SLIVER:
                out[i].add(j)
                out[j].add(i)
    return out
