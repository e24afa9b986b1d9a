"""The look of the repeat locations, and their report."""

from __future__ import annotations

from typing import Any

import numpy as np
from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsProperty,
    QgsRectangle,
    QgsRendererCategory,
    QgsSymbolLayer,
    QgsVectorLayer,
)

from ...analysis.hotspots import lorenz
from ...layers import fields, styling, writing
from ...reports import charts, formats, maps
from ...reports.html import Report, Shown
from ...translation import tr
from .repeatlocations_words import Words

AGAIN, NEW, UNKNOWN = "#b2182b", "#e69f00", "#b2182b"
_BACKGROUND = "#c3c9d2"
#: places drawn in grey behind the list, and rows of tables and bars of charts
_MOST_DRAWN, _BARS = 20_000, 20
#: listed places that are numbered on the map and looked at for a close-up, and the distance (metres) within which
#: they are near one another
_NUMBERED, _CROWD = 100, 1000.0
#: lower ends of the classes of the table of places by number
_STEPS = (1, 2, 3, 5, 10, 20, 50, 100)


def style(least: int, compared: bool) -> styling.Style:
    """Dots by number, coloured by whether the place repeats, labelled with the rank."""
    if compared:
        rule = f'CASE WHEN "{fields.N_PREV}" >= {least} THEN 1 ELSE 0 END'
        entries = [
            (1, AGAIN, tr("Repeat location, in the window before too (larger: more incidents)")),
            (0, NEW, tr("Repeat location, fewer than {least} incidents in the window before").format(least=least)),
        ]
    else:
        rule, entries = "1", [(1, UNKNOWN, tr("Repeat location (larger: more incidents)"))]
    # area by number, beside the busiest; between 2 and 6.5 mm
    size = f'2.0 + 4.5 * sqrt("{fields.N}" / maximum("{fields.N}"))'

    def make(layer: Any) -> Any:
        renderer = QgsCategorizedSymbolRenderer(rule)
        for value, colour, label in entries:
            symbol = styling.symbol(layer, colour)
            symbol.setSize(3.4)
            for part in symbol.symbolLayers():
                part.setDataDefinedProperty(QgsSymbolLayer.Property.PropertySize, QgsProperty.fromExpression(size))
            renderer.addCategory(QgsRendererCategory(value, symbol, label))
        return renderer

    # a list of thousands has no room for their numbers, and looking for it would take a minute
    return styling.Style("Repeat locations", make, f'if("{fields.RANK}" <= {_NUMBERED}, "{fields.RANK}", NULL)')


def build(run: Any, words: Words) -> Report:
    """Return the report of a run whose points have been written."""
    report = Report(tr("Repeat locations (hot dots)"), tr("{period} · {layer} · internal").format(
        period=words.period(), layer=words.data.layer))
    for text in (words.counted(), words.headline(), words.half(), words.again()):
        if text:
            report.sentence(text)
    report.warning(tr("Internal: this report shows single addresses, among them homes of victims. Do not publish"
                      " it; make public figures by 'Prepare data for publication'."))
    for text in run.warnings:
        report.warning(text)
    _facts(report, words)
    if len(words.listed):
        _map(report, run, words)
        _list(report, words)
    _curve(report, words)
    _levels(report, words)
    _gone(report, words)
    _rows(report, words)
    report.heading(tr("How to read this"))
    report.bullets(_reading(words))
    report.heading(tr("How it was made"))
    report.bullets([note for note in run.notes if note != words.summary()])
    return report


