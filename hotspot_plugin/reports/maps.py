"""A map as a picture, drawn by QGIS's own layout engine without a desktop.

Title, map, legend in words, scale bar and credit line. The legend has a column of its
own: it never covers the map, and no entry is left out.
"""

from __future__ import annotations

import math
from typing import Any, Sequence

from qgis.core import (
    QgsCoordinateTransform,
    QgsLayerTreeLayer,
    QgsLayerTreeModel,
    QgsLayoutExporter,
    QgsLayoutItemLabel,
    QgsLayoutItemLegend,
    QgsLayoutItemMap,
    QgsLayoutItemScaleBar,
    QgsLayoutPoint,
    QgsLayoutSize,
    QgsLegendRenderer,
    QgsLegendStyle,
    QgsMapLayer,
    QgsMapLayerLegendUtils,
    QgsPrintLayout,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsSimpleLegendNode,
    QgsUnitTypes,
)
from qgis.PyQt.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize, Qt
from qgis.PyQt.QtGui import QColor, QFont, QFontInfo, QFontMetricsF

from ..compat import label_font, legend_font
from ..qobjects import keep
from ..translation import tr
from .formats import FOOT, MILE, Units

_MM = QgsUnitTypes.LayoutUnit.LayoutMillimeters
_DPI = 144.0
_MARGIN, _GAP = 6.0, 4.0
_FONTS = ("DejaVu Sans", "Segoe UI", "Helvetica Neue", "Arial")
_INK, _SOFT, _FRAME = "#1b2430", "#5a6675", "#b9c2cd"
#: Breaks a legend text into lines; a sign that no text contains.
_WRAP = "\u2028"


def map_png(
    layers: Sequence[QgsMapLayer],
    title: str,
    legend: bool = True,
    credit: str = "",
    width: int = 1200,
    height: int = 900,
    extent: QgsRectangle | None = None,
    units: Units | None = None,
) -> bytes:
    """Draw layers as a titled map with a legend and a scale bar.

    Works without a desktop and in a background thread; the layers must be usable there.

    Parameters
    ----------
    layers : list of QgsMapLayer
        The first is drawn on top; its CRS (metres) is the map's.
    title : str
    legend : bool
        Put a column with the legend of all layers beside the map.
    credit : str
        Source and licence of the data, below the map.
    width, height : int
        Pixels, the height at most: a wide place gets a lower picture, and only a legend
        that needs more makes it higher.
    extent : QgsRectangle, optional
        What to show, in the first layer's CRS; the whole of all layers if not given.
    units : Units, optional
        Those of the scale bar; metric if not given.

    Returns
    -------
    bytes
        PNG.

    Raises
    ------
    ValueError
        If there is nothing to draw or the picture cannot be made.
    """
    layers = [layer for layer in layers if layer is not None and layer.isValid()]
    if not layers:
        raise ValueError("a map needs at least one layer")
    project = keep(QgsProject())
    layout = keep(QgsPrintLayout(project))
    try:
        return _draw(layout, layers, title, legend, credit, (width, height), extent, units or Units())
    finally:
        # A layout looks at its project when it dies, and Python would end the project first.
        del layout


def _draw(
    layout: QgsPrintLayout,
    layers: list,
    title: str,
    legend: bool,
    credit: str,
    pixels: tuple[int, int],
    extent: QgsRectangle | None,
    units: Units,
) -> bytes:
    layout.project().setCrs(layers[0].crs(), True)
    layout.initializeDefaults()
    layout.renderContext().setDpi(_DPI)
    wide, high = (size / _DPI * 25.4 for size in pixels)
    family = next((name for name in _FONTS if QFontInfo(QFont(name)).family() == name), QFont().family())
    inner = wide - 2 * _MARGIN

    top = _MARGIN
    if title:
        lines = _wrap(title, _font(family, 13, True), inner)
        _label(layout, lines, _font(family, 13, True), _INK, (_MARGIN, top, inner, 6.4 * len(lines)))
        top += 6.4 * len(lines) + 2.0
    key, key_wide, key_high = None, 0.0, 0.0
    if legend:
        key, key_wide, key_high = _legend(layout, layers, family, inner * 0.36, high - top - _MARGIN)
        inner -= key_wide + _GAP
    credits = _wrap(credit, _font(family, 7), wide - 2 * _MARGIN) if credit else []
    bottom = _MARGIN + 3.6 * len(credits) + 10.0
    # a wide place needs no tall frame, but the legend beside it must fit
    if extent is None:
        extent = extent_of(layers, layers[0].crs(), layout.project())
    shape = max(inner * extent.height() / extent.width(), 0.45 * inner)
    high = max(min(high, top + shape + bottom), top + key_high + _MARGIN, top + bottom + 40.0)
    layout.pageCollection().page(0).setPageSize(QgsLayoutSize(wide, high, _MM))

    frame = (_MARGIN, top, inner, high - top - bottom)
    picture = _map(layout, layers, frame, extent)
    if key:
        key.attemptSetSceneRect(QRectF(_MARGIN + inner + _GAP, top, key_wide, key_high))
    _scale_bar(layout, picture, family, frame, units)
    if credits:
        box = (_MARGIN, high - _MARGIN - 3.6 * len(credits) + 1.0, wide - 2 * _MARGIN, 3.6 * len(credits))
        _label(layout, credits, _font(family, 7), _SOFT, box)
    return _png(layout, QSize(round(wide / 25.4 * _DPI), round(high / 25.4 * _DPI)))


