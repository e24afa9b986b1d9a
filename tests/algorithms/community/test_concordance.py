"""Crime beside concern as a user runs the tool."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsProcessingException, QgsVectorLayer, QgsWkbTypes

from hotspot_plugin.compat import is_null
from hotspot_plugin.layers import writing

from .. import samples

POLYGON, LINE = QgsWkbTypes.Type.Polygon, QgsWkbTypes.Type.LineString
SIDE = 1000.0
#: Six of twenty-four areas stand out, as they were made: (crime, voices) times the usual.
MADE = {0: (3, 3), 1: (3, 3), 2: (1, 3), 3: (1, 3), 4: (3, 0), 5: (3, 0)}


def features(path):
    return [f.attributeMap() for f in QgsVectorLayer(str(path), "o", "ogr").getFeatures()]


def square(i):
    x, y = 500_000 + SIDE * (i % 6), 5_900_000 + SIDE * (i // 6)
    return QgsGeometry.fromWkt(f"POLYGON(({x} {y},{x + SIDE} {y},{x + SIDE} {y + SIDE},{x} {y + SIDE},{x} {y}))")


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """24 areas of 1 km2; theft and assault, worry about theft, dark streets and traffic; the last area has nobody."""
    folder, rng = tmp_path_factory.mktemp("concordance"), np.random.default_rng(4)
    n = 24
    ids = np.arange(n)
    crime = np.array([40 * MADE.get(i, (1, 1))[0] for i in ids])
    theft = rng.poisson(crime * 0.75)
    assault = rng.poisson(crime * 0.25)
    worried = np.array([18 * MADE.get(i, (1, 1))[1] for i in ids])
    residents = np.where(ids == 23, 3, 1000)
    areas = samples.save(folder / "areas.gpkg", [square(i) for i in ids], {
        "name": np.array([f"Ward {i + 1}" for i in ids], object), "residents": residents, "theft": theft,
        "voices": worried, "share": np.full(n, 0.5)}, POLYGON)

    def spread(owner):
        at = rng.uniform(5, SIDE - 5, (len(owner), 2))
        return writing.points_from_arrays(500_000 + SIDE * (owner % 6) + at[:, 0],
                                          5_900_000 + SIDE * (owner // 6) + at[:, 1])

    owner = np.r_[np.repeat(ids, theft), np.repeat(ids, assault), np.full(30, 7)]
    kinds = np.array(["Theft"] * theft.sum() + ["Assault"] * assault.sum() + ["Drugs"] * 30, object)
    when = np.datetime64("2023-01-01", "ms") + (np.arange(len(owner)) % 365) * np.timedelta64(86_400_000, "ms")
    crimes = samples.save(folder / "crimes.gpkg", spread(owner), {
        "cgroup": kinds, "dt_from": when, "dt_prec": np.array(["day"] * len(owner), object),
        "proactive": kinds == "Drugs"})
    # every worried resident reports theft; each third twice; in area 8 one resident writes 200 times about it
    people = np.repeat(ids, worried)
    voice = np.arange(len(people))
    owner = np.r_[people, people[::3], np.full(200, 8), np.repeat(ids, 12), np.repeat(ids, 6)]
    voice = np.r_[voice, voice[::3], np.full(200, 9_999), 20_000 + np.arange(12 * n), 30_000 + np.arange(6 * n)]
    about = np.repeat(np.array(["theft", "light", "traffic"], object), [len(owner) - 18 * n, 12 * n, 6 * n])
    said = np.datetime64("2023-05-01", "D") + np.arange(len(owner)) % 200
    voices = samples.save(folder / "voices.gpkg", spread(owner), {
        "category": about, "voice_id": np.array([f"v{v}" for v in voice], object),
        "concern": np.arange(len(owner)) % 5 + 1, "said_on": said.astype("M8[ms]")})
    scores = samples.save(folder / "scores.gpkg", [square(i) for i in ids], {
        "score": np.where(np.isin(ids, (0, 2, 10, 11, 12, 13)), 20.0, 70.0)}, POLYGON)
    streets = samples.save(folder / "streets.gpkg", [QgsGeometry.fromWkt(
        f"LINESTRING(500000 {5_900_000 + SIDE * (j + 0.5)},{500_000 + 6 * SIDE} {5_900_000 + SIDE * (j + 0.5)})")
        for j in range(4)], {"id": np.arange(4)}, LINE)
    return {"areas": areas, "crimes": crimes, "voices": voices, "scores": scores, "streets": streets,
            "theft": theft, "worried": worried}


@pytest.fixture
def given(town, tmp_path):
    return {"INCIDENTS": town["crimes"], "SECOND": town["voices"], "AREAS": town["areas"], "PERMUTATIONS": 99,
            "OUTPUT": str(tmp_path / "o.gpkg"), "PLACES": str(tmp_path / "p.gpkg"),
            "PAIRS_OUT": str(tmp_path / "pairs.gpkg")}


def test_the_made_town_is_found(given, town, run_tool):
    listener = samples.Listener()
    out = run_tool("concordance", {**given, "RESIDENTS_FIELD": "residents"}, feedback=listener)
    rows = features(out["OUTPUT"])
    assert [r["joint_cl"] for r in rows[:6]] == ["both high"] * 2 + ["felt but not recorded"] * 2 + [
        "recorded but not felt"] * 2
    # worry about lights and traffic is set beside no crime, officers' own records are not counted, voices are residents
    assert [r["n_second"] for r in rows[:4]] == town["worried"][:4].tolist()
    assert [r["n_first"] for r in rows] == town["theft"].tolist()
    assert out["BOTH_HIGH"] == 2 and out["SECOND_ONLY"] == 2 and out["FIRST_ONLY"] == 2
    assert sum(out[k] for k in ("BOTH_HIGH", "SECOND_ONLY", "FIRST_ONLY", "BOTH_LOW", "TOO_LITTLE")) == 24
    # one loud resident is one voice
    assert rows[8]["n_second"] == town["worried"][8] + 1 and rows[8]["joint_cl"] != "felt but not recorded"
    # hardly anybody lives in the last area
    assert rows[23]["joint"] == 0 and is_null(rows[23]["rr_first"]) and "fewer live here" in rows[23]["sentence"]
    assert any("officers found them" in text for text in listener.infos)
    assert any("light, traffic" in text for text in listener.infos)


def test_few_voices_are_never_told(given, run_tool):
    out = run_tool("concordance", given)
    row = features(out["OUTPUT"])[4]
    assert all(is_null(row[name]) for name in ("n_second", "rr_second", "lo_second", "hi_second"))
    assert "fewer than 5 residents" in row["sentence"] and "not the same as no worry" in row["sentence"]
    with_more = features(run_tool("concordance", {**given, "MIN_VOICES": 20})["OUTPUT"])
    assert sum(is_null(r["n_second"]) for r in with_more) == 20


def test_sentences_carry_number_interval_and_period(given, run_tool):
    out = run_tool("concordance", given)
    for row in features(out["PLACES"]):
        assert "2023" in row["sentence"] and re.search(r"95 % interval \d", row["sentence"])
        assert row["place_name"] in row["sentence"] and row["sentence"].count(str(row["n_first"]))
        # no cause and no blame: what is felt but not recorded can be several things
        if row["joint"] == 3:
            assert "these numbers do not tell which" in row["sentence"]
    assert [r["rank"] for r in features(out["PLACES"])] == list(range(1, 7))
    assert "Ward 3" in out["SUMMARY"] or "Ward 4" in out["SUMMARY"]


def test_pairs_are_compared_each_and_together(given, town, run_tool):
    out = run_tool("concordance", {**given, "PAIRS": "theft = theft\nlight = assault\ntraffic ="})
    rows = features(out["PAIRS_OUT"])
    assert sorted({r["pair"] for r in rows}) == ["all together", "light", "theft"] and len(rows) == 72
    light = [r for r in rows if r["pair"] == "light"]
    assert {r["pair_with"] for r in light} == {"Assault"} and [r["n_second"] for r in light] == [12] * 24
    assert [r["n_first"] for r in rows if r["pair"] == "theft"] == town["theft"].tolist()
    # what no crime is set beside is not lost: theft, left out of the pairs here, is still told where it is high
    out = run_tool("concordance", {**given, "PAIRS": "light = assault"})
    rows = features(out["OUTPUT"])
    assert [i for i, r in enumerate(rows) if r["hi_besides"]] == [0, 1, 2, 3] and out["OTHER_HIGH"] == 4
    assert "residents named theft and the like" in rows[2]["sentence"] and not is_null(rows[2]["talk_rank"])
    with pytest.raises(QgsProcessingException, match="No category of concern goes with a group"):
        run_tool("concordance", {**given, "PAIRS": "theft = fraud"})
    with pytest.raises(QgsProcessingException, match="is no pair"):
        run_tool("concordance", {**given, "PAIRS": "theft"})


def test_any_two_layers_and_numbers_of_the_areas(given, town, run_tool):
    listener = samples.Listener()
    out = run_tool("concordance", {
        "AREAS": town["areas"], "FIRST_COUNT": "theft", "SECOND_COUNT": "voices", "NAME_FIRST": "thefts",
        "NAME_SECOND": "crashes", "OUTPUT": given["OUTPUT"], "PERMUTATIONS": 99}, feedback=listener)
    rows = features(out["OUTPUT"])
    assert rows[2]["joint_cl"] == "crashes high, thefts not"
    assert "Ward 3: the rate of crashes was" in rows[2]["sentence"]
    assert any("do not say which period" in t for t in listener.warnings)
    second = run_tool("concordance", {
        "INCIDENTS": town["crimes"], "SECOND": town["crimes"], "STREETS": town["streets"], "DENOMINATOR": 2,
        "AREAS": town["areas"], "OUTPUT": given["OUTPUT"], "PERMUTATIONS": 99})
    rows = features(second["OUTPUT"])
    assert {round(r["exposure"], 6) for r in rows} == {1.0}
    # the second layer keeps the 30 records that officers made in one area, the first does not
    assert second["N_SECOND"] - second["N_FIRST"] == 30 and second["RHO"] > 0.7
    assert [i for i, r in enumerate(rows) if r["n_first"] != r["n_second"]] == [7]


def test_the_environment_is_said(given, town, run_tool):
    out = run_tool("concordance", {**given, "ENVIRONMENT": town["scores"]})
    rows = features(out["OUTPUT"])
    assert [i for i, r in enumerate(rows) if r["env_low"]] == [0, 2, 10, 11, 12, 13] and out["ENV_LOW"] == 6
    assert "environment scores low" in rows[2]["sentence"] and "environment" not in rows[3]["sentence"]
    assert rows[0]["env_score"] == pytest.approx(20.0)


def test_cells_are_made_where_no_areas_are_given(given, town, run_tool, tmp_path):
    listener = samples.Listener()
    cells = {k: v for k, v in given.items() if k != "AREAS"}
    out = run_tool("concordance", {**cells, "BOUNDARY": town["areas"], "REPORT": str(tmp_path / "r.html")},
                   feedback=listener)
    rows = features(out["OUTPUT"])
    assert any(t.startswith("Cells of 500 m") or t.startswith("Cells of 1,000 m") for t in listener.infos)
    assert sum(r["n_first"] for r in rows) == town["theft"].sum() and all(r["cell_id"] for r in rows)
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "Places to talk about" in page and "Category by category" not in page
    with pytest.raises(QgsProcessingException, match="Areas are given, and cells too"):
        run_tool("concordance", {**given, "CELL_SIZE": 500})


def test_beats_of_the_agency_are_taken_unless_cells_are_asked_for(given, town, run_tool, tmp_path):
    settings = Path(town["areas"]).with_name("agency.json")
    settings.write_text('{"beats_layer": "areas.gpkg", "beats_field": "name", "min_internal": 20}', encoding="utf-8")
    without = {**{k: v for k, v in given.items() if k != "AREAS"}, "SETTINGS": str(settings)}
    rows = features(run_tool("concordance", without)["OUTPUT"])
    assert [r["place_name"] for r in rows] == [f"Ward {i + 1}" for i in range(24)]
    assert "fewer than 20 residents" in rows[4]["sentence"]
    rows = features(run_tool("concordance", {**without, "CELL_SIZE": 2000})["OUTPUT"])
    assert all(r["place_name"].startswith("Cell") for r in rows)


def test_infinitely_many_residents_are_refused(given, run_tool, tmp_path):
    people = np.full(24, 900.0)
    people[3] = 1e300  # a GeoPackage keeps no infinite number
    areas = samples.save(tmp_path / "areas.gpkg", [square(i) for i in range(24)], {"people": people}, POLYGON)
    with pytest.raises(QgsProcessingException, match=r"\(RESIDENTS_FIELD\): 'people' holds numbers that are infinite"):
        run_tool("concordance", {**given, "AREAS": areas, "RESIDENTS_FIELD": "people"})


@pytest.mark.parametrize("change, words", [
    ({"INCIDENTS": None}, r"field of the areas with the number \(FIRST_COUNT\)"),
    ({"FIRST_COUNT": "theft"}, r"field of the areas with the number \(FIRST_COUNT\)"),
    ({"INCIDENTS": None, "FIRST_COUNT": "share"}, "does not hold whole numbers"),
    ({"DENOMINATOR": 2}, "need the streets"),
    ({"DENOMINATOR": 1}, "need the number of residents"),
    ({"RESIDENTS_FIELD": "residents", "MIN_POPULATION": 1e6}, "No area has"),
])
def test_refusals_say_what_to_do(given, run_tool, change, words):
    with pytest.raises(QgsProcessingException, match=words):
        run_tool("concordance", {**given, **change})


def test_incidents_elsewhere_and_empty_types_are_named_for_what_they_are(given, run_tool, tmp_path):
    points = list(QgsVectorLayer(given["INCIDENTS"], "i", "ogr").getFeatures())[:40]
    when = np.full(len(points), np.datetime64("2023-03-01", "ms"))
    for name, east, group, words in (("far", 90_000, "Theft", r"\(INCIDENTS\): None of the 40 rows of 'far'"),
                                     ("blank", 0, None, r"\(TYPE_FIELD\): The field is empty")):
        shapes = [QgsGeometry.fromWkt(f.geometry().asWkt()) for f in points]
        for shape in shapes:
            shape.translate(east, 0)
        path = samples.save(tmp_path / f"{name}.gpkg", shapes, {
            "cgroup": np.array([group or ""] * len(points), object), "dt_from": when,
            "dt_prec": np.array(["day"] * len(points), object)})
        with pytest.raises(QgsProcessingException, match=words):
            run_tool("concordance", {**given, "INCIDENTS": path})


def test_vancouver_graffiti_beside_recorded_crime(shared_data, run_tool, tmp_path):
    """Real data: graffiti, mischief and all crime by neighbourhood; Downtown is high in both, Kitsilano in one."""
    import pandas as pd

    city = shared_data("vancouver/vancouver.gpkg")
    table = pd.read_csv(shared_data("vancouver/vpd_crime_2023.csv.gz"))
    table = table[(table["X"] > 0) & (table["TYPE"] == "Mischief")]
    x, y = table["X"].to_numpy(), table["Y"].to_numpy()
    # the crimes are in zone 10 of NAD83, which the writer of samples does not know
    path = samples.save(tmp_path / "crime.gpkg", writing.points_from_arrays(x, y), {
        "ctype": table["TYPE"].to_numpy(object)})
    layer = QgsVectorLayer(path, "mischief", "ogr")
    layer.setCrs(QgsCoordinateReferenceSystem("EPSG:26910"))
    out = run_tool("concordance", {
        "INCIDENTS": layer, "SECOND": f"{city}|layername=graffiti", "AREAS": f"{city}|layername=neighbourhoods",
        "NAME_FIRST": "recorded mischief", "NAME_SECOND": "graffiti", "PERMUTATIONS": 99,
        "OUTPUT": str(tmp_path / "o.gpkg")})
    rows = {r["name"]: r for r in features(out["OUTPUT"])}
    assert out["AREA_COUNT"] == 22 and out["N_SECOND"] == 7982
    assert rows["Downtown"]["joint"] == 4 and rows["Strathcona"]["joint"] == 4 and rows["Kitsilano"]["joint"] == 3
    assert out["BOTH_HIGH"] == 6 and out["EFFECTIVE"] < 12 and 0.8 < out["RHO"] < 1


def test_what_was_planted_in_the_practice_city_is_found(run_tool, tmp_path):
    city = str(tmp_path / "city.gpkg")
    run_tool("practicecity", {"OUTPUT": city})
    out = run_tool("concordance", {
        "INCIDENTS": f"{city}|layername=incidents", "SECOND": f"{city}|layername=reports", "CELL_SIZE": 500,
        "BOUNDARY": f"{city}|layername=boundary", "PERMUTATIONS": 99, "OUTPUT": str(tmp_path / "o.gpkg")})
    cells = list(QgsVectorLayer(out["OUTPUT"], "o", "ogr").getFeatures())
    found: dict = {}
    for place in QgsVectorLayer(f"{city}|layername=truth_places", "t", "ogr").getFeatures():
        centre = place.geometry().centroid()
        found.setdefault(place["what"], []).append(next(c for c in cells if c.geometry().contains(centre)))
    assert [c["joint_cl"] for c in found["fear and crime"]] == ["both high"] * 4
    assert "recorded but not felt" in [c["joint_cl"] for c in found["crime without voices"]]
    # most of that fear is about lights, which no crime is set beside: told by itself
    for cell in found["fear without crime"]:
        assert cell["hi_besides"] and "named light" in cell["sentence"]
    # a cell of 500 m may reach a hot spot beside the place of fear; not all of them do
    assert any(cell["lo_first"] < 1 for cell in found["fear without crime"])
    # forty reports of five residents do not make a place of concern
    assert all(c["joint"] < 3 and not c["hi_besides"] for c in found["campaign"])
