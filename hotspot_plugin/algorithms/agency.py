"""Lets every tool take its defaults from the agency's settings.

A parameter that was left empty takes the agency's value, and the log says so; a value that
was given stays as it is. Which parameter takes which setting is said where the parameter is
declared (:func:`~hotspot_plugin.algorithms.parameters.from_agency`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import QgsExpressionContextUtils, QgsProject

from ..analysis.errors import InputError
from ..translation import tr

SETTINGS = "SETTINGS"
#: The project's variable that holds the path of its settings file.
VARIABLE = "crime_hotspots_settings"
_KEY = "agency_setting"


def mark(parameter: Any, key: str) -> Any:
    """Say which setting a parameter takes when it is left empty."""
    parameter.setMetadata({**parameter.metadata(), _KEY: key})
    return parameter


def key_of(parameter: Any) -> str:
    """Return the setting that a parameter takes, "" if none."""
    return parameter.metadata().get(_KEY, "")


def _empty(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, (list, tuple)) and not value)


class Found:
    """The agency's settings for one run.

    Attributes
    ----------
    agency : Agency
        Empty where there are none.
    values : dict
        Parameters that take a setting.
    told, doubts : list of str
        What the log says of it.
    """

    def __init__(self, tool: Any, parameters: dict, context: Any) -> None:
        self.values: dict = {}
        self.told: list = []
        self.doubts: list = []
        self.file = ""
        self.agency = self._read(tool, parameters, context)
        for definition in tool.parameterDefinitions():
            key = key_of(definition)
            value = self._value(key) if key else None
            if definition.type() == "field" and definition.parentLayerParameterName() not in self.values:
                continue  # a field of the agency's layer, and not of another one
            if not _empty(value) and _empty(parameters.get(definition.name())):
                self.values[definition.name()] = value
                self.told.append(tr("{parameter}: {value}, from the agency settings '{file}'.").format(
                    parameter=definition.description(), value=getattr(self.agency, key), file=self.file))

    def _read(self, tool: Any, parameters: dict, context: Any) -> Any:
        # few runs have settings: reading them is no part of the start
        from ..analysis.agency import Agency, from_json

        given = parameters.get(SETTINGS)
        path = tool.parameterAsFile(parameters, SETTINGS, context) if not _empty(given) else ""
        project = context.project() or QgsProject.instance()
        if not path:
            path = self._of_project(project)
        if not path:
            return Agency()
        self.folder, self.file = Path(path).resolve().parent, Path(path).name
        try:
            text = Path(path).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            if _empty(given):
                self.doubts.append(tr(
                    "The agency settings of the project ('{file}') cannot be read and are not used. Mend the project's"
                    " variable {variable}, or remove it.").format(file=self.file, variable=VARIABLE))
                return Agency()
            raise InputError(SETTINGS, "'{file}' cannot be read. Choose a file that 'Agency settings' made.",
                             file=self.file) from error
        return from_json(text, SETTINGS, self.file)

    @staticmethod
    def _of_project(project: QgsProject) -> str:
        path = str(project.customVariables().get(VARIABLE) or "")
        return str(Path(project.absolutePath() or ".") / path) if path else ""

    def _value(self, key: str) -> Any:
        from ..analysis.agency import PLACES

        value = getattr(self.agency, key)
        if key in PLACES and value:
            # the path may be followed by the name of a table: areas.gpkg|layername=beats
            path, bar, table = value.partition("|")
            return str(self.folder / path) + bar + table
        return value


def use_in_project(path: str, project: QgsProject) -> str:
    """Let a project take its settings from a file; return the path as the project keeps it."""
    kept, folder = Path(path).resolve(), project.absolutePath()
    if folder and Path(folder).resolve() in kept.parents:
        kept = kept.relative_to(Path(folder).resolve())
    QgsExpressionContextUtils.setProjectVariable(project, VARIABLE, str(kept))
    return str(kept)
