"""The nearest feature of points, lines and polygons, within a distance."""

from __future__ import annotations

import numpy as np
import pytest
from qgis.core import QgsFeature, QgsGeometry, QgsProcessingFeatureSource, QgsProject, QgsVectorLayer

from hotspot_plugin.layers.areas import LINE, POINT, POLYGON, read_areas
from hotspot_plugin.layers.nearest import nearest_feature


def layer_of(kind, texts):
    layer = QgsVectorLayer(f"{kind}?crs=EPSG:32630", "layer", "memory")
    features = []
    for text in texts:
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromWkt(text))
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    layer.updateExtents()
    context = QgsProject.instance().transformContext()
    from qgis.core import QgsProcessingContext

    source = QgsProcessingFeatureSource(layer, QgsProcessingContext())
    areas = read_areas(source, "PLACES", [POINT, LINE, POLYGON], layer.crs(), context)
    return layer, areas


X, Y = np.array([0.0, 12.0, 40.0, np.nan]), np.array([0.0, 0.0, 0.0, 0.0])


@pytest.mark.parametrize(("kind", "texts", "features", "distances"), [
    ("Point", ["POINT(3 0)", "POINT(17 0)", "POINT(-3 0)"], [0, 1, -1, -1], [3.0, 5.0, np.nan, np.nan]),
    ("MultiPoint", ["MULTIPOINT((100 0),(12 4))", "MULTIPOINT((0 1))"], [1, 0, -1, -1], [1.0, 4.0, np.nan, np.nan]),
    ("LineString", ["LINESTRING(-5 5,5 5)", "LINESTRING(30 -9,50 -9)"], [0, 0, 1, -1],
     [5.0, np.hypot(7, 5), 9.0, np.nan]),
    ("Polygon", ["POLYGON((-5 -5,5 -5,5 5,-5 5,-5 -5))", "POLYGON((20 -5,30 -5,30 5,20 5,20 -5))"], [0, 0, 1, -1],
     [0.0, 7.0, 10.0, np.nan]),
])
def test_nearest_within_ten_metres(qgis_app, kind, texts, features, distances):
    _layer, areas = layer_of(kind, texts)
    feature, distance = nearest_feature(areas, X, Y, 10.0)
    assert feature.tolist() == features
    assert distance == pytest.approx(np.array(distances), nan_ok=True)


def test_a_distance_of_nothing_takes_polygons_around(qgis_app):
    _layer, areas = layer_of("Polygon", ["POLYGON((-5 -5,5 -5,5 5,-5 5,-5 -5))"])
    assert nearest_feature(areas, X, Y, 0.0)[0].tolist() == [0, -1, -1, -1]
