"""Visible areas among Cambridge's walls and fences: ours against unions of shadows in shapely.

``python benchmarks/bench_visibility.py [viewpoints]``. Prints ``name | ours s | peer s | ratio``.
First both sides have the same pieces of walls and the same viewpoints on streets in memory and
find the visible area within 100 m; the peer takes the circle less the union of what each piece
hides, which is exact too, and both areas must be equal. Then the whole tool makes 2,000 visible
areas from GeoPackage layers of 30,741 features, which must stay under 30 s.

Needs the real data (``../shared/data``, or the folder that HOTSPOT_SHARED names).
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.append("/usr/share/qgis/python/plugins")

import numpy as np

from hotspot_plugin.analysis.cpted import sampling, visibility
from hotspot_plugin.analysis.cpted.segments import SegmentIndex

ROOT = Path(__file__).resolve().parents[1]
CITY = Path(os.environ.get("HOTSPOT_SHARED", ROOT.parent / "shared")) / "data/cambridge_ma/cambridge_ma.gpkg"
LIMIT, MANY, RADIUS = 30.0, 2000, 100.0


def lines(name: str) -> list:
    """Return the parts of a layer's lines in metres."""
    from osgeo import ogr, osr

    degrees, metres = osr.SpatialReference(), osr.SpatialReference()
    degrees.ImportFromEPSG(4326)
    degrees.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    metres.ImportFromEPSG(32619)
    transform = osr.CoordinateTransformation(degrees, metres)
    dataset, out = ogr.Open(str(CITY)), []
    for feature in dataset.GetLayer(name):
        shape = feature.GetGeometryRef().Clone()
        shape.Transform(transform)
        parts = [shape.GetGeometryRef(i) for i in range(shape.GetGeometryCount())] or [shape]
        out += [np.array(part.GetPoints())[:, :2] for part in parts]
    return out


def viewpoints(count: int) -> np.ndarray:
    """Return places on streets."""
    parts = lines("street_centerlines")
    owner = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    start = np.cumsum([0] + [len(part) for part in parts[:-1]])
    made = sampling.along(np.vstack(parts), owner, start, 10.0)
    chosen = np.random.default_rng(1).choice(len(made), count, replace=False)
    return np.column_stack([made.x, made.y])[np.sort(chosen)]


def by_shadows(places: np.ndarray, pieces: np.ndarray) -> np.ndarray:
    """The peer: a fine circle less the union of what each piece hides, cut with that circle."""
    import shapely

    index = shapely.STRtree(shapely.linestrings(pieces.reshape(-1, 2, 2)))
    angle = np.linspace(0, 2 * np.pi, 2880, endpoint=False)
    circle = RADIUS * np.column_stack([np.cos(angle), np.sin(angle)])
    area = np.empty(len(places))
    for i, place in enumerate(places):
        found = index.query(shapely.Point(place), predicate="dwithin", distance=RADIUS)
        near = pieces[found].reshape(-1, 2, 2) - place
        # far enough out that the chord between the far corners leaves the circle
        far = []
        for a, b in near:
            turn = np.angle(complex(*b) / complex(*a))
            steps = np.exp(1j * np.angle(complex(*a)) + 1j * np.linspace(0, turn, 1 + max(1, int(abs(turn) / 0.5))))
            ring = 1.2 * max(RADIUS, np.hypot(*a), np.hypot(*b)) * np.column_stack([steps.real, steps.imag])
            shadow = shapely.Polygon(np.vstack([b, a, ring]))
            far.append(shadow if shadow.is_valid else shapely.make_valid(shadow))
        whole = shapely.Polygon(circle)
        area[i] = shapely.difference(whole, shapely.union_all(far)).area if far else whole.area
    return area


def tool(spots: np.ndarray) -> float:
    """Return the seconds of the whole tool."""
    from qgis import processing
    from qgis.core import QgsFeature, QgsGeometry, QgsPointXY, QgsVectorLayer

    layer = QgsVectorLayer("Point?crs=EPSG:32619", "viewpoints", "memory")
    features = []
    for x, y in spots.tolist():
        feature = QgsFeature()
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(x, y)))
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        result = processing.run("hotspot:visibility", {
            "INPUT": layer, "OBSTACLES": f"{CITY}|layername=fences", "MORE_OBSTACLES": f"{CITY}|layername=walls",
            "RANGE": RADIUS, "OUTPUT": f"{folder}/seen.gpkg"})
        done = time.perf_counter() - start
    if (result["SEEING"], result["OBSTACLE_COUNT"]) != (len(spots), 30_741):
        raise SystemExit("the tool did not see what it should")
    return done


def main(count: int) -> int:
    if not CITY.exists():
        print(f"{CITY} is not on this machine; nothing measured")
        return 0
    from qgis.core import QgsApplication

    application = QgsApplication([], False)
    application.initQgis()
    from processing.core.Processing import Processing

    Processing.initialize()
    from hotspot_plugin.provider import HotspotProvider

    provider = HotspotProvider()
    QgsApplication.processingRegistry().addProvider(provider)
    pieces = np.vstack([np.column_stack([p[:-1], p[1:]]) for name in ("fences", "walls") for p in lines(name)])
    places = viewpoints(count)
    start = time.perf_counter()
    mine = visibility.isovists(*places.T, SegmentIndex(pieces, RADIUS / 2), RADIUS)
    ours = time.perf_counter() - start
    start = time.perf_counter()
    theirs = by_shadows(places, pieces)
    peer = time.perf_counter() - start
    # the peer's circle has 2,880 corners
    wrong = np.abs(mine.area - theirs) / (np.pi * RADIUS**2)
    if wrong.max() > 1e-5:
        raise SystemExit(f"ours and the peer differ by {wrong.max():.1e} of the circle")
    print(f"visible areas within {RADIUS:g} m, {count} viewpoints, {len(pieces):,} pieces in memory | {ours:.2f} |"
          f" {peer:.2f} | {peer / ours:.0f}", flush=True)
    for radius in (50.0, 200.0):
        start = time.perf_counter()
        visibility.isovists(*viewpoints(MANY).T, SegmentIndex(pieces, radius / 2), radius)
        print(f"2,000 visible areas within {radius:g} m, in memory: {time.perf_counter() - start:.2f} s", flush=True)
    whole = tool(viewpoints(MANY))
    print(f"visible area, whole tool, {MANY:,} viewpoints, 30,741 features: {whole:.2f} s (limit {LIMIT:g} s)",
          flush=True)
    return 1 if whole > LIMIT else 0


if __name__ == "__main__":
    code = main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
    sys.stdout.flush()
    os._exit(code)  # QGIS may crash while Python takes its objects down; the results are out
