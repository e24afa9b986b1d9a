"""Problems and actions: who does what about which place until when, from the register in the case file."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, Callable

from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QApplication, QVBoxLayout, QWidget

from ..translation import tr
from . import problemsdata as data
from . import states, theme
from .casebar import open_case
from .drafts import Drafts
from .flow import FlowLayout
from .page import Page
from .problemslist import RegisterList
from .problemsmap import RegisterMap

#: Milliseconds that reading may take before it is told.
_PATIENCE = 400
#: Milliseconds for which a row stays selected before the map goes there: who runs down the list does not drag it along.
_REST = 250
#: Kinds of errors after which the case file is looked at again.
_FILE = ("missing", "foreign", "damaged", "newer", "readonly", "locked", "full", "disk")


class ProblemsPage(Page):
    """The register: a list, a problem opened, and the short forms around it."""

    NAME = "problems"
    LISTENS = (*Page.LISTENS, "dataChanged")

    def title(self) -> str:
        return tr("Problems and actions")

    def words(self) -> str:
        return tr("What you work on, who does what, and until when.")

    # --- the widgets ---------------------------------------------------------------------------
    def build(self) -> None:
        self.register: data.Register | None = None
        self.key, self._path, self._asked_for, self._form = "", "", 0, None
        self._wanted: Callable | None = None
        self._focus = self._told = ""
        self.drafts = Drafts()
        self.map = RegisterMap(self)
        self.state = QVBoxLayout()
        self.banner = QVBoxLayout()
        self.home, self.room = QWidget(), QVBoxLayout()
        for part in (self.state, self.banner):
            self.body.addLayout(part)
        self.body.addWidget(self.home, 1)
        self.body.addLayout(self.room)
        self._home()
        self._waiting = QTimer(self)
        self._waiting.setSingleShot(True)
        self._waiting.setInterval(_PATIENCE)
        self._waiting.timeout.connect(self._tell_waiting)
        self._resting = QTimer(self)
        self._resting.setSingleShot(True)
        self._resting.setInterval(_REST)
        self._resting.timeout.connect(lambda: self.map.follow(self.list.current()))
        self._show_state()

    def _home(self) -> None:
        column, gap, button = QVBoxLayout(self.home), theme.unit(self), states.button
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(gap)
        self.counts = states.label("", "counts")
        self.counts.setFont(theme.heading(self.font(), 1.05))
        column.addWidget(self.counts)
        flow = FlowLayout(spacing=gap)
        self.new = button(tr("&New…"), lambda: self.task("problemsnew", "NewProblem"), "new_problem",
                          "/mActionAdd.svg", tr("Write down a problem, with a place or without"), primary=True)
        self.take = button(tr("From &hot spots…"), lambda: self.task("problemsnew", "TakeOver"), "take_over",
                           "/mActionDuplicateLayer.svg", tr("Make a problem of each hot spot, patrol zone or area"))
        self.meet = button(tr("&Meeting…"), lambda: self.task("problemsmeet", "Meeting"), "new_meeting",
                           "/mIconTableLayer.svg", tr("Write down a meeting, an interview or a walk"))
        self.sheet = button(tr("Hand&out…"), lambda: self.task("problemsmeet", "Sheet"),
                            "meeting_sheet", "/mActionFilePrint.svg",
                            tr("Hand out the meeting sheet: what you told us, what we did, what comes next"))
        self.on_map = button(tr("On the ma&p"), self.map.show_layers, "show_on_map", "/mActionShowAllLayers.svg",
                             tr("Add the places, partners and meetings of the case file to the map"))
        for one in (self.new, self.take, self.meet, self.sheet, self.on_map):
            flow.addWidget(one)
        column.addLayout(flow)
        self.list = RegisterList()
        self.list.picked.connect(self._picked)
        self.list.opened.connect(self._open_listed)
        column.addWidget(self.list, 1)
        self.opener = button(tr("&Open the problem"), lambda: self._open_listed(self.list.current()), "open_problem",
                             "/mActionToggleEditing.svg")
        row = FlowLayout(spacing=gap)
        row.addWidget(self.opener)
        column.addLayout(row)

    # --- what is shown -------------------------------------------------------------------------
    def tell(self, card: states.Card | None) -> states.Card | None:
        before, self._told = self._told, card.text.text() if card is not None else ""
        out = super().tell(card)
        if before != self._told and self.session.health is not None and self.session.health.text in (
                before, self._told):  # the state of the file is not told twice
            self._show_state()
        return out

    def _health_words(self) -> str:
        return "" if self.session.health.text == self._told else self.session.health.text

    def refresh(self) -> None:
        if self.session.case != self._path:
            self._path, self.register, self.key = self.session.case, None, ""
            self.leave()
            self.tell(None)
        self.map.listen()
        self._show_state()
        health = self.session.health
        if self.session.case and health is not None and health.readable and health.register:
            self._read()

    def _read(self) -> None:
        self._asked_for += 1
        asked, path, key = self._asked_for, self.session.case, self.key if self._form is None else ""
        if self.register is None:
            self._waiting.start()

        def read(path: str) -> tuple:
            return data.read_register(path), data.read_problem(path, key) if key else None

        self.work(tr("Reading the register"), read, lambda found: self._came(asked, key, *found),
                  again=self.refresh, path=path)

    def _came(self, asked: int, key: str, found: data.Register, opened: Any) -> None:
        if asked != self._asked_for:
            return
        self._waiting.stop()
        first, self.register = self.register is None, found
        self.list.show_lines(found.lines, date.today())
        self._show_state()
        if key and key == self.key and self._form is None:
            self._show_problem(opened)
        if first and self._wanted is not None:
            wanted, self._wanted = self._wanted, None
            wanted()

    def _show_state(self) -> None:
        """Show the card that fits, or the list."""
        states.clear(self.state)
        states.clear(self.banner)
        card = self._card()
        if card is not None:
            self.state.addWidget(card)
        there = card is None
        empty = there and not self.register.lines
        busy, inside = self.is_busy(), self.room.count() > 0
        if empty and not inside:
            self.state.addWidget(self._empty_card())
        self.home.setVisible(there and not inside)
        # only the list takes the room that is left
        self.column.setStretchFactor(self.body, 100 * (there and not inside))
        for index in range(self.room.count()):
            self.room.itemAt(index).widget().setVisible(there)
        for one in (self.list, self.opener, self.counts):
            one.setVisible(not empty)
        if not there:
            return
        health = self.session.health
        can = health.writable and not busy
        for one in (self.new, self.take, self.meet):
            one.setEnabled(can)
        self.sheet.setEnabled(not busy)
        self.opener.setEnabled(bool(self.list.current()))
        self.counts.setText(data.count_words(self.register.lines))
        if not health.writable:
            self.banner.addWidget(states.Card("doubt", tr("You can read, but not write"), self._health_words(), [
                states.button(tr("Look at it again"), self.session.look_at_case, "look_again",
                              "/mActionRefresh.svg")], "card_readonly"))

    def _card(self) -> states.Card | None:
        """Return what is told in place of the list, None where there is one."""
        session, button, health = self.session, states.button, self.session.health
        make = button(tr("Make a case file…"), lambda: session.go("start", make_case=True), "make_case",
                      "/mActionFileNew.svg", primary=True)
        opened = button(tr("Open a case file…"), lambda: open_case(session), "open_case", "/mActionFileOpen.svg")
        if not session.case:
            return states.Card("calm", tr("Begin with a case file"), tr(
                "One file keeps the problems that you work on, their places and actions, and what came of them. It"
                " belongs to you and opens in QGIS without this plugin."), [make, opened], "card_no_case")
        if health is None:
            return states.Card("quiet", tr("Looking at the case file…"), Path(session.case).name, name="card_looking")
        if not health.readable:
            again = button(tr("Look at it again"), session.look_at_case, "look_again", "/mActionRefresh.svg")
            return states.Card("problem", tr("The case file cannot be read"), self._health_words(), [
                again, opened], "card_unreadable")
        if not health.register:
            return states.Card("doubt", tr("This file keeps no problems"), tr(
                "'{name}' has what residents say, but no register of problems. A new case file keeps both, and your"
                " reports can be imported into it.").format(name=Path(session.case).name), [make, opened],
                "card_no_register")
        if self.register is None:
            return states.Card("quiet", tr("Reading the register…"), name="card_loading")
        return None

    def _empty_card(self) -> states.Card:
        return states.Card("calm", tr("No problem is written down yet"), tr(
            "Take over the hot spots that you found: each becomes a problem with its place. Or write down the first"
            " one yourself; then give it an owner, a due day and an action."), name="card_empty")

    def _tell_waiting(self) -> None:
        if self.register is None and self.state.count():
            self.state.itemAt(0).widget().set_text(tr("Reading the register…"), tr(
                "This takes longer than usual; is the file on a slow share?"))

    def busy(self, at_work: bool) -> None:
        inner = self.room.itemAt(0).widget() if self.room.count() else None
        if hasattr(inner, "busy"):
            inner.busy(at_work)
        self._show_state()

    # --- one problem ---------------------------------------------------------------------------
    def _picked(self, key: str) -> None:
        self.opener.setEnabled(True)
        self._resting.start()

    def picked_on_map(self, key: str) -> None:
        """Select the problem of a place that was selected on the map."""
        if self.key:
            if key != self.key and self._form is None:
                self.open_problem(key)
        elif self.list.select(key):
            self.opener.setEnabled(True)

    def _open_listed(self, key: str) -> None:
        self.tell(None)  # what was told belongs to the list
        self.open_problem(key)

    def open_problem(self, key: str) -> None:
        """Open a problem in the page."""
        if not key:
            return
        self.key = key

        def read(path: str) -> Any:
            return data.read_problem(path, key)

        self.work(tr("Reading the problem"), read, lambda found: self._opened(key, found),
                  again=lambda: self.open_problem(key))

    def _opened(self, key: str, found: Any) -> None:
        if key == self.key:
            self._show_problem(found)
            self.verticalScrollBar().setValue(0)
            self.map.follow(key)

    def _show_problem(self, found: Any) -> None:
        from .problemsview import ProblemView

        if found is None:
            self.back()
            self.tell(states.Card("doubt", tr("This problem is no longer there"), tr(
                "Somebody else deleted it in the meantime."), name="card_gone"))
            return
        opened = self.view().opened_parts() if self.view() is not None else None
        place = self.verticalScrollBar().value()
        view = ProblemView(self, found, date.today(), opened)
        self._fill(view)
        self._to_focus(view)
        QTimer.singleShot(0, lambda: None if self._closed else self.verticalScrollBar().setValue(place))

    def view(self) -> Any:
        """Return the problem that is open, None where none is."""
        one = self.room.itemAt(0).widget() if self.room.count() else None
        return one if one is not None and hasattr(one, "opened_parts") else None

    def back(self) -> None:
        """Return to the list."""
        key, self.key = self.key, ""
        self.leave()
        if key:
            self.list.select(key, quiet=True)
        self.list.view.setFocus()

    # --- forms ---------------------------------------------------------------------------------
    def task(self, module: str, kind: str, **more: Any) -> None:
        """Show a form of its own in place of the list, such as that of a new problem."""
        from ..loading import part

        self.key = ""
        self.tell(None)  # what was told before belongs to something else
        one = part(f"{__package__}.{module}", kind)(self, **more)
        self._fill(one)
        self.verticalScrollBar().setValue(0)

    def leave(self) -> None:
        """Take away what is shown in place of the list."""
        self._fill(None)

    def _fill(self, one: QWidget | None) -> None:
        self._form = None
        for index in range(self.room.count()):
            inner = self.room.itemAt(index).widget()
            if hasattr(inner, "close_down"):
                inner.close_down()
        states.clear(self.room)
        if one is not None:
            self.room.addWidget(one)
        self._show_state()

    def hold(self, form: Any) -> None:
        """Note the form that is open in a problem: what is read anew does not take it away; None when it is closed."""
        self._form = form

    def draft(self, name: str) -> str:
        """Return under which name a half-filled form of this case file is kept."""
        import hashlib

        return f"problems-{name}-{hashlib.sha256(self.session.case.encode()).hexdigest()[:12]}"

    # --- reading and writing -------------------------------------------------------------------
    def work(self, title: str, function: Callable[[str], Any], done: Callable[[Any], None], form: Any = None,
             again: Callable | None = None, path: str = "") -> None:
        """Call ``function(path of the case file)`` in the background, and then ``done(result)`` or tell the error."""
        path = path or self.session.case

        def run(job: Any) -> tuple:
            from ..layers.casesql import CaseError

            try:
                return True, function(path)
            except CaseError as error:
                return False, error

        def came(result: tuple) -> None:
            if self._closed or path != self.session.case:
                return
            if result[0]:
                done(result[1])
            else:
                self._refused(result[1], form, again)

        def failed(text: str) -> None:
            if not self._closed:
                self._waiting.stop()
                self._stir()
                if form is not None and not states.gone(form):
                    form.again()
                self.tell_problem(text, again=again)

        self.session.jobs.start(title, run, came, failed)

    def still(self) -> bool:
        """Keep the opened problem still while something is written; return False where something is already."""
        view = self.view()
        if view is None:
            return True
        if not view.isEnabled():
            return False
        one = self.window().focusWidget()
        self._focus = one.objectName() if one is not None and view.isAncestorOf(one) else ""
        view.setEnabled(False)
        return True

    def _stir(self) -> None:
        """Let the opened problem be used again."""
        view = self.view()
        if view is not None and not view.isEnabled():
            view.setEnabled(True)
            self._to_focus(view)

    def _to_focus(self, view: QWidget) -> None:
        """Go on with the keyboard where it was before the problem was read anew."""
        name, self._focus = self._focus, ""
        found = [one for one in view.findChildren(QWidget, name) if one.isEnabled()] if name else []
        if found:
            found[0].setFocus()

    def change(self, table: str, key: str, values: dict, was: dict, form: Any = None, told: str = "",
               again: Callable | None = None, done: Callable | None = None) -> None:
        """Change a row, unless somebody else changed it since ``was`` was read."""
        if form is None and not self.still():  # pressed twice
            return
        role = self.session.role

        def write(path: str) -> Any:
            from ..layers import casestore

            return casestore.change(path, table, key, values, role, was)

        def written(row: dict) -> None:
            self.saved([table], form, told)
            if done is not None:
                done(row)

        self.work(tr("Saving"), write, written, form, again)

    def insert(self, rows: dict, form: Any = None, told: str = "", done: Callable | None = None,
               crs: Any = None) -> None:
        """Add rows; see ``casestore.insert``."""
        from qgis.core import QgsProject

        role, context = self.session.role, QgsProject.instance().transformContext()

        def write(path: str) -> Any:
            from ..layers import casestore

            return casestore.insert(path, rows, role, crs, context)

        def written(keys: dict) -> None:
            self.saved(list(rows), form, told)
            if done is not None:
                done(keys)

        self.work(tr("Saving"), write, written, form)

    def saved(self, tables: list, form: Any = None, told: str = "") -> None:
        """Close the form, tell it, and let everybody look again."""
        if form is not None and not states.gone(form):
            form.done()
        begun = tr("What you had begun to write is kept: open its form again.") if (
            form is None and getattr(self._form, "draft", "") and self._form.changes()) else ""
        self._form = None
        self.tell(states.Card("good", told, begun, [
            states.button(tr("Close"), lambda: self.tell(None), "close_card")], "card_saved") if told else None)
        for table in tables:
            self.session.written(table)

    def _refused(self, error: Any, form: Any, again: Callable | None) -> None:
        self._waiting.stop()
        self._stir()
        form = None if form is None or states.gone(form) else form
        if form is not None:
            if error.kind == "refused" and form.refused(error):
                return
            form.again()
            again = form.save
        if error.kind in ("changed", "gone"):
            buttons = [states.button(tr("Show what stands there now"), self._look_again, "look_again",
                                     "/mActionRefresh.svg")]
            text = form.written() if hasattr(form, "written") else ""
            if text:
                buttons.append(states.button(tr("Copy what you wrote"), lambda: QApplication.clipboard().setText(text),
                                             "copy_written", "/mActionEditCopy.svg"))
            self.tell(states.Card("doubt", tr("Somebody else was faster"), error.words(), buttons, "card_changed"))
            return
        self.tell_problem(error.words(), tr("Nothing was saved") if form is not None else "", again)
        if error.kind in _FILE:
            self.session.look_at_case()

    def _look_again(self) -> None:
        """Close the form, whose answers stay as a draft, and read anew."""
        self.tell(None)
        self._form = None
        self.refresh()

    # --- from elsewhere ------------------------------------------------------------------------
    def arrive(self, link: dict | None = None, problem: str = "", new: bool = False, place: Any = None,
               areas: str = "", **hint: Any) -> None:
        """Begin with a comparison to write down, measures to link, a problem to open, a new one, or hot spots."""
        def begin() -> None:
            if link and link.get("kind") == "measures":
                self.task("problemsmeasures", "Measures", key=problem, layer=str(link.get("layer") or ""))
            elif link:
                self.task("problemslink", "Comparison", link=dict(link))
            elif problem:
                self.open_problem(problem)
            elif new:
                self.task("problemsnew", "NewProblem")
            elif areas:
                self.task("problemsnew", "TakeOver", areas=areas)

        if self.register is not None:
            begin()
        else:
            self._wanted = begin

    def close_down(self) -> None:
        self._waiting.stop()
        self._resting.stop()
        self._fill(None)
        self.map.close_down()
        self.drafts.close()
        super().close_down()
