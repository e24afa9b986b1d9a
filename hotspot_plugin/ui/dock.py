"""The dock: a place to work for people who never open the toolbox."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.gui import QgsDockWidget
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QMenu,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ..loading import part
from ..translation import tr
from . import casebar, states, theme
from .fold import EvenLayout
from .jobs import log
from .pagetabs import PageTabs
from .session import Session

#: name of the page, module below ``ui``, class; a page is imported and made when it is first shown
PAGES = [
    ("start", "startpage", "StartPage"),
    ("community", "communitypage", "CommunityPage"),
    ("compare", "comparepage", "ComparePage"),
    ("problems", "problemspage", "ProblemsPage"),
]


class HotspotDock(QgsDockWidget):
    """Crime Hotspots in a dock."""

    def __init__(self, iface: Any) -> None:
        super().__init__(tr("Crime Hotspots"), iface.mainWindow() if iface else None)
        # by this name QGIS remembers where the dock was
        self.setObjectName("CrimeHotspotsDock")
        self.setAllowedAreas(Qt.DockWidgetArea.LeftDockWidgetArea | Qt.DockWidgetArea.RightDockWidgetArea)
        self.session = Session(iface, self)
        self.pages: dict = {}
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._header())
        self.role_place = QVBoxLayout()
        self.role_place.setContentsMargins(theme.unit(self), 0, theme.unit(self), theme.unit(self) // 2)
        column.addLayout(self.role_place)
        column.addWidget(self._tabs())
        self.stack = QStackedWidget()
        column.addWidget(self.stack, 1)
        self.setWidget(inner)
        self.session.caseChanged.connect(self._show_case)
        self.session.projectChanged.connect(self._show_case)
        self.session.projectChanged.connect(self.leave_role)
        self.session.wanted.connect(self.go)
        self._show_case()
        self.go(str(self.session.setting("page", "start")))

    # --- parts ---------------------------------------------------------------------------------
    def _header(self) -> EvenLayout:
        gap = theme.unit(self)
        row = EvenLayout(spacing=gap)
        row.setContentsMargins(gap, gap // 2, gap, gap // 2)
        self.case_button = casebar.CaseButton()
        self.case_button.setObjectName("case_file")
        self.case_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.case_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.case_button.setAutoRaise(True)
        self.case_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.case_button.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.case_menu = QMenu(self.case_button)
        self.case_menu.aboutToShow.connect(self._fill_menu)
        self.case_button.setMenu(self.case_menu)
        row.addWidget(self.case_button)
        self.report_button = states.button(
            tr("Report a concern"), lambda: self.session.go("community", report=True), "report_concern",
            "/mActionAddMarker.svg", tr("Click on the map where somebody is worried, and write down what was said"))
        row.addWidget(self.report_button)
        return row

    def _tabs(self) -> PageTabs:
        self.names = PageTabs()
        self.tabs = self.names.bar
        words = {
            "start": (tr("Start"), tr("Begin here: practice data, your incidents, or a case file")),
            "community": (tr("Residents"), tr("What residents say, and what became of it")),
            "compare": (tr("Compare"), tr("Before and after: did it work?")),
            "problems": (tr("Actions"), tr("Problems, who does what, and until when")),
        }
        for name, *_ in PAGES:
            self.names.add(name, *words[name])
        self.tabs.currentChanged.connect(lambda index: self.go(self.tabs.tabData(index)))
        return self.names

    # --- pages ---------------------------------------------------------------------------------
    def page(self, name: str) -> Any:
        """Return a page, made now if it was not."""
        if name not in self.pages:
            module, kind = next((m, k) for n, m, k in PAGES if n == name)
            made = part(f"{__package__}.{module}", kind)(self.session)
            self.pages[name] = made
            self.stack.addWidget(made)
        return self.pages[name]

    def go(self, name: str, hint: dict | None = None) -> None:
        """Show a page, and give it what to begin with."""
        names = [n for n, *_ in PAGES]
        name = name if name in names else "start"
        page = self.page(name)
        if self.stack.currentWidget() is not page:
            self.stack.setCurrentWidget(page)
        if self.tabs.currentIndex() != names.index(name):
            self.names.set_current(names.index(name))
        self.session.set_setting("page", name)
        page.refresh()
        if hint:
            page.arrive(**hint)

    def good_width(self) -> int:
        """Return a width at which all pages are offered side by side; it may be made narrower."""
        return max(self.tabs.sizeHint().width(), self.report_button.sizeHint().width() * 2) + 2 * theme.unit(self)

    # --- the case file -------------------------------------------------------------------------
    def _show_case(self) -> None:
        casebar.show(self)

    def leave_role(self) -> None:
        """Take the question for the user's role away."""
        casebar.leave_role(self)

    def _fill_menu(self) -> None:
        casebar.fill(self)

    def close_down(self) -> None:
        """Let go of everything; the dock is deleted afterwards."""
        for page in self.pages.values():
            try:
                page.close_down()
            except Exception as error:  # the others must be let go all the same
                log(error)
        self.session.close_down()

    @property
    def case_name(self) -> str:
        return Path(self.session.case).name if self.session.case else ""
