"""What one place is: incidents at the same coordinates, or within a tolerance of a busy point.

The grouping does not depend on the order of the rows, and it does not run on from point to
point: joining everything that is near something else makes one place of a whole street.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..progress import Progress, part, silent

#: pairs of near points that can be held
MOST_PAIRS = 40_000_000
#: points looked at between two looks at the progress
_BLOCK = 50_000
#: candidates for which distances are computed at once
_CANDIDATES = 4_000_000


@dataclass(frozen=True)
class Spots:
    """The distinct coordinates.

    Attributes
    ----------
    code : (n,) int64 array
        Spot of each row.
    x, y : (m,) arrays
        Coordinates of each spot, as they are.
    """

    code: np.ndarray
    x: np.ndarray
    y: np.ndarray

    def __len__(self) -> int:
        return len(self.x)


def spots(x: np.ndarray, y: np.ndarray) -> Spots:
    """Number the distinct coordinates; equal means equal in every digit.

    Parameters
    ----------
    x, y : (n,) arrays
        Metres, finite.
    """
    import pandas as pd

    # adding 0 makes one zero of +0 and -0
    column, xs = pd.factorize(np.asarray(x, dtype=float) + 0.0)
    row, ys = pd.factorize(np.asarray(y, dtype=float) + 0.0)
    code, pairs = pd.factorize(column.astype(np.int64) * max(len(ys), 1) + row)
    return Spots(code.astype(np.int64), xs[pairs // max(len(ys), 1)], ys[pairs % max(len(ys), 1)])


def near_pairs(
    x: np.ndarray, y: np.ndarray, reach: float, progress: Progress = silent
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return all pairs of points at most ``reach`` apart, each once, and how far apart they are.

    Parameters
    ----------
    x, y : (n,) arrays
        Metres, finite.
    reach : float
        Metres, > 0; included, rounding allowed for.
    progress : Progress

    Returns
    -------
    one, other : (m,) int64 arrays
    distance : (m,) array

    Raises
    ------
    InputError
        If there are more pairs than can be held.
    """
    n = len(x)
    if n < 2:
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing, np.zeros(0)
    limit = reach * (1.0 + 1e-9)
    # squares so small that their numbers would overflow help nobody
    side = max(limit, 1e-9 * float(max(np.ptp(x), np.ptp(y))))
    column, row = (np.floor(v / side).astype(np.int64) for v in (x, y))
    column -= column.min()
    row -= row.min() - 1
    height = int(row.max()) + 2
    key = column * height + row
    order = np.argsort(key, kind="stable")
    key, sx, sy = key[order], x[order], y[order]
    ones, others, distances, held = [], [], [], 0
    for start in range(0, n, _BLOCK):
        progress(start / n)
        here = np.arange(start, min(start + _BLOCK, n))
        # the rest of the own square with the one above, and the three squares to the right: both lie in one run
        for first, last in (
            (here + 1, np.searchsorted(key, key[here] + 1, side="right")),
            (np.searchsorted(key, key[here] + height - 1), np.searchsorted(key, key[here] + height + 1, side="right")),
        ):
            for some in _slices(np.maximum(last - first, 0)):
                one = np.repeat(here[some], (last - first)[some])
                begin = np.cumsum((last - first)[some]) - (last - first)[some]
                other = np.arange(len(one)) - np.repeat(begin - first[some], (last - first)[some])
                apart = np.hypot(sx[one] - sx[other], sy[one] - sy[other])
                near = apart <= limit
                held += int(near.sum())
                if held > MOST_PAIRS:
                    raise InputError(
                        "TOLERANCE", "Too many points lie within {reach} m of one another to make places of them."
                        " Choose a smaller distance; to find whole areas use 'Find hot spots'.", reach=f"{reach:g}")
                ones.append(order[one[near]])
                others.append(order[other[near]])
                distances.append(apart[near])
    progress(1.0)
    return np.concatenate(ones), np.concatenate(others), np.concatenate(distances)


