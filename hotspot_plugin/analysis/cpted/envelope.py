"""What is nearest in every direction: the angular sweep, for many places at once.

Seen from the origin a straight piece on the line ``n . p = c`` lies in the direction
``(cos t, sin t)`` at the distance ``1 / u(t)`` with ``u(t) = (n / c) . (cos t, sin t)``. The nearest
piece is the upper envelope of these curves, and two of them cross at most once within half a
turn. Envelopes are merged two by two, as runs of a merge sort: n pieces take O(n log n) steps
times the number of sectors that remain, and all places go through numpy together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..progress import Progress, silent

#: Directions are whole numbers of this part of a radian: 2e-12, a nanometre at half a kilometre.
TURN = float(2**39)
#: Half a turn, and bits that a direction takes beside the number of a place.
HALF = int(np.rint(np.pi * TURN))
BITS = 42
#: Sectors narrower than this many parts are not split further.
_THIN = 8
#: Relative difference of 1 / distance that is rounding.
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Sectors:
    """The nearest piece by direction for several places; sectors of a place fill the whole turn.

    Attributes
    ----------
    view : (k,) ndarray of int64
        Place of each sector, ascending.
    start, end : (k,) ndarray of int64
        Directions in parts of ``1 / TURN`` radian from the east, counter-clockwise,
        from ``-HALF`` to ``HALF``.
    piece : (k,) ndarray of int64
        Number of the nearest piece; -1 where there is none.
    """

    view: np.ndarray
    start: np.ndarray
    end: np.ndarray
    piece: np.ndarray


def direction(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the direction of positions in whole parts."""
    return np.rint(np.arctan2(y, x) * TURN).astype(np.int64)


