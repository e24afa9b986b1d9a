"""The look of 'Street permeability', its layers and its report."""

from __future__ import annotations

from typing import Any

import numpy as np
from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsFillSymbol,
    QgsGeometry,
    QgsGraduatedSymbolRenderer,
    QgsLineSymbol,
    QgsMarkerSymbol,
    QgsPointXY,
    QgsRendererCategory,
    QgsRendererRange,
    QgsVectorLayer,
)

from ...analysis.cpted import accesscontrol as analysis
from ...layers import fields, styling, writing
from ...layers.areas import Areas
from ...reports import charts, formats, maps
from ...reports.html import Report, Shown
from ...translation import tr
from .accesscontrol_measure import ENDS, Result, node_columns, shapes_of, street_columns
from .accesscontrol_read import Data
from .accesscontrol_words import Words

#: upper end, colour and millimetres of the classes of the rank: little to much through-movement
_CLASSES = ((0.5, "#c6cdd6", 0.3), (0.75, "#92b4d8", 0.45), (0.9, "#4a86c5", 0.65), (0.97, "#1f4e9c", 0.95),
            (1.0, "#0b1f51", 1.4))
_ENTRY = ("#f1f4f8", "#bcd4e6", "#7fb0d6", "#3b7dba", "#123f7a")
_STOP, _ON_FOOT, _UNJUDGED = "#c0143c", "#e69f00", "#9aa4b1"
_LISTED = 20


# --- looks ---------------------------------------------------------------------------------
def street_style() -> styling.Style:
    """Streets by their rank of through-movement, the busiest dark and thick."""

    def make(layer: Any) -> Any:
        ranges, low = [], 0.0
        for high, colour, width in _CLASSES:
            share = (tr("Busiest {share} of the street length").format(share=formats.percent(1.0 - low)) if high == 1.0
                     else tr("{low} to {high} of the length has less").format(
                         low=formats.percent(low), high=formats.percent(high)))
            if low == 0.0:
                share = tr("Quieter half of the street length")
            symbol = QgsLineSymbol.createSimple({"line_color": colour, "line_width": str(width), "capstyle": "round"})
            ranges.append(QgsRendererRange(low, high, symbol, share))
            low = high
        return QgsGraduatedSymbolRenderer(fields.THRU_RANK, ranges)

    return styling.Style("Through-movement", make)


def node_style(codes: np.ndarray | None = None) -> styling.Style:
    """Junctions small and grey, dead ends red; with ``codes`` the legend has only the kinds among them."""
    entries = [
        (ENDS[analysis.DEAD_END], _STOP, "1.7", tr("Dead end")),
        (ENDS[analysis.BY_PATH], _ON_FOOT, "1.7", tr("Dead end with a path that leads on")),
        (ENDS[analysis.AT_EDGE], _UNJUDGED, "1.3", tr("Stops where the data end: not judged")),
    ]
    entries.append((ENDS[analysis.ON], "#5a6675", "0.8", tr("Junction or corner")))
    if codes is not None:
        entries = [entry for entry in entries if entry[0] in {ENDS[code] for code in codes.tolist()}]

    def make(layer: Any) -> Any:
        renderer = QgsCategorizedSymbolRenderer(fields.DEAD_END)
        for value, colour, size, label in entries:
            symbol = QgsMarkerSymbol.createSimple({
                "name": "circle", "color": colour, "size": size, "outline_color": "white", "outline_width": "0.15"})
            renderer.addCategory(QgsRendererCategory(value, symbol, label))
        return renderer

    return styling.Style("Junctions and ends", make)


