"""Two counted layers beside each other: where both lie above the city's rate, where one does, where none can be told.

A layer is high in an area where the interval of its rate lies above the rate of the whole, and not
high where the interval stays below a ratio that would matter. In between, and where few are to be
expected, there is too little to say: "not shown to be high" is not "low".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from ..progress import Progress, silent
from ..significance import TWO_SIDED, permutation_p
from .shrunken import Shrunken, shrink

#: Probability in each tail of the 95 % interval.
TAIL = 0.025
#: What is known of one layer in one area.
UNKNOWN, UNCLEAR, NOT_HIGH, HIGH = range(4)
#: What is known of both: the five classes.
TOO_LITTLE, BOTH_LOW, FIRST_ONLY, SECOND_ONLY, BOTH_HIGH = range(5)
CLASSES = (TOO_LITTLE, BOTH_LOW, FIRST_ONLY, SECOND_ONLY, BOTH_HIGH)
#: Areas that an association can be told from.
LEAST_AREAS = 10
#: Areas whose distances are looked at; more are drawn from at random.
_MOST = 1500
_BANDS = 13


@dataclass(frozen=True)
class Layer:
    """One layer by area.

    Attributes
    ----------
    rates : Shrunken
    state : (n,) array of int
        :data:`UNKNOWN`, :data:`UNCLEAR`, :data:`NOT_HIGH` or :data:`HIGH`.
    false_high : float
        How many of the areas called high are to be expected not to lie above the whole.
    """

    rates: Shrunken
    state: np.ndarray
    false_high: float


def judge(
    count: np.ndarray, exposure: np.ndarray, least: float, beyond: float, progress: Progress = silent
) -> Layer:
    """Tell where a layer is high, where it is not, and where that is not known.

    Parameters
    ----------
    count, exposure : (n,) arrays
        See :func:`~hotspot_plugin.analysis.community.shrunken.shrink`.
    least : float
        An area tells something where so many are counted, or would be at the rate of the whole.
    beyond : float
        A ratio that would matter, above 1.
    """
    rates = shrink(count, exposure, beyond, 1.0 - 2.0 * TAIL, progress)
    told = np.isfinite(rates.ratio) & (np.fmax(rates.count, rates.expected) >= least)
    high = told & (rates.p_not_above < TAIL)
    # a small area that stands out by its own count is not called low because all others are alike
    stands_out = special.gammainc(np.maximum(np.nan_to_num(rates.count), 1e-9), np.nan_to_num(rates.expected)) < TAIL
    not_high = told & ~high & (rates.p_beyond < TAIL) & ~stands_out
    state = np.select([high, not_high, told], [HIGH, NOT_HIGH, UNCLEAR], UNKNOWN)
    return Layer(rates, state, float(rates.p_not_above[high].sum()))


def classify(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the class of each area by the states of both layers."""
    told = (first >= NOT_HIGH) & (second >= NOT_HIGH)
    a, b = first == HIGH, second == HIGH
    return np.select([~told, a & b, b, a], [TOO_LITTLE, BOTH_HIGH, SECOND_ONLY, FIRST_ONLY], BOTH_LOW)


def rank(kind: np.ndarray, first: Shrunken, second: Shrunken, besides: Layer | None = None) -> np.ndarray:
    """Return the areas to talk about, the clearest first.

    These are the areas where at least one layer is high, or what stands ``besides`` them. They are
    ordered by how far the lower ends of the intervals lie above the rate of the whole, all multiplied.

    Returns
    -------
    (k,) array of int
        Indices of areas.
    """
    rates = [first, second] if besides is None else [first, second, besides.rates]
    above = sum(np.log(np.maximum(np.nan_to_num(layer.low, nan=1.0), 1.0)) for layer in rates)
    also = np.zeros(len(kind), bool) if besides is None else besides.state == HIGH
    chosen = np.flatnonzero((kind >= FIRST_ONLY) | also)
    return chosen[np.argsort(-above[chosen], kind="stable")]


@dataclass(frozen=True)
class Association:
    """Whether two layers go together over all areas.

    Attributes
    ----------
    rho, low, high : float
        Spearman's rank correlation of the shrunken ratios, and its 95 % interval.
    p : float
        Two-sided: the larger of the permutation's and of the one that allows for neighbours that are alike.
    areas : int
    effective : float
        How many areas without likeness among neighbours would tell as much.
    """

    rho: float
    low: float
    high: float
    p: float
    areas: int
    effective: float


