"""Opens an export of reports, whatever it is kept as, and settles which column means what."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeatureRequest,
    QgsGeometry,
    QgsProcessingFeatureSource,
    QgsWkbTypes,
)

from ...analysis.community import importcommunityinput as importing
from ...analysis.community import importwords
from ...analysis.data import mapping as mappings
from ...analysis.errors import InputError
from ...analysis.privacy import personal
from ...analysis.privacy.personalcolumns import PLACE, column_kind
from ...analysis.privacy.personalpatterns import ACCOUNT, DEVICE
from ...compat import field_kind
from ...layers import jsontables, sources, tables
from ...layers.reading import as_texts, as_times
from ...translation import tr
from .. import record
from ..data import prepareincidents_columns as columns
from ..data.prepareincidents_input import Export, Opener

FORM = mappings.Form(importing.KIND, importing.ROLES, importing.SETTINGS, words=True)
#: dates of a report -> parameter of the field
DATES = {"said": "DATE_FIELD", "ack": "ACK_FIELD", "work": "WORK_FIELD", "done": "DONE_FIELD",
         "declined": "DECLINED_FIELD", "updated": "UPDATED_FIELD"}


def shown(name: str) -> str:
    """Return a column's name as it may be shown: a file without a header has values for names."""
    return personal.clean(name)[0]


def json_file(tool: Any, parameters: dict, name: str, context: Any) -> str:
    """Return the JSON file behind a layer parameter, "" where the layer itself is to be read."""
    value = parameters.get(name)
    if sources.is_limited(parameters, name):
        return ""
    if isinstance(value, str) and jsontables.is_json(value) and Path(value).is_file():
        return value
    layer = sources.layer_of(tool, parameters, name, context)
    if layer is None or layer.providerType() != "ogr":
        return ""
    if layer.isEditable() or layer.subsetString() or layer.vectorJoins():
        return ""
    path = layer.source().split("|")[0]
    return path if jsontables.is_json(path) and Path(path).is_file() else ""


class Reader(Opener):
    """Finds out what is given, and reads all its columns."""

    def __init__(self, run: Any, found: tables.TextSource | None, json_path: str) -> None:
        path = run.file("INPUT_FILE") if run.has("INPUT_FILE") else ""
        if path and jsontables.is_json(path) and not run.has("INPUT"):
            json_path = path
        self.json = None
        if not json_path:
            super().__init__(run, found)
            return
        self.run, self.text, self.encoding = run, None, ""
        self.parameter = "INPUT_FILE" if path else "INPUT"
        self.json = jsontables.read(json_path, self.parameter)
        self.names = list(self.json.columns)
        self.located = self.json.geometries is not None

    def everything(self) -> Export:
        """Read all rows with all columns."""
        if self.json is not None:
            export = self._from_json()
        elif self.text or not self.located or QgsWkbTypes.geometryType(
                self.run.source("INPUT").wkbType()) == QgsWkbTypes.GeometryType.PointGeometry:
            export = self.read(self.names, geometry=True)
        else:
            export = self._from_shapes()
        export = self._with_header(export)
        export.private = True
        if not export.rows:
            raise InputError(self.parameter, "There are no rows. Choose another file or layer, or remove its filter.")
        return export

    def _with_header(self, export: Export) -> Export:
        """Take the first row of a sheet for its header, where GDAL did not as no column holds numbers."""
        bare = all(re.fullmatch(r"Field\d+", n) for n in export.names) and export.names
        texts = all(isinstance(export.columns[n], np.ndarray) for n in export.names)
        if not bare or not texts or self.located or export.rows < 2:
            return export
        heads = [export.columns[n][0] for n in export.names]
        kept = {head.strip(): export.columns[n][1:] for n, head in zip(export.names, heads) if head and head.strip()}
        self.names = list(kept)
        return replace(export, names=self.names, rows=export.rows - 1, columns=kept)

    def _from_json(self) -> Export:
        table, run = self.json, self.run
        run.info(tr("{file}: {rows} rows read from JSON.").format(file=table.name, rows=table.rows))
        if table.left_out:
            run.info(tr("Lists within a row (repeats, attachments) are no column and were passed over:"
                        " {names}.").format(
                names=", ".join(shown(n) for n in table.left_out)))
        self._record({"file": table.name}, table.name, table.rows, table.fingerprint)
        x, y, shapes = _places(table.geometries) if self.located else (None, None, None)
        return Export(table.name, self.names, table.rows, table.columns, x, y, table.crs,
                      [(tr("File"), table.name)], shapes=shapes)

    def _from_shapes(self) -> Export:
        """Read a layer of lines or areas: a report has one place, a point within its area."""
        run, source = self.run, self.run.source("INPUT")
        skip = QgsProcessingFeatureSource.Flag.FlagSkipGeometryValidityChecks
        values: list = [[] for _ in self.names]
        geometries: list = []
        for k, feature in enumerate(source.getFeatures(QgsFeatureRequest(), skip)):
            if k % 1000 == 0:
                run.check()
            geometries.append(feature.geometry() if feature.hasGeometry() else None)
            for column, value in zip(values, feature.attributes()):
                column.append(value)
        kinds = {f.name(): field_kind(f) for f in source.fields()}
        table = {}
        for name, column in zip(self.names, values):
            array = np.empty(len(column), object)
            array[:] = column
            table[name] = as_times(array) if kinds[name] in ("date", "time") else as_texts(array)
        x, y, shapes = _places(geometries)
        self._record(record.describe_source(run.tool, run.parameters, "INPUT", run.context), source.sourceName(),
                     len(geometries), "")
        return Export(source.sourceName(), self.names, len(geometries), table, x, y, source.sourceCrs(),
                      [(tr("Layer"), source.sourceName())], shapes=shapes)


