"""The audit form as it opens in plain QGIS: widgets, checks, defaults, tabs, project; nothing of ours is needed."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys

import pytest
from qgis.core import (
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProject,
    QgsVectorLayer,
    QgsVectorLayerUtils,
    QgsWkbTypes,
)

from hotspot_plugin.algorithms.cpted import auditforms
from tests.algorithms.cpted.test_visibility import EAST, NORTH, layer_of, rows_of
from tests.algorithms.samples import Listener

STREETS = [f"LINESTRING(0 {y},100 {y})" for y in range(0, 1000, 100)]
HARD = 1


def streets():
    rows = [[f"Street {i}", f"K{i}"] for i in range(len(STREETS))]
    return layer_of("LineString", STREETS, rows, "&field=name:string&field=key:string")


@pytest.fixture
def make(run_tool, tmp_path):
    def run(listener=None, file="audit.gpkg", **more):
        return run_tool("cptedaudit", {"OUTPUT": str(tmp_path / file), **more},
                        feedback=listener or QgsProcessingFeedback())

    return run


@pytest.fixture
def opened(make, tmp_path):
    """The project as plain QGIS opens it: (project, places, audits)."""
    make(INPUT=streets(), ID_FIELD="key")
    project = QgsProject.instance()
    assert project.read(str(tmp_path / "audit.qgs"))
    yield project, project.mapLayersByName("places")[0], project.mapLayersByName("audits")[0]
    project.clear()


def meets(layer, field, value, **others):
    """Whether the checks of a field take a value."""
    feature = QgsFeature(layer.fields())
    for name, given in {**others, field: value}.items():
        feature.setAttribute(name, given)
    return QgsVectorLayerUtils.validateAttribute(layer, feature, layer.fields().indexOf(field))[0]


# --- the file ---------------------------------------------------------------------------------
def test_places_keep_their_key_and_name(make, tmp_path):
    result = make(INPUT=streets(), ID_FIELD="key", DOUBLE_SHARE=0.25)
    assert (result["PLACES"], result["ITEMS"], result["DOUBLE"], result["VISITS"]) == (10, 15, 3, 26)
    places = QgsVectorLayer(f"{result['OUTPUT']}|layername=places", "p", "ogr")
    rows = rows_of(places)
    assert [(r["place_id"], r["name"], r["src_place"]) for r in rows] == [
        (f"K{i}", f"Street {i}", i + 1) for i in range(10)]
    assert sum(r["double"] for r in rows) == 3
    assert places.crs().authid() == "EPSG:32630"
    assert QgsWkbTypes.geometryType(places.wkbType()) == QgsWkbTypes.GeometryType.LineGeometry
    assert next(places.getFeatures()).geometry().length() == pytest.approx(100)
    assert result["PROJECT"] == "audit.qgs" and (tmp_path / "audit.qgs").exists()


def test_keys_made_here_are_the_same_next_time(make):
    one, two = make(INPUT=streets()), make(INPUT=streets(), file="again.gpkg")
    keys = [[r["place_id"] for r in rows_of(QgsVectorLayer(f"{r['OUTPUT']}|layername=places", "p", "ogr"))]
            for r in (one, two)]
    assert keys[0] == keys[1] and len(set(keys[0])) == 10 and len(keys[0][0]) == 36


def test_without_places_an_empty_layer_of_the_kind_is_drawn_in(make):
    kinds = {}
    for choice, name in ((1, "street"), (3, "park"), (5, "stop")):
        result = make(PLACE_TYPE=choice, file=f"{name}.gpkg", CRS="EPSG:25832")
        layer = QgsVectorLayer(f"{result['OUTPUT']}|layername=places", "p", "ogr")
        assert layer.featureCount() == 0 == result["PLACES"] and layer.crs().authid() == "EPSG:25832"
        kinds[name] = int(layer.geometryType())
    assert kinds == {"street": 1, "park": 2, "stop": 0}


# --- the form in plain QGIS -------------------------------------------------------------------
def test_the_layer_opens_with_its_form_by_itself(make):
    """Without the project and without the plugin: what is kept in the layer's style."""
    path = make(INPUT=streets())["OUTPUT"]
    audits = QgsVectorLayer(f"{path}|layername=audits", "audits", "ogr")
    at = audits.fields().indexOf
    sightlines = audits.editorWidgetSetup(at("sightlines"))
    assert sightlines.type() == "ValueMap"
    values = {text: int(value) for entry in sightlines.config()["map"] for text, value in entry.items()}
    assert sorted(values.values()) == [0, 1, 2, 8, 9] and values["not seen"] == 9
    assert audits.attributeAlias(at("sightlines")) == "Can you see along the street and footway?"
    assert audits.defaultValueDefinition(at("sightlines")).expression() == "9"
    assert audits.fieldConstraintsAndStrength(at("auditor"))
    photo = audits.editorWidgetSetup(at("photo_1"))
    assert photo.type() == "ExternalResource" and int(photo.config()["RelativeStorage"]) == 1
    tabs = [tab.name() for tab in audits.editFormConfig().tabs()]
    assert tabs == ["Visit", "Natural surveillance", "Access control", "Territoriality", "Maintenance",
                    "Activity support", "People and photos"]
    night = [child for child in audits.editFormConfig().tabs()[1].children() if child.name() == "Seen after dark"]
    assert [c.name() for c in night[0].children()] == ["light_ngt", "faces"]
    assert night[0].visibilityExpression().data().expression() == "\"visit\" = 'night'"


