"""Counting incidents as a user does: polygons, cells, streets, rates, and what is told."""

from __future__ import annotations

import numpy as np
import pytest
from qgis.core import QgsFeature, QgsGeometry, QgsPointXY, QgsProcessingException, QgsVectorLayer

from tests.algorithms.samples import Listener, incidents


def layer_of(kind, geometries, fields="", rows=None, crs="EPSG:32630"):
    layer = QgsVectorLayer(f"{kind}?crs={crs}{fields}", "made", "memory")
    features = []
    for i, geometry in enumerate(geometries):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(geometry)
        if rows:
            feature.setAttributes(list(rows[i]))
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    return layer


def box(x, y, size=10.0):
    x, y = 500_000 + x, 5_900_000 + y
    return QgsGeometry.fromWkt(f"POLYGON(({x} {y},{x + size} {y},{x + size} {y + size},{x} {y + size},{x} {y}))")


def spots(places, fields="&field=kind:string&field=harm:double", rows=None):
    geometries = [QgsGeometry.fromPointXY(QgsPointXY(500_000 + x, 5_900_000 + y)) for x, y in places]
    return layer_of("Point", geometries, fields, rows)


PLACES = [(1, 1), (2, 2), (10, 5), (15, 5), (50, 50)]
ROWS = [("Arson", 1.0), ("Theft", 2.0), ("Theft", None), ("Theft", 4.0), ("Arson", 8.0)]


def values(layer, name):
    return [f[name] for f in layer.getFeatures()]


@pytest.fixture
def count(run_tool):
    def run(points, areas, **options):
        feedback = options.pop("feedback", Listener())
        settings = {"INCIDENTS": points, "AREAS": areas, "OUTPUT": "memory:", **options}
        result = run_tool("countincidents", settings, feedback=feedback)
        return result, result["OUTPUT"], feedback

    return run


def test_two_squares(count):
    areas = layer_of("Polygon", [box(0, 0), box(10, 0)], "&field=name:string", [("west",), ("east",)])
    result, out, told = count(spots(PLACES, rows=ROWS), areas, TYPE_FIELD="kind", WEIGHT_FIELD="harm")
    assert values(out, "name") == ["west", "east"]
    # the incident on the shared side counts in the east only
    assert values(out, "n") == [2, 2] and values(out, "sum") == [3.0, 4.0]
    assert values(out, "t_arson") == [1, 0] and values(out, "t_theft") == [1, 2]
    assert values(out, "per_km2") == pytest.approx([20_000, 20_000])
    assert {k: result[k] for k in ("TOTAL", "COUNTED", "OUTSIDE", "SEVERAL", "OCCUPIED", "NO_RATE")} == {
        "TOTAL": 5, "COUNTED": 4, "OUTSIDE": 1, "SEVERAL": 0, "OCCUPIED": 2, "NO_RATE": None}
    assert any("1 of 5 incidents (20.0%) are in no area (first: row 5)" in text for text in told.warnings)
    assert any("1 incidents have no number in 'harm'" in text for text in told.warnings)
    assert any("t_theft = Theft: 3" in text for text in told.infos)


def test_overlapping_areas_are_told(count):
    areas = layer_of("Polygon", [box(0, 0), box(0, 0, 3)])
    result, out, told = count(spots(PLACES), areas)
    # the outer side counts as inside
    assert values(out, "n") == [3, 2] and result["COUNTED"] == 3 and result["SEVERAL"] == 2
    assert any("add up to 2 more" in text for text in told.warnings)
    _, out, told = count(spots(PLACES), areas, OVERLAPS=1)
    assert values(out, "n") == [3, 0] and any("in the first only" in text for text in told.warnings)


def test_rates_by_residents(count):
    areas = layer_of("Polygon", [box(0, 0), box(10, 0), box(20, 0), box(30, 0), box(40, 0)],
                     "&field=people:integer", [(1000,), (1000,), (1000,), (120,), (99,)])
    places = [(1, 1)] * 2 + [(11, 1)] * 2 + [(21, 1)] * 3 + [(31, 1)] * 2 + [(41, 1)] * 4
    result, out, told = count(spots(places), areas, POPULATION_FIELD="people")
    rates = values(out, "per_1000")
    assert rates[:4] == pytest.approx([2, 2, 3, 1000 * 2 / 120])
    assert str(rates[4]) == "NULL" and result["NO_RATE"] == 1
    assert values(out, "many_visit") == [False, False, False, True, False]
    assert any("few live there and many visit" in text for text in told.warnings)
    assert any("They hold 4 incidents" in text for text in told.infos)


