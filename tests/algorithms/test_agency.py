"""Every tool takes from the agency's settings what was left empty, and says so."""

from __future__ import annotations

import json

import numpy as np
import pytest
from qgis.core import QgsProcessingContext, QgsProcessingException, QgsProject, QgsVectorLayer, QgsWkbTypes

from hotspot_plugin.algorithms import agency
from hotspot_plugin.algorithms.agency import key_of
from hotspot_plugin.analysis.agency import Agency
from hotspot_plugin.layers import writing

from . import samples


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    return samples.town(tmp_path_factory.mktemp("town"))


@pytest.fixture
def settings(tmp_path):
    def write(**values):
        path = tmp_path / "agency.json"
        path.write_text(json.dumps(values), encoding="utf-8")
        return str(path)

    return write


def test_marked_parameters_can_be_empty_and_their_settings_exist(provider):
    known = set(Agency.__dataclass_fields__)
    taken = set()
    for tool in provider.algorithms():
        for definition in tool.parameterDefinitions():
            key = key_of(definition)
            if key:
                taken.add(key)
                assert key in known and definition.defaultValue() in (None, "", []), (tool.name(), definition.name())
                assert "agency settings" in definition.help()
    assert taken >= {"shifts", "day_start", "fiscal_start", "beats_layer", "beats_field", "type_table", "drop_layer",
                     "drop_names"}


def test_empty_is_filled_and_told(run_tool, town, tmp_path, settings):
    heard = samples.Listener()
    result = run_tool("crimesummary", {
        "INPUT": town["incidents"], "SETTINGS": settings(beats_layer=town["boundary"], beats_field="name"),
        "OUTPUT": str(tmp_path / "o.gpkg")}, feedback=heard)
    assert result["AREAS_COUNT"] == 1
    areas = {f["area"] for f in QgsVectorLayer(result["OUTPUT"], "o", "ogr").getFeatures()}
    assert "Town" in areas
    assert any("from the agency settings 'agency.json'" in text for text in heard.infos)
    record = json.loads(result["PROVENANCE"])
    assert record["parameters"]["SETTINGS"] == "agency.json"
    assert record["parameters"]["AREAS"]["file"] == "boundary.gpkg"


def test_what_is_given_comes_first(run_tool, town, tmp_path, settings):
    result = run_tool("crimesummary", {
        "INPUT": town["incidents"], "AREAS": town["areas"], "OUTPUT": str(tmp_path / "o.gpkg"),
        "SETTINGS": settings(beats_layer=town["boundary"], beats_field="name")})
    # and the field of the agency's layer is not looked for in another layer
    assert result["AREAS_COUNT"] == 12


def test_a_required_layer_comes_from_the_settings(run_tool, town, tmp_path, settings):
    result = run_tool("compareperiods", {
        "INCIDENTS": town["incidents"], "PRESET": 1, "OUTPUT": str(tmp_path / "o.gpkg"),
        "SETTINGS": settings(beats_layer=town["areas"])})
    assert QgsVectorLayer(result["OUTPUT"], "o", "ogr").featureCount() == 12


def test_the_layer_is_found_beside_the_settings(run_tool, town, tmp_path, settings):
    samples.save(tmp_path / "beats.gpkg", [QgsVectorLayer(town["boundary"], "b", "ogr").getFeature(1).geometry()],
                 {"beat": np.array(["North"], object)}, QgsWkbTypes.Type.Polygon)
    result = run_tool("crimesummary", {
        "INPUT": town["incidents"], "OUTPUT": str(tmp_path / "o.gpkg"),
        "SETTINGS": settings(beats_layer="beats.gpkg|layername=beats", beats_field="beat")})
    assert "North" in {f["area"] for f in QgsVectorLayer(result["OUTPUT"], "o", "ogr").getFeatures()}


def test_fiscal_year(run_tool, town, tmp_path, settings):
    given = {"INCIDENTS": town["incidents"], "AREAS": town["boundary"], "PRESET": 5, "AS_OF": "2023-09-30"}

    def compared(name, **more):
        heard = samples.Listener()
        run_tool("compareperiods", {**given, **more, "OUTPUT": str(tmp_path / name)}, feedback=heard)
        return next(text for text in heard.infos if text.startswith("Compared"))

    assert compared("a.gpkg").startswith("Compared: 2023-04-01 to")
    assert compared("b.gpkg", SETTINGS=settings(fiscal_start=7)).startswith("Compared: 2023-07-01 to")


def test_the_police_day(run_tool, tmp_path, settings):
    """What happened at 02:00 belongs to the day before; a date without a time of day stays."""
    x, y, columns = samples.incidents(400)
    columns["dt_from"] = np.repeat(np.datetime64("2023-03-01T12:00", "ms") + np.arange(40) * np.timedelta64(1, "D"), 10)
    columns["dt_from"][-10:] += np.timedelta64(14, "h")  # the last ten, at 02:00 of 10 April
    path = samples.save(tmp_path / "i.gpkg", writing.points_from_arrays(x, y), columns)
    given = {"INPUT": path, "AS_OF": "2023-04-09", "OUTPUT": str(tmp_path / "o.gpkg")}
    assert run_tool("crimesummary", given)["TOTAL_7"] == 60
    assert run_tool("crimesummary", {**given, "SETTINGS": settings(day_start=6)})["TOTAL_7"] == 70
    columns["dt_prec"][:] = "day"
    path = samples.save(tmp_path / "d.gpkg", writing.points_from_arrays(x, y), columns)
    assert run_tool("crimesummary", {**given, "INPUT": path, "SETTINGS": settings(day_start=6)})["TOTAL_7"] == 60


