"""Made-up areas with roles, as layers and as tables of counts."""

from __future__ import annotations

from qgis.core import QgsFeature, QgsGeometry, QgsRectangle, QgsVectorLayer

from tests.algorithms.evaluation.comparing import EAST, NORTH

ROLES = ("treated", "control", "treated_displacement", "control_displacement")


def count_table(rows, geometry=False, more=""):
    """Rows are (role, before, after, *more); each area is a square in a row."""
    kind = "Polygon?crs=EPSG:32630&" if geometry else "None?"
    layer = QgsVectorLayer(f"{kind}field=role:string&field=n_2022:double&field=n_2023:double{more}", "places", "memory")
    features = []
    for i, row in enumerate(rows):
        feature = QgsFeature(layer.fields())
        if geometry:
            feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(
                EAST + i * 100, NORTH, EAST + (i + 1) * 100, NORTH + 100)))
        feature.setAttributes(list(row))
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    layer.updateExtents()
    return layer


def square_layer(each, roles, columns=0):
    """Squares of 100 m: so many of each role in a row, or one each in rows of so many columns."""
    layer = QgsVectorLayer("Polygon?crs=EPSG:32630&field=role:string", "places", "memory")
    features = []
    for i, role in enumerate(role for role in roles for _ in range(each)):
        row, column = divmod(i, columns) if columns else (0, i)
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(
            EAST + column * 100, NORTH + row * 100, EAST + (column + 1) * 100, NORTH + (row + 1) * 100)))
        feature.setAttributes([role])
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    layer.updateExtents()
    return layer
