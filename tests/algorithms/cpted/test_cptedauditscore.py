"""Score CPTED audit as a user runs it: marks and agreement by hand, refusals, from the form to the CPTED score."""

from __future__ import annotations

import numpy as np
import pytest
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsVectorLayer,
)

from hotspot_plugin.algorithms.cpted import auditforms
from hotspot_plugin.analysis.cpted.cptedauditscore import kappa
from tests.algorithms.cpted.test_visibility import EAST, NORTH, layer_of, null, rows_of
from tests.algorithms.samples import Listener

ITEMS = ("sightlines", "door_state", "condition", "litter")
FIELDS = ("&field=place_id:string&field=auditor:string&field=visit:string&field=visited:datetime"
          + "".join(f"&field={name}:integer" for name in ITEMS) + "&field=who_uses:string&field=pushed_out:string")
PLACES = [f"LINESTRING(0 {y},100 {y})" for y in (0, 200, 400)]


def places(keys=("A", "B", "C")):
    return layer_of("LineString", PLACES, [[k, f"Street {k}"] for k in keys],
                    "&field=place_id:string&field=name:string")


def audits(*rows, y=0):
    """Rows of place, auditor, visit, day, marks of the four items."""
    return layer_of("Point", [f"POINT(50 {y})"] * len(rows), [
        [key, who, visit, f"2024-05-{day:02d}T12:00:00", *marks, f"walkers {who}", "nobody"]
        for key, who, visit, day, *marks in rows], FIELDS)


@pytest.fixture
def judge(run_tool):
    def run(visits, listener=None, **more):
        return run_tool("cptedauditscore", {"INPUT": visits, "OUTPUT": "TEMPORARY_OUTPUT", **more},
                        feedback=listener or QgsProcessingFeedback())

    return run


# --- marks ------------------------------------------------------------------------------------
def test_marks_scores_and_what_is_missing_by_hand(judge):
    visits = audits(("A", "K1", "day", 1, 2, 1, 0, 8), ("A", "K1", "night", 2, 0, 9, 0, 8),
                    ("A", "K2", "day", 3, 2, 1, 1, 8), ("B", "K1", "day", 4, 2, 2, 2, 9))
    listener = Listener()
    result = judge(visits, listener, PLACES=places())
    first, second, third = rows_of(result["OUTPUT"])
    # K1's mean is 1 over day and night, K2's is 2
    assert (first["sightlines"], first["door_state"], first["condition"]) == (1.5, 1, 0.5) and null(first["litter"])
    assert (first["s_surv"], first["s_acc"], first["s_main"]) == (75, 50, 25) and null(first["s_terr"])
    assert first["aud_score"] == pytest.approx(50) and first["aud_cl"] == "fair"
    assert first["weakest"] == "maintenance"
    assert first["seen_sh"] == 1.0  # litter does not apply, which lowers nothing
    assert second["seen_sh"] == 0.75  # litter was not seen
    assert (first["visits_st"], second["visits_st"], third["visits_st"]) == ("complete", "by day only", "not audited")
    assert (first["n_visits"], first["n_day"], first["n_night"], first["n_auditor"]) == (3, 2, 1, 2)
    assert second["sightlines"] == 2 and null(second["aud_score"]) and second["aud_cl"] == "not complete"
    assert third["aud_cl"] == "not audited" and null(third["sightlines"]) and null(third["seen_sh"])
    assert first["who_uses"] == "walkers K1 | walkers K2" and first["pushed_out"] == "nobody"
    assert str(first["last_visit"].toString("yyyy-MM-dd")) == "2024-05-03"
    assert (result["PLACES_ALL"], result["AUDITED"], result["COMPLETE"], result["SCORED"]) == (3, 2, 1, 1)
    assert result["DOUBLE"] == 1 and result["NOT_TESTED"] == 4 and result["MEAN_KAPPA"] is None
    assert any("not visited by day and by night" in text for text in listener.warnings)
    both = rows_of(judge(visits, PLACES=places(), ALLOW_INCOMPLETE=True)["OUTPUT"])
    assert both[1]["aud_score"] == 100 and null(both[2]["aud_score"])


