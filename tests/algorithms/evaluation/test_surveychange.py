"""Perceptions before and after as a user runs them."""

from __future__ import annotations

import numpy as np
import pytest
from qgis.core import QgsProcessingException

from hotspot_plugin.compat import is_null
from tests.algorithms.community.test_surveysummary import layer_of, point, rows_of, square
from tests.algorithms.samples import Listener


def answers(seed=4, areas=12, treated=4, each=60, gain=0.8, drift=0.0):
    """Two waves in twelve areas; the treated gain."""
    rng = np.random.default_rng(seed)
    area = np.tile(np.repeat(np.arange(areas), each), 2)
    wave = np.repeat([0, 1], areas * each)
    score = rng.normal(0, 0.2, areas)[area] + rng.normal(0, drift, areas)[area] * wave + rng.normal(0, 1, len(area))
    score = score + gain * (area < treated) * wave
    safe = np.clip(np.round(3 + score), 1, 5).astype(int)
    other = np.clip(np.round(3 + rng.normal(0, 1, len(area))), 1, 5).astype(int)
    return {"wave": np.array(["before", "after"])[wave].tolist(), "area": [f"Area {a + 1}" for a in area],
            "role": np.where(area < treated, "treated", "control").tolist(), "safe": safe.tolist(),
            "other": other.tolist(), "age": rng.choice(["18-34", "35+"], len(area)).tolist(),
            "wt": rng.choice([0.5, 1.0, 1.5], len(area)).tolist()}


TREATED = "Area 1; Area 2; area 3; Area 4"


@pytest.fixture
def change(run_tool):
    """Run the tool."""

    def run(layer, listener=None, **more):
        given = {"INPUT": layer, "QUESTIONS": ["safe"], "WAVE_FIELD": "wave", "OUTPUT": "memory:", **more}
        if not given["WAVE_FIELD"]:
            del given["WAVE_FIELD"]
        return run_tool("surveychange", given, feedback=listener or Listener())

    return run


@pytest.fixture(scope="module")
def survey():
    return layer_of(answers())


def test_an_effect_with_everything(change, survey, tmp_path):
    result = change(survey, AREA_FIELD="area", TREATED=TREATED, WEIGHT_FIELD="wt", GROUP_FIELDS=["age"],
                    QUESTIONS=["safe", "other"], REPORT=str(tmp_path / "r.html"), NOTES="New wording of the letter.")
    data = answers()
    safe, w = np.array(data["safe"]) >= 4, np.array(data["wt"])
    wave, role = np.array(data["wave"]) == "after", np.array(data["role"]) == "control"
    share = [100 * np.average(safe[(role == r) & (wave == v)], weights=w[(role == r) & (wave == v)])
             for r in (0, 1) for v in (0, 1)]
    got = [result[n] for n in ("TREATED_BEFORE", "TREATED_AFTER", "CONTROL_BEFORE", "CONTROL_AFTER")]
    assert got == pytest.approx(share)
    assert result["EFFECT"] == pytest.approx(share[1] - share[0] - share[3] + share[2])
    assert 0 < result["LOW"] < result["EFFECT"] < result["HIGH"] and result["P_VALUE"] < 0.01
    assert result["Q_VALUE"] >= result["P_VALUE"] and result["CLEAR_COUNT"] == 1 and result["DETECTABLE"] > 0
    assert (result["AREAS_TREATED"], result["AREAS_CONTROL"], result["ANSWERS"]) == (4, 8, 1440)
    assert "rose by" in result["SUMMARY"] and "95 % interval" in result["SUMMARY"]
    assert "no effect shown" in result["SUMMARY"] and "New wording" in result["SUMMARY"]
    rows = rows_of(result["OUTPUT"])
    effect = next(r for r in rows if (r["question"], r["sc_about"], r["sc_row"]) == ("safe", "share", "effect"))
    assert effect["sc_says"] == "more" and effect["sc_change"] == pytest.approx(result["EFFECT"] / 100)
    assert {r["sc_about"] for r in rows} == {"mean", "share", "no answer", "who answered"}
    assert {r["sc_row"] for r in rows if r["sc_about"] == "mean"} == {
        "effect", "treated", "comparison", "respondents", "areas"}
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    heads = ("rose by", "Who did not answer", "Before and after</h2>", "Who answered</h2>", "What else changed</h2>")
    order = [page.index(text) for text in heads]
    assert order == sorted(order)


