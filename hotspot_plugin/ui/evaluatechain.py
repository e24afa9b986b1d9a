"""How the steps of an evaluation are answered: tools one after the other, with progress and answer in the step."""

from __future__ import annotations

from typing import Any, Callable, Sequence

from qgis.PyQt.QtCore import QPoint, QTimer
from qgis.PyQt.QtWidgets import QWidget

from ..translation import tr
from . import evaluatestep as steps
from . import evaluatewords as words
from . import states, theme
from .charts import Estimate, ForestLine


class StepsThatAnswer(QWidget):
    """Steps that run tools.

    Parameters
    ----------
    page : Page
        Whose session, ``run_tool`` and ``tell`` are used.
    """

    def __init__(self, page: Any) -> None:
        super().__init__()
        self.page, self.session = page, page.session
        self.steps: list = []
        self.buttons: list = []
        self.titles: list = []
        #: outcomes of the tools by step, those that other tools prepared for included
        self.outcomes: dict = {}
        self._round, self._wanted = 0, 0
        self._scroller = QTimer(self)
        self._scroller.setSingleShot(True)
        self._scroller.timeout.connect(self._scroll)

    def _ready(self) -> None:
        raise NotImplementedError

    def _chain(self, step: int, tools: Sequence, done: Callable, failed: Callable | None = None) -> None:
        """Run tools one after the other, the progress shown in the step; ``done(outcomes)`` with all of them.

        Parameters
        ----------
        tools : sequence of (tool, function)
            The function is given the outcomes so far, and returns the parameters.
        failed : callable, optional
            Given the outcome that failed and those before; else the step says why.
        """
        turn, outcomes = self._round, []
        self.steps[step].show_answer()
        self.steps[step].set_state(steps.AT_WORK)

        def go() -> None:
            tool, parameters = tools[len(outcomes)]
            if self.page.run_tool(tool, parameters(outcomes), ended, self.steps[step].title, broke) is None:
                self.steps[step].set_state(steps.NOT_YET, tr("something else is at work; wait for it"))
                return
            self._hold(step)
            for button in self.buttons:
                button.setEnabled(False)

        def ended(outcome: Any) -> None:
            if turn != self._round:
                return
            outcomes.append(outcome)
            if len(outcomes) < len(tools):
                go()
                return
            self._finish(step, lambda: done(outcomes))

        def broke(outcome: Any) -> None:
            if turn != self._round:
                return
            self.page.tell(None)
            if outcome.state == "cancelled":
                self._finish(step, lambda: self._stopped(step))
            elif failed is not None:
                self._finish(step, lambda: failed(outcome, outcomes))
            else:
                self._finish(step, lambda: self._could_not(step, outcome))

        go()

    def _hold(self, step: int) -> None:
        """Show what is at work where the user looks: in the step."""
        card = self.page.news.itemAt(0).widget() if self.page.news.count() else None
        if isinstance(card, states.WorkCard):
            states.clear(self.steps[step].news)
            self.page.news.removeWidget(card)
            self.steps[step].news.addWidget(card)
            self._look(step)

    def _finish(self, step: int, show: Callable) -> None:
        states.clear(self.steps[step].news)
        show()
        self._ready()
        self._look(step)

    def _look(self, step: int) -> None:
        """Bring a step into view, once it has its place."""
        self._wanted = step
        self._scroller.start()

    def _scroll(self) -> None:
        step = self.steps[self._wanted]
        top = step.mapTo(self.page.widget(), QPoint(0, 0)).y()
        self.page.ensureVisible(0, top + min(step.height(), self.page.viewport().height() - 1), 0, 0)
        self.page.ensureVisible(0, top, 0, theme.unit(self))

    def _stopped(self, step: int) -> None:
        self.steps[step].set_state(steps.NOT_YET, tr("stopped"))

    def _could_not(self, step: int, outcome: Any) -> None:
        self.steps[step].set_state(steps.FAILED)
        self.steps[step].open()
        name = f"{self.steps[step].objectName()}_problem"
        card = states.Card("doubt", tr("This could not be answered"), words.refusal(outcome.text), name=name)
        card.setToolTip(outcome.name)
        self.steps[step].show_answer(card)
        if step + 1 < len(self.steps):  # the others go on where they can
            self.steps[step + 1].open()

    def _answer(self, step: int, finding: words.Finding, outcomes: Sequence, *extra: QWidget) -> None:
        """Show an answer, and open what comes next."""
        self.outcomes[step] = list(outcomes)
        name = self.steps[step].objectName()
        self.steps[step].show_answer(steps.answer_card(self.session, finding, outcomes, name, extra))
        self.steps[step].set_state(steps.ANSWERED, finding.headline)
        self.steps[step].open()
        if step > 0:
            self.steps[step - 1].open(False)
        if step + 1 < len(self.steps):
            self.steps[step + 1].open()


def chart_of(rows: Sequence) -> ForestLine:
    """Return a chart of (title, Effect) rows."""
    chart = ForestLine()
    chart.setObjectName("evaluate_chart")
    chart.setMinimumWidth(12 * theme.unit(chart))
    chart.setEstimates([Estimate(title, one.value, one.low, one.high) for title, one in rows])
    return chart


class quiet:
    """Widgets whose signals rest for a while."""

    def __init__(self, *widgets: QWidget) -> None:
        self._widgets = widgets

    def __enter__(self) -> None:
        for one in self._widgets:
            one.blockSignals(True)

    def __exit__(self, *error: Any) -> None:
        for one in self._widgets:
            one.blockSignals(False)
