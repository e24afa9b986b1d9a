"""The CompStat table: counts of the last days by type and area, beside what chance would make of them.

A window that the data do not cover is unknown, not 0; changes are measured on the
square-root scale, on which every count varies alike, never by per cent of small counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

import numpy as np

from ..evaluation.presets import year_before, year_start
from ..evaluation.rates import poisson_z
from ..progress import Progress, silent
from ..windows import DAY

#: weeks of the sparkline, and weeks before the last one from which its range is expected
WEEKS, BASE_WEEKS = 13, 8
#: a change stands out from this z on, if it is at least so many incidents too
FLAG, LEAST_CHANGE = 3.0, 5.0
#: fewest previous incidents for a per cent
LEAST_PERCENT = 30
#: a silence at the beginning of a window is no gap in the data if chance makes it more often
SILENT = 0.001
#: share of a window that may be missing
_MISSING = 0.02
#: from this sum on the probability of a flag is that of the normal distribution
_MANY = 2_000
WEEK, NOW, BEFORE, YEAR_AGO, TO_DATE, LAST_TO_DATE = range(6)


@dataclass(frozen=True)
class Span:
    """Days from start to end, both included, and whether the data cover them."""

    start: np.datetime64
    end: np.datetime64
    covered: bool = True

    @property
    def days(self) -> int:
        """Length in days."""
        return int((self.end - self.start) / DAY) + 1


@dataclass(frozen=True)
class Calendar:
    """The windows of a table.

    Attributes
    ----------
    spans : tuple of 6 Span
        Last 7 days, last 28, the 28 before, the same 28 a year ago, year to date, and last
        year to the same date; indexed by WEEK, NOW, BEFORE, YEAR_AGO, TO_DATE, LAST_TO_DATE.
    weeks : tuple of 21 Span
        Weeks of 7 days that end on the last day, oldest first.
    base : Span
        The 8 weeks before the last one.
    missing : list of (first, last) datetime64[D]
        Stretches without any record that chance does not make.
    """

    spans: tuple
    weeks: tuple
    base: Span
    missing: tuple = ()

    @property
    def as_of(self) -> np.datetime64:
        """The last day."""
        return self.spans[NOW].end

    @property
    def earliest(self) -> np.datetime64:
        """First day that any window holds."""
        return min(span.start for span in (*self.spans, *self.weeks))

    @property
    def leap(self) -> bool:
        """Whether the two years to date differ by the 29th of February."""
        return self.spans[TO_DATE].days != self.spans[LAST_TO_DATE].days


def make_calendar(
    as_of: np.datetime64, first: np.datetime64, rate: float, missing: list | tuple = ()
) -> Calendar:
    """Lay the windows back from the last day.

    Parameters
    ----------
    as_of : datetime64[D]
        Last day of all windows of this year.
    first : datetime64[D]
        First day on which the data really begin.
    rate : float
        Records a day: with few of them some days without any are no sign that data lack.
    missing : list of (first, last) datetime64[D]
        Stretches without records, as ``checkincidents.gaps`` finds them.

    Returns
    -------
    Calendar
    """
    as_of = np.datetime64(as_of, "D")
    ago = year_before(as_of)

    def span(start: np.datetime64, end: np.datetime64) -> Span:
        late = max(int((first - start) / DAY), 0)
        days = int((end - start) / DAY) + 1
        lost = sum(max(int((min(end, b) - max(start, a)) / DAY) + 1, 0) for a, b in missing)
        begun = first <= start or (first <= end and np.exp(-rate * late) >= SILENT)
        return Span(start, end, bool(begun and lost <= _MISSING * days))

    spans = (
        span(as_of - 6 * DAY, as_of), span(as_of - 27 * DAY, as_of), span(as_of - 55 * DAY, as_of - 28 * DAY),
        span(ago - 27 * DAY, ago), span(year_start(as_of), as_of), span(year_start(ago), ago),
    )
    ends = [as_of - 7 * DAY * back for back in range(WEEKS + BASE_WEEKS - 1, -1, -1)]
    base = span(as_of - (7 * (BASE_WEEKS + 1) - 1) * DAY, as_of - 7 * DAY)
    return Calendar(spans, tuple(span(end - 6 * DAY, end) for end in ends), base, tuple(missing))


@dataclass(frozen=True)
class Counts:
    """Counts of each group.

    Attributes
    ----------
    every : (g,) int64 array
        All records, whatever their date.
    windows : (g, 6) int64 array
    weeks : (g, 21) int64 array
    """

    every: np.ndarray
    windows: np.ndarray
    weeks: np.ndarray


def count(
    group: np.ndarray, groups: int, day: np.ndarray, calendar: Calendar, progress: Progress = silent
) -> Counts:
    """Count the records of each group in each window.

    Parameters
    ----------
    group : (n,) int64 array
        Number of the group of each record, e.g. ``area * types + type``.
    groups : int
    day : (n,) datetime64[D] array
        NaT for records that count in no window.
    calendar : Calendar
    progress : Progress
    """
    every = np.bincount(group, minlength=groups)
    known = ~np.isnat(day) & (day >= calendar.earliest) & (day <= calendar.as_of)
    group, back = group[known], (calendar.as_of - day[known]).astype(np.int64)
    progress(0.3)
    windows = np.zeros((groups, len(calendar.spans)), dtype=np.int64)
    for i, span in enumerate(calendar.spans):
        newest, oldest = (int((calendar.as_of - side) / DAY) for side in (span.end, span.start))
        windows[:, i] = np.bincount(group[(back >= newest) & (back <= oldest)], minlength=groups)
        progress(0.3 + 0.1 * i)
    many = len(calendar.weeks)
    recent = back < 7 * many
    weeks = np.bincount(group[recent] * many + (many - 1 - back[recent] // 7), minlength=groups * many)
    progress(1.0)
    return Counts(every, windows, weeks.reshape(groups, many))


@dataclass(frozen=True)
class Lines:
    """The lines of the table: totals first, then each type, each area, each type in each area.

    Attributes
    ----------
    area, type : (m,) int64 arrays
        Which; -1 for all.
    counts : Counts
        One row for each line.
    """

    area: np.ndarray
    type: np.ndarray
    counts: Counts

    def __len__(self) -> int:
        return len(self.area)


def make_lines(counts: Counts, areas: int, types: int, by_area: bool, by_type: bool) -> Lines:
    """Add up the groups ``area * types + type``.

    The lines of each level add up to the first one. A type in an area has a line if it has
    any record.
    """
    where, what = np.divmod(np.arange(areas * types), types)
    none = np.full(1, -1)
    parts: list = [(none, none, np.zeros(areas * types, dtype=np.int64))]
    if by_type:
        parts.append((np.full(types, -1), np.arange(types), what))
    if by_area:
        parts.append((np.arange(areas), np.full(areas, -1), where))
    if by_area and by_type:
        some = np.flatnonzero(counts.every)
        number = np.full(areas * types, len(some))
        number[some] = np.arange(len(some))
        parts.append((where[some], what[some], number))

    def added(values: np.ndarray) -> np.ndarray:
        wide = values.reshape(len(values), -1)
        out = []
        for area, _, into in parts:
            total = np.stack([np.bincount(into, column, len(area)) for column in wide.T], axis=1)
            out.append(np.rint(total[: len(area)]).astype(np.int64))
        return np.concatenate(out).reshape((-1, *values.shape[1:]))

    return Lines(np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts]),
                 Counts(added(counts.every), added(counts.windows), added(counts.weeks)))


@dataclass(frozen=True)
class Change:
    """A count beside another: NaN where one of the windows is not covered.

    Attributes
    ----------
    z : (m,) array
    flag : (m,) int64 array
        1 clearly more, -1 clearly fewer, 0 could be chance or not known.
    percent : (m,) array
        Change of the incidents a day; NaN where the previous count is small.
    by_chance, tested : float, int
        How many flags independent incidents at a constant rate would make, and among how many.
    """

    z: np.ndarray
    flag: np.ndarray
    percent: np.ndarray
    by_chance: float
    tested: int


def compare(previous: np.ndarray, current: np.ndarray, before: Span, now: Span) -> Change:
    """Compare two windows, with their lengths: ``2 (sqrt(a) - sqrt(b))`` for equal ones (Wheeler 2016)."""
    if not (before.covered and now.covered):
        return _unknown(len(current))
    ratio = now.days / before.days
    z = poisson_z(previous, current, before.days, now.days)
    with np.errstate(divide="ignore", invalid="ignore"):
        percent = np.where(previous >= LEAST_PERCENT, 100.0 * (current / previous / ratio - 1.0), np.nan)

    def flags(b: np.ndarray, a: np.ndarray) -> np.ndarray:
        return _flags(poisson_z(b, a, before.days, now.days), a - b * ratio)

    by_chance, tested = _by_chance(previous + current, now.days / (now.days + before.days), flags, 2.0)
    return Change(z, flags(previous, current), percent, by_chance, tested)


@dataclass(frozen=True)
class Week(Change):
    """The last 7 days beside the range expected from the 8 weeks before."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


