"""How often the intervals of 'Before, during and after dated events' hold the truth, and how often nothing a claim.

``python benchmarks/calibration_datedevents.py [runs] > docs/calibration-datedevents.md``. Events and incidents are
drawn with a known ratio; the comparison is that of the tool, placebo dates included.
"""

from __future__ import annotations

import sys
import zlib
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from hotspot_plugin.analysis.evaluation import datedevents as analysis
from hotspot_plugin.analysis.evaluation import eventlooks
from hotspot_plugin.analysis.evaluation.datedevents import DURING

DAYS, FIRST, RINGS = 730, np.datetime64("2022-01-01"), 2


@dataclass(frozen=True)
class Town:
    """A town to draw.

    Attributes
    ----------
    name : str
    places, events : int
        Places, and events at each.
    a_year : float
        Incidents in a ring of a place in a year; places differ (gamma, shape 1).
    ratio : float
        True ratio while an event lasts, in both rings.
    season, trend : float
        Wave of so much round the mean, and growth over the two years.
    bursts : float
        Probability that an incident brings another at the same place within 14 days.
    lasts : float
        Mean days of an event.
    wave : bool
        All events begin within three weeks of one summer.
    groups : int
        Places so near to one another that they disturb each other.
    permanent : bool
    adjust : bool
    """

    name: str
    places: int = 150
    events: int = 2
    a_year: float = 3.0
    ratio: float = 1.0
    season: float = 0.0
    trend: float = 0.0
    bursts: float = 0.0
    lasts: float = 14.0
    wave: bool = False
    groups: int = 1
    permanent: bool = False
    adjust: bool = True


TOWNS = (
    Town("plain"),
    Town("few incidents", places=40, a_year=0.7),
    Town("many incidents", places=200, a_year=12.0),
    Town("season ±50 % and growth of 40 %", season=0.5, trend=0.4, a_year=6.0),
    Town("the same, not allowed for", season=0.5, trend=0.4, a_year=6.0, wave=True, adjust=False),
    Town("the same, allowed for, all events in one summer", season=0.5, trend=0.4, a_year=6.0, wave=True),
    Town("repeated events: 8 at each place", events=8, lasts=10.0, a_year=6.0),
    Town("overlapping events near by, groups of 5", events=3, groups=5, a_year=6.0),
    Town("bursts: 40 % bring another one", bursts=0.4, a_year=6.0),
    Town("all of these", events=5, groups=3, season=0.5, trend=0.4, bursts=0.3, a_year=6.0),
    Town("effect: half more", ratio=1.5, a_year=6.0),
    Town("effect: a third fewer, repeated, season", ratio=0.667, a_year=6.0, events=5, season=0.5),
    Town("lasting change, no effect", permanent=True, events=1, season=0.5, trend=0.4, a_year=6.0),
    Town("lasting change, a third fewer", permanent=True, events=1, ratio=0.667, a_year=6.0),
)


def draw(town: Town, rng: np.random.Generator) -> eventlooks.Counted:
    """Draw events and incidents of a town, and bring them to their calendar."""
    place = np.repeat(np.arange(town.places), town.events)
    low, high = (500, 521) if town.wave else (-20, DAYS + 10)
    start = rng.integers(low, high, len(place))
    end = start + rng.geometric(1.0 / town.lasts, len(place)) - 1
    pairs = None
    if town.groups > 1:
        group = np.arange(town.places) // town.groups
        one, other = np.nonzero((group[:, None] == group[None, :]) & ~np.eye(town.places, dtype=bool))
        pairs = (one, other)
    calendar = analysis.make_calendar(place, start, end, town.permanent, analysis.Windows(28, 28, 7), DAYS, town.places,
                                      pairs)
    day = np.arange(DAYS)
    level = (1 + town.season * np.sin(2 * np.pi * day / 365)) * (1 + town.trend * day / DAYS)
    level = level / level.mean() * np.array([1.0, 0.9, 0.9, 1.0, 1.2, 1.3, 0.9])[day % 7]
    running = np.zeros((town.places, DAYS), bool)
    for row, s, e in zip(place.tolist(), start.tolist(), end.tolist()):
        running[row, max(s, 0):DAYS if town.permanent else min(max(e, s + 1, 0), DAYS)] = True
    found = []
    for ring in range(RINGS):
        rate = rng.gamma(1.0, town.a_year / 365.0, town.places)
        number = rng.poisson(rate[:, None] * level * np.where(running, town.ratio, 1.0))
        where, when = (np.repeat(index, number[number > 0]) for index in np.nonzero(number))
        again = rng.uniform(size=len(where)) < town.bursts
        where, when = np.concatenate([where, where[again]]), np.concatenate([
            when, when[again] + rng.integers(1, 15, int(again.sum()))])
        kept = when < DAYS
        found.append((where[kept], when[kept], np.full(int(kept.sum()), ring)))
    beyond = rng.poisson(12.0 * level)
    found.append((np.full(int(beyond.sum()), -1), np.repeat(day, beyond), np.full(int(beyond.sum()), -1)))
    where, when, ring_of = (np.concatenate([f[k] for f in found]) for k in range(3))
    return eventlooks.Counted(calendar, where, when, ring_of, RINGS, [(0, np.ones(len(where), bool))], FIRST)


