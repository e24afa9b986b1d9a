"""Difference in differences as a user runs it."""

from __future__ import annotations

import csv
import gzip
import time

import numpy as np
import processing
import pytest
from qgis.core import (
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsProcessingException,
    QgsRectangle,
    QgsVectorLayer,
)

from hotspot_plugin.algorithms.evaluation import design_plan
from hotspot_plugin.compat import make_field
from tests.algorithms.evaluation.comparing import EAST, NORTH, incident_layer, null, rows_of, vancouver
from tests.algorithms.samples import Listener

UNITS = [f"t{k}" for k in range(12)]


def places(roles, extra="", values=(), counts=None, geometry=True):
    """Squares in a row with a role, more fields, and counts of 12 units of time."""
    kind = "Polygon?crs=EPSG:32630&" if geometry else "None?"
    more = "".join(f"&field={name}:double" for name in UNITS) if counts is not None else ""
    layer = QgsVectorLayer(f"{kind}field=role:string{extra}{more}", "places", "memory")
    features = []
    for i, role in enumerate(roles):
        feature = QgsFeature(layer.fields())
        if geometry:
            left = EAST + i * 100
            feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(left, NORTH, left + 100, NORTH + 100)))
        row = [] if counts is None else [None if np.isnan(v) else float(v) for v in counts[i]]
        feature.setAttributes([role, *(values[i:i + 1] if len(values) else []), *row])
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    layer.updateExtents()
    return layer


def town(seed=1, treated=4, control=8, fall=0.4, each=8.0):
    """Two years of incidents by month; the treated areas fall from 2023-03-01 on."""
    rng, rows = np.random.default_rng(seed), []
    for i in range(treated + control):
        size = each * rng.gamma(4.0, 0.25)
        for month in range(24):
            mean = size * (1 - fall if i < treated and month >= 14 else 1.0)
            day = f"{2022 + month // 12}-{month % 12 + 1:02d}"
            rows += [(i * 100 + 50, f"{day}-{k % 28 + 1:02d}T10:00", "Theft") for k in range(rng.poisson(mean))]
    return [*rows, (5000, "2022-05-05T10:00", "Theft"), (50, "2023-12-31T10:00", "Theft")]


ROLES = ["treated"] * 4 + ["control"] * 8
COUNTS = np.tile(np.array([10.0, 12, 8, 11, 9, 10, 12, 10, 11, 9, 10, 12]), (12, 1)) + np.arange(12)[:, None]


@pytest.fixture
def did(provider):
    """Return a function that runs the tool."""

    def run(areas, listener=None, **more):
        return processing.run("hotspot:diffindiff", {"INPUT": areas, "OUTPUT": "memory:", **more}, feedback=listener)

    return run


@pytest.fixture(scope="module")
def incidents(provider):
    return incident_layer(town())


def fields_of(first_after=9, **more):
    return {"SERIES_FIELDS": UNITS, "FIRST_AFTER": first_after, **more}


def test_incidents_to_an_effect_with_report(did, incidents, tmp_path):
    listener, report = Listener(), tmp_path / "did.html"
    result = did(places(ROLES), INCIDENTS=incidents, START="2023-03-01", AREAS="memory:", REPORT=str(report),
                 listener=listener)
    assert result["LOW"] < -40 < result["HIGH"] < 0 and result["P_VALUE"] < 0.05
    ratio = result["TREATED_AFTER"] / result["TREATED_BEFORE"] / (result["CONTROL_AFTER"] / result["CONTROL_BEFORE"])
    assert result["EFFECT"] == pytest.approx(100 * (ratio - 1)) and result["LOG_RATIO"] == pytest.approx(np.log(ratio))
    expected = result["TREATED_BEFORE"] * result["CONTROL_AFTER"] / result["CONTROL_BEFORE"]
    assert result["PREVENTED"] == pytest.approx(expected - result["TREATED_AFTER"])
    assert result["PREVENTED_LOW"] < result["PREVENTED"] < result["PREVENTED_HIGH"]
    assert result["TREND_P"] > 0.01 and result["TREND_MISSED"] > 0 and result["PLACEBO_COUNT"] == 999
    assert result["SUMMARY"].startswith("Recorded incidents in the treated areas fell by ")
    assert "would often have been missed" in result["SUMMARY"]
    rows = rows_of(result)
    kinds = [row["did_kind"] for row in rows]
    assert kinds[0] == "effect" and kinds.count("area") == 12 and kinds.count("step") >= 12
    assert {"other interval", "before", "fake start"} <= set(kinds)
    assert rows[0]["did_pct"] == pytest.approx(result["EFFECT"])
    area = rows_of({"OUTPUT": result["AREAS"]})
    assert sum(row["PREV_CNT"] for row in area if row["role"] == "treated") == result["TREATED_BEFORE"]
    assert sum(row["CUR_CNT"] for row in area) == result["TREATED_AFTER"] + result["CONTROL_AFTER"]
    page = report.read_text("utf-8")
    assert "Of 20 steps" in page and "never prove it" in page and "1 located, in no area with a role" in page