def test_nothing_of_ours_is_needed_in_another_python(make):
    path = make(INPUT=streets())["OUTPUT"]
    code = ("import sys; from qgis.core import *; app = QgsApplication([], False); app.initQgis();"
            f"p = QgsProject.instance(); assert p.read({str(path)[:-5] + '.qgs'!r});"
            "a = p.mapLayersByName('audits')[0]; assert 'hotspot_plugin' not in sys.modules;"
            "print(a.editorWidgetSetup(a.fields().indexOf('place_id')).type(), len(a.editFormConfig().tabs()),"
            " len(p.relationManager().relations()), a.isValid())")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120,
                          env={**os.environ, "QT_QPA_PLATFORM": "offscreen"})
    assert "ValueRelation 7 1 True" in done.stdout, done.stderr


def test_checks(opened):
    _, _, audits = opened
    for good in ("K07", "a1", "12", "ABC1234"):
        assert meets(audits, "auditor", good), good
    for bad in ("Jane Smith", "jane", "", None, "K07 Smith", "12345"):
        assert not meets(audits, "auditor", bad), bad
    for name in ("who_uses", "pushed_out"):
        assert meets(audits, name, "Children after school; 3 older men on benches, 20 to 30 people at noon")
        for bad in (None, "", "  ", "x" * 501, "ask jo@mail.org", "call 0151 234 5678"):
            assert not meets(audits, name, bad), bad
    assert meets(audits, "remark", None) and meets(audits, "remark", "Lamp 12 flickers")
    assert not meets(audits, "remark", "call 0151-234-5678")
    for mark in (0, 1, 2, 8, 9):
        assert meets(audits, "condition", mark)
    assert not meets(audits, "condition", 3) and not meets(audits, "condition", None)
    assert meets(audits, "visit", "night") and not meets(audits, "visit", "dusk") and not meets(audits, "visit", None)
    assert not meets(audits, "place_id", None)


def test_a_new_visit_begins_with_the_place_near_by_and_nothing_seen(opened):
    project, _, audits = opened
    context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(audits))
    here = QgsGeometry.fromPointXY(QgsPointXY(EAST + 50, NORTH + 310))
    visit = QgsVectorLayerUtils.createFeature(audits, here, {}, context)
    assert visit["place_id"] == "K3" and visit["form"] == "residential_street" and visit["condition"] == 9
    assert len(visit["audit_id"]) == 38 and visit["visited"].isValid()
    far = QgsVectorLayerUtils.createFeature(
        audits, QgsGeometry.fromPointXY(QgsPointXY(EAST + 5000, NORTH)), {}, context)
    assert not far["place_id"]
    visit["auditor"], visit["visit"], visit["who_uses"], visit["pushed_out"] = "K1", "day", "walkers", "nobody"
    assert audits.startEditing() and audits.addFeature(visit) and audits.commitChanges()
    assert audits.featureCount() == 1


def test_the_colour_of_a_place_shows_what_is_missing(opened):
    project, places, audits = opened
    rows = [("K0", "day"), ("K0", "night"), ("K1", "night")]
    for key, visit in rows:
        feature = QgsFeature(audits.fields())
        feature["place_id"], feature["visit"] = key, visit
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(EAST, NORTH)))
        assert audits.dataProvider().addFeatures([feature])[0]
    from qgis.core import QgsExpression

    expression = QgsExpression(places.renderer().classAttribute())
    context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(places))
    found = []
    for feature in places.getFeatures():
        context.setFeature(feature)
        found.append(expression.evaluate(context))
    assert not expression.hasEvalError(), expression.evalErrorString()
    assert found == [2, 1] + [0] * 8


def test_the_folder_can_be_moved(make, tmp_path):
    make(INPUT=streets())
    (tmp_path / "phone").mkdir()
    for name in ("audit.gpkg", "audit.qgs"):
        shutil.move(str(tmp_path / name), str(tmp_path / "phone" / name))
    project = QgsProject.instance()
    for place in (str(tmp_path / "phone" / "audit.qgs"), f"geopackage:{tmp_path}/phone/audit.gpkg?projectName=audit"):
        assert project.read(place), place
        assert all(layer.isValid() for layer in project.mapLayers().values()) and len(project.mapLayers()) == 2
        project.clear()


