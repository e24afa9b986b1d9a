"""What 'Generate patrol zones' says in sentences."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.patrol import patrolzones, peaks
from ...layers import fields
from ...reports import formats
from ...reports.formats import Units
from ...translation import tr
from .. import proactive
from .patrolzones_choice import Chosen
from .patrolzones_facts import Zones, peak_text
from .patrolzones_input import Given
from .patrolzones_people import asked, group_texts


class Words:
    """Says the result in sentences."""

    def __init__(self, units: Units, given: Given, zones: Zones, chosen: Chosen) -> None:
        self.units, self.given, self.zones, self.chosen = units, given, zones, chosen
        self.columns = zones.columns
        self.numbers = zones.numbers(chosen)

    # --- sentences -------------------------------------------------------------------------
    def summary(self) -> str:
        """Return the sentence to read out."""
        text = tr("{period}, {count} of {area} held {held} of {total} recorded {things} ({share})").format(
            period=self.given.period_text(), count=self._count(),
            area=self.units.area(self.numbers["ZONE_AREA"] * 1e4, 1),
            held=amount(self.numbers["INCIDENT_SHARE"] * self.given.total), total=amount(self.given.total),
            things=self._things(), share=formats.percent(self.numbers["INCIDENT_SHARE"], 1))
        out = int((self.given.within & ~self.given.inside).sum())
        if out:
            text += tr(", not counting {out} that {why},").format(out=formats.number(out), why=self._left_out())
        land = self.numbers["AREA_SHARE"]
        if land is not None:
            text += tr(" on {share} of the {land}").format(share=formats.percent(land, 2), land=self._land())
        text += tr("; visiting them {visits} takes {hours} officer-hours a day").format(
            visits=self._visits(), hours=formats.number(self.numbers["OFFICER_HOURS"], 1))
        if self.chosen.plan.gap > 0:
            text += tr("; at most {gap} more could be held").format(gap=formats.percent(self.chosen.plan.gap, 2))
        return text + "."

    def _left_out(self) -> str:
        given = self.given
        out = given.within & ~given.inside
        made, hidden = (marked is not None and bool((marked & out).any())
                        for marked in (None if given.made is None else given.made.made, given.hidden))
        if made and hidden:
            return tr("officers found or no patrol sees")
        return tr("officers found themselves") if made else tr("no patrol sees")

    def _count(self) -> str:
        count = self.numbers["ZONE_COUNT"]
        return tr("1 patrol zone") if count == 1 else tr("{count} patrol zones").format(count=count)

    def _things(self) -> str:
        return {
            "incidents": tr("incidents"), "share": tr("incidents"), "areas": tr("incidents in the areas given"),
        }[self.given.total_of]

    def _land(self) -> str:
        return {
            "boundary": tr("land within the boundary"), "hull": tr("ground that the incidents span"),
            "areas": tr("ground of the areas given"),
        }[self.given.study_of]

    def _visits(self) -> str:
        visits = self.given.visits
        return tr("{visits} times a day for {minutes} minutes by {crew}").format(
            visits=visits["visits"], minutes=_short(visits["visit"]), crew=self._crew())

    def _crew(self) -> str:
        crew = self.given.visits["crew"]
        return tr("one officer") if crew == 1 else tr("{crew} officers").format(crew=_short(crew))

    def people(self) -> str:
        """Return who lives in the zones, or that it was not checked."""
        if self.given.population is None:
            return tr("Who lives there was not checked: no population layer was given.")
        inside, total = self.numbers["RESIDENTS"], float(self.given.residents[:, 0].sum())
        return tr("About {inside} of {total} residents ({share}) live in the zones.").format(
            inside=formats.number(round(inside)), total=formats.number(round(total)),
            share=formats.percent(inside / total, 1))

    def times(self) -> str:
        """Return when incidents gather in all the area, or why that cannot be told."""
        clock, everywhere = self.given.clock, self.zones.everywhere
        if self.given.incidents is None:
            return tr("Peak times are not told: no incidents were given.")
        if clock is None:
            return tr("Peak times are not told: no date field was given.")
        usable = int((clock.usable & self.given.inside).sum())
        if usable < peaks.LEAST_INCIDENTS:
            return tr("Peak times are not told: only {usable} of {rows} incidents have a known time of day, and {least}"
                      " are needed.").format(usable=formats.number(usable), least=peaks.LEAST_INCIDENTS,
                                             rows=formats.number(int(self.given.inside.sum())))
        if everywhere is None:
            return tr("Of all incidents, no part of the week holds more than another.")
        return tr("Of all {rows} incidents with a known time, {share} fall into the peak: {peak}{doubt}.").format(
            rows=formats.number(usable), share=formats.percent(everywhere.share), peak=peak_text(everywhere),
            doubt=doubt(everywhere))

    def apart(self) -> list:
        """Return what was counted apart because it tells no time of day."""
        clock = self.given.clock
        if clock is None:
            return []
        texts = [
            (clock.no_date, tr("{count} incidents have no date.")),
            (clock.no_time, tr("{count} incidents have a date without a known time of day.")),
            (clock.long, tr("{count} incidents have a span of more than 24 hours.")),
            (clock.default, tr("{count} incidents are written at {times}, far more than at the hours around: that time"
                               " stands for 'unknown' and is no peak.")),
        ]
        times = tr(" or ").join(clock.default_times)
        return [text.format(count=formats.number(count), times=times) for count, text in texts if count]

    def more(self) -> list:
        """Return what a larger budget and one more zone would add."""
        plan, out = self.chosen.plan, []
        if np.isfinite(self.chosen.budget):
            step = {
                patrolzones.HECTARES: self.units.area(plan.more * 1e4, 1),
                patrolzones.KILOMETRES: self.units.length(plan.more * 1e3),
                patrolzones.HOURS: tr("{more} officer-hours a day").format(more=_short(plan.more)),
            }[self.chosen.kind]
            out.append(tr("{step} more would add {gain} incidents{share}.").format(
                step=step, gain=amount(plan.more_value), share=self._of_all(plan.more_value)))
        within = tr(" within the same budget") if np.isfinite(self.chosen.budget) else ""
        one = tr("One more zone{within} would add {gain} incidents{share}.")
        if plan.zone_value <= 0:
            one = tr("Allowing one more zone{within} would add nothing.")
        out.append(one.format(within=within, gain=amount(plan.zone_value), share=self._of_all(plan.zone_value)))
        return out

    def _of_all(self, value: float) -> str:
        total = self.given.weight_total
        return tr(" ({share} of all)").format(share=formats.percent(value / total, 1)) if total > 0 else ""

    def crews(self) -> str:
        """Return how many units the plan needs."""
        low, high = patrolzones.SPOTS_PER_UNIT
        count = self.numbers["ZONE_COUNT"]
        most, least = -(-count // low), -(-count // high)
        units = str(least) if least == most else tr("{least} to {most}").format(least=least, most=most)
        return tr("A unit can serve {low} to {high} zones in a shift, so the plan needs {units} units a shift. When"
                  " hours do not suffice, drop visits, not minutes: never under 12 minutes.").format(
            low=low, high=high, units=units)

    def proof(self) -> str:
        """Return how sure it is that no better choice exists."""
        gap = self.chosen.plan.gap
        if gap > 0:
            return tr("The choice is the best found; no choice among the candidates can hold more than {gap}"
                      " more.").format(gap=formats.percent(gap, 3))
        return tr("No other choice among the candidate zones within these limits holds more incidents.")

    def warnings(self) -> list:
        """Return what must be known before the zones are used; that nobody was asked who lives there comes first."""
        out = [self.people()] if self.given.population is None else []
        out += asked(self.zones.heard, self.columns[fields.ZONE_ID])
        if self.given.made is None:
            out += self._by_officers()
        single = [str(z) for z, alone in zip(self.columns[fields.ZONE_ID], self.zones.alone) if alone]
        if single:
            out.append(tr("More than half of the incidents of {zones} lie at one place: think of its place manager, not"
                          " of patrol.").format(zones=", ".join(single)))
            if self.given.shared_places() > 0.5:
                out.append(tr("Most incidents share their coordinates with others (block midpoints or anonymised"
                              " points?): a single place may then be many addresses."))
        return out

    def _by_officers(self) -> list:
        """Return what share of the zones officers made, where only the areas tell it and it is much."""
        from ...analysis.proactive import MUCH

        share, n = self.columns[fields.PRO_SHARE], np.asarray(self.columns[fields.N], float)
        known = np.isfinite(share)
        whole = float((share * n)[known].sum() / n[known].sum()) if known.any() else 0.0
        if whole <= MUCH:
            return []
        return [tr("{share} of the zones' incidents were found by officers themselves, as the areas tell ('{field}'):"
                   " {least} to {most} by zone.").format(
            share=formats.percent(whole, 1), field=fields.PRO_SHARE, least=formats.percent(share[known].min()),
            most=formats.percent(share[known].max())) + " " + proactive.advice()]

    def groups(self) -> list:
        """Return how the shares of groups of residents compare, and that they were not asked."""
        texts = group_texts(self.zones.burden) if self.zones.burden is not None else []
        return [*texts, tr("Groups of residents played no part in the choice.")] if texts else []

    def ranks(self) -> list:
        """Return what the choice would be with the records that officers made."""
        count = self.zones.ranked_with_made
        if not count:
            return []
        ranks = self.columns[fields.RANK_PRO]
        names = self.columns[fields.ZONE_ID]
        gone = [str(z) for z, none in zip(names, np.ma.getmaskarray(ranks)) if none]
        moved = [tr("{zone} would have rank {rank}").format(zone=z, rank=int(r))
                 for i, (z, r) in enumerate(zip(names, ranks)) if r is not np.ma.masked and int(r) != i + 1]
        text = tr("With the records that officers made, {moved}").format(
            moved=", ".join(moved) if moved else tr("the zones that stay would keep their ranks"))
        if gone:
            text += tr("; {zones} would not be chosen, and another place instead").format(
                zones=gone[0]) if len(gone) == 1 else tr("; {zones} would not be chosen, and others instead").format(
                zones=", ".join(gone))
        return [text + "."]

    def shifts(self) -> list:
        """Return how peaks follow shifts and the police day."""
        out = []
        if self.zones.uncovered >= 0.005:
            out.append(tr("{share} of the incidents with a known time lie in none of the shifts given.").format(
                share=formats.percent(self.zones.uncovered, 1)))
        if any(p is not None and p.start < self.given.day_start for p in (*self.zones.peak, self.zones.everywhere)):
            start = peaks.clock_text(self.given.day_start)
            out.append(tr("Days begin at {start}: a peak that begins before {start} is in the night after the day"
                          " named.").format(start=start))
        return out

    def period_chosen(self) -> str:
        """Return of when the incidents are that the zones were chosen for."""
        if not self.given.chosen_on:
            return tr("Of when the incidents are that the zones were chosen for is not known: a later comparison cannot"
                      " guard against it.")
        first, last = self.given.chosen_on
        return tr("The zones were chosen on the incidents of {period}: judge them on others.").format(
            period=formats.period(first, last))

    def told(self) -> list:
        """Return what the log says of the result."""
        people = [self.people()] if self.given.population is not None else []
        return [self.summary(), self.proof(), *self.more(), self.times(), *self.shifts(), *self.apart(), *people,
                *self.groups(), *self.ranks(), self.period_chosen()]

    def tell(self, run: Any) -> None:
        """Say all of it in the log."""
        for text in self.told():
            run.info(text)
        for text in self.warnings():
            run.warn(text)


def doubt(peak: peaks.Peak) -> str:
    """Say that a peak could be chance, where it could."""
    return tr(" (could be chance)") if peak.p >= 0.05 else ""


def _short(value: float) -> str:
    return formats.number(value, 0 if float(value).is_integer() else 1)


def amount(value: float) -> str:
    """Write a number of incidents, which is whole unless they are weighed."""
    whole = abs(value - round(value)) < 1e-6
    return formats.number(round(value) if whole else value, 0 if whole else 1)
