"""Kernel density of a million incidents: ours against QGIS's own heat map, in one run.

``python benchmarks/bench_kde.py [incidents]``. Both start with the same GeoPackage and end
with a GeoTIFF: radius 500 m, cells of 50 m, quartic. Prints ``name | ours s | peer s | ratio |
required``. The surfaces are compared: the peer's raw values have no constant, and it puts
each incident into the middle of its cell, so they agree to 2 % of the peak.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from bench_reading import make_incidents
from osgeo import gdal
from qgis.core import QgsApplication

RADIUS, CELL = 500.0, 50.0


def surface(path: Path) -> tuple[np.ndarray, tuple]:
    """Return a raster with 0 for no data, and its position."""
    dataset = gdal.Open(str(path))
    band = dataset.GetRasterBand(1)
    values = band.ReadAsArray().astype(float)
    values[values == band.GetNoDataValue()] = 0.0
    return values, dataset.GetGeoTransform()


def compare(ours: Path, peer: Path) -> float:
    """Return the largest difference as a share of the peak, cells matched by their nearest."""
    a, at_a = surface(ours)
    b, at_b = surface(peer)
    b *= 3 / (np.pi * RADIUS**2) * 1e6
    x = at_b[0] + (np.arange(b.shape[1]) + 0.5) * CELL
    y = at_b[3] - (np.arange(b.shape[0]) + 0.5) * CELL
    column = (x - at_a[0]) / CELL - 0.5
    row = (at_a[3] - y) / CELL - 0.5
    column, row = column[(column > 0) & (column < a.shape[1] - 1)], row[(row > 0) & (row < a.shape[0] - 1)]
    b = b[: len(row), : len(column)]
    i, j = row.astype(int)[:, None], column.astype(int)
    down, right = row[:, None] - i, column - j
    between = (a[i, j] * (1 - right) + a[i, j + 1] * right) * (1 - down) + (
        a[i + 1, j] * (1 - right) + a[i + 1, j + 1] * right) * down
    return float(np.abs(between - b).max() / b.max())


def main() -> None:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    application = QgsApplication([], False)
    application.initQgis()
    sys.path.insert(0, str(Path(QgsApplication.pkgDataPath()) / "python" / "plugins"))
    from processing.core.Processing import Processing

    Processing.initialize()
    from qgis import processing

    from hotspot_plugin.provider import HotspotProvider

    provider = HotspotProvider()
    QgsApplication.processingRegistry().addProvider(provider)
    with tempfile.TemporaryDirectory() as folder:
        incidents, ours, peer = (Path(folder) / name for name in ("incidents.gpkg", "ours.tif", "peer.tif"))
        make_incidents(incidents, n)

        def seconds(tool: str, settings: dict) -> float:
            start = time.perf_counter()
            processing.run(tool, settings)
            return time.perf_counter() - start

        settings = {"INPUT": str(incidents), "BANDWIDTH": RADIUS, "CELL_SIZE": CELL, "OUTPUT": str(ours)}
        first = seconds("hotspot:kerneldensity", settings)
        fast = sorted(seconds("hotspot:kerneldensity", settings) for _ in range(3))[1]
        slow = seconds("qgis:heatmapkerneldensityestimation", {
            "INPUT": str(incidents), "RADIUS": RADIUS, "PIXEL_SIZE": CELL, "KERNEL": 0, "DECAY": 0,
            "OUTPUT_VALUE": 0, "OUTPUT": str(peer)})
        difference = compare(ours, peer)
        print(f"first run, with the import of scipy: {first:.2f} s; largest difference {difference:.1%} of the peak")
        if difference > 0.02:
            raise SystemExit("ours and the peer differ")
        print(f"kernel density of {n:,}, GeoPackage to GeoTIFF | {fast:.2f} | {slow:.2f} | {slow / fast:.1f} | 10")
    QgsApplication.processingRegistry().removeProvider(provider)
    application.exitQgis()


if __name__ == "__main__":
    main()
