"""The ground plan of a made-up town: main roads, river, railway, quarters, blocks, streets, patrol beats.

Main roads run in rays and rings, bent by chance; between them the ground is cut into quarters, and these into blocks,
each quarter by its own habit: the old centre small and crooked, suburbs long, works large. At the end all is gently
warped, so that no street is quite straight. All coordinates are metres from the middle of the town, rounded to
centimetres.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field

import numpy as np

from ..progress import Progress, silent
from . import townnames
from .draws import Stream
from .mesh import Mesh, polygon_measures

CENTRE, INNER, ESTATE, SUBURB, WORKS, RETAIL, CAMPUS, PARK, FIELDS = range(9)
USES = ("centre", "inner", "estate", "suburb", "industry", "retail park", "campus", "park", "fields")
#: block area in m2, longest side over shortest before the long side is cut, turn of the cuts in degrees
_HABIT = {CENTRE: (6_000, 1.25, 11.0), INNER: (10_000, 1.8, 3.0), ESTATE: (19_000, 1.4, 5.0),
          SUBURB: (15_000, 2.1, 5.0), WORKS: (42_000, 1.6, 3.0), RETAIL: (45_000, 1.5, 3.0),
          CAMPUS: (38_000, 1.5, 6.0), PARK: (1e12, 2.0, 0.0), FIELDS: (1e12, 2.0, 0.0)}
ARTERIAL, COLLECTOR, LOCAL, PATH, RIVER, RAIL, RIM = "arterial", "collector", "local", "path", "river", "rail", "rim"
STREET_KINDS = (ARTERIAL, COLLECTOR, LOCAL, PATH)
MOST_BLOCKS = 40_000


@dataclass
class Plan:
    """A town's ground.

    Attributes
    ----------
    radius : float
        Metres from the middle to the edge, about.
    xy : (n, 2) array
        Corners.
    faces : list of lists of corners
        Blocks, counter-clockwise; parks and fields are blocks too.
    use, quarter, beat : (blocks,) int arrays
    area, cx, cy : (blocks,) arrays
        m2 and centroids.
    street_u, street_v : (s,) int arrays
        Corners of the street segments.
    street_kind, street_line : (s,) int arrays
        Position in STREET_KINDS, and the line that gives the name.
    names : list of str
        Of the lines.
    quarter_names, beat_names : list of str
    beat_rings : list of lists of rings of corners
    town_rings : list of rings
    river, rail : list of corners along them, empty for none
    river_width : float
    kinds : list of str
        Of the lines.
    edges : dict
        Edge (smaller corner, larger corner) of the blocks to kind and line.
    """

    radius: float
    xy: np.ndarray
    faces: list
    use: np.ndarray
    quarter: np.ndarray
    beat: np.ndarray
    area: np.ndarray
    cx: np.ndarray
    cy: np.ndarray
    street_u: np.ndarray
    street_v: np.ndarray
    street_kind: np.ndarray
    street_line: np.ndarray
    names: list
    quarter_names: list
    beat_names: list
    beat_rings: list
    town_rings: list
    river: list
    rail: list
    river_width: float
    kinds: list
    edges: dict = field(repr=False)


class _Ground:
    """A mesh and what is known of its faces while it is cut."""

    def __init__(self, mesh: Mesh, radius: float, core: float) -> None:
        self.mesh, self.radius, self.core = mesh, radius, core
        self.quarter: dict = {}
        self.beat: dict = {}
        self.belt: list = []


def make(stream: Stream, residents: int, progress: Progress = silent) -> Plan:
    """Make a plan for so many residents.

    Parameters
    ----------
    stream : Stream
    residents : int
        At least 500; the number of blocks follows from it (50 for 2,000, 450 for 30,000, at most 40,000).
    """
    blocks = min(residents / (45.0 * (residents / 2_000.0) ** 0.15), MOST_BLOCKS)
    radius = math.sqrt(blocks * 15_500.0 * max(1.0, blocks / 25_000.0) / math.pi) * 1.04
    ground, river, rail = _main_roads(stream.sub("roads"), radius)
    mesh = ground.mesh
    beats = int(np.clip(round(residents / 9_000.0), 3, 250))
    _quarters(stream.sub("quarters"), ground, blocks, beats)
    use = _uses(stream.sub("uses"), ground, river, rail)
    _blocks(stream.sub("blocks"), ground, use, blocks, progress)
    _warp(stream.sub("warp"), mesh, radius)
    return _finished(stream, ground, use, river, rail)


# --- main roads --------------------------------------------------------------------------------
def _main_roads(stream: Stream, radius: float) -> tuple:
    """Make rays and rings; return the ground and the lines of river and railway (-1: none)."""
    mesh = Mesh()
    rings = int(np.searchsorted([700.0, 2_200.0, 5_500.0, 12_000.0], radius)) + 1
    rays = (5, 6, 7, 8, 9)[rings - 1]
    core = min(max(radius * (0.30, 0.22, 0.17, 0.13, 0.10)[rings - 1], 150.0), 1_100.0)
    radii = [core * (radius / core) ** ((k / rings) ** 0.85) for k in range(rings + 1)] + [radius * 1.2]
    first = stream.one(0.0, 2 * math.pi)
    angles = [first + 2 * math.pi * (k + stream.one(-0.24, 0.24)) / rays for k in range(rays)]
    node = [[0] * rays for _ in radii]
    for k, r in enumerate(radii):
        for j in range(rays):
            reach = 0.16 if k == rings else 0.02 if k > rings else 0.09
            length = r * (1 + stream.one(-reach, reach))
            turn = angles[j] + stream.one(-0.06, 0.06) * (k > 0)
            node[k][j] = mesh.node(length * math.cos(turn), length * math.sin(turn))
    ray_lines = [mesh.new_line(ARTERIAL) for _ in range(rays)]
    ring_lines = [mesh.new_line(RIM if k >= rings else ARTERIAL if k in (0, rings - 1) else COLLECTOR)
                  for k in range(rings + 2)]
    for k in range(rings + 2):
        for j in range(rays):
            mesh.set_line(node[k][j], node[k][(j + 1) % rays], ring_lines[k])
            if k <= rings:
                mesh.set_line(node[k][j], node[k + 1][j], ray_lines[j])
    mesh.face(node[0])
    belt: list = []
    for k in range(rings + 1):
        for j in range(rays):
            n = (j + 1) % rays
            made = mesh.face([node[k][j], node[k + 1][j], node[k + 1][n], node[k][n]])
            if k == rings:
                belt.append(made)
    _bend(stream, mesh, radius)
    for line in ring_lines[rings:]:
        _meander(stream, mesh, line, 0.07)
    river = rail = -1
    spokes = list(range(rays))
    start = stream.integer(rays)
    if radius > 400.0:
        river = mesh.new_line(RIVER)
        _reroute(mesh, node, ring_lines[0], ray_lines, spokes, start, start + rays // 2, 0, river)
    if radius > 900.0:
        rail = mesh.new_line(RAIL)
        _reroute(mesh, node, ring_lines[1], ray_lines, spokes, start + 1, start + 1 + rays // 2, 1, rail)
    _meander(stream, mesh, river, 0.09)
    ground = _Ground(mesh, radius, core)
    ground.belt = belt
    return ground, river, rail


def _bend(stream: Stream, mesh: Mesh, radius: float) -> None:
    """Put a bend into every long main road."""
    for u, v in sorted(mesh.line):
        (ux, uy), (vx, vy) = mesh.xy[u], mesh.xy[v]
        if math.hypot(vx - ux, vy - uy) > 260.0:
            off = stream.one(-0.045, 0.045)
            mesh.split_edge(u, v, (ux + vx) / 2 - off * (vy - uy), (uy + vy) / 2 + off * (vx - ux))


def _reroute(
    mesh: Mesh, node: list, ring_line: int, ray_lines: list, spokes: list, start: int, end: int, ring: int, line: int
) -> None:
    """Make a line of what was a ray, a part of a ring, and another ray."""
    rays = len(spokes)
    start, end = start % rays, end % rays
    inside = {j % rays for j in range(start, start + (end - start) % rays + 1)}
    keep = set()
    for j in (start, end):
        keep.update(_path(mesh, node[ring][j], node[-1][j], ray_lines[j]))
    for j in sorted(inside):
        n = (j + 1) % rays
        if n in inside and j != end:
            keep.update(_path(mesh, node[ring][j], node[ring][n], ring_line))
    for edge in keep:
        mesh.line[edge] = line


def _path(mesh: Mesh, a: int, b: int, line: int) -> list:
    """Return the edges of a line from a corner to another."""
    near: dict = {}
    for (u, v), other in mesh.line.items():
        if other == line:
            near.setdefault(u, []).append(v)
            near.setdefault(v, []).append(u)
    came = {a: a}
    waiting = [a]
    while waiting and b not in came:
        following = []
        for u in waiting:
            for v in near.get(u, ()):
                if v not in came:
                    came[v] = u
                    following.append(v)
        waiting = following
    edges, at = [], b
    while at in came and at != a:
        edges.append((min(at, came[at]), max(at, came[at])))
        at = came[at]
    return edges


def _meander(stream: Stream, mesh: Mesh, line: int, size: float) -> None:
    for _ in range(2):
        for u, v in sorted(edge for edge, other in mesh.line.items() if other == line):
            (ux, uy), (vx, vy) = mesh.xy[u], mesh.xy[v]
            off = stream.one(-size, size)
            if math.hypot(vx - ux, vy - uy) > 160.0:
                mesh.split_edge(u, v, (ux + vx) / 2 - off * (vy - uy), (uy + vy) / 2 + off * (vx - ux))


# --- quarters and their uses -------------------------------------------------------------------
def _quarters(stream: Stream, ground: _Ground, blocks: float, beats: int) -> None:
    """Cut the ground until each face is a quarter; beats are the faces on the way there."""
    mesh = ground.mesh
    built = [k for k in range(len(mesh.faces)) if k not in ground.belt]
    total = sum(mesh.area_centre(k)[0] for k in built)
    wanted = total / max(blocks / 14.0, 9.0)
    beat_area = total / beats * 1.25
    heap = [(-mesh.area_centre(k)[0], k, -1) for k in built]
    heapq.heapify(heap)
    n_beats = 0
    while heap:
        minus, number, beat = heapq.heappop(heap)
        if beat < 0 and -minus < beat_area:
            beat, n_beats = n_beats, n_beats + 1
        parts = None
        if -minus > wanted * (0.55 if number == 0 else 1.0):
            kind = ARTERIAL if -minus > 700_000 else COLLECTOR
            parts = _halved(stream, mesh, number, 1.35, 4.0, kind, 60.0)
        if parts is None:
            if beat < 0:
                beat, n_beats = n_beats, n_beats + 1
            ground.beat[number] = beat
            ground.quarter[number] = number
            continue
        for part in parts:
            heapq.heappush(heap, (-mesh.area_centre(part)[0], part, beat))
    for number in ground.belt:
        # the fields around belong to the beat of the suburb that they begin at
        face = mesh.faces[number]
        beside = (mesh.neighbour(u, face[(i + 1) % len(face)]) for i, u in enumerate(face))
        ground.beat[number] = next(ground.beat[k] for k in beside if k >= 0 and k not in ground.belt)
        ground.quarter[number] = number


def _halved(stream: Stream, mesh: Mesh, number: int, stretch: float, turn: float, kind: str, snap: float,
            least: float = 46.0) -> tuple | None:
    """Cut a face about in two, by the habit of its use."""
    _, cx, cy = mesh.area_centre(number)
    angle, long, wide = mesh.long_axis(number)
    shift, lean = stream.one(-0.13, 0.13), math.radians(stream.one(-turn, turn))
    across = long >= stretch * wide or wide < 2.0 * least
    for attempt in range(2):
        along = across if attempt == 0 else not across
        size, direction = (long, angle) if along else (wide, angle + math.pi / 2)
        if size < 1.9 * least:
            continue
        x, y = cx + shift * size * math.cos(direction), cy + shift * size * math.sin(direction)
        parts = mesh.cut(number, x, y, direction + math.pi / 2 + lean, min(snap, 0.3 * size), kind)
        if parts is not None:
            return parts
    return None


def _uses(stream: Stream, ground: _Ground, river: int, rail: int) -> dict:
    """Say what each quarter is used for."""
    mesh, radius = ground.mesh, ground.radius
    quarters = [q for q in sorted(ground.quarter) if q not in ground.belt]
    middle = {q: mesh.area_centre(q)[1:] for q in quarters}
    away = {q: math.hypot(*middle[q]) / radius for q in quarters}
    by_river, by_rail = _beside(mesh, river), _beside(mesh, rail)
    out: dict = dict.fromkeys(ground.belt, FIELDS)
    for q in quarters:
        chance = stream.one()
        if away[q] * radius < ground.core * 0.95:
            use = CENTRE
        elif away[q] > 0.8 and chance < 0.3:
            use = FIELDS
        elif q in by_rail and chance < 0.36:
            use = WORKS
        elif q in by_river and chance < 0.2:
            use = PARK
        elif away[q] < 0.5:
            use = (ESTATE if chance > 0.88 else PARK if chance > 0.845 else INNER)
        else:
            use = (ESTATE if chance > 0.9 else WORKS if chance > 0.86 else PARK if chance > 0.82 else SUBURB)
        out[q] = use
    taken: set = set()
    # what every town has, put where such things are
    wanted = [(PARK, 0.36), (ESTATE, 0.55), (WORKS, 0.75), (CAMPUS, 0.45), (RETAIL, 0.8), (PARK, 0.7)]
    wanted = wanted[: 3 if len(quarters) < 16 else 6] * max(1, len(quarters) // 260)
    for use, distance in wanted:
        free = [q for q in quarters if q not in taken and out[q] not in (CENTRE, FIELDS)]
        if free:
            turn = stream.one(0.0, 2 * math.pi)
            aim = (distance * radius * math.cos(turn), distance * radius * math.sin(turn))
            near = by_rail if use in (WORKS, RETAIL) else by_river if use == PARK else set()
            best = min(free, key=lambda q: math.dist(middle[q], aim) * (0.5 if q in near else 1.0))
            out[best] = use
            taken.add(best)
    return out


def _beside(mesh: Mesh, line: int) -> set:
    return {mesh._face_of[side] for (u, v), other in mesh.line.items() if other == line
            for side in ((u, v), (v, u)) if side in mesh._face_of}


def _blocks(stream: Stream, ground: _Ground, use: dict, wanted: float, progress: Progress) -> None:
    """Cut the quarters into blocks."""
    mesh = ground.mesh
    expected = sum(max(mesh.area_centre(q)[0] / (_HABIT[u][0] * 0.86), 1.0) for q, u in use.items())
    grow = min(max(expected / wanted, 0.6), 5.0)
    quarters = sorted(ground.quarter)
    for done, quarter in enumerate(quarters):
        if done % 20 == 0:
            progress(done / len(quarters))
        target, stretch, turn = _HABIT[use[quarter]]
        target *= grow * stream.one(0.85, 1.2)
        waiting = [quarter]
        while waiting:
            number = waiting.pop()
            parts = None
            if mesh.area_centre(number)[0] > target * stream.one(0.95, 1.6):
                parts = _halved(stream, mesh, number, stretch, turn, LOCAL, 34.0)
            if parts is not None:
                ground.quarter[parts[1]] = quarter
                ground.beat[parts[1]] = ground.beat[quarter]
                waiting += reversed(parts)


# --- the end -----------------------------------------------------------------------------------
def _warp(stream: Stream, mesh: Mesh, radius: float) -> None:
    """Bend the whole plan gently and turn it."""
    x, y = np.array(mesh.xy).T
    u, v = x.copy(), y.copy()
    for length, slope in ((0.9 * radius + 300.0, 0.11), (0.45 * radius + 220.0, 0.06), (420.0, 0.035)):
        for _ in range(2):
            size, turn = length * slope / (2 * math.pi), stream.one(0.0, 2 * math.pi)
            phase = stream.one(0.0, 2 * math.pi)
            wave = size * np.sin(2 * math.pi * (x * math.cos(turn) + y * math.sin(turn)) / length + phase)
            other = turn + math.pi / 2 + stream.one(-0.5, 0.5)
            u, v = u + wave * math.cos(other), v + wave * math.sin(other)
    mesh.xy = [(float(a), float(b)) for a, b in zip(np.round(u, 2), np.round(v, 2))]


def _finished(stream: Stream, ground: _Ground, use: dict, river: int, rail: int) -> Plan:
    mesh = ground.mesh
    measures = np.array([polygon_measures([mesh.xy[c] for c in face]) for face in mesh.faces])
    quarters = sorted(set(ground.quarter.values()))
    rank = {q: k for k, q in enumerate(quarters)}
    faces = range(len(mesh.faces))
    of_face = np.array([use[ground.quarter[k]] for k in faces])
    beat = np.array([ground.beat[k] for k in faces])
    beats, beat = np.unique(beat, return_inverse=True)
    width = float(np.clip(0.008 * ground.radius + 12.0, 14.0, 110.0))
    xy, u, v, kind, line = _streets(stream.sub("streets"), mesh, of_face, width)
    names = townnames.streets(stream.sub("names"), mesh.kinds)
    members: list = [[] for _ in beats]
    for k, b in enumerate(beat.tolist()):
        members[b].append(k)
    place = townnames.quarters(stream.sub("quarters' names"), len(quarters) + len(beats))
    return Plan(
        ground.radius, xy, mesh.faces, of_face, np.array([rank[ground.quarter[k]] for k in faces]), beat,
        measures[:, 0], np.round(measures[:, 1], 2), np.round(measures[:, 2], 2), u, v, kind, line, names,
        place[len(beats):], place[: len(beats)], [mesh.outline(m) for m in members], mesh.outline(faces),
        _chain(mesh, river), _chain(mesh, rail), width, mesh.kinds,
        {edge: (mesh.kinds[n], n) for edge, n in mesh.line.items()})


def _streets(stream: Stream, mesh: Mesh, use: np.ndarray, width: float) -> tuple:
    """Return all corners, and the street segments by ends, kind and line."""
    xy = list(mesh.xy)
    wet: dict = {RIVER: set(), RAIL: set()}
    for (u, v), n in mesh.line.items():
        if mesh.kinds[n] in wet:
            wet[mesh.kinds[n]].update((u, v))
    rows = []
    for (u, v), n in sorted(mesh.line.items()):
        kind = mesh.kinds[n]
        if kind not in STREET_KINDS:
            continue
        sides = [mesh._face_of.get(side, -1) for side in ((u, v), (v, u))]
        open_land = all(s < 0 or use[s] in (FIELDS, PARK) for s in sides)
        if kind in (LOCAL, COLLECTOR) and open_land and all(s < 0 or use[s] == FIELDS for s in sides):
            continue
        suburb = all(s >= 0 and use[s] in (SUBURB, ESTATE) for s in sides)
        if kind == LOCAL and stream.one() < (0.09 if suburb else 0.03):
            kind = PATH
        ends = [u, v]
        for i, end in enumerate(ends):
            back = width / 2 + 7.0 if end in wet[RIVER] else 9.0 if end in wet[RAIL] else 0.0
            if back and (kind in (LOCAL, PATH) or (kind == COLLECTOR and end in wet[RIVER])):
                ax, ay = xy[end]
                bx, by = xy[ends[1 - i]]
                length = math.hypot(bx - ax, by - ay)
                if length < back + 12.0:
                    ends = []
                    break
                xy.append((round(ax + (bx - ax) * back / length, 2), round(ay + (by - ay) * back / length, 2)))
                ends[i] = len(xy) - 1
        if ends:
            rows.append((*ends, STREET_KINDS.index(kind), n))
    rows += _park_paths(mesh, use, xy)
    table = np.array(rows, int)
    return np.array(xy), table[:, 0], table[:, 1], table[:, 2], table[:, 3]


def _park_paths(mesh: Mesh, use: np.ndarray, xy: list) -> list:
    """Return paths from corners of the parks to their middles."""
    rows = []
    for number in np.flatnonzero(use == PARK).tolist():
        face = mesh.faces[number]
        corners = [c for i, c in enumerate(face)
                   if all(mesh.kinds[mesh.line_of(c, face[j])] not in (RIVER, RAIL, RIM)
                          for j in (i - 1, (i + 1) % len(face)))]
        if len(corners) < 3:
            continue
        _, cx, cy = polygon_measures([xy[c] for c in face])
        xy.append((round(cx, 2), round(cy, 2)))
        middle, line = len(xy) - 1, mesh.new_line(PATH)
        step = max(len(corners) // 5, 1)
        rows += [(c, middle, STREET_KINDS.index(PATH), line) for c in corners[::step][:6]]
    return rows


def _chain(mesh: Mesh, line: int) -> list:
    """Return the corners of a line from end to end."""
    near: dict = {}
    for (u, v), n in mesh.line.items():
        if n == line:
            near.setdefault(u, []).append(v)
            near.setdefault(v, []).append(u)
    if line < 0 or not near:
        return []
    at = min(c for c, others in near.items() if len(others) == 1)
    out, previous = [at], -1
    while True:
        following = [c for c in near[at] if c != previous]
        if not following or len(out) > len(near):
            return out
        previous, at = at, following[0]
        out.append(at)
