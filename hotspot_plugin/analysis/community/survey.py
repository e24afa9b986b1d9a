"""Estimates from a sample survey that respect how the sample was drawn and weighted.

Means and shares of domains (areas, groups) are ratios of weighted sums; their variance is linearised (Taylor) over
the primary sampling units within strata. A domain is never cut out of the sample: units without anybody of the
domain count too, because the size of a domain is random as well (Cochran 1977; Lumley 2010). Weights that were made
to agree with known margins get the variance of the residuals on these margins (Deville and Särndal 1992).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from ..progress import Progress, silent

#: confidence of all intervals
LEVEL = 0.95
#: answers up to which the spread of a domain alone is not trusted
FEW = 30
#: numbers held at once while variances are computed
_BLOCK = 4_000_000


class Design:
    """How a sample was drawn: weights, strata and clusters.

    Parameters
    ----------
    weight : (n,) array
        How many people each respondent stands for, on any scale; positive.
    stratum : (n,) array of int, optional
        Stratum of each respondent; one if not given.
    psu : (n,) array of int, optional
        Primary sampling unit (cluster); each respondent by itself if not given. The same number in two strata is two
        units.
    margins : (n, k) array, optional
        What the weights were calibrated to: one column of 0 and 1 for each class of each margin.

    Attributes
    ----------
    strata, units : int
    clustered : bool
    lonely : int
        Strata with a single unit; their unit is compared with the mean of all units, which errs to the safe side.
    """

    def __init__(
        self, weight: np.ndarray, stratum: np.ndarray | None = None, psu: np.ndarray | None = None,
        margins: np.ndarray | None = None,
    ) -> None:
        self.weight = np.asarray(weight, dtype=float)
        n = len(self.weight)
        group = np.zeros(n, dtype=np.int64) if stratum is None else np.asarray(stratum, dtype=np.int64)
        unit = np.arange(n) if psu is None else np.asarray(psu, dtype=np.int64)
        self.clustered, self.stratified = psu is not None, stratum is not None
        pairs, self.unit = np.unique(np.column_stack([group, unit]).reshape(-1, 2), axis=0, return_inverse=True)
        self.unit = np.asarray(self.unit, dtype=np.int64).ravel()
        kinds, self.unit_stratum = np.unique(pairs[:, 0], return_inverse=True)
        self.strata, self.units = len(kinds), len(pairs)
        self.stratum = self.unit_stratum[self.unit] if n else self.unit
        self._size = np.bincount(self.unit_stratum, minlength=self.strata)
        self.lonely = int((self._size == 1).sum()) if self.strata > 1 else 0
        self._order = None if self.units == n and np.array_equal(self.unit, np.arange(n)) else np.argsort(
            self.unit, kind="stable")
        if self._order is not None:
            self._start = np.flatnonzero(np.diff(self.unit[self._order], prepend=-1))
        self._stratum_start = np.flatnonzero(np.diff(self.unit_stratum, prepend=-1))
        self._margins = None if margins is None else np.asarray(margins, dtype=float)
        if self._margins is not None:
            self._inverse = np.linalg.pinv((self._margins * self.weight[:, None]).T @ self._margins)
            pull = self.weight * np.einsum("ij,jk,ik->i", self._margins, self._inverse, self._margins)
            # residuals are smaller than errors where a class has few (HC2 of MacKinnon and White 1985)
            self._larger = 1.0 / np.sqrt(np.maximum(1.0 - pull, 0.25))

    def __len__(self) -> int:
        return len(self.weight)

    def variance(self, u: np.ndarray) -> np.ndarray:
        """Variance of the sums of linearised values.

        Parameters
        ----------
        u : (n, m) array
            Weight times linearised value of each respondent, one column an estimate.

        Returns
        -------
        (m,) array
        """
        if self._margins is not None:
            u = u - self.weight[:, None] * (self._margins @ (self._inverse @ (self._margins.T @ u)))
            u = u * self._larger[:, None]
        if self._order is not None:
            u = np.add.reduceat(u[self._order], self._start, axis=0)
        middle = np.add.reduceat(u, self._stratum_start, axis=0) / self._size[:, None]
        single = self._size == 1
        middle[single] = u.mean(axis=0)
        scale = np.where(single, 1.0, self._size / np.maximum(self._size - 1.0, 1.0))
        return (scale[self.unit_stratum][:, None] * (u - middle[self.unit_stratum]) ** 2).sum(axis=0)

    def freedom(self, domain: np.ndarray, domains: int) -> np.ndarray:
        """Degrees of freedom of domains: units with anybody of it less strata with anybody of it.

        Parameters
        ----------
        domain : (n,) array of int
            -1 for none.
        domains : int
        """
        inside = domain >= 0
        units = np.unique(domain[inside] * np.int64(self.units) + self.unit[inside])
        strata = np.unique(domain[inside] * np.int64(self.strata) + self.stratum[inside])
        return (np.bincount(units // self.units, minlength=domains)
                - np.bincount(strata // self.strata, minlength=domains)).astype(float)

    def unevenness(self, domain: np.ndarray, domains: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """How far unequal weights of units make a linearised variance too small and too sure in a small domain.

        Parameters
        ----------
        domain : (n,) array of int
            -1 for none.
        domains : int

        Returns
        -------
        factor : (d,) array
            Expected variance of independent errors over the expectation of the linearised one; 1 for equal weights.
        units, number : (d,) arrays
            Units with anybody of the domain, and as many alike ones as weigh as much (Kish).
        """
        inside = domain >= 0
        pairs, of = np.unique(domain[inside] * np.int64(self.units) + self.unit[inside], return_inverse=True)
        size = np.bincount(np.asarray(of).ravel(), self.weight[inside], len(pairs))
        where = pairs // self.units
        one, two, three = (np.bincount(where, size**power, domains) for power in (1, 2, 3))
        n = np.bincount(where, minlength=domains).astype(float)
        with np.errstate(divide="ignore", invalid="ignore"):
            kept = 1 - 2 * three / (one * two) + two / one**2
            factor = np.where(kept > 0, (1 - 1 / n) / np.where(kept > 0, kept, 1.0), 1.0)
            return np.clip(np.nan_to_num(factor, nan=1.0), 1.0, 4.0), n, one**2 / two


@dataclass(frozen=True)
class Estimates:
    """Means or shares of domains.

    Attributes
    ----------
    n : (d,) array of int
        Answers.
    total : (d,) array
        Their weights.
    value, se, low, high : (d,) array
        Estimate, standard error and 95 % interval; NaN where nobody answered, or only one unit did.
    deff : (d,) array
        Variance over that of a simple random sample of as many; NaN where that is 0.
    kish : (d,) array
        Part of it that unequal weights make by themselves: n sum(w^2) / sum(w)^2 (Kish 1965).
    n_eff : (d,) array
        Effective sample: n over the design effect (over ``kish`` where that is not known).
    df : (d,) array
        Degrees of freedom.
    spread : (d,) array
        Variance of the answers in the population.
    size : (d,) array
        Effective sample that intervals and tests of shares use: never above n, and smaller where few units, or very
        unequal ones, tell the variance.
    """

    n: np.ndarray
    total: np.ndarray
    value: np.ndarray
    se: np.ndarray
    low: np.ndarray
    high: np.ndarray
    deff: np.ndarray
    kish: np.ndarray
    n_eff: np.ndarray
    df: np.ndarray
    spread: np.ndarray
    size: np.ndarray

    @property
    def rse(self) -> np.ndarray:
        """(d,) array: relative standard error by the width of the interval, so that a share of 0 has none."""
        z = special.ndtri(0.5 + LEVEL / 2)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.value > 0, (self.high - self.low) / (2 * z) / self.value, np.inf)


def estimate(
    design: Design, y: np.ndarray, domain: np.ndarray | None = None, domains: int = 1,
    limits: tuple[float, float] | None = None, share: bool = False, progress: Progress = silent,
) -> Estimates:
    """Estimate the mean of each domain; of a variable of 0 and 1, the share.

    Parameters
    ----------
    design : Design
    y : (n,) array
        NaN for no answer; such respondents are outside all domains.
    domain : (n,) array of int, optional
        Domain of each respondent, -1 for none; one domain if not given.
    domains : int
    limits : (float, float), optional
        Least and greatest value that can be answered; intervals of means end there.
    share : bool
        ``y`` is 0 and 1: the interval is Wilson's with the effective sample.
    progress : Progress

    Returns
    -------
    Estimates
    """
    y = np.asarray(y, dtype=float)
    answered = np.isfinite(y)
    member = np.where(answered, 0 if domain is None else domain, -1).astype(np.int64)
    inside = member >= 0
    code, w, value = member[inside], design.weight[inside], y[inside]
    n = np.bincount(code, minlength=domains)
    total = np.bincount(code, w, domains)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.bincount(code, w * value, domains) / total
        kish = n * np.bincount(code, w * w, domains) / total**2
        away = w * (value - mean[code])
        spread = np.bincount(code, away * (value - mean[code]), domains) / total * n / np.maximum(n - 1, 1)
        variance = np.where(n > 0, _variances(design, inside, code, away / total[code], domains, progress), np.nan)
        df = design.freedom(member, domains)
        # what is left by rounding where all answer alike is no variance
        flat = spread <= 1e-12 * np.maximum(1.0, np.abs(mean)) ** 2
        variance = np.where(flat & (n > 0), 0.0, np.where(df > 0, variance, np.nan))
        deff = np.where(flat, np.nan, variance / (spread / n))
        n_eff = np.where(np.isfinite(deff) & (deff > 0), n / np.where(deff > 0, deff, 1.0), n / kish)
        factor, units, number = design.unevenness(member, domains)
        # what is known of the variance is known from no more units than weigh in
        sure = np.maximum(np.minimum(df, df + number - units), 1.0)
        size = _interval_size(design, n, n_eff / factor, kish, df, sure, flat)
    enough = (n > 0) & (df > 0)
    if share:
        low, high = share_interval(mean, np.where(enough, size, np.nan))
    else:
        # few answers that happen to be alike do not prove that all are: no smaller than the spread of all answers says
        few = (n < FEW) & (n > 0)
        whole = _spread(design.weight[inside], value) / np.maximum(size, 1e-9)
        wide = np.where(few, np.maximum(variance * factor, whole), variance * factor)
        low, high = _mean_interval(mean, np.sqrt(wide), n / kish, sure, flat & ~(few & (whole > 0)), limits)
    low, high = np.where(enough, low, np.nan), np.where(enough, high, np.nan)
    return Estimates(n, total, mean, np.where(enough, np.sqrt(variance), np.nan), low, high, deff, kish, n_eff, df,
                     spread, size)


def _spread(w: np.ndarray, value: np.ndarray) -> float:
    """Variance of answers in the population."""
    if len(w) < 2:
        return 0.0
    middle = (w * value).sum() / w.sum()
    return float((w * (value - middle) ** 2).sum() / w.sum() * len(w) / (len(w) - 1))


def _variances(
    design: Design, inside: np.ndarray, code: np.ndarray, u: np.ndarray, domains: int, progress: Progress,
) -> np.ndarray:
    out, step = np.empty(domains), max(1, _BLOCK // max(len(design), 1))
    rows = np.flatnonzero(inside)
    for first in range(0, domains, step):
        progress(first / domains)
        here = (code >= first) & (code < first + step)
        table = np.zeros((len(design), min(step, domains - first)))
        table[rows[here], code[here] - first] = u[here]
        out[first : first + step] = design.variance(table)
    return out


def _interval_size(
    design: Design, n: np.ndarray, n_eff: np.ndarray, kish: np.ndarray, df: np.ndarray, sure: np.ndarray,
    flat: np.ndarray,
) -> np.ndarray:
    """Effective sample of the interval of a share: never above n, and smaller where few units know the variance."""
    size = np.where(flat, n / np.where(kish > 0, kish, 1.0), n_eff)
    if design.clustered:
        # all of one mind: how much the members of a unit are alike cannot be seen, so each unit counts once
        size = np.where(flat, np.minimum(size, np.maximum(df, 1.0)), size)
    size = np.minimum(size, n)
    with np.errstate(invalid="ignore"):
        ratio = student(np.maximum(n - 1.0, 1.0)) / student(sure)
    return np.maximum(size * np.minimum(ratio, 1.0) ** 2, 1e-9)


def student(df: np.ndarray) -> np.ndarray:
    """Two-sided 95 % limit of Student's t."""
    return special.stdtrit(np.asarray(df, dtype=float), 0.5 + LEVEL / 2)


