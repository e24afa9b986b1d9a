"""Compare crime with community concern: where both are high, where one is, and where too little can be said."""

from __future__ import annotations

from typing import Any

from .. import groups, parameters
from ..base import HotspotAlgorithm
from .concordance_help import about


class Concordance(HotspotAlgorithm):
    """Compare crime with community concern."""

    NAME, GROUP = "concordance", groups.COMMUNITY
    INCIDENTS, FIRST_COUNT, TYPE_FIELD, DATE_FIELD, NAME_FIRST = (
        "INCIDENTS", "FIRST_COUNT", "TYPE_FIELD", "DATE_FIELD", "NAME_FIRST")
    SECOND, SECOND_COUNT, CATEGORY_FIELD, VOICE_FIELD, SECOND_DATE, NAME_SECOND = (
        "SECOND", "SECOND_COUNT", "CATEGORY_FIELD", "VOICE_FIELD", "SECOND_DATE", "NAME_SECOND")
    AREAS, NAME_FIELD, BOUNDARY, CELL_SIZE = "AREAS", "NAME_FIELD", "BOUNDARY", "CELL_SIZE"
    DENOMINATOR, RESIDENTS_FIELD, POPULATION, POPULATION_FIELD, STREETS = (
        "DENOMINATOR", "RESIDENTS_FIELD", "POPULATION", "POPULATION_FIELD", "STREETS")
    PAIRS, ENVIRONMENT, SCORE_FIELD, LOWEST, MEASURED = "PAIRS", "ENVIRONMENT", "SCORE_FIELD", "LOWEST", "MEASURED"
    MIN_VOICES, MIN_POPULATION, BEYOND, PERMUTATIONS, SEED = (
        "MIN_VOICES", "MIN_POPULATION", "BEYOND", "PERMUTATIONS", "SEED")
    OUTPUT, PLACES, PAIRS_OUT, REPORT = "OUTPUT", "PLACES", "PAIRS_OUT", "REPORT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Compare crime with community concern")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Where recorded crime and concern (or any two counted layers) are both high, where one is, and"
                       " where too little can be said.")

    def tags(self) -> list:
        return self.tr("concordance,concern,fear of crime,perception,bivariate map,empirical bayes,crashes,ddacts,"
                       "survey,cpted,agreement,compare layers").split(",")

    def about(self) -> str:
        return about(self.tr)

    def declare(self) -> None:
        self._first()
        self._second()
        self._areas()
        self._rules()
        self._outputs()

    def _first(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.points(self.INCIDENTS, tr("Recorded incidents"), tr(
            "A point for each incident: recorded crime, or any other counted layer such as crashes. Empty: a number"
            " that the areas bring (FIRST_COUNT)."), True))
        self.addParameter(p.shapes(self.SECOND, tr("Reports of concern"), tr(
            "What residents report, or any other counted layer. Where it tells voices (voice_id), residents are counted"
            " and not reports. Empty: a number that the areas bring (SECOND_COUNT)."), True))

    def _second(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.field(self.TYPE_FIELD, tr("Group of crime"), self.INCIDENTS, tr(
            "Field with the group or type of the incident. Empty: cgroup, else ctype, of prepared incidents."), "any",
            True))
        self.addParameter(p.field(self.CATEGORY_FIELD, tr("Category of concern"), self.SECOND, tr(
            "Field with what a report is about. Empty: category, of community input."), "any", True))
        self.addParameter(p.text(self.PAIRS, tr("Which category goes with which groups"), "", tr(
            "A line for each category: 'theft = burglary, theft'. A word means every group that holds it, * all groups,"
            " nothing none. Empty: the table in the help, in which lights, rubbish, traffic and other go with no"
            " crime."), True, True))

    def _areas(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.from_agency(p.areas(self.AREAS, tr("Areas"), tr(
            "Neighbourhoods, beats or cells to compare in."), True), "beats_layer", tr("square cells are made")))
        self.addParameter(p.from_agency(p.field(self.NAME_FIELD, tr("Name of the areas"), self.AREAS, tr(
            "Field that names the areas."), "any", True), "beats_field", tr("name, if there is one, else the number")))
        self.addParameter(p.field(self.FIRST_COUNT, tr("Number of incidents"), self.AREAS, tr(
            "Field of the areas with the number, in place of a layer of incidents."), "number", True))
        self.addParameter(p.field(self.SECOND_COUNT, tr("Number of voices"), self.AREAS, tr(
            "Field of the areas with the number, in place of a layer of reports, such as voices of 'Where people are"
            " worried'. Empty values are too little to say."), "number", True))
        self.addParameter(p.choice(self.DENOMINATOR, tr("Rates per"), [
            tr("What is given: residents, else street, else ground"), tr("Resident"), tr("Kilometre of street"),
            tr("Square kilometre of ground")], 0, tr("What makes areas comparable; the same for both layers.")))
        self.addParameter(p.field(self.RESIDENTS_FIELD, tr("Residents"), self.AREAS, tr(
            "Field of the areas with the number of residents (or of visitors, or addresses)."), "number", True))
        self.addParameter(p.lines(self.STREETS, tr("Streets"), tr("For rates per kilometre of street."), True))
        self.addParameter(p.shapes(self.ENVIRONMENT, tr("CPTED scores"), tr(
            "Streets, places or areas that 'Score CPTED' has scored: where the environment scores low too, it is"
            " said."), True))
        for parameter in (
            p.field(self.SCORE_FIELD, tr("CPTED score"), self.ENVIRONMENT, tr(
                "Field with the score, 0 to 100. Empty: score."), "number", True),
            p.shapes(self.POPULATION, tr("Population"), tr(
                "Census areas or points with residents, where the areas do not bring them (as cells do not)."), True),
            p.field(self.POPULATION_FIELD, tr("Residents of the population layer"), self.POPULATION, tr(
                "Field with the number of residents."), "number", True),
            p.areas(self.BOUNDARY, tr("Study area of the cells"), tr(
                "Where no areas are given: cells are made within it. Empty: where incidents and reports lie."), True),
            p.distance(self.CELL_SIZE, tr("Cell size (0 = automatic)"), 0.0, tr(
                "Side of the square cells where no areas are given. 0 takes the smallest of 250, 500, 1000 and 2000 m"
                " at which a cell has twice MIN_VOICES to expect of the rarer layer.")),
        ):
            self.addParameter(p.advanced(parameter))

    def _rules(self) -> None:
        p, tr = parameters, self.tr
        for parameter in (
            p.field(self.VOICE_FIELD, tr("Voice"), self.SECOND, tr(
                "Field with the token of the resident. Empty: voice_id, of community input."), "any", True),
            p.field(self.DATE_FIELD, tr("Date of the incidents"), self.INCIDENTS, tr(
                "For the period in the sentences. Empty: dt_from of prepared incidents."), "time", True),
            p.field(self.SECOND_DATE, tr("Date of the reports"), self.SECOND, tr(
                "For the period in the sentences. Empty: said_on of community input."), "time", True),
            p.text(self.NAME_FIRST, tr("Name of the first layer"), "", tr(
                "As in sentences and legend, e.g. crashes. Empty: recorded crime, or the layer's name."), True),
            p.text(self.NAME_SECOND, tr("Name of the second layer"), "", tr(
                "As in sentences and legend. Empty: concern, or the layer's name."), True),
            p.from_agency(p.integer(self.MIN_VOICES, tr("Fewest voices or incidents"), None, tr(
                "An area tells something of a layer from so many on, counted or to be expected at the city's rate;"
                " fewer voices are never shown. 5 within the agency, 10 for what leaves it; what could be worked out by"
                " subtracting is not withheld, so publish the map and not the table."), 1, optional=True),
                "min_internal", tr("5")),
            p.number(self.MIN_POPULATION, tr("Least residents"), 100.0, tr(
                "Areas with fewer residents have too little to say."), 0.0),
            p.number(self.BEYOND, tr("Ratio that matters"), 1.5, tr(
                "A layer is said not to be high where the interval stays below so many times the city's rate; where it"
                " reaches from 1 or less to this or more there is too little to say."), 1.05, 10.0),
            p.number(self.LOWEST, tr("Lowest scores (per cent)"), 25.0, tr(
                "The environment scores low in this share of the areas with a score."), 1.0, 50.0),
            p.number(self.MEASURED, tr("Least share with a score (per cent)"), 60.0, tr(
                "Of the length, ground or number of the places of an area."), 0.0, 100.0),
            p.integer(self.PERMUTATIONS, tr("Permutations"), 999, tr("For the overall association."), 99, 99_999),
            p.seed(),
        ):
            self.addParameter(p.advanced(parameter))

    def _outputs(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.output_polygons(self.OUTPUT, tr("Areas compared"), tr(
            "The areas with both rates, their intervals, the class and a sentence; drawn so that it prints in grey.")))
        self.addParameter(p.output_polygons(self.PLACES, tr("Places to talk about"), tr(
            "The areas where at least one layer is high, or worry that no crime is set beside; ranked, with a sentence"
            " each."), optional=True))
        self.addParameter(p.output_table(self.PAIRS_OUT, tr("Pairs by area"), tr(
            "A row for each pair of category and groups and each area."), optional=True))
        self.addParameter(p.report())
        for name, text, help in (
            ("AREA_COUNT", tr("Areas"), tr("Number of areas compared.")),
            ("TOO_LITTLE", tr("Too little to say"), tr("Areas of which nothing can be said.")),
            ("BOTH_HIGH", tr("Both high"), tr("Areas where both rates lie above the city's.")),
            ("SECOND_ONLY", tr("Felt but not recorded"), tr("Areas where the second layer alone is high.")),
            ("FIRST_ONLY", tr("Recorded but not felt"), tr("Areas where the first layer alone is high.")),
            ("BOTH_LOW", tr("Both low"), tr("Areas where neither is high, and enough is known to say so.")),
            ("N_FIRST", tr("Number of the first layer"), tr("Counted in the areas.")),
            ("N_SECOND", tr("Number of the second layer"), tr("Counted in the areas: voices, where they are told.")),
            ("SPREAD_FIRST", tr("Spread of the first rate"), tr(
                "Standard deviation between areas over the mean, chance allowed for; 0 where chance explains all.")),
            ("SPREAD_SECOND", tr("Spread of the second rate"), tr("The same for the second layer.")),
            ("FALSE_FIRST", tr("False highs of the first layer"), tr(
                "How many of its high areas are to be expected not to lie above the city's rate.")),
            ("FALSE_SECOND", tr("False highs of the second layer"), tr("The same for the second layer.")),
            ("RHO", tr("Rank correlation"), tr("Spearman's, of both rates over the areas; empty below ten areas.")),
            ("RHO_LOW", tr("Rank correlation, lower end"), tr("Of the 95 % interval.")),
            ("RHO_HIGH", tr("Rank correlation, upper end"), tr("Of the 95 % interval.")),
            ("RHO_P", tr("Test of the correlation"), tr(
                "The p-value, two-sided, allowing for neighbours that are alike.")),
            ("EFFECTIVE", tr("Effective areas"), tr("How many areas tell as much, were neighbours not alike.")),
            ("OTHER_HIGH", tr("Areas with other worry"), tr(
                "Areas where residents name what no crime is set beside more than elsewhere; empty without any.")),
            ("ENV_LOW", tr("Areas with a low score"), tr("Areas with a low CPTED score; empty without scores.")),
        ):
            self.add_number(name, text, help)
        self.add_text("SUMMARY", tr("Summary"), tr("Sentences to read out."))

    def execute(self, run: Any) -> dict:
        from . import concordance_read as reading
        from . import concordance_report as reporting
        from .concordance_words import Words

        words = Words(reading.read(run), run)
        summary = run.tell(words)
        run.write_areas(self.OUTPUT, words.data.areas, words.columns(), reporting.style(words))
        if run.wants(self.PLACES):
            shapes, columns = words.places()
            run.write_polygons(self.PLACES, shapes, columns, reporting.style(words, numbered=True))
        if run.wants(self.PAIRS_OUT):
            run.write_table(self.PAIRS_OUT, words.pair_rows())
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, reporting.build(run, words))
        return {**words.numbers(), "SUMMARY": summary}
