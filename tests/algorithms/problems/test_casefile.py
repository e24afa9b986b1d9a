"""The case file: problems and community input in one file, with one journal, for the plugin and for plain QGIS."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import pytest
from qgis.core import (
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsFeature,
    QgsGeometry,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProject,
    QgsVectorLayer,
    QgsVectorLayerUtils,
)

from hotspot_plugin.analysis.community import inputs as i
from hotspot_plugin.analysis.problems import register as r
from hotspot_plugin.layers import caseinfo, casestore, sources
from tests.algorithms.cpted.test_visibility import EAST, NORTH, layer_of

BEATS = ["POLYGON((0 0,1000 0,1000 1000,0 1000,0 0))", "POLYGON((1000 0,2000 0,2000 1000,1000 1000,1000 0))"]


def beats(practice=False):
    return layer_of("Polygon", BEATS, [["North", practice], ["South", practice]],
                    "&field=name:string&field=practice:bool")


@pytest.fixture(scope="module")
def made(provider, tmp_path_factory):
    from qgis import processing

    path = str(tmp_path_factory.mktemp("case") / "case.gpkg")
    return processing.run("hotspot:casefile", {
        "INPUT": beats(), "NAME_FIELD": "name", "OUTPUT": path, "ROLES": "analyst; officer", "LANGUAGES": "en, es"},
        feedback=QgsProcessingFeedback())


@pytest.fixture
def case(made, tmp_path):
    """The path of a case file of one's own."""
    return str(shutil.copy(made["OUTPUT"], tmp_path / "own.gpkg"))


def journal(path):
    with closing(sqlite3.connect(path)) as base:
        return base.execute("SELECT tab, change, field, old_val, new_val, role FROM journal ORDER BY fid").fetchall()


def report(**values):
    return {"category": "light", "concern": 4, "source": "report", "consent": "count", "said": "No lamp here", **values}


def test_all_tables_of_both_are_in_one_file(made):
    path = made["OUTPUT"]
    tables = {**r.TABLES, r.ROLES: {"role": 0}, **dict.fromkeys((i.POINT_TABLE, i.AREA_TABLE), i.COLUMNS)}
    for name, columns in tables.items():
        layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
        assert layer.isValid() and layer.fields().names() == ["fid", *columns], name
        assert layer.fields().count() < 3 or layer.editFormConfig().tabs(), name
    assert (made["ROLE_COUNT"], made["LANGUAGE_COUNT"], made["AREA_COUNT"], made["CATEGORY_COUNT"]) == (2, 2, 2, 12)
    health = casestore.probe(path)
    assert (health.state, health.version, health.practice, health.register, health.community) == (
        "good", caseinfo.FORMAT, False, True, True)
    with closing(sqlite3.connect(path)) as base:
        assert base.execute("pragma journal_mode").fetchone() == ("delete",)
        assert base.execute("pragma integrity_check").fetchone() == ("ok",)
    assert sources.is_practice_file(path) is False


def test_the_project_has_layers_groups_and_relations_without_a_folder(made):
    for place in (made["OUTPUT"][:-5] + ".qgs", f"geopackage:{made['OUTPUT']}?projectName=case"):
        project = QgsProject()
        assert project.read(place)
        names = {layer.name() for layer in project.mapLayers().values()}
        assert {"problems", "input_points", "areas", "journal"} <= names and caseinfo.TABLE not in names
        assert all(layer.isValid() for layer in project.mapLayers().values())
        assert len(project.relationManager().relations()) == len(r.LINKS) + 2
        root = project.layerTreeRoot()
        assert [group.name() for group in root.findGroups()] == ["What is done", "Lists and journal"]
        lists = root.findGroup("Lists and journal").findLayers()
        assert [node.name() for node in lists] == ["roles", "categories", "journal"]
        project.clear()
    text = open(made["OUTPUT"][:-5] + ".qgs", encoding="utf-8").read()
    assert made["OUTPUT"][:-len("/case.gpkg")] not in text


def test_the_journal_tells_what_became_of_a_report_and_not_its_words(case):
    key = casestore.insert(case, {i.POINT_TABLE: [(QgsGeometry.fromWkt(f"POINT({EAST} {NORTH})"), report())]},
                           role="officer")[i.POINT_TABLE][0]
    casestore.change(case, i.POINT_TABLE, key, {"status": "acknowledged", "said": "Dark"}, role="analyst")
    casestore.remove(case, i.POINT_TABLE, key, role="analyst")
    told = journal(case)
    assert [(row[1], row[2], row[5]) for row in told] == [
        ("insert", None, "officer"), ("update", "said", "analyst"), ("update", "status", "analyst"),
        ("update", "ack_on", "analyst"), ("delete", None, "analyst")]
    assert told[1][3:5] == (None, None) and told[2][3:5] == ("new", "acknowledged") and told[4][3:5] == (None, None)
    assert "lamp" not in str(told) and casestore.rows(case, caseinfo.TABLE, where={"key": caseinfo.ROLE_NOW}) == []


def test_plain_qgis_writes_into_it_and_the_journal_knows(case):
    layer = QgsVectorLayer(f"{case}|layername={i.POINT_TABLE}", "x", "ogr")
    context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
    values = {layer.fields().indexOf(k): v for k, v in report().items()}
    feature = QgsVectorLayerUtils.createFeature(layer, QgsGeometry.fromWkt(f"POINT({EAST} {NORTH})"), values, context)
    assert layer.startEditing() and layer.addFeature(QgsFeature(feature)) and layer.commitChanges()
    assert journal(case) == [(i.POINT_TABLE, "insert", None, None, None, None)]
    assert casestore.rows(case, i.POINT_TABLE)[0]["status"] == "new"


