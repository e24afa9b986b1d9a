"""Made-up incidents and areas with which two periods are compared, and how results are read."""

from __future__ import annotations

import csv
import gzip

from qgis.core import QgsFeature, QgsGeometry, QgsPointXY, QgsRectangle, QgsVectorLayer

EAST, NORTH = 430_000.0, 5_960_000.0
MONTHS = {"BEFORE_START": "2023-03-01", "BEFORE_END": "2023-03-31", "AFTER_START": "2024-03-01",
          "AFTER_END": "2024-03-31"}
YEARS = {"BEFORE_START": "2023-01-01", "BEFORE_END": "2023-12-31", "AFTER_START": "2024-01-01",
         "AFTER_END": "2024-12-31"}


def incident_layer(rows, name="incidents", kind="Point"):
    """Rows are (x, date text, type); x None has no place."""
    uri = "None?" if kind == "None" else f"{kind}?crs=EPSG:32630&"
    layer = QgsVectorLayer(f"{uri}field=dt_from:string&field=ctype:string", name, "memory")
    features = []
    for x, when, type_ in rows:
        feature = QgsFeature(layer.fields())
        if x is not None and kind == "Point":
            feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(EAST + x, NORTH + 50)))
        feature.setAttributes([when, type_])
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    layer.updateExtents()
    return layer


def area_layer(count=2, size=100.0):
    """Squares in a row; the first holds x from 0 to 100, and so on."""
    layer = QgsVectorLayer("Polygon?crs=EPSG:32630&field=beat:string", "beats", "memory")
    features = []
    for i in range(count):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(EAST + i * size, NORTH, EAST + (i + 1) * size,
                                                              NORTH + size)))
        feature.setAttributes([f"beat {i + 1}"])
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    layer.updateExtents()
    return layer


def many(count, x, day, type_="Theft"):
    return [(x, f"{day}T{i % 24:02d}:30", type_) for i in range(count)]


def rows_of(result):
    layer = result["OUTPUT"]
    layer = layer if isinstance(layer, QgsVectorLayer) else QgsVectorLayer(layer, "out", "ogr")
    names = layer.fields().names()
    return [dict(zip(names, feature.attributes())) for feature in layer.getFeatures()]


def null(value):
    return value is None or str(value) == "NULL"


def vancouver(path):
    """Rows of a year, the masked ones (0, 0) without a place, in EPSG:26910."""
    layer = QgsVectorLayer("Point?crs=EPSG:26910&field=dt_from:string&field=ctype:string", path.name[:14], "memory")
    features = []
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            feature = QgsFeature(layer.fields())
            x, y = float(row["X"] or 0), float(row["Y"] or 0)
            if x and y:
                feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(x, y)))
            date = "{}-{:02d}-{:02d}T{:02d}:{:02d}".format(
                row["YEAR"], *(int(row[k] or 0) for k in ("MONTH", "DAY", "HOUR", "MINUTE")))
            feature.setAttributes([date, row["TYPE"]])
            features.append(feature)
    layer.dataProvider().addFeatures(features)
    layer.updateExtents()
    return layer
