"""The pages of a handout as a PDF, painted by Qt itself: no browser and no layout of a project is needed.

The parts of a page are measured first; what does not fit is left out by the rule of
:meth:`~hotspot_plugin.reports.handout.Page.fewer` before anything is painted.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Callable

from qgis.PyQt.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QPointF, QRectF, QSizeF, Qt
from qgis.PyQt.QtGui import (
    QColor,
    QFont,
    QImage,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QPen,
    QTextDocument,
    QTextOption,
)

from ..qobjects import keep
from .handout import BODY, HEADING, MAP, MARGIN, PAPERS, SMALL, TITLE, Page, Section, Sheet, family

_DPI = 300
_INK, _SOFT, _ACCENT, _LINE = "#111111", "#333333", "#17496f", "#8a94a0"
#: millimetres that stay free at the foot: a browser breaks lines a little otherwise
_RESERVE = 5.0


@dataclass
class _Part:
    """Something with a height in millimetres that is painted at a place."""

    height: float
    paint: Callable
    gap: float = 0.0


class Maker:
    """Measures and paints pages of one size of paper.

    Parameters
    ----------
    paper : str
        A key of :data:`~hotspot_plugin.reports.handout.PAPERS`.
    title : str
        Of the PDF.
    """

    def __init__(self, paper: str, title: str) -> None:
        self.wide, self.high = PAPERS[paper]
        self.wide -= 2 * MARGIN
        self.high -= 2 * MARGIN
        self.family = family()
        self._data = QByteArray()
        self._buffer = keep(QBuffer(self._data))
        self._buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        self._writer = keep(QPdfWriter(self._buffer))
        self._writer.setResolution(_DPI)
        self._writer.setTitle(title)
        self._writer.setCreator("Crime Hotspots for QGIS")
        size = QPageSize(QSizeF(*PAPERS[paper]), QPageSize.Unit.Millimeter)
        margins = QMarginsF(MARGIN, MARGIN, MARGIN, MARGIN)
        self._writer.setPageLayout(
            QPageLayout(size, QPageLayout.Orientation.Portrait, margins, QPageLayout.Unit.Millimeter))
        self._dots = self._writer.logicalDpiX() / 25.4
        # one for all texts, which ends before the writer that it measures with
        self._document = keep(QTextDocument())
        self._document.setUndoRedoEnabled(False)
        self._document.documentLayout().setPaintDevice(self._writer)

    # --- measuring ------------------------------------------------------------------------------
    def fit(self, sheet: Sheet) -> bool:
        """Leave out what does not fit, in all languages alike; False where even the least is too much."""
        shown: dict = {}
        for page in sheet.pages:
            page.shown = shown
        for page in sheet.pages:
            while self.height(page) > self.high - _RESERVE:
                if not page.fewer():
                    return False
        # what went last may have been long: something shorter may still have room
        for key in sheet.pages[0].cut() * 2:
            shown[key] += 1
            if any(self.height(page) > self.high - _RESERVE for page in sheet.pages):
                shown[key] -= 1
        return True

    def height(self, page: Page) -> float:
        """Return the height of a page's content in millimetres."""
        return sum(part.height + part.gap for part in self._parts(page))

    # --- painting -------------------------------------------------------------------------------
    def pdf(self, sheets: list, progress: Callable) -> bytes:
        """Return the PDF of all pages."""
        painter = QPainter(self._writer)
        pages = [page for sheet in sheets for page in sheet.pages]
        try:
            for number, page in enumerate(pages):
                progress(number / len(pages))
                if number:
                    self._writer.newPage()
                y = 0.0
                for part in self._parts(page):
                    y += part.gap
                    part.paint(painter, y)
                    y += part.height
        finally:
            painter.end()
            self._buffer.close()
        return bytes(self._data)

    def _parts(self, page: Page) -> list:
        out = [self._banner(page, text) for text in page.banners]
        if page.agency:
            out.append(self._text(page, escape(page.agency), 12.0, bold=True, colour=_SOFT))
        out += [self._text(page, escape(page.title), TITLE, bold=True, line=112),
                self._text(page, escape(page.when), gap=0.8)]
        for section in page.sections:
            out += self._section(page, section)
        if page.contact:
            out.append(self._framed(page, page.contact, _ACCENT, "left", 2.6))
        small = escape(" ".join([*page.notes, page.foot]))
        out.append(self._text(page, small, SMALL, colour=_SOFT, gap=1.5, line=108))
        return out

    def _section(self, page: Page, section: Section) -> list:
        heading = self._text(page, escape(section.heading), HEADING, bold=True, colour=_ACCENT, line=108)
        out = [_Part(heading.height + 1.2, self._ruled(heading), 2.4)]
        if section.key == "numbers":
            out += self._pair(page)
        if section.lead:
            out.append(self._text(page, escape(section.lead), gap=0.4))
        items, more = page.items(section)
        lines = [escape(text) for text in items]
        if more:
            lines[-1] += f" <i>{escape(more)}</i>"
        return out + [self._item(page, line) for line in lines]

    # --- parts ----------------------------------------------------------------------------------
    def _set(self, page: Page, html: str, wide: float, points: float, bold: bool, colour: str,
             line: int, centred: bool = False) -> QTextDocument:
        """Set a text; the next one takes its place."""
        document = self._document
        font = QFont(self.family)
        font.setPointSizeF(points)
        font.setBold(bold)
        document.setDefaultFont(font)
        document.setDocumentMargin(0.0)
        option = QTextOption()
        directions = (Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft)
        option.setTextDirection(directions[page.right_to_left])
        option.setAlignment(Qt.AlignmentFlag.AlignHCenter if centred else Qt.AlignmentFlag.AlignLeft)
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        document.setDefaultTextOption(option)
        direction = ' dir="rtl"' if page.right_to_left else ""
        style = f'style="color:{colour}; line-height:{line}%"'
        document.setHtml(f"<body><div{direction} {style}>{html}</div></body>")
        document.setTextWidth(wide * self._dots)
        return document

    def _text(self, page: Page, html: str, points: float = BODY, bold: bool = False, colour: str = _INK,
              gap: float = 0.0, line: int = 108, wide: float = 0.0, x: float = 0.0) -> _Part:
        text = (page, html, wide or self.wide, points, bold, colour, line)

        def paint(painter: QPainter, y: float) -> None:
            self._draw(painter, text, x, y)

        return _Part(self._set(*text).size().height() / self._dots, paint, gap)

    def _draw(self, painter: QPainter, text: tuple, x: float, y: float) -> None:
        painter.save()
        painter.translate(QPointF(x * self._dots, y * self._dots))
        self._set(*text).drawContents(painter)
        painter.restore()

    def _item(self, page: Page, html: str) -> _Part:
        indent = 6.0
        text = self._text(page, html, wide=self.wide - indent, x=0.0 if page.right_to_left else indent)
        dot = self._text(page, "•", wide=indent, x=self.wide - indent if page.right_to_left else 1.5)

        def paint(painter: QPainter, y: float) -> None:
            dot.paint(painter, y)
            text.paint(painter, y)

        return _Part(text.height, paint, 0.6)

    def _ruled(self, text: _Part) -> Callable:
        def paint(painter: QPainter, y: float) -> None:
            text.paint(painter, y)
            self._rule(painter, 0.0, self.wide, y + text.height + 0.4, _ACCENT, 0.5)

        return paint

    def _rule(self, painter: QPainter, left: float, right: float, y: float, colour: str, width: float) -> None:
        painter.save()
        painter.setPen(QPen(QColor(colour), width * self._dots))
        painter.drawLine(QPointF(left * self._dots, y * self._dots), QPointF(right * self._dots, y * self._dots))
        painter.restore()

    def _banner(self, page: Page, text: str) -> _Part:
        return self._framed(page, text, _INK, "center", 0.0, 2.5)

    def _framed(self, page: Page, text: str, colour: str, place: str, gap: float, below: float = 0.0) -> _Part:
        framed = (page, f"<b>{escape(text)}</b>", self.wide - 6.0, BODY, True, _INK, 108, place == "center")
        high = self._set(*framed).size().height() / self._dots + 2.6

        def paint(painter: QPainter, y: float) -> None:
            painter.save()
            painter.setPen(QPen(QColor(colour), 0.6 * self._dots))
            painter.drawRoundedRect(QRectF(0.3 * self._dots, y * self._dots, (self.wide - 0.6) * self._dots,
                                           high * self._dots), 1.5 * self._dots, 1.5 * self._dots)
            painter.restore()
            self._draw(painter, framed, 3.0, y + 1.3)

        return _Part(high + below, paint, gap)

    # --- map and table ----------------------------------------------------------------------------
    def _pair(self, page: Page) -> list:
        left = MAP[0] + 4.0 if page.picture else 0.0
        if page.right_to_left:
            places = (self.wide - MAP[0], 0.0)
        else:
            places = (0.0, left)
        parts: list = []
        if page.picture:
            parts += [self._map(page, places[0])]
        if page.table is not None:
            parts += [self._table(page, places[1], self.wide - left)]
        if not parts:
            return []

        def paint(painter: QPainter, y: float) -> None:
            for part in parts:
                part.paint(painter, y)

        return [_Part(max(part.height for part in parts), paint, 1.5)]

    def _map(self, page: Page, x: float) -> _Part:
        image = QImage.fromData(page.picture, "PNG")
        high = MAP[0] * image.height() / max(image.width(), 1)
        caption = self._text(page, escape(page.caption), SMALL, colour=_SOFT, wide=MAP[0], x=x, line=112)

        def paint(painter: QPainter, y: float) -> None:
            dots = self._dots
            painter.drawImage(QRectF(x * dots, y * dots, MAP[0] * dots, high * dots), image)
            caption.paint(painter, y + high + 1.0)

        return _Part(high + 1.0 + caption.height, paint)

    def _table(self, page: Page, x: float, wide: float) -> _Part:
        table = page.table
        rows, more = page.rows()
        columns = len(table.header) - 1
        number = 27.0
        first = wide - number * columns
        caption = self._text(page, escape(table.caption), SMALL, colour=_SOFT, wide=wide, x=x, line=112)
        lines = [(self._line(page, table.header, x, first, number, 12.0, True), _INK, 0.4)]
        lines += [(self._line(page, row, x, first, number, BODY, False), _LINE, 0.18) for row in rows]
        if more:
            lines.append((self._text(page, f"<i>{escape(more)}</i>", wide=wide, x=x), _LINE, 0.18))
        if table.last:
            lines[-1] = (lines[-1][0], _INK, 0.4)
            lines.append((self._line(page, table.last, x, first, number, BODY, True), "", 0.0))
        pad = 0.55

        def paint(painter: QPainter, y: float) -> None:
            caption.paint(painter, y)
            y += caption.height + 1.0
            for line, colour, width in lines:
                line.paint(painter, y + pad)
                y += line.height + 2 * pad
                if colour:
                    self._rule(painter, x, x + wide, y, colour, width)

        return _Part(caption.height + 1.0 + sum(line.height + 2 * pad for line, _, _ in lines), paint)

    def _line(self, page: Page, cells: list, x: float, first: float, number: float, points: float,
              bold: bool) -> _Part:
        turned = page.right_to_left
        parts = []
        at = x if not turned else x + number * (len(cells) - 1)
        parts.append(self._text(page, escape(cells[0]), points, bold, wide=first - 1.0, x=at + (1.0 if turned else 0.0),
                                line=100))
        side = "left" if turned else "right"
        for i, cell in enumerate(cells[1:]):
            at = x + first + number * i + 2.0 if not turned else x + number * (len(cells) - 2 - i)
            parts.append(self._text(page, f'<p align="{side}" style="margin:0">{escape(cell)}</p>', points, bold,
                                    wide=number - 2.0, x=at, line=100))
        high = max(part.height for part in parts)

        def paint(painter: QPainter, y: float) -> None:
            for part in parts:
                part.paint(painter, y + high - part.height)

        return _Part(high, paint)
