"""The ZIP for QGIS's plugin manager, and the gate that it must pass."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from scripts import gate, package, qt6

ROOT = Path(__file__).resolve().parents[2]
PLUGIN = ROOT / "hotspot_plugin"

needs_git = pytest.mark.skipif(
    shutil.which("git") is None or not (ROOT / ".git").exists(), reason="packing asks git for the tracked files"
)


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    return package.build(tmp_path_factory.mktemp("dist"))


@needs_git
def test_package_holds_the_plugin_alone(built):
    assert gate.check_structure(built) == []
    with zipfile.ZipFile(built) as archive:
        names = archive.namelist()
    assert "hotspot_plugin/metadata.txt" in names
    assert "hotspot_plugin/LICENSE" in names
    assert not [name for name in names if "tests/" in name or name.endswith(".gpkg")]
    tables = [name for name in names if name.endswith(".csv")]
    assert "hotspot_plugin/typetables/nibrs.csv" in tables
    folders = {folder.name for folder in gate.TABLES}
    assert {name.split("/")[1] for name in tables} == folders


@needs_git
def test_package_is_the_same_each_time(built, tmp_path):
    assert package.build(tmp_path).read_bytes() == built.read_bytes()


@needs_git
def test_package_metadata_is_complete_and_tells_the_changes(built, tmp_path):
    with zipfile.ZipFile(built) as archive:
        archive.extractall(tmp_path)
    assert gate.check_metadata(tmp_path) == []


def test_changelog_is_turned_into_plain_lines():
    text = (
        "# Changelog\n\n## [Unreleased]\n\n## [1.1.0] - 2026-01-02\n\n### Fixed\n- 5 % of it\n\n"
        "## [1.0.0]\n### Added\n- all\n"
    )
    assert package.changelog(text) == "1.1.0 - 2026-01-02\nFixed:\n- 5 % of it\n1.0.0\nAdded:\n- all"


def test_metadata_link_leads_into_the_package():
    assert (ROOT / "metadata.txt").read_text(encoding="utf-8") == (PLUGIN / "metadata.txt").read_text(encoding="utf-8")
    assert (ROOT / "LICENSE").read_bytes() == (PLUGIN / "LICENSE").read_bytes()


def plugin_zip(folder: Path, files: dict[str, str]) -> Path:
    """Write a ZIP with a minimal plugin and the given files in it."""
    path = folder / "hotspot_plugin-0.0.1.zip"
    content = {"__init__.py": "", "metadata.txt": "[general]\nname=x\n", "LICENSE": "free"} | files
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in content.items():
            archive.writestr(f"hotspot_plugin/{name}", text)
    return path


def test_gate_names_what_does_not_belong(tmp_path):
    path = plugin_zip(
        tmp_path, {"tests/test_x.py": "", "places.csv": "a,b", "run.sh": "", ".hidden": "", "data/a.py": "",
                   "typetables/codes.csv": "", "typetables/more/x.csv": "", "typetables/x.gpkg": ""}
    )
    found = "\n".join(gate.check_structure(path))
    for name in ("tests/test_x.py", "places.csv", "run.sh", ".hidden", "more/x.csv", "typetables/x.gpkg"):
        assert name in found
    assert "typetables/codes.csv" not in found
    assert "data/a.py" not in found


@pytest.mark.skipif(
    not hasattr(zipfile, "ZipFile") or shutil.which("git") is None, reason="developers' tools are absent"
)
def test_gate_finds_what_the_site_would_block(tmp_path):
    pytest.importorskip("bandit", reason="the gate's tools are on the developers' Python only")
    # Put together here so that this file itself holds no secret.
    secret = "AKIA" + "IOSFODNN7EXAMPLE"
    code = f"import pickle\nassert pickle.loads\nkey = '{secret}'\nif True: x = 1\nvalue: int | None = None\n"
    results = gate.run_checks(plugin_zip(tmp_path, {"bad.py": code}))
    assert any("B403" in finding for finding in results["bandit"])
    assert any("B101" in finding for finding in results["bandit"])
    assert any("AWS" in finding for finding in results["detect-secrets"])
    assert any("E701" in finding for finding in results["flake8"])
    assert any("annotations is missing" in finding for finding in results["Python 3.9, Qt 6"])
    assert any("tracker is missing" in finding for finding in results["metadata"])


def test_code_is_ready_for_python_3_9_and_qt_6():
    found = [f"{path.relative_to(ROOT)}:{line}" for path in sorted(PLUGIN.rglob("*.py")) for line in qt6.findings(path)]
    assert found == []


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("QgsProcessing.TypeVectorPoint", "scope"),
        ("Qt.white", "scope"),
        ("Qgis.WkbType.Point", "3.22"),
        ("QVariant.Double", "compat.py"),
        ("from PyQt5.QtCore import Qt", "qgis.PyQt"),
        ("import processing.tools.general", "qgis.core"),
        ("from qgis.PyQt.QtGui import QAction", "QtWidgets"),
        ("dialog.exec_()", "exec()"),
        ("match x:\n    case 1:\n        y = 2", "3.9"),
    ],
)
def test_the_rules_find(tmp_path, code, word):
    path = tmp_path / "code.py"
    path.write_text(f"from __future__ import annotations\n{code}\n", encoding="utf-8")
    assert [line for line in qt6.findings(path) if word in line]


@pytest.mark.parametrize(
    "code",
    [
        "QgsProcessing.SourceType.TypeVectorPoint",
        "QgsProcessing.TEMPORARY_OUTPUT",
        "Qgis.QGIS_VERSION_INT",
        "Qgis.MessageLevel.Warning",
        "QgsApplication.processingRegistry().addProvider",
        "self.INPUT",
        "x: int | None = None",
    ],
)
def test_the_rules_leave_alone(tmp_path, code):
    path = tmp_path / "code.py"
    path.write_text(f"from __future__ import annotations\n{code}\n", encoding="utf-8")
    assert qt6.findings(path) == []
