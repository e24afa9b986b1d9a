"""Whether the intervals of 'Weighted displacement difference' hold what they promise.

``python benchmarks/calibration_weighteddisplacement.py [runs] > docs/calibration-weighteddisplacement.md``
writes the page of the guide; 4,000 runs a line take about two minutes on one core. Each line has its own seed, so
a line does not change when others are added.

The truth is known: counts of four roles are drawn before and after, the treated areas fall by a known number or not.
"""

from __future__ import annotations

import sys
import zlib
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from hotspot_plugin.analysis.evaluation import detectableeffect, regression
from hotspot_plugin.analysis.evaluation import weighteddisplacement as analysis
from hotspot_plugin.analysis.evaluation.weighteddisplacement import Counts, Dispersion

UNITS = 13


def generator(*what: object) -> np.random.Generator:
    """A generator of random numbers that belongs to one line of a table."""
    return np.random.default_rng(zlib.crc32(repr(what).encode()))


def draw(rng: np.random.Generator, mean: np.ndarray, phi: float) -> np.ndarray:
    """Counts whose variance is ``phi`` times their mean."""
    mean = np.asarray(mean, float)
    return rng.poisson(mean) if phi == 1.0 else rng.negative_binomial(np.maximum(mean, 1e-12) / (phi - 1), 1 / phi)


def table(header: list, rows: list) -> None:
    """Print a table in Markdown."""
    for row in (header, ["---"] * len(header), *rows):
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    print(flush=True)


def year(rng: np.random.Generator, each: float, phi: float, share: float, season: float, roles: int = 4):
    """Counts by role and unit of 28 days of a year before and one after; the treated areas fall by ``share``."""
    wave = 1.0 + season * np.sin(np.arange(UNITS) * 2 * np.pi / UNITS)
    before = np.tile(each / UNITS * wave, (4, 1))
    after = before.copy()
    after[0] *= 1.0 - share
    before[roles:], after[roles:] = 0.0, 0.0
    return draw(rng, before, phi), draw(rng, after, phi)


def coverage(runs: int, each: float, phi: float, share: float, season: float, roles: int) -> tuple:
    """Shares of runs whose interval holds the truth (95 % plain, 95 % estimated, 90 % estimated), and claims."""
    rng = generator("coverage", each, phi, share, season, roles)
    truth = -each * share
    found = np.zeros(5)
    done = 0
    for _ in range(runs):
        before, after = year(rng, each, phi, share, season, roles)
        counts = Counts.of(before.sum(axis=1), after.sum(axis=1), displacement=roles == 4)
        spread = analysis.dispersion_in_time(before[:roles]) or Dispersion(1.0, np.inf, 1.0, "assumed")
        plain, wide = analysis.wdd(counts).total, analysis.wdd(counts, spread.phi, spread.raw_free).total
        if not np.isfinite(plain.low):
            continue
        done += 1
        found += [plain.low <= truth <= plain.high, wide.low <= truth <= wide.high,
                  wide.low90 <= truth <= wide.high90, plain.clear, wide.clear]
    return tuple(found / done)


def areas_line(runs: int, number: int, each: float, phi: float) -> tuple:
    """Two periods only: overdispersion from how differently the areas of a role changed."""
    rng, found = generator("areas", number, each, phi), np.zeros(3)
    codes = np.repeat(np.arange(4), number)
    for _ in range(runs):
        before, after = draw(rng, np.full(4 * number, each), phi), draw(rng, np.full(4 * number, each), phi)
        counts = Counts.of(*(np.bincount(codes, v, 4) for v in (before, after)))
        spread = analysis.dispersion_among_areas(before, after, codes) or Dispersion(1.0, np.inf, 1.0, "assumed")
        plain, wide = analysis.wdd(counts).total, analysis.wdd(counts, spread.phi, spread.raw_free).total
        found += [plain.low <= 0 <= plain.high, wide.low <= 0 <= wide.high, spread.phi]
    return tuple(found / runs)


