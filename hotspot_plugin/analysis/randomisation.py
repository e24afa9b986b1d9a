"""What chance alone does to the sum over a neighbourhood: exact tails and random draws.

The null hypothesis is that the observed values lie on the places in random order. The sum
over a neighbourhood of k places is then the sum of k values drawn without replacement.
For whole numbers its distribution is computed exactly; for all others it is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

import numpy as np
from scipy import sparse
from scipy.special import gammaln

from .progress import Progress, part, silent

#: elementary steps (products of table sizes) beyond which exact tails are not tried: seconds
MOST_STEPS = 2e9
#: numbers held in the exact tables at most: 400 MB
MOST_CELLS = 5e7

_AT_ONCE = 2_000_000


@dataclass(frozen=True)
class Population:
    """Whole numbers brought to the smallest form: ``value = low + unit * step``.

    Attributes
    ----------
    n : int
        Number of values.
    steps, counts : (c,) arrays
        The distinct steps above 0, ascending, and how many values have each.
    low, unit : int
        Smallest value, and greatest common divisor of all distances from it.
    """

    n: int
    steps: np.ndarray
    counts: np.ndarray
    low: int
    unit: int

    @classmethod
    def of(cls, values: np.ndarray) -> Population:
        """Describe (n,) whole numbers."""
        whole = np.round(np.asarray(values, dtype=float)).astype(np.int64)
        low = int(whole.min())
        unit = max(int(np.gcd.reduce(whole - low)), 1)
        steps, counts = np.unique((whole - low) // unit, return_counts=True)
        above = steps > 0
        return cls(whole.size, steps[above], counts[above], low, unit)

    def in_steps(self, sums: np.ndarray, drawn: np.ndarray | int) -> np.ndarray:
        """Turn sums over ``drawn`` values into steps."""
        return (np.round(np.asarray(sums, dtype=float)).astype(np.int64) - self.low * np.asarray(drawn)) // self.unit

    def work(self, largest: int, top: int) -> tuple[float, float]:
        """Steps and cells that :func:`exact_tails` needs."""
        rows = min(largest, int(self.counts.sum()), top + 1)
        shifts = np.minimum(np.minimum(self.counts, rows), top // np.maximum(self.steps, 1) + 1).sum()
        return float(shifts) * (rows + 1) * (top + 2), (rows + 1.0) * (top + 2)


def is_whole(values: np.ndarray) -> bool:
    """Whether all values are whole numbers small enough to be exact."""
    return bool(np.all(values == np.round(values)) and np.abs(values).max(initial=0) < 2**52)


def exact_tails(
    population: Population, sizes: np.ndarray, top: int, *, progress: Progress = silent
) -> tuple[np.ndarray, np.ndarray]:
    """Exact distribution of the sum of k values drawn without replacement.

    A table over (number drawn, sum) takes in one distinct value after another: of j draws
    among the values taken in so far, the number that fall on the new value is
    hypergeometric. The smallest value, usually 0 and by far the most frequent, comes last
    and needs no table of its own. Sums above ``top`` share one cell. Every term is
    positive, so the tails keep their relative accuracy (about 1e-9) however small.

    Parameters
    ----------
    population : Population
        The n values.
    sizes : (k,) integer array
        Numbers drawn, each at most n.
    top : int
        Largest sum asked for, in steps.

    Returns
    -------
    upper, lower : (k, top + 2) arrays
        P(sum >= s) and P(sum <= s) for s = 0 ... top; the last column stands for more.
    """
    above = int(population.counts.sum())
    rows = min(int(sizes.max()), above, top + 1)
    table = np.zeros((rows + 1, top + 2))
    table[0, 0] = 1.0
    seen = 0
    for done, (step, count) in enumerate(zip(population.steps.tolist(), population.counts.tolist())):
        table = _take_in(table, seen, step, count, part(progress, done / population.steps.size, 1.0))
        seen += count
        progress((done + 1) / population.steps.size)
    hits = np.arange(min(above, int(sizes.max())) + 1)
    share = np.exp(_log_hypergeometric(population.n, above, np.asarray(sizes)[:, None], hits[None, :]))
    share /= share.sum(axis=1, keepdims=True)
    mass = share[:, : rows + 1] @ table
    mass[:, -1] += share[:, rows + 1 :].sum(axis=1)  # more such values than the table has rows: their sum is over top
    lower = np.minimum(1.0, np.cumsum(mass, axis=1))
    upper = np.minimum(1.0, np.cumsum(mass[:, ::-1], axis=1)[:, ::-1])
    return upper, lower


def _take_in(table: np.ndarray, seen: int, step: int, count: int, progress: Progress) -> np.ndarray:
    """Widen the table from the first ``seen`` values to ``count`` more of size ``step``."""
    rows, top = table.shape[0] - 1, table.shape[1] - 2
    drawn = np.arange(rows + 1)
    new_draws = np.arange(min(count, rows) + 1)
    share = np.exp(_log_hypergeometric(seen + count, count, drawn[None, :], new_draws[:, None]))
    total = share.sum(axis=0)
    share /= np.where(total > 0, total, 1.0)
    result = np.zeros_like(table)
    for a in new_draws.tolist():
        part_of = share[a, a:, None] * table[: rows + 1 - a]
        moved = min(a * step, top + 1)
        result[a:, moved : top + 1] += part_of[:, : top + 1 - moved]
        result[a:, top + 1] += part_of[:, top + 1 - moved :].sum(axis=1)
        if a % 16 == 15:
            progress(0.0)
    return result


def _log_hypergeometric(n: int, marked: int, drawn: np.ndarray, hits: np.ndarray) -> np.ndarray:
    """Log probability of ``hits`` marked ones among ``drawn`` of n; -inf where impossible."""
    possible = (hits <= drawn) & (hits <= marked) & (drawn - hits <= n - marked) & (drawn <= n)
    inside = [np.where(possible, value, 0) for value in (marked - hits, drawn - hits, n - marked - drawn + hits)]
    hits, drawn = np.where(possible, hits, 0), np.where(possible, drawn, 0)
    value = (
        gammaln(marked + 1) - gammaln(hits + 1) - gammaln(inside[0] + 1)
        + gammaln(n - marked + 1) - gammaln(inside[1] + 1) - gammaln(inside[2] + 1)
        - gammaln(n + 1) + gammaln(drawn + 1) + gammaln(n - drawn + 1)
    )  # fmt: skip
    return np.where(possible, value, -np.inf)


def leave_own_out(
    tails: tuple[np.ndarray, np.ndarray], population: Population, own: np.ndarray, size: int, sums: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Exact tails of the sum of ``size`` values drawn from all but the place's own one.

    Parameters
    ----------
    tails : (upper, lower)
        Of :func:`exact_tails` for the sizes 0, 1, ... up to at least ``size``.
    population : Population
        All n values; ``size`` is at most n / 4, which keeps the recursion stable.
    own, sums : (m,) integer arrays
        Own value and observed sum of each place, in steps.

    Returns
    -------
    upper, lower : (m,) arrays
        P(sum >= s) and P(sum <= s), accurate to about 1e-15.

    Notes
    -----
    Of k values drawn from all n, the place's own is among them with probability k / n:
    ``P_n(k, s) = (1 - k/n) P_own(k, s) + (k/n) P_own(k - 1, s - own)``, solved for P_own.
    """
    upper, lower = tails
    left = sums - own * size
    high = (left <= 0).astype(float)
    low = (left >= 0).astype(float)
    for k in range(1, size + 1):
        reached = sums - own * (size - k)
        column = np.clip(reached, 0, upper.shape[1] - 2)
        included = k / population.n
        high = (upper[k, column] - included * high) / (1.0 - included)
        low = (np.where(reached < 0, 0.0, lower[k, column]) - included * low) / (1.0 - included)
    return np.clip(high, 1e-16, 1.0), np.clip(low, 1e-16, 1.0)


