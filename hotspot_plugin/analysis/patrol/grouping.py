"""From single areas to candidate zones: near areas become one compact place to walk.

A candidate grows from the area with the most incidents per hectare: of the areas within the
merging distance of those it has, it takes the densest that still leaves it within the
largest area. Every step of the growth is a candidate of its own, and of one growth at most
one may be chosen, so that a small budget can take the heart of a place and leave its rim.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Callable, Sequence

import numpy as np
from scipy import sparse

from ..progress import Progress, silent

#: A zone must fit into a circle so many times as large as the largest area: no snakes.
ROUNDNESS = 2.0
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Candidates:
    """Zones that could be patrolled.

    Attributes
    ----------
    members : list of lists of int
        Areas of each candidate, in the order in which they joined.
    group : (m,) array of int
        The growth that each candidate belongs to; at most one of a growth may be chosen.
    """

    members: list
    group: np.ndarray


def order_by_density(weight: np.ndarray, area: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Return the areas from the densest on, whatever the order of the rows.

    Ties go to the heavier, then to the one farther west and south.
    """
    density = weight / area
    return np.lexsort((centre[:, 1], centre[:, 0], -weight, -np.round(density / density.max(), 12)))


def grow(
    weight: np.ndarray,
    area: np.ndarray,
    box: np.ndarray,
    near: sparse.csr_matrix,
    largest: float,
    measure: Callable[[Sequence[int]], float],
    progress: Progress = silent,
) -> Candidates:
    """Group areas into candidate zones.

    Parameters
    ----------
    weight : (n,) array
        Incidents, all above 0.
    area : (n,) array
        Square metres, none above ``largest``.
    box : (n, 4) array
        x_min, y_min, x_max, y_max of each area.
    near : (n, n) csr_matrix
        Which areas may be grouped directly.
    largest : float
        Square metres of the largest zone.
    measure : callable
        Gets areas and returns the square metres of the zone around them, infinity where they
        make no zone. An area with which the zone is too large is not tried again.
    progress : Progress

    Returns
    -------
    Candidates
        Every area belongs to exactly one growth; growths in the order of their first area.
    """
    n = len(weight)
    radius = np.sqrt(ROUNDNESS * largest / np.pi)
    centre = 0.5 * (box[:, :2] + box[:, 2:])
    order = order_by_density(weight, area, centre)
    place = np.empty(n, np.int64)
    place[order] = np.arange(n)
    free = np.ones(n, bool)
    members: list = []
    group: list = []
    for count, seed in enumerate(order.tolist()):
        progress(count / n)
        if not free[seed]:
            continue
        watch = partial(progress, count / n)
        growth = _from_seed(seed, free, area, box, near, place, largest, radius, measure, watch)
        free[growth] = False
        for size in range(1, len(growth) + 1):
            members.append(growth[:size])
            group.append(seed)
    progress(1.0)
    return Candidates(members, np.array(group, np.int64))


def _from_seed(
    seed: int, free: np.ndarray, area: np.ndarray, box: np.ndarray, near: sparse.csr_matrix, place: np.ndarray,
    largest: float, radius: float, measure: Callable[[Sequence[int]], float], watch: Callable[[], None],
) -> list:
    """Return the areas of one growth in the order in which they joined."""
    growth, total, frame = [seed], float(area[seed]), box[seed].copy()
    waiting = {seed}
    refused = {seed}
    while True:
        last = growth[-1]
        for other in near.indices[near.indptr[last] : near.indptr[last + 1]].tolist():
            if free[other] and other not in refused:
                waiting.add(other)
        waiting -= refused
        joined = -1
        for other in sorted(waiting, key=lambda i: int(place[i])):
            wide = np.r_[np.minimum(frame[:2], box[other, :2]), np.maximum(frame[2:], box[other, 2:])]
            fits = total + area[other] <= largest * (1 + _TOLERANCE)
            fits = fits and 0.5 * float(np.hypot(*(wide[2:] - wide[:2]))) <= radius
            if fits:
                watch()
                fits = measure([*growth, other]) <= largest * (1 + _TOLERANCE)
            # what does not fit now will not fit when the zone is larger
            refused.add(other)
            if fits:
                joined = other
                break
        if joined < 0:
            return growth
        growth.append(joined)
        total += float(area[joined])
        frame = wide
