"""Synthetic control: a weighted mean of comparison areas that went as the treated ones did before.

Abadie, Diamond and Hainmueller (2010). Weights are not negative and sum to 1, so nothing is
extrapolated. How large an effect must be is told by placebos: comparison areas are treated as if
something had been done there, and the ratio of what is missed after the start to what was missed
before (RMSPE) is ranked among theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from scipy import optimize

from ..progress import Progress, silent
from ..significance import permutation_p

#: the row that makes weights sum to 1 weighs so many times what the largest outcome does
_HEAVY = 1e6
#: share of the treated mean by which the fit before the start may miss (RMSPE), beyond which nothing should be read off
POOR_FIT = 0.25


@dataclass(frozen=True)
class Synthetic:
    """A synthetic control of one series.

    Attributes
    ----------
    weights : (d,) array
        Of the donors, not negative, sum 1.
    fitted : (m,) array
        The weighted mean of the donors in all units of time.
    gap : (m,) array
        The series less ``fitted``.
    rmspe_before, rmspe_after : float
        Root of the mean square of the gap.
    """

    weights: np.ndarray
    fitted: np.ndarray
    gap: np.ndarray
    rmspe_before: float
    rmspe_after: float

    @property
    def ratio(self) -> float:
        """RMSPE after over before; infinite where the fit is exact and something is missed after."""
        if self.rmspe_before > 0:
            return self.rmspe_after / self.rmspe_before
        return np.inf if self.rmspe_after > 0 else 0.0


@dataclass(frozen=True)
class Placebos:
    """What the same method finds where nothing was done.

    Attributes
    ----------
    ratio : (k,) array
        RMSPE ratios.
    effect : (k,) array
        Mean gap after the start.
    gaps : (k, m) array
    groups : (k, g) int array
        Areas taken as treated: first the treated ones, then the donors.
    all_groups : bool
        Whether these are all that there are.
    p_ratio : float
        Share of the placebos and the treated with an RMSPE ratio at least as large (Abadie et al. 2010).
    p_effect : float
        The same for the size of the mean gap after the start over the RMSPE before.
    low, high : float
        95 % interval of the effect: what it would have to be for the gap not to stand out among the placebos.
    """

    ratio: np.ndarray
    effect: np.ndarray
    gaps: np.ndarray
    groups: np.ndarray
    all_groups: bool
    p_ratio: float
    p_effect: float
    low: float
    high: float


def fit(
    series: np.ndarray, donors: np.ndarray, before: np.ndarray, after: np.ndarray, noise: np.ndarray | None = None
) -> Synthetic:
    """Find the weights with which the donors come nearest to a series before the start.

    Parameters
    ----------
    series : (m,) array
        Outcome of the treated, e.g. incidents per area.
    donors : (d, m) array
        The same of each comparison area.
    before, after : (m,) arrays of bool
        Units to fit on, and those to judge.
    noise : (d,) array, optional
        Variance of each donor's outcome in one unit by chance alone (for counts their mean). The sum of squares is
        then raised by weight squared x noise x units: what such weights cost in units that were not fitted. Without
        it, as published, many donors fit the noise of a short series exactly and foretell nothing.

    Returns
    -------
    Synthetic
        Least squares under the constraints, by non-negative least squares with a heavy row for the sum.

    Raises
    ------
    ValueError
        Without a donor or a unit before the start.
    """
    if not len(donors) or not before.any():
        raise ValueError("a synthetic control needs donors and a time before the start")
    # differences from the series: the sum row then competes with small numbers only, however large the level is
    rows = [(donors[:, before] - series[before]).T]
    if noise is not None:
        rows.append(np.diag(np.sqrt(np.maximum(noise, 0.0) * before.sum())))
    weights = _simplex(np.vstack(rows))
    fitted = weights @ donors
    gap = series - fitted
    return Synthetic(weights, fitted, gap, _root(gap[before]), _root(gap[after]))


def _simplex(a: np.ndarray) -> np.ndarray:
    """Minimise |a w| with w >= 0 and sum 1."""
    scale = float(np.abs(a).max())
    if scale == 0.0:
        return np.full(a.shape[1], 1.0 / a.shape[1])
    stacked = np.vstack([a / scale, np.full(a.shape[1], _HEAVY)])
    target = np.zeros(len(stacked))
    target[-1] = _HEAVY
    weights, _ = optimize.nnls(stacked, target)
    return weights / weights.sum()


def _root(gap: np.ndarray) -> float:
    return float(np.sqrt(np.mean(gap**2))) if gap.size else np.nan


def placebos(
    treated: np.ndarray, donors: np.ndarray, before: np.ndarray, after: np.ndarray, rng: np.random.Generator,
    draws: int = 999, progress: Progress = silent, noisy: bool = True,
) -> tuple[Synthetic, Placebos]:
    """Fit the mean of the treated areas, and the means of groups of areas as if they had been treated.

    Groups are drawn from all areas, the treated ones among them with the effect found taken off again: had nothing
    been done, the treated would be one such group, and the test is exact but for that estimate.

    Parameters
    ----------
    treated : (k, m) array
        Outcome of each treated area.
    donors : (d, m) array
        Outcome of each comparison area.
    before, after : (m,) arrays of bool
    rng : numpy.random.Generator
    draws : int
        Placebos at most. Where there are no more groups than that, all are taken.
    progress : callable
    noisy : bool
        Outcomes are counts, whose mean is their noise; see :func:`fit`.

    Returns
    -------
    Synthetic, Placebos

    Raises
    ------
    ValueError
        Where no donor is left beside a group.
    """
    size, count = len(treated), len(treated) + len(donors)
    if len(donors) < 2:
        raise ValueError("a placebo needs a donor of its own")
    own = fit(treated.mean(axis=0), donors, before, after, _noise(donors, before) if noisy else None)
    mine = float(own.gap[after].mean())
    every_area = np.vstack([np.where(after, treated - mine, treated), donors])
    noise = _noise(every_area, before) if noisy else None
    groups, complete = _groups(count, size, rng, draws)
    ratio, effect = np.empty(len(groups)), np.empty(len(groups))
    gaps = np.empty((len(groups), donors.shape[1]))
    for k, group in enumerate(groups):
        progress(k / len(groups))
        rest = np.ones(count, bool)
        rest[group] = False
        found = fit(every_area[group].mean(axis=0), every_area[rest], before, after,
                    None if noise is None else noise[rest])
        ratio[k], effect[k], gaps[k] = found.ratio, found.gap[after].mean(), found.gap
    p_ratio = float(permutation_p(int((ratio >= own.ratio * (1 - 1e-12)).sum()), len(groups)))
    # in units of what was missed before: busy areas miss more than quiet ones
    sizes = np.array([_root(row[before]) for row in gaps])
    my_size = own.rmspe_before
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = np.nan_to_num(effect / sizes, posinf=np.inf, neginf=-np.inf)
        my_scaled = abs(mine) / my_size if my_size > 0 else (np.inf if mine else 0.0)
    p_effect = float(permutation_p(int((np.abs(scaled) >= my_scaled * (1 - 1e-12)).sum()), len(groups)))
    low, high = _interval(mine, scaled, my_size)
    return own, Placebos(ratio, effect, gaps, groups, complete, p_ratio, p_effect, low, high)


def _noise(areas: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Return the variance of counts by chance alone, which is their mean; half an incident where there is none."""
    return np.maximum(areas[:, before].sum(axis=1), 0.5) / before.sum()


