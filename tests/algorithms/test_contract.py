"""Holds every registered tool to the habits that users, models and scripts rely on."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from qgis.core import (
    QgsFeature,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelOutput,
    QgsProcessingModelParameter,
    QgsProcessingParameterFeatureSource,
    QgsProject,
    QgsVectorLayer,
)

from hotspot_plugin.algorithms import groups
from hotspot_plugin.algorithms.base import HotspotAlgorithm
from hotspot_plugin.layers import fields
from hotspot_plugin.provider import TOOLS

from . import samples

ROOT = Path(__file__).resolve().parents[2]
IDS = [module.rsplit(".", 1)[1] for module, _ in TOOLS]
GROUPS = {value.id: value.title for value in vars(groups).values() if isinstance(value, groups.Group)}
#: Words that keep their capitals inside a name.
NAMES = {"Gi*", "Getis-Ord", "CPTED", "CompStat", "DBSCAN", "NNH", "SPPT", "WDD", "ID", "CRS", "PAI", "HTML", "CSV",
         "JSON", "Knox", "Poisson", "X", "Y", "UTM", "Z", "FDR"}


@pytest.fixture(params=IDS)
def tool(request, provider):
    found = provider.algorithm(request.param)
    assert found is not None, f"hotspot:{request.param} is not registered"
    return found


def sentence_case(text):
    words = re.findall(r"[\w*/-]+", text)
    assert words[0][0].isupper() or words[0][0].isdigit(), text
    odd = [w for w in words[1:] if w[0].isupper() and w not in NAMES and not w.isupper()]
    assert not odd, f"'{text}' is not in sentence case: {odd}"


def test_the_list_is_what_is_registered(provider):
    assert sorted(a.name() for a in provider.algorithms()) == sorted(IDS)


def test_identity(tool):
    assert re.fullmatch(r"[a-z0-9]+", tool.name())
    assert GROUPS[tool.groupId()] == tool.group()
    sentence_case(tool.displayName())
    assert isinstance(tool, HotspotAlgorithm)
    assert tool.createInstance() is not tool
    assert len([t for t in tool.tags() if t.strip()]) >= 3
    assert 10 < len(tool.shortDescription()) < 160
    assert tool.helpUrl().endswith(f"{tool.name()}.md")


def test_module_class_and_group_agree():
    for module, name in TOOLS:
        folder, file = module.split(".")
        assert folder in GROUPS and name.lower() == file


def test_help_is_complete(tool):
    assert len(tool.about()) > 200
    page = tool.shortHelpString()
    for parameter in tool.parameterDefinitions():
        assert len(parameter.help()) > 15, f"{parameter.name()} has no help"
        sentence_case(parameter.description())
    for output in tool.outputDefinitions():
        told = tool.output_help.get(output.name()) or getattr(tool.parameterDefinition(output.name()), "help", str)()
        assert len(told) > 15, f"output {output.name()} has no help"
        sentence_case(output.description())
        assert output.description() in page


def test_parameter_habits(tool):
    for parameter in tool.parameterDefinitions():
        assert re.fullmatch(r"[A-Z][A-Z0-9_]*", parameter.name())
        if parameter.type() == "distance":
            assert not parameter.parentParameterName(), "a parent makes the distance follow the layer's unit"
        if parameter.name() == "SEED":
            assert parameter.flags() & parameter.Flag.FlagAdvanced
    names = [p.name() for p in tool.parameterDefinitions()]
    assert "INPUT" in names or "INCIDENTS" in names or tool.name() in samples.FROM_NOTHING
    assert "SETTINGS" in names
    assert [o.name() for o in tool.outputDefinitions()].count("PROVENANCE") == 1


def test_field_names_are_short():
    assert all(len(name) <= 10 for name in fields.DESCRIPTIONS)


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    return samples.town(tmp_path_factory.mktemp("town"))


def run(tool, parameters, **options):
    from qgis import processing

    return processing.run(f"hotspot:{tool.name()}", parameters, **options)


def test_returned_is_declared_and_plain(tool, town, tmp_path):
    result = run(tool, samples.parameters(tool.name(), town, tmp_path))
    assert set(result) == {o.name() for o in tool.outputDefinitions()}
    for name, value in result.items():
        assert value is None or type(value) in (str, int, float, bool) or isinstance(value, QgsVectorLayer), name
    for output in tool.outputDefinitions():
        if output.type() == "outputNumber":
            assert not isinstance(result[output.name()], str), output.name()
    made = json.loads(result["PROVENANCE"])
    assert made["tool"] == tool.id() and made["crs"].startswith("EPSG:")
    assert made["inputs"] or tool.name() in samples.FROM_NOTHING
    assert str(tmp_path) not in result["PROVENANCE"]
    for entry in made["inputs"].values():
        assert entry["used"] + sum(e["count"] for e in entry["left_out"]) == entry["rows"]


def test_written_fields_have_a_meaning(tool, town, tmp_path):
    given = samples.parameters(tool.name(), town, tmp_path)
    result = run(tool, given)
    source = QgsVectorLayer(str(given[samples.main(tool.name(), given)]), "in", "ogr").fields().names()
    for name in ("AREAS", "STREETS"):
        other = QgsVectorLayer(str(given.get(name, "")), name, "ogr")
        source += other.fields().names() if other.isValid() else []
    for output in tool.outputDefinitions():
        value = result[output.name()]
        if output.type() in ("outputVector", "outputLayer") and value and str(value).endswith(".gpkg"):
            layer = QgsVectorLayer(value, "out", "ogr")
            assert layer.isValid()
            for name in layer.fields().names():
                if name not in source and name != "fid" and not re.match(r"[nt]_", name):
                    assert name in fields.DESCRIPTIONS, f"{output.name()}: {name} is described nowhere"


def test_runs_in_a_model(tool, town, tmp_path):
    """A model with the tool as its only step, all other settings as stated."""
    given = samples.parameters(tool.name(), town, tmp_path)
    model = QgsProcessingModelAlgorithm("test", "test")
    child = QgsProcessingModelChildAlgorithm(tool.id())
    child.setChildId("step")
    main = samples.main(tool.name(), given)
    static = QgsProcessingModelChildParameterSource.fromStaticValue
    for definition in tool.parameterDefinitions():
        name = definition.name()
        if definition.isDestination():
            continue
        if name == main and definition.type() == "source":
            source = QgsProcessingModelChildParameterSource.fromModelParameter("layer")
        else:
            source = static(given.get(name, definition.defaultValue()))
        child.addParameterSources(name, [source])
    parameter = QgsProcessingParameterFeatureSource("layer", "layer")
    model.addModelParameter(parameter, QgsProcessingModelParameter("layer"))
    outputs = [d.name() for d in tool.parameterDefinitions() if d.isDestination() and d.name() in given]
    made = {}
    for name in outputs:
        made[name] = QgsProcessingModelOutput(name, name)
        made[name].setChildId("step")
        made[name].setChildOutputName(name)
    child.setModelOutputs(made)
    model.addChildAlgorithm(child)
    model.updateDestinationParameters()
    ok, errors = model.validate()
    assert ok, errors
    # "step:OUTPUT" up to QGIS 3.28, "output" later
    called = {d.name().rsplit(":", 1)[-1].upper(): d.name() for d in model.destinationParameterDefinitions()}
    assert sorted(called) == sorted(outputs)
    from qgis import processing

    result = processing.run(model, {"layer": given[main], **{called[name]: given[name] for name in outputs}})
    for name in outputs:
        assert result[called[name]], name


def test_selected_features_only(tool, town, tmp_path):
    given = samples.parameters(tool.name(), town, tmp_path)
    main = samples.main(tool.name(), given)
    layer = QgsVectorLayer(str(given[main]), "main", "ogr")
    QgsProject.instance().addMapLayer(layer, False)
    every = layer.featureCount() > 1
    layer.selectByExpression("$id % 3 > 0" if every else "true")
    chosen = layer.selectedFeatureCount()
    try:
        result = run(tool, {**given, main: QgsProcessingFeatureSourceDefinition(layer.id(), True)})
    finally:
        QgsProject.instance().removeMapLayer(layer.id())
    entry = json.loads(result["PROVENANCE"])["inputs"][main]
    assert entry["selected_only"] is True and entry["rows"] == chosen


def test_choices_and_optional_numbers(tool):
    for parameter in tool.parameterDefinitions():
        if parameter.type() == "enum":
            options = parameter.options()
            assert len(options) > 1 and len(set(options)) == len(options) and all(options), parameter.name()
            assert 0 <= int(parameter.defaultValue()) < len(options), parameter.name()
        if parameter.type() in ("number", "distance") and parameter.defaultValue() is None:
            optional = bool(parameter.flags() & parameter.Flag.FlagOptional)
            assert optional, f"{parameter.name()} has no default and is not optional"


def test_every_setting_is_in_the_record(tool, town, tmp_path):
    """A run can be repeated from its record: no setting is left to the memory of the user."""
    result = run(tool, samples.parameters(tool.name(), town, tmp_path))
    made = json.loads(result["PROVENANCE"])
    assert set(made["parameters"]) == {d.name() for d in tool.parameterDefinitions() if not d.isDestination()}
    assert made["plugin"].startswith("Crime Hotspots ") and made["qgis"] and made["made"]


@pytest.fixture(scope="module")
def process(tmp_path_factory):
    """Run ``qgis_process`` in a profile of its own with the plugin enabled."""
    place = tmp_path_factory.mktemp("process")
    (place / "run").mkdir(mode=0o700)
    environment = {**os.environ, "QGIS_CUSTOM_CONFIG_PATH": str(place / "profile"), "QGIS_PLUGINPATH": str(ROOT),
                   "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(place / "run"), "LC_ALL": "C.UTF-8"}

    def call(*arguments):
        return subprocess.run([str(ROOT / "scripts" / "qgis_process.sh"), *arguments], env=environment, text=True,
                              capture_output=True, timeout=180, stdin=subprocess.DEVNULL)

    call("plugins", "enable", "hotspot_plugin")
    return call


def test_runs_by_qgis_process(tool, town, tmp_path, process):
    given = samples.parameters(tool.name(), town, tmp_path)
    done = process("run", tool.id(), "--json", "--", *(f"{name}={value}" for name, value in given.items()))
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)["results"]
    for output in tool.outputDefinitions():
        value = results.get(output.name())
        if output.type() == "outputNumber":
            assert value is None or isinstance(value, (int, float)), f"{output.name()} = {value!r}"
    assert json.loads(results["PROVENANCE"])["tool"] == tool.id()
    for name in given:
        if tool.parameterDefinition(name).isDestination():
            assert os.path.exists(str(results[name]).split("|")[0]), name


def test_no_features_is_refused_in_words(tool, town, tmp_path):
    given = samples.parameters(tool.name(), town, tmp_path)
    main = samples.main(tool.name(), given)
    layer = QgsVectorLayer(str(given[main]), "full", "ogr")
    kind = {0: "Point", 1: "LineString", 2: "Polygon"}[int(layer.geometryType())]
    empty = QgsVectorLayer(f"{kind}?crs=EPSG:32630", "empty", "memory")
    empty.dataProvider().addAttributes(layer.fields().toList())
    empty.updateFields()
    with pytest.raises(QgsProcessingException) as caught:
        run(tool, {**given, main: empty})
    assert main in str(caught.value) or "(" in str(caught.value)
    nothing = QgsFeature(empty.fields())
    empty.dataProvider().addFeatures([nothing, nothing])
    if tool.name() in samples.KEEPS_ROWS:
        run(tool, {**given, main: empty})  # rows without a place are results here
    else:
        with pytest.raises(QgsProcessingException):
            run(tool, {**given, main: empty})


def test_a_layer_that_does_not_exist_is_refused(tool, town, tmp_path):
    given = samples.parameters(tool.name(), town, tmp_path)
    main = samples.main(tool.name(), given)
    with pytest.raises(QgsProcessingException):
        run(tool, {**given, main: str(tmp_path / "nothing.gpkg")})


class CancelAt(QgsProcessingFeedback):
    """Cancels when the given share is done."""

    def __init__(self, percent):
        super().__init__()
        self.percent = percent
        self.progressChanged.connect(self.look)

    def look(self, value):
        if value >= self.percent:
            self.cancel()


@pytest.mark.parametrize("percent", [0.0, 0.01, 30.0])
def test_a_cancelled_run_stops(tool, town, tmp_path, percent):
    given = samples.parameters(tool.name(), town, tmp_path)
    with pytest.raises(QgsProcessingException, match="cancelled"):
        run(tool, given, feedback=CancelAt(percent))
