"""The CPTED score: indicators on fixed anchors, weighted into principles and into one number.

An indicator is put on a scale of 0 (its lower anchor) to 100 (its upper anchor), cut off
beyond. Anchors are stated in the profile, so that a score of today compares with one of next
year and of another town; scaling to the least and largest of the day would make every score
depend on every other place (rank reversal). What was not measured counts for nothing: it
neither raises nor lowers a score, and places with too little measured have none.

Pairwise comparisons after T. L. Saaty, The Analytic Hierarchy Process (1980), with his table
of random indices (.58, .90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49). Ranks under uncertain
weights after Lahdelma, Hokkanen and Salminen, SMAA (European Journal of Operational Research
106, 1998).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..progress import Progress, silent

#: Saaty's random consistency index of a matrix of 1, 2, 3 ... things.
RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)
#: Consistency ratio above which comparisons contradict one another too much.
MOST_INCONSISTENT = 0.10
#: Lower bounds of the classes of a score, from very weak to very good.
CLASSES = (0.0, 20.0, 40.0, 60.0, 80.0)
VERY_WEAK, WEAK, FAIR, GOOD, VERY_GOOD = range(5)
NOT_SCORED = -1
ARITHMETIC, GEOMETRIC = "arithmetic", "geometric"
#: Points that a geometric mean takes for less, so that one zero does not wipe out all else.
FLOOR = 1.0
#: Ways in which weights may be uncertain: each by a share up or down, or any weights at all.
AROUND, ANY = "around", "any"
#: Draws of weights worked out at a time.
_BLOCK = 8


@dataclass(frozen=True)
class Comparisons:
    """Weights out of pairwise comparisons.

    Attributes
    ----------
    weights : (k,) array
        Sum 1.
    ratio : float
        Consistency ratio; 0 for one or two things.
    largest : float
        Largest eigenvalue.
    """

    weights: np.ndarray
    ratio: float
    largest: float


def pairwise_weights(matrix: np.ndarray) -> Comparisons:
    """Return the weights of the analytic hierarchy process.

    Parameters
    ----------
    matrix : (k, k) array
        ``matrix[i, j]`` says how many times as important i is as j; reciprocal, ones on the diagonal, k up to 10.

    Raises
    ------
    InputError
        The matrix is not square, not positive, not reciprocal or too large.
    """
    matrix = np.asarray(matrix, dtype=float)
    k = len(matrix)
    if matrix.ndim != 2 or matrix.shape != (k, k) or not 1 <= k <= len(RANDOM_INDEX):
        raise InputError("PAIRS", "Comparisons are a square table of at most {most} things.", most=len(RANDOM_INDEX))
    if not (np.isfinite(matrix).all() and (matrix > 0).all()):
        raise InputError("PAIRS", "All comparisons must be numbers above 0, such as 3 or 1/3.")
    if not np.allclose(matrix * matrix.T, 1.0, rtol=1e-6):
        raise InputError("PAIRS", "Comparisons must answer one another: where A to B is 3, B to A is 1/3.")
    values, vectors = np.linalg.eig(matrix)
    best = int(np.argmax(values.real))
    weights = np.abs(vectors[:, best].real)
    largest = float(values[best].real)
    index = (largest - k) / (k - 1) if k > 2 else 0.0
    ratio = max(index / RANDOM_INDEX[k - 1], 0.0) if k > 2 else 0.0
    return Comparisons(weights / weights.sum(), float(ratio), largest)


def on_scale(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Put an indicator on the scale of 0 to 100.

    Parameters
    ----------
    values : (n,) array
        NaN where it was not measured.
    low, high : float
        Values of score 0 and of score 100; ``low > high`` where less is better.

    Raises
    ------
    InputError
        The anchors are equal or no numbers.
    """
    if not (np.isfinite(low) and np.isfinite(high)) or low == high:
        raise InputError("PROFILE", "The anchors {low} and {high} do not make a scale: give two different numbers.",
                         low=low, high=high)
    return np.clip((np.asarray(values, dtype=float) - low) / (high - low), 0.0, 1.0) * 100.0


@dataclass(frozen=True)
class Scheme:
    """How indicators make a score.

    Attributes
    ----------
    principle : (k,) array of int
        Principle of each indicator, from 0.
    weights : (k,) array
        Of the indicators within their principle; 0 or more.
    principle_weights : (p,) array
        Of the principles.
    mean : str
        ``"arithmetic"`` or ``"geometric"``.
    floor : float
        Points; see :data:`FLOOR`.
    least_share : float
        Share of the scheme's weight that must be measured for a score.
    """

    principle: np.ndarray
    weights: np.ndarray
    principle_weights: np.ndarray
    mean: str = ARITHMETIC
    floor: float = FLOOR
    least_share: float = 0.6


