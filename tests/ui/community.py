"""Shared by the tests of page 'Community input': the practice town, the page over a case file, and clicks."""

from __future__ import annotations

import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsPointXY, QgsProject, QgsRectangle, QgsVectorLayer
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QLabel, QWidget

from hotspot_plugin.analysis.community import inputs
from hotspot_plugin.layers import casestore
from tests.ui.conftest import settle

POINTS, AREAS = inputs.POINT_TABLE, inputs.AREA_TABLE
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


@pytest.fixture(scope="module")
def town(provider, tmp_path_factory):
    """The practice town, and an empty case file."""
    import processing

    folder = tmp_path_factory.mktemp("community")
    made = {name: folder / f"{name}.gpkg" for name in ("town", "case")}
    processing.run("hotspot:practicecity", {"SIZE": 0, "DIRTY": False, "LOAD": False, "OUTPUT": str(made["town"])})
    processing.run("hotspot:casefile", {"INPUT": f"{made['town']}|layername=beats", "OUTPUT": str(made["case"])})
    return made


@pytest.fixture
def canvas(iface, town):
    canvas = iface.mapCanvas()
    canvas.resize(400, 400)
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:32631"))
    canvas.setExtent(QgsRectangle(499_000, 99_000, 501_000, 101_000))
    canvas.show()
    yield canvas
    if canvas.mapTool() is not None:
        canvas.unsetMapTool(canvas.mapTool())


@pytest.fixture
def page(dock, canvas):
    dock.go("community")
    settle()
    return dock.page("community")


@pytest.fixture
def ready(dock, page, case, wait_until):
    """The page over a case file that was looked at."""
    dock.session.use_case(case)
    wait_until(lambda: dock.session.health is not None and dock.session.jobs.running() == 0)
    settle()
    wait_until(lambda: dock.session.jobs.running() == 0)
    settle()
    return page


def row(k: int, **more) -> tuple:
    return QgsGeometry.fromPointXY(QgsPointXY(500_000 + 7 * k, 100_000)), {
        inputs.CATEGORY: "light", inputs.CONCERN: 4, inputs.CONSENT: "count", inputs.SOURCE: "meeting",
        inputs.SAID_ON: f"2024-05-{k % 27 + 1:02d}", inputs.INPUT_ID: f"key-{k}", **more}


def fill(page, rows, wait_until) -> None:
    casestore.insert(page.session.case, {POINTS: rows})
    page.session.written(POINTS)
    quiet(page, wait_until)


def quiet(page, wait_until) -> None:
    wait_until(lambda: page.session.jobs.running() == 0 and not page.is_busy() and not page.session.runner.running())
    settle()


def find(page, name: str) -> QWidget:
    found = [one for one in page.findChildren(QWidget, name) if one.isVisibleTo(page)]
    assert found, f"no {name}"
    return found[-1]


def seen(page, name: str) -> bool:
    return any(one.isVisibleTo(page) for one in page.findChildren(QWidget, name))


def click(page, name: str) -> None:
    one = find(page, name)
    assert one.isEnabled(), name
    QTest.mouseClick(one, LEFT)
    settle()


def texts(page) -> str:
    return "\n".join(one.text() for one in page.findChildren(QLabel) if one.isVisibleTo(page))


def on_map(canvas, x: int, y: int, button=LEFT) -> None:
    QTest.mouseClick(canvas.viewport(), button, Qt.KeyboardModifier.NoModifier, QPoint(x, y))
    settle()


def choose(page, k: int = 0) -> None:
    page.newest.view.setCurrentIndex(page.newest.model.index(k))
    settle()


def add(town, *tables: str) -> dict:
    layers = {t: QgsVectorLayer(f"{town['town']}|layername={t}", t, "ogr") for t in tables}
    QgsProject.instance().addMapLayers(list(layers.values()))
    settle(0.2)
    return layers
