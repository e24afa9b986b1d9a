"""How a run writes: features, tables, rasters and reports, each with style and record."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Iterable

import numpy as np
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeatureRequest,
    QgsMapLayer,
    QgsProcessingException,
    QgsProcessingFeatureSource,
    QgsProcessingUtils,
    QgsRasterLayer,
    QgsVectorLayer,
    QgsWkbTypes,
)

from ..analysis.errors import InputError
from ..layers import rtree, sources, writing
from ..layers.areas import LINE, POINT, POLYGON, Areas
from ..layers.styling import Style
from ..qobjects import keep
from . import record

_MULTI = {
    POLYGON: (QgsWkbTypes.Type.Polygon, QgsWkbTypes.Type.MultiPolygon),
    LINE: (QgsWkbTypes.Type.LineString, QgsWkbTypes.Type.MultiLineString),
    POINT: (QgsWkbTypes.Type.Point, QgsWkbTypes.Type.MultiPoint),
}


class Outputs:
    """The writing half of :class:`~hotspot_plugin.algorithms.run.Run`."""

    def __init__(self) -> None:
        self.outputs: dict = {}
        self._written: dict = {}
        self._targets: dict = {}
        self._reports: list = []
        self._last: list = []
        self._labels: dict = {}

    # --- layers out ------------------------------------------------------------------------
    def write_areas(self, name: str, areas: Areas, columns: dict, style: Style | None = None) -> None:
        """Write features with their own attributes and new columns; a column of the same name is replaced."""
        kept, fields = writing.joined_fields(areas.fields, columns)
        added = writing.rows_of(columns, len(areas))
        rows = ([values[i] for i in kept] + list(new) for values, new in zip(areas.attributes, added))
        self._write_geometries(name, areas.geometries, fields, rows, areas.kind, style)

    def write_polygons(self, name: str, polygons: Any, columns: dict, style: Style | None = None) -> None:
        """Write polygons: an (n, k, 2) array of closed rings, or a list of QgsGeometry."""
        if isinstance(polygons, np.ndarray):
            shapes = writing.polygons_from_array(polygons)
            self._write(name, shapes, columns, QgsWkbTypes.Type.Polygon, len(polygons), style)
        else:
            self._write_columns(name, polygons, columns, POLYGON, style)

    def write_lines(self, name: str, lines: list, columns: dict, style: Style | None = None) -> None:
        """Write lines from a list of QgsGeometry."""
        self._write_columns(name, lines, columns, LINE, style)

    def write_points(self, name: str, x: np.ndarray, y: np.ndarray, columns: dict, style: Style | None = None) -> None:
        """Write points from coordinates in metres."""
        shapes = writing.points_from_arrays(np.asarray(x, float), np.asarray(y, float))
        self._write(name, shapes, columns, QgsWkbTypes.Type.Point, len(x), style)

    def write_table(self, name: str, columns: dict) -> None:
        """Write rows without geometry."""
        total = len(next(iter(columns.values()))) if columns else 0
        self._write(name, None, columns, QgsWkbTypes.Type.NoGeometry, total, None)

    def _write_columns(self, name: str, shapes: list, columns: dict, kind: Any, style: Style | None) -> None:
        rows = writing.rows_of(columns, len(shapes))
        self._write_geometries(name, shapes, writing.new_fields(columns), rows, kind, style)

    def _write_geometries(self, name, shapes: list, fields, rows: Iterable, kind, style: Style | None) -> None:
        single, multi = _MULTI[kind]
        several = any(shape.isMultipart() for shape in shapes)
        if several:
            for shape in shapes:
                shape.convertToMultiType()
        self._sink(name, fields, multi if several else single, shapes, rows, len(shapes), style)

    def _write(self, name: str, shapes: Any, columns: dict, wkb: Any, total: int, style: Style | None) -> None:
        rows = writing.rows_of(columns, total)
        self._sink(name, writing.new_fields(columns), wkb, shapes, rows, total, style)

    def _sink(self, name, fields, wkb, shapes, rows, total, style, crs=None) -> None:
        if not self.wants(name):
            return
        if crs is None:
            crs = QgsCoordinateReferenceSystem() if wkb == QgsWkbTypes.Type.NoGeometry else self.crs
        target = self._refuse_replacing(name)
        indexed = target is not None and target.file.lower().endswith(".gpkg") and wkb != QgsWkbTypes.Type.NoGeometry
        try:
            sink, destination = self.tool.parameterAsSink(
                self.parameters, name, self.context, fields, wkb, crs,
                layerOptions=rtree.UNINDEXED if indexed else [])
        except QgsProcessingException as error:
            raise InputError(name, "The output cannot be made. Check the folder, the file name and the permission."
                                   " QGIS says: {error}", error=error) from error
        if sink is None:
            raise InputError(name, "The output cannot be made. Check the folder, the file name and the permission.")
        count = writing.write_features(sink, fields, shapes, rows, total, name, self.stage(0.9, 1.0))
        del sink
        if not destination:
            raise InputError(name, "The output cannot be made. Check the folder, the file name and the permission.")
        if indexed:
            rtree.build(destination, self.progress)
        self._written[name] = (destination, False, style, crs, count)
        self.outputs[name] = destination

    def refuse_files_over_layers(self) -> None:
        """Refuse a report or another file in the place of a layer that is read."""
        for definition in self.tool.parameterDefinitions():
            if definition.type() == "fileDestination" and self.wants(definition.name()):
                self._over_no_layer(definition.name())

    def _over_no_layer(self, name: str) -> sources.Place | None:
        """Refuse to write over a layer that is read; return the file, if it is one."""
        target = sources.target_of(self.parameters.get(name), self.context)
        for source, place in self.tool.kept_in.items():
            if target is not None and place is not None and sources.replaces(target, place):
                raise InputError(
                    name, "This is the file of {source}, which would be lost. Choose another file, or a new table in"
                    " it ('Save to GeoPackage').",
                    source=source,
                )
        return target

    def _refuse_replacing(self, name: str) -> sources.Place | None:
        """Refuse to write over a layer that is read, or over another output; return the file, if it is one."""
        target = self._over_no_layer(name)
        if target is None:
            return None
        for other, place in self._targets.items():
            if sources.replaces(target, place):
                raise InputError(name, "{other} is written to the same file. Choose another one.", other=other)
        # a file written as a whole holds one table of its name; others can still be added to it
        self._targets[name] = sources.Place(target.file, target.table or Path(target.file).stem)
        return target

    def copy_rows(
        self,
        name: str,
        source_name: str,
        columns: dict,
        keep: np.ndarray | None = None,
        geometry: bool = True,
        style: Style | None = None,
    ) -> None:
        """Write the source's rows, as they are and in its own system, with new columns.

        Parameters
        ----------
        columns : dict
            Columns with one value for every row of the source.
        keep : (n,) array of bool, optional
            Rows to write.
        geometry : bool
            False writes a table.
        """
        source = self.source(source_name)
        kept, fields = writing.joined_fields(source.fields(), columns)
        added = writing.rows_of(columns, len(next(iter(columns.values()), ())))
        wkb = source.wkbType() if geometry else QgsWkbTypes.Type.NoGeometry
        spatial = wkb != QgsWkbTypes.Type.NoGeometry
        shapes: list = []

        def rows() -> Iterable:
            request = QgsFeatureRequest()
            if not spatial:
                request.setFlags(QgsFeatureRequest.Flag.NoGeometry)
            skip = QgsProcessingFeatureSource.Flag.FlagSkipGeometryValidityChecks
            for i, feature in enumerate(source.getFeatures(request, skip)):
                new = next(added, ())
                if keep is not None and not keep[i]:
                    continue
                if spatial:
                    shapes.append(feature.geometry())
                values = feature.attributes()
                yield [values[k] for k in kept] + list(new)

        def geometries() -> Iterable:
            while True:
                yield shapes.pop()

        total = int(keep.sum()) if keep is not None else max(source.featureCount(), 1)
        crs = source.sourceCrs() if spatial else QgsCoordinateReferenceSystem()
        self._sink(name, fields, wkb, geometries() if spatial else None, rows(), total, style, crs)

    def write_raster(
        self, name: str, array: np.ndarray, x_min: float, y_max: float, cell: float,
        style: Style | None = None, unit: str = "",
    ) -> None:
        """Write a raster in the analysis system; row 0 of the array is the north."""
        if not self.wants(name):
            return
        self._refuse_replacing(name)
        path = self.tool.parameterAsOutputLayer(self.parameters, name, self.context)
        title = self.tool.parameterDefinition(name).description()
        writing.write_raster(path, array, x_min, y_max, cell, self.crs, title, unit)
        self._written[name] = (path, True, style, self.crs, array.size)
        self.outputs[name] = path

    def output_layer(self, name: str) -> QgsMapLayer:
        """Return a styled copy of an output that has been written, e.g. for a map in a report."""
        self.check()  # a map is drawn of it next, which takes its time
        destination, raster, style, _, _ = self._written[name]
        layer = QgsProcessingUtils.mapLayerFromString(destination, self.context)
        if layer is not None:
            layer = layer.clone()
        else:
            layer = QgsRasterLayer(destination, name) if raster else QgsVectorLayer(destination, name, "ogr")
        keep(layer).setName(self.tool.parameterDefinition(name).description())
        if style is not None:
            style.apply(layer)
        return layer

    def label(self, name: str, summary: str, provenance: str, licence: str = "") -> None:
        """Give an output a summary and a record of its own, for one that may tell less than the run knows."""
        self._labels[name] = (summary, provenance, licence)

    # --- reports and the end ---------------------------------------------------------------
    def at_the_end(self, write: Callable[[], None]) -> None:
        """Write what can be written once only, when nothing else can fail any more."""
        self._last.append(write)

    def write_report(self, name: str, report: Any) -> None:
        """Write a report when the run ends, with its record; nothing where none was asked for."""
        if self.wants(name):
            self._reports.append((name, report))

    def finish(self, results: dict) -> dict:
        """Finish all outputs and return everything that the tool declares."""
        provenance = record.provenance(self, results)
        summary = str(results.get("SUMMARY") or "")
        for name, (destination, raster, style, crs, count) in self._written.items():
            title = self.tool.parameterDefinition(name).description()
            text, told, licence = self._labels.get(name, (summary, provenance, ""))
            metadata = record.layer_metadata(title, text, told, crs, licence, self.tool.practice)
            writing.finish_on_load(self.context, destination, style, metadata)
            self.check()
            writing.finish_file(destination, raster, style, metadata, count, title)
        for name, report in self._reports:
            self.check()
            report.provenance(provenance)
            report.issuer = self.agency.agency
            report.practice = report.practice or self.tool.practice
            path = self.tool.parameterAsFileOutput(self.parameters, name, self.context)
            try:
                report.write(path)
            except OSError as error:
                raise InputError(
                    name, "The report cannot be written ({error}). Choose a folder that you may write to.",
                    error=error.strerror or error,
                ) from error
            self.outputs[name] = path
        for write in self._last:
            write()
        return {**self.outputs, **results, "PROVENANCE": provenance}
