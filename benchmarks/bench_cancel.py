"""How long each tool works on after it has been asked to stop, with a million incidents.

``python benchmarks/bench_cancel.py [incidents]``. Each tool is started anew and asked to
stop at several shares of its usual time; the longest wait is printed as
``tool | run s | longest wait s``. The wait counts from the planned moment, so a call that
holds up every other thread counts too.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench_reading import make_incidents
from qgis.core import QgsApplication, QgsProcessingContext, QgsProcessingFeedback, QgsProject

SHARES = (0.05, 0.2, 0.4, 0.6, 0.8, 0.95)


def settings(folder: Path, incidents: str) -> list:
    """Return (tool, parameters) in an order in which later tools can use what earlier ones made."""
    made = {name: str(folder / name) for name in ("grid.gpkg", "counted.gpkg", "spots.gpkg")}
    report = {"REPORT": str(folder / "report.html")}
    return [
        ("analysisgrid", {"INPUT": incidents, "CELL_SIZE": 250, "OUTPUT": made["grid.gpkg"]}),
        ("countincidents", {"INCIDENTS": incidents, "AREAS": made["grid.gpkg"], "OUTPUT": made["counted.gpkg"]}),
        ("gistar", {"INPUT": made["counted.gpkg"], "FIELD": "n", "OUTPUT": str(folder / "gi.gpkg")}),
        ("kerneldensity", {"INPUT": incidents, "BANDWIDTH": 500, "CELL_SIZE": 25, "OUTPUT": str(folder / "kde.tif")}),
        ("findhotspots", {"INPUT": incidents, "OUTPUT": str(folder / "cells.gpkg"), "HOTSPOTS": made["spots.gpkg"],
                          **report}),
        ("patrolzones", {"INPUT": made["counted.gpkg"], "INCIDENTS": incidents, "OUTPUT": str(folder / "zones.gpkg"),
                         **report}),
        ("compareperiods", {"INCIDENTS": incidents, "AREAS": made["grid.gpkg"], "BEFORE_START": "2022-01-01",
                            "BEFORE_END": "2022-12-31", "AFTER_START": "2023-01-01", "AFTER_END": "2023-12-31",
                            "OUTPUT": str(folder / "compared.gpkg"), **report}),
        ("checkincidents", {"INPUT": incidents, "OUTPUT": str(folder / "checked.gpkg"), **report}),
        ("prepareincidents", {"INPUT": incidents, "DATE_FIELD": "dt_from", "TYPE_FIELD": "ctype",
                              "OUTPUT": str(folder / "prepared.gpkg")}),
    ]


def run(tool: str, parameters: dict, stop_after: float | None = None) -> tuple:
    """Run a tool; return (seconds, seconds from the planned stop to the end, ok)."""
    algorithm = QgsApplication.processingRegistry().createAlgorithmById(f"hotspot:{tool}")
    context, feedback = QgsProcessingContext(), QgsProcessingFeedback(False)
    context.setProject(QgsProject.instance())
    start = time.perf_counter()
    if stop_after is not None:
        threading.Timer(stop_after, feedback.cancel).start()
    _, ok = algorithm.run(parameters, context, feedback)
    end = time.perf_counter() - start
    return end, (end - stop_after if stop_after is not None else 0.0), ok


def main() -> None:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    application = QgsApplication([], False)
    application.initQgis()
    from hotspot_plugin.provider import HotspotProvider

    provider = HotspotProvider()
    QgsApplication.processingRegistry().addProvider(provider)
    with tempfile.TemporaryDirectory() as folder:
        incidents = Path(folder) / "incidents.gpkg"
        make_incidents(incidents, n)
        for tool, parameters in settings(Path(folder), str(incidents)):
            whole, _, ok = run(tool, parameters)
            if not ok:
                print(f"{tool} | failed | ")
                continue
            elsewhere = {**parameters, "OUTPUT": str(Path(folder) / f"stopped.{parameters['OUTPUT'].rsplit('.')[-1]}")}
            waits = [run(tool, elsewhere, whole * share)[1] for share in SHARES]
            print(f"{tool} | {whole:.1f} | {max(waits):.2f}", flush=True)
    application.exitQgis()


if __name__ == "__main__":
    main()
