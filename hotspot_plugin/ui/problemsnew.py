"""A new problem, and many at once from hot spots."""

from __future__ import annotations

import uuid
from typing import Any

from qgis.core import QgsMapLayerProxyModel, QgsProcessingFeatureSourceDefinition, QgsProject, QgsVectorLayer
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtWidgets import QCheckBox, QComboBox, QLabel, QSpinBox, QVBoxLayout, QWidget

from ..analysis.problems import register as r
from ..layers import fields
from ..layers.provenance import made_by
from ..translation import tr
from . import caselayers, states, theme
from . import problemsdata as data
from .communityroles import is_result
from .days import day_box
from .flow import FlowLayout
from .problemsforms import FormCard, RowForm, back_button, in_order, role_choices
from .problemspick import Picker

NEW = (r.TITLE, r.DESCRIPTION, r.CATEGORY, r.OWNER, r.DUE_ON)
#: A table of proposed measures has these fields.
_PROPOSALS = (fields.PLACE_NO, fields.MEASURE, fields.MEAS_NAME, fields.PLAN)
#: What places to work on often have, by which the first layer is chosen.
_RANKED = ("rank", "zone_id")


def proposal_layers() -> list:
    """Return the project's tables of proposed measures, by name."""
    tables = [layer for layer in QgsProject.instance().mapLayers().values()  # the order of drawing has no tables
              if isinstance(layer, QgsVectorLayer) and layer.isValid() and all(
                  layer.fields().indexOf(name) >= 0 for name in _PROPOSALS)]
    return sorted(tables, key=lambda layer: layer.name().casefold())


class Task(QWidget):
    """A form of its own in the place of the list, with the way back above."""

    def __init__(self, page: Any) -> None:
        super().__init__()
        self.page, self.session = page, page.session
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(theme.unit(self))
        top = FlowLayout(spacing=theme.unit(self))
        top.addWidget(back_button(page.back))
        self.column.addLayout(top)

    def ask(self, *tables: str) -> None:
        """Read the questions of tables, and build the form with them."""
        self.page.work(tr("Reading the form"), lambda path: data.read_form(path, *tables),
                       lambda found: self._asked(*found), again=lambda: self.ask(*tables))

    def _asked(self, asked: dict, roles: list) -> None:
        if not states.gone(self) and self.parent() is not None:
            self.build(asked, roles)

    def build(self, asked: dict, roles: list) -> None:
        """Show the form."""
        raise NotImplementedError

    def add_asked(self, card: states.Card, widget: QWidget, text: str) -> None:
        """Add a question with its label to a card, above its buttons."""
        label = QLabel(text)
        label.setWordWrap(True)
        label.setBuddy(widget)
        widget.setAccessibleName(text.replace("&", ""))
        for one in (label, widget):
            card.body.insertWidget(card.body.count() - 1, one)

    def close_down(self) -> None:
        """Let go of the map."""


class PlacedTask(Task):
    """A form of a table, with a place below its questions."""

    TABLE, POINT = "", False

    def __init__(self, page: Any) -> None:
        super().__init__(page)
        self.picker = Picker(page.session, self.POINT)
        self.card: FormCard | None = None
        self.ask(self.TABLE)

    def build(self, asked: dict, roles: list) -> None:
        self.card = self.make(asked[self.TABLE], role_choices(roles, self.session.role))
        self.column.addWidget(self.card)
        self.page.hold(self.card)

    def make(self, asked: dict, roles: dict) -> FormCard:
        """Return the form, with these questions and roles to choose from."""
        raise NotImplementedError

    def save(self, values: dict) -> None:
        """Write the row with its place; what cannot be taken from the map is told."""
        fault = self.picker.fault()
        if fault:
            self.card.say(fault)
            self.card.again()
        else:
            self.write({name: value for name, value in values.items() if value is not None}, *self.picker.places())

    def write(self, values: dict, crs: Any, places: list) -> None:
        """Write the row; ``crs`` is the system of the places."""
        raise NotImplementedError

    def close_down(self) -> None:
        self.picker.close_down()


