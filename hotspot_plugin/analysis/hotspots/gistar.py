"""Getis-Ord Gi* and Gi: where do high or low values gather more than chance allows?

Getis and Ord (1992), Ord and Getis (1995). Weights are binary: row-standardising them
must not change the score, and in packages where it does it is the variance that is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from .. import randomisation, significance
from ..errors import InputError
from ..progress import Progress, part, silent
from ..weights import neighbour_counts

AUTOMATIC, NORMAL, PERMUTATION = "automatic", "normal", "permutation"

#: how each place was tested
NOT_TESTED, BY_NORMAL, BY_EXACT_TAIL, BY_DRAWS = 0, 1, 2, 3

#: a neighbourhood expected to hold fewer incidents than this is too skewed for the normal curve
SMALL_EXPECTATION = 25.0
#: least number of draws where the automatic method has to draw
LEAST_DRAWS = 99_999
#: most ids drawn by the automatic method: a minute or two
MOST_IDS = 1_000_000_000


@dataclass(frozen=True)
class LocalG:
    """Result of :func:`local_g`; all arrays have one entry a place, in the order given.

    Attributes
    ----------
    z : (n,) array
        Score under randomisation; NaN where a place has no neighbour, no value, or the
        values do not vary.
    p : (n,) array
        Two-sided p-value without any correction for the number of places; NaN as in z.
    neighbours : (n,) int64 array
        Neighbours with a value, the place itself not counted.
    test : (n,) int8 array
        NOT_TESTED, BY_NORMAL, BY_EXACT_TAIL or BY_DRAWS.
    draws : int
        Random arrangements drawn; 0 if none were needed.
    wary : int
        Places tested by the normal curve although their neighbourhood is too small or too skew for it.
    """

    z: np.ndarray
    p: np.ndarray
    neighbours: np.ndarray
    test: np.ndarray
    draws: int
    wary: int = 0


def local_g(
    values: np.ndarray,
    weights: sparse.csr_matrix,
    *,
    star: bool = True,
    method: str = AUTOMATIC,
    permutations: int = 999,
    fdr: bool = True,
    exact_below: float = SMALL_EXPECTATION,
    rng: np.random.Generator | None = None,
    progress: Progress = silent,
) -> LocalG:
    """Score and two-sided p-value of each place's neighbourhood.

    Parameters
    ----------
    values : (n,) array
        Counts, sums or rates. Places with NaN take no part: they are nobody's neighbour.
    weights : (n, n) csr_matrix
        Binary neighbours without the place itself (``analysis.weights``).
    star : bool
        True: Gi*, the place belongs to its own neighbourhood. False: Gi.
    method : {"automatic", "normal", "permutation"}
        normal: the two-sided p of z. permutation: conditional permutations, where each
        place keeps its value and its neighbours are drawn from all others, as in PySAL
        and GeoDa; it asks whether the *surroundings* are unusual. automatic: the null
        distribution of z itself (all values in random order; for Gi, those of the others)
        wherever the normal curve does not hold: an expected sum under 25 for counts, or as
        skew a sum for other values. It is exact for whole numbers, and drawn (99,999 times
        or more) for others.
    permutations : int
        Number of permutations for the method "permutation".
    fdr : bool
        The p-values will be corrected for false discoveries; asks for enough draws.
    exact_below : float
        Expected sum under which the automatic method leaves the normal curve; infinite
        for never trusting it. Of maps of pure chance with 100 x 100 cells, 12 % show a
        corrected hot spot by the normal curve at 27 expected, 2 % or less by exact tails.
    rng : numpy.random.Generator, optional
        Needed where random numbers are drawn.

    Returns
    -------
    LocalG

    Raises
    ------
    InputError
        If so few permutations are asked for that no place could pass the correction.

    Notes
    -----
    A two-sided p is twice the tail on the side of z, at most 1, so that a hot spot is
    never called significant because of its cold tail.
    """
    values = np.asarray(values, dtype=float)
    if method not in (AUTOMATIC, NORMAL, PERMUTATION):
        raise ValueError(f"unknown method {method}")
    present = np.isfinite(values)
    if not present.all():
        kept = np.flatnonzero(present)
        some = local_g(
            values[kept], weights[kept][:, kept],
            star=star, method=method, permutations=permutations, fdr=fdr, exact_below=exact_below,
            rng=rng, progress=progress,
        )  # fmt: skip
        return _spread(some, kept, values.size)
    neighbours = neighbour_counts(weights)
    z = _score(values, weights, neighbours, star)
    tested = ~np.isnan(z)
    p = significance.two_sided_normal(z)
    test = np.where(tested, BY_NORMAL, NOT_TESTED).astype(np.int8)
    progress(0.05)
    draws = 0
    small = tested & _normal_fails(values, neighbours, star, exact_below) if tested.any() else tested
    if method == PERMUTATION:
        draws = permutations
        _refuse_unreachable(int(tested.sum()), draws, fdr)
        p[tested] = _drawn_p(values, weights, z, tested, draws, rng, True, star, part(progress, 0.05, 1.0))[tested]
        test[tested] = BY_DRAWS
    elif method == AUTOMATIC and small.any():
        exact = _exact_p(values, weights, neighbours, z, small, star, part(progress, 0.05, 1.0))
        if exact is not None:
            p[small], test[small] = exact, BY_EXACT_TAIL
        else:
            draws = _draws_for(int(tested.sum()), int(neighbours[small].max()) + 1, fdr)
            watch = part(progress, 0.05, 1.0)
            p[small] = _drawn_p(values, weights, z, small, draws, rng, not star, star, watch)[small]
            test[small] = BY_DRAWS
    progress(1.0)
    return LocalG(z, p, neighbours, test, draws, int((small & (test == BY_NORMAL)).sum()))


def _score(values: np.ndarray, weights: sparse.csr_matrix, neighbours: np.ndarray, star: bool) -> np.ndarray:
    """z of Ord and Getis (1995), equations 14.3 (Gi*) and 14.2 (Gi), for binary weights.

    For Gi, mean and variance of the others come from sums before and after each place:
    subtracting its own square from the total would cancel badly at an extreme place.
    """
    n = values.size
    z = np.full(n, np.nan)
    if n < 3 or values.max() == values.min():
        return z
    centre = float(np.median(values))
    offset = values - centre
    near = weights @ offset
    if star:
        drawn, pool, total = neighbours + 1, n, np.full(n, offset.sum())
        near = near + offset
        squares = np.full(n, (offset * offset).sum())
    else:
        drawn, pool, total, squares = neighbours, n - 1, _others(offset), _others(offset * offset)
    mean = total / pool
    variance = np.maximum(squares / pool - mean * mean, 0.0)
    if star:
        variance[:] = values.var()
    spread = variance * (drawn * (pool - drawn) / (pool - 1.0))
    valid = (neighbours > 0) & (drawn < pool) & (spread > 0)
    z[valid] = (near - mean * drawn)[valid] / np.sqrt(spread[valid])
    return z


def _others(values: np.ndarray) -> np.ndarray:
    """Sum over all other places, for each place."""
    before = np.concatenate([[0.0], np.cumsum(values)[:-1]])
    after = np.concatenate([np.cumsum(values[::-1])[::-1][1:], [0.0]])
    return before + after


def _normal_fails(values: np.ndarray, neighbours: np.ndarray, star: bool, least: float) -> np.ndarray:
    """Places whose neighbourhood is too small or too skew for the normal curve."""
    n, drawn = values.size, neighbours + (1 if star else 0)
    if randomisation.is_whole(values) and values.min() >= 0:
        return drawn * values.mean() < least
    centred = values - values.mean()
    skewness = (centred**3).mean() / (centred**2).mean() ** 1.5
    # skewness of the sum of k values drawn without replacement from n
    k = np.clip(drawn, 1, n - 1).astype(float)
    of_sum = skewness * (n - 2 * k) * np.sqrt((n - 1) / (k * (n - k))) / max(n - 2, 1)
    return np.abs(of_sum) > 1.0 / np.sqrt(least)  # the skewness of a Poisson count with that expectation


def _exact_p(
    values: np.ndarray,
    weights: sparse.csr_matrix,
    neighbours: np.ndarray,
    z: np.ndarray,
    small: np.ndarray,
    star: bool,
    progress: Progress,
) -> np.ndarray | None:
    """Exact two-sided p of the places ``small``; None where that is impossible or takes too long."""
    if not randomisation.is_whole(values):
        return None
    population = randomisation.Population.of(values)
    drawn = neighbours[small] + (1 if star else 0)
    sums = population.in_steps((weights @ values)[small] + (values[small] if star else 0.0), drawn)
    own = population.in_steps(values[small], 1)
    largest, top = int(drawn.max()), int(sums.max())
    sizes = np.unique(drawn) if star else np.arange(largest + 1)
    work, cells = population.work(largest, top)
    cells += 2.0 * sizes.size * (top + 2) + float(sizes.size) * min(largest, int(population.counts.sum()))
    if work > randomisation.MOST_STEPS or cells > randomisation.MOST_CELLS or (not star and 4 * largest > values.size):
        return None
    tails = randomisation.exact_tails(population, sizes, top, progress=progress)
    upper, lower = np.empty(sums.size), np.empty(sums.size)
    if star:
        row = np.searchsorted(sizes, drawn)
        upper, lower = tails[0][row, sums], tails[1][row, sums]
    else:
        for size in np.unique(drawn).tolist():
            here = drawn == size
            upper[here], lower[here] = randomisation.leave_own_out(tails, population, own[here], size, sums[here])
    return np.minimum(1.0, 2.0 * np.where(z[small] > 0, upper, lower))


def _drawn_p(
    values: np.ndarray,
    weights: sparse.csr_matrix,
    z: np.ndarray,
    which: np.ndarray,
    draws: int,
    rng: np.random.Generator | None,
    own_stays: bool,
    star: bool,
    progress: Progress,
) -> np.ndarray:
    if rng is None:
        raise ValueError("random draws need a generator")
    count_ge, count_le = randomisation.permutation_counts(
        values, weights, which, draws, rng, own_stays=own_stays, star=star, progress=progress
    )
    on_side = np.where(z > 0, count_ge, count_le)
    return np.minimum(1.0, 2.0 * significance.permutation_p(on_side, draws, alternative=significance.GREATER))


def _draws_for(tests: int, width: int, fdr: bool) -> int:
    """Draws of the automatic method: enough for the correction, unless that would take minutes."""
    wanted = max(LEAST_DRAWS, significance.draws_needed(tests) if fdr else 0)
    return max(LEAST_DRAWS, min(wanted, MOST_IDS // width))


def _refuse_unreachable(tests: int, permutations: int, fdr: bool) -> None:
    needed = significance.draws_needed(max(tests, 1)) if fdr else 1
    if permutations < needed:
        raise InputError(
            "PERMUTATIONS",
            "With {tests} places and the control of false discoveries, {permutations} permutations are too few: the "
            "smallest p-value they can give is {floor:.2g}, and one hot place needs {reach:.2g} for 95 % confidence. "
            "Use at least {needed} permutations, choose the automatic method, or switch the control off.",
            tests=tests,
            permutations=permutations,
            floor=2.0 / (permutations + 1),
            reach=0.05 / max(tests, 1),
            needed=needed,
        )


def _spread(some: LocalG, kept: np.ndarray, n: int) -> LocalG:
    """Bring the result for the places with a value back to all n places."""
    z, p = np.full(n, np.nan), np.full(n, np.nan)
    neighbours, test = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int8)
    z[kept], p[kept], neighbours[kept], test[kept] = some.z, some.p, some.neighbours, some.test
    return LocalG(z, p, neighbours, test, some.draws, some.wary)
