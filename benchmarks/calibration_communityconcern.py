"""How often the intervals of 'Where people are worried' hold the truth, and how often its classes are wrong.

``python benchmarks/calibration_communityconcern.py [runs] > docs/calibration-concern.md`` writes the page of
the guide; 20,000 runs a cell take about a minute on one core. Each cell has its own seed, so it does
not change when others are added.

Residents of a place have a concern each, drawn from one of seven distributions whose mean is known. So
many voices speak, a third of them twice, at days spread over two years, and the estimate is made as the
tool makes it. An interval covers where it holds the true mean.
"""

from __future__ import annotations

import sys
import zlib
from pathlib import Path

import numpy as np
from scipy import stats

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from hotspot_plugin.analysis.community import communityconcern as concern
from hotspot_plugin.analysis.community import heard as hearing

ANSWERS = np.arange(1.0, 6.0)
#: share of residents of each answer from 1 to 5
TRUTHS = {
    "even": (0.2, 0.2, 0.2, 0.2, 0.2), "middling": (0.1, 0.2, 0.4, 0.2, 0.1), "worried": (0.05, 0.05, 0.1, 0.3, 0.5),
    "nearly all 5": (0.02, 0.02, 0.03, 0.08, 0.85), "95 % 5, 5 % 1": (0.05, 0, 0, 0, 0.95),
    "half 1, half 5": (0.5, 0, 0, 0, 0.5), "mostly 1": (0.8, 0.1, 0.05, 0.03, 0.02),
}
VOICES = (5, 8, 12, 20, 40, 80)
#: days over which reports are spread, and the half-life
SPREAD, HALF_LIFE = 730.0, 180.0


def generator(*what: object) -> np.random.Generator:
    """A generator of random numbers that belongs to one cell of a table."""
    return np.random.default_rng(zlib.crc32(repr(what).encode()))


def reports(rng: np.random.Generator, runs: int, voices: int, truth: tuple, decay: bool) -> tuple:
    """Zone (one a run), voice, answer and weight of reports; a third of the voices report again."""
    zone = np.repeat(np.arange(runs), voices)
    voice = np.arange(len(zone))
    answer = rng.choice(ANSWERS, p=truth, size=len(zone))
    again = rng.uniform(size=len(zone)) < 1 / 3
    zone, voice, answer = (np.r_[a, a[again]] for a in (zone, voice, answer))
    age = rng.uniform(0, SPREAD, len(zone)) if decay else np.zeros(len(zone))
    return zone, voice, answer, 0.5 ** (age / HALF_LIFE)


def covered(runs: int, voices: int, name: str, decay: bool) -> dict:
    """Share of runs in which each interval holds the truth, and how wide ours is."""
    truth = TRUTHS[name]
    mean, worried = float(np.dot(ANSWERS, truth)), float(sum(truth[3:]))
    found = concern.estimate(*reports(generator(voices, name, decay), runs, voices, truth, decay), runs)
    t = stats.t.ppf(0.975, np.maximum(found.effective - 1, 1)) * found.se
    return {
        "ours": _holds(found.low, found.high, mean), "t": _holds(found.mean - t, found.mean + t, mean),
        "share": _holds(found.worried_low, found.worried_high, worried), "effective": float(found.effective.mean()),
        "width": float((found.high - found.low).mean()),
    }


def _holds(low: np.ndarray, high: np.ndarray, truth: float) -> float:
    return float(np.mean((low <= truth + 1e-9) & (high >= truth - 1e-9)))


def false_classes(runs: int, areas: int, voices: int, name: str) -> tuple[float, float]:
    """Share of towns in which any area, all alike, is called more or less worried; and of the areas."""
    rng = generator("classes", areas, voices, name)
    wrong, called = [], []
    for _ in range(runs):
        number = rng.poisson(voices, areas)
        area = np.repeat(np.arange(areas), number)
        answer = rng.choice(ANSWERS, p=TRUTHS[name], size=len(area))
        weight = 0.5 ** (rng.uniform(0, SPREAD, len(area)) / HALF_LIFE)
        each = concern.estimate(area, np.arange(len(area)), answer, weight, areas)
        whole = concern.estimate(np.zeros(len(area), int), np.arange(len(area)), answer, weight, 1)
        code, _ = concern.beside_whole(each, float(whole.mean[0]), each.voices >= 5)
        off = (code == concern.MORE) | (code == concern.LESS)
        wrong.append(off.any())
        called.append(off.mean())
    return float(np.mean(wrong)), float(np.mean(called))


