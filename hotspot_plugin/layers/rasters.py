"""Values of rasters at positions."""

from __future__ import annotations

from typing import Any

import numpy as np
from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransformContext

from ..analysis.errors import InputError
from ..analysis.progress import Progress, part, silent
from .crs import transform_points

#: Cells read at once.
_CELLS = 4_000_000


def values_at(
    source: str,
    parameter: str,
    x: np.ndarray,
    y: np.ndarray,
    crs: QgsCoordinateReferenceSystem,
    context: QgsCoordinateTransformContext,
    progress: Progress = silent,
) -> np.ndarray:
    """Return the value of the cell, of the first band, that holds each position.

    Parameters
    ----------
    source : str
        What GDAL can open.
    parameter : str
        The parameter that errors shall name.
    x, y : (n,) array of float
        In ``crs``.
    crs, context
        System of the positions, and how to get from it to that of the raster.

    Returns
    -------
    (n,) array of float
        NaN outside of the raster and where it has no value.
    """
    from osgeo import gdal

    dataset = _opened(gdal, source, parameter)
    turn = gdal.InvGeoTransform(dataset.GetGeoTransform())
    system = QgsCoordinateReferenceSystem.fromWkt(dataset.GetProjection())
    if turn is None or not system.isValid():
        raise InputError(parameter, "The raster does not say where it lies. Give it a coordinate reference system.")
    px, py = transform_points(x, y, crs, system, context, part(progress, 0.0, 0.2), parameter)
    column, row = turn[0] + turn[1] * px + turn[2] * py, turn[3] + turn[4] * px + turn[5] * py
    wide, high = dataset.RasterXSize, dataset.RasterYSize
    out = np.full(len(px), np.nan)
    inside = np.flatnonzero((column >= 0) & (column < wide) & (row >= 0) & (row < high))
    column, row = column[inside].astype(np.int64), row[inside].astype(np.int64)
    band = dataset.GetRasterBand(1)
    nothing, scale, offset = band.GetNoDataValue(), band.GetScale(), band.GetOffset()
    strip = max(1, _CELLS // wide)
    order = np.argsort(row, kind="stable")
    limits = np.searchsorted(row[order], np.arange(0, high + strip, strip))
    for k in range(len(limits) - 1):
        progress(0.2 + 0.8 * k / (len(limits) - 1))
        chosen = order[limits[k] : limits[k + 1]]
        if not len(chosen):
            continue
        first, last = int(row[chosen].min()), int(row[chosen].max())
        cells = band.ReadAsArray(0, first, wide, last - first + 1)
        if cells is None:
            raise InputError(parameter, "The raster cannot be read. Choose another file.")
        found = cells[row[chosen] - first, column[chosen]].astype(np.float64)
        if nothing is not None:
            found[found == float(nothing)] = np.nan
        out[inside[chosen]] = found * (scale if scale else 1.0) + (offset or 0.0)
    progress(1.0)
    return out


def unit_of(source: str, parameter: str) -> str:
    """Return the unit that the first band of a raster states, "" where it states none."""
    from osgeo import gdal

    dataset = _opened(gdal, source, parameter)  # a band without its dataset would crash
    return dataset.GetRasterBand(1).GetUnitType() or ""


def _opened(gdal: Any, source: str, parameter: str) -> Any:
    try:
        dataset = gdal.OpenEx(source.split("|")[0], gdal.OF_RASTER | gdal.OF_READONLY)
    except RuntimeError:  # where the process has GDAL's exceptions on
        dataset = None
    if dataset is None or not dataset.RasterCount:
        raise InputError(parameter, "The raster cannot be opened. Choose a raster file.")
    return dataset
