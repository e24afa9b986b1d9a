"""The dock's place on the desktop: its button, its entry in the menu, and when it opens by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import QgsProject, QgsSettings
from qgis.PyQt.QtCore import QObject, Qt, QTimer
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QAction

from ..translation import tr
from .settings import PREFIX, yes

_ICON = Path(__file__).parent.parent / "icons" / "hotspot.svg"


class Desk(QObject):
    """Holds the action, and the dock once it was asked for: QGIS starts without making it."""

    def __init__(self, iface: Any) -> None:
        super().__init__(iface.mainWindow())
        self.iface, self.dock = iface, None
        self.action = QAction(QIcon(str(_ICON)), tr("Crime Hotspots"), iface.mainWindow())
        self.action.setObjectName("CrimeHotspotsAction")
        self.action.setCheckable(True)
        self.action.setToolTip(tr("Hot spots, what residents say, before and after, problems and actions"))
        self.action.triggered.connect(self.show_dock)
        self.menu = tr("&Crime Hotspots")
        iface.addToolBarIcon(self.action)
        iface.addPluginToMenu(self.menu, self.action)
        QgsProject.instance().readProject.connect(self._opened)
        if yes(QgsSettings().value(PREFIX + "shown", False)):
            QTimer.singleShot(0, self._restore)

    def close_down(self) -> None:
        """Take everything away."""
        QgsProject.instance().readProject.disconnect(self._opened)
        self.iface.removePluginMenu(self.menu, self.action)
        self.iface.removeToolBarIcon(self.action)
        self.action.deleteLater()
        self.action = None
        if self.dock is not None:
            self.dock.visibilityChanged.disconnect(self._visible)
            self.dock.closed.disconnect(self._closed)
            self.dock.close_down()
            self.iface.removeDockWidget(self.dock)
            self.dock.deleteLater()
            self.dock = None
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
        if not window.restoreDockWidget(self.dock):
            self.iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.dock)
        self.dock.visibilityChanged.connect(self._visible)
        self.dock.closed.connect(self._closed)

    def _visible(self, shown: bool) -> None:
        if self.action is not None:
            self.action.setChecked(self.dock.isUserVisible())

    def _closed(self) -> None:
        QgsSettings().setValue(PREFIX + "shown", False)

    # --- by itself -----------------------------------------------------------------------------
    def _restore(self) -> None:
        if self.action is not None:
            self.show_dock(True)

    def _opened(self, *_: Any) -> None:
        wanted = yes(QgsSettings().value(PREFIX + "opens", True))
        if wanted and (self.dock is None or not self.dock.isUserVisible()) and holds_ours():
            self.show_dock(True)


def holds_ours() -> bool:
    """Whether the project has a case file, or layers that the tools made."""
    from ..layers import provenance
    from .session import VARIABLE

    project = QgsProject.instance()
    if project.customVariables().get(VARIABLE):
        return True
    return any(provenance.is_practice(layer) or provenance.read(layer) for layer in project.mapLayers().values())
