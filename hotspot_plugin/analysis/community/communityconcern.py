"""How worried the voices of a place are, with an interval that a small room does not break.

The unit is the voice, not the report: a resident counts with the mean of the own reports, the
recent ones more, and weighs as much as the own weightiest report. Answers lie on a scale
with two ends, most of them often at one of it, and voices are few. There the usual mean plus
or minus t standard errors covers the truth far less often than it says, and has no width at all
where everyone says 5. So the interval is the one of Jeffreys (Brown, Cai and DasGupta 2001,
Statistical Science 16) taken from shares to any answers between two ends: the answers weigh as
many voices as they are worth (Kish 1965: ``n_eff``), half a voice is added at each end of the scale,
and the interval is that of the mean of the Dirichlet distribution with these weights
(Rubin 1981, the Bayesian bootstrap), taken for the beta distribution with the same mean and variance.
``docs/calibration-concern.md`` measures how often it covers the truth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from ..significance import benjamini_hochberg, wilson_interval
from .inputs import CONCERNS

LOW_END, HIGH_END = float(min(CONCERNS)), float(max(CONCERNS))
#: From here on an answer counts as worried.
WORRIED = 4.0
#: Voices added at each end of the scale.
PRIOR = 0.5
#: False discovery rate at which a place is said to differ from the whole.
RATE = 0.05
#: Classes of a place by its mean.
TOO_FEW, LESS, LIKE, MORE = range(4)


@dataclass(frozen=True)
class Estimate:
    """The mean concern of each zone; NaN where nobody states one.

    Attributes
    ----------
    voices : (k,) array of int
        Voices that state a concern.
    effective : (k,) array
        Kish's effective number: how many voices of equal weight say as much.
    mean, low, high : (k,) arrays
        Weighted mean of the voices and its 95 % interval.
    se : (k,) array
        Standard error by linearisation (Taylor series) with voices as units; NaN for a single voice.
    worried, worried_low, worried_high : (k,) arrays
        Weighted share of voices of 4 or more, and Wilson's interval on the effective number.
    shape : (k, 2) array
        The two parameters of the beta distribution behind the interval.
    """

    voices: np.ndarray
    effective: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    se: np.ndarray
    worried: np.ndarray
    worried_low: np.ndarray
    worried_high: np.ndarray
    shape: np.ndarray


def one_a_voice(
    zone: np.ndarray, voice: np.ndarray, value: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Make one answer of each voice in each zone.

    Parameters
    ----------
    zone, voice : (m,) arrays of int
        One entry for each report in each zone.
    value, weight : (m,) arrays
        Reports whose value is NaN or whose weight is 0 say nothing.

    Returns
    -------
    zone : (p,) array of int
        Sorted.
    value : (p,) array
        Weighted mean of the voice's reports in the zone.
    weight : (p,) array
        The largest weight of these reports, so that who repeats does not weigh more.
    """
    used = np.isfinite(value) & (weight > 0)
    zone, voice, value, weight = zone[used], voice[used], value[used], weight[used]
    if not len(zone):
        return zone.astype(np.int64), value, weight
    order = np.lexsort((voice, zone))
    zone, voice, value, weight = zone[order], voice[order], value[order], weight[order]
    first = np.flatnonzero(np.r_[True, (np.diff(zone) != 0) | (np.diff(voice) != 0)])
    sums = np.add.reduceat(weight, first)
    return (zone[first].astype(np.int64), np.add.reduceat(weight * value, first) / sums,
            np.maximum.reduceat(weight, first))


def estimate(
    zone: np.ndarray, voice: np.ndarray, value: np.ndarray, weight: np.ndarray, zones: int, least: int = 1
) -> Estimate:
    """Estimate the mean concern of each zone.

    Parameters
    ----------
    zone, voice, value, weight
        As in :func:`one_a_voice`; values from 1 to 5.
    zones : int
    least : int
        Zones with fewer voices get no interval, which takes its time.

    Returns
    -------
    Estimate
    """
    zone, value, weight = one_a_voice(np.asarray(zone), np.asarray(voice), np.asarray(value, float),
                                      np.asarray(weight, float))

    def total(numbers: np.ndarray) -> np.ndarray:
        return np.bincount(zone, numbers, zones)

    n = np.bincount(zone, minlength=zones)
    with np.errstate(invalid="ignore", divide="ignore"):
        whole = np.where(n > 0, total(weight), np.nan)
        effective = whole**2 / total(weight**2)
        mean = total(weight * value) / whole
        apart = value - mean[zone]
        se = np.sqrt(n / (n - 1.0) * total((weight * apart) ** 2)) / whole
        se = np.where(n > 1, se, np.nan)
        spread = total(weight * apart**2) / whole
        worried = total(weight * (value >= WORRIED)) / whole
    shape = np.where((n >= least)[:, None], _shape(mean, spread, effective), np.nan)
    low, high = bounds(shape, mean)
    worried_low, worried_high = wilson_interval(worried * effective, np.nan_to_num(effective))
    return Estimate(n, np.where(n > 0, effective, 0.0), mean, low, high, se, worried, worried_low, worried_high, shape)


