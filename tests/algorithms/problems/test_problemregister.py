"""The register as plain QGIS opens it: forms, relations, checks; the journal of what QGIS, OGR and SQLite change."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from osgeo import ogr
from qgis.core import (
    QgsAttributeEditorRelation,
    QgsExpression,
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
from qgis.PyQt.QtCore import QDate

from hotspot_plugin.analysis.problems import register as r
from tests.algorithms.cpted.test_visibility import EAST, NORTH, layer_of, rows_of
from tests.algorithms.samples import Listener

SQUARES = [f"POLYGON(({x} 0,{x + 100} 0,{x + 100} 100,{x} 100,{x} 0))" for x in range(0, 1000, 200)]
FIELDS = "&field=name:string&field=rank:integer&field=n:integer&field=top_type:string&field=kind:string"


def zones(shift=0, take=5):
    rows = [[f"Zone {i + 1}", i + 1, 90 - 10 * i, "burglary", "environment"] for i in range(take)]
    layer = layer_of("Polygon", SQUARES[:take], rows, FIELDS)
    if shift:
        layer.dataProvider().changeGeometryValues({f.id(): moved(f.geometry(), shift) for f in layer.getFeatures()})
    return layer


def moved(shape, by):
    shape.translate(by, 0)
    return shape


def table(path, name):
    return QgsVectorLayer(f"{path}|layername={name}", name, "ogr")


def asked(path, sql, *values):
    with closing(sqlite3.connect(path)) as base:
        return base.execute(sql, values).fetchall()


@pytest.fixture
def make(run_tool, tmp_path):
    def run(listener=None, **given):
        given = given if "REGISTER" in given else {"OUTPUT": str(tmp_path / "register.gpkg"), **given}
        return run_tool("problemregister", given, feedback=listener or QgsProcessingFeedback())

    return run


@pytest.fixture(scope="module")
def started(provider, tmp_path_factory):
    """A register of five zones."""
    from qgis import processing

    path = str(tmp_path_factory.mktemp("register") / "register.gpkg")
    return processing.run("hotspot:problemregister", {
        "INPUT": zones(), "OUTPUT": path, "BASE_FROM": "2023-01-01", "BASE_TO": "2023-12-31", "OWNER": "beat sergeant",
        "ROLE": "analyst"}, feedback=QgsProcessingFeedback())


@pytest.fixture(scope="module")
def three(provider, tmp_path_factory):
    from qgis import processing

    path = str(tmp_path_factory.mktemp("three") / "register.gpkg")
    processing.run("hotspot:problemregister", {"INPUT": zones(take=3), "OUTPUT": path},
                   feedback=QgsProcessingFeedback())
    return path


@pytest.fixture
def copied(three, tmp_path):
    """The path of a register of three zones of one's own."""
    return shutil.copy(three, tmp_path / "copied.gpkg")


@pytest.fixture
def opened(started):
    project = QgsProject.instance()
    assert project.read(started["OUTPUT"][:-5] + ".qgs")
    yield {layer.name(): layer for layer in project.mapLayers().values()}
    project.clear()


def new(layer, geometry=None, **values):
    context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
    at = layer.fields().indexOf
    return QgsVectorLayerUtils.createFeature(layer, geometry or QgsGeometry(),
                                             {at(k): v for k, v in values.items()}, context)


def faults(layer, good, **values):
    """Fields whose checks refuse a row."""
    feature = new(layer, **good)
    for name, value in values.items():
        feature[name] = value
    return {column.name() for k, column in enumerate(layer.fields())
            if not QgsVectorLayerUtils.validateAttribute(layer, feature, k)[0]}


# --- the file ---------------------------------------------------------------------------------
def test_the_tables_are_those_of_the_definition(started):
    for name, columns in r.TABLES.items():
        layer = table(started["OUTPUT"], name)
        assert layer.isValid() and layer.fields().names() == ["fid", *columns], name
        assert all(len(field) <= 10 for field in columns)
        assert layer.isSpatial() == (name in r.SHAPES)
    with closing(sqlite3.connect(started["OUTPUT"])) as base:
        assert base.execute("pragma journal_mode").fetchone() == ("delete",)
        assert base.execute("pragma integrity_check").fetchone() == ("ok",)
        kinds = {row[2].split("(")[0] for name in r.TABLES for row in base.execute(f"pragma table_info({name})")}
    assert kinds == {"INTEGER", "TEXT", "DATE", "REAL", "BOOLEAN", "MULTIPOLYGON", "POINT"}  # all known to QField


