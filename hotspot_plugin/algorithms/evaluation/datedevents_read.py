"""Reads dated events and incidents, and brings them to places, days and rings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from qgis.core import QgsWkbTypes
from scipy.spatial import cKDTree

from ...analysis.errors import InputError
from ...analysis.evaluation import datedevents as analysis
from ...analysis.evaluation.eventlooks import Counted
from ...analysis.windows import police_days, stray_days
from ...layers import fields, nearest, shapes
from ...translation import tr

ALL_HOURS, NIGHT, DAY, BOTH = range(4)
#: Cells of the calendar of all places that fit into memory.
_CELLS = 120_000_000


@dataclass(frozen=True)
class Data:
    """Events and incidents, ready to be compared.

    Attributes
    ----------
    place : (n,) array of int
        Place of each event used.
    rows : (n,) array of int
        Its row in the layer.
    start, end : (n,) arrays of int
        Days from ``first_day``.
    why : dict
        Row of the layer -> why the event was left out.
    total_rows : int
        Rows of the layer of events.
    places : int
    permanent : bool
    calendar : Calendar
    rings : list of float
        Outer edges, metres.
    parts : list of (int, (m,) bool array)
        Part of the day and its incidents.
    inc_place, inc_day, inc_ring : (m,) arrays of int
        Of each incident; ring -1 beyond all rings.
    days : int
    first_day : datetime64[D]
    windows : Windows
    near : float
        Metres; 0 where near events do not matter.
    same : float
        Metres.
    incidents_out : dict
        Why incidents were left out -> count.
    merged : int
        Events at a place that has another one.
    """

    place: np.ndarray
    rows: np.ndarray
    start: np.ndarray
    end: np.ndarray
    why: dict
    total_rows: int
    places: int
    permanent: bool
    calendar: analysis.Calendar
    rings: list
    parts: list
    inc_place: np.ndarray
    inc_day: np.ndarray
    inc_ring: np.ndarray
    days: int
    first_day: np.datetime64
    windows: analysis.Windows
    near: float
    same: float
    incidents_out: dict
    merged: int

    def counted(self) -> Counted:
        """Return what the comparison needs."""
        return Counted(self.calendar, self.inc_place, self.inc_day, self.inc_ring, len(self.rings), self.parts,
                       self.first_day)

    @property
    def last_day(self) -> np.datetime64:
        """Last day of the incidents."""
        return self.first_day + np.timedelta64(self.days - 1, "D")


@dataclass
class _Incidents:
    x: np.ndarray
    y: np.ndarray
    day: np.ndarray
    hour: np.ndarray
    out: dict
    days: int
    first_day: np.datetime64
    shift: int


def rings_of(text: str) -> list:
    """Return the outer edges of rings; refuse what is no rising list of distances."""
    try:
        edges = [float(part) for part in text.replace(";", " ").split()]
    except ValueError:
        edges = []
    if not edges or any(not np.isfinite(e) or e <= 0 for e in edges) or any(a >= b for a, b in zip(edges, edges[1:])):
        raise InputError("RINGS", "'{text}' is no list of distances. Write the outer edges in metres in rising order,"
                                  " separated by semicolons: 50; 100; 150; 250.", text=text)
    if len(edges) > 12:
        raise InputError("RINGS", "{count} rings are more than can be looked at together; give at most 12.",
                         count=len(edges))
    return edges


def read(run: Any) -> Data:
    """Read both layers; refuse what cannot be compared."""
    tool = run.tool
    rings = rings_of(run.text(tool.RINGS))
    windows = analysis.Windows(run.integer(tool.BEFORE_DAYS), run.integer(tool.AFTER_DAYS), run.integer(tool.LEAD),
                               run.integer(tool.LAG))
    if windows.lead >= windows.before:
        raise InputError(tool.LEAD, "All {before} days before are left out. Give fewer days here, or more days before.",
                         before=windows.before)
    if windows.lag >= windows.after:
        raise InputError(tool.LAG, "All {after} days after are left out. Give fewer days here, or more days after.",
                         after=windows.after)
    near = run.number(tool.NEAR_EVENTS)
    near = rings[-1] if near is None else near
    same = run.number(tool.SAME_PLACE)
    parted = run.choice(tool.DAYPART)
    hours = run.integer(tool.NIGHT_FROM), run.integer(tool.NIGHT_TO)
    if parted != ALL_HOURS and hours[0] == hours[1]:
        raise InputError(tool.NIGHT_TO, "The night begins and ends at the same hour.")
    layer, start_of, end_of = _events(run, hours[1] if parted else run.integer(tool.DAY_START) or 0)
    incidents = _incidents(run, parted, hours)
    used, start, end, why = _sound(run, layer, start_of, end_of, incidents, windows)
    events = layer.take(used)
    place, places, pairs = _places(run, events, same, near)
    if places * incidents.days > _CELLS:
        raise InputError(tool.EVENTS, "{places} places over {days} days are more than memory holds. Take the incidents"
                         " of fewer years, or the events of a part of the town.", places=places, days=incidents.days)
    calendar = analysis.make_calendar(place, start, end, end_of is None, windows, incidents.days, places,
                                      pairs if near > 0 else None, run.stage(0.45, 0.6))
    feature, distance = _nearest(events, incidents, rings[-1], run.stage(0.6, 0.7))
    inside = feature >= 0
    ring = np.where(inside, np.searchsorted(rings, np.where(inside, distance, 0.0) - 1e-6), -1)
    inc_place = np.where(inside, place[np.maximum(feature, 0)], -1)
    rows = np.asarray(layer.rows)[used]
    merged = len(place) - len(np.unique(place))
    data = Data(place, rows, start, end, why, layer.account.rows, places, end_of is None, calendar, rings,
                _parts(parted, incidents.hour, hours), inc_place, incidents.day, ring, incidents.days,
                incidents.first_day, windows, near, same, incidents.out, merged)
    _refuse_empty(run, data)
    return data


def _events(run: Any, day_start: int) -> tuple[Any, np.ndarray, np.ndarray | None]:
    tool = run.tool
    start_field, end_field = run.field(tool.START_FIELD, of=tool.EVENTS), run.field(tool.END_FIELD, of=tool.EVENTS)
    if start_field == end_field:
        raise InputError(tool.END_FIELD, "Start and end are the same field. Choose the field with the end, or none"
                                         " where the change stays.")
    times = [start_field, *([end_field] if end_field else [])]
    kind = QgsWkbTypes.geometryType(run.source(tool.EVENTS).wkbType())
    is_point = kind == QgsWkbTypes.GeometryType.PointGeometry
    layer = (run.points if is_point and not QgsWkbTypes.isMultiType(run.source(tool.EVENTS).wkbType())
             else run.areas)(tool.EVENTS, times=times)
    found = []
    for name in times:
        moments = layer.times[name]
        precision = np.asarray(moments.precision, dtype=object)
        days = police_days(moments.values, precision, day_start).astype("M8[D]")
        # a month is no day on which something began
        found.append(np.where(precision == "month", np.datetime64("NaT"), days))
        if (precision == "month").any():
            run.warn(tr("{count} values of '{field}' say the month only: these events count as undated.").format(
                count=int((precision == "month").sum()), field=name))
    return layer, found[0], found[1] if end_field else None


def _incidents(run: Any, parted: int, hours: tuple[int, int]) -> _Incidents:
    tool = run.tool
    field = run.field(tool.DATE_FIELD, of=tool.INCIDENTS, schema=fields.DT_FROM)
    if not field:
        raise InputError(tool.DATE_FIELD, "Choose the field with the date of the incidents; there is no 'dt_from'.")
    points = run.points(tool.INCIDENTS, times=[field], progress=run.stage(0.1, 0.4))
    moments, precision = points.times[field].values, np.asarray(points.times[field].precision, dtype=object)
    timed = (precision == "minute") | (precision == "hour")
    bad, month = np.isnat(moments), precision == "month"
    out = {"date": int(bad.sum()), "month": int((month & ~bad).sum())}
    good = ~bad & ~month
    if not good.any():
        raise InputError(tool.DATE_FIELD, "No incident of '{layer}' has a date to the day: {month} say the month only,"
                         " {date} say nothing that can be read. Dated events need the day of each incident.",
                         layer=points.name, **out)
    if parted != ALL_HOURS:
        out["hour"] = int((good & ~timed).sum())
        good &= timed
        if not good.any():
            raise InputError(tool.DAYPART, "No incident of '{layer}' has a time of day. Choose all hours, or a date"
                                           " field with the time.", layer=points.name)
    stray = np.zeros(len(good), bool)
    stray[good] = stray_days(moments[good].astype("M8[D]"))
    out["stray"] = int(stray.sum())
    good &= ~stray
    shift = hours[1] if parted != ALL_HOURS else run.integer(tool.DAY_START) or 0
    calendar = moments[good].astype("M8[D]")
    first, last = calendar.min(), calendar.max()
    days = police_days(moments, precision, shift).astype("M8[D]")
    # with another start of the day the first morning and the last evening are no whole day
    cut = good & ((days < first) | ((days >= last) if shift and timed.any() else False))
    out["edge"] = int(cut.sum())
    good &= ~cut
    length = int((last - first).astype(int)) + (0 if shift and timed.any() else 1)
    if length < 14 or not good.any():
        raise InputError(tool.INCIDENTS, "The incidents of '{layer}' span {days} days ({first} to {last}). To compare"
                         " days before and after events, give those of several months.", layer=points.name,
                         days=max(length, 0), first=str(first), last=str(last))
    hour = (moments[good].astype("M8[h]").astype(np.int64)) % 24
    return _Incidents(points.x[good], points.y[good], (days[good] - first).astype(int), hour, out, length, first, shift)


def _sound(
    run: Any, layer: Any, start_of: np.ndarray, end_of: np.ndarray | None, incidents: _Incidents,
    windows: analysis.Windows,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, dict]:
    """Tell which events can be used, and why the others cannot."""
    tool, rows = run.tool, np.asarray(layer.rows)
    none = np.isnat(start_of)
    if none.all():
        raise InputError(tool.START_FIELD, "No event has a start that can be read as a day. Choose the field with the"
                                           " day on which it began.")
    start = np.where(none, 0, (start_of - incidents.first_day).astype(np.int64))
    end, no_end, reverse = start, np.zeros(len(rows), bool), np.zeros(len(rows), bool)
    if end_of is not None:
        no_end = np.isnat(end_of) & ~none
        end = np.where(np.isnat(end_of), 0, (end_of - incidents.first_day).astype(np.int64))
        if run.flag(tool.RUNNING):
            # runs beyond the last day, so that no day after it exists
            end = np.where(no_end, max(incidents.days, int(start.max())) + 1, end)
            no_end[:] = False
        reverse = ~none & ~no_end & (end < start)
    away = ~none & ~no_end & ~reverse & (
        (start - windows.before >= incidents.days) | (end + 1 + windows.after <= 0))
    why: dict = {}
    for mask, text in ((none, tr("no start")), (no_end, tr("no end")), (reverse, tr("ends before it starts")),
                       (away, tr("outside the days of the incidents"))):
        why.update(dict.fromkeys(rows[mask].tolist(), text))
    used = ~(none | no_end | reverse | away)
    if not used.any():
        if no_end.any() and not reverse.any() and not away.any():
            raise InputError(tool.END_FIELD, "No event has an end. Leave the field empty if the change stays, or say in"
                                             " RUNNING that they still run.")
        if reverse.sum() > away.sum():
            raise InputError(tool.END_FIELD, "All events end before they start. Are start and end exchanged?")
        raise InputError(tool.EVENTS, "No event lies in the time of the incidents ({first} to {last}). Give the"
                         " incidents of the same years.", first=str(incidents.first_day),
                         last=str(incidents.first_day + np.timedelta64(incidents.days - 1, "D")))
    return used, start[used], end[used], why


def _places(run: Any, events: Any, same: float, near: float) -> tuple[np.ndarray, int, tuple]:
    reach = max(same, near)
    if hasattr(events, "geometries"):
        pairs = shapes.pairs_within(events, events, reach, run.stage(0.4, 0.45))
        one, other, away = pairs.one, pairs.other, pairs.distance
    else:
        found = cKDTree(events.xy).query_pairs(reach + 1e-6, output_type="ndarray")
        one, other = found[:, 0], found[:, 1]
        away = np.hypot(*(events.xy[one] - events.xy[other]).T)
    run.check()
    close = away <= same + 1e-6
    place = analysis.join_places(one[close], other[close], len(events))
    count = int(place.max()) + 1
    beside = away <= near + 1e-6
    a, b = place[one[beside]], place[other[beside]]
    keep = a != b
    keys = np.unique(np.concatenate([a[keep] * count + b[keep], b[keep] * count + a[keep]]))
    return place, count, (keys // count, keys % count)


def _nearest(events: Any, incidents: _Incidents, reach: float, progress: Any) -> tuple[np.ndarray, np.ndarray]:
    if hasattr(events, "geometries"):
        return nearest.nearest_feature(events, incidents.x, incidents.y, reach, progress)
    distance, feature = cKDTree(events.xy).query(np.column_stack([incidents.x, incidents.y]),
                                                 distance_upper_bound=reach + 1e-6)
    none = ~np.isfinite(distance)
    return np.where(none, -1, feature), np.where(none, np.nan, distance)


def _parts(parted: int, hour: np.ndarray, hours: tuple[int, int]) -> list:
    if parted == ALL_HOURS:
        return [(ALL_HOURS, np.ones(len(hour), bool))]
    first, last = hours
    night = (hour >= first) | (hour < last) if first > last else (hour >= first) & (hour < last)
    parts = [(NIGHT, night), (DAY, ~night)]
    return parts if parted == BOTH else [parts[parted - NIGHT]]


def _refuse_empty(run: Any, data: Data) -> None:
    if not (data.inc_ring >= 0).any():
        raise InputError(run.tool.RINGS, "No incident lies within {reach} m of any event. Do both layers show the same"
                         " town, in the right coordinate system? Or give wider rings.", reach=f"{data.rings[-1]:g}")
    kept = data.calendar.kept
    if not kept[analysis.BEFORE] or not (kept[analysis.DURING] or kept[analysis.AFTER]):
        raise InputError(run.tool.NEAR_EVENTS, "No day is left to compare: {before} days before, {during} during and"
                         " {after} after count, {near} were left out because another event ran near by. Give a smaller"
                         " distance here (0 counts all days), or fewer days left out before (LEAD).",
                         before=int(kept[analysis.BEFORE]), during=int(kept[analysis.DURING]),
                         after=int(kept[analysis.AFTER]), near=data.calendar.near)
