"""What all tools share, so that a tool only says what is its own.

A tool states its ``NAME`` and ``GROUP``, its names and help, declares its parameters in
``declare`` and does its work in ``execute(run)``: read, analyse, write. This class does the
rest: ids, help pages, the fast route, errors in the user's language, plain output values,
the record of the run, and the promise that everything declared is returned.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingException,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingUtils,
)
from qgis.PyQt.QtGui import QIcon

from ..analysis.errors import Cancelled, HotspotError, InputError
from ..qobjects import kept
from ..translation import tr
from . import agency
from . import parameters as parameters_module
from .groups import Group

if TYPE_CHECKING:  # reading and writing are no part of the start of QGIS
    from .run import Run

#: Where each tool's page of the reference is read.
REFERENCE = "https://github.com/crime-hotspots/crime-hotspots/blob/main/docs/reference/{name}.md"


class HotspotAlgorithm(QgsProcessingAlgorithm):
    """A tool of the plugin."""

    NAME: str
    GROUP: Group

    def __init__(self) -> None:
        super().__init__()
        self.fast_sources: dict = {}
        self.described: dict = {}
        self.kept_in: dict = {}
        self.several: dict = {}
        self.practice = False
        self._asked: list = []
        self.output_help: dict = {}
        self.agency: agency.Found | None = None

    # --- what a tool says ------------------------------------------------------------------
    def about(self) -> str:
        """Return the help: what it does, when to use it, method, assumptions, units, fields."""
        raise NotImplementedError

    def declare(self) -> None:
        """Add parameters and outputs."""
        raise NotImplementedError

    def execute(self, run: Run) -> dict:
        """Do the work and return the declared numbers and texts."""
        raise NotImplementedError

    def add_number(self, name: str, text: str, help: str) -> None:
        """Declare a number that the tool returns; None where it has no value."""
        self.addOutput(QgsProcessingOutputNumber(name, text))
        self.output_help[name] = help

    def add_text(self, name: str, text: str, help: str) -> None:
        """Declare a text that the tool returns."""
        self.addOutput(QgsProcessingOutputString(name, text))
        self.output_help[name] = help

    # --- identity --------------------------------------------------------------------------
    def tr(self, text: str) -> str:
        """Return the text in the user's language."""
        return tr(text)

    def name(self) -> str:
        return self.NAME

    def group(self) -> str:
        return tr(self.GROUP.title)

    def groupId(self) -> str:  # noqa: N802
        return self.GROUP.id

    def createInstance(self) -> HotspotAlgorithm:  # noqa: N802
        return type(self)()

    def icon(self) -> QIcon:
        return self.provider().icon() if self.provider() else QIcon()

    def svgIconPath(self) -> str:  # noqa: N802
        return self.provider().svgIconPath() if self.provider() else ""

    def helpUrl(self) -> str:  # noqa: N802
        return REFERENCE.format(name=self.NAME)

    def shortHelpString(self) -> str:  # noqa: N802
        texts = {"ALG_DESC": self.about()}
        for definition in self.parameterDefinitions():
            texts[definition.name()] = definition.help()
        texts.update(self.output_help)
        return QgsProcessingUtils.formatHelpMapAsHtml(texts, self)

    def initAlgorithm(self, configuration: dict | None = None) -> None:  # noqa: N802
        self.output_help = {}
        self.declare()
        self.addParameter(parameters_module.settings())
        self.add_text(
            "PROVENANCE",
            tr("Record of the run"),
            tr("JSON text: the tool, its version, settings, inputs, coordinate reference system and what was left out"
               " and why, so that the run can be repeated and checked. It holds no password, user name or folder."),
        )

    # --- running ---------------------------------------------------------------------------
    def checkParameterValues(self, parameters: dict, context: Any) -> tuple:  # noqa: N802
        try:
            filled = {**parameters, **agency.Found(self, parameters, context).values}
        except InputError as error:
            return False, self._words(error)
        return super().checkParameterValues(filled, context)

    def prepareAlgorithm(self, parameters: dict, context: Any, feedback: Any) -> bool:  # noqa: N802
        from ..layers import arrow, sources

        # Layers and the project may be looked at here only: the work itself runs in another thread.
        try:
            self.agency = agency.Found(self, parameters, context)
        except InputError as error:
            raise QgsProcessingException(self._words(error)) from None
        parameters = {**parameters, **self.agency.values}
        given = [
            definition.name()
            for definition in self.parameterDefinitions()
            if definition.type() == "source" and parameters.get(definition.name()) not in (None, "")
        ]
        self.fast_sources = {name: arrow.find(self, parameters, name, context) for name in given}
        self.described = {name: sources.describe(self, parameters, name, context) for name in given}
        self.kept_in = {name: sources.kept_in(self, parameters, name, context) for name in given}
        self.several = {}
        self.practice = False
        asked = [sources.practice_of(sources.layer_of(self, parameters, name, context)) for name in given]
        for definition in self.parameterDefinitions():
            kind, name = definition.type(), definition.name()
            if kind == "file" and parameters.get(name):
                self.practice = self.practice or sources.is_practice_file(str(parameters[name]))
            if kind in ("multilayer", "raster") and parameters.get(name) not in (None, "", []):
                layers = self.parameterAsLayerList(parameters, name, context)
                asked += map(sources.practice_of, layers)
                self.several[name] = sources.several(self, parameters, name, context)
                if kind == "raster" and self.several[name]:
                    self.described[name] = self.several[name][0].described
                self.kept_in.update({f"{name}: {layer.name}": layer.place for layer in self.several[name]})
        self._asked = asked
        return True

    def processAlgorithm(self, parameters: dict, context: Any, feedback: Any) -> dict:  # noqa: N802
        from .run import Run

        self.practice = self.practice or any(says() for says in self._asked)
        self._asked = []
        run = Run(self, {**parameters, **self.agency.values}, context, feedback)
        try:
            self._tell_settings(run)
            run.refuse_files_over_layers()
            with kept():
                results = self.execute(run)
                return self._all_declared(run.finish({name: plain(value) for name, value in results.items()}))
        except Cancelled as error:
            problem = tr(error.text)
        except HotspotError as error:
            problem = self._words(error)
        # QGIS never lets go of the traceback of an exception that comes out of here, nor of what hangs on it: raised
        # from within the handlers it would keep the data of every cancelled or refused run in memory.
        del run
        raise QgsProcessingException(problem)

    def _tell_settings(self, run: Run) -> None:
        if self.practice:
            run.info(tr("These are practice data, not a real place: reports and results say so."))
        for text in self.agency.told:
            run.info(text)
        for text in self.agency.doubts:
            run.warn(text)

    def _words(self, error: HotspotError) -> str:
        text = tr(error.text)
        text = text.format(**error.values) if error.values else text
        if isinstance(error, InputError):
            # one of several layers goes by "NAME: layer's name"
            name, _, layer = error.parameter.partition(": ")
            definition = self.parameterDefinition(name)
            label = definition.description() if definition else name
            return f"{label} ({name}, '{layer}'): {text}" if layer else f"{label} ({name}): {text}"
        return text

    def _all_declared(self, results: dict) -> dict:
        declared = [output.name() for output in self.outputDefinitions()]
        unknown = set(results) - set(declared)
        required = {o.name() for o in self.outputDefinitions() if o.type() in ("outputNumber", "outputString")}
        missing = required - set(results)
        if unknown or missing:
            raise RuntimeError(f"{self.NAME}: undeclared {sorted(unknown)}, not returned {sorted(missing)}")
        return {name: results.get(name) for name in declared}


def plain(value: Any) -> Any:
    """Return a value as a plain Python one: a numpy scalar becomes an empty text in JSON."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
