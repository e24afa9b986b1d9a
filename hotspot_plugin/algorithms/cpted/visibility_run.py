"""What 'Visible area' reads, looks at and writes."""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from typing import Any, Iterator

import numpy as np
from qgis.core import QgsGeometry

from ...analysis.cpted import visibility as analysis
from ...analysis.cpted.outside import Outside
from ...analysis.cpted.sampling import Samples, along
from ...analysis.errors import InputError
from ...layers import fields, styling, zones
from ...layers.areas import LINE, POINT, POLYGON, Areas
from ...layers.nearest import points_of
from ...layers.overlay import line_parts
from ...reports import formats
from ...translation import tr
from . import obstacles as hiding

#: Viewpoints looked from at once; their sectors are then let go of.
_BLOCK = 2000
#: Viewpoints above which a run is more likely a mistake than a wish.
_MOST = 1_000_000
_WKB_POLYGON = 3


@dataclass(frozen=True)
class Data:
    """The viewpoints, as given and as put outside of walls, and the obstacles."""

    layer: Areas
    samples: Samples
    outside: Outside
    obstacles: hiding.Obstacles
    radius: float


@dataclass(frozen=True)
class Seen:
    """Shapes and measures; without shape and NaN for viewpoints inside an obstacle."""

    shapes: list
    area: np.ndarray
    perimeter: np.ndarray
    max_view: np.ndarray
    min_view: np.ndarray
    occlusivity: np.ndarray
    touching: np.ndarray


def samples_of(layer: Areas, spacing: float) -> Samples:
    """Return the points of a layer, or positions along its lines."""
    if layer.kind == POINT:
        xy, owner = points_of(layer)
        return Samples(xy[:, 0], xy[:, 1], owner, np.full(len(xy), np.nan))
    return along(*line_parts(layer), spacing)


def read(run: Any) -> Data:
    """Read viewpoints and obstacles."""
    tool = run.tool
    radius = run.number(tool.RANGE)
    layer = run.areas(tool.INPUT)
    if layer.kind != LINE and run.wants(tool.LINES):
        raise InputError(tool.LINES, "'{layer}' holds points, so there are no lines to write. Leave this output empty.",
                         layer=layer.name)
    samples = samples_of(layer, run.number(tool.SPACING))
    if len(samples) > _MOST:
        raise InputError(tool.SPACING, "That makes {count} viewpoints; {most} at most. Choose a larger spacing, or a"
                         " selection.", count=formats.number(len(samples)), most=formats.number(_MOST))
    if layer.kind == LINE:
        run.info(tr("{count} viewpoints along {lines} lines.").format(
            count=formats.number(len(samples)), lines=formats.number(len(layer))))
    obstacles = hiding.read(run)
    outside = obstacles.outside(samples.x, samples.y, run.number(tool.MOVE_OUT), run.stage(0.0, 0.1))
    return Data(layer, samples, outside, obstacles, radius)


def look(run: Any, data: Data) -> Seen:
    """Find the visible area of every viewpoint that is not inside an obstacle."""
    n, out = len(data.samples), data.outside
    index = data.obstacles.index(data.radius / 2.0)
    names = ("area", "perimeter", "max_view", "min_view", "occlusivity")
    found = {name: np.full(n, np.nan) for name in names}
    touching = np.zeros(n, bool)
    shapes: list = [QgsGeometry() for _ in range(n)]
    looking = np.flatnonzero(~out.inside)
    for begin in range(0, len(looking), _BLOCK):
        rows = looking[begin : begin + _BLOCK]
        ends = (0.1 + 0.8 * part / len(looking) for part in (begin, begin + len(rows)))
        stage = run.stage(*ends)
        seen = analysis.isovists(out.x[rows], out.y[rows], index, data.radius, stage)
        for name in names:
            found[name][rows] = getattr(seen, name)
        touching[rows] = seen.touching
        for row, shape in zip(rows.tolist(), _polygons(run, *seen.rings())):
            shapes[row] = shape
    return Seen(shapes, *(found[name] for name in names), touching)


def _polygons(run: Any, corners: np.ndarray, start: np.ndarray) -> Iterator[QgsGeometry]:
    for i, (first, last) in enumerate(zip(start[:-1].tolist(), start[1:].tolist())):
        if i % 200 == 0:
            run.check()
        shape = QgsGeometry()
        shape.fromWkb(struct.pack("<BIII", 1, _WKB_POLYGON, 1, last - first) + corners[first:last].tobytes())
        if not shape.isGeosValid():  # slivers as thin as the rounding of coordinates
            parts = zones.polygons_only(shape.makeValid())
            shape = max(parts.asGeometryCollection(), key=lambda part: part.area()) if parts.isMultipart() else parts
        yield shape


