"""Patrol zones: the hot spots that hold most within a budget, grouped into compact zones."""

from __future__ import annotations

from typing import Any

from .. import groups, parameters
from ..base import HotspotAlgorithm
from .patrolzones_help import about, numbers

HECTARES, KILOMETRES, HOURS = range(3)
#: Parts of the names of types that ask for guardians, in common tables.
GUARDED = ("burglar, break and enter residential, vehicle crime, theft from vehicle, theft of vehicle, theft from motor"
           " vehicle, theft of motor vehicle, motor vehicle theft, auto theft")


class PatrolZones(HotspotAlgorithm):
    """Generate patrol zones."""

    NAME, GROUP = "patrolzones", groups.PATROL
    INPUT, WEIGHT_FIELD, BOUNDARY, STREETS = "INPUT", "WEIGHT_FIELD", "BOUNDARY", "STREETS"
    INCIDENTS, DATE_FIELD, END_DATE_FIELD = "INCIDENTS", "DATE_FIELD", "END_DATE_FIELD"
    POPULATION, POPULATION_FIELD, GROUP_FIELDS = "POPULATION", "POPULATION_FIELD", "GROUP_FIELDS"
    ZONES, MAX_AREA, MERGE_DISTANCE = "ZONES", "MAX_AREA", "MERGE_DISTANCE"
    BUDGET_KIND, BUDGET = "BUDGET_KIND", "BUDGET"
    VISIT_MIN, VISITS_DAY, TRAVEL_MIN, CREW = "VISIT_MIN", "VISITS_DAY", "TRAVEL_MIN", "CREW"
    SHIFTS, DAY_START, PEAK_HOURS, OUTPUT, REPORT = "SHIFTS", "DAY_START", "PEAK_HOURS", "OUTPUT", "REPORT"
    PROACTIVE, NOT_PUBLIC, TYPE_FIELD, GUARDIAN_TYPES = "PROACTIVE", "NOT_PUBLIC", "TYPE_FIELD", "GUARDIAN_TYPES"
    COMMUNITY, CATEGORY_FIELD, CONCERN_FIELD = "COMMUNITY", "CATEGORY_FIELD", "CONCERN_FIELD"
    WISH_FIELD, VOICE_FIELD, DISTANCE, MIN_VOICES = "WISH_FIELD", "VOICE_FIELD", "DISTANCE", "MIN_VOICES"

    def __init__(self) -> None:
        super().__init__()
        self.record_of_areas: dict = {}

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Generate patrol zones")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Chooses the hot spots that hold the most incidents within hectares, kilometres of street or"
                       " officer-hours, and groups near ones into zones to walk.")

    def tags(self) -> list:
        return self.tr("patrol,beat,zone,hot spot policing,DDACTS,Koper,foot patrol,officer hours,knapsack,"
                       "allocation,peak time,deployment,residents,voices,burden,place manager,guardian,"
                       "lighting").split(",")

    def about(self) -> str:
        return about(self.tr)

    def declare(self) -> None:
        self._declare_layers()
        self._declare_community()
        self._declare_budget()
        tr = self.tr
        shifts = parameters.text(self.SHIFTS, tr("Shifts"), None, tr(
            "Shifts that peaks are told in, such as 06-14, 14-22, 22-06."), optional=True)
        self.addParameter(parameters.advanced(parameters.from_agency(
            shifts, "shifts", tr("any window of the peak hours"))))
        self.addParameter(parameters.day_start())
        self.addParameter(parameters.advanced(parameters.integer(self.PEAK_HOURS, tr("Hours of a peak"), 6, tr(
            "Length of the daily window that a peak is looked for in, where no shifts are given."), 1, 12)))
        self.addParameter(parameters.output_polygons(self.OUTPUT, tr("Patrol zones"), tr(
            "The zones, ranked, with what they hold and cost, who lives there, when incidents gather, what residents"
            " asked for, and the response proposed with its reason.")))
        self.addParameter(parameters.report())
        for name, text, help in numbers(tr):
            self.add_number(name, text, help)
        for name, text in (("CHOSEN_FROM", tr("Chosen on incidents from")),
                           ("CHOSEN_TO", tr("Chosen on incidents to"))):
            self.add_text(name, text, tr(
                "Day, as 2024-01-31: the period of the incidents that the zones were chosen for ('Compare two periods"
                " by area' guards against it); empty if not known."))
        self.add_text("SUMMARY", tr("Summary"), tr("A sentence to read out."))

    def _declare_layers(self) -> None:
        tr = self.tr
        self.addParameter(parameters.areas(self.INPUT, tr("Hot spots or other areas with numbers"), tr(
            "Polygons that could be patrolled, best the hot spots of 'Find hot spots'. Areas without incidents take"
            " no part.")))
        self.addParameter(parameters.field(self.WEIGHT_FIELD, tr("Field with the incidents"), self.INPUT, tr(
            "The number of incidents of each area, or their weight (harm). Empty: the field n; without it, the"
            " incidents of the incident layer are counted in the areas."), optional=True))
        self.addParameter(parameters.points(self.INCIDENTS, tr("Incidents"), tr(
            "Incidents of the kind and period that the zones are meant for. They give the share of all incidents,"
            " the peaks, and places that are a single address."), optional=True))
        self.addParameter(parameters.field(self.DATE_FIELD, tr("Date and time of the incidents"), self.INCIDENTS, tr(
            "Empty: dt_from of prepared incidents. Dates without a time of day give no peaks."), "time", True))
        self.addParameter(parameters.field(
            self.END_DATE_FIELD, tr("Latest date and time of the incidents"), self.INCIDENTS, tr(
                "For incidents of which only a span is known. Empty: dt_to of prepared incidents."), "time", True))
        leave, keep = tr("Leave out, and show the ranks with them"), tr("Keep")
        self.addParameter(parameters.choice(self.PROACTIVE, tr("Incidents that officers found"), [leave, keep], 0, tr(
            "Of classified incidents with the field 'proactive'. Where the incidents are counted here, those that"
            " officers found themselves make no zone; where the areas carry a number, their share is shown.")))
        self.addParameter(parameters.choice(
            self.NOT_PUBLIC, tr("Incidents that no patrol sees"), [tr("Leave out"), keep], 0, tr(
                "Of classified incidents with the field 'public_pl': types that do not happen where a patrol can see"
                " them, such as burglary or shoplifting.")))
        self.addParameter(parameters.advanced(parameters.field(
            self.TYPE_FIELD, tr("Type of the incidents"), self.INCIDENTS, tr(
                "Tells thefts from homes and vehicles, which ask for guardians. Empty: ctype of prepared incidents."),
            "any", True)))
        self.addParameter(parameters.advanced(parameters.text(
            self.GUARDIAN_TYPES, tr("Thefts from homes and vehicles"), GUARDED, tr(
                "Parts of the names of such types, separated by commas."), optional=True)))
        self.addParameter(parameters.lines(self.STREETS, tr("Streets"), tr(
            "Street lines; zones then carry their length, which can also be the budget."), optional=True))
        self.addParameter(parameters.areas(self.BOUNDARY, tr("Boundary"), tr(
            "The area that you are responsible for. Zones end there; shares of land and of incidents are of it."),
            optional=True))
        self.addParameter(parameters.areas_or_points(self.POPULATION, tr("Population"), tr(
            "Census areas or points with residents. Of an area that a zone cuts, the residents are shared by area."),
            optional=True))
        self.addParameter(parameters.field(self.POPULATION_FIELD, tr("Field with the residents"), self.POPULATION, tr(
            "Number of residents of each census area or point."), optional=True))
        self.addParameter(parameters.advanced(parameters.field(
            self.GROUP_FIELDS, tr("Fields with residents of groups"), self.POPULATION, tr(
                "Number of residents by group (age, origin). The report compares their share in the zones with that"
                " in the whole area. They play no part in the choice."), optional=True, multiple=True)))

    def _declare_community(self) -> None:
        tr = self.tr
        self.addParameter(parameters.areas_or_points(self.COMMUNITY, tr("Reports of residents"), tr(
            "Points or areas, one a report, of the time that matters now. The zones then tell what residents near them"
            " are concerned about and wish. They play no part in the choice, but in the response proposed."),
            optional=True))
        for name, text, help, kind in (
            (self.CATEGORY_FIELD, tr("What the report is about"), tr("Empty: category."), "any"),
            (self.CONCERN_FIELD, tr("How much it concerns them"), tr("A number, 1 to 5. Empty: concern."), "number"),
            (self.WISH_FIELD, tr("What they wish"), tr(
                "patrol, light, repair, talk, enforcement or other. Empty: wish."), "any"),
            (self.VOICE_FIELD, tr("Whose voice"), tr(
                "Token that is the same for all reports of one resident. Empty: voice_id; without it each report"
                " counts as a voice."), "any"),
        ):
            self.addParameter(parameters.advanced(parameters.field(name, text, self.COMMUNITY, help, kind, True)))
        self.addParameter(parameters.advanced(parameters.distance(
            self.DISTANCE, tr("Reports at most so far from a zone"), 150.0, tr(
                "Metres around a zone within which reports belong to it; near two zones, to both."))))
        self.addParameter(parameters.advanced(parameters.from_agency(parameters.integer(
            self.MIN_VOICES, tr("Fewest voices told"), None, tr(
                "What fewer voices say is not told: 'too few voices to say'."), 1, optional=True),
            "min_internal", "5")))

    def _declare_budget(self) -> None:
        tr = self.tr
        self.addParameter(parameters.integer(self.ZONES, tr("Zones at most"), 10, tr(
            "The largest number of zones. A unit can serve 2 to 5 in a shift."), 1, 1000))
        self.addParameter(parameters.number(self.MAX_AREA, tr("Largest zone (hectares)"), 10.0, tr(
            "10 hectares take about 15 minutes to walk. Areas larger than this cannot become a zone."), 0.01))
        self.addParameter(parameters.distance(self.MERGE_DISTANCE, tr("Merge areas within"), 100.0, tr(
            "Metres; areas at most so far apart are grouped, as long as the zone is no larger than allowed. 0 keeps"
            " every area a zone of its own.")))
        self.addParameter(parameters.choice(self.BUDGET_KIND, tr("Kind of budget"), [
            tr("Hectares"), tr("Kilometres of street"), tr("Officer-hours a day")], HOURS, tr(
            "What there is to spend. Kilometres need the streets.")))
        self.addParameter(parameters.number(self.BUDGET, tr("Budget"), None, tr(
            "How many hectares, kilometres of street or officer-hours a day there are. Empty: only the number of"
            " zones limits the plan."), 0.0, optional=True))
        self.addParameter(parameters.number(self.VISIT_MIN, tr("Minutes of a visit"), 15.0, tr(
            "12 to 20 work best. When the hours do not suffice, drop visits, not minutes."), 1.0, 600.0))
        self.addParameter(parameters.integer(self.VISITS_DAY, tr("Visits a day"), 4, tr(
            "Visits to each zone a day; every two hours in one shift makes four. One a day is a plan too."), 1, 96))
        self.addParameter(parameters.number(self.TRAVEL_MIN, tr("Minutes of travel to a visit"), 5.0, tr(
            "Average minutes on the way to a zone."), 0.0, 600.0))
        self.addParameter(parameters.number(self.CREW, tr("Officers in a crew"), 2.0, tr(
            "Officers that make a visit together."), 0.5, 100.0))

    def prepareAlgorithm(self, parameters: dict, context: Any, feedback: Any) -> bool:  # noqa: N802
        from ...layers import provenance, sources

        good = super().prepareAlgorithm(parameters, context, feedback)
        layer = sources.layer_of(self, {**parameters, **self.agency.values}, self.INPUT, context)
        self.record_of_areas = provenance.read(layer) if layer is not None else {}
        return good

    def execute(self, run: Any) -> dict:
        from . import patrolzones_choice as zoning
        from . import patrolzones_facts as zonefacts
        from . import patrolzones_input as zoneinputs
        from . import patrolzones_maps as zonemaps
        from .patrolzones_report import build
        from .patrolzones_words import Words

        given = zoneinputs.read(run)
        options = zoning.candidates(run, given)
        chosen = zoning.choose(run, given, options)
        zones = zonefacts.describe(run, given, options, chosen, zoning.with_made(run, given, chosen))
        words = Words(run.units, given, zones, chosen)
        words.tell(run)
        run.write_polygons(self.OUTPUT, zones.shapes, zones.columns, style=zonemaps.style(zones))
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, build(run, given, zones, chosen, words))
        days = dict(zip(("CHOSEN_FROM", "CHOSEN_TO"), map(str, given.chosen_on or ("", ""))))
        return {**words.numbers, **days, "SUMMARY": words.summary()}
