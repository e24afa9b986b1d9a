"""The formats in which incidents arrive, with their oddities: both ways of reading agree on each."""

from __future__ import annotations

import os
import sqlite3
import zipfile

import numpy as np
import pytest
from osgeo import gdal, ogr, osr
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsProcessingFeatureSourceDefinition,
    QgsProject,
    QgsProperty,
    QgsVectorLayer,
)

from hotspot_plugin.analysis.errors import InputError
from hotspot_plugin.compat import streams_booleans

from .test_reading import ALL, NUMBERS, make_layer, read, same, save

#: GDAL 3.6 cannot tell whether a text format carried offsets, so date-times take the ordinary way there.
TELLS_OFFSETS = hasattr(ogr.FieldDefn, "GetTZFlag")


def british() -> osr.SpatialReference:
    system = osr.SpatialReference()
    system.ImportFromEPSG(27700)
    return system


def geopackage(path, fields: dict, rows: list, kind=ogr.wkbPoint, name="t", options=()) -> QgsVectorLayer:
    """Write a GeoPackage; a row is (WKT, values by field)."""
    dataset = ogr.GetDriverByName("GPKG").CreateDataSource(str(path))
    layer = dataset.CreateLayer(name, british(), kind, options=list(options))
    for field, (of_type, subtype) in fields.items():
        definition = ogr.FieldDefn(field, of_type)
        definition.SetSubType(subtype)
        layer.CreateField(definition)
    for wkt, values in rows:
        feature = ogr.Feature(layer.GetLayerDefn())
        for field, value in values.items():
            feature[field] = value
        feature.SetGeometryDirectly(ogr.CreateGeometryFromWkt(wkt))
        layer.CreateFeature(feature)
    del feature, layer, dataset
    return opened(path)


def opened(source, provider="ogr") -> QgsVectorLayer:
    layer = QgsVectorLayer(str(source), "opened", provider)
    assert layer.isValid()
    return layer


# --- geometry ------------------------------------------------------------------------------
MIXED = ["POINT(1 2)", "LINESTRING(1 2,3 4)", "POLYGON((0 0,1 0,1 1,0 0))", "MULTIPOINT((5 6))", "POINT(7 8)",
         "GEOMETRYCOLLECTION EMPTY"]
REASONS = {"several places, a line or an area instead of one place": (2, "row 2"), "empty geometry": (1, "row 6")}


def test_a_geojson_of_mixed_types(tmp_path):
    shapes = [ogr.CreateGeometryFromWkt(wkt).ExportToJson() for wkt in MIXED]
    text = ",".join(f'{{"type":"Feature","properties":{{"a":{i}}},"geometry":{g}}}' for i, g in enumerate(shapes))
    path = tmp_path / "mixed.geojson"
    path.write_text(f'{{"type":"FeatureCollection","features":[{text}]}}', encoding="utf-8")
    for value in (opened(path), str(path)):
        points = same(value, "arrow", numbers=["a"])
        assert points.columns["a"].tolist() == [0, 3, 4]
        assert {e.reason: (e.count, e.example) for e in points.account.left_out} == REASONS
    assert len(same(opened(f"{path}|geometrytype=Point"), "features", numbers=["a"])) >= 2


def test_a_geopackage_of_any_type(tmp_path):
    layer = geopackage(tmp_path / "any.gpkg", {"a": (ogr.OFTInteger, 0)},
                       [(wkt, {"a": i}) for i, wkt in enumerate(MIXED)], ogr.wkbUnknown)
    points = same(layer, "arrow", numbers=["a"])
    assert points.columns["a"].tolist() == [0, 3, 4]
    assert {e.reason: (e.count, e.example) for e in points.account.left_out} == REASONS


# --- files ---------------------------------------------------------------------------------
@pytest.mark.parametrize("driver, ending", [
    ("SQLite", "sqlite"), ("FlatGeobuf", "fgb"), ("GeoJSON", "geojson"), ("GML", "gml"), ("MapInfo File", "tab")])
def test_other_formats(tmp_path, driver, ending):
    options = {"datasourceOptions": ["SPATIALITE=YES"]} if driver == "SQLite" else {}
    layer = save(make_layer(nulls=False), tmp_path / f"made.{ending}", driver, **options)
    plain = driver != "MapInfo File"  # which keeps names in its own encoding
    timed = "arrow" if plain and (TELLS_OFFSETS or driver == "SQLite") else "features"
    points = same(layer, timed, numbers=NUMBERS, texts=["text"], times=["day", "moment"])
    assert len(points) == 300 and set(points.precision["moment"]) == {"minute"}
    assert len(same(layer, "arrow" if plain else "features", numbers=NUMBERS, texts=["text"])) == 300


