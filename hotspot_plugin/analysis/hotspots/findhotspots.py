"""Find hot spots: from incidents to ranked places that chance would not make.

The steps, each in a function of its own: the study area and its cells, the test of every
cell, the places that grow from significant cells, and how sure they are. Two tests share
the work, and the result says which was used:

* Many incidents (25 or more expected in a neighbourhood): Getis-Ord Gi* with the control of
  false discoveries. The normal curve still promises a little too much there, so a cell is
  hot only if an exact test against an even spread agrees.
* Few incidents: that exact test alone (:mod:`.chance`), because no normal curve holds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse, special

from .. import significance
from ..errors import InputError
from ..grids import HEXAGON, Grid
from ..progress import Progress, part, silent
from ..weights import distance_band, with_self
from . import growth
from .chance import Chance, against_chance
from .gistar import NORMAL, SMALL_EXPECTATION, local_g
from .studyarea import StudyArea

#: incidents that a hot spot holds in twelve months, in proportion to the time covered ...
COUNT_PER_YEAR = 10.0
#: ... but never fewer than this ...
LEAST_COUNT = 5
#: ... and with few incidents no more than this share of all of them
COUNT_SHARE = 0.02

#: with few incidents a place is built of pieces unless so many whole cells fit into it
FEWEST_CELLS = 4

CONFIDENCES = (0.90, 0.95, 0.99)


@dataclass(frozen=True)
class Settings:
    """What may be chosen; the defaults follow the practice of hot spot policing.

    Attributes
    ----------
    confidence : float
        0.90, 0.95 or 0.99.
    distance : float
        Metres between the centres of neighbouring cells; 0 for the cells that touch.
    min_cell : int
        Incidents of a cell from which a hot spot may start.
    min_count : int
        Incidents of a hot spot.
    max_area : float
        Square metres; no hot spot is larger.
    precision : float
        Metres to which coordinates are known; 0 for exact.
    resamples : int
        Resamples of the incidents that judge how stable a hot spot is.
    """

    confidence: float = 0.95
    distance: float = 0.0
    min_cell: int = 3
    min_count: int = LEAST_COUNT
    max_area: float = 100_000.0
    precision: float = 0.0
    resamples: int = 200


@dataclass(frozen=True)
class Cells:
    """The tested grid; arrays have one entry a cell.

    Attributes
    ----------
    col, row : int64
    share : float
        Share of the cell that lies in the study area.
    n, total : float
        Incidents, and what was tested: the same or the sum of their weights.
    expected : float
        What an even spread would put there, in the unit of ``total``.
    z : float
        Getis-Ord Gi* of ``total``.
    p : float
        Two-sided p of z, without correction; NaN where few incidents make it meaningless.
    chance_p : float
        Exact p of the cell or its neighbourhood against an even spread, without correction.
    bins : int8
        -3 to 3 as in the field ``Gi_Bin``, after correction; hot only where chance is excluded.
    neighbours : int64
        Neighbouring cells.
    hot : bool
    """

    grid: Grid
    col: np.ndarray
    row: np.ndarray
    share: np.ndarray
    n: np.ndarray
    total: np.ndarray
    expected: np.ndarray
    z: np.ndarray
    p: np.ndarray
    chance_p: np.ndarray
    bins: np.ndarray
    neighbours: np.ndarray
    hot: np.ndarray

    @property
    def area(self) -> float:
        """Area of the study in square metres."""
        return float(self.share.sum() * self.grid.area)


@dataclass(frozen=True)
class Found:
    """Result of :func:`find`.

    Attributes
    ----------
    cells : Cells
    few : bool
        The exact test for few incidents decided.
    near_expected : float
        Incidents that an even spread puts into a whole neighbourhood.
    distance : float
        Metres from a cell's centre to that of its farthest neighbour.
    places : Places
        Hot spots in the order of their rank.
    spot : (n,) int64 array
        Hot spot of each incident, or -1.
    stable : (k,) array
        Share of the resamples in which each hot spot is hot again; NaN if none were made.
    dispersed : int
        Hot cells with enough incidents that belong to no hot spot.
    """

    cells: Cells
    few: bool
    near_expected: float
    distance: float
    places: growth.Places
    spot: np.ndarray
    stable: np.ndarray
    dispersed: int = 0


@dataclass(frozen=True)
class Ground:
    """The grid over the study area, and where on it the incidents lie: what several searches share.

    Attributes
    ----------
    grid : Grid
    col, row : (m,) int64 arrays
    share : (m,) array
        Share of each cell that lies in the study area.
    neighbours : (m, m) csr_matrix
    distance : float
        Metres from a cell's centre to that of its farthest neighbour.
    x, y : (n,) arrays
    cell : (n,) int64 array
        Cell of each incident.
    """

    grid: Grid
    col: np.ndarray
    row: np.ndarray
    share: np.ndarray
    neighbours: sparse.csr_matrix
    distance: float
    x: np.ndarray
    y: np.ndarray
    cell: np.ndarray


def least_count(incidents: int, months: float | None) -> int:
    """Incidents from which a place counts as a hot spot.

    Ten in twelve months, in proportion to the months covered (twelve if unknown), never
    under five. Where there are fewer than 500 incidents, ten would be more than a fiftieth
    of everything and hide what a small place asks about: then a fiftieth, at least five.
    """
    by_time = COUNT_PER_YEAR * (12.0 if months is None else months) / 12.0
    return max(LEAST_COUNT, int(np.floor(min(by_time, np.ceil(COUNT_SHARE * incidents)) + 0.5)))


def find(
    x: np.ndarray,
    y: np.ndarray,
    area: StudyArea,
    grid: Grid,
    settings: Settings,
    *,
    weight: np.ndarray | None = None,
    rng: np.random.Generator,
    progress: Progress = silent,
) -> Found:
    """Find the hot spots of incidents.

    Parameters
    ----------
    x, y : (n,) arrays
        Incidents inside the study area, in metres.
    area : StudyArea
    grid : Grid
    settings : Settings
    weight : (n,) array, optional
        Positive weights, e.g. of harm.
    rng : numpy.random.Generator
        For the resamples alone; the hot spots do not depend on it.

    Returns
    -------
    Found

    Raises
    ------
    InputError
        If the grid would be huge, or DISTANCE reaches no neighbour.
    """
    ground = prepare(x, y, area, grid, settings, part(progress, 0.0, 0.3))
    return search(ground, settings, weight=weight, rng=rng, progress=part(progress, 0.3, 1.0))


def prepare(
    x: np.ndarray, y: np.ndarray, area: StudyArea, grid: Grid, settings: Settings, progress: Progress = silent
) -> Ground:
    """Lay the grid over the study area and put the incidents on it.

    Raises
    ------
    InputError
        If the grid would be huge, or DISTANCE reaches no neighbour.
    """
    col, row, share = area.cells(grid, part(progress, 0.0, 0.35))
    _, index = grid.count((col, row), x, y, progress=part(progress, 0.35, 0.7))
    if (index < 0).any():  # an incident on the very outline: its cell belongs to the study
        col, row, share = _with_cells_of(grid, col, row, share, x[index < 0], y[index < 0])
        _, index = grid.count((col, row), x, y)
    neighbours, distance = _neighbours(grid, col, row, settings.distance, part(progress, 0.7, 1.0))
    return Ground(grid, col, row, share, neighbours, distance, x, y, index)


def search(
    ground: Ground,
    settings: Settings,
    keep: np.ndarray | None = None,
    weight: np.ndarray | None = None,
    few: bool | None = None,
    rng: np.random.Generator | None = None,
    progress: Progress = silent,
) -> Found:
    """Find the hot spots of some of the incidents on the same ground.

    Parameters
    ----------
    ground : Ground
    settings : Settings
    keep : (n,) bool array, optional
        Incidents to take; by default all.
    weight : (n,) array, optional
    few : bool, optional
        Which test decides, so that searches can be compared: True the exact one, False Gi*. By default
        the number of incidents says.
    rng : numpy.random.Generator, optional
        For the resamples that judge how stable the hot spots are; without it that stays unknown.

    Returns
    -------
    Found
        With an entry of ``spot`` for each incident taken.
    """
    if keep is not None:
        ground = replace(ground, x=ground.x[keep], y=ground.y[keep], cell=ground.cell[keep])
        weight = None if weight is None else weight[keep]
    if rng is None:
        return _search(ground, settings, weight, few, progress)[0]
    found, chance = _search(ground, settings, weight, few, part(progress, 0.0, 0.5))
    stable = _stability(
        ground.cell, found.spot, found.places.count, found.cells, chance, found.few, ground.neighbours, weight,
        settings, rng, part(progress, 0.5, 1.0),
    )  # fmt: skip
    return replace(found, stable=stable)


def _search(
    ground: Ground,
    settings: Settings,
    weight: np.ndarray | None,
    few: bool | None,
    progress: Progress,
) -> tuple[Found, Chance]:
    x, y, index = ground.x, ground.y, ground.cell
    n = np.bincount(index, minlength=len(ground.col))
    total = n.astype(float) if weight is None else np.bincount(index, weights=weight, minlength=len(n))
    cells, chance, few, near_expected = _tested(ground, n, total, weight, few, settings, part(progress, 0.0, 0.3))
    places = _places(x, y, index, cells, chance, few, weight, settings, part(progress, 0.3, 0.85))
    spot = places.locate(x, y, part(progress, 0.85, 1.0))
    places, spot = _ranked(places, spot, weight)
    enough = np.flatnonzero(cells.hot & (cells.n >= settings.min_cell))
    return Found(
        cells, few, near_expected, ground.distance, places, spot, np.full(places.count, np.nan),
        int(np.setdiff1d(enough, index[spot >= 0]).size),
    ), chance  # fmt: skip


def _with_cells_of(
    grid: Grid, col: np.ndarray, row: np.ndarray, share: np.ndarray, x: np.ndarray, y: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    missing = np.unique(np.column_stack(grid.locate(x, y)), axis=0)
    sliver = np.full(len(missing), 1e-3)
    return np.append(col, missing[:, 0]), np.append(row, missing[:, 1]), np.append(share, sliver)


def _neighbours(
    grid: Grid, col: np.ndarray, row: np.ndarray, distance: float, progress: Progress
) -> tuple[sparse.csr_matrix, float]:
    if distance <= 0:
        return grid.neighbours(col, row, True, progress), grid.size * (1.0 if grid.kind == HEXAGON else np.sqrt(2.0))
    if distance < grid.size:
        raise InputError(
            "DISTANCE",
            "Cells of {size:g} m have no neighbour within {distance:g} m. Give a distance of at least the cell size, "
            "or 0 for the cells that touch.",
            size=grid.size,
            distance=distance,
        )
    return distance_band(grid.centres(col, row), distance, progress=progress), distance


def _tested(
    ground: Ground,
    n: np.ndarray,
    total: np.ndarray,
    weight: np.ndarray | None,
    few: bool | None,
    settings: Settings,
    progress: Progress,
) -> tuple[Cells, Chance, bool, float]:
    """Test every cell by the test that holds for the number of incidents, unless another search has set it."""
    grid, col, row, share, neighbours = ground.grid, ground.col, ground.row, ground.share, ground.neighbours
    level = 1.0 - settings.confidence
    chance = against_chance(
        n, share / share.sum(), with_self(neighbours), level,
        sums=None if weight is None else total, incident_weights=weight,
    )  # fmt: skip
    progress(0.7)
    scores = local_g(total, neighbours, method=NORMAL)
    progress(0.9)
    by_chance = np.zeros(n.size, dtype=np.int8)
    for size, limit in enumerate(significance.BIN_LEVELS, start=1):
        by_chance[(chance.q <= limit) & (n > 0)] = size
    widest = int(scores.neighbours.max(initial=0)) + 1
    near_expected = float(n.sum() / share.sum() * widest)
    few = near_expected < SMALL_EXPECTATION if few is None else few
    if few:
        bins, p = by_chance, np.full(n.size, np.nan)
    else:
        bins = significance.gi_bins(scores.z, scores.p, fdr=True)
        bins = np.where(bins > 0, np.minimum(bins, by_chance), bins)
        p = scores.p
    hot = bins >= 1 + int(np.argmin(np.abs(np.subtract(CONFIDENCES, settings.confidence))))
    cells = Cells(
        grid, col, row, share, n, total, chance.expected, scores.z, p, chance.p, bins, scores.neighbours, hot
    )  # fmt: skip
    return cells, chance, few, near_expected


def _places(
    x: np.ndarray,
    y: np.ndarray,
    index: np.ndarray,
    cells: Cells,
    chance: Chance,
    few: bool,
    weight: np.ndarray | None,
    settings: Settings,
    progress: Progress,
) -> growth.Places:
    """Grow the places, on the grid itself or, where its cells are too large, inside them."""
    grid = cells.grid
    joins = cells.hot & (cells.n >= settings.min_cell) & (cells.total > cells.expected)
    # with many incidents a cell can be hot for its neighbours alone: it may join, not start
    starts = joins if few else joins & (cells.total >= chance.critical_cell)
    # an exact test has found the neighbourhood: a village cut by cell borders is one place
    others = cells.hot & (cells.n > 0) if few else np.zeros(starts.size, dtype=bool)
    most = _cells_in(settings.max_area, grid)
    if most >= (FEWEST_CELLS if few else 1):
        sides = grid.neighbours(cells.col, cells.row, False)
        bodies = growth.grow(cells.n, cells.total, starts, joins, others, sides, most, settings.min_count, progress)
        col, row = cells.col, cells.row
    else:
        grid = Grid(grid.kind, growth.piece_size(grid, settings.max_area, settings.precision), grid.crs_id)
        domain = np.flatnonzero(joins | others)
        if not starts.any():
            nothing = np.empty(0, dtype=np.int64)
            return growth.Places(grid, nothing, nothing, nothing)
        inside = np.isin(index, domain)
        col, row = growth.pieces_within(grid, cells.grid, (cells.col[domain], cells.row[domain]), x[inside], y[inside])
        n, piece = grid.count((col, row), x, y)
        held = piece >= 0
        total = n if weight is None else np.bincount(piece[held], weights=weight[held], minlength=n.size)
        seeds = np.bincount(piece[held], weights=starts[index[held]], minlength=n.size) > 0
        around = with_self(distance_band(grid.centres(col, row), np.sqrt(settings.max_area / np.pi)))
        bodies = growth.cores(
            n, total, seeds, around, grid.neighbours(col, row, False),
            max(1, _cells_in(settings.max_area, grid)), settings.min_count, progress,
        )  # fmt: skip
    chosen = np.array([cell for body in bodies for cell in body], dtype=np.int64)
    spot = np.repeat(np.arange(len(bodies), dtype=np.int64), [len(body) for body in bodies])
    return growth.Places(grid, col[chosen], row[chosen], spot)


def _cells_in(area: float, grid: Grid) -> int:
    return int(area / grid.area)


def _ranked(
    places: growth.Places, spot: np.ndarray, weight: np.ndarray | None
) -> tuple[growth.Places, np.ndarray]:
    """Most incidents (or weight) first; among equals the smaller, then the one found first."""
    inside = spot >= 0
    n = np.bincount(spot[inside], minlength=places.count)
    total = n if weight is None else np.bincount(spot[inside], weights=weight[inside], minlength=places.count)
    order = np.lexsort((np.arange(places.count), places.areas, -n, -total))
    number = np.append(np.argsort(order), -1)
    return places.ordered(order), number[spot]


def _stability(
    index: np.ndarray,
    spot: np.ndarray,
    count: int,
    cells: Cells,
    chance: Chance,
    few: bool,
    neighbours: sparse.csr_matrix,
    weight: np.ndarray | None,
    settings: Settings,
    rng: np.random.Generator,
    progress: Progress,
) -> np.ndarray:
    """Share of resamples in which cells with at least half of a hot spot's incidents are hot.

    The incidents are drawn anew (Poisson bootstrap) and the cells tested again, at the
    critical values of the test of the real incidents.
    """
    if count == 0 or settings.resamples < 1:
        return np.full(count, np.nan)
    m = cells.n.size
    inside = spot >= 0
    own, place = np.unique(index[inside], return_inverse=True)
    held = sparse.csr_matrix((np.ones(place.size), (spot[inside], place)), shape=(count, own.size))
    held = sparse.diags(1.0 / np.asarray(held.sum(axis=1)).ravel()) @ held
    near = with_self(neighbours)[own]
    cell, size, copies = _kinds_of_incidents(index, weight)
    limit = significance.critical_p(cells.p, 1.0 - settings.confidence)
    z_limit = np.inf
    if not few and limit > 0:  # the critical p belongs to a cell, which rounding must not put on the other side
        z_limit = np.sqrt(2.0) * float(special.erfcinv(min(limit, 1.0))) * (1.0 - 1e-9)
    size_near = np.asarray(near.sum(axis=1)).ravel()
    spread = np.sqrt(size_near * (m - size_near) / (m - 1.0))
    kept = np.zeros(count)
    for draw in range(settings.resamples):
        drawn = rng.poisson(copies)
        n = np.bincount(cell, weights=drawn, minlength=m)
        total = n if weight is None else np.bincount(cell, weights=drawn * size, minlength=m)
        around = near @ total
        hot = (total[own] >= chance.critical_cell[own]) | (around >= chance.critical_near[own])
        if not few:  # Gi*, at the cells of hot spots only
            hot &= around - total.mean() * size_near >= z_limit * total.std() * spread
        kept += held @ (hot & (n[own] >= settings.min_cell)) >= 0.5
        progress((draw + 1) / settings.resamples)
    return kept / settings.resamples


def _kinds_of_incidents(index: np.ndarray, weight: np.ndarray | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cell, weight and number of incidents that are alike, so that each kind is drawn once."""
    if weight is None:
        cell, copies = np.unique(index, return_counts=True)
        return cell, np.ones(cell.size), copies
    sizes, which = np.unique(weight, return_inverse=True)
    kind, copies = np.unique(index * np.int64(sizes.size) + which, return_counts=True)
    return kind // sizes.size, sizes[kind % sizes.size], copies
