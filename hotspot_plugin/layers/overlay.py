"""Areas and lines as arrays, to find which of them holds or is nearest to each incident.

Use :func:`assign_points` wherever incidents are given to polygons (counts by area, hot spot
polygons, patrol zones) and :func:`assign_nearest` for street lines. One million points take
a few seconds against 40,000 cells.
"""

from __future__ import annotations

import numpy as np

from ..analysis import overlay
from ..analysis.progress import Progress, silent
from .areas import Areas


def polygon_index(areas: Areas) -> overlay.PolygonIndex:
    """Prepare polygons for many questions of which of them holds a position."""
    vertices, owner, ring_start = areas.rings()
    return overlay.PolygonIndex(vertices, owner, ring_start, len(areas))


def assign_points(areas: Areas, x: np.ndarray, y: np.ndarray, progress: Progress = silent) -> np.ndarray:
    """Return the area that holds each position.

    Parameters
    ----------
    areas : Areas
        Polygons in the same system as the positions.
    x, y : (n,) ndarray of float
        Metres; NaN is in no area.
    progress : Progress

    Returns
    -------
    (n,) ndarray of int64
        Index into ``areas``, or -1. A position on a side that two areas share is in
        exactly one of them; one on an outer side is inside; where areas overlap, the first
        in the layer's order is taken. ``polygon_index(areas).pairs(x, y)`` gives all.
    """
    return polygon_index(areas).first(x, y, progress)


def assign_nearest(
    lines: Areas, x: np.ndarray, y: np.ndarray, max_distance: float, progress: Progress = silent
) -> tuple[np.ndarray, np.ndarray]:
    """Return the line nearest to each position within a distance, and how far it is.

    Parameters
    ----------
    lines : Areas
        Lines in the same system as the positions.
    x, y : (n,) ndarray of float
        Metres; NaN is near no line.
    max_distance : float
        Metres; a line at exactly this distance counts.
    progress : Progress

    Returns
    -------
    line : (n,) ndarray of int64
        Index into ``lines``, or -1; of equally near lines (as at a corner) the first.
    distance : (n,) ndarray of float
        Metres, NaN for none.
    """
    vertices, owner, part_start = line_parts(lines)
    return overlay.nearest_line(vertices, owner, part_start, x, y, max_distance, progress)


def line_parts(lines: Areas) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the corners of all lines, the line each belongs to, and where each part starts."""
    parts, owners, starts, total = [], [], [], 0
    for i, geometry in enumerate(lines.geometries):
        for part in _line_strings(bytes(geometry.asWkb())):
            parts.append(part)
            owners.append(np.full(len(part), i))
            starts.append(total)
            total += len(part)
    return np.concatenate(parts), np.concatenate(owners), np.array(starts)


def _line_strings(wkb: bytes) -> list[np.ndarray]:
    """Return the parts of a two-dimensional line or multi-line in WKB."""
    out = []
    several = int.from_bytes(wkb[1:5], "little") == 5
    count = int.from_bytes(wkb[5:9], "little") if several else 1
    position = 9 if several else 0
    for _ in range(count):
        corners = int.from_bytes(wkb[position + 5 : position + 9], "little")
        out.append(np.frombuffer(wkb, "<f8", 2 * corners, position + 9).reshape(-1, 2))
        position += 9 + 16 * corners
    return [part for part in out if len(part) > 1]
