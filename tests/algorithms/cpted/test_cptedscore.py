"""Score CPTED as a user runs it."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from qgis.core import QgsGeometry, QgsProcessingException, QgsVectorLayer, QgsWkbTypes

from hotspot_plugin.algorithms.cpted.cptedscore_read import FOLDER, SHIPPED
from hotspot_plugin.analysis.cpted import profile as profiles
from hotspot_plugin.compat import is_null
from hotspot_plugin.layers import tables, writing

from .. import samples

LINE, POLYGON = QgsWkbTypes.Type.LineString, QgsWkbTypes.Type.Polygon
NAMES = profiles.COLUMNS


def write_profile(path, *rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, NAMES)
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def indicator(principle, name, low, high, **more):
    return {"principle": principle, "indicator": name, "low": low, "high": high, **more}


def features(path):
    return [f.attributeMap() for f in QgsVectorLayer(str(path), "o", "ogr").getFeatures()]


@pytest.fixture
def place(tmp_path):
    """Three streets of 100 m with fields, lights, a park, and a raster-free world that can be worked out by hand."""
    streets = [QgsGeometry.fromWkt(f"LINESTRING(500000 {y},500100 {y})") for y in (5900000, 5900100, 5900200)]
    out = {"streets": samples.save(tmp_path / "streets.gpkg", streets, {
        "name": np.array(["A", "B", "C"], object), "lux": np.array([2.0, 6, np.nan]), "cared": np.array([2.0, 0, 1]),
        "seen": np.array([np.nan, 1.0, np.nan])}, LINE)}
    x = np.array([500010.0, 500050, 500090, 500050])
    y = np.array([5900005.0, 5900005, 5900005, 5900112])
    out["lights"] = samples.save(tmp_path / "lights.gpkg", writing.points_from_arrays(x, y), {
        "kind": np.array(["led", "led", "gas", "led"], object), "lumen": np.array([10.0, 20, 90, 40])})
    park = QgsGeometry.fromWkt("POLYGON((500050 5900090,500200 5900090,500200 5900110,500050 5900110,500050 5900090))")
    out["parks"] = samples.save(tmp_path / "parks.gpkg", [park], {"id": np.array([1])}, POLYGON)
    return out


def test_every_measure_by_hand(run_tool, place, tmp_path):
    one = "natural_surveillance"
    rows = [
        indicator(one, "lux", 0, 10, measure="value", field="lux"),
        indicator(one, "number", 0, 4, measure="count", layer="lights", distance=10),
        indicator(one, "leds", 0, 4, measure="count", layer="lights", distance=10, filter="\"kind\" = 'led'"),
        indicator(one, "per_100", 0, 4, measure="density", layer="lights", distance=10),
        indicator(one, "far", 100, 0, measure="distance", layer="lights"),
        indicator(one, "near", 0, 100, measure="nearest", layer="lights", field="lumen", distance=10),
        indicator(one, "average", 0, 100, measure="mean", layer="lights", field="lumen", distance=10),
        indicator("activity_support", "green", 0, 1, measure="share", layer="parks"),
    ]
    run_tool("cptedscore", {
        "INPUT": place["streets"], "PROFILE": 0, "PROFILE_FILE": write_profile(tmp_path / "p.csv", *rows),
        "LAYERS": [place["lights"], place["parks"]], "MIN_MEASURED": 0.1,
        "OUTPUT": str(tmp_path / "o.gpkg"), "INDICATORS": str(tmp_path / "i.gpkg")})
    found = {(r["place_name"], r["indicator"]): r for r in features(tmp_path / "i.gpkg")}

    def values(name):
        return [found[street, name]["value"] for street in "ABC"]

    def points(name):
        return [found[street, name]["points"] for street in "ABC"]

    assert values("lux")[:2] == [2, 6] and points("lux")[:2] == [20, 60]
    assert found["C", "lux"]["evidence"] == "missing" and found["A", "lux"]["evidence"] == "measured"
    assert values("number") == [3, 0, 0] and values("leds") == [2, 0, 0] and values("per_100") == [3, 0, 0]
    assert values("far") == pytest.approx([5, 12, 88]) and points("far") == pytest.approx([95, 88, 12])
    assert values("average")[0] == pytest.approx(40) and not points("average")[1]
    assert values("near")[0] in (10, 20, 90)
    assert values("green") == pytest.approx([0, 0.5, 0])
    out = {r["name"]: r for r in features(tmp_path / "o.gpkg")}
    expected = np.mean([20, 75, 50, 75, 95, points("near")[0], 40])
    assert out["A"]["s_surv"] == pytest.approx(expected) and out["A"]["s_act"] == 0
    assert out["A"]["score"] == pytest.approx(expected / 2) and out["A"]["weakest"] == "activity support"


def test_polygons_and_points(run_tool, place, tmp_path):
    cell = "POLYGON((500000 5900000,500100 5900000,500100 5900100,500000 5900100,500000 5900000))"
    areas = samples.save(tmp_path / "areas.gpkg", [QgsGeometry.fromWkt(cell)], {"id": np.array([1])}, POLYGON)
    stop = samples.save(tmp_path / "stop.gpkg", writing.points_from_arrays(np.array([500050.0]), np.array([5900005.0])),
                        {"id": np.array([1])})
    rows = [indicator("maintenance", "per_ha", 0, 10, measure="density", layer="lights"),
            indicator("maintenance", "green", 0, 1, measure="share", layer="parks"),
            indicator("maintenance", "far", 50, 0, measure="distance", layer="parks")]
    for path, density in ((areas, 3.0), (stop, None)):
        rows[0]["distance"] = "" if density else "45"
        run_tool("cptedscore", {
            "INPUT": path, "PROFILE": 0, "PROFILE_FILE": write_profile(tmp_path / "p.csv", *rows),
            "LAYERS": [place["lights"], place["parks"]], "OUTPUT": str(tmp_path / "o.gpkg"),
            "INDICATORS": str(tmp_path / "i.gpkg")})
        found = {r["indicator"]: r["value"] for r in features(tmp_path / "i.gpkg")}
        assert found["per_ha"] == pytest.approx(density or 3 / (np.pi * 45**2 / 1e4))
        assert found["green"] == pytest.approx(0.05 if density else 0, abs=1e-9)
        assert found["far"] == pytest.approx(0 if density else 85)


def test_raster(run_tool, place, tmp_path):
    from osgeo import gdal, osr

    path = str(tmp_path / "lux.tif")
    made = gdal.GetDriverByName("GTiff").Create(path, 20, 30, 1, gdal.GDT_Float32)
    made.SetGeoTransform((500000, 5, 0, 5900125, 0, -5))
    system = osr.SpatialReference()
    system.ImportFromEPSG(32630)
    made.SetProjection(system.ExportToWkt())
    grid = np.full((30, 20), -1.0)
    grid[22:27] = np.where(np.arange(20) < 10, 4.0, 8.0)  # around the first street
    made.GetRasterBand(1).SetNoDataValue(-1)
    made.GetRasterBand(1).WriteArray(grid)
    made = None
    rows = [indicator("natural_surveillance", "lux", 0, 10, measure="raster", layer="lux")]
    run_tool("cptedscore", {"INPUT": place["streets"], "PROFILE": 0, "LAYERS": [path],
                            "PROFILE_FILE": write_profile(tmp_path / "p.csv", *rows),
                            "OUTPUT": str(tmp_path / "o.gpkg")})
    out = {r["name"]: r for r in features(tmp_path / "o.gpkg")}
    assert out["A"]["score"] == pytest.approx(60) and out["B"]["score_cl"] == out["C"]["score_cl"] == "not scored"


def test_audited_outranks_measured_and_missing_counts_for_nothing(run_tool, place, tmp_path):
    rows = [indicator("maintenance", "care", 0, 2, measure="value", field="cared"),
            indicator("maintenance", "care", 0, 1, measure="value", field="seen", evidence="audited"),
            indicator("territoriality", "absent", 0, 1, measure="count", layer="walls")]
    heard = samples.Listener()
    result = run_tool("cptedscore", {
        "INPUT": place["streets"], "PROFILE": 0, "PROFILE_FILE": write_profile(tmp_path / "p.csv", *rows),
        "MIN_MEASURED": 0.5, "OUTPUT": str(tmp_path / "o.gpkg")}, feedback=heard)
    out = {r["name"]: r for r in features(tmp_path / "o.gpkg")}
    assert [out[k]["s_main"] for k in "ABC"] == [100, 100, 50]  # B: seen 1 of 1, though measured 0
    assert [out[k]["audit_sh"] for k in "ABC"] == [0, 0.5, 0] and out["A"]["meas_sh"] == 0.5
    assert result["MISSING_INDICATORS"] == 1 and any("no layer 'walls'" in text for text in heard.warnings)
    assert any("Nothing at all was measured of territoriality" in text for text in heard.warnings)
    unscored = run_tool("cptedscore", {
        "INPUT": place["streets"], "PROFILE": 0, "PROFILE_FILE": write_profile(tmp_path / "p.csv", *rows),
        "OUTPUT": str(tmp_path / "o2.gpkg")})
    assert unscored["SCORED"] == 0 and unscored["MEAN_SCORE"] is None
    assert {r["score_cl"] for r in features(tmp_path / "o2.gpkg")} == {"not scored"}
    assert all(is_null(r["score"]) for r in features(tmp_path / "o2.gpkg"))


def test_pairwise_comparisons(run_tool, place, tmp_path):
    rows = [indicator(p, f"i{k}", 0, 2, measure="value", field="cared")
            for k, p in enumerate(("access_control", "territoriality", "maintenance"))]
    given = {"INPUT": place["streets"], "PROFILE": 0, "PROFILE_FILE": write_profile(tmp_path / "p.csv", *rows),
             "WEIGHTS": 2, "OUTPUT": str(tmp_path / "o.gpkg"), "INDICATORS": str(tmp_path / "i.gpkg")}
    pairs = "access_control : territoriality = 3; access_control : maintenance = 5; territoriality : maintenance = 3"
    assert run_tool("cptedscore", {**given, "PAIRS": pairs})["CONSISTENCY"] == pytest.approx(0.033199216)
    shares = {r["indicator"]: r["weight_sh"] for r in features(tmp_path / "i.gpkg")}
    assert shares["i0"] == pytest.approx(0.6369856, abs=1e-6)
    crossed = pairs.replace("territoriality : maintenance = 3", "territoriality : maintenance = 1/9")
    with pytest.raises(QgsProcessingException, match="contradict one another"):
        run_tool("cptedscore", {**given, "PAIRS": crossed})
    assert run_tool("cptedscore", {**given, "PAIRS": crossed, "ALLOW_INCONSISTENT": True})["CONSISTENCY"] > 0.1


@pytest.mark.parametrize("change, words", [
    ({"PROFILE": 0}, "No profile is given"),
    ({"LAYER_NAMES": "fog = lights"}, "names no layer of the profile"),
    ({"LAYER_NAMES": "graffiti = nowhere"}, "There is no layer 'nowhere'"),
    ({"PAIRS": "maintenance : territoriality = 2"}, "taken from elsewhere"),
    ({"WEIGHTS": 2}, "are not compared"),
])
def test_refusals(run_tool, place, tmp_path, change, words):
    with pytest.raises(QgsProcessingException, match=words):
        run_tool("cptedscore", {"INPUT": place["streets"], "LAYERS": [place["lights"]],
                                "OUTPUT": str(tmp_path / "o.gpkg"), **change})


@pytest.mark.parametrize("row, words", [
    (indicator("maintenance", "x", 0, 1, measure="mean", layer="lights", field="volt", distance=5), "no field 'volt'"),
    (indicator("maintenance", "x", 0, 1, measure="raster", layer="lights"), "is no raster"),
    (indicator("maintenance", "x", 0, 1, measure="count", layer="lights", filter="kind ="), "cannot be read"),
    (indicator("maintenance", "x", 0, 1, measure="count", layer="lights", filter="volt > 1"), "does not have"),
])
def test_a_line_that_does_not_fit_the_layer(run_tool, place, tmp_path, row, words):
    with pytest.raises(QgsProcessingException, match=words):
        run_tool("cptedscore", {"INPUT": place["streets"], "LAYERS": [place["lights"]], "PROFILE": 0,
                                "PROFILE_FILE": write_profile(tmp_path / "p.csv", row),
                                "OUTPUT": str(tmp_path / "o.gpkg")})


def test_percentiles_are_told(run_tool, place, tmp_path):
    heard = samples.Listener()
    run_tool("cptedscore", {
        "INPUT": place["streets"], "PROFILE": 0, "OUTPUT": str(tmp_path / "o.gpkg"),
        "PROFILE_FILE": write_profile(tmp_path / "p.csv",
                                      indicator("maintenance", "care", "p0", "p100", measure="value", field="cared"))},
        feedback=heard)
    assert [r["score"] for r in features(tmp_path / "o.gpkg")] == [100, 0, 50]
    assert any("do not compare" in text for text in heard.warnings)


@pytest.mark.parametrize("name", SHIPPED[1:])
def test_shipped_profiles_are_sound(name):
    table = tables.read_table(str(FOLDER / name), "PROFILE_FILE")
    assert not table.ragged
    found = profiles.parse(table.names, table.columns, table.lines.tolist(), name)
    assert {i.principle for i in found.indicators} == set(range(5))
    assert all(i.note for i in found.indicators)
    assert not any(i.low.startswith("p") or i.high.startswith("p") for i in found.indicators), "anchors are fixed"


def test_copy_of_a_profile_can_be_used(run_tool, place, tmp_path):
    run_tool("cptedscore", {"INPUT": place["streets"], "PROFILE": 3, "COPY": str(tmp_path / "mine.csv"),
                            "OUTPUT": str(tmp_path / "o.gpkg")})
    assert Path(tmp_path / "mine.csv").read_bytes() == (FOLDER / "park.csv").read_bytes()
    run_tool("cptedscore", {"INPUT": place["streets"], "PROFILE": 0, "PROFILE_FILE": str(tmp_path / "mine.csv"),
                            "OUTPUT": str(tmp_path / "o2.gpkg")})


def test_a_new_place_changes_no_other_score(run_tool, place, tmp_path):
    """Fixed anchors: no rank reversal when a place is added."""
    rows = [indicator("maintenance", "care", 0, 4, measure="value", field="cared")]
    given = {"PROFILE": 0, "PROFILE_FILE": write_profile(tmp_path / "p.csv", *rows), "OUTPUT": str(tmp_path / "o.gpkg")}
    run_tool("cptedscore", {**given, "INPUT": place["streets"]})
    before = [r["score"] for r in features(tmp_path / "o.gpkg")]
    layer = QgsVectorLayer(place["streets"], "s", "ogr")
    more = samples.save(tmp_path / "more.gpkg", [f.geometry() for f in layer.getFeatures()] * 2,
                        {"cared": np.array([2.0, 0, 1, 400, -9, 3])}, LINE)
    run_tool("cptedscore", {**given, "INPUT": more})
    assert [r["score"] for r in features(tmp_path / "o.gpkg")][:3] == before


def test_cambridge_streets(run_tool, shared_data, tmp_path):
    """Lights near Cambridge's streets, counted by QGIS itself for comparison."""
    from qgis import processing

    data = str(shared_data("cambridge_ma/cambridge_ma.gpkg"))
    streets, lights = "street_centerlines", "street_lights"
    rows = [indicator("natural_surveillance", "lamps", 0, 5, measure="count", layer="lights", distance=20)]
    result = run_tool("cptedscore", {
        "INPUT": f"{data}|layername={streets}", "PROFILE": 0, "LAYERS": [f"{data}|layername={lights}"],
        "LAYER_NAMES": f"lights = {lights}", "PROFILE_FILE": write_profile(tmp_path / "p.csv", *rows),
        "OUTPUT": str(tmp_path / "o.gpkg"), "INDICATORS": str(tmp_path / "i.gpkg")})
    out = QgsVectorLayer(str(tmp_path / "o.gpkg"), "o", "ogr")
    assert result["PLACES"] == out.featureCount() == 2643
    metric = processing.run("native:reprojectlayer", {"INPUT": f"{data}|layername={lights}", "TARGET_CRS": out.crs(),
                                                      "OUTPUT": "memory:"})["OUTPUT"]
    around = processing.run("native:buffer", {"INPUT": out, "DISTANCE": 20, "SEGMENTS": 60, "OUTPUT": "memory:"})
    counted = processing.run("native:countpointsinpolygon", {"POLYGONS": around["OUTPUT"], "POINTS": metric,
                                                             "FIELD": "k", "OUTPUT": "memory:"})["OUTPUT"]
    expected = np.array([f["k"] for f in counted.getFeatures()])
    values = np.array([r["value"] for r in features(tmp_path / "i.gpkg")])
    assert (values == expected).mean() > 0.995 and abs(values - expected).max() <= 1
