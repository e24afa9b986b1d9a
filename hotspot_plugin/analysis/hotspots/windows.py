"""The window that is looked at and the one before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..data.checkincidents import backdated
from ..errors import InputError
from ..windows import DAY, last_complete_day, month_end, stray_days

DAYS_A_MONTH = 365.25 / 12.0
#: a window counts as covered by the data if no more of it is missing
_MISSING_SHARE, _MISSING_DAYS = 0.02, 7


@dataclass(frozen=True)
class Windows:
    """The days that are looked at, and as many before them; all included.

    Attributes
    ----------
    start, end : datetime64[D]
    before : datetime64[D]
        First day of the window before; NaT where there is none.
    first : datetime64[D]
        First day on which the data really begin.
    last : datetime64[D]
        Last day of the data, without stray later ones.
    covered : bool
        The data reach back over the whole window before.
    complete : bool
        The data reach to the end of the window.
    strays : int
        Rows dated so late that they must be errors.
    """

    start: np.datetime64
    end: np.datetime64
    before: np.datetime64
    first: np.datetime64
    last: np.datetime64
    covered: bool
    complete: bool
    strays: int

    @property
    def days(self) -> int:
        """Length in days."""
        return int((self.end - self.start) / DAY) + 1

    @property
    def months(self) -> float:
        """Length in months of 30.44 days."""
        return self.days / DAYS_A_MONTH

    def holds(self, moments: np.ndarray) -> np.ndarray:
        """Which moments lie in the window."""
        day = np.asarray(moments).astype("M8[D]")
        return (day >= self.start) & (day <= self.end)

    def holds_before(self, moments: np.ndarray) -> np.ndarray:
        """Which moments lie in the window before."""
        day = np.asarray(moments).astype("M8[D]")
        if np.isnat(self.before):
            return np.zeros(len(day), dtype=bool)
        return (day >= self.before) & (day < self.start)


def make_windows(
    moments: np.ndarray, precision: np.ndarray, as_of: np.datetime64 | None, window: int
) -> Windows:
    """Choose the window and the one before it.

    Parameters
    ----------
    moments : (n,) datetime64[ms] array
        NaT for unknown.
    precision : (n,) array of str
        "minute", "hour", "day" or "month". Where most dates say the month only, whole months
        are taken: as many as come nearest to the window.
    as_of : datetime64[D], optional
        Last day; by default the last complete one, see :func:`~hotspot_plugin.analysis.windows.last_complete_day`.
    window : int
        Days; 0 takes all days up to the last, and there is no window before.

    Raises
    ------
    InputError
        Without any date, or without any incident in the window.
    """
    known = ~np.isnat(moments)
    if not known.any():
        raise InputError("DATE_FIELD", "No incident has a date that can be read. Choose the field with the date, or"
                                       " set WINDOW to 0 and leave the date field empty to use all rows.")
    day = moments[known].astype("M8[D]")
    stray = stray_days(day)
    dated = moments[known][~stray]
    monthly = bool(np.mean(np.asarray(precision)[known] == "month") > 0.5)
    _, begin = backdated(dated)
    first = day.min() if np.isnat(begin) else max(begin.astype("M8[D]"), day.min())
    last = month_end(dated.max()) if monthly else dated.max().astype("M8[D]")
    end = as_of
    if end is None:
        end = last_complete_day(dated, np.asarray(precision)[known][~stray], monthly)
    elif monthly and month_end(end) != end:
        end = end.astype("M8[M]").astype("M8[D]") - DAY
    if window <= 0:
        start, before = day.min(), np.datetime64("NaT", "D")
    elif monthly:
        count = max(int(round(window / DAYS_A_MONTH)), 1)
        start = (end.astype("M8[M]") - (count - 1)).astype("M8[D]")
        before = (start.astype("M8[M]") - count).astype("M8[D]")
    else:
        start = end - (window - 1) * DAY
        before = start - window * DAY
    if not ((day >= start) & (day <= end)).any():
        raise InputError(
            "AS_OF" if as_of is not None else "WINDOW", "No incident lies between {start} and {end}; the dates run from"
            " {first} to {last}. Choose another last day (AS_OF) or a longer window.",
            start=start, end=end, first=day.min(), last=day.max())
    slack = max(_MISSING_DAYS, int(_MISSING_SHARE * window)) * DAY
    covered = bool(not np.isnat(before) and first <= before + slack)
    return Windows(start, end, before, first, last, covered, bool(last >= end - slack), int(stray.sum()))
