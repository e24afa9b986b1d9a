"""What was chosen for an evaluation, in words: the sentences to read out, and the doubts."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...reports import formats
from ...translation import tr
from . import evaluationareas_match as matching
from .evaluationareas_match import Result
from .evaluationareas_read import CELLS, GIVEN, Data

#: Share of a ring, or of the differences between areas, above which it is told.
_MUCH_CUT, _MUCH_CHANCE = 0.5, 0.25
#: Times as large, or as small, above which it is told.
_UNLIKE_SIZE = 2.0


class Words:
    """The result in words.

    Parameters
    ----------
    run : Run
    data : Data
    result : Result
    """

    def __init__(self, run: Any, data: Data, result: Result) -> None:
        self.run, self.data, self.result, self.units = run, data, result, run.units

    # --- names -----------------------------------------------------------------------------
    @staticmethod
    def roles() -> list[str]:
        """Return the names of the roles."""
        return [tr("Treated"), tr("Comparison"), tr("Ring around treated"), tr("Ring around comparison")]

    def states(self) -> dict:
        """Return what became of candidates."""
        return {
            matching.TAKEN: tr("taken"), matching.FREE: tr("not needed"),
            matching.TREATED_GROUND: tr("on treated ground"),
            matching.TOO_NEAR: tr("nearer than {distance} to a treated area").format(
                distance=self.units.distance(self.result.exclusion)),
            matching.OTHER_TREATMENT: tr("on the ground of another treatment"),
            matching.BELOW_RULE: tr("fewer incidents on the days of choice than any treated area"),
            matching.NO_NUMBER: tr("without a number to match on"),
        }

    # --- numbers ---------------------------------------------------------------------------
    @property
    def paired(self) -> int:
        """Treated areas that take part."""
        return int((self.result.role == 0).sum())

    def past(self, treated: bool) -> int:
        """Return the incidents of the time before in treated or in comparison areas."""
        d, r = self.data, self.result
        total = d.treated.past.total[r.role == 0] if treated else d.candidates.past.total[r.taken]
        return int(total.sum())

    def ring_cut(self) -> float:
        """Return the share of the rings around treated areas that was cut out."""
        if not self.result.rings:
            return float("nan")
        rings = self.result.rings[0][0]
        whole = rings.whole.sum()
        return float(max(1.0 - rings.left.sum() / whole, 0.0)) if whole > 0 else float("nan")

    def numbers(self) -> dict:
        """Return the declared numbers and texts."""
        d, r = self.data, self.result
        days = d.rule.days
        rings = [int((part.left > 0).sum()) for part, _ in r.rings] or [0, 0]
        return {
            "TREATED": self.paired, "CONTROL": len(r.taken), "WITHOUT_PARTNER": int(r.alone.sum()),
            "TREATED_RINGS": rings[0], "CONTROL_RINGS": rings[1], "CANDIDATE_COUNT": len(d.candidates),
            "USABLE": int(np.isin(r.state, (matching.FREE, matching.TAKEN)).sum()),
            "SMD_LEVEL_ALL": r.balance.before[0], "SMD_LEVEL": r.balance.after[0],
            "SMD_TREND_ALL": r.balance.before[1], "SMD_TREND": r.balance.after[1], "SMD_WORST": r.worst,
            "TREATED_PAST": self.past(True), "CONTROL_PAST": self.past(False), "RING_CUT": self.ring_cut(),
            "CHANCE_SHARE": r.chance, "SAME_RULE": None if r.same_rule is None else int(r.same_rule),
            "CHOSEN_FROM": str(days.start) if days else "", "CHOSEN_TO": str(days.end) if days else "",
            "CHOSEN_BY": d.rule.by,
        }

    # --- sentences -------------------------------------------------------------------------
    def summary(self) -> str:
        """Return the sentences to read out."""
        return " ".join(part for part in (self.headline(), self.balance_sentence(), self.rule_sentence()) if part)

    def headline(self) -> str:
        """Say who is compared with whom."""
        d, r = self.data, self.result
        how = tr("taken as given") if d.origin == GIVEN else tr("the most alike of {count} that could be taken").format(
            count=formats.number(int(np.isin(r.state, (matching.FREE, matching.TAKEN)).sum())))
        out = tr("{treated} treated areas are compared with {control} others ({how}), by what was recorded from {first}"
                 " to {last}, before the start on {start}: {own} incidents in the treated areas, {other} in the"
                 " others.").format(
            treated=self.paired, control=len(r.taken), how=how, first=d.period.start, last=d.period.end, start=d.start,
            own=formats.number(self.past(True)), other=formats.number(self.past(False)))
        if r.rings:
            way = tr("along streets") if self.run.has(self.run.tool.STREETS) else tr("straight")
            out += " " + tr("Rings of {distance} ({way}) around both show whether incidents move.").format(
                distance=self.units.distance(self.run.number(self.run.tool.RING_DISTANCE)), way=way)
        return out

    def balance_sentence(self) -> str:
        """Say how alike both are."""
        r, worst = self.result, self.result.worst
        if not np.isfinite(worst):
            return tr("How alike they are cannot be told: nothing varies among so few areas.")
        k = int(np.nanargmax(np.abs(r.balance.after[: r.matched])))
        out = {
            tr("alike"): tr("Before the start they were alike"),
            tr("nearly alike"): tr("Before the start they were nearly alike"),
        }.get(r.words(worst), tr("Before the start they were not alike"))
        return out + " " + tr("(largest difference {value} standard deviations, {name}; up to 0.1 is alike, up to 0.25"
                              " nearly).").format(value=formats.number(worst, 2), name=r.features[k])

    def rule_sentence(self) -> str:
        """Say how the treated areas were chosen, and whether the others were chosen alike."""
        d, r = self.data, self.result
        if d.rule.by != "count" or d.rule.days is None:
            return ""
        days = formats.period(d.rule.days.start, d.rule.days.end)
        if r.same_rule:
            return tr("The treated areas were chosen for their many incidents ({days}), the others by the same rule:"
                      " the fall that follows such a choice by itself is in both.").format(days=days)
        return tr("The treated areas were chosen for their many incidents ({days}), the others were not: part of a fall"
                  " comes by itself and is no success.").format(days=days)

    # --- doubts ----------------------------------------------------------------------------
    def warnings(self) -> list[str]:
        """Return what the reader must know before using the areas."""
        found = [self._rule(), self._unlike(), self._alone(), self._chance(), self._touched(), self._given(),
                 self._ring(), self._few(), self._short(), self._overlap(), self._size()]
        return [text for text in found if text]

    def _rule(self) -> str:
        d, r = self.data, self.result
        if d.rule.by == "not known":
            return tr("It is not known how the treated areas were chosen. If it was for their many incidents, say so in"
                      " SELECTED_ON: comparison areas are then chosen by the same rule, and a fall that comes by itself"
                      " (regression to the mean) is not taken for success.")
        if r.same_rule is False:
            count = int((self.data.candidates.choice[r.taken] < r.limit).sum())
            return tr("{count} of {all} comparison areas had fewer incidents on the days of choice than any treated"
                      " area: the treated areas will fall more than these by chance alone (regression to the mean)."
                      ).format(count=count, all=len(r.taken))
        return ""

    def _unlike(self) -> str:
        r = self.result
        if not r.worst > 0.25:
            return ""
        return tr("Treated and comparison areas were not alike before ({value} standard deviations). What they do later"
                  " may differ for that reason alone. Give more areas to compare with, set a CALIPER, or use 'Synthetic"
                  " control', which weighs areas.").format(value=formats.number(r.worst, 2))

    def _alone(self) -> str:
        r = self.result
        if not r.alone.any():
            return ""
        names = ", ".join(self.data.treated.names[k] for k in np.flatnonzero(r.alone)[:5])
        if (r.role < 0).any():
            return tr("{count} of {all} treated areas ({names}) have no area that is alike enough and take no part"
                      " (empty role): the result will be of the others only.").format(
                count=int(r.alone.sum()), all=len(r.alone), names=names)
        return tr("{count} of {all} treated areas ({names}) have no comparison area of their own.").format(
            count=int(r.alone.sum()), all=len(r.alone), names=names)

    def _chance(self) -> str:
        r = self.result
        if self.data.origin == GIVEN or not r.chance > _MUCH_CHANCE:
            return ""
        return tr("{share} of the differences in level between the areas to compare with are chance. Areas matched on"
                  " chance drift apart again by themselves (Daw and Hatfield 2018): take a longer time before, or"
                  " larger areas.").format(share=formats.percent(r.chance))

    def _touched(self) -> str:
        count = int(self.data.touched.sum())
        if not count:
            return ""
        return tr("{count} treated areas share ground with another treatment: what both do there cannot be told"
                  " apart.").format(count=count)

    def _given(self) -> str:
        count = self.data.left_out.get("near given", 0)
        if not count:
            return ""
        return tr("{count} comparison areas as given lie within {distance} of a treated area: what moves there would"
                  " count as what would have happened anyway.").format(
            count=count, distance=self.units.distance(self.result.exclusion))

    def _ring(self) -> str:
        r = self.result
        parts = []
        if r.rings and self.ring_cut() > _MUCH_CUT:
            parts.append(tr("{share} of the rings around the treated areas were cut out: where incidents moved to that"
                            " ground, it is not seen.").format(share=formats.percent(self.ring_cut())))
        if r.no_street:
            parts.append(tr("{count} areas have no street in or at them; their ring is by straight distance.").format(
                count=r.no_street))
        return " ".join(parts)

    def _few(self) -> str:
        if self.paired == 0 or self.past(True) >= 30:
            return ""
        return tr("The treated areas had {count} incidents in the time before: too few for most changes to show. See"
                  " 'Smallest detectable change'.").format(count=self.past(True))

    def _short(self) -> str:
        if not self.result.short:
            return ""
        return tr("{count} comparison areas are lacking: too few are alike enough or free.").format(
            count=self.result.short)

    def _size(self) -> str:
        d, r = self.data, self.result
        own = np.mean([g.area() for g, code in zip(d.treated.geometries, r.role) if code == 0])
        other = np.mean([d.candidates.geometries[k].area() for k in r.taken])
        if 1.0 / _UNLIKE_SIZE <= other / own <= _UNLIKE_SIZE:
            return ""
        return tr("A comparison area has {other} of ground, a treated one {own}: they are alike in incidents only."
                  " Areas of the same size compare better.").format(
            other=self.units.area(float(other)), own=self.units.area(float(own)))

    def _overlap(self) -> str:
        if self.data.origin == CELLS:
            return ""
        count = self.data.left_out.get("same ground", 0)
        return tr("{count} better pairs were given up because their areas share ground.").format(
            count=count) if count else ""
