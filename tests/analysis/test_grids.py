"""Grids on a fixed origin: one cell for each place, shared corners, stable ids."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hotspot_plugin.analysis.grids import HEXAGON, SQUARE, Grid

EXTENT = (429_000.0, 431_000.0, 5_000_000.0, 5_002_000.0)
BOTH = pytest.mark.parametrize("kind", [SQUARE, HEXAGON])


def inside(ring: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Even-odd test of positions in one closed ring, written as plainly as can be."""
    held = np.zeros(len(x), dtype=bool)
    for (x1, y1), (x2, y2) in zip(ring[:-1], ring[1:]):
        if y1 == y2:
            continue
        crosses = ((y1 > y) != (y2 > y)) & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
        held ^= crosses
    return held


@BOTH
@pytest.mark.parametrize("size", [150.0, 62.5, 0.1, 333.3])
def test_each_position_is_in_the_polygon_of_its_cell(kind, size):
    rng = np.random.default_rng(1)
    x, y = rng.uniform(-5 * size, 5 * size, (2, 400))
    grid = Grid(kind, size)
    col, row = grid.locate(x, y)
    for ring, px, py in zip(grid.polygons(col, row), x, y):
        assert inside(ring, np.array([px]), np.array([py]))[0]


@BOTH
def test_located_cell_is_that_of_the_nearest_centre(kind):
    rng = np.random.default_rng(2)
    x, y = 430_000 + rng.uniform(0, 3000, 2000), 5_000_000 + rng.uniform(0, 3000, 2000)
    grid = Grid(kind, 250)
    own = grid.centres(*grid.locate(x, y))
    col, row = grid.cover((430_000, 5_000_000, 433_000, 5_003_000))
    everywhere = grid.centres(col, row)
    nearest = np.array([np.hypot(everywhere[:, 0] - a, everywhere[:, 1] - b).min() for a, b in zip(x, y)])
    np.testing.assert_allclose(np.hypot(own[:, 0] - x, own[:, 1] - y), nearest, atol=1e-6)


@BOTH
def test_size_and_area_as_documented(kind):
    grid = Grid(kind, 150)
    ring = grid.polygons(np.array([3]), np.array([5]))[0]
    (x, y), (x2, y2) = ring[:-1].T, ring[1:].T
    area = 0.5 * np.sum(x * y2 - x2 * y)
    assert area == pytest.approx(grid.area)
    assert area == pytest.approx(22_500 if kind == SQUARE else 22_500 * math.sqrt(3) / 2)
    assert np.ptp(ring[:, 0]) == pytest.approx(150)
    assert (ring[0] == ring[-1]).all()


@BOTH
@pytest.mark.parametrize("size", [150.0, 62.5, 0.1, 333.3])
def test_neighbours_share_their_corners_to_the_last_bit(kind, size):
    grid = Grid(kind, size)
    col, row = (v.ravel() for v in np.meshgrid(np.arange(3001, 3013), np.arange(35_001, 35_010)))
    rings = grid.polygons(col, row)
    corners = [set(map(tuple, ring)) for ring in rings]
    touching = grid.neighbours(col, row).toarray()
    for i in range(len(col)):
        shared = [len(corners[i] & corners[j]) for j in range(len(col))]
        expected = [int(j != i and shared[j] > 0) for j in range(len(col))]
        assert touching[i].tolist() == expected
    assert touching.sum(axis=1).max() == (8 if kind == SQUARE else 6)


def test_rook_neighbours_of_squares():
    grid = Grid(SQUARE, 100)
    col, row = (v.ravel() for v in np.meshgrid(np.arange(4), np.arange(3)))
    assert grid.neighbours(col, row, queen=False).sum() == 2 * (3 * 3 + 4 * 2)


