"""Profile hot spots: what each is made of, its box of the hotspot matrix, a sheet for problem analysis."""

from __future__ import annotations

from typing import Any

from ...layers import fields, styling
from .. import groups, parameters
from ..base import HotspotAlgorithm
from . import hotspotprofile_help


class HotspotProfile(HotspotAlgorithm):
    """Profile hot spots."""

    NAME, GROUP = "hotspotprofile", groups.HOTSPOTS
    INPUT, NAME_FIELD, INCIDENTS = "INPUT", "NAME_FIELD", "INCIDENTS"
    TYPE_FIELD, DATE_FIELD, END_DATE_FIELD, PLACE_FIELD = "TYPE_FIELD", "DATE_FIELD", "END_DATE_FIELD", "PLACE_FIELD"
    AS_OF, WINDOW, BOUNDARY, SHIFTS, PEAK_HOURS = "AS_OF", "WINDOW", "BOUNDARY", "SHIFTS", "PEAK_HOURS"
    FACILITIES, FACILITY_KIND, FACILITY_NAME = "FACILITIES", "FACILITY_KIND", "FACILITY_NAME"
    DISTANCE, TOLERANCE, PAGES = "DISTANCE", "TOLERANCE", "PAGES"
    POPULATION, POPULATION_FIELD = "POPULATION", "POPULATION_FIELD"
    COMMUNITY, CATEGORY_FIELD, CONCERN_FIELD = "COMMUNITY", "CATEGORY_FIELD", "CONCERN_FIELD"
    WISH_FIELD, VOICE_FIELD, MIN_VOICES = "WISH_FIELD", "VOICE_FIELD", "MIN_VOICES"
    CPTED, CPTED_FIELD = "CPTED", "CPTED_FIELD"
    OUTPUT, TABLE, REPORT = "OUTPUT", "TABLE", "REPORT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Profile hot spots")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("What each hot spot is made of, beside the city: types, hours, places, months, surroundings;"
                       " one sheet each for problem analysis.")

    def tags(self) -> list:
        return self.tr("hotspot matrix,Ratcliffe,problem analysis triangle,problem-oriented policing,SARA,profile,"
                       "location quotient,hot spot,acute,diffused,clustered,hotpoint,risky facilities,briefing").split(
                           ",")

    def about(self) -> str:
        return hotspotprofile_help.about(self.tr)

    def declare(self) -> None:
        self._incidents()
        self._surroundings()
        p, tr = parameters, self.tr
        shifts = p.text(self.SHIFTS, tr("Shifts"), None, tr(
            "Shifts that peaks are told in and incidents are counted by, such as 06-14, 14-22, 22-06."), optional=True)
        self.addParameter(p.advanced(p.from_agency(shifts, "shifts", tr("any window of the peak hours"))))
        self.addParameter(p.advanced(p.integer(self.PEAK_HOURS, tr("Hours of a peak"), 6, tr(
            "Length of the daily window that a peak is looked for in, where no shifts are given."), 1, 12)))
        self.addParameter(p.advanced(p.distance(self.TOLERANCE, tr("Tolerance of coordinates"), 10.0, tr(
            "Metres from the middle of a place within which incidents belong to it, where there is no address; 100 at"
            " most. 0: equal coordinates only."))))
        self.addParameter(p.integer(self.PAGES, tr("Sheets at most"), 20, tr(
            "Sheets in the report, for the hot spots with most incidents. 0 makes one for each. Layer and table hold"
            " all hot spots whatever this says."), minimum=0))
        self.addParameter(p.output_polygons(self.OUTPUT, tr("Profiled hot spots (internal)"), tr(
            "The polygons with their own fields and the profile: counts, matrix, types, places, hours, months,"
            " surroundings.")))
        self.addParameter(p.output_table(self.TABLE, tr("Profile table (internal)"), tr(
            "A row for each hot spot, theme and value, with number, share, share in all incidents, and location"
            " quotient with interval; for models, charts and other tools."), optional=True))
        self.addParameter(p.report(tr("Web page (HTML) with the hotspot matrix, a table, and one sheet a hot spot under"
                                      " the headings of the problem analysis triangle; each sheet prints on a page.")))
        self._numbers()

    def _incidents(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.areas(self.INPUT, tr("Hot spots"), tr(
            "Polygons to profile, such as those of 'Find hot spots' or patrol zones. They may overlap: an incident"
            " counts in each that holds it.")))
        self.addParameter(p.field(self.NAME_FIELD, tr("Name of the hot spots"), self.INPUT, tr(
            "Empty: name, zone_id, rank or cell_id if there is one, else the number of the feature."), "any", True))
        self.addParameter(p.points(self.INCIDENTS, tr("Incidents"), tr(
            "All incidents of the city, not just those in the hot spots: each share is compared with theirs. The fields"
            " of prepared and classified incidents are found without being named.")))
        self.addParameter(p.field(self.TYPE_FIELD, tr("Type or group of the incidents"), self.INCIDENTS, tr(
            "Empty: ctype of prepared incidents. cgroup gives fewer and larger groups."), "any", True))
        self.addParameter(p.field(self.DATE_FIELD, tr("Date and time of the incidents"), self.INCIDENTS, tr(
            "Date and time, or the earliest. Empty: dt_from of prepared incidents."), "time", True))
        self.addParameter(p.field(self.END_DATE_FIELD, tr("Latest date and time"), self.INCIDENTS, tr(
            "For incidents of which only a span is known. Empty: dt_to of prepared incidents."), "time", True))
        self.addParameter(p.field(self.PLACE_FIELD, tr("Address or place"), self.INCIDENTS, tr(
            "What makes one place and names it. Empty: place_key of prepared incidents, else the coordinates."), "any",
            True))
        self.addParameter(p.date(self.AS_OF, tr("Last day"), tr(
            "Last day of the window, included. Empty: the last day that is recorded fully."), optional=True))
        self.addParameter(p.integer(self.WINDOW, tr("Window in days"), 0, tr(
            "Length of the window up to the last day. 0 takes all days: two or three years show what lasts."),
            minimum=0))
        self.addParameter(p.areas(self.BOUNDARY, tr("Boundary of the city"), tr(
            "Incidents and residents outside are left out of the comparison and counted. Empty: all incidents are the"
            " city."), optional=True))

    def _surroundings(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.any_source(self.FACILITIES, tr("Facilities"), tr(
            "Bars, shops, schools, stops, car parks and the like in one layer: points, lines or polygons. Merge several"
            " layers first ('Merge vector layers') and tell them apart by a field."), optional=True))
        self.addParameter(p.field(self.FACILITY_KIND, tr("Kind of the facilities"), self.FACILITIES, tr(
            "Field that tells bars from schools. Empty: all are of one kind."), "any", True))
        self.addParameter(p.field(self.FACILITY_NAME, tr("Name of the facilities"), self.FACILITIES, tr(
            "Names on the sheets. Empty: the field name, if there is one."), "any", True))
        self.addParameter(p.distance(self.DISTANCE, tr("Distance that counts as near"), 50.0, tr(
            "Metres between an incident and the nearest facility, and between a hot spot and facilities or residents'"
            " reports around it.")))
        self.addParameter(p.areas_or_points(self.POPULATION, tr("Population"), tr(
            "Census areas or points with residents. Of an area that a hot spot cuts, the residents are shared by"
            " area."), optional=True))
        self.addParameter(p.field(self.POPULATION_FIELD, tr("Field with the residents"), self.POPULATION, tr(
            "Number of residents of each census area or point."), optional=True))
        self.addParameter(p.any_source(self.COMMUNITY, tr("Residents' reports"), tr(
            "Points, lines or areas that residents reported, in a meeting, a survey or a portal."), optional=True))
        for name, text, help, kind in (
            (self.CATEGORY_FIELD, tr("What the report is about"), tr("Empty: category, if there is such a field."),
             "any"),
            (self.CONCERN_FIELD, tr("How much it concerns them"), tr(
                "A number from 1 to 5. Empty: concern, if there is such a field."), "number"),
            (self.WISH_FIELD, tr("What the resident wishes"), tr(
                "patrol, light, repair, talk, enforcement or other. Empty: wish, if there is such a field."), "any"),
            (self.VOICE_FIELD, tr("Token of the resident"), tr(
                "Reports with the same token are one voice. Empty: voice_id, if there is such a field; without it every"
                " report counts as a voice."), "any"),
        ):
            self.addParameter(p.advanced(p.field(name, text, self.COMMUNITY, help, kind, True)))
        self.addParameter(p.advanced(p.from_agency(p.integer(self.MIN_VOICES, tr("Fewest voices"), None, tr(
            "Nothing is told of what fewer residents say."), minimum=1, optional=True), "min_internal", "5")))
        self.addParameter(p.advanced(p.any_source(self.CPTED, tr("CPTED scores"), tr(
            "Places, streets or areas with a CPTED score: the mean of those that touch the hot spot is given."),
            optional=True)))
        self.addParameter(p.advanced(p.field(self.CPTED_FIELD, tr("Field with the CPTED score"), self.CPTED, tr(
            "The number that is averaged; its range in the whole layer is told."), optional=True)))

    def _numbers(self) -> None:
        tr, add = self.tr, self.add_number
        add("HOTSPOT_COUNT", tr("Hot spots"), tr("Polygons profiled, those without an incident included."))
        add("INCIDENT_COUNT", tr("Incidents of the city"), tr("Of the window, with a place, within the boundary."))
        add("INSIDE", tr("Incidents in hot spots"), tr("Each counted once."))
        add("INSIDE_SHARE", tr("Share in hot spots"), tr("INSIDE over INCIDENT_COUNT, 0 to 1."))
        add("TIMED", tr("Incidents in hot spots with a known time"), tr(
            "Of INSIDE, those whose time of day is known to a day or better; none without dates."))
        for name, word in (("HOTPOINTS", "hotpoint"), ("CLUSTERED", "clustered"), ("DISPERSED", "dispersed"),
                           ("ACUTE", "acute"), ("FOCUSED", "focused"), ("DIFFUSED", "diffused")):
            add(name, tr("Hot spots that are {word}").format(word=word), tr(
                "Hot spots in this row or column of the hotspot matrix."))
        add("TOO_FEW", tr("Hot spots too small to classify"), tr(
            "Too few incidents for space (10), time (30 known times), or both."))
        for name, text in (("START", tr("First day used")), ("END", tr("Last day used"))):
            self.add_text(name, text, tr("Of the window, as year-month-day; empty without dates."))
        self.add_text("SUMMARY", tr("Result in sentences"), tr(
            "Period, numbers with their interval, and the matrix; it can be read out."))

    def execute(self, run: Any) -> dict:
        from . import hotspotprofile_read as reading
        from . import hotspotprofile_report as reporting
        from .hotspotprofile_facts import Facts
        from .hotspotprofile_words import Words

        data = reading.read(run)
        words = Words(run, Facts(run, data))
        summary = run.tell(words)
        run.write_areas(self.OUTPUT, data.areas, words.facts.columns(words.proposals), style=styling.categories(
            "Hotspot matrix", fields.SPACE_CL, reporting.classes(), text=fields.HOTSPOT))
        run.write_table(self.TABLE, words.facts.table())
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, reporting.build(run, words))
        return {**words.numbers(), "SUMMARY": summary}
