"""How reports look in a list: a mark for the status, and two lines."""

from __future__ import annotations

from typing import Any

from qgis.PyQt.QtCore import QPointF, QRect, QRectF, QSize, Qt
from qgis.PyQt.QtGui import QIcon, QPainter, QPalette, QPen, QPixmap, QTextOption
from qgis.PyQt.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from . import theme

#: Under this role a model gives the day of a report, in words.
DAY = Qt.ItemDataRole.UserRole + 1
_SIDE = 64
#: Status -> how full its mark is.
_FULL = {"new": 0, "acknowledged": 1, "in work": 2, "done": 4, "declined": 0}
_COLOUR = {"new": "problem", "acknowledged": "doubt", "in work": "calm", "done": "good", "declined": "quiet"}


def status_icon(status: Any) -> QIcon:
    """Return a circle that fills as the work goes on: a ring for new, a tick for done, a cross for declined."""
    status = status if status in _FULL else "new"
    colour = theme.colour(_COLOUR[status])
    picture = QPixmap(_SIDE, _SIDE)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(colour, 7)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    box = QRectF(8, 8, _SIDE - 16, _SIDE - 16)
    painter.drawEllipse(box)
    painter.setBrush(colour)
    if _FULL[status]:
        painter.drawPie(box, 90 * 16, -90 * 16 * _FULL[status])
    ground = QApplication.palette().color(QPalette.ColorRole.Base)
    if status == "done":
        painter.setBrush(colour)
        painter.drawEllipse(box)
        painter.setPen(QPen(ground, 8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        painter.drawPolyline(*[QPointF(x, y) for x, y in ((20, 33), (29, 42), (45, 23))])
    elif status == "declined":
        painter.drawLine(QPointF(23, 23), QPointF(41, 41))
        painter.drawLine(QPointF(41, 23), QPointF(23, 41))
    painter.end()
    return QIcon(picture)


class ReportLook(QStyledItemDelegate):
    """Draws the first line bold, and the second below it."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Any) -> QSize:  # noqa: N802
        high = option.fontMetrics.lineSpacing()
        return QSize(8 * high, 2 * high + high)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Any) -> None:
        item = QStyleOptionViewItem(option)
        self.initStyleOption(item, index)
        first, _, second = item.text.replace("\u2028", "\n").partition("\n")
        item.text, icon = "", QIcon(item.icon)
        item.icon = QIcon()
        style = item.widget.style() if item.widget is not None else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, item, painter, item.widget)
        chosen = bool(item.state & QStyle.StateFlag.State_Selected)
        role = QPalette.ColorRole.HighlightedText if chosen else QPalette.ColorRole.Text
        group = QPalette.ColorGroup.Active if item.state & QStyle.StateFlag.State_Active else (
            QPalette.ColorGroup.Inactive)
        high = item.fontMetrics.lineSpacing()
        gap, side = high // 2, high * 5 // 4

        def at(x: int, y: int, wide: int, tall: int) -> QRect:
            return QStyle.visualRect(item.direction, item.rect, QRect(item.rect.x() + x, item.rect.y() + y, wide, tall))

        painter.save()
        painter.setLayoutDirection(item.direction)
        painter.setPen(item.palette.color(group, role))
        if chosen:  # the mark must not drown in the colour of the selection
            painter.setBrush(item.palette.color(group, QPalette.ColorRole.Base))
            ground = at(gap, (item.rect.height() - side) // 2, side, side)
            pen = painter.pen()
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawEllipse(ground)
            painter.setPen(pen)
        icon.paint(painter, at(gap, (item.rect.height() - side) // 2, side, side))
        left = 2 * gap + side
        wide = item.rect.width() - left - gap
        top = (item.rect.height() - 2 * high) // 2
        aligned = QStyle.visualAlignment(item.direction, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        bold = theme.heading(item.font, 1.0)
        day = str(index.data(DAY) or "")
        room = item.fontMetrics.horizontalAdvance(day) + high if day else 0
        parts = second.split(" · ")
        while len(parts) > 1 and item.fontMetrics.horizontalAdvance(" · ".join(parts)) > wide - room:
            parts.pop()  # the status and the day are told first
        if item.fontMetrics.horizontalAdvance(parts[0]) > wide - room:
            day, room = "", 0
        for k, (text, font, line) in enumerate(((first, bold, wide), (" · ".join(parts), item.font, wide - room))):
            painter.setFont(font)
            elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, line)
            self._write(painter, at(left, top + k * high, line, high), elided, aligned)
        ends = QStyle.visualAlignment(item.direction, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._write(painter, at(left, top + high, wide, high), day, ends)
        painter.restore()

    @staticmethod
    def _write(painter: QPainter, where: QRect, text: str, aligned: Any) -> None:
        how = QTextOption(aligned)
        how.setWrapMode(QTextOption.WrapMode.NoWrap)
        painter.drawText(QRectF(where), text, how)
