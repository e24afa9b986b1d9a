"""Which incidents belong to the period, which are held back to test it, and how long it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import InputError

DAY = np.timedelta64(1, "D")
DAYS_A_MONTH = 365.25 / 12.0
#: a first date this much earlier than nearly all others is taken for an error, in days
STRAY = 366.0


@dataclass(frozen=True)
class Period:
    """The days from which incidents are used, both included.

    Attributes
    ----------
    start, end : datetime64[D]
    months : float
        Length.
    by_month : bool
        Most dates say the month only.
    """

    start: np.datetime64
    end: np.datetime64
    months: float
    by_month: bool


@dataclass(frozen=True)
class Split:
    """Result of :func:`split`.

    Attributes
    ----------
    used, held_out : (n,) bool arrays
        Incidents of the period, and those on or after the day from which they are held out.
    undated : (n,) bool array
        Incidents without a readable date. They are used unless days were chosen.
    before, after : int
        Dated incidents before the period, and after it (but not held out).
    period : Period or None
        None without any date.
    stray : int
        Dates long before all others, which the length of the period leaves out of account.
    """

    used: np.ndarray
    held_out: np.ndarray
    undated: np.ndarray
    before: int
    after: int
    period: Period | None
    stray: int = 0


def split(
    dates: np.ndarray,
    precision: np.ndarray,
    as_of: np.datetime64 | None = None,
    window: int = 0,
    test_from: np.datetime64 | None = None,
) -> Split:
    """Choose incidents by their dates.

    Parameters
    ----------
    dates : (n,) datetime64 array
        NaT for unknown.
    precision : (n,) array of str
        "minute", "hour", "day" or "month".
    as_of : datetime64[D], optional
        Last day of the period; by default the day before ``test_from``, or the last date
        (the last day of its month, where dates say the month only).
    window : int
        Days of the period; 0 takes all days up to the last.
    test_from : datetime64[D], optional
        First day of the incidents held out.

    Raises
    ------
    InputError
        If no incident is left.
    """
    day = np.asarray(dates).astype("datetime64[D]")
    dated = ~np.isnat(day)
    none = np.zeros(day.size, dtype=bool)
    choosing = as_of is not None or window > 0 or test_from is not None
    if not dated.any():
        if choosing:
            name = "WINDOW" if window > 0 else "AS_OF" if as_of is not None else "TEST_FROM"
            raise InputError(name, "No incident has a date that can be read, so no period can be chosen. Choose the "
                             "field with the date, or leave this empty.")  # fmt: skip
        return Split(~none, none, ~dated, 0, 0, None)
    by_month = bool(np.mean(np.asarray(precision)[dated] == "month") > 0.5)
    held_out = dated & (day >= test_from) if test_from is not None else none
    known = dated & ~held_out
    if not known.any():
        raise InputError("TEST_FROM", "All incidents with a date are from {day} or later, so none is left to find hot "
                         "spots in. Choose a later day.", day=test_from)  # fmt: skip
    end = _last_day(day[known], by_month) if test_from is None else test_from - DAY
    if as_of is not None:
        end = min(as_of, end) if test_from is not None else as_of
    start = end - (window - 1) * DAY if window > 0 else day[known].min()
    in_period = known & (day >= start) & (day <= end)
    if not in_period.any():
        first, last = day[known].min(), day[known].max()
        raise InputError("WINDOW" if window > 0 else "AS_OF",
                         "No incident lies in the period from {start} to {end}; the dates run from {first} to {last}. "
                         "Choose another last day (AS_OF) or a longer window.",
                         start=start, end=end, first=first, last=last)  # fmt: skip
    stray = 0
    if window == 0:
        usual = np.sort(day[in_period])[int(0.005 * in_period.sum())]
        if (usual - start) / DAY > STRAY:
            stray, start = int((day[in_period] < usual).sum()), usual
    months = (float((end - start) / DAY) + 1.0) / DAYS_A_MONTH
    used = in_period | (~dated & (not choosing))
    return Split(
        used, held_out, ~dated, int((known & (day < start)).sum()) - stray, int((known & (day > end)).sum()),
        Period(start, end, months, by_month), stray,
    )  # fmt: skip


def _last_day(day: np.ndarray, by_month: bool) -> np.datetime64:
    last = day.max()
    if not by_month:
        return last
    return (last.astype("datetime64[M]") + 1).astype("datetime64[D]") - DAY
