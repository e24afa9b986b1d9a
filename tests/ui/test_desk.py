"""The dock's place on the desktop: opens by itself, remembers itself, and leaves nothing behind."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from qgis.core import QgsApplication, QgsExpressionContextUtils, QgsProject, QgsSettings, QgsVectorLayer
from qgis.PyQt import sip
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QAction, QDockWidget, QMainWindow, QMenu, QToolBar

from hotspot_plugin.plugin import HotspotPlugin
from hotspot_plugin.ui import desk as module
from hotspot_plugin.ui import runner
from hotspot_plugin.ui.settings import PREFIX, VARIABLE

from .conftest import settle


class Desktop:
    """Does with actions and docks what QGIS does."""

    def __init__(self, canvas) -> None:
        self.window, self.canvas, self.registered = QMainWindow(), canvas, []
        self.bar = QToolBar(self.window)
        self.window.addToolBar(self.bar)
        self.plugins, self.panels = QMenu(self.window), QMenu(self.window)
        self.panels.setObjectName("mPanelMenu")
        self.window.show()

    def mainWindow(self):  # noqa: N802
        return self.window

    def mapCanvas(self):  # noqa: N802
        return self.canvas

    def addToolBarIcon(self, action):  # noqa: N802
        self.bar.addAction(action)

    def removeToolBarIcon(self, action):  # noqa: N802
        self.bar.removeAction(action)

    def addPluginToMenu(self, name, action):  # noqa: N802
        menu = next((m for m in self.plugins.findChildren(QMenu) if m.title() == name), None)
        (menu or self.plugins.addMenu(name)).addAction(action)

    def removePluginMenu(self, name, action):  # noqa: N802
        menu = next(m for m in self.plugins.findChildren(QMenu) if m.title() == name)
        menu.removeAction(action)
        if not menu.actions():
            self.plugins.removeAction(menu.menuAction())
            menu.deleteLater()

    def registerMainWindowAction(self, action, key):  # noqa: N802
        self.registered.append(action)
        return True

    def unregisterMainWindowAction(self, action):  # noqa: N802
        self.registered.remove(action)
        return True

    def addDockWidget(self, area, dock):  # noqa: N802
        self.window.addDockWidget(area, dock)
        self.panels.addAction(dock.toggleViewAction())

    def removeDockWidget(self, dock):  # noqa: N802
        self.window.removeDockWidget(dock)
        self.panels.removeAction(dock.toggleViewAction())

    def __getattr__(self, name):
        return MagicMock()


@pytest.fixture
def desktop(provider, qgis_canvas, monkeypatch):
    monkeypatch.setattr("processing.gui.Postprocessing.iface", None, raising=False)
    # the tools stay for the tests that follow
    monkeypatch.setattr(HotspotPlugin, "initProcessing", lambda self: None)
    QgsProject.instance().clear()
    QgsSettings().remove("crime_hotspots")
    made = Desktop(qgis_canvas)
    yield made
    QgsProject.instance().clear()
    made.window.close()
    sip.delete(made.window)
    QgsSettings().remove("crime_hotspots")


@pytest.fixture
def plugin(desktop):
    made = HotspotPlugin(desktop)
    made.initGui()
    yield made
    if made.desk is not None:
        made.unload()
    settle()


def docks(desktop) -> list:
    return [d for d in desktop.window.findChildren(QDockWidget) if d.objectName() == "CrimeHotspotsDock"]


def test_action_shows_and_hides_the_one_dock(plugin, desktop):
    action = plugin.desk.action
    assert docks(desktop) == [] and desktop.registered == [action]
    assert action in desktop.bar.actions() and [a.text() for a in desktop.plugins.actions()] == ["&Crime Hotspots"]
    action.trigger()
    settle()
    assert len(docks(desktop)) == 1 and docks(desktop)[0].isVisible() and action.isChecked()
    assert plugin.desk.dock.toggleViewAction() in desktop.panels.actions()
    action.trigger()
    settle()
    assert not docks(desktop)[0].isVisible() and not action.isChecked()
    plugin.desk.dock.toggleViewAction().trigger()  # View > Panels
    settle()
    assert docks(desktop)[0].isVisible() and action.isChecked() and len(docks(desktop)) == 1
    plugin.desk.dock.close()
    settle()
    assert not action.isChecked() and str(QgsSettings().value(PREFIX + "shown")).lower() == "false"


def test_comes_back_where_it_was(plugin, desktop):
    plugin.desk.show_dock()
    desktop.window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, plugin.desk.dock)
    plugin.desk.dock.go("start")
    settle()
    state = desktop.window.saveState()
    plugin.unload()
    settle()
    desktop.window.restoreState(state)  # as QGIS does when it starts
    plugin.initGui()
    settle()
    assert len(docks(desktop)) == 1 and docks(desktop)[0].isVisible()
    assert desktop.window.dockWidgetArea(plugin.desk.dock) == Qt.DockWidgetArea.LeftDockWidgetArea
    assert plugin.desk.dock.toggleViewAction() in desktop.panels.actions()


@pytest.mark.parametrize("ours", [True, False])
@pytest.mark.parametrize("wanted", [True, False])
def test_opens_by_itself_with_a_project_that_holds_our_data(plugin, desktop, tmp_path, ours, wanted):
    QgsSettings().setValue(PREFIX + "opens", wanted)
    if ours:
        QgsExpressionContextUtils.setProjectVariable(QgsProject.instance(), VARIABLE, str(tmp_path / "gone.gpkg"))
    path = str(tmp_path / "p.qgz")
    QgsProject.instance().write(path)
    QgsProject.instance().clear()
    QgsProject.instance().read(path)
    settle(0.1)
    assert bool(docks(desktop)) is (ours and wanted)
    if ours and wanted:
        QgsProject.instance().read(path)
        settle(0.1)
        assert len(docks(desktop)) == 1


def test_layers_of_ours_are_told(plugin):
    from hotspot_plugin.layers import provenance

    layer = QgsVectorLayer("Point", "x", "memory")
    QgsProject.instance().addMapLayer(layer)
    assert not module.holds_ours()
    layer.setMetadata(provenance.metadata("x", "x", "", layer.crs(), practice=True))
    assert module.holds_ours()


def test_reloaded_twenty_times_leaves_nothing(plugin, desktop):
    import hotspot_plugin.ui.dock as dock_module

    plugin.unload()
    settle()
    before = (len(desktop.window.findChildren(QAction)), len(desktop.bar.actions()), len(desktop.panels.actions()),
              len(desktop.window.children()))
    assert desktop.plugins.actions() == [] and desktop.registered == []
    seen = []
    for _ in range(20):
        plugin.initGui()
        plugin.desk.show_dock()
        for name, *_rest in dock_module.PAGES:
            plugin.desk.dock.go(name)
        settle(0.0)
        parts = [plugin.desk, plugin.desk.dock, plugin.desk.dock.session, plugin.desk.action,
                 *plugin.desk.dock.pages.values()]
        plugin.unload()
        settle(0.0)
        assert all(map(sip.isdeleted, parts))
        seen += [weakref.ref(part) for part in parts]
        parts = None
        assert docks(desktop) == [] and desktop.plugins.actions() == [] and desktop.registered == []
    settle(0.2)
    gc.collect()
    alive = {type(ref()).__name__ for ref in seen if ref() is not None}
    assert not alive, alive
    after = (len(desktop.window.findChildren(QAction)), len(desktop.bar.actions()), len(desktop.panels.actions()),
             len(desktop.window.children()))
    assert after == before


def test_unloaded_while_a_tool_runs(plugin, desktop, wait_until, tmp_path):
    plugin.desk.show_dock()
    told = []
    session = plugin.desk.dock.session
    session.ranTool.connect(told.append)
    page = plugin.desk.dock.page("start")
    page.run_tool("practicecity", {"SIZE": 1, "LOAD": True, "OUTPUT": str(tmp_path / "t.gpkg")}, told.append)
    session.jobs.start("x", lambda job: 1, told.append)
    settle(0.2)
    assert QgsApplication.taskManager().countActiveTasks() >= 1
    plugin.unload()
    settle(0.0)
    assert sip.isdeleted(session)
    wait_until(lambda: not runner._lingering and QgsApplication.taskManager().countActiveTasks() == 0)
    settle(0.2)
    assert QgsProject.instance().mapLayers() == {}
    assert not any(hasattr(one, "results") for one in told)


def test_layers_and_project_go_while_the_dock_is_shown(plugin, desktop):
    plugin.desk.show_dock()
    layer = QgsVectorLayer("Point?crs=EPSG:32630", "x", "memory")
    QgsProject.instance().addMapLayer(layer)
    settle(0.1)
    QgsProject.instance().removeMapLayer(layer.id())
    settle(0.1)
    QgsProject.instance().clear()
    settle(0.1)
    assert plugin.desk.dock.isVisible()


def test_start_does_not_make_the_dock():
    code = ("import sys; from hotspot_plugin.ui import desk; "
            "print(sorted(m for m in sys.modules if m.startswith('hotspot_plugin.ui.')))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60,
                          cwd=Path(__file__).resolve().parents[2])
    assert done.stdout.strip() == "['hotspot_plugin.ui.desk', 'hotspot_plugin.ui.settings']", done.stderr
