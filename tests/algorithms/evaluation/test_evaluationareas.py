"""Treated, buffer and comparison areas as a user makes them."""

from __future__ import annotations

import json

import numpy as np
import processing
import pytest
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsRectangle,
    QgsVectorLayer,
)

from hotspot_plugin.layers import provenance
from tests.algorithms.evaluation.comparing import EAST, NORTH, null, rows_of
from tests.algorithms.samples import Listener

START = "2023-01-01"


def squares(rows, name="places", size=100.0, more=""):
    """Rows are (x, y, *more) of the lower left corners."""
    layer = QgsVectorLayer(f"Polygon?crs=EPSG:32630&field=name:string{more}", name, "memory")
    features = []
    for k, (x, y, *values) in enumerate(rows):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(EAST + x, NORTH + y, EAST + x + size, NORTH + y + size)))
        feature.setAttributes([f"{name} {k + 1}", *values])
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    layer.updateExtents()
    return layer


def incidents(places, day="2022-01-01", days=365, later=0):
    """Places are (x, y, number), spread evenly over the days in the middle of a square; as many later."""
    layer = QgsVectorLayer("Point?crs=EPSG:32630&field=dt_from:string", "incidents", "memory")
    features = []
    for x, y, number in places:
        for first, count in ((day, number), (START, later)):
            for i in range(count):
                feature = QgsFeature(layer.fields())
                feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(EAST + x + 50, NORTH + y + 50)))
                feature.setAttributes([f"{np.datetime64(first) + i * days // max(count, 1)}T10:00"])
                features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    layer.updateExtents()
    return layer


#: Treated squares with 60 and 40 incidents, far squares with about as many, and some that must not be taken.
TREATED = [(0, 0), (2000, 0)]
OTHERS = [(6000, 0), (8000, 0), (10000, 0), (300, 0), (12000, 0)]
NUMBERS = [(0, 0, 60), (2000, 0, 40), (6000, 0, 58), (8000, 0, 41), (10000, 0, 5), (300, 0, 60), (12000, 0, 60)]


@pytest.fixture
def areas(provider):
    """Return a function that runs the tool on the made-up places."""

    def run(listener=None, treated=None, others=None, points=None, **more):
        given = {"INPUT": treated or squares(TREATED), "INCIDENTS": points or incidents(NUMBERS, later=30),
                 "CANDIDATES": squares(OTHERS, "other") if others is None else others, "START": START,
                 "BEFORE_START": "2022-01-01", "SELECTED_ON": 1, "OUTPUT": "memory:", **more}
        return processing.run("hotspot:evaluationareas", {k: v for k, v in given.items() if v != ""},
                              feedback=listener or QgsProcessingFeedback())

    return run


def test_the_most_alike_are_taken_and_what_cannot_be_is_told(areas):
    result = areas(SCREENED="memory:", OTHER=squares([(12050, 50)], "lights"))
    rows = rows_of(result)
    by_role = {role: [r for r in rows if r["role"] == role] for role in (
        "treated", "control", "treated_displacement", "control_displacement")}
    assert {role: len(found) for role, found in by_role.items()} == dict.fromkeys(by_role, 2)
    assert {(r["pair_id"], r["eval_name"]) for r in by_role["control"]} == {(1, "other 1"), (2, "other 2")}
    assert [r["n_past"] for r in by_role["treated"]] == [60, 40]
    assert {(r["around_id"], r["pair_id"]) for r in by_role["control_displacement"]} == {(3, 1), (4, 2)}
    why = {r["eval_name"]: r["why_out"] for r in rows_of({"OUTPUT": result["SCREENED"]})}
    assert why["other 1"] == "taken" and why["other 3"] == "not needed"
    assert "300 m" in why["other 4"] and "another treatment" in why["other 5"]
    assert (result["TREATED"], result["CONTROL"], result["CANDIDATE_COUNT"], result["USABLE"]) == (2, 2, 5, 3)
    assert (result["TREATED_PAST"], result["CONTROL_PAST"]) == (100, 99)
    year = 365.2425 / 365
    deviation = np.sqrt((np.var([60, 40], ddof=1) + np.var([58, 41, 5], ddof=1)) / 2)
    assert result["SMD_LEVEL"] == pytest.approx((50 - 49.5) / deviation, rel=1e-6)
    assert result["SMD_LEVEL_ALL"] == pytest.approx((50 - 104 / 3) / deviation, rel=1e-6)
    assert [r["level_yr"] for r in by_role["treated"]] == pytest.approx([60 * year, 40 * year])
    assert null(result["SAME_RULE"]) and result["CHOSEN_BY"] == "not by incidents"


