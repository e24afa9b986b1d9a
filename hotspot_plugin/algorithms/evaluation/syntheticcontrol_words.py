"""What the synthetic control says: the sentences to read out, and the doubts."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from ...analysis.evaluation import syntheticcontrol as analysis
from ...layers import fields
from ...reports import formats
from ...translation import tr
from . import design_words as doubts
from .syntheticcontrol_read import Data, Result

_LEVEL = 0.05
#: Weight from which a comparison area is named.
_WORTH = 0.01
#: Units before the start from which a fit is worth its name.
_ENOUGH_BEFORE = 10


class Words:
    """The result in words.

    Parameters
    ----------
    data : Data
    result : Result
    """

    def __init__(self, data: Data, result: Result) -> None:
        self.data, self.result = data, result

    # --- results ---------------------------------------------------------------------------
    @cached_property
    def scale(self) -> float:
        """Turns a mean gap of one area and unit into incidents of all areas and units after the start."""
        return float(len(self.data.treated) * self.data.length[self.data.after].sum())

    @cached_property
    def observed(self) -> int:
        """Incidents in the treated areas after the start."""
        panel = self.data.source.panel
        return int(panel.counts[panel.treated][:, self.data.after].sum())

    @cached_property
    def effect(self) -> float:
        """Recorded less expected incidents."""
        own, data = self.result.own, self.data
        return float((own.gap * data.length)[data.after].sum() * len(data.treated))

    @property
    def expected(self) -> float:
        """Incidents to be expected."""
        return self.observed - self.effect

    @cached_property
    def interval(self) -> tuple[float, float]:
        """95 % interval of ``effect``; infinite where the placebos are too few."""
        placebos, gap = self.result.placebos, self.result.own.gap[self.data.after].mean()
        return tuple(self.effect + (end - gap) * self.scale for end in (placebos.low, placebos.high))

    @property
    def fit(self) -> float:
        """RMSPE before over the mean of the treated."""
        return float(self.result.own.rmspe_before / self.data.treated[:, self.data.before].mean())

    @property
    def poor(self) -> bool:
        """Whether the fit is too poor to read anything off."""
        return self.fit > analysis.POOR_FIT

    def percent(self, value: float) -> float:
        """Return incidents in per cent of the expected."""
        return 100.0 * value / self.expected if self.expected > 0 else np.nan

    def numbers(self) -> dict:
        """Return the declared numbers."""
        data, (low, high) = self.data, self.interval
        bounds = [value if np.isfinite(value) else None for value in (low, high)]
        perc = [None if value is None or not self.expected > 0 else self.percent(value) for value in (
            self.effect, *bounds)]
        return {
            "TREATED": len(data.treated), "DONORS_USED": len(data.donors),
            "WEIGHTED": int((self.result.own.weights >= _WORTH).sum()), "UNITS_BEFORE": int(data.before.sum()),
            "UNITS_AFTER": int(data.after.sum()), "EXPECTED": self.expected, "OBSERVED": self.observed,
            "EFFECT": self.effect, "LOW": bounds[0], "HIGH": bounds[1], "PERC": perc[0], "PERC_LOW": perc[1],
            "PERC_HIGH": perc[2], "P_VALUE": self.result.placebos.p_effect, "P_RATIO": self.result.placebos.p_ratio,
            "FIT": self.fit, "PLACEBOS": len(self.result.placebos.groups),
        }

    def weights(self) -> dict:
        """Return the rows of the comparison areas, the weightiest first."""
        data = self.data
        counts = data.source.panel.counts[data.donor_rows]
        order = np.argsort(-self.result.own.weights, kind="stable")
        names = np.array([data.source.names[i] for i in data.donor_rows], object)
        return {fields.AREA_NAME: names[order], fields.WEIGHT: self.result.own.weights[order],
                fields.PREV_CNT: counts[:, data.before].sum(axis=1)[order].astype(np.int64),
                fields.CUR_CNT: counts[:, data.after].sum(axis=1)[order].astype(np.int64)}

    def series(self) -> dict:
        """Return the rows of the units of time."""
        data, own = self.data, self.result.own
        low, high = self.band()
        panel = data.source.panel
        stage = np.where(panel.before, tr("before"), np.where(panel.later, tr("after"), tr("left out")))
        return {fields.PERIOD_OF: np.array(panel.labels, object), fields.PHASE: stage.astype(object),
                fields.TREATED_MEAN: data.treated.mean(axis=0), fields.SYNTHETIC: own.fitted, fields.GAP: own.gap,
                fields.GAP_LOW: low, fields.GAP_HIGH: high}

    def band(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the middle 95 % of the gaps of the placebos, those of busy areas brought to the treated's size."""
        gaps, before = self.result.placebos.gaps, self.data.before
        missed = np.sqrt((gaps[:, before] ** 2).mean(axis=1))
        fair = gaps[missed > 0] * (self.result.own.rmspe_before / missed[missed > 0])[:, None]
        return tuple(np.quantile(fair if len(fair) else gaps, [0.025, 0.975], axis=0))

    # --- sentences -------------------------------------------------------------------------
    def summary(self) -> str:
        """Return the sentences to read out."""
        parts = [self.headline(), self.fit_sentence(), self.placebo_sentence()]
        if self.data.notes:
            parts.append(tr("What else changed: {notes}").format(notes=self.data.notes))
        return " ".join(parts)

    def headline(self) -> str:
        """Say what was recorded and what was to be expected, or that nothing can be read off."""
        what = tr("In the {areas} treated areas {observed} incidents were recorded after the start; the comparison"
                  " leads to expect {expected}.").format(
            areas=formats.number(len(self.data.treated)), observed=formats.number(self.observed),
            expected=formats.number(self.expected, 0))
        if self.poor:
            return " ".join([what, tr("But no mix of the comparison areas went like the treated ones before the start,"
                                      " so nothing should be read off.")])
        low, high = self.interval
        if not np.isfinite(low):
            return " ".join([what, tr("There are too few placebos to say how far chance reaches.")])
        text = tr("That is {effect} ({percent}), with 95 % confidence between {low} and {high}.").format(
            effect=formats.number(self.effect, 0, sign=True), low=formats.number(low, 0, sign=True),
            high=formats.number(high, 0, sign=True),
            percent=formats.percent(self.percent(self.effect) / 100.0, sign=True))
        if not self.result.placebos.p_effect < _LEVEL:
            verdict = tr("This could be chance; that is no proof that there was no effect.")
        elif self.effect < 0:
            verdict = tr("That is fewer than chance among these areas explains.")
        else:
            verdict = tr("That is more than chance among these areas explains.")
        return " ".join([what, text, verdict])

    def fit_sentence(self) -> str:
        """Say how well the comparison went like the treated before."""
        named = int((self.result.own.weights >= _WORTH).sum())
        return tr("Before the start the weighted mean of {named} of {donors} comparison areas missed the treated ones"
                  " by {fit} of their mean in a unit of time.").format(
            named=named, donors=len(self.data.donors), fit=formats.percent(self.fit))

    def placebo_sentence(self) -> str:
        """Say how many placebos show as much."""
        placebos = self.result.placebos
        return tr("Of {count} groups of areas looked at in the same way where nothing was done, {share} show as large a"
                  " gap (p = {p}; by the RMSPE ratio p = {ratio}).").format(
            count=formats.number(len(placebos.groups)), share=formats.percent(
                (placebos.p_effect * (len(placebos.groups) + 1) - 1) / len(placebos.groups), 1),
            p=formats.p_value(placebos.p_effect).replace("<", "").strip(),
            ratio=formats.p_value(placebos.p_ratio).replace("<", "").strip())

    # --- doubts ----------------------------------------------------------------------------
    def warnings(self) -> list:
        """Return what the reader must know before using the result."""
        data = self.data
        found = [self._poor(), self._short(), self._few(), self._chosen(), self._left_out(),
                 doubts.chosen_on_after(data.source.choice.on_after), doubts.maybe_chosen(data.source.choice.maybe)]
        return [text for text in found if text]

    def _poor(self) -> str:
        if not self.poor:
            return ""
        return tr("Before the start the comparison misses the treated areas by {fit} of their mean (more than {limit})."
                  " The treated lie outside of what the comparison areas can make up, or counts are too small: take"
                  " more alike areas, larger areas or longer units of time.").format(
            fit=formats.percent(self.fit), limit=formats.percent(analysis.POOR_FIT))

    def _short(self) -> str:
        units = int(self.data.before.sum())
        if units >= _ENOUGH_BEFORE:
            return ""
        return tr("There are only {count} units of time before the start. Areas may go alike so long by luck.").format(
            count=units)

    def _few(self) -> str:
        placebos = len(self.result.placebos.groups)
        if placebos >= 39:
            return ""
        return tr("There are only {count} placebos: no p-value below {least} and no 95 % interval can come of"
                  " them.").format(count=placebos, least=formats.number(1.0 / (placebos + 1), 3))

    def _chosen(self) -> str:
        if not self.data.source.choice.on_before:
            return ""
        return tr("The treated areas were chosen for their many incidents before the start. Part of a fall then comes"
                  " by itself (regression to the mean) and is read as an effect here: choose comparison areas by the"
                  " same rule, or treat the result as the largest that the effect can have been.")

    def _left_out(self) -> str:
        left, used = self.data.source.left_out, self.observed
        lost = sum(left.get(name, 0) for name in ("undated", "unlocated"))
        if not lost or lost <= 0.02 * (lost + used):
            return ""
        return tr("Incidents that count nowhere: {undated} without a date, {unlocated} without a place.").format(
            undated=formats.number(left.get("undated", 0)), unlocated=formats.number(left.get("unlocated", 0)))
