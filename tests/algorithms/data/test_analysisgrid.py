"""Grids as a user makes them: the same ids in every run, and a word before a huge one."""

from __future__ import annotations

import numpy as np
import pytest
from qgis.core import QgsFeature, QgsGeometry, QgsPointXY, QgsProcessingException, QgsVectorLayer

from hotspot_plugin.analysis.grids import HEXAGON, SQUARE, Grid
from hotspot_plugin.layers import cells
from tests.algorithms.samples import Listener

BLOB = "POLYGON((500130 5900070,501900 5900400,501500 5901900,500900 5901100,500300 5901800,500130 5900070)," \
       "(500800 5900600,501000 5900600,501000 5900800,500800 5900800,500800 5900600))"


def layer_of(kind, geometries, crs="EPSG:32630"):
    layer = QgsVectorLayer(f"{kind}?crs={crs}", "made", "memory")
    features = []
    for geometry in geometries:
        feature = QgsFeature(layer.fields())
        feature.setGeometry(geometry)
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    return layer


def polygon(wkt=BLOB, crs="EPSG:32630"):
    return layer_of("Polygon", [QgsGeometry.fromWkt(wkt)], crs)


def points(x, y, crs="EPSG:32630"):
    return layer_of("Point", [QgsGeometry.fromPointXY(QgsPointXY(a, b)) for a, b in zip(x, y)], crs)


@pytest.fixture
def grid(run_tool):
    def run(layer, **options):
        feedback = Listener()
        settings = {"INPUT": layer, "OUTPUT": "memory:", **options}
        result = run_tool("analysisgrid", settings, feedback=feedback)
        return result, list(result["OUTPUT"].getFeatures()), feedback

    return run


def by_id(features):
    return {f["cell_id"]: f for f in features}


@pytest.mark.parametrize("kind", [0, 1])
def test_the_grid_covers_the_area_and_nothing_else(grid, kind):
    whole = QgsGeometry.fromWkt(BLOB)
    result, features, _ = grid(polygon(), GRID_TYPE=kind, CELL_SIZE=100)
    assert result["CELL_COUNT"] == len(features) and result["CELL_SIZE_USED"] == 100
    assert result["CELL_AREA"] == pytest.approx(10_000 if kind else 8660.254)
    assert sum(f["share_in"] for f in features) * result["CELL_AREA"] == pytest.approx(whole.area(), rel=1e-5)
    assert len(by_id(features)) == len(features)
    for feature in features:
        assert feature.geometry().area() == pytest.approx(result["CELL_AREA"])
        share = feature.geometry().intersection(whole).area() / result["CELL_AREA"]
        assert feature["share_in"] == pytest.approx(share, abs=2e-6) and feature["share_in"] >= 0
        assert feature.geometry().intersects(whole)


@pytest.mark.parametrize("kind", [0, 1])
def test_clipped_cells_make_up_the_area(grid, kind):
    whole = QgsGeometry.fromWkt(BLOB)
    result, features, _ = grid(polygon(), GRID_TYPE=kind, CELL_SIZE=100, CLIP=True)
    assert sum(f.geometry().area() for f in features) == pytest.approx(whole.area(), rel=1e-9)
    assert all(f.geometry().isGeosValid() for f in features)
    assert {f["cell_id"] for f in features} == {f["cell_id"] for f in grid(polygon(), GRID_TYPE=kind, CELL_SIZE=100)[1]}


def test_cells_with_little_inside_are_dropped_and_told(grid):
    _, features, _ = grid(polygon(), CELL_SIZE=100)
    result, kept, told = grid(polygon(), CELL_SIZE=100, MIN_SHARE=50)
    assert {f["cell_id"] for f in kept} == {f["cell_id"] for f in features if f["share_in"] >= 0.5}
    assert any(f"{len(features) - len(kept)} cells with less than 50 %" in text for text in told.warnings)


def test_ids_are_the_same_for_another_boundary_and_another_month(grid):
    first = by_id(grid(polygon(), CELL_SIZE=100)[1])
    nudged = "POLYGON((500133 5900074,502100 5900400,501500 5902300,500133 5900074))"
    second = by_id(grid(polygon(nudged), CELL_SIZE=100)[1])
    shared = set(first) & set(second)
    assert len(shared) > 100
    for name in shared:
        assert first[name].geometry().equals(second[name].geometry())
    assert all(name.startswith("EPSG:32630_H100_") for name in first)


def test_borders_of_neighbours_are_the_same_numbers(grid):
    _, features, _ = grid(polygon(), CELL_SIZE=100)
    union = QgsGeometry.unaryUnion([f.geometry() for f in features])
    # slivers between cells would leave holes or parts
    assert union.area() == pytest.approx(len(features) * 8660.254037844387, rel=1e-12)
    assert len(union.asMultiPolygon() if union.isMultipart() else [1]) == 1