def share_interval(p: np.ndarray, size: np.ndarray, method: str = "wilson") -> tuple[np.ndarray, np.ndarray]:
    """95 % interval of a share from an effective sample.

    Parameters
    ----------
    p, size : (d,) arrays
        Share, and effective sample, which need not be whole; NaN gives NaN.
    method : {"wilson", "exact", "logit"}
        Wilson (1927), Clopper and Pearson as extended by Korn and Graubard (1998), or on the scale of the logit.
        ``docs/calibration-survey.md`` compares how often they hold the truth.
    """
    p, size = np.asarray(p, dtype=float), np.asarray(size, dtype=float)
    z = special.ndtri(0.5 + LEVEL / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        if method == "wilson":
            middle = (p + z * z / (2 * size)) / (1 + z * z / size)
            half = z * np.sqrt(np.maximum(p * (1 - p), 0.0) / size + (z / (2 * size)) ** 2) / (1 + z * z / size)
            low, high = middle - half, middle + half
            low, high = np.where(p <= 0, 0.0, low), np.where(p >= 1, 1.0, high)
        elif method == "exact":
            x, tail = p * size, (1 - LEVEL) / 2
            low = np.where(x > 0, special.betaincinv(np.maximum(x, 1e-12), size - x + 1, tail), 0.0)
            high = np.where(x < size, special.betaincinv(x + 1, np.maximum(size - x, 1e-12), 1 - tail), 1.0)
        elif method == "logit":
            half = z / np.sqrt(size * p * (1 - p))
            low, high = special.expit(special.logit(p) - half), special.expit(special.logit(p) + half)
        else:
            raise ValueError(f"unknown method {method}")
    missing = ~(np.isfinite(p) & np.isfinite(size))
    return (np.where(missing, np.nan, np.clip(low, 0.0, 1.0)), np.where(missing, np.nan, np.clip(high, 0.0, 1.0)))


def _mean_interval(
    mean: np.ndarray, se: np.ndarray, size: np.ndarray, df: np.ndarray, flat: np.ndarray,
    limits: tuple[float, float] | None,
) -> tuple[np.ndarray, np.ndarray]:
    with np.errstate(invalid="ignore"):
        half = student(np.maximum(df, 1.0)) * se
    low, high = mean - half, mean + half
    if limits is None:
        return low, high
    # all of one mind: as many as such a sample cannot exclude may think otherwise
    other = share_interval(np.zeros(len(mean)), np.maximum(size, 1e-9), "exact")[1]
    low = np.where(flat, mean - other * (mean - limits[0]), low)
    high = np.where(flat, mean + other * (limits[1] - mean), high)
    return np.clip(low, *limits), np.clip(high, *limits)


@dataclass(frozen=True)
class Beside:
    """Domains beside all others.

    Attributes
    ----------
    difference : (d,) array
        Domain less the others together.
    p : (d,) array
        Two-sided p-value; NaN where one of the two has no variance that is known.
    """

    difference: np.ndarray
    p: np.ndarray


def beside_others(
    design: Design, y: np.ndarray, domain: np.ndarray, domains: int, share: bool, progress: Progress = silent,
) -> Beside:
    """Compare each domain with all other domains together.

    Shares by the score test with effective samples; means by Student's t with the larger of the separate and the
    pooled variance, as a few like answers do not prove that all are alike.

    Parameters
    ----------
    As of :func:`estimate`; respondents of no domain are in neither.
    """
    y = np.asarray(y, dtype=float)
    here = estimate(design, y, domain, domains, share=share, progress=progress)
    difference, p = np.full(domains, np.nan), np.full(domains, np.nan)
    inside = (domain >= 0) & np.isfinite(y)
    if not inside.any():
        return Beside(difference, p)
    whole = estimate(design, y, np.where(inside, 0, -1), 1)
    for d in np.flatnonzero((here.n > 0) & (here.df > 0)):
        progress(d / domains)
        there = estimate(design, y, np.where(inside & (domain != d), 0, -1), 1, share=share)
        if not there.n[0] or not there.df[0] > 0:
            continue
        difference[d] = here.value[d] - there.value[0]
        parts = 1 / here.size[d] + 1 / there.size[0]
        pooled = whole.spread[0] * parts
        if share:
            middle = whole.value[0]
            pooled = middle * (1 - middle) * parts
            p[d] = 2 * special.ndtr(-abs(difference[d]) / np.sqrt(pooled)) if pooled > 0 else 1.0
        else:
            variance = max(here.se[d] ** 2 + there.se[0] ** 2, pooled)
            t = abs(difference[d]) / np.sqrt(variance) if variance > 0 else 0.0
            p[d] = 2 * special.stdtr(max(here.df[d], 1.0), -t)
    return Beside(difference, p)


def against_known(e: Estimates, known: np.ndarray) -> np.ndarray:
    """p-value of shares beside known shares, two-sided (score test with the effective sample).

    Parameters
    ----------
    e : Estimates
        Of shares.
    known : (d,) array
        Shares 0 to 1; where it is 0 or 1 there is no test.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (e.value - known) / np.sqrt(known * (1 - known) / e.size)
    return np.where(np.isfinite(z), 2 * special.ndtr(-np.abs(z)), np.nan)


def kish_effect(weight: np.ndarray) -> float:
    """Design effect of unequal weights, n sum(w^2) / sum(w)^2 (Kish 1965)."""
    w = np.asarray(weight, dtype=float)
    return float(len(w) * (w**2).sum() / w.sum() ** 2)


def bounds(value: np.ndarray, answered: np.ndarray, limits: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """What the estimate could be at most and at least, whatever those who did not answer think (Manski 1990).

    Parameters
    ----------
    value : (d,) array
    answered : (d,) array
        Share that answered, 0 to 1.
    limits : (float, float)
        Least and greatest answer; (0, 1) for a share.
    """
    part = np.asarray(answered, dtype=float)
    return value * part + limits[0] * (1 - part), value * part + limits[1] * (1 - part)
