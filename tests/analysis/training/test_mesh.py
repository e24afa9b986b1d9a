"""Ground that is cut without gap or overlap."""
from __future__ import annotations

import math

import numpy as np
import pytest

from hotspot_plugin.analysis.training.mesh import Mesh, polygon_measures, proper


@pytest.fixture
def square():
    mesh = Mesh()
    corners = [mesh.node(*xy) for xy in ((0, 0), (100, 0), (100, 100), (0, 100))]
    mesh.face(corners)
    line = mesh.new_line("rim")
    for i, u in enumerate(corners):
        mesh.set_line(u, corners[(i + 1) % 4], line)
    return mesh


def test_measures_of_a_polygon():
    assert polygon_measures([(0, 0), (4, 0), (4, 2), (0, 2)]) == (8.0, 2.0, 1.0)
    assert polygon_measures([(0, 0), (0, 2), (4, 2), (4, 0)])[0] == -8.0


def test_a_cut_puts_its_ends_into_the_neighbours(square):
    square.cut(0, 50, 50, math.pi / 2, 5.0, "street")
    parts = [square.area_centre(k)[0] for k in range(2)]
    assert parts == [5_000.0, 5_000.0]
    # a crossing cut of one half ends in the middle of the other's side
    right = max((0, 1), key=lambda k: square.area_centre(k)[1])
    square.cut(right, 75, 50, 0.0, 5.0, "street")
    left = 1 - right
    assert len(square.faces[left]) == 5
    assert sorted(square.area_centre(k)[0] for k in range(3)) == [2_500.0, 2_500.0, 5_000.0]


def test_a_street_runs_on_across_another(square):
    square.cut(0, 50, 50, math.pi / 2, 5.0, "street")
    halves = sorted((0, 1), key=lambda k: square.area_centre(k)[1])
    square.cut(halves[0], 25, 40, 0.0, 12.0, "street")
    count = len(square.kinds)
    square.cut(halves[1], 75, 45, 0.0, 12.0, "street")  # 5 m off: taken to the corner of the other
    assert len(square.kinds) == count
    corners = {c for face in square.faces for c in face}
    # four of the square, two of the first cut, one where the second meets it, one at each end
    assert len(corners) == 9


def test_the_outline_of_a_part(square):
    square.cut(0, 50, 50, math.pi / 2, 5.0, "street")
    square.cut(1, 50, 30, 0.0, 5.0, "street")
    rings = square.outline(range(len(square.faces)))
    assert len(rings) == 1
    assert polygon_measures([square.xy[c] for c in rings[0]])[0] == pytest.approx(10_000.0)


def test_a_cut_that_makes_no_two_parts_is_none(square):
    assert square.cut(0, 0.5, 0.5, math.radians(135), 5.0, "street") is None
    assert len(square.faces) == 1


def test_faces_that_folded_over_are_known():
    xy = np.array([(0, 0), (4, 0), (4, 2), (0, 2), (2, 0.5)], float)
    faces = [[0, 1, 2, 3], [3, 2, 1, 0], [0, 1, 3, 2], [0, 1, 4], [4, 1, 0], [0, 1, 2, 3, 4], [0, 4, 1, 2, 3]]
    assert proper(xy, faces).tolist() == [True, False, False, True, False, True, True]
    assert not proper(np.array([(0, 0), (4, 0), (0, 2), (4, 2), (2, 9)], float), [[0, 1, 2, 3, 4]])[0]  # a knot
    assert proper(xy, []).tolist() == []
