"""Where lines touch or cross one another without a joint, and lines cut there.

A street layer that was drawn by hand often runs one line across many junctions. A graph of
its ends alone would then lack the junctions; one cut at every crossing would put a junction
on every bridge. So both are counted, and cutting heeds a level.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .network import ends_of
from .overlay import BoxIndex
from .progress import Progress, silent


@dataclass(frozen=True)
class Joints:
    """Places where a line should perhaps be cut.

    Attributes
    ----------
    part : (k,) int64 array
        Part of a line to be cut.
    along : (k,) array
        Metres from its begin.
    xy : (k, 2) array
    cross : (k,) bool array
        Another line crosses there; otherwise one ends there.
    touches, crossings : int
        Ends that touch the middle of another line, and crossings of two lines.
    other_level : int
        Touches and crossings of lines on different levels, which are no joints.
    """

    part: np.ndarray
    along: np.ndarray
    xy: np.ndarray
    cross: np.ndarray
    touches: int
    crossings: int
    other_level: int


@dataclass(frozen=True)
class Parts:
    """Lines cut to pieces.

    Attributes
    ----------
    vertices : (m, 2) array
    part_start : (r,) int64 array
        Index of the first corner of each part.
    source : (r,) int64 array
        Part before the cutting that each part comes from.
    """

    vertices: np.ndarray
    part_start: np.ndarray
    source: np.ndarray


def find(
    vertices: np.ndarray, part_start: np.ndarray, tolerance: float, level: np.ndarray | None = None,
    progress: Progress = silent,
) -> Joints:
    """Find where lines touch or cross although neither ends there.

    Parameters
    ----------
    vertices : (m, 2) array
    part_start : (r,) int64 array
    tolerance : float
        Metres within which an end touches a line, and within which an end is where lines cross.
    level : (r,) array, optional
        Lines of different levels pass over one another.
    """
    reach = max(tolerance, 1e-6)
    pieces = _Pieces(vertices, part_start)
    first, last = ends_of(vertices, part_start)
    level = np.zeros(len(part_start)) if level is None else np.asarray(level, dtype=float)
    progress(0.1)
    touch = pieces.touched(np.concatenate([first, last]), np.tile(np.arange(len(first)), 2), reach)
    progress(0.4)
    cross = pieces.crossed(progress)
    progress(0.9)
    # (line to be cut, metres along it, place, the other line)
    whole = [np.concatenate([a, b]) for a, b in zip(touch, cross)]
    part, along, xy, other = whole
    crossing = np.arange(len(part)) >= len(touch[0])
    # at an end of the line there is nothing to cut
    ends = np.minimum(np.hypot(*(xy - first[part]).T), np.hypot(*(xy - last[part]).T)) <= reach
    # a crossing at the other line's end is a touch, and found as such
    both = np.minimum(np.hypot(*(xy - first[other]).T), np.hypot(*(xy - last[other]).T)) <= reach
    good = ~ends & ~(crossing & both)
    apart = level[part] != level[other]
    kept = good & ~apart
    return Joints(
        part[kept], along[kept], xy[kept], crossing[kept],
        touches=int((kept & ~crossing).sum()), crossings=int((kept & crossing).sum()) // 2,
        other_level=int((good & apart & ~crossing).sum()) + int((good & apart & crossing).sum()) // 2,
    )


def cut(vertices: np.ndarray, part_start: np.ndarray, joints: Joints, also_crossings: bool, tolerance: float) -> Parts:
    """Cut lines where others end at them and, if wanted, where they cross.

    Cuts nearer to one another than the tolerance are one.
    """
    use = np.flatnonzero(joints.cross <= also_crossings)
    use = use[np.lexsort((joints.along[use], joints.part[use]))]
    if len(use):
        same = (np.diff(joints.part[use]) == 0) & (np.diff(joints.along[use]) <= max(tolerance, 1e-6))
        use = use[np.concatenate([[True], ~same])]
    owner = np.repeat(np.arange(len(part_start)), np.diff(np.append(part_start, len(vertices))))
    along = _along(vertices, part_start, owner)
    part = np.concatenate([owner, joints.part[use], joints.part[use]])
    where = np.concatenate([along, joints.along[use], joints.along[use]])
    xy = np.concatenate([vertices, joints.xy[use], joints.xy[use]])
    # the same place twice: as the end of one piece and the begin of the next
    kind = np.repeat([0, 1, 2], [len(vertices), len(use), len(use)])
    # a corner right at the cut belongs to the piece before it
    order = np.lexsort((kind, where, part))
    part, kind = part[order], kind[order]
    begins = (kind == 2) | np.concatenate([[True], np.diff(part) > 0])
    start = np.flatnonzero(begins)
    return Parts(xy[order], start, part[start])


def _along(vertices: np.ndarray, part_start: np.ndarray, owner: np.ndarray) -> np.ndarray:
    steps = np.hypot(*np.diff(vertices, axis=0).T)
    steps[part_start[1:] - 1] = 0.0
    running = np.concatenate([[0.0], np.cumsum(steps)])
    return running - running[part_start][owner]


class _Pieces:
    """All straight pieces of the lines."""

    def __init__(self, vertices: np.ndarray, part_start: np.ndarray) -> None:
        owner = np.repeat(np.arange(len(part_start)), np.diff(np.append(part_start, len(vertices))))
        inner = np.flatnonzero(np.diff(owner) == 0)
        self.a, self.b, self.part = vertices[inner], vertices[inner + 1], owner[inner]
        self.along = _along(vertices, part_start, owner)[inner]
        self.length = np.hypot(*(self.b - self.a).T)

    def touched(self, ends: np.ndarray, of: np.ndarray, reach: float) -> tuple:
        """Return lines that ends of other lines touch; each pair of end and line once, where it is nearest."""
        index = BoxIndex(np.column_stack([np.minimum(self.a, self.b) - reach, np.maximum(self.a, self.b) + reach]))
        end, piece = index.candidates(ends[:, 0], ends[:, 1])
        other = self.part[piece] != of[end]
        end, piece = end[other], piece[other]
        run = self.b[piece] - self.a[piece]
        squared = np.maximum((run * run).sum(axis=1), 1e-18)
        share = np.clip(((ends[end] - self.a[piece]) * run).sum(axis=1) / squared, 0.0, 1.0)
        foot = self.a[piece] + share[:, None] * run
        away = np.hypot(*(ends[end] - foot).T)
        near = np.flatnonzero(away <= reach)
        near = near[np.lexsort((away[near], self.part[piece[near]], end[near]))]
        key = end[near] * np.int64(len(ends)) + self.part[piece[near]]
        near = near[np.unique(key, return_index=True)[1]]
        chosen = piece[near]
        return self.part[chosen], self.along[chosen] + share[near] * self.length[chosen], foot[near], of[end[near]]

    def crossed(self, progress: Progress) -> tuple:
        """Return lines that others cross, each crossing from the side of both lines."""
        one, two = BoxIndex(np.column_stack([np.minimum(self.a, self.b), np.maximum(self.a, self.b)])).pairs()
        progress(0.6)
        apart = self.part[one] != self.part[two]
        one, two = one[apart], two[apart]
        hit, t, u = _hits(self.a[one], self.b[one], self.a[two], self.b[two])
        one, two = one[hit], two[hit]
        xy = self.a[one] + t[:, None] * (self.b[one] - self.a[one])
        return (
            np.concatenate([self.part[one], self.part[two]]),
            np.concatenate([self.along[one] + t * self.length[one], self.along[two] + u * self.length[two]]),
            np.concatenate([xy, xy]),
            np.concatenate([self.part[two], self.part[one]]),
        )


def _hits(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which pieces a-b and c-d cross, and where along each (0 to 1).

    Each piece counts without its end, so that a crossing at a corner is found once; parallel
    pieces never cross.
    """
    run, other, gap = b - a, d - c, c - a
    area = run[:, 0] * other[:, 1] - run[:, 1] * other[:, 0]
    some = np.abs(area) > 1e-12 * np.maximum(np.hypot(*run.T) * np.hypot(*other.T), 1e-12)
    scale = np.where(some, area, 1.0)
    t = (gap[:, 0] * other[:, 1] - gap[:, 1] * other[:, 0]) / scale
    u = (gap[:, 0] * run[:, 1] - gap[:, 1] * run[:, 0]) / scale
    hit = np.flatnonzero(some & (t >= 0) & (t < 1) & (u >= 0) & (u < 1))
    return hit, t[hit], u[hit]


def between(
    vertices: np.ndarray, part_start: np.ndarray, others: np.ndarray, other_start: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return where lines of one kind cross those of another: pairs (part, other part), one for each crossing."""
    mine, theirs = _Pieces(vertices, part_start), _Pieces(others, other_start)
    none = np.empty(0, dtype=np.int64)
    if not len(mine.a) or not len(theirs.a):
        return none, none
    index = BoxIndex(np.column_stack([np.minimum(mine.a, mine.b), np.maximum(mine.a, mine.b)]))
    given, own = index.meeting(np.column_stack([np.minimum(theirs.a, theirs.b), np.maximum(theirs.a, theirs.b)]))
    hit, _, _ = _hits(mine.a[own], mine.b[own], theirs.a[given], theirs.b[given])
    return mine.part[own[hit]], theirs.part[given[hit]]
