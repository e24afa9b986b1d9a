"""The synthetic control as a user runs it."""

from __future__ import annotations

import gzip

import numpy as np
import processing
import pytest
from qgis.core import QgsFeature, QgsGeometry, QgsPointXY, QgsProcessingException, QgsRectangle, QgsVectorLayer

from tests.algorithms.evaluation.comparing import EAST, NORTH, null, rows_of
from tests.algorithms.samples import Listener


@pytest.fixture
def synthetic(provider):
    """Return a function that runs the tool."""

    def run(areas, listener=None, **more):
        given = {"INPUT": areas, "OUTPUT": "memory:", "DRAWS": 199, **more}
        return processing.run("hotspot:syntheticcontrol", given, feedback=listener)

    return run


def town(effect=0.5, areas=40, treated=3, months=36, start=24, seed=3, level=25.0):
    """Counts of areas by month, and roles."""
    rng = np.random.default_rng(seed)
    rates = rng.gamma(6, level / 6, areas)[:, None] * (1 + 0.25 * np.sin(np.arange(months) * np.pi / 6))
    rates[:treated, start:] *= effect
    return rng.poisson(rates), ["treated"] * treated + ["control"] * (areas - treated)


def table(counts, roles, geometry="None"):
    """Areas with a field for each month."""
    names = [f"m{k + 1:02d}" for k in range(len(counts[0]))]
    layer = QgsVectorLayer(f"{geometry}?" + ("crs=EPSG:32630&" if geometry != "None" else "") + "field=role:string&"
                           + "&".join(f"field={n}:integer" for n in names), "areas", "memory")
    features = []
    for k, (row, role) in enumerate(zip(counts, roles)):
        feature = QgsFeature(layer.fields())
        if geometry != "None":
            left = EAST + 200 * k
            feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(left, NORTH, left + 100, NORTH + 100)))
        feature.setAttributes([str(role), *(None if n is None else int(n) for n in row)])
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    return layer, {"SERIES_FIELDS": names}


def test_counts_in_fields(synthetic):
    counts, roles = town()
    layer, series = table(counts, roles)
    result = synthetic(layer, FIRST_AFTER=25, SERIES="memory:", **series)
    after = counts[:3, 24:].sum()
    assert (result["TREATED"], result["DONORS_USED"], result["UNITS_BEFORE"], result["UNITS_AFTER"]) == (3, 37, 24, 12)
    assert result["OBSERVED"] == after and result["EFFECT"] == pytest.approx(after - result["EXPECTED"])
    assert result["LOW"] < result["EFFECT"] < result["HIGH"] < 0 and result["P_VALUE"] <= 0.01
    assert result["PERC"] == pytest.approx(-50, abs=12) and "fewer than chance" in result["SUMMARY"]
    rows = rows_of(result)
    assert sum(r["weight"] for r in rows) == pytest.approx(1) and rows[0]["weight"] == max(r["weight"] for r in rows)
    series_rows = rows_of({"OUTPUT": result["SERIES"]})
    assert len(series_rows) == 36 and series_rows[24]["phase"] == "after"
    assert sum(r["gap"] for r in series_rows[24:]) * 3 == pytest.approx(result["EFFECT"])
    assert all(r["gap_low"] <= r["gap_high"] for r in series_rows)


def test_incidents_give_what_their_counts_give(synthetic):
    counts, roles = town(areas=14, treated=1, months=20, start=14, level=8)
    layer, _ = table(counts, roles, "Polygon")
    points = QgsVectorLayer("Point?crs=EPSG:32630&field=dt_from:string", "incidents", "memory")
    features = []
    for k, row in enumerate(counts):
        for month, n in enumerate(row):
            day = np.datetime64("2021-01", "M") + month
            for i in range(n):
                feature = QgsFeature(points.fields())
                feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(EAST + 200 * k + 50, NORTH + 50)))
                feature.setAttributes([f"{day}-{1 + i % 28:02d}T{i % 24:02d}:10"])
                features.append(feature)
    points.dataProvider().addFeatures(features)
    listener = Listener()
    result = synthetic(layer, listener, INCIDENTS=points, START="2022-03-01", FROM="2021-01-01", UNTIL="2022-08-31")
    assert (result["UNITS_BEFORE"], result["UNITS_AFTER"], result["OBSERVED"]) == (14, 6, counts[0, 14:].sum())
    assert {r["area_name"]: (r["PREV_CNT"], r["CUR_CNT"]) for r in rows_of(result)} == {
        str(k + 1): (counts[k, :14].sum(), counts[k, 14:].sum()) for k in range(1, 14)}
    assert any("20 units of time (month)" in text for text in listener.infos)
    # 13 placebos cannot carry a 95 % interval, and that is said
    assert null(result["LOW"]) and any("13 placebos" in text for text in listener.warnings)
    shifted = synthetic(layer, INCIDENTS=points, START="2022-03-11", FULL_FROM="2022-05-01", FROM="2021-01-01",
                        UNTIL="2022-08-31")
    assert (shifted["UNITS_BEFORE"], shifted["UNITS_AFTER"]) == (14, 4)
    some = list(points.allFeatureIds())[::4]
    points.dataProvider().changeAttributeValues({fid: {0: "unknown"} for fid in some})
    synthetic(layer, listener, INCIDENTS=points, START="2022-03-01", FROM="2021-01-01", UNTIL="2022-08-31")
    assert f"Incidents that count nowhere: {len(some)} without a date, 0 without a place." in listener.warnings


