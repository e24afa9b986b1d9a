"""A map of two layers that survives a grey printer: each class has a colour, a brightness and a hatch of its own.

The colours run from white to nearly black in steps that every eye and every copier can tell
apart; the hatches say the same once more. A mark in the middle adds a third layer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Sequence

from qgis.core import (
    QgsCentroidFillSymbolLayer,
    QgsFillSymbol,
    QgsLinePatternFillSymbolLayer,
    QgsLineSymbol,
    QgsMarkerSymbol,
    QgsPointPatternFillSymbolLayer,
    QgsRuleBasedRenderer,
)

from . import fields, styling


@dataclass(frozen=True)
class Look:
    """How a class is drawn.

    Attributes
    ----------
    colour : str
    hatch : float or None
        Angle of the lines in degrees, None for none.
    ink : str
        Colour of the hatch.
    dots : bool
        Dots in place of lines.
    """

    colour: str
    hatch: float | None = None
    ink: str = "#303030"
    dots: bool = False


#: Too little to say, both low, first only, second only, both high: from bright to dark.
LOOKS = (
    Look("#ffffff", ink="#9a9a9a", dots=True),
    Look("#d6d6d6"),
    Look("#74a9cf", hatch=45.0, ink="#1d4e79"),
    Look("#c2571a", hatch=135.0, ink="#5c2605"),
    Look("#2b0b45"),
)
#: Marks for other worry and for a low score of the environment, apart by shape, place and brightness; they lie within
#: the patch of a legend.
_OTHER = {"name": "diamond", "color": "#ffffff", "outline_color": "#000000", "outline_width": "0.45", "size": "3.0",
          "offset": "-1.4,0"}
_MARK = {"name": "triangle", "color": "#ffd92f", "outline_color": "#000000", "outline_width": "0.35", "size": "2.6",
         "offset": "1.4,0"}


def symbol(look: Look) -> QgsFillSymbol:
    """Return the fill of a class."""
    out = QgsFillSymbol.createSimple(
        {"color": look.colour, "outline_color": "#5a5a5a", "outline_width": "0.15"})
    if look.hatch is not None:
        lines = QgsLinePatternFillSymbolLayer()
        lines.setLineAngle(look.hatch)
        lines.setDistance(1.6)
        lines.setSubSymbol(QgsLineSymbol.createSimple({"line_color": look.ink, "line_width": "0.25"}))
        out.appendSymbolLayer(lines)
    if look.dots:
        points = QgsPointPatternFillSymbolLayer()
        points.setDistanceX(2.2)
        points.setDistanceY(2.2)
        points.setDisplacementX(1.1)
        points.setSubSymbol(QgsMarkerSymbol.createSimple(
            {"name": "circle", "color": look.ink, "outline_style": "no", "size": "0.45"}))
        out.appendSymbolLayer(points)
    return out


def classes(
    name: str, labels: Sequence[str], mark: str = "", text: str = "", kinds: Sequence[int] = range(5), other: str = "",
) -> Any:
    """Return the look of areas by the field ``joint``.

    Parameters
    ----------
    name : str
    labels : (5,) sequence of str
        By code.
    mark : str
        What a low score of the environment (``env_low``) is called; "" draws none.
    text : str
        Field or expression to label with.
    kinds : sequence of int
        Codes that are drawn, in the order of the legend.
    other : str
        What a high of what stands besides the two layers (``hi_besides``) is called; "" draws none.
    """

    def make(layer: Any) -> QgsRuleBasedRenderer:
        root = QgsRuleBasedRenderer.Rule(None)
        for code in kinds:
            root.appendChild(QgsRuleBasedRenderer.Rule(
                symbol(LOOKS[code]), filterExp=f'"{fields.JOINT}" = {code}', label=labels[code]))
        for label, shape, field in ((other, _OTHER, fields.HI_BESIDES), (mark, _MARK, fields.ENV_LOW)):
            if label:
                fill = QgsFillSymbol.createSimple({"style": "no", "outline_style": "no"})
                centre = QgsCentroidFillSymbolLayer()
                centre.setPointOnSurface(True)
                centre.setSubSymbol(QgsMarkerSymbol.createSimple(shape))
                fill.appendSymbolLayer(centre)
                fill.deleteSymbolLayer(0)
                root.appendChild(QgsRuleBasedRenderer.Rule(fill, filterExp=f'"{field}"', label=label))
        return QgsRuleBasedRenderer(root)

    return styling.Style(name, make, text)
