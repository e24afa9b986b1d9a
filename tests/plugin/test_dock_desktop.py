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
        status, log = desktop.run(SESSION, out, timeout=400, HOTSPOT_DATA=str(SHARED / "data"))
    except desktop.NoDesktop as reason:
        pytest.skip(str(reason))
    result = out / "session.json"
    if not result.exists():
        stacks = (out / "stacks.txt").read_text(encoding="utf-8") if (out / "stacks.txt").exists() else ""
        pytest.fail(f"QGIS ended with {status} before the day was done:\n{log[:3000]}\n...\n{log[-4000:]}\n{stacks}")
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


def told(seen, which: str) -> dict:
    """Return what the questions said; why there is nothing, where they were not asked."""
    assert which in seen, seen["failed"]
    return seen[which]


def test_each_question_is_answered_with_its_doubt_and_its_report(seen):
    answers = told(seen, "answers")
    for name in ("done", "compared", "moved", "sure", "residents", "report"):
        assert answers[name]["state"] == "answered" and answers[name]["headline"] and answers[name]["text"], name
    for name, reports in (("compared", 2), ("moved", 1), ("sure", 2), ("residents", 1)):
        step = answers[name]
        assert len(step["doubt"]) > 40 and len(step["words"]) == reports, name
        assert len(step["reports"]) == reports and all(size > 50_000 for _, size in step["reports"]), name
    # the report opens by itself, and again by 'See more'
    assert [name for name, _ in answers["report"]["reports"]] == 2 * ["evaluation.html"]
    pressed = answers["actions"]["actions"]
    assert all(f"click '{title}'" in pressed for title in (
        "What was done, where and when?", "Compared with what?", "Could it have moved?", "How sure are we?",
        "What do residents say?", "One report of it all", "Word for word", "See more"))


def test_the_answers_agree_with_what_was_planted(seen):
    answers, truth = told(seen, "answers"), seen["truth"]
    compared = answers["compared"]["outcomes"]["hotspot:evaluationareas"]
    assert (compared["TREATED"], compared["CONTROL"]) == (truth["treated"], truth["others"])
    assert compared["TREATED_PAST"] == truth["inside before"]
    moved = answers["moved"]["outcomes"]["hotspot:weighteddisplacement"]
    assert (moved["TREATED_BEFORE"], moved["TREATED_AFTER"]) == (truth["inside before"], truth["inside after"])
    assert moved["LOCAL_LOW"] < -truth["prevented"] < moved["LOCAL_HIGH"] < 0
    assert moved["DISPLACED_LOW"] < truth["displaced"] < moved["DISPLACED_HIGH"]
    assert moved["LOW"] < truth["displaced"] - truth["prevented"] < moved["HIGH"]
    fewer = f"{-moved['LOCAL']:.0f} fewer incidents than expected where something was done"
    assert answers["moved"]["headline"].startswith(fewer)
    sure = answers["sure"]["outcomes"]["hotspot:diffindiff"]
    without = truth["inside after"] + truth["prevented"]
    assert sure["LOW"] < -100 * truth["prevented"] / without < sure["HIGH"] < 0
    assert answers["sure"]["headline"].startswith("Both ways agree: fewer incidents than expected")
    survey = answers["residents"]["outcomes"]["hotspot:surveychange"]
    assert survey["AREAS_TREATED"] == len(truth["survey areas"])
    assert survey["LOW"] < 0 < survey["MEAN_EFFECT"] < 2 * truth["gain safe_night"] and survey["EFFECT"] > 0
    assert "It could be chance" in answers["residents"]["text"]
    report = answers["report"]
    assert report["outcomes"]["hotspot:evaluationreport"]["AGREEMENT"] == "all"
    assert report["text"].startswith("Patrols and lights: ") and "fewer" in report["text"]


def test_a_question_that_cannot_be_answered_says_why_in_the_words_of_the_page(seen):
    residents, first = told(seen, "answers")["residents unasked"], told(seen, "first answers")
    assert residents["state"] == first["compared refused"]["state"] == "could not be answered"
    assert residents["text"].startswith("'Values that mean no answer': ") and "MISSING_CODES" not in residents["text"]
    refused = first["compared refused"]["text"]
    assert refused.startswith("'How were these areas chosen?': ") and "which is after the start" in refused
    assert "Choose the areas first" in seen["first areas"]
    assert seen["first candidates"] == "squares of the same size, made now"
    for name in ("done", "compared", "moved", "sure"):  # once it was set right
        assert first[name]["state"] == "answered" and first[name]["headline"], name


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
