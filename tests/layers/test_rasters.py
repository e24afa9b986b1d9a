"""Values of rasters at positions."""

from __future__ import annotations

import numpy as np
import pytest
from osgeo import gdal, osr
from qgis.core import QgsCoordinateReferenceSystem, QgsProject

from hotspot_plugin.analysis.errors import InputError
from hotspot_plugin.layers import crs as crs_module
from hotspot_plugin.layers.rasters import unit_of, values_at

UTM = QgsCoordinateReferenceSystem("EPSG:32630")


def raster(path, array, corner=(500_000.0, 5_900_100.0), cell=10.0, epsg=32630, nothing=-9999.0, unit=""):
    rows, columns = array.shape
    made = gdal.GetDriverByName("GTiff").Create(str(path), columns, rows, 1, gdal.GDT_Float32)
    made.SetGeoTransform((corner[0], cell, 0, corner[1], 0, -cell))
    if epsg:
        system = osr.SpatialReference()
        system.ImportFromEPSG(epsg)
        made.SetProjection(system.ExportToWkt())
    made.GetRasterBand(1).SetNoDataValue(nothing)
    made.GetRasterBand(1).WriteArray(array)
    made.GetRasterBand(1).SetUnitType(unit)
    made.FlushCache()
    return str(path)


def at(path, x, y, crs=UTM):
    return values_at(path, "LUX", np.array(x, float), np.array(y, float), crs,
                     QgsProject.instance().transformContext())


def test_the_cell_that_holds_the_position(tmp_path):
    path = raster(tmp_path / "a.tif", np.arange(20.0).reshape(4, 5))
    # row 0 is the north
    assert at(path, [500_001, 500_049, 500_025], [5_900_099, 5_900_061, 5_900_075]).tolist() == [0.0, 19.0, 12.0]


def test_outside_and_no_value_are_not_numbers(tmp_path):
    array = np.arange(20.0).reshape(4, 5)
    array[1, 1] = -9999.0
    path = raster(tmp_path / "a.tif", array)
    assert np.isnan(at(path, [499_999, 500_051, 500_015], [5_900_095, 5_900_095, 5_900_085])).all()
    assert np.isnan(at(path, [500_005, 500_005], [5_900_101, 5_900_059])).all()


def test_many_strips_are_as_one(tmp_path, monkeypatch):
    rng = np.random.default_rng(1)
    path = raster(tmp_path / "a.tif", rng.uniform(0, 9, (40, 30)))
    x, y = rng.uniform(500_000, 500_300, 200), rng.uniform(5_899_700, 5_900_100, 200)
    whole = at(path, x, y)
    monkeypatch.setattr("hotspot_plugin.layers.rasters._CELLS", 90)
    assert (at(path, x, y) == whole).all() and np.isfinite(whole).all()


def test_positions_of_another_system(tmp_path):
    path = raster(tmp_path / "a.tif", np.arange(20.0).reshape(4, 5))
    degrees = QgsCoordinateReferenceSystem("EPSG:4326")
    x, y = crs_module.transform_points(np.array([500_025.0]), np.array([5_900_075.0]), UTM, degrees,
                                       QgsProject.instance().transformContext())
    assert at(path, x, y, degrees).tolist() == [12.0]


def test_the_unit(tmp_path):
    assert unit_of(raster(tmp_path / "a.tif", np.zeros((2, 2)), unit="fc"), "LUX") == "fc"
    assert unit_of(raster(tmp_path / "b.tif", np.zeros((2, 2))), "LUX") == ""


def test_what_is_no_raster_is_refused(tmp_path):
    (tmp_path / "a.txt").write_text("no raster")
    with pytest.raises(InputError, match="cannot be opened"):
        at(str(tmp_path / "a.txt"), [0], [0])
    with pytest.raises(InputError, match="reference system"):
        at(raster(tmp_path / "b.tif", np.zeros((2, 2)), epsg=0), [0], [0])