def random_ids(rng: np.random.Generator, n: int, rows: int, width: int) -> np.ndarray:
    """Draw ``width`` of n ids without replacement, ``rows`` times.

    The order within a row is random too, so the first k columns are k draws without
    replacement for every k.

    Returns
    -------
    (rows, width) integer array
    """
    if 3 * width > n:
        return rng.permuted(np.tile(np.arange(n, dtype=np.int32), (rows, 1)), axis=1)[:, :width]
    ids = rng.integers(n, size=(rows, width), dtype=np.int32)
    todo = np.arange(rows)
    while todo.size:
        # A repeat is drawn anew until it is none. Earlier columns never look at later ones, so given
        # them each remaining id stays equally likely: exactly a draw without replacement.
        some = ids[todo]
        sorted_ids = np.sort(some, axis=1)
        repeats = (sorted_ids[:, 1:] == sorted_ids[:, :-1]).any(axis=1)
        todo, some = todo[repeats], some[repeats]
        order = np.argsort(some, axis=1, kind="stable")
        in_order = np.take_along_axis(some, order, axis=1)
        row, position = np.nonzero(in_order[:, 1:] == in_order[:, :-1])
        ids[todo[row], order[row, position + 1]] = rng.integers(n, size=row.size, dtype=np.int32)
    return ids


