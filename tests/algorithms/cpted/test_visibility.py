"""Visible area as a user runs it: known rooms, buildings, nothing dropped, refusals that help."""

from __future__ import annotations

import json
import math

import pytest
from qgis.core import QgsFeature, QgsGeometry, QgsProcessingException, QgsProcessingFeedback, QgsVectorLayer

from tests.algorithms.samples import Listener

EAST, NORTH = 430_000.0, 5_960_000.0
ROOM = "LINESTRING(-5 -5,5 -5,5 5,-5 5,-5 -5)"


def layer_of(kind, shapes, rows=None, fields="", crs="EPSG:32630"):
    layer = QgsVectorLayer(f"{kind}?crs={crs}{fields}", "layer", "memory")
    features = []
    for i, text in enumerate(shapes):
        feature = QgsFeature(layer.fields())
        if text:
            shape = QgsGeometry.fromWkt(text)
            shape.translate(EAST, NORTH)
            feature.setGeometry(shape)
        feature.setAttributes(list(rows[i]) if rows else [])
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    layer.updateExtents()
    return layer


def points(*shapes):
    return layer_of("Point", [f"POINT({x} {y})" for x, y in shapes], [[i] for i in range(len(shapes))],
                    "&field=id:integer")


@pytest.fixture
def look(run_tool):
    def run(viewpoints, obstacles, listener=None, **more):
        return run_tool("visibility", {"INPUT": viewpoints, "OBSTACLES": obstacles, "RANGE": 20,
                                       "OUTPUT": "TEMPORARY_OUTPUT", **more},
                        feedback=listener or QgsProcessingFeedback())

    return run


def rows_of(layer):
    layer = layer if isinstance(layer, QgsVectorLayer) else QgsVectorLayer(layer, "out", "ogr")
    names = layer.fields().names()
    return [{**dict(zip(names, f.attributes())), "shape": f.geometry()} for f in layer.getFeatures()]


def null(value):
    return value is None or str(value) == "NULL"


# --- numbers ------------------------------------------------------------------------------------
def test_a_room_and_a_wall_in_it(look):
    room = layer_of("LineString", [ROOM])
    (row,) = rows_of(look(points((0, 0)), room)["OUTPUT"])
    assert row["area"] == pytest.approx(100.0, abs=1e-6) and row["perimeter"] == pytest.approx(40.0, abs=1e-6)
    assert row["occlusiv"] == 0.0 and row["max_view"] == pytest.approx(math.sqrt(50)) and row["id"] == 0
    assert row["open_share"] == pytest.approx(100 / (400 * math.pi)) and null(row["view_note"])
    wall = layer_of("LineString", ["LINESTRING(2 -1,2 1)"])
    (row,) = rows_of(look(points((0, 0)), room, MORE_OBSTACLES=wall)["OUTPUT"])
    assert row["area"] == pytest.approx(89.5, abs=1e-6)
    assert row["shape"].area() == pytest.approx(89.5, abs=1e-6) and row["shape"].isGeosValid()
    assert row["occlusiv"] == pytest.approx(2 * math.hypot(3, 1.5))


def test_the_arc_of_the_range_is_counted_exactly(look):
    result = look(points((0, 0)), layer_of("LineString", ["LINESTRING(900 0,900 9)"]))
    (row,) = rows_of(result["OUTPUT"])
    assert row["area"] == pytest.approx(400 * math.pi, rel=1e-12)
    assert 0 < 1 - row["shape"].area() / row["area"] < 0.001
    assert result["MEDIAN_OPEN"] == pytest.approx(1.0) and result["LONGEST_VIEW"] == 20.0


def test_along_lines_every_spacing_metres(look):
    streets = layer_of("MultiLineString", ["MULTILINESTRING((0 0,40 0),(40 0,40 10))", "LINESTRING(100 0,103 0)"],
                       [["Main"], ["Short"]], "&field=name:string")
    result = look(streets, layer_of("LineString", [ROOM]), SPACING=10, VIEWPOINTS="TEMPORARY_OUTPUT",
                  LINES="TEMPORARY_OUTPUT")
    rows = rows_of(result["OUTPUT"])
    assert [row["name"] for row in rows] == ["Main"] * 5 + ["Short"] and result["VIEWPOINT_COUNT"] == 6
    assert [row["at_m"] for row in rows] == pytest.approx([5, 15, 25, 35, 45, 1.5])
    spots = rows_of(result["VIEWPOINTS"])
    assert spots[4]["shape"].asPoint().y() - NORTH == pytest.approx(5.0)
    assert [row["area"] for row in spots] == [row["area"] for row in rows]
    main, short = rows_of(result["LINES"])
    assert (main["name"], main["n_pos"], short["n_pos"]) == ("Main", 5, 1)
    for name in ("area", "open_share", "occlusiv"):
        assert main[name] == pytest.approx(sum(row[name] for row in rows[:5]) / 5)
    assert main["open_min"] == min(row["open_share"] for row in rows[:5])
    assert main["max_view"] == max(row["max_view"] for row in rows[:5])


def test_means_leave_out_what_is_inside_and_need_lines(look):
    house = layer_of("Polygon", [HOUSE])
    result = look(layer_of("LineString", ["LINESTRING(5 -30,5 10)", "LINESTRING(1 5,9 5)"]), house, SPACING=10,
                  LINES="TEMPORARY_OUTPUT")
    through, within = rows_of(result["LINES"])
    assert through["n_pos"] == 3 and through["area"] > 0  # the fourth is inside the house
    assert within["n_pos"] == 0 and null(within["area"]) and null(within["open_min"]) and null(within["max_view"])
    with pytest.raises(QgsProcessingException, match="LINES.*holds points"):
        look(points((0, -5)), house, LINES="TEMPORARY_OUTPUT")


