"""Many layers into one new GeoPackage, as fast as SQLite takes them.

OGR makes the file and its empty tables, so all that GeoPackage demands is there; the rows then go in by SQLite itself,
and the spatial index is packed by ``rtree.py``. One way for all versions: GDAL's own fast routes (WriteArrowBatch,
indexes built in memory) came with 3.8 and 3.7.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Iterable, Iterator, Sequence

import numpy as np
from qgis.core import QgsCoordinateReferenceSystem, QgsFields, QgsVectorFileWriter, QgsWkbTypes

from ..analysis.progress import Progress, silent
from ..compat import make_field
from . import rtree, writing
from .sql import statement

#: rows handed over at once; a run can be cancelled between two
CHUNK = 20_000
POINT, LINE, POLYGON, TABLE = "point", "line", "polygon", "table"
_KINDS = {POINT: QgsWkbTypes.Type.Point, LINE: QgsWkbTypes.Type.LineString, POLYGON: QgsWkbTypes.Type.Polygon,
          TABLE: QgsWkbTypes.Type.NoGeometry}


class Column:
    """A column of a table: its kind of field, and its values from a row to another.

    Parameters
    ----------
    kind : str
        Of ``compat.make_field``.
    part : callable
        Gets two row numbers and returns a list of what SQLite stores.
    """

    def __init__(self, kind: str, part: Callable[[int, int], list]) -> None:
        self.kind, self.part = kind, part


def of_array(array: Any, kind: str = "") -> Column:
    """Return the column of an array; empty texts, NaN and NaT become NULL."""
    array = np.asarray(array)
    code = array.dtype.kind
    if code == "M" and array.dtype == np.dtype("M8[D]"):
        return Column(kind or "date", lambda a, b: [None if t == "NaT" else t for t in _texts(array[a:b])])
    if code == "M":
        return Column(kind or "time", lambda a, b: [
            None if t == "NaT" else t + ".000" for t in _texts(array[a:b].astype("M8[s]"))])
    if code == "f":
        return Column(kind or "number", lambda a, b: [v if v == v else None for v in array[a:b].tolist()])
    if code == "b":
        return Column(kind or "boolean", lambda a, b: array[a:b].astype(int).tolist())
    if code in "iu":
        return Column(kind or "integer", lambda a, b: array[a:b].tolist())
    return Column(kind or "text", lambda a, b: [v or None for v in array[a:b].tolist()])


def of_codes(values: Sequence, codes: np.ndarray, kind: str = "text") -> Column:
    """Return the column of positions in a short list of values."""
    values = list(values)
    return Column(kind, lambda a, b: [values[k] for k in codes[a:b].tolist()])


def of_list(values: Sequence, kind: str = "text") -> Column:
    """Return the column of a list of Python values."""
    return Column(kind, lambda a, b: [v if v != "" else None for v in values[a:b]])


def constant(value: Any, kind: str) -> Column:
    """Return a column with one value in all rows."""
    return Column(kind, lambda a, b: [value] * (b - a))


def moments(first_day: np.datetime64, minutes: np.ndarray, kind: str = "time") -> Column:
    """Return the column of dates and times given in minutes from a day."""
    clock = [f"T{k // 60:02d}:{k % 60:02d}:00.000" for k in range(1440)]

    def texts(a: int, b: int) -> list:
        day, minute = np.divmod(minutes[a:b], 1440)
        low = int(day.min()) if len(day) else 0
        days = _texts(first_day + np.arange(low, int(day.max()) + 1 if len(day) else low))
        return [days[d] + clock[m] for d, m in zip((day - low).tolist(), minute.tolist())]

    return Column(kind, texts)


def _texts(days: np.ndarray) -> list:
    return np.datetime_as_string(days).tolist()


@dataclass
class Layer:
    """A layer to write.

    Attributes
    ----------
    name, title, description : str
    kind : str
        POINT, LINE, POLYGON or TABLE.
    columns : dict of name to Column
    count : int
    shapes : callable or None
        Gets two row numbers and returns the geometries as bytes.
    boxes : (n, 4) array or None
        x_min, x_max, y_min, y_max of each row; NaN where it has no place.
    """

    name: str
    title: str
    description: str
    kind: str
    columns: dict
    count: int
    shapes: Callable[[int, int], list] | None = None
    boxes: np.ndarray | None = None


def points(x: np.ndarray, y: np.ndarray, srs: int) -> Callable[[int, int], list]:
    """Return the geometries of points; NaN gives none."""
    layout = np.dtype([("head", "S2"), ("version", "u1"), ("flags", "u1"), ("srs", "<i4"), ("order", "u1"),
                       ("type", "<u4"), ("x", "<f8"), ("y", "<f8")])

    def part(a: int, b: int) -> list:
        record = np.zeros(b - a, layout)
        record["head"], record["flags"], record["srs"], record["order"], record["type"] = b"GP", 1, srs, 1, 1
        record["x"], record["y"] = x[a:b], y[a:b]
        raw, size = record.tobytes(), layout.itemsize
        out: list = [raw[k : k + size] for k in range(0, len(raw), size)]
        for k in np.flatnonzero(np.isnan(x[a:b])).tolist():
            out[k] = None
        return out

    return part


def rings(corners: np.ndarray, srs: int) -> Callable[[int, int], list]:
    """Return the geometries of polygons with the same number of corners each, an (n, k, 2) array of closed rings."""
    k = corners.shape[1]
    layout = np.dtype([("head", "S2"), ("version", "u1"), ("flags", "u1"), ("srs", "<i4"), ("box", "<f8", 4),
                       ("order", "u1"), ("type", "<u4"), ("rings", "<u4"), ("count", "<u4"), ("xy", "<f8", (k, 2))])

    def part(a: int, b: int) -> list:
        xy = corners[a:b]
        record = np.zeros(len(xy), layout)
        record["head"], record["flags"], record["srs"], record["order"] = b"GP", 3, srs, 1
        record["type"], record["rings"], record["count"], record["xy"] = 3, 1, k, xy
        record["box"] = np.column_stack([xy[:, :, 0].min(1), xy[:, :, 0].max(1), xy[:, :, 1].min(1), xy[:, :,
                                                                                                        1].max(1)])
        raw, size = record.tobytes(), layout.itemsize
        return [raw[i : i + size] for i in range(0, len(raw), size)]

    return part


def boxes(parts: Sequence, polygon: bool) -> np.ndarray:
    """Return x_min, x_max, y_min, y_max of lines (arrays of corners) or polygons (lists of rings)."""
    sizes = np.array([sum(map(len, part)) if polygon else len(part) for part in parts])
    if not len(sizes):
        return np.zeros((0, 4))
    whole = np.vstack([ring for part in parts for ring in part] if polygon else list(parts))
    starts = np.cumsum(sizes) - sizes
    low, high = np.minimum.reduceat(whole, starts), np.maximum.reduceat(whole, starts)
    return np.column_stack([low[:, 0], high[:, 0], low[:, 1], high[:, 1]])


def shapes(parts: Sequence, srs: int, polygon: bool) -> Callable[[int, int], list]:
    """Return the geometries of lines (arrays of corners) or polygons (lists of closed rings)."""

    def one(shape: Any) -> bytes:
        whole = np.vstack(shape) if polygon else shape
        low, high = whole.min(axis=0), whole.max(axis=0)
        head = b"GP\x00\x03" + np.array(srs, "<i4").tobytes() + np.array(
            [low[0], high[0], low[1], high[1]], "<f8").tobytes()
        if not polygon:
            return head + b"\x01\x02\x00\x00\x00" + len(shape).to_bytes(4, "little") + np.ascontiguousarray(
                shape, "<f8").tobytes()
        body = b"".join(len(r).to_bytes(4, "little") + np.ascontiguousarray(r, "<f8").tobytes() for r in shape)
        return head + b"\x01\x03\x00\x00\x00" + len(shape).to_bytes(4, "little") + body

    return lambda a, b: [one(shape) for shape in parts[a:b]]


@contextmanager
def unhurried_disk() -> Iterator[None]:
    """Let SQLite not wait for the disk after every small step, while a new file is made that is worth nothing half
    done.

    Each layer's style and metadata are steps of their own: 20 layers waited 15 s for a busy disk.
    """
    from osgeo import gdal

    name = "OGR_SQLITE_SYNCHRONOUS"
    before = gdal.GetConfigOption(name)
    gdal.SetConfigOption(name, "OFF")
    try:
        yield
    finally:
        gdal.SetConfigOption(name, before)


def write(
    path: str, crs: QgsCoordinateReferenceSystem, layers: Iterable[Layer], context: Any, progress: Progress = silent
) -> None:
    """Write layers into a new GeoPackage.

    Raises
    ------
    OutputError
        When the file cannot be made or filled.
    """
    layers = list(layers)
    for number, layer in enumerate(layers):
        _create(path, crs, layer, context, number == 0)
    total = max(sum(layer.count for layer in layers), 1)
    done = 0
    try:
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            # a run that is stopped takes its file with it, so there is nothing to roll back
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute("PRAGMA synchronous = OFF")
            for layer in layers:
                connection.execute("BEGIN")
                # triggers, which keep count and index row by row, ask for functions that only GDAL has
                triggers = connection.execute(
                    "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?",
                    (layer.name,)).fetchall()
                for name, _ in triggers:
                    connection.execute(f'DROP TRIGGER "{name}"')
                for start in range(0, layer.count, CHUNK):
                    progress(done / total)
                    done += _insert(connection, layer, start, min(start + CHUNK, layer.count))
                _complete(connection, layer)
                for _, sql in triggers:
                    connection.execute(sql)
                connection.execute("COMMIT")
            connection.execute("PRAGMA journal_mode = DELETE")
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise writing.OutputError("Writing to {file} failed: {error}. Check that there is room and permission where it"
                                  " is written.", file=Path(path).name, error=error) from error


def _create(path: str, crs: Any, layer: Layer, context: Any, first: bool) -> None:
    fields = QgsFields()
    for name, column in layer.columns.items():
        fields.append(make_field(name, column.kind))
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.layerName, options.fileEncoding = "GPKG", layer.name, "UTF-8"
    options.layerOptions = [f"IDENTIFIER={layer.title}", f"DESCRIPTION={layer.description}"]
    options.actionOnExistingFile = (
        QgsVectorFileWriter.ActionOnExistingFile.CreateOrOverwriteFile if first
        else QgsVectorFileWriter.ActionOnExistingFile.CreateOrOverwriteLayer)
    system = crs if layer.kind != TABLE else QgsCoordinateReferenceSystem()
    writer = QgsVectorFileWriter.create(path, fields, _KINDS[layer.kind], system, context.transformContext(), options)
    problem = writer.errorMessage() if writer.hasError() else ""
    del writer
    if problem:
        raise writing.OutputError("Writing to {file} failed: {error}. Check that there is room and permission where it"
                                  " is written.", file=Path(path).name, error=problem)


def _insert(connection: sqlite3.Connection, layer: Layer, start: int, stop: int) -> int:
    names = list(layer.columns)
    values = [column.part(start, stop) for column in layer.columns.values()]
    if layer.shapes is not None:
        names, values = ["geom", *names], [layer.shapes(start, stop), *values]
    connection.executemany(statement("INSERT INTO $layer ($columns) VALUES ($marks)", layer=layer.name, columns=names),
                           zip(*values))
    return stop - start


def _complete(connection: sqlite3.Connection, layer: Layer) -> None:
    """Tell the tables of GeoPackage what is in the layer."""
    connection.execute("UPDATE gpkg_ogr_contents SET feature_count = ? WHERE table_name = ?", (layer.count, layer.name))
    if layer.boxes is None:
        return
    there = np.flatnonzero(np.isfinite(layer.boxes).all(axis=1))
    if len(there):
        x_min, x_max, y_min, y_max = (float(layer.boxes[there, k].min() if k % 2 == 0 else layer.boxes[there, k].max())
                                      for k in range(4))
        connection.execute("UPDATE gpkg_contents SET min_x = ?, min_y = ?, max_x = ?, max_y = ? WHERE table_name = ?",
                           (x_min, y_min, x_max, y_max, layer.name))
        rtree.pack(connection, f"rtree_{layer.name}_geom", there + 1, layer.boxes[there])
