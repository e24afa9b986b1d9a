"""Reads incidents and finds what misleads in them; the tool and its report only show it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from qgis.core import QgsCoordinateReferenceSystem, QgsWkbTypes

from ...analysis.data import checkincidents as checks
from ...analysis.data import mapping as mappings
from ...analysis.data import prepareincidents as preparing
from ...analysis.errors import InputError
from ...analysis.timeline import DAY, HOUR, MINUTE, MONTH, Times, blank, parse_texts
from ...compat import field_kind
from ...layers import arrow, fields, reading, tables
from ...layers import crs as crs_module
from ...layers.overlay import assign_points
from ...translation import tr
from .prepareincidents_columns import ORDERS

_WGS84 = "EPSG:4326"


@dataclass
class Data:
    """The rows as read; arrays over the n rows of the input.

    Attributes
    ----------
    raw : (n, 2) array of float or None
        Coordinates as written, in ``crs``; None for a table without coordinates.
    xy : (n, 2) array of float
        Metres; NaN without a place.
    start, end, reported : Times or None
    bad_date : (n,) array of bool
        Rows whose date field holds something that is no date.
    texts : dict
        ``id``, ``type``, ``place``, ``source`` -> texts, as far as there are fields.
    """

    n: int
    raw: np.ndarray | None
    xy: np.ndarray
    state: np.ndarray
    crs: QgsCoordinateReferenceSystem
    start: Times | None
    end: Times | None
    reported: Times | None
    bad_date: np.ndarray
    texts: dict = field(default_factory=dict)
    names: dict = field(default_factory=dict)

    @property
    def values(self) -> np.ndarray:
        """Date-times of the incidents, NaT where there is none."""
        return self.start.values if self.start is not None else np.full(self.n, np.datetime64("NaT", "ms"))

    @property
    def precision(self) -> np.ndarray:
        """Precision of the date-times."""
        return self.start.precision if self.start is not None else np.full(self.n, "", object)


def read(run: Any) -> Data:
    """Read the input with the fields chosen, or those of prepared incidents."""
    roles = {"start": ("DATE_FIELD", fields.DT_FROM), "end": ("END_DATE_FIELD", fields.DT_TO),
             "reported": ("REPORT_DATE_FIELD", fields.DT_REP), "id": ("ID_FIELD", fields.INC_ID),
             "type": ("TYPE_FIELD", fields.CTYPE), "place": ("PLACE_FIELD", fields.PLACE_KEY),
             "source": ("SOURCE_FIELD", fields.SOURCE), "x": ("X_FIELD", None), "y": ("Y_FIELD", None)}
    names = {key: run.field(role, schema=schema) for key, (role, schema) in roles.items()}
    source = run.source("INPUT")
    spatial = source.wkbType() != QgsWkbTypes.Type.NoGeometry
    if not spatial and not names["x"] and not names["y"]:
        found = mappings.guess(list(source.fields().names()), False, {})
        names.update(x=found.get("X_FIELD", ""), y=found.get("Y_FIELD", ""))
        if names["x"]:
            run.info(tr("Coordinates are taken from the fields '{x}' and '{y}', by their names.").format(
                x=names["x"], y=names["y"]))
    if bool(names["x"]) != bool(names["y"]):
        raise InputError("Y_FIELD" if names["x"] else "X_FIELD", "X_FIELD and Y_FIELD must be given together.")
    kinds = {f.name(): field_kind(f) for f in source.fields()}
    dates = [names[k] for k in ("start", "end", "reported") if names[k]]
    typed = [d for d in dates if kinds.get(d) in ("date", "time")]
    extra = [fields.DT_PREC] if names["start"] == fields.DT_FROM and fields.DT_PREC in kinds else []
    texts = [names[k] for k in ("id", "type", "place", "source", "x", "y") if names[k]]
    points = reading.read_points(
        source, "INPUT", run.tool.fast_sources.get("INPUT"), texts=[*texts, *extra, *(set(dates) - set(typed))],
        times=typed, geometry=spatial and not names["x"], keep_unlocated=True, progress=run.stage(0.0, 0.3))
    if not len(points):
        raise InputError("INPUT", "The layer has no rows. Choose another layer, or remove its filter.")
    run._tell("INPUT", points)
    _tell_dropped(run, len(points))
    times, bad = _dates(run, names, points)
    data = Data(len(points), None, np.full((len(points), 2), np.nan), np.zeros(len(points), np.int8), points.crs,
                times.get("start"), times.get("end"), times.get("reported"), bad, names=names,
                texts={k: points.columns[names[k]] for k in ("id", "type", "place", "source")
                       if names[k] and any(points.columns[names[k]])})
    if extra:
        data.start.precision[:] = [p or "" for p in points.columns[fields.DT_PREC]]
    _places(run, data, points, spatial)
    return data


def _tell_dropped(run: Any, rows: int) -> None:
    """Say so where QGIS's reader of delimited text has left out rows of the file."""
    found = run.tool.text_source
    if found is None or not found.x_field:
        return
    table = tables.read_table(found.path, "INPUT", [], found.separator, found.encoding)
    if table.rows > rows:
        run.warn(tr("QGIS left out {count} of the {rows} rows of {file}, because their coordinates are no numbers. Give"
                    " the file to 'Prepare incident data' to have every row.").format(
            count=table.rows - rows, rows=table.rows, file=table.name))


