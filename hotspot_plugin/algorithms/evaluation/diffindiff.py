"""Difference in differences of counts: did treated areas change by another ratio than comparison areas?"""

from __future__ import annotations

from ...layers import fields, styling
from .. import groups, parameters
from ..base import HotspotAlgorithm
from . import design_parameters, diffindiff_help


class DiffInDiff(HotspotAlgorithm):
    """Difference in differences."""

    NAME, GROUP = "diffindiff", groups.EVALUATION
    INPUT, ROLE_FIELD, NAME_FIELD = "INPUT", "ROLE_FIELD", "NAME_FIELD"
    INCIDENTS, DATE_FIELD, DAY_START = "INCIDENTS", "DATE_FIELD", "DAY_START"
    START, FULL_FROM, UNIT, FROM, UNTIL = "START", "FULL_FROM", "UNIT", "FROM", "UNTIL"
    SERIES_FIELDS, FIRST_AFTER = "SERIES_FIELDS", "FIRST_AFTER"
    SELECTED_ON, DOSE_FIELD, PLACEBOS, SEED, NOTES = "SELECTED_ON", "DOSE_FIELD", "PLACEBOS", "SEED", "NOTES"
    PLAN, OUTPUT, AREAS, REPORT = "PLAN", "OUTPUT", "AREAS", "REPORT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Difference in differences")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("By how many per cent treated areas changed more than comparison areas, and whether both went"
                       " the same way before.")

    def tags(self) -> list:
        return self.tr("DiD,difference in differences,parallel trends,event study,placebo,quasi-Poisson,control,"
                       "evaluation,before after,impact,effect,incidence rate ratio,IRR,dose").split(",")

    def about(self) -> str:
        return diffindiff_help.about(self.tr)

    def declare(self) -> None:
        p, tr = parameters, self.tr
        design_parameters.panel(self)
        design_parameters.selected_on(self)
        self.addParameter(p.field(self.DOSE_FIELD, tr("How much was done"), self.INPUT, tr(
            "Hours, visits or another dose of the measure in each area, 0 where nothing was done. Adds the change for"
            " each unit of dose."), optional=True))
        self.addParameter(p.advanced(p.integer(self.PLACEBOS, tr("Placebos in space"), 999, tr(
            "How often comparison areas are called treated at random, to see what they show."),
            minimum=99, maximum=99_999)))
        self.addParameter(p.seed())
        self.addParameter(p.advanced(p.file(self.PLAN, tr("Plan"), tr(
            "File that 'Smallest detectable change' wrote before: the report then says what was planned before the"
            " results and what was chosen after."), tr("JSON files (*.json)"), optional=True)))
        self.addParameter(p.text(self.NOTES, tr("What else changed"), "", tr(
            "Other measures, closures, new systems or rules of recording at the time. Printed in the report and added"
            " to the sentence."), optional=True, multiline=True))
        self.addParameter(p.output_table(self.OUTPUT, tr("Effect and checks"), tr(
            "One row for the effect, for other intervals of it, for each check before, for each step through time and"
            " for each area.")))
        self.addParameter(p.output_polygons(self.AREAS, tr("Areas with their change"), tr(
            "The areas with their counts before and after, what was to be expected, and their own change against the"
            " comparison areas."), optional=True))
        self.addParameter(p.report())
        self._numbers()

    def _numbers(self) -> None:
        tr = self.tr
        for name, text, help in (
            ("EFFECT", tr("Effect in per cent"), tr(
                "Change of the treated areas against the comparison areas; below 0 fewer.")),
            ("LOW", tr("Lower end"), tr("Lower end of the 95 % interval of EFFECT.")),
            ("HIGH", tr("Upper end"), tr("Upper end of the 95 % interval of EFFECT.")),
            ("P_VALUE", tr("Probability by chance"), tr("Two-sided p-value of EFFECT.")),
            ("LOG_RATIO", tr("Effect as a logarithm"), tr("Log of the ratio of ratios, for a meta-analysis.")),
            ("SE", tr("Standard error"), tr("Of LOG_RATIO, by how differently areas changed.")),
            ("AS_COUNTED", tr("Effect as counted"), tr("EFFECT without regard to regression to the mean.")),
            ("PREVENTED", tr("Incidents fewer"), tr("Than expected from the comparison areas; below 0 more.")),
            ("PREVENTED_LOW", tr("Incidents fewer, lower end"), tr("Lower end of its 95 % interval.")),
            ("PREVENTED_HIGH", tr("Incidents fewer, upper end"), tr("Upper end of its 95 % interval.")),
            ("TREATED_BEFORE", tr("Treated areas before"), tr("Incidents in these areas before the start.")),
            ("TREATED_AFTER", tr("Treated areas after"), tr("Incidents in these areas after the start.")),
            ("CONTROL_BEFORE", tr("Comparison areas before"), tr("Incidents in these areas before the start.")),
            ("CONTROL_AFTER", tr("Comparison areas after"), tr("Incidents in these areas after the start.")),
            ("OVERDISPERSION", tr("Overdispersion"), tr("How many times more EFFECT varies than Poisson counts do.")),
            ("DETECTABLE", tr("Smallest fall that would show"), tr(
                "In per cent, found in 8 of 10 cases; empty where not even a fall to one incident is.")),
            ("TREND", tr("Difference of the trends before"), tr(
                "Of treated against comparison areas in per cent a year (a unit, with counts in fields).")),
            ("TREND_P", tr("Difference of the trends before, p"), tr("Two-sided p-value.")),
            ("TREND_MISSED", tr("Difference of trends that would be missed"), tr(
                "In per cent a year; smaller ones would be found in less than 8 of 10 cases.")),
            ("UNITS_P", tr("Units before alike, p"), tr("p-value of the F test that all units before are alike.")),
            ("FAKE_P", tr("Placebo in time, p"), tr("p-value of the 'effect' of a start in the middle of the before.")),
            ("PLACEBO_P", tr("Placebo in space, p"), tr("Share of placebos at least as far from none.")),
            ("PLACEBO_COUNT", tr("Placebos in space"), tr("0 where too few areas are there.")),
            ("AROUND", tr("Around the treated areas"), tr("Effect in per cent in the displacement areas.")),
            ("AROUND_P", tr("Around the treated areas, p"), tr("Two-sided p-value.")),
            ("DOSE", tr("Change for a unit of dose"), tr("In per cent, among all areas.")),
            ("DOSE_LOW", tr("Change for a unit of dose, lower end"), tr("Lower end of its 95 % interval.")),
            ("DOSE_HIGH", tr("Change for a unit of dose, upper end"), tr("Upper end of its 95 % interval.")),
            ("DOSE_P", tr("Change for a unit of dose, p"), tr("Two-sided p-value.")),
        ):
            self.add_number(name, text, help)
        self.add_text("SUMMARY", tr("Sentence to read out"), tr(
            "The effect with its interval, or that none is shown and what could have been."))

    def execute(self, run) -> dict:
        from . import diffindiff_read as reading  # they import scipy
        from . import diffindiff_report as reporting
        from . import diffindiff_words as wording

        data = reading.read(run)
        result = reading.estimate(run, data)
        words = wording.Words(data, result)
        run.info(data.planned)
        summary = run.tell(words)
        run.write_table(self.OUTPUT, words.rows())
        if data.source.areas is not None:
            run.write_areas(self.AREAS, data.source.areas, words.columns(), self._style())
        elif run.wants(self.AREAS):
            run.info(self.tr("The areas are a table without geometry: AREAS is not written."))
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, reporting.build(run, data, result, words))
        return {**words.numbers(), "SUMMARY": summary}

    def _style(self) -> styling.Style:
        from ...analysis.evaluation.design import CONTROL, CONTROL_DISPLACEMENT, TREATED, TREATED_DISPLACEMENT

        tr = self.tr
        roles = ((TREATED, "#d55e00", tr("Treated")), (CONTROL, "#0072b2", tr("Comparison")),
                 (TREATED_DISPLACEMENT, "#e69f00", tr("Around the treated")),
                 (CONTROL_DISPLACEMENT, "#56b4e9", tr("Around the comparison")))
        return styling.categories(
            tr("Role in the evaluation"), fields.ROLE, roles, other=("#ffffff", tr("No role")),
            text=f"CASE WHEN \"{fields.ROLE}\" = '{TREATED}' THEN round(\"{fields.DID_PCT}\") || ' %' END")
