"""The weekly histogram: periods by mouse and keyboard, what is told, and how it looks at the ends of its range."""

from __future__ import annotations

import pytest
from qgis.PyQt.QtCore import QDate, QPoint, Qt
from qgis.PyQt.QtGui import QColor, QPalette
from qgis.PyQt.QtTest import QTest

from hotspot_plugin.ui import histogrampaint, theme
from hotspot_plugin.ui.histogram import AFTER, BEFORE, FIRST, LAST, Histogram
from hotspot_plugin.ui.timescale import TimeScale, nice_steps

MONDAY = QDate(2023, 1, 2)


def week(number):
    return MONDAY.addDays(7 * number)


def weeks(first, last):
    """From the Monday of one week to the Sunday of another."""
    return (week(first), week(last).addDays(6))


def iso(period):
    return None if period is None else tuple(day.toString("yyyy-MM-dd") for day in period)


class Heard:
    def __init__(self, chart):
        self.changed, self.moving = [], []
        chart.periodsChanged.connect(lambda *p: self.changed.append(p))
        chart.periodsMoving.connect(lambda *p: self.moving.append(p))


@pytest.fixture
def chart(qgis_app):
    made = Histogram()
    made.resize(620, 220)
    made.setSeries([week(i) for i in range(52)], [20 + i % 7 for i in range(52)], week(50).addDays(-1))
    made.show()
    made.activateWindow()
    QTest.qWaitForWindowExposed(made)
    yield made
    made.close()
    made.deleteLater()


def at(chart, day, share=0.5):
    """The middle of a day in the plot."""
    area = histogrampaint.plot_area(chart)
    return QPoint(round(chart.scale.x(day.toJulianDay() + 0.5)), round(area.top() + share * area.height()))


def drag(chart, start, end, modifiers=Qt.KeyboardModifier.NoModifier, release=True):
    button = Qt.MouseButton.LeftButton
    QTest.mousePress(chart, button, modifiers, start)
    for k in range(1, 4):
        pull(chart, start + (end - start) * (k / 3), modifiers)
    if release:
        QTest.mouseRelease(chart, button, modifiers, end)


def pull(chart, point, modifiers):
    """Move with the button down: QTest's own moves carry neither button nor keys."""
    from qgis.PyQt.QtCore import QEvent, QPointF
    from qgis.PyQt.QtGui import QMouseEvent
    from qgis.PyQt.QtWidgets import QApplication

    place = QPointF(point)
    QApplication.sendEvent(chart, QMouseEvent(
        QEvent.Type.MouseMove, place, QPointF(chart.mapToGlobal(point)), Qt.MouseButton.NoButton,
        Qt.MouseButton.LeftButton, modifiers))


def edge(chart, period, which):
    return QPoint(round(chart.edge_x(period, which)), round(histogrampaint.plot_area(chart).center().y()))


# --- mouse -----------------------------------------------------------------------------------
def test_two_drags_choose_whole_weeks_before_and_after(chart):
    heard = Heard(chart)
    drag(chart, at(chart, week(10).addDays(2)), at(chart, week(13).addDays(3)))
    assert iso(chart.before()) == iso(weeks(10, 13)) and chart.after() is None
    drag(chart, at(chart, week(24)), at(chart, week(20).addDays(1)))  # leftwards
    assert iso(chart.after()) == iso(weeks(20, 24)) and len(heard.changed) == 2 and heard.moving
    before, after = heard.changed[-1]
    assert isinstance(before[0], QDate) and (iso(before), iso(after)) == (iso(weeks(10, 13)), iso(weeks(20, 24)))


def test_the_earlier_one_is_before_whatever_was_drawn_first(chart):
    drag(chart, at(chart, week(30)), at(chart, week(33)))
    drag(chart, at(chart, week(5)), at(chart, week(8)))
    assert (iso(chart.before()), iso(chart.after())) == (iso(weeks(5, 8)), iso(weeks(30, 33)))


def test_edges_move_by_weeks_and_with_shift_by_days_and_never_over_the_other(chart):
    chart.setPeriods(weeks(10, 19), weeks(22, 30))
    drag(chart, edge(chart, BEFORE, FIRST), at(chart, week(5).addDays(1)))
    assert iso(chart.before()) == iso(weeks(5, 19))
    drag(chart, edge(chart, BEFORE, LAST), at(chart, week(45)))
    assert iso(chart.before()) == iso(weeks(5, 21)) and iso(chart.after()) == iso(weeks(22, 30))
    drag(chart, edge(chart, AFTER, LAST), at(chart, week(35).addDays(2)), Qt.KeyboardModifier.ShiftModifier)
    last = chart.after()[1]
    assert abs(last.daysTo(week(35).addDays(2))) <= 1 and last != week(35).addDays(6)