def test_streets_take_the_nearest_within_the_distance(count):
    def line(*corners):
        return QgsGeometry.fromPolylineXY([QgsPointXY(500_000 + x, 5_900_000 + y) for x, y in corners])

    streets = layer_of("LineString", [line((0, 0), (1000, 0)), line((1000, 0), (1000, 500))])
    places = [(500, 30), (500, 51), (1000, -20), (980, 100), (500, 50)]
    result, out, _ = count(spots(places), streets)
    # (1000, -20) is as near to both: the first street has it
    assert values(out, "n") == [3, 1] and result["OUTSIDE"] == 1
    assert values(out, "per_km") == pytest.approx([3, 2])
    with pytest.raises(QgsProcessingException, match="DISTANCE.*more than 0 m"):
        count(spots(places), streets, DISTANCE=0)


def test_counts_equal_those_of_qgis_in_a_grid_of_ours(count, run_tool, provider, tmp_path):
    from qgis import processing

    x, y, _ = incidents(400)
    points = spots(list(zip(x - 500_000, y - 5_900_000)))
    grid = run_tool("analysisgrid", {"INPUT": points, "CELL_SIZE": 300, "OUTPUT": "memory:"})["OUTPUT"]
    result, out, _ = count(points, grid)
    peer = processing.run("native:countpointsinpolygon", {
        "POLYGONS": grid, "POINTS": points, "FIELD": "NUMPOINTS", "OUTPUT": "memory:"})["OUTPUT"]
    assert values(out, "n") == [int(v) for v in values(peer, "NUMPOINTS")]
    assert values(out, "cell_id") == values(grid, "cell_id")
    assert sum(values(out, "n")) == result["COUNTED"]


def test_degrees_are_counted_in_metres(count):
    areas = layer_of("Polygon", [QgsGeometry.fromWkt("POLYGON((-1.6 53.7,-1.4 53.7,-1.4 53.9,-1.6 53.9,-1.6 53.7))")],
                     crs="EPSG:4326")
    points = layer_of("Point", [QgsGeometry.fromPointXY(QgsPointXY(-1.5, 53.8))], crs="EPSG:4326")
    _, out, _ = count(points, areas)
    assert values(out, "n") == [1] and values(out, "per_km2")[0] == pytest.approx(1 / 293.6, rel=0.01)


def test_infinite_weights_are_refused(count):
    points = spots([(1, 1)], rows=[("x", float("inf"))])
    with pytest.raises(QgsProcessingException, match="WEIGHT_FIELD.*infinite.*row 1"):
        count(points, layer_of("Polygon", [box(0, 0)]), WEIGHT_FIELD="harm")


def test_real_neighbourhoods(count, shared_data, tmp_path):
    import pandas as pd

    data = pd.read_csv(shared_data("vancouver/vpd_crime_2024.csv.gz"))
    located = data[data["X"] > 0]
    step = located.iloc[::7]
    points = layer_of("Point", [QgsGeometry.fromPointXY(QgsPointXY(a, b)) for a, b in zip(step["X"], step["Y"])],
                      "&field=TYPE:string", [(t,) for t in step["TYPE"]], crs="EPSG:26910")
    package = str(shared_data("vancouver/vancouver.gpkg"))
    whole = QgsVectorLayer(package, "x", "ogr")
    names = [text.split("!!::!!")[1] for text in whole.dataProvider().subLayers()]
    tables = [QgsVectorLayer(f"{package}|layername={name}", name, "ogr") for name in names]
    (areas,) = [table for table in tables if table.featureCount() == 22]
    result, out, _ = count(points, areas, TYPE_FIELD="TYPE")
    counted = np.array(values(out, "n"))
    assert counted.sum() == result["COUNTED"] == result["TOTAL"] - result["OUTSIDE"]
    assert result["SEVERAL"] == 0 and result["OUTSIDE"] < 0.02 * result["TOTAL"]
    # the recorded neighbourhood agrees with the geometry (apart from the offsets at the edges)
    recorded = step["NEIGHBOURHOOD"].value_counts()
    assert counted.max() == pytest.approx(recorded.max(), rel=0.05)
    types = [n for n in out.fields().names() if n.startswith("t_")]
    assert sum(sum(values(out, n)) for n in types) == counted.sum()
