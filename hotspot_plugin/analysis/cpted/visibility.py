"""What can be seen: the visible area around a place (isovist), and free sight between two places.

An isovist is the set of all places within a radius that a straight, unobstructed line
connects with a viewpoint: Benedikt, M. L. (1979), To take hold of space: isovists and isovist
fields, Environment and Planning B 6, 47-65, from where area, perimeter and occlusivity come.
It is exact: obstacles are straight pieces, and what is nearest in every direction is found by
an angular sweep (``envelope.py``), not by casting rays. Everything is seen in plan.

For lighting, cameras and the like: :func:`isovists` and ``Isovists.sees`` where many targets are
seen from few places, :func:`line_of_sight` for arbitrary pairs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..overlay import _spread
from ..progress import Progress, part, silent
from . import envelope
from .segments import MOST, SegmentIndex, foot_points

#: Metres: a viewpoint this near to an obstacle stands on it, and the obstacle then hides nothing from it.
TOUCH = 1e-3
#: Radians between corners of the polygon on the arc of the range: the polygon's area misses less than 0.05 % of it.
ARC_STEP = np.radians(3.0)
_SIGHT = 1e-9


@dataclass(frozen=True)
class Isovists:
    """Visible areas of several viewpoints.

    Attributes
    ----------
    x, y : (n,) ndarray of float
        Viewpoints, metres.
    radius : float
        Range in metres.
    area : (n,) ndarray of float
        Square metres, arcs of the range counted exactly.
    perimeter : (n,) ndarray of float
        Metres, arcs and occluding edges included.
    max_view : (n,) ndarray of float
        Metres of the longest line of sight.
    min_view : (n,) ndarray of float
        Metres to the nearest obstacle; the range where none is near.
    occlusivity : (n,) ndarray of float
        Metres of the outline that are no obstacle but the edge of what an obstacle hides
        (arcs of the range are no such edges).
    touching : (n,) ndarray of bool
        Viewpoints on an obstacle, which was taken as not there.
    first : (n + 1,) ndarray of int64
        First sector of each viewpoint.
    start, end : (k,) ndarray of int64
        Directions of each sector, as in ``envelope.Sectors``.
    segment : (k,) ndarray of int64
        Row of the obstacle seen; -1 for the range.
    edge : (k, 4) ndarray of float
        x and y of both ends of what is seen, from the viewpoint.
    """

    x: np.ndarray
    y: np.ndarray
    radius: float
    area: np.ndarray
    perimeter: np.ndarray
    max_view: np.ndarray
    min_view: np.ndarray
    occlusivity: np.ndarray
    touching: np.ndarray
    first: np.ndarray
    start: np.ndarray
    end: np.ndarray
    segment: np.ndarray
    edge: np.ndarray

    def __len__(self) -> int:
        return len(self.x)

    def sees(self, view: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return which positions are seen from a viewpoint.

        Parameters
        ----------
        view : (m,) ndarray of int
            Number of the viewpoint.
        x, y : (m,) ndarray of float
            Metres. A position on the obstacle that is seen is seen as well.

        Returns
        -------
        (m,) ndarray of bool
        """
        view = np.asarray(view, dtype=np.int64)
        dx, dy = np.asarray(x) - self.x[view], np.asarray(y) - self.y[view]
        sector = self._sector(view, envelope.direction(dx, dy))
        ax, ay, bx, by = self.edge[sector].T
        beyond = (bx - ax) * (dy - ay) - (by - ay) * (dx - ax)
        slack = _SIGHT * (np.abs(bx - ax) + np.abs(by - ay) + 1e-3)
        near = np.hypot(dx, dy) <= self.radius * (1 + _SIGHT)
        return near & ((self.segment[sector] < 0) | (beyond >= -slack))

    def _sector(self, view: np.ndarray, angle: np.ndarray) -> np.ndarray:
        base = np.repeat(np.arange(len(self)), np.diff(self.first)) << envelope.BITS
        key = base + (self.start + envelope.HALF)
        found = np.searchsorted(key, (view << envelope.BITS) + (angle + envelope.HALF), side="right") - 1
        return np.clip(found, self.first[view], self.first[view + 1] - 1)

    def rings(self, step: float = ARC_STEP) -> tuple[np.ndarray, np.ndarray]:
        """Return the outlines as closed rings, counter-clockwise.

        Parameters
        ----------
        step : float
            Radians between corners on arcs, at most.

        Returns
        -------
        corners : (m, 2) ndarray of float
            Metres.
        start : (n + 1,) ndarray of int64
            First corner of each ring.
        """
        if not len(self):
            return np.empty((0, 2)), np.zeros(1, np.int64)
        width = (self.end - self.start) / envelope.TURN
        arc = self.segment < 0
        pieces = np.where(arc, np.maximum(np.ceil(width / step), 1), 1).astype(np.int64)
        sector, k = _spread(np.zeros(len(pieces), np.int64), pieces + 1)
        angle = self.start[sector] / envelope.TURN + width[sector] * k / pieces[sector]
        on_arc = arc[sector]
        ends = np.where((k == 0)[:, None], self.edge[sector, :2], self.edge[sector, 2:])
        x = np.where(on_arc, self.radius * np.cos(angle), ends[:, 0])
        y = np.where(on_arc, self.radius * np.sin(angle), ends[:, 1])
        view = np.repeat(np.arange(len(self)), np.diff(self.first))[sector]
        new = np.append(True, view[1:] != view[:-1])
        # the same corner ends one sector and begins the next
        apart = np.append(True, np.hypot(np.diff(x), np.diff(y)) > 1e-7) | new
        x, y, view = x[apart], y[apart], view[apart]
        begin = np.searchsorted(view, np.arange(len(self) + 1))
        last = begin[1:] - 1
        closed = np.hypot(x[last] - x[begin[:-1]], y[last] - y[begin[:-1]]) <= 1e-7
        drop = np.zeros(len(x), bool)
        drop[last[closed]] = True
        x, y, view = x[~drop], y[~drop], view[~drop]
        begin = np.searchsorted(view, np.arange(len(self) + 1))
        order = np.insert(np.arange(len(x)), begin[1:], begin[:-1])
        corners = np.column_stack([x + self.x[view], y + self.y[view]])[order]
        return corners, begin + np.arange(len(begin))


