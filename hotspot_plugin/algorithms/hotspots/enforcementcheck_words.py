"""What 'Officer-initiated activity check' says: numbers, columns, the sentences and the doubts."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis import proactive as marking
from ...analysis.hotspots import concentration, profiles
from ...analysis.hotspots import enforcementcheck as analysis
from ...layers import fields
from ...reports import formats
from ...translation import tr
from .. import proactive
from .findhotspots_report import Story
from .findhotspots_search import HECTARE

#: hot spots below which nothing is said of their order
_ORDER = 3


class Words:
    """A comparison in words and columns.

    Parameters
    ----------
    run : Run
    incidents : Incidents
    made : analysis.proactive.Marks
    result : analysis.hotspots.enforcementcheck.Comparison
    settings : analysis.hotspots.findhotspots.Settings
    """

    def __init__(self, run: Any, incidents: Any, made: Any, result: Any, settings: Any) -> None:
        self.run, self.incidents, self.made, self.result, self.settings = run, incidents, made, result, settings
        self.story = Story(run, incidents, result.with_all, settings)
        self.of_others = Story(run, incidents.take(~made.made), result.without, settings)
        self.k = result.with_all.places.count
        self.vanished, self.appeared = result.count(analysis.VANISHED), result.count(analysis.APPEARS)
        self.moved = result.count(analysis.MOVED)
        self.beyond = int(result.beyond.sum())
        self.low = self.high = None
        if result.thinned is not None:
            self.low, self.high = (int(round(edge)) for edge in _edges(result.thinned.vanished))

    # --- columns ---------------------------------------------------------------------------
    def columns(self) -> dict:
        """Fields of the hot spots of all incidents, then of those that appear."""
        result = self.result
        new = result.without.places.ordered(result.appears)
        areas = np.r_[result.with_all.places.areas, new.areas]
        columns = {
            fields.HS_STATUS: result.status, fields.BEYOND: result.beyond,
            fields.RANK_WITH: result.rank_with, fields.RANK_WO: result.rank_without,
            fields.RANK_LOW: result.rank_low, fields.RANK_HIGH: result.rank_high,
            fields.N: result.n, fields.N_WO: result.n - result.n_made,
            fields.PRO_SHARE: np.round(result.n_made / np.maximum(result.n, 1), 4), fields.PRO_Q: result.share_q,
        }  # fmt: skip
        if self.incidents.types is not None:
            columns[fields.PRO_TYPE] = self._types(new)
        return {**columns, fields.OVERLAP_SH: np.round(result.overlap, 4), fields.P_THIN: result.p_thin,
                fields.AREA_HA: np.round(areas / HECTARE, 4)}  # fmt: skip

    def _types(self, new: Any) -> np.ndarray:
        data, mine = self.incidents, self.made.made
        found = [profiles.types(spot[mine], count, data.types[mine]).top for spot, count in (
            (self.result.with_all.spot, self.k), (new.locate(data.x, data.y), new.count))]
        return np.concatenate([np.asarray(column, dtype=object) for column in found])

    def columns_without(self) -> dict:
        """Fields of the hot spots of the other incidents, as 'Find hot spots' gives them, with the rank before."""
        back = analysis.pairing(self.result.without.places, self.result.with_all.places)
        return {**self.of_others.columns(), fields.RANK_WITH: np.ma.masked_array(back.partner + 1, back.partner < 0)}

    # --- words -----------------------------------------------------------------------------
    def tell(self) -> None:
        """Say in the log how the result was made, what came out, and what should give pause."""
        run = self.run
        run.info(proactive.sentence(self.made))
        run.info(self.story.method())
        run.info(tr("Both searches, and all {draws} with as many incidents removed at random, share study area, cells,"
                    " test and limits: a hot spot holds at least {least} incidents in each.").format(
                        draws=run.integer(run.tool.DRAWS), least=self.settings.min_count))  # fmt: skip
        for text in self.warnings():
            run.warn(text)
        run.info(self.summary())

    def warnings(self) -> list:
        """Return what should give pause, the gravest first."""
        made, texts = self.made, []
        if made.share > marking.TOO_MUCH:
            texts.append(tr("Officers found more than {limit} of the incidents themselves. A map or a forecast of all"
                            " of them sends officers where officers were: use the hot spots without these records."
                            ).format(limit=formats.percent(marking.TOO_MUCH)))  # fmt: skip
        elif made.much:
            known = tr("Officers found more than {limit} of the incidents themselves")
            if made.share <= marking.MUCH:
                known = tr("Of the incidents of which it is known, officers found more than {limit} themselves")
            texts.append(known.format(limit=formats.percent(marking.MUCH)) + tr(
                ": plan with the hot spots without these records, and show both."))
        elif self.beyond:
            texts.append(tr("Officers' share of all incidents is small, but it piles up in places: look at those that"
                            " change beyond chance before they are patrolled."))
        if not made.n:
            texts.append(tr("No incident that is used is marked as found by officers, so both searches are the same."
                            " Check that '{field}' is filled in, and that no weight of 0 leaves these records out."
                            ).format(field=made.field))  # fmt: skip
        if self.run.has(self.run.tool.WEIGHT_FIELD) and made.n:
            texts.append(tr("Hot spots are ranked by weight, officers' share is of incidents."))
        return texts

    def summary(self) -> str:
        """Return the result as one may read it out."""
        return " ".join(self.sentences())

    def sentences(self) -> list:
        """Return the sentences: the share, what stays, what chance does, what goes beyond."""
        made = self.made
        low, high = concentration.share_interval(made.n, len(made))
        texts = [tr("{period}, officers found {share} (95 % interval {low} to {high}) of {n} recorded incidents"
                    " themselves.").format(
            period=self.story.period(), share=formats.percent(made.share, 1), low=formats.percent(low, 1),
            high=formats.percent(high, 1), n=formats.number(len(made)))]  # fmt: skip
        if not self.k:
            texts.append(tr("No place among all of them stands out as a hot spot: what gathers could be chance."))
            if self.appeared:
                texts.append(tr("Without these records {count} appear.").format(count=spots(self.appeared)))
            return texts
        if not made.n:
            return [*texts, tr("The map of {count} does not rest on them.").format(count=spots(self.k))]
        texts.append(self._stays())
        if self.result.thinned is not None:
            texts += [text for text in (self._by_chance(), self._beyond()) if text]
        return texts

    def _stays(self) -> str:
        stay = self.k - self.vanished
        text = tr("Without these records {stay} of {count} stay and {vanished} vanish").format(
            stay=formats.number(stay), count=spots(self.k), vanished=formats.number(self.vanished))
        if self.appeared:
            text += tr("; {count} appear").format(count=formats.number(self.appeared))
        if self.k >= analysis.TOP:
            text += tr("; of the first ten, {top} remain among the first ten").format(top=self.result.top)
        return text + "."

    def _by_chance(self) -> str:
        values = {"low": formats.number(self.low), "high": formats.number(self.high)}
        if self.vanished == 0:
            return ""
        if self.result.vanished_p < analysis.LEVEL:
            return tr("That is more than chance does: with as many incidents removed at random, {low} to {high}"
                      " vanish.").format(**values)  # fmt: skip
        return tr("The number that vanish could be chance: with as many incidents removed at random, {low} to {high}"
                  " vanish.").format(**values)  # fmt: skip

    def _beyond(self) -> str:
        result = self.result
        if not self.beyond:
            return tr("No hot spot changes beyond chance.")
        more = result.n_made[result.beyond] > self.made.n / len(self.made) * result.n[result.beyond]
        rests, hidden = int(more.sum()), int((~more).sum())
        if not hidden:
            text = tr("Beyond chance, the place of {rests} in the ranking rests on officers' own records")
        elif not rests:
            text = tr("Beyond chance, officers' own records hide the place of {hidden} in the ranking")
        else:
            text = tr("Beyond chance, the place of {rests} in the ranking rests on officers' own records, and that of"
                      " {hidden} is hidden by them")
        return text.format(rests=spots(rests), hidden=spots(hidden)) + self._examples()

    def _examples(self) -> str:
        """Name the changes beyond chance that matter most for a briefing."""
        result, parts = self.result, []
        for i in self.important()[:3].tolist():
            share = formats.percent(result.n_made[i] / max(result.n[i], 1))
            if result.status[i] == analysis.VANISHED:
                text = tr("rank {rank} vanishes ({share} officers')")
            elif result.status[i] == analysis.MOVED:
                text = tr("rank {rank} becomes {other} ({share} officers')")
            else:
                text = tr("a new rank {other} appears ({share} officers')")
            parts.append(text.format(
                rank=rank_words(result.rank_with[i]), other=rank_words(result.rank_without[i]), share=share))
        return ": " + ", ".join(parts) + (" …" if self.beyond > len(parts) else ".")

    def important(self) -> np.ndarray:
        """Numbers of the hot spots that change beyond chance, by the better of their two ranks."""
        best = np.minimum(self.result.rank_with.filled(10**9), self.result.rank_without.filled(10**9))
        changed = np.flatnonzero(self.result.beyond)
        return changed[np.argsort(best[changed], kind="stable")]

    def numbers(self) -> dict:
        """Return the declared numbers."""
        result, made = self.result, self.made
        return {
            "SHARE": made.share, "PROACTIVE": made.n, "UNKNOWN": len(made) - made.known, "INCIDENTS": len(made),
            "HOTSPOTS_WITH": self.k, "HOTSPOTS_WITHOUT": result.without.places.count, "KEPT": self.k - self.vanished,
            "RANK_CHANGED": self.moved, "VANISHED": self.vanished, "VANISHED_LOW": self.low,
            "VANISHED_HIGH": self.high, "VANISHED_P": result.vanished_p, "APPEARED": self.appeared,
            "BEYOND": self.beyond, "RANK_CORR": result.rank_corr, "TOP_KEPT": result.top,
            "CELL_SIZE": result.with_all.cells.grid.size, "DISTANCE": result.with_all.distance,
            "MIN_COUNT": self.settings.min_count, "SUMMARY": self.summary(),
        }  # fmt: skip

    def corr_range(self) -> tuple | None:
        """Return the ends of 95 % of the rank correlations of random removals; None where there are none."""
        thinned = self.result.thinned
        if thinned is None or self.k < _ORDER or not np.isfinite(thinned.rank_corr).any():
            return None
        return _edges(thinned.rank_corr[np.isfinite(thinned.rank_corr)])


def _edges(values: np.ndarray) -> tuple[float, float]:
    """Ends of the middle 95 % of values that occur."""
    ordered = np.sort(values)
    tail = int(0.025 * ordered.size)
    return float(ordered[tail]), float(ordered[ordered.size - 1 - tail])


def spots(count: int) -> str:
    """Write a number of hot spots."""
    return tr("one hot spot") if count == 1 else tr("{count} hot spots").format(count=formats.number(count))


def rank_words(rank: Any) -> str:
    """Write a rank, or that there is none."""
    return tr("none") if rank is np.ma.masked else formats.number(int(rank))
