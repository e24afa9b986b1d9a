"""Where people are worried: concern, voices and reports by area, cell or surface, and who is not heard."""

from __future__ import annotations

from typing import Any

from .. import groups, parameters
from ..base import HotspotAlgorithm
from . import communityconcern_help


class CommunityConcern(HotspotAlgorithm):
    """Where people are worried."""

    NAME, GROUP = "communityconcern", groups.COMMUNITY
    INPUT, AREAS, NAME_FIELD = "INPUT", "AREAS", "NAME_FIELD"
    POPULATION_FIELD, POPULATION, RESIDENTS_FIELD = "POPULATION_FIELD", "POPULATION", "RESIDENTS_FIELD"
    BOUNDARY, CELL_SIZE, GRID_TYPE = "BOUNDARY", "CELL_SIZE", "GRID_TYPE"
    CONCERN_FIELD, CATEGORY_FIELD, DAY_PART_FIELD = "CONCERN_FIELD", "CATEGORY_FIELD", "DAY_PART_FIELD"
    DATE_FIELD, VOICE_FIELD = "DATE_FIELD", "VOICE_FIELD"
    COUNT_FIELD, WEIGHT_FIELD = "COUNT_FIELD", "WEIGHT_FIELD"
    AUDIENCE, MIN_VOICES, MIN_POPULATION = "AUDIENCE", "MIN_VOICES", "MIN_POPULATION"
    HALF_LIFE, AS_OF, WINDOW, UNDATED, DRAWN = "HALF_LIFE", "AS_OF", "WINDOW", "UNDATED", "DRAWN"
    BANDWIDTH, OUTPUT, TABLE, REPORT = "BANDWIDTH", "OUTPUT", "TABLE", "REPORT"
    SURFACE, SURFACE_SE, SURFACE_VOICES = "SURFACE", "SURFACE_SE", "SURFACE_VOICES"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Where people are worried")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Mean concern with interval, voices and reports per 1,000 residents, and who is not heard.")

    def tags(self) -> list:
        return self.tr("community,concern,worry,fear of crime,perception,survey,voices,under-heard,residents,feeling"
                       " safe,participation,heat map").split(",")

    def about(self) -> str:
        return communityconcern_help.about(self.tr)

    def declare(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.shapes(self.INPUT, tr("Reports of residents"), tr(
            "Points, lines or areas, one a report, such as 'Import community input' leaves them. Rows whose consent is"
            " 'none' are left out and counted.")))
        self.addParameter(p.from_agency(p.areas(self.AREAS, tr("Areas"), tr(
            "Neighbourhoods, beats or the cells of a grid."), optional=True), "beats_layer", tr(
            "a grid of cells is made")))
        self.addParameter(p.from_agency(p.field(self.NAME_FIELD, tr("Name of the areas"), self.AREAS, tr(
            "Field that names the areas."), "any", optional=True), "beats_field", tr(
            "name, if there is such a field, else their number")))
        self.addParameter(p.field(self.POPULATION_FIELD, tr("Residents of the areas"), self.AREAS, tr(
            "Number of residents of each area: gives rates per 1,000 and who is under-heard."), optional=True))
        self._fields()
        self.addParameter(p.choice(self.AUDIENCE, tr("Who will see it"), [
            tr("The agency: nothing of fewer than 5 voices"), tr("The public: nothing of fewer than 10 voices")], 0, tr(
            "Sets the fewest voices of which anything is told. Where the rest could be had by subtraction, more is"
            " withheld.")))
        self.addParameter(p.distance(self.CELL_SIZE, tr("Cell size"), 500.0, tr(
            "Metres, without areas: width of a hexagon or side of a square.")))
        self.addParameter(p.number(self.HALF_LIFE, tr("Days after which a report counts half"), 180.0, tr(
            "Recent reports count more: a report counts a half after so many days, a quarter after twice as many. 0:"
            " all count alike."), 0.0))
        self.addParameter(p.date(self.AS_OF, tr("Day of the state"), tr(
            "Ages are counted to this day, and later reports left out. Empty: the day of the last report."),
            optional=True))
        self.addParameter(p.integer(self.WINDOW, tr("Days looked at"), None, tr(
            "Only reports of so many days up to the day of the state. Empty: all."), 1, optional=True))
        self._advanced()
        self._outputs()

    def _fields(self) -> None:
        p, tr = parameters, self.tr
        for name, text, help, kind in (
            (self.CONCERN_FIELD, tr("How much it concerns them"), tr(
                "A number from 1 (not worried) to 5 (very worried). Empty: concern, if there is such a field; without"
                " it voices and reports are counted, and no concern."), "number"),
            (self.CATEGORY_FIELD, tr("What the report is about"), tr("Empty: category, if there is such a field."),
             "any"),
            (self.DAY_PART_FIELD, tr("Time of day that worries"), tr(
                "morning, afternoon, evening, night or any. Empty: day_part, if there is such a field."), "any"),
            (self.DATE_FIELD, tr("Day of the report"), tr("Empty: said_on, if there is such a field."), "time"),
            (self.VOICE_FIELD, tr("Token of the resident"), tr(
                "The same for all reports of one resident, who is one voice. Empty: voice_id, if there is such a field;"
                " without it every report counts as a voice."), "any"),
            (self.COUNT_FIELD, tr("Number of reports in a row"), tr(
                "Where a row stands for several reports of the same. Empty: one."), "number"),
            (self.WEIGHT_FIELD, tr("Weight of the voice"), tr(
                "Survey weight, which the means use. Empty: all voices weigh alike, but for their age."), "number"),
        ):
            self.addParameter(p.advanced(p.field(name, text, self.INPUT, help, kind, True)))

    def _advanced(self) -> None:
        p, tr = parameters, self.tr
        for parameter in (
            p.integer(self.MIN_VOICES, tr("Fewest voices told"), None, tr(
                "Empty: the agency settings for that audience (min_internal, min_public), else 5 and 10."), 2,
                optional=True),
            p.number(self.MIN_POPULATION, tr("Least population for a rate"), 100.0, tr(
                "Areas with fewer residents get no rate and are not compared."), 0.0),
            p.areas_or_points(self.POPULATION, tr("Population"), tr(
                "Census areas or points, where the areas do not bring their residents along, or for cells; of a census"
                " area that is cut, residents are shared by area."), optional=True),
            p.field(self.RESIDENTS_FIELD, tr("Residents of the population layer"), self.POPULATION, tr(
                "Number of residents of each census area or point."), optional=True),
            p.areas(self.BOUNDARY, tr("Study area"), tr(
                "Where cells are made, and the surface ends. Empty: as far as the reports go."), optional=True),
            p.choice(self.GRID_TYPE, tr("Shape of the cells"), [tr("Hexagons"), tr("Squares")], 0, tr(
                "Of the grid that is made where no areas are given.")),
            p.choice(self.UNDATED, tr("Reports without a day"), [
                tr("Count as the mean of the others"), tr("Are left out")], 0, tr("Either way their number is told.")),
            p.choice(self.DRAWN, tr("Reports drawn as lines or areas"), [
                tr("Count once, where at least half of them lies"),
                tr("Count in every area that holds a tenth of them or of which they cover a tenth")], 0, tr(
                "What is drawn across several areas, none of which holds half of it, counts in the whole only.")),
            p.distance(self.BANDWIDTH, tr("Bandwidth of the surface"), 500.0, tr(
                "Metres from a place to where voices no longer count for it.")),
        ):
            self.addParameter(p.advanced(parameter))

    def _outputs(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.output_polygons(self.OUTPUT, tr("Concern by area"), tr(
            "The areas with mean concern and its interval, voices, reports, rates and classes; empty where too few"
            " voices speak.")))
        self.addParameter(p.output_table(self.TABLE, tr("By category and time of day"), tr(
            "A row for each area, category and time of day, and for their totals, of which voices enough speak."),
            optional=True))
        self.addParameter(p.output_raster(self.SURFACE, tr("Concern surface"), tr(
            "Raster of the mean concern around each place, NoData where too few voices contribute."), optional=True))
        self.addParameter(p.output_raster(self.SURFACE_SE, tr("Standard error of the surface"), tr(
            "Raster of the standard error of that mean."), optional=True))
        self.addParameter(p.output_raster(self.SURFACE_VOICES, tr("Voices behind the surface"), tr(
            "Raster of the voices within the bandwidth, rounded down to a multiple of 5."), optional=True))
        self.addParameter(p.report())
        add = self.add_number
        add("REPORTS_USED", tr("Reports"), tr("Reports used, those in no area included."))
        add("VOICES", tr("Voices"), tr("Residents who made them."))
        add("NOT_AGREED", tr("Not agreed"), tr("Rows left out because the resident did not agree to be counted."))
        add("MEAN_CONCERN", tr("Mean concern"), tr("Of all voices, 1 to 5; empty without concern."))
        add("MEAN_LOW", tr("Mean concern, lower end"), tr("Of its 95 % interval."))
        add("MEAN_HIGH", tr("Mean concern, upper end"), tr("Of its 95 % interval."))
        add("WORRIED_SHARE", tr("Share worried"), tr("Share of the voices of 4 or 5, 0 to 1."))
        add("PLACES", tr("Areas"), tr("Areas of the layer, or cells of the grid."))
        add("TOLD", tr("Areas told"), tr("Areas with voices enough to tell something."))
        add("WITHHELD", tr("Areas withheld with others"), tr(
            "Areas with voices enough that are withheld, as others could be had from them by subtraction."))
        add("MORE_WORRIED", tr("More worried"), tr("Areas clearly more worried than the whole."))
        add("LESS_WORRIED", tr("Less worried"), tr("Areas clearly less worried than the whole."))
        add("UNDER_HEARD", tr("Under-heard"), tr("Areas with clearly fewer voices for their residents; empty without"
                                                 " population."))
        add("IN_NO_AREA", tr("Reports in no area"), tr("Also those drawn across several areas."))
        add("LEAST_USED", tr("Fewest voices"), tr("Of which anything was told."))
        self.add_text("AS_OF_USED", tr("Day of the state"), tr("As year-month-day; empty without days."))
        self.add_text("SUMMARY", tr("Result in sentences"), tr("Can be read out at a meeting."))

    def execute(self, run: Any) -> dict:
        from . import communityconcern_read as reading
        from . import communityconcern_report as reporting
        from . import communityconcern_surface as surfacing
        from .communityconcern_words import Words

        data = reading.read(run)
        found = reading.measure(run, data)
        words = Words(run, data, found)
        summary = run.tell(words)
        surfacing.write(run, data)
        style = reporting.style(words)
        if data.places.layer is not None:
            run.write_areas(self.OUTPUT, data.places.layer, words.columns(), style)
        else:
            run.write_polygons(self.OUTPUT, data.places.shapes, {**data.places.own, **words.columns()}, style)
        if run.wants(self.TABLE):
            run.write_table(self.TABLE, words.table())
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, reporting.build(run, words))
        return {**words.numbers(), "SUMMARY": summary}
