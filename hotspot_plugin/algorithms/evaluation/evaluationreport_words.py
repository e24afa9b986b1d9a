"""What an evaluation says as a whole, in plain words, and what could be wrong."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.evaluation import evaluationreport as analysis
from ...layers import fields
from ...reports import formats
from ...translation import tr
from .evaluationreport_read import Data


def per_cent(value: float) -> str:
    """Write a change in per cent; an end without a bound as such."""
    if np.isinf(value):
        return tr("without bound")
    return formats.percent(value / 100.0, 0, sign=True)


class Words:
    """The evaluation in words."""

    def __init__(self, data: Data) -> None:
        self.data, self.together = data, data.together

    # --- numbers ---------------------------------------------------------------------------
    def numbers(self) -> dict:
        """Return the declared numbers."""
        t = self.together
        finite = {name: value if np.isfinite(value) else None for name, value in (
            ("LEAST", t.least), ("MOST", t.most), ("COMMON_LOW", t.low), ("COMMON_HIGH", t.high))}
        one = next((e for e in self.data.effects if self.data.pooled and e.kind == analysis.COMPARED), None)
        finite.update({name: None if one is None else value for name, value in zip(
            ("POOLED", "POOLED_LOW", "POOLED_HIGH", "HETEROGENEITY"),
            (one.value, one.low, one.high, self.data.pooled.i2) if one else (None,) * 4)})
        return {"RESULT_COUNT": len(self.data.results), "DESIGN_COUNT": t.number, "CLEAR_COUNT": t.clear, **finite,
                "PLANNED": int(self.planned() is True) if self.data.plan else None, "AGREEMENT": t.state}

    def planned(self) -> bool | None:
        """Whether a design was planned before the start and followed the plan; None where that is not known."""
        if self.data.plan is None or not self.data.deviations:
            return None
        followed = any(not found for found in self.data.deviations.values())
        return bool(self.data.plan.intact and self.before() and followed)

    def before(self) -> bool:
        """Whether the plan was written before the start."""
        start = (self.data.plan.content or {}).get("after_start") if self.data.plan else None
        return bool(start and self.data.plan.written.astype("M8[D]") < np.datetime64(start, "D"))

    def columns(self) -> dict:
        """Return the fields of the table, one row a change."""
        effects = self.data.effects

        def of(name: str) -> np.ndarray:
            values = np.array([getattr(e, name) for e in effects], float)
            return np.where(np.isfinite(values), values, np.nan)

        return {
            fields.RPT_OF: np.array([self.data.title(e.row) for e in effects], object), fields.RPT_PERC: of("value"),
            fields.RPT_LOW: of("low"), fields.RPT_HIGH: of("high"), fields.RPT_P: of("p"),
            fields.RPT_COUNT: np.array([self.role(e) for e in effects], object),
            fields.RPT_PLAN: np.array([self.when_planned(e.row) for e in effects], object),
        }

    # --- sentences -------------------------------------------------------------------------
    def summary(self) -> str:
        """Return the sentences to read out."""
        return " ".join(part for part in (self.headline(), self.moved(), self.caution(), self.plan_sentence()) if part)

    def headline(self) -> str:
        """Say what the designs find and whether they agree."""
        t = self.together
        if self.data.pooled is not None:
            return self._places()
        span = tr("{least} to {most}").format(least=per_cent(t.least), most=per_cent(t.most))
        if t.number and round(t.least) == round(t.most):
            span = per_cent(t.least)
        common = tr("changes from {low} to {high} fit all of them").format(low=per_cent(t.low), high=per_cent(t.high))
        if t.state == analysis.NOTHING:
            return tr("No result given compares the treated areas with what would have happened anyway: nothing can be"
                      " said about an effect.")
        if t.state == analysis.ONE:
            effect = next(e for e in self.data.effects if e.kind == analysis.COMPARED and e.usable)
            found = self._direction(t.least) if effect.clear else tr("no change beyond chance")
            return tr("One design finds {found} in the treated areas against what was to be expected ({value}, 95 %"
                      " interval {low} to {high}). With one design nobody sees whether the answer hangs on its"
                      " assumption.").format(found=found, value=per_cent(effect.value), low=per_cent(effect.low),
                                             high=per_cent(effect.high))
        if t.state == analysis.CONTRADICT:
            return tr("The {count} designs contradict one another ({span} against what was to be expected): the answer"
                      " hangs on what is assumed, and none of them should be used alone.").format(
                count=t.number, span=span)
        if t.state == analysis.ALL_CLEAR:
            every = tr("Both designs") if t.number == 2 else tr("All {count} designs").format(count=t.number)
            found = self._direction(t.least)
            return tr("{every} find {found} in the treated areas, beyond chance: {span} against what was to be"
                      " expected; {common}.").format(every=every, found=found, span=span, common=common)
        if t.state == analysis.SOME_CLEAR:
            clear = next(e for e in self.data.effects if e.kind == analysis.COMPARED and e.usable and e.clear)
            return tr("{clear} of {count} designs find {found} beyond chance, the others show no difference but do not"
                      " contradict: {span} against what was to be expected; {common}.").format(
                clear=t.clear, count=t.number, found=self._direction(clear.value), span=span, common=common)
        return tr("None of {count} designs shows a change beyond chance in the treated areas ({span} against what was"
                  " to be expected; {common}).").format(count=t.number, span=span, common=common)

    def _places(self) -> str:
        """Say what the places show together, and whether they differ."""
        one, effect = self.data.pooled, next(e for e in self.data.effects if e.kind == analysis.COMPARED)
        found = self._direction(effect.value) if effect.clear else tr("no change beyond chance")
        differ = tr("The places differ by more than chance, so the effect depends on the place.") if one.q_p < 0.05 \
            else tr("The places differ no more than chance makes, which does not show that they are alike.")
        return tr("{count} places together show {found} against what was to be expected ({value}, 95 % interval"
                  " {low} to {high}, random effects).").format(
            count=one.number, found=found, value=per_cent(effect.value), low=per_cent(effect.low),
            high=per_cent(effect.high)) + " " + differ

    @staticmethod
    def _direction(value: float) -> str:
        return tr("fewer incidents") if value < 0 else tr("more incidents")

    def caution(self) -> str:
        """Say what a result without a finding does not mean."""
        t = self.together
        none = t.state == analysis.NONE_CLEAR or (t.state == analysis.ONE and not t.clear)
        if not none:
            return ""
        out = tr("That does not show that there was no effect.")
        power = self.smallest()
        return out + (" " + power if power else "")

    def smallest(self) -> str:
        """Say how small a fall would have been missed."""
        for result in self.data.results:
            number = result.numbers.get("FALL_PERC")
            if result.tool == "hotspot:detectableeffect" and number is not None:
                return tr("Falls of less than {value} would have been missed more often than in 2 of 10 cases.").format(
                    value=formats.percent(float(number) / 100.0))
        for result in self.data.results:
            number = result.numbers.get("DETECTABLE")
            if number is not None and result.tool == "hotspot:weighteddisplacement":
                return tr("Falls of fewer than {value} incidents would have been missed more often than in 2 of 10"
                          " cases.").format(value=formats.number(float(number), 0))
        return ""

    def plan_sentence(self) -> str:
        """Say what was planned."""
        plan = self.data.plan
        if plan is None:
            return tr("No plan was given: whether areas, periods and outcome were chosen before the results is not"
                      " known.")
        start = plan.content.get("after_start")
        when = tr("before the start") if self.before() else tr("after the start, so results could be known") if start \
            else tr("for a start that it does not name")
        out = tr("A plan was written on {day}, {when}.").format(day=plan.day, when=when)
        if not plan.intact:
            out += " " + tr("Its file was changed afterwards.")
        return out

    def plain(self) -> str:
        """Return the paragraph in plain words, for those who read no numbers."""
        t, texts = self.together, self.data.texts
        measure = texts.get("MEASURE") or tr("The measure")
        if t.state == analysis.NOTHING:
            return tr("Nobody can say yet whether it worked: there is nothing to compare with.")
        parts = [tr("{measure}: we asked what would have happened without it, by looking at similar places or at the"
                    " time before.").format(measure=measure.rstrip("."))]
        if t.state == analysis.CONTRADICT:
            parts.append(tr("Different ways of asking give different answers, so we do not know."))
        elif not t.clear:
            parts.append(tr("The numbers went up and down as they do anyway. If it helped or did harm, that was too"
                            " little to be seen in these numbers; it may have done either."))
        else:
            clear = next(e for e in self.data.effects if e.kind == analysis.COMPARED and e.usable and e.clear)
            about = round(abs(clear.value) / 5.0) * 5 or 1
            parts.append((tr("About {share} in 100 incidents fewer were recorded there than we would have expected.")
                          if clear.value < 0 else
                          tr("About {share} in 100 incidents more were recorded there than we would have expected.")
                          ).format(share=about))
            if t.number > 1 and t.clear < t.number:
                parts.append(tr("Not all ways of asking see it as clearly."))
            parts.append(tr("The true number may be smaller or larger; between {low} and {high} in 100 is what fits."
                            ).format(low=self._hundred(t.widest_low), high=self._hundred(t.widest_high)))
        moved = self.moved()
        if moved:
            parts.append(moved)
        parts.append(tr("Only what is reported and recorded is counted."))
        return " ".join(parts)

    @staticmethod
    def _hundred(value: float) -> str:
        if np.isinf(value):
            return tr("any number")
        whole = formats.number(abs(value), 0)
        return (tr("{number} fewer") if value < 0 else tr("{number} more")).format(number=whole)

    def moved(self) -> str:
        """Say whether incidents moved next door."""
        for result in self.data.results:
            found = result.numbers
            low, high = found.get("DISPLACED_LOW"), found.get("DISPLACED_HIGH")
            if result.tool != "hotspot:weighteddisplacement" or low is None or high is None:
                continue
            if low > 0:
                return tr("Around the treated places more was recorded than expected: some of it may have moved there.")
            if high < 0:
                return tr("Around the treated places less was recorded than expected too.")
            return tr("Around the treated places no change beyond chance was seen.")
        return ""

    # --- doubts ----------------------------------------------------------------------------
    def warnings(self) -> list[str]:
        """Return what the reader must know before using the report."""
        d, found = self.data, []
        poor = [d.title(e.row) for e in d.effects if not e.usable]
        if poor:
            found.append(tr("{names}: the tool itself says that nothing should be read off; it plays no part in the"
                            " agreement.").format(names=", ".join(poor)))
        lacking = [r.title for k, r in enumerate(d.results) if analysis.TOOLS[r.tool] == analysis.COMPARED
                   and k not in {e.row for e in d.effects}]
        if lacking:
            found.append(tr("{names}: the change in per cent is not known from the record; it plays no part in the"
                            " agreement.").format(names=", ".join(lacking)))
        if d.plan is not None and not d.plan.intact:
            found.append(tr("The file of the plan was changed after it was written."))
        if d.deviations and all(d.deviations.values()):
            found.append(tr("No result follows the plan in everything: see 'Planned before, chosen after'."))
        if not d.texts.get("DECISION") and not (d.done and d.done.decision):
            found.append(tr("It is not stated which decision this feeds."))
        return found

    def limits(self) -> list[str]:
        """Return what could be wrong: what the user adds, and what the tools warned of, each once."""
        out = [line.strip() for line in self.data.texts.get("DOUBTS", "").splitlines() if line.strip()]
        for result in self.data.results:
            for text in result.record.get("warnings") or []:
                line = f"{result.title}: {text}"
                if line not in out:
                    out.append(line)
        out.append(tr("The designs use the same incidents and are no independent witnesses: that they agree says that"
                      " the answer does not hang on one assumption, not that it is more certain.")
                   if self.data.pooled is None else
                   tr("Pooled are places for which results were given. Places where it was tried and not evaluated, or"
                      " whose result was not given, are missing, and those that went badly more easily than others."))
        out.append(tr("Reporting and recording may have changed with the measure. Whatever else happened in the treated"
                      " areas only is part of every result."))
        return out

    def role(self, effect: Any) -> str:
        """Say what a result is worth for the agreement."""
        if effect.kind == analysis.PLACE:
            return tr("a place, pooled")
        if effect.kind == analysis.COMPARED:
            return tr("counts") if effect.usable else tr("poor fit, not counted")
        return tr("no comparison, not counted") if effect.kind == analysis.UNCOMPARED else tr(
            "another question, not counted")

    def when_planned(self, row: int) -> str:
        """Say whether a result was planned."""
        found = self.data.deviations.get(row)
        if found is None:
            return tr("not known") if self.data.plan is None else formats.NOTHING
        if found:
            return tr("chosen after: {list}").format(list="; ".join(found))
        return tr("as planned") if self.before() and self.data.plan.intact else tr("as in the plan, written late")
