"""Weighted displacement difference: did treated places change more than others, displacement counted.

Wheeler and Ratcliffe (2018): the change in the treated areas less that in the comparison areas, and
the same of the areas around them into which incidents may have moved,

    WDD = (ΔT - ΔC) + (ΔDT - ΔDC),

with the variance of Poisson counts. All arrays of four are in the order of ``design.ROLES``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from ..significance import two_sided_normal
from .regression import Places, expect

#: How each role enters the difference.
SIGNS = np.array([1.0, -1.0, 1.0, -1.0])
#: Below this a count is told to be small.
SMALL = 5


@dataclass(frozen=True)
class Estimate:
    """A difference with what chance allows.

    Attributes
    ----------
    value, se, z, p : float
        NaN where it is not defined; p is two-sided.
    low, high : float
        95 % interval.
    low90, high90 : float
        90 % interval.
    """

    value: float
    se: float
    z: float
    p: float
    low: float
    high: float
    low90: float
    high90: float

    @property
    def clear(self) -> bool:
        """Whether the 95 % interval leaves out 0."""
        return bool(self.low > 0 or self.high < 0)


@dataclass(frozen=True)
class Counts:
    """What is compared, by role.

    Attributes
    ----------
    before, after : (4,) arrays
        Counts, or sums of harm.
    spread_before, spread_after : (4,) arrays
        Their variance by chance: the counts themselves, or sums of squared harm.
    times : float
        Length of the earlier period over that of the later one (time weight).
    sizes : (4,) array
        Area weights: counts are divided by them.
    displacement : bool
        Whether there are displacement areas.
    """

    before: np.ndarray
    after: np.ndarray
    spread_before: np.ndarray
    spread_after: np.ndarray
    times: float = 1.0
    sizes: np.ndarray = None  # type: ignore[assignment]
    displacement: bool = True

    def __post_init__(self) -> None:
        if self.sizes is None:
            object.__setattr__(self, "sizes", np.ones(4))

    @staticmethod
    def of(
        before: np.ndarray, after: np.ndarray, times: float = 1.0, sizes: np.ndarray | None = None,
        displacement: bool = True,
    ) -> Counts:
        """Return plain counts, whose variance is themselves."""
        before, after = np.asarray(before, float), np.asarray(after, float)
        return Counts(before, after, before, after, times, np.ones(4) if sizes is None else np.asarray(sizes, float),
                      displacement)

    @property
    def change(self) -> np.ndarray:
        """(4,) changes at the length of the later period and in the size of the treated areas."""
        return (self.after - self.before / self.times) / self.sizes

    @property
    def variance(self) -> np.ndarray:
        """(4,) variances of the changes by chance."""
        return (self.spread_after + self.spread_before / self.times**2) / self.sizes**2

    @property
    def smallest(self) -> float:
        """The smallest of the counts that are compared."""
        roles = slice(0, 4 if self.displacement else 2)
        return float(min(self.before[roles].min(), self.after[roles].min()))


@dataclass(frozen=True)
class Wdd:
    """The whole difference and its two parts.

    Attributes
    ----------
    total, local, displaced : Estimate
        ``displaced`` is of NaN without displacement areas.
    """

    total: Estimate
    local: Estimate
    displaced: Estimate


NOTHING = Estimate(*[float("nan")] * 8)


def wdd(counts: Counts, phi: float = 1.0, free: float = np.inf) -> Wdd:
    """Return the weighted displacement difference.

    The normal interval holds its 95 % down to counts of about 3 in each role, because a difference of counts is
    nearly symmetric (docs/calibration-weighteddisplacement.md).

    Parameters
    ----------
    counts : Counts
    phi : float
        Overdispersion: how many times larger the variance is than that of Poisson counts.
    free : float
        Degrees of freedom with which ``phi`` was estimated; intervals are then of Student's t.

    Returns
    -------
    Wdd
    """
    local = _estimate(counts, [0, 1], phi, free)
    if not counts.displacement:
        return Wdd(local, local, NOTHING)
    return Wdd(_estimate(counts, [0, 1, 2, 3], phi, free), local, _estimate(counts, [2, 3], phi, free))


def _estimate(counts: Counts, roles: list, phi: float, free: float) -> Estimate:
    value = float((SIGNS * counts.change)[roles].sum())
    se = float(np.sqrt(phi * counts.variance[roles].sum()))
    if not se > 0:
        return Estimate(value, se, *[float("nan")] * 6)
    z = value / se
    p = float(two_sided_normal(np.array(z))) if np.isinf(free) else float(2.0 * stats.t.sf(abs(z), free))
    reach, reach90 = (quantile(level, free) * se for level in (0.95, 0.9))
    return Estimate(value, se, z, p, value - reach, value + reach, value - reach90, value + reach90)


def quantile(level: float, free: float = np.inf) -> float:
    """Two-sided quantile of the normal, or of Student's t with finite degrees of freedom."""
    tail = 0.5 + level / 2.0
    return float(special.ndtri(tail) if np.isinf(free) else special.stdtrit(free, tail))


