"""Whether the tools find what was planted in a practice town, and what they find that was not.

``python benchmarks/recovery_practicecity.py [seeds] > docs/practice-recovery.md`` writes the page of the guide (also
made by ``make bench ARGS=practicecity``). For each size and seed a town is made by 'Create practice data' and the tools
run on its layers with their defaults, as a learner would run them. The answers come from the table truth and from the
rates of the generator.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.append("/usr/share/qgis/python/plugins")

import numpy as np
from qgis.core import QgsApplication, QgsVectorLayer

SIZES = {"village": 0, "small town": 1, "city": 2}
PER_YEAR = (150, 2_500, 20_000)
YEARS = 2
#: what counts as having found a planted peak: so much of it is in the six hours, or fewer, that the tool names
OVERLAP = 0.5


def start() -> QgsApplication:
    """Start QGIS with the plugin's tools."""
    application = QgsApplication([], False)
    application.initQgis()
    from processing.core.Processing import Processing

    from hotspot_plugin.provider import HotspotProvider

    Processing.initialize()
    provider = HotspotProvider()
    QgsApplication.processingRegistry().addProvider(provider)
    application.kept = provider
    return application


def tool(name: str, **parameters: object) -> dict:
    """Run a tool."""
    import processing

    return processing.run(f"hotspot:{name}", parameters)


def rows(path: str) -> list:
    """Return the features of a layer as dicts, with their shape."""
    layer = QgsVectorLayer(path, "rows", "ogr")
    names = layer.fields().names()
    return [{**dict(zip(names, feature.attributes())), "shape": feature.geometry()} for feature in layer.getFeatures()]


