"""Both ways of reading give the same result, and the right one is taken."""

from __future__ import annotations

import numpy as np
import pytest
from osgeo import ogr
from qgis.core import (
    QgsFeature,
    QgsField,
    QgsGeometry,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingParameterFeatureSource,
    QgsProject,
    QgsProperty,
    QgsVectorFileWriter,
    QgsVectorLayer,
    QgsVectorLayerJoinInfo,
)
from qgis.PyQt.QtCore import QDate, QDateTime, QTime, QVariant

from hotspot_plugin.analysis.errors import InputError
from hotspot_plugin.compat import streams_booleans
from hotspot_plugin.layers import arrow, reading

FIELDS = [
    ("whole", QVariant.LongLong), ("decimal", QVariant.Double), ("text", QVariant.String),
    ("day", QVariant.Date), ("moment", QVariant.DateTime), ("an odd náme-1", QVariant.String),
]
NUMBERS, TEXTS, TIMES = ["whole", "decimal"], ["text", "an odd náme-1"], ["day", "moment"]


class Reader(QgsProcessingAlgorithm):
    """The smallest algorithm with a source parameter."""

    def name(self):
        return "reader"

    def displayName(self):
        return "Reader"

    def createInstance(self):
        return Reader()

    def initAlgorithm(self, configuration=None):
        self.addParameter(QgsProcessingParameterFeatureSource("INPUT", "Input"))

    def processAlgorithm(self, parameters, context, feedback):
        return {}


def read(value, fast=True, **columns):
    """Read a parameter value as a tool would; ``fast=False`` forces the ordinary way."""
    tool = Reader()
    tool.initAlgorithm()
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    route = arrow.find(tool, {"INPUT": value}, "INPUT", context) if fast else None
    source = tool.parameterAsSource({"INPUT": value}, "INPUT", context)
    return reading.read_points(source, "INPUT", route, **columns)


def same(value, route, **columns):
    """Read both ways, compare everything, check the route and return the result."""
    quick, slow = read(value, **columns), read(value, fast=False, **columns)
    assert (quick.route, slow.route) == (route, "features")
    np.testing.assert_array_equal(quick.x, slow.x)
    np.testing.assert_array_equal(quick.y, slow.y)
    np.testing.assert_array_equal(quick.rows, slow.rows)
    assert quick.columns.keys() == slow.columns.keys()
    for name in quick.columns:
        np.testing.assert_array_equal(quick.columns[name], slow.columns[name], err_msg=name)
        assert quick.columns[name].dtype == slow.columns[name].dtype
    for name in quick.times:
        np.testing.assert_array_equal(quick.times[name].precision, slow.times[name].precision)
    assert quick.account.as_dict() == slow.account.as_dict()
    assert quick.fingerprint == slow.fingerprint
    return quick


def make_layer(geometry="Point", n=300, nulls=True):
    layer = QgsVectorLayer(f"{geometry}?crs=EPSG:27700", "made", "memory")
    layer.dataProvider().addAttributes([QgsField(name, kind) for name, kind in FIELDS])
    layer.updateFields()
    random = np.random.default_rng(7)
    features = []
    for i in range(n):
        feature = QgsFeature(layer.fields())
        x, y = random.uniform(0, 1e5, 2)
        wkt = {"Point": f"POINT({x} {y})", "PointZ": f"POINTZ({x} {y} 3)", "MultiPoint": f"MULTIPOINT(({x} {y}))"}
        text = wkt[geometry]
        if nulls and i % 50 == 3:
            text = {"Point": "POINT EMPTY", "PointZ": "POINTZ EMPTY", "MultiPoint": "MULTIPOINT EMPTY"}[geometry]
        if geometry == "MultiPoint" and i % 50 == 5:
            text = f"MULTIPOINT(({x} {y}),({x} {y + 1}))"
        if not (nulls and i % 50 == 4):
            feature.setGeometry(QgsGeometry.fromWkt(text))
        empty = nulls and i % 7 == 0
        feature.setAttributes([
            None if empty else i - 5,
            None if empty else i / 3,
            None if empty else ["robbery", "Größe", "", "盗窃"][i % 4],
            None if empty else QDate(2019, 1 + i % 12, 1 + i % 28),
            None if empty else QDateTime(QDate(2019, 1 + i % 12, 1 + i % 28), QTime(i % 24, i % 60, 0)),
            f"v{i}",
        ])
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    return layer


def save(layer, path, driver, **options):
    settings = QgsVectorFileWriter.SaveVectorOptions()
    settings.driverName = driver
    settings.fileEncoding = "UTF-8"
    for name, value in options.items():
        setattr(settings, name, value)
    transform = QgsProject.instance().transformContext()
    error = QgsVectorFileWriter.writeAsVectorFormatV2(layer, str(path), transform, settings)
    assert error[0] == QgsVectorFileWriter.WriterError.NoError, error
    return QgsVectorLayer(str(path), path.stem, "ogr")


@pytest.fixture
def gpkg(tmp_path):
    return save(make_layer(), tmp_path / "made.gpkg", "GPKG")


ALL = {"numbers": NUMBERS, "texts": TEXTS, "times": TIMES}


