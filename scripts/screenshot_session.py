"""Runs inside the QGIS desktop: opens the plugin's group in the toolbox and one tool's dialog, takes the picture.

Started by ``make screenshots``; HOTSPOT_TOOL names the tool, HOTSPOT_PROJECT a project to open.
"""

from __future__ import annotations

import os
import time
import traceback
from pathlib import Path

import processing
from qgis.core import QgsApplication, QgsProject
from qgis.PyQt.QtCore import QModelIndex, Qt, QTimer
from qgis.PyQt.QtWidgets import QAbstractItemView, QDockWidget, QTreeView
from qgis.utils import iface

OUT = Path(os.environ["HOTSPOT_OUT"])
TOOL = os.environ.get("HOTSPOT_TOOL", "findhotspots")


def settle(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QgsApplication.processEvents()
        time.sleep(0.02)


def load_project() -> None:
    """Open the project that the environment names, if it names one."""
    project = os.environ.get("HOTSPOT_PROJECT", "")
    if project and not iface.addProject(project):
        raise RuntimeError(f"cannot open {project}")


def open_group() -> None:
    """Show the toolbox with the plugin's groups unfolded."""
    dock = iface.mainWindow().findChild(QDockWidget, "ProcessingToolbox")
    dock.show()
    dock.raise_()
    iface.mainWindow().resizeDocks([dock], [430], Qt.Orientation.Horizontal)
    tree = dock.findChild(QTreeView)
    model = tree.model()
    for row in range(model.rowCount(QModelIndex())):
        index = model.index(row, 0, QModelIndex())
        if str(model.data(index)).startswith("Crime Hotspots"):
            tree.expandRecursively(index)
            tree.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtTop)
            return
    raise RuntimeError("the toolbox does not list the plugin")


def session() -> None:
    window = iface.mainWindow()
    window.showNormal()
    window.setGeometry(0, 0, 1600, 1000)
    settle(1.0)
    for dock in window.findChildren(QDockWidget):
        if dock.objectName() in ("Browser", "Browser2", "LayerStyling", "MessageLog"):
            dock.hide()
    load_project()
    open_group()
    settle(4.0)
    window.grab().save(str(OUT / "toolbox.png"))
    layer = next(iter(QgsProject.instance().mapLayersByName("Incidents, July 2016")), None)
    dialog = processing.createAlgorithmDialog(f"hotspot:{TOOL}", {"INPUT": layer.id()} if layer else {})
    dialog.resize(900, 640)
    dialog.move(20, 330)
    dialog.show()
    dialog.raise_()
    settle(2.0)
    QgsApplication.primaryScreen().grabWindow(0).save(str(OUT / "desktop.png"))
    dialog.grab().save(str(OUT / f"dialog-{TOOL}.png"))
    dialog.close()
    dialog.deleteLater()
    settle(0.2)


def go() -> None:
    try:
        session()
    except Exception:  # told to whoever asked for the picture
        (OUT / "error.txt").write_text(traceback.format_exc(), encoding="utf-8")
    QgsProject.instance().clear()
    iface.actionExit().trigger()
    QTimer.singleShot(20000, lambda: os._exit(3))


QTimer.singleShot(2000, go)
