"""Scoring 50,000 streets by 20 indicators: ours, and its measuring against QGIS's own tools, in one run.

``python benchmarks/bench_cptedscore.py [streets]``. Prints ``name | ours s | peer s | ratio``. Eight indicators are
fields of the streets, twelve are measured from layers: counts, densities, means, shares and distances. The whole tool
(with ranks under 500 draws of weights, layer and report) must stay under 20 s. The peer takes what QGIS has for two of
the indicators, on a fifth of the streets: ``native:buffer`` and ``native:countpointsinpolygon`` against our count, and
``native:joinbynearest`` against our distance, each of ours with the whole scoring of that one indicator. Distances must
be equal to a tenth of a millimetre, and counts but for features at the rim of QGIS's buffers, whose arcs are straight
pieces.
"""

from __future__ import annotations

import csv
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.append("/usr/share/qgis/python/plugins")

import numpy as np
from osgeo import gdal, ogr, osr

LIMIT, PART, REACH = 20.0, 5, 50
PRINCIPLES = ("natural_surveillance", "access_control", "territoriality", "maintenance", "activity_support")
FIELDS = ("lux_mean", "u0", "watch_day", "watch_ngt", "thru_rank", "bound_sh", "condition", "ownership")
#: Tells the streets apart in the result of QGIS, which has a row for each of several equally near features.
KEY = "street"
#: Points of each layer; the last two are areas.
LAYERS = {"lights": 50_000, "graffiti": 40_000, "litter": 30_000, "shops": 10_000, "stops": 3_000, "parks": 1_000,
          "vacant": 3_000}


def town(streets: int, folder: Path, seed: int = 1) -> None:
    """Write streets of 100 m on a grid, with fields, and layers of points and squares in between."""
    gdal.SetConfigOption("OGR_SQLITE_SYNCHRONOUS", "OFF")
    rng = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(streets / 2)))
    row, column = np.divmod(np.arange(side * side), side)
    x, y = 500_000 + column * 100.0, 5_900_000 + row * 100.0
    lines = [f"LINESTRING({a} {b},{a + 100} {b})" for a, b in zip(x, y)]
    lines += [f"LINESTRING({a} {b},{a} {b + 100})" for a, b in zip(x, y)]
    lines = lines[:streets]
    columns = {name: rng.uniform(0, 2, streets) for name in FIELDS}
    write(folder, "streets", ogr.wkbLineString, lines, {KEY: np.arange(1.0, streets + 1), **columns})
    for name, count in LAYERS.items():
        a, b = (start + rng.uniform(0, side * 100, count) for start in (500_000, 5_900_000))
        if name in ("parks", "vacant"):
            w = rng.uniform(20, 90, count)
            shapes = [f"POLYGON(({p} {q},{p + s} {q},{p + s} {q + s},{p} {q + s},{p} {q}))" for p, q, s in zip(a, b, w)]
            write(folder, name, ogr.wkbPolygon, shapes, {"size": w})
        else:
            write(folder, name, ogr.wkbPoint, [f"POINT({p} {q})" for p, q in zip(a, b)],
                  {"number": rng.integers(1, 9, count).astype(float)})


def write(folder: Path, name: str, kind: int, shapes: list, columns: dict) -> None:
    """Write one GeoPackage."""
    system = osr.SpatialReference()
    system.ImportFromEPSG(32630)
    dataset = ogr.GetDriverByName("GPKG").CreateDataSource(str(folder / f"{name}.gpkg"))
    layer = dataset.CreateLayer(name, system, kind)
    for field in columns:
        layer.CreateField(ogr.FieldDefn(field, ogr.OFTReal))
    layer.StartTransaction()
    for wkt, values in zip(shapes, zip(*columns.values())):
        feature = ogr.Feature(layer.GetLayerDefn())
        feature.SetGeometry(ogr.CreateGeometryFromWkt(wkt))
        for i, value in enumerate(values):
            feature.SetField(i, float(value))
        layer.CreateFeature(feature)
    layer.CommitTransaction()


def indicators() -> list[dict]:
    """Return 20 indicators, four for each principle."""
    rows = [{"measure": "value", "field": name, "low": 0, "high": 2} for name in FIELDS]
    rows += [{"measure": "count", "layer": name, "distance": REACH, "low": 5, "high": 0}
             for name in ("lights", "graffiti", "shops")]
    rows += [{"measure": "density", "layer": name, "distance": 20, "low": 3, "high": 0}
             for name in ("graffiti", "litter", "lights")]
    rows += [{"measure": "distance", "layer": name, "low": 500, "high": 0} for name in ("stops", "parks", "shops")]
    rows += [{"measure": "mean", "layer": "lights", "field": "number", "distance": REACH, "low": 0, "high": 9}]
    rows += [{"measure": "share", "layer": name, "distance": 20, "low": 0.5, "high": 0} for name in ("vacant", "parks")]
    return [{**row, "principle": PRINCIPLES[i % 5], "indicator": f"i{i:02d}"} for i, row in enumerate(rows)]