def test_a_body_is_moved_and_stops_at_the_other_and_the_end(chart):
    chart.setPeriods(weeks(5, 12), weeks(20, 27))
    drag(chart, at(chart, week(8)), at(chart, week(10)))
    assert iso(chart.before()) == iso(weeks(7, 14))
    drag(chart, at(chart, week(10)), at(chart, week(40)))
    assert iso(chart.before()) == iso(weeks(12, 19))
    drag(chart, at(chart, week(23)), at(chart, week(51)))
    assert iso(chart.after()) == iso(weeks(44, 51))


def test_touching_edges_can_both_be_pulled_away(chart):
    chart.setPeriods(weeks(10, 19), weeks(20, 29))
    x = edge(chart, AFTER, FIRST)
    drag(chart, x + QPoint(3, 0), at(chart, week(24)))
    assert iso(chart.before()) == iso(weeks(10, 19)) and chart.after()[0] > week(22)
    chart.setPeriods(weeks(10, 19), weeks(20, 29))
    drag(chart, x - QPoint(3, 0), at(chart, week(15)))
    assert iso(chart.after()) == iso(weeks(20, 29)) and chart.before()[1] < week(17)


def test_escape_takes_a_drag_back(chart):
    chart.setPeriods(weeks(5, 12), weeks(20, 27))
    heard = Heard(chart)
    drag(chart, at(chart, week(8)), at(chart, week(11)), release=False)
    assert iso(chart.before()) != iso(weeks(5, 12))
    QTest.keyClick(chart.handles[0], Qt.Key.Key_Escape)
    assert iso(chart.before()) == iso(weeks(5, 12))
    QTest.mouseRelease(chart, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at(chart, week(11)))
    assert not heard.changed and iso(heard.moving[-1][0]) == iso(weeks(5, 12))


def test_a_click_changes_nothing_and_new_data_end_a_drag(chart):
    chart.setPeriods(weeks(5, 12), weeks(20, 27))
    heard = Heard(chart)
    QTest.mouseClick(chart, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at(chart, week(40)))
    drag(chart, at(chart, week(8)), at(chart, week(11)), release=False)
    chart.clear()
    QTest.mouseRelease(chart, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(100, 100))
    assert not heard.changed and chart.before() is None


def test_a_period_too_thin_to_see_can_be_pulled_to_both_sides(chart):
    chart.setSeries([MONDAY.addDays(7 * i) for i in range(2000)], [5] * 2000)
    for step, edges in ((1, (1000, 1300)), (-1, (700, 1000))):
        chart.setPeriods(weeks(1000, 1000), None)
        drag(chart, edge(chart, BEFORE, FIRST) + QPoint(2 * step, 0), at(chart, week(1000 + 300 * step)))
        assert abs(chart.before()[0].daysTo(week(edges[0]))) < 30 and abs(chart.before()[1].daysTo(week(edges[1]))) < 30