def permutation_counts(
    values: np.ndarray,
    weights: sparse.csr_matrix,
    which: np.ndarray,
    draws: int,
    rng: np.random.Generator,
    *,
    own_stays: bool,
    star: bool = False,
    progress: Progress = silent,
) -> tuple[np.ndarray, np.ndarray]:
    """How many random arrangements give a neighbourhood at least, and at most, its observed sum.

    One table of random ids serves all places (as in PySAL and GeoDa), and all places with
    the same number of neighbours share their sorted sums, so that each is a lookup.

    Parameters
    ----------
    values : (n,) array
        Finite values.
    weights : (n, n) csr_matrix
        Binary neighbours without the place itself.
    which : (n,) boolean array
        Places to test; each needs a neighbour.
    draws : int
        Number of random arrangements.
    rng : numpy.random.Generator
    own_stays : bool
        True: conditional permutation. The place keeps its value and its d neighbours are
        drawn from the n - 1 others. False: all places are drawn, the place itself too.
    star : bool
        With ``own_stays=False``, whether the place is part of its neighbourhood.

    Returns
    -------
    count_ge, count_le : (n,) int64 arrays
        Zero where not tested.

    Notes
    -----
    Leaving each place out of its own draws is exact: in a row of distinct ids in random
    order, striking the place's own id leaves the others in random order. So the sum over
    the first d ids holds for a place that is not among them, and where it is, its own
    value gives way to that of the next id in the row. Only those few sums are corrected.
    """
    values = np.asarray(values, dtype=float)
    n, degree = values.size, np.diff(weights.indptr)
    extra = 1 if star and not own_stays else 0
    observed = weights @ values + (values if extra else 0.0)
    count_ge, count_le = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    if not which.any():
        return count_ge, count_le
    longest = int(degree[which].max())
    width = longest + (1 if own_stays else extra)
    classes = _classes(degree, which, observed)
    slack = float(64 * np.finfo(float).eps * np.abs(values).max() * (longest + 1))
    at_once = max(64, _AT_ONCE // (n if 3 * width > n else width))
    for start in range(0, draws, at_once):
        rows = min(at_once, draws - start)
        ids = random_ids(rng, n, rows, width)
        drawn = values[ids]
        sums = np.cumsum(drawn, axis=1)
        for size, places, wanted in classes:
            reference = np.sort(sums[:, size + extra - 1])
            count_ge[places] += rows - np.searchsorted(reference, wanted - slack, side="left")
            count_le[places] += np.searchsorted(reference, wanted + slack, side="right")
        if own_stays:
            _correct_own(count_ge, count_le, ids[:, :longest], drawn, sums, values, observed, degree, which, slack)
        progress((start + rows) / draws)
    return count_ge, count_le


def _classes(degree: np.ndarray, which: np.ndarray, observed: np.ndarray) -> list[tuple[int, np.ndarray, np.ndarray]]:
    """Places by number of neighbours, each class ordered by its observed sum (a faster lookup)."""
    places = np.flatnonzero(which)
    places = places[np.lexsort((observed[places], degree[places]))]
    limits = np.flatnonzero(np.diff(degree[places])) + 1
    return [(int(degree[some[0]]), some, observed[some]) for some in np.split(places, limits)]


def _correct_own(
    count_ge: np.ndarray,
    count_le: np.ndarray,
    ids: np.ndarray,
    drawn: np.ndarray,
    sums: np.ndarray,
    values: np.ndarray,
    observed: np.ndarray,
    degree: np.ndarray,
    which: np.ndarray,
    slack: float,
) -> None:
    """Replace the sums in which a place drew itself, see :func:`permutation_counts`."""
    hit = which[ids] & (np.arange(ids.shape[1]) < degree[ids])
    row, column = np.nonzero(hit)
    place = ids[row, column]
    size = degree[place]
    before = sums[row, size - 1]
    after = before - values[place] + drawn[row, size]
    wanted = observed[place]
    for count, beats in (
        (count_ge, _at_least(wanted - slack)),
        (count_le, _at_most(wanted + slack)),
    ):
        change = beats(after).astype(float) - beats(before)
        count += np.bincount(place, weights=change, minlength=values.size).astype(np.int64)


def _at_least(limit: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    return lambda sums: sums >= limit


def _at_most(limit: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    return lambda sums: sums <= limit
