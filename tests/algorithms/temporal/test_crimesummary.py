"""The crime summary as a user runs it: known tables, sums that are the rows, refusals that help."""

from __future__ import annotations

import csv
import gzip
import re

import numpy as np
import pytest
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingException,
    QgsVectorLayer,
)

from tests.algorithms.samples import Listener

EAST, NORTH = 430_000.0, 5_960_000.0
COUNTS = ("n_all", "n_7", "n_28", "n_28_prev", "n_28_year", "ytd", "ytd_last")


def incidents(rows, kind="Point?crs=EPSG:32630&", names=("when", "kind")):
    """Rows are (x, date text, type); x None has no place."""
    layer = QgsVectorLayer(kind + "&".join(f"field={name}:string" for name in names), "calls", "memory")
    features = []
    for x, *values in rows:
        feature = QgsFeature(layer.fields())
        if x is not None:
            feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(EAST + x, NORTH + 50)))
        feature.setAttributes(values)
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    layer.updateExtents()
    return layer


def areas(names, width=100):
    layer = QgsVectorLayer("Polygon?crs=EPSG:32630&field=beat:string", "beats", "memory")
    features = []
    for i, name in enumerate(names):
        feature = QgsFeature(layer.fields())
        a, b = EAST + i * width, EAST + (i + 1) * width
        feature.setGeometry(QgsGeometry.fromWkt(
            f"POLYGON(({a} {NORTH},{b} {NORTH},{b} {NORTH + 100},{a} {NORTH + 100},{a} {NORTH}))"))
        feature.setAttributes([name])
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    layer.updateExtents()
    return layer


def daily(first="2023-01-01", last="2024-12-31", x=50, kind="Theft", a_day=1):
    days = np.arange(np.datetime64(first), np.datetime64(last) + 1)
    return [(x, f"{day}T{12 + hour}:30", kind) for day in days.astype(str) for hour in range(a_day)]


def days(text, count, x=50, kind="Assault"):
    return [(x, f"{text}T15:{i % 60:02d}", kind) for i in range(count)]


@pytest.fixture
def summarise(run_tool):
    def run(layer, listener=None, **more):
        given = {"INPUT": layer, "DATE_FIELD": "when", "TYPE_FIELD": "kind", "AS_OF": "2024-12-31",
                 "OUTPUT": "TEMPORARY_OUTPUT"}
        given = {name: value for name, value in {**given, **more}.items() if value is not None}
        return run_tool("crimesummary", given, feedback=listener or Listener())

    return run


def rows_of(result):
    layer = result["OUTPUT"]
    layer = layer if isinstance(layer, QgsVectorLayer) else QgsVectorLayer(layer, "out", "ogr")
    names = layer.fields().names()
    return [dict(zip(names, (None if str(v) == "NULL" else v for v in f.attributes()))) for f in layer.getFeatures()]


def line(rows, area=None, kind=None):
    return next(row for row in rows if row["area"] == area and row["ctype"] == kind)


# --- the table -------------------------------------------------------------------------------
def test_a_table_counted_by_hand(summarise):
    rows = daily() + days("2024-12-30", 12) + days("2024-11-20", 2) + days("2023-12-15", 1) + days("2023-03-01", 4)
    result = summarise(incidents(rows))
    table = rows_of(result)
    assert [row["level"] for row in table] == ["whole", "type", "type"]
    theft, assault = line(table, kind="Theft"), line(table, kind="Assault")
    assert [theft[name] for name in COUNTS] == [731, 7, 28, 28, 28, 366, 365]
    assert [assault[name] for name in COUNTS] == [19, 12, 12, 2, 1, 14, 5]
    assert theft["z_28"] == 0 and abs(theft["z_ytd"]) < 1e-9 and theft["perc_ytd"] == pytest.approx(0)
    assert assault["z_28"] == pytest.approx(2 * (np.sqrt(12) - np.sqrt(2)))
    assert assault["exp_7"] == pytest.approx(0.25) and assault["exp_7_low"] == 0
    assert assault["exp_7_high"] == pytest.approx((0.5 + 1.5) ** 2)
    assert assault["perc_28"] is None and assault["perc_ytd"] is None  # never a per cent of 2
    assert assault["flags"] == (
        "7 days: more; 28 days: more; 28 days to last year: more; year to date: more")
    assert theft["flags"] is None and theft["weeks"] == " ".join(["7"] * 13) and theft["spark"] == "█" * 13
    assert (result["END"], result["TYPES"], result["AREAS_COUNT"]) == ("2024-12-31", 2, 0)
    assert (result["TOTAL_7"], result["TOTAL_28"], result["TOTAL_YTD"]) == (19, 40, 380)
    assert result["FLAGGED"] >= 3 and 0 < result["FLAGGED_CHANCE"] < 1 and result["COMPARED"] == 12


