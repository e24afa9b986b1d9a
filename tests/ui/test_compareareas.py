"""The areas of a comparison: hot spots, any layer, drawn ones, and what was done in each."""

from __future__ import annotations

import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeature,
    QgsGeometry,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest

from hotspot_plugin.analysis.evaluation import design
from hotspot_plugin.layers import fields, provenance
from hotspot_plugin.ui import compareareas, compareread

from .conftest import settle
from .test_comparepage import add, click, doubts, page, town  # noqa: F401


@pytest.fixture
def marked(page, town, wait_until):  # noqa: F811
    """The page with a copy of the beats, each to be marked."""
    page.areas.areas.setLayer(add(town, "beats"))
    click(page, "mark_areas")
    wait_until(lambda: page.areas.marks)
    return page


def roles(layer) -> dict:
    return {f["name"]: compareareas._text(f["role"]) for f in layer.getFeatures()}


def test_the_roles_are_those_of_the_evaluations():
    assert compareareas.ROLES == design.ROLES
    assert set(compareareas.role_words()) == {*design.ROLES, ""}
    assert set(compareareas._ORDER) == {*design.ROLES, ""}


def test_areas_are_copied_and_marked_in_the_list(marked, wait_until):
    box = marked.areas
    layer = box.layer()
    assert layer.name() == "Areas to compare" and box.is_mine(layer)
    assert box.marked_id() == layer.id() and layer.renderer().type() == "categorizedSymbol"
    beats = next(one for one in marked.session.vector_layers() if one.name() == "beats")
    assert set(roles(layer)) == {f["name"] for f in beats.getFeatures()}
    assert beats.fields().indexOf("role") < 0  # theirs is never changed
    first = box.marks[0][0]
    combo = box.combos[first]
    combo.setFocus()
    QTest.keyClick(combo, Qt.Key.Key_Up)  # from "takes no part", the last
    assert combo.currentData() == "control_displacement"
    assert roles(layer)[box.marks[0][1]] == "control_displacement"
    # roles are those that the evaluations read
    codes = design.role_codes([role or None for role in roles(layer).values()])
    assert sorted(codes)[-1] == design.ROLES.index("control_displacement")


def test_a_click_on_the_map_changes_what_an_area_is(marked):
    box = marked.areas
    layer, canvas = box.layer(), marked.session.iface.mapCanvas()
    tool = canvas.mapTool()
    assert tool is box._tool
    id, name, _, shape = box.marks[2]
    place = QgsGeometry(shape.pointOnSurface())
    place.transform(QgsCoordinateTransform(layer.crs(), canvas.mapSettings().destinationCrs(), QgsProject.instance()))
    tool.chosen.emit(place)
    assert roles(layer)[name] == "treated" and box.combos[id].currentData() == "treated"
    tool.chosen.emit(place)
    assert roles(layer)[name] == "treated_displacement"
    click(marked, "areas_done")
    assert canvas.mapTool() is not tool and box._tool is None


def test_the_evaluation_is_asked_with_the_marked_areas(marked, wait_until):
    box = marked.areas
    box.set_role(box.marks[0][0], "treated")
    box.set_role(box.marks[1][0], "control")
    click(marked, "compare")
    wait_until(lambda: marked.result.outcome is not None)
    question = marked.result.question
    assert question["areas"] == box.layer().id() and question["role_field"] == "role"


def test_areas_are_drawn_one_after_the_other(page, wait_until):  # noqa: F811
    layer = page.incidents.currentLayer()
    QgsProject.instance().setCrs(layer.crs())
    canvas = page.session.iface.mapCanvas()
    canvas.setDestinationCrs(layer.crs())
    box, extent = page.areas, layer.extent()
    click(page, "draw_area")
    first = box._tool
    assert canvas.mapTool() is first
    first.chosen.emit(QgsGeometry.fromRect(extent.buffered(-300)))
    wait_until(lambda: box.marks)
    assert box.marks[0][1:3] == ("Area 1", "treated")
    assert canvas.mapTool() is box._tool is not first  # ready for the next one
    box._tool.chosen.emit(QgsGeometry.fromRect(extent.buffered(200)))
    wait_until(lambda: len(box.marks) == 2)
    assert roles(box.layer()) == {"Area 1": "treated", "Area 2": "treated"}
    box._tool.left.emit()
    assert box._tool is None and box.news.count() == 0
    click(page, "compare")
    wait_until(lambda: page.result.outcome is not None)
    assert {row.name for row in page.result.rows()[1:]} <= {"Area 1", "Area 2"}


