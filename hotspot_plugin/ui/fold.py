"""A part of a page that can be folded away, and rows of even cells."""

from __future__ import annotations

from qgis.PyQt.QtCore import QEvent, QRect, Qt
from qgis.PyQt.QtWidgets import QSizePolicy, QStyle, QToolButton, QVBoxLayout, QWidget

from . import theme
from .flow import FlowLayout


class _Head(QToolButton):
    """A heading that goes on in a second line where there is no room for it."""

    def __init__(self) -> None:
        super().__init__()
        self._words = ""

    def set_words(self, words: str) -> None:
        """Show a heading."""
        self._words = words
        self.setAccessibleName(words)
        self.setText(words)
        self._break()

    def resizeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._break()

    def showEvent(self, event: QEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self._break()

    def _break(self) -> None:
        metrics, icon = self.fontMetrics(), self.iconSize().width()
        room, lines = self.width() - 2 * icon - theme.unit(self), []  # arrow and margins
        for word in self._words.split():
            if lines and metrics.horizontalAdvance(f"{lines[-1]} {word}") <= room:
                lines[-1] += f" {word}"
            else:
                lines.append(word)
        text = "\n".join(lines) if self.isVisible() else self._words
        if text != self.text():
            self.setText(text)
            self.updateGeometry()


def point(head: QToolButton, opened: bool) -> None:
    """Let the arrow of a heading point down where it is open, else to where its line goes on."""
    mirrored = head.layoutDirection() == Qt.LayoutDirection.RightToLeft
    head.setArrowType(Qt.ArrowType.DownArrow if opened else (
        Qt.ArrowType.LeftArrow if mirrored else Qt.ArrowType.RightArrow))


class Fold(QWidget):
    """A heading that shows or hides what is below it."""

    def __init__(self, title: str, name: str = "", opened: bool = False) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(max(2, theme.unit(self) // 2))
        self.head = _Head()
        self.head.setObjectName(name)
        self.head.set_words(title)
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
        point(self.head, opened)


class EvenLayout(FlowLayout):
    """A flow whose cells are all as wide, and fill the line."""

    def _arrange(self, rect: QRect, place: bool) -> int:
        items, gap, margins = self._shown(), self.spacing(), self.contentsMargins()
        if not items:
            return 0
        rect = rect.adjusted(margins.left(), margins.top(), -margins.right(), -margins.bottom())
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
        return margins.top() + lines * (high + gap) - gap + margins.bottom()
