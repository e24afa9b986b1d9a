"""The tools through ``qgis_process``: found, run, and failing with an exit status and words."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from hotspot_plugin.provider import TOOLS

ROOT = Path(__file__).resolve().parents[2]
PROCESS = ROOT / "scripts" / "qgis_process.sh"


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> dict:
    """A profile of its own in which the plugin is enabled."""
    place = tmp_path_factory.mktemp("process")
    runtime = place / "run"
    runtime.mkdir(mode=0o700)
    values = dict(os.environ)
    values.update(
        QGIS_CUSTOM_CONFIG_PATH=str(place / "profile"),
        QGIS_PLUGINPATH=str(ROOT),
        QT_QPA_PLATFORM="offscreen",
        XDG_RUNTIME_DIR=str(runtime),
        LC_ALL="C.UTF-8",
    )
    run(values, "plugins", "enable", "hotspot_plugin")
    return values


def run(environment: dict, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [str(PROCESS), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture
def points(tmp_path) -> Path:
    """Forty invented places in a metric system."""
    rows = [f"{500000 + 37 * k % 900},{5900000 + 91 * k % 700}" for k in range(40)]
    features = ",".join(
        f'{{"type":"Feature","properties":{{}},"geometry":{{"type":"Point","coordinates":[{row}]}}}}' for row in rows
    )
    crs = '"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::32630"}}'
    path = tmp_path / "points.geojson"
    path.write_text(f'{{"type":"FeatureCollection",{crs},"features":[{features}]}}', encoding="utf-8")
    return path


def test_all_tools_are_listed(environment):
    listed = json.loads(run(environment, "list", "--json").stdout)
    assert set(listed["providers"]["hotspot"]["algorithms"]) == {f"hotspot:{m.split('.')[1]}" for m, _ in TOOLS}


def test_a_run_prints_plain_numbers(environment, points, tmp_path):
    raster = tmp_path / "density.tif"
    done = run(environment, "run", "hotspot:kerneldensity", "--json", "--", f"INPUT={points}", f"OUTPUT={raster}")
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)["results"]
    assert raster.exists()
    assert results["BANDWIDTH"] == 300.0
    assert json.loads(results["PROVENANCE"])["tool"] == "hotspot:kerneldensity"


def test_a_failure_ends_with_status_1_and_words(environment, points, tmp_path):
    done = run(
        environment,
        *("run", "hotspot:kerneldensity", "--json", "--"),
        *(f"INPUT={points}", "BANDWIDTH=-5", f"OUTPUT={tmp_path / 'density.tif'}"),
    )
    assert done.returncode == 1
    assert done.stdout.strip() == "" or "results" not in done.stdout
    assert "BANDWIDTH" in done.stderr


def test_a_missing_layer_ends_with_status_1_and_words(environment, tmp_path):
    done = run(
        environment,
        *("run", "hotspot:kerneldensity", "--json", "--"),
        *(f"INPUT={tmp_path / 'absent.gpkg'}", f"OUTPUT={tmp_path / 'density.tif'}"),
    )
    assert done.returncode == 1
    assert "INPUT" in done.stderr