def test_a_plan_tells_what_was_chosen_after(did, incidents, tmp_path):
    plan, report = tmp_path / "plan.json", tmp_path / "r.html"
    design_plan.write(str(plan), "PLAN", design_plan.content(
        "", [4, 9, 0, 0], None, "2023-03-01", 10, "thefts", {}))
    listener = Listener()
    did(places(ROLES), INCIDENTS=incidents, START="2023-04-01", UNTIL="2023-12-31", PLAN=str(plan), REPORT=str(report),
        listener=listener)
    told = [text for text in listener.infos if text.startswith("A plan was written")]
    assert len(told) == 1 and "another number of areas" in told[0] and "2023-04-01 instead of 2023-03-01" in told[0]
    assert "Planned before, chosen after" in report.read_text("utf-8")


def test_no_change_is_no_proof_of_no_effect(did):
    result = did(places(ROLES, counts=COUNTS), **fields_of())
    assert abs(result["EFFECT"]) < 5 and result["LOW"] < 0 < result["HIGH"] and result["DETECTABLE"] < 0
    assert "No effect is shown" in result["SUMMARY"] and "That is no proof that there was none" in result["SUMMARY"]


def test_the_same_counts_from_fields_of_a_table_and_from_areas(did):
    counts = COUNTS.copy()
    counts[:4, 8:] = np.round(counts[:4, 8:] * 0.5)
    listener = Listener()
    first = did(places(ROLES, counts=counts), **fields_of())
    second = did(places(ROLES, counts=counts, geometry=False), AREAS="memory:", listener=listener, **fields_of())
    assert first["EFFECT"] == second["EFFECT"] < -40 and any("AREAS is not written" in t for t in listener.infos)
    t0, t1, c0, c1 = (counts[rows, units].sum() for rows in (slice(0, 4), slice(4, 12)) for units in (
        slice(0, 8), slice(8, 12)))
    assert first["EFFECT"] == pytest.approx(100 * (t1 * c0 / t0 / c1 - 1))


def test_missing_counts_and_areas_without_incidents_are_told(did):
    counts = COUNTS.copy()
    counts[5, 3], counts[2] = np.nan, 0.0
    listener = Listener()
    result = did(places(ROLES, counts=counts), listener=listener, **fields_of())
    assert any("1 of 12 areas lack a count" in text for text in listener.warnings)
    assert any("1 of 11 areas have no incident at all (treated: 1)" in text for text in listener.warnings)
    assert result["CONTROL_BEFORE"] == counts[[4, 6, 7, 8, 9, 10, 11], :8].sum()
    empty = [row for row in rows_of(result) if row["did_kind"] == "area" and row["PREV_CNT"] == 0]
    assert len(empty) == 1 and null(empty[0]["did_pct"])


def test_one_area_against_one_is_handled_with_words(did):
    counts = np.vstack([np.r_[np.full(8, 30.0), np.full(4, 10.0)], np.full(12, 30.0)])
    listener = Listener()
    result = did(places(["treated", "control"], counts=counts), listener=listener, **fields_of())
    told = " ".join(listener.warnings)
    assert "Only 2 areas have incidents" in told and "one comparison area" in told
    assert "nobody can tell it from two places that drift apart" in result["SUMMARY"]
    assert result["PLACEBO_COUNT"] == 0 and null(result["PLACEBO_P"])


def test_a_trend_before_speaks_against_the_effect(did):
    counts = np.full((12, 12), 40.0)
    counts[:4] = np.round(80 * np.exp(-0.12 * np.arange(12)))
    listener = Listener()
    result = did(places(ROLES, counts=counts), listener=listener, **fields_of())
    assert result["TREND_P"] < 0.01 and result["TREND"] == pytest.approx(100 * np.expm1(-0.12), abs=1.5)
    assert any("did not go the same way before" in text for text in listener.warnings)
    assert "cannot be put down to what was done" in result["SUMMARY"]


