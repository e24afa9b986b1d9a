"""Prepare incident data: any export into the one schema that all tools take."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.errors import InputError
from ...layers import fields, styling
from .. import groups, parameters
from ..base import HotspotAlgorithm


class PrepareIncidents(HotspotAlgorithm):
    """Prepare incident data."""

    NAME, GROUP = "prepareincidents", groups.DATA
    INPUT, INPUT_FILE, OUTPUT, UNLOCATED, REPORT = "INPUT", "INPUT_FILE", "OUTPUT", "UNLOCATED", "REPORT"
    MAPPING, SAVE_MAPPING = "MAPPING", "SAVE_MAPPING"

    def __init__(self) -> None:
        super().__init__()
        self.text_source: Any = None

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Prepare incident data")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Turns an export of crimes or calls into incidents that all tools take as they are.")

    def tags(self) -> list:
        return self.tr("import,export,csv,xlsx,excel,cad,rms,calls for service,geocode,crime data,dates,duplicates,"
                       "clean,police.uk,data preparation").split(",")

    def about(self) -> str:
        return self.tr(
            "<p>Turns an export of recorded crimes or calls for service into incidents in one form: points with the"
            " time of the incident, its type, its place and its number. All other tools take the result without being"
            " told fields again.</p>"
            "<p><b>Every row is accounted for.</b> Rows in = located + unlocated + merged + dropped. Rows without a"
            " usable place (missing, unreadable, 0, 0) go to a table of their own with the reason. Text tables (CSV and"
            " the like) are read as text by this tool itself, because QGIS leaves out rows whose coordinates are no"
            " numbers and turns an id like 0012 into 12.</p>"
            "<p><b>Dates</b> may be one field, date and time fields, or year, month, day, hour and minute fields: ISO,"
            " year and month, day first or month first, month names, 12-hour clocks, spreadsheet day numbers. Whether"
            " 03/04 is April or March is decided by the values where one of them proves it; where none does, the tool"
            " stops and asks. The wall clock is kept as written; an offset such as Z is never applied.</p>"
            "<p><b>Time of day unknown.</b> Many systems write 00:00 where the time is not known. Where exactly 00:00"
            " is written more than three times as often as other full hours, those rows get time_ok = false"
            " (UNKNOWN_TIMES changes the rule).</p>"
            "<p><b>Place key.</b> Same key, same place: the address in capitals where all its rows lie within 250 m of"
            " their middle; an address that is only a name (High Street, Car Park) together with its coordinates; rows"
            " without an address by their coordinates in whole metres.</p>"
            "<p>Places are written in metres: in the system of the input if that is metric, else in its UTM zone.</p>")

    def declare(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.any_source(self.INPUT, tr("Layer or table"), tr(
            "A layer or table of any kind: CSV, XLSX, GeoPackage, Shapefile ... For one of several sheets write"
            " path|layername=sheet. A CSV layer is read anew from its file, as text, so that no row is lost; a"
            " selection or filter is respected."), optional=True))
        self.addParameter(p.file(self.INPUT_FILE, tr("Or a text file"), tr(
            "A text table that QGIS does not open as a layer, e.g. .tab.gz or .txt; any separator, decimal comma or"
            " text encoding, also packed as .gz or .zip. Given instead of the layer."), optional=True))
        self._fields()
        self._settings()
        self.addParameter(p.output_points(self.OUTPUT, tr("Incidents"), tr(
            "Points: inc_id, dt_from, dt_to, dt_rep, dt_prec, time_ok, ctype, place_key, address, source, src_row (row"
            " of the export) and n_rows (rows that make the incident)."), ))
        unlocated = p.output_table(self.UNLOCATED, tr("Unlocated incidents"), tr(
            "Table of the incidents without a usable place, in the same form, with the reason. Comparisons of whole"
            " areas need it."), optional=True)
        unlocated.setCreateByDefault(True)
        self.addParameter(unlocated)
        self.addParameter(p.output_file(self.SAVE_MAPPING, tr("Save the mapping as"), tr(
            "JSON file with the fields and settings of this run, including the order of dates that was found, to be"
            " given as MAPPING next week."), tr("JSON files (*.json)")))
        self.addParameter(p.report())
        for name, text, help in (
            ("ROWS_IN", tr("Rows read"), tr("Rows in the export; the sum of the next four.")),
            ("LOCATED", tr("Located incidents"), tr("Incidents with a place.")),
            ("UNLOCATED_COUNT", tr("Unlocated incidents, number"), tr("Incidents without a usable place.")),
            ("MERGED", tr("Rows merged"), tr("Rows that went into another row of the same incident.")),
            ("DROPPED", tr("Rows dropped"), tr("Rows of types that were not wanted (TYPES).")),
            ("TIME_UNKNOWN", tr("Time unknown"), tr("Incidents whose time of day is not known.")),
            ("DATE_UNKNOWN", tr("Date unknown"), tr("Incidents without a readable date.")),
        ):
            self.add_number(name, text, help)
        self.add_text("SUMMARY", tr("Summary"), tr("One sentence on what was read and what was lost."))

    def _fields(self) -> None:
        p, tr = parameters, self.tr
        for name, text, help in (
            ("X_FIELD", tr("X or longitude field"), tr("Needed where the input has no places on the map.")),
            ("Y_FIELD", tr("Y or latitude field"), tr("Needed where the input has no places on the map.")),
            ("DATE_FIELD", tr("Date field"), tr("Date, with or without time, of the incident or of the earliest it can"
                                                " have happened.")),
            ("TIME_FIELD", tr("Time field"), tr("Clock time, if it is in a field of its own.")),
            ("END_DATE_FIELD", tr("End date field"), tr("The latest date on which the incident can have happened.")),
            ("END_TIME_FIELD", tr("End time field"), tr("Clock time of the end, if in a field of its own.")),
            ("REPORT_DATE_FIELD", tr("Report date field"), tr("When the incident was reported or recorded.")),
            ("ID_FIELD", tr("Incident number field"), tr("Number of the incident; needed to merge rows.")),
            ("TYPE_FIELD", tr("Type field"), tr("Type of crime or call.")),
            ("ADDRESS_FIELD", tr("Address field"), tr("Address or block, for the key of the place.")),
            ("SOURCE_FIELD", tr("Source field"), tr("How it became known, e.g. call or officer.")),
        ):
            self.addParameter(p.field(name, text, self.INPUT, help, kind="any", optional=True))
        for name, text in (("YEAR_FIELD", tr("Year field")), ("MONTH_FIELD", tr("Month field")),
                           ("DAY_FIELD", tr("Day field")), ("HOUR_FIELD", tr("Hour field")),
                           ("MINUTE_FIELD", tr("Minute field"))):
            self.addParameter(p.advanced(p.field(name, text, self.INPUT, tr(
                "Part of the date, where it is spread over several fields and there is no date field."), kind="any",
                optional=True)))

    def _settings(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.crs("CRS", tr("Coordinate system of X and Y"), tr(
            "System of the coordinates in X_FIELD and Y_FIELD. Empty: degrees are taken as longitude and latitude"
            " (EPSG:4326); anything else must be given."), optional=True))
        self.addParameter(p.text("TYPES", tr("Keep only these types"), "", tr(
            "Types of TYPE_FIELD, separated by semicolons; the other rows are dropped and counted. Empty: all."),
            optional=True))
        self.addParameter(p.choice("ROWS_PER", tr("One row is"), [
            tr("An offence (keep every row)"), tr("Part of an incident: keep the most serious row"),
            tr("Part of an incident: keep the first row")], 0, tr(
            "Where an incident has several rows with the same number, one of them stands for it. Its place and date"
            " are filled from the other rows if it has none.")))
        self.addParameter(p.text("SEVERITY", tr("Types by seriousness"), "", tr(
            "For 'most serious': types from the most to the least serious, separated by semicolons; types that are not"
            " listed come last, and the first row wins among equals."), optional=True))
        for parameter in (
            p.choice("DATE_ORDER", tr("Day and month"), [tr("As the values prove"), tr("Day first"),
                     tr("Month first"), tr("Year first (two digits)")], 0, tr(
                     "How dates such as 03/04/2024 are written. Only needed where no value proves it.")),
            p.text("UNKNOWN_TIMES", tr("Clock times that mean unknown"), "auto", tr(
                "auto, none, or clock times such as 00:00, 12:00 that are written where the time is not known."),
                optional=True),
            p.field("KEEP_FIELDS", tr("Fields to carry along"), self.INPUT, tr(
                "Further fields to copy to the results."), kind="any", optional=True, multiple=True),
            p.flag("FIND_FIELDS", tr("Find fields by their names"), True, tr(
                "Where no field is chosen, fields with usual names (longitude, date, crime type ...) are taken, and the"
                " log says which.")),
            p.text("FIELD_NAMES", tr("Fields by name"), "", tr(
                "Fields of a file that cannot be picked from a list, e.g. X_FIELD=lon; Y_FIELD=lat; DATE_FIELD=date."),
                optional=True),
            p.text("ENCODING", tr("Text encoding"), "", tr(
                "Encoding of a text file, e.g. utf-8 or cp1252. Empty: found out."), optional=True),
            p.file(self.MAPPING, tr("Mapping of last time"), tr(
                "JSON file saved by this tool: fields and settings that are not chosen here are taken from it."),
                tr("JSON files (*.json)"), optional=True),
        ):
            self.addParameter(p.advanced(parameter))

    def prepareAlgorithm(self, parameters: dict, context: Any, feedback: Any) -> bool:  # noqa: N802
        from ...layers import tables

        if parameters.get(self.INPUT) not in (None, ""):
            self.text_source = tables.find(self, parameters, self.INPUT, context)
        return super().prepareAlgorithm(parameters, context, feedback)

    def execute(self, run: Any) -> dict:
        from . import prepareincidents_columns as incidents
        from . import prepareincidents_report as preparereport
        from .prepareincidents_input import Opener
        from .prepareincidents_rows import Prepared

        opener = Opener(run, self.text_source)
        choices = incidents.choose(run, opener, incidents.remembered(run))
        keep = [n for n in run.fields("KEEP_FIELDS") if n in opener.names]
        wanted = [*choices.fields.values(), *keep]
        export = opener.read(list(dict.fromkeys(wanted)), geometry=not choices.fields.get("X_FIELD"))
        if not export.rows:
            raise InputError(opener.parameter, "There are no rows. Choose another file or layer, or remove its filter.")
        times = incidents.read_dates(run, export, choices)
        x, y, state = incidents.read_places(run, export, choices)
        prepared = Prepared(run, export, choices, times, x, y, state)
        columns = prepared.columns(keep)
        located = prepared.located
        run.write_points(self.OUTPUT, prepared.x[located], prepared.y[located], _take(columns, located),
                         styling.single("Incidents", styling.ACCENT, self.tr("Incident")))
        lost = {**_take(columns, ~located), fields.REASON: prepared.reasons()}
        run.write_table(self.UNLOCATED, lost)
        incidents.write_mapping(run, choices.as_mapping())
        numbers, summary = prepared.numbers(), prepared.summary()
        run.info(summary)
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, preparereport.build(self, run, prepared))
        return {**numbers, "SUMMARY": summary}


def _take(columns: dict, mask: np.ndarray) -> dict:
    return {name: column[mask] for name, column in columns.items()}