def test_the_journal_of_problems_takes_the_role_of_who_deletes(case):
    key = casestore.insert(case, {r.PROBLEMS: [(None, {"title": "Dark street"})]}, role="officer")[r.PROBLEMS][0]
    casestore.remove(case, r.PROBLEMS, key, role="analyst")
    told = journal(case)
    assert told[0][1:] == ("insert", None, None, None, "officer")
    assert {row[5] for row in told if row[1] == "delete"} == {"analyst"}
    assert (r.PROBLEMS, "delete", "title", "Dark street", None, "analyst") in told


def test_tools_that_read_a_register_take_it(case, run_tool, tmp_path):
    zones = layer_of("Polygon", [BEATS[0]], [["Zone 1", 1]], "&field=name:string&field=rank:integer")
    added = run_tool("problemregister", {"INPUT": zones, "REGISTER": case, "OWNER": "officer", "ROLE": "analyst"})
    assert (added["PROBLEMS"], added["PLACES"]) == (1, 1)
    assert [row["title"] for row in casestore.rows(case, r.PROBLEMS)] == ["Problem at Zone 1"]
    again = run_tool("problemregister", {"INPUT": zones, "REGISTER": case})
    assert (again["PROBLEMS"], again["KNOWN"]) == (0, 1)
    casestore.insert(case, {i.POINT_TABLE: [
        (QgsGeometry.fromWkt(f"POINT({EAST + 10 * k} {NORTH + 10})"), report(said_on="2026-05-03")) for k in range(3)]})
    sheet = run_tool("meetingsheet", {
        "AREAS": beats(), "NAME_FIELD": "name", "REGISTER": case, "COMMUNITY": f"{case}|layername={i.POINT_TABLE}",
        "SINCE": "2026-01-01", "UNTIL": "2026-06-30", "OUTPUT": str(tmp_path / "sheet.html")})
    assert (tmp_path / "sheet.html").stat().st_size > 1000 and sheet["SUMMARY"]


def test_an_evaluation_report_takes_dose_and_cost_from_it(case, run_tool, tmp_path):
    from tests.algorithms.samples import RECORD

    key = {"prob_id": "p1"}
    casestore.insert(case, {
        r.PROBLEMS: [(None, {**key, "title": "Car park"})],
        r.ACTIONS: [(None, {**key, "action": "Lamps", "owner": "officer", "cost": 150.0})],
        r.DELIVERIES: [(None, {**key, "kind": "patrol", "minutes": 15.0, "by_role": "officer"})]}, "analyst")
    run_tool("evaluationreport", {
        "QUESTION": "Did lamps help?", "RECORDS": RECORD, "REGISTER": case, "PROBLEM": "Car park", "OUTPUT": "memory:",
        "REPORT": str(tmp_path / "report.html")})
    assert "Delivered: patrol" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_practice_areas_make_a_practice_file(run_tool, tmp_path):
    path = str(tmp_path / "practice.gpkg")
    result = run_tool("casefile", {"INPUT": beats(True), "NAME_FIELD": "name", "OUTPUT": path})
    assert "for practice" in result["SUMMARY"] and casestore.probe(path).practice and sources.is_practice_file(path)
    for table in (i.POINT_TABLE, r.PLACES, r.PROBLEMS):
        assert sources.is_practice(QgsVectorLayer(f"{path}|layername={table}", "x", "ogr")), table
    alone = str(tmp_path / "alone.gpkg")
    run_tool("communitylayer", {"INPUT": beats(True), "OUTPUT": alone})
    assert sources.is_practice_file(alone)


def test_refusals_leave_nothing_behind(run_tool, made, tmp_path):
    with pytest.raises(QgsProcessingException, match="OUTPUT.*may hold problems and what residents said"):
        run_tool("casefile", {"OUTPUT": made["OUTPUT"]})
    with pytest.raises(QgsProcessingException, match="LANGUAGES.*no code of a language"):
        run_tool("casefile", {"OUTPUT": str(tmp_path / "x.gpkg"), "LANGUAGES": "Englisch"})
    with pytest.raises(QgsProcessingException, match="CATEGORIES.*Give one of them"):
        (tmp_path / "c.csv").write_text("key,label,group\na,A,\n")
        run_tool("casefile", {"OUTPUT": str(tmp_path / "x.gpkg"), "CATEGORIES": "a, A",
                              "CATEGORY_FILE": str(tmp_path / "c.csv")})
    assert [p.name for p in tmp_path.iterdir()] == ["c.csv"]


def test_a_system_that_is_none_of_a_map_is_refused(run_tool, tmp_path):
    """A system that is not known was taken for EPSG:4326 without a word; in geocentric metres nothing has a place."""
    for number, crs in enumerate(("EPSG:99999999", "EPSG:4978")):
        with pytest.raises(QgsProcessingException, match="no coordinate system of a map"):
            run_tool("casefile", {"CRS": crs, "OUTPUT": str(tmp_path / f"{number}.gpkg")})
    result = run_tool("casefile", {"CRS": None, "CATEGORIES": "light, Light", "OUTPUT": str(tmp_path / "well.gpkg")})
    assert "1 category, no names" in result["SUMMARY"]
    assert casestore.crs_of(result["OUTPUT"], "input_points").authid() == "EPSG:4326"
