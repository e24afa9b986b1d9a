"""Positions spread evenly along lines and over areas, from which something is looked at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..overlay import PolygonIndex, _spread
from ..progress import Progress, silent


@dataclass(frozen=True)
class Samples:
    """Positions on features.

    Attributes
    ----------
    x, y : (n,) ndarray of float
        Metres.
    owner : (n,) ndarray of int64
        Feature of each, ascending.
    at : (n,) ndarray of float
        Metres along the line from its begin (parts one after another); NaN on areas.
    """

    x: np.ndarray
    y: np.ndarray
    owner: np.ndarray
    at: np.ndarray

    def __len__(self) -> int:
        return len(self.x)


def along(vertices: np.ndarray, owner: np.ndarray, part_start: np.ndarray, spacing: float) -> Samples:
    """Return the middles of equal stretches of lines.

    Parameters
    ----------
    vertices : (m, 2) ndarray of float
        Corners of all lines, in metres.
    owner : (m,) ndarray of int
        Line of each corner, ascending.
    part_start : (r,) ndarray of int
        First corner of each part.
    spacing : float
        Metres, > 0. Each part is cut into so many stretches that their length comes nearest to
        it, at least one; so every position stands for as much of the line.
    """
    if not spacing > 0:
        raise ValueError("spacing must be positive")
    vertices = np.asarray(vertices, dtype=np.float64)
    starts = np.asarray(part_start, dtype=np.int64)
    step = np.hypot(*np.diff(vertices, axis=0, prepend=vertices[:1]).T)
    step[starts] = 0.0
    run = np.cumsum(step)
    last = np.append(starts[1:], len(vertices)) - 1
    length = run[last] - run[starts]
    pieces = np.maximum(np.rint(length / spacing), 1).astype(np.int64)
    part, k = _spread(np.zeros(len(pieces), np.int64), pieces)
    within = (k + 0.5) * length[part] / pieces[part]
    wanted = run[starts[part]] + within
    # the corner before each position, not past the last but one of its part
    corner = np.searchsorted(run, wanted, side="right") - 1
    corner = np.clip(corner, starts[part], np.maximum(last[part] - 1, starts[part]))
    following = np.minimum(corner + 1, last[part])
    gap = run[following] - run[corner]
    share = np.divide(wanted - run[corner], gap, out=np.zeros(len(gap)), where=gap > 0)[:, None]
    xy = vertices[corner] * (1 - share) + vertices[following] * share
    mine = np.asarray(owner, dtype=np.int64)[starts]
    new = np.append(True, mine[1:] != mine[:-1])
    before = np.cumsum(length) - length
    before -= before[np.maximum.accumulate(np.where(new, np.arange(len(mine)), 0))]
    return Samples(xy[:, 0], xy[:, 1], mine[part], before[part] + within)


def over(
    solid: PolygonIndex,
    boxes: np.ndarray,
    inner: np.ndarray,
    spacing: float,
    progress: Progress = silent,
) -> Samples:
    """Return the positions of a square lattice that lie in areas; each area has at least one.

    Parameters
    ----------
    solid : PolygonIndex
        The areas.
    boxes : (n, 4) ndarray of float
        x_min, y_min, x_max, y_max of each.
    inner : (n, 2) ndarray of float
        A place within each, taken where no position of the lattice lies in it.
    spacing : float
        Metres between positions, > 0.

    Notes
    -----
    One lattice lies over all areas, so a place that two areas share is looked at alike.
    """
    if not spacing > 0:
        raise ValueError("spacing must be positive")
    low = np.ceil(boxes[:, :2] / spacing - 0.5).astype(np.int64)
    high = np.floor(boxes[:, 2:] / spacing - 0.5).astype(np.int64)
    wide = np.maximum(high - low + 1, 0)
    row_area, row = _spread(low[:, 1], np.where(wide[:, 0] > 0, wide[:, 1], 0))
    count = wide[row_area, 0]
    total = np.concatenate([[0], np.cumsum(count)])
    found: list = []
    begin = 0
    while begin < len(row):
        progress(begin / len(row))
        stop = max(begin + 1, int(np.searchsorted(total, total[begin] + 500_000, side="right")) - 1)
        entry, column = _spread(low[row_area[begin:stop], 0], count[begin:stop])
        x, y = (column + 0.5) * spacing, (row[begin:stop][entry] + 0.5) * spacing
        own = row_area[begin:stop][entry]
        position, area = solid.pairs(x, y)
        held = own[position] == area
        position = position[held]
        found.append(np.column_stack([x[position], y[position], own[position]]))
        begin = stop
    lattice = np.concatenate(found) if found else np.empty((0, 3))
    missing = np.setdiff1d(np.arange(len(boxes)), lattice[:, 2].astype(np.int64))
    lattice = np.concatenate([lattice, np.column_stack([inner[missing], missing])])
    lattice = lattice[np.argsort(lattice[:, 2], kind="stable")]
    progress(1.0)
    return Samples(lattice[:, 0], lattice[:, 1], lattice[:, 2].astype(np.int64), np.full(len(lattice), np.nan))