def test_geopackage_is_read_fast_with_its_nulls_and_empties(gpkg):
    points = same(gpkg, "arrow", **ALL)
    assert len(points) == 288 and points.account.rows == 300
    assert points.account.excluded == 12  # QGIS 3.22 writes a null point as an empty one
    assert "empty geometry" in {e.reason for e in points.account.left_out}
    assert points.account.left_out[-1].example == "row 4"
    assert np.isnan(points.columns["whole"]).sum() > 0 and None in points.columns["text"]
    assert "盗窃" in points.columns["text"]


def test_rows_without_a_place_can_be_kept(gpkg):
    points = same(gpkg, "arrow", keep_unlocated=True, **ALL)
    assert len(points) == 300 and np.isnan(points.x).sum() == 12


def test_no_columns_at_all(gpkg):
    # GDAL 3.6 gives empty geometries here unless it is asked for the feature id too
    assert len(same(gpkg, "arrow")) == 288


def test_the_key_column_can_be_read(gpkg):
    assert same(gpkg, "arrow", numbers=["fid"]).columns["fid"][0] == 1


@pytest.mark.parametrize("way", ["name", "path", "property"])
def test_a_layer_may_be_named_in_several_ways(gpkg, way):
    QgsProject.instance().addMapLayer(gpkg, False)
    value = {"name": gpkg.name(), "path": gpkg.source(), "property": QgsProperty.fromExpression(f"'{gpkg.id()}'")}[way]
    if way == "property":
        value = QgsProcessingFeatureSourceDefinition(value)
        assert len(read(value, **ALL)) == 288
    else:
        same(value, "arrow", **ALL)
    QgsProject.instance().removeMapLayer(gpkg.id())


@pytest.mark.parametrize("geometry, used", [("PointZ", 288), ("MultiPoint", 282)])
def test_other_point_types(tmp_path, geometry, used):
    layer = save(make_layer(geometry), tmp_path / "made.gpkg", "GPKG")
    points = same(layer, "arrow", **ALL)
    assert len(points) == used
    if geometry == "MultiPoint":
        reason = "several places, a line or an area instead of one place"
        assert {e.reason: e.count for e in points.account.left_out}[reason] == 6


def test_shapefile(tmp_path):
    layer = save(make_layer(nulls=False), tmp_path / "made.shp", "ESRI Shapefile")
    names = layer.fields().names()
    assert len(same(layer, "arrow", numbers=["whole", "decimal"], texts=["text", names[-1]], times=["day"])) == 300


def test_geojson(tmp_path):
    layer = save(make_layer(nulls=False), tmp_path / "made.geojson", "GeoJSON")
    assert len(same(layer, "arrow", numbers=NUMBERS, texts=TEXTS, times=["day"])) == 300


def test_offsets_of_times_take_the_ordinary_way(tmp_path):
    path = tmp_path / "offset.geojson"
    path.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"t":"2019-07-01T10:00:00+02:00"},'
        '"geometry":{"type":"Point","coordinates":[1,2]}}]}', encoding="utf-8")
    points = same(QgsVectorLayer(str(path), "offset", "ogr"), "features", times=["t"])
    assert points.columns["t"][0] == np.datetime64("2019-07-01T10:00:00")  # the wall clock as written


def test_subset_filter(gpkg):
    gpkg.setSubsetString("\"whole\" > 100")
    assert 0 < len(same(gpkg, "arrow", **ALL)) < 288


def test_a_subset_in_sql_takes_the_ordinary_way(gpkg):
    gpkg.setSubsetString("SELECT * FROM made WHERE whole > 100")
    assert 0 < len(same(gpkg, "features", numbers=["whole"])) < 288


def test_selection(gpkg):
    gpkg.selectByExpression("\"whole\" < 40")
    value = QgsProcessingFeatureSourceDefinition(gpkg.source(), selectedFeaturesOnly=True)
    QgsProject.instance().addMapLayer(gpkg, False)
    value = QgsProcessingFeatureSourceDefinition(gpkg.id(), selectedFeaturesOnly=True)
    points = same(value, "features", **ALL)
    assert 0 < len(points) < 50
    QgsProject.instance().removeMapLayer(gpkg.id())


def test_features_limited_by_processing(gpkg):
    definition = QgsProcessingFeatureSourceDefinition(gpkg.source(), False, 10)
    assert same(definition, "features", **ALL).account.rows == 10


@pytest.mark.skipif(not hasattr(QgsProcessingFeatureSourceDefinition(""), "filterExpression"), reason="QGIS < 3.32")
def test_features_filtered_by_processing(gpkg):
    definition = QgsProcessingFeatureSourceDefinition(gpkg.source())
    definition.filterExpression = '"whole" < 40'
    assert 0 < same(definition, "features", **ALL).account.rows < 60


def test_edited_layer(gpkg):
    gpkg.startEditing()
    gpkg.changeAttributeValue(1, gpkg.fields().indexOf("whole"), 999)
    points = same(gpkg, "features", **ALL)
    assert points.columns["whole"][0] == 999
    gpkg.rollBack()