def unit_style(rates: np.ndarray, hundred: str) -> styling.Style:
    """Units by entry points per 100 m of edge: those without any, and the others in quarters."""
    known = rates[np.isfinite(rates) & (rates > 0)]
    limits = np.unique(np.quantile(known, [0.25, 0.5, 0.75, 1.0])) if len(known) else np.empty(0)
    colours = _ENTRY[len(_ENTRY) - len(limits):]

    def make(layer: Any) -> Any:
        def entry(low: float, high: float, colour: str, text: str) -> Any:
            symbol = QgsFillSymbol.createSimple({"color": colour, "outline_color": "#8a93a0", "outline_width": "0.1"})
            return QgsRendererRange(low, high, symbol, text)

        low, ranges = 0.0, [entry(-1.0, 0.0, _ENTRY[0], tr("No entry point"))]
        for high, colour in zip(limits.tolist(), colours):
            text = (tr("{low} to {high} per {length}") if low else tr("Up to {high} per {length}")).format(
                low=formats.number(low, 2), high=formats.number(high, 2), length=hundred)
            ranges.append(entry(low, high, colour, text))
            low = high
        return QgsGraduatedSymbolRenderer(fields.ENTRY_100M, ranges)

    return styling.Style("Entry points", make)


# --- layers --------------------------------------------------------------------------------
def write(run: Any, data: Data, result: Result, words: Words) -> None:
    """Write all outputs."""
    tool, net = run.tool, data.net
    shapes = shapes_of(data)
    layer = data.layer
    pieces = Areas(
        shapes, layer.fields, [layer.attributes[row] for row in data.source.tolist()], {}, {}, data.row, layer.account,
        layer.crs, layer.kind)
    columns = street_columns(data, result)
    run.write_areas(tool.OUTPUT, pieces, columns, street_style())
    run.write_points(tool.NODES, net.x, net.y, node_columns(data, result), node_style())
    if data.units is not None:
        run.write_areas(tool.OUTPUT_UNITS, data.units, result.units, unit_style(
            result.units[fields.ENTRY_100M], words.hundred()))
    elif run.wants(tool.OUTPUT_UNITS):
        run.warn(tr("There are no units to write: choose a layer of units (UNITS)."))
    _write_gaps(run, result)
    if run.wants(tool.REPORT):
        run.write_report(tool.REPORT, build(run, data, result, words, columns))


def _write_gaps(run: Any, result: Result) -> None:
    if not run.wants(run.tool.GAPS):
        return
    if not result.gaps:
        run.warn(tr("There are no gaps to write: choose a layer of fences or walls (BARRIERS)."))
        return
    lines = [QgsGeometry.fromPolylineXY([QgsPointXY(x, y) for x, y in line.tolist()])
             for corners, _ in result.gaps for line in corners]
    columns = {name: np.ma.concatenate([own[name] for _, own in result.gaps]) for name in result.gaps[0][1]}
    columns[fields.SIDE] = np.concatenate([own[fields.SIDE] for _, own in result.gaps])
    columns[fields.GAP_M] = np.concatenate([own[fields.GAP_M] for _, own in result.gaps])
    run.write_lines(run.tool.GAPS, lines, columns, styling.classes("Gaps", fields.GAP_M, [
        (0.0, 6.0, "#c0143c", tr("Up to {width}: gate, driveway, hole").format(width=run.units.distance(6.0))),
        (6.0, 30.0, "#e69f00", tr("Up to {width}").format(width=run.units.distance(30.0))),
        (30.0, 1e9, "#c6cdd6", tr("Wider: open frontage")),
    ]))


def _ends_layer(run: Any, data: Data, result: Result) -> QgsVectorLayer | None:
    """Make a layer of the dead ends for the map."""
    chosen = np.flatnonzero(result.ends.node != analysis.ON)
    if not len(chosen):
        return None
    kinds = np.array([ENDS[code] for code in result.ends.node[chosen]], dtype=object)
    layer = writing.memory_layer(
        "Point", tr("Where streets end"), run.crs,
        writing.points_from_arrays(data.net.x[chosen], data.net.y[chosen]), {fields.DEAD_END: kinds},
        run.stage(0.92, 0.93))
    node_style(np.unique(result.ends.node[chosen])).apply(layer)
    return layer


