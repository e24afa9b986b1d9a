"""Which measures at which places prevent most harm within a budget.

Measures at one place overlap: each prevents its share of what the others leave, so that together they prevent
``1 - prod(1 - e)`` of a crime, and never the sum. The choice is a multiple-choice knapsack: all bundles of measures
of a place are candidates of which one may be taken, and :mod:`~hotspot_plugin.analysis.patrol.selection` finds the best
set, or says how far from the best it can be.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..patrol.selection import Selection, choose
from ..progress import Progress, part, silent
from .catalogue import ANY, DAY, NIGHT, Measure

#: Measures of a place whose bundles are all looked at; of more, those that prevent most for their cost.
MOST_AT_A_PLACE = 10
#: Columns of what happened: by day, by night, at an unknown time.
TIMES = (DAY, NIGHT, ANY)


@dataclass(frozen=True)
class Harm:
    """What happens at n places in a year, by k crime types.

    Attributes
    ----------
    types : list of str
    indoors : (k,) bool array
        Types that happen where only measures that name them work.
    counts, harm : (n, k, 3) arrays
        Incidents and harm, by day, by night, and at an unknown time.
    """

    types: list
    indoors: np.ndarray
    counts: np.ndarray
    harm: np.ndarray


@dataclass(frozen=True)
class Shares:
    """What m measures prevent.

    Attributes
    ----------
    low, high : (m, k, 3) arrays
        Share prevented, 0 where nothing is known.
    about : (m, k, 3) bool array
        Whether the measure is meant for it, known effect or not.
    """

    low: np.ndarray
    high: np.ndarray
    about: np.ndarray


def shares(measures: tuple, types: list, indoors: np.ndarray) -> Shares:
    """Return what each measure prevents of each crime type by day, by night and at an unknown time.

    What happened at an unknown time may have been by day: a measure for the night prevents nothing of it.
    """
    low = np.zeros((len(measures), len(types), len(TIMES)))
    high, about = low.copy(), np.zeros(low.shape, bool)
    for m, measure in enumerate(measures):
        for k, name in enumerate(types):
            for t, hours in enumerate(TIMES):
                effect = measure.effect(name, bool(indoors[k]), hours)
                if effect is not None:
                    about[m, k, t] = True
                    if effect.known:
                        low[m, k, t], high[m, k, t] = effect.low, effect.high
    return Shares(low, high, about)


def together(harm: np.ndarray, effects: np.ndarray) -> float:
    """Return what measures prevent together: ``sum(harm * (1 - prod(1 - e)))``.

    Parameters
    ----------
    harm : (k,) array
    effects : (m, k) array
        Shares of each measure.
    """
    return float((harm * (1.0 - np.prod(1.0 - effects, axis=0))).sum())


def bundles(families: np.ndarray) -> np.ndarray:
    """Return all sets of measures with at most one of a family; (b, m) bool array, the empty set left out."""
    m = len(families)
    masks = (np.arange(1, 2**m)[:, None] >> np.arange(m)) & 1
    keep = np.ones(len(masks), bool)
    for family in np.unique(families):
        keep &= masks[:, families == family].sum(axis=1) <= 1
    return masks[keep].astype(bool)


def prevented(harm: np.ndarray, effects: np.ndarray, sets: np.ndarray) -> np.ndarray:
    """Return what each set of measures prevents; harm (k,), effects (m, k), sets (b, m)."""
    with np.errstate(divide="ignore"):
        left = np.log1p(-effects)
    return -np.expm1(sets @ left) @ harm


@dataclass(frozen=True)
class Plan:
    """The measures chosen.

    Attributes
    ----------
    chosen : (p,) bool array
        Of the proposals.
    value, cost : float
        What they prevent and cost, on the basis of the choice.
    gap : float
        How far from the best it can be, as a share; 0 is the best.
    cut : int
        Places where more measures fitted than are looked at together.
    """

    chosen: np.ndarray
    value: float
    cost: float
    gap: float
    cut: int


class Planner:
    """Finds the best set for any budget.

    Parameters
    ----------
    harm : (n, c) array
        Of each place, by type and hour.
    effects : (m, c) array
        Share that each measure prevents, on the basis of the choice.
    place, measure : (p,) arrays of int
        The proposals that may be chosen.
    cost : (p,) array
    families : (m,) array of int
        At most one measure of a family at a place.
    """

    def __init__(self, harm: np.ndarray, effects: np.ndarray, place: np.ndarray, measure: np.ndarray, cost: np.ndarray,
                 families: np.ndarray, progress: Progress = silent) -> None:
        self.count = len(place)
        self.cut = 0
        value, price, group, members = [], [], [], []
        order = np.argsort(place, kind="stable")
        starts = np.flatnonzero(np.r_[True, np.diff(place[order]) != 0]) if len(order) else np.empty(0, int)
        rows = np.split(order, starts[1:]) if len(order) else []
        for i, mine in enumerate(rows):
            if i % 16 == 0:
                progress(i / len(rows))
            here = harm[place[mine[0]]]
            busy = here > 0
            mine = self._best(mine, here[busy], effects[:, busy], measure, cost)
            sets = bundles(families[measure[mine]])
            gained = prevented(here[busy], effects[measure[mine]][:, busy], sets)
            paid = sets @ cost[mine]
            # what costs as much or more for no more is in no best plan
            by = np.lexsort((gained * -1.0, paid))
            best = np.maximum.accumulate(np.r_[0.0, gained[by]])
            kept = by[gained[by] > best[:-1] * (1 + 1e-12)]
            value.append(gained[kept])
            price.append(paid[kept])
            group.append(np.full(len(kept), i))
            members += [mine[sets[b]] for b in kept]
        self.value, self.price = (np.concatenate(a) if a else np.empty(0) for a in (value, price))
        self.group = np.concatenate(group) if group else np.empty(0, int)
        self.members = members

    def _best(self, mine: np.ndarray, harm: np.ndarray, effects: np.ndarray, measure: np.ndarray,
              cost: np.ndarray) -> np.ndarray:
        if len(mine) <= MOST_AT_A_PLACE:
            return mine
        self.cut += 1
        alone = effects[measure[mine]] @ harm
        worth = alone / np.maximum(cost[mine], 1e-9)
        return np.sort(mine[np.argsort(-worth, kind="stable")[:MOST_AT_A_PLACE]])

    def plan(self, budget: float, progress: Progress = silent) -> Plan:
        """Return the best set that costs at most ``budget``."""
        found: Selection = choose(self.value, self.price, self.group, budget, len(self.value), progress=progress)
        chosen = np.zeros(self.count, bool)
        for bundle in found.chosen.tolist():
            chosen[self.members[bundle]] = True
        return Plan(chosen, found.value, found.cost, found.gap, self.cut)

    def curve(self, budgets: np.ndarray, progress: Progress = silent) -> np.ndarray:
        """Return what the best set prevents for each budget."""
        out = np.zeros(len(budgets))
        for i, budget in enumerate(budgets):
            out[i] = self.plan(float(budget), part(progress, i / len(budgets), (i + 1) / len(budgets))).value
        return out


def outcome(harm: np.ndarray, effects: np.ndarray, place: np.ndarray, measure: np.ndarray, chosen: np.ndarray,
            ) -> np.ndarray:
    """Return what the chosen measures prevent together at each place; harm (n, c), effects (m, c)."""
    left = np.ones_like(harm)
    for p in np.flatnonzero(chosen).tolist():
        left[place[p]] *= 1.0 - effects[measure[p]]
    return (harm * (1.0 - left)).sum(axis=1)


def quantities(measures: tuple, length: np.ndarray, hectares: np.ndarray, fields: dict) -> np.ndarray:
    """Return how many units of each measure each place would take, (n, m); NaN where the field is not known.

    Parameters
    ----------
    length : (n,) array
        Metres of street, of an area the square root of its ground, 100 of a point.
    hectares : (n,) array
    fields : dict
        Numbers of the places by field name, for measures counted per such a field.
    """
    out = np.empty((len(length), len(measures)))
    for m, measure in enumerate(measures):
        out[:, m] = measure.amount * _size(measure, length, hectares, fields)
    # nobody can put up half a lamp
    return np.maximum(np.ceil(out - 1e-9), 1.0) + np.where(np.isnan(out), np.nan, 0.0)


def _size(measure: Measure, length: np.ndarray, hectares: np.ndarray, fields: dict) -> np.ndarray:
    if measure.per == "site":
        return np.ones(len(length))
    if measure.per == "100 m":
        return length / 100.0
    if measure.per == "hectare":
        return hectares
    return fields.get(measure.per, np.full(len(length), np.nan))
