"""Compare periods with layers as they come: odd places, rows that come and go, files that are lost."""

from __future__ import annotations

import os

import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsVectorFileWriter,
    QgsVectorLayer,
    QgsVectorLayerFeatureSource,
)
from qgis.PyQt.QtCore import QDate
from qgis.PyQt.QtWidgets import QWidget

from hotspot_plugin.ui import compareread
from hotspot_plugin.ui.page import plain

from .conftest import settle
from .test_comparepage import click, compared, page, set_days, town  # noqa: F401


def incidents(days, places=None, name="incidents") -> QgsVectorLayer:
    """A layer in memory with an incident for each day, at a place of its own or those given (WKT)."""
    layer = QgsVectorLayer("Point?crs=EPSG:32631&field=seen:date&field=kind:string", name, "memory")
    rows = []
    for k, day in enumerate(days):
        feature = QgsFeature(layer.fields())
        feature["seen"] = day
        wkt = places(k) if places else f"Point ({500_000 + 13 * (k % 97)} {100_000 + 17 * (k % 89)})"
        feature.setGeometry(QgsGeometry.fromWkt(wkt))
        rows.append(feature)
    layer.dataProvider().addFeatures(rows)
    return layer


def steady(count: int) -> list:
    return [QDate(2022, 1, 1).addDays(k) for k in range(count)]


def counted(it, wait_until) -> None:
    wait_until(lambda: it.periods.weeks is not None and it._series_run is None)
    settle()


def shown(layer, dock, wait_until):
    QgsProject.instance().addMapLayer(layer)
    dock.go("compare")
    it = dock.page("compare")
    counted(it, wait_until)
    return it


def test_what_is_not_saved_yet_lies_in_everywhere_too(dock, page, wait_until, tmp_path):  # noqa: F811
    """The file does not know how far unsaved incidents reach; they were told as "outside" of an area nobody chose."""
    path = str(tmp_path / "mine.gpkg")
    options = QgsVectorFileWriter.SaveVectorOptions()
    QgsVectorFileWriter.writeAsVectorFormatV3(incidents(steady(800)), path, QgsCoordinateTransformContext(), options)
    layer = QgsVectorLayer(path, "mine", "ogr")
    QgsProject.instance().addMapLayer(layer)
    layer.startEditing()
    for k in range(200):
        feature = QgsFeature(layer.fields())
        feature["seen"] = QDate(2023, 1, 1).addDays(k)
        feature.setGeometry(QgsGeometry.fromWkt(f"Point ({540_000 + k} 130000)"))
        layer.addFeature(feature)
    page.incidents.setLayer(layer)
    counted(page, wait_until)
    click(page, "compare")
    wait_until(lambda: page.result.outcome is not None)
    assert "Inside the area" not in page.result.outcome.summary
    layer.rollBack()


@pytest.mark.parametrize("odd", ["Point (nan 7)", "Point EMPTY", "Point (inf 7)"])
def test_a_place_that_is_no_number_does_not_spoil_everywhere(dock, wait_until, odd):
    layer = incidents(steady(800), lambda k: odd if k == 5 else f"Point ({500_000 + k} 100000)")
    it = shown(layer, dock, wait_until)
    click(it, "compare")
    wait_until(lambda: it.result.outcome is not None)
    results = it.result.outcome.results
    assert results["BEFORE"] + results["AFTER"] == 731  # all of these two years


def test_everywhere_holds_the_bulge_of_a_wide_layer(tmp_path):
    """Sides of a box in degrees bulge in metres: with corners alone, places in the middle of a side lay outside."""
    crs, metric = QgsCoordinateReferenceSystem("EPSG:4326"), QgsCoordinateReferenceSystem("EPSG:32631")
    layer = QgsVectorLayer("Point?crs=EPSG:4326&field=seen:date", "wide", "memory")
    places = [(-3, 60), (9, 60), (3, 60.2)]
    rows = []
    for x, y in places:
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(x, y)))
        rows.append(feature)
    layer.dataProvider().addFeatures(rows)
    path = compareread.everywhere((), QgsVectorLayerFeatureSource(layer), crs, str(tmp_path / "all.gpkg"))
    area = next(QgsVectorLayer(path, "all", "ogr").getFeatures()).geometry()
    change = QgsCoordinateTransform(crs, metric, QgsProject.instance())
    area.transform(change)
    for x, y in [*places, (3, 60)]:  # the bulge of the lower side is towards the pole
        assert area.contains(change.transform(QgsPointXY(x, y))), (x, y)