def last_week(weeks: np.ndarray, calendar: Calendar) -> Week:
    """Compare the last week with the limits ``(sqrt(m) -+ 3/2)**2`` around the mean m of the 8 weeks before."""
    current, total = weeks[:, -1], weeks[:, -1 - BASE_WEEKS : -1].sum(axis=1)
    if not (calendar.base.covered and calendar.spans[WEEK].covered):
        nothing = np.full(len(current), np.nan)
        return Week(nothing, np.zeros(len(current), dtype=np.int64), nothing, 0.0, 0, nothing, nothing, nothing)
    return beside_base(current, total)


def beside_base(current: np.ndarray, total: np.ndarray) -> Week:
    """Compare counts with the range that the sum of the 8 before each lets expect.

    Parameters
    ----------
    current, total : (m,) int64 arrays
        Incidents of a week (or day), and of the 8 like ones before it together.
    """
    mean = total / BASE_WEEKS

    def flags(base: np.ndarray, now: np.ndarray) -> np.ndarray:
        return _flags(2.0 * (np.sqrt(now) - np.sqrt(base / BASE_WEEKS)), now - base / BASE_WEEKS)

    by_chance, tested = _by_chance(total + current, 1.0 / (BASE_WEEKS + 1), flags, 1.0 + 1.0 / BASE_WEEKS)
    with np.errstate(divide="ignore", invalid="ignore"):
        percent = np.where(total >= LEAST_PERCENT * BASE_WEEKS, 100.0 * (current / mean - 1.0), np.nan)
    low, high = limits(mean)
    z = 2.0 * (np.sqrt(current) - np.sqrt(mean))
    return Week(z, flags(total, current), percent, by_chance, tested, mean, low, high)


