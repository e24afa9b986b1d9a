"""A row of widgets that goes on in the next line where there is no room, from either side."""

from __future__ import annotations

from qgis.PyQt.QtCore import QPoint, QRect, QSize, Qt
from qgis.PyQt.QtWidgets import QLayout, QLayoutItem, QStyle, QWidget


class FlowLayout(QLayout):
    """Lays widgets out like words."""

    def __init__(self, parent: QWidget | None = None, spacing: int = 6) -> None:
        super().__init__(parent)
        self._items: list = []
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(spacing)

    def addItem(self, item: QLayoutItem) -> None:  # noqa: N802 (called by Qt)
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # noqa: N802
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # noqa: N802
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self):  # noqa: N802
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        return self._arrange(QRect(0, 0, width, 0), place=False)

    def setGeometry(self, rect: QRect) -> None:  # noqa: N802
        super().setGeometry(rect)
        self._arrange(rect, place=True)

    def sizeHint(self) -> QSize:  # noqa: N802
        return self.minimumSize()

    def minimumSize(self) -> QSize:  # noqa: N802
        size = QSize()
        for item in self._shown():
            size = size.expandedTo(item.minimumSize())
        margins = self.contentsMargins()
        # no width is asked for: a long button is cut in a narrow dock, but the texts beside it keep their lines
        return QSize(0, size.height() + margins.top() + margins.bottom())

    def _shown(self) -> list:
        return [item for item in self._items if item.widget() is None or not item.widget().isHidden()]

    def _arrange(self, rect: QRect, place: bool) -> int:
        margins = self.contentsMargins()
        inner = rect.adjusted(margins.left(), margins.top(), -margins.right(), -margins.bottom())
        x, y, line, gap = inner.x(), inner.y(), 0, self.spacing()
        for item in self._shown():
            wide = min(item.sizeHint().width(), inner.width())
            if line and x + wide > inner.right() + 1:
                x, y, line = inner.x(), y + line + gap, 0
            size = QSize(wide, item.heightForWidth(wide) if item.hasHeightForWidth() else item.sizeHint().height())
            if place:
                spot = QRect(QPoint(x, y), size)
                direction = self.parentWidget().layoutDirection() if self.parentWidget() else (
                    Qt.LayoutDirection.LeftToRight)
                item.setGeometry(QStyle.visualRect(direction, inner, spot))
            x, line = x + wide + gap, max(line, size.height())
        return y + line - rect.y() + margins.bottom()
