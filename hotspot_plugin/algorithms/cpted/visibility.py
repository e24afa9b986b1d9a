"""Visible area (isovist): what can be seen from points or along lines, exactly."""

from __future__ import annotations

from typing import Any

from .. import groups, parameters
from ..base import HotspotAlgorithm
from . import obstacles_parameters as hiding
from . import visibility_help


class Visibility(HotspotAlgorithm):
    """Visible area (isovist)."""

    NAME, GROUP = "visibility", groups.CPTED
    INPUT, RANGE, SPACING, MOVE_OUT = "INPUT", "RANGE", "SPACING", "MOVE_OUT"
    OUTPUT, VIEWPOINTS, LINES = "OUTPUT", "VIEWPOINTS", "LINES"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Visible area (isovist)")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("The exact area that can be seen from points or along streets among buildings, walls and"
                       " fences.")

    def tags(self) -> list:
        return self.tr("isovist,viewshed,line of sight,sightline,visibility,occlusivity,camera view,natural"
                       " surveillance,cpted,blind corner,hiding place").split(",")

    def about(self) -> str:
        return visibility_help.about(self.tr)

    def declare(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.points_or_lines(self.INPUT, tr("Viewpoints"), tr(
            "Points to look from, or lines (streets, paths) along which to look every SPACING metres.")))
        hiding.declare(self, optional=False)
        self.addParameter(p.distance(self.RANGE, tr("Range"), 100.0, tr(
            "Metres that one can see at most. A person is noticed within about 100 m, a face made out within about"
            " 30 m (Gehl 1987)."), minimum=0.1))
        self.addParameter(p.distance(self.SPACING, tr("Spacing along lines"), 25.0, tr(
            "Metres between viewpoints along lines, each in the middle of its stretch; a shorter line has one."),
            minimum=0.1))
        self.addParameter(p.advanced(p.distance(self.MOVE_OUT, tr("Step out of buildings"), 0.0, tr(
            "Viewpoints inside a polygon of the obstacles, such as addresses, look from its nearest wall if that is"
            " within these metres. 0: they see nothing, and are told."))))
        self.addParameter(p.output_polygons(self.OUTPUT, tr("Visible areas"), tr(
            "A polygon for every viewpoint with area, perimeter, longest view and occlusivity. A viewpoint inside an"
            " obstacle keeps its row without a shape.")))
        self.addParameter(p.output_points(self.VIEWPOINTS, tr("Viewpoints with numbers"), tr(
            "The viewpoints with the same numbers, to colour streets by how much can be seen."), optional=True))
        self.addParameter(p.output_lines(self.LINES, tr("Lines with means"), tr(
            "The lines of the input with the means over their viewpoints, to score or compare streets."),
            optional=True))
        self._numbers()

    def _numbers(self) -> None:
        tr, add = self.tr, self.add_number
        add("VIEWPOINT_COUNT", tr("Number of viewpoints"), tr("Rows of the result."))
        add("SEEING", tr("Viewpoints with a visible area"), tr("Rows with a shape."))
        add("INSIDE", tr("Viewpoints inside an obstacle"), tr("Rows without a shape, as nothing is visible."))
        add("ON_WALL", tr("Viewpoints on an obstacle"), tr("On the outline of a polygon or on a line."))
        add("MOVED", tr("Viewpoints moved out"), tr("Those inside a polygon that look from its nearest wall."))
        add("OBSTACLE_COUNT", tr("Number of obstacles"), tr("Features that hide something."))
        add("MEDIAN_AREA", tr("Median visible area"), tr("Square metres; half of the viewpoints see less."))
        add("LEAST_AREA", tr("Least visible area"), tr("Square metres of the viewpoint that sees least."))
        add("LARGEST_AREA", tr("Largest visible area"), tr("Square metres of the viewpoint that sees most."))
        add("MEDIAN_OPEN", tr("Median open share"), tr("Visible area over that of open ground, 0 to 1."))
        add("LONGEST_VIEW", tr("Longest view"), tr("Metres of the longest line of sight; ends at RANGE."))
        self.add_text("SUMMARY", tr("Result in a sentence"), tr("How much is seen from how many places."))

    def execute(self, run: Any) -> dict:
        from . import visibility_run as running

        data = running.read(run)
        seen = running.look(run, data)
        numbers, summary = running.numbers(run, data, seen)
        run.info(summary)
        running.write(run, data, seen)
        return {**numbers, "SUMMARY": summary}
