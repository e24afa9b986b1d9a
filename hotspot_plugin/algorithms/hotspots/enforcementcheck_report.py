"""The look of hot spots with and without officers' records, and their report."""

from __future__ import annotations

from typing import Any

import numpy as np
from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsFeatureRequest,
    QgsFillSymbol,
    QgsProperty,
    QgsRectangle,
    QgsRendererCategory,
    QgsSymbolLayer,
    QgsVectorLayer,
)

from ...analysis.hotspots import enforcementcheck as analysis
from ...layers import fields, styling, writing
from ...reports import formats, maps
from ...reports.html import Report, Shown
from ...reports.rankchart import rank_changes
from ...translation import tr
from .enforcementcheck_words import Words, rank_words

GREY, RED, ORANGE, BLUE = "#7d8794", "#b2182b", "#e69f00", "#0072b2"
#: rows of the chart, the first ranks that it shows in any case, and rows of the table
_ROWS, _FIRST, _LIST = 22, 12, 20
#: ranks that are written on the map, and metres around a hot spot that is shown close up
_LABELLED, _AROUND = 20, 450.0
#: incidents of the close-up
_MOST_DRAWN = 5_000
#: fields of the dots of the close-up, which is no output
_MADE, _COUNT = "made", "count"


def style() -> styling.Style:
    """Outlines by what becomes of the hot spot; full where that is beyond chance."""
    beyond = f'CASE WHEN "{fields.BEYOND}" THEN \' \' ELSE \'\' END'
    entries = [
        (analysis.VANISHED + " ", RED, 150, tr("Vanishes, beyond chance")),
        (analysis.MOVED + " ", ORANGE, 150, tr("Changes rank, beyond chance")),
        (analysis.APPEARS + " ", BLUE, 150, tr("Appears, beyond chance")),
        (analysis.VANISHED, RED, 0, tr("Vanishes, could be chance")),
        (analysis.APPEARS, BLUE, 0, tr("Appears, could be chance")),
        (analysis.KEPT, GREY, 40, tr("Stays")),
    ]

    def make(layer: Any) -> Any:
        renderer = QgsCategorizedSymbolRenderer(f'"{fields.HS_STATUS}" || {beyond}')
        for value, colour, opacity, text in entries:
            red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
            symbol = QgsFillSymbol.createSimple({
                "color": f"{red},{green},{blue},{opacity}", "outline_color": colour,
                "outline_width": "0.6" if colour != GREY else "0.35",
                "outline_style": "solid" if opacity else "dot"})
            renderer.addCategory(QgsRendererCategory(value, symbol, text))
        # what changes is drawn over what stays
        last = QgsFeatureRequest.OrderByClause(
            f"CASE WHEN \"{fields.HS_STATUS}\" = '{analysis.KEPT}' THEN 0 WHEN \"{fields.BEYOND}\" THEN 2 ELSE 1 END")
        renderer.setOrderBy(QgsFeatureRequest.OrderBy([last]))
        renderer.setOrderByEnabled(True)
        return renderer

    return styling.Style("Hot spots compared", make, _label())


def _label() -> str:
    """Both ranks where the change is beyond chance, else the rank among all."""
    before, after = (f"coalesce(to_string(\"{name}\"), '-')" for name in (fields.RANK_WITH, fields.RANK_WO))
    return (f'CASE WHEN "{fields.BEYOND}" THEN {before} || \' → \' || {after}'
            f' ELSE to_string("{fields.RANK_WITH}") END')


def outlines() -> styling.Style:
    """The hot spots without officers' records."""
    return styling.single("Hot spots", "0,0,0,0", tr("Hot spot without officers' records, with its rank"), "#111111",
                          0.45, fields.RANK)


def build(run: Any, words: Words) -> Report:
    """Return the report of a run whose layers have been written."""
    report = Report(tr("Officer-initiated activity check"), words.story.period())
    for text in words.sentences():
        report.sentence(text)
    for text in run.warnings:
        report.warning(text)
    _facts(report, words)
    if len(words.result.status):
        run.check()
        _ranks(report, words)
        _map(report, run, words)
        _close_up(report, run, words)
        _table(report, words)
    report.heading(tr("How to read it"))
    report.bullets([
        tr("A hot spot that vanishes or falls beyond chance rests on what officers found. It may be a real market, an"
           " event, a custody suite or a habit of patrol: ask what the public reports there before sending more"
           " officers."),
        tr("One that vanishes within chance was weak to begin with: as many records of any kind would have done the"
           " same."),
        tr("Plan patrols with the hot spots without officers' records, and show the ranks of both."),
        tr("Reports of the public have habits of their own: who calls, and what is recorded, differs between"
           " neighbourhoods."),
    ])
    report.heading(tr("How it was made"))
    report.bullets([note for note in run.notes if note != words.summary()])
    return report