def _facts(report: Report, words: Words) -> None:
    f, data = words.facts, words.data
    by_chance = tr("by chance {number}")
    tiles = [
        (tr("Incidents counted"), words.ranking.total,
         tr("of {count} recorded").format(count=formats.number(data.recorded))),
        (tr("Places"), f.places, tr("with an incident") if data.only_known else tr("of the place layer")),
        (tr("With {least} or more").format(least=words.least), f.repeat,
         tr("{count} of them beyond chance").format(count=formats.number(f.beyond))),
        (tr("At the {top} busiest").format(top=f.top), formats.percent(f.share_top, 1),
         by_chance.format(number=formats.percent(f.share_top_chance, 1))),
        (tr("Places with half of it"), f.half, by_chance.format(number=formats.number(f.half_chance, 0))),
        (tr("Generalised Gini"), formats.number(f.gini, 2), by_chance.format(number=formats.number(f.gini_chance, 2))),
    ]
    if data.compared:
        tiles.append((tr("Still at the top"), tr("{still} of {of}").format(still=f.still, of=f.still_of),
                      tr("of the window before")))
    report.facts(tiles)


def _map(report: Report, run: Any, words: Words) -> None:
    layer = run.output_layer(run.tool.OUTPUT)
    others = _other_places(run, words)
    picture = maps.map_png([layer, others] if others else [layer], tr("Repeat locations, {period}").format(
        period=words.period()), units=run.units)
    spoken = tr("rank {rank}: {name}, {n}")
    ranked = [
        spoken.format(rank=int(words.ranking.rank[place]), name=words.names[i], n=int(words.n[i]))
        for i, place in enumerate(words.listed[:_BARS])
    ]
    caption = tr("The listed places, numbered by rank; the larger the dot, the more incidents")
    report.figure(picture, caption, "; ".join(ranked))
    crowd = _crowd(words)
    if crowd is not None:
        layer.setName(tr("Repeat locations, close up"))
        picture = maps.map_png([layer, others] if others else [layer], "", extent=crowd, units=run.units)
        caption = tr("Close up: where most of the listed places lie near one another")
        report.figure(picture, caption, tr("Map of the part of the town with most listed places"), name="closeup")


def _crowd(words: Words) -> QgsRectangle | None:
    """Where most of the listed places lie within a kilometre of one another; None if they are apart anyway."""
    chosen = words.listed[:_NUMBERED]
    x, y = words.data.x[chosen], words.data.y[chosen]
    near = np.hypot(x[:, None] - x, y[:, None] - y) <= _CROWD
    number = near.sum(axis=1)
    if not len(chosen) or number.max() < 4 or np.ptp(x) + np.ptp(y) < 4 * _CROWD:
        return None
    own = near[int(number.argmax())]
    box = QgsRectangle(x[own].min(), y[own].min(), x[own].max(), y[own].max())
    box.grow(150.0)
    return box


