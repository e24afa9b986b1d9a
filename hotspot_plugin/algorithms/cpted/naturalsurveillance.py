"""Overlooked streets (natural surveillance): who can look onto each place, by day and by night."""

from __future__ import annotations

from typing import Any

from .. import groups, parameters
from ..base import HotspotAlgorithm
from . import naturalsurveillance_help
from . import obstacles_parameters as hiding


class NaturalSurveillance(HotspotAlgorithm):
    """Overlooked streets (natural surveillance)."""

    NAME, GROUP = "naturalsurveillance", groups.CPTED
    INPUT, NAME_FIELD, WINDOWS, ENTRANCES, ACTIVE = "INPUT", "NAME_FIELD", "WINDOWS", "ENTRANCES", "ACTIVE"
    ENTRANCE_HOURS, ACTIVE_HOURS, NIGHT = "ENTRANCE_HOURS", "ACTIVE_HOURS", "NIGHT"
    RANGE, SPACING, FACADE_SPACING, FACADE = "RANGE", "SPACING", "FACADE_SPACING", "FACADE"
    LUX, LUX_LEAST, LIGHTS, LIGHT_DISTANCE = "LUX", "LUX_LEAST", "LIGHTS", "LIGHT_DISTANCE"
    UNLIT_WEIGHT, LIMITS, OUTPUT, POSITIONS, REPORT = "UNLIT_WEIGHT", "LIMITS", "OUTPUT", "POSITIONS", "REPORT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Overlooked streets (natural surveillance)")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("How many windows, entrances and active places overlook each street or place, by day and by"
                       " night.")

    def tags(self) -> list:
        return self.tr("natural surveillance,eyes on the street,overlooking,windows,passive surveillance,cpted,active"
                       " frontage,line of sight,jane jacobs,newman").split(",")

    def about(self) -> str:
        return naturalsurveillance_help.about(self.tr)

    def declare(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.shapes(self.INPUT, tr("Streets or places"), tr(
            "Street segments, areas (parks, cells, hot spots) or points that shall be overlooked.")))
        self.addParameter(p.field(self.NAME_FIELD, tr("Name of the places"), self.INPUT, tr(
            "Field that names the places in the report. Empty: the number of the row."), kind="any", optional=True))
        self.addParameter(p.shapes(self.WINDOWS, tr("Windows, facades or buildings"), tr(
            "Windows as points, facades as lines, or buildings as polygons: these get a window every FACADE_SPACING"
            " metres, and buildings hide the view too."), optional=True))
        self.addParameter(p.shapes(self.ENTRANCES, tr("Entrances"), tr(
            "Doors and gates through which people come and go."), optional=True))
        self.addParameter(p.shapes(self.ACTIVE, tr("Active places"), tr(
            "Places with people who look up: shops, cafes, stops, kiosks, playgrounds, reception desks."),
            optional=True))
        for name, layer, what in ((self.ENTRANCE_HOURS, self.ENTRANCES, tr("Hours of the entrances")),
                                  (self.ACTIVE_HOURS, self.ACTIVE, tr("Hours of the active places"))):
            self.addParameter(p.field(name, what, layer, tr(
                "Opening hours such as 08:00-18:00, 'Mo-Fr 08:00-18:00; Sa 10:00-14:00', 24/7 or off. An empty value"
                " counts as always; one that cannot be read too, and is told."), kind="any", optional=True))
        hiding.declare(self, optional=True)
        self.addParameter(p.distance(self.RANGE, tr("Range"), 30.0, tr(
            "Metres within which a watcher makes out what happens."), minimum=0.1))
        self.addParameter(p.distance(self.SPACING, tr("Spacing of positions"), 10.0, tr(
            "Metres between the positions looked at along streets and in areas."), minimum=0.1))
        self.addParameter(p.advanced(p.distance(self.FACADE_SPACING, tr("Spacing of windows on facades"), 5.0, tr(
            "Metres of facade for each window, where WINDOWS are lines or polygons."), minimum=0.1)))
        self.addParameter(p.advanced(p.distance(self.FACADE, tr("Step out of buildings"), 10.0, tr(
            "Watchers (and places that are points) inside a building are put before its nearest outer wall if that is"
            " within these metres."))))
        self.addParameter(p.text(self.NIGHT, tr("Night"), "20:00-06:00", tr(
            "Begin and end of the night; the rest is the day.")))
        self.addParameter(p.raster(self.LUX, tr("Light in lux"), tr(
            "Raster of the light on the ground by night."), optional=True))
        self.addParameter(p.advanced(p.number(self.LUX_LEAST, tr("Lit from"), 1.0, tr(
            "Lux from which a position of the raster counts as lit; 1 is the minimum of class P4 of EN 13201."),
            minimum=0.0)))
        self.addParameter(p.points(self.LIGHTS, tr("Street lights"), tr(
            "Lights as points, of all owners; used where the raster has no value."), optional=True))
        self.addParameter(p.advanced(p.distance(self.LIGHT_DISTANCE, tr("Lit within"), 20.0, tr(
            "Metres from a light within which a position counts as lit."), minimum=0.1)))
        self.addParameter(p.number(self.UNLIT_WEIGHT, tr("Weight of unlit views"), 0.25, tr(
            "What a watcher counts by night at an unlit position, 0 to 1."), minimum=0.0, maximum=1.0))
        self.addParameter(p.advanced(p.text(self.LIMITS, tr("Limits of the classes"), "1, 3", tr(
            "Watchers per position from which a place is called overlooked, and well overlooked. Keep them alike when"
            " you compare places or years."))))
        self.addParameter(p.output_like_input(self.OUTPUT, tr("Overlooked places"), tr(
            "The streets or places with the number of watchers, the share that is seen, and classes by day and by"
            " night.")))
        self.addParameter(p.output_points(self.POSITIONS, tr("Positions looked at"), tr(
            "Every position with its own numbers, to see where on a street nobody looks."), optional=True))
        self.addParameter(p.report())
        self._numbers()

    def _numbers(self) -> None:
        tr, add = self.tr, self.add_number
        add("PLACES", tr("Number of places"), tr("Rows of the result."))
        add("JUDGED", tr("Places looked at"), tr("Rows with at least one position outside of obstacles."))
        add("WATCHERS", tr("Number of watchers"), tr("Windows, entrances and active places that can see out."))
        add("BLIND", tr("Watchers without a view"), tr("Inside a building, with no outer wall within FACADE."))
        add("MOVED", tr("Watchers moved out"), tr("Those inside a building that look from its nearest wall."))
        add("POSITION_COUNT", tr("Number of positions"), tr("Positions looked at."))
        add("NOT_DAY", tr("Places not overlooked by day"), tr("Places that nobody there by day overlooks."))
        add("NOT_NIGHT", tr("Places not overlooked by night"), tr("Places that nobody there by night overlooks."))
        add("SEEN_DAY", tr("Share overlooked by day"), tr("Share of the positions, 0 to 1."))
        add("SEEN_NIGHT", tr("Share overlooked by night"), tr(
            "Share of the positions with known light that are lit and overlooked, 0 to 1."))
        add("MEAN_DAY", tr("Watchers per position by day"), tr("Mean over all positions."))
        add("MEAN_NIGHT", tr("Watchers per position by night"), tr("Mean over all positions, unlit ones by weight."))
        add("LIT_SHARE", tr("Share of lit positions"), tr("Of the positions with known light, 0 to 1."))
        add("HIDDEN_SHARE", tr("Share of hidden views"), tr(
            "Of the pairs of a place and a watcher near it, the share that something hides, 0 to 1."))
        self.add_text("SUMMARY", tr("Result in sentences"), tr("How much is overlooked, by day and by night."))

    def execute(self, run: Any) -> dict:
        from ...analysis.cpted import naturalsurveillance as analysis
        from . import naturalsurveillance_read as reading
        from . import naturalsurveillance_report as reporting
        from . import naturalsurveillance_words as wording

        data = reading.read(run)
        positions, places = analysis.overlook(
            data.samples, len(data.layer), data.watchers, data.obstacles.index(data.radius / 2.0), data.radius,
            reading.CLEAR, data.lit, run.number(self.UNLIT_WEIGHT), run.stage(0.3, 0.9))
        words = wording.Words(run, data, positions, places)
        for text in words.warnings():
            run.warn(text)
        run.info(words.summary())
        run.write_areas(self.OUTPUT, data.layer, words.columns(), reporting.style(words))
        run.write_points(self.POSITIONS, data.samples.x, data.samples.y, words.position_columns(),
                         reporting.position_style(words))
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, reporting.build(run, words))
        return {**words.numbers(), "SUMMARY": words.summary()}