def test_incidents_without_any_place_are_told_what_to_do(dock, wait_until):
    it = shown(incidents(steady(800), lambda k: ""), dock, wait_until)
    click(it, "compare")
    wait_until(lambda: it.news.count() > 0)
    assert "No incident of this layer has a place on the map" in it.news.itemAt(0).widget().text.text()
    assert it.compare.isEnabled()


def test_weeks_follow_the_filter_and_what_is_saved(dock, wait_until):
    layer = incidents(steady(800))
    it = shown(layer, dock, wait_until)
    set_days(it, "2022-01-01", "2022-06-30", "2023-01-01", "2023-04-30")
    layer.startEditing()
    layer.deleteFeatures([f.id() for f in layer.getFeatures() if f["seen"] >= QDate(2023, 5, 16)])
    assert layer.commitChanges()
    wait_until(lambda: it.periods.weeks is not None and sum(it.periods.weeks.counts) == 500)
    assert [d.toString("yyyy-MM-dd") for d in it.periods.periods()[0]] == ["2022-01-01", "2022-06-30"]  # stay
    layer.subsetStringChanged.emit()  # layers in memory take no filter in QGIS 3.22
    wait_until(lambda: it._series_run is not None)


def test_rows_without_a_date_are_told_before_and_after(dock, wait_until):
    layer = incidents([day if k % 2 else None for k, day in enumerate(steady(1400))])
    it = shown(layer, dock, wait_until)

    def told() -> list:
        return [it.doubts.itemAt(k).widget().text.text() for k in range(it.doubts.count())]

    assert any("700 of 1,400 rows have no date that can be read" in text for text in told())
    click(it, "compare")
    wait_until(lambda: it.result.outcome is not None)
    settle()
    assert any("700 of 1,400 rows have no date that can be read" in text for text in told())


def test_incidents_of_one_day_are_told_and_the_days_begin_there(dock, wait_until):
    it = shown(incidents([QDate(2024, 1, 9)] * 40), dock, wait_until)
    assert "All incidents are of one day, 2024-01-09" in it.periods.told.text()
    assert {edit.date() for edit in it.periods.dates} == {QDate(2024, 1, 9)} and not it.compare.isEnabled()


def test_a_day_is_one_day(page):  # noqa: F811
    set_days(page, "2023-05-01", "2023-05-01", "2024-05-01", "2024-05-02")
    assert "(1 day)" in page.periods.told.text() and "(2 days)" in page.periods.told.text()
    assert "one day." in page.periods.histogram.describe()


def test_a_file_that_is_no_longer_there_is_told(dock, wait_until, tmp_path):
    path = tmp_path / "mine.gpkg"
    QgsVectorFileWriter.writeAsVectorFormatV3(
        incidents(steady(800)), str(path), QgsCoordinateTransformContext(), QgsVectorFileWriter.SaveVectorOptions())
    layer = QgsVectorLayer(str(path), "mine", "ogr")
    it = shown(layer, dock, wait_until)
    path.unlink()
    click(it, "compare")
    wait_until(lambda: it.news.count() > 0 and not it.is_busy() and not it._waiting)
    text = it.news.itemAt(0).widget().text.text()
    assert "The file of 'mine' is no longer where it was" in text and "mine.gpkg" in text
    it._count(again=True)
    wait_until(lambda: it.findChild(QWidget, "card_no_weeks") is not None)
    assert "no longer where it was" in it.findChild(QWidget, "card_no_weeks").text.text()


