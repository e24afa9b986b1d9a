"""The dock's place on the desktop: its button, its entry in the menu, and when it opens by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import QgsProject, QgsSettings
from qgis.PyQt.QtCore import QObject, Qt, QTimer
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QAction, QMenu

from ..translation import tr
from .settings import PREFIX, VARIABLE, yes

_ICON = Path(__file__).parent.parent / "icons" / "hotspot.svg"
#: Tables by which a case file is told that is opened as it is, with the project that lies in it.
_TABLES = ("problems", "input_points", "input_areas")


class Desk(QObject):
    """Holds the action, and the dock once it was asked for: QGIS starts without making it."""

    def __init__(self, iface: Any) -> None:
        super().__init__(iface.mainWindow())
        self.iface, self.dock = iface, None
        self.action: QAction | None = QAction(QIcon(str(_ICON)), tr("Crime Hotspots"), self)
        self.action.setObjectName("CrimeHotspotsAction")
        self.action.setCheckable(True)
        self.action.setToolTip(tr("Hot spots, what residents say, before and after, problems and actions"))
        self.action.triggered.connect(self.show_dock)
        self.menu = tr("&Crime Hotspots")
        iface.addToolBarIcon(self.action)
        iface.addPluginToMenu(self.menu, self.action)
        iface.registerMainWindowAction(self.action, "")  # users can give it a key in Settings > Keyboard Shortcuts
        QgsProject.instance().readProject.connect(self._opened)
        if yes(QgsSettings().value(PREFIX + "shown", False)):
            QTimer.singleShot(0, self._restore)

    def close_down(self) -> None:
        """Take everything away."""
        QgsProject.instance().readProject.disconnect(self._opened)
        self.iface.unregisterMainWindowAction(self.action)
        self.iface.removePluginMenu(self.menu, self.action)
        self.iface.removeToolBarIcon(self.action)
        self.action = None  # goes with the desk
        if self.dock is not None:
            dock, self.dock = self.dock, None
            dock.visibilityChanged.disconnect(self._visible)
            dock.closed.disconnect(self._closed)
            dock.close_down()
            from .runner import wait_for_the_forgotten

            wait_for_the_forgotten()
            self.iface.removeDockWidget(dock)
            dock.setParent(None)  # a dock that is made at once after it must be the only one of its name
            dock.deleteLater()
        self.deleteLater()

    # --- showing -------------------------------------------------------------------------------
    def show_dock(self, shown: bool = True) -> None:
        """Show or hide the dock; it is made when it is first shown."""
        if shown and self.dock is None:
            self._make()
        if self.dock is not None:
            self.dock.setUserVisible(shown)
            QgsSettings().setValue(PREFIX + "shown", shown)

    def _make(self) -> None:
        from .dock import HotspotDock

        self.dock = HotspotDock(self.iface)
        window = self.iface.mainWindow()
        if window.restoreDockWidget(self.dock):  # where it was when QGIS was last closed
            panels = window.findChild(QMenu, "mPanelMenu")
            if panels is not None:
                panels.addAction(self.dock.toggleViewAction())
        else:
            self.iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.dock)
            window.resizeDocks([self.dock], [self.dock.good_width()], Qt.Orientation.Horizontal)
        self.dock.visibilityChanged.connect(self._visible)
        self.dock.closed.connect(self._closed)

    def _visible(self, shown: bool) -> None:
        if self.action is not None and self.dock is not None:
            self.action.setChecked(self.dock.isUserVisible())

    def _closed(self) -> None:
        QgsSettings().setValue(PREFIX + "shown", False)

    # --- by itself -----------------------------------------------------------------------------
    def _restore(self) -> None:
        if self.action is not None:
            self.show_dock(True)

    def _opened(self, *_: Any) -> None:
        if self.dock is not None and self.dock.isUserVisible():
            return
        if yes(QgsSettings().value(PREFIX + "opens", True)) and holds_ours():
            self.show_dock(True)


def holds_ours() -> bool:
    """Whether the project has a case file, or layers that the tools made."""
    from ..layers import provenance

    project = QgsProject.instance()
    if project.customVariables().get(VARIABLE):
        return True
    layers = project.mapLayers().values()
    if any(provenance.is_practice(layer) or provenance.read(layer) for layer in layers):
        return True
    return any(layer.source().endswith(f"|layername={table}") for layer in layers for table in _TABLES)
