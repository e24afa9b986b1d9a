"""Perceptions before and after: two waves of a survey, treated against comparison areas."""

from __future__ import annotations

from typing import Any

from .. import groups, parameters
from ..base import HotspotAlgorithm
from . import surveychange_help


class SurveyChange(HotspotAlgorithm):
    """Perceptions before and after."""

    NAME, GROUP = "surveychange", groups.EVALUATION
    INPUT, WAVE_FIELD, BEFORE, AFTER, AFTER_INPUT = "INPUT", "WAVE_FIELD", "BEFORE", "AFTER", "AFTER_INPUT"
    QUESTIONS, SCALE, MISSING_CODES, SHARE_OF = "QUESTIONS", "SCALE", "MISSING_CODES", "SHARE_OF"
    ROLE_FIELD, AREA_FIELD, TREATED = "ROLE_FIELD", "AREA_FIELD", "TREATED"
    AREAS, AREA_NAME, AREA_ROLE = "AREAS", "AREA_NAME", "AREA_ROLE"
    GROUP_FIELDS, MARGINS, RAKE, TRIM = "GROUP_FIELDS", "MARGINS", "RAKE", "TRIM"
    WEIGHT_FIELD, STRATUM_FIELD, CLUSTER_FIELD = "WEIGHT_FIELD", "STRATUM_FIELD", "CLUSTER_FIELD"
    PERSON_FIELD, COMPARE, NOTES = "PERSON_FIELD", "COMPARE", "NOTES"
    PUBLIC, MIN_PUBLIC, MIN_INTERNAL = "PUBLIC", "MIN_PUBLIC", "MIN_INTERNAL"
    OUTPUT, REPORT = "OUTPUT", "REPORT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Perceptions before and after")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Whether answers changed more in treated areas than in comparison areas, by two waves of a"
                       " survey.")

    def tags(self) -> list:
        return self.tr("survey,perception,fear of crime,safety,confidence,trust,satisfaction,before after,waves,panel,"
                       "difference in differences,evaluation,weights,raking,effect,impact,community").split(",")

    def about(self) -> str:
        return surveychange_help.about(self.tr)

    def declare(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.any_source(self.INPUT, tr("Survey"), tr(
            "One row for each respondent and wave: points, or a table. Both waves, or the earlier one where the later"
            " has a layer of its own.")))
        self.addParameter(p.field(self.WAVE_FIELD, tr("Wave field"), self.INPUT, tr(
            "Which wave a row belongs to, such as before and after, or a year."), kind="any", optional=True))
        self.addParameter(p.text(self.BEFORE, tr("Values of the earlier wave"), "", tr(
            "Values of the wave field, separated by semicolons. Empty: found where there are two values whose order is"
            " plain."), optional=True))
        self.addParameter(p.text(self.AFTER, tr("Values of the later wave"), "", tr(
            "Values of the wave field, separated by semicolons."), optional=True))
        self.addParameter(p.any_source(self.AFTER_INPUT, tr("Survey of the later wave"), tr(
            "Where it has a layer of its own, with the same fields."), optional=True))
        self.addParameter(p.field(self.QUESTIONS, tr("Questions"), self.INPUT, tr(
            "Fields with the answers. The numbers are of the first one."), kind="any", multiple=True))
        self.addParameter(p.text(self.SCALE, tr("Scale"), "1-5", tr(
            "What can be answered: 1-5, or labels from low to high (Never; Sometimes; Often), or codes with labels"
            " (1 = Unsafe; 2 = Safe). A line 'field: scale' for a question with another one."), multiline=True))
        self.addParameter(p.text(self.MISSING_CODES, tr("Codes of no answer"), "", tr(
            "Values that mean no answer, separated by semicolons: 9 = don't know; 99. A line 'field: codes' for one"
            " question or group. Values outside the scale that are not named here stop the run and are listed."),
            optional=True, multiline=True))
        self.addParameter(p.text(self.SHARE_OF, tr("Answers that the share is of"), "", tr(
            "Codes or labels, separated by semicolons, such as those of who feels safe or is worried; a line 'field:"
            " answers' for one question. Empty: all above the middle of the scale."), optional=True, multiline=True))
        self._roles()
        self.addParameter(p.field(self.GROUP_FIELDS, tr("Groups"), self.INPUT, tr(
            "Fields such as age class, language or tenure: whether other people answered in the second wave is told by"
            " them, and mended by weighting if asked for."), kind="any", optional=True, multiple=True))
        self.addParameter(p.field(self.WEIGHT_FIELD, tr("Weight field"), self.INPUT, tr(
            "How many people a respondent stands for in the wave. Empty: all the same."), optional=True))
        self.addParameter(p.field(self.PERSON_FIELD, tr("Person"), self.INPUT, tr(
            "Where the same people were asked twice (a panel): the field that names them. Only who answered a question"
            " in both waves counts for it."), kind="any", optional=True))
        self._expert()
        self.addParameter(p.text(self.NOTES, tr("What else changed"), "", tr(
            "Other measures, news, another mode of asking, other wording. Printed in the report and added to the"
            " sentence."), optional=True, multiline=True))
        self.addParameter(p.output_table(self.OUTPUT, tr("Changes"), tr(
            "For each question, mean and share: the effect, the changes of the treated and the comparison areas, and"
            " both intervals; then who did not answer, and who answered.")))
        self.addParameter(p.report())
        self._numbers()

    def _roles(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.field(self.ROLE_FIELD, tr("Role field"), self.INPUT, tr(
            "Field of the survey that says whether the respondent lives in a treated or a comparison (control) area."),
            kind="any", optional=True))
        self.addParameter(p.field(self.AREA_FIELD, tr("Area in the survey"), self.INPUT, tr(
            "Field with the name of the respondent's area. Areas tell how far opinions drift apart by themselves, so"
            " give it wherever there is one."), kind="any", optional=True))
        self.addParameter(p.text(self.TREATED, tr("Treated areas"), "", tr(
            "Names of the treated areas in the area field, separated by semicolons; all others are comparison areas."
            " Instead of a role."), optional=True))
        self.addParameter(p.areas(self.AREAS, tr("Areas with roles"), tr(
            "Polygons with the role of each area, such as those of 'Evaluation areas'. The respondents are matched by"
            " the area field, else by their place."), optional=True))
        self.addParameter(p.field(self.AREA_NAME, tr("Name of the areas"), self.AREAS, tr(
            "Field that names the areas. Empty: name, cell_id, zone_id or rank if there is one."), kind="any",
            optional=True))
        self.addParameter(p.field(self.AREA_ROLE, tr("Role of the areas"), self.AREAS, tr(
            "treated or control. Empty: role."), kind="any", optional=True))

    def _expert(self) -> None:
        p, tr = parameters, self.tr
        for parameter in (
            p.field(self.STRATUM_FIELD, tr("Stratum field"), self.INPUT, tr(
                "Strata within which the sample was drawn."), kind="any", optional=True),
            p.field(self.CLUSTER_FIELD, tr("Cluster field"), self.INPUT, tr(
                "Primary sampling unit, such as the block or household that was drawn. Clusters that were asked in both"
                " waves must have the same name in both."), kind="any", optional=True),
            p.any_source(self.MARGINS, tr("Margins to weight to"), tr(
                "Table with the columns variable (name of a group field), value and population (people or share): both"
                " waves are raked to it, each by itself."), optional=True),
            p.choice(self.RAKE, tr("Weight the waves alike"), [
                tr("Only to the margins, where they are given"),
                tr("The second wave to who answered in the first, in each role")], 0, tr(
                "Whether the groups get the same weight in both waves, so that other people answering is no change of"
                " opinion. The second choice needs groups and no margins.")),
            p.number(self.TRIM, tr("Largest weight"), 5.0, tr(
                "Of raking, as a multiple of the mean weight; 0 for no limit."), minimum=0.0),
            p.choice(self.COMPARE, tr("What is said first"), [tr("Shares"), tr("Means")], 0, tr(
                "Whether the sentence and the charts are about shares or means. The table has both.")),
        ):
            self.addParameter(p.advanced(parameter))
        self.addParameter(p.flag(self.PUBLIC, tr("For the public"), False, tr(
            "Withhold small numbers as for publication.")))
        for name, text, help, key, least in (
            (self.MIN_PUBLIC, tr("Fewest answers for the public"),
             tr("Answers in each wave and role under which nothing is told in results for the public."), "min_public",
             "10"),
            (self.MIN_INTERNAL, tr("Fewest answers inside the agency"),
             tr("Answers in each wave and role under which nothing is told in internal results."), "min_internal", "5"),
        ):
            number = p.integer(name, text, None, help, minimum=1, optional=True)
            self.addParameter(p.advanced(p.from_agency(number, key, least)))

    def _numbers(self) -> None:
        tr = self.tr
        for name, text, help in (
            ("EFFECT", tr("Effect"), tr("Change of the treated less that of the comparison areas, first question, in"
                                        " percentage points (shares) or marks (means); without comparison areas the"
                                        " change alone.")),
            ("LOW", tr("Lower end"), tr("Lower end of the 95 % interval of EFFECT.")),
            ("HIGH", tr("Upper end"), tr("Upper end of the 95 % interval of EFFECT.")),
            ("P_VALUE", tr("Probability by chance"), tr("Two-sided p-value of EFFECT.")),
            ("Q_VALUE", tr("The same among all questions"), tr("P_VALUE after allowing for the number of questions.")),
            ("SE", tr("Standard error"), tr("Of EFFECT, in its unit.")),
            ("SIZE", tr("Standardised size"), tr("Cohen's d (means) or difference of h (shares).")),
            ("DETECTABLE", tr("Smallest effect that would show"), tr(
                "In 8 of 10 such surveys, in the unit of EFFECT; empty where not even the largest would.")),
            ("TREATED_BEFORE", tr("Treated areas before"), tr("Per cent (shares) or mean.")),
            ("TREATED_AFTER", tr("Treated areas after"), tr("Per cent (shares) or mean.")),
            ("CONTROL_BEFORE", tr("Comparison areas before"), tr("Per cent (shares) or mean.")),
            ("CONTROL_AFTER", tr("Comparison areas after"), tr("Per cent (shares) or mean.")),
            ("TREATED_CHANGE", tr("Change of the treated areas"), tr("In the unit of EFFECT.")),
            ("CONTROL_CHANGE", tr("Change of the comparison areas"), tr("In the unit of EFFECT.")),
            ("MEAN_EFFECT", tr("Effect on the mean"), tr("In marks, first question, whatever is said first.")),
            ("ANSWERS", tr("Answers"), tr("To the first question that count, both waves and roles.")),
            ("RESPONDENTS", tr("Rows that count"), tr("Of both waves, in treated and comparison areas.")),
            ("LEFT_OUT", tr("Rows left out"), tr("Of another wave or no role, without a weight or person.")),
            ("AREAS_TREATED", tr("Treated areas known"), tr("0 where no areas are known.")),
            ("AREAS_CONTROL", tr("Comparison areas known"), tr("0 where no areas are known.")),
            ("NO_ANSWER_P", tr("Non-response, p"), tr("That the share without an answer to the first question changed"
                                                      " alike in both roles.")),
            ("CLEAR_COUNT", tr("Questions with an effect"), tr("Beyond chance, allowing for the number of questions.")),
            ("TOO_FEW_COUNT", tr("Questions with too few answers"), tr("Of which nothing is told.")),
        ):
            self.add_number(name, text, help)
        self.add_text("SUMMARY", tr("Result in sentences"), tr(
            "The effect with its interval, or that none is shown and what could have been; can be read out."))

    def execute(self, run: Any) -> dict:
        from . import surveychange_estimate as estimating  # they import scipy
        from . import surveychange_read as reading
        from . import surveychange_report as reporting
        from . import surveychange_words as wording

        data = reading.read(run)
        result = estimating.estimate(run, data)
        words = wording.Words(data, result, run.choice(self.COMPARE) == 1)
        summary = run.tell(words)
        run.write_table(self.OUTPUT, words.table())
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, reporting.build(run, words))
        return {**words.numbers(), "SUMMARY": summary}
