"""The spatial index of a GeoPackage, packed at once instead of grown row by row.

SQLite keeps an R-tree in three plain tables: nodes (a depth, which only the root has, a count, and cells of a row
number or node number with four 32-bit floats, all big-endian), the node of each row, and the parent of each node. They
are documented for shadow tables of the R*Tree module; filled directly, two million points take seconds, where row by
row takes a minute. Packing is sort-tile-recursive (Leutenegger and others 1997). ``rtreecheck()`` of SQLite finds
nothing to object to.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import numpy as np

from ..analysis.progress import Progress, silent
from .casesql import PATIENCE, from_blob
from .sql import statement

#: Makes a GeoPackage be written without its spatial index, which :func:`build` then makes.
UNINDEXED = ["SPATIAL_INDEX=NO"]
#: rows read at once; a run can be cancelled between two
CHUNK = 20_000
#: bytes of a shape that tell its box
_HEAD = 40

#: cells in a node, as SQLite has it for two dimensions
CELLS = 51
_CELL = np.dtype([("id", ">i8"), ("box", ">f4", 4)])
_NODE = np.dtype([("depth", ">u2"), ("count", ">u2"), ("cells", _CELL, CELLS)])


def build(destination: str, progress: Progress = silent) -> None:
    """Build the spatial index of a table just written.

    Left to itself GDAL builds it while the file is closed, in one call that takes seconds for 100,000 features; stopped
    from another thread, that call has ended QGIS. A layer without index is slower and nothing worse: a table that
    cannot be indexed stays as it is.

    Parameters
    ----------
    destination : str
        File, with ``|layername=`` where the table is not called like it.

    Raises
    ------
    Cancelled
        By ``progress``; the table then has no index.
    """
    path, _, table = destination.partition("|layername=")
    table = table.split("|")[0] or Path(path).stem
    file = f"{Path(path).resolve().as_uri()}?mode=rw"
    try:
        # closed before its end, a transaction leaves nothing
        with closing(sqlite3.connect(file, uri=True, timeout=PATIENCE, isolation_level=None)) as base:
            base.execute("BEGIN IMMEDIATE")
            _build(base, table, progress)
            base.execute("COMMIT")
    except (sqlite3.Error, RuntimeError):  # the second from GDAL, where the process has its exceptions on
        return


def _build(base: sqlite3.Connection, table: str, progress: Progress) -> None:
    found = base.execute("SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?", (table,)).fetchone()
    keys = [row[1] for row in base.execute(statement("PRAGMA table_info($table)", table=table)) if row[5]]
    if found is None or len(keys) != 1:
        return
    names = {"table": table, "column": found[0], "key": keys[0], "index": f"rtree_{table}_{found[0]}"}
    extensions, triggers = _wording(table, found[0], keys[0])
    base.execute(statement("CREATE VIRTUAL TABLE $index USING rtree(id, minx, maxx, miny, maxy)", **names))
    rows = base.execute(statement("SELECT $key, substr($column, 1, ?) FROM $table WHERE $column NOT NULL", **names),
                        (_HEAD,))
    one = statement("SELECT $column FROM $table WHERE $key = ?", **names)
    ids, boxes = [np.zeros(0, np.int64)], [np.zeros((0, 4))]
    while part := rows.fetchmany(CHUNK):
        progress(1.0)
        ids.append(np.array([row[0] for row in part]))
        boxes.append(envelopes([row[1] for row in part]))
        for k in np.flatnonzero(np.isinf(boxes[-1][:, 0])).tolist():
            boxes[-1][k] = _box(base.execute(one, (part[k][0],)).fetchone()[0])
    whole = np.vstack(boxes)
    there = np.isfinite(whole).all(axis=1)
    progress(1.0)
    pack(base, names["index"], np.concatenate(ids)[there], whole[there])
    if not base.execute("SELECT 1 FROM sqlite_master WHERE name = 'gpkg_extensions'").fetchone():
        base.execute(extensions)
    base.execute("INSERT INTO gpkg_extensions VALUES (?, ?, 'gpkg_rtree_index',"
                 " 'http://www.geopackage.org/spec120/#extension_rtree', 'write-only')", (table, found[0]))
    for sql in triggers:
        base.execute(sql)


def _wording(table: str, column: str, key: str) -> tuple[str, list]:
    """Return how GDAL makes the table of extensions and the triggers of an index: it differs between versions."""
    from osgeo import gdal, ogr

    place = f"/vsimem/{uuid4().hex}.gpkg"
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        twin = gdal.GetDriverByName("GPKG").Create(place, 0, 0, 0, gdal.GDT_Unknown)
        twin.CreateLayer(table, None, ogr.wkbUnknown, [f"GEOMETRY_NAME={column}", f"FID={key}", "SPATIAL_INDEX=YES"])
        del twin
        twin = gdal.OpenEx(place, gdal.OF_VECTOR)
        rows = twin.ExecuteSQL("SELECT type, sql FROM sqlite_master WHERE name = 'gpkg_extensions' OR type = 'trigger'"
                               " AND name LIKE 'rtree!_%' ESCAPE '!'")
        words = [(row.GetField(0), row.GetField(1)) for row in rows]
        twin.ReleaseResultSet(rows)
        del rows, twin
    finally:
        gdal.PopErrorHandler()
        gdal.Unlink(place)
    return (next(sql for kind, sql in words if kind == "table"), [sql for kind, sql in words if kind == "trigger"])


def envelopes(heads: list) -> np.ndarray:
    """Return x_min, x_max, y_min, y_max by the first bytes of each shape.

    NaN where a shape is empty, infinite where its head does not tell.
    """
    raw = np.frombuffer(b"".join(bytes(head[:_HEAD]).ljust(_HEAD, b"\0") for head in heads), np.uint8)
    raw = raw.reshape(len(heads), _HEAD)
    flags = raw[:, 3]
    out = np.full((len(heads), 4), np.inf)
    out[flags >> 4 & 1 == 1] = np.nan
    little = (flags & 0x11 == 1) & (raw[:, 0] == ord("G"))
    kind = flags >> 1 & 7
    boxed = np.flatnonzero(little & (kind > 0))
    out[boxed] = np.ascontiguousarray(raw[boxed, 8:40]).view("<f8")
    code = np.ascontiguousarray(raw[:, 9:13]).view("<u4")[:, 0]
    point = np.flatnonzero(little & (kind == 0) & (raw[:, 8] == 1) & (code % 1000 == 1) & (code < 4000))
    out[point] = np.ascontiguousarray(raw[point, 13:29]).view("<f8").repeat(2, axis=1)
    return out


def _box(shape: bytes) -> tuple:
    geometry = from_blob(shape)
    if geometry is None or geometry.isEmpty():
        return (np.nan,) * 4
    box = geometry.boundingBox()
    return box.xMinimum(), box.xMaximum(), box.yMinimum(), box.yMaximum()


def pack(connection: sqlite3.Connection, index: str, ids: np.ndarray, boxes: np.ndarray) -> None:
    """Fill the tables of an empty index.

    Parameters
    ----------
    connection : sqlite3.Connection
    index : str
        Name of the virtual table.
    ids : (n,) array of int
        Row numbers.
    boxes : (n, 4) array
        x_min, x_max, y_min, y_max of each row.
    """
    if not len(ids):
        return
    low, high = _rounded(boxes)
    ids = np.asarray(ids, np.int64)
    order = _tiles(low, high)
    ids, low, high = ids[order], low[order], high[order]
    connection.execute(statement("DELETE FROM $nodes", nodes=f"{index}_node"))
    leaves = -(-len(ids) // CELLS)
    counts = [leaves]
    while counts[-1] > 1:
        counts.append(-(-counts[-1] // CELLS))
    # the root is number 1, and each level below follows the one above
    first = [1] * len(counts)
    for level in range(len(counts) - 2, -1, -1):
        first[level] = first[level + 1] + counts[level + 1]
    connection.executemany(statement("INSERT INTO $rows VALUES (?, ?)", rows=f"{index}_rowid"), _sorted(
        ids, first[0] + np.arange(len(ids)) // CELLS))
    for level, count in enumerate(counts):
        nodes = np.zeros(count, _NODE)
        nodes["count"] = CELLS
        nodes["count"][-1] = len(ids) - (count - 1) * CELLS
        cells = np.zeros(count * CELLS, _CELL)
        cells["id"][: len(ids)] = ids
        cells["box"][: len(ids), 0::2], cells["box"][: len(ids), 1::2] = low, high
        nodes["cells"] = cells.reshape(count, CELLS)
        numbers = first[level] + np.arange(count)
        if level == len(counts) - 1:
            nodes["depth"] = level
        else:
            parents = first[level + 1] + np.arange(count) // CELLS
            connection.executemany(statement("INSERT INTO $parents VALUES (?, ?)", parents=f"{index}_parent"),
                                   zip(numbers.tolist(), parents.tolist()))
        raw, size = nodes.tobytes(), _NODE.itemsize
        connection.executemany(statement("INSERT INTO $nodes VALUES (?, ?)", nodes=f"{index}_node"), (
            (number, raw[k * size : (k + 1) * size]) for k, number in enumerate(numbers.tolist())))
        starts = np.arange(0, len(ids), CELLS)
        ids, low, high = numbers, np.minimum.reduceat(low, starts), np.maximum.reduceat(high, starts)


def _rounded(boxes: np.ndarray) -> tuple:
    """Return lower and upper corners as 32-bit floats that hold the boxes."""
    exact = np.asarray(boxes, float)
    low, high = exact[:, 0::2].astype("f4"), exact[:, 1::2].astype("f4")
    low = np.where(low > exact[:, 0::2], np.nextafter(low, np.float32(-np.inf)), low)
    high = np.where(high < exact[:, 1::2], np.nextafter(high, np.float32(np.inf)), high)
    return low, high


def _tiles(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return the order in which each run of CELLS rows lies close together."""
    middle = (low.astype(float) + high) / 2
    n = len(middle)
    slices = max(int(np.ceil(np.sqrt(n / CELLS))), 1)
    by_x = np.argsort(middle[:, 0], kind="stable")
    strip = np.empty(n, np.int64)
    strip[by_x] = np.arange(n) // (-(-n // slices))
    return np.lexsort((middle[:, 1], strip))


def _sorted(ids: np.ndarray, nodes: np.ndarray) -> zip:
    order = np.argsort(ids, kind="stable")
    return zip(ids[order].tolist(), nodes[order].tolist())