def test_zones_become_problems_with_place_baseline_and_filter(started, opened):
    assert (started["PROBLEMS"], started["PLACES"], started["PROBLEMS_ALL"], started["KNOWN"]) == (5, 5, 5, 0)
    problems, places = rows_of(opened["problems"]), rows_of(opened["places"])
    first = problems[0]
    assert first["title"] == "burglary at Zone 1" and first["cgroup"] == "burglary" and first["stage"] == "scan"
    assert (first["visible"], first["owner"], first["role"]) == ("internal", "beat sergeant", "analyst")
    assert (first["baseline"], first["resp_kind"]) == (90, "place")
    assert first["base_from"] == QDate(2023, 1, 1) and first["base_to"] == QDate(2023, 12, 31)
    assert places[0]["prob_id"] == first["prob_id"] and places[0]["name"] == "Zone 1" and places[0]["rank"] == 1
    assert len({p["prob_id"] for p in problems}) == 5 and all(len(p["prob_id"]) == 36 for p in problems)
    roles = [row["role"] for row in rows_of(opened["roles"])]
    assert {"analyst", "beat sergeant"} <= set(roles) and len(roles) == len(set(roles))
    # the filter finds what lies in the problem's places
    points = layer_of("Point", ["POINT(50 50)", "POINT(250 50)", "POINT(5000 0)"], [["a"], ["b"], ["c"]],
                      "&field=name:string")
    points.setName("incidents")
    QgsProject.instance().addMapLayer(points, False)
    for problem, expected in zip(problems[:2], ("a", "b")):
        points.selectByExpression(problem["flt_expr"])
        assert [f["name"] for f in points.selectedFeatures()] == [expected]


