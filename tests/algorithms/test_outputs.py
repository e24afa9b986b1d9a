"""Outputs in all formats: complete, styled and recorded, or an error; never at the cost of an input."""

from __future__ import annotations

import contextlib
import resource
import sqlite3
import sys

import numpy as np
import pytest
from qgis.core import (
    QgsApplication,
    QgsFeature,
    QgsField,
    QgsGeometry,
    QgsProcessingException,
    QgsProcessingProvider,
    QgsProject,
    QgsRasterLayer,
    QgsVectorFileWriter,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QDate, QVariant

from hotspot_plugin.algorithms import groups, parameters
from hotspot_plugin.algorithms.base import HotspotAlgorithm
from hotspot_plugin.compat import field_kind
from hotspot_plugin.layers import fields, provenance, styling
from tests.algorithms import samples


class Writer(HotspotAlgorithm):
    """Writes all that a tool can write."""

    NAME, GROUP = "writer", groups.DATA

    def displayName(self):
        return "Writer"

    def about(self):
        return "Writes."

    def declare(self):
        self.addParameter(parameters.areas_or_points("INPUT", "Input", "Areas."))
        for name in ("OUTPUT", "COPY"):
            self.addParameter(parameters.output_like_input(name, name.title(), "Layer.", optional=True))
        self.addParameter(parameters.output_table("TABLE", "Table", "Table.", optional=True))
        self.addParameter(parameters.output_raster("RASTER", "Raster", "Raster.", optional=True))

    def execute(self, run):
        areas = run.areas("INPUT")
        n = len(areas)
        columns = {
            fields.GI_Z: np.where(np.arange(n) == 1, np.nan, np.linspace(-3, 3, n)),
            fields.GI_BIN: np.arange(n) % 7 - 3,
            fields.DT_FROM: np.full(n, np.datetime64("2019-03-31T02:30:00", "ms")),
            fields.TIME_OK: np.arange(n) % 2 == 0,
            "long_name_here": np.array(["Ünï"] * n, object),
        }
        run.write_areas("OUTPUT", areas, columns, style=styling.gi_bins())
        run.copy_rows("COPY", "INPUT", {fields.QC_OK: np.ones(areas.account.rows, bool)})
        run.write_table("TABLE", columns)
        noise = np.random.default_rng(1).normal(size=(400, 400))
        legend = styling.raster_classes("Noise", [(0, "#ffffff", "low"), (1e300, "#ff0000", "high")])
        run.write_raster("RASTER", noise, 0, 0, 10, style=legend)
        return {}


class WriterProvider(QgsProcessingProvider):
    def id(self):
        return "writertools"

    def name(self):
        return "Writer tools"

    def loadAlgorithms(self):
        self.addAlgorithm(Writer())


@pytest.fixture(scope="module")
def write(qgis_processing):
    from qgis import processing

    ours = WriterProvider()
    QgsApplication.processingRegistry().addProvider(ours)
    yield lambda **given: processing.run("writertools:writer", given)
    QgsApplication.processingRegistry().removeProvider(ours)


def squares(n=60):
    layer = QgsVectorLayer(
        "Polygon?crs=EPSG:32630&field=a:integer&field=name:string(20)&field=Type:string&field=d:date", "s", "memory")
    features = []
    for i in range(n):
        x, y = 500_000 + 100 * (i % 20), 5_900_000 + 100 * (i // 20)
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromWkt(
            f"POLYGON(({x} {y},{x + 100} {y},{x + 100} {y + 100},{x} {y + 100},{x} {y}))"))
        feature.setAttributes([i, f"n{i}", "t", QDate(2019, 1, 1)])
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    return layer


def saved(layer, path, driver="GPKG", name="source"):
    settings = QgsVectorFileWriter.SaveVectorOptions()
    settings.driverName, settings.layerName = driver, name
    QgsVectorFileWriter.writeAsVectorFormatV3(layer, str(path), QgsProject.instance().transformContext(), settings)
    return str(path)


def count(source):
    return QgsVectorLayer(str(source), "counted", "ogr").featureCount()


@contextlib.contextmanager
def full_disk(size=100_000):
    """Let no file grow beyond a size, which fails as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


FORMATS = ["gpkg", "geojson", "shp", "csv", "fgb", "sqlite", "gml", "tab"]


@pytest.mark.parametrize("ending", FORMATS)
def test_every_format_holds_all_and_opens_styled(write, tmp_path, ending):
    path = tmp_path / f"out.{ending}"
    for _ in range(2):  # the second run replaces the first: on 3.22 this must not ask and hang
        result = write(INPUT=squares(), OUTPUT=str(path))
    layer = QgsVectorLayer(str(path), "out", "ogr")
    assert layer.featureCount() == 60
    names = [name.lower() for name in layer.fields().names()]
    assert "gizscore" in names and ("long_name_" if ending == "shp" else "long_name_here") in names
    row = next(f for f in layer.getFeatures() if int(f["a"]) == 5)
    assert row["long_name_" if ending == "shp" else "long_name_here"] == "Ünï"
    assert [str(row[k]) for k in ("name", "Gi_Bin" if "Gi_Bin" in layer.fields().names() else "gi_bin")][0] == "n5"
    if layer.isSpatial():
        labels = [c.label() for c in layer.renderer().categories()]
        assert labels[0] == "Hot spot, 99 % confidence"
        assert [c for c in layer.renderer().categories() if str(c.value()) == "2"]
    if ending == "gpkg":
        assert provenance.read(layer)["tool"] == "hotspot:writer"
    assert result["OUTPUT"] == str(path)


def test_tables_in_one_geopackage(write, tmp_path):
    path = tmp_path / "all.gpkg"

    def table(name):
        return f"ogr:dbname='{path}' table=\"{name}\" (geom)"

    for _ in range(2):
        write(INPUT=squares(), OUTPUT=table("first"), COPY=table("second"), TABLE=table("third"))
    assert [count(f"{path}|layername={name}") for name in ("first", "second", "third")] == [60, 60, 60]
    connection = sqlite3.connect(path)
    styles = connection.execute("SELECT f_table_name, useAsDefault FROM layer_styles").fetchall()
    connection.close()
    assert styles.count(("first", 1)) == 1
    for name in ("first", "second", "third"):
        layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
        assert provenance.read(layer)["tool"] == "hotspot:writer"


def test_rasters_open_styled(write, tmp_path):
    for _ in range(2):
        write(INPUT=squares(), RASTER=str(tmp_path / "r.tif"))
    layer = QgsRasterLayer(str(tmp_path / "r.tif"), "r")
    labels = [item.label for item in layer.renderer().shader().rasterShaderFunction().colorRampItemList()]
    assert labels == ["low", "high"]
    layer.loadDefaultMetadata()
    assert provenance.read(layer)["tool"] == "hotspot:writer"


def test_nothing_is_written_into_the_profile(write):
    """QGIS answers True and writes into the user's database when asked to save the style of a memory layer."""
    database = QgsApplication.qgisUserDatabaseFilePath()

    def styles():
        connection = sqlite3.connect(database)
        try:
            return connection.execute("SELECT count(*) FROM tbl_styles").fetchone()
        except sqlite3.OperationalError:  # no such table: nothing was ever saved
            return None
        finally:
            connection.close()

    before = styles()
    write(INPUT=squares(), OUTPUT="TEMPORARY_OUTPUT", TABLE="memory:", RASTER="TEMPORARY_OUTPUT")
    assert styles() == before


# --- an output that cannot be written ---------------------------------------------------------
@pytest.mark.parametrize("ending", FORMATS)
def test_a_full_disk_is_an_error(write, tmp_path, ending):
    """Most formats tell of it only when the file is closed, where QGIS does not look."""
    layer = squares(3000)
    with full_disk(), pytest.raises(QgsProcessingException, match="room and permission") as caught:
        write(INPUT=layer, OUTPUT=str(tmp_path / f"out.{ending}"))
    assert "output" in str(caught.value).lower()


@pytest.mark.parametrize("ending", ["tif", "img", "gpkg"])
def test_a_full_disk_is_an_error_for_rasters(write, tmp_path, ending):
    with full_disk(), pytest.raises(QgsProcessingException, match=f"Raster to out.{ending} failed.*room"):
        write(INPUT=squares(), RASTER=str(tmp_path / f"out.{ending}"))


@pytest.mark.skipif(sys.platform != "linux", reason="places that nobody can write to, on Linux")
@pytest.mark.parametrize("place", ["{file}/out{ending}", "/proc/out{ending}", "{file}.none/out{ending}"])
def test_a_place_that_cannot_be_written_to(write, tmp_path, place):
    file = tmp_path / "file"
    file.write_text("x")
    for name, ending in (("OUTPUT", ".gpkg"), ("OUTPUT", ".geojson"), ("TABLE", ".csv"), ("RASTER", ".tif")):
        with pytest.raises(QgsProcessingException):
            write(INPUT=squares(3), **{name: place.format(file=file, ending=ending)})


def test_a_raster_format_that_gdal_cannot_make(write, tmp_path):
    with pytest.raises(QgsProcessingException, match="cannot be written as out.png.*tif"):
        write(INPUT=squares(3), RASTER=str(tmp_path / "out.png"))


# --- never at the cost of an input --------------------------------------------------------------
@pytest.mark.parametrize("driver, ending", [("GPKG", "gpkg"), ("ESRI Shapefile", "shp"), ("GeoJSON", "geojson")])
@pytest.mark.parametrize("output", ["OUTPUT", "COPY"])
def test_an_input_is_not_written_over(write, tmp_path, driver, ending, output):
    path = saved(squares(), tmp_path / f"in.{ending}", driver)
    for given in (path, QgsVectorLayer(path, "in", "ogr"), f"{tmp_path}/../{tmp_path.name}/in.{ending}"):
        with pytest.raises(QgsProcessingException, match=rf"\({output}\).*INPUT.*would be lost"):
            write(INPUT=given, **{output: path})
    assert count(path) == 60


def test_a_table_is_not_written_over_but_another_can_be_added(write, tmp_path):
    path = saved(squares(), tmp_path / "in.gpkg")
    for given in (path, f"{path}|layername=source", f"{path}|layerid=0"):
        with pytest.raises(QgsProcessingException, match="would be lost"):
            write(INPUT=given, COPY=f"ogr:dbname='{path}' table=\"source\" (geom)")
        write(INPUT=given, COPY=f"ogr:dbname='{path}' table=\"result\" (geom)")
    assert count(f"{path}|layername=source") == count(f"{path}|layername=result") == 60


def test_a_raster_does_not_replace_the_input(write, tmp_path):
    path = saved(squares(), tmp_path / "in.gpkg")
    with pytest.raises(QgsProcessingException, match="would be lost"):
        write(INPUT=path, RASTER=path)
    assert count(path) == 60


def test_two_outputs_in_one_file(write, tmp_path):
    path = str(tmp_path / "out.geojson")
    with pytest.raises(QgsProcessingException, match="OUTPUT is written to the same file"):
        write(INPUT=squares(3), OUTPUT=path, COPY=path)
    package = tmp_path / "out.gpkg"
    write(INPUT=squares(3), OUTPUT=str(package), COPY=f"ogr:dbname='{package}' table=\"copy\" (geom)")
    assert count(f"{package}|layername=out") == count(f"{package}|layername=copy") == 3


# --- the fields of the input --------------------------------------------------------------------
@pytest.mark.parametrize("ending", ["gpkg", "csv", "geojson", "shp"])
def test_names_that_differ_in_case_only(write, tmp_path, ending):
    path = tmp_path / "case.geojson"
    path.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"Type":"A","type":"b","gizscore":"c",'
        '"FID":7},"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}}]}', encoding="utf-8")
    result = write(INPUT=str(path), OUTPUT=str(tmp_path / f"o.{ending}"), COPY=str(tmp_path / f"c.{ending}"))
    row = next(QgsVectorLayer(result["OUTPUT"], "o", "ogr").getFeatures())
    assert (row["Type"], row["type_2"]) == ("A", "b")
    assert float(row["GiZScore"]) == -3 if ending != "csv" else row["GiZScore"] == "-3"
    row = next(QgsVectorLayer(result["COPY"], "c", "ogr").getFeatures())
    assert (row["Type"], row["type_2"], row["gizscore"]) == ("A", "b", "c")


