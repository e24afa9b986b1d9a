"""Places chosen for their high counts, and the fall that nothing caused (regression to the mean).

Part of a high count is luck that does not come back. So a later count is set against what was
to be expected of a place chosen for its count, not against that count alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import special, stats

from ..significance import benjamini_hochberg
from .compareperiods import FEWER, LEAST, LEVEL, MORE, PERHAPS_FEWER, PERHAPS_MORE, Comparison

#: Two-sided probability of a z beyond 3.
_RARE = 0.0027
#: Cells in one direction, so that tiny areas in a wide extent do not fill the memory.
_MOST = 3000
#: Places differ where chance makes so large a variance less often than this.
_NOISE = 0.01
#: Cells that tell a variance.
_ENOUGH = 30


@dataclass(frozen=True)
class Places:
    """Counts of all places of a kind, chosen or not.

    Attributes
    ----------
    mean, variance : float
    number : int
        How many places the mean is of.
    """

    mean: float
    variance: float
    number: int

    @property
    def share(self) -> float:
        """Share of a place's own count in its expectation; 0 where only chance tells places apart.

        The variance must exceed the mean by more than chance makes it (index of dispersion,
        one-sided 1 %): where places do not differ, it does by a little in half of all data.
        """
        free = self.number - 1
        if free < 1 or self.mean <= 0 or self.variance <= self.mean:
            return 0.0
        if stats.chi2.sf(free * self.variance / self.mean, free) >= _NOISE:
            return 0.0
        return 1.0 - self.mean / self.variance


def all_places(x: np.ndarray, y: np.ndarray, side: float) -> Places:
    """Count the incidents in square cells over the extent, and return mean and variance.

    Empty cells count, but neither the sea nor cells that the shore cuts, which would make
    places look different that are not: a cell belongs where each of the eight around it holds
    an incident. Where that leaves less than half of those with any neighbour, incidents on all
    four sides (in one of the three cells there) are enough, and where that does too, any
    neighbour. Its own count has no say in that, so the choice makes no count higher.

    Parameters
    ----------
    x, y : (n,) arrays
        Metres, n > 0. The extent is that of the middle 99 % in both directions, in whole cells.
    side : float
        Metres.
    """
    (west, columns), (south, rows) = (_whole_cells(values, side) for values in (x, y))
    column, row = np.floor((x - west) / side).astype(np.int64), np.floor((y - south) / side).astype(np.int64)
    inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
    counts = np.bincount(column[inside] * rows + row[inside], minlength=columns * rows).reshape(columns, rows)
    around = np.pad(counts > 0, 1)
    near = {(i, j): around[i : i + columns, j : j + rows] for i in range(3) for j in range(3) if (i, j) != (1, 1)}
    sides = (((0, 0), (0, 1), (0, 2)), ((2, 0), (2, 1), (2, 2)), ((0, 0), (1, 0), (2, 0)), ((0, 2), (1, 2), (2, 2)))
    on_each = np.all([np.any([near[at] for at in side], axis=0) for side in sides], axis=0)
    near_any = np.any(list(near.values()), axis=0)
    enough = max(_ENOUGH, 0.5 * near_any.sum())
    choices = (np.all(list(near.values()), axis=0), on_each, near_any)
    belongs = next((counts[mask] for mask in choices if mask.sum() >= enough), counts.ravel())
    variance = float(belongs.var(ddof=1)) if belongs.size > 1 else 0.0
    return Places(float(belongs.mean()), variance, int(belongs.size))


def _whole_cells(values: np.ndarray, side: float) -> tuple[float, int]:
    """Begin and number of the cells that fit into the middle 99 %; a row of cells where none fits."""
    low, high = np.quantile(values, [0.005, 0.995])
    number = int((high - low) // side)
    return (float(low), min(number, _MOST)) if number else (float((low + high - side) / 2.0), 1)


@dataclass(frozen=True)
class Expected:
    """What to expect of chosen places in the later period, had nothing changed.

    Attributes
    ----------
    count : (n,) array
        Expected count of each place.
    total : float
        Of all together.
    low, high : float
        95 % of all totals lie between them, had nothing changed.
    p : (n,) array
        Two-sided probability of the later count of each place.
    p_total : float
        Of the later total.
    """

    count: np.ndarray
    total: float
    low: float
    high: float
    p: np.ndarray
    p_total: float


def expect(previous: np.ndarray, current: np.ndarray, places: Places, times: float) -> Expected:
    """Return what to expect of places chosen for their previous counts (empirical Bayes, Hauer 1997).

    Rates vary between places as a gamma distribution fitted to all places by moments. A
    place's rate given its count is gamma again, the later count negative binomial; the sum
    over places too, because all have the same scale. The uncertainty of the mean is added.

    Parameters
    ----------
    previous, current : (n,) arrays of int
        Counts of the chosen places in the period they were chosen on, and in the later one.
    places : Places
        In the earlier period.
    times : float
        Days of the later period divided by those of the earlier one.

    Returns
    -------
    Expected
    """
    previous, current = np.asarray(previous, float), np.asarray(current, float)
    share = places.share
    mean = share * previous + (1.0 - share) * places.mean
    # gamma(count + mean * b, 1 + b) has the variance mean * share, because share = 1 / (1 + b)
    unsure = (1.0 - share) ** 2 * max(places.mean, 1e-12) / max(places.number, 1)
    total = float(mean.sum())
    spread = float((mean * share).sum()) + len(mean) ** 2 * unsure
    low, high = _range(total, spread, times)
    return Expected(
        mean * times, total * times, low, high, _two_sided(current, mean, mean * share + unsure, times),
        float(_two_sided(np.array([current.sum()]), np.array([total]), np.array([spread]), times)[0]),
    )


def _shape(mean: np.ndarray, variance: np.ndarray, times: float) -> tuple[np.ndarray, np.ndarray]:
    """Size and success probability of the later count, whose rate is gamma with this mean and variance."""
    mean, variance = np.maximum(mean, 1e-12), np.maximum(variance, 1e-12)
    rate = mean / variance
    return mean * rate, rate / (rate + times)


def _two_sided(count: np.ndarray, mean: np.ndarray, variance: np.ndarray, times: float) -> np.ndarray:
    size, chance = _shape(mean, variance, times)
    below = special.betainc(size, count + 1.0, chance)
    # the upper tail from its own side, so that small probabilities are not lost
    above = np.where(count > 0, special.betainc(np.maximum(count, 1.0), size, 1.0 - chance), 1.0)
    return np.minimum(1.0, 2.0 * np.minimum(below, above))


def _range(mean: float, variance: float, times: float) -> tuple[float, float]:
    size, chance = _shape(np.array([mean]), np.array([variance]), times)
    return tuple(float(stats.nbinom.ppf(q, size, chance)[0]) for q in (0.025, 0.975))  # type: ignore[return-value]


def guard(pair: Comparison, expected: np.ndarray, p: np.ndarray) -> Comparison:
    """Return a comparison whose words need both: the plain change, and one beyond the shrunken expectation.

    Parameters
    ----------
    pair : Comparison
    expected, p : (n,) arrays
        Expected counts and probabilities, see :func:`expect`.

    Returns
    -------
    Comparison
        Counts, percentages and z as they were. p is the larger of both, 1 where the count
        lies between the plain and the shrunken expectation; q and code follow from it.
    """
    beyond = pair.current - np.asarray(expected, float)
    agree = np.sign(beyond) == np.sign(pair.change)
    change = np.where(agree, np.where(np.abs(beyond) < np.abs(pair.change), beyond, pair.change), 0.0)
    both = np.where(agree, np.maximum(pair.p, p), np.where(pair.empty, np.nan, 1.0))
    q = benjamini_hochberg(both)
    worth = np.abs(change) >= LEAST - 1e-9
    sure = worth & (np.nan_to_num(q, nan=1.0) < LEVEL)
    perhaps = worth & (np.nan_to_num(both, nan=1.0) < _RARE)
    code = np.select(
        [sure & (change > 0), sure, perhaps & (change > 0), perhaps], [MORE, FEWER, PERHAPS_MORE, PERHAPS_FEWER], 0)
    return replace(pair, p=both, q=q, code=code.astype(np.int8))
