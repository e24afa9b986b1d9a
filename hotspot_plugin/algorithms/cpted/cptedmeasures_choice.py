"""Which measures are proposed at which places, and which of them are chosen within the budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...analysis.cpted import cptedmeasures as analysis
from ...analysis.cpted.cptedmeasures import Plan, Planner, Shares
from ...analysis.errors import InputError
from ...reports import formats
from ...translation import tr
from .cptedmeasures_read import Data
from .cptedscore_words import principle_name
from .happened import NIGHT, UNKNOWN

CAREFUL, MIDDLE = range(2)
PROPOSED, CHOSEN, NOT_CHOSEN, NO_EFFECT, NO_COST, CHECK = range(6)
#: Share of the budget that the next amount is, where NEXT is empty.
NEXT_SHARE = 0.1
#: Budgets of the curve, as shares of the budget.
CURVE = (0.25, 0.5, 0.75, 1.25, 1.5, 2.0)


def status_name(code: int) -> str:
    """Return what became of a proposal in words."""
    return (tr("proposed"), tr("chosen"), tr("not chosen"), tr("no published effect"), tr("no cost given"),
            tr("check on site"))[code]


@dataclass
class Proposals:
    """A row for each measure proposed at a place.

    Attributes
    ----------
    place, measure : (p,) arrays of int
    score : (p,) array
        Of the measure's principle at the place.
    quantity, cost_low, cost_high : (p,) arrays
        NaN where not known.
    n_year, night, harm : (p,) arrays
        Incidents a year that the measure is meant for, the share of those with a known time that are by night, and
        their harm. NaN where nothing is known of what happens.
    main : list of str
        The commonest type of these incidents.
    eff_low, eff_high, prev_low, prev_high : (p,) arrays
        Of the measure by itself; NaN without a published effect.
    status : (p,) array of int
    existing : int
        Measures that would have been proposed and exist already.
    """

    place: np.ndarray
    measure: np.ndarray
    score: np.ndarray
    quantity: np.ndarray
    cost_low: np.ndarray
    cost_high: np.ndarray
    n_year: np.ndarray
    night: np.ndarray
    harm: np.ndarray
    main: list
    eff_low: np.ndarray
    eff_high: np.ndarray
    prev_low: np.ndarray
    prev_high: np.ndarray
    status: np.ndarray
    existing: int

    def __len__(self) -> int:
        return len(self.place)


@dataclass
class Choice:
    """What a budget buys.

    Attributes
    ----------
    budget, extra : float
    plan : Plan
    low, high : (n,) arrays
        Prevented at each place by what is chosen, by the lower and the upper ends of the effects.
    cost_low, cost_high : float
    gain : float
        What ``extra`` more would prevent besides, by the lower ends (or the middle, if chosen so).
    curve : (budgets, prevented) or None
    """

    budget: float
    extra: float
    plan: Plan
    low: np.ndarray
    high: np.ndarray
    cost_low: float
    cost_high: float
    gain: float
    curve: tuple | None


def propose(data: Data, weak: float) -> tuple[Proposals, Shares | None]:
    """Return the proposals: measures for principles that are weak, against what happens at the place."""
    measures = data.measures
    principle = np.array([m.principle for m in measures])
    fits = (np.nan_to_num(data.scores, nan=np.inf)[:, principle] < weak) & (data.holds != 0.0)
    shares, about = None, np.full(fits.shape, np.nan)
    if data.harm is not None:
        shares = analysis.shares(measures, data.harm.types, data.harm.indoors)
        n, m = fits.shape
        about = data.harm.counts.reshape(n, -1) @ shares.about.reshape(m, -1).T.astype(float)
        fits &= about > 0
    existing = int((fits & data.exists).sum())
    place, measure = np.nonzero(fits & ~data.exists)
    blank = np.full(len(place), np.nan)
    low, high = _unit_costs(data)
    quantity = data.quantity[place, measure]
    out = Proposals(place, measure, data.scores[place, principle[measure]], quantity, quantity * low[measure],
                    quantity * high[measure], about[place, measure], blank, blank, [""] * len(place), blank, blank,
                    blank, blank, np.full(len(place), PROPOSED), existing)
    if shares is not None:
        _add_effects(data, shares, out)
    return out, shares


def _unit_costs(data: Data) -> tuple[np.ndarray, np.ndarray]:
    costs = [data.costs.get(m.key) for m in data.measures]
    return (np.array([np.nan if c is None else c.low for c in costs]),
            np.array([np.nan if c is None else c.high for c in costs]))


def _add_effects(data: Data, shares: Shares, out: Proposals) -> None:
    known = np.array([m.known for m in data.measures])
    counts, harm = data.harm.counts, data.harm.harm
    rows = [np.full(len(out), np.nan) for _ in range(6)]
    for m in range(len(data.measures)):
        mine = np.flatnonzero(out.measure == m)
        if not len(mine):
            continue
        about = shares.about[m].astype(float)
        here, worth = counts[out.place[mine]] * about, harm[out.place[mine]] * about
        total = worth.sum(axis=(1, 2))
        timed = here.sum(axis=(1, 2)) - here[:, :, UNKNOWN].sum(axis=1)
        night = here[:, :, NIGHT].sum(axis=1)
        rows[0][mine] = np.divide(night, timed, out=np.full(len(mine), np.nan), where=timed > 0)
        rows[1][mine] = total
        common = here.sum(axis=2).argmax(axis=1)
        for row, kind in zip(mine.tolist(), common.tolist()):
            out.main[row] = data.harm.types[kind]
        if known[m]:
            for row, effect in ((2, shares.low[m]), (3, shares.high[m])):
                prevented = (worth * effect).sum(axis=(1, 2))
                rows[row + 2][mine] = prevented
                rows[row][mine] = np.divide(prevented, total, out=np.full(len(mine), np.nan), where=total > 0)
    out.night, out.harm, out.eff_low, out.eff_high, out.prev_low, out.prev_high = rows


def choose(run: Any, data: Data, proposals: Proposals, shares: Shares | None) -> Choice | None:
    """Choose within the budget and mark the proposals; None without a budget."""
    tool = run.tool
    budget = run.number(tool.BUDGET)
    published = np.nan_to_num(proposals.prev_high) > 0
    paid = np.isfinite(proposals.cost_high)
    sure = (data.holds[proposals.place, proposals.measure] == 1.0) & np.isfinite(proposals.quantity)
    status = np.select([~sure, ~published], [CHECK, NO_EFFECT], PROPOSED)
    if data.harm is None:
        # nothing can be said of what an effect would be of
        status = np.where(sure, PROPOSED, CHECK)
    proposals.status = status
    if budget is None or shares is None:
        return None
    proposals.status = np.where((status == PROPOSED) & ~paid, NO_COST, status)
    free = np.flatnonzero(proposals.status == PROPOSED)
    if not len(free):
        raise InputError(tool.COSTS, "Nothing can be chosen: none of the measures proposed has both a published effect"
                         " and a cost. Give costs for more measures, or run without a budget to see what is proposed.")
    middle = run.choice(tool.CAUTION) == MIDDLE
    effects = 0.5 * (shares.low + shares.high) if middle else shares.low
    cost = 0.5 * (proposals.cost_low + proposals.cost_high) if middle else proposals.cost_high
    flat = data.harm.harm.reshape(len(data.units), -1)
    names = {family: i for i, family in enumerate(dict.fromkeys(m.family for m in data.measures))}
    families = np.array([names[m.family] for m in data.measures])
    planner = Planner(flat, effects.reshape(len(families), -1), proposals.place[free], proposals.measure[free],
                      cost[free], families, run.stage(0.5, 0.6))
    plan = planner.plan(budget, run.stage(0.6, 0.68))
    if planner.cut:
        run.info(tr("At {count} places more than {most} measures can be chosen; the {most} that prevent most for their"
                    " cost are looked at together there.").format(count=planner.cut, most=analysis.MOST_AT_A_PLACE))
    chosen = np.zeros(len(proposals), bool)
    chosen[free[plan.chosen]] = True
    proposals.status = np.where(chosen, CHOSEN, np.where(proposals.status == PROPOSED, NOT_CHOSEN, proposals.status))
    extra = run.number(tool.NEXT)
    extra = NEXT_SHARE * budget if extra is None else extra
    gain = planner.plan(budget + extra, run.stage(0.68, 0.74)).value - plan.value if extra > 0 else 0.0
    curve = None
    if run.wants(tool.REPORT) and budget > 0:
        some = np.array(CURVE) * budget
        curve = (np.r_[0.0, some[:3], budget, some[3:]],
                 np.insert(np.r_[0.0, planner.curve(some, run.stage(0.74, 0.86))], 4, plan.value))
    low, high = (analysis.outcome(flat, e.reshape(len(families), -1), proposals.place, proposals.measure, chosen)
                 for e in (shares.low, shares.high))
    return Choice(budget, extra, plan, low, high, float(proposals.cost_low[chosen].sum()),
                  float(proposals.cost_high[chosen].sum()), max(gain, 0.0), curve)


def why(data: Data, proposals: Proposals, row: int) -> str:
    """Return why a measure is proposed, in a sentence."""
    measure = data.measures[proposals.measure[row]]
    text = tr("{principle} scores {score} of 100").format(
        principle=principle_name(measure.principle), score=formats.number(float(proposals.score[row]), 0))
    text = text[:1].upper() + text[1:]
    if data.harm is not None:
        dark = all(effect.hours == "night" for effect in measure.effects)
        number = tr("{number} incidents by night") if dark else tr("{number} incidents")
        text += "; " + (tr("{number} a year that it is meant for") if data.years else
                        tr("{number} that it is meant for")).format(
                            number=number.format(number=formats.number(float(proposals.n_year[row]), 1)))
        if len(data.harm.types) > 1 and proposals.main[row]:
            text += tr(", mostly {kind}").format(kind=proposals.main[row])
        if np.isfinite(proposals.night[row]) and not dark:
            text += tr(", {share} of them by night").format(share=formats.percent(float(proposals.night[row])))
    if proposals.status[row] == CHECK:
        text += "; " + (tr("check on site whether {condition}").format(condition=measure.condition)
                        if measure.condition else tr("check on site how much of it is needed"))
    return text + "."