def test_dose_displacement_and_notes(did):
    roles = ["treated"] * 4 + ["treated_displacement", "control_displacement"] + ["control"] * 6
    counts = COUNTS.copy() * 3
    for i in range(4):
        counts[i, 8:] = np.round(counts[i, 8:] * np.exp(-0.1 * (i + 1)))
    hours = [1.0, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0]
    result = did(places(roles, "&field=hours:double", hours, counts), DOSE_FIELD="hours", NOTES="New lamps.",
                 **fields_of())
    assert result["DOSE"] == pytest.approx(100 * np.expm1(-0.1), abs=1.0) and result["DOSE_HIGH"] < 0
    assert result["AROUND"] == pytest.approx(0, abs=2) and result["AROUND_P"] > 0.5
    assert "no proof that nothing moved" in result["SUMMARY"] and "New lamps." in result["SUMMARY"]
    listener = Listener()
    did(places(roles, "&field=hours:double", [*hours[:-1], 2.0], counts), DOSE_FIELD="hours", listener=listener,
        **fields_of())
    assert any("comparison areas got a dose too" in text for text in listener.warnings)


def test_chosen_areas_have_their_luck_taken_out(did, incidents):
    listener = Listener()
    result = did(places(ROLES), INCIDENTS=incidents, START="2023-03-01", SELECTED_ON=2, listener=listener)
    assert any("The luck in that is taken out" in text or "could not be taken out" in text
               for text in listener.warnings)
    assert result["EFFECT"] >= result["AS_COUNTED"]
    listener = Listener()
    did(places(ROLES, counts=COUNTS), SELECTED_ON=2, listener=listener, **fields_of())
    assert any("regression to the mean" in text for text in listener.warnings)


ZERO = COUNTS.copy()
ZERO[:4, :8] = 0
NONE_AFTER = COUNTS.copy()
NONE_AFTER[4:, 8:] = 0


@pytest.mark.parametrize("make, more, name, text", [
    (lambda: places(ROLES, counts=ZERO), fields_of(), "SERIES_FIELDS", "no incident before the start"),
    (lambda: places(ROLES, counts=NONE_AFTER), fields_of(), "SERIES_FIELDS", "no incident after the start"),
    (lambda: places(["treated"] * 12, counts=COUNTS), fields_of(), "ROLE_FIELD", "No area has the role 'control'"),
    (lambda: places(ROLES, counts=COUNTS - 30), fields_of(), "SERIES_FIELDS", "negative"),
    (lambda: places(ROLES, counts=COUNTS), {"SERIES_FIELDS": UNITS}, "FIRST_AFTER", "first after the start"),
    (lambda: places(ROLES, counts=COUNTS), fields_of(13), "FIRST_AFTER", "between 2 and 12"),
    (lambda: places(ROLES, counts=COUNTS), fields_of(START="2023-01-01"), "START", "belongs to incidents"),
    (lambda: places(ROLES, counts=COUNTS), {}, "SERIES_FIELDS", "Choose the fields"),
    (lambda: places(ROLES, "&field=h:double", [-1.0] * 12, COUNTS), fields_of(DOSE_FIELD="h"), "DOSE_FIELD",
     "negative"),
    (lambda: places(ROLES, "&field=h:double", [0.0] * 12, COUNTS), fields_of(DOSE_FIELD="h"), "DOSE_FIELD",
     "every treated area is 0"),
    (lambda: places(ROLES), {"START": "2030-01-01"}, "START", "does not lie within"),
    (lambda: places(ROLES), {"START": "2023-03-01", "FULL_FROM": "2023-01-01"}, "FULL_FROM", "before its start"),
    (lambda: places(ROLES), {"START": "2022-01-09"}, "START", "No whole unit"),
])
def test_refusals(did, incidents, make, more, name, text):
    given = more if "SERIES_FIELDS" in more or not more else {**more, "INCIDENTS": incidents}
    with pytest.raises(QgsProcessingException, match=text) as caught:
        did(make(), **given)
    assert name in str(caught.value)


def test_no_incident_left_in_the_treated_areas(did):
    counts = COUNTS.copy()
    counts[:4, 8:] = 0
    listener = Listener()
    result = did(places(ROLES, counts=counts), listener=listener, **fields_of())
    assert result["EFFECT"] < -95 and result["HIGH"] < 0 and any("0.5 was added" in t for t in listener.warnings)


