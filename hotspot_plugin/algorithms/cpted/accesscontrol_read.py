"""What 'Street permeability' reads: streets and paths as a graph, units, entrances, barriers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...analysis import crossings, network, outline
from ...analysis.cpted import accesscontrol as analysis
from ...analysis.cpted.frontage import Lines
from ...analysis.errors import InputError
from ...layers.areas import Areas
from ...layers.overlay import line_parts
from ...layers.reading import Points
from ...reports import formats
from ...translation import tr
from .barriers import read_barriers
from .values import matches

AT_ENDS, AT_TOUCHES, AT_CROSSINGS = 0, 1, 2
BY_LENGTH, BY_SPEED, BY_MINUTES = 0, 1, 2
#: half the width in metres of a bay in the street network that still belongs to the ground of the data
_CLOSING = 150.0
#: metres of which a street without length is shorter
_NO_LENGTH = 1e-3
#: touches or crossings without a joint, as a share of the streets, from which it is a warning
_MANY = 0.02


@dataclass(frozen=True)
class Data:
    """What the tool works on.

    Attributes
    ----------
    layer : Areas
        Streets and then the paths of the second layer.
    parts : Lines
        Every street or path between two nodes; ``owner`` is the row in ``layer``.
    source : (m,) int64 array
        Row in ``layer`` of each part.
    row : (m,) int64 array
        Row in its own layer, from 1.
    whole : (m,) bool array
        The part is its feature, whole.
    path : (m,) bool array
    net : network.Network
    cost : (m,) array
        Metres, or seconds.
    radius : float
        In the same unit; infinite for the whole network.
    by_time : bool
    speed : float
        Metres that a unit of cost takes one, in the median.
    joints : crossings.Joints
    touches, crossings : int
        Touches and crossings that were left without a joint.
    away : (n,) array
        Metres from each node to where the data end.
    ground : outline.Outline
    units : Areas or None
    doors : Points or None
    barriers : Lines or None
    barrier_count : int
    """

    layer: Areas
    parts: Lines
    source: np.ndarray
    row: np.ndarray
    whole: np.ndarray
    path: np.ndarray
    net: network.Network
    cost: np.ndarray
    radius: float
    by_time: bool
    speed: float
    joints: crossings.Joints
    touches: int
    crossings: int
    away: np.ndarray
    ground: outline.Outline
    units: Areas | None
    doors: Points | None
    barriers: Lines | None
    barrier_count: int


def read(run: Any) -> Data:
    """Read all layers and make the graph."""
    return _Reader(run).data()


class _Reader:
    def __init__(self, run: Any) -> None:
        self.run, self.tool = run, run.tool

    def data(self) -> Data:
        run, tool = self.run, self.tool
        self._check()
        layer, is_path = self._streets()
        run.progress(0.05)
        vertices, owner, start = line_parts(layer)
        source = owner[start]
        tolerance = run.number(tool.TOLERANCE)
        joints = crossings.find(vertices, start, tolerance, self._level(layer, source), run.stage(0.05, 0.12))
        mode = run.choice(tool.SPLIT)
        pieces = crossings.Parts(vertices, start, np.arange(len(start)))
        if mode != AT_ENDS:
            pieces = crossings.cut(vertices, start, joints, mode == AT_CROSSINGS, tolerance)
        parts, source = self._with_length(pieces, source)
        net = self._network(layer, parts, source, tolerance)
        path = is_path[source]
        cost, radius, speed = self._cost(layer, source, net.length, path)
        ground = self._ground(parts)
        run.progress(0.2)
        away = ground.distance(net.x, net.y)
        barriers, count = read_barriers(run, tool.BARRIERS, tool.MORE_BARRIERS)
        doors = run.points(tool.ENTRANCES) if run.has(tool.ENTRANCES) else None
        units = run.areas(tool.UNITS) if run.has(tool.UNITS) else None
        several = np.bincount(source, minlength=len(layer))
        data = Data(
            layer, parts, source, layer.rows[source] + 1, several[source] == 1, path, net, cost, radius,
            run.choice(tool.COST) > 0, speed, joints, joints.touches if mode == AT_ENDS else 0,
            joints.crossings if mode != AT_CROSSINGS else 0, away, ground, units, doors, barriers, count,
        )
        self._tell(data, mode, tolerance)
        return data

    def _check(self) -> None:
        run, tool = self.run, self.tool
        if run.has(tool.FROM_FIELD) != run.has(tool.TO_FIELD):
            missing = tool.TO_FIELD if run.has(tool.FROM_FIELD) else tool.FROM_FIELD
            raise InputError(missing, "Both fields of node numbers are needed. Choose the other one too, or none.")
        if run.has(tool.FROM_FIELD) and run.choice(tool.SPLIT) != AT_ENDS:
            raise InputError(
                tool.SPLIT, "Streets whose nodes are numbered cannot be cut: the pieces would have no numbers. Join"
                " streets at their ends, or leave the fields of node numbers empty.")
        needed = {BY_SPEED: tool.SPEED_FIELD, BY_MINUTES: tool.MINUTES_FIELD}.get(run.choice(tool.COST))
        if needed and not run.has(needed):
            raise InputError(needed, "Ways by time need this field. Choose it, or measure ways by length.")
        if run.has(tool.CLASS_FIELD) != bool(run.text(tool.PATH_VALUES).strip()):
            raise InputError(
                tool.PATH_VALUES, "Paths are told by a field and its values. Give both, e.g. 'footway; path; alley',"
                " or neither.")
        if run.number(tool.TOLERANCE) > 25.0:
            raise InputError(tool.TOLERANCE, "{metres} m would join streets that do not meet. Use 25 m at most.",
                             metres=formats.number(run.number(tool.TOLERANCE), 0))

    def _streets(self) -> tuple:
        """Return streets and paths as one layer, and which of its rows are paths."""
        run, tool = self.run, self.tool
        numbers, texts = [], []
        for name in (tool.SPEED_FIELD, tool.MINUTES_FIELD, tool.LEVEL_FIELD):
            numbers += run.fields(name)
        for name in (tool.FROM_FIELD, tool.TO_FIELD, tool.CLASS_FIELD):
            texts += run.fields(name)
        streets = run.areas(tool.INPUT, numbers, list(dict.fromkeys(texts)))
        is_path = np.zeros(len(streets), dtype=bool)
        if run.has(tool.CLASS_FIELD):
            values = streets.columns[run.field(tool.CLASS_FIELD)]
            is_path, unmatched = matches(values, run.text(tool.PATH_VALUES))
            if unmatched:
                run.warn(tr("These values of paths match nothing in the field '{field}': {values}.").format(
                    field=run.field(tool.CLASS_FIELD), values="; ".join(unmatched)))
        if is_path.all():
            raise InputError(tool.PATH_VALUES, "All lines would be paths. Name the values of paths only.")
        if not run.has(tool.PATHS):
            return streets, is_path
        paths = run.areas(tool.PATHS)
        none = [None] * len(streets.fields)
        columns = {}
        for name, values in streets.columns.items():
            fill = np.full(len(paths), np.nan) if values.dtype.kind == "f" else np.full(len(paths), None, object)
            columns[name] = np.concatenate([values, fill])
        both = replace(
            streets, geometries=[*streets.geometries, *paths.geometries],
            attributes=[*streets.attributes, *(list(none) for _ in range(len(paths)))], columns=columns,
            rows=np.concatenate([streets.rows, paths.rows]))
        return both, np.concatenate([is_path, np.ones(len(paths), dtype=bool)])

    def _level(self, layer: Areas, source: np.ndarray) -> np.ndarray | None:
        name = self.run.field(self.tool.LEVEL_FIELD)
        return np.nan_to_num(layer.columns[name])[source] if name else None

    def _with_length(self, pieces: crossings.Parts, source: np.ndarray) -> tuple[Lines, np.ndarray]:
        """Leave out what has no length, e.g. a line from a point to itself."""
        length = network.lengths_of(pieces.vertices, pieces.part_start)
        good = length > _NO_LENGTH
        if not good.all():
            self.run.info(tr("{count} streets, or parts of streets, have no length and are left out.").format(
                count=formats.number(int((~good).sum()))))
        if not good.any():
            raise InputError(self.tool.INPUT, "No street has any length. Choose a layer of street lines.")
        count = np.diff(np.append(pieces.part_start, len(pieces.vertices)))
        owner = np.repeat(source[pieces.source], count)
        kept = np.repeat(good, count)
        start = np.cumsum(count[good]) - count[good]
        return Lines(pieces.vertices[kept], owner[kept], start), source[pieces.source][good]

    def _network(self, layer: Areas, parts: Lines, source: np.ndarray, tolerance: float) -> network.Network:
        run, tool = self.run, self.tool
        first, last = network.ends_of(parts.vertices, parts.part_start)
        xy = np.concatenate([first, last])
        if run.has(tool.FROM_FIELD):
            keys = np.concatenate([layer.columns[run.field(name)][source] for name in (tool.FROM_FIELD, tool.TO_FIELD)])
            # a line of several parts has its numbers at its first begin and last end only
            inner = np.concatenate([np.diff(source, prepend=-1) == 0, np.diff(source, append=-1) == 0])
            keys = np.where(inner, None, keys)
            keys[[key is not None and not str(key).strip() for key in keys]] = None
            unnamed = int(sum(key is None for key in keys[~inner]))
            node, wrong = network.by_key(keys, xy, tolerance)
            if unnamed:
                run.info(tr("{count} street ends have no node number and are joined by where they lie.").format(
                    count=formats.number(unnamed)))
            if wrong:
                run.warn(tr(
                    "{count} node numbers stand for places more than {reach} apart and cannot be right; such places"
                    " are told apart. Compare with a run without the fields of node numbers.").format(
                        count=formats.number(wrong), reach=run.units.distance(network.NODE_REACH)))
        else:
            node = network.snap(xy, tolerance)
            exact = int(network.snap(xy, 0.0).max()) + 1
            if exact > int(node.max()) + 1:
                run.info(tr("{count} street ends that lie within {tolerance} of others were joined with them.").format(
                    count=formats.number(exact - int(node.max()) - 1), tolerance=run.units.distance(tolerance)))
        net = network.build(first, last, network.lengths_of(parts.vertices, parts.part_start), node)
        wide = int((net.spread > max(3.0 * tolerance, network.NODE_REACH)).sum())
        if wide:
            run.warn(tr("{count} junctions join street ends that lie far from one another ({most} at most). A smaller"
                        " TOLERANCE keeps them apart.").format(
                            count=formats.number(wide), most=run.units.distance(float(net.spread.max()))))
        return net

    def _cost(self, layer: Areas, source: np.ndarray, length: np.ndarray, path: np.ndarray) -> tuple:
        run, tool = self.run, self.tool
        chosen = run.choice(tool.COST)
        if chosen == BY_LENGTH:
            return length, run.number(tool.RADIUS) or np.inf, 1.0
        field = run.field(tool.SPEED_FIELD if chosen == BY_SPEED else tool.MINUTES_FIELD)
        values = layer.columns[field][source]
        if chosen == BY_MINUTES:
            # the minutes of a line that was cut belong to its pieces by length
            values = values * length / np.bincount(source, length, minlength=len(layer))[source]
        seconds, filled, median = analysis.travel_seconds(
            length, values if chosen == BY_SPEED else None, values if chosen == BY_MINUTES else None, path,
            run.number(tool.WALK_SPEED))
        streets = int((~path).sum())
        if not np.isfinite(median):
            raise InputError(
                tool.SPEED_FIELD if chosen == BY_SPEED else tool.MINUTES_FIELD,
                "No street has a value above 0 in the field '{field}'. Choose a field that holds speeds or minutes.",
                field=field)
        if filled:
            text = tr("{count} of {of} streets have no usable value in '{field}' and take the median speed of the"
                      " others, {speed} km/h.").format(
                          count=formats.number(filled), of=formats.number(streets), field=field,
                          speed=formats.number(median, 0))
            run.warn(text) if filled > 0.05 * streets else run.info(text)
        return seconds, 60.0 * run.number(tool.RADIUS_MINUTES) or np.inf, median / 3.6

    def _ground(self, parts: Lines) -> outline.Outline:
        run, tool = self.run, self.tool
        if run.has(tool.BOUNDARY):
            vertices, _, starts = run.areas(tool.BOUNDARY).rings()
            return outline.of_rings(vertices, starts, 10.0)
        return outline.of_lines(parts.vertices, parts.part_start, _CLOSING)

    def _tell(self, data: Data, mode: int, tolerance: float) -> None:
        run, joints = self.run, data.joints
        lines = len(np.unique(data.source))
        if len(data.source) > lines:
            run.info(tr("{lines} lines make {pieces} pieces between junctions; each has a row of its own.").format(
                lines=formats.number(lines), pieces=formats.number(len(data.source))))
        if data.touches or data.crossings:
            text = tr("Without a joint: {touches} street ends touch the middle of another street, and {crossings} times"
                      " two streets cross. They are bridges, tunnels, or junctions that the layer lacks: 'Where streets"
                      " are joined' can cut streets there.").format(
                          touches=formats.number(data.touches), crossings=formats.number(data.crossings))
            run.warn(text) if data.touches + data.crossings > _MANY * lines else run.info(text)
        if mode != AT_ENDS:
            made = joints.touches + (joints.crossings if mode == AT_CROSSINGS else 0)
            run.info(tr("Streets were cut at {count} places where others end at them{cross}.").format(
                count=formats.number(made), cross=tr(" or cross them") if mode == AT_CROSSINGS else ""))
        if joints.other_level:
            run.info(tr("{count} touches and crossings join nothing, because the levels differ.").format(
                count=formats.number(joints.other_level)))
        short = (data.net.start == data.net.end) & (data.net.length <= 2.0 * tolerance)
        if short.any():
            run.info(tr("{count} pieces are so short that TOLERANCE joins both their ends; they carry no way.").format(
                count=formats.number(int(short.sum()))))