def test_weights_of_auditors(judge):
    visits = audits(("A", "K1", "day", 1, 0, 0, 0, 0), ("A", "K2", "night", 1, 2, 2, 2, 2))
    (row,) = rows_of(judge(visits, AUDITOR_WEIGHTS="K1 = 3")["OUTPUT"])
    assert row["condition"] == 0.5 and row["place_id"] == "A"


def test_the_newest_visit_counts_and_days_can_be_chosen(judge):
    visits = audits(("A", "K1", "day", 1, 0, 0, 0, 0), ("A", "K1", "day", 9, 2, 2, 2, 2))
    result = judge(visits)
    assert rows_of(result["OUTPUT"])[0]["condition"] == 2 and result["VISITS_USED"] == 1 and result["VISITS_READ"] == 2
    assert rows_of(judge(visits, TO_DATE="2024-05-05")["OUTPUT"])[0]["condition"] == 0


def test_too_little_seen_is_not_scored(judge):
    visits = audits(("A", "K1", "day", 1, 2, 9, 9, 9), ("A", "K1", "night", 1, 2, 9, 9, 9))
    (row,) = rows_of(judge(visits)["OUTPUT"])
    assert row["seen_sh"] == 0.25 and null(row["aud_score"]) and row["s_surv"] == 100


def test_places_by_key_then_by_location(judge):
    visits = audits(("A", "K1", "day", 1, 2, 2, 2, 2), (None, "K1", "night", 1, 1, 1, 1, 1),
                    ("X", "K1", "day", 1, 0, 0, 0, 0), y=190)
    listener = Listener()
    rows = rows_of(judge(visits, listener, PLACES=places())["OUTPUT"])
    assert [r["n_visits"] for r in rows] == [1, 2, 0]  # 10 m from B, whatever unknown key
    assert any("nearest place" in text for text in listener.warnings)
    assert [r["n_visits"] for r in rows_of(judge(visits, PLACES=places(), DISTANCE=5)["OUTPUT"])] == [1, 0, 0]


# --- agreement --------------------------------------------------------------------------------
def doubles(n=30, seed=1):
    """Two auditors at n places by day: agreed on sightlines, at random on doors, all alike on litter."""
    rng = np.random.default_rng(seed)
    true, first, second = rng.integers(0, 3, n), rng.integers(0, 3, n), rng.integers(0, 3, n)
    near = np.clip(true + (rng.random(n) < 0.15), 0, 2)
    rows = []
    for i in range(n):
        for who, marks in (("K1", (true[i], first[i], true[i], 1)), ("K2", (near[i], second[i], true[i], 1))):
            rows += [(f"P{i:02d}", who, visit, 1, *map(int, marks)) for visit in ("day", "night")]
    return rows, (true, near, first, second)


def test_items_that_measure_the_auditor_are_dropped(judge):
    rows, (true, near, first, second) = doubles()
    listener = Listener()
    result = judge(audits(*rows), listener, AGREEMENT="TEMPORARY_OUTPUT")
    table = {r["item"]: r for r in rows_of(result["AGREEMENT"])}
    assert result["DROPPED_ITEMS"] == "door_state" and result["DROPPED"] == 1 and result["DOUBLE"] == 30
    expected = kappa(2.0 * np.bincount(true * 3 + near, minlength=9).reshape(3, 3))
    sight = table["sightlines"]
    assert sight["kappa"] == pytest.approx(float(expected)) and sight["n_pairs"] == 60 and sight["n_places"] == 30
    assert sight["kappa_low"] < sight["kappa"] < sight["kappa_high"] <= 1
    assert sight["same_sh"] == pytest.approx((true == near).mean()) and sight["item_use"] == "used"
    assert table["door_state"]["kappa"] < 0.6 and table["door_state"]["item_use"] == "dropped"
    assert table["condition"]["kappa"] == 1.0
    assert null(table["litter"]["kappa"]) and table["litter"]["item_use"] == "used without a test"
    columns = rows_of(result["OUTPUT"])[0]
    assert "door_state" not in columns and null(columns["s_acc"]) and columns["litter"] == 1
    assert any("agree too little on door_state" in text for text in listener.warnings)
    kept = judge(audits(*rows), MIN_KAPPA=-1)
    assert kept["DROPPED"] == 0 and "door_state" in rows_of(kept["OUTPUT"])[0]


