"""Whether the intervals of 'Interrupted time series' hold what they promise, and how often chance makes an effect.

``python benchmarks/calibration_interruptedseries.py [runs] > docs/calibration-interruptedseries.md`` writes the page of
the guide; 500 runs a line take a few minutes on one core. Each line has its own seed.

The truth is known: a monthly series with a season, counts that vary more than chance and hang together, and a fall of
known size from the start on, or none.
"""

from __future__ import annotations

import sys
import zlib
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from hotspot_plugin.analysis.evaluation import interruptedseries as analysis


def line(runs: int, before: int, after: int, each: float, phi: float, rho: float, control: bool, fall: float = 0.0):
    """Shares of runs: whole effect held by the tool's interval, by Poisson's; claims of whole, level and slope."""
    rng = np.random.default_rng(zlib.crc32(repr((before, after, each, phi, rho, control, fall)).encode()))
    m, found, done = before + after, np.zeros(5), 0
    late, when = np.arange(m) >= before, np.arange(m) / 12
    truth, pairs = np.log(1.0 - fall), analysis.season_pairs(when, late)
    pairs = min(pairs, 1) if control else pairs
    season = 0.2 if pairs else 0.0
    for _ in range(runs):
        both = []
        for size in (1.0, 2.0)[: 1 + control]:
            level, noise = np.zeros(m), rng.normal(0.0, 1.0, m)
            level[0] = noise[0]
            for t in range(1, m):
                level[t] = rho * level[t - 1] + np.sqrt(1.0 - rho**2) * noise[t]
            mean = each * size * np.exp(season * np.sin(2 * np.pi * when) + np.sqrt((phi - 1.0) / each) * level)
            both.append(rng.poisson(mean * np.where(late & (size == 1.0), 1.0 - fall, 1.0)))
        got = analysis.fit(both[0], np.full(m, 30.4), np.arange(m), late, when, pairs, both[1] if control else None)
        if got is None:
            continue
        done += 1
        plain = _poisson_se(both, late, when, pairs)
        found += [got.whole.low <= truth <= got.whole.high, abs(got.whole.value - truth) <= 1.96 * plain,
                  got.whole.clear, got.level.clear, got.slope.clear]
    return found / max(done, 1)


def _poisson_se(both: list, late: np.ndarray, when: np.ndarray, pairs: int) -> float:
    """Standard error of the whole effect if counts varied by chance alone."""
    x = analysis.design(np.arange(len(late), dtype=float), late, when, pairs)
    bare = x.copy()
    bare[:, 2:4] = 0.0
    weight = both[0].astype(float) if len(both) == 1 else both[0] * both[1] / (both[0] + both[1])
    size = both[0][late].astype(float)
    gradient = (size[:, None] * (x - bare)[late]).sum(axis=0) / size.sum()
    gradient[4:] = 0.0
    return float(np.sqrt(gradient @ np.linalg.pinv(x.T @ (weight[:, None] * x)) @ gradient))


def percent(value: float) -> str:
    """Write a share."""
    return f"{value:.1%}"


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    print("# Intervals of 'Interrupted time series'\n")
    print("Made by `python benchmarks/calibration_interruptedseries.py"
          f" {runs} > docs/calibration-interruptedseries.md`; {runs} runs stand behind every line, so a share of 95 %"
          f" is known to about ±{1.96 * np.sqrt(0.05 * 0.95 / runs):.1%}.\n")
    print("Monthly series with 60 (or 15) incidents a month and a season of ±20 % where the data can tell one. 'φ' is"
          " how many times more the counts vary than Poisson ones, 'correlation' how much of that one month hands on"
          " to the next. The comparison series has twice the incidents and noise of its own. 'Holds' is the share of"
          " runs whose 95 % interval of the whole effect holds the truth; a claim is an interval that leaves out no"
          " change, and where the true fall is 0 % it is false.\n")
    header = ["months before", "after", "a month", "φ", "correlation", "comparison", "true fall", "Poisson holds",
              "**holds**", "**claims, whole**", "claims, level", "claims, slope"]
    for row in (header, ["---"] * len(header)):
        print("| " + " | ".join(row) + " |")
    lines = [(b, a, 60, phi, rho, c, 0.0) for c in (False, True) for b, a in ((12, 6), (24, 12), (48, 24))
             for phi, rho in ((1.0, 0.0), (3.0, 0.0), (3.0, 0.3), (3.0, 0.6))]
    lines += [(24, 12, 15, 1.0, 0.0, False, 0.0), (24, 12, 15, 2.0, 0.3, True, 0.0)]
    lines += [(b, a, 60, 2.0, 0.3, c, 0.3) for c in (False, True) for b, a in ((24, 12), (48, 24))]
    for before, after, each, phi, rho, control, fall in lines:
        held, plain, whole, level, slope = line(runs, before, after, each, phi, rho, control, fall)
        cells = [before, after, each, f"{phi:g}", f"{rho:g}", "yes" if control else "no", f"{fall:.0%}", percent(plain),
                 f"**{percent(held)}**", f"**{percent(whole)}**", percent(level), percent(slope)]
        print("| " + " | ".join(map(str, cells)) + " |", flush=True)
    print("\nWhere neighbouring months hang together strongly (0.6), a series of this length cannot tell how strongly,"
          " and the interval is a little too narrow: about seven false claims in a hundred instead of five. Poisson's"
          " interval is wrong in up to half of all runs as soon as counts vary more than by chance.")


if __name__ == "__main__":
    main()
