"""What every tool gets from its base: errors in words, plain outputs, style, record, cancel."""

from __future__ import annotations

import gc
import json
import weakref

import numpy as np
import pytest
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsProcessingProvider,
    QgsProject,
    QgsVectorLayer,
)

from hotspot_plugin.algorithms import groups, parameters
from hotspot_plugin.algorithms.base import HotspotAlgorithm, plain
from hotspot_plugin.analysis.errors import InputError
from hotspot_plugin.layers import fields, provenance, styling


class Sample(HotspotAlgorithm):
    """A small tool that does nothing but what all do."""

    NAME, GROUP = "sample", groups.DATA
    FAIL = None

    def displayName(self):
        return "Sample"

    def about(self):
        return "Copies points."

    def declare(self):
        self.addParameter(parameters.points("INPUT", "Points", "Points to copy."))
        self.addParameter(parameters.distance("DISTANCE", "Distance", 100.0, "A distance."))
        self.addParameter(parameters.date("AS_OF", "Day", "A day.", optional=True))
        self.addParameter(parameters.text("SECRET", "Text", "", "A text.", optional=True))
        self.addParameter(parameters.output_points("OUTPUT", "Copied points", "The points."))
        self.addParameter(parameters.output_polygons("CELLS", "Cells", "Cells.", optional=True))
        self.add_number("COUNT", "Count", "How many.")
        self.add_number("NOTHING", "Nothing", "No value.")

    def execute(self, run):
        points = run.points("INPUT")
        if self.FAIL:
            raise self.FAIL
        run.write_points("OUTPUT", points.x, points.y, {
            fields.INC_ID: np.arange(len(points)),
            "value": np.where(np.arange(len(points)) == 0, np.nan, 1.5),
            "name": np.array(["Ünï"] * len(points), object),
            fields.DT_FROM: np.full(len(points), np.datetime64("2019-03-31T02:30:00", "ms")),
            fields.TIME_OK: np.ones(len(points), bool),
        }, style=styling.single("Points", styling.ACCENT, "A point"))
        ring = np.array([[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]], float)
        run.write_polygons("CELLS", ring, {"Gi_Bin": np.array([3])}, style=styling.gi_bins())
        return {"COUNT": np.int64(len(points)), "NOTHING": np.nan}


class SampleProvider(QgsProcessingProvider):
    def id(self):
        return "sampletools"

    def name(self):
        return "Sample tools"

    def loadAlgorithms(self):
        self.addAlgorithm(Sample())


@pytest.fixture
def sample(qgis_processing):
    registry = QgsApplication.processingRegistry()
    ours = SampleProvider()
    registry.addProvider(ours)
    yield "sampletools:sample"
    Sample.FAIL = None
    registry.removeProvider(ours)


@pytest.fixture
def three_points():
    layer = QgsVectorLayer("Point?crs=EPSG:4326&field=a:double", "three", "memory")
    features = []
    for x, y in ((-1.5, 53.8), (-1.51, 53.81), (-1.52, 53.79)):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(x, y)))
        features.append(feature)
    features.append(QgsFeature(layer.fields()))  # no geometry
    layer.dataProvider().addFeatures(features)
    return layer


def run(tool, parameters, **options):
    from qgis import processing

    return processing.run(tool, parameters, **options)


def test_outputs_are_plain_and_complete(sample, three_points):
    result = run(sample, {"INPUT": three_points, "OUTPUT": "memory:"})
    assert result["COUNT"] == 3 and type(result["COUNT"]) is int
    assert result["NOTHING"] is None
    assert set(result) == {"OUTPUT", "CELLS", "COUNT", "NOTHING", "PROVENANCE"}


def test_values_arrive_as_written(sample, three_points, tmp_path):
    path = tmp_path / "out.gpkg"
    run(sample, {"INPUT": three_points, "OUTPUT": str(path)})
    layer = QgsVectorLayer(str(path), "out", "ogr")
    assert layer.crs().authid() == "EPSG:32630"
    first, second = list(layer.getFeatures())[:2]
    assert first["inc_id"] == 0 and second["value"] == 1.5 and first["name"] == "Ünï"
    assert str(first["value"]) == "NULL" or first["value"] is None
    assert first["dt_from"].toString("yyyy-MM-dd HH:mm") == "2019-03-31 02:30"
    point = first.geometry().asPoint()
    assert point.x() == pytest.approx(598823, abs=5000)


