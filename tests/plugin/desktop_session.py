"""Runs inside the QGIS desktop: opens every tool's dialog, runs some, unloads the plugin, writes what it saw.

Started by ``test_desktop.py``; the result is ``session.json`` in the folder HOTSPOT_OUT. HOTSPOT_PARTS may name some of
its parts only: dialogs run reports reload.
"""

from __future__ import annotations

import faulthandler
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
from qgis.PyQt.QtCore import QDate, QEvent, QTimer
from qgis.PyQt.QtWidgets import QAction, QApplication, QDockWidget, QMenu, QTextEdit
from qgis.utils import iface

OUT = Path(os.environ["HOTSPOT_OUT"])
OURS = {"Python error", "Python warning", "hotspot", "Crime Hotspots"}
PARTS = os.environ.get("HOTSPOT_PARTS", "dialogs run reports reload").split()
#: seconds that QGIS may take to do what it does by itself; waits end as soon as it is done
PATIENCE = 120
seen: dict = {"qgis": Qgis.QGIS_VERSION, "messages": [], "dialogs": [], "steps": [], "error": "", "seconds": {}}


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
    """Make a layer of two clusters and some scatter, all invented, of two years."""
    layer = QgsVectorLayer("Point?crs=EPSG:32630&field=kind:string&field=day:date", "Incidents", "memory")
    features = []
    for k in range(240):
        feature = QgsFeature(layer.fields())
        near = k % 3
        x = 500000 + (k * 37) % 3000 if near == 0 else 500000 + 700 * near + (k * 13) % 180
        y = 5900000 + (k * 91) % 3000 if near == 0 else 5900000 + 900 * near + (k * 29) % 180
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(x, y)))
        feature.setAttributes([("theft", "burglary", "robbery")[k % 7 % 3], QDate(2023, 1, 1).addDays(k * 3)])
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    return layer


def run_one(tool: str, **values) -> dict:
    """Press Run in the dialog of a tool and return what came: its results, the layers, what the dialog wrote."""
    before, begun, results = set(QgsProject.instance().mapLayers()), time.monotonic(), []
    dialog = processing.createAlgorithmDialog(f"hotspot:{tool}", values)
    dialog.algorithmFinished.connect(lambda well, found: results.append((well, found)))
    dialog.show()
    settle()
    dialog.runAlgorithm()
    wait_for(lambda: results, PATIENCE)
    settle(0.5)
    well, found = results[0] if results else (False, {})
    layers = [QgsProject.instance().mapLayer(key) for key in set(QgsProject.instance().mapLayers()) - before]
    told = {
        "well": well,
        "results": {key: value for key, value in dict(found).items() if isinstance(value, (str, int, float))},
        "layers": [{"name": layer.name(), "valid": layer.isValid(), "renderer": layer.renderer().type()}
                   for layer in layers if layer.isSpatial()],
        "log": "" if well else dialog.findChild(QTextEdit, "txtLog").toPlainText()[-2000:],
    }
    dialog.grab().save(str(OUT / f"run-{tool}.png"))
    close(dialog)
    seen["seconds"][tool] = round(time.monotonic() - begun, 1)
    return told


def reports(layer: QgsVectorLayer) -> None:
    """Run tools whose reports draw charts and maps: a dialog has them do it in a thread of QGIS."""
    seen["reports"] = {
        "findhotspots": run_one("findhotspots", INPUT=layer, DATE_FIELD="day", TYPE_FIELD="kind",
                                REPORT=str(OUT / "findhotspots.html")),
    }
    spots = next((one for one in QgsProject.instance().mapLayers().values() if one.name() == "Hot spots"), None)
    seen["reports"]["compareperiods"] = run_one(
        "compareperiods", INCIDENTS=layer, AREAS=spots, DATE_FIELD="day", TYPE_FIELD="kind", BEFORE_START="2023-01-01",
        BEFORE_END="2023-12-31", AFTER_START="2024-01-01", AFTER_END="2024-12-20",
        REPORT=str(OUT / "compareperiods.html"))
    seen["steps"].append("reported")


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


