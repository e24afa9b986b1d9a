"""Doubts about two periods that are told before anything is counted, in plain words."""

from __future__ import annotations

from typing import Any

from qgis.PyQt.QtCore import QDate

from ..reports import formats
from ..translation import tr

#: days by which the middles of two periods may lie apart within the year
_SEASON = 20
#: incidents below which only very large changes can be told from chance
_FEW = 30
_YEAR = 365.2425


def period(days: tuple) -> str:
    """Write a period as one would say it."""
    return formats.period(*(day.toString("yyyy-MM-dd") for day in days))


def length(days: tuple) -> int:
    """Return the days of a period."""
    return days[0].daysTo(days[1]) + 1


def days_words(days: tuple) -> str:
    """Write how long a period is."""
    count = length(days)
    return tr("1 day") if count == 1 else tr("{count} days").format(count=formats.number(count))


def too_short(weeks: Any) -> str:
    """Return why nothing of these weeks can be compared, "" if it can."""
    if weeks.starts and weeks.first.isValid() and weeks.first == weeks.last:
        return tr("All incidents are of one day, {day}. Two periods need incidents of two days at least: choose another"
                  " layer, or another field with dates.").format(day=_iso(weeks.first))
    return ""


def refusal(before: tuple | None, after: tuple | None) -> str:
    """Return why these periods cannot be compared, "" if they can."""
    if before is None or after is None:
        return tr("Choose both periods: drag over the bars, or set the dates.")
    if before[1] < before[0] or after[1] < after[0]:
        return tr("A period ends before it begins. Set its last day later.")
    if after[0] <= before[1]:
        return tr("The two periods overlap. Let the later one begin after the earlier one has ended.")
    return ""


def doubts(before: tuple, after: tuple, weeks: Any = None, mean: bool = False) -> list:
    """Return (name, title, text) of each doubt about two periods; ``mean`` where a week is compared with a mean."""
    out = []
    first, second = length(before), length(after)
    if not mean and abs(first - second) > 0.01 * max(first, second):
        out.append(("lengths", tr("Different lengths"), tr(
            "One period has {before}, the other {after}. The change is told per day; the counts themselves cannot"
            " be compared.").format(before=days_words(before), after=days_words(after))))
    gap = season_gap(before, after)
    if not mean and gap > _SEASON:
        out.append(("season", tr("Different seasons"), tr(
            "The periods lie {days} days apart within the year. Crime has seasons, and a change may be one. Better"
            " compare the same part of two years.").format(days=gap)))
    if weeks is not None and weeks.starts:
        out += _about_data(before, after, weeks)
    return out


def _about_data(before: tuple, after: tuple, weeks: Any) -> list:
    out = []
    begin = weeks.first if weeks.first.isValid() else weeks.starts[0]
    end = weeks.last if weeks.last.isValid() else weeks.starts[-1].addDays(6)
    if before[0] < begin.addDays(-6) or after[1] > end.addDays(6):
        out.append(("beyond", tr("Beyond the data"), tr(
            "The data run from {first} to {last}, and a period reaches beyond them. What is missing looks like less"
            " crime.").format(first=_iso(begin), last=_iso(end))))
    elif weeks.complete_to.isValid() and after[1] > weeks.complete_to:
        out.append(("incomplete", tr("The last days look incomplete"), tr(
            "The data seem complete to {day} only. Records of the days after it may still come in, and look like less"
            " crime until then.").format(day=_iso(weeks.complete_to))))
    fewest = min(about(before, weeks), about(after, weeks))
    if fewest < _FEW:
        text = tr("A period has hardly any incident. Drag it to where bars stand.")
        if fewest > 1:
            text = tr("A period has only about {count} incidents. With so few, only very large changes can be told from"
                      " chance.").format(count=formats.number(fewest))
        out.append(("few", tr("Few incidents"), text))
    return out


def _iso(day: QDate) -> str:
    return day.toString("yyyy-MM-dd")


def season_gap(before: tuple, after: tuple) -> int:
    """Return by how many days the middles of two periods lie apart within the year; 0 for whole years."""
    lengths = length(before), length(after)
    if all(n > 300 and abs(n / _YEAR - round(n / _YEAR)) * _YEAR <= 8 for n in lengths):
        return 0
    middles = [days[0].toJulianDay() + n / 2.0 for days, n in zip((before, after), lengths)]
    gap = (middles[1] - middles[0]) % _YEAR
    return round(min(gap, _YEAR - gap))


def about(days: tuple, weeks: Any) -> int:
    """Return about how many incidents a period has, weeks that it cuts by their share."""
    total = 0.0
    for start, count in zip(weeks.starts, weeks.counts):
        first, last = max(start, days[0]), min(start.addDays(6), days[1])
        if first <= last:
            total += count * (first.daysTo(last) + 1) / 7.0
    return round(total)


def default_periods(weeks: Any) -> tuple:
    """Return the periods to begin with, as (before, after).

    The last 12 complete months and the 12 before them where the data reach, else the last 28 days and the 28 before,
    else the two halves of what there is; (None, None) where not even that is there.
    """
    if not weeks.starts:
        return None, None
    begin = weeks.first if weeks.first.isValid() else weeks.starts[0]
    last = weeks.complete_to if weeks.complete_to.isValid() else weeks.starts[-1].addDays(6)
    month = QDate(last.year(), last.month(), 1)
    end = last if last.addDays(1).day() == 1 else month.addDays(-1)
    after = QDate(end.year(), end.month(), 1).addMonths(-11)
    before = after.addMonths(-12)
    if begin <= before.addDays(6):  # few incidents need not begin on the first day
        return (before, after.addDays(-1)), (after, end)
    size = min(28, (begin.daysTo(last) + 1) // 2)
    if size < 1:
        return None, None
    return (last.addDays(1 - 2 * size), last.addDays(-size)), (last.addDays(1 - size), last)


def chosen_by_count() -> tuple:
    """Return (name, title, text) of the doubt about areas that were chosen for their many incidents."""
    return ("chosen", tr("Areas chosen for their many incidents"), tr(
        "Such areas have fewer later by chance alone, because part of a high count is luck that does not come back. The"
        " comparison allows for this where the layer tells when it was made."))
