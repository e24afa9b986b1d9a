"""What the pages of the dock share: the project, its case file, the runs, and what is remembered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from qgis.core import QgsExpressionContextUtils, QgsProject, QgsSettings, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, QStandardPaths, QTimer, QUrl, pyqtSignal
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import QFileDialog, QWidget

from ..translation import tr
from .caselayers import CaseLayers, loaded
from .jobs import Jobs
from .runner import Outcome, Runner
from .settings import PREFIX, VARIABLE

#: Where the dock keeps what it remembers of a project, among its entries.
_SCOPE = "crime_hotspots"
#: Milliseconds in which many layers that come or go are one change.
_COLLECT = 60


class Session(QObject):
    """One for each dock.

    Signals
    -------
    projectChanged
        Another project was opened, or this one emptied.
    layersChanged
        Layers came or went.
    caseChanged
        Another case file, or none; also when its health was found out.
    dataChanged(str)
        Rows of a table of the case file were written by the dock.
    wanted(str, dict)
        A page asks for another one, with what to begin with.
    ranTool(Outcome)
        A tool ended well.
    """

    projectChanged = pyqtSignal()
    layersChanged = pyqtSignal()
    caseChanged = pyqtSignal()
    dataChanged = pyqtSignal(str)
    wanted = pyqtSignal(str, dict)
    ranTool = pyqtSignal(object)

    def __init__(self, iface: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.iface, self.window = iface, parent
        self.jobs, self.runner = Jobs(self), Runner(self, self.place)
        self.case = ""
        #: what was found out about the case file (layers.casestore.Health), None while it is looked at
        self.health: Any = None
        self._collector = QTimer(self)
        self._collector.setSingleShot(True)
        self._collector.setInterval(_COLLECT)
        self._collector.timeout.connect(self.layersChanged)
        project = QgsProject.instance()
        self._listens = [
            (project.readProject, self._other_project), (project.cleared, self._other_project),
            (project.layersAdded, self._layers), (project.layersRemoved, self._layers),
            (project.customVariablesChanged, self._variables), (project.fileNameChanged, self._project_moved),
        ]
        for signal, slot in self._listens:
            signal.connect(slot)
        self.case_layers = CaseLayers(self)
        self._variables()

    def close_down(self) -> None:
        """Let go of the project and of all that runs."""
        for signal, slot in self._listens:
            signal.disconnect(slot)
        self._listens = []
        self._collector.stop()
        self.case_layers.stop()
        self.jobs.close_down()
        self.runner.close_down()

    # --- the project ---------------------------------------------------------------------------
    def _other_project(self, *_: Any) -> None:
        self._variables()
        self.projectChanged.emit()

    def _layers(self, *_: Any) -> None:
        self._collector.start()

    def layer(self, id: str) -> Any:
        """Return a layer of the project by its id, None where it has gone."""
        return QgsProject.instance().mapLayer(id) if id else None

    def vector_layers(self, geometry: Any = None) -> list:
        """Return the vector layers of the project in the order of the layer tree, those of one kind of geometry."""
        ordered = QgsProject.instance().layerTreeRoot().layerOrder()
        return [layer for layer in ordered if isinstance(layer, QgsVectorLayer) and layer.isValid() and (
            geometry is None or layer.geometryType() == geometry)]

    def remember(self, key: str, value: Any) -> None:
        """Keep a plain value with the project."""
        text = json.dumps(value)
        if self.recall(key) != value:
            QgsProject.instance().writeEntry(_SCOPE, key, text)

    def recall(self, key: str, otherwise: Any = None) -> Any:
        """Return what was kept with the project."""
        text = QgsProject.instance().readEntry(_SCOPE, key, "")[0]
        try:
            return json.loads(text) if text else otherwise
        except ValueError:
            return otherwise

    # --- the user ------------------------------------------------------------------------------
    def setting(self, key: str, otherwise: Any = None) -> Any:
        """Return what this user chose."""
        return QgsSettings().value(PREFIX + key, otherwise)

    def set_setting(self, key: str, value: Any) -> None:
        """Keep what this user chose."""
        QgsSettings().setValue(PREFIX + key, value)

    @property
    def role(self) -> str:
        """The role under which changes are written down; never a name."""
        return str(self.setting("role", "") or tr("crime analyst"))

    # --- the case file -------------------------------------------------------------------------
    def use_case(self, path: str) -> None:
        """Let the project keep its data in a case file, "" for none; it is looked at in the background."""
        kept, folder = path, _home()
        if path and folder and Path(folder).resolve() in Path(path).resolve().parents:
            kept = Path(path).resolve().relative_to(Path(folder).resolve()).as_posix()
        if path:
            self.set_setting("last_case", path)
        if str(QgsProject.instance().customVariables().get(VARIABLE) or "") != kept:
            QgsExpressionContextUtils.setProjectVariable(QgsProject.instance(), VARIABLE, kept)
        self._variables()

    def _variables(self) -> None:
        kept = str(QgsProject.instance().customVariables().get(VARIABLE) or "")
        path = str(Path(_home() or ".") / kept) if kept else ""
        if path != self.case:
            self.case, self.health = path, None
            self.caseChanged.emit()
            self.look_at_case()

    def _project_moved(self) -> None:
        """Keep the same case file when the project is saved somewhere else."""
        if self.case and QgsProject.instance().fileName():
            self.use_case(self.case)

    def look_at_case(self) -> None:
        """Find out in the background whether the case file can be read and written."""
        path = self.case
        if not path:
            return

        def probe(job: Any) -> Any:
            from ..layers import casestore

            return casestore.probe(path)

        self.jobs.start(tr("Looking at the case file"), probe, lambda health: self._found(path, health))

    def _found(self, path: str, health: Any) -> None:
        if path == self.case:
            self.health = health
            self.caseChanged.emit()

    @property
    def case_works(self) -> bool:
        """Whether there is a case file that can be written."""
        return bool(self.case) and self.health is not None and self.health.state == "good"

    def written(self, table: str) -> None:
        """Tell that rows of a table were written: layers that show it are drawn anew, and the pages look again."""
        for layer in map(self.layer, loaded(self.case, table) if self.case else []):
            if not layer.isEditable():
                layer.dataProvider().reloadData()
                layer.updateExtents()
                layer.triggerRepaint()
        self.dataChanged.emit(table)

    # --- files ---------------------------------------------------------------------------------
    def ask_open(self, title: str, kinds: str) -> str:
        """Ask for a file that exists; "" where none was chosen. Tests put their own in its place."""
        return QFileDialog.getOpenFileName(self.window, title, self._folder(), kinds)[0]

    def ask_save(self, title: str, kinds: str, name: str = "") -> str:
        """Ask for a file to write; "" where none was chosen. Tests put their own in its place."""
        return QFileDialog.getSaveFileName(self.window, title, str(Path(self._folder()) / name), kinds)[0]

    def ask_folder(self, title: str) -> str:
        """Ask for a folder; "" where none was chosen. Tests put their own in its place."""
        return QFileDialog.getExistingDirectory(self.window, title, self._folder())

    def show_tool(self, tool: str, parameters: dict) -> None:
        """Open the dialog of a tool. Tests put their own in its place."""
        import processing

        dialog = processing.createAlgorithmDialog(f"hotspot:{tool}", parameters)
        if dialog is not None:
            dialog.show()

    def _folder(self) -> str:
        if self.case:
            return str(Path(self.case).parent)
        return QgsProject.instance().absolutePath() or QStandardPaths.writableLocation(
            QStandardPaths.StandardLocation.DocumentsLocation)

    def place(self, stem: str, suffix: str) -> str:
        """Return a path for a result: in the folder "<case file> results" beside the case file, else temporary.

        The name is free; the folder is made.
        """
        from qgis.core import QgsProcessingUtils

        if not self.case_works:
            return QgsProcessingUtils.generateTempFilename(f"{stem}{suffix}")
        folder = Path(self.case).with_name(tr("{name} results").format(name=Path(self.case).stem))
        try:
            folder.mkdir(exist_ok=True)
        except OSError:  # the file may be written and its folder not
            return QgsProcessingUtils.generateTempFilename(f"{stem}{suffix}")
        path, number = folder / f"{stem}{suffix}", 1
        while path.exists():
            number += 1
            path = folder / f"{stem} {number}{suffix}"
        return str(path)

    def show_file(self, path: str) -> None:
        """Open a report in the browser. Tests put their own in its place."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(path))

    # --- the map -------------------------------------------------------------------------------
    def zoom_to(self, rectangle: Any, crs: Any) -> None:
        """Show a part of the map, with some ground around it."""
        from qgis.core import QgsCoordinateTransform, QgsCsException

        canvas = self.iface.mapCanvas() if self.iface else None
        if canvas is None or rectangle.isNull():
            return
        change = QgsCoordinateTransform(crs, canvas.mapSettings().destinationCrs(), QgsProject.instance())
        try:
            box = change.transformBoundingBox(rectangle)
        except QgsCsException:  # the map's system does not reach there
            return
        if box.width() <= 0 and box.height() <= 0:
            canvas.setCenter(box.center())
        else:
            box.scale(1.3)
            canvas.setExtent(box)
        canvas.refresh()

    # --- between the pages ---------------------------------------------------------------------
    def go(self, page: str, **hint: Any) -> None:
        """Ask for another page: start, community, compare or problems."""
        self.wanted.emit(page, hint)

    def remember_run(self, outcome: Outcome) -> None:
        """Tell everybody that a tool ended well."""
        self.ranTool.emit(outcome)


def _home() -> str:
    """Return the folder of the project, "" where it was not saved."""
    project = QgsProject.instance()
    name = project.fileName()
    # QGIS tells that the project goes elsewhere while its own answer is still the folder where it was
    return str(Path(name).parent) if name.lower().endswith((".qgs", ".qgz")) else project.absolutePath()
