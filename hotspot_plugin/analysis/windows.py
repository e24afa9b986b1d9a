"""The last day that is recorded fully, on which windows and periods end unless another is given."""

from __future__ import annotations

import numpy as np

from .data.checkincidents import last_full

DAY = np.timedelta64(1, "D")
#: rows dated this many days later than nearly all others are taken for errors
_STRAY = 366
#: a last day without any record in its last hours is taken as incomplete below this probability
_CUT_OFF = 0.001


def stray_days(days: np.ndarray) -> np.ndarray:
    """Tell which days lie so late that they must be errors.

    Parameters
    ----------
    days : (n,) datetime64[D] array
        Without NaT, n > 0.

    Returns
    -------
    (n,) array of bool
        More than a year after 99.5 % of the others.
    """
    at = int(0.995 * (len(days) - 1))
    usual = np.partition(days, at)[at]
    return days > usual + _STRAY * DAY


def last_complete_day(moments: np.ndarray, precision: np.ndarray, monthly: bool) -> np.datetime64:
    """Return the last day that seems to be recorded fully.

    Weeks (months, where dates say no more) at the end with less than half of the usual number
    are left out, and so is a last day whose records stop early: with the rate of the four
    weeks before, so long a silence up to midnight has a probability under 0.001.

    Parameters
    ----------
    moments : (n,) datetime64[ms] array
        Without NaT, n > 0.
    precision : (n,) array of str
    monthly : bool
    """
    last = last_full(moments, monthly)
    newest = moments.max()
    if monthly or last < newest.astype("M8[D]"):
        return last
    timed = moments[(precision == "minute") | (precision == "hour")]
    weeks = timed[timed >= (last - 28 * DAY).astype("M8[ms]")]
    today = weeks >= last.astype("M8[ms]")
    if not today.any() or not (~today).any():
        return last
    silent_days = 1.0 - float((weeks.max() - last.astype("M8[ms]")) / np.timedelta64(1, "D"))
    rate = float((~today).sum()) / 28.0
    return last - DAY if np.exp(-rate * silent_days) < _CUT_OFF else last


def police_days(moments: np.ndarray, precision: np.ndarray, hour: int) -> np.ndarray:
    """Move moments so that their calendar day is their police day, which begins at ``hour``.

    Parameters
    ----------
    moments : (n,) datetime64[ms] array
    precision : (n,) array of str
    hour : int
        0 to 23; 6 counts 02:00 to the day before.

    Returns
    -------
    (n,) datetime64[ms] array
        A date without a time of day stays on its day.
    """
    if not hour:
        return moments
    timed = (precision == "minute") | (precision == "hour")
    return np.where(timed, moments - np.timedelta64(hour, "h"), moments)


def month_end(moment: np.datetime64) -> np.datetime64:
    """Return the last day of the month that holds a moment."""
    return (moment.astype("M8[M]") + 1).astype("M8[D]") - DAY
