"""Whether the intervals of 'Difference in differences' hold what they promise, and how often chance makes one.

``python benchmarks/calibration_diffindiff.py [runs] > docs/calibration-diffindiff.md`` writes the page of the guide;
1000 runs a line take a few minutes on one core. Each line has its own seed, so a line does not change when others are
added.

The truth is known: monthly counts of areas are drawn for two years before and one after. Areas differ in size, all
share a season, and the treated ones fall by a known share or not.
"""

from __future__ import annotations

import sys
import zlib
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from hotspot_plugin.analysis.evaluation import diffindiff as analysis
from hotspot_plugin.analysis.evaluation import pretrend, regression, weighteddisplacement

BEFORE, AFTER = 24, 12
POISSON, NEGATIVE, SHIFT, SERIAL = "Poisson", "overdispersed", "areas drift", "serial"


def generator(*what: object) -> np.random.Generator:
    """A generator of random numbers that belongs to one line of a table."""
    return np.random.default_rng(zlib.crc32(repr(what).encode()))


def draw(rng: np.random.Generator, treated: int, control: int, each: float, kind: str, fall: float = 0.0,
         larger: float = 1.0, slope: float = 0.0):
    """Counts of areas by month, which areas are treated, which months lie after."""
    n, m = treated + control, BEFORE + AFTER
    role, after = np.arange(n) < treated, np.arange(m) >= BEFORE
    size = each * rng.gamma(2.0, 0.5, n) * np.where(role, larger, 1.0)
    mean = size[:, None] / 12 * (1.0 + 0.3 * np.sin(np.arange(m) * np.pi / 6))
    mean = mean * np.where(role[:, None] & after, 1.0 - fall, 1.0)
    mean = mean * np.exp(slope * role[:, None] * (np.arange(m) - BEFORE) / 12)
    if kind == SHIFT:
        mean = mean * np.exp(rng.normal(0.0, 0.25, n)[:, None] * after)
    if kind == SERIAL:
        level = np.zeros((n, m))
        level[:, 0] = rng.normal(0.0, 0.3, n)
        for t in range(1, m):
            level[:, t] = 0.8 * level[:, t - 1] + rng.normal(0.0, 0.18, n)
        mean = mean * np.exp(level)
    if kind == NEGATIVE:
        return rng.negative_binomial(np.maximum(mean, 1e-9) / 2.0, 1 / 3), role, after
    return rng.poisson(mean), role, after


def judge(rng: np.random.Generator, counts: np.ndarray, role: np.ndarray, after: np.ndarray, draws: int = 199):
    """The estimate with its headline interval, and the other intervals; None where a role has no incident."""
    b, a = counts[:, ~after].sum(axis=1), counts[:, after].sum(axis=1)
    if not b[role].sum() or not b[~role].sum() or not a[~role].sum():
        return None
    in_time = analysis.time_spread(counts[role].sum(axis=0), counts[~role].sum(axis=0), after)
    found = analysis.effect(b, a, role, in_time)
    drawn = analysis.placebos(b, a, role, draws, rng)
    return found, analysis.guarded(found, drawn), analysis.poisson(found), analysis.clustered(b, a, role)


def line(runs: int, treated: int, control: int, each: float, kind: str, fall: float, larger: float) -> list:
    """Shares of runs whose interval holds the truth: Poisson, clustered, by areas, headline; claims; width."""
    rng, truth = generator("line", treated, control, each, kind, fall, larger), np.log(1.0 - fall)
    held, known, claims, width = np.zeros(4), np.zeros(4), 0, []
    for _ in range(runs):
        got = judge(rng, *draw(rng, treated, control, each, kind, fall, larger))
        if got is None:
            continue
        found, headline, plain, cluster = got
        for k, part in enumerate((plain, cluster, found, headline)):
            if part is not None:
                held[k] += part.low <= truth <= part.high
                known[k] += 1
        claims += headline.clear
        width.append(headline.high - headline.low)
    return [*(held[k] / known[k] if known[k] > 0.5 * runs else np.nan for k in range(4)), claims / max(known[3], 1),
            float(np.exp(np.median(width) / 2))]


