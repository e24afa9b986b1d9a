"""Maintenance and disorder as a user runs it: counts by hand, repair, audits, refusals, two cities."""

from __future__ import annotations

import csv
import gzip
import shutil

import numpy as np
import pandas as pd
import pytest
from qgis.core import QgsProcessingException, QgsProcessingFeedback, QgsVectorLayer

from tests.algorithms.cpted.test_visibility import layer_of, null, rows_of
from tests.algorithms.samples import Listener

STREETS = ["LINESTRING(0 0,200 0)", "LINESTRING(0 30,200 30)", "LINESTRING(0 900,100 900)"]
FIELDS = "&field=kind:string&field=opened:string&field=closed:string&field=tags:integer"


def streets(seen=(None, None, None)):
    rows = [[f"S{i}", mark] for i, mark in enumerate(seen)]
    return layer_of("LineString", STREETS, rows, "&field=name:string&field=seen:double")


def reports(*rows):
    """Rows of x, y, kind, opened, closed, tags."""
    return layer_of("Point", [f"POINT({x} {y})" for x, y, *_ in rows], [list(row) for _, _, *row in rows], FIELDS)


#: The first is at S0 alone, the second between S0 and S1, the third came back where the first was repaired.
SOME = [(10, -5, "graffiti", "2024-01-01", "2024-01-11", 3), (50, 15, "litter", "2024-02-01", None, 1),
        (12, -5, "graffiti", "2024-01-20", "2024-01-22", 2), (50, 500, "graffiti", "2024-03-31", None, 1),
        (90, 40, "graffiti", "2024-04-30", "2024-05-20", 4)]
DATED = {"DATE_FIELD": "opened", "CLOSED_FIELD": "closed", "CATEGORY_FIELD": "kind"}


@pytest.fixture
def maintain(run_tool):
    def run(places, listener=None, **more):
        return run_tool("maintenance", {"INPUT": places, "OUTPUT": "TEMPORARY_OUTPUT", **more},
                        feedback=listener or QgsProcessingFeedback())

    return run


# --- definition -------------------------------------------------------------------------------
def test_counts_recency_open_and_repair_by_hand(maintain):
    listener = Listener()
    result = maintain(streets(), listener, REPORTS=reports(*SOME), **DATED, AS_OF="2024-05-01", HALF_LIFE=90,
                      WEIGHT_FIELD="tags")
    first, second, third = rows_of(result["OUTPUT"])
    assert [row["n_rep"] for row in (first, second, third)] == [3, 2, 0]
    assert (first["rep_sum"], second["rep_sum"]) == (6, 5) and first["top_kind"] == "graffiti"
    ages = np.array([121, 90, 102])
    assert first["recent"] == pytest.approx((np.array([3, 1, 2]) * 0.5 ** (ages / 90)).sum())
    assert first["rec_dens"] == pytest.approx(first["recent"] / 2)
    # repaired on 20 May: still open on 1 May
    assert (first["n_open"], first["open_max"], first["n_fixed"]) == (1, 90, 2)
    assert (second["n_open"], second["open_max"], second["n_fixed"]) == (2, 90, 0) and null(second["fix_days"])
    assert first["fix_days"] == 10 and null(third["open_max"])
    # repaired after 10 days, reported again 9 days later 2 m away; the second repair held
    assert (first["again_sh"], first["again_of"]) == (0.5, 2)
    assert (result["REPORTS_USED"], result["REPORTS_NEAR"], result["SHARED"], result["OPEN"]) == (5, 4, 1, 3)
    assert result["AGAIN_SHARE"] == 0.5 and result["AS_OF_USED"] == "2024-05-01"
    assert third["mnt_class"] == "nothing reported" and third["mnt_code"] == 7
    assert any("at more than one place" in text for text in listener.warnings)
    assert any("give ALL_REPORTS" in text for text in listener.warnings)


def test_the_day_of_the_state_is_the_last_on_record(maintain):
    result = maintain(streets(), REPORTS=reports(*SOME), **DATED)
    assert result["AS_OF_USED"] == "2024-05-20" and result["OPEN"] == 2
    early = maintain(streets(), REPORTS=reports(*SOME), **DATED, AS_OF="2024-02-10", WINDOW=30)
    assert early["REPORTS_USED"] == 2  # of 20 January and 1 February


