"""How often the 95 % intervals of 'Survey results' hold the truth.

``python benchmarks/calibration_surveysummary.py [runs] > docs/calibration-survey.md`` writes the page of the guide;
1,000 runs a line take about six minutes on one core. Each line has its own seed, so a line does not change when
others are added.

Every survey is drawn from a city whose truth is known. Shares: who answers one of the two best marks. Means: of marks
from 1 to 5. What is drawn with unequal chances has chances that go with the answer, so that weights matter.
"""

from __future__ import annotations

import sys
import zlib
from pathlib import Path

import numpy as np
from scipy import stats

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from hotspot_plugin.analysis import significance
from hotspot_plugin.analysis.community import survey, surveyweights

METHODS = ("wilson", "exact", "logit")
SHARES = (0.03, 0.1, 0.3, 0.5, 0.8)
#: chances of the marks 1 to 5
MARKS = np.array([0.05, 0.10, 0.20, 0.40, 0.25])
AREAS = 12


def generator(*what: object) -> np.random.Generator:
    """A generator of random numbers that belongs to one line of a table."""
    return np.random.default_rng(zlib.crc32(repr(what).encode()))


def simple(rng: np.random.Generator, n: int) -> tuple[survey.Design, np.ndarray]:
    """Everybody has the same chance; returns the design and a normal score of what each thinks."""
    return survey.Design(np.ones(n)), rng.normal(size=n)


def stratified(rng: np.random.Generator, n: int) -> tuple[survey.Design, np.ndarray]:
    """Four strata of different sizes and minds, as many respondents from each."""
    shares, shift = np.array([0.5, 0.25, 0.15, 0.1]), np.array([-0.3, 0.1, 0.5, 0.5])
    shift = shift - shares @ shift
    stratum = np.arange(n) % 4
    score = shift[stratum] + rng.normal(0, np.sqrt(1 - shares @ shift**2), n)
    return survey.Design(shares[stratum] * 4, stratum), score


def clustered(rng: np.random.Generator, n: int, size: int = 10, alike: float = 0.08) -> tuple:
    """Ten respondents in each cluster, who think alike."""
    psu = np.arange(n) // size
    score = rng.normal(0, np.sqrt(alike), psu.max() + 1)[psu] + rng.normal(0, np.sqrt(1 - alike), n)
    return survey.Design(np.ones(n), psu=psu), score


def weighted(rng: np.random.Generator, n: int) -> tuple[survey.Design, np.ndarray]:
    """Chances to be drawn that go with the answer; weights undo it (Kish 1.4 or so)."""
    score = rng.normal(size=20 * n)
    size = np.exp(0.6 * (0.4 * score + np.sqrt(1 - 0.16) * rng.normal(size=20 * n)))
    drawn = rng.random(20 * n) < n * size / size.sum()
    return survey.Design(size.sum() / (n * size[drawn])), score[drawn]


def both(rng: np.random.Generator, n: int) -> tuple[survey.Design, np.ndarray]:
    """Strata, clusters within them and unequal weights together."""
    shares, shift = np.array([0.6, 0.3, 0.1]), np.array([-0.2, 0.2, 0.6])
    psu = np.arange(n) // 8
    stratum = psu % 3
    score = rng.normal(0, np.sqrt(0.05), psu.max() + 1)[psu] + rng.normal(0, np.sqrt(0.9), n)
    weight = shares[stratum] * rng.choice([0.5, 1.0, 1.5], n)
    return survey.Design(weight, stratum, psu), score + (shift - shares @ shift)[stratum]


def raked(rng: np.random.Generator, n: int) -> tuple[survey.Design, np.ndarray]:
    """The young and one side of the town answer less; raked back to both margins."""
    people = 6 * n
    age, side = rng.integers(0, 3, people), rng.integers(0, 2, people)
    score = 0.5 * (age - 1) + 0.3 * (side - 0.5) + rng.normal(0, np.sqrt(1 - 0.25 * 2 / 3 - 0.0225), people)
    heard = rng.random(people) < np.array([0.08, 0.16, 0.26])[age] * np.where(side, 1.2, 0.8)
    age, side, score = age[heard], side[heard], score[heard]
    if min(np.bincount(age, minlength=3)) < 3:
        return raked(rng, n)  # nobody rakes to a class without respondents
    margins = [surveyweights.Margin("age", ["a", "b", "c"], age, np.full(3, 1 / 3)),
               surveyweights.Margin("side", ["a", "b"], side, np.full(2, 0.5))]
    made = surveyweights.rake(np.ones(len(age)), margins)
    return survey.Design(made.weight, margins=made.design), score