def _slices(size: np.ndarray) -> list:
    """Cut points into slices of not too many candidates."""
    cut = np.cumsum(size) // _CANDIDATES
    return np.split(np.arange(len(size)), np.flatnonzero(np.diff(cut)) + 1)


def around_busy_points(
    x: np.ndarray, y: np.ndarray, weights: list, tolerance: float, progress: Progress = silent
) -> np.ndarray:
    """Make places of points that lie within a tolerance of a busy one.

    The busiest point becomes the middle of a place. So does the next one unless it lies within
    the tolerance of a middle, and so on. Every other point belongs to the nearest middle
    that is busier than itself. So no incident is farther than the tolerance from the middle
    of its place, two middles are never nearer than that, and a row of points does not run
    together into one place. Busier is: more incidents by the first list of weights, then
    more of them within the tolerance; between equals a fixed scramble of the coordinates
    decides. Points without any weight of the first list come after all others, by the second
    list, and have no influence on them.

    Parameters
    ----------
    x, y : (m,) arrays
        Distinct points in metres.
    weights : list of (m,) arrays
        Incidents at each point, e.g. of this window, then of the one before.
    tolerance : float
        Metres; 0 makes every point a place.
    progress : Progress

    Returns
    -------
    (m,) int64 array
        For each point the point that is the middle of its place.
    """
    m = len(x)
    middle = np.arange(m)
    if tolerance <= 0 or m < 2:
        return middle
    one, other, distance = near_pairs(x, y, tolerance, part(progress, 0.0, 0.7))
    keys: list = [_scramble(x, y)]
    settled = np.zeros(m, dtype=bool)
    first_keys: list = []
    for weight in weights:
        weight = np.asarray(weight, dtype=float)
        near = weight + np.bincount(one, weight[other], m) + np.bincount(other, weight[one], m)
        # what has weight by one list is in line by that alone
        first_keys += [np.where(settled, 0.0, -weight), np.where(settled, 0.0, -near)]
        settled |= weight > 0
    keys += first_keys[::-1]
    place_in_line = np.empty(m, dtype=np.int64)
    place_in_line[np.lexsort(keys)] = np.arange(m)
    swap = place_in_line[one] > place_in_line[other]
    busier, other = np.where(swap, other, one), np.where(swap, one, other)
    # rounds instead of one point after the other: whoever has no busier undecided neighbour is a middle
    is_middle, decided = np.zeros(m, dtype=bool), np.zeros(m, dtype=bool)
    left = np.arange(len(busier))
    while True:
        progress(0.8)
        waiting = np.zeros(m, dtype=bool)
        waiting[other[left]] = True
        new = ~decided & ~waiting
        is_middle |= new
        decided |= new
        decided[other[left[new[busier[left]]]]] = True
        left = left[~decided[busier[left]] & ~decided[other[left]]]
        if decided.all():
            break
    chosen = np.flatnonzero(is_middle[busier] & ~is_middle[other])
    progress(0.9)
    # the nearest first; micrometres make equal distances equal although their sums rounded differently
    chosen = chosen[np.lexsort((place_in_line[busier[chosen]], np.round(distance[chosen], 6), other[chosen]))]
    points, first = np.unique(other[chosen], return_index=True)
    middle[points] = busier[chosen[first]]
    return middle


def _scramble(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return a number for each point that depends on nothing but its coordinates, and looks random.

    In the order of the coordinates themselves a long row of equal points would be decided one by one.
    """
    bits = (np.ascontiguousarray(v, dtype=float).view(np.uint64) for v in (x, y))
    mixed = np.zeros(len(x), dtype=np.uint64)
    for part_ in bits:
        mixed = (mixed ^ part_) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
        mixed *= np.uint64(0xBF58476D1CE4E5B9)
        mixed ^= mixed >> np.uint64(32)
    return mixed
