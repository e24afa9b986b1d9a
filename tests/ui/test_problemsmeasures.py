"""Measures that 'CPTED measures and budget' proposes are linked to a problem that is there, told, and unlinked."""

# ruff: noqa: F401, F811 (fixtures come by name)
from __future__ import annotations

import processing
import pytest
from qgis.core import QgsGeometry, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QComboBox, QListWidget

from hotspot_plugin.analysis.problems import register as r
from hotspot_plugin.layers import casestore
from tests.algorithms.cpted.test_cptedmeasures import place as streets
from tests.ui.conftest import settle
from tests.ui.problems import click, filled, find, open_first, opened, page, said, shown, town


@pytest.fixture
def proposals(streets, provider, tmp_path):
    """The table of proposals that the tool makes, in the project: light and paint are chosen for place A."""
    processing.run("hotspot:cptedmeasures", {
        "INPUT": streets["streets"], "INCIDENTS": streets["incidents"], "CATALOGUE": streets["catalogue"],
        "COSTS": streets["costs"], "BUDGET": 300, "OUTPUT": str(tmp_path / "o.gpkg"),
        "PROPOSALS": str(tmp_path / "p.gpkg")})
    layer = QgsVectorLayer(str(tmp_path / "p.gpkg"), "Proposals", "ogr")
    QgsProject.instance().addMapLayer(layer)
    return layer


@pytest.fixture
def asked(opened, proposals, filled, wait_until):
    """The form in which measures are ticked for problem p1, whose place is called as one of the table."""
    shape = QgsGeometry.fromWkt("Polygon ((450000 5400000, 450100 5400000, 450100 5400100, 450000 5400000))")
    casestore.insert(filled, {r.PLACES: [(shape, {r.PLACE_ID: "l1", r.PROBLEM_ID: "p1", r.NAME: "a"})]}, "analyst")
    open_first(opened, wait_until)
    assert "No CPTED measure is linked." in said(opened)
    click(opened, "link_measures")
    wait_until(lambda: shown(opened, "form_measures"))
    return opened


def measures(filled, **where):
    return [row for row in casestore.rows(filled, r.ACTIONS, where={r.PROBLEM_ID: "p1", **where}) if row[r.MEASURE_ID]]


def test_chosen_measures_become_actions_are_told_and_taken_off_again(asked, filled, wait_until):
    ticked = [find(asked, QListWidget, "measures").item(k).checkState() == Qt.CheckState.Checked for k in range(4)]
    assert find(asked, QComboBox, "link_problem").currentData() == "p1" and sum(ticked) == 2
    click(asked, "save")
    wait_until(lambda: asked.view() is not None and shown(asked, "card_measures_linked"))
    rows = {row[r.MEASURE_ID]: row for row in measures(filled)}
    assert set(rows) == {"light", "paint"}
    light = rows["light"]
    assert (light[r.COST], light[r.STATE], light[r.PLACE_ID], light[r.OWNER]) == (200, "planned", "l1", "beat officer")
    assert "scores 20 of 100" in light[r.ACTION] and light[r.ACTION].endswith(
        "(by the evidence 20 to 40 % fewer of what it is meant for)")
    assert "2 measures are linked: 2 planned. By their plan they cost up to 300 in your money." in said(asked)
    # what is linked is not offered twice
    click(asked, "link_measures")
    wait_until(lambda: shown(asked, "form_measures"))
    assert not asked.room.itemAt(0).widget()._ticked()
    click(asked, "save")
    assert "Tick a measure first." in said(asked)
    click(asked, "leave_form")
    wait_until(lambda: asked.view() is not None)
    # a plan is deleted, and comes back by one press
    click(asked, "unlink_measure")
    wait_until(lambda: shown(asked, "card_unlinked"))
    assert len(measures(filled)) == 1
    gone = ({"light", "paint"} - {row[r.MEASURE_ID] for row in measures(filled)}).pop()
    wait_until(lambda: "1 measure is linked" in said(asked))
    asked.view().folds["journal"].open()
    assert f"crime analyst: Actions: deleted ({rows[gone][r.ACTION][:30]}" in said(asked)
    click(asked, "link_again")
    wait_until(lambda: {row[r.MEASURE_ID] for row in measures(filled)} == {"light", "paint"})
    changes = casestore.rows(filled, r.JOURNAL, where={r.ROW_ID: rows[gone][r.ACTION_ID]}, newest=False)
    assert [row[r.CHANGE] for row in changes if row[r.CHANGE] != "delete" or row[r.FIELD] == r.MEASURE_ID] == [
        "insert", "delete", "insert"]
    assert {row[r.ROLE] for row in changes} == {"crime analyst"}


def test_a_measure_that_was_begun_stays_as_an_action(asked, filled, wait_until):
    click(asked, "save")
    wait_until(lambda: asked.view() is not None)
    for row in measures(filled):
        casestore.change(filled, r.ACTIONS, row[r.ACTION_ID], {r.STATE: "under way"})
    asked.refresh()
    wait_until(lambda: "2 under way" in said(asked))
    click(asked, "unlink_measure")
    wait_until(lambda: "The action stays, because it was begun" in said(asked))
    assert len(measures(filled)) == 1
    assert casestore.count(filled, r.ACTIONS, where={r.PROBLEM_ID: "p1"}) == 4


def test_a_measure_that_somebody_else_changed_is_not_deleted(asked, filled, wait_until):
    click(asked, "save")
    wait_until(lambda: asked.view() is not None and shown(asked, "unlink_measure"))
    for row in measures(filled):
        casestore.change(filled, r.ACTIONS, row[r.ACTION_ID], {r.PAYER: "The city"})
    click(asked, "unlink_measure")
    wait_until(lambda: shown(asked, "card_changed"))
    assert len(measures(filled)) == 2


def test_the_table_comes_and_goes_while_the_form_is_open(opened, dock, wait_until):
    seen = []
    dock.session.show_tool = lambda *given: seen.append(given)
    dock.session.go("problems", link={"kind": "measures"})
    wait_until(lambda: shown(opened, "card_no_measures"))
    click(opened, "open_measures")
    assert seen == [("cptedmeasures", {})]
    again = QgsVectorLayer("None?field=place_no:integer&field=measure:string&field=meas_name:string&field=plan:string",
                           "empty", "memory")
    QgsProject.instance().addMapLayer(again)
    wait_until(lambda: shown(opened, "card_measures"))
    assert find(opened, QComboBox, "link_place").count() == 1 and not shown(opened, "form_measures")
    QgsProject.instance().removeMapLayer(again.id())
    wait_until(lambda: shown(opened, "card_no_measures"))
    click(opened, "back")
    settle()
