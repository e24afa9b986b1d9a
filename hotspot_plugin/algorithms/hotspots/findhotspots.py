"""Find hot spots of incidents in one step."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...layers import fields, styling
from .. import groups, parameters, proactive
from .findhotspots_help import about
from .findhotspots_search import HotspotSearch


class FindHotspots(HotspotSearch):
    """Find hot spots."""

    NAME, GROUP = "findhotspots", groups.HOTSPOTS
    TEST_FROM, TEST_INCIDENTS = "TEST_FROM", "TEST_INCIDENTS"

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
        self.declare_incidents()
        self.declare_rules()
        add(parameters.date(self.TEST_FROM, tr("Hold back from"), tr(
            "Incidents from this day on are held back and used to test the hot spots found in the earlier ones."),
            True))
        add(parameters.points(self.TEST_INCIDENTS, tr("Test incidents"), tr(
            "Later incidents in a layer of their own, to test the hot spots."), optional=True))
        self.declare_distance()
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
        self.declare_used()
        add("INCIDENTS", tr("Incidents used"), tr("In the period and the study area."))
        add("PROACTIVE_SHARE", tr("Share found by officers"), tr(
            "Of the incidents used, 0 to 1, by the field 'proactive' of classified incidents; those not known count"
            " as reported by others. No value without the field. Above 0.1 see 'Officer-initiated activity check'."))
        add("HOT_CELLS", tr("Hot cells"), tr("Cells that are hot at the confidence chosen."))
        add("AREA_KM2", tr("Study area"), tr("Square kilometres."))
        add("EXPECTED", tr("Incidents expected in a neighbourhood"), tr(
            "If all were spread evenly. Below 25 the exact test decides."))
        self.add_text("METHOD", tr("Test used"), tr("'gistar' or 'exact'."))
        self.add_text("SUMMARY", tr("Result in a sentence"), tr(
            "With its numbers, their interval and the period; it can be read out."))

    def execute(self, run: Any) -> dict:
        from ...analysis.hotspots import findhotspots as analysis
        from . import findhotspots_input, findhotspots_report

        who = proactive.field(run)
        incidents = findhotspots_input.read(run, self, [who])
        grid, settings = self.grid(run, incidents), self.settings(run, incidents)
        rng = np.random.default_rng(run.integer(self.SEED))
        found = analysis.find(
            incidents.x, incidents.y, incidents.area, grid, settings,
            weight=incidents.weight, rng=rng, progress=run.stage(0.4, 0.85),
        )  # fmt: skip
        story = findhotspots_report.Story(run, incidents, found, settings, proactive.marks(incidents.texts, who))
        story.tell()
        run.write_polygons(self.OUTPUT, grid.polygons(found.cells.col, found.cells.row), self._cells(found, incidents),
                           style=findhotspots_report.cell_style())  # fmt: skip
        run.write_polygons(self.HOTSPOTS, self.shapes(found.places), story.columns(), style=styling.single(
            "Hot spots", "0,0,0,0", self.tr("Hot spot, with its rank"), "#111111", 0.45, fields.RANK))
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, story.report(run.output_layer(self.HOTSPOTS), run.output_layer(self.OUTPUT)))
        return story.numbers()

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