def test_nothing_from_the_start_on_matters(areas):
    """Any number of later incidents gives the same areas, pairs and numbers."""
    few, many = areas(), areas(points=incidents(
        [*NUMBERS[:2], (6000, 0, 58), (8000, 0, 41), (10000, 0, 5), (300, 0, 60), (12000, 0, 60)], later=500))
    assert rows_of(few) == rows_of(many)
    assert {k: few[k] for k in ("SMD_LEVEL", "SMD_TREND", "SUMMARY")} == {
        k: many[k] for k in ("SMD_LEVEL", "SMD_TREND", "SUMMARY")}
    for name, day in (("BEFORE_END", "2023-01-01"), ("SELECTED_TO", "2023-02-01")):
        more = {"SELECTED_ON": 2, "SELECTED_FROM": "2022-06-01"} if name == "SELECTED_TO" else {}
        with pytest.raises(QgsProcessingException, match="start"):
            areas(**more, **{name: day})


def test_rings_keep_off_each_other_and_other_treatments(areas):
    """The rings of two squares 150 m apart share the gap evenly; another treatment is cut out."""
    treated = squares([(0, 0), (250, 0)])
    result = areas(treated=treated, RING_DISTANCE=100, OTHER=squares([(-100, 0)], "lights"), OTHER_BUFFER=0,
                   points=incidents([(0, 0, 60), (250, 0, 40), *NUMBERS[2:5], (12000, 0, 60)]))
    shapes = {f["around_id"]: f.geometry() for f in result["OUTPUT"].getFeatures()
              if f["role"] == "treated_displacement"}
    whole = 4 * 100 * 100 + np.pi * 100**2
    assert shapes[1].intersection(shapes[2]).area() < 1
    middle = QgsGeometry.fromRect(QgsRectangle(EAST + 100, NORTH, EAST + 250, NORTH + 100))
    for k in (1, 2):
        assert shapes[k].intersection(middle).area() == pytest.approx(7500, rel=0.15)
    # the left one lost the 100 x 100 m beside it, both the overlap of 50 x 100 m and of its round ends
    lost = QgsGeometry.fromRect(QgsRectangle(EAST - 100, NORTH, EAST, NORTH + 100))
    assert shapes[1].intersection(lost).area() < 1
    assert result["RING_CUT"] == pytest.approx(1 - (shapes[1].area() + shapes[2].area()) / (2 * whole), abs=0.01)
    every = list(result["OUTPUT"].getFeatures())
    total = sum(f.geometry().area() for f in every)
    assert QgsGeometry.unaryUnion([f.geometry() for f in every]).area() == pytest.approx(total, rel=1e-6)


def test_rings_along_streets(areas):
    """A street of 1 km through the square, 20 m to each side: 150 m on both ends and no further."""
    streets = QgsVectorLayer("LineString?crs=EPSG:32630", "streets", "memory")
    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromPolylineXY([QgsPointXY(EAST - 500, NORTH + 50),
                                                    QgsPointXY(EAST + 600, NORTH + 50)]))
    streets.dataProvider().addFeatures([feature])
    listener = Listener()
    result = areas(listener, STREETS=streets, STREET_DEPTH=20)
    ring = next(f.geometry() for f in result["OUTPUT"].getFeatures() if f["around_id"] == 1)
    box = ring.boundingBox()
    # what lies within 20 m of the area counts as at it
    assert box.xMinimum() == pytest.approx(EAST - 190, abs=11) and box.xMaximum() == pytest.approx(EAST + 290, abs=11)
    assert box.height() == pytest.approx(40, abs=0.5)
    assert any("3 areas have no street" in text for text in listener.warnings)


