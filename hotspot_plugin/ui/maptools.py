"""Point at a place, or draw an area, on the map."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsWkbTypes,
)
from qgis.gui import QgsMapTool, QgsRubberBand
from qgis.PyQt.QtCore import Qt, QTimer, pyqtSignal

from ..translation import tr
from . import theme


class MapTool(QgsMapTool):
    """What both have in common: ``chosen(QgsGeometry)`` in the map's system, ``left`` where the user gave up."""

    chosen = pyqtSignal(object)
    left = pyqtSignal()

    def __init__(self, canvas: Any) -> None:
        super().__init__(canvas)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self._before: Any = None
        self._giving = False

    def take(self) -> None:
        """Begin: the map's present tool comes back afterwards."""
        canvas = self.canvas()
        if canvas.mapTool() is not self:
            self._before = canvas.mapTool()
            canvas.setMapTool(self)
        canvas.setFocus()

    def give_back(self) -> None:
        """End, and give the map back its tool."""
        canvas = self.canvas()
        if canvas is not None and canvas.mapTool() is self:
            self._giving = True
            canvas.unsetMapTool(self)
            if self._before is not None:
                canvas.setMapTool(self._before)
            self._giving = False
        self._before = None

    def deactivate(self) -> None:
        super().deactivate()
        if not self._giving:  # the user took another tool of the map
            self._before = None
            QTimer.singleShot(0, self._other)

    def _other(self) -> None:
        if not self.isActive():
            self.left.emit()

    def keyPressEvent(self, event: Any) -> None:  # noqa: N802
        if event.key() == Qt.Key.Key_Escape:
            event.accept()
            self.left.emit()
        else:
            super().keyPressEvent(event)


class PointTool(MapTool):
    """A click is a place; a finger's too."""

    def canvasReleaseEvent(self, event: Any) -> None:  # noqa: N802
        if event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(QgsGeometry.fromPointXY(QgsPointXY(event.mapPoint())))
        elif event.button() == Qt.MouseButton.RightButton:
            self.left.emit()


class AreaTool(MapTool):
    """Clicks are corners; right click, double click or Enter ends, Backspace takes the last corner back, Escape all.

    ``moved(int)`` tells how many corners there are.
    """

    moved = pyqtSignal(int)

    def __init__(self, canvas: Any) -> None:
        super().__init__(canvas)
        self.corners: list = []
        self._band = band(canvas, QgsWkbTypes.GeometryType.PolygonGeometry)

    def canvasReleaseEvent(self, event: Any) -> None:  # noqa: N802
        if event.button() == Qt.MouseButton.RightButton:
            self.finish()
        elif event.button() == Qt.MouseButton.LeftButton:
            self._add(QgsPointXY(event.mapPoint()))

    def canvasDoubleClickEvent(self, event: Any) -> None:  # noqa: N802
        self.finish()

    def canvasMoveEvent(self, event: Any) -> None:  # noqa: N802
        if self.corners:
            self._draw(QgsPointXY(event.mapPoint()))

    def keyPressEvent(self, event: Any) -> None:  # noqa: N802
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()
            self.finish()
        elif event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            event.accept()
            self.take_back()
        else:
            super().keyPressEvent(event)

    def _add(self, point: QgsPointXY) -> None:
        if not self.corners or self.corners[-1] != point:
            self.corners.append(point)
            self._draw()
            self.moved.emit(len(self.corners))

    def go_on(self, corners: list) -> None:
        """Go on with an area that another tool began."""
        if corners:
            self.corners = list(corners)
            self._draw()
            self.moved.emit(len(self.corners))

    def take_back(self) -> None:
        """Take the last corner back; without one, give up."""
        if self.corners:
            self.corners.pop()
            self._draw()
            self.moved.emit(len(self.corners))
        else:
            self.left.emit()

    def finish(self) -> None:
        """End the drawing; fewer than three corners are no area, and the drawing goes on."""
        if len(self.corners) < 3:
            return
        shape = QgsGeometry.fromPolygonXY([[*self.corners, self.corners[0]]])
        if not shape.isGeosValid():  # lines that cross, as from a quick hand
            shape = shape.makeValid()
            parts = [p for p in shape.asGeometryCollection() if p.type() == QgsWkbTypes.GeometryType.PolygonGeometry]
            if not parts:
                return
            shape = QgsGeometry.unaryUnion(parts)
        self.clear()
        self.chosen.emit(shape)

    def clear(self) -> None:
        """Forget the corners."""
        self.corners = []
        self._draw()

    def _draw(self, ahead: QgsPointXY | None = None) -> None:
        self._band.reset(QgsWkbTypes.GeometryType.PolygonGeometry)
        points = self.corners + ([ahead] if ahead is not None else [])
        for number, point in enumerate(points, 1):
            self._band.addPoint(point, number == len(points))  # the last one shows it

    def deactivate(self) -> None:
        self.clear()
        super().deactivate()

    def let_go(self) -> None:
        """Take what was drawn off the map, for good."""
        drop_band(self._band)
        self._band = None


def unplaced(shape: QgsGeometry, crs: QgsCoordinateReferenceSystem) -> str:
    """Return why a place of the map is none on the ground, with what to do; "" where it is one."""
    if not crs.isValid():
        return tr("The map has no coordinate system, so nobody knows where this is. Set it at the bottom right of QGIS,"
                  " or add a layer that has one; then show the place again.")
    world = QgsCoordinateReferenceSystem("EPSG:4326")
    there = QgsCoordinateTransform(crs, world, QgsProject.instance())
    if not there.isValid():  # a system of its own: it cannot be told
        return ""
    again = QgsCoordinateTransform(world, crs, QgsProject.instance())
    box = shape.boundingBox()
    well = True
    try:
        for corner in ((box.xMinimum(), box.yMinimum()), (box.xMaximum(), box.yMaximum())):
            place = there.transform(QgsPointXY(*corner))
            back = again.transform(place)
            off = max(abs(back.x() - corner[0]), abs(back.y() - corner[1]))
            well = well and abs(place.x()) <= 360 and abs(place.y()) <= 90 and off <= (
                0.001 if crs.isGeographic() else 100.0)
    except QgsCsException:
        well = False
    if not well:
        return tr("This place lies outside of the world. Zoom to where your data are, then show the place again.")
    return ""


def band(canvas: Any, kind: Any) -> QgsRubberBand:
    """Return a drawing over the map in the colour of a report."""
    out = QgsRubberBand(canvas, kind)
    line, fill = theme.colour("problem"), theme.colour("problem")
    fill.setAlpha(50)
    out.setStrokeColor(line)
    out.setFillColor(fill)
    out.setWidth(max(2, theme.unit(canvas) // 4))
    out.setIcon(QgsRubberBand.IconType.ICON_CIRCLE)
    out.setIconSize(2 * theme.unit(canvas))
    return out


def drop_band(drawn: QgsRubberBand | None) -> None:
    """Take a drawing off the map."""
    if drawn is not None and drawn.scene() is not None:
        drawn.scene().removeItem(drawn)
