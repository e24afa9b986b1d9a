"""Tools in background tasks, as the dock runs them."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import time
import weakref
from pathlib import Path

import processing
import pytest
from processing.core.ProcessingConfig import ProcessingConfig
from qgis import gui
from qgis.core import (
    QgsApplication,
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingAlgorithm,
    QgsProcessingParameterString,
    QgsProcessingProvider,
    QgsProject,
    QgsVectorLayer,
)

from hotspot_plugin.ui import runner as module
from hotspot_plugin.ui.runner import TEMPORARY, Runner

from .conftest import settle

ROOT = Path(__file__).resolve().parents[2]


class Awkward(QgsProcessingAlgorithm):
    """Does what a tool should not, as its name says."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def createInstance(self):  # noqa: N802
        return Awkward(self._name)

    def name(self):
        return self._name

    def displayName(self):  # noqa: N802
        return self._name

    def initAlgorithm(self, configuration=None):  # noqa: N802
        self.addParameter(QgsProcessingParameterString("TEXT", "Text", "", optional=True))

    def checkParameterValues(self, parameters, context):  # noqa: N802
        if self._name == "check":
            raise ValueError("bad check")
        return super().checkParameterValues(parameters, context)

    def prepareAlgorithm(self, parameters, context, feedback):  # noqa: N802
        if self._name == "prepare":
            raise ValueError("bad preparation")
        return True

    def processAlgorithm(self, parameters, context, feedback):  # noqa: N802
        if self._name == "raise":
            raise ValueError("bad work")
        while self._name == "wait" and not feedback.isCanceled():
            time.sleep(0.005)
        return {}


class AwkwardProvider(QgsProcessingProvider):
    def id(self):
        return "awkward"

    def name(self):
        return "Awkward"

    def loadAlgorithms(self):  # noqa: N802
        for name in ("check", "prepare", "raise", "wait", "well"):
            self.addAlgorithm(Awkward(name))


@pytest.fixture(scope="module")
def town(provider, tmp_path_factory):
    path = tmp_path_factory.mktemp("town") / "town.gpkg"
    processing.run("hotspot:practicecity", {"SIZE": 0, "DIRTY": False, "OUTPUT": str(path)})
    return path


@pytest.fixture
def runner(provider, qgis_app, monkeypatch):
    monkeypatch.setattr("processing.gui.Postprocessing.iface", None, raising=False)
    QgsProject.instance().clear()
    awkward = AwkwardProvider()
    QgsApplication.processingRegistry().addProvider(awkward)
    made = Runner()
    yield made
    made.close_down()
    settle()
    QgsProject.instance().clear()
    QgsApplication.processingRegistry().removeProvider(awkward)


@pytest.fixture
def run(runner, wait_until):
    def go(tool, parameters):
        ended = []
        runner.run(tool, parameters).ended.connect(ended.append)
        wait_until(lambda: ended)
        assert runner.running() == []
        return ended[0]

    return go


@pytest.fixture
def incidents(runner, town):
    layer = QgsVectorLayer(f"{town}|layername=incidents", "incidents", "ogr")
    QgsProject.instance().addMapLayer(layer)
    return layer


def test_result_is_loaded_with_its_look_and_sentence(run, incidents):
    outcome = run("findhotspots", {"INPUT": incidents.id()})
    assert outcome.state == "done", outcome.text
    assert "hot spot" in outcome.summary and outcome.summary == outcome.results["SUMMARY"]
    assert outcome.layers
    for output, id in outcome.layers.items():
        layer = QgsProject.instance().mapLayer(id)
        assert layer.isValid() and outcome.results[output] == id
    assert any(QgsProject.instance().mapLayer(id).renderer().type() != "singleSymbol" for id in outcome.layers.values())
    assert outcome.seconds > 0 and outcome.notes


def test_optional_result_comes_where_asked_for(run, incidents):
    assert "UNLOCATED" not in run("prepareincidents", {"INPUT": incidents.id()}).layers
    outcome = run("prepareincidents", {"INPUT": incidents.id(), "UNLOCATED": TEMPORARY})
    assert {"OUTPUT", "UNLOCATED"} <= set(outcome.layers), outcome.text


def test_results_go_into_the_group_of_the_settings(run, incidents):
    ProcessingConfig.setSettingValue(ProcessingConfig.RESULTS_GROUP_NAME, "Results")
    try:
        outcome = run("incidentseries", {"INPUT": incidents.id()})
    finally:
        ProcessingConfig.setSettingValue(ProcessingConfig.RESULTS_GROUP_NAME, "")
    group = QgsProject.instance().layerTreeRoot().findGroup("Results")
    assert group is not None and {node.layerId() for node in group.findLayers()} == set(outcome.layers.values())


def _history() -> str:
    if hasattr(gui.QgsGui, "historyProviderRegistry"):
        return "\n".join(str(entry.entry) for entry in gui.QgsGui.historyProviderRegistry().queryEntries())
    from processing.core.ProcessingLog import ProcessingLog

    return Path(ProcessingLog.logFilename()).read_text(encoding="utf-8")


