"""Interrupted time series of counts: level and slope after a start against what the time before leads to expect.

Segmented regression (Wagner et al. 2002; Bernal, Cummins and Gasparrini 2017): ``log(mean) = log(days) + a + b t +
level after + slope after (t - start) + season``, quasi-Poisson. With a comparison series the treated part of both is
modelled instead (quasi-binomial): what both share, season and trend, cancels, and the coefficients are those of the
ratio. Neighbouring units move alike: the variance is the largest of that of overdispersed counts, of Newey and West
(1987), and of residuals that follow one another (AR(1), its coefficient corrected for the bias of short series).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

LEVEL = 0.05
LEAST_BEFORE, LEAST_AFTER = 8, 4
_DAYS_OF_YEAR = 365.25


@dataclass(frozen=True)
class Change:
    """An estimate on the log scale.

    Attributes
    ----------
    value, se, low, high, p : float
    """

    value: float
    se: float
    low: float
    high: float
    p: float

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out no change."""
        return bool(self.low > 0 or self.high < 0)


@dataclass(frozen=True)
class Fitted:
    """A fitted series.

    Attributes
    ----------
    level, slope : Change
        At the start; for each unit of time after it.
    whole : Change
        Counted over expected, of all units after.
    before : Change
        Slope before, for each unit.
    mean, expected, low, high : (m,) arrays
        Fitted count; count to expect without the start, and its 95 % band (of the mean).
    prevented : (3,) tuple
        Expected less counted after, with its interval.
    phi, rho : float
        Overdispersion, and correlation of neighbouring residuals as corrected.
    durbin_watson, ljung_box : float
        Statistic, and p-value over ``lags``.
    lags, free, pairs : int, float, int
    residuals : (m,) array
        Pearson's.
    """

    level: Change
    slope: Change
    whole: Change
    before: Change
    mean: np.ndarray
    expected: np.ndarray
    low: np.ndarray
    high: np.ndarray
    prevented: tuple
    phi: float
    rho: float
    durbin_watson: float
    ljung_box: float
    lags: int
    free: float
    pairs: int
    residuals: np.ndarray


def newey_west(gain: np.ndarray, bread: np.ndarray, lags: int) -> np.ndarray:
    """Return the covariance that allows for autocorrelation (Newey and West 1987), times n / (n - k).

    Parameters
    ----------
    gain : (n, k) array
        Score of each row, e.g. x times its residual.
    bread : (k, k) array
        Inverse of the information, e.g. of ``x'x``.
    lags : int
        Bartlett weights fall to 0 beyond.
    """
    meat = gain.T @ gain
    for lag in range(1, lags + 1):
        part = gain[lag:].T @ gain[:-lag]
        meat += (1.0 - lag / (lags + 1.0)) * (part + part.T)
    n, k = gain.shape
    return bread @ meat @ bread * n / (n - k)


def durbin_watson(residuals: np.ndarray) -> float:
    """Return the statistic of Durbin and Watson: about 2 where neighbours do not hang together; NaN if all are 0."""
    if not (residuals**2).sum() > 0:
        return float("nan")
    return float((np.diff(residuals) ** 2).sum() / (residuals**2).sum())


def ljung_box(residuals: np.ndarray, lags: int) -> float:
    """Return the p-value of Ljung and Box's test that no lag up to ``lags`` is correlated."""
    n, e = len(residuals), residuals - residuals.mean()
    if not (e**2).sum() > 0:
        return float("nan")
    r = np.array([(e[k:] * e[:-k]).sum() for k in range(1, lags + 1)]) / (e**2).sum()
    return float(stats.chi2.sf(n * (n + 2) * (r**2 / (n - np.arange(1, lags + 1))).sum(), lags))


def season_pairs(when: np.ndarray, after: np.ndarray) -> int:
    """Return how many waves a year the data can tell: 2 with three years, 1 with two, else none.

    Parameters
    ----------
    when : (m,) array
        Middle of each unit in years.
    after : (m,) array of bool
        The time before must span most of a year.
    """
    step = float(np.median(np.diff(when)))
    span, early = float(np.ptp(when)) + step, float(np.ptp(when[~after])) + step
    if step > 0.3 or early < 0.95 or span < 1.95:
        return 0
    return 2 if span >= 2.95 and early >= 1.5 and step < 0.2 else 1


def design(time: np.ndarray, after: np.ndarray, when: np.ndarray | None, pairs: int) -> np.ndarray:
    """Return the columns 1, time, after, time since the start, and the waves of the season.

    Parameters
    ----------
    time : (m,) array
        Number of each unit.
    after : (m,) array of bool
    when : (m,) array or None
        In years, for the season.
    pairs : int
        Waves of the season.
    """
    start = time[after][0]
    columns = [np.ones(len(time)), time - start, after.astype(float), after * (time - start)]
    if when is not None:
        for k in range(1, pairs + 1):
            columns += [np.sin(2 * np.pi * k * when), np.cos(2 * np.pi * k * when)]
    return np.column_stack(columns)


