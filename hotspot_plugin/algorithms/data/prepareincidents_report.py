"""The report of 'Prepare incident data': rows in and out, how dates were read, what was lost."""

from __future__ import annotations

from typing import Any

import numpy as np
from qgis.core import QgsCategorizedSymbolRenderer, QgsMarkerSymbol, QgsRendererCategory

from ...analysis.data import prepareincidents as preparing
from ...layers import styling
from ...reports import charts, formats, maps
from ...reports.html import Report
from ...translation import tr
from .prepareincidents_rows import Prepared

_MEANINGS = {
    "X_FIELD": "X or longitude", "Y_FIELD": "Y or latitude", "DATE_FIELD": "Date of the incident",
    "TIME_FIELD": "Time of the incident", "END_DATE_FIELD": "Latest date", "END_TIME_FIELD": "Latest time",
    "REPORT_DATE_FIELD": "Date of the report", "ID_FIELD": "Incident number", "TYPE_FIELD": "Type",
    "ADDRESS_FIELD": "Address", "SOURCE_FIELD": "Source", "YEAR_FIELD": "Year", "MONTH_FIELD": "Month",
    "DAY_FIELD": "Day", "HOUR_FIELD": "Hour", "MINUTE_FIELD": "Minute",
}


def build(tool: Any, run: Any, prepared: Prepared) -> Report:
    """Return the report; its examples are row numbers and incident numbers only."""
    report = Report(tr("Prepared incident data"), prepared.export.name)
    report.sentence(prepared.summary())
    for text in run.warnings:
        report.warning(text)
    numbers = prepared.numbers()
    report.heading(tr("Every row accounted for"))
    rows = [[tr("Rows read"), numbers["ROWS_IN"], ""],
            [tr("Located incidents"), numbers["LOCATED"], tr("in the result")],
            [tr("Unlocated incidents"), numbers["UNLOCATED_COUNT"], tr("in their own table, with the reason")],
            [tr("Rows merged into another row of the same incident"), numbers["MERGED"], ""],
            [tr("Rows of types that were not wanted"), numbers["DROPPED"], ""]]
    report.table([tr("Rows"), tr("Number"), tr("Where they are")], rows,
                 tr("The last four lines add up to the first."), name="rows")
    _unlocated(report, prepared)
    _types(report, prepared)
    _times(report, prepared)
    if numbers["LOCATED"]:
        layer = small_dots(run.output_layer(tool.OUTPUT), numbers["LOCATED"])
        image = maps.map_png([layer], tr("Located incidents"), units=run.units)
        report.figure(image, tr("Located incidents"), tr("Map of the located incidents as dots"), name="map")
    report.heading(tr("How the export was read"))
    facts = [*prepared.export.facts, (tr("Coordinate system of the input"), _crs_name(prepared)),
             (tr("Coordinate system of the result"), f"{run.crs.authid()} {run.crs.description()}")]
    report.table([tr("What"), tr("How")], facts, tr("The export and its coordinates."), name="source")
    fields = prepared.choices.fields
    used = [[tr(_MEANINGS[role]), name, tr("by its name") if role in prepared.choices.guessed else tr("chosen")]
            for role, name in fields.items() if role in _MEANINGS]
    report.table([tr("Meaning"), tr("Field"), tr("How it was found")], used,
                 tr("What each field was taken for."), name="fields")
    if run.notes:
        report.bullets(run.notes)
    return report


def small_dots(layer: Any, count: int, label: str = "") -> Any:
    """Return the layer with dots that let many incidents, or what the label says, be told apart on a small map."""
    size = "1.6" if count < 500 else "1.0" if count < 5000 else "0.6"
    symbol = QgsMarkerSymbol.createSimple(
        {"name": "circle", "color": styling.ACCENT, "outline_style": "no", "size": size})
    renderer = QgsCategorizedSymbolRenderer("1")
    renderer.addCategory(QgsRendererCategory(1, symbol, label or tr("Incident")))
    layer.setRenderer(renderer)
    return layer


def _crs_name(prepared: Prepared) -> str:
    crs = prepared.choices.crs
    return f"{crs.authid()} {crs.description()}".strip()


def _unlocated(report: Report, prepared: Prepared) -> None:
    states = prepared.place_state[~prepared.located]
    if not len(states):
        return
    rows, first = [], prepared.chosen[~prepared.located]
    for state, reason in preparing.REASONS.items():
        hit = states == state
        if hit.any():
            examples = ", ".join(formats.number(int(r) + 1) for r in first[hit][:3])
            rows.append([tr(reason), int(hit.sum()), formats.percent(hit.sum() / len(prepared.located), 1), examples])
    report.table([tr("Why there is no place"), tr("Incidents"), tr("Share of all"), tr("Rows, for example")], rows,
                 tr("Incidents without a place are on no map."), name="unlocated")


def _types(report: Report, prepared: Prepared) -> None:
    if not prepared.choices.fields.get("TYPE_FIELD"):
        return
    report.heading(tr("Types, and what each loses"))
    table = prepared.by_type
    rows = [[t.name or tr("(no type)"), t.rows, t.rows - t.located, formats.percent(t.lost, 1)] for t in table]
    report.table([tr("Type"), tr("Incidents"), tr("Without a place"), tr("Share lost")], rows,
                 tr("A type that loses more than 15 % is under-shown on every map made of these data."), name="types")
    if prepared.dropped_types:
        rows = [[t.name or tr("(no type)"), t.rows] for t in prepared.dropped_types]
        report.table([tr("Dropped type"), tr("Rows")], rows,
                     tr("Types that were not wanted."), name="dropped")


def _times(report: Report, prepared: Prepared) -> None:
    known = prepared.values[~np.isnat(prepared.values)]
    if not len(known):
        return
    report.heading(tr("Time"))
    precision = prepared.precision
    words = {"minute": tr("to the minute"), "hour": tr("to the hour"), "day": tr("to the day"),
             "month": tr("to the month"), "": tr("no date")}
    facts = [(tr("Dates {words}").format(words=word), formats.number(int((precision == key).sum())))
             for key, word in words.items() if (precision == key).any()]
    facts.append((tr("Time of day unknown"), formats.number(int((~prepared.clock.known).sum()))))
    report.facts(facts)
    months, counts = np.unique(known.astype("M8[M]"), return_counts=True)
    if len(months) > 1:
        chart = charts.histogram_by_month(months, counts, "", tr("Incidents"))
        report.figure(chart, tr("Incidents by month"), tr("Bars of the number of incidents in each month"), "months")
