"""Compare two periods as a user runs it: known counts, honest words, refusals that help."""

from __future__ import annotations

import csv
import gzip
import json

import numpy as np
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

EAST, NORTH = 430_000.0, 5_960_000.0
MONTHS = {"BEFORE_START": "2023-03-01", "BEFORE_END": "2023-03-31", "AFTER_START": "2024-03-01",
          "AFTER_END": "2024-03-31"}
YEARS = {"BEFORE_START": "2023-01-01", "BEFORE_END": "2023-12-31", "AFTER_START": "2024-01-01",
         "AFTER_END": "2024-12-31"}


class Listener(QgsProcessingFeedback):
    """Keeps what the user is told."""

    def __init__(self):
        super().__init__()
        self.warned = []

    def pushWarning(self, text):  # noqa: N802
        self.warned.append(text)


def incident_layer(rows, name="incidents", kind="Point"):
    """Rows are (x, date text, type); x None has no place."""
    uri = "None?" if kind == "None" else f"{kind}?crs=EPSG:32630&"
    layer = QgsVectorLayer(f"{uri}field=dt_from:string&field=ctype:string", name, "memory")
    features = []
    for x, when, type_ in rows:
        feature = QgsFeature(layer.fields())
        if x is not None and kind == "Point":
            feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(EAST + x, NORTH + 50)))
        feature.setAttributes([when, type_])
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    layer.updateExtents()
    return layer


def area_layer(count=2, size=100.0):
    """Squares in a row; the first holds x from 0 to 100, and so on."""
    layer = QgsVectorLayer("Polygon?crs=EPSG:32630&field=beat:string", "beats", "memory")
    features = []
    for i in range(count):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(EAST + i * size, NORTH, EAST + (i + 1) * size,
                                                              NORTH + size)))
        feature.setAttributes([f"beat {i + 1}"])
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    layer.updateExtents()
    return layer


def many(count, x, day, type_="Theft"):
    return [(x, f"{day}T{i % 24:02d}:30", type_) for i in range(count)]


@pytest.fixture
def compare(run_tool):
    def run(incidents, areas=None, listener=None, **more):
        given = {"INCIDENTS": incidents, "AREAS": areas or area_layer(), "OUTPUT": "TEMPORARY_OUTPUT", **MONTHS}
        return run_tool("compareperiods", {**given, **more}, feedback=listener or QgsProcessingFeedback())

    return run


def rows_of(result):
    layer = result["OUTPUT"]
    layer = layer if isinstance(layer, QgsVectorLayer) else QgsVectorLayer(layer, "out", "ogr")
    names = layer.fields().names()
    return [dict(zip(names, feature.attributes())) for feature in layer.getFeatures()]


def null(value):
    return value is None or str(value) == "NULL"


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
    assert any("20 of 110 located incidents" in text for text in listener.warned)


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
    assert any("81.4 % to 91.4 %" in text and "+49" in text and "+32" in text for text in listener.warned)
    assert "81.4" in result["SUMMARY"]
    # rows without geometry in the layer itself count just the same
    mixed = incident_layer(many(201, 50, "2023-03-03") + many(46, None, "2023-03-03") + many(299, 50, "2024-03-04")
                           + many(28, None, "2024-03-04"))
    assert compare(mixed)["PERC"] == result["PERC"]


def test_seasons_lengths_and_small_counts_are_warned_of(compare):
    listener = Listener()
    rows = many(10, 50, "2023-03-01") + many(12, 50, "2023-08-05")
    compare(incident_layer(rows), listener=listener, AFTER_START="2023-08-01", AFTER_END="2023-08-14")
    text = " ".join(listener.warned)
    assert "31 and 14 days" in text and "seasons" in text and "10 incidents only" in text


def test_periods_of_one_length_and_season_are_not_warned_of(compare):
    listener = Listener()
    rng = np.random.default_rng(1)
    rows = [(float(x), f"{year}-03-{day:02d}T08:10", "Theft") for year in (2023, 2024)
            for x, day in zip(rng.uniform(0, 200, 400), rng.integers(1, 32, 400))]
    compare(incident_layer(rows), listener=listener)
    assert listener.warned == []


