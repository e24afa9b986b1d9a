"""A hand for scripts inside the QGIS desktop: it moves the mouse over real widgets, types, counts, and takes pictures.

Clicks go to the window, as the system sends them: what is hidden, covered or switched off is not reached, and the
script is told so.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Callable

from qgis.core import Qgis, QgsApplication
from qgis.PyQt.QtCore import QEvent, QPoint, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDockWidget,
    QScrollArea,
    QTabBar,
    QToolButton,
    QWidget,
)
from qgis.utils import iface

OURS = {"Python error", "Python warning", "hotspot", "Crime Hotspots"}
LEFT = Qt.MouseButton.LeftButton


class Missed(RuntimeError):
    """What should be clicked cannot be."""


class Hand:
    """Moves, counts its actions, and waits.

    Attributes
    ----------
    actions : list of str
        What was done since :meth:`begin`: each click, each drag, each field that was typed into, each turn of the
        wheel to bring something into view.
    messages : list of str
        Warnings and errors in the log of QGIS that concern the plugin.
    """

    def __init__(self) -> None:
        self.actions: list = []
        self.messages: list = []
        self._begun = time.monotonic()
        self.window = iface.mainWindow()
        QgsApplication.messageLog().messageReceived.connect(self._note)

    def _note(self, text: str, tag: str, level: int) -> None:
        if level in (Qgis.MessageLevel.Warning, Qgis.MessageLevel.Critical) and (
                tag in OURS or "hotspot_plugin" in text):
            self.messages.append(f"{tag}: {text}")

    # --- time ----------------------------------------------------------------------------------
    def settle(self, seconds: float = 0.1) -> None:
        """Let QGIS do what it has to do."""
        end = time.monotonic() + seconds
        while True:
            QgsApplication.processEvents()
            QgsApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            if time.monotonic() >= end:
                return
            time.sleep(0.005)

    def wait(self, condition: Callable, seconds: float = 60.0, what: str = "") -> Any:
        """Wait until something is true and return it."""
        end = time.monotonic() + seconds
        while True:
            found = condition()
            if found:
                return found
            if time.monotonic() > end:
                raise Missed(f"waited {seconds:g} s in vain{': ' + what if what else ''}")
            self.settle(0.02)

    def still(self, seconds: float = 20.0) -> None:
        """Wait until the map is drawn and no task is at work."""
        self.settle(0.15)
        self.wait(lambda: not iface.mapCanvas().isDrawing() and not QgsApplication.taskManager().countActiveTasks(),
                  seconds, "the map to be drawn")
        self.settle(0.15)

    def begin(self) -> None:
        """Count from here."""
        self.actions = []
        self._begun = time.monotonic()

    def so_far(self) -> dict:
        """Return what was done since :meth:`begin`, and how long it took."""
        return {"actions": list(self.actions), "count": len(self.actions),
                "seconds": round(time.monotonic() - self._begun, 1)}

    # --- finding -------------------------------------------------------------------------------
    @property
    def dock(self) -> Any:
        return self.window.findChild(QDockWidget, "CrimeHotspotsDock")

    def find(self, name: str, root: QWidget | None = None, kind: Any = QWidget) -> Any:
        """Return the visible widget with a name; the first where there are several."""
        found = [one for one in (root or self.dock).findChildren(kind, name) if one.isVisible()]
        if not found:
            raise Missed(f"no widget '{name}' is to be seen")
        return found[0]

    def shows(self, name: str) -> bool:
        """Whether a widget of the dock with this name is visible."""
        return any(one.isVisible() for one in self.dock.findChildren(QWidget, name))

    def texts(self, root: QWidget | None = None) -> str:
        """Return all that stands in the labels that are visible."""
        labels = (root or self.dock).findChildren(QWidget)
        return "\n".join(one.text() for one in labels if one.isVisible() and callable(getattr(one, "text", None))
                         and not isinstance(one, (QAbstractButton, QComboBox)) and one.text())

    # --- the mouse -----------------------------------------------------------------------------
    def _reach(self, widget: QWidget, spot: QPoint | None = None) -> tuple:
        """Bring a place of a widget into view and return the window's handle and the place in it."""
        if not widget.isVisible():
            raise Missed(f"{_name(widget)} is not visible")
        if not widget.isEnabled():
            raise Missed(f"{_name(widget)} is switched off")
        spot = spot if spot is not None else widget.rect().center()
        if not widget.visibleRegion().contains(spot):
            area = widget.parent()
            while area is not None and not isinstance(area, QScrollArea):
                area = area.parent()
            if area is None:
                raise Missed(f"{_name(widget)} is covered")
            area.ensureWidgetVisible(widget)
            self.actions.append("turn the wheel")
            self.settle(0.05)
        window = widget.window()
        place = widget.mapTo(window, spot)
        there = window.childAt(place)
        if there is not None and there is not widget and not widget.isAncestorOf(there) and (
                not there.isAncestorOf(widget)):
            raise Missed(f"{_name(there)} lies over {_name(widget)}")
        return window.windowHandle(), place

    def _at_rest(self, widget: QWidget) -> None:
        """Wait until a widget has its place: nobody clicks what still moves."""
        place = None
        for _ in range(40):
            now = widget.mapToGlobal(QPoint(0, 0)), widget.size()
            if now == place:
                return
            place = now
            self.settle(0.03)

    def click(self, widget: QWidget | str, spot: QPoint | None = None, what: str = "", count: bool = True) -> QWidget:
        """Click a widget; by its object name in the dock."""
        widget = self.find(widget) if isinstance(widget, str) else widget
        self._at_rest(widget)
        handle, place = self._reach(widget, spot)
        said = what or _name(widget)
        QTest.mouseMove(handle, place)
        QTest.mouseClick(handle, LEFT, Qt.KeyboardModifier.NoModifier, place)
        if count:
            self.actions.append(f"click {said}")
        self.settle(0.05)
        return widget

    def drag(self, widget: QWidget, start: QPoint, end: QPoint, what: str = "") -> None:
        """Press, move in steps, and let go."""
        handle, first = self._reach(widget, start)
        last = widget.mapTo(widget.window(), end)
        QTest.mouseMove(handle, first)
        QTest.mousePress(handle, LEFT, Qt.KeyboardModifier.NoModifier, first)
        for step in range(1, 9):
            QTest.mouseMove(handle, first + (last - first) * step / 8)
            self.settle(0.01)
        QTest.mouseRelease(handle, LEFT, Qt.KeyboardModifier.NoModifier, last)
        self.actions.append(f"drag {what or _name(widget)}")
        self.settle(0.05)

    def tab(self, name: str) -> None:
        """Click the tab of a page, or its button where there is no room for tabs."""
        if not self.shows("pages"):
            self.click(f"page_button_{name}")
            return
        bar = self.find("pages", kind=QTabBar)
        index = next(k for k in range(bar.count()) if bar.tabData(k) == name)
        self.click(bar, bar.tabRect(index).center(), f"the tab '{bar.tabText(index)}'")

    def toolbar(self) -> None:
        """Click the plugin's button in the toolbar."""
        button = next(one for one in self.window.findChildren(QToolButton) if one.isVisible()
                      and one.defaultAction() is not None and one.defaultAction().objectName() == "CrimeHotspotsAction")
        self.click(button, what="the button in the toolbar")

    def choose(self, box: QComboBox | str, text: str) -> None:
        """Open a list and click a line of it that begins with a text: two actions."""
        box = self.find(box, kind=QComboBox) if isinstance(box, str) else box
        row = next((k for k in range(box.count()) if box.itemText(k).startswith(text)), -1)
        if row < 0:
            raise Missed(f"'{text}' is not among {[box.itemText(k) for k in range(box.count())]}")
        self.click(box, what=f"the list {_name(box)}")
        view = box.view()
        self.wait(view.isVisible, 3, "the list to open")
        self.settle(QApplication.doubleClickInterval() / 1000 + 0.05)  # Qt takes a click before that for the first one
        index = box.model().index(row, box.modelColumn(), box.rootModelIndex())
        view.scrollTo(index)
        place = view.visualRect(index).center()
        QTest.mouseMove(view.viewport(), place)
        self.settle(0.05)
        QTest.mouseClick(view.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, place)
        self.actions.append(f"click '{text}'")
        self.wait(lambda: not view.isVisible(), 3, "the list to close")
        self._give_keyboard(box)
        self.settle(0.1)
        if box.currentIndex() != row:
            raise Missed(f"'{text}' was not taken")

    def map_click(self, point: Any) -> None:
        """Click on the map, at a place given in its coordinates."""
        canvas = iface.mapCanvas()
        spot = canvas.getCoordinateTransform().transform(point)
        self.click(canvas.viewport(), QPoint(round(spot.x()), round(spot.y())), "on the map")

    # --- the keyboard --------------------------------------------------------------------------
    def type(self, text: str, widget: QWidget | None = None) -> None:
        """Type a text where the keyboard is, or into a widget that is clicked first."""
        if widget is not None and not widget.hasFocus():
            self._give_keyboard(widget)
            self.click(widget)
            self.wait(widget.hasFocus, 3, f"the keyboard in {_name(widget)}")
        target = QApplication.focusWidget() or widget
        if target is None or (widget is not None and target is not widget and not widget.isAncestorOf(target)):
            raise Missed(f"the keyboard is in {_name(target)}, not in {_name(widget)}")
        QTest.keyClicks(target, text)
        self.actions.append(f"type into {_name(target)}")
        self.settle(0.05)

    @staticmethod
    def _give_keyboard(widget: QWidget) -> None:
        """Make a window active where none is: there is no window manager here that would."""
        if QApplication.activeWindow() is None:
            QApplication.setActiveWindow(widget.window())

    def key(self, key: Any, modifier: Any = Qt.KeyboardModifier.NoModifier, what: str = "") -> None:
        """Press one key where the keyboard is."""
        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifier)
        self.actions.append(f"press {what or key}")
        self.settle(0.05)

    # --- looking -------------------------------------------------------------------------------
    def arrange(self, width: int = 1600, height: int = 1000) -> None:
        """Give the window a size, and hide what is not ours."""
        self.window.showNormal()
        self.window.setGeometry(0, 0, width, height)
        for dock in self.window.findChildren(QDockWidget):
            if dock.objectName() in ("Browser", "Browser2", "LayerStyling", "MessageLog", "LayerOrder"):
                dock.hide()
        self.settle(0.3)

    def wide(self, width: int) -> int:
        """Give the dock a width; return the one that it took."""
        self.window.resizeDocks([self.dock], [width], Qt.Orientation.Horizontal)
        self.settle(0.1)
        return self.dock.width()

    def picture(self, path: Path, widget: QWidget | None = None) -> None:
        """Keep a picture of the window, or of one widget."""
        path.parent.mkdir(parents=True, exist_ok=True)
        (widget or self.window).grab().save(str(path))


def _name(widget: Any) -> str:
    if widget is None:
        return "nothing"
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    return f"'{text}'" if text else (widget.objectName() or type(widget).__name__)
