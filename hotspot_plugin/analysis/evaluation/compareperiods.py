"""Two periods compared, area by area, type by type and as a whole, with what chance allows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..errors import InputError
from ..progress import Progress, silent
from ..significance import benjamini_hochberg
from .rates import e_test, poisson_z, rate_ratio

#: An area is told to have changed where the test holds after allowing for the number of
#: areas, and the change is worth the words.
LEVEL, LEAST, Z_LIMIT = 0.05, 5.0, 3.0
MORE, PERHAPS_MORE, NO_CHANGE, PERHAPS_FEWER, FEWER = 2, 1, 0, -1, -2
_DAY = np.timedelta64(1, "D")
_YEAR = 365.2425


@dataclass(frozen=True)
class Period:
    """Days from ``start`` to ``end``, both included (datetime64[D])."""

    start: np.datetime64
    end: np.datetime64

    @property
    def days(self) -> int:
        """Number of days, leap days included."""
        return int((self.end - self.start) / _DAY) + 1

    @property
    def whole_months(self) -> bool:
        """Whether it starts with the first and ends with the last day of a month."""
        return _is_first(self.start) and _is_first(self.end + _DAY)

    def holds(self, moments: np.ndarray) -> np.ndarray:
        """Which moments (datetime64, NaT for none) lie in the period, to the end of its last day."""
        return (moments >= self.start) & (moments < self.end + _DAY)


def _is_first(day: np.datetime64) -> bool:
    return bool(day == day.astype("datetime64[M]").astype("datetime64[D]"))


def make_periods(
    before_start: np.datetime64, before_end: np.datetime64, after_start: np.datetime64, after_end: np.datetime64
) -> tuple[Period, Period]:
    """Return the two periods, refusing reversed and overlapping ones.

    Parameters
    ----------
    before_start, before_end, after_start, after_end : datetime64[D]
        First and last days, all included.

    Raises
    ------
    InputError
        Naming the date to change.
    """
    for first, last, name in ((before_start, before_end, "BEFORE_END"), (after_start, after_end, "AFTER_END")):
        if last < first:
            raise InputError(
                name, "The period ends ({end}) before it starts ({start}). Exchange or correct the two dates.",
                start=str(first), end=str(last),
            )
    if after_start <= before_start:
        raise InputError(
            "AFTER_START", "The period to compare starts ({after}) no later than the earlier period ({before})."
            " Give the earlier period as BEFORE and the later one as AFTER.",
            after=str(after_start), before=str(before_start),
        )
    if after_start <= before_end:
        raise InputError(
            "AFTER_START", "The two periods overlap from {start} to {end}: these days would be counted in both."
            " Let the later period start after {last}.",
            start=str(after_start), end=str(min(before_end, after_end)), last=str(before_end),
        )
    return Period(before_start, before_end), Period(after_start, after_end)


def refuse_split_months(before: Period, after: Period, name: str) -> None:
    """Refuse periods that cut a month where the dates say no more than the month.

    Raises
    ------
    InputError
        Naming the period and the next whole months.
    """
    for period, parameter in ((before, "BEFORE_END"), (after, "AFTER_END")):
        if not period.whole_months:
            first = period.start.astype("datetime64[M]")
            last = period.end.astype("datetime64[M]")
            raise InputError(
                parameter, "The dates of '{layer}' say no more than the month, but {start} to {end} cuts a month."
                " Choose whole months, e.g. {first} to {last}.",
                layer=name, start=str(period.start), end=str(period.end), first=str(first.astype("datetime64[D]")),
                last=str((last + 1).astype("datetime64[D]") - _DAY),
            )


@dataclass(frozen=True)
class Comparison:
    """Previous and current counts with what can be said of each pair.

    Attributes
    ----------
    previous, current : (n,) arrays of int64
    days : (int, int)
        Lengths of the two periods.
    expected : (n,) array
        The previous count for as many days as the current period has.
    percent, percent_low, percent_high : (n,) arrays
        Change of the daily rate in per cent and its exact 95 % interval; NaN where the
        previous count is 0.
    z : (n,) array
        :func:`~hotspot_plugin.analysis.evaluation.rates.poisson_z`.
    p, q : (n,) arrays
        E-test, two-sided; q after Benjamini and Hochberg. NaN where both counts are 0.
    code : (n,) array of int8
        2 more, 1 perhaps more, 0 no clear change, -1 perhaps fewer, -2 fewer.
    """

    previous: np.ndarray
    current: np.ndarray
    days: tuple[int, int]
    expected: np.ndarray
    percent: np.ndarray
    percent_low: np.ndarray
    percent_high: np.ndarray
    z: np.ndarray
    p: np.ndarray
    q: np.ndarray
    code: np.ndarray

    @cached_property
    def difference(self) -> np.ndarray:
        """Current minus previous count, as counted."""
        return self.current - self.previous

    @cached_property
    def change(self) -> np.ndarray:
        """Current minus expected count: the difference at equal length."""
        return self.current - self.expected

    @cached_property
    def empty(self) -> np.ndarray:
        """Where both counts are 0."""
        return (self.previous + self.current) == 0

    def beyond_chance(self, index: int = 0) -> bool:
        """Whether test and interval of one pair both exclude "no change"."""
        low, high = self.percent_low[index], self.percent_high[index]
        apart = not (low <= 0.0 <= high) if np.isfinite(low) and np.isfinite(high) else True
        return bool(self.p[index] < LEVEL and apart)


def compare(
    previous: np.ndarray, current: np.ndarray, days_before: int, days_after: int, progress: Progress = silent
) -> Comparison:
    """Compare counts pair by pair; both are taken as Poisson with the days as exposure.

    Parameters
    ----------
    previous, current : (n,) arrays of int
    days_before, days_after : int
    progress : Progress

    Returns
    -------
    Comparison
    """
    previous, current = np.atleast_1d(np.asarray(previous, np.int64)), np.atleast_1d(np.asarray(current, np.int64))
    expected = previous * (days_after / days_before)
    # the same as Krishnamoorthy and Thomson's for equal periods, and sound for unequal ones
    p = e_test(previous, current, days_before, days_after, progress, pooled=True)
    q = benjamini_hochberg(p)
    z = poisson_z(previous, current, days_before, days_after)
    ratio, low, high = rate_ratio(previous, current, days_before, days_after)
    percent, low, high = ((np.where(previous > 0, r, np.nan) - 1.0) * 100.0 for r in (ratio, low, high))
    change = current - expected
    worth = np.abs(change) >= LEAST - 1e-9
    size = np.where(worth & (np.nan_to_num(q, nan=1.0) < LEVEL), MORE, 0)
    size = np.where((size == 0) & worth & (np.abs(z) >= Z_LIMIT), PERHAPS_MORE, size)
    code = (size * np.sign(change)).astype(np.int8)
    return Comparison(previous, current, (days_before, days_after), expected, percent, low, high, z, p, q, code)


def count_in(index: np.ndarray, size: int) -> np.ndarray:
    """Count how often each of 0 … size-1 occurs; negative indices are no area."""
    return np.bincount(index[index >= 0], minlength=size)


@dataclass(frozen=True)
class TypeChanges:
    """The comparison of each type, the largest change first."""

    names: list
    result: Comparison

    def drivers(self, whole: Comparison, most: int = 3) -> list[int]:
        """Return the types that make the change of the whole, the largest first.

        They go the way of the whole; as many as make four fifths of all that goes that
        way, at most ``most``, none with less than a tenth of it.
        """
        direction = np.sign(whole.change[0])
        with_it = np.maximum(self.result.change * direction, 0.0)
        total = with_it.sum()
        out: list[int] = []
        for index in np.argsort(-with_it, kind="stable")[:most]:
            if with_it[index] < 0.1 * total or with_it[index] < 0.5 or with_it[out].sum() >= 0.8 * total:
                break
            out.append(int(index))
        return out

    def against(self, whole: Comparison, most: int = 2) -> list[int]:
        """Return the types that clearly changed the other way."""
        direction = np.sign(whole.change[0])
        opposite = np.flatnonzero(self.result.code * direction == FEWER)
        return [int(i) for i in opposite[np.argsort(-np.abs(self.result.change[opposite]), kind="stable")][:most]]


def by_type(before: np.ndarray, after: np.ndarray, days_before: int, days_after: int) -> TypeChanges:
    """Compare each type of incident.

    Parameters
    ----------
    before, after : (n,), (m,) object arrays of str or None
        Types of the incidents of the two periods; None and "" are one type without name.
    days_before, days_after : int

    Returns
    -------
    TypeChanges
        The change against the expected count, largest first; names by alphabet among equals.
    """
    every = np.array([str(name) if name is not None else "" for name in np.concatenate([before, after])], dtype=object)
    names, index = np.unique(every.astype(str), return_inverse=True)
    previous = np.bincount(index[: len(before)], minlength=len(names))
    current = np.bincount(index[len(before) :], minlength=len(names))
    order = np.argsort(-np.abs(current - previous * (days_after / days_before)), kind="stable")
    return TypeChanges(names[order].tolist(), compare(previous[order], current[order], days_before, days_after))


# --- what may mislead ------------------------------------------------------------------------
def season_gap(before: Period, after: Period) -> int:
    """Return by how many days the middles of the periods differ within the year; 0 for whole years."""
    if all(p.days > 300 and abs(p.days / _YEAR - round(p.days / _YEAR)) * _YEAR <= 8 for p in (before, after)):
        return 0
    middle = [float((p.start - np.datetime64("2000-01-01")) / _DAY) + p.days / 2.0 for p in (before, after)]
    gap = (middle[1] - middle[0]) % _YEAR
    return round(min(gap, _YEAR - gap))


def silent_days(moments: np.ndarray, period: Period, monthly: bool) -> tuple[int, int]:
    """Return the days without a record at the start and at the end of a period that chance does not explain.

    Parameters
    ----------
    moments : (n,) array of datetime64
        All dates within the period.
    period : Period
    monthly : bool
        Dates say no more than the month.

    Returns
    -------
    at_start, at_end : int
        0 where the silence has a probability of 0.001 or more at the period's own rate.
    """
    days = moments.astype("datetime64[D]")
    if not days.size:
        return 0, 0
    first, last = days.min(), days.max()
    if monthly:
        last = (last.astype("datetime64[M]") + 1).astype("datetime64[D]") - _DAY
    gaps = int((first - period.start) / _DAY), int((period.end - last) / _DAY)
    covered = max(int((last - first) / _DAY) + 1, 1)
    rate = days.size / covered
    at_start, at_end = (gap if gap >= 3 and np.exp(-rate * gap) < 0.001 else 0 for gap in gaps)
    return at_start, at_end


@dataclass(frozen=True)
class LateDrop:
    """The last days of a period hold fewer records than the days before them."""

    days: int
    count: int
    expected: float


def late_drop(moments: np.ndarray, period: Period, monthly: bool) -> LateDrop | None:
    """Return what is missing in the last two weeks (or the last month) of a period, if anything is.

    Records come in late; a clear drop at the very end (p < 0.001 and by a fifth or more)
    is more often that than a fall of crime.
    """
    tail = 14
    if monthly:
        tail = int((period.end - period.end.astype("datetime64[M]").astype("datetime64[D]")) / _DAY) + 1
    rest = period.days - tail
    if rest < 3 * tail:
        return None
    late = int((moments >= period.end + _DAY - np.timedelta64(tail, "D")).sum())
    early = len(moments) - late
    expected = early / rest * tail
    if late >= 0.8 * expected or e_test(np.array([early]), np.array([late]), rest, tail, pooled=True)[0] >= 0.001:
        return None
    return LateDrop(tail, late, expected)
