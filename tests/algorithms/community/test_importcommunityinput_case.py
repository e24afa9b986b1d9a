"""Import community input into a case file: reports are added once, all or none."""

from __future__ import annotations

import json
import shutil

import pytest
from qgis.core import QgsProcessingException

from hotspot_plugin.layers import casestore

AGAIN = "id,lon,lat,text,category,date,status\n{rows}"
FIRST = "a1,9.1,50.1,No lamp here,light,2026-03-01,\na2,9.2,50.2,Bins on fire,rubbish,,done\n"
MORE = FIRST.replace("No lamp", "Never a lamp") + "a3,9.3,50.3,Loud at night,disorder,2026-03-09,\n"


@pytest.fixture
def case(run_tool, tmp_path):
    path = str(tmp_path / "case.gpkg")
    run_tool("casefile", {"OUTPUT": path, "CRS": "EPSG:25832"})
    return path


def export_of(tmp_path, text, name="export.csv"):
    (tmp_path / name).write_text(AGAIN.format(rows=text))
    return tmp_path / name


def test_reports_are_added_to_a_case_file_and_known_again_next_week(bring, case, tmp_path):
    first, *_ = bring(export_of(tmp_path, FIRST), CASE_FILE=case)
    assert (first["CASE_ADDED"], first["CASE_KNOWN"]) == (2, 0)
    casestore.change(case, "input_points", "a1", {"status": "acknowledged"}, "officer")
    again, _, _, log = bring(export_of(tmp_path, MORE), CASE_FILE=case, OUTPUT=str(tmp_path / "two.gpkg"))
    assert (again["CASE_ADDED"], again["CASE_KNOWN"], again["WRITTEN"]) == (1, 2, 3)
    assert "2 are in it already" in str(vars(log))
    found = {row["input_id"]: row for row in casestore.rows(case, "input_points", shapes=True)}
    assert set(found) == {"a1", "a2", "a3"} and found["a1"]["said"] == "No lamp here"
    assert (found["a1"]["status"], found["a2"]["status"], found["a3"]["status"]) == ("acknowledged", "done", "new")
    assert found["a2"]["said_on"] is None and found["a2"]["voice_id"] is None  # not known, and not made up
    # 0.3 degrees of the circle at 50.3 N, which has a radius of 4,082.2 km, by the scale 0.9996
    assert found["a3"]["geometry"].asPoint().x() == pytest.approx(521_366, abs=2)
    journal = casestore.rows(case, "journal", where={"change": "insert"})
    assert len(journal) == 3 and {entry["tab"] for entry in journal} == {"input_points"}


def test_two_sources_that_number_from_1_do_not_swallow_each_other(bring, case, tmp_path):
    """The second portal's reports 1 and 2 were taken for known; a later day or a corrected place alone is an update."""
    one = "1,9.1,50.1,Dark,light,2026-03-01,\n2,9.2,50.2,Bins,rubbish,2026-03-02,\n"
    bring(export_of(tmp_path, one), CASE_FILE=case)
    other = "1,9.3,50.1,Loud,disorder,2026-04-01,\n2,9.2,50.2,Bins,rubbish,2026-03-09,\n"
    for added in (1, 0):  # known again by its own key the next time
        result, _, _, log = bring(export_of(tmp_path, other), CASE_FILE=case, OUTPUT=str(tmp_path / f"{added}.gpkg"))
        assert (result["CASE_ADDED"], result["CASE_KNOWN"]) == (added, 2 - added)
        assert "One report has the id of another one" in str(vars(log))
    there = casestore.rows(case, "input_points")
    assert sorted(row["said"] for row in there) == ["Bins", "Dark", "Loud"]


def test_without_ids_a_report_is_known_by_what_it_says(bring, case, tmp_path):
    lines = [line.partition(",")[2] for line in (FIRST + FIRST).splitlines()]
    path = tmp_path / "noid.csv"
    path.write_text("lon,lat,text,category,date,status\n" + "\n".join(lines))
    first, *_ = bring(path, CASE_FILE=case)
    again, *_ = bring(path, CASE_FILE=case, OUTPUT=str(tmp_path / "two.gpkg"))
    assert (first["CASE_ADDED"], again["CASE_ADDED"], again["CASE_KNOWN"]) == (4, 0, 4)


def test_what_residents_drew_goes_among_the_areas_of_the_case_file_once(bring, case, tmp_path):
    ring = [[9.1, 50.1], [9.102, 50.1], [9.102, 50.102], [9.1, 50.102], [9.1, 50.1]]
    shapes = {"a": {"type": "Point", "coordinates": [9.15, 50.15]}, "b": {"type": "Polygon", "coordinates": [ring]}}
    path = tmp_path / "drawn.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "geometry": shape, "properties": {"id": key, "text": "Dark"}}
        for key, shape in shapes.items()]}))
    for numbers in ((2, 0), (0, 2)):
        result, *_ = bring(path, CASE_FILE=case, OUTPUT=str(tmp_path / f"{numbers[0]}.gpkg"))
        assert (result["CASE_ADDED"], result["CASE_KNOWN"]) == numbers
    assert [row["input_id"] for row in casestore.rows(case, "input_points")] == ["a"]
    (area,) = casestore.rows(case, "input_areas", shapes=True)
    assert area["input_id"] == "b" and area["geometry"].area() == pytest.approx(143 * 222.5, rel=0.01)


def test_a_case_file_that_cannot_be_added_to_stops_the_import_at_once(bring, case, run_tool, tmp_path):
    import sqlite3
    from contextlib import closing

    path, register = export_of(tmp_path, FIRST), str(tmp_path / "register.gpkg")
    run_tool("problemregister", {"OUTPUT": register})
    with pytest.raises(QgsProcessingException, match="CASE_FILE.*register of problems alone"):
        bring(path, CASE_FILE=register)
    with pytest.raises(QgsProcessingException, match="CASE_FILE.*is no GeoPackage"):
        bring(path, CASE_FILE=str(shutil.copy(path, tmp_path / "text.gpkg")))
    with closing(sqlite3.connect(case)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(QgsProcessingException, match="CASE_FILE.*being written by somebody else"):
            bring(path, CASE_FILE=case)
    practice = tmp_path / "practice.csv"
    practice.write_text("id,lon,lat,text,practice\na1,9.1,50.1,x,true\n")
    with pytest.raises(QgsProcessingException, match="CASE_FILE.*made for practice"):
        bring(practice, CASE_FILE=case)
    assert casestore.count(case, "input_points") == 0
