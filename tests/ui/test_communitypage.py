"""Page 'Community input': a concern is written down, answered and mapped, by clicks and keys."""

from __future__ import annotations

import json
import sqlite3
from types import SimpleNamespace

import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsPointXY, QgsProject, QgsRectangle, QgsVectorLayer
from qgis.gui import QgsRubberBand
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QLabel, QWidget

from hotspot_plugin.analysis.community import inputs
from hotspot_plugin.layers import casestore
from hotspot_plugin.layers.casehealth import Health
from tests.ui import conftest
from tests.ui.conftest import settle

POINTS, AREAS = inputs.POINT_TABLE, inputs.AREA_TABLE
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
#: for modules that take all their fixtures from here
case, own_drafts = conftest.case, conftest.own_drafts


@pytest.fixture(scope="module")
def town(provider, tmp_path_factory):
    """The practice town, and an empty case file."""
    import processing

    folder = tmp_path_factory.mktemp("community")
    made = {name: folder / f"{name}.gpkg" for name in ("town", "case")}
    processing.run("hotspot:practicecity", {"SIZE": 0, "DIRTY": False, "LOAD": False, "OUTPUT": str(made["town"])})
    processing.run("hotspot:casefile", {"INPUT": f"{made['town']}|layername=beats", "OUTPUT": str(made["case"])})
    return made


@pytest.fixture
def canvas(iface, town):
    canvas = iface.mapCanvas()
    canvas.resize(400, 400)
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:32631"))
    canvas.setExtent(QgsRectangle(499_000, 99_000, 501_000, 101_000))
    canvas.show()
    yield canvas
    if canvas.mapTool() is not None:
        canvas.unsetMapTool(canvas.mapTool())


@pytest.fixture
def page(dock, canvas):
    dock.go("community")
    settle()
    return dock.page("community")


@pytest.fixture
def ready(dock, page, case, wait_until):
    """The page over a case file that was looked at."""
    dock.session.use_case(case)
    wait_until(lambda: dock.session.health is not None and dock.session.jobs.running() == 0)
    settle()
    wait_until(lambda: dock.session.jobs.running() == 0)
    settle()
    return page


def row(k: int, **more) -> tuple:
    return QgsGeometry.fromPointXY(QgsPointXY(500_000 + 7 * k, 100_000)), {
        inputs.CATEGORY: "light", inputs.CONCERN: 4, inputs.CONSENT: "count", inputs.SOURCE: "meeting",
        inputs.SAID_ON: f"2024-05-{k % 27 + 1:02d}", inputs.INPUT_ID: f"key-{k}", **more}


def fill(page, rows, wait_until) -> None:
    casestore.insert(page.session.case, {POINTS: rows})
    page.session.written(POINTS)
    quiet(page, wait_until)


def quiet(page, wait_until) -> None:
    wait_until(lambda: page.session.jobs.running() == 0 and not page.is_busy() and not page.session.runner.running())
    settle()


def find(page, name: str) -> QWidget:
    found = [one for one in page.findChildren(QWidget, name) if one.isVisibleTo(page)]
    assert found, f"no {name}"
    return found[-1]


def seen(page, name: str) -> bool:
    return any(one.isVisibleTo(page) for one in page.findChildren(QWidget, name))


def click(page, name: str) -> None:
    one = find(page, name)
    assert one.isEnabled(), name
    QTest.mouseClick(one, LEFT)
    settle()


def texts(page) -> str:
    return "\n".join(one.text() for one in page.findChildren(QLabel) if one.isVisibleTo(page))


def on_map(canvas, x: int, y: int, button=LEFT) -> None:
    QTest.mouseClick(canvas.viewport(), button, Qt.KeyboardModifier.NoModifier, QPoint(x, y))
    settle()


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


# --- the list and the answers --------------------------------------------------------------------
def test_empty_file_asks_for_the_first(ready):
    assert seen(ready, "card_empty") and not seen(ready, "newest")
    click(ready, "first_report")
    assert seen(ready, "card_picking")