class Case:
    """A town, its file, and what the tools say about it."""

    def __init__(self, size: str, seed: int, folder: Path) -> None:
        from hotspot_plugin.analysis.training import town, townincidents

        self.size, self.seed = size, seed
        self.file = str(folder / f"{size}-{seed}.gpkg".replace(" ", "-"))
        self.folder = folder
        self.made = tool("practicecity", SIZE=SIZES[size], YEARS=YEARS, SEED=seed, DIRTY=False, LOAD=False,
                         OUTPUT=self.file)
        per_year = PER_YEAR[SIZES[size]]
        self.town = town.make(seed, per_year, YEARS)
        self.rates = townincidents.expected_per_year(self.town.places, self.town.spots, self.town.busy,
                                                     self.town.settings)
        self.circles = f"{self.file}|layername=truth_places|subset=what = 'hot spot'"
        self.incidents = f"{self.file}|layername=incidents"

    def out(self, name: str) -> str:
        """Return a new file."""
        return str(self.folder / f"{self.size}-{self.seed}-{name}.gpkg".replace(" ", "-"))

    # --- hot spots ---------------------------------------------------------------------------
    def hot_spots(self) -> dict:
        """Hot cells and hot spots against what was planted."""
        found = tool("findhotspots", INPUT=self.incidents, BOUNDARY=f"{self.file}|layername=boundary",
                     HOTSPOTS=self.out("spots"), OUTPUT=self.out("cells"))
        cells = rows(found["OUTPUT"])
        planted = [row["shape"] for row in rows(self.circles)]
        single = [row["shape"] for row in rows(f"{self.file}|layername=truth_places|subset=what = 'repeat location'")]
        mean, hot_rate = self._true_rates(cells)
        hot = [k for k, cell in enumerate(cells) if (cell["Gi_Bin"] or 0) > 0]
        kinds = {"planted": 0, "busy": 0, "false": 0}
        reach = found["DISTANCE"]
        for k in hot:
            near = cells[k]["shape"].buffer(reach * 0.6, 4)
            if any(near.intersects(shape) for shape in planted + single):
                kinds["planted"] += 1
            else:
                kinds["busy" if hot_rate[k] > mean else "false"] += 1
        spots = [row["shape"] for row in rows(found["HOTSPOTS"])]
        return {"cells": len(cells), "hot": len(hot), **kinds, "spots": len(spots), "planted spots": len(planted),
                "spots found": sum(any(s.intersects(p) for s in spots) for p in planted)}

    def _true_rates(self, cells: list) -> tuple:
        """Return the mean true rate of a cell, and of each cell the mean of it and its neighbours."""
        from scipy.spatial import cKDTree

        middle = np.array([[c["shape"].centroid().asPoint().x(), c["shape"].centroid().asPoint().y()] for c in cells])
        tree = cKDTree(middle)
        places = self.town.places
        at = np.column_stack([places.x + 500_000.0, places.y + 100_000.0])
        _, cell = tree.query(at)
        rate = np.bincount(cell, self.rates, len(cells))
        size = np.sqrt(np.median([c["shape"].area() for c in cells]))
        around = tree.query_ball_point(middle, 1.25 * size)
        return float(rate.mean()), np.array([rate[n].mean() for n in around])

    # --- hours, places -----------------------------------------------------------------------
    def peaks(self) -> tuple:
        """Return how many of the planted peaks are found, of how many hot spots with enough incidents to tell."""
        tool("hotspotprofile", INPUT=self.circles, INCIDENTS=self.incidents, NAME_FIELD="number",
             OUTPUT=self.out("profile"))
        found = told = 0
        for row in rows(self.out("profile")):
            spot = self.town.spots[int(row["number"]) - 1]
            if not row["peak_from"]:
                continue
            told += 1
            first, last = (int(str(row[name]).split(":")[0]) for name in ("peak_from", "peak_to"))
            named = {(first + k) % 24 for k in range((last - first) % 24 or 24)}
            window = {(spot.first + k) % 24 for k in range(spot.hours)}
            found += len(named & window) >= OVERLAP * len(window) and len(named) <= 8
        return found, told, len(self.town.spots)

    def repeat_places(self) -> tuple:
        """Return how many of the planted repeat locations are among the twenty first."""
        result = tool("repeatlocations", INPUT=self.incidents, TOP=20, OUTPUT=self.out("places"))
        points = [row["shape"].asPoint() for row in rows(result["OUTPUT"])]
        places = self.town.places
        found = sum(any(np.hypot(p.x() - 500_000 - places.x[b.place], p.y() - 100_000 - places.y[b.place]) < 15
                        for p in points) for b in self.town.busy)
        return found, len(self.town.busy)

    # --- change ------------------------------------------------------------------------------
    def change(self, role: str) -> dict:
        """Compare the last year with the one before in the treated or the other hot spots, types worked on alone."""
        from hotspot_plugin.analysis.training import crimetypes, townplaces

        types = ", ".join(f"'{crimetypes.NAMES[k]}'" for k in townplaces.WORKED_ON)
        result = tool(
            "compareperiods", INCIDENTS=f"{self.incidents}|subset=ctype in ({types})",
            AREAS=f"{self.circles} and treated = {int(role == 'treated')}", NAME_FIELD="name",
            BEFORE_START="2023-01-01", BEFORE_END="2023-12-31", AFTER_START="2024-01-01", AFTER_END="2024-12-31",
            OUTPUT=self.out(f"change-{role}"))
        before, after = (sum(r[name] or 0 for r in rows(result["OUTPUT"])) for name in ("PREV_CNT", "CUR_CNT"))
        return {"before": before, "after": after}

    def displacement(self) -> dict:
        """Weigh the change against rings and comparison places; the truth is what was prevented and did not move."""
        from hotspot_plugin.analysis.training import crimetypes, townplaces

        types = ", ".join(f"'{crimetypes.NAMES[k]}'" for k in townplaces.WORKED_ON)
        result = tool(
            "weighteddisplacement", INPUT=f"{self.file}|layername=truth_places|subset=role <> ''", ROLE_FIELD="role",
            NAME_FIELD="name", INCIDENTS=f"{self.incidents}|subset=ctype in ({types})",
            BEFORE_START="2023-01-01", BEFORE_END="2023-12-31", AFTER_START="2024-01-01", AFTER_END="2024-12-31",
            OUTPUT=self.out("wdd"))
        return {"found": result["WDD"], "low": result["LOW"], "high": result["HIGH"],
                "truth": self.made["MOVED"] - self.made["PREVENTED"]}


def interval(before: int, after: int) -> tuple:
    """Return the change as a share with its exact 95 % interval, conditional on the sum; years of the same length."""
    from scipy.stats import beta

    n = before + after
    low = beta.ppf(0.025, after, before + 1) if after else 0.0
    high = beta.ppf(0.975, after + 1, before) if before else 1.0
    odds = [p / (1 - p) if p < 1 else np.inf for p in (low, high)]
    return (after / before - 1 if before else np.nan, odds[0] - 1, odds[1] - 1) if n else (np.nan,) * 3


def table(header: list, lines: list) -> None:
    """Print a table in Markdown."""
    for line in (header, ["---"] + ["--:"] * (len(header) - 1), *lines):
        print("| " + " | ".join(str(cell) for cell in line) + " |")
    print(flush=True)


def percent(value: float) -> str:
    """Return a share as text."""
    return "–" if not np.isfinite(value) else f"{value:+.0%}".replace("-", "−")