def _dates(run: Any, names: dict, points: reading.Points) -> tuple[dict, np.ndarray]:
    """Read the date fields; an order that no value proves is asked for."""
    order = ORDERS[run.choice("DATE_ORDER")]
    bad, times = np.zeros(len(points), bool), {}
    for key in ("start", "end", "reported"):
        name = names[key]
        if not name:
            continue
        if name in points.times:
            times[key] = points.times[name]
            continue
        times[key] = parse_texts(points.columns[name], order, run.stage(0.3, 0.35))
        if times[key].ambiguous:
            raise InputError("DATE_ORDER", "{count} values of '{field}' can be day/month or month/day (first:"
                             " '{first}'). Say in DATE_ORDER how dates are written.",
                             count=times[key].ambiguous, field=name, first=times[key].first_ambiguous)
        bad |= np.isnat(times[key].values) & ~blank(points.columns[name])
        if times[key].order in ("dmy", "mdy"):
            order = times[key].order
    return times, bad


def _places(run: Any, data: Data, points: reading.Points, spatial: bool) -> None:
    """Fill in coordinates as written and in metres."""
    names, crs = data.names, points.crs
    if names["x"]:
        (x, no_x), (y, no_y) = (preparing.read_coordinates(points.columns[names[k]]) for k in ("x", "y"))
        crs = run.crs_value("CRS") if run.has("CRS") else crs
        if not crs.isValid() and preparing.looks_geographic(x, y):
            crs = QgsCoordinateReferenceSystem(_WGS84)
        if not crs.isValid():
            raise InputError("CRS", "The coordinates are not degrees. Choose the coordinate system they are in.")
        data.state = np.where(no_x | no_y, arrow.NO_GEOMETRY, arrow.PLACE).astype(np.int8)
        data.state[(data.state == arrow.PLACE) & ~(np.isfinite(x) & np.isfinite(y))] = arrow.EMPTY
    elif spatial:
        x, y, data.state = points.x, points.y, points.state.copy()
        if not crs.isValid() and run.has("CRS"):
            crs = run.crs_value("CRS")
    else:
        run.warn(tr("The table has no coordinates; only dates, types and numbers are checked."))
        run.use_crs(QgsCoordinateReferenceSystem("EPSG:3857"), np.empty(0), np.empty(0), "INPUT")
        return
    data.crs, data.raw = crs, np.column_stack([x, y])
    good = np.isfinite(data.raw).all(axis=1) & (data.raw != 0).any(axis=1)
    if crs.isGeographic():
        good &= np.abs(data.raw[:, 1]) <= 90
    sample = preparing.bulk(np.where(good, x, np.nan), np.where(good, y, np.nan))
    run.use_crs(crs, x[sample], y[sample], "CRS" if names["x"] else "INPUT")
    data.xy[:, 0], data.xy[:, 1] = crs_module.transform_points(
        np.where(good, x, np.nan), np.where(good, y, np.nan), crs, run.crs, run.context.transformContext(),
        run.stage(0.3, 0.4))


@dataclass
class Findings:
    """What the check found.

    ``masks`` has an (n,) array of bool for every code; the rest is for report and numbers.
    """

    masks: dict
    ok: np.ndarray
    codes: np.ndarray
    placed: np.ndarray
    step: tuple
    busiest: list
    heaping: checks.Heaping
    clock: preparing.Clock
    lag: checks.Lag | None
    complete_to: np.datetime64
    begin: np.datetime64
    gaps: list
    identical: int
    types: list
    lost: list
    precisions: dict
    unlocated: int
    checked_places: bool