def test_a_dropped_item_does_not_leave_an_old_mark(judge):
    rows, _ = doubles()
    layer = layer_of("Point", [f"POINT(0 {i})" for i in range(30)], [[f"P{i:02d}", 2.0] for i in range(30)],
                     "&field=place_id:string&field=door_state:double")
    result = judge(audits(*rows), PLACES=layer)
    assert result["DROPPED_ITEMS"] == "door_state" and all(null(r["door_state"]) for r in rows_of(result["OUTPUT"]))


def test_few_pairs_are_told_and_not_tested(judge):
    rows, _ = doubles(4)
    listener = Listener()
    result = judge(audits(*rows), listener)
    assert result["DROPPED"] == 0 and result["NOT_TESTED"] == 4
    assert any("Not tested" in text for text in listener.warnings) and "could not be tested" in result["SUMMARY"]
    assert judge(audits(*rows), MIN_PAIRS=5)["NOT_TESTED"] < 4


def test_three_auditors_have_a_row_for_each_two(judge):
    rows, _ = doubles(12)
    more = [(key, "K3", *rest) for key, who, *rest in rows if who == "K1"]
    table = rows_of(judge(audits(*rows, *more), AGREEMENT="TEMPORARY_OUTPUT")["AGREEMENT"])
    assert [r["auditors"] for r in table if r["item"] == "sightlines"] == ["all", "K1 – K2", "K1 – K3", "K2 – K3"]
    alike = next(r for r in table if r["item"] == "sightlines" and r["auditors"] == "K1 – K3")
    assert alike["kappa"] == 1.0 and alike["n_pairs"] == 24


# --- refusals ---------------------------------------------------------------------------------
def test_refusals_name_the_parameter(judge, tmp_path):
    good = ("A", "K1", "day", 1, 0, 0, 0, 0)
    with pytest.raises(QgsProcessingException, match="INPUT.*'condition' holds 5.*row 2"):
        judge(audits(good, ("B", "K1", "day", 1, 0, 0, 5, 0)))
    with pytest.raises(QgsProcessingException, match="INPUT.*No visit can be used"):
        judge(audits(("A", "K1", "dusk", 1, 0, 0, 0, 0)))
    with pytest.raises(QgsProcessingException, match="INPUT.*no field that is an item"):
        judge(places())
    with pytest.raises(QgsProcessingException, match="PLACE_FIELD.*No visit says"):
        judge(audits((None, *good[1:])))
    with pytest.raises(QgsProcessingException, match="PLACES.*No visit is of one"):
        judge(audits(("Z", *good[1:]), y=9000), PLACES=places())
    with pytest.raises(QgsProcessingException, match="ID_FIELD.*'A' twice"):
        judge(audits(good), PLACES=places(("A", "A", "B")))
    with pytest.raises(QgsProcessingException, match="AUDITOR_WEIGHTS.*no auditor 'K9'"):
        judge(audits(good), AUDITOR_WEIGHTS="K9 = 2")
    with pytest.raises(QgsProcessingException, match="AUDITOR_WEIGHTS.*is no weight"):
        judge(audits(good), AUDITOR_WEIGHTS="K1 = 0")
    only = layer_of("Point", ["POINT(0 0)"], [["A", 1]], "&field=place_id:string&field=condition:integer")
    with pytest.raises(QgsProcessingException, match="AUDITOR_FIELD.*no field 'auditor'"):
        judge(only)


def test_rows_that_cannot_be_used_are_told(judge):
    listener = Listener()
    judge(audits(("A", "K1", "day", 1, 0, 0, 0, 0), ("A", None, "day", 1, 0, 0, 0, 0),
                 ("A", "K1", "dusk", 1, 0, 0, 0, 0), (None, "K1", "night", 1, 0, 0, 0, 0)), listener)
    text = " ".join(listener.infos + listener.warnings)
    assert all(reason in text for reason in ("no auditor", "neither day nor night", "no key of the place"))