def _places(geometries: list) -> tuple:
    """Return x, y of one place of each geometry, and the lines and areas among them."""
    x, y = np.full(len(geometries), np.nan), np.full(len(geometries), np.nan)
    shapes: list = [None] * len(geometries)
    for k, geometry in enumerate(geometries):
        if geometry is None or geometry.isEmpty():
            continue
        kind = geometry.type()
        if kind == QgsWkbTypes.GeometryType.PointGeometry:
            parts = list(geometry.vertices())
            if len(parts) == 1:
                x[k], y[k] = parts[0].x(), parts[0].y()
            continue
        place = geometry.interpolate(geometry.length() / 2) if kind == QgsWkbTypes.GeometryType.LineGeometry else \
            geometry.pointOnSurface()
        if not place.isEmpty():
            point = place.asPoint()
            x[k], y[k], shapes[k] = point.x(), point.y(), QgsGeometry(geometry)
    return x, y, shapes if any(s is not None for s in shapes) else None


@dataclass
class Choices(columns.Choices):
    """Columns and settings of a run, whichever way they were given."""

    words: dict = field(default_factory=dict)
    scale: tuple | None = None
    source: str = ""
    system: str = ""

    def mapping(self, run: Any, words: dict) -> str:
        """Return the mapping to save: columns, settings and words."""
        scale = "" if self.scale is None else f"{self.scale[0]:g}-{self.scale[1]:g}"
        settings = {"CRS": self.crs.authid() if self.crs.isValid() else "", "CONCERN_SCALE": scale,
                    "SOURCE": self.source,
                    "DATE_ORDER": "" if self.order == "auto" else self.order, "ENCODING": self.encoding,
                    "ROUND_M": run.number("ROUND_M") or ""}
        named = {role: name for role, name in self.fields.items() if not name.startswith("__")}
        return mappings.dumps(named, settings, FORM, words)