def test_data_that_end_early_are_warned_of(compare):
    listener = Listener()
    rows = [(50, f"{year}-03-{day:02d}T08:10", "Theft") for year in (2023, 2024)
            for day in range(1, 32 if year == 2023 else 20) for _ in range(10)]
    compare(incident_layer(rows), listener=listener)
    assert any("last 12 days of March 2024" in text for text in listener.warned)


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
    assert any("regression to the mean" in text for text in listener.warned)
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
    assert any("regression to the mean" in text for text in listener.warned)
    listener = Listener()
    compare(layer, found[2024], listener=listener)
    assert not any("regression" in text for text in listener.warned)


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
def vancouver(path):
    """Rows of a year, the masked ones (0, 0) without a place, in EPSG:26910."""
    layer = QgsVectorLayer("Point?crs=EPSG:26910&field=dt_from:string&field=ctype:string", path.name[:14], "memory")
    features = []
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            feature = QgsFeature(layer.fields())
            x, y = float(row["X"] or 0), float(row["Y"] or 0)
            if x and y:
                feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(x, y)))
            date = "{}-{:02d}-{:02d}T{:02d}:{:02d}".format(
                row["YEAR"], *(int(row[k] or 0) for k in ("MONTH", "DAY", "HOUR", "MINUTE")))
            feature.setAttributes([date, row["TYPE"]])
            features.append(feature)
    layer.dataProvider().addFeatures(features)
    layer.updateExtents()
    return layer


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
    assert listener.warned == []
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


# --- presets ---------------------------------------------------------------------------------
NO_DATES = dict.fromkeys(MONTHS)


class Told(Listener):
    """Keeps the log too."""

    def __init__(self):
        super().__init__()
        self.said = []

    def pushInfo(self, text):  # noqa: N802
        self.said.append(text)


def daily(first, last, count=2, x=50):
    """So many incidents on each day, both included, one of them shortly before midnight."""
    days = np.arange(np.datetime64(first, "D"), np.datetime64(last, "D") + 1)
    return [(x, f"{day}T{hour}", "Theft") for day in days for hour in ("08:10", "23:50")[-count:]]


@pytest.mark.parametrize(
    ("preset", "last", "more", "days", "said"),
    [
        (1, "2024-03-31", {}, (28, 28), "2024-03-04 to 2024-03-31 (28 days) with 2024-02-05 to 2024-03-03"),
        (2, "2024-02-29", {}, (28, 28), "2024-02-02 to 2024-02-29 (28 days) with 2023-02-01 to 2023-02-28"),
        (3, "2024-03-31", {}, (56, 7), "2024-03-25 to 2024-03-31 (7 days) with 2024-01-29 to 2024-03-24"),
        (4, "2024-02-29", {}, (59, 60), "2024-01-01 to 2024-02-29 (60 days) with 2023-01-01 to 2023-02-28"),
        (5, "2024-03-31", {}, (365, 366), "2023-04-01 to 2024-03-31 (366 days) with 2022-04-01 to 2023-03-31"),
        (5, "2024-03-31", {"FISCAL_START": 10}, (182, 183),
         "2023-10-01 to 2024-03-31 (183 days) with 2022-10-01 to 2023-03-31"),
    ],
)
def test_presets_count_their_days(compare, preset, last, more, days, said):
    told = Told()
    result = compare(incident_layer(daily("2022-01-01", "2024-04-30")), listener=told, PRESET=preset, AS_OF=last,
                     **NO_DATES, **more)
    assert (result["BEFORE"], result["AFTER"]) == (2 * days[0], 2 * days[1])
    assert result["PERC"] == pytest.approx(0.0, abs=1e-9)  # a day: leap days and unequal lengths make no change
    assert any(said in text for text in told.said)
    assert ("a mean of 14.0 a week" in result["SUMMARY"]) == (preset == 3)
    assert any("seasons" in text for text in told.warned) == (preset in (1, 3))
    assert any("have 56 and 7 days" in text for text in told.warned) == (preset == 3)


