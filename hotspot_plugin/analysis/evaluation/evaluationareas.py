"""Comparison areas that went like the treated ones before: what is compared, who is taken, and how alike they are.

Areas are matched on what was known before the start only: level and trend of their counts, the count on the days they
were chosen for, and other numbers where wanted. Pairs are found all at once (optimal assignment, without replacement;
Rosenbaum 1989), and the balance is told by standardised mean differences and variance ratios (Austin 2009; Stuart
2010).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence

import numpy as np

from ..progress import Progress, silent
from .compareperiods import Period
from .design import TimeUnits, panel

YEAR = 365.2425
#: Standardised mean differences up to which areas are called alike, and nearly alike (Austin 2009; Stuart 2010).
ALIKE, NEARLY = 0.1, 0.25
#: Candidates that each treated area is compared with in the assignment, nearest first.
_NEAREST = 400
_MOST = 40_000
#: Times that pairs are found anew where areas taken lie on the same ground.
_ROUNDS = 200
_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Past:
    """Level and trend of areas before the start.

    Attributes
    ----------
    counts : (n, m) array
        Incidents in units of time.
    edges : (m + 1,) array of datetime64[D]
    total : (n,) array
        Incidents of all days, those that fill no unit included.
    span : int
        Days of the whole time.
    """

    counts: np.ndarray
    edges: np.ndarray
    total: np.ndarray
    span: int

    @property
    def level(self) -> np.ndarray:
        """(n,) array of incidents a year."""
        return self.total * (YEAR / self.span)

    @property
    def rates(self) -> np.ndarray:
        """(n, m) array of incidents a year in each unit."""
        return self.counts * (YEAR / (np.diff(self.edges) / _DAY))

    @property
    def trend(self) -> np.ndarray:
        """(n,) array: change of incidents a year from one year to the next, the slope of a line of least squares."""
        days = np.diff(self.edges) / _DAY
        when = ((self.edges[:-1] - self.edges[0]) / _DAY + days / 2.0) / YEAR
        when = when - when.mean()
        return self.rates @ when / (when @ when)

    def take(self, rows: np.ndarray) -> Past:
        """Return some areas."""
        return Past(self.counts[rows], self.edges, self.total[rows], self.span)


def past(area: np.ndarray, moments: np.ndarray, n: int, period: Period, units: TimeUnits) -> Past:
    """Count incidents by area and unit of time.

    Parameters
    ----------
    area : (k,) int array
        -1 for none.
    moments : (k,) array of datetime64
    n : int
        Areas.
    period : Period
        The whole time; days that fill no unit count for the level only.
    units : TimeUnits
        Two or more.
    """
    inside = (area >= 0) & period.holds(moments)
    total = np.bincount(area[inside], minlength=n).astype(float)
    counts = panel(np.where(inside, area, -1), units.of(moments), n, len(units)).astype(float)
    return Past(counts, units.edges, total, period.days)


# --- scale and distance ---------------------------------------------------------------------
def spread(treated: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return what differences are measured in: the pooled standard deviation before any choice.

    Parameters
    ----------
    treated : (t, f) array
    others : (m, f) array

    Returns
    -------
    (f,) array
        Root of the mean of both variances; of the others alone where one area is treated; 0 where nothing varies.
    """
    several = [np.var(values, axis=0, ddof=1) for values in (treated, others) if len(values) > 1]
    return np.sqrt(np.mean(several, axis=0)) if several else np.zeros(treated.shape[1])


@dataclass(frozen=True)
class Pairs:
    """Which candidates belong to which treated area.

    Attributes
    ----------
    treated, candidate : (k,) int arrays
        Row of each pair, the nearest candidate of a treated area first.
    distance : (k,) array
        Root mean square of the differences, in standard deviations.
    short : (t,) int array
        Candidates that each treated area lacks.
    dropped : int
        Pairs given up because their ground was taken by another.
    """

    treated: np.ndarray
    candidate: np.ndarray
    distance: np.ndarray
    short: np.ndarray
    dropped: int = 0


def match(
    treated: np.ndarray, candidates: np.ndarray, scale: np.ndarray, each: int, caliper: float | None = None,
    conflicts: Sequence | None = None, progress: Progress = silent,
) -> Pairs:
    """Find the candidates that together are nearest to the treated areas, each taken once.

    Parameters
    ----------
    treated : (t, f) array
        What they are matched on.
    candidates : (m, f) array
    scale : (f,) array
        From :func:`spread`; features without any are not heeded.
    each : int
        Candidates for each treated area.
    caliper : float, optional
        Most that a pair may differ in any feature, in standard deviations.
    conflicts : sequence of set of int, optional
        Candidates of the same ground as each candidate, which cannot both be taken.
    """
    used = scale > 0
    own, other = treated[:, used] / scale[used], candidates[:, used] / scale[used]
    free = np.ones(len(candidates), bool)
    dropped = 0
    for turn in range(_ROUNDS):
        progress(turn / _ROUNDS)
        rows, columns, distance = _assign(own, other, free, each, caliper)
        worst = _worst(columns, distance, conflicts)
        if worst is None:
            break
        free[worst] = False
        dropped += 1
    else:
        columns, rows, distance = _without_conflicts(columns, rows, distance, conflicts)
    order = np.lexsort((distance, rows))
    rows, columns, distance = rows[order], columns[order], distance[order]
    short = each - np.bincount(rows, minlength=len(treated))
    return Pairs(rows, columns, distance, short, dropped)


