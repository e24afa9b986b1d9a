"""A part of a page that can be folded away, and rows of even cells."""

from __future__ import annotations

from qgis.PyQt.QtCore import QRect, Qt
from qgis.PyQt.QtWidgets import QSizePolicy, QStyle, QToolButton, QVBoxLayout, QWidget

from . import theme
from .flow import FlowLayout


class Fold(QWidget):
    """A heading that shows or hides what is below it."""

    def __init__(self, title: str, name: str = "", opened: bool = False) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(max(2, theme.unit(self) // 2))
        self.head = QToolButton()
        self.head.setObjectName(name)
        self.head.setText(title)
        self.head.setCheckable(True)
        self.head.setAutoRaise(True)
        self.head.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.head.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.head.setFont(theme.heading(self.font(), 1.05))
        self.head.toggled.connect(self._toggled)
        self.inner = QWidget()
        self.body = QVBoxLayout(self.inner)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(theme.unit(self))
        column.addWidget(self.head)
        column.addWidget(self.inner)
        self.head.setChecked(opened)
        self._toggled(opened)

    def open(self, opened: bool = True) -> None:
        """Show what is below, or hide it."""
        self.head.setChecked(opened)

    def is_open(self) -> bool:
        """Whether what is below is shown."""
        return self.head.isChecked()

    def _toggled(self, opened: bool) -> None:
        self.inner.setVisible(opened)
        self.head.setArrowType(Qt.ArrowType.DownArrow if opened else (
            Qt.ArrowType.LeftArrow if self.layoutDirection() == Qt.LayoutDirection.RightToLeft
            else Qt.ArrowType.RightArrow))


class EvenLayout(FlowLayout):
    """A flow whose cells are all as wide, and fill the line."""

    def _arrange(self, rect: QRect, place: bool) -> int:
        items, gap = self._shown(), self.spacing()
        if not items:
            return 0
        widest = max(item.sizeHint().width() for item in items)
        columns = max(1, min(len(items), (rect.width() + gap) // (widest + gap)))
        lines = -(-len(items) // columns)
        columns = -(-len(items) // lines)  # no line with a single one left over
        wide = (rect.width() - gap * (columns - 1)) // columns
        high = max(item.sizeHint().height() for item in items)
        for number, item in enumerate(items):
            if place:
                line, column = divmod(number, columns)
                spot = QRect(rect.x() + column * (wide + gap), rect.y() + line * (high + gap), wide, high)
                direction = self.parentWidget().layoutDirection() if self.parentWidget() else (
                    Qt.LayoutDirection.LeftToRight)
                item.setGeometry(QStyle.visualRect(direction, rect, spot))
        return lines * (high + gap) - gap
