"""Meetings: one is written down, and the sheet for the next one is handed out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import QgsFieldProxyModel, QgsMapLayerProxyModel
from qgis.gui import QgsFieldComboBox, QgsMapLayerComboBox
from qgis.PyQt.QtWidgets import QComboBox, QLineEdit

from ..analysis.community import inputs
from ..analysis.problems import register as r
from ..layers.provenance import made_by
from ..translation import tr
from . import caselayers, states
from . import problemsdata as data
from .communityroles import is_result
from .problemsforms import FormCard, RowForm, in_order
from .problemsnew import PlacedTask, Task

MEETING = (r.HELD_ON, r.KIND, r.TITLE, r.VENUE, r.PRESENT, r.RESIDENTS, r.OWNER, r.NEXT_ON, r.NOTES, r.VISIBLE)
#: Fields that name areas, by preference.
_NAMES = ("name", "beat", "area", "label")


#: Results of the tool that say how much the sheet tells of problems.
_TOLD = ("DID", "DECLINED", "UPCOMING", "HELD_BACK")


class Meeting(PlacedTask):
    """A meeting in a short form: the day, what it was, how many came, and where, if somebody wants to say it."""

    TABLE, POINT = r.MEETINGS, True

    def make(self, asked: dict, roles: dict) -> FormCard:
        start = {r.HELD_ON: data.date.today().isoformat(), r.KIND: "meeting", r.OWNER: self.session.role,
                 r.VISIBLE: "internal"}
        return FormCard(
            tr("A meeting, interview or walk"), RowForm(asked, MEETING, {r.OWNER: roles}), self.save, self.page.back,
            self.page.drafts, self.page.draft("meeting"), start, name="form_meeting", words=tr("&Write it down"),
            text=tr("How many, not who: nobody is named."), place=self.picker)

    def write(self, values: dict, crs: Any, places: list) -> None:
        """Write the meeting."""
        shape, page = places[0][0] if places else None, self.page

        def written(keys: dict) -> None:
            page.back()
            page.tell(states.Card("good", tr("The meeting is written down"), tr(
                "The next meeting sheet tells what was done since this day."), [
                    states.button(tr("Meeting sheet…"), lambda: page.task("problemsmeet", "Sheet"), "sheet_next",
                                  "/mActionFilePrint.svg"),
                    states.button(tr("Close"), lambda: page.tell(None), "close_card")], "card_meeting"))

        page.insert({r.MEETINGS: [(shape, values)]}, self.card, "", written, crs)


class Sheet(Task):
    """Hands out the meeting sheet by tool 'Community meeting handout'."""

    def __init__(self, page: Any) -> None:
        super().__init__(page)
        self.run = states.button(tr("&Make the sheet"), self.start, "make_sheet", "/mActionFilePrint.svg", primary=True)
        leave = states.button(tr("Cancel"), page.back, "leave_form", "/mActionRemove.svg")
        self.card = states.Card("quiet", tr("Hand out the meeting sheet"), tr(
            "A page for each area: what you told us, what we did, what we did not and why, what comes next. Only what"
            " is marked public is told; small numbers and personal data are held back."), [self.run, leave],
            "form_sheet")
        self.column.addWidget(self.card)
        self.since = states.label("", "since")
        self.card.body.insertWidget(2, self.since)
        self.areas = QgsMapLayerComboBox()
        self.areas.setObjectName("areas")
        self.areas.setFilters(QgsMapLayerProxyModel.Filter.PolygonLayer)
        own = caselayers.loaded(self.session.case)
        self.areas.setExceptedLayerList([layer for table, id in own.items() for layer in [self.session.layer(id)]
                                         if layer is not None and table in (r.PLACES, inputs.AREA_TABLE)])
        self.areas.setAllowEmptyLayer(True)
        self.name = QgsFieldComboBox()
        self.name.setObjectName("name_field")
        self.name.setAllowEmptyFieldName(True)
        self.name.setFilters(QgsFieldProxyModel.Filter.AllTypes)
        for box in (self.areas, self.name):
            box.setMinimumContentsLength(8)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.area, self.contact, self.next = QLineEdit(), QLineEdit(), QLineEdit()
        for line, name, hint in ((self.area, "area", tr("all areas")),
                                 (self.contact, "contact", tr("a role with a phone number, not a person's own")),
                                 (self.next, "next_meeting", tr("the day that the register has"))):
            line.setObjectName(name)
            line.setPlaceholderText(hint)
        self.add_asked(self.card, self.areas, tr("A&reas (beats or neighbourhoods)"))
        self.add_asked(self.card, self.name, tr("&Name of the areas"))
        self.add_asked(self.card, self.area, tr("&Only this area"))
        self.add_asked(self.card, self.contact, tr("&Contact"))
        self.add_asked(self.card, self.next, tr("Next mee&ting"))
        in_order([self.areas, self.name, self.area, self.contact, self.next, self.run, leave])
        self.contact.setText(str(self.session.setting("sheet_contact", "") or ""))
        self.areas.layerChanged.connect(self._chosen)
        self._guess()
        self._told()

    def _guess(self) -> None:
        kept = self.session.layer(str(self.session.recall("sheet_areas", "") or ""))
        mine = [layer for layer in self.session.vector_layers() if layer in [
            self.areas.layer(k) for k in range(self.areas.count())]]
        mine.sort(key=lambda layer: is_result(made_by(layer)))  # areas to begin with before those of a result
        named = [layer for layer in mine if any(word in layer.name().lower() for word in ("beat", "area", "district"))]
        self.areas.setLayer(kept if kept in mine else (named or mine or [None])[0])
        self._chosen()

    def _chosen(self, *_: Any) -> None:
        layer = self.areas.currentLayer()
        self.name.setLayer(layer)
        names = {name.lower(): name for name in layer.fields().names()} if layer is not None else {}
        found = next((names[name] for name in _NAMES if name in names), "")
        self.name.setField(found)
        self.run.setEnabled(not self.page.is_busy())

    def _told(self) -> None:
        meetings = self.page.register.meetings if self.page.register else []
        held = [row for row in meetings if data.late_by(row[r.HELD_ON], data.date.today())]
        text = tr("No meeting stands in the register; the sheet tells of the last 90 days.")
        if held:
            text = tr("The last meeting in the register was on {day}; the sheet tells what happened since.").format(
                day=data.day_words(held[0][r.HELD_ON]))
        self.since.setText(text)

    def start(self) -> None:
        """Run the tool; its limits for public numbers stay as they are."""
        session, layer = self.session, self.areas.currentLayer()
        given = {"REGISTER": session.case, "OUTPUT": session.place(tr("meeting sheet"), ".html"),
                 "PDF": session.place(tr("meeting sheet"), ".pdf"),
                 "REPORT": session.place(tr("meeting sheet, internal"), ".html")}
        if layer is not None:
            given["AREAS"] = layer.id()
            session.remember("sheet_areas", layer.id())
            if self.name.currentField():
                given["NAME_FIELD"] = self.name.currentField()
        for key, line in (("AREA", self.area), ("CONTACT", self.contact), ("MEETING", self.next)):
            if line.text().strip():
                given[key] = line.text().strip()
        session.set_setting("sheet_contact", self.contact.text().strip())
        self.run.setEnabled(False)
        self.page.work(tr("Counting reports"), self._reports, lambda table: self._run(given, table), self)

    def _reports(self, path: str) -> str:
        """Return the table of residents' reports that has some: the tool refuses one without any."""
        from ..layers import casestore

        health = casestore.probe(path)
        tables = (inputs.POINT_TABLE, inputs.AREA_TABLE) if health.community else ()
        return next((table for table in tables if casestore.count(path, table)), "")

    def _run(self, given: dict, table: str) -> None:
        if table:
            given["COMMUNITY"] = f"{self.session.case}|layername={table}"
        self.page.run_tool("meetingsheet", given, lambda outcome: self._done(outcome, given),
                           tr("Making the meeting sheet…"))

    def again(self) -> None:
        """Let it be tried again."""
        self.run.setEnabled(True)

    save = start  # what "Try again" calls

    def _done(self, outcome: Any, given: dict) -> None:
        page, session, button = self.page, self.session, states.button
        page.back()
        # what a meeting wants to hear: what was done, what not, what comes next
        told = any(outcome.results.get(name) for name in _TOLD)
        page.tell(states.Card("good" if told else "doubt", tr("The meeting sheet is ready") if told else tr(
            "The meeting sheet has nothing to tell of problems"), " ".join([outcome.summary, tr(
                "Read it before you hand it out.") if told else tr(
                    "Only what is public is told: open a problem or an action, press 'Change', and set 'Who may read"
                    " it?' to public.")]), [
                button(tr("&Show it"), lambda: session.show_file(given["OUTPUT"]), "show_sheet",
                       "/mActionShowAllLayers.svg", primary=True),
                button(tr("&Print (PDF)"), lambda: session.show_file(given["PDF"]), "show_pdf",
                       "/mActionSaveAsPDF.svg"),
                button(tr("What was held &back"), lambda: session.show_file(given["REPORT"]), "show_report", tip=tr(
                    "Internal: what to look at before handing out")),
                button(tr("Open the &folder"), lambda: session.show_file(str(Path(given["OUTPUT"]).parent)),
                       "open_folder", "/mIconFolder.svg"),
                button(tr("Close"), lambda: page.tell(None), "close_card")], "card_sheet"))

    def busy(self, at_work: bool) -> None:
        """Switch the button off while the tool runs."""
        self.run.setEnabled(not at_work)
