"""A patrol plan: the zones that hold the most within what there is to spend.

The problem, stated in full. Given are areas with a number of incidents each.

1. *Candidates.* Areas within the merging distance of one another grow into compact zones of
   at most the largest area (``grouping``). Each step of a growth is a candidate with the
   incidents of its areas and a cost: its hectares, its kilometres of street, or the
   officer-hours a day that visiting it takes, which are the same for every zone.
2. *Choice.* Of all sets of at most ``zones`` candidates, one of a growth at most, whose
   costs fit the budget, the one with the most incidents is chosen (``selection``): exactly,
   or with the gap to the best stated. Of equal plans the cheaper one is taken.

The grouping is a rule, not an optimum: the choice is the best among these candidates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..progress import Progress, part, silent
from .selection import Selection, choose

HECTARES, KILOMETRES, HOURS = "hectares", "kilometres", "hours"
#: minutes of a visit below and above which experience speaks against it (Koper 1995)
SHORTEST_VISIT, LONGEST_VISIT = 12.0, 20.0
#: hot spots that a unit can visit in a shift
SPOTS_PER_UNIT = (2, 5)


@dataclass(frozen=True)
class Plan:
    """The zones chosen.

    Attributes
    ----------
    chosen : (k,) array of int
        Candidates in the order of their rank: most incidents first.
    value, cost : float
        Sums over the zones.
    gap : float
        How far the value can be from the best possible among the candidates, as a share.
    more : float
        The extra budget that the next two are about.
    more_value : float
        Incidents that a budget larger by ``more`` would add, with as many zones at most.
    zone_value : float
        Incidents that one more zone would add within the same budget.
    next_gain : (k,) array
        For each zone, what the next one in rank adds per unit of its cost; for the last
        zone, what a larger budget would add per unit. NaN where the next costs nothing.
    """

    chosen: np.ndarray
    value: float
    cost: float
    gap: float
    more: float
    more_value: float
    zone_value: float
    next_gain: np.ndarray


def hours_of_zone(visits: float, visit_minutes: float, travel_minutes: float, crew: float) -> float:
    """Return the officer-hours a day that one zone takes."""
    return visits * (visit_minutes + travel_minutes) * crew / 60.0


def plan(
    value: np.ndarray,
    cost: np.ndarray,
    group: np.ndarray,
    budget: float,
    zones: int,
    unit: float = 1.0,
    progress: Progress = silent,
) -> Plan:
    """Choose zones and say what a little more would add.

    Parameters
    ----------
    value, cost, group : (m,) arrays
        Incidents and cost of each candidate, and the growth that it belongs to; in an order
        that does not depend on the order of rows, as it decides between equal plans.
    budget : float
        In the unit of ``cost``; infinity for none.
    zones : int
        Largest number of zones.
    unit : float
        The smallest larger budget worth asking for: 1 hectare, 1 kilometre, 1 hour.
    progress : Progress
    """
    best = choose(value, cost, group, budget, zones, progress=part(progress, 0.0, 0.4))
    chosen = best.chosen[np.lexsort((best.chosen, cost[best.chosen], -value[best.chosen]))]
    more = 0.0
    larger = best
    if np.isfinite(budget):
        more = _step(value, cost, budget - best.cost, unit)
        larger = choose(value, cost, group, budget + more, zones, progress=part(progress, 0.4, 0.7))
    wider = choose(value, cost, group, budget, zones + 1, progress=part(progress, 0.7, 1.0))
    more_value, zone_value = _more(larger, best), _more(wider, best)
    gains = np.full(len(chosen), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        following = value[chosen[1:]] / cost[chosen[1:]]
    gains[:-1] = np.where(np.isfinite(following), following, np.nan)
    if len(chosen):
        gains[-1] = more_value / more if more > 0 else _rate(zone_value, wider.cost - best.cost)
    return Plan(chosen, best.value, best.cost, best.gap, more, more_value, zone_value, gains)


def _step(value: np.ndarray, cost: np.ndarray, left: float, unit: float) -> float:
    """Return the smallest larger budget that can pay for anything: a unit, or what a zone lacks."""
    least = float(cost[value > 0].min()) if (value > 0).any() else 0.0
    return max(unit, least - left)


def _more(other: Selection, best: Selection) -> float:
    # where the best is not proved, the other search may have been the luckier one
    return max(0.0, round(other.value - best.value, 9))


def _rate(value: float, cost: float) -> float:
    return value / cost if cost > 1e-9 else np.nan


@dataclass(frozen=True)
class VisitsTable:
    """What fewer visits a day, to more zones, would hold within the same officer-hours.

    Attributes
    ----------
    visits, zones : (v,) arrays of int
        Visits a day, and the zones that can then be visited.
    value : (v,) array
        Incidents that those zones hold.
    hours : (v,) array
        Officer-hours a day.
    """

    visits: np.ndarray
    zones: np.ndarray
    value: np.ndarray
    hours: np.ndarray


def drop_visits(
    value: np.ndarray, group: np.ndarray, hours: float, zones: int, visits: int, hours_per_visit: float
) -> VisitsTable:
    """Compare plans with fewer visits a day: where hours are short, visits go, not minutes.

    Parameters
    ----------
    value, group : (m,) arrays
        As in :func:`plan`.
    hours : float
        Officer-hours a day that there are.
    zones : int
        Largest number of zones.
    visits : int
        Visits a day as planned; all numbers down to 1 are compared.
    hours_per_visit : float
        Officer-hours of one visit with its travel.
    """
    best = np.zeros(int(group.max()) + 1 if len(group) else 0)
    np.maximum.at(best, group, value)
    running = np.r_[0.0, np.cumsum(np.sort(best[best > 0])[::-1])]
    counts = np.arange(visits, 0, -1)
    fit = np.floor(hours / (counts * hours_per_visit) * (1 + 1e-9)) if np.isfinite(hours) else counts * 0.0 + zones
    number = np.minimum(np.minimum(fit, zones), len(running) - 1).astype(np.int64)
    return VisitsTable(counts, number, running[number], number * counts * hours_per_visit)


def busiest_place(zone: np.ndarray, place: np.ndarray, zones: int) -> np.ndarray:
    """Return the share of each zone's incidents that lie at its busiest single place.

    Parameters
    ----------
    zone : (n,) array of int
        Zone of each incident, -1 for none.
    place : (n,) array of int
        Number of the place of each incident; negative where it is not known.
    zones : int

    Returns
    -------
    (zones,) array of float
        NaN where a zone holds no incident.
    """
    inside = zone >= 0
    total = np.bincount(zone[inside], minlength=zones)
    known = inside & (place >= 0)
    most = np.zeros(zones, np.int64)
    if known.any():
        pair = zone[known].astype(np.int64) * (int(place.max()) + 1) + place[known]
        pairs, counts = np.unique(pair, return_counts=True)
        np.maximum.at(most, pairs // (int(place.max()) + 1), counts)
    return np.where(total > 0, most / np.maximum(total, 1), np.nan)
