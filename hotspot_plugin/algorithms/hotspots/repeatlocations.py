"""Repeat locations: the places with most incidents, what they are made of, and what chance would make."""

from __future__ import annotations

from typing import Any

from .. import groups, parameters
from ..base import HotspotAlgorithm
from . import repeatlocations_help


class RepeatLocations(HotspotAlgorithm):
    """Repeat locations (hot dots)."""

    NAME, GROUP = "repeatlocations", groups.HOTSPOTS
    INPUT, UNLOCATED, PLACE, ADDRESS_FIELD, TOLERANCE = "INPUT", "UNLOCATED", "PLACE", "ADDRESS_FIELD", "TOLERANCE"
    PLACES, PLACE_FIELD, PLACE_DISTANCE = "PLACES", "PLACE_FIELD", "PLACE_DISTANCE"
    DATE_FIELD, TYPE_FIELD, AS_OF, WINDOW = "DATE_FIELD", "TYPE_FIELD", "AS_OF", "WINDOW"
    MIN_COUNT, TOP = "MIN_COUNT", "TOP"
    DROP_PLACES, DROP_DISTANCE, DROP_NAMES = "DROP_PLACES", "DROP_DISTANCE", "DROP_NAMES"
    OUTPUT, REPORT = "OUTPUT", "REPORT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Repeat locations (hot dots)")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("The places with most incidents, before and now, and how many chance alone would make.")

    def tags(self) -> list:
        return self.tr("hot dots,top addresses,repeat calls,repeat victimisation,call-heavy places,80-20,ranking,"
                       "risky facilities,concentration,problem places,gini,lorenz").split(",")

    def about(self) -> str:
        return repeatlocations_help.about(self.tr)

    def declare(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.points(self.INPUT, tr("Incidents"), tr(
            "Incidents as points, of the window and of as long a time before. Rows without a place are counted and"
            " told.")))
        self.addParameter(p.field(self.DATE_FIELD, tr("Date field"), self.INPUT, tr(
            "When the incident happened. Empty: dt_from of prepared incidents."), kind="time", optional=True))
        self.addParameter(p.field(self.TYPE_FIELD, tr("Type field"), self.INPUT, tr(
            "Type of incident, to say what happens at a place. Empty: ctype of prepared incidents, if there."),
            kind="any", optional=True))
        self.addParameter(p.date(self.AS_OF, tr("Last day"), tr(
            "Last day of the window, included. Empty: the last day that is recorded fully."), optional=True))
        self.addParameter(p.integer(self.WINDOW, tr("Window in days"), 365, tr(
            "Length of the window; as many days before it are compared with it. 0 takes all days, and compares none."),
            minimum=0))
        self.addParameter(p.choice(self.PLACE, tr("What one place is"), [
            tr("Automatic: by place layer, else by address field, else by place_key of prepared incidents, else by"
               " coordinates"), tr("By address"), tr("By coordinates"), tr("By the nearest place of the layer")],
            0, tr("How incidents are put together to places. The log says what was taken.")))
        self.addParameter(p.field(self.ADDRESS_FIELD, tr("Address field"), self.INPUT, tr(
            "Address or block of the incident. Where places are made by coordinates or by a layer it only names them"
            " and tells how many addresses each holds."), kind="any", optional=True))
        self.addParameter(p.distance(self.TOLERANCE, tr("Tolerance of coordinates"), 10.0, tr(
            "Metres from the middle of a place within which incidents belong to it, where places are made by"
            " coordinates; 100 at most. 0: equal coordinates only.")))
        self.addParameter(p.any_source(self.PLACES, tr("Places"), tr(
            "Layer of places: points, lines or polygons such as premises, parcels, buildings or street segments."
            " With it, places without any incident count too."), optional=True))
        self.addParameter(p.field(self.PLACE_FIELD, tr("Name of the places"), self.PLACES, tr(
            "Field that names the places. Empty: name if there is such a field, else the number of the feature."),
            kind="any", optional=True))
        self.addParameter(p.distance(self.PLACE_DISTANCE, tr("Distance to a place"), 25.0, tr(
            "Metres within which the nearest place of the layer counts as the place of an incident. Incidents farther"
            " from all places are left out and told.")))
        self.addParameter(p.integer(self.MIN_COUNT, tr("Fewest incidents"), 3, tr(
            "Incidents in the window from which a place counts as a repeat location and may be listed."), minimum=1))
        self.addParameter(p.integer(self.TOP, tr("Number of ranks"), 20, tr(
            "Ranks that are listed; places with the same number share a rank and are all listed. 0 lists all repeat"
            " locations."), minimum=0))
        self.addParameter(p.from_agency(p.areas_or_points(self.DROP_PLACES, tr("Places to leave out"), tr(
            "Points or polygons of police stations, hospitals, default places of the geocoder and the like:"
            " incidents at them are left out, counted and told."), optional=True), "drop_layer"))
        self.addParameter(p.distance(self.DROP_DISTANCE, tr("Distance to places to leave out"), 25.0, tr(
            "Metres around these points and polygons within which incidents are left out.")))
        self.addParameter(p.from_agency(p.text(self.DROP_NAMES, tr("Names to leave out"), "", tr(
            "Addresses, place keys or names of places to leave out, separated by semicolons or lines; * stands for"
            " any letters, e.g. '*POLICE STATION*; 100 MAIN ST'."), optional=True, multiline=True), "drop_names"))
        self.addParameter(p.any_source(self.UNLOCATED, tr("Unlocated incidents"), tr(
            "Table of the incidents without a place, as 'Prepare incident data' leaves it, with the same fields:"
            " counted for the whole, so that the sums agree with the records."), optional=True))
        self.addParameter(p.output_points(self.OUTPUT, tr("Repeat locations (internal)"), tr(
            "A point for every listed place with rank, counts, types, shares and what chance would make. Internal:"
            " it shows single addresses.")))
        self.addParameter(p.report())
        self._numbers()

    def _numbers(self) -> None:
        tr, add = self.tr, self.add_number
        add("RECORDED", tr("Recorded incidents"), tr("All records of the window, with and without a place."))
        add("LOCATED", tr("Located incidents"), tr("Records of the window with coordinates."))
        add("DROPPED", tr("Incidents left out"), tr("Located incidents at places that were to be left out."))
        add("INCIDENTS", tr("Incidents used"), tr("Incidents of the window that have a place; shares are of these."))
        add("PLACE_COUNT", tr("Known places"), tr("Places with an incident in the window; of a layer, all."))
        add("REPEAT_PLACES", tr("Repeat locations"), tr("Places with at least MIN_COUNT incidents."))
        add("BEYOND_CHANCE", tr("Repeat locations beyond chance"), tr(
            "Repeat locations with more than chance alone makes at places all alike (q_chance below 0.05)."))
        add("REPEAT_SHARE", tr("Share at repeat locations"), tr("Share (0 to 1) of the incidents at repeat locations."))
        add("LISTED", tr("Places listed"), tr("Rows of the result."))
        add("SHARE_TOP", tr("Share at the busiest places"), tr(
            "Share (0 to 1) of the incidents at the TOP busiest places (20 where all are listed)."))
        add("SHARE_TOP_CHANCE", tr("Share at the busiest by chance"), tr("SHARE_TOP if chance alone had spread them."))
        add("PLACES_HALF", tr("Places with half of it"), tr("Fewest places that hold half of the incidents."))
        add("HALF_CHANCE", tr("Places with half of it by chance"), tr("PLACES_HALF if chance alone had spread them."))
        add("SHARE_20", tr("Share at the busiest fifth"), tr(
            "Share (0 to 1) at the busiest 20 % of the known places; the 80-20 rule says 0.8."))
        add("SHARE_20_CHANCE", tr("Share at the busiest fifth by chance"), tr("SHARE_20 by chance alone."))
        add("GINI", tr("Gini coefficient"), tr(
            "Generalised, of the incidents at the known places; 0 as even as possible, near 1 all at one place."))
        add("GINI_CHANCE", tr("Gini coefficient by chance"), tr("GINI to expect by chance alone."))
        add("STILL_TOP", tr("Still at the top"), tr(
            "Of the TOP busiest places of the window before, those that are so again; empty without such a window."))
        for name, text in (("START", tr("First day used")), ("END", tr("Last day used"))):
            self.add_text(name, text, tr("Of the window, as year-month-day; empty without dates."))
        self.add_text("SUMMARY", tr("Result in sentences"), tr(
            "The 80-20 sentences with period, numbers and what chance alone would give; they can be read out."))

    def execute(self, run: Any) -> dict:
        from ...analysis.hotspots import repeatlocations as analysis
        from . import repeatlocations_read as reading
        from . import repeatlocations_report as reporting
        from . import repeatlocations_words as wording

        data = reading.read(run)
        least, top = run.integer(self.MIN_COUNT), run.integer(self.TOP)
        ranking = analysis.rank_places(
            data.place, data.now, len(data.x), data.tie_order, least, top, data.only_known)
        run.progress(0.75)
        facts = analysis.concentration(ranking, least, top)
        made_of = analysis.makeup(ranking, data.place[data.now], *data.details(), run.stage(0.76, 0.85))
        words = wording.Words(data, ranking, facts, made_of, least, top, run.units)
        summary = run.tell(words)
        listed = ranking.listed
        run.write_points(self.OUTPUT, data.x[listed], data.y[listed], words.columns(),
                         reporting.style(least, data.compared))
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, reporting.build(run, words))
        return {**words.numbers(), "SUMMARY": summary}