class NewProblem(PlacedTask):
    """A problem with a few words; with places that are drawn or selected, or without."""

    TABLE = r.PROBLEMS

    def make(self, asked: dict, roles: dict) -> FormCard:
        form = RowForm(asked, NEW, {r.OWNER: roles})
        return FormCard(tr("A new problem"), form, self.save, self.page.back, self.page.drafts,
                        self.page.draft("new"), name="form_new", words=tr("&Write it down"), text=tr(
                            "A problem is what happens again and again at a place and harms or worries people."),
                        place=self.picker)

    def write(self, values: dict, crs: Any, places: list) -> None:
        """Write the problem with its places."""
        key, title = str(uuid.uuid4()), values.get(r.TITLE) or ""
        rows = {r.PROBLEMS: [(None, {r.PROBLEM_ID: key, **values})]}
        if places:
            rows[r.PLACES] = [(shape, {
                r.PROBLEM_ID: key, r.NAME: (name or title)[:100] or tr("Place {rank}").format(rank=rank),
                r.RANK: rank, r.SOURCE: layer, r.SOURCE_KEY: row})
                for rank, (shape, name, layer, row) in enumerate(places, 1)]
        self.page.insert(rows, self.card, tr("The problem is written down. Now say who does what: add an action."),
                         lambda keys: self.page.open_problem(key), crs)


