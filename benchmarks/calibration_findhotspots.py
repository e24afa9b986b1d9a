"""How often 'Find hot spots' is wrong: chance data, and a planted village.

``python benchmarks/calibration_findhotspots.py [data sets] > docs/calibration.md`` writes the
page of the guide; 500 data sets a line take about half an hour on one core. Each line starts
from its own seed, so a line does not change when others are added.

Chance: incidents fall anywhere in a square of 10 x 10 km, all places alike. Any hot spot that
is reported is false. Village: 8 of 150 incidents fall within a small circle somewhere in a
square of 20 x 20 km; it is found if a hot spot holds at least half of them.
"""

from __future__ import annotations

import sys
import time
import zlib
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from hotspot_plugin.analysis.cellsize import choose_cell_size
from hotspot_plugin.analysis.grids import HEXAGON, SQUARE, Grid
from hotspot_plugin.analysis.hotspots import findhotspots, studyarea

INCIDENTS = (60, 150, 300, 1_000, 5_000)
SIZES = (150.0, 250.0, 500.0, 1_000.0)
VILLAGE, AMONG = 8, 150
WEST, SOUTH = 430_000.0, 430_000.0


def polygon(corners: list) -> studyarea.StudyArea:
    """A study area from corners in metres from the south-west."""
    ring = np.array([*corners, corners[0]], dtype=float) + (WEST, SOUTH)
    return studyarea.StudyArea(ring, np.zeros(1, dtype=np.int64))


def square(side: float) -> studyarea.StudyArea:
    """A square study area."""
    return polygon([(0, 0), (side, 0), (side, side), (0, side)])


#: a city around a bay: its convex hull holds a fifth that no incident can come from
BAY = polygon([(0, 0), (10_000, 0), (10_000, 10_000), (6_500, 10_000), (6_500, 3_500), (3_500, 3_500),
               (3_500, 10_000), (0, 10_000)])  # fmt: skip


