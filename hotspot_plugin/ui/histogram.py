"""Incidents by week, over which the two periods of a comparison are chosen by mouse or keyboard.

Time runs from left to right in right-to-left languages too, as charts of time do; words and numbers follow the
language. The picture is drawn by :mod:`histogrampaint`.
"""

from __future__ import annotations

from typing import Any, Sequence

from qgis.PyQt import sip
from qgis.PyQt.QtCore import QDate, QEvent, QLocale, QPointF, QRect, QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QPainter
from qgis.PyQt.QtWidgets import QSizePolicy, QSlider, QToolTip, QWidget

from ..compat import mouse_point
from ..reports import formats
from ..translation import tr
from . import histogrampaint, theme
from .timescale import TimeScale, nice_steps

BEFORE, AFTER = 0, 1
FIRST, LAST = 0, 1
_WEEK = 7


class _Handle(QSlider):
    """One edge of a period for the keyboard and for screen readers, which hear it as a slider; the chart draws it."""

    def __init__(self, chart: Histogram, period: int, edge: int) -> None:
        super().__init__(Qt.Orientation.Horizontal, chart)
        self.chart, self.period, self.edge = chart, period, edge
        self.setObjectName(("before", "after")[period] + ("First", "Last")[edge])
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.hide()

    def paintEvent(self, event: Any) -> None:  # noqa: N802
        """The chart draws the handle."""

    def keyPressEvent(self, event: Any) -> None:  # noqa: N802
        if not self.chart.press(self, event.key(), event.modifiers()):
            event.ignore()

    def focusInEvent(self, event: Any) -> None:  # noqa: N802
        super().focusInEvent(event)
        self.chart.update()

    def focusOutEvent(self, event: Any) -> None:  # noqa: N802
        super().focusOutEvent(event)
        if not sip.isdeleted(self.chart):  # the focus goes as well when the chart is taken down
            self.chart.update()


