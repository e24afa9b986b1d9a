"""The corners of many polygons as arrays, taken from their WKB in one sweep."""

from __future__ import annotations

from typing import Sequence

import numpy as np

_POLYGON, _MULTIPOLYGON = 3, 6


def from_wkb(shapes: Sequence[bytes]) -> tuple:
    """Return all rings of two-dimensional polygons and multipolygons.

    Polygons of one ring, the bulk of any grid, are told by their header and cost no loop.

    Parameters
    ----------
    shapes : sequence of bytes
        Little-endian WKB of each area.

    Returns
    -------
    vertices : (m, 2) array of float
        Corners of all rings, each closed.
    owner : (m,) array of int
        Which area each corner belongs to, ascending.
    ring_start : (r,) array of int
        Index of the first corner of each ring.
    """
    sizes = np.array([len(wkb) for wkb in shapes], dtype=np.int64)
    buffer = np.frombuffer(b"".join(shapes), dtype=np.uint8)
    begin = np.cumsum(sizes) - sizes
    head = np.zeros(len(shapes), dtype=np.int64)
    count = np.zeros(len(shapes), dtype=np.int64)
    # order, type, rings, corners = 13 bytes; within a multipolygon 9 more come before
    for kind, length, ones in ((_POLYGON, 13, (5,)), (_MULTIPOLYGON, 22, (5, 14))):
        rows = np.flatnonzero(sizes >= length)
        rows = rows[_integers(buffer, begin[rows] + 1) == kind]
        for position in ones:
            rows = rows[_integers(buffer, begin[rows] + position) == 1]
        head[rows], count[rows] = length, _integers(buffer, begin[rows] + length - 4)
    plain = np.flatnonzero(head)
    tables = [np.stack([begin[plain] + head[plain], count[plain], plain])]
    for row in np.flatnonzero(head == 0).tolist():
        tables.append(_ring_table(shapes[row], int(begin[row]), row))
    start, count, owner = np.concatenate(tables, axis=1)
    order = np.argsort(start)
    start, count, owner = start[order], count[order], owner[order]
    step = np.zeros(buffer.size + 1, dtype=np.int8)
    step[start[count > 0]] += 1
    step[(start + 16 * count)[count > 0]] -= 1  # between two rings there is always a header
    is_corner = np.cumsum(step[:-1], dtype=np.int8).astype(bool)
    vertices = buffer[is_corner].view("<f8").reshape(-1, 2)
    return vertices, np.repeat(owner, count), np.cumsum(count) - count


def _integers(buffer: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Unsigned 32-bit integers that begin at the given bytes."""
    return buffer[positions[:, None] + np.arange(4)].view("<u4").ravel().astype(np.int64)


def _ring_table(wkb: bytes, offset: int, row: int) -> np.ndarray:
    """First byte of the corners, number of corners and owner of each ring of one area, (3, rings)."""
    out = []
    kind, position, polygons = int.from_bytes(wkb[1:5], "little"), 5, 1
    if kind == _MULTIPOLYGON:
        polygons, position = int.from_bytes(wkb[5:9], "little"), 14
    for _ in range(polygons):
        rings = int.from_bytes(wkb[position : position + 4], "little")
        position += 4
        for _ in range(rings):
            count = int.from_bytes(wkb[position : position + 4], "little")
            out.append((offset + position + 4, count, row))
            position += 4 + 16 * count
        position += 5  # the header of the next polygon
    return np.array(out, dtype=np.int64).reshape(-1, 3).T
