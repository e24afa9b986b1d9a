"""Smallest detectable change: what the counts, or a survey, could show at all."""

from __future__ import annotations

from .. import groups, parameters
from ..base import HotspotAlgorithm
from . import design_parameters, detectableeffect_help


class DetectableEffect(HotspotAlgorithm):
    """Smallest detectable change (power)."""

    NAME, GROUP = "detectableeffect", groups.EVALUATION
    INPUT, ROLE_FIELD, BEFORE_FIELD = "INPUT", "ROLE_FIELD", "BEFORE_FIELD"
    INCIDENTS, DATE_FIELD, DAY_START = "INCIDENTS", "DATE_FIELD", "DAY_START"
    BEFORE_START, BEFORE_END = "BEFORE_START", "BEFORE_END"
    TREATED_N, CONTROL_N, TREATED_DISP_N, CONTROL_DISP_N = (
        "TREATED_N", "CONTROL_N", "TREATED_DISP_N", "CONTROL_DISP_N")
    BEFORE_MONTHS, AFTER_MONTHS, CONTROL_SIZE = "BEFORE_MONTHS", "AFTER_MONTHS", "CONTROL_SIZE"
    CHANGE, MOVED, ALPHA, POWER, SIDES = "CHANGE", "MOVED", "ALPHA", "POWER", "SIDES"
    OVERDISPERSION = "OVERDISPERSION"
    SHARE_BEFORE, SHARE_AFTER, RESPONDENTS = "SHARE_BEFORE", "SHARE_AFTER", "RESPONDENTS"
    RESPONSE_RATE, CLUSTER, LIKENESS = "RESPONSE_RATE", "CLUSTER", "LIKENESS"
    DESIGN_EFFECT, PANEL, SURVEY_CONTROL = "DESIGN_EFFECT", "PANEL", "SURVEY_CONTROL"
    AFTER_START, OUTCOME, PLAN_OUT = "AFTER_START", "OUTCOME", "PLAN_OUT"
    OUTPUT, REPORT = "OUTPUT", "REPORT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Smallest detectable change (power)")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("How small a change the counts or a survey could show, and how long or how many areas it takes.")

    def tags(self) -> list:
        return self.tr("power,sample size,minimum detectable effect,MDE,respondents,survey,evaluation,pilot,planning,"
                       "how long").split(",")

    def about(self) -> str:
        return detectableeffect_help.about(self.tr)

    def declare(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.any_source(self.INPUT, tr("Areas with roles"), tr(
            "Treated areas, comparison areas and those around them; with counts in a field a table will do. Empty: the"
            " counts are given as numbers below."), optional=True))
        design_parameters.role_field(self, self.INPUT)
        self.addParameter(p.field(self.BEFORE_FIELD, tr("Counts before"), self.INPUT, tr(
            "Field with the number of incidents before. Empty: INCIDENTS are counted."), optional=True))
        self.addParameter(p.points(self.INCIDENTS, tr("Incidents"), tr(
            "Incidents of the time before, to be counted in the areas."), optional=True))
        self.addParameter(p.field(self.DATE_FIELD, tr("Date field"), self.INCIDENTS, tr(
            "When the incident happened. Empty: dt_from of prepared incidents."), kind="time", optional=True))
        for name, text, help in (
            (self.BEFORE_START, tr("Time before, first day"), tr("Included. Empty: from the first incident.")),
            (self.BEFORE_END, tr("Time before, last day"), tr("Included. Empty: to the last complete day.")),
        ):
            self.addParameter(p.date(name, text, help, optional=True))
        self._numbers_in()
        self._plan()
        self._survey()
        self.addParameter(p.day_start())
        self.addParameter(p.advanced(p.date(self.AFTER_START, tr("First day of the later period"), tr(
            "When the measure starts to be judged; written into the plan."), optional=True)))
        self.addParameter(p.advanced(p.text(self.OUTCOME, tr("Outcome"), "", tr(
            "What will be counted, e.g. 'theft from vehicles recorded by the police'; written into the plan."),
            optional=True)))
        self.addParameter(p.output_file(self.PLAN_OUT, tr("Plan"), tr(
            "File with areas, periods, outcome and test, and the time at which it was written. Give it to the tool that"
            " evaluates: it says what was planned before and what was chosen after. A plan is never replaced."),
            tr("JSON files (*.json)")))
        self.addParameter(p.output_table(self.OUTPUT, tr("Plans"), tr(
            "One row a plan: longer periods, more areas, surveys, each with the smallest change that it would find.")))
        self.addParameter(p.report())
        self._numbers()

    def _numbers_in(self) -> None:
        p, tr = parameters, self.tr
        for name, text in ((self.TREATED_N, tr("Incidents in the treated areas")),
                           (self.CONTROL_N, tr("Incidents in the comparison areas")),
                           (self.TREATED_DISP_N, tr("Incidents around the treated areas")),
                           (self.CONTROL_DISP_N, tr("Incidents around the comparison areas"))):
            self.addParameter(p.integer(name, text, None, tr(
                "Number of incidents before, where there is no layer of areas."), minimum=0, optional=True))
        self.addParameter(p.number(self.BEFORE_MONTHS, tr("Months that the counts are of"), 12.0, tr(
            "For counts in a field and for numbers; of INCIDENTS it is known."), minimum=0.1))

    def _plan(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.number(self.AFTER_MONTHS, tr("Months that will be counted after"), None, tr(
            "Planned length of the later period. Empty: as long as before."), minimum=0.1, optional=True))
        self.addParameter(p.number(self.CHANGE, tr("Fall that is hoped for, in per cent"), 20.0, tr(
            "How likely it is that such a fall would be found, and what it takes to find it."), minimum=0.1,
            maximum=100.0))
        self.addParameter(p.advanced(p.number(self.MOVED, tr("Share that moves next door, in per cent"), 0.0, tr(
            "Of the incidents that the treated areas lose, how many turn up in the displacement areas."), minimum=0.0,
            maximum=100.0)))
        self.addParameter(p.advanced(p.number(self.ALPHA, tr("Level of the test"), 0.05, tr(
            "Probability of finding a change where there is none."), minimum=0.0001, maximum=0.5)))
        self.addParameter(p.advanced(p.number(self.POWER, tr("Power"), 0.8, tr(
            "Probability with which a change shall be found: 0.8 is usual, 0.9 careful."), minimum=0.5,
            maximum=0.999)))
        self.addParameter(p.advanced(p.choice(self.SIDES, tr("Direction"), [
            tr("Both: a rise would be told too"), tr("Only a fall is looked for")], 0, tr(
                "With one direction smaller falls are found, but a rise never. Decide before you see the data."))))
        self.addParameter(p.advanced(p.number(self.OVERDISPERSION, tr("Overdispersion"), None, tr(
            "How many times more the counts vary than by chance. Empty: estimated from INCIDENTS, else 1."),
            minimum=1.0, optional=True)))
        self.addParameter(p.advanced(p.number(self.CONTROL_SIZE, tr("Size of the comparison areas"), 1.0, tr(
            "How many times as large the comparison areas are: their counts will be divided by it."),
            minimum=0.001)))

    def _survey(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.number(self.SHARE_BEFORE, tr("Survey: share who say yes before, in per cent"), None, tr(
            "E.g. who feel safe after dark. Empty: no survey is planned. Without an idea take 50, the worst case."),
            minimum=0.1, maximum=99.9, optional=True))
        self.addParameter(p.number(self.SHARE_AFTER, tr("Survey: share hoped for after, in per cent"), None, tr(
            "Tells how many answers it takes."), minimum=0.1, maximum=99.9, optional=True))
        self.addParameter(p.integer(self.RESPONDENTS, tr("Survey: answers in each wave"), None, tr(
            "Tells which change they would show. With comparison areas: in each of the two."), minimum=2,
            optional=True))
        self.addParameter(p.number(self.RESPONSE_RATE, tr("Survey: who answers, in per cent"), 100.0, tr(
            "Share of those asked who answer, from an earlier survey."), minimum=1.0, maximum=100.0))
        for name, text, default, low, high, help in (
            (self.CLUSTER, tr("Survey: answers from each cluster"), 1.0, 1.0, 100000.0, tr(
                "Where people are asked by block, building or meeting: how many in each. 1: each person by chance.")),
            (self.LIKENESS, tr("Survey: likeness within a cluster"), 0.05, 0.0, 1.0, tr(
                "Intra-cluster correlation of answers; 0.05 is usual for feelings about a neighbourhood.")),
            (self.DESIGN_EFFECT, tr("Survey: design effect of weights"), 1.0, 1.0, 20.0, tr(
                "How many times more answers weights make necessary, as a survey summary tells.")),
            (self.PANEL, tr("Survey: same people again"), 0.0, 0.0, 0.99, tr(
                "Correlation of the two answers of a person who is asked twice; 0 for new people in each wave.")),
        ):
            self.addParameter(p.advanced(p.number(name, text, default, help, minimum=low, maximum=high)))
        self.addParameter(p.advanced(p.flag(self.SURVEY_CONTROL, tr("Survey: comparison areas too"), False, tr(
            "The same survey where nothing is done: the difference of the two changes is judged."))))

    def _numbers(self) -> None:
        tr = self.tr
        for name, text, help in (
            ("FALL", tr("Smallest fall"), tr("Incidents in the treated areas; empty where not even all would show.")),
            ("FALL_PERC", tr("Smallest fall in per cent"), tr("Of what would have happened in the treated areas.")),
            ("RISE", tr("Smallest rise"), tr("Incidents; larger, because more incidents vary more.")),
            ("FALL_ALL", tr("Smallest fall with displacement"), tr(
                "That the difference with the areas around would find; empty without them.")),
            ("FALL_ALL_PERC", tr("Smallest fall with displacement in per cent"), tr(
                "Of what would have happened in the treated areas.")),
            ("POWER_NOW", tr("Power for the fall hoped for"), tr("0 to 1, treated against comparison areas.")),
            ("POWER_ALL", tr("Power with displacement"), tr("0 to 1, for the difference with the areas around.")),
            ("TIMES_NEEDED", tr("Times as many incidents needed"), tr(
                "To find the fall hoped for: so many times as long on both sides, or as many areas.")),
            ("MONTHS_NEEDED", tr("Months needed"), tr("Of each period, where both are made longer.")),
            ("LATER_NEEDED", tr("Months after needed"), tr(
                "Where only the later period is made longer; empty where no waiting helps.")),
            ("OVERDISPERSION_USED", tr("Overdispersion used"), tr("Given, estimated, or 1 where it is assumed.")),
            ("ANSWERS", tr("Answers needed"), tr("In each wave, to find the share hoped for.")),
            ("ASKED", tr("People to ask"), tr("In each wave, for so many answers.")),
            ("SURVEY_CHANGE", tr("Smallest change of a share"), tr(
                "In points of per cent, that the answers given would show as a rise.")),
        ):
            self.add_number(name, text, help)
        self.add_text("SUMMARY", tr("Sentence to read out"), tr(
            "The smallest change that would be found, and what it takes to find the one hoped for."))

    def execute(self, run) -> dict:
        from . import detectableeffect_plan as planning  # they import scipy
        from . import detectableeffect_report as reports
        from . import detectableeffect_words as told

        planning.refuse_old_plan(run)
        data = planning.read(run)
        result = planning.plan(run, data)
        words = told.Words(data, result)
        summary = run.tell(words)
        run.write_table(self.OUTPUT, result.columns(words.kinds()))
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, reports.build(run, data, result, words))
        # a plan is never replaced, so that of a run that stopped would stand in the way of the next
        run.at_the_end(lambda: planning.write_plan(run, data))
        return {**result.numbers(), "SUMMARY": summary}