def test_a_shapefile_in_a_zip(tmp_path):
    save(make_layer(nulls=False), tmp_path / "made.shp", "ESRI Shapefile")
    with zipfile.ZipFile(tmp_path / "made.zip", "w") as archive:
        for part in tmp_path.glob("made.*"):
            if part.suffix != ".zip":
                archive.write(part, part.name)
    for source in (tmp_path / "made.zip", f"/vsizip/{tmp_path}/made.zip/made.shp"):
        points = same(opened(source), "arrow", numbers=NUMBERS, texts=["text"], times=["day"])
        assert len(points) == 300 and "Größe" in points.columns["text"]


@pytest.mark.parametrize("cpg", [True, False])
def test_a_latin_1_shapefile(tmp_path, cpg):
    made = make_layer(nulls=False)
    made.dataProvider().deleteAttributes([made.fields().indexOf("an odd náme-1")])
    made.updateFields()
    save(made, tmp_path / "made.shp", "ESRI Shapefile", fileEncoding="ISO-8859-1")
    if not cpg:
        os.remove(tmp_path / "made.cpg")
    layer = opened(tmp_path / "made.shp")
    points = same(layer, "arrow", texts=["text"], times=["day"])
    assert ("Größe" in points.columns["text"]) == cpg
    layer.setProviderEncoding("ISO-8859-1")  # what a user does about it
    assert "Größe" in same(layer, "arrow", texts=["text"]).columns["text"]


def test_a_latin_1_shapefile_with_such_field_names(tmp_path):
    """GDAL's stream crashes on them."""
    layer = save(make_layer(nulls=False), tmp_path / "made.shp", "ESRI Shapefile", fileEncoding="ISO-8859-1")
    name = layer.fields().names()[-1]  # cut to ten bytes in UTF-8 or in latin-1
    assert name.startswith("an odd ná")
    points = same(layer, "features", texts=["text", name], times=["day"])
    assert "Größe" in points.columns["text"] and points.columns[name][3] == "v3"


def test_a_csv_opened_with_options(tmp_path):
    path = tmp_path / "made.csv"
    path.write_text("id,lon,lat,n,when\n0012,1,2,3,2019-01-05 10:00:00\n0013,,,4,2019-01-06 11:30:00\n")
    options = "|option:X_POSSIBLE_NAMES=lon|option:Y_POSSIBLE_NAMES=lat|option:AUTODETECT_TYPE=YES"
    layer = opened(f"{path}{options}")
    route = read(layer, times=["when"]).route
    points = same(layer, route, numbers=["n"], times=["when"], keep_unlocated=True)
    assert points.columns["n"].tolist() == [3, 4] and np.isnan(points.x).tolist() == [False, True]
    assert points.columns["when"][1] == np.datetime64("2019-01-06T11:30")


# --- names ---------------------------------------------------------------------------------
@pytest.mark.parametrize("key", ["OGC_FID", "my id", "fid", "ID"])
def test_the_key_column_may_have_any_name(tmp_path, key):
    others = [name for name in ("a", "OGC_FID", "fid") if name.lower() != key.lower()]
    rows = [(f"POINT({i} 2)", {name: 10 * i + k for k, name in enumerate(others)}) for i in range(4)]
    layer = geopackage(tmp_path / "key.gpkg", dict.fromkeys(others, (ogr.OFTInteger, 0)), rows, options=[f"FID={key}"])
    points = same(layer, "arrow", numbers=[key, *others])
    assert points.columns[key].tolist() == [1, 2, 3, 4]
    assert [points.columns[name][1] for name in others] == [10 + k for k in range(len(others))]


def test_a_view(tmp_path):
    layer = geopackage(tmp_path / "v.gpkg", {"a": (ogr.OFTInteger, 0)}, [(f"POINT({i} 2)", {"a": i}) for i in range(4)])
    del layer
    dataset = gdal.OpenEx(str(tmp_path / "v.gpkg"), gdal.OF_UPDATE | gdal.OF_VECTOR)
    for sql in (
        "CREATE VIEW v AS SELECT fid AS OGC_FID, geom, a * 2 AS twice FROM t WHERE a > 0",
        "INSERT INTO gpkg_contents(table_name, identifier, data_type, srs_id) VALUES('v', 'v', 'features', 27700)",
        "INSERT INTO gpkg_geometry_columns VALUES('v', 'geom', 'POINT', 27700, 0, 0)",
    ):
        dataset.ExecuteSQL(sql)
    del dataset
    points = same(opened(f"{tmp_path}/v.gpkg|layername=v"), "arrow", numbers=["twice", "OGC_FID"])
    assert points.columns["twice"].tolist() == [2, 4, 6]


