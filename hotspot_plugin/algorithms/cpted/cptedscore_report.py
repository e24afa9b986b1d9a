"""The look and the report of 'Score CPTED'."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.cpted import cptedscore as scoring
from ...layers import fields, styling
from ...reports import charts, formats, maps
from ...reports.html import Report
from ...translation import tr
from .cptedscore_words import SCORES, Words, class_name, principle_name

#: Very weak to very good; told apart in grey print and by colour-blind readers.
COLOURS = ("#7b3294", "#c2a5cf", "#f2d88f", "#7fbf7b", "#1b7837")
NOT_SCORED = "#bdbdbd"
#: Places that the report lists.
LISTED = 20


def style() -> styling.Style:
    """Return the look of the scored places."""
    entries = [(class_name(code), COLOURS[code], _bounds(code)) for code in range(len(COLOURS))]
    return styling.categories("CPTED score", fields.SCORE_CL, entries, (NOT_SCORED, tr("Not scored: too little"
                                                                                       " measured")))


def _bounds(code: int) -> str:
    high = scoring.CLASSES[code + 1] if code + 1 < len(scoring.CLASSES) else 100.0
    return tr("{name} ({low} to {high})").format(
        name=class_name(code).capitalize(), low=f"{scoring.CLASSES[code]:.0f}", high=f"{high:.0f}")


def build(run: Any, words: Words) -> Report:
    """Return the report."""
    report = Report(tr("CPTED score"), tr("Crime prevention through environmental design, profile '{name}'").format(
        name=words.data.profile_name))
    report.sentence(words.summary())
    for text in words.warnings():
        report.warning(text)
    numbers = words.numbers()
    report.facts([
        (tr("Places scored"), formats.number(numbers["SCORED"]),
         tr("of {count}").format(count=formats.number(numbers["PLACES"]))),
        (tr("Mean score"), formats.number(numbers["MEAN_SCORE"], 0), tr("of 100")),
        (tr("Weak or very weak"), formats.number(numbers["WEAK"])),
        (tr("Measured"), formats.percent(numbers["MEASURED_SHARE"]), tr("of what the profile asks for")),
    ])
    report.figure(maps.map_png([run.output_layer(run.tool.OUTPUT)], tr("CPTED score"), units=run.units), tr(
        "Each place by its overall score"), tr("Map of the places in five classes from very weak to very good"))
    _principles(report, words)
    _lowest(report, words)
    _scale(report, words)
    report.heading(tr("What this cannot say"))
    report.bullets([
        tr("The score describes surroundings as far as layers show them. Who feels safe, who is pushed out, how high a"
           " hedge has grown: walk the place by day and by night, and ask those who use it."),
        tr("Weights and scales are judgements. The rank interval shows what other weights would change; another"
           " profile would change more."),
        tr("A low score does not show that the surroundings cause crime, and says nothing about the people there."),
    ])
    return report


def _principles(report: Report, words: Words) -> None:
    report.heading(tr("By principle"))
    rows, means = [], words.means()
    for p in range(len(SCORES)):
        if not np.isfinite(means[p]):
            continue
        points = words.scores.principles[words.scored, p]
        points = points[np.isfinite(points)]
        rows.append([principle_name(p), formats.number(means[p], 0), formats.number(float(np.quantile(points, 0.1)), 0),
                     formats.number(float(np.quantile(points, 0.9)), 0), int((words.scores.weakest == p).sum())])
    report.figure(charts.bar_chart([row[0] for row in rows], [means[p] for p in range(len(SCORES))
                                                              if np.isfinite(means[p])],
                                   tr("Mean score by principle")),
                  tr("Mean score of the scored places"), tr("Bar chart of the mean score of each principle"),
                  name="principles")
    report.table([tr("Principle"), tr("Mean"), tr("Lowest tenth below"), tr("Highest tenth above"),
                  tr("Weakest at so many places")], rows, tr("Scores of 0 to 100 by principle"), name="principles")


def _lowest(report: Report, words: Words) -> None:
    order = np.lexsort((np.arange(len(words.scored)), np.where(words.scored, words.scores.overall, np.inf)))
    order = [i for i in order[:LISTED] if words.scored[i]]
    if not order:
        return
    report.heading(tr("The lowest scores"))
    interval = words.result.interval
    rows = []
    for i in order:
        between = "–" if interval is None else tr("{low} to {high}").format(
            low=formats.number(int(interval.low[i])), high=formats.number(int(interval.high[i])))
        rows.append([int(words.scores.rank[i]), words.data.names[i], formats.number(float(words.scores.overall[i]), 0),
                     class_name(int(words.scores.classes[i])), principle_name(int(words.scores.weakest[i])),
                     between, formats.percent(float(words.scores.measured[i]))])
    report.table([tr("Rank"), tr("Place"), tr("Score"), tr("Class"), tr("Weakest principle"),
                  tr("Rank with other weights"), tr("Measured")], rows, tr(
                      "The {count} places with the lowest scores").format(count=len(rows)), name="lowest")


def _scale(report: Report, words: Words) -> None:
    report.heading(tr("The scale"))
    report.paragraph(tr("0 points at the first anchor, 100 at the second, in proportion between them. What is missing"
                        " counts for nothing."))
    result = words.result
    missing = {indicator.name for indicator, _ in words.missing()}
    rows = []
    for k, indicator in enumerate(result.indicators):
        known = np.isfinite(result.points[:, k])
        low, high = result.anchors[k]
        rows.append([
            principle_name(indicator.principle), indicator.name, _what(indicator),
            f"{indicator.low} – {indicator.high}" if np.isnan(low) else f"{low:g} – {high:g}",
            formats.percent(float(words.shares[k])),
            tr("missing") if indicator.name in missing else formats.percent(float(known.mean())),
            formats.number(float(result.points[known, k].mean()), 0) if known.any() else None,
        ])
    report.table([tr("Principle"), tr("Indicator"), tr("Measured as"), tr("0 and 100 points at"), tr("Weight"),
                  tr("Places measured"), tr("Mean points")], rows, tr("Indicators of the profile"), name="indicators")


def _what(indicator: Any) -> str:
    texts = [indicator.measure]
    if indicator.layer:
        texts.append(indicator.layer)
    if indicator.field:
        texts.append(indicator.field)
    if indicator.distance:
        texts.append(tr("within {metres:g} m").format(metres=indicator.distance))
    return ", ".join(texts)
