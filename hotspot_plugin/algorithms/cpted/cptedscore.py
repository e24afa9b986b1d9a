"""Score CPTED: how well places are designed against crime, in numbers that can be checked."""

from __future__ import annotations

from typing import Any

from .. import groups, parameters
from ..base import HotspotAlgorithm
from .cptedscore_help import about


class CptedScore(HotspotAlgorithm):
    """Score CPTED."""

    NAME, GROUP = "cptedscore", groups.CPTED
    INPUT, NAME_FIELD, LAYERS, LAYER_NAMES = "INPUT", "NAME_FIELD", "LAYERS", "LAYER_NAMES"
    PROFILE, PROFILE_FILE, COPY = "PROFILE", "PROFILE_FILE", "COPY"
    WEIGHTS, PAIRS, ALLOW_INCONSISTENT = "WEIGHTS", "PAIRS", "ALLOW_INCONSISTENT"
    AGGREGATION, FLOOR, MIN_MEASURED = "AGGREGATION", "FLOOR", "MIN_MEASURED"
    DOUBT, DRAWS, SEED = "DOUBT", "DRAWS", "SEED"
    OUTPUT, INDICATORS, REPORT = "OUTPUT", "INDICATORS", "REPORT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Score CPTED")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Scores places from 0 to 100 by principle and overall, with what was measured and what was not.")

    def tags(self) -> list:
        return self.tr("cpted,crime prevention through environmental design,score,index,checklist,natural"
                       " surveillance,access control,territoriality,maintenance,activity support,ahp,weights,"
                       "multi-criteria,profile,indicator").split(",")

    def about(self) -> str:
        return about(self.tr)

    def declare(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.any_source(self.INPUT, tr("Places"), tr(
            "Street segments, grid cells, parcels, hot spots or points. Their own fields can be indicators too.")))
        self.addParameter(p.choice(self.PROFILE, tr("Profile"), [
            tr("A file of my own"), tr("Residential street"), tr("Shopping street"), tr("Park"), tr("Car park"),
            tr("Transit stop")], 1, tr(
            "Which indicators speak for which principle, on which scale. Choose by what the places are.")))
        self.addParameter(p.file(self.PROFILE_FILE, tr("Profile file"), tr(
            "CSV file with the columns principle, indicator, layer, measure, field, filter, distance, low, high,"
            " weight, evidence and note. To begin, save a copy of a profile that comes with the plugin (COPY)."),
            tr("Text tables (*.csv *.tsv *.txt)"), optional=True))
        self.addParameter(p.several_layers(self.LAYERS, tr("Layers"), tr(
            "The layers that the profile asks for, such as lights, graffiti or trees. A layer is taken for the one"
            " that it is named like; indicators of layers that are not given are missing, and told.")))
        self.addParameter(p.text(self.LAYER_NAMES, tr("Names of the layers"), "", tr(
            "Where your layers are named otherwise than in the profile: lights = street_lights_2024; graffiti ="
            " service_requests."), optional=True, multiline=True))
        self.addParameter(p.field(self.NAME_FIELD, tr("Name of the places"), self.INPUT, tr(
            "Field that names the places in the report. Empty: name, if there is one, else their number."), "any",
            True))
        self.addParameter(p.choice(self.WEIGHTS, tr("Weights of the principles"), [
            tr("As in the profile"), tr("All equal"), tr("By pairwise comparison (AHP)")], 0, tr(
            "How much each principle counts in the overall score.")))
        self._advanced()
        self.addParameter(p.output_like_input(self.OUTPUT, tr("Scored places"), tr(
            "The places with score, score_cl, s_surv, s_acc, s_terr, s_main, s_act, weakest, meas_sh, audit_sh, n_miss,"
            " need_rank, need_low, need_high and low10_sh.")))
        self.addParameter(p.output_table(self.INDICATORS, tr("Indicators"), tr(
            "A row for each place and indicator: value, anchors, points, weight and evidence, so that each score can"
            " be followed by hand."), optional=True))
        self.addParameter(p.output_file(self.COPY, tr("Copy of the profile"), tr(
            "Saves the profile used as a CSV file, to be changed and shared."), tr("Text tables (*.csv)")))
        self.addParameter(p.report())
        self._numbers()

    def _advanced(self) -> None:
        p, tr = parameters, self.tr
        for parameter in (
            p.text(self.PAIRS, tr("Pairwise comparisons"), "", tr(
                "How many times as important one principle is as another, one line for each pair: maintenance :"
                " access_control = 3."), optional=True, multiline=True),
            p.flag(self.ALLOW_INCONSISTENT, tr("Go on with comparisons that contradict one another"), False, tr(
                "Go on although the consistency ratio is above 0.10.")),
            p.choice(self.AGGREGATION, tr("Mean"), [
                tr("Arithmetic: strengths make up for weaknesses"), tr("Geometric: a weakness weighs more")], 0, tr(
                "How indicators make a principle, and principles the score.")),
            p.number(self.FLOOR, tr("Floor of the geometric mean"), 1.0, tr(
                "Points that a lower value is taken for, so that one zero does not wipe out all else."), 0.01, 50.0),
            p.number(self.MIN_MEASURED, tr("Least share measured"), 0.6, tr(
                "Share of the weights (0 to 1) that must be measured or audited; a place with less is not scored."),
                0.01, 1.0),
            p.choice(self.DOUBT, tr("Doubt about the weights"), [
                tr("Each weight up to a quarter more or less"), tr("Any weights at all"), tr("None")], 0, tr(
                "What the rank interval allows for.")),
            p.integer(self.DRAWS, tr("Draws of weights"), 500, tr("Draws for the rank interval."), 100, 10_000),
            p.seed(),
        ):
            self.addParameter(p.advanced(parameter))

    def _numbers(self) -> None:
        tr = self.tr
        for name, text, help in (
            ("PLACES", tr("Number of places"), tr("Places that were read.")),
            ("SCORED", tr("Places scored"), tr("Places of which enough was measured.")),
            ("NOT_SCORED", tr("Places not scored"), tr("Places of which too little was measured.")),
            ("MEAN_SCORE", tr("Mean score"), tr("Of the places scored, 0 to 100.")),
            ("WEAK", tr("Weak places"), tr("Places with a score below 40.")),
            ("MEASURED_SHARE", tr("Share measured"), tr(
                "Mean share (0 to 1) of the weights that was measured or audited.")),
            ("MISSING_INDICATORS", tr("Indicators missing everywhere"), tr(
                "Indicators of the profile that could not be measured at any place.")),
            ("CONSISTENCY", tr("Consistency ratio"), tr("Of the pairwise comparisons; none without them.")),
        ):
            self.add_number(name, text, help)
        self.add_text("WEAKEST", tr("Weakest principle"), tr("The principle with the lowest mean score."))
        self.add_text("SUMMARY", tr("Summary"), tr("A sentence to read out."))

    def execute(self, run: Any) -> dict:
        from . import cptedscore_read as reading
        from . import cptedscore_report as reporting
        from .cptedscore_words import Words

        data = reading.read(run)
        result = reading.score(run, data)
        words = Words(data, result)
        summary = run.tell(words)
        run.write_areas(self.OUTPUT, data.units, words.columns(), style=reporting.style())
        if run.wants(self.INDICATORS):
            run.write_table(self.INDICATORS, words.long_table())
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, reporting.build(run, words))
        return {**words.numbers(), "SUMMARY": summary}
