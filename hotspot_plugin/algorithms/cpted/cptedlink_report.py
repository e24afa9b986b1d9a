"""The look and the report of 'Relate crime to environment'."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.cpted import cptedlink as analysis
from ...layers import fields, styling
from ...reports import charts, formats, maps
from ...reports.html import Report
from ...translation import tr
from .cptedlink_words import Words, model_name
from .cptedscore_words import principle_name

#: Far fewer to far more than the model expects; told apart in grey print and by colour-blind readers.
_COLOURS = ("#2166ac", "#92c5de", "#e8e8e8", "#f4a582", "#b2182b")


def style() -> styling.Style:
    """Return the look of the places: by residual."""
    limits = (-1e9, -2.0, -1.0, 1.0, 2.0, 1e9)
    labels = (tr("Far fewer than expected (below −2)"), tr("Fewer (−2 to −1)"), tr("About as expected"),
              tr("More (1 to 2)"), tr("Far more than expected (above 2)"))
    return styling.classes("Residuals", fields.RESID, list(zip(limits[:-1], limits[1:], _COLOURS, labels)))


def build(run: Any, words: Words) -> Report:
    """Return the report."""
    data, main = words.data, words.main
    report = Report(tr("Crime and environment"), tr("{layer}, incidents {per}").format(
        layer=data.units.name, per=data.per))
    report.sentence(words.summary())
    for text in words.warnings():
        report.warning(text)
    report.facts([
        (tr("Places in the model"), formats.number(int(data.used.sum())), tr("of {count}").format(
            count=formats.number(len(data.used)))),
        (tr("Incidents"), formats.number(main.count)),
        (tr("All principles together"), tr("p {p}").format(p=formats.p_value(main.joint_p)), tr("against none")),
        (tr("Model"), model_name(main)),
    ])
    _main(report, words)
    _looks(report, words)
    report.heading(tr("Where the model is wrong"))
    report.figure(maps.map_png([run.output_layer(run.tool.OUTPUT)], tr("More or fewer than the model expects"),
                               units=run.units),
                  tr("Places with more or fewer incidents than the model expects"),
                  tr("Map of the residuals of the model"))
    report.paragraph(tr("Moran's I of what is left unexplained is {index} (p {p}, one-sided, by permutation).").format(
        index=formats.number(main.moran.index, 3), p=formats.p_value(main.moran.p)))
    _checks(report, words)
    report.heading(tr("What this cannot say"))
    report.bullets([
        tr("A ratio says what went together here, other principles alike. It is no effect: a change of the score need"
           " not change crime, crime can make people neglect a place, and both can come from something else."),
        tr("Scores are of what was measured, incidents of what was recorded; reports of disorder are both."),
        tr("It is of places and not of people, and of these places; elsewhere it may be otherwise. It does not feed"
           " 'CPTED measures and budget'."),
    ])
    return report


def _main(report: Report, words: Words) -> None:
    data, main = words.data, words.main
    report.heading(tr("Which principle goes with crime"))
    labels = [*data.terms]
    report.figure(charts.forest(labels, main.ratio, main.low, main.high, tr("Rate ratio for 10 points more"), tr(
        "below 1: fewer incidents where the score is higher"), note=tr("no difference")),
        tr("Rate ratios with their 95 % intervals"), tr("Rate ratio of each principle with its interval"),
        name="ratios")
    rows = [[name, formats.number(float(main.ratio[k]), 2), formats.number(float(main.low[k]), 2),
             formats.number(float(main.high[k]), 2), formats.number(float(main.per_sd[k]), 2),
             formats.p_value(main.p[k]), formats.p_value(main.q[k]), formats.number(float(data.vif[k]), 1)]
            for k, name in enumerate(labels)]
    report.table([tr("Principle"), tr("Rate ratio"), tr("From"), tr("To"), tr("Per standard deviation"), tr("p"),
                  tr("q"), tr("Inflation")], rows, tr(
                      "All incidents: rate ratio for 10 points more, with its 95 % interval"), name="ratios")
    if data.controls:
        report.paragraph(tr("Controls ({names}) are per standard deviation.").format(names=", ".join(data.controls)))


def _looks(report: Report, words: Words) -> None:
    data = words.data
    if len(data.looks) < 2:
        return
    report.heading(tr("By type, day and night"))
    report.paragraph(tr("A ratio is followed by * where q is below 0.05, all looks and principles allowed for. The"
                        " others could be chance."))
    rows = []
    for look in data.looks[1:]:
        one, row = look.link, [look.name, look.link.count]
        for k in range(len(data.principles)):
            row.append("–" if one.problem else tr("{ratio} ({low} to {high}){star}").format(
                ratio=formats.number(float(one.ratio[k]), 2), low=formats.number(float(one.low[k]), 2),
                high=formats.number(float(one.high[k]), 2), star="*" if one.q[k] < analysis.LEVEL else ""))
        rows.append([*row, model_name(one)])
    report.table([tr("Incidents"), tr("Number"), *(principle_name(p).capitalize() for p in data.principles),
                  tr("Model")], rows, tr("Rate ratio for 10 points more, with its 95 % interval"), name="looks")
    if data.skipped:
        report.paragraph(tr("Not looked at by themselves, because there are too few: {names}.").format(
            names=", ".join(f"{name} ({formats.number(count)})" for name, count in data.skipped)))


def _checks(report: Report, words: Words) -> None:
    main = words.main
    texts = [tr("Poisson or not: counts vary more than Poisson's (p {p}), so the model is negative binomial with an"
                " overdispersion of {alpha}.").format(p=formats.p_value(main.dispersion_p),
                                                      alpha=formats.number(main.alpha, 2)) if main.alpha > 0 else
             tr("Poisson or not: no sign that counts vary more than Poisson's (p {p}).").format(
                 p=formats.p_value(main.dispersion_p))]
    texts.append(tr("Intervals were widened for residuals that hang together in space.") if main.widened else
                 tr("No clear sign that residuals hang together in space; intervals are the model's own."))
    if np.isfinite(words.data.vif).all():
        texts.append(tr("Largest variance inflation: {value}.").format(
            value=formats.number(float(words.data.vif.max()), 1)))
    report.bullets(texts)
