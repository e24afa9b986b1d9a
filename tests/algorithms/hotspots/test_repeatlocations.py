"""Repeat locations as a user runs them: known places, chance beside them, refusals that help."""

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
    QgsVectorLayer,
)

from tests.algorithms.samples import Listener

EAST, NORTH = 430_000.0, 5_960_000.0
ADDRESS, COORDINATES, LAYER = 1, 2, 3


def layer_of(rows, crs="EPSG:32630", east=EAST, north=NORTH, names=("when", "kind", "address")):
    """Rows are (x, y, date text, type, address); x None has no place."""
    fields = "&".join(f"field={name}:string" for name in names)
    layer = QgsVectorLayer(f"Point?{f'crs={crs}&' if crs else ''}{fields}", "calls", "memory")
    features = []
    for x, y, *values in rows:
        feature = QgsFeature(layer.fields())
        if x is not None:
            feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(east + x, north + y)))
        feature.setAttributes(list(values))
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    layer.updateExtents()
    return layer


def many(count, x, y=0.0, year=2024, kind="Theft", address="1 Main St"):
    """Incidents at one point, spread over the year."""
    days = np.datetime64(f"{year}-01-01") + (np.arange(count) * 363 // max(count, 1))
    return [(x, y, f"{day}T12:30", kind, address) for day in days.astype(str)]


def calm(count, year=2024, seed=1):
    """Single incidents here and there."""
    rng = np.random.default_rng(seed)
    days = np.datetime64(f"{year}-01-01") + rng.integers(0, 365, count)
    return [(float(a), float(b), f"{day}T12:30", "Mischief", f"{i} Side St")
            for i, (a, b, day) in enumerate(zip(rng.uniform(500, 4000, count), rng.uniform(500, 4000, count),
                                                days.astype(str)))]


@pytest.fixture
def find(run_tool):
    def run(layer, listener=None, **more):
        given = {"INPUT": layer, "DATE_FIELD": "when", "TYPE_FIELD": "kind", "PLACE": COORDINATES,
                 "AS_OF": "2024-12-31", "WINDOW": 366, "OUTPUT": "TEMPORARY_OUTPUT"}
        given = {name: value for name, value in {**given, **more}.items() if value is not None}
        return run_tool("repeatlocations", given, feedback=listener or QgsProcessingFeedback())

    return run


def rows_of(result):
    layer = result["OUTPUT"]
    layer = layer if isinstance(layer, QgsVectorLayer) else QgsVectorLayer(layer, "out", "ogr")
    names = layer.fields().names()
    return [{**dict(zip(names, f.attributes())), "at": f.geometry().asPoint()} for f in layer.getFeatures()]


def null(value):
    return value is None or str(value) == "NULL"


@pytest.fixture
def town_rows():
    """A busy place (two points 6 m apart), a second, one only of the year before, and single incidents."""
    return (many(30, 0) + many(10, 6) + many(12, 0, year=2023) + many(8, 200, kind="Assault", address="2 Bar")
            + many(2, 200, address="2 Bar") + many(9, 300, year=2023, address="3 Old") + calm(150)
            + calm(150, 2023, seed=1))


# --- counts ----------------------------------------------------------------------------------
def test_ranks_counts_and_shares(find, town_rows):
    result = find(layer_of(town_rows))
    first, second = rows_of(result)
    assert (first["rank"], first["n"], first["n_prev"], first["rank_prev"]) == (1, 40, 12, 1)
    assert (second["rank"], second["n"], second["n_prev"]) == (2, 10, 0) and null(second["rank_prev"])
    assert first["at"].x() == pytest.approx(EAST)  # the busier of its two points
    assert (second["top_type"], second["n_types"]) == ("Assault", 2) and second["top_share"] == pytest.approx(0.8)
    total = result["INCIDENTS"]
    assert total == 40 + 10 + 150 and first["share"] == pytest.approx(40 / total)
    assert second["cum_share"] == pytest.approx(50 / total)
    assert first["per_month"] == pytest.approx(40 / (366 / (365.25 / 12)))
    assert 30 <= first["days_act"] <= 40 and first["months_act"] == 12
    assert first["exp_rank"] < 10 and first["q_chance"] < 1e-6
    assert (result["PLACE_COUNT"], result["REPEAT_PLACES"], result["LISTED"]) == (152, 2, 2)
    assert result["STILL_TOP"] is not None and (result["START"], result["END"]) == ("2024-01-01", "2024-12-31")


def test_a_tolerance_of_nothing_takes_equal_coordinates_only(find, town_rows):
    rows = rows_of(find(layer_of(town_rows), TOLERANCE=0))
    assert [row["n"] for row in rows] == [30, 10, 10]
    assert [row["rank"] for row in rows] == [1, 2, 2]


def test_the_order_of_rows_does_not_matter(find, town_rows):
    results = []
    for rows in (town_rows, town_rows[::-1]):
        found = find(layer_of(rows))
        results.append(([(r["rank"], r["n"], r["at"].x(), r["n_prev"]) for r in rows_of(found)], found["SUMMARY"]))
    assert results[0] == results[1]


def test_places_by_address(find, town_rows):
    rows = rows_of(find(layer_of(town_rows), PLACE=ADDRESS, ADDRESS_FIELD="address"))
    assert [(row["place"], row["n"]) for row in rows] == [("1 MAIN ST", 40), ("2 BAR", 10)]
    assert rows[0]["n_prev"] == 12 and rows[0]["at"].x() == pytest.approx(EAST)


def test_capitals_spaces_and_far_namesakes(find):
    rows = (many(5, 0, address="12  high st.") + many(4, 1, address="12 HIGH ST") + many(6, 0, address="Car Park")
            + many(7, 3000, address="Car Park") + calm(40))
    found = rows_of(find(layer_of(rows), PLACE=ADDRESS, ADDRESS_FIELD="address"))
    assert [row["n"] for row in found] == [9, 7, 6]
    assert [row["place"].split(" @")[0] for row in found] == ["12 HIGH ST", "CAR PARK", "CAR PARK"]


def place_layer(texts, names):
    layer = QgsVectorLayer("Polygon?crs=EPSG:32630&field=title:string", "venues", "memory")
    features = []
    for text, name in zip(texts, names):
        feature = QgsFeature(layer.fields())
        geometry = QgsGeometry.fromWkt(text)
        geometry.translate(EAST, NORTH)
        feature.setGeometry(geometry)
        feature.setAttributes([name])
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    layer.updateExtents()
    return layer


def test_places_of_a_layer_count_where_nothing_happened(find, town_rows):
    squares = ["POLYGON((-9 -9,9 -9,9 9,-9 9,-9 -9))", "POLYGON((210 -9,230 -9,230 9,210 9,210 -9))",
               "POLYGON((-90 -90,-80 -90,-80 -80,-90 -80,-90 -90))"]
    listener = Listener()
    result = find(layer_of(town_rows), listener, PLACE=0, PLACES=place_layer(squares, ["Mall", "Bar", "Church"]),
                  PLACE_FIELD="title", PLACE_DISTANCE=15, MIN_COUNT=1, TOP=0)
    assert [(row["place"], row["n"]) for row in rows_of(result)] == [("Mall", 40), ("Bar", 10)]
    assert result["PLACE_COUNT"] == 3 and result["INCIDENTS"] == 50
    assert "3 places of 'venues'" in result["SUMMARY"] and "not known" not in result["SUMMARY"]
    assert any("no place of the layer within 15 m" in text for text in listener.infos)


# --- time ------------------------------------------------------------------------------------
def test_without_dates_all_rows_count(find, town_rows):
    with pytest.raises(QgsProcessingException, match=r"DATE_FIELD.*set WINDOW to 0"):
        find(layer_of(town_rows), DATE_FIELD=None, AS_OF=None)
    result = find(layer_of(town_rows), DATE_FIELD=None, AS_OF=None, WINDOW=0)
    first = rows_of(result)[0]
    assert first["n"] == 52 and result["STILL_TOP"] is None and result["START"] == ""
    assert all(null(first[name]) for name in ("n_prev", "rank_prev", "days_act", "months_act", "per_month", "latest"))


def test_a_window_before_without_data_stays_empty_and_is_told(find):
    listener = Listener()
    result = find(layer_of(many(30, 0) + calm(150)), listener)
    assert all(null(row["n_prev"]) for row in rows_of(result)) and result["STILL_TOP"] is None
    assert any("do not cover the window before" in text for text in listener.warnings)


def test_dates_as_text_that_are_none_are_counted(find, town_rows):
    rows = town_rows + [(0.0, 0.0, "sometime", "Theft", "1 Main St")] * 60
    listener = Listener()
    result = find(layer_of(rows), listener)
    assert rows_of(result)[0]["n"] == 40
    assert any("60 of" in text and "no date" in text for text in listener.warnings)
    with pytest.raises(QgsProcessingException, match="No incident has a date that can be read"):
        find(layer_of(town_rows), DATE_FIELD="kind")


def test_months_only(find):
    rows = [(0.0, 0.0, f"{year}-{month:02d}", "Burglary", "") for year in (2023, 2024) for month in range(1, 13)] * 2
    result = find(layer_of(rows + [(900.0, 3.0, "2024-05", "Robbery", "")] * 3), AS_OF=None, WINDOW=365)
    first = rows_of(result)[0]
    assert (first["n"], first["n_prev"], first["months_act"]) == (24, 24, 12) and null(first["days_act"])
    assert (result["START"], result["END"]) == ("2024-01-01", "2024-12-31")


# --- leaving out -----------------------------------------------------------------------------
def test_places_to_leave_out_are_counted(find, town_rows, tmp_path):
    station = layer_of([(3.0, 0.0, "", "", "Police station")])
    result = find(layer_of(town_rows), DROP_PLACES=station, DROP_DISTANCE=10, REPORT=str(tmp_path / "r.html"))
    assert result["DROPPED"] == 40 and rows_of(result)[0]["n"] == 10
    assert result["RECORDED"] == 200 and result["INCIDENTS"] == 160
    with open(tmp_path / "r_records.csv", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))[1:]
    assert sum(int(row[1]) for row in rows[:-1]) == int(rows[-1][1]) == 200


