"""p-values, the control of false discoveries, and intervals of counts, for all tools.

Every p-value of the plugin passes through this module, and every function says which
alternative it tests: popular packages print one-sided values where a reader expects
two-sided ones.
"""

from __future__ import annotations

import numpy as np
from scipy import special

#: significance levels of the bins 1, 2 and 3 (90, 95 and 99 % confidence)
BIN_LEVELS = (0.10, 0.05, 0.01)

GREATER, LESS, TWO_SIDED = "greater", "less", "two-sided"


def two_sided_normal(z: np.ndarray) -> np.ndarray:
    """Two-sided p-value of a standard normal score, accurate far into the tail.

    Parameters
    ----------
    z : (n,) array
        Standard scores; NaN gives NaN.

    Returns
    -------
    (n,) array
        ``2 * (1 - Phi(|z|))``.
    """
    return special.erfc(np.abs(np.asarray(z, dtype=float)) / np.sqrt(2.0))


def permutation_p(
    count_ge: np.ndarray | int,
    draws: int,
    *,
    count_le: np.ndarray | int | None = None,
    alternative: str = GREATER,
) -> np.ndarray:
    """p-value of a Monte Carlo test: the observed arrangement counts as one of the draws.

    Parameters
    ----------
    count_ge : int or (n,) array
        Number of draws at least as large as the observed value.
    draws : int
        Number of draws m.
    count_le : int or (n,) array, optional
        Number of draws at most as large as the observed value; needed for the
        alternatives "less" and "two-sided". A tied draw belongs to both counts.
    alternative : {"greater", "less", "two-sided"}
        Two-sided is twice the smaller side, at most 1.

    Returns
    -------
    (n,) array
        ``(k + 1) / (m + 1)``, never 0 (Phipson and Smyth 2010).
    """
    if draws < 1:
        raise ValueError("a permutation test needs at least one draw")
    if alternative == GREATER:
        return (np.asarray(count_ge, dtype=float) + 1.0) / (draws + 1.0)
    if count_le is None:
        raise ValueError(f"the alternative {alternative} needs count_le")
    if alternative == LESS:
        return (np.asarray(count_le, dtype=float) + 1.0) / (draws + 1.0)
    if alternative != TWO_SIDED:
        raise ValueError(f"unknown alternative {alternative}")
    smaller = np.minimum(np.asarray(count_ge, dtype=float), np.asarray(count_le, dtype=float))
    return np.minimum(1.0, 2.0 * (smaller + 1.0) / (draws + 1.0))


def benjamini_hochberg(p: np.ndarray) -> np.ndarray:
    """q-values: the smallest false discovery rate at which each test would be kept.

    Parameters
    ----------
    p : (n,) array
        p-values; a NaN is no test and stays NaN.

    Returns
    -------
    (n,) array
        Step-up adjusted p-values (Benjamini and Hochberg 1995), the same as R's
        ``p.adjust(p, "BH")`` on the values that are present.
    """
    p = np.asarray(p, dtype=float)
    q = np.full(p.shape, np.nan)
    tested = np.flatnonzero(~np.isnan(p))
    if tested.size == 0:
        return q
    order = tested[np.argsort(p[tested], kind="stable")]
    raised = p[order] * tested.size / np.arange(1, tested.size + 1)
    q[order] = np.minimum(1.0, np.minimum.accumulate(raised[::-1])[::-1])
    return q


def benjamini_yekutieli(p: np.ndarray) -> np.ndarray:
    """q-values that hold however the tests depend on each other, as shares that sum to 1 do.

    Parameters
    ----------
    p : (n,) array
        p-values; a NaN is no test and stays NaN.

    Returns
    -------
    (n,) array
        Step-up adjusted p-values (Benjamini and Yekutieli 2001), the same as R's ``p.adjust(p, "BY")``.
    """
    p = np.asarray(p, dtype=float)
    tests = int((~np.isnan(p)).sum())
    return np.minimum(1.0, benjamini_hochberg(p) * (1.0 / np.arange(1, tests + 1)).sum())


