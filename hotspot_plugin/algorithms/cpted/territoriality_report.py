"""The look of 'Frontage and boundaries', and its report."""

from __future__ import annotations

from typing import Any

import numpy as np
from qgis.core import QgsFillSymbol, QgsGraduatedSymbolRenderer, QgsLineSymbol, QgsRendererRange, QgsWkbTypes

from ...layers import fields, styling
from ...reports import charts, formats, maps
from ...reports.html import Report, Shown
from ...translation import tr
from .territoriality_measure import Result, number_of
from .territoriality_read import Data
from .territoriality_words import SHOWN, Words

#: upper ends and colours of the classes of a share
_LIMITS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_COLOURS = ("#eceff3", "#d9e8c6", "#a8d08d", "#6cb26a", "#2f8a57", "#0b5a3f")
_WARM = ("#eceff3", "#fde3c0", "#f9bd7c", "#ef8a4a", "#d0521f", "#8f2d0c")
_LISTED = 20


def titles() -> dict:
    """Return what a map of each field is called."""
    return {
        fields.BOUND_SH: tr("Share of the frontage with a fence or wall"),
        fields.MARK_SH: tr("Share of the transition that is marked"),
        fields.TRANS_SH: tr("Frontage where public meets private land"),
        fields.VAC_SH: tr("Share of vacant or abandoned land"),
        fields.USE_MIX: tr("Mix of uses"), fields.OWN_MIX: tr("Mix of owners"),
    }


def captions() -> dict:
    """Return what is said below the maps."""
    return {
        fields.BOUND_SH: tr("The darker, the more of the edge has a fence or wall along it."),
        fields.MARK_SH: tr("The darker, the more of the frontage between public and private land is marked. Units"
                           " without a value have no such frontage."),
        fields.VAC_SH: tr("The darker, the more of the known land is vacant or abandoned."),
        fields.USE_MIX: tr("The darker, the more evenly uses share the unit; without a value it has no known land."),
    }


def style(columns: dict, field: str = "") -> styling.Style:
    """Units by a share: none, and five steps; by the first share that was measured."""
    field = field or next((name for name in SHOWN if name in columns), fields.FRONT_M)
    if field == fields.FRONT_M:
        return styling.single("Vacant places", "#eceff3", tr("Unit"), text=f'nullif("{fields.VAC_N}", 0)')
    colours = _WARM if field == fields.VAC_SH else _COLOURS

    def make(layer: Any) -> Any:
        line = layer.geometryType() == QgsWkbTypes.GeometryType.LineGeometry
        ranges, low = [], -1.0
        for high, colour in zip(_LIMITS, colours):
            if line:
                shade = "#c6cdd6" if low < 0 else colour
                symbol = QgsLineSymbol.createSimple({"line_color": shade, "line_width": "0.3" if low < 0 else "0.7"})
            else:
                symbol = QgsFillSymbol.createSimple({
                    "color": colour, "outline_color": "#8a93a0", "outline_width": "0.1"})
            text = tr("None") if low < 0 else tr("{low} to {high}").format(
                low=formats.percent(max(low, 0.0)), high=formats.percent(high))
            ranges.append(QgsRendererRange(low, high, symbol, text))
            low = high
        return QgsGraduatedSymbolRenderer(field, ranges)

    return styling.Style("Frontage and boundaries", make)


def build(run: Any, data: Data, words: Words, columns: dict) -> Report:
    """Return the report of a run whose layer has been written."""
    report = Report(tr("Frontage and boundaries (territoriality)"), tr("{layer} · {count} {kind}").format(
        layer=data.units.name, count=formats.number(len(data.units)), kind=words.kind()))
    for text in words.sentences():
        report.sentence(text)
    for text in run.warnings:
        report.warning(text)
    _facts(report, words)
    _maps(report, run, columns)
    if data.land is not None and data.land.uses is not None:
        _uses(report, run, data, words.result)
    _lists(report, run, data, columns)
    report.heading(tr("How to read this"))
    report.bullets(_reading(words))
    report.heading(tr("How it was made"))
    report.bullets([note for note in run.notes if note != words.summary()])
    return report


def _facts(report: Report, words: Words) -> None:
    n = words.numbers()
    tiles: list = [(tr("Units"), n["UNITS"], words.units.length(1000.0 * n["FRONT_KM"]))]
    for name, label, note in (
        ("BOUND_SHARE", tr("Bounded"), tr("of the frontage")),
        ("TRANSITION_SHARE", tr("Public meets private"), tr("of the known frontage")),
        ("MARKED_SHARE", tr("Of that marked"), tr("by a fence or wall")),
        ("VACANT_SHARE", tr("Vacant"), tr("of the known land")),
        ("KNOWN_SHARE", tr("Known"), tr("of the land")),
    ):
        if n[name] is not None:
            tiles.append((label, formats.percent(n[name]), note))
    for name, label, decimals in (("GAP_COUNT", tr("Gaps"), 0), ("VACANT_COUNT", tr("Vacant places"), 0),
                                  ("USE_MIX", tr("Mix of uses"), 2)):
        if n[name] is not None:
            note = tr("of {classes} uses, median").format(classes=n["USE_CLASSES"]) if name == "USE_MIX" else ""
            tiles.append((label, formats.number(n[name], decimals), note))
    report.facts(tiles)


