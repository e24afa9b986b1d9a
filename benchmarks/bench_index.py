"""The spatial index of a million points and of 200,000 polygons in a GeoPackage: packed here, against GDAL's.

Run with a Python that has QGIS: ``python benchmarks/bench_index.py [points]``. Both index the same tables, and the
boxes are compared row by row: they may differ by what 32-bit numbers leave open.
Prints ``name | ours s | peer s | ratio | required``.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from osgeo import gdal
from qgis.core import QgsApplication, QgsCoordinateReferenceSystem, QgsProject, QgsVectorFileWriter, QgsWkbTypes


def write(path: Path, kind: int, shapes: Iterator, n: int) -> None:
    """Write a table as the outputs of the tools are written, without its index."""
    from hotspot_plugin.layers import rtree, writing

    fields = writing.new_fields({"number": np.arange(2)})
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.layerOptions = "GPKG", rtree.UNINDEXED
    sink = QgsVectorFileWriter.create(str(path), fields, kind, QgsCoordinateReferenceSystem("EPSG:32630"),
                                      QgsProject.instance().transformContext(), options)
    writing.write_features(sink, fields, shapes, ((i,) for i in range(n)), n, path.stem)
    del sink


def boxes(path: Path) -> np.ndarray:
    """Return what an index says of each row."""
    with closing(sqlite3.connect(path)) as base:
        return np.array(base.execute("SELECT id, minx, maxx, miny, maxy FROM rtree_places_geom ORDER BY id").fetchall())


def main() -> None:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    application = QgsApplication([], False)
    application.initQgis()
    from hotspot_plugin.layers import rtree, writing

    rng = np.random.default_rng(1)
    x, y = rng.normal(430_000, 8_000, (2, n))
    some = n // 5
    corners = np.array([[0, 0], [90, 10], [70, 80], [0, 0]])
    rings = np.column_stack([x, y])[:some, None] + corners
    jobs = ((f"spatial index of {n:,} points", QgsWkbTypes.Type.Point, writing.points_from_arrays(x, y), n),
            (f"spatial index of {some:,} polygons", QgsWkbTypes.Type.Polygon, writing.polygons_from_array(rings), some))
    with tempfile.TemporaryDirectory() as folder:
        for name, kind, shapes, count in jobs:
            ours, peer = Path(folder, "ours", "places.gpkg"), Path(folder, "peer", "places.gpkg")
            for path in (ours, peer):
                path.parent.mkdir(exist_ok=True)
                path.unlink(missing_ok=True)
            write(ours, kind, shapes, count)
            shutil.copy(ours, peer)
            begin = time.perf_counter()
            rtree.build(str(ours))
            middle = time.perf_counter()
            base = gdal.OpenEx(str(peer), gdal.OF_VECTOR | gdal.OF_UPDATE)
            base.ReleaseResultSet(base.ExecuteSQL("SELECT CreateSpatialIndex('places', 'geom')"))
            del base
            end = time.perf_counter()
            if not np.allclose(boxes(ours), boxes(peer), rtol=2.5e-7, atol=0):
                sys.exit(f"{name}: the boxes differ")
            print(f"{name} | {middle - begin:.2f} | {end - middle:.2f} | {(end - middle) / (middle - begin):.1f} | 2")
    application.exitQgis()


if __name__ == "__main__":
    main()
