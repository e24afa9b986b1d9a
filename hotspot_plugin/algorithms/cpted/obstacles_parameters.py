"""The parameters for obstacles of sight; apart from their reading, which is no part of the start of QGIS."""

from __future__ import annotations

from typing import Any

from ...translation import tr
from .. import parameters

OBSTACLES, MORE, HEIGHT_FIELD, EYE_HEIGHT = "OBSTACLES", "MORE_OBSTACLES", "HEIGHT_FIELD", "EYE_HEIGHT"
LAYERS = (OBSTACLES, MORE)


def declare(tool: Any, optional: bool) -> None:
    """Add the parameters of the obstacles to a tool."""
    tool.addParameter(parameters.areas_or_lines(OBSTACLES, tr("Obstacles"), tr(
        "What hides the view: buildings first of all, walls, fences, hedges, as polygons or lines. Polygons are"
        " solid."), optional=optional))
    tool.addParameter(parameters.areas_or_lines(MORE, tr("More obstacles"), tr(
        "A second layer of obstacles, e.g. walls or fences beside buildings."), optional=True))
    tool.addParameter(parameters.advanced(parameters.field(HEIGHT_FIELD, tr("Height of the obstacles"), OBSTACLES, tr(
        "Field with the height in metres, of either layer that has it: what is lower than the eyes hides nothing."
        " An obstacle without a height hides. Empty: all hide."), optional=True)))
    tool.addParameter(parameters.advanced(parameters.distance(EYE_HEIGHT, tr("Height of the eyes"), 1.5, tr(
        "Metres above the ground; only of use with a field of heights."))))
