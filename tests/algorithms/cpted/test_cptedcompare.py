"""Two CPTED scorings compared as a user does it."""

from __future__ import annotations

import numpy as np
import pytest
from qgis.core import QgsGeometry, QgsProcessingException, QgsVectorLayer, QgsWkbTypes

from hotspot_plugin.compat import is_null
from hotspot_plugin.layers import writing

from .. import samples

LINE, POLYGON = QgsWkbTypes.Type.LineString, QgsWkbTypes.Type.Polygon


def features(path):
    return [f.attributeMap() for f in QgsVectorLayer(str(path), "o", "ogr").getFeatures()]


def streets(*heights, shift=0.0):
    return [QgsGeometry.fromWkt(f"LINESTRING({500000 + shift} {5900000 + y},{500100 + shift} {5900000 + y})")
            for y in heights]


def scored(path, shapes, names, surv, main, kind=LINE, **more):
    surv, main = np.array(surv, float), np.array(main, float)
    columns = {"name": np.array(names, object), "score": (surv + main) / 2, "s_surv": surv, "s_main": main,
               "meas_sh": np.full(len(names), 0.9), **more}
    return samples.save(path, shapes, columns, kind)


@pytest.fixture
def pair(tmp_path):
    before = scored(tmp_path / "a.gpkg", streets(0, 100, 200, 300), "ABCD", [20, 40, 50, 60], [20, 40, 50, 60],
                    photo=np.array(["a1.jpg", None, None, None], object), note=np.array(["dark", "", "", ""], object))
    # A better, B better by one and worse by the other principle, C the same, D is gone, E is new
    after = scored(tmp_path / "b.gpkg", streets(200, 0, 100, 400), "CABE", [51, 50, 80, 10], [52, 20, 20, 10],
                   photo=np.array([None, "a2.jpg", None, None], object))
    return {"BEFORE": before, "INPUT": after, "OUTPUT": str(tmp_path / "o.gpkg"), "TABLE_OUT": str(tmp_path / "t.gpkg")}


@pytest.mark.parametrize("by", [{"ID_FIELD": "name"}, {}])
def test_what_changed_by_hand(run_tool, pair, by):
    heard = samples.Listener()
    result = run_tool("cptedcompare", {**pair, **by, "PHOTO_BEFORE": "photo", "PHOTO_AFTER": "photo",
                                       "NOTE_BEFORE": "note"}, feedback=heard)
    assert (result["MATCHED"], result["ONLY_BEFORE"], result["ONLY_AFTER"]) == (3, 1, 1)
    assert (result["BETTER"], result["PERHAPS_BETTER"], result["SAME"], result["WORSE"]) == (1, 1, 1, 0)
    assert result["MEAN_CHANGE"] == pytest.approx((15 + 10 + 1.5) / 3)
    out = {r["name"]: r for r in features(pair["OUTPUT"])}
    a, b = out["A"], out["B"]
    assert (a["score_bef"], a["score_aft"], a["chg"], a["d_surv"], a["d_main"]) == (20, 35, 15, 30, 0)
    assert (a["chg_low"], a["chg_high"], a["verd_code"], a["verdict"]) == (0, 30, 2, "better")
    assert (b["chg"], b["verdict"], b["d_main"]) == (10, "perhaps better", -20)
    assert is_null(out["E"]["verdict"]) and is_null(out["E"]["chg"]) and is_null(a["d_terr"])
    assert (a["photo_bef"], a["photo_aft"], a["note_bef"]) == ("a1.jpg", "a2.jpg", "dark")
    rows = {r["place_name"]: r for r in features(pair["TABLE_OUT"])}
    assert {k: r["in_both"] for k, r in rows.items()} == {
        "A": "both", "B": "both", "C": "both", "D": "only before", "E": "only after"}
    assert rows["D"]["score_bef"] == 60 and is_null(rows["D"]["score_aft"])
    assert any("1 places are only in the earlier scoring and 1 only in the later" in t for t in heard.warnings)
    assert any("Ranks are not compared" in t for t in heard.warnings)
    for words in ("1 are better and 0 worse", "95 % interval", "natural surveillance"):
        assert words in result["SUMMARY"]


