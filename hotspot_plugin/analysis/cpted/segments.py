"""Line pieces (walls, fences, facades) sorted into squares, to find the few near a place."""

from __future__ import annotations

import numpy as np

from ..overlay import _spread

#: Entries (piece and square) or candidates looked at in one go; bounds the memory.
MOST = 2_000_000


class SegmentIndex:
    """Straight pieces of obstacles, to be asked which of them come near a place.

    Parameters
    ----------
    segments : (m, 4) ndarray of float
        x and y of both ends in metres. Pieces of no length and pieces with a coordinate that
        is no number hide nothing and are left out; ``kept`` holds the numbers of the others.
    side : float
        Side of the squares in metres; about half the distance that will be asked for.
    """

    def __init__(self, segments: np.ndarray, side: float) -> None:
        segments = np.asarray(segments, dtype=np.float64).reshape(-1, 4)
        if not side > 0:
            raise ValueError("side must be positive")
        usable = np.isfinite(segments).all(axis=1)
        usable &= (segments[:, 0] != segments[:, 2]) | (segments[:, 1] != segments[:, 3])
        self.kept = np.flatnonzero(usable)
        self.segments = segments[self.kept]
        self.side = float(side)
        a, b = self.segments[:, :2], self.segments[:, 2:]
        # cut where longer than a square, so that a long diagonal is not entered in all squares of its box
        cuts = np.maximum(np.ceil(np.abs(b - a).max(axis=1, initial=0.0) / self.side), 1).astype(np.int64)
        self._owner, k = _spread(np.zeros(len(cuts), np.int64), cuts)
        step = (b - a)[self._owner] / cuts[self._owner, None]
        start = a[self._owner] + k[:, None] * step
        self._cut = cuts > 1
        self._box = np.column_stack([np.minimum(start, start + step), np.maximum(start, start + step)])
        self._origin = self._box[:, :2].min(axis=0) if len(self._box) else np.zeros(2)
        self._low = self._cell(self._box[:, :2])
        high = self._cell(self._box[:, 2:])
        self._columns = int(high[:, 0].max(initial=0)) + 1
        self._rows = int(high[:, 1].max(initial=0)) + 1
        entry, cell = _cells(self._low, high, self._columns)
        order = np.argsort(cell, kind="stable")
        self._entry = entry[order]
        self._keys, first = np.unique(cell[order], return_index=True)
        self._first = np.append(first, len(order))

    def __len__(self) -> int:
        return len(self.segments)

    def _cell(self, xy: np.ndarray) -> np.ndarray:
        return np.floor((xy - self._origin) / self.side).astype(np.int64)

    def meeting(self, boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return all pairs of a box and a piece that may have a point in it.

        Parameters
        ----------
        boxes : (n, 4) ndarray of float
            x_min, y_min, x_max, y_max in metres.

        Returns
        -------
        box, segment : (k,) ndarray of int64
            Boxes ascend; a segment is a row of ``self.segments``, and no pair comes twice.
        """
        if not len(self.segments) or not len(boxes):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        limit = np.array([self._columns, self._rows]) - 1
        low = np.clip(self._cell(boxes[:, :2]), 0, limit)
        high = np.clip(self._cell(boxes[:, 2:]), -1, limit)
        box, cell = _cells(low, np.maximum(high, low - 1), self._columns)
        at = np.searchsorted(self._keys, cell)
        at[at == len(self._keys)] = 0
        known = self._keys[at] == cell
        box, cell, at = box[known], cell[known], at[known]
        pair, position = _spread(self._first[at], self._first[at + 1] - self._first[at])
        box, piece, cell = box[pair], self._entry[position], cell[pair]
        mine, theirs = self._box[piece], boxes[box]
        held = ((mine[:, :2] <= theirs[:, 2:]) & (mine[:, 2:] >= theirs[:, :2])).all(axis=1)
        # of the squares that both share, only the first tells of the pair
        corner = np.maximum(self._low[piece], low[box])
        held &= corner[:, 1] * self._columns + corner[:, 0] == cell
        box, segment = box[held], self._owner[piece[held]]
        if self._cut[segment].any():
            code = np.unique(box * len(self.segments) + segment)
            return code // len(self.segments), code % len(self.segments)
        return box, segment

    def near(self, x: np.ndarray, y: np.ndarray, radius: float) -> tuple[np.ndarray, np.ndarray]:
        """Return all pairs of a place and a piece within a distance of it (or little more).

        Parameters
        ----------
        x, y : (n,) ndarray of float
            Metres, finite.
        radius : float
            Metres.
        """
        x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        return self.meeting(np.column_stack([x - radius, y - radius, x + radius, y + radius]))


def _cells(low: np.ndarray, high: np.ndarray, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Return for ranges of squares the owner of each square and the square's number."""
    wide = np.maximum(high - low + 1, 0)
    owner, row = _spread(low[:, 1], wide[:, 1])
    entry, column = _spread(low[owner, 0], wide[owner, 0])
    return owner[entry], row[entry] * columns + column


def foot_points(x: np.ndarray, y: np.ndarray, segments: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the place on each piece nearest to a position, elementwise.

    Parameters
    ----------
    x, y : (n,) ndarray of float
    segments : (n, 4) ndarray of float
        Pieces of some length.

    Returns
    -------
    foot_x, foot_y, distance : (n,) ndarray of float
        Metres.
    """
    ax, ay, bx, by = np.asarray(segments, dtype=np.float64).T
    dx, dy = bx - ax, by - ay
    along = np.clip(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy), 0.0, 1.0)
    foot_x, foot_y = ax + along * dx, ay + along * dy
    return foot_x, foot_y, np.hypot(x - foot_x, y - foot_y)
