"""The ground of zones, and what of streets and residents lies in it."""

from __future__ import annotations

import numpy as np
import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsFields, QgsGeometry

from hotspot_plugin.analysis.account import Account
from hotspot_plugin.layers.areas import LINE, POINT, POLYGON, Areas
from hotspot_plugin.layers.lengths import LinesInside, sums_inside, within
from hotspot_plugin.layers.zones import ZoneShapes, overlapping


def square(x, y, side=100.0):
    return QgsGeometry.fromWkt(
        f"Polygon (({x} {y}, {x + side} {y}, {x + side} {y + side}, {x} {y + side}, {x} {y}))")


def layer(geometries, kind):
    return Areas(geometries, QgsFields(), [[]] * len(geometries), {}, {}, np.arange(len(geometries)), Account("x"),
                 QgsCoordinateReferenceSystem("EPSG:32630"), kind)


def test_one_area_keeps_its_shape():
    shapes = ZoneShapes([square(0, 0)], 100.0)
    assert shapes.shape([0]).equals(square(0, 0)) and shapes.measure([0]) == pytest.approx(1e4)


def test_touching_areas_are_united_without_more_ground():
    shapes = ZoneShapes([square(0, 0), square(100, 0), square(100, 100)], 100.0)
    zone = shapes.shape([0, 1, 2])
    assert zone.area() == pytest.approx(3e4) and not zone.isMultipart()


def test_a_gap_within_the_distance_becomes_ground_of_the_zone():
    shapes = ZoneShapes([square(0, 0), square(150, 0)], 60.0)
    zone = shapes.shape([0, 1])
    assert not zone.isMultipart() and 2.4e4 < zone.area() <= 2.5e4 + 1
    assert shapes.measure([0, 1]) == pytest.approx(zone.area())


def test_areas_that_a_gap_cannot_connect_become_their_hull():
    shapes = ZoneShapes([square(0, 0), square(140, 140)], 60.0)
    assert shapes.shape([0, 1]).equals(QgsGeometry.collectGeometry([square(0, 0), square(140, 140)]).convexHull())


def test_holes_are_filled():
    ring = [square(x, y) for x in (0, 100, 200) for y in (0, 100, 200) if (x, y) != (100, 100)]
    assert ZoneShapes(ring, 50.0).shape(range(8)).area() == pytest.approx(9e4)


def test_zones_share_no_ground():
    # the third area lies in the gap between the first two
    areas = [square(0, 0), square(160, 0), square(110, 20, 40)]
    shapes = ZoneShapes(areas, 100.0)
    zone = shapes.shape([0, 1])
    assert zone.intersection(areas[2]).area() < 1
    other = ZoneShapes([square(0, 0), square(150, 0)], 100.0)
    taken = square(110, 0, 30)
    assert other.shape([0, 1], [taken]).intersection(taken).area() < 1


def test_a_hook_around_other_ground_is_no_zone():
    hook = [square(0, y) for y in range(0, 500, 100)] + [square(x, 0) for x in range(100, 500, 100)]
    assert ZoneShapes(hook, 10.0).measure(range(9)) == np.inf
    assert ZoneShapes(hook[:2], 10.0).measure(range(2)) == pytest.approx(2e4)


def test_the_boundary_ends_a_zone():
    shapes = ZoneShapes([square(0, 0), square(500, 0)], 100.0, square(0, 0, 150))
    assert shapes.clipped(square(100, 0)).area() == pytest.approx(5e3)
    assert shapes.clipped(square(0, 0)).area() == pytest.approx(1e4)
    assert shapes.clipped(square(500, 0)).isEmpty()


def test_which_areas_are_near():
    shapes = ZoneShapes([square(0, 0), square(150, 0), square(150, 160), square(1000, 0)], 60.0)
    assert shapes.near().toarray().tolist() == [[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0]]


def test_overlapping_ground_is_measured():
    assert overlapping([square(0, 0), square(50, 0), square(500, 0)]) == pytest.approx(5e3)


def test_metres_of_street_in_a_polygon():
    lines = [QgsGeometry.fromWkt(wkt) for wkt in (
        "LineString (-50 50, 50 50)",           # half inside
        "LineString (10 10, 10 90)",            # inside
        "MultiLineString ((20 -20, 20 20), (300 0, 400 0))",
        "LineString (500 500, 600 600)",
    )]
    streets = LinesInside(layer(lines, LINE))
    assert streets.length(square(0, 0)) == pytest.approx(50 + 80 + 20)
    assert streets.length(square(1000, 1000)) == 0.0


def test_residents_of_cut_areas_are_shared_by_area():
    census = layer([square(0, 0), square(100, 0)], POLYGON)
    found = sums_inside([square(50, 0), square(1000, 0)], census, [np.array([100.0, 60.0]), np.array([10.0, np.nan])])
    assert found.tolist() == [[pytest.approx(50 + 30), pytest.approx(5.0)], [0, 0]]


def test_residents_at_points():
    census = layer([QgsGeometry.fromWkt("Point (10 10)"), QgsGeometry.fromWkt("Point (210 10)")], POINT)
    assert sums_inside([square(0, 0)], census, [np.array([7.0, 9.0])]).tolist() == [[7.0]]
    assert within(square(0, 0), census).tolist() == [1.0, 0.0]


def test_the_share_of_areas_within_a_boundary():
    census = layer([square(0, 0), square(50, 0), square(300, 0)], POLYGON)
    assert within(square(0, 0), census).tolist() == [pytest.approx(1.0), pytest.approx(0.5), 0.0]
