"""A town's ground as faces that share their corners, cut again and again.

Every cut puts its ends into the faces on both sides, so that the pieces fit together exactly, streets end where streets
begin, and any set of faces has an outline, without a geometry library whose answers change from version to version.
"""

from __future__ import annotations

import math
from typing import Iterable

import numpy as np

Corner = int
Edge = tuple


class Mesh:
    """Faces by their corners, counter-clockwise.

    Attributes
    ----------
    xy : list of (x, y)
    faces : list of lists of corners
    line : dict of edge (smaller corner, larger corner) to the line that it is part of
    kinds, names : lists
        Of the lines.
    """

    def __init__(self) -> None:
        self.xy: list = []
        self.faces: list = []
        self.line: dict = {}
        self.kinds: list = []
        self._face_of: dict = {}
        self._ends: dict = {}

    def node(self, x: float, y: float) -> Corner:
        """Add a corner."""
        self.xy.append((x, y))
        return len(self.xy) - 1

    def new_line(self, kind: str) -> int:
        """Add a line."""
        self.kinds.append(kind)
        return len(self.kinds) - 1

    def face(self, corners: Iterable[Corner]) -> int:
        """Add a face."""
        self.faces.append(list(corners))
        number = len(self.faces) - 1
        self._register(number)
        return number

    def _register(self, number: int) -> None:
        corners = self.faces[number]
        for i, u in enumerate(corners):
            self._face_of[(u, corners[(i + 1) % len(corners)])] = number

    def neighbour(self, u: Corner, v: Corner) -> int:
        """Return the face on the other side of an edge of a face, -1 for none."""
        return self._face_of.get((v, u), -1)

    def set_line(self, u: Corner, v: Corner, line: int) -> None:
        """Say which line an edge is part of."""
        self.line[_edge(u, v)] = line

    def line_of(self, u: Corner, v: Corner) -> int:
        """Return the line of an edge."""
        return self.line[_edge(u, v)]

    def split_edge(self, u: Corner, v: Corner, x: float, y: float) -> Corner:
        """Put a corner on an edge, for the faces on both sides."""
        new = self.node(x, y)
        line = self.line.pop(_edge(u, v))
        self.line[_edge(u, new)] = self.line[_edge(new, v)] = line
        for a, b in ((u, v), (v, u)):
            number = self._face_of.pop((a, b), None)
            if number is not None:
                corners = self.faces[number]
                at = _position(corners, a, b)
                corners.insert(at + 1, new)
                self._face_of[(a, new)] = self._face_of[(new, b)] = number
        return new

    def cut(self, number: int, x: float, y: float, angle: float, snap: float, kind: str) -> tuple | None:
        """Cut a face by a straight line and return the two parts; None where that makes no two proper ones.

        Parameters
        ----------
        number : int
        x, y, angle : float
            A point of the line, and its direction.
        snap : float
            Metres within which a corner is used instead of a new one.
        kind : str
            Of the new line; a line that already ends there is carried on instead.
        """
        ends = self._crossings(number, x, y, angle, snap)
        if ends is None:
            return None
        corners = []
        line = -1
        for u, v, px, py, near in ends:
            if near >= 0:
                corners.append(near)
                line = self._carried_on(near, angle) if line < 0 else line
            else:
                corners.append(self.split_edge(u, v, px, py))
        a, b = corners
        face = self.faces[number]
        i, j = face.index(a), face.index(b)
        first = face[i : j + 1] if i < j else face[i:] + face[: j + 1]
        second = face[j : i + 1] if j < i else face[j:] + face[: i + 1]
        line = self.new_line(kind) if line < 0 else line
        self.set_line(a, b, line)
        for end in (a, b):
            self._ends.setdefault(end, []).append((line, angle))
        self.faces[number] = first
        self._register(number)
        return number, self.face(second)

    def end_line(self, corner: Corner, line: int, angle: float) -> None:
        """Say that a line ends at a corner, so that a cut from there may carry it on."""
        self._ends.setdefault(corner, []).append((line, angle))

    def _crossings(self, number: int, x: float, y: float, angle: float, snap: float) -> list | None:
        dx, dy = math.cos(angle), math.sin(angle)
        face, xy = self.faces[number], self.xy
        before, after = None, None
        for i, u in enumerate(face):
            v = face[(i + 1) % len(face)]
            (ux, uy), (vx, vy) = xy[u], xy[v]
            su, sv = dx * (uy - y) - dy * (ux - x), dx * (vy - y) - dy * (vx - x)
            if (su < 0) == (sv < 0):
                continue
            t = su / (su - sv)
            px, py = ux + t * (vx - ux), uy + t * (vy - uy)
            along = dx * (px - x) + dy * (py - y)
            if along < 0 and (before is None or along > before[0]):
                before = (along, u, v, px, py)
            elif along >= 0 and (after is None or along < after[0]):
                after = (along, u, v, px, py)
        if before is None or after is None:
            return None
        ends = [(*end[1:], self._near(*end[1:], snap, angle)) for end in (before, after)]
        a, b = ends[0][4], ends[1][4]
        if a >= 0 and (a == b or _adjacent(face, a, b)):
            return None
        if (a >= 0 and a in ends[1][:2] and b < 0) or (b >= 0 and b in ends[0][:2] and a < 0):
            return None
        return ends if ends[0][:2] != ends[1][:2] else None

    def _near(self, u: Corner, v: Corner, px: float, py: float, snap: float, angle: float) -> Corner:
        """Return the corner to use instead of a new one on an edge, -1 for none."""
        found, best = -1, snap
        for corner in (u, v):
            distance = math.hypot(self.xy[corner][0] - px, self.xy[corner][1] - py)
            # a street that ends there from the other side is worth a longer way: streets run on across streets
            if self._carried_on(corner, angle) >= 0:
                distance /= 2.0
            if distance < best:
                found, best = corner, distance
        return found

    def _carried_on(self, corner: Corner, angle: float) -> int:
        for line, other in self._ends.get(corner, ()):
            if abs(math.sin(other - angle)) < 0.35:
                return line
        return -1

    # --- measures ----------------------------------------------------------------------------
    def area_centre(self, number: int) -> tuple:
        """Return the area of a face and its centroid."""
        return polygon_measures([self.xy[c] for c in self.faces[number]])

    def long_axis(self, number: int) -> tuple:
        """Return the direction of the longer side of the smallest box around a face, and both lengths."""
        points = [self.xy[c] for c in self.faces[number]]
        best = (math.inf, 0.0, 0.0, 0.0)
        for i, (ux, uy) in enumerate(points):
            vx, vy = points[(i + 1) % len(points)]
            length = math.hypot(vx - ux, vy - uy)
            if length < 1e-9:
                continue
            dx, dy = (vx - ux) / length, (vy - uy) / length
            along = [dx * px + dy * py for px, py in points]
            across = [dx * py - dy * px for px, py in points]
            long, wide = max(along) - min(along), max(across) - min(across)
            if long * wide < best[0] * (1 - 1e-9):
                angle = math.atan2(dy, dx)
                best = (long * wide, angle, long, wide) if long >= wide else (
                    long * wide, angle + math.pi / 2, wide, long)
        return best[1:]

    def outline(self, numbers: Iterable[int]) -> list:
        """Return the rings of corners around a set of faces: outer ones counter-clockwise, holes clockwise."""
        inside: set = set()
        for number in numbers:
            face = self.faces[number]
            inside.update((u, face[(i + 1) % len(face)]) for i, u in enumerate(face))
        after: dict = {}
        for u, v in inside:
            if (v, u) not in inside:
                after.setdefault(u, []).append(v)
        rings = []
        for start in sorted(after):
            while after.get(start):
                ring, at = [start], after[start].pop()
                while at != start:
                    ring.append(at)
                    at = self._leftmost(ring[-2], at, after[at])
                rings.append(ring)
        return rings

    def _leftmost(self, previous: Corner, at: Corner, choices: list) -> Corner:
        """Take the way that keeps to the face just walked around, where rings touch in a corner."""
        if len(choices) == 1:
            return choices.pop()
        ax, ay = self.xy[at]
        came = math.atan2(self.xy[previous][1] - ay, self.xy[previous][0] - ax)
        turn = [(math.atan2(self.xy[c][1] - ay, self.xy[c][0] - ax) - came) % (2 * math.pi) for c in choices]
        return choices.pop(turn.index(max(turn)))


