"""Proposed CPTED measures become planned actions of a problem that is there already, and are taken off it again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Iterable

from qgis.core import QgsVectorLayerFeatureSource
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QFontMetrics
from qgis.PyQt.QtWidgets import QComboBox, QListWidget, QListWidgetItem, QVBoxLayout

from ..analysis.problems import register as r
from ..compat import is_null
from ..layers import fields
from ..translation import tr
from . import problemsdata as data
from . import problemswords as words
from . import states, theme
from .problemsforms import FormCard, RowForm, in_order, role_choices
from .problemsnew import Task, proposal_layers

#: Letters of an action in the register.
MOST = 240
#: Lines of the list of measures before it scrolls.
_LINES = 10
_TEXTS = (fields.PLACE_NAME, fields.MEASURE, fields.MEAS_NAME, fields.PLAN, fields.WHY, fields.SIDE_EFF,
          fields.ASK_WHOM, fields.EV_SOURCE)
_NUMBERS = (fields.PLACE_NO, fields.COST_HIGH, fields.EFF_LOW, fields.EFF_HIGH)


@dataclass(frozen=True)
class Proposal:
    """A measure at a place: its row in the table by field, and whether it was chosen within the budget."""

    row: dict
    chosen: bool

    @property
    def key(self) -> str:
        return self.row[fields.MEASURE]

    @property
    def name(self) -> str:
        return self.row[fields.MEAS_NAME] or self.key

    def effect(self) -> str:
        """Return what the evidence says of the measure."""
        low, high = self.row[fields.EFF_LOW], self.row[fields.EFF_HIGH]
        if low is None or high is None:
            return tr("no published effect")
        low, high = round(100 * low), round(100 * high)
        span = tr("{low} to {high} %").format(low=low, high=high) if low != high else tr("{high} %").format(high=high)
        return tr("by the evidence {span} fewer of what it is meant for").format(span=span)

    def text(self) -> str:
        """Return what is planned, why, and what it may bring, in as many letters as the register takes."""
        tail = f" ({self.effect()})"
        head = " – ".join(part for part in (self.name, self.row[fields.WHY].rstrip(".")) if part)
        room = MOST - len(tail)
        return (head if len(head) <= room else head[:room - 1] + "…") + tail

    def details(self) -> str:
        """Return what stands below the name in the list."""
        cost = self.row[fields.COST_HIGH]
        parts = [self.row[fields.PLAN], self.effect(),
                 "" if cost is None else tr("up to {cost} in your money").format(cost=words.number(round(cost)))]
        if self.row[fields.RESTRICTS]:
            parts.append(tr("takes something away from people there"))
        return " · ".join(part for part in parts if part)

    def hints(self) -> str:
        """Return what to think of before it is planned."""
        parts = ((tr("Why: {text}"), fields.WHY), (tr("Side effects: {text}"), fields.SIDE_EFF),
                 (tr("Ask before: {text}"), fields.ASK_WHOM), (tr("Source: {text}"), fields.EV_SOURCE))
        return "\n".join(text.format(text=self.row[name]) for text, name in parts if self.row[name])


@dataclass
class Place:
    """A place of the table with what is proposed there."""

    name: str
    proposals: list = field(default_factory=list)


def read_proposals(features: Iterable) -> dict:
    """Return number of the place -> :class:`Place`; for a thread of the background."""
    from ..algorithms.cpted.cptedmeasures_choice import CHOSEN, status_name

    chosen, out = {"chosen", status_name(CHOSEN)}, {}  # the table speaks the language of its maker
    for feature in features:
        there = feature.fields()
        row = {name: _text(feature[name]) if there.indexOf(name) >= 0 else "" for name in _TEXTS}
        row.update({name: _number(feature[name]) if there.indexOf(name) >= 0 else None for name in _NUMBERS})
        index = there.indexOf(fields.RESTRICTS)
        row[fields.RESTRICTS] = index >= 0 and str(feature[index]).lower() in ("true", "1")
        if row[fields.PLACE_NO] is not None and row[fields.MEASURE]:
            number = int(row[fields.PLACE_NO])
            place = out.setdefault(number, Place(row[fields.PLACE_NAME] or str(number)))
            place.proposals.append(Proposal(row, row[fields.PLAN] in chosen))
    return dict(sorted(out.items()))


def _text(value: Any) -> str:
    return "" if is_null(value) else str(value).strip()


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if abs(number) < float("inf") else None


class Measures(Task):
    """Asks for a problem, a table of proposals and a place in it, and plans what is ticked.

    Parameters
    ----------
    key : str
        Of the problem to begin with, "" for none.
    layer : str
        Id of the table to begin with.
    """

    def __init__(self, page: Any, key: str = "", layer: str = "") -> None:
        super().__init__(page)
        self.key, self.found, self.card = key, None, None
        self.places: dict = {}
        still = [line for line in (page.register.lines if page.register else []) if not line.closed or line.key == key]
        if not still:
            self.column.addWidget(states.Card("calm", tr("No problem to link them to"), tr(
                "Measures belong to a problem. Write down the problem first."), [
                    states.button(tr("New problem…"), lambda: page.task("problemsnew", "NewProblem"), "new_for_link",
                                  "/mActionAdd.svg")], "card_no_problem"))
        self.ask_card = states.Card("calm", tr("Link CPTED measures"), tr(
            "What you tick becomes a planned action of the problem. It can be taken off again."), name="card_measures")
        self.problem, self.table, self.spot = (self._box(name) for name in ("link_problem", "link_table", "link_place"))
        self.problem.addItem(tr("Choose a problem"), "")
        for line in still:
            self.problem.addItem(line.title, line.key)
        self.problem.setCurrentIndex(max(0, self.problem.findData(key or page.list.current())))
        for box, text in ((self.problem, tr("&Problem")), (self.table, tr("&Table of proposed measures")),
                          (self.spot, tr("P&lace in the table"))):
            self.add_asked(self.ask_card, box, text)
        self.none = states.Card("calm", tr("No proposed measures in this project"), tr(
            "The tool 'CPTED measures and budget' proposes what fits each place. Let it save its 'Proposals', a row for"
            " each measure; the table then appears here."), [
                states.button(tr("Open the tool"), lambda: self.session.show_tool("cptedmeasures", {}), "open_measures",
                              "/mActionStart.svg")], "card_no_measures")
        self.room = QVBoxLayout()
        for one in (self.ask_card, self.none):
            self.column.addWidget(one)
            one.setVisible(bool(still))
        self.column.addLayout(self.room)
        self.wanted = bool(still)
        self.problem.currentIndexChanged.connect(self._ask_problem)
        self.table.currentIndexChanged.connect(self._ask_table)
        self.spot.currentIndexChanged.connect(self._show)
        self.session.layersChanged.connect(self._layers)
        self._layers()
        index = self.table.findData(layer)
        if index >= 0:
            self.table.setCurrentIndex(index)
        self._ask_problem()

    @staticmethod
    def _box(name: str) -> QComboBox:
        out = QComboBox()
        out.setObjectName(name)
        out.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        out.setMinimumContentsLength(8)
        return out

    # --- what is chosen ------------------------------------------------------------------------
    def _layers(self) -> None:
        """Offer the tables that are there now."""
        chosen = self.table.currentData()
        self.table.blockSignals(True)
        self.table.clear()
        for layer in proposal_layers():
            self.table.addItem(layer.name(), layer.id())
        self.table.setCurrentIndex(max(0, self.table.findData(chosen)) if self.table.count() else -1)
        self.table.blockSignals(False)
        self.ask_card.setVisible(self.wanted and self.table.count() > 0)
        self.none.setVisible(self.wanted and not self.table.count())
        if self.table.currentData() != chosen:
            self._ask_table()

    def _ask_problem(self, *_: Any) -> None:
        self.key, self.found = self.problem.currentData(), None
        self._show()
        key = self.key
        if key:
            self.page.work(tr("Reading the problem"), lambda path: data.read_problem(path, key),
                           lambda found: self._problem_read(key, found), again=self._ask_problem)

    def _problem_read(self, key: str, found: Any) -> None:
        if states.gone(self) or key != self.key:
            return
        if found is None:
            self.page.tell(states.Card("doubt", tr("This problem is no longer there"), tr(
                "Somebody else deleted it in the meantime."), name="card_gone"))
            return
        self.found = found
        self._guess()
        self._show()

    def _ask_table(self, *_: Any) -> None:
        self.places = {}
        self._offer()
        id = self.table.currentData()
        layer = self.session.layer(id)
        if layer is not None:
            source = QgsVectorLayerFeatureSource(layer)
            self.page.work(tr("Reading the measures"), lambda path: read_proposals(source.getFeatures()),
                           lambda places: self._table_read(id, places), again=self._ask_table)

    def _table_read(self, id: str, places: dict) -> None:
        if not states.gone(self) and id == self.table.currentData():
            self.places = places
            self._offer()

    def _offer(self) -> None:
        """Offer the places of the table."""
        self.spot.blockSignals(True)
        self.spot.clear()
        self.spot.addItem(tr("Choose a place"), None)
        for number, place in self.places.items():
            self.spot.addItem(tr("{name} ({n} measures)").format(name=place.name, n=len(place.proposals)), number)
        self.spot.blockSignals(False)
        self._guess()
        self._show()

    def _guess(self) -> None:
        """Choose the place of the table that has the name of one of the problem, or the only one."""
        if self.found is None or self.spot.currentData() is not None:
            return
        known = {_text(place[r.NAME]).casefold() for place in self.found.places}
        same = [number for number, place in self.places.items() if place.name.casefold() in known]
        number = same[0] if len(same) == 1 else next(iter(self.places)) if len(self.places) == 1 else None
        self.spot.setCurrentIndex(max(0, self.spot.findData(number)) if number is not None else 0)

    # --- what is ticked ------------------------------------------------------------------------
    def _show(self, *_: Any) -> None:
        """Show the measures of the place."""
        states.clear(self.room)
        self.card = None
        place = self.places.get(self.spot.currentData())
        if self.found is None or place is None:
            return
        form = RowForm(self.found.asked[r.ACTIONS], (r.OWNER, r.DUE_ON), {
            r.OWNER: role_choices(self.found.roles, self.session.role)})
        self.card = FormCard(tr("Which measures?"), form, self._save, self._leave, start={
            r.OWNER: self.found.row[r.OWNER] or self.session.role}, name="form_measures", words=tr("&Link them"))
        self.list = QListWidget()
        self.list.setObjectName("measures")
        self.list.setAccessibleName(tr("Measures proposed for {place}").format(place=place.name))
        self.list.setAccessibleDescription(tr("Space ticks a measure."))
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.list.setMinimumHeight(_LINES * QFontMetrics(self.font()).lineSpacing() + 2 * theme.unit(self))
        linked = {(row[r.MEASURE_ID], row[r.PLACE_ID] or "") for row in words.linked(self.found)}
        for one in place.proposals:
            again = (one.key, self._place_id(place) or "") in linked
            item = QListWidgetItem("\n".join([one.name, tr("linked already") if again else one.details()]))
            item.setToolTip(one.hints())
            item.setData(Qt.ItemDataRole.UserRole, one)
            item.setFlags(Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsSelectable | (
                Qt.ItemFlag.NoItemFlags if again else Qt.ItemFlag.ItemIsEnabled))
            item.setCheckState(Qt.CheckState.Checked if one.chosen and not again else Qt.CheckState.Unchecked)
            self.list.addItem(item)
        self.card.body.insertWidget(2, self.list)
        self.room.addWidget(self.card)
        in_order([self.problem, self.table, self.spot, self.list])
        self.card.order()
        self.list.setCurrentRow(0)
        self.page.hold(self.card)

    def _place_id(self, place: Place) -> str | None:
        """Return the key of the problem's place that is meant: the one of this name, or the only one."""
        there = self.found.places
        named = [row for row in there if _text(row[r.NAME]).casefold() == place.name.casefold()] or there
        return named[0][r.PLACE_ID] if len(named) == 1 else None

    def _ticked(self) -> list:
        items = (self.list.item(k) for k in range(self.list.count()))
        return [item.data(Qt.ItemDataRole.UserRole) for item in items
                if item.checkState() == Qt.CheckState.Checked]

    def _save(self, values: dict) -> None:
        ticked, page, key = self._ticked(), self.page, self.key
        if not ticked:
            self.card.say(tr("Tick a measure first."))
            self.card.again()
            self.list.setFocus()
            return
        place = self._place_id(self.places[self.spot.currentData()])
        given = {name: value for name, value in {**values, r.PLACE_ID: place}.items() if value is not None}
        rows = [(None, {
            r.PROBLEM_ID: key, r.ACTION: one.text(), r.MEASURE_ID: one.key, r.RESPONSE_KIND: "place",
            r.STATE: "planned", r.COST: one.row[fields.COST_HIGH], r.VISIBLE: "internal", **given}) for one in ticked]

        def written(keys: dict) -> None:
            page.open_problem(key)
            page.tell(states.Card("good", tr("1 measure is linked") if len(rows) == 1 else tr(
                "{n} measures are linked").format(n=len(rows)), tr(
                    "Each is a planned action now. Agree with those who own the place before anything is built."), [
                        states.button(tr("Close"), lambda: page.tell(None), "close_card")], "card_measures_linked"))

        page.insert({r.ACTIONS: rows}, self.card, "", written)

    def _leave(self) -> None:
        key = self.key
        self.page.back()
        if key:
            self.page.open_problem(key)

    def close_down(self) -> None:
        self.session.layersChanged.disconnect(self._layers)