def test_areas_outside_and_unlocated_have_lines_that_add_up(summarise):
    rows = (daily() + daily(x=150, a_day=2) + days("2024-12-20", 5, x=950) + days("2024-12-20", 3, x=None)
            + [(50, "", "Theft"), (150, "no date", None)])
    table = incidents([(None, "2024-12-29T10:00", "Fraud")] * 4 + [(None, "2022-05-01T10:00", "Fraud")],
                      kind="None?")
    result = summarise(incidents(rows), AREAS=areas(["North", "South", "Empty"]), NAME_FIELD="beat", UNLOCATED=table)
    found = rows_of(result)
    total = len(rows) + 5
    for level in ("whole", "type", "area", "type in area"):
        some = [row for row in found if row["level"] == level]
        assert sum(row["n_all"] for row in some) == total, level
        for name in COUNTS[1:]:
            assert sum(row[name] for row in some) == found[0][name], (level, name)
    assert [row["area"] for row in found if row["level"] == "area"] == [
        "North", "South", "Empty", "Outside all areas", "Without a place"]
    assert line(found, "South")["n_28"] == 56 and line(found, "Empty")["n_28"] == 0
    assert line(found, "Outside all areas")["n_28"] == 5 and line(found, "Without a place")["n_28"] == 7
    assert line(found, None, "without a type")["n_all"] == 1
    assert not [row for row in found if row["area"] == "Empty" and row["ctype"]]
    assert (result["ROWS_OUTSIDE"], result["ROWS_UNLOCATED"], result["RECORDS"]) == (5, 8, total)
    assert result["AREAS_COUNT"] == 3


def test_polygons_of_one_name_count_together(summarise):
    listener = Listener()
    found = rows_of(summarise(incidents(daily() + daily(x=150)), listener, AREAS=areas(["A", "A"]), NAME_FIELD="beat"))
    assert line(found, "A")["n_28"] == 56 and any("share 1 names" in text for text in listener.infos)


def test_without_areas_the_unlocated_are_told(summarise):
    listener = Listener()
    found = rows_of(summarise(incidents(daily() + days("2024-12-20", 100, x=None)), listener))
    assert line(found, "Without a place")["n_28"] == 100 and line(found, "On the map")["n_28"] == 28
    assert line(found)["n_28"] == 128
    assert any("100 of 831 records (12.0 %) have no place" in text for text in listener.warnings)


# --- what is not covered ---------------------------------------------------------------------
def test_windows_that_the_data_do_not_reach_are_empty(summarise):
    listener = Listener()
    result = summarise(incidents(daily("2024-06-01")), listener)
    row = rows_of(result)[0]
    assert row["n_28_prev"] == 28 and row["z_28"] == 0
    for name in ("n_28_year", "ytd", "ytd_last", "z_28_year", "z_ytd", "perc_year", "perc_ytd"):
        assert row[name] is None, name
    assert result["TOTAL_YTD"] is None and result["TOTAL_28_YEAR"] is None
    assert any("do not cover: Same 28 days last year, Year to date, Last year to date" in t for t in listener.warnings)
    assert "of 2023" not in result["SUMMARY"]


