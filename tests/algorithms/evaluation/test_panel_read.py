"""Counts of areas through time as the tools read them; every incident has its place in the account."""

from __future__ import annotations

import numpy as np
import processing
import pytest
from qgis.core import QgsProcessingException

from tests.algorithms.evaluation.comparing import incident_layer, rows_of
from tests.algorithms.evaluation.test_diffindiff import places
from tests.algorithms.samples import Listener

ROLES = ["treated", "treated", "control", "control", "control", None]


@pytest.fixture(scope="module")
def incidents(provider):
    rows = [(i * 100 + 50, f"2022-{month:02d}-{10 + k:02d}T10:00", "Theft")
            for i in range(6) for month in range(1, 13) for k in range(3 + i)]
    rows += [(9999, "2022-05-05T10:00", "Theft"), (None, "2022-05-05T10:00", "Theft"), (50, "no date", "Theft"),
             (50, "2021-05-05T10:00", "Theft"), (50, "2022-12-31T10:00", "Theft")]
    return incident_layer(rows)


@pytest.fixture
def did(provider):
    def run(areas, listener=None, **more):
        return processing.run("hotspot:diffindiff", {"INPUT": areas, "OUTPUT": "memory:", **more}, feedback=listener)

    return run


def test_every_incident_is_counted_or_told(did, incidents, tmp_path):
    report = tmp_path / "r.html"
    result = did(places(ROLES), INCIDENTS=incidents, START="2022-07-01", FROM="2022-01-01", UNTIL="2022-12-31",
                 REPORT=str(report))
    assert (result["TREATED_BEFORE"], result["CONTROL_BEFORE"]) == (6 * (3 + 4), 6 * (5 + 6 + 7))
    assert result["TREATED_AFTER"] == 6 * 7 + 1 and result["CONTROL_AFTER"] == 6 * 18
    # 12 x 8 of the area without a role lie in none that has one
    text = report.read_text("utf-8")
    assert "97 located, in no area with a role" in text and "1 at another time" in text
    assert "1 areas without a role" in text
    assert all(row["did_name"] for row in rows_of(result))


def test_the_month_of_the_start_is_left_out_and_told(did, incidents):
    listener = Listener()
    result = did(places(ROLES), INCIDENTS=incidents, START="2022-07-15", FROM="2022-01-01", UNTIL="2022-12-31",
                 listener=listener)
    assert any("holds days before and after the start" in text for text in listener.infos)
    assert result["TREATED_BEFORE"] == 42 and result["TREATED_AFTER"] == 5 * 7 + 1


@pytest.mark.parametrize("more, name, text", [
    ({}, "START", "on which day it started"),
    ({"START": "2022-07-01", "FIRST_AFTER": 3}, "FIRST_AFTER", "Leave this empty"),
    ({"START": "2022-07-01", "DATE_FIELD": "ctype"}, "DATE_FIELD", "date"),
    ({"START": "2022-07-01", "FROM": "2022-09-01"}, "START", "does not lie within"),
    ({"START": "2022-07-01", "FULL_FROM": "2022-12-20"}, "FULL_FROM", "No whole unit"),
])
def test_refusals(did, incidents, more, name, text):
    with pytest.raises(QgsProcessingException, match=text) as caught:
        did(places(ROLES), INCIDENTS=incidents, **more)
    assert name in str(caught.value)


def test_counts_given_twice_and_areas_elsewhere(did, incidents):
    counts = np.ones((6, 12))
    with pytest.raises(QgsProcessingException, match="given twice"):
        did(places(ROLES, counts=counts), INCIDENTS=incidents, START="2022-07-01", SERIES_FIELDS=["t0", "t1"])
    with pytest.raises(QgsProcessingException, match="lies in an area with a role"):
        did(places([None] * 20 + ["treated", "control"]), INCIDENTS=incidents, START="2022-07-01")
    with pytest.raises(QgsProcessingException, match="counted in polygons"):
        did(incident_layer([(50, "2022-01-01", "treated")]), INCIDENTS=incidents, START="2022-07-01",
            ROLE_FIELD="ctype")


def test_no_incident_at_all_is_said_to_be_that(did):
    with pytest.raises(QgsProcessingException, match="has no incident. Check its filter"):
        did(places(ROLES), INCIDENTS=incident_layer([]), START="2022-07-01")