def test_no_effect_is_no_proof_of_none(change):
    listener = Listener()
    result = change(layer_of(answers(gain=0.0)), listener, ROLE_FIELD="role", COMPARE=1)
    assert result["CLEAR_COUNT"] == 0 and result["LOW"] < 0 < result["HIGH"]
    assert "No effect on the mean" in result["SUMMARY"] and "no proof that there was none" in result["SUMMARY"]
    assert "would often have been missed" in result["SUMMARY"]
    # the areas of the respondents were not given
    assert any("not known" in text and "AREA_FIELD" in text for text in listener.warnings)
    assert result["EFFECT"] == pytest.approx(result["MEAN_EFFECT"])


def test_areas_that_drift_are_no_effect(change):
    """Respondents alone are sure of a change that areas make by themselves."""
    layer = layer_of(answers(gain=0.0, drift=0.8, each=80, seed=12))
    alone = change(layer, ROLE_FIELD="role", COMPARE=1)
    known = change(layer, ROLE_FIELD="role", AREA_FIELD="area", COMPARE=1)
    assert alone["EFFECT"] == pytest.approx(known["EFFECT"])
    assert known["HIGH"] - known["LOW"] > 2 * (alone["HIGH"] - alone["LOW"])
    assert known["LOW"] < 0 < known["HIGH"]


def test_without_comparison_a_change_only(change):
    listener = Listener()
    data = answers()
    del data["role"]
    result = change(layer_of(data), listener)
    assert "There was no comparison" in result["SUMMARY"] and "effect" not in result["SUMMARY"].lower()
    assert any("no comparison areas" in text for text in listener.warnings) and is_null(result["CONTROL_BEFORE"])
    assert {r["sc_row"] for r in rows_of(result["OUTPUT"])} == {"treated"}


def test_two_layers_and_areas_by_place(change):
    """The same answers, a layer for each wave, and roles from polygons."""
    data = answers()
    n = len(data["safe"]) // 2
    place = [point(200 * (int(a.split()[1]) - 1) + 50, 50) for a in data["area"]]
    first, second = ({k: v[part] for k, v in data.items() if k in ("safe", "other")} for part in (
        slice(0, n), slice(n, None)))
    areas = layer_of({"name": [f"A{k}" for k in range(12)], "role": ["treated"] * 4 + ["control"] * 7 + [None]},
                     "Polygon", [square(200 * k, 0) for k in range(12)])
    result = change(layer_of(first, "Point", place[:n]), AFTER_INPUT=layer_of(second, "Point", place[n:]),
                    AREAS=areas, WAVE_FIELD=None, COMPARE=1)
    assert (result["AREAS_TREATED"], result["AREAS_CONTROL"], result["LEFT_OUT"]) == (4, 7, 120)
    by_name = change(layer_of({k: [v for v, a in zip(values, data["area"]) if a != "Area 12"]
                               for k, values in data.items()}), ROLE_FIELD="role", AREA_FIELD="area", COMPARE=1)
    assert [result[k] for k in ("EFFECT", "LOW", "HIGH")] == pytest.approx([by_name[k] for k in (
        "EFFECT", "LOW", "HIGH")])


