"""The look of 'Street lighting', and its report."""

from __future__ import annotations

from typing import Any, Callable

import numpy as np

from ...analysis.cpted import lightstreets as analysis
from ...layers import fields, styling
from ...reports import charts, formats, maps
from ...reports.html import Report, Shown
from ...translation import tr
from .lightingcoverage_words import STATUS, Unit, Words

#: Upper ends of the classes of the raster in lux: the minima of P6, P4 and P2, and the means of P4, P2 and above.
LIMITS = (0.4, 1.0, 2.0, 5.0, 10.0, 20.0)
#: Dark to bright; in order also in grey print and for every kind of colour vision.
NIGHT = ("#150e37", "#3b0f70", "#8c2981", "#de4968", "#fe9f6d", "#fecf92", "#fcfdbf")
MEETS, BELOW, DARK, UNKNOWN = "#3b7dba", "#f0a035", "#3b0f70", "#a9b1bb"
GAP_DARK, GAP_UNKNOWN = "#c0143c", UNKNOWN
_LISTED = 15


def raster_style(unit: Unit, words: Unit) -> styling.Style:
    """Dark to bright, in the unit of the raster, and in that of the words beside it where it is another one."""
    entries = []
    for low, high, colour in zip((0.0, *LIMITS), LIMITS, NIGHT):
        entries.append((high * unit.factor, colour, _beside(unit, words, lambda u, low=low, high=high: tr(
            "{low} to {high} {unit}").format(low=u.number(low), high=u.number(high), unit=u.sign))))
    label = tr("More than {limit}").format(limit=_beside(unit, words, lambda u: u.text(LIMITS[-1])))
    return styling.raster_classes("Light on the ground", [*entries, (float("inf"), NIGHT[-1], label)])


def _beside(unit: Unit, other: Unit, write: Callable[[Unit], str]) -> str:
    """Write a text in one unit, and in brackets in the other."""
    if unit.foot_candles == other.foot_candles:
        return write(unit)
    return tr("{text} ({other})").format(text=write(unit), other=write(other))


def segment_style(words: Words) -> styling.Style:
    """Streets by what is known of them and whether they meet the class."""
    rule = (f'CASE WHEN "{fields.LIGHT_ST}" = \'{STATUS[analysis.UNKNOWN]}\' THEN 3'
            f' WHEN "{fields.LIGHT_ST}" = \'{STATUS[analysis.DARK]}\' THEN 2'
            f' WHEN "{fields.MEETS_CL}" IS NULL THEN 3 WHEN "{fields.MEETS_CL}" THEN 0 ELSE 1 END')
    return styling.categories("Streets with light", rule, [
        (0, MEETS, tr("Meets {name}").format(name=words.wanted.name)),
        (1, BELOW, tr("Lit, below {name}").format(name=words.wanted.name)),
        (2, DARK, tr("Dark: no working light near by")),
        (3, UNKNOWN, tr("Unknown, as a whole or in part: no light on record")),
    ])


def gap_style(words: Words) -> styling.Style:
    """Gaps, dark apart from unknown."""
    need = words.unit.text(words.wanted.minimum)
    return styling.categories("Dark gaps", fields.LIGHT_ST, [
        (STATUS[analysis.DARK], GAP_DARK, tr("Less than {need}").format(need=need)),
        (STATUS[analysis.UNKNOWN], GAP_UNKNOWN, tr("Unknown: no light on record")),
    ])


def build(run: Any, words: Words) -> Report:
    """Return the report of a run whose layers have been written."""
    data = words.data
    names = ", ".join(layer.name for layer in data.layers)
    report = Report(tr("Street lighting"), names if data.as_of is None else tr("{names} · night after {day}").format(
        names=names, day=data.as_of))
    for text in words.sentences():
        report.sentence(text)
    for text in run.warnings:
        report.warning(text)
    _facts(report, words)
    _maps(report, run, words)
    run.check()
    if words.found:
        _classes(report, words)
        _gaps(report, words)
        _unknown(report, words)
    _lights(report, words)
    report.heading(tr("What this cannot see"))
    report.bullets(_limits())
    report.heading(tr("How it was made"))
    said = set(words.sentences()) | {" ".join(words.sentences())}
    report.bullets([note for note in run.notes if note not in said])
    return report


