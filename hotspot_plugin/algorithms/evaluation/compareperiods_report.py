"""The report of 'Compare two periods by area'."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.evaluation import compareperiods as comparing
from ...analysis.evaluation.compareperiods import Comparison
from ...reports import charts, formats, maps
from ...reports.html import Report, Shown
from ...translation import tr
from .compareperiods_read import Data, Result
from .compareperiods_words import Words, percents

#: A percentage of fewer incidents than this is left to the CSV file: +1,900 % says nothing.
_LEAST_FOR_PERCENT = 10


def build(run: Any, data: Data, result: Result, words: Words) -> Report:
    """Return the report of a run whose areas have been written."""
    earlier, later = words.period(data.before_period), words.period(data.after_period)
    report = Report(tr("Two periods compared"), tr("{later} against {earlier}, {areas}").format(
        later=later, earlier=earlier, areas=data.areas.name))
    report.sentence(words.headline())
    for text in (words.types_sentence(), words.areas_sentence()):
        if text:
            report.sentence(text)
    for text in run.warnings:
        report.warning(text)
    _facts(report, data, result, words)
    _whole(report, data, result, words)
    run.check()
    _types(report, result, words)
    _areas(report, run, data, result, words)
    run.check()
    _months(report, data, words)
    report.heading(tr("Changes in recording"))
    report.paragraph(data.notes or tr(
        "None was stated. New systems, rules or ways of reporting change what is recorded and read like a change of"
        " crime: ask before you publish."))
    report.heading(tr("How to read this"))
    report.bullets(_reading())
    return report


def _facts(report: Report, data: Data, result: Result, words: Words) -> None:
    whole = result.whole
    shown = percents(whole)
    days = tr("{days} days")
    report.facts([
        (tr("Recorded, {period}").format(period=words.period(data.before_period)), int(whole.previous[0]),
         days.format(days=data.before_period.days)),
        (tr("Recorded, {period}").format(period=words.period(data.after_period)), int(whole.current[0]),
         days.format(days=data.after_period.days)),
        (tr("Change per day") if words.unequal else tr("Change"), shown["percent"],
         tr("95 % interval {low} to {high}").format(**shown)),
        (tr("By chance alone"), "p " + _p_sign(whole.p[0]),
         tr("more than chance") if whole.beyond_chance() else tr("could be chance")),
        (tr("Areas with more"), int((result.areas.code == comparing.MORE).sum()),
         tr("of {count}, beyond chance").format(count=formats.number(len(result.areas.code)))),
        (tr("Areas with fewer"), int((result.areas.code == comparing.FEWER).sum()),
         tr("of {count}, beyond chance").format(count=formats.number(len(result.areas.code)))),
    ])


def _p_sign(p: float) -> str:
    text = formats.p_value(p)
    return text if text.startswith("<") else f"= {text}"


def _percent_cells(pair: Comparison, index: int) -> list:
    values = (pair.percent[index], pair.percent_low[index], pair.percent_high[index])
    if not np.isfinite(values[0]):
        return [Shown(None, formats.NOTHING)] * 3
    few = pair.previous[index] < _LEAST_FOR_PERCENT
    texts = dict.fromkeys(("percent", "low", "high"), formats.NOTHING) if few else percents(pair, index)
    return [Shown(float(value), texts[name]) for name, value in zip(("percent", "low", "high"), values)]


def _pair_row(name: str, pair: Comparison, index: int, last: Any) -> list:
    return [name, int(pair.previous[index]), int(pair.current[index]),
            Shown(int(pair.difference[index]), formats.number(int(pair.difference[index]), sign=True)),
            *_percent_cells(pair, index), last]


def _header(first: str, words: Words, last: str) -> list:
    return [first, words.period(words.data.before_period), words.period(words.data.after_period), tr("Difference"),
            tr("Change per day, %") if words.unequal else tr("Change, %"), tr("from"), tr("to"), last]


def _whole(report: Report, data: Data, result: Result, words: Words) -> None:
    report.heading(tr("As a whole"))
    pairs = [(tr("All records"), result.whole), (tr("Records with a place"), result.located),
             (tr("Inside the areas"), result.unguarded)]
    rows = [_pair_row(name, pair, 0, Shown(float(pair.p[0]), formats.p_value(pair.p[0]))) for name, pair in pairs]
    without = [int((~rows_.located).sum()) for rows_ in (data.before, data.after)]
    if sum(without):
        pair = comparing.compare([without[0]], [without[1]], data.before_period.days, data.after_period.days)
        p_value = Shown(float(pair.p[0]), formats.p_value(pair.p[0]))
        rows.append(_pair_row(tr("Records without a place"), pair, 0, p_value))
    if not data.with_unlocated:
        report.paragraph(tr("No table of unlocated incidents was given, so records without a place are counted only"
                            " where the layer itself holds them."))
    report.table(_header(tr("Counted"), words, tr("p")), rows, tr(
        "Counts of both periods, with the exact 95 % interval of the change (from, to)"), name="whole")
    if result.foreseen is not None:
        _foreseen(report, result)
    shown = [(name, pair) for name, pair in pairs if pair.previous[0] > 0]
    report.figure(
        charts.forest(
            [name for name, _ in shown], *(
                [float(getattr(pair, field)[0]) / 100.0 + 1.0 for _, pair in shown]
                for field in ("percent", "percent_low", "percent_high")),
            tr("How many times as many a day as before"), tr("{later} divided by {earlier}").format(
                later=words.period(data.after_period), earlier=words.period(data.before_period)),
            note=tr("no change"),
        ),
        tr("Rate of the later period divided by that of the earlier one, with the exact 95 % interval; a line that"
           " touches 1 could be chance"),
        "; ".join(f"{name}: {percents(pair)['percent']}, {percents(pair)['low']} … {percents(pair)['high']}"
                  for name, pair in shown),
        name="ratio",
    )


def _foreseen(report: Report, result: Result) -> None:
    """Put the shrunken expectation beside the observed change."""
    found, pair = result.foreseen, result.unguarded
    plain = float(pair.expected[0])
    rows = [[name, Shown(value, formats.number(value, 0)), Shown(observed - value, formats.number(
        observed - value, 0, sign=True)), Shown(p, formats.p_value(p))]
        for observed in [int(pair.current[0])]
        for name, value, p in ((tr("Had the earlier count come again"), plain, float(pair.p[0])),
                               (tr("Allowing for regression to the mean"), found.total, found.p_total))]
    report.table([tr("What was to be expected in the areas"), tr("Expected"), tr("Observed less expected"), tr("p")],
                 rows, tr("{observed} were recorded in the areas; with nothing done 95 % of such areas would have had"
                          " {low} to {high}").format(
                     observed=formats.number(int(pair.current[0])), low=formats.number(found.low, 0),
                     high=formats.number(found.high, 0)), name="expected")


def _types(report: Report, result: Result, words: Words) -> None:
    types = result.types
    if types is None or len(types.names) < 2:
        return
    report.heading(tr("Which types make the change"))
    pairs, names = types.result, words.short_names()
    rows = [_pair_row(words.type_name(i), pairs, i, _class(pairs, i, names)) for i in range(len(types.names))]
    report.table(_header(tr("Type"), words, tr("Change in words")), rows, tr(
        "Types by size of their change; the words allow for the number of types"), name="types", limit=30)
    top = list(range(min(len(types.names), 15)))
    report.figure(
        charts.bar_chart(
            [words.type_name(i) for i in top], [round(float(pairs.change[i])) for i in top],
            tr("Change by type"), tr("Records more or fewer than at the rate of the earlier period"), sign=True,
            marked=[abs(int(pairs.code[i])) == comparing.MORE for i in top],
            legend=(tr("More than chance"), tr("Could be chance")),
        ),
        tr("Change of each type at equal length of the periods"),
        ", ".join(f"{words.type_name(i)} {round(float(pairs.change[i])):+d}" for i in top), name="types_chart",
    )


def _class(pair: Comparison, index: int, names: dict) -> str:
    return names[None] if pair.empty[index] else names[int(pair.code[index])]


def _areas(report: Report, run: Any, data: Data, result: Result, words: Words) -> None:
    report.heading(tr("Area by area"))
    areas, names, short = result.areas, words.class_names(), words.short_names()
    title = tr("Recorded incidents, {later} against {earlier}").format(
        later=words.period(data.after_period), earlier=words.period(data.before_period))
    present = [names[code] for code in names if code is not None and (areas.code[~areas.empty] == code).any()]
    report.figure(
        maps.map_png([run.output_layer(run.tool.OUTPUT)], title, units=run.units),
        tr("Areas by what can be said of their change, not by per cent"),
        tr("Map of the areas in these classes: {classes}").format(classes=", ".join(present)), name="map",
    )
    order = [int(i) for i in np.lexsort((-np.abs(areas.z), -np.abs(areas.code))) if not areas.empty[i]]
    rows = []
    for done, i in enumerate(order):
        if done % 1000 == 0:
            run.check()
        row = _pair_row(data.area_names[i], areas, i, _class(areas, i, short))
        if data.chosen_on_before:
            row.insert(3, Shown(float(result.expected[i]), formats.number(float(result.expected[i]), 1)))
        rows.append(row)
    header = _header(tr("Area"), words, tr("Change in words"))
    if data.chosen_on_before:
        header.insert(3, tr("Expected"))
    report.table(header, rows, tr(
        "Areas with incidents, the clearest changes first; percentages from {count} incidents in the earlier period"
    ).format(count=_LEAST_FOR_PERCENT), name="areas", limit=25)


def _months(report: Report, data: Data, words: Words) -> None:
    moments = np.concatenate([data.before.moments, data.after.moments]).astype("datetime64[M]")
    months, counts = np.unique(moments, return_counts=True)
    if len(months) < 4:
        return
    start = data.after_period.start.astype("datetime64[M]")
    report.heading(tr("Month by month"))
    report.figure(
        charts.histogram_by_month(
            months, counts, tr("Recorded incidents by month"), tr("Records"), marked=months >= start,
            legend=(words.period(data.before_period), words.period(data.after_period)),
        ),
        tr("Months that a period cuts are not full"),
        ", ".join(f"{month}: {count}" for month, count in zip(months, counts)), name="months",
    )


def _reading() -> list[str]:
    return [
        tr("“Recorded”: only what reached the records is counted. Reporting, recording and geocoding change too."),
        tr("The interval says which changes fit the counts; where it holds 0 %, there may have been none."),
        tr("“More” and “fewer” need both: a q-value below 0.05 (the exact test of two Poisson counts by Krishnamoorthy"
           " and Thomson, after allowing for the number of areas by Benjamini and Hochberg) and 5 incidents or more."),
        tr("z is 2 (√after - √before); beyond 3 or -3 an area is worth a look. Percentages of small counts are never"
           " coloured."),
        tr("The tests take incidents as independent. Series and repeats make chance larger than they assume."),
    ]