# --- where a viewpoint stands -------------------------------------------------------------------
HOUSE = "POLYGON((0 0,10 0,10 10,0 10,0 0))"


def test_inside_a_building_the_row_stays_and_is_told(look):
    listener = Listener()
    result = look(points((5, 2), (5, -4), (0, 5)), layer_of("Polygon", [HOUSE]), listener)
    inside, before, on = rows_of(result["OUTPUT"])
    assert inside["shape"].isNull() and null(inside["area"]) and inside["view_note"] == "inside an obstacle"
    assert before["area"] > 0 and null(before["view_note"])
    assert on["view_note"] == "on an obstacle"
    assert on["area"] == pytest.approx(200 * math.pi, rel=0.01)  # a wall hides its own half
    assert (result["INSIDE"], result["SEEING"], result["ON_WALL"], result["MOVED"]) == (1, 2, 1, 0)
    assert any("inside an obstacle" in text and "row 1" in text for text in listener.warnings)
    assert "1 more" in result["SUMMARY"]


def test_a_viewpoint_may_step_out_of_its_building(look):
    result = look(points((5, 2)), layer_of("Polygon", [HOUSE]), MOVE_OUT=5)
    (row,) = rows_of(result["OUTPUT"])
    assert row["view_note"] == "moved out of an obstacle" and result["MOVED"] == 1 and result["INSIDE"] == 0
    assert row["area"] == pytest.approx(200 * math.pi, rel=0.01)
    assert row["shape"].boundingBox().yMaximum() - NORTH < 0.05  # past the corners, one centimetre before the wall


def test_on_a_fence_one_sees_to_both_sides(look):
    result = look(points((0, 0)), layer_of("LineString", ["LINESTRING(0 -3,0 3)", ROOM]))
    (row,) = rows_of(result["OUTPUT"])
    assert row["area"] == pytest.approx(100.0, abs=1e-6) and row["view_note"] == "on an obstacle"


def test_low_obstacles_hide_nothing(look):
    listener = Listener()
    fences = layer_of("LineString", [ROOM, "LINESTRING(2 -1,2 1)", "LINESTRING(-2 -1,-2 1)"], [[3.0], [0.9], [None]],
                      "&field=height:double")
    result = look(points((0, 0)), fences, listener, HEIGHT_FIELD="height")
    (row,) = rows_of(result["OUTPUT"])
    assert row["area"] == pytest.approx(89.5, abs=1e-6) and result["OBSTACLE_COUNT"] == 2
    assert any("no height" in text for text in listener.warnings)


# --- refusals -----------------------------------------------------------------------------------
def test_refusals_name_the_parameter(look):
    room = layer_of("LineString", [ROOM])
    with pytest.raises(QgsProcessingException):
        look(points((0, 0)), room, RANGE=0)
    with pytest.raises(QgsProcessingException):
        look(points((0, 0)), points((1, 1)))
    far = layer_of("LineString", ["LINESTRING(0 0,2000000 0)"])
    with pytest.raises(QgsProcessingException, match="SPACING.*larger spacing"):
        look(far, room, SPACING=1)


def test_without_buildings_the_doubt_is_told(look):
    listener = Listener()
    look(points((0, 0)), layer_of("LineString", [ROOM]), listener)
    assert any("buildings" in text for text in listener.warnings)
    listener = Listener()
    look(points((0, -3)), layer_of("Polygon", [HOUSE]), listener)
    assert not listener.warnings


def test_rows_without_a_shape_are_counted(look):
    layer = layer_of("Point", ["POINT(0 0)", None], [[1], [2]], "&field=id:integer")
    result = look(layer, layer_of("LineString", [ROOM]))
    entry = json.loads(result["PROVENANCE"])["inputs"]["INPUT"]
    assert entry["rows"] == 2 and entry["used"] == 1 and entry["left_out"][0]["count"] == 1


# --- real places ----------------------------------------------------------------------------------
def test_cambridge(run_tool, shared_data, tmp_path):
    """Streets among 30,741 walls and fences: all rows, all valid, all as large as they say."""
    city = shared_data("cambridge_ma/cambridge_ma.gpkg")
    result = run_tool("visibility", {
        "INPUT": f"{city}|layername=public_schools", "OBSTACLES": f"{city}|layername=fences",
        "MORE_OBSTACLES": f"{city}|layername=walls", "RANGE": 100, "OUTPUT": str(tmp_path / "seen.gpkg")})
    assert result["OBSTACLE_COUNT"] == 30_741 and result["VIEWPOINT_COUNT"] == 18
    for row in rows_of(result["OUTPUT"]):
        assert row["shape"].isGeosValid() and row["max_view"] <= 100.0
        assert row["shape"].area() == pytest.approx(row["area"], rel=0.001)
        assert 0 < row["open_share"] <= 1.0
    made = json.loads(result["PROVENANCE"])
    assert made["crs"] == "EPSG:32619"


def test_stops_within_a_second(run_tool, shared_data):
    import time

    city = shared_data("cambridge_ma/cambridge_ma.gpkg")

    class Impatient(QgsProcessingFeedback):
        asked = 0.0

        def setProgress(self, value):  # noqa: N802
            if value > 12 and not self.asked:
                self.asked = time.perf_counter()
                self.cancel()

    feedback = Impatient()
    with pytest.raises(QgsProcessingException, match="cancelled"):
        run_tool("visibility", {
            "INPUT": f"{city}|layername=street_centerlines", "OBSTACLES": f"{city}|layername=fences",
            "SPACING": 10, "RANGE": 200, "OUTPUT": "TEMPORARY_OUTPUT"}, feedback=feedback)
    assert feedback.asked and time.perf_counter() - feedback.asked < 1.5
