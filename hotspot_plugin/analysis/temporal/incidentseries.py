"""Incidents by day, week or month: whole calendar periods, which of them are complete, and what was to be expected."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..progress import Progress, silent
from ..windows import DAY
from .crimesummary import BASE_WEEKS, SILENT, beside_base

DAILY, WEEKLY, MONTHLY = range(3)
#: Why a period is not complete, in the order in which it is said.
WHOLE, BEGINS, GAP, LATE = range(4)
#: 1 January 1970, from which numpy counts, was a Thursday.
_THURSDAY = 3


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
        chance does not leave; LATE: holds days after the last that seems recorded fully.
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
    compared : int
        Complete periods with an expected range and any incident in it or before.
    by_chance : float
        How many of them independent incidents at a constant rate would flag.
    """

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    flag: np.ndarray
    compared: int
    by_chance: float

    @property
    def flagged(self) -> int:
        """Periods that stand out."""
        return int((self.flag != 0).sum())


def expected(counts: np.ndarray, periods: Periods) -> Expected | None:
    """Compare each week with the 8 weeks before it, each day with the same weekday of the 8 weeks before.

    The limits are those of the crime summary, ``(sqrt(m) -+ 3/2)**2`` around the mean m (Wheeler 2016). All 8 must
    be complete. Months have none: 8 months before are another season, and whole years before are too few.

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
    found = beside_base(counts[:, known].ravel(), total[:, known].ravel())
    shape = (len(counts), int(known.sum()))
    parts = []
    for values in (found.mean, found.low, found.high):
        wide = np.full(counts.shape, np.nan)
        wide[:, known] = values.reshape(shape)
        parts.append(wide)
    tested = known & periods.complete
    flag = np.zeros(counts.shape, dtype=np.int64)
    flag[:, known] = found.flag.reshape(shape)
    flag[:, ~tested] = 0
    again = beside_base(counts[:, tested].ravel(), total[:, tested].ravel())
    mean, low, high = parts
    return Expected(mean, low, high, flag, again.tested, again.by_chance)
