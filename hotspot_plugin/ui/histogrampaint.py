"""Draws the weekly histogram with its two periods, in the colours of the user's palette."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.PyQt.QtCore import QLineF, QPointF, QRectF, Qt
from qgis.PyQt.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPalette, QPen, QTextOption

from ..reports import formats
from ..translation import tr
from . import theme

if TYPE_CHECKING:
    from .histogram import Histogram

_NAMES = ("before", "after")


def mixed(one: QColor, other: QColor, share: float) -> QColor:
    """Return a colour between two; ``share`` is that of the other."""
    return QColor.fromRgbF(*(a * (1 - share) + b * share for a, b in zip(one.getRgbF()[:3], other.getRgbF()[:3])))


def small(font: QFont) -> QFont:
    """Return the font of axes, a little smaller than that of the text."""
    out = QFont(font)
    if font.pointSizeF() > 0:
        out.setPointSizeF(font.pointSizeF() * 0.9)
    else:
        out.setPixelSize(max(6, round(font.pixelSize() * 0.9)))
    return out


def plot_area(chart: Histogram) -> QRectF:
    """Return where the bars stand: room for numbers on the left, the periods' names above, dates and key below."""
    metrics = QFontMetricsF(small(chart.font()))
    unit = float(theme.unit(chart))
    widest = max((metrics.horizontalAdvance(formats.number(n)) for n in chart.levels), default=unit)
    bottom = 2 * metrics.height() + unit * 1.25
    area = QRectF(chart.rect()).adjusted(widest + unit * 1.25, _strip(chart) + unit * 0.5, -unit, -bottom)
    return QRectF(area.left(), area.top(), max(area.width(), 1.0), max(area.height(), 1.0))


def _strip(chart: Histogram) -> float:
    return QFontMetricsF(chart.font()).height() + theme.unit(chart) * 0.5


