"""The plugin in the real QGIS desktop, on a virtual display."""

from __future__ import annotations

import json
import re
from html import unescape
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
        status, log = desktop.run(SESSION, out, timeout=600)
    except desktop.NoDesktop as reason:
        pytest.skip(str(reason))
    result = out / "session.json"
    if not result.exists():
        pytest.fail(f"QGIS ended with {status} before the session was done:\n{log[-4000:]}")
    return json.loads(result.read_text(encoding="utf-8")) | {"status": status, "log": log, "out": out}


def why(seen: dict) -> str:
    """Return all that may tell why the session went otherwise."""
    names = ("error", "steps", "status", "seconds", "left_at_work", "idle", "left_tasks", "left_objects", "held_by",
             "at_the_end", "messages")
    told = [f"{name}: {seen[name]}" for name in names if name in seen]
    notes = [seen["out"] / name for name in ("asked.txt", "stacks.txt")]
    told += [f"{path.name}:\n{path.read_text(encoding='utf-8')[:6000]}" for path in notes if path.exists()]
    return "\n".join([*told, "log:", seen["log"][-3000:]])


def test_session_came_to_its_end(seen):
    assert seen["error"] == "", why(seen)
    assert seen["steps"] == ["loaded", "ran", "reported", "unloaded", "loaded again"], why(seen)
    assert seen["status"] == 0, why(seen)


def test_every_dialog_opens(seen):
    shown = {entry["id"] for entry in seen["dialogs"] if entry["shown"]}
    assert shown == {f"hotspot:{module.split('.')[1]}" for module, _ in TOOLS}


def test_result_of_a_dialog_arrives_styled(seen):
    assert seen["run"]["well"], seen["run"]
    (layer,) = seen["run"]["layers"]
    assert layer["valid"] and layer["renderer"] == "singlebandpseudocolor"


@pytest.mark.parametrize("tool", ["findhotspots", "compareperiods"])
def test_report_of_a_dialog_has_its_pictures(seen, tool):
    told = seen.get("reports", {}).get(tool)
    assert told and told["well"], f"{told}\n{why(seen)}"
    page = (seen["out"] / f"{tool}.html").read_text(encoding="utf-8")
    pictures = re.findall(r"<svg\b.*?</svg>|<img\b[^>]*src=\"data:image/[^\"]+\"", page, re.DOTALL)
    assert told["results"]["SUMMARY"] in unescape(page) and len(pictures) >= 2
    assert {layer["valid"] for layer in told["layers"]} == {True}


def test_dock_opens_in_less_than_300_ms(seen):
    assert seen["dock_ms"] < 300


def test_plugin_reloaded_twenty_times_leaves_nothing(seen):
    one = dict.fromkeys(("actions", "menu", "buttons", "panels", "docks", "keys", "provider"), 1)
    assert seen.get("with_dock") == one, why(seen)
    assert len(seen["reloads"]) == 20, why(seen)
    for number, (without, loaded) in enumerate(seen["reloads"]):
        assert set(without.values()) == {0} and loaded == one, (number, without, loaded)
    assert seen.get("left_tasks") == [], why(seen)
    assert set(seen.get("left_objects", {}).values()) == {1}, why(seen)


def test_log_holds_no_python_error_and_no_message_of_ours(seen):
    assert seen["messages"] == []
    assert "Traceback" not in seen["log"], why(seen)
