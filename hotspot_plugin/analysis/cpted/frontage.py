"""How much of a frontage a fence or wall runs along, and the gaps in it.

A frontage is a line: a side of a street, or the outline of a plot. A barrier covers the part
of it that lies square in front of it, within a distance. So a fence between two plots that
only meets the frontage covers nothing of it, and a wall along it covers its own length.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..overlay import BoxIndex
from ..progress import Progress, silent

#: openings narrower than this (metres) are joints of the drawing
_CRACK = 1e-6
_TOGETHER = 20_000


@dataclass(frozen=True)
class Cover:
    """What runs along each frontage.

    Attributes
    ----------
    length : (n,) array
        Metres of frontage.
    covered : (n,) array
        Metres of it with a barrier.
    gaps : (n,) int64 array
        Openings between two barriers of the same frontage, at least as wide as asked for.
    widest : (n,) array
        Metres of the widest of them; NaN without one.
    gap_owner : (k,) int64 array
        Frontage of each gap.
    gap_part : (k,) int64 array
        Part of the lines that it is in.
    gap_from, gap_to : (k,) arrays
        Metres from the begin of that part; ``gap_to`` is beyond its length where the gap of a
        closed line goes on across its begin.
    part, begin, stop : arrays
        What is covered: part of the lines, and metres from and to; ascending.
    """

    length: np.ndarray
    covered: np.ndarray
    gaps: np.ndarray
    widest: np.ndarray
    gap_owner: np.ndarray
    gap_part: np.ndarray
    gap_from: np.ndarray
    gap_to: np.ndarray
    part: np.ndarray
    begin: np.ndarray
    stop: np.ndarray

    def holds(self, part: np.ndarray, along: np.ndarray) -> np.ndarray:
        """Return whether places, given by part and metres along it, are covered; (k,) bool."""
        if not len(self.part):
            return np.zeros(len(part), dtype=bool)
        lift = float(max(self.stop.max(), np.max(along, initial=0.0))) + 1.0
        at = np.searchsorted(self.part * lift + self.begin, part * lift + along, side="right") - 1
        return (at >= 0) & (self.part[at] == part) & (along <= self.stop[at])

    @property
    def share(self) -> np.ndarray:
        """Share of each frontage with a barrier, (n,); NaN without frontage."""
        return np.divide(self.covered, self.length, out=np.full(len(self.length), np.nan), where=self.length > 0)


@dataclass(frozen=True)
class Lines:
    """Lines as arrays of corners.

    Attributes
    ----------
    vertices : (m, 2) array
    owner : (m,) int64 array
        Feature of each corner.
    part_start : (r,) int64 array
        Index of the first corner of each part.
    """

    vertices: np.ndarray
    owner: np.ndarray
    part_start: np.ndarray

    def pieces(self) -> tuple:
        """Return ends, part and metres along that part of all straight pieces."""
        part = np.repeat(np.arange(len(self.part_start)), np.diff(np.append(self.part_start, len(self.vertices))))
        steps = np.hypot(*np.diff(self.vertices, axis=0).T)
        inner = np.flatnonzero((np.diff(part) == 0) & (steps > 0))
        steps[np.diff(part) > 0] = 0.0
        running = np.concatenate([[0.0], np.cumsum(steps)])
        along = running - running[self.part_start][part]
        return self.vertices[inner], self.vertices[inner + 1], part[inner], along[inner], steps[inner]


def cover(
    frontage: Lines, n: int, barriers: Lines | None, least: float, most: float, least_gap: float = 1.0,
    progress: Progress = silent,
) -> Cover:
    """Measure barriers along frontages.

    Parameters
    ----------
    frontage : Lines
    n : int
        Number of features that own frontages.
    barriers : Lines or None
    least, most : float
        Where a barrier counts: metres to the left of the frontage, square to it, in the
        direction in which it was drawn; negative ones are to its right.
    least_gap : float
        Metres; narrower openings are no gaps and count as covered.

    Notes
    -----
    Exact for straight pieces. Around the outside of a bend a barrier is only seen from the
    pieces on either side, which leaves the bend's own wedge to neither; it has no length.
    """
    a, b, part, along, length = frontage.pieces()
    owner_of_part = frontage.owner[frontage.part_start]
    parts = len(frontage.part_start)
    part_length = np.bincount(part, length, minlength=parts)
    found = [(np.empty(0, np.int64), np.empty(0), np.empty(0))]
    if barriers is not None and len(barriers.vertices):
        found = _intervals(a, b, part, along, length, barriers, least, most, progress)
    where, low, high = (np.concatenate(column) for column in zip(*found))
    where, low, high = _united(where, low, high, max(least_gap, _CRACK))
    last = np.append(frontage.part_start[1:], len(frontage.vertices)) - 1
    closed = np.hypot(*(frontage.vertices[last] - frontage.vertices[frontage.part_start]).T) <= 1e-6
    where, low, high, gap = _gaps(where, low, high, part_length, closed, max(least_gap, _CRACK))
    covered = np.bincount(where, high - low, minlength=parts)
    gap_part, gap_from, gap_to = gap
    gap_owner = owner_of_part[gap_part]
    widest = np.full(n, -np.inf)
    np.maximum.at(widest, gap_owner, gap_to - gap_from)
    return Cover(
        np.bincount(owner_of_part, part_length, minlength=n),
        np.bincount(owner_of_part, np.minimum(covered, part_length), minlength=n),
        np.bincount(gap_owner, minlength=n), np.where(np.isfinite(widest), widest, np.nan),
        gap_owner, gap_part, gap_from, gap_to, where, low, high,
    )


def _intervals(
    a: np.ndarray, b: np.ndarray, part: np.ndarray, along: np.ndarray, length: np.ndarray, barriers: Lines,
    least: float, most: float, progress: Progress,
) -> list:
    """Return (part, from, to) of what barriers cover of each piece of frontage."""
    c, d, *_ = barriers.pieces()
    out = [(np.empty(0, np.int64), np.empty(0), np.empty(0))]
    if not len(c) or not len(a):
        return out
    least, most = least - 1e-9, most + 1e-9
    reach = max(abs(least), abs(most))
    order = np.lexsort((a[:, 0], np.floor(a[:, 1] / 500.0)))
    index = BoxIndex(np.column_stack([np.minimum(c, d), np.maximum(c, d)]))
    for start in range(0, len(order), _TOGETHER):
        progress(start / len(order))
        some = order[start : start + _TOGETHER]
        low, high = np.minimum(a[some], b[some]) - reach, np.maximum(a[some], b[some]) + reach
        own, barrier = index.meeting(np.column_stack([low, high]))
        own = some[own]
        run = (b[own] - a[own]) / length[own][:, None]
        # each barrier as seen from the piece: metres along it and to its left
        t = [((p[barrier] - a[own]) * run).sum(axis=1) for p in (c, d)]
        off = [run[:, 0] * (p[barrier] - a[own])[:, 1] - run[:, 1] * (p[barrier] - a[own])[:, 0] for p in (c, d)]
        t1, t2 = _clipped(t[0], off[0], t[1], off[1], least, most)
        t1, t2 = np.minimum(t1, t2), np.maximum(t1, t2)
        t1, t2 = np.maximum(t1, 0.0), np.minimum(t2, length[own])
        good = t2 > t1 + _CRACK
        out.append((part[own[good]], along[own[good]] + t1[good], along[own[good]] + t2[good]))
    progress(1.0)
    return out


def stretches(lines: Lines, part: np.ndarray, begin: np.ndarray, stop: np.ndarray, aside: float = 0.0) -> list:
    """Return the corners of stretches of lines, e.g. of gaps.

    Parameters
    ----------
    lines : Lines
    part : (k,) int64 array
    begin, stop : (k,) arrays
        Metres from the begin of the part; a ``stop`` beyond its end goes on at its begin.
    aside : float
        Metres to the left by which each stretch is moved; negative ones to the right.

    Returns
    -------
    list of (m, 2) arrays
    """
    limits = np.append(lines.part_start, len(lines.vertices))
    out = []
    for p, low, high in zip(part.tolist(), begin.tolist(), stop.tolist()):
        corners = lines.vertices[limits[p] : limits[p + 1]]
        along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))])
        if high > along[-1] + _CRACK:
            corners = np.concatenate([corners, corners[1:]])
            along = np.concatenate([along, along[1:] + along[-1]])
        at = np.concatenate([[low], along[(along > low) & (along < high)], [high]])
        line = np.column_stack([np.interp(at, along, corners[:, 0]), np.interp(at, along, corners[:, 1])])
        if aside:
            run = np.gradient(line, axis=0)
            line = line + aside * np.column_stack([-run[:, 1], run[:, 0]]) / np.maximum(np.hypot(*run.T), 1e-9)[:, None]
        out.append(line)
    return out


@dataclass(frozen=True)
class Stations:
    """Places along frontages, from which to look to either side.

    Attributes
    ----------
    owner, part : (k,) int64 arrays
        Feature and part of the lines.
    along : (k,) array
        Metres from the begin of the part.
    weight : (k,) array
        Metres of frontage that the place stands for.
    xy, left : (k, 2) arrays
        Place, and the direction to its left.
    """

    owner: np.ndarray
    part: np.ndarray
    along: np.ndarray
    weight: np.ndarray
    xy: np.ndarray
    left: np.ndarray

    def beside(self, metres: float) -> tuple[np.ndarray, np.ndarray]:
        """Return x and y so many metres to the left; negative ones are to the right."""
        x, y = (self.xy + metres * self.left).T
        return x, y


def stations(lines: Lines, step: float) -> Stations:
    """Return places along lines, at most a step (metres) apart, each in the middle of what it stands for."""
    a, b, part, along, length = lines.pieces()
    count = np.maximum(np.ceil(length / step), 1).astype(np.int64)
    piece = np.repeat(np.arange(len(count)), count)
    number = np.arange(len(piece)) - np.repeat(np.cumsum(count) - count, count)
    share = (number + 0.5) / count[piece]
    run = (b - a) / length[:, None]
    left = np.column_stack([-run[:, 1], run[:, 0]])
    return Stations(
        lines.owner[lines.part_start][part[piece]], part[piece], along[piece] + share * length[piece],
        length[piece] / count[piece], a[piece] + share[:, None] * (b - a)[piece], left[piece])


def _clipped(
    t1: np.ndarray, o1: np.ndarray, t2: np.ndarray, o2: np.ndarray, least: float, most: float
) -> tuple[np.ndarray, np.ndarray]:
    """Cut (t, o) lines to offsets between two limits; return the t of what is left, NaN for nothing."""
    rise = o2 - o1
    with np.errstate(divide="ignore", invalid="ignore"):
        s = np.stack([(least - o1) / rise, (most - o1) / rise])
    level = rise == 0
    enter, leave = np.where(level, 0.0, np.min(s, axis=0)), np.where(level, 1.0, np.max(s, axis=0))
    enter, leave = np.maximum(enter, 0.0), np.minimum(leave, 1.0)
    outside = (enter >= leave) | (level & ((o1 < least) | (o1 > most)))
    first, last = t1 + enter * (t2 - t1), t1 + leave * (t2 - t1)
    return np.where(outside, np.nan, first), np.where(outside, np.nan, last)


def _united(where: np.ndarray, low: np.ndarray, high: np.ndarray, crack: float) -> tuple:
    """Unite intervals of the same part that overlap, or lie nearer to one another than ``crack``."""
    if not len(where):
        return where, low, high
    order = np.lexsort((low, where))
    where, low, high = where[order], low[order], high[order]
    # a running maximum for each part: parts are lifted above one another
    lift = where * (float(high.max()) + crack + 1.0)
    ahead = np.maximum.accumulate(high + lift)
    begins = np.concatenate([[True], (low + lift)[1:] - ahead[:-1] >= crack - 1e-9])
    start = np.flatnonzero(begins)
    stop = np.append(start[1:], len(where)) - 1
    return where[start], low[start], (ahead - lift)[stop]


def _gaps(
    where: np.ndarray, low: np.ndarray, high: np.ndarray, length: np.ndarray, closed: np.ndarray, least: float
) -> tuple:
    """Return the intervals, closed across the begin of closed parts, and (part, from, to) of the gaps."""
    same = np.diff(where) == 0
    part, begin, stop = where[:-1][same], high[:-1][same], low[1:][same]
    if len(where):
        first = np.flatnonzero(np.concatenate([[True], ~same]))
        last = np.append(first[1:], len(where)) - 1
        first, last = first[closed[where[first]]], last[closed[where[first]]]
        around = low[first] + length[where[first]] - high[last]
        open_ = around >= least - 1e-9
        part = np.concatenate([part, where[first][open_]])
        begin = np.concatenate([begin, high[last][open_]])
        stop = np.concatenate([stop, (low[first] + length[where[first]])[open_]])
        low, high = low.copy(), high.copy()
        low[first[~open_]] = 0.0
        high[last[~open_]] = length[where[first]][~open_]
    order = np.lexsort((begin, part))
    return where, low, high, (part[order], begin[order], stop[order])