def isovists(
    x: np.ndarray, y: np.ndarray, obstacles: SegmentIndex | np.ndarray, radius: float, progress: Progress = silent
) -> Isovists:
    """Return what is visible from viewpoints within a radius.

    Parameters
    ----------
    x, y : (n,) ndarray of float
        Viewpoints, metres, finite.
    obstacles : SegmentIndex or (m, 4) ndarray of float
        Straight pieces of obstacles, x and y of both ends. They may cross, touch, repeat.
    radius : float
        Range in metres, > 0.
    progress : Progress

    Notes
    -----
    A piece within ``TOUCH`` of a viewpoint is left out for it (the viewpoint stands on the
    wall). Step out of a building's outline with :func:`~.outside.step_outside` first, or a
    viewpoint on it would see into the building.
    """
    if not radius > 0:
        raise ValueError("radius must be positive")
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    index = obstacles if isinstance(obstacles, SegmentIndex) else SegmentIndex(obstacles, max(radius / 2.0, 1.0))
    parts: list = []
    start, size = 0, 64
    while start < len(x) or not parts:
        progress(start / max(len(x), 1))
        stop = min(start + size, len(x))
        made, pairs = _some(x[start:stop], y[start:stop], index, radius, part(progress, start / max(len(x), 1), 1.0))
        parts.append(made)
        # as many next as fill the memory that is meant for it
        size = int(np.clip(size * MOST / 20 / max(pairs, 1), 1, 4 * size))
        start = stop
    progress(1.0)
    return parts[0] if len(parts) == 1 else _joined(parts)


def _joined(parts: list) -> Isovists:
    sectors = np.cumsum([0] + [len(p.start) for p in parts])
    first = np.concatenate([p.first[:-1] + s for p, s in zip(parts, sectors)] + [sectors[-1:]])
    names = ("x", "y", "area", "perimeter", "max_view", "min_view", "occlusivity", "touching", "start", "end",
             "segment", "edge")
    return Isovists(radius=parts[0].radius, first=first,
                    **{name: np.concatenate([getattr(p, name) for p in parts]) for name in names})


