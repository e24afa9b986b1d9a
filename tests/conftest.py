"""Shared by all tests: QGIS with our provider, the real data, and small layers."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest
from qgis.core import QgsMapLayer
from qgis.PyQt import sip

ROOT = Path(__file__).resolve().parents[1]
#: Real data for tests; see its README. It is not part of the project.
SHARED = Path(os.environ.get("HOTSPOT_SHARED", ROOT.parent / "shared"))


@pytest.fixture(scope="session", autouse=True)
def no_layer_outlives_qgis(qgis_app):
    """Delete what layers are left before QGIS goes.

    QGIS keeps the traceback of each exception of a tool for ever, and with it the layers of the test that expected
    it; a layer of a file that is closed after QGIS has gone crashes.
    """
    yield
    gc.collect()
    for left in gc.get_objects():
        if isinstance(left, QgsMapLayer) and not sip.isdeleted(left) and sip.ispyowned(left):
            sip.delete(left)


def finder(folder: str):
    """Return a function from a name below a folder of the shared material to its path."""

    def find(name: str) -> Path:
        path = SHARED / folder / name
        if not path.exists():
            pytest.skip(f"{folder}/{name} is not on this machine")
        return path

    return find


@pytest.fixture(scope="session")
def shared_data():
    """Find real data."""
    return finder("data")


@pytest.fixture(scope="session")
def shared_example():
    """Find a reference example."""
    return finder("examples")


@pytest.fixture(scope="session")
def provider(qgis_processing):
    """The registered provider of the plugin."""
    from qgis.core import QgsApplication

    from hotspot_plugin.provider import HotspotProvider

    registry = QgsApplication.processingRegistry()
    ours = registry.providerById("hotspot")
    if ours is None:
        ours = HotspotProvider()
        registry.addProvider(ours)
    return ours


@pytest.fixture
def load_results(qgis_processing, monkeypatch):
    """Return ``processing.runAndLoadResults``, as a run from the toolbox loads its results."""
    from qgis import processing

    # QGIS 3.44 does not take the stand-in for the desktop that pytest-qgis offers
    monkeypatch.setattr("processing.gui.Postprocessing.iface", None, raising=False)
    return processing.runAndLoadResults


@pytest.fixture
def run_tool(provider):
    """Return a function that runs a tool as a user does, headless, and returns its results.

    Keyword ``feedback`` and ``context`` as in ``processing.run``.
    """
    from qgis import processing

    def run(tool: str, parameters: dict, **options):
        return processing.run(f"hotspot:{tool}", parameters, **options)

    return run
