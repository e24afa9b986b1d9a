"""Two Poisson counts compared: tests and intervals that hold for small counts and unequal times.

A percentage alone misleads: from 1 to 3 is +200 % and mostly chance. These functions say
what chance allows.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from ..progress import Progress, silent

#: A tie with the observed statistic counts as "as extreme", whatever the last bit says.
_TIE = 1.0 - 1e-9
#: Cells of the double sum that are worked on at a time, about 0.2 s.
_SLICE = 400_000


def e_test(
    first: np.ndarray,
    second: np.ndarray,
    exposure_first: float = 1.0,
    exposure_second: float = 1.0,
    progress: Progress = silent,
    pooled: bool = False,
) -> np.ndarray:
    """Two-sided E-test of two Poisson rates (Krishnamoorthy and Thomson 2004).

    The statistic is the standardised difference of the rates with the variance
    ``k1/n1**2 + k2/n2**2``; its distribution is summed over all pairs of counts at the
    rate estimated under the hypothesis of equal rates. The sum over the second count is a Poisson tail,
    because the counts as extreme as the observed ones lie outside two roots of a
    quadratic. So the work grows with the square root of the counts, equal pairs are summed
    once, and no approximation is needed: 5 million incidents in 40,000 areas take seconds.

    Parameters
    ----------
    first, second : (n,) arrays of int
        Counts k1 and k2.
    exposure_first, exposure_second : float
        Times n1 and n2 (or areas, people) in which they were counted.
    progress : Progress
    pooled : bool
        Take the variance from the common rate instead: ``(k1 + k2) / (n1 + n2) * (1/n1 + 1/n2)``,
        the score statistic (Gu, Ng, Tang and Schucany 2008). For equal exposures the two are the same.
        For unequal ones the published statistic is lopsided: with 365 and 28 days it finds
        a doubling from 5 in a tenth of the cases (the pooled one in half), and gives 0 in
        300 days against 4 in 3 days a p of 0.54.

    Returns
    -------
    (n,) array
        p-values, exact but for an error below 1e-10; NaN where both counts are 0.

    Raises
    ------
    ValueError
        For negative counts or exposures that are not positive.
    """
    first, second = np.atleast_1d(np.asarray(first, float)), np.atleast_1d(np.asarray(second, float))
    _check(first, second, exposure_first, exposure_second)
    pairs, where = np.unique(np.column_stack([first, second]), axis=0, return_inverse=True)
    known = pairs.sum(axis=1) > 0
    p = np.full(len(pairs), np.nan)
    p[known] = _e_test_pairs(pairs[known], exposure_first, exposure_second, pooled, progress)
    return p[where.ravel()]


def _check(first: np.ndarray, second: np.ndarray, exposure_first: float, exposure_second: float) -> None:
    if not (exposure_first > 0 and exposure_second > 0):
        raise ValueError("exposures must be positive")
    if (first < 0).any() or (second < 0).any():
        raise ValueError("a count is not negative")


def _e_test_pairs(pairs: np.ndarray, n1: float, n2: float, pooled: bool, progress: Progress) -> np.ndarray:
    """E-test of pairs that are all different and not both 0."""
    k1, k2 = pairs.T
    # the variance is linear in the counts; what is common to all pairs of counts does not matter
    w1, w2 = (1.0, 1.0) if pooled else (1.0 / n1**2, 1.0 / n2**2)
    square = (k1 / n1 - k2 / n2) ** 2 / (w1 * k1 + w2 * k2) * _TIE
    mean1, mean2 = n1 * (k1 + k2) / (n1 + n2), n2 * (k1 + k2) / (n1 + n2)
    # what lies further off than seven standard deviations has a probability below 1e-11
    low = np.maximum(0.0, np.floor(mean1 - 7.0 * np.sqrt(mean1) - 5.0))
    length = (np.ceil(mean1 + 7.0 * np.sqrt(mean1) + 20.0) - low + 1.0).astype(np.int64)
    p = np.empty(len(pairs))
    ends = np.cumsum(length)
    start = 0
    while start < len(pairs):
        progress(start / len(pairs))
        done = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, done + _SLICE, side="right")))
        part = slice(start, stop)
        begins = np.concatenate([[0], np.cumsum(length[part])[:-1]])
        pair = np.repeat(np.arange(start, stop), length[part])
        i = np.arange(pair.size) - begins[pair - start] + low[pair]
        weight = np.exp(special.xlogy(i, mean1[pair]) - mean1[pair] - special.gammaln(i + 1.0))
        tails = _extreme(i / n1, w2 * n2 * square[pair], w1 * i * square[pair], n2, mean2[pair])
        p[part] = np.add.reduceat(weight * tails, begins)
        start = stop
    progress(1.0)
    return np.clip(p, 0.0, 1.0)


def _extreme(rate1: np.ndarray, slope: np.ndarray, constant: np.ndarray, n2: float, mean2: np.ndarray) -> np.ndarray:
    """Probability of the second counts that are as extreme as observed beside a first count.

    With y = j/n2 they are those with ``(rate1 - y)**2 >= slope * y + constant``, i.e.
    outside the two roots.
    """
    root = np.sqrt(4.0 * rate1 * slope + slope**2 + 4.0 * constant)
    lower = np.floor(n2 * (2.0 * rate1 + slope - root) / 2.0 + 1e-9)
    upper = np.ceil(n2 * (2.0 * rate1 + slope + root) / 2.0 - 1e-9)
    # both counts 0: the statistic is 0/0, and no difference at all is not extreme
    lower = np.where((rate1 == 0.0) & (slope > 0.0), -1.0, lower)
    below = np.where(lower >= 0, special.pdtr(np.maximum(lower, 0.0), mean2), 0.0)
    above = np.where(upper > 0, special.pdtrc(np.maximum(upper - 1.0, 0.0), mean2), 1.0)
    return np.where(upper <= lower, 1.0, below + above)


def poisson_z(
    previous: np.ndarray, current: np.ndarray, exposure_previous: float = 1.0, exposure_current: float = 1.0
) -> np.ndarray:
    """Change of counts on the square-root scale, on which every count varies alike.

    Parameters
    ----------
    previous, current : (n,) arrays of int
    exposure_previous, exposure_current : float
        Lengths of the two periods.

    Returns
    -------
    (n,) array
        ``2 * (sqrt(current) - sqrt(previous))`` for equal periods (Wheeler 2016). For
        unequal ones the difference of the square roots of the *rates*, scaled so that its
        variance without any change is the same, about 2 (so that 3 is rare, not 2).
    """
    previous, current = np.asarray(previous, float), np.asarray(current, float)
    scale = np.sqrt(2.0 / (1.0 / exposure_previous + 1.0 / exposure_current))
    return 2.0 * scale * (np.sqrt(current / exposure_current) - np.sqrt(previous / exposure_previous))


def rate_ratio(
    previous: np.ndarray,
    current: np.ndarray,
    exposure_previous: float | np.ndarray = 1.0,
    exposure_current: float | np.ndarray = 1.0,
    level: float = 0.95,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ratio of two Poisson rates with its exact interval.

    Given their sum, the current count is binomial; the interval is Clopper and Pearson's
    (1934) of that share, turned into a ratio. It never holds less than its level.

    Parameters
    ----------
    previous, current : (n,) arrays of int
    exposure_previous, exposure_current : float or (n,) array
    level : float
        Confidence between 0 and 1.

    Returns
    -------
    ratio, low, high : (n,) arrays
        Current over previous. NaN where both counts are 0; the ratio is infinite or the
        upper bound unlimited where the previous count is 0.
    """
    previous, current = np.asarray(previous, float), np.asarray(current, float)
    tail = (1.0 - level) / 2.0
    times = exposure_previous / exposure_current
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = current / previous * times
        low = special.betaincinv(np.maximum(current, 1e-300), previous + 1.0, tail)
        high = special.betaincinv(current + 1.0, np.maximum(previous, 1e-300), 1.0 - tail)
        low = np.where(current > 0, low / (1.0 - low) * times, 0.0)
        high = np.where(previous > 0, high / (1.0 - high) * times, np.inf)
    nothing = (previous + current) == 0
    return ratio, np.where(nothing, np.nan, low), np.where(nothing, np.nan, high)
