"""A place for a form of the register: clicked or drawn on the map, or features that are selected there."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsMapLayer, QgsVectorLayer, QgsWkbTypes
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QLabel, QVBoxLayout, QWidget

from ..translation import tr
from . import caselayers, maptools, states, theme
from .flow import FlowLayout

#: Selected features that become the places of one problem at most.
MOST = 50
NONE, DRAWN = "", "drawn"
_NAMES = ("name", "place", "place_name", "zone_id", "address")


class Picker(QWidget):
    """Where it is: nowhere, a place on the map, or what is selected in a layer.

    Parameters
    ----------
    session : Session
    point : bool
        A point, else an area; only areas can be taken from selected features.
    """

    changed = pyqtSignal()

    def __init__(self, session: Any, point: bool = False) -> None:
        super().__init__()
        self.session, self.point = session, point
        self.shape: QgsGeometry | None = None
        self.crs: Any = None
        self._tool: Any = None
        self._band: Any = None
        self._heard: list = []
        gap = theme.unit(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(max(2, gap // 2))
        title = QLabel(tr("W&here is it?"))
        self.where = QComboBox()
        self.where.setObjectName("where")
        self.where.setAccessibleName(tr("Where is it?"))
        self.where.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.where.setMinimumContentsLength(8)
        title.setBuddy(self.where)
        self.news = states.label("", "where_news")
        flow = FlowLayout(spacing=gap)
        self.draw = states.button(tr("&Click on the map") if point else tr("&Draw it on the map"), self.begin,
                                  "draw_place", "/mActionAddMarker.svg" if point else "/mActionAddPolygon.svg")
        self.finish = states.button(tr("Done drawing"), self._finish, "finish_drawing", "/mIconSuccess.svg")
        for one in (self.draw, self.finish):
            flow.addWidget(one)
        for one in (title, self.where):
            column.addWidget(one)
        column.addLayout(flow)
        column.addWidget(self.news)
        self.fill()
        self.where.currentIndexChanged.connect(self._chosen)
        self._chosen()

    # --- choices -------------------------------------------------------------------------------
    def fill(self) -> None:
        """Offer what can be taken now; what was chosen stays chosen."""
        chosen = self.where.currentData()
        self.where.blockSignals(True)
        self.where.clear()
        self.where.addItem(tr("Without a place"), NONE)
        if self.canvas is not None:
            self.where.addItem(tr("A place on the map") if self.point else tr("An area drawn on the map"), DRAWN)
        for layer in [] if self.point else self._layers():
            self._hear(layer)
            if layer.selectedFeatureCount():
                self.where.addItem(tr("{n} selected of '{layer}'").format(
                    n=layer.selectedFeatureCount(), layer=layer.name()), layer.id())
        index = self.where.findData(chosen) if chosen else (self.where.count() - 1 if self.where.count() > 2 else 0)
        self.where.setCurrentIndex(max(0, index))
        self.where.blockSignals(False)

    def _layers(self) -> list:
        own = set(caselayers.loaded(self.session.case).values())
        return [layer for layer in self.session.vector_layers(QgsWkbTypes.GeometryType.PolygonGeometry)
                if layer.id() not in own]

    def _hear(self, layer: QgsVectorLayer) -> None:
        if layer.id() not in self._heard:
            layer.selectionChanged.connect(self._selection)
            self._heard.append(layer.id())

    def _selection(self, *_: Any) -> None:
        self.fill()
        self._chosen()

    def _chosen(self, *_: Any) -> None:
        way = self.where.currentData()
        self.draw.setVisible(way == DRAWN)
        self.finish.setVisible(False)
        text = ""
        if way == DRAWN:
            text = (tr("The place is set.") if self.point else tr("The area is set.")) if self.shape is not None else ""
        elif way == NONE and not self.point:
            text = tr("Select hot spots, patrol zones or beats on the map to take their places.")
        elif way != NONE and (self._count() > MOST):
            text = tr("A problem takes {most} places at most. 'From hot spots' makes a problem of each.").format(
                most=MOST)
        self.news.setText(text)
        self.news.setVisible(bool(text))
        self._mark(self.shape if way == DRAWN else None)
        if way != DRAWN:
            self._release()
        self.changed.emit()

    def _count(self) -> int:
        layer = self.session.layer(self.where.currentData())
        return layer.selectedFeatureCount() if isinstance(layer, QgsVectorLayer) else 0

    # --- the map -------------------------------------------------------------------------------
    @property
    def canvas(self) -> Any:
        return self.session.iface.mapCanvas() if self.session.iface else None

    def begin(self) -> None:
        """Wait for a click, or for the corners of an area."""
        if self._tool is None:
            self._tool = (maptools.PointTool if self.point else maptools.AreaTool)(self.canvas)
            self._tool.chosen.connect(self.placed)
            self._tool.left.connect(self._stop)
        self._tool.take()
        self.finish.setVisible(not self.point)
        self.news.setVisible(True)
        self.news.setText(tr("Click on the map where it was. Escape stops.") if self.point else tr(
            "Click the corners on the map. Right click, double click or Enter ends, Escape stops."))

    def _finish(self) -> None:
        if self._tool is not None:
            self._tool.finish()

    def _stop(self) -> None:
        self._release()
        self._chosen()

    def placed(self, shape: QgsGeometry) -> None:
        """Take a shape in the system of the map."""
        self.shape, self.crs = QgsGeometry(shape), self.canvas.mapSettings().destinationCrs()
        self._release()
        self._chosen()

    def _release(self) -> None:
        if self._tool is not None:
            self._tool.give_back()

    def _mark(self, shape: QgsGeometry | None) -> None:
        maptools.drop_band(self._band)
        self._band = None
        if shape is not None and self.canvas is not None:
            self._band = maptools.band(self.canvas, shape.type())
            self._band.setToGeometry(shape, self.crs)

    # --- what was chosen -----------------------------------------------------------------------
    def places(self) -> tuple:
        """Return the system of the shapes, and for each place (shape, name, layer, key); few, as they are selected."""
        way = self.where.currentData()
        if way == DRAWN and self.shape is not None:
            return self.crs, [(self.shape, "", "", "")]
        layer = self.session.layer(way)
        if not isinstance(layer, QgsVectorLayer):
            return None, []
        names = [name for name in _NAMES if layer.fields().indexOf(name) >= 0]
        return layer.crs(), [(feature.geometry(), str(feature[names[0]] or "") if names else "", layer.name(),
                              str(feature.id())) for feature in layer.selectedFeatures() if feature.hasGeometry()]

    def fault(self) -> str:
        """Return why what was chosen cannot be taken, "" where it can."""
        if self.where.currentData() == DRAWN and self.shape is None:
            return tr("Nothing is drawn yet.")
        return self.news.text() if self._count() > MOST else ""

    def keeps(self) -> dict | None:
        """Return what was drawn as JSON knows it, for a form that is not finished; None where nothing was."""
        if self.shape is None or self.where.currentData() != DRAWN:
            return None
        return {"shape": self.shape.asWkt(9), "crs": self.crs.authid() or self.crs.toWkt()}

    def take_up(self, kept: dict) -> None:
        """Show again what was drawn."""
        shape = QgsGeometry.fromWkt(str(kept.get("shape") or ""))
        crs = QgsCoordinateReferenceSystem()
        crs.createFromUserInput(str(kept.get("crs") or ""))
        index = self.where.findData(DRAWN)
        if index >= 0 and not shape.isNull() and crs.isValid():
            self.shape, self.crs = shape, crs
            self.where.setCurrentIndex(index)
            self._chosen()

    def close_down(self) -> None:
        """Take everything off the map."""
        self._release()
        self._mark(None)
        if hasattr(self._tool, "let_go"):
            self._tool.let_go()
        self._tool = None
        for id in self._heard:
            layer = self.session.layer(id)
            if isinstance(layer, QgsMapLayer):
                layer.selectionChanged.disconnect(self._selection)
        self._heard = []
