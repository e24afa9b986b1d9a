"""The extent of a study and the size of its grid cells, by stated rules.

A cell size taken from the data's bounding box (its side / 50, / 150 and the like) follows a
handful of misplaced points: 93 of 27,176 records turned a force area of 61 x 46 km into
110 x 102 km and hot spots into districts. Trials of hot spot policing use places of about
150 x 150 m (Braga and Weisburd; College of Policing). So the size is the smallest rung of a
short ladder at which the data can say anything about a place.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .errors import InputError

#: Metres; the rungs from the size that trials use to what sparse rural data need.
LADDER = (150.0, 250.0, 500.0, 1000.0)
#: Incidents that a neighbourhood of 3 x 3 cells shall expect: one per km2 at 150 m.
MINIMUM_EXPECTED = 0.2
#: More cells than this are more than a study needs and slow to draw.
MOST_CELLS = 500_000
#: More cells than this are never made, also where the size is the user's.
REFUSED_CELLS = 1_000_000
_STRIP = 100_000


@dataclass(frozen=True)
class CellSize:
    """A chosen cell size and why.

    Attributes
    ----------
    size : float
        Metres.
    expected : float
        Incidents expected in a neighbourhood of 3 x 3 cells if they were spread evenly;
        NaN without incidents.
    template : str
        The rule as an English sentence with places for ``values`` (to be translated before it is filled).
    values : dict
        What fills the places.
    """

    size: float
    expected: float
    template: str
    values: dict = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """The rule in plain English."""
        return self.template.format(**self.values)


def study_extent(x: np.ndarray, y: np.ndarray, margin: float = 0.05) -> tuple[float, float, float, float]:
    """Return the extent of the bulk of positions, which a few far ones cannot stretch.

    The box of the 0.5 % and 99.5 % quantiles of each coordinate, widened by ``margin`` of
    its sides, but no further than the positions themselves reach.

    Parameters
    ----------
    x, y : (n,) ndarray of float
        Metres, n > 0.
    margin : float
        Share of the box's side added at each side; 0 gives the bare quantiles.

    Returns
    -------
    x_min, y_min, x_max, y_max : float
    """
    sides = []
    for values in (np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)):
        low, high = np.quantile(values, [0.005, 0.995])
        reach = margin * (high - low)
        sides.append((max(low - reach, values.min()), min(high + reach, values.max())))
    (x_min, x_max), (y_min, y_max) = sides
    return float(x_min), float(y_min), float(x_max), float(y_max)


def coordinate_precision(x: np.ndarray, y: np.ndarray) -> float:
    """Return the spacing of the lattice to which positions were rounded, or 0 if they were not.

    Works for positions that were rounded in degrees and then projected. Positions on a
    lattice have their nearest neighbours at one and the same distance; for positions that
    were not rounded the closest pairs are far closer than the rest.

    Parameters
    ----------
    x, y : (n,) ndarray of float
        Metres.

    Returns
    -------
    float
        Metres, the larger of the spacings along the two axes; 0 where no lattice shows
        (also where fewer than 50 distinct positions leave the question open).
    """
    from scipy.spatial import cKDTree

    xy = _distinct(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
    if len(xy) < 50:
        return 0.0
    if len(xy) > _STRIP:
        # sorted by x, so this is a strip from south to north in which neighbours are still neighbours
        middle = (len(xy) - _STRIP) // 2
        xy = xy[middle : middle + _STRIP]
    sample = xy[:: len(xy) // 20_000 + 1]
    distance, index = cKDTree(xy).query(sample, k=5)
    nearest = distance[:, 1]
    low, common = np.quantile(nearest, [0.005, 0.10])
    if common > 1.03 * low:
        return 0.0
    step = np.abs(xy[index[:, 1:]] - sample[:, None, :]).reshape(-1, 2)
    spacing = [float(common)]
    for along, across in ((0, 1), (1, 0)):
        straight = step[step[:, across] < 0.1 * step[:, along], along]
        if len(straight) >= 0.02 * len(step):
            spacing.append(float(np.quantile(straight, 0.05)))
    return max(spacing)


def _distinct(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the distinct positions, (m, 2), sorted by x and then y."""
    # A millimetre is below any record's precision and above the noise of a projection.
    col, row = (np.round((v - v.min()) * 1000.0) if len(v) else v for v in (x, y))
    height = row.max() + 1.0 if len(row) else 1.0
    if len(x) and (col.max() + 1.0) * height > 2.0**62:
        return np.unique(np.column_stack([x, y]), axis=0)
    key = np.unique(col.astype(np.int64) * int(height) + row.astype(np.int64))
    return np.column_stack([key // int(height), key % int(height)]) / 1000.0


def choose_cell_size(
    incidents: int,
    area: float,
    precision: float = 0.0,
    ladder: tuple[float, ...] = LADDER,
    minimum_expected: float = MINIMUM_EXPECTED,
    most_cells: int = MOST_CELLS,
) -> CellSize:
    """Choose the cell size for a study: the smallest rung of the ladder that the data can carry.

    A rung is taken if (1) a neighbourhood of 3 x 3 cells expects at least
    ``minimum_expected`` incidents, which at 150 m is one incident per square kilometre,
    (2) a cell is not smaller than the precision of the coordinates, and (3) the area does
    not need more than ``most_cells`` cells. If no rung serves (1) the largest is taken;
    for (2) and (3) the size goes beyond the ladder in steps of 250 m.

    Parameters
    ----------
    incidents : int
        Located incidents in the area; a negative number means that they are not known and leaves (1) out.
    area : float
        Square metres: of the boundary, or of :func:`study_extent`.
    precision : float
        Metres, see :func:`coordinate_precision`; 0 = unknown or exact.
    ladder : tuple of float
        Metres, ascending.

    Returns
    -------
    CellSize
        The ladder is that of squares; hexagons take the same number as their width.
    """
    if not ladder or list(ladder) != sorted(ladder):
        raise ValueError("the ladder must ascend")
    area = max(float(area), 0.0)
    floor = max(float(precision), (area / most_cells) ** 0.5)
    rungs = [rung for rung in ladder if rung >= floor] or [float(np.ceil(floor / 250.0) * 250.0)]
    per_metre2 = incidents / area if area > 0 else np.inf
    carried = [rung for rung in rungs if incidents < 0 or 9 * rung**2 * per_metre2 >= minimum_expected]
    size = float(carried[0] if carried else rungs[-1])
    expected = float("nan") if incidents < 0 else min(float(incidents), float(9 * size**2 * per_metre2))
    values = {"size": f"{size:g}", "incidents": f"{incidents:,}", "area": f"{area / 1e6:,.1f}",
              "expected": f"{expected:.2g}", "minimum": f"{minimum_expected:g}",
              "precision": f"{precision:,.0f}", "cells": f"{most_cells:,}"}  # fmt: skip
    return CellSize(size, expected, _reason(size, ladder, incidents, precision, bool(carried), floor), values)


def _reason(
    size: float, ladder: tuple[float, ...], incidents: int, precision: float, carried: bool, floor: float
) -> str:
    """The sentence, as a template, that says which rule decided."""
    if size > ladder[0] and precision >= floor and not any(precision <= rung < size for rung in ladder):
        return (
            "Cells of {size} m: the coordinates are only precise to about {precision} m, and cells must not be finer."
        )
    if incidents < 0:
        if size == ladder[0]:
            return "Cells of {size} m, the size of place that hot spot trials use."
        return "Cells of {size} m: smaller ones would be more than {cells} over {area} km2."
    if not carried:
        return (
            "Cells of {size} m, the largest rung: even so a neighbourhood of 3 x 3 cells expects only {expected} "
            "incidents ({incidents} incidents in {area} km2), so only strong clusters can show."
        )
    if size == ladder[0]:
        return (
            "Cells of {size} m, the size of place that hot spot trials use: with {incidents} incidents in {area} km2 "
            "a neighbourhood of 3 x 3 cells expects {expected} incidents (at least {minimum} are needed)."
        )
    return (
        "Cells of {size} m, the smallest that {incidents} incidents in {area} km2 can carry: a neighbourhood of "
        "3 x 3 cells expects {expected} incidents (at least {minimum} are needed)."
    )


def check_cells(parameter: str, size: float, cells: float, box_cells: float) -> None:
    """Refuse a grid that is too large, before it is made.

    Parameters
    ----------
    parameter : str
        The parameter that errors shall name.
    size : float
        Metres.
    cells, box_cells : float
        Cells to be made, and cells of the box around them that must be looked through.

    Raises
    ------
    InputError
        Names the smallest cell size that is possible.
    """
    excess = max(cells / REFUSED_CELLS, box_cells / (20 * REFUSED_CELLS))
    if excess > 1:
        least = size * excess**0.5
        step = 10.0 ** (np.floor(np.log10(least)) - 1)
        raise InputError(
            parameter,
            "Cells of {size:g} m would be {cells:,.0f}; at most {most:,} are made. Give at least {least:g} m, or a"
            " smaller area.",
            size=size, cells=max(cells, box_cells / 20), most=REFUSED_CELLS, least=float(np.ceil(least / step) * step),
        )  # fmt: skip