def test_run_is_in_the_history_and_its_command_repeats_it(run, incidents, tmp_path):
    target = tmp_path / "by week.csv"
    outcome = run("incidentseries", {"INPUT": incidents.id(), "OUTPUT": str(tmp_path / "first.gpkg")})
    assert outcome.state == "done" and "hotspot:incidentseries" in _history()
    assert outcome.python.startswith("processing.run(") and "hotspot:incidentseries" in outcome.python
    words = shlex.split(outcome.command)
    assert words[:2] == ["qgis_process", "run"] and "hotspot:incidentseries" in words
    program = shutil.which("qgis_process.bin") or shutil.which("qgis_process")
    if program is None:
        pytest.skip("qgis_process is not installed")
    words = [word if not word.startswith("--OUTPUT=") else f"--OUTPUT={target}" for word in words]
    environment = dict(os.environ, QT_QPA_PLATFORM="offscreen", QGIS_PLUGINPATH=str(ROOT),
                       QGIS_CUSTOM_CONFIG_PATH=str(tmp_path / "profile"))
    subprocess.run([program, "plugins", "enable", "hotspot_plugin"], env=environment, capture_output=True, timeout=120)
    done = subprocess.run([program, *words[1:]], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and target.exists(), done.stderr
    first = QgsVectorLayer(str(tmp_path / "first.gpkg"), "first", "ogr")
    assert first.featureCount() == len(target.read_text().splitlines()) - 1 > 0


def test_refusal_comes_as_a_failure_in_the_tools_words(run, incidents):
    outcome = run("findhotspots", {"INPUT": "no such layer"})
    assert outcome.state == "failed" and outcome.text
    outcome = run("casefile", {"OUTPUT": "/nowhere/x.txt"})
    assert outcome.state == "failed" and ".gpkg" in outcome.text


@pytest.mark.parametrize("name", ["check", "prepare", "raise"])
def test_unforeseen_error_ends_the_run(run, name):
    outcome = run(f"awkward:{name}", {})
    assert outcome.state == "failed" and "bad" in outcome.text


def test_unforeseen_error_after_the_work_ends_the_run(run, monkeypatch):
    monkeypatch.setattr(module.ToolRun, "_load", lambda *_: 1 / 0)
    outcome = run("awkward:well", {})
    assert outcome.state == "failed" and "division" in outcome.text


def test_history_that_cannot_be_written_spoils_nothing(run, monkeypatch):
    monkeypatch.setattr(module, "keep_in_history", lambda *_: 1 / 0)
    assert run("awkward:well", {}).state == "done"


def test_cancelled_before_it_began(runner, wait_until):
    ended = []
    one = runner.run("awkward:wait", {})
    one.ended.connect(ended.append)
    one.cancel()
    wait_until(lambda: ended, 2)
    assert ended[0].state == "cancelled"


def test_cancelled_in_the_middle_within_a_second(runner, wait_until, tmp_path):
    ended, moved = [], []
    one = runner.run("practicecity", {"SIZE": 2, "OUTPUT": str(tmp_path / "big.gpkg")})
    one.ended.connect(ended.append)
    one.progressed.connect(moved.append)
    wait_until(lambda: moved and moved[-1] > 0)
    begin = time.monotonic()
    one.cancel()
    wait_until(lambda: ended)
    assert time.monotonic() - begin < 1.0
    assert ended[0].state == "cancelled" and not ended[0].layers
    assert not QgsProject.instance().mapLayers()


def test_cancelled_in_the_list_of_tasks_of_qgis(runner, wait_until):
    ended = []
    runner.run("awkward:wait", {}).ended.connect(ended.append)
    manager = QgsApplication.taskManager()
    wait_until(lambda: manager.activeTasks())
    manager.cancelAll()
    wait_until(lambda: ended)
    assert ended[0].state == "cancelled"


def test_run_whose_dock_has_gone_ends_and_calls_nobody(provider, runner, wait_until, incidents):
    ended = []
    other = Runner()
    other.run("findhotspots", {"INPUT": incidents.id()}).ended.connect(ended.append)
    other.run("awkward:wait", {}).ended.connect(ended.append)
    settle(0.0)
    other.close_down()
    other.deleteLater()
    wait_until(lambda: not module._lingering and QgsApplication.taskManager().countActiveTasks() == 0)
    assert ended == [] and len(QgsProject.instance().mapLayers()) == 1


def test_layer_that_is_taken_away_while_the_tool_reads_it(runner, wait_until, incidents):
    ended = []
    runner.run("findhotspots", {"INPUT": incidents.id()}).ended.connect(ended.append)
    settle(0.02)
    QgsProject.instance().removeMapLayer(incidents.id())
    wait_until(lambda: ended)
    assert ended[0].state in ("done", "failed")


def test_a_tool_of_qgis_has_stopped_when_its_layer_goes(qgis_processing, wait_until):
    """QGIS's own tools read the project's layer in their thread, and ended QGIS when it was deleted meanwhile."""
    layer = QgsVectorLayer("Point?crs=EPSG:32631&field=a:integer", "many", "memory")
    rows = []
    for k in range(30_000):
        feature = QgsFeature(layer.fields())
        feature.setAttributes([k])
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(k, k)))
        rows.append(feature)
    layer.dataProvider().addFeatures(rows)
    for _ in range(3):
        one = layer.clone()
        QgsProject.instance().addMapLayer(one)
        runner, ended = Runner(), []
        run = runner.run("native:buffer", {"INPUT": one.id(), "DISTANCE": 5, "OUTPUT": "TEMPORARY_OUTPUT"})
        run.ended.connect(ended.append)
        wait_until(run.at_work)
        QgsProject.instance().removeMapLayer(one.id())
        assert run.over or not run.at_work()
        wait_until(lambda: ended)  # noqa: B023 (used in the same turn)
        assert ended[0].state == "cancelled"
        runner.close_down()


def test_what_a_run_worked_with_dies_in_the_main_thread(incidents, wait_until):
    import gc

    gc.disable()  # which would do it, in whatever thread it happens to run
    try:
        runner, ended = Runner(), []
        run = runner.run("incidentseries", {"INPUT": incidents.id()})
        run.ended.connect(ended.append)
        context = weakref.ref(run._context)
        wait_until(lambda: ended)
        settle(0.1)
        assert ended[0].state == "done", ended[0].text
        assert context() is None, [repr(one)[:200] for one in gc.get_referrers(context())]
    finally:
        gc.enable()