def main() -> None:
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    application = start()
    cells, peaks, changes, moves, covered, asked = [], [], [], [], 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            total: dict = {}
            sums = {"treated": [0, 0], "comparison": [0, 0]}
            count = {"peak": np.zeros(3, int), "place": np.zeros(2, int)}
            inside = {"treated": 0, "comparison": 0}
            weighed: list = []
            for seed in range(1, seeds + 1):
                case = Case(size, seed, Path(folder))
                for name, value in case.hot_spots().items():
                    total[name] = total.get(name, 0) + value
                count["peak"] += case.peaks()
                count["place"] += case.repeat_places()
                weighed.append(case.displacement())
                for role in sums:
                    found = case.change(role)
                    sums[role][0] += found["before"]
                    sums[role][1] += found["after"]
                    _, low, high = interval(found["before"], found["after"])
                    truth = case.town.settings.effect - 1 if role == "treated" else 0.0
                    inside[role] += low <= truth <= high
                print(size, seed, "done", file=sys.stderr, flush=True)
            cells.append([size, f"{total['cells']:,}", total["hot"], total["planted"], total["busy"], total["false"],
                          f"{total['spots found']} of {total['planted spots']}", total["spots"]])
            within = sum(one["low"] <= one["truth"] <= one["high"] for one in weighed)
            covered, asked = covered + within, asked + seeds
            moves.append([size, *(f"{np.mean([one[k] for one in weighed]):,.0f}".replace("-", "−")
                                  for k in ("truth", "found", "low", "high")), f"{within} of {seeds}"])
            found, told, all_of = count["peak"].tolist()
            peaks.append([size, f"{found} of {told}", all_of - told, "{} of {}".format(*count["place"])])
            for role, (before, after) in sums.items():
                change, low, high = interval(before, after)
                truth = case.town.settings.effect - 1 if role == "treated" else 0.0
                covered, asked = covered + inside[role], asked + seeds
                changes.append([f"{size}, {role}", before, after, percent(truth), percent(change),
                                f"{percent(low)} to {percent(high)}", f"{inside[role]} of {seeds}"])
    print("# What the tools find in a practice town\n")
    print(f"Made by `python benchmarks/recovery_practicecity.py {seeds} > docs/practice-recovery.md`, or by `make bench"
          f" ARGS=practicecity`. {seeds} towns of each size with {YEARS} years, made by"
          " ['Create practice data'](reference/practicecity.md); every tool with its defaults.\n")
    print("## Hot cells\n\n'Find hot spots'. A hot cell is *planted* where a planted hot spot or repeat location lies"
          " in it or touches it, *busy anyway* where the generator's own rate there and around is above the mean (the"
          " centre, a busy shop), and *false* where it is not: chance made it hot.\n")
    table(["town", "cells", "hot", "planted", "busy anyway", "**false**", "**planted hot spots found**",
           "hot spots found in all"], cells)
    print("What is missed in small towns are hot spots of one or two cells with quiet ones around, most in parks"
          " and among homes. In the first town (`SEED=1`) one has 123 incidents in a cell where the mean is 10. Gi\\*"
          " judges a cell and its six neighbours together: 183 incidents instead of 71, against a spread that the main"
          " street makes wide, are z = 2.0 and p = 0.045, which is not enough among 484 cells. That is no error of the"
          " tool: the statistic asks for a busy neighbourhood, and one busy cell is none. 'Repeat locations' has"
          " addresses of every one of them among its first twenty.\n")
    print("## Peak hours and repeat locations\n\n'Profile hot spots' on the planted circles: a peak is found where"
          " the tool"
          " names at most eight hours that hold at least half of the planted ones. Where there are too few incidents to"
          " tell, the tool says nothing. 'Repeat locations': planted ones among the first twenty.\n")
    table(["town", "**peaks found, of those told**", "too few to tell", "**repeat locations found**"], peaks)
    print("## The effect of the intervention\n\n'Compare two periods by area' on the planted circles and the types that"
          " the intervention works on, the last year against the one before, all towns of a size together. The last"
          " column says in how many single towns the exact 95 % interval holds the truth (19 of 20 should).\n")
    table(["town", "before", "after", "**planted**", "**found**", "95 % interval", "truth inside"], changes)
    print("## Did it only move?\n\n'Weighted displacement difference (WDD)' on the same types, with the rings of 150 m:"
          " what was prevented less what moved into the ring, incidents a year, means over the towns. Some pairs of a"
          " hot"
          " spot and another's ring overlap, and busy places of the rings make the interval wide.\n")
    table(["town", "**planted**", "**found**", "lower end", "upper end", "truth inside"], moves)
    print(f"The truth lies within {covered} of {asked} intervals.")
    application.exitQgis()


if __name__ == "__main__":
    main()