class Histogram(QWidget):
    """Bars by week with the periods "before" and "after".

    A period is drawn by dragging over bars outside of both (with both there, the nearer one is drawn anew), moved by
    dragging it, and changed by dragging an edge: by whole weeks, with Shift by days. Escape takes a drag back. Tab
    goes through the four edges: arrow keys move one by a week, with Shift by a day, with Ctrl the whole period; Page
    Up and Page Down by four weeks; Home and End as far as it goes. Periods never overlap.

    Signals
    -------
    periodsChanged, periodsMoving : (object, object)
        Before and after as (first, last) pairs of QDate, both included, or None; when a change is done, and during a
        drag.
    """

    periodsChanged = pyqtSignal(object, object)
    periodsMoving = pyqtSignal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scale, self.counts = TimeScale(), []
        self.periods: list = [None, None]
        self.empty_text = ""
        self.levels: list = []
        self.has_incomplete = False
        self._seen: tuple = ()
        self.hover: int | None = None
        self._drag: dict | None = None
        self.handles = [_Handle(self, period, edge) for period in (BEFORE, AFTER) for edge in (FIRST, LAST)]
        for one, other in zip(self.handles, self.handles[1:]):
            self.setTabOrder(one, other)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(tr("Incidents by week"))
        self._told()

    # --- what it shows ---------------------------------------------------------------------
    def setSeries(  # noqa: N802
        self, starts: Sequence[QDate], counts: Sequence[int], complete_to: QDate | None = None
    ) -> None:
        """Show weeks: their first days in order, their counts, and the last day that is recorded fully."""
        if len(starts) != len(counts):
            raise ValueError("a count for each week")
        self._drag, self.hover = None, None
        self.scale, self.counts = TimeScale(starts, complete_to), [int(n) for n in counts]
        self.levels = nice_steps(max(self.counts)) if self.counts else []
        self.has_incomplete = bool(starts) and self.scale.incomplete(len(starts) - 1)
        self._seen = ()
        self._told()

    def setPeriods(self, before: tuple | None, after: tuple | None) -> None:  # noqa: N802
        """Show two periods, (first, last) days or None, without telling of it."""
        self._drag = None
        self.periods = [_days(before), _days(after)]
        self._told()

    def clear(self) -> None:
        """Show nothing."""
        self.periods = [None, None]
        self.setSeries([], [])

    def setEmptyText(self, text: str) -> None:  # noqa: N802
        """Say what stands where there is no series."""
        self.empty_text = text
        self._told()

    def before(self) -> tuple | None:
        """Return the period before as (first, last), or None."""
        return _dates(self.periods[BEFORE])

    def after(self) -> tuple | None:
        """Return the period after as (first, last), or None."""
        return _dates(self.periods[AFTER])

    def describe(self) -> str:
        """Return both periods in words."""
        if not len(self.scale):
            return self.empty_text or tr("There are no incidents to show yet.")
        told = []
        for name, days in zip((tr("Before"), tr("After")), self.periods):
            if days is not None:
                length = days[1] - days[0] + 1
                told.append(tr("{period}: {first}, one day.").format(period=name, first=_spoken(days[0]))
                            if length == 1 else tr("{period}: from {first} to {last}, {days} days.").format(
                                period=name, first=_spoken(days[0]), last=_spoken(days[1]), days=length))
        if not told:
            return tr("No periods are chosen. Drag over the bars, or press Enter to begin with the last four weeks and"
                      " the four before.")
        return " ".join(told)

    def _told(self) -> None:
        """Bring screen readers, handles and picture up to date."""
        shown = len(self.scale) > 0
        self.setAccessibleDescription(self.describe())
        names = ((tr("Before, first day"), tr("Before, last day")), (tr("After, first day"), tr("After, last day")))
        any_period = False
        for handle in self.handles:
            days = self.periods[handle.period]
            there = shown and days is not None
            any_period = any_period or there
            if there:
                handle.setRange(self.scale.first, self.scale.last)
                handle.setAccessibleName(tr("{edge}: {day}").format(
                    edge=names[handle.period][handle.edge], day=_spoken(days[handle.edge])))
                handle.setAccessibleDescription(tr(
                    "Arrow keys: a week. Shift and arrow keys: a day. Ctrl and arrow keys: the whole period."))
                # Qt tells screen readers of a slider's new value
                handle.setValue(min(max(days[handle.edge], self.scale.first), self.scale.last))
            handle.setVisible(there)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if shown and not any_period else Qt.FocusPolicy.NoFocus)
        self._place()
        self.update()

    # --- sizes -----------------------------------------------------------------------------
    def sizeHint(self) -> QSize:  # noqa: N802
        line = self.fontMetrics().height()
        return QSize(max(280, 26 * line), 12 * line)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(280, 9 * self.fontMetrics().height())

    def resizeEvent(self, event: Any) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._place()

    def changeEvent(self, event: Any) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange, QEvent.Type.PaletteChange):
            self._place()
            self.update()

    def _place(self) -> None:
        plot = histogrampaint.plot_area(self)
        self.scale.place(plot.left(), plot.width())
        for handle in self.handles:
            days = self.periods[handle.period]
            if days is not None and len(self.scale):
                x, half = self.edge_x(handle.period, handle.edge), theme.unit(self)
                handle.setGeometry(QRect(round(x) - half, round(plot.top()), 2 * half, round(plot.height())))

    def bars(self) -> list:
        """Return the bars that are drawn."""
        if not self._seen or self._seen[0] != self.scale.width:
            self._seen = (self.scale.width, self.scale.bars())
        return self._seen[1]

    def edge_x(self, period: int, edge: int) -> float:
        """Return where an edge of a period stands."""
        day = self.periods[period][edge] + edge  # the last day ends where the next begins
        return self.scale.x(min(max(day, self.scale.first), self.scale.last + 1))

    def paintEvent(self, event: Any) -> None:  # noqa: N802
        painter = QPainter(self)
        histogrampaint.paint(self, painter)
        painter.end()

    # --- keyboard --------------------------------------------------------------------------
    def keyPressEvent(self, event: Any) -> None:  # noqa: N802
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and len(self.scale):
            self._begin()
        elif event.key() == Qt.Key.Key_Escape and self._drag is not None:
            self._take_back()
        else:
            super().keyPressEvent(event)

    def _begin(self) -> None:
        """Choose the last four complete weeks and the four before, for want of any period."""
        end = self.scale.last
        if self.scale.complete_to is not None:
            whole = [edge - 1 for edge in self.scale.edges[1:] if edge - 1 <= self.scale.complete_to]
            end = whole[-1] if whole else end
        length = min(4 * _WEEK, (end - self.scale.first + 1) // 2)
        if length < 1:
            return
        self.periods = [(end - 2 * length + 1, end - length), (end - length + 1, end)]
        self._told()
        self.handles[0].setFocus(Qt.FocusReason.OtherFocusReason)
        self._changed()

    def press(self, handle: _Handle, key: int, modifiers: Any) -> bool:
        """Move an edge by a key; return whether the key means anything here."""
        if key == Qt.Key.Key_Escape and self._drag is not None:
            self._take_back()
            return True
        steps = {Qt.Key.Key_Left: -_WEEK, Qt.Key.Key_Down: -_WEEK, Qt.Key.Key_Right: _WEEK, Qt.Key.Key_Up: _WEEK,
                 Qt.Key.Key_PageUp: 4 * _WEEK, Qt.Key.Key_PageDown: -4 * _WEEK,
                 Qt.Key.Key_Home: -10**6, Qt.Key.Key_End: 10**6}
        if key not in steps or self.periods[handle.period] is None:
            return False
        step = steps[key]
        if modifiers & Qt.KeyboardModifier.ShiftModifier and abs(step) == _WEEK:
            step //= _WEEK
        held = list(self.periods)
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            self._move(handle.period, held[handle.period], step)
        else:
            self._set_edge(handle.period, handle.edge, held[handle.period][handle.edge] + step)
        if self.periods != held:
            self._told()
            self._changed()
        return True

    # --- what is allowed -------------------------------------------------------------------
    def _room(self, period: int) -> tuple:
        """Return the first and last day that a period may take: within the series, beside the other one."""
        low, high = self.scale.first, self.scale.last
        own, other = self.periods[period], self.periods[1 - period]
        if other is not None and (own is None or own[1] < other[0] or own[0] > other[1]):
            if period == BEFORE:
                high = min(high, other[0] - 1)
            else:
                low = max(low, other[1] + 1)
        return (low, high) if low <= high else (self.scale.first, self.scale.last)

    def _set_edge(self, period: int, edge: int, day: int) -> None:
        low, high = self._room(period)
        first, last = self.periods[period]
        if edge == FIRST:
            first = min(max(day, low), last)
        else:
            last = max(min(day, high), first)
        self.periods[period] = (first, last)

    def _move(self, period: int, held: tuple, step: int) -> None:
        low, high = self._room(period)
        step = max(min(step, high - held[1]), low - held[0])
        self.periods[period] = (held[0] + step, held[1] + step)

    # --- mouse -----------------------------------------------------------------------------
    def _hit(self, point: QPointF) -> tuple:
        """Return ("edge", period, edge), ("body", period, 0) or ("new", period, 0) for a place."""
        reach = max(theme.unit(self), 5)
        near = [(abs(point.x() - self.edge_x(h.period, h.edge)), h.period, h.edge) for h in self.handles
                if self.periods[h.period] is not None]

        def against(period: int, edge: int) -> bool:
            """Of edges at one place the one on the pointer's side goes first, so that each can be pulled away."""
            inward = (point.x() > self.edge_x(period, edge)) == (edge == FIRST)
            thin = self.edge_x(period, LAST) - self.edge_x(period, FIRST) < 1
            return inward if thin else not inward

        near.sort(key=lambda n: (round(n[0]), against(n[1], n[2])))
        inside = [k for k in (BEFORE, AFTER) if self.periods[k] is not None
                  and self.edge_x(k, FIRST) <= point.x() <= self.edge_x(k, LAST)]
        if near and near[0][0] <= reach:
            wide = self.edge_x(near[0][1], LAST) - self.edge_x(near[0][1], FIRST)
            # the middle of a narrow period moves it
            if not (inside and near[0][0] > wide / 3 and near[0][1] in inside):
                return ("edge", near[0][1], near[0][2])
        if inside:
            return ("body", inside[0], 0)
        for period in (BEFORE, AFTER):
            if self.periods[period] is None:
                return ("new", period, 0)
        middle = (self.edge_x(BEFORE, LAST) + self.edge_x(AFTER, FIRST)) / 2
        return ("new", BEFORE if point.x() < middle else AFTER, 0)

    def mousePressEvent(self, event: Any) -> None:  # noqa: N802
        point = mouse_point(event)
        if event.button() != Qt.MouseButton.LeftButton or not len(self.scale) or (
                not histogrampaint.plot_area(self).adjusted(-4, -self.height(), 4, 0).contains(point)):
            super().mousePressEvent(event)
            return
        kind, period, edge = self._hit(point)
        self._drag = {"kind": kind, "period": period, "edge": edge, "x": point.x(), "held": list(self.periods)}
        if kind != "new":
            self.handles[2 * period + edge].setFocus(Qt.FocusReason.MouseFocusReason)
        QToolTip.hideText()
        event.accept()

    def mouseMoveEvent(self, event: Any) -> None:  # noqa: N802
        point = mouse_point(event)
        if self._drag is None:
            self._look(point)
            return
        by_day = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if self._pull(point.x(), by_day):
            self._told()
            self.periodsMoving.emit(self.before(), self.after())

    def mouseReleaseEvent(self, event: Any) -> None:  # noqa: N802
        if self._drag is None or event.button() != Qt.MouseButton.LeftButton:
            super().mouseReleaseEvent(event)
            return
        held, period, edge = self._drag["held"], self._drag["period"], self._drag["edge"]
        self._drag = None
        if self.periods != held:
            self._in_order()
            self._told()
            if self.periods[period] is not None:
                self.handles[2 * period + edge].setFocus(Qt.FocusReason.MouseFocusReason)
            self._changed()
        self._look(mouse_point(event))

    def _pull(self, x: float, by_day: bool) -> bool:
        """Follow the pointer; return whether anything changed."""
        drag, scale, now = self._drag, self.scale, list(self.periods)
        period = drag["period"]
        self.periods = list(drag["held"])
        if drag["kind"] == "edge":
            day = scale.day(x) + (x > scale.x(scale.last + 0.5)) if by_day else scale.edge(x)
            self._set_edge(period, drag["edge"], day - drag["edge"])
        elif drag["kind"] == "body":
            step = (x - drag["x"]) / scale.width * (scale.last + 1 - scale.first)
            self._move(period, drag["held"][period], round(step) if by_day else _WEEK * round(step / _WEEK))
        elif abs(x - drag["x"]) >= 3:
            ends = sorted((scale.day(drag["x"]), scale.day(x)))
            if not by_day:
                ends = [scale.edges[scale.week(ends[0])], scale.edges[scale.week(ends[1]) + 1] - 1]
            self.periods[period] = self._beside(period, drag, ends)
        return self.periods != now

    def _beside(self, period: int, drag: dict, ends: list) -> tuple:
        """Cut what is drawn where the other period begins."""
        other, start = self.periods[1 - period], self.scale.day(drag["x"])
        if other is not None:
            if start < other[0]:
                ends[1] = min(ends[1], other[0] - 1)
            elif start > other[1]:
                ends[0] = max(ends[0], other[1] + 1)
        return (ends[0], max(ends))

    def _in_order(self) -> None:
        """Call the earlier one before."""
        if None not in self.periods and self.periods[BEFORE] > self.periods[AFTER]:
            self.periods.reverse()

    def _take_back(self) -> None:
        self.periods, self._drag = list(self._drag["held"]), None
        self._told()
        self.periodsMoving.emit(self.before(), self.after())

    def _changed(self) -> None:
        self.periodsChanged.emit(self.before(), self.after())

    # --- looking ---------------------------------------------------------------------------
    def _look(self, point: QPointF) -> None:
        inside = bool(len(self.scale)) and histogrampaint.plot_area(self).contains(point)
        week = self.scale.week(self.scale.day(point.x())) if inside else None
        if week != self.hover:
            self.hover = week
            self.update()
        shapes = {"edge": Qt.CursorShape.SplitHCursor, "body": Qt.CursorShape.OpenHandCursor,
                  "new": Qt.CursorShape.CrossCursor}
        if inside:
            self.setCursor(shapes[self._hit(point)[0]])
        else:
            self.unsetCursor()

    def leaveEvent(self, event: Any) -> None:  # noqa: N802
        super().leaveEvent(event)
        self.hover = None
        self.update()

    def event(self, event: Any) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            text = self.tip(QPointF(event.pos()))
            if text:
                QToolTip.showText(event.globalPos(), text, self)
            else:
                QToolTip.hideText()
                event.ignore()
            return True
        return super().event(event)

    def tip(self, point: QPointF) -> str:
        """Return what is said of the week at a place, "" outside of the bars."""
        if not len(self.scale) or not histogrampaint.plot_area(self).contains(point):
            return ""
        week = self.scale.week(self.scale.day(point.x()))
        first, last = (QDate.fromJulianDay(d).toString("yyyy-MM-dd") for d in (
            self.scale.edges[week], self.scale.edges[week + 1] - 1))
        text = (tr("{first} to {last}: 1 incident") if self.counts[week] == 1 else tr(
            "{first} to {last}: {count} incidents")).format(
                first=first, last=last, count=formats.number(self.counts[week]))
        if self.scale.incomplete(week):
            text += " " + tr("(not complete: late entries may still come)")
        return text


def _days(dates: tuple | None) -> tuple | None:
    if dates is None or not (dates[0].isValid() and dates[1].isValid()):
        return None
    first, last = sorted(day.toJulianDay() for day in dates)
    return (first, last)


def _dates(days: tuple | None) -> tuple | None:
    return None if days is None else (QDate.fromJulianDay(days[0]), QDate.fromJulianDay(days[1]))


def _spoken(day: int) -> str:
    return QLocale(formats.language()).toString(QDate.fromJulianDay(day), QLocale.FormatType.LongFormat)