@dataclass
class Line:
    """Shares of the runs."""

    inner: float
    every: float
    together: float
    claims: float
    any_claim: float
    placebo: float
    incidents: float


def calibrate(town: Town, runs: int, draws: int = 99) -> Line:
    """Return how often the intervals of a town hold the truth and how often something is claimed.

    ``claims`` is of the innermost ring during the event by itself (p below 0.05), ``any_claim`` of at least one ratio
    called more than chance, of those in which there is no effect.
    """
    rng = np.random.default_rng(zlib.crc32(town.name.encode()))
    inner = every = together = claims = any_claim = placebo = incidents = 0.0
    for run in range(runs):
        result = eventlooks.compare(draw(town, rng), town.adjust, draws, seed=run, weekly=False)
        held = []
        for look in result.looks:
            truth = town.ratio if look.state == DURING or town.permanent else 1.0
            held.append((not look.ratio.known or look.ratio.low <= truth <= look.ratio.high,
                         not look.ratio.known or look.ratio.low_adjusted <= truth <= look.ratio.high_adjusted, truth,
                         look.clear))
        first = result.looks[0]
        inner += held[0][0]
        every += np.mean([h[0] for h in held])
        together += all(h[1] for h in held)
        claims += first.ratio.p < 0.05
        placebo += first.p_placebo < 0.05 + 1e-12
        any_claim += any(h[3] for h in held if h[2] == 1.0)
        incidents += first.ratio.n_first + first.ratio.n_second
    return Line(*(value / runs for value in (inner, every, together, claims, any_claim, placebo, incidents)))


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    print("# Intervals of 'Before, during and after dated events'\n")
    print(f"Made by `python benchmarks/calibration_datedevents.py {runs} > docs/calibration-datedevents.md`; {runs}"
          f" runs stand behind every line, so a share of 95 % is known to about"
          f" ±{1.96 * np.sqrt(0.05 * 0.95 / runs):.1%}.\n")
    print("Events and incidents of two years are drawn with a known ratio, for places that differ in their level, in"
          " two rings; the comparison is that of the tool, with 99 placebo dates. An interval of a ratio shall hold the"
          " truth in 95 % of the runs, the intervals for all ratios shall hold all of them at once in 95 %. A claim"
          " where there is no effect is false, and 5 % are allowed.\n")
    print("| town | incidents, inner ring | true ratio | 95 %, inner ring during | 95 %, all ratios | **all at once** |"
          " p < 0.05, inner ring | placebo p ≤ 0.05 | **false claim of any ratio** |\n"
          "| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for town in TOWNS:
        line = calibrate(town, runs)
        none = town.permanent and town.ratio != 1
        print(f"| {town.name} | {line.incidents:.0f} | {town.ratio:g} | {line.inner:.1%} | {line.every:.1%} |"
              f" **{line.together:.1%}** | {line.claims:.1%} | {line.placebo:.1%} |"
              f" {'–' if none else f'**{line.any_claim:.1%}**'} |", flush=True)
    print("\nWhere the true ratio is not 1, the columns of p-values say how often the effect is found. In one town"
          " season and growth are not allowed for although all events begin in one summer: that line shows what the"
          " setting is for, and is the only one that may fail. With few incidents the intervals are wider than they"
          " need to be. Where incidents come in bursts the variance between places keeps the intervals right.\n")


if __name__ == "__main__":
    main()
