"""Every kind of parameter, declared once, so that it looks and behaves alike in every tool.

Each function returns a parameter with its help set. Distances are metres whatever the
layer's unit: a parameter with a parent layer would follow the layer's degrees or feet.
"""

from __future__ import annotations

from typing import Any, Sequence

from qgis.core import (
    QgsProcessing,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterCrs,
    QgsProcessingParameterDateTime,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterDistance,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsUnitTypes,
)

from ..translation import tr
from . import agency

_FIELD_TYPES = {
    "number": QgsProcessingParameterField.DataType.Numeric,
    "text": QgsProcessingParameterField.DataType.String,
    # dates are often kept as text, so a time field may be of any type
    "time": QgsProcessingParameterField.DataType.Any,
    "any": QgsProcessingParameterField.DataType.Any,
}


def _with_help(parameter: QgsProcessingParameterDefinition, help: str) -> Any:
    parameter.setHelp(help)
    return parameter


def advanced(parameter: QgsProcessingParameterDefinition) -> Any:
    """Fold a parameter away among the advanced ones."""
    flag = QgsProcessingParameterDefinition.Flag.FlagAdvanced
    parameter.setFlags(parameter.flags() | flag)
    return parameter


def from_agency(parameter: QgsProcessingParameterDefinition, key: str, default: str = "") -> Any:
    """Let an optional parameter take a setting of the agency when it is left empty; ``default`` says what else."""
    empty = tr("Empty: as in the agency settings; without them {default}.").format(default=default) if default else (
        tr("Empty: as in the agency settings, if there are any."))
    parameter.setHelp(f"{parameter.help()} {empty}")
    return agency.mark(parameter, key)


# --- layers --------------------------------------------------------------------------------
def _source(name: str, text: str, help: str, types: list, optional: bool) -> Any:
    return _with_help(QgsProcessingParameterFeatureSource(name, text, types, None, optional), help)


def points(name: str, text: str, help: str, optional: bool = False) -> Any:
    """A point layer."""
    return _source(name, text, help, [QgsProcessing.SourceType.TypeVectorPoint], optional)


def lines(name: str, text: str, help: str, optional: bool = False) -> Any:
    """A line layer."""
    return _source(name, text, help, [QgsProcessing.SourceType.TypeVectorLine], optional)


def areas(name: str, text: str, help: str, optional: bool = False) -> Any:
    """A polygon layer."""
    return _source(name, text, help, [QgsProcessing.SourceType.TypeVectorPolygon], optional)


def areas_or_points(name: str, text: str, help: str, optional: bool = False) -> Any:
    """A polygon or point layer."""
    types = [QgsProcessing.SourceType.TypeVectorPolygon, QgsProcessing.SourceType.TypeVectorPoint]
    return _source(name, text, help, types, optional)


def areas_or_lines(name: str, text: str, help: str, optional: bool = False) -> Any:
    """A polygon or line layer."""
    types = [QgsProcessing.SourceType.TypeVectorPolygon, QgsProcessing.SourceType.TypeVectorLine]
    return _source(name, text, help, types, optional)


def points_or_lines(name: str, text: str, help: str, optional: bool = False) -> Any:
    """A point or line layer."""
    types = [QgsProcessing.SourceType.TypeVectorPoint, QgsProcessing.SourceType.TypeVectorLine]
    return _source(name, text, help, types, optional)


def shapes(name: str, text: str, help: str, optional: bool = False) -> Any:
    """A layer of points, lines or polygons."""
    types = [QgsProcessing.SourceType.TypeVectorPoint, QgsProcessing.SourceType.TypeVectorLine,
             QgsProcessing.SourceType.TypeVectorPolygon]
    return _source(name, text, help, types, optional)


def any_source(name: str, text: str, help: str, optional: bool = False) -> Any:
    """A vector layer of any kind, or a table."""
    return _source(name, text, help, [QgsProcessing.SourceType.TypeVector], optional)


def several_layers(name: str, text: str, help: str, optional: bool = True) -> Any:
    """Layers of any kind, vector or raster, as many as one likes."""
    kind = QgsProcessing.SourceType.TypeMapLayer
    return _with_help(QgsProcessingParameterMultipleLayers(name, text, kind, None, optional), help)


def raster(name: str, text: str, help: str, optional: bool = False) -> Any:
    """A raster layer; read it with ``layers.rasters``."""
    return _with_help(QgsProcessingParameterRasterLayer(name, text, None, optional), help)


def field(
    name: str,
    text: str,
    parent: str,
    help: str,
    kind: str = "number",
    optional: bool = False,
    multiple: bool = False,
    default: Any = None,
) -> Any:
    """A field of the layer parameter ``parent``; kind is number, text, time or any."""
    return _with_help(
        QgsProcessingParameterField(name, text, default, parent, _FIELD_TYPES[kind], multiple, optional), help
    )


# --- values --------------------------------------------------------------------------------
def distance(
    name: str, text: str, default: float | None, help: str, minimum: float = 0.0, optional: bool = False
) -> Any:
    """A distance in metres."""
    parameter = QgsProcessingParameterDistance(name, text, default, "", optional, minimum)
    parameter.setDefaultUnit(QgsUnitTypes.DistanceUnit.DistanceMeters)
    return _with_help(parameter, help)


def _number(kind, name, text, default, help, minimum, maximum, optional) -> Any:
    parameter = QgsProcessingParameterNumber(name, text, kind, default, optional)
    if minimum is not None:
        parameter.setMinimum(minimum)
    if maximum is not None:
        parameter.setMaximum(maximum)
    return _with_help(parameter, help)


