"""What 'Maintenance and disorder' reads, and what it counts at each place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...analysis import nearness
from ...analysis.cpted import maintenance as analysis
from ...analysis.errors import InputError
from ...analysis.nearness import Shapes
from ...analysis.progress import Progress, part
from ...analysis.windows import stray_days
from ...layers import reading
from ...layers.areas import LINE, POINT, POLYGON, Areas
from ...layers.overlay import polygon_index
from ...layers.reading import Points
from ...layers.shapes import shapes_of
from ...reports import formats
from ...translation import tr
from .values import matches

#: Metres within which a report counts at a street and at a point.
STREET_REACH, POINT_REACH = 20.0, 30.0
#: Highest mark of an audited condition.
BEST = 2.0
_DAY = 86_400_000.0


@dataclass
class Data:
    """What was read.

    Attributes
    ----------
    places : Areas
    names : list of str
    condition : (k,) array
        Audited condition, 0 to 2; NaN where not seen.
    x, y : (n,) arrays
        Reports used, in metres.
    kind : (n,) array of int
    kinds : list of str
    weight : (n,) array
    age : (n,) array or None
        Days from the report to the day; None without dates.
    closed : (n,) array or None
        Days from the report to the repair, NaN for open ones and where it is not known; None without days of repair.
    known : (n,) array of bool
        Whether it is known if and when it was repaired.
    as_of : numpy.datetime64 or None
    all_x, all_y : arrays or None
        All reports of the same days.
    reach : float
    layer, all_layer : str
    window : int or None
    """

    places: Areas
    names: list
    condition: np.ndarray
    x: np.ndarray
    y: np.ndarray
    kind: np.ndarray
    kinds: list
    weight: np.ndarray
    age: np.ndarray | None
    closed: np.ndarray | None
    known: np.ndarray
    as_of: np.datetime64 | None
    all_x: np.ndarray | None
    all_y: np.ndarray | None
    reach: float
    layer: str
    all_layer: str
    window: int | None

    @property
    def size(self) -> np.ndarray:
        """Hundreds of metres of street, hectares, or 1 a point."""
        if self.places.kind == LINE:
            return self.places.lengths_m / 100.0
        return self.places.areas_m2 / 1e4 if self.places.kind == POLYGON else np.ones(len(self.places))

    @property
    def duration(self) -> tuple[np.ndarray, np.ndarray]:
        """Days until repair or until the day, and whether it was repaired."""
        fixed = np.isfinite(self.closed)
        return np.where(fixed, self.closed, self.age), fixed


@dataclass
class Measured:
    """What was counted.

    Attributes
    ----------
    place, report : (m,) arrays of int
        Pairs of a place and a report at it.
    n, total, recent, open_, oldest, fixed : (k,) arrays
    median : (k, 3) array
    again, again_of : (k,) arrays
    came_back, followed : (n,) arrays of bool
        Reports after whose repair the spot was reported again, and those of which that can be said.
    all_n : (k,) array or None
    beside : Beside
    overall : Survival or None
    """

    place: np.ndarray
    report: np.ndarray
    n: np.ndarray
    total: np.ndarray
    recent: np.ndarray | None
    open_: np.ndarray | None
    oldest: np.ndarray | None
    fixed: np.ndarray | None
    median: np.ndarray | None
    again: np.ndarray | None
    again_of: np.ndarray | None
    came_back: np.ndarray
    followed: np.ndarray
    all_n: np.ndarray | None
    beside: analysis.Beside
    overall: analysis.Survival | None


# --- reading ---------------------------------------------------------------------------------
def read(run: Any) -> Data:
    """Read places, reports and all reports."""
    tool = run.tool
    opened_field, closed_field = run.field(tool.DATE_FIELD, tool.REPORTS), run.field(tool.CLOSED_FIELD, tool.REPORTS)
    if closed_field and not opened_field:
        raise InputError(tool.DATE_FIELD, "The day of the repair says nothing without the day of the report. Choose"
                         " its field.")
    if closed_field and closed_field == opened_field:
        raise InputError(tool.CLOSED_FIELD, "This is the day of the report as well. Choose the field with the day of"
                         " the repair, or none.")
    for name in (tool.AS_OF, tool.WINDOW):
        if run.has(name) and not opened_field:
            raise InputError(tool.DATE_FIELD, "{name} needs the day of the reports. Choose its field.", name=name)
    places, names, condition = _places(run)
    kind_field, weight_field = run.field(tool.CATEGORY_FIELD, tool.REPORTS), run.field(tool.WEIGHT_FIELD, tool.REPORTS)
    points = run.points(tool.REPORTS, numbers=[weight_field], texts=[kind_field], times=[opened_field, closed_field],
                        progress=run.stage(0.1, 0.25))
    points = _of_kinds(run, points, kind_field)
    as_of, window, age, closed, known = None, run.integer(tool.WINDOW), None, None, np.zeros(len(points), bool)
    if opened_field:
        points, as_of = _of_days(run, points, opened_field, closed_field, window)
        age = _days(as_of, points.columns[opened_field])
        if closed_field:
            closed, known = _repairs(run, points, opened_field, closed_field, as_of)
    kinds, kind = np.unique(_texts(points.columns[kind_field]), return_inverse=True) if kind_field else (
        np.array([tr("report")]), np.zeros(len(points), np.int64))
    all_points = _all(run, as_of, window, bool(opened_field))
    if all_points is not None and len(all_points) < len(points):
        run.warn(tr("'{all}' holds fewer reports ({count}) than '{these}' ({own}): it does not seem to hold all reports"
                    " of any kind, so that the comparison misleads.").format(
            all=all_points.name, count=formats.number(len(all_points)), these=points.name,
            own=formats.number(len(points))))
    return Data(places, names, condition, points.x, points.y, kind, kinds.tolist(),
                _weights(run, points, weight_field), age, closed, known, as_of,
                None if all_points is None else all_points.x, None if all_points is None else all_points.y,
                _reach(run, places), points.name, "" if all_points is None else all_points.name, window)


def _places(run: Any) -> tuple[Areas, list, np.ndarray]:
    tool = run.tool
    audit = run.field(tool.AUDIT_FIELD)
    given = run.field(tool.NAME_FIELD)
    label = given or next((f for f in run.source_fields(tool.INPUT) if f.lower() == "name" and f != audit), "")
    places = run.areas(tool.INPUT, numbers=[audit], texts=[label])
    condition = places.columns[audit] if audit else np.full(len(places), np.nan)
    wrong = np.isfinite(condition) & ((condition < 0) | (condition > BEST))
    if wrong.any():
        raise InputError(tool.AUDIT_FIELD, "'{field}' holds {value:g} (row {row}). A condition lies between 0"
                         " (neglected) and 2 (well kept); set codes such as 8 or 9 for not seen to empty first.",
                         field=audit, value=float(condition[wrong][0]), row=int(places.rows[wrong][0]) + 1)
    names = [tr("row {row}").format(row=row + 1) for row in places.rows.tolist()]
    if label:
        names = [str(text or "").strip() or names[i] for i, text in enumerate(places.columns[label])]
    return places, names, condition


def _reach(run: Any, places: Areas) -> float:
    given = run.number(run.tool.DISTANCE)
    if given is not None:
        return given
    reach = {LINE: STREET_REACH, POINT: POINT_REACH}.get(places.kind, 0.0)
    if reach:
        run.info(tr("Reports within {reach} of a place count.").format(reach=run.units.distance(reach)))
    else:
        run.info(tr("Reports inside the areas count."))
    return reach


def _texts(column: np.ndarray) -> np.ndarray:
    return np.array([(str(v).strip() if v is not None else "") or tr("not stated") for v in column], dtype=object
                    ).astype(str)


def _of_kinds(run: Any, points: Points, kind_field: str) -> Points:
    tool, wanted = run.tool, run.text(run.tool.CATEGORIES).strip()
    if not wanted:
        return points
    if not kind_field:
        raise InputError(tool.CATEGORY_FIELD, "Kinds are asked for, but not the field that holds them. Choose it.")
    found, unmatched = matches(points.columns[kind_field], wanted)
    if unmatched:
        known = sorted({str(v) for v in points.columns[kind_field] if v is not None})
        raise InputError(tool.CATEGORIES, "No report has the kind {missing}. The kinds are: {known}.",
                         missing=", ".join(unmatched), known=", ".join(known[:30]) or "none")
    return points.take(found, tr("another kind of report")) if not found.all() else points


def _days(end: np.datetime64, moments: np.ndarray) -> np.ndarray:
    """Days from moments to the end of a day, counted by calendar days."""
    return (end - moments.astype("M8[D]")).astype(float)


def _of_days(run: Any, points: Points, opened: str, closed: str, window: int | None) -> tuple[Points, np.datetime64]:
    """Keep the reports of the days looked at; return them and the day of the state."""
    tool = run.tool
    there = ~np.isnat(points.columns[opened])
    if not there.any():
        raise InputError(tool.DATE_FIELD, "No report has a day that can be read. Choose the field with the day of the"
                         " report.")
    points = points.take(there, tr("no day of the report"))
    as_of = run.date(tool.AS_OF)
    if as_of is None:
        days = points.columns[opened].astype("M8[D]")
        if closed:
            days = np.concatenate([days, points.columns[closed][~np.isnat(points.columns[closed])].astype("M8[D]")])
        as_of = days[~stray_days(days)].max()
        run.info(tr("The state is that of {day}, the last day on which anything was reported or repaired.").format(
            day=as_of))
    age = _days(as_of, points.columns[opened])
    points = points.take(age >= 0, tr("reported after {day}").format(day=as_of))
    if window:
        age = _days(as_of, points.columns[opened])
        points = points.take(age < window, tr("reported before the last {count} days").format(count=window))
    if not len(points):
        raise InputError(tool.WINDOW if window else tool.AS_OF, "No report is left in these days. Choose others.")
    return points, as_of


def _repairs(
    run: Any, points: Points, opened: str, closed: str, as_of: np.datetime64
) -> tuple[np.ndarray, np.ndarray]:
    """Return the days until repair, NaN for open ones, and for which reports that is known."""
    done, begun = points.columns[closed], points.columns[opened]
    if any((points.times[name].precision == "month").any() for name in (opened, closed)):
        run.warn(tr("Some days say the month only and are taken for its first day: times to repair are off by up to a"
                    " month."))
    timed = np.isin(points.times[opened].precision, ("minute", "hour")) & np.isin(
        points.times[closed].precision, ("minute", "hour"))
    exact = (done - begun).astype("m8[ms]").astype(np.int64) / _DAY
    whole = (done.astype("M8[D]") - begun.astype("M8[D]")).astype("m8[D]").astype(np.int64).astype(float)
    took = np.where(np.isnat(done), np.nan, np.where(timed, exact, whole))
    known = np.ones(len(points), bool)
    unreadable = points.times[closed].unreadable + points.times[closed].ambiguous
    if unreadable:
        source = run.source(run.tool.REPORTS)
        texts = reading.read_points(source, run.tool.REPORTS, None, texts=[closed], geometry=False).columns[closed]
        known &= ~(np.isnat(done) & np.array([texts[row] is not None for row in points.rows.tolist()], bool))
    early = np.nan_to_num(took) < 0
    known &= ~early
    took[early] = np.nan
    if (~known).any():
        run.warn(tr("{layer}: of {count} reports it is not known when they were repaired ({early} repaired before they"
                    " were reported, {unread} with a day that cannot be read); they count as reports, and neither as"
                    " open nor as repaired.").format(
            layer=points.name, count=formats.number(int((~known).sum())), early=formats.number(int(early.sum())),
            unread=formats.number(int((~known).sum() - early.sum()))))
    took[~np.isnat(done) & (done.astype("M8[D]") > as_of)] = np.nan  # still open on the day
    return took, known


def _weights(run: Any, points: Points, name: str) -> np.ndarray:
    if not name:
        return np.ones(len(points))
    weight = points.columns[name]
    bad = ~np.isfinite(weight) | (weight < 0)
    if bad.all():
        raise InputError(run.tool.WEIGHT_FIELD, "'{field}' holds no number of 0 or more. Choose another field, or"
                         " none.", field=name)
    if bad.any():
        run.warn(tr("{count} reports have no weight of 0 or more in '{field}'; they weigh 1.").format(
            count=formats.number(int(bad.sum())), field=name))
    return np.where(bad, 1.0, weight)


def _all(run: Any, as_of: np.datetime64 | None, window: int | None, dated: bool) -> Points | None:
    tool = run.tool
    if not run.has(tool.ALL_REPORTS):
        return None
    name = run.field(tool.ALL_DATE_FIELD, tool.ALL_REPORTS)
    points = run.points(tool.ALL_REPORTS, times=[name], progress=run.stage(0.25, 0.35))
    if name and dated:
        points = points.take(~np.isnat(points.columns[name]), tr("no day of the report"))
        age = _days(as_of, points.columns[name])
        points = points.take((age >= 0) & ((age < window) if window else True), tr("of other days"))
    elif dated:
        run.warn(tr("'{layer}': without ALL_DATE_FIELD all its rows count, whatever their day; make sure that it covers"
                    " the days of the reports.").format(layer=points.name))
    if not len(points):
        raise InputError(tool.ALL_REPORTS, "'{layer}' has no report in these days. Give reports of the same days.",
                         layer=points.name)
    return points


# --- counting --------------------------------------------------------------------------------
def pairs(
    places: Areas, x: np.ndarray, y: np.ndarray, reach: float, progress: Progress
) -> tuple[np.ndarray, np.ndarray]:
    """Return all pairs of a place and a position at most ``reach`` metres from it; areas are solid."""
    xy = np.column_stack([x, y])
    here = Shapes(xy, xy, np.arange(len(xy)), len(xy))
    solid = places.kind == POLYGON
    one, other = np.empty(0, np.int64), np.empty(0, np.int64)
    if solid:
        other, one = polygon_index(places).pairs(x, y, part(progress, 0.0, 0.5))
    empty = np.empty(0, np.int64)
    near = nearness.pairs_within(shapes_of(places), here, reach, part(progress, 0.5, 1.0)) if reach or not solid else (
        nearness.Pairs(empty, empty, np.empty(0)))
    found = nearness.joined(near, one, other, len(xy))
    return found.one, found.other


def measure(run: Any, data: Data) -> Measured:
    """Count, and compare with elsewhere."""
    tool, k = run.tool, len(data.places)
    place, report = pairs(data.places, data.x, data.y, data.reach, run.stage(0.35, 0.5))
    n = np.bincount(place, minlength=k)
    all_n = None
    if data.all_x is not None:
        all_n = np.bincount(pairs(data.places, data.all_x, data.all_y, data.reach, run.stage(0.5, 0.6))[0], minlength=k)
        beside = analysis.beside_elsewhere(n, all_n, len(data.x), len(data.all_x))
    else:
        beside = analysis.beside_elsewhere(n, data.size, float(n.sum()), float(data.size.sum()))
    out = Measured(place, report, n, np.bincount(place, data.weight[report], k), None, None, None, None, None, None,
                   None, np.zeros(len(data.x), bool), np.zeros(len(data.x), bool), all_n, beside, None)
    if data.age is None:
        return out
    counts = data.weight * analysis.recency(data.age, run.number(tool.HALF_LIFE))
    out.recent = np.bincount(place, counts[report], k)
    if data.closed is None:
        return out
    took, fixed = data.duration
    lasting = data.known & ~fixed
    known = data.known[report]
    out.open_ = np.bincount(place, lasting[report], k).astype(np.int64)
    out.fixed = np.bincount(place, fixed[report], k).astype(np.int64)
    oldest = np.full(k, -1.0)
    rows = lasting[report]
    np.maximum.at(oldest, place[rows], data.age[report[rows]])
    out.oldest = np.where(oldest < 0, np.nan, oldest)
    out.median = analysis.medians(place[known], took[report[known]], fixed[report[known]], k, run.stage(0.6, 0.75))
    out.overall = analysis.kaplan_meier(took[data.known], fixed[data.known]) if data.known.any() else None
    days = run.integer(tool.REPEAT_DAYS)
    # on one clock: the day of the report before the day of the state, the repair so many days later
    out.came_back = analysis.came_back(data.x, data.y, data.kind, -data.age, -data.age + data.closed,
                                       run.number(tool.REPEAT_DISTANCE), days, run.stage(0.75, 0.88))
    out.followed = fixed & (data.age - np.nan_to_num(data.closed) >= days)
    out.again_of = np.bincount(place, out.followed[report], k).astype(np.int64)
    again = np.bincount(place, (out.followed & out.came_back)[report], k)
    out.again = np.divide(again, out.again_of, out=np.full(k, np.nan), where=out.again_of > 0)
    return out