def test_a_poor_fit_is_no_result(synthetic):
    counts, roles = town(effect=1.0)
    counts = counts.copy()
    counts[:3] += 400  # far above all others
    layer, series = table(counts, roles)
    listener = Listener()
    result = synthetic(layer, listener, FIRST_AFTER=25, **series)
    assert result["FIT"] > 0.25 and "nothing should be read off" in result["SUMMARY"]
    assert any("outside of what the comparison areas can make up" in text for text in listener.warnings)


def test_no_effect_is_not_called_proof(synthetic):
    layer, series = table(*town(effect=1.0, seed=8))
    result = synthetic(layer, FIRST_AFTER=25, **series)
    assert result["P_VALUE"] > 0.05 and result["LOW"] < 0 < result["HIGH"]
    assert "no proof that there was no effect" in result["SUMMARY"]


def test_areas_with_a_missing_count_are_left_out(synthetic):
    counts, roles = town()
    rows = [[None if k == 20 and m == 5 else n for m, n in enumerate(row)] for k, row in enumerate(counts.tolist())]
    layer, series = table(rows, roles)
    listener = Listener()
    assert synthetic(layer, listener, FIRST_AFTER=25, **series)["DONORS_USED"] == 36
    assert any("a missing count is not 0" in text for text in listener.warnings)


@pytest.mark.parametrize("roles, more, name, text", [
    (["treated", "control", "control"], {}, "ROLE_FIELD", "2 comparison areas for 1"),
    (["control"] * 9, {}, "ROLE_FIELD", "No area has the role 'treated'"),
    (["treated"] + ["control"] * 9, {"FIRST_AFTER": None}, "FIRST_AFTER", "first after the start"),
    (["treated"] + ["control"] * 9, {"FIRST_AFTER": 13}, "FIRST_AFTER", "between 2 and 12"),
    (["treated"] + ["control"] * 9, {"FIRST_AFTER": 3}, "SERIES_FIELDS", "2 units of time before"),
    (["treated"] + ["control"] * 9, {"START": "2022-01-01"}, "START", "FIRST_AFTER"),
    (["treated"] + ["control"] * 9, {"SERIES_FIELDS": []}, "SERIES_FIELDS", "in order of time"),
    (["treated"] + ["control"] * 9, {"DONORS": 2}, "DONORS", "beside 1 treated"),
])
def test_refusals(synthetic, roles, more, name, text):
    counts, _ = town(areas=len(roles), treated=1, months=12, start=8)
    layer, series = table(counts, roles)
    with pytest.raises(QgsProcessingException, match=text) as caught:
        synthetic(layer, **{"FIRST_AFTER": 9, **series, **more})
    assert name in str(caught.value)


def test_treated_areas_without_incidents_are_refused(synthetic):
    counts, roles = town(areas=12, treated=1)
    counts[0] = 0
    layer, series = table(counts, roles)
    with pytest.raises(QgsProcessingException, match="no incident before the start"):
        synthetic(layer, FIRST_AFTER=25, **series)


def test_seattle(synthetic, shared_data):
    """39 treated blocks among 9,642: quarters 1 to 12 before. Published weights are of another kind (microsynth)."""
    import pandas as pd

    with gzip.open(shared_data("known/microsynth") / "seattledmi.csv.gz", "rt") as file:
        data = pd.read_csv(file)
    wide = data.pivot(index="ID", columns="time", values="any_crime").astype(int)
    treated = data.groupby("ID")["Intervention"].max().astype(bool)
    assert (len(wide), int(treated.sum())) == (9642, 39)
    # blocks at least half as busy as the quietest treated ones; the quiet rest cannot make up the treated
    busy = wide[wide.iloc[:, :12].sum(axis=1) >= 12]
    kept = treated[busy.index]
    order = np.argsort(~kept.to_numpy(), kind="stable")
    layer, series = table(busy.to_numpy()[order], np.where(kept.to_numpy()[order], "treated", "control"))
    result = synthetic(layer, FIRST_AFTER=13, DRAWS=99, **series)
    assert result["TREATED"] == int(kept.sum()) and result["DONORS_USED"] == 200 and result["UNITS_BEFORE"] == 12
    assert result["OBSERVED"] == int(busy[kept].iloc[:, 12:].to_numpy().sum())
    assert result["FIT"] < 0.25 and result["LOW"] < result["EFFECT"] < result["HIGH"]
