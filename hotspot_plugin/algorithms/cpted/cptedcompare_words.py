"""Two CPTED scorings in numbers, columns and sentences."""

from __future__ import annotations

import numpy as np

from ...analysis.cpted import cptedcompare as analysis
from ...analysis.cpted.cptedcompare import BETTER, PERHAPS_BETTER, PERHAPS_WORSE, SAME, UNCOMPARABLE, WORSE, Change
from ...layers import fields
from ...reports import formats
from ...translation import tr
from .cptedcompare_read import Data
from .cptedscore_words import principle_name

CHANGES = (fields.D_SURV, fields.D_ACC, fields.D_TERR, fields.D_MAIN, fields.D_ACT)
CODES = (BETTER, PERHAPS_BETTER, SAME, PERHAPS_WORSE, WORSE, UNCOMPARABLE)


def verdict_name(code: int) -> str:
    """Return a verdict in words."""
    return {BETTER: tr("better"), PERHAPS_BETTER: tr("perhaps better"), SAME: tr("no clear change"),
            PERHAPS_WORSE: tr("perhaps worse"), WORSE: tr("worse"), UNCOMPARABLE: tr("not comparable")}[code]


class Words:
    """Says what changed.

    Parameters
    ----------
    data : Data
    change : Change
        Of the places of the later scoring; a place without a partner has no verdict.
    least : float
    """

    def __init__(self, data: Data, change: Change, least: float) -> None:
        self.data, self.change, self.least = data, change, least
        self.matched = data.matched
        self.verdict = change.verdict[self.matched]
        usable = self.matched & (change.verdict != UNCOMPARABLE)
        self.usable = usable
        self.mean = analysis.mean(change.overall[usable])
        self.principles = [analysis.mean(change.principles[usable, p]) for p in range(change.principles.shape[1])]
        self.apart = None
        if data.done is not None:
            done = np.array([bool(text) for text in data.done])
            self.apart = (analysis.mean(change.overall[usable & done]), analysis.mean(change.overall[usable & ~done]),
                          analysis.difference(change.overall[usable & done], change.overall[usable & ~done]))

    def count(self, code: int) -> int:
        """Return the number of places of a verdict."""
        return int((self.verdict == code).sum())

    def _of_before(self, values: list | np.ndarray, blank: object) -> np.ndarray:
        """Return what the partner of each place of the later scoring has."""
        values = np.asarray(values, object if isinstance(values, list) else float)
        out = np.full(len(self.data.first), blank, values.dtype)
        out[self.matched] = values[self.data.first[self.matched]]
        return out

    def columns(self) -> dict:
        """Return the fields of the places of the later scoring."""
        data, change = self.data, self.change
        code = np.ma.masked_array(change.verdict, ~self.matched)
        texts = np.array([verdict_name(v) if m else None for v, m in zip(change.verdict.tolist(), self.matched)],
                         object)
        ranks = np.ma.masked_array(np.nan_to_num(change.ranks).astype(int), np.isnan(change.ranks))
        out = {
            fields.SCORE_BEF: self._of_before(data.before.scoring.overall, np.nan),
            fields.SCORE_AFT: data.after.scoring.overall, fields.CHG: change.overall, fields.CHG_LOW: change.low,
            fields.CHG_HIGH: change.high, **{name: change.principles[:, p] for p, name in enumerate(CHANGES)},
            fields.RANK_MOVE: ranks, fields.VERD_CODE: code, fields.VERDICT: texts,
            fields.MEAS_BEF: self._of_before(data.before.scoring.measured, np.nan),
            fields.MEAS_AFT: data.after.scoring.measured,
        }
        if data.done is not None:
            out[fields.DONE] = np.array([text or None for text in data.done], object)
        return {**out, **self.linked()}

    def linked(self) -> dict:
        """Return the photos and notes that are linked."""
        data, out = self.data, {}
        for name, before, values in (
            (fields.PHOTO_BEF, True, data.before.photos), (fields.PHOTO_AFT, False, data.after.photos),
            (fields.NOTE_BEF, True, data.before.notes), (fields.NOTE_AFT, False, data.after.notes),
        ):
            if any(values):
                column = self._of_before(list(values), None) if before else np.array(values, object)
                out[name] = np.array([text or None for text in column], object)
        return out

    def table(self) -> dict:
        """Return a row for each place of either scoring; none is left out."""
        data, lost = self.data, self.data.only_before
        later = self.columns()
        names = [*data.after.names, *(data.before.names[i] for i in lost)]
        where = [tr("both") if m else tr("only after") for m in self.matched] + [tr("only before")] * len(lost)
        blanks: dict = {}
        for name, column in later.items():
            masked = np.ma.getmaskarray(column)
            if np.asarray(column).dtype == object:
                blanks[name] = np.array([*column, *[None] * len(lost)], object)
                continue
            values = np.where(masked, np.nan, np.ma.getdata(column).astype(float))
            blanks[name] = np.r_[values, np.full(len(lost), np.nan)]
        n = len(data.first)
        blanks[fields.SCORE_BEF][n:] = data.before.scoring.overall[lost]
        blanks[fields.MEAS_BEF][n:] = data.before.scoring.measured[lost]
        return {fields.PLACE_NAME: np.array(names, object), fields.IN_BOTH: np.array(where, object), **blanks}

    def numbers(self) -> dict:
        """Return the declared numbers."""
        data = self.data
        count = int(self.matched.sum())
        return {
            "MATCHED": count, "ONLY_BEFORE": len(data.before.units) - count,
            "ONLY_AFTER": len(data.after.units) - count,
            "BETTER": self.count(BETTER), "PERHAPS_BETTER": self.count(PERHAPS_BETTER), "SAME": self.count(SAME),
            "PERHAPS_WORSE": self.count(PERHAPS_WORSE), "WORSE": self.count(WORSE),
            "NOT_COMPARABLE": self.count(UNCOMPARABLE),
            "MEAN_CHANGE": self.mean.value, "MEAN_LOW": self.mean.low, "MEAN_HIGH": self.mean.high,
            "DONE_DIFFERENCE": None if self.apart is None else self.apart[2].value,
        }

    def summary(self) -> str:
        """Return the sentences to read out."""
        numbers = self.numbers()
        count = int(self.usable.sum())
        if not count:
            return tr("None of the {count} places in both scorings can be compared: they were not scored both times, or"
                      " other things were measured.").format(count=formats.number(numbers["MATCHED"]))
        text = tr("Of {count} places that can be compared, {better} are better and {worse} worse beyond what other"
                  " weights could make of it; {perhaps} may have changed, and {same} have not changed by {least} points"
                  " or more.").format(
            count=formats.number(count), better=formats.number(numbers["BETTER"]),
            worse=formats.number(numbers["WORSE"]), same=formats.number(numbers["SAME"]),
            perhaps=formats.number(numbers["PERHAPS_BETTER"] + numbers["PERHAPS_WORSE"]),
            least=formats.number(self.least, 0))
        text += " " + (tr("On average the score changed by {value} points (95 % interval {low} to {high}).") if
                       np.isfinite(self.mean.low) else tr("On average the score changed by {value} points.")).format(
            **_signed(self.mean))
        means = [m.value for m in self.principles]
        if count > 1 and np.nanmax(np.abs(means), initial=0.0) >= 0.05:
            most = int(np.nanargmax(np.abs(means)))
            text += " " + tr("Most changed {principle} ({value} points; {low} to {high}).").format(
                principle=principle_name(most), **_signed(self.principles[most]))
        if self.apart is not None and np.isfinite(self.apart[2].value):
            text += " " + tr("Where something was done ({count} places) it changed by {value} points more than"
                             " elsewhere (95 % interval {low} to {high}).").format(
                count=formats.number(self.apart[0].n), **_signed(self.apart[2]))
        return text

    def warnings(self) -> list:
        """Return the doubts to tell."""
        texts, data, numbers = [], self.data, self.numbers()
        before, after = data.before.scoring, data.after.scoring
        own = self.matched
        measured = np.abs(after.measured[own] - before.measured[data.first[own]]) > analysis.MEASURED_APART + 1e-9
        if measured.any():
            texts.append(tr("At {count} places the share measured differs by more than {share}: other indicators were"
                            " measured, and the scores are not compared there.").format(
                                count=formats.number(int(measured.sum())),
                                share=formats.percent(analysis.MEASURED_APART)))
        known = np.isfinite(before.principles[data.first[own]]) != np.isfinite(after.principles[own])
        for p in range(known.shape[1]):
            if known[:, p].any():
                texts.append(tr("{principle} was measured only once at {count} places, which are not compared.").format(
                    principle=principle_name(p).capitalize(), count=formats.number(int(known[:, p].sum()))))
        lost = numbers["ONLY_BEFORE"] + numbers["ONLY_AFTER"]
        if lost:
            texts.append(tr("{before} places are only in the earlier scoring and {after} only in the later: nothing is"
                            " said of their change.").format(before=formats.number(numbers["ONLY_BEFORE"]),
                                                             after=formats.number(numbers["ONLY_AFTER"])))
        if not data.use_ranks:
            texts.append(tr("Ranks are not compared, because they are among different places (fewer than {share} are in"
                            " both).").format(share=formats.percent(analysis.SAME_PLACES)))
        elif np.isnan(self.change.ranks[own]).all():
            texts.append(tr("There are no rank intervals in both layers: only the principles decide what counts as"
                            " better."))
        return texts


def _signed(one: analysis.Mean) -> dict:
    return {"value": formats.number(one.value, 1, sign=True), "low": formats.number(one.low, 1, sign=True),
            "high": formats.number(one.high, 1, sign=True)}
