"""The spatial index of a GeoPackage: what GDAL would have made, faster, and given up when asked to."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFeatureRequest,
    QgsFeatureSource,
    QgsGeometry,
    QgsProject,
    QgsRectangle,
    QgsVectorFileWriter,
    QgsVectorLayer,
    QgsWkbTypes,
)

from hotspot_plugin.analysis.errors import Cancelled
from hotspot_plugin.layers import rtree, writing

TYPES = {"Point": QgsWkbTypes.Type.Point, "PointZ": QgsWkbTypes.Type.PointZ,
         "MultiPoint": QgsWkbTypes.Type.MultiPoint, "LineString": QgsWkbTypes.Type.LineString,
         "MultiPolygon": QgsWkbTypes.Type.MultiPolygon}


def unindexed(path, shapes, kind="Point"):
    """Write a table as an output is written, without its index."""
    fields = writing.new_fields({"a": np.arange(3)})
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.layerOptions = "GPKG", rtree.UNINDEXED
    crs = QgsCoordinateReferenceSystem("EPSG:27700")
    context = QgsProject.instance().transformContext()
    sink = QgsVectorFileWriter.create(str(path), fields, TYPES[kind], crs, context, options)
    shapes = list(shapes)
    writing.write_features(sink, fields, shapes, ([i] for i in range(len(shapes))), len(shapes), "x")
    del sink


def points(n):
    rng = np.random.default_rng(3)
    return writing.points_from_arrays(rng.uniform(4e5, 5e5, n), rng.uniform(-1e5, 1e5, n))


def has_index(path):
    layer = QgsVectorLayer(str(path), "x", "ogr")
    return layer.hasSpatialIndex() == QgsFeatureSource.SpatialIndexPresence.SpatialIndexPresent


def ask(path, sql):
    with closing(sqlite3.connect(path)) as base:
        return base.execute(sql).fetchall()


def example(kind, k):
    """Return a shape of a kind around a place of its own."""
    x, y = 1000.0 * (k % 60), 700.5 * (k // 60)
    return QgsGeometry.fromWkt({
        "Point": f"Point ({x} {y})",
        "PointZ": f"PointZ ({x} {y} 5)",
        "MultiPoint": f"MultiPoint (({x} {y}), ({x + 30} {y - 20}))",
        "LineString": f"LineString ({x} {y}, {x + 900} {y + 50}, {x + 10} {y - 300})",
        "MultiPolygon": f"MultiPolygon ((({x} {y}, {x + 500} {y}, {x + 200} {y + 400}, {x} {y})))",
    }[kind])


@pytest.mark.parametrize("kind", list(TYPES))
def test_the_index_finds_what_lies_in_a_rectangle(tmp_path, kind):
    path = tmp_path / "it's.gpkg"
    shapes = [example(kind, k) for k in range(3000)]
    unindexed(path, shapes, kind)
    assert not has_index(path)
    rtree.build(str(path))
    assert has_index(path)
    assert ask(path, """SELECT rtreecheck('rtree_it''s_geom')""") == [("ok",)]
    box = QgsRectangle(10_000, 5_000, 20_500, 20_000)
    found = QgsVectorLayer(str(path), "x", "ogr").getFeatures(QgsFeatureRequest(box))
    assert {f["a"] for f in found} == {k for k, shape in enumerate(shapes) if shape.boundingBoxIntersects(box)}


@pytest.mark.parametrize("kind", ["Point", "MultiPolygon"])
def test_the_index_is_what_gdal_makes(tmp_path, kind):
    """GDAL is asked to index the same table; the two say the same of every row."""
    shapes = [example(kind, k) for k in range(500)]
    for name in ("ours", "gdal"):
        (tmp_path / name).mkdir()
        unindexed(tmp_path / name / "x.gpkg", shapes, kind)
    ours, gdals = (str(tmp_path / name / "x.gpkg") for name in ("ours", "gdal"))
    rtree.build(ours)
    base = gdal.OpenEx(gdals, gdal.OF_VECTOR | gdal.OF_UPDATE)
    base.ReleaseResultSet(base.ExecuteSQL("SELECT CreateSpatialIndex('x', 'geom')"))
    del base
    for sql in ("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name",
                "SELECT * FROM gpkg_extensions ORDER BY extension_name",
                "SELECT id, minx, maxx, miny, maxy FROM rtree_x_geom ORDER BY id"):
        assert ask(ours, sql) == ask(gdals, sql)


def test_the_boxes_hold_their_rows_and_little_more(tmp_path):
    path = tmp_path / "x.gpkg"
    shapes = list(points(2000))
    unindexed(path, shapes)
    rtree.build(str(path))
    boxes = np.array(ask(path, "SELECT minx, miny, maxx, maxy FROM rtree_x_geom ORDER BY id"))
    where = np.array([(shape.asPoint().x(), shape.asPoint().y()) for shape in shapes])
    assert (boxes[:, :2] <= where).all() and (boxes[:, 2:] >= where).all()
    assert (boxes[:, 2:] - boxes[:, :2]).max() < 0.07  # metres: two steps of a 32-bit number of this size


def test_rows_without_a_place_are_not_indexed(tmp_path):
    path = tmp_path / "x.gpkg"
    unindexed(path, [QgsGeometry(), QgsGeometry.fromWkt("Point EMPTY"), QgsGeometry.fromWkt("Point (5 6)")])
    rtree.build(str(path))
    assert has_index(path)
    assert ask(path, "SELECT id FROM rtree_x_geom") == [(3,)]


def test_a_table_without_rows_and_one_that_has_an_index(tmp_path):
    path = tmp_path / "x.gpkg"
    unindexed(path, [])
    for _ in range(2):
        rtree.build(str(path))
        assert has_index(path)
    assert ask(path, "SELECT count(*) FROM rtree_x_geom") == [(0,)]


def test_rows_that_are_edited_afterwards_stay_found(tmp_path):
    path = tmp_path / "x.gpkg"
    unindexed(path, points(200))
    rtree.build(str(path))
    layer = QgsVectorLayer(str(path), "x", "ogr")
    feature = QgsFeature(layer.fields())
    feature.setGeometry(QgsGeometry.fromWkt("Point (1 1)"))
    provider = layer.dataProvider()
    assert provider.addFeatures([feature])[0]
    assert provider.changeGeometryValues({7: QgsGeometry.fromWkt("Point (2 2)")})
    assert provider.deleteFeatures([9])
    found = layer.getFeatures(QgsFeatureRequest(QgsRectangle(0, 0, 3, 3)))
    assert sorted(f.id() for f in found) == [7, 201]
    del provider, layer
    assert ask(path, "SELECT rtreecheck('rtree_x_geom')") == [("ok",)]
    assert ask(path, "SELECT count(*) FROM rtree_x_geom") == [(200,)]


def test_building_the_index_can_be_cancelled(tmp_path):
    path = tmp_path / "large.gpkg"
    unindexed(path, points(3 * rtree.CHUNK))
    told = []

    def stop(fraction):
        told.append(fraction)
        if len(told) == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        rtree.build(str(path), stop)
    assert not has_index(path)
    assert QgsVectorLayer(str(path), "x", "ogr").featureCount() == 3 * rtree.CHUNK  # what was written is whole
    rtree.build(str(path))
    assert has_index(path)


def test_a_file_that_cannot_be_indexed_stays_as_it_is(tmp_path):
    path = tmp_path / "x.gpkg"
    unindexed(path, points(10))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        rtree.build(str(path))
        other.execute("ROLLBACK")
    assert not has_index(path)
    rtree.build(str(tmp_path / "none.gpkg"))
    assert not (tmp_path / "none.gpkg").exists()
    (tmp_path / "foreign.gpkg").write_bytes(b"no GeoPackage")
    rtree.build(str(tmp_path / "foreign.gpkg"))
    assert (tmp_path / "foreign.gpkg").read_bytes() == b"no GeoPackage"


def test_heads_that_do_not_tell_their_box_are_read_whole():
    blob = b"GP\x00\x01" + bytes(4) + bytes(QgsGeometry.fromWkt("LineString (1 2, 3 5)").asWkb())
    assert np.isinf(rtree.envelopes([blob])).all()
    assert rtree._box(blob) == (1, 3, 2, 5)
    assert np.isnan(rtree.envelopes([b"GP\x00\x11" + bytes(4)])).all()
