"""Measures and budget in numbers, columns and sentences."""

from __future__ import annotations

from collections import Counter

import numpy as np

from ...layers import fields
from ...reports import formats
from ...translation import tr
from .cptedmeasures_choice import CHECK, CHOSEN, NO_COST, NO_EFFECT, Choice, Proposals, status_name, why
from .cptedmeasures_read import Data
from .cptedscore_words import principle_name


class Words:
    """Says what is proposed and chosen.

    Parameters
    ----------
    data : Data
    proposals : Proposals
    choice : Choice or None
    weak : float
    """

    def __init__(self, data: Data, proposals: Proposals, choice: Choice | None, weak: float) -> None:
        self.data, self.proposals, self.choice, self.weak = data, proposals, choice, weak
        self.chosen = proposals.status == CHOSEN
        self.why = [why(data, proposals, row) for row in range(len(proposals))]

    @property
    def what(self) -> str:
        """What is prevented: harm or incidents."""
        return tr("harm") if self.data.weighted else tr("incidents")

    @property
    def a_year(self) -> str:
        """The time that numbers are of."""
        return tr("a year") if self.data.years else tr("in the time of the data")

    def total(self) -> float | None:
        """What happens at the places in a year, None where nothing is known of it."""
        return None if self.data.harm is None else float(self.data.harm.harm.sum())

    def columns(self) -> dict:
        """Return the fields of the places."""
        n, p = len(self.data.units), self.proposals
        listed: list = [[] for _ in range(n)]
        taken: list = [[] for _ in range(n)]
        for row, (place, measure) in enumerate(zip(p.place.tolist(), p.measure.tolist())):
            name = self.data.measures[measure].name
            listed[place].append(name)
            if self.chosen[row]:
                taken[place].append(name)
        out = {fields.N_PROP: np.bincount(p.place, minlength=n), fields.PROPOSED: _joined(listed)}
        if self.data.harm is not None:
            out[fields.N_YEAR] = self.data.harm.counts.sum(axis=(1, 2))
        if self.choice is not None:
            here = p.place[self.chosen]
            out.update({
                fields.N_CHOSEN: np.bincount(here, minlength=n), fields.CHOSEN: _joined(taken),
                fields.COST_LOW: np.bincount(here, p.cost_low[self.chosen], n),
                fields.COST_HIGH: np.bincount(here, p.cost_high[self.chosen], n),
                fields.PREV_LOW: self.choice.low, fields.PREV_HIGH: self.choice.high,
            })
        return out

    def table(self) -> dict:
        """Return a row for each proposal."""
        p, measures = self.proposals, self.data.measures

        def of(name: str) -> np.ndarray:
            return np.array([getattr(m, name) for m in measures], object)[p.measure]

        sources = ["; ".join(dict.fromkeys(e.source for e in m.effects if e.source)) for m in measures]
        return {
            fields.PLACE_NO: self.data.units.rows[p.place] + 1,
            fields.PLACE_NAME: np.array(self.data.names, object)[p.place],
            fields.MEASURE: of("key"), fields.MEAS_NAME: of("name"),
            fields.PRINCIPLE: np.array([principle_name(m.principle) for m in measures], object)[p.measure],
            fields.PLAN: np.array([status_name(s) for s in p.status], object),
            fields.WHY: np.array(self.why, object),
            fields.QUANTITY: p.quantity, fields.UNIT: of("unit"),
            fields.COST_LOW: p.cost_low, fields.COST_HIGH: p.cost_high, fields.N_YEAR: p.n_year,
            fields.EFF_LOW: p.eff_low, fields.EFF_HIGH: p.eff_high,
            fields.PREV_LOW: p.prev_low, fields.PREV_HIGH: p.prev_high,
            fields.EV_SOURCE: np.array(sources, object)[p.measure], fields.SIDE_EFF: of("side_effects"),
            fields.ASK_WHOM: of("ask"), fields.RESTRICTS: np.array([m.restrictive for m in measures])[p.measure],
        }

    def numbers(self) -> dict:
        """Return the declared numbers."""
        choice, p = self.choice, self.proposals
        return {
            "PLACES": len(self.data.units), "PLACES_PROPOSED": len(np.unique(p.place)), "PROPOSALS_COUNT": len(p),
            "WITHOUT_EFFECT": int((p.status == NO_EFFECT).sum()), "WITHOUT_COST": int((p.status == NO_COST).sum()),
            "TO_CHECK": int((p.status == CHECK).sum()), "EXISTING_COUNT": p.existing,
            "HARM_YEAR": self.total(), "YEARS_USED": self.data.years,
            "CHOSEN_COUNT": None if choice is None else int(self.chosen.sum()),
            "PREVENTED_LOW": None if choice is None else float(choice.low.sum()),
            "PREVENTED_HIGH": None if choice is None else float(choice.high.sum()),
            "COST_LOW": None if choice is None else choice.cost_low,
            "COST_HIGH": None if choice is None else choice.cost_high,
            "GAP": None if choice is None else choice.plan.gap,
            "NEXT_GAIN": None if choice is None else choice.gain,
        }

    def proved(self) -> str:
        """Return how sure the choice is."""
        gap = self.choice.plan.gap
        return tr("no other set within the budget prevents more") if gap == 0 else tr(
            "no other set prevents more than {gap} beyond it").format(gap=formats.percent(gap, 1))

    def summary(self) -> str:
        """Return the sentences to read out."""
        numbers = self.numbers()
        if not numbers["PROPOSALS_COUNT"]:
            return tr("No measure is proposed at the {count} places: no measured principle scores below {weak} where"
                      " something happens that a measure is meant for.").format(
                          count=formats.number(numbers["PLACES"]), weak=formats.number(self.weak, 0))
        often = Counter(self.proposals.measure.tolist()).most_common(1)[0]
        text = tr("{count} measures are proposed at {places} of {all} places, most often '{name}' ({often}).").format(
            count=formats.number(numbers["PROPOSALS_COUNT"]), places=formats.number(numbers["PLACES_PROPOSED"]),
            all=formats.number(numbers["PLACES"]), name=self.data.measures[often[0]].name,
            often=formats.number(often[1]))
        if self.choice is None:
            return text + " " + tr("For {count} of them no effect is published or can be used here.").format(
                count=formats.number(numbers["WITHOUT_EFFECT"] + numbers["TO_CHECK"]))
        choice, total = self.choice, self.total()
        text += " " + tr("Within a budget of {budget}, {count} measures at {places} places are chosen, which prevent"
                         " {low} to {high} {what} {year} ({share_low} to {share_high} of {total} at all places) if they"
                         " work here as they did elsewhere, and cost {cost_low} to {cost_high};").format(
            budget=formats.number(choice.budget, 0), count=formats.number(numbers["CHOSEN_COUNT"]),
            places=formats.number(len(np.unique(self.proposals.place[self.chosen]))),
            low=amount(numbers["PREVENTED_LOW"]), high=amount(numbers["PREVENTED_HIGH"]),
            what=self.what, year=self.a_year, share_low=formats.percent(numbers["PREVENTED_LOW"] / total, 1),
            share_high=formats.percent(numbers["PREVENTED_HIGH"] / total, 1), total=formats.number(total, 0),
            cost_low=formats.number(choice.cost_low, 0), cost_high=formats.number(choice.cost_high, 0))
        text += " " + self.proved() + "."
        if choice.extra > 0:
            text += " " + tr("{extra} more would prevent {gain} more.").format(
                extra=formats.number(choice.extra, 0), gain=amount(choice.gain))
        seen = self.data.happened
        if seen is not None and seen.first is not None:
            text += " " + tr("Expected is what was recorded in {period}.").format(
                period=formats.period(seen.first, seen.last))
        return text

    def warnings(self) -> list:
        """Return the doubts to tell."""
        texts, p = [], self.proposals
        unmeasured = int((~np.isfinite(self.data.scores)).all(axis=1).sum())
        if unmeasured:
            texts.append(tr("{count} places have no score of any principle: nothing is proposed there until they are"
                            " measured.").format(count=formats.number(unmeasured)))
        counts = Counter(p.status.tolist())
        if counts[NO_COST]:
            texts.append(tr("{count} proposals have no cost and could not be chosen.").format(
                count=formats.number(counts[NO_COST])))
        if self.choice is not None and self.choice.plan.value == 0:
            texts.append(tr("The budget buys none of the measures."))
        seen = self.data.happened
        if self.choice is not None and self.data.years and self.data.years < 0.95:
            texts.append(tr("The incidents span less than a year ({months} months): seasons and chance weigh heavily in"
                            " what is expected of a year.").format(months=formats.number(12 * self.data.years, 0)))
        if seen is not None and not seen.typed:
            texts.append(tr("Without types only measures against all crime can be weighed."))
        return texts


def amount(value: float) -> str:
    """Write what is prevented: with one decimal where it is small."""
    return formats.number(float(value), 1 if value < 20 else 0)


def _joined(lists: list) -> np.ndarray:
    return np.array(["; ".join(names) if names else None for names in lists], object)
