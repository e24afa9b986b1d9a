"""The numbers, fields, sentences and doubts of 'Score CPTED audit'."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.cpted import cptedscore as scoring
from ...analysis.cpted.profile import PRINCIPLES
from ...layers import fields
from ...reports import formats
from ...translation import tr
from .cptedauditscore_read import Data
from .cptedauditscore_score import COMPLETE, DAY_ONLY, DROPPED, NIGHT_ONLY, NO_TEST, NOBODY, USED, Result
from .cptedscore_words import SCORES, principle_name
from .cptedscore_words import class_name as score_class

#: Classes beside those of the score.
NOT_COMPLETE, NOT_AUDITED = -1, -2
#: Share of the places that two auditors should judge.
SUGGESTED = 0.2


def class_name(code: int) -> str:
    """Return the class of the score in words."""
    return {NOT_COMPLETE: tr("not complete"), NOT_AUDITED: tr("not audited")}.get(code) or score_class(code)


def visits_name(code: int) -> str:
    """Return what visits there were in words."""
    return {NOBODY: tr("not audited"), DAY_ONLY: tr("by day only"), NIGHT_ONLY: tr("by night only"),
            COMPLETE: tr("complete")}[int(code)]


def use_name(word: str) -> str:
    """Return what becomes of an item in words."""
    return {USED: tr("used"), DROPPED: tr("dropped"), NO_TEST: tr("used without a test")}[word]


class Words:
    """Says what was found."""

    def __init__(self, run: Any, data: Data, found: Result) -> None:
        self.run, self.data, self.found = run, data, found
        self.scored = np.isfinite(found.overall)
        points = np.nan_to_num(found.overall)
        code = np.searchsorted(scoring.CLASSES, points, side="right") - 1
        self.code = np.where(self.scored, code, np.where(found.visits == NOBODY, NOT_AUDITED, NOT_COMPLETE))

    # --- fields --------------------------------------------------------------------------------
    def columns(self) -> dict:
        """Return the fields of the places; an item that was dropped empties a field of its name."""
        data, found, p = self.data, self.found, len(self.data.keys)
        out: dict = {}
        if data.layer is None:
            out[fields.PLACE_ID] = np.array(data.keys, object)
        there = set(data.layer.fields.names()) if data.layer is not None else set()
        for i, item in enumerate(data.items):
            if found.kept[i]:
                out[item.name] = found.marks.mean[:, i]
            elif item.name in there:
                out[item.name] = np.full(p, np.nan)
        principles = found.scores.principles if found.scores else np.full((p, len(PRINCIPLES)), np.nan)
        weakest = found.scores.weakest if found.scores else np.full(p, -1)
        who, pushed = (self._joined(texts) for texts in (data.who_uses, data.pushed_out))
        return {
            **out, fields.AUD_SCORE: found.overall,
            fields.AUD_CL: np.array([class_name(c) for c in self.code.tolist()], object),
            **{name: principles[:, j] for j, name in enumerate(SCORES)},
            fields.WEAKEST: np.array([principle_name(w) if ok and w >= 0 else None
                                      for w, ok in zip(weakest.tolist(), self.scored)], object),
            fields.SEEN_SH: np.where(found.visits == NOBODY, np.nan, found.seen),
            fields.VISITS_ST: np.array([visits_name(v) for v in found.visits], object),
            fields.N_VISITS: found.days + found.nights, fields.N_DAY: found.days, fields.N_NIGHT: found.nights,
            fields.N_AUDITOR: found.auditors, fields.LAST_VISIT: self._last(), fields.WHO_USES: who,
            fields.PUSHED_OUT: pushed,
        }

    def _last(self) -> np.ndarray:
        out = np.full(len(self.data.keys), np.datetime64("NaT", "ms"))
        dated = np.flatnonzero(~np.isnat(self.data.when))
        for i in dated[np.argsort(self.data.when[dated], kind="stable")].tolist():  # the newest comes last and stays
            out[self.data.place[i]] = self.data.when[i]
        return out

    def _joined(self, texts: list) -> np.ndarray:
        out = np.full(len(self.data.keys), None, object)
        for place, text in dict.fromkeys(zip(self.data.place.tolist(), texts)):
            if text:
                out[place] = f"{out[place]} | {text}" if out[place] else text
        return out

    def agreement_table(self) -> dict:
        """Return a row for each item over all auditors, then for each two of them."""
        data, found = self.data, self.found
        rows = [(i, tr("all"), a, use_name(found.use[i])) for i, a in enumerate(found.agreement)]
        rows += [(i, f"{data.auditors[one]} – {data.auditors[other]}", a, None) for i, one, other, a in found.two]

        def of(name: str) -> np.ndarray:
            return np.array([getattr(a, name) for _, _, a, _ in rows])

        items = [data.items[i] for i, _, _, _ in rows]
        return {
            fields.PRINCIPLE: np.array([principle_name(i.principle) for i in items], object),
            fields.ITEM: np.array([i.name for i in items], object),
            fields.AUDITORS: np.array([who for _, who, _, _ in rows], object),
            fields.N_PAIRS: of("n"), fields.N_PLACES: of("places"), fields.SAME_SH: of("same"),
            fields.KAPPA: of("kappa"), fields.KAPPA_LOW: of("low"), fields.KAPPA_HIGH: of("high"),
            fields.KAPPA_RAW: of("plain"), fields.ITEM_USE: np.array([use for _, _, _, use in rows], object),
        }

    # --- numbers -------------------------------------------------------------------------------
    def items_with(self, use: str) -> list:
        """Return the names of the items of which this becomes."""
        return [item.name for item, word in zip(self.data.items, self.found.use) if word == use]

    def numbers(self) -> dict:
        """Return the declared numbers and texts."""
        data, found = self.data, self.found
        tested = [a.kappa for a, use in zip(found.agreement, found.use) if use != NO_TEST]
        return {
            "VISITS_READ": data.read, "VISITS_USED": len(data.place), "PLACES_ALL": len(data.keys),
            "AUDITED": int((found.visits != NOBODY).sum()), "COMPLETE": int((found.visits == COMPLETE).sum()),
            "SCORED": int(self.scored.sum()),
            "MEAN_SCORE": float(found.overall[self.scored].mean()) if self.scored.any() else None,
            "AUDITOR_COUNT": len(set(data.auditor.tolist())), "DOUBLE": found.double, "ITEMS": len(data.items),
            "DROPPED": found.use.count(DROPPED), "NOT_TESTED": found.use.count(NO_TEST),
            "MEAN_KAPPA": float(np.mean(tested)) if tested else None,
            "DROPPED_ITEMS": ", ".join(self.items_with(DROPPED)),
        }

    # --- sentences -----------------------------------------------------------------------------
    def summary(self) -> str:
        """Return the sentences to read out."""
        n = self.numbers()
        text = tr("{audited} of {places} places were audited in {visits} visits by {auditors} auditors, {complete} of"
                  " them by day and by night.").format(
            audited=formats.number(n["AUDITED"]), places=formats.number(n["PLACES_ALL"]),
            visits=formats.number(n["VISITS_USED"]), auditors=formats.number(n["AUDITOR_COUNT"]),
            complete=formats.number(n["COMPLETE"]))
        if n["SCORED"]:
            text += " " + tr("{scored} are scored, on average {mean} of 100.").format(
                scored=formats.number(n["SCORED"]), mean=formats.number(n["MEAN_SCORE"], 0))
        return text + " " + self.agreement_sentence()

    def agreement_sentence(self) -> str:
        """Return how far auditors agree."""
        n, found = self.numbers(), self.found
        tested = [(item, a) for item, a, use in zip(self.data.items, found.agreement, found.use) if use != NO_TEST]
        if not tested:
            return tr("How far auditors agree could not be tested: {count} places were judged by two.").format(
                count=formats.number(found.double))
        worst, low = min(tested, key=lambda pair: pair[1].kappa)
        return tr("On {tested} of {all} items agreement of two auditors was tested (mean kappa {mean}; lowest {item},"
                  " {kappa}, 95 % interval {low} to {high}); {dropped} dropped below {limit}.").format(
            tested=formats.number(len(tested)), all=formats.number(n["ITEMS"]), mean=formats.number(n["MEAN_KAPPA"], 2),
            item=worst.name, kappa=formats.number(low.kappa, 2), low=formats.number(low.low, 2),
            high=formats.number(low.high, 2), dropped=formats.number(n["DROPPED"]),
            limit=formats.number(self.run.number(self.run.tool.MIN_KAPPA), 2))

    def warnings(self) -> list:
        """Return the doubts to tell."""
        data, n, out = self.data, self.numbers(), []
        share = n["DOUBLE"] / n["AUDITED"]
        if share < SUGGESTED:
            out.append(tr("{double} of {audited} audited places ({share}) were judged by two auditors; a fifth is"
                          " advised, or nobody knows whether marks tell of the place or of the auditor.").format(
                double=formats.number(n["DOUBLE"]), audited=formats.number(n["AUDITED"]),
                share=formats.percent(share)))
        if n["DROPPED"]:
            out.append(tr("Auditors agree too little on {items}: dropped from scores and fields. Make the answers"
                          " plainer, or train.").format(items=n["DROPPED_ITEMS"]))
        untested = self.items_with(NO_TEST)
        if untested and n["DOUBLE"]:
            out.append(tr("Not tested, for want of pairs or because all marks are the same: {items}.").format(
                items=", ".join(untested)))
        half = n["AUDITED"] - n["COMPLETE"]
        if half:
            out.append(tr("{count} places were not visited by day and by night; they {scored}.").format(
                count=formats.number(half), scored=tr("are scored all the same, as asked") if self.run.flag(
                    self.run.tool.ALLOW_INCOMPLETE) else tr("have no overall score")))
        silent = sum(1 for text in data.pushed_out if not text)
        if silent:
            out.append(tr("{count} of {all} visits do not say who would be pushed out.").format(
                count=formats.number(silent), all=formats.number(len(data.place))))
        names = sum(1 for code in data.auditors if not any(c.isdigit() for c in code))
        if names:
            out.append(tr("{count} auditors seem to be named. Use codes such as K07, so that no person is judged by"
                          " these tables.").format(count=formats.number(names)))
        if data.by_location:
            out.append(tr("{count} rows were given to the nearest place, because their key is missing or"
                          " unknown.").format(count=formats.number(data.by_location)))
        return out