def test_odd_names_of_columns_layer_and_geometry(tmp_path):
    names = ["x;y", 'q"uote', "ap'os", "a,b", "%", "geom", "wkb_geometry", "{b}"]
    fields = {**dict.fromkeys(names, (ogr.OFTString, 0)), 'dt "x"': (ogr.OFTDateTime, 0)}
    rows = [(f"POINT({i} 2)", {**{n: f"{n}{i}" for n in names}, 'dt "x"': "2019/01/02 03:04:05"}) for i in range(3)]
    layer = geopackage(tmp_path / "odd.gpkg", fields, rows, name="la'y;er", options=['GEOMETRY_NAME=the "geom'])
    points = same(layer, "arrow", texts=names, times=['dt "x"'])
    assert [points.columns[n][1] for n in names] == [f"{n}1" for n in names]
    assert points.columns['dt "x"'][0] == np.datetime64("2019-01-02T03:04:05")


def test_a_filter_within_the_address(tmp_path):
    geopackage(tmp_path / "s.gpkg", {"a": (ogr.OFTInteger, 0)}, [(f"POINT({i} 2)", {"a": i}) for i in range(4)])
    address = f"{tmp_path}/s.gpkg|layername=t|subset=\"a\" > 1"
    for value in (address, opened(address)):
        assert same(value, "arrow", numbers=["a"]).columns["a"].tolist() == [2, 3]


# --- values --------------------------------------------------------------------------------
KINDS = {
    "i16": (ogr.OFTInteger, ogr.OFSTInt16), "i32": (ogr.OFTInteger, 0), "i64": (ogr.OFTInteger64, 0),
    "b": (ogr.OFTInteger, ogr.OFSTBoolean), "f32": (ogr.OFTReal, ogr.OFSTFloat32), "f64": (ogr.OFTReal, 0),
    "s": (ogr.OFTString, 0), "js": (ogr.OFTString, ogr.OFSTJSON), "d": (ogr.OFTDate, 0), "dt": (ogr.OFTDateTime, 0),
    "clock": (ogr.OFTTime, 0),
}
VALUES = [
    {"i16": 1, "i32": 2, "i64": 9007199254740993, "b": 1, "f32": 0.1, "f64": 0.1, "s": "12.5", "js": '{"a":1}',
     "d": "2019/01/02", "dt": "2019/01/02 03:04:05", "clock": "10:11:12"},
    {},
    {"i16": -1, "i32": -2, "i64": -9007199254740993, "b": 0, "f32": 1e20, "f64": 1e20, "s": " 7 ", "js": "[1]",
     "d": "1850/01/02", "dt": "1850/01/02 03:04:05", "clock": "00:00:00"},
]
AS_TEXT = {"i16": "1", "i64": "9007199254740993", "f32": "0.1", "f64": "0.1", "d": "2019-01-02",
           "dt": "2019-01-02T03:04:05", "clock": "10:11:12"}


@pytest.fixture
def kinds(tmp_path):
    return geopackage(tmp_path / "kinds.gpkg", KINDS, [("POINT(1 2)", values) for values in VALUES])


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_column_as_number_and_as_text(kinds, name):
    slow = ("f32", "js") if streams_booleans() else ("b", "f32", "js")
    route = "features" if name in slow else "arrow"
    texts = same(kinds, route, texts=[name]).columns[name]
    assert texts[1] is None and texts[0] == AS_TEXT.get(name, texts[0])
    numbers = same(kinds, route, numbers=[name]).columns[name]
    assert np.isnan(numbers[1]) and (name != "s" or numbers.tolist()[::2] == [12.5, 7])


def test_dates_that_are_none_are_no_first_of_january_1970(tmp_path):
    """GDAL's stream makes 1970 of what it cannot read."""
    wrong = ["hello", "2019-02-31T10:00:00Z", "2019-07-01T11:30:00Z"]
    fields = {"dt": (ogr.OFTDateTime, 0), "d": (ogr.OFTDate, 0)}
    layer = geopackage(tmp_path / "junk.gpkg", fields, [("POINT(1 2)", {})] * 3)
    del layer
    rewrite(tmp_path / "junk.gpkg", "dt", wrong)
    rewrite(tmp_path / "junk.gpkg", "d", [value[:10] for value in wrong])
    layer = opened(tmp_path / "junk.gpkg")
    assert np.isnat(same(layer, "features", times=["dt"]).columns["dt"]).tolist() == [True, True, False]
    assert np.isnat(same(layer, "features", times=["d"]).columns["d"])[0]


def rewrite(path, field, values):
    """Put values into a column as another program might have written them."""
    connection = sqlite3.connect(path)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f'DROP TRIGGER "{name}"')
    connection.executemany(f"UPDATE t SET {field} = ? WHERE fid = ?", [(v, i + 1) for i, v in enumerate(values)])
    connection.commit()
    connection.close()


