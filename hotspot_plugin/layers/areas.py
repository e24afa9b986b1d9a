"""Polygons, lines or points whose shape matters: geometry, attributes and columns.

Unlike incidents these are few enough to be kept as QGIS geometries; they keep all their
attributes, because results are added to them.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field, replace
from typing import Any, Sequence

import numpy as np
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsCsException,
    QgsFeatureRequest,
    QgsFields,
    QgsGeometry,
    QgsProcessingFeatureSource,
    QgsWkbTypes,
)

from ..analysis.account import Account
from ..analysis.errors import InputError
from ..analysis.progress import Progress, silent
from ..translation import tr
from . import rings
from .crs import transformation
from .reading import as_numbers, as_texts, as_times, check_fields, named, take_times

POINT = QgsWkbTypes.GeometryType.PointGeometry
LINE = QgsWkbTypes.GeometryType.LineGeometry
POLYGON = QgsWkbTypes.GeometryType.PolygonGeometry


@dataclass
class Areas:
    """Features of one geometry type in metres.

    Attributes
    ----------
    geometries : list of QgsGeometry
        In ``crs``, two-dimensional; broken polygons are repaired.
    fields, attributes
        As in the source.
    columns, times : dict
        The columns asked for, as in :class:`~hotspot_plugin.layers.reading.Points`.
    rows : (n,) array of int
        Row numbers in the source, from 0.
    repaired : int
        Polygons that were invalid and were made valid.
    pieces : Shapes or None
        Kept by :func:`~hotspot_plugin.layers.shapes.shapes_of`, which many questions about one layer begin with.
    """

    geometries: list
    fields: QgsFields
    attributes: list
    columns: dict
    times: dict
    rows: np.ndarray
    account: Account
    crs: QgsCoordinateReferenceSystem
    kind: Any
    name: str = ""
    repaired: int = 0
    fingerprint: str = ""
    pieces: Any = field(default=None, init=False, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.geometries)

    def take(self, keep: np.ndarray, reason: str = "") -> Areas:
        """Return the features of a mask; with a reason, the others are counted as left out."""
        if reason and not keep.all():
            first = int(self.rows[np.flatnonzero(~keep)[0]])
            self.account.leave_out(reason, int((~keep).sum()), tr("row {row}").format(row=first + 1))
        kept = np.flatnonzero(keep).tolist()
        return replace(
            self,
            geometries=[self.geometries[i] for i in kept],
            attributes=[self.attributes[i] for i in kept],
            rows=self.rows[keep],
            columns={name: column[keep] for name, column in self.columns.items()},
            times={name: take_times(times, keep) for name, times in self.times.items()},
        )

    @property
    def centroids(self) -> np.ndarray:
        """(n, 2) array of centroids in metres."""
        out = np.empty((len(self), 2))
        for i, geometry in enumerate(self.geometries):
            point = geometry.centroid().asPoint()
            out[i] = point.x(), point.y()
        return out

    @property
    def areas_m2(self) -> np.ndarray:
        """(n,) array of areas in square metres."""
        return np.fromiter((g.area() for g in self.geometries), float, len(self))

    @property
    def lengths_m(self) -> np.ndarray:
        """(n,) array of lengths (of lines) or perimeters (of polygons) in metres."""
        return np.fromiter((g.length() for g in self.geometries), float, len(self))

    def rings(self) -> tuple:
        """Return all rings of the polygons.

        Returns
        -------
        vertices : (m, 2) array of float
            Corners of all rings, each closed.
        owner : (m,) array of int
            Which area each corner belongs to.
        ring_start : (r,) array of int
            Index of the first corner of each ring.
        """
        return rings.from_wkb([geometry.asWkb().data() for geometry in self.geometries])


def read_areas(
    source: QgsProcessingFeatureSource,
    parameter: str,
    kinds: Sequence,
    crs: QgsCoordinateReferenceSystem,
    context: QgsCoordinateTransformContext,
    numbers: Sequence[str] = (),
    texts: Sequence[str] = (),
    times: Sequence[str] = (),
    date_order: str = "auto",
    progress: Progress = silent,
) -> Areas:
    """Read polygons, lines or points into a metric system.

    Parameters
    ----------
    source : QgsProcessingFeatureSource
    parameter : str
        The parameter that errors shall name.
    kinds : sequence of QgsWkbTypes.GeometryType
        Geometry types that the tool takes.
    crs : QgsCoordinateReferenceSystem
        System to read into.
    context : QgsCoordinateTransformContext
    numbers, texts, times, date_order, progress
        As in :func:`~hotspot_plugin.layers.reading.read_points`.

    Raises
    ------
    InputError
        For a geometry type that the tool does not take, unknown fields, no usable feature.
    """
    kind = QgsWkbTypes.geometryType(source.wkbType())
    if kind == QgsWkbTypes.GeometryType.UnknownGeometry:
        kind = _first_kind(source, kinds)
    if kind not in kinds:
        raise InputError(
            parameter, "'{layer}' holds {kind}; the tool needs {needed} there.",
            layer=source.sourceName(), kind=QgsWkbTypes.displayString(source.wkbType()),
            needed=" or ".join(QgsWkbTypes.geometryDisplayString(k).lower() + "s" for k in kinds),
        )
    wanted = {"number": named(numbers), "text": named(texts), "time": named(times)}
    check_fields(source, parameter, [name for group in wanted.values() for name in group])
    transform = transformation(source.sourceCrs(), crs, context, parameter)
    skip = QgsProcessingFeatureSource.Flag.FlagSkipGeometryValidityChecks
    account = Account(source.sourceName())
    geometries, attributes, rows = [], [], []
    problems: dict = {}
    digest = hashlib.sha256()
    repaired = 0
    expected = max(source.featureCount(), 1)
    for row, feature in enumerate(source.getFeatures(QgsFeatureRequest(), skip)):
        if row % 500 == 0:
            progress(min(row / expected, 1.0))
        account.rows += 1
        geometry = feature.geometry()
        digest.update(bytes(geometry.asWkb()))
        geometry, problem, fixed = _usable(geometry, kind, transform)
        if problem:
            problems.setdefault(problem, []).append(row)
            continue
        repaired += fixed
        geometries.append(geometry)
        attributes.append(feature.attributes())
        rows.append(row)
    for reason, found in problems.items():
        account.leave_out(reason, len(found), tr("row {row}").format(row=found[0] + 1))
    if not geometries:
        raise InputError(parameter, "'{layer}' holds no feature with a usable geometry.", layer=source.sourceName())
    areas = Areas(
        geometries, source.fields(), attributes, {}, {}, np.array(rows, int), account, crs, kind,
        source.sourceName(), repaired, digest.hexdigest(),
    )
    names = source.fields().names()
    for group, convert in (("number", as_numbers), ("text", as_texts)):
        for name in wanted[group]:
            areas.columns[name] = convert(_column(attributes, names.index(name)))
    for name in wanted["time"]:
        areas.times[name] = as_times(_column(attributes, names.index(name)), date_order)
        areas.columns[name] = areas.times[name].values
    return areas


def _first_kind(source: QgsProcessingFeatureSource, kinds: Sequence) -> Any:
    """Return the type of the first feature that the tool can take, of a layer that may hold any."""
    request = QgsFeatureRequest().setSubsetOfAttributes([])
    for feature in source.getFeatures(request, QgsProcessingFeatureSource.Flag.FlagSkipGeometryValidityChecks):
        for part in feature.geometry().asGeometryCollection():
            if part.type() in kinds and not part.isEmpty():
                return part.type()
    return QgsWkbTypes.GeometryType.UnknownGeometry


def _column(attributes: list, index: int) -> np.ndarray:
    out = np.empty(len(attributes), object)
    out[:] = [values[index] for values in attributes]
    return out


def _usable(geometry: QgsGeometry, kind: Any, transform: QgsCoordinateTransform) -> tuple:
    """Return the geometry made usable, the problem or "", and whether it was repaired."""
    if geometry.isNull():
        return geometry, tr("no geometry"), False
    if geometry.isEmpty():
        return geometry, tr("empty geometry"), False
    if geometry.type() != kind:
        geometry = _parts(geometry, kind)
        if geometry.isEmpty():
            return geometry, tr("another type of geometry"), False
    # curves and heights mean nothing here and would break the reading of rings
    if QgsWkbTypes.isCurvedType(geometry.wkbType()):
        geometry = QgsGeometry(geometry.constGet().segmentize())
    geometry.get().dropZValue()
    geometry.get().dropMValue()
    fixed = False
    if kind == POLYGON and not geometry.isGeosValid():
        geometry = _parts(geometry.makeValid(), POLYGON)
        if geometry.isEmpty():
            return geometry, tr("geometry that cannot be repaired"), False
        fixed = True
    try:
        geometry.transform(transform)
    except QgsCsException:
        return geometry, tr("place that cannot be projected"), False
    box = geometry.boundingBox()
    if not all(map(math.isfinite, (box.xMinimum(), box.xMaximum(), box.yMinimum(), box.yMaximum()))):
        return geometry, tr("coordinates that are not numbers"), False
    return geometry, "", fixed


def _parts(geometry: QgsGeometry, kind: Any) -> QgsGeometry:
    """Return the parts of one type, empty where there is none."""
    parts = [part for part in geometry.asGeometryCollection() if part.type() == kind and not part.isEmpty()]
    if len(parts) < 2:
        return parts[0] if parts else QgsGeometry()
    return QgsGeometry.collectGeometry(parts)
