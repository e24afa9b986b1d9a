"""Interrupted time series: did a series of counts change in level or slope when something began?"""

from __future__ import annotations

from .. import groups, parameters
from ..base import HotspotAlgorithm
from . import design_parameters, interruptedseries_help


class InterruptedSeries(HotspotAlgorithm):
    """Interrupted time series."""

    NAME, GROUP = "interruptedseries", groups.EVALUATION
    INPUT, ROLE_FIELD, NAME_FIELD = "INPUT", "ROLE_FIELD", "NAME_FIELD"
    INCIDENTS, DATE_FIELD, DAY_START = "INCIDENTS", "DATE_FIELD", "DAY_START"
    START, FULL_FROM, UNIT, FROM, UNTIL = "START", "FULL_FROM", "UNIT", "FROM", "UNTIL"
    SERIES_FIELDS, FIRST_AFTER, IN_YEAR = "SERIES_FIELDS", "FIRST_AFTER", "IN_YEAR"
    SEASON, SELECTED_ON, NOTES = "SEASON", "SELECTED_ON", "NOTES"
    PLAN, OUTPUT, REPORT = "PLAN", "OUTPUT", "REPORT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Interrupted time series")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Whether a series changed in level or slope when something began, season and comparison areas"
                       " allowed for.")

    def tags(self) -> list:
        return self.tr("ITS,interrupted time series,segmented regression,level,slope,season,autocorrelation,Newey-West,"
                       "evaluation,before after,impact,effect,counterfactual").split(",")

    def about(self) -> str:
        return interruptedseries_help.about(self.tr)

    def declare(self) -> None:
        p, tr = parameters, self.tr
        design_parameters.panel(self)
        self.addParameter(p.integer(self.IN_YEAR, tr("Fields in a year"), None, tr(
            "For counts in fields: how many make a year (12 for months), so that the season can be allowed for. Empty:"
            " it is not."), minimum=4, maximum=53, optional=True))
        self.addParameter(p.choice(self.SEASON, tr("Season"), [
            tr("As many waves a year as the data can tell"), tr("None")], 0, tr(
                "Two years make one wave, three years two.")))
        design_parameters.selected_on(self)
        self.addParameter(p.advanced(p.file(self.PLAN, tr("Plan"), tr(
            "File that 'Smallest detectable change' wrote before: the report then says what was planned before the"
            " results and what was chosen after."), tr("JSON files (*.json)"), optional=True)))
        self.addParameter(p.text(self.NOTES, tr("What else changed"), "", tr(
            "Other measures, closures, new systems or rules of recording at the time. Printed in the report and added"
            " to the sentence."), optional=True, multiline=True))
        self.addParameter(p.output_table(self.OUTPUT, tr("Series"), tr(
            "One row for each unit of time: counted, fitted, to be expected without the measure with its 95 % band, and"
            " the residual.")))
        self.addParameter(p.report())
        self._numbers()

    def _numbers(self) -> None:
        tr = self.tr
        for name, text, help in (
            ("EFFECT", tr("Effect in per cent"), tr("Whole time after against what was to be expected.")),
            ("LOW", tr("Lower end"), tr("Lower end of the 95 % interval of EFFECT.")),
            ("HIGH", tr("Upper end"), tr("Upper end of the 95 % interval of EFFECT.")),
            ("P_VALUE", tr("Probability by chance"), tr("Two-sided p-value of EFFECT.")),
            ("PREVENTED", tr("Incidents fewer"), tr("Than expected in the whole time after; below 0 more.")),
            ("PREVENTED_LOW", tr("Incidents fewer, lower end"), tr("Lower end of its 95 % interval.")),
            ("PREVENTED_HIGH", tr("Incidents fewer, upper end"), tr("Upper end of its 95 % interval.")),
            ("LEVEL", tr("Change of the level"), tr("At the start, in per cent.")),
            ("LEVEL_LOW", tr("Change of the level, lower end"), tr("Lower end of its 95 % interval.")),
            ("LEVEL_HIGH", tr("Change of the level, upper end"), tr("Upper end of its 95 % interval.")),
            ("LEVEL_P", tr("Change of the level, p"), tr("Two-sided p-value.")),
            ("SLOPE", tr("Change of the slope"), tr("For each unit of time after the start, in per cent.")),
            ("SLOPE_LOW", tr("Change of the slope, lower end"), tr("Lower end of its 95 % interval.")),
            ("SLOPE_HIGH", tr("Change of the slope, upper end"), tr("Upper end of its 95 % interval.")),
            ("SLOPE_P", tr("Change of the slope, p"), tr("Two-sided p-value.")),
            ("COUNTED", tr("Incidents after"), tr("Counted in the treated areas after the start.")),
            ("UNITS_BEFORE", tr("Units before"), tr("Units of time before the start.")),
            ("UNITS_AFTER", tr("Units after"), tr("Units of time after the start.")),
            ("WAVES", tr("Waves of the season"), tr("How many waves a year were allowed for.")),
            ("OVERDISPERSION", tr("Overdispersion"), tr("How many times more counts vary than Poisson's.")),
            ("CORRELATION", tr("Correlation of neighbours"), tr("Of the residuals, as the interval assumes.")),
            ("DURBIN_WATSON", tr("Durbin-Watson statistic"), tr("About 2 where neighbours do not hang together.")),
            ("LJUNG_BOX_P", tr("Ljung-Box test, p"), tr("That residuals are not correlated over several lags.")),
        ):
            self.add_number(name, text, help)
        self.add_text("SUMMARY", tr("Sentence to read out"), tr(
            "The effect with its interval, or that none is shown and what could have been."))

    def execute(self, run) -> dict:
        from . import interruptedseries_read as reading  # they import scipy
        from . import interruptedseries_report as reporting
        from . import interruptedseries_words as wording

        data = reading.read(run)
        found = reading.fit(run, data)
        words = wording.Words(data, found)
        run.info(data.planned)
        summary = run.tell(words)
        run.write_table(self.OUTPUT, words.columns())
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, reporting.build(run, data, found, words))
        return {**words.numbers(), "SUMMARY": summary}
