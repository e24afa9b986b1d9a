"""What all pages of the dock share: a heading, a place for what is going on, and the body."""

from __future__ import annotations

import re
from typing import Any, Callable

from qgis.PyQt.QtCore import QSize, Qt
from qgis.PyQt.QtWidgets import QApplication, QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from ..translation import tr
from . import states, theme


class Page(QScrollArea):
    """A page. Subclasses say NAME, and build their widgets in ``build``; ``refresh`` is called when the page is shown
    and when the project, its layers or the case file have changed while it is."""

    NAME = ""
    #: signals of the session on which the page refreshes
    LISTENS = ("projectChanged", "layersChanged", "caseChanged")

    def __init__(self, session: Any) -> None:
        super().__init__()
        self.session = session
        self.setObjectName(f"page_{self.NAME}")
        self.setAccessibleName(self.title())
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = _Body()
        self.setWidget(inner)
        gap = theme.unit(self)
        self.column = QVBoxLayout(inner)
        self.column.setContentsMargins(gap, gap, gap, gap)
        self.column.setSpacing(gap)
        heading = states.label(self.title(), "heading")
        heading.setFont(theme.heading(self.font()))
        self.intro = states.label(self.words(), "intro")
        self.news = QVBoxLayout()
        self.body = QVBoxLayout()
        self.body.setSpacing(gap)
        self.column.addWidget(heading)
        self.column.addWidget(self.intro)
        self.column.addLayout(self.news)
        self.column.addLayout(self.body)
        self.column.addStretch(1)
        self._run: Any = None
        self._left: Any = None  # a run of a project that was closed
        self._closed = self._stale = False
        self.build()
        for name in self.LISTENS:
            getattr(session, name).connect(self._changed)
        session.projectChanged.connect(self._forget)

    # --- what a page says ----------------------------------------------------------------------
    def title(self) -> str:
        """Return the heading."""
        raise NotImplementedError

    def words(self) -> str:
        """Return a sentence below the heading."""
        return ""

    def build(self) -> None:
        """Put widgets into ``self.body``."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Show what is there now."""

    def arrive(self, **hint: Any) -> None:
        """Called when another page sends the user here, with what to begin with."""

    def close_down(self) -> None:
        """Let go of everything outside the page: map tools, timers, signals of the project."""
        self._closed = True
        for name in self.LISTENS:
            getattr(self.session, name).disconnect(self._changed)
        self.session.projectChanged.disconnect(self._forget)

    def _changed(self, *_: Any) -> None:
        if self._closed:
            return
        self._stale = not self.isVisible()
        if not self._stale:
            self.refresh()

    def showEvent(self, event: Any) -> None:  # noqa: N802 (called by Qt)
        super().showEvent(event)
        if self._stale and not self._closed:
            self._stale = False
            self.refresh()

    def _forget(self) -> None:
        """What was told of another project is over, and so is what is made of its layers."""
        if self._closed:
            return
        if self.is_busy():
            self._left = self._run
            self._run.cancel()
        else:
            self.tell(None)

    # --- what is going on ----------------------------------------------------------------------
    def tell(self, card: states.Card | None) -> states.Card | None:
        """Show a card above the body, in place of the one that was there; None for no card."""
        states.clear(self.news)
        if card is not None:
            self.news.addWidget(card)
            self.ensureWidgetVisible(card)
        return card

    def tell_problem(self, text: str, title: str = "", again: Callable | None = None) -> states.Card:
        """Show what did not work, and how to go on."""
        buttons = [states.button(tr("Try again"), again, "again", "/mActionRefresh.svg")] if again else []
        buttons.append(states.button(tr("Copy the text"), lambda: QApplication.clipboard().setText(text), "copy_text",
                                     "/mActionEditCopy.svg"))
        buttons.append(states.button(tr("Close"), lambda: self.tell(None), "close_card"))
        return self.tell(states.Card("problem", title or tr("This did not work"), text, buttons))

    def run_tool(self, tool: str, parameters: dict, done: Callable[[Any], None], title: str = "",
                 failed: Callable[[Any], None] | None = None) -> Any:
        """Run a tool with the working card shown; ``done(outcome)`` where it went well.

        A failure or a cancelled run is told by a card, and then to ``failed(outcome)``. One run at a time and page.
        """
        if self._run is not None and not self._run.over:
            return None
        run = self._run = self.session.runner.run(tool, parameters)
        card = self.tell(states.WorkCard(title or run.title))
        run.progressed.connect(card.advance)
        card.cancelled.connect(run.cancel)
        run.ended.connect(lambda outcome: self._ended(outcome, done, failed, (tool, parameters, done, title, failed)))
        self.busy(True)
        return run

    def is_busy(self) -> bool:
        """Whether a tool of this page is at work."""
        return self._run is not None and not self._run.over

    def busy(self, at_work: bool) -> None:
        """Called when a tool starts (True) and has ended (False): pages switch their run buttons off and on."""

    def _ended(self, outcome: Any, done: Callable, failed: Callable | None, again: tuple) -> None:
        left, self._left = self._run is self._left, None
        self._run = None
        if self._closed:
            return
        self.busy(False)
        if left:  # nobody asks for it any more
            self.tell(None)
            return
        if outcome.state == "done":
            self.tell(None)
            self.session.remember_run(outcome)
            done(outcome)
            return
        if outcome.state == "cancelled":
            self.tell(states.Card("quiet", tr("Stopped"), tr("You stopped it. Nothing was changed."),
                                  [states.button(tr("Start again"), lambda: self.run_tool(*again), "again"),
                                   states.button(tr("Close"), lambda: self.tell(None), "close_card")]))
        else:
            self.tell_problem(plain(outcome.text), tr("'{tool}' could not be done").format(tool=outcome.name),
                              lambda: self.run_tool(*again))
        if failed is not None:
            failed(outcome)


#: How a refusal of a tool begins: what the parameter is called, and its name in commands.
REFUSED = re.compile(r"([^():\n]{1,80}) \(([A-Z][A-Z0-9_]+)\): ")


def plain(text: str) -> str:
    """Return a refusal of a tool without the name that the parameter has in commands: "Incidents (INPUT): …"."""
    begun = REFUSED.match(text)
    return text if begun is None else f"{begun[1]}: {text[begun.end():]}"


class _Body(QWidget):
    """Never wider than the page: texts wrap, and rows of buttons go on below."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        hint = super().minimumSizeHint()
        return QSize(0, hint.height())
