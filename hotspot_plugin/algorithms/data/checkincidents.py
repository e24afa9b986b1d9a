"""Check incident data: what misleads, before any map is made of it."""

from __future__ import annotations

from typing import Any

from ...layers import fields
from .. import groups, parameters
from ..base import HotspotAlgorithm


class CheckIncidents(HotspotAlgorithm):
    """Check incident data."""

    NAME, GROUP = "checkincidents", groups.DATA
    INPUT, UNLOCATED, BOUNDARY, PLACES, OUTPUT, REPORT = (
        "INPUT", "UNLOCATED", "BOUNDARY", "PLACES", "OUTPUT", "REPORT")

    def __init__(self) -> None:
        super().__init__()
        self.text_source: Any = None

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Check incident data")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Finds what misleads in incident data: lost types, default places and times, faulty dates.")

    def tags(self) -> list:
        return self.tr("quality,validation,geocoding rate,outliers,duplicates,missing,report lag,heaping,data"
                       " preparation,audit").split(",")

    def about(self) -> str:
        return self.tr(
            "<p>Finds what misleads in incident data and says what it means, before a map is made of it. Nothing is"
            " removed: every row is returned as it is with qc_ok (can it be used?) and qc_codes (what was found).</p>"
            "<p><b>Places:</b> no_place, empty_place, zero_xy (0, 0), outside (of the boundary), far (beyond three"
            " interquartile ranges and nearly alone there), swapped (x and y exchanged), wrong_sign (east and west or"
            " north and south exchanged), default_place (near one of PLACES, or a place where all types are mixed as"
            " in the whole data, as where a geocoder gives up). The rounding of coordinates is measured: no cell should"
            " be smaller.</p>"
            "<p><b>Dates:</b> no_date, bad_date (no date at all), reversed (end or report before the start), future,"
            " backdated (before the first month with a quarter of the usual number), late_report (more than a year),"
            " default_time (exactly 00:00, written far more often than other full hours). Gaps, report lag and the day"
            " up to which the series is complete (95 % of reports in) are told.</p>"
            "<p><b>Repeats:</b> repeat_id (a number seen before; often several victims or offences), same_row (the same"
            " number, date, type and place: a true repeat). Identical rows without a number are no error: two like"
            " incidents at one place do happen, and coarse dates make them look alike.</p>"
            "<p><b>What is lost by type.</b> A type of which more than 15 % has no place (the minimum geocoding rate of"
            " Ratcliffe 2004 is 85 %) is under-shown by every map; a type that is lost altogether is invisible.</p>"
            "<p>qc_ok is false for the codes no_place, empty_place, zero_xy, outside, far, swapped, wrong_sign,"
            " no_date,"
            " bad_date, reversed, future and same_row. Examples in the report are row numbers and incident numbers"
            " only.</p>")

    def declare(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.any_source(self.INPUT, tr("Incidents"), tr(
            "Points, or a table. The fields of prepared incidents are used without being chosen.")))
        self.addParameter(p.any_source(self.UNLOCATED, tr("Unlocated incidents"), tr(
            "Table of incidents without a place, as 'Prepare incident data' writes it; needed to tell what each type"
            " loses."), optional=True))
        self.addParameter(p.areas(self.BOUNDARY, tr("Boundary"), tr(
            "Area that the incidents should lie in."), optional=True))
        for name, text, help in (
            ("DATE_FIELD", tr("Date field"), tr("Date and time of the incident, or the earliest it can have"
                                                " happened.")),
            ("END_DATE_FIELD", tr("End date field"), tr("The latest the incident can have happened.")),
            ("REPORT_DATE_FIELD", tr("Report date field"), tr("When it was reported, for the report lag.")),
            ("TYPE_FIELD", tr("Type field"), tr("Type of the incident.")),
            ("ID_FIELD", tr("Incident number field"), tr("Number of the incident, for repeats.")),
            ("PLACE_FIELD", tr("Place field"), tr("Key or address of the place; without it equal coordinates are one"
                                                  " place.")),
            ("SOURCE_FIELD", tr("Source field"), tr("How incidents became known; the report shows the shares.")),
        ):
            self.addParameter(p.field(name, text, self.INPUT, help, kind="any", optional=True))
        for parameter in (
            p.points(self.PLACES, tr("Known default places"), tr(
                "Places to which incidents are often booked for want of a better one: police stations, hospitals,"
                " prisons, the middle of towns."), optional=True),
            p.distance("PLACE_DISTANCE", tr("Distance from default places"), 50.0, tr(
                "Incidents within this distance of a known default place are marked.")),
            p.date("AS_OF", tr("Day of the export"), tr("Later dates are in the future. Empty: today."), optional=True),
            p.choice("DATE_ORDER", tr("Day and month"), [tr("As the values prove"), tr("Day first"),
                     tr("Month first"), tr("Year first (two digits)")], 0, tr(
                     "How dates kept as text, such as 03/04/2024, are written.")),
            p.field("X_FIELD", tr("X or longitude field"), self.INPUT, tr("For a table without places on the map."),
                    kind="any", optional=True),
            p.field("Y_FIELD", tr("Y or latitude field"), self.INPUT, tr("For a table without places on the map."),
                    kind="any", optional=True),
            p.crs("CRS", tr("Coordinate system of X and Y"), tr("For a table; empty: degrees."), optional=True),
        ):
            self.addParameter(p.advanced(parameter))
        self.addParameter(p.output_like_input(self.OUTPUT, tr("Checked incidents"), tr(
            "All rows of the input as they are, with qc_ok and qc_codes.")))
        self.addParameter(p.report())
        for name, text, help in _numbers(tr):
            self.add_number(name, text, help)
        self.add_text("COMPLETE_TO", tr("Complete to"), tr("Last day up to which the series looks complete."))
        self.add_text("LOST_TYPES", tr("Types lost"), tr(
            "Types of which more than 15 % has no place, the worst first, separated by semicolons."))
        self.add_text("SUMMARY", tr("Summary"), tr("One sentence on what can be used and what is lost."))

    def prepareAlgorithm(self, parameters: dict, context: Any, feedback: Any) -> bool:  # noqa: N802
        from ...layers import tables

        self.text_source = tables.find(self, parameters, self.INPUT, context)
        return super().prepareAlgorithm(parameters, context, feedback)

    def execute(self, run: Any) -> dict:
        from . import checkincidents_read as checking
        from . import checkincidents_report as checkreport

        data = checking.read(run)
        found = checking.find(run, data)
        words = checkreport.Words(data, found, run.units)
        summary = run.tell(words)
        run.copy_rows(self.OUTPUT, self.INPUT, {fields.QC_OK: found.ok, fields.QC_CODES: found.codes},
                      style=checkreport.style() if data.names["x"] == "" and data.raw is not None else None)
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, checkreport.build(run, data, found, words))
        return {**words.numbers(), "SUMMARY": summary}