def _facts(report: Report, words: Words) -> None:
    data = words.data
    tiles: list = [(tr("Lights on record"), len(data.lights), tr("of {count} layers").format(count=len(data.layers))
                    if len(data.layers) > 1 else tr("of one layer"))]
    if data.as_of is not None:
        tiles.append((tr("Out"), int(data.out.sum()), tr("in the night after {day}").format(day=data.as_of)))
    tiles.append((tr("Output assumed"), formats.percent(words.assumed), tr("of the lights, by type or default")))
    if words.found:
        n = words.numbers(words.unit)
        tiles += [
            (tr("Mean where known"), words.unit.text(words.mean), words.units.length(words.held) + " " + tr(
                "of street")),
            (tr("Meets {name}").format(name=words.wanted.name), formats.percent(n["MEETING_SHARE"]),
             tr("of the length; {count} segments").format(count=formats.number(n["MEETING"]))),
            (tr("Dark gaps"), words.units.length(n["GAP_KM"] * 1000), tr("{count} of {least} or more").format(
                count=formats.number(n["GAP_COUNT"]), least=words.units.distance(words.least))),
            (tr("No light near by") if data.all_owners else tr("Unknown"), words.units.length(words.alone),
             tr("no light on record; {count} whole segments").format(count=formats.number(int(words.lonely.sum())))),
        ]
    report.facts(tiles)


def _maps(report: Report, run: Any, words: Words) -> None:
    if words.found and run.wants(run.tool.SEGMENTS):
        layers = [run.output_layer(run.tool.SEGMENTS)]
        _thin(layers[0], 0.45)
        if run.wants(run.tool.GAPS) and len(words.found.gaps.gap):
            layers.insert(0, run.output_layer(run.tool.GAPS))
            _thin(layers[0], 0.9)
        s = words.found.streets
        share = formats.percent(float(s.length[words.meets].sum()) / max(words.total, 1e-9))
        report.figure(
            maps.map_png(layers, tr("Streets against {name}").format(name=words.class_text()), units=run.units),
            tr("Streets, and gaps of {least} or more on top; grey is unknown, which is not dark").format(
                least=words.units.distance(words.least)),
            tr("{share} of the street length meets the class.").format(share=share), name="streets")
    raster = run.output_layer(run.tool.OUTPUT)
    report.figure(maps.map_png([raster], tr("Light on the ground"), units=run.units),
                  tr("Calculated light at the centre of each cell; white has no light on record within reach"),
                  tr("Map of the light on the ground, up to {peak}").format(peak=words.unit.text(words.peak)),
                  name="light")


def _thin(layer: Any, width: float) -> None:
    """Draw lines as thin as a whole town needs."""
    renderer = layer.renderer().clone()
    for index, category in enumerate(renderer.categories()):
        symbol = category.symbol().clone()
        symbol.setWidth(width)
        renderer.updateCategorySymbol(index, symbol)
    layer.setRenderer(renderer)


def _classes(report: Report, words: Words) -> None:
    s = words.found.streets
    report.heading(tr("Which class the streets have"))
    rows, labels, lengths, marked = [], [], [], []
    order = [*range(len(words.classes)), -1, -2]
    names = {i: c.name for i, c in enumerate(words.classes)} | {-1: tr("below all"), -2: tr("unknown, also in part")}
    for number in order:
        here = words.best == number
        length = float(s.length[here].sum())
        ask = words.classes[number] if number >= 0 else None
        rows.append([
            names[number], words.unit.number(ask.mean) if ask else formats.NOTHING,
            words.unit.number(ask.minimum) if ask else formats.NOTHING, int(here.sum()),
            Shown(length / 1000, words.units.length(length)),
            Shown(length / max(words.total, 1e-9), formats.percent(length / max(words.total, 1e-9), 1)),
        ])
        labels.append(names[number])
        lengths.append(100 * length / max(words.total, 1e-9))
        marked.append(number >= 0)
    rows.append([tr("all"), "", "", len(s.length), Shown(words.total / 1000, words.units.length(words.total)),
                 Shown(1.0, formats.percent(1.0, 1))])
    report.figure(charts.bar_chart(labels, np.round(lengths), "", tr("Share of the street length, %"),
                                   marked=marked),
                  tr("The most demanding class whose mean and minimum each segment has"),
                  "; ".join(f"{a}: {b:.1f} %" for a, b in zip(labels, lengths)), name="classes")
    report.table([tr("Class"), tr("Mean, {unit}").format(unit=words.unit.sign),
                  tr("Minimum, {unit}").format(unit=words.unit.sign), tr("Segments"), tr("Length"), tr("Share")], rows,
                 tr("Streets by the best class that they have"), name="classes_table")