def _shape(mean: np.ndarray, spread: np.ndarray, effective: np.ndarray) -> np.ndarray:
    """Return the beta distribution with the moments of the Dirichlet mean; ``spread`` is the answers' variance."""
    reach = HIGH_END - LOW_END
    share, variance = (mean - LOW_END) / reach, spread / reach**2
    size = effective + 2 * PRIOR
    middle = (effective * share + PRIOR) / size
    second = (effective * (variance + share**2) + PRIOR) / size
    variance = (second - middle**2) / (size + 1.0)
    strength = middle * (1.0 - middle) / variance - 1.0
    return np.column_stack([middle * strength, (1.0 - middle) * strength])


def bounds(shape: np.ndarray, mean: np.ndarray, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Return the interval of the mean, which always holds the mean itself."""
    tail = (1.0 - level) / 2.0
    ends = [LOW_END + (HIGH_END - LOW_END) * beta_quantile(shape[:, 0], shape[:, 1], q) for q in (tail, 1 - tail)]
    return np.minimum(ends[0], mean), np.maximum(ends[1], mean)


def beta_quantile(a: np.ndarray, b: np.ndarray, q: float) -> np.ndarray:
    """Return quantiles of many beta distributions at once; NaN stays.

    Newton's steps within a bracket that closes. SciPy's ``betaincinv`` gives the same, but takes half a
    millisecond for each in the versions that QGIS brings along.
    """
    out = np.full(len(a), np.nan)
    known = np.flatnonzero(np.isfinite(a) & np.isfinite(b))
    a, b = a[known], b[known]
    low, high, x = np.zeros(len(a)), np.ones(len(a)), a / (a + b)
    log_beta = special.betaln(a, b)
    active = np.arange(len(a))
    for _ in range(200):
        if not len(active):
            break
        at, one, two = x[active], a[active], b[active]
        miss = special.betainc(one, two, at) - q
        low[active], high[active] = np.where(miss < 0, at, low[active]), np.where(miss < 0, high[active], at)
        with np.errstate(all="ignore"):
            step = miss / np.exp((one - 1) * np.log(at) + (two - 1) * np.log1p(-at) - log_beta[active])
        near = at - step
        inside = (near > low[active]) & (near < high[active])
        x[active] = np.where(inside, near, (low[active] + high[active]) / 2.0)
        active = active[np.abs(x[active] - at) > 1e-12]
    out[known] = x
    return out


def beside_whole(found: Estimate, whole: float, told: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compare each zone's mean with that of the whole.

    Parameters
    ----------
    found : Estimate
    whole : float
        Mean of all voices, taken as known.
    told : (k,) array of bool
        Zones with voices enough; the others are not tested.

    Returns
    -------
    code : (k,) array of int
        :data:`TOO_FEW`, :data:`LESS`, :data:`LIKE` or :data:`MORE`.
    q : (k,) array
        Two-sided p-value from the interval's distribution, after allowing for the number of zones tested.
    """
    at = np.clip((whole - LOW_END) / (HIGH_END - LOW_END), 0.0, 1.0)
    below = special.betainc(found.shape[:, 0], found.shape[:, 1], at)
    p = np.where(told & (found.voices > 0), np.minimum(1.0, 2.0 * np.minimum(below, 1.0 - below)), np.nan)
    q = benjamini_hochberg(p)
    with np.errstate(invalid="ignore"):
        apart = q <= RATE
    code = np.where(apart, np.where(found.mean > whole, MORE, LESS), LIKE)
    return np.where(np.isnan(p), TOO_FEW, code), q
