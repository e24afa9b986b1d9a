"""A first day with the dock in the real QGIS desktop: clicks on real widgets, and what came of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts import desktop
from tests.conftest import SHARED

SESSION = Path(__file__).with_name("dock_session.py")
#: milliseconds; of work, so that a busy machine does not fail it
OPENS = 300


@pytest.fixture(scope="module")
def seen(tmp_path_factory) -> dict:
    """Run the day and return what it noted."""
    out = tmp_path_factory.mktemp("dock")
    try:
        status, log = desktop.run(SESSION, out, timeout=240, HOTSPOT_DATA=str(SHARED / "data"))
    except desktop.NoDesktop as reason:
        pytest.skip(str(reason))
    result = out / "session.json"
    if not result.exists():
        pytest.fail(f"QGIS ended with {status} before the day was done:\n{log[:3000]}\n...\n{log[-4000:]}")
    return json.loads(result.read_text(encoding="utf-8")) | {"status": status, "log": log}


def test_the_day_came_to_its_end(seen):
    assert seen["error"] == ""
    assert seen["failed"] == {}
    assert seen["status"] == 0


def test_log_holds_no_python_error_and_no_message_of_ours(seen):
    assert seen["messages"] == []
    assert "Traceback" not in seen["log"]


def test_dock_opens_at_once(seen):
    assert seen["opened"]["process"] < OPENS, seen["opened"]


def test_from_nothing_to_hot_spots_in_six_actions(seen):
    assert seen["hot spots"]["count"] <= 6, seen["hot spots"]["actions"]
    spots = next(layer for layer in seen["hot spot layers"] if layer["name"] == "Hot spots")
    assert spots["valid"] and spots["features"] > 0
    assert {layer["renderer"] for layer in seen["hot spot layers"]} == {"categorizedSymbol"}


def test_to_a_comparison_in_eight_more(seen):
    assert seen["compare"]["count"] <= 8, seen["compare"]["actions"]
    assert sum(action.startswith("drag") for action in seen["compare"]["actions"]) == 2
    assert "Recorded incidents" in seen["compare"]["sentence"]
    before, after = seen["compare periods"][-1]
    assert before[1] < after[0] and before[0] in seen["compare"]["sentence"]


def test_to_a_concern_written_down_in_five(seen):
    assert seen["report"]["count"] <= 5, seen["report"]["actions"]
    (row,) = seen["report"]["rows"]
    assert row["consent"] == "count" and row["status"] == "new" and row["concern"] == 2


def test_the_concern_is_answered(seen):
    (row,) = seen["answer"]["rows"]
    assert row["status"] == "acknowledged" and row["ack_on"] and row["response"] == "The lamp is ordered."


def test_hot_spots_become_problems_and_the_sheet_is_written(seen):
    assert len(seen["problems"]["rows"]) > 0
    assert {"meeting sheet.html", "meeting sheet.pdf"} <= set(seen["sheet"])


def test_refusal_says_what_to_do(seen):
    assert "needs at least 5" in seen["problem"]


def test_a_locked_case_file_is_told_at_once(seen):
    assert seen["locked"]["state"] == "locked"
    assert seen["locked"]["seconds"] < 2
    for page in ("community", "problems"):
        assert "try again" in seen["locked"][page], seen["locked"][page]


def test_real_crimes_are_compared_and_residents_imported(seen):
    if seen["real"] == "not on this machine":
        pytest.skip("vancouver is not on this machine")
    assert "32,573 recorded incidents" in seen["real"]["text"]
    before, after = seen["real-compare periods"][-1]
    assert before[0] in seen["real-compare"]["sentence"] and after[1] in seen["real-compare"]["sentence"]
    assert seen["imported"]["rows"] == 120
    assert "Where people are worried" in seen["worries"]
