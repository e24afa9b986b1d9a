"""The register on the map: its layers, and a row and its place that are selected together."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QObject

from ..analysis.problems import register as r
from ..translation import tr
from . import states


class RegisterMap(QObject):
    """Keeps the map and the list of a page together; layers are known by their ids only."""

    def __init__(self, page: Any) -> None:
        super().__init__(page)
        self.page, self.session = page, page.session
        self._heard: set = set()
        self._quiet = False

    # --- layers --------------------------------------------------------------------------------
    def layers(self) -> dict:
        """Return the ids of the project's layers that show the case file, by table."""
        from . import caselayers

        return caselayers.loaded(self.session.case) if self.session.case else {}

    def show_layers(self) -> None:
        """Add the layers of the case file to the map, and go there."""
        self.session.case_layers.add(self._shown)

    def _shown(self, found: dict) -> None:
        if not found:
            self.page.tell_problem(tr("The layers of the case file could not be opened."), again=self.show_layers)
            return
        self.listen()
        self.follow(self.page.key or self.page.list.current(), wide=True)
        self.page.tell(states.Card("good", tr("The register is on the map"), tr(
            "Select a problem here and the map goes to its places; select a place there and its problem is selected"
            " here."), [states.button(tr("Close"), lambda: self.page.tell(None), "close_card")], "card_on_map"))

    def listen(self) -> None:
        """Hear of places that are selected on the map."""
        id = self.layers().get(r.PLACES, "")
        layer = self.session.layer(id)
        if isinstance(layer, QgsVectorLayer) and id not in self._heard:
            layer.selectionChanged.connect(self._selected)
            layer.afterCommitChanges.connect(self._committed)
            self._heard.add(id)
        self._heard &= set(QgsProject.instance().mapLayers())

    def _places(self) -> Any:
        return self.session.layer(self.layers().get(r.PLACES, ""))

    def _selected(self, *_: Any) -> None:
        layer = self._places()
        if self._quiet or layer is None or self.page.register is None:
            return
        rows = layer.selectedFeatureIds()
        keys = {self.page.register.places.get(row, "") for row in rows} - {""}
        if len(keys) == 1:
            self.page.picked_on_map(keys.pop())

    def _committed(self) -> None:
        self.session.dataChanged.emit(r.PLACES)

    # --- going there ---------------------------------------------------------------------------
    def follow(self, key: str, wide: bool = False) -> None:
        """Go to the places of a problem and let them flash, where the register is on the map; ``wide``: else to all."""
        if self._places() is None or not (key or wide):
            return

        def read(path: str) -> tuple:
            from ..layers import casestore

            rows = casestore.rows(path, r.PLACES, [r.PROBLEM_ID], {r.PROBLEM_ID: key} if key else None, shapes=True)
            return casestore.crs_of(path, r.PLACES), [row for row in rows if row[casestore.GEOMETRY] is not None]

        self.page.work(tr("Looking for the places"), read, lambda found: self._go(key, *found))

    def _go(self, key: str, crs: Any, rows: list) -> None:
        from qgis.core import QgsRectangle

        layer = self._places()
        box, shapes = QgsRectangle(), [row["geometry"] for row in rows]
        for shape in shapes:
            box.combineExtentWith(shape.boundingBox())
        if layer is None or not shapes:
            return
        self.session.zoom_to(box, crs)
        if not key:
            return
        self._quiet = True
        layer.selectByIds([row["fid"] for row in rows])
        self._quiet = False
        canvas = self.session.iface.mapCanvas() if self.session.iface else None
        if canvas is not None:
            canvas.flashGeometries(shapes, crs)

    def can_open_form(self) -> bool:
        """Whether the table of problems is in the project."""
        return self.session.iface is not None and r.PROBLEMS in self.layers()

    def open_form(self, row: int) -> None:
        """Open the form of the layer for a problem."""
        from qgis.core import QgsFeatureRequest

        layer = self.session.layer(self.layers().get(r.PROBLEMS, ""))
        if layer is None:
            return
        feature = next(layer.getFeatures(QgsFeatureRequest(row)), None)
        if feature is None:
            return
        self.session.iface.openFeatureForm(layer, feature, False, False)
        self.page.tell(states.Card("calm", tr("The full form is open"), tr(
            "To change something there, switch on editing of the layer 'Problems' and save it afterwards. While it is"
            " being edited, the dock may have to wait."), [
                states.button(tr("Read again"), self.page.refresh, "read_again", "/mActionRefresh.svg"),
                states.button(tr("Close"), lambda: self.page.tell(None), "close_card")], "card_full_form"))

    def close_down(self) -> None:
        """Hear of nothing any more."""
        for id in self._heard:
            layer = self.session.layer(id)
            if layer is not None:
                layer.selectionChanged.disconnect(self._selected)
                layer.afterCommitChanges.disconnect(self._committed)
        self._heard = set()
