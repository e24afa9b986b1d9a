"""The main roads of a made-up town, its river and its railway: rays and rings, bent by chance."""

from __future__ import annotations

import math

import numpy as np

from .draws import Stream
from .mesh import Mesh

ARTERIAL, COLLECTOR, LOCAL, PATH, RIVER, RAIL, RIM = "arterial", "collector", "local", "path", "river", "rail", "rim"
STREET_KINDS = (ARTERIAL, COLLECTOR, LOCAL, PATH)


class Ground:
    """A mesh and what is known of its faces while it is cut."""

    def __init__(self, mesh: Mesh, radius: float, core: float) -> None:
        self.mesh, self.radius, self.core = mesh, radius, core
        self.quarter: dict = {}
        self.beat: dict = {}
        self.belt: list = []


def main_roads(stream: Stream, radius: float) -> tuple:
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
    for j in range(rays):
        # so that streets of the centre carry the main roads on
        mesh.end_line(node[0][j], ray_lines[j], angles[j])
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
    ground = Ground(mesh, radius, core)
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
