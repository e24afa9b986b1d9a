"""Where could an incident have been recorded? The study area and each cell's share of it.

What chance would do depends on the area that it has to work with. That is the boundary
where one is given. Otherwise it is estimated from the incidents themselves: the convex
hull of all but far outliers, without gaps that are too wide for chance. A rectangle around
them would hold sea, hills and the neighbouring force, and make every place look crowded.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..cellsize import study_extent
from ..errors import InputError
from ..grids import Grid
from ..overlay import PolygonIndex
from ..progress import Progress, part, silent

#: share of the extent's width that is added on either side
MARGIN = 0.1
#: coordinates further from the quartiles than this many interquartile ranges are errors
WILD = 50.0
#: smallest interquartile range assumed, in metres: many incidents may share one place
LEAST_RANGE = 1000.0
#: most cells of a grid
MOST_CELLS = 400_000

#: an even spread leaves a circle empty with the probability exp(-GAP_EXPECTED): 1 in 1,100 ...
GAP_EXPECTED = 7.0
#: ... but a circle of this radius (metres) is no gap: parks and quiet streets belong to a town
LEAST_GAP = 300.0

_SAMPLES = 12
_PIXELS = 2_000_000
_CELLS_AT_ONCE = 2_000


@dataclass(frozen=True)
class Reached:
    """The part of the plane within some distance of any incident, as pixels.

    Attributes
    ----------
    radius, step : float
        Metres: the distance, and the side of a pixel.
    left, bottom : float
        South-west corner of the first pixel.
    mask : (rows, columns) bool array
        Row 0 is the south.
    """

    radius: float
    step: float
    left: float
    bottom: float
    mask: np.ndarray

    @classmethod
    def of(cls, x: np.ndarray, y: np.ndarray, box: tuple[float, float, float, float], radius: float) -> Reached:
        """Measure the distance of every pixel of a box to the nearest incident."""
        from scipy.ndimage import distance_transform_edt

        left, bottom, right, top = box
        step = max(radius / 6.0, float(np.sqrt((right - left) * (top - bottom) / _PIXELS)))
        shape = int((top - bottom) / step) + 1, int((right - left) / step) + 1
        empty = np.ones(shape, dtype=bool)
        empty[((y - bottom) / step).astype(np.int64), ((x - left) / step).astype(np.int64)] = False
        return cls(radius, step, left, bottom, distance_transform_edt(empty) * step <= radius)

    def centres(self) -> tuple[np.ndarray, np.ndarray]:
        """Coordinates of all pixels, in the order of ``mask.ravel()``."""
        rows, columns = self.mask.shape
        x = self.left + (np.arange(columns) + 0.5) * self.step
        y = self.bottom + (np.arange(rows) + 0.5) * self.step
        return np.tile(x, rows), np.repeat(y, columns)

    def shares(self, grid: Grid, col: np.ndarray, row: np.ndarray) -> np.ndarray:
        """Share of each cell that is reached, 0 to 1."""
        x, y = self.centres()
        pixels, index = grid.count((col, row), x, y)
        held = index >= 0
        reached = np.bincount(index[held], weights=self.mask.ravel()[held], minlength=pixels.size)
        centre = grid.centres(col, row)
        rows, columns = self.mask.shape
        near = self.mask[
            np.clip(((centre[:, 1] - self.bottom) / self.step).astype(np.int64), 0, rows - 1),
            np.clip(((centre[:, 0] - self.left) / self.step).astype(np.int64), 0, columns - 1),
        ]  # fmt: skip
        return np.where(pixels > 0, reached / np.maximum(pixels, 1), near)


@dataclass(frozen=True)
class StudyArea:
    """An area bounded by rings; a point is inside if it lies within an odd number of them.

    Attributes
    ----------
    vertices : (m, 2) array
        Corners of all rings in metres, each ring closed.
    ring_start : (r,) int array
        Index of the first corner of each ring.
    given : bool
        A boundary was given; False if the area was estimated from the incidents.
    size : float
        Square metres; computed where it is left out and there is one ring.
    reached : Reached, optional
        Leaves out what is farther from any incident.
    """

    vertices: np.ndarray
    ring_start: np.ndarray
    given: bool = True
    size: float = 0.0
    reached: Reached | None = None
    _edges: np.ndarray = field(init=False, repr=False, compare=False)
    _index: PolygonIndex = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        vertices = np.asarray(self.vertices, dtype=float).reshape(-1, 2)
        edges = np.hstack([vertices[:-1], vertices[1:]])
        ends = np.asarray(self.ring_start, dtype=np.int64)[1:] - 1
        keep = np.ones(len(edges), dtype=bool)
        keep[ends] = False  # from the end of one ring to the start of the next: no edge
        object.__setattr__(self, "_edges", edges[keep])
        if not self.size:
            object.__setattr__(self, "size", abs(_cross(vertices - vertices[0]).sum()) / 2.0)
        owner = np.zeros(len(vertices), dtype=np.int64)
        object.__setattr__(self, "_index", PolygonIndex(vertices, owner, self.ring_start, 1))

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Least x, least y, greatest x, greatest y in metres."""
        low, high = self.vertices.min(axis=0), self.vertices.max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    def inside(self, x: np.ndarray, y: np.ndarray, progress: Progress = silent) -> np.ndarray:
        """Which points lie inside; the outline itself belongs to the area.

        Parameters
        ----------
        x, y : (n,) arrays
            Metres.

        Returns
        -------
        (n,) bool array
        """
        return self._index.first(x, y, progress) == 0

    def cells(self, grid: Grid, progress: Progress = silent) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """All cells of a grid that reach into the area.

        Returns
        -------
        col, row : (m,) int64 arrays
            Row by row from the south-west.
        share : (m,) array
            Share of each cell that lies in the area, 0 to 1, to about a hundredth.

        Raises
        ------
        InputError
            If there are more than MOST_CELLS.
        """
        left, bottom, right, top = self.box
        refuse_huge_grid((right - left) * (top - bottom), grid.area)
        col, row = grid.cover(self.box)
        progress(0.2)
        share = self.shares(grid, col, row, part(progress, 0.2, 1.0))
        kept = share > 0
        return col[kept], row[kept], share[kept]

    def shares(self, grid: Grid, col: np.ndarray, row: np.ndarray, progress: Progress = silent) -> np.ndarray:
        """Share of each cell that lies in the area, 0 to 1.

        Cells that the outline does not touch are in or out as a whole; the others are
        measured at 144 regular points each.
        """
        centres = grid.centres(col, row)
        share = self.inside(centres[:, 0], centres[:, 1]).astype(float)
        touched = np.flatnonzero(self._touched(grid, col, row))
        pieces = np.array_split(touched, touched.size // _CELLS_AT_ONCE + 1)
        for done, some in enumerate(pieces):
            if some.size:
                share[some] = self._sampled(grid, col[some], row[some], centres[some])
            progress((done + 1) / len(pieces))
        return share if self.reached is None else share * self.reached.shares(grid, col, row)

    def _touched(self, grid: Grid, col: np.ndarray, row: np.ndarray) -> np.ndarray:
        """Cells within about a cell of the outline."""
        from scipy.spatial import cKDTree

        edges = self._edges
        length = np.hypot(edges[:, 2] - edges[:, 0], edges[:, 3] - edges[:, 1])
        parts = np.maximum(np.ceil(length / (grid.size / 2.0)).astype(np.int64), 1)
        edge = np.repeat(np.arange(len(edges)), parts)
        start = np.repeat(np.cumsum(parts) - parts, parts)
        along = ((np.arange(edge.size) - start) / parts[edge])[:, None]
        outline = edges[edge, :2] * (1.0 - along) + edges[edge, 2:] * along
        reach = grid.size * 1.25  # more than half a diagonal and half a step
        distance, _ = cKDTree(outline).query(grid.centres(col, row), distance_upper_bound=reach)
        return np.isfinite(distance)

    def _sampled(self, grid: Grid, col: np.ndarray, row: np.ndarray, centres: np.ndarray) -> np.ndarray:
        reach = np.abs(grid.polygons(col[:1], row[:1])[0] - centres[:1]).max(axis=0)
        steps = (np.arange(_SAMPLES) + 0.5) / _SAMPLES * 2.0 - 1.0
        dx, dy = (a.ravel() for a in np.meshgrid(steps * reach[0], steps * reach[1]))
        x = (centres[:, :1] + dx).ravel()
        y = (centres[:, 1:] + dy).ravel()
        at_col, at_row = grid.locate(x, y)
        own = (at_col == np.repeat(col, dx.size)) & (at_row == np.repeat(row, dx.size))
        inside = np.zeros(x.size, dtype=bool)
        inside[own] = self.inside(x[own], y[own])
        own, inside = own.reshape(len(col), -1), inside.reshape(len(col), -1)
        return inside.sum(axis=1) / np.maximum(own.sum(axis=1), 1)


def refuse_huge_grid(area: float, cell_area: float) -> None:
    """Refuse, before it is built, a grid that would fill the memory.

    Raises
    ------
    InputError
        If ``area`` holds more than MOST_CELLS cells.
    """
    if area / cell_area > MOST_CELLS:
        raise InputError(
            "CELL_SIZE",
            "Cells of this size would make a grid of about {cells} cells over {area:.0f} km2, more than {most} can be "
            "tested. Use larger cells (0 chooses a size), or a BOUNDARY around the places that matter.",
            cells=f"{area / cell_area:,.0f}",
            area=area / 1e6,
            most=f"{MOST_CELLS:,}",
        )


def not_outlying(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Which incidents lie in the extent that the mass of them marks out.

    The extent is that of :func:`~hotspot_plugin.analysis.cellsize.study_extent`, a tenth
    wider on every side; before that, coordinates more than 50 interquartile ranges away are
    set aside (a tenth of all records at 0, 0 would move even its quantiles).

    Parameters
    ----------
    x, y : (n,) arrays
        Metres.

    Returns
    -------
    (n,) bool array
    """
    kept = np.ones(x.size, dtype=bool)
    for values in (x, y):
        low, high = np.quantile(values, [0.25, 0.75])
        reach = WILD * max(high - low, LEAST_RANGE)
        kept &= (values >= low - reach) & (values <= high + reach)
    left, bottom, right, top = study_extent(x[kept], y[kept], MARGIN)
    return kept & (x >= left) & (x <= right) & (y >= bottom) & (y <= top)


def hull(x: np.ndarray, y: np.ndarray, least_width: float) -> StudyArea:
    """Estimate the area from which incidents came.

    The convex hull of the incidents is always too small: some of the area lies outside of
    it. Ripley and Rasson (1977) widen it about its centroid so that its area grows by
    1 / (1 - v / n), with n incidents of which v are corners of the hull. What lies in it but
    so far from any incident that an even spread would hardly ever leave it empty (GAP_EXPECTED)
    is a bay, a moor or another force's land, and no part of the area.

    Parameters
    ----------
    x, y : (n,) arrays
        Metres, n >= 1.
    least_width : float
        Metres by which a hull without area (a line, a point) is widened all round.

    Returns
    -------
    StudyArea
        With ``given`` False.
    """
    from scipy.spatial import ConvexHull

    points = np.column_stack([x, y])
    try:
        shape = ConvexHull(points)
    except (RuntimeError, ValueError):  # Qhull: fewer than three incidents, or all on one line
        ends = points[np.lexsort((points[:, 1], points[:, 0]))[[0, -1]]]
        angle = np.arange(16) * (2.0 * np.pi / 16)
        ring = least_width * np.column_stack([np.cos(angle), np.sin(angle)])
        spread = (ends[:, None, :] + ring[None, :, :]).reshape(-1, 2)
        outline = spread[ConvexHull(spread).vertices]
    else:
        corners = points[shape.vertices]
        centre = _centroid(corners)
        share = min(len(corners) / len(points), 0.5)  # with a handful of incidents nearly all are corners
        outline = centre + (corners - centre) / np.sqrt(1.0 - share)
    start = np.zeros(1, dtype=np.int64)
    whole = StudyArea(np.vstack([outline, outline[:1]]), start, given=False)
    radius = max(LEAST_GAP, float(np.sqrt(GAP_EXPECTED * whole.size / (np.pi * len(points)))))
    reached = Reached.of(x, y, whole.box, radius)
    within = reached.mask.ravel()[whole.inside(*reached.centres())]
    part_in = within.mean() if within.size else 1.0  # a hull narrower than the mask's cells holds none of their centres
    return StudyArea(whole.vertices, start, given=False, size=whole.size * float(part_in), reached=reached)


def _centroid(corners: np.ndarray) -> np.ndarray:
    origin = corners[0]  # far coordinates would lose digits in the products
    near = corners - origin
    cross = _cross(near)
    return origin + ((near + np.roll(near, -1, axis=0)) * cross[:, None]).sum(axis=0) / (3.0 * cross.sum())


def _cross(corners: np.ndarray) -> np.ndarray:
    """Twice the signed area of the triangles between the origin and each side of a ring."""
    following = np.roll(corners, -1, axis=0)
    return corners[:, 0] * following[:, 1] - following[:, 0] * corners[:, 1]
