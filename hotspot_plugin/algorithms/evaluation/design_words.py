"""Doubts about two periods and the areas compared that hold for every evaluation."""

from __future__ import annotations

from ...analysis.evaluation import compareperiods as comparing
from ...analysis.evaluation.compareperiods import Period
from ...reports import formats
from ...translation import tr
from .design_read import Rows


def season(before: Period, after: Period) -> str:
    """Warn of periods in different parts of the year."""
    gap = comparing.season_gap(before, after)
    if gap <= 20:
        return ""
    return tr("The periods lie {days} days apart within the year: crime has seasons, and this change may be one."
              " Compare the same part of two years.").format(days=gap)


def silence(parts: list[tuple[Rows, Period]], monthly: bool) -> list[str]:
    """Warn of periods that the data do not cover."""
    out = []
    for rows, period in parts:
        start, end = comparing.silent_days(rows.moments, period, monthly)
        if start or end:
            out.append(tr(
                "No record in the first {start} and the last {end} days of {period}: the data do not seem to cover"
                " the whole period."
            ).format(start=start, end=end, period=formats.period(period.start, period.end)))
    return out


def late(rows: Rows, period: Period, monthly: bool) -> str:
    """Warn where records of the last days are still coming in."""
    drop = comparing.late_drop(rows.moments, period, monthly)
    if drop is None or comparing.silent_days(rows.moments, period, monthly)[1]:
        return ""
    return tr("The last {days} days hold {count} records where about {expected} would be usual: records may still"
              " be coming in. End the period earlier to be safe.").format(
        days=drop.days, count=formats.number(drop.count), expected=formats.number(drop.expected, 0))


def chosen_on_after(chosen: bool) -> str:
    """Warn of areas chosen on the later period."""
    if not chosen:
        return ""
    return tr("The areas were chosen for their many incidents on days that belong to the later period: a rise in"
              " them is to be expected by chance alone. Compare periods before or after those days.")


def maybe_chosen(maybe: bool) -> str:
    """Warn of areas that may have been chosen on the earlier period."""
    if not maybe:
        return ""
    return tr("These areas were chosen for their many incidents. If the earlier period was part of the data they"
              " were chosen on, a fall in them is to be expected by chance alone (regression to the mean): then"
              " say so in SELECTED_ON.")
