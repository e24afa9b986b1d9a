"""One measure in several places: effects pooled, and whether places differ by more than chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special, stats


@dataclass(frozen=True)
class Pooled:
    """Effects of several places, pooled.

    Attributes
    ----------
    number : int
        Places.
    value, se : float
        Random effects (DerSimonian and Laird 1986): the mean of the effects that such places have.
    low, high, p : float
        95 % interval and two-sided p-value: the wider of the normal one and that of Hartung and Knapp (2001), because
        with few places the first is too narrow.
    fixed, fixed_se : float
        Fixed effect: what holds if all places have the same effect.
    q, q_p : float
        Cochran's Q and its p-value: small where places differ by more than chance.
    i2, tau2 : float
        Share of the variation between places that is not chance (0 to 1), and the variance of the true effects.
    """

    number: int
    value: float
    se: float
    low: float
    high: float
    p: float
    fixed: float
    fixed_se: float
    q: float
    q_p: float
    i2: float
    tau2: float


def pool(effects: np.ndarray, variances: np.ndarray) -> Pooled:
    """Pool effects of independent places.

    Parameters
    ----------
    effects : (k,) array
        E.g. logarithms of rate ratios; k of at least 2.
    variances : (k,) array
        Squared standard errors, above 0.

    Raises
    ------
    ValueError
        For fewer than two places or variances that are not positive.
    """
    y, v = np.asarray(effects, float), np.asarray(variances, float)
    if len(y) < 2 or not np.isfinite(y).all() or not (v > 0).all() or not np.isfinite(v).all():
        raise ValueError("pooling needs two places with known variances")
    k, w = len(y), 1.0 / v
    fixed = float((w * y).sum() / w.sum())
    q = float((w * (y - fixed) ** 2).sum())
    tau2 = max(0.0, (q - (k - 1)) / (w.sum() - (w**2).sum() / w.sum()))
    r = 1.0 / (v + tau2)
    value = float((r * y).sum() / r.sum())
    se = float(r.sum() ** -0.5)
    spread = float(np.sqrt((r * (y - value) ** 2).sum() / ((k - 1) * r.sum())))
    half = max(stats.norm.ppf(0.975) * se, stats.t.ppf(0.975, k - 1) * spread)
    p = max(float(special.erfc(abs(value) / se / np.sqrt(2.0))),
            float(2.0 * stats.t.sf(abs(value) / spread, k - 1)) if spread > 0 else 0.0)
    return Pooled(k, value, se, value - half, value + half, p, fixed, float(w.sum() ** -0.5), q,
                  float(stats.chi2.sf(q, k - 1)), max(0.0, (q - (k - 1)) / q) if q > 0 else 0.0, tau2)
