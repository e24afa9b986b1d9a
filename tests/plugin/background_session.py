"""Runs every tool in a task of QGIS, with all its outputs, while the main thread handles events; started by itself.

The first argument is the folder for what is made; ``background.json`` in it tells how each tool ended.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from qgis.core import (
    QgsApplication,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProject,
)
from qgis.PyQt.QtCore import QEventLoop, QTimer

from hotspot_plugin.provider import TOOLS, HotspotProvider
from tests.algorithms import samples

#: seconds after which a tool is given up
PATIENCE = 120


def run(name: str, parameters: dict) -> dict:
    """Run a tool as the dialog and the dock do, and tell how it ended."""
    algorithm = QgsApplication.processingRegistry().createAlgorithmById(f"hotspot:{name}")
    context, feedback = QgsProcessingContext(), QgsProcessingFeedback()
    context.setProject(QgsProject.instance())
    task = QgsProcessingAlgRunnerTask(algorithm, parameters, context, feedback)
    ended, loop = [], QEventLoop()
    task.executed.connect(lambda ok, results: (ended.append((ok, results)), loop.quit()))
    QTimer.singleShot(1000 * PATIENCE, loop.quit)
    begin = time.monotonic()
    QgsApplication.taskManager().addTask(task)
    if not ended:
        loop.exec()
    files = [str(value) for key, value in (ended[0][1] if ended else {}).items()
             if key in ("REPORT", "OUTPUT", "PDF") and value]
    return {"ok": bool(ended and ended[0][0]), "seconds": round(time.monotonic() - begin, 1),
            "log": feedback.textLog()[-2000:], "missing": [f for f in files if not Path(f.split("|")[0]).exists()]}


def main(folder: Path) -> None:
    application = QgsApplication([], True)
    application.initQgis()
    provider = HotspotProvider()
    QgsApplication.processingRegistry().addProvider(provider)
    town = samples.town(folder)
    told = {}
    for module, _ in TOOLS:
        name = module.rsplit(".", 1)[1]
        told[name] = run(name, samples.parameters(name, town, folder))
        (folder / "background.json").write_text(json.dumps(told, indent=1), encoding="utf-8")
        print(name, told[name]["ok"], told[name]["seconds"], flush=True)
    application.exitQgis()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
