"""Forms around the register: new problems, hot spots taken over, meetings, the sheet, comparisons, and the map."""

# ruff: noqa: F401, F811 (fixtures come by name)
from __future__ import annotations

import pytest
from qgis.core import QgsGeometry, QgsProject, QgsRectangle, QgsVectorLayer
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QComboBox, QLineEdit, QPushButton, QSpinBox

from hotspot_plugin.analysis.problems import register as r
from hotspot_plugin.layers import casestore
from tests.ui.conftest import settle
from tests.ui.problems import TODAY, click, day, filled, find, open_first, opened, page, said, shown, titles, town


@pytest.fixture
def empty(page, dock, case, wait_until):
    """The page over an empty case file."""
    dock.session.use_case(case)
    wait_until(lambda: shown(page, "card_empty"))
    return page


@pytest.fixture
def hotspots(town):
    """Hot spots of the practice town, in the project."""
    layer = QgsVectorLayer(str(town["hotspots"]), "hot spots", "ogr")
    assert layer.isValid() and layer.featureCount()
    QgsProject.instance().addMapLayer(layer)
    return layer


# --- new problems -----------------------------------------------------------------------------
def test_a_problem_without_a_place_is_written_and_opened(empty, case, wait_until):
    click(empty, "new_problem")
    wait_until(lambda: shown(empty, "form_new"))
    click(empty, "save")
    wait_until(lambda: "Say what happens and where." in said(empty))
    QTest.keyClicks(find(empty, QLineEdit, r.TITLE), "Bikes stolen at the pool")
    click(empty, "save")
    wait_until(lambda: empty.view() is not None)
    row = casestore.rows(case, r.PROBLEMS)[0]
    assert row[r.TITLE] == "Bikes stolen at the pool" and row[r.STAGE] == "scan"
    assert row[r.SCAN_ON] == TODAY.isoformat() and row[r.VISIBLE] == "internal"
    assert casestore.count(case, r.PLACES) == 0


def test_selected_hot_spots_become_the_places_of_a_problem(empty, case, hotspots, wait_until):
    settle(0.2)
    click(empty, "new_problem")
    wait_until(lambda: shown(empty, "form_new"))
    ids = hotspots.allFeatureIds()[:2]
    hotspots.selectByIds(ids)
    where = find(empty, QComboBox, "where")
    where.setCurrentIndex(where.findData(hotspots.id()))
    QTest.keyClicks(find(empty, QLineEdit, r.TITLE), "Two hot spots")
    click(empty, "save")
    wait_until(lambda: empty.view() is not None)
    rows = casestore.rows(case, r.PLACES, shapes=True, newest=False)
    assert [(row[r.SOURCE], row[r.SOURCE_KEY]) for row in rows] == [("hot spots", str(id)) for id in sorted(ids)]
    for row, id in zip(rows, sorted(ids)):
        there = hotspots.getFeature(id).geometry()
        assert row[casestore.GEOMETRY].symDifference(there).area() < 1e-6 * there.area()
    assert "from 'hot spots'" in said(empty)


def test_a_drawn_area_becomes_the_place(empty, case, iface, wait_until):
    click(empty, "new_problem")
    wait_until(lambda: shown(empty, "form_new"))
    where = find(empty, QComboBox, "where")
    where.setCurrentIndex(where.findData("drawn"))
    settle(0.02)
    QTest.keyClicks(find(empty, QLineEdit, r.TITLE), "Drawn by hand")
    click(empty, "save")
    assert "Nothing is drawn yet." in said(empty)
    click(empty, "draw_place")
    tool = iface.mapCanvas().mapTool()
    crs = casestore.crs_of(case, r.PLACES)
    iface.mapCanvas().setDestinationCrs(crs)
    tool.chosen.emit(QgsGeometry.fromRect(QgsRectangle(450000, 5400000, 450100, 5400200)))
    assert iface.mapCanvas().mapTool() is not tool
    click(empty, "save")
    wait_until(lambda: empty.view() is not None)
    row = casestore.rows(case, r.PLACES, shapes=True)[0]
    assert row[casestore.GEOMETRY].area() == pytest.approx(20000) and row[r.NAME] == "Drawn by hand"


def test_hot_spots_are_taken_over_by_the_tool_once(empty, case, hotspots, wait_until):
    settle(0.2)
    click(empty, "take_over")
    find(empty, QSpinBox, "top").setValue(2)
    click(empty, "start_take_over")
    wait_until(lambda: shown(empty, "card_taken"))
    wait_until(lambda: len(titles(empty)) == 2)
    assert casestore.count(case, r.PLACES) == 2
    click(empty, "take_over")
    find(empty, QSpinBox, "top").setValue(2)
    click(empty, "start_take_over")
    wait_until(lambda: "Nothing new" in said(empty))
    assert casestore.count(case, r.PROBLEMS) == 2


