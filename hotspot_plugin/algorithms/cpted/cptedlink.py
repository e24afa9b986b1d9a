"""Relate crime to environment: whether incidents go with the CPTED scores, without a claim of cause."""

from __future__ import annotations

from typing import Any

from .. import groups, parameters
from ..base import HotspotAlgorithm


class CptedLink(HotspotAlgorithm):
    """Relate crime to environment (regression)."""

    NAME, GROUP = "cptedlink", groups.CPTED
    INPUT, INCIDENTS, TYPE_FIELD, DATE_FIELD = "INPUT", "INCIDENTS", "TYPE_FIELD", "DATE_FIELD"
    EXPOSURE, EXPOSURE_FIELD, CONTROLS, DISTANCE = "EXPOSURE", "EXPOSURE_FIELD", "CONTROLS", "DISTANCE"
    MIN_COUNT, NEIGHBOURS, PERMUTATIONS, SEED = "MIN_COUNT", "NEIGHBOURS", "PERMUTATIONS", "SEED"
    NAME_FIELD, OUTPUT, MODELS_OUT, REPORT = "NAME_FIELD", "OUTPUT", "MODELS_OUT", "REPORT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Relate crime to environment (regression)")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Whether incidents go with the CPTED scores, by principle, type, day and night; no claim of"
                       " cause.")

    def tags(self) -> list:
        return self.tr("cpted,regression,poisson,negative binomial,rate ratio,risk factors,risk terrain,correlation,"
                       "environment,moran,spatial autocorrelation,glm").split(",")

    def about(self) -> str:
        from ...analysis.patrol.response import DARK_HOURS

        return self.tr(
            "<p>Do places that score better have fewer incidents? One model of the incidents per place on the scores of"
            " all principles at once, for all incidents, by type, by day and by night; each principle with a rate ratio"
            " for 10 points more, the other principles alike, and its interval.</p>"
            "<p><b>Model.</b> Counts with an exposure: incidents per kilometre of street, per square kilometre, per"
            " place, or per a field such as people. Poisson; where counts vary more than Poisson's (likelihood ratio, p"
            " below 0.05) negative binomial (NB2, overdispersion by profile likelihood). A principle takes part"
            " where it is measured at 80 % of the places; places without all values are left out and counted.</p>"
            "<p><b>Checks.</b> Variance inflation tells whether principles can be told apart. Moran's I of the"
            " residuals (permutation, one-sided, among the NEIGHBOURS nearest places) tells whether something that"
            " neighbours share is missing; where p is below 0.05 the intervals are the wider of the model's and of a"
            " spatial sandwich (Conley 1999) over the same neighbours, and a warning says so. q allows for all"
            " principles and models looked at (Benjamini and Hochberg).</p>"
            "<p><b>Incidents.</b> Each counts at one place; what officers found themselves (proactive) is left out,"
            " because it goes with where they are. By day and by night ({start} to {end} o'clock) with a known time of"
            " day only.</p>"
            "<p><b>Fields.</b> n, exposure, in_model, exp_n (expected), resid by place; the table of models has a row"
            " for each model and principle: rr, rr_low, rr_high, rr_sd, rr_p, rr_q, vif, model, alpha, moran_i,"
            " moran_p, widened.</p>"
            "<p><b>What this cannot say.</b> Going together is no effect. What is not in the model (shops, people"
            " about, income, policing) may be what goes with crime: give CONTROLS. Recorded crime depends on who"
            " reports, and reports of disorder are part of some scores. Places are not people. This tool never feeds"
            " 'CPTED measures and budget'; effects come from evaluations.</p>").format(
                start=DARK_HOURS[0], end=DARK_HOURS[1])

    def declare(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.shapes(self.INPUT, tr("Scored places"), tr("Places that 'Score CPTED' has scored.")))
        self.addParameter(p.points(self.INCIDENTS, tr("Incidents"), tr("A point for each incident.")))
        self.addParameter(p.field(self.TYPE_FIELD, tr("Type field"), self.INCIDENTS, tr(
            "Type of the incident; each common one gets a model. Empty: ctype or cgroup of prepared incidents."), "any",
            True))
        self.addParameter(p.field(self.DATE_FIELD, tr("Date field"), self.INCIDENTS, tr(
            "Date and time, for day and night. Empty: dt_from of prepared incidents."), "time", True))
        self.addParameter(p.choice(self.EXPOSURE, tr("Incidents per"), [
            tr("Length of streets, ground of areas; points alike"), tr("A field"), tr("Place")], 0, tr(
                "What makes places comparable: twice the street, twice the incidents to expect.")))
        self.addParameter(p.field(self.EXPOSURE_FIELD, tr("Exposure field"), self.INPUT, tr(
            "Number that incidents are counted per, such as people or addresses."), "number", True))
        self.addParameter(p.field(self.CONTROLS, tr("Controls"), self.INPUT, tr(
            "Numbers that places differ in besides, such as shops, residents or income: the ratios are then those with"
            " these alike."), "number", True, True))
        for parameter in (
            p.field(self.NAME_FIELD, tr("Name of the places"), self.INPUT, tr(
                "Field that names the places. Empty: name, if there is one, else their number."), "any", True),
            p.distance(self.DISTANCE, tr("Distance to a place"), 50.0, tr(
                "Metres within which an incident belongs to the nearest street or point. Areas hold what lies in"
                " them.")),
            p.integer(self.MIN_COUNT, tr("Least incidents of a look"), 50, tr(
                "A type, the day or the night gets a model of its own from so many incidents on."), 10),
            p.integer(self.NEIGHBOURS, tr("Neighbours"), 6, tr(
                "Nearest places that count as neighbours when residuals are checked."), 1, 100),
            p.integer(self.PERMUTATIONS, tr("Permutations"), 999, tr("Random arrangements for Moran's I."), 99, 99_999),
            p.seed(),
        ):
            self.addParameter(p.advanced(parameter))
        self.addParameter(p.output_like_input(self.OUTPUT, tr("Places with residuals"), tr(
            "The places with incidents, what the model expects, and the residual.")))
        self.addParameter(p.output_table(self.MODELS_OUT, tr("Models"), tr(
            "A row for each model and principle."), optional=True))
        self.addParameter(p.report())
        self._numbers()

    def _numbers(self) -> None:
        tr = self.tr
        for name, text, help in (
            ("PLACES", tr("Number of places"), tr("Places that were read.")),
            ("USED", tr("Places in the model"), tr("Places with all that the model needs.")),
            ("INCIDENTS_USED", tr("Incidents in the model"), tr("At these places.")),
            ("MODELS", tr("Models"), tr("Models that could be fitted.")),
            ("RATIO", tr("Rate ratio"), tr(
                "Of the principle that goes most clearly with all incidents, for 10 points more; empty without any.")),
            ("RATIO_LOW", tr("Rate ratio, lower end"), tr("Of the 95 % interval.")),
            ("RATIO_HIGH", tr("Rate ratio, upper end"), tr("Of the 95 % interval.")),
            ("RATIO_Q", tr("Adjusted p-value of the ratio"), tr("The q-value: all looks and principles allowed for.")),
            ("ALPHA", tr("Overdispersion"), tr("Of the model of all incidents; 0 is Poisson.")),
            ("DISPERSION_P", tr("Test against Poisson"), tr("The p-value; below 0.05 the model is negative binomial.")),
            ("JOINT_P", tr("Test of all principles"), tr(
                "The p-value of all together against none of them (likelihood ratio).")),
            ("MORAN_I", tr("Residuals alike in space"), tr(
                "Moran's I of the residuals; above 0 alike among neighbours.")),
            ("MORAN_P", tr("Test of the residuals"), tr("The p-value of Moran's I, one-sided, by permutation.")),
            ("MOST_VIF", tr("Largest variance inflation"), tr("Above 5 principles can hardly be told apart.")),
        ):
            self.add_number(name, text, help)
        self.add_text("STRONGEST", tr("Principle"), tr("That goes most clearly with all incidents; empty if none."))
        self.add_text("SUMMARY", tr("Summary"), tr("Sentences to read out."))

    def execute(self, run: Any) -> dict:
        from . import cptedlink_read as reading
        from . import cptedlink_report as reporting
        from .cptedlink_words import Words

        words = Words(reading.read(run))
        summary = run.tell(words)
        run.write_areas(self.OUTPUT, words.data.units, words.columns(), style=reporting.style())
        if run.wants(self.MODELS_OUT):
            run.write_table(self.MODELS_OUT, words.table())
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, reporting.build(run, words))
        return {**words.numbers(), "SUMMARY": summary}