# --- from the form to the CPTED score -----------------------------------------------------------
def test_from_the_form_to_the_score_on_cambridge(run_tool, shared_data, tmp_path):
    """Real parks: form, visits of two auditors filled in, audit score, CPTED score; marks arrive under their names."""
    city = shared_data("cambridge_ma/cambridge_ma.gpkg")
    quiet = {"feedback": QgsProcessingFeedback()}
    form = run_tool("cptedaudit", {"INPUT": f"{city}|layername=playgrounds", "PLACE_TYPE": 3,
                                   "OUTPUT": str(tmp_path / "parks.gpkg")}, **quiet)
    site = f"{form['OUTPUT']}|layername=places"
    visits = QgsVectorLayer(f"{form['OUTPUT']}|layername=audits", "audits", "ogr")
    items = [i.name for i in auditforms.read(auditforms.FOLDER / "park.csv", "")]
    rng = np.random.default_rng(7)
    made, truth = [], {}
    for place in QgsVectorLayer(site, "p", "ogr").getFeatures():
        where = place.geometry().centroid().asPoint()
        truth[place["place_id"]] = rng.integers(0, 3, len(items))
        for who in ("K1", "K2"):
            for visit in ("day", "night"):
                feature = QgsFeature(visits.fields())
                feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(where)))
                for name, value in (("place_id", place["place_id"]), ("auditor", who), ("visit", visit),
                                    ("who_uses", "families"), ("pushed_out", "teenagers")):
                    feature[name] = value
                for name, mark in zip(items, truth[place["place_id"]].tolist()):
                    feature[name] = mark
                made.append(feature)
    assert visits.dataProvider().addFeatures(made)[0]
    report = tmp_path / "audit.html"
    result = run_tool("cptedauditscore", {"INPUT": f"{form['OUTPUT']}|layername=audits", "PLACES": site,
                                          "OUTPUT": str(tmp_path / "audited.gpkg"), "REPORT": str(report)}, **quiet)
    assert result["COMPLETE"] == result["PLACES_ALL"] == len(truth) >= 10 and result["DROPPED"] == 0
    assert result["MEAN_KAPPA"] == 1.0 and "teenagers" in report.read_text(encoding="utf-8")
    kept = run_tool("maintenance", {"INPUT": result["OUTPUT"], "REPORTS": f"{city}|layername=litter_barrels",
                                    "AUDIT_FIELD": "condition", "OUTPUT": "TEMPORARY_OUTPUT"}, **quiet)
    assert kept["SEEN"] == len(truth)
    assert kept["SEEN_POOR"] == sum(marks[items.index("condition")] == 0 for marks in truth.values())
    scored = run_tool("cptedscore", {"INPUT": result["OUTPUT"], "PROFILE": 3, "MIN_MEASURED": 0.2, "DRAWS": 100,
                                     "OUTPUT": "TEMPORARY_OUTPUT", "INDICATORS": "TEMPORARY_OUTPUT"}, **quiet)
    audited = {}
    for row in rows_of(scored["INDICATORS"]):
        if row["evidence"] == "audited":
            audited.setdefault(row["indicator"], []).append(row["value"])
    assert set(audited) == {"sightlines", "entrapment", "signs", "condition", "people"}
    marks = np.array(list(truth.values()))
    for name, values in audited.items():
        assert values == marks[:, items.index(name)].tolist(), name
    assert all(r["audit_sh"] > 0.3 for r in rows_of(scored["OUTPUT"]))


def test_names_of_auditors_are_told(judge):
    listener = Listener()
    judge(audits(("A", "Jane", "day", 1, 0, 0, 0, 0)), listener)
    assert any("seem to be named" in text for text in listener.warnings)


def test_a_cancelled_run_stops(judge):
    feedback = QgsProcessingFeedback()
    feedback.progressChanged.connect(lambda value: feedback.cancel() if value >= 40 else None)
    with pytest.raises(QgsProcessingException, match="cancelled"):
        judge(audits(*doubles(5)[0]), feedback)


def test_places_where_the_visits_were(judge):
    (row,) = list(judge(audits(("A", "K1", "day", 1, 2, 2, 2, 2)))["OUTPUT"].getFeatures())
    assert (row.geometry().asPoint().x(), row.geometry().asPoint().y()) == (EAST + 50, NORTH)
