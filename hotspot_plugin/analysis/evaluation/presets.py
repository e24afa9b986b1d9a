"""Pairs of periods that are compared week after week, by the last day alone."""

from __future__ import annotations

import numpy as np

from ..errors import InputError
from ..windows import last_complete_day, month_end, stray_days
from .compareperiods import Period

#: In the order of the parameter PRESET.
CUSTOM, LAST_28, SAME_28, WEEK_AND_MEAN, YEAR, FISCAL_YEAR = range(6)
#: Weeks before the last one, whose mean the last one is compared with.
WEEKS = 8
#: April, unless the agency says otherwise.
FISCAL_START = 4
_DAY = np.timedelta64(1, "D")


def year_before(day: np.datetime64) -> np.datetime64:
    """Return the same date a year earlier; 28 February for the 29th.

    Parameters
    ----------
    day : datetime64[D]

    Returns
    -------
    datetime64[D]
    """
    month = day.astype("datetime64[M]")
    into = day - month.astype("datetime64[D]")
    return min((month - 12).astype("datetime64[D]") + into, month_end(month - 12))


def year_start(day: np.datetime64, first_month: int = 1) -> np.datetime64:
    """Return the first day of the year that holds a day, for years that begin with a month of choice.

    Parameters
    ----------
    day : datetime64[D]
    first_month : int
        1 for January to 12 for December.

    Returns
    -------
    datetime64[D]
    """
    month = day.astype("datetime64[M]")
    since_january = int(month.astype(int)) % 12
    return (month - (since_january - (first_month - 1)) % 12).astype("datetime64[D]")


def make_preset(
    preset: int, last: np.datetime64, fiscal_start: int = FISCAL_START, monthly: bool = False
) -> tuple[Period, Period]:
    """Return the two periods of a preset.

    Parameters
    ----------
    preset : int
        ``LAST_28``: the last 28 days and the 28 before them; ``SAME_28``: and the 28 that end
        on the same date a year earlier; ``WEEK_AND_MEAN``: the last 7 days and the 8 weeks
        before; ``YEAR`` and ``FISCAL_YEAR``: the year so far and the last one to the same date.
    last : datetime64[D]
        Last day of the later period.
    fiscal_start : int
        Month with which the fiscal year begins.
    monthly : bool
        Dates say no more than the month: only years so far can be compared, to the end of a month.

    Returns
    -------
    before, after : Period
        Where the last day is 29 February, the earlier year ends on the 28th; the lengths
        then differ by a day, which the comparison per day allows for.

    Raises
    ------
    InputError
        For days and weeks of dates that say no more than the month.
    """
    if preset in (YEAR, FISCAL_YEAR):
        if monthly:
            last = _whole_month(last)
        start = year_start(last, fiscal_start if preset == FISCAL_YEAR else 1)
        end = month_end(year_before(last)) if monthly else year_before(last)
        return Period(year_before(start), end), Period(start, last)
    if monthly:
        raise InputError(
            "PRESET", "The dates say no more than the month, so days and weeks cannot be compared. Choose a year to"
            " date, or PRESET 0 with the four dates of whole months.")
    days = 7 if preset == WEEK_AND_MEAN else 28
    start = last - (days - 1) * _DAY
    if preset == SAME_28:
        end = year_before(last)
        return Period(end - (days - 1) * _DAY, end), Period(start, last)
    length = 7 * WEEKS if preset == WEEK_AND_MEAN else days
    return Period(start - length * _DAY, start - _DAY), Period(start, last)


def _whole_month(last: np.datetime64) -> np.datetime64:
    """Return the end of the last whole month."""
    return last if month_end(last) == last else last.astype("datetime64[M]").astype("datetime64[D]") - _DAY


def last_day(moments: np.ndarray, precision: np.ndarray, monthly: bool) -> np.datetime64:
    """Return the last complete day of data, without stray later dates.

    Parameters
    ----------
    moments : (n,) array of datetime64[ms]
        NaT for unknown.
    precision : (n,) array of str
    monthly : bool

    Returns
    -------
    datetime64[D]

    Raises
    ------
    InputError
        Without any date.
    """
    known = ~np.isnat(moments)
    if not known.any():
        raise InputError("DATE_FIELD", "No incident has a date that can be read. Choose the field with the date of the"
                                       " incidents.")
    moments, precision = moments[known], np.asarray(precision)[known]
    usual = ~stray_days(moments.astype("datetime64[D]"))
    return last_complete_day(moments[usual], precision[usual], monthly)
