"""Create analysis grid: hexagons or squares with ids that stay the same between runs."""

from __future__ import annotations

from typing import Any

import numpy as np
from qgis.core import QgsProcessingParameterExtent

from ...analysis.errors import InputError
from ...layers import fields, styling
from .. import groups, parameters
from ..base import HotspotAlgorithm

#: The kinds of grid as the analysis calls them, in the order of the options.
KINDS = ("hexagon", "square")
#: From here on a grid is slow to draw and the user is told before it is made.
MANY_CELLS = 100_000


class AnalysisGrid(HotspotAlgorithm):
    """Create analysis grid."""

    NAME, GROUP = "analysisgrid", groups.DATA
    INPUT, BOUNDARY, EXTENT, GRID_TYPE, CELL_SIZE = "INPUT", "BOUNDARY", "EXTENT", "GRID_TYPE", "CELL_SIZE"
    MIN_SHARE, CLIP, OUTPUT = "MIN_SHARE", "CLIP", "OUTPUT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Create analysis grid")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Covers an area with hexagons or squares whose ids stay the same from month to month.")

    def tags(self) -> list:
        return self.tr("grid,fishnet,hexagon,hex,square,cells,tessellation,boundary").split(",")

    def about(self) -> str:
        return self.tr(
            "<p>Covers a study area with equal cells, in which incidents can be counted and tested. Hexagons have all"
            " their neighbours at the same distance; squares are simpler to explain.</p>"
            "<p>Columns and rows are counted from 0 m of the coordinate system, not from the corner of your data. So"
            " <b>cell_id</b> (system, shape and size, column, row) names the same place next month, for a colleague,"
            " and after the boundary was edited, as long as the coordinate system and the size are the same.</p>"
            "<p><b>Cell size.</b> Metres: the side of a square, or the width of a hexagon between two parallel sides"
            " (a hexagon has 0.866 of the area of the square). 0 takes the smallest of 150, 250, 500 and 1000 m at"
            " which 3 x 3 cells expect at least 0.2 incidents, and never less than the precision of the coordinates;"
            " the log says why. Without incidents it takes 150 m, the size of place that hot spot trials use, unless"
            " the area is so wide that this would be more than 500,000 cells.</p>"
            "<p><b>Area.</b> The polygons of INPUT or of BOUNDARY; else the given extent; else the extent of INPUT's"
            " points, with the farthest 0.5 % at each side left out if they lie far off. Layers in degrees or feet are"
            " projected to a metric system, which is that of the grid.</p>"
            "<p>Fields: cell_id, grid_col, grid_row, and share_in, the share of the cell inside the area.</p>"
        )

    def declare(self) -> None:
        tr = self.tr
        self.addParameter(parameters.areas_or_points(self.INPUT, tr("Study area or incidents"), tr(
            "Polygons to cover, or points whose extent is covered and whose number guides the cell size."),
            optional=True))
        self.addParameter(parameters.areas(self.BOUNDARY, tr("Boundary"), tr(
            "Polygons to cover, where INPUT holds incidents. Only needed to give both."), optional=True))
        extent = QgsProcessingParameterExtent(self.EXTENT, tr("Extent"), None, True)
        extent.setHelp(tr("A rectangle to cover, where there are no polygons."))
        self.addParameter(extent)
        self.addParameter(parameters.choice(self.GRID_TYPE, tr("Shape of the cells"), [tr("Hexagons"), tr("Squares")],
                                            0, tr("Hexagons suit most analyses.")))
        self.addParameter(parameters.distance(self.CELL_SIZE, tr("Cell size"), 0.0, tr(
            "Metres: side of a square, width of a hexagon. 0 lets the data decide and says why.")))
        self.addParameter(parameters.number(self.MIN_SHARE, tr("Least share of a cell inside (%)"), 0.0, tr(
            "Cells of which less lies inside the boundary are dropped. 0 keeps all that overlap it at all, so that"
            " every incident inside is in a cell."), 0.0, 100.0))
        self.addParameter(parameters.flag(self.CLIP, tr("Clip cells to the boundary"), False, tr(
            "Yes cuts the cells at the edge. They then differ in area: compare them by rate, not by count.")))
        self.addParameter(parameters.output_polygons(self.OUTPUT, tr("Grid"), tr(
            "The cells with cell_id, grid_col, grid_row and share_in.")))
        self.add_number("CELL_SIZE_USED", tr("Cell size used"), tr("Side or width of a cell in metres."))
        self.add_number("CELL_COUNT", tr("Number of cells"), tr("Cells in the grid."))
        self.add_number("CELL_AREA", tr("Area of a cell"), tr("Square metres of a whole cell."))
        self.add_text("CELL_RULE", tr("Why this cell size"), tr("The rule that set the cell size, in a sentence."))

    def execute(self, run: Any) -> dict:
        from ...analysis import grids
        from ...layers import cells

        boundary, points = self._layers(run)
        if boundary is None:
            extent = self._extent(run, points)
        else:
            box = boundary.boundingBox()
            extent = (box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum())
        area = boundary.area() if boundary is not None else (extent[2] - extent[0]) * (extent[3] - extent[1])
        size, rule = self._size(run, points, extent, area)
        run.info(rule)
        grid = grids.Grid(KINDS[run.choice(self.GRID_TYPE)], size, run.crs_id)
        self._check(run, grid, extent, area if boundary is not None else None)
        col, row = grid.cover(extent)
        run.progress(0.35)
        share, parts = np.ones(len(col)), {}
        if boundary is not None:
            share, parts = cells.cells_within(grid, boundary, col, row, run.stage(0.35, 0.8))
        keep = (share > 0) & (share >= run.number(self.MIN_SHARE) / 100.0)
        if not keep.any():
            raise InputError(self.MIN_SHARE, "No cell of {size:g} m lies that far inside the area. Give a smaller share"
                             " or smaller cells.", size=size)  # fmt: skip
        self._write(run, grid, col, row, share, parts, np.flatnonzero(keep))
        lost = int(((share > 0) & ~keep).sum())
        if lost:
            run.warn(self.tr("{count} cells with less than {share:g} % of their area inside are dropped; incidents"
                             " there will be in no cell.").format(count=lost, share=run.number(self.MIN_SHARE)))
        run.info(self.tr("{count:,} cells of {size:g} m.").format(count=int(keep.sum()), size=size))
        return {"CELL_SIZE_USED": size, "CELL_COUNT": int(keep.sum()), "CELL_AREA": grid.area, "CELL_RULE": rule}

    def _layers(self, run: Any) -> tuple:
        """The boundary as one polygon, or None, and the incidents, or None."""
        from qgis.core import QgsWkbTypes

        from ...layers import cells
        from ...layers.areas import POINT, POLYGON

        boundary = points = None
        if run.has(self.INPUT):
            kind = QgsWkbTypes.geometryType(run.source(self.INPUT).wkbType())
            if kind == POINT:
                points = run.points(self.INPUT, progress=run.stage(0.0, 0.2))
            elif kind == POLYGON and not run.has(self.BOUNDARY):
                return cells.dissolve(run.areas(self.INPUT)), None
            elif kind == POLYGON:
                raise InputError(self.BOUNDARY, "Both INPUT and BOUNDARY hold polygons. Give one of them, or incidents"
                                 " as INPUT.")  # fmt: skip
            else:
                run.areas(self.INPUT)  # refuses other geometry types in words
        if run.has(self.BOUNDARY):
            boundary = cells.dissolve(run.areas(self.BOUNDARY))
        elif points is None and not run.has(self.EXTENT):
            raise InputError(self.INPUT, "Say what to cover: polygons, incidents, or an extent.")
        return boundary, points

    def _extent(self, run: Any, points: Any) -> tuple:
        """The extent to cover where there is no polygon, in metres."""
        from ...analysis.cellsize import study_extent

        if not run.has(self.EXTENT):
            x_min, y_min, x_max, y_max = study_extent(points.x, points.y)
            outside = (points.x < x_min) | (points.x > x_max) | (points.y < y_min) | (points.y > y_max)
            if outside.any():
                run.warn(self.tr("{count} incidents lie far from the rest and are not covered. Give a boundary to"
                                 " cover them.").format(count=int(outside.sum())))  # fmt: skip
            return x_min, y_min, x_max, y_max
        crs = self.parameterAsExtentCrs(run.parameters, self.EXTENT, run.context)
        raw = self.parameterAsExtent(run.parameters, self.EXTENT, run.context)
        corners = np.array([raw.xMinimum(), raw.xMaximum()]), np.array([raw.yMinimum(), raw.yMaximum()])
        run.use_crs(crs, *corners, self.EXTENT)
        box = self.parameterAsExtent(run.parameters, self.EXTENT, run.context, run.crs)
        if not (np.isfinite([box.width(), box.height()]).all() and box.width() > 0 and box.height() > 0):
            raise InputError(self.EXTENT, "The extent is empty. Draw a rectangle or take a layer's extent.")
        return box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()

    def _size(self, run: Any, points: Any, extent: tuple, area: float) -> tuple:
        """The cell size in metres, and the sentence that says why."""
        from ...analysis.cellsize import choose_cell_size, coordinate_precision

        precision, count = 0.0, -1
        if points is not None:
            inside = (points.x >= extent[0]) & (points.x <= extent[2])
            inside &= (points.y >= extent[1]) & (points.y <= extent[3])
            precision, count = coordinate_precision(points.x[inside], points.y[inside]), int(inside.sum())
        run.progress(0.3)
        size = run.number(self.CELL_SIZE)
        if not size:
            chosen = choose_cell_size(count, area, precision)
            return chosen.size, self.tr(chosen.template).format(**chosen.values)
        if 0 < size < precision:
            run.warn(self.tr("Cells of {size:g} m are finer than the coordinates, which are only precise to about"
                             " {precision:,.0f} m: incidents will gather in some cells and miss others.").format(
                                 size=size, precision=precision))  # fmt: skip
        return size, self.tr("Cells of {size:g} m, as given.").format(size=size)

    def _check(self, run: Any, grid: Any, extent: tuple, area: float | None) -> None:
        from ...analysis.cellsize import check_cells

        box_cells = grid.cover_size(extent)
        expected = box_cells if area is None else min(box_cells, area / grid.area)
        check_cells(self.CELL_SIZE, grid.size, expected, box_cells)
        if expected > MANY_CELLS:
            run.warn(self.tr("The grid will have about {count:,.0f} cells, which is slow to draw; larger cells may"
                             " serve as well.").format(count=expected))  # fmt: skip

    def _write(self, run: Any, grid: Any, col: Any, row: Any, share: Any, parts: dict, keep: Any) -> None:
        col, row, share = col[keep], row[keep], share[keep]
        columns = {fields.CELL_ID: grid.ids(col, row), fields.GRID_COL: col, fields.GRID_ROW: row,
                   fields.SHARE_IN: np.round(share, 6)}  # fmt: skip
        polygons = grid.polygons(col, row)
        if run.flag(self.CLIP) and parts:
            from ...layers.writing import polygons_from_array

            whole = zip(keep.tolist(), polygons_from_array(polygons))
            polygons = [parts.get(place, shape) for place, shape in whole]
        style = styling.single("Analysis grid", "#00ffffff", self.tr("Cell of the grid"), width=0.15)
        run.write_polygons(self.OUTPUT, polygons, columns, style)
