"""The tool that tells before a pilot what it could find."""

from __future__ import annotations

import numpy as np
import pytest
from qgis.core import QgsProcessingException

from tests.algorithms.evaluation.comparing import rows_of
from tests.algorithms.evaluation.roles import ROLES, count_table, square_layer
from tests.algorithms.evaluation.test_weighteddisplacement import incident_layer, town
from tests.algorithms.samples import Listener


@pytest.fixture
def power(run_tool):
    def run(listener=None, **given):
        return run_tool("detectableeffect", {"OUTPUT": "TEMPORARY_OUTPUT", **given}, feedback=listener or Listener())

    return run


def test_the_published_case(power, tmp_path):
    """Wheeler and Ratcliffe's variance, T = C = 200: 75.41 (38 %); 50: 35.89 (72 %)."""
    report = tmp_path / "power.html"
    result = power(TREATED_N=200, CONTROL_N=200, REPORT=str(report))
    assert result["FALL"] == pytest.approx(75.41347676636417)
    assert result["FALL_PERC"] == pytest.approx(37.7067, abs=1e-4)
    assert "a fall by 76 incidents (38 %) or more in 12 months would be found in 8 of 10 cases" in result["SUMMARY"]
    assert "not seeing it would not mean that nothing changed" in result["SUMMARY"]
    assert power(TREATED_N=50, CONTROL_N=50)["FALL"] == pytest.approx(35.889843689620584)
    assert (tmp_path / "power_power.svg").exists() and "both periods" in report.read_text(encoding="utf-8")
    rows = rows_of(result)
    assert rows[0]["fall_n"] == pytest.approx(75.41347676636417) and rows[0]["mon_bef"] == 12
    assert {row["plan_of"] for row in rows} == {"both periods so long", "later period so long", "more areas"}


def test_what_it_takes_is_what_the_plan_then_finds(power):
    first = power(TREATED_N=50, CONTROL_N=50, CHANGE=40)
    months = first["MONTHS_NEEDED"]
    longer = power(TREATED_N=5000, CONTROL_N=5000, BEFORE_MONTHS=1200, CHANGE=40)  # the same rate
    assert longer["MONTHS_NEEDED"] == pytest.approx(months)
    factor = first["TIMES_NEEDED"]
    enough = power(TREATED_N=round(50 * factor), CONTROL_N=round(50 * factor), CHANGE=40)
    assert enough["FALL_PERC"] == pytest.approx(40, abs=0.2) and enough["POWER_NOW"] == pytest.approx(0.8, abs=0.005)


def test_overdispersion_displacement_and_one_direction(power):
    plain = power(TREATED_N=200, CONTROL_N=200)
    assert power(TREATED_N=200, CONTROL_N=200, OVERDISPERSION=2)["FALL"] > 1.35 * plain["FALL"]
    assert power(TREATED_N=200, CONTROL_N=200, SIDES=1)["FALL"] < plain["FALL"]
    around = power(TREATED_N=200, CONTROL_N=200, TREATED_DISP_N=100, CONTROL_DISP_N=100, MOVED=50)
    assert around["FALL"] == plain["FALL"] and around["FALL_ALL"] > 2 * plain["FALL"]