def test_degrees_become_metres_and_say_so(grid):
    degrees = polygon("POLYGON((-1.6 53.7,-1.5 53.7,-1.5 53.8,-1.6 53.8,-1.6 53.7))", "EPSG:4326")
    result, features, _ = grid(degrees, CELL_SIZE=500)
    assert result["OUTPUT"].crs().authid() == "EPSG:32630"
    assert features[0].geometry().area() == pytest.approx(500**2 * np.sqrt(3) / 2)


def test_points_guide_extent_and_size(grid):
    rng = np.random.default_rng(2)
    x, y = 500_000 + rng.uniform(0, 20_000, 300), 5_900_000 + rng.uniform(0, 20_000, 300)
    x[0] += 200_000
    result, features, told = grid(points(x, y))
    assert result["CELL_SIZE_USED"] == 250 and "expects 0.41 incidents" in result["CELL_RULE"]
    assert result["CELL_COUNT"] < 10_000
    assert any("1 incidents lie far from the rest" in text for text in told.warnings)
    held = Grid.from_ids([f["cell_id"] for f in features])
    assert (held[0].index_in(held[1:], *held[0].locate(x[1:], y[1:])) >= 0).all()


def test_boundary_with_points_takes_the_boundary(grid):
    rng = np.random.default_rng(3)
    x, y = 500_200 + rng.uniform(0, 1500, 500), 5_900_200 + rng.uniform(0, 1500, 500)
    result, features, _ = grid(points(x, y), BOUNDARY=polygon())
    assert result["CELL_SIZE_USED"] == 150
    inside = QgsGeometry.fromWkt(BLOB)
    assert all(f.geometry().intersects(inside) for f in features)


def test_extent_alone(grid):
    result, features, _ = grid(None, EXTENT="500000,501000,5900000,5900500 [EPSG:32630]", CELL_SIZE=100, GRID_TYPE=1)
    assert result["CELL_COUNT"] == 11 * 6  # the north and east sides begin a cell of their own
    assert by_id(features)["EPSG:32630_S100_5000_59000"]["share_in"] == 1


@pytest.mark.parametrize(("options", "words"), [
    ({"CELL_SIZE": 0.5}, r"CELL_SIZE.*at most 1,000,000 are made. Give at least 1\.\d m"),
    ({"CELL_SIZE": 900, "MIN_SHARE": 100}, "MIN_SHARE.*smaller share"),
    ({"BOUNDARY": True}, "BOUNDARY.*Both INPUT and BOUNDARY"),
    ({"INPUT": None}, "INPUT.*Say what to cover"),
    ({"INPUT": None, "EXTENT": "5,5,7,7 [EPSG:32630]"}, "EXTENT.*empty"),
])
def test_refusals(grid, options, words):
    layer = polygon()
    options = {**options, **({"BOUNDARY": layer} if options.get("BOUNDARY") else {})}
    layer = options.pop("INPUT", layer)
    with pytest.raises(QgsProcessingException, match=words):
        grid(layer, **options)


def test_many_cells_are_told_before(grid):
    _, features, told = grid(polygon(), CELL_SIZE=3.8)
    assert len(features) > 100_000
    assert any("slow to draw" in text for text in told.warnings)


def test_cells_finer_than_the_coordinates_are_told(grid):
    x, y = (v.ravel() * 100.0 for v in np.meshgrid(np.arange(5000, 5020), np.arange(59_000, 59_020)))
    _, _, told = grid(points(x, y), CELL_SIZE=50)
    assert any("only precise to about 100 m" in text for text in told.warnings)
    result, _, _ = grid(points(x * 3 - 1_000_000, y * 3 - 11_800_000))
    assert result["CELL_SIZE_USED"] == 500 and "only precise to about 300 m" in result["CELL_RULE"]


@pytest.mark.parametrize("kind", [HEXAGON, SQUARE])
def test_shares_of_a_wild_boundary(qgis_app, kind):
    rng = np.random.default_rng(5)
    angle = np.linspace(0, 2 * np.pi, 400)[:-1]
    radius = 900 * (1 + 0.4 * np.sin(9 * angle) + 0.3 * rng.random(len(angle)))
    ring = [QgsPointXY(500_000 + r * np.cos(a), 5_900_000 + r * np.sin(a)) for r, a in zip(radius, angle)]
    boundary = cells.only_polygons(QgsGeometry.fromPolygonXY([[*ring, ring[0]]]).makeValid())
    made = Grid(kind, 90)
    box = boundary.boundingBox()
    col, row = made.cover((box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()))
    share, parts = cells.cells_within(made, boundary, col, row)
    for i, corners in enumerate(made.polygons(col, row)):
        cell = QgsGeometry.fromPolygonXY([[QgsPointXY(*corner) for corner in corners]])
        assert share[i] == pytest.approx(cell.intersection(boundary).area() / made.area, abs=1e-8)
        if 1e-6 < share[i] < 1 - 1e-6:
            assert parts[i].area() == pytest.approx(share[i] * made.area, rel=1e-6)
