"""Incidents by day, week or month as a user runs it."""

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
    QgsVectorLayer,
)

from tests.algorithms.samples import Listener


def incidents(moments, kinds=None, kind="Point?crs=EPSG:32630&", place=True):
    layer = QgsVectorLayer(kind + "field=when:string&field=kind:string", "calls", "memory")
    features = []
    for i, moment in enumerate(moments):
        feature = QgsFeature(layer.fields())
        if place and i % 10:
            feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(430_000 + i, 5_960_000)))
        feature.setAttributes([str(moment), kinds[i] if kinds else "Theft"])
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    layer.updateExtents()
    return layer


def daily(first, last, a_day=3):
    """The same number each day, with a time of day."""
    days = np.arange(np.datetime64(first), np.datetime64(last) + 1)
    return [f"{day}T{10 + k}:30" for day in days.astype(str) for k in range(a_day)]


@pytest.fixture
def series(run_tool):
    def run(layer, listener=None, **more):
        given = {"INPUT": layer, "DATE_FIELD": "when", "OUTPUT": "TEMPORARY_OUTPUT", **more}
        return run_tool("incidentseries", {k: v for k, v in given.items() if v is not None},
                        feedback=listener or Listener())

    return run


def rows_of(result):
    layer = result["OUTPUT"]
    layer = layer if isinstance(layer, QgsVectorLayer) else QgsVectorLayer(layer, "out", "ogr")
    names = layer.fields().names()
    out = []
    for feature in layer.getFeatures():
        row = {n: (None if str(v) == "NULL" else v) for n, v in zip(names, feature.attributes())}
        for name in ("per_start", "per_end"):
            row[name] = row[name].toString("yyyy-MM-dd")
        out.append(row)
    return out


def test_weeks_counted_by_hand(series):
    # 2024-01-01 is a Monday
    result = series(incidents(daily("2024-01-04", "2024-03-31")))
    rows = rows_of(result)
    assert [row["n"] for row in rows] == [12] + [21] * 12
    assert (rows[0]["per_start"], rows[0]["per_end"], rows[0]["per_days"]) == ("2024-01-01", "2024-01-07", 7)
    assert [row["complete"] for row in rows] == [False] + [True] * 12
    assert rows[0]["not_compl"] == "begins before the data" and rows[1]["not_compl"] is None
    assert rows[8]["exp_mean"] is None and rows[9]["exp_mean"] == 21 and rows[12]["stands_out"] is None
    assert (result["COUNT"], result["PERIODS"], result["PERIODS_COMPLETE"], result["MEAN"]) == (264, 13, 12, 21)
    assert (result["FIRST"], result["LAST"], result["COMPLETE_TO"]) == ("2024-01-04", "2024-03-31", "2024-03-31")
    assert result["SUMMARY"].startswith("From 2024-01-04 to 2024-03-31 264 incidents were recorded. A week has 21.0 on"
                                        " average (21 to 21, 12 complete weeks). The data seem complete to their end.")


def test_days_and_months_add_up_alike(series):
    layer = incidents(daily("2024-01-01", "2024-03-31"))
    days, months = series(layer, UNIT=0), series(layer, UNIT=2)
    assert [row["n"] for row in rows_of(days)] == [3] * 91 and days["COUNT"] == months["COUNT"] == 273
    assert [(r["n"], r["per_days"], r["exp_mean"]) for r in rows_of(months)] == [
        (93, 31, None), (87, 29, None), (93, 31, None)]
    assert months["FLAGGED"] is None and months["COMPARED"] == 0 and days["COMPARED"] == 35


def test_weeks_and_days_begin_as_the_agency_has_it(series, tmp_path):
    settings = tmp_path / "agency.json"
    settings.write_text(json.dumps({"week_start": "Sunday", "day_start": 6}), encoding="utf-8")
    moments = daily("2024-01-01", "2024-03-31") + ["2024-02-04T03:00"]  # a Sunday night
    own = rows_of(series(incidents(moments), SETTINGS=str(settings)))
    assert own[0]["per_start"] == "2023-12-31"
    assert {r["per_start"]: r["n"] for r in own}["2024-01-28"] == 22  # counts to Saturday's police day
    plain = rows_of(series(incidents(moments), SETTINGS=str(settings), WEEK_START=1, DAY_START=0))
    assert plain[0]["per_start"] == "2024-01-01" and {r["per_start"]: r["n"] for r in plain}["2024-01-29"] == 22


def test_last_weeks_with_late_entries_are_not_complete_as_other_tools_have_it(series, run_tool):
    moments = daily("2023-01-02", "2024-03-10", 6) + daily("2024-03-11", "2024-03-24", 1)
    layer = incidents(moments)
    result = series(layer)
    rows = rows_of(result)
    assert [row["complete"] for row in rows[-4:]] == [True, True, False, False]
    assert rows[-1]["not_compl"] == "late entries may still come" and rows[-1]["stands_out"] is None
    assert "complete to 2024-03-10: the last 2 weeks must not be compared yet" in result["SUMMARY"]
    summary = run_tool("crimesummary", {"INPUT": layer, "DATE_FIELD": "when", "OUTPUT": "TEMPORARY_OUTPUT"})
    assert summary["END"] == result["COMPLETE_TO"]


