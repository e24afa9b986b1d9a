"""Shared by the tests of the dock: a stand-in for the desktop, and the dock itself."""

from __future__ import annotations

import shutil
import sys
import time
import traceback

import pytest
from qgis.core import QgsProject, QgsSettings
from qgis.PyQt.QtCore import QCoreApplication, QEvent, QSettings
from qgis.PyQt.QtWidgets import QMainWindow


def settle(seconds: float = 0.05) -> None:
    """Let Qt do what it has to do, the deletion of widgets too."""
    end = time.monotonic() + seconds
    while True:
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        if time.monotonic() >= end:
            return
        time.sleep(0.005)


@pytest.fixture(scope="session", autouse=True)
def own_settings(qgis_app, tmp_path_factory):
    """Keep the settings of QGIS for these tests alone: what the dock remembers is changed all the time."""
    place = str(tmp_path_factory.mktemp("settings"))
    for kind in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
        QSettings.setPath(kind, QSettings.Scope.UserScope, place)


@pytest.fixture(autouse=True)
def no_slot_fails(monkeypatch):
    """Let an exception in a slot fail the test; PyQt would end the process, and QGIS show a window."""
    seen = []
    monkeypatch.setattr(sys, "excepthook", lambda *error: seen.append("".join(traceback.format_exception(*error))))
    yield seen
    assert not seen, seen[0]


@pytest.fixture(autouse=True)
def own_drafts(tmp_path, monkeypatch):
    """Keep drafts in a folder of the test."""
    monkeypatch.setattr("hotspot_plugin.ui.drafts.default_folder", lambda: tmp_path / "drafts")


@pytest.fixture
def case(town, tmp_path):
    """A case file of one's own, empty; the test's module makes the ``town`` that has one."""
    path = tmp_path / "case.gpkg"
    shutil.copy(town["case"], path)
    return str(path)


@pytest.fixture
def wait_until():
    """Return a function that waits until something is true, and fails where it never is."""

    def wait(condition, seconds: float = 30.0) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "waited in vain"
            settle(0.02)

    return wait


@pytest.fixture
def iface(qgis_iface, qgis_canvas):
    """The desktop's stand-in of pytest-qgis."""
    return qgis_iface


@pytest.fixture
def dock(iface, provider, monkeypatch):
    """A dock over an empty project, taken down afterwards."""
    from hotspot_plugin.ui.dock import HotspotDock

    # QGIS 3.44 does not take the stand-in for the desktop that pytest-qgis offers
    monkeypatch.setattr("processing.gui.Postprocessing.iface", None, raising=False)
    QgsProject.instance().clear()
    QgsSettings().remove("crime_hotspots")
    window = QMainWindow()
    made = HotspotDock(iface)
    made.setParent(window)
    window.resize(420, 800)
    window.setCentralWidget(made)
    window.show()
    made.show()
    yield made
    made.close_down()
    window.close()
    window.deleteLater()
    settle()
    QgsProject.instance().clear()