def choose(run: Any, reader: Reader, export: Export) -> Choices:
    """Settle which column means what: chosen ones first, then the mapping's, then by name and content."""
    _check_names(reader)
    saved, settings, words = columns.remembered(run, FORM)
    told = {name: {importwords.plain(w): importwords.check_value(name, str(v), "MAPPING") for w, v in pairs.items()}
            for name, pairs in words.items() if name in importwords.VALUES}
    for name, pairs in importwords.read_values(run.text("VALUES")).items():
        told.setdefault(name, {}).update(pairs)
    chosen = {role: run.fields(role)[0] for role in importing.ROLES if run.tool.parameterDefinition(role) is not None
              and run.fields(role)}
    chosen = {**mappings.parse_names(run.text("FIELD_NAMES"), importing.ROLES), **chosen}
    given = {**reader.given, **saved, **chosen}
    if "GEOPOINT_FIELD" in chosen and "X_FIELD" not in chosen:
        given.pop("X_FIELD", None), given.pop("Y_FIELD", None)
    # a mapping is made for exports that may lack a column this week
    absent = [role for role, name in saved.items() if role not in chosen and name not in reader.names]
    for role in absent:
        run.warn(tr("{role}: the mapping's column '{name}' is not in this export.").format(
            role=role, name=shown(given.pop(role))))
    fields = mappings.check(given, reader.names)
    system = importing.shape_of(reader.names)
    if system:
        run.info(tr("The columns are those of an export of {system}.").format(system=system))
    guessed = {}
    if run.flag("FIND_FIELDS"):
        points = [n for n in reader.names if isinstance(export.columns[n], np.ndarray)
                  and importing.is_geopoint(export.columns[n])]
        usable = _usable(reader.names, system) - set(points)
        guessed = importing.guess(reader.names, reader.located, fields, usable)
        placed = {"X_FIELD", "Y_FIELD", "GEOPOINT_FIELD"} & {*guessed, *fields}
        if points and not reader.located and not placed:
            # where the form was opened comes last: it is often a home
            guessed["GEOPOINT_FIELD"] = min(points, key=lambda n: "start" in n.lower())
        for role, name in guessed.items():
            run.info(tr("{role}: the field '{field}' is taken, by its name.").format(role=role, field=shown(name)))
    fields = {**guessed, **fields}
    for one, other in (("X_FIELD", "Y_FIELD"), ("Y_FIELD", "X_FIELD")):
        if fields.get(one) and not fields.get(other):
            raise InputError(other, "{one} is given without {other}. Give both, or neither.", one=one, other=other)
    if not reader.located and not fields.get("X_FIELD") and not fields.get("GEOPOINT_FIELD"):
        raise InputError("X_FIELD", "The export has no places on the map, and no coordinate columns were found by name."
                         " Choose X_FIELD and Y_FIELD, or GEOPOINT_FIELD, among: {fields}.",
                         fields=", ".join(shown(n) for n in reader.names))
    crs = run.crs_value("CRS") if run.has("CRS") else QgsCoordinateReferenceSystem(str(settings.get("CRS", "")))
    order = columns.ORDERS[run.choice("DATE_ORDER")]
    if order == "auto":
        order = str(settings.get("DATE_ORDER", "auto"))
    if order not in columns.ORDERS:
        raise InputError("MAPPING", "The mapping's DATE_ORDER must be one of {orders}.",
                         orders=", ".join(columns.ORDERS))
    scale = importwords.read_scale(run.text("CONCERN_SCALE") or str(settings.get("CONCERN_SCALE", "")))
    listed = ("", *importwords.VALUES[importwords.SOURCE])
    source = listed[run.choice("SOURCE")] or str(settings.get("SOURCE", "")) or importing.SOURCE_OF.get(system, "")
    return Choices(fields, crs, order, guessed=guessed, encoding=reader.encoding, words=told, scale=scale,
                   source=source, system=system)


def _check_names(reader: Reader) -> None:
    """Refuse a file whose first row is a row of data: its values would be told as names of columns."""
    if reader.json is not None:
        return
    numbers = [n for n in reader.names if re.fullmatch(r"[-+]?\d+([.,]\d+)?", n)]
    if len(numbers) > 1 or any(personal.find(personal.plain(n)) for n in reader.names):
        raise InputError(reader.parameter, "The first row looks like a row of data, not of field names. Add a row"
                                           " with the"
                         " names of the columns.")


def _usable(names: list, system: str) -> set:
    """Return the columns that may be taken by their names: what names a person only ever stands for a voice."""
    portal = system == "Open311"
    return {n for n in names if column_kind(n, portal) in ("", PLACE, DEVICE, ACCOUNT)}