def test_a_file_made_headless_opens_styled_and_carries_its_record(sample, three_points, tmp_path):
    path = tmp_path / "out.gpkg"
    result = run(sample, {"INPUT": three_points, "OUTPUT": str(path),
                          "CELLS": f"ogr:dbname='{path}' table=\"cells\" (geom)"})
    cells = QgsVectorLayer(f"{path}|layername=cells", "cells", "ogr")
    assert [c.label() for c in cells.renderer().categories()][0] == "Hot spot, 99 % confidence"
    points = QgsVectorLayer(f"{path}|layername=out", "out", "ogr")
    assert points.renderer().categories()[0].label() == "A point"
    assert provenance.read(points)["tool"] == "hotspot:sample"
    assert json.loads(result["PROVENANCE"])["inputs"]["INPUT"]["left_out"][0]["count"] == 1
    # once more onto the same file: must neither hang nor double the style
    run(sample, {"INPUT": three_points, "OUTPUT": str(path)})


def test_layers_of_one_file_keep_their_styles_apart(sample, three_points, tmp_path):
    path = tmp_path / "months.gpkg"
    for month in ("june", "july", "june"):
        run(sample, {"INPUT": three_points, "OUTPUT": f"ogr:dbname='{path}' table=\"{month}\" (geom)"})
    for month in ("june", "july"):
        layer = QgsVectorLayer(f"{path}|layername={month}", month, "ogr")
        assert layer.renderer().categories()[0].label() == "A point"
        assert layer.listStylesInDatabase()[0] == 1


def test_a_table_of_a_file_is_called_by_its_own_name(sample, three_points, tmp_path):
    path = tmp_path / "case.gpkg"
    made = {"INPUT": three_points, "OUTPUT": f"ogr:dbname='{path}' table=\"robberies\" (geom)"}
    run(sample, made)
    source = f"{path}|layername=robberies"
    layer = QgsVectorLayer(source, "robberies", "ogr")
    layer.startEditing()
    layer.addFeature(QgsFeature(layer.fields()))
    assert layer.commitChanges()
    record = json.loads(run(sample, {"INPUT": source, "OUTPUT": "memory:"})["PROVENANCE"])
    assert any(note.startswith("robberies: 1 of 4 rows") for note in record["notes"] + record["warnings"])


def test_the_record_holds_no_path_and_no_secret(sample, tmp_path, three_points):
    result = run(sample, {"INPUT": three_points, "OUTPUT": str(tmp_path / "o.gpkg"),
                          "SECRET": "user='anna' password=geheim\n/home/anna/my data/x.gpkg\nC:\\Users\\anna\\y.csv"})
    text = result["PROVENANCE"]
    for word in ("anna", "geheim", str(tmp_path), "/home"):
        assert word not in text
    assert "x.gpkg" in text and "y.csv" in text


def test_the_record_of_a_delimited_text_layer_named_by_its_path(sample, tmp_path):
    folder = tmp_path / "home of anna"
    folder.mkdir()
    path = folder / "made.csv"
    path.write_text("x,y\n-1.5,53.8\n-1.51,53.81\n-1.52,53.82\n", encoding="utf-8")
    uri = f"file://{path}?type=csv&xField=x&yField=y&crs=EPSG:4326"
    layer = QgsVectorLayer(uri, str(path), "delimitedtext")
    QgsProject.instance().addMapLayer(layer, False)
    given = QgsProcessingFeatureSourceDefinition(layer.id(), False, 2)
    result = run(sample, {"INPUT": given, "OUTPUT": str(folder / "out.gpkg"), "DISTANCE": 250})
    QgsProject.instance().removeMapLayer(layer.id())
    del layer
    made = provenance.read(QgsVectorLayer(str(folder / "out.gpkg"), "out", "ogr"))
    assert made == json.loads(result["PROVENANCE"]) and "anna" not in result["PROVENANCE"]
    assert made["inputs"]["INPUT"]["file"] == made["inputs"]["INPUT"]["layer"] == "made.csv"
    assert made["inputs"]["INPUT"]["limit"] == 2 and made["inputs"]["INPUT"]["rows"] == 2
    assert made["parameters"]["DISTANCE"] == 250 and made["crs"] == "EPSG:32630"