def test_it_opens_in_another_python_without_the_plugin(started):
    code = ("import sys; from qgis.core import *; app = QgsApplication([], False); app.initQgis();"
            "p = QgsProject.instance();"
            f"assert p.read('geopackage:' + {started['OUTPUT']!r} + '?projectName=register');"
            "a = p.mapLayersByName('problems')[0]; assert 'hotspot_plugin' not in sys.modules;"
            "print(len(a.editFormConfig().tabs()), len(p.relationManager().relations()),"
            " all(r.isValid() for r in p.relationManager().relations().values()),"
            " p.mapLayersByName('journal')[0].readOnly(), all(l.isValid() for l in p.mapLayers().values()))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, cwd="/",
                          env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": ""})
    assert f"8 {len(r.LINKS)} True True True" in done.stdout, done.stderr


def test_forms_list_the_rows_that_belong_to_them(opened):
    shown = {}
    for name, layer in opened.items():
        for tab in layer.editFormConfig().tabs():
            for child in tab.children():
                if isinstance(child, QgsAttributeEditorRelation):
                    assert child.relation().isValid(), (name, tab.name())
                    shown.setdefault(name, set()).add(child.relation().referencingLayer().name())
    assert shown["problems"] == {"places", "actions", "commitments", "deliveries", "answers"}
    assert shown["meetings"] == {"answers"} and shown["partners"] == {"commitments", "actions"}
    problem = next(opened["problems"].getFeatures())
    relation = QgsProject.instance().relationManager().relation("register_places_prob_id")
    assert [f["name"] for f in relation.getRelatedFeatures(problem)] == ["Zone 1"]


def test_widgets(opened):
    def widget(name, field):
        layer = opened[name]
        setup = layer.editorWidgetSetup(layer.fields().indexOf(field))
        return setup.type(), setup.config()

    def values(name, field):
        return [v for entry in widget(name, field)[1]["map"] for v in entry.values() if not v.startswith("{2839923C")]

    assert values("problems", "stage") == list(r.STAGES) and values("problems", "decision") == list(r.DECISIONS)
    assert values("problems", "visible") == list(r.VISIBILITIES)
    assert values("actions", "resp_kind") == list(r.RESPONSE_KINDS) and values("actions", "state") == list(r.STATES)
    assert values("deliveries", "kind") == list(r.DELIVERY_KINDS)
    assert values("answers", "outcome") == list(r.OUTCOMES) and "trust" in values("answers", "theme")
    for (name, field), parent in r.LINKS.items():
        kind, config = widget(name, field)
        assert (kind, config["LayerName"], config["Key"], config["LayerSource"] or "") == (
            "ValueRelation", parent, r.KEYS[parent], ""), (name, field)
    for name, key in r.KEYS.items():
        assert widget(name, key)[0] == "Hidden" and len(new(opened[name])[key]) == 36
    assert int(widget("deliveries", "photo")[1]["RelativeStorage"]) == 1


def test_a_place_is_drawn_by_the_stage_of_its_problem(opened):
    """By a join: a renderer must not ask for features of other layers while it draws."""
    places, problems = opened["places"], opened["problems"]
    assert places.renderer().classAttribute() == "stage"
    first = next(problems.getFeatures())
    assert problems.startEditing()
    assert problems.changeAttributeValue(first.id(), problems.fields().indexOf("stage"), "assess")
    assert problems.changeAttributeValue(first.id(), problems.fields().indexOf("role"), "analyst")
    places.joinBuffer().createJoinCaches()
    assert {f["stage"] for f in places.getFeatures() if f["prob_id"] == first["prob_id"]} == {"assess"}
    assert problems.rollBack()


def test_nothing_names_a_folder(started):
    folder = os.path.dirname(started["OUTPUT"])
    styles = " ".join(row[0] for row in asked(started["OUTPUT"], "select styleQML from layer_styles"))
    text = open(started["OUTPUT"][:-5] + ".qgs", encoding="utf-8").read()
    assert "prob_id" in styles and folder not in styles and "prob_id" in text and folder not in text


# --- checks and what fills itself -----------------------------------------------------------------
def test_checks_of_a_problem(opened):
    layer = opened["problems"]
    good = {"title": "Cars broken into", "role": "analyst"}
    assert faults(layer, good) == set()
    assert new(layer, **good)["visible"] == "internal" and new(layer, **good)["stage"] == "scan"
    assert faults(layer, good, title="ab", stage="done", visible="all", role=None) == {
        "title", "stage", "visible", "role"}
    assert faults(layer, good, decision="stop") == {"reason"}
    assert not faults(layer, good, decision="stop", reason="It moved next door")
    assert faults(layer, good, target=5.0) == {"target"}
    assert not faults(layer, good, target=5.0, baseline=9.0, measure="thefts")
    assert faults(layer, good, base_from=QDate(2024, 2, 1), base_to=QDate(2024, 1, 1)) == {"base_to"}
    assert faults(layer, good, cost=-1.0) == {"cost"}
    for field in ("title", "descr", "hypothesis", "result", "payer"):
        assert field in faults(layer, good, **{field: "ask jo@mail.org"}), field
    assert faults(layer, good, descr="call 0151 234 5678") == {"descr"} and not faults(layer, good, descr="12 lights")


def test_a_filter_must_be_an_expression(opened):
    layer, good = opened["problems"], {"title": "Cars broken into", "role": "analyst"}
    for fine in ("", None, "\"ctype\" = 'theft'", "\"ctype\" ilike '%o''%' and \"n\" > 3", "within($geometry, NULL)"):
        assert not faults(layer, good, flt_expr=fine), fine
    for bad in ("\"ctype\" = ", "ctype == 'x", "nosuchfunction(3)", "delete from x"):
        assert faults(layer, good, flt_expr=bad) == {"flt_expr"}, bad


def test_checks_of_the_other_tables(opened):
    action = {"prob_id": "p", "action": "Mend the lamps", "owner": "city", "role": "analyst"}
    assert not faults(opened["actions"], action)
    assert faults(opened["actions"], action, state="dropped") == {"result"}
    delivery = {"prob_id": "p", "kind": "patrol", "by_role": "beat officer", "role": "analyst", "minutes": 30.0}
    assert not faults(opened["deliveries"], delivery)
    assert faults(opened["deliveries"], delivery, amount=3.0) == {"unit"}
    assert faults(opened["deliveries"], delivery, deliv_on=QDate.currentDate().addDays(2)) == {"deliv_on"}
    meeting = {"kind": "interview", "role": "analyst", "present": 5}
    assert not faults(opened["meetings"], meeting) and faults(opened["meetings"], meeting, residents=6) == {"residents"}
    answer = {"asked": "When is the lamp mended?", "theme": "light", "role": "analyst"}
    assert not faults(opened["answers"], answer)
    assert faults(opened["answers"], answer, outcome="declined") == {"reason"}
    assert faults(opened["answers"], answer, outcome="done") == {"answered"}
    assert faults(opened["answers"], answer, asked="I am Mrs Jones, 0151 234 5678") == {"asked"}
    partner = {"name": "Oak Street School", "kind": "school", "role": "analyst"}
    assert not faults(opened["partners"], partner)
    assert faults(opened["partners"], partner, contact="ann.lee@school.org") == {"contact"}


def test_days_and_roles_fill_themselves_and_the_journal_keeps_it(opened, started):
    """Edits by QGIS: stage and decision, by a role of the desktop's variable."""
    layer, today = opened["problems"], QDate.currentDate()
    project, path = QgsProject.instance(), started["OUTPUT"]
    problem = next(layer.getFeatures())
    before = len(asked(path, "select * from journal"))
    QgsExpressionContextUtils.setProjectVariable(project, "my_role", "beat officer")
    assert layer.startEditing()
    for name, value in (("stage", "respond"), ("decision", "change"), ("reason", "Lamps first")):
        assert layer.changeAttributeValue(problem.id(), layer.fields().indexOf(name), value, problem[name])
    assert layer.commitChanges(), layer.commitErrors()
    row = next(f for f in layer.getFeatures() if f.id() == problem.id())
    assert row["respond_on"] == today == row["decided_on"] and not row["analyse_on"] and row["role"] == "beat officer"
    found = asked(path, "select tab, row_id, change, field, old_val, new_val, role, at from journal")[before:]
    assert {f[:7] for f in found} >= {
        ("problems", problem["prob_id"], "update", "stage", "scan", "respond", "beat officer"),
        ("problems", problem["prob_id"], "update", "reason", "", "Lamps first", "beat officer"),
        ("problems", problem["prob_id"], "update", "role", "analyst", "beat officer", "beat officer")}
    assert len({(f[3]) for f in found}) == len(found)  # one entry for a field
    assert all(f[7].endswith("Z") for f in found)


# --- the journal, whoever writes ---------------------------------------------------------------------
def test_the_journal_of_ogr_and_sqlite(copied):
    path = str(copied)
    assert asked(path, "select tab, change, count(*) from journal group by 1, 2") == [
        ("places", "insert", 3), ("problems", "insert", 3)]
    base = ogr.Open(path, 1)
    places = base.GetLayerByName("places")
    one, two, _ = list(places)
    key = one.GetField("place_id")
    one.SetField("name", "Market")
    one.SetGeometry(ogr.CreateGeometryFromWkt("MULTIPOLYGON(((0 0,1 0,1 1,0 0)))"))
    assert places.SetFeature(one) == 0 and places.DeleteFeature(two.GetFID()) == 0
    lost = two.GetField("name")
    del places, base, one, two, _
    assert asked(path, "select field, old_val, new_val from journal where change = 'update' order by 1") == [
        ("geom", None, None), ("name", "Zone 1", "Market")]
    gone = dict(asked(path, "select field, old_val from journal where change = 'delete'"))
    assert gone["name"] == lost and gone["prob_id"] and gone["geom"].startswith("4750")  # "GP"
    assert asked(path, "select row_id from journal where change = 'update' and field = 'name'") == [(key,)]
    with closing(sqlite3.connect(path)) as base, base:
        base.execute("update problems set owner = 'city', role = 'clerk' where fid = 1")
        base.execute("insert into actions (action_id, action, role) values ('a', 'Mend', 'clerk')")
        base.execute("update actions set action = 'Mend' where action_id = 'a'")  # nothing changes
    assert asked(path, "select field, old_val, new_val, role from journal where tab = 'problems' and"
                       " change = 'update' and field = 'owner'") == [("owner", None, "city", "clerk")]
    assert asked(path, "select change, role from journal where tab = 'actions'") == [("insert", "clerk")]


def test_the_journal_is_not_changed_but_for_what_the_law_takes_out(copied):
    path = copied
    with closing(sqlite3.connect(path)) as base:
        base.execute("update problems set descr = 'a name' where fid = 1")
        base.execute("update problems set descr = '' where fid = 1")
        for wrong in ("delete from journal", "update journal set role = 'other'", "update journal set old_val = 'x'",
                      "update journal set at = '2000-01-01'"):
            with pytest.raises(sqlite3.IntegrityError, match="not changed"):
                base.execute(wrong)
        done = base.execute("update journal set old_val = '[removed]' where old_val = 'a name'").rowcount
        assert done == 1


# --- adding to a register ------------------------------------------------------------------------------
def test_new_places_are_added_and_nothing_is_changed(make, copied):
    path = str(copied)
    with closing(sqlite3.connect(path)) as base, base:
        base.execute("update problems set stage = 'closed' where fid = 1")
        base.execute("update problems set title = 'Our own words' where fid = 2")
        kept = base.execute("select * from problems").fetchall()
    listener = Listener()
    result = make(listener, REGISTER=path, INPUT=zones(shift=20))
    # zones 2 and 3 are known, the problem of zone 1 is closed, zones 4 and 5 are new
    assert (result["PROBLEMS"], result["PLACES"], result["KNOWN"], result["PROBLEMS_ALL"]) == (3, 3, 2, 6)
    assert result["FILE"] == path and result["OUTPUT"] is None and "Added to the register" in result["SUMMARY"]
    now = asked(path, "select * from problems")
    assert now[:3] == kept and [row["name"] for row in rows_of(table(path, "places"))][3:] == [
        "Zone 1", "Zone 4", "Zone 5"]
    assert make(REGISTER=path, INPUT=zones(shift=20))["PLACES"] == 0


def test_places_in_another_system_land_in_that_of_the_register(make, copied):
    path = str(copied)
    from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransform

    source, degrees = zones(), QgsCoordinateReferenceSystem("EPSG:4326")
    turn = QgsCoordinateTransform(source.crs(), degrees, QgsProject.instance())
    layer = QgsVectorLayer("Polygon?crs=EPSG:4326&field=name:string", "d", "memory")
    features = []
    for old in source.getFeatures():
        feature = QgsFeature(layer.fields())
        shape = old.geometry()
        shape.transform(turn)
        feature.setGeometry(shape)
        feature["name"] = old["name"]
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    assert make(REGISTER=path, INPUT=layer)["KNOWN"] == 3
    last = list(table(path, "places").getFeatures())[-1]
    assert last["name"] == "Zone 5" and table(path, "places").crs().authid() == "EPSG:32630"
    assert last.geometry().boundingBox().xMinimum() == pytest.approx(EAST + 800, abs=0.1)


def test_a_locked_register_is_told_and_left_alone(make, copied, monkeypatch):
    from hotspot_plugin.layers import casefile

    path = str(copied)
    monkeypatch.setattr(casefile, "_PATIENCE", 0.1)
    with closing(sqlite3.connect(path)) as other:
        other.execute("begin immediate")
        with pytest.raises(QgsProcessingException, match="REGISTER.*cannot be written now"):
            make(REGISTER=path, INPUT=zones())
    assert len(asked(path, "select * from places")) == 3


def test_a_cancelled_addition_adds_nothing(copied):
    path = copied
    from hotspot_plugin.analysis.errors import Cancelled
    from hotspot_plugin.layers import casefile

    def stop_at_the_second():
        stop_at_the_second.count += 1
        if stop_at_the_second.count > 1:
            raise Cancelled

    stop_at_the_second.count = 0
    rows = [(None, {"prob_id": str(i), "title": "x"}) for i in range(600)]
    with pytest.raises(Cancelled):
        casefile.append(casefile.Path(path), {"problems": rows}, stop_at_the_second, "REGISTER")
    assert len(asked(path, "select * from problems")) == 3 == len(asked(path, "select * from places"))


# --- other sources ---------------------------------------------------------------------------------------
def test_one_problem_with_many_places_points_and_measures(make):
    points = layer_of("Point", ["POINT(0 0)", "POINT(500 0)"], [["Stop A", 4], ["Call jo@mail.org", 6]],
                      "&field=name:string&field=n:integer")
    measures = layer_of("Point", ["POINT(0 0)"] * 3, [
        [1, "light_new", "New lamps", "chosen", "dark", 900.0], [2, "cut", "Cut hedges", "proposed", "", 50.0],
        [9, "x", "Elsewhere", "chosen", "", 1.0]],
        "&field=place_no:integer&field=measure:string&field=meas_name:string&field=plan:string&field=why:string"
        "&field=cost_high:double")
    listener = Listener()
    result = make(listener, INPUT=points, TITLE="Robbery at stops", MEASURES=measures, RADIUS=30)
    assert (result["PROBLEMS"], result["PLACES"], result["ACTIONS"]) == (1, 2, 1)
    path = result["OUTPUT"]
    problem, action = rows_of(table(path, "problems"))[0], rows_of(table(path, "actions"))[0]
    assert problem["title"] == "Robbery at stops" and not problem["baseline"]
    assert (action["action"], action["cost"], action["measure_id"], action["state"]) == (
        "New lamps – dark", 900, "light_new", "planned")
    places = list(table(path, "places").getFeatures())
    assert [p["prob_id"] for p in places] == [problem["prob_id"]] * 2
    assert places[0].geometry().area() == pytest.approx(3.14159 * 900, rel=0.02)
    assert "jo@mail.org" not in places[1]["name"] and "removed" in places[1]["name"]
    told = " ".join(listener.warnings)
    assert "no baseline" in told and "Chosen measures of 1 places are not planned" in told


def test_only_the_top_is_taken_and_told(make, copied):
    listener = Listener()
    result = make(listener, REGISTER=str(copied), INPUT=zones(shift=50_000), TOP=2)
    assert (result["PLACES"], result["BELOW"], result["KNOWN"]) == (2, 3, 0)
    assert any("3 places below the top 2" in text for text in listener.warnings)


def test_refusals_name_the_parameter(make, tmp_path, started):
    def refused(match, **given):
        with pytest.raises(QgsProcessingException, match=match):
            make(**given)

    refused("OUTPUT.*No file is given", OUTPUT=None)
    refused("OUTPUT.*Leave one of them empty", REGISTER=started["OUTPUT"], OUTPUT=str(tmp_path / "n.gpkg"))
    refused("INPUT.*nothing to add", REGISTER=started["OUTPUT"])
    refused("OUTPUT.*may hold problems", OUTPUT=started["OUTPUT"])
    refused("BASE_TO.*first and its last day", INPUT=zones(), BASE_FROM="2024-01-01")
    refused("BASE_TO.*is before", INPUT=zones(), BASE_FROM="2024-01-01", BASE_TO="2023-01-01")
    refused("MEASURES.*no field 'place_no'", INPUT=zones(), MEASURES=zones())
    other = str(tmp_path / "other.gpkg")
    with closing(sqlite3.connect(other)) as base, base:
        base.execute("create table x (y)")
    refused("REGISTER.*is no problem register", REGISTER=other, INPUT=zones())
    assert sorted(p.name for p in tmp_path.iterdir()) == ["other.gpkg"]


def test_an_empty_register(make):
    result = make(CRS="EPSG:25832", ROLES="chief; clerk")
    assert (result["PROBLEMS"], result["PROJECT"]) == (0, "register.qgs") and "empty" in result["SUMMARY"]
    assert table(result["OUTPUT"], "places").crs().authid() == "EPSG:25832"
    assert [row["role"] for row in rows_of(table(result["OUTPUT"], "roles"))] == ["chief", "clerk", "crime analyst"]


def test_every_expression_of_the_forms_is_readable(opened):
    for layer in opened.values():
        for k in range(layer.fields().count()):
            for text in (layer.constraintExpression(k), layer.defaultValueDefinition(k).expression()):
                assert not text or not QgsExpression(text).hasParserError(), (layer.name(), text[:200])
        shown = QgsExpression(layer.displayExpression())
        context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
        for feature in layer.getFeatures():
            context.setFeature(feature)
            assert shown.evaluate(context), layer.name()


def test_it_draws_where_the_places_are(started):
    project = QgsProject.instance()
    assert project.read(started["OUTPUT"][:-5] + ".qgs")
    box = project.viewSettings().defaultViewExtent()
    assert box.contains(QgsGeometry.fromWkt(f"POINT({EAST + 450} {NORTH + 50})").asPoint()) and box.width() < 2000
    project.clear()
