"""Points and tables out of any Processing source: coordinates in metres, columns, an account.

One call reads everything, by the fast way where that is right (``arrow.py``) and feature by
feature elsewhere, with the same result. Nothing is dropped in silence: what cannot be used
is counted by reason, with the first example.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any, Sequence

import numpy as np
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeatureRequest,
    QgsProcessingFeatureSource,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QDate, QDateTime, Qt, QTime

from ..analysis.account import Account
from ..analysis.errors import InputError
from ..analysis.progress import Progress, silent
from ..analysis.timeline import Times, from_values, parse_texts
from ..compat import is_null
from ..translation import tr
from . import arrow

_STATES = {
    arrow.NO_GEOMETRY: "no geometry",
    arrow.EMPTY: "empty geometry",
    arrow.SEVERAL: "several places, a line or an area instead of one place",
}
#: Days from 1970-01-01 in the Julian day count of QDate.
_JULIAN_1970 = 2440588
_DAY = 86_400_000


@dataclass
class Points:
    """Incidents or other points, or the rows of a table.

    Attributes
    ----------
    x, y : (n,) array of float
        Metres in ``crs``; NaN for rows without a place, where those were asked for.
    columns : dict
        Field name -> column: float with NaN for null, str or None, or datetime64[ms] with
        NaT; date-times are the wall clock as written.
    times : dict of str to Times
        The parsed date-time columns with their precision and offsets.
    rows : (n,) array of int
        Row numbers in the source, from 0.
    account : Account
    crs : QgsCoordinateReferenceSystem
        Invalid for a table without geometry.
    route : str
        ``"arrow"`` or ``"features"``.
    fingerprint : str
        SHA-256 of the coordinates as the source holds them.
    state : (n,) array of int8 or None
        Why a row has no place: 0 it has one, else a code of ``layers.arrow``.
    """

    x: np.ndarray
    y: np.ndarray
    columns: dict
    times: dict
    rows: np.ndarray
    account: Account
    crs: QgsCoordinateReferenceSystem
    name: str = ""
    route: str = "features"
    fingerprint: str = ""
    state: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.x)

    @property
    def xy(self) -> np.ndarray:
        """(n, 2) array of coordinates in metres."""
        return np.column_stack([self.x, self.y])

    @property
    def precision(self) -> dict:
        """Precision of each date-time column: minute, hour, day or month, or ''."""
        return {name: times.precision for name, times in self.times.items()}

    def take(self, keep: np.ndarray, reason: str = "") -> Points:
        """Return the rows of a mask; with a reason, the others are counted as left out."""
        if reason and not keep.all():
            first = int(self.rows[np.flatnonzero(~keep)[0]])
            self.account.leave_out(reason, int((~keep).sum()), tr("row {row}").format(row=first + 1))
        return replace(
            self,
            x=self.x[keep],
            y=self.y[keep],
            rows=self.rows[keep],
            state=None if self.state is None else self.state[keep],
            columns={name: column[keep] for name, column in self.columns.items()},
            times={name: take_times(times, keep) for name, times in self.times.items()},
        )


def take_times(times: Times, keep: np.ndarray) -> Times:
    """Return the moments of a mask."""
    return replace(
        times, values=times.values[keep], precision=times.precision[keep], offset_minutes=times.offset_minutes[keep]
    )


def read_points(
    source: QgsProcessingFeatureSource,
    parameter: str,
    fast: arrow.FastSource | None = None,
    numbers: Sequence[str] = (),
    texts: Sequence[str] = (),
    times: Sequence[str] = (),
    date_order: str = "auto",
    geometry: bool = True,
    keep_unlocated: bool = False,
    progress: Progress = silent,
) -> Points:
    """Read a source in its own coordinates (``layers.crs`` moves them to metres).

    Parameters
    ----------
    source : QgsProcessingFeatureSource
    parameter : str
        The parameter that errors shall name.
    fast : FastSource or None
        What :func:`arrow.find` said.
    numbers, texts, times : sequences of str
        Fields wanted as numbers, as texts, as date-times; blank names are passed over.
    date_order : str
        ``"auto"``, ``"dmy"``, ``"mdy"`` or ``"ymd"``: how dates kept as text are written.
    geometry : bool
        False reads a table, or a layer whose places do not matter.
    keep_unlocated : bool
        Keep rows without a place, with NaN coordinates, instead of leaving them out.
    progress : Progress

    Raises
    ------
    InputError
        For lines or polygons, a table where points are needed, unknown fields.
    """
    wanted = {"number": named(numbers), "text": named(texts), "time": named(times)}
    columns = list(dict.fromkeys(name for group in wanted.values() for name in group))
    check_fields(source, parameter, columns)
    _check_roles(source, parameter, wanted)
    spatial = source.wkbType() != QgsWkbTypes.Type.NoGeometry
    if geometry:
        _check_points(source, parameter, spatial, keep_unlocated)
    block = arrow.read(fast, columns, progress) if fast is not None and geometry else None
    route = "arrow" if block is not None else "features"
    if block is None:
        block = _loop(source, columns, geometry and spatial, progress)
    n = len(block.state)
    result = Points(
        x=block.x, y=block.y, columns={}, times={}, rows=np.arange(n),
        account=Account(source.sourceName(), n),
        crs=source.sourceCrs() if spatial else QgsCoordinateReferenceSystem(),
        name=source.sourceName(), route=route,
        fingerprint=hashlib.sha256(block.x.tobytes() + block.y.tobytes()).hexdigest(), state=block.state,
    )
    for name in wanted["number"]:
        result.columns[name] = as_numbers(block.columns[name])
    for name in wanted["text"]:
        result.columns[name] = as_texts(block.columns[name])
    for name in wanted["time"]:
        parsed = as_times(block.columns[name], date_order)
        result.times[name] = parsed
        result.columns[name] = parsed.values
    if geometry and not keep_unlocated:
        return _only_located(result, block.state)
    return result


def named(names: Sequence[str]) -> list:
    return [name for name in names if name]


def check_fields(source: QgsProcessingFeatureSource, parameter: str, columns: list) -> None:
    fields = source.fields()
    for name in columns:
        if fields.lookupField(name) < 0 or name not in fields.names():
            raise InputError(
                parameter, "There is no field '{field}' in '{layer}'. Its fields are: {fields}.",
                field=name, layer=source.sourceName(), fields=", ".join(fields.names()) or "none",
            )


def _check_roles(source: QgsProcessingFeatureSource, parameter: str, wanted: dict) -> None:
    """Refuse a field that is to be a number and something else, as it would arrive as one of them only."""
    for name in wanted["number"]:
        if name in wanted["text"] or name in wanted["time"]:
            raise InputError(
                parameter, "The field '{field}' of '{layer}' is chosen as a number and for something else at once."
                " Choose another field for one of them.",
                field=name, layer=source.sourceName(),
            )


def _check_points(source: Any, parameter: str, spatial: bool, keep_unlocated: bool) -> None:
    kind = QgsWkbTypes.geometryType(source.wkbType())
    if not spatial:
        if keep_unlocated:
            return
        raise InputError(
            parameter,
            "'{layer}' is a table without places on the map. Make points of it with 'Prepare incident data' first.",
            layer=source.sourceName(),
        )
    unknown = QgsWkbTypes.GeometryType.UnknownGeometry
    if kind not in (QgsWkbTypes.GeometryType.PointGeometry, unknown):
        raise InputError(
            parameter, "'{layer}' holds {kind}, and points are needed. Choose a point layer, or make points with"
            " the tool 'Centroids'.",
            layer=source.sourceName(), kind=QgsWkbTypes.displayString(source.wkbType()),
        )


def _only_located(points: Points, state: np.ndarray) -> Points:
    for code, reason in _STATES.items():
        bad = state == code
        if bad.any():
            example = tr("row {row}").format(row=int(np.flatnonzero(bad)[0]) + 1)
            points.account.leave_out(tr(reason), int(bad.sum()), example)
    infinite = (state == arrow.PLACE) & ~(np.isfinite(points.x) & np.isfinite(points.y))
    if infinite.any():
        example = tr("row {row}").format(row=int(np.flatnonzero(infinite)[0]) + 1)
        points.account.leave_out(tr("coordinates that are not numbers"), int(infinite.sum()), example)
    return points.take((state == arrow.PLACE) & ~infinite)


def _loop(source: QgsProcessingFeatureSource, columns: list, geometry: bool, progress: Progress) -> arrow.Block:
    """Read feature by feature: right for every provider, selection and edit."""
    request = QgsFeatureRequest()
    if not geometry:
        request.setFlags(QgsFeatureRequest.Flag.NoGeometry)
    fields = source.fields()
    indexes = [fields.names().index(name) for name in columns]
    request.setSubsetOfAttributes(indexes)
    skip = QgsProcessingFeatureSource.Flag.FlagSkipGeometryValidityChecks
    expected = source.featureCount()
    room = expected if expected > 0 else 1024
    # Filled in place: making an array of a list of a million tuples freezes the desktop.
    x, y = np.full(room, np.nan), np.full(room, np.nan)
    state = np.full(room, arrow.NO_GEOMETRY, np.int8)
    values = [np.empty(room, object) for _ in indexes]
    n = 0
    for feature in source.getFeatures(request, skip):
        if n == room:
            room *= 2
            x, y, state = (np.resize(a, room) for a in (x, y, state))
            x[n:], y[n:], state[n:] = np.nan, np.nan, arrow.NO_GEOMETRY
            values = [np.resize(column, room) for column in values]
        if n % 1000 == 0:
            progress(n / max(room, 1))
        if geometry:
            x[n], y[n], state[n] = _place(feature.geometry())
        for column, index in zip(values, indexes):
            column[n] = feature.attribute(index)
        n += 1
    table = {name: column[:n] for name, column in zip(columns, values)}
    return arrow.Block(x[:n].copy(), y[:n].copy(), state[:n].copy(), table)


def _place(geometry: Any) -> tuple:
    point = geometry.constGet()
    if point is None:
        return np.nan, np.nan, arrow.NO_GEOMETRY
    kind = QgsWkbTypes.flatType(point.wkbType())
    if kind == QgsWkbTypes.Type.MultiPoint and point.numGeometries() == 1:
        point = point.geometryN(0)
    elif kind != QgsWkbTypes.Type.Point:
        return np.nan, np.nan, (arrow.EMPTY if point.isEmpty() else arrow.SEVERAL)
    x, y = point.x(), point.y()
    if x != x and y != y:
        return x, y, arrow.EMPTY
    return x, y, arrow.PLACE


# --- columns -------------------------------------------------------------------------------
def as_numbers(column: np.ndarray) -> np.ndarray:
    """Return a raw column as float; null and unreadable values are NaN."""
    if column.dtype != object:
        data = np.ma.getdata(column)
        if data.dtype.kind in "mM":
            data = np.full(len(data), np.nan)
        out = data.astype(float)
        out[np.ma.getmaskarray(column)] = np.nan
        return out
    return np.fromiter((_number(value) for value in column), float, len(column))


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return np.nan


def as_texts(column: np.ndarray) -> np.ndarray:
    """Return a raw column as str, None for null; whole numbers without a decimal point."""
    if column.dtype != object:
        mask = np.ma.getmaskarray(column)
        plain = np.ma.getdata(column)
        kind = plain.dtype.kind
        if kind == "M" and plain.dtype != "M8[D]":
            plain = plain.astype("M8[s]")
        values = plain.tolist()
        out = np.array([None if m else _text(v) for v, m in zip(values, mask)], object)
        return out if len(out) else np.empty(0, object)
    out = np.empty(len(column), object)
    out[:] = [None if is_null(value) else _text(value) for value in column]
    return out


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, (QDate, QDateTime, QTime)):
        return value.toString(Qt.DateFormat.ISODate)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value)


def as_times(column: np.ndarray, order: str = "auto") -> Times:
    """Return a raw column of dates, date-times or texts as times; see ``analysis.timeline``."""
    if column.dtype != object and np.ma.getdata(column).dtype.kind == "M":
        values = np.ma.getdata(column).astype("M8[ms]")
        values[np.ma.getmaskarray(column)] = np.datetime64("NaT")
        return from_values(values)
    if column.dtype != object:
        return parse_texts(as_texts(column), order)
    kinds = {type(value) for value in column[:1000] if not is_null(value)}
    if not kinds & {QDate, QDateTime}:
        return parse_texts(as_texts(column), order)
    n = len(column)
    values = np.fromiter((_wall_ms(v) for v in column), "i8", n).view("M8[ms]")
    offsets = np.fromiter((_offset(v) for v in column), float, n)
    return replace(from_values(values), offset_minutes=offsets)


_NAT = np.datetime64("NaT").astype("i8").item()


def _wall_ms(value: Any) -> int:
    # Not toMSecsSinceEpoch(): that uses the time zone of the machine.
    if isinstance(value, QDateTime) and value.isValid():
        return (value.date().toJulianDay() - _JULIAN_1970) * _DAY + value.time().msecsSinceStartOfDay()
    if isinstance(value, QDate) and value.isValid():
        return (value.toJulianDay() - _JULIAN_1970) * _DAY
    return _NAT


def _offset(value: Any) -> float:
    if isinstance(value, QDateTime) and value.timeSpec() == Qt.TimeSpec.OffsetFromUTC:
        return value.offsetFromUtc() / 60
    return np.nan