def test_other_indicators_measured_are_told(run_tool, pair, tmp_path):
    pair["INPUT"] = scored(tmp_path / "c.gpkg", streets(0, 100, 200, 300), "ABCD", [90.0] * 4,
                           [90, 90, 90, np.nan], meas_sh=np.array([0.9, 0.7, 0.9, 0.9]), score=np.full(4, 90.0))
    heard = samples.Listener()
    result = run_tool("cptedcompare", {**pair, "ID_FIELD": "name"}, feedback=heard)
    assert (result["NOT_COMPARABLE"], result["BETTER"]) == (2, 2)
    assert any("At 1 places the share measured differs" in t for t in heard.warnings)
    assert any("Maintenance was measured only once at 1 places" in t for t in heard.warnings)


def test_ranks_apart_make_it_better(run_tool, tmp_path):
    ranks = {"need_low": np.array([1, 2, 3]), "need_high": np.array([1, 2, 3])}
    before = scored(tmp_path / "a.gpkg", streets(0, 100, 200), "ABC", [20, 40, 60], [20, 40, 60], **ranks)
    # B: surveillance up by 60, maintenance down by 10; it moves from rank 2 to rank 3
    after = scored(tmp_path / "b.gpkg", streets(0, 100, 200), "ABC", [20, 100, 60], [20, 30, 60],
                   need_low=np.array([1, 3, 2]), need_high=np.array([1, 3, 2]))
    result = run_tool("cptedcompare", {"BEFORE": before, "INPUT": after, "OUTPUT": str(tmp_path / "o.gpkg")})
    out = {r["name"]: r for r in features(tmp_path / "o.gpkg")}
    assert (out["B"]["rank_move"], out["B"]["verdict"], result["BETTER"]) == (1, "better", 1)
    assert out["C"]["rank_move"] == -1 and out["C"]["verdict"] == "no clear change", "C lost rank, but no points"


def test_what_was_done_beside_elsewhere(run_tool, tmp_path):
    n = 8
    names = [f"p{i}" for i in range(n)]
    base = np.linspace(30, 60, n)
    gain = np.array([10.0, 12, 11, 13, 0, 1, 2, 1])
    before = scored(tmp_path / "a.gpkg", streets(*range(0, 800, 100)), names, base, base)
    after = scored(tmp_path / "b.gpkg", streets(*range(0, 800, 100)), names, base + gain, base + gain)
    done = samples.save(tmp_path / "done.gpkg", writing.points_from_arrays(
        np.full(4, 500050.0), 5900000.0 + np.array([0.0, 100, 200, 300])),
        {"measure": np.array(["lamps", "lamps", "paint", "paint"], object)})
    result = run_tool("cptedcompare", {"BEFORE": before, "INPUT": after, "DONE": done,
                                       "REPORT": str(tmp_path / "r.html"), "OUTPUT": str(tmp_path / "o.gpkg")})
    assert result["DONE_DIFFERENCE"] == pytest.approx(11.5 - 1)
    assert [r["done"] for r in features(tmp_path / "o.gpkg")][:3] == ["lamps", "lamps", "paint"]
    assert "10.5 points more than elsewhere" in result["SUMMARY"]
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "nothing is on record" in text and "What improved" in text


