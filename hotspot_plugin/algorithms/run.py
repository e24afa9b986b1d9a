"""One run of a tool: its parameters read, its layers in, its results out.

A tool's ``execute`` gets a :class:`Run` and needs nothing else of Processing.
"""

from __future__ import annotations

from typing import Any, Sequence

import numpy as np
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessingFeatureSource,
    QgsProcessingUtils,
)

from ..analysis.errors import Cancelled, InputError
from ..analysis.progress import Progress, part
from ..compat import read_texts
from ..layers import areas as areas_module
from ..layers import crs as crs_module
from ..layers import fields as field_names
from ..layers import reading, sources
from ..layers.areas import Areas
from ..layers.reading import Points
from ..reports import formats
from ..translation import tr
from . import record
from .outputs import Outputs


class Run(Outputs):
    """What a tool needs while it runs: parameters, layers in and, from Outputs, layers out.

    Attributes
    ----------
    notes, warnings : list of str
        What was told to the user; they go into the record.
    inputs : dict
        The account of each source read.
    """

    def __init__(self, tool: Any, parameters: dict, context: Any, feedback: Any) -> None:
        super().__init__()
        self.tool, self.parameters, self.context, self.feedback = tool, parameters, context, feedback
        self.notes: list = []
        self.warnings: list = []
        self.inputs: dict = {}
        self._crs: crs_module.AnalysisCrs | None = None
        self._sources: dict = {}
        #: the agency's settings, and the units that its readers think in
        self.agency = tool.agency.agency
        self.units = formats.Units(self.agency.units)

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
        return [f for f in read_texts(self.tool, self.parameters, name, self.context) if f]

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
            self.info(tr("{parameter}: no field is chosen, so '{field}' is used.").format(
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
        self.check()
        self.feedback.setProgress(100.0 * fraction)

    def check(self) -> None:
        """Raise Cancelled when the user wants to stop."""
        if self.feedback.isCanceled():
            raise Cancelled()

    def stage(self, start: float, end: float) -> Progress:
        """Return a progress that fills a part of the bar."""
        return part(self.progress, start, end)

    def info(self, text: str) -> None:
        """Tell the user something, e.g. a choice that was made automatically; a moment to stop as well."""
        self.check()
        self.notes.append(text)
        self.feedback.pushInfo(text)

    def warn(self, text: str) -> None:
        """Tell the user of a doubt; a moment to stop as well."""
        self.check()
        self.warnings.append(text)
        self.feedback.pushWarning(text)

    def tell(self, words: Any) -> str:
        """Tell the doubts and then the result, as a tool's words have them; return the sentence of the result."""
        for text in words.warnings():
            self.warn(text)
        summary = words.summary()
        self.info(summary)
        return summary

    # --- the analysis system ---------------------------------------------------------------
    @property
    def crs(self) -> QgsCoordinateReferenceSystem:
        """The metric system of the run, fixed by the first layer read."""
        if self._crs is None:
            raise RuntimeError("no layer has been read yet")
        return self._crs.crs

    @property
    def has_crs(self) -> bool:
        """Whether a layer has fixed the metric system yet."""
        return self._crs is not None

    @property
    def crs_id(self) -> str:
        """Its name, e.g. ``"EPSG:32630"``; a definition's text for systems that other machines do not know by name."""
        name = self.crs.authid()
        return name if name and not name.startswith("USER:") else self.crs.toWkt()

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
    def several(self, name: str) -> list:
        """Return the layers of a parameter that takes several; read one as ``run.areas("NAME: layer's name")``."""
        return self.tool.several.get(name, [])

    def source(self, name: str) -> QgsProcessingFeatureSource:
        """Return a source parameter."""
        if name not in self._sources:
            parameter, _, title = name.partition(": ")
            if title:
                layer = next(layer for layer in self.tool.several[parameter] if layer.name == title)
                found = sources.opened(layer, self.context)
                source = None if found is None else QgsProcessingUtils.variantToSource(found.id(), self.context)
            else:
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
        """Read points in metres; see :func:`hotspot_plugin.layers.reading.read_points`.

        A layer without any usable point is refused, unless ``keep_unlocated``. Rows at exactly 0, 0 have no place:
        that is how places are masked for privacy, and what exports write for want of one.
        """
        source = self.source(name)
        schema_precision = field_names.DT_FROM in times and field_names.DT_PREC in source.fields().names()
        texts = [*texts, field_names.DT_PREC] if schema_precision else list(texts)
        points = reading.read_points(
            source, name, self.tool.fast_sources.get(name), numbers, texts, times, date_order,
            keep_unlocated=keep_unlocated, progress=progress or self.progress,
        )
        points = self._without_zero(points, keep_unlocated)
        located = np.isfinite(points.x) & np.isfinite(points.y)
        if located.any() or self._crs is not None or not keep_unlocated:
            self.use_crs(points.crs, points.x[located], points.y[located], name)
            self._to_metres(points, located, name)
            if not keep_unlocated:
                good = np.isfinite(points.x) & np.isfinite(points.y)
                points = points.take(good, tr("place that cannot be projected"))
        if schema_precision:
            known = points.columns[field_names.DT_PREC]
            points.times[field_names.DT_FROM].precision[:] = [p or "" for p in known]
        self._tell(name, points)
        if not len(points) and not keep_unlocated:
            raise InputError(
                name, "'{layer}' has no point that can be used ({rows} rows read). Choose a layer with points, and"
                " check its filter and selection.",
                layer=points.name, rows=points.account.rows,
            )
        return points

    def _without_zero(self, points: Points, keep_unlocated: bool) -> Points:
        """Take the place from rows at 0, 0, or leave them out."""
        zero = (points.x == 0.0) & (points.y == 0.0)
        if not zero.any():
            return points
        if not keep_unlocated:
            return points.take(~zero, tr("coordinates 0, 0, which are no place: masked or unknown"))
        points.x[zero] = points.y[zero] = np.nan
        self.info(tr("{name}: {count} of {rows} rows at the coordinates 0, 0 (masked or unknown) count as rows without"
                     " a place.").format(name=points.name, count=int(zero.sum()), rows=points.account.rows))
        return points

    def _to_metres(self, points: Points, located: np.ndarray, name: str) -> None:
        points.x, points.y = crs_module.transform_points(
            np.where(located, points.x, np.nan), np.where(located, points.y, np.nan),
            points.crs, self.crs, self.context.transformContext(), self.stage(0.0, 0.05), name,
        )
        points.crs = self.crs

    def table(
        self,
        name: str,
        numbers: Sequence[str] = (),
        texts: Sequence[str] = (),
        times: Sequence[str] = (),
        date_order: str = "auto",
        progress: Progress | None = None,
    ) -> Points:
        """Read rows whose places do not matter; x and y are NaN."""
        points = reading.read_points(
            self.source(name), name, None, numbers, texts, times, date_order,
            geometry=False, keep_unlocated=True, progress=progress or self.progress,
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
        account, described = data.account, record.describe_source(self.tool, self.parameters, name, self.context)
        if described.get("table") and data.name == described["file"].rsplit(".", 1)[0]:
            # a table given by its path is called after the file, which holds many
            data.name = account.name = described["table"]
        self.inputs[name] = {
            **described,
            "account": account,
            "sha256": data.fingerprint,
            "dates": {column: span for column, times in data.times.items() if (span := times.span())},
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
