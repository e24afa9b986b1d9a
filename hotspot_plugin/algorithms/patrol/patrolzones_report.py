"""What 'Generate patrol zones' says: the sentence, the warnings, the map and the report."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.patrol import patrolzones, peaks
from ...layers import fields
from ...reports import formats
from ...reports.html import Report, Shown
from ...translation import tr
from . import patrolzones_maps as zonemaps
from .patrolzones_choice import Chosen
from .patrolzones_facts import MANAGER, Zones, days_text
from .patrolzones_input import Given


class Words:
    """Says the result in sentences."""

    def __init__(self, given: Given, zones: Zones, chosen: Chosen) -> None:
        self.given, self.zones, self.chosen = given, zones, chosen
        self.columns = zones.columns
        self.numbers = zones.numbers(chosen)

    # --- sentences -------------------------------------------------------------------------
    def summary(self) -> str:
        """Return the sentence to read out."""
        text = tr("{period}, {count} of {area} hectares held {held} of {total} recorded {things} ({share})").format(
            period=self.given.period_text(), count=self._count(), area=formats.number(self.numbers["ZONE_AREA"], 1),
            held=_amount(self.numbers["INCIDENT_SHARE"] * self.given.total), total=_amount(self.given.total),
            things=self._things(), share=formats.percent(self.numbers["INCIDENT_SHARE"], 1))
        land = self.numbers["AREA_SHARE"]
        if land is not None:
            text += tr(" on {share} of the {land}").format(share=formats.percent(land, 2), land=self._land())
        text += tr("; visiting them {visits} takes {hours} officer-hours a day").format(
            visits=self._visits(), hours=formats.number(self.numbers["OFFICER_HOURS"], 1))
        if self.chosen.plan.gap > 0:
            text += tr("; at most {gap} more could be held").format(gap=formats.percent(self.chosen.plan.gap, 2))
        return text + "."

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
            doubt=_doubt(everywhere))

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
                patrolzones.HECTARES: tr("{more} more hectares"), patrolzones.KILOMETRES: tr("{more} more kilometres"),
                patrolzones.HOURS: tr("{more} more officer-hours a day"),
            }[self.chosen.kind].format(more=_short(plan.more))
            out.append(tr("{step} would add {gain} incidents{share}.").format(
                step=step, gain=_amount(plan.more_value), share=self._of_all(plan.more_value)))
        within = tr(" within the same budget") if np.isfinite(self.chosen.budget) else ""
        one = tr("One more zone{within} would add {gain} incidents{share}.")
        if plan.zone_value <= 0:
            one = tr("Allowing one more zone{within} would add nothing.")
        out.append(one.format(within=within, gain=_amount(plan.zone_value), share=self._of_all(plan.zone_value)))
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
        """Return what must be known before the zones are used."""
        out = [self.people()] if self.given.population is None else []
        single = [str(z) for z, kind in zip(self.columns[fields.ZONE_ID], self.columns[fields.KIND]) if kind == MANAGER]
        if single:
            out.append(tr("More than half of the incidents of {zones} lie at one place: think of its place manager, not"
                          " of patrol.").format(zones=", ".join(single)))
            if self.given.shared_places() > 0.5:
                out.append(tr("Most incidents share their coordinates with others (block midpoints or anonymised"
                              " points?): a single place may then be many addresses."))
        return out

    def told(self) -> list:
        """Return what the log says of the result."""
        people = [self.people()] if self.given.population is not None else []
        return [self.summary(), self.proof(), *self.more(), self.times(), *self.apart(), *people]

    def tell(self, run: Any) -> None:
        """Say all of it in the log."""
        for text in self.told():
            run.info(text)
        for text in self.warnings():
            run.warn(text)


def peak_text(peak: peaks.Peak) -> str:
    """Write a peak: ``"Fri-Sat, 22:00 to 04:00"``."""
    return tr("{days}, {start} to {end}").format(
        days=days_text(peak), start=peaks.clock_text(peak.start), end=peaks.clock_text(peak.end))


def _doubt(peak: peaks.Peak) -> str:
    return tr(" (could be chance)") if peak.p >= 0.05 else ""


def _short(value: float) -> str:
    return formats.number(value, 0 if float(value).is_integer() else 1)


def _amount(value: float) -> str:
    whole = abs(value - round(value)) < 1e-6
    return formats.number(round(value) if whole else value, 0 if whole else 1)


# --- report --------------------------------------------------------------------------------
def build(run: Any, given: Given, zones: Zones, chosen: Chosen, words: Words) -> Report:
    """Return the report."""
    report = Report(tr("Patrol zones"), given.areas.name)
    report.sentence(words.summary())
    report.sentence(words.people())
    for text in [*words.warnings()[1 if given.population is None else 0:], *run.warnings]:
        if text != words.people():
            report.warning(text)
    _facts(report, given, words)
    zonemaps.overview(report, run, given, zones)
    _table(report, given, zones)
    zonemaps.close_ups(report, run, given, zones)
    report.heading(tr("When"))
    report.paragraph(words.times())
    report.bullets(words.apart())
    if given.clock is not None:
        report.paragraph(tr("A zone with fewer than {least} incidents with a known time has no peak of its own: go by"
                            " the peak of the whole area.").format(least=peaks.LEAST_INCIDENTS))
    _effort(report, given, chosen, words)
    _residents(report, given, zones, words)
    report.heading(tr("What these zones cannot say"))
    report.bullets([
        words.proof() + " " + tr("How areas are grouped into candidates is a rule, not an optimum."),
        tr("The zones repeat what was recorded. Where more officers look, more is recorded."),
        tr("Places chosen because they were bad in one period tend to look better in the next by themselves: judge the"
           " patrols on later data and against places that were not patrolled."),
    ])
    told = words.told()
    settings = [note for note in run.notes if note not in told]
    if settings:
        report.heading(tr("Settings told in the log"))
        report.bullets(settings)
    return report


def _facts(report: Report, given: Given, words: Words) -> None:
    numbers = words.numbers
    facts = [
        (tr("Zones"), str(numbers["ZONE_COUNT"])),
        (tr("Share of the incidents"), formats.percent(numbers["INCIDENT_SHARE"], 1)),
        (tr("Hectares"), formats.number(numbers["ZONE_AREA"], 1),
         tr("{share} of the land").format(share=formats.percent(numbers["AREA_SHARE"], 2))),
    ]
    if given.streets is not None:
        facts.append((tr("Kilometres of street"), formats.number(numbers["STREET_KM"], 1)))
    facts.append((tr("Officer-hours a day"), formats.number(numbers["OFFICER_HOURS"], 1), words._visits()))
    people = formats.number(round(numbers["RESIDENTS"])) if given.population is not None else tr("not checked")
    facts.append((tr("Residents"), people))
    report.facts(facts)


def _table(report: Report, given: Given, zones: Zones) -> None:
    columns = zones.columns
    header = [tr("Zone"), tr("Incidents"), tr("Share"), tr("Hectares")]
    header += [tr("Street, km")] if given.streets is not None else []
    header += [tr("Hours a day")] + ([tr("Residents")] if given.population is not None else [])
    header += [tr("Peak"), tr("Share in peak"), tr("Times an even week"), tr("What it asks for")]
    rows = []
    for i in range(len(zones.shapes)):
        peak = zones.peak[i]
        row = [columns[fields.ZONE_ID][i], columns[fields.N][i], _percent(columns[fields.SHARE][i]),
               _rounded(columns[fields.AREA_HA][i], 1)]
        row += [_rounded(columns[fields.STREET_KM][i], 2)] if given.streets is not None else []
        row += [_rounded(columns[fields.HOURS][i], 1)]
        row += [columns[fields.RESIDENTS][i]] if given.population is not None else []
        row += [None, None, None] if peak is None else [
            peak_text(peak) + _doubt(peak), _percent(peak.share, 0), _rounded(peak.lift, 1)]
        rows.append([*row, tr("place manager") if columns[fields.KIND][i] == MANAGER else tr("patrol")])
    report.heading(tr("Zones"))
    report.table(header, rows, tr("Ranked by incidents"), name="zones")


def _percent(share: float, decimals: int = 1) -> Shown:
    return Shown(share, formats.percent(share, decimals))


def _rounded(value: float, decimals: int) -> Shown:
    return Shown(value, formats.number(value, decimals))


def _effort(report: Report, given: Given, chosen: Chosen, words: Words) -> None:
    report.heading(tr("Effort, and what more would buy"))
    report.bullets(words.more())
    report.paragraph(words.crews())
    table = chosen.table
    if table is None:
        return
    total = given.weight_total
    rows = [[int(v), int(z), _amount(value), _percent(value / total if total > 0 else np.nan), _rounded(hours, 1)]
            for v, z, value, hours in zip(table.visits, table.zones, table.value, table.hours)]
    header = [tr("Visits a day"), tr("Zones"), tr("Incidents held"), tr("Share of all"), tr("Officer-hours a day")]
    report.table(header, rows, tr("The same hours with fewer visits to more zones"), name="visits")


def _residents(report: Report, given: Given, zones: Zones, words: Words) -> None:
    report.heading(tr("Who lives there"))
    report.paragraph(words.people())
    if given.population is None:
        return
    inside, total = zones.residents.sum(axis=0), given.residents.sum(axis=0)
    rows = []
    for i, name in enumerate(given.groups, 1):
        rows.append([name, _percent(inside[i] / inside[0] if inside[0] else np.nan),
                     _percent(total[i] / total[0] if total[0] else np.nan)])
    if rows:
        report.table([tr("Group"), tr("Share of the residents of the zones"), tr("Share of all residents")], rows,
                     tr("Residents by group; they played no part in the choice"), name="residents")
    report.paragraph(tr("Residents are not all who are there: visitors and workers of the place are not counted."))