def _some(
    x: np.ndarray, y: np.ndarray, index: SegmentIndex, radius: float, progress: Progress
) -> tuple[Isovists, int]:
    view, segment = index.near(x, y, radius)
    ends = index.segments[segment] - np.column_stack([x, y, x, y])[view]
    progress(0.0)
    away = foot_points(np.zeros(len(view)), np.zeros(len(view)), ends)[2]
    touching = np.zeros(len(x), bool)
    touching[view[away <= TOUCH]] = True
    near = (away > TOUCH) & (away < radius)
    view, segment, ends, away = view[near], segment[near], ends[near], away[near]
    min_view = np.full(len(x), radius)
    np.minimum.at(min_view, view, away)
    ends, _ = envelope.turned(_within(ends, radius))
    # work: none of it shows in the bar, but it can be stopped
    sectors = envelope.nearest(view, ends, len(x), lambda fraction: progress(0.0))
    edge = _edges(sectors, ends, radius)
    first = np.searchsorted(sectors.view, np.arange(len(x) + 1))
    seen = np.where(sectors.piece < 0, -1, index.kept[segment[sectors.piece]] if len(segment) else -1)
    area, perimeter, max_view, occlusivity = _measures(sectors, edge, radius, first)
    return Isovists(x, y, float(radius), area, perimeter, max_view, min_view, occlusivity, touching, first,
                    sectors.start, sectors.end, seen, edge), len(view)


def _within(ends: np.ndarray, radius: float) -> np.ndarray:
    """Cut pieces off at the circle around the origin; all of them come nearer than the radius."""
    a, run = ends[:, :2], ends[:, 2:] - ends[:, :2]
    length2 = (run**2).sum(axis=1)
    middle = -(a * run).sum(axis=1) / length2
    outside = (a**2).sum(axis=1) - radius**2
    half = np.sqrt(np.maximum(middle**2 - outside / length2, 0.0))
    low, high = middle - half, middle + half
    start = np.where((low > 0)[:, None], a + low[:, None] * run, a)
    end = np.where((high < 1)[:, None], a + high[:, None] * run, ends[:, 2:])
    return np.column_stack([start, end])


def _edges(sectors: envelope.Sectors, ends: np.ndarray, radius: float) -> np.ndarray:
    """Return both ends of what each sector shows, (k, 4): on the piece, or on the circle."""
    out = np.empty((len(sectors.start), 4))
    pieces = np.flatnonzero(sectors.piece >= 0)
    seen = ends[sectors.piece[pieces]]
    for columns, corner, angle in ((slice(0, 2), seen[:, :2], sectors.start), (slice(2, 4), seen[:, 2:], sectors.end)):
        t = angle / envelope.TURN
        ray = np.column_stack([np.cos(t), np.sin(t)])
        out[:, columns] = radius * ray
        a, run = seen[:, :2], seen[:, 2:] - seen[:, :2]
        mine = ray[pieces]
        across = mine[:, 0] * run[:, 1] - mine[:, 1] * run[:, 0]
        beside = a[:, 0] * mine[:, 1] - a[:, 1] * mine[:, 0]
        along = np.clip(np.divide(beside, across, out=np.zeros(len(a)), where=across != 0), 0.0, 1.0)
        hit = a + along[:, None] * run
        # a sector that ends with its piece ends exactly there, as does the next piece of the same wall
        exact = envelope.direction(corner[:, 0], corner[:, 1]) == angle[pieces]
        out[pieces, columns] = np.where(exact[:, None], corner, hit)
    return out


def _measures(sectors: envelope.Sectors, edge: np.ndarray, radius: float, first: np.ndarray) -> tuple:
    """Return area, perimeter, longest view and occlusivity of each viewpoint."""
    arc = sectors.piece < 0
    width = (sectors.end - sectors.start) / envelope.TURN
    ax, ay, bx, by = edge.T
    area = np.where(arc, 0.5 * radius**2 * width, 0.5 * (ax * by - ay * bx))
    border = np.where(arc, radius * width, np.hypot(bx - ax, by - ay))
    r_start, r_end = np.hypot(ax, ay), np.hypot(bx, by)
    r_start, r_end = np.where(arc, radius, r_start), np.where(arc, radius, r_end)
    following = np.arange(1, len(arc) + 1)
    following[first[1:] - 1] = first[:-1]
    radial = np.abs(r_start[following] - r_end)
    radial = np.where(radial > 1e-9 * radius, radial, 0.0)
    begin = first[:-1]
    if not len(begin):
        return tuple(np.empty(0) for _ in range(4))
    occlusivity = np.add.reduceat(radial, begin)
    return (np.add.reduceat(area, begin), np.add.reduceat(border, begin) + occlusivity,
            np.minimum(np.maximum.reduceat(np.maximum(r_start, r_end), begin), radius), occlusivity)


