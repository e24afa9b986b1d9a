"""Small charts of results: counts before and after, and estimates beside "no change"; in the user's palette.

Numbers stand beside the marks, so that nothing is told by length or colour alone. Bars and axes run from left to right
in right-to-left languages too; only the labels change sides.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple, Sequence

from qgis.PyQt.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt
from qgis.PyQt.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPainterPath, QPalette, QPen, QPolygonF
from qgis.PyQt.QtWidgets import QSizePolicy, QToolTip, QWidget

from ..reports import formats
from ..translation import tr
from . import theme
from .histogrampaint import mixed, small


class Pair(NamedTuple):
    """A place or type with its values before and after, each with an interval (low, high) or None."""

    label: str
    before: float
    after: float
    before_range: tuple | None = None
    after_range: tuple | None = None


class Estimate(NamedTuple):
    """A change in per cent with its interval; NaN where there is none."""

    label: str
    value: float
    low: float
    high: float


class _Chart(QWidget):
    """Rows under each other, as high as they need to be."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list = []
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setSizePolicy(policy)

    def _show(self, rows: Sequence) -> None:
        self.rows = list(rows)
        self.setAccessibleDescription(self.describe())
        self.updateGeometry()
        self.update()

    def clear(self) -> None:
        """Show nothing."""
        self._show([])

    def describe(self) -> str:
        """Return all rows in words."""
        return " ".join(self.sentence(row) for row in self.rows)

    def sentence(self, row: Any) -> str:
        """Return one row in words."""
        raise NotImplementedError

    @property
    def line(self) -> float:
        """Height of a line of text."""
        return QFontMetricsF(self.font()).height()

    @property
    def row_height(self) -> float:
        """Height of a row."""
        return 3.0 * self.line

    @property
    def head(self) -> float:
        """Room above the rows."""
        return 1.5 * self.line

    @property
    def foot(self) -> float:
        """Room below the rows."""
        return 0.4 * self.line

    def sizeHint(self) -> QSize:  # noqa: N802
        height = self.head + self.foot + self.row_height * len(self.rows)
        return QSize(max(280, round(24 * self.line)), round(height) if self.rows else 0)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(240, self.sizeHint().height())

    def changeEvent(self, event: Any) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange, QEvent.Type.PaletteChange):
            self.updateGeometry()
            self.update()

    def event(self, event: Any) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            row = int((event.pos().y() - self.head) // self.row_height)
            if 0 <= row < len(self.rows):
                QToolTip.showText(event.globalPos(), self.sentence(self.rows[row]), self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def paintEvent(self, event: Any) -> None:  # noqa: N802
        if not self.rows:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        self.ink = theme.palette(self).color(QPalette.ColorRole.WindowText)
        self.ground = theme.palette(self).color(QPalette.ColorRole.Window)
        self.draw(painter)
        painter.end()

    def draw(self, painter: QPainter) -> None:
        """Draw the rows."""
        raise NotImplementedError

    def write(self, painter: QPainter, left: float, right: float, base: float, text: str) -> None:
        """Write a text from where lines begin, cut to its room."""
        metrics = QFontMetricsF(painter.font())
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, right - left)
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        x = right - metrics.horizontalAdvance(text) if mirrored else left
        painter.drawText(QPointF(x, base), text)


class PairedBars(_Chart):
    """Counts before and after, a pair of bars for each type or area, with intervals where they are known."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.names = (tr("Before"), tr("After"))
        self.unit = ""
        self.setAccessibleName(tr("Before and after"))

    def setPairs(self, pairs: Sequence[Pair], names: tuple | None = None, unit: str = "") -> None:  # noqa: N802
        """Show pairs; ``names`` of the two bars, ``unit`` such as "a week" behind their heading."""
        self.names, self.unit = names or (tr("Before"), tr("After")), unit
        self._show(pairs)

    @property
    def row_height(self) -> float:
        return 3.3 * self.line

    def sentence(self, row: Pair) -> str:
        told = []
        for name, value, span in zip(self.names, (row.before, row.after), (row.before_range, row.after_range)):
            text = f"{name} {formats.number(value)}"
            if span is not None:
                text += " " + tr("({low} to {high})").format(low=formats.number(span[0]), high=formats.number(span[1]))
            told.append(text)
        return tr("{label}: {before}, {after}.").format(label=row.label, before=told[0], after=told[1])

    def draw(self, painter: QPainter) -> None:
        unit, line, palette = float(theme.unit(self)), self.line, theme.palette(self)
        colours = [theme.colour(name, palette) for name in ("before", "after")]
        metrics = QFontMetricsF(self.font())
        known = [(row.before, row.after) for row in self.rows]
        numbers = max(metrics.horizontalAdvance(formats.number(n)) for pair in known for n in pair)
        room = self.width() - numbers - 2.0 * unit
        ends = [span[1] for row in self.rows for span in (row.before_range, row.after_range) if span is not None]
        top = max([n for pair in known for n in pair if not formats.is_missing(n)] + ends + [1e-9])
        self._legend(painter, colours)
        for i, row in enumerate(self.rows):
            y = self.head + i * self.row_height
            painter.setFont(self.font())
            painter.setPen(self.ink)
            self.write(painter, 0, self.width(), y + metrics.ascent(), row.label)
            for k, (value, span) in enumerate(((row.before, row.before_range), (row.after, row.after_range))):
                box = QRectF(0, y + line * (1.15 + k * 0.92), 0, line * 0.78)
                painter.setPen(self.ink)
                if formats.is_missing(value):
                    painter.drawText(QPointF(unit * 0.5, box.center().y() + metrics.ascent() * 0.38), formats.NOTHING)
                    continue
                box.setWidth(max(value / top * room, 1.0))
                self._bar(painter, box, colours[k], k)
                reach = box.right()
                if span is not None:
                    low, high = (max(end, 0.0) / top * room for end in span)
                    reach = max(reach, high)
                    self._interval(painter, low, high, box)
                painter.setPen(self.ink)
                painter.drawText(QPointF(reach + unit * 0.7, box.center().y() + metrics.ascent() * 0.38),
                                 formats.number(value))

    def _bar(self, painter: QPainter, box: QRectF, colour: QColor, which: int) -> None:
        """The bar before is light with an outline, the one after is full: apart without colour too."""
        if which:
            painter.fillRect(box, colour)
            return
        painter.setPen(QPen(colour, 1.5))
        painter.setBrush(QBrush(mixed(self.ground, colour, 0.25)))
        painter.drawRect(box.adjusted(0.75, 0.75, -0.75, -0.75))

    def _interval(self, painter: QPainter, low: float, high: float, box: QRectF) -> None:
        middle, cap = box.center().y(), box.height() * 0.25
        for colour, wide in ((self.ground, 3.5), (self.ink, 1.3)):
            painter.setPen(QPen(colour, wide, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
            painter.drawLine(QLineF(low, middle, high, middle))
            for x in (low, high):
                painter.drawLine(QLineF(x, middle - cap, x, middle + cap))

    def _legend(self, painter: QPainter, colours: list) -> None:
        font = small(self.font())
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        unit, size = float(theme.unit(self)), metrics.height() * 0.7
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        gone = 0.0
        base = metrics.ascent() + 1
        parts = [(0, self.names[0]), (1, self.names[1]), (None, self.unit)]
        for k, text in parts:
            wide = metrics.horizontalAdvance(text)
            if k is not None:
                left = self.width() - gone - size if mirrored else gone
                self._bar(painter, QRectF(left, base - size * 0.9, size, size), colours[k], k)
                gone += size + unit * 0.5
            painter.setPen(mixed(self.ground, self.ink, 0.75))
            left = self.width() - gone - wide if mirrored else gone
            painter.drawText(QPointF(left, base), text)
            gone += wide + unit * 1.5


class ForestLine(_Chart):
    """Changes in per cent with their intervals, on an axis on which twice and half are equally far from none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("How sure it is"))

    def setEstimates(self, estimates: Sequence[Estimate]) -> None:  # noqa: N802
        """Show estimates."""
        self._show(estimates)

    @property
    def row_height(self) -> float:
        return 3.2 * self.line

    @property
    def foot(self) -> float:
        return 1.5 * self.line

    def sentence(self, row: Estimate) -> str:
        if formats.is_missing(row.value):
            return tr("{label}: cannot be estimated.").format(label=row.label)
        verdict = tr("it could be chance or no change")
        if row.high < 0:
            verdict = tr("fewer")
        elif row.low > 0:
            verdict = tr("more")
        return tr("{label}: {numbers}: {verdict}.").format(
            label=row.label, numbers=self._numbers(row), verdict=verdict)

    def _numbers(self, row: Estimate) -> str:
        if formats.is_missing(row.value):
            return formats.NOTHING
        return tr("{value} % ({low} to {high})").format(
            value=formats.number(row.value, 0, sign=True), low=formats.number(row.low, 0, sign=True),
            high=formats.number(row.high, 0, sign=True))

    def reach(self) -> float:
        """Return the ratio at the right end of the axis; its inverse is at the left end."""
        ends = [math.log(max(1.0 + n / 100.0, 1e-3)) for row in self.rows for n in (row.value, row.low, row.high)
                if not formats.is_missing(n) and math.isfinite(n)]
        widest = max((abs(end) for end in ends), default=0.0)
        choices = (1.25, 1.5, 2.0, 3.0, 5.0, 10.0)
        return next((c for c in choices if math.log(c) >= widest), 10.0)

    def draw(self, painter: QPainter) -> None:
        unit, line = float(theme.unit(self)), self.line
        reach = math.log(self.reach())
        left, right = unit, self.width() - unit
        middle = (left + right) / 2
        bottom = self.head + self.row_height * len(self.rows)

        def x(change: float) -> float:
            size = math.log(max(1.0 + change / 100.0, 1e-9)) if math.isfinite(change) else math.copysign(99, change)
            return middle + size / reach * (right - middle)

        painter.setFont(small(self.font()))
        soft = mixed(self.ground, self.ink, 0.75)
        self._axis(painter, x, reach, bottom, soft)
        metrics = QFontMetricsF(self.font())
        for i, row in enumerate(self.rows):
            y = self.head + i * self.row_height
            painter.setFont(self.font())
            painter.setPen(self.ink)
            self._clear(painter, y, line)
            self.write(painter, 0, self.width(), y + metrics.ascent(), row.label)
            painter.setPen(soft)
            self.write(painter, 0, self.width(), y + line + metrics.ascent(), self._numbers(row))
            if not formats.is_missing(row.value):
                self._estimate(painter, row, x, y + line * 2.45, left, right)

    def _clear(self, painter: QPainter, y: float, line: float) -> None:
        """Let no axis run through a text."""
        painter.fillRect(QRectF(0, y, self.width(), line * 2.05), self.ground)

    def _axis(self, painter: QPainter, x: Any, reach: float, bottom: float, soft: QColor) -> None:
        metrics = QFontMetricsF(painter.font())
        unit = float(theme.unit(self))
        painter.setPen(QPen(mixed(self.ground, self.ink, 0.6), 1.5))
        painter.drawLine(QLineF(x(0), self.head * 0.85, x(0), bottom))
        ratio = math.exp(reach)
        painter.setPen(soft)
        ends = [100.0 * (1.0 / ratio - 1.0), 0.0, 100.0 * (ratio - 1.0)]
        for change in ends:
            text = tr("{number} %").format(number=formats.number(change, 0, sign=True))
            wide = metrics.horizontalAdvance(text)
            at = min(max(x(change) - wide / 2, 0.0), self.width() - wide)
            painter.drawText(QPointF(at, bottom + metrics.ascent() + unit * 0.4), text)
            if change:
                painter.drawLine(QLineF(x(change), bottom - unit * 0.4, x(change), bottom))
        none = metrics.horizontalAdvance(tr("no change"))
        base = metrics.ascent() + 1
        painter.drawText(QPointF(x(0) - none / 2, base), tr("no change"))
        painter.drawText(QPointF(0, base), "\u25c0 " + tr("fewer"))
        text = tr("more") + " \u25b6"
        painter.drawText(QPointF(self.width() - metrics.horizontalAdvance(text), base), text)

    def _estimate(self, painter: QPainter, row: Estimate, x: Any, y: float, left: float, right: float) -> None:
        """A line for the interval and a mark for the estimate: a diamond where "no change" is left out, else a ring."""
        clear = row.high < 0 or row.low > 0
        colour = theme.colour(("good" if row.value < 0 else "problem") if clear else "quiet", theme.palette(self))
        size = theme.unit(self) * 0.62
        low, high = x(row.low), x(row.high)
        painter.setPen(QPen(colour, 2.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        painter.drawLine(QLineF(max(low, left), y, min(high, right), y))
        painter.setBrush(colour)
        for outside, edge, side in ((low < left - 0.5, left, -1), (high > right + 0.5, right, 1)):
            if outside:  # it goes on
                painter.drawPolygon(QPolygonF([
                    QPointF(edge + side * size * 0.6, y), QPointF(edge - side * size * 0.5, y - size * 0.8),
                    QPointF(edge - side * size * 0.5, y + size * 0.8)]))
            else:
                end = low if side < 0 else high
                painter.drawLine(QLineF(end, y - size * 0.6, end, y + size * 0.6))
        at = min(max(x(row.value), left), right)
        path = QPainterPath()
        if clear:
            path.addPolygon(QPolygonF([
                QPointF(at - size, y), QPointF(at, y - size), QPointF(at + size, y), QPointF(at, y + size)]))
            path.closeSubpath()
        else:
            path.addEllipse(QPointF(at, y), size * 0.8, size * 0.8)
        painter.setPen(QPen(colour, 1.8))
        painter.setBrush(colour if clear else self.ground)
        painter.drawPath(path)
