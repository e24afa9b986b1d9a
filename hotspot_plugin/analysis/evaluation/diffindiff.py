"""Difference in differences of counts: did treated areas change by another ratio than comparison areas?

A Poisson model with an effect of each area, of each unit of time and of "treated after": its estimate is the ratio of
the ratios of the summed counts, ``(T1 / T0) / (C1 / C0)``, so that no model of many parameters need be fitted, and
units of unequal length cancel. How far chance reaches comes from how differently areas of the same role changed
(clusters), never from the counts alone: each area's later count given its total is binomial but for overdispersion,
which may grow with the area's count (``phi``) or with its square (``rho``); the larger of both holds, with Student's t
on the areas less two (Donald and Lang 2007). Beside it stand the variance clustered by area (Liang and Zeger 1986)
and placebos in space: what comparison areas show if they are called treated (Conley and Taber 2011).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import comb

import numpy as np
from scipy import stats

from ..progress import Progress, silent
from ..significance import permutation_p

LEVEL, POWER = 0.05, 0.8
#: Fewer areas with incidents than this cannot tell how differently areas change.
LEAST_AREAS = 4
#: Fewer placebos than this cannot tell 1 of 20 from chance.
LEAST_PLACEBOS = 39
BY_AREAS, BY_TIME = "areas", "time"
_AT_ONCE = 4_000_000


@dataclass(frozen=True)
class Spread:
    """How many times more the estimate varies than Poisson counts make it.

    Attributes
    ----------
    times : float
        Of its variance, never below 1.
    free : float
        Degrees of freedom.
    source : str
        BY_AREAS, or BY_TIME where there are too few areas.
    phi, rho : float
        Overdispersion that grows with the count, and with its square; NaN from time.
    """

    times: float
    free: float
    source: str
    phi: float = np.nan
    rho: float = np.nan


@dataclass(frozen=True)
class Effect:
    """A ratio of ratios on the log scale, with its interval.

    Attributes
    ----------
    log_ratio, se : float
    free : float
        Degrees of freedom of Student's t.
    low, high : float
        95 % interval of ``log_ratio``.
    p : float
        Two-sided.
    spread : Spread
    counts : (4,) array
        Treated before and after, comparison before and after.
    added : bool
        Whether 0.5 was added to each sum because one was 0.
    """

    log_ratio: float
    se: float
    free: float
    low: float
    high: float
    p: float
    spread: Spread
    counts: np.ndarray
    added: bool = False

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out no effect."""
        return bool(self.low > 0 or self.high < 0)

    @property
    def ninety(self) -> tuple[float, float]:
        """The 90 % interval."""
        part = float(stats.t.ppf(0.95, self.free) / stats.t.ppf(0.975, self.free))
        return self.log_ratio - part * (self.log_ratio - self.low), self.log_ratio + part * (self.high - self.log_ratio)

    @property
    def expected(self) -> float:
        """Count of the treated areas had they gone as the comparison areas did."""
        t0, t1, c0, c1 = self.counts
        return float(t1 / np.exp(self.log_ratio)) if not self.added else float((t0 + 0.5) * (c1 + 0.5) / (c0 + 0.5))

    def with_variance(self, log_ratio: float, se: float, free: float, spread: Spread | None = None) -> Effect:
        """Return the same counts with another estimate, and Student's interval of it."""
        low, high, p = _interval(log_ratio, se, free)
        return replace(self, log_ratio=log_ratio, se=se, free=free, low=low, high=high, p=p,
                       spread=spread or self.spread)

    def prevented(self) -> tuple[float, float, float]:
        """Return how many incidents fewer there were than expected, and the ends of its interval."""
        later = float(self.counts[1]) or 0.5
        value, low, high = (later * float(np.exp(-end) - 1.0) for end in (self.log_ratio, self.high, self.low))
        return value, low, high


def _interval(log_ratio: float, se: float, free: float) -> tuple[float, float, float]:
    reach = float(stats.t.ppf(1.0 - LEVEL / 2.0, free)) * se
    return log_ratio - reach, log_ratio + reach, float(2.0 * stats.t.sf(abs(log_ratio) / se, free))