def test_joined_and_virtual_fields(gpkg):
    gpkg.addExpressionField("\"whole\" * 2", QgsField("twice", QVariant.Double))
    other = make_layer(nulls=False)
    QgsProject.instance().addMapLayers([gpkg, other], False)
    join = QgsVectorLayerJoinInfo()
    join.setJoinFieldName("whole")
    join.setTargetFieldName("whole")
    join.setJoinLayer(other)
    join.setPrefix("j_")
    gpkg.addJoin(join)
    points = same(gpkg, "features", numbers=["twice", "j_decimal"])
    np.testing.assert_allclose(points.columns["twice"][1:3], np.array([1, 2]) * 2 - 10 + 0)
    same(gpkg, "arrow", **ALL)  # what the file itself holds is still read fast
    QgsProject.instance().removeAllMapLayers()


def test_memory_layer():
    assert len(same(make_layer(), "features", **ALL)) == 288


def test_delimited_text(tmp_path):
    path = tmp_path / "made.csv"
    path.write_text("x,y,t,when\n1,2,a,2019-01-05 10:30\n3,4,,2019-01-06 11:00\n", encoding="utf-8")
    uri = f"file://{path}?type=csv&xField=x&yField=y&crs=EPSG:27700&detectTypes=yes"
    points = same(QgsVectorLayer(uri, "made", "delimitedtext"), "features", texts=["t"], times=["when"])
    assert points.columns["when"][0] == np.datetime64("2019-01-05T10:30")


def test_a_boolean_column_takes_the_ordinary_way_where_the_stream_is_wrong(tmp_path):
    layer = QgsVectorLayer("Point?crs=EPSG:27700&field=b:bool", "b", "memory")
    values = [True, None, False, True, True, False, None, True, True] * 200
    for value in values:
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromWkt("POINT(1 2)"))
        feature.setAttributes([value])
        layer.dataProvider().addFeatures([feature])
    saved = save(layer, tmp_path / "b.gpkg", "GPKG")
    route = "arrow" if streams_booleans() else "features"
    read = same(saved, route, numbers=["b"]).columns["b"]
    np.testing.assert_array_equal(read, [np.nan if v is None else float(v) for v in values])


def test_an_empty_layer(tmp_path):
    layer = save(make_layer(n=0), tmp_path / "none.gpkg", "GPKG")
    assert len(same(layer, "arrow", **ALL)) == 0


def test_a_column_of_nulls_only(tmp_path):
    layer = QgsVectorLayer("Point?crs=EPSG:27700&field=t:string&field=w:int", "n", "memory")
    for _ in range(3):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromWkt("POINT(1 2)"))
        layer.dataProvider().addFeatures([feature])
    points = same(save(layer, tmp_path / "n.gpkg", "GPKG"), "arrow", texts=["t"], numbers=["w"])
    assert points.columns["t"].tolist() == [None] * 3 and np.isnan(points.columns["w"]).all()


def test_a_leftover_journal_does_not_stop_the_reading(gpkg, tmp_path):
    assert len(read(gpkg)) == 288
    (tmp_path / "made.gpkg-journal").write_bytes(b"\x00" * 100)
    assert len(read(gpkg)) == 288


def test_an_unknown_field_is_named_with_those_that_exist(gpkg):
    with pytest.raises(InputError, match="no field 'nope'.*whole"):
        read(gpkg, numbers=["nope"])


def test_polygons_and_tables_are_refused(tmp_path):
    with pytest.raises(InputError, match="points are needed"):
        read(QgsVectorLayer("Polygon?crs=EPSG:27700", "p", "memory"))
    with pytest.raises(InputError, match="without places"):
        read(QgsVectorLayer("NoGeometry?field=a:int", "t", "memory"))


def test_null_geometries_of_a_geopackage(tmp_path):
    path = str(tmp_path / "null.gpkg")
    dataset = ogr.GetDriverByName("GPKG").CreateDataSource(path)
    layer = dataset.CreateLayer("null", geom_type=ogr.wkbPoint)
    for wkt in ("POINT (1 2)", None, "POINT EMPTY", "POINT (3 4)"):
        feature = ogr.Feature(layer.GetLayerDefn())
        if wkt:
            feature.SetGeometryDirectly(ogr.CreateGeometryFromWkt(wkt))
        layer.CreateFeature(feature)
    del feature, layer, dataset
    points = same(QgsVectorLayer(path, "null", "ogr"), "arrow")
    assert {e.reason: (e.count, e.example) for e in points.account.left_out} == {
        "no geometry": (1, "row 2"), "empty geometry": (1, "row 3")}
    np.testing.assert_array_equal(points.x, [1, 3])


def test_real_points_memphis(shared_data):
    path = str(shared_data("memphis/memphis.gpkg"))
    names = [layer.GetName() for layer in ogr.Open(path) if layer.GetGeomType() == ogr.wkbPoint]
    name = next(name for name in names if "rob" in name.lower())
    layer = QgsVectorLayer(f"{path}|layername={name}", "memphis", "ogr")
    when = [f.name() for f in layer.fields() if f.typeName().lower().startswith("date")]
    assert len(same(layer, "arrow", times=when)) == 2245
