"""One run of a tool: its parameters read, its layers in, its results out.

A tool's ``execute`` gets a :class:`Run` and needs nothing else of Processing.
"""

from __future__ import annotations

from typing import Any, Iterable, Sequence

import numpy as np
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeatureRequest,
    QgsMapLayer,
    QgsProcessingFeatureSource,
    QgsProcessingUtils,
    QgsRasterLayer,
    QgsVectorLayer,
    QgsWkbTypes,
)

from ..analysis.errors import Cancelled, InputError
from ..analysis.progress import Progress, part
from ..compat import make_field
from ..layers import areas as areas_module
from ..layers import crs as crs_module
from ..layers import fields as field_names
from ..layers import reading, writing
from ..layers.areas import LINE, POINT, POLYGON, Areas
from ..layers.reading import Points
from ..layers.styling import Style
from ..translation import tr
from . import record

_MULTI = {
    POLYGON: (QgsWkbTypes.Type.Polygon, QgsWkbTypes.Type.MultiPolygon),
    LINE: (QgsWkbTypes.Type.LineString, QgsWkbTypes.Type.MultiLineString),
    POINT: (QgsWkbTypes.Type.Point, QgsWkbTypes.Type.MultiPoint),
}


class Run:
    """What a tool needs while it runs.

    Attributes
    ----------
    notes, warnings : list of str
        What was told to the user; they go into the record.
    inputs : dict
        The account of each source read.
    """

    def __init__(self, tool: Any, parameters: dict, context: Any, feedback: Any) -> None:
        self.tool, self.parameters, self.context, self.feedback = tool, parameters, context, feedback
        self.notes: list = []
        self.warnings: list = []
        self.inputs: dict = {}
        self.outputs: dict = {}
        self._crs: crs_module.AnalysisCrs | None = None
        self._sources: dict = {}
        self._written: dict = {}
        self._reports: list = []

    # --- parameters ------------------------------------------------------------------------
    def has(self, name: str) -> bool:
        """Whether a parameter was given a value."""
        value = self.parameters.get(name)
        return value is not None and value != "" and not (isinstance(value, (list, tuple)) and not len(value))

    def _default(self, name: str) -> Any:
        return self.tool.parameterDefinition(name).defaultValue()

    def number(self, name: str) -> float | None:
        """Return a number or a distance in metres; None where an optional one is empty."""
        if not self.has(name) and self._default(name) is None:
            return None
        return self.tool.parameterAsDouble(self.parameters, name, self.context)

    def integer(self, name: str) -> int | None:
        """Return a whole number; None where an optional one is empty."""
        if not self.has(name) and self._default(name) is None:
            return None
        return self.tool.parameterAsInt(self.parameters, name, self.context)

    def text(self, name: str) -> str:
        """Return a text, "" where it is empty."""
        return self.tool.parameterAsString(self.parameters, name, self.context) or ""

    def flag(self, name: str) -> bool:
        """Return a yes or no."""
        return self.tool.parameterAsBoolean(self.parameters, name, self.context)

    def choice(self, name: str) -> int:
        """Return the number of the option chosen."""
        return self.tool.parameterAsEnum(self.parameters, name, self.context)

    def date(self, name: str) -> np.datetime64 | None:
        """Return a day, None where it is empty."""
        if not self.has(name):
            return None
        value = self.tool.parameterAsDateTime(self.parameters, name, self.context)
        if not value.isValid():
            raise InputError(name, "'{value}' is not a date. Write it as 2024-01-31.", value=self.parameters[name])
        return np.datetime64(value.date().toString("yyyy-MM-dd"), "D")

    def file(self, name: str) -> str:
        """Return the path of a file to read, or to write, "" where none was asked for."""
        definition = self.tool.parameterDefinition(name)
        if definition.isDestination():
            return self.tool.parameterAsFileOutput(self.parameters, name, self.context) if self.wants(name) else ""
        return self.tool.parameterAsFile(self.parameters, name, self.context) or ""

    def crs_value(self, name: str) -> QgsCoordinateReferenceSystem:
        """Return a coordinate reference system, invalid where none was given."""
        return self.tool.parameterAsCrs(self.parameters, name, self.context)

    def fields(self, name: str) -> list:
        """Return the fields chosen, none as an empty list."""
        return [f for f in self.tool.parameterAsFields(self.parameters, name, self.context) if f]

    def field(self, name: str, of: str = "INPUT", schema: str | None = None) -> str:
        """Return the field chosen, or "".

        Parameters
        ----------
        name : str
            The field parameter.
        of : str
            The layer parameter that holds the field.
        schema : str, optional
            Field of prepared incidents to fall back on where the layer has it.
        """
        chosen = self.fields(name)
        if chosen:
            return chosen[0]
        if schema and self.has(of) and schema in self.source_fields(of):
            self.info(tr("{parameter}: the field '{field}' of prepared incidents is used.").format(
                parameter=name, field=schema))
            return schema
        return ""

    def wants(self, name: str) -> bool:
        """Whether an optional output was asked for."""
        definition = self.tool.parameterDefinition(name)
        flag = definition.Flag.FlagOptional
        return self.has(name) or not bool(definition.flags() & flag)

    # --- progress and words ----------------------------------------------------------------
    def progress(self, fraction: float) -> None:
        """Show the fraction done; raise Cancelled when the user wants to stop."""
        if self.feedback.isCanceled():
            raise Cancelled()
        self.feedback.setProgress(100.0 * fraction)

    def stage(self, start: float, end: float) -> Progress:
        """Return a progress that fills a part of the bar."""
        return part(self.progress, start, end)

    def info(self, text: str) -> None:
        """Tell the user something, e.g. a choice that was made automatically."""
        self.notes.append(text)
        self.feedback.pushInfo(text)

    def warn(self, text: str) -> None:
        """Tell the user of a doubt."""
        self.warnings.append(text)
        self.feedback.pushWarning(text)

    # --- the analysis system ---------------------------------------------------------------
    @property
    def crs(self) -> QgsCoordinateReferenceSystem:
        """The metric system of the run, fixed by the first layer read."""
        if self._crs is None:
            raise RuntimeError("no layer has been read yet")
        return self._crs.crs

    @property
    def crs_id(self) -> str:
        """Its name, e.g. ``"EPSG:32630"``; a definition's text for systems without a number."""
        return self.crs.authid() or self.crs.toWkt()

    def use_crs(self, crs: QgsCoordinateReferenceSystem, x: np.ndarray, y: np.ndarray, name: str) -> None:
        """Fix the metric system from coordinates, unless a layer read before has fixed it."""
        if self._crs is None:
            self._crs = crs_module.analysis_crs(crs, x, y, self.context.transformContext(), name)
            if self._crs.reason:
                self.info(self._crs.reason)
            if self._crs.warning:
                self.warn(self._crs.warning)
        elif not crs.isValid():
            crs_module.analysis_crs(crs, x, y, self.context.transformContext(), name)

    # --- layers in -------------------------------------------------------------------------
    def source(self, name: str) -> QgsProcessingFeatureSource:
        """Return a source parameter."""
        if name not in self._sources:
            source = self.tool.parameterAsSource(self.parameters, name, self.context)
            if source is None:
                raise InputError(name, "The layer cannot be opened. Choose an existing layer or file.")
            self._sources[name] = source
        return self._sources[name]

    def source_fields(self, name: str) -> list:
        """Return the names of a source's fields."""
        return list(self.source(name).fields().names())

    def points(
        self,
        name: str,
        numbers: Sequence[str] = (),
        texts: Sequence[str] = (),
        times: Sequence[str] = (),
        date_order: str = "auto",
        keep_unlocated: bool = False,
        progress: Progress | None = None,
    ) -> Points:
        """Read points in metres; see :func:`hotspot_plugin.layers.reading.read_points`."""
        source = self.source(name)
        schema_precision = field_names.DT_FROM in times and field_names.DT_PREC in source.fields().names()
        texts = [*texts, field_names.DT_PREC] if schema_precision else list(texts)
        points = reading.read_points(
            source, name, self.tool.fast_sources.get(name), numbers, texts, times, date_order,
            keep_unlocated=keep_unlocated, progress=progress or self.progress,
        )
        located = np.isfinite(points.x) & np.isfinite(points.y)
        if located.any() or self._crs is not None or not keep_unlocated:
            self.use_crs(points.crs, points.x[located], points.y[located], name)
            self._to_metres(points, located, keep_unlocated)
            if not keep_unlocated:
                good = np.isfinite(points.x) & np.isfinite(points.y)
                points = points.take(good, tr("place that cannot be projected"))
        if schema_precision:
            known = points.columns[field_names.DT_PREC]
            points.times[field_names.DT_FROM].precision[:] = [p or "" for p in known]
        self._tell(name, points)
        return points

    def _to_metres(self, points: Points, located: np.ndarray, keep_unlocated: bool) -> None:
        points.x, points.y = crs_module.transform_points(
            np.where(located, points.x, np.nan), np.where(located, points.y, np.nan),
            points.crs, self.crs, self.context.transformContext(), self.stage(0.0, 0.05),
        )
        points.crs = self.crs

    def table(
        self,
        name: str,
        numbers: Sequence[str] = (),
        texts: Sequence[str] = (),
        times: Sequence[str] = (),
        date_order: str = "auto",
    ) -> Points:
        """Read rows whose places do not matter; x and y are NaN."""
        points = reading.read_points(
            self.source(name), name, None, numbers, texts, times, date_order,
            geometry=False, keep_unlocated=True, progress=self.progress,
        )
        self._tell(name, points)
        return points

    def areas(
        self,
        name: str,
        numbers: Sequence[str] = (),
        texts: Sequence[str] = (),
        times: Sequence[str] = (),
        date_order: str = "auto",
    ) -> Areas:
        """Read polygons, lines or points with their geometry in metres.

        Which geometry types are taken is what the parameter says.
        """
        source = self.source(name)
        box = source.sourceExtent()
        if self._crs is None or not source.sourceCrs().isValid():
            corners = (np.array([box.xMinimum(), box.xMaximum()]), np.array([box.yMinimum(), box.yMaximum()]))
            finite = np.isfinite(corners).all() and not box.isEmpty()
            x, y = corners if finite else (np.array([box.center().x()]), np.array([box.center().y()]))
            usable = np.isfinite(x).all() and np.isfinite(y).all()
            self.use_crs(source.sourceCrs(), x if usable else x[:0], y if usable else y[:0], name)
        areas = areas_module.read_areas(
            source, name, record.geometry_kinds(self.tool.parameterDefinition(name)), self.crs,
            self.context.transformContext(), numbers, texts, times, date_order, self.progress,
        )
        if areas.repaired:
            self.info(tr("{name}: {count} broken polygons were repaired for the analysis.").format(
                name=areas.name, count=areas.repaired))
        self._tell(name, areas)
        return areas

    def _tell(self, name: str, data: Points | Areas) -> None:
        account = data.account
        self.inputs[name] = {
            **record.describe_source(self.tool, self.parameters, name, self.context),
            "account": account,
            "sha256": data.fingerprint,
        }
        for entry in account.left_out:
            share = entry.count / max(account.rows, 1)
            text = tr("{name}: {count} of {rows} rows ({share:.1%}) left out: {reason} (first: {example}).").format(
                name=account.name, count=entry.count, rows=account.rows, share=share, reason=entry.reason,
                example=entry.example)
            self.warn(text) if share > 0.05 else self.info(text)
        for column, times in data.times.items():
            self._tell_times(account.name, column, times)

    def _tell_times(self, name: str, column: str, times: Any) -> None:
        if times.unreadable:
            self.warn(tr("{name}: {count} values of '{column}' are no dates (first: '{first}').").format(
                name=name, count=times.unreadable, column=column, first=times.first_unreadable))
        if times.ambiguous:
            self.warn(tr(
                "{name}: {count} values of '{column}' can be day/month or month/day (first: '{first}') and were left"
                " without a date. Say how dates are written with 'Prepare incident data'."
            ).format(name=name, count=times.ambiguous, column=column, first=times.first_ambiguous))

    # --- layers out ------------------------------------------------------------------------
    def write_areas(self, name: str, areas: Areas, columns: dict, style: Style | None = None) -> None:
        """Write features with their own attributes and new columns; a column of the same name is replaced."""
        old = areas.fields.names()
        replaced = {n.lower() for n in columns}
        kept = [i for i, n in enumerate(old) if n.lower() not in replaced and n.lower() != "fid"]
        fields = writing.new_fields({})
        for i in kept:
            fields.append(areas.fields.at(i))
        for field in writing.new_fields(columns):
            fields.append(field)
        added = list(zip(*(writing.to_values(c) for c in columns.values()))) if columns else [()] * len(areas)
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
        rows = zip(*(writing.to_values(c) for c in columns.values()))
        self._write_geometries(name, shapes, writing.new_fields(columns), rows, kind, style)

    def _write_geometries(self, name, shapes: list, fields, rows: Iterable, kind, style: Style | None) -> None:
        single, multi = _MULTI[kind]
        several = any(shape.isMultipart() for shape in shapes)
        if several:
            for shape in shapes:
                shape.convertToMultiType()
        self._sink(name, fields, multi if several else single, shapes, rows, len(shapes), style)

    def _write(self, name: str, shapes: Any, columns: dict, wkb: Any, total: int, style: Style | None) -> None:
        rows = zip(*(writing.to_values(c) for c in columns.values()))
        self._sink(name, writing.new_fields(columns), wkb, shapes, rows, total, style)

    def _sink(self, name, fields, wkb, shapes, rows, total, style, crs=None) -> None:
        if not self.wants(name):
            return
        if crs is None:
            crs = QgsCoordinateReferenceSystem() if wkb == QgsWkbTypes.Type.NoGeometry else self.crs
        sink, destination = self.tool.parameterAsSink(self.parameters, name, self.context, fields, wkb, crs)
        if sink is None:
            raise InputError(name, "The output cannot be made. Check the folder, the file name and the permission.")
        count = writing.write_features(sink, fields, shapes, rows, total, name, self.stage(0.9, 1.0))
        del sink
        if not destination:
            raise InputError(name, "The output cannot be made. Check the folder, the file name and the permission.")
        self._written[name] = (destination, False, style, crs, count)
        self.outputs[name] = destination

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
        replaced = {n.lower() for n in columns}
        old = source.fields()
        kept = [i for i, n in enumerate(old.names()) if n.lower() not in replaced and n.lower() != "fid"]
        fields = writing.new_fields({})
        for i in kept:
            fields.append(make_field(old.at(i).name(), "text") if old.at(i).typeName() == "" else old.at(i))
        for field in writing.new_fields(columns):
            fields.append(field)
        added = [writing.to_values(column) for column in columns.values()]
        wkb = source.wkbType() if geometry else QgsWkbTypes.Type.NoGeometry
        spatial = wkb != QgsWkbTypes.Type.NoGeometry
        shapes: list = []

        def rows() -> Iterable:
            request = QgsFeatureRequest()
            if not spatial:
                request.setFlags(QgsFeatureRequest.Flag.NoGeometry)
            skip = QgsProcessingFeatureSource.Flag.FlagSkipGeometryValidityChecks
            for i, feature in enumerate(source.getFeatures(request, skip)):
                if keep is not None and not keep[i]:
                    continue
                if spatial:
                    shapes.append(feature.geometry())
                values = feature.attributes()
                yield [values[k] for k in kept] + [column[i] for column in added]

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
        path = self.tool.parameterAsOutputLayer(self.parameters, name, self.context)
        title = self.tool.parameterDefinition(name).description()
        writing.write_raster(path, array, x_min, y_max, cell, self.crs, title, unit)
        self._written[name] = (path, True, style, self.crs, array.size)
        self.outputs[name] = path

    def output_layer(self, name: str) -> QgsMapLayer:
        """Return a styled copy of an output that has been written, e.g. for a map in a report."""
        destination, raster, style, _, _ = self._written[name]
        layer = QgsProcessingUtils.mapLayerFromString(destination, self.context)
        if layer is not None:
            layer = layer.clone()
        else:
            layer = QgsRasterLayer(destination, name) if raster else QgsVectorLayer(destination, name, "ogr")
        layer.setName(self.tool.parameterDefinition(name).description())
        if style is not None:
            style.apply(layer)
        return layer

    # --- reports and the end ---------------------------------------------------------------
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
            metadata = record.layer_metadata(title, summary, provenance, crs)
            writing.finish_on_load(self.context, destination, style, metadata)
            writing.finish_file(destination, raster, style, metadata)
        for name, report in self._reports:
            report.provenance(provenance)
            path = self.tool.parameterAsFileOutput(self.parameters, name, self.context)
            try:
                report.write(path)
            except OSError as error:
                raise InputError(
                    name, "The report cannot be written ({error}). Choose a folder that you may write to.",
                    error=error.strerror or error,
                ) from error
            self.outputs[name] = path
        return {**self.outputs, **results, "PROVENANCE": provenance}