def test_names_to_leave_out(find, town_rows):
    listener = Listener()
    result = find(layer_of(town_rows), listener, ADDRESS_FIELD="address", DROP_NAMES="1 main st; *BAR\nNowhere")
    assert result["DROPPED"] == 50 and result["LISTED"] == 0
    assert any("Nowhere" in text and "nothing" in text for text in listener.warnings)
    assert any("list is empty" in text for text in listener.warnings)
    with pytest.raises(QgsProcessingException, match="DROP_NAMES"):
        find(layer_of(town_rows, names=("when", "kind", "block")), DROP_NAMES="1 MAIN ST")


def test_places_without_coordinates_are_counted_for_the_whole(find, town_rows):
    masked = [(None, None, "2024-05-05T10:00", "Assault against a person", "")] * 20
    table = QgsVectorLayer("None?field=when:string&field=kind:string", "unlocated", "memory")
    feature = QgsFeature(table.fields())
    feature.setAttributes(["2024-07-07T10:00", "Theft"])
    table.dataProvider().addFeatures([feature])
    listener = Listener()
    result = find(layer_of(town_rows + masked), listener, UNLOCATED=table)
    assert (result["RECORDED"], result["LOCATED"]) == (221, 200)
    assert "200 of 221 recorded" in result["SUMMARY"]
    assert any("Assault against a person" in text and "no place" in text for text in listener.warnings)