def extent_of(layers: Sequence[QgsMapLayer], crs: Any, project: QgsProject) -> QgsRectangle:
    """Return the rectangle that holds all layers, in ``crs``, with a little air around it."""
    whole = QgsRectangle()
    for layer in layers:
        part = layer.extent()
        if part.isNull() or part.isEmpty() and part.width() == 0 and part.height() == 0:
            continue
        if layer.crs() != crs:
            part = QgsCoordinateTransform(layer.crs(), crs, project).transformBoundingBox(part)
        whole.combineExtentWith(part)
    if whole.isNull():
        return QgsRectangle(-500, -500, 500, 500)
    whole.grow(max(0.03 * max(whole.width(), whole.height()), 1e-9 if whole.width() else 250.0))
    return whole


def _map(
    layout: QgsPrintLayout, layers: Sequence[QgsMapLayer], frame: tuple, extent: QgsRectangle
) -> QgsLayoutItemMap:
    item = QgsLayoutItemMap(layout)
    layout.addLayoutItem(item)
    item.attemptSetSceneRect(QRectF(*frame))
    item.setCrs(layers[0].crs())
    item.setLayers(list(layers))
    item.setKeepLayerSet(True)
    item.zoomToExtent(extent)
    item.setBackgroundColor(QColor("white"))
    item.setFrameEnabled(True)
    item.setFrameStrokeColor(QColor(_FRAME))
    return item


def _legend(
    layout: QgsPrintLayout, layers: Sequence[QgsMapLayer], family: str, wide: float, high: float
) -> tuple[QgsLayoutItemLegend, float, float]:
    """Make the legend and say how large it is.

    Letters shrink where it would not fit; what still does not fit makes the page higher.
    """
    item = QgsLayoutItemLegend(layout)
    item.setAutoUpdateModel(False)
    # a timer that is still running when the layout goes would have to be stopped by this thread
    item.model().setFlag(QgsLayerTreeModel.Flag.DeferredLegendInvalidation, False)
    item.setResizeToContents(False)
    layout.addLayoutItem(item)
    item.setTitle("")
    item.setWrapString(_WRAP)
    item.setBoxSpace(0.0)
    item.setBackgroundEnabled(False)
    size = None
    for points in (9.0, 8.0, 7.0):
        item.setSymbolHeight(points * 0.42)
        item.setSymbolWidth(points * 0.66)
        for style, font in _legend_fonts(family, points):
            legend_font(item, style, font, QColor(_INK))
        root = item.model().rootGroup()
        root.clear()
        for layer in layers:
            _add_layer(item, root.addLayer(layer), dict(_legend_fonts(family, points)), wide)
        # asked of the renderer, for the item itself knows its size only once it was drawn
        size = QgsLegendRenderer(item.model(), item.legendSettings()).minimumSize()
        if size.height() <= high:
            break
    return item, size.width() + 1.0, size.height() + 1.0


def _legend_fonts(family: str, points: float) -> list[tuple]:
    return [
        (QgsLegendStyle.Style.Group, _font(family, points + 1, True)),
        (QgsLegendStyle.Style.Subgroup, _font(family, points, True)),
        (QgsLegendStyle.Style.SymbolLabel, _font(family, points)),
    ]


