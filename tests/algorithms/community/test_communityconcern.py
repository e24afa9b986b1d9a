"""Where people are worried, as a user runs it: numbers by hand, a town of known truth, secrecy, two cities."""

from __future__ import annotations

import csv
import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from qgis.core import (
    QgsGeometry,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsRasterLayer,
    QgsVectorLayer,
    QgsWkbTypes,
)

from hotspot_plugin.layers import writing
from tests.algorithms.cpted.test_visibility import layer_of, null, rows_of
from tests.algorithms.samples import Listener, save

X, Y = 500_000, 5_900_000
FIELDS = ("&field=concern:integer&field=category:string&field=day_part:string&field=said_on:string"
          "&field=voice_id:string&field=consent:string&field=n:integer")


def square(i, j, size=1000, x=X, y=Y):
    a, b = x + i * size, y + j * size
    return f"POLYGON(({a} {b},{a + size} {b},{a + size} {b + size},{a} {b + size},{a} {b}))"


def areas(*residents):
    rows = [[f"Ward {k + 1}", people] for k, people in enumerate(residents)]
    return layer_of("Polygon", [square(k, 0) for k in range(len(rows))], rows, "&field=name:string&field=pop:integer")


def reports(rows, shapes=None, kind="Point"):
    """Rows of ward, concern, category, time of day, day, voice, consent, number."""
    shapes = shapes or [f"POINT({X + 1000 * (w - 1) + 500} {Y + 500})" for w, *_ in rows]
    return layer_of(kind, shapes, [list(row[1:]) for row in rows], FIELDS)


def said(ward, concern, voice, category="light", part="night", day="2024-06-30", consent="count", n=1):
    return ward, concern, category, part, day, voice, consent, n


@pytest.fixture
def worry(run_tool):
    def run(given, listener=None, **more):
        return run_tool("communityconcern", {"INPUT": given, "OUTPUT": "TEMPORARY_OUTPUT", **more},
                        feedback=listener or QgsProcessingFeedback())

    return run


# --- definition -------------------------------------------------------------------------------
def test_by_hand(worry):
    rows = [said(1, 5, "a"), said(1, 1, "a", day="2024-01-02"), said(1, 4, "b"), said(1, 3, "c", category="drugs"),
            said(1, 5, "d", part="evening"), said(1, 2, "e"), said(2, 1, "g", consent="none"),
            *[said(2, 2, f"f{k}") for k in range(3)], *[said(3, 2, f"h{k}") for k in range(6)],
            *[said(4, 2, f"i{k}") for k in range(3)]]
    listener = Listener()
    result = worry(reports(rows), listener, AREAS=areas(1000, 1000, 50, 1000), POPULATION_FIELD="pop")
    first, second, third, _ = rows_of(result["OUTPUT"])
    own = (5 * 1 + 1 * 0.5) / 1.5  # half-life 180 days: the report of 2 January counts a half
    assert first["conc_mean"] == pytest.approx((own + 4 + 3 + 5 + 2) / 5)
    assert (first["voices"], first["n_rep"], first["recent"]) == (5, 6, pytest.approx(5.5))
    assert first["conc_low"] < first["conc_mean"] < first["conc_high"] and first["conc_se"] > 0
    assert first["worried_sh"] == pytest.approx(2 / 5)  # the voice of 5 and 1 means 3.7
    assert first["voices_1k"] == 5 and first["rep_1k"] == 6 and first["v1k_low"] < 5 < first["v1k_high"]
    assert null(first["top_conc"])  # light, but by four voices
    # three voices agreed in the second ward: nothing is told of them, nor of their rate
    assert all(null(second[name]) for name in ("voices", "n_rep", "conc_mean", "voices_1k", "eff_voices"))
    assert second["conc_cl"] == "too few voices" and second["residents"] == 1000
    # fewer than 100 residents: voices, but no rate
    assert third["voices"] == 6 and null(third["voices_1k"]) and third["heard_cl"] == "not compared"
    assert third["top_conc"] == "light" and third["conc_low"] < 2 < third["conc_high"]  # all say 2: not a point
    assert (result["REPORTS_USED"], result["VOICES"], result["NOT_AGREED"]) == (18, 17, 1)
    assert result["AS_OF_USED"] == "2024-06-30" and result["LEAST_USED"] == 5 and result["TOLD"] == 2
    left = json.loads(result["PROVENANCE"])["inputs"]["INPUT"]["left_out"]
    assert [(e["count"], "agree" in e["reason"]) for e in left] == [(1, True)]
    assert any("did not agree" in text for text in listener.infos)


