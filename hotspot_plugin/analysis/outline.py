"""Where data end: the ground that a network or a study area covers, as a raster.

What lies near the edge of the data is measured too low, because half of its surroundings is
missing; and a street that stops at the edge is no dead end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .overlay import cells_inside
from .progress import Progress, silent

#: cells of the raster; cells along the radius of a circle
_MOST_CELLS, _PER_RADIUS = 4_000_000, 12


@dataclass(frozen=True)
class Outline:
    """Ground that the data cover.

    Attributes
    ----------
    ground : (rows, columns) bool array
        Row 0 is the south.
    low : (2,) array
        South-west corner in metres.
    cell : float
        Side of a cell in metres.
    """

    ground: np.ndarray
    low: np.ndarray
    cell: float

    @property
    def area(self) -> float:
        """Square metres of the ground."""
        return float(self.ground.sum()) * self.cell**2

    def distance(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return how far inside positions lie: metres to the outline, to about a cell; 0 outside. (n,)."""
        from scipy import ndimage

        inside = ndimage.distance_transform_edt(np.pad(self.ground, 1))[1:-1, 1:-1]
        return np.maximum(self._at(inside, x, y, 0.0) - 1.0, 0.0) * self.cell

    def covered(self, x: np.ndarray, y: np.ndarray, radius: float) -> np.ndarray:
        """Return the share of the circle around each position that is ground, (n,) from 0 to 1."""
        from scipy import signal

        fold = max(1, int(radius / self.cell / _PER_RADIUS))
        rows, columns = (int(np.ceil(size / fold)) for size in self.ground.shape)
        padded = np.zeros((rows * fold, columns * fold))
        padded[: self.ground.shape[0], : self.ground.shape[1]] = self.ground
        coarse = padded.reshape(rows, fold, columns, fold).mean(axis=(1, 3))
        side = self.cell * fold
        reach = max(int(np.ceil(radius / side)), 1)
        away = np.arange(-reach, reach + 1) * side
        disc = (away[:, None] ** 2 + away**2 <= radius**2).astype(float)
        # beyond the raster there is no ground, but positions there still see some of it
        share = signal.fftconvolve(np.pad(coarse, reach), disc, mode="same") / disc.sum()
        share = share[reach:-reach, reach:-reach]
        return np.clip(Outline(share > 0, self.low, side)._at(share, x, y, 0.0), 0.0, 1.0)

    def _at(self, values: np.ndarray, x: np.ndarray, y: np.ndarray, outside: float) -> np.ndarray:
        at = np.floor((np.column_stack([x, y]) - self.low) / self.cell).astype(np.int64)
        size = np.array(values.shape[::-1])
        held = ((at >= 0) & (at < size)).all(axis=1)
        at = np.clip(at, 0, size - 1)
        return np.where(held, values[at[:, 1], at[:, 0]], outside)


def of_lines(vertices: np.ndarray, part_start: np.ndarray, closing: float, progress: Progress = silent) -> Outline:
    """Return the ground between lines.

    It is what a circle of radius ``closing`` cannot enter without touching a line: bays
    narrower than twice that belong to it, and so do all holes.

    Parameters
    ----------
    vertices : (m, 2) array
    part_start : (r,) int64 array
        Index of the first corner of each part.
    closing : float
        Metres.
    """
    from scipy import ndimage

    low, high = vertices.min(axis=0), vertices.max(axis=0)
    cell = max(closing / 10.0, float(np.sqrt(np.prod(high - low + 4 * closing) / _MOST_CELLS)))
    pad = int(np.ceil(closing / cell)) + 2
    columns, rows = (np.ceil((high - low) / cell).astype(int) + 1 + 2 * pad).tolist()
    low = low - pad * cell
    at = np.floor((_points(vertices, part_start, 0.7 * cell) - low) / cell).astype(np.int64)
    drawn = np.zeros((rows, columns), dtype=bool)
    drawn[at[:, 1], at[:, 0]] = True
    progress(0.3)
    near = ndimage.binary_fill_holes(ndimage.distance_transform_edt(~drawn) * cell <= closing)
    progress(0.6)
    ground = ndimage.distance_transform_edt(np.pad(near, 1))[1:-1, 1:-1] * cell > closing
    progress(1.0)
    return Outline(ground | drawn, low, cell)


def of_rings(
    vertices: np.ndarray, ring_start: np.ndarray, cell: float, progress: Progress = silent
) -> Outline:
    """Return the ground inside polygons, in cells of at least the side given (metres)."""
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    cell = max(cell, float(np.sqrt(max(np.prod(high - low), 1.0) / _MOST_CELLS)))
    columns, rows = np.ceil((high - low) / cell).astype(int) + 2
    low = low - cell
    inside = cells_inside(vertices, ring_start, low[0], low[1] + rows * cell, cell, (rows, columns), progress)
    return Outline(inside[::-1], low, cell)


def _points(vertices: np.ndarray, part_start: np.ndarray, step: float) -> np.ndarray:
    """Return positions along lines, no farther from one another than a step."""
    piece = np.ones(len(vertices) - 1, dtype=bool)
    piece[part_start[1:] - 1] = False
    a, b = vertices[:-1][piece], vertices[1:][piece]
    count = np.ceil(np.hypot(*(b - a).T) / step).astype(np.int64) + 1
    owner = np.repeat(np.arange(len(a)), count)
    along = (np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)) / np.maximum(count - 1, 1)[owner]
    return a[owner] + along[:, None] * (b - a)[owner]