def scatter(area: studyarea.StudyArea, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Positions spread evenly over an area."""
    left, bottom, right, top = area.box
    x, y = np.empty(0), np.empty(0)
    while x.size < n:
        more_x, more_y = rng.uniform(left, right, n), rng.uniform(bottom, top, n)
        inside = area.inside(more_x, more_y)
        x, y = np.append(x, more_x[inside])[:n], np.append(y, more_y[inside])[:n]
    return x, y


def find(x: np.ndarray, y: np.ndarray, area: studyarea.StudyArea | None, kind: str, size: float, rng, weight=None):
    """The tool's own steps: study area, cell size, test, places."""
    if area is None:
        near = studyarea.not_outlying(x, y)
        x, y, weight = x[near], y[near], None if weight is None else weight[near]
        area = studyarea.hull(x, y, 500.0)
    size = size or choose_cell_size(x.size, area.size).size
    settings = findhotspots.Settings(min_count=findhotspots.least_count(x.size, None), resamples=0)
    return findhotspots.find(x, y, area, Grid(kind, size), settings, weight=weight, rng=rng)


def generator(*what: object) -> np.random.Generator:
    """A generator of random numbers that belongs to one line of a table."""
    return np.random.default_rng(zlib.crc32(repr(what).encode()))


def chance(sets: int, n: int, kind: str, size: float, given: bool, shape: studyarea.StudyArea | None = None,
           weighted: bool = False) -> tuple[float, float, float]:  # fmt: skip
    """Shares of chance data sets with any hot spot, and with any hot cell; share of exact tests."""
    rng = generator("chance", n, kind, size, given, shape is None, weighted)
    area = shape or square(10_000)
    spots = cells = few = 0
    for _ in range(sets):
        x, y = scatter(area, n, rng)
        weight = rng.lognormal(0.0, 1.5, n) if weighted else None
        found = find(x, y, area if given else None, kind, size, rng, weight)
        spots += found.places.count > 0
        cells += bool(found.cells.hot.any())
        few += found.few
    return spots / sets, cells / sets, few / sets


def village(sets: int, kind: str, size: float, radius: float) -> tuple[float, float]:
    """Share of data sets in which the village is found; mean number of other hot spots."""
    rng = generator("village", kind, size, radius)
    area, hits, others = square(20_000), 0, 0
    for _ in range(sets):
        x, y = scatter(area, AMONG, rng)
        centre = rng.uniform(radius, 20_000 - radius, 2) + (WEST, SOUTH)
        angle, away = rng.uniform(0, 2 * np.pi, VILLAGE), radius * np.sqrt(rng.uniform(0, 1, VILLAGE))
        x[:VILLAGE], y[:VILLAGE] = centre[0] + away * np.cos(angle), centre[1] + away * np.sin(angle)
        found = find(x, y, area, kind, size, rng)
        inside = np.bincount(found.spot[:VILLAGE] + 1, minlength=found.places.count + 1)[1:]
        hit = bool((inside >= VILLAGE / 2).any())
        hits += hit
        others += found.places.count - hit
    return hits / sets, others / sets


def table(header: list, rows: list) -> None:
    """Print a table in Markdown."""
    for row in (header, ["---"] * len(header), *rows):
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    print(flush=True)


def note(text: str) -> None:
    """Say on the other channel how far it is."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def chance_table(sets: int, title: str, kind: str, given: bool, sizes=SIZES, numbers=INCIDENTS, **more) -> float:
    """Print a table of chance data; return its worst share."""
    print(f"### {title}\n")
    rows, worst = [], 0.0
    for n in numbers:
        cells = []
        for size in sizes:
            spots, hot, few = chance(sets, n, kind, size, given, **more)
            worst = max(worst, spots)
            cells.append(f"{spots:.1%} ({hot:.1%}){'' if few > 0.5 else ' Gi*'}")
        rows.append([f"{n:,}", *cells])
        note(f"{title}: {n}")
    table(["incidents", *(f"{size:g} m" for size in sizes)], rows)
    return worst


def main() -> None:
    sets = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    print("# How often 'Find hot spots' is wrong\n")
    print("Made by `python benchmarks/calibration_findhotspots.py "
          f"{sets} > docs/calibration.md`; {sets} data sets stand behind every number, so a share of 5 % is known to"
          f" about ±{1.96 * np.sqrt(0.05 * 0.95 / sets):.1%}. Defaults: 95 % confidence, at least 5 incidents, at most"
          " 10 ha.\n")
    print("## Chance alone\n\nIncidents fall evenly over 10 x 10 km. Share of data sets with **any hot spot** (in"
          " brackets: any hot cell in the grid). It must not exceed 7 %. `Gi*`: neighbourhoods expect 25 incidents or"
          " more, and Gi* decided together with the exact test; elsewhere the exact test alone.\n")
    worst = max(
        chance_table(sets, "Hexagons, boundary given", HEXAGON, True),
        chance_table(sets, "Hexagons, no boundary (hull of the incidents)", HEXAGON, False),
        chance_table(sets, "Squares, boundary given", SQUARE, True),
    )
    print(f"The largest share of data sets with a hot spot is {worst:.1%}.\n")
    print("With heavy-tailed weights (log-normal, sigma 1.5: the heaviest tenth carries more than half of the sum):\n")
    chance_table(sets, "Hexagons, boundary given, weighted", HEXAGON, True, (150.0, 500.0), (60, 150, 1_000, 5_000),
                 weighted=True)  # fmt: skip
    print("A study area that is far from convex: a city around a bay that takes a fifth of its square. Without a"
          " boundary the tool takes the hull of the incidents less the gaps that chance would hardly leave.\n")
    chance_table(sets, "Hexagons, a bay, boundary given", HEXAGON, True, (150.0, 500.0), (150, 1_000, 5_000), shape=BAY)
    chance_table(sets, "Hexagons, a bay, no boundary", HEXAGON, False, (150.0, 500.0), (150, 1_000, 5_000), shape=BAY)
    print(f"## A village\n\n{VILLAGE} of {AMONG} incidents lie in a circle of the radius given, the others evenly over"
          " 20 x 20 km. Share of data sets in which a hot spot of at most 10 ha holds at least half of the village"
          " (in brackets: other hot spots in a data set, on average). Automatic is the cell size that the tool takes"
          " by itself.\n")
    for kind in (HEXAGON, SQUARE):
        print(f"### {kind.capitalize()}s\n")
        rows = []
        for radius in (30.0, 60.0, 100.0, 150.0, 250.0):
            shares = [village(sets, kind, size, radius) for size in (0.0, *SIZES)]
            rows.append([f"{radius:g} m", *(f"{found:.1%} ({others:.2f})" for found, others in shares)])
            note(f"village {kind} {radius}")
        table(["radius", "automatic", *(f"{size:g} m" for size in SIZES)], rows)
    print("A village of 250 m radius covers 20 ha, twice the largest hot spot. Cells of 150 m often miss it, because no"
          " cell holds three of its incidents; on 1,000 m one neighbourhood expects so many others that eight more are"
          " less of a surprise.")


if __name__ == "__main__":
    main()