def numbers(run: Any, data: Data, seen: Seen) -> tuple[dict, str]:
    """Return the declared numbers and the sentence, and tell doubts."""
    out, units = data.outside, run.units
    inside, moved = int(out.inside.sum()), int(np.isfinite(out.moved).sum())
    on_wall = int((out.on_wall | seen.touching).sum())
    area = seen.area[~out.inside]
    some = len(area) > 0
    circle = np.pi * data.radius**2
    values = {
        "VIEWPOINT_COUNT": len(out.x), "SEEING": len(area), "INSIDE": inside, "ON_WALL": on_wall, "MOVED": moved,
        "OBSTACLE_COUNT": data.obstacles.count,
        "MEDIAN_AREA": float(np.median(area)) if some else None,
        "LEAST_AREA": float(area.min()) if some else None,
        "LARGEST_AREA": float(area.max()) if some else None,
        "MEDIAN_OPEN": float(np.median(area) / circle) if some else None,
        "LONGEST_VIEW": float(np.nanmax(seen.max_view)) if some else None,
    }
    if inside:
        first = int(data.layer.rows[data.samples.owner[np.flatnonzero(out.inside)[0]]]) + 1
        run.warn(tr("{count} of {all} viewpoints are inside an obstacle and see nothing (first: row {row}). MOVE_OUT"
                    " lets them look from the nearest wall.").format(
                        count=formats.number(inside), all=formats.number(len(out.x)), row=first))
    if moved:
        run.info(tr("{count} viewpoints inside a building look from its nearest wall, {far} away at most.").format(
            count=formats.number(moved), far=units.distance(float(np.nanmax(out.moved)))))
    if data.obstacles.solid is None:
        run.warn(tr("The obstacles are lines only. If the buildings are not among them, more seems visible than is."))
    if not some:
        return values, tr("No viewpoint lies outside of the obstacles, so nothing is visible.")
    text = tr("From {count} viewpoints among {obstacles} obstacles one sees between {least} and {most} of the full"
              " circle of {radius}, at half of them less than {median}.")
    if len(area) == 1:
        text = tr("From the viewpoint among {obstacles} obstacles one sees {median} of the full circle of {radius}.")
    summary = text.format(
        count=formats.number(len(area)), radius=units.distance(data.radius),
        obstacles=formats.number(data.obstacles.count), median=_part(np.median(area) / circle),
        least=_part(area.min() / circle), most=_part(area.max() / circle))
    if inside:
        summary += " " + tr("{count} more are inside an obstacle.").format(count=formats.number(inside))
    return values, summary


def _part(share: float) -> str:
    return formats.percent(share, 1 if share < 0.02 else 0)


def write(run: Any, data: Data, seen: Seen) -> None:
    """Write the polygons, and the viewpoints and lines if asked for."""
    tool, samples, out = run.tool, data.samples, data.outside
    note = np.full(len(samples), None, object)
    note[seen.touching | out.on_wall] = tr("on an obstacle")
    note[np.isfinite(out.moved)] = tr("moved out of an obstacle")
    note[out.inside] = tr("inside an obstacle")
    columns = {
        fields.AREA: seen.area,
        fields.PERIMETER: seen.perimeter,
        fields.MAX_VIEW: seen.max_view,
        fields.MIN_VIEW: seen.min_view,
        fields.OCCLUSIV: seen.occlusivity,
        fields.OPEN_SHARE: seen.area / (np.pi * data.radius**2),
        fields.VIEW_NOTE: note,
    }
    if data.layer.kind == LINE:
        columns[fields.AT_M] = samples.at
    rows = [data.layer.attributes[i] for i in samples.owner]
    made = replace(data.layer, geometries=seen.shapes, attributes=rows, kind=POLYGON)
    run.write_areas(tool.OUTPUT, made, columns, _overlaid())
    if run.wants(tool.VIEWPOINTS):
        points = [QgsGeometry.fromWkt(f"POINT({x!r} {y!r})") for x, y in zip(out.x.tolist(), out.y.tolist())]
        run.write_areas(tool.VIEWPOINTS, replace(made, geometries=points, kind=POINT), columns, _by_share())
    if run.wants(tool.LINES):
        run.write_areas(tool.LINES, data.layer, _means(data, seen), _by_share())


def _means(data: Data, seen: Seen) -> dict:
    """Return the fields of the lines: means over the viewpoints outside of obstacles, and the least and the most."""
    lines, looking = len(data.layer), ~data.outside.inside
    owner = data.samples.owner[looking]
    count = np.bincount(owner, minlength=lines)

    def mean(values: np.ndarray) -> np.ndarray:
        total = np.bincount(owner, values[looking], lines)
        return np.divide(total, count, out=np.full(lines, np.nan), where=count > 0)

    share = seen.area / (np.pi * data.radius**2)
    least, most = np.full(lines, np.inf), np.full(lines, -np.inf)
    np.minimum.at(least, owner, share[looking])
    np.maximum.at(most, owner, seen.max_view[looking])
    return {
        fields.N_POS: count,
        fields.OPEN_SHARE: mean(share),
        fields.OPEN_MIN: np.where(count > 0, least, np.nan),
        fields.AREA: mean(seen.area),
        fields.OCCLUSIV: mean(seen.occlusivity),
        fields.MAX_VIEW: np.where(count > 0, most, np.nan),
    }


def _overlaid() -> styling.Style:
    """Translucent, so that what is seen from more places is darker."""
    label = tr("Visible area (darker: from more places)")
    return styling.single("Visible areas", "253,174,33,55", label, "179,106,0,60", 0.1)


def _by_share() -> styling.Style:
    limits = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)
    colours = ("#54278f", "#756bb1", "#9e9ac8", "#cbc9e2", "#f2f0f7")
    entries = [(low, high + (1e-9 if high == 1.0 else 0.0), colour, tr("{low} to {high} of the full circle").format(
        low=formats.percent(low), high=formats.percent(high)))
        for low, high, colour in zip(limits, limits[1:], colours)]
    return styling.classes("Share of the full circle seen", fields.OPEN_SHARE, entries)
