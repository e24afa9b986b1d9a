"""What happened at scored places: incidents by place, type, and day or night."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...analysis import windows
from ...analysis.errors import InputError
from ...analysis.patrol.response import DARK_HOURS
from ...analysis.proactive import from_truths
from ...layers import fields
from ...layers.areas import LINE, POLYGON, Areas
from ...layers.nearest import nearest_feature
from ...layers.overlay import assign_points
from ...reports import formats
from ...translation import tr

DAY, NIGHT, UNKNOWN = range(3)
#: The fields of cptedscore that hold the score of each principle.
SCORES = (fields.S_SURV, fields.S_ACC, fields.S_TERR, fields.S_MAIN, fields.S_ACT)


@dataclass
class Happened:
    """Incidents, each at one place.

    Attributes
    ----------
    place : (m,) array of int
        Index of the place.
    kind : (m,) array of int
        Index into ``types``.
    types : list of str
        Without a type field one, in words.
    typed : bool
    hours : (m,) array of int
        :data:`DAY`, :data:`NIGHT`, :data:`UNKNOWN`.
    harm : (m,) array
        1 each without a harm field.
    harm_field : str
    indoors : (k,) bool array
        Types that mostly happen where a patrol does not see them.
    years : float or None
        Years that the dates span.
    first, last : datetime64[D] or None
    read, away, left_out : int
        Incidents read; those at no place; those not counted, with their types and reasons in ``reasons``.
    """

    place: np.ndarray
    kind: np.ndarray
    types: list
    typed: bool
    hours: np.ndarray
    harm: np.ndarray
    harm_field: str
    indoors: np.ndarray
    years: float | None
    first: Any
    last: Any
    read: int
    away: int
    reasons: list

    def table(self, places: int, values: np.ndarray | None = None) -> np.ndarray:
        """Return sums by place, type, and day, night or unknown time; (places, types, 3)."""
        shape = (places, len(self.types), 3)
        flat = np.ravel_multi_index((self.place, self.kind, self.hours), shape)
        return np.bincount(flat, values, int(np.prod(shape))).astype(float).reshape(shape)


def scores(run: Any, parameter: str) -> list:
    """Return the score fields that a layer has; refuse a layer without any."""
    there = run.source_fields(parameter)
    found = [name if name in there else "" for name in SCORES]
    if not any(found):
        raise InputError(parameter, "The layer has none of the fields {names}. Take a layer that 'Score CPTED' has"
                         " written.", names=", ".join(SCORES))
    return found


def place_names(units: Areas, label: str) -> list:
    """Return the names of the places: the field, else the number of the row."""
    numbers = [str(row + 1) for row in units.rows.tolist()]
    if not label:
        return numbers
    return [str(text) if text else number for text, number in zip(units.columns[label], numbers)]


def label_field(run: Any, parameter: str, source: str) -> str:
    """Return the field that names the places, "" for none."""
    there = run.source_fields(source)
    return run.field(parameter, source) or next((n for n in there if n.lower() == "name"), "")


def read(run: Any, units: Areas, exclude: str = "") -> Happened:
    """Read INCIDENTS and give each to one place within DISTANCE.

    Parameters
    ----------
    run : Run
        Of a tool with INCIDENTS, TYPE_FIELD, DATE_FIELD and DISTANCE, and perhaps HARM_FIELD.
    exclude : str
        Words, separated by semicolons; types that hold one are left out.
    """
    tool = run.tool
    source = tool.INCIDENTS
    there = run.source_fields(source)
    kind = run.field(tool.TYPE_FIELD, source) or next((n for n in (fields.CTYPE, fields.CGROUP) if n in there), "")
    date = run.field(tool.DATE_FIELD, source, fields.DT_FROM)
    has_harm = hasattr(tool, "HARM_FIELD")
    harm = run.field(tool.HARM_FIELD, source, fields.HARM) if has_harm else ""
    marks = [n for n in (fields.PUBLIC_PL, fields.PROACTIVE, fields.TIME_OK) if n in there]
    # types that the exclusion can tell only by their other name
    other = [n for n in (fields.CTYPE, fields.CGROUP) if n in there and n != kind]
    points = run.points(source, [harm], list(dict.fromkeys(n for n in (kind, *other, *marks) if n)), [date] if date else
                        [], progress=run.stage(0.0, 0.25))
    count, reasons = len(points), []
    keep = np.ones(count, bool)
    words = [w.strip().lower() for w in re.split(r"[;\n]", exclude) if w.strip()]
    if words and kind:
        hidden = np.zeros(count, bool)
        for name in (kind, *other):
            texts, inverse = np.unique(points.columns[name].astype(str), return_inverse=True)
            hidden |= np.array([any(w in t.lower() for w in words) for t in texts])[inverse]
        keep &= ~hidden
        if hidden.any():
            reasons.append((tr("they happen behind doors ({words})").format(words=", ".join(words)), int(hidden.sum())))
    if fields.PROACTIVE in marks:
        made, _ = from_truths(points.columns[fields.PROACTIVE], fields.PROACTIVE)
        found = keep & made.made
        if found.any():
            reasons.append((tr("officers found them themselves"), int(found.sum())))
        keep &= ~found
    if units.kind == POLYGON:
        place = assign_points(units, points.x, points.y, run.stage(0.25, 0.4))
    else:
        place, _ = nearest_feature(units, points.x, points.y, _reach(run, units), run.stage(0.25, 0.4))
    away = int((keep & (place < 0)).sum())
    keep &= place >= 0
    types, of = _types(points.columns[kind] if kind else None, count)
    hours, years, first, last = _hours(run, points, date, fields.TIME_OK in marks, keep)
    weight = _weights(run, points, harm)
    indoors = _indoors(points.columns.get(fields.PUBLIC_PL), of, len(types))
    _tell(run, count, away, reasons, bool(kind))
    return Happened(place[keep], of[keep], types, bool(kind), hours[keep], weight[0][keep], weight[1], indoors, years,
                    first, last, count, away, reasons)


def _reach(run: Any, units: Areas) -> float:
    reach = run.number(run.tool.DISTANCE)
    if not reach > 0:
        raise InputError(run.tool.DISTANCE, "The distance to a {what} must be more than 0 m. 50 m is usual.",
                         what=tr("street") if units.kind == LINE else tr("place"))
    return reach


def _types(column: np.ndarray | None, count: int) -> tuple:
    if column is None:
        return [tr("all incidents")], np.zeros(count, np.int64)
    texts = np.array([str(t).strip() if t else tr("no type") for t in column], object)
    types, of = np.unique(texts.astype(str), return_inverse=True)
    return types.tolist(), of


def _hours(run: Any, points: Any, date: str, marked: bool, keep: np.ndarray) -> tuple:
    hours = np.full(len(points), UNKNOWN)
    if not date:
        return hours, None, None, None
    moments, precision = points.columns[date], points.times[date].precision
    dated = ~np.isnat(moments)
    if not dated.any():
        return hours, None, None, None
    days = moments[dated].astype("M8[D]")
    days = days[~windows.stray_days(days)]
    first, last = days.min(), days.max()
    if np.mean(precision[dated] == "month") > 0.5:
        last = windows.month_end(last)
    years = float((last - first).astype(int) + 1) / 365.25
    known = dated & np.isin(precision, ("minute", "hour"))
    if marked:
        sure, _ = from_truths(points.columns[fields.TIME_OK], fields.TIME_OK)
        known &= sure.made | sure.unknown
    hour = np.where(known, (moments - moments.astype("M8[D]")) // np.timedelta64(1, "h"), 12).astype(float)
    start, end = DARK_HOURS
    hours[known] = np.where((hour[known] >= start) | (hour[known] < end), NIGHT, DAY)
    unknown = int((keep & ~known).sum())
    if unknown:
        run.info(tr("{count} incidents have no time of day; they count as neither day nor night.").format(
            count=formats.number(unknown)))
    return hours, years, first, last


def _weights(run: Any, points: Any, harm: str) -> tuple:
    if not harm:
        return np.ones(len(points)), ""
    values = points.columns[harm]
    if not np.nan_to_num(values).any():
        run.warn(tr("'{field}' holds no harm at all: each incident counts 1.").format(field=harm))
        return np.ones(len(points)), ""
    if (values < 0).any():
        raise InputError(run.tool.HARM_FIELD, "'{field}' holds values below 0. Harm is 0 or more.", field=harm)
    missing = int(np.isnan(values).sum())
    if missing:
        run.warn(tr("{count} incidents have no harm in '{field}' and count 0.").format(count=missing, field=harm))
    return np.nan_to_num(values), harm


def _indoors(column: np.ndarray | None, of: np.ndarray, count: int) -> np.ndarray:
    if column is None:
        return np.zeros(count, bool)
    marks, _ = from_truths(column, fields.PUBLIC_PL)
    inside = np.bincount(of[~marks.made & ~marks.unknown], minlength=count)
    return inside > 0.5 * np.bincount(of, minlength=count)


def _tell(run: Any, count: int, away: int, reasons: list, typed: bool) -> None:
    for reason, number in reasons:
        run.info(tr("{count} of {all} incidents are not counted: {reason}.").format(
            count=formats.number(number), all=formats.number(count), reason=reason))
    if away:
        run.info(tr("{count} of {all} incidents ({share}) are at none of the places.").format(
            count=formats.number(away), all=formats.number(count), share=formats.percent(away / count, 1)))
    if not typed:
        run.warn(tr("The types of the incidents are not known (no type field)."))