def _gaps(report: Report, words: Words) -> None:
    gaps = words.found.gaps
    dark = gaps.state == analysis.DARK
    report.heading(tr("The longest dark gaps"))
    if not dark.any():
        report.paragraph(tr("There is none of {least} or more.").format(least=words.units.distance(words.least)))
        return
    rows = []
    for gap in np.unique(gaps.gap[dark]).tolist():
        parts = np.flatnonzero(gaps.gap == gap) if len(rows) < 500 else np.array([int(np.argmax(gaps.gap == gap))])
        first = int(parts[0])
        streets = dict.fromkeys(words.street_name(i) for i in parts[np.argsort(-gaps.length[parts])].tolist())
        named = [name for name in streets if name]
        where = ", ".join(named[:3]) + (" …" if len(named) > 3 else "")
        least = float(np.min(gaps.minimum[parts]))
        rows.append([gap, where or tr("segment {row}").format(row=int(words.data.streets.rows[gaps.street[first]]) + 1),
                     Shown(float(gaps.whole[first]), words.units.distance(float(gaps.whole[first]), 0)),
                     Shown(least, words.unit.number(least))])
    report.table([tr("Gap"), tr("Street"), tr("Length"), tr("Least light, {unit}").format(unit=words.unit.sign)], rows,
                 tr("Stretches with less than {need} although a light is on record near by or all owners' lights are"
                    " given").format(need=words.unit.text(words.wanted.minimum)), name="gaps", limit=_LISTED)


def _unknown(report: Report, words: Words) -> None:
    s = words.found.streets
    chosen = np.flatnonzero(words.lonely)
    if not len(chosen) or words.data.street_names is None:
        return
    names = [str(words.data.street_names[i] or tr("(no name)")) for i in chosen]
    total: dict = {}
    for name, i in zip(names, chosen.tolist()):
        count, length = total.get(name, (0, 0.0))
        total[name] = (count + 1, length + float(s.length[i]))
    ranked = sorted(total.items(), key=lambda entry: (-entry[1][1], entry[0]))
    report.heading(tr("Whom to ask: streets without a light on record") if not words.data.all_owners else tr(
        "Streets without a light"))
    report.table([tr("Street"), tr("Segments"), tr("Length")],
                 [[name, count, Shown(length, words.units.distance(length, 0))] for name, (count, length) in ranked],
                 tr("No light of any layer within {distance}").format(distance=words.units.distance(words.distance)),
                 name="no_light", limit=10)


def _lights(report: Report, words: Words) -> None:
    data = words.data
    report.heading(tr("The lights"))
    rows = []
    for layer in data.layers:
        part = slice(layer.first, layer.first + layer.count)
        measured = int(layer.source[:3].sum())
        rows.append([layer.name, layer.count, int(data.out[part].sum()), int(data.off[part].sum()),
                     Shown(layer.height, words.units.distance(layer.height, 1)), measured, int(layer.source[3]),
                     int(layer.source[4]), layer.led or None, layer.no_lamp + layer.twice])
    report.table([tr("Layer"), tr("Lights"), tr("Out"), tr("Usually off"), tr("Median height"), tr("Output by field"),
                  tr("By type"), tr("By default"), tr("LED"), tr("Left out")], rows,
                 tr("Left out: poles without a lamp, and lights that another layer holds at the same place"),
                 name="lights")
    if data.as_of is not None and data.outages is not None:
        report.paragraph(tr("{matched} outages hold on {day} and were found to a light, {unmatched} to none; {total}"
                            " were read.").format(matched=formats.number(data.matched), day=data.as_of,
                                                  unmatched=formats.number(data.unmatched),
                                                  total=formats.number(data.outages)))


def _limits() -> list:
    return [
        tr("How each luminaire really throws its light: the calculation spreads it evenly. A lighting design or a"
           " light meter decides."),
        tr("Trees in leaf, and light from shops, porches and cars."),
        tr("White LED and yellow sodium at the same lux: people see more under white light. Nor glare, nor light on"
           " faces."),
        tr("Lamps that are dirty, dimmed, or out without a report."),
        tr("Whether people feel safe: walk it at night with those who live there."),
    ]