def test_filters_and_show_more(ready, wait_until, monkeypatch):
    monkeypatch.setattr("hotspot_plugin.ui.communitylist.PAGE", 5)
    newest = ready.newest
    newest.limit = 5
    rows = [row(k) for k in range(8)]
    rows += [row(20, **{inputs.CATEGORY: "theft", inputs.SAID: "A bicycle went"}),
             row(21, **{inputs.STATUS: "acknowledged"})]
    fill(ready, rows, wait_until)
    assert newest.model.rowCount() == 5 and "5 of 10" in texts(ready)
    assert newest.model.rows[0][inputs.INPUT_ID] == "key-21"
    click(ready, "show_more")
    quiet(ready, wait_until)
    assert newest.model.rowCount() == 10 and not seen(ready, "show_more")
    assert newest.status.itemText(newest.status.findData("acknowledged")) == "Acknowledged (1)"
    newest.status.setCurrentIndex(newest.status.findData("acknowledged"))
    quiet(ready, wait_until)
    assert [one[inputs.INPUT_ID] for one in newest.model.rows] == ["key-21"]
    newest.show_all()
    QTest.keyClicks(newest.text, "BICYCLE")
    wait_until(lambda: newest.model.rowCount() == 1)
    QTest.keyClicks(newest.text, " nothing")
    wait_until(lambda: seen(ready, "card_nothing"))
    click(ready, "show_all")
    quiet(ready, wait_until)
    assert newest.model.rowCount() == 5
    spoken = newest.model.data(newest.model.index(0), Qt.ItemDataRole.AccessibleTextRole)
    assert "Acknowledged" in spoken and "Bad street light" in spoken


def choose(page, k: int = 0) -> None:
    page.newest.view.setCurrentIndex(page.newest.model.index(k))
    settle()


def test_the_loop_is_closed(dock, ready, wait_until):
    fill(ready, [row(1)], wait_until)
    choose(ready)
    click(ready, "become_acknowledged")
    quiet(ready, wait_until)
    found = casestore.rows(dock.session.case, POINTS)[0]
    assert found[inputs.STATUS] == "acknowledged" and found[inputs.ACK_ON]
    click(ready, "become_done")  # whoever spoke is owed an answer
    assert "owed an answer" in find(ready, "answer_hint").text()
    assert casestore.rows(dock.session.case, POINTS)[0][inputs.STATUS] == "acknowledged"
    QTest.keyClicks(find(ready, "response"), "The lamp was mended")
    click(ready, "become_done")
    quiet(ready, wait_until)
    found = casestore.rows(dock.session.case, POINTS)[0]
    assert (found[inputs.STATUS], found[inputs.RESPONSE]) == ("done", "The lamp was mended") and found[inputs.DONE_ON]
    assert not find(ready, "become_done").isEnabled()
    click(ready, "close_card")


def test_two_people_do_not_overwrite_each_other(dock, ready, wait_until):
    fill(ready, [row(1)], wait_until)
    choose(ready)
    QTest.keyClicks(find(ready, "response"), "Mine")
    casestore.change(dock.session.case, POINTS, "key-1", {inputs.STATUS: "declined", inputs.RESPONSE: "Not our lamp"})
    click(ready, "become_done")
    wait_until(lambda: seen(ready, "card_changed"))
    quiet(ready, wait_until)
    assert "Not our lamp" in texts(ready)
    assert ready.newest.answer.response.toPlainText() == "Mine"
    assert casestore.rows(dock.session.case, POINTS)[0][inputs.STATUS] == "declined"
    ready.reporter.drafts.flush()
    kept = json.loads(ready.reporter.drafts.file("answers").read_text())
    assert kept == {"key-1": "Mine"}
    click(ready, "look_again")
    click(ready, "become_done")  # now knowingly
    quiet(ready, wait_until)
    assert casestore.rows(dock.session.case, POINTS)[0][inputs.RESPONSE] == "Mine"


def test_a_row_that_another_deleted(dock, ready, wait_until):
    fill(ready, [row(1), row(2)], wait_until)
    choose(ready)
    casestore.remove(dock.session.case, POINTS, ready.newest.row()[inputs.INPUT_ID])
    click(ready, "become_acknowledged")
    wait_until(lambda: seen(ready, "card_changed"))
    quiet(ready, wait_until)
    assert ready.newest.model.rowCount() == 1


def test_zoom_and_full_form(dock, ready, canvas, wait_until, monkeypatch):
    fill(ready, [row(60)], wait_until)
    choose(ready)
    click(ready, "zoom")
    quiet(ready, wait_until)
    assert canvas.center().distance(QgsPointXY(500_420, 100_000)) < 1
    opened = []
    monkeypatch.setattr(dock.session, "iface", SimpleNamespace(
        mapCanvas=lambda: canvas, openFeatureForm=lambda *given: opened.append(given)))
    click(ready, "open_form")
    wait_until(lambda: opened)
    layer, feature, *_ = opened[0]
    assert feature[inputs.INPUT_ID] == "key-60" and QgsProject.instance().mapLayer(layer.id()) is layer