DESIGNS = {"simple": simple, "stratified": stratified, "clustered": clustered, "weighted": weighted,
           "strata, clusters, weights": both, "raked": raked}


def truth_limits(make, rng: np.random.Generator) -> np.ndarray:
    """Scores of a very large survey with their weights: what the whole city thinks."""
    design, score = make(rng, 400_000)
    order = np.argsort(score)
    return score[order], np.cumsum(design.weight[order]) / design.weight.sum()


def share_lines(runs: int, make, sizes: tuple, limit: float) -> list:
    """Coverage of shares at one size of sample and one true share, by method; the last is how often too low, high."""
    out = []
    for n in sizes:
        for share in SHARES:
            rng = generator("share", make.__name__, n, share)
            held = np.zeros((runs, len(METHODS)))
            width, deff = np.zeros(runs), np.zeros(runs)
            for run in range(runs):
                design, score = make(rng, n)
                y = (score > limit[share]).astype(float)
                found = survey.estimate(design, y, share=True)
                for k, method in enumerate(METHODS):
                    low, high = survey.share_interval(found.value, found.size, method)
                    # a logit interval of nobody or all is none: it does not hold the truth
                    held[run, k] = np.nan_to_num(low[0], nan=9) <= share <= np.nan_to_num(high[0], nan=-9)
                width[run], deff[run] = found.high[0] - found.low[0], found.n[0] / found.n_eff[0]
            out.append((n, share, held.mean(axis=0), width.mean(), deff.mean()))
    return out


def mean_lines(runs: int, make, sizes: tuple, cuts: np.ndarray) -> list:
    """Coverage of means of marks from 1 to 5."""
    truth, out = float((np.arange(1, 6) * MARKS).sum()), []
    for n in sizes:
        rng, held, width = generator("mean", make.__name__, n), [], []
        for _ in range(runs):
            design, score = make(rng, n)
            found = survey.estimate(design, 1.0 + np.searchsorted(cuts, score), limits=(1, 5))
            held.append(found.low[0] <= truth <= found.high[0])
            width.append(found.high[0] - found.low[0])
        out.append((n, np.mean(held), np.mean(width)))
    return out


def area_lines(runs: int, make, n: int, limit: dict, cuts: np.ndarray, share: float) -> dict:
    """Twelve areas all alike within one survey: coverage in the areas, and how often any is called different."""
    rng = generator("areas", make.__name__, n, share)
    truth = float((np.arange(1, 6) * MARKS).sum())
    held, held_mean, called, called_mean, number = [], [], [], [], []
    for _ in range(runs):
        design, score = make(rng, n * AREAS)
        area = rng.integers(0, AREAS, len(design))
        if design.clustered:
            area = rng.integers(0, AREAS, design.units)[design.unit]
        y, marks = (score > limit[share]).astype(float), 1.0 + np.searchsorted(cuts, score)
        for values, is_share, true, into, claims in ((y, True, share, held, called),
                                                     (marks, False, truth, held_mean, called_mean)):
            found = survey.estimate(design, values, area, AREAS, limits=(1, 5), share=is_share)
            known = np.isfinite(found.low)
            into.append((found.low[known] <= true) & (true <= found.high[known]))
            p = survey.beside_others(design, values, area, AREAS, is_share).p
            claims.append(bool((significance.benjamini_hochberg(p) < 0.05).any()))
        number.append(np.bincount(area, minlength=AREAS).mean())
    return {"n": np.mean(number), "share": np.concatenate(held).mean(), "mean": np.concatenate(held_mean).mean(),
            "called": np.mean(called), "called mean": np.mean(called_mean)}