class TakeOver(Task):
    """A problem of each hot spot, by tool 'Problem register'."""

    def __init__(self, page: Any, areas: str = "") -> None:
        super().__init__(page)
        own = [self.session.layer(id) for id in caselayers.loaded(self.session.case).values()]
        self.run = states.button(tr("&Take over"), self.start, "start_take_over", "/mActionDuplicateLayer.svg",
                                 primary=True)
        leave = states.button(tr("Cancel"), page.back, "leave_form", "/mActionRemove.svg")
        self.card = states.Card("quiet", tr("Take over hot spots"), tr(
            "Each place becomes a problem in the stage 'Scan'. Places that an open problem has already are left out,"
            " and nothing that stands in the register is changed."), [self.run, leave], "form_take_over")
        self.column.addWidget(self.card)
        self.layer = QgsMapLayerComboBox()
        self.layer.setObjectName("hotspot_layer")
        self.layer.setFilters(QgsMapLayerProxyModel.Filter.HasGeometry)
        self.layer.setExceptedLayerList([one for one in own if one is not None])
        if self.session.layer(areas) is not None:
            self.layer.setLayer(self.session.layer(areas))
        self.layer.setMinimumContentsLength(8)
        self.layer.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.only = QCheckBox(tr("Only what is &selected"))
        self.only.setObjectName("only_selected")
        self.top = QSpinBox()
        self.top.setObjectName("top")
        self.top.setRange(1, 1000)
        self.top.setValue(10)
        self.owner, self.measures = QComboBox(), QComboBox()
        for box, name in ((self.owner, "owner"), (self.measures, "measures")):
            box.setObjectName(name)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(8)
        self.owner.addItem(tr("Nobody yet"), "")
        for role in role_choices(page.register.roles if page.register else (), self.session.role):
            self.owner.addItem(role, role)
        self.days = []
        for name in ("base_from", "base_to"):
            self.days.append(day_box(name))
        self.add_asked(self.card, self.layer, tr("&Layer"))
        self.card.body.insertWidget(self.card.body.count() - 1, self.only)
        self.add_asked(self.card, self.top, tr("&How many, by rank"))
        self.add_asked(self.card, self.owner, tr("&Owner"))
        self.add_asked(self.card, self.days[0], tr("Incidents counted &from (makes the number before)"))
        self.add_asked(self.card, self.days[1], tr("Counted t&o"))
        self.add_asked(self.card, self.measures, tr("&Measures that become actions"))
        in_order([self.layer, self.only, self.top, self.owner, *self.days, self.measures, self.run, leave])
        self.nothing = states.Card("calm", tr("No layer to take places from"), tr(
            "Find hot spots first, or add a layer of patrol zones or areas to the project."), [
                states.button(tr("Find hot spots"), lambda: self.session.go("start"), "to_start")], "card_no_layer")
        self.column.addWidget(self.nothing)
        self.layer.layerChanged.connect(self._chosen)
        self.session.layersChanged.connect(self._layers)
        self._guess()
        self._layers()

    def _guess(self) -> None:
        """Choose ranked places, those first that a tool made to be worked on."""
        unfit = [one.id() for one in self.layer.exceptedLayerList()]
        ranked = [layer for layer in self.session.vector_layers() if layer.isSpatial() and layer.id() not in unfit
                  and any(name in layer.fields().names() for name in _RANKED)]
        if ranked:
            self.layer.setLayer(min(ranked, key=lambda layer: is_result(made_by(layer))))

    def _layers(self) -> None:
        chosen = self.measures.currentData()
        self.measures.clear()
        self.measures.addItem(tr("None"), "")
        for layer in proposal_layers():
            self.measures.addItem(layer.name(), layer.id())
        self.measures.setCurrentIndex(max(0, self.measures.findData(chosen)))
        self.measures.setEnabled(self.measures.count() > 1)
        self.measures.setToolTip("" if self.measures.isEnabled() else tr(
            "Measures come from 'CPTED measures and budget': those chosen there become planned actions."))
        there = self.layer.count() > 0
        self.card.setVisible(there)
        self.nothing.setVisible(not there)
        self._chosen()

    def _chosen(self, *_: Any) -> None:
        layer = self.layer.currentLayer()
        selected = layer.selectedFeatureCount() if layer is not None else 0
        self.only.setEnabled(bool(selected))
        self.only.setChecked(bool(selected))
        self.only.setText(tr("Only the {n} &selected").format(n=selected) if selected else tr(
            "Only what is &selected"))
        self.run.setEnabled(layer is not None and not self.page.is_busy())

    def start(self) -> None:
        """Run the tool."""
        layer = self.layer.currentLayer()
        if layer is None:
            return
        given = {
            "INPUT": QgsProcessingFeatureSourceDefinition(layer.id(), True) if self.only.isChecked() else layer.id(),
            "TOP": self.top.value(), "REGISTER": self.session.case, "ROLE": self.session.role}
        for name, value in (("OWNER", self.owner.currentData()), ("MEASURES", self.measures.currentData())):
            if value:
                given[name] = value
        for name, day in zip(("BASE_FROM", "BASE_TO"), self.days):
            if not day.isNull():
                given[name] = day.date().toString("yyyy-MM-dd")
        self.page.run_tool("problemregister", given, self._done, tr("Taking over the places…"))

    def _done(self, outcome: Any) -> None:
        page = self.page
        page.leave()
        page.saved([r.PROBLEMS, r.PLACES, r.ACTIONS])
        added, known = (int(outcome.results.get(name) or 0) for name in ("PROBLEMS", "KNOWN"))
        title = tr("Nothing new") if not added else tr("1 new problem") if added == 1 else tr(
            "{n} new problems").format(n=added)
        text = tr("All of these places have an open problem already.")
        if added:
            text = tr("Each has its place and the commonest type. Give it an owner, a due day and an action.")
        if added and known:
            text += " " + tr("{n} places have an open problem already.").format(n=known)
        page.tell(states.Card("good", title, text, [
            states.button(tr("Show on the map"), page.map.show_layers, "show_new", "/mActionShowAllLayers.svg"),
            states.button(tr("Close"), lambda: page.tell(None), "close_card")], "card_taken"))

    def busy(self, at_work: bool) -> None:
        """Switch the button off while the tool runs."""
        self.run.setEnabled(not at_work and self.layer.currentLayer() is not None)

    def close_down(self) -> None:
        self.session.layersChanged.disconnect(self._layers)