def test_a_system_that_only_this_machine_knows_is_written_out(sample):
    own = QgsCoordinateReferenceSystem()
    own.createFromProj("+proj=tmerc +lat_0=53 +lon_0=-1 +k=1 +datum=WGS84 +units=m")
    layer = QgsVectorLayer("Point", "own", "memory")
    layer.setCrs(own)
    feature = QgsFeature(layer.fields())
    feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(10, 20)))
    layer.dataProvider().addFeatures([feature])
    made = json.loads(run(sample, {"INPUT": layer, "OUTPUT": "memory:"})["PROVENANCE"])
    assert QgsCoordinateReferenceSystem.fromWkt(made["crs"]).isValid()


def test_results_are_styled_when_loaded(sample, three_points, load_results):
    result = load_results(sample, {"INPUT": three_points, "OUTPUT": "TEMPORARY_OUTPUT"})
    layer = QgsProject.instance().mapLayer(result["OUTPUT"])
    assert layer.renderer().categories()[0].label() == "A point"
    assert layer.attributeAlias(layer.fields().indexOf("inc_id")) == "Identifier of the incident"
    QgsProject.instance().removeAllMapLayers()


def test_an_error_names_parameter_and_remedy(sample, three_points):
    Sample.FAIL = InputError("DISTANCE", "{value} m is too far. Choose less than 10.", value=100)
    with pytest.raises(QgsProcessingException, match=r"Distance \(DISTANCE\): 100 m is too far. Choose less than 10."):
        run(sample, {"INPUT": three_points, "OUTPUT": "memory:"})


def test_values_may_be_named_like_what_an_error_takes(sample, three_points):
    Sample.FAIL = InputError("DISTANCE", "'{text}' is no {parameter}.", text="far", parameter="distance")
    with pytest.raises(QgsProcessingException, match=r"Distance \(DISTANCE\): 'far' is no distance\."):
        run(sample, {"INPUT": three_points, "OUTPUT": "memory:"})


def test_a_refused_run_lets_go_of_its_data(sample, three_points, monkeypatch):
    """QGIS keeps the traceback of each exception; with it a million points would stay in memory."""
    held = []

    def execute(self, run):
        points = run.points("INPUT")
        held.append(weakref.ref(points))
        raise InputError("DISTANCE", "Too far.")

    monkeypatch.setattr(Sample, "execute", execute)
    for _ in range(2):
        with pytest.raises(QgsProcessingException, match="Too far"):
            run(sample, {"INPUT": three_points, "OUTPUT": "memory:"})
    gc.collect()
    assert [ref() for ref in held] == [None, None]


def test_cancelling_stops(sample, three_points):
    feedback = QgsProcessingFeedback()
    feedback.cancel()
    with pytest.raises(QgsProcessingException, match="cancelled"):
        run(sample, {"INPUT": three_points, "OUTPUT": "memory:"}, feedback=feedback)


@pytest.mark.parametrize("uri, message", [
    ("Polygon?crs=EPSG:4326", "points are needed"),
    ("NoGeometry", "without places on the map"),
    ("Point?crs=EPSG:4326", "no point that can be used"),
])
def test_wrong_layers_are_refused(sample, uri, message):
    layer = QgsVectorLayer(uri, "layer", "memory")
    with pytest.raises(QgsProcessingException, match=message):
        run(sample, {"INPUT": layer, "OUTPUT": "memory:"})


def test_a_layer_without_crs_is_refused(sample, three_points):
    three_points.setCrs(QgsCoordinateReferenceSystem())
    with pytest.raises(QgsProcessingException, match="no coordinate reference system"):
        run(sample, {"INPUT": three_points, "OUTPUT": "memory:"})


def test_a_folder_that_does_not_exist_is_an_error(sample, three_points, tmp_path):
    with pytest.raises(QgsProcessingException):
        run(sample, {"INPUT": three_points, "OUTPUT": str(tmp_path / "none" / "x" / "out.gpkg")})


@pytest.mark.parametrize("value, expected", [
    (np.float64(1.5), 1.5), (np.nan, None), (np.inf, None), (np.int32(3), 3), ("a", "a"), (None, None), (True, True),
])
def test_plain(value, expected):
    assert plain(value) == expected and not isinstance(plain(value), np.generic)
