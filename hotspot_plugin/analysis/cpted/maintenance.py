"""Reports of disrepair by place: how many, how recent, how long repair takes, beside elsewhere.

A report is not a condition: people with the same problem report at very different rates, so
that reports of one kind are set beside all reports of the same place where these are given.
Times to repair are estimated with those still open counted as lasting at least until today
(Kaplan and Meier, JASA 53, 1958; Greenwood's variance), since the mean of the finished ones
alone would praise whoever leaves the hard ones open.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from ..evaluation.rates import rate_ratio
from ..hotspots.hotspotprofile import lower_tail, upper_tail
from ..progress import Progress, silent
from ..significance import benjamini_hochberg

_Z = 1.959963984540054
_CHUNK = 2000
#: False discovery rate at which a place is said to differ.
LEVEL = 0.05
#: Classes of a place by its reports.
NOTHING, FEWER, NO_CLEAR, MORE, NOT_COMPARED = range(5)


def recency(age_days: np.ndarray, half_life: float) -> np.ndarray:
    """Return what a report counts by its age in days: 1 today, a half after the half-life."""
    return 0.5 ** (np.asarray(age_days, dtype=float) / half_life)


@dataclass(frozen=True)
class Survival:
    """How many are still open after so many days.

    Attributes
    ----------
    days : (m,) array
        Days at which at least one was repaired.
    open_share : (m,) array
        Estimated share still open after these days (Kaplan-Meier).
    low, high : (m,) arrays
        95 % interval (Greenwood, on the logarithm, as R's ``survfit`` has it); NaN where the share is 0.
    n, repaired : int
    """

    days: np.ndarray
    open_share: np.ndarray
    low: np.ndarray
    high: np.ndarray
    n: int
    repaired: int

    def median(self) -> tuple[float, float, float]:
        """Days by which half are repaired, with the 95 % interval; NaN where that is not reached."""
        return _half(self.open_share, self.days), _half(self.low, self.days), _half(self.high, self.days)


def kaplan_meier(days: np.ndarray, repaired: np.ndarray) -> Survival:
    """Estimate the time to repair where some are not repaired yet.

    Parameters
    ----------
    days : (n,) array
        Days from report to repair, or to the last day known for those still open; 0 or more.
    repaired : (n,) array of bool
    """
    days, repaired = np.asarray(days, dtype=float), np.asarray(repaired, dtype=bool)
    times, at = np.unique(days, return_inverse=True)
    leaving = np.bincount(at, minlength=len(times))
    done = np.bincount(at, repaired, len(times))
    risk = len(days) - (np.cumsum(leaving) - leaving)
    some = done > 0
    times, done, risk = times[some], done[some], risk[some].astype(float)
    share = np.cumprod(1.0 - done / risk)
    share[share < 1e-12] = 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(np.cumsum(done / (risk * (risk - done))))
        low, high = share * np.exp(-_Z * error), np.minimum(share * np.exp(_Z * error), 1.0)
    ended = share <= 0
    return Survival(times, share, np.where(ended, np.nan, low), np.where(ended, np.nan, high), len(days),
                    int(repaired.sum()))


def _half(curve: np.ndarray, days: np.ndarray) -> float:
    """Return when a falling curve reaches a half: the middle of the stretch on which it is one half exactly."""
    keep = np.flatnonzero(np.nan_to_num(curve, nan=1.0) < 0.5 + 1e-9)
    if not len(keep):
        return float("nan")
    values, when = curve[keep], days[keep]
    if abs(values[0] - 0.5) < 1e-9 and (values < values[0] - 1e-9).any():
        return float((when[0] + when[np.flatnonzero(values < values[0] - 1e-9)[0]]) / 2.0)
    return float(when[0])


def medians(
    group: np.ndarray, days: np.ndarray, repaired: np.ndarray, k: int, progress: Progress = silent
) -> np.ndarray:
    """Return the median days to repair and its 95 % interval by group, (k, 3); NaN where it is not reached.

    Parameters
    ----------
    group : (n,) array of int
        From 0 to k - 1.
    days, repaired : (n,) arrays
        As for :func:`kaplan_meier`.
    """
    out = np.full((k, 3), np.nan)
    order = np.argsort(group, kind="stable")
    sorted_group, days, repaired = group[order], days[order], repaired[order]
    start = np.searchsorted(sorted_group, np.arange(k), side="left")
    end = np.searchsorted(sorted_group, np.arange(k), side="right")
    for number, i in enumerate(np.flatnonzero(end > start).tolist()):
        if number % 500 == 0:
            progress(i / k)
        rows = slice(start[i], end[i])
        if repaired[rows].any():
            out[i] = kaplan_meier(days[rows], repaired[rows]).median()
    progress(1.0)
    return out


def came_back(
    x: np.ndarray, y: np.ndarray, kind: np.ndarray, opened: np.ndarray, closed: np.ndarray, within_m: float,
    within_days: float, progress: Progress = silent,
) -> np.ndarray:
    """Tell which repairs were followed by another report of the kind at the same spot.

    Parameters
    ----------
    x, y : (n,) arrays
        Metres.
    kind : (n,) array of int
    opened, closed : (n,) arrays
        Days from any origin; NaN in ``closed`` where it was not repaired.
    within_m, within_days : float
        What the same spot, and again, are: at most these metres away, later than the repair and at most these days
        after it.

    Returns
    -------
    (n,) array of bool
    """
    out = np.zeros(len(x), dtype=bool)
    done = np.flatnonzero(np.isfinite(closed))
    if not len(done) or not within_days > 0:
        return out
    reach = max(within_m, 1e-6)
    # time and kind as further axes of a box: only what lies in the days after the repair is looked at
    scale = 2.0 * reach / within_days
    tree = cKDTree(np.column_stack([x, y, opened * scale, kind * 4.0 * reach]))
    for start in range(0, len(done), _CHUNK):
        rows = done[start : start + _CHUNK]
        centre = np.column_stack([x[rows], y[rows], (closed[rows] + within_days / 2) * scale, kind[rows] * 4.0 * reach])
        found = tree.query_ball_point(centre, reach * (1 + 1e-9), p=np.inf)
        owner = np.repeat(rows, [len(f) for f in found])
        other = np.concatenate([np.asarray(f, dtype=np.int64) for f in found]) if len(owner) else owner
        later = opened[other] - closed[owner]
        again = (later > 0) & (later <= within_days) & (
            np.hypot(x[other] - x[owner], y[other] - y[owner]) <= within_m + 1e-6) & (kind[other] == kind[owner])
        out[owner[again]] = True
        progress(min(start + _CHUNK, len(done)) / len(done))
    return out


@dataclass(frozen=True)
class Beside:
    """Reports of each place beside those of elsewhere.

    Attributes
    ----------
    ratio, low, high : (n,) arrays
        Rate here over the rate elsewhere, with its exact 95 % interval; NaN where it is not defined.
    p, q : (n,) arrays
        Exact two-sided p-value, before and after allowing for the number of places (false discovery rate).
    code : (n,) array of int
        :data:`NOTHING`, :data:`FEWER`, :data:`NO_CLEAR`, :data:`MORE` or :data:`NOT_COMPARED`.
    """

    ratio: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray
    q: np.ndarray
    code: np.ndarray


def beside_elsewhere(
    n: np.ndarray, exposure: np.ndarray, all_n: np.ndarray | float, all_exposure: np.ndarray | float
) -> Beside:
    """Compare the rate of reports of each place with that of everywhere else.

    Given the sum of the two, the count here is binomial: the test and the interval of the
    ratio (Clopper and Pearson 1934) are exact for independent reports.

    Parameters
    ----------
    n : (k,) array
        Reports of each place.
    exposure : (k,) array
        What they are set beside: all reports of the place, or its size.
    all_n, all_exposure : float or (k,) array
        Of the whole area, the place itself included.
    """
    n, exposure = np.asarray(n, dtype=float), np.asarray(exposure, dtype=float)
    rest_n, rest = np.maximum(all_n - n, 0.0), all_exposure - exposure
    fine = (exposure > 0) & (rest > 0) & (n + rest_n > 0)
    here, there = np.where(fine, exposure, 1.0), np.where(fine, rest, 1.0)
    ratio, low, high = (np.where(fine, v, np.nan) for v in rate_ratio(rest_n, n, there, here))
    share = here / (here + there)
    p = 2.0 * np.minimum(upper_tail(n, n + rest_n, share), lower_tail(n, n + rest_n, share))
    p = np.where(fine, np.minimum(p, 1.0), np.nan)
    q = benjamini_hochberg(p)
    apart = np.nan_to_num(q, nan=1.0) <= LEVEL
    code = np.where(apart & (ratio > 1), MORE, np.where(apart & (ratio < 1), FEWER,
                                                        np.where(n > 0, NO_CLEAR, NOTHING)))
    return Beside(ratio, low, high, p, q, np.where(fine | (n == 0), code, NOT_COMPARED))
