"""What 'Street permeability' measures of streets, junctions and units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from qgis.core import QgsGeometry, QgsPointXY

from ...analysis import crossings, network
from ...analysis.cpted import accesscontrol as analysis
from ...analysis.cpted import frontage
from ...analysis.cpted.frontage import Cover, Lines
from ...analysis.cpted.throughmovement import Through, edge_betweenness
from ...analysis.overlay import nearest_line
from ...analysis.progress import Progress
from ...layers import fields
from ...layers.areas import Areas
from ...layers.nearest import nearest_feature
from ...layers.overlay import polygon_index
from ...layers.zones import spatial_index
from .accesscontrol_read import Data

#: metres outside the edge of a unit at which a fence still stands on the edge
_OUTSIDE = 2.0
#: metres beside the centre line at which its gaps are drawn
_ASIDE = 4.0
#: values in the fields, the same in every language
WAYS = {analysis.STREET: "street", analysis.CUT_THROUGH: "cut-through", analysis.BLIND_ALLEY: "blind alley"}
ENDS = {analysis.ON: "no", analysis.DEAD_END: "dead end", analysis.BY_PATH: "on by path", analysis.AT_EDGE: "edge"}


@dataclass(frozen=True)
class Sides:
    """Barriers along both sides of streets."""

    left: Cover
    right: Cover

    @property
    def length(self) -> np.ndarray:
        """Metres of frontage, both sides."""
        return self.left.length + self.right.length

    @property
    def covered(self) -> np.ndarray:
        """Metres of it with a barrier."""
        return self.left.covered + self.right.covered

    @property
    def gaps(self) -> np.ndarray:
        """Openings between two barriers."""
        return self.left.gaps + self.right.gaps

    @property
    def widest(self) -> np.ndarray:
        """Metres of the widest."""
        return np.fmax(self.left.widest, self.right.widest)


@dataclass(frozen=True)
class Result:
    """All that was measured.

    Attributes
    ----------
    ends : analysis.Ends
    indices : network.Indices
    through : Through
    rank : (m,) array
    covered : (m,) array
        Share of the ground within the radius for which there are data; NaN for the whole network.
    component : (m,) int64 array
    doors : (m,) int64 array or None
    doors_far : int
        Entrances near no street.
    sides : Sides or None
    gaps : list
        Gaps as (corners, columns) of each kind of frontage; empty where they were not asked for.
    units : dict
        Columns of the units; empty without units.
    """

    ends: analysis.Ends
    indices: network.Indices
    through: Through
    rank: np.ndarray
    covered: np.ndarray
    component: np.ndarray
    doors: np.ndarray | None
    doors_far: int
    sides: Sides | None
    gaps: list
    units: dict


def sides(lines: Lines, n: int, barriers: Lines, distance: float, least_gap: float, progress: Progress) -> Sides:
    """Measure barriers along both sides of streets."""
    return Sides(
        frontage.cover(lines, n, barriers, 0.0, distance, least_gap, progress),
        frontage.cover(lines, n, barriers, -distance, 0.0, least_gap, progress),
    )


def outlines(units: Areas) -> Lines:
    """Return the outlines of polygons, their inside to the right."""
    turned = []
    for geometry in units.geometries:
        copy = QgsGeometry(geometry)
        turned.append(copy.forceRHR())
    same = Areas(turned, *[None] * 7, kind=units.kind)
    return Lines(*same.rings())


def along_outline(lines: Lines, n: int, barriers: Lines, distance: float, least_gap: float, progress: Progress
                  ) -> Cover:
    """Measure barriers along the inside of outlines."""
    return frontage.cover(lines, n, barriers, -distance, min(distance, _OUTSIDE), least_gap, progress)


def measure(run: Any, data: Data) -> Result:
    """Measure streets and units."""
    tool, net = run.tool, data.net
    ends = analysis.judge_ends(net, data.path, data.away, run.number(tool.EDGE_DISTANCE))
    if run.number(tool.EDGE_DISTANCE) == 0:
        ends = analysis.judge_ends(net, data.path)
    through = edge_betweenness(net, data.cost, data.radius, run.stage(0.2, 0.6))
    rank = analysis.length_rank(through.through, net.length)
    covered = np.full(len(data.source), np.nan)
    if np.isfinite(data.radius):
        at = data.ground.covered(net.x, net.y, data.radius * data.speed)
        covered = (at[net.start] + at[net.end]) / 2.0
    component = net.components()[net.start]
    doors, far = _doors(run, data)
    both, gaps = None, []
    if data.barriers is not None:
        # every piece of a street by itself
        count = np.diff(np.append(data.parts.part_start, len(data.parts.vertices)))
        own = Lines(data.parts.vertices, np.repeat(np.arange(len(count)), count), data.parts.part_start)
        both = sides(own, len(count), data.barriers, run.number(tool.DISTANCE), run.number(tool.MIN_GAP),
                     run.stage(0.62, 0.7))
        if run.wants(tool.GAPS):
            gaps += [_gaps(own, both.left, "left", data.row, None), _gaps(own, both.right, "right", data.row, None)]
    indices = network.indices(net)
    units = _units(run, data, ends, through.share, gaps) if data.units is not None else {}
    return Result(ends, indices, through, rank, covered, component, doors, far, both, gaps, units)


def _doors(run: Any, data: Data) -> tuple[np.ndarray | None, int]:
    if data.doors is None:
        return None, 0
    lines = data.parts
    count = np.diff(np.append(lines.part_start, len(lines.vertices)))
    own = np.repeat(np.arange(len(count)), count)
    near, _ = nearest_line(lines.vertices, own, lines.part_start, data.doors.x, data.doors.y,
                           max(run.number(run.tool.DISTANCE), 1e-6), run.stage(0.6, 0.62))
    far = int((near < 0).sum())
    return np.bincount(near[near >= 0], minlength=len(count)), far


# --- units ---------------------------------------------------------------------------------
def _units(run: Any, data: Data, ends: analysis.Ends, share: np.ndarray, gaps: list) -> dict:
    units, tool, n = data.units, run.tool, len(data.units)
    strip = run.number(tool.EDGE_STRIP)
    edge = outlines(units)
    front = frontage.cover(edge, n, None, 0.0, 0.0)
    inner = _inset(units, strip, run.stage(0.7, 0.76))
    part, ring = crossings.between(data.parts.vertices, data.parts.part_start, inner.vertices, inner.part_start)
    owner = inner.owner[inner.part_start][ring]
    paths = data.path[part]
    streets_in = np.bincount(owner[~paths], minlength=n)
    paths_in = np.bincount(owner[paths], minlength=n)
    run.progress(0.78)
    _, held = polygon_index(units).pairs(*_xy(data.net, ends.node == analysis.DEAD_END))
    columns = {
        fields.FRONT_M: front.length, fields.ST_IN: streets_in, fields.PATHS_IN: paths_in,
        fields.BLIND_N: np.bincount(held, minlength=n),
    }
    entries = streets_in + paths_in
    if data.doors is not None:
        at, _ = nearest_feature(units, data.doors.x, data.doors.y, strip, run.stage(0.78, 0.8))
        columns[fields.DOORS] = np.bincount(at[at >= 0], minlength=n)
        entries = entries + columns[fields.DOORS]
    columns[fields.ENTRY_100M] = analysis.per_100m(entries, front.length)
    columns[fields.THRU_MAX] = _busiest(data, share, strip, run.stage(0.8, 0.84))
    if data.barriers is not None:
        cover = along_outline(edge, n, data.barriers, strip, run.number(tool.MIN_GAP), run.stage(0.84, 0.88))
        if run.wants(tool.GAPS):
            gaps.append(_gaps(edge, cover, "edge", None, units.rows + 1))
        columns |= {fields.BOUND_SH: cover.share, fields.GAPS: cover.gaps, fields.GAP_MAX: cover.widest}
    return columns


def _gaps(lines: Lines, cover: Cover, side: str, street: np.ndarray | None, unit: np.ndarray | None) -> tuple:
    """Return the corners of gaps and their columns."""
    aside = {"left": _ASIDE, "right": -_ASIDE}.get(side, 0.0)
    corners = frontage.stretches(lines, cover.gap_part, cover.gap_from, cover.gap_to, aside)
    k = len(corners)
    nothing = np.ma.masked_array(np.zeros(k, dtype=np.int64), np.ones(k, dtype=bool))
    return corners, {
        fields.GAP_M: cover.gap_to - cover.gap_from, fields.SIDE: np.array([side] * k, dtype=object),
        fields.STREET_ROW: nothing if street is None else street[cover.gap_owner],
        fields.UNIT_ROW: nothing if unit is None else unit[cover.gap_owner],
    }


def _xy(net: network.Network, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return net.x[chosen], net.y[chosen]


def _inset(units: Areas, strip: float, progress: Progress) -> Lines:
    """Return the outlines of units drawn in by a strip, by less where a unit is narrow."""
    vertices, owner, starts, total = [np.empty((0, 2))], [np.empty(0, np.int64)], [np.empty(0, np.int64)], 0
    for i, geometry in enumerate(units.geometries):
        if i % 50 == 0:
            progress(i / len(units))
        shape, by = geometry, strip
        while by > 0.05:
            shape = geometry.buffer(-by, 4)
            if not shape.isEmpty():
                break
            shape, by = geometry, by / 2.0
        corners, _, begin = Areas([shape], *[None] * 7, kind=units.kind).rings()
        vertices.append(corners)
        owner.append(np.full(len(corners), i))
        starts.append(begin + total)
        total += len(corners)
    return Lines(np.concatenate(vertices), np.concatenate(owner), np.concatenate(starts))


def _busiest(data: Data, share: np.ndarray, strip: float, progress: Progress) -> np.ndarray:
    """Return the highest share of through-movement in or along each unit, NaN where there is no street."""
    shapes = shapes_of(data)
    index = spatial_index(shapes)
    out = np.full(len(data.units), np.nan)
    for i, unit in enumerate(data.units.geometries):
        if i % 20 == 0:
            progress(i / len(out))
        box = unit.boundingBox()
        box.grow(strip)
        near = np.array(sorted(index.intersects(box)), dtype=np.int64)
        engine = QgsGeometry.createGeometryEngine(unit.constGet())
        engine.prepareGeometry()
        # from the busiest down: the first that is near enough is the one
        for k in near[np.argsort(-share[near], kind="stable")].tolist():
            if engine.distance(shapes[k].constGet()) <= strip:
                out[i] = share[k]
                break
    return out


def shapes_of(data: Data) -> list:
    """Return the geometry of every part, as it was drawn where it is whole."""
    lines = np.split(data.parts.vertices, data.parts.part_start[1:])
    return [
        QgsGeometry(data.layer.geometries[row]) if whole else
        QgsGeometry.fromPolylineXY([QgsPointXY(x, y) for x, y in line.tolist()])
        for row, whole, line in zip(data.source.tolist(), data.whole.tolist(), lines)
    ]


# --- columns -------------------------------------------------------------------------------
def street_columns(data: Data, result: Result) -> dict:
    """Return the fields of streets and paths."""
    net, degree, reach = data.net, data.net.degree, result.through.reach
    m, nothing = len(data.source), np.full(len(data.source), np.nan)
    sides_ = result.sides
    share = nothing
    if sides_ is not None:
        share = np.divide(sides_.covered, sides_.length, out=nothing.copy(), where=sides_.length > 0)
    no_number = np.ma.masked_array(np.zeros(m, dtype=np.int64), np.ones(m, dtype=bool))
    return {
        fields.STREET_ROW: data.row,
        fields.WAY: np.array([WAYS[code] for code in result.ends.way], dtype=object),
        fields.STREET_M: net.length,
        fields.DEG_FROM: degree[net.start], fields.DEG_TO: degree[net.end],
        fields.DEAD_END: np.array([ENDS[code] for code in result.ends.edge], dtype=object),
        fields.THROUGH: result.through.through,
        fields.THRU_SHARE: result.through.share,
        fields.THRU_RANK: result.rank,
        fields.REACH_N: (reach[net.start] + reach[net.end]) / 2.0,
        fields.EDGE_M: np.minimum(data.away[net.start], data.away[net.end]),
        fields.DATA_SH: result.covered,
        fields.NET_PART: result.component + 1,
        fields.DOORS: no_number if result.doors is None else result.doors,
        fields.DOORS_100M: nothing if result.doors is None else analysis.per_100m(result.doors, net.length),
        fields.BOUND_L: nothing if sides_ is None else sides_.left.share,
        fields.BOUND_R: nothing if sides_ is None else sides_.right.share,
        fields.BOUND_SH: share,
        fields.GAPS: no_number if sides_ is None else sides_.gaps,
        fields.GAP_MAX: nothing if sides_ is None else sides_.widest,
    }


def node_columns(data: Data, result: Result) -> dict:
    """Return the fields of junctions and ends."""
    return {
        fields.NODE_DEG: data.net.degree,
        fields.DEAD_END: np.array([ENDS[code] for code in result.ends.node], dtype=object),
        fields.EDGE_M: data.away,
        fields.REACH_N: result.through.reach.astype(float),
        fields.NET_PART: data.net.components() + 1,
    }
