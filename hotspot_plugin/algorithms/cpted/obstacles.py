"""Obstacles of sight as tools read them: buildings, walls, fences; lines or polygons, from one or two layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Sequence

import numpy as np

from ...analysis.cpted.outside import Outside, step_outside
from ...analysis.cpted.segments import SegmentIndex
from ...analysis.overlay import PolygonIndex
from ...analysis.progress import Progress, silent
from ...layers.areas import POLYGON, Areas
from ...layers.overlay import line_parts
from ...reports import formats
from ...translation import tr
from .obstacles_parameters import EYE_HEIGHT, HEIGHT_FIELD, LAYERS, OBSTACLES


@dataclass(frozen=True)
class Obstacles:
    """Straight pieces of all obstacles, and the polygons among them.

    Attributes
    ----------
    segments : (m, 4) array of float
        x and y of both ends in metres.
    count : int
        Features that hide something.
    low : int
        Features left out because they are lower than the eyes.
    solid : PolygonIndex or None
    solid_segments : (s, 4) array of float
        Outlines of the polygons.
    """

    segments: np.ndarray
    count: int
    low: int
    solid: PolygonIndex | None
    solid_segments: np.ndarray

    def index(self, side: float) -> SegmentIndex:
        """Return the pieces, sorted into squares of a side in metres."""
        return SegmentIndex(self.segments, max(side, 1.0))

    def outside(self, x: np.ndarray, y: np.ndarray, reach: float, progress: Progress = silent) -> Outside:
        """Put places on or in polygons before the nearest wall within reach; see ``step_outside``."""
        if self.solid is None:
            no = np.zeros(len(x), bool)
            return Outside(x, y, no, np.full(len(x), np.nan), no)
        return step_outside(x, y, self.solid, SegmentIndex(self.solid_segments, max(reach, 5.0)), reach, progress)


def read(run: Any, names: Sequence[str] = LAYERS, also: Sequence[Areas] = ()) -> Obstacles:
    """Read the obstacles that were given; none at all where there is no layer.

    ``also`` are layers read before that hide as well, whatever their height.
    """
    eye, field = run.number(EYE_HEIGHT), run.field(HEIGHT_FIELD, OBSTACLES)
    pieces, rings, count, low = [], [], 0, 0
    for layer in also:
        made, outline = _pieces(layer, np.ones(len(layer), bool))
        pieces.append(made)
        rings += outline
        count += len(layer)
    for name in names:
        if not run.has(name):
            continue
        known = bool(field) and field in run.source_fields(name)
        layer = run.areas(name, numbers=[field] if known else [])
        hides = np.ones(len(layer), bool)
        if known:
            height = layer.columns[field]
            hides = ~(height < eye)
            low += int((~hides).sum())
            if np.isnan(height).any():
                run.warn(tr("{layer}: {count} of {all} obstacles have no height; they are taken to hide.").format(
                    layer=layer.name, count=formats.number(int(np.isnan(height).sum())),
                    all=formats.number(len(layer))))
        count += int(hides.sum())
        made, outline = _pieces(layer, hides)
        pieces.append(made)
        rings += outline
    segments = np.concatenate(pieces) if pieces else np.empty((0, 4))
    vertices = np.concatenate([r[0] for r in rings]) if rings else np.empty((0, 2))
    if low:
        run.info(tr("{low} obstacles are lower than {eye} and hide nothing.").format(
            low=formats.number(low), eye=run.units.distance(eye)))
    if not len(vertices):
        return Obstacles(segments, count, low, None, np.empty((0, 4)))
    owner = np.concatenate([r[1] + before for r, before in zip(rings, _running([int(r[1].max()) + 1 for r in rings]))])
    start = np.concatenate([r[2] + before for r, before in zip(rings, _running([len(r[0]) for r in rings]))])
    solid = PolygonIndex(vertices, owner, start)
    return Obstacles(segments, count, low, solid, _sides(vertices, start))


def _running(sizes: Sequence[int]) -> np.ndarray:
    return np.cumsum([0, *sizes])[:-1]


def _pieces(layer: Areas, hides: np.ndarray) -> tuple[np.ndarray, list]:
    """Return straight pieces of the features that hide, and the rings of polygons."""
    vertices, owner, start = layer.rings() if layer.kind == POLYGON else line_parts(layer)
    part = np.repeat(np.arange(len(start)), np.diff(np.append(start, len(vertices))))
    keep = hides[owner]
    vertices, owner, part = vertices[keep], owner[keep], part[keep]
    if not len(vertices):
        return np.empty((0, 4)), []
    start = np.flatnonzero(np.append(True, part[1:] != part[:-1]))
    return _sides(vertices, start), [(vertices, owner, start)] if layer.kind == POLYGON else []


def _sides(vertices: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Return the pieces between the corners of each part, (m, 4)."""
    inner = np.ones(len(vertices), bool)
    inner[start] = False
    at = np.flatnonzero(inner)
    return np.column_stack([vertices[at - 1], vertices[at]])