@dataclass(frozen=True)
class Scores:
    """Scores of n places.

    Attributes
    ----------
    principles : (n, p) array
        0 to 100; NaN where nothing of a principle was measured.
    overall : (n,) array
        NaN where too little was measured.
    measured : (n,) array
        Share of the scheme's weight that was measured.
    classes : (n,) array of int
        :data:`VERY_WEAK` to :data:`VERY_GOOD`, :data:`NOT_SCORED`.
    weakest : (n,) array of int
        Principle with the lowest score, the first of equal ones; -1 where the place is not scored.
    rank : (n,) array
        1 for the lowest score, equal scores sharing the lower rank; NaN where not scored.
    """

    principles: np.ndarray
    overall: np.ndarray
    measured: np.ndarray
    classes: np.ndarray
    weakest: np.ndarray
    rank: np.ndarray


def score(points: np.ndarray, scheme: Scheme) -> Scores:
    """Score places.

    Parameters
    ----------
    points : (n, k) array
        Indicators on the scale of 0 to 100 (:func:`on_scale`); NaN where not measured.
    """
    points = np.asarray(points, dtype=float)
    known = np.isfinite(points)
    principles, overall = _means(_open(points, scheme), known, scheme, scheme.weights, scheme.principle_weights)
    measured = known @ share_weights(scheme)
    enough = (measured >= scheme.least_share - 1e-9) & np.isfinite(overall)
    overall = np.where(enough, overall, np.nan)
    classes = np.where(enough, np.searchsorted(CLASSES, np.nan_to_num(overall), side="right") - 1, NOT_SCORED)
    lowest = np.where(np.isfinite(principles), principles, np.inf).argmin(axis=1)
    return Scores(principles, overall, measured, classes, np.where(enough, lowest, -1), _ranks(overall))


def share_weights(scheme: Scheme) -> np.ndarray:
    """Return the share of the whole weight that each indicator stands for."""
    total = np.bincount(scheme.principle, scheme.weights, len(scheme.principle_weights))
    used = np.where(total > 0, scheme.principle_weights, 0.0)
    if not used.sum() > 0:
        raise InputError("PROFILE", "All weights are 0. Give at least one indicator a weight above 0.")
    within = np.divide(scheme.weights, total[scheme.principle], out=np.zeros(len(scheme.weights)),
                       where=total[scheme.principle] > 0)
    return within * (used / used.sum())[scheme.principle]


def _open(points: np.ndarray, scheme: Scheme) -> np.ndarray:
    """Return what is averaged: points, or their logarithms; 0 where not measured."""
    if scheme.mean == GEOMETRIC:
        points = np.log(np.maximum(points, scheme.floor))
    return np.nan_to_num(points)