def test_gaps_early_rows_errors_and_undated_are_told_and_add_up(series):
    listener = Listener()
    moments = (daily("2022-01-01", "2023-06-30", 8) + daily("2023-08-01", "2023-12-31", 8)
               + ["2015-05-05T10:00", "2031-01-01T10:00", "", "no date"])
    result = series(incidents(moments), listener)
    assert (result["UNDATED"], result["LEFT_OUT"]) == (2, 2)
    assert result["COUNT"] + result["UNDATED"] + result["LEFT_OUT"] == len(moments)
    july = [row for row in rows_of(result) if "2023-06-26" <= row["per_start"] <= "2023-07-31"]
    assert len(july) == 6 and not any(row["complete"] for row in july)
    assert july[1]["n"] == 0 and july[1]["not_compl"] == "days without any record"
    told = " ".join(listener.warnings)
    assert "No record at all from 2023-07-01 to 2023-07-31" in told
    assert "1 rows are dated before 2022-01-01" in told and "1 rows are dated more than a year after" in told


def test_types_have_lines_that_add_up(series):
    moments = daily("2024-01-01", "2024-03-31")
    kinds = [["Theft", "Assault", ""][i % 3] for i in range(len(moments))]
    result = series(incidents(moments, kinds), TYPE_FIELD="kind")
    rows = rows_of(result)
    assert result["TYPES"] == 3 and len(rows) == 4 * 13 and [r["ctype"] for r in rows[:13]] == [None] * 13
    for start in {row["per_start"] for row in rows}:
        here = [row for row in rows if row["per_start"] == start]
        assert here[0]["n"] == sum(row["n"] for row in here[1:])


def test_a_burst_stands_out_and_is_in_the_report(series, tmp_path):
    page = tmp_path / "weeks.html"
    moments = daily("2024-01-01", "2024-06-30") + [f"2024-05-15T{k % 24:02d}:00" for k in range(40)]
    result = series(incidents(moments), REPORT=str(page))
    assert [row["per_start"] for row in rows_of(result) if row["stands_out"] == "more"] == ["2024-05-13"]
    assert result["FLAGGED"] >= 1 and result["FLAGGED_CHANCE"] < 0.5
    text = page.read_text(encoding="utf-8")
    assert "data:image/svg+xml" in text and result["SUMMARY"].split(". ")[0] in text
    with open(tmp_path / "weeks_periods.csv", encoding="utf-8-sig", newline="") as file:
        table = list(csv.reader(file))
    assert len(table) == 27 and table[1][0] == "2024-06-24"


def test_bad_input_is_refused_with_a_remedy(series):
    with pytest.raises(QgsProcessingException, match="no 'dt_from'"):
        series(incidents(daily("2024-01-01", "2024-01-31")), DATE_FIELD=None)
    with pytest.raises(QgsProcessingException, match="date that can be read"):
        series(incidents(["", "x"]))
    months = [f"2024-{m:02d}" for m in range(1, 13) for _ in range(30)]
    with pytest.raises(QgsProcessingException, match="UNIT.*say only the month.*Choose months"):
        series(incidents(months))
    assert [row["n"] for row in rows_of(series(incidents(months), UNIT=2))] == [30] * 12
    many = daily("2000-01-01", "2024-12-31", 1)
    with pytest.raises(QgsProcessingException, match="TYPE_FIELD.*too many lines"):
        series(incidents(many, [str(i) for i in range(len(many))]), TYPE_FIELD="kind", UNIT=0)


def test_rows_without_a_place_count(series):
    assert series(incidents(daily("2024-01-01", "2024-03-31"), place=False))["COUNT"] == 273


def test_vancouver_by_month_is_the_count_of_its_file(series, shared_data):
    with gzip.open(shared_data("vancouver/vpd_crime_2024.csv.gz"), "rt", encoding="utf-8") as file:
        rows = [[int(row[k] or 0) for k in ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE")] for row in csv.DictReader(file)]
    moments = ["{}-{:02d}-{:02d}T{:02d}:{:02d}".format(*row) for row in rows]
    result = series(incidents(moments), UNIT=2)
    assert [row["n"] for row in rows_of(result)] == np.bincount([row[1] for row in rows])[1:].tolist()


def test_incidents_in_the_future_are_told(series):
    listener = Listener()
    days = daily("2024-01-01", "2024-03-31")
    series(incidents(days), listener)
    assert "in the future" not in str(vars(listener))
    soon = str(np.datetime64("today") + 40)
    series(incidents(daily(str(np.datetime64(soon) - 90), soon)), listener)
    assert "incidents are dated in the future: check their dates" in str(vars(listener))


def test_one_of_something_is_told_as_one(series):
    result = series(incidents(["2024-01-09 12:00"]), UNIT=0)
    assert result["SUMMARY"].startswith("On 2024-01-09 one incident was recorded. One day is complete, with 1.")
