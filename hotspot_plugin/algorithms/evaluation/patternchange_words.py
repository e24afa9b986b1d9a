"""What the change in spatial pattern says: the sentences to read out, and the doubts."""

from __future__ import annotations

import numpy as np

from ...analysis.evaluation import patternchange as analysis
from ...layers import fields
from ...reports import formats
from ...translation import tr
from . import design_words as doubts
from .patternchange_read import Data, Result

#: Incidents for each area with incidents, in the period with fewer, below which little can be shown.
_THIN = 5.0
#: Shares of located records that differ by more than this mislead a map.
_LOCATED = 0.02
_LEVEL = analysis.LEVEL


class Words:
    """The result in words.

    Parameters
    ----------
    data : Data
    result : Result
    """

    def __init__(self, data: Data, result: Result) -> None:
        self.data, self.result = data, result
        code = result.change.code[~result.change.empty]
        self.gained, self.lost = (int((code == sign).sum()) for sign in (analysis.GAINED, analysis.LOST))
        self.with_incidents = len(code)

    @staticmethod
    def class_names() -> dict:
        """Return the words of each class, None for areas without any incident."""
        return {
            analysis.GAINED: tr("Gained share (beyond chance)"), analysis.SAME: tr("Similar (no change shown)"),
            analysis.LOST: tr("Lost share (beyond chance)"), None: tr("No incidents, or no count"),
        }

    @property
    def by_resampling(self) -> bool:
        """Whether areas were judged by resampling."""
        return self.data.method == analysis.RESAMPLING

    # --- results ---------------------------------------------------------------------------
    def columns(self) -> dict:
        """Return the fields of the result, empty for areas whose counts are missing."""
        change, known = self.result.change, self.data.known
        names, there = self.class_names(), ~change.empty

        def numbers(values: np.ndarray) -> np.ndarray:
            out = np.full(known.shape, np.nan)
            out[known] = values
            return out

        def whole(values: np.ndarray, given: np.ndarray) -> np.ma.MaskedArray:
            out = np.ma.masked_all(known.shape, np.int64)
            rows = np.flatnonzero(known)[given]
            out[rows] = values[given]
            return out

        words = np.full(known.shape, names[None], object)
        words[np.flatnonzero(known)[there]] = [names[int(c)] for c in change.code[there]]
        every = np.ones(change.base.shape, bool)
        return {
            fields.PREV_CNT: whole(change.base, every), fields.CUR_CNT: whole(change.test, every),
            fields.PREV_SHARE: numbers(change.share_base), fields.CUR_SHARE: numbers(change.share_test),
            fields.DIFF_SHARE: numbers(change.difference), fields.DIFF_LOW: numbers(change.low),
            fields.DIFF_HIGH: numbers(change.high), fields.PAT_P: numbers(change.p), fields.PAT_Q: numbers(change.q),
            fields.LOCAL_S: whole(change.code.astype(np.int64), there), fields.PAT_CLASS: words,
        }

    def numbers(self) -> dict:
        """Return the declared numbers."""
        change, chance = self.result.change, self.result.chance
        return {
            "BEFORE": int(change.base.sum()), "AFTER": int(change.test.sum()), "OUTSIDE": sum(self.data.outside),
            "UNPLACED": sum(self.data.unplaced), "USED": len(change.base), "EMPTY_COUNT": int(change.empty.sum()),
            "GAINED_COUNT": self.gained, "LOST_COUNT": self.lost, "S": change.indices.whole,
            "S_ROBUST": change.indices.robust, "S_GENERAL": change.indices.general, "S_CHANCE": chance.mean,
            "S_CHANCE_LOW": chance.low, "S_CHANCE_HIGH": chance.high, "P_VALUE": chance.p,
        }

    # --- sentences -------------------------------------------------------------------------
    def summary(self) -> str:
        """Return the sentences to read out."""
        return " ".join([self.headline(), self.areas_sentence(), self.index_sentence()])

    def headline(self) -> str:
        """Say whether the pattern as a whole changed."""
        if self.result.chance.p < _LEVEL:
            text = tr("The incidents are spread differently over the areas: {earlier} ({before}) and {later} ({after})"
                      " differ by more than chance makes (p {p}).")
        else:
            text = tr("No change of the pattern is shown between {earlier} ({before} incidents) and {later} ({after}):"
                      " differences like these can come by chance (p {p}). That is no proof that nothing moved.")
        p = formats.p_value(self.result.chance.p)
        change = self.result.change
        return text.format(
            earlier=self.data.labels[0], later=self.data.labels[1], before=formats.number(change.base.sum()),
            after=formats.number(change.test.sum()), p=p if p.startswith("<") else f"= {p}")

    def areas_sentence(self) -> str:
        """Say which areas gained and lost share."""
        if not self.gained and not self.lost:
            return tr("No single area gained or lost share beyond chance (areas with incidents: {areas}).").format(
                areas=formats.number(self.with_incidents))
        changed = [i for i in self.order()[:3] if self.result.change.code[i]]
        text = tr("Of {areas} areas with incidents, {gained} gained and {lost} lost share{how}: {names}.")
        return text.format(
            areas=formats.number(self.with_incidents), gained=formats.number(self.gained),
            lost=formats.number(self.lost), names="; ".join(self._changed(i) for i in changed),
            how=tr(" by the resampling test, which does not allow for the number of areas") if self.by_resampling else
            tr(" beyond chance"))

    def _changed(self, index: int) -> str:
        change = self.result.change
        return tr("{name} ({before} to {after} of all)").format(
            name=self.data.names[index], before=formats.percent(change.share_base[index], 1),
            after=formats.percent(change.share_test[index], 1))

    def order(self) -> list:
        """Return the areas with incidents, the clearest changes first."""
        change = self.result.change
        ranked = np.lexsort((-np.abs(change.difference), -np.abs(change.code)))
        return [int(i) for i in ranked if not change.empty[i]]

    def index_sentence(self) -> str:
        """Say how alike the patterns are, and what chance makes of that."""
        indices, chance = self.result.change.indices, self.result.chance
        if indices.robust == chance.low == 1.0:
            return tr("All areas with incidents count as similar (S = 100 %), as they mostly would by chance alone.")
        return tr("Similar are {robust} of the areas with incidents (S), where chance alone leaves {mean} similar (95 %"
                  " of the time {low} to {high}).").format(
            robust=formats.percent(indices.robust), mean=formats.percent(chance.mean), low=formats.percent(chance.low),
            high=formats.percent(chance.high))

    # --- doubts ----------------------------------------------------------------------------
    def warnings(self) -> list:
        """Return what the reader must know before using the result."""
        data = self.data
        found = [self._missing(), self._outside(), self._located(), self._thin()]
        if data.found is not None:
            f = data.found
            found += [doubts.season(f.before_period, f.after_period),
                      *doubts.silence([(f.before, f.before_period), (f.after, f.after_period)], f.monthly),
                      doubts.late(f.after, f.after_period, f.monthly), doubts.chosen_on_after(data.choice.on_after),
                      self._chosen(), doubts.maybe_chosen(data.choice.maybe)]
        return [text for text in found if text]

    def _chosen(self) -> str:
        if not self.data.choice.on_before:
            return ""
        return tr("The areas were chosen for their many incidents in the earlier period. Those with most luck then lose"
                  " share by chance alone (regression to the mean). Use areas that cover the whole place.")

    def _missing(self) -> str:
        count = int((~self.data.known).sum())
        if not count:
            return ""
        return tr("{count} of {areas} areas lack a count and take no part.").format(
            count=formats.number(count), areas=formats.number(len(self.data.known)))

    def _outside(self) -> str:
        count = sum(self.data.outside)
        total = count + int(self.result.change.base.sum() + self.result.change.test.sum())
        if count <= 0.05 * total:
            return ""
        return tr("{count} of {total} located incidents ({share}) lie outside the areas and belong to no share."
                  ).format(count=formats.number(count), total=formats.number(total),
                           share=formats.percent(count / total))

    def _located(self) -> str:
        if self.data.found is None:
            return ""
        shares = [rows.located.mean() for rows in (self.data.found.before, self.data.found.after)]
        if abs(shares[1] - shares[0]) <= _LOCATED:
            return ""
        return tr("The share of records with a place went from {before} to {after}. If geocoding changed in some parts"
                  " more than in others, the pattern seems to have changed with it.").format(
            before=formats.percent(shares[0], 1), after=formats.percent(shares[1], 1))

    def _thin(self) -> str:
        change = self.result.change
        fewer = int(min(change.base.sum(), change.test.sum()))
        if fewer >= _THIN * self.with_incidents:
            return ""
        return tr("The period with fewer incidents has {count} on {areas} areas. With so few an area must change very"
                  " much before it can be told from chance; larger areas or longer periods would tell more.").format(
            count=formats.number(fewer), areas=formats.number(self.with_incidents))
