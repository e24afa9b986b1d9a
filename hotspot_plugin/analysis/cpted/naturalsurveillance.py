"""Who can look onto a place: windows, entrances and active places with a free line of sight.

Natural surveillance as the share of openings whose line of sight to a place is free and short
enough to make out what happens (30 m by default). Every place is looked at in sample
positions; a watcher counts where it is within the range and no obstacle lies between.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

import numpy as np
from scipy.spatial import cKDTree

from ..progress import Progress, part, silent
from .sampling import Samples
from .segments import MOST, SegmentIndex
from .visibility import TOUCH, line_of_sight

#: Kinds of watchers.
WINDOW, ENTRANCE, ACTIVE = range(3)
#: Watchers per position, at an average moment, from which a place is called overlooked, and well overlooked.
SOME, MANY = 1.0, 3.0
#: Codes of the classes; -1 where there is nothing to judge.
NOT, LITTLE, OVERLOOKED, WELL = range(4)


@dataclass(frozen=True)
class Watchers:
    """Positions from which someone may look.

    Attributes
    ----------
    x, y : (n,) ndarray of float
        Metres, outside of buildings.
    unit : (n,) ndarray of int64
        What counts as one watcher: a window, or a whole cafe with several positions.
    kind, day, night : (units,) ndarray
        Kind of each unit, and the share of the day and of the night (0 to 1) that it is there.
    """

    x: np.ndarray
    y: np.ndarray
    unit: np.ndarray
    kind: np.ndarray
    day: np.ndarray
    night: np.ndarray


@dataclass(frozen=True)
class Positions:
    """What was found at every sample position.

    Attributes
    ----------
    watchers : (n,) ndarray of int64
        Watchers with a free line of sight.
    day, hours : (n,) ndarray of float
        The same, each counted by the share of the day, or of the night, that it is there.
    night : (n,) ndarray of float
        ``hours``, an unlit position by its weight; NaN where the light is not known.
    nearest_day, nearest_night : (n,) ndarray of float
        Metres to the nearest of them that is there at all by day, by night; inf for none.
    """

    watchers: np.ndarray
    day: np.ndarray
    hours: np.ndarray
    night: np.ndarray
    nearest_day: np.ndarray
    nearest_night: np.ndarray


@dataclass(frozen=True)
class Places:
    """What was found for every place; NaN where a place has no position to look at.

    Attributes
    ----------
    positions : (m,) ndarray of int64
    near, watchers : (m,) ndarray of int64
        Watchers within the range of any position, and those who see one.
    by_kind : (m, 3) ndarray of int64
        The latter by kind.
    view_share : (m,) ndarray of float
        ``watchers / near``; NaN where none is near.
    seen_share, seen_day, seen_night : (m,) ndarray of float
        Share of the positions that any watcher sees; one who is there by day; by night, where it is lit.
    day, night : (m,) ndarray of float
        Watchers per position at an average moment.
    lit_share : (m,) ndarray of float
        Share of the positions with known light that are lit.
    unknown : (m,) ndarray of int64
        Positions whose light is not known.
    """

    positions: np.ndarray
    near: np.ndarray
    watchers: np.ndarray
    by_kind: np.ndarray
    view_share: np.ndarray
    seen_share: np.ndarray
    seen_day: np.ndarray
    seen_night: np.ndarray
    day: np.ndarray
    night: np.ndarray
    lit_share: np.ndarray
    unknown: np.ndarray


def overlook(
    samples: Samples,
    places: int,
    watchers: Watchers,
    obstacles: SegmentIndex,
    radius: float,
    clear: float = 0.5,
    lit: np.ndarray | None = None,
    unlit_weight: float = 0.25,
    progress: Progress = silent,
) -> tuple[Positions, Places]:
    """Count who overlooks places.

    Parameters
    ----------
    samples : Samples
        Positions of the places; ``owner`` is the place, ascending.
    places : int
        Number of places.
    watchers : Watchers
    obstacles : SegmentIndex
    radius : float
        Metres at which a watcher still counts, > 0.
    clear : float
        Metres before a watcher within which nothing hides its view: its own window lies on a wall.
    lit : (n,) ndarray of float, optional
        1 for lit positions, 0 for unlit, NaN for unknown. None: light is not considered.
    unlit_weight : float
        What a watcher counts by night at an unlit position, 0 to 1.
    """
    if not radius > 0:
        raise ValueError("radius must be positive")
    n, units = len(samples), len(watchers.kind)
    count, day, hours = np.zeros(n, np.int64), np.zeros(n), np.zeros(n)
    nearest_day, nearest_night = np.full(n, np.inf), np.full(n, np.inf)
    near_pairs, seen_pairs = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    here = np.column_stack([samples.x, samples.y])
    there = np.column_stack([watchers.x, watchers.y])
    tree = cKDTree(there) if len(there) else None
    begin, size = 0, 200
    while begin < n and tree is not None:
        progress(begin / n)
        stop = min(begin + size, n)
        found = tree.query_ball_point(here[begin:stop], radius * (1 + 1e-12))
        many = np.fromiter((len(f) for f in found), np.int64, stop - begin)
        sample = np.repeat(np.arange(begin, stop), many)
        watcher = np.fromiter(chain.from_iterable(found), np.int64, len(sample))
        size, begin = int(np.clip(size * MOST / 8 / max(len(sample), 1), 50, 4 * size)), stop
        near_pairs.append(np.unique(samples.owner[sample] * units + watchers.unit[watcher]))
        still = part(progress, begin / n, begin / n)
        free = line_of_sight(there[watcher], here[sample], obstacles, clear, TOUCH, still)
        sample, watcher = sample[free], watcher[free]
        away = np.hypot(*(here[sample] - there[watcher]).T)
        unit = watchers.unit[watcher]
        seen_pairs.append(np.unique(samples.owner[sample] * units + unit))
        by_day, by_night = watchers.day[unit] > 0, watchers.night[unit] > 0
        np.minimum.at(nearest_day, sample[by_day], away[by_day])
        np.minimum.at(nearest_night, sample[by_night], away[by_night])
        # a watcher with several positions counts once
        pair = np.unique(sample * units + unit)
        sample, unit = pair // units, pair % units
        count += np.bincount(sample, minlength=n)
        day += np.bincount(sample, watchers.day[unit], n)
        hours += np.bincount(sample, watchers.night[unit], n)
    progress(1.0)
    weight = np.ones(n) if lit is None else np.where(np.isnan(lit), np.nan, np.where(lit > 0, 1.0, unlit_weight))
    positions = Positions(count, day, hours, hours * weight, nearest_day, nearest_night)
    pairs = [np.unique(np.concatenate(p)) for p in (near_pairs, seen_pairs)]
    return positions, _by_place(samples, places, watchers, positions, lit, *pairs)


def _by_place(
    samples: Samples, places: int, watchers: Watchers, found: Positions, lit: np.ndarray | None,
    near: np.ndarray, seen: np.ndarray,
) -> Places:
    units, owner = max(len(watchers.kind), 1), samples.owner
    positions = np.bincount(owner, minlength=places)

    def mean(values: np.ndarray, known: np.ndarray | None = None) -> np.ndarray:
        known = np.ones(len(owner), bool) if known is None else known
        total = np.bincount(owner[known], np.asarray(values, dtype=float)[known], places)
        number = np.bincount(owner[known], minlength=places)
        return np.divide(total, number, out=np.full(places, np.nan), where=number > 0)

    known = np.ones(len(owner), bool) if lit is None else ~np.isnan(lit)
    light = np.ones(len(owner)) if lit is None else np.nan_to_num(lit)
    n_near = np.bincount(near // units, minlength=places)
    n_seen = np.bincount(seen // units, minlength=places)
    kinds = watchers.kind[seen % units] if len(seen) else np.empty(0, np.int64)
    by_kind = np.bincount((seen // units) * 3 + kinds, minlength=3 * places).reshape(places, 3)
    return Places(
        positions, n_near, n_seen, by_kind,
        np.divide(n_seen, n_near, out=np.full(places, np.nan), where=n_near > 0),
        mean(found.watchers > 0), mean(found.day > 0), mean((found.hours > 0) & (light > 0), known),
        mean(found.day), mean(np.nan_to_num(found.night), known),
        np.full(places, np.nan) if lit is None else mean(light, known),
        np.bincount(owner[~known], minlength=places),
    )


def classes(watchers: np.ndarray, some: float = SOME, many: float = MANY) -> np.ndarray:
    """Return the class of places by watchers per position; (n,) int64, -1 for NaN.

    ``some`` and ``many`` are the numbers from which a place is overlooked, and well overlooked.
    """
    watchers = np.asarray(watchers, dtype=np.float64)
    known = ~np.isnan(watchers)
    code = np.full(len(watchers), -1, np.int64)
    value = watchers[known]
    code[known] = np.where(value <= 0, NOT, np.where(value < some, LITTLE, np.where(value < many, OVERLOOKED, WELL)))
    return code
