"""The report of a whole evaluation as a user makes it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import numpy as np
import processing
import pytest
from qgis.core import QgsProcessingException, QgsProcessingFeedback

from hotspot_plugin.algorithms.evaluation import design_plan
from hotspot_plugin.analysis.evaluation.compareperiods import Period
from hotspot_plugin.analysis.problems import register
from tests.algorithms.evaluation.comparing import rows_of
from tests.algorithms.evaluation.roles import count_table
from tests.algorithms.samples import Listener


def record(tool, summary="A sentence.", parameters=None, warnings=(), **results):
    return json.dumps({
        "tool": f"hotspot:{tool}", "made": "2024-02-01T10:00:00Z", "parameters": parameters or {},
        "inputs": {"INCIDENTS": {"layer": "thefts", "used": 90, "left_out": [
            {"reason": "no geometry", "count": 7, "example": "row 3"}]}},
        "results": {**results, "SUMMARY": summary}, "notes": [], "warnings": list(warnings)})


FALL = {"parameters": {"START": "2023-01-01"}, "EFFECT": -40.0, "LOW": -50.0, "HIGH": -28.0, "P_VALUE": 0.01,
        "FAKE_P": 0.7, "PLACEBO_P": 0.03}
SERIES = {"parameters": {"START": "2023-01-01"}, "EFFECT": -33.0, "LOW": -45.0, "HIGH": -18.0, "P_VALUE": 0.02}
NONE = {"EFFECT": -4.0, "LOW": -25.0, "HIGH": 23.0, "P_VALUE": 0.7}


@pytest.fixture
def report(provider, tmp_path):
    """Return a function that runs the tool on records, with the page and the numbers that it wrote."""

    def run(records, listener=None, **more):
        page = tmp_path / "evaluation.html"
        given = {"QUESTION": "Did lamps help?", "RECORDS": "\n".join(records), "OUTPUT": "memory:", "REPORT": str(page),
                 **more}
        result = processing.run("hotspot:evaluationreport", given, feedback=listener or QgsProcessingFeedback())
        return result, page.read_text(encoding="utf-8"), json.loads(page.with_suffix(".json").read_text("utf-8"))

    return run


def plan(path, measure="difference in differences", start="2023-01-01", written=None):
    content = design_plan.content("", [2, 2, 0, 0], Period(np.datetime64("2022-01-01"), np.datetime64("2022-12-31")),
                                  start, 12, "thefts", {"measure": measure})
    design_plan.write(str(path), "PLAN", content)
    if written:
        whole = json.loads(path.read_text(encoding="utf-8"))
        whole["written"] = written
        whole["checksum"] = design_plan._sum(whole)
        path.write_text(json.dumps(whole), encoding="utf-8")
    return str(path)


def test_designs_that_agree(report, tmp_path):
    """Every part that the report promises, with what was planned and what was not."""
    result, page, numbers = report(
        [record("diffindiff", "Fell by 40 %.", warnings=["Few areas."], **FALL), record("interruptedseries", **SERIES),
         record("patternchange", "The pattern stayed.", S_ROBUST=0.8)],
        PLAN=plan(tmp_path / "plan.json", written="2022-11-05T10:00:00Z"), MEASURE="Twelve lamps",
        DECISION="Whether to buy more.", DOUBTS="A new fence.", COST="4,000", DOSE="12 of 12 lamps",
        PARTICIPATION="Meetings held = 4 > 12; Reports closed = 31")
    assert (result["AGREEMENT"], result["CLEAR_COUNT"], result["RESULT_COUNT"]) == ("all", 2, 3)
    assert (result["LEAST"], result["MOST"], result["COMMON_LOW"], result["COMMON_HIGH"]) == (-40, -33, -45, -28)
    assert result["PLANNED"] == 1 and "A plan was written on 2022-11-05, before the start." in result["SUMMARY"]
    assert [(r["rpt_perc"], r["rpt_plan"]) for r in rows_of(result)] == [
        (-40.0, "as planned"), (-33.0, "chosen after: another estimate than planned")]
    for text in ("Did lamps help?", "In plain words", "About 40 in 100 incidents fewer", "Twelve lamps", "no geometry",
                 "Placebo in time", "Meetings held", "+8", "12 of 12 lamps", "4,000", "A new fence.", "Few areas.",
                 "Whether to buy more.", "The pattern stayed.", "no independent witnesses"):
        assert text in page, text
    assert numbers["agreement"]["state"] == "all" and numbers["effects"][0]["percent"] == -40
    assert numbers["participation"][0] == {"what": "Meetings held", "before": 4, "after": 12}
    assert len(numbers["records"]) == 3 and numbers["plan"]["before_start"] is True
    assert result["NUMBERS"].endswith("evaluation.json")


def test_no_finding_is_no_proof(report):
    result, page, _ = report([record("diffindiff", **NONE), record("detectableeffect", FALL_PERC=30.0)])
    assert result["AGREEMENT"] == "one" and "does not show that there was no effect" in result["SUMMARY"]
    assert "Falls of less than 30" in result["SUMMARY"] and "it may have done either" in result["PLAIN"]
    assert "whether areas, periods and outcome were chosen before the results is not known" in result["SUMMARY"]
    both, _, _ = report([record("diffindiff", **NONE), record("interruptedseries", **NONE)])
    assert both["AGREEMENT"] == "none" and "changes from" in both["SUMMARY"]
    assert "Nothing was given on residents" in page and "Neither dose nor cost" in page


def test_contradictions_and_poor_fits(report):
    listener = Listener()
    result, _, _ = report([record("diffindiff", **FALL), record("interruptedseries", EFFECT=20.0, LOW=5.0, HIGH=40.0),
                           record("syntheticcontrol", PERC=1.0, PERC_LOW=None, PERC_HIGH=4.0, FIT=0.5)], listener)
    assert result["AGREEMENT"] == "contradict" and result["DESIGN_COUNT"] == 2 and "we do not know" in result["PLAIN"]
    assert any("nothing should be read off" in text for text in listener.warnings)
    assert "poor fit, not counted" in [r["rpt_count"] for r in rows_of(result)]
    alone, _, _ = report([record("patternchange", S=0.8)])
    assert alone["AGREEMENT"] == "nothing" and "Nobody can say yet" in alone["PLAIN"]


def test_a_plan_written_late_or_changed(report, tmp_path):
    late, _, _ = report([record("diffindiff", **FALL)], PLAN=plan(tmp_path / "late.json"))
    assert late["PLANNED"] == 0 and "results could be known" in late["SUMMARY"]
    other = plan(tmp_path / "other.json", start="2023-02-01", written="2022-11-05T10:00:00Z")
    moved, page, _ = report([record("diffindiff", **FALL)], PLAN=other)
    assert moved["PLANNED"] == 0 and "start 2023-01-01 instead of 2023-02-01" in page
    changed = json.loads((tmp_path / "other.json").read_text(encoding="utf-8"))
    (tmp_path / "other.json").write_text(json.dumps({**changed, "outcome": "robbery"}), encoding="utf-8")
    listener = Listener()
    report([record("diffindiff", **FALL)], listener, PLAN=other)
    assert any("changed after it was written" in text for text in listener.warnings)


def test_layers_of_tools_and_the_map(report, provider, tmp_path):
    """The table of the difference as it was written: its record is found, and a copy of it counts once."""
    areas = count_table([("treated", 207, 110), ("control", 308, 318), ("treated_displacement", 178, 157),
                         ("control_displacement", 150, 140)], geometry=True)
    path = str(tmp_path / "wdd.gpkg")
    ran = processing.run("hotspot:weighteddisplacement", {
        "INPUT": areas, "BEFORE_FIELD": "n_2022", "AFTER_FIELD": "n_2023", "OUTPUT": path})
    saved = tmp_path / "record.json"
    saved.write_text(ran["PROVENANCE"], encoding="utf-8")
    result, page, numbers = report([str(saved)], RESULTS=[path], INPUT=areas)
    assert result["RESULT_COUNT"] == 1 and result["DESIGN_COUNT"] == 1
    # 97 fewer and 10 more there: 110 where 217 were to be expected
    assert result["LEAST"] == pytest.approx(100 * -107 / 217, rel=1e-6)
    assert numbers["areas_by_role"]["control_displacement"] == 1 and "Map of the areas by role: Treated: 1" in page


def test_the_register(report, tmp_path):
    path = tmp_path / "register.gpkg"
    with closing(sqlite3.connect(path)) as base, base:
        for table in (register.PROBLEMS, register.ACTIONS, register.DELIVERIES, register.ANSWERS, register.MEETINGS):
            columns = ", ".join(f'"{name}"' for name in register.TABLES[table])
            base.execute(f'CREATE TABLE "{table}" ({columns})')

        def add(table, **values):
            names = ", ".join(f'"{name}"' for name in values)
            base.execute(f'INSERT INTO "{table}" ({names}) VALUES ({", ".join("?" * len(values))})',
                         list(values.values()))

        add("problems", prob_id="a", title="Car park", decision="Goes on", reason="Fewer thefts")
        add("problems", prob_id="b", title="Noise")
        add("actions", prob_id="a", cost=100.0, spent=80.0, done_on="2023-03-01")
        add("actions", prob_id="a", cost=50.0, spent=None, done_on=None)
        for _ in range(4):
            add("deliveries", prob_id="a", kind="patrol", minutes=15.0, amount=2.0, unit="visits")
        add("meetings", meet_id="m", **{register.HELD_ON: "2023-01-10", register.RESIDENTS: 31})
        add("answers", prob_id="a", meet_id="m", **{register.ANSWERED_ON: "2023-01-24"})
        add("answers", prob_id="a", meet_id="m", **{register.ANSWERED_ON: None})
    result, page, numbers = report([record("diffindiff", **FALL)], REGISTER=str(path), PROBLEM="Car park")
    done = numbers["delivered"]
    assert (done["cost"], done["spent"], done["actions"], done["done"]) == (150, 80, 2, 1)
    assert done["deliveries"] == [["patrol", 4, 60.0, {"visits": 8.0}]]
    assert (done["meetings"], done["residents"], done["asked"], done["answered"], done["days"]) == (1, 31, 2, 1, 14)
    assert "Delivered: patrol" in page and "Goes on" in page and "Fewer thefts" in page
    with pytest.raises(QgsProcessingException, match="2 problems of the register"):
        report([record("diffindiff", **FALL)], REGISTER=str(path))


@pytest.mark.parametrize("more, name, text", [
    ({"RECORDS": ""}, "RESULTS", "no result"),
    ({"RECORDS": "{\"tool\": "}, "RECORDS", "not whole"),
    ({"RECORDS": "/nowhere/record.json"}, "RECORDS", "cannot be read"),
    ({"RECORDS": "{\"tool\": \"native:buffer\"}"}, "RECORDS", "no record of a tool"),
    ({"RECORDS": record("gistar")}, "RESULTS", "hotspot:gistar is no tool"),
    ({"PARTICIPATION": "Meetings many"}, "PARTICIPATION", "before > after"),
    ({"PARTICIPATION": "Meetings = 1 > 2 > 3"}, "PARTICIPATION", "Meetings = 1 > 2 > 3"),
])
def test_refusals(report, more, name, text):
    with pytest.raises(QgsProcessingException, match=text) as caught:
        report([record("diffindiff", **FALL)], **more)
    assert name in str(caught.value)


def test_a_layer_without_a_record_is_refused(report):
    with pytest.raises(QgsProcessingException, match="no record of a tool"):
        report([], RESULTS=[count_table([("treated", 1, 1)])])


def place(name, log_ratio, se, sha):
    """A difference in differences of one place."""
    text = json.loads(record("diffindiff", EFFECT=100 * np.expm1(log_ratio), LOW=-60.0, HIGH=40.0, P_VALUE=0.3,
                             LOG_RATIO=log_ratio, SE=se))
    text["inputs"] = {"INPUT": {"layer": name, "used": 9, "sha256": sha}}
    return json.dumps(text)


def test_several_places_are_pooled(report):
    """The five places of the reference run of metafor: -.2477, se .0737, Q .5828."""
    effects = ((-.18397973554650898, .0397136291873134), (-.24099891048018682, .01386460713725915),
               (-.31692663786321923, .024841755816079412), (-.1525605096331245, .04506691663857994),
               (-.3065357984945468, .04144481854765239))
    records = [place(f"p{k}", y, v**0.5, f"s{k}") for k, (y, v) in enumerate(effects)]
    result, page, numbers = report(records, PLACES=True)
    assert result["POOLED"] == pytest.approx(100 * np.expm1(-.247740427238349))
    end = -.247740427238349 + 1.959963984540054 * .0737452563799142
    assert result["POOLED_HIGH"] == pytest.approx(100 * np.expm1(end))
    assert result["HETEROGENEITY"] == 0 and result["DESIGN_COUNT"] == 1 and result["CLEAR_COUNT"] == 1
    assert "5 places together show fewer incidents" in result["SUMMARY"]
    assert "does not show that they are alike" in result["SUMMARY"]
    assert "no independent witnesses" not in page and "All places together" in page
    assert numbers["pooled"]["q"] == pytest.approx(.582762071304439) and numbers["effects"][-1]["tool"] == "pooled"
    rows = rows_of(result)
    assert [r["rpt_count"] for r in rows] == ["a place, pooled"] * 5 + ["counts"]
    # without the tick they are designs that agree or not
    assert report(records)[0]["DESIGN_COUNT"] == 5


@pytest.mark.parametrize("records, text", [
    ([place("a", -0.2, 0.1, "x")], "Fewer than two"),
    ([place("a", -0.2, 0.1, "x"), place("b", -0.1, 0.1, "x")], "same areas"),
    ([record("diffindiff", **FALL), record("diffindiff", **NONE)], "Fewer than two"),
])
def test_what_cannot_be_pooled_is_refused(report, records, text):
    with pytest.raises(QgsProcessingException, match=text) as caught:
        report(records, PLACES=True)
    assert "PLACES" in str(caught.value)