# --- report --------------------------------------------------------------------------------
def build(run: Any, data: Data, result: Result, words: Words, columns: dict) -> Report:
    """Return the report."""
    report = Report(tr("Street permeability (access control)"), tr("{layer} · ways {radius}").format(
        layer=data.layer.name, radius=words.radius()))
    for text in words.sentences():
        report.sentence(text)
    for text in run.warnings:
        report.warning(text)
    _facts(report, data, result, words)
    _map(report, run, data, result, words)
    _streets(report, run, data, result, columns)
    _barriers(report, run, data, result)
    _units(report, run, data, result)
    report.heading(tr("How to read this"))
    report.bullets(_reading(words))
    report.heading(tr("How it was made"))
    report.bullets([note for note in run.notes if note != words.summary()])
    return report


def _facts(report: Report, data: Data, result: Result, words: Words) -> None:
    i, ends = result.indices, result.ends
    tiles = [
        (tr("Streets and paths") if data.path.any() else tr("Streets"), i.edges,
         words.units.length(float(data.net.length.sum()))),
        (tr("Nodes"), i.nodes, tr("{count} connected parts").format(count=formats.number(i.components))),
        (tr("Dead ends"), formats.percent(ends.share), tr("{count} of {of} judged").format(
            count=formats.number(ends.dead_ends), of=formats.number(i.nodes - ends.at_edge))),
        (tr("Alpha"), formats.number(i.alpha, 2), tr("circuits, of those possible")),
        (tr("Beta"), formats.number(i.beta, 2), tr("streets a node")),
        (tr("Gamma"), formats.number(i.gamma, 2), tr("streets, of those possible")),
        (tr("On the busiest tenth"), formats.percent(words.busiest_share()), tr("of the through-movement")),
    ]
    if result.sides is not None:
        tiles.append((tr("Sides with a fence or wall"), formats.percent(words.bound_share()), tr("{count} gaps").format(
            count=formats.number(int(result.sides.gaps.sum())))))
    if result.units:
        tiles.append((tr("Entry points"), formats.number(words.entry_rate(), 2), tr("per {length} of edge").format(
            length=words.hundred())))
    report.facts(tiles)


def _map(report: Report, run: Any, data: Data, result: Result, words: Words) -> None:
    layer = run.output_layer(run.tool.OUTPUT)
    layer.setName(tr("Through-movement"))
    ends = _ends_layer(run, data, result)
    picture = maps.map_png([layer] if ends is None else [ends, layer], tr("Where ways lead, and where streets end"),
                           height=1000, units=run.units)
    report.figure(picture, tr("Through-movement {radius}: the darker, the more shortest ways. Dots are ends.").format(
        radius=words.radius()), tr("Map of the streets by through-movement, with dead ends"))


def _name(data: Data, part: int) -> str:
    """Return what a street is called in its layer, or its row."""
    names = [name.casefold() for name in data.layer.fields.names()]
    values = data.layer.attributes[data.source[part]]
    for wanted in ("label", "name", "street", "street_name", "streetname", "st_name", "fullname", "full_name"):
        if wanted in names:
            value = values[names.index(wanted)]
            if isinstance(value, str) and value.strip():
                return value.strip()
    return tr("row {row}").format(row=int(data.row[part]))


def _streets(report: Report, run: Any, data: Data, result: Result, columns: dict) -> None:
    share, net = result.through.share, data.net
    by_name: dict = {}
    # one line a name: a long street is one street, and not twenty rows
    for part in np.argsort(-share, kind="stable").tolist():
        name = _name(data, part)
        if name not in by_name and len(by_name) == _LISTED:
            break
        by_name.setdefault(name, part)
    rows = []
    for name, part in by_name.items():
        rows.append([
            name, Shown(float(share[part]), formats.percent(share[part], 1)),
            Shown(float(net.length[part]), run.units.distance(net.length[part])),
            int(columns[fields.DEG_FROM][part]), int(columns[fields.DEG_TO][part]),
            Shown(float(result.covered[part]), formats.percent(result.covered[part])),
        ])
    report.heading(tr("The busiest streets"))
    report.table(
        [tr("Street"), tr("Of all ways"), tr("Length"), tr("Meet at begin"), tr("Meet at end"), tr("Data around it")],
        rows, tr("Streets by through-movement, each at its busiest piece"), name="busiest", limit=_LISTED)
    degree = np.bincount(np.minimum(net.degree, 6), minlength=7)[1:]
    labels = [tr("1: street ends"), tr("2: corner or cut"), "3", "4", "5", tr("6 or more")]
    report.figure(
        charts.bar_chart(labels, degree.astype(float), tr("Streets that meet at a node"), tr("Nodes")),
        tr("Junctions of three mean T-shapes and winding ways, of four a grid. Of the {ends} that end, {edge} stop"
           " where the data end.").format(
               ends=formats.number(int(degree[0])), edge=formats.number(result.ends.at_edge)),
        "; ".join(f"{label}: {count}" for label, count in zip(labels, degree.tolist())), name="degree")


