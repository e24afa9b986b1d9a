"""The spatial index of a GeoPackage, packed at once instead of grown row by row.

SQLite keeps an R-tree in three plain tables: nodes (a depth, which only the root has, a count, and cells of a row
number or node number with four 32-bit floats, all big-endian), the node of each row, and the parent of each node. They
are documented for shadow tables of the R*Tree module; filled directly, two million points take seconds, where row by
row takes a minute. Packing is sort-tile-recursive (Leutenegger and others 1997). ``rtreecheck()`` of SQLite finds
nothing to object to.
"""

from __future__ import annotations

import sqlite3

import numpy as np

from .sql import statement

#: cells in a node, as SQLite has it for two dimensions
CELLS = 51
_CELL = np.dtype([("id", ">i8"), ("box", ">f4", 4)])
_NODE = np.dtype([("depth", ">u2"), ("count", ">u2"), ("cells", _CELL, CELLS)])


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
