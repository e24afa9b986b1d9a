"""The form that a table of a case file bears, used without its window: what it asks, fills in by itself, and refuses.

The rules are those in the file, so that a row written from here and one written in plain QGIS
or QField obey one truth. A form is for the thread that reads it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsExpression,
    QgsExpressionContext,
    QgsExpressionContextScope,
    QgsExpressionContextUtils,
    QgsFeature,
    QgsField,
    QgsFieldConstraints,
    QgsGeometry,
    QgsValueMapFieldFormatter,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QDate, QDateTime
from qgis.PyQt.QtXml import QDomDocument

from ..compat import field_kind, is_null, make_field
from ..qobjects import keep
from ..translation import tr
from . import casesql
from .casesql import CaseError
from .sql import quoted

#: Variable that holds the role of whoever works with the form.
ROLE_VARIABLE = "my_role"
ADD, EDIT = "Add", "SingleEdit"
#: Kinds of ``compat.make_field`` by the types of columns of a GeoPackage; all others are texts.
_KINDS = {
    "BOOLEAN": "boolean", "DATE": "date", "DATETIME": "time", "DOUBLE": "number", "FLOAT": "number", "REAL": "number",
    **dict.fromkeys(("TINYINT", "SMALLINT", "MEDIUMINT", "INT", "INTEGER"), "integer"),
}


@dataclass(frozen=True)
class Asked:
    """A question of a form.

    Attributes
    ----------
    field, label : str
    kind : str
        text, integer, number, boolean, date, time.
    widget : str
        QGIS's name of the widget: ValueMap, TextEdit, DateTime, Range, CheckBox, ExternalResource, ValueRelation,
        Hidden ...
    choices : dict
        Value -> text in the order of the form; empty where any value may be given.
    required : bool
    lines : bool
        A text of several lines.
    hint : str
        What to do where the check does not hold.
    default : str
        Expression.
    """

    field: str
    label: str
    kind: str
    widget: str = ""
    choices: dict = field(default_factory=dict)
    required: bool = False
    lines: bool = False
    hint: str = ""
    default: str = ""


def _style(base: Any, table: str) -> str:
    """Return the look with which a table is opened, "" where it has none."""
    if not base.execute("SELECT 1 FROM sqlite_master WHERE name = 'layer_styles'").fetchone():
        return ""
    row = base.execute("SELECT styleQML FROM layer_styles WHERE f_table_name = ? ORDER BY useAsDefault DESC, id DESC",
                       (table,)).fetchone()
    return row[0] or "" if row else ""


def _column(name: str, declared: str) -> QgsField:
    kind, _, length = declared.upper().rstrip(")").partition("(")
    out = make_field(name, _KINDS.get(kind, "text"))
    if length.isdigit():
        out.setLength(int(length))
    return out


def _crs(organisation: str | None, number: int | None, definition: str | None) -> QgsCoordinateReferenceSystem:
    out = QgsCoordinateReferenceSystem(f"{organisation}:{number}")
    return out if out.isValid() else QgsCoordinateReferenceSystem.fromWkt(definition or "")


class Form:
    """The form of one table.

    Parameters
    ----------
    path : str or Path
    table : str

    Raises
    ------
    CaseError
        Where the table cannot be opened.
    """

    def __init__(self, path: str | Path, table: str) -> None:
        with casesql.reading(path) as base:
            columns = base.execute(f"PRAGMA table_info({quoted(table)})").fetchall()
            if not columns:
                raise CaseError("damaged", "'{file}' has no table '{table}', or it cannot be read.",
                                file=Path(path).name, table=table)
            shape = base.execute(
                "SELECT g.column_name, g.geometry_type_name, s.organization, s.organization_coordsys_id, s.definition"
                " FROM gpkg_geometry_columns g LEFT JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id"
                " WHERE g.table_name = ?", (table,)).fetchone()
            style = _style(base, table)
        kind = QgsWkbTypes.displayString(QgsWkbTypes.parseType(shape[1])) if shape else "None"
        # In memory, with what the file says: QGIS 3.22 can stand still for good where two threads open one GeoPackage.
        # And a clone, which C++ makes alone: of a layer that Python makes, Qt tells Python what is disconnected from
        # it, with a lock in hand that the main thread may be waiting for; QGIS 3.44 stood still in importNamedStyle.
        made = keep(QgsVectorLayer(kind, table, "memory"))
        self.layer = keep(made.clone())
        self.layer.dataProvider().addAttributes([
            _column(column[1], column[2]) for column in columns if not shape or column[1] != shape[0]])
        self.layer.updateFields()
        if shape:
            self.layer.setCrs(_crs(*shape[2:]))
        if style:
            document = QDomDocument()
            document.setContent(style)
            self.layer.importNamedStyle(document)
        self.fields = self.layer.fields()
        self.names = [name for name in self.fields.names() if name != "fid"]
        self.crs: QgsCoordinateReferenceSystem = self.layer.crs()
        self.spatial = self.layer.isSpatial()

    # --- what is asked ---------------------------------------------------------------------
    def asked(self) -> dict:
        """Return field -> :class:`Asked` in the order of the table."""
        return {name: self._asked(name) for name in self.names}

    def _asked(self, name: str) -> Asked:
        index = self.fields.indexOf(name)
        column, setup = self.fields.at(index), self.layer.editorWidgetSetup(index)
        kind, config = field_kind(column), setup.config()
        return Asked(
            name, self.label(name), kind, setup.type(),
            _choices(config.get("map"), kind) if setup.type() == "ValueMap" else {},
            self._must(index, QgsFieldConstraints.Constraint.ConstraintNotNull), bool(config.get("IsMultiline")),
            self.layer.constraintDescription(index), self.layer.defaultValueDefinition(index).expression())

    def label(self, name: str) -> str:
        """Return what a field is called in the form."""
        return self.layer.attributeAlias(self.fields.indexOf(name)) or name

    def _must(self, index: int, constraint: Any) -> bool:
        return bool(self.layer.fieldConstraints(index) & constraint)

    # --- what is filled in -----------------------------------------------------------------
    def new(self, values: dict, geometry: QgsGeometry | None = None, role: str = "") -> dict:
        """Return all values of a new row: those given, and what the form fills in by itself."""
        feature = self._feature(values, geometry)
        context = self._context(feature, ADD, role)
        for later in (False, True):  # what follows from other answers comes after them
            for index in self._defaults(later):
                if later or is_null(feature.attribute(index)):
                    self._fill(feature, index, context)
        return self._values(feature)

    def changed(self, row: dict, values: dict, geometry: QgsGeometry | None = None, role: str = "") -> dict:
        """Return all values of a row after a change, with the days and the role that follow from it."""
        feature = self._feature({**{k: v for k, v in row.items() if k in self.names}, **values}, geometry)
        context = self._context(feature, EDIT, role)
        for index in self._defaults(True):
            self._fill(feature, index, context)
        return self._values(feature)

    def read(self, row: dict) -> dict:
        """Return the values of a row as the form understands them: None for a word in a column of numbers."""
        return self._values(self._feature({k: v for k, v in row.items() if k in self.names}, None))

    def _defaults(self, on_update: bool) -> list:
        found = ((k, self.layer.defaultValueDefinition(k)) for k in range(self.fields.count()))
        return [k for k, default in found if default.isValid() and default.applyOnUpdate() == on_update]

    def _fill(self, feature: QgsFeature, index: int, context: QgsExpressionContext) -> None:
        context.setFeature(feature)
        expression = QgsExpression(self.layer.defaultValueDefinition(index).expression())
        expression.prepare(context)
        value = expression.evaluate(context)
        if not expression.hasEvalError():
            feature.setAttribute(index, _typed(value, field_kind(self.fields.at(index))))

    # --- what is refused -------------------------------------------------------------------
    def faults(self, values: dict, geometry: QgsGeometry | None = None, only: Any = None) -> dict:
        """Return field -> what to do, for every value that the form does not take.

        Parameters
        ----------
        values : dict
            Of the whole row, as from :meth:`new` or :meth:`changed`.
        geometry : QgsGeometry or None
        only : iterable of str, optional
            Fields to look at; all if None.
        """
        feature = self._feature(values, geometry)
        context, out = self._context(feature, EDIT, ""), {}
        for name in self.names if only is None else only:
            index = self.fields.indexOf(name)
            hint = self.layer.constraintDescription(index)
            value = feature.attribute(index)
            if is_null(value) and self._must(index, QgsFieldConstraints.Constraint.ConstraintNotNull):
                out[name] = hint or tr("Fill this in.")
                continue
            column = self.fields.at(index)
            if column.length() > 0 and isinstance(value, str) and len(value) > column.length():
                out[name] = hint or tr("At most {most} letters.").format(most=column.length())
                continue
            check = self.layer.constraintExpression(index)
            if check:
                expression = QgsExpression(check)
                expression.prepare(context)
                held = expression.evaluate(context)
                if is_null(held) or not held:
                    out[name] = hint or tr("Correct this.")
        return out

    # --- features --------------------------------------------------------------------------
    def _feature(self, values: dict, geometry: QgsGeometry | None) -> QgsFeature:
        strange = [name for name in values if name not in self.names]
        if strange:
            raise ValueError(f"no field {strange[0]} in {self.layer.name()}")
        out = QgsFeature(self.fields)
        for name, value in values.items():
            index = self.fields.indexOf(name)
            out.setAttribute(index, _typed(value, field_kind(self.fields.at(index))))
        if geometry is not None:
            out.setGeometry(geometry)
        return out

    def _context(self, feature: QgsFeature, mode: str, role: str) -> QgsExpressionContext:
        out = QgsExpressionContext()
        out.appendScope(QgsExpressionContextUtils.globalScope())
        scope = QgsExpressionContextScope()
        scope.setVariable("form_mode", mode)
        if role:
            scope.setVariable(ROLE_VARIABLE, role)
        out.appendScope(scope)
        out.setFields(self.fields)
        out.setFeature(feature)
        return out

    def _values(self, feature: QgsFeature) -> dict:
        return {name: plain(feature.attribute(self.fields.indexOf(name))) for name in self.names}


def plain(value: Any) -> Any:
    """Return a value as a file keeps it: None, text, number, bool; days as ``"2024-01-31"``."""
    if is_null(value):
        return None
    if isinstance(value, QDate):
        return value.toString("yyyy-MM-dd") if value.isValid() else None
    if isinstance(value, QDateTime):
        return value.toString("yyyy-MM-ddTHH:mm:ss") if value.isValid() else None
    return value.isoformat() if isinstance(value, date) else value


def _typed(value: Any, kind: str) -> Any:
    """Return a value as QGIS's expressions know it."""
    value = plain(value)
    if value is None:
        return None
    if kind == "date":
        found = QDate.fromString(str(value)[:10], "yyyy-MM-dd")
        return found if found.isValid() else None
    if kind == "boolean":
        return bool(value)
    if kind in ("integer", "number"):
        try:
            return int(value) if kind == "integer" else float(value)
        except (ValueError, OverflowError):  # SQLite keeps words in a column of numbers
            return None
    return str(value) if kind == "text" else value


def _choices(entries: Any, kind: str) -> dict:
    """Return value -> text of a list's configuration, without the entry for none."""
    pairs = [pair for entry in (entries if isinstance(entries, list) else [entries or {}]) for pair in entry.items()]
    return {int(value) if kind == "integer" else value: text for text, value in pairs
            if value != QgsValueMapFieldFormatter.NULL_VALUE}