def find(run: Any, data: Data) -> Findings:
    """Do all checks."""
    masks: dict = {}
    step = _check_places(run, data, masks)
    run.progress(0.6)
    lag, begin, clock = _check_dates(run, data, masks)
    run.progress(0.7)
    keys = data.texts.get("place")
    keys = preparing.place_keys(None, data.xy[:, 0], data.xy[:, 1]) if keys is None else keys
    run.progress(0.71)
    busiest = checks.busiest_places(np.where(_placed(masks, data.n), keys, None), data.texts.get("type"))
    for place in (p for p in busiest if p.mixed):
        masks[checks.DEFAULT_PLACE] = masks[checks.DEFAULT_PLACE] | (keys == keys[place.row])
    run.progress(0.73)
    compared = [data.values, *(data.texts[k] for k in ("type",) if k in data.texts), np.round(data.xy[:, 0], 1),
                np.round(data.xy[:, 1], 1)]
    again = checks.repeats(data.texts.get("id"), compared)
    # without dates, rows of one type at one place are alike by necessity
    identical = again.identical if data.start is not None else 0
    run.progress(0.77)
    masks[checks.REPEAT_ID], masks[checks.SAME_ROW] = again.repeat_id, again.same_row
    run.progress(0.8)
    ok, codes = checks.codes_of(masks, data.n)
    placed = _placed(masks, data.n)
    run.progress(0.83)
    types, lost, unlocated = _types(run, data, placed)
    run.progress(0.86)
    monthly = bool((data.precision == MONTH).any())
    sound = np.where(masks[checks.FUTURE], np.datetime64("NaT"), data.values)
    complete = lag.complete_to if lag is not None and lag.rows else checks.last_full(sound, monthly)
    precisions = {p: int((data.precision == p).sum()) for p in (MINUTE, HOUR, DAY, MONTH, "")}
    timed = (data.precision == MINUTE) | (data.precision == HOUR)
    return Findings(masks, ok, codes, placed, step, busiest, checks.heaping(data.values, timed), clock, lag, complete,
                    begin, checks.gaps(sound, monthly), identical, types, lost, precisions, unlocated,
                    data.raw is not None)


def _placed(masks: dict, n: int) -> np.ndarray:
    bad = np.zeros(n, bool)
    for name in checks.PLACELESS:
        bad |= masks[name]
    return ~bad


def _check_places(run: Any, data: Data, masks: dict) -> tuple:
    """Fill in the findings on places; return the rounding of coordinates in degrees or units, and metres."""
    none = np.zeros(data.n, bool)
    for name in (*checks.PLACELESS, checks.DEFAULT_PLACE):
        masks[name] = none
    if data.raw is None:
        return (0.0, 0.0)
    masks[checks.NO_PLACE] = data.state == arrow.NO_GEOMETRY
    zero = (data.state == arrow.PLACE) & (data.raw == 0).all(axis=1)
    if not data.crs.isGeographic():
        zero |= (data.state == arrow.PLACE) & (data.raw == 0).any(axis=1)
    masks[checks.ZERO] = zero
    masks[checks.EMPTY_PLACE] = (data.state == arrow.EMPTY) | (data.state == arrow.SEVERAL)
    xy = np.where(zero[:, None], np.nan, data.xy)
    lost = (data.state == arrow.PLACE) & ~zero & ~np.isfinite(xy).all(axis=1)
    run.progress(0.41)
    far = checks.far_places(xy)
    run.progress(0.43)
    inside = None
    if run.has("BOUNDARY"):
        areas = run.areas("BOUNDARY")
        inside = assign_points(areas, xy[:, 0], xy[:, 1], run.stage(0.4, 0.5)) >= 0
        masks[checks.OUTSIDE] = np.isfinite(xy).all(axis=1) & ~inside
        if masks[checks.OUTSIDE].sum() == np.isfinite(xy).all(axis=1).sum() > 0:
            raise InputError("BOUNDARY", "No incident lies in the boundary. Choose the boundary of the same area, or"
                             " set the right coordinate system.")
    suspects = far | masks[checks.OUTSIDE] | lost
    swapped, mirrored = checks.swapped_or_mirrored(np.where(zero[:, None], np.nan, data.raw), suspects)
    run.progress(0.5)
    degrees = _degrees(run, data, xy)
    run.progress(0.55)
    if not data.crs.isGeographic():
        more = checks.swapped_or_mirrored(degrees, suspects)
        swapped, mirrored = swapped | more[0], (mirrored | more[1]) & ~(swapped | more[0])
    masks[checks.SWAPPED], masks[checks.SIGN] = swapped, mirrored
    masks[checks.FAR] = (far | lost) & ~swapped & ~mirrored
    if inside is not None:
        masks[checks.FAR] &= ~inside
    run.progress(0.57)
    _check_defaults(run, data, xy, masks)
    return _step(data, degrees)


