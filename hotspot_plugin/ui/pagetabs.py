"""The names of the pages above them: tabs, or where these do not fit side by side, buttons in several lines."""

from __future__ import annotations

from typing import Any

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QSizePolicy, QTabBar, QToolButton, QVBoxLayout, QWidget

from ..translation import tr
from . import theme
from .fold import EvenLayout


class PageTabs(QWidget):
    """Tabs that never hide one another.

    Attributes
    ----------
    bar : QTabBar
        Knows which page is shown, also while the buttons stand in its place.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.bar = QTabBar()
        self.bar.setObjectName("pages")
        self.bar.setAccessibleName(tr("Pages"))
        self.bar.setExpanding(True)
        self.bar.setDocumentMode(True)
        self.bar.setElideMode(Qt.TextElideMode.ElideNone)
        self.lines = QWidget()
        gap = theme.unit(self)
        self._even = EvenLayout(self.lines, spacing=max(2, gap // 2))
        self._even.setContentsMargins(0, 0, 0, 0)
        self.buttons: list = []
        column.addWidget(self.bar)
        column.addWidget(self.lines)
        self.lines.hide()
        self.bar.currentChanged.connect(self._show_current)

    def add(self, name: str, text: str, tip: str) -> None:
        """Add a page."""
        index = self.bar.addTab(text)
        self.bar.setTabData(index, name)
        self.bar.setTabToolTip(index, tip)
        one = QToolButton()
        one.setObjectName(f"page_button_{name}")
        one.setText(text)
        one.setToolTip(tip)
        one.setAccessibleName(text)
        one.setAccessibleDescription(tip)
        one.setCheckable(True)
        one.setAutoExclusive(True)
        one.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        one.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        one.clicked.connect(lambda: self.bar.setCurrentIndex(index))
        self.buttons.append(one)
        self._even.addWidget(one)
        self._show_current(self.bar.currentIndex())

    def _show_current(self, index: int) -> None:
        if 0 <= index < len(self.buttons):
            self.buttons[index].setChecked(True)
        for number, one in enumerate(self.buttons):  # not by its ground alone, which hardly differs where it is dark
            font = one.font()
            font.setBold(number == index)
            one.setFont(font)

    def set_current(self, index: int) -> None:
        """Show which page is there, and tell nobody."""
        self.bar.blockSignals(True)
        self.bar.setCurrentIndex(index)
        self.bar.blockSignals(False)
        self._show_current(index)

    def fits(self) -> bool:
        """Whether all tabs are seen side by side."""
        return self.bar.sizeHint().width() <= self.width()

    def _choose(self) -> None:
        fits = self.fits()
        if self.bar.isHidden() == fits:
            self.bar.setVisible(fits)
            self.lines.setVisible(not fits)

    def resizeEvent(self, event: Any) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._choose()

    def changeEvent(self, event: Any) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() in (event.Type.FontChange, event.Type.StyleChange) and hasattr(self, "buttons"):
            self._choose()
