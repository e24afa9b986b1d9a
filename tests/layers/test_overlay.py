"""Incidents given to QGIS polygons and lines: the same answer as QGIS, and one for ties."""

from __future__ import annotations

import numpy as np
import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsFields, QgsGeometry, QgsPointXY

from hotspot_plugin.analysis.account import Account
from hotspot_plugin.layers.areas import LINE, POLYGON, Areas
from hotspot_plugin.layers.overlay import assign_nearest, assign_points


def areas_of(*texts, kind=POLYGON):
    shapes = [QgsGeometry.fromWkt(text) for text in texts]
    crs = QgsCoordinateReferenceSystem("EPSG:32630")
    return Areas(shapes, QgsFields(), [[]] * len(shapes), {}, {}, np.arange(len(shapes)), Account(), crs, kind)


def test_polygons_with_holes_and_parts_as_qgis_sees_them(qgis_app):
    areas = areas_of(
        "Polygon((0 0, 100 10, 90 95, 3 80, 0 0),(40 40, 60 42, 55 60, 40 40))",
        "MultiPolygon(((100 10, 180 0, 170 60, 95 50, 100 10)),((-50 -50, -10 -40, -30 -10, -50 -50)))",
    )
    rng = np.random.default_rng(1)
    x, y = rng.uniform(-60, 190, (2, 3000))
    found = assign_points(areas, x, y)
    points = [QgsGeometry.fromPointXY(QgsPointXY(a, b)) for a, b in zip(x, y)]
    expected = [next((i for i, g in enumerate(areas.geometries) if g.intersects(p)), -1) for p in points]
    assert found.tolist() == expected


def test_lines_with_parts_as_qgis_sees_them(qgis_app):
    lines = areas_of(
        "LineString(0 0, 100 10, 90 95)", "MultiLineString((100 120, 180 100),(-50 -50, -10 -40, -30 -10))", kind=LINE
    )
    rng = np.random.default_rng(2)
    x, y = rng.uniform(-60, 190, (2, 1000))
    found, distance = assign_nearest(lines, x, y, 25.0)
    points = [QgsGeometry.fromPointXY(QgsPointXY(a, b)) for a, b in zip(x, y)]
    expected = np.array([[g.distance(p) for g in lines.geometries] for p in points])
    near = expected.min(axis=1) <= 25
    assert found.tolist() == np.where(near, expected.argmin(axis=1), -1).tolist()
    assert distance[near] == pytest.approx(expected.min(axis=1)[near], abs=1e-6)


def test_a_position_on_a_shared_side_is_in_one_area(qgis_app):
    areas = areas_of("Polygon((0 0, 0 10, 10 10, 10 0, 0 0))", "Polygon((10 10, 20 10, 20 0, 10 0, 10 10))")
    assert assign_points(areas, np.array([10.0, 10.0, 20.0]), np.array([5.0, 10.0, 5.0])).tolist() == [1, 0, 1]
