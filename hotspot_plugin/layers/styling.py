"""How results look: colours that a colour-blind person can tell apart, legends in words.

A :class:`Style` is applied to the loaded layer by a post-processor, and saved with the file
by the tool itself, so that results are styled in QGIS, in models, in batch and when a file
made without a desktop is opened later (``writing.py`` does both).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Sequence

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsColorRampShader,
    QgsFillSymbol,
    QgsGraduatedSymbolRenderer,
    QgsLineSymbol,
    QgsMapLayer,
    QgsMarkerSymbol,
    QgsPalLayerSettings,
    QgsRasterLayer,
    QgsRasterShader,
    QgsRendererCategory,
    QgsRendererRange,
    QgsSingleBandPseudoColorRenderer,
    QgsTextBufferSettings,
    QgsTextFormat,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QVariant
from qgis.PyQt.QtGui import QColor

from ..translation import tr
from . import fields

#: Not significant, not scored, no data.
GREY = "#d9d9d9"
#: Diverging, safe for red-green blindness: cold 99 % … hot 99 %.
COLD_99, COLD_95, COLD_90 = "#2166ac", "#67a9cf", "#d1e5f0"
HOT_90, HOT_95, HOT_99 = "#fddbc7", "#ef8a62", "#b2182b"
#: Sequential, from little to much; also safe in grey print.
SEQUENCE = ("#ffffb2", "#fecc5c", "#fd8d3c", "#f03b20", "#bd0026")
#: One colour for "the result": areas to act on.
ACCENT = "#b2182b"
OUTLINE = "#5a5a5a"
#: Fonts of labels by preference: Linux, Windows, macOS.
LABEL_FONTS = ["DejaVu Sans", "Segoe UI", "Arial", "Helvetica Neue", "Helvetica"]


@dataclass(frozen=True)
class Style:
    """A look for a layer.

    Attributes
    ----------
    name : str
        Name under which the style is saved in a GeoPackage.
    renderer : callable
        Gets the layer, returns its renderer.
    label : str
        Field or expression to label with, "" for none.
    """

    name: str
    renderer: Callable[[Any], Any]
    label: str = ""

    def apply(self, layer: QgsMapLayer) -> None:
        """Give the look to a layer, and its fields their meaning as alias."""
        layer.setRenderer(self.renderer(layer))
        if isinstance(layer, QgsVectorLayer):
            add_aliases(layer)
            if self.label:
                _add_labels(layer, self.label)
        layer.triggerRepaint()


def add_aliases(layer: QgsVectorLayer) -> None:
    """Give our short field names their plain meaning as alias, before any widget is set."""
    for index, column in enumerate(layer.fields()):
        meaning = fields.DESCRIPTIONS.get(column.name())
        if meaning:
            layer.setFieldAlias(index, tr(meaning))


def symbol(layer: QgsVectorLayer, colour: str, outline: str = OUTLINE, width: float = 0.1) -> Any:
    """Return a symbol for the layer's geometry; a transparent fill is ``"#00000000"``-like text."""
    kind = layer.geometryType()
    if kind == QgsWkbTypes.GeometryType.PointGeometry:
        return QgsMarkerSymbol.createSimple(
            {"name": "circle", "color": colour, "outline_color": "white", "outline_width": "0.2", "size": "2.2"}
        )
    if kind == QgsWkbTypes.GeometryType.LineGeometry:
        return QgsLineSymbol.createSimple({"line_color": colour, "line_width": str(max(width, 0.8))})
    return QgsFillSymbol.createSimple(
        {"color": colour, "outline_color": outline, "outline_width": str(width)}
    )


def single(name: str, colour: str, label: str, outline: str = OUTLINE, width: float = 0.4, text: str = "") -> Style:
    """All features alike; ``text`` is a field or expression to label with."""

    def make(layer: QgsVectorLayer) -> Any:
        # a single category carries its label into the legend, which a single symbol cannot
        renderer = QgsCategorizedSymbolRenderer("1")
        renderer.addCategory(QgsRendererCategory(1, symbol(layer, colour, outline, width), label))
        return renderer

    return Style(name, make, text)


