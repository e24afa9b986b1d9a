"""Community input as plain QGIS opens it: lists, checks, values to begin with, days of the status; nobody is named."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys

import pytest
from qgis.core import (
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProject,
    QgsVectorLayer,
    QgsVectorLayerUtils,
)

from hotspot_plugin.analysis.community import inputs
from hotspot_plugin.analysis.community.pairs import DEFAULT, parse
from hotspot_plugin.analysis.privacy import personal
from tests.algorithms.cpted.test_visibility import layer_of, rows_of

PERSONAL = ("call me on 0151 234 5678", "jo.lee@mail.org", "the car AB12 CDE is there", "my name is Ann Lee",
            "I live at 12 Oak St", "SSN 078-05-1120", "ask Mrs Jones")
INNOCENT = ("between 18:00 and 23:00", "house number 12 has a broken lamp", "bus 42", "12 lights out since 2024-05-03",
            "20 to 30 people at noon", "The lamp on Oak Street is out", "")


@pytest.fixture(scope="module")
def made(provider, tmp_path_factory):
    """One input file with Spanish beside English, and areas."""
    from qgis import processing

    folder = tmp_path_factory.mktemp("input")
    beats = layer_of("Polygon", ["POLYGON((0 0,9 0,9 9,0 9,0 0))"], [["North"]], "&field=beat:string")
    return processing.run("hotspot:communitylayer", {
        "OUTPUT": str(folder / "input.gpkg"), "LANGUAGES": "en,es", "INPUT": beats, "NAME_FIELD": "beat",
        "REPORT": str(folder / "paper.html")}, feedback=QgsProcessingFeedback())


@pytest.fixture
def opened(made):
    project = QgsProject.instance()
    assert project.read(made["OUTPUT"][:-5] + ".qgs")
    yield {layer.name(): layer for layer in project.mapLayers().values()}
    project.clear()


def new(layer, **values):
    """A report as a form makes it."""
    context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
    at = layer.fields().indexOf
    return QgsVectorLayerUtils.createFeature(
        layer, QgsGeometry.fromPointXY(QgsPointXY(500_000, 5_900_000)), {at(k): v for k, v in values.items()}, context)


def faults(layer, **values):
    """Fields whose checks refuse a report."""
    good = {"category": "light", "concern": 4, "source": "walk", "consent": "quote"}
    feature = new(layer, **{**good, **{k: v for k, v in values.items() if v is not None}})
    for name, value in values.items():
        feature[name] = value
    return {column.name() for k, column in enumerate(layer.fields())
            if not QgsVectorLayerUtils.validateAttribute(layer, feature, k)[0]}


def saved(layer, feature, **values):
    """Change a saved report as a form does; return it."""
    assert layer.startEditing()
    for name, value in values.items():
        assert layer.changeAttributeValue(feature.id(), layer.fields().indexOf(name), value)
    assert layer.commitChanges(), layer.commitErrors()
    return next(f for f in layer.getFeatures() if f.id() == feature.id())


def day(value):
    return value.toString("yyyy-MM-dd") if value else None


# --- the file ---------------------------------------------------------------------------------
def test_what_the_file_holds(made, opened):
    assert (made["CATEGORY_COUNT"], made["LANGUAGE_COUNT"], made["AREA_COUNT"]) == (12, 2, 1)
    assert set(opened) == {"input_points", "input_areas", "categories", "areas"}
    for name, kind in (("input_points", 0), ("input_areas", 2)):
        layer = opened[name]
        assert layer.fields().names() == ["fid", *inputs.COLUMNS] and int(layer.geometryType()) == kind
        assert layer.fields().field("said").length() == layer.fields().field("response").length() == 500
        assert all(len(n) <= 10 for n in layer.fields().names())
        assert not {"name", "phone", "tel", "email", "address", "addr"} & set(layer.fields().names())
    assert [r["name"] for r in rows_of(opened["areas"])] == ["North"]
    relations = QgsProject.instance().relationManager().relations()
    assert len(relations) == 2 and all(r.isValid() for r in relations.values())


def test_it_opens_in_another_python_without_the_plugin(made):
    code = ("import sys; from qgis.core import *; app = QgsApplication([], False); app.initQgis();"
            f"p = QgsProject.instance(); assert p.read('geopackage:' + {made['OUTPUT']!r} + '?projectName=input');"
            "a = p.mapLayersByName('input_areas')[0]; assert 'hotspot_plugin' not in sys.modules;"
            "print(a.editorWidgetSetup(a.fields().indexOf('wish')).type(), len(a.editFormConfig().tabs()),"
            " len(p.relationManager().relations()), a.isValid(), a.constraintDescription(a.fields().indexOf('said')))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, cwd="/",
                          env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": ""})
    assert "ValueMap 3 2 True Leave out names" in done.stdout, done.stderr


def test_the_layer_opens_with_its_form_by_itself(made):
    layer = QgsVectorLayer(f"{made['OUTPUT']}|layername=input_points", "x", "ogr")
    at = layer.fields().indexOf

    def values(name):
        config = layer.editorWidgetSetup(at(name)).config()
        return [value for entry in config["map"] for value in entry.values() if not str(value).startswith("{2839923C")]

    assert values("category") == list(inputs.CATEGORIES) and values("wish") == list(inputs.WISHES)
    assert values("source") == list(inputs.SOURCES) and values("status") == list(inputs.STATUSES)
    assert values("consent") == list(inputs.CONSENTS) and values("day_part") == list(inputs.DAY_PARTS)
    assert [int(v) for v in values("concern")] == list(inputs.CONCERNS) and values("lang") == ["en", "es"]
    assert layer.editorWidgetSetup(at("input_id")).type() == "Hidden"
    assert int(layer.editorWidgetSetup(at("photo")).config()["RelativeStorage"]) == 1
    assert layer.defaultValueDefinition(at("done_on")).applyOnUpdate()
    config = layer.editFormConfig()
    assert config.reuseLastValue(at("org")) and not config.reuseLastValue(at("voice_id"))


def test_nothing_names_a_folder(made):
    folder = os.path.dirname(made["OUTPUT"])
    with sqlite3.connect(made["OUTPUT"]) as base:
        styles = " ".join(row[0] for row in base.execute("select styleQML from layer_styles"))
        assert base.execute("pragma journal_mode").fetchone() == ("delete",)
    text = open(made["OUTPUT"][:-5] + ".qgs", encoding="utf-8").read()
    assert "voice_id" in styles and folder not in styles and "voice_id" in text and folder not in text


# --- checks -----------------------------------------------------------------------------------
def test_a_whole_report_is_taken_and_what_is_missing_is_named(opened):
    layer = opened["input_points"]
    assert faults(layer) == set()
    assert faults(layer, category=None, concern=None, source=None, consent=None, said_on=None) == {
        "category", "concern", "source", "consent", "said_on"}
    assert faults(layer, category="ufo", concern=6, wish="gold", status="lost") == {
        "category", "concern", "wish", "status"}
    assert faults(layer, wish=None, lang=None, said=None, org=None) == set()
    from qgis.PyQt.QtCore import QDate

    assert faults(layer, said_on=QDate.currentDate().addDays(1)) == {"said_on"}


def test_texts_that_point_to_a_person_are_refused_as_the_import_would_find_them(opened):
    """The same examples by QGIS's regexp_match and by Python's re."""
    for layer in (opened["input_points"], opened["input_areas"]):
        for text in PERSONAL:
            assert "said" in faults(layer, said=text) and personal.find(text), text
            assert "response" in faults(layer, response=text), text
        for text in INNOCENT:
            assert not faults(layer, said=text) and not personal.find(text), text
        assert "said" in faults(layer, said="x" * 501) and not faults(layer, said="x " * 250)
        assert "org" in faults(layer, org="Ann, ann@mail.org") and not faults(layer, org="Oak Street School")


def test_tokens(opened):
    layer = opened["input_points"]
    fresh = {new(layer)["voice_id"] for _ in range(20)}
    assert len(fresh) == 20 and all(re.fullmatch("[0-9A-F]{4}(-[0-9A-F]{4}){2}", token) for token in fresh)
    kept = next(iter(fresh))
    assert new(layer, voice_id=kept)["voice_id"] == kept and not faults(layer, voice_id=kept)
    for bad in ("Jane", "7F3A09C2B41D", "", None, "0151 234 5678"):
        assert "voice_id" in faults(layer, voice_id=bad), bad
    project = QgsProject.instance()
    QgsExpressionContextUtils.setProjectVariable(project, "voice_token", "0000-1111-2222")
    assert {new(layer)["voice_id"] for _ in range(3)} == {"0000-1111-2222"}  # a device of one person
    QgsExpressionContextUtils.removeProjectVariable(project, "voice_token")


def test_the_days_of_the_status_fill_themselves(opened):
    from qgis.PyQt.QtCore import QDate

    layer, today = opened["input_points"], QDate.currentDate().toString("yyyy-MM-dd")
    report = new(layer, category="light", concern=3, source="walk", consent="count")
    assert (report["status"], day(report["said_on"]), report["day_part"], report["lang"]) == ("new", today, "any", "en")
    assert len(report["input_id"]) == 36 and not any(report[f] for f in inputs.STATUS_DAYS.values())
    assert layer.startEditing() and layer.addFeature(report) and layer.commitChanges()
    report = next(layer.getFeatures())
    row = saved(layer, report, status="acknowledged")
    assert day(row["ack_on"]) == today and not row["done_on"]
    row = saved(layer, report, ack_on=QDate(2024, 5, 3), said_on=QDate(2024, 5, 1))  # corrected by hand
    row = saved(layer, report, status="done")
    assert (day(row["ack_on"]), day(row["done_on"]), row["work_on"] or None) == ("2024-05-03", today, None)
    row = saved(layer, report, status="in work")  # reopened
    assert day(row["work_on"]) == today and not row["done_on"] and day(row["ack_on"]) == "2024-05-03"
    row = saved(layer, report, status="new")
    assert not any(row[f] for f in inputs.STATUS_DAYS.values())
    assert row["input_id"] == report["input_id"] and row["voice_id"] == report["voice_id"]


def test_a_pasted_report_keeps_its_days_and_gets_a_key_of_its_own(opened):
    from qgis.PyQt.QtCore import QDate

    layer = opened["input_areas"]
    first = new(layer, status="done", done_on=QDate(2024, 5, 3), category="light", response="mended")
    first.setGeometry(QgsGeometry.fromWkt("MULTIPOLYGON(((0 0,1 0,1 1,0 0)))"))
    assert day(first["done_on"]) == "2024-05-03"
    assert layer.startEditing() and layer.addFeature(first) and layer.commitChanges()
    row = next(layer.getFeatures())
    copy = new(layer, **{name: row[name] for name in layer.fields().names()[1:]})
    assert copy["input_id"] != row["input_id"] and copy["voice_id"] == row["voice_id"]
    assert day(copy["done_on"]) == "2024-05-03"


def test_done_and_declined_ask_for_an_answer(opened):
    layer = opened["input_points"]
    for status in ("done", "declined"):
        assert "response" in faults(layer, status=status)
        assert not faults(layer, status=status, response="The lamp was mended")
    from qgis.PyQt.QtCore import QDate

    assert faults(layer, ack_on=QDate(2000, 1, 1)) == {"ack_on"}


# --- own categories, settings, refusals ----------------------------------------------------------
def test_categories_of_ones_own(run_tool, tmp_path):
    table = tmp_path / "own.csv"
    table.write_text("key,label,group\nlight,Dark lamp,\ncar,Cars broken into,vehicle crime|theft from vehicle\n")
    text = "light, Dark lamp; car, Cars broken into, vehicle crime, theft from vehicle"
    found = []
    for name, given in (("a", {"CATEGORIES": text}), ("b", {"CATEGORY_FILE": str(table)})):
        result = run_tool("communitylayer", {"OUTPUT": str(tmp_path / f"{name}.gpkg"), **given},
                          feedback=QgsProcessingFeedback())
        layer = QgsVectorLayer(f"{result['OUTPUT']}|layername=input_areas", "x", "ogr")
        config = layer.editorWidgetSetup(layer.fields().indexOf("category")).config()
        assert config["map"][1:] == [{"Dark lamp": "light"}, {"Cars broken into": "car"}]
        rows = rows_of(QgsVectorLayer(f"{result['OUTPUT']}|layername=categories", "x", "ogr"))
        found.append([(r["category"], r["label"], r["cgroups"] or None) for r in rows])
        assert parse(result["PAIRS"]) == {"light": (), "car": ("vehicle crime", "theft from vehicle")}
    assert found[0] == found[1] == [("light", "Dark lamp", None),
                                    ("car", "Cars broken into", "vehicle crime, theft from vehicle")]


def test_the_pairs_are_those_of_the_comparison(made):
    assert parse(made["PAIRS"]) == DEFAULT


def test_the_form_on_paper(made):
    page = open(made["REPORT"], encoding="utf-8").read()
    assert "Bad" in page and "Español" in page and "Slips" in page
    assert len(set(re.findall(r"[0-9A-F]{4}(?:-[0-9A-F]{4}){2}", page))) >= 12


def test_refusals_name_the_parameter(run_tool, tmp_path, made):
    def refused(match, **given):
        with pytest.raises(QgsProcessingException, match=match):
            run_tool("communitylayer", {"OUTPUT": str(tmp_path / "x.gpkg"), **given}, feedback=QgsProcessingFeedback())
        assert not list(tmp_path.glob("x.*"))

    refused("OUTPUT.*may hold what residents said", OUTPUT=made["OUTPUT"])
    refused("CATEGORIES.*Line 1: 'Bad light'", CATEGORIES="Bad light")
    refused("CATEGORIES.*'light' stands twice", CATEGORIES="light, a; light, b")
    (tmp_path / "own.csv").write_text("key,label\nlight,Light\n")
    refused("CATEGORIES.*Give one of them", CATEGORIES="light", CATEGORY_FILE=str(tmp_path / "own.csv"))
    refused("LANGUAGES.*'English'", LANGUAGES="English")


def test_a_cancelled_run_leaves_no_half_file(run_tool, tmp_path):
    feedback = QgsProcessingFeedback()
    feedback.progressChanged.connect(lambda value: feedback.cancel() if value >= 60 else None)
    with pytest.raises(QgsProcessingException, match="cancelled"):
        run_tool("communitylayer", {"OUTPUT": str(tmp_path / "x.gpkg")}, feedback=feedback)
    assert not list(tmp_path.iterdir())
