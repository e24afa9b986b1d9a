"""The case file in the head of the dock: its name, its health, and its menu."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QSize, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QLabel, QToolButton

from ..translation import tr
from . import states, theme
from .settings import yes

KINDS = "GeoPackage (*.gpkg)"
#: Letters that a role may have, as in the form of the file.
_LONGEST = 60
#: Letters of the file's name for which room is asked.
_ROOM = 18


class CaseButton(QToolButton):
    """The name of the case file; a long one asks for no more room than others, and is shortened."""

    def sizeHint(self) -> QSize:  # noqa: N802
        hint = super().sizeHint()
        return QSize(min(hint.width(), _ROOM * self.fontMetrics().averageCharWidth() + 3 * self.iconSize().width()),
                     hint.height())


class _RoleCard(states.Card):
    """Asks for the role; Escape leaves it."""

    left = pyqtSignal()

    def keyPressEvent(self, event: Any) -> None:  # noqa: N802
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


def show(dock: Any) -> None:
    """Show name and health of the case file."""
    session, button = dock.session, dock.case_button
    if not session.case:
        text, told, mood = tr("No case file"), tr("Choose or make the file in which this project keeps its data."), ""
    elif session.health is None:
        text, told, mood = dock.case_name, tr("Looking at the case file…"), ""
    else:
        text = dock.case_name
        told = "\n".join([session.health.text, *session.health.warnings]) or session.case
        mood = "good" if session.health.state == "good" else "problem"
        if mood == "good" and session.health.warnings:
            mood = "doubt"
    button.setText(text.replace("&", "&&"))
    button.setIcon(theme.icon(mood if mood in ("doubt", "problem") else "/mIconDbSchema.svg"))
    button.setToolTip(told)
    button.setAccessibleName(tr("Case file: {name}").format(name=text))
    button.setAccessibleDescription(told)


def fill(dock: Any) -> None:
    """Fill the menu anew."""
    menu, session = dock.case_menu, dock.session
    menu.clear()

    def add(text: str, slot: Any, icon: str = "") -> Any:
        action = menu.addAction(theme.icon(icon) if icon else QgsApplication.getThemeIcon(""), text)
        action.triggered.connect(lambda checked=False: slot())
        return action

    new = add(tr("New case file…"), lambda: session.go("start", make_case=True), "/mActionFileNew.svg")
    new.setObjectName("new_case")
    opened = add(tr("Open a case file…"), lambda: open_case(session), "/mActionFileOpen.svg")
    opened.setObjectName("open_case")
    if session.case:
        add(tr("Look at it again"), session.look_at_case, "/mActionRefresh.svg")
        add(tr("Add its layers to the map"), lambda: session.go("start", add_layers=True), "/mActionAddOgrLayer.svg")
        add(tr("Work without it"), lambda: session.use_case(""))
    menu.addSeparator()
    role = add(tr("My role: {role}…").format(role=session.role.replace("&", "&&")), lambda: ask_role(dock))
    role.setObjectName("my_role")
    opens = add(tr("Open the dock with such projects"), lambda: session.set_setting(
        "opens", not yes(session.setting("opens", True))))
    opens.setCheckable(True)
    opens.setChecked(yes(session.setting("opens", True)))


def open_case(session: Any) -> None:
    """Ask for a case file and use it."""
    path = session.ask_open(tr("Open a case file"), KINDS)
    if path:
        session.use_case(str(Path(path)))


def ask_role(dock: Any) -> None:
    """Ask below the head for the role under which changes are written down; those of the case file are offered."""
    leave_role(dock)
    session = dock.session
    save = states.button(tr("&Save"), lambda: _save_role(dock), "save_role", "/mActionFileSave.svg", primary=True)
    card = _RoleCard("calm", tr("My role"), tr("Changes are written down under your role, never under your name."), [
        save, states.button(tr("Cancel"), dock.leave_role, "leave_role", "/mActionRemove.svg")], "card_role")
    box = QComboBox()
    box.setObjectName("role")
    box.setEditable(True)
    box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(8)
    box.setAccessibleName(tr("My role"))
    box.addItem(session.role)
    box.lineEdit().setMaxLength(_LONGEST)
    box.lineEdit().selectAll()
    box.lineEdit().returnPressed.connect(lambda: _save_role(dock))
    label = QLabel(tr("&Role, such as 'beat officer'"))
    label.setWordWrap(True)
    label.setBuddy(box)
    hint = states.label("", "role_hint")
    hint.hide()
    for place, one in enumerate((label, box, hint), 2):
        card.body.insertWidget(place, one)
    card.left.connect(dock.leave_role)
    dock.role_place.addWidget(card)
    box.setFocus()
    if session.case and session.health is not None and session.health.readable and session.health.register:
        _offer_roles(session, box)


def _offer_roles(session: Any, box: QComboBox) -> None:
    path = session.case

    def read(job: Any) -> list:
        from .problemsdata import read_roles

        return read_roles(path)

    def came(roles: list) -> None:
        if not states.gone(box):
            text = box.currentText()
            box.addItems([role for role in roles if box.findText(role) < 0])
            box.setEditText(text)

    session.jobs.start(tr("Reading the roles"), read, came)


def _save_role(dock: Any) -> None:
    from ..layers import forms

    if not dock.role_place.count():  # Enter is told by the box and by its line
        return
    card = dock.role_place.itemAt(0).widget()
    text, hint = card.findChild(QComboBox, "role").currentText().strip(), card.findChild(QLabel, "role_hint")
    fault = "" if text else tr("Write a role, such as 'crime analyst'.")
    if not fault and not forms.names_nobody(text, False):
        fault = tr("This looks like a name, a number or an address of a person. Write it without.")
    hint.setText(fault)
    hint.setVisible(bool(fault))
    if not fault:
        dock.session.set_setting("role", text)
        leave_role(dock)


def leave_role(dock: Any) -> None:
    """Take the question for the role away."""
    if dock.role_place.count():
        states.clear(dock.role_place)
        dock.case_button.setFocus()
