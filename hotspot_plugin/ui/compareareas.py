"""Where to compare: everywhere, hot spots, any layer of areas, or areas drawn on the map; and what each of them is."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsCoordinateTransform,
    QgsCsException,
    QgsFeature,
    QgsGeometry,
    QgsMapLayerProxyModel,
    QgsProject,
    QgsVectorLayer,
    QgsVectorLayerFeatureSource,
    QgsWkbTypes,
)
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QComboBox, QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from ..compat import is_null
from ..layers import fields, provenance, styling
from ..translation import tr
from . import compareread, states, theme
from .flow import FlowLayout

#: fields that name an area, by preference
_NAMES = ["name", "cell_id", "zone_id", "rank"]
_AREAS, _MARKED = "compare_areas", "compare_marked"
#: as analysis.evaluation.design names the roles, which would bring scipy into the start of the page
TREATED, CONTROL, TREATED_DISPLACEMENT, CONTROL_DISPLACEMENT = ROLES = (
    "treated", "control", "treated_displacement", "control_displacement")
_FINDER = "hotspot:findhotspots"
#: what an area is, in the order in which clicks change it
_ORDER = (TREATED, TREATED_DISPLACEMENT, CONTROL, CONTROL_DISPLACEMENT, "")


def role_words() -> dict:
    """Return what each role is called."""
    return {
        TREATED: tr("Something was done here"), TREATED_DISPLACEMENT: tr("Next to it"),
        CONTROL: tr("Nothing was done here"), CONTROL_DISPLACEMENT: tr("Next to where nothing was done"),
        "": tr("Takes no part")}


class AreasBox(QWidget):
    """The areas of a comparison.

    ``changed`` tells that others are chosen, or that one is marked differently.
    """

    changed = pyqtSignal()

    def __init__(self, page: Any) -> None:
        super().__init__()
        self.page, self.session = page, page.session
        self._hot, self._shown = "", ""
        self._tool: Any = None
        #: features of the layer that is marked: (id, name, role, shape)
        self.marks: list = []
        self.combos: dict = {}
        self._busy = False
        #: areas that were drawn while the first one was being saved
        self._next: list = []
        self._round = 0
        gap = theme.unit(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(max(2, gap // 2))
        name = QLabel(tr("&Where"))
        self.areas = QgsMapLayerComboBox()
        self.areas.setObjectName("areas")
        self.areas.setFilters(QgsMapLayerProxyModel.Filter.PolygonLayer)
        self.areas.setAllowEmptyLayer(True, tr("Everywhere"), QIcon())
        self.areas.setAccessibleName(tr("Areas to compare"))
        self.areas.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.areas.setLayer(None)
        name.setBuddy(self.areas)
        column.addWidget(name)
        column.addWidget(self.areas)
        row = FlowLayout(spacing=gap)
        self.hot = states.button(tr("Hot spots"), self.take_hotspots, "take_hotspots", "/mActionIdentify.svg", tr(
            "Takes the hot spots that were found, or finds them"))
        self.draw = states.button(tr("Draw an area"), self.start_drawing, "draw_area", "/mActionCapturePolygon.svg", tr(
            "Click the corners on the map; a right click ends"))
        self.mark = states.button(tr("What was done where"), self.start_marking, "mark_areas",
                                  "/mActionToggleEditing.svg",
                                  tr("Say in which areas something was done, and with which to compare them"))
        for one in (self.hot, self.draw, self.mark):
            row.addWidget(one)
        column.addLayout(row)
        self.news = QVBoxLayout()
        column.addLayout(self.news)
        self.list = QWidget()
        self.list.setObjectName("marks")
        self.grid = QGridLayout(self.list)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setSpacing(max(2, gap // 2))
        self.grid.setColumnStretch(0, 2)
        self.grid.setColumnStretch(1, 3)
        column.addWidget(self.list)
        self.list.hide()
        self.areas.layerChanged.connect(self._chosen)
        self.session.ranTool.connect(self._ran)
        self.session.projectChanged.connect(self._other_project)

    # --- which -----------------------------------------------------------------------------
    def layer(self) -> Any:
        """Return the layer of areas, None for everywhere."""
        return self.areas.currentLayer()

    def choose(self, id: str) -> None:
        """Choose a layer of areas."""
        layer = self.session.layer(id)
        if layer is not None:
            self.areas.setLayer(layer)

    def marked_id(self) -> str:
        """Return the layer with roles, "" where none is chosen."""
        layer = self.layer()
        return layer.id() if layer is not None and layer.fields().indexOf(fields.ROLE) >= 0 else ""

    def chosen_by_count(self) -> bool:
        """Whether the areas say of themselves that they were chosen for their many incidents."""
        layer = self.layer()
        return layer is not None and provenance.chosen_by_count(provenance.read(layer))

    def refresh(self) -> None:
        """Bring it up to date with the project."""
        if self._shown and self.session.layer(self._shown) is None:
            # the list has gone on to another layer, which nobody has chosen
            self.areas.setLayer(None)
            self._chosen()
        self.draw.setEnabled(self.session.iface is not None)
        self.mark.setEnabled(self.layer() is not None)

    def begin_with(self, incidents: Any) -> None:
        """Choose the areas of last time; the beats that came with the incidents, as the practice town's; else none."""
        kept = self.session.recall(_AREAS)
        layer = self.session.layer(kept or "")
        if layer is None and kept is None:
            file = incidents.source().split("|")[0]
            layer = next((one for one in self.session.vector_layers(QgsWkbTypes.GeometryType.PolygonGeometry)
                          if one.source().split("|")[0] == file and one.source().endswith("layername=beats")), None)
        if layer is not None:
            self.areas.setLayer(layer)

    def remember(self) -> None:
        """Keep with the project what is chosen."""
        layer = self.layer()
        self.session.remember(_AREAS, layer.id() if layer is not None else "")

    def _chosen(self, *_: Any) -> None:
        layer = self.layer()
        self._shown = layer.id() if layer is not None else ""
        self.mark.setEnabled(layer is not None)
        self.stop_tool()
        states.clear(self.news)
        self._show_marks([])
        if layer is not None and layer.fields().indexOf(fields.ROLE) >= 0:
            self._read(layer)
        self.changed.emit()

    def _ran(self, outcome: Any) -> None:
        """Keep hot spots that were found, on whichever page."""
        if outcome.tool == _FINDER:
            self._hot = str(outcome.layers.get("HOTSPOTS") or "")

    def take_hotspots(self) -> None:
        """Take the hot spots that were found last; find them where there are none."""
        layer = self.session.layer(self._hot) or self._hotspots()
        if layer is not None:
            self.areas.setLayer(layer)
            return
        incidents = self.page.incidents.currentLayer()
        if incidents is not None:
            self.page.run_tool("findhotspots", {"INPUT": incidents.id()}, self._hotspots_found,
                               tr("Looking for hot spots…"))

    def _hotspots(self) -> Any:
        """Return the newest layer of the project that is a result of 'Find hot spots', by its own record."""
        found = [layer for layer in self.session.vector_layers(QgsWkbTypes.GeometryType.PolygonGeometry)
                 if layer.fields().indexOf("rank") >= 0 and provenance.read(layer).get("tool") == _FINDER]
        return found[0] if found else None

    def _hotspots_found(self, outcome: Any) -> None:
        layer = self.session.layer(str(outcome.layers.get("HOTSPOTS") or ""))
        if layer is not None and layer.featureCount() > 0:
            self.areas.setLayer(layer)
        else:
            self._say("calm", tr("No hot spots"), outcome.summary)

    def _say(self, mood: str, title: str, text: str, buttons: tuple = ()) -> states.Card:
        states.clear(self.news)
        card = states.Card(mood, title, text, buttons, "card_areas")
        self.news.addWidget(card)
        return card

    # --- what each is ----------------------------------------------------------------------
    def is_mine(self, layer: Any) -> bool:
        """Whether a layer was made here: no other is ever changed."""
        return layer is not None and layer.id() == self.session.recall(_MARKED, "")

    def start_marking(self) -> None:
        """Copy the areas into a layer in which each can be marked; with one there, let clicks mark."""
        layer = self.layer()
        if layer is None or self._busy:
            return
        if self.is_mine(layer):
            self._take_point_tool()
            return
        self._busy = True
        source, crs, metadata = QgsVectorLayerFeatureSource(layer), layer.crs(), layer.metadata().clone()
        target = self.session.place(tr("areas"), ".gpkg")

        def copy(job: Any) -> tuple:
            found, without = compareread.read_areas(source, _NAMES)
            known = [(name, role.strip().lower(), shape) for name, role, shape in found or ()]
            if found:
                compareread.write_areas(target, crs, [
                    (name, role if role in ROLES else "", shape) for name, role, shape in known])
            strange = sorted({role for _, role, _ in known} - {*ROLES, ""})
            return -1 if found is None else len(found), without, strange

        self.session.jobs.start(tr("Reading the areas"), copy,
                                self._of_now(lambda found: self._copied(target, found, metadata)),
                                self._of_now(self._not_copied))

    def _of_now(self, function: Any) -> Any:
        """Return a function that does nothing once there is another project."""
        begun = self._round
        return lambda result: function(result) if begun == self._round else None

    def _not_copied(self, text: str) -> None:
        self._busy, self._next = False, []
        self._say("problem", tr("The areas could not be read"), text)

    def _copied(self, target: str, found: tuple, metadata: Any) -> None:
        self._busy = False
        count, without, strange = found
        if count < 1:
            self._say("doubt", *((tr("No areas"), tr("This layer has no area in it.")) if count == 0 else (
                tr("Too many areas"), tr("Only up to {most} areas can be marked one by one. Choose a layer with fewer,"
                                         " or draw yours on the map.").format(most=compareread.MOST_AREAS))))
            return
        layer = self._add(target, metadata)
        if layer is not None:
            self._take_point_tool()
            lines = []
            if strange:
                lines.append(tr("What these areas were marked as is not known here and was left out: {roles}. Mark"
                                " them below.").format(roles=", ".join(f"'{role}'" for role in strange[:5])))
            if without:
                lines.append(tr("Areas without a shape, left out: {count}.").format(count=without))
            if lines:
                self.news.insertWidget(0, states.Card("doubt", "", "\n".join(lines), name="card_left_out"))

    def _add(self, path: str, metadata: Any = None) -> Any:
        layer = QgsVectorLayer(f"{path}|layername=areas", tr("Areas to compare"), "ogr")
        if not layer.isValid():
            self._say("problem", tr("The areas could not be read"), path)
            return None
        if metadata is not None:  # how they were chosen must not get lost
            layer.setMetadata(metadata)
        words = role_words()
        styling.patterns(tr("What was done where"), fields.ROLE, [
            (TREATED, "#b2182b", "b_diagonal", words[TREATED]),
            (TREATED_DISPLACEMENT, "#ef8a62", "dense6", words[TREATED_DISPLACEMENT]),
            (CONTROL, "#2166ac", "f_diagonal", words[CONTROL]),
            (CONTROL_DISPLACEMENT, "#67a9cf", "dense6", words[CONTROL_DISPLACEMENT])],
            (styling.OUTLINE, "no", words[""])).apply(layer)
        QgsProject.instance().addMapLayer(layer)
        self.session.remember(_MARKED, layer.id())
        self.areas.setLayer(layer)
        return layer

    def _read(self, layer: Any) -> None:
        """Read what each area is, in the background."""
        if not self.is_mine(layer):
            return
        source, id = QgsVectorLayerFeatureSource(layer), layer.id()
        self.session.jobs.start(
            tr("Reading the areas"), lambda job: [
                (feature.id(), str(feature["name"] or ""), _text(feature[fields.ROLE]), feature.geometry())
                for feature in source.getFeatures()],
            lambda marks: self._were_read(id, marks), self._not_copied)

    def _were_read(self, id: str, marks: list) -> None:
        if self.layer() is not None and self.layer().id() == id:
            self._show_marks(marks)
            self.changed.emit()

    def _show_marks(self, marks: list) -> None:
        self.marks, self.combos = marks, {}
        states.clear(self.grid)
        words, before = role_words(), self.mark
        for row, (id, name, role, _) in enumerate(marks):
            title = states.label(name, "mark_name")
            combo = QComboBox()
            combo.setObjectName(f"mark_{row}")
            combo.setAccessibleName(tr("What was done in {area}").format(area=name))
            combo.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            for key in _ORDER:
                combo.addItem(words[key], key)
            combo.setCurrentIndex(max(combo.findData(role), 0))
            combo.currentIndexChanged.connect(lambda _, id=id, combo=combo: self.set_role(id, combo.currentData()))
            self.grid.addWidget(title, row, 0)
            self.grid.addWidget(combo, row, 1)
            QWidget.setTabOrder(before, combo)
            self.combos[id] = before = combo
        self.list.setVisible(bool(marks))

    def set_role(self, id: int, role: str) -> None:
        """Mark an area."""
        layer = self.layer()
        if not self.is_mine(layer):
            return
        at = layer.fields().indexOf(fields.ROLE)
        was = next((r for i, _, r, _ in self.marks if i == id), "")
        # while it is edited, the layer itself keeps what is not saved yet
        well = layer.changeAttributeValue(id, at, role or None) if layer.isEditable() else (
            layer.dataProvider().changeAttributeValues({id: {at: role or None}}))
        now = layer.getFeature(id)  # QGIS says that all went well of an area, too, that somebody has deleted
        if not well or not now.isValid() or _text(now[at]) != role:
            self._not_written()
            role = was
        layer.triggerRepaint()
        self.marks = [(i, name, role if i == id else r, shape) for i, name, r, shape in self.marks]
        combo = self.combos.get(id)
        if combo is not None and combo.currentData() != role:
            combo.blockSignals(True)
            combo.setCurrentIndex(combo.findData(role))
            combo.blockSignals(False)
        self.changed.emit()

    def _not_written(self) -> None:
        self._say("problem", tr("This could not be saved"), tr(
            "The file of 'Areas to compare' cannot be written. See that it is still there and that its drive is"
            " connected; else choose the areas anew and mark them again."))

    # --- the map ---------------------------------------------------------------------------
    def _canvas(self) -> Any:
        return self.session.iface.mapCanvas() if self.session.iface is not None else None

    def _take(self, kind: str, slot: Any) -> Any:
        from . import maptools

        self.stop_tool()
        tool = self._tool = getattr(maptools, kind)(self._canvas())
        tool.chosen.connect(slot)
        tool.left.connect(self._left)
        tool.take()
        return tool

    def stop_tool(self) -> None:
        """Give the map back."""
        if self._tool is not None:
            tool, self._tool = self._tool, None
            tool.give_back()
            if hasattr(tool, "let_go"):
                tool.let_go()
            tool.deleteLater()

    def _left(self) -> None:
        self.stop_tool()
        states.clear(self.news)

    def _take_point_tool(self) -> None:
        if self._canvas() is None:
            return
        self._take("PointTool", self._clicked)
        self._say("calm", tr("What was done where"), tr(
            "Click an area on the map until its colour is right, or choose in the list below."),
            (states.button(tr("Done"), self._left, "areas_done", "/mActionRemoveSelectedFeature.svg"),))

    def _to_layer(self, shape: QgsGeometry, layer: Any) -> QgsGeometry | None:
        change = QgsCoordinateTransform(self._canvas().mapSettings().destinationCrs(), layer.crs(),
                                        QgsProject.instance())
        moved = QgsGeometry(shape)
        try:
            moved.transform(change)
        except QgsCsException:
            return None
        return moved

    def _clicked(self, point: QgsGeometry) -> None:
        layer = self.layer()
        if not self.is_mine(layer):
            self._left()
            return
        place = self._to_layer(point, layer)
        for id, _, role, shape in self.marks:
            if place is not None and shape.contains(place):
                self.set_role(id, _ORDER[(_ORDER.index(role) + 1) % len(_ORDER)] if role in _ORDER else TREATED)
                return

    def start_drawing(self) -> None:
        """Let the user draw areas, one after the other."""
        if self._canvas() is None:
            return
        tool = self._take("AreaTool", self._drawn)
        self._say("calm", tr("Draw an area"), tr(
            "Click its corners on the map. A right click, or Enter, ends the area; then you can draw the next."),
            (states.button(tr("Finish this area"), tool.finish, "finish_area", "/mActionCapturePolygon.svg"),
             states.button(tr("Done"), self._left, "areas_done", "/mActionRemoveSelectedFeature.svg")))

    def _drawn(self, shape: QgsGeometry) -> None:
        from . import maptools

        layer, crs = self.layer(), self._canvas().mapSettings().destinationCrs()
        trouble = maptools.unplaced(shape, crs)
        moved = self._to_layer(shape, layer) if not trouble and self.is_mine(layer) else None
        if trouble or (moved is None and self.is_mine(layer)):
            self._say("doubt", tr("This is no place yet"), trouble or tr(
                "The areas that were drawn before have a system that does not reach there. Draw it nearer to them."))
            return
        if moved is not None:
            moved.convertToMultiType()
            feature = QgsFeature(layer.fields())
            feature["name"], feature[fields.ROLE] = self._next_name(), TREATED
            feature.setGeometry(moved)
            well = layer.addFeature(feature) if layer.isEditable() else layer.dataProvider().addFeatures([feature])[0]
            if not well:
                self._not_written()
                return
            layer.updateExtents()
            layer.triggerRepaint()
            self._read(layer)
            return
        if self._busy:  # the first one is still being saved
            self._next.append(shape)
            return
        self._busy = True
        target, name = self.session.place(tr("areas"), ".gpkg"), tr("Area {number}").format(number=1)
        self.session.jobs.start(
            tr("Saving the area"), lambda job: compareread.write_areas(target, crs, [(name, TREATED, shape)]),
            self._of_now(self._first_drawn), self._of_now(self._not_copied))

    def _first_drawn(self, path: str) -> None:
        self._busy = False
        waiting, self._next = self._next, []
        again, corners = self._tool is not None, list(getattr(self._tool, "corners", ()))
        self._add(path)
        if again:  # choosing the layer has given the map back
            self.start_drawing()
            self._tool.go_on(corners)
        for shape in waiting:
            self._drawn(shape)

    def _next_name(self) -> str:
        names, layer = {name for _, name, _, _ in self.marks}, self.layer()
        number = max(len(self.marks), layer.featureCount()) + 1  # not all may have been read yet
        while tr("Area {number}").format(number=number) in names:
            number += 1
        return tr("Area {number}").format(number=number)

    def close_down(self) -> None:
        """Let go of the map and of the session."""
        self.stop_tool()
        self.session.ranTool.disconnect(self._ran)
        self.session.projectChanged.disconnect(self._other_project)

    def _other_project(self) -> None:
        """Give the map back; what is still being saved is of the project that was closed."""
        self._round += 1
        self._busy, self._next, self._hot = False, [], ""
        self.stop_tool()
        states.clear(self.news)


def _text(value: Any) -> str:
    return "" if is_null(value) else str(value)
