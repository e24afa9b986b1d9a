"""What holds for every page of the dock: names for screen readers, reach by keyboard, and room at 320 pixels."""

from __future__ import annotations

import pytest
from qgis.PyQt.QtCore import QEvent, QPoint, Qt
from qgis.PyQt.QtGui import QColor, QFont, QPalette
from qgis.PyQt.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QMainWindow,
    QPushButton,
    QScrollBar,
    QWidget,
)

from hotspot_plugin.ui import dock as module

from .conftest import settle

NAMES = [name for name, *_ in module.PAGES]
NARROW = 320


def dark() -> QPalette:
    palette, role = QPalette(), QPalette.ColorRole
    for one, colour in ((role.Window, "#2b2b2b"), (role.Base, "#1e1e1e"), (role.Button, "#3a3a3a")):
        palette.setColor(one, QColor(colour))
    for one in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(one, QColor("#f0f0f0"))
    return palette


@pytest.fixture
def looks(qgis_app):
    """Give the application's look back afterwards."""
    app = QApplication.instance()
    palette, font, direction = QPalette(app.palette()), QFont(app.font()), app.layoutDirection()
    yield app
    app.setPalette(palette)
    app.setFont(font)
    app.setLayoutDirection(direction)
    settle()


@pytest.fixture
def narrow(dock):
    """A dock as narrow as it must go, of the height of a small screen."""
    window = dock.window()
    window.setMinimumWidth(0)
    window.resize(NARROW, 700)
    settle()
    return dock


def shown(page) -> list:
    """Return the widgets of a page that are seen now, but the inner parts of composed ones."""
    out = []
    for widget in page.widget().findChildren(QWidget):
        if not widget.isVisible() or isinstance(widget, QScrollBar):
            continue
        parent, inner = widget.parentWidget(), False
        while parent is not None and parent is not page:
            inner = inner or isinstance(parent, (QComboBox, QAbstractSpinBox, QAbstractItemView, QScrollBar))
            parent = parent.parentWidget()
        if not inner:
            out.append(widget)
    return out


def told(widget: QWidget) -> str:
    return f"{type(widget).__name__} '{widget.objectName()}'"


def nameless(page) -> list:
    """Return the widgets with a place in the tab order that a screen reader has no name for."""
    buddies = {label.buddy() for label in page.findChildren(QLabel) if label.buddy() is not None}
    out = []
    for widget in shown(page):
        stops = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        text = widget.text() if isinstance(widget, (QAbstractButton, QLabel)) else ""
        if stops and not (widget.accessibleName() or text or widget in buddies):
            out.append(told(widget))
    return out


def too_wide(page) -> list:
    room, out = page.viewport().width(), []
    for widget in shown(page):
        left = widget.mapTo(page.viewport(), QPoint(0, 0)).x()
        if left < -1 or left + widget.width() > room + 1:
            out.append(f"{told(widget)}: {left} to {left + widget.width()} of {room}")
    return out


def clipped(page) -> list:
    """Return labels and buttons that have less room than their text needs."""
    out = []
    for widget in shown(page):
        if isinstance(widget, QLabel) and widget.wordWrap() and widget.text():
            need = widget.heightForWidth(widget.width())
            if widget.height() < need - 2:
                out.append(f"{told(widget)}: {widget.height()} of {need} high")
        elif isinstance(widget, QPushButton):
            wide, high = widget.minimumSizeHint().width(), widget.minimumSizeHint().height()
            if widget.hasHeightForWidth():
                high = widget.heightForWidth(widget.width())
            if widget.width() < wide - 1 or widget.height() < high - 1:
                out.append(f"{told(widget)} '{widget.text()}': {widget.width()} of {wide} wide, {widget.height()} of"
                           f" {high} high")
    return out


def opened(dock, name):
    dock.go(name)
    settle(0.1)
    return dock.page(name)


@pytest.mark.parametrize("name", NAMES)
def test_everything_has_a_name(narrow, name):
    assert nameless(opened(narrow, name)) == []


def test_head_has_names(narrow):
    for widget in (narrow.case_button, narrow.report_button, narrow.tabs):
        assert widget.accessibleName() or widget.text()


@pytest.mark.parametrize("name", NAMES)
def test_keyboard_reaches_everything(narrow, name):
    page = opened(narrow, name)
    wanted = {widget for widget in shown(page) if widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
              and widget.focusProxy() is None}
    reached, at = set(), narrow.tabs
    for _ in range(2000):
        at = at.nextInFocusChain()
        reached.add(at)
        if at is narrow.tabs:
            break
    assert {told(widget) for widget in wanted - reached} == set()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("look", ["plain", "dark", "right-to-left", "large"])
def test_fits_320_pixels(narrow, looks, name, look):
    if look == "dark":
        looks.setPalette(dark())
    elif look == "right-to-left":
        looks.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    elif look == "large":
        font = looks.font()
        font.setPointSizeF(font.pointSizeF() * 1.5)
        looks.setFont(font)
    page = opened(narrow, name)
    settle(0.1)
    assert narrow.window().width() <= NARROW + 1, narrow.minimumSizeHint().width()
    assert too_wide(page) == []
    assert clipped(page) == []


@pytest.mark.parametrize("name", NAMES)
def test_light_and_dark_while_shown(dock, looks, name):
    page, light = opened(dock, name), QPalette(looks.palette())
    for palette in (dark(), light, dark()):
        looks.setPalette(palette)
        settle(0.05)
        QApplication.sendEvent(page, QEvent(QEvent.Type.PaletteChange))
        page.grab()


def test_window_of_the_frame_may_be_narrow(narrow):
    assert isinstance(narrow.window(), QMainWindow)
    assert narrow.minimumSizeHint().width() <= NARROW
