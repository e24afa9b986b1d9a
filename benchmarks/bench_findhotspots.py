"""Find hot spots among a million incidents: ours against QGIS's own heat map, in one run.

``python benchmarks/bench_findhotspots.py [incidents]``. Both start with the same GeoPackage.
Ours ends with the tested grid and the hot spots with all their fields; the heat map (radius
500 m, cells of 50 m) ends with a raster. What the report adds is printed beside. Each runs in a process of its own,
so that its peak memory is its own. Prints ``name | ours s | peer s | ratio | required``, the
peak memory, and how time and memory grow from 10,000 incidents on.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path[:0] = [str(Path(__file__).resolve().parents[1]), "/usr/share/qgis/python/plugins"]

#: GiB that a million incidents may take
MOST_MEMORY = 1.5


def work(tool: str, incidents: str, folder: str, report: str) -> None:
    """Run a tool once in this process and print seconds and peak memory in GiB."""
    from qgis.core import QgsApplication

    application = QgsApplication([], False)
    application.initQgis()
    from processing.core.Processing import Processing

    Processing.initialize()
    from qgis import processing

    from hotspot_plugin.provider import HotspotProvider

    provider = HotspotProvider()
    QgsApplication.processingRegistry().addProvider(provider)
    ours = {"INPUT": incidents, "OUTPUT": f"{folder}/cells.gpkg", "HOTSPOTS": f"{folder}/spots.gpkg"}
    if report:
        ours["REPORT"] = f"{folder}/report.html"
    theirs = {"INPUT": incidents, "RADIUS": 500, "PIXEL_SIZE": 50, "KERNEL": 0, "DECAY": 0, "OUTPUT_VALUE": 0,
              "OUTPUT": f"{folder}/heat.tif"}
    start = time.perf_counter()
    result = processing.run(tool, ours if tool.startswith("hotspot") else theirs)
    seconds = time.perf_counter() - start
    print(f"{seconds} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20}")
    if "SUMMARY" in result:
        print(result["METHOD"], result["SUMMARY"])
    sys.stdout.flush()
    os._exit(0)


def measure(tool: str, incidents: Path, report: bool = False) -> tuple[float, float, str]:
    """Seconds, peak memory in GiB and the words of one run in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--child", tool, str(incidents), folder, "report" if report else ""]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    first, *rest = done.stdout.strip().splitlines()
    seconds, memory = (float(part) for part in first.split())
    return seconds, memory, " ".join(rest)


def main() -> int:
    from bench_reading import make_incidents

    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    memory = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for size in sorted({n // 100, n // 10, n}):
            incidents = Path(folder) / f"{size}.gpkg"
            make_incidents(incidents, size)
            ours, memory, words = measure("hotspot:findhotspots", incidents)
            print(f"{size:,} incidents: {ours:.2f} s, peak memory {memory:.2f} GiB; {words}", flush=True)
        whole, memory, _ = measure("hotspot:findhotspots", incidents, report=True)
        print(f"with the report: {whole:.2f} s, peak memory {memory:.2f} GiB")
        ours = sorted([ours, *(measure("hotspot:findhotspots", incidents)[0] for _ in range(2))])[1]
        peer, peer_memory, _ = measure("qgis:heatmapkerneldensityestimation", incidents)
        print(f"peak memory of the peer {peer_memory:.2f} GiB")
        print(f"find hot spots among {n:,} | {ours:.2f} | {peer:.2f} | {peer / ours:.1f} | 1")
    if memory > MOST_MEMORY:
        print(f"peak memory {memory:.2f} GiB is over {MOST_MEMORY} GiB")
        return 1
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        work(*sys.argv[2:6])
    sys.exit(main())