def paint(chart: Histogram, painter: QPainter) -> None:
    """Draw all of it."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    palette = theme.palette(chart)
    ink = palette.color(QPalette.ColorRole.WindowText)
    ground = palette.color(QPalette.ColorRole.Base)
    painter.fillRect(QRectF(chart.rect()), ground)
    area = plot_area(chart)
    if not len(chart.scale):
        _empty(chart, painter, ink)
        return
    top = max(chart.levels[-1], 1)
    _grid(chart, painter, area, top, ink, ground)
    _grounds(chart, painter, area, palette, ground)
    _bars(chart, painter, area, top, palette, ground)
    _dates(chart, painter, area, ink)
    _key(chart, painter, area, palette, ground)
    for period in (0, 1):
        if chart.periods[period] is not None:
            _frame(chart, painter, area, period, palette, ground)
    _names(chart, painter, area, palette, ground)


def _empty(chart: Histogram, painter: QPainter, ink: QColor) -> None:
    painter.setPen(ink)
    painter.setFont(chart.font())
    margin = 2.0 * theme.unit(chart)
    option = QTextOption(Qt.AlignmentFlag.AlignCenter)
    option.setWrapMode(QTextOption.WrapMode.WordWrap)
    option.setTextDirection(chart.layoutDirection())
    painter.drawText(QRectF(chart.rect()).adjusted(margin, margin, -margin, -margin), chart.describe(), option)


def _grid(chart: Histogram, painter: QPainter, area: QRectF, top: int, ink: QColor, ground: QColor) -> None:
    font = small(chart.font())
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    for level in chart.levels:
        y = area.bottom() - level / top * area.height()
        painter.setPen(QPen(mixed(ground, ink, 0.55 if level == 0 else 0.16), 1))
        painter.drawLine(QLineF(area.left(), round(y) + 0.5, area.right(), round(y) + 0.5))
        text = formats.number(level)
        painter.setPen(mixed(ground, ink, 0.75))
        painter.drawText(QPointF(area.left() - metrics.horizontalAdvance(text) - theme.unit(chart) * 0.5,
                                 y + metrics.ascent() / 2 - 1), text)


def _grounds(chart: Histogram, painter: QPainter, area: QRectF, palette: QPalette, ground: QColor) -> None:
    for period, name in enumerate(_NAMES):
        if chart.periods[period] is not None:
            left, right = (chart.edge_x(period, edge) for edge in (0, 1))
            painter.fillRect(QRectF(left, area.top(), right - left, area.height()),
                             mixed(ground, theme.colour(name, palette), 0.13))


def _bars(chart: Histogram, painter: QPainter, area: QRectF, top: int, palette: QPalette, ground: QColor) -> None:
    scale, counts = chart.scale, chart.counts
    plain = mixed(ground, palette.color(QPalette.ColorRole.WindowText), 0.42)
    full: dict = {-1: [], 0: [], 1: []}
    part: dict = {-1: [], 0: [], 1: []}
    for bar in chart.bars():
        left, right = scale.x(scale.edges[bar.first]), scale.x(scale.edges[bar.last + 1])
        mean = sum(counts[bar.first:bar.last + 1]) / (bar.last - bar.first + 1)
        if not mean:
            continue
        gap = 1.0 if right - left >= 4 else (0.0 if right - left < 2.5 else 0.5)
        high = max(mean / top * area.height(), 1.0)
        box = QRectF(left + gap / 2, area.bottom() - high, max(right - left - gap, 0.8), high)
        middle = (scale.edges[bar.first] + scale.edges[bar.last + 1] - 1) / 2
        owner = next((k for k in (0, 1) if chart.periods[k] is not None
                      and chart.periods[k][0] <= middle <= chart.periods[k][1]), -1)
        (part if bar.incomplete else full)[owner].append(box)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, area.width() > 6 * len(scale))
    for owner in (-1, 0, 1):
        colour = plain if owner < 0 else theme.colour(_NAMES[owner], palette)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRects(full[owner])
        for box in part[owner]:
            _hatched(painter, box, colour)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    if chart.hover is not None:
        left, right = scale.x(scale.edges[chart.hover]), scale.x(scale.edges[chart.hover + 1])
        glow = QColor(palette.color(QPalette.ColorRole.WindowText))
        glow.setAlpha(40)
        painter.fillRect(QRectF(left, area.top(), max(right - left, 1.5), area.height()), glow)


def _hatched(painter: QPainter, box: QRectF, colour: QColor) -> None:
    painter.setBrush(QBrush(colour, Qt.BrushStyle.BDiagPattern))
    painter.setPen(QPen(colour, 1))
    painter.drawRect(box.adjusted(0.5, 0.5, -0.5, 0) if box.width() > 2 else box)
    painter.setPen(Qt.PenStyle.NoPen)


def _dates(chart: Histogram, painter: QPainter, area: QRectF, ink: QColor) -> None:
    font = small(chart.font())
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    ground = theme.palette(chart).color(QPalette.ColorRole.Base)
    line = area.bottom() + theme.unit(chart) * 0.5
    for tick in chart.scale.ticks(metrics.horizontalAdvance, theme.unit(chart) * 1.2):
        x = round(chart.scale.x(tick.day)) + 0.5
        painter.setPen(QPen(mixed(ground, ink, 0.55), 1))
        painter.drawLine(QLineF(x, area.bottom(), x, line))
        painter.setPen(mixed(ground, ink, 0.75))
        painter.drawText(QPointF(tick.left, line + metrics.ascent()), tick.text)


def _key(chart: Histogram, painter: QPainter, area: QRectF, palette: QPalette, ground: QColor) -> None:
    """What the bars are, and what hatching means, where a line of text begins."""
    font = small(chart.font())
    metrics = QFontMetricsF(font)
    ink = mixed(ground, palette.color(QPalette.ColorRole.WindowText), 0.75)
    painter.setFont(font)
    base = chart.height() - theme.unit(chart) * 0.5 - metrics.descent()
    size, gap = metrics.height() * 0.7, float(theme.unit(chart))
    together = chart.bars()[0].last - chart.bars()[0].first + 1
    parts = [(False, tr("Incidents a week") if together == 1 else tr("Mean of {count} weeks").format(
        count=formats.number(together)))]
    if chart.has_incomplete:
        parts.append((True, tr("incomplete")))
    mirrored = chart.layoutDirection() == Qt.LayoutDirection.RightToLeft
    room = area.width()
    for swatch, text in parts:
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room - (size + gap if swatch else 0.0))
        for wide in ([size] if swatch else []) + [metrics.horizontalAdvance(text)]:
            left = area.left() + (room - wide if mirrored else area.width() - room)
            painter.setPen(ink)
            if swatch:
                _hatched(painter, QRectF(left, base - size * 0.9, size, size), ink)
                swatch, wide = False, wide - gap * 1.2
            else:
                painter.drawText(QPointF(left, base), text)
            room -= wide + gap * 1.8


def _frame(
    chart: Histogram, painter: QPainter, area: QRectF, period: int, palette: QPalette, ground: QColor
) -> None:
    """The edges of a period, each with a grip; the one that the keyboard moves is ringed."""
    colour = theme.colour(_NAMES[period], palette)
    unit = theme.unit(chart)
    top = area.top() - unit * 0.5
    for edge in (0, 1):
        x = chart.edge_x(period, edge)
        painter.setPen(QPen(colour, 2))
        painter.drawLine(QLineF(x, top, x, area.bottom()))
        # a grip points into its period, so that neighbours can be told apart
        wide, high = unit * 0.7, unit * 1.8
        inward = QRectF(x if edge == 0 else x - wide, area.center().y() - high / 2, wide, high)
        handle = chart.handles[2 * period + edge]
        painter.setBrush(colour)
        if handle.hasFocus():
            painter.setPen(QPen(palette.color(QPalette.ColorRole.WindowText), 2))
            painter.drawRoundedRect(inward.adjusted(-2, -2, 2, 2), 3, 3)
            painter.setPen(QPen(ground, 1))
        else:
            painter.setPen(QPen(colour, 1.5))
            painter.setBrush(ground)
        painter.drawRoundedRect(inward, 2, 2)


def _names(chart: Histogram, painter: QPainter, area: QRectF, palette: QPalette, ground: QColor) -> None:
    """The names of the periods above them: letter and word, the letter alone where there is no room."""
    font = QFont(chart.font())
    font.setBold(True)
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    unit = float(theme.unit(chart))
    height = _strip(chart)
    wanted: list = []
    for period, texts in enumerate(((tr("A Before"), tr("A")), (tr("B After"), tr("B")))):
        if chart.periods[period] is not None:
            left, right = (chart.edge_x(period, edge) for edge in (0, 1))
            wanted.append([period, left, right, texts])
    wanted.sort(key=lambda w: w[1])
    boxes = _fitted(wanted, metrics, unit, area, 0) or _fitted(wanted, metrics, unit, area, 1) or []
    for period, box_left, wide, text in boxes:
        colour = theme.colour(_NAMES[period], palette)
        box = QRectF(box_left, unit * 0.25, wide, height - unit * 0.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(ground if theme.is_dark(palette) else QColor(Qt.GlobalColor.white))
        painter.drawText(QPointF(box.center().x() - metrics.horizontalAdvance(text) / 2,
                                 box.center().y() + (metrics.ascent() - metrics.descent()) / 2), text)


def _fitted(wanted: list, metrics: QFontMetricsF, unit: float, area: QRectF, shorter: int) -> list:
    """Return (period, left, width, text) of names side by side; nothing where they do not fit, unless letters."""
    out: list = []
    for period, left, right, texts in wanted:
        wide = max(metrics.horizontalAdvance(texts[shorter]) + unit * 1.5, right - left)
        begin = (left + right) / 2 - wide / 2
        out.append([period, min(max(begin, area.left()), max(area.right() - wide, area.left())), wide, texts[shorter]])
    if len(out) == 2:
        over = out[0][1] + out[0][2] + 1 - out[1][1]
        if over > 0:
            back = min(over / 2, out[0][1] - area.left())
            forth = min(over - back, area.right() - out[1][1] - out[1][2])
            back = min(over - forth, out[0][1] - area.left())
            if back + forth < over - 0.5 and not shorter:
                return []
            out[0][1] -= back
            out[1][1] += forth
    return [tuple(box) for box in out]
