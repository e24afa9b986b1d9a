"""The start page: practice data, the user's incidents, the case file, and the first hot spots."""

from __future__ import annotations

import os
import shutil

import processing
import pytest
from qgis.core import (
    QgsCoordinateTransformContext,
    QgsFeature,
    QgsGeometry,
    QgsProject,
    QgsVectorFileWriter,
    QgsVectorLayer,
)
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication, QPushButton, QToolButton, QWidget

from hotspot_plugin.ui import caselayers, practice

from .conftest import settle


@pytest.fixture
def page(dock, tmp_path, monkeypatch):
    # kept by each test for itself: all tests of a machine have the same settings of QGIS
    kept = {practice.SETTING: str(tmp_path / "town")}
    monkeypatch.setattr(dock.session, "setting", kept.get)
    monkeypatch.setattr(dock.session, "set_setting", kept.__setitem__)
    dock.go("start")
    return dock.page("start")


def press(page, name: str) -> None:
    settle(0.02)
    button = page.findChild(QPushButton, name)
    assert button is not None and button.isVisible() and button.isEnabled(), name
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def order(page) -> list:
    return [page.body.itemAt(k).widget().objectName()[5:] for k in range(page.body.count())]


def points(name: str = "mine", source: str = "Point?crs=EPSG:32630&field=kind:string") -> QgsVectorLayer:
    layer = QgsVectorLayer(source, name, "memory")
    QgsProject.instance().addMapLayer(layer)
    return layer


def test_from_nothing_to_hot_spots_on_practice_data(page, wait_until):
    session, project = page.session, QgsProject.instance()
    shown, went = [], []
    session.show_file = shown.append
    session.wanted.connect(lambda name, hint: went.append((name, hint)))
    assert order(page) == ["practice", "incidents", "case"]
    assert str(practice.folder(session)) in page.cards["practice"].text.text()
    press(page, "open_practice")
    assert not page.practice.isEnabled()
    page.open_practice()  # a second press must not make a second town
    wait_until(lambda: session.case_works and not page.is_busy())
    town = practice.folder(session) / "practice-1.gpkg"
    assert town.exists() and not town.with_name("practice-2.gpkg").exists()
    assert page.incidents.currentLayer().id() == caselayers.loaded(str(town))["incidents"]
    group = project.layerTreeRoot().children()[0]
    tables = [caselayers.table_of(node.layer()) for node in group.findLayers()]
    assert tables[0] == "incidents" and tables[-1] in ("ground", "truth_incidents", "truth", "boundary")
    assert not any(node.itemVisibilityChecked() for node in group.findLayers() if "truth" in node.layer().source())
    assert len(project.layerTreeRoot().children()) == 1
    assert order(page) == ["incidents", "case", "practice"]
    press(page, "find_hotspots_now")
    wait_until(lambda: not page.is_busy())
    card = page.findChild(QWidget, "card_hotspots")
    assert card is not None and "hot spot" in card.text.text()
    press(page, "show_report")
    assert os.path.dirname(shown[0]).endswith("results") and os.path.exists(shown[0])
    press(page, "zoom_hotspots")
    repeat = card.findChild(QToolButton, "repeat")
    for action, begins in zip(repeat.menu().actions(), ("qgis_process run", "processing.run(")):
        action.trigger()
        assert QApplication.clipboard().text().startswith(begins)
    press(page, "next_compare")
    assert went[-1][0] == "compare" and QgsProject.instance().mapLayer(went[-1][1]["areas"]) is not None
    session.go("start")
    press(page, "next_problems")
    problems = page.window().findChild(QWidget, "page_problems")
    wait_until(lambda: problems.findChild(QgsMapLayerComboBox, "hotspot_layer") is not None)
    assert problems.findChild(QgsMapLayerComboBox, "hotspot_layer").currentLayer().id() == went[-1][1]["areas"]


def test_folder_that_cannot_be_written_is_told_and_another_chosen(page, tmp_path):
    (tmp_path / "file").write_text("no folder")
    page.session.set_setting(practice.SETTING, str(tmp_path / "file" / "below"))
    page.open_practice()
    assert not page.is_busy() and page.findChild(QWidget, "card_problem") is not None
    page.session.ask_folder = lambda title: str(tmp_path / "other")
    press(page, "choose_folder")
    assert practice.folder(page.session) == tmp_path / "other"
    assert "other" in page.cards["practice"].text.text()


