"""The register as a list: a row of two lines for each problem, what is overdue first; with a filter above."""

from __future__ import annotations

from datetime import date
from typing import Any

from qgis.PyQt.QtCore import QAbstractListModel, QEvent, QModelIndex, QRect, QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QFontMetrics, QPalette
from qgis.PyQt.QtWidgets import (
    QApplication,
    QComboBox,
    QLineEdit,
    QListView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from ..analysis.problems import register as r
from ..translation import tr
from . import problemsdata as data
from . import states, theme
from .fold import EvenLayout

#: Icon of each stage, beside its word.
STAGE_ICONS = {"scan": "/mActionIdentify.svg", "analyse": "/mActionFilter2.svg", "respond": "/mActionStart.svg",
               "assess": "/mActionMeasure.svg", "closed": "/mIconSuccess.svg"}
#: Rows that the list shows at least before it scrolls.
_LEAST = 5
LINE = Qt.ItemDataRole.UserRole
OVERDUE, NOBODY = "overdue", "nobody"


#: Lines of a row, and letters across below which it takes one more.
_WIDE, _LETTERS = 3, 42


def _lines(option: QStyleOptionViewItem) -> int:
    """Return of how many lines a row is: in a narrow list of one more."""
    view = option.widget
    wide = view.viewport().width() if view is not None and hasattr(view, "viewport") else option.rect.width()
    return _WIDE + (0 < wide < _LETTERS * QFontMetrics(option.font).averageCharWidth())


class RegisterModel(QAbstractListModel):
    """The problems that pass the filter."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.lines: list = []
        self.shown: list = []
        self.today = date.today()
        self._filter: dict = {}

    def set_lines(self, lines: list, today: date) -> None:
        """Show other problems."""
        self.beginResetModel()
        self.lines, self.today = list(lines), today
        self._choose()
        self.endResetModel()

    def set_filter(self, text: str = "", stage: str = "", owner: str = "", overdue: bool = False) -> None:
        """Show only some; stage "open" for all that are not closed, owner :data:`NOBODY` for those without one."""
        self.beginResetModel()
        self._filter = {"text": text.strip().casefold(), "stage": stage, "owner": owner, "overdue": overdue}
        self._choose()
        self.endResetModel()

    def _choose(self) -> None:
        self.shown = [line for line in self.lines if self._passes(line)] if self._filter else list(self.lines)

    def _passes(self, line: data.Line) -> bool:
        wanted = self._filter
        if wanted["overdue"] and not line.overdue:
            return False
        if wanted["stage"] and (line.closed if wanted["stage"] == "open" else line.stage != wanted["stage"]):
            return False
        if wanted["owner"] and line.owner != ("" if wanted["owner"] == NOBODY else wanted["owner"]):
            return False
        return not wanted["text"] or wanted["text"] in f"{line.title} {line.owner}".casefold()

    def row_of(self, key: str) -> int:
        """Return the row of a problem, -1 where the filter hides it."""
        return next((k for k, line in enumerate(self.shown) if line.key == key), -1)

    def rowCount(self, parent: QModelIndex | None = None) -> int:  # noqa: N802
        return 0 if parent is not None and parent.isValid() else len(self.shown)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.shown):
            return None
        line = self.shown[index.row()]
        if role == LINE:
            return line
        if role == Qt.ItemDataRole.DisplayRole:
            return line.title
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            words = [data.stage_words().get(line.stage, line.stage), *data.line_words(line, self.today)]
            parted = "\n" if role == Qt.ItemDataRole.ToolTipRole else ", "
            return parted.join([line.title, *words])
        if role == Qt.ItemDataRole.DecorationRole:
            return theme.icon(STAGE_ICONS.get(line.stage, "/mActionIdentify.svg"))
        return None


class LineDelegate(QStyledItemDelegate):
    """Draws icon and title, and below stage, due day, owner and actions; what is overdue with a mark and in words."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:  # noqa: N802
        height = QFontMetrics(option.font).height()
        return QSize(10 * height, _lines(option) * height + max(4, height // 2) + height // 2)

    def paint(self, painter: Any, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        line = index.data(LINE)
        if line is None:
            return
        base = QStyleOptionViewItem(option)
        self.initStyleOption(base, index)
        base.text, base.icon = "", type(base.icon)()
        style = base.widget.style() if base.widget else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, base, painter, base.widget)
        painter.save()
        height = QFontMetrics(option.font).height()
        gap = max(4, height // 4)
        inner = option.rect.adjusted(gap, gap, -gap, -gap)
        side = round(height * 1.3)

        def placed(rect: QRect) -> QRect:
            return QStyle.visualRect(option.direction, option.rect, rect)

        late = line.overdue
        icon = theme.icon("doubt") if late else index.data(Qt.ItemDataRole.DecorationRole)
        icon.paint(painter, placed(QRect(inner.left(), inner.top(), side, side)))
        text = QRect(inner.left() + side + gap, inner.top(), inner.width() - side - gap, height)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        role = QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text
        plain = option.palette.color(role)
        align = QStyle.visualAlignment(option.direction, Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter
        bold = theme.heading(option.font, 1.0)
        today = index.model().today
        words = data.line_words(line, today)
        pressing = words[0] if words else ""
        stage = data.stage_words().get(line.stage, line.stage)
        quiet = plain if selected else theme.colour("quiet", option.palette)
        urgent = plain if selected else theme.colour("problem" if line.late else "quiet", option.palette)
        rest = words[1:] if not line.closed else words
        if _lines(option) > _WIDE:
            if QFontMetrics(option.font).horizontalAdvance(rest[-1]) > text.width():
                rest = [*rest[:-1], data.action_words(line, short=True)]
            said_below = [(urgent, pressing if not line.closed else stage), (quiet, " · ".join(
                [*([stage] if not line.closed else []), *rest[:-1]])), (quiet, rest[-1])]
        else:
            said_below = [(urgent, " · ".join(part for part in (stage, pressing) if part)), (quiet, " · ".join(rest))]
        for number, (font, colour, said) in enumerate([(bold, plain, line.title), *(
                (option.font, *one) for one in said_below)]):
            painter.setFont(font)
            painter.setPen(colour)
            spot = placed(text.translated(0, number * height))
            painter.drawText(spot, int(align), QFontMetrics(font).elidedText(
                said, Qt.TextElideMode.ElideRight, spot.width()))
        painter.restore()


class RegisterList(QWidget):
    """Filter and list. ``picked(key)`` when a row is selected, ``opened(key)`` when it is opened."""

    picked = pyqtSignal(str)
    opened = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        gap = theme.unit(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(gap)
        self.search = QLineEdit()
        self.search.setObjectName("search")
        self.search.setPlaceholderText(tr("Search title or owner"))
        self.search.setAccessibleName(tr("Search title or owner"))
        self.search.setClearButtonEnabled(True)
        self.stage, self.owner, self.overdue = QComboBox(), QComboBox(), QComboBox()
        flow = EvenLayout(spacing=gap)
        for box, name, words in ((self.stage, "filter_stage", tr("Stage")), (self.owner, "filter_owner", tr("Owner")),
                                 (self.overdue, "filter_overdue", tr("Due"))):
            box.setObjectName(name)
            box.setAccessibleName(words)
            box.setToolTip(words)
            box.setMinimumContentsLength(8)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            flow.addWidget(box)
        self.stage.addItem(tr("All open"), "open")
        self.stage.addItem(tr("All stages"), "")
        for key, words in data.stage_words().items():
            self.stage.addItem(theme.icon(STAGE_ICONS[key]), words, key)
        self.overdue.addItem(tr("Any due day"), "")
        self.overdue.addItem(theme.icon("doubt"), tr("Overdue only"), OVERDUE)
        self.count = states.label("", "shown_count")
        self.view = QListView()
        self.view.setObjectName("register")
        self.view.setAccessibleName(tr("Problems"))
        self.view.setAccessibleDescription(tr("Enter opens the problem."))
        self.view.setAlternatingRowColors(True)
        self.view.setUniformItemSizes(True)
        self.view.setResizeMode(QListView.ResizeMode.Adjust)
        self.view.setWordWrap(True)  # then Qt asks for the height of the rows again when the width changes
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.view.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self.model = RegisterModel(self)
        self.view.setModel(self.model)
        self.view.setItemDelegate(LineDelegate(self.view))
        self.view.selectionModel().currentChanged.connect(self._picked)
        self.view.doubleClicked.connect(self._opened)
        self.view.installEventFilter(self)
        column.addWidget(self.search)
        column.addLayout(flow)
        column.addWidget(self.count)
        column.addWidget(self.view, 1)
        self.search.textChanged.connect(self._filter)
        for box in (self.stage, self.owner, self.overdue):
            box.currentIndexChanged.connect(self._filter)
        self._quiet = False
        self._height()

    def show_lines(self, lines: list, today: date) -> None:
        """Show the problems, and keep the one that was selected."""
        key, chosen = self.current(), self.owner.currentData()
        self._quiet = True
        self.owner.clear()
        self.owner.addItem(tr("All owners"), "")
        for owner in sorted({line.owner for line in lines if line.owner}, key=str.casefold):
            self.owner.addItem(owner, owner)
        if any(not line.owner for line in lines):
            self.owner.addItem(tr("Nobody yet"), NOBODY)
        self.owner.setCurrentIndex(max(0, self.owner.findData(chosen)))
        self.model.set_lines(lines, today)
        self._quiet = False
        self._filter()
        if key:
            self.select(key, quiet=True)

    def current(self) -> str:
        """Return the key of the row that is selected, "" for none."""
        line = self.view.currentIndex().data(LINE)
        return line.key if line is not None else ""

    def select(self, key: str, quiet: bool = False) -> bool:
        """Select a problem; the filter is emptied where it hides it."""
        if self.model.row_of(key) < 0 and not quiet:
            self.clear_filter()
        row = self.model.row_of(key)
        if row < 0:
            return False
        self._quiet, before = True, self._quiet
        self.view.setCurrentIndex(self.model.index(row))
        self.view.scrollTo(self.model.index(row))
        self._quiet = before
        return True

    def clear_filter(self) -> None:
        """Show all."""
        self.search.clear()
        self.stage.setCurrentIndex(self.stage.findData(""))
        self.owner.setCurrentIndex(0)
        self.overdue.setCurrentIndex(0)

    def _filter(self, *_: Any) -> None:
        if self._quiet:
            return
        key, self._quiet = self.current(), True
        self.model.set_filter(self.search.text(), self.stage.currentData() or "", self.owner.currentData() or "",
                              bool(self.overdue.currentData()))
        self._quiet = False
        if key:
            self.select(key, quiet=True)
        shown, there = len(self.model.shown), len(self.model.lines)
        self.count.setVisible(shown < there)
        self.count.setText(tr("{shown} of {all} shown.").format(shown=shown, all=there) if shown else tr(
            "None of {all} fits. Change the filter above.").format(all=there))

    def _picked(self, index: QModelIndex, *_: Any) -> None:
        line = index.data(LINE) if index.isValid() else None
        if line is not None and not self._quiet:
            self.picked.emit(line.key)

    def _opened(self, index: QModelIndex) -> None:
        line = index.data(LINE)
        if line is not None:
            self.opened.emit(line.key)

    def eventFilter(self, watched: Any, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.KeyPress and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._opened(self.view.currentIndex())
            return True
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._height()

    def _height(self) -> None:
        self.view.setMinimumHeight(_LEAST * (3 * QFontMetrics(self.font()).height() + theme.unit(self)))


def stage_after(stage: str, step: int) -> str:
    """Return the stage after (1) or before (-1) one, "" where there is none."""
    place = r.STAGES.index(stage) + step if stage in r.STAGES else -1
    return r.STAGES[place] if 0 <= place < len(r.STAGES) else ""
