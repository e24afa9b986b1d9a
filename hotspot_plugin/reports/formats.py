"""Numbers as a reader expects them, in the language of the texts around them."""

from __future__ import annotations

import math
import numbers
from typing import Any

import numpy as np
from qgis.PyQt.QtCore import QLocale

from ..translation import tr

#: What stands where there is no value.
NOTHING = "–"
_MINUS = "\u2212"
#: Metres; the international foot and mile, and the acre in square metres.
FOOT, MILE, ACRE = 0.3048, 1609.344, 4046.8564224


def language() -> str:
    """Return the code of the language that the texts are in, e.g. ``"en"``."""
    # A translation gives its own code here, so that the number format never belongs to
    # another language than the words: "1.234" in an English sentence would mislead.
    return tr("en")


def is_number(value: Any) -> bool:
    """Whether a value is a number; a truth value is none."""
    return isinstance(value, numbers.Number) and not isinstance(value, (bool, complex))


def is_missing(value: Any) -> bool:
    """Whether there is no value: None or not a number."""
    return value is None or (is_number(value) and math.isnan(value))


def number(value: Any, decimals: int | None = None, sign: bool = False) -> str:
    """Write a number with thousands separators.

    Parameters
    ----------
    value : number or None
        None and NaN give a dash.
    decimals : int, optional
        Decimal places; by default none for a whole-number type, and otherwise as many as
        show three digits, at most three.
    sign : bool
        Put a plus before a positive number.

    Returns
    -------
    str
        With a true minus sign, so that it is neither lost nor wrapped in a table.
    """
    if is_missing(value):
        return NOTHING
    if math.isinf(value):
        text = "∞"
    else:
        size = abs(value)
        if decimals is None:
            whole = isinstance(value, numbers.Integral)
            decimals = 0 if whole or size >= 100 else 1 if size >= 10 else 2 if size >= 1 or size == 0 else 3
        text = QLocale(language()).toString(float(size), "f", decimals)
    if not any(digit in text for digit in "123456789∞"):
        return text  # what rounds to nothing has no sign
    if value < 0:
        return _MINUS + text
    return "+" + text if sign else text


def percent(share: Any, decimals: int = 0, sign: bool = False) -> str:
    """Write a share (0 to 1) as a percentage."""
    if is_missing(share):
        return NOTHING
    return tr("{number} %").format(number=number(share * 100.0, decimals, sign))


def p_value(p: Any) -> str:
    """Write a p-value: two figures that matter, and never a false zero."""
    if is_missing(p):
        return NOTHING
    if p < 0.001:
        return "< " + number(0.001, 3)
    return number(p, 3 if p < 0.1 else 2)


def date(day: Any) -> str:
    """Write a calendar day (datetime64 or text) as ISO 8601, which no reader mistakes."""
    return str(day)[:10]


def month(first_day: Any) -> str:
    """Write a month in words, e.g. "July 2017"."""
    year, number_ = str(first_day)[:7].split("-")
    name = QLocale(language()).standaloneMonthName(int(number_), QLocale.FormatType.LongFormat)
    return tr("{month} {year}").format(month=name, year=year)


def _ends(first: Any, last: Any, monthly: bool) -> list[str]:
    """Return the ends of a period as one would say them: one text where they are the same."""
    first, last = np.datetime64(first, "D"), np.datetime64(last, "D")
    months = first.astype("M8[M]"), last.astype("M8[M]")
    day_after = last + 1
    whole = first == months[0].astype("M8[D]") and (monthly or day_after == day_after.astype("M8[M]").astype("M8[D]"))
    if whole and str(months[0])[5:] == "01" and str(months[1])[5:] == "12":
        ends = [str(first)[:4], str(last)[:4]]
    elif whole:
        ends = [month(months[0]), month(months[1])]
    else:
        ends = [date(first), date(last)]
    return ends[:1] if ends[0] == ends[1] else ends


def period(first: Any, last: Any, monthly: bool = False) -> str:
    """Write a period in short: "July 2017", "2023", "2023-01-05 to 2023-03-04".

    Parameters
    ----------
    first, last : datetime64 or text
        First and last day.
    monthly : bool
        The dates say the month only, so that the last month counts as whole.
    """
    ends = _ends(first, last, monthly)
    return ends[0] if len(ends) == 1 else tr("{start} to {end}").format(start=ends[0], end=ends[1])


def during(first: Any, last: Any, monthly: bool = False) -> str:
    """Write a period as the beginning of a sentence: "In July 2017", "From 2023-01-05 to 2023-03-04"."""
    ends = _ends(first, last, monthly)
    if len(ends) == 2:
        return tr("From {start} to {end}").format(start=ends[0], end=ends[1])
    return tr("On {day}").format(day=ends[0]) if ends[0].count("-") == 2 else tr("In {period}").format(period=ends[0])


class Units:
    """Lengths and areas in the units of the reader: metric, or US customary.

    Results are computed in metres whatever is written.
    """

    def __init__(self, name: str = "metric") -> None:
        self.us = name == "us"

    def distance(self, metres: Any, decimals: int | None = None) -> str:
        """Write a short distance, such as a cell or a reach: "250 m", "820 ft"."""
        if is_missing(metres):
            return NOTHING
        if decimals is None:
            value = metres / FOOT if self.us else metres
            decimals = 0 if abs(value) >= 10 or float(value).is_integer() else 1
        if self.us:
            return tr("{number} ft").format(number=number(metres / FOOT, decimals))
        return tr("{number} m").format(number=number(metres, decimals))

    def length(self, metres: Any, decimals: int = 1) -> str:
        """Write a length of street: "3.2 km", "2.0 mi"."""
        if is_missing(metres):
            return NOTHING
        if self.us:
            return tr("{number} mi").format(number=number(metres / MILE, decimals))
        return tr("{number} km").format(number=number(metres / 1000.0, decimals))

    def area(self, square_metres: Any, decimals: int | None = None) -> str:
        """Write the area of a place: "12 ha", "30 acres"."""
        if is_missing(square_metres):
            return NOTHING
        value = square_metres / (ACRE if self.us else 1e4)
        if decimals is None:
            decimals = 0 if abs(value) >= 10 else 1
        return (tr("{number} acres") if self.us else tr("{number} ha")).format(number=number(value, decimals))

    def land(self, square_metres: Any, decimals: int | None = None) -> str:
        """Write the area of a town or a district: "115 km²", "44 sq mi"."""
        if is_missing(square_metres):
            return NOTHING
        value = square_metres / (MILE**2 if self.us else 1e6)
        if decimals is None:
            decimals = 0 if abs(value) >= 10 else 1
        return (tr("{number} sq mi") if self.us else tr("{number} km²")).format(number=number(value, decimals))
