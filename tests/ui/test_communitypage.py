"""Page 'Community input': a concern is written down, by clicks and keys."""

# ruff: noqa: F401, F811 (fixtures come by name)
from __future__ import annotations

import sqlite3

import pytest
from qgis.core import QgsProject
from qgis.gui import QgsRubberBand
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QWidget

from hotspot_plugin.analysis.community import inputs
from hotspot_plugin.layers import casestore
from hotspot_plugin.layers.casehealth import Health
from tests.ui.community import (
    AREAS,
    LEFT,
    POINTS,
    RIGHT,
    add,
    canvas,
    choose,
    click,
    fill,
    find,
    on_map,
    page,
    quiet,
    ready,
    row,
    seen,
    texts,
    town,
)
from tests.ui.conftest import settle


# --- a concern is written down ---------------------------------------------------------------
def test_five_clicks_from_anywhere(dock, ready, canvas, wait_until):
    dock.go("start")
    QTest.mouseClick(dock.report_button, LEFT)
    settle()
    assert dock.stack.currentWidget() is ready and seen(ready, "card_picking")
    on_map(canvas, 100, 120)
    click(ready, "category_light")
    click(ready, "concern_4")
    assert casestore.count(dock.session.case, POINTS) == 0
    click(ready, "save_count")
    wait_until(lambda: seen(ready, "card_saved"))
    found = casestore.rows(dock.session.case, POINTS, shapes=True)
    assert len(found) == 1
    wanted = {inputs.CATEGORY: "light", inputs.CONCERN: 4, inputs.CONSENT: "count", inputs.STATUS: "new"}
    assert {name: found[0][name] for name in wanted} == wanted
    point = found[0][casestore.GEOMETRY].asPoint()
    there = canvas.getCoordinateTransform().toMapCoordinates(100, 120)
    assert point.distance(there) < 0.01 * canvas.extent().width()
    quiet(ready, wait_until)
    click(ready, "show_case_layers")
    wait_until(lambda: QgsProject.instance().mapLayers())
    shown = [one for one in QgsProject.instance().mapLayers().values() if f"layername={POINTS}" in one.source()]
    assert [len(list(one.getFeatures())) for one in shown] == [1] and not seen(ready, "show_case_layers")
    assert ready.newest.model.rowCount() == 1 and "All (1)" in ready.newest.status.itemText(0)
    assert ready.reporter.drafts.get("report") is None
    click(ready, "undo")
    wait_until(lambda: seen(ready, "card_undone"))
    assert casestore.count(dock.session.case, POINTS) == 0
    assert not list(shown[0].getFeatures())  # the map follows


def test_by_keys_alone(dock, ready, wait_until):
    QTest.keyClick(dock.report_button, Qt.Key.Key_Return)
    settle()
    QTest.keyClick(find(ready, "middle"), Qt.Key.Key_Return)
    settle()
    form = ready.reporter.form
    QTest.keyClick(form, Qt.Key.Key_B)  # "Bad street light"
    assert form.category.value == "light"
    QTest.keyClick(form, Qt.Key.Key_5)
    assert form.concern.value == 5
    QTest.keyClick(form.quote, Qt.Key.Key_Return)
    wait_until(lambda: seen(ready, "card_saved"))
    assert casestore.rows(dock.session.case, POINTS)[0][inputs.CONSENT] == "quote"


def test_an_area_is_drawn(dock, ready, canvas, wait_until):
    click(ready, "draw_area")
    before = canvas.mapTool()
    for x, y in ((100, 100), (200, 100), (300, 300), (200, 200)):
        on_map(canvas, x, y)
    assert any(isinstance(one, QgsRubberBand) and one.isVisible() for one in canvas.scene().items())
    QTest.keyClick(canvas, Qt.Key.Key_Backspace)
    assert len(before.corners) == 3 and "Corners so far: 3" in texts(ready)
    on_map(canvas, 20, 20, RIGHT)
    assert ready.reporter.shape is not None and canvas.mapTool() is not before
    click(ready, "category_rubbish")
    click(ready, "concern_2")
    click(ready, "save_count")
    wait_until(lambda: seen(ready, "card_saved"))
    assert casestore.count(dock.session.case, AREAS) == 1 and casestore.count(dock.session.case, POINTS) == 0