def test_a_preset_is_what_its_dates_are(compare):
    layer = incident_layer(daily("2023-01-01", "2024-04-30") + many(30, 150, "2024-03-20"))
    one = compare(layer, PRESET=2, AS_OF="2024-03-31", **NO_DATES)
    two = compare(layer, BEFORE_START="2023-03-04", BEFORE_END="2023-03-31", AFTER_START="2024-03-04",
                  AFTER_END="2024-03-31")
    for name in set(one) - {"OUTPUT", "PROVENANCE"}:
        assert one[name] == two[name], name
    assert rows_of(one) == rows_of(two)


def test_without_as_of_the_last_complete_day_ends_the_period(compare):
    told = Told()
    rows = daily("2024-01-01", "2024-06-29") + [(50, "2042-06-30T00:10", "Theft")]
    result = compare(incident_layer(rows), listener=told, PRESET=1, **NO_DATES)
    assert any("Last complete day of the data: 2024-06-29" in text for text in told.said)
    assert (result["BEFORE"], result["AFTER"]) == (56, 56)
    # where the later period has a layer of its own, that one tells
    told = Told()
    compare(incident_layer(daily("2023-01-01", "2023-12-31")), listener=told, PRESET=4, **NO_DATES,
            AFTER_INCIDENTS=incident_layer(daily("2024-01-01", "2024-05-31"), "later"))
    assert any("with 2023-01-01 to 2023-05-31" in text for text in told.said)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"PRESET": 1}, r"\(BEFORE_START\).*not clear which hold.*PRESET to 0"),
        ({"PRESET": 4, **NO_DATES, "AFTER_END": "2024-03-31"}, r"\(AFTER_END\).*AFTER_END.*Leave the four dates empty"),
        ({"AS_OF": "2024-03-31"}, r"\(AS_OF\).*Leave it empty"),
        ({"AFTER_START": None}, r"\(AFTER_START\).*missing.*PRESET"),
        ({**NO_DATES}, r"\(BEFORE_START\).*missing"),
        ({"PRESET": 2, **NO_DATES, "AS_OF": "2023-03-31"}, r"\(PRESET\).*2022-03-04 and 2022-03-31.*run from"),
        ({"PRESET": 1, **NO_DATES, "AS_OF": "2030-01-01"}, r"No incident.*run from"),
        ({"PRESET": 1, **NO_DATES, "AS_OF": "soon"}, r"\(AS_OF\).*not a date|AS_OF"),
        ({"PRESET": 5, **NO_DATES, "FISCAL_START": 13}, "FISCAL_START"),
        ({"PRESET": 1, **NO_DATES, "DATE_FIELD": "ctype"}, r"\(DATE_FIELD\).*date"),
    ],
)
def test_presets_refuse_what_contradicts(compare, change, words):
    with pytest.raises(QgsProcessingException, match=words):
        compare(incident_layer(daily("2023-03-01", "2024-03-31")), **change)


def test_presets_of_monthly_dates(compare):
    months = np.arange("2023-01", "2024-04", dtype="datetime64[M]")
    layer = incident_layer([(50, str(month), "Theft") for month in months for _ in range(20)])
    result = compare(layer, PRESET=4, AS_OF="2024-03-10", **NO_DATES)
    assert (result["BEFORE"], result["AFTER"]) == (40, 40)  # January and February
    with pytest.raises(QgsProcessingException, match=r"\(PRESET\).*no more than the month"):
        compare(layer, PRESET=1, **NO_DATES)