def test_without_a_layer_taking_over_says_what_to_do(empty):
    click(empty, "take_over")
    assert shown(empty, "card_no_layer")


def test_the_layer_may_go_while_the_form_is_open(empty, hotspots, wait_until):
    settle(0.2)
    click(empty, "take_over")
    assert shown(empty, "form_take_over")
    QgsProject.instance().removeMapLayer(hotspots.id())
    wait_until(lambda: shown(empty, "card_no_layer"))


def test_a_refusal_of_the_tool_is_told(empty, case, hotspots, monkeypatch, wait_until):
    settle(0.2)
    click(empty, "take_over")
    empty.room.itemAt(0).widget().days[0].setDate(empty.room.itemAt(0).widget().days[0].date().currentDate())
    click(empty, "start_take_over")
    wait_until(lambda: "A baseline needs its first and its last day" in said(empty))
    assert casestore.count(case, r.PROBLEMS) == 0


def test_taking_over_can_be_stopped(empty, case, hotspots, wait_until):
    settle(0.2)
    click(empty, "take_over")
    find(empty, QPushButton, "start_take_over").click()
    empty._run.cancel()
    wait_until(lambda: not empty.is_busy())
    assert "You stopped it." in said(empty)
    assert casestore.count(case, r.PROBLEMS) == casestore.count(case, r.PLACES) == 0
    assert find(empty, QPushButton, "start_take_over").isEnabled()


# --- meetings ---------------------------------------------------------------------------------
def test_a_meeting_is_written_down_with_its_place(empty, case, iface, wait_until):
    click(empty, "new_meeting")
    wait_until(lambda: shown(empty, "form_meeting"))
    QTest.keyClicks(find(empty, QLineEdit, r.PRESENT), "14")
    where = find(empty, QComboBox, "where")
    where.setCurrentIndex(where.findData("drawn"))
    settle(0.02)
    click(empty, "draw_place")
    iface.mapCanvas().setDestinationCrs(casestore.crs_of(case, r.MEETINGS))
    iface.mapCanvas().mapTool().chosen.emit(QgsGeometry.fromWkt("Point (450000 5400000)"))
    click(empty, "save")
    wait_until(lambda: shown(empty, "card_meeting"))
    row = casestore.rows(case, r.MEETINGS, shapes=True)[0]
    assert (row[r.PRESENT], row[r.KIND], row[r.HELD_ON]) == (14, "meeting", TODAY.isoformat())
    assert row[casestore.GEOMETRY].asPoint().x() == pytest.approx(450000)


def test_the_meeting_sheet_is_made_and_shown(opened, dock, filled, town, monkeypatch, wait_until):
    casestore.insert(filled, {r.MEETINGS: [(None, {r.HELD_ON: day(-30), r.KIND: "meeting"})]}, "beat officer")
    beats = QgsVectorLayer(f"{town['town']}|layername=beats", "beats", "ogr")
    QgsProject.instance().addMapLayer(beats)
    opened.refresh()
    wait_until(lambda: opened.register.meetings)
    seen = []
    monkeypatch.setattr(dock.session, "show_file", seen.append)
    click(opened, "meeting_sheet")
    assert "The last meeting in the register was on" in said(opened)
    sheet = opened.room.itemAt(0).widget()
    assert sheet.areas.currentLayer() is beats
    area = str(next(beats.getFeatures())[sheet.name.currentField()])
    QTest.keyClicks(find(opened, QLineEdit, "area"), area)
    click(opened, "make_sheet")
    wait_until(lambda: shown(opened, "card_sheet") or shown(opened, "card_problem"))
    assert shown(opened, "card_sheet"), said(opened)
    for name in ("show_sheet", "show_pdf", "show_report", "open_folder"):
        click(opened, name)
    assert [one.rpartition(".")[2] for one in seen[:3]] == ["html", "pdf", "html"]
    assert all(open(one, "rb").read(4) for one in seen[:3])
    assert area in open(seen[0], encoding="utf-8").read()


# --- a comparison -----------------------------------------------------------------------------
LINK = {"kind": "comparison", "sentence": "Recorded thefts fell by 20 % (95 % interval -30 % to -8 %).",
        "before": ("2023-01-01", "2023-12-31"), "after": ("2024-01-01", "2024-12-31"), "value": -20.04,
        "report": "/somewhere/comparison.html"}