def line_of_sight(
    start: np.ndarray,
    end: np.ndarray,
    obstacles: SegmentIndex | np.ndarray,
    clear_start: float = TOUCH,
    clear_end: float = TOUCH,
    progress: Progress = silent,
) -> np.ndarray:
    """Return which pairs of places see one another.

    Parameters
    ----------
    start, end : (n, 2) ndarray of float
        Metres, finite.
    obstacles : SegmentIndex or (m, 4) ndarray of float
        Straight pieces of obstacles, x and y of both ends; a line of sight that touches one
        is blocked.
    clear_start, clear_end : float
        Metres at either end of the line within which nothing blocks: a window lies on its own
        wall, a target may lie on a fence.
    progress : Progress

    Returns
    -------
    (n,) ndarray of bool
        True where the sight is free.
    """
    start = np.asarray(start, dtype=np.float64).reshape(-1, 2)
    end = np.asarray(end, dtype=np.float64).reshape(-1, 2)
    run = end - start
    length = np.hypot(run[:, 0], run[:, 1])
    if not isinstance(obstacles, SegmentIndex):
        usual = float(np.median(length)) if len(length) else 1.0
        obstacles = SegmentIndex(obstacles, max(usual / 2.0, 1.0))
    free = np.ones(len(start), bool)
    long = np.flatnonzero(length > clear_start + clear_end)
    if not len(obstacles) or not len(long):
        return free
    unit = run[long] / length[long, None]
    p, q = start[long] + clear_start * unit, end[long] - clear_end * unit
    # a long line is looked at in stretches, whose boxes hold few obstacles that it does not meet
    cuts = np.maximum(np.ceil(np.abs(q - p).max(axis=1) / (2.0 * obstacles.side)), 1).astype(np.int64)
    sight, k = _spread(np.zeros(len(cuts), np.int64), cuts)
    step = ((q - p) / cuts[:, None])[sight]
    a = p[sight] + k[:, None] * step
    b = np.where((k == cuts[sight] - 1)[:, None], q[sight], a + step)
    boxes = np.column_stack([np.minimum(a, b), np.maximum(a, b)])
    blocked = np.zeros(len(long), bool)
    begin, size = 0, 1000
    while begin < len(boxes):
        progress(begin / len(boxes))
        stop = min(begin + size, len(boxes))
        box, segment = obstacles.meeting(boxes[begin:stop])
        pair = sight[begin + box]
        open_ = ~blocked[pair]
        pair, segment = pair[open_], segment[open_]
        blocked[pair[_meet(p[pair], q[pair], obstacles.segments[segment])]] = True
        size = int(np.clip(size * MOST / 4 / max(len(box), 1), 100, 4 * size))
        begin = stop
    free[long] = ~blocked
    progress(1.0)
    return free


def _meet(p: np.ndarray, q: np.ndarray, segments: np.ndarray) -> np.ndarray:
    """Whether lines and pieces have a point in common, elementwise; (n,) bool."""
    a, b = segments[:, :2], segments[:, 2:]

    def side(o: np.ndarray, d: np.ndarray, c: np.ndarray) -> np.ndarray:
        return (d[:, 0] - o[:, 0]) * (c[:, 1] - o[:, 1]) - (d[:, 1] - o[:, 1]) * (c[:, 0] - o[:, 0])

    pa, pb, ap, aq = side(p, q, a), side(p, q, b), side(a, b, p), side(a, b, q)
    meet = (np.minimum(pa, pb) <= 0) & (np.maximum(pa, pb) >= 0) & (np.minimum(ap, aq) <= 0) & (
        np.maximum(ap, aq) >= 0)
    flat = meet & (pa == 0) & (pb == 0)
    if flat.any():  # on one line: they meet where their boxes do
        low, high = np.minimum(a[flat], b[flat]), np.maximum(a[flat], b[flat])
        meet[flat] = ((np.minimum(p[flat], q[flat]) <= high) & (np.maximum(p[flat], q[flat]) >= low)).all(axis=1)
    return meet