def holders(name: str) -> list:
    """Tell what still holds the objects of a kind."""
    found = [one for one in gc.get_objects() if type(one).__name__ == name
             and type(one).__module__.startswith("hotspot_plugin.ui")]
    return [[f"{type(other).__name__}: {str(other)[:200]}" for other in gc.get_referrers(one) if other is not found][:8]
            for one in found]


def stacks() -> None:
    """Write down what every thread is at."""
    with open(OUT / "stacks.txt", "a", encoding="utf-8") as file:
        faulthandler.dump_traceback(file, all_threads=True)


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
        if number == 5:
            seen["left_at_work"] = [task.description() for task in QgsApplication.taskManager().activeTasks()]
        qgis.utils.loadPlugin("hotspot_plugin")
        qgis.utils.startPlugin("hotspot_plugin")
        open_dock()
        settle(0.05)
        seen["reloads"].append([without, entries()])
    begun = time.monotonic()
    seen["idle"] = wait_for(lambda: QgsApplication.taskManager().countActiveTasks() == 0, PATIENCE)
    seen["left_tasks"] = [task.description() for task in QgsApplication.taskManager().activeTasks()]
    wait_for(lambda: set(kinds().values()) == {1}, 5)
    seen["left_objects"] = kinds()
    seen["held_by"] = {name: holders(name) for name, number in seen["left_objects"].items() if number > 1}
    seen["seconds"]["until idle"] = round(time.monotonic() - begun, 1)
    if not seen["idle"]:
        stacks()


def dialogs(provider) -> None:
    """Open the dialog of every tool."""
    begun = time.monotonic()
    for algorithm in provider.algorithms():
        dialog = processing.createAlgorithmDialog(algorithm.id(), {})
        dialog.show()
        settle()
        seen["dialogs"].append({"id": algorithm.id(), "title": dialog.windowTitle(), "shown": dialog.isVisible()})
        dialog.grab().save(str(OUT / f"dialog-{algorithm.name()}.png"))
        close(dialog)
    seen["seconds"]["dialogs"] = round(time.monotonic() - begun, 1)


def session() -> None:
    """Do it all, in the order of a user's day."""
    registry = QgsApplication.processingRegistry()
    if "hotspot_plugin" not in qgis.utils.active_plugins:
        raise RuntimeError("the plugin is not active")
    provider = registry.providerById("hotspot")
    seen["steps"].append("loaded")
    layer = incidents()
    QgsProject.instance().addMapLayer(layer)
    if "dialogs" in PARTS:
        dialogs(provider)
    if "run" in PARTS:
        seen["run"] = run_one("kerneldensity", INPUT=layer)
        seen["steps"].append("ran")
    if "reports" in PARTS:
        reports(layer)
    qgis.utils.unloadPlugin("hotspot_plugin")
    seen["steps"].append("unloaded" if registry.providerById("hotspot") is None else "the provider is still there")
    qgis.utils.loadPlugin("hotspot_plugin")
    qgis.utils.startPlugin("hotspot_plugin")
    again = registry.providerById("hotspot")
    QgsApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    open_dock()
    settle()
    if "reload" in PARTS:
        reload_often()
    again = registry.providerById("hotspot")
    seen["steps"].append("loaded again" if again and again.algorithms() else "did not load again")
    qgis.utils.unloadPlugin("hotspot_plugin")


def end_it() -> None:
    """QGIS did not end: tell why, and end it."""
    box = QApplication.activeModalWidget()
    if box is not None:
        text = f"{type(box).__name__} '{box.windowTitle()}': {getattr(box, 'text', str)()}"
        (OUT / "asked.txt").write_text(text, encoding="utf-8")
    stacks()
    os._exit(3)


def go() -> None:
    try:
        session()
    except Exception:  # whatever it is, the test shall show it
        seen["error"] = traceback.format_exc()
    # QGIS asks before it ends while a task is at work
    if not wait_for(lambda: QgsApplication.taskManager().countActiveTasks() == 0, PATIENCE):
        seen["at_the_end"] = [task.description() for task in QgsApplication.taskManager().activeTasks()]
    (OUT / "session.json").write_text(json.dumps(seen, indent=1), encoding="utf-8")
    # A project with layers would ask whether to save it.
    QgsProject.instance().clear()
    QTimer.singleShot(1000 * PATIENCE, end_it)
    iface.actionExit().trigger()


QTimer.singleShot(1500, go)
