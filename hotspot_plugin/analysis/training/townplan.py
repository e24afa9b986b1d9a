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
from . import townnames, townroads
from .draws import Stream
from .mesh import Mesh, polygon_measures
from .townroads import ARTERIAL, COLLECTOR, LOCAL, PATH, RAIL, RIM, RIVER, STREET_KINDS, Ground

CENTRE, INNER, ESTATE, SUBURB, WORKS, RETAIL, CAMPUS, PARK, FIELDS = range(9)
USES = ("centre", "inner", "estate", "suburb", "industry", "retail park", "campus", "park", "fields")
#: block area in m2, longest side over shortest before the long side is cut, turn of the cuts in degrees
_HABIT = {CENTRE: (6_000, 1.25, 11.0), INNER: (10_000, 1.8, 3.0), ESTATE: (19_000, 1.4, 5.0),
          SUBURB: (15_000, 2.1, 5.0), WORKS: (42_000, 1.6, 3.0), RETAIL: (45_000, 1.5, 3.0),
          CAMPUS: (38_000, 1.5, 6.0), PARK: (1e12, 2.0, 0.0), FIELDS: (1e12, 2.0, 0.0)}
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
    ground, river, rail = townroads.main_roads(stream.sub("roads"), radius)
    mesh = ground.mesh
    beats = int(np.clip(round(residents / 9_000.0), 3, 250))
    _quarters(stream.sub("quarters"), ground, blocks, beats)
    use = _uses(stream.sub("uses"), ground, river, rail)
    _blocks(stream.sub("blocks"), ground, use, blocks, progress)
    _warp(stream.sub("warp"), mesh, radius)
    return _finished(stream, ground, use, river, rail)


# --- quarters and their uses -------------------------------------------------------------------
def _quarters(stream: Stream, ground: Ground, blocks: float, beats: int) -> None:
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


def _uses(stream: Stream, ground: Ground, river: int, rail: int) -> dict:
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


def _blocks(stream: Stream, ground: Ground, use: dict, wanted: float, progress: Progress) -> None:
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


def _finished(stream: Stream, ground: Ground, use: dict, river: int, rail: int) -> Plan:
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
    rows: list = []
    banks: list = []
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
            if back:
                ax, ay = xy[end]
                other = (u, v)[1 - i]
                bx, by = xy[other]
                length = math.hypot(bx - ax, by - ay)
                if length < back + 12.0:
                    ends = []
                    break
                xy.append((round(ax + (bx - ax) * back / length, 2), round(ay + (by - ay) * back / length, 2)))
                banks.append((len(xy) - 1, end, other, kind, n))
                ends[i] = len(xy) - 1
        if ends:
            rows.append((*ends, STREET_KINDS.index(kind), n))
    rows += _bridges(mesh, xy, banks, width)
    rows += _park_paths(mesh, use, xy)
    table = np.array(rows, int)
    return np.array(xy), table[:, 0], table[:, 1], table[:, 2], table[:, 3]


def _bridges(mesh: Mesh, xy: list, banks: list, width: float) -> list:
    """Return bridges: from the end of every road at river or railway to the nearest street on the other side."""
    near: dict = {}
    for (u, v), n in mesh.line.items():
        if mesh.kinds[n] in (RIVER, RAIL):
            near.setdefault(u, []).append(v)
            near.setdefault(v, []).append(u)
    sides = []
    for _, at, other, _, _ in banks:
        (ax, ay), (bx, by) = xy[at], xy[other]
        way = sorted(near[at])
        # along river or railway, the same way for all: from the smaller x on
        (px, py), (qx, qy) = xy[way[0]], xy[way[-1] if len(way) > 1 else at]
        dx, dy = (qx - px, qy - py) if (qx, qy) > (px, py) else (px - qx, py - qy)
        sides.append(dx * (by - ay) - dy * (bx - ax) > 0)
    rows: list = []
    joined: set = set()
    order = sorted(range(len(banks)), key=lambda k: (STREET_KINDS.index(banks[k][3]), k))
    for k in order:
        end, _, _, kind, line = banks[k]
        if kind not in (ARTERIAL, COLLECTOR) or end in joined:
            continue
        best, reach = -1, 3.2 * width + 60.0
        for j in order:
            if sides[j] == sides[k] or banks[j][0] in joined:
                continue
            away = math.dist(xy[end], xy[banks[j][0]])
            # a road is worth a longer bridge than a lane
            away *= 1.0 if banks[j][3] in (ARTERIAL, COLLECTOR) else 1.6
            if away < reach:
                best, reach = j, away
        if best >= 0:
            rows.append((end, banks[best][0], STREET_KINDS.index(kind), line))
            joined.update((end, banks[best][0]))
    return rows


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
