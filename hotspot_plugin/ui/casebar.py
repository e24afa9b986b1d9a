"""The case file in the head of the dock: its name, its health, and its menu."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import QgsApplication
from qgis.PyQt.QtWidgets import QInputDialog

from ..translation import tr
from . import theme
from .settings import yes

KINDS = "GeoPackage (*.gpkg)"


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
    button.setText(text)
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
    add(tr("My role: {role}…").format(role=session.role), lambda: ask_role(session))
    opens = add(tr("Open the dock with such projects"), lambda: session.set_setting(
        "opens", not yes(session.setting("opens", True))))
    opens.setCheckable(True)
    opens.setChecked(yes(session.setting("opens", True)))


def open_case(session: Any) -> None:
    """Ask for a case file and use it."""
    path = session.ask_open(tr("Open a case file"), KINDS)
    if path:
        session.use_case(str(Path(path)))


def ask_role(session: Any) -> None:
    """Ask for the role under which changes are written down."""
    text, well = QInputDialog.getText(session.window, tr("My role"), tr(
        "Changes are written down under your role, never under your name."), text=session.role)
    if well and text.strip():
        session.set_setting("role", text.strip())
