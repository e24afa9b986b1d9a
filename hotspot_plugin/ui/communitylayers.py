"""The layers of the project: what each is for, its fields, and what it weighs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import QgsProject, QgsVectorLayer, QgsWkbTypes
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ..compat import field_kind
from ..translation import tr
from . import states, theme
from .communityreport import attempt
from .communityroles import ASKS, ROLES, SHAPES, Guess, fields_of, recognise

_SHAPE = {QgsWkbTypes.GeometryType.PointGeometry: "point", QgsWkbTypes.GeometryType.LineGeometry: "line",
          QgsWkbTypes.GeometryType.PolygonGeometry: "polygon"}
#: Most that a report of a layer may weigh.
_HEAVIEST = 100.0


def role_words() -> dict:
    """Return role -> words."""
    return {"incidents": tr("Incidents"), "reports": tr("What residents say"), "survey": tr("Survey"),
            "areas": tr("Areas or beats"), "hotspots": tr("Hot spots"), "treated": tr("Areas where something was done"),
            "streets": tr("Streets"), "lights": tr("Street lights"), "": tr("Not used")}


def asked_words() -> dict:
    """Return what is asked of fields -> words."""
    return {"date": tr("Day"), "type": tr("Type"), "category": tr("What it is about"), "concern": tr("Worry, 1 to 5"),
            "name": tr("Name"), "population": tr("Residents"), "weight": tr("Survey weight")}


def key_of(layer: QgsVectorLayer) -> str:
    """Return by what a layer is known again, in another project too: its file and table, else its name."""
    place, *rest = layer.source().split("|")
    table = next((p[10:] for p in rest if p.startswith("layername=")), "")
    return f"{Path(place).name}|{table}" if layer.providerType() == "ogr" and place else layer.name()


def shape_of(layer: QgsVectorLayer) -> str:
    """Return point, line, polygon or none."""
    return _SHAPE.get(layer.geometryType(), "none")


def columns_of(layer: QgsVectorLayer) -> list:
    """Return names and kinds of the fields."""
    return [(f.name(), field_kind(f)) for f in layer.fields()]


def guess(layer: QgsVectorLayer) -> Guess:
    """Return what a layer is for, as far as it tells."""
    from ..layers import provenance

    record = provenance.read(layer) or {}
    table = key_of(layer).partition("|")[2]
    return recognise(layer.name(), shape_of(layer), columns_of(layer), table, str(record.get("tool") or ""))


class Layers(QWidget):
    """The table, and what is asked of the layer that is chosen."""

    KEPT = "layers"

    def __init__(self, page: Any) -> None:
        super().__init__()
        self.page, self.session = page, page.session
        self.words, self.asked = role_words(), asked_words()
        self.chosen: dict = {}  # key of the layer -> {"role", "fields", "weight"} as the user chose
        self._found: dict = {}  # id of the layer -> (name, tool and fields, what is guessed from them)
        self._read_from: str | None = None
        self._alike: set = set()
        self._filling = False
        self._shown: tuple | None = None
        self.role: Any = None
        gap = theme.unit(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(gap)
        self.empty = states.Card("quiet", tr("No layers yet"), tr(
            "Add layers to the project, and what each is for is found by its name."), [], "card_no_layers")
        column.addWidget(self.empty)
        self.tree = QTreeWidget()
        self.tree.setObjectName("roles")
        self.tree.setAccessibleName(tr("Layers of the project and what they are for"))
        self.tree.setRootIsDecorated(False)
        self.tree.setAlternatingRowColors(True)
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.tree.setHeaderLabels([tr("Layer"), tr("Is used as"), tr("Weight")])
        header = self.tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        self.tree.setMinimumHeight(self.fontMetrics().lineSpacing() * 8)
        self.tree.currentItemChanged.connect(self._pick)
        column.addWidget(self.tree)
        self.panel = states.Card("quiet", "", "", [], "card_layer")
        self.rows = QFormLayout()
        self.rows.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self.rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.panel.body.addLayout(self.rows)
        self.found = states.button(tr("As found by its name"), self.forget, "forget_role", "/mActionUndo.svg")
        self.panel.buttons.addWidget(self.found)
        column.addWidget(self.panel)
        self.refresh()

    # --- what is there -------------------------------------------------------------------------
    def of(self, layer: QgsVectorLayer) -> Guess:
        """Return what a layer is used for."""
        names = layer.fields().names()
        own = next((self.chosen[key] for key in self._keys(layer) if key in self.chosen), None)
        if not isinstance(own, dict) or own.get("role") not in ROLES:
            return self._guessed(layer, names)
        kept, weight = own.get("fields"), own.get("weight") or 0
        fields = {a: n for a, n in kept.items() if n in names} if isinstance(kept, dict) else {}
        # a file that others have written may hold anything
        well = isinstance(weight, (int, float)) and 0 <= weight <= _HEAVIEST
        return Guess(own["role"], fields, float(weight) if well else 1.0)

    def _keys(self, layer: QgsVectorLayer) -> list:
        """Return by what a choice for a layer is found; where others of the project are called alike, by its id, too.

        What was chosen while it was the only one holds until one chooses for it alone.
        """
        key = key_of(layer)
        return [f"{key}|{layer.id()}", key] if key in self._alike else [key]

    def _look_alike(self) -> None:
        """Find the names and files that stand for different layers of the project."""
        sources: dict = {}
        for layer in self.all():
            sources.setdefault(key_of(layer), set()).add(layer.source().partition("|")[0])
        self._alike = {key for key, places in sources.items() if len(places) > 1}

    def _guessed(self, layer: QgsVectorLayer, names: list) -> Guess:
        """Return what is found by the name; found once, because two hundred layers take a tenth of a second."""
        from ..layers import provenance

        known_by = (layer.name(), provenance.made_by(layer), *names)
        if self._found.get(layer.id(), ((), None))[0] != known_by:
            self._found[layer.id()] = (known_by, guess(layer))
        return self._found[layer.id()][1]

    def all(self) -> list:
        """Return the vector layers of the project in the order of the tree, tables last."""
        drawn = self.session.vector_layers()
        tables = [layer for layer in QgsProject.instance().mapLayers().values() if isinstance(layer, QgsVectorLayer)
                  and layer.isValid() and not layer.isSpatial()]
        return [*drawn, *sorted(tables, key=lambda layer: layer.name())]

    def with_role(self, role: str) -> list:
        """Return (layer, Guess) of the layers with a role."""
        self._look_alike()
        found = ((layer, self.of(layer)) for layer in self.all())
        return [(layer, what) for layer, what in found if what.role == role]

    def refresh(self) -> None:
        """Show the layers that are there now; unseen, they wait: to tell what each of many is for takes its time."""
        self._read()
        if self.isVisible():
            self._fill()

    def showEvent(self, event: Any) -> None:  # noqa: N802 (called by Qt)
        super().showEvent(event)
        self._fill()

    def _fill(self) -> None:
        self._look_alike()
        item = self.tree.currentItem()
        current = item.data(0, Qt.ItemDataRole.UserRole) if item else ""
        used = [(layer, self.of(layer)) for layer in self.all()]
        self._filling = True
        self.tree.clear()
        chosen = None
        for layer, what in sorted(used, key=lambda one: ROLES.index(one[1].role)):
            row = QTreeWidgetItem([layer.name(), self.words[what.role], self._weight(what)])
            row.setData(0, Qt.ItemDataRole.UserRole, layer.id())
            told = self._told(layer, what)
            for place in range(3):
                row.setToolTip(place, told)
            if not what.role:
                for place in range(3):
                    row.setForeground(place, theme.colour("quiet"))
            row.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{layer.name()}: {self.words[what.role]}")
            self.tree.addTopLevelItem(row)
            if layer.id() == current:
                chosen = row
        self._filling = False
        self.empty.setVisible(not used)
        self.tree.setVisible(bool(used))
        if chosen is not None:
            self.tree.setCurrentItem(chosen)
        self._pick()

    @staticmethod
    def _weight(what: Guess) -> str:
        return f"{what.weight:g}" if what.role == "reports" else ""

    def _told(self, layer: QgsVectorLayer, what: Guess) -> str:
        parts = [layer.name(), self.words[what.role], *(f"{self.asked[a]}: {n}" for a, n in what.fields.items())]
        return "\n".join(parts)

    # --- the one chosen ------------------------------------------------------------------------
    def layer(self) -> Any:
        """Return the layer that is chosen, None where there is none or it has gone."""
        item = self.tree.currentItem()
        return self.session.layer(item.data(0, Qt.ItemDataRole.UserRole)) if item else None

    def _pick(self, *_: Any) -> None:
        if self._filling:
            return
        layer = self.layer()
        self.panel.setVisible(layer is not None)
        shown = self._signature(layer)
        if shown == self._shown:
            return
        self._shown = shown
        focused = self.role is not None and self.role.hasFocus()
        self._take_rows()
        if layer is None:
            return
        self._filling = True
        what = self.of(layer)
        self.panel.set_text(layer.name())
        self.role = QComboBox()
        self.role.setObjectName("role")
        for role in ROLES:
            if shape_of(layer) in SHAPES[role]:
                self.role.addItem(self.words[role], role)
        self.role.setCurrentIndex(self.role.findData(what.role))
        self.role.currentIndexChanged.connect(self._changed_role)
        self._row(tr("Is &used as"), self.role)
        self.fields: dict = {}
        for asked in ASKS.get(what.role, ()):
            box = self.fields[asked] = QComboBox()
            box.setObjectName(f"field_{asked}")
            box.addItem("–", None)
            for name in layer.fields().names():
                box.addItem(name, name)
            box.setCurrentIndex(max(0, box.findData(what.fields.get(asked))))
            box.currentIndexChanged.connect(self._changed)
            self._row(self.asked[asked], box)
        self.weight = None
        if what.role == "reports":
            self.weight = QDoubleSpinBox()
            self.weight.setObjectName("weight")
            self.weight.setRange(0.0, _HEAVIEST)
            self.weight.setSingleStep(0.5)
            self.weight.setDecimals(2)
            self.weight.setValue(what.weight)
            self.weight.setToolTip(tr("What a report of this layer counts in the map of worries; 0 leaves it out"))
            self.weight.valueChanged.connect(self._changed)
            self._row(tr("&Weight in the map of worries"), self.weight)
        self.found.setVisible(any(key in self.chosen for key in self._keys(layer)))
        if focused:
            self.role.setFocus()
        self._filling = False

    def _signature(self, layer: Any) -> tuple:
        """Return what is shown of a layer: nothing is made anew under the user's hands while it stays."""
        if layer is None:
            return ()
        what = self.of(layer)
        return (layer.id(), layer.name(), what.role, tuple(what.fields.items()), what.weight,
                tuple(layer.fields().names()), any(key in self.chosen for key in self._keys(layer)))

    def _take_rows(self) -> None:
        # deleted later: one of them may be telling of its change just now
        self.role = None
        while self.rows.rowCount():
            row = self.rows.takeRow(0)
            for item in (row.labelItem, row.fieldItem):
                if item is not None and item.widget() is not None:
                    item.widget().hide()
                    item.widget().deleteLater()

    def _row(self, text: str, widget: QWidget) -> None:
        widget.setAccessibleName(text.replace("&", ""))
        if isinstance(widget, QComboBox):
            widget.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            widget.setMinimumContentsLength(6)
        self.rows.addRow(text, widget)

    def _changed_role(self, *_: Any) -> None:
        layer = self.layer()
        if self._filling or layer is None:
            return
        role = self.role.currentData()
        self._set(layer, {"role": role, "fields": fields_of(role, columns_of(layer)), "weight": 1.0})
        self.refresh()

    def _changed(self, *_: Any) -> None:
        layer = self.layer()
        if self._filling or layer is None:
            return
        fields = {asked: box.currentData() for asked, box in self.fields.items() if box.currentData()}
        self._set(layer, {"role": self.role.currentData(), "fields": fields,
                          "weight": self.weight.value() if self.weight is not None else 1.0})
        self.found.setVisible(True)
        self._shown = self._signature(layer)
        item, what = self.tree.currentItem(), self.of(layer)
        item.setText(2, self._weight(what))
        for place in range(3):
            item.setToolTip(place, self._told(layer, what))

    def forget(self) -> None:
        """Go back to what was found by the name."""
        layer = self.layer()
        key = next((key for key in self._keys(layer) if key in self.chosen), "") if layer is not None else ""
        if key:
            del self.chosen[key]
            self._keep()
            self.refresh()

    # --- keeping -------------------------------------------------------------------------------
    def _set(self, layer: QgsVectorLayer, what: dict) -> None:
        self.chosen[self._keys(layer)[0]] = what
        self._keep()

    def _keep(self) -> None:
        session, chosen = self.session, dict(self.chosen)
        if not session.case_works:
            session.remember(self.KEPT, chosen)
            return
        path = session.case

        def keep() -> None:
            from ..layers import casestore

            casestore.keep(path, self.KEPT, chosen)

        def came(found: tuple) -> None:
            if found[1] is not None:  # the file cannot be written: the project keeps it
                session.remember(self.KEPT, chosen)

        session.jobs.start(tr("Keeping what layers are for"), attempt(keep), came)

    def _read(self) -> None:
        """Read what was chosen before: from the case file, in the background, else from the project."""
        session = self.session
        path = session.case if session.case and session.health is not None and session.health.readable else ""
        here = path or f"project:{QgsProject.instance().fileName()}"
        if here == self._read_from:
            return
        self._read_from = here
        mine = session.recall(self.KEPT, {})
        self.chosen = dict(mine) if isinstance(mine, dict) else {}
        if not path:
            return

        def kept() -> Any:
            from ..layers import casestore

            return casestore.kept(path, self.KEPT, {})

        def came(found: tuple) -> None:
            if found[1] is None and isinstance(found[0], dict) and here == self._read_from:
                self.chosen = {**self.chosen, **found[0]}
                self.refresh()

        session.jobs.start(tr("Reading what layers are for"), attempt(kept), came)
