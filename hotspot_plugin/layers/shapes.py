"""Features as straight pieces, to ask which are near which."""

from __future__ import annotations

import numpy as np

from ..analysis import nearness
from ..analysis.nearness import Pairs, Shapes
from ..analysis.progress import Progress, part, silent
from .areas import POINT, POLYGON, Areas
from .nearest import points_of
from .overlay import line_parts, polygon_index


def shapes_of(layer: Areas) -> Shapes:
    """Return points, lines, or the outlines of polygons as pieces; made once for each layer."""
    if layer.pieces is None:
        layer.pieces = _shapes_of(layer)
    return layer.pieces


def _shapes_of(layer: Areas) -> Shapes:
    if not len(layer):
        return Shapes(np.empty((0, 2)), np.empty((0, 2)), np.empty(0, dtype=np.int64), 0)
    if layer.kind == POINT:
        corners, owner = points_of(layer)
        return Shapes(corners, corners, owner, len(layer))
    vertices, owner, starts = layer.rings() if layer.kind == POLYGON else line_parts(layer)
    follows = np.ones(len(vertices), dtype=bool)
    follows[np.append(starts[1:], len(vertices)) - 1] = False
    here = np.flatnonzero(follows)
    return Shapes(vertices[here], vertices[here + 1], np.asarray(owner)[here], len(layer))


def pairs_within(units: Areas, layer: Areas, reach: float, progress: Progress = silent) -> Pairs:
    """Return all pairs of a unit and a feature at most ``reach`` metres apart; polygons are solid."""
    ours, theirs = shapes_of(units), shapes_of(layer)
    near = nearness.pairs_within(ours, theirs, reach, part(progress, 0.0, 0.7))
    one, other = _inside(units, layer, ours, theirs)
    progress(1.0)
    return nearness.joined(near, one, other, len(layer))


def nearest(units: Areas, layer: Areas, progress: Progress = silent) -> tuple[np.ndarray, np.ndarray]:
    """Return the feature nearest to each unit and its distance, 0 within a polygon; -1 and NaN for an empty layer."""
    ours, theirs = shapes_of(units), shapes_of(layer)
    feature, distance = nearness.nearest(ours, theirs, part(progress, 0.0, 0.7))
    one, other = _inside(units, layer, ours, theirs)
    first = np.unique(one, return_index=True)[1]
    feature[one[first]], distance[one[first]] = other[first], 0.0
    progress(1.0)
    return feature, distance


def _inside(units: Areas, layer: Areas, ours: Shapes, theirs: Shapes) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs of which one has a corner within the other, sorted by unit."""
    one, other = [], []
    if units.kind == POLYGON and len(units) and len(theirs.owner):
        position, unit = polygon_index(units).pairs(theirs.start[:, 0], theirs.start[:, 1])
        one.append(unit)
        other.append(theirs.owner[position])
    if layer.kind == POLYGON and len(layer) and len(ours.owner):
        position, feature = polygon_index(layer).pairs(ours.start[:, 0], ours.start[:, 1])
        one.append(ours.owner[position])
        other.append(feature)
    if not one:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    units_of, features = np.concatenate(one), np.concatenate(other)
    order = np.lexsort((features, units_of))
    return units_of[order], features[order]


def positions_near(xy: np.ndarray, layer: Areas, reach: float, progress: Progress = silent) -> np.ndarray:
    """Return which positions, (n, 2), have a feature at most ``reach`` metres away or around them."""
    here = Shapes(xy, xy, np.arange(len(xy)), len(xy))
    near = np.zeros(len(xy), dtype=bool)
    near[nearness.pairs_within(here, shapes_of(layer), reach, progress).one] = True
    if layer.kind == POLYGON:
        near[polygon_index(layer).pairs(xy[:, 0], xy[:, 1])[0]] = True
    return near


def samples(units: Areas, step: float, most: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Return positions spread evenly over units, and the unit of each.

    Parameters
    ----------
    units : Areas
    step : float
        Metres between positions; more where a unit would hold more than ``most``. A unit too small for any has one.

    Returns
    -------
    (m, 2) array, (m,) array of int
    """
    shapes = shapes_of(units)
    if units.kind == POINT:
        return shapes.start, shapes.owner
    if units.kind == POLYGON:
        return _lattice(units, step, most)
    length = np.bincount(shapes.owner, np.hypot(*(shapes.end - shapes.start).T), shapes.count)
    gap = np.maximum(step, length / most)[shapes.owner]
    own = np.hypot(*(shapes.end - shapes.start).T)
    # positions at the middle of equal stretches along the whole line, not of each piece
    before = np.cumsum(own) - own
    begin = np.zeros(shapes.count)
    first = np.unique(shapes.owner, return_index=True)
    begin[first[0]] = before[first[1]]
    along = before - begin[shapes.owner]
    low = np.ceil(along / gap - 0.5 - 1e-9).astype(np.int64)
    high = np.ceil((along + own) / gap - 0.5 - 1e-9).astype(np.int64)
    number = high - low
    row = np.repeat(np.arange(len(own)), number)
    rank = np.arange(len(row)) - np.repeat(np.cumsum(number) - number, number) + low[row]
    share = ((rank + 0.5) * gap[row] - along[row]) / np.where(own[row] > 0, own[row], 1.0)
    xy = shapes.start[row] + (shapes.end - shapes.start)[row] * np.clip(share, 0, 1)[:, None]
    owner = shapes.owner[row]
    empty = np.setdiff1d(np.unique(shapes.owner), owner)
    at = np.unique(shapes.owner, return_index=True)
    lone = at[1][np.isin(at[0], empty)]
    return np.concatenate([xy, (shapes.start[lone] + shapes.end[lone]) / 2]), np.concatenate([owner, empty])


def _lattice(units: Areas, step: float, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a lattice over each polygon, kept where it is inside."""
    xy, owner = [], []
    boxes = np.array([[b.xMinimum(), b.yMinimum(), b.xMaximum(), b.yMaximum()]
                      for b in (g.boundingBox() for g in units.geometries)])
    wide, high = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    gap = np.maximum(step, np.sqrt(wide * high / most))
    columns = np.maximum(np.round(wide / gap), 1).astype(np.int64)
    rows = np.maximum(np.round(high / gap), 1).astype(np.int64)
    total = columns * rows
    unit = np.repeat(np.arange(len(units)), total)
    rank = np.arange(len(unit)) - np.repeat(np.cumsum(total) - total, total)
    across, up = rank % columns[unit], rank // columns[unit]
    x = boxes[unit, 0] + (across + 0.5) * (wide / columns)[unit]
    y = boxes[unit, 1] + (up + 0.5) * (high / rows)[unit]
    position, polygon = polygon_index(units).pairs(x, y)
    mine = polygon == unit[position]
    xy.append(np.column_stack([x, y])[position[mine]])
    owner.append(polygon[mine])
    empty = np.setdiff1d(np.arange(len(units)), owner[0])
    if len(empty):
        inner = [units.geometries[i].pointOnSurface().asPoint() for i in empty.tolist()]
        xy.append(np.array([(p.x(), p.y()) for p in inner]))
        owner.append(empty)
    return np.concatenate(xy), np.concatenate(owner)
