"""Compare two periods as a user runs it: known counts, honest words, refusals that help."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsVectorLayer,
)

from tests.algorithms.evaluation.comparing import (
    EAST,
    NORTH,
    YEARS,
    area_layer,
    incident_layer,
    many,
    null,
    rows_of,
    vancouver,
)
from tests.algorithms.samples import Listener


# --- counts ----------------------------------------------------------------------------------
def test_counts_rates_and_words(compare):
    rows = (many(100, 50, "2023-03-01") + many(40, 50, "2024-03-31") + many(3, 150, "2024-03-02")
            + many(9, 150, "2024-04-01") + many(7, 50, "2023-02-28"))
    result = compare(incident_layer(rows), NAME_FIELD="beat")
    first, second = rows_of(result)
    assert (first["PREV_CNT"], first["CUR_CNT"], first["DIFF_CNT"]) == (100, 40, -60)
    assert first["PERC"] == pytest.approx(-60.0) and first["perc_low"] < -60 < first["perc_high"] < -40
    assert first["prev_rate"] == pytest.approx(100 * 30 / 31) and first["exp_cnt"] == pytest.approx(100)
    assert first["z_score"] == pytest.approx(2 * (np.sqrt(40) - 10))
    assert first["chg_code"] == -2 and first["chg_class"].startswith("Fewer")
    assert (second["PREV_CNT"], second["CUR_CNT"]) == (0, 3) and null(second["PERC"])
    assert second["chg_code"] == 0  # three after none is no proof
    assert (result["BEFORE"], result["AFTER"], result["CHANGE"]) == (100, 43, -57)
    assert result["FEWER_COUNT"] == 1 and result["MORE_COUNT"] == 0 and result["OUTSIDE"] == 0


def test_areas_without_incidents_have_no_test(compare):
    rows = many(20, 50, "2023-03-01") + many(20, 50, "2024-03-31")
    empty = rows_of(compare(incident_layer(rows), area_layer(3)))[2]
    for name in ("PERC", "p_value", "q_value", "chg_code"):
        assert null(empty[name]), name
    assert empty["z_score"] == 0 and empty["chg_class"] == "None in both periods"


def test_p_is_the_published_test(compare):
    rows = many(10, 50, "2023-03-01") + many(20, 50, "2024-03-31")
    result = compare(incident_layer(rows), area_layer(1))
    assert result["P_VALUE"] == pytest.approx(0.06883178210810946, abs=1e-10)  # K and T 2004: (20, 10)
    assert "could be chance" in result["SUMMARY"]


def test_two_layers_give_what_one_gives(compare):
    before, after = many(30, 50, "2023-03-05"), many(55, 50, "2024-03-05") + many(4, 150, "2024-03-09")
    one = compare(incident_layer(before + after))
    two = compare(incident_layer(before), AFTER_INCIDENTS=incident_layer(after, "later"))
    for name in ("BEFORE", "AFTER", "PERC", "LOW", "HIGH", "P_VALUE", "SUMMARY"):
        assert one[name] == two[name]
    assert [r["CUR_CNT"] for r in rows_of(two)] == [55, 4]


def test_incidents_outside_all_areas_are_counted_and_told(compare):
    listener = Listener()
    rows = many(40, 50, "2023-03-01") + many(50, 50, "2024-03-31") + many(20, 900, "2024-03-05")
    result = compare(incident_layer(rows), listener=listener)
    assert result["OUTSIDE"] == 20 and result["AFTER"] == 70 and result["AREAS_AFTER"] == 50
    assert any("20 of 110 located incidents" in text for text in listener.warnings)


# --- what misleads ---------------------------------------------------------------------------
def test_better_geocoding_is_no_rise_of_crime(compare):
    """West Yorkshire robbery, July 2017 and 2018: 46 of 247 and 28 of 327 without a place."""
    listener = Listener()
    located = incident_layer(many(201, 50, "2023-03-03") + many(299, 50, "2024-03-04"))
    missing = incident_layer(many(46, None, "2023-03-03") + many(28, None, "2024-03-04"), kind="None")
    result = compare(located, UNLOCATED=missing, listener=listener)
    assert (result["BEFORE"], result["AFTER"]) == (247, 327)
    assert result["PERC"] == pytest.approx(32.4, abs=0.05) and result["LOCATED_PERC"] == pytest.approx(48.8, abs=0.05)
    assert result["LOCATED_BEFORE"] == pytest.approx(0.8138, abs=1e-4)
    assert any("81.4 % to 91.4 %" in text and "+49" in text and "+32" in text for text in listener.warnings)
    assert "81.4" in result["SUMMARY"]
    # rows without geometry in the layer itself count just the same
    mixed = incident_layer(many(201, 50, "2023-03-03") + many(46, None, "2023-03-03") + many(299, 50, "2024-03-04")
                           + many(28, None, "2024-03-04"))
    assert compare(mixed)["PERC"] == result["PERC"]


def test_seasons_lengths_and_small_counts_are_warned_of(compare):
    listener = Listener()
    rows = many(10, 50, "2023-03-01") + many(12, 50, "2023-08-05")
    compare(incident_layer(rows), listener=listener, AFTER_START="2023-08-01", AFTER_END="2023-08-14")
    text = " ".join(listener.warnings)
    assert "31 and 14 days" in text and "seasons" in text and "10 incidents only" in text


def test_periods_of_one_length_and_season_are_not_warned_of(compare):
    listener = Listener()
    rng = np.random.default_rng(1)
    rows = [(float(x), f"{year}-03-{day:02d}T08:10", "Theft") for year in (2023, 2024)
            for x, day in zip(rng.uniform(0, 200, 400), rng.integers(1, 32, 400))]
    compare(incident_layer(rows), listener=listener)
    assert listener.warnings == []


def test_data_that_end_early_are_warned_of(compare):
    listener = Listener()
    rows = [(50, f"{year}-03-{day:02d}T08:10", "Theft") for year in (2023, 2024)
            for day in range(1, 32 if year == 2023 else 20) for _ in range(10)]
    compare(incident_layer(rows), listener=listener)
    assert any("last 12 days of March 2024" in text for text in listener.warnings)


def test_areas_chosen_on_the_earlier_period_are_not_praised(compare, tmp_path):
    listener = Listener()
    rng = np.random.default_rng(9)
    rows = [(float(x), f"{year}-03-{1 + i % 31:02d}T08:10", "Theft") for year in (2023, 2024)
            for i, x in enumerate(rng.uniform(0, 10_000, 300))]
    rows += many(12, 50, "2023-03-07") + many(5, 50, "2024-03-07")
    report = tmp_path / "chosen.html"
    result = compare(incident_layer(rows), area_layer(1), listener=listener, SELECTED_ON=2, REPORT=str(report))
    only = rows_of(result)[0]
    assert only["exp_cnt"] < only["PREV_CNT"]
    assert any("regression to the mean" in text for text in listener.warnings)
    assert "Expected" in report.read_text(encoding="utf-8")
    assert rows_of(compare(incident_layer(rows), area_layer(1), SELECTED_ON=1))[0]["exp_cnt"] == only["PREV_CNT"]


def test_the_record_of_hot_spots_says_on_what_they_were_chosen(run_tool, compare, tmp_path):
    rng = np.random.default_rng(3)
    rows = [(float(x), f"{year}-03-{1 + i % 31:02d}T08:10", "Theft") for year in (2023, 2024)
            for i, x in enumerate(rng.uniform(0, 10_000, 400))]
    for year in (2023, 2024):
        rows += many(60, 50, f"{year}-03-07")
    layer = incident_layer(rows)
    found = {}
    for year, last in ((2023, "2023-03-31"), (2024, "2024-03-31")):
        path = str(tmp_path / f"hot{year}.gpkg")
        window = 31
        made = run_tool("findhotspots", {"INPUT": layer, "DATE_FIELD": "dt_from", "AS_OF": last, "WINDOW": window,
                                         "CELL_SIZE": 150, "OUTPUT": "TEMPORARY_OUTPUT", "HOTSPOTS": path})
        assert made["HOTSPOT_COUNT"] > 0
        found[year] = path
    listener = Listener()
    compare(layer, found[2023], listener=listener)
    assert any("regression to the mean" in text for text in listener.warnings)
    # also where not all of them are taken
    listener = Listener()
    compare(layer, QgsProcessingFeatureSourceDefinition(found[2023], False, 1), listener=listener)
    assert any("regression to the mean" in text for text in listener.warnings)
    listener = Listener()
    compare(layer, found[2024], listener=listener)
    assert not any("regression" in text for text in listener.warnings)


def test_known_changes_in_recording_are_named(compare, tmp_path):
    rows = many(100, 50, "2023-03-01") + many(180, 50, "2024-03-31")
    report = tmp_path / "r.html"
    result = compare(incident_layer(rows), NOTES="New records system <since> May", REPORT=str(report))
    assert result["SUMMARY"].endswith("Known changes in recording: New records system <since> May.")
    assert "New records system &lt;since&gt; May" in report.read_text(encoding="utf-8")


def test_the_sentence_carries_word_periods_interval_and_types(compare):
    rows = (many(100, 50, "2023-03-01", "Burglary") + many(180, 50, "2024-03-31", "Burglary")
            + many(50, 50, "2023-03-01", "Robbery") + many(52, 50, "2024-03-31", "Robbery"))
    text = compare(incident_layer(rows))["SUMMARY"]
    for part in ("Recorded", "150 (March 2023)", "232 (March 2024)", "+55", "95 % confidence", "more than chance",
                 "Burglary (+80)"):
        assert part in text, part
    assert "Robbery" not in text


# --- refusals --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"BEFORE_START": "2023-04-01"}, r"\(BEFORE_END\).*ends"),
        ({"AFTER_END": "2024-02-01"}, r"\(AFTER_END\).*ends"),
        ({"AFTER_START": "2023-03-31"}, r"\(AFTER_START\).*overlap"),
        ({"AFTER_START": "2022-03-01", "AFTER_END": "2022-03-31"}, r"\(AFTER_START\).*earlier period as BEFORE"),
        ({"AFTER_START": "2025-03-01", "AFTER_END": "2025-03-31"}, r"\(AFTER_START\).*run from 2023-03-01 to 2024"),
        ({"DATE_FIELD": "ctype"}, r"\(DATE_FIELD\).*date"),
        ({"BEFORE_START": "nonsense"}, "BEFORE_START"),
    ],
)
def test_refusals_name_the_parameter_and_the_remedy(compare, change, words):
    rows = many(10, 50, "2023-03-01") + many(20, 50, "2024-03-31")
    with pytest.raises(QgsProcessingException, match=words):
        compare(incident_layer(rows), **change)


def test_half_months_of_monthly_dates_are_refused(compare):
    rows = [(50, "2023-03", "Theft")] * 20 + [(50, "2024-03", "Theft")] * 30
    with pytest.raises(QgsProcessingException, match=r"\(AFTER_END\).*2024-03-01 to 2024-03-31"):
        compare(incident_layer(rows), AFTER_START="2024-03-01", AFTER_END="2024-03-15")
    with pytest.raises(QgsProcessingException, match=r"\(BEFORE_END\).*no more than the month"):
        compare(incident_layer(rows), BEFORE_END="2023-03-15", AFTER_START="2023-03-16")
    assert compare(incident_layer(rows))["AFTER"] == 30


def test_layers_of_different_places_are_refused(compare):
    rows = many(10, 90_000, "2023-03-01") + many(20, 90_000, "2024-03-31")
    with pytest.raises(QgsProcessingException, match=r"\(AREAS\).*None of the 30"):
        compare(incident_layer(rows))


def test_a_layer_without_dates_is_refused(compare):
    layer = QgsVectorLayer("Point?crs=EPSG:32630&field=a:string", "x", "memory")
    feature = QgsFeature(layer.fields())
    feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(EAST, NORTH)))
    layer.dataProvider().addFeatures([feature])
    with pytest.raises(QgsProcessingException, match=r"\(DATE_FIELD\)"):
        compare(layer)


def test_later_unlocated_without_later_incidents_are_refused(compare):
    rows = many(10, 50, "2023-03-01") + many(20, 50, "2024-03-31")
    table = incident_layer(many(2, None, "2024-03-03"), kind="None")
    with pytest.raises(QgsProcessingException, match="AFTER_INCIDENTS"):
        compare(incident_layer(rows), AFTER_UNLOCATED=table)


# --- real data -------------------------------------------------------------------------------
def test_vancouver_2024_against_2023(run_tool, shared_data, tmp_path):
    before, after = (vancouver(shared_data(f"vancouver/vpd_crime_{year}.csv.gz")) for year in (2023, 2024))
    areas = f"{shared_data('vancouver/vancouver.gpkg')}|layername=neighbourhoods"
    listener = Listener()
    result = run_tool("compareperiods", {
        "INCIDENTS": before, "AFTER_INCIDENTS": after, "AREAS": areas, "NAME_FIELD": "name", **YEARS,
        "OUTPUT": str(tmp_path / "out.gpkg"), "REPORT": str(tmp_path / "report.html")}, feedback=listener)
    assert (result["BEFORE"], result["AFTER"]) == (36_716, 33_771)
    # a leap year: per day the fall is a little larger than 2,945 of 36,716
    assert result["PERC"] == pytest.approx((33_771 / 366) / (36_716 / 365) * 100 - 100)
    assert result["LOCATED_BEFORE"] == pytest.approx(0.889, abs=5e-4)
    assert result["AREAS_BEFORE"] + result["AREAS_AFTER"] + result["OUTSIDE"] == 32_646 + 29_992
    rows = {row["name"]: row for row in rows_of(result)}
    assert sum(row["PREV_CNT"] for row in rows.values()) == result["AREAS_BEFORE"]
    assert rows["Strathcona"]["chg_code"] == -2 and rows["Kitsilano"]["chg_code"] == 0
    assert "Theft from Vehicle" in result["SUMMARY"] and "Against it: Other Theft" in result["SUMMARY"]
    assert listener.warnings == []
    files = sorted(path.name for path in tmp_path.glob("report*"))
    assert {"report.html", "report_map.png", "report_areas.csv", "report_types.csv"} <= set(files)
    with open(tmp_path / "report_areas.csv", encoding="utf-8-sig", newline="") as file:
        table = list(csv.reader(file))
    assert len(table) == 23 and table[1][0] in rows
    made = json.loads(result["PROVENANCE"])
    assert made["inputs"]["INCIDENTS"]["dates"]["dt_from"] == ["2023-01-01", "2023-12-31"]


def test_files_open_styled_by_class_never_by_percent(compare, tmp_path):
    rows = many(100, 50, "2023-03-01") + many(40, 50, "2024-03-31")
    compare(incident_layer(rows), OUTPUT=str(tmp_path / "out.gpkg"))
    layer = QgsVectorLayer(str(tmp_path / "out.gpkg"), "out", "ogr")
    assert layer.renderer().classAttribute() == "chg_code"
    labels = [category.label() for category in layer.renderer().categories()]
    assert len(labels) == 6 and all(len(label) > 8 for label in labels)


def test_a_cancelled_run_stops(compare):
    class Stop(QgsProcessingFeedback):
        def isCanceled(self):  # noqa: N802
            return True

    rows = many(100, 50, "2023-03-01") + many(40, 50, "2024-03-31")
    stop = Stop()
    stop.cancel()
    with pytest.raises(QgsProcessingException, match="cancelled"):
        compare(incident_layer(rows), listener=stop)
