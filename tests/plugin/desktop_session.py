"""Runs inside the QGIS desktop: opens every tool's dialog, runs one, unloads the plugin, writes what it saw.

Started by ``test_desktop.py``; the result is ``session.json`` in the folder HOTSPOT_OUT.
"""

from __future__ import annotations

import gc
import json
import os
import time
import traceback
from pathlib import Path

import processing
import qgis.utils
from qgis.core import Qgis, QgsApplication, QgsFeature, QgsGeometry, QgsPointXY, QgsProject, QgsVectorLayer
from qgis.gui import QgsGui
from qgis.PyQt.QtCore import QEvent, QTimer
from qgis.PyQt.QtWidgets import QAction, QDockWidget, QMenu
from qgis.utils import iface

OUT = Path(os.environ["HOTSPOT_OUT"])
OURS = {"Python error", "Python warning", "hotspot", "Crime Hotspots"}
seen: dict = {"qgis": Qgis.QGIS_VERSION, "messages": [], "dialogs": [], "steps": [], "error": ""}


def note(text: str, tag: str, level: int) -> None:
    """Keep what concerns us: Python's errors, and whatever bears the plugin's name."""
    if level >= Qgis.MessageLevel.Warning and (tag in OURS or "hotspot_plugin" in text):
        seen["messages"].append(f"{tag}: {text}")


QgsApplication.messageLog().messageReceived.connect(note)