# --- what is linked --------------------------------------------------------------------------
def show_linked(view: Any, body: Any) -> None:
    """Say in an opened problem what is linked, with a button for each to take it off."""
    linked, page, key = words.linked(view.found), view.page, view.key
    body.addWidget(states.label(words.measures(linked), "measures_words"))
    delivered = {row[r.ACTION_ID] for row in view.found.deliveries}
    for row in linked:
        name = (row[r.ACTION] or row[r.MEASURE_ID]).partition(" – ")[0]  # why and what for stands with the actions
        body.addWidget(states.label(" · ".join([name, data.state_words().get(row[r.STATE], row[r.STATE] or "")]),
                                    "linked_measure"))
        off = view._writes(tr("Unlink"), lambda row=row: unlink(page, row, row[r.ACTION_ID] in delivered),
                           "unlink_measure", "/mActionUnlink.svg", tr(
                               "What is only planned goes; what was begun or delivered stays as an action"))
        off.setAccessibleName(tr("{what}: {action}").format(what=tr("Unlink"), action=row[r.ACTION]))
        view._flow(body, [off])
    view._flow(body, [view._writes(tr("Link m&easures…"), lambda: page.task(
        "problemsmeasures", "Measures", key=key), "link_measures", "/mActionLink.svg", tr(
            "Take proposals of 'CPTED measures and budget' as actions"))])