@pytest.mark.parametrize("written, route, offsets", [
    (["2019-07-01T10:00:00Z", "2019-03-31T01:30:00.000Z"], "arrow", [np.nan, np.nan]),
    (["2019-07-01T10:00:00", "2019-03-31T01:30"], "arrow", [np.nan, np.nan]),
    (["2019-07-01T10:00:00+02:00", "2019-03-31T01:30:00-05:30"], "features", [120, -330]),
    (["2019-07-01T10:00:00Z", "2019-03-31T01:30:00+02:00"], "features", [np.nan, 120]),
])
def test_the_wall_clock_is_kept_as_written(tmp_path, written, route, offsets):
    geopackage(tmp_path / "zone.gpkg", {"dt": (ogr.OFTDateTime, 0)}, [("POINT(1 2)", {})] * 2)
    rewrite(tmp_path / "zone.gpkg", "dt", written)
    points = same(opened(tmp_path / "zone.gpkg"), route, times=["dt"])
    assert points.columns["dt"].astype(str).tolist() == ["2019-07-01T10:00:00.000", "2019-03-31T01:30:00.000"]
    if TELLS_OFFSETS:  # QGIS 3.22 drops them before any plugin sees them
        np.testing.assert_array_equal(points.times["dt"].offset_minutes, offsets)


def test_a_column_in_two_roles(kinds):
    with pytest.raises(InputError, match="'s'.*number.*once"):
        read(kinds, numbers=["s"], texts=["s"])


# --- layers that are more than their file ----------------------------------------------------
def test_a_layer_with_rows_added_and_deleted(tmp_path):
    layer = save(make_layer(), tmp_path / "made.gpkg", "GPKG")
    before = len(read(layer))
    layer.startEditing()
    layer.deleteFeatures([1, 2])
    added = QgsFeature(layer.fields())
    added.setGeometry(QgsGeometry.fromWkt("POINT(5 6)"))
    layer.addFeature(added)
    points = same(layer, "features", **ALL)
    assert len(points) == before - 1 and 5 in points.x
    layer.rollBack()
    same(layer, "arrow", **ALL)


def test_a_project_layer_chosen_by_an_expression(tmp_path):
    layer = save(make_layer(), tmp_path / "made.gpkg", "GPKG")
    QgsProject.instance().addMapLayer(layer, False)
    try:
        value = QgsProcessingFeatureSourceDefinition(QgsProperty.fromExpression(f"'{layer.id()}'"))
        assert len(same(value, "arrow", **ALL)) == 288
        assert len(same(QgsProperty.fromExpression(f"'{layer.id()}'"), "arrow", **ALL)) == 288
    finally:
        QgsProject.instance().removeMapLayer(layer.id())
    del layer


# --- tables --------------------------------------------------------------------------------
@pytest.mark.parametrize("make", ["csv", "delimitedtext", "xlsx", "gpkg", "memory", "points"])
def test_tables(tmp_path, make):
    table = QgsVectorLayer("NoGeometry?field=id:string&field=n:integer&field=when:string", "made", "memory")
    for i in range(3):
        feature = QgsFeature(table.fields())
        feature.setAttributes([f"A{i}", None if i == 1 else i, f"2019-0{i + 1}-01 10:30"])
        table.dataProvider().addFeatures([feature])
    if make == "points":
        layer = geopackage(
            tmp_path / "p.gpkg", {"id": (ogr.OFTString, 0), "n": (ogr.OFTInteger, 0), "when": (ogr.OFTString, 0)},
            [(f"POINT({i} 2)", {"id": f"A{i}", "n": None if i == 1 else i, "when": f"2019-0{i + 1}-01 10:30"})
             for i in range(3)])
    elif make == "delimitedtext":
        save(table, tmp_path / "made.csv", "CSV")
        layer = opened(f"file://{tmp_path}/made.csv?type=csv&geomType=none&detectTypes=yes", make)
    else:
        driver = {"csv": "CSV", "xlsx": "XLSX", "gpkg": "GPKG"}.get(make)
        layer = save(table, tmp_path / f"made.{make}", driver) if driver else table
    points = read(layer, geometry=False, keep_unlocated=True, numbers=["n"], texts=["id"], times=["when"])
    assert len(points) == 3 and points.account.used == 3 and np.isnan(points.x).all()
    np.testing.assert_array_equal(points.columns["n"], [0, np.nan, 2])
    assert points.columns["id"].tolist() == ["A0", "A1", "A2"]
    assert points.columns["when"][2] == np.datetime64("2019-03-01T10:30")
