"""The only place that asks for the version of QGIS, Qt or GDAL."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    Qgis,
    QgsField,
    QgsLayoutItemLabel,
    QgsLayoutItemLegend,
    QgsLegendStyle,
    QgsMapLayer,
    QgsTask,
    QgsTextFormat,
    QgsUnitTypes,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import Qt, QVariant
from qgis.PyQt.QtGui import QColor, QFont

if Qgis.QGIS_VERSION_INT >= 33800:
    from qgis.PyQt.QtCore import QMetaType

    _TYPES = {
        "integer": QMetaType.Type.LongLong,
        "number": QMetaType.Type.Double,
        "text": QMetaType.Type.QString,
        "boolean": QMetaType.Type.Bool,
        "time": QMetaType.Type.QDateTime,
        "date": QMetaType.Type.QDate,
    }
else:  # QgsField takes QVariant types only
    _TYPES = {
        "integer": QVariant.LongLong,
        "number": QVariant.Double,
        "text": QVariant.String,
        "boolean": QVariant.Bool,
        "time": QVariant.DateTime,
        "date": QVariant.Date,
    }


def make_field(name: str, kind: str) -> QgsField:
    """Return a field of one of our kinds: integer, number, text, boolean, time or date."""
    return QgsField(name, _TYPES[kind])


#: The numbers of Qt's value types, alike in Qt 5 and Qt 6.
_KINDS = {
    1: "boolean", 2: "integer", 3: "integer", 4: "integer", 5: "integer", 32: "integer", 33: "integer",
    6: "number", 38: "number", 10: "text", 14: "date", 15: "clock", 16: "time",
}


def field_kind(field: QgsField) -> str:
    """Return the kind of a field: integer, number, text, boolean, date, time, clock or other."""
    code = field.type()
    return _KINDS.get(int(getattr(code, "value", code)), "other")


def is_null(value: object) -> bool:
    """Whether an attribute is null, in the ways of all supported versions."""
    return value is None or (isinstance(value, QVariant) and value.isNull())


def read_texts(tool: Any, parameters: dict, name: str, context: Any) -> list:
    """Return the value of a parameter that holds names, such as those of fields."""
    if hasattr(tool, "parameterAsStrings"):
        return tool.parameterAsStrings(parameters, name, context)
    return tool.parameterAsFields(parameters, name, context)


def streams_booleans() -> bool:
    """Whether GDAL's Arrow stream delivers Boolean columns as they are: 3.6 mixes them up, 3.10 does not."""
    from osgeo import gdal

    return int(gdal.VersionInfo()) >= 3100000


def set_group_box(container: Any, box: bool) -> None:
    """Make a part of a form a box with a title, or a tab."""
    if Qgis.QGIS_VERSION_INT >= 33200:
        kind = Qgis.AttributeEditorContainerType
        container.setType(kind.GroupBox if box else kind.Tab)
    else:
        container.setIsGroupBox(box)


def save_style(layer: QgsVectorLayer, name: str) -> str:
    """Save the layer's look in its GeoPackage as the one that QGIS opens it with; return the error, "" if none."""
    if hasattr(layer, "saveStyleToDatabaseV2"):
        return layer.saveStyleToDatabaseV2(name, "", True, "")[1]
    return layer.saveStyleToDatabase(name, "", True, "")


def save_default_style(layer: QgsMapLayer) -> None:
    """Save the layer's look as the default of its file."""
    if Qgis.QGIS_VERSION_INT >= 32600:
        layer.saveDefaultStyle(QgsMapLayer.StyleCategory.AllStyleCategories)
    else:
        layer.saveDefaultStyle()


def _text_format(font: QFont, colour: QColor) -> QgsTextFormat:
    text = QgsTextFormat()
    text.setFont(font)
    text.setSize(font.pointSizeF())
    text.setSizeUnit(QgsUnitTypes.RenderUnit.RenderPoints)
    text.setColor(colour)
    return text


def label_font(label: QgsLayoutItemLabel, font: QFont, colour: QColor) -> None:
    """Give a layout's label its font and colour."""
    if Qgis.QGIS_VERSION_INT >= 32400:
        label.setTextFormat(_text_format(font, colour))
    else:
        label.setFont(font)
        label.setFontColor(colour)


def legend_font(legend: QgsLayoutItemLegend, part: QgsLegendStyle.Style, font: QFont, colour: QColor) -> None:
    """Give a part of a layout's legend its font and colour."""
    if Qgis.QGIS_VERSION_INT >= 33000:
        style = legend.style(part)
        style.setTextFormat(_text_format(font, colour))
        legend.setStyle(part, style)
    else:
        legend.setStyleFont(part, font)
        legend.setFontColor(colour)


def quiet_task_flags() -> Any:
    """Return the flags of a short background task: it can be cancelled and, where QGIS knows how, is not announced."""
    flags = QgsTask.Flag.CanCancel
    for name in ("Hidden", "Silent"):  # from 3.26 on
        if hasattr(QgsTask.Flag, name):
            flags = flags | getattr(QgsTask.Flag, name)
    return flags


def tool_command(tool: Any, parameters: dict, context: Any) -> str:
    """Return the ``qgis_process`` command that repeats a run."""
    if hasattr(tool, "asQgisProcessCommand"):
        return tool.asQgisProcessCommand(parameters, context)[0]
    import shlex

    from qgis.core import QgsProject

    project = context.project() or QgsProject.instance()
    given = [f"--{name}={shlex.quote(_written(value, project))}" for name, value in parameters.items()
             if value is not None]
    return " ".join(["qgis_process run", tool.id(), *given])


def _written(value: Any, project: Any) -> str:
    """Return a value as ``qgis_process`` takes it."""
    if hasattr(value, "sink"):
        value = value.sink.staticValue()
    if isinstance(value, (list, tuple)):
        return ";".join(_written(one, project) for one in value)
    layer = project.mapLayer(value) if isinstance(value, str) else None
    value = layer.source() if layer is not None else value
    return str(value.toString(Qt.DateFormat.ISODate) if hasattr(value, "toString") else value)


def keep_in_history(tool: Any, parameters: dict, context: Any, log: str) -> None:
    """Write a run into the Processing history, as the dialog of the tool would."""
    from qgis import gui

    if hasattr(gui.QgsGui, "historyProviderRegistry"):
        gui.QgsGui.historyProviderRegistry().addEntry("processing", {
            "algorithm_id": tool.id(), "inputs": tool.asMap(parameters, context),
            "python_command": tool.asPythonCommand(parameters, context),
            "process_command": tool_command(tool, parameters, context), "log": log, "results": {}})
        return
    from processing.core.ProcessingLog import ProcessingLog

    ProcessingLog.addToLog(tool.asPythonCommand(parameters, context))


def mouse_point(event: Any) -> Any:
    """Return where a mouse event happened in its widget, as a QPointF."""
    return event.position() if hasattr(event, "position") else event.localPos()
