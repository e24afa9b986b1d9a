"""The ways in which a tool is run: as a task, in a model, with expressions, with limits, cancelled."""

from __future__ import annotations

import json

import numpy as np
import pytest
from qgis.core import (
    QgsApplication,
    QgsFeatureRequest,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelOutput,
    QgsProcessingModelParameter,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingParameterFeatureSource,
    QgsProject,
    QgsProperty,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QEventLoop, QTimer

from . import samples
from .test_base import Sample, run, sample  # noqa: F401 (fixture)


@pytest.fixture
def project_layer(tmp_path):
    """A GeoPackage of 400 points, open in the project."""
    rng = np.random.default_rng(3)
    x, y = rng.uniform(500_000, 501_000, (2, 400))
    path = samples.save(
        tmp_path / "points.gpkg", samples.writing.points_from_arrays(x, y + 5_400_000), {"a": np.arange(400)})
    layer = QgsVectorLayer(path, "open points", "ogr")
    QgsProject.instance().addMapLayer(layer, False)
    yield layer
    QgsProject.instance().removeAllMapLayers()


def as_task(tool, parameters, cancel=False):
    """Run as a dock does and return (ok, results, context)."""
    algorithm = QgsApplication.processingRegistry().createAlgorithmById(tool)
    context, feedback = QgsProcessingContext(), QgsProcessingFeedback()
    context.setProject(QgsProject.instance())
    task = QgsProcessingAlgRunnerTask(algorithm, parameters, context, feedback)
    done, loop = [], QEventLoop()
    task.executed.connect(lambda ok, results: (done.append((ok, results)), loop.quit()))
    QgsApplication.taskManager().addTask(task)
    if cancel:
        task.cancel()
    QTimer.singleShot(20_000, loop.quit)
    if not done:
        loop.exec()
    assert done, "the task did not end"
    return (*done[0], context, feedback)


def routes(monkeypatch):
    """Note by which way the sample reads."""
    seen = []

    def execute(self, run):
        points = run.points("INPUT")
        seen.append((points.route, len(points)))
        run.write_points("OUTPUT", points.x, points.y, {"n": np.arange(len(points))})
        return {"COUNT": len(points), "NOTHING": None}

    monkeypatch.setattr(Sample, "execute", execute)
    return seen


def test_a_task_on_a_project_layer(sample, project_layer, monkeypatch):  # noqa: F811
    seen = routes(monkeypatch)
    for route in ("arrow", "features"):
        if route == "features":
            project_layer.startEditing()
            project_layer.deleteFeature(1)
        output = QgsProcessingOutputLayerDefinition("TEMPORARY_OUTPUT", QgsProject.instance())
        ok, results, context, feedback = as_task(sample, {"INPUT": project_layer.id(), "OUTPUT": output})
        assert ok, feedback.textLog()
        assert seen[-1] == (route, 400 if route == "arrow" else 399)
        made = json.loads(results["PROVENANCE"])["inputs"]["INPUT"]
        assert (made["layer"], made["file"]) == ("open points", "points.gpkg")
        layer = context.takeResultLayer(results["OUTPUT"])
        assert layer.featureCount() == seen[-1][1]
    project_layer.rollBack()


def test_a_cancelled_task_ends(sample, project_layer, monkeypatch):  # noqa: F811
    def endless(self, run):
        while True:
            run.progress(0.5)

    monkeypatch.setattr(Sample, "execute", endless)
    ok, _, _, feedback = as_task(sample, {"INPUT": project_layer.id(), "OUTPUT": "memory:"}, cancel=True)
    assert not ok


def test_parameters_given_as_expressions(sample, project_layer, tmp_path, monkeypatch):  # noqa: F811
    seen = routes(monkeypatch)
    result = run(sample, {
        "INPUT": QgsProperty.fromExpression(f"'{project_layer.id()}'"),
        "DISTANCE": QgsProperty.fromExpression("100 * 3"),
        "SECRET": QgsProperty.fromExpression("'a' || 'b'"),
        "OUTPUT": str(tmp_path / "out.gpkg")})
    assert seen == [("arrow", 400)]
    made = json.loads(result["PROVENANCE"])["parameters"]
    assert made["DISTANCE"] == 300 and made["SECRET"] == "ab"


@pytest.mark.parametrize("check", [
    QgsFeatureRequest.InvalidGeometryCheck.GeometryAbortOnInvalid,
    QgsFeatureRequest.InvalidGeometryCheck.GeometrySkipInvalid,
])
def test_settings_for_invalid_geometry_do_not_matter_to_points(sample, project_layer, monkeypatch, check):  # noqa: F811
    seen = routes(monkeypatch)
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    context.setInvalidGeometryCheck(check)
    run(sample, {"INPUT": project_layer.id(), "OUTPUT": "memory:"}, context=context)
    project_layer.selectByExpression("a < 10")
    given = QgsProcessingFeatureSourceDefinition(project_layer.id(), True)
    run(sample, {"INPUT": given, "OUTPUT": "memory:"}, context=context)
    assert seen == [("arrow", 400), ("features", 10)]


def test_a_model_on_a_project_layer(sample, project_layer, monkeypatch):  # noqa: F811
    """Two steps, of which the second reads what the first made."""
    seen = routes(monkeypatch)
    model = QgsProcessingModelAlgorithm("two steps", "test")
    model.addModelParameter(QgsProcessingParameterFeatureSource("layer", "layer"), QgsProcessingModelParameter("layer"))
    source = QgsProcessingModelChildParameterSource
    steps = (source.fromModelParameter("layer"), source.fromChildOutput("one", "OUTPUT"))
    for name, given in zip(("one", "two"), steps):
        child = QgsProcessingModelChildAlgorithm(sample)
        child.setChildId(name)
        child.addParameterSources("INPUT", [given])
        child.addParameterSources("DISTANCE", [source.fromStaticValue(5.0)])
        if name == "two":
            output = QgsProcessingModelOutput("made", "made")
            output.setChildId(name)
            output.setChildOutputName("OUTPUT")
            child.setModelOutputs({"made": output})
        model.addChildAlgorithm(child)
    model.updateDestinationParameters()
    assert model.validate()[0]
    name = model.destinationParameterDefinitions()[0].name()  # made by QGIS, and otherwise from 3.40 on
    result = run(model, {"layer": project_layer.id(), name: "memory:"})
    assert result[name].featureCount() == 400 and [n for _, n in seen] == [400, 400]