# --- doubts ----------------------------------------------------------------------------------
def test_pure_chance_is_called_chance(find):
    rng = np.random.default_rng(5)
    spots = rng.integers(0, 60, 400)
    rows = [(float(s) * 100, 0.0, f"2024-{1 + i % 12:02d}-10T10:00", "Theft", "") for i, s in enumerate(spots)]
    listener = Listener()
    result = find(layer_of(rows), listener)
    assert result["BEYOND_CHANCE"] == 0 and "could be chance" in result["SUMMARY"]
    assert result["SHARE_TOP"] == pytest.approx(result["SHARE_TOP_CHANCE"], abs=0.05)
    assert any("chance alone could make" in text for text in listener.warnings)


def test_a_default_place_is_seen(find):
    kinds = ["Theft", "Assault", "Burglary", "Mischief"]
    rows = [row[:3] + (kinds[i % 4], "") for i, row in enumerate(calm(400))]
    rows += [row[:3] + (kinds[i % 4], "") for i, row in enumerate(many(80, 0))]
    listener = Listener()
    result = find(layer_of(rows), listener)
    assert "default place" in rows_of(result)[0]["note"]
    assert any("as mixed as everywhere" in text and "Rank 1" in text for text in listener.warnings)


def test_one_type_and_blocks_and_moved_addresses_are_told(find):
    rows = []
    for block in range(30):
        rows += many(6, block * 100.0, year=2023, address=f"{block}XX MAIN ST")
        rows += many(7, block * 100.0 + 40, year=2024, address=f"{block}XX MAIN ST")
    rows += many(40, 5000, address="50XX MALL RD")
    listener = Listener()
    result = find(layer_of(rows), listener, ADDRESS_FIELD="address")
    assert "one type" in rows_of(result)[0]["note"] and rows_of(result)[0]["place"] == "50XX MALL RD"
    told = " ".join(listener.warnings)
    assert "may hold many addresses" in told and "geocoding seems to have changed" in told
    assert "one type makes 90 %" in told and "100.0 % Theft" in told


