"""The case file's layers in the project: as the file has them, once, and beside those of another."""

from __future__ import annotations

import shutil
import sqlite3

import processing
import pytest
from qgis.core import QgsProject, QgsVectorLayer

from hotspot_plugin.ui import caselayers


@pytest.fixture(scope="module")
def made(provider, tmp_path_factory):
    path = tmp_path_factory.mktemp("case") / "river.gpkg"
    processing.run("hotspot:casefile", {"OUTPUT": str(path)})
    return path


@pytest.fixture
def case(made, tmp_path, qgis_new_project):
    QgsProject.instance().clear()
    path = tmp_path / "river.gpkg"
    shutil.copy(made, path)
    yield str(path)
    QgsProject.instance().clear()


def test_layers_come_with_group_forms_and_relations(case):
    project = QgsProject.instance()
    ids = caselayers.add_file(case)
    tables = caselayers.loaded(case)
    assert {"problems", "places", "actions", "input_points", "input_areas", "journal"} <= set(tables)
    assert set(ids) == set(tables.values()) and len(ids) == len(project.mapLayers())
    top = project.layerTreeRoot().children()[0]
    assert top.name() == "river" and {"problems", "input_points"} <= {c.name() for c in top.children()}
    assert len(top.findLayers()) == len(ids)
    assert len(project.relationManager().relations()) >= 12
    assert all(relation.isValid() for relation in project.relationManager().relations().values())
    points = project.mapLayer(tables["input_points"])
    assert points.editFormConfig().tabs() and points.defaultValueDefinition(
        points.fields().indexOf("input_id")).expression()
    widgets = {points.editorWidgetSetup(k).type() for k in range(points.fields().count())}
    categories = [points.editorWidgetSetup(k).config() for k in range(points.fields().count())
                  if points.editorWidgetSetup(k).type() == "ValueRelation"]
    assert "ValueMap" in widgets, widgets
    assert all(config["Layer"] in project.mapLayers() for config in categories)
    assert project.mapLayer(tables["places"]).vectorJoins()
    assert project.mapLayer(tables["places"]).fields().indexOf("stage") >= 0
    assert project.mapLayer(tables["journal"]).readOnly()


def test_again_adds_nothing_and_what_was_taken_away_comes_back(case):
    project = QgsProject.instance()
    first = caselayers.add_file(case)
    assert caselayers.add_file(case) == first
    assert len(project.mapLayers()) == len(first)
    project.removeMapLayer(caselayers.loaded(case)["places"])
    again = caselayers.add_file(case)
    assert len(again) == len(first) and len(project.layerTreeRoot().children()) == 1


def test_copy_of_a_file_gets_layers_of_its_own(case, tmp_path):
    project = QgsProject.instance()
    first = caselayers.add_file(case)
    copy = str(tmp_path / "hill.gpkg")
    shutil.copy(case, copy)
    second = caselayers.add_file(copy)
    assert not set(first) & set(second) and len(second) == len(first)
    assert all("hill.gpkg" in project.mapLayer(id).source() for id in second)
    assert all("river.gpkg" in project.mapLayer(id).source() for id in first)
    for relation in project.relationManager().relations().values():
        sides = {relation.referencingLayerId(), relation.referencedLayerId()}
        assert sides <= set(first) or sides <= set(second)


def test_layer_that_was_there_before_is_related_too(case):
    project = QgsProject.instance()
    mine = QgsVectorLayer(f"{case}|layername=problems", "mine", "ogr")
    project.addMapLayer(mine)
    ids = caselayers.add_file(case)
    assert mine.id() in ids
    assert any(r.referencedLayerId() == mine.id() for r in project.relationManager().relations().values())


def test_file_without_its_project_shows_its_tables(case):
    with sqlite3.connect(case) as base:
        base.execute("DROP TABLE qgis_projects")
    ids = caselayers.add_file(case)
    assert len(ids) >= 10 and "problems" in caselayers.loaded(case)


def test_file_that_is_gone_or_foreign_adds_nothing(tmp_path, qgis_new_project):
    QgsProject.instance().clear()
    (tmp_path / "x.gpkg").write_text("no database")
    assert caselayers.add_file(str(tmp_path / "none.gpkg")) == []
    assert not (tmp_path / "none.gpkg").exists()
    assert caselayers.add_file(str(tmp_path / "x.gpkg")) == []
