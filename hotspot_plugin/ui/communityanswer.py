"""One report in full, and what became of it: acknowledged, in work, done or declined, with an answer."""

from __future__ import annotations

from typing import Any

from qgis.PyQt.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from ..analysis.community import inputs
from ..translation import tr
from . import states, theme
from .communityform import too_long
from .communityreport import attempt
from .fold import EvenLayout

#: Statuses in which whoever spoke is owed an answer.
ANSWERED = ("done", "declined")
#: Name of the draft of answers.
DRAFT = "answers"


class Answer(QWidget):
    """The report that is chosen in the list."""

    def __init__(self, newest: Any) -> None:
        super().__init__()
        self.newest, self.page, self.session = newest, newest.page, newest.session
        self.row: dict | None = None
        self.writing = False
        #: answers that were begun and not saved, by key of the report
        self.begun: dict = dict(self.page.reporter.drafts.get(DRAFT) or {})
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        zoom = states.button(tr("Show on the map"), newest.zoom, "zoom", "/mActionZoomToSelected.svg")
        full = states.button(tr("Open the full form"), newest.open_form, "open_form", "/mActionFormView.svg")
        self.card = states.Card("quiet", "", "", [zoom, full], "card_chosen")
        column.addWidget(self.card)
        self.ask = states.label(tr("What became of it?"))
        self.card.body.addWidget(self.ask)
        self.response = QPlainTextEdit()
        self.response.setObjectName("response")
        self.response.setTabChangesFocus(True)
        self.response.setAccessibleName(tr("What was answered?"))
        self.response.setPlaceholderText(tr("What was done, or why it was not; no names"))
        self.response.setFixedHeight(self.fontMetrics().lineSpacing() * 3 + 2 * theme.unit(self))
        self.response.textChanged.connect(self._typed)
        self.card.body.addWidget(self.response)
        self.hint = states.label("", "answer_hint")
        self.hint.setVisible(False)
        self.card.body.addWidget(self.hint)
        buttons = QWidget()
        flow = EvenLayout(buttons, theme.unit(self))
        self.buttons = {}
        for status, text, tip in (
            ("acknowledged", tr("Acknowledge"), tr("It was read, and somebody cares")),
            ("in work", tr("In work"), tr("Something is being done")),
            ("done", tr("Done"), tr("Something was done: say what")),
            ("declined", tr("Declined"), tr("Nothing will be done: say why")),
        ):
            one = states.button(text, lambda s=status: self.become(s), f"become_{status.replace(' ', '_')}", "", tip)
            self.buttons[status] = one
            flow.addWidget(one)
        self.card.body.addWidget(buttons)
        self.keep = states.button(tr("Save the answer only"), lambda: self.become(""), "save_answer")
        self.card.body.addWidget(self.keep)
        self.show_row(None)

    def show_row(self, row: dict | None) -> None:
        """Show another report, or none."""
        self.setVisible(row is not None)
        same = row is not None and self.row is not None and row[inputs.INPUT_ID] == self.row[inputs.INPUT_ID]
        self.row = row
        if row is None:
            return
        from .communitylist import day_words

        model = self.newest.model
        first, second = model.lines(row)
        parts = [" · ".join(p for p in (second, day_words(row[inputs.SAID_ON])) if p)]
        if row[inputs.SAID]:
            parts.append(f"“{row[inputs.SAID]}”")
            if row[inputs.CONSENT] != "quote":
                parts.append(tr("These words may not be passed on."))
        self.card.set_text(first, "\n".join(parts))
        text = self.begun.get(row[inputs.INPUT_ID], row[inputs.RESPONSE] or "")
        if not same or self.response.toPlainText() != text:
            self.response.blockSignals(True)
            self.response.setPlainText(str(text))
            self.response.blockSignals(False)
        self._able()

    def _able(self) -> None:
        row = self.row or {}
        writable = self.session.health is not None and self.session.health.writable and not self.writing
        for status, one in self.buttons.items():
            one.setEnabled(writable and row.get(inputs.STATUS) != status)
        self.response.setReadOnly(not writable)
        self.keep.setVisible(self.response.toPlainText().strip() != str(row.get(inputs.RESPONSE) or "").strip())
        self.keep.setEnabled(writable)
        if self.session.health is not None and not self.session.health.writable and not self.writing:
            self._say(self.session.health.text)
        elif not self._fault():
            self._say("")

    def _typed(self) -> None:
        if self.row is not None:
            self.begun[self.row[inputs.INPUT_ID]] = self.response.toPlainText()
            self.page.reporter.drafts.keep(DRAFT, self.begun)
        self._say(self._fault())
        self._able()

    def _fault(self) -> str:
        from ..layers.forms import names_nobody

        text = self.response.toPlainText()
        if too_long(text):
            return too_long(text)
        if text.strip() and not names_nobody(text):
            return tr("Leave out names, telephone numbers, e-mail and home addresses, number plates and identity"
                      " numbers. At most {most} letters.").format(most=inputs.TEXT_LENGTH)
        return ""

    def _say(self, text: str) -> None:
        self.hint.setText("⚠ " + text if text else "")
        self.hint.setVisible(bool(text))
        palette = self.hint.palette()
        palette.setColor(self.hint.foregroundRole(), theme.colour("problem"))
        self.hint.setPalette(palette)

    # --- writing -------------------------------------------------------------------------------
    def become(self, status: str) -> None:
        """Write a status with the answer, "" for the answer alone."""
        row, text = self.row, self.response.toPlainText().strip()
        if row is None or self.writing:
            return
        if self._fault():
            self._say(self._fault())
            self.response.setFocus()
            return
        if status in ANSWERED and not text:
            self._say(tr("Say what was done, or why it was not: whoever spoke is owed an answer."))
            self.response.setFocus()
            return
        values = {inputs.RESPONSE: text}
        if status:
            values[inputs.STATUS] = status
        path, role, table, key = self.session.case, self.session.role, row["table"], row[inputs.INPUT_ID]
        was = {name: row[name] for name in (inputs.STATUS, inputs.RESPONSE)}

        def write() -> dict:
            from ..layers import casestore

            return casestore.change(path, table, key, values, role, was)

        self.writing = True
        self._able()
        self.session.jobs.start(tr("Writing the answer"), attempt(write),
                                lambda found: self._written(found, status, row),
                                lambda problem: self._failed(problem, status))

    def _written(self, found: tuple, status: str, row: dict) -> None:
        self.writing = False
        now, error = found
        if error is None:
            self.begun.pop(row[inputs.INPUT_ID], None)
            if self.begun:
                self.page.reporter.drafts.keep(DRAFT, self.begun)
            else:
                self.page.reporter.drafts.drop(DRAFT)
            self.page.tell(states.Card("good", tr("Written"), tr("'{what}' is now: {status}.").format(
                what=self.newest.model.category(now), status=self.newest.model.status(now)), [
                    states.button(tr("Close"), lambda: self.page.tell(None), "close_card")], "card_written"))
            self.session.written(row["table"])
            return
        if error.kind in ("changed", "gone"):
            self.page.tell(states.Card("doubt", tr("Somebody else was faster"), self._theirs(error), [
                states.button(tr("Look at it"), self._look, "look_again", primary=True)], "card_changed"))
            self.newest.refresh()
        else:
            self._failed(error.words(), status)
        self._able()

    def _theirs(self, error: Any) -> str:
        if error.kind == "gone" or not error.row:
            return error.words()
        row = error.row
        text = tr("Nothing of yours was written, and your answer is still here. It is now: {status}. The answer of the"
                  " other: “{response}”")
        return text.format(status=self.newest.model.status(row), response=row[inputs.RESPONSE] or tr("none"))

    def _look(self) -> None:
        self.page.tell(None)
        self.newest.refresh()
        self.page.ensureWidgetVisible(self)

    def _failed(self, problem: str, status: str) -> None:
        self.writing = False
        self._able()
        self.page.tell_problem(tr("{problem} Your answer is still here.").format(problem=problem),
                               tr("Not written yet"), lambda: self._again(status))

    def _again(self, status: str) -> None:
        self.page.tell(None)
        self.become(status)
