"""Positions along lines and over areas."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.cpted.sampling import along, over
from hotspot_plugin.analysis.overlay import PolygonIndex


def test_middles_of_equal_stretches():
    # two parts of one line, a short line, one of no length
    vertices = np.array([(0, 0), (30, 0), (30, 10), (100, 0), (100, 25), (0, 50), (3, 50), (7, 7), (7, 7)], float)
    made = along(vertices, np.array([0, 0, 0, 0, 0, 1, 1, 2, 2]), np.array([0, 3, 5, 7]), 10.0)
    assert made.owner.tolist() == [0] * 6 + [1, 2]
    assert made.x.tolist() == pytest.approx([5, 15, 25, 30, 100, 100, 1.5, 7])
    assert made.y.tolist() == pytest.approx([0, 0, 0, 5, 6.25, 18.75, 50, 7])
    assert made.at.tolist() == pytest.approx([5, 15, 25, 35, 46.25, 58.75, 1.5, 0])


def test_each_position_stands_for_as_much_of_a_line():
    rng = np.random.default_rng(4)
    vertices = np.cumsum(rng.uniform(-20, 20, (50, 2)), axis=0)
    made = along(vertices, np.zeros(50, int), np.array([0]), 7.0)
    length = np.hypot(*np.diff(vertices, axis=0).T).sum()
    assert len(made) == round(length / 7)
    assert np.diff(made.at) == pytest.approx(length / len(made))


def test_a_lattice_over_areas_and_one_position_in_the_smallest():
    square = np.array([(0, 0), (20, 0), (20, 20), (0, 20), (0, 0)], float)
    hole = np.array([(0, 0), (10, 0), (10, 10), (0, 10), (0, 0)], float)
    tiny = square / 20 + 40
    vertices = np.vstack([square, hole, tiny])
    solid = PolygonIndex(vertices, np.repeat([0, 0, 1], 5), np.array([0, 5, 10]), 2)
    made = over(solid, np.array([(0, 0, 20, 20), (40, 40, 41, 41)], float), np.array([(15, 15), (40.5, 40.5)]), 5.0)
    assert made.owner.tolist() == [0] * 12 + [1]
    assert not ((made.x < 10) & (made.y < 10)).any()
    assert (made.x[-1], made.y[-1]) == (40.5, 40.5) and np.isnan(made.at).all()


def test_a_spacing_must_be_positive():
    with pytest.raises(ValueError):
        along(np.zeros((2, 2)), np.zeros(2, int), np.array([0]), 0.0)
