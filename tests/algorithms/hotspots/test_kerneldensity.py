"""Kernel density as a user runs it: a styled raster that holds all incidents, refusals in words."""

from __future__ import annotations

import json
import threading
import time

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsRasterLayer,
    QgsVectorLayer,
)

from hotspot_plugin.analysis.hotspots import kerneldensity as kde
from tests.algorithms.samples import Listener

from ...analysis.hotspots.test_kerneldensity import AT, REFERENCE, WEIGHTED, toy_points

KERNELS = ["quartic", "epanechnikov", "gaussian", "triangular", "uniform"]
#: The toy points lie on this corner of UTM zone 30.
EAST, NORTH = 430_000.0, 5_960_000.0
SQUARE = f"POLYGON(({EAST} {NORTH},{EAST + 1000} {NORTH},{EAST + 1000} {NORTH + 1000},{EAST} {NORTH + 1000}," \
         f"{EAST} {NORTH}))"


def layer_of(x, y, weights=None, crs="EPSG:32630"):
    layer = QgsVectorLayer(f"Point?crs={crs}&field=w:double", "incidents", "memory")
    features = []
    for i, (a, b) in enumerate(zip(x, y)):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(a, b)))
        feature.setAttributes([None if weights is None else weights[i]])
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    return layer


def boundary(wkt=SQUARE):
    layer = QgsVectorLayer("Polygon?crs=EPSG:32630", "area", "memory")
    feature = QgsFeature(layer.fields())
    feature.setGeometry(QgsGeometry.fromWkt(wkt))
    assert layer.dataProvider().addFeatures([feature])[0]
    return layer


@pytest.fixture(scope="module")
def toy():
    x, y, weights = toy_points()
    return layer_of(x + EAST, y + NORTH, weights.tolist())


@pytest.fixture
def density(run_tool, tmp_path):
    def run(layer, **options):
        feedback = options.pop("feedback", None) or Listener()
        settings = {"INPUT": layer, "BANDWIDTH": 150, "OUTPUT": str(tmp_path / "kde.tif"), **options}
        result = run_tool("kerneldensity", settings, feedback=feedback)
        dataset = gdal.Open(result["OUTPUT"])
        values = dataset.ReadAsArray().astype(float)
        values[values == dataset.GetRasterBand(1).GetNoDataValue()] = np.nan
        return result, values, dataset.GetGeoTransform(), feedback

    return run


def value_at(values, transform, at):
    """Values between the four nearest cell centres, for places in the toy's own coordinates."""
    column = (at[:, 0] + EAST - transform[0]) / transform[1] - 0.5
    row = (transform[3] - NORTH - at[:, 1]) / transform[1] - 0.5
    i, j = np.floor(row).astype(int), np.floor(column).astype(int)
    down, right = row - i, column - j
    upper = values[i, j] * (1 - right) + values[i, j + 1] * right
    lower = values[i + 1, j] * (1 - right) + values[i + 1, j + 1] * right
    return upper * (1 - down) + lower * down


@pytest.mark.parametrize("kernel", range(5))
def test_reference_values_per_km2(density, toy, kernel):
    # a cell of 2 m, so that a reference position is never far from a cell's centre
    cell = 4 if KERNELS[kernel] == "gaussian" else 2
    _, values, transform, _ = density(toy, KERNEL=kernel, CELL_SIZE=cell)
    tolerance = 0.03 if KERNELS[kernel] == "uniform" else 0.002
    expected = np.array(REFERENCE[KERNELS[kernel]]) * 1e6
    np.testing.assert_allclose(value_at(values, transform, AT), expected, rtol=tolerance)


def test_weights(density, toy):
    result, values, transform, _ = density(toy, CELL_SIZE=2, WEIGHT_FIELD="w")
    np.testing.assert_allclose(value_at(values, transform, AT), np.array(WEIGHTED) * 1e6, rtol=0.002)
    assert result["SUM"] == pytest.approx(sum(f["w"] for f in toy.getFeatures()))