def _barriers(report: Report, run: Any, data: Data, result: Result) -> None:
    sides = result.sides
    if sides is None:
        return
    share = np.divide(sides.covered, sides.length, out=np.zeros(len(sides.length)), where=sides.length > 0)
    rows = []
    limits = (0.0, 0.001, 0.25, 0.5, 0.75, 1.01)
    labels = [tr("none"), tr("up to 25 %"), tr("25 to 50 %"), tr("50 to 75 %"), tr("75 to 100 %")]
    length = data.net.length
    for low, high, label in zip(limits[:-1], limits[1:], labels):
        own = (share >= low) & (share < high)
        part = float(length[own].sum() / length.sum())
        rows.append([label, int(own.sum()), Shown(float(length[own].sum()), run.units.length(float(length[own].sum()))),
                     Shown(part, formats.percent(part)), int(sides.gaps[own].sum())])
    report.heading(tr("Fences and walls along streets"))
    report.table([tr("Share of the sides"), tr("Streets"), tr("Length"), tr("Of the length"), tr("Gaps")], rows, tr(
        "Streets by the share of both sides that has a fence or wall"), name="barriers")


def _units(report: Report, run: Any, data: Data, result: Result) -> None:
    if not result.units:
        return
    report.heading(tr("Entry points of the units"))
    if run.wants(run.tool.OUTPUT_UNITS):
        layer = run.output_layer(run.tool.OUTPUT_UNITS)
        layer.setName(tr("Entry points by length of edge"))
        report.figure(maps.map_png([layer], tr("Where units let people in"), units=run.units), tr(
            "The darker, the more streets, paths and entrances lead in for its size."),
            tr("Map of the units by entry points"), name="units")
    u = result.units
    rates = np.asarray(u[fields.ENTRY_100M])
    order = np.argsort(-np.nan_to_num(rates, nan=-1.0), kind="stable")[:_LISTED]
    header = [tr("Row"), tr("Edge"), tr("Streets in"), tr("Paths in"), tr("Per {length}").format(
        length=run.units.distance(100.0)), tr("Dead ends")]
    names = [fields.ST_IN, fields.PATHS_IN]
    rows = []
    for i in order.tolist():
        edge = float(u[fields.FRONT_M][i])
        rows.append([
            int(data.units.rows[i]) + 1, Shown(edge, run.units.distance(edge)), *(int(u[name][i]) for name in names),
            Shown(float(rates[i]), formats.number(rates[i], 2)), int(u[fields.BLIND_N][i])])
    report.table(header, rows, tr("Units with most entry points for their edge"), name="units", limit=_LISTED)


def _reading(words: Words) -> list:
    return [
        tr("Through-movement is a model: where people would pass if every junction were as busy as the next and all"
           " took the shortest way. It is no count of people."),
        tr("More or less permeable is neither good nor bad: through-streets bring eyes and offenders alike. Closing a"
           " public way shuts people out; ask them first."),
        tr("A dead end on this map may go on for people on foot, and a fence may have an open gate: walk there."),
        tr("Not seen: heights, locks, worn tracks, guards, one-way rules."),
    ]
