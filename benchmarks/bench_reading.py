"""Reading x, y and time of a million incidents: our route against the feature loop.

Run with a Python that has QGIS: ``python benchmarks/bench_reading.py [rows]``. Prints
``name | ours s | peer s | ratio`` for both routes in one run.
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
from osgeo import gdal, ogr
from qgis.core import (
    QgsApplication,
    QgsFeatureRequest,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingParameterFeatureSource,
    QgsVectorLayer,
)


def make_incidents(path: Path, n: int, seed: int = 1) -> None:
    """Write n points with a date-time to a GeoPackage, by one SQL-free GDAL loop in blocks."""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(430_000, 8_000, n), rng.normal(433_000, 8_000, n)
    seconds = rng.integers(0, 730 * 86_400, n)
    when = np.datetime_as_string(np.datetime64("2022-01-01T00:00:00") + seconds.astype("m8[s]"))
    gdal.SetConfigOption("OGR_SQLITE_SYNCHRONOUS", "OFF")
    from osgeo import osr

    system = osr.SpatialReference()
    system.ImportFromEPSG(27700)
    dataset = ogr.GetDriverByName("GPKG").CreateDataSource(str(path))
    layer = dataset.CreateLayer("incidents", system, ogr.wkbPoint, ["SPATIAL_INDEX=NO"])
    layer.CreateField(ogr.FieldDefn("dt_from", ogr.OFTDateTime))
    layer.CreateField(ogr.FieldDefn("ctype", ogr.OFTString))
    layer.StartTransaction()
    definition = layer.GetLayerDefn()
    for i in range(n):
        feature = ogr.Feature(definition)
        feature.SetField(0, str(when[i]))
        feature.SetField(1, ("Burglary", "Robbery", "Vehicle crime")[i % 3])
        point = ogr.Geometry(ogr.wkbPoint)
        point.SetPoint_2D(0, x[i], y[i])
        feature.SetGeometryDirectly(point)
        layer.CreateFeature(feature)
    layer.CommitTransaction()


class Reader(QgsProcessingAlgorithm):
    """An algorithm with nothing but a source parameter."""

    def name(self):
        return "reader"

    def displayName(self):
        return "Reader"

    def createInstance(self):
        return Reader()

    def initAlgorithm(self, configuration=None):
        self.addParameter(QgsProcessingParameterFeatureSource("INPUT", "Input"))

    def processAlgorithm(self, parameters, context, feedback):
        return {}


def main() -> None:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    application = QgsApplication([], False)
    application.initQgis()
    from hotspot_plugin.layers import arrow, reading

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "incidents.gpkg"
        make_incidents(path, n)
        tool = Reader()
        tool.initAlgorithm()
        context = QgsProcessingContext()
        parameters = {"INPUT": str(path)}

        def loop() -> int:
            layer = QgsVectorLayer(str(path), "incidents", "ogr")
            request = QgsFeatureRequest().setSubsetOfAttributes(["dt_from"], layer.fields())
            index = layer.fields().indexOf("dt_from")
            rows = []
            for feature in layer.getFeatures(request):
                point = feature.geometry().asPoint()
                rows.append((point.x(), point.y(), feature.attribute(index)))
            return len(rows)

        def ours(fast: bool) -> int:
            route = arrow.find(tool, parameters, "INPUT", context) if fast else None
            source = tool.parameterAsSource(parameters, "INPUT", context)
            points = reading.read_points(source, "INPUT", route, times=["dt_from"])
            if points.route != ("arrow" if fast else "features"):
                raise SystemExit("the fast route was not taken")
            return len(points)

        def seconds(work, *given) -> float:
            start = time.perf_counter()
            if work(*given) != n:
                raise SystemExit("rows were lost")
            return time.perf_counter() - start

        ours(True)  # warm
        fast = min(seconds(ours, True) for _ in range(3))
        peer = seconds(loop)
        slow = seconds(ours, False)
        print(f"read x, y, time of {n:,} (fast route) | {fast:.2f} | {peer:.2f} | {peer / fast:.1f}")
        print(f"read x, y, time of {n:,} (ordinary route) | {slow:.2f} | {peer:.2f} | {peer / slow:.1f}")
    application.exitQgis()


if __name__ == "__main__":
    main()