def test_escape_stops_and_gives_the_map_back(ready, canvas):
    click(ready, "pick_point")
    tool = canvas.mapTool()
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    settle()
    assert canvas.mapTool() is not tool and seen(ready, "card_report") and not seen(ready, "card_picking")


def test_the_same_person_is_one_voice(dock, ready, wait_until):
    for number in range(2):
        ready.reporter.middle()
        form = ready.reporter.form
        form.category.value, form.concern.value = "theft", 3
        if number:
            form.more.open()
            settle()
            click(ready, "same_person")
        form.save("count")
        wait_until(lambda: seen(ready, "card_saved"))
        quiet(ready, wait_until)
        assert len(casestore.rows(dock.session.case, POINTS)) == number + 1
    assert len({found[inputs.VOICE] for found in casestore.rows(dock.session.case, POINTS)}) == 1


def test_what_names_somebody_is_refused_while_typing(dock, ready, wait_until):
    ready.reporter.middle()
    form = ready.reporter.form
    form.category.value, form.concern.value = "theft", 3
    form.more.open()
    form.said.setFocus()
    QTest.keyClicks(form.said, "ring me at 0171 2345678")
    wait_until(lambda: seen(ready, "hint"))
    assert "telephone" in find(ready, "hint").text()
    click(ready, "save_quote")
    assert not ready.reporter.saving and casestore.count(dock.session.case, POINTS) == 0
    form.said.setPlainText("The lamp is dark")
    form.look()
    assert not seen(ready, "hint")


# --- nothing is lost ---------------------------------------------------------------------------
def test_without_a_case_file_the_report_is_kept(dock, page, case, wait_until):
    assert seen(page, "card_no_case") and seen(page, "make_case")
    asked = []
    dock.session.wanted.disconnect()
    dock.session.wanted.connect(lambda name, hint: asked.append((name, hint)))
    page.arrive(report=True)
    page.reporter.middle()
    form = page.reporter.form
    form.category.value, form.concern.value = "drugs", 3
    form.save("count")
    settle()
    assert seen(page, "card_no_case") and form.category.value == "drugs"
    click(page, "make_case")
    assert asked == [("start", {"make_case": True})]
    dock.session.use_case(case)
    quiet(page, wait_until)
    assert form.category.value == "drugs"
    click(page, "save_count")
    wait_until(lambda: seen(page, "card_saved"))
    assert casestore.count(case, POINTS) == 1


def test_a_report_begun_outlives_a_crash(dock, ready, iface):
    from hotspot_plugin.ui.communitypage import CommunityPage

    ready.reporter.middle()
    form = ready.reporter.form
    form.category.value = "light"
    form.said.setPlainText("Dark since Monday")
    assert ready.reporter.drafts.flush()
    other = CommunityPage(dock.session)  # as after a start anew
    other.show()
    assert "Bad street light" in texts(other)
    click(other, "go_on")
    assert other.reporter.form.values()[inputs.SAID] == "Dark since Monday"
    assert other.reporter.shape.equals(ready.reporter.shape) or other.reporter.shape.distance(ready.reporter.shape) < 1
    click(other, "throw_away")
    assert other.reporter.drafts.flush() and not list(other.reporter.drafts.folder.glob("report*.json"))
    other.close_down()
    other.deleteLater()


def test_a_damaged_draft_is_told(dock, canvas, tmp_path):
    (tmp_path / "drafts").mkdir()
    (tmp_path / "drafts" / "report.json").write_text("{half of it")
    dock.go("community")
    settle()
    page = dock.page("community")
    assert seen(page, "card_notes") and seen(page, "card_report")