def test_the_file_is_at_rest(make, tmp_path):
    """A file with a write-ahead log beside it loses data when it is copied to a phone alone."""
    path = make(INPUT=streets())["OUTPUT"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["audit.gpkg", "audit.qgs"]
    with sqlite3.connect(path) as base:
        assert base.execute("pragma journal_mode").fetchone() == ("delete",)
        assert base.execute("pragma integrity_check").fetchone() == ("ok",)


def test_no_folder_is_written_into_the_file(make, tmp_path):
    path = make(INPUT=streets())["OUTPUT"]
    with sqlite3.connect(path) as base:
        styles = " ".join(text for row in base.execute("select styleQML, styleSLD from layer_styles") for text in row
                          if text)
    project = (tmp_path / "audit.qgs").read_text(encoding="utf-8")
    assert "place_id" in styles and str(tmp_path) not in styles
    assert "place_id" in project and str(tmp_path) not in project


# --- own forms, refusals, cancelling ----------------------------------------------------------
def test_a_form_of_ones_own(make, tmp_path):
    copy = tmp_path / "copy.csv"
    make(PLACE_TYPE=3, COPY=str(copy), file="one.gpkg")
    assert copy.read_text() == (auditforms.FOLDER / "park.csv").read_text()
    copy.write_text("\n".join(line for line in copy.read_text().splitlines() if ",seats," not in line) + "\n")
    result = make(PLACE_TYPE=0, FORM_FILE=str(copy), file="two.gpkg", REPORT=str(tmp_path / "paper.html"))
    assert result["ITEMS"] == 14
    assert "seats" not in QgsVectorLayer(f"{result['OUTPUT']}|layername=audits", "a", "ogr").fields().names()
    assert "Who uses this place?" in (tmp_path / "paper.html").read_text(encoding="utf-8")


def test_refusals_name_the_parameter(make, tmp_path):
    with pytest.raises(QgsProcessingException, match="FORM_FILE.*No form is given"):
        make(PLACE_TYPE=0)
    with pytest.raises(QgsProcessingException, match="OUTPUT.*ends in .gpkg"):
        make(file="audit.shp")
    make(INPUT=streets())
    with pytest.raises(QgsProcessingException, match="OUTPUT.*may hold audits"):
        make(INPUT=streets())
    same = layer_of("Point", ["POINT(0 0)", "POINT(1 1)"], [["A"], ["A"]], "&field=key:string")
    with pytest.raises(QgsProcessingException, match="ID_FIELD.*'A' twice"):
        make(INPUT=same, ID_FIELD="key", file="b.gpkg")
    bad = tmp_path / "bad.csv"
    bad.write_text("principle,item,question,zero,one,two\nbeauty,x,?,a,b,c\n")
    with pytest.raises(QgsProcessingException, match="FORM_FILE.*line 2.*beauty"):
        make(FORM_FILE=str(bad), file="c.gpkg")


def test_a_cancelled_run_leaves_no_half_file(make, tmp_path):
    feedback = QgsProcessingFeedback()
    feedback.progressChanged.connect(lambda value: feedback.cancel() if value >= 60 else None)
    with pytest.raises(QgsProcessingException, match="cancelled"):
        make(feedback, INPUT=streets())
    assert not list(tmp_path.glob("audit*"))


def test_few_places_for_two_are_told(make):
    listener = Listener()
    make(listener, INPUT=streets(), DOUBLE_SHARE=0)
    assert any("stays uncertain" in text for text in listener.warnings)


def test_cambridge_streets(make, shared_data):
    """2,643 real segments in US feet or degrees: all places are there, 20 % for two."""
    city = shared_data("cambridge_ma/cambridge_ma.gpkg")
    from osgeo import ogr

    names = [layer.GetName() for layer in ogr.Open(str(city))]
    name = next(n for n in names if "centerline" in n.lower() or "street_seg" in n.lower())
    result = make(INPUT=f"{city}|layername={name}")
    source = QgsVectorLayer(f"{city}|layername={name}", "s", "ogr")
    assert result["PLACES"] == source.featureCount() > 2000
    assert result["DOUBLE"] == -(-result["PLACES"] // 5)


def test_places_are_chosen_by_their_name(opened):
    """The widget finds its layer without any path in its settings."""
    from qgis.core import QgsValueRelationFieldFormatter

    _, _, audits = opened
    index = audits.fields().indexOf("place_id")
    shown = QgsValueRelationFieldFormatter().representValue
    config = audits.editorWidgetSetup(index).config()
    assert [shown(audits, index, config, None, key) for key in ("K0", "K7")] == ["Street 0", "Street 7"]
