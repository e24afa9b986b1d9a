"""The case file's layers in the project: as the file has them, once, beside those of another, and one at a time."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from types import SimpleNamespace

import processing
import pytest
from qgis.core import QgsProject, QgsVectorLayer

from hotspot_plugin.ui import caselayers
from hotspot_plugin.ui.session import Session

from .conftest import settle


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


@pytest.fixture
def session(iface, case):
    made = Session(iface)
    yield made
    made.close_down()
    made.deleteLater()
    settle()


@pytest.fixture
def bring(session, wait_until):
    """Return a function that brings the layers of a case file, and waits for them."""

    def brought(path: str) -> dict:
        came = []
        session.use_case(path)
        session.case_layers.add(came.append)
        wait_until(lambda: came)
        return came[0]

    return brought


@pytest.fixture
def steps(monkeypatch, session, case, wait_until):
    """Bring the layers up to the moment where two were opened; what is opened, when it is, and what was answered."""
    seen = SimpleNamespace(opened=[], came=[], then=lambda: None)
    real = caselayers._open

    def opened(path, table, *more):
        seen.opened.append(table)
        if len(seen.opened) == 2:
            caselayers.QTimer.singleShot(0, lambda: seen.then())
        return real(path, table, *more)

    monkeypatch.setattr(caselayers, "_open", opened)
    session.use_case(case)
    wait_until(lambda: session.case_works)

    def begin(then=lambda: None):
        seen.then = then
        session.case_layers.add(seen.came.append)

    seen.begin = begin
    return seen


def layers() -> dict:
    return QgsProject.instance().mapLayers()


def test_layers_come_with_group_forms_and_relations(case, bring):
    project = QgsProject.instance()
    tables = bring(case)
    assert tables == caselayers.loaded(case)
    assert {"problems", "places", "actions", "input_points", "input_areas", "journal"} <= set(tables)
    assert set(tables.values()) == set(layers())
    top = project.layerTreeRoot().children()[0]
    assert top.name() == "river" and {"problems", "input_points"} <= {c.name() for c in top.children()}
    assert len(top.findLayers()) == len(tables)
    assert len(project.relationManager().relations()) >= 12
    assert all(relation.isValid() for relation in project.relationManager().relations().values())
    points = project.mapLayer(tables["input_points"])
    assert points.editFormConfig().tabs() and points.defaultValueDefinition(
        points.fields().indexOf("input_id")).expression()
    widgets = {points.editorWidgetSetup(k).type() for k in range(points.fields().count())}
    categories = [points.editorWidgetSetup(k).config() for k in range(points.fields().count())
                  if points.editorWidgetSetup(k).type() == "ValueRelation"]
    assert "ValueMap" in widgets, widgets
    assert all(config["Layer"] in layers() for config in categories)
    assert project.mapLayer(tables["places"]).vectorJoins()
    assert project.mapLayer(tables["places"]).fields().indexOf("stage") >= 0
    assert project.mapLayer(tables["journal"]).readOnly()


def test_again_adds_nothing_and_what_was_taken_away_comes_back(case, bring):
    first = bring(case)
    assert bring(case) == first
    assert len(layers()) == len(first)
    QgsProject.instance().removeMapLayer(first["places"])
    again = bring(case)
    assert set(again) == set(first) and len(QgsProject.instance().layerTreeRoot().children()) == 1


def test_copy_of_a_file_gets_layers_of_its_own(case, tmp_path, bring):
    project = QgsProject.instance()
    first = set(bring(case).values())
    copy = str(tmp_path / "hill.gpkg")
    shutil.copy(case, copy)
    second = set(bring(copy).values())
    assert not first & second and len(second) == len(first)
    assert all("hill.gpkg" in project.mapLayer(id).source() for id in second)
    assert all("river.gpkg" in project.mapLayer(id).source() for id in first)
    for relation in project.relationManager().relations().values():
        sides = {relation.referencingLayerId(), relation.referencedLayerId()}
        assert sides <= first or sides <= second


def test_layer_that_was_there_before_is_related_too(case, bring):
    mine = QgsVectorLayer(f"{case}|layername=problems", "mine", "ogr")
    QgsProject.instance().addMapLayer(mine)
    assert bring(case)["problems"] == mine.id()
    relations = QgsProject.instance().relationManager().relations()
    assert any(r.referencedLayerId() == mine.id() for r in relations.values())


def test_file_without_its_project_shows_its_tables(case, bring):
    with sqlite3.connect(case) as base:
        base.execute("DROP TABLE qgis_projects")
    tables = bring(case)
    assert len(tables) >= 10 and "problems" in tables
    group = QgsProject.instance().layerTreeRoot().children()[0]
    assert len(group.findLayers()) == len(tables)


def test_file_that_is_gone_foreign_or_locked_adds_nothing(tmp_path, case, bring):
    (tmp_path / "x.gpkg").write_text("no database")
    assert bring(str(tmp_path / "none.gpkg")) == {}
    assert not (tmp_path / "none.gpkg").exists()
    assert bring(str(tmp_path / "x.gpkg")) == {}
    other = sqlite3.connect(case, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        assert bring(case) == {} and not layers()
    finally:
        other.close()
    assert bring("") == {}


# --- one at a time ----------------------------------------------------------------------------
def test_one_layer_in_each_turn_and_all_join_in_the_last(session, steps, wait_until):
    turns, before = [], []
    session.case_layers._timer.timeout.connect(lambda: turns.append(len(steps.opened)))
    QgsProject.instance().layersAdded.connect(before.append)
    steps.begin()
    wait_until(lambda: steps.came)
    QgsProject.instance().layersAdded.disconnect(before.append)
    assert len(steps.opened) == len(steps.came[0]) >= 13
    assert max(b - a for a, b in zip(turns, turns[1:])) == 1  # never two in a turn
    assert [len(one) for one in before] == [len(steps.opened)]  # the desktop hears of them once


def test_no_layer_is_opened_while_a_job_is_at_work(session, steps, wait_until):
    goes_on = []
    steps.begin(lambda: session.jobs.start("reading", lambda job: _until(lambda: goes_on)))
    wait_until(lambda: len(steps.opened) >= 2)
    settle(0.2)
    goes_on.append(True)
    assert len(steps.opened) == 2
    wait_until(lambda: steps.came)
    assert len(layers()) == len(steps.opened)


def _until(condition) -> None:
    while not condition():
        time.sleep(0.01)


def _clear(session, case):
    QgsProject.instance().clear()


def _read(session, case):
    project = QgsProject.instance()
    file = case.replace(".gpkg", ".qgs")
    assert project.write(file) and project.read(file) and session.case == case


def _other_file(session, case):
    session.use_case(case.replace("river", "hill"))


def _none(session, case):
    session.use_case("")


def _close(session, case):
    session.close_down()
    session.close_down = lambda: None  # it is over when the fixture ends


@pytest.mark.parametrize("what", [_clear, _read, _other_file, _none, _close])
def test_nothing_is_left_where_something_else_begins_midway(session, steps, case, wait_until, what):
    steps.begin(lambda: what(session, case))
    wait_until(lambda: len(steps.opened) == 2)
    settle(0.4)
    assert len(steps.opened) == 2 and not steps.came and not layers()
    assert not QgsProject.instance().layerTreeRoot().children()


def test_another_file_is_brought_after_the_first_was_given_up(session, steps, case, made, wait_until):
    hill, came = case.replace("river", "hill"), []
    shutil.copy(made, hill)

    def change():
        session.use_case(hill)
        session.case_layers.add(came.append)

    steps.begin(change)
    wait_until(lambda: came)
    settle(0.2)
    assert not steps.came and came == [caselayers.loaded(hill)] and set(came[0].values()) == set(layers())
    assert not caselayers.loaded(case)


def test_asked_twice_it_is_done_once_and_both_are_told(session, steps, wait_until):
    steps.begin(lambda: session.case_layers.add(steps.came.append))
    wait_until(lambda: len(steps.came) == 2)
    assert steps.came[0] == steps.came[1] and len(steps.opened) == len(set(steps.opened)) == len(layers())


def test_layers_that_come_or_go_midway_are_left_to_the_user(session, steps, case, wait_until):
    project = QgsProject.instance()
    there = QgsVectorLayer(f"{case}|layername=places", "there", "ogr")
    project.addMapLayer(there)
    mine = []

    def change():
        project.removeMapLayer(project.mapLayersByName("there")[0].id())
        mine.append(QgsVectorLayer(f"{case}|layername={steps.opened[0]}", "mine", "ogr"))
        project.addMapLayer(mine[0])

    steps.begin(change)
    wait_until(lambda: steps.came)
    assert "places" not in steps.came[0]
    assert steps.came[0][steps.opened[0]] == mine[0].id()
    assert len(layers()) == len(steps.came[0]) == len(project.layerTreeRoot().findLayers())


def test_nothing_is_brought_where_the_table_is_shown(session, steps, case, wait_until):
    mine = QgsVectorLayer(f"{case}|layername=problems", "mine", "ogr")
    QgsProject.instance().addMapLayer(mine)
    session.case_layers.add(steps.came.append, ["problems"])
    wait_until(lambda: steps.came)
    assert steps.came == [{"problems": mine.id()}] and not steps.opened
    session.case_layers.add(steps.came.append, ["problems", "places"])
    wait_until(lambda: len(steps.came) == 2)
    assert "places" in steps.came[1] and "journal" in steps.came[1]


def test_who_needs_nothing_takes_nothing_from_the_next(session, steps, case, wait_until):
    QgsProject.instance().addMapLayer(QgsVectorLayer(f"{case}|layername=problems", "mine", "ogr"))
    session.case_layers.add(steps.came.append, ["problems"])
    session.case_layers.add(steps.came.append)
    wait_until(lambda: len(steps.came) == 2)
    assert "journal" in steps.came[1]


def test_it_can_be_cancelled_and_asked_for_again(session, steps, wait_until):
    steps.begin()
    session.case_layers._job.cancel()
    wait_until(lambda: not session.jobs.running())
    assert not steps.came and not steps.opened
    steps.begin()
    wait_until(lambda: steps.came)
    assert len(steps.came) == 1 and steps.came[0]


def test_file_that_vanishes_midway_leaves_nothing_half_done(session, steps, case, wait_until):
    steps.begin(lambda: os.rename(case, f"{case}.away"))
    wait_until(lambda: steps.came)
    # what of it QGIS can still show depends on the system
    assert len(QgsProject.instance().layerTreeRoot().findLayers()) == len(layers()) == len(steps.came[0])
