"""The report of the profiles: the matrix, the table of all hot spots, and a sheet for each."""

from __future__ import annotations

from typing import Any

from ...analysis.hotspots import hotspotprofile as analysis
from ...layers import fields, styling, writing
from ...reports import formats, maps
from ...reports.html import Shown
from ...reports.sheets import SheetReport
from ...translation import tr
from . import hotspotprofile_sheet as sheets
from .hotspotprofile_words import Words

#: names written into a box of the matrix
_MOST_NAMES = 12


def classes() -> list:
    """The colours of the matrix's rows."""
    return [
        (analysis.HOTPOINT, "#b2182b", tr("Hotpoint: more than half at one place")),
        (analysis.CLUSTERED, "#ef8a62", tr("Clustered: half or more at three places or fewer")),
        (analysis.DISPERSED, "#fddbc7", tr("Dispersed")),
        (analysis.TOO_FEW, styling.GREY, tr("Too few incidents to say")),
    ]


def build(run: Any, words: Words) -> SheetReport:
    """Return the report of a run whose polygons have been written."""
    data = words.data
    report = SheetReport(tr("Hot spot profiles"), tr("{period} · {layer} · internal").format(
        period=words.period(), layer=data.area_layer))
    report.sentence(words.held())
    report.sentence(words.matrix())
    report.warning(tr("Internal: the sheets name single places. Do not publish them; a handout shows larger areas."))
    for text in run.warnings:
        report.warning(text)
    order = sheets.order(words)
    _map(report, run, words)
    _matrix(report, words, order)
    _table(report, words, order)
    limit = run.integer(run.tool.PAGES)
    chosen = [i for i in order if words.facts.n[i]][: limit or None]
    if len(chosen) < data.k:
        report.paragraph(tr("{count} of the {of} hot spots have a sheet below, those with most incidents. The others"
                            " are in layer and table.").format(
                                count=formats.number(len(chosen)), of=formats.number(data.k)))
    maker = sheets.Sheets(run, words) if chosen else None
    for number, i in enumerate(chosen):
        run.progress(0.92 + 0.07 * number / len(chosen))
        maker.add(report, i)
    _end(report, run, words)
    return report


def _map(report: SheetReport, run: Any, words: Words) -> None:
    layer = run.output_layer(run.tool.OUTPUT)
    layers = [layer, sheets.background(run, words.data)]
    picture = maps.map_png([part for part in layers if part is not None],
                           tr("Hot spots by name, coloured by the row of the matrix"), units=run.units)
    boxes = "; ".join(f"{name}: {words.facts.box(i)}" for i, name in enumerate(words.data.names[:30]))
    report.figure(picture, tr("The hot spots, named"), boxes)


def _matrix(report: SheetReport, words: Words, order: list) -> None:
    facts, names = words.facts, words.data.names

    def cell(space: str, time: str) -> str:
        own = [names[i] for i in order if facts.space[i] == space and facts.time[i] == time]
        if not own:
            return formats.NOTHING
        more = tr(" and {count} more").format(count=len(own) - _MOST_NAMES) if len(own) > _MOST_NAMES else ""
        return f"{len(own)}: {', '.join(own[:_MOST_NAMES])}{more}"

    times = (analysis.ACUTE, analysis.FOCUSED, analysis.DIFFUSED, analysis.TOO_FEW)
    rows = [[space, *(cell(space, time) for time in times)] for space in (
        analysis.HOTPOINT, analysis.CLUSTERED, analysis.DISPERSED, analysis.TOO_FEW)]
    report.heading(tr("Hotspot matrix"))
    report.small_table([tr("Space \\ time"), *times], rows, tr(
        "Number and names of the hot spots in each box, those with most incidents first"), "matrix", "boxes")
    report.paragraph(tr(
        "Space: more than half at one place is a hotpoint, half or more at the three busiest places (of few"
        " places, a fifth) is clustered, both only beyond chance. Time: the six fullest hours hold three quarters"
        " (acute), half (focused) or less (diffused) of the known times. These are stated rules and not the last word:"
        " the numbers are beside them."))


def _table(report: SheetReport, words: Words, order: list) -> None:
    heads = {
        fields.HOTSPOT: tr("Hot spot"), fields.N: tr("Incidents"), fields.MATRIX: tr("Matrix"),
        fields.TOP_TYPE: tr("Main type"), fields.TOP_SHARE: tr("Its share"), fields.OVER_TYPE: tr("Most over city"),
        fields.OVER_LQ: tr("Times city"), fields.PLACE1_SH: tr("Busiest place"), fields.HR6_FROM: tr("Six hours from"),
        fields.HR6_SHARE: tr("Their share"), fields.MONTHS_ACT: tr("Months"),
    }
    plain = {name: writing.to_values(column) for name, column in words.facts.columns(words.proposals).items()
             if name in heads}
    shown = [name for name in heads if any(value is not None for value in plain[name])]

    def cell(name: str, value: Any) -> Any:
        if name in (fields.TOP_SHARE, fields.PLACE1_SH, fields.HR6_SHARE):
            return Shown(value, formats.percent(value))
        return Shown(value, formats.number(value, 1)) if name == fields.OVER_LQ else value

    report.heading(tr("All hot spots"))
    report.table([heads[name] for name in shown], [[cell(name, plain[name][i]) for name in shown] for i in order], tr(
        "Hot spots by number of incidents, {period}").format(period=words.period().lower()), name="hotspots", limit=25)


def _end(report: SheetReport, run: Any, words: Words) -> None:
    report.heading(tr("What became of the records"))
    rows = [[label, count] for label, count in words.data.steps] + [[tr("read"), words.data.recorded]]
    report.table([tr("Records"), tr("Number")], rows, tr("The rows add up to all records read"), name="records")
    report.heading(tr("How to read this"))
    report.bullets([
        tr("“Recorded”: where every small theft is reported a place stands above one where none is."),
        tr("“Times city” is the location quotient: the share here over the share in all incidents, with a 95 %"
           " interval. ▲ and ▼ mark what remains after allowing for all comparisons (q below 0.05)."),
        tr("Near a facility is not because of it, and a quotient is not a rate: what many people visit has more of"
           " everything."),
        tr("The proposal follows from the box of the matrix alone. It does not replace a visit, by day and by night."),
        tr("Hot spots are chosen for being high: next year most have fewer, whatever is done."),
    ])
    report.heading(tr("How it was made"))
    report.bullets([note for note in run.notes if note != words.summary()])
