"""Kernel density: a smooth surface of incidents per square kilometre."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.errors import InputError
from ...layers import styling
from .. import groups, parameters
from ..base import HotspotAlgorithm
from .kerneldensity_help import about

KERNELS = ("quartic", "epanechnikov", "gaussian", "triangular", "uniform")
RULES = ("", "scott", "nrd", "esri")
#: Steps of the classes, in multiples of the mean; the last class is open and counts as hot.
STEPS = (1, 2, 3, 4, 5)
COLOURS = ("#ffffcc", "#fed976", "#feb24c", "#fd8d3c", "#f03b20", "#bd0026")


class KernelDensity(HotspotAlgorithm):
    """Kernel density."""

    NAME, GROUP = "kerneldensity", groups.HOTSPOTS
    INPUT, KERNEL, WEIGHT_FIELD, BANDWIDTH, RULE = "INPUT", "KERNEL", "WEIGHT_FIELD", "BANDWIDTH", "BANDWIDTH_RULE"
    CELL_SIZE, UNIT, BOUNDARY, EDGE, OUTPUT = "CELL_SIZE", "UNIT", "BOUNDARY", "EDGE_CORRECTION", "OUTPUT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Kernel density")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Turns incidents into a smooth raster of incidents per square kilometre (heat map).")

    def tags(self) -> list:
        return self.tr("kde,kernel density,heat map,heatmap,density,surface,raster,hot spot").split(",")

    def about(self) -> str:
        return about(self.tr)

    def declare(self) -> None:
        tr = self.tr
        self.addParameter(parameters.points(self.INPUT, tr("Incidents"), tr("A point for each incident.")))
        self.addParameter(parameters.choice(self.KERNEL, tr("Kernel"), [
            tr("Quartic"), tr("Epanechnikov"), tr("Gaussian"), tr("Triangular"), tr("Uniform")], 0, tr(
            "How an incident counts less with distance. It matters far less than the bandwidth. Quartic is usual in"
            " crime mapping.")))
        self.addParameter(parameters.distance(self.BANDWIDTH, tr("Bandwidth"), 300.0, tr(
            "Metres from an incident to where it no longer counts (for the Gaussian its standard deviation). 150 to"
            " 500 m suit places that can be patrolled.")))
        self.addParameter(parameters.distance(self.CELL_SIZE, tr("Cell size"), 0.0, tr(
            "Side of a raster cell in metres. 0 takes a tenth of the bandwidth. It hardly changes the result.")))
        self.addParameter(parameters.field(self.WEIGHT_FIELD, tr("Weight field"), self.INPUT, tr(
            "A number that says how much each incident counts, e.g. harm or number of offences. Not negative; rows"
            " without it are left out."), optional=True))
        self.addParameter(parameters.areas(self.BOUNDARY, tr("Study area"), tr(
            "Polygons outside of which the raster holds no data. Without it the raster reaches as far as the"
            " incidents do."), optional=True))
        self.addParameter(parameters.flag(self.EDGE, tr("Correct the edge of the study area"), False, tr(
            "Yes makes up for what was not recorded beyond the study area, so that places at its edge do not seem"
            " calm: each value is divided by the share of the kernel inside. Incidents outside are then left out.")))
        self.addParameter(parameters.choice(self.UNIT, tr("Unit"), [
            tr("Incidents per square kilometre"), tr("Probability per square kilometre (integrates to 1)")], 0, tr(
            "Incidents per km2 compare places and periods of equal length. Probability compares patterns whatever"
            " the number of incidents.")))
        self.addParameter(parameters.advanced(parameters.choice(self.RULE, tr("How the bandwidth is set"), [
            tr("The bandwidth above"), tr("Scott's rule"), tr("Normal reference rule (nrd)"), tr("Esri's default")],
            0, tr("Automatic rules assume one single hump and give kilometres for a city or a county: they answer"
                  " another question than where to patrol. Their result is reported."))))
        self.addParameter(parameters.output_raster(self.OUTPUT, tr("Density"), tr(
            "Raster, drawn in multiples of the mean of all cells above 0: 0-1, 1-2 … more than 5 times. NoData"
            " outside the study area.")))
        self.add_number(self.BANDWIDTH, tr("Bandwidth"), tr("The bandwidth used, in metres."))
        self.add_number("CELL_SIZE_USED", tr("Cell size used"), tr("Side of a raster cell in metres."))
        self.add_number("INCIDENTS", tr("Incidents used"), tr("Number of incidents that make the surface."))
        self.add_number("MAXIMUM", tr("Maximum"), tr("Highest value of the raster, in its unit."))
        self.add_number("MEAN", tr("Mean above 0"), tr("Mean of all cells above 0, the unit of the classes."))
        self.add_number("HOT_THRESHOLD", tr("Hot threshold"), tr(
            "Value above which a cell is in the top class (5 times the mean): contour here for hot polygons."))
        self.add_number("SUM", tr("Sum"), tr(
            "Sum of all cells times their area in km2: all incidents (or weights, or 1), but for what lies outside"
            " the study area."))

    def execute(self, run: Any) -> dict:
        from ...analysis.hotspots import kerneldensity as kde

        kernel, boundary = KERNELS[run.choice(self.KERNEL)], None
        if run.flag(self.EDGE) and not run.has(self.BOUNDARY):
            raise InputError(self.BOUNDARY, "The edge can only be corrected within a study area. Give its polygons,"
                             " or switch the correction off.")  # fmt: skip
        points, weights = self._incidents(run, kde)
        if run.has(self.BOUNDARY):
            boundary = self._boundary(run)
        x, y, weights = self._inside(run, points, weights, boundary)
        bandwidth = self._bandwidth(run, kernel, x, y)
        frame = self._frame(run, kde, x, y, bandwidth, kernel, boundary)
        values = kde.density(x, y, frame, bandwidth, kernel, weights, run.stage(0.3, 0.7))
        if boundary is not None:
            values = self._cut(run, kde, values, frame, boundary, bandwidth, kernel)
        total = float(len(x)) if weights is None else float(weights.sum())
        values *= 1e6 / (total if run.choice(self.UNIT) else 1.0)
        run.progress(0.9)
        mean, peak = kde.typical(values), float(np.nanmax(values)) if np.isfinite(values).any() else 0.0
        self._tell(run, kde, values, peak, mean, len(x))
        run.write_raster(self.OUTPUT, values, frame.x_min, frame.y_max, frame.cell, self._style(mean), self._unit(run))
        return {
            self.BANDWIDTH: bandwidth, "CELL_SIZE_USED": frame.cell, "INCIDENTS": len(x), "MAXIMUM": peak,
            "MEAN": mean, "HOT_THRESHOLD": STEPS[-1] * mean, "SUM": float(np.nansum(values)) * frame.cell**2 / 1e6,
        }  # fmt: skip

    # --- reading ---------------------------------------------------------------------------
    def _incidents(self, run: Any, kde: Any) -> tuple:
        field = run.field(self.WEIGHT_FIELD)
        points = run.points(self.INPUT, numbers=[field], progress=run.stage(0.0, 0.25))
        if not field:
            return points, None
        weights = points.columns[field]
        kde.check_weights(self.WEIGHT_FIELD, weights, points.rows, field)
        known = np.isfinite(weights)
        points = points.take(known, self.tr("no weight"))
        if not known.all():
            run.warn(self.tr("{count} incidents have no weight in '{field}' and are left out.").format(
                count=int((~known).sum()), field=field))
        return points, weights[known]

    def _boundary(self, run: Any) -> Any:
        """Corners and ring starts of the study area as one polygon."""
        from ...layers import cells, rings

        whole = cells.dissolve(run.areas(self.BOUNDARY))
        run.progress(0.27)
        vertices, _, starts = rings.from_wkb([whole.asWkb().data()])
        return vertices, starts

    def _inside(self, run: Any, points: Any, weights: Any, boundary: Any) -> tuple:
        """Leave out incidents outside where the edge is corrected."""
        x, y = points.x, points.y
        if boundary is None:
            return x, y, weights
        from ...analysis.overlay import PolygonIndex

        vertices, starts = boundary
        index = PolygonIndex(vertices, np.zeros(len(vertices), np.int64), starts, 1)
        inside = index.first(x, y, run.stage(0.27, 0.3)) == 0
        if not inside.any():
            raise InputError(self.BOUNDARY, "None of the {count} incidents lies in the study area. Check that both"
                             " layers have the right coordinate reference system.", count=len(x))  # fmt: skip
        outside = int((~inside).sum())
        if not run.flag(self.EDGE):
            if outside:
                run.info(self.tr("{count} incidents outside the study area count where their kernel reaches into it.")
                         .format(count=outside))  # fmt: skip
            return x, y, weights
        if outside:
            tell = run.warn if outside > 0.05 * len(x) else run.info
            tell(self.tr("{count} of {total} incidents lie outside the study area and are left out.").format(
                count=outside, total=len(x)))
            points.take(inside, self.tr("outside the study area"))
        return x[inside], y[inside], None if weights is None else weights[inside]

    # --- choices ---------------------------------------------------------------------------
    def _bandwidth(self, run: Any, kernel: str, x: np.ndarray, y: np.ndarray) -> float:
        rule = RULES[run.choice(self.RULE)]
        if not rule:
            bandwidth = run.number(self.BANDWIDTH)
            if not bandwidth > 0:
                raise InputError(self.BANDWIDTH, "The bandwidth must be more than 0 m. 300 m is usual.")
        else:
            from ...analysis.hotspots.bandwidth import rule_bandwidth

            bandwidth = rule_bandwidth(rule, x, y, kernel)
            if not bandwidth > 0:
                raise InputError(self.RULE, "{count} incidents, all at one place, say nothing about a bandwidth. Give"
                                 " it in metres instead.", count=len(x))  # fmt: skip
            run.info(self.tr("The rule '{rule}' gives a bandwidth of {bandwidth:,.0f} m.").format(
                rule=rule, bandwidth=bandwidth))
        if not 150 <= bandwidth <= 500:
            run.warn(self.tr("A bandwidth of {bandwidth:,.0f} m is outside the 150 to 500 m that show places one can"
                             " patrol: {effect}.").format(bandwidth=bandwidth, effect=(
                                 self.tr("it shows districts") if bandwidth > 500 else self.tr("it shows single spots")
                             )))  # fmt: skip
        return float(bandwidth)

    def _frame(
        self, run: Any, kde: Any, x: np.ndarray, y: np.ndarray, bandwidth: float, kernel: str, boundary: Any
    ) -> Any:
        """Where the raster's cells lie; refuses what is too large before anything is built."""
        reach, cell = kde.kernel_reach(bandwidth, kernel), run.number(self.CELL_SIZE)
        if not cell:
            cell = bandwidth / 10
            run.info(self.tr("The cell size is {cell:g} m, a tenth of the bandwidth.").format(cell=cell))
        if boundary is None:
            extent, margin = (x.min(), y.min(), x.max(), y.max()), reach + 2 * cell
        else:
            extent, margin = (*boundary[0].min(axis=0), *boundary[0].max(axis=0)), 0.0
        frame = kde.plan_frame(self.CELL_SIZE, extent, margin, cell, bandwidth, kernel)
        if cell > bandwidth / 3:
            run.warn(self.tr("Cells of {cell:g} m are coarse for a bandwidth of {bandwidth:g} m; a tenth of it is"
                             " better.").format(cell=cell, bandwidth=bandwidth))  # fmt: skip
        if frame.cells > kde.MOST_CELLS / 5:
            run.warn(self.tr("The raster has {cells:,} cells, which takes about {size:,.0f} MB of memory.").format(
                cells=frame.cells, size=frame.cells * 24 / 1e6))
        return frame

    # --- results ---------------------------------------------------------------------------
    def _cut(
        self, run: Any, kde: Any, values: np.ndarray, frame: Any, boundary: Any, bandwidth: float, kernel: str
    ) -> np.ndarray:
        from ...analysis.overlay import cells_inside

        inside = cells_inside(*boundary, frame.x_min, frame.y_max, frame.cell, frame.shape, run.stage(0.7, 0.75))
        if not inside.any():
            raise InputError(self.CELL_SIZE, "No cell of {cell:g} m has its centre in the study area. Give a smaller"
                             " cell size.", cell=frame.cell)  # fmt: skip
        if run.flag(self.EDGE):
            share = kde.inside_share(inside, frame, bandwidth, kernel, run.stage(0.75, 0.88))
            values[inside] /= share[inside]
        values[~inside] = np.nan
        return values

    def _unit(self, run: Any) -> str:
        return self.tr("probability per km2") if run.choice(self.UNIT) else self.tr("incidents per km2")

    def _tell(self, run: Any, kde: Any, values: np.ndarray, peak: float, mean: float, count: int) -> None:
        hot = int(np.count_nonzero(values > STEPS[-1] * mean))
        above = int(np.count_nonzero(values > 0))
        run.info(self.tr(
            "{count:,} incidents; the highest value is {peak:.4g} and the mean of all cells above 0 is {mean:.4g}"
            " {unit}. {share:.1%} of these cells are above {limit:.4g} (5 times the mean, the top class)."
        ).format(count=count, peak=peak, mean=mean, unit=self._unit(run), share=hot / max(above, 1),
                 limit=STEPS[-1] * mean))  # fmt: skip

    def _style(self, mean: float) -> Any:
        tr = self.tr
        entries = [(0.0, "#00ffffff", tr("No incident within reach"))]
        for step, colour in zip(STEPS, COLOURS):
            label = tr("Up to the mean ({value:.3g})") if step == 1 else tr("{low} to {high} times the mean")
            entries.append((step * mean, colour, label.format(value=mean, low=step - 1, high=step)))
        label = tr("More than {times} times the mean: hot").format(times=STEPS[-1])
        return styling.raster_classes("Kernel density", [*entries, (float("inf"), COLOURS[-1], label)])