def polygon_measures(points: list) -> tuple:
    """Return the signed area of a polygon and its centroid."""
    ox, oy = points[0]
    area = cx = cy = 0.0
    for i, (ux, uy) in enumerate(points):
        vx, vy = points[(i + 1) % len(points)]
        ux, uy, vx, vy = ux - ox, uy - oy, vx - ox, vy - oy
        cross = ux * vy - vx * uy
        area += cross
        cx += (ux + vx) * cross
        cy += (uy + vy) * cross
    if abs(area) < 1e-9:
        return 0.0, ox, oy
    return area / 2.0, ox + cx / (3.0 * area), oy + cy / (3.0 * area)


def proper(xy: np.ndarray, faces: list) -> np.ndarray:
    """Return which faces are counter-clockwise and do not cross themselves; (n,) bool.

    Parameters
    ----------
    xy : (corners, 2) array
    faces : list of lists of corners
    """
    out = np.zeros(len(faces), bool)
    sizes = np.array([len(face) for face in faces], int)
    for size in np.unique(sizes).tolist():
        which = np.flatnonzero(sizes == size)
        a = xy[np.array([faces[k] for k in which.tolist()])]
        b = np.roll(a, -1, axis=1)
        good = _cross(a - a[:, :1], b - a[:, :1]).sum(axis=1) > 0
        for i in range(size):
            for j in range(i + 2, size - (i == 0)):
                p, q, r, s = a[:, i], b[:, i], a[:, j], b[:, j]
                good &= ~((_cross(q - p, r - p) * _cross(q - p, s - p) <= 0)
                          & (_cross(s - r, p - r) * _cross(s - r, q - r) <= 0))
        out[which] = good
    return out


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]


def _edge(u: Corner, v: Corner) -> tuple:
    return (u, v) if u < v else (v, u)


def _position(corners: list, u: Corner, v: Corner) -> int:
    for i, corner in enumerate(corners):
        if corner == u and corners[(i + 1) % len(corners)] == v:
            return i
    raise ValueError("no such edge")


def _adjacent(face: list, a: Corner, b: Corner) -> bool:
    gap = abs(face.index(a) - face.index(b)) if a in face and b in face else 0
    return gap in (1, len(face) - 1)