def _maps(report: Report, run: Any, columns: dict) -> None:
    names = titles()
    shown = [name for name in SHOWN if name in columns and np.isfinite(np.asarray(columns[name], float)).any()]
    # a map of the frontage, of the vacant land and of the mix; the others are in the layer
    for field in [name for name in shown if name in (fields.BOUND_SH, fields.MARK_SH, fields.VAC_SH, fields.USE_MIX)]:
        run.progress(0.95)
        layer = run.output_layer(run.tool.OUTPUT)
        layer.setName(names[field])
        style(columns, field).apply(layer)
        layers = [layer]
        if not np.isfinite(np.asarray(columns[field], float)).all():
            ground = run.output_layer(run.tool.OUTPUT)
            ground.setName(tr("Not measured"))
            styling.single("Ground", "#ffffff", tr("No value, see below"), outline="#c6cdd6", width=0.1).apply(ground)
            layers.append(ground)
        report.figure(maps.map_png(layers, names[field], units=run.units), captions()[field], tr(
            "Map: {title}").format(title=names[field]), name=field)


def _uses(report: Report, run: Any, data: Data, result: Result) -> None:
    total = result.uses.sum(axis=0)
    order = np.argsort(-total, kind="stable")
    order = order[total[order] > 0]
    size = run.units.length if data.streets else run.units.area
    rows = [[data.land.uses.names[k], Shown(float(total[k]), size(float(total[k]))),
             Shown(float(total[k] / total.sum()), formats.percent(total[k] / total.sum(), 1)),
             int((result.uses[:, k] > 0).sum())] for k in order.tolist()]
    report.heading(tr("Uses of the land"))
    header = [tr("Use"), tr("Frontage") if data.streets else tr("Area"), tr("Share"), tr("Units with it")]
    report.table(header, rows, tr("Known land in or along the units, by use"), name="uses", limit=25)
    number = np.bincount(number_of(result.uses))
    if len(number) > 1:
        labels = [str(i) if i else tr("0: not known") for i in range(len(number))][:12]
        report.figure(charts.bar_chart(labels, number[:12].astype(float), tr("Number of uses in a unit"), tr("Units")),
                      tr("Units by their number of uses"), "; ".join(f"{a}: {b}" for a, b in zip(labels, number)),
                      name="number")


def _lists(report: Report, run: Any, data: Data, columns: dict) -> None:
    """List the units with least marked frontage, or with most vacant land."""
    for field, title, most in (
        (fields.MARK_SH, tr("Units with least of their transition marked"), False),
        (fields.VAC_SH, tr("Units with most vacant land"), True),
    ):
        if field not in columns:
            continue
        values = np.asarray(columns[field], dtype=float)
        known = np.flatnonzero(np.isfinite(values) & (values > 0 if most else True))
        length = np.asarray(columns[fields.FRONT_M], dtype=float)
        # of equal shares the longest frontage first
        order = known[np.lexsort((-length[known], -values[known] if most else values[known]))][:_LISTED]
        if not len(order):
            continue
        rows = [[int(data.units.rows[i]) + 1, Shown(float(values[i]), formats.percent(values[i])),
                 Shown(float(length[i]), run.units.distance(length[i])), *_more(columns, i)] for i in order.tolist()]
        header = [tr("Row"), tr("Share"), tr("Frontage"), *(label for name, label, _ in _extra() if name in columns)]
        report.table(header, rows, title, name=field, limit=_LISTED)


def _extra() -> list:
    return [
        (fields.BOUND_SH, tr("Fenced"), formats.percent), (fields.GAPS, tr("Gaps"), formats.number),
        (fields.TRANS_SH, tr("Transition"), formats.percent),
    ]


def _more(columns: dict, i: int) -> list:
    out: list = []
    for name, _, write in _extra():
        if name in columns:
            value = columns[name][i]
            value = value.item() if hasattr(value, "item") else value
            out.append(Shown(value, write(value)))
    return out


def _reading(words: Words) -> list:
    return [
        tr("More fence is not better: a low hedge can mark a boundary, and a high wall takes eyes off the street."),
        tr("Gates and driveways are gaps here; a map does not know whether they are closed."),
        tr("Not seen: heights, what one can see through, signs, planting and paving that mark a border, and who looks"
           " after a place. Zoning says what is allowed, not what is there."),
        tr("Walk the places at the top of the lists by day and by night, and ask those who live there, before you"
           " decide."),
    ]
