"""Corners taken from WKB against those that QGIS itself gives."""

from __future__ import annotations

import numpy as np
import pytest
from qgis.core import QgsGeometry

from hotspot_plugin.layers import rings

SHAPES = [
    "Polygon ((0 0, 10 0, 10 10, 0 10, 0 0))",
    "Polygon ((0 0, 9 0, 9 9, 0 9, 0 0),(1 1, 2 1, 2 2, 1 1),(5 5, 6 5, 6 6, 5 5))",
    "MultiPolygon (((20 0, 30 0, 30 10, 20 0)))",
    "MultiPolygon (((0 0, 1 0, 1 1, 0 0)),((5 5, 9 5, 9 9, 5 5),(6 5.5, 7 5.5, 7 6, 6 5.5)))",
    "Polygon ((3 3, 4 3, 4 4.25, 3 3))",
    "Polygon EMPTY",
    "MultiPolygon (((0 0, 9 0, 9 9, 0 9, 0 0),(1 1, 2 1, 2 2, 1 1)))",
    "MultiPolygon EMPTY",
    "Polygon ((1e7 1e-7, 2e7 1e-7, 2e7 5, 1e7 1e-7))",
]


def _by_qgis(geometries: list) -> tuple:
    corners, owner, start = [], [], []
    for i, geometry in enumerate(geometries):
        polygons = geometry.asMultiPolygon() if geometry.isMultipart() else [geometry.asPolygon()]
        for ring in (ring for polygon in polygons for ring in polygon):
            start.append(len(corners))
            corners += [(point.x(), point.y()) for point in ring]
            owner += [i] * len(ring)
    return np.array(corners, float).reshape(-1, 2), np.array(owner, int), np.array(start, int)


@pytest.mark.parametrize("chosen", [range(9), [0], [1], [5, 7], [0, 2, 4, 8], [7, 3, 5, 1], [6, 5, 0]])
def test_rings_equal_those_of_qgis(chosen) -> None:
    geometries = [QgsGeometry.fromWkt(SHAPES[i]) for i in chosen]
    found = rings.from_wkb([geometry.asWkb().data() for geometry in geometries])
    for ours, theirs in zip(found, _by_qgis(geometries)):
        np.testing.assert_array_equal(ours, theirs)


def test_no_shapes_give_empty_arrays() -> None:
    vertices, owner, start = rings.from_wkb([])
    assert vertices.shape == (0, 2)
    assert owner.size == start.size == 0
