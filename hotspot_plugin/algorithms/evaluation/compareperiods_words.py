"""What the comparison of two periods says: the sentence to read out, and the doubts."""

from __future__ import annotations

import numpy as np

from ...analysis.evaluation import compareperiods as comparing
from ...analysis.evaluation import presets
from ...analysis.evaluation.compareperiods import Comparison, Period
from ...reports import formats
from ...translation import tr
from . import design_words as doubts
from .compareperiods_read import Data, Result

#: Shares of located records that differ by more than this (points) mislead a map.
_LOCATED_POINTS = 2.0
_FEW = 30


class Words:
    """The result in words.

    Parameters
    ----------
    data : Data
    result : Result
    """

    def __init__(self, data: Data, result: Result) -> None:
        self.data, self.result = data, result

    # --- names -----------------------------------------------------------------------------
    @staticmethod
    def class_names() -> dict:
        """Return the words of each class, None for areas without any incident."""
        return {
            comparing.MORE: tr("More (beyond chance)"),
            comparing.PERHAPS_MORE: tr("Perhaps more (z of 3 or above, could be chance among so many areas)"),
            comparing.NO_CHANGE: tr("No clear change (could be chance)"),
            comparing.PERHAPS_FEWER: tr("Perhaps fewer (z of -3 or below, could be chance among so many areas)"),
            comparing.FEWER: tr("Fewer (beyond chance)"),
            None: tr("None in both periods"),
        }

    @staticmethod
    def short_names() -> dict:
        """Return the classes in a word or two, for tables."""
        return {
            comparing.MORE: tr("More"), comparing.PERHAPS_MORE: tr("Perhaps more"),
            comparing.NO_CHANGE: tr("Could be chance"), comparing.PERHAPS_FEWER: tr("Perhaps fewer"),
            comparing.FEWER: tr("Fewer"), None: tr("None"),
        }

    @staticmethod
    def period(period: Period) -> str:
        """Return a period in short: a month, a year, or first to last day."""
        return formats.period(period.start, period.end)

    def type_name(self, index: int) -> str:
        """Return the name of a type."""
        return self.result.types.names[index] or tr("without a type")

    @property
    def unequal(self) -> bool:
        """Whether the periods have different lengths."""
        return self.data.before_period.days != self.data.after_period.days

    # --- sentences -------------------------------------------------------------------------
    def summary(self) -> str:
        """Return the sentences to read out."""
        parts = [self.headline(), self.types_sentence(), self.areas_sentence()]
        if self.data.notes:
            parts.append(tr("Known changes in recording: {notes}").format(notes=_stopped(self.data.notes)))
        return " ".join(part for part in parts if part)

    def headline(self) -> str:
        """Say what was recorded in the two periods, and whether the change is more than chance."""
        whole = self.result.whole
        if not whole.beyond_chance():
            text = tr("{what} went from {before} ({earlier}) to {after} ({later}): {percent}{per_day}, with 95 %"
                      " confidence between {low} and {high}. This could be chance.")
        elif whole.change[0] > 0:
            text = tr("{what} rose from {before} ({earlier}) to {after} ({later}): {percent}{per_day}, with 95 %"
                      " confidence between {low} and {high}. That is more than chance alone makes.")
        else:
            text = tr("{what} fell from {before} ({earlier}) to {after} ({later}): {percent}{per_day}, with 95 %"
                      " confidence between {low} and {high}. That is more than chance alone makes.")
        return text.format(
            what=self._what(), before=self._before(whole), after=formats.number(whole.current[0]),
            earlier=self.period(self.data.before_period), later=self.period(self.data.after_period),
            per_day=tr(" per day") if self.unequal and self.data.preset != presets.WEEK_AND_MEAN else "",
            **percents(whole),
        )

    def _before(self, pair: Comparison) -> str:
        """Return the earlier count, as a mean of the weeks where one week is compared with it."""
        if self.data.preset != presets.WEEK_AND_MEAN:
            return formats.number(pair.previous[0])
        return tr("a mean of {mean} a week").format(mean=formats.number(pair.previous[0] / presets.WEEKS, 1))

    def _what(self) -> str:
        types = self.result.types
        if types is not None and len(types.names) == 1 and types.names[0]:
            return tr("Recorded incidents of the type “{type}”").format(type=types.names[0])
        return tr("Recorded incidents")

    def types_sentence(self) -> str:
        """Name the types that make the change."""
        types, whole = self.result.types, self.result.whole
        if types is None or len(types.names) < 2:
            return ""
        if not whole.beyond_chance():
            clear = [i for i in range(len(types.names)) if abs(types.result.code[i]) == comparing.MORE][:3]
            if not clear:
                return tr("No single type changed by more than chance makes.")
            return tr("Beyond chance changed: {types}.").format(types=self._listed(clear))
        text = tr("Most of the rise: {types}.") if whole.change[0] > 0 else tr("Most of the fall: {types}.")
        out = text.format(types=self._listed(types.drivers(whole)))
        other = types.against(whole)
        if other:
            out += " " + tr("Against it: {types}.").format(types=self._listed(other))
        return out

    def _listed(self, indices: list) -> str:
        changes = self.result.types.result.change
        return ", ".join(
            f"{self.type_name(i)} ({formats.number(round(float(changes[i])), sign=True)})" for i in indices)

    def areas_sentence(self) -> str:
        """Say in how many areas the change is more than chance."""
        areas, inside = self.result.areas, self.result.inside
        more, fewer = ((areas.code == code).sum() for code in (comparing.MORE, comparing.FEWER))
        if self.result.foreseen is not None:
            return " ".join([self._guarded(int(more), int(fewer)), *self._share_changed()])
        if len(areas.code) == 1 and not sum(self.result.outside) and inside.current[0] == self.result.whole.current[0]:
            return ""  # the area holds all that has been told
        if len(areas.code) == 1:
            text = tr("Inside the area: from {before} to {after} ({percent}, 95 % interval {low} to {high}; {chance}).")
        elif more or fewer:
            text = tr("Inside the {areas} areas: from {before} to {after} ({percent}, 95 % interval {low} to {high};"
                      " {chance}). Changed by more than chance: {more} up, {fewer} down.")
        else:
            text = tr("Inside the {areas} areas: from {before} to {after} ({percent}, 95 % interval {low} to {high};"
                      " {chance}). No single area changed by more than chance makes.")
        chance = tr("more than chance") if inside.beyond_chance() else tr("could be chance")
        out = text.format(
            areas=formats.number(len(areas.code)), before=self._before(inside),
            after=formats.number(inside.current[0]), more=formats.number(more), fewer=formats.number(fewer),
            chance=chance, **percents(inside),
        )
        return " ".join([out, *self._share_changed()])

    def _share_changed(self) -> list[str]:
        if not self._located():
            return []
        return [tr("Areas count records with a place only, and their share changed from {before} to {after}.").format(
            before=formats.percent(self.data.before.located.mean(), 1),
            after=formats.percent(self.data.after.located.mean(), 1))]

    def _guarded(self, more: int, fewer: int) -> str:
        """Say of areas chosen for their high count only what regression to the mean does not explain."""
        foreseen, inside = self.result.foreseen, self.result.inside
        text = tr("Inside the {areas} areas, chosen for their many incidents in the earlier period: from {before} to"
                  " {after}, where about {expected} (95 % range {low} to {high}) were to be expected with nothing done."
                  " {verdict}")
        if not inside.p[0] < comparing.LEVEL:
            verdict = tr("No change is shown: regression to the mean and chance explain it.")
        elif inside.change[0] < 0:
            verdict = tr("That is fewer than regression to the mean and chance explain.")
        else:
            verdict = tr("That is more than before and more than was to be expected, beyond chance.")
        out = text.format(
            areas=formats.number(len(self.result.areas.code)), before=self._before(inside),
            after=formats.number(inside.current[0]), expected=formats.number(foreseen.total, 0),
            low=formats.number(foreseen.low, 0), high=formats.number(foreseen.high, 0), verdict=verdict)
        if more or fewer:
            out += " " + tr("Changed beyond both: {more} up, {fewer} down.").format(
                more=formats.number(more), fewer=formats.number(fewer))
        return out

    def regression(self) -> str:
        """Say what the areas were to have had, where they were chosen for their high count."""
        if not self.data.chosen_on_before:
            return ""
        return tr(
            "The areas were chosen for their many incidents in the earlier period. Part of such a high count is luck"
            " that does not come back (regression to the mean): with nothing done, about {expected} incidents were to"
            " be expected in them in the later period (95 % range {low} to {high}), not {scaled}; {observed} were"
            " recorded. 'More' and 'fewer', p and q allow for that; percentages do not."
        ).format(
            low=formats.number(self.result.foreseen.low, 0), high=formats.number(self.result.foreseen.high, 0),
            expected=formats.number(float(self.result.expected.sum()), 0),
            scaled=formats.number(float(self.result.areas.expected.sum()), 0),
            observed=formats.number(self.result.inside.current[0]),
        )

    # --- doubts ----------------------------------------------------------------------------
    def warnings(self) -> list[str]:
        """Return what the reader must know before using the result."""
        data = self.data
        found = [self._located(), self._lengths(), doubts.season(data.before_period, data.after_period),
                 *doubts.silence([(data.before, data.before_period), (data.after, data.after_period)], data.monthly),
                 doubts.late(data.after, data.after_period, data.monthly), self._small(), self.regression(),
                 doubts.chosen_on_after(data.chosen_on_after), doubts.maybe_chosen(data.maybe_chosen),
                 self._outside()]
        return [text for text in found if text]

    def _located(self) -> str:
        shares = [100.0 * rows.located.mean() for rows in (self.data.before, self.data.after)]
        if abs(shares[1] - shares[0]) <= _LOCATED_POINTS:
            return ""
        return tr(
            "The share of records with a place went from {before} % to {after} %. On the records with a place alone"
            " the change reads {located} instead of {whole}: maps and areas show this change in recording as if it"
            " were one of crime."
        ).format(
            before=formats.number(shares[0], 1), after=formats.number(shares[1], 1),
            located=percents(self.result.located)["percent"], whole=percents(self.result.whole)["percent"],
        )

    def _lengths(self) -> str:
        first, second = self.data.before_period.days, self.data.after_period.days
        if abs(first - second) <= 0.01 * max(first, second):
            return ""
        return tr("The periods have {before} and {after} days. Percentages, rates and tests are per day; the counts"
                  " themselves cannot be compared.").format(before=first, after=second)

    def _small(self) -> str:
        whole = self.result.whole
        smaller = int(min(whole.previous[0], whole.current[0]))
        if smaller < _FEW:
            return tr("A period has {count} incidents only. With so few, only very large changes can be told from"
                      " chance.").format(count=smaller)
        areas = self.result.areas
        few = int((np.maximum(areas.previous, areas.current) < 5).sum())
        if few > 0.5 * len(areas.code) and len(areas.code) > 1:
            return tr("In {few} of {areas} areas neither period has 5 incidents: nothing can be said of them one by"
                      " one. Larger areas or longer periods would tell more.").format(
                few=formats.number(few), areas=formats.number(len(areas.code)))
        return ""

    def _outside(self) -> str:
        count = sum(self.result.outside)
        total = int(self.data.before.located.sum() + self.data.after.located.sum())
        if count <= 0.05 * total:
            return ""
        return tr("{count} of {total} located incidents ({share}) lie outside the areas and count for the whole only."
                  ).format(count=formats.number(count), total=formats.number(total),
                           share=formats.percent(count / total))


def percents(pair: Comparison, index: int = 0) -> dict:
    """Return the change and its interval as texts."""
    values = (pair.percent[index], pair.percent_low[index], pair.percent_high[index])
    names = ("percent", "low", "high")
    if not np.isfinite(values[0]):
        return dict.fromkeys(names, tr("no percentage") if pair.previous[index] == 0 else formats.NOTHING)
    decimals = 1 if max(abs(values[1]), abs(values[2])) < 10 else 0
    return {name: formats.percent(value / 100.0, decimals, True) for name, value in zip(names, values)}


def _stopped(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else text + "."
