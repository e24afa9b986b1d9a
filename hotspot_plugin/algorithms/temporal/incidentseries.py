"""Incidents by day, week or month, with what is not complete."""

from __future__ import annotations

from typing import Any

from .. import groups, parameters
from ..base import HotspotAlgorithm
from . import incidentseries_help


class IncidentSeries(HotspotAlgorithm):
    """Incidents by day, week or month."""

    NAME, GROUP = "incidentseries", groups.TEMPORAL
    INPUT, DATE_FIELD, UNIT, TYPE_FIELD = "INPUT", "DATE_FIELD", "UNIT", "TYPE_FIELD"
    WEEK_START, DAY_START, OUTPUT, REPORT = "WEEK_START", "DAY_START", "OUTPUT", "REPORT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Incidents by day, week or month")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("How many incidents each period has, which periods are complete, and what was to be expected.")

    def tags(self) -> list:
        return self.tr("time series,histogram,weekly,daily,monthly,trend,count by week,calendar,late entries,"
                       "incomplete weeks,poisson,aggregate").split(",")

    def about(self) -> str:
        return incidentseries_help.about(self.tr)

    def declare(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.points(self.INPUT, tr("Incidents"), tr(
            "Incidents as points; rows without a place count too.")))
        self.addParameter(p.field(self.DATE_FIELD, tr("Date field"), self.INPUT, tr(
            "When the incident happened. Empty: dt_from of prepared incidents."), kind="time", optional=True))
        self.addParameter(p.choice(self.UNIT, tr("Unit of time"), [tr("Day"), tr("Week"), tr("Month")], 1, tr(
            "Calendar periods. Weeks are whole weeks that begin with the weekday below.")))
        self.addParameter(p.field(self.TYPE_FIELD, tr("Type field"), self.INPUT, tr(
            "Type or group of the incident: lines for each of them besides those for all. Empty: all together."),
            kind="any", optional=True))
        weekdays = [tr("Monday"), tr("Tuesday"), tr("Wednesday"), tr("Thursday"), tr("Friday"), tr("Saturday"),
                    tr("Sunday")]
        self.addParameter(p.advanced(p.choice(self.WEEK_START, tr("First day of the week"), [
            tr("As in the agency settings, else Monday"), *weekdays], 0, tr("With which day weeks begin."))))
        self.addParameter(p.day_start())
        self.addParameter(p.output_table(self.OUTPUT, tr("Periods"), tr(
            "A line for each period, in order of time: its first and last day, its incidents, whether it is complete,"
            " and what the like periods before let expect. With types: the lines of all first, then of each type.")))
        self.addParameter(p.report(tr("Report as a web page (HTML) with the chart, and the table as CSV beside it.")))
        self._numbers()

    def _numbers(self) -> None:
        tr, add = self.tr, self.add_number
        add("COUNT", tr("Incidents"), tr("Incidents in the periods."))
        add("UNDATED", tr("Without a date"), tr("Rows without a date that can be read."))
        add("LEFT_OUT", tr("Left out"), tr("Rows dated before the data really begin, more than a year after nearly all"
                                           " others, or by the month only. With COUNT and UNDATED: all rows."))
        self.add_text("FIRST", tr("First day"), tr("First day of the data, as year-month-day."))
        self.add_text("LAST", tr("Last day"), tr("Last day of the data, as year-month-day."))
        self.add_text("COMPLETE_TO", tr("Complete to"), tr(
            "Last day that seems to be recorded fully, as year-month-day; periods that end later are not complete."))
        add("PERIODS", tr("Periods"), tr("Periods from the first to the last, those without incidents included."))
        add("PERIODS_COMPLETE", tr("Complete periods"), tr("Periods that are recorded fully."))
        add("MEAN", tr("Mean"), tr("Incidents in a complete period; empty where there is none."))
        add("TYPES", tr("Number of types"), tr("Types in the data, those without one counted as one; 0 without a type"
                                               " field."))
        add("FLAGGED", tr("Periods that stand out"), tr(
            "Of all incidents: periods outside the expected range and at least 5 incidents from the mean; empty for"
            " months."))
        add("FLAGGED_CHANCE", tr("As many by chance"), tr(
            "How many would stand out if nothing had changed and incidents came independently; empty for months."))
        add("COMPARED", tr("Periods compared"), tr("Complete periods of all incidents with an expected range."))
        self.add_text("SUMMARY", tr("Result in sentences"), tr(
            "What was recorded, how many in a period, and what is not complete; it can be read out."))

    def execute(self, run: Any) -> dict:
        from . import incidentseries_read as reading
        from . import incidentseries_report as reporting
        from . import incidentseries_words as wording

        words = wording.Words(reading.read(run))
        summary = run.tell(words)
        run.write_table(self.OUTPUT, words.columns())
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, reporting.build(run, words))
        return {**words.numbers(), "SUMMARY": summary}