def test_the_sentences_have_a_period_numbers_and_chance(find, town_rows):
    text = find(layer_of(town_rows))["SUMMARY"]
    assert "2024-01-01 to 2024-12-31" in text and "by chance" in text and "20 %" in text
    assert "Places without any incident are not known" in text


# --- coordinate systems ----------------------------------------------------------------------
def test_degrees_and_feet_give_what_metres_give(find, town_rows):
    from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransform, QgsProject

    metres = layer_of(town_rows)
    for crs in ("EPSG:4326", "EPSG:2263"):
        target = QgsCoordinateReferenceSystem(crs)
        # feet of New York: the same town there
        source = QgsCoordinateReferenceSystem("EPSG:32630" if crs == "EPSG:4326" else "EPSG:32618")
        transform = QgsCoordinateTransform(source, target, QgsProject.instance())
        layer = layer_of([], crs)
        features = []
        for feature in metres.getFeatures():
            geometry = feature.geometry()
            if crs == "EPSG:2263":
                geometry.translate(583_000 - EAST, 4_507_000 - NORTH)
            geometry.transform(transform)
            copy = QgsFeature(layer.fields())
            copy.setGeometry(geometry)
            copy.setAttributes(feature.attributes())
            features.append(copy)
        layer.dataProvider().addFeatures(features)
        layer.updateExtents()
        assert [row["n"] for row in rows_of(find(layer))] == [40, 10]


def test_refusals_name_the_remedy(find, town_rows):
    with pytest.raises(QgsProcessingException, match="INPUT"):
        find(layer_of(town_rows, crs=""))
    with pytest.raises(QgsProcessingException, match="no point that can be used"):
        find(layer_of([]))
    with pytest.raises(QgsProcessingException, match="no point that can be used"):
        find(layer_of([(None, None, "2024-01-01", "x", "y")] * 3))
    with pytest.raises(QgsProcessingException, match=r"TOLERANCE.*neighbourhoods"):
        find(layer_of(town_rows), TOLERANCE=500)
    with pytest.raises(QgsProcessingException, match=r"ADDRESS_FIELD.*Choose the field"):
        find(layer_of(town_rows, names=("when", "kind", "block")), PLACE=ADDRESS)
    with pytest.raises(QgsProcessingException, match=r"PLACES.*layer of places"):
        find(layer_of(town_rows), PLACE=LAYER)
    far = place_layer(["POLYGON((-9000 -9,-8990 -9,-8990 9,-9000 9,-9000 -9))"], ["x"])
    with pytest.raises(QgsProcessingException, match="larger PLACE_DISTANCE"):
        find(layer_of(town_rows), PLACE=LAYER, PLACES=far)
    with pytest.raises(QgsProcessingException, match="dates run from 2023"):
        find(layer_of(town_rows), AS_OF="2019-05-05")


def test_one_place_is_an_answer(find):
    result = find(layer_of(many(30, 0)))
    assert rows_of(result)[0]["n"] == 30 and result["PLACE_COUNT"] == 1 and result["SHARE_TOP"] == 1.0
    assert result["BEYOND_CHANCE"] == 0  # with nothing to compare it with


def test_coordinates_that_are_no_numbers_are_left_out(find, town_rows):
    layer = layer_of(town_rows)
    feature = QgsFeature(layer.fields())
    feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(float("nan"), float("nan"))))
    feature.setAttributes(["2024-03-03T10:00", "Theft", ""])
    layer.dataProvider().addFeatures([feature])
    result = find(layer)
    assert (result["RECORDED"], result["LOCATED"]) == (201, 200)


