"""The practice town as a file: whole, marked, styled, and read by the tools."""

from __future__ import annotations

import csv
import sqlite3

import numpy as np
import pytest
from qgis.core import QgsFeatureRequest, QgsProcessingException, QgsProject, QgsRectangle, QgsVectorLayer

from hotspot_plugin.algorithms.training import practicecity_layers
from hotspot_plugin.analysis.training import town
from hotspot_plugin.layers import sources

BANNER = 'class="practice"'


@pytest.fixture(scope="module")
def made(provider, tmp_path_factory):
    """A small town of a year, with all outputs."""
    from qgis import processing

    folder = tmp_path_factory.mktemp("practice")
    result = processing.run("hotspot:practicecity", {
        "SIZE": 5, "INCIDENTS_YEAR": 900, "YEARS": 2, "SEED": 4, "OUTPUT": str(folder / "town.gpkg"),
        "DIRTY_CSV": str(folder / "dirty.csv"), "REPORT": str(folder / "town.html")})
    return result, folder


def layer(made, name):
    found = QgsVectorLayer(f"{made[0]['OUTPUT']}|layername={name}", name, "ogr")
    assert found.isValid(), name
    return found


def values(found, name):
    index = found.fields().indexOf(name)
    return [f.attribute(index) for f in found.getFeatures()]


def test_the_file_is_sound(made):
    connection = sqlite3.connect(made[0]["OUTPUT"])
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    indexes = [n for n, in connection.execute("SELECT name FROM sqlite_master WHERE name LIKE 'rtree%geom'")]
    assert len(indexes) == 16
    for name in indexes:
        assert connection.execute(f"SELECT rtreecheck('{name}')").fetchall() == [("ok",)]
    told = dict(connection.execute("SELECT table_name, feature_count FROM gpkg_ogr_contents"))
    assert all(connection.execute(f'SELECT count(*) FROM "{n}"').fetchone() == (c,) for n, c in told.items() if c)
    connection.close()


def test_the_index_finds_what_lies_in_a_box(made):
    found = layer(made, "addresses")
    box = QgsRectangle(499_900, 99_900, 500_150, 100_100)
    inside = {f.id() for f in found.getFeatures(QgsFeatureRequest(box))}
    every = {f.id() for f in found.getFeatures() if box.contains(f.geometry().asPoint())}
    assert inside == every and every


def test_rows_can_be_added_afterwards(made, tmp_path):
    import shutil

    path = shutil.copy(made[0]["OUTPUT"], tmp_path / "copy.gpkg")
    found = QgsVectorLayer(f"{path}|layername=incidents", "x", "ogr")
    feature = next(found.getFeatures())
    feature.setId(-1)
    feature.setAttribute("fid", None)
    n = found.featureCount()
    assert found.dataProvider().addFeature(feature) and found.featureCount() == n + 1
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT rtreecheck('rtree_incidents_geom')").fetchall() == [("ok",)]


def test_every_layer_is_marked(made):
    for name in practicecity_layers.ABOUT:
        found = layer(made, name)
        assert found.featureCount() > 0, name
        assert set(values(found, "practice")) == {True}, name
        assert found.metadata().title() == f"Practice data: {name}"
        assert sources.is_practice(found)
        if found.isSpatial():
            assert found.crs().authid() == "EPSG:32631"
            assert all(f.geometry().isGeosValid() for f in found.getFeatures()), name


def test_it_is_the_town_of_the_generator(made):
    expected = town.make(4, 900, 2)
    assert made[0]["DIGEST"] == town.digest(expected)
    incidents = layer(made, "incidents")
    assert made[0]["COUNT"] == incidents.featureCount() == len(expected.incidents)
    first = next(incidents.getFeatures())
    place = expected.incidents.place[0]
    assert first.geometry().asPoint().x() == pytest.approx(expected.places.x[place] + 500_000)
    minute = expected.settings.first_day.astype("M8[m]") + expected.incidents.begin[0]
    assert first["dt_from"].toString("yyyy-MM-ddTHH:mm") == str(minute)
    assert first["address"] == expected.label(int(place))
    truth = {(f["what"], f["number"], f["parameter"]): f["value"] for f in layer(made, "truth").getFeatures()}
    assert truth["intervention", 0, "prevented"] == made[0]["PREVENTED"] == expected.incidents.prevented.sum()
    assert truth["hot spot", 1, "radius"] == expected.spots[0].radius


def test_the_project_opens_with_its_looks_and_hides_the_answers(made):
    project = QgsProject()
    assert project.read(f"geopackage:{made[0]['OUTPUT']}?projectName=practice")
    root = project.layerTreeRoot()
    shown = {n.name(): n.isVisible() for n in root.findLayers()}
    assert shown["streets"] and not shown["truth_places"]
    assert layer(made, "streets").renderer().type() == "categorizedSymbol"
    project.clear()


def test_the_tools_know_its_fields_and_say_what_they_read(made, run_tool, tmp_path):
    page = tmp_path / "places.html"
    result = run_tool("repeatlocations", {"INPUT": layer(made, "incidents"), "OUTPUT": str(tmp_path / "p.gpkg"),
                                          "REPORT": str(page)})
    assert BANNER in page.read_text(encoding="utf-8")
    # what was made from practice data is practice data, and so on
    assert sources.is_practice(QgsVectorLayer(result["OUTPUT"], "p", "ogr"))
    groups = run_tool("classifyincidents", {"INPUT": layer(made, "incidents"), "TYPE_FIELD": "ctype",
                                            "PUBLIC_TABLE": 1, "OUTPUT": "TEMPORARY_OUTPUT"})
    assert groups["UNMATCHED_COUNT"] == 0