def test_kinds_and_the_table(maintain):
    graffiti = maintain(streets(), REPORTS=reports(*SOME), **DATED, CATEGORIES="GRAFF*")
    assert graffiti["REPORTS_USED"] == 4
    table = rows_of(maintain(streets(), REPORTS=reports(*SOME), **DATED, TABLE="TEMPORARY_OUTPUT")["TABLE"])
    assert [(r["place_name"], r["rep_kind"], r["n_rep"]) for r in table] == [
        ("S0", "graffiti", 2), ("S0", "litter", 1), ("S1", "graffiti", 1), ("S1", "litter", 1)]


def test_beside_all_reports_and_beside_length(maintain):
    """S0 reports three times as much of everything as S1: by length more, by all reports not."""
    here = [(x, -5, "g", None, None, 1) for x in range(0, 180, 2)] + [(x, 35, "g", None, None, 1) for x in range(30)]
    every = [(x / 3, -5, "a", None, None, 1) for x in range(540)] + [(x, 35, "a", None, None, 1) for x in range(180)]
    by_length = rows_of(maintain(streets(), REPORTS=reports(*here))["OUTPUT"])
    beside = maintain(streets(), REPORTS=reports(*here), ALL_REPORTS=reports(*every))
    by_all = rows_of(beside["OUTPUT"])
    assert [r["mnt_class"] for r in by_length] == ["more reports", "fewer reports", "fewer reports"]
    assert [r["mnt_class"] for r in by_all] == ["no clear difference", "no clear difference", "nothing reported"]
    assert by_all[0]["n_allrep"] == 540 and by_all[0]["rep_ratio"] == pytest.approx(1.0)
    assert by_all[0]["ratio_low"] < 1 < by_all[0]["ratio_high"] and null(by_all[2]["rep_ratio"])
    assert beside["MORE"] == 0 and "any kind" in beside["SUMMARY"]


def test_what_was_seen_outranks_reports(maintain):
    listener = Listener()
    result = maintain(streets((0, 2, None)), listener, REPORTS=reports(*SOME), AUDIT_FIELD="seen")
    assert [r["mnt_class"] for r in rows_of(result["OUTPUT"])] == ["seen poor", "seen good", "nothing reported"]
    assert (result["SEEN"], result["SEEN_POOR"]) == (2, 1)
    assert any("reports miss them" in text for text in listener.warnings)


def test_what_cannot_be_known_is_neither_open_nor_repaired(maintain):
    listener = Listener()
    odd = [(10, 0, "g", "2024-01-10", "2024-01-01", 1), (10, 0, "g", "2024-01-10", "soon", 1),
           (10, 0, "g", "2024-01-10", "2024-01-12", 1), (10, 0, "g", None, None, 1)]
    result = maintain(streets(), listener, REPORTS=reports(*odd), **DATED, AS_OF="2024-02-01")
    (row, *_) = rows_of(result["OUTPUT"])
    assert (row["n_rep"], row["n_open"], row["n_fixed"], row["fix_days"]) == (3, 0, 1, 2)
    assert any("1 repaired before they were reported, 1 with a day" in text for text in listener.warnings)
    assert any("no day of the report" in text for text in listener.infos + listener.warnings)


def test_months_are_told(maintain):
    listener = Listener()
    maintain(streets(), listener, REPORTS=reports((10, 0, "g", "2024-01", "2024-02", 1)), **DATED)
    assert any("the month only" in text for text in listener.warnings)


def test_a_cancelled_run_stops(maintain):
    feedback = QgsProcessingFeedback()
    feedback.progressChanged.connect(lambda value: feedback.cancel() if value >= 40 else None)
    with pytest.raises(QgsProcessingException, match="cancelled"):
        maintain(streets(), feedback, REPORTS=reports(*SOME), **DATED)


def test_areas_take_what_is_inside(maintain):
    areas = layer_of("Polygon", ["POLYGON((0 -10,100 -10,100 20,0 20,0 -10))"])
    assert maintain(areas, REPORTS=reports(*SOME))["REPORTS_NEAR"] == 3
    assert maintain(areas, REPORTS=reports(*SOME), DISTANCE=20)["REPORTS_NEAR"] == 4


# --- refusals ---------------------------------------------------------------------------------
@pytest.mark.parametrize("more, text", [
    ({"CLOSED_FIELD": "closed"}, "DATE_FIELD.*says nothing without"),
    ({"DATE_FIELD": "opened", "CLOSED_FIELD": "opened"}, "CLOSED_FIELD.*as well"),
    ({"AS_OF": "2024-01-01"}, "DATE_FIELD.*AS_OF needs"),
    ({"CATEGORIES": "x"}, "CATEGORY_FIELD.*not the field"),
    ({"CATEGORIES": "x", "CATEGORY_FIELD": "kind"}, "CATEGORIES.*graffiti, litter"),
    ({"DATE_FIELD": "kind"}, "DATE_FIELD.*can be read"),
    ({"WEIGHT_FIELD": "tags", "DATE_FIELD": "opened", "AS_OF": "2020-01-01"}, "AS_OF.*No report is left"),
])
def test_refusals_name_the_parameter(maintain, more, text):
    with pytest.raises(QgsProcessingException, match=text):
        maintain(streets(), REPORTS=reports(*SOME), **more)