def under_heard(runs: int, areas: int, rate: float, silent: float) -> tuple[float, float]:
    """Share of towns with an area wrongly called under-heard, and of the areas that are so and are found."""
    rng = generator("heard", areas, rate, silent)
    wrong, found = [], []
    for _ in range(runs):
        people = rng.integers(500, 6000, areas)
        less = np.zeros(areas, bool)
        if silent < 1:
            less[rng.choice(areas, max(areas // 10, 1), replace=False)] = True
        voices = rng.poisson(people * rate / 1000 * np.where(less, silent, 1.0))
        code = hearing.heard(voices, people).code
        wrong.append(((code == hearing.UNDER_HEARD) & ~less).any())
        if less.any():
            found.append((code[less] == hearing.UNDER_HEARD).mean())
    return float(np.mean(wrong)), float(np.mean(found)) if found else float("nan")


def table(header: list, rows: list) -> None:
    """Print a table in Markdown."""
    for row in (header, ["---"] * len(header), *rows):
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    print(flush=True)


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    towns = max(runs // 20, 50)
    print("# Coverage of the intervals in 'Where people are worried'\n")
    print(f"Made by `python benchmarks/calibration_communityconcern.py {runs} > docs/calibration-concern.md`; {runs:,}"
          f" runs stand behind every cell of the first three tables, so a share of 95 % is known to about ±"
          f"{196 * (0.95 * 0.05 / runs) ** 0.5:.1f} points.\n")
    print("Residents answer from 1 to 5 as the column says; the true mean is known. A third of the voices report twice."
          " In the rows with recency the reports are spread over two years and count half after 180 days, so that the"
          " voices weigh differently.\n")
    cells = {(decay, n, name): covered(runs, n, name, decay)
             for decay in (False, True) for n in VOICES for name in TRUTHS}
    for title, key in (("The interval of the mean", "ours"),
                       ("The usual interval: mean ± t standard errors", "t"),
                       ("The interval of the share of 4 or 5 (Wilson)", "share")):
        print(f"## {title}\n")
        if key == "t":
            print("For comparison; the tool does not use it.\n")
        rows = []
        for decay in (False, True):
            for n in VOICES:
                row = [cells[decay, n, name] for name in TRUTHS]
                rows.append([n, f"{np.mean([c['effective'] for c in row]):.1f}", "yes" if decay else "no",
                             *(f"{c[key]:.1%}" for c in row)])
        table(["voices", "of equal weight", "recency", *TRUTHS], rows)
        shares = [c[key] for c in cells.values()]
        print(f"Mean {np.mean(shares):.1%}, lowest {np.min(shares):.1%}.\n")
    print("## How wide it is\n\nMean width of the interval of the mean, in points of the scale.\n")
    table(["voices", "recency", *TRUTHS], [
        [n, "yes" if decay else "no", *(f"{cells[decay, n, name]['width']:.2f}" for name in TRUTHS)]
        for decay in (False, True) for n in VOICES])
    print("## Areas called more or less worried where all are alike\n")
    print(f"{towns:,} towns a line, with recency. Every call is false; the false discovery rate is 5 %.\n")
    rows = []
    for areas, voices, name in ((20, 10, "even"), (20, 30, "worried"), (100, 10, "worried"), (100, 30, "even"),
                                (100, 30, "nearly all 5")):
        any_, each = false_classes(towns, areas, voices, name)
        rows.append([areas, voices, name, f"{any_:.1%}", f"{each:.2%}"])
    table(["areas", "voices an area", "answers", "towns with a false call", "areas called"], rows)
    print("## Under-heard\n")
    print(f"{towns:,} towns a line; a tenth of the areas speaks so many times as often as the others.\n")
    rows = []
    for areas, rate, silent in ((20, 5.0, 1.0), (100, 5.0, 1.0), (20, 5.0, 0.2), (100, 5.0, 0.2), (100, 20.0, 0.3)):
        wrong, right = under_heard(towns, areas, rate, silent)
        rows.append([areas, f"{rate:g}", f"{silent:g}", f"{wrong:.1%}", "–" if np.isnan(right) else f"{right:.1%}"])
    table(["areas", "voices per 1,000", "as often", "towns with a false call", "found of those that are"], rows)


if __name__ == "__main__":
    main()
