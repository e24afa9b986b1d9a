"""Patrol zones: the hot spots that hold most within a budget, grouped into compact zones."""

from __future__ import annotations

from typing import Any

from .. import groups, parameters
from ..base import HotspotAlgorithm
from .patrolzones_help import about

HECTARES, KILOMETRES, HOURS = range(3)


class PatrolZones(HotspotAlgorithm):
    """Generate patrol zones."""

    NAME, GROUP = "patrolzones", groups.PATROL
    INPUT, WEIGHT_FIELD, BOUNDARY, STREETS = "INPUT", "WEIGHT_FIELD", "BOUNDARY", "STREETS"
    INCIDENTS, DATE_FIELD, END_DATE_FIELD = "INCIDENTS", "DATE_FIELD", "END_DATE_FIELD"
    POPULATION, POPULATION_FIELD, GROUP_FIELDS = "POPULATION", "POPULATION_FIELD", "GROUP_FIELDS"
    ZONES, MAX_AREA, MERGE_DISTANCE = "ZONES", "MAX_AREA", "MERGE_DISTANCE"
    BUDGET_KIND, BUDGET = "BUDGET_KIND", "BUDGET"
    VISIT_MIN, VISITS_DAY, TRAVEL_MIN, CREW = "VISIT_MIN", "VISITS_DAY", "TRAVEL_MIN", "CREW"
    SHIFTS, PEAK_HOURS, OUTPUT, REPORT = "SHIFTS", "PEAK_HOURS", "OUTPUT", "REPORT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Generate patrol zones")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Chooses the hot spots that hold the most incidents within hectares, kilometres of street or"
                       " officer-hours, and groups near ones into zones to walk.")

    def tags(self) -> list:
        return self.tr("patrol,beat,zone,hot spot policing,DDACTS,Koper,foot patrol,officer hours,knapsack,"
                       "allocation,peak time,deployment").split(",")

    def about(self) -> str:
        return about(self.tr)

    def declare(self) -> None:
        self._declare_layers()
        self._declare_budget()
        tr = self.tr
        shifts = parameters.text(self.SHIFTS, tr("Shifts"), None, tr(
            "Shifts that peaks are told in, such as 06-14, 14-22, 22-06."), optional=True)
        self.addParameter(parameters.advanced(parameters.from_agency(
            shifts, "shifts", tr("any window of the peak hours"))))
        self.addParameter(parameters.advanced(parameters.integer(self.PEAK_HOURS, tr("Hours of a peak"), 6, tr(
            "Length of the daily window that a peak is looked for in, where no shifts are given."), 1, 12)))
        self.addParameter(parameters.output_polygons(self.OUTPUT, tr("Patrol zones"), tr(
            "The zones, ranked: zone_id, rank, n, share, n_inside, areas_in, area_ha, street_km, hours, residents,"
            " peak_days, peak_from, peak_to, peak_share, peak_lift, peak_p, peak_n, place1_sh, kind, next_gain.")))
        self.addParameter(parameters.report())
        self._declare_numbers()

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

    def _declare_numbers(self) -> None:
        tr = self.tr
        for name, text, help in (
            ("ZONE_COUNT", tr("Zones"), tr("Number of zones chosen.")),
            ("INCIDENT_SHARE", tr("Share of the incidents"), tr(
                "Share (0 to 1) of all incidents that the zones hold: of the incident layer (within the boundary)"
                " where given; else of those that the input's field 'share' was counted of; else of those in the"
                " areas given.")),
            ("AREA_SHARE", tr("Share of the land"), tr(
                "Share (0 to 1) of the boundary's land that the zones take; without a boundary, of the ground that"
                " the incidents span; without incidents, of the areas given.")),
            ("ZONE_AREA", tr("Hectares"), tr("Hectares of all zones.")),
            ("STREET_KM", tr("Kilometres of street"), tr("Kilometres of street in all zones; none without streets.")),
            ("OFFICER_HOURS", tr("Officer-hours"), tr("Officer-hours a day that visiting all zones takes.")),
            ("RESIDENTS", tr("Residents"), tr("People who live in the zones; none without a population layer.")),
            ("GAP", tr("Gap"), tr(
                "How far the incidents held can be from the best choice among the candidates, as a share of it; 0"
                " where the best is proved.")),
            ("NEXT_COST", tr("Next step of the budget"), tr(
                "The larger budget that NEXT_GAIN is about, in hectares, kilometres or officer-hours; none without a"
                " budget.")),
            ("NEXT_GAIN", tr("Incidents that it would add"), tr(
                "Incidents that a budget larger by NEXT_COST would add with as many zones at most.")),
            ("NEXT_ZONE_GAIN", tr("Incidents that one more zone would add"), tr(
                "With the same budget and one more zone allowed.")),
        ):
            self.add_number(name, text, help)
        self.add_text("SUMMARY", tr("Summary"), tr("A sentence to read out."))

    def execute(self, run: Any) -> dict:
        from . import patrolzones_choice as zoning
        from . import patrolzones_facts as zonefacts
        from . import patrolzones_input as zoneinputs
        from . import patrolzones_maps as zonemaps
        from .patrolzones_report import Words, build

        given = zoneinputs.read(run)
        options = zoning.candidates(run, given)
        chosen = zoning.choose(run, given, options)
        zones = zonefacts.describe(run, given, options, chosen)
        words = Words(given, zones, chosen)
        words.tell(run)
        run.write_polygons(self.OUTPUT, zones.shapes, zones.columns, style=zonemaps.style(zones))
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, build(run, given, zones, chosen, words))
        return {**zones.numbers(chosen), "SUMMARY": words.summary()}