def test_a_panel_counts_people_and_tells_who_left(change, tmp_path):
    rng = np.random.default_rng(6)
    n = 240
    first = rng.integers(1, 5, n)
    treated = np.arange(n) < n // 2
    second = np.clip(first + rng.choice([-1, 0, 1], n) + (treated & (rng.random(n) < 0.5)), 1, 5)
    stays = rng.random(n) < np.where(treated, 0.9, 0.6)
    data = {"who": [f"P{k}" for k in range(n)] + [f"P{k}" for k in np.flatnonzero(stays)],
            "wave": ["1"] * n + ["2"] * int(stays.sum()), "safe": first.tolist() + second[stays].tolist(),
            "role": [("treated", "comparison")[1 - t] for t in (*treated, *treated[stays])]}
    listener = Listener()
    layer = layer_of(data)
    result = change(layer, listener, ROLE_FIELD="role", PERSON_FIELD="who", COMPARE=1, REPORT=str(tmp_path / "p.html"))
    moved = (second - first)[stays]
    expected = moved[treated[stays]].mean() - moved[~treated[stays]].mean()
    assert result["EFFECT"] == pytest.approx(expected) and result["ANSWERS"] == 2 * stays.sum()
    parts = [moved[treated[stays]], moved[~treated[stays]]]
    # who left still counts as drawn, so the number of pairs is random too
    assert result["SE"] == pytest.approx(np.sqrt(sum(p.var(ddof=1) / len(p) for p in parts)), rel=0.005)
    assert any("came back" in text for text in listener.warnings)
    assert result["SE"] < 0.8 * change(layer, ROLE_FIELD="role", COMPARE=1)["SE"]
    assert "Who came back" in (tmp_path / "p.html").read_text(encoding="utf-8")


def test_other_people_in_the_second_wave_are_told_and_mended(change):
    """The young feel safe; only treated areas hear more of them later."""
    rng = np.random.default_rng(9)
    cell = np.repeat(np.arange(4), 300)
    young = rng.random(1200) < np.where(cell == 1, 0.7, 0.35)
    safe = np.clip(np.round(2.5 + 1.5 * young + rng.normal(0, 0.7, 1200)), 1, 5).astype(int)
    layer = layer_of({"wave": np.array(["pre", "post"])[cell % 2].tolist(), "safe": safe.tolist(),
                      "age": np.where(young, "18-34", "35+").tolist(),
                      "role": np.where(cell < 2, "treated", "control").tolist()})
    raw = change(layer, ROLE_FIELD="role", GROUP_FIELDS=["age"], COMPARE=1)
    assert raw["CLEAR_COUNT"] == 1 and "Who answered changed differently" in raw["SUMMARY"]
    mended = change(layer, ROLE_FIELD="role", GROUP_FIELDS=["age"], COMPARE=1, RAKE=1)
    assert abs(mended["EFFECT"]) < 0.15 < raw["EFFECT"] and mended["CLEAR_COUNT"] == 0
    margins = layer_of({"variable": ["age", "age"], "value": ["18-34", "35+"], "population": [40, 60]})
    both = change(layer, ROLE_FIELD="role", GROUP_FIELDS=["age"], COMPARE=1, MARGINS=margins)
    assert both["CONTROL_BEFORE"] == pytest.approx(
        0.4 * safe[(cell == 2) & young].mean() + 0.6 * safe[(cell == 2) & ~young].mean(), abs=0.12)


def test_small_numbers_are_withheld(change):
    data = answers(areas=4, treated=1, each=7)
    result = change(layer_of(data), ROLE_FIELD="role", AREA_FIELD="area", PUBLIC=True)
    assert is_null(result["EFFECT"]) and is_null(result["TREATED_BEFORE"]) and result["TOO_FEW_COUNT"] == 1
    assert "too few answered" in result["SUMMARY"] and "under 10" in result["SUMMARY"]
    hidden = [r for r in rows_of(result["OUTPUT"]) if r["sc_about"] == "share"]
    assert hidden and all(is_null(r[k]) for r in hidden for k in ("sc_change", "sc_before", "sc_p", "sc_n_bef"))
    inside = change(layer_of(data), ROLE_FIELD="role", AREA_FIELD="area", COMPARE=1)
    assert not is_null(inside["EFFECT"])
    # a class of three people is withheld for the public, and the other one with it
    data = answers(each=20)
    data["age"] = ["65+" if k in (0, 5, 300) else "under 65" for k in range(len(data["age"]))]
    for public in (False, True):
        found = rows_of(change(layer_of(data), ROLE_FIELD="role", GROUP_FIELDS=["age"], PUBLIC=public)["OUTPUT"])
        shares = [r["sc_before"] for r in found if (r["sc_about"], r["sc_row"]) == ("who answered", "treated")]
        assert len(shares) == 2 and all(is_null(v) == public for v in shares)


