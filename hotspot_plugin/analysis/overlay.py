"""Which area holds a position, and which line is nearest: fast, exact, and one answer for ties.

Everything is done for many positions and many areas at once with numpy. Areas and lines
arrive as plain arrays of corners; ``layers/overlay.py`` makes those from QGIS geometries.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

import numpy as np

from .progress import Progress, silent

#: Positions this near to an outer side (metres) belong to the area; far below any survey's precision.
TOLERANCE = 1e-6
_POSITIONS = 50_000
_TESTS = 2_000_000
#: metres below which pieces of lines are not cut
_SHORTEST = 20.0
_MOST_ENTRIES = 30_000_000
#: x, y and side, elementwise, to yes or no
_SideTest = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def _spread(first: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return for runs (first, first + 1, … count of them) the owner of each entry and the entries."""
    owner = np.repeat(np.arange(len(count)), count)
    begin = np.cumsum(count) - count
    return owner, np.arange(len(owner)) - np.repeat(begin - first, count)


class BoxIndex:
    """Boxes sorted into bins of equal size, to find the few that can hold a position.

    Parameters
    ----------
    boxes : (m, 4) ndarray of float
        x_min, y_min, x_max, y_max.
    """

    def __init__(self, boxes: np.ndarray) -> None:
        self.boxes = np.asarray(boxes, dtype=np.float64)
        self.low = self.boxes[:, :2].min(axis=0)
        span = np.maximum(self.boxes[:, 2:].max(axis=0) - self.low, 1e-9)
        bins = float(np.clip(4 * len(self.boxes), 4096, 1_000_000))
        while True:
            side = max(float(np.sqrt(span[0] * span[1] / bins)), float(span.max()) / bins)
            self.shape = np.maximum(np.ceil(span / side).astype(np.int64), 1)
            self.side = span / self.shape
            first, last = self._bin(self.boxes[:, :2]), self._bin(self.boxes[:, 2:])
            wide = last - first + 1
            if int((wide[:, 0] * wide[:, 1]).sum()) <= _MOST_ENTRIES or bins <= 1:
                break
            bins /= 4
        box, row = _spread(first[:, 1], wide[:, 1])
        entry, column = _spread(first[box, 0], wide[box, 0])
        key = row[entry] * self.shape[0] + column
        # sorted by bin, and within a bin by box, so that the first box of a layer comes first
        order = np.argsort(key, kind="stable")
        self.entries = box[entry][order]
        self.start = np.concatenate([[0], np.cumsum(np.bincount(key, minlength=int(self.shape.prod())))])

    def _bin(self, xy: np.ndarray) -> np.ndarray:
        return np.clip(np.floor((xy - self.low) / self.side).astype(np.int64), 0, self.shape - 1)

    def candidates(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return pairs (position, box) of all boxes that hold a position, sides included.

        Positions ascend, and boxes ascend for each position.
        """
        cell = self._bin(np.column_stack([x, y]))
        key = cell[:, 1] * self.shape[0] + cell[:, 0]
        first = self.start[key]
        position, entry = _spread(first, self.start[key + 1] - first)
        box = self.entries[entry]
        limits = self.boxes[box]
        px, py = x[position], y[position]
        held = (px >= limits[:, 0]) & (px <= limits[:, 2]) & (py >= limits[:, 1]) & (py <= limits[:, 3])
        return position[held], box[held]

    def meeting(self, boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return pairs (box given, own box) that touch one another, each once; (m, 4) boxes as above."""
        first, last = self._bin(boxes[:, :2]), self._bin(boxes[:, 2:])
        wide = last - first + 1
        given, row = _spread(first[:, 1], wide[:, 1])
        entry, column = _spread(first[given, 0], wide[given, 0])
        given, key = given[entry], row[entry] * self.shape[0] + column
        place, found = _spread(self.start[key], self.start[key + 1] - self.start[key])
        given, own = given[place], self.entries[found]
        a, b = boxes[given], self.boxes[own]
        meet = ((a[:, 0] <= b[:, 2]) & (b[:, 0] <= a[:, 2]) & (a[:, 1] <= b[:, 3]) & (b[:, 1] <= a[:, 3]))
        pair = np.unique(given[meet] * np.int64(len(self.boxes)) + own[meet])
        return pair // len(self.boxes), pair % len(self.boxes)

    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """Return all pairs of boxes that touch one another, the lower number first, each pair once."""
        where = np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))
        place = np.arange(len(self.entries))
        first, other = _spread(place + 1, self.start[where + 1] - place - 1)
        one, two = self.entries[first], self.entries[other]
        a, b = self.boxes[one], self.boxes[two]
        meet = ((a[:, 0] <= b[:, 2]) & (b[:, 0] <= a[:, 2]) & (a[:, 1] <= b[:, 3]) & (b[:, 1] <= a[:, 3]))
        key = np.unique(np.minimum(one, two)[meet] * np.int64(len(self.boxes)) + np.maximum(one, two)[meet])
        return key // len(self.boxes), key % len(self.boxes)


