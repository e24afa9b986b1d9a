"""Survey results: weighted shares and means by area and group, who did not answer, and who was not heard."""

from __future__ import annotations

from typing import Any

from .. import groups, parameters
from ..base import HotspotAlgorithm
from . import surveysummary_help


class SurveySummary(HotspotAlgorithm):
    """Survey results."""

    NAME, GROUP = "surveysummary", groups.COMMUNITY
    INPUT, QUESTIONS, SCALE, MISSING_CODES, SHARE_OF = "INPUT", "QUESTIONS", "SCALE", "MISSING_CODES", "SHARE_OF"
    GROUP_FIELDS, PERIOD, INVITED = "GROUP_FIELDS", "PERIOD", "INVITED"
    RESPONDED_FIELD, RESPONSE_CELLS = "RESPONDED_FIELD", "RESPONSE_CELLS"
    WEIGHT_FIELD, STRATUM_FIELD, CLUSTER_FIELD = "WEIGHT_FIELD", "STRATUM_FIELD", "CLUSTER_FIELD"
    AREAS, AREA_NAME, AREA_FIELD = "AREAS", "AREA_NAME", "AREA_FIELD"
    POPULATION, POPULATION_FIELD, GROUP_COUNTS = "POPULATION", "POPULATION_FIELD", "GROUP_COUNTS"
    MARGINS, RAKE, TRIM, COMPARE = "MARGINS", "RAKE", "TRIM", "COMPARE"
    PUBLIC, MIN_PUBLIC, MIN_INTERNAL = "PUBLIC", "MIN_PUBLIC", "MIN_INTERNAL"
    OUTPUT, TABLE, WEIGHTS, REPORT = "OUTPUT", "TABLE", "WEIGHTS", "REPORT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Survey results")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Weighted shares and means by area and group with intervals, and who was not heard.")

    def tags(self) -> list:
        return self.tr("community survey,questionnaire,satisfaction,fear of crime,likert,weights,raking,post-"
                       "stratification,design effect,effective sample,non-response,confidence interval,trust,"
                       "perception").split(",")

    def about(self) -> str:
        return surveysummary_help.about(self.tr)

    def declare(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.any_source(self.INPUT, tr("Survey"), tr(
            "One row for each respondent: points, or a table. Rows without a place count for the whole.")))
        self.addParameter(p.field(self.QUESTIONS, tr("Questions"), self.INPUT, tr(
            "Fields with the answers. The layer of areas and the numbers are of the first one."), kind="any",
            multiple=True))
        self.addParameter(p.text(self.SCALE, tr("Scale"), "1-5", tr(
            "What can be answered: 1-5, or labels from low to high (Never; Sometimes; Often), or codes with labels"
            " (1 = Own; 2 = Rent). A line 'field: scale' for a question with another one."), multiline=True))
        self.addParameter(p.text(self.MISSING_CODES, tr("Codes of no answer"), "", tr(
            "Values that mean no answer, separated by semicolons: 9 = don't know; 99. A line 'field: codes' for one"
            " question or group. Values outside the scale that are not named here stop the run and are listed."),
            optional=True, multiline=True))
        self.addParameter(p.text(self.SHARE_OF, tr("Answers that the share is of"), "", tr(
            "Codes or labels, separated by semicolons; a line 'field: answers' for one question. Empty: all above the"
            " middle of the scale."), optional=True, multiline=True))
        self.addParameter(p.field(self.GROUP_FIELDS, tr("Groups"), self.INPUT, tr(
            "Fields such as age class, language or tenure: results and non-response are told by them."), kind="any",
            optional=True, multiple=True))
        self.addParameter(p.areas(self.AREAS, tr("Areas"), tr(
            "Polygons, such as districts or beats, by which results are told."), optional=True))
        self.addParameter(p.field(self.AREA_NAME, tr("Name of the areas"), self.AREAS, tr(
            "Field that names the areas. Empty: area_name or name, else the number of the row."), kind="any",
            optional=True))
        self.addParameter(p.field(self.AREA_FIELD, tr("Area in the survey"), self.INPUT, tr(
            "Field of the survey with the name of the respondent's area. Empty: the place of the respondent decides."),
            kind="any", optional=True))
        self.addParameter(p.field(self.WEIGHT_FIELD, tr("Weight field"), self.INPUT, tr(
            "How many people a respondent stands for. Empty: all the same, or raked to what is known."),
            optional=True))
        self.addParameter(p.areas_or_points(self.POPULATION, tr("Population"), tr(
            "Blocks or areas with residents, to see who was not heard and to weight to; each counts for the area at"
            " its middle."), optional=True))
        self.addParameter(p.field(self.POPULATION_FIELD, tr("Residents"), self.POPULATION, tr(
            "Field with the number of residents, best of the ages that were asked."), optional=True))
        self.addParameter(p.text(self.GROUP_COUNTS, tr("Residents by group"), "", tr(
            "Which fields of the population hold which class, one group a line: age: 18-34 = pop_young; 35+ ="
            " pop_old."), optional=True, multiline=True))
        self.addParameter(p.any_source(self.MARGINS, tr("Margins to weight to"), tr(
            "Table with the columns variable (name of a group field, or area), value and population (people or"
            " share)."), optional=True))
        self.addParameter(p.choice(self.RAKE, tr("Weight to the population"), [
            tr("If the survey has no weights"), tr("Always, starting from the weights of the survey"), tr("Never")], 0,
            tr("Whether the respondents are raked to the population layer. Margins of the table are always used.")))
        self.addParameter(p.text(self.PERIOD, tr("When the survey was held"), "", tr(
            "For the sentences, such as 'autumn 2018'."), optional=True))
        self._expert()
        area = p.output_polygons(self.OUTPUT, tr("Survey results by area"), tr(
            "The areas with the first question; only where AREAS is given."), optional=True)
        table = p.output_table(self.TABLE, tr("Survey results, table"), tr(
            "A row for each question, area or class, and measure: mean, share, and each answer."), optional=True)
        for made in (area, table):
            made.setCreateByDefault(True)
            self.addParameter(made)
        self.addParameter(p.output_like_input(self.WEIGHTS, tr("Survey with weights (internal)"), tr(
            "The rows of the survey with base_wt and svy_weight."), optional=True))
        self.addParameter(p.report())
        self._numbers()

    def _expert(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.advanced(p.field(self.STRATUM_FIELD, tr("Stratum field"), self.INPUT, tr(
            "Strata within which the sample was drawn."), kind="any", optional=True)))
        self.addParameter(p.advanced(p.field(self.CLUSTER_FIELD, tr("Cluster field"), self.INPUT, tr(
            "Primary sampling unit, such as the block or household that was drawn; people of one cluster think more"
            " alike, and intervals allow for it."), kind="any", optional=True)))
        self.addParameter(p.advanced(p.field(self.RESPONDED_FIELD, tr("Took part"), self.INPUT, tr(
            "Where the table has a row for everybody who was asked: the field that says who took part (no, 0 or empty:"
            " did not). Response rates are told by group, and those who took part stand for the others of their"
            " cell."), kind="any", optional=True)))
        self.addParameter(p.advanced(p.field(self.RESPONSE_CELLS, tr("Response cells"), self.INPUT, tr(
            "Fields, known of everybody who was asked, within which those who took part stand for the others. Empty:"
            " the strata, or all together."), kind="any", optional=True, multiple=True)))
        self.addParameter(p.advanced(p.integer(self.INVITED, tr("People asked to take part"), None, tr(
            "For the response rate, where they are not in the table."), minimum=1, optional=True)))
        self.addParameter(p.advanced(p.number(self.TRIM, tr("Largest weight"), 5.0, tr(
            "Of raking, as a multiple of the mean weight; 0 for no limit. A limit keeps one person from standing for"
            " many and leaves a gap to the margins, which is told."), minimum=0.0)))
        self.addParameter(p.advanced(p.choice(self.COMPARE, tr("What is compared"), [tr("Shares"), tr("Means")], 0, tr(
            "Whether areas and groups are called above or below the others by their share or by their mean."))))
        self.addParameter(p.flag(self.PUBLIC, tr("For the public"), False, tr(
            "Withhold small numbers as for publication.")))
        for name, text, help, key, least in (
            (self.MIN_PUBLIC, tr("Fewest answers for the public"),
             tr("Answers under which nothing is told in results for the public."), "min_public", "10"),
            (self.MIN_INTERNAL, tr("Fewest answers inside the agency"),
             tr("Answers under which nothing is told in internal results."), "min_internal", "5"),
        ):
            number = p.integer(name, text, None, help, minimum=1, optional=True)
            self.addParameter(p.advanced(p.from_agency(number, key, least)))

    def _numbers(self) -> None:
        tr, add = self.tr, self.add_number
        add("RESPONDENTS", tr("Respondents"), tr("Rows of the survey that count."))
        add("ANSWERS", tr("Answers"), tr("Respondents who answered the first question."))
        add("NO_ANSWER_SHARE", tr("Share without an answer"), tr("Of the first question, 0 to 1, without weights."))
        add("SHARE", tr("Share"), tr("Weighted share of the answers of SHARE_OF, first question, 0 to 1."))
        add("SHARE_LOW", tr("Share, lower end"), tr("Lower end of its 95 % interval."))
        add("SHARE_HIGH", tr("Share, upper end"), tr("Upper end of its 95 % interval."))
        add("MEAN", tr("Mean"), tr("Weighted mean of the first question."))
        add("MEAN_LOW", tr("Mean, lower end"), tr("Lower end of its 95 % interval."))
        add("MEAN_HIGH", tr("Mean, upper end"), tr("Upper end of its 95 % interval."))
        add("DESIGN_EFFECT", tr("Design effect"), tr("Of SHARE: variance over that of a simple random sample."))
        add("EFFECTIVE_SAMPLE", tr("Effective sample"), tr("Answers of a simple random sample that say as much."))
        add("WEIGHT_EFFECT", tr("Design effect of the weights"), tr("The part of it by unequal weights (Kish)."))
        add("ABOVE_COUNT", tr("Areas above the others"), tr("By the first question, beyond chance."))
        add("BELOW_COUNT", tr("Areas below the others"), tr("By the first question, beyond chance."))
        add("TOO_FEW_COUNT", tr("Areas with too few answers"), tr("Areas of which the first question tells nothing."))
        add("UNHEARD_COUNT", tr("Groups heard too little"), tr(
            "Areas and classes with fewer respondents than their part of the population would give, beyond chance;"
            " empty without a population."))
        self.add_text("SUMMARY", tr("Result in sentences"), tr("Shares and means with intervals, areas that differ,"
                                                               " and who was not heard; can be read out."))

    def execute(self, run: Any) -> dict:
        from ...analysis.community import surveysummary as analysis
        from . import surveysummary_read as reading
        from . import surveysummary_report as reporting
        from . import surveysummary_words as wording

        data, by_mean = reading.read(run), run.choice(self.COMPARE) == 1
        results, parts = [], len(data.questions)
        for i, question in enumerate(data.questions):
            stage = run.stage(0.32 + 0.5 * i / parts, 0.32 + 0.5 * (i + 1) / parts)
            results.append(analysis.summarise(question, data.design, data.plain, data.groups, data.least, data.public,
                                              by_mean, stage))
        words = wording.Words(data, results, by_mean)
        summary = run.tell(words)
        mapped = data.areas is not None and run.wants(self.OUTPUT)
        if mapped:
            run.write_areas(self.OUTPUT, data.areas, words.area_columns(), reporting.style(by_mean))
        run.write_table(self.TABLE, words.table())
        if run.wants(self.WEIGHTS):
            run.copy_rows(self.WEIGHTS, self.INPUT, words.weight_columns())
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, reporting.build(run, words, mapped))
        return {**words.numbers(), "SUMMARY": summary}
