"""The coordinate reference system of an analysis: metres, and true to scale.

Data in a metric projection keep it. Data in degrees, in feet, or in a projection that is
metric by name only (Web Mercator stretches West Yorkshire by 1.7) move to the UTM zone of
the data, or to UPS near the poles, and the caller is told why.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsCsException,
    QgsDistanceArea,
    QgsGeometry,
    QgsPointXY,
    QgsUnitTypes,
)

from ..analysis.errors import InputError
from ..analysis.progress import Progress, silent
from ..translation import tr

#: A metric projection whose lengths are off by more than this at the data is not used.
SCALE_TOLERANCE = 0.01
#: Degrees of longitude from the central meridian within which a UTM zone is true (3 + 1).
WARN_DEGREES = 4.0
#: Degrees beyond which lengths in a UTM zone are wrong by more than 1 %.
REFUSE_DEGREES = 9.0
#: Points sent through a transformation at once; keeps cancelling quick.
CHUNK = 50_000


@dataclass(frozen=True)
class AnalysisCrs:
    """The system that an analysis runs in, with what the user shall be told.

    Attributes
    ----------
    crs : QgsCoordinateReferenceSystem
    reason : str
        A sentence that says which system is used and why.
    warning : str
        A sentence of doubt, or "".
    """

    crs: QgsCoordinateReferenceSystem
    reason: str
    warning: str = ""


def is_metric(crs: QgsCoordinateReferenceSystem) -> bool:
    """Whether the system is projected with metres as its unit."""
    return not crs.isGeographic() and crs.mapUnits() == QgsUnitTypes.DistanceUnit.DistanceMeters


def scale_error(crs: QgsCoordinateReferenceSystem, x: float, y: float, context: QgsCoordinateTransformContext) -> float:
    """Return the largest relative error of a 1 km step east or north of a place.

    Compares the length in the projection with the length on the ellipsoid.
    """
    measure = QgsDistanceArea()
    measure.setSourceCrs(crs, context)
    measure.setEllipsoid(crs.ellipsoidAcronym() or "EPSG:7030")
    errors = []
    for dx, dy in ((1000.0, 0.0), (0.0, 1000.0)):
        true = measure.measureLine(QgsPointXY(x, y), QgsPointXY(x + dx, y + dy))
        errors.append(abs(1000.0 / true - 1.0) if true > 0 and math.isfinite(true) else math.inf)
    return max(errors)


def utm_zone(longitude: float, latitude: float) -> QgsCoordinateReferenceSystem:
    """Return the WGS 84 UTM zone of a place, or UPS beyond 84° north and 80° south."""
    if latitude >= 84:
        return QgsCoordinateReferenceSystem("EPSG:32661")
    if latitude < -80:
        return QgsCoordinateReferenceSystem("EPSG:32761")
    zone = int((longitude + 180) % 360 // 6) + 1
    return QgsCoordinateReferenceSystem(f"EPSG:{(32600 if latitude >= 0 else 32700) + zone}")


def analysis_crs(
    crs: QgsCoordinateReferenceSystem,
    x: np.ndarray,
    y: np.ndarray,
    context: QgsCoordinateTransformContext,
    parameter: str = "INPUT",
) -> AnalysisCrs:
    """Choose the metric system for coordinates.

    Parameters
    ----------
    crs : QgsCoordinateReferenceSystem
        System of the coordinates.
    x, y : (n,) array of float
        Coordinates, finite; may be empty.
    context : QgsCoordinateTransformContext
    parameter : str
        Parameter to name in errors.

    Raises
    ------
    InputError
        Where the layer has no system, or its data span too many degrees for any one
        metric zone.
    """
    if not crs.isValid():
        raise InputError(
            parameter,
            "The layer has no coordinate reference system, so distances in metres cannot be told. Set it in the layer's"
            " properties (Source tab) or with the tool 'Assign projection', and run again.",
        )
    if not len(x):
        if is_metric(crs):
            return AnalysisCrs(crs, "")
        return AnalysisCrs(QgsCoordinateReferenceSystem("EPSG:3857"), "")
    geographic = QgsCoordinateReferenceSystem("EPSG:4326")
    name = crs.authid() or crs.description() or tr("a system without a name")
    own = tr("Distances are in metres of the layer's own system, {crs}.").format(crs=name)
    if not can_transform(crs, geographic, context) and is_metric(crs):
        return AnalysisCrs(crs, own, tr("{crs} has no known place on the earth: whether its metres are true cannot be"
                                        " checked.").format(crs=name))
    if crs.isGeographic() and np.ptp(x % 360) < np.ptp(x):
        x = x % 360  # data on both sides of the 180th meridian
    middle_x, middle_y = float(np.median(x)), float(np.median(y))
    if is_metric(crs):
        error = scale_error(crs, middle_x, middle_y, context)
        if error <= SCALE_TOLERANCE:
            odd = len(x) > 1 and np.abs(x).max() <= 180 and np.abs(y).max() <= 90
            return AnalysisCrs(crs, own, tr(
                "All coordinates are small numbers that look like degrees, but {crs} is in metres. If that is wrong,"
                " set the layer's system to EPSG:4326.").format(crs=name) if odd else "")
        why = tr("lengths in {crs} are wrong by {error:.0%} here").format(crs=name, error=min(error, 9.99))
    elif crs.isGeographic():
        why = tr("{crs} is in degrees").format(crs=name)
    else:
        unit = QgsUnitTypes.toString(crs.mapUnits())
        why = tr("{crs} is in {unit}").format(crs=name, unit=unit)

    low_x, high_x = np.quantile(x, [0.005, 0.995])
    low_y, high_y = np.quantile(y, [0.005, 0.995])
    corners_x = np.array([middle_x, low_x, high_x, low_x, high_x])
    corners_y = np.array([middle_y, low_y, low_y, high_y, high_y])
    longitude, latitude = transform_points(corners_x, corners_y, crs, geographic, context, parameter=parameter)
    if not np.isfinite(longitude[0]) or abs(latitude[0]) > 90 or abs(longitude[0]) > 360:
        raise InputError(
            parameter,
            "The coordinates (for example {x:.1f}, {y:.1f}) do not fit the layer's coordinate reference system {crs}."
            " Set the system that the coordinates were made in.",
            x=middle_x, y=middle_y, crs=name,
        )
    zone = utm_zone(float(longitude[0]), float(latitude[0]))
    warning = ""
    if zone.authid() not in ("EPSG:32661", "EPSG:32761"):
        central = (int(zone.authid()[-2:]) - 1) * 6 - 177
        away = float(np.nanmax(np.abs((longitude - central + 180) % 360 - 180)))
        if away > REFUSE_DEGREES:
            raise InputError(
                parameter,
                "The data reach {away:.0f} degrees of longitude from the middle of their UTM zone, too far for"
                " distances in metres to be right. Give a layer in a metric projection made for the whole area, or"
                " fewer places.",
                away=away,
            )
        if away > WARN_DEGREES:
            warning = tr(
                "Some data lie {away:.1f} degrees from the middle of the UTM zone {zone}; distances there are"
                " up to 1 % too long. A national projection in metres would be better."
            ).format(away=away, zone=zone.authid())
    reason = tr("Distances are in metres of {zone}, because {why}.").format(zone=zone.authid(), why=why)
    return AnalysisCrs(zone, reason, warning)


def can_transform(
    source: QgsCoordinateReferenceSystem, target: QgsCoordinateReferenceSystem, context: QgsCoordinateTransformContext
) -> bool:
    """Whether there is a way from one system to the other; QGIS would leave the coordinates as they are."""
    transform = QgsCoordinateTransform(source, target, context)
    return source == target or (transform.isValid() and not transform.isShortCircuited())


def transformation(
    source: QgsCoordinateReferenceSystem,
    target: QgsCoordinateReferenceSystem,
    context: QgsCoordinateTransformContext,
    parameter: str,
) -> QgsCoordinateTransform:
    """Return the transformation between two systems.

    Raises
    ------
    InputError
        Where there is none.
    """
    if not can_transform(source, target, context):
        raise InputError(
            parameter, "There is no way from the layer's coordinate reference system ({source}) to {target}. Set the"
            " system that the coordinates were made in.",
            source=source.authid() or source.description() or "-",
            target=target.authid() or target.description() or "-",
        )
    return QgsCoordinateTransform(source, target, context)


def transform_points(
    x: np.ndarray,
    y: np.ndarray,
    source: QgsCoordinateReferenceSystem,
    target: QgsCoordinateReferenceSystem,
    context: QgsCoordinateTransformContext,
    progress: Progress = silent,
    parameter: str = "INPUT",
) -> tuple[np.ndarray, np.ndarray]:
    """Project coordinates.

    Returns
    -------
    x, y : (n,) array of float
        NaN where a place cannot be projected.

    Raises
    ------
    InputError
        Where there is no way from one system to the other; names ``parameter``.
    """
    transform = transformation(source, target, context, parameter)
    if transform.isShortCircuited() or not len(x):
        return np.array(x, dtype=float), np.array(y, dtype=float)
    out = np.full((len(x), 2), np.nan)
    finite = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    for start in range(0, len(finite), CHUNK):
        progress(start / len(finite))
        rows = finite[start : start + CHUNK]
        xy = np.column_stack([x[rows], y[rows]])
        try:
            out[rows] = _transform_block(xy, transform)
        except QgsCsException:
            # one bad place fails a whole block, so the block is done place by place
            for row, place in zip(rows, xy):
                try:
                    moved = transform.transform(QgsPointXY(*place))
                except QgsCsException:
                    continue
                out[row] = moved.x(), moved.y()
    out[~np.isfinite(out).all(axis=1)] = np.nan
    return out[:, 0], out[:, 1]


def _transform_block(xy: np.ndarray, transform: QgsCoordinateTransform) -> np.ndarray:
    # A line string is moved in one call, which is far faster than point by point.
    header = np.array([2, len(xy)], dtype="<u4").tobytes()
    raw = b"\x01" + header + np.ascontiguousarray(xy, dtype="<f8").tobytes()
    line = QgsGeometry()
    line.fromWkb(raw)
    line.transform(transform)
    return np.frombuffer(bytes(line.asWkb()), dtype="<f8", offset=9).reshape(-1, 2)