def test_a_copy_without_metadata_is_still_known(made):
    copy = layer(made, "incidents").materialize(QgsFeatureRequest().setLimit(20))
    assert sources.is_practice(copy)
    copy.startEditing()
    index = copy.fields().indexOf("practice")
    for feature in copy.getFeatures():
        copy.changeAttributeValue(feature.id(), index, False)
    assert not sources.is_practice(copy)


def test_real_data_get_no_banner(run_tool, tmp_path):
    from ..samples import save

    path = save(tmp_path / "real.gpkg", _points(), {"place": np.array(["a"] * 12)})
    page = tmp_path / "real.html"
    run_tool("repeatlocations", {"INPUT": path, "WINDOW": 0, "OUTPUT": "TEMPORARY_OUTPUT", "REPORT": str(page)})
    assert BANNER not in page.read_text(encoding="utf-8")


def _points():
    from hotspot_plugin.layers.writing import points_from_arrays

    return points_from_arrays(np.repeat(500_000.0, 12), np.repeat(5_900_000.0, 12))


def test_the_effect_is_weighed_against_displacement(made, run_tool):
    """Rings are hollow and hold the displaced; the roles are those that the tool takes."""
    circles = layer(made, "truth_places")
    circles.setSubsetString("role <> ''")
    incidents = layer(made, "incidents")
    places = {(f["role"], f["number"]): f.geometry() for f in circles.getFeatures()}
    assert places["treated_displacement", 1].intersection(places["treated", 1]).area() < 1.0
    origin = {f["inc_id"]: (f["origin"], f["number"]) for f in layer(made, "truth_incidents").getFeatures()}
    for feature in incidents.getFeatures():
        kind, number = origin[feature["inc_id"]]
        if kind == "displaced":
            assert places["treated_displacement", number].buffer(0.5, 8).contains(feature.geometry())
    result = run_tool("weighteddisplacement", {
        "INPUT": circles, "ROLE_FIELD": "role", "NAME_FIELD": "name", "INCIDENTS": incidents,
        "BEFORE_START": "2023-01-01", "BEFORE_END": "2023-12-31", "AFTER_START": "2024-01-01",
        "AFTER_END": "2024-12-31", "OUTPUT": "TEMPORARY_OUTPUT"})
    assert result["LOW"] < made[0]["MOVED"] - made[0]["PREVENTED"] < result["HIGH"] < made[0]["PREVENTED"]


def test_the_dirty_export_is_read_by_the_importer(made, run_tool):
    path = made[1] / "dirty.csv"
    with open(path, encoding="cp1252", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert len(rows) == made[0]["EXPORT_ROWS"] == layer(made, "export").featureCount()
    assert {row["PRACTICE_DATA"] for row in rows} == {"yes"}
    result = run_tool("prepareincidents", {
        "INPUT": str(path), "X_FIELD": "EASTING", "Y_FIELD": "NORTHING", "CRS": "EPSG:32631",
        "DATE_FIELD": "FROM_DATE", "TIME_FIELD": "FROM_TIME", "TYPE_FIELD": "OFFENCE", "ID_FIELD": "CASE_NO",
        "OUTPUT": "TEMPORARY_OUTPUT", "UNLOCATED": "TEMPORARY_OUTPUT"})
    gone = sum(row["EASTING"] in ("", "0") for row in rows)
    assert result["ROWS_IN"] == len(rows)
    faults = values(layer(made, "export_truth"), "faults")
    bad = [bool(f) and ("noplace" in f or "zero" in f) for f in faults]
    assert sum(bad) == gone


def test_refusals(made, run_tool, tmp_path):
    cases = [
        ({"OUTPUT": made[0]["OUTPUT"]}, "exists already"),
        ({"OUTPUT": str(tmp_path / "a.shp")}, "ends in .gpkg"),
        ({"CRS": "EPSG:4326"}, "projected system in metres"),
        ({"CENTRE": "somewhere"}, "is no place"),
        ({"SIZE": 4, "YEARS": 3}, "at most 5,000,000"),
        ({"START": "2024-02-29"}, "29 February"),
    ]
    for given, words in cases:
        with pytest.raises(QgsProcessingException, match=words):
            run_tool("practicecity", {"SIZE": 0, "OUTPUT": str(tmp_path / "new.gpkg"), **given})
    assert not (tmp_path / "new.gpkg").exists()


def test_a_stopped_run_leaves_no_file(run_tool, tmp_path):
    from qgis.core import QgsProcessingFeedback

    class Stop(QgsProcessingFeedback):
        def __init__(self):
            super().__init__()
            self.progressChanged.connect(lambda value: value > 40 and self.cancel())

    path = tmp_path / "half.gpkg"
    with pytest.raises(QgsProcessingException):
        run_tool("practicecity", {"SIZE": 0, "OUTPUT": str(path)}, feedback=Stop())
    assert not path.exists()


def test_the_main_layers_are_opened_with_their_looks(load_results, tmp_path):
    project = QgsProject.instance()
    project.clear()
    load_results("hotspot:practicecity", {"SIZE": 0, "YEARS": 1, "DIRTY": False, "OUTPUT": str(tmp_path / "t.gpkg")})
    opened = {found.name(): found for found in project.mapLayers().values()}
    assert set(opened) >= {"incidents (practice data)", "streets (practice data)", "beats (practice data)"}
    assert opened["streets (practice data)"].renderer().type() == "categorizedSymbol"
    project.clear()