def test_the_sentence_of_chosen_areas_claims_no_fall_in_noise(compare, tmp_path):
    """The 20 busiest of 400 places in a year of noise, compared with themselves in the next."""
    rng = np.random.default_rng(11)
    positions = {year: rng.uniform(0, 40_000, 4000) for year in (2023, 2024)}
    rows = [(float(x), f"{year}-{1 + i % 12:02d}-{1 + i % 28:02d}T08:10", "Theft")
            for year, values in positions.items() for i, x in enumerate(values)]
    counts = np.bincount((positions[2023] // 100).astype(int), minlength=400)
    beats = area_layer(400)
    chosen = set(np.argsort(-counts, kind="stable")[:20] + 1)
    beats.dataProvider().deleteFeatures([f.id() for f in beats.getFeatures() if f.id() not in chosen])
    beats.updateExtents()
    report = tmp_path / "chosen.html"
    incidents = incident_layer(rows)
    plain = compare(incidents, beats, SELECTED_ON=1, **YEARS)
    guarded = compare(incidents, beats, SELECTED_ON=2, REPORT=str(report), **YEARS)
    assert "; more than chance)" in plain["SUMMARY"] and plain["AREAS_P"] < 0.001
    assert "No change is shown: regression to the mean and chance explain it." in guarded["SUMMARY"]
    assert guarded["AREAS_P"] > 0.05 and guarded["MORE_COUNT"] == guarded["FEWER_COUNT"] == 0
    assert guarded["AREAS_BEFORE"] == plain["AREAS_BEFORE"] == pytest.approx(plain["AREAS_EXPECTED"] * 365 / 366)
    assert guarded["AREAS_EXPECTED"] == pytest.approx(200, rel=0.05)
    assert "Allowing for regression to the mean" in report.read_text(encoding="utf-8")
    assert (tmp_path / "chosen_expected.csv").exists()
    # a fall beyond that is told
    fewer = [row for i, row in enumerate(rows) if row[1][:4] == "2023" or i % 3 == 0]
    assert "fewer than regression to the mean and chance explain" in compare(
        incident_layer(fewer), beats, SELECTED_ON=2, **YEARS)["SUMMARY"]


def test_areas_chosen_on_days_of_the_later_period_are_warned_of(run_tool, compare, tmp_path):
    rng = np.random.default_rng(3)
    rows = [(float(x), f"{year}-03-{1 + i % 31:02d}T08:10", "Theft") for year in (2023, 2024)
            for i, x in enumerate(rng.uniform(0, 10_000, 400))]
    layer = incident_layer(rows + many(60, 50, "2024-03-07"))
    path = str(tmp_path / "hot.gpkg")
    run_tool("findhotspots", {"INPUT": layer, "DATE_FIELD": "dt_from", "AS_OF": "2024-03-31", "WINDOW": 31,
                              "CELL_SIZE": 150, "OUTPUT": "TEMPORARY_OUTPUT", "HOTSPOTS": path})
    listener = Listener()
    compare(layer, path, listener=listener)
    assert any("a rise in them is to be expected" in text for text in listener.warned)


def test_vancouver_presets_on_2024(run_tool, shared_data):
    layers = {year: vancouver(shared_data(f"vancouver/vpd_crime_{year}.csv.gz")) for year in (2023, 2024)}
    areas = f"{shared_data('vancouver/vancouver.gpkg')}|layername=neighbourhoods"

    def rows_between(first, last):
        count = 0
        for layer in layers.values():
            count += sum(first <= feature["dt_from"][:10] <= last for feature in layer.getFeatures())
        return count

    common = {"AREAS": areas, "NAME_FIELD": "name", "OUTPUT": "TEMPORARY_OUTPUT"}
    told = Told()
    year = run_tool("compareperiods", {**common, "INCIDENTS": layers[2023], "AFTER_INCIDENTS": layers[2024],
                                       "PRESET": 4}, feedback=told)
    assert any("Last complete day of the data: 2024-12-31" in text for text in told.said)
    assert (year["BEFORE"], year["AFTER"]) == (36_716, 33_771)  # masked rows count in the city's lines
    leap = run_tool("compareperiods", {**common, "INCIDENTS": layers[2023], "AFTER_INCIDENTS": layers[2024],
                                       "PRESET": 4, "AS_OF": "2024-02-29"})
    assert (leap["BEFORE"], leap["AFTER"]) == (rows_between("2023-01-01", "2023-02-28"),
                                               rows_between("2024-01-01", "2024-02-29"))
    week = run_tool("compareperiods", {**common, "INCIDENTS": layers[2024], "PRESET": 3, "AS_OF": "2024-06-30"})
    assert (week["BEFORE"], week["AFTER"]) == (rows_between("2024-04-29", "2024-06-23"),
                                               rows_between("2024-06-24", "2024-06-30"))
    assert week["AREAS_BEFORE"] < week["BEFORE"] and "a week" in week["SUMMARY"]