def limits(mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the counts between which a week stays in 99.7 % of cases, ``(sqrt(m) -+ 3/2)**2``, at least 0."""
    root = np.sqrt(mean)
    return np.maximum(root - FLAG / 2.0, 0.0) ** 2, (root + FLAG / 2.0) ** 2


def week_limits(weeks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the limits of each of the last 13 weeks from the 8 before it; weeks is a (21,) array."""
    sums = np.convolve(weeks, np.ones(BASE_WEEKS), "valid")[:WEEKS]
    return limits(sums / BASE_WEEKS)


def sparkline(counts: np.ndarray, covered: np.ndarray) -> str:
    """Draw counts as blocks from 0 to their largest; a dot stands for what is not known."""
    known = counts[covered]
    top = max(int(known.max()), 1) if len(known) else 1
    level = np.ceil(7.0 * counts / top).astype(int)
    return "".join("▁▂▃▄▅▆▇█"[min(i, 7)] if good else "·" for i, good in zip(level, covered))


def _unknown(size: int) -> Change:
    nothing = np.full(size, np.nan)
    return Change(nothing, np.zeros(size, dtype=np.int64), nothing, 0.0, 0)


def _flags(z: np.ndarray, difference: np.ndarray) -> np.ndarray:
    # 10 to 5 or from 0 to 3 must not fall on this or that side by the last bit
    clear = (np.abs(z) >= FLAG - 1e-9) & (np.abs(difference) >= LEAST_CHANGE - 1e-9)
    return np.where(clear, np.sign(z), 0.0).astype(np.int64)


def _by_chance(
    total: np.ndarray, share: float, flags: Callable[[np.ndarray, np.ndarray], np.ndarray], variance: float
) -> tuple[float, int]:
    """Expected flags if each of ``total`` incidents fell into the current window with probability ``share``."""
    from scipy import stats

    sums, times = np.unique(total[total > 0], return_counts=True)
    expected = float(times[sums > _MANY].sum()) * 2.0 * stats.norm.sf(FLAG / np.sqrt(variance))
    few = sums <= _MANY
    for n, many in zip(sums[few].tolist(), times[few].tolist()):
        current = np.arange(n + 1)
        expected += many * float(stats.binom.pmf(current, n, share)[flags(n - current, current) != 0].sum())
    return expected, int(times.sum())