def turned(ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Order the ends of pieces counter-clockwise around the origin.

    Parameters
    ----------
    ends : (n, 4) ndarray of float
        x and y of both ends, in metres from the place.

    Returns
    -------
    ends : (n, 4) ndarray of float
    cross : (n,) ndarray of float
        Cross product of both ends; 0 for a piece seen from its end, which hides nothing.
    """
    cross = ends[:, 0] * ends[:, 3] - ends[:, 1] * ends[:, 2]
    ends = np.where((cross < 0)[:, None], ends[:, [2, 3, 0, 1]], ends)
    return ends, np.abs(cross)


def nearest(view: np.ndarray, ends: np.ndarray, views: int, progress: Progress = silent) -> Sectors:
    """Return the nearest piece in every direction.

    Parameters
    ----------
    view : (n,) ndarray of int64
        Place from which each piece is seen, ascending.
    ends : (n, 4) ndarray of float
        x and y of both ends in metres from the place, counter-clockwise (see :func:`turned`).
        Pieces may cross, touch and lie on one another; of equally near ones the first is taken.
    views : int
        Number of places; one without any piece gets a single sector.
    progress : Progress
    """
    if not views:
        none = np.empty(0, np.int64)
        return Sectors(none, none, none, none)
    cross = ends[:, 0] * ends[:, 3] - ends[:, 1] * ends[:, 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        u = np.column_stack([ends[:, 3] - ends[:, 1], ends[:, 0] - ends[:, 2]]) / cross[:, None]
    t1, t2 = direction(ends[:, 0], ends[:, 1]), direction(ends[:, 2], ends[:, 3])
    seen = np.flatnonzero((cross > 0) & np.isfinite(u).all(axis=1) & (t1 != t2))
    low, high, owner, piece = _unwrapped(t1[seen], t2[seen], view[seen], seen)
    group, owners, t, piece = _runs(low, high, owner, piece, views)
    first = np.searchsorted(owners, np.arange(views + 1))
    count = np.diff(first)
    while count.max() > 1:
        progress(1.0 / float(count.max()))
        half = (group - first[owners[group]]) & 1
        new = (count + 1) // 2
        offset = np.concatenate([[0], np.cumsum(new)])
        merged = offset[owners[group]] + ((group - first[owners[group]]) >> 1)
        owners, first, count = np.repeat(np.arange(views), new), offset, new
        group, t, piece = _merge(merged, half, t, piece, u)
    last = np.append(group[1:] != group[:-1], True)
    end = np.where(last, HALF, np.append(t[1:], HALF))
    return Sectors(owners[group], t, end, piece)


def _unwrapped(low: np.ndarray, high: np.ndarray, view: np.ndarray, piece: np.ndarray) -> tuple:
    """Cut what reaches over the west, where directions jump."""
    over = high < low
    parts = (
        np.concatenate([low, np.full(int(over.sum()), -HALF)]),
        np.concatenate([np.where(over, HALF, high), high[over]]),
        np.concatenate([view, view[over]]),
        np.concatenate([piece, piece[over]]),
    )
    some = parts[0] < parts[1]
    order = np.argsort(parts[2][some], kind="stable")
    return tuple(values[some][order] for values in parts)


def _runs(low: np.ndarray, high: np.ndarray, view: np.ndarray, piece: np.ndarray, views: int) -> tuple:
    """Make of each piece an envelope of its own: nothing, the piece, nothing; and one for places without any."""
    empty = np.setdiff1d(np.arange(views), view)
    owners = np.concatenate([view, empty])
    order = np.argsort(owners, kind="stable")
    number = np.empty(len(owners), np.int64)
    number[order] = np.arange(len(owners))
    mine, before, after = number[: len(view)], low > -HALF, high < HALF
    group = np.concatenate([mine[before], number[len(view):], mine, mine[after]])
    t = np.concatenate([np.full(int(before.sum()) + len(empty), -HALF), low, high[after]])
    what = np.concatenate([np.full(int(before.sum()) + len(empty), -1), piece, np.full(int(after.sum()), -1)])
    sort = np.argsort((group << BITS) + (t + HALF), kind="stable")
    return group[sort], owners[order], t[sort], what[sort]


def _merge(group: np.ndarray, half: np.ndarray, t: np.ndarray, piece: np.ndarray, u: np.ndarray) -> tuple:
    """Merge the envelopes of each group, told apart by half (0 or 1), into one."""
    key = (group << BITS) + (t + HALF)
    order = np.argsort(key, kind="stable")  # runs that are sorted already: a merge
    key, group, half, t, piece = key[order], group[order], half[order], t[order], piece[order]
    here = np.arange(len(key))
    begin = np.maximum.accumulate(np.where(np.append(True, group[1:] != group[:-1]), here, 0))
    known = [np.maximum.accumulate(np.where(half == side, here, -1)) for side in (0, 1)]
    one, other = (np.where(k >= begin, piece[k], -1) for k in known)
    last = np.append(key[1:] != key[:-1], True)  # of what begins in one direction the last knows both halves
    group, t, one, other = group[last], t[last], one[last], other[last]
    end = np.where(np.append(group[1:] != group[:-1], True), HALF, np.append(t[1:], HALF))
    first = np.where(one < 0, other, one)
    split, turn, second = np.zeros(len(t), bool), t.copy(), first.copy()
    both = np.flatnonzero((one >= 0) & (other >= 0) & (one != other))
    if len(both):
        first[both], second[both], turn[both], split[both] = _nearer(
            u[one[both]], u[other[both]], one[both], other[both], t[both], end[both])
    at = np.repeat(np.arange(len(t)), 1 + split)
    new = np.append(False, at[1:] == at[:-1])
    group, t, piece = group[at], np.where(new, turn[at], t[at]), np.where(new, second[at], first[at])
    keep = np.append(True, (group[1:] != group[:-1]) | (piece[1:] != piece[:-1]))
    return group[keep], t[keep], piece[keep]


def _nearer(
    a: np.ndarray, b: np.ndarray, one: np.ndarray, other: np.ndarray, t: np.ndarray, end: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the piece that is nearer first, the one after a crossing, where they cross, and whether."""
    difference = a - b
    signs = []
    for angle in (t / TURN, end / TURN):
        c, s = np.cos(angle), np.sin(angle)
        d = difference[:, 0] * c + difference[:, 1] * s
        size = np.abs((a[:, 0] + b[:, 0]) * c + (a[:, 1] + b[:, 1]) * s)
        signs.append(np.where(np.abs(d) <= _ROUNDING * size, 0.0, d))
    at_start, at_end = signs
    cross = np.arctan2(-difference[:, 0], difference[:, 1])
    cross = cross - np.pi * np.floor((cross - t / TURN) / np.pi)
    where = np.rint(cross * TURN).astype(np.int64)
    opposite = at_start * at_end < 0
    split = opposite & (where - t > _THIN) & (end - where > _THIN)
    # a crossing at either end is a common corner: what is nearer over nearly all of the sector decides
    total = at_start + at_end
    total = np.where(opposite & ~split, np.where(where - t <= _THIN, at_end, at_start), total)
    front = np.where(split, at_start, total) >= 0
    return np.where(front, one, other), np.where(front, other, one), where, split
