"""How often 'Test change in spatial pattern' finds a change where there is none, and one that was planted.

``python benchmarks/calibration_patternchange.py [runs] > docs/calibration-patternchange.md`` writes the page of the
guide; 500 runs take about three minutes on one core.
"""

from __future__ import annotations

import sys
import zlib
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from hotspot_plugin.analysis.evaluation import patternchange as sppt


def row(runs: int, areas: int, before: int, after: int, moved: float, method: int) -> list:
    """Return a row: shares of the incidents move from the first area to the second."""
    rng = np.random.default_rng(zlib.crc32(repr((areas, before, after, moved, method)).encode()))
    small = told = held = found = 0
    observed, chance = [], []
    for _ in range(runs):
        early = rng.dirichlet(np.full(areas, 0.7))
        early[:2] = early[:2].mean() + 1.0 / areas
        early /= early.sum()
        late = early.copy()
        late[0], late[1] = early[0] * (1 - moved), early[1] + early[0] * moved
        base, test = rng.multinomial(before, early), rng.multinomial(after, late)
        change = sppt.compare(base, test, method)
        by_chance = sppt.by_chance(base, test, method, rng, 99)
        small += by_chance.p <= 0.05
        told += bool(change.code[2:].any())
        found += bool(change.code[0] == sppt.LOST and change.code[1] == sppt.GAINED)
        held += float(((change.low <= late - early) & (late - early <= change.high))[~change.empty].mean())
        observed.append(change.indices.robust)
        chance.append(by_chance.mean)
    shares = [f"{100 * number / runs:.1f}%" for number in (small, told, found, held)]
    return [areas, before, after, f"{100 * moved:.0f} %", f"**{shares[0]}**", f"**{shares[1]}**", *shares[2:],
            f"{np.mean(observed):.2f}", f"{np.mean(chance):.2f}"]


def table(runs: int, method: int) -> None:
    """Print a table."""
    print("| areas | before | after | moved | **p at most .05** | **another area told to change** | both moved found |"
          " interval holds | S, robust | S by chance |\n" + "| --- " * 10 + "|")
    few = ((20, 200, 200, 0.0), (20, 2000, 400, 0.0), (20, 2000, 2000, 0.5))
    many = ((100, 200, 200, 0.0), (100, 3000, 2000, 0.0), (100, 3000, 2000, 0.5), (100, 20_000, 20_000, 0.5))
    for line in few if method == sppt.RESAMPLING else (*few, *many):
        print("| " + " | ".join(str(cell) for cell in row(runs, *line, method)) + " |", flush=True)
    print()


def main() -> None:
    """Print the page."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    print(f"""# Claims of 'Test change in spatial pattern'

Made by `python benchmarks/calibration_patternchange.py {runs} > docs/calibration-patternchange.md`; {runs} runs stand
behind every line, so a share of 5 % is known to about ±{196 * np.sqrt(.05 * .95 / runs):.1f} points.

Incidents of two periods are drawn over areas whose shares are known (Dirichlet); in some lines a part of the first
area's share moves to the second. With nothing moved, p at most .05 and areas told to change are false. The interval is
that of an area's change of share.

## Test of proportions (the default)
""")
    table(runs, sppt.CAMPBELL)
    print("## Resampling (Andresen's first form)\n")
    table(runs, sppt.RESAMPLING)
    print("""The resampling form calls areas changed by chance alone in nearly every run: its S means nothing without
the S that chance alone makes, which the tool prints beside it. The p of the pattern as a whole is the same test.""")


if __name__ == "__main__":
    main()
