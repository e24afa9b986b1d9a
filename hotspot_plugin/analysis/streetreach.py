"""How far one comes along streets: the pieces of street within a distance of a place."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import crossings, network
from .progress import Progress, silent

#: Metres of the pieces that streets are cut into, which is how exact an end is.
PIECE = 10.0
#: Metres within which corners of two lines are the same.
_SAME = 0.5
#: Metres within which the end of a line meets another line.
_TOUCH = 1.0


class StreetReach:
    """Streets in short pieces.

    Lines are joined where they end at one another or share a corner; lines that cross without a common corner (a
    bridge) are not.

    Parameters
    ----------
    vertices : (m, 2) array
        Corners of all lines, in metres.
    part_start : (r,) int array
        Index of the first corner of each line.
    progress : Progress
    """

    def __init__(self, vertices: np.ndarray, part_start: np.ndarray, progress: Progress = silent) -> None:
        joints = crossings.find(vertices, part_start, _TOUCH, None, progress)
        parts = crossings.cut(vertices, part_start, joints, False, _TOUCH)
        line = np.repeat(np.arange(len(parts.part_start)), np.diff(np.append(parts.part_start, len(parts.vertices))))
        corner = network.snap(parts.vertices, _SAME)
        one = np.flatnonzero(np.diff(line) == 0)
        a, b = parts.vertices[one], parts.vertices[one + 1]
        length = np.hypot(*(b - a).T)
        one, a, b, length = one[length > 0], a[length > 0], b[length > 0], length[length > 0]
        number = np.maximum(np.ceil(length / PIECE).astype(np.int64), 1)
        owner = np.repeat(np.arange(len(a)), number)
        step = np.arange(len(owner)) - np.repeat(np.cumsum(number) - number, number)
        way = (b - a)[owner] / number[owner][:, None]
        ends = step + 1 == number[owner]
        self.first = a[owner] + way * step[:, None]
        self.last = np.where(ends[:, None], b[owner], self.first + way)
        # only corners join: where a bridge leads over a street both may be cut at the same place
        known = int(corner.max(initial=-1)) + 1
        inner = known + np.cumsum(~ends) - 1
        self.end = np.where(ends, corner[one + 1][owner], inner)
        self.start = np.where(step == 0, corner[one][owner], np.concatenate([[0], self.end[:-1]]))
        count = known + int((~ends).sum())
        self.xy = np.zeros((count, 2))
        self.xy[self.start], self.xy[self.end] = self.first, self.last
        self._graph = self._make(length[owner] / number[owner], count)

    def _make(self, cost: np.ndarray, count: int) -> Any:
        from scipy.sparse import csr_matrix

        # of parallel pieces the shortest counts; csr would add them up
        low, high = np.minimum(self.start, self.end), np.maximum(self.start, self.end)
        order = np.lexsort((cost, high, low))
        order = order[low[order] != high[order]]
        first = np.ones(len(order), bool)
        first[1:] = (np.diff(low[order]) != 0) | (np.diff(high[order]) != 0)
        kept = order[first]
        return csr_matrix((np.maximum(cost[kept], 1e-9), (low[kept], high[kept])), shape=(count, count))

    def within(self, nodes: np.ndarray, distance: float) -> np.ndarray:
        """Return the metres along streets from some nodes to each node; infinity beyond a distance."""
        from scipy.sparse.csgraph import dijkstra

        if not len(nodes):
            return np.full(len(self.xy), np.inf)
        return dijkstra(self._graph, directed=False, indices=nodes, limit=distance, min_only=True)

    def pieces(self, metres: np.ndarray, distance: float) -> np.ndarray:
        """Return which pieces lie within a distance as a whole, (k,) array of bool."""
        return (metres[self.start] <= distance) & (metres[self.end] <= distance)
