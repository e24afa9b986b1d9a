"""Where the data end."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis import outline

from .test_network import grid, lines


def test_streets_that_stop_at_the_edge_lie_on_the_outline():
    streets = grid(11, 11) + [[(500, 500), (540, 540)], [(1000, 500), (1080, 500)]]
    found = outline.of_lines(*lines(*streets), 150.0)
    x, y = np.array([540.0, 1080.0, 1000.0, 500.0, 5000.0]), np.array([540.0, 500.0, 0.0, 500.0, 0.0])
    away = found.distance(x, y)
    assert away[0] == pytest.approx(460, abs=40) and away[3] == pytest.approx(500, abs=40)
    assert (away[[1, 2, 4]] <= 15).all()
    assert found.area == pytest.approx(1e6, rel=0.05)


def test_a_bay_and_a_hole():
    ring = [(0, 0), (2000, 0), (2000, 2000), (1200, 2000), (1200, 800), (800, 800), (800, 2000), (0, 2000), (0, 0)]
    narrow = outline.of_lines(*lines(ring), 300.0)
    wide = outline.of_lines(*lines(ring), 100.0)
    at = np.array([1000.0]), np.array([1500.0])
    assert narrow.distance(*at)[0] > 150 and wide.distance(*at)[0] == 0
    assert wide.distance(np.array([400.0]), np.array([400.0]))[0] > 300  # a hole belongs to the ground


def test_share_of_a_circle_that_the_data_cover():
    square = lines([(0, 0), (4000, 0), (4000, 4000), (0, 4000), (0, 0)])
    found = outline.of_rings(*square, 50.0)
    share = found.covered(np.array([2000.0, 0.0, 0.0, 2000.0]), np.array([2000.0, 2000.0, 0.0, 3500.0]), 1000.0)
    # a circle, half of it, a quarter, and what a chord half a radius from the middle leaves
    chord = 1 - (np.arccos(0.5) - 0.5 * np.sqrt(0.75)) / np.pi
    assert share == pytest.approx([1.0, 0.5, 0.25, chord], abs=0.04)
    assert found.distance(np.array([2000.0]), np.array([3500.0]))[0] == pytest.approx(500, abs=60)
