"""Small layers for the tests of 'Generate patrol zones'."""

from __future__ import annotations

from qgis.core import QgsFeature, QgsGeometry, QgsPointXY, QgsVectorLayer

X, Y = 500_000.0, 5_900_000.0


def polygons(boxes, columns=None, crs="EPSG:32630"):
    """A layer of rectangles (x, y, width, height in metres from a corner) with columns of numbers."""
    columns = columns or {}
    fields = "".join(f"&field={name}:double" for name in columns)
    layer = QgsVectorLayer(f"Polygon?crs={crs}{fields}", "areas", "memory")
    features = []
    for i, (x, y, w, h) in enumerate(boxes):
        feature = QgsFeature(layer.fields())
        ring = [(x, y), (x + w, y), (x + w, y + h), (x, y + h)]
        feature.setGeometry(QgsGeometry.fromPolygonXY([[QgsPointXY(X + a, Y + b) for a, b in ring]]))
        feature.setAttributes([None if column[i] is None else float(column[i]) for column in columns.values()])
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    return layer


def marked(places, **columns):
    """A layer of points with columns of texts (or whole numbers, or yes and no)."""
    kinds = {bool: "boolean", int: "integer"}
    first = {name: next((v for v in values if v is not None), "") for name, values in columns.items()}
    fields = "".join(f"&field={name}:{kinds.get(type(first[name]), 'string')}" for name in columns)
    layer = QgsVectorLayer(f"Point?crs=EPSG:32630{fields}", "incidents", "memory")
    features = []
    for i, (x, y) in enumerate(places):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(X + x, Y + y)))
        feature.setAttributes([column[i] for column in columns.values()])
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    return layer


def lines(ways):
    layer = QgsVectorLayer("LineString?crs=EPSG:32630", "streets", "memory")
    features = []
    for way in ways:
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromPolylineXY([QgsPointXY(X + x, Y + y) for x, y in way]))
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    return layer


def rows(layer):
    names = layer.fields().names()
    return [dict(zip(names, [None if str(v) == "NULL" else v for v in f.attributes()])) for f in layer.getFeatures()]


def places(count, side=100.0, gap=900.0):
    """Squares far from one another."""
    return [(i * (side + gap), 0, side, side) for i in range(count)]


def spread(count, zone=0, step=7):
    """Points all over the square of a zone, each a place of its own."""
    return [(zone * 1000 + 2 + i * step % 96, 2 + i * 13 % 95) for i in range(count)]
