"""Measures and budget as a user runs the tool."""

from __future__ import annotations

import csv
import re

import numpy as np
import pandas as pd
import pytest
from qgis.core import QgsGeometry, QgsProcessingException, QgsVectorLayer, QgsWkbTypes

from hotspot_plugin.algorithms.cpted.cptedmeasures_read import SHIPPED
from hotspot_plugin.analysis.cpted import catalogue
from hotspot_plugin.compat import is_null
from hotspot_plugin.layers import tables, writing

from .. import samples

LINE = QgsWkbTypes.Type.LineString


def features(path):
    return [f.attributeMap() for f in QgsVectorLayer(str(path), "o", "ogr").getFeatures()]


def write(path, names, *rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def measure(key, principle, crimes, **more):
    return {"measure": key, "principle": principle, "crimes": crimes, **more}


@pytest.fixture
def place(tmp_path):
    """Three streets of 100 m and 30 incidents in one year: all at A and B, C is quiet."""
    streets = [QgsGeometry.fromWkt(f"LINESTRING(500000 {y},500100 {y})") for y in (5900000, 5900200, 5900400)]
    out = {"streets": samples.save(tmp_path / "streets.gpkg", streets, {
        "name": np.array(["A", "B", "C"], object), "s_surv": np.array([20.0, 50, 10]),
        "s_main": np.array([30.0, 90, np.nan]), "t_theft": np.array([10.0, 0, 0])}, LINE)}
    kinds = ["Theft from vehicle"] * 12 + ["Robbery"] * 8 + ["Domestic assault"] * 4 + ["Burglary"] * 6
    y = np.array([5900010.0] * 20 + [5900010.0] * 4 + [5900205.0] * 6)
    hour = np.array([23] * 6 + [12] * 6 + [23] * 8 + [1] * 4 + [12] * 6)
    day = np.concatenate([[0], np.linspace(1, 363, 28).astype(int), [364]])
    when = np.datetime64("2023-01-01T00:30", "ms") + (day * 24 + hour).astype("m8[h]").astype("m8[ms]")
    out["incidents"] = samples.save(tmp_path / "inc.gpkg", writing.points_from_arrays(np.full(30, 500050.0), y), {
        "ctype": np.array(kinds, object), "dt_from": when, "dt_prec": np.array(["minute"] * 30, object),
        "weight": np.full(30, 2.0)})
    out["catalogue"] = write(
        tmp_path / "cat.csv", catalogue.COLUMNS,
        measure("light", "natural surveillance", "theft|robbery", family="light", effect_low=0.2, effect_high=0.4,
                source="Somebody 2020", amount=2, per="100 m", unit="lamp"),
        measure("tower", "natural surveillance", "*", family="light", hours="night", effect_low=0.5, effect_high=0.5,
                source="Somebody 2021"),
        measure("paint", "maintenance", "*", effect_low=0.3, effect_high=0.3, source="Somebody 2022"),
        measure("care", "maintenance", "*"),
        measure("gate", "natural surveillance", "burglary", restrictive="yes", effect_low=0.4, effect_high=0.5,
                source="Somebody 2023"))
    out["costs"] = write(tmp_path / "costs.csv", ("measure", "cost_low", "cost_high"),
                         *({"measure": k, "cost_low": low, "cost_high": high} for k, low, high in (
                             ("light", 50, 100), ("tower", 300, 300), ("paint", 100, 100), ("gate", 10, 20),
                             ("care", 1, 1))))
    return out


@pytest.fixture
def given(place, tmp_path):
    return {"INPUT": place["streets"], "INCIDENTS": place["incidents"], "CATALOGUE": place["catalogue"],
            "COSTS": place["costs"], "OUTPUT": str(tmp_path / "o.gpkg"), "PROPOSALS": str(tmp_path / "p.gpkg")}


def test_what_fits_and_what_is_chosen_by_hand(run_tool, given, tmp_path):
    result = run_tool("cptedmeasures", {**given, "BUDGET": 300, "NEXT": 200})
    year = 365 / 365.25
    rows = {(r["place_name"], r["measure"]): r for r in features(given["PROPOSALS"])}
    # B: its burglaries are by day, and no measure here is against them; gates are not allowed; C is quiet
    assert set(rows) == {("A", "light"), ("A", "tower"), ("A", "paint"), ("A", "care")}
    light = rows["A", "light"]
    # domestic assaults count for nothing
    assert light["n_year"] == pytest.approx(20 / year) and light["quantity"] == 2 and light["cost_high"] == 200
    assert light["prev_low"] == pytest.approx(4 / year) and light["prev_high"] == pytest.approx(8 / year)
    assert rows["A", "tower"]["n_year"] == pytest.approx(14 / year), "what happens by night"
    assert rows["A", "tower"]["prev_low"] == pytest.approx(7 / year)
    assert rows["A", "care"]["plan"] == "no published effect" and is_null(rows["A", "care"]["eff_low"])
    assert "scores 20 of 100" in light["why"] and "mostly Theft from vehicle" in light["why"]
    assert "70 % of them by night" in light["why"]
    assert "14.0 incidents by night a year that it is meant for, mostly Robbery." in rows["A", "tower"]["why"]
    # light and paint for 200 + 100: 1 - 0.8 * 0.7 of 20; the tower alone 7
    assert {k[1] for k, r in rows.items() if r["plan"] == "chosen"} == {"light", "paint"}
    assert result["PREVENTED_LOW"] == pytest.approx(20 * 0.44 / year) and result["GAP"] == 0
    assert result["PREVENTED_HIGH"] == pytest.approx(20 * (1 - 0.6 * 0.7) / year)
    assert (result["COST_LOW"], result["COST_HIGH"]) == (200, 300)
    # 200 more buy the tower instead of the light: by night half of 14, then 0.3 of what is left of 20
    assert result["NEXT_GAIN"] == pytest.approx((20 - (7 + 6) * 0.7 - 20 * 0.44) / year)
    out = {r["name"]: r for r in features(given["OUTPUT"])}
    assert out["A"]["n_chosen"] == 2 and out["A"]["n_prop"] == 4 and out["C"]["n_prop"] == 0
    assert out["A"]["prev_low"] == pytest.approx(result["PREVENTED_LOW"]) and is_null(out["C"]["proposed"])
    for words in ("300", "8.8 to 11.6 incidents a year", "no other set within the budget prevents more", "2023"):
        assert words in result["SUMMARY"]


def test_without_a_budget_only_proposals(run_tool, given):
    result = run_tool("cptedmeasures", {k: v for k, v in given.items() if k != "COSTS"})
    assert result["PROPOSALS_COUNT"] == 4 and result["CHOSEN_COUNT"] is None and result["GAP"] is None
    assert {r["plan"] for r in features(given["PROPOSALS"])} == {"proposed", "no published effect"}
    assert "n_chosen" not in features(given["OUTPUT"])[0]


def test_restrictive_measures_only_when_allowed(run_tool, given):
    heard = samples.Listener()
    run_tool("cptedmeasures", given, feedback=heard)
    assert any("take something away" in text and "gate" in text for text in heard.infos)
    result = run_tool("cptedmeasures", {**given, "ALLOW_RESTRICTIVE": True, "BUDGET": 20})
    rows = {(r["place_name"], r["measure"]): r for r in features(given["PROPOSALS"])}
    assert rows["B", "gate"]["plan"] == "chosen" and rows["B", "gate"]["restricts"]
    assert result["CHOSEN_COUNT"] == 1


def test_what_exists_is_not_proposed_again(run_tool, given, tmp_path):
    lamp = writing.points_from_arrays(np.array([500000.0]), np.array([5900020.0]))
    there = samples.save(tmp_path / "there.gpkg", lamp, {"measure": np.array(["Light"], object)})
    result = run_tool("cptedmeasures", {**given, "EXISTING": there})
    assert {r["measure"] for r in features(given["PROPOSALS"])} == {"paint", "care"}, "light is the tower's family"
    assert result["EXISTING_COUNT"] == 2
    assert run_tool("cptedmeasures", {**given, "EXISTING": there, "EXISTING_DISTANCE": 10})["EXISTING_COUNT"] == 0


def test_conditions_and_missing_fields(run_tool, given, tmp_path):
    given["CATALOGUE"] = write(
        tmp_path / "c2.csv", catalogue.COLUMNS,
        measure("here", "maintenance", "*", condition="\"s_surv\" < 30", effect_low=0.1, effect_high=0.1, source="S"),
        measure("there", "maintenance", "*", condition="\"s_surv\" > 30", effect_low=0.1, effect_high=0.1, source="S"),
        measure("unsure", "maintenance", "*", condition="\"vac_n\" > 0", effect_low=0.1, effect_high=0.1, source="S"),
        measure("counted", "maintenance", "*", per="vac_n", effect_low=0.1, effect_high=0.1, source="S"))
    given["COSTS"] = write(tmp_path / "k2.csv", ("measure", "cost_low", "cost_high"), *(
        {"measure": k, "cost_low": 1, "cost_high": 1} for k in ("here", "unsure", "counted")))
    result = run_tool("cptedmeasures", {**given, "BUDGET": 100})
    rows = {r["measure"]: r["plan"] for r in features(given["PROPOSALS"])}
    assert rows == {"here": "chosen", "unsure": "check on site", "counted": "check on site"}
    assert result["TO_CHECK"] == 2
    bad = write(tmp_path / "c3.csv", catalogue.COLUMNS, measure("x", "maintenance", "*", condition="vac_n >"))
    with pytest.raises(QgsProcessingException, match="cannot be read"):
        run_tool("cptedmeasures", {**given, "CATALOGUE": bad, "COSTS": None})


def test_weights_and_numbers_instead_of_incidents(run_tool, given):
    weighed = run_tool("cptedmeasures", {**given, "HARM_FIELD": "weight", "BUDGET": 300})
    assert weighed["PREVENTED_LOW"] == pytest.approx(2 * 20 * 0.44 * 365.25 / 365) and "harm" in weighed["SUMMARY"]
    counts = {**{k: v for k, v in given.items() if k != "INCIDENTS"}, "COUNT_FIELDS": ["t_theft"], "YEARS": 2,
              "BUDGET": 300}
    heard = samples.Listener()
    result = run_tool("cptedmeasures", counts, feedback=heard)
    assert result["HARM_YEAR"] == 5 and result["PREVENTED_LOW"] == pytest.approx(5 * 0.44)
    assert run_tool("cptedmeasures", {**counts, "YEARS": None}, feedback=heard)["HARM_YEAR"] == 10
    assert any("not a year" in text for text in heard.warnings)


def test_middle_of_effects_and_costs(run_tool, given, tmp_path):
    given["COSTS"] = write(tmp_path / "k.csv", ("measure", "cost_low", "cost_high"),
                           {"measure": "light", "cost_low": 50, "cost_high": 100})
    heard = samples.Listener()
    careful = run_tool("cptedmeasures", {**given, "BUDGET": 150}, feedback=heard)
    assert careful["CHOSEN_COUNT"] == 0 and any("buys none" in text for text in heard.warnings)
    middle = run_tool("cptedmeasures", {**given, "BUDGET": 150, "CAUTION": 1})
    # two lamps cost 150 in the middle; both ends are told
    assert middle["CHOSEN_COUNT"] == 1 and (middle["COST_LOW"], middle["COST_HIGH"]) == (100, 200)


@pytest.mark.parametrize("change, words", [
    ({"BUDGET": 5, "COSTS": None}, "A budget needs your costs"),
    ({"BUDGET": 5, "INCIDENTS": None}, "A budget needs what happens"),
    ({"COUNT_FIELDS": ["t_theft"]}, "not both"),
    ({"DISTANCE": 0}, "more than 0 m"),
    ({"HARM_FIELD": "weight", "EXCLUDE": "theft; robbery; assault; burglary"}, "None of the incidents"),
])
def test_refusals(run_tool, given, change, words):
    with pytest.raises(QgsProcessingException, match=words):
        run_tool("cptedmeasures", {**given, **change})


def test_a_layer_without_scores_is_refused(run_tool, place, tmp_path):
    plain = samples.save(tmp_path / "plain.gpkg", [QgsGeometry.fromWkt("LINESTRING(0 0,1 1)")], {"x": np.ones(1)}, LINE)
    with pytest.raises(QgsProcessingException, match="Score CPTED"):
        run_tool("cptedmeasures", {"INPUT": plain, "OUTPUT": str(tmp_path / "o.gpkg")})


def test_nothing_that_can_be_chosen_is_told(run_tool, given, tmp_path):
    given["COSTS"] = write(tmp_path / "k.csv", ("measure", "cost_low", "cost_high"),
                           {"measure": "care", "cost_low": 1, "cost_high": 1})
    with pytest.raises(QgsProcessingException, match="Nothing can be chosen"):
        run_tool("cptedmeasures", {**given, "BUDGET": 100})


def test_saved_tables_can_be_used(run_tool, given, tmp_path):
    template, copy = str(tmp_path / "t.csv"), str(tmp_path / "copy.csv")
    first = run_tool("cptedmeasures", {**given, "COSTS_TEMPLATE": template, "CATALOGUE_COPY": copy, "BUDGET": 300})
    again = run_tool("cptedmeasures", {**given, "CATALOGUE": copy, "BUDGET": 300})
    assert again["PREVENTED_LOW"] == first["PREVENTED_LOW"]
    rows = list(csv.DictReader(open(template, encoding="utf-8")))
    assert [r["measure"] for r in rows] == ["light", "tower", "paint", "care", "gate"]
    assert not any(r["cost_low"] or r["cost_high"] for r in rows), "no amounts are shipped"
    with pytest.raises(QgsProcessingException, match="holds no cost"):
        run_tool("cptedmeasures", {**given, "COSTS": template, "BUDGET": 300})


def test_the_shipped_catalogue_is_sound():
    table = tables.read_table(str(SHIPPED), "CATALOGUE")
    assert not table.ragged
    found = catalogue.parse(table.names, table.columns, table.lines.tolist(), "measures.csv")
    assert len(found) >= 25 and {m.principle for m in found} == set(range(5))
    for one in found:
        assert one.side_effects and one.ask
        for effect in one.effects:
            if effect.known:
                assert re.search(r"\b(19|20)\d\d\b", effect.source) and effect.low_is
                if effect.low_is == "half of the estimate":
                    assert effect.low == pytest.approx(effect.high / 2)
    assert {"alley_gates", "close_path", "remove_seats"} <= {m.key for m in found if m.restrictive}
    assert not re.search("[$€£]|\\b(dollars?|euros?|pounds?)\\b", SHIPPED.read_text(encoding="utf-8"))
    by = {m.key: m for m in found}
    # Welsh, Farrington and Douglas 2022: 14 %; Welsh and Farrington 2008: 21 %
    light = by["better_lighting"].effect("Theft from Vehicle", False, "day")
    assert (light.low, light.high) == (0.14, 0.21)
    assert by["better_lighting"].effect("Shoplifting", False, "day") is None
    assert by["better_lighting"].effect("Robbery", False, "night") is None, "no effect on violence in the reviews"
    # Chalfin et al. 2022: 36 % of outdoor index crimes by night
    assert by["bright_lighting"].effect("Robbery", False, "night").high == 0.36
    assert by["bright_lighting"].effect("Robbery", False, "day") is None
    assert by["green_vacant_lots"].effect("Burglary", True, "day").high == 0.219


def test_vancouver(run_tool, shared_data, tmp_path):
    """Incidents of one type by neighbourhood, counted by pandas for comparison."""
    data = shared_data("vancouver/vpd_crime_2023.csv.gz")
    areas = QgsVectorLayer(f"{shared_data('vancouver/vancouver.gpkg')}|layername=neighbourhoods", "n", "ogr")
    names = [f["name"] for f in areas.getFeatures()]
    scored = str(tmp_path / "scored.gpkg")
    from qgis import processing

    processing.run("native:fieldcalculator", {"INPUT": areas, "FIELD_NAME": "s_surv", "FIELD_TYPE": 0,
                                              "FIELD_LENGTH": 0, "FORMULA": "40", "OUTPUT": scored})
    prepared = run_tool("prepareincidents", {"INPUT": str(data), "CRS": "EPSG:26910",
                                             "OUTPUT": str(tmp_path / "inc.gpkg")})
    costs = write(tmp_path / "k.csv", ("measure", "cost_low", "cost_high"),
                  {"measure": "better_lighting", "cost_low": 1, "cost_high": 2})
    result = run_tool("cptedmeasures", {
        "INPUT": scored, "INCIDENTS": prepared["OUTPUT"], "COSTS": costs, "BUDGET": 1e9, "YEARS": 1,
        "OUTPUT": str(tmp_path / "o.gpkg"), "PROPOSALS": str(tmp_path / "p.gpkg"),
        "REPORT": str(tmp_path / "r.html")})
    table = pd.read_csv(data)
    words = "theft of|theft from|bicycle|burglary|break and enter|mischief"
    kept = table[(table.X != 0) & table.TYPE.str.lower().str.contains(words)]
    light = {r["place_name"]: r["n_year"] for r in features(tmp_path / "p.gpkg") if r["measure"] == "better_lighting"}
    assert set(light) == set(names)
    counted = kept.groupby("NEIGHBOURHOOD").size()
    counted = counted.rename({"Central Business District": "Downtown", "Musqueam": "Dunbar-Southlands",
                              "Stanley Park": "West End"})
    total = sum(light.values())
    assert total == pytest.approx(len(kept), rel=0.01), "all but those outside the city's polygons"
    assert light["Kitsilano"] == pytest.approx(counted["Kitsilano"], rel=0.03)
    assert result["PREVENTED_LOW"] == pytest.approx(0.14 * total) and result["CHOSEN_COUNT"] == 22
    assert result["PREVENTED_HIGH"] == pytest.approx(0.21 * total)