# --- layers ------------------------------------------------------------------------------------------
def add(town, *tables: str) -> dict:
    layers = {t: QgsVectorLayer(f"{town['town']}|layername={t}", t, "ogr") for t in tables}
    QgsProject.instance().addMapLayers(list(layers.values()))
    settle(0.2)
    return layers


def test_practice_layers_are_recognised_and_choices_kept(dock, ready, town, wait_until):
    layers = add(town, "incidents", "reports", "beats", "streets", "lights", "survey", "truth_places")
    ready.show_layers()
    quiet(ready, wait_until)
    table = ready.layers
    assert {name: table.of(layer).role for name, layer in layers.items()} == {
        "incidents": "incidents", "reports": "reports", "beats": "areas", "streets": "streets", "lights": "lights",
        "survey": "survey", "truth_places": ""}
    assert table.of(layers["beats"]).fields == {"name": "name", "population": "residents"}
    item = next(table.tree.topLevelItem(k) for k in range(table.tree.topLevelItemCount())
                if table.tree.topLevelItem(k).text(0) == "reports")
    table.tree.setCurrentItem(item)
    table.weight.setValue(2.5)
    quiet(ready, wait_until)
    kept = casestore.kept(dock.session.case, "layers")
    assert kept["town.gpkg|reports"]["weight"] == 2.5
    table.role.setCurrentIndex(table.role.findData("incidents"))
    quiet(ready, wait_until)
    assert table.of(layers["reports"]).role == "incidents"
    click(ready, "forget_role")
    assert table.of(layers["reports"]).role == "reports" and table.of(layers["reports"]).weight == 1
    # the layer goes while it is shown
    QgsProject.instance().removeMapLayer(layers.pop("reports").id())
    settle(0.3)
    assert table.layer() is None and table.tree.topLevelItemCount() == 6


def test_choices_are_kept_in_the_project_without_a_case_file(dock, page, town):
    layers = add(town, "beats")
    page.layers._set(layers["beats"], {"role": "treated", "fields": {}, "weight": 1})
    assert dock.session.recall("layers")["town.gpkg|beats"]["role"] == "treated"
    assert page.layers.of(layers["beats"]).role == "treated"


# --- tools -------------------------------------------------------------------------------------------
def test_map_of_worries_from_several_layers(dock, ready, town, wait_until):
    add(town, "reports", "beats")
    casestore.insert(dock.session.case, {AREAS: [(QgsGeometry.fromRect(QgsRectangle(500_000, 1e5, 500_050, 100_050)), {
        inputs.CATEGORY: "light", inputs.CONCERN: 5, inputs.CONSENT: "count", inputs.SOURCE: "walk"})]})
    click(ready, "map_concern")
    wait_until(lambda: seen(ready, "card_concern") or seen(ready, "again"), 60)
    shown = texts(ready)
    assert "From 2 layers" in shown and "fewer than 5 voices" in shown and "middle" in shown
    assert any("oncern" in layer.name() for layer in QgsProject.instance().mapLayers().values())
    seen_files = []
    dock.session.show_file = seen_files.append
    click(ready, "show_report")
    assert seen_files[0].endswith(".html")


def test_map_of_worries_without_any_report(ready, wait_until):
    click(ready, "map_concern")
    wait_until(lambda: seen(ready, "card_no_reports"))


def test_import_is_told_in_words(dock, ready, tmp_path, wait_until):
    path = tmp_path / "export.csv"
    path.write_text("id,lon,lat,category,concern,date,consent,comment\n" + "".join(
        f"{k},{2.99 + k / 1000},0.9,Drugs,4,2024-03-0{k},yes,{text}\n" for k, text in (
            (1, "dark"), (2, "mail me at a@b.org"), (3, "loud"))), encoding="utf-8")
    dock.session.ask_open = lambda *given: str(path)
    click(ready, "import")
    wait_until(lambda: seen(ready, "card_imported") or seen(ready, "again"), 60)
    shown = texts(ready)
    assert "3 rows were read." in shown and "3 reports were added" in shown and "Personal data were removed" in shown
    quiet(ready, wait_until)
    assert ready.newest.model.rowCount() == 3
    click(ready, "import")
    wait_until(lambda: "3 were in it already" in texts(ready), 60)


def test_new_layers_for_input(ready, wait_until):
    ready.show_layers()
    click(ready, "new_input")
    wait_until(lambda: seen(ready, "card_new"))
    names = {layer.source().partition("layername=")[2] for layer in QgsProject.instance().mapLayers().values()}
    assert {POINTS, AREAS} <= names


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