def test_a_comparison_is_written_down_for_the_problem_that_is_chosen(opened, dock, filled, wait_until):
    dock.session.go("problems", link=LINK)
    settle(0.02)
    box = find(opened, QComboBox, "link_problem")
    box.setCurrentIndex(box.findData("p1"))
    wait_until(lambda: shown(opened, "form_link"))
    click(opened, "save")
    wait_until(lambda: shown(opened, "card_linked"))
    row = casestore.rows(filled, r.PROBLEMS, where={r.PROBLEM_ID: "p1"})[0]
    assert (row[r.BASELINE], row[r.VALUE]) == (100.0, 80.0)
    assert row[r.MEASURE] == "Recorded incidents, where the days before are 100"
    assert (row[r.VALUE_FROM], row[r.VALUE_TO], row[r.BASE_FROM], row[r.BASE_TO]) == (
        *LINK["after"], *LINK["before"])
    assert row[r.RESULT] == LINK["sentence"] + " Report: comparison.html"


def test_a_comparison_does_not_mix_measures(opened, dock, filled, wait_until):
    casestore.change(filled, r.PROBLEMS, "p1", {r.MEASURE: "Calls about noise", r.BASELINE: 40.0})
    dock.session.go("problems", link=LINK)
    settle(0.02)
    box = find(opened, QComboBox, "link_problem")
    box.setCurrentIndex(box.findData("p1"))
    wait_until(lambda: shown(opened, "form_link"))
    assert find(opened, QLineEdit, r.VALUE).text() == ""
    assert "This problem is measured by 'Calls about noise'" in said(opened)


def test_a_comparison_waits_for_the_register_and_asks_for_a_problem(empty, dock, filled, wait_until):
    dock.session.use_case("")
    dock.session.go("problems", link=LINK)
    dock.session.use_case(filled)
    wait_until(lambda: shown(empty, "card_link"))


# --- the map ----------------------------------------------------------------------------------
@pytest.fixture
def mapped(empty, case, hotspots, wait_until):
    """The page with hot spots taken over, and its layers on the map."""
    settle(0.2)
    click(empty, "take_over")
    click(empty, "start_take_over")
    wait_until(lambda: shown(empty, "card_taken") and empty.list.model.rowCount() > 1)
    click(empty, "show_on_map")
    wait_until(lambda: shown(empty, "card_on_map"))
    return empty


def test_the_register_on_the_map_and_the_list_go_together(mapped, case, iface, wait_until):
    layers = mapped.map.layers()
    assert {r.PROBLEMS, r.PLACES, r.PARTNERS, r.MEETINGS, r.ACTIONS} <= set(layers)
    assert QgsProject.instance().relationManager().relation("register_places_prob_id").isValid()
    places = QgsProject.instance().mapLayer(layers[r.PLACES])
    flashed = []
    mapped.session.iface.mapCanvas().flashGeometries = lambda shapes, crs: flashed.append(len(shapes))
    view, model = mapped.list.view, mapped.list.model
    view.setFocus()
    view.setCurrentIndex(model.index(0))
    QTest.keyClick(view, Qt.Key.Key_Down)
    wait_until(lambda: places.selectedFeatureCount() == 1 and flashed)
    key = mapped.list.current()
    assert [f[r.PROBLEM_ID] for f in places.selectedFeatures()] == [key]
    other = next(row for row, problem in mapped.register.places.items() if problem != key)
    places.selectByIds([other])
    assert mapped.list.current() == mapped.register.places[other]


def test_layers_that_are_removed_while_shown_do_no_harm(mapped, wait_until):
    QgsProject.instance().removeMapLayers(list(mapped.map.layers().values()))
    settle(0.2)
    mapped.list.view.setCurrentIndex(mapped.list.model.index(1))
    settle(0.4)
    open_first(mapped, wait_until)
    assert not find(mapped, QPushButton, "full_form").isEnabled()
    click(mapped, "show_places")
    wait_until(lambda: r.PLACES in mapped.map.layers())


def test_the_full_form_is_opened(mapped, wait_until, monkeypatch):
    seen = []
    monkeypatch.setattr(type(mapped.session.iface), "openFeatureForm",
                        lambda self, layer, feature, *more: seen.append(feature[r.PROBLEM_ID]), raising=False)
    mapped.list.view.setCurrentIndex(mapped.list.model.index(0))
    open_first(mapped, wait_until)
    click(mapped, "full_form")
    assert seen == [mapped.key] and shown(mapped, "card_full_form")


def test_the_text_of_a_form_goes_with_the_keyboard(empty, wait_until):
    click(empty, "new_problem")
    wait_until(lambda: shown(empty, "form_new"))
    title = find(empty, QLineEdit, r.TITLE)
    title.setFocus()
    seen = []
    for _ in range(8):
        QTest.keyClick(title.window().focusWidget(), Qt.Key.Key_Tab)
        seen.append(title.window().focusWidget().objectName())
    wanted = [r.DESCRIPTION, r.CATEGORY, r.OWNER, r.DUE_ON, "where", "save", "leave_form"]
    assert [name for name in seen if name in wanted] == wanted
