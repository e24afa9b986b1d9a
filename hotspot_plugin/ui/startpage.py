"""Start: practice data, the user's incidents, or a case file; and the first map of hot spots."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import QgsMapLayerProxyModel, QgsProject
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import QStandardPaths
from qgis.PyQt.QtWidgets import QHBoxLayout

from ..translation import tr
from . import states
from .casebar import KINDS, open_case
from .page import Page


class StartPage(Page):
    """The first page of the dock."""

    NAME = "start"

    def title(self) -> str:
        return tr("Welcome to Crime Hotspots")

    def words(self) -> str:
        return tr("Find where crime concentrates, hear what residents say, decide together, and see whether it worked.")

    def build(self) -> None:
        button, card = states.button, states.Card
        self.practice = button(tr("Open practice data"), self.open_practice, "open_practice", "/mActionAddLayer.svg",
                               tr("Makes a small town that does not exist, with two years of incidents"), primary=True)
        self.body.addWidget(card("calm", tr("Practise on a made-up town"), tr(
            "Two years of incidents, what residents said, and a measure that was taken. Nothing in it is real, so you"
            " can try everything."), [self.practice], "card_practice"))
        self.incidents = QgsMapLayerComboBox()
        self.incidents.setObjectName("incidents")
        self.incidents.setFilters(QgsMapLayerProxyModel.Filter.PointLayer)
        self.incidents.setAllowEmptyLayer(True)
        self.incidents.setAccessibleName(tr("Layer with your incidents"))
        self.incidents.setMinimumContentsLength(8)
        self.incidents.layerChanged.connect(self._chosen)
        self.find = button(tr("Find hot spots"), self.find_hotspots, "find_hotspots", "/mActionIdentify.svg", tr(
            "Where incidents concentrate more than chance would make"))
        more = button(tr("Add a file…"), self.add_file, "add_file", "/mActionFileOpen.svg")
        mine = card("quiet", tr("Your incidents"), tr("Choose the layer in which each point is one incident."),
                    [self.find, more], "card_incidents")
        row = QHBoxLayout()
        row.addWidget(self.incidents)
        mine.body.insertLayout(2, row)
        self.body.addWidget(mine)
        self.new = button(tr("Make a case file…"), self.make_case, "make_case", "/mActionFileNew.svg")
        opened = button(tr("Open a case file…"), lambda: open_case(self.session), "open_case", "/mActionFileOpen.svg")
        self.case = card("quiet", tr("The case file"), "", [self.new, opened], "card_case")
        self.body.addWidget(self.case)

    def refresh(self) -> None:
        self._chosen()
        session = self.session
        if not session.case:
            text = tr("One file that keeps what residents say, the problems you work on, and who does what by when.")
        elif session.health is None:
            text = tr("Looking at it…")
        else:
            text = " ".join([Path(session.case).name, session.health.text, *session.health.warnings]).strip()
        self.case.set_text(tr("The case file"), text)

    def busy(self, at_work: bool) -> None:
        for one in (self.practice, self.find, self.new):
            one.setEnabled(not at_work)
        if not at_work:
            self._chosen()

    def arrive(self, make_case: bool = False, add_layers: bool = False, **hint: Any) -> None:
        if make_case:
            self.make_case()
        if add_layers:
            self.add_layers()

    # --- practice data -------------------------------------------------------------------------
    def open_practice(self) -> None:
        """Make the practice town, and a case file for it."""
        folder = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
        folder = folder / tr("Crime Hotspots practice")
        number = 1
        while (folder / f"practice-{number}.gpkg").exists():
            number += 1
        folder.mkdir(parents=True, exist_ok=True)
        town = folder / f"practice-{number}.gpkg"
        self.run_tool("practicecity", {"SIZE": 1, "DIRTY": False, "LOAD": True, "OUTPUT": str(town)},
                      lambda outcome: self._practice_made(town, outcome), tr("Making the practice town…"))

    def _practice_made(self, town: Path, outcome: Any) -> None:
        layer = self.session.layer(outcome.layers.get("INCIDENTS_LAYER", "")) or next(
            (one for one in self.session.vector_layers() if "layername=incidents" in one.source()
             and str(town) in one.source()), None)
        if layer is not None:
            self.incidents.setLayer(layer)
            self.session.zoom_to(layer.extent(), layer.crs())
        case = town.with_name(f"{town.stem}-case.gpkg")
        self.run_tool("casefile", {"INPUT": f"{town}|layername=beats", "OUTPUT": str(case)},
                      lambda made: self._case_made(str(case)), tr("Making its case file…"))

    def _case_made(self, path: str) -> None:
        self.session.use_case(path)
        self.tell(states.Card("good", tr("Ready to practise"), tr(
            "The town is on the map. Press 'Find hot spots' to see where its incidents concentrate.")))

    # --- the user's data -----------------------------------------------------------------------
    def add_file(self) -> None:
        """Add a layer of incidents from a file."""
        path = self.session.ask_open(tr("Open incidents"), tr(
            "Incidents (*.gpkg *.shp *.geojson *.csv);;All files (*)"))
        if path and self.session.iface:
            layer = self.session.iface.addVectorLayer(path, Path(path).stem, "ogr")
            if layer is not None:
                self.incidents.setLayer(layer)

    def _chosen(self, *_: Any) -> None:
        self.find.setEnabled(self.incidents.currentLayer() is not None and not self.is_busy())

    def find_hotspots(self) -> None:
        """Run the tool on the layer that is chosen."""
        layer = self.incidents.currentLayer()
        if layer is not None:
            self.run_tool("findhotspots", {"INPUT": layer.id()}, self._hotspots_found,
                          tr("Looking for hot spots…"))

    def _hotspots_found(self, outcome: Any) -> None:
        self.tell(states.Card("good", tr("Hot spots"), outcome.summary))

    # --- the case file -------------------------------------------------------------------------
    def make_case(self) -> None:
        """Make a case file where the user wants it."""
        path = self.session.ask_save(tr("Make a case file"), KINDS, tr("case file") + ".gpkg")
        if path:
            path = path if path.lower().endswith(".gpkg") else path + ".gpkg"
            crs = QgsProject.instance().crs()
            self.run_tool("casefile", {"CRS": crs if crs.isValid() else None, "OUTPUT": path},
                          lambda outcome: self._case_made(path), tr("Making the case file…"))

    def add_layers(self) -> None:
        """Add the layers of the case file to the map."""