def test_sides_belong_to_one_cell():
    grid = Grid(SQUARE, 0.1)
    steps = np.arange(-2000, 2000)
    # the south-west corner as it is drawn belongs to the cell, for every cell
    corner = grid.polygons(steps, steps)[:, 0]
    assert (grid.locate(corner[:, 0], corner[:, 1])[0] == steps).all()
    hexagon = Grid(HEXAGON, 100)
    ring = hexagon.polygons(np.array([2]), np.array([3]))[0]
    first = hexagon.locate(ring[:, 0], ring[:, 1])
    again = hexagon.locate(ring[::-1, 0], ring[::-1, 1])
    assert (first[0] == again[0][::-1]).all() and (first[1] == again[1][::-1]).all()


@BOTH
def test_ids_do_not_depend_on_the_extent_and_can_be_read_back(kind):
    grid = Grid(kind, 62.5, "EPSG:32630")
    x, y = np.array([430_010.0, -12.0]), np.array([5_000_020.0, -700.0])
    col, row = grid.locate(x, y)
    ids = grid.ids(col, row)
    wide = grid.ids(*grid.cover((429_000, 5_000_000, 431_000, 5_001_000)))
    narrow = grid.ids(*grid.cover((430_000, 5_000_000, 430_100, 5_000_100)))
    assert ids[0] in wide and set(narrow) < set(wide)
    assert ids[1].startswith("EPSG:32630_S62.5_-" if kind == SQUARE else "EPSG:32630_H62.5_")
    again, col2, row2 = Grid.from_ids(list(ids))
    assert again == grid
    assert col2.tolist() == col.tolist() and row2.tolist() == row.tolist()


@pytest.mark.parametrize("ids", [[], ["x"], ["a_S100_1_2", "a_S150_1_2"], ["a_Z9_1_2"], [None], ["a_S100_1_b"]])
def test_other_texts_are_no_ids(ids):
    assert Grid.from_ids(ids) is None


@BOTH
def test_cover_holds_every_position_and_says_its_size_before(kind):
    rng = np.random.default_rng(3)
    for _ in range(20):
        x_min, y_min = rng.uniform(-1000, 1000, 2)
        extent = (x_min, y_min, x_min + rng.uniform(1, 900), y_min + rng.uniform(1, 900))
        grid = Grid(kind, 100)
        x = np.append(rng.uniform(extent[0], extent[2], 500), [extent[0], extent[2], extent[0], extent[2]])
        y = np.append(rng.uniform(extent[1], extent[3], 500), [extent[1], extent[3], extent[3], extent[1]])
        cells = grid.cover(extent)
        assert len(cells[0]) == grid.cover_size(extent)
        totals, index = grid.count(cells, x, y)
        assert totals.sum() == 504 and (index >= 0).all()


def test_counts_and_sums_leave_out_positions_elsewhere():
    grid = Grid(SQUARE, 10)
    cells = (np.array([0, 5_000_000]), np.array([0, 3]))
    x, y = np.array([1.0, 2.0, 11.0, 50_000_001.0]), np.array([1.0, 2.0, 1.0, 35.0])
    totals, index = grid.count(cells, x, y)
    assert totals.tolist() == [2, 1] and index.tolist() == [0, 0, -1, 1]
    sums, _ = grid.count(cells, x, y, weights=np.array([0.5, 2, 9, 3]))
    assert sums.tolist() == [2.5, 3.0]


def test_bad_grids_and_positions_are_refused():
    with pytest.raises(ValueError, match="unknown kind"):
        Grid("triangle", 100)
    with pytest.raises(ValueError, match="positive"):
        Grid(SQUARE, 0)
    with pytest.raises(ValueError, match="finite"):
        Grid(SQUARE, 10).locate(np.array([np.nan]), np.array([0.0]))


def test_a_system_without_number_gets_a_short_name():
    wkt = 'PROJCRS["British National Grid by hand",' + "x" * 900
    grid = Grid(SQUARE, 100, wkt)
    (text,) = grid.ids(np.array([1]), np.array([2]))
    assert len(text) < 30 and text.endswith("_S100_1_2")
    assert Grid(SQUARE, 100, wkt + "y").prefix != grid.prefix
    assert Grid.from_ids([text])[0] == grid