# --- overdispersion ---------------------------------------------------------------------------
@dataclass(frozen=True)
class Dispersion:
    """How much more counts vary than chance makes them.

    Attributes
    ----------
    phi : float
        Variance over that of Poisson counts; not below 1.
    free : float
        Degrees of freedom of the estimate; infinite for a value that is given or assumed.
    p : float
        Upper tail of Pearson's chi-square: small where counts clearly vary more than chance.
    origin : str
        "time", "areas", "given" or "assumed".
    cells : int
        Units of time, or areas, that it is of.
    """

    phi: float
    free: float
    p: float
    origin: str
    cells: int = 0

    @property
    def raw_free(self) -> float:
        """Degrees of freedom for intervals: those of the estimate where it widens anything."""
        return self.free if self.phi > 1.0 else np.inf


#: Fewest degrees of freedom with which overdispersion is estimated.
LEAST_FREE = 6


@dataclass(frozen=True)
class _Residuals:
    """Of two-way tables of counts against row and column effects: sums over the cells."""

    square: float = 0.0
    expected: float = 0.0
    expected2: float = 0.0
    cells: int = 0
    pearson: float = 0.0
    free: int = 0

    def __add__(self, other: _Residuals) -> _Residuals:
        return _Residuals(*(getattr(self, n) + getattr(other, n) for n in (
            "square", "expected", "expected2", "cells", "pearson", "free")))

    def dispersion(self, origin: str, number: int) -> Dispersion | None:
        """Return the overdispersion, None where too little stands behind it."""
        if self.free < LEAST_FREE or not self.expected > 0:
            return None
        # cells of very unequal size tell less (Satterthwaite)
        free = self.free * self.expected**2 / (self.cells * self.expected2)
        if free < LEAST_FREE:
            return None
        phi = max(self.square / self.expected, 1.0)
        return Dispersion(phi, float(free), float(stats.chi2.sf(self.pearson, self.free)), origin, number)


def residuals(table: np.ndarray) -> _Residuals:
    """Return how far the counts of a two-way table lie from row times column.

    Squared residuals are summed and set against the sum that Poisson counts give. Pearson's statistic, where each
    is divided by its own expectation, is 15 % too small at counts of 5 and an overdispersion of 3, because cells
    that happen to be high have a high expectation too; it serves for the test alone.
    """
    table = np.asarray(table, float)
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0] if table.size else table
    if table.ndim != 2 or min(table.shape) < 2:
        return _Residuals()
    total = table.sum()
    row, column = table.sum(axis=1) / total, table.sum(axis=0) / total
    fitted = total * np.outer(row, column)
    expected = fitted * np.outer(1.0 - row, 1.0 - column)
    square = (table - fitted) ** 2
    return _Residuals(float(square.sum()), float(expected.sum()), float((expected**2).sum()), table.size,
                      float((square / fitted).sum()), (table.shape[0] - 1) * (table.shape[1] - 1))


def dispersion_in_time(table: np.ndarray) -> Dispersion | None:
    """Estimate overdispersion from how the roles' counts move against one another before the measure.

    Parameters
    ----------
    table : (4, m) array
        Counts by role and unit of time before. What all roles share (season, weather) is taken out; what is left
        is what the difference between them is made of.

    Returns
    -------
    Dispersion or None
        None with fewer than six degrees of freedom.
    """
    return residuals(table).dispersion("time", table.shape[1])


def dispersion_among_areas(
    before: np.ndarray, after: np.ndarray, codes: np.ndarray, groups: np.ndarray | None = None
) -> Dispersion | None:
    """Estimate overdispersion from how differently areas of the same role changed.

    Parameters
    ----------
    before, after : (n,) arrays
    codes : (n,) int array
        Roles; -1 takes no part.
    groups : (n,) int array, optional
        Areas are compared within a group too, e.g. a type of incident.

    Returns
    -------
    Dispersion or None
    """
    found, number = _Residuals(), 0
    groups = np.zeros(len(codes), int) if groups is None else groups
    for key in sorted({(int(c), int(g)) for c, g in zip(codes, groups) if c >= 0}):
        rows = (codes == key[0]) & (groups == key[1])
        found = found + residuals(np.column_stack([before[rows], after[rows]]))
        number += int(rows.sum())
    return found.dispersion("areas", number)


def half_and_half(table: np.ndarray, sizes: np.ndarray, displacement: bool, spread: Dispersion) -> Wdd | None:
    """Compare the second half of the time before with its first: there nothing was done yet.

    Parameters
    ----------
    table : (4, m) array
        Counts by role and unit of time, all before.
    sizes : (4,) array
    displacement : bool
    spread : Dispersion

    Returns
    -------
    Wdd or None
        None with fewer than four units.
    """
    half = table.shape[1] // 2
    if half < 2:
        return None
    first, second = table[:, -2 * half : -half].sum(axis=1), table[:, -half:].sum(axis=1)
    return wdd(Counts.of(first, second, 1.0, sizes, displacement), spread.phi, spread.raw_free)


