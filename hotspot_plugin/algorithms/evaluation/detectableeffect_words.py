"""What can be seen at all, in sentences."""

from __future__ import annotations

import numpy as np

from ...reports import formats
from ...translation import tr
from .detectableeffect_plan import LATER, LONGER, MORE_AREAS, SURVEY, Data, Result

_SMALL = 10


class Words:
    """The result in words.

    Parameters
    ----------
    data : Data
    result : Result
    """

    def __init__(self, data: Data, result: Result) -> None:
        self.data, self.result = data, result

    @staticmethod
    def kinds() -> dict:
        """Return the names of the kinds of plans."""
        return {LONGER: tr("both periods so long"), LATER: tr("later period so long"), MORE_AREAS: tr("more areas"),
                SURVEY: tr("survey")}

    def often(self) -> str:
        """Return the power in words: "in 8 of 10 cases"."""
        power = self.data.plan.power if self.data.plan is not None else self.data.survey.power
        if abs(power * 10 - round(power * 10)) < 1e-9:
            return tr("in {count} of 10 cases").format(count=round(power * 10))
        return tr("in {share} of cases").format(share=formats.percent(power, 1))

    @staticmethod
    def months(value: float) -> str:
        """Write a number of months."""
        text = formats.number(value, 0 if abs(value - round(value)) < 0.05 else 1)
        return tr("1 month") if text == "1" else tr("{months} months").format(months=text)

    def summary(self) -> str:
        """Return the sentences to read out."""
        return " ".join(text for text in (self.headline(), self.displacement(), self.hoped(), self.survey()) if text)

    def headline(self) -> str:
        """Say the smallest fall that would be found."""
        now = self.result.now
        if now is None:
            return ""
        counts = self.data.plan.counts
        treated = formats.number(counts[0], 0)
        frame = {"treated": tr("1 incident") if treated == "1" else tr("{count} incidents").format(count=treated),
                 "control": formats.number(counts[1], 0),
                 "months": self.months(now.before), "after": self.months(now.after), "often": self.often()}
        if not np.isfinite(now.fall):
            return tr("With {treated} recorded in the treated areas and {control} in the comparison areas in {months},"
                      " counting for {after} after could not show any fall reliably: not even one to none would be"
                      " found {often}. A result without a difference would then say nothing.").format(**frame)
        return tr("With {treated} recorded in the treated areas and {control} in the comparison areas in {months}, a"
                  " fall by {fall} incidents ({share}) or more in {after} would be found {often}. A smaller one would"
                  " more likely stay unseen, and not seeing it would not mean that nothing changed.").format(
            fall=formats.number(np.ceil(now.fall - 1e-9), 0), share=formats.percent(now.fall_share), **frame)

    def displacement(self) -> str:
        """Say the same for the difference with displacement areas."""
        now = self.result.now
        if now is None or not self.data.displacement:
            return ""
        moved = tr(", if {share} of it moves next door").format(share=formats.percent(self.data.plan.moved)) if (
            self.data.plan.moved) else ""
        if not np.isfinite(now.whole):
            return tr("With the areas around them counted{moved}, not even a fall to none would be found so often."
                      ).format(moved=moved)
        return tr("With the areas around them counted{moved}, it takes a fall by {fall} ({share}).").format(
            moved=moved, fall=formats.number(np.ceil(now.whole - 1e-9), 0), share=formats.percent(now.whole_share))

    def hoped(self) -> str:
        """Say how likely the fall hoped for would be found, and what it takes."""
        now, result = self.result.now, self.result
        if now is None:
            return ""
        out = tr("A fall by {change} would be found in {power} of cases").format(
            change=formats.percent(self.data.change),
            power=formats.percent(now.power) if now.power <= 0.99 else tr("more than 99 %"))
        if now.power >= self.data.plan.power:
            return out + "."
        later = tr("waiting longer afterwards would not do") if not np.isfinite(result.later) else tr(
            "or {later} after with the time before as it is").format(later=self.months(np.ceil(result.later)))
        return out + tr("; to find it {often} takes {months} before and after, or {times} times as many incidents by"
                        " more areas ({later}).").format(
            often=self.often(), months=self.months(np.ceil(result.months)),
            times=formats.number(result.times, 1), later=later)

    def survey(self) -> str:
        """Say how many answers a survey needs, or what its answers would show."""
        data, result, out = self.data, self.result, []
        if data.survey is None:
            return ""
        where = tr(", in the treated and in the comparison areas each") if data.survey.comparison else ""
        if data.share_after is not None:
            out.append(tr("Survey: to find {often} that a share goes from {before} to {after} takes {answers} answers"
                          " in each wave{where}, so {asked} people to ask.").format(
                often=self.often(), before=formats.percent(data.survey.before, 0), where=where,
                after=formats.percent(data.share_after, 0), answers=formats.number(result.answers, 0),
                asked=formats.number(result.asked, 0)))
        if data.answers is not None:
            ends = [formats.number(100.0 * v, 1) if np.isfinite(v) else tr("none at all") for v in (
                result.change_rise, result.change_fall)]
            out.append(tr("Survey: {answers} answers in each wave{where} would show a rise from {before} by {rise}"
                          " percentage points or more, or a fall by {fall}, {often}.").format(
                answers=formats.number(data.answers, 0), where=where, before=formats.percent(data.survey.before, 0),
                rise=ends[0], fall=ends[1], often=self.often()))
        return " ".join(out)

    def warnings(self) -> list[str]:
        """Return what the reader must know before using the result."""
        data, out = self.data, []
        if data.plan is not None:
            counts = data.plan.counts
            if min(counts[0], counts[1]) < _SMALL:
                out.append(tr("One of the counts is below {few}: with so few incidents the numbers are rough, and only"
                              " very large changes can be seen.").format(few=_SMALL))
            ratio = counts[1] / data.plan.sizes[1] / counts[0]
            if not 0.5 <= ratio <= 2.0:
                out.append(tr("The comparison areas have {ratio} times the incidents of the treated ones: choose areas"
                              " of about the same level, or the difference measures their size.").format(
                    ratio=formats.number(ratio, 1)))
            if data.spread.origin == "assumed":
                out.append(tr("Overdispersion is not known, so incidents are taken as independent: series and repeats"
                              " make the smallest change larger than said here (at 2 by two fifths). INCIDENTS of 8"
                              " weeks or more would tell."))
        if data.survey is not None and data.survey.cluster > 1 and data.survey.likeness == 0:
            out.append(tr("Answers of one cluster are taken as no more alike than others (LIKENESS 0): that is rare."))
        return out