def test_unequal_units_and_a_transition_do_not_matter(did, incidents):
    months = did(places(ROLES), INCIDENTS=incidents, START="2023-03-01", UNTIL="2023-12-31")
    # quarters: the one that holds the start is left out
    quarters = did(places(ROLES), INCIDENTS=incidents, START="2023-03-01", UNIT=3, UNTIL="2023-12-31")
    assert quarters["TREATED_BEFORE"] < months["TREATED_BEFORE"]
    assert quarters["LOW"] < months["EFFECT"] < quarters["HIGH"]
    later = did(places(ROLES), INCIDENTS=incidents, START="2023-03-01", FULL_FROM="2023-05-01", UNTIL="2023-12-31")
    assert later["TREATED_BEFORE"] == months["TREATED_BEFORE"] and later["TREATED_AFTER"] < months["TREATED_AFTER"]


def test_vancouver_without_a_measure(did, shared_data):
    """Nothing was done: four neighbourhoods called treated show no effect, and Poisson's interval is far too narrow."""
    both = [vancouver(shared_data(f"vancouver/vpd_crime_{year}.csv.gz")) for year in (2023, 2024)]
    both[0].dataProvider().addFeatures(list(both[1].getFeatures()))
    source = QgsVectorLayer(f"{shared_data('vancouver/vancouver.gpkg')}|layername=neighbourhoods", "areas", "ogr")
    areas = source.materialize(QgsFeatureRequest())
    areas.dataProvider().addAttributes([make_field("role", "text")])
    areas.updateFields()
    column, lot = areas.fields().indexOf("role"), (2, 7, 11, 18)
    areas.dataProvider().changeAttributeValues({
        f.id(): {column: "treated" if k in lot else "control"} for k, f in enumerate(areas.getFeatures())})
    listener = Listener()
    result = did(areas, INCIDENTS=both[0], START="2024-01-01", listener=listener)
    assert result["LOW"] < 0 < result["HIGH"] and "No effect is shown" in result["SUMMARY"]
    assert result["OVERDISPERSION"] > 3 and result["PLACEBO_COUNT"] == 999
    total = sum(result[f"{role}_{side}"] for role in ("TREATED", "CONTROL") for side in ("BEFORE", "AFTER"))
    assert 55_000 < total < 65_000 and any("have no place" in text for text in listener.warnings)


def test_seattle_blocks_with_999_placebos_within_a_minute(did, shared_data):
    """9,642 blocks by quarter, 39 of them in the drug market initiative (data of the R package microsynth)."""
    with gzip.open(shared_data("known/microsynth/seattledmi.csv.gz"), "rt") as file:
        table = [(row["ID"], int(float(row["time"])), float(row["Intervention"]), float(row["any_crime"]))
                 for row in csv.DictReader(file)]
    block = {name: k for k, name in enumerate(dict.fromkeys(row[0] for row in table))}
    counts, treated = np.zeros((len(block), 16)), np.zeros(len(block), bool)
    for name, unit, done, number in table:
        counts[block[name], unit - 1] = number
        treated[block[name]] |= done > 0
    assert treated.sum() == 39
    layer = QgsVectorLayer("None?field=role:string" + "".join(f"&field=t{k}:double" for k in range(16)), "b", "memory")
    features = [QgsFeature(layer.fields()) for _ in block]
    for feature, role, row in zip(features, treated, counts):
        feature.setAttributes(["treated" if role else "control", *map(float, row)])
    layer.dataProvider().addFeatures(features)
    begin = time.monotonic()
    result = did(layer, SERIES_FIELDS=[f"t{k}" for k in range(16)], FIRST_AFTER=13)
    assert time.monotonic() - begin < 60 and result["PLACEBO_COUNT"] == 999
    t0, t1, c0, c1 = (counts[rows][:, units].sum() for rows in (treated, ~treated) for units in (
        slice(0, 12), slice(12, 16)))
    assert result["EFFECT"] == pytest.approx(100 * (t1 * c0 / t0 / c1 - 1)) and result["EFFECT"] < 0
    assert result["SE"] > np.sqrt(1 / t0 + 1 / t1 + 1 / c0 + 1 / c1) and result["PLACEBO_P"] > 0


def test_cancel_stops_the_placebos(did):
    class Cancelling(Listener):
        def setProgressText(self, text):  # noqa: N802
            pass

        def pushInfo(self, text):  # noqa: N802
            self.cancel()

    with pytest.raises(QgsProcessingException):
        did(places(ROLES, counts=COUNTS), listener=Cancelling(), PLACEBOS=99_999, **fields_of())
