"""Places in and on buildings, and the nearest place just outside of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..overlay import PolygonIndex
from ..progress import Progress, part, silent
from .segments import MOST, SegmentIndex, foot_points
from .visibility import TOUCH

#: How far out of a wall a place is put, in metres.
STEP = 0.01


@dataclass(frozen=True)
class Outside:
    """Places, put outside of buildings where that can be done.

    Attributes
    ----------
    x, y : (n,) ndarray of float
        Metres; as given for places outside and for those that stay inside.
    on_wall : (n,) ndarray of bool
        Places on the outline of a building, put ``STEP`` before it.
    moved : (n,) ndarray of float
        Metres from the place given to the wall, of places that were inside a building;
        NaN for all others.
    inside : (n,) ndarray of bool
        Places left inside a building: no wall with free ground before it within reach.
    """

    x: np.ndarray
    y: np.ndarray
    on_wall: np.ndarray
    moved: np.ndarray
    inside: np.ndarray


def step_outside(
    x: np.ndarray,
    y: np.ndarray,
    solid: PolygonIndex,
    walls: SegmentIndex,
    reach: float = 0.0,
    progress: Progress = silent,
) -> Outside:
    """Put places on or in buildings just before the nearest wall that has free ground before it.

    Parameters
    ----------
    x, y : (n,) ndarray of float
        Metres, finite.
    solid : PolygonIndex
        The buildings.
    walls : SegmentIndex
        Their outlines.
    reach : float
        Metres from the place to the wall, at most. 0: only places on the outline are moved.
    progress : Progress

    Notes
    -----
    Walls between two buildings have no free ground before them, so a place at or near one
    goes to the next wall. A viewpoint on a wall must not see into the building; 1 cm before it
    the wall hides the building as it is.
    """
    x, y = np.array(x, dtype=np.float64), np.array(y, dtype=np.float64)
    within = solid.first(x, y, part(progress, 0.0, 0.3)) >= 0
    on_wall, moved = np.zeros(len(x), bool), np.full(len(x), np.nan)
    left = within.copy()
    radius = max(reach, TOUCH)
    start, size = 0, 1000
    while start < len(x):
        progress(0.3 + 0.7 * start / len(x))
        chosen = np.arange(start, min(start + size, len(x)))
        place, wall = walls.near(x[chosen], y[chosen], radius)
        start, size = start + size, int(np.clip(size * MOST / 8 / max(len(place), 1), 100, 4 * size))
        place = chosen[place]
        foot_x, foot_y, away = foot_points(x[place], y[place], walls.segments[wall])
        wanted = (away <= TOUCH) | (within[place] & (away <= reach))
        place, wall, foot_x, foot_y, away = (v[wanted] for v in (place, wall, foot_x, foot_y, away))
        row, out_x, out_y = _before(x[place], y[place], foot_x, foot_y, away, walls.segments[wall])
        free = solid.first(out_x, out_y) < 0
        row, out_x, out_y = row[free], out_x[free], out_y[free]
        order = np.lexsort((row, away[row], place[row]))
        found, first = np.unique(place[row[order]], return_index=True)
        best = order[first]
        distance = away[row[best]]
        x[found], y[found] = out_x[best], out_y[best]
        on_wall[found] = distance <= TOUCH
        moved[found] = np.where(distance <= TOUCH, np.nan, distance)
        left[found] = False
    progress(1.0)
    return Outside(x, y, on_wall, moved, left)


def _before(
    x: np.ndarray, y: np.ndarray, foot_x: np.ndarray, foot_y: np.ndarray, away: np.ndarray, segments: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return places just before walls: the row of the wall, x and y.

    From inside straight on through the wall, which is right at corners too; on the wall to both sides of it.
    """
    rows = np.arange(len(x))
    run_x, run_y = segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1]
    length = np.hypot(run_x, run_y)
    normal_x, normal_y = -run_y / length, run_x / length
    far = np.flatnonzero(away > TOUCH)
    at = np.flatnonzero(away <= TOUCH)
    on_x, on_y = (foot_x - x)[far] / away[far], (foot_y - y)[far] / away[far]
    return (
        np.concatenate([rows[far], rows[at], rows[at]]),
        np.concatenate([foot_x[far] + STEP * on_x, foot_x[at] + STEP * normal_x[at], foot_x[at] - STEP * normal_x[at]]),
        np.concatenate([foot_y[far] + STEP * on_y, foot_y[at] + STEP * normal_y[at], foot_y[at] - STEP * normal_y[at]]),
    )