def trend_line(runs: int, treated: int, control: int, each: float, kind: str, slope: float) -> tuple:
    """How often the tests of the time before find a difference, and how often the trend is then called an effect."""
    rng, found = generator("trend", treated, control, each, kind, slope), np.zeros(4)
    for _ in range(runs):
        counts, role, after = draw(rng, treated, control, each, kind, slope=slope)
        got = judge(rng, counts, role, after)
        early = pretrend.trend(counts[:, ~after], np.arange(BEFORE) / 12, role)
        alike = pretrend.path(counts, role, after).p
        if got is None or early is None:
            continue
        found += [early.p < 0.05, alike < 0.05, got[1].clear, got[1].clear and early.p >= 0.05]
    return tuple(found / runs)


def chosen_line(runs: int, mean: float) -> tuple:
    """Pure noise: of 400 alike places the ten busiest before are called treated, thirty others compared."""
    rng, found = generator("chosen", mean), np.zeros(3)
    side, role = 100.0, np.arange(40) < 10
    for _ in range(runs):
        first, second = rng.poisson(mean, 400), rng.poisson(mean, 400)
        order = np.argsort(-first, kind="stable")
        used = np.concatenate([order[:10], rng.choice(order[10:], 30, replace=False)])
        at = np.repeat(np.arange(400), first)
        x, y = (at // 20 + rng.uniform(0, 1, at.size)) * side, (at % 20 + rng.uniform(0, 1, at.size)) * side
        level, spread = weighteddisplacement.level_of_chosen(first[order[:10]], regression.all_places(x, y, side))
        plain = analysis.effect(first[used], second[used], role)
        drawn = analysis.placebos(first[used], second[used], role, 199, rng)
        less = analysis.guarded(analysis.expecting_less(plain, level, spread), drawn)
        found += [np.exp(plain.log_ratio) - 1, analysis.guarded(plain, drawn).clear, less.clear]
    return tuple(found / runs)


def power_line(runs: int, treated: int, control: int, each: float, kind: str) -> tuple:
    """The fall that each run's own smallest detectable change names is planted: how often it is found."""
    rng, found, falls, done = generator("power", treated, control, each, kind), 0, [], 0
    for _ in range(runs):
        got = judge(rng, *draw(rng, treated, control, each, kind))
        if got is None or not np.isfinite(smallest := analysis.smallest_fall(got[0])):
            continue
        falls.append(1.0 - np.exp(smallest))
    fall = float(np.median(falls))
    for _ in range(runs):
        got = judge(rng, *draw(rng, treated, control, each, kind, fall))
        done += got is not None
        found += got is not None and got[1].high < 0
    return fall, found / max(done, 1)


def table(header: list, rows: list) -> None:
    """Print a table in Markdown."""
    for row in (header, ["---"] * len(header), *rows):
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    print(flush=True)


def percent(value: float) -> str:
    """Write a share."""
    return "–" if not np.isfinite(value) else f"{value:.1%}"


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    print("# Intervals of 'Difference in differences'\n")
    print(f"Made by `python benchmarks/calibration_diffindiff.py {runs} > docs/calibration-diffindiff.md`; {runs}"
          f" runs stand behind every line, so a share of 95 % is known to about"
          f" ±{1.96 * np.sqrt(0.05 * 0.95 / runs):.1%}.\n")
    print("Monthly counts of areas, two years before and one after, sizes gamma distributed (standard deviation 0.7 of"
          " the mean), a season of ±30 % that all share. 'Overdispersed': the variance of a month is three times its"
          " mean. 'Areas drift': each area goes its own way after the start (standard deviation 25 %). 'Serial':"
          " neighbouring months of an area move alike (correlation 0.8, standard deviation 30 %). 'Larger': the"
          " treated areas are four times as large as the others.\n")
    print("## Coverage and false claims\n\nShare of runs whose 95 % interval holds the truth: with Poisson variance,"
          " clustered by area (sandwich, t on G - 1), by how differently areas changed (largest of two forms of"
          " overdispersion, t on the areas less two), and the **headline** of the tool (the last, or that of 199"
          " placebos in space where it is wider). A claim is a headline interval that leaves out no effect. Width: the"
          " factor between the estimate and the end of the headline interval, in the middle of all runs.\n")
    rows = []
    sizes = [(1, 1), (1, 5), (1, 20), (1, 60), (3, 3), (3, 20), (10, 20), (30, 30)]
    lines = [(t, c, each, kind, 0.0, 1.0) for kind in (POISSON, NEGATIVE, SHIFT, SERIAL) for each in (10, 60)
             for t, c in sizes if each == 60 or (t, c) in ((1, 5), (1, 20), (3, 20), (30, 30))]
    lines += [(t, c, 60, SHIFT, 0.0, 4.0) for t, c in ((1, 20), (1, 60), (3, 20), (10, 20))]
    lines += [(t, c, 60, kind, 0.3, 1.0) for kind in (POISSON, NEGATIVE, SHIFT)
              for t, c in ((1, 60), (3, 20), (30, 30))]
    for treated, control, each, kind, fall, larger in lines:
        plain, cluster, by_areas, headline, claims, width = line(runs, treated, control, each, kind, fall, larger)
        rows.append([kind + (", larger" if larger > 1 else ""), treated, control, each, f"{fall:.0%}", percent(plain),
                     percent(cluster), percent(by_areas), f"**{percent(headline)}**", percent(claims), f"{width:.2f}"])
    table(["counts", "treated", "comparison", "incidents a year and area", "true fall", "Poisson", "clustered",
           "by areas", "**headline**", "claims", "width"], rows)
    print("Where the true fall is 0 % a claim is false, and 5 % are allowed. Intervals of Poisson counts fail as soon"
          " as counts vary more than by chance; the clustered one fails with one and with three treated areas, which is"
          " why it is not the headline. With one area of each role nothing tells how far areas drift apart: the"
          " interval is from month to month only, and the tool then says no more than that. Where the treated areas are"
          " much larger than all others, comparison areas tell less of what they do by themselves.\n")
    print("## The time before\n\nHow often the test of the trends (5 %) and of the months being alike (5 %) find a"
          " difference, how often an effect is claimed though there is none, and how often that happens without a"
          " warning from the test of trends.\n")
    rows = []
    for treated, control, each, kind, slope in (
            (1, 20, 60, POISSON, 0.0), (10, 20, 60, POISSON, 0.0), (10, 20, 60, NEGATIVE, 0.0),
            (10, 20, 60, SERIAL, 0.0), (10, 20, 60, POISSON, -0.1), (10, 20, 60, POISSON, -0.3),
            (3, 20, 60, NEGATIVE, -0.3), (30, 30, 60, NEGATIVE, -0.2)):
        rows.append([kind, treated, control, f"{np.exp(slope) - 1:+.0%}",
                     *map(percent, trend_line(runs, treated, control, each, kind, slope))])
    table(["counts", "treated", "comparison", "trend a year, treated only", "trend found", "months differ",
           "effect claimed", "claimed, no warning"], rows)
    print("A trend that only the treated areas have becomes an 'effect', and the test of the time before does not"
          " always see it: so the report says how large a trend it would have missed, and what that alone would have"
          " made.\n")
    print("## Areas chosen for their many incidents\n\nPure noise: 400 places alike, the ten busiest of the time before"
          " are called treated and compared with thirty of the others.\n")
    table(["incidents a place", "mean change as counted", "claims as counted", "**claims, luck taken out**"],
          [[mean, *map(percent, chosen_line(runs, mean))] for mean in (5, 20, 50)])
    print("## Power\n\nThe middle of the smallest falls that the tool names is planted: about 80 % shall be found.\n")
    table(["counts", "treated", "comparison", "smallest fall", "found"], [
        [kind, t, c, *map(percent, power_line(runs, t, c, 60, kind))]
        for t, c, kind in ((3, 20, POISSON), (10, 20, POISSON), (30, 30, NEGATIVE))])


if __name__ == "__main__":
    main()
