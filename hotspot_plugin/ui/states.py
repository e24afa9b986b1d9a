"""Cards: what is empty, at work, found, doubtful or wrong looks alike on every page."""

from __future__ import annotations

from typing import Any, Callable, Sequence

from qgis.PyQt.QtCore import QEvent, QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QPainter, QPalette
from qgis.PyQt.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ..translation import tr
from . import theme
from .flow import FlowLayout


def _spoken(mood: str) -> str:
    """Return what a card says of itself to those who do not see its icon."""
    return {"good": tr("Done"), "doubt": tr("Please note"), "problem": tr("This did not work")}.get(mood, "")


def label(text: str, name: str = "", wrap: bool = True) -> QLabel:
    """Return a text that wraps and can be selected by mouse and keyboard."""
    out = QLabel(text)
    out.setWordWrap(wrap)
    out.setTextFormat(Qt.TextFormat.PlainText)
    out.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard)
    out.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    policy.setHeightForWidth(wrap)  # else room is kept for more lines than there are
    out.setSizePolicy(policy)
    out.setMinimumWidth(0)
    if name:
        out.setObjectName(name)
    return out


class Button(QPushButton):
    """A push button whose text goes on in a second line where there is no room for it."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._words = text
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setControlType(QSizePolicy.ControlType.PushButton)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def setText(self, text: str) -> None:  # noqa: N802
        self._words = text
        super().setText(self._broken(self.width()) if self.isVisible() else text)
        self.updateGeometry()

    def text(self) -> str:
        return self._words

    def sizeHint(self) -> QSize:  # noqa: N802
        return self._size(self._words)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        widest = max((self._size(word).width() for word in self._words.split()), default=0)
        return QSize(widest, self._size(self._words).height())

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        return self._size(self._broken(width)).height()

    def resizeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        text = self._broken(self.width())
        if text != super().text():
            super().setText(text)

    def _broken(self, width: int) -> str:
        if self._size(self._words).width() <= width:
            return self._words
        lines: list = []
        for word in self._words.split():
            if lines and self._size(f"{lines[-1]} {word}").width() <= width:
                lines[-1] += f" {word}"
            else:
                lines.append(word)
        return "\n".join(lines)

    def _size(self, text: str) -> QSize:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = text
        size = self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, text or "x")
        if not self.icon().isNull():
            size += QSize(option.iconSize.width() + 4, 0)
            size.setHeight(max(size.height(), option.iconSize.height()))
        return self.style().sizeFromContents(QStyle.ContentsType.CT_PushButton, option, size, self)


def button(text: str, slot: Callable | None = None, name: str = "", icon: str = "", tip: str = "",
           primary: bool = False) -> QPushButton:
    """Return a push button; the primary one of a page is drawn bold."""
    out = Button(text)
    if icon:
        out.setIcon(theme.icon(icon))
    if tip:
        out.setToolTip(tip)
        out.setAccessibleDescription(tip)
    if name:
        out.setObjectName(name)
    if primary:
        font = out.font()
        font.setBold(True)
        out.setFont(font)
        out.setDefault(True)
    out.setAutoDefault(True)  # Enter presses it
    if slot is not None:
        out.clicked.connect(lambda: slot())
    return out


def tool_button(icon: str, text: str, slot: Callable | None = None, name: str = "") -> QToolButton:
    """Return a small button with an icon; its text is told by tooltip and screen reader."""
    out = QToolButton()
    out.setIcon(theme.icon(icon))
    out.setAutoRaise(True)
    out.setToolTip(text)
    out.setAccessibleName(text)
    out.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if name:
        out.setObjectName(name)
    if slot is not None:
        out.clicked.connect(lambda: slot())
    return out


class Card(QFrame):
    """A frame with an icon, a heading, a text and buttons.

    Parameters
    ----------
    mood : str
        calm, good, doubt, problem or quiet: its colour and icon, and what is said of it to a screen reader.
    title, text : str
    buttons : sequence of QPushButton
    """

    def __init__(self, mood: str, title: str, text: str = "", buttons: Sequence[QWidget] = (), name: str = "") -> None:
        super().__init__()
        self.mood = mood
        self.setObjectName(name or f"card_{mood}")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        gap = theme.unit(self)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(gap, gap, gap, gap)
        outer.setSpacing(gap)
        self._icon = QLabel()
        if mood != "quiet":
            side = 3 * gap
            self._icon.setPixmap(theme.icon(mood).pixmap(side, side))
            outer.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        self.body = QVBoxLayout()
        self.body.setSpacing(max(2, gap // 2))
        outer.addLayout(self.body, 1)
        self.title = label(title, "card_title")
        self.title.setFont(theme.heading(self.font(), 1.05))
        self.title.setVisible(bool(title))
        self.text = label(text, "card_text")
        self.text.setVisible(bool(text))
        self.body.addWidget(self.title)
        self.body.addWidget(self.text)
        self.buttons = FlowLayout(spacing=gap)
        self.body.addLayout(self.buttons)
        for one in buttons:
            self.buttons.addWidget(one)
        self._told()
        self._colours()

    def set_text(self, title: str, text: str = "") -> None:
        """Change heading and text."""
        self.title.setText(title)
        self.title.setVisible(bool(title))
        self.text.setText(text)
        self.text.setVisible(bool(text))
        self._told()

    def _told(self) -> None:
        parts = [_spoken(self.mood), self.title.text(), self.text.text()]
        self.setAccessibleName(". ".join(part for part in parts if part))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() in (QEvent.Type.ApplicationPaletteChange, QEvent.Type.PaletteChange):
            self._colours()

    def paintEvent(self, event: Any) -> None:  # noqa: N802
        super().paintEvent(event)
        if theme.is_styled():  # the style sheet leaves the card without ground and frame
            palette, painter = theme.palette(self), QPainter(self)
            ground = palette.color(QPalette.ColorRole.Window)
            painter.fillRect(self.rect(), ground.lighter(115) if self.mood == "quiet" else theme.tint(
                self.mood, palette))
            painter.setPen(ground.lighter(170))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
            painter.end()

    def _colours(self) -> None:
        if self.mood == "quiet":
            return
        ground = theme.tint(self.mood, QApplication.palette())
        if ground != self.palette().color(QPalette.ColorRole.Window):  # setting it is told to changeEvent
            palette = QPalette()  # all else goes on coming from the user's
            palette.setColor(QPalette.ColorRole.Window, ground)
            self.setPalette(palette)


class WorkCard(Card):
    """Says what is at work, how far it is, and can stop it."""

    cancelled = pyqtSignal()

    def __init__(self, title: str) -> None:
        super().__init__("quiet", title, name="card_working")
        self.bar = QProgressBar()
        self.bar.setObjectName("progress")
        self.bar.setRange(0, 0)
        self.bar.setAccessibleName(title)
        self.body.insertWidget(1, self.bar)
        self.stop = button(tr("Cancel"), self._cancel, "cancel", "/mTaskCancel.svg")
        self.buttons.addWidget(self.stop)

    def _cancel(self) -> None:
        self.stop.setEnabled(False)
        self.set_text(tr("Stopping…"))
        self.cancelled.emit()

    def advance(self, percent: float) -> None:
        """Show progress in percent."""
        self.bar.setRange(0, 100)
        self.bar.setValue(int(percent))


def clear(layout) -> None:
    """Take all widgets out of a layout, and let them go."""
    while layout.count():
        item = layout.takeAt(0)
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.setParent(None)  # the item forgets its widget here
            widget.deleteLater()
        elif item.layout() is not None:
            clear(item.layout())


def gone(widget: QWidget) -> bool:
    """Whether Qt has deleted a widget."""
    from qgis.PyQt import sip

    return sip.isdeleted(widget)


def repeat_button(outcome: Any) -> QToolButton:
    """Return a button whose menu copies what repeats a run: in a shell, or in QGIS's Python console."""
    out = QToolButton()
    out.setObjectName("repeat")
    out.setText(tr("Repeat as a command"))
    out.setIcon(theme.icon("/mActionEditCopy.svg"))
    out.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    out.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    out.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    out.setToolTip(tr("Copies what runs '{tool}' once more with the same settings").format(tool=outcome.name))
    out.setAccessibleDescription(out.toolTip())
    menu = QMenu(out)
    for name, text, words in (("copy_command", tr("Copy the command (qgis_process)"), outcome.command),
                              ("copy_python", tr("Copy for the Python console"), outcome.python)):
        action = menu.addAction(text)
        action.setObjectName(name)
        action.setEnabled(bool(words))
        action.triggered.connect(lambda checked=False, words=words: QApplication.clipboard().setText(words))
    out.setMenu(menu)
    return out