@dataclass(frozen=True)
class _Edges:
    """Sides of polygons, each from its lower to its upper end, and where to look for them."""

    ax: np.ndarray
    ay: np.ndarray
    bx: np.ndarray
    by: np.ndarray
    slope: np.ndarray


class PolygonIndex:
    """Polygons, prepared to tell which of them hold a position.

    Parameters
    ----------
    vertices : (m, 2) ndarray of float
        Corners of all rings, each ring closed.
    owner : (m,) ndarray of int
        Number of the area that each corner belongs to, from 0.
    ring_start : (r,) ndarray of int
        Index of the first corner of each ring.
    count : int, optional
        Number of areas; by default the largest owner + 1.

    Notes
    -----
    Even-odd rule over all rings of an area, so holes and several parts are right. Like
    cells of a grid an area holds its west and south sides, not its east and north ones:
    along a side that two areas share (same corners) a position is in exactly one of them.
    Only the sides within a thin slab at the height of the position are tested.
    """

    def __init__(
        self, vertices: np.ndarray, owner: np.ndarray, ring_start: np.ndarray, count: int | None = None
    ) -> None:
        vertices, owner = np.asarray(vertices, dtype=np.float64), np.asarray(owner, dtype=np.int64)
        if not len(vertices):
            raise ValueError("no polygons")
        self.count = int(owner.max()) + 1 if count is None else count
        ends = np.zeros(len(vertices), dtype=bool)
        ends[np.append(np.asarray(ring_start, dtype=np.int64)[1:], len(vertices)) - 1] = True
        here = np.flatnonzero(~ends)
        a, b, area = vertices[here], vertices[here + 1], owner[here]
        # Both areas at a side must compute with the very same numbers: lower end first.
        turn = (a[:, 1] > b[:, 1]) | ((a[:, 1] == b[:, 1]) & (a[:, 0] > b[:, 0]))
        a, b = np.where(turn[:, None], b, a), np.where(turn[:, None], a, b)
        rise = b[:, 1] - a[:, 1]
        slope = np.divide(b[:, 0] - a[:, 0], rise, out=np.zeros(len(rise)), where=rise > 0)
        self._boxes(a, b, area)
        self._slabs(a[:, 1], b[:, 1], area)
        a, b, slope = a[self._order], b[self._order], slope[self._order]
        columns = (a[:, 0], a[:, 1], b[:, 0], b[:, 1], slope)
        self._edges = _Edges(*(np.ascontiguousarray(column) for column in columns))

    def _boxes(self, a: np.ndarray, b: np.ndarray, area: np.ndarray) -> None:
        boxes = np.full((self.count, 4), np.inf)
        boxes[:, 2:] = -np.inf
        np.minimum.at(boxes[:, 0], area, np.minimum(a[:, 0], b[:, 0]))
        np.minimum.at(boxes[:, 1], area, a[:, 1])
        np.maximum.at(boxes[:, 2], area, np.maximum(a[:, 0], b[:, 0]))
        np.maximum.at(boxes[:, 3], area, b[:, 1])
        self.areas = np.flatnonzero(np.isfinite(boxes[:, 0]))
        boxes = boxes + np.array([-TOLERANCE, -TOLERANCE, TOLERANCE, TOLERANCE])
        self._bottom, self._height = boxes[:, 1], boxes[:, 3] - boxes[:, 1]
        self._index = BoxIndex(boxes[self.areas])

    def _slabs(self, low: np.ndarray, high: np.ndarray, area: np.ndarray) -> None:
        slabs = np.clip(np.bincount(area, minlength=self.count) // 4, 1, 4096)
        while True:
            step = self._height[area] / slabs[area]
            first = np.floor((low - TOLERANCE - self._bottom[area]) / step).astype(np.int64)
            last = np.floor((high + TOLERANCE - self._bottom[area]) / step).astype(np.int64)
            first, last = np.maximum(first, 0), np.minimum(last, slabs[area] - 1)
            if int((last - first + 1).sum()) <= _MOST_ENTRIES or slabs.max() == 1:
                break
            slabs = np.maximum(slabs // 2, 1)
        self._slab_count = slabs
        self._slab_offset = np.cumsum(slabs) - slabs
        edge, slab = _spread(first, last - first + 1)
        key = self._slab_offset[area[edge]] + slab
        self._order = edge[np.argsort(key, kind="stable")]
        self._slab_start = np.concatenate([[0], np.cumsum(np.bincount(key, minlength=int(slabs.sum())))])

    def pairs(self, x: np.ndarray, y: np.ndarray, progress: Progress = silent) -> tuple[np.ndarray, np.ndarray]:
        """Return all pairs of a position and an area that holds it.

        Parameters
        ----------
        x, y : (n,) ndarray of float
            Metres. NaN is in no area.
        progress : Progress

        Returns
        -------
        position, area : (k,) ndarray of int64
            Positions ascend, and areas ascend for each position. A position in no area but
            on the outer side of one (within a micrometre) is held by the first such area.
        """
        x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        out_position, out_area = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for start in range(0, len(known), _POSITIONS):
            progress(start / len(known))
            chosen = known[start : start + _POSITIONS]
            position, area = self._pairs(x[chosen], y[chosen], progress, start / len(known))
            out_position.append(chosen[position])
            out_area.append(area)
        progress(1.0)
        return np.concatenate(out_position), np.concatenate(out_area)

    def first(self, x: np.ndarray, y: np.ndarray, progress: Progress = silent) -> np.ndarray:
        """Return the first area that holds each position, (n,) int64, -1 for none."""
        return first_of(len(x), *self.pairs(x, y, progress))

    def _pairs(
        self, x: np.ndarray, y: np.ndarray, progress: Progress, done: float
    ) -> tuple[np.ndarray, np.ndarray]:
        position, box = self._index.candidates(x, y)
        area = self.areas[box]
        inside = self._test(x[position], y[position], area, self._crossings, progress, done) % 2 == 1
        lonely = np.ones(len(x), dtype=bool)
        lonely[position[inside]] = False
        ask = np.flatnonzero(lonely[position])
        if len(ask):
            touched = self._test(x[position[ask]], y[position[ask]], area[ask], self._touches, progress, done) > 0
            ask = ask[touched]
            # candidates are ordered, so the first entry of a position is its first area
            inside[ask[np.unique(position[ask], return_index=True)[1]]] = True
        return position[inside], area[inside]

    def _test(
        self, x: np.ndarray, y: np.ndarray, area: np.ndarray, test: _SideTest, progress: Progress, done: float
    ) -> np.ndarray:
        """Return for each pair of position and area how many of the sides nearby pass a test."""
        slab = np.floor((y - self._bottom[area]) / (self._height[area] / self._slab_count[area])).astype(np.int64)
        slab = self._slab_offset[area] + np.clip(slab, 0, self._slab_count[area] - 1)
        first = self._slab_start[slab]
        count = self._slab_start[slab + 1] - first
        total = np.concatenate([[0], np.cumsum(count)])
        out = np.empty(len(x), dtype=np.int64)
        start = 0
        while start < len(x):
            stop = max(start + 1, int(np.searchsorted(total, total[start] + _TESTS, side="right")) - 1)
            pair, edge = _spread(first[start:stop], count[start:stop])
            passed = np.concatenate([[0], np.cumsum(test(x[start:stop][pair], y[start:stop][pair], edge))])
            limits = total[start : stop + 1] - total[start]
            out[start:stop] = np.diff(passed[limits])
            start = stop
            progress(done)
        return out

    def _crossings(self, x: np.ndarray, y: np.ndarray, edge: np.ndarray) -> np.ndarray:
        """Whether a ray to the east crosses each side."""
        e = self._edges
        low = e.ay[edge]
        return ((low > y) != (e.by[edge] > y)) & (x < e.ax[edge] + (y - low) * e.slope[edge])

    def _touches(self, x: np.ndarray, y: np.ndarray, edge: np.ndarray) -> np.ndarray:
        """Whether a position lies on each side."""
        e = self._edges
        squared = squared_distance(x, y, e.ax[edge], e.ay[edge], e.bx[edge], e.by[edge])
        return squared <= TOLERANCE**2


def cells_inside(
    vertices: np.ndarray,
    ring_start: np.ndarray,
    x_min: float,
    y_max: float,
    cell: float,
    shape: tuple[int, int],
    progress: Progress = silent,
) -> np.ndarray:
    """Return which cells of a raster have their centre inside rings (even-odd rule).

    Parameters
    ----------
    vertices : (m, 2) ndarray of float
        Corners of all rings, each closed, in metres.
    ring_start : (r,) ndarray of int
        Index of the first corner of each ring.
    x_min, y_max : float
        North-west corner of the raster.
    cell : float
        Side of a cell.
    shape : tuple of int
        Rows and columns.

    Returns
    -------
    (rows, columns) ndarray of bool
        Row 0 is the north.
    """
    rows, columns = shape
    ends = np.zeros(len(vertices), dtype=bool)
    ends[np.append(np.asarray(ring_start, dtype=np.int64)[1:], len(vertices)) - 1] = True
    here = np.flatnonzero(~ends)
    a, b = vertices[here], vertices[here + 1]
    down = a[:, 1] > b[:, 1]
    a, b = np.where(down[:, None], b, a), np.where(down[:, None], a, b)
    # rows whose centre line a side crosses: those with a_y <= y < b_y
    top = np.ceil((y_max - b[:, 1]) / cell - 0.5 - 1e-9).astype(np.int64) - 1
    bottom = np.floor((y_max - a[:, 1]) / cell - 0.5 + 1e-9).astype(np.int64) + 1
    inside = np.zeros(shape, dtype=bool)
    band = max(1, min(_TESTS // max(columns, 1), _TESTS // max(len(a), 1)))
    for start in range(0, rows, band):
        progress(start / rows)
        stop = min(start + band, rows)
        first, last = np.maximum(top, start), np.minimum(bottom, stop - 1)
        side, row = _spread(first, np.maximum(last - first + 1, 0))
        y = y_max - (row + 0.5) * cell
        (ax, ay), (bx, by) = a[side].T, b[side].T
        hit = (ay <= y) & (by > y)
        x = ax[hit] + (y[hit] - ay[hit]) * (bx[hit] - ax[hit]) / (by[hit] - ay[hit])
        # the side turns all cells whose centre is west of it
        turned = np.clip(np.ceil((x - x_min) / cell - 0.5), 0, columns).astype(np.int64)
        key = (row[hit] - start) * (columns + 1) + turned
        ended = np.bincount(key, minlength=(stop - start) * (columns + 1)).reshape(stop - start, columns + 1)
        turns = np.cumsum(ended[:, ::-1], axis=1)[:, ::-1]
        inside[start:stop] = turns[:, 1:] % 2 == 1
    progress(1.0)
    return inside


def first_of(n: int, position: np.ndarray, area: np.ndarray) -> np.ndarray:
    """Return the first area of each of n positions from ordered pairs; -1 for none."""
    out = np.full(n, -1, dtype=np.int64)
    out[position[::-1]] = area[::-1]
    return out


def squared_distance(
    x: np.ndarray, y: np.ndarray, ax: np.ndarray, ay: np.ndarray, bx: np.ndarray, by: np.ndarray
) -> np.ndarray:
    """Squared distance of positions to line pieces, elementwise."""
    dx, dy = bx - ax, by - ay
    length2 = dx * dx + dy * dy
    along = np.divide((x - ax) * dx + (y - ay) * dy, length2, out=np.zeros(len(x)), where=length2 > 0)
    along = np.clip(along, 0.0, 1.0)
    return (x - ax - along * dx) ** 2 + (y - ay - along * dy) ** 2


def nearest_line(
    vertices: np.ndarray,
    owner: np.ndarray,
    part_start: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    max_distance: float,
    progress: Progress = silent,
) -> tuple[np.ndarray, np.ndarray]:
    """Find the nearest line within a distance; of equally near lines the first.

    Parameters
    ----------
    vertices : (m, 2) ndarray of float
        Corners of all lines, in metres.
    owner : (m,) ndarray of int
        Number of the line that each corner belongs to.
    part_start : (r,) ndarray of int
        Index of the first corner of each part (lines may have several).
    x, y : (n,) ndarray of float
        Metres. NaN is near no line.
    max_distance : float
        Metres, > 0; a line at exactly this distance counts.
    progress : Progress

    Returns
    -------
    line : (n,) ndarray of int64
        -1 for none.
    distance : (n,) ndarray of float
        Metres; NaN for none.
    """
    if not max_distance > 0:
        raise ValueError("max_distance must be positive")
    vertices, owner = np.asarray(vertices, dtype=np.float64), np.asarray(owner, dtype=np.int64)
    ends = np.zeros(len(vertices), dtype=bool)
    ends[np.append(np.asarray(part_start, dtype=np.int64)[1:], len(vertices)) - 1] = True
    here = np.flatnonzero(~ends)
    # a reach of next to nothing must not cut the lines into next to nothing
    a, b, line = _short(vertices[here], vertices[here + 1], owner[here], max(4.0 * max_distance, _SHORTEST))
    reach = max_distance * (1 + 1e-9)
    index = BoxIndex(np.column_stack([np.minimum(a, b) - reach, np.maximum(a, b) + reach]))
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    out = np.full(len(x), -1, dtype=np.int64)
    distance = np.full(len(x), np.nan)
    known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    step = _POSITIONS // 5
    for start in range(0, len(known), step):
        progress(start / len(known))
        chosen = known[start : start + step]
        position, piece = index.candidates(x[chosen], y[chosen])
        squared = squared_distance(
            x[chosen][position], y[chosen][position], a[piece, 0], a[piece, 1], b[piece, 0], b[piece, 1]
        )
        near = squared <= reach**2
        position, squared, piece = position[near], squared[near], piece[near]
        # micrometres make equally near lines equal although their sums rounded differently
        rank = np.lexsort((line[piece], np.round(np.sqrt(squared), 6), position))
        position, first = np.unique(position[rank], return_index=True)
        out[chosen[position]] = line[piece[rank[first]]]
        distance[chosen[position]] = np.sqrt(squared[rank[first]])
    progress(1.0)
    return out, distance


def _short(a: np.ndarray, b: np.ndarray, line: np.ndarray, longest: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cut long line pieces, whose boxes would hold positions far from them."""
    pieces = np.maximum(np.ceil(np.hypot(*(b - a).T) / longest), 1).astype(np.int64)
    owner, k = _spread(np.zeros(len(pieces), dtype=np.int64), pieces)
    run = (b - a)[owner] / pieces[owner][:, None]
    start = a[owner] + k[:, None] * run
    return start, np.where((k == pieces[owner] - 1)[:, None], b[owner], start + run), line[owner]
