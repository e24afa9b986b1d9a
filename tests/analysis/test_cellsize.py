"""The ladder of cell sizes, the extent and the precision of coordinates."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.cellsize import choose_cell_size, coordinate_precision, study_extent


@pytest.mark.parametrize(
    ("incidents", "km2", "size"),
    [(25_000, 2029, 150), (2029, 2029, 150), (1000, 2029, 250), (201, 2029, 500), (60, 2029, 1000), (5, 2029, 1000)],
)
def test_ladder_by_density(incidents, km2, size):
    chosen = choose_cell_size(incidents, km2 * 1e6)
    assert chosen.size == size
    assert f"{size} m" in chosen.sentence and f"{incidents:,} incidents" in chosen.sentence


def test_too_few_incidents_say_so():
    assert "only strong clusters" in choose_cell_size(5, 2029e6).sentence


def test_cells_are_never_finer_than_the_coordinates():
    chosen = choose_cell_size(100_000, 600e6, precision=160)
    assert chosen.size == 250 and "only precise to about 160 m" in chosen.sentence
    beyond = choose_cell_size(100_000, 600e6, precision=1110)
    assert beyond.size == 1250 and "1,110 m" in beyond.sentence
    assert choose_cell_size(100_000, 600e6, precision=111).size == 150


def test_without_incidents_the_number_of_cells_decides():
    assert choose_cell_size(-1, 600e6).size == 150
    wide = choose_cell_size(-1, 100_000e6)
    assert wide.size == 500 and "500,000" in wide.sentence


def test_other_ladder():
    assert choose_cell_size(60, 2029e6, ladder=(150, 250)).size == 250
    with pytest.raises(ValueError, match="ascend"):
        choose_cell_size(60, 2029e6, ladder=(250, 150))


def test_all_incidents_at_one_place():
    chosen = choose_cell_size(40, 0.0)
    assert chosen.size == 150 and chosen.expected == 40


def test_extent_does_not_follow_a_few_far_points():
    rng = np.random.default_rng(5)
    x, y = rng.uniform(0, 61_000, 27_000), rng.uniform(0, 46_000, 27_000)
    x[:93] -= 49_000
    y[:93] += 56_000
    x_min, y_min, x_max, y_max = study_extent(x, y)
    assert x_min > -4000 and x_max <= 61_000 and y_min >= 0 and y_max < 49_000
    inside = (x >= x_min) & (x <= x_max) & (y >= y_min) & (y <= y_max)
    assert 27_000 - inside.sum() < 100


@pytest.mark.parametrize("occupied", [2000, 300])
def test_lattice_of_rounded_degrees_is_found(occupied):
    # as in Memphis: 0.001 degrees are 91 x 111 m, turned a little by the projection
    rng = np.random.default_rng(6)
    i, j = rng.integers(0, 70, (2, occupied))
    angle = 0.02
    x = i * 91.0 * np.cos(angle) - j * 111.0 * np.sin(angle) + 770_000
    y = i * 91.0 * np.sin(angle) + j * 111.0 * np.cos(angle) + 3_880_000
    assert coordinate_precision(x, y) == pytest.approx(111, rel=0.02)


def test_exact_positions_have_no_lattice():
    rng = np.random.default_rng(7)
    for n in (10, 60, 3000):
        assert coordinate_precision(*rng.uniform(0, 10_000, (2, n))) == 0
    assert coordinate_precision(np.zeros(100), np.zeros(100)) == 0


def test_memphis_is_rounded_to_thousandths_of_a_degree(shared_data):
    from osgeo import ogr

    source = ogr.Open(str(shared_data("memphis/memphis.gpkg")))
    # geometries belong to their feature and die with it
    shapes = [feature.GetGeometryRef().Clone() for feature in _layer(source, "robber") if feature.GetGeometryRef()]
    points = [shape.GetPoint_2D() for shape in shapes]
    longitude, latitude = np.array(points).T
    x, y = longitude * 111_320 * np.cos(np.radians(35.1)), latitude * 111_000
    assert coordinate_precision(x, y) == pytest.approx(111, rel=0.03)


def test_vancouver_is_not_rounded_and_takes_the_finest_rung(shared_data):
    import pandas as pd

    data = pd.read_csv(shared_data("vancouver/vpd_crime_2024.csv.gz"))
    x, y = data.loc[data["X"] > 0, ["X", "Y"]].to_numpy().T
    assert coordinate_precision(x, y) == 0
    x_min, y_min, x_max, y_max = study_extent(x, y)
    chosen = choose_cell_size(len(x), (x_max - x_min) * (y_max - y_min))
    assert chosen.size == 150


def _layer(source, part):
    return next(layer for layer in source if part in layer.GetName())
