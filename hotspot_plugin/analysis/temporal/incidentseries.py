"""Incidents by day, week or month: whole calendar periods, which of them are complete, and what was to be expected."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..progress import Progress, silent
from ..windows import DAY
from .crimesummary import BASE_WEEKS, FLAG, LEAST_CHANGE, SILENT, beside_base

DAILY, WEEKLY, MONTHLY = range(3)
#: Why a period is not complete, in the order in which it is said.
WHOLE, BEGINS, GAP, LATE, ENDS = range(5)
#: 1 January 1970, from which numpy counts, was a Thursday.
_THURSDAY = 3
#: fewest compared periods from which the spread is taken
_LEAST = 20
#: median of chi-square with one degree of freedom
_MEDIAN = 0.454936


def weekday(days: np.ndarray) -> np.ndarray:
    """Return the weekday of days, 0 for Monday."""
    return (np.asarray(days).astype("M8[D]").astype(np.int64) + _THURSDAY) % 7


def period_starts(days: np.ndarray, unit: int, week_start: int = 0) -> np.ndarray:
    """Return the first day of the period that holds each day.

    Parameters
    ----------
    days : (n,) datetime64[D] array
        Without NaT.
    unit : int
        DAILY, WEEKLY or MONTHLY.
    week_start : int
        Weekday with which weeks begin, 0 for Monday.
    """
    days = np.asarray(days).astype("M8[D]")
    if unit == MONTHLY:
        return days.astype("M8[M]").astype("M8[D]")
    if unit == WEEKLY:
        return days - ((weekday(days) - week_start) % 7).astype("m8[D]")
    return days


@dataclass(frozen=True)
class Periods:
    """Calendar periods one after another.

    Attributes
    ----------
    unit, week_start : int
    edges : (p + 1,) datetime64[D] array
        First day of each, and the day after the last.
    state : (p,) int64 array
        WHOLE; BEGINS: holds days before the first of the data; GAP: days without any record that
        chance does not leave; LATE: holds days after the last that seems recorded fully; ENDS: and after the last of
        the data.
    """

    unit: int
    week_start: int
    edges: np.ndarray
    state: np.ndarray

    def __len__(self) -> int:
        return len(self.state)

    @property
    def starts(self) -> np.ndarray:
        """First days."""
        return self.edges[:-1]

    @property
    def ends(self) -> np.ndarray:
        """Last days, included."""
        return self.edges[1:] - DAY

    @property
    def days(self) -> np.ndarray:
        """Lengths."""
        return np.diff(self.edges).astype(np.int64)

    @property
    def complete(self) -> np.ndarray:
        """Whether each is complete."""
        return self.state == WHOLE

    def of(self, days: np.ndarray) -> np.ndarray:
        """Return the number of the period of each day; the days must lie in one."""
        if self.unit == MONTHLY:
            first = self.edges[0].astype("M8[M]").astype(np.int64)
            return np.asarray(days).astype("M8[M]").astype(np.int64) - first
        return (np.asarray(days).astype("M8[D]") - self.edges[0]).astype(np.int64) // (7 if self.unit == WEEKLY else 1)


def make_periods(
    first: np.datetime64, last: np.datetime64, full: np.datetime64, rate: float, unit: int, week_start: int = 0,
    gaps: list | tuple = (),
) -> Periods:
    """Lay calendar periods over the data.

    Parameters
    ----------
    first, last : datetime64[D]
        First and last day of the data.
    full : datetime64[D]
        Last day that seems recorded fully, as ``windows.last_complete_day`` finds it.
    rate : float
        Records a day: with few of them some days without any at the beginning are no sign that data lack.
    unit, week_start : int
    gaps : sequence of (first, last) datetime64[D]
        Stretches without records, as ``checkincidents.gaps`` finds them.
    """
    begin, end = period_starts(np.array([first, last]), unit, week_start)
    if unit == MONTHLY:
        edges = np.arange(begin.astype("M8[M]"), end.astype("M8[M]") + 2).astype("M8[D]")
    else:
        step = 7 if unit == WEEKLY else 1
        edges = np.arange(begin, end + 2 * step * DAY, step * DAY)
    starts, ends = edges[:-1], edges[1:] - DAY
    state = np.full(len(starts), WHOLE)
    for gap_first, gap_last in gaps:
        state[(starts <= gap_last) & (ends >= gap_first)] = GAP
    late = np.maximum((first - starts).astype(np.int64), 0)
    state[(late > 0) & (np.exp(-rate * late) < SILENT)] = BEGINS
    state[ends > full] = LATE
    state[ends > last] = ENDS
    return Periods(unit, week_start, edges, state)


def count(
    days: np.ndarray, group: np.ndarray, groups: int, periods: Periods, progress: Progress = silent
) -> np.ndarray:
    """Count incidents by group and period.

    Parameters
    ----------
    days : (n,) datetime64[D] array
        Within the periods.
    group : (n,) int64 array
    groups : int

    Returns
    -------
    (groups, p) int64 array
    """
    number = periods.of(days)
    progress(0.6)
    sums = np.bincount(group * len(periods) + number, minlength=groups * len(periods))
    progress(1.0)
    return sums.reshape(groups, len(periods))


@dataclass(frozen=True)
class Expected:
    """What the like periods before each let expect; NaN where it cannot be said.

    Attributes
    ----------
    mean, low, high : (g, p) arrays
    flag : (g, p) int64 array
        1 clearly more, -1 clearly fewer; only of complete periods.
    spread : (g,) array
        Variance of the like periods beside one another over that of independent incidents, at least 1.
    compared : int
        Complete periods with an expected range and any incident in it or before.
    by_chance : float
        How many of them would be flagged at a constant rate and this spread.
    """

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    flag: np.ndarray
    spread: np.ndarray
    compared: int
    by_chance: float

    @property
    def flagged(self) -> int:
        """Periods that stand out."""
        return int((self.flag != 0).sum())


def expected(counts: np.ndarray, periods: Periods) -> Expected | None:
    """Compare each week with the 8 weeks before it, each day with the same weekday of the 8 weeks before.

    The limits are ``(sqrt(m) -+ 3/2 sqrt(spread))**2`` around the mean m (Wheeler 2016, who takes 1 for the spread of
    independent incidents). Where a series varies more than these, limits without the spread would flag a third of its
    weeks: it is taken from the series itself, by the median of z squared (robust against the periods that really stand
    out), from 20 compared periods on. All 8 before must be complete. Months have none: 8 months before are another
    season, and whole years before are too few.

    Parameters
    ----------
    counts : (g, p) int64 array
    periods : Periods

    Returns
    -------
    Expected or None
        None for months.
    """
    if periods.unit == MONTHLY:
        return None
    step = 7 if periods.unit == DAILY else 1
    total = np.zeros_like(counts)
    known = np.ones(len(periods), dtype=bool)
    for back in range(step, BASE_WEEKS * step + 1, step):
        back = min(back, len(periods))
        known[:back] = False
        total[:, back:] += counts[:, : len(periods) - back]
        known[back:] &= periods.complete[: len(periods) - back]
    known &= (periods.state != BEGINS) & (periods.state != ENDS)  # part of a week has no range of a week
    tested = known & periods.complete
    mean = np.full(counts.shape, np.nan)
    mean[:, known] = total[:, known] / BASE_WEEKS
    z = 2.0 * (np.sqrt(counts) - np.sqrt(mean))
    spread = np.ones(len(counts))
    if tested.sum() >= _LEAST:
        spread = np.maximum(np.median(z[:, tested] ** 2, axis=1) / (_MEDIAN * (1.0 + 1.0 / BASE_WEEKS)), 1.0)
    reach = 0.5 * FLAG * np.sqrt(spread)[:, None]
    low, high = np.maximum(np.sqrt(mean) - reach, 0.0) ** 2, (np.sqrt(mean) + reach) ** 2
    with np.errstate(invalid="ignore"):
        clear = (np.abs(z) >= 2.0 * reach - 1e-9) & (np.abs(counts - mean) >= LEAST_CHANGE) & tested
    flag = np.where(clear, np.sign(np.nan_to_num(z)), 0.0).astype(np.int64)
    exact = spread == 1.0
    again = beside_base(counts[exact][:, tested].ravel(), total[exact][:, tested].ravel())
    some = ((counts + total)[~exact][:, tested] > 0).sum()
    wider = float(some) * math.erfc(FLAG / math.sqrt(1.0 + 1.0 / BASE_WEEKS) / math.sqrt(2.0))
    return Expected(mean, low, high, flag, spread, again.tested + int(some), again.by_chance + wider)