def test_the_numbers_say_what_the_raster_holds(density, toy):
    result, values, transform, told = density(toy)
    assert result["BANDWIDTH"] == 150 and result["CELL_SIZE_USED"] == 15 and result["INCIDENTS"] == 200
    assert result["SUM"] == pytest.approx(200) == pytest.approx(values.sum() * 15**2 / 1e6, rel=1e-6)
    assert result["MAXIMUM"] == pytest.approx(np.nanmax(values), rel=1e-6)
    assert result["MEAN"] == pytest.approx(values[values > 0].mean(), rel=1e-6)
    assert result["HOT_THRESHOLD"] == pytest.approx(5 * result["MEAN"])
    assert transform[0] % 15 == 0 and transform[3] % 15 == 0
    assert not told.warnings


def test_probability_integrates_to_one(density, toy):
    result, values, _, _ = density(toy, UNIT=1, WEIGHT_FIELD="w")
    assert result["SUM"] == pytest.approx(1)
    assert values.sum() * 15**2 / 1e6 == pytest.approx(1, rel=1e-6)


def test_study_area_and_edge(density, toy):
    _, plain, transform, _ = density(toy, BOUNDARY=boundary(), CELL_SIZE=10)
    _, corrected, _, told = density(toy, BOUNDARY=boundary(), CELL_SIZE=10, EDGE_CORRECTION=True)
    assert plain.shape == corrected.shape == (100, 100) and np.isfinite(corrected).all()
    assert transform[0] == EAST and transform[3] == NORTH + 1000
    np.testing.assert_allclose(corrected[20:80, 20:80], plain[20:80, 20:80], rtol=1e-5)
    # at a corner three quarters of the kernel lie outside
    assert corrected[-1, 0] / plain[-1, 0] == pytest.approx(4, rel=0.15)


def test_no_data_outside_and_incidents_outside(density, toy):
    west = boundary(SQUARE.replace(f"{EAST + 1000}", f"{EAST + 400}"))
    result, values, _, told = density(toy, BOUNDARY=west, CELL_SIZE=10)
    assert values.shape == (100, 40) and result["INCIDENTS"] == 200 and 0 < result["SUM"] < 200
    assert any("outside the study area count where their kernel reaches" in text for text in told.infos)
    fewer, _, _, told = density(toy, BOUNDARY=west, CELL_SIZE=10, EDGE_CORRECTION=True)
    inside = int(sum(f.geometry().asPoint().x() < EAST + 400 for f in toy.getFeatures()))
    assert fewer["INCIDENTS"] == inside
    assert any(f"{200 - inside} of 200 incidents lie outside" in text for text in told.warnings)
    record = json.loads(fewer["PROVENANCE"])["inputs"]["INPUT"]
    assert record["used"] == inside


def test_bandwidth_rules_are_reported(density, toy):
    for rule, kernel, expected in ((1, 2, 102.433), (2, 0, 364.004), (3, 0, 108.996)):
        result, _, _, told = density(toy, BANDWIDTH_RULE=rule, KERNEL=kernel)
        assert result["BANDWIDTH"] == pytest.approx(expected, abs=0.001)
        assert any(f"gives a bandwidth of {expected:,.0f} m" in text for text in told.infos)


def test_unusual_bandwidths_are_told(density, toy):
    _, _, _, told = density(toy, BANDWIDTH=1494)
    assert any("1,494 m is outside the 150 to 500 m" in text and "districts" in text for text in told.warnings)


def test_rows_without_a_weight_are_left_out(density):
    result, _, _, told = density(layer_of([EAST, EAST + 50], [NORTH, NORTH], [2.0, None]), WEIGHT_FIELD="w")
    assert result["INCIDENTS"] == 1 and result["SUM"] == pytest.approx(2)
    assert any("1 incidents have no weight" in text for text in told.warnings)


@pytest.mark.parametrize(("weights", "options", "words"), [
    ([1.0, -1.0], {"WEIGHT_FIELD": "w"}, r"WEIGHT_FIELD.*negative or infinite \(first: row 2\)"),
    ([float("inf"), 1.0], {"WEIGHT_FIELD": "w"}, r"WEIGHT_FIELD.*negative or infinite \(first: row 1\)"),
    ([0.0, 0.0], {"WEIGHT_FIELD": "w"}, "WEIGHT_FIELD.*0 or missing"),
    (None, {"BANDWIDTH": 0}, "BANDWIDTH.*more than 0 m"),
    (None, {"CELL_SIZE": 200}, "CELL_SIZE.*larger than the bandwidth"),
    (None, {"CELL_SIZE": 0.1}, "CELL_SIZE.*at least 0.75 m"),
    (None, {"EDGE_CORRECTION": True}, "BOUNDARY.*Give its polygons"),
])
def test_refusals(density, weights, options, words):
    with pytest.raises(QgsProcessingException, match=words):
        density(layer_of([EAST, EAST + 50], [NORTH, NORTH], weights), **options)