def critical_p(p: np.ndarray, level: float) -> float:
    """Largest p-value that the Benjamini-Hochberg procedure keeps at ``level``.

    Parameters
    ----------
    p : (n,) array
        p-values; NaN are no tests.
    level : float
        False discovery rate, 0 to 1.

    Returns
    -------
    float
        ``max p_(i)`` with ``p_(i) <= level * i / n``; -1 where nothing is kept.
    """
    present = np.sort(np.asarray(p, dtype=float)[~np.isnan(p)])
    kept = np.flatnonzero(present <= level * np.arange(1, present.size + 1) / max(present.size, 1))
    return float(present[kept[-1]]) if kept.size else -1.0


def gi_bins(z: np.ndarray, p: np.ndarray, fdr: bool) -> np.ndarray:
    """Confidence bins -3 to 3 of hot and cold spots, as in the field ``Gi_Bin``.

    Parameters
    ----------
    z : (n,) array
        Scores; their sign says hot (+) or cold (-).
    p : (n,) array
        Two-sided p-values without any correction.
    fdr : bool
        Lower the critical p-value of each level for the number of tests
        (Benjamini-Hochberg). The scores and p-values themselves never change.

    Returns
    -------
    (n,) int8 array
        3, 2, 1 for 99, 95, 90 % confidence, negative for cold, 0 for not significant
        and for places without a test (NaN).
    """
    z, p = np.asarray(z, dtype=float), np.asarray(p, dtype=float)
    size = np.zeros(p.shape, dtype=np.int8)
    for confidence, level in enumerate(BIN_LEVELS, start=1):
        limit = critical_p(p, level) if fdr else level
        size[p <= limit] = confidence
    return size * np.sign(np.nan_to_num(z)).astype(np.int8)


def draws_needed(tests: int, level: float = 0.05) -> int:
    """Draws with which one place alone can pass Benjamini-Hochberg among ``tests``.

    A two-sided Monte Carlo p-value is never under ``2 / (draws + 1)``, and the first of
    n tests must reach ``level / n``.
    """
    return int(np.ceil(2.0 * tests / level - 1e-9)) - 1


def poisson_interval(n: np.ndarray, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Exact interval of the mean of a Poisson count (Garwood 1936).

    Parameters
    ----------
    n : int or (m,) array
        Observed counts; NaN gives NaN.
    level : float
        Confidence between 0 and 1.

    Returns
    -------
    low, high : (m,) arrays
        Bounds of the expected count; ``low`` is 0 for a count of 0.
    """
    if not 0.0 < level < 1.0:
        raise ValueError("the level lies between 0 and 1")
    counts = np.asarray(n, dtype=float)
    if np.any(counts < 0):
        raise ValueError("a count is not negative")
    tail = (1.0 - level) / 2.0
    low = np.where(counts > 0, special.gammaincinv(np.where(counts > 0, counts, 1.0), tail), 0.0)
    high = special.gammainccinv(counts + 1.0, tail)
    return np.where(np.isnan(counts), np.nan, low), high


def wilson_interval(part: np.ndarray, whole: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """95 % interval of a share (Wilson 1927), also of numbers that are not whole.

    Parameters
    ----------
    part, whole : (n,) arrays

    Returns
    -------
    low, high : (n,) arrays
        Between 0 and 1; NaN without a whole.
    """
    z2 = 1.959963984540054**2
    part, whole = (np.asarray(v, dtype=float) for v in np.broadcast_arrays(part, whole))
    n = np.where(whole > 0, whole, np.nan)
    p = part / n
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = np.sqrt(z2 * (np.maximum(p * (1 - p), 0.0) / n + z2 / (4 * n**2))) / (1 + z2 / n)
    return np.maximum(0.0, middle - half), np.minimum(1.0, middle + half)
