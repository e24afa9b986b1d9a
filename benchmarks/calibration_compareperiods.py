"""How often 'Compare two periods by area' praises (or blames) what nothing caused.

``python benchmarks/calibration_compareperiods.py [runs] > docs/calibration-regression.md``
writes the page of the guide; 500 runs a line take less than a minute on one core. Each line has
its own seed, so a line does not change when others are added.

Two years of pure noise: incidents fall anywhere in a city of square places, all alike, at the
same rate in both years. The 20 places with the most incidents in the first year are chosen and
compared with themselves in the second. Whatever change is claimed is false.
"""

from __future__ import annotations

import sys
import zlib
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from hotspot_plugin.analysis.evaluation import compareperiods, regression

TOP = 20
SIDE = 250.0
#: a city of so many places in both directions; 'bay': a third of its middle is water
CITIES = {"20 x 20 places": (20, False), "40 x 40 places": (40, False), "40 x 40 places around a bay": (40, True)}
MEANS = (1.0, 3.0, 10.0, 30.0)
#: of the chosen places, when a cut is real
CUT = 0.5


def generator(*what: object) -> np.random.Generator:
    """A generator of random numbers that belongs to one line of a table."""
    return np.random.default_rng(zlib.crc32(repr(what).encode()))


def land(number: int, bay: bool) -> np.ndarray:
    """Which places are land."""
    out = np.ones((number, number), dtype=bool)
    if bay:
        out[number // 3 : 2 * number // 3, number // 3 :] = False
    return out


def year(rates: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Counts of the places, and the incidents' positions in metres."""
    counts = rng.poisson(rates)
    column, row = (np.repeat(index, counts.ravel()) for index in np.indices(rates.shape).reshape(2, -1))
    x, y = ((index + rng.uniform(0, 1, len(index))) * SIDE for index in (column, row))
    return counts, x, y


def one_run(rates: np.ndarray, rng: np.random.Generator, days=(365, 365), effect: float = 1.0) -> dict:
    """Compare the busiest places with themselves, as the tool does; say what is claimed."""
    first, x, y = year(rates, rng)
    chosen = np.argsort(-first.ravel(), kind="stable")[:TOP]
    times = days[1] / days[0]
    second = rng.poisson(rates.ravel()[chosen] * times * effect)
    first = first.ravel()[chosen]
    plain = compareperiods.compare(first, second, *days)
    inside = compareperiods.compare([first.sum()], [second.sum()], *days)
    expected = regression.expect(first, second, regression.all_places(x, y, SIDE), times)
    whole = regression.guard(inside, np.array([expected.total]), np.array([expected.p_total]))
    each = regression.guard(plain, expected.count, expected.p)
    return {
        "plain": inside.beyond_chance(), "guarded": bool(whole.p[0] < compareperiods.LEVEL),
        "plain areas": bool((np.abs(plain.code) == 2).any()), "guarded areas": bool((np.abs(each.code) == 2).any()),
        "before": first.sum() * times, "after": second.sum(), "expected": expected.total,
    }


def rates_of(name: str, mean: float, rng: np.random.Generator, shape: float = 0.0) -> np.ndarray:
    """True rates of the places of a city; all alike without a shape, else gamma."""
    number, bay = CITIES[name]
    there = land(number, bay)
    return np.where(there, rng.gamma(shape, mean / shape, there.shape) if shape else mean, 0.0)


def line(runs: int, name: str, mean: float, days=(365, 365), effect: float = 1.0, shape: float = 0.0) -> list[dict]:
    """Make the runs of one line."""
    rng = generator(name, mean, days, effect, shape)
    return [one_run(rates_of(name, mean, rng, shape), rng, days, effect) for _ in range(runs)]


def share(found: list[dict], what: str) -> float:
    """Share of runs in which something is claimed."""
    return float(np.mean([run[what] for run in found]))


def table(header: list, rows: list) -> None:
    """Print a table in Markdown."""
    for row in (header, ["---"] * len(header), *rows):
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    print(flush=True)


def rows_of(runs: int, cases: list) -> tuple[list, float]:
    """Rows of a table, and the largest share of guarded claims of the sentence or of any area."""
    rows, worst = [], 0.0
    for name, mean, more in cases:
        found = line(runs, name, mean, **more)
        shares = [share(found, what) for what in ("plain", "guarded", "plain areas", "guarded areas")]
        worst = max(worst, shares[1], shares[3])
        middle = [np.mean([run[what] for run in found]) for what in ("before", "expected", "after")]
        days = more.get("days", (365, 365))
        rows.append([name, f"{mean:g}", f"{days[0]} and {days[1]}", *(f"{value:,.0f}" for value in middle),
                     *(f"{value:.1%}" for value in shares)])
    return rows, worst


HEADER = ["city", "incidents a place", "days", "before", "expected", "after", "sentence, unguarded",
          "**sentence, guarded**", "any area, unguarded", "**any area, guarded**"]


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    print("# Regression to the mean in 'Compare two periods by area'\n")
    print(f"Made by `python benchmarks/calibration_compareperiods.py {runs} > docs/calibration-regression.md`; {runs}"
          " runs stand behind every line, so a share of 5 % is known to about"
          f" ±{1.96 * np.sqrt(0.05 * 0.95 / runs):.1%}.\n")
    print(f"Places of {SIDE:g} x {SIDE:g} m. The {TOP} with the most incidents in the first period are chosen and"
          " compared with themselves in the second. Before, expected and after are means over the runs, before at the"
          " length of the second period. A share is that of runs in which a change is claimed: in the sentence of the"
          " areas together, or as the class 'more' or 'fewer' of any single area.\n")
    print("## Pure noise\n\nAll places alike, nothing changes: every claim is false. The guarded sentence must not"
          " claim a change in more than 5 % of the runs.\n")
    cases: list = [(name, mean, {}) for name in CITIES for mean in MEANS]
    cases += [("40 x 40 places", 10.0, {"days": days}) for days in ((365, 91), (56, 7))]
    rows, worst = rows_of(runs, cases)
    table(HEADER, rows)
    print(f"The largest share of guarded claims is {worst:.1%}.\n")
    print("## Places that differ, nothing changes\n\nTrue rates from a gamma distribution (shape 0.5): a few places are"
          " far busier than the others, and stay so. Again every claim is false. What is expected is on the low side,"
          " because the squares on which the spread of places is measured cut across the places themselves; a fall is"
          " then claimed more rarely, and a rise only where there are also more than before.\n")
    rows, _ = rows_of(runs, [("40 x 40 places", mean, {"shape": 0.5}) for mean in MEANS])
    table(HEADER, rows)
    print(f"## A real fall by {1 - CUT:.0%}\n\nThe same, but in the chosen places the rate of the second period is"
          " halved: here a claim is right. The guard must not hide it where the places really differ; where they are"
          " all alike, what is left of the fall after the luck is gone must be found.\n")
    rows, _ = rows_of(runs, [("40 x 40 places", mean, {"shape": shape, "effect": CUT}) for shape in (0.0, 0.5)
                             for mean in MEANS])  # fmt: skip
    table(["places", *HEADER[1:]], [[("alike", "differ")[i >= len(MEANS)], *row[1:]] for i, row in enumerate(rows)])


if __name__ == "__main__":
    main()
