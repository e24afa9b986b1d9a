"""Opens what an agency exported, layer or text file, and gives its columns on demand."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from qgis.core import QgsCoordinateReferenceSystem, QgsWkbTypes

from ...analysis.account import Account
from ...analysis.errors import InputError
from ...compat import field_kind
from ...layers import reading, sources, tables
from ...translation import tr
from .. import record


@dataclass
class Export:
    """The rows of an export, all of them.

    Attributes
    ----------
    name, rows, names
        File or layer name, number of rows, field names.
    columns : dict
        Field -> texts (object array), or :class:`Times` for fields that are dates already.
    x, y : (n,) array of float or None
        Places of a layer in ``crs``, NaN where a row has none; None for a table.
    private : bool
        Whether no value of a row may be shown in a message.
    shapes : list of QgsGeometry or None
        Lines and areas of a layer that holds them; None for a row that is a point or has no place.
    """

    name: str
    names: list
    rows: int = 0
    columns: dict = field(default_factory=dict)
    x: np.ndarray | None = None
    y: np.ndarray | None = None
    crs: QgsCoordinateReferenceSystem = field(default_factory=QgsCoordinateReferenceSystem)
    facts: list = field(default_factory=list)
    private: bool = False
    shapes: list | None = None

    def texts(self, name: str) -> np.ndarray:
        """Return a column as texts."""
        column = self.columns[name]
        if isinstance(column, np.ndarray):
            return column
        known = ~np.isnat(column.values)
        return np.where(known, np.datetime_as_string(column.values.astype("M8[s]")), None).astype(object)


class Opener:
    """Finds out what INPUT or INPUT_FILE is; ``read`` then reads the fields wanted."""

    def __init__(self, run: Any, found: tables.TextSource | None) -> None:
        self.run = run
        path = run.file("INPUT_FILE") if run.has("INPUT_FILE") else ""
        if path and run.has("INPUT"):
            raise InputError("INPUT_FILE", "A layer and a file are both given. Give one of the two.")
        if not path and not run.has("INPUT"):
            raise InputError("INPUT", "Nothing to read. Choose a layer or table, or a file as INPUT_FILE.")
        self.parameter = "INPUT_FILE" if path else "INPUT"
        self.text = found if not path else tables.TextSource(path)
        if path and not tables.is_text_table(path) and not path.lower().endswith(".zip"):
            raise InputError("INPUT_FILE", "'{file}' is no text table ({endings}, also packed as .gz or .zip). Other"
                             " files, such as XLSX or GeoPackage, are given as INPUT.",
                             file=Path(path).name, endings=", ".join(tables.ENDINGS))
        self.encoding = run.text("ENCODING") or (self.text.encoding if self.text else "")
        if self.text:
            self.names = tables.field_names(self.text.path, self.parameter, self.text.separator, self.encoding)
            self.located = False
        else:
            self.names = run.source_fields("INPUT")
            self.located = run.source("INPUT").wkbType() != QgsWkbTypes.Type.NoGeometry

    @property
    def given(self) -> dict:
        """Fields that the layer itself names as its coordinates."""
        if not self.text or not self.text.x_field:
            return {}
        return {"X_FIELD": self.text.x_field, "Y_FIELD": self.text.y_field}

    def read(self, names: list, geometry: bool) -> Export:
        """Read the rows with the fields wanted."""
        return self._read_text(names) if self.text else self._read_layer(names, geometry)

    def _read_text(self, names: list) -> Export:
        run = self.run
        table = tables.read_table(self.text.path, self.parameter, names, self.text.separator, self.encoding,
                                  run.stage(0.0, 0.3))
        run.info(tr("{file}: {rows} rows read as text, separator {separator}, encoding {encoding}.").format(
            file=table.name, rows=table.rows, separator=table.separator_name, encoding=table.encoding))
        if table.skipped:
            run.info(tr("{count} lines above the field names were passed over.").format(count=table.skipped))
        if table.ragged:
            run.warn(tr("{count} rows have more or fewer cells than the header (first: line {line}). They are kept;"
                        " check whether a separator stands within a text.").format(
                count=table.ragged, line=table.first_ragged))
        if table.rows and int(np.diff(table.lines, prepend=1).max()) > 20:
            line = int(table.lines[np.argmax(np.diff(table.lines, prepend=1))])
            run.warn(tr("One row spans more than 20 lines (it ends at line {line}): a quotation mark is probably"
                        " missing there, and rows may be hidden in it.").format(line=line))
        self._record({"file": table.name}, table.name, table.rows, table.fingerprint)
        crs = QgsCoordinateReferenceSystem(self.text.crs)
        return Export(table.name, table.names, table.rows, table.columns, crs=crs, facts=[
            (tr("File"), table.name), (tr("Separator"), table.separator_name), (tr("Text encoding"), table.encoding)])

    def _read_layer(self, names: list, geometry: bool) -> Export:
        run = self.run
        source = run.source("INPUT")
        kinds = {f.name(): field_kind(f) for f in source.fields()}
        times = [n for n in names if kinds.get(n) in ("date", "time")]
        texts = [n for n in names if n not in times]
        points = reading.read_points(
            source, "INPUT", run.tool.fast_sources.get("INPUT"), texts=texts, times=times, geometry=geometry,
            keep_unlocated=True, progress=run.stage(0.0, 0.3))
        self._tell_sheets()
        self._record(record.describe_source(run.tool, run.parameters, "INPUT", run.context), points.name, len(points),
                     points.fingerprint)
        columns = {**{n: points.columns[n] for n in texts}, **points.times}
        spatial = geometry and self.located
        return Export(points.name, self.names, len(points), columns, points.x if spatial else None,
                      points.y if spatial else None, source.sourceCrs(), [(tr("Layer"), points.name)])

    def _tell_sheets(self) -> None:
        """Say so where the file has more tables than the one that is read."""
        layer = sources.layer_of(self.run.tool, self.run.parameters, "INPUT", self.run.context)
        provider = layer.dataProvider() if layer is not None else None
        if provider is None or layer.providerType() != "ogr" or "layername=" in layer.source().lower():
            return
        path = layer.source().split("|")[0]
        names = [part.split("!!::!!")[1] for part in provider.subLayers() if "!!::!!" in part]
        if len(names) > 1 and "layerid=" not in layer.source().lower():
            self.run.warn(tr("'{file}' holds {count} tables ({names}); only the first was read. To read another, write"
                             " its name after the path: {file}|layername={last}").format(
                file=Path(path).name, count=len(names), names=", ".join(names), last=names[-1]))

    def _record(self, description: dict, name: str, rows: int, fingerprint: str) -> None:
        self.run.inputs["INPUT"] = {**description, "account": Account(name, rows), "sha256": fingerprint}
