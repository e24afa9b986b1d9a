"""Treated, buffer and comparison areas: the ground of an evaluation, chosen before its results."""

from __future__ import annotations

from ...layers import fields, styling
from .. import groups, parameters
from ..base import HotspotAlgorithm
from . import evaluationareas_help


class EvaluationAreas(HotspotAlgorithm):
    """Treated, buffer and comparison areas."""

    NAME, GROUP = "evaluationareas", groups.EVALUATION
    INPUT, NAME_FIELD, START = "INPUT", "NAME_FIELD", "START"
    INCIDENTS, DATE_FIELD, DAY_START = "INCIDENTS", "DATE_FIELD", "DAY_START"
    BEFORE_START, BEFORE_END = "BEFORE_START", "BEFORE_END"
    SELECTED_ON, SELECTED_FROM, SELECTED_TO = "SELECTED_ON", "SELECTED_FROM", "SELECTED_TO"
    CANDIDATES, AS_GIVEN, EACH, CALIPER = "CANDIDATES", "AS_GIVEN", "EACH", "CALIPER"
    MATCH_FIELDS, UNMATCHED, EXCLUSION = "MATCH_FIELDS", "UNMATCHED", "EXCLUSION"
    OTHER, OTHER_BUFFER = "OTHER", "OTHER_BUFFER"
    RING_DISTANCE, STREETS, STREET_DEPTH = "RING_DISTANCE", "STREETS", "STREET_DEPTH"
    OUTCOME, AFTER_MONTHS, TEST, PLAN_OUT = "OUTCOME", "AFTER_MONTHS", "TEST", "PLAN_OUT"
    OUTPUT, SCREENED, REPORT = "OUTPUT", "SCREENED", "REPORT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Treated, buffer and comparison areas")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Rings for displacement and comparison areas that went alike before, chosen before the results.")

    def tags(self) -> list:
        return self.tr("control areas,catchment,buffer,displacement,matching,balance,propensity,plan,preregistration,"
                       "evaluation design,comparison").split(",")

    def about(self) -> str:
        return evaluationareas_help.about(self.tr)

    def declare(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.areas(self.INPUT, tr("Treated areas"), tr(
            "Where something was done or will be done.")))
        self.addParameter(p.from_agency(p.field(self.NAME_FIELD, tr("Name of the areas"), self.INPUT, tr(
            "Field that names the areas. Empty: name, cell_id, zone_id or rank if there is one, else their number."),
            kind="any", optional=True), "beats_field"))
        self.addParameter(p.date(self.START, tr("First day of the measure"), tr(
            "The first day that will count as after. Nothing from this day on is looked at.")))
        self.addParameter(p.points(self.INCIDENTS, tr("Incidents"), tr(
            "Incidents of the kind that will be judged, from before the start.")))
        self.addParameter(p.field(self.DATE_FIELD, tr("Date field"), self.INCIDENTS, tr(
            "When the incident happened. Empty: dt_from of prepared incidents."), kind="time", optional=True))
        for name, text, help in (
                (self.BEFORE_START, tr("Time before, first day"), tr("Empty: the first day of the incidents.")),
                (self.BEFORE_END, tr("Time before, last day"), tr("Empty: the day before the start."))):
            self.addParameter(p.date(name, text, help, optional=True))
        self._chosen()
        self._compared()
        self._rings()
        self._planned()
        self.addParameter(p.day_start())
        self.addParameter(p.output_polygons(self.OUTPUT, tr("Areas with their role"), tr(
            "Treated areas, comparison areas, and the rings around both.")))
        self.addParameter(p.output_polygons(self.SCREENED, tr("All areas that could be compared"), tr(
            "Each with what became of it: taken, not needed, or why it was left out."), optional=True))
        self.addParameter(p.report())
        self._numbers()

    def _chosen(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.choice(self.SELECTED_ON, tr("How the treated areas were chosen"), [
            tr("As the layer's own record says, if it has one"), tr("Not by their incidents"),
            tr("For their many incidents on the days below")], 0, tr(
                "Areas chosen for a high count fall by themselves (regression to the mean). Comparison areas are then"
                " chosen by the same rule on the same days.")))
        for name, text in ((self.SELECTED_FROM, tr("Days of choice, first")),
                           (self.SELECTED_TO, tr("Days of choice, last"))):
            self.addParameter(p.date(name, text, tr("With the last choice above. Empty: all the time before."),
                                     optional=True))

    def _compared(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.areas(self.CANDIDATES, tr("Areas to compare with"), tr(
            "Beats, cells, or hot spots found by the same rule; treated areas among them are left out. Empty: cells as"
            " large as the middle treated area, where there was an incident."), optional=True))
        self.addParameter(p.flag(self.AS_GIVEN, tr("Take all of these as given"), False, tr(
            "They are the comparison areas; balance and rings are made, nothing is chosen.")))
        self.addParameter(p.integer(self.EACH, tr("Comparison areas for each treated area"), 1, tr(
            "With more than 1 weigh the counts later (WEIGHTING by area)."), minimum=1, maximum=20))
        self.addParameter(p.number(self.CALIPER, tr("Farthest apart, in standard deviations"), None, tr(
            "Pairs that differ by more in level, trend or another number are not made; 0.25 to 0.5 is careful. Empty:"
            " the most alike, however unlike."), minimum=0.01, optional=True))
        self.addParameter(p.distance(self.EXCLUSION, tr("Least distance from a treated area"), None, tr(
            "Metres between a treated area and one to compare with. Empty: twice the ring."), optional=True))
        self.addParameter(p.advanced(p.field(self.MATCH_FIELDS, tr("Also alike in"), self.INPUT, tr(
            "Number fields that both layers have, e.g. residents or premises."), optional=True, multiple=True)))
        self.addParameter(p.advanced(p.choice(self.UNMATCHED, tr("Treated areas without one that is alike"), [
            tr("Take no part (empty role)"), tr("Stay treated")], 0, tr(
                "Only where CALIPER or a lack of areas leaves one without."))))
        self.addParameter(p.areas(self.OTHER, tr("Other treatments"), tr(
            "Areas where something else is done, or was: neither rings nor comparison areas lie there."),
            optional=True))
        self.addParameter(p.distance(self.OTHER_BUFFER, tr("Reach of other treatments"), None, tr(
            "Metres around them that are left out too. Empty: as wide as the ring."), optional=True))

    def _rings(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.distance(self.RING_DISTANCE, tr("Width of the rings"), 150.0, tr(
            "Metres; one or two blocks (100 to 150) are usual. 0: no rings. Try 100 and 300 too.")))
        self.addParameter(p.lines(self.STREETS, tr("Streets"), tr(
            "With streets the rings reach as far as one can walk. Empty: straight distance."), optional=True))
        self.addParameter(p.advanced(p.number(self.STREET_DEPTH, tr("Ground on each side of a street"), 30.0, tr(
            "Metres that belong to a street, for rings along streets."), minimum=1.0, maximum=500.0)))

    def _planned(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.text(self.OUTCOME, tr("Outcome"), "", tr(
            "What will be counted, e.g. 'theft from vehicles recorded by the police'; for the plan."), optional=True))
        self.addParameter(p.number(self.AFTER_MONTHS, tr("Months that will be counted after"), None, tr(
            "For the plan. Empty: as long as the time before."), minimum=0.1, optional=True))
        self.addParameter(p.choice(self.TEST, tr("How it will be judged"), [
            tr("Weighted displacement difference"), tr("Difference in differences"), tr("Synthetic control"),
            tr("Interrupted time series")], 0, tr("Which estimate will be the answer; written into the plan.")))
        self.addParameter(p.output_file(self.PLAN_OUT, tr("Plan"), tr(
            "File with areas, periods, outcome and test, and the time at which it was written. A plan is never"
            " replaced."), tr("JSON files (*.json)")))

    def _numbers(self) -> None:
        tr = self.tr
        for name, text, help in (
            ("TREATED", tr("Treated areas"), tr("Those that take part.")),
            ("CONTROL", tr("Comparison areas"), tr("Those taken, or given.")),
            ("WITHOUT_PARTNER", tr("Without one that is alike"), tr("Treated areas without a comparison area.")),
            ("TREATED_RINGS", tr("Rings around treated areas"), tr("That have ground left.")),
            ("CONTROL_RINGS", tr("Rings around comparison areas"), tr("That have ground left.")),
            ("CANDIDATE_COUNT", tr("Areas to compare with"), tr("All that were looked at.")),
            ("USABLE", tr("Of these usable"), tr("Not left out for any reason.")),
            ("SMD_LEVEL_ALL", tr("Difference in level to all"), tr("Standardised mean difference before the choice.")),
            ("SMD_LEVEL", tr("Difference in level"), tr("Standardised mean difference to those taken.")),
            ("SMD_TREND_ALL", tr("Difference in trend to all"), tr("Standardised mean difference before the choice.")),
            ("SMD_TREND", tr("Difference in trend"), tr("Standardised mean difference to those taken.")),
            ("SMD_WORST", tr("Largest difference"), tr("Of all that they were matched on, without its sign.")),
            ("TREATED_PAST", tr("Incidents in treated areas"), tr("Before the start.")),
            ("CONTROL_PAST", tr("Incidents in comparison areas"), tr("Before the start.")),
            ("RING_CUT", tr("Cut out of the rings"), tr("Share of the ground around treated areas, 0 to 1.")),
            ("CHANCE_SHARE", tr("Share that is chance"), tr(
                "Of the differences in level between areas to compare with, 0 to 1.")),
            ("SAME_RULE", tr("Chosen by the same rule"), tr(
                "1 if the comparison areas were chosen for their many incidents as the treated, 0 if not, or empty.")),
        ):
            self.add_number(name, text, help)
        for name, text, help in (
            ("CHOSEN_BY", tr("How the treated areas were chosen"), tr("count, not by incidents, or not known.")),
            ("CHOSEN_FROM", tr("Days of choice, first"), tr("Empty where there are none.")),
            ("CHOSEN_TO", tr("Days of choice, last"), tr("Empty where there are none.")),
            ("SUMMARY", tr("Sentence to read out"), tr("Who is compared with whom, and how alike they were.")),
        ):
            self.add_text(name, text, help)

    def execute(self, run) -> dict:
        from . import evaluationareas_match as matching  # they import scipy
        from . import evaluationareas_read as reading
        from . import evaluationareas_report as reports
        from . import evaluationareas_words as told

        data = reading.read(run)
        result = matching.choose(run, data)
        words = told.Words(run, data, result)
        summary = run.tell(words)
        found = matching.layer(data, result)
        run.write_polygons(self.OUTPUT, found.shapes, found.columns, self._style(words))
        if run.wants(self.SCREENED):
            run.write_polygons(self.SCREENED, *matching.screened(data, result, words.states()))
        matching.write_plan(run, data, found.codes)
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, reports.build(run, data, result, words))
        return {**words.numbers(), "SUMMARY": summary}

    def _style(self, words) -> styling.Style:
        from ...analysis.evaluation.design import ROLES

        looks = (("#b35806", "solid"), ("#2166ac", "solid"), ("#b35806", "f_diagonal"), ("#2166ac", "b_diagonal"))
        return styling.patterns(
            self.tr("Role in the evaluation"), fields.ROLE,
            [(role, *look, name) for role, look, name in zip(ROLES, looks, words.roles())],
            ("#7f7f7f", "cross", self.tr("Takes no part")),
            text=f"CASE WHEN \"{fields.AROUND_ID}\" IS NULL THEN \"{fields.PAIR_ID}\" END")
