"""Every tool in a background task, as dialog and dock run it: what differs from ``processing.run`` is tried here.

In the background a tool has a context of its own, libraries are loaded by a thread of QGIS's, and objects of Qt die in
another thread than PyQt expects.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hotspot_plugin.provider import TOOLS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def seen(tmp_path_factory) -> dict:
    """Run them all in a process of their own, which a crash would end."""
    folder = tmp_path_factory.mktemp("background")
    run = subprocess.run(
        [sys.executable, "-m", "tests.plugin.background_session", str(folder)], cwd=ROOT, text=True,
        capture_output=True, timeout=900, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"})
    told = folder / "background.json"
    tools = json.loads(told.read_text(encoding="utf-8")) if told.exists() else {}
    return {"status": run.returncode, "errors": run.stderr, "tools": tools}


def test_every_tool_comes_to_its_end(seen):
    assert list(seen["tools"]) == [module.rsplit(".", 1)[1] for module, _ in TOOLS], seen["errors"][-4000:]
    failed = {name: end["log"] for name, end in seen["tools"].items() if not end["ok"]}
    assert failed == {}


def test_what_was_asked_for_is_there(seen):
    assert {name: end["missing"] for name, end in seen["tools"].items() if end["missing"]} == {}


def test_qgis_ends_well_and_qt_has_nothing_to_object(seen):
    assert seen["status"] == 0, seen["errors"][-4000:]
    assert "another thread" not in seen["errors"]
    assert "Traceback" not in seen["errors"]
