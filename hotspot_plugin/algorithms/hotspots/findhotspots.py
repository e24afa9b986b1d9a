"""Find hot spots of incidents in one step."""

from __future__ import annotations

from typing import Any

import numpy as np
from qgis.core import QgsGeometry

from ...layers import fields, styling, writing
from .. import groups, parameters
from ..base import HotspotAlgorithm
from . import findhotspots_input, findhotspots_report
from .findhotspots_help import about

CONFIDENCES = (0.90, 0.95, 0.99)
HECTARE = 10_000.0


class FindHotspots(HotspotAlgorithm):
    """Find hot spots."""

    NAME, GROUP = "findhotspots", groups.HOTSPOTS
    INPUT, BOUNDARY, WEIGHT_FIELD, TYPE_FIELD = "INPUT", "BOUNDARY", "WEIGHT_FIELD", "TYPE_FIELD"
    DATE_FIELD, WINDOW, AS_OF = "DATE_FIELD", "WINDOW", "AS_OF"
    TEST_FROM, TEST_INCIDENTS = "TEST_FROM", "TEST_INCIDENTS"
    CELL_SIZE, GRID_TYPE, DISTANCE, CONFIDENCE = "CELL_SIZE", "GRID_TYPE", "DISTANCE", "CONFIDENCE"
    MIN_CELL, MIN_COUNT, MAX_AREA, SEED = "MIN_CELL", "MIN_COUNT", "MAX_AREA", "SEED"
    OUTPUT, HOTSPOTS, REPORT = "OUTPUT", "HOTSPOTS", "REPORT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Find hot spots")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Finds where incidents gather more than chance would make them, in one step, as ranked places"
                       " that one can patrol.")  # fmt: skip

    def tags(self) -> list:
        return self.tr("hot spot,hotspot,crime,hot dots,gi*,getis,cluster,concentration,PAI,heat map,grid,village,"
                       "rural,sparse,optimized").split(",")  # fmt: skip

    def about(self) -> str:
        return about(self.tr)

    def declare(self) -> None:
        tr, add = self.tr, self.addParameter
        add(parameters.points(self.INPUT, tr("Incidents"), tr(
            "Points, one an incident. The fields of prepared incidents are found without being named.")))
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
        add(parameters.date(self.TEST_FROM, tr("Hold back from"), tr(
            "Incidents from this day on are held back and used to test the hot spots found in the earlier ones."),
            True))
        add(parameters.points(self.TEST_INCIDENTS, tr("Test incidents"), tr(
            "Later incidents in a layer of their own, to test the hot spots."), optional=True))
        add(parameters.advanced(parameters.distance(self.DISTANCE, tr("Distance to neighbours (0 = cells that touch)"),
            0.0, tr("Cells whose centres lie within it are neighbours. Over 500 m blurs hot spots into districts. As an"
                    " output: metres to the farthest neighbour."))))
        add(parameters.seed())
        add(parameters.output_polygons(self.OUTPUT, tr("Grid with hot and cold cells"), tr(
            "All cells of the study area with n, GiZScore, GiPValue, Gi_Bin and more, drawn by Gi_Bin.")))
        add(parameters.output_polygons(self.HOTSPOTS, tr("Hot spots"), tr(
            "Ranked places with their numbers, types, busiest place and months; empty if chance explains all.")))
        add(parameters.report(tr("Web page with a sentence to read out, the map, the table and the settings.")))
        self._declare_numbers()

    def _declare_numbers(self) -> None:
        tr, add = self.tr, self.add_number
        add("HOTSPOT_COUNT", tr("Number of hot spots"), tr("0 is a good answer: chance explains all."))
        add("INCIDENT_SHARE", tr("Share of incidents"), tr("In the hot spots, 0 to 1."))
        add("AREA_SHARE", tr("Share of area"), tr("Of the hot spots in the study area, 0 to 1."))
        add("CONC_RATIO", tr("Concentration ratio"), tr(
            "Share of incidents over share of area, for the incidents that made the hot spots. It flatters: it is no"
            " PAI."))
        add("PAI", tr("Prediction accuracy index"), tr(
            "Share of the incidents held back over share of area; no value without TEST_FROM or TEST_INCIDENTS."))
        add("TEST_SHARE", tr("Share of test incidents"), tr("Held-back incidents in the hot spots, 0 to 1."))
        for name, text in ((self.CELL_SIZE, tr("Cell size used")), (self.DISTANCE, tr("Distance used")),
                           (self.MIN_COUNT, tr("Incidents asked of a hot spot"))):  # fmt: skip
            # QGIS keeps one help text a name, so the parameter's says what the output is
            add(name, text, self.parameterDefinition(name).help())
        add("INCIDENTS", tr("Incidents used"), tr("In the period and the study area."))
        add("HOT_CELLS", tr("Hot cells"), tr("Cells that are hot at the confidence chosen."))
        add("AREA_KM2", tr("Study area"), tr("Square kilometres."))
        add("EXPECTED", tr("Incidents expected in a neighbourhood"), tr(
            "If all were spread evenly. Below 25 the exact test decides."))
        self.add_text("METHOD", tr("Test used"), tr("'gistar' or 'exact'."))
        self.add_text("SUMMARY", tr("Result in a sentence"), tr(
            "With its numbers, their interval and the period; it can be read out."))

    def execute(self, run: Any) -> dict:
        from ...analysis.hotspots import findhotspots as analysis

        incidents = findhotspots_input.read(run, self)
        grid = self._grid(run, incidents)
        least = run.integer(self.MIN_COUNT) or analysis.least_count(len(incidents), incidents.months)
        settings = analysis.Settings(
            CONFIDENCES[run.choice(self.CONFIDENCE)], run.number(self.DISTANCE), run.integer(self.MIN_CELL), least,
            run.number(self.MAX_AREA) * HECTARE, incidents.precision,
        )  # fmt: skip
        rng = np.random.default_rng(run.integer(self.SEED))
        found = analysis.find(
            incidents.x, incidents.y, incidents.area, grid, settings,
            weight=incidents.weight, rng=rng, progress=run.stage(0.4, 0.85),
        )  # fmt: skip
        story = findhotspots_report.Story(run, incidents, found, settings)
        story.tell()
        run.write_polygons(self.OUTPUT, grid.polygons(found.cells.col, found.cells.row), self._cells(found, incidents),
                           style=findhotspots_report.cell_style())  # fmt: skip
        run.write_polygons(self.HOTSPOTS, self._shapes(found.places), story.columns(), style=styling.single(
            "Hot spots", "0,0,0,0", self.tr("Hot spot, with its rank"), "#111111", 0.45, fields.RANK))
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, story.report(run.output_layer(self.HOTSPOTS), run.output_layer(self.OUTPUT)))
        return story.numbers()

    def _grid(self, run: Any, incidents: Any) -> Any:
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

    def _cells(self, found: Any, incidents: Any) -> dict:
        """Columns of the grid."""
        cells = found.cells
        inside = cells.grid.centres(cells.col, cells.row)
        spot = found.places.locate(inside[:, 0], inside[:, 1])
        columns = {fields.CELL_ID: cells.grid.ids(cells.col, cells.row), fields.N: cells.n}
        if incidents.weight is not None:
            columns[fields.SUM] = cells.total
        return {
            **columns,
            fields.EXPECTED: cells.expected, fields.GI_Z: cells.z, fields.GI_P: cells.p,
            fields.GI_BIN: cells.bins.astype(np.int64), fields.N_NEIGHBORS: cells.neighbours,
            fields.CHANCE_P: cells.chance_p, fields.RANK: np.ma.masked_array(spot + 1, spot < 0),
        }  # fmt: skip

    def _shapes(self, places: Any) -> list:
        """One polygon a hot spot."""
        cells = list(writing.polygons_from_array(places.grid.polygons(places.col, places.row)))
        parts: list = [[] for _ in range(places.count)]
        for cell, spot in zip(cells, places.spot.tolist()):
            parts[spot].append(cell)
        return [QgsGeometry.unaryUnion(part) if len(part) > 1 else part[0] for part in parts]