def settle(seconds: float = 0.2) -> None:
    """Let QGIS do what it has to do."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QgsApplication.processEvents()
        time.sleep(0.01)


def wait_for(condition, seconds: float) -> bool:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        settle(0.05)
    return False


def close(dialog) -> None:
    dialog.close()
    dialog.deleteLater()
    QgsApplication.sendPostedEvents(dialog, QEvent.Type.DeferredDelete)
    settle(0.05)


def incidents() -> QgsVectorLayer:
    """Make a layer of two clusters and some scatter, all invented."""
    layer = QgsVectorLayer("Point?crs=EPSG:32630&field=kind:string", "Incidents", "memory")
    features = []
    for k in range(240):
        feature = QgsFeature(layer.fields())
        near = k % 3
        x = 500000 + (k * 37) % 3000 if near == 0 else 500000 + 700 * near + (k * 13) % 180
        y = 5900000 + (k * 91) % 3000 if near == 0 else 5900000 + 900 * near + (k * 29) % 180
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(x, y)))
        feature.setAttributes(["theft"])
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    return layer


def run_one(layer: QgsVectorLayer) -> None:
    """Press Run in the dialog of the kernel density tool and look at what comes."""
    before = set(QgsProject.instance().mapLayers())
    dialog = processing.createAlgorithmDialog("hotspot:kerneldensity", {"INPUT": layer})
    dialog.show()
    settle()
    dialog.runAlgorithm()
    came = wait_for(lambda: set(QgsProject.instance().mapLayers()) - before, 60)
    settle(0.5)
    seen["result"] = [
        {
            "name": QgsProject.instance().mapLayer(key).name(),
            "valid": QgsProject.instance().mapLayer(key).isValid(),
            "renderer": QgsProject.instance().mapLayer(key).renderer().type(),
        }
        for key in set(QgsProject.instance().mapLayers()) - before
    ]
    seen["steps"].append("ran" if came else "run brought no layer")
    dialog.grab().save(str(OUT / "run.png"))
    close(dialog)


def entries() -> dict:
    """Count what the plugin has on the desktop."""
    window = iface.mainWindow()
    ours = [one for one in window.findChildren(QAction) if one.objectName() == "CrimeHotspotsAction"]
    texts = [one.text().replace("&", "") for one in iface.pluginMenu().actions()]
    panels = window.findChild(QMenu, "mPanelMenu")
    return {
        "actions": len(ours),
        "menu": texts.count("Crime Hotspots"),
        "buttons": sum(one.objectName() == "CrimeHotspotsAction" for one in iface.pluginToolBar().actions()),
        "panels": sum(one.text() == "Crime Hotspots" for one in panels.actions()),
        "docks": len([one for one in window.findChildren(QDockWidget) if one.objectName() == "CrimeHotspotsDock"]),
        "keys": sum(one.objectName() == "CrimeHotspotsAction" for one in QgsGui.shortcutsManager().listActions()),
        "provider": int(QgsApplication.processingRegistry().providerById("hotspot") is not None),
    }


def kinds() -> dict:
    """Count the objects of ours that Python still holds."""
    gc.collect()
    # some types of newer Pythons tell no text for their module
    names = [type(one).__name__ for one in gc.get_objects()
             if str(type(one).__module__).startswith("hotspot_plugin.ui")]
    return {name: names.count(name) for name in ("HotspotDock", "Session", "Desk", "StartPage", "Runner")}


def open_dock() -> None:
    """Press the button of the dock and note how long it takes."""
    desk = qgis.utils.plugins["hotspot_plugin"].desk
    begin = time.process_time()
    desk.action.trigger()
    QgsApplication.processEvents()
    seen["dock_ms"] = min(seen.get("dock_ms", 1e9), 1000 * (time.process_time() - begin))


def reload_often() -> None:
    """Unload and load the plugin twenty times, once while a tool is at work."""
    seen["with_dock"], seen["reloads"] = entries(), []
    for number in range(20):
        desk = qgis.utils.plugins["hotspot_plugin"].desk
        if number == 5:
            desk.dock.page("start").run_tool("practicecity", {"SIZE": 1, "OUTPUT": str(OUT / "left.gpkg")}, print)
            settle(0.3)
        desk = None
        qgis.utils.unloadPlugin("hotspot_plugin")
        settle(0.05)
        QgsApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        without = entries()
        qgis.utils.loadPlugin("hotspot_plugin")
        qgis.utils.startPlugin("hotspot_plugin")
        open_dock()
        settle(0.05)
        seen["reloads"].append([without, entries()])
    wait_for(lambda: QgsApplication.taskManager().countActiveTasks() == 0, 30)
    seen["left_objects"] = kinds()


def session() -> None:
    """Do it all, in the order of a user's day."""
    registry = QgsApplication.processingRegistry()
    if "hotspot_plugin" not in qgis.utils.active_plugins:
        raise RuntimeError("the plugin is not active")
    provider = registry.providerById("hotspot")
    seen["steps"].append("loaded")
    layer = incidents()
    QgsProject.instance().addMapLayer(layer)
    for algorithm in provider.algorithms():
        dialog = processing.createAlgorithmDialog(algorithm.id(), {})
        dialog.show()
        settle()
        seen["dialogs"].append({"id": algorithm.id(), "title": dialog.windowTitle(), "shown": dialog.isVisible()})
        dialog.grab().save(str(OUT / f"dialog-{algorithm.name()}.png"))
        close(dialog)
    run_one(layer)
    qgis.utils.unloadPlugin("hotspot_plugin")
    seen["steps"].append("unloaded" if registry.providerById("hotspot") is None else "the provider is still there")
    qgis.utils.loadPlugin("hotspot_plugin")
    qgis.utils.startPlugin("hotspot_plugin")
    again = registry.providerById("hotspot")
    QgsApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    open_dock()
    settle()
    reload_often()
    again = registry.providerById("hotspot")
    seen["steps"].append("loaded again" if again and again.algorithms() else "did not load again")
    qgis.utils.unloadPlugin("hotspot_plugin")


def go() -> None:
    try:
        session()
    except Exception:  # whatever it is, the test shall show it
        seen["error"] = traceback.format_exc()
    (OUT / "session.json").write_text(json.dumps(seen, indent=1), encoding="utf-8")
    # A project with layers would ask whether to save it.
    QgsProject.instance().clear()
    iface.actionExit().trigger()
    QTimer.singleShot(20000, lambda: os._exit(3))


QTimer.singleShot(1500, go)