def begun(page) -> None:
    page.reporter.middle()
    page.reporter.form.category.value, page.reporter.form.concern.value = "theft", 5
    page.reporter.form.said.setPlainText("A bicycle went")


def test_a_locked_file_loses_nothing(dock, ready, wait_until):
    begun(ready)
    other = sqlite3.connect(dock.session.case, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        click(ready, "save_count")
        wait_until(lambda: seen(ready, "again"), 8)
        assert "Nothing that you filled in is lost" in texts(ready)
        assert ready.reporter.form.values()[inputs.SAID] == "A bicycle went"
    finally:
        other.execute("ROLLBACK")
        other.close()
    click(ready, "again")
    wait_until(lambda: seen(ready, "card_saved"))
    assert casestore.count(dock.session.case, POINTS) == 1


@pytest.mark.parametrize("state", ["readonly", "full"])
def test_a_file_that_cannot_be_written(dock, ready, wait_until, monkeypatch, state):
    case = dock.session.case
    monkeypatch.setattr(casestore, "probe", lambda path: Health(
        state, "It cannot be written now.", [], False, 1, True, True, {}))
    begun(ready)
    click(ready, "save_count")
    wait_until(lambda: seen(ready, "again"))
    assert "It cannot be written now." in texts(ready) and ready.reporter.drafts.get("report")
    assert casestore.count(case, POINTS) == 0


def test_the_file_is_taken_away_underneath(dock, ready, case, wait_until):
    from pathlib import Path

    begun(ready)
    Path(case).unlink()
    click(ready, "save_count")
    wait_until(lambda: seen(ready, "again"))
    assert not Path(case).exists()
    ready.reporter.stop()
    settle()
    assert seen(ready, "card_draft")
    ready.newest.again()
    quiet(ready, wait_until)
    assert seen(ready, "card_case_problem") or seen(ready, "card_list_problem")


def test_a_foreign_file_is_told(dock, page, tmp_path, wait_until):
    path = tmp_path / "foreign.gpkg"
    path.write_text("this is no GeoPackage")
    dock.session.use_case(str(path))
    quiet(page, wait_until)
    assert seen(page, "card_case_problem") and path.read_text() == "this is no GeoPackage"


# --- the end -----------------------------------------------------------------------------------------
def test_nothing_calls_a_page_that_has_gone(dock, ready, canvas, town):
    click(ready, "draw_area")
    on_map(canvas, 80, 80)
    assert [item for item in canvas.scene().items() if isinstance(item, QgsRubberBand)]
    add(town, "beats")
    ready.newest.refresh()  # still at work when the project goes
    QgsProject.instance().clear()
    settle(0.2)
    on_map(canvas, 50, 50)
    ready.newest.refresh()
    dock.close_down()
    QgsProject.instance().clear()
    settle(0.3)
    assert not [item for item in canvas.scene().items() if isinstance(item, QgsRubberBand)]
    dock.close_down = lambda: None  # the fixture's turn has been taken


@pytest.mark.parametrize("rightward", [True, False])
def test_fits_320_pixels(dock, ready, wait_until, rightward):
    dock.setLayoutDirection(Qt.LayoutDirection.RightToLeft if rightward else Qt.LayoutDirection.LeftToRight)
    dock.window().resize(320, 700)
    fill(ready, [row(1)], wait_until)
    choose(ready)
    ready.reporter.middle()
    ready.reporter.form.more.open()
    settle(0.2)
    inner = ready.widget()
    assert inner.width() <= ready.viewport().width()
    for one in inner.findChildren(QWidget):
        if one.isVisible() and not one.inherits("QListView") and one.parentWidget() is not None:
            right = one.mapTo(inner, QPoint(one.width(), 0)).x()
            assert right <= inner.width() + 1, one.objectName()
    for one in inner.findChildren(QWidget):
        if one.isVisible() and one.focusPolicy() & Qt.FocusPolicy.TabFocus and one.objectName():
            text = one.text() if hasattr(one, "text") and callable(one.text) else ""
            assert text or one.accessibleName(), one.objectName()
