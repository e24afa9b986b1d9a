"""The small map of a handout: drawn for paper, with a scale bar and nothing that needs a legend."""

from __future__ import annotations

from typing import Sequence

from qgis.core import (
    QgsLabelingEngineSettings,
    QgsMapLayer,
    QgsMapRendererCustomPainterJob,
    QgsMapSettings,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF, QSize
from qgis.PyQt.QtGui import QColor, QFont, QImage, QPainter, QPen

from .formats import FOOT, MILE, Units
from .handout import MAP, family
from .maps import _round_length

_DPI = 250
_INK = "#111111"
#: millimetres below the map for the scale bar
_STRIP = 3.4


def extent_around(box: QgsRectangle, grown: float = 1.5) -> QgsRectangle:
    """Return a rectangle of the map's shape with a box in its middle, grown so that neighbours are seen."""
    wide, high = max(box.width(), 100.0) * grown, max(box.height(), 100.0) * grown
    shape = MAP[0] / MAP[1]
    wide, high = max(wide, high * shape), max(high, wide / shape)
    middle = box.center()
    return QgsRectangle(middle.x() - wide / 2, middle.y() - high / 2, middle.x() + wide / 2, middle.y() + high / 2)


def draw(layers: Sequence[QgsMapLayer], extent: QgsRectangle, units: Units) -> bytes:
    """Draw layers, the first on top, in the system of the first (metres).

    Returns
    -------
    bytes
        PNG of the size that a handout has for its map.
    """
    dots = _DPI / 25.4
    size = QSize(*(round(side * dots) for side in MAP))
    whole = QSize(size.width(), size.height() + round(_STRIP * dots))
    settings = QgsMapSettings()
    settings.setLayers(list(layers))
    settings.setDestinationCrs(layers[0].crs())
    settings.setOutputDpi(_DPI)
    settings.setOutputSize(size)
    settings.setExtent(extent)
    settings.setBackgroundColor(QColor("white"))
    labels = settings.labelingEngineSettings()
    labels.setFlag(QgsLabelingEngineSettings.Flag.UsePartialCandidates, False)  # no name is cut at the edge
    settings.setLabelingEngineSettings(labels)
    image = QImage(whole, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    image.setDotsPerMeterX(round(dots * 1000))
    image.setDotsPerMeterY(round(dots * 1000))
    painter = QPainter(image)
    try:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(QRectF(0.0, 0.0, size.width(), size.height()))
        job = QgsMapRendererCustomPainterJob(settings, painter)
        job.renderSynchronously()
        painter.setClipping(False)
        _scale_bar(painter, settings.visibleExtent().width() / size.width(), size, dots, units)
        painter.setPen(QPen(QColor("#5a6675"), 0.3 * dots))
        painter.drawRect(QRectF(0.5, 0.5, size.width() - 1.0, size.height() - 1.0))
    finally:
        painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    buffer.close()
    return bytes(data)


def _scale_bar(painter: QPainter, metres: float, size: QSize, dots: float, units: Units) -> None:
    """Draw a bar of a round length below the map, where it hides no name; ``metres`` are those of a pixel."""
    most = 0.3 * size.width() * metres
    if units.us:
        unit, word = (MILE, units.length) if most >= 0.5 * MILE else (FOOT, units.distance)
    else:
        unit, word = (1000.0, units.length) if most >= 1000.0 else (1.0, units.distance)
    length = _round_length(most / unit) * unit
    text = word(length, 0 if length / unit >= 1 else 1)
    font = QFont(family())
    font.setPixelSize(round(2.9 * dots))
    painter.setFont(font)
    wide = length / metres
    painter.setPen(QPen(QColor(_INK), 0.45 * dots))
    left, low = 0.3 * dots, size.height() + 2.6 * dots
    painter.drawLine(QPointF(left, low), QPointF(left + wide, low))
    for x in (left, left + wide):
        painter.drawLine(QPointF(x, low - 1.0 * dots), QPointF(x, low))
    painter.drawText(QPointF(left + wide + 1.2 * dots, low), text)