def test_areas_and_points_are_matched_where_they_are(run_tool, tmp_path):
    def cell(x, size=100):
        return QgsGeometry.fromWkt(f"POLYGON(({500000 + x} 0,{500000 + x + size} 0,{500000 + x + size} 100,"
                                   f"{500000 + x} 100,{500000 + x} 0))")

    before = scored(tmp_path / "a.gpkg", [cell(0), cell(100)], "AB", [10, 20], [10, 20], POLYGON)
    after = scored(tmp_path / "b.gpkg", [cell(130), cell(20), cell(260)], "xyz", [50, 60, 70], [50, 60, 70], POLYGON)
    run_tool("cptedcompare", {"BEFORE": before, "INPUT": after, "OUTPUT": str(tmp_path / "o.gpkg")})
    out = {r["name"]: r for r in features(tmp_path / "o.gpkg")}
    assert out["x"]["score_bef"] == 20 and out["y"]["score_bef"] == 10 and is_null(out["z"]["score_bef"])
    spots = [writing.points_from_arrays(np.array(x), np.array([0.0, 0.0])) for x in ([0.0, 500], [508.0, 900])]
    before, after = (scored(tmp_path / f"{k}.gpkg", s, "AB", [10, 20], [10, 20], QgsWkbTypes.Type.Point)
                     for k, s in zip("cd", spots))
    result = run_tool("cptedcompare", {"BEFORE": before, "INPUT": after, "OUTPUT": str(tmp_path / "o2.gpkg")})
    assert result["MATCHED"] == 1 and features(tmp_path / "o2.gpkg")[0]["score_bef"] == 20


@pytest.mark.parametrize("change, words", [
    ({"ID_FIELD": "photo"}, "is found in the other"),
    ({"ID_FIELD_AFTER": "name"}, "earlier layer too"),
    ({"ID_FIELD": "meas_sh"}, "names more than one place"),
    ({"DISTANCE": 0}, "more than 0 m"),
])
def test_refusals(run_tool, pair, change, words):
    with pytest.raises(QgsProcessingException, match=words):
        run_tool("cptedcompare", {**pair, **change})


def test_layers_that_are_no_scores(run_tool, pair, tmp_path):
    wrong = scored(tmp_path / "w.gpkg", streets(0), "A", [120], [20])
    with pytest.raises(QgsProcessingException, match="no scores"):
        run_tool("cptedcompare", {**pair, "BEFORE": wrong})
    point = scored(tmp_path / "p.gpkg", writing.points_from_arrays(np.array([0.0]), np.array([0.0])), "A", [20], [20],
                   QgsWkbTypes.Type.Point)
    with pytest.raises(QgsProcessingException, match="cannot be matched|cannot"):
        run_tool("cptedcompare", {**pair, "BEFORE": point})


def test_cambridge_scored_twice(run_tool, shared_data, tmp_path):
    """Lights of the city alone, and with those of others: the streets near the others' lights got better."""
    import csv

    data = str(shared_data("cambridge_ma/cambridge_ma.gpkg"))
    profile = tmp_path / "p.csv"
    with open(profile, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([
            ("principle", "indicator", "layer", "measure", "field", "filter", "distance", "low", "high", "weight",
             "evidence", "note"),
            ("natural_surveillance", "far", "lights", "distance", "", "", "", "100", "0", "1", "measured", "")])
    for name, layer in (("a", "street_lights"), ("b", "street_lights_not_city")):
        run_tool("cptedscore", {
            "INPUT": f"{data}|layername=street_centerlines", "PROFILE": 0, "PROFILE_FILE": str(profile), "DRAWS": 100,
            "LAYERS": [f"{data}|layername={layer}"], "LAYER_NAMES": f"lights = {layer}",
            "OUTPUT": str(tmp_path / f"{name}.gpkg")})
    result = run_tool("cptedcompare", {"BEFORE": str(tmp_path / "a.gpkg"), "INPUT": str(tmp_path / "b.gpkg"),
                                       "OUTPUT": str(tmp_path / "o.gpkg"), "REPORT": str(tmp_path / "r.html")})
    one, two = ([r["score"] for r in features(tmp_path / f"{k}.gpkg")] for k in "ab")
    delta = np.array(two, float) - np.array(one, float)
    assert len(delta) == 2643 and result["MATCHED"] >= 2600 and result["NOT_COMPARABLE"] == 0
    assert result["BETTER"] == pytest.approx((delta >= 5).sum(), abs=25)
    assert result["WORSE"] == pytest.approx((delta <= -5).sum(), abs=25) and result["WORSE"] > 1000
