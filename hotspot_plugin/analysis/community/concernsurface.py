"""The mean concern around each cell of a raster, from voices enough, and from no single one.

At each cell the mean is that of the voices within the bandwidth, near ones counting more
(Nadaraya 1964; Watson 1964), each voice once, estimated as in an area. Places are taken to the
middle of their cell first, a cell is shown only where voices of equal weight as many as the minimum
would say as much (Kish), and values are rounded: nothing on the raster is drawn by one household.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..hotspots.kerneldensity import QUARTIC, Frame, kernel_value
from ..progress import Progress, silent
from .communityconcern import estimate

_PAIRS = 500_000
#: More voices than there are: intervals of each cell are not asked for.
NO_INTERVAL = 2**62
#: Values are rounded to this, and voices down to multiples of the second.
MEAN_STEP, VOICE_STEP = 0.1, 5


@dataclass(frozen=True)
class Surface:
    """Rasters, row 0 the north; NaN where too few voices contribute.

    Attributes
    ----------
    mean, se : (rows, columns) arrays
    voices : (rows, columns) array
        Voices within the bandwidth, rounded down.
    """

    mean: np.ndarray
    se: np.ndarray
    voices: np.ndarray


def surface(
    x: np.ndarray, y: np.ndarray, voice: np.ndarray, value: np.ndarray, weight: np.ndarray, frame: Frame,
    bandwidth: float, least: int, progress: Progress = silent,
) -> Surface:
    """Estimate the mean concern around each cell.

    Parameters
    ----------
    x, y : (n,) arrays
        Metres.
    voice : (n,) array of int
    value, weight : (n,) arrays
        As in :func:`~hotspot_plugin.analysis.community.communityconcern.estimate`.
    frame : Frame
    bandwidth : float
        Metres at which a voice no longer counts.
    least : int
        Fewest voices in the middle of equal weight that are shown.
    """
    rows, columns = frame.shape
    used = np.isfinite(value) & (weight > 0) & np.isfinite(x) & np.isfinite(y)
    column = np.floor((x[used] - frame.x_min) / frame.cell).astype(np.int64)
    row = np.floor((frame.y_max - y[used]) / frame.cell).astype(np.int64)
    order = np.argsort(row, kind="stable")
    row, column = row[order], column[order]
    voice, value, weight = (a[used][order] for a in (voice, value, weight))
    reach = int(np.ceil(bandwidth / frame.cell))
    step = np.arange(-reach, reach + 1)
    down, right = (a.ravel() for a in np.meshgrid(step, step, indexing="ij"))
    kernel = kernel_value(np.hypot(down, right) * frame.cell / bandwidth, QUARTIC) / kernel_value(np.zeros(1), QUARTIC)
    inside = kernel > 0
    down, right, kernel = down[inside], right[inside], kernel[inside]
    mean, se, count = (np.full((rows, columns), np.nan) for _ in range(3))
    dense = max(1.0, len(row) * len(down) / max(rows, 1))
    block = int(max(1, _PAIRS // dense))
    for first in range(0, rows, block):
        progress(first / rows)
        last = min(first + block, rows)
        some = slice(np.searchsorted(row, first - reach), np.searchsorted(row, last + reach))
        at_row, at_column = row[some][:, None] + down, column[some][:, None] + right
        keep = (at_row >= first) & (at_row < last) & (at_column >= 0) & (at_column < columns)
        unit, way = np.nonzero(keep)
        zone = (at_row[keep] - first) * columns + at_column[keep]
        found = estimate(zone, voice[some][unit], value[some][unit], weight[some][unit] * kernel[way],
                         (last - first) * columns, NO_INTERVAL)
        told = found.effective >= least
        for out, numbers in ((mean, found.mean), (se, found.se), (count, found.voices)):
            out[first:last] = np.where(told, numbers, np.nan).reshape(last - first, columns)
    progress(1.0)
    return Surface(np.round(mean / MEAN_STEP) * MEAN_STEP, np.round(se, 2), np.floor(count / VOICE_STEP) * VOICE_STEP)
