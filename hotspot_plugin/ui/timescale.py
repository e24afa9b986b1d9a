"""Where the days of a series stand in a chart: bars that can be seen, and labels that do not overlap."""

from __future__ import annotations

from bisect import bisect_right
from typing import Callable, NamedTuple, Sequence

from qgis.PyQt.QtCore import QDate, QLocale

from ..reports import formats

#: least width of a bar
_BAR = 2.0
#: months between labels, smallest first; from 12 on years are named alone
_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600)


class Bar(NamedTuple):
    """Weeks drawn as one: from ``first`` to ``last``, both included."""

    first: int
    last: int
    incomplete: bool


class Tick(NamedTuple):
    """A label below a day."""

    day: int
    text: str
    left: float


class TimeScale:
    """Maps days (Julian) of a series to the width of a chart; time runs to the right in every language."""

    def __init__(self, starts: Sequence[QDate] = (), complete_to: QDate | None = None) -> None:
        self.starts = [day.toJulianDay() for day in starts]
        step = self.starts[-1] - self.starts[-2] if len(self.starts) > 1 else 7
        self.edges = [*self.starts, self.starts[-1] + step] if self.starts else []
        self.complete_to = complete_to.toJulianDay() if complete_to is not None and complete_to.isValid() else None
        self.left, self.width = 0.0, 1.0

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def first(self) -> int:
        """First day."""
        return self.edges[0]

    @property
    def last(self) -> int:
        """Last day, included."""
        return self.edges[-1] - 1

    def place(self, left: float, width: float) -> None:
        """Set where the chart is."""
        self.left, self.width = left, max(width, 1.0)

    def x(self, day: float) -> float:
        """Return where a day begins."""
        return self.left + (day - self.first) / (self.edges[-1] - self.first) * self.width

    def day(self, x: float) -> int:
        """Return the day at a place, within the series."""
        share = (x - self.left) / self.width
        day = int(self.first + share * (self.edges[-1] - self.first) // 1)
        return min(max(day, self.first), self.last)

    def week(self, day: int) -> int:
        """Return the number of the week that holds a day."""
        return min(max(bisect_right(self.edges, day) - 1, 0), len(self) - 1)

    def edge(self, x: float) -> int:
        """Return the nearest beginning of a week, or the day after the last."""
        return min(self.edges, key=lambda edge: abs(self.x(edge) - x))

    def incomplete(self, week: int) -> bool:
        """Whether a week ends after the last day that is recorded fully."""
        return self.complete_to is not None and self.edges[week + 1] - 1 > self.complete_to

    def bars(self) -> list:
        """Return the weeks as bars of 2 pixels at least; weeks that are not complete are not mixed with others."""
        if not self.starts:
            return []
        together = max(1, -int(-_BAR * len(self) // self.width))
        whole = len(self)
        while whole and self.incomplete(whole - 1):
            whole -= 1
        out = [Bar(i, min(i + together, whole) - 1, False) for i in range(0, whole, together)]
        return out + [Bar(i, min(i + together, len(self)) - 1, True) for i in range(whole, len(self), together)]

    def ticks(self, measure: Callable[[str], float], gap: float) -> list:
        """Return as many labels of months or years as fit side by side.

        Parameters
        ----------
        measure : callable
            Width of a text.
        gap : float
            Least room between two labels.
        """
        if not self.starts:
            return []
        found: list = []
        for step in _STEPS:
            found = self._ticks(step, measure)
            if all(b.left - (a.left + measure(a.text)) >= gap for a, b in zip(found, found[1:])):
                break
        return found or self._single(measure)

    def _ticks(self, step: int, measure: Callable[[str], float]) -> list:
        locale = QLocale(formats.language())
        begin = QDate.fromJulianDay(self.first)
        month = begin.year() * 12 + begin.month() - 1
        month += -month % step
        out: list = []
        while True:
            day = QDate(month // 12, month % 12 + 1, 1)
            if day.toJulianDay() > self.last:
                return out
            if day.toJulianDay() >= self.first:
                text = locale.standaloneMonthName(day.month(), QLocale.FormatType.ShortFormat)
                if step >= 12 or day.month() == 1:
                    text = str(day.year())
                elif not out:
                    text = f"{text} {day.year()}"
                wide = measure(text)
                left = min(max(self.x(day.toJulianDay()) - wide / 2, self.left - wide / 4),
                           self.left + self.width - wide)
                out.append(Tick(day.toJulianDay(), text, left))
            month += step

    def _single(self, measure: Callable[[str], float]) -> list:
        """Return the first day alone, for series within a month."""
        return [Tick(self.first, formats.date(QDate.fromJulianDay(self.first).toString("yyyy-MM-dd")), self.left)]


def nice_steps(top: float, most: int = 3) -> list:
    """Return round numbers from 0 to at least ``top``, at most ``most`` of them above 0."""
    if top <= 0:
        return [0, 1]
    size = 1.0
    while True:
        for factor in (1, 2, 5):
            step = factor * size
            if step * most >= top:
                count = int(-(-top // step))
                return [int(step * i) for i in range(count + 1)]
        size *= 10
