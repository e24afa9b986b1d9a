"""Start: practice data, the user's incidents, or a case file; and the first map of hot spots."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import QgsMapLayerProxyModel, QgsProject, QgsWkbTypes
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtWidgets import QWidget

from ..translation import tr
from . import caselayers, practice, states
from .casebar import KINDS, open_case
from .page import Page
from .runner import TEMPORARY

#: Ends of files that hold tables rather than layers: exports of a records system.
_TABLES = (".csv", ".tsv", ".tab", ".txt", ".csv.gz", ".csv.zip", ".xlsx", ".xls", ".ods")
#: A tool that reads text tables by their path takes these.
_TEXTS = (".csv", ".tsv", ".tab", ".txt", ".gz", ".zip")


class StartPage(Page):
    """The first page of the dock. Its cards change places: what is next stands on top."""

    NAME = "start"

    def title(self) -> str:
        return tr("Welcome to Crime Hotspots")

    def words(self) -> str:
        return tr("Find where crime concentrates, hear what residents say, decide together, and see whether it worked.")

    # --- parts ---------------------------------------------------------------------------------
    def build(self) -> None:
        self._filling = False
        self.cards = {"practice": self._practice_card(), "incidents": self._incidents_card(), "case": self._case_card()}
        for card in self.cards.values():
            self.body.addWidget(card)

    def _practice_card(self) -> states.Card:
        self.practice = states.button(
            tr("Open practice data"), self.open_practice, "open_practice", "/mActionAddLayer.svg",
            tr("Makes a small town that does not exist, with two years of incidents"), primary=True)
        self.place = states.button(tr("Other folder…"), self.choose_folder, "practice_folder", "/mActionFileOpen.svg",
                                   tr("Choose where practice data are written"))
        return states.Card("calm", tr("Practise on a made-up town"), "", [self.practice, self.place], "card_practice")

    def _incidents_card(self) -> states.Card:
        self.incidents = QgsMapLayerComboBox()
        self.incidents.setObjectName("incidents")
        self.incidents.setFilters(QgsMapLayerProxyModel.Filter.PointLayer)
        self.incidents.setAllowEmptyLayer(True, tr("Choose a layer…"))
        self.incidents.setCurrentIndex(0)
        self.incidents.setAccessibleName(tr("Layer with your incidents"))
        self.incidents.setMinimumContentsLength(8)
        self.incidents.layerChanged.connect(self._chosen)
        self.find = states.button(tr("Find hot spots"), self.find_hotspots, "find_hotspots", "/mActionIdentify.svg", tr(
            "Where incidents concentrate more than chance would make"))
        more = states.button(tr("Add a file…"), self.add_file, "add_file", "/mActionFileOpen.svg", tr(
            "A map layer, or an export of your records system such as a CSV file"))
        card = states.Card("quiet", tr("Your incidents"), tr("Choose the layer in which each point is one incident."),
                           [self.find, more], "card_incidents")
        card.body.insertWidget(2, self.incidents)
        return card

    def _case_card(self) -> states.Card:
        self.new = states.button(tr("Make a case file…"), self.make_case, "make_case", "/mActionFileNew.svg")
        self.opened = states.button(tr("Open a case file…"), lambda: open_case(self.session), "open_case",
                                    "/mActionFileOpen.svg")
        self.seen = states.button("", self._use_seen, "use_case", "/mIconDbSchema.svg")
        self.shown = states.button(tr("Add its layers to the map"), self.add_layers, "add_layers",
                                   "/mActionAddOgrLayer.svg")
        return states.Card("quiet", tr("The case file"), "", [self.seen, self.shown, self.new, self.opened],
                           "card_case")

    # --- what is there now ---------------------------------------------------------------------
    def refresh(self) -> None:
        self._fill_incidents()
        self._show_case()
        self._show_practice()
        any_points = self.incidents.count() > 1
        order = ["incidents", "case", "practice"] if any_points else ["practice", "incidents", "case"]
        if [self.body.itemAt(k).widget() for k in range(self.body.count())] != [self.cards[name] for name in order]:
            for name in order:
                self.body.removeWidget(self.cards[name])
                self.body.addWidget(self.cards[name])
            _tab_through([one for name in order for one in self._stops(name)])
        self.intro.setVisible(not any_points)  # whoever has begun knows
        _emphasise(self.find, any_points)
        _emphasise(self.practice, not any_points)

    def _stops(self, name: str) -> list:
        return {"practice": [self.practice, self.place],
                "incidents": [self.incidents, self.find, self.findChild(QWidget, "add_file")],
                "case": [self.seen, self.shown, self.new, self.opened]}[name]

    def _show_practice(self) -> None:
        place = tr("It goes into the folder {folder}.").format(folder=practice.folder(self.session))
        words = tr("Two years of incidents, what residents said, and a measure that was taken. Nothing in it is real,"
                   " so you can try everything.")
        empty = not QgsProject.instance().mapLayers()
        self.cards["practice"].set_text(tr("Practise on a made-up town"), f"{words} {place}" if empty else place)

    def _show_case(self) -> None:
        session = self.session
        other = self._case_on_map()
        if not session.case:
            text = tr("One file that keeps what residents say, the problems you work on, and who does what by when.")
        elif session.health is None:
            text = tr("Looking at {file}…").format(file=Path(session.case).name)
        else:
            text = " ".join([session.health.text or Path(session.case).name, *session.health.warnings])
        self.cards["case"].set_text(tr("The case file"), text)
        self.seen.setVisible(bool(other))
        self.seen.setText(tr("Use {file}").format(file=Path(other).name))
        self.seen.setToolTip(tr("The map shows this case file"))
        self.shown.setVisible(session.case_works and not caselayers.loaded(session.case))
        self.new.setVisible(not session.case_works)

    def _case_on_map(self) -> str:
        """Return the case file whose layers the map shows while the project uses none."""
        if self.session.case:
            return ""
        for layer in QgsProject.instance().mapLayers().values():
            if caselayers.table_of(layer) in ("problems", "input_points", "input_areas"):
                return layer.source().partition("|")[0]
        return ""

    def _fill_incidents(self) -> None:
        """Offer the point layers but those of the case file; choose what was chosen before, or the only one."""
        self._filling = True
        session = self.session
        ours = caselayers.loaded(session.case).values() if session.case else []
        broken = [layer for layer in QgsProject.instance().mapLayers().values() if not layer.isValid()]
        self.incidents.setExceptedLayerList(
            [*(layer for layer in map(session.layer, ours) if layer is not None), *broken])
        if self.incidents.currentLayer() is None:
            kept = session.layer(str(session.recall("incidents", "")))
            if kept is None and self.incidents.count() == 2:
                kept = self.incidents.layer(1)
            if kept is not None:
                self.incidents.setLayer(kept)
        self._filling = False
        text = tr("Choose the layer in which each point is one incident.")
        if broken and self.incidents.count() == 1:
            text += " " + tr("QGIS cannot open '{layer}' of this project: see that its file is where it was.").format(
                layer=broken[0].name())
        self.cards["incidents"].set_text(tr("Your incidents"), text)
        self.cards["incidents"].text.setVisible(self.incidents.currentLayer() is None)
        self._able()

    def busy(self, at_work: bool) -> None:
        for one in (self.practice, self.place, self.new, self.shown):
            one.setEnabled(not at_work)
        self._able()

    def _able(self) -> None:
        self.find.setEnabled(self.incidents.currentLayer() is not None and not self.is_busy())

    def arrive(self, make_case: bool = False, add_layers: bool = False, **hint: Any) -> None:
        if make_case:
            self.make_case()
        if add_layers:
            self.add_layers()

    # --- practice data -------------------------------------------------------------------------
    def choose_folder(self) -> None:
        """Ask where practice data go."""
        chosen = self.session.ask_folder(tr("Folder for practice data"))
        if chosen:
            self.session.set_setting(practice.SETTING, chosen)
            self.tell(None)
            self.refresh()

    def open_practice(self) -> None:
        """Make the practice town, and a case file for it."""
        folder = practice.folder(self.session)
        try:
            town = practice.new_place(folder)
        except OSError as error:
            self.tell(states.Card("problem", tr("The folder cannot be written"), tr(
                "{folder}: {error}. Choose a folder that you may write to.").format(
                    folder=folder, error=error.strerror or error),
                [states.button(tr("Choose a folder…"), self.choose_folder, "choose_folder", "/mActionFileOpen.svg"),
                 states.button(tr("Close"), lambda: self.tell(None), "close_card")]))
            return
        self.run_tool("practicecity", {"SIZE": 1, "DIRTY": False, "LOAD": True, "OUTPUT": str(town)},
                      lambda outcome: self._practice_made(town), tr("Making the practice town…"))

    def _practice_made(self, town: Path) -> None:
        self._choose(practice.arrange(town), zoom=True)
        case = town.with_name(f"{town.stem}-case.gpkg")
        self.run_tool("casefile", {"INPUT": f"{town}|layername=beats", "NAME_FIELD": "name", "OUTPUT": str(case)},
                      lambda outcome: self._practice_ready(str(case)), tr("Making its case file…"),
                      self._practice_without)

    def _practice_without(self, outcome: Any) -> None:
        """Say what is there where the user stopped half way."""
        if outcome.state == "cancelled":
            self.tell(states.Card("quiet", tr("Stopped"), tr(
                "The town is on the map; it has no case file yet. Find its hot spots, or make a case file below."),
                [states.button(tr("Find hot spots"), self.find_hotspots, "find_hotspots_now", "/mActionIdentify.svg"),
                 states.button(tr("Close"), lambda: self.tell(None), "close_card")]))

    def _practice_ready(self, case: str) -> None:
        self.session.use_case(case)
        self.tell(states.Card("good", tr("Ready to practise"), tr(
            "The town is on the map, with a case file for what you will write down. Next: find its hot spots."), [
                states.button(tr("Find hot spots"), self.find_hotspots, "find_hotspots_now", "/mActionIdentify.svg",
                              primary=True)]))
        self.refresh()

    # --- the user's data -----------------------------------------------------------------------
    def add_file(self) -> None:
        """Add a layer of incidents from a file; a table is cleaned up first."""
        path = self.session.ask_open(tr("Open incidents"), tr(
            "Incidents (*.gpkg *.shp *.geojson *.json *.fgb *.csv *.tsv *.tab *.txt *.gz *.zip *.xlsx *.xls *.ods)"
            ";;All files (*)"))
        if not path:
            return
        if path.lower().endswith(_TABLES):
            self._offer_table(path)
        elif self.session.iface:
            layer = self.session.iface.addVectorLayer(path, Path(path).stem, "ogr")
            if layer is None or not layer.isValid():
                self.tell_problem(tr("QGIS cannot open '{file}' as a layer. Is it the right file?").format(
                    file=Path(path).name), again=self.add_file)
            elif layer.geometryType() != QgsWkbTypes.GeometryType.PointGeometry:
                self.tell(states.Card("doubt", tr("No points"), tr(
                    "'{layer}' is on the map, but each incident must be a point, and it has none: choose another file."
                    " A table with coordinates can be cleaned up.").format(layer=layer.name()), [
                        states.button(tr("Add a file…"), self.add_file, "add_another", "/mActionFileOpen.svg"),
                        states.button(tr("Close"), lambda: self.tell(None), "close_card")], "card_no_points"))
            else:
                self._choose(layer.id(), zoom=True)

    def _offer_table(self, path: str) -> None:
        given = {"INPUT_FILE" if path.lower().endswith(_TEXTS) else "INPUT": path}

        def settings() -> Any:
            return states.button(tr("Look at the settings…"), lambda: self.session.show_tool(
                "prepareincidents", given), "clean_up_settings", "/mActionOptions.svg")

        def refused(outcome: Any) -> None:
            from .communityservices import unreadable

            text = unreadable(path, outcome)
            if text:
                self.tell_problem(text, again=self.add_file)
                return
            card = self.news.itemAt(0).widget() if self.news.count() else None
            if outcome.state == "failed" and card is not None:  # what it asks for is given there
                card.buttons.addWidget(settings())

        def prepare() -> None:
            self.run_tool("prepareincidents", given, self._prepared, tr("Cleaning up the export…"), refused)

        self.tell(states.Card("calm", tr("This is a table"), tr(
            "'{file}' will be cleaned up first: the columns with place, time and type of crime are found, faulty places"
            " are put aside, and every row is accounted for.").format(file=Path(path).name), [
                states.button(tr("Clean it up"), prepare, "clean_up", "/mActionStart.svg", primary=True),
                settings(),
                states.button(tr("Cancel"), lambda: self.tell(None), "close_card")]))

    def _prepared(self, outcome: Any) -> None:
        self._choose(outcome.layers.get("OUTPUT", ""), zoom=True)
        self.tell(states.Card("good", tr("Your incidents are ready"), _with_doubts(outcome), [
            states.button(tr("Find hot spots"), self.find_hotspots, "find_hotspots_now", "/mActionIdentify.svg",
                          primary=True), states.repeat_button(outcome)]))

    def _choose(self, id: str, zoom: bool = False) -> None:
        layer = self.session.layer(id)
        if layer is not None:
            self._fill_incidents()
            self.incidents.setLayer(layer)
            if zoom:
                self.session.zoom_to(layer.extent(), layer.crs())

    def _chosen(self, layer: Any = None) -> None:
        if not self._filling and layer is not None:
            self.session.remember("incidents", layer.id())
        self._able()

    # --- hot spots -----------------------------------------------------------------------------
    def find_hotspots(self) -> None:
        """Run the tool on the layer that is chosen."""
        layer = self.incidents.currentLayer()
        if layer is not None:
            self.run_tool("findhotspots", {
                "INPUT": layer.id(), "HOTSPOTS": TEMPORARY, "REPORT": self.session.place(tr("hot spots"), ".html")},
                self._hotspots_found, tr("Looking for hot spots…"), self._not_found)
        else:
            self.incidents.setFocus()

    def _not_found(self, outcome: Any) -> None:
        """Say that the file of the incidents has gone, where it has; QGIS reads no incident then."""
        from .compareread import lost

        text = lost(self.incidents.currentLayer())
        if outcome.state == "failed" and text:
            self.tell_problem(text, again=self.find_hotspots)

    def _hotspots_found(self, outcome: Any) -> None:
        session, spots = self.session, outcome.layers.get("HOTSPOTS", "")
        incidents = self.incidents.currentLayer()
        hint = {"areas": spots, "incidents": incidents.id() if incidents is not None else ""}
        report = str(outcome.results.get("REPORT") or "")
        button, buttons = states.button, []
        if report:
            buttons.append(button(tr("Show the report"), lambda: session.show_file(report), "show_report",
                                  "/mActionOpenTable.svg", primary=True))
        buttons.append(button(tr("Zoom to them"), lambda: self._zoom(spots), "zoom_hotspots",
                              "/mActionZoomToLayer.svg"))
        buttons.append(button(tr("Compare before and after"), lambda: session.go("compare", **hint), "next_compare",
                              "/mActionArrowRight.svg"))
        buttons.append(button(tr("Take over as problems"), lambda: session.go("problems", **hint), "next_problems",
                              "/mActionArrowRight.svg"))
        buttons.append(states.repeat_button(outcome))
        self.tell(states.Card("good", tr("Where incidents concentrate"), _with_doubts(outcome), buttons,
                              "card_hotspots"))

    def _zoom(self, id: str) -> None:
        layer = self.session.layer(id)
        if layer is None:
            self.tell_problem(tr("The layer of hot spots was taken off the map."), again=self.find_hotspots)
        else:
            self.session.zoom_to(layer.extent(), layer.crs())

    # --- the case file -------------------------------------------------------------------------
    def make_case(self) -> None:
        """Make a case file where the user wants it."""
        path = self.session.ask_save(tr("Make a case file"), KINDS, tr("case file") + ".gpkg")
        if path:
            path = path if path.lower().endswith(".gpkg") else path + ".gpkg"
            crs = QgsProject.instance().crs()
            self.run_tool("casefile", {"CRS": crs if crs.isValid() else None, "OUTPUT": path},
                          lambda outcome: self._case_made(path, outcome), tr("Making the case file…"))

    def _case_made(self, path: str, outcome: Any) -> None:
        self.session.use_case(path)
        self.tell(states.Card("good", tr("The case file is ready"), outcome.summary, [
            states.button(tr("Write down what a resident says"), lambda: self.session.go("community", report=True),
                          "next_report", "/mActionAddMarker.svg"),
            states.button(tr("Close"), lambda: self.tell(None), "close_card")]))

    def _use_seen(self) -> None:
        path = self._case_on_map()
        if path:
            self.session.use_case(path)

    def add_layers(self) -> None:
        """Add the layers of the case file to the map."""
        if self.session.case:
            self.session.case_layers.add(self._layers_added)

    def _layers_added(self, found: dict) -> None:
        if not found:
            self.tell_problem(tr("The layers of '{file}' cannot be opened.").format(
                file=Path(self.session.case).name), again=self.add_layers)
        self.refresh()


def _with_doubts(outcome: Any) -> str:
    """Return the sentence of a run with its first doubts."""
    doubts = [text.strip() for text in outcome.warnings if text.strip()]
    lines = [outcome.summary, *(f"• {text}" for text in doubts[:3])]
    if len(doubts) > 3:
        lines.append(tr("… and {count} more, in the report.").format(count=len(doubts) - 3))
    return "\n".join(line for line in lines if line)


def _tab_through(widgets: list) -> None:
    for one, after in zip(widgets, widgets[1:]):
        QWidget.setTabOrder(one, after)


def _emphasise(button: Any, strong: bool) -> None:
    font = button.font()
    font.setBold(strong)
    button.setFont(font)
    button.setDefault(strong)