# --- keyboard and screen readers -------------------------------------------------------------
def test_keys_move_the_edges(chart):
    chart.setPeriods(weeks(10, 19), weeks(22, 30))
    heard = Heard(chart)
    first = chart.handles[0]
    QTest.keyClick(first, Qt.Key.Key_Left)
    assert iso(chart.before()) == iso(weeks(9, 19))
    QTest.keyClick(first, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert chart.before()[0] == week(9).addDays(1)
    QTest.keyClick(first, Qt.Key.Key_Home)
    assert chart.before()[0] == week(0)
    QTest.keyClick(chart.handles[1], Qt.Key.Key_End)
    assert chart.before()[1] == week(22).addDays(-1)
    QTest.keyClick(chart.handles[3], Qt.Key.Key_PageUp)
    assert iso(chart.after()) == iso(weeks(22, 34))
    QTest.keyClick(chart.handles[3], Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert iso(chart.after()) == iso(weeks(23, 35)) and len(heard.changed) == 6


def test_tab_goes_through_the_four_edges_and_enter_begins(chart):
    assert chart.focusPolicy() == Qt.FocusPolicy.StrongFocus and not any(h.isVisible() for h in chart.handles)
    QTest.keyClick(chart, Qt.Key.Key_Return)
    # the last weeks are not complete, so they are not taken
    assert (iso(chart.before()), iso(chart.after())) == (iso(weeks(42, 45)), iso(weeks(46, 49)))
    chart.handles[0].setFocus()
    seen = []
    for _ in range(4):
        seen.append(chart.focusWidget().objectName())
        QTest.keyClick(chart.focusWidget(), Qt.Key.Key_Tab)
    assert seen == ["beforeFirst", "beforeLast", "afterFirst", "afterLast"]


def test_what_a_screen_reader_hears(chart):
    assert "No periods are chosen" in chart.accessibleDescription()
    chart.setPeriods(weeks(10, 19), weeks(22, 30))
    handle = chart.handles[0]
    heard = []
    handle.valueChanged.connect(heard.append)  # Qt tells it on to screen readers
    assert "March 13, 2023" in handle.accessibleName() and handle.accessibleName().startswith("Before, first day")
    QTest.keyClick(handle, Qt.Key.Key_Left)
    assert "March 6, 2023" in handle.accessibleName() and heard == [week(9).toJulianDay()]
    assert "Before: from Monday, March 6, 2023" in chart.accessibleDescription()
    assert "77 days" in chart.accessibleDescription() and chart.accessibleName()


def test_setting_periods_tells_nobody_and_takes_any_days(chart):
    heard = Heard(chart)
    chart.setPeriods((QDate(2020, 1, 1), QDate(2023, 2, 1)), (QDate(2023, 3, 8), QDate(2030, 1, 1)))
    chart.grab()
    assert chart.before()[0] == QDate(2020, 1, 1) and chart.after()[1] == QDate(2030, 1, 1) and not heard.changed


def test_the_tip_names_week_count_and_doubt(chart):
    from qgis.PyQt.QtCore import QPointF

    assert chart.tip(QPointF(at(chart, week(3).addDays(2)))) == "2023-01-23 to 2023-01-29: 23 incidents"
    assert "not complete" in chart.tip(QPointF(at(chart, week(50).addDays(3))))
    assert chart.tip(QPointF(1, 1)) == ""


# --- how it looks ----------------------------------------------------------------------------
def coloured(image, colour):
    return sum(image.pixelColor(x, y).name() == colour.name()
               for x in range(0, image.width(), 2) for y in range(0, image.height(), 2))


def test_right_to_left_keeps_the_direction_of_time(chart):
    x = chart.scale.x(week(10).toJulianDay())
    chart.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    assert chart.scale.x(week(10).toJulianDay()) == x < chart.scale.x(week(11).toJulianDay())
    chart.setPeriods(weeks(10, 19), weeks(22, 30))
    assert not chart.grab().isNull()


def test_a_dark_palette_is_drawn_dark(chart):
    chart.setPeriods(weeks(10, 19), weeks(22, 30))
    dark = QPalette()
    for role, text in ((QPalette.ColorRole.Window, "#2b2b2b"), (QPalette.ColorRole.Base, "#1e1e1e"),
                       (QPalette.ColorRole.WindowText, "#f0f0f0")):
        dark.setColor(role, QColor(text))
    light_picture = chart.grab().toImage()
    chart.setPalette(dark)
    picture = chart.grab().toImage()
    for name in ("before", "after"):
        assert coloured(light_picture, theme.colour(name)) > 200
        assert coloured(picture, theme.colour(name, dark)) > 200
    assert picture.pixelColor(2, 2).name() == "#1e1e1e"


@pytest.mark.parametrize("width", [280, 320, 1200])
def test_labels_never_overlap_and_bars_are_seen(chart, width):
    from qgis.PyQt.QtGui import QFontMetricsF

    measure = QFontMetricsF(histogrampaint.small(chart.font())).horizontalAdvance
    for count in (1, 3, 10, 52, 160, 1044):
        chart.setSeries([MONDAY.addDays(7 * i) for i in range(count)], [900] * count,
                        MONDAY.addDays(7 * count - 10))
        chart.setPeriods(weeks(0, max(count // 3, 0)), None)
        chart.resize(width, 200)
        chart.grab()
        ticks = chart.scale.ticks(measure, 5)
        assert ticks and all(a.left + measure(a.text) < b.left for a, b in zip(ticks, ticks[1:]))
        assert ticks[-1].left + measure(ticks[-1].text) <= width
        bars = chart.bars()
        assert [bar.first for bar in bars] == [0, *(bar.last + 1 for bar in bars[:-1])] and bars[-1].last == count - 1
        widths = [chart.scale.x(chart.scale.edges[b.last + 1]) - chart.scale.x(chart.scale.edges[b.first])
                  for b in bars if not b.incomplete]
        assert all(w >= 1.99 for w in widths[:-1])


def test_empty_and_tiny(qgis_app):
    chart = Histogram()
    chart.setEmptyText("Choose your incidents first.")
    chart.resize(280, 120)
    assert not chart.grab().isNull() and chart.accessibleDescription() == "Choose your incidents first."
    assert chart.minimumSizeHint().width() <= 280
    chart.setSeries([MONDAY], [0], None)
    chart.resize(30, 20)
    assert not chart.grab().isNull()
    chart.deleteLater()


def test_scale_and_steps():
    scale = TimeScale([week(i) for i in range(4)], week(3))
    scale.place(10, 280)
    assert scale.x(scale.first) == 10 and scale.x(scale.last + 1) == 290
    assert scale.day(10) == scale.first and scale.day(289.9) == scale.last == week(4).toJulianDay() - 1
    assert [scale.incomplete(i) for i in range(4)] == [False, False, False, True]
    assert nice_steps(7) == [0, 5, 10] and nice_steps(950) == [0, 500, 1000] and nice_steps(0) == [0, 1]
