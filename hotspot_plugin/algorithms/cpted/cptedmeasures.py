"""CPTED measures and budget: what fits each place, and the set that prevents most within a budget."""

from __future__ import annotations

from typing import Any

from .. import groups, parameters
from ..base import HotspotAlgorithm
from .cptedmeasures_help import about


class CptedMeasures(HotspotAlgorithm):
    """CPTED measures and budget."""

    NAME, GROUP = "cptedmeasures", groups.CPTED
    INPUT, NAME_FIELD, PLACE_KIND, WEAK = "INPUT", "NAME_FIELD", "PLACE_KIND", "WEAK"
    INCIDENTS, TYPE_FIELD, DATE_FIELD, HARM_FIELD = "INCIDENTS", "TYPE_FIELD", "DATE_FIELD", "HARM_FIELD"
    DISTANCE, YEARS, COUNT_FIELDS, EXCLUDE = "DISTANCE", "YEARS", "COUNT_FIELDS", "EXCLUDE"
    BUDGET, COSTS, NEXT, CAUTION = "BUDGET", "COSTS", "NEXT", "CAUTION"
    ALLOW_RESTRICTIVE, CATALOGUE = "ALLOW_RESTRICTIVE", "CATALOGUE"
    EXISTING, EXISTING_FIELD, EXISTING_DISTANCE = "EXISTING", "EXISTING_FIELD", "EXISTING_DISTANCE"
    OUTPUT, PROPOSALS, CATALOGUE_COPY, COSTS_TEMPLATE, REPORT = (
        "OUTPUT", "PROPOSALS", "CATALOGUE_COPY", "COSTS_TEMPLATE", "REPORT")

    def displayName(self) -> str:  # noqa: N802
        return self.tr("CPTED measures and budget")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Measures that fit each place, with reasons and evidence, and the best set within a budget.")

    def tags(self) -> list:
        return self.tr("cpted,measures,interventions,budget,cost,effect,evidence,prevention,optimise,knapsack,lighting,"
                       "cctv,alley gates,greening,what works,situational prevention").split(",")

    def about(self) -> str:
        from ...analysis.cpted.cptedmeasures import MOST_AT_A_PLACE
        from ...analysis.patrol.response import DARK_HOURS

        return about(self.tr).format(start=DARK_HOURS[0], end=DARK_HOURS[1], most=MOST_AT_A_PLACE)

    def declare(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.shapes(self.INPUT, tr("Scored places"), tr("Places that 'Score CPTED' has scored.")))
        self.addParameter(p.choice(self.PLACE_KIND, tr("Kind of place"), [
            tr("Not stated"), tr("Residential streets"), tr("Shopping streets"), tr("Housing estates"), tr("Parks"),
            tr("Car parks"), tr("Transit stops")], 0, tr(
                "Some measures are for certain kinds of place only; they are left out where it is not stated.")))
        self.addParameter(p.points(self.INCIDENTS, tr("Incidents"), tr(
            "Incidents at the places. Best grouped and weighed by 'Group and weigh crime types'. Without, measures are"
            " proposed by weak principles alone."), optional=True))
        self.addParameter(p.field(self.TYPE_FIELD, tr("Type field"), self.INCIDENTS, tr(
            "Type of the incident in words, by which the catalogue knows it. Empty: ctype or cgroup of prepared"
            " incidents."), "any", True))
        self.addParameter(p.field(self.DATE_FIELD, tr("Date field"), self.INCIDENTS, tr(
            "Date and time, for the length of the data and for day and night. Empty: dt_from of prepared incidents."),
            "time", True))
        self.addParameter(p.field(self.HARM_FIELD, tr("Harm field"), self.INCIDENTS, tr(
            "Weight of each incident. Empty: harm of weighed incidents; without it each counts 1."), "number", True))
        self.addParameter(p.number(self.BUDGET, tr("Budget"), None, tr(
            "In the money of your costs. Empty: only proposals, and no choice."), 0.0, optional=True))
        self.addParameter(p.file(self.COSTS, tr("Costs"), tr(
            "Your table with measure, cost_low and cost_high for one unit of each measure. Needed for a budget."),
            tr("Text tables (*.csv *.tsv *.txt)"), optional=True))
        self.addParameter(p.flag(self.ALLOW_RESTRICTIVE, tr("Allow measures that take something away"), False, tr(
            "Gates, closed streets and paths, fences, removed seats. Off: they are neither proposed nor chosen.")))
        self.addParameter(p.shapes(self.EXISTING, tr("Existing measures"), tr(
            "What is there already, with the name of each measure: it is not proposed again near by."), optional=True))
        self.addParameter(p.field(self.EXISTING_FIELD, tr("Measure field"), self.EXISTING, tr(
            "Field with the measure as the catalogue calls it (key, name or family). Empty: measure."), "any", True))
        self._advanced()
        self.addParameter(p.output_like_input(self.OUTPUT, tr("Places with measures"), tr(
            "The places with what is proposed and chosen, its cost and what it prevents.")))
        self.addParameter(p.output_table(self.PROPOSALS, tr("Proposals"), tr(
            "A row for each measure at each place: why, how much, cost, effect with its source, side effects, whom to"
            " ask."), optional=True))
        self.addParameter(p.output_file(self.COSTS_TEMPLATE, tr("Empty table of costs"), tr(
            "Saves a table of all measures and their units for you to fill in."), tr("Text tables (*.csv)")))
        self.addParameter(p.output_file(self.CATALOGUE_COPY, tr("Copy of the catalogue"), tr(
            "Saves the catalogue used as a CSV file, to be changed and shared."), tr("Text tables (*.csv)")))
        self.addParameter(p.report())
        self._numbers()

    def _advanced(self) -> None:
        p, tr = parameters, self.tr
        for parameter in (
            p.field(self.NAME_FIELD, tr("Name of the places"), self.INPUT, tr(
                "Field that names the places. Empty: name, if there is one, else their number."), "any", True),
            p.number(self.WEAK, tr("Weak below"), 60.0, tr(
                "A principle with a lower score (0 to 100) is weak. 60 is where 'good' begins."), 1.0, 100.0),
            p.distance(self.DISTANCE, tr("Distance to a place"), 50.0, tr(
                "Metres within which an incident belongs to the nearest street or point. Areas hold what lies in"
                " them.")),
            p.number(self.YEARS, tr("Years of the data"), None, tr(
                "How many years the incidents were counted. Empty: from their dates."), 0.01, optional=True),
            p.field(self.COUNT_FIELDS, tr("Fields with numbers of incidents"), self.INPUT, tr(
                "Instead of incidents: fields of the places with numbers by type, each named as its type. Hours are"
                " then unknown."), "number", True, True),
            p.text(self.EXCLUDE, tr("Types behind doors"), "domestic; intimate partner; family; child abuse", tr(
                "Words, separated by semicolons: incidents of types that hold one are left out, for what stands in the"
                " street does not prevent them."), optional=True),
            p.choice(self.CAUTION, tr("Basis of the choice"), [
                tr("Careful: lower ends of the effects, upper ends of the costs"), tr("Middle of both")], 0, tr(
                    "What the set is chosen by. Both ends are told in any case.")),
            p.number(self.NEXT, tr("Next amount"), None, tr(
                "More money, of which it is told what it would prevent. Empty: a tenth of the budget."), 0.0,
                optional=True),
            p.file(self.CATALOGUE, tr("Catalogue"), tr(
                "Table of measures. Empty: the one that comes with the plugin."),
                tr("Text tables (*.csv *.tsv *.txt)"), optional=True),
            p.distance(self.EXISTING_DISTANCE, tr("Distance to existing measures"), 25.0, tr(
                "Metres from a place within which an existing measure counts as there.")),
        ):
            self.addParameter(p.advanced(parameter))

    def _numbers(self) -> None:
        tr = self.tr
        for name, text, help in (
            ("PLACES", tr("Number of places"), tr("Places that were read.")),
            ("PLACES_PROPOSED", tr("Places with proposals"), tr("Places where a measure is proposed.")),
            ("PROPOSALS_COUNT", tr("Proposals"), tr("Measures proposed, over all places.")),
            ("WITHOUT_EFFECT", tr("Proposals without a published effect"), tr("Listed and never chosen.")),
            ("WITHOUT_COST", tr("Proposals without a cost"), tr("With a published effect, but no cost was given.")),
            ("TO_CHECK", tr("Proposals to check on site"), tr("The layer cannot say whether, or how much, they fit.")),
            ("EXISTING_COUNT", tr("Existing measures"), tr("Would be proposed, but exist already.")),
            ("HARM_YEAR", tr("Harm in a year"), tr("Harm, or incidents, at the places in a year.")),
            ("YEARS_USED", tr("Years of the data"), tr("Years that incidents were counted.")),
            ("CHOSEN_COUNT", tr("Measures chosen"), tr("Within the budget; empty without one.")),
            ("PREVENTED_LOW", tr("Prevented, lower end"), tr("Harm, or incidents, a year, with overlaps allowed for.")),
            ("PREVENTED_HIGH", tr("Prevented, upper end"), tr("The same by the upper ends of the effects.")),
            ("COST_LOW", tr("Cost, lower end"), tr("Of what is chosen.")),
            ("COST_HIGH", tr("Cost, upper end"), tr("Of what is chosen.")),
            ("GAP", tr("Gap of the choice"), tr("How far from the best it can be (0 to 1); 0 is proved the best.")),
            ("NEXT_GAIN", tr("Gain of the next amount"), tr("What NEXT would prevent besides.")),
        ):
            self.add_number(name, text, help)
        self.add_text("SUMMARY", tr("Summary"), tr("Sentences to read out."))

    def execute(self, run: Any) -> dict:
        from . import cptedmeasures_choice as choosing
        from . import cptedmeasures_read as reading
        from . import cptedmeasures_report as reporting
        from .cptedmeasures_words import Words

        data = reading.read(run)
        weak = run.number(self.WEAK)
        proposals, shares = choosing.propose(data, weak)
        choice = choosing.choose(run, data, proposals, shares)
        words = Words(data, proposals, choice, weak)
        summary = run.tell(words)
        run.write_areas(self.OUTPUT, data.units, words.columns(), style=reporting.style(choice is not None))
        if run.wants(self.PROPOSALS):
            run.write_table(self.PROPOSALS, words.table())
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, reporting.build(run, words))
        return {**words.numbers(), "SUMMARY": summary}