def _assign(own: np.ndarray, other: np.ndarray, free: np.ndarray, each: int, caliper: float | None) -> tuple:
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial import cKDTree

    nothing = np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    there = np.flatnonzero(free)
    if not len(there):
        return nothing
    if not own.shape[1]:  # nothing tells them apart
        own, other = np.zeros((len(own), 1)), np.zeros((len(other), 1))
    near = min(len(there), max(each, min(_NEAREST, _MOST // len(own))))
    _, found = cKDTree(other[there]).query(own, near)
    pool = there[np.unique(np.reshape(found, -1))]
    cost, forbidden = np.zeros((len(own), len(pool))), np.zeros((len(own), len(pool)), bool)
    for k in range(own.shape[1]):
        gap = np.abs(own[:, k][:, None] - other[pool, k][None, :])
        cost += gap**2 / own.shape[1]
        if caliper is not None:
            forbidden |= gap > caliper + 1e-12
    cost = np.sqrt(cost)
    never = 1e6 * (1.0 + cost.max())
    rows, columns = linear_sum_assignment(np.repeat(np.where(forbidden, never, cost), each, axis=0))
    rows = rows // each
    good = ~forbidden[rows, columns]
    rows, columns = rows[good], columns[good]
    return rows, pool[columns], cost[rows, columns]


def _worst(columns: np.ndarray, distance: np.ndarray, conflicts: Sequence | None) -> int | None:
    """Return the candidate taken that shares ground with another one taken and fits worse, None where there is none."""
    if conflicts is None:
        return None
    taken = dict(zip(columns.tolist(), distance.tolist()))
    clash = [(distance_, k) for k, distance_ in taken.items() if any(other in taken for other in conflicts[k])]
    return max(clash)[1] if clash else None


def _without_conflicts(
    columns: np.ndarray, rows: np.ndarray, distance: np.ndarray, conflicts: Sequence | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    kept: list = []
    taken: set = set()
    for k in np.argsort(distance, kind="stable").tolist():
        if conflicts is None or not taken & conflicts[int(columns[k])]:
            kept.append(k)
            taken.add(int(columns[k]))
    return columns[kept], rows[kept], distance[kept]


# --- balance --------------------------------------------------------------------------------
@dataclass(frozen=True)
class Balance:
    """How alike treated and comparison areas are, for each feature; (f,) arrays.

    Attributes
    ----------
    treated, candidates, chosen : means
        Of the treated areas with a comparison area, of all that could be taken, and of those taken.
    before, after : standardised mean differences
        Treated less candidates, treated less taken, over the standard deviation before any choice.
    ratio : variance of the treated over that of those taken
        NaN with fewer than two of each.
    """

    treated: np.ndarray
    candidates: np.ndarray
    chosen: np.ndarray
    before: np.ndarray
    after: np.ndarray
    ratio: np.ndarray


def balance(
    treated: np.ndarray, paired: np.ndarray, candidates: np.ndarray, chosen: np.ndarray, weight: np.ndarray
) -> Balance:
    """Compare treated areas with all candidates and with those taken.

    Parameters
    ----------
    treated : (t, f) array
    paired : (t,) array of bool
        Treated areas that have a comparison area; only these are compared with those taken.
    candidates : (m, f) array
    chosen : (k, f) array
    weight : (k,) array
        Of each area taken, e.g. one over the number that its treated area has.
    """
    scale = spread(treated, candidates)
    whole, kept = treated.mean(axis=0), treated[paired]
    means = [kept.mean(axis=0), candidates.mean(axis=0), (weight[:, None] * chosen).sum(axis=0) / weight.sum()]
    with np.errstate(divide="ignore", invalid="ignore"):
        before, after = (whole - means[1]) / scale, (means[0] - means[2]) / scale
        ratio = np.full(treated.shape[1], np.nan)
        if len(kept) > 1 and len(chosen) > 1:
            variance = (weight[:, None] * (chosen - means[2]) ** 2).sum(axis=0) / weight.sum()
            variance *= len(chosen) / (len(chosen) - 1.0)
            ratio = np.var(kept, axis=0, ddof=1) / variance
    for values in (before, after):
        values[scale <= 0] = np.nan
    return Balance(means[0], means[1], means[2], before, after, np.where(np.isfinite(ratio), ratio, np.nan))


def chance_share(total: np.ndarray) -> float:
    """Return which share of the differences between areas in their counts is chance alone.

    The variance of counts is their mean (Poisson) and that of the true levels; 1 where nothing else is seen. What is
    chance does not last: areas matched on it drift apart again (Daw and Hatfield 2018).
    """
    if len(total) < 3:
        return float("nan")
    variance = float(np.var(total, ddof=1))
    return min(float(np.mean(total)) / variance, 1.0) if variance > 0 else 1.0
