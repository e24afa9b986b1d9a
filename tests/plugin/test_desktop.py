"""The plugin in the real QGIS desktop, on a virtual display."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hotspot_plugin.provider import TOOLS
from scripts import desktop

SESSION = Path(__file__).with_name("desktop_session.py")


@pytest.fixture(scope="module")
def seen(tmp_path_factory) -> dict:
    """Run one session and return what it noted."""
    out = tmp_path_factory.mktemp("desktop")
    try:
        status, log = desktop.run(SESSION, out, timeout=300)
    except desktop.NoDesktop as reason:
        pytest.skip(str(reason))
    result = out / "session.json"
    if not result.exists():
        pytest.fail(f"QGIS ended with {status} before the session was done:\n{log[-4000:]}")
    return json.loads(result.read_text(encoding="utf-8")) | {"status": status, "log": log}


def test_session_came_to_its_end(seen):
    assert seen["error"] == ""
    assert seen["steps"] == ["loaded", "ran", "unloaded", "loaded again"]
    assert seen["status"] == 0


def test_every_dialog_opens(seen):
    shown = {entry["id"] for entry in seen["dialogs"] if entry["shown"]}
    assert shown == {f"hotspot:{module.split('.')[1]}" for module, _ in TOOLS}


def test_result_of_a_dialog_arrives_styled(seen):
    assert [layer["valid"] for layer in seen["result"]] == [True]
    assert seen["result"][0]["renderer"] == "singlebandpseudocolor"


def test_dock_opens_in_less_than_300_ms(seen):
    assert seen["dock_ms"] < 300


def test_plugin_reloaded_twenty_times_leaves_nothing(seen):
    one = dict.fromkeys(("actions", "menu", "buttons", "panels", "docks", "keys", "provider"), 1)
    assert seen["with_dock"] == one
    assert len(seen["reloads"]) == 20
    for without, loaded in seen["reloads"]:
        assert set(without.values()) == {0} and loaded == one
    assert set(seen["left_objects"].values()) == {1}, seen["left_objects"]


def test_log_holds_no_python_error_and_no_message_of_ours(seen):
    assert seen["messages"] == []
    assert "Traceback" not in seen["log"]
