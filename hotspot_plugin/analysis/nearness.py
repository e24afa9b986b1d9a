"""Which shapes lie within a distance of which others, and how far the nearest is.

Points, lines and outlines of polygons are all taken as straight pieces, a point as a piece
without length. Pieces are cut short, found by their middles in a k-d tree, and measured
exactly: time and memory grow with the pairs that are near, not with all pairs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from .progress import Progress, part, silent

#: Longest piece, metres: longer ones are cut, so that a middle says where a piece is.
_PIECE = 25.0
#: Pieces asked for at a time.
_CHUNK = 4096


@dataclass(frozen=True)
class Shapes:
    """Shapes as straight pieces.

    Attributes
    ----------
    start, end : (m, 2) array
        Ends of the pieces, metres; equal for a point.
    owner : (m,) array of int
        Shape that each piece belongs to.
    count : int
        Number of shapes; one without a piece is near nothing.
    """

    start: np.ndarray
    end: np.ndarray
    owner: np.ndarray
    count: int

    def cut(self, longest: float) -> Shapes:
        """Return the same shapes with no piece longer than ``longest``."""
        length = np.hypot(*(self.end - self.start).T)
        number = np.maximum(np.ceil(length / longest).astype(np.int64), 1)
        row = np.repeat(np.arange(len(number)), number)
        step = np.arange(len(row)) - np.repeat(np.cumsum(number) - number, number)
        way = (self.end - self.start)[row]
        first = self.start[row] + way * (step / number[row])[:, None]
        last = self.start[row] + way * ((step + 1) / number[row])[:, None]
        return Shapes(first, last, self.owner[row], self.count)

    @property
    def middle(self) -> np.ndarray:
        """Middles of the pieces, (m, 2)."""
        return (self.start + self.end) / 2.0

    @property
    def half(self) -> np.ndarray:
        """Half the length of each piece, (m,)."""
        return np.hypot(*(self.end - self.start).T) / 2.0


def piece_distance(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> np.ndarray:
    """Return the distance between the pieces ``a``-``b`` and ``c``-``d``, 0 where they cross.

    Parameters
    ----------
    a, b, c, d : (n, 2) arrays

    Returns
    -------
    (n,) array
    """
    out = np.minimum.reduce([_to_piece(a, c, d), _to_piece(b, c, d), _to_piece(c, a, b), _to_piece(d, a, b)])

    def side(p: np.ndarray, q: np.ndarray, r: np.ndarray) -> np.ndarray:
        return (q[:, 0] - p[:, 0]) * (r[:, 1] - p[:, 1]) - (q[:, 1] - p[:, 1]) * (r[:, 0] - p[:, 0])

    cross = (side(a, b, c) * side(a, b, d) < 0) & (side(c, d, a) * side(c, d, b) < 0)
    return np.where(cross, 0.0, out)


def _to_piece(point: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    way, to = b - a, point - a
    square = (way**2).sum(axis=1)
    share = np.clip(np.divide((to * way).sum(axis=1), square, out=np.zeros(len(square)), where=square > 0), 0.0, 1.0)
    return np.hypot(*(to - way * share[:, None]).T)


@dataclass(frozen=True)
class Pairs:
    """Pairs of near shapes, sorted by the first and then the second.

    Attributes
    ----------
    one, other : (k,) array of int
    distance : (k,) array
        Metres.
    """

    one: np.ndarray
    other: np.ndarray
    distance: np.ndarray


def pairs_within(one: Shapes, other: Shapes, reach: float, progress: Progress = silent) -> Pairs:
    """Return all pairs of shapes at most ``reach`` metres apart, with their distance.

    Polygons are their outlines here: see :func:`joined` for what lies within them.
    """
    longest = max(_PIECE, reach)
    ours, theirs = one.cut(longest), other.cut(longest)
    if not len(ours.owner) or not len(theirs.owner):
        return _pairs([], [], [], other.count)
    tree = cKDTree(theirs.middle)
    middle, half, their_half = ours.middle, ours.half, theirs.half
    radius = reach + (half.max() + their_half.max()) * (1 + 1e-12)
    found: list = []
    for start in range(0, len(middle), _CHUNK):
        rows = slice(start, start + _CHUNK)
        near = cKDTree(middle[rows]).sparse_distance_matrix(tree, radius + 1e-9, output_type="ndarray")
        i, j = near["i"] + start, near["j"]
        keep = near["v"] <= reach + half[i] + their_half[j] + 1e-9
        i, j = i[keep], j[keep]
        away = piece_distance(ours.start[i], ours.end[i], theirs.start[j], theirs.end[j])
        keep = away <= reach + 1e-9
        found.append((ours.owner[i[keep]], theirs.owner[j[keep]], away[keep]))
        progress(min(start + _CHUNK, len(middle)) / len(middle))
    one_of, other_of, away_of = (np.concatenate([f[k] for f in found]) for k in range(3))
    return _pairs(one_of, other_of, away_of, other.count)


def joined(pairs: Pairs, one: np.ndarray, other: np.ndarray, count: int) -> Pairs:
    """Add pairs at no distance, of which one lies within the other.

    Parameters
    ----------
    one, other : (k,) arrays of int
    count : int
        Number of the other shapes.
    """
    return _pairs(np.concatenate([pairs.one, one]), np.concatenate([pairs.other, other]),
                  np.concatenate([pairs.distance, np.zeros(len(one))]), count)


def _pairs(one: object, other: object, distance: object, count: int) -> Pairs:
    """Keep the least distance of each pair."""
    first, second = np.asarray(one, dtype=np.int64), np.asarray(other, dtype=np.int64)
    away = np.asarray(distance, dtype=float)
    key = first * max(count, 1) + second
    order = np.lexsort((away, key))
    key = key[order]
    begin = np.ones(len(key), dtype=bool)
    begin[1:] = key[1:] != key[:-1]
    rows = order[begin]
    return Pairs(first[rows], second[rows], away[rows])


def nearest(one: Shapes, other: Shapes, progress: Progress = silent) -> tuple[np.ndarray, np.ndarray]:
    """Return the nearest other shape of each, however far, and its distance.

    Polygons are their outlines here.

    Returns
    -------
    shape : (n,) array of int
        -1 where there is none; of equally near ones the first.
    distance : (n,) array
        NaN where there is none.
    """
    shape, distance = np.full(one.count, -1, dtype=np.int64), np.full(one.count, np.nan)
    ours, theirs = one.cut(_PIECE), other.cut(_PIECE)
    if not len(ours.owner) or not len(theirs.owner):
        return shape, distance
    tree = cKDTree(theirs.middle)
    middle, half, longest = ours.middle, ours.half, float(theirs.half.max())
    between = tree.query(middle)[0]
    progress(0.2)
    # from middle to middle is a way between the shapes, so that the nearest is no farther
    bound = np.full(one.count, np.inf)
    np.minimum.at(bound, ours.owner, between)
    open_ = np.flatnonzero(between - half - longest <= bound[ours.owner] + 1e-9)
    found: list = []
    watch = part(progress, 0.2, 1.0)
    for start in range(0, len(open_), _CHUNK):
        rows = open_[start : start + _CHUNK]
        lists = tree.query_ball_point(middle[rows], bound[ours.owner[rows]] + half[rows] + longest + 1e-9)
        number = np.fromiter((len(hits) for hits in lists), dtype=np.int64, count=len(lists))
        i = np.repeat(rows, number)
        j = np.concatenate([np.asarray(hits, dtype=np.int64) for hits in lists]) if len(i) else i
        away = piece_distance(ours.start[i], ours.end[i], theirs.start[j], theirs.end[j])
        order = np.lexsort((theirs.owner[j], away, ours.owner[i]))
        owner = ours.owner[i][order]
        first = np.ones(len(owner), dtype=bool)
        first[1:] = owner[1:] != owner[:-1]
        found.append((owner[first], theirs.owner[j][order][first], away[order][first]))
        watch(min(start + _CHUNK, len(open_)) / len(open_))
    owner, best, away = (np.concatenate([f[k] for f in found]) for k in range(3))
    order = np.lexsort((best, away, owner))[::-1]
    shape[owner[order]], distance[owner[order]] = best[order], away[order]  # the nearest is written last
    return shape, distance
