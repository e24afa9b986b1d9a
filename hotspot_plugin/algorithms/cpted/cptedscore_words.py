"""The scores in numbers, columns and sentences."""

from __future__ import annotations

import numpy as np

from ...analysis.cpted import cptedscore as scoring
from ...analysis.cpted.profile import PRINCIPLES
from ...layers import fields
from ...reports import formats
from ...translation import tr
from .cptedscore_read import Data, Result

#: Field of each principle's score.
SCORES = (fields.S_SURV, fields.S_ACC, fields.S_TERR, fields.S_MAIN, fields.S_ACT)
WEAK_BELOW = 40.0


def principle_name(principle: int) -> str:
    """Return a principle in words."""
    return (tr("natural surveillance"), tr("access control"), tr("territoriality"), tr("maintenance"),
            tr("activity support"))[principle]


def class_name(code: int) -> str:
    """Return a class of scores in words."""
    if code == scoring.NOT_SCORED:
        return tr("not scored")
    return (tr("very weak"), tr("weak"), tr("fair"), tr("good"), tr("very good"))[code]


class Words:
    """Says the scores.

    Parameters
    ----------
    data : Data
    result : Result
    """

    def __init__(self, data: Data, result: Result) -> None:
        self.data, self.result, self.scores = data, result, result.scores
        self.scored = np.isfinite(self.scores.overall)
        self.used = np.isfinite(self.scores.principles).any(axis=0)
        self.shares = scoring.share_weights(result.scheme)

    def means(self) -> np.ndarray:
        """Return the mean score of each principle over the scored places, NaN where none was measured."""
        rows = self.scores.principles[self.scored]
        known = np.isfinite(rows)
        return np.divide(np.nan_to_num(rows).sum(axis=0), known.sum(axis=0), out=np.full(len(PRINCIPLES), np.nan),
                         where=known.any(axis=0))

    def missing(self) -> list:
        """Return the indicators that could not be measured anywhere, with the reason."""
        return [(indicator, found.missing or tr("no place has a value"))
                for indicator, found in zip(self.data.profile.indicators, self.data.found)
                if not np.isfinite(found.values).any()]

    def weakest(self) -> str:
        """Return the principle with the lowest mean, "" without any."""
        means = self.means()
        return principle_name(int(np.nanargmin(means))) if np.isfinite(means).any() else ""

    def columns(self) -> dict:
        """Return the fields of the scored places."""
        scores, interval = self.scores, self.result.interval
        known = np.isfinite(self.result.points)
        blank = np.full(len(scores.overall), np.nan)
        return {
            fields.SCORE: scores.overall,
            fields.SCORE_CL: np.array([class_name(c) for c in scores.classes], object),
            **{name: scores.principles[:, p] for p, name in enumerate(SCORES)},
            fields.WEAKEST: np.array([principle_name(p) if p >= 0 else None for p in scores.weakest], object),
            fields.MEAS_SH: scores.measured,
            fields.AUDIT_SH: (known & self.result.audited) @ self.shares,
            fields.N_MISS: (~known).sum(axis=1),
            fields.NEED_RANK: _whole(scores.rank),
            fields.NEED_LOW: _whole(interval.low if interval else blank),
            fields.NEED_HIGH: _whole(interval.high if interval else blank),
            fields.LOW10_SH: interval.lowest_tenth if interval else blank,
        }

    def long_table(self) -> dict:
        """Return a row for each place and indicator."""
        result, n = self.result, len(self.data.names)
        k = len(result.indicators)
        place, which = np.repeat(np.arange(n), k), np.tile(np.arange(k), n)

        def per(values: list) -> np.ndarray:
            return np.array(values, object)[which]

        evidence = np.where(np.isfinite(result.points), np.where(result.audited, tr("audited"), tr("measured")),
                            tr("missing"))
        return {
            fields.PLACE_NO: self.data.units.rows[place] + 1,
            fields.PLACE_NAME: np.array(self.data.names, object)[place],
            fields.PRINCIPLE: per([principle_name(i.principle) for i in result.indicators]),
            fields.INDICATOR: per([i.name for i in result.indicators]),
            fields.VALUE: result.values.ravel(),
            fields.ANCHOR_LOW: np.array([a[0] for a in result.anchors])[which],
            fields.ANCHOR_HIGH: np.array([a[1] for a in result.anchors])[which],
            fields.POINTS: result.points.ravel(),
            fields.WEIGHT_SH: self.shares[which],
            fields.EVIDENCE: evidence.astype(object).ravel(),
        }

    def numbers(self) -> dict:
        """Return the declared numbers and texts."""
        scored = int(self.scored.sum())
        return {
            "PLACES": len(self.scored), "SCORED": scored, "NOT_SCORED": len(self.scored) - scored,
            "MEAN_SCORE": float(self.scores.overall[self.scored].mean()) if scored else None,
            "WEAK": int((self.scores.overall[self.scored] < WEAK_BELOW).sum()),
            "MEASURED_SHARE": float(self.scores.measured.mean()), "MISSING_INDICATORS": len(self.missing()),
            "CONSISTENCY": self.result.consistency, "WEAKEST": self.weakest(),
        }

    def summary(self) -> str:
        """Return the sentence to read out."""
        numbers = self.numbers()
        if not numbers["SCORED"]:
            return tr("None of the {count} places could be scored: too little was measured.").format(
                count=formats.number(numbers["PLACES"]))
        means = self.means()
        text = tr("{scored} of {count} places were scored on the profile '{profile}' (mean {mean} of 100);"
                  " {weak} are weak or very weak. Weakest on average is {principle} ({points}).").format(
            scored=formats.number(numbers["SCORED"]), count=formats.number(numbers["PLACES"]),
            profile=self.data.profile_name, mean=formats.number(numbers["MEAN_SCORE"], 0),
            weak=formats.number(numbers["WEAK"]), principle=self.weakest(),
            points=formats.number(float(np.nanmin(means)), 0))
        return text + " " + tr("On average {share} of what the profile asks for was measured.").format(
            share=formats.percent(numbers["MEASURED_SHARE"]))

    def warnings(self) -> list:
        """Return the doubts to tell."""
        texts = []
        missing = self.missing()
        if missing:
            texts.append(tr("{count} of {all} indicators could not be measured: {list}.").format(
                count=len(missing), all=len(self.data.profile.indicators),
                list="; ".join(f"{i.name} ({reason})" for i, reason in missing)))
        absent = [principle_name(p) for p in range(len(PRINCIPLES))
                  if not self.used[p] and any(i.principle == p for i in self.result.indicators)]
        if absent:
            texts.append(tr("Nothing at all was measured of {names}: the score says nothing about it.").format(
                names=", ".join(absent)))
        unscored = int((~self.scored).sum())
        if unscored:
            texts.append(tr("{count} of {all} places are not scored, because less than {share} of the weights was"
                            " measured.").format(count=formats.number(unscored), all=formats.number(len(self.scored)),
                                                 share=formats.percent(self.result.scheme.least_share)))
        if self.result.of_data:
            texts.append(tr("The scales of {names} are percentiles of these places: the scores do not compare with"
                            " those of other years or towns.").format(names=", ".join(self.result.of_data)))
        return texts


def _whole(values: np.ndarray) -> np.ma.MaskedArray:
    return np.ma.masked_array(np.nan_to_num(values).astype(np.int64), np.isnan(values))
