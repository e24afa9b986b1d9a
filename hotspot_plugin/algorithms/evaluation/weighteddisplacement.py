"""Weighted displacement difference: did treated places change more than others, displacement counted."""

from __future__ import annotations

from ...layers import fields, styling
from .. import groups, parameters
from ..base import HotspotAlgorithm
from . import design_parameters, weighteddisplacement_help


class WeightedDisplacement(HotspotAlgorithm):
    """Weighted displacement difference (WDD)."""

    NAME, GROUP = "weighteddisplacement", groups.EVALUATION
    INPUT, ROLE_FIELD, NAME_FIELD = "INPUT", "ROLE_FIELD", "NAME_FIELD"
    BEFORE_FIELD, AFTER_FIELD, ROW_TYPE_FIELD = "BEFORE_FIELD", "AFTER_FIELD", "ROW_TYPE_FIELD"
    BEFORE_TIME, AFTER_TIME = "BEFORE_TIME", "AFTER_TIME"
    INCIDENTS, UNLOCATED = "INCIDENTS", "UNLOCATED"
    AFTER_INCIDENTS, AFTER_UNLOCATED = "AFTER_INCIDENTS", "AFTER_UNLOCATED"
    DATE_FIELD, TYPE_FIELD, HARM_FIELD = "DATE_FIELD", "TYPE_FIELD", "HARM_FIELD"
    BEFORE_START, BEFORE_END, AFTER_START, AFTER_END = "BEFORE_START", "BEFORE_END", "AFTER_START", "AFTER_END"
    PRESET, AS_OF, FISCAL_START, DAY_START = "PRESET", "AS_OF", "FISCAL_START", "DAY_START"
    WEIGHTING, WEIGHT_FIELD, HARM_WEIGHTS, TABLE = "WEIGHTING", "WEIGHT_FIELD", "HARM_WEIGHTS", "TABLE"
    OVERDISPERSION, HISTORY_START, SELECTED_ON, NOTES = "OVERDISPERSION", "HISTORY_START", "SELECTED_ON", "NOTES"
    DOSE_FIELD, PLAN, OUTPUT, COUNTS, REPORT = "DOSE_FIELD", "PLAN", "OUTPUT", "COUNTS", "REPORT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Weighted displacement difference (WDD)")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Whether treated places changed more than others, with what may have moved next door counted.")

    def tags(self) -> list:
        return self.tr("WDD,WDQ,displacement,diffusion of benefits,evaluation,before after,control,harm,forest plot,"
                       "impact,effect").split(",")

    def about(self) -> str:
        return weighteddisplacement_help.about(self.tr)

    def declare(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.any_source(self.INPUT, tr("Areas with roles"), tr(
            "Treated areas, comparison areas and those around them; with counts in fields a table will do.")))
        design_parameters.role_field(self, self.INPUT)
        self._counts()
        self._incidents()
        design_parameters.periods(self, tr("Needed with INCIDENTS and 'The four dates below', else empty."))
        self._weights()
        design_parameters.selected_on(self)
        self.addParameter(p.advanced(p.field(self.DOSE_FIELD, tr("How much was done"), self.INPUT, tr(
            "Hours, visits or another dose of the measure in each area. The report then says what the treated areas got"
            " and whether comparison areas got some too."), optional=True)))
        self.addParameter(p.advanced(p.file(self.PLAN, tr("Plan"), tr(
            "File that 'Smallest detectable change' wrote before: the report then says what was planned before the"
            " results and what was chosen after."), tr("JSON files (*.json)"), optional=True)))
        self.addParameter(p.text(self.NOTES, tr("What else changed"), "", tr(
            "Other measures, closures, new systems or rules of recording in either period. Printed in the report and"
            " added to the sentence."), optional=True, multiline=True))
        self.addParameter(p.output_table(self.OUTPUT, tr("Differences"), tr(
            "One row for all incidents, each type and harm: WDD with its intervals, the parts in and around the treated"
            " areas, WDQ, net effect, overdispersion and the counts.")))
        self.addParameter(p.output_polygons(self.COUNTS, tr("Areas with their counts"), tr(
            "The areas with their role and their counts before and after, by role in colour."), optional=True))
        self.addParameter(p.report())
        self._numbers()

    def _counts(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.field(self.BEFORE_FIELD, tr("Counts before"), self.INPUT, tr(
            "Field with the number of incidents before. Empty: INCIDENTS are counted."), optional=True))
        self.addParameter(p.field(self.AFTER_FIELD, tr("Counts after"), self.INPUT, tr(
            "Field with the number of incidents after."), optional=True))
        self.addParameter(p.advanced(p.field(self.ROW_TYPE_FIELD, tr("Type of the counts"), self.INPUT, tr(
            "Where each row holds the counts of one type of incident, the field with the type."), kind="any",
            optional=True)))
        for name, text in ((self.BEFORE_TIME, tr("Length of the earlier period")),
                           (self.AFTER_TIME, tr("Length of the later period"))):
            self.addParameter(p.advanced(p.number(name, text, 1.0, tr(
                "In months, weeks or any unit, for counts in fields; the same unit for both. Their ratio is the time"
                " weight."), minimum=1e-6)))
        self.addParameter(p.advanced(p.field(self.NAME_FIELD, tr("Name of the areas"), self.INPUT, tr(
            "Field that names the areas. Empty: name, cell_id, zone_id or rank if there is one."), kind="any",
            optional=True)))

    def _incidents(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.points(self.INCIDENTS, tr("Incidents"), tr(
            "Incidents of both periods, or of the earlier one where the later has a layer of its own. Those of the"
            " whole town, so that areas chosen for a high count can be judged."), optional=True))
        self.addParameter(p.field(self.DATE_FIELD, tr("Date field"), self.INCIDENTS, tr(
            "When the incident happened. Empty: dt_from of prepared incidents."), kind="time", optional=True))
        self.addParameter(p.field(self.TYPE_FIELD, tr("Type field"), self.INCIDENTS, tr(
            "Type of incident, for a row each. Empty: ctype of prepared incidents, if there."), kind="any",
            optional=True))
        self.addParameter(p.field(self.HARM_FIELD, tr("Harm field"), self.INCIDENTS, tr(
            "Harm of each incident. Empty: harm of 'Group and weigh crime types', if there."), optional=True))
        self.addParameter(p.advanced(p.any_source(self.UNLOCATED, tr("Unlocated incidents"), tr(
            "Table of the incidents without a place: tells whether the share with a place changed."), optional=True)))
        self.addParameter(p.advanced(p.points(self.AFTER_INCIDENTS, tr("Incidents of the later period"), tr(
            "Where the later period has a layer of its own, with the same fields."), optional=True)))
        self.addParameter(p.advanced(p.any_source(self.AFTER_UNLOCATED, tr("Unlocated incidents of the later period"),
                                                  tr("Table that belongs to the layer of the later period."),
                                                  optional=True)))

    def _weights(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.choice(self.WEIGHTING, tr("Size of the areas"), [
            tr("Areas are alike, no weights"), tr("By area: comparison areas scaled to the treated ones"),
            tr("By the field below: comparison areas scaled to the treated ones"),
            tr("Counts of each area divided by the field below")], 0, tr(
                "How areas of different size are made comparable.")))
        self.addParameter(p.field(self.WEIGHT_FIELD, tr("Field with sizes"), self.INPUT, tr(
            "Residents, metres of street, dwellings or another size; or the area weights themselves."), optional=True))
        self.addParameter(p.advanced(p.text(self.HARM_WEIGHTS, tr("Harm of the types"), "", tr(
            "Type = harm, separated by semicolons: Burglary = 5; Robbery = 7. For counts in fields, or instead of a"
            " harm field."), optional=True, multiline=True)))
        self.addParameter(p.advanced(p.from_agency(p.file(self.TABLE, tr("Table of types"), tr(
            "CSV table of 'Group and weigh crime types', from which the harm of each type is taken."),
            tr("CSV files (*.csv)"), optional=True), "type_table")))
        self.addParameter(p.advanced(p.number(self.OVERDISPERSION, tr("Overdispersion"), None, tr(
            "How many times more the counts vary than by chance. Empty: estimated where it can be."), minimum=1.0,
            optional=True)))
        self.addParameter(p.advanced(p.date(self.HISTORY_START, tr("First day of the history"), tr(
            "Incidents from this day to the end of the earlier period show how much counts vary and whether the areas"
            " went the same way. Empty: the earlier period."), optional=True)))

    def _numbers(self) -> None:
        tr = self.tr
        for name, text, help in (
            ("WDD", tr("Weighted displacement difference"), tr("Of all incidents; below 0 fewer than expected.")),
            ("SE", tr("Standard error"), tr("Of WDD, overdispersion included.")),
            ("Z", tr("Score"), tr("WDD over its standard error.")),
            ("P_VALUE", tr("Probability by chance"), tr("Two-sided p-value of WDD.")),
            ("LOW", tr("Lower end"), tr("Lower end of the 95 % interval of WDD.")),
            ("HIGH", tr("Upper end"), tr("Upper end of the 95 % interval of WDD.")),
            ("LOW90", tr("Lower end, 90 %"), tr("Lower end of the 90 % interval of WDD.")),
            ("HIGH90", tr("Upper end, 90 %"), tr("Upper end of the 90 % interval of WDD.")),
            ("LOCAL", tr("In the treated areas"), tr("The part of WDD in the treated areas.")),
            ("LOCAL_LOW", tr("In the treated areas, lower end"), tr("Lower end of its 95 % interval.")),
            ("LOCAL_HIGH", tr("In the treated areas, upper end"), tr("Upper end of its 95 % interval.")),
            ("DISPLACED", tr("Around the treated areas"), tr("The part of WDD around them; empty without such areas.")),
            ("DISPLACED_LOW", tr("Around the treated areas, lower end"), tr("Lower end of its 95 % interval.")),
            ("DISPLACED_HIGH", tr("Around the treated areas, upper end"), tr("Upper end of its 95 % interval.")),
            ("WDQ", tr("Displacement quotient"), tr("Weighted displacement quotient; empty where it is not defined.")),
            ("NET", tr("Total net effect"), tr("Incidents prevented at the comparison areas' rate of change.")),
            ("NET_LOW", tr("Total net effect, lower end"), tr("Lower end of its 95 % interval.")),
            ("NET_HIGH", tr("Total net effect, upper end"), tr("Upper end of its 95 % interval.")),
            ("OVERDISPERSION_USED", tr("Overdispersion used"), tr("Given, estimated, or 1 where it is assumed.")),
            ("AS_COUNTED", tr("Difference as counted"), tr("WDD without regard to regression to the mean.")),
            ("TREATED_BEFORE", tr("Treated areas before"), tr("Incidents in these areas in the earlier period.")),
            ("TREATED_AFTER", tr("Treated areas after"), tr("Incidents in these areas in the later period.")),
            ("DETECTABLE", tr("Smallest fall that would show"), tr(
                "Fall in the treated areas that WDD would have found in 8 of 10 cases; empty where not even all.")),
        ):
            self.add_number(name, text, help)
        self.add_text("SUMMARY", tr("Sentence to read out"), tr(
            "The difference with its interval, or that none is shown and what could have been."))

    def execute(self, run) -> dict:
        from . import weighteddisplacement_compare as comparison  # they import scipy
        from . import weighteddisplacement_read as reading
        from . import weighteddisplacement_report as reports
        from . import weighteddisplacement_words as told

        data = reading.read(run)
        result = comparison.compare(run, data)
        words = told.Words(data, result)
        summary = run.tell(words)
        run.write_table(self.OUTPUT, result.columns([words.row_word(row) for row in result.rows]))
        if data.areas is not None:
            run.write_areas(self.COUNTS, data.areas, reading.area_columns(data), self._style(words))
        elif run.wants(self.COUNTS):
            run.info(self.tr("The areas are a table without geometry: COUNTS is not written."))
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, reports.build(run, data, result, words))
        return {**result.numbers(), "SUMMARY": summary}

    def _style(self, words) -> styling.Style:
        from .weighteddisplacement_read import COLOURS, ROLES

        return styling.categories(
            self.tr("Role in the evaluation"), fields.ROLE,
            [(role, colour, words.role(k)) for k, (role, colour) in enumerate(zip(ROLES, COLOURS))],
            other=("#ffffff", self.tr("No role")))