def _facts(report: Report, words: Words) -> None:
    result, made = words.result, words.made
    by_chance = "" if words.low is None else tr("by chance {low} to {high}").format(
        low=formats.number(words.low), high=formats.number(words.high))
    tiles = [
        (tr("Found by officers"), formats.percent(made.share, 1),
         tr("{n} of {total}").format(n=formats.number(made.n), total=formats.number(len(made)))),
        (tr("Hot spots of all"), words.k), (tr("Without officers' records"), result.without.places.count),
        (tr("Vanish"), words.vanished, by_chance), (tr("Appear"), words.appeared),
        (tr("Changed beyond chance"), words.beyond),
    ]
    if np.isfinite(result.rank_corr):
        ends = words.corr_range()
        tiles.append((tr("Rank correlation"), formats.number(result.rank_corr, 2), "" if ends is None else tr(
            "by chance {low} to {high}").format(low=formats.number(ends[0], 2), high=formats.number(ends[1], 2))))
    if made.known < len(made):
        tiles.append((tr("Not known"), len(made) - made.known, tr("count as reported by others")))
    report.facts(tiles)


def _ranks(report: Report, words: Words) -> None:
    """The chart: those that change beyond chance, and the first ranks."""
    result = words.result
    rows = np.unique(np.r_[words.important()[: _ROWS - _FIRST], np.arange(min(_FIRST, len(result.status)))])
    best = np.minimum(result.rank_with.filled(10**9), result.rank_without.filled(10**9))
    rows = rows[np.argsort(best[rows], kind="stable")]
    label = tr("{rank}: {n} incidents, {share} officers'")
    labels = [
        label.format(rank=rank_words(result.rank_with[i]), n=formats.number(int(result.n[i])),
                     share=formats.percent(result.n_made[i] / max(result.n[i], 1)))
        for i in rows
    ]  # fmt: skip
    ranks = [column[rows].astype(float).filled(np.nan) for column in (
        result.rank_with, result.rank_without, result.rank_low, result.rank_high)]
    picture = rank_changes(
        labels, *ranks, result.beyond[rows],
        (tr("rank among all"), tr("without officers' records"), tr("95 % of random removals")), tr("no hot spot"),
        tr("Rank, 1 holds most"))
    report.heading(tr("Ranks with and without"))
    report.figure(picture, tr("The first hot spots, and those that change beyond chance (in colour)."),
                  _spoken(words, rows), "ranks")


def _spoken(words: Words, rows: np.ndarray) -> str:
    result, none = words.result, tr("none")
    text = tr("rank {before} becomes {after}")
    return "; ".join(text.format(
        before=none if result.rank_with.mask[i] else int(result.rank_with[i]),
        after=none if result.rank_without.mask[i] else int(result.rank_without[i])) for i in rows)


def _map(report: Report, run: Any, words: Words) -> None:
    compared = _compared(run, words, f'"{fields.BEYOND}" OR "{fields.RANK_WITH}" <= {_LABELLED}')
    area = writing.memory_layer("Polygon", tr("Study area"), run.crs, [words.incidents.outline])
    meaning = tr("as given") if words.incidents.area.given else tr("around the incidents")
    styling.single("Study area", "#eef0f3", meaning, "#c3c9d2", 0.2).apply(area)
    box = compared.extent()
    box.grow(max(0.08 * max(box.width(), box.height()), _AROUND))
    report.figure(maps.map_png([compared, area], tr("What becomes of the hot spots"), extent=box, units=run.units), tr(
        "Hot spots of all incidents, and those that appear; numbers are ranks, both where they change beyond chance."),
        words.summary())


def _compared(run: Any, words: Words, labelled: str) -> QgsVectorLayer:
    """The hot spots compared, with labels for some of them and the classes that occur."""
    layer = run.output_layer(run.tool.OUTPUT)
    labels = layer.labeling().clone()
    settings = labels.settings()
    # hundreds of numbers could not be read
    settings.fieldName, settings.isExpression = f"CASE WHEN {labelled} THEN {_label()} END", True
    labels.setSettings(settings)
    layer.setLabeling(labels)
    result = words.result
    found = {status + (" " if beyond else "") for status, beyond in zip(result.status, result.beyond.tolist())}
    renderer = layer.renderer().clone()
    values = [category.value() for category in renderer.categories()]
    for index in reversed(range(len(values))):
        if values[index] not in found:
            renderer.deleteCategory(index)
    layer.setRenderer(renderer)
    return layer


