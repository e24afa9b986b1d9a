"""Whether treated and comparison areas went the same way before: the assumption of a difference in differences.

A test that finds nothing proves little, so each comes with the difference that it would have missed (Roth 2022).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from .diffindiff import BY_TIME, LEAST_AREAS, LEVEL, POWER, Effect, Spread, effect, time_spread

#: Units before that a line through them needs.
LEAST_UNITS = 4
_SIZES = (1, 2, 3, 4, 6, 12)
#: Incidents that a block should hold in each role.
_ENOUGH = 5.0


@dataclass(frozen=True)
class Trend:
    """Difference of the trends before, on the log scale for a unit of ``when``.

    Attributes
    ----------
    slope, se, free, low, high, p : float
    missed : float
        Slope that 8 of 10 tests would have found; smaller ones may be there unseen.
    """

    slope: float
    se: float
    free: float
    low: float
    high: float
    p: float
    missed: float


def trend(counts: np.ndarray, when: np.ndarray, treated: np.ndarray) -> Trend | None:
    """Test whether the ratio of treated to comparison counts had a slope.

    Poisson with effects of areas and units and a line of the treated areas; the variance from how differently areas of
    the same role moved along it (with too few areas: from unit to unit), as for the effect.

    Parameters
    ----------
    counts : (n, m) array
        Units before the start only.
    when : (m,) array
        Middle of each unit, e.g. in years.
    treated : (n,) array of bool

    Returns
    -------
    Trend or None
        None with fewer than LEAST_UNITS units or without incidents in either role.
    """
    t, c = counts[treated].sum(axis=0), counts[~treated].sum(axis=0)
    both = t + c
    if len(when) < LEAST_UNITS or not t.sum() or not c.sum():
        return None
    x = when - np.average(when, weights=np.maximum(both, 1e-12))
    beta = np.array([np.log(t.sum() / c.sum()), 0.0])
    design = np.column_stack([np.ones(len(x)), x])
    for _ in range(100):
        share = 1.0 / (1.0 + np.exp(-np.clip(design @ beta, -30, 30)))
        weight = both * share * (1.0 - share)
        information = design.T @ (weight[:, None] * design)
        if np.linalg.cond(information) > 1e12:
            return None
        step = np.linalg.solve(information, design.T @ (t - both * share))
        beta = beta + np.clip(step, -2.0, 2.0)
        if np.abs(step).max() < 1e-11:
            break
    else:
        return None
    spread = _along(counts, treated, x, np.vstack([both * share, both * (1.0 - share)]))
    if spread is None:
        known = weight > 0
        free = float(known.sum() - 2)
        spread = Spread(max(1.0, float(((t - both * share)[known] ** 2 / weight[known]).sum()) / free), free, BY_TIME)
    se, slope = float(np.sqrt(spread.times * np.linalg.inv(information)[1, 1])), float(beta[1])
    reach = float(stats.t.ppf(1.0 - LEVEL / 2.0, spread.free)) * se
    missed = reach + float(stats.t.ppf(POWER, spread.free)) * se
    return Trend(slope, se, spread.free, slope - reach, slope + reach,
                 float(2.0 * stats.t.sf(abs(slope) / se, spread.free)), missed)


def _along(counts: np.ndarray, treated: np.ndarray, x: np.ndarray, fitted: np.ndarray) -> Spread | None:
    """How much more than by chance areas of the same role differ along ``x``; None with too few areas."""
    apart, room, rate, own, sizes = 0.0, 0, 0.0, [], []
    for role, mean in zip((treated, ~treated), fitted):
        every = counts[role].sum(axis=1)
        rows, every = counts[role][every > 0], every[every > 0]
        if not len(every):
            return None
        share = mean / mean.sum()
        middle = share @ x
        one = float(share @ (x - middle) ** 2)
        if one <= 0:
            return None
        score = rows @ (x - middle)
        # the role's own line is taken out, as it was fitted
        score = score - every * (score.sum() / every.sum())
        apart += float((score**2 / (every * one)).sum()) - (len(every) - 1)
        room += len(every) - 1
        square = float((every * (every - 1.0)).sum())
        rate += max(every.sum() - len(every) - square / every.sum(), 0.0)
        own.append(1.0 / (every.sum() * one))
        sizes.append(square / every.sum())
    if room + 2 < LEAST_AREAS:
        return None
    phi, rho = max(1.0, 1.0 + apart / room), max(0.0, apart / rate) if rate > 0 else 0.0
    grown = sum(o * (1.0 + rho * s) for o, s in zip(own, sizes)) / sum(own)
    return Spread(max(phi, grown), float(room), "areas", phi, rho)


# --- through time --------------------------------------------------------------------------------
def blocks(counts: np.ndarray, treated: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Put neighbouring units together so that each block holds some incidents of both roles.

    Parameters
    ----------
    counts : (n, m) array
    treated : (n,) array of bool
    after : (m,) array of bool

    Returns
    -------
    (m,) int array
        Number of the block, from 0 in order of time; none holds units of both sides. Blocks are counted from the
        start; what is left over at either end joins its neighbour.
    """
    before, later = int((~after).sum()), int(after.sum())
    least = min(counts[treated][:, ~after].sum(), counts[~treated][:, ~after].sum()) / max(before, 1)
    size = next((s for s in _SIZES if s * least >= _ENOUGH), _SIZES[-1])
    while size > 1 and before // size < 3:
        size -= 1
    sizes = []
    for units in (before, later):
        number = max(units // size, 1)
        sizes.append(np.array([size] * (number - 1) + [units - size * (number - 1)]))
    return np.repeat(np.arange(len(sizes[0]) + len(sizes[1])), np.concatenate([sizes[0][::-1], sizes[1]]))


@dataclass(frozen=True)
class Path:
    """Treated against comparison areas in each block of units, on the log scale, the time before as a whole being 0.

    Attributes
    ----------
    value, low, high : (b,) arrays
    block : (m,) int array
    p : float
        Of the blocks before being alike (F); NaN where it cannot be told.
    free : (2,) tuple of float
    """

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    block: np.ndarray
    p: float
    free: tuple


def path(counts: np.ndarray, treated: np.ndarray, after: np.ndarray) -> Path:
    """Follow treated against comparison areas through time, and test the blocks before for being alike.

    Parameters
    ----------
    counts : (n, m) array
    treated : (n,) array of bool
    after : (m,) array of bool
    """
    block = blocks(counts, treated, after)
    number = int(block.max()) + 1
    cells = np.zeros((len(counts), number))
    np.add.at(cells.T, block, counts.T)
    later = np.zeros(number, bool)
    later[block[after]] = True
    t, c = cells[treated].sum(axis=0), cells[~treated].sum(axis=0)
    times, free = _cell_spread(cells, treated)
    if free <= 0:
        spread = time_spread(counts[treated].sum(axis=0), counts[~treated].sum(axis=0), after)
        times, free = spread.times, spread.free
    t0, c0 = t[~later].sum(), c[~later].sum()
    half = np.where((t <= 0) | (c <= 0), 0.5, 0.0)
    value = np.log((t + half) / (c + half)) - np.log(t0 / c0)
    base = 1.0 / (t + half) + 1.0 / (c + half) + np.where(later, 1.0, -1.0) * (1.0 / t0 + 1.0 / c0)
    reach = stats.t.ppf(1.0 - LEVEL / 2.0, free) * np.sqrt(times * np.maximum(base, 0.0))
    p, degrees = _alike(cells[:, ~later], treated)
    return Path(value, value - reach, value + reach, block, p, degrees)


def _cell_spread(cells: np.ndarray, treated: np.ndarray) -> tuple[float, float]:
    """Pearson's overdispersion of areas of the same role over blocks, and its degrees of freedom."""
    pearson, free = 0.0, 0
    for role in (treated, ~treated):
        rows = cells[role][cells[role].sum(axis=1) > 0]
        rows = rows[:, rows.sum(axis=0) > 0]
        if len(rows) < 2 or rows.shape[1] < 2:
            continue
        mean = np.outer(rows.sum(axis=1), rows.sum(axis=0)) / rows.sum()
        pearson += float(((rows - mean) ** 2 / mean).sum())
        free += (rows.shape[0] - 1) * (rows.shape[1] - 1)
    return (max(1.0, pearson / free), float(free)) if free else (1.0, 0.0)


def _alike(cells: np.ndarray, treated: np.ndarray) -> tuple[float, tuple]:
    times, free = _cell_spread(cells, treated)
    table = np.vstack([cells[treated].sum(axis=0), cells[~treated].sum(axis=0)])
    table = table[:, table.sum(axis=0) > 0]
    if free <= 0 or table.shape[1] < 2 or not table.sum(axis=1).all():
        return np.nan, (np.nan, np.nan)
    mean = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    degrees = table.shape[1] - 1
    ratio = float(((table - mean) ** 2 / mean).sum()) / degrees / times
    return float(stats.f.sf(ratio, degrees, free)), (float(degrees), free)


# --- placebos in time ----------------------------------------------------------------------------
def fake_starts(counts: np.ndarray, treated: np.ndarray) -> list[tuple[int, Effect]]:
    """Estimate the effect of starts that never were, within the time before.

    Parameters
    ----------
    counts : (n, m) array
        Units before the start only.
    treated : (n,) array of bool

    Returns
    -------
    list of (unit, Effect)
        Each start leaves a quarter of the units, at least two, on either side; none where a sum is 0.
    """
    units = counts.shape[1]
    least, found = max(2, int(np.ceil(units / 4))), []
    for cut in range(least, units - least + 1):
        before, after = counts[:, :cut].sum(axis=1), counts[:, cut:].sum(axis=1)
        sums = [part[role].sum() for part in (before, after) for role in (treated, ~treated)]
        if min(sums) <= 0:
            continue
        later = np.arange(units) >= cut
        spread = time_spread(counts[treated].sum(axis=0), counts[~treated].sum(axis=0), later)
        found.append((cut, effect(before, after, treated, spread)))
    return found