def _other_places(run: Any, words: Words) -> QgsVectorLayer | None:
    """All other places as a grey background that shows where the town lies."""
    data, ranking = words.data, words.ranking
    others = np.flatnonzero((ranking.n > 0) & ~np.isin(np.arange(len(ranking.n)), words.listed))
    if not len(others):
        return None
    others = others[np.argsort(data.tie_order[others])][:: len(others) // _MOST_DRAWN + 1]
    shapes = writing.points_from_arrays(data.x[others], data.y[others])
    layer = writing.memory_layer("Point", tr("Other places"), run.crs, shapes, {fields.N: ranking.n[others]},
                                 run.stage(0.9, 0.92))

    def make(target: Any) -> Any:
        symbol = styling.symbol(target, _BACKGROUND)
        symbol.setSize(0.7)
        symbol.symbolLayer(0).setStrokeColor(symbol.color())
        renderer = QgsCategorizedSymbolRenderer("1")
        renderer.addCategory(QgsRendererCategory(1, symbol, tr("Place with fewer incidents")))
        return renderer

    styling.Style("Other places", make).apply(layer)
    return layer


def _list(report: Report, words: Words) -> None:
    data, columns = words.data, words.columns()
    plain = {name: writing.to_values(column) for name, column in columns.items()}
    header = [tr("Rank"), tr("Place"), tr("Now"), tr("By chance"), tr("Running share"), tr("Days"), tr("Main type"),
              tr("Its share"), tr("Look at")]
    names = [fields.RANK, fields.PLACE, fields.N, fields.EXP_RANK, fields.CUM_SHARE, fields.DAYS_ACT, fields.TOP_TYPE,
             fields.TOP_SHARE, fields.NOTE]
    if data.compared:
        header[3:3] = [tr("Before"), tr("Rank then")]
        names[3:3] = [fields.N_PREV, fields.RANK_PREV]
    shares = (fields.TOP_SHARE, fields.CUM_SHARE)

    def cell(name: str, value: Any) -> Any:
        if name in shares:
            return Shown(value, formats.percent(value, 0 if name == fields.TOP_SHARE else 1))
        if name == fields.EXP_RANK:
            return Shown(value, formats.number(value, 1))
        return value if value is not None or name != fields.NOTE else ""

    rows = [[cell(name, plain[name][i]) for name in names] for i in range(len(words.listed))]
    report.heading(tr("The repeat locations"))
    report.table(header, rows, tr("Places by number of incidents, {period}; equal numbers share a rank").format(
        period=words.period()), name="places", limit=40)
    if data.compared:
        shown = min(len(words.listed), _BARS)
        before = words.ranking.n_before[words.listed]
        report.figure(
            charts.paired_dots(words.names[:shown], before[:shown], words.n[:shown],
                               (tr("Window before"), words.period()), "", tr("Incidents")),
            tr("Places are listed because they are high now: part of a rise is that choice, not a change"),
            "; ".join(f"{words.names[i]}: {int(before[i])} → {int(words.n[i])}" for i in range(shown)), name="before",
        )


def _curve(report: Report, words: Words) -> None:
    ranking, f = words.ranking, words.facts
    counts = np.sort(ranking.n[ranking.n > 0])[::-1] if ranking.chance.only_known else np.sort(ranking.n)[::-1]
    running = np.concatenate([[0.0], np.cumsum(counts)]) / max(counts.sum(), 1)
    # as many corners as can be seen
    at = np.unique(np.concatenate([np.geomspace(1, len(counts), 300), np.linspace(0, len(counts), 200)]).astype(int))
    places, held = ranking.chance.curve()
    even = np.array([0.0, 100.0])
    series = {
        tr("Recorded"): (100.0 * at / len(counts), 100.0 * running[at]),
        tr("By chance alone"): (100.0 * places / places[-1], 100.0 * held / held[-1]),
        tr("All places alike"): (even, even),
    }
    report.heading(tr("How few places hold how much"))
    report.figure(
        charts.lines(series, tr("Share of the incidents at the busiest places"),
                     tr("Busiest places, % of the known places"), tr("Incidents, %")),
        tr("Cumulative curve (Lorenz curve from the busiest place): the farther above the curve of chance, the more"
           " the incidents gather at few places"),
        tr("20 % of the places hold {share}, by chance {chance}; {half} places hold half.").format(
            share=formats.percent(f.share_20), chance=formats.percent(f.share_20_chance), half=formats.number(f.half)),
        name="curve",
    )
    rows = []
    for share in (0.25, 0.5, 0.8):
        some, chance = lorenz.places_for(counts, share), ranking.chance.places_for(share)
        rows.append([formats.percent(share), some, Shown(some / len(counts), formats.percent(some / len(counts), 1)),
                     Shown(chance, formats.number(chance, 0)),
                     Shown(chance / len(counts), formats.percent(chance / len(counts), 1))])
    report.table([tr("Share of the incidents"), tr("Fewest places"), tr("Of the places"), tr("By chance"),
                  tr("By chance, of the places")], rows, tr("How many places it takes"), name="shares")


def _levels(report: Report, words: Words) -> None:
    """Places by their number of incidents; the incidents add up to all that are counted."""
    ranking, rows = words.ranking, []
    n, total = ranking.n, max(ranking.total, 1)
    if not ranking.chance.only_known:
        none = ranking.chance.places - ranking.chance.reaching(1)
        rows.append(["0", int((n == 0).sum()), Shown(none, formats.number(none, 0)), 0,
                     Shown(0.0, formats.percent(0.0, 1))])
    for low, high in zip(_STEPS, (*_STEPS[1:], None)):
        which = (n >= low) & ((n < high) if high else True)
        held = int(n[which].sum())
        if not held and low > 3:
            continue
        chance = ranking.chance.reaching(low) - (ranking.chance.reaching(high) if high else 0.0)
        label = str(low) if high == low + 1 else f"{low}–{high - 1}" if high else tr("{low} or more").format(low=low)
        rows.append([label, int(which.sum()), Shown(chance, formats.number(chance, 0)), held,
                     Shown(held / total, formats.percent(held / total, 1))])
    rows.append([tr("all"), int(ranking.chance.places), int(ranking.chance.places), ranking.total,
                 Shown(1.0, formats.percent(1.0, 1))])
    report.heading(tr("Places by their number of incidents"))
    header = [tr("Incidents at the place"), tr("Places"), tr("Places by chance"), tr("Incidents"), tr("Share")]
    report.table(header, rows, tr("Every incident that is counted is in one row"), name="numbers")


def _gone(report: Report, words: Words) -> None:
    """Places that were among the busiest before and are not any more."""
    data, ranking = words.data, words.ranking
    if not data.compared:
        return
    was = (ranking.rank_before > 0) & (ranking.rank_before <= words.facts.top)
    gone = np.flatnonzero(was & ((ranking.rank == 0) | (ranking.rank > words.facts.top)))
    if not len(gone):
        return
    gone = gone[np.lexsort((data.tie_order[gone], ranking.rank_before[gone]))]
    names = words.names_of(gone)
    rows = [[int(ranking.rank_before[i]), name, int(ranking.n_before[i]), int(ranking.n[i]),
             int(ranking.rank[i]) or None] for i, name in zip(gone, names)]
    report.heading(tr("No longer among the busiest"))
    report.table([tr("Rank before"), tr("Place"), tr("Before"), tr("Now"), tr("Rank now")], rows, tr(
        "Of the {top} busiest of the window before; a fall is to be expected of places that were chosen for being high"
    ).format(top=words.facts.top), name="gone", limit=25)


def _rows(report: Report, words: Words) -> None:
    data = words.data
    report.heading(tr("What became of the records"))
    rows = [[label, count] for label, count in data.steps] + [[tr("recorded in the window"), data.recorded]]
    report.table([tr("Records"), tr("Number")], rows, tr("The rows add up to all records of the window"),
                 name="records")
    if data.dropped:
        report.table([tr("Left out"), tr("Incidents")], [[name, count] for name, count in data.dropped], tr(
            "Incidents of the window at places that were to be left out"), name="left_out", limit=25)


def _reading(words: Words) -> list:
    known = tr("Places without any incident are not known here: “by chance” is for places that have at least one"
               " (zero-truncated Poisson). Give a layer of all places to count the empty ones.")
    if not words.data.only_known:
        known = tr("“By chance” is what independent incidents at places all alike would give (Poisson), the places"
                   " of the layer without any incident included.")
    return [
        known,
        tr("No two places are alike: a mall has more visitors than a house. More than chance says that a place"
           " differs, not why. Ask who owns or manages it."),
        tr("“Recorded”: a place where every small theft is reported stands above one where none is."),
        tr("Dots on a block or a snap point stand for many addresses; police stations, hospitals and default places"
           " of a geocoder collect what happened elsewhere."),
        tr("“Look at”: one type makes 90 % or more of the incidents; many addresses share the place; the types are"
           " as mixed as everywhere, as at a default place of the geocoder; many incidents on few days are one event or"
           " one entry; could be chance."),
        tr("Look at rank before and days active rather than at the rise: places are listed because they are high now."),
    ]
