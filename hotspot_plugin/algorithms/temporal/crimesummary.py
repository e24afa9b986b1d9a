"""The CompStat table: types by area over the last 7 and 28 days and the year, beside what chance makes."""

from __future__ import annotations

from typing import Any

from .. import groups, parameters
from ..base import HotspotAlgorithm
from . import crimesummary_help


class CrimeSummary(HotspotAlgorithm):
    """Crime summary table (CompStat)."""

    NAME, GROUP = "crimesummary", groups.TEMPORAL
    INPUT, UNLOCATED, AREAS, NAME_FIELD = "INPUT", "UNLOCATED", "AREAS", "NAME_FIELD"
    DATE_FIELD, TYPE_FIELD, AS_OF = "DATE_FIELD", "TYPE_FIELD", "AS_OF"
    DAY_START, OUTPUT, REPORT = "DAY_START", "OUTPUT", "REPORT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Crime summary table (CompStat)")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Types by area: 7 days, 28 days, last year, year to date, and what is more than chance.")

    def tags(self) -> list:
        return self.tr("compstat,weekly report,year to date,ytd,28 days,last week,performance,summary,pivot table,"
                       "poisson,z-score,sparkline,dashboard,beats,types").split(",")

    def about(self) -> str:
        return crimesummary_help.about(self.tr)

    def declare(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.points(self.INPUT, tr("Incidents"), tr(
            "Incidents as points, all types, from the beginning of last year or earlier. Rows without a place count"
            " in a line of their own. Two years in two layers: join them first ('Merge vector layers').")))
        self.addParameter(p.field(self.DATE_FIELD, tr("Date field"), self.INPUT, tr(
            "When the incident happened, with the day. Empty: dt_from of prepared incidents."), kind="time",
            optional=True))
        self.addParameter(p.field(self.TYPE_FIELD, tr("Type field"), self.INPUT, tr(
            "Type of incident, one line for each. Empty: ctype of prepared incidents, else no types."), kind="any",
            optional=True))
        self.addParameter(p.date(self.AS_OF, tr("Last day"), tr(
            "Last day of all windows, included. Empty: the last day that is recorded fully."), optional=True))
        self.addParameter(p.from_agency(p.areas(self.AREAS, tr("Areas"), tr(
            "Beats, districts or neighbourhoods: lines for each of them, for records outside of all and for those"
            " without a place. Where areas overlap, a record counts in the first."), optional=True), "beats_layer"))
        self.addParameter(p.from_agency(p.field(self.NAME_FIELD, tr("Name of the areas"), self.AREAS, tr(
            "Field that names the areas; polygons of one name count together. Empty: name if there is such a field,"
            " else the number of the feature."), kind="any", optional=True), "beats_field"))
        self.addParameter(p.any_source(self.UNLOCATED, tr("Unlocated incidents"), tr(
            "Table of the incidents without a place, as 'Prepare incident data' leaves it, with the same fields:"
            " counted for the whole, so that the sums agree with the records."), optional=True))
        self.addParameter(p.day_start())
        self.addParameter(p.output_table(self.OUTPUT, tr("Summary table"), tr(
            "A line for the whole, each type, each area and each type in each area. The field level tells them apart;"
            " the lines of one level add up to the whole.")))
        self.addParameter(p.report(tr("Report as a web page (HTML) with the tables, and the tables as CSV beside it.")))
        self._numbers()

    def _numbers(self) -> None:
        tr, add = self.tr, self.add_number
        self.add_text("END", tr("Last day used"), tr("Last day of all windows, as year-month-day."))
        add("RECORDS", tr("Records"), tr("All records read, whatever their date; the sum of n_all."))
        add("TYPES", tr("Number of types"), tr("Types in the data, records without one counted as one; 0 without a"
                                               " type field."))
        add("AREAS_COUNT", tr("Number of areas"), tr("Areas of the layer by name; 0 without such a layer."))
        add("TOTAL_7", tr("Incidents of 7 days"), tr("All records of the last 7 days, with and without a place."))
        add("EXPECTED_LOW", tr("Lower end expected"), tr(
            "Of the last 7 days, from the 8 weeks before; empty where the data do not cover them."))
        add("EXPECTED_HIGH", tr("Upper end expected"), tr(
            "Of the last 7 days, from the 8 weeks before; empty where the data do not cover them."))
        add("TOTAL_28", tr("Incidents of 28 days"), tr("All records of the last 28 days."))
        add("TOTAL_28_BEFORE", tr("Incidents of the 28 days before"), tr("Empty where the data do not cover them."))
        add("TOTAL_28_YEAR", tr("Incidents of the same 28 days last year"), tr(
            "Empty where the data do not cover them."))
        add("TOTAL_YTD", tr("Incidents of the year to date"), tr("Empty where the data do not cover it."))
        add("TOTAL_YTD_LAST", tr("Incidents of last year to date"), tr("Empty where the data do not cover it."))
        add("Z_28", tr("Poisson z of 28 days"), tr("Of all records, beside the 28 days before."))
        add("Z_28_YEAR", tr("Poisson z of 28 days to last year"), tr("Of all records, beside last year's."))
        add("Z_YTD", tr("Poisson z of the year to date"), tr("Of all records, beside last year's, a day."))
        add("FLAGGED", tr("Comparisons that stand out"), tr(
            "Over all lines and the four comparisons: z of 3 and at least 5 incidents apart."))
        add("FLAGGED_CHANCE", tr("As many by chance"), tr(
            "How many would stand out if nothing had changed and incidents came independently."))
        add("COMPARED", tr("Comparisons"), tr("Comparisons with at least one incident."))
        add("ROWS_OUTSIDE", tr("Records outside all areas"), tr("Of all dates; 0 without a layer of areas."))
        add("ROWS_UNLOCATED", tr("Records without a place"), tr("Of all dates, the table of unlocated included."))
        self.add_text("SUMMARY", tr("Result in sentences"), tr(
            "What was recorded, with period, numbers and what could be chance; it can be read out."))

    def execute(self, run: Any) -> dict:
        from . import crimesummary_read as reading
        from . import crimesummary_report as reporting
        from . import crimesummary_words as wording

        words = wording.Words(reading.read(run), run.stage(0.85, 0.9))
        summary = run.tell(words)
        run.write_table(self.OUTPUT, words.columns())
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, reporting.build(run, words))
        return {**words.numbers(), "SUMMARY": summary}
