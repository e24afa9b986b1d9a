"""Maintenance and disorder: reports of disrepair by place, how recent, how long open, beside elsewhere."""

from __future__ import annotations

from typing import Any

from .. import groups, parameters
from ..base import HotspotAlgorithm
from .maintenance_help import about


class Maintenance(HotspotAlgorithm):
    """Maintenance and disorder."""

    NAME, GROUP = "maintenance", groups.CPTED
    INPUT, NAME_FIELD, AUDIT_FIELD = "INPUT", "NAME_FIELD", "AUDIT_FIELD"
    REPORTS, CATEGORY_FIELD, CATEGORIES, WEIGHT_FIELD = "REPORTS", "CATEGORY_FIELD", "CATEGORIES", "WEIGHT_FIELD"
    DATE_FIELD, CLOSED_FIELD, AS_OF, WINDOW = "DATE_FIELD", "CLOSED_FIELD", "AS_OF", "WINDOW"
    ALL_REPORTS, ALL_DATE_FIELD = "ALL_REPORTS", "ALL_DATE_FIELD"
    DISTANCE, HALF_LIFE = "DISTANCE", "HALF_LIFE"
    REPEAT_DAYS, REPEAT_DISTANCE = "REPEAT_DAYS", "REPEAT_DISTANCE"
    OUTPUT, TABLE, REPORT = "OUTPUT", "TABLE", "REPORT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Maintenance and disorder")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Reports of graffiti, litter or lights out by place: how recent, how long until repair, and"
                       " beside elsewhere.")

    def tags(self) -> list:
        return self.tr("maintenance,disorder,graffiti,litter,dumping,street light outage,abandoned,311,broken windows,"
                       "service requests,repair time,kaplan-meier,image,cpted").split(",")

    def about(self) -> str:
        return about(self.tr)

    def declare(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.shapes(self.INPUT, tr("Places"), tr(
            "Street segments, areas (cells, parks, beats, hot spots) or points.")))
        self.addParameter(p.points(self.REPORTS, tr("Reports of disrepair"), tr(
            "Points, one for each report of graffiti, litter, a light out, an abandoned building or car.")))
        self.addParameter(p.field(self.DATE_FIELD, tr("Day of the report"), self.REPORTS, tr(
            "When it was reported. Without it neither recency nor time to repair can be told."), "time", True))
        self.addParameter(p.field(self.CLOSED_FIELD, tr("Day of the repair"), self.REPORTS, tr(
            "When it was repaired; empty for what is open."), "time", True))
        self.addParameter(p.field(self.CATEGORY_FIELD, tr("Kind of report"), self.REPORTS, tr(
            "Field with the kind, such as graffiti or litter."), "any", True))
        self.addParameter(p.text(self.CATEGORIES, tr("Kinds to use"), "", tr(
            "Kinds separated by semicolons; * stands for any letters: graffiti*; street light out. Empty: all."),
            optional=True))
        self.addParameter(p.points(self.ALL_REPORTS, tr("All reports of any kind"), tr(
            "All reports that people made to the city, these included, to allow for places that report more readily."),
            optional=True))
        self.addParameter(p.field(self.AUDIT_FIELD, tr("Condition seen on site"), self.INPUT, tr(
            "Field of the places with the condition that an auditor saw, 0 neglected to 2 well kept, such as condition"
            " of 'Score CPTED audit'. It outranks reports."), "number", True))
        self.addParameter(p.distance(self.DISTANCE, tr("Distance"), None, tr(
            "Metres from a place within which a report counts. Empty: 20 for streets, 30 for points, and for areas"
            " what is inside."), optional=True))
        self.addParameter(p.number(self.HALF_LIFE, tr("Half-life in days"), 90.0, tr(
            "Days after which a report counts half in recent."), 1.0))
        self.addParameter(p.date(self.AS_OF, tr("State of the day"), tr(
            "Day on which it is judged what is open and how old. Empty: the last day on which anything was reported or"
            " repaired."), optional=True))
        self._advanced()
        self.addParameter(p.output_like_input(self.OUTPUT, tr("Places with their maintenance"), tr(
            "The places with mnt_class, n_rep, recent, rec_dens, n_open, open_max, fix_days, again_sh and rep_ratio.")))
        self.addParameter(p.output_table(self.TABLE, tr("Kinds by place"), tr(
            "A row for each place and kind that was reported there: reports, open ones, recency, days to repair."),
            optional=True))
        self.addParameter(p.report())
        self._numbers()

    def _advanced(self) -> None:
        p, tr = parameters, self.tr
        for parameter in (
            p.integer(self.WINDOW, tr("Days looked back"), None, tr(
                "Only reports of so many days up to the day count. Empty: all."), 1, optional=True),
            p.integer(self.REPEAT_DAYS, tr("Again within days"), 30, tr(
                "Days after a repair within which another report means that it came back."), 1),
            p.distance(self.REPEAT_DISTANCE, tr("Same spot within"), 15.0, tr(
                "Metres within which two reports of a kind are about the same spot.")),
            p.field(self.WEIGHT_FIELD, tr("Weight of reports"), self.REPORTS, tr(
                "Field with what a report stands for, such as the number of tags on a wall."), optional=True),
            p.field(self.ALL_DATE_FIELD, tr("Day of all reports"), self.ALL_REPORTS, tr(
                "When each of all reports was made, so that the same days are compared."), "time", True),
            p.field(self.NAME_FIELD, tr("Name of the places"), self.INPUT, tr(
                "Field that names the places in the report. Empty: name, if there is one, else their number."), "any",
                True),
        ):
            self.addParameter(p.advanced(parameter))

    def _numbers(self) -> None:
        tr, add = self.tr, self.add_number
        add("PLACES", tr("Number of places"), tr("Places that were read."))
        add("REPORTS_USED", tr("Reports used"), tr("Reports of the kinds and days asked for, wherever they lie."))
        add("REPORTS_NEAR", tr("Reports at places"), tr("Of these, the ones at one place at least."))
        add("SHARED", tr("Reports at several places"), tr("Reports that count at more than one place."))
        add("OPEN", tr("Open reports"), tr("Reports not repaired on the day; none without days of repair."))
        add("MEDIAN_DAYS", tr("Days to repair"), tr("Days by which half of all reports are repaired."))
        add("MEDIAN_LOW", tr("Days to repair, lower end"), tr("Of the 95 % interval."))
        add("MEDIAN_HIGH", tr("Days to repair, upper end"), tr("Of the 95 % interval."))
        add("AGAIN_SHARE", tr("Share that came back"), tr(
            "Share (0 to 1) of the repairs after which the same spot was reported again."))
        add("MORE", tr("Places with more reports"), tr("Places with clearly more reports than elsewhere."))
        add("FEWER", tr("Places with fewer reports"), tr("Places with clearly fewer reports than elsewhere."))
        add("SEEN", tr("Places seen on site"), tr("Places with an audited condition."))
        add("SEEN_POOR", tr("Places seen in poor condition"), tr("Places whose audited condition is poor."))
        self.add_text("AS_OF_USED", tr("Day used"), tr("Day of which the state is told; empty without dates."))
        self.add_text("SUMMARY", tr("Summary"), tr("Sentences to read out."))

    def execute(self, run: Any) -> dict:
        from . import maintenance_read as reading
        from . import maintenance_report as reporting
        from .maintenance_words import Words

        data = reading.read(run)
        words = Words(run, data, reading.measure(run, data))
        summary = run.tell(words)
        run.write_areas(self.OUTPUT, data.places, words.columns(), style=reporting.style())
        if run.wants(self.TABLE):
            run.write_table(self.TABLE, words.long_table())
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, reporting.build(run, words))
        return {**words.numbers(), "SUMMARY": summary}
