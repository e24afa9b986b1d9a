"""Regular grids on a fixed origin: squares and hexagons.

Column and row are counted from (0, 0) of the coordinate system, never from the corner of
the data or of a boundary. So the same place has the same ``cell_id`` next month, for a
colleague, and after the boundary was edited.

How a cell size is chosen from the data stands in :mod:`.cellsize`.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .progress import Progress, silent

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

SQUARE, HEXAGON = "square", "hexagon"
_LETTER = {SQUARE: "S", HEXAGON: "H"}
_KIND = {letter: kind for kind, letter in _LETTER.items()}
_SLICE = 250_000

#: x_min, y_min, x_max, y_max in metres
Extent = tuple[float, float, float, float]


@dataclass(frozen=True)
class Grid:
    """A grid of equal cells that covers the plane.

    Parameters
    ----------
    kind : {"square", "hexagon"}
    size : float
        Metres. For squares the side; for hexagons the width between the two upright
        sides, which is also the distance between the centres of neighbours.
    crs_id : str
        Identifier of the coordinate system in metres, e.g. ``"EPSG:32630"``; part of the cell
        ids. A definition in words, as systems without a number have, is shortened to a checksum.

    Notes
    -----
    Hexagons stand on a corner; odd rows are shifted by half a cell to the east. All
    vertices are integers times one step in x and one in y, so neighbours share their
    corners to the last bit. Cell (0, 0) is the square with (0, 0) as its south-west corner,
    or the hexagon with (0, 0) as its centre. A square holds its south and west side, not
    its north and east side; on the sides of hexagons rounding decides. Either way each
    position is in exactly one cell.
    """

    kind: str
    size: float
    crs_id: str = ""

    def __post_init__(self) -> None:
        if self.kind not in _LETTER:
            raise ValueError(f"unknown kind of grid: {self.kind}")
        if not (math.isfinite(self.size) and self.size > 0):
            raise ValueError(f"the cell size must be a positive number, not {self.size}")
        if len(self.crs_id) > 24:
            object.__setattr__(self, "crs_id", f"CRS{zlib.crc32(self.crs_id.encode()):08x}")

    @property
    def area(self) -> float:
        """Area of a cell in square metres: size^2, or sqrt(3)/2 size^2 for hexagons."""
        return self.size**2 * (1.0 if self.kind == SQUARE else math.sqrt(3) / 2)

    @property
    def prefix(self) -> str:
        """What the ids of all cells begin with, e.g. ``EPSG:32630_H150``."""
        return f"{self.crs_id}_{_LETTER[self.kind]}{self.size:.10g}"

    # Where things are

    def locate(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the column and row of the one cell that holds each position.

        Parameters
        ----------
        x, y : (n,) array_like of float
            Finite coordinates in metres.

        Returns
        -------
        col, row : (n,) ndarray of int64
        """
        x = np.asarray(x, dtype=np.float64)
        y = np.asarray(y, dtype=np.float64)
        if not (np.isfinite(x).all() and np.isfinite(y).all()):
            raise ValueError("coordinates must be finite")
        if self.kind == SQUARE:
            return self._square_index(x), self._square_index(y)
        return self._hexagon_index(x, y)

    def _square_index(self, values: np.ndarray) -> np.ndarray:
        index = np.floor(values / self.size)
        # The quotient may round across the side of a cell; the product is what polygons() draws.
        index -= values < index * self.size
        index += values >= (index + 1) * self.size
        return index.astype(np.int64)

    def _hexagon_index(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Axial coordinates rounded in cube space (redblobgames.com/grids/hexagons), then offset rows."""
        r = y / (self.size * math.sqrt(3) / 2)
        q = x / self.size - r / 2
        s = -q - r
        whole_q, whole_r, whole_s = (np.floor(v + 0.5) for v in (q, r, s))
        error_q, error_r, error_s = np.abs(whole_q - q), np.abs(whole_r - r), np.abs(whole_s - s)
        fix_q = (error_q > error_r) & (error_q > error_s)
        fix_r = ~fix_q & (error_r > error_s)
        whole_q = np.where(fix_q, -whole_r - whole_s, whole_q)
        whole_r = np.where(fix_r, -whole_q - whole_s, whole_r)
        row = whole_r.astype(np.int64)
        return whole_q.astype(np.int64) + (row - (row & 1)) // 2, row

    def cover_size(self, extent: Extent) -> int:
        """Return how many cells :meth:`cover` would give, without making them."""
        first_col, last_col, first_row, last_row = self._ranges(extent)
        return max(0, last_col - first_col + 1) * max(0, last_row - first_row + 1)

    def cover(self, extent: Extent) -> tuple[np.ndarray, np.ndarray]:
        """Return all cells that meet an extent, row by row from the south-west.

        Parameters
        ----------
        extent : tuple of float
            x_min, y_min, x_max, y_max in metres.

        Returns
        -------
        col, row : (n,) ndarray of int64
            A rectangle of columns and rows: with hexagons a few at its east or west
            side may lie just outside the extent.
        """
        first_col, last_col, first_row, last_row = self._ranges(extent)
        cols = np.arange(first_col, last_col + 1, dtype=np.int64)
        rows = np.arange(first_row, last_row + 1, dtype=np.int64)
        return np.tile(cols, len(rows)), np.repeat(rows, len(cols))

    def _ranges(self, extent: Extent) -> tuple[int, int, int, int]:
        x_min, y_min, x_max, y_max = (float(v) for v in extent)
        if self.kind == SQUARE:
            (first_col, last_col), (first_row, last_row) = (
                self._square_index(np.array(pair)).tolist() for pair in ((x_min, x_max), (y_min, y_max))
            )
            return first_col, last_col, first_row, last_row
        height = self.size * math.sqrt(3) / 2
        overhang = 2.0 / 3.0
        return (
            math.ceil(x_min / self.size - 1.0),
            math.floor(x_max / self.size + 0.5),
            math.ceil(y_min / height - overhang),
            math.floor(y_max / height + overhang),
        )

    # What cells look like

    def centres(self, col: np.ndarray, row: np.ndarray) -> np.ndarray:
        """Return the centres of cells, (n, 2) float64 in metres."""
        col, row = np.asarray(col, dtype=np.int64), np.asarray(row, dtype=np.int64)
        if self.kind == SQUARE:
            return np.column_stack([(col + 0.5) * self.size, (row + 0.5) * self.size])
        return np.column_stack([(2 * col + (row & 1)) * (self.size / 2), row * (self.size * math.sqrt(3) / 2)])

    def polygons(self, col: np.ndarray, row: np.ndarray) -> np.ndarray:
        """Return the rings of cells, counter-clockwise and closed by a copy of the first vertex.

        Returns
        -------
        (n, 5, 2) or (n, 7, 2) ndarray of float64
            Metres; a corner shared by several cells is the same to the last bit in all of them.
        """
        col, row = np.asarray(col, dtype=np.int64), np.asarray(row, dtype=np.int64)
        if self.kind == SQUARE:
            step_x = step_y = self.size
            u = col[:, None] + np.array([0, 1, 1, 0, 0])
            v = row[:, None] + np.array([0, 0, 1, 1, 0])
        else:
            step_x, step_y = self.size / 2, self.size / (2 * math.sqrt(3))
            u = (2 * col + (row & 1))[:, None] + np.array([0, 1, 1, 0, -1, -1, 0])
            v = (3 * row)[:, None] + np.array([-2, -1, 1, 2, 1, -1, -2])
        return np.stack([u * step_x, v * step_y], axis=-1)

    # Names

    def ids(self, col: np.ndarray, row: np.ndarray) -> np.ndarray:
        """Return the ``cell_id`` of cells, an (n,) object array of str such as ``EPSG:32630_H150_4012_-7``."""
        prefix = self.prefix
        texts = [f"{prefix}_{c}_{r}" for c, r in zip(np.asarray(col).tolist(), np.asarray(row).tolist())]
        out = np.empty(len(texts), dtype=object)
        out[:] = texts
        return out

    @classmethod
    def from_ids(cls, ids: list[str]) -> tuple[Grid, np.ndarray, np.ndarray] | None:
        """Read the grid and its columns and rows back from ``cell_id`` texts.

        Returns
        -------
        tuple of Grid, col, row, or None
            None unless every text is an id of one and the same grid.
        """
        if not len(ids):
            return None
        prefixes, cols, rows = set(), [], []
        try:
            for text in ids:
                prefix, col, row = text.rsplit("_", 2)
                prefixes.add(prefix)
                cols.append(int(col))
                rows.append(int(row))
            (prefix,) = prefixes
            crs_id, shape = prefix.rsplit("_", 1)
            grid = cls(_KIND[shape[0]], float(shape[1:]), crs_id)
        except (ValueError, KeyError, IndexError, AttributeError):
            return None
        return grid, np.array(cols, dtype=np.int64), np.array(rows, dtype=np.int64)

    # Relations between cells

    def index_in(
        self, cells: tuple[np.ndarray, np.ndarray], col: np.ndarray, row: np.ndarray, progress: Progress = silent
    ) -> np.ndarray:
        """Find cells, given by column and row, in a list of distinct cells.

        Parameters
        ----------
        cells : tuple of (m,) ndarray of int64
            Columns and rows of the list.
        col, row : (n,) ndarray of int64
            What is looked for.

        Returns
        -------
        (n,) ndarray of int64
            Place in the list, or -1.
        """
        list_col, list_row = (np.asarray(v, dtype=np.int64) for v in cells)
        col, row = np.asarray(col, dtype=np.int64), np.asarray(row, dtype=np.int64)
        found = np.full(len(col), -1, dtype=np.int64)
        if not len(list_col) or not len(col):
            return found
        west, south = int(list_col.min()), int(list_row.min())
        columns, rows = int(list_col.max()) - west + 1, int(list_row.max()) - south + 1
        inside = (col >= west) & (col < west + columns) & (row >= south) & (row < south + rows)
        key = (list_row - south) * columns + (list_col - west)
        wanted = (row[inside] - south) * columns + (col[inside] - west)
        progress(0.3)
        if columns * rows <= max(4_000_000, 8 * len(list_col)):
            table = np.full(columns * rows, -1, dtype=np.int64)
            table[key] = np.arange(len(key))
            found[inside] = table[wanted]
        else:
            order = np.argsort(key, kind="stable")
            place = np.minimum(np.searchsorted(key[order], wanted), len(key) - 1)
            found[inside] = np.where(key[order][place] == wanted, order[place], -1)
        progress(1.0)
        return found

    def count(
        self,
        cells: tuple[np.ndarray, np.ndarray],
        x: np.ndarray,
        y: np.ndarray,
        weights: np.ndarray | None = None,
        progress: Progress = silent,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Count positions in a list of distinct cells.

        Parameters
        ----------
        cells : tuple of (m,) ndarray of int64
            Columns and rows.
        x, y : (n,) ndarray of float
            Metres.
        weights : (n,) ndarray of float, optional
            Summed instead of counted.

        Returns
        -------
        totals : (m,) ndarray of int64, or float64 with weights
        index : (n,) ndarray of int64
            The cell of each position in the list, or -1.
        """
        index = np.empty(len(x), dtype=np.int64)
        for start in range(0, len(x), _SLICE):
            progress(start / len(x))
            stop = start + _SLICE
            index[start:stop] = self.index_in(cells, *self.locate(x[start:stop], y[start:stop]))
        held = index >= 0
        if weights is None:
            return np.bincount(index[held], minlength=len(cells[0])).astype(np.int64), index
        totals = np.bincount(index[held], weights=np.asarray(weights, dtype=np.float64)[held], minlength=len(cells[0]))
        return totals.astype(np.float64), index

    def neighbours(
        self, col: np.ndarray, row: np.ndarray, queen: bool = True, progress: Progress = silent
    ) -> csr_matrix:
        """Return which of a list of distinct cells touch each other.

        Parameters
        ----------
        col, row : (n,) ndarray of int64
        queen : bool
            Squares: also cells that touch in a corner only (8 instead of 4). Hexagons have 6 either way.

        Returns
        -------
        scipy.sparse.csr_matrix
            (n, n), 1.0 where two cells touch, nothing on the diagonal; sorted indices.
        """
        from scipy.sparse import csr_matrix

        col, row = np.asarray(col, dtype=np.int64), np.asarray(row, dtype=np.int64)
        n = len(col)
        here, there = [], []
        offsets = self._offsets(queen)
        for step, (even, odd) in enumerate(offsets):
            progress(step / len(offsets))
            across = np.where(row & 1, odd[0], even[0])
            index = self.index_in((col, row), col + across, row + even[1])
            known = np.flatnonzero(index >= 0)
            here.append(known)
            there.append(index[known])
        rows, columns = np.concatenate(here), np.concatenate(there)
        matrix = csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(n, n))
        matrix.sort_indices()
        return matrix

    def _offsets(self, queen: bool) -> list[tuple[tuple[int, int], tuple[int, int]]]:
        """Steps to the neighbours as (columns, rows), for even and for odd rows."""
        if self.kind == SQUARE:
            steps = [(-1, 0), (1, 0), (0, -1), (0, 1)]
            if queen:
                steps += [(-1, -1), (-1, 1), (1, -1), (1, 1)]
            return [(step, step) for step in steps]
        even = [(-1, 0), (1, 0), (-1, -1), (0, -1), (-1, 1), (0, 1)]
        odd = [(-1, 0), (1, 0), (0, -1), (1, -1), (0, 1), (1, 1)]
        return list(zip(even, odd))