def _degrees(run: Any, data: Data, xy: np.ndarray) -> np.ndarray:
    """Return the places as longitude and latitude."""
    if data.crs.isGeographic():
        return np.where(np.isfinite(xy), data.raw, np.nan)
    lon, lat = crs_module.transform_points(xy[:, 0], xy[:, 1], run.crs, QgsCoordinateReferenceSystem(_WGS84),
                                           run.context.transformContext(), run.stage(0.5, 0.55))
    return np.column_stack([lon, lat])


def _step(data: Data, degrees: np.ndarray) -> tuple:
    """Return to what coordinates are rounded: (degrees, metres), 0 where nothing is seen."""
    steps = [checks.coordinate_step(degrees[:, k], 2e-8) for k in (0, 1)]
    if min(steps) > 0:
        latitude = np.radians(np.nanmedian(degrees[:, 1]))
        return max(steps), max(steps[0] * 111_320 * float(np.cos(latitude)), steps[1] * 110_574)
    if not data.crs.isGeographic():
        good = np.isfinite(data.xy).all(axis=1)
        plain = [checks.coordinate_step(data.raw[good, k], 1e-6) for k in (0, 1)]
        if min(plain) > 0:
            return 0.0, max(plain)
    return 0.0, 0.0


def _check_defaults(run: Any, data: Data, xy: np.ndarray, masks: dict) -> None:
    """Mark rows at known default places (town centre, station, hospital ...)."""
    if not run.has("PLACES"):
        return
    from scipy.spatial import cKDTree

    places = run.points("PLACES")
    good = np.flatnonzero(np.isfinite(xy).all(axis=1))
    mask = np.zeros(data.n, bool)
    if len(places) and len(good):
        away, _ = cKDTree(places.xy).query(xy[good], distance_upper_bound=run.number("PLACE_DISTANCE"))
        mask[good[np.isfinite(away)]] = True
    masks[checks.DEFAULT_PLACE] = mask


def _check_dates(run: Any, data: Data, masks: dict) -> tuple:
    """Fill in the findings on dates; return lag, begin of the series, and the clock."""
    values, none = data.values, np.zeros(data.n, bool)
    clock = preparing.known_clock(Times(values, data.precision, np.zeros(0)))
    for name in (checks.NO_DATE, checks.BAD_DATE, checks.REVERSED, checks.FUTURE, checks.BACKDATED, checks.LATE_REPORT,
                 checks.MIDNIGHT):
        masks[name] = none
    if data.start is None:
        return None, np.datetime64("NaT", "M"), clock
    masks[checks.BAD_DATE] = data.bad_date
    masks[checks.NO_DATE] = np.isnat(values) & ~data.bad_date
    as_of = run.date("AS_OF")
    as_of = np.datetime64("today", "D") if as_of is None else as_of
    masks[checks.FUTURE] = checks.future(values, as_of)
    if data.end is not None:
        masks[checks.REVERSED] = checks.reversed_spans(values, data.end.values, data.precision)
        masks[checks.FUTURE] = masks[checks.FUTURE] | checks.future(data.end.values, as_of)
    run.progress(0.64)
    masks[checks.BACKDATED], begin = checks.backdated(np.where(masks[checks.FUTURE], np.datetime64("NaT"), values))
    timed = (data.precision == MINUTE) | (data.precision == HOUR)
    masks[checks.MIDNIGHT] = timed & ~clock.known
    lag = None
    if data.reported is not None and (~np.isnat(data.reported.values)).any():
        early = checks.reversed_spans(values, data.reported.values, np.where(timed, DAY, data.precision))
        masks[checks.REVERSED] = masks[checks.REVERSED] | early
        lag = checks.report_lag(values, data.reported.values)
        masks[checks.LATE_REPORT] = lag.late
    return lag, begin, clock


def _types(run: Any, data: Data, placed: np.ndarray) -> tuple:
    """Return what each type loses, counting the rows of UNLOCATED too."""
    types, located = data.texts.get("type"), placed
    unlocated = 0
    if run.has("UNLOCATED"):
        name = data.names["type"] or fields.CTYPE
        wanted = [name] if name in run.source_fields("UNLOCATED") else []
        table = run.table("UNLOCATED", texts=wanted)
        unlocated = len(table)
        if types is not None and not wanted:
            run.warn(tr("The unlocated rows have no field '{field}'; they count without a type.").format(field=name))
        if types is not None:
            others = table.columns[name] if wanted else np.full(unlocated, None, object)
            types, located = np.append(types, others), np.append(placed, np.zeros(unlocated, bool))
    if types is None or data.raw is None and not unlocated:
        return [], [], unlocated
    table = preparing.by_type(types, located)
    return table, preparing.lost_types(table), unlocated