def _numbers(tr: Any) -> tuple:
    """Name, title and help of the numbers."""
    return (
        ("TOTAL", tr("Rows"), tr("Rows of the input.")),
        ("USABLE", tr("Usable rows"), tr("Rows with qc_ok: a place in the area and a sound date.")),
        ("NO_PLACE", tr("Without a place"), tr("Rows without geometry or coordinates.")),
        ("EMPTY_PLACE", tr("Empty places"), tr("Rows with an empty or unreadable geometry, or several places.")),
        ("ZERO_XY", tr("At 0, 0"), tr("Rows at the coordinates 0, 0.")),
        ("OUTSIDE", tr("Outside"), tr("Rows outside the boundary.")),
        ("FAR", tr("Far away"), tr("Rows far from all others.")),
        ("SWAPPED", tr("Swapped coordinates"), tr("Rows with x and y exchanged.")),
        ("WRONG_SIGN", tr("Wrong sign"), tr("Rows that fit once a coordinate's sign is turned.")),
        ("DEFAULT_PLACE", tr("At default places"), tr("Rows at places that stand for 'somewhere'.")),
        ("NO_DATE", tr("Without a date"), tr("Rows without a date.")),
        ("BAD_DATE", tr("Unreadable dates"), tr("Rows whose date is none.")),
        ("REVERSED", tr("Reversed dates"), tr("Rows that end, or were reported, before they began.")),
        ("FUTURE", tr("In the future"), tr("Rows dated after the day of the export.")),
        ("BACKDATED", tr("Backdated"), tr("Rows from before the series really begins.")),
        ("LATE_REPORT", tr("Reported late"), tr("Rows reported more than a year after they happened.")),
        ("DEFAULT_TIME", tr("Default times"), tr("Rows at a clock time that stands for 'unknown'.")),
        ("REPEAT_ID", tr("Repeated numbers"), tr("Rows after the first with the same incident number.")),
        ("SAME_ROW", tr("True repeats"), tr("Rows after the first with the same number, date, type and place.")),
        ("IDENTICAL", tr("Identical rows"), tr("Rows alike in date, type and place, whatever their number; no error.")),
        ("GAPS", tr("Gaps"), tr("Stretches of time without rows where chance would leave none.")),
        ("COORD_STEP", tr("Rounding of coordinates in metres"), tr(
            "To how many metres coordinates are rounded; 0 if no rounding is seen. Cells should not be smaller.")),
        ("LAG_MEDIAN", tr("Median report lag in days"), tr("Half of all are reported within this many days.")),
        ("LAG_P95", tr("Report lag of 95 % in days"), tr("95 % are reported within this many days.")),
        ("UNLOCATED_ROWS", tr("Unlocated rows"), tr("Rows of the table of unlocated incidents.")),
        ("LOST_TYPE_COUNT", tr("Number of types lost"), tr("Types of which more than 15 % has no place.")),
    )
