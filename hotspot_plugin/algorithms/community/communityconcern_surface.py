"""The rasters of 'Where people are worried'."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.errors import InputError
from ...layers import cells, rings, styling
from ...layers.areas import POINT
from ...translation import tr
from .communityconcern_read import Data

#: Cells of a bandwidth, and the smallest cell in metres: a place is known no better than its cell.
_CELLS, _LEAST_CELL = 5.0, 50.0
_COLOURS = ("#f7f7f7", *styling.SEQUENCE[:4])


def write(run: Any, data: Data) -> None:
    """Write the rasters that were asked for."""
    tool = run.tool
    wanted = [name for name in (tool.SURFACE, tool.SURFACE_SE, tool.SURFACE_VOICES) if run.wants(name)]
    if not wanted:
        return
    from ...analysis.community.concernsurface import surface
    from ...analysis.hotspots.kerneldensity import plan_frame
    from ...analysis.overlay import cells_inside

    reports = data.reports
    if reports.concern is None or not np.isfinite(reports.concern).any():
        raise InputError(tool.CONCERN_FIELD, "A surface of concern needs answers from 1 to 5. Choose their field, or"
                         " use 'Kernel density' for a surface of reports.")
    bandwidth = run.number(tool.BANDWIDTH)
    if not bandwidth >= 150:
        raise InputError(tool.BANDWIDTH, "Below 150 m a surface shows single households. 500 m is usual.")
    x, y, fits = _places(run, data, bandwidth)
    boundary = None
    if run.has(tool.BOUNDARY):
        whole = cells.dissolve(run.areas(tool.BOUNDARY))
        vertices, _, starts = rings.from_wkb([whole.asWkb().data()])
        boundary, extent = (vertices, starts), (*vertices.min(axis=0), *vertices.max(axis=0))
    else:
        from ...analysis.cellsize import study_extent

        extent = study_extent(x[fits], y[fits])
    cell = max(bandwidth / _CELLS, _LEAST_CELL)
    frame = plan_frame(tool.BANDWIDTH, extent, 0.0 if boundary else bandwidth, cell, bandwidth, "quartic")
    found = surface(x[fits], y[fits], reports.voice[fits], reports.concern[fits], data.weight[fits], frame, bandwidth,
                    data.least, run.stage(0.82, 0.88))
    inside = None if boundary is None else cells_inside(
        *boundary, frame.x_min, frame.y_max, frame.cell, frame.shape, run.stage(0.88, 0.89))
    if not np.isfinite(found.mean).any():
        run.warn(tr("Nowhere do {least} voices contribute within {bandwidth}: the surface is empty. Allow a larger"
                    " bandwidth.").format(least=data.least, bandwidth=run.units.distance(bandwidth)))
    for name, values, style, unit in (
        (tool.SURFACE, found.mean, _concern_style(), tr("concern, 1 to 5")),
        (tool.SURFACE_SE, found.se, _error_style(), tr("standard error")),
        (tool.SURFACE_VOICES, found.voices, _voices_style(data.least), tr("voices")),
    ):
        if inside is not None:
            values = np.where(inside, values, np.nan)
        run.write_raster(name, values, frame.x_min, frame.y_max, frame.cell, style, unit)


def _places(run: Any, data: Data, bandwidth: float) -> tuple:
    """Return the middle of each report, and which are small enough to lie at a place."""
    layer = data.reports.layer
    xy = layer.centroids
    fits = np.isfinite(xy).all(axis=1)
    if layer.kind != POINT:
        boxes = [g.boundingBox() for g in layer.geometries]
        wide = np.array([np.hypot(b.width(), b.height()) / 2.0 > bandwidth for b in boxes], bool)
        if wide.any():
            run.warn(tr("{count} reports are drawn wider than the bandwidth and are not on the surface.").format(
                count=int(wide.sum())))
        fits &= ~wide
    return xy[:, 0], xy[:, 1], fits


def _concern_style() -> styling.Style:
    steps = ((1.5, tr("Up to 1.5: not worried")), (2.5, tr("1.5 to 2.5")), (3.5, tr("2.5 to 3.5")),
             (4.5, tr("3.5 to 4.5: worried")), (float("inf"), tr("More than 4.5: very worried")))
    return styling.raster_classes("Concern", [(value, colour, text) for (value, text), colour in zip(steps, _COLOURS)])


def _error_style() -> styling.Style:
    steps = (0.1, 0.2, 0.3, 0.5, float("inf"))
    entries = [(value, colour, tr("Up to {value}").format(value=value) if np.isfinite(value) else tr("More than 0.5"))
               for value, colour in zip(steps, _COLOURS)]
    return styling.raster_classes("Standard error", entries)


def _voices_style(least: int) -> styling.Style:
    steps = (2 * least, 4 * least, 8 * least, 16 * least, float("inf"))
    entries = [(value, colour, tr("Up to {count} voices").format(count=value) if np.isfinite(value) else
                tr("More than {count} voices").format(count=16 * least)) for value, colour in zip(steps, _COLOURS)]
    return styling.raster_classes("Voices", entries)