def _fit(y: np.ndarray, x: np.ndarray, offset: np.ndarray, size: np.ndarray | None) -> tuple | None:
    """Poisson with an offset, or binomial of ``size``: coefficients, mean, weight; None without a finite estimate."""
    beta = np.zeros(x.shape[1])
    others = np.exp(offset) if size is None else size - y
    beta[0] = np.log(y.sum() / others.sum())
    for _ in range(200):
        eta = np.clip(x @ beta + offset, -30, 30)
        if size is None:
            mean = np.exp(eta)
            weight = mean
        else:
            share = 1.0 / (1.0 + np.exp(-eta))
            mean, weight = size * share, size * share * (1.0 - share)
        information = x.T @ (weight[:, None] * x)
        if np.linalg.cond(information) > 1e12:
            return None
        step = np.linalg.solve(information, x.T @ (y - mean))
        beta = beta + np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < 1e-11:
            return beta, mean, weight, np.linalg.inv(information)
    return None


def _serial(residuals: np.ndarray, hat: np.ndarray) -> tuple[float, float]:
    """Return the correlation of neighbours and the overdispersion that would leave such residuals.

    A regression takes part of both away; what it leaves of each correlation is known, so the one is taken that leaves
    the correlation found.
    """
    n = len(residuals)
    rest = np.eye(n) - hat
    tried, left, size = np.linspace(0.0, 0.9, 19), [], []
    apart = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    for rho in tried:
        spread = rest @ (rho**apart) @ rest
        size.append(np.trace(spread))
        left.append(np.trace(spread, offset=1) / size[-1])
    found = float((residuals[1:] * residuals[:-1]).sum() / max((residuals**2).sum(), 1e-12))
    rho = float(np.interp(found, np.maximum.accumulate(left), tried))
    # so few units tell it badly, and too small a correlation is the costlier mistake: one standard error more
    rho = min(rho + np.sqrt((1.0 - rho**2) / n), 0.9) if found > left[0] else rho
    return rho, max(1.0, float((residuals**2).sum() / np.interp(rho, tried, size)))


def fit(
    counts: np.ndarray, days: np.ndarray, time: np.ndarray, after: np.ndarray, when: np.ndarray | None = None,
    pairs: int = 0, control: np.ndarray | None = None,
) -> Fitted | None:
    """Fit a series.

    Parameters
    ----------
    counts, days : (m,) arrays
        Of the treated areas together.
    time : (m,) array
        Number of each unit; may have gaps.
    after : (m,) array of bool
    when : (m,) array, optional
        In years.
    pairs : int
        Waves of the season.
    control : (m,) array, optional
        Counts of the comparison series.

    Returns
    -------
    Fitted or None
        None without a finite estimate.
    """
    x = design(np.asarray(time, float), after, when, pairs)
    y = np.asarray(counts, float)
    size = None if control is None else y + control
    offset = np.log(days) if control is None else np.zeros(len(y))
    found = _fit(y, x, offset, size)
    n, k = x.shape
    if found is None or n - k < 2:
        return None
    beta, mean, weight, bread = found
    known = weight > 0
    residuals = np.where(known, (y - mean) / np.sqrt(np.where(known, weight, 1.0)), 0.0)
    root = np.sqrt(weight)[:, None] * x
    rho, phi = _serial(residuals, root @ bread @ root.T)
    apart = np.abs(np.subtract.outer(np.asarray(time, float), np.asarray(time, float)))
    serial = bread @ root.T @ (rho**apart) @ root @ bread * phi
    lags = max(1, int(np.floor(4 * (n / 100.0) ** (2.0 / 9.0))))
    robust = newey_west(x * (y - mean)[:, None], bread, lags)
    free = max(n * (1.0 - rho) / (1.0 + rho) - 2.0, min(n - k, 4.0)) if rho > 0 else float(n - k)
    free = min(free, float(n - k))
    quantile = float(stats.t.ppf(1.0 - LEVEL / 2.0, free))

    def variance(gradient: np.ndarray) -> float:
        return float(max(gradient @ part @ gradient for part in (bread * phi, serial, robust)))

    def change(value: float, gradient: np.ndarray) -> Change:
        se = float(np.sqrt(variance(gradient)))
        return Change(value, se, value - quantile * se, value + quantile * se,
                      float(2.0 * stats.t.sf(abs(value) / se, free)))

    unit = np.eye(k)
    bare = x.copy()
    bare[:, 2:4] = 0.0
    ratio = (x - bare) @ beta
    expected, fitted = mean * np.exp(-ratio), mean
    if control is not None:
        expected, fitted = control * np.exp(bare @ beta), control * np.exp(x @ beta)
    late = after & (expected > 0)
    one, none = fitted[late], expected[late]
    gradient = one @ x[late] / one.sum() - none @ bare[late] / none.sum()
    whole = change(float(np.log(one.sum() / none.sum())), gradient)
    band = quantile * np.sqrt(np.array([variance(row) for row in bare]))
    counted = float(y[after].sum())
    ends = [counted * float(np.exp(-end)) - counted for end in (whole.value, whole.high, whole.low)]
    box = int(min(12, max(2, n // 4)))
    return Fitted(
        change(float(beta[2]), unit[2]), change(float(beta[3]), unit[3]), whole, change(float(beta[1]), unit[1]),
        fitted, expected, expected * np.exp(-band), expected * np.exp(band), tuple(ends), phi, rho,
        durbin_watson(residuals), ljung_box(residuals, box), box, free, pairs, residuals)
