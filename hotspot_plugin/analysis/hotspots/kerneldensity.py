"""Kernel density of incidents on a raster, with the correct constants and the whole mass.

f(q) = sum of w_i K(|q - x_i| / h) / h^2, in incidents per square metre (Silverman 1986).
Incidents are shared among the four nearest cell centres (linear binning) and convolved
with the kernel by FFT, tile by tile, so that time grows with the incidents and the cells,
memory with the cells alone, and a run can be stopped at any tile. The kernel on cells is
scaled to sum to one: the raster holds all incidents, whatever the cell size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Callable

import numpy as np

from ..errors import InputError
from ..progress import Progress, part, silent

QUARTIC, EPANECHNIKOV, GAUSSIAN, TRIANGULAR, UNIFORM = "quartic", "epanechnikov", "gaussian", "triangular", "uniform"
#: In the order of the tool's options.
KERNELS = (QUARTIC, EPANECHNIKOV, GAUSSIAN, TRIANGULAR, UNIFORM)
#: A raster with more cells is refused: it would need gigabytes and show nothing more.
MOST_CELLS = 50_000_000
#: The kernel may reach this many cells; finer cells show nothing more and cost much.
MOST_REACH = 200
_GAUSSIAN_REACH = 4.0
_ONE_TILE, _TILE = 1536, 1024
_SLICE = 400_000


def kernel_value(u: np.ndarray, kernel: str) -> np.ndarray:
    """Return K(u) of a two-dimensional kernel that integrates to 1 over the plane.

    Parameters
    ----------
    u : ndarray of float
        Distance divided by the bandwidth.
    kernel : str
        One of ``KERNELS``. The bandwidth of the Gaussian is its standard deviation, of all
        others the radius beyond which they are 0.
    """
    u2 = np.square(u)
    if kernel == GAUSSIAN:
        return np.exp(-u2 / 2) / (2 * np.pi)
    near = np.maximum(1 - u2, 0.0)
    if kernel == QUARTIC:
        return 3 / np.pi * near**2
    if kernel == EPANECHNIKOV:
        return 2 / np.pi * near
    if kernel == TRIANGULAR:
        return 3 / np.pi * np.maximum(1 - np.abs(u), 0.0)
    if kernel == UNIFORM:
        return np.where(u2 < 1, 1 / np.pi, 0.0)
    raise ValueError(f"unknown kernel: {kernel}")


def kernel_reach(bandwidth: float, kernel: str) -> float:
    """Return the distance in metres beyond which the kernel counts as 0 (4 standard deviations for the Gaussian)."""
    return bandwidth * (_GAUSSIAN_REACH if kernel == GAUSSIAN else 1.0)


@dataclass(frozen=True)
class Frame:
    """Where the cells of a raster lie.

    Attributes
    ----------
    x_min, y_max : float
        The north-west corner in metres.
    cell : float
        Side of a cell in metres.
    rows, columns : int
        Row 0 is the north.
    """

    x_min: float
    y_max: float
    cell: float
    rows: int
    columns: int

    @property
    def shape(self) -> tuple[int, int]:
        return self.rows, self.columns

    @property
    def cells(self) -> int:
        return self.rows * self.columns

    def centres(self) -> tuple[np.ndarray, np.ndarray]:
        """Return x of the columns and y of the rows."""
        x = self.x_min + (np.arange(self.columns) + 0.5) * self.cell
        return x, self.y_max - (np.arange(self.rows) + 0.5) * self.cell


def frame_of(extent: tuple[float, float, float, float], cell: float, margin: float = 0.0) -> Frame:
    """Return the raster that covers an extent, on cells counted from (0, 0).

    Because of the fixed origin the rasters of two months lie cell on cell.

    Parameters
    ----------
    extent : tuple of float
        x_min, y_min, x_max, y_max in metres.
    cell : float
        Metres.
    margin : float
        Metres added at all sides, e.g. the kernel's reach.
    """
    x_min, y_min, x_max, y_max = extent
    west, south = math.floor((x_min - margin) / cell), math.floor((y_min - margin) / cell)
    east, north = math.ceil((x_max + margin) / cell), math.ceil((y_max + margin) / cell)
    return Frame(west * cell, north * cell, cell, max(north - south, 1), max(east - west, 1))


def smallest_cell(extent: tuple[float, float, float, float], margin: float, most: int = MOST_CELLS) -> float:
    """Return the finest cell size (metres, two digits) whose raster over an extent keeps to ``most`` cells."""
    width, height = extent[2] - extent[0] + 2 * margin, extent[3] - extent[1] + 2 * margin
    cell = math.sqrt(width * height / most)
    step = 10.0 ** (math.floor(math.log10(cell)) - 1)
    cell = math.ceil(cell / step) * step
    while frame_of(extent, cell, margin).cells > most:
        cell += step
    return cell


def plan_frame(
    parameter: str, extent: tuple[float, float, float, float], margin: float, cell: float, bandwidth: float, kernel: str
) -> Frame:
    """Return the raster for an extent, or refuse what is too coarse, too fine or too large before it is built.

    Parameters
    ----------
    parameter : str
        The parameter that errors shall name.
    extent, cell, margin
        As in :func:`frame_of`.
    bandwidth : float
        Metres.
    kernel : str

    Raises
    ------
    InputError
    """
    reach = kernel_reach(bandwidth, kernel)
    if not (math.isfinite(cell) and cell > 0):
        raise InputError(parameter, "The cell size must be more than 0 m. Give 0 for a tenth of the bandwidth.")
    if cell > bandwidth:
        raise InputError(
            parameter,
            "Cells of {cell:g} m are larger than the bandwidth of {bandwidth:g} m. Give {advised:g} m (a tenth of the"
            " bandwidth) or 0.",
            cell=cell, bandwidth=bandwidth, advised=bandwidth / 10,
        )  # fmt: skip
    if reach / cell > MOST_REACH:
        raise InputError(
            parameter,
            "Cells of {cell:g} m are far finer than a kernel that reaches {reach:g} m can show. Give at least"
            " {least:g} m.",
            cell=cell, reach=reach, least=math.ceil(100 * reach / MOST_REACH) / 100,
        )  # fmt: skip
    frame = frame_of(extent, cell, margin)
    if frame.cells > MOST_CELLS:
        raise InputError(
            parameter,
            "The raster would have {columns:,} x {rows:,} cells, for an extent of {width:,.0f} x {height:,.0f} km; at"
            " most {most:,} cells are made. Give at least {least:g} m, or a study area; if the extent is too large,"
            " some incidents have wrong places: 'Check incident data' finds them.",
            columns=frame.columns, rows=frame.rows, width=frame.columns * cell / 1000,
            height=frame.rows * cell / 1000, most=MOST_CELLS, least=smallest_cell(extent, margin),
        )  # fmt: skip
    return frame


def check_weights(parameter: str, weights: np.ndarray, rows: np.ndarray, field: str) -> None:
    """Refuse weights that make no density: negative, infinite, or none above 0. NaN is left to the caller.

    Parameters
    ----------
    parameter : str
        The parameter that errors shall name.
    weights : (n,) ndarray of float
    rows : (n,) ndarray of int
        Row numbers in the source, from 0.
    field : str

    Raises
    ------
    InputError
    """
    bad = (weights < 0) | np.isinf(weights)
    if bad.any():
        raise InputError(
            parameter,
            "{count} values of '{field}' are negative or infinite (first: row {row}). A weight says how much an"
            " incident counts: correct them, filter these rows, or choose another field.",
            count=int(bad.sum()), field=field, row=int(rows[np.argmax(bad)]) + 1,
        )  # fmt: skip
    if not np.nansum(weights) > 0:
        raise InputError(parameter, "All weights in '{field}' are 0 or missing. Choose another field.", field=field)


# --- density -------------------------------------------------------------------------------
def density_at(
    at: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    bandwidth: float,
    kernel: str = QUARTIC,
    weights: np.ndarray | None = None,
    progress: Progress = silent,
) -> np.ndarray:
    """Return the exact density at positions, incidents per square metre.

    Parameters
    ----------
    at : (m, 2) ndarray of float
        Positions in metres.
    x, y : (n,) ndarray of float
        Incidents.
    bandwidth : float
        Metres.

    Returns
    -------
    (m,) ndarray of float
    """
    from scipy.spatial import cKDTree

    at = np.asarray(at, dtype=np.float64)
    tree = cKDTree(np.column_stack([x, y]))
    # exp(-32) of a Gaussian at 8 standard deviations is below the precision of the sum
    reach = bandwidth * (8.0 if kernel == GAUSSIAN else 1.0)
    out = np.zeros(len(at))
    step = max(1, min(1000, 2_000_000 // max(len(x), 1)))
    for start in range(0, len(at), step):
        progress(start / len(at))
        near = cKDTree(at[start : start + step]).sparse_distance_matrix(tree, reach, output_type="coo_matrix")
        value = kernel_value(near.data / bandwidth, kernel)
        if weights is not None:
            value = value * weights[near.col]
        out[start : start + step] = np.bincount(near.row, value, minlength=len(out[start : start + step]))
    progress(1.0)
    return out / bandwidth**2


def density(
    x: np.ndarray,
    y: np.ndarray,
    frame: Frame,
    bandwidth: float,
    kernel: str = QUARTIC,
    weights: np.ndarray | None = None,
    progress: Progress = silent,
) -> np.ndarray:
    """Return the density on a raster, incidents per square metre.

    Parameters
    ----------
    x, y : (n,) ndarray of float
        Finite coordinates in metres; those outside the frame count where the kernel reaches in.
    frame : Frame
    bandwidth : float
        Metres; at least the cell size.
    kernel : str
        One of ``KERNELS``.
    weights : (n,) ndarray of float, optional
        Finite and not negative.
    progress : Progress

    Returns
    -------
    (rows, columns) ndarray of float64
        Row 0 is the north. Times the cell area it sums to the incidents (or weights), if
        the frame leaves them the kernel's reach and two cells more. Cells that no incident
        reaches hold exactly 0.
    """
    mask = cell_kernel(bandwidth, frame.cell, kernel)
    reach = len(mask) // 2
    column = (np.asarray(x, dtype=np.float64) - frame.x_min) / frame.cell - 0.5 + reach
    row = (frame.y_max - np.asarray(y, dtype=np.float64)) / frame.cell - 0.5 + reach
    near = (column > -1) & (row > -1) & (column < frame.columns + 2 * reach) & (row < frame.rows + 2 * reach)
    if not near.all():
        column, row = column[near], row[near]
        weights = None if weights is None else np.asarray(weights, dtype=np.float64)[near]
    # one cell more at the low side, for shares that fall to the west or north of the first one
    column, row = column + 1, row + 1
    tiles = _Tiles(frame, reach)
    order, start = tiles.sort(row, column)

    def binned(number: int) -> np.ndarray | None:
        first, last = start[number], start[number + 1]
        if first == last:
            return None
        out = np.zeros(tiles.held)
        top, left = tiles.corner(number)
        for begin in range(first, last, _SLICE):
            chosen: slice | np.ndarray = slice(begin, min(begin + _SLICE, last))
            if order is not None:
                chosen = order[chosen]
            share = None if weights is None else weights[chosen]
            _share_out(out, row[chosen] - top, column[chosen] - left, share)
            progress(0.1 + 0.8 * number / tiles.count)
        return out

    progress(0.1)
    values = _convolve(tiles, binned, mask, frame, part(progress, 0.1, 0.95))
    values /= frame.cell**2
    progress(1.0)
    return values


def _share_out(out: np.ndarray, row: np.ndarray, column: np.ndarray, weights: np.ndarray | None) -> None:
    """Add incidents to the four nearest cells, each the more the nearer (linear binning)."""
    i, j = row.astype(np.int64), column.astype(np.int64)
    down, right = row - i, column - j
    width = out.shape[1]
    key = i * width + j
    flat = out.reshape(-1)
    if weights is not None:
        heavy, light = weights * down, weights * (1 - down)
    else:
        heavy, light = down, 1 - down
    for offset, share in ((0, light * (1 - right)), (1, light * right),
                          (width, heavy * (1 - right)), (width + 1, heavy * right)):  # fmt: skip
        flat += np.bincount(key + offset, share, minlength=len(flat))


def inside_share(
    inside: np.ndarray, frame: Frame, bandwidth: float, kernel: str, progress: Progress = silent
) -> np.ndarray:
    """Return for each cell the share of the kernel's mass that falls inside an area.

    Dividing a density by it corrects the edge: without it places near the border seem
    calm because nobody counted beyond (Diggle 1985; the "uniform" correction of spatstat).

    Parameters
    ----------
    inside : (rows, columns) ndarray of bool
    frame : Frame

    Returns
    -------
    (rows, columns) ndarray of float64
        0 to 1.
    """
    mask = cell_kernel(bandwidth, frame.cell, kernel)
    reach = len(mask) // 2
    tiles = _Tiles(frame, reach)

    def held(number: int) -> np.ndarray | None:
        top, left = tiles.corner(number)
        top, left = top - reach - 1, left - reach - 1
        out = np.zeros(tiles.held)
        first_row, first_column = max(top, 0), max(left, 0)
        # the last row and column of what a tile can hold belong to the next tile
        piece = inside[first_row : max(top + tiles.step[0], 0), first_column : max(left + tiles.step[1], 0)]
        if not piece.any():
            return None
        out[first_row - top :, first_column - left :][: piece.shape[0], : piece.shape[1]] = piece
        return out

    return np.clip(_convolve(tiles, held, mask, frame, progress), 0.0, 1.0)


def cell_kernel(bandwidth: float, cell: float, kernel: str) -> np.ndarray:
    """Return the kernel on cells, an odd square array that sums to 1.

    Values at the cell centres; for the uniform kernel, which jumps, means over the cells.
    """
    reach = max(1, math.ceil(kernel_reach(bandwidth, kernel) / cell))
    steps = np.arange(-reach, reach + 1, dtype=np.float64)
    if kernel == UNIFORM:
        fine = (np.arange(8) + 0.5) / 8 - 0.5
        steps = (steps[:, None] + fine).ravel()
    u = np.hypot(steps[:, None], steps[None, :]) * (cell / bandwidth)
    values = kernel_value(u, kernel)
    if kernel == GAUSSIAN:
        values[u > _GAUSSIAN_REACH] = 0.0
    if kernel == UNIFORM:
        side = 2 * reach + 1
        values = values.reshape(side, 8, side, 8).mean(axis=(1, 3))
    return values / values.sum()


class _Tiles:
    """A raster, widened by the kernel's reach, cut into tiles that one FFT takes at a time.

    A tile holds ``step`` cells and one more row and column that linear binning may fill.
    """

    def __init__(self, frame: Frame, reach: int) -> None:
        from scipy.fft import next_fast_len

        self.step, self.size, self.number = [], [], []
        for cells in frame.shape:
            total = cells + 2 * reach + 2
            whole = total + 1 + 2 * reach
            size = next_fast_len(whole if whole <= _ONE_TILE else max(_TILE, 4 * reach), real=True)
            step = min(total, size - 2 * reach - 1)
            self.step.append(step)
            self.size.append(size)
            self.number.append(-(-total // step))
        self.held = (self.step[0] + 1, self.step[1] + 1)
        self.count = self.number[0] * self.number[1]

    def corner(self, number: int) -> tuple[int, int]:
        """First row and column of a tile, in widened cells."""
        return number // self.number[1] * self.step[0], number % self.number[1] * self.step[1]

    def sort(self, row: np.ndarray, column: np.ndarray) -> tuple[np.ndarray | None, np.ndarray]:
        """Return an order of incidents by tile (None: as they are) and where each tile starts in it."""
        if self.count == 1:
            return None, np.array([0, len(row)])
        tile = (row // self.step[0]).astype(np.int32) * self.number[1] + (column // self.step[1]).astype(np.int32)
        if self.count <= 65_535:
            tile = tile.astype(np.uint16)  # sorted in linear time
        start = np.concatenate([[0], np.cumsum(np.bincount(tile, minlength=self.count))])
        return np.argsort(tile, kind="stable"), start


def _convolve(
    tiles: _Tiles, content: Callable[[int], np.ndarray | None], mask: np.ndarray, frame: Frame, progress: Progress
) -> np.ndarray:
    """Convolve tile by tile and add up the parts that overlap."""
    from scipy.fft import irfft2, rfft2

    reach = len(mask) // 2
    kernel = rfft2(mask, s=tiles.size)
    out = np.zeros(frame.shape)
    for number in range(tiles.count):
        progress(number / tiles.count)
        held = content(number)
        if held is None:
            continue
        spread = irfft2(rfft2(held, s=tiles.size) * kernel, s=tiles.size)
        # Rounding leaves about 1e-16 of the peak, also below 0, where there is nothing.
        spread[spread < 1e-13 * spread.max()] = 0.0
        target, piece = [], []
        for first, step, cells in zip(tiles.corner(number), tiles.step, frame.shape):
            shift = first - 1 - 2 * reach
            low, high = max(shift, 0), min(shift + step + 1 + 2 * reach, cells)
            target.append(slice(low, max(low, high)))
            piece.append(slice(low - shift, max(low, high) - shift))
        out[tuple(target)] += spread[tuple(piece)]
    progress(1.0)
    return out


def typical(values: np.ndarray) -> float:
    """Return the mean of the cells above 0, NaN cells left out; 0 if there are none.

    The unit of the classes 0-1, 1-2, … more than 5 times the mean, which stay comparable
    between months and kernels (Chainey and Ratcliffe 2005, "incremental multiples of the mean").
    """
    above = values > 0
    count = int(np.count_nonzero(above))
    return float(np.sum(values, where=above) / count) if count else 0.0
