"""Two CPTED scorings of the same places: what changed, and what other weights would leave of it.

A place's score is a weighted mean of its principles. With the same weights before and after, its change is the same
weighted mean of the changes of the principles, and lies between the smallest and the largest of them whatever the
weights are. A change in which no principle goes the other way is therefore one that no weights of the principles can
turn round. Ranks come with intervals under other weights (``need_low``, ``need_high``); where those of before and after
lie apart, the place has moved among the others whatever the weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

#: Verdicts, in the order of their codes from -2; ``UNCOMPARABLE`` is beside them.
WORSE, PERHAPS_WORSE, SAME, PERHAPS_BETTER, BETTER = -2, -1, 0, 1, 2
UNCOMPARABLE = 9
#: Difference of the shares measured from which two scores are of different things.
MEASURED_APART = 0.1
#: Share of the places of both scorings that must be matched for ranks to be among the same places.
SAME_PLACES = 0.95


@dataclass(frozen=True)
class Scoring:
    """Scores of n matched places.

    Attributes
    ----------
    overall : (n,) array
    principles : (n, p) array
        NaN where not measured.
    measured : (n,) array
        Share measured; NaN where the layer does not say.
    low, high : (n,) arrays
        Rank interval as a share of the places scored, 0 the lowest score; NaN where there is none.
    """

    overall: np.ndarray
    principles: np.ndarray
    measured: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class Change:
    """What changed at n places.

    Attributes
    ----------
    overall : (n,) array
        After less before.
    principles : (n, p) array
    low, high : (n,) arrays
        Between what the overall change lies whatever the weights of the principles.
    ranks : (n,) array
        1 the rank intervals lie apart upwards, -1 downwards, 0 they overlap, NaN where they cannot be compared.
    verdict : (n,) array of int
    """

    overall: np.ndarray
    principles: np.ndarray
    low: np.ndarray
    high: np.ndarray
    ranks: np.ndarray
    verdict: np.ndarray


def compare(before: Scoring, after: Scoring, least: float = 5.0, use_ranks: bool = True) -> Change:
    """Compare two scorings of the same places.

    Parameters
    ----------
    before, after : Scoring
    least : float
        Points below which a change of the overall score is none.
    use_ranks : bool
        Whether both rankings are among the same places.

    Notes
    -----
    Better (worse): the score rises (falls) by at least ``least``, and either the rank intervals lie apart in that
    direction or no principle goes the other way. Perhaps better or worse: it changes by as much, and neither holds.
    Not comparable: not scored both times, a principle measured only once, or shares measured more than
    :data:`MEASURED_APART` apart.
    """
    change = after.overall - before.overall
    moved = after.principles - before.principles
    known = np.isfinite(moved)
    some = known.any(axis=1)
    low = np.where(some, np.where(known, moved, np.inf).min(axis=1), np.nan)
    high = np.where(some, np.where(known, moved, -np.inf).max(axis=1), np.nan)
    ranks = np.full(len(change), np.nan)
    if use_ranks:
        both = np.isfinite(before.low + before.high + after.low + after.high)
        apart = np.where(after.low > before.high, 1.0, np.where(after.high < before.low, -1.0, 0.0))
        ranks = np.where(both, apart, np.nan)
    verdict = np.zeros(len(change), int)
    moves = np.nan_to_num(change)
    for sign, sure, unsure in ((1.0, BETTER, PERHAPS_BETTER), (-1.0, WORSE, PERHAPS_WORSE)):
        enough = sign * moves >= least
        # with no principle known, nothing can be said of other weights
        steady = some & (np.where(sign > 0, low, -high) >= 0)
        verdict[enough] = unsure
        verdict[enough & ((ranks == sign) | steady)] = sure
    once = (np.isfinite(before.principles) != np.isfinite(after.principles)).any(axis=1)
    apart = np.abs(after.measured - before.measured) > MEASURED_APART + 1e-9
    verdict[~np.isfinite(change) | once | apart] = UNCOMPARABLE
    return Change(change, moved, low, high, ranks, verdict)


def rank_shares(low: np.ndarray, high: np.ndarray, scored: int) -> tuple[np.ndarray, np.ndarray]:
    """Return rank intervals as shares of the places scored, 0 the lowest score and 1 the highest."""
    return (low - 1.0) / max(scored - 1, 1), (high - 1.0) / max(scored - 1, 1)


@dataclass(frozen=True)
class Mean:
    """A mean with its 95 % interval.

    Attributes
    ----------
    value, low, high : float
        NaN where there are too few.
    n : int
    """

    value: float
    low: float
    high: float
    n: int


def mean(values: np.ndarray) -> Mean:
    """Return the mean with Student's interval, NaN left out."""
    values = np.asarray(values, float)
    values = values[np.isfinite(values)]
    n = len(values)
    if n == 0:
        return Mean(np.nan, np.nan, np.nan, 0)
    middle = float(values.mean())
    if n == 1:
        return Mean(middle, np.nan, np.nan, 1)
    half = float(stats.t.ppf(0.975, n - 1) * values.std(ddof=1) / np.sqrt(n))
    return Mean(middle, middle - half, middle + half, n)


def difference(one: np.ndarray, other: np.ndarray) -> Mean:
    """Return the difference of two means (one less other) with Welch's interval."""
    one, other = (np.asarray(v, float)[np.isfinite(v)] for v in (one, other))
    if len(one) < 2 or len(other) < 2:
        return Mean(np.nan, np.nan, np.nan, min(len(one), len(other)))
    parts = [v.var(ddof=1) / len(v) for v in (one, other)]
    spread = sum(parts)
    value = float(one.mean() - other.mean())
    if spread == 0:
        return Mean(value, value, value, min(len(one), len(other)))
    free = spread**2 / sum(p**2 / (len(v) - 1) for p, v in zip(parts, (one, other)))
    half = float(stats.t.ppf(0.975, free) * np.sqrt(spread))
    return Mean(value, value - half, value + half, min(len(one), len(other)))


def mutual(one: np.ndarray, other: np.ndarray, likeness: np.ndarray, least: float, n: int, m: int) -> np.ndarray:
    """Return for each of n places its partner among m, or -1: each the other's likeliest.

    Parameters
    ----------
    one, other : (p,) arrays of int
        Pairs that might be the same place.
    likeness : (p,) array
        Larger is more alike.
    least : float
        Pairs less alike are none.
    """
    keep = likeness >= least
    one, other, likeness = one[keep], other[keep], likeness[keep]
    order = np.lexsort((other, one, -likeness))
    mine, theirs = np.full(n, -1), np.full(m, -1)
    first_one = np.unique(one[order], return_index=True)
    mine[first_one[0]] = other[order][first_one[1]]
    first_other = np.unique(other[order], return_index=True)
    theirs[first_other[0]] = one[order][first_other[1]]
    found = mine >= 0
    found[found] = theirs[mine[found]] == np.flatnonzero(found)
    return np.where(found, mine, -1)
