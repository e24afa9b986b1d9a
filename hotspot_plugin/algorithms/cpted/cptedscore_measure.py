"""Measures the indicators of a profile at each place: counts, shares, distances, values, rasters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsExpression,
    QgsExpressionContext,
    QgsFeature,
    QgsGeometry,
)

from ...analysis.cpted import profile as profiles
from ...analysis.cpted.profile import Indicator
from ...analysis.errors import InputError
from ...analysis.progress import Progress
from ...layers import crs as crs_module
from ...layers import shapes
from ...layers.areas import LINE, POLYGON, Areas
from ...layers.zones import spatial_index
from ...translation import tr

#: Metres between the positions at which streets and areas are asked for a raster's value or for what covers them.
_STEP = 5.0


@dataclass
class Found:
    """What an indicator gave.

    Attributes
    ----------
    values : (n,) array
        NaN where it could not be measured.
    missing : str
        Why it could not be measured anywhere, "" if it could.
    """

    values: np.ndarray
    missing: str = ""


class Measurer:
    """Measures indicators of places; each layer is read once.

    Parameters
    ----------
    run : Run
    units : Areas
        The places.
    names : dict
        Name of the layer given for each layer of the profile.
    """

    def __init__(self, run: Any, units: Areas, names: dict) -> None:
        self.run, self.units, self.names = run, units, names
        self.fields = {name.lower(): name for name in run.source_fields("INPUT")}
        self._layers: dict = {}
        self._wanted: dict = {}

    def plan(self, indicators: tuple) -> None:
        """Note which fields of which layers will be asked for, so that each is read with all of them."""
        for indicator in indicators:
            if indicator.layer and indicator.field:
                self._wanted.setdefault(indicator.layer, []).append(indicator.field)

    def measure(self, indicator: Indicator, progress: Progress) -> Found:
        """Measure one indicator at all places."""
        if indicator.measure == profiles.VALUE:
            return self._value(indicator)
        given = self.names.get(indicator.layer)
        if given is None:
            return self._nothing(tr("no layer '{layer}' was given").format(layer=indicator.layer))
        if indicator.measure == profiles.RASTER:
            return self._raster(indicator, given)
        if given.raster:
            raise self._wrong(indicator, tr("'{layer}' is a raster: only the measure raster can read it"))
        layer = self._layer(indicator)
        keep = self._filter(indicator, layer)
        if indicator.field and indicator.field not in layer.columns:
            raise self._wrong(indicator, tr("'{layer}' has no field '{field}'"))
        return Found(self._of_layer(indicator, layer, keep, progress))

    def _of_layer(self, indicator: Indicator, layer: Areas, keep: np.ndarray, progress: Progress) -> np.ndarray:
        if not keep.all():
            layer = _part(layer, keep)
        n = len(self.units)
        if indicator.measure == profiles.DISTANCE:
            if not len(layer):
                return np.full(n, np.nan)
            return shapes.nearest(self.units, layer, progress)[1]
        if indicator.measure == profiles.SHARE:
            return self._share(indicator, layer, progress)
        pairs = shapes.pairs_within(self.units, layer, indicator.distance, progress)
        if indicator.measure in (profiles.COUNT, profiles.DENSITY):
            count = np.bincount(pairs.one, minlength=n).astype(float)
            return count if indicator.measure == profiles.COUNT else count / self._size(indicator)
        values = layer.columns[indicator.field][pairs.other]
        known = np.isfinite(values)
        one, away, values = pairs.one[known], pairs.distance[known], values[known]
        out = np.full(n, np.nan)
        if indicator.measure == profiles.MEAN:
            number = np.bincount(one, minlength=n)
            total = np.bincount(one, values, n)
            return np.divide(total, number, out=out, where=number > 0)
        order = np.lexsort((pairs.other[known], away, one))
        first = np.unique(one[order], return_index=True)[1]
        out[one[order][first]] = values[order][first]
        return out

    def _size(self, indicator: Indicator) -> np.ndarray:
        """Return what a density is per: hundreds of metres of street, hectares of an area or around a point."""
        units, reach = self.units, indicator.distance
        if units.kind == LINE:
            size = units.lengths_m / 100.0
        elif units.kind == POLYGON:
            self.run.info(tr("{indicator}: counted per hectare, because the places are areas. Anchors that were set for"
                             " 100 m of street do not fit; change them in a copy of the profile.").format(
                                 indicator=indicator.name))
            size = units.areas_m2 / 1e4 if not reach else np.array(
                [g.buffer(reach, 8).area() for g in units.geometries]) / 1e4
        else:
            if not reach:
                raise self._wrong(indicator, tr("a density around points needs a distance"))
            size = np.full(len(units), np.pi * reach**2 / 1e4)
        return np.where(size > 0, size, np.nan)

    def _share(self, indicator: Indicator, layer: Areas, progress: Progress) -> np.ndarray:
        """Return the share of each place that lies within reach of a feature."""
        if self.units.kind == POLYGON:
            return self._covered(indicator, layer, progress)
        xy, owner = shapes.samples(self.units, _STEP)
        near = shapes.positions_near(xy, layer, indicator.distance, progress) if len(layer) else np.zeros(len(xy), bool)
        number = np.bincount(owner, minlength=len(self.units))
        return np.divide(np.bincount(owner, near, len(self.units)), number,
                         out=np.full(len(self.units), np.nan), where=number > 0)

    def _covered(self, indicator: Indicator, layer: Areas, progress: Progress) -> np.ndarray:
        """Return the share of each polygon's area that features, or their surroundings, cover."""
        around = [g.buffer(indicator.distance, 8) for g in layer.geometries] if indicator.distance else layer.geometries
        index = spatial_index(around) if around else None
        out = np.zeros(len(self.units))
        for i, unit in enumerate(self.units.geometries):
            if i % 64 == 0:
                progress(i / len(self.units))
            near = [around[j] for j in index.intersects(unit.boundingBox())] if index else []
            if near and unit.area() > 0:
                whole = near[0] if len(near) == 1 else QgsGeometry.unaryUnion(near)
                out[i] = min(unit.intersection(whole).area() / unit.area(), 1.0)
        return out

    # --- fields and rasters ----------------------------------------------------------------
    def _value(self, indicator: Indicator) -> Found:
        name = self.fields.get(indicator.field.lower())
        if name is None or name not in self.units.columns:
            return self._nothing(tr("the places have no field '{field}'").format(field=indicator.field))
        return Found(self.units.columns[name].astype(float))

    def _raster(self, indicator: Indicator, given: Any) -> Found:
        if not given.raster:
            raise self._wrong(indicator, tr("'{layer}' is no raster, which the measure raster reads"))
        xy, owner = shapes.samples(self.units, _STEP)
        values = self._sampled(indicator, given, xy)
        known = np.isfinite(values)
        number = np.bincount(owner[known], minlength=len(self.units))
        total = np.bincount(owner[known], values[known], len(self.units))
        return Found(np.divide(total, number, out=np.full(len(self.units), np.nan), where=number > 0))

    def _sampled(self, indicator: Indicator, given: Any, xy: np.ndarray) -> np.ndarray:
        from osgeo import gdal

        dataset = gdal.Open(given.raster)
        if dataset is None:
            raise self._wrong(indicator, tr("the raster '{layer}' cannot be read"))
        system = QgsCoordinateReferenceSystem.fromWkt(dataset.GetProjection())
        x, y = xy[:, 0], xy[:, 1]
        if system.isValid() and system != self.run.crs:
            x, y = crs_module.transform_points(x, y, self.run.crs, system, self.run.context.transformContext(),
                                               self.run.progress, "LAYERS")
        inverse = gdal.InvGeoTransform(dataset.GetGeoTransform())
        column = np.floor(inverse[0] + inverse[1] * x + inverse[2] * y)
        row = np.floor(inverse[3] + inverse[4] * x + inverse[5] * y)
        inside = (column >= 0) & (row >= 0) & (column < dataset.RasterXSize) & (row < dataset.RasterYSize)
        out = np.full(len(x), np.nan)
        band = dataset.GetRasterBand(1)
        nodata, high = band.GetNoDataValue(), 256
        for top in range(0, dataset.RasterYSize, high):
            here = np.flatnonzero(inside & (row >= top) & (row < top + high))
            self.run.check()
            if not len(here):
                continue
            block = band.ReadAsArray(0, top, dataset.RasterXSize, min(high, dataset.RasterYSize - top)).astype(float)
            if nodata is not None:
                block[block == nodata] = np.nan
            out[here] = block[row[here].astype(int) - top, column[here].astype(int)]
        return out

    # --- layers ----------------------------------------------------------------------------
    def _layer(self, indicator: Indicator) -> Areas:
        if indicator.layer not in self._layers:
            name = f"LAYERS: {self.names[indicator.layer].name}"
            there = self.run.source_fields(name)
            wanted = [f for f in dict.fromkeys(self._wanted.get(indicator.layer, [])) if f in there]
            self._layers[indicator.layer] = self.run.areas(name, numbers=wanted)
        return self._layers[indicator.layer]

    def _filter(self, indicator: Indicator, layer: Areas) -> np.ndarray:
        keep = np.ones(len(layer), bool)
        if not indicator.filter:
            return keep
        expression = QgsExpression(indicator.filter)
        context = QgsExpressionContext()
        context.setFields(layer.fields)
        if any(layer.fields.lookupField(name) < 0 for name in expression.referencedColumns()):
            raise self._wrong(indicator, tr("the filter {filter} asks for a field that '{layer}' does not have"))
        if expression.hasParserError() or not expression.prepare(context):
            raise self._wrong(indicator, tr("the filter {filter} cannot be read"))
        feature = QgsFeature(layer.fields)
        for i, attributes in enumerate(layer.attributes):
            feature.setAttributes(attributes)
            context.setFeature(feature)
            keep[i] = bool(expression.evaluate(context))
            if i % 2000 == 0:
                self.run.check()
        return keep

    def _nothing(self, reason: str) -> Found:
        return Found(np.full(len(self.units), np.nan), reason)

    def _wrong(self, indicator: Indicator, text: str) -> InputError:
        return InputError(
            profiles.PARAMETER, "Line {line}, {indicator}: {problem}. Mend the profile, or give another layer.",
            line=indicator.line, indicator=indicator.name,
            problem=text.format(layer=indicator.layer, field=indicator.field, filter=indicator.filter))


def _part(layer: Areas, keep: np.ndarray) -> Areas:
    rows = np.flatnonzero(keep)
    return Areas([layer.geometries[i] for i in rows], layer.fields, [layer.attributes[i] for i in rows],
                 {name: column[keep] for name, column in layer.columns.items()}, {}, layer.rows[keep], layer.account,
                 layer.crs, layer.kind, layer.name)
