"""Features as pieces: distances against QGIS's own, positions spread over features."""

from __future__ import annotations

import numpy as np
import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsFields, QgsGeometry

from hotspot_plugin.analysis.account import Account
from hotspot_plugin.layers import shapes
from hotspot_plugin.layers.areas import LINE, POINT, POLYGON, Areas


def layer(wkts, kind):
    geometries = [QgsGeometry.fromWkt(w) for w in wkts]
    return Areas(geometries, QgsFields(), [[] for _ in wkts], {}, {}, np.arange(len(wkts)), Account("x", len(wkts)),
                 QgsCoordinateReferenceSystem("EPSG:32630"), kind)


def scene(rng, kind, count):
    out = []
    for _ in range(count):
        x, y = rng.uniform(0, 500, 2)
        if kind == POINT:
            out.append(f"POINT({x} {y})")
        elif kind == LINE:
            out.append(f"LINESTRING({x} {y},{x + rng.normal(0, 40)} {y + rng.normal(0, 40)},{x + 30} {y - 20})")
        else:
            a, b = rng.uniform(5, 80, 2)
            hole = f",({x + 1} {y + 1},{x + a / 2} {y + 1},{x + a / 2} {y + b / 2},{x + 1} {y + 1})" if a > 40 else ""
            out.append(f"POLYGON(({x} {y},{x + a} {y},{x + a} {y + b},{x} {y + b},{x} {y}){hole})")
    return layer(out, kind)


@pytest.mark.parametrize("ours", [POINT, LINE, POLYGON])
@pytest.mark.parametrize("theirs", [POINT, LINE, POLYGON])
def test_distances_are_those_of_qgis(ours, theirs):
    rng = np.random.default_rng(7)
    units, others = scene(rng, ours, 40), scene(rng, theirs, 50)
    expected = np.array([[a.distance(b) for b in others.geometries] for a in units.geometries])
    found = shapes.pairs_within(units, others, 25.0)
    assert np.column_stack([found.one, found.other]).tolist() == np.argwhere(expected <= 25.0).tolist()
    assert found.distance == pytest.approx(expected[found.one, found.other], abs=1e-6)
    feature, distance = shapes.nearest(units, others)
    assert distance == pytest.approx(expected.min(axis=1), abs=1e-6)
    assert expected[np.arange(40), feature] == pytest.approx(distance, abs=1e-6)


def test_parts_of_one_feature():
    units = layer(["MULTIPOLYGON(((0 0,10 0,10 10,0 10,0 0)),((100 0,110 0,110 10,100 10,100 0)))"], POLYGON)
    others = layer(["MULTILINESTRING((500 500,501 500),(104 4,105 5))", "LINESTRING(50 0,51 0)"], LINE)
    found = shapes.pairs_within(units, others, 0.0)
    assert (found.other.tolist(), found.distance.tolist()) == ([0], [0])


def test_an_empty_layer():
    units = layer(["POINT(0 0)"], POINT)
    assert len(shapes.pairs_within(units, layer([], LINE), 5).one) == 0
    feature, distance = shapes.nearest(units, layer([], POLYGON))
    assert feature.tolist() == [-1] and np.isnan(distance[0])


def test_positions_along_lines():
    units = layer(["LINESTRING(0 0,3 0,10 0)", "LINESTRING(0 5,1 5)", "MULTILINESTRING((0 9,4 9),(20 9,24 9))"], LINE)
    xy, owner = shapes.samples(units, 2.0)
    order = np.lexsort((xy[:, 0], owner))
    xy, owner = xy[order], owner[order]
    assert xy[owner == 0, 0] == pytest.approx([1, 3, 5, 7, 9])
    assert xy[owner == 1].tolist() == [[0.5, 5]]
    assert xy[owner == 2, 0] == pytest.approx([1, 3, 21, 23])
    assert len(shapes.samples(layer(["LINESTRING(0 0,10000 0)"], LINE), 1.0, most=50)[0]) == 50


def test_positions_in_polygons():
    units = layer(["POLYGON((0 0,100 0,100 100,0 100,0 0),(0.5 0.5,50 0.5,50 50,0.5 50,0.5 0.5))",
                   "POLYGON((200 0,200.2 0,200.1 90,200 0))"], POLYGON)
    xy, owner = shapes.samples(units, 10.0)
    assert set(owner.tolist()) == {0, 1}
    mine = xy[owner == 0]
    assert len(mine) == 75 and not ((mine < 50).all(axis=1)).any()
    for i, geometry in enumerate(units.geometries):
        assert all(geometry.contains(QgsGeometry.fromWkt(f"POINT({x} {y})").asPoint()) for x, y in xy[owner == i])


def test_points_are_their_own_positions():
    xy, owner = shapes.samples(layer(["POINT(1 2)", "MULTIPOINT((3 4),(5 6))"], POINT), 1.0)
    assert xy.tolist() == [[1, 2], [3, 4], [5, 6]] and owner.tolist() == [0, 1, 1]