def test_only_point_layer_is_chosen_and_the_choice_is_kept(page):
    first = points("first")
    page.refresh()
    assert page.incidents.currentLayer() is first and page.find.isEnabled()
    second = points("second")
    page.incidents.setLayer(second)
    assert page.session.recall("incidents") == second.id()
    page.incidents.setCurrentIndex(0)
    page.refresh()
    assert page.incidents.currentLayer() is second
    QgsProject.instance().removeMapLayers([first.id(), second.id()])
    settle(0.1)
    assert page.incidents.currentLayer() is None and not page.find.isEnabled()
    page.find_hotspots()
    assert not page.is_busy()


def test_layer_without_points_is_refused_in_the_tools_words(page, wait_until):
    points()
    page.refresh()
    page.find_hotspots()
    wait_until(lambda: page.findChild(QWidget, "card_problem"))
    assert "no point" in page.findChild(QWidget, "card_problem").text.text()
    press(page, "copy_text")
    assert "no point" in QApplication.clipboard().text()
    press(page, "close_card")


def test_layer_that_is_deleted_while_its_hot_spots_are_shown(page, wait_until):
    page._zoom("gone")
    assert "taken off" in page.findChild(QWidget, "card_problem").text.text()


def test_export_is_cleaned_up_rather_than_shown_as_a_table(page, wait_until, tmp_path):
    lines = ["id,date,time,type,lon,lat"]
    lines += [f"{k},2024-01-{k % 28 + 1:02d},12:00,theft,{-0.1 + k % 7 / 900},{52.2 + k % 11 / 900}" for k in range(90)]
    path = tmp_path / "export.csv"
    path.write_text("\n".join(lines))
    opened = []
    page.session.ask_open = lambda title, kinds: str(path)
    page.session.show_tool = lambda tool, given: opened.append((tool, given))
    page.add_file()
    press(page, "clean_up_settings")
    assert opened == [("prepareincidents", {"INPUT_FILE": str(path)})]
    press(page, "clean_up")
    wait_until(lambda: not page.is_busy())
    assert page.incidents.currentLayer() is not None, page.findChild(QWidget, "card_problem")
    assert page.incidents.currentLayer().featureCount() == 90
    assert "inc_id" in page.incidents.currentLayer().fields().names()


def test_export_that_asks_for_more_leads_to_the_settings(page, wait_until, tmp_path):
    path = tmp_path / "metres.csv"
    lines = [f"{k},2024-01-05,theft,{491000 + k},{5458000 + k}" for k in range(9)]
    path.write_text("\n".join(["id,date,type,x,y", *lines]))
    opened = []
    page.session.ask_open = lambda title, kinds: str(path)
    page.session.show_tool = lambda tool, given: opened.append(given)
    page.add_file()
    press(page, "clean_up")
    wait_until(lambda: not page.is_busy())
    assert page.findChild(QWidget, "card_problem") is not None  # metres of which system?
    press(page, "clean_up_settings")
    assert opened == [{"INPUT_FILE": str(path)}]


def test_case_file_is_made_used_and_shown(page, wait_until, tmp_path):
    path = tmp_path / "our case"
    page.session.ask_save = lambda *_: str(path)
    page.session.go("start", make_case=True)
    wait_until(lambda: page.session.case_works and not page.is_busy())
    assert page.session.case == f"{path}.gpkg"
    settle(0.1)
    assert page.shown.isVisible() and not page.new.isVisible()
    press(page, "add_layers")
    wait_until(lambda: QgsProject.instance().mapLayers())
    assert {"problems", "input_points"} <= set(caselayers.loaded(page.session.case))
    settle(0.1)
    assert not page.shown.isVisible()
    assert page.incidents.count() == 1  # layers of the case file are no incidents


def test_case_file_that_the_map_shows_is_offered(page, wait_until, tmp_path):
    path = str(tmp_path / "seen.gpkg")
    processing.run("hotspot:casefile", {"OUTPUT": path})
    QgsProject.instance().addMapLayer(QgsVectorLayer(f"{path}|layername=problems", "problems", "ogr"))
    page.refresh()
    press(page, "use_case")
    wait_until(lambda: page.session.case_works)
    assert page.session.case == path


