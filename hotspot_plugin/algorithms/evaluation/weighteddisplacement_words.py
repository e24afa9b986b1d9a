"""What a weighted displacement difference says: the sentence to read out, and the doubts."""

from __future__ import annotations

import numpy as np

from ...analysis.evaluation.compareperiods import Period
from ...analysis.evaluation.weighteddisplacement import SMALL, Estimate
from ...reports import formats
from ...translation import tr
from . import design_plan
from . import design_words as doubts
from .weighteddisplacement_compare import HARM, TYPE, Result, Row
from .weighteddisplacement_read import AS_THEY_ARE, NO_WEIGHTS, Data

#: Comparison areas with more than so many times the treated areas' incidents (or less than so many) mislead.
_UNLIKE = 2.0
_FEW = 20


def signed(value: float) -> str:
    """Write a difference of counts: whole from 10 on, with its sign."""
    return formats.number(value, 0 if abs(value) >= 10 else 1, sign=True)


def interval(found: Estimate, level: int = 95) -> str:
    """Write the ends of an interval."""
    ends = (found.low, found.high) if level == 95 else (found.low90, found.high90)
    return tr("{low} to {high}").format(low=signed(ends[0]), high=signed(ends[1]))


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
    def role(code: int) -> str:
        """Return the name of a role."""
        return (tr("Treated areas"), tr("Comparison areas"), tr("Around the treated areas"),
                tr("Around the comparison areas"))[code]

    def label(self, index: int) -> str:
        """Return the name of the earlier (0) or the later (1) counts."""
        label = self.data.labels[index]
        return formats.period(label.start, label.end) if isinstance(label, Period) else str(label)

    def row_word(self, row: Row) -> str:
        """Return the result of a row in a few words."""
        if row.found is None:
            return tr("not defined: {why}").format(why=row.why)
        total = row.found.total
        if not np.isfinite(total.low):
            return tr("not defined: no incidents")
        clear = total.clear and (row.kind != TYPE or row.q < 0.05)
        if not clear:
            return tr("could be chance")
        return tr("fewer, beyond chance") if total.value < 0 else tr("more, beyond chance")

    # --- sentences -------------------------------------------------------------------------
    def summary(self) -> str:
        """Return the sentences to read out."""
        parts = [self.headline(), self.parts_sentence(), self.quotient_sentence(), self.types_sentence(),
                 self.harm_sentence()]
        if self.data.notes:
            notes = self.data.notes
            parts.append(tr("What else changed: {notes}").format(
                notes=notes if notes.endswith((".", "!", "?")) else f"{notes}."))
        return " ".join(part for part in parts if part)

    def headline(self) -> str:
        """Say how many incidents more or fewer, with the interval; never that there was no effect."""
        total = self.result.whole.found.total
        where = tr("the treated areas and those around them") if self.data.displacement else tr("the treated areas")
        frame = {
            "where": where, "earlier": self.label(0), "later": self.label(1), "size": formats.number(
                abs(total.value), 0 if abs(total.value) >= 10 else 1),
            "interval": interval(total), "interval90": interval(total, 90)}
        if not total.clear:
            return tr("From {earlier} to {later} no difference is shown for {where}: the best guess is {value} recorded"
                      " incidents against the comparison areas, but anything from {interval} fits the counts (95 %"
                      " interval; 90 %: {interval90}). {detectable}").format(
                value=signed(total.value), detectable=self._detectable(), **frame)
        how = tr("fewer") if total.value < 0 else tr("more")
        if self.disagrees():
            q = self.result.whole.quotient
            chance = tr("which could be chance") if q.net_low <= 0 <= q.net_high else tr("which points the other way")
            return tr("From {earlier} to {later}, {where} had {size} {how} recorded incidents than the comparison areas"
                      " lead one to expect by number (95 % interval {interval}; 90 %: {interval90}), but not by rate:"
                      " had they changed by the same per cent, {net} were prevented (95 % {low} to {high}), {chance}."
                      " The areas are too unlike for this difference to be used alone.").format(
                how=how, net=signed(q.net), low=signed(q.net_low), high=signed(q.net_high), chance=chance, **frame)
        return tr("From {earlier} to {later}, {where} had {size} {how} recorded incidents than the comparison areas"
                  " lead one to expect (difference {value}, 95 % interval {interval}; 90 %: {interval90}). That is more"
                  " than chance alone makes.").format(how=how, value=signed(total.value), **frame)

    def disagrees(self) -> bool:
        """Whether areas of unlike level make a difference in number that is none in rate."""
        q, total = self.result.whole.quotient, self.result.whole.found.total
        if not total.clear or self._alike() or not np.isfinite(q.net):
            return False
        return bool(q.net_low <= 0 <= q.net_high or np.sign(q.net) == np.sign(total.value))

    def _alike(self) -> bool:
        """Whether the comparison areas have about as many incidents as the treated ones, as weighted."""
        level = self.result.whole.counts.before / self.result.whole.counts.sizes
        return bool(level[0] > 0 and 1.0 / _UNLIKE <= level[1] / level[0] <= _UNLIKE)

    def _detectable(self) -> str:
        """Say what a non-finding does not tell."""
        smallest, counts = self.result.smallest_whole, self.result.whole.counts
        base = counts.before[0] / counts.times
        if not np.isfinite(smallest) or base <= 0:
            return tr("That does not show that nothing changed: with so few incidents not even a fall to none could"
                      " have been told from chance.")
        return tr("That does not show that nothing changed: only a fall of about {fall} incidents ({share} of those in"
                  " the treated areas) or more would have been found in 8 of 10 cases.").format(
            fall=formats.number(smallest, 0), share=formats.percent(smallest / base))

    def parts_sentence(self) -> str:
        """Say what is in the treated areas and what around them."""
        if not self.data.displacement:
            return tr("Whether incidents moved to the surroundings was not looked at: there are no displacement"
                      " areas.")
        found = self.result.whole.found
        return tr("Of this, {local} in the treated areas (95 % {local_interval}; {local_chance}) and {moved} around"
                  " them (95 % {moved_interval}; {moved_chance}).").format(
            local=signed(found.local.value), local_interval=interval(found.local),
            local_chance=_chance(found.local), moved=signed(found.displaced.value),
            moved_interval=interval(found.displaced), moved_chance=_chance(found.displaced))

    def quotient_sentence(self) -> str:
        """Say what the displacement quotient means, or why there is none."""
        q = self.result.whole.quotient
        if q.why == "no displacement":
            return ""
        if q.why:
            return tr("The displacement quotient (WDQ) is not defined: {why}.").format(why=self.quotient_why())
        return tr("Displacement quotient (WDQ) {value} (95 % {low} to {high}): {meaning}.").format(
            value=formats.number(q.value, 2), low=formats.number(q.low, 2), high=formats.number(q.high, 2),
            meaning=self.quotient_meaning())

    def quotient_why(self) -> str:
        """Return why the quotient is not defined."""
        return {
            "no control": tr("the comparison areas have no incidents in one period"),
            "no displacement": tr("there are no displacement areas"),
            "no fall": tr("the treated areas did not fall against the comparison areas, so there is no gain that could"
                          " have moved"),
            "unclear": tr("the fall of the treated areas against the comparison areas could be chance, and nothing can"
                          " be a share of it"),
        }.get(self.result.whole.quotient.why, "")

    def quotient_meaning(self) -> str:
        """Return the meaning of the quotient (Bowers and Johnson 2003), guarded by its interval."""
        q, found = self.result.whole.quotient, self.result.whole.found
        if q.low < 0 < q.high:
            return tr("neither displacement nor a diffusion of benefits is shown, and neither is excluded")
        if q.value > 0 and not found.displaced.clear:
            return tr("this points to a gain of the surroundings too, but against the surroundings of the comparison"
                      " areas their change could be chance")
        if q.value > 1:
            return tr("the surroundings gained more than the treated areas (diffusion of benefits)")
        if q.value > 0:
            return tr("the surroundings gained too (diffusion of benefits), less than the treated areas")
        if not found.displaced.clear:
            return tr("this points to incidents that moved to the surroundings, but against the surroundings of the"
                      " comparison areas their change could be chance")
        if q.value > -1:
            return tr("some incidents moved to the surroundings, fewer than the treated areas lost")
        return tr("the surroundings got as many incidents as the treated areas lost, or more: nothing was gained")

    def types_sentence(self) -> str:
        """Name the types that clearly changed."""
        rows = [row for row in self.result.of(TYPE) if row.found is not None]
        if not rows:
            return ""
        clear = [row for row in rows if row.q < 0.05]
        if not clear:
            return tr("By type: in none of {count} types is the difference beyond chance after allowing for their"
                      " number.").format(count=formats.number(len(rows)))
        listed = ", ".join(tr("{type} {value} (95 % {interval})").format(
            type=row.name, value=signed(row.found.total.value), interval=interval(row.found.total))
            for row in sorted(clear, key=lambda r: -abs(r.found.total.value))[:4])
        return tr("By type beyond chance: {types}.").format(types=listed)

    def harm_sentence(self) -> str:
        """Say the difference in harm."""
        rows = [row for row in self.result.of(HARM) if row.found is not None]
        if not rows:
            return ""
        total = rows[0].found.total
        return tr("In harm: {value} (95 % {interval}; {chance}).").format(
            value=signed(total.value), interval=interval(total), chance=_chance(total))

    # --- doubts ----------------------------------------------------------------------------
    def warnings(self) -> list[str]:
        """Return what the reader must know before using the result."""
        data = self.data
        found = [self._chosen(), doubts.maybe_chosen(data.choice.maybe and data.periods is not None),
                 self._not_corrected(), self._trend(), self._unlike(), self._dispersion(), self._few(), self._areas(),
                 self._shared(), self._dose(), self._plan()]
        if data.periods is not None:
            p = data.periods
            found += [doubts.chosen_on_after(data.choice.on_after), doubts.season(p.before_period, p.after_period),
                      *doubts.silence([(p.before, p.before_period), (p.after, p.after_period)], p.monthly),
                      doubts.late(p.after, p.after_period, p.monthly), self._located()]
        return [text for text in found if text]

    def _chosen(self) -> str:
        if not self.result.shrunken:
            return ""
        counted = self.result.as_counted.total
        before, expected = self.result.whole.counts.before, self.result.expected
        both = tr(" (and the comparison areas)") if self.data.choice_both else ""
        return tr("The treated areas{both} were chosen for their many incidents in the earlier period. Part of such a"
                  " count is luck that does not come back (regression to the mean): instead of {before} incidents in"
                  " the treated areas, {expected} are taken as their earlier level. As counted the difference would be"
                  " {value} (95 % {interval}).").format(
            both=both, before=formats.number(before[0], 0), expected=formats.number(expected[0], 0),
            value=signed(counted.value), interval=interval(counted))

    def _not_corrected(self) -> str:
        if self.data.periods is not None or not self.data.choice.maybe:
            return ""
        return tr("The areas were chosen for their many incidents. If that was in the earlier period, a fall is to be"
                  " expected by chance alone (regression to the mean), and counts in fields do not tell how large. Give"
                  " the incidents of the whole town instead, and the result allows for it.")

    def _trend(self) -> str:
        trend = self.result.trend
        if trend is None or not trend.total.clear:
            return ""
        return tr("Already before, the treated and the comparison areas did not go the same way: from the first to the"
                  " second half of that time the same difference is {value} (95 % {interval}), when nothing was done"
                  " yet. The result may be this drift.").format(
            value=signed(trend.total.value), interval=interval(trend.total))

    def _unlike(self) -> str:
        counts = self.result.whole.counts
        level = counts.before / counts.sizes
        if level[0] <= 0:
            return tr("The treated areas had no incident before: they can only have had more.")
        ratio = level[1] / level[0]
        if self._alike() or self.data.weighting == AS_THEY_ARE:
            return ""
        q = self.result.whole.quotient
        by_rate = ""
        if np.isfinite(q.net):
            by_rate = tr(" By the comparison areas' rate of change the net effect is {net} incidents prevented (95 %"
                         " {low} to {high}).").format(
                net=signed(q.net), low=signed(q.net_low), high=signed(q.net_high))
        return tr("The comparison areas had {ratio} times the incidents of the treated ones. The difference takes it"
                  " that both change by the same number of incidents, which areas so unlike do not.{by_rate} Choose"
                  " comparison areas of about the same level, or weight them.").format(
            ratio=formats.number(ratio, 1), by_rate=by_rate)

    def _dispersion(self) -> str:
        spread = self.result.whole.spread
        if spread.origin == "assumed":
            return tr("Whether counts vary more than chance could not be estimated (it needs 8 weeks of incidents"
                      " before or several areas of a role): intervals are those of independent incidents, and series"
                      " or repeats make them too narrow. If you know by how much, state it in OVERDISPERSION.")
        if spread.phi > 1.5:
            return tr("The counts vary {phi} times as much as by chance alone; intervals are widened for it.").format(
                phi=formats.number(spread.phi, 1))
        return ""

    def _few(self) -> str:
        counts = self.result.whole.counts
        both = counts.before + counts.after
        roles = range(4 if self.data.displacement else 2)
        few = [self.role(k) for k in roles if both[k] < _FEW]
        if few:
            return tr("Fewer than {few} incidents in both periods together: {roles}. Only very large changes can be"
                      " told from chance.").format(few=_FEW, roles=", ".join(few))
        if counts.smallest < SMALL:
            return tr("One of the counts is {count}: chance is large beside it.").format(
                count=formats.number(counts.smallest, 0))
        return ""

    def _areas(self) -> str:
        number = self.data.number
        empty = int(((self.data.codes == 0) & ((self.data.before + self.data.after).sum(axis=0) == 0)).sum())
        out = []
        if number[1] == 1:
            out.append(tr("There is one comparison area only: whatever else happened there counts as if it were the"
                          " effect. More comparison areas would make the result sturdier."))
        if empty:
            out.append(tr("{empty} of {count} treated areas have no incident in either period; nothing can be said of"
                          " them.").format(empty=empty, count=int(number[0])))
        return " ".join(out)

    def _shared(self) -> str:
        shared = self.data.left_out.get("shared", 0)
        if not shared:
            return ""
        return tr("{count} incidents lie in areas of more than one role. Each counts once: in the treated area first,"
                  " then the comparison area, then those around. Areas that do not overlap would be clearer.").format(
            count=formats.number(shared))

    def _dose(self) -> str:
        """Warn where the comparison areas got the measure too, or treated ones did not."""
        dose, codes = self.data.dose, self.data.codes
        if dose is None:
            return ""
        treated, control = (np.nan_to_num(np.asarray(dose, float))[codes == k] for k in (0, 1))
        out = []
        if control.mean() > 0.1 * max(treated.mean(), 1e-12):
            out.append(tr("The comparison areas got {control} of the measure on average, the treated ones {treated}:"
                          " the difference is smaller than what the measure does.").format(
                control=formats.number(control.mean(), 1), treated=formats.number(treated.mean(), 1)))
        if (treated <= 0).any():
            out.append(tr("{count} of {all} treated areas got nothing of the measure.").format(
                count=int((treated <= 0).sum()), all=len(treated)))
        return " ".join(out)

    def deviations(self) -> list[str]:
        """Return what differs from the plan."""
        data, p = self.data, self.data.periods
        if data.plan is None:
            return []
        return design_plan.deviations(data.plan, data.fingerprint, data.number.tolist(), p.before_period if p else None,
                                      p.after_period if p else None)

    def plan_sentence(self) -> str:
        """Say what was planned before."""
        p = self.data.periods
        return design_plan.sentence(self.data.plan, self.deviations(), p.after_period if p else None)

    def _plan(self) -> str:
        return self.plan_sentence() if self.deviations() else ""

    def _located(self) -> str:
        shares = [100.0 * rows.located.mean() for rows in (self.data.periods.before, self.data.periods.after)]
        if abs(shares[1] - shares[0]) <= 2.0:
            return ""
        return tr("The share of records with a place went from {before} % to {after} %. Where that differs between"
                  " treated and comparison areas it reads like an effect.").format(
            before=formats.number(shares[0], 1), after=formats.number(shares[1], 1))

    def weights_note(self) -> str:
        """Say how periods and areas were made comparable."""
        data, out = self.data, []
        if abs(data.times - 1.0) > 1e-9:
            out.append(tr("Earlier counts are divided by {times}: the earlier period is that many times as long."
                          ).format(times=formats.number(data.times, 3)))
        if data.weighting == AS_THEY_ARE:
            out.append(tr("Counts of each area are divided by its weight."))
        elif data.weighting != NO_WEIGHTS:
            out.append(tr("Counts of the comparison areas are divided by {size}, their size over that of the treated"
                          " areas").format(size=formats.number(data.sizes[1], 2))
                       + (tr("; around them by {size}.").format(size=formats.number(data.sizes[3], 2))
                          if data.displacement else "."))
        return " ".join(out)


def _chance(found: Estimate) -> str:
    return tr("more than chance") if found.clear else tr("could be chance")
