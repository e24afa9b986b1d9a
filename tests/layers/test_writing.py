"""Values leave as they are, or the run fails."""

from __future__ import annotations

import time

import numpy as np
import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeatureSink,
    QgsRasterLayer,
)

from hotspot_plugin.layers import writing


@pytest.mark.parametrize("column, kind, values", [
    (np.array([1, 2], np.int32), "integer", [1, 2]),
    (np.array([1.5, np.nan, np.inf]), "number", [1.5, None, None]),
    (np.array([True, False]), "boolean", [True, False]),
    (np.array(["a", None], object), "text", ["a", None]),
    (np.array([np.int64(3), None], object), "integer", [3, None]),
    (np.array([np.float64(1.5), np.nan, None], object), "number", [1.5, None, None]),
    (np.ma.array([1, 2], mask=[False, True]), "integer", [1, None]),
])
def test_columns_become_python_values(column, kind, values):
    assert writing.kind_of(column) == kind
    made = writing.to_values(column)
    assert made == values and all(not isinstance(v, np.generic) for v in made)


@pytest.mark.parametrize("zone", ["UTC", "Europe/London", "America/Vancouver", "Pacific/Auckland"])
def test_the_wall_clock_survives_any_time_zone(zone, monkeypatch):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        written = ["2019-03-31T01:30", "2019-03-10T02:30", "2018-09-30T02:30", "2017-07-01T00:00", "1899-12-31T23:59"]
        values = writing.to_values(np.array(written + ["NaT"], "M8[ms]"))
        assert [v.toString("yyyy-MM-ddTHH:mm") for v in values[:-1]] == written
        assert values[-1] is None
    finally:
        monkeypatch.undo()
        time.tzset()


class Refusing(QgsFeatureSink):
    """A sink that is full."""

    def addFeatures(self, features, flags=None):
        return False

    def addFeature(self, feature, flags=None):
        return False

    def lastError(self):
        return "disk full"


def test_a_refused_feature_is_an_error():
    fields = writing.new_fields({"a": np.array([1])})
    with pytest.raises(writing.OutputError, match="disk full.*room and permission"):
        writing.write_features(Refusing(), fields, None, [[1]], 1, "OUTPUT")


def test_rings_are_closed_by_copying():
    ring = np.array([[[0, 0], [0.1, 0], [0.1, 0.1], [0, 0]]])
    geometry = next(writing.polygons_from_array(ring))
    assert geometry.asWkt(1) == "Polygon ((0 0, 0.1 0, 0.1 0.1, 0 0))" and geometry.isGeosValid()


def test_points_without_coordinates_are_null():
    shapes = list(writing.points_from_arrays(np.array([1.0, np.nan]), np.array([2.0, 3.0])))
    assert shapes[0].asPoint().x() == 1 and shapes[1].isNull()


def test_raster_round_trip(tmp_path):
    path = str(tmp_path / "r.tif")
    array = np.array([[1.0, 2.0, np.nan], [4.0, 5.0, 6.0]])
    writing.write_raster(path, array, 100.0, 220.0, 10.0, QgsCoordinateReferenceSystem("EPSG:27700"), "made")
    layer = QgsRasterLayer(path, "r")
    box = layer.extent()
    assert (box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()) == (100, 200, 130, 220)
    assert layer.crs().authid() == "EPSG:27700"
    block = layer.dataProvider().block(1, box, 3, 2)
    assert block.value(0, 1) == 2 and block.isNoData(0, 2) and block.value(1, 2) == 6


def test_a_raster_that_cannot_be_written_is_an_error(tmp_path):
    crs = QgsCoordinateReferenceSystem("EPSG:27700")
    with pytest.raises(writing.OutputError, match="Check the folder"):
        writing.write_raster(str(tmp_path / "no" / "r.tif"), np.ones((2, 2)), 0, 0, 1, crs, "made")


def test_rows_are_converted_in_slices():
    n = 2 * writing.CHUNK + 3
    columns = {"a": np.arange(n), "b": ["x"] * n, "c": np.full(n, np.nan)}
    rows = list(writing.rows_of(columns, n))
    assert len(rows) == n and rows[0] == (0, "x", None) and rows[-1] == (n - 1, "x", None)
    assert list(writing.rows_of({}, 3)) == [(), (), ()]