def test_one_place_gives_no_bandwidth(density):
    with pytest.raises(QgsProcessingException, match="BANDWIDTH_RULE.*all at one place"):
        density(layer_of([EAST] * 5, [NORTH] * 5), BANDWIDTH_RULE=3)


def test_a_study_area_elsewhere_is_refused(density, toy):
    with pytest.raises(QgsProcessingException, match="BOUNDARY.*None of the 200 incidents"):
        density(toy, BOUNDARY=boundary("POLYGON((0 0,900 0,900 900,0 900,0 0))"))


def test_a_huge_raster_is_refused_before_it_is_built(density):
    far = layer_of([EAST, EAST + 2e5], [NORTH, NORTH - 6e5])
    begin = time.perf_counter()
    with pytest.raises(QgsProcessingException, match=r"CELL_SIZE.*Give at least \d+ m, or a study area.*wrong places"):
        density(far)
    assert time.perf_counter() - begin < 1


def test_one_incident_is_one_hump(density):
    result, values, _, _ = density(layer_of([EAST + 7.5], [NORTH + 7.5]))
    assert result["SUM"] == pytest.approx(1)
    assert values.max() == pytest.approx(3 / np.pi / 150**2 * 1e6, rel=0.02)


def test_the_file_opens_styled_in_words(density, toy):
    result, _, _, _ = density(toy)
    layer = QgsRasterLayer(result["OUTPUT"], "density")
    labels = [label for label, _ in layer.renderer().legendSymbologyItems()]
    assert len(labels) == 7 and labels[0] == "No incident within reach"
    assert "5 times the mean" in labels[-1] and labels[2] == "1 to 2 times the mean"


def test_degrees_are_projected(density, toy):
    from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransform, QgsProject

    turn = QgsCoordinateTransform(
        QgsCoordinateReferenceSystem("EPSG:32630"), QgsCoordinateReferenceSystem("EPSG:4326"), QgsProject.instance())
    places = [turn.transform(f.geometry().asPoint()) for f in toy.getFeatures()]
    result, values, transform, _ = density(layer_of([p.x() for p in places], [p.y() for p in places], crs="EPSG:4326"),
                                           CELL_SIZE=2)
    assert result["SUM"] == pytest.approx(200)
    np.testing.assert_allclose(
        value_at(values, transform, AT), np.array(REFERENCE["quartic"]) * 1e6, rtol=0.01)


def test_real_city_against_the_exact_surface(density, shared_data):
    import pandas as pd

    data = pd.read_csv(shared_data("vancouver/vpd_crime_2023.csv.gz"))
    x, y = data.loc[data["X"] > 0, ["X", "Y"]].to_numpy()[::5].T
    result, values, transform, told = density(layer_of(x, y, crs="EPSG:26910"), BANDWIDTH=300)
    assert result["SUM"] == pytest.approx(len(x)) and result["CELL_SIZE_USED"] == 30
    rows, columns = np.unravel_index(np.argsort(values.ravel())[-500::25], values.shape)
    at = np.column_stack([transform[0] + (columns + 0.5) * 30, transform[3] - (rows + 0.5) * 30])
    exact = kde.density_at(at, x, y, 300.0) * 1e6
    np.testing.assert_allclose(values[rows, columns], exact, atol=0.01 * exact.max())


def test_is_cancelled_within_a_second(run_tool, provider, tmp_path):
    rng = np.random.default_rng(1)
    layer = layer_of(EAST + rng.uniform(0, 60_000, 2000), NORTH + rng.uniform(0, 60_000, 2000))
    tool = provider.algorithm("kerneldensity").create()
    feedback, stopped = QgsProcessingFeedback(), []

    def stop():
        stopped.append(time.perf_counter())
        feedback.cancel()

    threading.Timer(0.6, stop).start()
    settings = {"INPUT": layer, "BANDWIDTH": 1500, "CELL_SIZE": 9, "OUTPUT": str(tmp_path / "kde.tif")}
    _, ok = tool.run(settings, QgsProcessingContext(), feedback)
    assert not ok and stopped and time.perf_counter() - stopped[0] < 1