def test_days_are_counted_and_told(worry):
    rows = [*[said(1, 3, f"a{k}", day="2024-06-30") for k in range(6)], said(1, 5, "b", day=None),
            said(1, 5, "c", day="2024-07-02"), said(1, 5, "d", day="2023-01-01")]
    listener = Listener()
    found = worry(reports(rows), listener, AREAS=areas(100), AS_OF="2024-06-30", WINDOW=90)
    assert found["REPORTS_USED"] == 7
    told = " ".join(listener.infos + listener.warnings)
    assert "1 of 9 reports are left out: reported after 2024-06-30" in told
    assert "1 of 8 reports are left out: reported before the last 90 days" in told
    assert "1 of 7 reports have no day and count as the mean of the others (1.00)" in told
    assert worry(reports(rows), AREAS=areas(100), UNDATED=1)["REPORTS_USED"] == 8
    # without decay the old one counts like the new
    assert worry(reports(rows), AREAS=areas(100), HALF_LIFE=0)["MEAN_CONCERN"] == pytest.approx((6 * 3 + 15) / 9)


def test_drawn_reports_count_once_or_everywhere(worry):
    inside = [square(0, 0)] * 6
    mostly = f"POLYGON(({X + 400} {Y},{X + 1300} {Y},{X + 1300} {Y + 500},{X + 400} {Y + 500},{X + 400} {Y}))"
    wide = f"POLYGON(({X} {Y},{X + 3000} {Y},{X + 3000} {Y + 500},{X} {Y + 500},{X} {Y}))"
    given = reports([said(1, 4, f"v{k}") for k in range(9)], [*inside, mostly, wide, wide], "Polygon")
    listener = Listener()
    once = worry(given, listener, AREAS=areas(1, 1, 1), MIN_VOICES=2)
    assert [row["n_rep"] for row in rows_of(once["OUTPUT"])][0] == 7 and once["IN_NO_AREA"] == 2
    assert any("none of which holds half" in text for text in listener.warnings)
    every = worry(given, AREAS=areas(1, 1, 1), MIN_VOICES=2, DRAWN=1)
    assert [row["n_rep"] for row in rows_of(every["OUTPUT"])] == [9, 3, 2] and every["IN_NO_AREA"] == 0


def test_scale_missing_answers_and_weights(worry):
    rows = [said(1, c, f"v{k}", n=w) for k, (c, w) in enumerate(((1, 1), (5, 3), (9, 1), (3, 2), (4, 1), (2, 1)))]
    listener = Listener()
    found = worry(reports(rows), listener, AREAS=areas(100), WEIGHT_FIELD="n")
    assert found["MEAN_CONCERN"] == pytest.approx((1 + 15 + 6 + 4 + 2) / 8)
    assert any("not on the scale from 1 to 5 (first: 9)" in text for text in listener.warnings)
    (row,) = rows_of(found["OUTPUT"])
    assert row["voices"] == 6 and row["eff_voices"] == pytest.approx(64 / 16)