def associate(
    first: np.ndarray, second: np.ndarray, xy: np.ndarray, rng: np.random.Generator, permutations: int = 999,
    progress: Progress = silent,
) -> Association | None:
    """Correlate two layers over areas, honestly where neighbours are alike.

    Neighbouring areas that are alike tell less than as many independent ones, and a permutation
    that scatters them finds too much. The variance of the correlation is that of Clifford, Richardson
    and Hemon (Biometrics 45, 1989), with the autocovariances of the ranks in bands of distance; the interval
    is Fisher's for the effective number of areas, widened for ranks (Bonett and Wright 2000).

    Parameters
    ----------
    first, second : (n,) arrays
        NaN where not known.
    xy : (n, 2) array
        Centres in metres.
    rng : Generator
    permutations : int

    Returns
    -------
    Association or None
        None below ten areas, or where a layer is the same everywhere.
    """
    known = np.isfinite(first) & np.isfinite(second)
    n = int(known.sum())
    if n < LEAST_AREAS:
        return None
    a, b = (stats.rankdata(np.round(values[known], 12)) for values in (first, second))
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return None
    a, b = ((ranks - ranks.mean()) / ranks.std() for ranks in (a, b))
    rho = float(np.clip(a @ b / n, -1.0, 1.0))
    variance = _variance(a, b, np.asarray(xy, float)[known], rng)
    effective = float(np.clip(1.0 + 1.0 / variance if variance > 0 else n, 4.0, n))
    t = rho * np.sqrt((effective - 2.0) / max(1.0 - rho**2, 1e-12))
    p = 2.0 * float(special.stdtr(effective - 2.0, -abs(t)))
    at_least, at_most = 0, 0
    for i in range(permutations):
        if i % 50 == 0:
            progress(i / permutations)
        drawn = float(a @ rng.permutation(b)) / n
        at_least += drawn >= rho - 1e-12
        at_most += drawn <= rho + 1e-12
    shuffled = float(permutation_p(at_least, permutations, count_le=at_most, alternative=TWO_SIDED))
    half = 1.959963984540054 * np.sqrt((1.0 + rho**2 / 2.0) / max(effective - 3.0, 1.0))
    middle = np.arctanh(np.clip(rho, -0.999999, 0.999999))
    low, high = float(np.tanh(middle - half)), float(np.tanh(middle + half))
    return Association(rho, low, high, max(p, shuffled), n, effective)


def _variance(a: np.ndarray, b: np.ndarray, xy: np.ndarray, rng: np.random.Generator) -> float:
    """Variance of the correlation of two standardised variables with likeness among neighbours, were they unrelated."""
    from scipy.spatial.distance import pdist

    n = len(a)
    if n > _MOST:
        some = rng.choice(n, _MOST, replace=False)
        a, b, xy = a[some], b[some], xy[some]
    distance = pdist(xy)
    i, j = np.triu_indices(len(a), 1)
    width = distance.max() / _BANDS or 1.0
    band = np.minimum((distance / width).astype(np.int64), _BANDS - 1)
    number = np.bincount(band, minlength=_BANDS)
    alike = [np.bincount(band, values[i] * values[j], _BANDS) / np.maximum(number, 1) for values in (a, b)]
    return 1.0 / n + (1.0 - 1.0 / n) * float((number * alike[0] * alike[1]).sum()) / max(number.sum(), 1)


@dataclass(frozen=True)
class Environment:
    """The environment of areas by a score.

    Attributes
    ----------
    score : (n,) array
        NaN where too little of it was measured.
    low : (n,) array of bool
        Whether it is among the lowest.
    limit : float
        Scores up to it are low; NaN where fewer than four areas are scored.
    """

    score: np.ndarray
    low: np.ndarray
    limit: float


def environment(score: np.ndarray, measured: np.ndarray, least_measured: float, lowest: float) -> Environment:
    """Tell where the environment scores low: among the lowest share of the areas that were scored.

    Parameters
    ----------
    score, measured : (n,) arrays
        Score, and share of it that was measured (0 to 1).
    least_measured, lowest : float
        Shares, 0 to 1.
    """
    score = np.where(np.nan_to_num(measured, nan=0.0) >= least_measured - 1e-9, score, np.nan)
    known = np.isfinite(score)
    if known.sum() < 4 or np.ptp(score[known]) == 0:
        return Environment(score, np.zeros(len(score), bool), float("nan"))
    limit = float(np.quantile(score[known], lowest))
    return Environment(score, known & (score <= limit), limit)