def limits_of(name: str) -> tuple[dict, np.ndarray]:
    """Scores above which the true shares of the whole city lie, and the ends of the marks."""
    if name in ("weighted",):
        # drawn from the normal scores themselves, which are known
        return {share: stats.norm.isf(share) for share in SHARES}, stats.norm.ppf(np.cumsum(MARKS)[:-1])
    score, below = truth_limits(DESIGNS[name], generator("truth", name))
    at = [float(score[np.searchsorted(below, 1 - share)]) for share in SHARES]
    return dict(zip(SHARES, at)), np.array([score[np.searchsorted(below, b)] for b in np.cumsum(MARKS)[:-1]])


def table(header: list, rows: list) -> None:
    """Print a table in Markdown."""
    for row in (header, ["---"] * len(header), *rows):
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    print(flush=True)


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    print("# How often the intervals of 'Survey results' hold the truth\n")
    print(f"Made by `python benchmarks/calibration_surveysummary.py {runs} > docs/calibration-survey.md`; {runs}"
          f" surveys stand behind every line, so a share of 95 % is known to about"
          f" ±{1.96 * np.sqrt(0.05 * 0.95 / runs):.1%}. Every interval is a 95 % interval.\n")
    # two or three clusters, or margins of a handful, tell nothing
    few = {name: (20, 60, 200, 800) if name in ("simple", "stratified", "weighted") else (60, 200, 800)
           for name in DESIGNS}
    everything = {}
    limits = {name: limits_of(name) for name in DESIGNS}
    print("## Shares\n\nShare of surveys whose interval holds the true share. The tool uses **Wilson's** interval with"
          " the effective sample; beside it Korn and Graubard's extension of the exact one, which errs to the safe"
          " side, and that of the logit, which has none where nobody or everybody agrees.\n")
    for name, make in DESIGNS.items():
        found = share_lines(runs, make, few[name], limits[name][0])
        everything[name] = found
        print(f"### {name.capitalize()}\n")
        table(["respondents", "true share", "**Wilson**", "Korn-Graubard", "logit", "mean width", "mean design effect"],
              [[n, f"{share:.0%}", f"**{held[0]:.1%}**", f"{held[1]:.1%}", f"{held[2]:.1%}", f"{width:.3f}",
                f"{deff:.2f}"] for n, share, held, width, deff in found])
    flat = [line for found in everything.values() for line in found]
    usable = [line[2] for line in flat if line[0] * line[1] >= 5]
    print(f"Over all {len(flat)} lines Wilson's interval holds the truth in {np.mean([x[2][0] for x in flat]):.1%}"
          f" (least {min(x[2][0] for x in flat):.1%}), Korn and Graubard's in"
          f" {np.mean([x[2][1] for x in flat]):.1%} (least {min(x[2][1] for x in flat):.1%}), the logit's in"
          f" {np.mean([x[2][2] for x in flat]):.1%} (least {min(x[2][2] for x in flat):.1%}). Where at least five"
          f" people are expected to agree, Wilson's least is {min(x[0] for x in usable):.1%}.\n")
    print("## Means of marks from 1 to 5\n")
    rows = []
    for name, make in DESIGNS.items():
        rows += [[name, n, f"**{held:.1%}**", f"{width:.2f}"]
                 for n, held, width in mean_lines(runs, make, few[name], limits[name][1])]
    table(["design", "respondents", "**holds the truth**", "mean width"], rows)
    print(f"## Small areas\n\n{max(runs // 2, 20)} surveys a line, each over {AREAS} areas all alike: whatever is"
          " called different between them is a false claim. An area is called different where its p-value is below 5 %"
          " after allowing for the number of areas (false discovery rate).\n")
    rows = []
    for name, make in DESIGNS.items():
        for n in (6, 12, 30, 80):
            found = area_lines(max(runs // 2, 20), make, n, *limits[name], 0.3)
            rows.append([name, f"{found['n']:.0f}", f"**{found['share']:.1%}**", f"**{found['mean']:.1%}**",
                         f"{found['called']:.1%}", f"{found['called mean']:.1%}"])
    table(["design", "respondents an area", "**share (30 %) held**", "**mean held**", "any share called different",
           "any mean called different"], rows)


if __name__ == "__main__":
    main()
