"""What all searches for hot spots share: parameters, grid, thresholds and shapes."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsGeometry

from .. import parameters
from ..base import HotspotAlgorithm

CONFIDENCES = (0.90, 0.95, 0.99)
HECTARE = 10_000.0


class HotspotSearch(HotspotAlgorithm):
    """A tool that searches incidents for hot spots by the same rules as 'Find hot spots'."""

    INPUT, BOUNDARY, WEIGHT_FIELD, TYPE_FIELD = "INPUT", "BOUNDARY", "WEIGHT_FIELD", "TYPE_FIELD"
    DATE_FIELD, WINDOW, AS_OF = "DATE_FIELD", "WINDOW", "AS_OF"
    CELL_SIZE, GRID_TYPE, DISTANCE, CONFIDENCE = "CELL_SIZE", "GRID_TYPE", "DISTANCE", "CONFIDENCE"
    MIN_CELL, MIN_COUNT, MAX_AREA, SEED = "MIN_CELL", "MIN_COUNT", "MAX_AREA", "SEED"
    OUTPUT, HOTSPOTS, REPORT = "OUTPUT", "HOTSPOTS", "REPORT"
    #: a search that holds nothing back has no such parameters
    TEST_FROM, TEST_INCIDENTS = "", ""

    def declare_incidents(self) -> None:
        """Which incidents count, and as how much."""
        tr, add = self.tr, self.addParameter
        add(parameters.areas(self.BOUNDARY, tr("Study area"), tr(
            "Polygons of the area in which incidents could have been recorded, e.g. the city. Incidents outside are"
            " left out and counted. Without it the hull of the incidents is taken."), optional=True))
        add(parameters.field(self.DATE_FIELD, tr("Date"), self.INPUT, tr(
            "Date or date and time, also as text. It gives the months in which each hot spot was active."), "time",
            True))
        add(parameters.integer(self.WINDOW, tr("Days to look back (0 = all)"), 0, tr(
            "Days up to the last one. 365 or more show stable places; 28 show what is happening now."), 0))
        add(parameters.date(self.AS_OF, tr("Last day"), tr(
            "Last day of the period; empty takes the last date in the data."), True))
        add(parameters.field(self.TYPE_FIELD, tr("Type of incident"), self.INPUT, tr(
            "Gives the commonest type of each hot spot."), "any", True))
        add(parameters.field(self.WEIGHT_FIELD, tr("Weight"), self.INPUT, tr(
            "How much each incident counts, e.g. its harm. Empty counts each once. MIN_CELL and MIN_COUNT stay numbers"
            " of incidents."), "number", True))

    def declare_rules(self) -> None:
        """What a hot spot is."""
        tr, add = self.tr, self.addParameter
        add(parameters.distance(self.CELL_SIZE, tr("Cell size (0 = automatic)"), 0.0, tr(
            "Width of the cells. 0 takes the smallest of 150, 250, 500 and 1000 m that the data can carry, and says"
            " why. As an output: the size used.")))
        add(parameters.choice(self.GRID_TYPE, tr("Cells"), [tr("Hexagons"), tr("Squares")], 0, tr(
            "Hexagons touch all six neighbours alike, so hot spots are compact; squares are what many trials used.")))
        add(parameters.choice(self.CONFIDENCE, tr("Confidence"), ["90 %", "95 %", "99 %"], 1, tr(
            "With 95 %, about 5 of 100 cells shown as hot are false.")))
        add(parameters.number(self.MAX_AREA, tr("Largest hot spot (hectares)"), 10.0, tr(
            "No hot spot is larger. 10 ha can be walked in a quarter of an hour; trials of single places use 2.25."),
            0.1))
        add(parameters.integer(self.MIN_COUNT, tr("Incidents in a hot spot (0 = automatic)"), 0, tr(
            "Places with fewer are not reported. 0 asks for 10 in twelve months, in proportion to the period, but not"
            " for more than 2 % of all incidents and never for fewer than 5. As an output: the number asked for."), 0))
        add(parameters.integer(self.MIN_CELL, tr("Incidents in a cell"), 3, tr(
            "A hot spot starts only from cells with at least so many."), 1))

    def declare_distance(self) -> None:
        """What neighbours are."""
        tr, add = self.tr, self.addParameter
        add(parameters.advanced(parameters.distance(self.DISTANCE, tr("Distance to neighbours (0 = cells that touch)"),
            0.0, tr("Cells whose centres lie within it are neighbours. Over 500 m blurs hot spots into districts. As an"
                    " output: metres to the farthest neighbour."))))

    def declare_used(self) -> None:
        """The numbers that say which rules were used."""
        tr, add = self.tr, self.add_number
        for name, text in ((self.CELL_SIZE, tr("Cell size used")), (self.DISTANCE, tr("Distance used")),
                           (self.MIN_COUNT, tr("Incidents asked of a hot spot"))):  # fmt: skip
            # QGIS keeps one help text a name, so the parameter's says what the output is
            add(name, text, self.parameterDefinition(name).help())

    def grid(self, run: Any, incidents: Any) -> Any:
        """The grid, by the ladder or as chosen."""
        from ...analysis import cellsize, grids
        from ...analysis.hotspots import studyarea

        kind = (grids.HEXAGON, grids.SQUARE)[run.choice(self.GRID_TYPE)]
        size, area = run.number(self.CELL_SIZE), incidents.area
        if not size:
            left, bottom, right, top = area.box
            room = area.size / ((right - left) * (top - bottom))
            chosen = cellsize.choose_cell_size(
                len(incidents), area.size, incidents.precision, most_cells=int(0.8 * studyarea.MOST_CELLS * room)
            )
            run.info(self.tr(chosen.template).format(**chosen.values))
            size = chosen.size
        elif size < incidents.precision:
            run.warn(self.tr("The coordinates are only precise to about {precision:,.0f} m, coarser than the cells of"
                             " {size:g} m: which cell an incident falls into is partly chance.").format(
                                 precision=incidents.precision, size=size))  # fmt: skip
        return grids.Grid(kind, float(size), run.crs_id)

    def settings(self, run: Any, incidents: Any) -> Any:
        """The thresholds, by the rules or as chosen."""
        from ...analysis.hotspots import findhotspots as analysis

        least = run.integer(self.MIN_COUNT) or analysis.least_count(len(incidents), incidents.months)
        return analysis.Settings(
            CONFIDENCES[run.choice(self.CONFIDENCE)], run.number(self.DISTANCE), run.integer(self.MIN_CELL), least,
            run.number(self.MAX_AREA) * HECTARE, incidents.precision,
        )  # fmt: skip

    def shapes(self, places: Any) -> list:
        """One polygon a hot spot."""
        from ...layers import writing

        cells = list(writing.polygons_from_array(places.grid.polygons(places.col, places.row)))
        parts: list = [[] for _ in range(places.count)]
        for cell, spot in zip(cells, places.spot.tolist()):
            parts[spot].append(cell)
        return [QgsGeometry.unaryUnion(part) if len(part) > 1 else part[0] for part in parts]