def _means(
    opened: np.ndarray, known: np.ndarray, scheme: Scheme, weights: np.ndarray, principle_weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the means by principle (n, p) and of all (n,), NaN where there is none."""
    count = len(principle_weights)
    sums, has = np.zeros((len(opened), count)), np.zeros((len(opened), count))
    for p in range(count):
        columns = np.flatnonzero(scheme.principle == p)
        sums[:, p] = opened[:, columns] @ weights[columns]
        has[:, p] = known[:, columns] @ weights[columns]
    with np.errstate(invalid="ignore", divide="ignore"):
        means = sums / has
        of_all = (np.nan_to_num(means) @ principle_weights) / ((has > 0) @ principle_weights)
    if scheme.mean == GEOMETRIC:
        means, of_all = np.exp(means), np.exp(of_all)
    return means, of_all


def _overalls(
    opened: np.ndarray, known: np.ndarray, principle: np.ndarray, weights: np.ndarray, among: np.ndarray
) -> np.ndarray:
    """Return what the overall scores go by, (d, n), under the weights (d, k) and (d, p) of several draws at once."""
    total, part = np.zeros((len(weights), len(opened))), np.zeros((len(weights), len(opened)))
    for p in range(among.shape[1]):
        columns = np.flatnonzero(principle == p)
        has = weights[:, columns] @ known[:, columns].T
        there = has > 0
        mean = np.divide(weights[:, columns] @ opened[:, columns].T, has, out=has, where=there)
        mean *= among[:, [p]]
        total += mean
        part += there * among[:, [p]]
    with np.errstate(invalid="ignore", divide="ignore"):
        total /= part
    # places alike in all indicators must share a rank, whatever the order of the sums was
    return np.round(total, 9, out=total)


def _ranks(overall: np.ndarray) -> np.ndarray:
    """Rank from the lowest; equal ones share the lower rank."""
    rank = np.full(len(overall), np.nan)
    scored = np.flatnonzero(np.isfinite(overall))
    order = scored[np.argsort(overall[scored])]
    values = overall[order]
    first = np.arange(1, len(order) + 1)
    first[1:][values[1:] == values[:-1]] = 0
    rank[order] = np.maximum.accumulate(first)
    return rank


@dataclass(frozen=True)
class RankInterval:
    """Ranks under uncertain weights.

    Attributes
    ----------
    low, high : (n,) array
        Ranks that the given share of the draws lie between; NaN where not scored.
    lowest_tenth : (n,) array
        Share of the draws in which the place is among the lowest tenth.
    """

    low: np.ndarray
    high: np.ndarray
    lowest_tenth: np.ndarray


def rank_interval(
    points: np.ndarray,
    scheme: Scheme,
    rng: np.random.Generator,
    draws: int = 500,
    kind: str = AROUND,
    spread: float = 0.25,
    level: float = 0.9,
    progress: Progress = silent,
) -> RankInterval:
    """Return how far ranks move when the weights are not sure.

    Parameters
    ----------
    points : (n, k) array
    scheme : Scheme
    rng : numpy.random.Generator
    draws : int
    kind : str
        ``"around"``: each weight is multiplied by a number between ``1 - spread`` and ``1 + spread``; ``"any"``: all
        weights are equally likely (uniform Dirichlet), within principles and among them.
    spread : float
    level : float
        Share of the draws within the interval.

    Notes
    -----
    Memory is four bytes for each scored place and draw.
    """
    points = np.asarray(points, dtype=float)
    scored = np.isfinite(score(points, scheme).overall)
    low, high, tenth = (np.full(len(points), np.nan) for _ in range(3))
    inside = points[scored]
    if not len(inside):
        return RankInterval(low, high, tenth)
    opened, known = _open(inside, scheme), np.isfinite(inside).astype(float)
    ranks = np.empty((draws, len(inside)), dtype=np.int32)
    for start in range(0, draws, _BLOCK):
        drawn = [_drawn(scheme, rng, kind, spread) for _ in range(start, min(start + _BLOCK, draws))]
        overall = _overalls(opened, known, scheme.principle, *(np.array(each) for each in zip(*drawn)))
        for i, values in enumerate(overall, start):
            ranks[i] = _ranks(values)
            progress((i + 1) / (draws + 1))
    low[scored], high[scored] = np.quantile(ranks, [(1 - level) / 2, (1 + level) / 2], axis=0, method="nearest")
    tenth[scored] = (ranks <= max(len(inside) // 10, 1)).mean(axis=0)
    progress(1.0)
    return RankInterval(low, high, tenth)


def _drawn(scheme: Scheme, rng: np.random.Generator, kind: str, spread: float) -> tuple[np.ndarray, np.ndarray]:
    if kind == AROUND:
        return (scheme.weights * rng.uniform(1 - spread, 1 + spread, len(scheme.weights)),
                scheme.principle_weights * rng.uniform(1 - spread, 1 + spread, len(scheme.principle_weights)))
    used = scheme.weights > 0
    weights = np.zeros(len(scheme.weights))
    among = np.zeros(len(scheme.principle_weights))
    for p in range(len(among)):
        columns = np.flatnonzero(used & (scheme.principle == p))
        if len(columns):
            weights[columns] = rng.dirichlet(np.ones(len(columns)))
    takes_part = (scheme.principle_weights > 0) & (np.bincount(scheme.principle, used, len(among)) > 0)
    among[takes_part] = rng.dirichlet(np.ones(int(takes_part.sum())))
    return weights, among


def rank_acceptability(points: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return how often each place has the highest weighted mean among draws of weights.

    Parameters
    ----------
    points : (n, k) array
        Without NaN.
    weights : (m, k) array

    Returns
    -------
    (n,) array
        Sum 1 (SMAA's acceptability of the first rank).
    """
    points = np.asarray(points, dtype=float)
    return np.bincount((np.asarray(weights) @ points.T).argmax(axis=1), minlength=len(points)) / len(weights)


def anchors(low: str, high: str, values: np.ndarray) -> tuple[float, float, bool]:
    """Read two anchors: numbers, or percentiles of the data such as ``"p10"``.

    Returns
    -------
    low, high : float
        NaN for a percentile of no values.
    of_data : bool
        Whether one of them is a percentile: scores then do not compare with those of other data.
    """
    found: list[float] = []
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    of_data = False
    for text in (low, high):
        text = str(text).strip().lower()
        try:
            if text.startswith("p"):
                part = float(text[1:])
                if not 0 <= part <= 100:
                    raise ValueError(text)
                found.append(float(np.percentile(known, part)) if len(known) else float("nan"))
                of_data = True
            else:
                found.append(float(text))
        except ValueError as error:
            raise InputError("PROFILE", "'{given}' is no anchor. Give a number, or a percentile such as p10.",
                             given=text) from error
    return found[0], found[1], of_data
