"""Report a concern: a place on the map, a short form, saved."""

from __future__ import annotations

import threading
from typing import Any

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsGeometry,
    QgsProject,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QVBoxLayout, QWidget

from ..analysis.community import inputs
from ..translation import tr
from . import caselayers, maptools, states, theme
from .casebar import open_case
from .communityform import ReportForm
from .drafts import Drafts

#: Name of the draft of a report.
DRAFT = "report"
#: Two threads that open the same GeoPackage at once can wait for each other for good within QGIS.
_TURNS = threading.Lock()
_POLYGON = QgsWkbTypes.GeometryType.PolygonGeometry


def attempt(function: Any) -> Any:
    """Return a function for a job that returns (result, None), or (None, the CaseError)."""
    def work(job: Any) -> tuple:
        from ..layers.casestore import CaseError

        try:
            with _TURNS:
                return function(), None
        except CaseError as error:
            return None, error

    return work


class Reporter(QWidget):
    """The part of the page in which a report is made; ``page`` tells what went wrong."""

    def __init__(self, page: Any) -> None:
        super().__init__()
        self.page, self.session = page, page.session
        self.drafts = Drafts()
        self.shape: QgsGeometry | None = None
        self.crs = QgsCoordinateReferenceSystem()
        self.tools: dict = {}
        self.band: Any = None
        self.last: dict = {}
        self.saving = False
        self._asked_for: str | None = ""
        self._refill: dict = {}
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(theme.unit(self))
        self.news = QVBoxLayout()
        self.column.addLayout(self.news)
        self.form = ReportForm()
        self.form.setVisible(False)
        self.form.changed.connect(self.keep)
        self.form.wanted.connect(self.save)
        self.form.left.connect(self.throw_away)
        self.form.stepped.connect(self._see)
        self.column.addWidget(self.form)
        self.idle()

    def close_down(self) -> None:
        """Give the map back, and let go of the draft's thread."""
        self._release()
        for tool in self.tools.values():
            tool.blockSignals(True)
            if isinstance(tool, maptools.AreaTool):
                tool.let_go()
            tool.deleteLater()
        self.tools = {}
        self.drafts.close()

    # --- the places of the work ----------------------------------------------------------------
    def _see(self, widget: QWidget) -> None:
        self.page.ensureWidgetVisible(widget)

    def _show(self, card: Any, form: bool = False) -> Any:
        states.clear(self.news)
        if card is not None:
            self.news.addWidget(card)
        self.form.setVisible(form)
        if hasattr(self.page, "layers_fold"):  # it is there once the page is built
            self.page.attend(form or card.objectName() in ("card_picking", "card_drawing"))
        return card

    def other_file(self) -> None:
        """What was told of a report in another case file is over."""
        if self.last and self.last["path"] != self.session.case:
            self.last = {}
            self.form.same.setEnabled(False)
            if any(self.findChild(QWidget, name) for name in ("card_saved", "card_undone")):
                self.idle()

    def idle(self) -> None:
        """Offer to begin, or to go on with what was begun."""
        self._release()
        draft = self.drafts.get(DRAFT)
        if draft and draft.get("shape"):
            self._show(states.Card("doubt", tr("A report was begun"), tr(
                "It was not saved yet: {what}. Nothing of it is lost.").format(what=self._told(draft)), [
                    states.button(tr("Go on with it"), self.go_on, "go_on", "", primary=True),
                    states.button(tr("Throw away"), self.throw_away, "drop_draft")], "card_draft"))
            return
        self._show(states.Card("quiet", tr("Report a concern"), tr(
            "Show where somebody is worried, and write down what was said. It takes a few seconds."), [
                states.button(tr("Click on the map"), self.pick, "pick_point", "/mActionAddMarker.svg", primary=True),
                states.button(tr("Draw an area"), self.draw, "draw_area", "/mActionAddPolygon.svg"),
                self._middle()], "card_report"))

    def _middle(self) -> Any:
        return states.button(tr("Here, in the middle"), self.middle, "middle", "/mActionZoomTo.svg", tr(
            "Takes the middle of the map as the place: for those who work without a mouse"))

    def _told(self, draft: dict) -> str:
        value = (draft.get("values") or {}).get(inputs.CATEGORY)
        words = self.form.category
        text = next((b.accessibleName() for b in words.group.buttons() if b.property("value") == value), "")
        return text or tr("a place on the map")

    # --- the place -----------------------------------------------------------------------------
    def start(self) -> None:
        """Begin a new report, or go on with the one that was begun."""
        if self.shape is not None:
            self._form()
        elif self.drafts.get(DRAFT):
            self.go_on()
        else:
            self.pick()

    @property
    def canvas(self) -> Any:
        return self.session.iface.mapCanvas() if self.session.iface else None

    def pick(self) -> None:
        """Wait for a click on the map."""
        tool = self._take("point", maptools.PointTool)
        if tool is not None:
            self._show(states.Card("calm", tr("Click on the map where it is"), tr(
                "Escape stops. Wheel and arrow keys still move the map."), [
                    states.button(tr("Draw an area"), self.draw, "draw_area", "/mActionAddPolygon.svg"),
                    self._middle(), states.button(tr("Stop"), self.stop, "stop_picking")], "card_picking"))

    def draw(self) -> None:
        """Wait for an area to be drawn."""
        tool = self._take("area", maptools.AreaTool)
        if tool is not None:
            self._done = states.button(tr("Done drawing"), tool.finish, "finish_area", primary=True)
            self._done.setEnabled(False)
            back = states.button(tr("Take back a corner"), tool.take_back, "take_back", "/mActionUndo.svg")
            self._drawing = self._show(states.Card("calm", tr("Click the corners of the area"), tr(
                "Right click, double click or Enter ends. Backspace takes a corner back, Escape stops."), [
                    self._done, back, states.button(tr("Click on a place"), self.pick, "pick_point"),
                    states.button(tr("Stop"), self.stop, "stop_picking")], "card_drawing"))

    def _corners(self, number: int) -> None:
        if self.sender() is self.tools.get("area") and self.tools["area"].isActive():
            self._done.setEnabled(number >= 3)
            self._drawing.set_text(tr("Click the corners of the area"), tr(
                "Corners so far: {count}. Right click, double click or Enter ends. Backspace takes a corner back."
            ).format(count=number))

    def _take(self, name: str, kind: Any) -> Any:
        if self.canvas is None:
            return None
        for tool in self.tools.values():
            tool.give_back()
        self._mark(None)
        if name not in self.tools:
            tool = self.tools[name] = kind(self.canvas)
            tool.chosen.connect(self.placed)
            tool.left.connect(self.stop)
            if isinstance(tool, maptools.AreaTool):
                tool.moved.connect(self._corners)
        self.tools[name].take()
        return self.tools[name]

    def middle(self) -> None:
        """Take the middle of the map as the place."""
        if self.canvas is not None:
            self.placed(QgsGeometry.fromPointXY(self.canvas.center()))

    def stop(self) -> None:
        """Give up looking for a place."""
        self._release()
        self.shape, self._refill = None, {}
        self.idle()

    def placed(self, shape: QgsGeometry) -> None:
        """Go on with the form at a place."""
        for tool in self.tools.values():
            tool.give_back()
        crs = self.canvas.mapSettings().destinationCrs()
        trouble = maptools.unplaced(shape, crs)
        if trouble:
            self.page.tell(states.Card("doubt", tr("This is no place yet"), trouble, [
                states.button(tr("Click on the map"), self.pick, "pick_again"),
                states.button(tr("Close"), lambda: self.page.tell(None), "close_card")], "card_no_place"))
            self.idle()
            return
        self.shape, self.crs = QgsGeometry(shape), crs
        self.form.fill(self._refill or {
            inputs.SOURCE: self.session.setting("source"), inputs.LANG: self.session.setting("lang")})
        self._refill = {}
        self.keep()
        self._form()

    def _form(self) -> None:
        area = self.shape.type() == _POLYGON
        self._mark(self.shape)
        self._show(states.Card("calm", tr("The area is set") if area else tr("The place is set"), "", [
            states.button(tr("Another place"), self.pick_again, "another_place", "/mActionAddMarker.svg")],
            "card_placed"), True)
        self.form.begin()
        self.page.ensureWidgetVisible(self.form)

    def pick_again(self) -> None:
        """Choose another place; what was filled in stays."""
        self._refill = self.form.values()
        self.shape = None
        self.pick()

    def _mark(self, shape: QgsGeometry | None) -> None:
        maptools.drop_band(self.band)
        self.band = None
        if shape is not None and self.canvas is not None:
            self.band = maptools.band(self.canvas, shape.type())
            moved = QgsGeometry(shape)
            to = self.canvas.mapSettings().destinationCrs()
            if self.crs.isValid() and to.isValid() and to != self.crs:
                try:
                    moved.transform(QgsCoordinateTransform(self.crs, to, QgsProject.instance()))
                except QgsCsException:  # the map's system does not reach there: the place stands all the same
                    return
            self.band.setToGeometry(moved, None)

    def _release(self) -> None:
        for tool in self.tools.values():
            tool.give_back()
        self._mark(None)

    # --- drafts --------------------------------------------------------------------------------
    def keep(self) -> None:
        """Keep what is filled in for the case of a crash."""
        if self.shape is not None:
            self.drafts.keep(DRAFT, {"shape": self.shape.asWkt(6), "crs": self.crs.toWkt(
                QgsCoordinateReferenceSystem.WktVariant.WKT_PREFERRED), "values": self.form.values()})

    def go_on(self) -> None:
        """Go on with the report that was begun."""
        draft = self.drafts.get(DRAFT) or {}
        shape = QgsGeometry.fromWkt(str(draft.get("shape") or ""))
        if shape.isNull():
            self.throw_away()
            return
        self.shape, self.crs = shape, QgsCoordinateReferenceSystem.fromWkt(str(draft.get("crs") or ""))
        self.form.fill(draft.get("values") or {})
        self._form()

    def throw_away(self) -> None:
        """Keep nothing of it."""
        self.drafts.drop(DRAFT)
        self.shape, self._refill = None, {}
        self.page.tell(None)
        self.idle()

    # --- saving --------------------------------------------------------------------------------
    def save(self, consent: str) -> None:
        """Save it in the background."""
        if self.shape is None or self.saving:
            return
        session = self.session
        if not session.case:
            self.page.tell(no_case(session, tr("Your report is kept. Choose the file it shall be saved in, then press"
                                               " 'Save' once more.")))
            return
        trouble = maptools.unplaced(self.shape, self.crs)
        if trouble:  # of a report that was begun elsewhere
            self.page.tell_problem(tr("{problem} Nothing that you filled in is lost.").format(problem=trouble),
                                   tr("Not saved yet"), self.pick_again)
            return
        values = {name: value for name, value in self.form.values().items() if value not in (None, "")}
        if values.pop("same", False) and self.last.get(inputs.VOICE):
            values[inputs.VOICE] = self.last[inputs.VOICE]
        values[inputs.CONSENT] = consent
        session.set_setting("source", values.get(inputs.SOURCE))
        session.set_setting("lang", values.get(inputs.LANG))
        table = inputs.AREA_TABLE if self.shape.type() == _POLYGON else inputs.POINT_TABLE
        path, shape, crs, role = session.case, QgsGeometry(self.shape), self.crs, session.role
        context = QgsProject.instance().transformContext()

        def write() -> dict:
            from ..layers import casestore

            key = casestore.insert(path, {table: [(shape, values)]}, role, crs, context)[table][0]
            row = casestore.rows(path, table, where={inputs.INPUT_ID: key}, limit=1)[0]
            return {**row, "table": table, "path": path}

        self._busy(True)
        session.jobs.start(tr("Saving a report"), attempt(write), lambda found: self._saved(found, consent),
                           lambda text: self._refused(text, consent))

    def _busy(self, at_work: bool) -> None:
        self.saving = at_work
        self.form.setEnabled(not at_work)

    def _saved(self, found: tuple, consent: str) -> None:
        self._busy(False)
        row, error = found
        if error is not None:
            self._refused(error.words(), consent, error.fields)
            return
        self.last = row
        self.drafts.drop(DRAFT)
        self.form.same.setEnabled(True)
        self.shape = None
        self._release()
        self.page.tell(None)
        another = states.button(tr("Another one"), self.pick, "another", "/mActionAddMarker.svg", primary=True)
        buttons = [another, states.button(tr("Undo"), self.undo, "undo", "/mActionUndo.svg", tr(
            "Takes the report out of the case file again"))]
        if row["table"] not in caselayers.loaded(row["path"]):
            buttons.append(states.button(tr("Show on the map"), self.show_layers, "show_case_layers",
                                         "/mActionAddOgrLayer.svg", tr("Adds the layers of the case file")))
        buttons.append(states.button(tr("Close"), self.idle, "close_saved"))
        card = self._show(states.Card("good", tr("Saved"), tr("'{what}' is among the reports now.").format(
            what=self._told({"values": row})), buttons, "card_saved"))
        self.page.ensureWidgetVisible(card)
        another.setFocus(Qt.FocusReason.OtherFocusReason)
        self.session.written(row["table"])

    def _refused(self, text: str, consent: str, fields: Any = None) -> None:
        self._busy(False)
        self.keep()
        self.page.tell_problem(tr("{problem} Nothing that you filled in is lost.").format(problem=text),
                               tr("Not saved yet"), lambda: self._again(consent))
        if fields and set(fields) - {inputs.CATEGORY, inputs.CONCERN}:
            self.form.more.open()
        if fields:  # another file may lie there now, with other choices
            self._asked_for = None
            self.ask_form()

    def _again(self, consent: str) -> None:
        self.page.tell(None)
        self.save(consent)

    def show_layers(self) -> None:
        """Bring the layers of the case file into the project."""
        self.session.case_layers.add(lambda found: found or self.page.tell_problem(
            tr("The layers of the case file could not be opened."), again=self.show_layers))
        for one in self.findChildren(QWidget, "show_case_layers"):
            one.setVisible(False)

    def undo(self) -> None:
        """Take the report that was saved last out of the file again."""
        row, role = self.last, self.session.role

        def remove() -> None:
            from ..layers import casestore

            casestore.remove(row["path"], row["table"], row[inputs.INPUT_ID], role)

        def done(found: tuple) -> None:
            if found[1] is not None and found[1].kind != "gone":
                self.page.tell_problem(found[1].words(), tr("It could not be taken out"), self.undo)
                return
            self.page.tell(None)
            self.last = {}
            self.form.same.setEnabled(False)
            self._show(states.Card("quiet", tr("Taken out again"), tr("The report is no longer in the case file."), [
                states.button(tr("Another one"), self.pick, "another", "/mActionAddMarker.svg"),
                states.button(tr("Close"), self.idle, "close_saved")], "card_undone"))
            self.session.written(row["table"])

        self.session.jobs.start(tr("Taking a report out"), attempt(remove), done, lambda text: self.page.tell_problem(
            text, tr("It could not be taken out"), self.undo))

    # --- the case file's own form --------------------------------------------------------------
    def ask_form(self) -> None:
        """Read what the case file's form offers, in the background."""
        path = self.session.case
        health = self.session.health
        if path == self._asked_for or (path and (health is None or not health.readable or not health.community)):
            return
        self._asked_for = path
        if not path:
            self.form.offer({})
            return

        def read() -> dict:
            from ..layers import casestore

            return casestore.form(path, inputs.POINT_TABLE)

        def came(found: tuple) -> None:
            if path != self.session.case:
                return
            if found[0] is None:
                self._asked_for = None  # asked again with the next look at the page
            else:
                self.form.offer(found[0])
                self.page.newest.refresh()

        self.session.jobs.start(tr("Reading the form"), attempt(read), came)


def no_case(session: Any, text: str, name: str = "card_no_case") -> states.Card:
    """Return the card that offers to make a case file, or to open one."""
    return states.Card("calm", tr("No case file yet"), text, [
        states.button(tr("Make a case file…"), lambda: session.go("start", make_case=True), "make_case",
                      "/mActionFileNew.svg", primary=True),
        states.button(tr("Open a case file…"), lambda: open_case(session), "open_case", "/mActionFileOpen.svg")], name)
