"""Community input: what residents say, and what became of it."""

from __future__ import annotations

from typing import Any

from qgis.PyQt.QtWidgets import QWidget

from ..translation import tr
from . import states, theme
from .communitylayers import Layers
from .communitylist import Newest
from .communityreport import Reporter
from .communityservices import Services
from .fold import EvenLayout, Fold
from .page import Page


class CommunityPage(Page):
    """The page of what residents say."""

    NAME = "community"

    def title(self) -> str:
        return tr("Community input")

    def words(self) -> str:
        return tr("What residents say, where they are worried, and what became of it.")

    def build(self) -> None:
        self.reporter = Reporter(self)
        self.services = Services(self)
        self.body.addWidget(self.reporter)
        actions = QWidget()
        row = EvenLayout(actions, theme.unit(self))
        self.concern = states.button(tr("Map of worries"), self.services.map_concern, "map_concern",
                                     "/mActionIdentify.svg", tr("Where people are worried, from all that was said"))
        self.bring = states.button(tr("Import…"), self.services.ask_import, "import", "/mActionFileOpen.svg", tr(
            "Brings an export of a survey or portal into the case file, without personal data"))
        for one in (self.concern, self.bring):
            row.addWidget(one)
        self.actions = actions
        self.body.addWidget(actions)
        self.list_fold = Fold(tr("Newest reports"), "fold_newest", True)
        self.newest = Newest(self)
        self.list_fold.body.addWidget(self.newest)
        self.body.addWidget(self.list_fold)
        self.layers_fold = Fold(tr("Layers in use"), "fold_layers")
        self.layers = Layers(self)
        self.layers_fold.body.addWidget(self.layers)
        self.new = states.button(tr("New layers for input"), self.make_new, "new_input",
                                 "/mActionNewGeoPackageLayer.svg", tr(
                                     "Puts the layers of the case file for what residents say on the map, with their"
                                     " form"))
        self.layers_fold.body.addWidget(self.new)
        self.body.addWidget(self.layers_fold)
        self.session.dataChanged.connect(self._written)

    def refresh(self) -> None:
        self.reporter.other_file()
        self.reporter.ask_form()
        self.newest.refresh()
        self.layers.refresh()
        notes, self.reporter.drafts.notes = self.reporter.drafts.notes, []
        if notes:
            self.tell(states.Card("doubt", tr("Please note"), "\n".join(notes), [
                states.button(tr("Close"), lambda: self.tell(None), "close_card")], "card_notes"))

    def _written(self, table: str) -> None:
        if self.isVisible() and not self._closed:
            self.newest.refresh()

    def arrive(self, report: bool = False, **hint: Any) -> None:
        if report:
            self.reporter.start()
            self.ensureWidgetVisible(self.reporter)

    def busy(self, at_work: bool) -> None:
        for one in (self.concern, self.bring, self.new):
            one.setEnabled(not at_work)

    def attend(self, reporting: bool) -> None:
        """Show nothing but the report while one is made."""
        for one in (self.intro, self.actions, self.list_fold, self.layers_fold):
            one.setVisible(not reporting)

    def show_layers(self) -> None:
        """Unfold the layers."""
        self.layers_fold.open()
        self.ensureWidgetVisible(self.layers_fold)

    def make_new(self) -> None:
        """Show the layers for input of the case file on the map, or offer a case file."""
        from ..analysis.community import inputs
        from .communityreport import no_case

        session = self.session
        if not session.case or (session.health is not None and not session.health.community):
            self.tell(no_case(session, tr("The layers for what residents say are part of a case file.")))
            return
        tables = {inputs.POINT_TABLE, inputs.AREA_TABLE}
        session.case_layers.add(lambda found: self._made(tables <= set(found)), tables)

    def _made(self, well: bool) -> None:
        session = self.session
        if well:
            self.tell(states.Card("good", tr("Ready for what residents say"), tr(
                "The layers for places and for areas are on the map, with their form."), [
                    states.button(tr("Report a concern"), self.reporter.start, "first_report"),
                    states.button(tr("Close"), lambda: self.tell(None), "close_card")], "card_new"))
        else:
            self.tell_problem(session.health.text if session.health else tr("The case file cannot be read."))

    def close_down(self) -> None:
        super().close_down()
        self.session.dataChanged.disconnect(self._written)
        self.reporter.close_down()