def test_prepared_incidents_need_no_settings(run_tool, town_rows):
    names = ("dt_from", "ctype", "place_key")
    keys = [row[:4] + (f"{row[0]:.0f} {row[1]:.0f}",) for row in town_rows]
    found = []
    for rows, words in ((town_rows, "by address (place_key)"), (keys, "place keys of these prepared incidents are")):
        listener = Listener()
        result = run_tool("repeatlocations", {"INPUT": layer_of(rows, names=names), "WINDOW": 366,
                                              "AS_OF": "2024-12-31", "OUTPUT": "TEMPORARY_OUTPUT"}, feedback=listener)
        assert any(words in text for text in listener.infos)
        found.append([(row["rank"], row["n"], row["n_prev"], row["top_type"]) for row in rows_of(result)])
    assert found[0] == found[1] == [(1, 40, 12, "Theft"), (2, 10, 0, "Assault")]


# --- report, style, cancelling ---------------------------------------------------------------
def test_layer_and_report(find, town_rows, tmp_path):
    result = find(layer_of(town_rows), OUTPUT=str(tmp_path / "out.gpkg"), REPORT=str(tmp_path / "report.html"))
    layer = QgsVectorLayer(result["OUTPUT"], "out", "ogr")
    labels = [category.label() for category in layer.renderer().categories()]
    assert len(labels) == 2 and all("Repeat location" in label for label in labels)
    assert layer.labeling().settings().fieldName == 'if("rank" <= 100, "rank", NULL)'  # more would hide the map
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "homes of victims" in page and "by chance" in page and "http://" not in page
    files = {path.name for path in tmp_path.glob("report*")}
    assert {"report.html", "report_map.png", "report_places.csv", "report_curve.svg", "report_numbers.csv",
            "report_records.csv", "report_gone.csv"} <= files
    with open(tmp_path / "report_numbers.csv", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))[1:]
    assert sum(int(row[3]) for row in rows[:-1]) == int(rows[-1][3]) == result["INCIDENTS"]
    made = json.loads(result["PROVENANCE"])
    entry = made["inputs"]["INPUT"]
    assert entry["used"] + sum(e["count"] for e in entry["left_out"]) == entry["rows"] == len(town_rows)


def test_a_cancelled_run_stops(find, town_rows):
    class Stop(QgsProcessingFeedback):
        def isCanceled(self):  # noqa: N802
            return True

    stop = Stop()
    stop.cancel()
    with pytest.raises(QgsProcessingException, match="cancelled"):
        find(layer_of(town_rows), stop)


# --- real data -------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def vancouver(shared_data):
    """Both years; rows at 0, 0 (masked for privacy) have no place."""
    layer = layer_of([], "EPSG:26910")
    features = []
    for year in (2023, 2024):
        with gzip.open(shared_data(f"vancouver/vpd_crime_{year}.csv.gz"), "rt", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                feature = QgsFeature(layer.fields())
                x, y = float(row["X"] or 0), float(row["Y"] or 0)
                if x and y:
                    feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(x, y)))
                date = "{}-{:02d}-{:02d}T{:02d}:{:02d}".format(
                    row["YEAR"], *(int(row[k] or 0) for k in ("MONTH", "DAY", "HOUR", "MINUTE")))
                feature.setAttributes([date, row["TYPE"], row["HUNDRED_BLOCK"]])
                features.append(feature)
    layer.dataProvider().addFeatures(features)
    layer.updateExtents()
    return layer


