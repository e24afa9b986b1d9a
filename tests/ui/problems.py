"""Shared by the tests of page 'Problems and actions': case files, the page over them, and clicks."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QLabel, QPushButton, QWidget

from hotspot_plugin.analysis.problems import register as r
from hotspot_plugin.layers import casestore
from tests.ui.conftest import settle

TODAY = date.today()


def day(days: int) -> str:
    return (TODAY + timedelta(days=days)).isoformat()


@pytest.fixture(scope="module")
def town(provider, tmp_path_factory):
    """The practice town with hot spots and an empty case file."""
    import processing

    folder = tmp_path_factory.mktemp("problems")
    made = {name: folder / f"{name}.gpkg" for name in ("town", "hotspots", "cells", "case")}
    processing.run("hotspot:practicecity", {"SIZE": 1, "DIRTY": False, "LOAD": False, "OUTPUT": str(made["town"])})
    processing.run("hotspot:findhotspots", {
        "INPUT": f"{made['town']}|layername=incidents", "HOTSPOTS": str(made["hotspots"]),
        "OUTPUT": str(made["cells"])})
    processing.run("hotspot:casefile", {"INPUT": f"{made['town']}|layername=beats", "OUTPUT": str(made["case"])})
    return made


@pytest.fixture
def filled(case):
    """A case file with three problems and four actions."""
    casestore.insert(case, {
        r.PROBLEMS: [
            (None, {r.PROBLEM_ID: "p1", r.TITLE: "Thefts at the station", r.OWNER: "beat officer", r.STAGE: "respond",
                    r.DUE_ON: day(-12)}),
            (None, {r.PROBLEM_ID: "p2", r.TITLE: "Noise in the park", r.STAGE: "scan", r.DUE_ON: day(3)}),
            (None, {r.PROBLEM_ID: "p3", r.TITLE: "Old story", r.STAGE: "closed", r.DUE_ON: day(-50)})],
        r.ACTIONS: [
            (None, {r.ACTION_ID: "a1", r.PROBLEM_ID: "p1", r.ACTION: "Repair the lamps", r.OWNER: "beat officer",
                    r.DUE_ON: day(-2)}),
            (None, {r.ACTION_ID: "a2", r.PROBLEM_ID: "p1", r.ACTION: "Walk by at night", r.OWNER: "beat officer",
                    r.DUE_ON: day(5)}),
            (None, {r.ACTION_ID: "a3", r.PROBLEM_ID: "p2", r.ACTION: "Talk to the club", r.OWNER: "beat officer",
                    r.DUE_ON: day(7)}),
            (None, {r.ACTION_ID: "a4", r.PROBLEM_ID: "p2", r.ACTION: "Count the calls", r.OWNER: "crime analyst",
                    r.DUE_ON: day(8)})]}, "crime analyst")
    return case


@pytest.fixture
def page(dock):
    dock.go("problems")
    settle()
    return dock.page("problems")


@pytest.fixture
def opened(page, dock, filled, wait_until):
    """The page over the filled file."""
    dock.session.use_case(filled)
    wait_until(lambda: page.register is not None and page.register.lines)
    return page


def find(page, kind, name):
    """Return the visible widget of a name; the page must have one."""
    found = [one for one in page.findChildren(kind, name) if one.isVisibleTo(page)]
    assert found, f"no {name} is shown"
    return found[0]


def click(page, name):
    one = find(page, QPushButton, name)
    assert one.isEnabled(), f"{name} cannot be pressed"
    QTest.mouseClick(one, Qt.MouseButton.LeftButton)
    settle(0.02)


def shown(page, name) -> bool:
    return any(one.isVisibleTo(page) for one in page.findChildren(QWidget, name))


def titles(page) -> list:
    return [line.title for line in page.list.model.shown]


def said(page) -> str:
    return "\n".join(one.text() for one in page.findChildren(QLabel) if one.isVisibleTo(page))


def open_first(page, wait_until):
    page.list.view.setFocus()
    page.list.view.setCurrentIndex(page.list.model.index(0))
    QTest.keyClick(page.list.view, Qt.Key.Key_Return)
    wait_until(lambda: page.view() is not None)
    for fold in page.view().folds.values():
        fold.open()
    settle()
    return page.view()