def test_codes_are_no_condition(maintain):
    with pytest.raises(QgsProcessingException, match="AUDIT_FIELD.*holds 9.*row 2"):
        maintain(streets((1, 9, 2)), REPORTS=reports(*SOME), AUDIT_FIELD="seen")


# --- real cities ------------------------------------------------------------------------------
def test_chicago_repair_times_by_beat(maintain, shared_data, tmp_path):
    """Alley lights: dates as text, feet, beats in degrees; counts against pandas, the median against its sort."""
    packed, text = shared_data("chicago/alley_lights_out_2012-04_2013-07.csv.gz"), tmp_path / "lights.csv"
    with gzip.open(packed, "rb") as source, open(text, "wb") as target:
        shutil.copyfileobj(source, target)
    areas = shared_data("chicago/chicago_areas.gpkg")
    lights = QgsVectorLayer(f"file://{text}?type=csv&xField=x_coord&yField=y_coord&crs=EPSG:3435&detectTypes=no",
                            "alley lights", "delimitedtext")
    report, listener = tmp_path / "lights.html", Listener()
    result = maintain(f"{areas}|layername=policeBeats", listener, REPORTS=lights, DATE_FIELD="Created Date",
                      CLOSED_FIELD="Completed Date", TABLE="TEMPORARY_OUTPUT", REPORT=str(report))
    table = pd.read_csv(packed)
    placed = table.dropna(subset=["x_coord", "y_coord"])
    opened = pd.to_datetime(placed["Created Date"], format="%d-%b-%y")
    closed = pd.to_datetime(placed["Completed Date"], format="%d-%b-%y")
    sound = ~(closed < opened)
    assert result["REPORTS_USED"] == len(placed)
    assert result["AS_OF_USED"] == str(max(opened.max(), closed.max()).date())
    assert result["OPEN"] == int((closed.isna() & sound).sum())
    took = (closed - opened).dt.days[sound]
    took = took.fillna(np.inf).sort_values().to_numpy()
    assert result["MEDIAN_DAYS"] == np.median(took) == 8
    rows = rows_of(result["OUTPUT"])
    assert len(rows) == 277 and result["REPORTS_NEAR"] >= 0.99 * len(placed)
    assert sum(r["n_rep"] for r in rows) >= result["REPORTS_NEAR"]
    known = [r for r in rows if r["n_fixed"] >= 20]
    assert len(known) > 100
    assert all(r["fix_low"] <= r["fix_days"] and (null(r["fix_high"]) or r["fix_days"] <= r["fix_high"]) for r in known)
    assert sum(1 for r in rows if r["mnt_class"] == "more reports") == result["MORE"] > 20
    # the city published the finished ones only, which makes repair look fast
    assert result["OPEN"] == 0 and any("finished ones only" in text for text in listener.warnings)
    html = report.read_text(encoding="utf-8")
    assert "Reports are not conditions" in html and "Days to repair" in html
    with open(tmp_path / "lights_places.csv", encoding="utf-8-sig") as file:
        assert len(list(csv.reader(file))) == result["MORE"] + 1


def test_vancouver_graffiti_by_neighbourhood(maintain, shared_data):
    """Without dates; COUNT weighs; sums against the source."""
    city = shared_data("vancouver/vancouver.gpkg")
    listener = Listener()
    result = maintain(f"{city}|layername=neighbourhoods", listener, REPORTS=f"{city}|layername=graffiti",
                      WEIGHT_FIELD="COUNT")
    rows = rows_of(result["OUTPUT"])
    tags = [f["COUNT"] for f in QgsVectorLayer(f"{city}|layername=graffiti", "g", "ogr").getFeatures()]
    assert result["REPORTS_USED"] == len(tags) == 7983
    inside = sum(r["rep_sum"] for r in rows)
    assert 0.97 * sum(tags) < inside <= sum(tags) + result["SHARED"] * max(tags)
    assert "recent" not in rows[0] and result["OPEN"] is None and result["MEDIAN_DAYS"] is None
    assert any("Without the day of the report" in text for text in listener.warnings)