def profile(path: Path, rows: list[dict]) -> str:
    """Write a profile."""
    with open(path, "w", newline="", encoding="utf-8") as stream:
        names = ("principle", "indicator", "layer", "measure", "field", "distance", "low", "high")
        writer = csv.DictWriter(stream, names)
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def column(path: str, field: str, key: str = "fid") -> np.ndarray:
    """Return a field in the order of the streets; of several rows for a street the least."""
    dataset = ogr.Open(path)
    rows = [(f.GetFID() if key == "fid" else f.GetField(key), f.GetField(field)) for f in dataset.GetLayer(0)]
    known: dict = {}
    for place, value in rows:
        known[place] = min(value, known.get(place, np.inf))
    return np.array([known[place] for place in sorted(known)], float)


def main(streets: int) -> int:
    from qgis.core import QgsApplication

    application = QgsApplication([], False)
    application.initQgis()
    from processing.core.Processing import Processing

    Processing.initialize()
    from hotspot_plugin.provider import HotspotProvider

    provider = HotspotProvider()
    QgsApplication.processingRegistry().addProvider(provider)
    from qgis import processing

    def timed(*steps) -> float:
        start = time.perf_counter()
        for tool, parameters in steps:
            processing.run(tool, parameters)
        return time.perf_counter() - start

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        town(streets, folder)
        everything = {layer: str(folder / f"{layer}.gpkg") for layer in LAYERS}
        rows = indicators()
        given = {"INPUT": str(folder / "streets.gpkg"), "PROFILE": 0, "LAYERS": list(everything.values())}
        whole = timed(("hotspot:cptedscore", {
            **given, "PROFILE_FILE": profile(folder / "all.csv", rows), "OUTPUT": f"{folder}/scored.gpkg",
            "REPORT": f"{folder}/report.html"}))
        print(f"CPTED score, whole tool, {streets:,} streets x {len(rows)} indicators | {whole:.2f} | 0 | 0",
              flush=True)

        part = f"{given['INPUT']}|subset=fid <= {streets // PART}"
        compare(timed, folder, {**given, "INPUT": part}, everything, rows, streets)
    if whole > LIMIT:
        print(f"the whole tool took more than {LIMIT:g} s", file=sys.stderr)
    return int(whole > LIMIT)


def compare(timed, folder: Path, given: dict, layers: dict, rows: list, streets: int) -> None:
    """Time one count and one distance beside QGIS, on a part of the streets."""
    share = streets // PART
    cases = {
        "count within 50 m": (
            [next(r for r in rows if r["measure"] == "count" and r["layer"] == "lights")], "lights", [
                ("native:buffer", {"INPUT": given["INPUT"], "DISTANCE": REACH, "SEGMENTS": 25,
                                   "OUTPUT": f"{folder}/around.gpkg"}),
                ("native:countpointsinpolygon", {"POLYGONS": f"{folder}/around.gpkg", "POINTS": layers["lights"],
                                                 "FIELD": "peer", "OUTPUT": f"{folder}/peer.gpkg"})]),
        "distance to the nearest": (
            [next(r for r in rows if r["measure"] == "distance" and r["layer"] == "stops")], "stops", [
                ("native:joinbynearest", {"INPUT": given["INPUT"], "INPUT_2": layers["stops"], "NEIGHBORS": 1,
                                          "OUTPUT": f"{folder}/peer.gpkg"})]),
    }
    for words, (chosen, layer, steps) in cases.items():
        for path in folder.glob("peer.gpkg*"):
            path.unlink()
        theirs = timed(*steps)
        mine = timed(("hotspot:cptedscore", {
            **given, "LAYERS": [layers[layer]], "PROFILE_FILE": profile(folder / "one.csv", chosen),
            "DOUBT": 2, "OUTPUT": f"{folder}/one.gpkg", "INDICATORS": f"{folder}/values.gpkg"}))
        values = column(f"{folder}/values.gpkg", "value", "place_no")
        if chosen[0]["measure"] == "count":
            peer = column(f"{folder}/peer.gpkg", "peer")
            differ = float((values != peer).mean())
            if differ > 0.01 or (np.abs(values - peer) > 1).any():
                raise SystemExit(f"{words}: ours and QGIS's differ at {differ:.1%} of the streets")
        elif not np.allclose(values, column(f"{folder}/peer.gpkg", "distance", KEY), atol=1e-4):
            raise SystemExit(f"{words}: ours and QGIS's differ")
        print(f"one indicator, {words}, {share:,} streets | {mine:.2f} | {theirs:.2f} | {theirs / mine:.1f}",
              flush=True)


if __name__ == "__main__":
    code = main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
    sys.stdout.flush()
    os._exit(code)  # QGIS may crash while Python takes its objects down; the results are out