def _moments(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """What the areas add to the sums of their role: before, after, after squared over all, n (n - 1), 1."""
    every = before + after
    square = np.divide(after**2, every, out=np.zeros_like(after), where=every > 0)
    return np.column_stack([before, after, square, every * (every - 1.0), every > 0]).astype(float)


def _solve(treated: np.ndarray, control: np.ndarray) -> tuple[np.ndarray, ...]:
    """Estimate, base variance, phi, rho, variance and degrees of freedom, from sums of moments (..., 5)."""
    base, apart, room, rate = (np.zeros(np.shape(treated)[:-1]) for _ in range(4))
    reach = []
    cells = [treated[..., 0], treated[..., 1], control[..., 0], control[..., 1]]
    half = np.where(np.minimum.reduce(cells) <= 0, 0.5, 0.0)
    t0, t1, c0, c1 = (cell + half for cell in cells)
    with np.errstate(divide="ignore", invalid="ignore"):
        for sums, first, second in ((treated, t0, t1), (control, c0, c1)):
            every = sums[..., 0] + sums[..., 1]
            share = sums[..., 1] / every
            pearson = (sums[..., 2] - share * sums[..., 1]) / (share * (1.0 - share))
            apart = apart + np.nan_to_num(pearson) - np.maximum(sums[..., 4] - 1.0, 0.0)
            room = room + np.maximum(sums[..., 4] - 1.0, 0.0)
            rate = rate + np.nan_to_num(np.maximum(every - sums[..., 4] - sums[..., 3] / every, 0.0))
            own = 1.0 / first + 1.0 / second
            base = base + own
            reach.append((own, np.nan_to_num(sums[..., 3] / every)))
        phi = np.maximum(1.0, 1.0 + apart / room)
        rho = np.where(rate > 0, np.maximum(0.0, apart / rate), 0.0)
    grown = sum(own * (1.0 + rho * size) for own, size in reach)
    variance = np.maximum(np.nan_to_num(phi, nan=1.0) * base, grown)
    return np.log(t1 / t0) - np.log(c1 / c0), base, phi, rho, variance, room


def time_spread(treated: np.ndarray, control: np.ndarray, after: np.ndarray) -> Spread:
    """Return how much more than by chance the ratio of both roles moves from unit to unit, before and after apart.

    For too few areas. Units are also taken three at a time, where that leaves six: neighbouring units that move alike
    then show. Blind to a lasting shift of one area.

    Parameters
    ----------
    treated, control : (m,) arrays
        Counts by unit of time.
    after : (m,) array of bool
    """
    found = []
    for size in (1, 3):
        pearson, free = 0.0, 0
        for side in (~after, after):
            edges = np.arange(0, side.sum() - size + 1, size)
            if len(edges) < 2:
                continue
            t, c = (np.add.reduceat(counts[side], edges) for counts in (treated, control))
            both = t + c
            share = t.sum() / max(both.sum(), 1e-12)
            known = both > 0
            if known.sum() > 1 and 0 < share < 1:
                pearson += float(((t - both * share)[known] ** 2 / (both * share * (1.0 - share))[known]).sum())
                free += int(known.sum()) - 1
        if free >= (1 if size == 1 else 4):
            found.append(Spread(max(1.0, pearson / free), float(free), BY_TIME))
    if not found:
        return Spread(1.0, np.inf, BY_TIME)
    return max(found, key=lambda s: s.times * stats.t.ppf(1.0 - LEVEL / 2.0, s.free) ** 2)


def effect(before: np.ndarray, after: np.ndarray, treated: np.ndarray, in_time: Spread | None = None) -> Effect:
    """Estimate by which ratio treated areas changed more than comparison areas.

    Parameters
    ----------
    before, after : (n,) arrays
        Counts of the areas; each role has incidents before.
    treated : (n,) array of bool
        The others are compared with.
    in_time : Spread, optional
        Of :func:`time_spread`, taken where fewer than LEAST_AREAS areas have incidents.

    Returns
    -------
    Effect
    """
    moments = _moments(np.asarray(before, float), np.asarray(after, float))
    sums = moments[treated].sum(axis=0), moments[~treated].sum(axis=0)
    log_ratio, base, phi, rho, variance, room = (float(value) for value in _solve(*sums))
    if sums[0][4] + sums[1][4] >= LEAST_AREAS and room > 0:
        spread = Spread(variance / base, room, BY_AREAS, phi, rho)
    else:
        spread = in_time or Spread(1.0, np.inf, BY_TIME)
        variance = base * spread.times
    se = float(np.sqrt(variance))
    counts = np.concatenate([sums[0][:2], sums[1][:2]])
    return Effect(log_ratio, se, spread.free, *_interval(log_ratio, se, spread.free), spread, counts,
                  bool((counts <= 0).any()))


def poisson(found: Effect) -> Effect:
    """Return the estimate with the variance of Poisson counts, ``sum(1 / count)``."""
    se = float(np.sqrt((1.0 / (found.counts + (0.5 if found.added else 0.0))).sum()))
    return found.with_variance(found.log_ratio, se, np.inf, Spread(1.0, np.inf, BY_AREAS))


def clustered(before: np.ndarray, after: np.ndarray, treated: np.ndarray) -> Effect | None:
    """Return the estimate with the variance clustered by area: the sandwich times G / (G - 1), t on G - 1.

    It is far too small with few treated areas, and 0 with one: None where a role has fewer than two areas with
    incidents, or a sum is 0.
    """
    before, after = np.asarray(before, float), np.asarray(after, float)
    found, variance, groups = effect(before, after, treated), 0.0, 0
    if found.added:
        return None
    for role in (treated, ~treated):
        every = before[role] + after[role]
        if (every > 0).sum() < 2:
            return None
        share = after[role].sum() / every.sum()
        variance += float(((after[role] - every * share) ** 2).sum() / (every.sum() * share * (1.0 - share)) ** 2)
        groups += int((every > 0).sum())
    se = float(np.sqrt(variance * groups / (groups - 1)))
    if se <= 0:
        return None
    return found.with_variance(found.log_ratio, se, groups - 1.0)


def expecting_less(found: Effect, level: float, spread: float, role: int = 0) -> Effect:
    """Put what areas chosen for their high count really had in the place of that count (empirical Bayes).

    Parameters
    ----------
    found : Effect
    level, spread : float
        See ``weighteddisplacement.level_of_chosen``.
    role : int
        0: the treated areas were chosen, 1: the comparison areas.
    """
    # a level above the count would say that they were not chosen for their luck
    if not 0 < level < found.counts[2 * role]:
        return found
    shift = float(np.log(found.counts[2 * role] / level)) * (1.0 if role == 0 else -1.0)
    # chance in the earlier count is replaced by what is not known of the level; the rest keeps its overdispersion
    variance = max(found.se**2 - 1.0 / found.counts[2 * role] + spread / level**2, 1e-12)
    return found.with_variance(found.log_ratio + shift, float(np.sqrt(variance)), found.free)


# --- placebos in space --------------------------------------------------------------------------
@dataclass(frozen=True)
class Placebos:
    """What areas show that are called treated at random.

    Attributes
    ----------
    log_ratio : (k,) array
        Their estimates.
    score : (k,) array
        The same over their standard errors.
    quantile : float
        95 % of them lie within so many standard errors.
    every : bool
        All possible ones were taken.
    among_all : bool
        Drawn among all areas, as there are too few comparison areas.
    """

    log_ratio: np.ndarray
    score: np.ndarray
    quantile: float
    every: bool
    among_all: bool

    def p(self, found: Effect) -> float:
        """Return the share of placebos at least as far from no effect, in standard errors, the estimate counted too."""
        own = abs(found.log_ratio) / found.se
        return float(permutation_p(int((np.abs(self.score) >= own - 1e-12).sum()), len(self.score)))


def placebos(before: np.ndarray, after: np.ndarray, treated: np.ndarray, draws: int, rng: np.random.Generator,
             progress: Progress = silent) -> Placebos | None:
    """Call as many comparison areas treated as were treated, and estimate again, ``draws`` times.

    Where there are not enough of them, roles are drawn among all areas, which is right as well if there is no effect.
    None where fewer than LEAST_PLACEBOS can be told apart or where too few areas have incidents.
    """
    moments = _moments(np.asarray(before, float), np.asarray(after, float))
    active = moments[:, 4] > 0
    treated, moments = treated[active], moments[active]
    number, others = int(treated.sum()), int((~treated).sum())
    if not number or number + others < LEAST_AREAS:
        return None
    pool, among_all = moments[~treated], False
    if others < 2 * number + 1 or comb(others, number) < LEAST_PLACEBOS:
        pool, among_all = moments, True
    possible = comb(len(pool), number)
    if possible < LEAST_PLACEBOS:
        return None
    every = number == 1 and possible <= draws
    whole, found = pool.sum(axis=0), []
    if every:
        chosen = pool
        found.append(_standardised(chosen, whole - chosen))
    at_once = int(np.clip(_AT_ONCE // len(pool), 1, 200))
    for start in range(0, 0 if every else draws, at_once):
        rows = min(at_once, draws - start)
        picked = np.argpartition(rng.random((rows, len(pool))), number - 1, axis=1)[:, :number]
        chosen = pool[picked].sum(axis=1)
        found.append(_standardised(chosen, whole - chosen))
        progress((start + rows) / draws)
    log_ratio, score = (np.concatenate(part) for part in zip(*found))
    quantile = float(np.quantile(np.abs(score), 1.0 - LEVEL, method="higher"))
    return Placebos(log_ratio, score, quantile, every, among_all)


def _standardised(treated: np.ndarray, control: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    log_ratio, _, _, _, variance, _ = _solve(treated, control)
    return np.atleast_1d(log_ratio), np.atleast_1d(log_ratio / np.sqrt(variance))


def guarded(found: Effect, drawn: Placebos | None) -> Effect:
    """Return the estimate with the wider of its interval and that of the placebos, and the larger p."""
    if drawn is None or found.spread.source != BY_AREAS:
        return found
    reach = max(drawn.quantile * found.se, found.high - found.log_ratio)
    return replace(found, low=found.log_ratio - reach, high=found.log_ratio + reach, p=max(found.p, drawn.p(found)))


# --- power --------------------------------------------------------------------------------------
def smallest_fall(found: Effect) -> float:
    """Return the fall (log ratio, below 0) that would be found in 8 of 10 cases; NaN where not even a fall to one is.

    The treated areas are taken to go from their count as the comparison areas did, but for the fall.
    """
    t0, _, c0, c1 = found.counts + (0.5 if found.added else 0.0)
    expected = t0 * c1 / c0
    reach = float(stats.t.ppf(1.0 - LEVEL / 2.0, found.free) + stats.t.ppf(POWER, found.free))

    def lacks(fall: np.ndarray) -> np.ndarray:
        variance = found.spread.times * (1.0 / t0 + np.exp(fall) / expected + 1.0 / c0 + 1.0 / c1)
        return fall - reach * np.sqrt(variance)

    tried = np.linspace(1e-4, max(np.log(expected), 0.01), 4000)
    enough = np.flatnonzero(lacks(tried) >= 0)
    return -float(tried[enough[0]]) if len(enough) else np.nan


# --- dose ---------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Dose:
    """Change of the log rate for each unit of dose.

    Attributes
    ----------
    slope, se, free, low, high, p : float
        NaN where it cannot be told.
    areas : int
    """

    slope: float
    se: float
    free: float
    low: float
    high: float
    p: float
    areas: int


def dose(before: np.ndarray, after: np.ndarray, amount: np.ndarray) -> Dose | None:
    """Estimate the log-linear response to a dose: ``log(after / before) = a + slope * amount``.

    The Poisson model with effects of areas, time and dose after has the same estimate as this logistic regression of
    the later count given both. The variance is the larger of overdispersion by areas and clustered by area, with
    Student's t on the areas less two.

    Returns
    -------
    Dose or None
        None where fewer than LEAST_AREAS areas have incidents, the dose is the same everywhere or there is no finite
        estimate.
    """
    before, after, amount = (np.asarray(values, float) for values in (before, after, amount))
    every = before + after
    there = every > 0
    every, after, amount = every[there], after[there], amount[there]
    scale = float(np.std(amount)) if len(amount) else 0.0
    if len(every) < LEAST_AREAS or scale <= 1e-12 or not 0 < after.sum() < every.sum():
        return None
    x = np.column_stack([np.ones(len(amount)), (amount - amount.mean()) / scale])
    beta = np.array([np.log(after.sum() / (every.sum() - after.sum())), 0.0])
    for _ in range(100):
        share = 1.0 / (1.0 + np.exp(-np.clip(x @ beta, -30, 30)))
        weight = every * share * (1.0 - share)
        information = x.T @ (weight[:, None] * x)
        if not np.isfinite(information).all() or np.linalg.cond(information) > 1e12:
            return None
        step = np.linalg.solve(information, x.T @ (after - every * share))
        beta = beta + np.clip(step, -2.0, 2.0)
        if np.abs(step).max() < 1e-11:
            break
    else:
        return None
    bread, rest, free = np.linalg.inv(information), after - every * share, len(every) - 2.0
    phi = max(1.0, float((rest**2 / weight).sum()) / free)
    gain = x * rest[:, None]
    sandwich = bread @ (gain.T @ gain) @ bread * len(every) / free
    se = float(np.sqrt(max(phi * bread[1, 1], sandwich[1, 1]))) / scale
    slope = float(beta[1]) / scale
    return Dose(slope, se, free, *_interval(slope, se, free), len(every))