def test_a_year_that_is_missing_is_not_a_year_without_crime(summarise):
    rows = daily("2022-01-01", "2022-12-31", a_day=3) + daily("2024-01-01", a_day=3)
    listener = Listener()
    row = rows_of(summarise(incidents(rows), listener))[0]
    assert row["n_28_year"] is None and row["ytd_last"] is None and row["ytd"] == 3 * 366
    assert any("No record at all from 2023-01-01 to 2023-12-31" in text for text in listener.warnings)


def test_the_last_day_by_itself_is_the_last_complete_one(summarise):
    rows = daily(a_day=9) + [(50, "2025-01-01T00:10", "Theft")]
    result = summarise(incidents(rows), AS_OF=None)
    assert result["END"] == "2024-12-31" and result["TOTAL_7"] == 63
    assert rows_of(result)[0]["n_all"] == len(rows)


def test_new_types_are_named(summarise):
    listener = Listener()
    summarise(incidents(daily() + days("2024-05-05", 20, kind="Scooter theft")), listener)
    assert any("perhaps new or renamed: Scooter theft" in text for text in listener.warnings)


# --- refusals --------------------------------------------------------------------------------
def test_dates_of_months_are_refused_with_the_reason(summarise):
    rows = [(50, f"2024-{month:02d}", "Theft") for month in range(1, 13) for _ in range(30)]
    with pytest.raises(QgsProcessingException, match="say only the month.*Compare two periods"):
        summarise(incidents(rows))


def test_days_after_the_data_are_refused(summarise):
    with pytest.raises(QgsProcessingException, match="AS_OF.*end on 2024-12-31.*calm"):
        summarise(incidents(daily(a_day=2)), AS_OF="2025-02-01")
    with pytest.raises(QgsProcessingException, match="AS_OF"):
        summarise(incidents(daily()), AS_OF="2020-01-01")


def test_no_date_no_area_and_other_fields_are_refused(summarise):
    with pytest.raises(QgsProcessingException, match="no 'dt_from'"):
        summarise(incidents(daily()), DATE_FIELD=None)
    with pytest.raises(QgsProcessingException, match="date that can be read"):
        summarise(incidents([(50, "", "Theft")] * 3))
    with pytest.raises(QgsProcessingException, match="None of the .* lies in an area"):
        summarise(incidents(daily(x=5000)), AREAS=areas(["A"]))
    with pytest.raises(QgsProcessingException, match="UNLOCATED.*has no field 'when'"):
        summarise(incidents(daily()), UNLOCATED=incidents([(None, "x")], kind="None?", names=("other",)))


def test_a_cancelled_run_stops(summarise):
    class Stop(Listener):
        def isCanceled(self):  # noqa: N802
            return True

    with pytest.raises(QgsProcessingException, match="cancelled"):
        summarise(incidents(daily()), Stop())


# --- words and report ------------------------------------------------------------------------
def test_summary_can_be_read_out(summarise):
    text = summarise(incidents(daily(a_day=2) + days("2024-12-30", 60)))["SUMMARY"]
    assert text.startswith("From 2024-12-04 to 2024-12-31 (28 days) 116 incidents were recorded, beside 56 in the 28")
    assert "a rise beyond chance" in text and "to be expected from the 8 weeks before: clearly more" in text
    assert "From 2024-01-01 to 2024-12-31 792 were recorded, in 2023 to the same date 730 (+8.2 % a day" in text
    assert "could be chance" in summarise(incidents(daily()))["SUMMARY"]


