"""Polygons and lines in metres, with what could not be used."""

from __future__ import annotations

import numpy as np
import pytest
from osgeo import ogr
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsFeature,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameters,
    QgsVectorLayer,
)

from hotspot_plugin.analysis.errors import InputError
from hotspot_plugin.layers import areas as module

CONTEXT = QgsCoordinateTransformContext()


def read(wkts, kind="Polygon", crs="EPSG:27700", to="EPSG:27700", kinds=(module.POLYGON,), **options):
    layer = QgsVectorLayer(f"{kind}?crs={crs}&field=n:double&field=t:string", "areas", "memory")
    layer.setCrs(QgsCoordinateReferenceSystem(crs))
    features = []
    for i, wkt in enumerate(wkts):
        feature = QgsFeature(layer.fields())
        if wkt is not None:
            feature.setGeometry(QgsGeometry.fromWkt(wkt))
        feature.setAttributes([float(i), f"t{i}"])
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    definition = QgsProcessingParameterFeatureSource("INPUT", "Input")
    context = QgsProcessingContext()
    source = QgsProcessingParameters.parameterAsSource(definition, {"INPUT": layer}, context)
    return module.read_areas(source, "INPUT", kinds, QgsCoordinateReferenceSystem(to), CONTEXT, **options)


SQUARE = "POLYGON((0 0,10 0,10 10,0 10,0 0))"


def test_geometry_columns_and_account():
    areas = read([SQUARE, None, "POLYGON EMPTY", "POLYGON((20 0,30 0,30 5,20 5,20 0))"], numbers=["n"], texts=["t"])
    assert len(areas) == 2 and areas.account.rows == 4
    assert areas.account.excluded == 2
    np.testing.assert_allclose(areas.areas_m2, [100, 50])
    np.testing.assert_allclose(areas.centroids, [[5, 5], [25, 2.5]])
    np.testing.assert_array_equal(areas.columns["n"], [0, 3])
    assert areas.columns["t"].tolist() == ["t0", "t3"] and areas.rows.tolist() == [0, 3]


def test_a_bow_tie_is_repaired_and_counted():
    areas = read(["POLYGON((0 0,10 10,10 0,0 10,0 0))"])
    assert areas.repaired == 1 and areas.areas_m2[0] == pytest.approx(50)
    assert areas.geometries[0].isGeosValid()


def test_curves_and_heights_become_plain():
    areas = read(["CURVEPOLYGON(COMPOUNDCURVE(CIRCULARSTRING(0 0,5 5,10 0),(10 0,0 0)))"], kind="CurvePolygon")
    assert areas.areas_m2[0] == pytest.approx(np.pi * 25 / 2, rel=1e-3)
    areas = read(["POLYGONZ((0 0 1,10 0 1,10 10 1,0 10 1,0 0 1))"], kind="PolygonZ")
    assert areas.rings()[0].shape == (5, 2)


def test_rings_of_parts_and_holes():
    hole = "POLYGON((0 0,10 0,10 10,0 10,0 0),(2 2,3 2,3 3,2 2))"
    two = "MULTIPOLYGON(((20 0,30 0,30 5,20 0)),((40 0,50 0,50 5,45 9,40 0)))"
    vertices, owner, start = read([hole, two], kind="MultiPolygon").rings()
    assert start.tolist() == [0, 5, 9, 13] and owner.tolist() == [0] * 9 + [1] * 9
    np.testing.assert_array_equal(vertices[start], vertices[[4, 8, 12, 17]])  # closed


def test_degrees_are_projected():
    areas = read(["POLYGON((-1.5 53.8,-1.49 53.8,-1.49 53.81,-1.5 53.81,-1.5 53.8))"], crs="EPSG:4326", to="EPSG:32630")
    # 0.01 degrees at 53.8 N on WGS 84: 658.9 m by 1112.9 m (Vincenty), UTM scale .9997 here
    assert areas.areas_m2[0] == pytest.approx(659 * 1113, rel=3e-3)


def test_wrong_types_and_nothing_usable_are_refused():
    with pytest.raises(InputError, match="polygons"):
        read(["LINESTRING(0 0,1 1)"], kind="LineString")
    with pytest.raises(InputError, match="no feature with a usable geometry"):
        read([None, "POLYGON EMPTY"])


def test_lines():
    areas = read(["LINESTRING(0 0,3 4)"], kind="LineString", kinds=(module.LINE,))
    np.testing.assert_allclose(areas.lengths_m, [5])


MIXED = [SQUARE, "LINESTRING(0 0,1 1)", "GEOMETRYCOLLECTION(POINT(1 1),POLYGON((0 0,4 0,4 4,0 4,0 0)))", "POINT(1 1)"]


def test_a_file_of_mixed_types_that_opens_as_polygons(tmp_path):
    path = str(tmp_path / "any.gpkg")
    dataset = ogr.GetDriverByName("GPKG").CreateDataSource(path)
    layer = dataset.CreateLayer("any", geom_type=ogr.wkbUnknown)
    for wkt in MIXED:
        feature = ogr.Feature(layer.GetLayerDefn())
        feature.SetGeometryDirectly(ogr.CreateGeometryFromWkt(wkt))
        layer.CreateFeature(feature)
    del feature, layer, dataset
    layer = QgsVectorLayer(path, "any", "ogr")
    layer.setCrs(QgsCoordinateReferenceSystem("EPSG:27700"))
    definition = QgsProcessingParameterFeatureSource("INPUT", "Input")
    source = QgsProcessingParameters.parameterAsSource(definition, {"INPUT": layer}, QgsProcessingContext())
    areas = module.read_areas(source, "INPUT", (module.POLYGON,), layer.crs(), CONTEXT)
    assert areas.areas_m2.tolist() == [100, 16] and areas.rows.tolist() == [0, 2]
    assert {e.reason: e.count for e in areas.account.left_out} == {"another type of geometry": 2}


def test_collections_keep_what_the_tool_takes():
    wkts = [f"GEOMETRYCOLLECTION({wkt})" for wkt in (MIXED[3], MIXED[1], SQUARE)]
    areas = read(wkts, kind="GeometryCollection")
    assert areas.kind == module.POLYGON and areas.areas_m2.tolist() == [100] and areas.account.excluded == 2
    with pytest.raises(InputError, match="needs polygons"):
        read(wkts[:2], kind="GeometryCollection")


def test_a_system_that_cannot_be_reached_is_refused():
    moon = QgsCoordinateReferenceSystem()
    moon.createFromProj("+proj=longlat +a=1737400 +b=1737400 +no_defs")
    layer = QgsVectorLayer("Polygon", "moon", "memory")
    feature = QgsFeature(layer.fields())
    feature.setGeometry(QgsGeometry.fromWkt(SQUARE))
    layer.dataProvider().addFeatures([feature])
    layer.setCrs(moon)
    definition = QgsProcessingParameterFeatureSource("INPUT", "Input")
    source = QgsProcessingParameters.parameterAsSource(definition, {"INPUT": layer}, QgsProcessingContext())
    with pytest.raises(InputError, match="no way"):
        module.read_areas(source, "INPUT", (module.POLYGON,), QgsCoordinateReferenceSystem("EPSG:32632"), CONTEXT)
