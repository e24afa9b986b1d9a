"""What perceptions before and after say: sentences to read out, doubts, numbers and rows."""

from __future__ import annotations

import numpy as np

from ...analysis.evaluation.surveychange import ALPHA, NOTHING, Change, Contrast
from ...layers import fields
from ...reports import formats
from ...translation import tr
from ..community.surveysummary_words import listed, spoken
from .surveychange_estimate import Answered, Result
from .surveychange_read import Data

#: share without an answer from which it is told as a doubt
_MANY_MISSING = 0.1
MORE, LESS, NOT_SHOWN, TOO_FEW = "more", "less", "not shown", "too few"


def level(p: float) -> str:
    """Return a p-value with its sign of equality."""
    text = formats.p_value(p)
    return text if text.startswith("<") else f"= {text}"


class Words:
    """The result in words and columns.

    Parameters
    ----------
    data : Data
    result : Result
    by_mean : bool
        Means are said first, not shares.
    """

    def __init__(self, data: Data, result: Result, by_mean: bool) -> None:
        self.data, self.result, self.by_mean = data, result, by_mean
        self.q = result.q_mean if by_mean else result.q_share

    # --- small parts -----------------------------------------------------------------------
    def title(self, answered: Answered) -> str:
        """Name a question by its field."""
        words = spoken(answered.question.name)
        return words[:1].upper() + words[1:]

    def good(self, answered: Answered) -> str:
        """Name the answers that the share is of."""
        scale = answered.question.scale
        labels = [label for label, good in zip(scale.labels, scale.good) if good]
        whole = not scale.worded and len(labels) > 2 and list(scale.good).index(True) + len(labels) == len(scale.good)
        return tr("{low} to {high}").format(low=labels[0], high=labels[-1]) if whole else tr(" or ").join(labels)

    def value(self, number: float, by_mean: bool | None = None) -> str:
        """Write a mean or share."""
        by_mean = self.by_mean if by_mean is None else by_mean
        return formats.number(number, 2) if by_mean else formats.percent(number)

    def moved(self, number: float, by_mean: bool | None = None, sign: bool = True) -> str:
        """Write a change: marks, or percentage points."""
        by_mean = self.by_mean if by_mean is None else by_mean
        return formats.number(number, 2, sign=sign) if by_mean else formats.number(100 * number, 1, sign=sign)

    def unit(self, by_mean: bool | None = None) -> str:
        """Name the unit of a change."""
        by_mean = self.by_mean if by_mean is None else by_mean
        return tr("marks") if by_mean else tr("percentage points")

    def interval(self, c: Contrast, by_mean: bool | None = None) -> str:
        """Write an interval."""
        return tr("{low} to {high}").format(low=self.moved(c.low, by_mean), high=self.moved(c.high, by_mean))

    def says(self, change: Change, q: float) -> str:
        """Return the class of a result."""
        if not (change.told and change.effect.known):
            return TOO_FEW
        return NOT_SHOWN if not q < ALPHA else MORE if change.effect.value > 0 else LESS

    # --- sentences -------------------------------------------------------------------------
    def summary(self) -> str:
        """Return the sentences to read out."""
        texts = [*self.said(), self.answered_sentence(), self.composition_sentence()]
        if self.data.notes:
            texts.append(tr("What else changed: {notes}").format(notes=self.data.notes))
        return " ".join(text for text in texts if text)

    def said(self) -> list:
        """Say the result of each question, three at most."""
        texts = [self.sentence(0)]
        others = [self.short(i) for i in range(1, min(len(self.result.answered), 5))]
        if others:
            more = len(self.result.answered) - 1 - len(others)
            texts.append(tr("The other questions, in {unit}: {list}{more}.").format(
                unit=self.unit(), list="; ".join(others),
                more=tr("; {count} more are in the table").format(count=more) if more else ""))
        return texts

    def short(self, i: int) -> str:
        """The result of a further question."""
        a = self.result.answered[i]
        change = a.measure(self.by_mean)
        says = self.says(change, self.q[i])
        if says == TOO_FEW:
            return tr("'{question}' too few answers").format(question=self.title(a))
        text = tr("'{question}' {effect} ({interval}; q {q}), {what}")
        none = tr("no effect shown") if change.compared else tr("no clear change")
        return text.format(question=self.title(a), effect=self.moved(change.effect.value),
                           interval=self.interval(change.effect), q=level(self.q[i]),
                           what={MORE: tr("more than chance"), LESS: tr("more than chance"), NOT_SHOWN: none}[says])

    def sentence(self, i: int) -> str:
        """The result of a question."""
        a = self.result.answered[i]
        change = a.measure(self.by_mean)
        says, c, e = self.says(change, self.q[i]), change.cells, change.effect
        if says == TOO_FEW:
            return tr("'{question}': too few answered in a wave to tell a change (fewest: {count}).").format(
                question=self.title(a), count=self._fewest(change))
        who = tr("the mean of '{question}'").format(question=self.title(a)) if self.by_mean else tr(
            "the share who say {answers} to '{question}'").format(answers=self.good(a), question=self.title(a))
        if not change.compared:
            text = tr("In the areas surveyed {who} went from {before} to {after}: {change} {unit} (95 % interval"
                      " {interval}, p {p}){doubt}. There was no comparison, so what would have happened anyway is not"
                      " known.")
            return text.format(
                who=who, before=self.value(c.value[0]), after=self.value(c.value[1]), change=self.moved(e.value),
                unit=self.unit(), interval=self.interval(e), p=level(e.p), doubt="" if says != NOT_SHOWN else tr(
                    ", which is no clear change and no proof that nothing changed"))
        levels = tr("{before} to {after} in the treated areas and from {c_before} to {c_after} in the comparison"
                    " areas").format(before=self.value(c.value[0]), after=self.value(c.value[1]),
                                     c_before=self.value(c.value[2]), c_after=self.value(c.value[3]))
        if says == NOT_SHOWN:
            text = tr("No effect on {who} is shown: it went from {levels}, a difference of {effect} {unit} (95 %"
                      " interval {interval}, p {p}{q}). That is no proof that there was none{missed}.")
            return text.format(who=who, levels=levels, effect=self.moved(e.value), unit=self.unit(),
                               interval=self.interval(e), p=level(e.p), q=self._q(i), missed=self._missed(e))
        text = tr("In the treated areas {who} {moved} by {effect} {unit} against the comparison areas (95 % interval"
                  " {interval}, p {p}{q}): it went from {levels}.")
        return text.format(
            who=who, moved=tr("rose") if says == MORE else tr("fell"), effect=self.moved(abs(e.value), sign=False),
            unit=self.unit(), interval=self.interval(e), p=level(e.p), q=self._q(i), levels=levels)

    def _q(self, i: int) -> str:
        return tr("; among {count} questions q {q}").format(
            count=len(self.q), q=level(self.q[i])) if len(self.q) > 1 else ""

    def _missed(self, e: Contrast) -> str:
        if not np.isfinite(e.smallest):
            return tr("; such a survey could not have shown any")
        return tr(": one smaller than {smallest} {unit} would often have been missed").format(
            smallest=self.moved(e.smallest, sign=False), unit=self.unit())

    def _fewest(self, change: Change) -> str:
        n = int(change.cells.n[: 4 if self.data.compared else 2].min())
        return tr("under {least}").format(least=self.data.least) if self.data.public and n < self.data.least else (
            formats.number(n))

    def answered_sentence(self) -> str:
        """Say whether non-response changed differently."""
        found = [self.title(a) for a, q in zip(self.result.answered, self.result.q_absent) if q < ALPHA]
        if not found:
            return ""
        return tr("Who gave no answer changed {how} for {questions}: a change of opinion may be one of who"
                  " answers.").format(how=tr("differently in treated and comparison areas") if self.data.compared
                                      else tr("between the waves"), questions=listed(found))

    def shifted(self) -> list:
        """Return the classes whose share of the respondents changed differently beyond chance."""
        return [c for c, q in zip(self.result.classes, self.result.q_classes) if q < ALPHA]

    def composition_sentence(self) -> str:
        """Say whether other people answered."""
        found = self.shifted()
        if not found:
            return ""
        names = [tr("{group}: {name}").format(group=spoken(c.group.name), name=c.name) for c in found]
        text = tr("Other people answered in the later wave ({names})") if not self.data.compared else tr(
            "Who answered changed differently in treated and comparison areas ({names})")
        mended = tr(", which the weights allow for.") if self.result.raked else tr(
            ": weight both waves alike (RAKE or MARGINS) before believing a change.")
        return text.format(names=listed(names)) + mended

    # --- doubts ----------------------------------------------------------------------------
    def warnings(self) -> list:
        """Return what the reader must know first."""
        data, found = self.data, []
        if not data.compared:
            found.append(tr("There are no comparison areas. What is told is a change, not an effect: opinion may have"
                            " moved as much everywhere."))
        elif data.area is None:
            found.append(tr("The areas of the respondents are not known. The interval knows the draw of people alone,"
                            " not how far areas drift apart by themselves, and is too narrow if they do. Give the area"
                            " of each respondent (AREA_FIELD or AREAS)."))
        elif all(a.measure(self.by_mean).areas is None for a in self.result.answered):
            found.append(tr("Only {treated} treated and {control} comparison areas have enough answers: how far areas"
                            " drift apart by themselves cannot be seen. The interval knows the draw of people alone:"
                            " an effect cannot be told from two places drifting apart.").format(
                treated=data.area_counts[0], control=data.area_counts[1]))
        elif data.area_counts[0] == 1:
            found.append(tr("There is one treated area: how far it drifts by itself is judged by the comparison areas"
                            " alone."))
        found += [self._no_answer(), self._back(), self._unequal(), self._gap()]
        return [text for text in found if text] + list(data.hints)

    def _no_answer(self) -> str:
        rates = [(float(np.nanmax(a.absent.cells.value)), a) for a in self.result.answered]
        rate, worst = max(rates, key=lambda pair: pair[0])
        if rate <= _MANY_MISSING:
            return ""
        return tr("Up to {rate} of the respondents of a wave and role did not answer '{question}'. The intervals do not"
                  " contain what they think.").format(rate=formats.percent(rate), question=self.title(worst))

    def _back(self) -> str:
        back = self.result.back
        if back is None or not back.difference.p < ALPHA:
            return ""
        return tr("Of the panel {treated} came back in the treated and {control} in the comparison areas (p {p}): what"
                  " changed may be who stayed.").format(
            treated=formats.percent(back.rates.value[0]), control=formats.percent(back.rates.value[1]),
            p=level(back.difference.p))

    def _unequal(self) -> str:
        if self.data.weighted or self.result.raked:
            return ""
        return tr("No weights are given, so each respondent counts the same. That is right only if everybody of an area"
                  " group had the same chance to be asked in both waves.")

    def _gap(self) -> str:
        gap = max((r.gap for r in self.result.raked), default=0.0)
        return tr("Because no weight may be more than the limit, a margin is still {gap} percentage points from its"
                  " target.").format(gap=formats.number(100 * gap, 1)) if gap > 0.005 else ""

    # --- numbers and rows ------------------------------------------------------------------
    def numbers(self) -> dict:
        """Return the declared numbers, of the first question."""
        first, data = self.result.answered[0], self.data
        change, times = first.measure(self.by_mean), 1.0 if self.by_mean else 100.0
        e = change.effect if change.told else NOTHING
        says = [self.says(a.measure(self.by_mean), q) for a, q in zip(self.result.answered, self.q)]
        value = [times * v if change.told else float("nan") for v in change.cells.value]
        parts = [times * c.value if change.told else float("nan") for c in (change.treated, change.control)]
        return {
            "EFFECT": times * e.value, "LOW": times * e.low, "HIGH": times * e.high, "P_VALUE": e.p,
            "Q_VALUE": float(self.q[0]), "SE": times * e.se, "SIZE": change.size if change.told else float("nan"),
            "DETECTABLE": times * e.smallest, "TREATED_BEFORE": value[0], "TREATED_AFTER": value[1],
            "CONTROL_BEFORE": value[2], "CONTROL_AFTER": value[3], "TREATED_CHANGE": parts[0],
            "CONTROL_CHANGE": parts[1],
            "MEAN_EFFECT": first.mean.effect.value if first.mean.told else float("nan"),
            "ANSWERS": int(change.cells.n.sum()), "RESPONDENTS": len(data.wave),
            "LEFT_OUT": int(sum(data.left_out.values())), "AREAS_TREATED": data.area_counts[0],
            "AREAS_CONTROL": data.area_counts[1],
            "NO_ANSWER_P": first.absent.effect.p if first.absent.told else float("nan"),
            "CLEAR_COUNT": sum(word in (MORE, LESS) for word in says), "TOO_FEW_COUNT": says.count(TOO_FEW),
        }

    def table(self) -> dict:
        """Return the rows of the table."""
        out: list = []
        r = self.result
        for i, a in enumerate(r.answered):
            for about, answer, change, q in (("mean", "", a.mean, r.q_mean[i]),
                                             ("share", self.good(a), a.share, r.q_share[i]),
                                             ("no answer", "", a.absent, r.q_absent[i])):
                self._rows(out, a.question.name, about, answer, change, q)
        for c, q in zip(r.classes, r.q_classes):
            self._rows(out, c.group.name, "who answered", c.name, c.change, q)
        names = (fields.QUESTION, fields.SC_ABOUT, fields.ANSWER, fields.SC_ROW, fields.SC_N_BEF, fields.SC_N_AFT,
                 fields.SC_BEFORE, fields.SC_AFTER, fields.SC_CHANGE, fields.SC_SE, fields.SC_LOW, fields.SC_HIGH,
                 fields.SC_P, fields.SC_Q, fields.SC_DF, fields.SC_SIZE, fields.SC_MDE, fields.SC_SAYS)
        columns = dict(zip(names, zip(*out)))
        whole, text = (fields.SC_N_BEF, fields.SC_N_AFT), (names[0], names[1], names[2], names[3], names[-1])
        return {name: _whole(values) if name in whole else np.array(values, object if name in text else float)
                for name, values in columns.items()}

    def _rows(self, out: list, question: str, about: str, answer: str, change: Change, q: float) -> None:
        nan, n, v = float("nan"), change.cells.n, change.cells.value
        rows = [("effect", change.effect, None, None)]
        if change.compared:
            rows += [("treated", change.treated, 0, 1), ("comparison", change.control, 2, 3)]
            if change.areas is not None:
                rows += [("respondents", change.people, None, None), ("areas", change.areas, None, None)]
        else:
            rows = [("treated", change.effect, 0, 1)]
        for name, c, k, j in rows:
            main = c is change.effect and name in ("effect", "treated")
            count = [int(n[[0, 2]].sum()), int(n[[1, 3]].sum())] if k is None else [int(n[k]), int(n[j])]
            if change.hidden and self.data.public:
                count = [None, None]
            told = change.told
            out.append((
                question, about, answer, name, *count, *([nan, nan] if k is None or not told else [v[k], v[j]]),
                *((getattr(c, part) if told else nan) for part in ("value", "se", "low", "high", "p")),
                q if main else nan, c.df if told else nan, change.size if main and told else nan,
                c.smallest if told else nan, self.says(change, q) if main else None))


def _whole(values: tuple) -> np.ma.MaskedArray:
    """Whole numbers with gaps."""
    numbers = np.array([np.nan if value is None else value for value in values], dtype=float)
    gap = np.isnan(numbers)
    return np.ma.array(np.where(gap, 0, numbers).astype(np.int64), mask=gap)