def number(
    name: str,
    text: str,
    default: float | None,
    help: str,
    minimum: float | None = None,
    maximum: float | None = None,
    optional: bool = False,
) -> Any:
    """A decimal number."""
    kind = QgsProcessingParameterNumber.Type.Double
    return _number(kind, name, text, default, help, minimum, maximum, optional)


def integer(
    name: str,
    text: str,
    default: int | None,
    help: str,
    minimum: int | None = None,
    maximum: int | None = None,
    optional: bool = False,
) -> Any:
    """A whole number."""
    kind = QgsProcessingParameterNumber.Type.Integer
    return _number(kind, name, text, default, help, minimum, maximum, optional)


def choice(name: str, text: str, options: Sequence[str], default: int, help: str) -> Any:
    """One of several options, by its number from 0."""
    return _with_help(QgsProcessingParameterEnum(name, text, list(options), False, default), help)


def flag(name: str, text: str, default: bool, help: str) -> Any:
    """Yes or no."""
    return _with_help(QgsProcessingParameterBoolean(name, text, default), help)


def text(
    name: str, text: str, default: str | None, help: str, optional: bool = False, multiline: bool = False
) -> Any:
    """A text."""
    return _with_help(QgsProcessingParameterString(name, text, default, multiline, optional), help)


def date(name: str, text: str, help: str, optional: bool = False) -> Any:
    """A calendar day."""
    kind = QgsProcessingParameterDateTime.Type.Date
    return _with_help(QgsProcessingParameterDateTime(name, text, kind, None, optional), help)


def crs(name: str, text: str, help: str, optional: bool = False, default: Any = None) -> Any:
    """A coordinate reference system."""
    return _with_help(QgsProcessingParameterCrs(name, text, default, optional), help)


def file(name: str, text: str, help: str, file_filter: str = "", optional: bool = False) -> Any:
    """A file to read; ``file_filter`` as in file dialogs, e.g. ``"JSON files (*.json)"``."""
    parameter = QgsProcessingParameterFile(name, text, optional=optional)
    if file_filter:
        parameter.setFileFilter(file_filter)
    return _with_help(parameter, help)


def settings() -> Any:
    """The agency's settings, which every tool takes."""
    return advanced(file(agency.SETTINGS, tr("Agency settings"), tr(
        "File of settings that 'Agency settings' has made: it fills what is left empty here. Empty: the file that the"
        " project names, if any."), tr("JSON files (*.json)"), optional=True))


def day_start(name: str = "DAY_START") -> Any:
    """The hour at which the police day begins."""
    help = tr("Hour at which the police day begins, 0 to 23: with 6, what happened at 2 in the night counts to the day"
              " before. Dates without a time of day stay on their day.")
    parameter = integer(name, tr("Hour at which the day begins"), None, help, minimum=0, maximum=23, optional=True)
    return advanced(from_agency(parameter, "day_start", tr("midnight")))


def seed(name: str = "SEED") -> Any:
    """The seed of the random numbers."""
    help = tr("Start of the random numbers. The same seed on the same data gives the same result.")
    return advanced(integer(name, tr("Random seed"), 1, help, minimum=0))


# --- outputs -------------------------------------------------------------------------------
def _sink(name: str, text: str, help: str, kind, optional: bool) -> Any:
    # An optional output is off until it is asked for.
    return _with_help(QgsProcessingParameterFeatureSink(name, text, kind, None, optional, not optional), help)


def output_polygons(name: str, text: str, help: str, optional: bool = False) -> Any:
    """A polygon layer that the tool makes."""
    return _sink(name, text, help, QgsProcessing.SourceType.TypeVectorPolygon, optional)


def output_lines(name: str, text: str, help: str, optional: bool = False) -> Any:
    """A line layer that the tool makes."""
    return _sink(name, text, help, QgsProcessing.SourceType.TypeVectorLine, optional)


def output_points(name: str, text: str, help: str, optional: bool = False) -> Any:
    """A point layer that the tool makes."""
    return _sink(name, text, help, QgsProcessing.SourceType.TypeVectorPoint, optional)


def output_table(name: str, text: str, help: str, optional: bool = False) -> Any:
    """A table without geometry that the tool makes."""
    return _sink(name, text, help, QgsProcessing.SourceType.TypeVector, optional)


def output_like_input(name: str, text: str, help: str, optional: bool = False) -> Any:
    """A layer with the geometry of the input, whatever that is."""
    return _sink(name, text, help, QgsProcessing.SourceType.TypeVector, optional)


def output_raster(name: str, text: str, help: str, optional: bool = False) -> Any:
    """A raster that the tool makes."""
    return _with_help(QgsProcessingParameterRasterDestination(name, text, None, optional, not optional), help)


def output_file(name: str, text: str, help: str, file_filter: str, optional: bool = True) -> Any:
    """A file that the tool makes."""
    return _with_help(
        QgsProcessingParameterFileDestination(name, text, file_filter, None, optional, not optional), help
    )


def output_folder(name: str, text: str, help: str) -> Any:
    """A folder of files that the tool makes, where it is asked for."""
    return _with_help(QgsProcessingParameterFolderDestination(name, text, None, True, False), help)


def report(help: str = "", name: str = "REPORT") -> Any:
    """The HTML report, written when asked for."""
    return output_file(
        name, tr("Report"), help or tr("Report as a web page (HTML) with map, charts, tables and settings."),
        tr("HTML files (*.html)"),
    )
