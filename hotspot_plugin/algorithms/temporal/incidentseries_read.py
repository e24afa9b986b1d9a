"""What 'Incidents by day, week or month' reads: the day and type of every incident, counted by period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...analysis.data import checkincidents as checking
from ...analysis.errors import InputError
from ...analysis.hotspots.windows import make_windows
from ...analysis.temporal import incidentseries as analysis
from ...analysis.windows import police_days
from ...layers import fields
from ...translation import tr
from .crimesummary_read import number_types

#: rows of the table, beyond which nobody reads it
_MOST = 1_000_000


@dataclass(frozen=True)
class Data:
    """All incidents, counted.

    Attributes
    ----------
    periods : Periods
    counts : (1 + types, p) int64 array
        Of all incidents, then of each type.
    expected, whole : Expected or None
        Of the same rows; of all incidents alone. None for months.
    types : list of str
    first, last, full : datetime64[D]
        First and last day of the data, and the last that seems recorded fully.
    gaps : list of (first, last)
    rows : dict
        "used", "undated", "monthly", "early", "late": rows; they add up to all rows.
    layer : str
    ahead : int
        Incidents in the periods that are dated after tomorrow.
    """

    periods: analysis.Periods
    counts: np.ndarray
    expected: analysis.Expected | None
    whole: analysis.Expected | None
    types: list
    first: np.datetime64
    last: np.datetime64
    full: np.datetime64
    gaps: list
    rows: dict
    layer: str
    ahead: int = 0


def read(run: Any) -> Data:
    """Read, settle the periods, and count."""
    tool = run.tool
    date = run.field(tool.DATE_FIELD, schema=fields.DT_FROM)
    kind = run.field(tool.TYPE_FIELD)
    unit = run.choice(tool.UNIT)
    if not date:
        raise InputError(tool.DATE_FIELD, "Periods need dates. Choose the field with the date of the incidents; there"
                                          " is no 'dt_from'.")
    points = run.points(tool.INPUT, texts=[kind], times=[date], keep_unlocated=True, progress=run.stage(0.0, 0.5))
    if not len(points):
        raise InputError(tool.INPUT, "'{layer}' has no incident. Check its filter and selection.", layer=points.name)
    precision = points.times[date].precision
    moments = police_days(points.columns[date], precision, run.integer(tool.DAY_START) or 0)
    good, rows, by_month = _usable(run, moments, precision, unit)
    run.progress(0.55)
    frame = make_windows(moments[good], precision[good], None, 0)
    run.progress(0.65)
    day = moments.astype("M8[D]")
    gaps = [gap for gap in checking.gaps(moments[good & (day <= frame.end)], by_month) if gap[1] >= frame.first]
    run.progress(0.7)
    used = good & (day >= frame.first) & (day <= frame.last)
    rows.update(used=int(used.sum()), early=int((good & (day < frame.first)).sum()),
                late=int((good & (day > frame.last)).sum()))
    rate = rows["used"] / max(int((frame.last - frame.first).astype(int)) + 1, 1)
    first_weekday = (run.choice(tool.WEEK_START) - 1) if run.choice(tool.WEEK_START) else run.agency.weekdays[0]
    periods = analysis.make_periods(frame.first, frame.last, frame.end, rate, unit, first_weekday, gaps)
    code, types = number_types(points.columns[kind], True) if kind else (np.zeros(len(day), dtype=np.int64), [])
    if len(periods) * (1 + len(types)) > _MOST:
        raise InputError(
            tool.TYPE_FIELD if types else tool.UNIT, "{types} types in {periods} periods are too many lines to be read."
            " Choose longer periods, or a field with fewer values (groups of types).",
            types=len(types), periods=len(periods))
    run.progress(0.75)
    if types:
        parts = analysis.count(day[used], code[used], len(types), periods, run.stage(0.75, 0.82))
        counts = np.concatenate([parts.sum(axis=0, keepdims=True), parts])
    else:
        counts = analysis.count(day[used], code[used], 1, periods, run.stage(0.75, 0.82))
    whole = analysis.expected(counts[:1], periods)
    expected = analysis.expected(counts, periods) if types else whole
    run.progress(0.9)
    ahead = int((day[used] > np.datetime64("today", "D") + 1).sum())  # elsewhere it may be tomorrow already
    return Data(periods, counts, expected, whole, types, frame.first, frame.last, frame.end, gaps, rows, points.name,
                ahead)


def _usable(run: Any, moments: np.ndarray, precision: np.ndarray, unit: int) -> tuple[np.ndarray, dict, bool]:
    """Return which rows can be counted by the unit, the others counted, and whether dates are mostly of months."""
    dated = ~np.isnat(moments)
    if not dated.any():
        raise InputError(run.tool.DATE_FIELD, "No incident has a date that can be read. Choose the field with the date,"
                                              " or prepare the data with 'Prepare incident data'.")
    monthly = dated & (precision == "month")
    by_month = bool(monthly.sum() > 0.5 * dated.sum())
    if unit == analysis.MONTHLY:
        return dated, {"undated": int((~dated).sum()), "monthly": 0}, by_month
    if by_month:
        raise InputError(run.tool.UNIT, "Most dates ({share:.0%}) say only the month, so that days and weeks cannot be"
                         " told apart. Choose months, or a field with the day.", share=monthly.sum() / dated.sum())
    if monthly.any():
        run.warn(tr("{count:,} incidents say only the month and are left out of days and weeks.").format(
            count=int(monthly.sum())))
    return dated & ~monthly, {"undated": int((~dated).sum()), "monthly": int(monthly.sum())}, False
