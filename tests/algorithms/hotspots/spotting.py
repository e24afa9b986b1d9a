"""Small layers for the tests of hot spots."""

from __future__ import annotations

import numpy as np
from qgis.core import QgsFeature, QgsGeometry, QgsVectorLayer

WEST, SOUTH = 500_000.0, 5_900_000.0


def points(x, y, crs="EPSG:32630", **columns):
    """Make a layer of points with columns of numbers or texts."""
    kinds = {name: "double" if np.asarray(values).dtype.kind == "f" else "string" for name, values in columns.items()}
    fields = "".join(f"&field={name}:{kind}" for name, kind in kinds.items())
    layer = QgsVectorLayer(f"Point?crs={crs}{fields}", "incidents", "memory")
    features = []
    for i in range(len(x)):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromWkt(f"POINT({float(x[i])!r} {float(y[i])!r})"))
        values = [column[i] for column in columns.values()]
        feature.setAttributes([None if v is None or v != v else (float(v) if isinstance(v, float) else str(v))
                               for v in values])  # fmt: skip
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    return layer


def table(layer):
    """Columns of a layer as arrays."""
    rows = [f.attributes() for f in layer.getFeatures()]
    return {name: np.array([row[i] for row in rows], object) for i, name in enumerate(layer.fields().names())}
