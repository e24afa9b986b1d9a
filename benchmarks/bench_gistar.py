"""Gi* on 200 x 200 queen cells: ours against libpysal and esda, in one run.

Run through ``make bench``. Prints ``name | ours s | peer s | ratio | required``. First both
sides begin with the same polygons as geometry objects of their library; then with a lattice
(ours with the corners of its cells as numbers). The peer's numba code is compiled before it
is timed, and it uses all cores, as is its default; ours uses one. The results are compared
too: equal scores, and p-values of the permutations that agree within what drawing allows.
"""

from __future__ import annotations

import time
import warnings

import esda
import geopandas
import libpysal
import numpy as np
import shapely
from qgis.core import QgsGeometry

from hotspot_plugin.analysis import weights
from hotspot_plugin.analysis.hotspots import gistar
from hotspot_plugin.layers.areas import Areas

warnings.filterwarnings("ignore")
SIDE, SIZE, DRAWS = 200, 100.0, 999


def seconds(work, times: int = 1) -> tuple[float, object]:
    """Return the least time of some runs, and the last result."""
    least, result = np.inf, None
    for _ in range(times):
        start = time.perf_counter()
        result = work()
        least = min(least, time.perf_counter() - start)
    return least, result


def line(name: str, ours: float, peer: float, required: float) -> None:
    """Print one line of the table."""
    print(f"{name} | {ours:.3f} | {peer:.2f} | {peer / ours:.0f} | {required:g}", flush=True)


def check(right: bool, what: str) -> None:
    """Stop where both sides do not compute the same."""
    if not right:
        raise SystemExit(f"ours and the peer differ: {what}")


def main() -> None:
    column, row = (part.ravel() for part in np.meshgrid(np.arange(SIDE), np.arange(SIDE)))
    x, y = 430_000 + column * SIZE, 5_960_000 + row * SIZE
    boxes = shapely.box(x, y, x + SIZE, y + SIZE)
    frame = geopandas.GeoDataFrame(geometry=boxes)
    geometries = []
    for wkb in shapely.to_wkb(boxes, byte_order=1):
        geometry = QgsGeometry()
        geometry.fromWkb(wkb)
        geometries.append(geometry)
    areas = Areas(geometries, *[None] * 7, kind=None)
    values = np.random.default_rng(1).negative_binomial(0.6, 0.15, SIDE * SIDE).astype(float)

    def ours() -> gistar.LocalG:
        near = weights.contiguity(*areas.rings(), n=len(areas))
        return gistar.local_g(values, near, method=gistar.NORMAL)

    def from_polygons() -> esda.G_Local:
        near = libpysal.weights.Queen.from_dataframe(frame, use_index=False, silence_warnings=True)
        return esda.G_Local(values, near, transform="B", star=True, permutations=0)

    def from_lattice() -> esda.G_Local:
        near = libpysal.weights.lat2W(SIDE, SIDE, rook=False)
        return esda.G_Local(values, near, transform="B", star=True, permutations=0)

    corners = areas.rings()

    def ours_from_corners() -> gistar.LocalG:
        return gistar.local_g(values, weights.contiguity(*corners, n=len(areas)), method=gistar.NORMAL)

    mine, scores = seconds(ours, 5)
    with_polygons, peers = seconds(from_polygons)
    by_corners, _ = seconds(ours_from_corners, 5)
    with_lattice, _ = seconds(from_lattice)
    check(np.allclose(scores.z, peers.Zs, rtol=1e-9), "scores")
    line("Gi* with weights, 200 x 200 queen, from polygons", mine, with_polygons, 10)
    line("Gi* with weights, 200 x 200 queen, from a lattice", by_corners, with_lattice, 10)

    near = weights.contiguity(*corners, n=len(areas))
    small = libpysal.weights.lat2W(20, 20, rook=False)
    esda.G_Local(values[:400], small, transform="B", star=True, permutations=9, seed=1)  # compiles
    lattice = libpysal.weights.lat2W(SIDE, SIDE, rook=False)
    without, _ = seconds(lambda: esda.G_Local(values, lattice, transform="B", star=True, permutations=0))
    whole, peers = seconds(lambda: esda.G_Local(values, lattice, transform="B", star=True, permutations=DRAWS, seed=1))

    def permuted() -> gistar.LocalG:
        rng = np.random.default_rng(1)
        return gistar.local_g(values, near, method=gistar.PERMUTATION, permutations=DRAWS, fdr=False, rng=rng)

    mine, drawn = seconds(permuted, 5)
    # esda gives the smaller side; ours doubles the tail on the side of the score
    one_sided = drawn.p / 2
    apart = np.abs(one_sided - peers.p_sim)[(drawn.z > 0) & (one_sided < 0.3)]
    check(bool(np.median(apart) < 0.01 and np.quantile(apart, 0.99) < 0.06), "p-values of the permutations")
    line("Gi* with 999 conditional permutations, weights given", mine, whole, 30)
    line("the 999 conditional permutations alone", mine, whole - without, 30)


if __name__ == "__main__":
    main()