def test_periods_of_another_field_with_dates_are_not_taken_over(page, town, wait_until):  # noqa: F811
    layer = page.incidents.currentLayer()
    set_days(page, "2023-02-01", "2023-02-28", "2024-02-01", "2024-02-28")
    page.session.remember("compare_incidents", layer.id())
    page.session.remember("compare_date", "dt_from")
    page.session.remember("compare_periods", page.periods.packed())
    assert page.date.findText("dt_to") >= 0 or page.date.count() > 1
    page.date.setCurrentIndex(1 - page.date.currentIndex())
    counted(page, wait_until)
    assert page.periods.periods()[0][0] != QDate(2023, 2, 1)


def test_a_table_that_another_report_left_is_not_shown(tmp_path):
    it, old = tmp_path / "comparison.html", tmp_path / "comparison_types.csv"
    it.write_text("<html></html>")
    old.write_text("Type,Before,After,Change,Low,High,\nTheft,1,2,100,5,300,more\n", encoding="utf-8")
    assert [row.name for row in compareread.tables(str(it))["types"]] == ["Theft"]
    os.utime(old, (1, 1))
    assert compareread.tables(str(it)) == {}


def test_layers_taken_away_while_it_works_leave_no_card_and_no_steps(compared, wait_until):  # noqa: F811
    click(compared, "compare")
    settle(0.05)
    QgsProject.instance().clear()
    wait_until(lambda: compared.empty.isVisible() and not compared.session.runner.running())
    settle(0.2)
    assert compared.news.count() == 0  # nobody pressed "cancel"
    assert not compared.result.isVisible() and not compared.steps.isVisibleTo(compared)


def test_an_area_drawn_in_a_project_that_was_closed_stays_out_of_the_next(page):  # noqa: F811
    canvas = page.session.iface.mapCanvas()
    canvas.setDestinationCrs(page.incidents.currentLayer().crs())
    extent = page.incidents.currentLayer().extent()
    click(page, "draw_area")
    page.areas._tool.chosen.emit(QgsGeometry.fromRect(extent))
    QgsProject.instance().clear()
    settle(0.5)
    assert not QgsProject.instance().mapLayers() and page.areas._tool is None and not page.areas._busy


def test_areas_taken_away_are_told_in_plain_words(page, wait_until):  # noqa: F811
    areas = QgsVectorLayer("Polygon?crs=EPSG:32631", "mine", "memory")
    QgsProject.instance().addMapLayer(areas)
    settle(0.1)
    page.areas.areas.setLayer(areas)
    click(page, "compare")
    QgsProject.instance().removeMapLayer(areas.id())
    wait_until(lambda: page.news.count() > 0 and not page.is_busy())
    assert "The areas were taken off the map" in page.news.itemAt(0).widget().text.text()


def test_a_report_that_has_gone_is_told(compared, monkeypatch, wait_until, tmp_path):  # noqa: F811
    result, shown = compared.result, []
    monkeypatch.setattr(result.session, "show_file", shown.append)
    for target in (tmp_path / "nowhere" / "x.html", result.report):
        monkeypatch.setattr(result.session, "ask_save", lambda *a, to=target: str(to))
        result.copied.setText("")
        click(compared, "export")
        wait_until(lambda: result.copied.text())
        assert "Error" not in result.copied.text()
    assert result.copied.text().startswith("Saved: ") and os.path.exists(result.report)
    os.remove(result.report)
    click(compared, "show_report")
    assert not shown and "no longer there" in result.copied.text()
    result.copied.setText("")
    click(compared, "export")
    wait_until(lambda: result.copied.text())
    assert "no longer there" in result.copied.text()


def test_a_refusal_is_told_without_the_name_of_the_parameter(dock, wait_until):
    QgsProject.instance().addMapLayer(incidents([]))
    dock.go("compare")
    it = dock.page("compare")
    wait_until(lambda: it.findChild(QWidget, "card_no_weeks") is not None)
    assert it.findChild(QWidget, "card_no_weeks").text.text().startswith("Incidents: 'incidents' has no incident.")
    assert plain("Areas (AREAS): None of (all) (X): y.") == "Areas: None of (all) (X): y."
    assert plain("Something else (as it is): well") == "Something else (as it is): well"
