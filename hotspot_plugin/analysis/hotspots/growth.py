"""From significant cells to places that one can patrol.

Significant cells alone make no hot spots: they run together into districts, and many hold
no incident at all because only their neighbours do. A hot spot here grows from the densest
significant cell, cell by cell over shared sides, always taking the densest, until the next
one would make it larger than the largest area allowed. So hot spots are about equal in
size and their counts can be compared.

Where one cell is already larger than that (500 m and more, in rural data), the cell only
says that something gathers in it. The place is then looked for inside it, on a finer grid:
the densest part of the allowed size.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from ..grids import Grid
from ..progress import Progress, silent

#: a place inside a large cell is built of so many pieces
PIECES = 16
#: empty pieces that may lie between two incidents of one place
BRIDGE = 2


@dataclass(frozen=True)
class Places:
    """Hot spots as sets of cells of one grid.

    Attributes
    ----------
    grid : Grid
        The grid of the cells; finer than that of the test where its cells were too large.
    col, row : (k,) int64 arrays
        Cells of all hot spots.
    spot : (k,) int64 array
        Number of the hot spot that each cell belongs to, from 0.
    """

    grid: Grid
    col: np.ndarray
    row: np.ndarray
    spot: np.ndarray

    @property
    def count(self) -> int:
        """Number of hot spots."""
        return int(self.spot.max()) + 1 if self.spot.size else 0

    @property
    def areas(self) -> np.ndarray:
        """Area of each hot spot in square metres."""
        return np.bincount(self.spot, minlength=self.count) * self.grid.area

    def locate(self, x: np.ndarray, y: np.ndarray, progress: Progress = silent) -> np.ndarray:
        """Number of the hot spot that holds each position, or -1; (n,) int64."""
        if not self.spot.size:
            return np.full(len(x), -1, dtype=np.int64)
        _, index = self.grid.count((self.col, self.row), x, y, progress=progress)
        return np.where(index >= 0, self.spot[index], -1)

    def ordered(self, order: np.ndarray) -> Places:
        """The hot spots ``order[0]``, ``order[1]``, … renumbered from 0; others are dropped."""
        number = np.full(self.count, -1, dtype=np.int64)
        number[order] = np.arange(len(order))
        spot = number[self.spot]
        cells = np.flatnonzero(spot >= 0)
        cells = cells[np.argsort(spot[cells], kind="stable")]
        return Places(self.grid, self.col[cells], self.row[cells], spot[cells])


def grow(
    counts: np.ndarray,
    values: np.ndarray,
    seeds: np.ndarray,
    joiners: np.ndarray,
    fillers: np.ndarray,
    sides: sparse.csr_matrix,
    most_cells: int,
    least_count: int,
    progress: Progress = silent,
) -> list[list[int]]:
    """Grow hot spots of at most ``most_cells`` cells from the densest seeds.

    Parameters
    ----------
    counts, values : (m,) arrays
        Incidents of each cell, and what makes a cell dense (its incidents or their weight).
    seeds, joiners, fillers : (m,) bool arrays
        Cells from which a hot spot may start; cells that may join it; and cells that may
        join only while it holds fewer than ``least_count`` incidents.
    sides : (m, m) csr_matrix
        Cells that share a side.
    most_cells, least_count : int

    Returns
    -------
    list of lists of int
        Cells of each hot spot with at least ``least_count`` incidents, in order of growth.
        Ties go to the cell that stands first.
    """
    free = seeds.copy()
    first, later = joiners.copy(), joiners | fillers
    order = np.flatnonzero(seeds)
    order = order[np.lexsort((order, -counts[order], -values[order]))]
    grown = []
    for step, seed in enumerate(order.tolist()):
        if step % 500 == 0:
            progress(step / order.size)
        if not free[seed]:
            continue
        cells = _extend([seed], counts, values, first, sides, most_cells)
        if counts[cells].sum() < least_count:
            cells = _extend(cells, counts, values, later, sides, most_cells, least_count)
        if counts[cells].sum() >= least_count:
            for cells_left in (free, first, later):
                cells_left[cells] = False
            grown.append(cells)
    return grown


def _extend(
    start: list[int],
    counts: np.ndarray,
    values: np.ndarray,
    allowed: np.ndarray,
    sides: sparse.csr_matrix,
    most_cells: int,
    enough: float = np.inf,
) -> list[int]:
    """Take the densest cell next to those held until the size, or ``enough`` incidents, is reached."""
    cells = list(start)
    seen = set(cells)
    waiting: list[tuple[float, float, int]] = []

    def look_around(cell: int) -> None:
        for other in sides.indices[sides.indptr[cell] : sides.indptr[cell + 1]].tolist():
            if other not in seen and allowed[other]:
                seen.add(other)
                heapq.heappush(waiting, (-values[other], -counts[other], other))

    for cell in cells:
        look_around(cell)
    total = counts[cells].sum()
    while waiting and len(cells) < most_cells and total < enough:
        cell = heapq.heappop(waiting)[2]
        cells.append(cell)
        total += counts[cell]
        look_around(cell)
    return cells


def piece_size(grid: Grid, largest_area: float, precision: float = 0.0) -> float:
    """Size of the pieces of which a place inside a large cell is built, in metres.

    A sixteenth of the largest area in whole decimetres, unless coordinates are coarser than that; never so
    large that one piece exceeds the largest area.
    """
    unit = Grid(grid.kind, 1.0).area
    size = min(max(np.sqrt(largest_area / PIECES / unit), precision), np.sqrt(largest_area / unit))
    return max(float(np.floor(10.0 * size)), 1.0) / 10.0  # never up: sixteen pieces must not exceed the area


def pieces_within(
    pieces: Grid, grid: Grid, cells: tuple[np.ndarray, np.ndarray], x: np.ndarray, y: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """All pieces whose centre lies in one of the cells, or that hold an incident which does.

    Parameters
    ----------
    pieces, grid : Grid
        The fine and the coarse grid.
    cells : tuple of (m,) int64 arrays
        Columns and rows on the coarse grid.
    x, y : (n,) arrays
        Incidents in these cells: a village at the side of a cell may lie in a piece whose
        centre is across.

    Returns
    -------
    col, row : (k,) int64 arrays
        On the fine grid, without repeats.
    """
    found = [np.column_stack(pieces.locate(x, y))]
    for ring in grid.polygons(*cells):
        col, row = pieces.cover((*ring.min(axis=0), *ring.max(axis=0)))
        centre = pieces.centres(col, row)
        own = grid.index_in(cells, *grid.locate(centre[:, 0], centre[:, 1])) >= 0
        found.append(np.column_stack([col[own], row[own]]))
    every = np.unique(np.vstack(found), axis=0)
    return every[:, 0].copy(), every[:, 1].copy()


def cores(
    counts: np.ndarray,
    values: np.ndarray,
    seeds: np.ndarray,
    around: sparse.csr_matrix,
    sides: sparse.csr_matrix,
    most_cells: int,
    least_count: int,
    progress: Progress = silent,
) -> list[list[int]]:
    """Find the densest places of at most ``most_cells`` pieces inside large significant cells.

    Each starts at the piece with most around it and takes, again and again, the piece with
    incidents that gives most for the pieces it costs; a few empty ones may lie between.

    Parameters
    ----------
    counts, values : (m,) arrays
        Incidents in each piece, and their weight.
    seeds : (m,) bool array
        Pieces at which a place may start, if they hold an incident.
    around : (m, m) csr_matrix
        Pieces within the radius of a place of the largest size, with the piece itself.
    sides : (m, m) csr_matrix
        Pieces that share a side.
    most_cells, least_count : int
        Places with fewer than ``least_count`` incidents are dropped.

    Returns
    -------
    list of lists of int
        Pieces of each place, in order of growth.
    """
    density = around @ values
    order = np.flatnonzero(seeds & (counts > 0))
    order = order[np.lexsort((order, -values[order], -density[order]))]
    free = np.ones(counts.size, dtype=bool)
    found = []
    for step, seed in enumerate(order.tolist()):
        if step % 50 == 0:
            progress(step / order.size)
        if not free[seed]:
            continue
        body = [seed]
        while len(body) < most_cells:
            path = _best_path(body, counts, values, free, sides, most_cells - len(body))
            if not path:
                break
            body.extend(path)
        if counts[body].sum() >= least_count:
            free[body] = False
            found.append(body)
    return found


def _best_path(
    body: list[int], counts: np.ndarray, values: np.ndarray, free: np.ndarray, sides: sparse.csr_matrix, room: int
) -> list[int]:
    """Shortest ways out to pieces with incidents; the one with most weight for its length."""
    came: dict[int, int] = dict.fromkeys(body, -1)
    edge, best, best_gain = list(body), [], 0.0
    for length in range(1, min(BRIDGE + 1, room) + 1):
        reached = []
        for piece in edge:
            for other in sides.indices[sides.indptr[piece] : sides.indptr[piece + 1]].tolist():
                if other not in came and free[other]:
                    came[other] = piece
                    reached.append(other)
        for piece in reached:
            gain = values[piece] / length
            if counts[piece] > 0 and gain > best_gain:
                best, best_gain = [piece], gain
        edge = reached
    while best and came[best[-1]] not in body:
        best.append(came[best[-1]])
    return best
