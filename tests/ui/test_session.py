"""What the pages share: the case file of each project, what is remembered, and projects that come and go."""

from __future__ import annotations

import os
from pathlib import Path

import processing
import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsProject, QgsRectangle, QgsVectorLayer

from hotspot_plugin.ui.session import Session
from hotspot_plugin.ui.settings import VARIABLE

from .conftest import settle


@pytest.fixture(scope="module")
def files(provider, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cases")
    for name in ("one", "two"):
        processing.run("hotspot:casefile", {"OUTPUT": str(folder / f"{name}.gpkg")})
    return folder


@pytest.fixture
def session(provider, iface):
    QgsProject.instance().clear()
    made = Session(iface)
    yield made
    made.close_down()
    settle()
    QgsProject.instance().clear()


def variable() -> str:
    return str(QgsProject.instance().customVariables().get(VARIABLE) or "")


def test_case_file_is_looked_at_in_the_background(session, files, wait_until):
    told = []
    session.caseChanged.connect(lambda: told.append(session.health))
    session.use_case(str(files / "one.gpkg"))
    assert session.health is None and not session.case_works
    wait_until(lambda: session.case_works)
    assert told[0] is None and told[-1].state == "good"
    session.use_case("")
    assert session.case == "" and not session.case_works and variable() == ""


def test_each_project_has_its_own_case_file(session, files, wait_until, tmp_path):
    projects = []
    for name in ("one", "two"):
        QgsProject.instance().clear()
        session.use_case(str(files / f"{name}.gpkg"))
        projects.append(str(tmp_path / f"{name}.qgz"))
        assert QgsProject.instance().write(projects[-1])
    changed = []
    session.projectChanged.connect(lambda: changed.append(session.case))
    QgsProject.instance().read(projects[0])
    assert Path(session.case) == files / "one.gpkg" and changed
    QgsProject.instance().read(projects[1])
    assert Path(session.case) == files / "two.gpkg"
    wait_until(lambda: session.case_works)
    QgsProject.instance().clear()
    assert session.case == "" and not session.case_works


def test_path_is_kept_beside_the_project_and_follows_it(session, files, tmp_path):
    assert QgsProject.instance().write(str(files / "p.qgz"))
    session.use_case(str(files / "one.gpkg"))
    assert variable() == "one.gpkg" and Path(session.case) == files / "one.gpkg"
    QgsProject.instance().setFileName(str(tmp_path / "p.qgz"))  # "Save as" of the desktop
    assert QgsProject.instance().write()
    assert Path(session.case) == files / "one.gpkg"
    QgsProject.instance().clear()
    QgsProject.instance().read(str(tmp_path / "p.qgz"))
    assert Path(session.case).resolve() == files / "one.gpkg"


def test_what_is_remembered_goes_with_the_project(session, tmp_path):
    session.remember("choices", {"weeks": [3, 4], "name": "Ünï"})
    assert QgsProject.instance().write(str(tmp_path / "p.qgz"))
    QgsProject.instance().clear()
    assert session.recall("choices", "none") == "none"
    QgsProject.instance().read(str(tmp_path / "p.qgz"))
    assert session.recall("choices") == {"weeks": [3, 4], "name": "Ünï"}
    QgsProject.instance().writeEntry("crime_hotspots", "choices", "{broken")
    assert session.recall("choices", 7) == 7


def test_many_layers_are_one_change(session, wait_until):
    told = []
    session.layersChanged.connect(lambda: told.append(1))
    for number in range(5):
        QgsProject.instance().addMapLayer(QgsVectorLayer("Point", str(number), "memory"))
    wait_until(lambda: told)
    settle(0.15)
    assert told == [1]
    assert len(session.vector_layers()) == 5


def test_place_of_results(session, files, wait_until, monkeypatch):
    assert session.place("report", ".html").endswith(".html")
    session.use_case(str(files / "one.gpkg"))
    wait_until(lambda: session.case_works)
    first = session.place("report", ".html")
    assert Path(first).parent == files / "one results"
    Path(first).write_text("x")
    assert Path(session.place("report", ".html")).name == "report 2.html"
    os.unlink(first)
    monkeypatch.setattr(Path, "mkdir", lambda *_, **__: (_ for _ in ()).throw(PermissionError("no")))
    assert str(files) not in session.place("report", ".html")


def test_nothing_comes_after_the_end(provider, iface, files):
    session, told = Session(iface), []
    for signal in (session.projectChanged, session.layersChanged, session.caseChanged):
        signal.connect(lambda *_: told.append(1))
    session.use_case(str(files / "one.gpkg"))
    QgsProject.instance().addMapLayer(QgsVectorLayer("Point", "x", "memory"))
    session.close_down()
    told.clear()
    QgsProject.instance().clear()
    settle(0.3)
    assert told == []


def test_map_goes_nowhere_where_there_is_nothing_to_see(session):
    session.zoom_to(QgsRectangle(), QgsCoordinateReferenceSystem("EPSG:4326"))
    session.zoom_to(QgsRectangle(-1e9, -1e9, 1e9, 1e9), QgsCoordinateReferenceSystem("EPSG:4326"))
    settle()
