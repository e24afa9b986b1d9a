"""The report of 'Generate patrol zones'."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.patrol import peaks
from ...layers import fields
from ...reports import formats
from ...reports.formats import Units
from ...reports.html import Report, Shown
from ...translation import tr
from .. import proactive
from . import patrolzones_maps as zonemaps
from .patrolzones_choice import Chosen
from .patrolzones_facts import Zones, peak_text
from .patrolzones_input import Given
from .patrolzones_people import TOO_FEW, top_text, wish_text
from .patrolzones_response import advice, kind_text
from .patrolzones_words import Words, amount, doubt


def build(run: Any, given: Given, zones: Zones, chosen: Chosen, words: Words) -> Report:
    """Return the report."""
    report = Report(tr("Patrol zones"), given.areas.name)
    report.sentence(words.summary())
    report.sentence(words.people())
    for text in [*words.warnings()[1 if given.population is None else 0:], *run.warnings]:
        if text != words.people():
            report.warning(text)
    _facts(report, run.units, given, words)
    zonemaps.overview(report, run, given, zones)
    _table(report, run.units, given, zones)
    _response(report, zones)
    zonemaps.close_ups(report, run, given, zones)
    _community(report, run, given, zones)
    report.heading(tr("When"))
    report.paragraph(words.times())
    report.bullets([*words.shifts(), *words.apart()])
    if given.clock is not None and None in zones.peak:
        report.paragraph(tr("A zone with fewer than {least} incidents with a known time has no peak of its own: go by"
                            " the peak of the whole area.").format(least=peaks.LEAST_INCIDENTS))
    _records(report, given, zones, words)
    _effort(report, given, chosen, words)
    _residents(report, given, zones, words)
    report.heading(tr("What these zones cannot say"))
    report.bullets([
        words.proof() + " " + tr("How areas are grouped into candidates is a rule, not an optimum."),
        tr("The zones repeat what was recorded. Where more officers look, more is recorded."),
        words.period_chosen() + " " + tr("Places chosen because they were bad in one period tend to look better in the"
                                         " next by themselves."),
    ])
    told = words.told()
    settings = [note for note in run.notes if note not in told]
    if settings:
        report.heading(tr("Settings told in the log"))
        report.bullets(settings)
    return report


def _facts(report: Report, units: Units, given: Given, words: Words) -> None:
    numbers = words.numbers
    facts = [
        (tr("Zones"), str(numbers["ZONE_COUNT"])),
        (tr("Share of the incidents"), formats.percent(numbers["INCIDENT_SHARE"], 1)),
        (tr("Area"), units.area(numbers["ZONE_AREA"] * 1e4, 1),
         tr("{share} of the land").format(share=formats.percent(numbers["AREA_SHARE"], 2))),
    ]
    if given.streets is not None:
        facts.append((tr("Street"), units.length(numbers["STREET_KM"] * 1e3)))
    facts.append((tr("Officer-hours a day"), formats.number(numbers["OFFICER_HOURS"], 1), words._visits()))
    people = formats.number(round(numbers["RESIDENTS"])) if given.population is not None else tr("not checked")
    facts.append((tr("Residents"), people))
    if given.made is not None:
        facts.append(proactive.fact(given.made.take(given.within)))
    report.facts(facts)


def _table(report: Report, units: Units, given: Given, zones: Zones) -> None:
    columns = zones.columns
    # the areas' own numbers may hold what the shares leave out, such as officers' records: then both are shown
    inside = np.ma.filled(np.ma.masked_array(columns[fields.N_INSIDE], dtype=float), np.nan)
    both = given.incidents is not None and not np.allclose(inside, columns[fields.N])
    header = [tr("Zone"), tr("By the areas") if both else tr("Incidents"), *([tr("Counted here")] if both else []),
              tr("Share"), tr("Area, acres") if units.us else tr("Area, ha")]
    header += [tr("Street, mi") if units.us else tr("Street, km")] if given.streets is not None else []
    header += [tr("Hours a day")] + ([tr("Residents")] if given.population is not None else [])
    header += [tr("Peak"), tr("Share in peak"), tr("Times an even week"), tr("Response proposed")]
    acres, miles = (1e4 / formats.ACRE, 1e3 / formats.MILE) if units.us else (1.0, 1.0)
    rows = []
    for i in range(len(zones.shapes)):
        peak = zones.peak[i]
        row = [columns[fields.ZONE_ID][i], columns[fields.N][i], *([int(inside[i])] if both else []),
               _percent(columns[fields.SHARE][i]), _rounded(columns[fields.AREA_HA][i] * acres, 1)]
        row += [_rounded(columns[fields.STREET_KM][i] * miles, 2)] if given.streets is not None else []
        row += [_rounded(columns[fields.HOURS][i], 1)]
        row += [columns[fields.RESIDENTS][i]] if given.population is not None else []
        row += [None, None, None] if peak is None else [
            peak_text(peak) + doubt(peak), _percent(peak.share, 0), _rounded(peak.lift, 1)]
        rows.append([*row, kind_text(columns[fields.KIND][i])])
    report.heading(tr("Zones"))
    caption = tr("Ranked by the number that the areas carry; the share is of what is counted here") if both else tr(
        "Ranked by incidents")
    report.table(header, rows, caption, name="zones")


def _response(report: Report, zones: Zones) -> None:
    """What each zone asks for, and why."""
    found = zones.response
    report.heading(tr("What each zone asks for"))
    more = any(found.also)
    alike: dict = {}
    for i, zone in enumerate(zones.columns[fields.ZONE_ID]):
        alike.setdefault((found.kinds[i], found.because[i], found.also[i]), []).append(str(zone))
    rows = [[", ".join(names), kind_text(kind), because, *([also or None] if more else [])]
            for (kind, because, also), names in alike.items()]
    header = [tr("Zone"), tr("Response proposed"), tr("Because")]
    report.table(header + ([tr("What else speaks, and for what")] if more else []), rows,
                 tr("A proposal by the rules in the tool's help, to be judged by those who know the place"),
                 name="response")
    report.bullets([advice(kind) for kind in dict.fromkeys(found.kinds)])


def _community(report: Report, run: Any, given: Given, zones: Zones) -> None:
    """What residents near each zone say."""
    heard = zones.heard
    if heard is None:
        return
    report.heading(tr("What residents asked for"))
    report.paragraph(tr("Reports in the zones and within {distance} of them{voices}. Fewer than {least} voices are too"
                        " few to say anything. Who does not report is not heard.").format(
        distance=run.units.distance(given.reports.distance), least=heard.least,
        voices=tr(", each resident counted once") if given.reports.by_voice else tr(
            ", each report counted as a voice")))
    rows = []
    for i in range(len(zones.shapes)):
        row = [zones.columns[fields.ZONE_ID][i], int(heard.voices[i]) if heard.enough[i] else TOO_FEW]
        if heard.category is not None:
            row += _said(heard.category, i, str)
        if given.reports.concern is not None:
            row.append(_rounded(heard.concern[i], 1) if np.isfinite(heard.concern[i]) else None)
        if heard.wish is not None:
            row += _said(heard.wish, i, wish_text) + [_interval(heard.wish, i)]
        rows.append(row)
    header = [tr("Zone"), tr("Voices")]
    header += [tr("Main concern"), tr("Named by")] if heard.category is not None else []
    header += [tr("Mean concern, 1 to 5")] if given.reports.concern is not None else []
    header += [tr("Main wish"), tr("Wished by"), tr("95 % interval")] if heard.wish is not None else []
    report.table(header, rows, tr("By zone; shares are of the voices that named anything"), name="community")


def _said(main: Any, i: int, words: Any) -> list:
    if not main.names[i]:
        return [None, None]
    return [Shown(top_text(main, i), " / ".join(words(name) for name in main.names[i])), _percent(main.share[i], 0)]


def _interval(main: Any, i: int) -> str | None:
    return tr("{low} to {high}").format(
        low=formats.number(100 * main.low[i], 0), high=formats.percent(main.high[i])) if main.names[i] else None


def _records(report: Report, given: Given, zones: Zones, words: Words) -> None:
    """Who made the records, and what a patrol sees of them."""
    columns = zones.columns
    made = given.made is not None and given.made.take(given.within).n
    told = made or (given.made is None and bool((np.nan_to_num(columns[fields.PRO_SHARE]) > 0).any()))
    hidden = given.hidden is not None and int((given.hidden & given.within).sum())
    if not told and not hidden:
        return
    report.heading(tr("Whose records these are"))
    report.bullets(words.ranks())
    header, ranked = [tr("Zone")], zones.ranked_with_made > 0
    header += [tr("Found by officers")] if made else []
    header += [tr("Share found by officers")] if told else []
    header += [tr("Rank with these")] if made and ranked else []
    header += [tr("Not seen by a patrol")] if hidden else []
    rows = []
    for i in range(len(zones.shapes)):
        row = [columns[fields.ZONE_ID][i]]
        row += [columns[fields.N_PRO][i]] if made else []
        row += [_percent(columns[fields.PRO_SHARE][i])] if told else []
        if made and ranked:
            rank = columns[fields.RANK_PRO][i]
            row.append(tr("not chosen") if rank is np.ma.masked else int(rank))
        rows.append(row + ([columns[fields.N_NOTPUB][i]] if hidden else []))
    report.table(header, rows, tr("Incidents in each zone, before any are left out"), name="records")


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
    rows = [[int(v), int(z), amount(value), _percent(value / total if total > 0 else np.nan), _rounded(hours, 1)]
            for v, z, value, hours in zip(table.visits, table.zones, table.value, table.hours)]
    header = [tr("Visits a day"), tr("Zones"), tr("Incidents held"), tr("Share of all"), tr("Officer-hours a day")]
    report.table(header, rows, tr("The same hours with fewer visits to more zones"), name="visits")


def _residents(report: Report, given: Given, zones: Zones, words: Words) -> None:
    report.heading(tr("Who lives there"))
    report.paragraph(words.people())
    burden = zones.burden
    if burden is None:
        return
    rows = []
    for i, name in enumerate(burden.names, 1):
        here, there, ratio = burden.shares(i)
        rows.append([name, Shown(burden.inside[i], formats.number(round(burden.inside[i]))), _percent(here),
                     Shown(burden.whole[i], formats.number(round(burden.whole[i]))), _percent(there),
                     Shown(ratio, formats.number(ratio, 2))])
    if rows:
        header = [tr("Group"), tr("In the zones"), tr("Share there"), tr("In the whole area"), tr("Share in all"),
                  tr("Times the share in all")]
        report.table(header, rows, tr("Residents by group; they played no part in the choice"), name="residents")
        report.paragraph(tr("Above 1, the zones lie where more of a group live than elsewhere: they bear more of the"
                            " patrol. Census numbers of small areas carry errors of their own."))
    report.paragraph(tr("Residents are not all who are there: visitors and workers of the place are not counted."))
