"""The area in which incidents could have been recorded."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.grids import HEXAGON, SQUARE, Grid
from hotspot_plugin.analysis.hotspots import studyarea


def rectangle(width, height, left=430_000.0, bottom=430_000.0):
    ring = np.array([[0, 0], [width, 0], [width, height], [0, height], [0, 0]], float) + (left, bottom)
    return studyarea.StudyArea(ring, np.zeros(1, int))


@pytest.mark.parametrize("kind", [HEXAGON, SQUARE])
@pytest.mark.parametrize("size", [150.0, 1_000.0])
def test_the_cells_cover_the_area_and_no_more(kind, size):
    area = rectangle(10_250.0, 7_333.0, 123.0, 456.0)
    grid = Grid(kind, size)
    col, row, share = area.cells(grid)
    assert area.size == pytest.approx(10_250.0 * 7_333.0)
    assert share.sum() * grid.area == pytest.approx(area.size, rel=4e-3)
    assert ((share > 0) & (share <= 1)).all()


def test_a_hole_is_no_part():
    outer = np.array([[0, 0], [4_000, 0], [4_000, 4_000], [0, 4_000], [0, 0]], float)
    inner = np.array([[1_000, 1_000], [1_000, 3_000], [3_000, 3_000], [3_000, 1_000], [1_000, 1_000]], float)
    area = studyarea.StudyArea(np.vstack([outer, inner]), np.array([0, 5]), True, 12e6)
    assert area.inside(np.array([500.0, 2_000.0]), np.array([500.0, 2_000.0])).tolist() == [True, False]
    _, _, share = area.cells(Grid(SQUARE, 500.0))
    assert share.sum() * 250_000 == pytest.approx(12e6)


@pytest.mark.parametrize("n", [60, 300, 5_000])
def test_the_hull_estimates_the_area_without_bias(n):
    rng = np.random.default_rng(n)
    sizes = [studyarea.hull(rng.uniform(0, 10_000, n), rng.uniform(0, 8_000, n), 500.0).size for _ in range(40)]
    assert np.mean(sizes) == pytest.approx(80e6, rel=0.02 + 2 / n)


def test_a_bay_is_no_part_of_the_hull():
    rng = np.random.default_rng(1)
    x, y = rng.uniform(0, 10_000, 6_000), rng.uniform(0, 10_000, 6_000)
    land = ~((x > 3_500) & (x < 6_500) & (y > 3_500))
    area = studyarea.hull(x[land], y[land], 500.0)
    assert area.size == pytest.approx(80.5e6, rel=0.06)
    col, row, share = area.cells(Grid(HEXAGON, 150.0))
    assert share.sum() * Grid(HEXAGON, 150.0).area == pytest.approx(area.size, rel=0.02)
    held, index = Grid(HEXAGON, 150.0).count((col, row), x[land], y[land])
    assert (index >= 0).all()


@pytest.mark.parametrize("points", [1, 2, 40])
def test_incidents_on_a_line_have_an_area_too(points):
    x = np.linspace(0, 5_000, points)
    area = studyarea.hull(x, 2 * x, 500.0)
    assert area.size > 0
    assert area.inside(x, 2 * x).all()


def test_outliers_and_wild_coordinates_are_set_aside():
    rng = np.random.default_rng(2)
    x, y = 430_000 + rng.normal(0, 4_000, 2_000), 5_900_000 + rng.normal(0, 4_000, 2_000)
    x[:220], y[:220] = 0.0, 0.0  # a tenth at null island
    x[220:223] += 90_000  # and three far away
    kept = studyarea.not_outlying(x, y)
    assert not kept[:223].any()
    assert kept[223:].mean() > 0.995
    even = rng.uniform(0, 1e4, (2, 60))
    assert studyarea.not_outlying(*even).all()
