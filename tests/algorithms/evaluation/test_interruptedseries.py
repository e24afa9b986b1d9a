"""Interrupted time series as a user runs it."""

from __future__ import annotations

import numpy as np
import processing
import pytest
from qgis.core import QgsFeatureRequest, QgsProcessingException, QgsVectorLayer

from hotspot_plugin.compat import make_field
from tests.algorithms.evaluation.comparing import incident_layer, rows_of, vancouver
from tests.algorithms.evaluation.test_diffindiff import places
from tests.algorithms.samples import Listener

UNITS = [f"t{k}" for k in range(12)]
ROLES = ["treated", "treated", "control", "control"]


def town(fall=0.5, each=15.0, seed=1):
    """Three years of incidents by month in four areas; the first two fall from 2024-01-01 on."""
    rng, rows = np.random.default_rng(seed), []
    for i in range(4):
        for month in range(36):
            mean = each * (1 + 0.3 * np.sin(month * np.pi / 6)) * (1 - fall if i < 2 and month >= 24 else 1.0)
            day = f"{2022 + month // 12}-{month % 12 + 1:02d}"
            rows += [(i * 100 + 50, f"{day}-{k % 28 + 1:02d}T10:00", "Theft") for k in range(rng.poisson(mean))]
    return rows


@pytest.fixture(scope="module")
def incidents(provider):
    return incident_layer(town())


@pytest.fixture
def its(provider):
    """Return a function that runs the tool."""

    def run(areas, listener=None, **more):
        return processing.run("hotspot:interruptedseries", {"INPUT": areas, "OUTPUT": "memory:", **more},
                              feedback=listener)

    return run


def fields_of(first_after=9, **more):
    return {"SERIES_FIELDS": UNITS, "FIRST_AFTER": first_after, **more}


COUNTS = np.tile(np.array([20.0, 22, 18, 21, 19, 20, 22, 20, 21, 19, 20, 22]), (4, 1))


def test_incidents_against_comparison_areas(its, incidents, tmp_path):
    report = tmp_path / "its.html"
    result = its(places(ROLES), INCIDENTS=incidents, START="2024-01-01", UNTIL="2024-12-31", REPORT=str(report))
    assert result["LOW"] < -50 < result["HIGH"] < 0 and result["P_VALUE"] < 0.05
    assert (result["UNITS_BEFORE"], result["UNITS_AFTER"], result["WAVES"]) == (24, 12, 1)
    assert result["PREVENTED_LOW"] < result["PREVENTED"] < result["PREVENTED_HIGH"]
    rows = rows_of(result)
    assert len(rows) == 36 and sum(row["its_n"] for row in rows if row["its_after"]) == result["COUNTED"]
    expected = sum(row["its_exp"] for row in rows if row["its_after"])
    assert result["PREVENTED"] == pytest.approx(expected - result["COUNTED"], rel=0.02)
    assert all(row["its_low"] <= row["its_exp"] <= row["its_high"] for row in rows)
    assert "fewer than was to be expected from the comparison areas" in result["SUMMARY"]
    assert "do not pick" in report.read_text("utf-8")


def test_without_comparison_areas_the_doubt_is_told(its, incidents):
    listener = Listener()
    result = its(places(["treated", "treated", None, None]), INCIDENTS=incidents, START="2024-01-01",
                 UNTIL="2024-12-31", listener=listener)
    assert result["LOW"] < -50 < result["HIGH"] and result["WAVES"] == 2
    assert any("no comparison areas" in text for text in listener.warnings)
    assert "may as well be something else" in result["SUMMARY"]
    none = its(places(["treated", "treated", None, None]), INCIDENTS=incidents, START="2024-01-01",
               UNTIL="2024-12-31", SEASON=1)
    assert none["WAVES"] == 0 and none["EFFECT"] != result["EFFECT"]


def test_no_change_is_no_proof_of_no_effect(its):
    listener = Listener()
    result = its(places(ROLES, counts=COUNTS), listener=listener, NOTES="New cameras.", **fields_of())
    assert result["LOW"] < 0 < result["HIGH"] and "No change is shown" in result["SUMMARY"]
    assert "no proof that there was no effect" in result["SUMMARY"] and "New cameras." in result["SUMMARY"]
    assert any("8 units of time only" in text for text in listener.warnings)


def test_missing_counts_a_table_and_chosen_areas(its):
    counts = COUNTS.copy()
    counts[1, 4] = np.nan
    listener = Listener()
    result = its(places(ROLES, counts=counts, geometry=False), SELECTED_ON=2, listener=listener, **fields_of())
    assert result["COUNTED"] == counts[0, 8:].sum()
    assert any("1 of 4 areas lack a count" in text for text in listener.warnings)
    assert any("regression to the mean" in text for text in listener.warnings)


ZERO = COUNTS.copy()
ZERO[:2, :7] = 0
NO_CONTROL = COUNTS.copy()
NO_CONTROL[2:, 8:] = 0


@pytest.mark.parametrize("make, more, name, text", [
    (lambda: places(ROLES, counts=COUNTS), fields_of(8), "SERIES_FIELDS", "There are 7 units of time before and 5"),
    (lambda: places(ROLES, counts=COUNTS), fields_of(10), "SERIES_FIELDS", "9 units of time before and 3"),
    (lambda: places(ROLES), {"START": "2024-01-01", "UNIT": 3, "FROM": "2023-01-01"}, "UNIT", "shorter unit of time"),
    (lambda: places(ROLES, counts=ZERO), fields_of(), "SERIES_FIELDS", "makes no line"),
    (lambda: places(ROLES, counts=NO_CONTROL), fields_of(), "SERIES_FIELDS", "comparison areas have too few"),
    (lambda: places(["control"] * 4, counts=COUNTS), fields_of(), "ROLE_FIELD", "No area has the role 'treated'"),
])
def test_refusals(its, incidents, make, more, name, text):
    given = more if "SERIES_FIELDS" in more else {**more, "INCIDENTS": incidents}
    with pytest.raises(QgsProcessingException, match=text) as caught:
        its(make(), **given)
    assert name in str(caught.value)


def test_cancelled_runs_stop(its):
    class Cancelling(Listener):
        def pushInfo(self, text):  # noqa: N802
            self.cancel()

    with pytest.raises(QgsProcessingException):
        its(places(ROLES, counts=COUNTS), listener=Cancelling(), **fields_of())


def test_vancouver_by_week_without_a_measure(its, shared_data):
    """Nothing was done on 2024-07-01: no change is shown."""
    layer = vancouver(shared_data("vancouver/vpd_crime_2024.csv.gz"))
    source = QgsVectorLayer(f"{shared_data('vancouver/vancouver.gpkg')}|layername=neighbourhoods", "areas", "ogr")
    areas = source.materialize(QgsFeatureRequest())
    areas.dataProvider().addAttributes([make_field("role", "text")])
    areas.updateFields()
    column = areas.fields().indexOf("role")
    areas.dataProvider().changeAttributeValues({
        f.id(): {column: "treated" if k % 3 else "control"} for k, f in enumerate(areas.getFeatures())})
    result = its(areas, INCIDENTS=layer, START="2024-07-01", UNIT=2)
    assert result["UNITS_BEFORE"] >= 24 and result["UNITS_AFTER"] >= 24
    assert result["LOW"] < 0 < result["HIGH"] and "No change is shown" in result["SUMMARY"]