def test_counts_from_a_field_and_from_incidents_agree(power):
    crimes = incident_layer(town(np.random.default_rng(3), (12.0, 12.0, 8.0, 8.0)))
    dates = {"BEFORE_START": "2022-01-02", "BEFORE_END": "2022-12-31"}
    counted = power(INPUT=square_layer(4, ROLES), INCIDENTS=crimes, **dates)
    number = np.zeros(4, int)
    for feature in crimes.getFeatures():
        if feature["dt_from"] < "2023":
            number[int((feature.geometry().asPoint().x() - 430_000) // 400)] += 1
    given = power(INPUT=count_table([(role, int(n), 0) for role, n in zip(ROLES, number)]), BEFORE_FIELD="n_2022",
                  OVERDISPERSION=counted["OVERDISPERSION_USED"])
    assert counted["FALL"] == pytest.approx(given["FALL"]) and counted["FALL_ALL"] == pytest.approx(given["FALL_ALL"])


def test_too_few_is_said(power):
    listener = Listener()
    result = power(listener, TREATED_N=4, CONTROL_N=4)
    assert result["FALL"] is None and "not even one to none" in result["SUMMARY"]
    assert any("rough" in text for text in listener.warnings)


def test_surveys(power):
    """.42 against .50 with 80 %: 608.09 answers in each wave, so 609; a quarter answers."""
    result = power(SHARE_BEFORE=42, SHARE_AFTER=50, RESPONSE_RATE=25)
    assert result["ANSWERS"] == 609 and result["ASKED"] == 2433 and result["FALL"] is None
    assert "609 answers in each wave" in result["SUMMARY"]
    clustered = power(SHARE_BEFORE=42, SHARE_AFTER=50, CLUSTER=20, LIKENESS=0.05)
    assert clustered["ANSWERS"] == 1186  # 608.09 x 1.95
    assert power(SHARE_BEFORE=42, RESPONDENTS=609)["SURVEY_CHANGE"] == pytest.approx(8.0, abs=0.01)


@pytest.mark.parametrize(("given", "words"), [
    ({}, "nothing to plan with"), ({"TREATED_N": 20}, "both needed"), ({"TREATED_N": 0, "CONTROL_N": 9}, "could fall"),
    ({"TREATED_N": 20, "CONTROL_N": 0}, "cannot show what would have happened"),
    ({"TREATED_N": 20, "CONTROL_N": 20, "TREATED_DISP_N": 9}, "give both numbers"),
    ({"SHARE_BEFORE": 50}, "share that is hoped for"), ({"SHARE_AFTER": 50}, "without an idea take 50"),
    ({"SHARE_BEFORE": 50, "SHARE_AFTER": 50}, "no change to be found"),
    ({"INPUT": "table"}, "Choose the field with the counts"),
    ({"INPUT": "table", "BEFORE_FIELD": "n_2022", "TREATED_N": 5}, "not clear which"),
    ({"INPUT": "none", "BEFORE_FIELD": "n_2022"}, "No area has the role 'control'"),
])
def test_bad_input_is_refused_in_words(power, given, words):
    tables = {"table": count_table([("treated", 5, 3), ("control", 5, 6)]), "none": count_table([("treated", 5, 3)])}
    with pytest.raises(QgsProcessingException, match=words):
        power(**{**given, **({"INPUT": tables[given["INPUT"]]} if "INPUT" in given else {})})


def test_a_time_before_of_days_is_no_plan(power):
    crimes = incident_layer([(50, "2022-03-04 10:00"), (450, "2022-03-05 10:00")])
    with pytest.raises(QgsProcessingException, match=r"BEFORE_START.*shorter than 7 days"):
        power(INPUT=square_layer(4, ROLES), INCIDENTS=crimes)


def test_incidents_without_rows_are_not_about_their_dates(power):
    with pytest.raises(QgsProcessingException, match=r"\(INCIDENTS\).*has no rows"):
        power(INPUT=square_layer(4, ROLES), INCIDENTS=incident_layer([]))


def test_one_incident_is_one(power):
    summary = power(TREATED_N=1, CONTROL_N=40, BEFORE_MONTHS=1)["SUMMARY"]
    assert summary.startswith("With 1 incident recorded in the treated areas and 40 in the comparison areas in 1 month")


def test_a_run_that_fails_leaves_no_plan_in_the_way(power, tmp_path):
    given = {"TREATED_N": 200, "CONTROL_N": 200, "PLAN_OUT": str(tmp_path / "plan.json")}
    with pytest.raises(QgsProcessingException, match="report cannot be written"):
        power(**given, REPORT="/proc/power.html")
    power(**given)
    rows = tmp_path / "plans.gpkg"
    with pytest.raises(QgsProcessingException, match="a plan that can be replaced is none"):
        power(**{**given, "OUTPUT": str(rows)})
    assert not rows.exists()


def test_a_broken_count_is_refused(power):
    table = count_table([("treated", 1e300, 3), ("control", 5, 6)])
    with pytest.raises(QgsProcessingException, match=r"\(BEFORE_FIELD\): A count is too large"):
        power(INPUT=table, BEFORE_FIELD="n_2022")