def chosen_line(runs: int, mean: float) -> tuple:
    """Pure noise: of 400 alike places the ten busiest are called treated, ten others compared."""
    rng, found = generator("chosen", mean), np.zeros(4)
    side = 100.0
    for _ in range(runs):
        first, second = rng.poisson(mean, 400), rng.poisson(mean, 400)
        order = np.argsort(-first, kind="stable")
        treated, control = order[:10], rng.choice(order[10:], 10, replace=False)
        at = np.repeat(np.arange(400), first)
        x, y = (at // 20 + rng.uniform(0, 1, at.size)) * side, (at % 20 + rng.uniform(0, 1, at.size)) * side
        places = regression.all_places(x, y, side)
        level, spread = analysis.level_of_chosen(first[treated], places)
        before = np.array([first[treated].sum(), first[control].sum(), 0.0, 0.0])
        after = np.array([second[treated].sum(), second[control].sum(), 0.0, 0.0])
        plain = analysis.wdd(Counts.of(before, after, displacement=False)).total
        guarded = analysis.wdd(Counts(np.array([level, *before[1:]]), after, np.array([spread, *before[1:]]), after,
                                      1.0, np.ones(4), False)).total
        found += [plain.value, plain.clear, guarded.value, guarded.clear]
    return tuple(found / runs)


def power_line(runs: int, treated: float, control: float, phi: float) -> tuple:
    """Share of runs in which the smallest detectable fall is found."""
    rng = generator("power", treated, control, phi)
    plan = detectableeffect.Design(np.array([treated, control, 0.0, 0.0]), phi=phi)
    fall = detectableeffect.smallest_fall(plan)
    hit = 0
    for _ in range(runs):
        before = draw(rng, np.array([treated, control, 0, 0]), phi)
        after = draw(rng, np.array([treated - fall, control, 0, 0]), phi)
        hit += analysis.wdd(Counts.of(before, after, displacement=False), phi).total.clear
    return fall, hit / runs


def percent(value: float) -> str:
    """Write a share."""
    return f"{value:.1%}"


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
    print("# Intervals of 'Weighted displacement difference'\n")
    print(f"Made by `python benchmarks/calibration_weighteddisplacement.py {runs} >"
          f" docs/calibration-weighteddisplacement.md`; {runs} runs stand behind every line, so a share of 95 % is"
          f" known to about ±{1.96 * np.sqrt(0.05 * 0.95 / runs):.1%}.\n")
    print("Counts are drawn whose true level is known: a year before and a year after, 13 units of 28 days each, four"
          " roles alike (two without displacement areas). 'φ' is how many times more the counts vary than Poisson ones"
          " (negative binomial). An interval holds the truth in the share of runs given; a claim is a 95 %"
          " interval that leaves out 0.\n")
    print("## Coverage and false claims\n\nPlain: Poisson variance. Estimated: φ from the year before, with Student's"
          " t, as the tool does. 'Season' is a wave of ±50 % that all roles share.\n")
    rows = []
    for each, phi, share, season, roles in (
        (3, 1, 0, 0, 2), (10, 1, 0, 0, 2), (10, 1, 0, 0, 4), (30, 1, 0, 0, 4), (200, 1, 0, 0, 4), (200, 1, 0, 0.5, 4),
        (30, 1, 0.4, 0, 4), (200, 1, 0.3, 0, 4), (200, 1.5, 0, 0, 4), (200, 3, 0, 0, 4), (200, 3, 0, 0.5, 4),
        (200, 3, 0.3, 0, 4), (200, 3, 0, 0, 2), (50, 3, 0, 0, 4), (1000, 8, 0, 0, 4),
    ):
        plain, wide, wide90, claim, wide_claim = coverage(runs, each, phi, share, season, roles)
        rows.append([each, roles, phi, f"{share:.0%}", f"{season:g}", percent(plain), f"**{percent(wide)}**",
                     percent(wide90), percent(claim), f"**{percent(wide_claim)}**"])
    table(["incidents a year and role", "roles", "φ", "true fall", "season", "95 %, plain", "**95 %, estimated**",
           "90 %, estimated", "claims, plain", "**claims, estimated**"], rows)
    print("Where nothing changes (true fall 0 %) a claim is false, and 5 % are allowed. With 10 incidents in each role"
          " the plain interval already holds. With φ of 3 Poisson intervals are wrong in a quarter of the cases; the"
          " estimate mends that.\n")
    print("## Overdispersion from areas\n\nTwo periods without a history: several areas of each role.\n")
    rows = []
    for number, each, phi in ((3, 50, 1), (10, 20, 1), (3, 50, 3), (10, 20, 3), (30, 5, 3)):
        plain, wide, mean = areas_line(runs, number, each, phi)
        rows.append([number, each, phi, f"{mean:.2f}", percent(plain), f"**{percent(wide)}**"])
    table(["areas of each role", "incidents each", "φ", "mean estimate (not below 1)", "95 %, plain",
           "**95 %, estimated**"], rows)
    print("## Areas chosen for their many incidents\n\nPure noise: 400 places alike, the ten busiest of the first year"
          " are called treated and compared with ten of the others. Every claim is false.\n")
    rows = []
    for mean in (5.0, 20.0, 50.0):
        plain, claim, value, wide_claim = chosen_line(max(runs // 8, 100), mean)
        rows.append([f"{mean:g}", f"{plain:.1f}", percent(claim), f"{value:.1f}", f"**{percent(wide_claim)}**"])
    table(["incidents a place", "mean difference as counted", "claims as counted", "mean difference, luck taken out",
           "**claims, luck taken out**"], rows)
    print("## Power\n\nThe fall that 'Smallest detectable change' names is drawn: it shall be found in 80 %.\n")
    rows = []
    for treated, control, phi in ((30, 30, 1), (50, 50, 1), (200, 200, 1), (200, 400, 1), (200, 200, 3)):
        fall, hit = power_line(runs, treated, control, phi)
        rows.append([treated, control, phi, f"{fall:.1f} ({fall / treated:.0%})", f"**{percent(hit)}**"])
    table(["treated", "comparison", "φ", "smallest fall", "**found**"], rows)


if __name__ == "__main__":
    main()