def test_report_marks_by_arrow_word_and_colour(summarise, tmp_path):
    page = tmp_path / "week.html"
    summarise(incidents(daily() + days("2024-12-30", 30)), AREAS=areas(["North"]), NAME_FIELD="beat",
              REPORT=str(page))
    text = page.read_text(encoding="utf-8")
    marked = re.findall(r'<td class="number (more|fewer)">([^<]*)</td>', text)
    assert marked and all(("▲\u00a0more" in cell) == (word == "more") for word, cell in marked)
    assert text.count("▲") == len(marked)
    assert "the 29th of February" in text
    with open(tmp_path / "week_types.csv", encoding="utf-8-sig", newline="") as file:
        table = list(csv.reader(file))
    assert len(set(table[0])) == len(table[0]) == 12 and [row[0] for row in table[1:]] == ["Assault", "Theft", "All"]
    assert float(table[1][5]) == pytest.approx(2 * np.sqrt(30))
    for name in ("areas", "areas_types", "windows", "records", "stands_out"):
        assert (tmp_path / f"week_{name}.csv").exists(), name


# --- real data -------------------------------------------------------------------------------
def vancouver(paths):
    """Rows of some years, the masked ones (0, 0) without a place."""
    layer = QgsVectorLayer("Point?crs=EPSG:26910&field=dt_from:string&field=ctype:string", "vpd", "memory")
    features, plain = [], []
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                feature = QgsFeature(layer.fields())
                x, y = float(row["X"] or 0), float(row["Y"] or 0)
                if x and y:
                    feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(x, y)))
                day = "{}-{:02d}-{:02d}".format(*(int(row[k]) for k in ("YEAR", "MONTH", "DAY")))
                feature.setAttributes([f"{day}T{int(row['HOUR'] or 0):02d}:{int(row['MINUTE'] or 0):02d}", row["TYPE"]])
                features.append(feature)
                plain.append((day, row["TYPE"], bool(x and y)))
    layer.dataProvider().addFeatures(features)
    layer.updateExtents()
    return layer, plain


def test_vancouver_2023_and_2024(run_tool, shared_data, tmp_path):
    layer, plain = vancouver([shared_data(f"vancouver/vpd_crime_{year}.csv.gz") for year in (2023, 2024)])
    beats = f"{shared_data('vancouver/vancouver.gpkg')}|layername=neighbourhoods"
    listener = Listener()
    result = run_tool("crimesummary", {
        "INPUT": layer, "AREAS": beats, "NAME_FIELD": "name", "OUTPUT": str(tmp_path / "out.gpkg"),
        "REPORT": str(tmp_path / "report.html")}, feedback=listener)
    found = rows_of(result)
    assert len(plain) == 70_487 == result["RECORDS"]
    for level in ("whole", "type", "area", "type in area"):
        some = [row for row in found if row["level"] == level]
        assert sum(row["n_all"] for row in some) == 70_487
        assert (sum(row["ytd"] for row in some), sum(row["ytd_last"] for row in some)) == (33_771, 36_716)
    masked = line(found, "Without a place")
    assert masked["n_all"] == sum(not located for *_, located in plain) == result["ROWS_UNLOCATED"]
    kind = "Theft from Vehicle"
    own = [day for day, what, _ in plain if what == kind]
    row = line(found, None, kind)
    assert row["n_28"] == sum("2024-12-04" <= day <= "2024-12-31" for day in own)
    assert row["n_28_prev"] == sum("2024-11-06" <= day <= "2024-12-03" for day in own)
    assert row["n_28_year"] == sum("2023-12-04" <= day <= "2023-12-31" for day in own)
    assert [int(n) for n in row["weeks"].split()][-1] == row["n_7"] == sum(day >= "2024-12-25" for day in own)
    assert result["AREAS_COUNT"] == 22 and result["FLAGGED"] > 2 * result["FLAGGED_CHANCE"] > 0
    assert any("have no place" in text for text in listener.warnings)
    with open(tmp_path / "report_types.csv", encoding="utf-8-sig", newline="") as file:
        table = list(csv.reader(file))
    assert sum(int(row[8]) for row in table[1:-1]) == int(table[-1][8]) == 33_771
