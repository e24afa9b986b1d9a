"""Crime and environment in numbers, columns and sentences that claim no cause."""

from __future__ import annotations

import numpy as np

from ...analysis.cpted import cptedlink as analysis
from ...layers import fields
from ...reports import formats
from ...translation import tr
from .cptedlink_read import Data, Look
from .cptedscore_words import principle_name


def model_name(one: analysis.Link) -> str:
    """Return which model it is, or why there is none."""
    if one.problem:
        return tr("too few places with incidents") if one.problem == "few" else tr("no estimate for these data")
    return tr("negative binomial") if one.alpha > 0 else tr("Poisson")


class Words:
    """Says what goes with what.

    Parameters
    ----------
    data : Data
    """

    def __init__(self, data: Data) -> None:
        self.data = data
        self.main: analysis.Link = data.looks[0].link
        self.clear = self.main.q[: len(data.principles)] < analysis.LEVEL

    def columns(self) -> dict:
        """Return the fields of the places."""
        data = self.data

        def of_all(values: np.ndarray) -> np.ndarray:
            out = np.full(len(data.used), np.nan)
            out[data.used] = values
            return out

        return {fields.N: data.counts.astype(np.int64), fields.EXPOSURE: data.exposure, fields.IN_MODEL: data.used,
                fields.EXP_N: of_all(self.main.mu), fields.RESID: of_all(self.main.residuals)}

    def table(self) -> dict:
        """Return a row for each model and term."""
        data = self.data
        terms = len(data.terms)

        def per(values: list) -> np.ndarray:
            return np.repeat(np.array(values, object), terms)

        def number(values: list) -> np.ndarray:
            return np.repeat(np.array(values, float), terms)

        links = [look.link for look in data.looks]
        return {
            fields.MODEL_OF: per([look.name for look in data.looks]), fields.THEME: per([k.theme for k in data.looks]),
            fields.TERM: np.tile(np.array(data.terms, object), len(links)),
            fields.N: np.repeat([one.count for one in links], terms),
            fields.N_WITH: np.repeat([one.places for one in links], terms),
            **{name: np.concatenate([getattr(one, key) for one in links]) for name, key in (
                (fields.RR, "ratio"), (fields.RR_LOW, "low"), (fields.RR_HIGH, "high"), (fields.RR_SD, "per_sd"),
                (fields.RR_P, "p"), (fields.RR_Q, "q"))},
            fields.VIF: np.tile(data.vif, len(links)), fields.MODEL: per([model_name(one) for one in links]),
            fields.ALPHA: number([one.alpha for one in links]),
            fields.MORAN_I: number([one.moran.index if one.moran else np.nan for one in links]),
            fields.MORAN_P: number([one.moran.p if one.moran else np.nan for one in links]),
            fields.WIDENED: per([one.widened for one in links]),
        }

    def strongest(self) -> int | None:
        """Return the principle that goes most clearly with all incidents, None where none does."""
        size = np.where(self.clear, np.abs(np.log(self.main.per_sd[: len(self.clear)])), -1.0)
        return int(size.argmax()) if self.clear.any() else None

    def numbers(self) -> dict:
        """Return the declared numbers and texts."""
        data, main, k = self.data, self.main, self.strongest()

        def of(values: np.ndarray) -> float | None:
            return None if k is None else float(values[k])

        return {
            "PLACES": len(data.used), "USED": int(data.used.sum()), "INCIDENTS_USED": main.count,
            "MODELS": sum(not look.link.problem for look in data.looks),
            "RATIO": of(main.ratio), "RATIO_LOW": of(main.low), "RATIO_HIGH": of(main.high), "RATIO_Q": of(main.q),
            "ALPHA": main.alpha, "DISPERSION_P": main.dispersion_p, "JOINT_P": main.joint_p,
            "MORAN_I": main.moran.index, "MORAN_P": main.moran.p, "MOST_VIF": float(data.vif.max()),
            "STRONGEST": "" if k is None else principle_name(data.principles[k]),
        }

    def phrase(self, look: Look, k: int) -> str:
        """Return a rate ratio in words: how many per cent fewer or more, and its interval."""
        one = look.link
        value = one.ratio[k] - 1.0
        text = tr("{share} more incidents") if value >= 0 else tr("{share} fewer incidents")
        return (text + tr(" {per} (rate ratio {ratio}, 95 % interval {low} to {high})")).format(
            share=formats.percent(abs(value), 0 if abs(value) >= 0.095 else 1), per=self.data.per,
            ratio=formats.number(float(one.ratio[k]), 2), low=formats.number(float(one.low[k]), 2),
            high=formats.number(float(one.high[k]), 2))

    def summary(self) -> str:
        """Return the sentences to read out."""
        data, main, k = self.data, self.main, self.strongest()
        when = "" if data.seen.first is None else tr(" ({period})").format(
            period=formats.period(data.seen.first, data.seen.last))
        start = tr("{count} incidents at {places} places{when}: ").format(
            count=formats.number(main.count), places=formats.number(int(data.used.sum())), when=when)
        if k is None:
            best = int(np.argmin(main.p[: len(data.principles)]))
            return start + tr("no principle goes clearly with them. Nearest is {principle}: where it scored 10 points"
                              " higher there were {phrase}, which could be chance.").format(
                principle=principle_name(data.principles[best]), phrase=self.phrase(data.looks[0], best))
        text = start + tr("where {principle} scored 10 points higher and the rest was alike, there were"
                          " {phrase}.").format(principle=principle_name(data.principles[k]),
                                               phrase=self.phrase(data.looks[0], k))
        others = [tr("{principle} (rate ratio {ratio})").format(
            principle=principle_name(data.principles[j]), ratio=formats.number(float(main.ratio[j]), 2))
            for j in np.flatnonzero(self.clear).tolist() if j != k]
        unclear = [principle_name(data.principles[j]) for j in np.flatnonzero(~self.clear).tolist()]
        if others:
            text += " " + tr("Clear too: {names}.").format(names=", ".join(others))
        if unclear:
            text += " " + tr("Not clear: {names}.").format(names=", ".join(unclear))
        return text + " " + tr("That they go together does not show that the one makes the other.")

    def warnings(self) -> list:
        """Return the doubts to tell."""
        data, main, texts = self.data, self.main, []
        if main.widened:
            texts.append(tr("What the model leaves unexplained hangs together in space (Moran's I {index}, p {p}):"
                            " something that neighbouring places share is missing from it. The intervals were widened"
                            " for that, and the ratios may still stand for what is missing.").format(
                                index=formats.number(main.moran.index, 2), p=formats.p_value(main.moran.p)))
        inflated = [name for name, value in zip(data.terms, data.vif) if value > analysis.INFLATED]
        if inflated:
            texts.append(tr("{names} go up and down together (variance inflation above {limit}): which of them goes"
                            " with crime can hardly be told.").format(
                                names=", ".join(inflated), limit=formats.number(analysis.INFLATED, 0)))
        if data.used.sum() < analysis.PLACES_EACH * (len(data.terms) + 1):
            texts.append(tr("{places} places are few for {count} coefficients: results of single places weigh much, and"
                            " intervals can be too narrow.").format(places=formats.number(int(data.used.sum())),
                                                                    count=len(data.terms) + 1))
        for reason in dict.fromkeys(reason for _, reason in data.dropped):
            names = [principle_name(p) for p, why in data.dropped if why == reason]
            texts.append(tr("Not in the model: {names} ({reason}).").format(names=", ".join(names), reason=reason))
        left = sum(count for _, count in data.left)
        if left > 0.05 * len(data.used):
            texts.append(tr("{count} of {all} places are not in the model.").format(
                count=formats.number(left), all=formats.number(len(data.used))))
        if not data.controls:
            texts.append(tr("No controls were given: what else the places differ in, such as shops, people about or"
                            " income, may be what goes with crime."))
        return texts