def test_the_same_rule(areas):
    """Areas chosen for their many incidents are compared with such as the rule would have chosen too."""
    listener = Listener()
    result = areas(listener, SELECTED_ON=2, SCREENED="memory:", others=squares([*OTHERS, (14000, 0)], "other"),
                   points=incidents([*NUMBERS, (14000, 0, 39)]))
    why = {r["eval_name"]: r["why_out"] for r in rows_of({"OUTPUT": result["SCREENED"]})}
    assert "days of choice" in why["other 3"] and "days of choice" in why["other 6"]
    assert result["SAME_RULE"] == 1 and (result["CHOSEN_FROM"], result["CHOSEN_TO"]) == ("2022-01-01", "2022-12-31")
    assert "by the same rule" in result["SUMMARY"]
    given = areas(listener, SELECTED_ON=2, AS_GIVEN=True)
    assert given["SAME_RULE"] == 0 and given["CONTROL"] == 5
    assert any("fewer incidents on the days of choice" in text for text in listener.warnings)
    assert any("1 comparison areas as given lie within" in text for text in listener.warnings)
    unknown = Listener()
    areas(unknown, SELECTED_ON=0)
    assert any("not known how the treated areas were chosen" in text for text in unknown.warnings)
    record = json.loads(result["PROVENANCE"])
    assert provenance.days_of_choice(record) == (np.datetime64("2022-01-01"), np.datetime64("2022-12-31"))
    assert provenance.chosen_alike(record) and not provenance.chosen_by_count(json.loads(areas()["PROVENANCE"]))


def test_a_treated_area_without_one_alike_takes_no_part(areas):
    points = incidents([(0, 0, 200), *NUMBERS[1:]])
    listener = Listener()
    result = areas(listener, points=points, CALIPER=0.5)
    assert result["WITHOUT_PARTNER"] == 1 and [null(r["role"]) for r in rows_of(result)[:2]] == [True, False]
    assert any("take no part" in text for text in listener.warnings)
    stays = areas(points=points, CALIPER=0.5, UNMATCHED=1)
    assert [r["role"] for r in rows_of(stays)[:2]] == ["treated", "treated"]


def test_areas_of_another_size_are_told(areas):
    listener = Listener()
    areas(listener, others=squares(OTHERS[:3], "other", size=60.0))
    assert any("0.4 ha of ground, a treated one 1.0 ha" in text for text in listener.warnings), listener.warnings
    same = Listener()
    areas(same)
    assert not any("of ground" in text for text in same.warnings)


def test_cells_where_no_layer_is_given(areas):
    listener = Listener()
    result = areas(listener, others="")
    assert any("cells of 100 m" in text for text in listener.infos)
    assert {r["n_past"] for r in rows_of(result) if r["role"] == "control"} <= {58, 41, 60, 40}


def test_plan_and_what_comes_after(areas, provider, tmp_path):
    """The areas go into the difference as they are, which knows them again by the plan and the days of choice."""
    plan, layer = str(tmp_path / "plan.json"), str(tmp_path / "areas.gpkg")
    points = incidents(NUMBERS, later=30)
    result = areas(points=points, OUTPUT=layer, PLAN_OUT=plan, SELECTED_ON=2, OUTCOME="theft", AFTER_MONTHS=12,
                   REPORT=str(tmp_path / "areas.html"))
    written = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    assert written["after_start"] == START and written["roles"] == [2, 2, 2, 2] and written["outcome"] == "theft"
    page = (tmp_path / "areas.html").read_text(encoding="utf-8")
    assert "Largest difference" in page and "A plan was written" in page and result["SUMMARY"][:60] in page
    listener = Listener()
    given = {"INPUT": layer, "INCIDENTS": points, "BEFORE_START": "2022-01-01", "BEFORE_END": "2022-12-31",
             "AFTER_START": "2023-01-01", "AFTER_END": "2023-12-31", "PLAN": plan, "OUTPUT": "memory:",
             "REPORT": str(tmp_path / "difference.html")}
    processing.run("hotspot:weighteddisplacement", given, feedback=listener)
    assert "Areas and periods are as planned." in (tmp_path / "difference.html").read_text(encoding="utf-8")
    assert any("(and the comparison areas) were chosen for their many" in text for text in listener.warnings)
    with pytest.raises(QgsProcessingException, match="PLAN_OUT.*exists"):
        areas(points=points, PLAN_OUT=plan)


