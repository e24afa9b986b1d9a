"""The look and the report of 'Where people are worried'."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.community import communityconcern as analysis
from ...analysis.community import heard as hearing
from ...layers import fields, styling
from ...reports import charts, formats, maps
from ...reports.html import Report, Shown
from ...translation import tr
from .communityconcern_words import Words, heard_name, worry_name

COLOURS = {analysis.MORE: "#c2412d", analysis.LIKE: "#eadfc8", analysis.LESS: "#8fbfdc", analysis.TOO_FEW: "#ffffff"}
_HEARD, _UNDER = "#9ebcd0", "#e3ebf0"
#: Areas up to which the map names the mean of each.
_LABELLED = 80
_CHARTED, _LISTED = 25, 40


# --- the look --------------------------------------------------------------------------------
def style(words: Words) -> styling.Style:
    """Areas by class, the under-heard hatched, the mean as label; where neither is known, by voices."""
    if not words.worried and words.found.heard is None:
        return _by_voices(words)
    found = words.classes()
    if words.worried:
        names = [(worry_name(code), COLOURS[code]) for code in (
            analysis.MORE, analysis.LIKE, analysis.LESS, analysis.TOO_FEW)]
        pairs = [(name, colour, False) for name, colour in names]
        pairs += [(tr("{name}, under-heard").format(name=name), colour, True) for name, colour in names]
    else:
        few = tr("too few voices")
        pairs = [(heard_name(hearing.HEARD_MORE), styling.SEQUENCE[2], False), (tr("heard"), _HEARD, False),
                 (heard_name(hearing.UNDER_HEARD), _UNDER, True), (few, COLOURS[analysis.TOO_FEW], False),
                 (tr("{name}, under-heard").format(name=few), COLOURS[analysis.TOO_FEW], True)]
    entries = [entry for entry in pairs if entry[0] in found]

    def make(layer: Any) -> Any:
        from qgis.core import QgsCategorizedSymbolRenderer, QgsRendererCategory

        renderer = QgsCategorizedSymbolRenderer(fields.CONC_CL)
        for value, colour, hatched in entries:
            symbol = styling.symbol(layer, colour)
            if hatched:
                _hatch(symbol)
            renderer.addCategory(QgsRendererCategory(value, symbol, value.capitalize()))
        return renderer

    label = ""
    if int(words.told.sum()) <= _LABELLED:
        label = f'format_number("{fields.CONC_MEAN}", 1)' if words.worried else f'"{fields.VOICES}"'
    return styling.Style("Concern", make, label)


def _by_voices(words: Words) -> styling.Style:
    from ...analysis.data.countincidents import count_classes

    voices = np.where(words.told, words.found.area_voices, 0)
    found = [span for span in count_classes(voices) if span[1] > 0]
    entries = [(-0.5, 0.5, COLOURS[analysis.TOO_FEW], tr("Too few voices"))]
    for (low, high), colour in zip(found, styling.SEQUENCE[len(styling.SEQUENCE) - len(found):]):
        text = tr("{low} to {high} voices") if high > low else tr("{low} voices")
        entries.append((low - 0.5, high + 0.5, colour, text.format(
            low=formats.number(max(low, words.data.least)), high=formats.number(high))))
    label = f'"{fields.VOICES}"' if int(words.told.sum()) <= _LABELLED else ""
    return styling.classes("Voices", f'coalesce("{fields.VOICES}", 0)', entries, label)


def _hatch(symbol: Any) -> None:
    """Draw lines over a fill, which those who see no colours see too."""
    from qgis.core import QgsLinePatternFillSymbolLayer, QgsLineSymbol

    lines = QgsLinePatternFillSymbolLayer()
    lines.setLineAngle(45.0)
    lines.setDistance(2.0)
    lines.setSubSymbol(QgsLineSymbol.createSimple({"line_color": "#1b2430", "line_width": "0.35"}))
    symbol.appendSymbolLayer(lines)


# --- the report ------------------------------------------------------------------------------
def build(run: Any, words: Words) -> Report:
    """Return the report of a run whose layers have been written."""
    data = words.data
    audience = tr("for the public") if data.public else tr("internal")
    report = Report(tr("Where people are worried"), " · ".join(filter(None, (
        data.reports.layer.name, words.period(), audience))))
    report.sentence(words.summary())
    for text in run.warnings:
        report.warning(text)
    _facts(report, words)
    layer = run.output_layer(run.tool.OUTPUT)
    caption = tr("Mean concern and class of each area") if words.worried else tr("Voices of each area")
    if words.found.heard is not None:
        caption += tr("; hatched areas are under-heard")
    report.figure(maps.map_png([layer], tr("Where people are worried"), units=run.units), caption, tr(
        "Map of {count} areas: {classes}").format(count=len(data.places), classes=_counts(words)))
    if run.wants(run.tool.SURFACE):
        _surface(report, run)
    if words.worried:
        _concern(report, words)
    else:
        _voices(report, words)
    _not_heard(report, words)
    _parts(report, words)
    report.heading(tr("How to read this"))
    report.bullets(_reading(words))
    return report


def _surface(report: Report, run: Any) -> None:
    outlines = run.output_layer(run.tool.OUTPUT)
    styling.single("Areas", "#00ffffff", tr("Areas"), width=0.3).apply(outlines)
    outlines.setLabelsEnabled(False)
    report.figure(
        maps.map_png([outlines, run.output_layer(run.tool.SURFACE)], tr("Mean concern around each place"),
                     units=run.units),
        tr("Of the voices within {distance}, near ones more; white where too few contribute").format(
            distance=run.units.distance(run.number(run.tool.BANDWIDTH))),
        tr("Map of the mean concern as a surface"), name="surface")


def _counts(words: Words) -> str:
    names, times = np.unique(words.classes().astype(str), return_counts=True)
    return "; ".join(f"{name} {count}" for name, count in zip(names, times))


def _facts(report: Report, words: Words) -> None:
    numbers = words.numbers()
    tiles = [(tr("Voices"), numbers["VOICES"], tr("{count} reports").format(
        count=formats.number(numbers["REPORTS_USED"])))]
    if words.worried:
        tiles += [
            (tr("Mean concern"), formats.number(numbers["MEAN_CONCERN"], 2), tr("{low} to {high}, of 1 to 5").format(
                low=formats.number(numbers["MEAN_LOW"], 2), high=formats.number(numbers["MEAN_HIGH"], 2))),
            (tr("Worried"), formats.percent(numbers["WORRIED_SHARE"]), tr("say 4 or 5")),
            (tr("More worried"), numbers["MORE_WORRIED"], tr("of {count} told").format(count=numbers["TOLD"])),
        ]
    else:
        tiles.append((tr("Told"), numbers["TOLD"], tr("of {count}").format(count=formats.number(numbers["PLACES"]))))
    if words.found.heard is not None:
        tiles.append((tr("Under-heard"), numbers["UNDER_HEARD"], tr("of {count} compared").format(
            count=formats.number(words.compared))))
    report.facts(tiles)


def _with_range(value: float, low: float, high: float) -> Shown:
    """Return an estimate with its interval; a dash where there is none."""
    if np.isnan(value):
        return Shown(None, formats.NOTHING)
    return Shown(value, tr("{value} ({low} to {high})").format(
        value=formats.number(value, 1), low=formats.number(float(low), 1), high=formats.number(float(high), 1)))


def _concern(report: Report, words: Words) -> None:
    found, names = words.found, words.data.places.names
    mean, low, high = (found.of_areas(getattr(found.estimate, key)) for key in ("mean", "low", "high"))
    order = [i for i in np.argsort(-np.nan_to_num(mean), kind="stable").tolist() if np.isfinite(mean[i])]
    if not order:
        return
    report.heading(tr("How worried, and how sure that is"))
    shown = order[:_CHARTED]
    whole = float(found.whole.mean[0])
    report.figure(charts.forest(
        [names[i] for i in shown], mean[shown], low[shown], high[shown], "", tr("Mean concern, 1 to 5"),
        reference=whole, ratio=False, note=tr("all voices: {mean}").format(mean=formats.number(whole, 2))),
        tr("Mean concern with 95 % intervals, the most worried first; squares where the interval leaves out the mean of"
           " all voices"), tr(
            "Chart of the mean concern of {count} areas with intervals").format(count=len(shown)), name="concern")
    header = [tr("Area"), tr("Class"), tr("Mean (95 %)"), tr("Worried"), tr("Voices"), tr("Reports")]
    columns = words.columns()
    more = _more(header, words)
    rows = []
    for i in order:
        rows.append([names[i], columns[fields.CONC_CL][i],
                     _with_range(float(mean[i]), low[i], high[i]),
                     Shown(float(columns[fields.WORRIED_SH][i]), formats.percent(float(columns[fields.WORRIED_SH][i]))),
                     int(columns[fields.VOICES][i]), int(columns[fields.N_REP][i])] + more(i))
    report.table(header, rows, tr("Areas with voices enough, the most worried first"), name="areas", limit=_LISTED)


def _more(header: list, words: Words) -> Any:
    """Add what some data tell to a header; return what makes the cells of a row."""
    columns, rated = words.columns(), words.found.heard is not None
    if rated:
        header.append(tr("Voices per 1,000 (95 %)"))
    for name, text in ((fields.TOP_CONC, tr("Most name")), (fields.TOP_TIME, tr("At"))):
        if name in columns:
            header.append(text)

    def cells(i: int) -> list:
        out: list = []
        if rated:
            rate = float(columns[fields.VOICES_1K][i])
            out.append(_with_range(rate, columns[fields.V1K_LOW][i], columns[fields.V1K_HIGH][i]))
        return out + [columns[name][i] for name in (fields.TOP_CONC, fields.TOP_TIME) if name in columns]

    return cells


def _voices(report: Report, words: Words) -> None:
    names, columns = words.data.places.names, words.columns()
    heard = words.found.heard
    size = np.where(words.told, words.found.area_voices, -1)
    if heard is not None:
        size = np.where(words.told & np.isfinite(heard.per_1000), heard.per_1000, -1.0)
    order = [i for i in np.argsort(-size, kind="stable").tolist() if size[i] >= 0]
    if not order:
        return
    report.heading(tr("How many voices"))
    if heard is not None:
        shown = order[:_CHARTED]
        report.figure(charts.forest(
            [names[i] for i in shown], heard.ratio[shown], heard.low[shown], heard.high[shown], "",
            tr("Voices per resident, times those elsewhere"), note=tr("as elsewhere")),
            tr("Voices per resident beside elsewhere, with exact 95 % intervals"), tr(
                "Chart of the voices per resident of {count} areas with intervals").format(count=len(shown)),
            name="voices")
    header = [tr("Area"), tr("Class"), tr("Voices"), tr("Reports")]
    more = _more(header, words)
    rows = [[names[i], columns[fields.CONC_CL][i], int(columns[fields.VOICES][i]), int(columns[fields.N_REP][i])]
            + more(i) for i in order]
    report.table(header, rows, tr("Areas with voices enough, the most first"), name="areas", limit=_LISTED)


def _not_heard(report: Report, words: Words) -> None:
    heard, data = words.found.heard, words.data
    if heard is None:
        return
    report.heading(tr("Who was not heard"))
    report.paragraph(words.heard_sentence())
    rows = np.flatnonzero(words.under)
    if not len(rows):
        return
    report.paragraph(tr("Go there before you conclude that nothing worries people: other languages, other hours, a door"
                        " to knock on, an organisation that they trust."))
    residents = data.places.residents
    listed = []
    for i in rows[np.argsort(-residents[rows], kind="stable")].tolist():
        told = words.told[i]
        count = int(words.found.area_voices[i])
        text = formats.number(count) if told else tr("too few to say")
        listed.append([data.places.names[i], round(float(residents[i])), Shown(count if told else None, text),
                       Shown(float(heard.expected[i]), formats.number(float(heard.expected[i]), 0))])
    report.table([tr("Area"), tr("Residents"), tr("Voices"), tr("Voices expected")], listed, tr(
        "Under-heard areas, the most populous first; expected at the rate of all residents"), name="underheard",
        limit=_LISTED)


def _parts(report: Report, words: Words) -> None:
    """What it is about and at what time, in the whole."""
    found, data = words.found, words.data
    sections = ((1, data.categories, tr("What worries people"), "categories"),
                (2, data.parts, tr("At what time of day"), "times"))
    for axis, names, title, file in sections:
        if not names:
            continue
        index = [(-1, j, -1) if axis == 1 else (-1, -1, j) for j in range(len(names))]
        index = [at for at in index if found.shown[at]]
        order = sorted(index, key=lambda at: -int(found.voices[at])) if axis == 1 else index
        if not order:
            continue
        header, rows = [title, tr("Voices"), tr("Of the voices")], []
        header += [tr("Mean (95 %)")] if words.worried else []
        for at in order:
            row = [names[at[axis]], int(found.voices[at]), Shown(
                found.voices[at] / found.voices[-1, -1, -1], formats.percent(
                    found.voices[at] / found.voices[-1, -1, -1]))]
            if words.worried:
                flat = int(np.ravel_multi_index(tuple(np.array(at) % found.voices.shape), found.voices.shape))
                mean = float(found.estimate.mean[flat])
                row.append(_with_range(mean, found.estimate.low[flat], found.estimate.high[flat]))
            rows.append(row)
        report.heading(title)
        report.table(header, rows, tr("In all areas; a voice counts once for each thing that it names"), name=file)


def _reading(words: Words) -> list:
    data = words.data
    out = [
        tr("Nothing is told of fewer than {least} voices, nor what could be had from the rest by subtraction.").format(
            least=data.least),
        tr("A voice is one resident, however many reports; it counts with the mean of its own.") if (
            data.reports.by_voice) else tr("The reports do not tell who made them: each counts as a voice."),
    ]
    if words.worried:
        out.append(tr("The interval holds the truth in about 95 of 100 such cases, also where few speak or all say the"
                      " same. It allows for chance, and not for who chose to speak."))
        out.append(tr("More or less worried: allowing for the number of areas looked at (false discovery rate 5 %)."))
        out.append(tr("'No clear difference' is no finding that an area is like the others."))
    if words.found.heard is not None:
        out.append(tr("Under-heard: at most two thirds of the voices per resident elsewhere, and fewer than chance"
                      " would make (exact test, false discovery rate 5 %)."))
    half = words.run.number(words.run.tool.HALF_LIFE)
    if half and data.as_of is not None:
        out.append(tr("A report counts half after {days} days, to {day}.").format(
            days=formats.number(half, 0), day=data.as_of))
    out.append(tr("Voices are counted where they are worried, which need not be where they live."))
    out.append(tr("Concern is not crime, and silence is not safety."))
    return out
