"""What 'Survey results' says: columns, numbers, sentences and doubts."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from ...analysis.community import surveysummary as analysis
from ...analysis.community.surveysummary import Heard, Missing, Part, Result
from ...layers import fields
from ...reports import formats
from ...translation import tr
from .surveysummary_read import Data

#: design effect, and share without an answer, from which it is told
_LARGE_DEFF, _MANY_MISSING = 2.0, 0.1
#: share of invited people who answered under which a survey may not speak for the others
_LOW_RESPONSE = 0.5
#: gap of a margin, as a share, that is worth telling
_GAP = 0.005
#: classes named in a sentence
_NAMED = 4
#: the number of a question at the end of a field, and the length that a name must have without it
_NUMBERED, _LONG_NAME = re.compile(r"_+\d+(_\d+)*_*$"), 10


def verdict(code: int) -> str:
    """Return a class beside the others in words."""
    return {analysis.ABOVE: tr("Above the others"), analysis.BELOW: tr("Below the others"),
            analysis.ALIKE: tr("No clear difference"), analysis.TOO_FEW: tr("Too few answers to say")}[int(code)]


def spoken(field: str) -> str:
    """Return the name of a field as words: without underscores, and without the number that forms put at the end."""
    bare = _NUMBERED.sub("", field)
    return " ".join((bare if len(bare) > _LONG_NAME else field).replace("_", " ").split())


def listed(names: list) -> str:
    """Return the first names of a list, and how many more there are."""
    more = tr(" and {count} more").format(count=len(names) - _NAMED) if len(names) > _NAMED else ""
    return ", ".join(str(name) for name in names[:_NAMED]) + more


class Words:
    """The results in words and columns.

    Parameters
    ----------
    data : Data
    results : list of Result
    by_mean : bool
        Means are compared, not shares.
    """

    def __init__(self, data: Data, results: list[Result], by_mean: bool) -> None:
        self.data, self.results, self.by_mean = data, results, by_mean
        self.first = results[0]

    # --- small parts -----------------------------------------------------------------------
    def title(self, result: Result) -> str:
        """Name a question by its field."""
        words = spoken(result.question.name)
        return words[:1].upper() + words[1:]

    def good(self, result: Result) -> str:
        """Name the answers that the share is of."""
        scale = result.question.scale
        labels = [label for label, good in zip(scale.labels, scale.good) if good]
        whole = not scale.worded and len(labels) > 2 and list(scale.good).index(True) + len(labels) == len(scale.good)
        return tr("{low} to {high}").format(low=labels[0], high=labels[-1]) if whole else tr(" or ").join(labels)

    def interval(self, low: float, high: float, share: bool) -> str:
        """Write an interval."""
        if share:
            return tr("{low} to {high} %").format(low=formats.number(100 * low, 0), high=formats.number(100 * high, 0))
        return tr("{low} to {high}").format(low=formats.number(low, 2), high=formats.number(high, 2))

    def areas_part(self) -> Part | None:
        """The areas with the first question."""
        group = self.data.area_group
        return next((part for part in self.first.parts if part.group is group), None) if group is not None else None

    def areas_heard(self) -> Heard | None:
        """The areas beside the population."""
        area = self.data.area_group
        return next((each for each in self.data.heard if area is not None and each.group.name == area.name), None)

    def unheard(self) -> list:
        """Classes with fewer respondents than the population would give, the worst first."""
        found = [(float(each.short[k]), each.group.name, each.group.classes[k], each, k)
                 for each in self.data.heard for k in np.flatnonzero(each.code == analysis.BELOW)]
        return sorted(found, key=lambda entry: -entry[0])

    # --- sentences -------------------------------------------------------------------------
    def summary(self) -> str:
        """Return the sentences to read out."""
        texts = [*self.said(), self.areas_sentence(), *self.groups_sentences(), self.unheard_sentence()]
        return " ".join(text for text in texts if text)

    def who(self) -> str:
        """Say whose survey it is."""
        period = self.data.period
        return tr("In the survey '{layer}' ({period})").format(layer=self.data.layer, period=period) if period else tr(
            "In the survey '{layer}'").format(layer=self.data.layer)

    def said(self) -> list:
        """Say the result of each question, three at most, each with its interval and who did not answer."""
        return [self.sentence(result, i == 0) for i, result in enumerate(self.results[:3])]

    def sentence(self, result: Result, first: bool = True) -> str:
        """The result of a question."""
        share, mean = result.whole.share, result.whole.mean
        if result.whole.hidden[0]:
            return tr("Too few people answered '{question}' to tell what they said ({count}).").format(
                count=formats.number(int(share.n[0])), question=self.title(result))
        text = tr("{who}, {share} of those who answered '{question}' say {answers} (95 % interval {interval}); the mean"
                  " is {mean} ({mean_interval}). {answered} of {asked} respondents answered it.") if first else tr(
            "'{question}': {share} say {answers} ({interval}), mean {mean} ({mean_interval}); {answered} of {asked}"
            " answered it.")
        return text.format(
            who=self.who(), share=formats.percent(share.value[0]), question=self.title(result),
            answers=self.good(result), interval=self.interval(share.low[0], share.high[0], True),
            mean=formats.number(mean.value[0], 2), mean_interval=self.interval(mean.low[0], mean.high[0], False),
            answered=formats.number(int(share.n[0])), asked=formats.number(self.data.n))

    def areas_sentence(self) -> str:
        """Say which areas differ in the first question."""
        part = self.areas_part()
        if part is None:
            return ""
        names, real = np.array(part.group.classes, object), part.group.real
        code = part.code[:real]
        above, below = names[:real][code == analysis.ABOVE], names[:real][code == analysis.BELOW]
        few = int((code == analysis.TOO_FEW).sum())
        if not len(above) and not len(below):
            text = tr("Between the {count} areas with enough answers no difference is clear: what there is could be"
                      " chance.").format(count=real - few) if real - few > 1 else tr(
                "Too few people answered in the areas to compare them.")
        else:
            sides = [tr("above the others in {names}").format(names=listed(list(above)))] if len(above) else []
            sides += [tr("below the others in {names}").format(names=listed(list(below)))] if len(below) else []
            text = tr("Of {count} areas, {measure} is {sides}, more than chance makes among so many.").format(
                count=real, measure=tr("the mean") if self.by_mean else tr("the share"), sides=tr(" and ").join(sides))
        if few and real - few > 1:
            text += " " + tr("Areas where too few answered to say anything: {few}.").format(few=few)
        return text

    def groups_sentences(self) -> list:
        """Say which groups differ in the first question."""
        out = []
        for part in self.first.parts:
            group = part.group
            if group is self.data.area_group:
                continue
            sides = [(word, [group.classes[k] for k in range(group.real) if part.code[k] == code]) for word, code in (
                (tr("above"), analysis.ABOVE), (tr("below"), analysis.BELOW))]
            texts = [tr("{names} {word} the others").format(names=listed(names), word=word)
                     for word, names in sides if names]
            if texts:
                out.append(tr("By {group}: {sides}, more than chance.").format(
                    group=spoken(group.name), sides="; ".join(texts)))
        return out[:2]

    def unheard_sentence(self) -> str:
        """Say who was not heard."""
        if not self.data.heard:
            return ""
        found = self.unheard()
        if not any((each.sample.n >= analysis.LEAST_COMPARED).any() for each in self.data.heard):
            return tr("Too few respondents can be compared with the population to say who was heard too little.")
        if not found:
            return tr("By the groups compared with the population nobody was clearly heard too little.")
        area = self.data.area_group.name if self.data.area_group is not None else ""
        names = [tr("{who} ({sample} of the respondents, {people} of the residents)").format(
            who=value if name == area else f"{spoken(name)}: {value}", sample=formats.percent(each.sample.value[k]),
            people=formats.percent(each.share[k])) for _, name, value, each, k in found]
        return tr("Heard too little: {names}.").format(names=listed(names))

    # --- doubts ----------------------------------------------------------------------------
    def warnings(self) -> list:
        """Return what the reader must know first."""
        data = self.data
        found = [self._no_answer(), self._response(), self._unequal(), self._gap(), self._lonely(), self._deff()]
        return [text for text in found if text] + list(data.hints)

    def _no_answer(self) -> str:
        rates = [(float(r.missing[0].rate.value[0]), r) for r in self.results]
        rate, result = max(rates, key=lambda pair: pair[0])
        if rate <= _MANY_MISSING:
            return ""
        low, high = (float(b[0]) for b in result.whole.share_bounds)
        return tr("{rate} of the respondents did not answer '{question}'. Whatever they think, the share lies between"
                  " {low} and {high}; the intervals do not contain this doubt.").format(
            rate=formats.percent(rate), question=self.title(result), low=formats.percent(low),
            high=formats.percent(high))

    def _response(self) -> str:
        invited = self.data.invited
        if not invited:
            return ""
        rate = self.data.n / invited
        if rate > 1:
            return tr("There are more respondents ({n}) than people were asked ({invited}). Check INVITED.").format(
                n=self.data.n, invited=invited)
        return "" if rate >= _LOW_RESPONSE else tr(
            "{rate} of the people asked took part ({n} of {invited}). Intervals do not contain what the others"
            " think.").format(rate=formats.percent(rate), n=formats.number(self.data.n),
                              invited=formats.number(invited))

    def _unequal(self) -> str:
        if self.data.weighted or self.data.raked:
            return ""
        return tr("No weights and no margins are given, so each respondent counts the same. That is right only if"
                  " everybody had the same chance to be asked, and all kinds of people answered alike.")

    def _gap(self) -> str:
        raked = self.data.raked
        if raked is None or raked.gap <= _GAP:
            return ""
        return tr("Because no weight may be more than the limit, '{margin}: {value}' is still {gap} percentage points"
                  " from the population.").format(margin=raked.gap_at[0], value=raked.gap_at[1],
                                                  gap=formats.number(100 * raked.gap, 1))

    def _lonely(self) -> str:
        lonely = self.data.design.lonely
        return tr("{count} strata have one sampling unit only; it is compared with the mean of all, which makes"
                  " intervals wider rather than narrower.").format(count=lonely) if lonely else ""

    def _deff(self) -> str:
        worst = max(self.results, key=lambda r: np.nan_to_num(r.whole.share.deff[0]))
        deff = float(worst.whole.share.deff[0])
        if not deff > _LARGE_DEFF:
            return ""
        return tr("The design effect of '{question}' is {deff}: {n} answers say as much as {eff} of a simple random"
                  " sample.").format(question=self.title(worst), deff=formats.number(deff, 1),
                                     n=formats.number(int(worst.whole.share.n[0])),
                                     eff=formats.number(float(worst.whole.share.n_eff[0]), 0))

    # --- numbers and columns ---------------------------------------------------------------
    def numbers(self) -> dict:
        """Return the declared numbers, of the first question where they are of one."""
        whole, part, data = self.first.whole, self.areas_part(), self.data
        hidden = bool(whole.hidden[0])
        show = lambda values: None if hidden else float(values[0])  # noqa: E731
        code = part.code[: part.group.real] if part else np.zeros(0, int)
        return {
            "RESPONDENTS": data.n, "ANSWERS": int(whole.share.n[0]),
            "NO_ANSWER_SHARE": float(self.first.missing[0].rate.value[0]),
            "SHARE": show(whole.share.value), "SHARE_LOW": show(whole.share.low), "SHARE_HIGH": show(whole.share.high),
            "MEAN": show(whole.mean.value), "MEAN_LOW": show(whole.mean.low), "MEAN_HIGH": show(whole.mean.high),
            "DESIGN_EFFECT": show(whole.share.deff), "EFFECTIVE_SAMPLE": show(whole.share.n_eff),
            "WEIGHT_EFFECT": float(whole.share.kish[0]),
            "ABOVE_COUNT": int((code == analysis.ABOVE).sum()), "BELOW_COUNT": int((code == analysis.BELOW).sum()),
            "TOO_FEW_COUNT": int((code == analysis.TOO_FEW).sum()),
            "UNHEARD_COUNT": len(self.unheard()) if data.heard else None,
        }

    def table(self) -> dict:
        """Return the columns of the table: one row for each question, class and measure."""
        out: dict = {}
        for result in self.results:
            for part, missing, answers in zip([result.whole, *result.parts], result.missing,
                                              [result.answers, *result.answers_by]):
                for what, answer, estimates, bounds in self._measures(result, part, answers):
                    self._rows(out, result, part, missing, what, answer, estimates, bounds)
        kinds = {fields.N_RESP: "i", fields.N_ANS: "i", fields.VS_CODE: "i"}
        text = (fields.QUESTION, fields.SPLIT_BY, fields.CLASS, fields.WHAT, fields.ANSWER, fields.VS_CLASS)
        return {name: _whole(values) if name in kinds else np.array(values, object if name in text else float)
                for name, values in out.items()}

    def _measures(self, result: Result, part: Part, answers: list) -> list:
        scale = result.question.scale
        return [("mean", "", part.mean, part.mean_bounds),
                ("share", self.good(result), part.share, part.share_bounds),
                *(("answer", label, e, None) for label, e in zip(scale.labels, answers))]

    def _rows(
        self, out: dict, result: Result, part: Part, missing: Missing, what: str, answer: str, e: Any, bounds: Any,
    ) -> None:
        group = part.group
        compared = what == ("mean" if self.by_mean else "share")
        for k in range(len(part.respondents)):
            hidden = bool(part.hidden[k])
            dim = hidden or (what != "mean" and bool(part.unsure[k]))
            row = {
                fields.QUESTION: result.question.name, fields.SPLIT_BY: group.name if group else "all",
                fields.CLASS: group.classes[k] if group else "", fields.WHAT: what, fields.ANSWER: answer,
                fields.N_RESP: None if hidden and self.data.public else int(part.respondents[k]),
                fields.N_ANS: None if hidden and self.data.public else int(e.n[k]),
                fields.NO_ANS_SH: np.nan if hidden else missing.rate.value[k],
                **{name: np.nan if dim else values[k] for name, values in {
                    fields.SV_EST: e.value, fields.SV_SE: e.se, fields.SV_LOW: e.low, fields.SV_HIGH: e.high,
                    fields.DEFF: e.deff, fields.DEFF_KISH: e.kish, fields.EFF_N: e.n_eff, fields.SV_DF: e.df}.items()},
                fields.BOUND_LOW: np.nan if dim or bounds is None else bounds[0][k],
                fields.BOUND_HIGH: np.nan if dim or bounds is None else bounds[1][k],
                fields.VS_DIFF: part.beside.difference[k] if compared else np.nan,
                fields.VS_P: part.beside.p[k] if compared else np.nan,
                fields.VS_Q: part.q[k] if compared else np.nan,
                fields.VS_CODE: int(part.code[k]) if compared and group and k < group.real else None,
                fields.VS_CLASS: verdict(part.code[k]) if compared and group and k < group.real else None,
            }
            for name, value in row.items():
                out.setdefault(name, []).append(value)

    def area_columns(self) -> dict:
        """Return the fields of the areas with the first question; features of one name have the same values."""
        part, result, data = self.areas_part(), self.first, self.data
        row, share, mean = data.area_row, part.share, part.mean
        missing = next(m for m in result.missing if m.group is part.group)
        hide = lambda values, where: np.where(where, np.nan, values)[row]  # noqa: E731
        dim = part.hidden | part.unsure
        nothing = part.hidden & data.public
        columns = {
            fields.QUESTION: np.array([result.question.name] * len(row), object),
            fields.N_RESP: _whole(np.where(nothing, np.nan, part.respondents)[row]),
            fields.N_ANS: _whole(np.where(nothing, np.nan, share.n)[row]),
            fields.NO_ANS_SH: hide(missing.rate.value, part.hidden),
            fields.SV_SHARE: hide(share.value, dim), fields.SHARE_LOW: hide(share.low, dim),
            fields.SHARE_HIGH: hide(share.high, dim),
            fields.SV_MEAN: hide(mean.value, part.hidden), fields.MEAN_LOW: hide(mean.low, part.hidden),
            fields.MEAN_HIGH: hide(mean.high, part.hidden),
            fields.DEFF: hide(share.deff, dim), fields.EFF_N: hide(share.n_eff, part.hidden),
            fields.VS_DIFF: part.beside.difference[row], fields.VS_P: part.beside.p[row],
            fields.VS_Q: part.q[row], fields.VS_CODE: part.code[row],
            fields.VS_CLASS: np.array([verdict(code) for code in part.code[row]], object),
        }
        heard = self.areas_heard()
        if heard is not None:
            columns.update({
                fields.SV_POP: heard.people[row], fields.POP_SH: heard.share[row],
                fields.RESP_SH: hide(heard.sample.value, nothing[: part.group.real]),
                fields.RESP_LOW: hide(heard.sample.low, nothing[: part.group.real]),
                fields.RESP_HIGH: hide(heard.sample.high, nothing[: part.group.real]),
                fields.SHORT_OF: hide(heard.short, nothing[: part.group.real]),
                fields.HEARD_CODE: heard.code[row],
            })
        return columns

    def weight_columns(self) -> dict:
        """Return the weights for every row of the survey."""
        base, final = (np.full(self.data.total, np.nan) for _ in range(2))
        base[self.data.rows], final[self.data.rows] = self.data.base.weight, self.data.design.weight
        return {fields.BASE_WT: base, fields.SVY_WEIGHT: final}


def _whole(values: Any) -> np.ma.MaskedArray:
    """Whole numbers with gaps."""
    numbers = np.array([np.nan if value is None else value for value in values], dtype=float)
    gap = np.isnan(numbers)
    return np.ma.array(np.where(gap, 0, numbers).astype(np.int64), mask=gap)