def test_vancouver_2024_by_equal_coordinates(find, vancouver):
    """The figures known of Vancouver: they take equal coordinates for one place."""
    listener = Listener()
    result = find(vancouver, listener, AS_OF=None, TOLERANCE=0, ADDRESS_FIELD="address")
    assert (result["START"], result["END"]) == ("2024-01-01", "2024-12-31")
    rows = rows_of(result)
    assert [(row["place"], row["n"], row["n_prev"]) for row in rows[:2]] == [
        ("31XX GRANDVIEW HWY", 523, 1021), ("31XX GRANDVIEW HWY", 380, 47)]
    theft = sum(row["top_share"] * row["n"] for row in rows[:2]) / (523 + 380)
    assert rows[0]["top_type"] == rows[1]["top_type"] == "Other Theft" and theft == pytest.approx(0.987, abs=5e-4)
    assert result["SHARE_TOP"] == pytest.approx(0.126, abs=1e-3)
    assert (result["PLACES_HALF"], result["PLACE_COUNT"], result["STILL_TOP"]) == (1476, 13_765, 10)
    assert (result["RECORDED"], result["LOCATED"]) == (33_771, 29_992)
    # the same thing elsewhere: half of it would take 4,088 places, and the 20 busiest would hold 0.5 %
    assert result["HALF_CHANCE"] == pytest.approx(4088, abs=2)
    assert result["SHARE_TOP_CHANCE"] == pytest.approx(0.0051, abs=1e-4)
    told = " ".join(listener.warnings)
    assert "'Offence Against a Person' (3,758 of 3,758) have no place" in told
    assert "may hold many addresses" in told and "65 % of the 728 addresses" in told


def test_vancouver_2024_within_ten_metres_and_by_address(find, vancouver):
    """Its coordinates changed by metres during 2024: a tolerance joins what equal coordinates part."""
    near = find(vancouver, ADDRESS_FIELD="address")
    first = rows_of(near)[0]
    assert (first["place"], first["n"]) == ("31XX GRANDVIEW HWY", 970)
    assert first["top_share"] == pytest.approx(0.986, abs=1e-3) and near["STILL_TOP"] == 14
    block = find(vancouver, PLACE=ADDRESS, ADDRESS_FIELD="address")
    first = rows_of(block)[0]
    assert (first["place"], first["n"], first["n_prev"]) == ("31XX GRANDVIEW HWY", 972, 1094)
    assert block["STILL_TOP"] == 15
    for result in (near, block):
        assert result["INCIDENTS"] == 29_992 and result["SHARE_TOP"] > 0.16


def test_memphis_is_rounded(find, shared_data):
    listener = Listener()
    robberies = f"{shared_data('memphis/memphis.gpkg')}|layername=robberies"
    result = find(robberies, listener, DATE_FIELD=None, TYPE_FIELD=None, AS_OF=None, WINDOW=0)
    assert result["RECORDED"] == result["INCIDENTS"] == 2245
    assert any("only precise to about" in text for text in listener.warnings)


def from_csv(path, when, x="longitude", y="latitude", more=()):
    """A layer in degrees of a table."""
    layer = layer_of([], "EPSG:4326", names=("when", *more))
    features = []
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            feature = QgsFeature(layer.fields())
            if row[x] and row[y]:
                feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(float(row[x]), float(row[y]))))
            feature.setAttributes([row[when], *(row[name] for name in more)])
            features.append(feature)
    layer.dataProvider().addFeatures(features)
    layer.updateExtents()
    return layer


def test_nottingham_has_months_and_snap_points(find, shared_data):
    layer = from_csv(shared_data("uk_nottingham/nottingham_burglary.csv.gz"), "month", more=("location",))
    listener = Listener()
    result = find(layer, listener, AS_OF=None, WINDOW=0, TYPE_FIELD=None, TOLERANCE=0)
    assert result["RECORDED"] == layer.featureCount() == 1795
    assert result["INCIDENTS"] == result["LOCATED"]
    first = rows_of(result)[0]
    assert null(first["days_act"]) and 1 <= first["months_act"] <= 12
    assert any("share their exact coordinates" in text for text in listener.warnings)


def test_new_york_s_thefts_at_licensed_premises_in_feet(find, shared_data):
    layer = from_csv(shared_data("nyc/nyc_vehicle_thefts_2014_2017.csv.gz"), "date_start", more=("location_type",))
    listener = Listener()
    premises = f"{shared_data('nyc/nyc_context.gpkg')}|layername=liq"
    result = find(layer, listener, TYPE_FIELD="location_type", PLACE=LAYER, PLACES=premises, PLACE_DISTANCE=20,
                  AS_OF="2017-12-31", WINDOW=365)
    assert result["PLACE_COUNT"] == 20_436 and 0 < result["INCIDENTS"] < result["RECORDED"]
    entry = json.loads(result["PROVENANCE"])["inputs"]["INPUT"]
    assert entry["used"] + sum(e["count"] for e in entry["left_out"]) == entry["rows"] == 35_746
    assert result["STILL_TOP"] is not None and result["HALF_CHANCE"] > 0