@pytest.mark.parametrize("content, words", [
    (None, "cannot be read"), ("{", "no JSON file"), ('{"min_pubic": 3}', "min_public"),
])
def test_unusable_settings_are_refused(run_tool, town, tmp_path, content, words):
    path = tmp_path / "agency.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(QgsProcessingException, match=words):
        run_tool("gistar", {"INPUT": town["cells"], "FIELD": "n", "SETTINGS": str(path),
                            "OUTPUT": str(tmp_path / "o.gpkg")})


def test_the_project_names_the_settings(run_tool, town, tmp_path, settings):
    project = QgsProject()
    project.setFileName(str(tmp_path / "town.qgz"))
    assert agency.use_in_project(settings(fiscal_start=7), project) == "agency.json"
    context = QgsProcessingContext()
    context.setProject(project)
    given = {"INCIDENTS": town["incidents"], "AREAS": town["boundary"], "PRESET": 5, "AS_OF": "2023-09-30"}
    heard = samples.Listener()
    run_tool("compareperiods", {**given, "OUTPUT": str(tmp_path / "o.gpkg")}, context=context, feedback=heard)
    assert any("Compared: 2023-07-01" in text for text in heard.infos)
    (tmp_path / "agency.json").unlink()
    heard = samples.Listener()
    run_tool("compareperiods", {**given, "OUTPUT": str(tmp_path / "p.gpkg")}, context=context, feedback=heard)
    assert any("Compared: 2023-04-01" in text for text in heard.infos)
    assert any("crime_hotspots_settings" in text for text in heard.warnings)


def test_the_tool_writes_what_the_others_read(run_tool, town, tmp_path):
    project = QgsProject()
    context = QgsProcessingContext()
    context.setProject(project)
    path = tmp_path / "made" / "agency.json"
    path.parent.mkdir()
    run_tool("agencysettings", {
        "AGENCY": "Ville de Québec", "SHIFTS": "06-14,14-22,22-06", "DAY_START": 6, "WEEK_START": 7, "FISCAL_START": 7,
        "BEATS": town["boundary"], "BEATS_FIELD": "name", "DROP_NAMES": "*STATION*", "MIN_PUBLIC": 15, "UNITS": 2,
        "LANGUAGES": "fr, en", "OUTPUT": str(path)}, context=context)
    made = json.loads(path.read_text(encoding="utf-8"))
    assert made.pop("beats_layer").startswith("../") and made == {
        "agency": "Ville de Québec", "shifts": "06-14,14-22,22-06", "day_start": 6, "week_start": "Sunday",
        "fiscal_start": 7, "beats_field": "name", "drop_names": "*STATION*", "min_public": 15, "units": "us",
        "languages": ["fr", "en"]}
    assert project.customVariables()[agency.VARIABLE] == str(path.resolve())
    # the settings to begin with move to another folder, and a value given replaces the old one
    result = run_tool("agencysettings", {"INPUT": str(path), "MIN_PUBLIC": 20, "USE": False,
                                         "OUTPUT": str(tmp_path / "agency.json")})
    again = json.loads((tmp_path / "agency.json").read_text(encoding="utf-8"))
    assert again["min_public"] == 20 and again["agency"] == "Ville de Québec" and result["SETTLED"] == 11
    summary = run_tool("crimesummary", {"INPUT": town["incidents"], "SETTINGS": str(tmp_path / "agency.json"),
                                        "OUTPUT": str(tmp_path / "o.gpkg")})
    assert summary["AREAS_COUNT"] == 1


@pytest.mark.parametrize("given, words", [
    ({"SHIFTS": "morning"}, "is not a shift"),
    ({"LANGUAGES": "English!"}, "language codes"),
])
def test_the_tool_refuses(run_tool, tmp_path, given, words):
    with pytest.raises(QgsProcessingException, match=words):
        run_tool("agencysettings", {**given, "USE": False, "OUTPUT": str(tmp_path / "agency.json")})
    assert not (tmp_path / "agency.json").exists()


def test_a_layer_in_memory_cannot_be_kept(run_tool, tmp_path):
    layer = QgsVectorLayer("Polygon?crs=EPSG:32630", "sketch", "memory")
    with pytest.raises(QgsProcessingException, match="kept in a file"):
        run_tool("agencysettings", {"BEATS": layer, "USE": False, "OUTPUT": str(tmp_path / "agency.json")})


def test_reports_speak_in_the_units_and_name_of_the_agency(run_tool, town, tmp_path, settings):
    def summary_and_page(name, **more):
        given = samples.parameters("findhotspots", town, tmp_path)
        result = run_tool("findhotspots", {**given, "REPORT": str(tmp_path / name), **more})
        return result["SUMMARY"], (tmp_path / name).read_text(encoding="utf-8")

    metric, page = summary_and_page("m.html")
    assert " ha) held" in metric and "Area, ha" in page
    us, page = summary_and_page("u.html", SETTINGS=settings(units="us", agency="Westborough & Co"))
    assert " acres) held" in us and "Area, acres" in page and "Westborough &amp; Co." in page