def test_hot_spots_are_found_and_taken_with_a_warning(page, wait_until):  # noqa: F811
    click(page, "take_hotspots")
    wait_until(lambda: page.areas.layer() is not None, 60)
    found = page.areas.layer()
    assert provenance.read(found)["tool"] == "hotspot:findhotspots"
    assert "doubt_chosen" in doubts(page)
    page.areas.areas.setLayer(None)
    assert "doubt_chosen" not in doubts(page)
    click(page, "take_hotspots")  # they are there now
    assert page.areas.layer() is found
    # a copy to be marked still says how they were chosen, and so does the tool's warning
    click(page, "mark_areas")
    wait_until(lambda: page.areas.marks)
    assert page.areas.layer() is not found and "doubt_chosen" in doubts(page)
    click(page, "compare")
    wait_until(lambda: page.result.outcome is not None)
    assert "chosen for their many incidents" in page.result.card.text.text()


def test_too_many_areas_are_not_listed(page, wait_until):  # noqa: F811
    layer = QgsVectorLayer("Polygon?crs=EPSG:32631&field=name:string", "cells", "memory")
    shape = QgsGeometry.fromRect(page.incidents.currentLayer().extent())
    features = []
    for _ in range(compareread.MOST_AREAS + 1):
        features.append(QgsFeature(layer.fields()))
        features[-1].setGeometry(shape)
    layer.dataProvider().addFeatures(features)
    QgsProject.instance().addMapLayer(layer)
    page.areas.areas.setLayer(layer)
    click(page, "mark_areas")
    wait_until(lambda: page.areas.news.count() > 0)
    assert page.areas.news.itemAt(0).widget().title.text() == "Too many areas"
    assert page.areas.layer() is layer


def test_areas_that_go_leave_everywhere(marked, wait_until):
    QgsProject.instance().removeMapLayer(marked.areas.layer().id())
    wait_until(lambda: not marked.areas.marks)
    settle(0.1)
    assert marked.areas._tool is None
    assert fields.ROLE == "role"


def squares(*rows) -> QgsVectorLayer:
    """Areas in memory: (name, role, shape as WKT)."""
    layer = QgsVectorLayer("Polygon?crs=EPSG:32631&field=name:string&field=role:string", "mine", "memory")
    features = []
    for name, role, wkt in rows:
        feature = QgsFeature(layer.fields())
        feature.setAttributes([name, role])
        feature.setGeometry(QgsGeometry.fromWkt(wkt))
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    QgsProject.instance().addMapLayer(layer)
    return layer


def square(at: int) -> str:
    return f"Polygon (({at} 0, {at + 90} 0, {at + 90} 90, {at} 90, {at} 0))"


def test_two_areas_drawn_quickly_are_both_kept(page, wait_until):  # noqa: F811
    """The second was thrown away without a word while the first was being saved."""
    page.session.iface.mapCanvas().setDestinationCrs(page.incidents.currentLayer().crs())
    box, extent = page.areas, page.incidents.currentLayer().extent()
    click(page, "draw_area")
    tool = box._tool
    for by in (-100, -200, -300):
        tool.chosen.emit(QgsGeometry.fromRect(extent.buffered(by)))
    tool.corners = [extent.center()]  # and a fourth was begun
    wait_until(lambda: len(box.marks) == 3)
    assert sorted(roles(box.layer())) == ["Area 1", "Area 2", "Area 3"]
    assert box._tool is not tool and box._tool.corners == [extent.center()]


def test_a_mark_that_cannot_be_written_is_told_and_taken_back(marked):
    """It was shown as marked, and the evaluation read something else."""
    box = marked.areas
    gone = box.marks[0][0]
    box.layer().dataProvider().deleteFeatures([gone])  # as by somebody else
    box.combos[gone].setCurrentIndex(0)
    assert "could not be saved" in box.news.itemAt(0).widget().title.text()
    assert box.marks[0][2] == "" == box.combos[gone].currentData()


def test_marks_of_areas_that_are_edited_go_with_what_is_not_saved(marked):
    box = marked.areas
    box.layer().startEditing()
    box.set_role(box.marks[0][0], "treated")
    assert box.layer().isModified() and roles(box.layer())[box.marks[0][1]] == "treated"
    box.layer().rollBack()


def test_roles_that_are_not_known_and_areas_without_a_shape_are_told(page, wait_until):  # noqa: F811
    page.areas.areas.setLayer(squares(
        ("A", " Treated", square(0)), ("B", "traeted", square(200)), ("C", "control", ""), ("D", None, square(400))))
    click(page, "mark_areas")
    wait_until(lambda: page.areas.marks)
    settle()
    assert [(name, role) for _, name, role, _ in page.areas.marks] == [("A", "treated"), ("B", ""), ("D", "")]
    told = page.areas.news.itemAt(0).widget().text.text()
    assert "'traeted'" in told and "Areas without a shape, left out: 1." in told


def test_an_area_on_a_map_without_a_system_is_refused(page):  # noqa: F811
    canvas = page.session.iface.mapCanvas()
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem())
    click(page, "draw_area")
    page.areas._tool.chosen.emit(QgsGeometry.fromWkt(square(0)))
    assert "no coordinate system" in page.areas.news.itemAt(0).widget().text.text()
    assert page.areas.layer() is None and page.session.jobs.running() == 0
    canvas.setDestinationCrs(page.incidents.currentLayer().crs())
