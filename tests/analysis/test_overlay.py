"""Which area holds a position, which line is nearest: against brute force, and at ties."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.errors import Cancelled
from hotspot_plugin.analysis.grids import HEXAGON, SQUARE, Grid
from hotspot_plugin.analysis.overlay import BoxIndex, PolygonIndex, cells_inside, first_of, nearest_line


def index_of(*areas):
    """Areas as lists of rings."""
    rings = [(np.array(ring, float), i) for i, area in enumerate(areas) for ring in area]
    sizes = [len(ring) for ring, _ in rings]
    return PolygonIndex(
        np.concatenate([ring for ring, _ in rings]),
        np.concatenate([np.full(len(ring), i) for ring, i in rings]),
        np.cumsum([0, *sizes[:-1]]),
        len(areas),
    )


def box(x, y, width, height=None):
    height = width if height is None else height
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]


def grid_index(grid, col, row):
    rings = grid.polygons(col, row)
    n, k = rings.shape[:2]
    return PolygonIndex(rings.reshape(-1, 2), np.repeat(np.arange(n), k), np.arange(0, n * k, k)), rings


@pytest.mark.parametrize("kind", [SQUARE, HEXAGON])
def test_cells_hold_what_the_grid_locates(kind):
    rng = np.random.default_rng(1)
    grid = Grid(kind, 150)
    cells = grid.cover((430_000, 5_000_000, 434_000, 5_003_000))
    x, y = rng.uniform(429_000, 435_000, 20_000), rng.uniform(4_999_000, 5_004_000, 20_000)
    index, _ = grid_index(grid, *cells)
    assert (index.first(x, y) == grid.index_in(cells, *grid.locate(x, y))).all()


@pytest.mark.parametrize("kind", [SQUARE, HEXAGON])
def test_a_position_on_a_shared_side_or_corner_is_in_exactly_one_cell(kind):
    grid = Grid(kind, 62.5)
    cells = grid.cover((430_000, 5_000_000, 431_000, 5_001_000))
    index, rings = grid_index(grid, *cells)
    corners = rings[:, :-1].reshape(-1, 2)
    middles = ((rings[:, :-1] + rings[:, 1:]) / 2).reshape(-1, 2)
    x, y = np.concatenate([corners, middles]).T
    position, _ = index.pairs(x, y)
    # also those on the outer side of the whole grid
    assert position.tolist() == list(range(len(x)))


def test_sides_of_a_square_as_in_a_grid_and_outer_sides_inside():
    index = index_of([box(0, 0, 10)], [box(10, 0, 10)])
    x = np.array([0.0, 10, 20, 5, 5, 20, 20.1, 10])
    y = np.array([5.0, 5, 5, 0, 10, 10, 5, 10])
    assert index.first(x, y).tolist() == [0, 1, 1, 0, 0, 1, -1, 0]


def test_holes_parts_and_overlaps():
    ring_with_hole = [box(0, 0, 10), box(4, 4, 2)]
    two_parts = [box(20, 0, 5), box(30, 0, 5)]
    index = index_of(ring_with_hole, two_parts, [box(8, 0, 14)])
    x = np.array([1.0, 5, 9, 21, 31, 27, np.nan])
    y = np.array([1.0, 5, 1, 1, 1, 1, 1])
    position, area = index.pairs(x, y)
    assert list(zip(position.tolist(), area.tolist())) == [(0, 0), (2, 0), (2, 2), (3, 1), (3, 2), (4, 1)]
    assert index.first(x, y).tolist() == [0, -1, 0, 1, 1, -1, -1]


def test_complicated_outlines_against_another_implementation():
    path = pytest.importorskip("matplotlib.path")
    rng = np.random.default_rng(2)
    angle = np.linspace(0, 2 * np.pi, 3001)[:-1]
    areas = []
    for _ in range(7):
        radius = 3000 * (1 + 0.3 * np.sin(5 * angle) + 0.2 * rng.random(3000))
        ring = rng.uniform(0, 10_000, 2) + np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
        areas.append([np.vstack([ring, ring[:1]])])
    x, y = rng.uniform(-4000, 14_000, (2, 5000))
    position, area = index_of(*areas).pairs(x, y)
    for i, (ring,) in enumerate(areas):
        expected = path.Path(ring).contains_points(np.column_stack([x, y]))
        assert (np.isin(np.arange(5000), position[area == i]) == expected).all()


def test_areas_without_corners_hold_nothing():
    index = PolygonIndex(np.array(box(0, 0, 1), float), np.full(5, 2), np.array([0]), 4)
    assert index.first(np.array([0.5]), np.array([0.5])).tolist() == [2]
    with pytest.raises(ValueError, match="no polygons"):
        PolygonIndex(np.empty((0, 2)), np.empty(0), np.empty(0))


def test_first_of_pairs():
    assert first_of(4, np.array([1, 1, 3]), np.array([5, 7, 2])).tolist() == [-1, 5, -1, 2]


def test_boxes_of_very_different_size():
    boxes = np.vstack([[0, 0, 1e6, 1e6], [[i, i, i + 1, i + 1] for i in range(0, 1000, 10)]]).astype(float)
    position, found = BoxIndex(boxes).candidates(np.array([500.5, -1.0]), np.array([500.5, 0.0]))
    assert position.tolist() == [0, 0] and found.tolist() == [0, 51]


def brute_nearest(parts, x, y):
    best, winner = np.full(len(x), np.inf), np.full(len(x), -1)
    for line, corners in parts:
        corners = np.array(corners, float)
        for a, b in zip(corners[:-1], corners[1:]):
            d = b - a
            t = np.clip(((x - a[0]) * d[0] + (y - a[1]) * d[1]) / (d @ d), 0, 1)
            distance = np.hypot(x - a[0] - t * d[0], y - a[1] - t * d[1])
            winner = np.where(distance < best, line, winner)
            best = np.minimum(best, distance)
    return winner, best


def lines_of(parts):
    sizes = [len(corners) for _, corners in parts]
    return (
        np.concatenate([np.array(corners, float) for _, corners in parts]),
        np.concatenate([np.full(len(corners), line) for line, corners in parts]),
        np.cumsum([0, *sizes[:-1]]),
    )


def test_nearest_line_against_brute_force():
    rng = np.random.default_rng(3)
    parts = [(i, np.cumsum(rng.normal(0, 400, (rng.integers(2, 9), 2)), axis=0) + rng.uniform(0, 5000, 2))
             for i in range(40)]
    x, y = rng.uniform(-500, 5500, (2, 4000))
    line, distance = nearest_line(*lines_of(parts), x, y, 150.0)
    expected, expected_distance = brute_nearest(parts, x, y)
    near = expected_distance <= 150
    assert (line == np.where(near, expected, -1)).all()
    np.testing.assert_allclose(distance[near], expected_distance[near], atol=1e-6)
    assert np.isnan(distance[~near]).all()


def test_nearest_line_at_a_corner_takes_the_first_and_the_limit_counts():
    parts = [(0, [(0, 0), (100, 0)]), (1, [(100, 0), (100, 100)])]
    line, distance = nearest_line(*lines_of(parts), np.array([130.0, 100.0, 50, 50, np.nan]),
                                  np.array([-40.0, 0.0, -50, -50.1, 0]), 50.0)
    assert line.tolist() == [0, 0, 0, -1, -1]
    assert distance[0] == pytest.approx(50)
    with pytest.raises(ValueError, match="positive"):
        nearest_line(*lines_of(parts), np.zeros(1), np.zeros(1), 0.0)


def test_a_reach_of_next_to_nothing_takes_no_more_room():
    import tracemalloc

    vertices = np.array([[0.0, 0], [100_000, 0], [100_000, 50], [0, 50]])
    tracemalloc.start()
    found = nearest_line(vertices, np.array([0, 0, 1, 1]), np.array([0, 2]), np.array([5.0, 7.0, 9.0]),
                         np.array([0.0, 50, 25]), 1e-6)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found[0].tolist() == [0, 1, -1] and peak < 50e6


def test_can_be_cancelled():
    def stop(fraction):
        raise Cancelled()

    with pytest.raises(Cancelled):
        index_of([box(0, 0, 10)]).first(np.zeros(5), np.zeros(5), stop)
    with pytest.raises(Cancelled):
        nearest_line(*lines_of([(0, [(0, 0), (100, 0)])]), np.zeros(5), np.zeros(5), 10.0, stop)


def test_cells_inside_are_those_with_their_centre_in_the_polygon():
    rng = np.random.default_rng(4)
    angle = np.sort(rng.uniform(0, 2 * np.pi, 300))
    ring = 500 + np.column_stack([np.cos(angle), np.sin(angle)]) * rng.uniform(200, 600, 300)[:, None]
    vertices = np.vstack([ring, ring[:1], box(450, 450, 60)])
    starts = np.array([0, 301])
    inside = cells_inside(vertices, starts, -50.0, 1100.0, 7.0, (170, 150))
    x, y = np.meshgrid(-50 + (np.arange(150) + 0.5) * 7, 1100 - (np.arange(170) + 0.5) * 7)
    expected = PolygonIndex(vertices, np.zeros(len(vertices)), starts).first(x.ravel(), y.ravel()) == 0
    assert (inside.ravel() == expected).all() and 0.1 < inside.mean() < 0.9


def test_cells_with_centres_on_sides_belong_to_one_of_two_squares():
    west, east = (
        cells_inside(np.array(box(x, 0, 10), float), np.array([0]), -5.0, 15.0, 2.0, (10, 20)) for x in (0, 10)
    )
    assert not (west & east).any()
    assert (west | east).sum() == 10 / 2 * 20 / 2
