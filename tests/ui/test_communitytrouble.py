"""Community input with layers and files as they come: shown twice, dates as text, files that cannot be read."""

from __future__ import annotations

import shutil

import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsFeature,
    QgsGeometry,
    QgsProject,
    QgsVectorFileWriter,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDate

from hotspot_plugin.layers import casestore
from tests.ui.community import (  # noqa: F401
    POINTS,
    canvas,
    click,
    page,
    quiet,
    ready,
    seen,
    texts,
    town,
)
from tests.ui.conftest import settle


def reports(count: int = 30, kinds: str = "date", name: str = "reports", day=lambda k: QDate(2024, 1, 1).addDays(k)):
    """A layer in memory of what residents said."""
    layer = QgsVectorLayer(f"Point?crs=EPSG:32631&field=category:string&field=concern:integer&field=said_on:{kinds}",
                           name, "memory")
    rows = []
    for k in range(count):
        feature = QgsFeature(layer.fields())
        feature.setAttributes(["light", 1 + k % 5, day(k)])
        feature.setGeometry(QgsGeometry.fromWkt(f"Point ({500_000 + 7 * (k % 9)} {100_000 + 9 * (k % 7)})"))
        rows.append(feature)
    layer.dataProvider().addFeatures(rows)
    return layer


def worries(one, wait_until) -> str:
    """Press 'Map of worries' and return what is told."""
    settle(0.1)
    quiet(one, wait_until)
    click(one, "map_concern")
    quiet(one, wait_until)
    wait_until(lambda: one.news.count() > 0 and not one.is_busy())
    quiet(one, wait_until)
    return texts(one)


def file_of(layer, path) -> str:
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.layerName = "reports"
    QgsVectorFileWriter.writeAsVectorFormatV3(layer, str(path), QgsCoordinateTransformContext(), options)
    return f"{path}|layername=reports"


def test_a_file_that_is_on_the_map_twice_is_counted_once(page, wait_until, tmp_path):  # noqa: F811
    """30 voices were told as 60, and their interval as narrower than it is."""
    source = file_of(reports(30), tmp_path / "said.gpkg")
    for name in ("reports", "complaints"):
        QgsProject.instance().addMapLayer(QgsVectorLayer(source, name, "ogr"))
    told = worries(page, wait_until)
    assert "30 reports" in told and "is on the map more than once; its reports were counted once" in told


def test_different_filters_of_one_file_are_told(page, wait_until, tmp_path):  # noqa: F811
    source = file_of(reports(30), tmp_path / "said.gpkg")
    for name, words in (("reports", "concern > 2"), ("complaints", "concern < 4")):
        layer = QgsVectorLayer(source, name, "ogr")
        assert layer.setSubsetString(words)
        QgsProject.instance().addMapLayer(layer)
    assert "what both show is counted twice" in worries(page, wait_until)


def test_days_that_are_text_do_not_stop_the_map_of_worries(page, wait_until):  # noqa: F811
    for layer in (reports(20), reports(20, "string", "complaints", lambda k: f"{1 + k % 28:02d}.03.2024"),
                  reports(20, "string", "concerns", lambda k: "soon" if k % 2 else f"2024-05-{1 + k:02d} 10:30")):
        QgsProject.instance().addMapLayer(layer)
    told = worries(page, wait_until)
    assert "60 voices made 60 reports (2024-01-01 to 2024-05-19)" in told
    assert "The days of 'complaints' are text" in told


def test_a_layer_taken_away_while_it_is_read_is_told_in_plain_words(page, wait_until):  # noqa: F811
    layer = reports(20)
    QgsProject.instance().addMapLayers([layer, reports(20, name="complaints")])
    settle(0.1)
    quiet(page, wait_until)
    page.services.map_concern()
    QgsProject.instance().removeMapLayer(layer.id())
    quiet(page, wait_until)
    wait_until(lambda: page.news.count() > 0 and not page.is_busy())
    told = texts(page)
    assert "taken off the map" in told and "Refactor" not in told and "not found" not in told


def test_another_project_gets_no_map_of_the_one_before(page, wait_until):  # noqa: F811
    """The map of worries of a project that was closed came into the next one."""
    QgsProject.instance().addMapLayers([reports(300), reports(300, name="complaints")])
    settle(0.1)
    quiet(page, wait_until)
    click(page, "map_concern")
    wait_until(lambda: page.is_busy())
    QgsProject.instance().clear()
    quiet(page, wait_until)
    settle(0.2)
    quiet(page, wait_until)
    assert not QgsProject.instance().mapLayers() and page.news.count() == 0 and page.concern.isEnabled()


@pytest.mark.parametrize("name, content", [("mine.csv", b""), ("mine.gpkg", b"hello"), ("mine.csv", None)])
def test_a_file_that_cannot_be_read_is_told_in_plain_words(ready, wait_until, tmp_path, name, content):  # noqa: F811
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    ready.services.bring(str(path))
    quiet(ready, wait_until)
    told = texts(ready)
    assert "Nothing was imported" in told and "Could not load" not in told
    assert ("no longer there" if content is None else "cannot be read as a table") in told
    assert casestore.count(ready.session.case, POINTS) == 0


