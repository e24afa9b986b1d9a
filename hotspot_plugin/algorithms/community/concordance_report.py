"""The report and the map of 'Compare crime with community concern'."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.community import concordance as analysis
from ...layers import bivariate, fields
from ...layers.styling import Style
from ...reports import formats, maps, quadrants
from ...reports.html import Report
from ...translation import tr
from .concordance_words import Words

#: Places of a class with their sentences in the report; the layer has all.
_LISTED = 6
#: Places with their number on the map.
_NUMBERED = 25
_MARKERS = ("o", "o", "D", "^", "s")
_ORDER = (analysis.BOTH_HIGH, analysis.SECOND_ONLY, analysis.FIRST_ONLY, analysis.BOTH_LOW, analysis.TOO_LITTLE)


def style(words: Words, numbered: bool = False) -> Style:
    """Return the look of the areas, or of the places to talk about."""
    names = [name[:1].upper() + name[1:] for name in words.class_names()]
    env = words.data.environment
    mark = tr("The environment scores low") if env is not None and env.low.any() else ""
    other = tr("Other worry is high (lights, traffic …)") if words.other.any() else ""
    if numbered:
        return bivariate.classes("Places to talk about", names, mark, fields.RANK,
                                 _ORDER if other else _ORDER[:3], other)
    marks = ((fields.HI_BESIDES, other), (fields.ENV_LOW, mark))
    marked = [f'coalesce("{field}", false)' for field, text in marks if text]
    number = f'"{fields.TALK_RANK}"'
    if marked:  # the number stands beside the marks
        number = f"CASE WHEN {' OR '.join(marked)} THEN '       ' ELSE '' END || {number}"
    label = f'CASE WHEN "{fields.TALK_RANK}" <= {_NUMBERED} THEN {number} END'
    return bivariate.classes("Crime and concern", names, mark, label, _ORDER, other)


def build(run: Any, words: Words) -> Report:
    """Return the report."""
    data, number, names = words.data, words.number, words.class_names()
    when = words.period()
    report = Report(tr("{first} and {second}").format(first=words.a[:1].upper() + words.a[1:], second=words.b),
                    tr("{areas}, rates {per}{when}").format(areas=data.areas.name, per=data.ground.per,
                                                            when=f", {when}" if when else ""))
    report.sentence(words.headline())
    report.sentence(words.example())
    if words.others():
        report.sentence(words.others())
    for text in words.warnings():
        report.warning(text)
    report.facts([(names[k][:1].upper() + names[k][1:], int(number[k])) for k in _ORDER])
    report.figure(maps.map_png([run.output_layer(run.tool.OUTPUT)], tr("{first} and {second}").format(
        first=words.a[:1].upper() + words.a[1:], second=words.b), units=run.units),
        tr("High: the 95 % interval of the rate lies above the city's. Numbers: places to talk about."),
        tr("Map of the areas in five classes, each with its own brightness and hatch"))
    _talk(report, words)
    _rates(report, words)
    _pairs(report, words)
    _method(report, words)
    return report


def _talk(report: Report, words: Words) -> None:
    report.heading(tr("Places to talk about"))
    ranked = words.ranked.tolist()
    if not ranked:
        report.paragraph(tr("In no area does a rate clearly lie above the city's. That is a result too."))
        return
    place = {i: position for position, i in enumerate(ranked, 1)}
    names = words.class_names()
    groups = [(names[k][:1].upper() + names[k][1:], words.advice(k), [i for i in ranked if words.main.kind[i] == k])
              for k in _ORDER[:3]]
    groups.append((tr("Other worry is high"), tr(
        "Residents name what no crime is set beside: ask who can put it right, such as the owner of the lights."),
        [i for i in ranked if words.main.kind[i] < analysis.FIRST_ONLY]))
    for title, advice, of in groups:
        if not of:
            continue
        report.paragraph(tr("{kind} ({count}). {advice}").format(
            kind=title, count=formats.number(len(of)), advice=advice))
        report.bullets([tr("{rank}. {sentence}").format(rank=place[i], sentence=words.sentence(i, advice=False))
                        for i in of[:_LISTED]])
        if len(of) > _LISTED:
            report.paragraph(tr("The first {shown}; the others are in the table of areas.").format(
                shown=formats.number(_LISTED)))


def _rates(report: Report, words: Words) -> None:
    data, main, names = words.data, words.main, words.class_names()
    hidden = words.hidden(main)
    first, second = main.first.rates, main.second.rates
    report.heading(tr("Both rates beside each other"))
    looks = [(names[k][:1].upper() + names[k][1:], bivariate.LOOKS[k].colour, _MARKERS[k]) for k in analysis.CLASSES]
    called = [""] * len(data.areas)
    for position, i in enumerate(words.ranked.tolist()[:_NUMBERED], 1):
        called[i] = formats.number(position)
    report.figure(quadrants.two_rates(
        (first.ratio, first.low, first.high), (np.where(hidden, np.nan, second.ratio), second.low, second.high),
        main.kind, looks, called, tr("{label}, times the city's rate").format(label=words.a),
        tr("{label}, times the city's rate").format(label=words.b)),
        tr("Each area with both rates and their 95 % intervals, numbered as on the map; areas with too few voices are"
           " not shown") if hidden.any() else tr("Each area with both rates and their 95 % intervals, numbered as on"
                                                 " the map"),
        tr("Chart of both rates by area"), name="rates")
    report.paragraph(words.association())
    order = [*words.ranked.tolist(), *(i for i in np.argsort(-np.nan_to_num(first.ratio), kind="stable").tolist()
                                       if i not in set(words.ranked.tolist()))]
    rows = []
    few = tr("< {least}").format(least=data.least)
    for i in order:
        own = [int(first.count[i]) if np.isfinite(first.count[i]) else None, *_interval(first, i)]
        other = [few, None, None] if hidden[i] else [
            int(second.count[i]) if np.isfinite(second.count[i]) else None, *_interval(second, i)]
        rows.append([data.ground.names[i], *own, *other, names[main.kind[i]]])
    report.table(
        [tr("Area"), words.a[:1].upper() + words.a[1:], tr("Times the city's"), tr("95 % interval"),
         words.b[:1].upper() + words.b[1:], tr("Times the city's"), tr("95 % interval"), tr("Class")],
        rows, tr("Areas, the places to talk about first"), name="areas", limit=25)


def _interval(rates: Any, i: int) -> list:
    if not np.isfinite(rates.ratio[i]):
        return [None, None]
    low, high = (formats.number(float(v[i]), 2) for v in (rates.low, rates.high))
    return [formats.number(float(rates.ratio[i]), 2), tr("{low} to {high}").format(low=low, high=high)]


def _pairs(report: Report, words: Words) -> None:
    data, names = words.data, words.class_names()
    if len(data.looks) < 3:
        return
    report.heading(tr("Category by category"))
    rows = []
    for look in data.looks:
        count = np.bincount(look.kind, minlength=5)
        link = look.link
        rows.append([words.pair_name(look), words.groups(look), int(np.nansum(look.second.rates.count)),
                     int(np.nansum(look.first.rates.count)), *(int(count[k]) for k in _ORDER),
                     None if link is None else tr("{rho} ({low} to {high})").format(
                         rho=formats.number(link.rho, 2), low=formats.number(link.low, 2),
                         high=formats.number(link.high, 2))])
    report.table([tr("Concern"), tr("Beside"), tr("Voices") if data.of_voices else tr("Number"), tr("Incidents"),
                  *(names[k][:1].upper() + names[k][1:] for k in _ORDER), tr("Rank correlation")], rows,
                 tr("Areas in each class by pair"), name="pairs")
    if data.matched and (data.matched.without or data.matched.unknown):
        report.paragraph(tr("Not compared with any crime: {names}.").format(
            names=", ".join([*data.matched.without, *data.matched.unknown])))


def _method(report: Report, words: Words) -> None:
    data, main = words.data, words.main
    report.heading(tr("How to read this"))
    texts = [
        tr("High: the 95 % interval of the rate lies above the city's. Not high: it stays below {beyond} times that."
           " Between them, or where fewer than {least} are counted and to be expected: too little to say.").format(
               beyond=formats.number(data.beyond, 1), least=data.least),
        tr("Of the highs, {first} of {label} and {second} of {other} are to be expected to be chance.").format(
            first=formats.number(main.first.false_high, 1), label=words.a,
            second=formats.number(main.second.false_high, 1), other=words.b),
        tr("Small areas are drawn to the mean (gamma-Poisson, the estimated spread allowed for)."),
        tr("Areas drawn otherwise can give other classes; try another size before you act on one map."),
    ]
    if data.of_voices:
        texts += [tr("A resident counts once in an area. Who speaks is not who lives there, and few voices are not no"
                     " worry."),
                  tr("Felt but not recorded does not show that crime goes unreported; recorded but not felt does not"
                     " show that people are content.")]
    if data.environment is not None and np.isfinite(data.environment.limit):
        texts.append(tr("The environment scores low up to {limit} of 100, the lowest {share} of the areas with a"
                        " score.").format(limit=formats.number(data.environment.limit, 0),
                                          share=formats.percent(data.lowest)))
    report.bullets(texts)