def test_case_file_that_is_gone_is_told(page, wait_until, tmp_path):
    path = tmp_path / "gone.gpkg"
    processing.run("hotspot:casefile", {"OUTPUT": str(path)})
    page.session.use_case(str(path))
    wait_until(lambda: page.session.case_works)
    shutil.move(path, tmp_path / "elsewhere.gpkg")
    page.session.look_at_case()
    wait_until(lambda: page.session.health and page.session.health.state == "missing")
    assert not page.session.case_works
    page.add_layers()
    wait_until(lambda: page.findChild(QWidget, "card_problem") is not None)
    assert not path.exists()


def test_layers_that_cannot_be_opened_are_not_offered_but_told(page, tmp_path):
    """Their hot spots "could not load source layer for INPUT"."""
    broken = QgsVectorLayer(str(tmp_path / "gone.gpkg") + "|layername=x", "my crimes", "ogr")
    QgsProject.instance().addMapLayer(broken)
    settle(0.2)
    page.refresh()
    assert page.incidents.count() == 1 and not page.find.isEnabled()
    assert "cannot open 'my crimes'" in page.cards["incidents"].text.text()


def test_incidents_whose_file_has_gone_are_told(page, wait_until, tmp_path):
    path = tmp_path / "mine.gpkg"
    options = QgsVectorFileWriter.SaveVectorOptions()
    source = points()
    feature = QgsFeature(source.fields())
    feature.setGeometry(QgsGeometry.fromWkt("Point (500000 4000000)"))
    source.dataProvider().addFeatures([feature])
    QgsVectorFileWriter.writeAsVectorFormatV3(source, str(path), QgsCoordinateTransformContext(), options)
    layer = QgsVectorLayer(str(path), "mine", "ogr")
    QgsProject.instance().addMapLayer(layer)
    settle(0.2)
    page.incidents.setLayer(layer)
    path.unlink()
    press(page, "find_hotspots")
    wait_until(lambda: not page.is_busy() and page.news.count())
    assert "The file of 'mine' is no longer where it was" in page.news.itemAt(0).widget().text.text()


def test_a_file_of_lines_is_told_to_hold_no_points(page, tmp_path, monkeypatch):
    path = tmp_path / "streets.geojson"
    path.write_text('{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry":'
                    ' {"type": "LineString", "coordinates": [[3, 1], [3.1, 1.1]]}}]}')
    monkeypatch.setattr(page.session, "ask_open", lambda *a: str(path))
    monkeypatch.setattr(page.session.iface, "addVectorLayer", lambda place, name, kind: QgsProject.instance(
        ).addMapLayer(QgsVectorLayer(place, name, kind)), raising=False)
    page.add_file()
    assert "each incident must be a point" in page.news.itemAt(0).widget().text.text()


def test_a_table_that_cannot_be_read_is_told_in_plain_words(page, wait_until, tmp_path, monkeypatch):
    path = tmp_path / "mine.xlsx"
    path.write_bytes(b"no spreadsheet")
    monkeypatch.setattr(page.session, "ask_open", lambda *a: str(path))
    page.add_file()
    press(page, "clean_up")
    wait_until(lambda: not page.is_busy() and page.news.itemAt(0).widget().mood == "problem")
    text = page.news.itemAt(0).widget().text.text()
    assert "'mine.xlsx' cannot be read" in text and "INPUT" not in text


def test_stopping_between_town_and_case_file_tells_what_is_there(page, wait_until):
    """It was told that nothing was changed, with a town on the map."""
    press(page, "open_practice")
    wait_until(lambda: page._run is not None and page._run.id == "hotspot:casefile", 60)
    page._run.cancel()
    wait_until(lambda: not page.is_busy())
    assert "The town is on the map" in page.news.itemAt(0).widget().text.text()
    assert QgsProject.instance().mapLayers()


def test_hot_spots_of_a_project_that_was_closed_do_not_come_into_the_next(page, wait_until):
    layer = points()
    rows = []
    for k in range(3000):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromWkt(f"Point ({500000 + 37 * (k % 91)} {4000000 + 41 * (k % 83)})"))
        rows.append(feature)
    layer.dataProvider().addFeatures(rows)
    settle(0.2)
    press(page, "find_hotspots")
    wait_until(lambda: page.is_busy())
    settle(0.05)
    QgsProject.instance().clear()
    wait_until(lambda: not page.session.runner.running())
    settle(0.2)
    assert not QgsProject.instance().mapLayers() and page.news.count() == 0