def _add_layer(item: QgsLayoutItemLegend, node: QgsLayerTreeLayer, fonts: dict, wide: float) -> None:
    """Wrap the texts of a layer's legend, so that a long one is neither cut nor pushes the map away."""
    heading = _wrap(node.name(), fonts[QgsLegendStyle.Style.Subgroup], wide - 2.0)
    node.setCustomProperty("legend/title-label", _WRAP.join(heading))
    model = item.model()
    entries = model.layerLegendNodes(node)
    kept = _worth_showing(node.layer(), entries)
    for index in kept:
        entry = entries[index]
        text = str(entry.data(Qt.ItemDataRole.DisplayRole) or "")
        lines = _wrap(text, fonts[QgsLegendStyle.Style.SymbolLabel], wide - item.symbolWidth() - 6.0)
        QgsMapLayerLegendUtils.setLegendNodeUserLabel(node, index, _WRAP.join(lines))
    QgsMapLayerLegendUtils.setLegendNodeOrder(node, kept)
    model.refreshLayerLegend(node)


def _worth_showing(layer: QgsMapLayer, entries: Sequence) -> list[int]:
    """Leave out the name of the band with which QGIS heads a raster's classes: it tells a reader nothing."""
    raster = isinstance(layer, QgsRasterLayer)
    return [i for i, entry in enumerate(entries) if not (raster and isinstance(entry, QgsSimpleLegendNode))]


def _wrap(text: str, font: QFont, wide: float) -> list[str]:
    """Break a text into lines of at most ``wide`` millimetres; a single longer word stays whole."""
    large = QFont(font)
    large.setPixelSize(100)
    measure = QFontMetricsF(large)
    scale = font.pointSizeF() * 25.4 / 72.0 / 100.0 * 1.03
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and measure.horizontalAdvance(longer) * scale > wide:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _scale_bar(
    layout: QgsPrintLayout, picture: QgsLayoutItemMap, family: str, frame: tuple, units: Units
) -> None:
    item = QgsLayoutItemScaleBar(layout)
    layout.addLayoutItem(item)
    item.setLinkedMap(picture)
    item.applyDefaultSettings()
    item.setStyle("Single Box")
    metres = picture.extent().width()
    large = metres > 4000
    if units.us:
        choices = ((QgsUnitTypes.DistanceUnit.DistanceMiles, tr("mi"), MILE) if large else
                   (QgsUnitTypes.DistanceUnit.DistanceFeet, tr("ft"), FOOT))
    else:
        choices = ((QgsUnitTypes.DistanceUnit.DistanceKilometers, tr("km"), 1000.0) if large else
                   (QgsUnitTypes.DistanceUnit.DistanceMeters, tr("m"), 1.0))
    item.setUnits(choices[0])
    item.setUnitLabel(choices[1])
    item.setMapUnitsPerScaleBarUnit(1.0)
    item.setNumberOfSegmentsLeft(0)
    item.setNumberOfSegments(2)
    item.setUnitsPerSegment(_round_length(metres / 6.0 / choices[2]))
    item.setHeight(1.6)
    format_ = item.textFormat()
    format_.setFont(_font(family, 7.5))
    format_.setSize(7.5)
    format_.setColor(QColor(_SOFT))
    item.setTextFormat(format_)
    item.update()
    item.attemptMove(QgsLayoutPoint(frame[0] - 1.0, frame[1] + frame[3] + 0.8, _MM))


def _round_length(length: float) -> float:
    """Return the largest of 1, 2, 5 times a power of ten up to ``length``."""
    power = 10.0 ** math.floor(math.log10(max(length, 1e-6)))
    return power * max(step for step in (1, 2, 5) if step * power <= max(length, 1e-6) * (1 + 1e-9))


def _label(layout: QgsPrintLayout, lines: list[str], font: QFont, colour: str, box: tuple) -> None:
    item = QgsLayoutItemLabel(layout)
    item.setText("\n".join(lines))
    item.setMode(QgsLayoutItemLabel.Mode.ModeFont)
    label_font(item, font, QColor(colour))
    item.setHAlign(Qt.AlignmentFlag.AlignLeft)
    item.setMarginX(0.0)
    item.setMarginY(0.0)
    layout.addLayoutItem(item)
    item.attemptSetSceneRect(QRectF(*box))


def _font(family: str, points: float, bold: bool = False) -> QFont:
    font = QFont(family)
    font.setPointSizeF(points)
    font.setBold(bold)
    return font


def _png(layout: QgsPrintLayout, pixels: QSize) -> bytes:
    image = QgsLayoutExporter(layout).renderPageToImage(0, pixels, _DPI)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if image.isNull() or not image.save(buffer, "PNG"):
        raise ValueError("the map could not be drawn")
    buffer.close()
    return bytes(data)