def test_virtual_fields_keep_their_type(write):
    layer = squares(3)
    layer.addExpressionField("a * 2", QgsField("twice", QVariant.Double))
    result = write(INPUT=layer, OUTPUT="memory:", COPY="memory:")
    for name in ("OUTPUT", "COPY"):
        assert [f["twice"] for f in result[name].getFeatures()] == [0.0, 2.0, 4.0]
        assert field_kind(result[name].fields().field("twice")) == "number"


def test_no_report_or_file_in_the_place_of_a_layer_that_is_read(run_tool, tmp_path):
    cells = samples.save(tmp_path / "cells.gpkg", [QgsGeometry.fromWkt("POLYGON((0 0,9 0,9 9,0 9,0 0))")],
                         {"n": np.array([3])}, QgsWkbTypes.Type.Polygon)
    size = (tmp_path / "cells.gpkg").stat().st_size
    given = {"AREAS": cells, "NAME_FIELD": "n", "OUTPUT": str(tmp_path / "sheet.html")}
    for name in ("OUTPUT", "REPORT", "TEMPLATE"):
        with pytest.raises(QgsProcessingException, match=rf"\({name}\): This is the file of AREAS"):
            run_tool("meetingsheet", {**given, name: cells})
    assert (tmp_path / "cells.gpkg").stat().st_size == size


def test_an_output_in_a_folder_that_is_none_names_the_parameter(run_tool, tmp_path):
    target = str(tmp_path / "there" / "plans.gpkg")
    with pytest.raises(QgsProcessingException, match=r"Plans \(OUTPUT\): The output cannot be made. Check the folder"):
        run_tool("detectableeffect", {"TREATED_N": 200, "CONTROL_N": 200, "OUTPUT": target})