def _close_up(report: Report, run: Any, words: Words) -> None:
    """The change with most officers' records beyond their usual share, and the incidents that make it."""
    important, result = words.important(), words.result
    if not important.size:
        return
    excess = result.n_made[important] - words.made.n / len(words.made) * result.n[important]
    spot = int(important[int(np.abs(excess).argmax())])
    compared = _compared(run, words, f'NOT "{fields.BEYOND}"')
    shape = next(geometry for i, geometry in enumerate(f.geometry() for f in compared.getFeatures()) if i == spot)
    box = QgsRectangle(shape.boundingBox())
    box.grow(_AROUND)
    data = words.incidents
    near = np.flatnonzero((data.x > box.xMinimum()) & (data.x < box.xMaximum()) & (data.y > box.yMinimum())
                          & (data.y < box.yMaximum()))[:_MOST_DRAWN]  # fmt: skip
    dots = _dots(run, data.x[near], data.y[near], words.made.made[near])
    without = run.output_layer(run.tool.HOTSPOTS)
    without.setLabelsEnabled(False)
    styling.single("Hot spots", "0,0,0,0", tr("their outline"), "#111111", 0.45).apply(without)
    title = tr("Close up: rank {before} of all, {after} without officers' records").format(
        before=rank_words(result.rank_with[spot]), after=rank_words(result.rank_without[spot]))
    report.figure(maps.map_png([dots, without, compared], title, extent=box, units=run.units), tr(
        "Where the incidents lie, larger where there are more, and how many of them officers found."), title, "closeup")


def _dots(run: Any, x: np.ndarray, y: np.ndarray, made: np.ndarray) -> QgsVectorLayer:
    """A dot for all records of a place, and in it one for officers'."""
    kinds = ((False, "#3d4756", tr("All")), (True, RED, tr("Found by officers")))
    found = [np.unique(np.column_stack([x, y])[made | (not kind)], axis=0, return_counts=True) for kind, _, _ in kinds]
    places, counts = (np.concatenate(parts) for parts in zip(*found))
    officers = np.repeat([kind for kind, _, _ in kinds], [len(n) for _, n in found])
    layer = writing.memory_layer(
        "Point", tr("Incidents, larger: more"), run.crs, writing.points_from_arrays(places[:, 0], places[:, 1]),
        {_MADE: officers, _COUNT: counts})
    most = int(counts.max(initial=1))
    renderer = QgsCategorizedSymbolRenderer(_MADE)
    for kind, colour, name in kinds[::-1]:
        symbol = styling.symbol(layer, colour)
        symbol.setOpacity(0.85)
        for part in symbol.symbolLayers():
            part.setDataDefinedProperty(QgsSymbolLayer.Property.PropertySize, QgsProperty.fromExpression(
                f'1.2 + 5 * sqrt("{_COUNT}" / {float(most)})'))
        renderer.addCategory(QgsRendererCategory(kind, symbol, name))
    layer.setRenderer(renderer)
    return layer


def _table(report: Report, words: Words) -> None:
    """All hot spots, those that change first."""
    result = words.result
    columns = words.columns()
    best = np.minimum(result.rank_with.filled(10**9), result.rank_without.filled(10**9))
    order = np.lexsort((best, result.status == analysis.KEPT, ~result.beyond))
    names = {
        analysis.KEPT: tr("stays"), analysis.MOVED: tr("rank changed"), analysis.VANISHED: tr("vanishes"),
        analysis.APPEARS: tr("appears"),
    }  # fmt: skip
    head = [tr("Rank of all"), tr("Without"), tr("By chance"), tr("What becomes of it"), tr("Beyond chance"),
            tr("Incidents"), tr("Without officers'"), tr("Officers' share"), tr("Same by chance")]
    types = columns.get(fields.PRO_TYPE)
    if types is not None:
        head.insert(8, tr("Mostly"))
    rows = []
    for i in order.tolist():
        low, high = result.rank_low[i], result.rank_high[i]
        row = [
            _whole(result.rank_with[i]), _whole(result.rank_without[i]),
            None if low is np.ma.masked else tr("{low} to {high}").format(low=int(low), high=int(high)),
            names[result.status[i]], tr("yes") if result.beyond[i] else tr("no"), int(result.n[i]),
            int(result.n[i] - result.n_made[i]),
            Shown(float(columns[fields.PRO_SHARE][i]), formats.percent(columns[fields.PRO_SHARE][i])),
            Shown(float(result.p_thin[i]), formats.percent(result.p_thin[i])),
        ]
        if types is not None:
            row.insert(8, types[i])
        rows.append(row)
    report.heading(tr("The hot spots"))
    report.table(head, rows, tr("Changes beyond chance first, then other changes, then those that stay. Same by chance:"
                                " share of random removals that do the same."), "compared", _LIST)


def _whole(value: Any) -> Any:
    return None if value is np.ma.masked else int(value)