def unlink(page: Any, row: dict, delivered: bool) -> None:
    """Take a measure off a problem: a mere plan is deleted, what was begun stays as an action of its own."""
    if not page.still():  # pressed twice
        return
    key, role = row[r.ACTION_ID], page.session.role
    values = {name: value for name, value in row.items() if name != "fid"}

    def write(path: str) -> bool:
        from ..layers import casestore

        stays = delivered or row[r.STATE] != "planned" or casestore.count(path, r.DELIVERIES, where={r.ACTION_ID: key})
        if stays:
            casestore.change(path, r.ACTIONS, key, {r.MEASURE_ID: None}, role, {r.MEASURE_ID: row[r.MEASURE_ID]})
        else:
            casestore.remove(path, r.ACTIONS, key, role, values)
        return bool(stays)

    def written(stays: bool) -> None:
        page.saved([r.ACTIONS])
        text = tr("The action stays, because it was begun; it is no measure of the proposals any more.") if stays else (
            tr("It was only planned, and is no action any more. The journal keeps what it was."))
        buttons = [] if stays else [states.button(tr("Link it again"), lambda: page.insert(
            {r.ACTIONS: [(None, values)]}, told=tr("It is linked again.")), "link_again", "/mActionUndo.svg")]
        page.tell(states.Card("good", tr("The measure is unlinked"), text, [*buttons, states.button(
            tr("Close"), lambda: page.tell(None), "close_card")], "card_unlinked"))

    page.work(tr("Saving"), write, written, again=lambda: unlink(page, row, delivered))
