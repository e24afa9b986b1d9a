"""One step of an evaluation: a heading that folds, with its state in words, and the answer below."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Sequence

from qgis.PyQt.QtCore import QEvent, QRectF, Qt, pyqtSignal
from qgis.PyQt.QtGui import QPainter, QPen, QPixmap
from qgis.PyQt.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ..translation import tr
from . import states, theme
from .fold import point

NOT_YET, AT_WORK, ANSWERED, FAILED = "not yet", "at work", "answered", "could not be answered"


def state_words(state: str) -> str:
    """Return a state in the user's language."""
    return {NOT_YET: tr("not yet"), AT_WORK: tr("at work…"), ANSWERED: tr("answered"),
            FAILED: tr("could not be answered")}[state]


class Step(QFrame):
    """A numbered question that folds.

    Attributes
    ----------
    body : QVBoxLayout
        What is asked of the user.
    news, answer : QVBoxLayout
        What is at work, and what was found.
    """

    opened = pyqtSignal(bool)

    def __init__(self, number: int, of: int, title: str, name: str) -> None:
        super().__init__()
        self.number, self.of, self.title, self.state, self.headline = number, of, title, NOT_YET, ""
        self.setObjectName(name)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        gap = theme.unit(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(gap, gap, gap, gap)
        column.setSpacing(gap)
        self.row = QWidget()
        row = QHBoxLayout(self.row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(gap)
        self.head = QToolButton()
        self.head.setObjectName(f"{name}_head")
        self.head.setCheckable(True)
        self.head.setAutoRaise(True)
        self.head.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.head.toggled.connect(self._toggled)
        row.addWidget(self.head, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(0)
        self.heading = states.label(tr("{number}. {title}").format(number=number, title=title) if number else title)
        self.heading.setFont(theme.heading(self.font(), 1.05))
        self.heading.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.heading.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        words.addWidget(self.heading)
        told = QHBoxLayout()
        told.setSpacing(max(2, gap // 2))
        self.mark = QLabel()
        self.told = states.label("", f"{name}_state")
        self.told.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.told.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        told.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        told.addWidget(self.told, 1)
        words.addLayout(told)
        row.addLayout(words, 1)
        self.row.setCursor(Qt.CursorShape.PointingHandCursor)
        for one in (self.row, self.heading, self.told, self.mark):
            one.installEventFilter(self)
        column.addWidget(self.row)
        self.inner = QWidget()
        inside = QVBoxLayout(self.inner)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(gap)
        self.body, self.news, self.answer = QVBoxLayout(), QVBoxLayout(), QVBoxLayout()
        for one in (self.body, self.news, self.answer):
            one.setSpacing(gap)
            inside.addLayout(one)
        column.addWidget(self.inner)
        self.set_state(NOT_YET)
        self._toggled(False)

    def eventFilter(self, watched: Any, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.MouseButtonRelease and event.button() == Qt.MouseButton.LeftButton:
            self.head.toggle()
            return True
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.LayoutDirectionChange) and hasattr(self, "inner"):
            self.set_state(self.state, self.headline)
            self._arrow()

    def open(self, opened: bool = True) -> None:
        """Show what is below the heading, or fold it."""
        self.head.setChecked(opened)

    def is_open(self) -> bool:
        """Whether it is unfolded."""
        return self.head.isChecked()

    def _toggled(self, opened: bool) -> None:
        self.inner.setVisible(opened)
        self._arrow()
        self.set_state(self.state, self.headline)
        self.opened.emit(opened)

    def _arrow(self) -> None:
        point(self.head, self.is_open())

    def set_state(self, state: str, headline: str = "") -> None:
        """Say how far it is; with a few words, the answer where the step is folded."""
        self.state, self.headline = state, headline
        text = state_words(state)
        if headline and not (state == ANSWERED and self.is_open()):
            text = tr("{state}: {headline}").format(state=text, headline=headline)
        self.told.setText(text)
        side = max(12, 2 * theme.unit(self))
        self.mark.setPixmap(_ring(side) if state in (NOT_YET, AT_WORK) else theme.icon(
            "good" if state == ANSWERED else "doubt").pixmap(side, side))
        palette = QApplication.palette()
        mood = {ANSWERED: "good", FAILED: "doubt"}.get(state, "quiet")
        palette.setColor(palette.ColorRole.WindowText, theme.colour(mood, palette))
        self.told.setPalette(palette)
        if self.number:
            text = tr("Step {number} of {of}: {title} {state}").format(
                number=self.number, of=self.of, title=self.title, state=self.told.text())
        else:
            text = f"{self.title} {self.told.text()}"
        self.head.setAccessibleName(text)
        self.head.setToolTip(tr("Show or fold this step"))

    def show_answer(self, *widgets: QWidget) -> None:
        """Show widgets in place of the answer that was there."""
        states.clear(self.answer)
        for one in widgets:
            self.answer.addWidget(one)


def _ring(side: int) -> QPixmap:
    """An empty ring: nothing there yet."""
    picture = QPixmap(side, side)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(QPen(theme.colour("quiet"), max(1.5, side / 10)))
    painter.drawEllipse(QRectF(side * 0.15, side * 0.15, side * 0.7, side * 0.7))
    painter.end()
    return picture


class Hidden(QWidget):
    """A text that shows on demand: the tool's own sentence, a command."""

    def __init__(self, title: str, text: str, name: str, tip: str = "") -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        self.button = QToolButton()
        self.button.setObjectName(name)
        self.button.setText(title)
        self.button.setToolTip(tip or title)
        self.button.setCheckable(True)
        self.button.setAutoRaise(True)
        self.button.setArrowType(Qt.ArrowType.RightArrow)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.text = states.label(text, f"{name}_text")
        self.text.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.text.setAccessibleName(title)
        self.text.hide()
        self.button.toggled.connect(self._toggled)
        column.addWidget(self.button)
        column.addWidget(self.text)

    def _toggled(self, shown: bool) -> None:
        self.text.setVisible(shown)
        self.button.setArrowType(Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow)


class Answer(states.Card):
    """A card whose icon stands beside its heading only, so that texts and charts have all the width."""

    def __init__(self, *what: Any) -> None:
        super().__init__(*what)
        self.layout().removeWidget(self._icon)
        row = QHBoxLayout()
        row.setSpacing(theme.unit(self))
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.title, 1)
        self.body.insertLayout(0, row)


def answer_card(session: Any, finding: Any, outcomes: Sequence, name: str,
                extra: Sequence[QWidget] = (), again: Callable | None = None) -> states.Card:
    """Return the card of an answer: in plain words, its doubt, what the tools say word for word, and the way on.

    Parameters
    ----------
    finding : evaluatewords.Finding
    outcomes : sequence of Outcome
        Of the tools that answered; the reports and layers of all of them can be opened.
    """
    buttons = []
    shown = [one for one in outcomes if one.summary]
    for number, one in enumerate(shown):
        path = str(one.results.get("REPORT") or "")
        if path and Path(path).exists():
            text = tr("See more") if number == 0 else tr("See more ({number})").format(
                number=number + 1)
            buttons.append(states.button(text, lambda path=path: session.show_file(path), f"{name}_more_{number}",
                                         "/mActionOpenTable.svg", tr("Opens the report of '{tool}'").format(
                                             tool=one.name)))
    layers = [id for one in shown for id in one.layers.values() if _has_shapes(session, id)]
    if layers:
        buttons.append(states.button(tr("Show on the map"), lambda: _zoom(session, layers[0]), f"{name}_zoom",
                                     "/mActionZoomToLayer.svg"))
    command = "\n\n".join(one.command for one in outcomes if one.command)
    if command:
        buttons.append(states.button(
            tr("Repeat as a command"), lambda: QApplication.clipboard().setText(command), f"{name}_command",
            "/mActionEditCopy.svg", tr("Copies the commands that do this again, for a shell")))
    if again is not None:
        buttons.append(states.button(tr("Ask again"), again, f"{name}_again", "/mActionRefresh.svg"))
    card = Answer(finding.mood, finding.headline, finding.text, buttons, f"{name}_card")
    at = card.body.indexOf(card.text) + 1
    for one in extra:
        card.body.insertWidget(at, one)
        at += 1
    if finding.doubt:
        doubt = states.label(tr("What to doubt: {doubt}").format(doubt=finding.doubt), f"{name}_doubt")
        card.body.insertWidget(at, doubt)
        at += 1
    for number, one in enumerate(shown):
        text = "\n\n".join([one.summary, *one.warnings])
        title = tr("Word for word") if number == 0 else tr("Word for word ({number})").format(number=number + 1)
        card.body.insertWidget(at, Hidden(title, text, f"{name}_words_{number}", tr("What '{tool}' says").format(
            tool=one.name)))
        at += 1
    return card


def _has_shapes(session: Any, id: str) -> bool:
    layer = session.layer(id)
    return layer is not None and hasattr(layer, "isSpatial") and layer.isSpatial()


def _zoom(session: Any, id: str) -> None:
    layer = session.layer(id)
    if layer is not None:
        session.zoom_to(layer.extent(), layer.crs())
