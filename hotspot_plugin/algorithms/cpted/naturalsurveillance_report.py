"""The look of 'Overlooked streets', and its report."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.cpted.naturalsurveillance import LITTLE, NOT, OVERLOOKED, WELL
from ...layers import fields, styling
from ...layers.areas import POINT
from ...reports import formats, maps
from ...reports.html import Report, Shown
from ...translation import tr
from .naturalsurveillance_words import Words, class_name, kind_name

#: Nobody looks: red; then from pale to deep blue.
COLOURS = {NOT: "#c0143c", LITTLE: "#f6c9a0", OVERLOOKED: "#7fb2d8", WELL: "#1f5f9e"}
_CODES = (NOT, LITTLE, OVERLOOKED, WELL)
_LISTED = 20


def style(words: Words, night: bool = False) -> styling.Style:
    """Places by class, by day or by night."""
    some, many = words.limits
    limits = {LITTLE: tr("below {some}").format(some=some), OVERLOOKED: tr("from {some}").format(some=some),
              WELL: tr("from {many}").format(many=many)}
    entries = []
    for code in _CODES:
        name = class_name(code)
        label = f"{name[:1].upper()}{name[1:]}"
        entries.append((code, COLOURS[code], f"{label} ({limits[code]})" if code in limits else label))
    name, field = ("Overlooked by night", fields.NGT_CODE) if night else ("Overlooked by day", fields.DAY_CODE)
    codes = words.night if night else words.day
    other = (styling.GREY, tr("Not looked at")) if (codes < 0).any() else None
    return styling.categories(name, field, entries, other)


def position_style(words: Words) -> styling.Style:
    """Positions by watchers by day."""
    (low, high), (some, many) = words.data.limits, words.limits
    entries = [(-1.0, 0.0, COLOURS[NOT], tr("No watcher by day")),
               (0.0, low - 1e-9, COLOURS[LITTLE], tr("Below {some}").format(some=some)),
               (low - 1e-9, high - 1e-9, COLOURS[OVERLOOKED], tr("From {some}").format(some=some)),
               (high - 1e-9, 1e9, COLOURS[WELL], tr("From {many}").format(many=many))]
    return styling.classes("Watchers by day", fields.WATCH_DAY, entries)


def build(run: Any, words: Words) -> Report:
    """Return the report of a run whose layers have been written."""
    data, units = words.data, run.units
    report = Report(tr("Overlooked streets (natural surveillance)"), tr("{layer} · within {radius}").format(
        layer=data.layer.name, radius=units.distance(data.radius)))
    report.sentence(words.summary())
    for text in run.warnings:
        report.warning(text)
    _facts(report, words)
    for night in (False, True):
        _map(report, run, words, night)
    _cross(report, words)
    _list(report, words)
    _watchers(report, words)
    _ranges(report, run, words)
    report.heading(tr("How to read this"))
    report.bullets(_reading(words))
    report.heading(tr("How it was made"))
    report.bullets([*words.notes(), *(note for note in run.notes if note != words.summary())])
    return report


def _facts(report: Report, words: Words) -> None:
    numbers = words.numbers()
    tiles = [
        (tr("Overlooked by day"), formats.percent(numbers["SEEN_DAY"]),
         tr("of {ground}").format(ground=words.ground())),
        (tr("By night"), formats.percent(numbers["SEEN_NIGHT"]),
         tr("lit and overlooked") if words.data.lit is not None else tr("light not given")),
        (tr("Watchers per position"), formats.number(numbers["MEAN_DAY"]), tr("{night} by night").format(
            night=formats.number(numbers["MEAN_NIGHT"]))),
        (tr("Places overlooked by nobody"), numbers["NOT_DAY"], tr("{night} by night").format(
            night=formats.number(numbers["NOT_NIGHT"]))),
        (tr("Watchers"), numbers["WATCHERS"], ", ".join(dict.fromkeys(kind_name(g.kind) for g in words.data.groups))),
        (tr("Hidden views"), formats.percent(numbers["HIDDEN_SHARE"]), tr("of watchers near a place")),
    ]
    if words.data.lit is not None:
        tiles.append((tr("Lit"), formats.percent(numbers["LIT_SHARE"]), tr("of the positions")))
    report.facts(tiles)


def _map(report: Report, run: Any, words: Words, night: bool) -> None:
    layer = run.output_layer(run.tool.OUTPUT)
    style(words, night).apply(layer)
    title = tr("By night") if night else tr("By day")
    layer.setName(tr("Watchers per position"))
    codes = words.night if night else words.day
    spoken = "; ".join(f"{class_name(code)}: {formats.number(int((codes == code).sum()))}" for code in _CODES)
    caption = tr("Who can look onto the places by night, unlit views counted less") if night else tr(
        "Who can look onto the places by day")
    report.figure(maps.map_png([layer], title, units=run.units), caption, spoken, name="night" if night else "day")


def _cross(report: Report, words: Words) -> None:
    """Classes by day against classes by night; the cells add up to all places."""
    codes = [*_CODES, -1]
    point = words.data.layer.kind == POINT
    rows = []
    for day in codes:
        line: list = []
        for night in codes:
            chosen = (words.day == day) & (words.night == night)
            number = int(chosen.sum())
            text = formats.number(number) if number else formats.NOTHING
            if number and not point:
                text = f"{text} ({words.extent(float(words.size[chosen].sum()))})"
            line.append(Shown(number, text))
        if day >= 0 or any(cell.value for cell in line):
            rows.append([class_name(day), *line])
    if not any(row[-1].value for row in rows):
        rows = [row[:-1] for row in rows]
        codes = codes[:-1]
    header = [tr("By day"), *(tr("Night: {name}").format(name=class_name(code)) for code in codes)]
    report.heading(tr("By day and by night"))
    report.table(header, rows, tr("Number of places by class; the cells add up to all places"), name="classes")


def _list(report: Report, words: Words) -> None:
    places = words.places
    judged = np.flatnonzero(places.positions > 0)
    order = judged[np.lexsort((-words.size[judged], places.night[judged], places.day[judged]))]
    rows = [[
        words.data.names[i], Shown(float(words.size[i]), words.extent(float(words.size[i]))), int(places.near[i]),
        int(places.watchers[i]), Shown(float(places.day[i]), formats.number(places.day[i], 1)),
        Shown(float(places.night[i]), formats.number(places.night[i], 1)),
        Shown(float(places.seen_day[i]), formats.percent(places.seen_day[i])),
        Shown(float(places.lit_share[i]), formats.percent(places.lit_share[i])),
    ] for i in order.tolist()]
    header = [tr("Place"), tr("Size"), tr("Watchers near"), tr("Who see it"), tr("By day"), tr("By night"),
              tr("Seen by day"), tr("Lit")]
    if words.data.lit is None:
        header, rows = header[:-1], [row[:-1] for row in rows]
    report.heading(tr("The least overlooked places"))
    report.table(header, rows, tr("By watchers per position by day, then by night, the largest first"), name="places",
                 limit=_LISTED)


def _watchers(report: Report, words: Words) -> None:
    rows = [[kind_name(g.kind), g.layer, g.given, g.moved, g.blind,
             Shown(float(g.day.mean()), formats.percent(float(g.day.mean()))),
             Shown(float(g.night.mean()), formats.percent(float(g.night.mean())))] for g in words.data.groups]
    report.heading(tr("Who can look"))
    report.table([tr("Kind"), tr("Layer"), tr("Watchers"), tr("Put before their wall"), tr("Without a view"),
                  tr("There by day"), tr("There by night")], rows, tr(
        "Watchers by kind; there: mean share of the day and of the night that they are open"), name="watchers")


def _ranges(report: Report, run: Any, words: Words) -> None:
    rows = []
    for part in (1 / 3, 1 / 2, 2 / 3, 1.0):
        distance = words.data.radius * part
        shares = words.seen_within(distance * (1 + 1e-9))
        rows.append([Shown(distance, run.units.distance(distance)),
                     *(Shown(share, formats.percent(share, 1)) for share in shares)])
    report.heading(tr("How much the range matters"))
    report.table([tr("Watchers within"), tr("Overlooked by day"), tr("By night")], rows, tr(
        "Share of the positions, if only nearer watchers counted"), name="ranges")


def _reading(words: Words) -> list:
    return [
        tr("A watcher is someone who could look, not someone who does: nothing is known of who is at home, of curtains"
           " or of trees."),
        tr("The classes are a convention: overlooked from {some} watchers per position at an average moment, well"
           " overlooked from {many}.").format(some=words.limits[0], many=words.limits[1]),
        tr("A place that nobody overlooks is a reason to go there, by day and by night, and to ask who uses it."),
        tr("View is in plan. Where buildings are missing among the obstacles, sight is overstated."),
    ]
