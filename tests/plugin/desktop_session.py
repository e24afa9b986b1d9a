"""Runs inside the QGIS desktop: opens every tool's dialog, runs one, unloads the plugin, writes what it saw.

Started by ``test_desktop.py``; the result is ``session.json`` in the folder HOTSPOT_OUT.
"""

from __future__ import annotations

import json
import os
import time
import traceback
from pathlib import Path

import processing
import qgis.utils
from qgis.core import Qgis, QgsApplication, QgsFeature, QgsGeometry, QgsPointXY, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QEvent, QTimer
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
