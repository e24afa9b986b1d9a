"""Synthetic control: what the treated areas would have had, from a weighted mean of comparison areas."""

from __future__ import annotations

from .. import groups, parameters
from ..base import HotspotAlgorithm
from . import design_parameters, syntheticcontrol_help


class SyntheticControl(HotspotAlgorithm):
    """Synthetic control."""

    NAME, GROUP = "syntheticcontrol", groups.EVALUATION
    INPUT, ROLE_FIELD, NAME_FIELD = "INPUT", "ROLE_FIELD", "NAME_FIELD"
    INCIDENTS, DATE_FIELD = "INCIDENTS", "DATE_FIELD"
    START, FULL_FROM, UNIT, FROM, UNTIL, DAY_START = "START", "FULL_FROM", "UNIT", "FROM", "UNTIL", "DAY_START"
    SERIES_FIELDS, FIRST_AFTER, SELECTED_ON = "SERIES_FIELDS", "FIRST_AFTER", "SELECTED_ON"
    METHOD, DONORS, DRAWS, SEED, NOTES = "METHOD", "DONORS", "DRAWS", "SEED", "NOTES"
    OUTPUT, SERIES, REPORT = "OUTPUT", "SERIES", "REPORT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Synthetic control")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("What treated areas would have had, from comparison areas that together went like them before.")

    def tags(self) -> list:
        return self.tr("abadie,placebo,counterfactual,donor pool,rmspe,comparison,case study,evaluation,"
                       "effect,before after").split(",")

    def about(self) -> str:
        return syntheticcontrol_help.about(self.tr)

    def declare(self) -> None:
        p, tr = parameters, self.tr
        design_parameters.panel(self)
        design_parameters.selected_on(self)
        self.addParameter(p.choice(self.METHOD, tr("How the weights are found"), [
            tr("With the noise of the counts allowed for"), tr("As published: the nearest fit before the start")],
            0, tr("With many comparison areas and a short time before, the nearest fit follows the noise of the counts"
                  " and foretells nothing. The first choice spreads the weights so far as their noise asks for.")))
        self.addParameter(p.advanced(p.integer(self.DONORS, tr("Comparison areas at most"), 200, tr(
            "Where there are more, as many are drawn at random (SEED), so that none is chosen for its likeness."),
            minimum=2, maximum=1000)))
        self.addParameter(p.advanced(p.integer(self.DRAWS, tr("Placebos at most"), 999, tr(
            "Groups of comparison areas that are looked at as if something had been done there."),
            minimum=19, maximum=9999)))
        self.addParameter(p.seed())
        self.addParameter(p.text(self.NOTES, tr("What else changed"), "", tr(
            "Other measures, closures, new systems or rules of recording. Printed in the report and added to the"
            " sentence."), optional=True, multiline=True))
        self.addParameter(p.output_table(self.OUTPUT, tr("Weights of the comparison areas"), tr(
            "One row for each comparison area with its weight and its counts.")))
        self.addParameter(p.output_table(self.SERIES, tr("Series"), tr(
            "One row for each unit of time: treated, synthetic, gap, and the range of the placebos."), optional=True))
        self.addParameter(p.report())
        self._numbers()

    def _numbers(self) -> None:
        tr = self.tr
        for name, text, help in (
            ("TREATED", tr("Treated areas"), tr("Areas with the role treated.")),
            ("DONORS_USED", tr("Comparison areas"), tr("Comparison areas that could get a weight.")),
            ("WEIGHTED", tr("With a weight"), tr("Comparison areas with a weight of 1 % or more.")),
            ("UNITS_BEFORE", tr("Units before"), tr("Units of time before the start.")),
            ("UNITS_AFTER", tr("Units after"), tr("Units of time after the start.")),
            ("EXPECTED", tr("Expected after"), tr(
                "Incidents in all treated areas after the start, had they gone on like the synthetic one.")),
            ("OBSERVED", tr("Recorded after"), tr("Incidents in all treated areas after the start.")),
            ("EFFECT", tr("Difference"), tr("Recorded less expected, in all treated areas and units after the start.")),
            ("LOW", tr("Difference, lower end"), tr("Lower end of its 95 % interval by placebos; empty if unbounded.")),
            ("HIGH", tr("Difference, upper end"), tr("Upper end of its 95 % interval; empty if unbounded.")),
            ("PERC", tr("Difference in per cent"), tr("Of the expected.")),
            ("PERC_LOW", tr("Per cent, lower end"), tr("LOW in per cent of the expected.")),
            ("PERC_HIGH", tr("Per cent, upper end"), tr("HIGH in per cent of the expected.")),
            ("P_VALUE", tr("Probability by chance"), tr(
                "Share of placebos, the treated one counted, whose gap after the start is as large, over what was"
                " missed before.")),
            ("P_RATIO", tr("Probability by chance, RMSPE ratio"), tr(
                "The same for the ratio of RMSPE after to before, as published.")),
            ("FIT", tr("Fit before"), tr(
                "What was missed before the start (RMSPE) over the mean of the treated; above 0.25 nothing should be"
                " read off.")),
            ("PLACEBOS", tr("Placebos"), tr("Placebos computed.")),
        ):
            self.add_number(name, text, help)
        self.add_text("SUMMARY", tr("Sentence to read out"), tr("The result in sentences."))

    def execute(self, run) -> dict:
        from . import syntheticcontrol_read as reading
        from . import syntheticcontrol_report as reporting
        from . import syntheticcontrol_words as wording

        data = reading.read(run)
        result = reading.compare(run, data)
        words = wording.Words(data, result)
        summary = run.tell(words)
        run.write_table(self.OUTPUT, words.weights())
        if run.wants(self.SERIES):
            run.write_table(self.SERIES, words.series())
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, reporting.build(run, data, result, words))
        return {**words.numbers(), "SUMMARY": summary}
