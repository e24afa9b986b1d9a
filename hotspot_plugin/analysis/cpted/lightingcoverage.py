"""Illuminance on the ground from points of light, by the inverse square law.

Horizontal illuminance below a light at height H, where the line to the light makes an angle γ with the vertical:
E = I(γ) cos³γ / H² (EN 13201-3, CIE 140). Light that houses and roads throw back is left out, as these standards do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..hotspots.kerneldensity import Frame
from ..progress import Progress, silent
from .segments import SegmentIndex, foot_points

#: Lux in a foot-candle (lumen per square foot).
LUX_PER_FOOT_CANDLE = 1 / 0.3048**2
#: How a light spreads what it gives: as much in every downward direction, or less to the sides (cosine law).
EVEN, LAMBERT = 0, 1
#: EN 13201-3 counts the lights within about five mounting heights of a point.
REACH_IN_HEIGHTS = 5.0
#: obstacles this near to a light (metres) carry it, and do not stand in its way
_MOUNTED = 0.3
#: side of the squares (metres) by which obstacles are found, and entries of one block of rays by obstacles
_SQUARE, _BLOCK = 20.0, 2_000_000
#: cells or points between two looks at whether the run shall go on
_TOLD_EVERY = 20_000
#: lights whose points are looked up at once
_LIGHTS = 64


@dataclass(frozen=True)
class Lights:
    """Lights, all arrays (n,) of float.

    Attributes
    ----------
    x, y : metres
    height : metres above the ground, above 0
    candela : luminous intensity straight down; 0 for a light that is out
    reach : metres beyond which the light is not counted
    spread : int
        EVEN or LAMBERT, for all.
    """

    x: np.ndarray
    y: np.ndarray
    height: np.ndarray
    candela: np.ndarray
    reach: np.ndarray
    spread: int = EVEN

    def __len__(self) -> int:
        return len(self.x)


def candela_of(lumens: np.ndarray, spread: int = EVEN) -> np.ndarray:
    """Return the intensity straight down of lights that send all their lumens downwards.

    EVEN: I = Φ / 2π in each direction of the lower half space; LAMBERT: I = Φ / π straight down, I cos γ elsewhere.
    """
    return np.asarray(lumens, float) / (np.pi if spread == LAMBERT else 2 * np.pi)


def illuminance(candela: np.ndarray, height: np.ndarray, squared: np.ndarray, spread: int = EVEN) -> np.ndarray:
    """Return lux on level ground.

    Parameters
    ----------
    candela, height : arrays
        Intensity straight down, and metres.
    squared : array
        Squared distance along the ground from the foot of the light, square metres.
    spread : int
    """
    slant = height * height + squared
    lux = candela * height / (slant * np.sqrt(slant))
    return lux * height / np.sqrt(slant) if spread == LAMBERT else lux


class Shadows:
    """Walls, fences and buildings, asked which rays from a light to the ground they cut.

    A ray comes down from the light to the ground, so an obstacle of a given height cuts it only where the ray is
    lower than that. Obstacles within 0.3 m of a light carry it and do not cut its rays.

    Parameters
    ----------
    ax, ay, bx, by : (k,) arrays of float
        Ends of straight pieces, in metres.
    height : (k,) array of float
        Metres; infinity cuts every ray.
    """

    def __init__(self, ax: np.ndarray, ay: np.ndarray, bx: np.ndarray, by: np.ndarray, height: np.ndarray) -> None:
        self.index = SegmentIndex(np.column_stack([ax, ay, bx, by]), _SQUARE)
        self.height = np.asarray(height, float)[self.index.kept]
        self.rays = 0

    def __len__(self) -> int:
        return len(self.index)

    def cut(self, x: float, y: float, height: float, reach: float, px: np.ndarray, py: np.ndarray) -> np.ndarray:
        """Return which positions on the ground get no direct light from a light at (x, y); (m,) array of bool."""
        out = np.zeros(len(px), dtype=bool)
        here = np.array([[x - reach, y - reach, x + reach, y + reach]])
        _, near = self.index.meeting(here)
        near = near[foot_points(np.array(x), np.array(y), self.index.segments[near])[2] > _MOUNTED]
        if not len(near) or not len(px):
            return out
        ends, tall = self.index.segments[near] - (x, y, x, y), self.height[near]
        ax, ay = ends[:, 0], ends[:, 1]
        ex, ey = ends[:, 2] - ax, ends[:, 3] - ay
        turn = ax * ey - ay * ex
        block = max(1, _BLOCK // len(ends))
        for start in range(0, len(px), block):
            rx, ry = (px[start : start + block] - x)[:, None], (py[start : start + block] - y)[:, None]
            across = rx * ey - ry * ex
            with np.errstate(divide="ignore", invalid="ignore"):
                at = turn / across  # where along the ray, 0 at the light and 1 on the ground
                side = (ax * ry - ay * rx) / across  # where along the obstacle
            hit = (at > 0) & (at < 1) & (side >= -1e-9) & (side <= 1 + 1e-9)
            out[start : start + block] = (hit & (tall > height * (1 - at))).any(axis=1)
        self.rays += len(px)
        return out


def raster(
    frame: Frame, lights: Lights, shadows: Shadows | None = None, progress: Progress = silent
) -> tuple[np.ndarray, np.ndarray]:
    """Return lux at the centre of each cell, and whether any light lies within its reach.

    Parameters
    ----------
    frame : Frame
    lights : Lights
    shadows : Shadows, optional
    progress : Progress

    Returns
    -------
    lux : (rows, columns) array of float
    near : (rows, columns) array of bool
        A light that is out counts: it is on record.

    Notes
    -----
    Each light is added to the square of cells around it, so the time grows with lights times cells within reach
    and the memory with the cells alone.
    """
    lux, near = np.zeros(frame.shape), np.zeros(frame.shape, dtype=bool)
    x, y = frame.centres()
    reach = lights.reach
    west = np.clip(np.searchsorted(x, lights.x - reach), 0, frame.columns)
    east = np.clip(np.searchsorted(x, lights.x + reach, side="right"), 0, frame.columns)
    # the rows run to the south
    north = np.clip(np.searchsorted(-y, -(lights.y + reach)), 0, frame.rows)
    south = np.clip(np.searchsorted(-y, -(lights.y - reach), side="right"), 0, frame.rows)
    done = _TOLD_EVERY
    for i in range(len(lights)):
        if done >= _TOLD_EVERY or shadows is not None:
            progress(i / len(lights))
            done = 0
        rows, columns = slice(north[i], south[i]), slice(west[i], east[i])
        squared = (x[columns] - lights.x[i])[None, :] ** 2 + (y[rows] - lights.y[i])[:, None] ** 2
        inside = squared <= reach[i] * reach[i]
        near[rows, columns] |= inside
        done += inside.size
        if not lights.candela[i] > 0:
            continue
        part = illuminance(lights.candela[i], lights.height[i], squared, lights.spread)
        part[~inside] = 0.0
        if shadows is not None:
            r, c = np.nonzero(inside)
            dark = shadows.cut(lights.x[i], lights.y[i], lights.height[i], reach[i], x[columns][c], y[rows][r])
            part[r[dark], c[dark]] = 0.0
        lux[rows, columns] += part
    progress(1.0)
    return lux, near


def at_points(
    x: np.ndarray, y: np.ndarray, lights: Lights, shadows: Shadows | None = None, progress: Progress = silent
) -> np.ndarray:
    """Return lux at positions on the ground, (n,) array of float.

    Parameters
    ----------
    x, y : (n,) arrays of float
    lights : Lights
    shadows : Shadows, optional
    progress : Progress
    """
    from scipy.spatial import cKDTree

    lux = np.zeros(len(x))
    if not len(x):
        return lux
    tree = cKDTree(np.column_stack([x, y]))
    working = np.flatnonzero(lights.candela > 0)
    for start in range(0, len(working), _LIGHTS):
        progress(start / len(working))
        chosen = working[start : start + _LIGHTS]
        places = np.column_stack([lights.x[chosen], lights.y[chosen]])
        for i, found in zip(chosen, tree.query_ball_point(places, lights.reach[chosen])):
            if shadows is not None:
                progress(start / len(working))
            at = np.asarray(found, dtype=np.int64)
            squared = (x[at] - lights.x[i]) ** 2 + (y[at] - lights.y[i]) ** 2
            part = illuminance(lights.candela[i], lights.height[i], squared, lights.spread)
            if shadows is not None:
                part[shadows.cut(lights.x[i], lights.y[i], lights.height[i], lights.reach[i], x[at], y[at])] = 0.0
            lux[at] += part
    progress(1.0)
    return lux