def begun(one, said: str = "") -> None:
    one.reporter.placed(QgsGeometry.fromWkt("Point (500000 100000)"))
    form = one.reporter.form
    form.category.value, form.concern.value = "light", 3
    form.said.setPlainText(said)
    form.look()


def test_a_map_without_a_system_gives_no_place(ready, canvas, wait_until):  # noqa: F811
    """What was clicked there went into the file as if its numbers were of the file's own system."""
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem())
    begun(ready)
    settle()
    assert seen(ready, "card_no_place") and "no coordinate system" in texts(ready)
    assert ready.reporter.shape is None and not ready.reporter.form.isVisibleTo(ready)


@pytest.mark.parametrize("wkt", ["Point (1e12 1e12)", "Polygon ((0 0, 1e12 0, 1e12 1e12, 0 0))"])
def test_a_place_outside_of_the_world_is_none(ready, canvas, wkt):  # noqa: F811
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    ready.reporter.placed(QgsGeometry.fromWkt(wkt))
    settle()
    assert "outside of the world" in texts(ready) and ready.reporter.shape is None
    ready.reporter.placed(QgsGeometry.fromWkt("Point (-9754000 5140000)"))  # Chicago
    assert ready.reporter.shape is not None


def test_a_draft_that_the_map_cannot_show_is_kept(ready, canvas, wait_until):  # noqa: F811
    begun(ready)
    ready.reporter.shape = QgsGeometry.fromWkt("Point (1e9 1e9)")
    ready.reporter.keep()
    ready.reporter.shape = None
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    ready.reporter.go_on()  # raised, in the slot of a button
    assert ready.reporter.form.isVisibleTo(ready)
    ready.reporter.form.save("count")
    quiet(ready, wait_until)
    assert "Not saved yet" in texts(ready) and casestore.count(ready.session.case, POINTS) == 0
    assert ready.reporter.drafts.get("report")


def test_what_is_too_long_is_told_as_such(ready):  # noqa: F811
    begun(ready, "dark " * 1000)
    assert "too long: 5,000 letters" in ready.reporter.form.hint.text()
    assert "telephone" not in ready.reporter.form.hint.text()


def test_another_file_in_the_same_place_brings_its_own_choices(ready, run_tool, wait_until, tmp_path):  # noqa: F811
    """The form went on offering what the new file refuses, and nobody could save."""
    begun(ready)
    other = str(tmp_path / "other.gpkg")
    run_tool("casefile", {"CATEGORIES": "dogs, Loose dogs", "OUTPUT": other})
    shutil.copy(other, ready.session.case)
    ready.reporter.form.save("count")
    quiet(ready, wait_until)
    assert "Not saved yet" in texts(ready)
    names = [one.property("value") for one in ready.reporter.form.category.group.buttons()]
    assert names == ["dogs"]
    ready.reporter.form.category.value = "dogs"
    ready.reporter.form.save("count")
    quiet(ready, wait_until)
    assert casestore.count(ready.session.case, POINTS) == 1


def test_layers_of_the_same_name_are_used_as_each_was_chosen(page, wait_until):  # noqa: F811
    """Whoever took one of them out took all of them out of the map of worries."""
    one, other = reports(20), reports(20)
    QgsProject.instance().addMapLayers([one, other])
    settle(0.1)
    quiet(page, wait_until)
    layers = page.layers
    layers.with_role("reports")
    layers._set(one, {"role": "", "fields": {}, "weight": 1.0})
    assert [layer.id() for layer, _ in layers.with_role("reports")] == [other.id()]
    assert "20 reports" in worries(page, wait_until)


@pytest.mark.parametrize("kept", [
    {"role": "reports", "fields": 7, "weight": "x"}, {"role": "reports", "weight": float("inf")}, {"role": 3}, "what"])
def test_choices_that_somebody_spoilt_do_not_stop_the_page(page, wait_until, kept):  # noqa: F811
    QgsProject.instance().addMapLayer(reports(20))
    settle(0.1)
    page.layers.chosen = {"reports": kept}
    page.layers.refresh()
    (found,) = page.layers.with_role("reports")
    assert found[1].weight == 1.0
    assert "20 reports" in worries(page, wait_until)


def test_the_list_is_searched_by_what_it_shows(ready, wait_until):  # noqa: F811
    begun(ready, "somewhere")
    ready.reporter.form.save("count")
    quiet(ready, wait_until)
    ready.newest.text.setText("STREET LIGHT")  # its category is called "light" in the file
    quiet(ready, wait_until)
    ready.newest._filtered()
    quiet(ready, wait_until)
    assert "1 report" in texts(ready).splitlines()