def categories(name: str, field: str, entries: Sequence[tuple], other: tuple | None = None, text: str = "") -> Style:
    """Colours by value.

    Parameters
    ----------
    name : str
    field : str
        Field or expression.
    entries : sequence of (value, colour, label)
    other : (colour, label), optional
        For all other values and for null.
    text : str
        Field or expression to label with.
    """

    def make(layer: QgsVectorLayer) -> Any:
        renderer = QgsCategorizedSymbolRenderer(field)
        for value, colour, label in entries:
            renderer.addCategory(QgsRendererCategory(value, symbol(layer, colour), label))
        if other:
            renderer.addCategory(QgsRendererCategory(QVariant(), symbol(layer, other[0]), other[1]))
        return renderer

    return Style(name, make, text)


def patterns(name: str, field: str, entries: Sequence[tuple], other: tuple | None = None, text: str = "") -> Style:
    """Polygons by value in colours and hatches, which tell apart without colour too.

    Parameters
    ----------
    name : str
    field : str
        Field or expression.
    entries : sequence of (value, colour, hatch, label)
        Hatch as in QGIS: "solid", "no", "b_diagonal", "f_diagonal", "horizontal", "cross", ...
    other : (colour, hatch, label), optional
        For all other values and for null.
    text : str
        Field or expression to label with.
    """

    def fill(colour: str, hatch: str) -> Any:
        return QgsFillSymbol.createSimple(
            {"color": colour, "style": hatch, "outline_color": colour, "outline_width": "0.5"})

    def make(layer: QgsVectorLayer) -> Any:
        renderer = QgsCategorizedSymbolRenderer(field)
        for value, colour, hatch, label in entries:
            renderer.addCategory(QgsRendererCategory(value, fill(colour, hatch), label))
        if other:
            renderer.addCategory(QgsRendererCategory(QVariant(), fill(*other[:2]), other[2]))
        return renderer

    return Style(name, make, text)


def classes(name: str, field: str, entries: Sequence[tuple], text: str = "") -> Style:
    """Colours by class: entries are (low, high, colour, label); a value on a limit is in the lower class."""

    def make(layer: QgsVectorLayer) -> Any:
        ranges = [QgsRendererRange(low, high, symbol(layer, colour), label) for low, high, colour, label in entries]
        return QgsGraduatedSymbolRenderer(field, ranges)

    return Style(name, make, text)


def raster_classes(name: str, entries: Sequence[tuple]) -> Style:
    """Colours of raster cells up to a value: entries are (upper value, colour, label), ascending."""

    def make(layer: QgsRasterLayer) -> Any:
        ramp = QgsColorRampShader()
        ramp.setColorRampType(QgsColorRampShader.Type.Discrete)
        ramp.setColorRampItemList(
            [QgsColorRampShader.ColorRampItem(value, QColor(colour), label) for value, colour, label in entries]
        )
        shader = QgsRasterShader()
        shader.setRasterShaderFunction(ramp)
        renderer = QgsSingleBandPseudoColorRenderer(layer.dataProvider(), 1, shader)
        finite = [value for value, _, _ in entries if abs(value) < 1e300]
        renderer.setClassificationMin(0.0)
        renderer.setClassificationMax(max(finite) if finite else 1.0)
        return renderer

    return Style(name, make)


def gi_bins() -> Style:
    """The seven classes of a hot spot analysis (field Gi_Bin)."""
    return categories(
        "Hot spot analysis",
        "Gi_Bin",
        [
            (3, HOT_99, tr("Hot spot, 99 % confidence")),
            (2, HOT_95, tr("Hot spot, 95 % confidence")),
            (1, HOT_90, tr("Hot spot, 90 % confidence")),
            (0, GREY, tr("Not significant")),
            (-1, COLD_90, tr("Cold spot, 90 % confidence")),
            (-2, COLD_95, tr("Cold spot, 95 % confidence")),
            (-3, COLD_99, tr("Cold spot, 99 % confidence")),
        ],
        other=("#ffffff", tr("Not tested (no neighbour or no variation)")),
    )


def _add_labels(layer: QgsVectorLayer, expression: str) -> None:
    settings = QgsPalLayerSettings()
    settings.fieldName = expression
    settings.isExpression = expression not in layer.fields().names()
    text = QgsTextFormat()
    # The first of these that a machine has is taken; without them QGIS warns that the font of the maker is missing.
    text.setFamilies(LABEL_FONTS)
    text.setSize(9)
    text.setColor(QColor("#222222"))
    halo = QgsTextBufferSettings()
    halo.setEnabled(True)
    halo.setSize(0.8)
    halo.setColor(QColor("white"))
    text.setBuffer(halo)
    settings.setFormat(text)
    layer.setLabeling(QgsVectorLayerSimpleLabeling(settings))
    layer.setLabelsEnabled(True)