@pytest.mark.parametrize("more, name, text", [
    ({"START": "2021-06-01", "BEFORE_START": ""}, "BEFORE_START", "no time before"),
    ({"BEFORE_START": "2022-12-20"}, "BEFORE_START", "too few"),
    ({"SELECTED_FROM": "2022-01-01"}, "SELECTED_ON", "Days of choice are given"),
    ({"SELECTED_ON": 2, "SELECTED_FROM": "2022-01-01"}, "SELECTED_TO", "both days"),
    ({"others": "", "AS_GIVEN": True}, "CANDIDATES", "none are given"),
    ({"MATCH_FIELDS": "name"}, "MATCH_FIELDS", "number"),
    ({"EXCLUSION": 20000}, "CANDIDATES", "5 too near"),
    ({"CALIPER": 0.01, "others": [OTHERS[2]]}, "CALIPER", "standard deviations"),
])
def test_refusals(areas, more, name, text):
    if isinstance(more.get("others"), list):
        more = {**more, "others": squares(more["others"], "other")}
    with pytest.raises(QgsProcessingException, match=text) as caught:
        areas(**more)
    assert name in str(caught.value)


def test_cancel(areas):
    feedback = QgsProcessingFeedback()
    feedback.cancel()
    with pytest.raises(QgsProcessingException, match="[Cc]ancel"):
        areas(feedback)


def test_vancouver(provider, shared_data, tmp_path):
    """Some of the busiest cells by thefts from vehicles of 2023, against others; 2024 is not looked at."""
    import pandas as pd

    folder, parts = shared_data("vancouver"), []
    for year in (2023, 2024):
        parts.append(pd.read_csv(folder / f"vpd_crime_{year}.csv.gz"))
    data = pd.concat(parts)
    data = data[(data.X > 0) & data.TYPE.str.contains("Theft from Vehicle")]
    days = pd.to_datetime(data[["YEAR", "MONTH", "DAY"]]).dt.strftime("%Y-%m-%d")
    layer = QgsVectorLayer("Point?crs=EPSG:26910&field=dt_from:string", "thefts", "memory")
    features = []
    for x, y, day in zip(data.X, data.Y, days):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(x, y)))
        feature.setAttributes([f"{day}T12:00"])
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    cells = processing.run("native:creategrid", {
        "TYPE": 2, "EXTENT": layer.extent(), "HSPACING": 200, "VSPACING": 200, "CRS": layer.crs(),
        "OUTPUT": str(tmp_path / "cells.gpkg")})["OUTPUT"]
    counted = processing.run("native:countpointsinpolygon", {
        "POLYGONS": cells, "POINTS": processing.run("native:extractbyexpression", {
            "INPUT": layer, "EXPRESSION": "left(dt_from, 4) = '2023'", "OUTPUT": "memory:"})["OUTPUT"],
        "FIELD": "n", "OUTPUT": "memory:"})["OUTPUT"]
    numbers = sorted((f["n"] for f in counted.getFeatures()), reverse=True)
    top = processing.run("native:extractbyexpression", {
        "INPUT": counted, "EXPRESSION": f"n >= {numbers[149]} and $id % 8 = 0", "OUTPUT": "memory:"})["OUTPUT"]
    result = processing.run("hotspot:evaluationareas", {
        "INPUT": top, "INCIDENTS": layer, "START": "2024-01-01", "CANDIDATES": counted, "SELECTED_ON": 2,
        "RING_DISTANCE": 50, "EXCLUSION": 100, "OUTPUT": "memory:"})
    rows = [r for r in rows_of(result) if r["role"] in ("treated", "control")]
    assert result["SAME_RULE"] == 1 and result["TREATED"] >= 5 and abs(result["SMD_LEVEL"]) < 0.5
    assert min(r["n_past"] for r in rows if r["role"] == "control") >= min(f["n"] for f in top.getFeatures())
    assert sum(r["n_past"] for r in rows if r["role"] == "treated") == result["TREATED_PAST"]
