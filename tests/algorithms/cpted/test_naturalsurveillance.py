"""Overlooked streets as a user runs it: a street between houses, hours, light, refusals."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from qgis.core import QgsProcessingException, QgsProcessingFeedback

from tests.algorithms.cpted.test_visibility import layer_of, null, rows_of
from tests.algorithms.samples import Listener
from tests.layers.test_rasters import raster

#: Houses of 10 x 10 m on the north side of a street; the second is turned away behind a wall.
HOUSES = ["POLYGON((0 10,10 10,10 20,0 20,0 10))", "POLYGON((40 10,50 10,50 20,40 20,40 10))"]
STREET = "LINESTRING(0 0,50 0)"
WALL = "LINESTRING(30 5,60 5)"


def streets(*shapes):
    return layer_of("LineString", shapes, [[f"S{i}"] for i in range(len(shapes))], "&field=name:string")


def spots(shapes, hours=None):
    if hours is None:
        return layer_of("Point", [f"POINT({x} {y})" for x, y in shapes])
    return layer_of("Point", [f"POINT({x} {y})" for x, y in shapes], [[h] for h in hours], "&field=hours:string")


@pytest.fixture
def overlook(run_tool):
    def run(places, listener=None, **more):
        return run_tool("naturalsurveillance", {"INPUT": places, "OUTPUT": "TEMPORARY_OUTPUT", **more},
                        feedback=listener or QgsProcessingFeedback())

    return run


# --- counts -----------------------------------------------------------------------------------
def test_windows_of_a_street_by_hand(overlook):
    windows = spots([(5, 9.99), (45, 9.99), (5, 17)])  # the last is inside its house, near the rear wall
    result = overlook(streets(STREET, "LINESTRING(0 500,50 500)"), WINDOWS=windows,
                      OBSTACLES=layer_of("Polygon", HOUSES), MORE_OBSTACLES=layer_of("LineString", [WALL]),
                      RANGE=15, SPACING=10, POSITIONS="TEMPORARY_OUTPUT")
    seen, far = rows_of(result["OUTPUT"])
    # the first window sees x = 5 and 15 (at 10.0 and 14.1 m); the second is behind the wall
    assert (seen["n_pos"], seen["n_near"], seen["n_window"], seen["n_watch"]) == (5, 2, 1, 1)
    assert seen["seen_day"] == pytest.approx(2 / 5) and seen["watch_day"] == pytest.approx(2 / 5)
    assert seen["day_class"] == "little overlooked" and seen["day_code"] == 1 and seen["name"] == "S0"
    assert seen["view_share"] == pytest.approx(1 / 2)
    assert far["watch_day"] == 0.0 and far["day_class"] == "not overlooked" and null(far["view_share"])
    positions = rows_of(result["POSITIONS"])
    assert [row["n_watch"] for row in positions[:5]] == [1, 1, 0, 0, 0] and positions[5]["place_row"] == 2
    assert (result["MOVED"], result["BLIND"], result["WATCHERS"]) == (1, 0, 3)
    assert result["NOT_DAY"] == 1 and result["HIDDEN_SHARE"] == pytest.approx(0.5)


def test_buildings_stand_for_their_windows_and_hide_the_view(overlook):
    """A 10 x 10 m house has 8 windows of 5 m; the two of the front see a point before it, none one behind another."""
    houses = layer_of("Polygon", [HOUSES[0]])
    place = spots([(5, 0)])
    (row,) = rows_of(overlook(place, WINDOWS=houses)["OUTPUT"])
    assert row["n_window"] == 2 and row["n_near"] == 8 and row["day_class"] == "overlooked"
    twice = overlook(place, WINDOWS=houses, OBSTACLES=layer_of("Polygon", [HOUSES[0]]))  # the same house given twice
    assert rows_of(twice["OUTPUT"])[0]["n_window"] == 2
    between = layer_of("Polygon", ["POLYGON((-5 3,15 3,15 6,-5 6,-5 3))"])
    (row,) = rows_of(overlook(place, WINDOWS=houses, OBSTACLES=between)["OUTPUT"])
    assert row["n_window"] == 0 and row["view_share"] == 0.0


def test_party_walls_have_no_windows(overlook):
    row_houses = layer_of("Polygon", [HOUSES[0], "POLYGON((10 10,20 10,20 20,10 20,10 10))"])
    result = overlook(spots([(10, 0)]), WINDOWS=row_houses, FACADE=0)
    assert result["BLIND"] == 4 and result["WATCHERS"] == 12
    assert rows_of(result["OUTPUT"])[0]["n_window"] == 4


def test_areas_and_what_lies_inside_buildings(overlook):
    park = layer_of("Polygon", ["POLYGON((0 0,40 0,40 40,0 40,0 0))", "POLYGON((11 11,19 11,19 19,11 19,11 11))"])
    hall = layer_of("Polygon", ["POLYGON((10 10,20 10,20 20,10 20,10 10))"])
    listener = Listener()
    result = overlook(park, listener, ACTIVE=spots([(30, 30)]), OBSTACLES=hall, SPACING=10)
    whole, within = rows_of(result["OUTPUT"])
    assert whole["n_pos"] == 15 and whole["n_active"] == 1
    assert within["n_pos"] == 0 and null(within["watch_day"]) and within["day_class"] == "not looked at"
    assert null(within["day_code"]) and null(within["n_watch"])
    assert (result["PLACES"], result["JUDGED"]) == (2, 1)
    assert any("inside obstacles altogether" in text for text in listener.warnings)


# --- day and night --------------------------------------------------------------------------------
def test_hours_by_day_and_by_night(overlook):
    listener = Listener()
    shops = spots([(5, 5), (6, 5), (7, 5)], ["08:00-18:00", "20:00-02:00", "ask Bob"])
    result = overlook(spots([(5, 0)]), listener, ACTIVE=shops, ACTIVE_HOURS="hours")
    (row,) = rows_of(result["OUTPUT"])
    assert row["watch_day"] == pytest.approx(10 / 14 + 0 + 1) and row["watch_ngt"] == pytest.approx(0 + 6 / 10 + 1)
    assert any("ask Bob" in text for text in listener.warnings)
    assert any("No light is given" in text for text in listener.warnings) and null(row["lit_share"])


def test_unlit_views_count_less(overlook):
    place = spots([(5, 0), (200, 0)])
    who = spots([(5, 5), (200, 5)])
    lamp = spots([(5, -3)])
    listener = Listener()
    dark = overlook(place, listener, ENTRANCES=who, LIGHTS=lamp, UNLIT_WEIGHT=0.1)
    assert any("all owners" in text for text in listener.warnings)
    lit, unlit = rows_of(dark["OUTPUT"])
    assert (lit["watch_ngt"], unlit["watch_ngt"]) == (1.0, pytest.approx(0.1))
    assert (lit["seen_ngt"], unlit["seen_ngt"]) == (1.0, 0.0) and dark["LIT_SHARE"] == 0.5
    assert (lit["ngt_class"], unlit["ngt_class"]) == ("overlooked", "little overlooked")
    lax = overlook(place, ENTRANCES=who, LIGHTS=lamp, UNLIT_WEIGHT=0.1, LIMITS="0.1, 0.5")
    assert [row["ngt_class"] for row in rows_of(lax["OUTPUT"])] == ["well overlooked", "overlooked"]


def test_light_from_a_raster_and_unknown_is_not_dark(overlook, tmp_path):
    lux = raster(tmp_path / "lux.tif", np.array([[5.0, 0.2, -9999.0]]), (430_000.0, 5_960_005.0), 10.0)
    place = spots([(5, 0), (15, 0), (25, 0)])
    listener = Listener()
    result = overlook(place, listener, ENTRANCES=spots([(5, 5), (15, 5), (25, 5)]), LUX=lux, UNLIT_WEIGHT=0.0)
    rows = rows_of(result["OUTPUT"])
    assert rows[0]["lit_share"] == 1.0 and rows[1]["lit_share"] == 0.0 and null(rows[2]["lit_share"])
    assert rows[0]["watch_ngt"] == 3.0 and rows[1]["watch_ngt"] == 0.0 and null(rows[2]["watch_ngt"])
    assert rows[2]["ngt_class"] == "not looked at" and rows[2]["watch_day"] == 3.0
    assert any("not known" in text for text in listener.warnings)
    assert json.loads(result["PROVENANCE"])["parameters"]["LUX"]["file"] == "lux.tif"
    feet = raster(tmp_path / "feet.tif", np.array([[0.1, 0.09, -9999.0]]), (430_000.0, 5_960_005.0), 10.0, unit="fc")
    converted = overlook(place, ENTRANCES=spots([(5, 5)]), LUX=feet)  # 1.08 and 0.97 lux
    assert [row["lit_share"] for row in rows_of(converted["OUTPUT"])][:2] == [1.0, 0.0]
    filled = overlook(place, ENTRANCES=spots([(25, 5)]), LUX=lux, LIGHTS=spots([(25, 1)]), RANGE=5.5)
    assert [row["lit_share"] for row in rows_of(filled["OUTPUT"])] == [1.0, 0.0, 1.0]


# --- doubts and refusals ----------------------------------------------------------------------------
def test_doubts_are_told(overlook):
    listener = Listener()
    overlook(streets(STREET), listener, ENTRANCES=spots([(5, 5)]))
    text = " ".join(listener.warnings)
    assert "sight is overstated" in text and "No windows are given" in text


def test_refusals_name_the_parameter(overlook):
    with pytest.raises(QgsProcessingException, match="WINDOWS.*Nobody is given"):
        overlook(streets(STREET))
    with pytest.raises(QgsProcessingException, match="NIGHT.*20:00-06:00"):
        overlook(streets(STREET), ENTRANCES=spots([(5, 5)]), NIGHT="dark")
    for wrong in ("3, 1", "many", "0, 2", "1"):
        with pytest.raises(QgsProcessingException, match="LIMITS.*1, 3"):
            overlook(streets(STREET), ENTRANCES=spots([(5, 5)]), LIMITS=wrong)
    with pytest.raises(QgsProcessingException, match="SPACING.*larger spacing"):
        overlook(streets("LINESTRING(0 0,9000000 0)"), ENTRANCES=spots([(5, 5)]), SPACING=1)


# --- the report, and real places ----------------------------------------------------------------------
def test_cambridge_with_its_report(run_tool, shared_data, tmp_path):
    """Stops and day care along all streets among walls and fences; the tables add up."""
    city = shared_data("cambridge_ma/cambridge_ma.gpkg")
    result = run_tool("naturalsurveillance", {
        "INPUT": f"{city}|layername=street_centerlines", "NAME_FIELD": "Street",
        "ENTRANCES": f"{city}|layername=day_care", "ACTIVE": f"{city}|layername=bus_shelters",
        "OBSTACLES": f"{city}|layername=fences", "MORE_OBSTACLES": f"{city}|layername=walls",
        "LIGHTS": f"{city}|layername=street_lights", "OUTPUT": str(tmp_path / "out.gpkg"),
        "REPORT": str(tmp_path / "report.html")})
    rows = rows_of(result["OUTPUT"])
    assert len(rows) == result["PLACES"] == 2643 and result["WATCHERS"] == 155
    assert sum(row["n_pos"] for row in rows) == result["POSITION_COUNT"] > 25_000
    assert result["NOT_DAY"] == sum(row["day_code"] == 0 for row in rows)
    assert 0.005 < result["SEEN_NIGHT"] < result["SEEN_DAY"] < 0.1  # stops and day care see little of a city
    assert all(row["n_watch"] <= row["n_near"] for row in rows)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert result["SUMMARY"].split(".")[0] in page.replace("\u00a0", " ") and "data:image/png" in page
    with open(tmp_path / "report_classes.csv", encoding="utf-8-sig") as file:
        table = list(csv.reader(file))
    assert sum(int(cell) for line in table[1:] for cell in line[1:]) == 2643


def test_stops_when_asked(run_tool, shared_data):
    city = shared_data("cambridge_ma/cambridge_ma.gpkg")
    feedback = QgsProcessingFeedback()
    feedback.progressChanged.connect(lambda value: feedback.cancel() if value > 32 else None)
    with pytest.raises(QgsProcessingException, match="cancelled"):
        run_tool("naturalsurveillance", {
            "INPUT": f"{city}|layername=street_centerlines", "ENTRANCES": f"{city}|layername=utility_poles",
            "OBSTACLES": f"{city}|layername=fences", "OUTPUT": "TEMPORARY_OUTPUT"}, feedback=feedback)