# --- a town whose truth is known --------------------------------------------------------------
@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """16 wards: two more worried, one less, two that hardly speak; residents report more than once."""
    folder = tmp_path_factory.mktemp("worried")
    rng = np.random.default_rng(4)
    people = 1500 + 100 * np.arange(16)
    rate, level = np.full(16, 0.02), np.full(16, 0.45)
    rate[[2, 9]], level[[0, 7]], level[12] = 0.002, 0.85, 0.1
    shapes = [QgsGeometry.fromWkt(square(k // 4, k % 4)) for k in range(16)]
    wards = save(folder / "wards.gpkg", shapes, {
        "name": np.array([f"Ward {k + 1}" for k in range(16)], object), "pop": people}, QgsWkbTypes.Type.Polygon)
    ward = np.repeat(np.arange(16), rng.poisson(rate * people))
    voice = np.arange(len(ward))
    again = rng.uniform(size=len(ward)) < 0.4
    ward, voice = np.r_[ward, ward[again]], np.r_[voice, voice[again]]
    n = len(ward)
    day = np.datetime64("2024-12-31") - rng.integers(0, 400, n).astype("m8[D]")
    x, y = X + 1000 * (ward // 4) + rng.uniform(5, 995, n), Y + 1000 * (ward % 4) + rng.uniform(5, 995, n)
    path = save(folder / "said.gpkg", writing.points_from_arrays(x, y), {
        "concern": 1 + rng.binomial(4, level[ward]), "voice_id": np.array([f"v{v}" for v in voice], object),
        "category": rng.choice(["light", "drugs", "rubbish"], n, p=[0.5, 0.3, 0.2]).astype(object),
        "day_part": rng.choice(["evening", "night"], n).astype(object), "said_on": day.astype(str).astype(object),
        "org": np.where(ward == 7, "hall", "").astype(object)})
    return {"said": path, "wards": wards, "folder": folder, "people": people}


def test_the_truth_is_found(worry, town, tmp_path):
    listener = Listener()
    report = tmp_path / "concern.html"
    result = worry(town["said"], listener, AREAS=town["wards"], POPULATION_FIELD="pop", REPORT=str(report),
                   TABLE="TEMPORARY_OUTPUT")
    rows = rows_of(result["OUTPUT"])
    assert [k for k, row in enumerate(rows) if row["conc_cl"] == "more worried"] == [0, 7]
    assert "less worried" in rows[12]["conc_cl"]
    assert [k for k, row in enumerate(rows) if row["heard_cl"] == "under-heard"] == [2, 9]
    assert (result["MORE_WORRIED"], result["UNDER_HEARD"]) == (2, 2)
    assert "Ward 8" in result["SUMMARY"] and "95 % interval" in result["SUMMARY"] and "2024" in result["SUMMARY"]
    assert rows[7]["voice_note"] == "most voices through one organisation"
    assert any("Ward 8" in text and "campaign" in text for text in listener.warnings)
    page = report.read_text(encoding="utf-8")
    assert "Who was not heard" in page and result["SUMMARY"][:60] in page
    assert (tmp_path / "concern_map.png").stat().st_size > 10_000
    with open(tmp_path / "concern_areas.csv", encoding="utf-8-sig") as file:
        assert next(csv.DictReader(file))["Area"] in ("Ward 1", "Ward 8")


def voices_of(path):
    """The voices of each ward, category and time of day, and of all, from the rows themselves."""
    out: dict = {}
    for feature in QgsVectorLayer(path, "said", "ogr").getFeatures():
        at = feature.geometry().asPoint()
        ward = f"Ward {int((at.x() - X) // 1000) * 4 + int((at.y() - Y) // 1000) + 1}"
        key = (ward, feature["category"], feature["day_part"])
        for whole in itertools.product((False, True), repeat=3):
            out.setdefault(tuple("all" if w else k for w, k in zip(whole, key)), set()).add(feature["voice_id"])
    return out


@pytest.mark.parametrize(("audience", "least"), [(0, 5), (1, 10)])
def test_nothing_is_told_of_too_few_nor_can_be_subtracted(worry, town, audience, least):
    result = worry(town["said"], AREAS=town["wards"], POPULATION_FIELD="pop", AUDIENCE=audience,
                   TABLE="TEMPORARY_OUTPUT")
    rows = rows_of(result["TABLE"])
    assert result["LEAST_USED"] == least and rows and min(row["voices"] for row in rows) >= least
    told = {(row["area_name"], row["category"], row["day_part"]): row["voices"] for row in rows}
    every = voices_of(town["said"])
    assert all(len(every[key]) == count for key, count in told.items())
    for place in range(3):  # areas, categories, times of day
        for key in (key for key in told if key[place] == "all"):
            parts = [k for k in every if all((k[i] == key[i]) != (i == place) for i in range(3))]
            missing = [k for k in parts if k not in told]
            assert len(missing) != 1, (key, missing)
            assert not missing or len(set().union(*(every[k] for k in missing))) >= least, (key, missing)
    shown = [row for row in rows_of(result["OUTPUT"]) if not null(row["voices"])]
    assert len(shown) == result["TOLD"] and all(row["voices"] >= least for row in shown)
    for row in rows_of(result["OUTPUT"]):
        if null(row["voices"]):
            assert all(null(row[name]) for name in ("n_rep", "conc_mean", "conc_se", "worried_sh", "voices_1k",
                                                    "rep_1k", "heard_rr", "exp_voices", "recent", "top_conc"))


def test_one_hidden_area_hides_another(worry):
    rows = [said(w, 3, f"{w}.{k}") for w, n in ((1, 3), (2, 7), (3, 20)) for k in range(n)]
    listener = Listener()
    result = worry(reports(rows), listener, AREAS=areas(500, 500, 500))
    assert [null(row["voices"]) for row in rows_of(result["OUTPUT"])] == [True, True, False]
    assert result["WITHHELD"] == 1 and any("by subtraction" in text for text in listener.warnings)


def test_the_minimum_comes_from_the_agency(worry, town, tmp_path):
    settings = tmp_path / "agency.json"
    settings.write_text('{"min_public": 20, "min_internal": 6}', encoding="utf-8")
    for audience, least in ((0, 6), (1, 20)):
        found = worry(town["said"], AREAS=town["wards"], AUDIENCE=audience, SETTINGS=str(settings))
        assert found["LEAST_USED"] == least
    listener = Listener()
    worry(town["said"], listener, AREAS=town["wards"], AUDIENCE=1, MIN_VOICES=3)
    assert any("fewer than the 10 that protect" in text for text in listener.warnings)


def test_cells_with_census_and_surface(worry, town, tmp_path):
    result = worry(town["said"], POPULATION=town["wards"], RESIDENTS_FIELD="pop", BOUNDARY=town["wards"],
                   CELL_SIZE=1000, GRID_TYPE=1, AUDIENCE=0, SURFACE=str(tmp_path / "s.tif"),
                   SURFACE_VOICES=str(tmp_path / "v.tif"), SURFACE_SE=str(tmp_path / "e.tif"), BANDWIDTH=700)
    rows = rows_of(result["OUTPUT"])
    assert len(rows) == 16 and sum(row["residents"] for row in rows) == pytest.approx(town["people"].sum())
    assert sum("more worried" in row["conc_cl"] for row in rows) == 2 and rows[0]["cell_id"].startswith("EPSG:32630_S")
    mean, voices, error = (QgsRasterLayer(str(tmp_path / f), f) for f in ("s.tif", "v.tif", "e.tif"))
    worried, usual = (mean.dataProvider().sample(layer_point(*at), 1)[0] for at in ((500, 500), (2500, 2500)))
    assert worried > 3.9 > 3.4 > usual
    few, good = (voices.dataProvider().sample(layer_point(*at), 1) for at in ((500, 2500), (500, 500)))
    assert good[1] and good[0] >= 5 and good[0] % 5 == 0 and few[1] == mean.dataProvider().sample(
        layer_point(500, 2500), 1)[1]
    assert 0 < error.dataProvider().sample(layer_point(500, 500), 1)[0] < 1


def layer_point(x, y):
    from qgis.core import QgsPointXY

    return QgsPointXY(X + x, Y + y)


# --- refusals and stops -----------------------------------------------------------------------
@pytest.mark.parametrize(("more", "text"), [
    ({"AS_OF": "2024-01-01", "DATE_FIELD": "", "none": True}, "needs the day of the reports"),
    ({"AS_OF": "2020-01-01"}, "No report is left in these days"),
    ({"SURFACE": "s.tif", "BANDWIDTH": 50}, "single households"),
    ({"POPULATION": "wards"}, "number of residents"),
    ({"MIN_VOICES": 2000}, "fewer than 2000 voices"),
    ({"CELL_SIZE": 0}, "more than 0 m"),
])
def test_refusals(worry, town, tmp_path, more, text):
    given = dict(more)
    source = town["said"]
    if given.pop("none", False):
        source = layer_of("Point", [f"POINT({X + k} {Y + k})" for k in range(20)], [[k % 5 + 1] for k in range(20)],
                          "&field=concern:integer")
    if given.get("POPULATION"):
        given["POPULATION"] = town["wards"]
    if given.get("SURFACE"):
        given["SURFACE"] = str(tmp_path / "s.tif")
    if "CELL_SIZE" not in given:
        given["AREAS"] = town["wards"]
    with pytest.raises(QgsProcessingException, match=text):
        worry(source, **given)


def test_areas_elsewhere_are_refused(worry, town):
    far = layer_of("Polygon", [square(0, 0, x=X + 90_000)], [["Far", 5]], "&field=name:string&field=pop:integer")
    with pytest.raises(QgsProcessingException, match="None of the"):
        worry(town["said"], AREAS=far)


def test_a_cancelled_run_stops(worry, town):
    feedback = QgsProcessingFeedback()
    feedback.cancel()
    with pytest.raises(QgsProcessingException, match="[Cc]ancel|stopped"):
        worry(town["said"], feedback, AREAS=town["wards"])


# --- real cities ------------------------------------------------------------------------------
def test_graffiti_of_vancouver_without_concern(worry, shared_data, tmp_path):
    """7,983 places with 24,560 tags: no voice, no concern and no day, so that only reports can be told."""
    city = shared_data("vancouver/vancouver.gpkg")
    listener = Listener()
    result = worry(f"{city}|layername=graffiti", listener, AREAS=f"{city}|layername=neighbourhoods",
                   COUNT_FIELD="COUNT", AUDIENCE=1)
    assert (result["REPORTS_USED"], result["VOICES"], result["PLACES"], result["TOLD"]) == (24_560, 7_983, 22, 22)
    assert result["MEAN_CONCERN"] is None and result["UNDER_HEARD"] is None
    assert "how worried they are is not recorded" in result["SUMMARY"]
    by_name = {row["name"]: row for row in rows_of(result["OUTPUT"])}
    assert (by_name["Strathcona"]["voices"], by_name["Strathcona"]["n_rep"]) == (1023, 4207)
    told = " ".join(listener.warnings)
    assert "voice_id" in told and "Without residents" in told
    with pytest.raises(QgsProcessingException, match="A surface of concern needs answers"):
        worry(f"{city}|layername=graffiti", SURFACE=str(tmp_path / "s.tif"))


def test_the_look_says_under_heard_without_colour(worry, town, tmp_path):
    path = Path(tmp_path) / "out.gpkg"
    worry(town["said"], AREAS=town["wards"], POPULATION_FIELD="pop", OUTPUT=str(path))
    layer = QgsVectorLayer(str(path), "out", "ogr")
    layer.loadDefaultStyle()
    found = {c.label(): c.symbol().symbolLayerCount() for c in layer.renderer().categories()}
    assert found["More worried"] == 1 and {n for label, n in found.items() if "under-heard" in label} == {2}
    assert layer.labelsEnabled()


# --- the practice city, whose truth is known ----------------------------------------------------
@pytest.fixture(scope="module")
def city(qgis_processing, provider, tmp_path_factory):
    from qgis import processing

    path = str(tmp_path_factory.mktemp("city") / "city.gpkg")
    processing.run("hotspot:practicecity", {"OUTPUT": path})
    return path


def test_the_practice_city(worry, city):
    """The quietest area is under-heard, the campaign of five residents steers nothing, and no place is read from it."""
    def layer(name):
        return f"{city}|layername={name}"

    truth = {row["name"]: float(row["value"]) for row in rows_of(QgsVectorLayer(layer("truth"), "t", "ogr"))
             if row["what"] == "survey area" and row["parameter"] == "voice"}
    given = {"AREAS": layer("beats"), "POPULATION": layer("population"), "RESIDENTS_FIELD": "residents"}
    listener = Listener()
    found = worry(layer("reports"), listener, **given)
    rows = {row["name"]: row for row in rows_of(found["OUTPUT"])}
    assert rows[min(truth, key=truth.get)]["heard_cl"] == "under-heard"
    rated = [name for name in truth if not null(rows[name]["heard_rr"])]
    called = [truth[name] for name in rated if rows[name]["heard_cl"] == "under-heard"]
    assert np.mean(called) < np.mean([truth[name] for name in rated])
    # 40 reports of five residents of one organisation
    noted = [row for row in rows.values() if not null(row["voice_note"]) and "organisation" in row["voice_note"]]
    assert len(noted) == 1 and noted[0]["n_rep"] > 2 * noted[0]["voices"]
    assert noted[0]["conc_cl"].startswith("no clear difference")
    assert any(noted[0]["name"] in text for text in listener.warnings)
    everything = QgsVectorLayer(layer("reports"), "r", "ogr").featureCount()
    assert found["NOT_AGREED"] > 0 and found["REPORTS_USED"] + found["NOT_AGREED"] == everything
    public = worry(layer("reports"), **given, AUDIENCE=1)
    assert all(null(row["voices"]) or row["voices"] >= 10 for row in rows_of(public["OUTPUT"]))
    assert public["TOLD"] <= found["TOLD"]


def test_the_beats_of_the_agency(worry, town):
    settings = Path(town["folder"]) / "agency.json"
    settings.write_text('{"beats_layer": "wards.gpkg", "beats_field": "name"}', encoding="utf-8")
    rows = rows_of(worry(town["said"], SETTINGS=str(settings))["OUTPUT"])
    assert [row["name"] for row in rows] == [f"Ward {k + 1}" for k in range(16)]


def test_who_states_no_concern_does_not_protect_who_does(worry):
    """Of nine voices three say how worried they are: their mean is hidden, and with it what gives it away."""
    rows = [said(1, 4 if k < 3 else None, f"a{k}") for k in range(9)] + [said(2, 3, f"b{k}") for k in range(9)]
    first, second = rows_of(worry(reports(rows), AREAS=areas(500, 500), HALF_LIFE=0)["OUTPUT"])
    assert (first["voices"], second["voices"]) == (9, 9)
    assert null(first["conc_mean"]) and null(second["conc_mean"]) and null(second["eff_voices"])


def test_nobody_is_compared_where_nobody_can_be(worry):
    rows = [said(1, 3, f"a{k}") for k in range(6)]
    summary = worry(reports(rows), AREAS=areas(50, 40), POPULATION_FIELD="pop")["SUMMARY"]
    assert "cannot be said" in summary and "of the 0" not in summary


def test_infinitely_many_residents_are_refused(worry):
    homes = layer_of("Polygon", [square(0, 0), square(1, 0)], [["A", 1e300], ["B", 900.0]],
                     "&field=name:string&field=pop:double")
    with pytest.raises(QgsProcessingException, match=r"\(POPULATION_FIELD\): 'pop' holds numbers that are infinite"):
        worry(reports([said(1, 3, f"a{k}") for k in range(6)]), AREAS=homes, POPULATION_FIELD="pop")
