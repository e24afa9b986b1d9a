"""One report of a whole evaluation: its results side by side, what was planned, what was done, what could be wrong."""

from __future__ import annotations

from .. import groups, parameters
from ..base import HotspotAlgorithm
from . import design_parameters, evaluationreport_help


class EvaluationReport(HotspotAlgorithm):
    """Evaluation report."""

    NAME, GROUP = "evaluationreport", groups.EVALUATION
    QUESTION, MEASURE, DECISION, DOUBTS = "QUESTION", "MEASURE", "DECISION", "DOUBTS"
    RESULTS, RECORDS, PLACES, PLAN = "RESULTS", "RECORDS", "PLACES", "PLAN"
    INPUT, ROLE_FIELD = "INPUT", "ROLE_FIELD"
    REGISTER, PROBLEM, DOSE, COST, PARTICIPATION = "REGISTER", "PROBLEM", "DOSE", "COST", "PARTICIPATION"
    OUTPUT, REPORT, NUMBERS = "OUTPUT", "REPORT", "NUMBERS"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Evaluation report")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("All results of an evaluation in one report: do they agree, what was planned, what did it cost.")

    def tags(self) -> list:
        return self.tr("evaluation,report,council,summary,agreement,robustness,accountability,decision,json,"
                       "plain language").split(",")

    def about(self) -> str:
        return evaluationreport_help.about(self.tr)

    def declare(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.text(self.QUESTION, tr("Question"), "", tr(
            "What the evaluation asks, e.g. 'Did the new lamps reduce thefts from vehicles in the three car parks?'")))
        self.addParameter(p.several_layers(self.RESULTS, tr("Results"), tr(
            "Layers and tables that the tools of the evaluation wrote; each carries its record.")))
        self.addParameter(p.flag(self.PLACES, tr("The results are of different places"), False, tr(
            "Then the results of 'Difference in differences' are pooled (random effects), and the report says whether"
            " places differ by more than chance. The places must share no areas.")))
        self.addParameter(p.file(self.PLAN, tr("Plan"), tr(
            "File that was written before the results: the report says what was planned before and what was chosen"
            " after."), tr("JSON files (*.json)"), optional=True))
        self.addParameter(p.areas(self.INPUT, tr("Areas with their role"), tr(
            "For the map: treated areas, comparison areas, and those around both."), optional=True))
        design_parameters.role_field(self, self.INPUT)
        self.addParameter(p.text(self.MEASURE, tr("What was done"), "", tr(
            "The measure in a sentence, e.g. 'Twelve new lamps in three car parks'."), optional=True))
        self.addParameter(p.text(self.DOSE, tr("Dose delivered"), "", tr(
            "How much was really done, e.g. '312 of 400 planned patrols of 15 minutes'."), optional=True))
        self.addParameter(p.text(self.COST, tr("Cost"), "", tr("What it cost and who paid."), optional=True))
        self.addParameter(p.text(self.PARTICIPATION, tr("Participation of residents"), "", tr(
            "One a line: what = before > after, or what = number. E.g. Meetings held = 4 > 12."), optional=True,
            multiline=True))
        self.addParameter(p.file(self.REGISTER, tr("Problem register"), tr(
            "File of 'Problem register': deliveries, costs, meetings and answers are taken from it."),
            tr("GeoPackage files (*.gpkg)"), optional=True))
        self.addParameter(p.text(self.PROBLEM, tr("Problem of the register"), "", tr(
            "Its title. Empty: the only one there."), optional=True))
        self.addParameter(p.text(self.DECISION, tr("Decision that it feeds"), "", tr(
            "What is to be decided, by whom and when."), optional=True, multiline=True))
        self.addParameter(p.text(self.DOUBTS, tr("What else could be wrong"), "", tr(
            "One a line: other measures, closures, changes of recording."), optional=True, multiline=True))
        self.addParameter(p.advanced(p.text(self.RECORDS, tr("Records"), "", tr(
            "Texts PROVENANCE of tools, or files of them, one a line: in models, or for results without a layer."),
            optional=True, multiline=True)))
        self.addParameter(p.output_table(self.OUTPUT, tr("Changes side by side"), tr(
            "One row for each result that states a change, with its interval and whether it counts.")))
        self.addParameter(p.report(tr("Report as a web page (HTML) that prints on A4, with map, chart, tables.")))
        self.addParameter(p.output_file(self.NUMBERS, tr("Numbers of the report"), tr(
            "All of it for machines (JSON). Empty: beside the report, under its name."), tr("JSON files (*.json)")))
        self._numbers()

    def _numbers(self) -> None:
        tr = self.tr
        for name, text, help in (
            ("RESULT_COUNT", tr("Results"), tr("Results gathered, each once.")),
            ("DESIGN_COUNT", tr("Designs that count"), tr("Those with a comparison that can be read.")),
            ("CLEAR_COUNT", tr("Beyond chance"), tr("Designs whose 95 % interval leaves out no change.")),
            ("LEAST", tr("Lowest estimate"), tr("In per cent of what was to be expected.")),
            ("MOST", tr("Highest estimate"), tr("In per cent of what was to be expected.")),
            ("COMMON_LOW", tr("Fits all designs, from"), tr("Lowest change that all intervals hold, in per cent.")),
            ("COMMON_HIGH", tr("Fits all designs, to"), tr("Highest change that all intervals hold, in per cent.")),
            ("POOLED", tr("Places together"), tr("Pooled change in per cent; empty unless places are pooled.")),
            ("POOLED_LOW", tr("Places together, lower end"), tr("Lower end of its 95 % interval.")),
            ("POOLED_HIGH", tr("Places together, upper end"), tr("Upper end of its 95 % interval.")),
            ("HETEROGENEITY", tr("Difference between places"), tr(
                "Share (0 to 1) of the variation between places that is not chance (I squared).")),
            ("PLANNED", tr("As planned"), tr(
                "1 where a design follows a plan written before the start, 0 where none does; empty without a plan.")),
        ):
            self.add_number(name, text, help)
        self.add_text("AGREEMENT", tr("Agreement"), tr("all, some, none (beyond chance), contradict, one or nothing."))
        self.add_text("PLAIN", tr("In plain words"), tr("The paragraph for those who read no numbers."))
        self.add_text("SUMMARY", tr("Sentence to read out"), tr("What the designs find and whether they agree."))

    def execute(self, run) -> dict:
        from . import evaluationreport_read as reading
        from . import evaluationreport_report as reports
        from . import evaluationreport_words as told

        data = reading.read(run)
        words = told.Words(data)
        summary = run.tell(words)
        run.write_table(self.OUTPUT, words.columns())
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, reports.build(run, data, words))
        reports.write_json(run, data, words)
        return {**words.numbers(), "PLAIN": words.plain(), "SUMMARY": summary}