@pytest.mark.parametrize("more, words", [
    ({"ROLE_FIELD": "role", "TREATED": TREATED, "AREA_FIELD": "area"}, "Roles are given twice"),
    ({"TREATED": "Area 99", "AREA_FIELD": "area"}, "no area of 'area'"),
    ({"TREATED": TREATED}, "which of them were treated"),
    ({"ROLE_FIELD": "role", "BEFORE": "earlier"}, "no value of 'wave'"),
    ({"ROLE_FIELD": "role", "BEFORE": "after", "AFTER": "after"}, "named for both waves"),
    ({"ROLE_FIELD": "age"}, "is no role"),
    ({"ROLE_FIELD": "role", "WAVE_FIELD": None}, "wave a row belongs to"),
    ({"ROLE_FIELD": "role", "WAVE_FIELD": "area"}, "earlier wave (BEFORE)"),
    ({"ROLE_FIELD": "role", "PERSON_FIELD": "area"}, "more than once"),
    ({"ROLE_FIELD": "role", "SCALE": "1-4"}, "outside the scale"),
    ({"ROLE_FIELD": "role", "RAKE": 1}, "Choose the groups"),
    ({"ROLE_FIELD": "role", "QUESTIONS": ["age"], "GROUP_FIELDS": ["age"]}, "question and a group"),
])
def test_refusals_say_what_to_do(change, survey, more, words):
    with pytest.raises(QgsProcessingException, match="(?s).*") as error:
        change(survey, **more)
    assert words in str(error.value)


def test_a_wave_without_a_role_is_refused(change):
    data = answers(each=5)
    data["wave"] = ["before" if r == "control" else w for w, r in zip(data["wave"], data["role"])]
    with pytest.raises(QgsProcessingException, match="Nobody in the comparison areas belongs to the wave 'after'"):
        change(layer_of(data), ROLE_FIELD="role")


def test_the_planted_gain_of_the_practice_city(change, run_tool, tmp_path):
    """Half a mark more safety at night in the treated areas, and .3 of trust; nothing by day, nor of the lighting."""
    from qgis.core import QgsVectorLayer

    path = str(tmp_path / "town.gpkg")
    run_tool("practicecity", {"SIZE": 2, "SEED": 7, "YEARS": 2, "DIRTY": False, "OUTPUT": path}, feedback=Listener())
    truth = rows_of(QgsVectorLayer(f"{path}|layername=truth", "truth", "ogr"))
    treated = [r["name"] for r in truth if (r["what"], r["parameter"], r["value"]) == ("survey area", "treated", 1)]
    survey = QgsVectorLayer(f"{path}|layername=survey", "survey", "ogr")
    gains = {"safe_night": 0.5, "safe_day": 0.0, "lighting": 0.0, "trust": 0.3}
    given = {"AREA_FIELD": "area", "TREATED": ";".join(treated), "WEIGHT_FIELD": "weight", "STRATUM_FIELD": "stratum",
             "QUESTIONS": list(gains), "COMPARE": 1, "GROUP_FIELDS": ["age_group", "lang"]}
    with pytest.raises(QgsProcessingException, match="write them into MISSING_CODES: these look so: 9"):
        change(survey, **given)
    result = change(survey, **given, MISSING_CODES="9")
    found = {r["question"]: r for r in rows_of(result["OUTPUT"])
             if r["sc_about"] == "mean" and r["sc_row"] == "effect"}
    for name, gain in gains.items():
        assert found[name]["sc_low"] <= gain <= found[name]["sc_high"]
        assert found[name]["sc_says"] == "not shown" or gain > 0
    assert result["AREAS_TREATED"] == len(treated) == 5