def level_of_chosen(previous: np.ndarray, places: Places, divisors: np.ndarray | None = None) -> tuple[float, float]:
    """Return what areas chosen for their high counts really have, and its variance (empirical Bayes, Hauer 1997).

    Parameters
    ----------
    previous : (n,) array
        Counts for which the areas were chosen.
    places : Places
        All places of that size, :func:`~hotspot_plugin.analysis.evaluation.regression.all_places`.
    divisors : (n,) array, optional
        Area weights.

    Returns
    -------
    level, variance : float
        Sum over the areas, each divided by its weight. The variance is that of the true level given the counts.
    """
    previous = np.asarray(previous, float)
    w = np.ones(len(previous)) if divisors is None else np.asarray(divisors, float)
    share = places.share
    mean = expect(previous, previous, places, 1.0).count
    unsure = (1.0 - share) ** 2 * max(places.mean, 1e-12) / max(places.number, 1)
    return float((mean / w).sum()), float((mean * share / w**2).sum()) + float((1.0 / w).sum()) ** 2 * unsure


# --- quotient and net effects -------------------------------------------------------------------
@dataclass(frozen=True)
class Quotient:
    """Weighted displacement quotient and total net effect (Bowers and Johnson 2003).

    Attributes
    ----------
    value : float
        WDQ; NaN where it is not defined.
    low, high : float
        95 % interval (Fieller 1954); NaN where it has no bounds.
    success : float
        Change of the treated areas' share of the comparison count; below 0 is a relative fall.
    why : str
        "" where it is defined; else "no control" (a count of 0 among the comparison areas), "no displacement",
        "no fall" (the treated areas did not fall against them) or "unclear" (their fall could be chance).
    net, net_low, net_high : float
        Total net effect: incidents prevented in the treated and the displacement areas against the rate of change
        of the comparison areas, with its 95 % interval; negative for more.
    gross : float
        The same of the treated areas alone.
    """

    value: float
    low: float
    high: float
    success: float
    why: str
    net: float
    net_low: float
    net_high: float
    gross: float


def quotient(counts: Counts, phi: float = 1.0, free: float = np.inf) -> Quotient:
    """Return the weighted displacement quotient, or why there is none, and the total net effect.

    Parameters
    ----------
    counts : Counts
        Plain counts; the weights of areas and of time cancel out.
    phi, free : float
        As in :func:`wdd`.

    Returns
    -------
    Quotient
    """
    nan = float("nan")
    (rb, cb, db), (ra, ca, da) = counts.before[:3], counts.after[:3]
    if not (cb > 0 and ca > 0):
        return Quotient(nan, nan, nan, nan, "no control", nan, nan, nan, nan)
    factor = quantile(0.95, free)
    success = float(ra / ca - rb / cb)
    growth = ca / cb
    gross = float(rb * growth - ra)
    here = rb + db if counts.displacement else rb
    left = ra + da if counts.displacement else ra
    net = float(here * growth - left)
    variance = phi * (growth**2 * here + (here * growth) ** 2 * (1.0 / ca + 1.0 / cb) + left)
    net_low, net_high = net - factor * np.sqrt(variance), net + factor * np.sqrt(variance)
    ends = (net, float(net_low), float(net_high), gross)
    if not counts.displacement:
        return Quotient(nan, nan, nan, success, "no displacement", *ends)
    if success >= 0:
        return Quotient(nan, nan, nan, success, "no fall", *ends)
    value = float((da / ca - db / cb) / success)
    low, high = _fieller(counts, phi * factor**2)
    if np.isnan(low):
        return Quotient(value, nan, nan, success, "unclear", *ends)
    return Quotient(value, low, high, success, "", *ends)


def _fieller(counts: Counts, square: float) -> tuple[float, float]:
    """Interval of the quotient of two differences of ratios; NaN where its denominator may be 0."""
    (rb, cb, db), (ra, ca, da) = counts.before[:3], counts.after[:3]
    above, below = da / ca - db / cb, ra / ca - rb / cb
    v_above = da / ca**2 + da**2 / ca**3 + db / cb**2 + db**2 / cb**3
    v_below = ra / ca**2 + ra**2 / ca**3 + rb / cb**2 + rb**2 / cb**3
    both = da * ra / ca**3 + db * rb / cb**3
    a = below**2 - square * v_below
    b = above * below - square * both
    c = above**2 - square * v_above
    inside = b**2 - a * c
    if a <= 0 or inside < 0:
        return float("nan"), float("nan")
    return float((b - np.sqrt(inside)) / a), float((b + np.sqrt(inside)) / a)
