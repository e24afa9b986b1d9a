"""Compare periods: from the tab to a result, its numbers those of the tools, and every state in between."""

from __future__ import annotations

import processing
import pytest
from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QPushButton

from .conftest import settle


@pytest.fixture(scope="module")
def town(provider, tmp_path_factory):
    """The practice town: a small one, two years."""
    path = str(tmp_path_factory.mktemp("town") / "town.gpkg")
    processing.run("hotspot:practicecity", {"SIZE": 1, "DIRTY": False, "LOAD": False, "OUTPUT": path})
    return path


def add(path: str, name: str) -> QgsVectorLayer:
    layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
    assert layer.isValid()
    QgsProject.instance().addMapLayer(layer)
    return layer


def click(parent, name: str) -> None:
    button = parent.findChild(QPushButton, name)
    assert button is not None and button.isEnabled(), name
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.fixture
def page(dock, town, wait_until):
    """The page with the town's incidents, its weeks counted."""
    add(town, "incidents")
    dock.go("compare")
    page = dock.page("compare")
    wait_until(lambda: page.periods.weeks is not None)
    settle()
    return page


@pytest.fixture
def compared(page, wait_until):
    click(page, "compare")
    wait_until(lambda: page.result.outcome is not None)
    settle()
    return page


def test_from_tab_to_result_with_one_button(compared):
    result = compared.result
    assert result.isVisible()
    assert result.outcome.summary in result.card.text.text()
