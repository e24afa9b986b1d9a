"""Crime and concern in numbers, columns and sentences that blame nobody and claim no more than was seen."""

from __future__ import annotations

from typing import Any

import numpy as np
from qgis.core import QgsGeometry

from ...analysis.community import concordance as analysis
from ...analysis.community import voices
from ...layers import fields
from ...reports import formats
from ...translation import tr
from .concordance_read import Compared, Data

TOO_LITTLE, BOTH_LOW, FIRST_ONLY, SECOND_ONLY, BOTH_HIGH = analysis.CLASSES

#: Days by which two periods may differ at either end and be told as one.
_SAME_DAYS = 31


def times(ratio: float) -> str:
    """Write a ratio so that what lies above or below 1 does not read as 1."""
    return formats.number(float(ratio), 2 if abs(ratio - 1.0) < 0.05 and abs(ratio - 1.0) >= 0.005 else 1)


class Words:
    """Says where both layers are high, where one is, and where too little can be said.

    Parameters
    ----------
    data : Data
    run : Run
        For its notes of what was warned of.
    """

    def __init__(self, data: Data, run: Any) -> None:
        self.data, self.units = data, run.units
        self.a, self.b = data.labels
        self.main = data.main
        self.number = np.bincount(self.main.kind, minlength=len(analysis.CLASSES))
        self.ranked = analysis.rank(self.main.kind, self.main.first.rates, self.main.second.rates,
                                    data.besides)
        self.other = np.zeros(len(data.areas), bool) if data.besides is None else (
            data.besides.state == analysis.HIGH) & (data.besides.rates.count >= data.least)
        self.sentences = [self.sentence(i) for i in range(len(data.areas))]

    # --- words -----------------------------------------------------------------------------
    def class_names(self) -> list:
        """Return the classes in words, by code."""
        if self.data.of_voices and not self.data.named:
            one, other = tr("recorded but not felt"), tr("felt but not recorded")
        else:
            one = tr("{high} high, {other} not").format(high=self.a, other=self.b)
            other = tr("{high} high, {other} not").format(high=self.b, other=self.a)
        return [tr("too little to say"), tr("both low"), one, other, tr("both high")]

    def hidden(self, look: Compared) -> np.ndarray:
        """Areas in which fewer voices than the minimum speak, so that neither number nor rate is told."""
        if not self.data.of_voices:
            return np.zeros(len(self.data.areas), bool)
        return np.nan_to_num(look.second.rates.count, nan=0.0) < self.data.least

    def period(self) -> str:
        """Return the period of both layers, "" where no dates are known."""
        both = zip((self.data.first, self.data.second), self.data.labels)
        spans = [(one.first, one.last, label) for one, label in both if one.first is not None]
        if len(spans) == 2 and all(abs(int((spans[0][k] - spans[1][k]).astype(int))) <= _SAME_DAYS for k in (0, 1)):
            spans = [(min(spans[0][0], spans[1][0]), max(spans[0][1], spans[1][1]), "")]
        texts = [formats.period(first, last) for first, last, _ in spans]
        if len(set(texts)) < 2:
            return texts[0] if texts else ""
        return tr(" and ").join(tr("{label} {period}").format(label=label, period=text)
                                for text, (_, _, label) in zip(texts, spans))

    def _rate(self, i: int, second: bool, long: bool) -> str:
        """Return a ratio with its interval, and the count unless it is too small to tell."""
        rates = (self.main.second if second else self.main.first).rates
        if second and self.hidden(self.main)[i]:
            return tr("fewer than {least} residents").format(least=self.data.least)
        n = formats.number(int(rates.count[i]))
        if second and self.data.of_voices:
            n = tr("{n} residents").format(n=n)
        text = tr("{ratio} times the city's ({n}; 95 % interval {low} to {high})") if long else tr(
            "{ratio} times ({n}; {low} to {high})")
        return text.format(ratio=times(rates.ratio[i]), n=n, low=times(rates.low[i]), high=times(rates.high[i]))

    def sentence(self, i: int, advice: bool = True) -> str:
        """Return what can be said of an area, and what to ask there."""
        kind, name = int(self.main.kind[i]), self.data.ground.names[i]
        when = self.period()
        start = (tr("{place} ({period}): ") if when else tr("{place}: ")).format(place=name, period=when)
        if kind == TOO_LITTLE:
            return start + self._too_little(i) + self._besides(i)
        if kind in (SECOND_ONLY, FIRST_ONLY):
            second = kind == SECOND_ONLY
            text = tr("the rate of {high} was {rate}; that of {other}, {more}, is not shown to be higher than the"
                      " city's.").format(high=self.b if second else self.a, rate=self._rate(i, second, True),
                                         other=self.a if second else self.b, more=self._rate(i, not second, False))
        elif self.hidden(self.main)[i]:
            text = tr("the rate of {first} was {rate}; {more} voiced concern.").format(
                first=self.a, rate=self._rate(i, False, True), more=self._rate(i, True, False))
        else:
            text = tr("the rate of {first} was {rate}, that of {second} {more}.").format(
                first=self.a, rate=self._rate(i, False, True), second=self.b, more=self._rate(i, True, False))
        return start + text + (" " + self.advice(kind) if advice else "") + self._besides(i) + self._environment(i)

    def advice(self, kind: int) -> str:
        """Return what a class asks for."""
        if kind == BOTH_LOW:
            return tr("Neither is higher than the city's.")
        if not self.data.of_voices:
            return tr("Both are higher than the city's: look whether the same places and hours make them.") if (
                kind == BOTH_HIGH) else tr("Ask what differs here.")
        if kind == BOTH_HIGH:
            return tr("Records and residents point the same way: ask residents what should be done first.")
        if kind == FIRST_ONLY:
            return tr("Ask whom you have not heard: few voices are not the same as no worry.")
        return tr("Ask residents what they see there: disorder, something long past, fear, or crime that was not"
                  " reported are all possible, and these numbers do not tell which.")

    def _too_little(self, i: int) -> str:
        data, reasons = self.data, []
        if data.ground.few[i]:
            return tr("too little to say; fewer live here than a rate needs.")
        hidden = self.hidden(self.main)[i]
        for layer, label, second in ((self.main.first, self.a, False), (self.main.second, self.b, True)):
            state, rates = layer.state[i], layer.rates
            if state == analysis.UNKNOWN and np.isfinite(rates.expected[i]):
                text = tr("only {expected} voices are to be expected at the city's rate") if (
                    second and data.of_voices) else tr("only {expected} of {label} are to be expected at the city's"
                                                       " rate")
                reasons.append(text.format(expected=formats.number(float(rates.expected[i]), 1), label=label))
            elif state == analysis.UNKNOWN:
                reasons.append(tr("there is no number for {label}").format(label=label))
            elif state == analysis.UNCLEAR and second and hidden:
                reasons.append(tr("fewer than {least} residents spoke, which could be chance").format(least=data.least))
            elif state == analysis.UNCLEAR and rates.high[i] < data.beyond:
                reasons.append(tr("{n} of {label} where {expected} are to be expected are many, but not enough to be"
                                  " sure").format(n=formats.number(int(rates.count[i])), label=label,
                                                  expected=formats.number(float(rates.expected[i]), 1)))
            elif state == analysis.UNCLEAR:
                reasons.append(tr("the rate of {label} could be {low} to {high} times the city's").format(
                    label=label, low=times(rates.low[i]), high=times(rates.high[i])))
        text = tr("too little to say; {reasons}.").format(reasons=tr(", and ").join(reasons))
        for layer, label, second in ((self.main.first, self.a, False), (self.main.second, self.b, True)):
            if layer.state[i] == analysis.HIGH:
                text += " " + tr("The rate of {label} was {rate}.").format(
                    label=label, rate=self._rate(i, second, True))
        return text

    def _besides(self, i: int) -> str:
        """Say where residents name something that no crime goes with, such as lights, more than elsewhere."""
        layer = self.data.besides
        if layer is None or not self.other[i]:
            return ""
        top = self._main_besides(i)
        text = tr("{n} residents named {what} and the like, {ratio} times the city's rate ({low} to {high}); no crime"
                  " is set beside that.") if top else tr(
            "{n} residents named what no crime is set beside, {ratio} times the city's rate ({low} to {high}).")
        return " " + text.format(
            n=formats.number(int(layer.rates.count[i])), what=top, ratio=times(layer.rates.ratio[i]),
            low=times(layer.rates.low[i]), high=times(layer.rates.high[i]))

    def _main_besides(self, i: int) -> str:
        second = self.data.second
        here = (second.area == i) & ~self._compared() & np.array([v is not None for v in second.kind], bool)
        kinds, code = np.unique(second.kind[here].astype(str), return_inverse=True)
        count = voices.count(code, second.voice[here], len(kinds))
        # what fewer than the minimum name is not told
        return str(kinds[count.argmax()]) if count.max() >= self.data.least else ""

    def _environment(self, i: int) -> str:
        env = self.data.environment
        if env is None or not env.low[i]:
            return ""
        return " " + tr("The environment scores low there ({score} of 100): look at the place itself as well.").format(
            score=formats.number(float(env.score[i]), 0))

    def association(self, look: Compared | None = None) -> str:
        """Say whether the layers go together over all areas."""
        link = (look or self.main).link
        if link is None:
            return tr("Whether both go together over the areas cannot be told from so few.")
        if link.p >= 0.05:
            text = tr("Over all areas no clear sign that both go together")
        elif link.rho > 0:
            text = tr("Over all areas both go together")
        else:
            text = tr("Over all areas one is high where the other is low")
        return text + tr(" (rank correlation {rho}, 95 % interval {low} to {high}, p {p}; the {areas} areas tell as"
                         " much as {effective} would whose neighbours are not alike).").format(
            rho=formats.number(link.rho, 2), low=formats.number(link.low, 2), high=formats.number(link.high, 2),
            p=formats.p_value(link.p), areas=formats.number(link.areas),
            effective=formats.number(round(link.effective)))

    def headline(self) -> str:
        """Return how many areas are of each class."""
        number, names, when = self.number, self.class_names(), self.period()
        return tr("{areas} areas{when}: {parts}.").format(
            areas=formats.number(len(self.data.areas)), when=tr(" ({period})").format(period=when) if when else "",
            parts=(", " if self.data.of_voices and not self.data.named else "; ").join(
                tr("{name} {count}").format(name=names[k], count=formats.number(int(number[k])))
                for k in (BOTH_HIGH, SECOND_ONLY, FIRST_ONLY, BOTH_LOW, TOO_LITTLE)))

    def example(self) -> str:
        """Return the first place to talk about: where residents are worried and records silent, if there is one."""
        only = [int(i) for i in self.ranked if self.main.kind[i] == SECOND_ONLY] if self.data.of_voices else []
        first = only or self.ranked.tolist()
        if not first:
            return tr("In no area is it clear that a rate is higher than the city's.")
        return tr("To talk about: {sentence}").format(sentence=self.sentences[first[0]])

    def summary(self) -> str:
        """Return the sentences to read out."""
        return " ".join(text for text in (self.headline(), self.association(), self.example(), self.others()) if text)

    def others(self) -> str:
        """Say where residents name something that no crime is set beside, "" if nowhere."""
        if not self.other.any():
            return ""
        names = [self.data.ground.names[i] for i in self.ranked.tolist() if self.other[i]]
        shown = ", ".join(names[:5]) + (tr(" and others") if len(names) > 5 else "")
        return tr("Worry that no crime is set beside, such as lights or traffic, is higher than the city's in {count}"
                  " areas: {names}.").format(count=formats.number(len(names)), names=shown)

    def warnings(self) -> list:
        """Return the doubts to tell."""
        data, texts = self.data, []
        spans = [one for one in (data.first, data.second) if one.first is not None]
        if len(spans) == 2 and (spans[0].last < spans[1].first or spans[1].last < spans[0].first):
            texts.append(tr("The layers are of different times ({period}): a difference between them may be one of"
                            " time.").format(period=self.period()))
        if not spans:
            texts.append(tr("The layers do not say which period they are of: add it before a sentence is read out."))
        if self.number[TOO_LITTLE] > 0.5 * len(data.areas):
            texts.append(tr("Of {count} of {all} areas there is too little to say. Larger areas or a longer period tell"
                            " more; smaller areas tell less.").format(
                                count=formats.number(int(self.number[TOO_LITTLE])),
                                all=formats.number(len(data.areas))))
        wrong = self.main.first.false_high + self.main.second.false_high
        if wrong >= 1.0:
            texts.append(tr("About {wrong} of the highs are to be expected to be chance.").format(
                wrong=formats.number(round(wrong))))
        if data.of_voices and not data.second.count and data.second.voice is not None:
            heard = len(np.unique(data.second.voice[data.second.area >= 0]))
            if heard < 100:
                texts.append(tr("The reports are of few residents ({count}), who can hardly speak for a city.").format(
                    count=formats.number(heard)))
        if data.ground.per == tr("per resident"):
            rate = self.main.first.rates.ratio
            known = rate[np.isfinite(rate)]
            if len(known) and (known > 5.0 * np.median(known)).any():
                texts.append(tr("In some areas the rate of {label} per resident is more than five times the usual: few"
                                " live there and many visit. Rates per ground or street suit these better.").format(
                                    label=self.a))
        return texts

    # --- what is written -------------------------------------------------------------------
    def _numbers_of(self, look: Compared) -> dict:
        hidden = self.hidden(look)
        out: dict = {}
        for layer, names, mask in (
            (look.first.rates, (fields.N_FIRST, fields.EXP_FIRST, fields.RR_FIRST, fields.LO_FIRST, fields.HI_FIRST),
             np.zeros(len(hidden), bool)),
            (look.second.rates, (fields.N_SECOND, fields.EXP_SECOND, fields.RR_SECOND, fields.LO_SECOND,
                                 fields.HI_SECOND), hidden),
        ):
            unknown = mask | ~np.isfinite(layer.count)
            out[names[0]] = np.ma.masked_array(np.nan_to_num(layer.count).round().astype(np.int64), unknown)
            out[names[1]] = layer.expected
            for name, values in zip(names[2:], (layer.ratio, layer.low, layer.high)):
                out[name] = np.where(mask, np.nan, values)
        return out

    def columns(self) -> dict:
        """Return the fields of the areas."""
        data, names = self.data, self.class_names()
        out = {fields.CELL_ID: data.areas.columns[fields.CELL_ID]} if data.ground.size else {}
        out[fields.PLACE_NAME] = np.array(data.ground.names, object)
        out[fields.EXPOSURE] = data.ground.exposure
        out.update(self._numbers_of(self.main))
        out[fields.JOINT] = self.main.kind
        out[fields.JOINT_CL] = np.array([names[k] for k in self.main.kind.tolist()], object)
        if data.second.worry is not None:
            held = (data.second.area >= 0) & self._compared()
            out[fields.CONC_MEAN] = voices.mean(data.second.area[held], data.second.voice[held],
                                                data.second.worry[held], len(data.areas), data.least)
        if data.environment is not None:
            out[fields.ENV_SCORE], out[fields.ENV_LOW] = data.environment.score, data.environment.low
        if data.besides is not None:
            other = data.besides.rates
            few = ~(np.nan_to_num(other.count) >= data.least)
            out[fields.N_BESIDES] = np.ma.masked_array(np.nan_to_num(other.count).astype(np.int64), few)
            out[fields.RR_BESIDES] = np.where(few, np.nan, other.ratio)
            out[fields.HI_BESIDES] = self.other
        rank = np.ma.masked_all(len(data.areas), np.int64)
        rank[self.ranked] = np.arange(1, len(self.ranked) + 1)
        out[fields.TALK_RANK] = rank
        out[fields.SENTENCE] = np.array(self.sentences, object)
        return out

    def _compared(self) -> np.ndarray:
        """Reports of categories that are compared at all."""
        chosen, kind = self.main.pair.categories, self.data.second.kind
        return np.ones(len(self.data.second.x), bool) if chosen is None else np.isin(kind.astype(str), sorted(chosen))

    def places(self) -> tuple[list, dict]:
        """Return shapes and fields of the places to talk about."""
        columns = self.columns()
        return [QgsGeometry(self.data.areas.geometries[i]) for i in self.ranked.tolist()], {
            fields.RANK: np.arange(1, len(self.ranked) + 1),
            **{name: columns[name][self.ranked] for name in columns if name not in (fields.TALK_RANK,)}}

    def pair_name(self, look: Compared) -> str:
        """Return the category of a pair in words."""
        return look.pair.name or tr("all together")

    def pair_rows(self) -> dict:
        """Return a row for each pair and area."""
        data, names = self.data, self.class_names()
        n, looks = len(data.areas), data.looks
        out: dict = {
            fields.PAIR: np.repeat(np.array([self.pair_name(k) for k in looks], object), n),
            fields.PAIR_WITH: np.repeat(np.array([self.groups(k) for k in looks], object), n),
            fields.PLACE_NAME: np.tile(np.array(data.ground.names, object), len(looks)),
        }
        parts = [self._numbers_of(look) for look in looks]
        for name in parts[0]:
            out[name] = np.ma.concatenate([part[name] for part in parts]) if name in (
                fields.N_FIRST, fields.N_SECOND) else np.concatenate([part[name] for part in parts])
        kind = np.concatenate([look.kind for look in looks])
        return {**out, fields.JOINT: kind, fields.JOINT_CL: np.array([names[k] for k in kind.tolist()], object)}

    def groups(self, look: Compared) -> str:
        """Return the groups of a pair in words."""
        return ", ".join(sorted(look.pair.groups)) if look.pair.groups is not None else tr("all")

    def numbers(self) -> dict:
        """Return the declared numbers."""
        main, link, env = self.main, self.main.link, self.data.environment
        return {
            "AREA_COUNT": len(self.data.areas), "TOO_LITTLE": self.number[TOO_LITTLE],
            "BOTH_HIGH": self.number[BOTH_HIGH], "SECOND_ONLY": self.number[SECOND_ONLY],
            "FIRST_ONLY": self.number[FIRST_ONLY], "BOTH_LOW": self.number[BOTH_LOW],
            "N_FIRST": float(np.nansum(main.first.rates.count)), "N_SECOND": float(np.nansum(main.second.rates.count)),
            "SPREAD_FIRST": main.first.rates.spread, "SPREAD_SECOND": main.second.rates.spread,
            "FALSE_FIRST": main.first.false_high, "FALSE_SECOND": main.second.false_high,
            "RHO": link.rho if link else None, "RHO_LOW": link.low if link else None,
            "RHO_HIGH": link.high if link else None, "RHO_P": link.p if link else None,
            "EFFECTIVE": link.effective if link else None,
            "OTHER_HIGH": None if self.data.besides is None else int(self.other.sum()),
            "ENV_LOW": None if env is None else int(env.low.sum()),
        }
