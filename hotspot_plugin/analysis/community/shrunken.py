"""Rates of areas beside the whole's, with intervals that hold where counts are small.

A count is Poisson, with the area's exposure times the rate of the whole times the area's own
ratio; the ratios vary between areas as a gamma distribution that is fitted to all of them
(empirical Bayes: Clayton and Kaldor, Biometrics 43, 1987). How far areas differ is itself
known from few areas only: where the fit takes it for known, intervals are too narrow, and of
no width at all where the best fit is "no difference". So the ratio of an area is averaged over
all fits by how likely they are, with a uniform prior for the shrinkage of a typical area
(Christiansen and Morris, JASA 92, 1997) and a flat one for the logarithm of the mean ratio.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from ..progress import Progress, silent

#: Shrinkage of a typical area, as a logit: from hardly any to a ten-thousandth from complete.
_REACH = 9.0
_COARSE, _FINE = 37, 15
#: Log-likelihood below the best beyond which a fit has no say.
_DROP = 9.0
_LEAST_WEIGHT = 1e-4
_HERMITE = 5
#: Kinds of areas from which on the fit is so well known that a third of the nodes tell the same.
_MANY = 5000
#: Gain in log-likelihood below which differences between areas are none.
_NO_GAIN = 1e-6
_CELLS = 4_000_000
#: Numbers worked on between two looks at whether to stop.
_AT_ONCE = 40_000
_STEPS = 60


@dataclass(frozen=True)
class Shrunken:
    """What is known of each area's ratio to the rate of the whole.

    Attributes
    ----------
    count, exposure, expected : (n,) arrays
        ``expected`` is what the area would have at the rate of the whole; NaN where the area takes no part.
    ratio : (n,) array
        Posterior mean of the area's rate over that of the whole.
    low, high : (n,) arrays
        95 % interval of the ratio, equal tails.
    p_not_above : (n,) array
        Probability that the ratio is 1 or less.
    p_beyond : (n,) array
        Probability that the ratio is ``beyond`` or more.
    shape, mean : float
        Of the gamma distribution by maximum likelihood; the shape is infinite where the counts vary no
        more than chance makes them.
    spread : float
        Standard deviation of the ratios between areas by maximum likelihood, over their mean; 0 for none.
    rate : float
        Of the whole, per unit of exposure.
    """

    count: np.ndarray
    exposure: np.ndarray
    expected: np.ndarray
    ratio: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p_not_above: np.ndarray
    p_beyond: np.ndarray
    shape: float
    mean: float
    spread: float
    rate: float


def shrink(
    count: np.ndarray, exposure: np.ndarray, beyond: float = 1.5, level: float = 0.95, progress: Progress = silent
) -> Shrunken:
    """Estimate the ratio of each area's rate to that of the whole.

    Parameters
    ----------
    count : (n,) array
        Whole numbers; NaN where it is not known.
    exposure : (n,) array
        What the count is per: residents, area, length; NaN or 0 where the area takes no part.
    beyond : float
        Ratio above 1 of which the probability is also wanted.
    level : float
        Of the interval.

    Raises
    ------
    ValueError
        For negative counts, or where no area has a count and an exposure.
    """
    count, exposure = np.asarray(count, float), np.asarray(exposure, float)
    used = np.isfinite(count) & np.isfinite(exposure) & (exposure > 0)
    if not used.any() or (count[used] < 0).any():
        raise ValueError("counts are 0 or more, and some area has an exposure")
    total, whole = count[used].sum(), exposure[used].sum()
    nothing = np.full(len(count), np.nan)
    if total == 0:
        return Shrunken(count, exposure, np.where(used, 0.0, np.nan), nothing, nothing, nothing, nothing, nothing,
                        math.inf, 1.0, 0.0, 0.0)
    expected = np.where(used, exposure * (total / whole), np.nan)
    # cells of a grid are mostly alike: each kind is worked on once
    kinds, where, times = np.unique(
        np.column_stack([count[used], np.round(expected[used], 9)]), axis=0, return_inverse=True, return_counts=True)
    y, e = kinds.T
    shape, mean = _likeliest(y, e, times, progress)
    weight, alpha, beta = _nodes(y, e, times, progress)
    progress(0.3)
    found = _posterior(y, e, weight, alpha, beta, beyond, level, progress)
    ratio, low, high, p_not_above, p_beyond = (nothing.copy() for _ in found)
    for target, values in zip((ratio, low, high, p_not_above, p_beyond), found):
        target[used] = values[where.ravel()]
    return Shrunken(count, exposure, expected, ratio, low, high, p_not_above, p_beyond, shape, mean,
                    0.0 if math.isinf(shape) else 1.0 / math.sqrt(shape), float(total / whole))


# --- the distribution of the ratios ------------------------------------------------------------
def log_likelihood(y: np.ndarray, e: np.ndarray, times: np.ndarray, alpha: np.ndarray, beta: np.ndarray) -> np.ndarray:
    """Return the log-likelihood of gamma(alpha, rate beta) ratios, up to a constant of the data; (k,) array.

    Parameters
    ----------
    y, e, times : (n,) arrays
        Counts, expected counts, and how many areas have these.
    alpha, beta : (k,) arrays
    """
    alpha, beta = np.atleast_1d(alpha).astype(float), np.atleast_1d(beta).astype(float)
    out = np.zeros(len(alpha))
    for some in _slices(len(y), len(alpha)):
        n, c, t = y[some, None], e[some, None], times[some]
        # written so that nothing large cancels where alpha is large
        terms = (special.gammaln(n + alpha) - special.gammaln(alpha) - n * np.log(c + beta)
                 + n * np.log(c) - alpha * np.log1p(c / beta))
        out += t @ terms
    return out


def _slices(n: int, k: int) -> list:
    size = max(1, _CELLS // max(k, 1))
    return [slice(start, start + size) for start in range(0, n, size)]


def _best_beta(y: np.ndarray, e: np.ndarray, times: np.ndarray, alpha: np.ndarray) -> tuple:
    """Return log(beta) that is likeliest for each alpha, and the information about it."""
    log_beta = np.log(alpha)
    total = times @ y
    for _ in range(40):
        slope, info = np.zeros(len(alpha)), np.zeros(len(alpha))
        beta = np.exp(log_beta)
        for some in _slices(len(y), len(alpha)):
            n, c, t = y[some, None], e[some, None], times[some]
            share = beta / (c + beta)
            # alpha - (y + alpha) * share, without the loss of digits where share is nearly 1
            slope += t @ (alpha * (1.0 - share) - n * share)
            info += t @ ((n + alpha) * share * (1.0 - share))
        step = np.clip(slope / np.maximum(info, 1e-300), -1.0, 1.0)
        log_beta = log_beta + step
        if np.abs(step).max() < 1e-9 * max(1.0, math.log(total + 2.0)):
            break
    return log_beta, info


def _typical(e: np.ndarray, times: np.ndarray) -> float:
    return float(np.median(np.repeat(e, times))) if times.sum() < 1e6 else float(np.median(e))


def _likeliest(y: np.ndarray, e: np.ndarray, times: np.ndarray, progress: Progress) -> tuple[float, float]:
    """Shape and mean of the likeliest gamma distribution."""
    from scipy import optimize

    progress(0.0)
    typical = _typical(e, times)

    def loss(logit: float) -> float:
        progress(0.05)
        alpha = np.array([typical * math.exp(logit)])
        log_beta, _ = _best_beta(y, e, times, alpha)
        return -float(log_likelihood(y, e, times, alpha, np.exp(log_beta))[0])

    grid = np.linspace(-_REACH, _REACH, 19)
    values = [loss(v) for v in grid.tolist()]
    best = int(np.argmin(values))
    found = optimize.minimize_scalar(
        loss, bounds=(grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]), method="bounded",
        options={"xatol": 1e-7})
    progress(0.15)
    if values[-1] - found.fun < _NO_GAIN:
        return math.inf, 1.0
    alpha = np.array([typical * math.exp(found.x)])
    log_beta, _ = _best_beta(y, e, times, alpha)
    return float(alpha[0]), float(alpha[0] / math.exp(log_beta[0]))


def _nodes(y: np.ndarray, e: np.ndarray, times: np.ndarray, progress: Progress) -> tuple:
    """Return weights and parameters of the gamma distributions that the counts allow."""
    typical = _typical(e, times)

    def look(logits: np.ndarray) -> tuple:
        alpha = typical * np.exp(logits)
        log_beta, info = _best_beta(y, e, times, alpha)
        prior = -np.logaddexp(0.0, logits) - np.logaddexp(0.0, -logits)
        value = log_likelihood(y, e, times, alpha, np.exp(log_beta)) + prior - 0.5 * np.log(info)
        return alpha, log_beta, info, prior, value

    logits = np.linspace(-_REACH, _REACH, _COARSE)
    for _ in range(6):
        progress(0.2)
        alpha, log_beta, info, prior, value = look(logits)
        near = np.flatnonzero(value > value.max() - _DROP)
        if len(near) >= _FINE // 2 and len(logits) == _FINE:
            break
        first, last = max(near[0] - 1, 0), min(near[-1] + 1, len(logits) - 1)
        logits = np.linspace(logits[first], logits[last], _FINE)
    number = _HERMITE if len(y) < _MANY else 3
    roots, hermite = np.polynomial.hermite.hermgauss(number)
    shift = np.sqrt(2.0 / info)[:, None] * roots
    all_beta = np.exp(log_beta[:, None] + shift)
    all_alpha = np.repeat(alpha[:, None], number, axis=1)
    log_weight = (log_likelihood(y, e, times, all_alpha.ravel(), all_beta.ravel()).reshape(all_beta.shape)
                  + prior[:, None] + np.log(hermite) + roots**2 - 0.5 * np.log(info)[:, None])
    weight = np.exp(log_weight - log_weight.max()).ravel()
    weight /= weight.sum()
    kept = weight >= (_LEAST_WEIGHT if len(y) < _MANY else 0.03) * weight.max()
    return weight[kept] / weight[kept].sum(), all_alpha.ravel()[kept], all_beta.ravel()[kept]


# --- the areas ---------------------------------------------------------------------------------
def _posterior(
    y: np.ndarray, e: np.ndarray, weight: np.ndarray, alpha: np.ndarray, beta: np.ndarray, beyond: float, level: float,
    progress: Progress,
) -> tuple:
    """Mean, interval and two tail probabilities of each kind of area: mixtures of gamma distributions."""
    tail = (1.0 - level) / 2.0
    out = [np.empty(len(y)) for _ in range(5)]
    parts = _slices(len(y), max(1, len(weight) * _CELLS // _AT_ONCE))
    for done, some in enumerate(parts):
        progress(0.3 + 0.7 * done / len(parts))
        a, b = y[some, None] + alpha, e[some, None] + beta
        mean = (a / b) @ weight
        variance = (a * (a + 1.0) / b**2) @ weight - mean**2
        out[0][some] = mean
        out[1][some] = _quantile(a, b, weight, tail, mean, variance)
        out[2][some] = _quantile(a, b, weight, 1.0 - tail, mean, variance)
        out[3][some] = special.gammainc(a, b) @ weight
        out[4][some] = special.gammaincc(a, b * beyond) @ weight
    progress(1.0)
    return tuple(out)


def _quantile(
    a: np.ndarray, b: np.ndarray, weight: np.ndarray, p: float, mean: np.ndarray, variance: np.ndarray
) -> np.ndarray:
    """Quantile of mixtures of gamma(a, rate b): Newton on the logarithm, kept within what is known to hold it."""
    shape = mean**2 / np.maximum(variance, 1e-300)
    x = np.maximum(special.gammaincinv(shape, p) / shape * mean, 1e-12)
    low, high = np.zeros(len(x)), np.full(len(x), np.inf)
    for _ in range(_STEPS):
        value = special.gammainc(a, b * x[:, None]) @ weight - p
        low, high = np.where(value < 0, x, low), np.where(value > 0, x, high)
        if np.abs(value).max() < 1e-8:
            break
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            log_density = special.xlogy(a, b * x[:, None]) - b * x[:, None] - special.gammaln(a)
            new = x * np.exp(np.clip(-value / np.maximum(np.exp(log_density) @ weight, 1e-300), -2.0, 2.0))
        middle = np.where(np.isinf(high), 2.0 * x, 0.5 * (low + high))
        x = np.where((new > low) & (new < high), new, middle)
    return x
