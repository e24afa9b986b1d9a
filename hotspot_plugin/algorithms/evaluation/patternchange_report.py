"""The report of 'Test change in spatial pattern'."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.evaluation import patternchange as analysis
from ...analysis.significance import benjamini_hochberg
from ...reports import charts, formats, maps
from ...reports.html import Report, Shown
from ...translation import tr
from .patternchange_read import Data, Result
from .patternchange_words import Words

#: Areas in the chart.
_IN_CHART = 15


def build(run: Any, data: Data, result: Result, words: Words) -> Report:
    """Return the report of a run whose areas have been written."""
    report = Report(tr("Change in spatial pattern"), tr("{later} against {earlier}, {areas}").format(
        later=data.labels[1], earlier=data.labels[0], areas=data.areas.name))
    for text in (words.headline(), words.areas_sentence(), words.index_sentence()):
        report.sentence(text)
    for text in run.warnings:
        report.warning(text)
    change, chance = result.change, result.chance
    report.facts([
        (tr("Pattern as a whole"), "p " + _p(chance.p),
         tr("changed beyond chance") if chance.p < analysis.LEVEL else tr("could be chance")),
        (tr("Areas that gained share"), words.gained, tr("of {count} with incidents").format(
            count=formats.number(words.with_incidents))),
        (tr("Areas that lost share"), words.lost, tr("of {count} with incidents").format(
            count=formats.number(words.with_incidents))),
        (tr("Similar areas (robust S)"), formats.percent(change.indices.robust), tr(
            "by chance alone {low} to {high}").format(low=formats.percent(chance.low),
                                                      high=formats.percent(chance.high))),
    ])
    _map(report, run, words)
    run.check()
    _areas(report, run, data, result, words)
    _indices(report, result, words)
    _types(report, result)
    _left_out(report, data, result)
    report.heading(tr("How to read this"))
    report.bullets(_reading(words))
    return report


def _p(p: float) -> str:
    text = formats.p_value(p)
    return text if text.startswith("<") else f"= {text}"


def _map(report: Report, run: Any, words: Words) -> None:
    names = words.class_names()
    report.figure(
        maps.map_png([run.output_layer(run.tool.OUTPUT)], tr("Change of share, {later} against {earlier}").format(
            later=words.data.labels[1], earlier=words.data.labels[0]), units=run.units),
        tr("Areas whose share of all incidents changed; + gained, − lost"),
        tr("Map: {gained} areas gained share, {lost} lost share, the others are “{same}”.").format(
            gained=words.gained, lost=words.lost, same=names[analysis.SAME]), name="map")


def _areas(report: Report, run: Any, data: Data, result: Result, words: Words) -> None:
    report.heading(tr("Area by area"))
    change, names, order = result.change, words.class_names(), words.order()
    top = order[:_IN_CHART]
    report.figure(
        charts.forest([data.names[i] for i in top], *([100.0 * float(values[i]) for i in top] for values in (
            change.difference, change.low, change.high)), tr("Change of the area's share"),
            tr("Percentage points of all incidents"), reference=0.0, ratio=False, note=tr("same share")),
        tr("Later less earlier share with its 95 % interval, the clearest changes first. Each interval is for one area"
           " by itself: among many some leave 0 by chance, so the map and q decide, not the colour here."),
        "; ".join(words._changed(i) for i in top), name="shares")
    rows = []
    for done, i in enumerate(order):
        if done % 1000 == 0:
            run.check()
        rows.append([data.names[i], int(change.base[i]), int(change.test[i]),
                     *(Shown(float(share[i]), formats.percent(share[i], 2)) for share in (
                         change.share_base, change.share_test)),
                     *(Shown(100.0 * float(v[i]), formats.number(100.0 * float(v[i]), 2, sign=True)) for v in (
                         change.difference, change.low, change.high)),
                     Shown(float(change.q[i]), formats.p_value(change.q[i])), names[int(change.code[i])]])
    report.table([tr("Area"), *data.labels, tr("Share before"), tr("Share after"), tr("Points"), tr("from"), tr("to"),
                  tr("q"), tr("Change in words")], rows, tr(
        "Areas with incidents, the clearest changes first; points are percentage points of all incidents"),
        name="areas", limit=25)


def _indices(report: Report, result: Result, words: Words) -> None:
    report.heading(tr("How alike the patterns are (S)"))
    indices, chance = result.change.indices, result.chance
    by_chance = tr("{mean} ({low} to {high})").format(
        mean=formats.number(chance.mean, 3), low=formats.number(chance.low, 3), high=formats.number(chance.high, 3))
    rows = [[name, Shown(value, formats.number(value, 3)), text] for name, value, text in (
        (tr("Global: of all areas"), indices.whole, ""),
        (tr("Robust: of areas with incidents"), indices.robust, by_chance),
        (tr("Generalised: of areas that could be similar"), indices.general, ""))]
    if words.by_resampling:
        rows.append([tr("Robust, the periods swapped"), Shown(result.reversed, formats.number(result.reversed, 3)), ""])
    report.table([tr("Index"), tr("S"), tr("By chance alone (mean, 95 %)")], rows, tr(
        "Share of similar areas, and what {draws} random partings of the incidents between the periods make of it"
    ).format(draws=formats.number(chance.draws)), name="indices")


def _types(report: Report, result: Result) -> None:
    if len(result.types) < 2:
        return
    report.heading(tr("Type by type"))
    q = benjamini_hochberg(np.array([chance.p for _, _, chance in result.types]))
    rows = [[name, int(change.base.sum()), int(change.test.sum()),
             Shown(change.indices.robust, formats.percent(change.indices.robust)),
             Shown(chance.mean, formats.percent(chance.mean)), Shown(chance.p, formats.p_value(chance.p)),
             Shown(float(level), formats.p_value(level)),
             tr("Changed") if level < analysis.LEVEL else tr("No change shown")]
            for (name, change, chance), level in zip(result.types, q)]
    report.table([tr("Type"), tr("Before"), tr("After"), tr("Robust S"), tr("S by chance"), tr("p"), tr("q"),
                  tr("Pattern in words")], rows, tr(
        "Types with 30 incidents or more in both periods; q allows for the number of types (Benjamini and Hochberg)"),
        name="types")


def _left_out(report: Report, data: Data, result: Result) -> None:
    report.heading(tr("What was counted"))
    change = result.change
    rows = [[tr("Inside the areas"), int(change.base.sum()), int(change.test.sum())],
            [tr("Located, outside all areas"), *data.outside], [tr("Without a place"), *data.unplaced]]
    report.table([tr("Incidents"), *data.labels], rows if data.found is not None else rows[:1], tr(
        "Incidents of both periods; shares are of those inside the areas"), name="counted")


def _reading(words: Words) -> list:
    found = [
        tr("Shares, not numbers: an area can gain share while its incidents fall, if others fall more."),
        tr("Shares sum to 1. Where one area gains much, others lose share although nothing happened there."),
        tr("“Similar” says that no change was shown, not that there was none: with few incidents little can be shown."),
        tr("The tests take incidents as independent. Series and repeats at one address make chance larger."),
    ]
    if words.by_resampling:
        return [*found, tr("The resampling test depends on which period is the earlier one, and calls areas changed by"
                           " chance alone: compare S with what chance makes of it.")]
    return [*found, tr("q is the p-value of two proportions after allowing for the number of areas (Benjamini and"
                       " Yekutieli); intervals are for each area by itself and do not.")]