def _groups(count: int, size: int, rng: np.random.Generator, draws: int) -> tuple[np.ndarray, bool]:
    """Return groups of ``size`` of ``count`` areas other than the first ``size``, all of them or so many at random."""
    own = tuple(range(size))
    if comb(count, size) - 1 <= draws:
        return np.array([g for g in combinations(range(count), size) if g != own], dtype=np.int64), True
    seen: set = set()
    while len(seen) < draws:
        seen.add(tuple(sorted(rng.permutation(count)[:size].tolist())))
        seen.discard(own)
    return np.array(sorted(seen), dtype=np.int64), False


def _interval(effect: float, scaled: np.ndarray, size: float, level: float = 0.95) -> tuple[float, float]:
    """Effects that a permutation test at 1 - ``level`` does not reject; infinite where there are too few placebos.

    The gap less a constant effect is one of the placebos' kind once both are in units of what was missed before
    (``size``): the interval is the effect less the quantiles of their gaps, at ranks of k + 1.
    """
    k = len(scaled)
    allowed = int(np.floor((1.0 - level) / 2.0 * (k + 1)))
    if allowed < 1:
        return -np.inf, np.inf
    ordered = np.sort(scaled) * size
    return effect - float(ordered[k - allowed]), effect - float(ordered[allowed - 1])
