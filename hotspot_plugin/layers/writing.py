"""Results out: tables to sinks and rasters, with their style and record.

Python scalars only, NaN becomes NULL, and every refused feature is an error: a sink answers
False for a numpy scalar and forgets the feature.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Iterable, Iterator, Sequence

import numpy as np
from qgis.core import (
    QgsFeature,
    QgsFeatureRequest,
    QgsFeatureSink,
    QgsField,
    QgsFields,
    QgsGeometry,
    QgsMapLayer,
    QgsProcessingLayerPostProcessorInterface,
    QgsRasterFileWriter,
    QgsRasterLayer,
    QgsVectorFileWriter,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDate, QDateTime, Qt, QTime

from ..analysis.errors import HotspotError
from ..analysis.progress import Progress, silent
from ..compat import make_field, save_default_style, save_style
from ..qobjects import keep
from .styling import Style, add_aliases

CHUNK = 5_000
#: NoData of our rasters.
NODATA = -9999.0
#: GDAL's number of 32-bit floats.
_FLOAT32 = 6


class OutputError(HotspotError):
    """An output could not be written."""


# --- columns -------------------------------------------------------------------------------
def kind_of(column: Any) -> str:
    """Return the kind of field that holds a column: integer, number, text, boolean, time, or date for whole days."""
    array = np.asarray(column)
    if array.dtype == np.dtype("M8[D]"):
        return "date"
    kinds = {"i": "integer", "u": "integer", "f": "number", "b": "boolean", "M": "time", "U": "text"}
    if array.dtype.kind in kinds:
        return kinds[array.dtype.kind]
    types = set(map(type, array.tolist())) - {type(None)}
    if types and types <= {bool, np.bool_}:
        return "boolean"
    if types and all(issubclass(kind, (int, np.integer)) for kind in types):
        return "integer"
    if types and all(issubclass(kind, (int, float, np.number)) for kind in types):
        return "number"
    return "text"


def to_values(column: Any) -> list:
    """Return a column as Python values that every provider takes; NaN, NaT and masked ones become None."""
    if isinstance(column, np.ma.MaskedArray):
        return [_plain(value) for value in column.tolist()]
    array = np.asarray(column)
    kind = array.dtype.kind
    if array.dtype == np.dtype("M8[D]"):
        days = array.astype("i8").tolist()
        return [None if day == _NAT else QDate.fromJulianDay(day + 2440588) for day in days]
    if kind == "M":
        return [_date_time(value) for value in array.astype("M8[ms]").astype("i8").tolist()]
    if kind == "f":
        values = array.astype(float).tolist()
        return [value if -np.inf < value < np.inf else None for value in values]
    if kind in "iubU":
        return array.tolist()
    return [_plain(value) for value in array.tolist()]


def rows_of(columns: dict, total: int) -> Iterator[tuple]:
    """Yield the rows of a table of columns as Python values, converted in slices so that a run can be cancelled."""
    if not columns:
        yield from ((),) * total
    for start in range(0, total if columns else 0, CHUNK):
        yield from zip(*(to_values(column[start : start + CHUNK]) for column in columns.values()))


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not -np.inf < value < np.inf:
        return None
    return value


_NAT = np.datetime64("NaT").astype("i8").item()


def _date_time(milliseconds: int) -> QDateTime | None:
    if milliseconds == _NAT:
        return None
    day, rest = divmod(milliseconds, 86_400_000)
    date, time = QDate.fromJulianDay(day + 2440588), QTime.fromMSecsSinceStartOfDay(rest)
    value = QDateTime(date, time, Qt.TimeSpec.LocalTime)
    if value.isValid() and value.time() == time and value.date() == date:
        return value
    # an hour that this machine's time zone skips: the wall clock stays as written
    return QDateTime(date, time, Qt.TimeSpec.UTC)


def new_fields(columns: dict) -> QgsFields:
    """Return the fields of a table of columns."""
    fields = QgsFields()
    for name, column in columns.items():
        fields.append(make_field(name, kind_of(column)))
    return fields


def joined_fields(old: QgsFields, columns: dict) -> tuple[list, QgsFields]:
    """Return which of the old fields are kept beside new columns, and all fields.

    A column replaces a field of its name; names that differ in case only are told apart, as most formats take them
    for the same; a GeoPackage makes its own ``fid``.
    """
    taken = {name.lower() for name in columns}
    dropped = taken | {"fid"}
    kept = [i for i, name in enumerate(old.names()) if name.lower() not in dropped]
    fields = QgsFields()
    for i in kept:
        column = QgsField(old.at(i))
        name, number = column.name(), 2
        while column.name().lower() in taken:
            column.setName(f"{name}_{number}")
            number += 1
        taken.add(column.name().lower())
        fields.append(column)
    for column in new_fields(columns):
        fields.append(column)
    return kept, fields


# --- geometry ------------------------------------------------------------------------------
def polygons_from_array(rings: np.ndarray) -> Iterator[QgsGeometry]:
    """Yield polygons of an (n, k, 2) array of closed rings."""
    n, corners = rings.shape[:2]
    layout = np.dtype(
        [("order", "u1"), ("type", "<u4"), ("rings", "<u4"), ("count", "<u4"), ("xy", "<f8", (corners, 2))]
    )
    record = np.zeros(n, layout)
    record["order"], record["type"], record["rings"], record["count"] = 1, 3, 1, corners
    record["xy"] = rings
    yield from _from_wkb(record.tobytes(), layout.itemsize, n)


def points_from_arrays(x: np.ndarray, y: np.ndarray) -> Iterator[QgsGeometry]:
    """Yield points; NaN coordinates give null geometries."""
    layout = np.dtype([("order", "u1"), ("type", "<u4"), ("x", "<f8"), ("y", "<f8")])
    record = np.zeros(len(x), layout)
    record["order"], record["type"], record["x"], record["y"] = 1, 1, x, y
    bad = ~(np.isfinite(x) & np.isfinite(y))
    for i, geometry in enumerate(_from_wkb(record.tobytes(), layout.itemsize, len(x))):
        yield QgsGeometry() if bad[i] else geometry


def lines_from_corners(corners: Iterable[np.ndarray]) -> Iterator[QgsGeometry]:
    """Yield lines from (k, 2) arrays of their corners."""
    for line in corners:
        geometry = QgsGeometry()
        head = b"\x01\x02\x00\x00\x00" + len(line).to_bytes(4, "little")
        geometry.fromWkb(head + np.ascontiguousarray(line, "<f8").tobytes())
        yield geometry


def _from_wkb(raw: bytes, size: int, n: int) -> Iterator[QgsGeometry]:
    for start in range(0, n * size, size):
        geometry = QgsGeometry()
        geometry.fromWkb(raw[start : start + size])
        yield geometry


# --- features ------------------------------------------------------------------------------
def write_features(
    sink: QgsFeatureSink,
    fields: QgsFields,
    geometries: Iterable[QgsGeometry] | None,
    attributes: Iterable[Sequence],
    total: int,
    name: str,
    progress: Progress = silent,
) -> int:
    """Write features in blocks and return how many.

    Raises
    ------
    OutputError
        When the sink refuses a feature, e.g. because the disk is full.
    """
    block: list = []
    done = 0
    shapes = iter(geometries) if geometries is not None else None

    def flush() -> None:
        if block and not sink.addFeatures(block, QgsFeatureSink.Flag.FastInsert):
            raise OutputError(
                "Writing {name} failed: {error}. Check that there is room and permission where it is written.",
                name=name, error=sink.lastError() or "a feature was refused",
            )
        block.clear()

    for values in attributes:
        feature = QgsFeature(fields)
        feature.setAttributes(list(values))
        if shapes is not None:
            feature.setGeometry(next(shapes))
        block.append(feature)
        done += 1
        if len(block) >= CHUNK:
            flush()
            progress(min(done / max(total, 1), 1.0))
    flush()
    if not sink.flushBuffer():
        raise OutputError(
            "Writing {name} failed: {error}. Check that there is room and permission where it is written.",
            name=name, error=sink.lastError() or "the file could not be completed",
        )
    return done


def memory_layer(
    kind: str, title: str, crs: Any, shapes: Iterable, columns: dict | None = None, progress: Progress = silent
) -> QgsVectorLayer:
    """Return a layer in memory, for a map in a report.

    Parameters
    ----------
    kind : str
        Of its geometries, as in "Point" or "MultiPolygon".
    title : str
    crs : QgsCoordinateReferenceSystem
    shapes : iterable of QgsGeometry
    columns : dict of str to (n,) array, optional
        Fields, with a value for each shape.
    progress
        May stop it by raising ``Cancelled``.

    Raises
    ------
    OutputError
        When the layer refuses a feature.
    """
    shapes, columns = list(shapes), columns or {}
    layer = keep(QgsVectorLayer(kind, title, "memory"))
    layer.setCrs(crs)
    fields = new_fields(columns)
    layer.dataProvider().addAttributes(list(fields))
    layer.updateFields()
    write_features(layer.dataProvider(), fields, shapes, rows_of(columns, len(shapes)), len(shapes), title, progress)
    layer.updateExtents()
    return layer


def write_raster(
    path: str, array: np.ndarray, x_min: float, y_max: float, cell: float, crs: Any, name: str, unit: str = ""
) -> None:
    """Write one band of 32-bit floats, row 0 in the north; NaN becomes NoData.

    Raises
    ------
    OutputError
    """
    from osgeo import gdal

    driver_name = QgsRasterFileWriter.driverForExtension(Path(path).suffix.lstrip(".")) or "GTiff"
    driver = gdal.GetDriverByName(driver_name)
    if driver is None or driver.GetMetadataItem("DCAP_CREATE") != "YES":
        raise OutputError("{name} cannot be written as {file}. Choose a name that ends in .tif.",
                          name=name, file=Path(path).name)
    failed = OutputError(
        "Writing {name} to {file} failed. Check the folder and the file name, and that there is room and permission.",
        name=name, file=Path(path).name,
    )
    gdal.ErrorReset()
    try:
        _write_band(driver, path, array, (x_min, cell, 0.0, y_max, 0.0, -cell), crs, name, unit)
    except RuntimeError as error:  # GDAL, where the process has its exceptions on
        raise failed from error
    # Most drivers notice a full disk when the file is closed, of which only the last error tells.
    if gdal.GetLastErrorType() >= gdal.CE_Failure or not Path(path).is_file():
        raise failed


def _write_band(driver: Any, path: str, array: np.ndarray, place: tuple, crs: Any, name: str, unit: str) -> None:
    """Write and close a raster; errors are left in GDAL's last error."""
    rows, columns = array.shape
    options = ["COMPRESS=DEFLATE", "TILED=YES", "ZLEVEL=1", "NUM_THREADS=2"] if driver.ShortName == "GTiff" else []
    dataset = driver.Create(path, columns, rows, 1, _FLOAT32, options)
    if dataset is None:
        return
    dataset.SetGeoTransform(place)
    dataset.SetProjection(crs.toWkt(crs.WktVariant.WKT_PREFERRED_GDAL))
    band = dataset.GetRasterBand(1)
    band.SetNoDataValue(NODATA)
    if unit:
        band.SetUnitType(unit)
    band.SetDescription(name)
    step = max(1, 4_000_000 // max(columns, 1))
    for start in range(0, rows, step):
        part = array[start : start + step].astype(np.float32)
        part[~np.isfinite(part)] = NODATA
        if band.WriteArray(part, 0, start) != 0:
            return
    dataset.FlushCache()


# --- looks and records ---------------------------------------------------------------------
#: Post-processors by destination. The context does not own them and the tool object dies
#: before they run, so they live here until they have run.
_WAITING: dict = {}


class Finisher(QgsProcessingLayerPostProcessorInterface):
    """Gives a loaded layer its look and its record; runs on the main thread."""

    def __init__(self, key: str, style: Style | None, metadata: Any) -> None:
        super().__init__()
        self.key, self.style, self.metadata = key, style, metadata

    def postProcessLayer(self, layer: QgsMapLayer, context: Any, feedback: Any) -> None:  # noqa: N802
        _WAITING.pop(self.key, None)
        finish(layer, self.style, self.metadata)


def finish(layer: QgsMapLayer, style: Style | None, metadata: Any) -> None:
    """Give a layer its look and its record."""
    if style is not None:
        style.apply(layer)
    elif isinstance(layer, QgsVectorLayer):
        add_aliases(layer)
    if metadata is not None:
        layer.setMetadata(metadata)


def finish_on_load(context: Any, destination: str, style: Style | None, metadata: Any) -> None:
    """Have a layer finished when QGIS loads it, where it will."""
    if context.willLoadLayerOnCompletion(destination):
        finisher = Finisher(destination, style, metadata)
        _WAITING[destination] = finisher
        context.layerToLoadOnCompletionDetails(destination).setPostProcessor(finisher)


def finish_file(
    destination: str, raster: bool, style: Style | None, metadata: Any, count: int, name: str = "OUTPUT"
) -> None:
    """Save look and record with a file, so that plain QGIS opens it styled.

    Layers that are no files (memory, databases) are left alone: saving the default style of
    a memory layer would write into the user's profile.

    Raises
    ------
    OutputError
        Where less than the ``count`` features written can be read: most formats tell of a
        full disk only when the file is closed, where QGIS does not look.
    """
    path = destination.split("|")[0]
    if not Path(path).is_file():
        if Path(path).is_absolute() and not Path(path).exists():
            raise OutputError("{name} was not written to {file}. Check that there is room and permission where it is"
                              " written.", name=name, file=Path(path).name)
        return
    if path.lower().endswith(".gpkg") and "|layername=" not in destination and not raster:
        # the metadata of a GeoPackage is kept by table
        destination = f"{path}|layername={Path(path).stem}"
    # the style of a raster looks at its provider; a table is closed at once, so that the file can be written again
    layer = keep(QgsRasterLayer(destination, "result")) if raster else QgsVectorLayer(destination, "result", "ogr")
    found = _rows(layer, path) if layer.isValid() and not raster else 0
    if not raster and 0 <= found < count and (layer.isValid() or _can_be_opened(path)):
        raise OutputError(
            "Only {found} of {count} rows of {name} reached {file}. Check that there is room and permission where it is"
            " written.",
            found=found, count=count, name=name, file=Path(path).name,
        )
    if not layer.isValid():
        return
    finish(layer, style, metadata)
    if raster or not path.lower().endswith((".gpkg", ".sqlite")):
        if style is not None:
            save_default_style(layer)
        layer.saveDefaultMetadata()
        return
    if style is not None:
        _save_style(layer, style.name)
    if path.lower().endswith(".gpkg"):
        layer.saveDefaultMetadata()


def _rows(layer: QgsVectorLayer, path: str) -> int:
    """Return the number of rows that can be read, negative where that is not known."""
    if not path.lower().endswith(".fgb"):
        return layer.featureCount()
    # a FlatGeobuf states in its head how many were meant to come
    request = QgsFeatureRequest().setFlags(QgsFeatureRequest.Flag.NoGeometry).setSubsetOfAttributes([])
    return sum(1 for _ in layer.getFeatures(request))


def _can_be_opened(path: str) -> bool:
    """Whether GDAL reads the format, which it may only write."""
    from osgeo import gdal

    driver = gdal.GetDriverByName(QgsVectorFileWriter.driverForExtension(Path(path).suffix))
    return driver is not None and driver.GetMetadataItem("DCAP_OPEN") == "YES"


def _save_style(layer: QgsVectorLayer, name: str) -> None:
    # Saving twice under one name opens a message box on QGIS 3.22 and hangs: delete first.
    # The first `own` entries belong to this table, the others to other tables of the file.
    own, ids, names, _, _ = layer.listStylesInDatabase()
    for style_id, existing in list(zip(ids, names))[:own]:
        if existing == name:
            layer.deleteStyleFromDatabase(style_id)
    save_style(layer, name)
