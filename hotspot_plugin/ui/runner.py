"""A Processing tool in a background task: with progress, cancel, history, and the command that repeats it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, Callable, Iterable, Iterator

from qgis.core import (
    QgsApplication,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingUtils,
    QgsProject,
    QgsTask,
)
from qgis.PyQt.QtCore import QCoreApplication, QEvent, QObject, QTimer, pyqtSignal

from ..compat import keep_in_history, tool_command
from ..translation import tr
from .jobs import log, unforeseen

#: Stands for a file where the session keeps results, whose layer comes into the project.
TEMPORARY = "TEMPORARY_OUTPUT"
#: Files in which results are kept: a layer of a file outlives QGIS, and is not shared with the thread that made it.
_SUFFIXES = {"sink": ".gpkg", "vectorDestination": ".gpkg", "rasterDestination": ".tif"}
#: Seconds in which a tool of QGIS stops.
_PATIENCE = 3.0
#: Runs whose dock has gone before they ended: what a thread still uses must not be deleted.
_lingering: set = set()


@dataclass
class Outcome:
    """How a run ended.

    Attributes
    ----------
    state : str
        done, failed or cancelled.
    tool, name : str
        Id and name of the tool.
    results : dict
        What the tool returned; layers by their id in the project where they were loaded.
    layers : dict of str to str
        Id of each layer that came into the project, by output.
    text : str
        Why it failed, in the tool's words.
    warnings, notes : list of str
        What the tool told on its way.
    command, python : str
        What repeats the run in a shell, and in Python.
    seconds : float
    """

    state: str
    tool: str
    name: str
    results: dict = field(default_factory=dict)
    layers: dict = field(default_factory=dict)
    text: str = ""
    warnings: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    command: str = ""
    python: str = ""
    seconds: float = 0.0

    @property
    def summary(self) -> str:
        """The sentence of the tool."""
        return str(self.results.get("SUMMARY") or "")


class _Feedback(QgsProcessingFeedback):
    """Keeps what the tool says; called from the background."""

    def __init__(self) -> None:
        super().__init__(False)
        self.notes: list = []
        self.warnings: list = []
        self.errors: list = []

    def pushInfo(self, text: str) -> None:  # noqa: N802
        self.notes.append(text)
        super().pushInfo(text)

    def pushWarning(self, text: str) -> None:  # noqa: N802
        self.warnings.append(text)
        super().pushWarning(text)

    def reportError(self, text: str, fatalError: bool = False) -> None:  # noqa: N802
        self.errors.append(text)
        super().reportError(text, fatalError)


class ToolRun(QObject):
    """One run of a tool, from :meth:`Runner.run`.

    ``progressed`` tells percent, ``ended`` the :class:`Outcome`; both on the main thread. ``cancel`` stops it.
    """

    progressed = pyqtSignal(float)
    ended = pyqtSignal(object)

    def __init__(self, tool: Any, parameters: dict, parent: QObject) -> None:
        super().__init__(parent)
        self.tool, self.parameters = tool, parameters
        # once the plugin is unloaded, the tool may not be asked: its provider has gone
        self.id, self.title = tool.id(), tool.displayName()
        self._context = QgsProcessingContext()
        self._context.setProject(QgsProject.instance())
        self._feedback = _Feedback()
        self._feedback.progressChanged.connect(self._moved)
        self._task: QgsProcessingAlgRunnerTask | None = None
        self._stopped = self._forgotten = False
        self._begun = time.monotonic()
        self.over = False

    def start(self) -> None:
        """Check the parameters and hand the work to the background; a refusal comes by ``ended`` like all else."""
        if self._stopped:
            self._end(Outcome("cancelled", self.id, self.title))
            return
        try:
            well, text = self.tool.checkParameterValues(self.parameters, self._context)
            if not well:
                self._end(Outcome("failed", self.id, self.title, text=text))
                return
            task = QgsProcessingAlgRunnerTask(self.tool, self.parameters, self._context, self._feedback)
        except Exception as error:  # whoever waits for the run shall hear of it
            log(error)
            self._end(Outcome("failed", self.id, self.title, text=unforeseen(error)))
            return
        if task.isCanceled():  # refused while it was prepared: such a task never tells that it has ended
            self._end(Outcome("failed", self.id, self.title, text=self._last_word(),
                              warnings=self._feedback.warnings, notes=self._feedback.notes))
            return
        self._task = task
        task.executed.connect(self._executed)
        if not self.id.startswith("hotspot:"):
            QgsProject.instance().layersWillBeRemoved.connect(self._layers_go)
        QgsApplication.taskManager().addTask(task)

    def cancel(self) -> None:
        """Ask the tool to stop; it does within a second."""
        self._stopped = True
        self._feedback.cancel()

    def forget(self) -> None:
        """Stop, and call nobody back."""
        self._forgotten = True
        self.blockSignals(True)
        self.setParent(None)
        _lingering.add(self)
        self.cancel()

    def task(self) -> QgsTask | None:
        """Return the task that works for it."""
        return self._task

    def at_work(self) -> bool:
        """Whether the background still works for it."""
        return self._task is not None and self._task.status() in (QgsTask.TaskStatus.Queued, QgsTask.TaskStatus.Running)

    def _layers_go(self, going: list) -> None:
        """Stop, and wait for it, before a layer goes that a tool of QGIS reads: it would read on and end QGIS."""
        used = set(_texts(self.parameters.values()))
        if not used & {one if isinstance(one, str) else one.id() for one in going}:
            return
        self.cancel()
        end = time.monotonic() + _PATIENCE
        while self.at_work() and time.monotonic() < end:
            time.sleep(0.002)
            if self.at_work():  # that it has ended is told by an event
                QCoreApplication.sendPostedEvents(self._task, QEvent.Type.MetaCall)

    def _moved(self, percent: float) -> None:
        self.progressed.emit(percent)

    def _executed(self, well: bool, results: dict) -> None:
        told = {"warnings": self._feedback.warnings, "notes": self._feedback.notes,
                "seconds": time.monotonic() - self._begun}
        self._task = None
        if self._forgotten:
            self._end(Outcome("cancelled", self.id, self.title))
            return
        if self._stopped or self._feedback.isCanceled():  # QGIS has a list of tasks to stop, too
            self._end(Outcome("cancelled", self.id, self.title, **told))
            return
        try:
            told["python"] = self.tool.asPythonCommand(self.parameters, self._context)
            told["command"] = tool_command(self.tool, self.parameters, self._context)
            keep_in_history(self.tool, self.parameters, self._context, "\n".join(self._feedback.notes))
        except Exception as error:  # the result is there all the same
            log(error)
        if not well:
            self._end(Outcome("failed", self.id, self.title, text=self._last_word(), **told))
            return
        results = dict(results)
        try:
            layers = self._load(results)
        except Exception as error:
            log(error)
            self._end(Outcome("failed", self.id, self.title, text=unforeseen(error), **told))
            return
        self._end(Outcome("done", self.id, self.title, results, layers, **told))

    def _last_word(self) -> str:
        return self._feedback.errors[-1].strip() if self._feedback.errors else tr("The tool ended without a word.")

    def _load(self, results: dict) -> dict:
        """Bring the layers into the project, with their looks; return their ids by output."""
        from processing.gui import Postprocessing

        project = QgsProject.instance()
        wanted = {key: details.outputName for key, details in self._context.layersToLoadOnCompletion().items()}
        found = {}
        for key, name in wanted.items():
            layer = QgsProcessingUtils.mapLayerFromString(key, self._context)
            if layer is not None:
                found[name] = layer.id()
        Postprocessing.handleAlgorithmResults(self.tool, self._context, self._feedback, False)
        layers = {name: id for name, id in found.items() if project.mapLayer(id) is not None}
        results.update(layers)
        return layers

    def _end(self, outcome: Outcome) -> None:
        self.over = True
        try:
            QgsProject.instance().layersWillBeRemoved.disconnect(self._layers_go)
        except TypeError:  # it listens only while a tool of QGIS works
            pass
        self.ended.emit(outcome)
        _lingering.discard(self)
        # Python may collect this run in any thread, and there its layers would die: QGIS tells the main thread of it,
        # which then looks for what is no more
        self._context = None
        self.deleteLater()


class Runner(QObject):
    """Runs tools, and keeps them until they have ended."""

    started = pyqtSignal(object)

    def __init__(self, parent: QObject | None = None, place: Callable[[str, str], str] | None = None) -> None:
        super().__init__(parent)
        self._alive: list = []
        #: gives the path of a file that outlives QGIS (``Session.place``), by stem and suffix
        self._place = place or (lambda stem, suffix: QgsProcessingUtils.generateTempFilename(f"{stem}{suffix}"))

    def run(self, tool: str, parameters: dict) -> ToolRun:
        """Start a tool; call ``connect`` on the run's ``ended`` first thing.

        Parameters
        ----------
        tool : str
            Its id; ``hotspot:`` may be left out.
        parameters : dict
            As for ``processing.run``; layers by id. A path that is wrapped by :func:`into_project` comes into the
            project with its look. :data:`TEMPORARY`, and results that a tool must have and nothing is said of, become
            files where the session keeps results, and come into the project too.
        """
        name = tool if ":" in tool else f"hotspot:{tool}"
        algorithm = QgsApplication.processingRegistry().createAlgorithmById(name)
        if algorithm is None:
            raise ValueError(f"no tool {name}")
        filled = dict(parameters)
        for definition in algorithm.parameterDefinitions():
            if definition.isDestination() and definition.type() in _SUFFIXES:
                key, optional = definition.name(), bool(definition.flags() & definition.Flag.FlagOptional)
                if filled.get(key, None if optional else TEMPORARY) == TEMPORARY:
                    filled[key] = into_project(self._place(_stem(definition), _SUFFIXES[definition.type()]))
        run = ToolRun(algorithm, filled, self)
        self._alive.append(run)
        run.ended.connect(lambda outcome: self._alive.remove(run))
        self.started.emit(run)
        QTimer.singleShot(0, run.start)  # from the event loop, so that who asked can first connect
        return run

    def running(self) -> list:
        """Return the runs that have not ended."""
        return list(self._alive)

    def close_down(self) -> None:
        """Stop all runs and call nobody back."""
        for run in self._alive:
            run.forget()
        self._alive.clear()


def wait_for_the_forgotten(seconds: float = 3.0) -> None:
    """Wait until runs whose dock has gone have stopped; they do within a second.

    A tool that works on while its provider is taken away would bring QGIS down.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end and any(run.at_work() for run in list(_lingering)):
        time.sleep(0.01)
        for run in list(_lingering):
            if run.at_work():  # that it has ended is told by an event, and only this one shall be heard now
                QCoreApplication.sendPostedEvents(run.task(), QEvent.Type.MetaCall)


def _texts(values: Iterable) -> Iterator[str]:
    """Yield the texts among parameters, those of lists too."""
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from _texts(value)


def _stem(definition: Any) -> str:
    """Return the name of a result's file: what the tool calls it, without signs that a file cannot have."""
    return "".join(sign if sign.isalnum() or sign in " -_" else " " for sign in definition.description()).strip()


def into_project(place: str) -> QgsProcessingOutputLayerDefinition:
    """Return a destination whose layer comes into the project."""
    return QgsProcessingOutputLayerDefinition(place, QgsProject.instance())
