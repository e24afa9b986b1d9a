"""The report of dated events."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.evaluation.datedevents import AFTER, BEFORE, DURING, LEFT_OUT
from ...analysis.evaluation.eventlooks import Look, Result
from ...reports import forest, formats, maps
from ...reports.html import Report, Shown
from ...translation import tr
from .datedevents_read import ALL_HOURS, DAY, NIGHT, Data
from .datedevents_words import Words, change, ratio


def build(run: Any, data: Data, result: Result, words: Words) -> Report:
    """Return the report of a run."""
    name = run.source(run.tool.EVENTS).sourceName() or run.inputs[run.tool.EVENTS].get("file", "")
    report = Report(tr("Before, during and after dated events"), tr("{events}, {period}").format(
        events=name, period=words.period()) if name else words.period())
    for text in (words.headline(), words.findings(), words.size()):
        if text:
            report.sentence(text)
    for text in run.warnings:
        report.warning(text)
    _facts(report, data, result, words)
    run.check()
    _forest(report, data, result, words)
    _table(report, data, result, words)
    _weeks(report, result, words)
    _checks(report, data, result, words)
    _map(report, run, words)
    _left_out(report, data, words)
    report.heading(tr("How to read this"))
    report.bullets(_reading(data, result, words))
    return report


def _facts(report: Report, data: Data, result: Result, words: Words) -> None:
    numbers, kept = words.numbers(), data.calendar.kept
    tiles = [
        (tr("Events used"), numbers["EVENT_COUNT"], tr("at {places} places; {out} left out").format(
            places=formats.number(numbers["PLACE_COUNT"]), out=formats.number(numbers["EVENTS_OUT"]))),
        (tr("Incidents before"), numbers["N_BEFORE"], _days(kept[BEFORE]))]
    if kept[DURING]:
        tiles.append((tr("Incidents during"), numbers["N_DURING"], _days(kept[DURING])))
    if kept[AFTER]:
        tiles.append((tr("Incidents after"), numbers["N_AFTER"], _days(kept[AFTER])))
    if len(tiles) < 4:
        tiles.append((tr("More than chance"), tr("{clear} of {all}").format(
            clear=numbers["CLEAR"], all=result.count), tr("ratios looked at")))
    report.facts(tiles)


def _days(count: Any) -> str:
    return tr("{days} days, all places together").format(days=formats.number(int(count)))


def _forest(report: Report, data: Data, result: Result, words: Words) -> None:
    report.heading(tr("Ring by ring"))
    for part, _ in data.parts:
        looks = sorted((look for look in result.looks if look.part == part), key=lambda look: (look.state, look.ring))
        rules = [i for i in range(1, len(looks)) if looks[i].state != looks[i - 1].state]
        names = [tr("{ring}, {state}").format(ring=words.ring(look.ring), state=words.state(look.state))
                 for look in looks]
        title = {ALL_HOURS: "", NIGHT: tr("Night"), DAY: tr("Day")}[part]
        report.figure(
            forest.differences(
                names, *_values(looks, "value", "low_adjusted", "high_adjusted", "low", "high"), title=title,
                x_label=tr("Incidents a day over those on the days before"), sides=(tr("fewer"), tr("more")),
                rules=rules, strong=[look.clear for look in looks], ratio=True),
            tr("Each place against itself. Thick: 95 % interval of the ratio; thin, and in figures: allowing for the"
               " {count} ratios looked at. In colour: more than chance.").format(count=result.count),
            "; ".join(f"{name}: {ratio(look.ratio.value)}" for name, look in zip(names, looks)), name="rings")


def _values(looks: list[Look], *names: str) -> list:
    out = []
    for name in names:
        values = np.array([getattr(look.ratio, name) for look in looks], float)
        positive = np.isfinite(values) & (values > 0)
        # a ratio of 0 or without limit has no place on a logarithmic axis: its interval is drawn to the edge
        out.append(np.where(positive, values, np.nan if name == "value" else np.where(values == 0, 1e-3, 1e3)))
    blank = np.array([not look.ratio.known for look in looks])
    return [np.where(blank, np.nan, values) for values in out]


def _table(report: Report, data: Data, result: Result, words: Words) -> None:
    rows = []
    order = {part: number for number, (part, _) in enumerate(data.parts)}
    for look in sorted(result.looks, key=lambda look: (order[look.part], look.state, look.ring)):
        r = look.ratio
        rows.append([
            words.look(look), r.n_first, Shown(r.expected, formats.number(
                r.expected, 0 if r.expected >= 10 else 1)), r.n_second, *_cells(look),
            Shown(look.p_all, formats.p_value(look.p_all)),
            Shown(look.p_placebo_all, formats.p_value(look.p_placebo_all)),
            tr("more than chance") if look.clear else tr("could be chance") if r.known else tr("no incident")])
    report.table(
        [tr("Ring and days"), tr("Recorded"), tr("Expected"), tr("Before"), tr("Ratio"), tr("95 %"),
         tr("95 %, all ratios"), tr("p, all ratios"), tr("p, placebo dates"), tr("In words")], rows,
        tr("Recorded incidents, what the days before lead to expect, and the ratio; the last two p-values allow for the"
           " number of ratios"), name="ratios")


def _cells(look: Look) -> list:
    r = look.ratio
    if not r.known:
        return [Shown(None, formats.NOTHING)] * 3
    return [Shown(r.value if np.isfinite(r.value) else None, ratio(r.value)), _interval(r.low, r.high),
            _interval(r.low_adjusted, r.high_adjusted)]


def _interval(low: float, high: float) -> Shown:
    top = tr("no limit") if np.isinf(high) or high > 1e6 else ratio(high)
    return Shown(f"{low:.4g} to {high:.4g}", tr("{low} to {high}").format(low=ratio(low), high=top))


def _weeks(report: Report, result: Result, words: Words) -> None:
    if not any(r.known for _, r in result.weeks):
        return
    names = [*(tr("Week {number} before").format(number=4 - k) for k in range(4)), tr("Event, week 1"),
             tr("Event, week 2"), tr("Event, weeks 3 and 4"), tr("Event, later"),
             *(tr("Week {number} after").format(number=k + 1) for k in range(4))]
    looks = [Look(0, 0, DURING, r, 0, 0) for _, r in result.weeks]
    weeks = [week for week, _ in result.weeks]
    rules = [i for i in range(1, len(weeks)) if (weeks[i] >= 4) != (weeks[i - 1] >= 4)
             or (weeks[i] >= 8) != (weeks[i - 1] >= 8)]
    report.heading(tr("Week by week, {ring}").format(ring=words.ring(0)))
    report.figure(
        forest.differences(
            [names[week] for week in weeks], *_values(looks, "value", "low", "high"),
            x_label=tr("Incidents a day over those on the days before"), sides=(tr("fewer"), tr("more")), rules=rules,
            strong=[False] * len(weeks), ratio=True),
        tr("95 % interval of each week against the days before (a week before: against the other days before). A day by"
           " itself holds too few incidents. The weeks before should lie round the line; one week outside it among so"
           " many may be chance."),
        "; ".join(f"{names[week]}: {ratio(r.value)}" for week, r in result.weeks), name="weeks")


def _checks(report: Report, data: Data, result: Result, words: Words) -> None:
    report.heading(tr("What was assumed, and what could be checked"))
    early = [r for week, r in result.weeks if week < 4 and r.known]
    rows = [[tr("Without the event a place would have gone on as on the days before, and as the town"),
             tr("Not checked: no weeks before.") if not early else
             tr("Weeks before against the other days before: {low} to {high}. That does not speak against it, and does"
                " not prove it.").format(low=change(min(r.value for r in early)), high=change(max(
                    r.value for r in early))) if not words._trend() else words._trend()],
            [tr("The town shows season, trend and weekday"), _town(result, words)],
            [tr("Incidents vary as Poisson counts, or as stated"), tr(
                "Overdispersion by place {low} to {high} is in the intervals.").format(
                low=ratio(min(look.ratio.phi for look in result.looks)),
                high=ratio(max(look.ratio.phi for look in result.looks)))],
            [tr("Dates that nobody chose show nothing"), _placebo(result, words)],
            [tr("Another event near by does not disturb"), _near(data, words)],
            [tr("The dates are those of the event"), tr(
                "Cannot be checked: a report comes after the fact ({lead} days just before are left out), and a repair"
                " may be entered late.").format(lead=data.windows.lead)],
            [tr("The event did not come because of the incidents"), tr(
                "Cannot be checked here: lights are broken by offenders and reported by residents who worry, cameras go"
                " where crime rose. A rise just before the start points to it.")],
            [tr("Nothing else came with it, and reporting stayed the same"), tr(
                "Cannot be checked from counts.") if len(data.parts) < 2 else tr(
                "What works by night only should not show by day: compare the two pictures above.")]]
    report.table([tr("Assumption"), tr("Check")], rows, tr("Assumptions of the estimate"), name="checks")


def _town(result: Result, words: Words) -> str:
    texts = {"outside": tr("taken from the incidents beyond the rings"),
             "all": tr("taken from all incidents, as too few lie beyond the rings"),
             "few": tr("too few incidents to know them: not allowed for"), "none": tr("not allowed for, as asked")}
    parts = []
    for part, town in result.towns.items():
        text = texts[town.source]
        if town.source in ("outside", "all"):
            text += tr(" (the town ran from {low} to {high} of its mean)").format(
                low=formats.percent(float(town.level.min())), high=formats.percent(float(town.level.max())))
        parts.append(text if len(result.towns) == 1 else f"{words.part(part)}: {text}")
    text = "; ".join(parts) + "."
    return text[:1].upper() + text[1:]


def _placebo(result: Result, words: Words) -> str:
    looks = [look for look in result.looks if np.isfinite(look.placebo_sd)]
    if not looks:
        return tr("Not checked: no placebo dates were asked for, or too few incidents.")
    largest = max(looks, key=lambda look: abs(look.placebo_mean))
    return tr("With {draws} placebo dates the scores have a mean of {mean} at most ({look}) and a spread of {low} to"
              " {high}; 0 and 1 are right.").format(
        draws=formats.number(result.draws), mean=formats.number(largest.placebo_mean, 2, sign=True),
        look=words.look(largest), low=ratio(min(look.placebo_sd for look in looks)),
        high=ratio(max(look.placebo_sd for look in looks)))


def _near(data: Data, words: Words) -> str:
    if not data.near:
        return tr("Not allowed for, as asked: all days count.")
    text = tr("{days} days on which one ran within {near} do not count, {share} of the days of events among them.")
    return text.format(
        days=formats.number(data.calendar.near), near=words.units.distance(data.near),
        share=formats.percent(data.calendar.during_left))


def _map(report: Report, run: Any, words: Words) -> None:
    if not run.wants(run.tool.PLACES):
        return
    report.heading(tr("Where"))
    report.figure(maps.map_png([run.output_layer(run.tool.PLACES)], tr("Events as they were used"), units=run.units),
                  tr("Places of the events; grey ones have no day that counts"),
                  tr("Map of {count} events").format(count=formats.number(words.data.total_rows)), name="map")


def _left_out(report: Report, data: Data, words: Words) -> None:
    numbers, out, kept = words.numbers(), data.incidents_out, data.calendar.kept
    report.heading(tr("What is not in the figures"))
    found = []
    if numbers["EVENTS_OUT"]:
        found.append(tr("{count} of {all} events: {why}").format(
            count=formats.number(numbers["EVENTS_OUT"]), all=formats.number(data.total_rows), why=words.reasons()))
    names = {"date": tr("incidents without a date"), "month": tr("incidents whose date is a month only"),
             "hour": tr("incidents without a time of day"),
             "stray": tr("incidents dated more than a year after the rest"),
             "edge": tr("incidents on the first morning and the last day, which are no whole days")}
    found += [f"{formats.number(out[key])} {text}" for key, text in names.items() if out.get(key)]
    found.append(tr("{beyond} incidents beyond {reach} of any place").format(
        beyond=formats.number(int((data.inc_ring < 0).sum())), reach=words.units.distance(data.rings[-1])))
    inside = data.inc_ring >= 0
    states = np.bincount(data.calendar.state[data.inc_place[inside], data.inc_day[inside]], minlength=5)
    text = tr("{none} incidents near a place on days far from its events, and {left} on days left out: just before the"
              " start, on the day of the end, between two events, or with another event near by")
    found.append(text.format(
        none=formats.number(int(states[0])), left=formats.number(int(states[LEFT_OUT]))))
    text = tr("{days} days of places left out in all, {between} of them after one event and before the next of the same"
              " place")
    found.append(text.format(days=formats.number(int(kept[LEFT_OUT])), between=formats.number(data.calendar.between)))
    report.bullets(found)
    if data.merged:
        report.paragraph(tr("{count} events came to a place that had another one (within {same}): where they overlap in"
                            " time they count as one.").format(
            count=formats.number(data.merged), same=words.units.distance(data.same)))


def _reading(data: Data, result: Result, words: Words) -> list:
    out = [
        tr("A ratio of 1.10 means a tenth more incidents a day than on the days before at the same places."),
        tr("The rings are the result: what moves next door shows as fewer inside and more outside, what spreads shows"
           " in both. In Chicago, outages went with more crime on the streets beside the dark one (Chalfin, Kaplan and"
           " LaForest 2022)."),
        tr("“Could be chance” is no proof that nothing happened: the interval says which effects still fit."),
        tr("Recorded incidents only: a change may be one of seeing or reporting."),
    ]
    if words.first.state == DURING:
        out.append(tr("A long event weighs more than a short one: the ratio is about days, not about events."))
    return out
