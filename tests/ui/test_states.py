"""Cards and buttons: one look for what is empty, at work, found, doubtful or wrong."""

from __future__ import annotations

import pytest
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor, QPalette
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication, QVBoxLayout, QWidget

from hotspot_plugin.ui import states, theme
from hotspot_plugin.ui.runner import Outcome

from .conftest import settle


def contrast(one: QColor, other: QColor) -> float:
    def light(colour: QColor) -> float:
        parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.getRgbF()[:3]]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("ground, text", [("#efefef", "#000000"), ("#2b2b2b", "#f0f0f0")])
@pytest.mark.parametrize("mood", ["calm", "good", "doubt", "problem", "quiet"])
def test_words_can_be_read_on_every_card(qgis_app, mood, ground, text):
    palette = QPalette()
    palette.setColor(QPalette.ColorRole.Window, QColor(ground))
    card = theme.tint(mood, palette) if mood != "quiet" else QColor(ground)
    assert contrast(QColor(text), card) > 7
    assert contrast(theme.colour(mood, palette), card) > 4.5


def test_card_tells_a_screen_reader_what_its_icon_says(qgis_app):
    card = states.Card("problem", "No layer", "Choose one.")
    assert card.accessibleName() == "This did not work. No layer. Choose one."
    card.set_text("Another", "")
    assert card.accessibleName() == "This did not work. Another" and card.text.isHidden()


def test_work_card_moves_and_is_stopped_once(qgis_app):
    card, stopped = states.WorkCard("Counting…"), []
    card.cancelled.connect(lambda: stopped.append(1))
    card.advance(41.7)
    assert card.bar.value() == 41 and card.bar.maximum() == 100
    card.show()
    QTest.mouseClick(card.stop, Qt.MouseButton.LeftButton)
    QTest.mouseClick(card.stop, Qt.MouseButton.LeftButton)
    assert stopped == [1] and not card.stop.isEnabled()
    card.close()


def test_button_wraps_where_there_is_no_room_and_is_told_whole(qgis_app):
    window, pressed = QWidget(), []
    column = QVBoxLayout(window)
    button = states.button("Compare before and after", lambda: pressed.append(1), "one", "/mActionArrowRight.svg")
    column.addWidget(button)
    window.resize(button.sizeHint().width() + 60, 200)
    window.show()
    settle()
    line = button.heightForWidth(button.width())
    window.resize(button.sizeHint().width() * 2 // 3, 200)
    settle()
    assert button.heightForWidth(button.width()) > line and button.height() >= button.heightForWidth(button.width())
    assert button.text() == "Compare before and after"
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert pressed == [1]
    button.setText("Short")
    assert button.text() == "Short"
    window.close()


def test_repeat_copies_the_command(qgis_app):
    button = states.repeat_button(Outcome("done", "hotspot:x", "X", command="qgis_process run hotspot:x", python=""))
    first, second = button.menu().actions()
    first.trigger()
    assert QApplication.clipboard().text() == "qgis_process run hotspot:x" and not second.isEnabled()


def test_cleared_layout_lets_its_widgets_go(qgis_app):
    from qgis.PyQt import sip

    window = QWidget()
    column, inner = QVBoxLayout(window), QVBoxLayout()
    widgets = [QWidget(), QWidget()]
    column.addWidget(widgets[0])
    inner.addWidget(widgets[1])
    column.addLayout(inner)
    states.clear(column)
    settle()
    assert column.count() == 0 and all(map(sip.isdeleted, widgets))
