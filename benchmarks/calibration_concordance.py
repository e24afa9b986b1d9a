"""How often 'Compare crime with community concern' calls an area high that is not, or not high that is.

``python benchmarks/calibration_concordance.py [runs] > docs/calibration-concordance.md`` writes the
page of the guide; 200 runs a line take some minutes on one core. Counts are drawn from rates that
are known, so what is claimed of each area can be marked.
"""

from __future__ import annotations

import sys
import zlib
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from hotspot_plugin.analysis.community import concordance

AREAS, MEANS = (12, 22, 200), (6.0, 30.0)
TRUTHS = {
    "all alike": lambda rng, n: np.ones(n),
    "a little different (gamma, spread 0.5)": lambda rng, n: rng.gamma(4.0, 0.25, n),
    "very different (gamma, spread 1)": lambda rng, n: rng.gamma(1.0, 1.0, n),
    "heavy tail (log-normal, sigma 0.8)": lambda rng, n: np.exp(rng.normal(-0.32, 0.8, n)),
    "a tenth three times as high": lambda rng, n: np.where(rng.random(n) < 0.1, 3.0, 0.78),
}


def generator(*what: object) -> np.random.Generator:
    """A generator of random numbers that belongs to one line of a table."""
    return np.random.default_rng(zlib.crc32(repr(what).encode()))


def line(truth: str, areas: int, mean: float, runs: int, series: int = 1) -> list[str]:
    """Return the cells of one line; incidents come in series of so many."""
    rng = generator(truth, areas, mean, *([series] if series > 1 else []))
    high = false = expected = silent = low = missed = inside = really = found = 0.0
    for _ in range(runs):
        exposure = rng.uniform(0.5, 1.5, areas) * mean
        rate = TRUTHS[truth](rng, areas)
        count = series * rng.poisson(exposure * rate / series)
        if not count.sum():
            continue
        layer = concordance.judge(count, exposure, 5.0, 1.5)
        rate = rate / layer.rates.rate
        is_high, is_low = layer.state == concordance.HIGH, layer.state == concordance.NOT_HIGH
        high += is_high.sum()
        false += (is_high & (rate <= 1.0)).sum()
        expected += layer.false_high
        silent += (~is_high & ~is_low).sum()
        low += is_low.sum()
        missed += (is_low & (rate >= 1.5)).sum()
        inside += ((layer.rates.low <= rate) & (rate <= layer.rates.high)).sum()
        really += (rate >= 2.0).sum()
        found += (is_high & (rate >= 2.0)).sum()
    total = areas * runs
    return [truth, f"{areas}", f"{mean:.0f}", f"{high / total:.1%}", f"{false / total:.2%}",
            f"{false / runs:.3f} ({expected / runs:.3f})", f"{found / really:.0%}" if really else "–",
            f"{silent / total:.0%}", f"{missed / low:.1%}" if low else "–", f"{inside / total:.1%}"]


def main() -> None:
    """Write the page."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    print("# How often 'Compare crime with community concern' is wrong\n")
    print(f"Made by `python benchmarks/calibration_concordance.py {runs} > docs/calibration-concordance.md`; {runs}"
          " data sets stand behind every line. Rates are known, counts are drawn from them, and each area is judged at"
          " the defaults: 95 % interval, at least 5 counted or to be expected, a ratio of 1.5 that matters. 'False' is"
          " an area called high whose true rate is not above the whole's.\n")
    print("| true rates | areas | mean count | called high | falsely high, of all areas | falsely high in a data set"
          " (told to be expected) | of those twice as high, found | too little to say | of those called not high,"
          " 1.5 times or more | interval holds the truth |")
    print("|" + " --- |" * 10)
    for truth in TRUTHS:
        for areas in AREAS:
            for mean in MEANS:
                print("| " + " | ".join(line(truth, areas, mean, runs)) + " |", flush=True)
    print("\n## Incidents in series\n\nThe same where each cause leaves two records in one area, as a spree or a place"
          " that is reported twice does: such counts vary more than the tool can know, so it takes chance for"
          " difference. Count causes, voices or places rather than records.\n")
    print("| true rates | areas | mean count | called high | falsely high, of all areas | falsely high in a data set"
          " (told to be expected) | of those twice as high, found | too little to say | of those called not high,"
          " 1.5 times or more | interval holds the truth |")
    print("|" + " --- |" * 10)
    for truth in ("all alike", "a little different (gamma, spread 0.5)"):
        for mean in MEANS:
            print("| " + " | ".join(line(truth, 22, mean, runs, series=2)) + " |", flush=True)
    print("\n## What this says\n\nWhere all areas are alike almost none is called high, and with few areas or counts"
          " most is 'too little to say' and not 'low'. The number of false highs that the tool tells is that of a gamma"
          " distribution; where the true rates are of another kind, as in the last lines, it can be too low.")


if __name__ == "__main__":
    main()
