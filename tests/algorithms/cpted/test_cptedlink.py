"""Crime and environment as a user runs the tool."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from qgis.core import QgsGeometry, QgsProcessingException, QgsVectorLayer, QgsWkbTypes

from hotspot_plugin.compat import is_null
from hotspot_plugin.layers import writing

from .. import samples

LINE, POLYGON = QgsWkbTypes.Type.LineString, QgsWkbTypes.Type.Polygon
SIDE = 200.0


def features(path):
    return [f.attributeMap() for f in QgsVectorLayer(str(path), "o", "ogr").getFeatures()]


def cell(i, j):
    x, y = 500_000 + SIDE * i, 5_900_000 + SIDE * j
    return QgsGeometry.fromWkt(f"POLYGON(({x} {y},{x + SIDE} {y},{x + SIDE} {y + SIDE},{x} {y + SIDE},{x} {y}))")


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """225 cells; by night 10 points more surveillance go with a fifth fewer robberies, maintenance with nothing."""
    folder, rng = tmp_path_factory.mktemp("link"), np.random.default_rng(4)
    ij = [(i, j) for i in range(15) for j in range(15)]
    n = len(ij)
    surv, main = rng.uniform(0, 100, n), rng.uniform(0, 100, n)
    acc = np.where(np.arange(n) < 100, np.nan, 50.0)
    people = rng.uniform(50, 500, n)
    night = rng.poisson(4 * np.exp((surv - 50) / 10 * np.log(0.8)))
    day = rng.poisson(3.0, n)
    main[0], people[1] = np.nan, 0.0
    cells = samples.save(folder / "cells.gpkg", [cell(*at) for at in ij], {
        "s_surv": surv, "s_main": main, "s_acc": acc, "s_terr": np.full(n, 70.0), "people": people,
        "same": np.ones(n)}, POLYGON)
    owner = np.r_[np.repeat(np.arange(n), night), np.repeat(np.arange(n), day)]
    at = np.array(ij)[owner] * SIDE + rng.uniform(5, SIDE - 5, (len(owner), 2))
    hour = np.r_[np.full(night.sum(), 23), np.full(day.sum(), 12)]
    kind = np.array(["Robbery"] * night.sum() + ["Shoplifting"] * day.sum(), object)
    when = np.datetime64("2023-01-01", "ms") + (rng.integers(0, 365, len(owner)) * 24 + hour).astype("m8[h]").astype(
        "m8[ms]") + np.timedelta64(7, "m")
    spots = writing.points_from_arrays(500_000 + at[:, 0], 5_900_000 + at[:, 1])
    incidents = samples.save(folder / "inc.gpkg", spots, {
        "ctype": kind, "dt_from": when, "dt_prec": np.array(["minute"] * len(owner), object)})
    return {"INPUT": cells, "INCIDENTS": incidents, "night": night, "day": day, "PERMUTATIONS": 199}


@pytest.fixture
def given(town, tmp_path):
    return {**{k: v for k, v in town.items() if k.isupper()}, "OUTPUT": str(tmp_path / "o.gpkg"),
            "MODELS_OUT": str(tmp_path / "m.gpkg")}


def test_the_principle_that_matters_is_found(run_tool, town, given):
    heard = samples.Listener()
    result = run_tool("cptedlink", given, feedback=heard)
    assert result["STRONGEST"] == "natural surveillance" and (result["PLACES"], result["USED"]) == (225, 224)
    rows = {(r["model_of"], r["term"]): r for r in features(given["MODELS_OUT"])}
    assert {k[0] for k in rows} == {"all incidents", "Robbery", "Shoplifting", "by day", "by night"}
    assert {k[1] for k in rows} == {"natural surveillance", "maintenance"}
    night = rows["by night", "natural surveillance"]
    assert night["rr_low"] <= 0.8 <= night["rr_high"] and night["rr_q"] < 0.001
    assert night["n"] == town["night"][1:].sum()
    assert rows["by day", "natural surveillance"]["rr_q"] > 0.05
    assert rows["by day", "maintenance"]["rr_low"] < 1 < rows["by day", "maintenance"]["rr_high"]
    out = features(given["OUTPUT"])
    assert [r["n"] for r in out] == (town["night"] + town["day"]).tolist()
    assert out[3]["exposure"] == pytest.approx(0.04) and is_null(out[0]["exp_n"]) and not out[0]["in_model"]
    assert any("Not in the model: access control (measured at 56 %" in t for t in heard.warnings)
    assert any("Not in the model: territoriality (the same score at all places)" in t for t in heard.warnings)
    assert any("No controls were given" in t for t in heard.warnings)
    for words in ("fewer incidents per square kilometre", "95 % interval", "2023", "does not show",
                  "Not clear: maintenance"):
        assert words in result["SUMMARY"]
    for word in ("cause", "because", "reduce", "prevent", "effect"):
        assert word not in result["SUMMARY"], "no sentence claims a cause"


def test_nothing_is_found_where_there_is_nothing(run_tool, given, tmp_path):
    layer = QgsVectorLayer(given["INPUT"], "c", "ogr")
    rng = np.random.default_rng(21)
    blank = samples.save(tmp_path / "blank.gpkg", [f.geometry() for f in layer.getFeatures()], {
        "s_surv": rng.uniform(0, 100, 225), "s_main": rng.uniform(0, 100, 225)}, POLYGON)
    result = run_tool("cptedlink", {**given, "INPUT": blank})
    assert result["STRONGEST"] == "" and result["RATIO"] is None
    assert "no principle goes clearly" in result["SUMMARY"] and "could be chance" in result["SUMMARY"]


def test_exposure_of_a_field_and_controls(run_tool, given):
    heard = samples.Listener()
    result = run_tool("cptedlink", {**given, "EXPOSURE": 1, "EXPOSURE_FIELD": "people", "REPORT": str(
        given["OUTPUT"]).replace("o.gpkg", "r.html")}, feedback=heard)
    assert result["USED"] == 223 and any("nothing to count incidents per" in t for t in heard.infos)
    assert "per people" in result["SUMMARY"]
    run_tool("cptedlink", {**given, "CONTROLS": ["people"]})
    rows = [r for r in features(given["MODELS_OUT"]) if r["model_of"] == "all incidents"]
    assert [r["term"] for r in rows] == ["natural surveillance", "maintenance", "people"]
    assert is_null(rows[2]["rr_q"]) and rows[2]["vif"] < 1.5


def test_streets_and_points(run_tool, given, tmp_path):
    layer = QgsVectorLayer(given["INPUT"], "c", "ogr")
    rows = list(layer.getFeatures())
    columns = {k: np.array([f[k] if not is_null(f[k]) else np.nan for f in rows], float) for k in ("s_surv", "s_main")}
    centre = [f.geometry().centroid().asPoint() for f in rows]
    lines = [QgsGeometry.fromWkt(f"LINESTRING({p.x() - 90} {p.y()},{p.x() + 90} {p.y()})") for p in centre]
    streets = samples.save(tmp_path / "s.gpkg", lines, columns, LINE)
    result = run_tool("cptedlink", {**given, "INPUT": streets, "DISTANCE": 100})
    assert "per kilometre of street" in result["SUMMARY"] and result["RATIO"] < 1
    assert features(given["OUTPUT"])[5]["exposure"] == pytest.approx(0.18)
    points = samples.save(tmp_path / "p.gpkg", [QgsGeometry.fromPointXY(p) for p in centre], columns)
    result = run_tool("cptedlink", {**given, "INPUT": points, "DISTANCE": 100})
    assert "per place" in result["SUMMARY"]


@pytest.mark.parametrize("change, words", [
    ({"EXPOSURE": 1}, "Choose the field that incidents"),
    ({"EXPOSURE_FIELD": "people"}, "counted per something else"),
    ({"CONTROLS": ["s_surv"]}, "is a score"),
    ({"CONTROLS": ["same"]}, "the same at all places"),
])
def test_refusals(run_tool, given, change, words):
    with pytest.raises(QgsProcessingException, match=words):
        run_tool("cptedlink", {**given, **change})


def test_too_little_to_say(run_tool, given, tmp_path):
    spots = writing.points_from_arrays(np.full(30, 500_100.0), np.full(30, 5_900_100.0))
    few = samples.save(tmp_path / "few.gpkg", spots, {"x": np.ones(30)})
    with pytest.raises(QgsProcessingException, match="No model can be fitted: .* at 0 of|at 1 of"):
        run_tool("cptedlink", {**given, "INCIDENTS": few})
    small = samples.save(tmp_path / "small.gpkg", [cell(i, 0) for i in range(4)],
                         {"s_surv": np.arange(4.0), "s_main": np.array([3.0, 1, 2, 9])}, POLYGON)
    with pytest.raises(QgsProcessingException, match="too few"):
        run_tool("cptedlink", {**given, "INPUT": small})


def test_vancouver_equal_to_statsmodels(run_tool, shared_data, tmp_path):
    """Mischief and graffiti by grid cell: the numbers of a model fitted by statsmodels on the written table."""
    grid, data = tmp_path / "grid.gpkg", shared_data("vancouver/vancouver.gpkg")
    run_tool("analysisgrid", {"INPUT": f"{data}|layername=neighbourhoods", "CELL_SIZE": 500, "OUTPUT": str(grid)})
    counted = run_tool("countincidents", {"INCIDENTS": f"{data}|layername=graffiti", "AREAS": str(grid),
                                          "OUTPUT": str(tmp_path / "graffiti.gpkg")})
    layer = QgsVectorLayer(counted["OUTPUT"], "g", "ogr")
    rows = list(layer.getFeatures())
    points = np.clip(100 - 5 * np.array([f["n"] for f in rows], float), 0, 100)
    scored = samples.save(tmp_path / "scored.gpkg", [f.geometry() for f in rows], {"s_main": points}, POLYGON)
    source = shared_data("vancouver/vpd_crime_2023.csv.gz")
    inc = run_tool("prepareincidents", {"INPUT": str(source), "CRS": "EPSG:26910", "OUTPUT": str(tmp_path / "i.gpkg")})
    from qgis import processing

    # a sample is written in another zone than Vancouver's
    placed = processing.run("native:assignprojection", {"INPUT": scored, "CRS": layer.crs(),
                                                        "OUTPUT": str(tmp_path / "placed.gpkg")})["OUTPUT"]
    result = run_tool("cptedlink", {"INPUT": placed, "INCIDENTS": inc["OUTPUT"], "OUTPUT": str(tmp_path / "o.gpkg"),
                                    "MODELS_OUT": str(tmp_path / "m.gpkg"), "PERMUTATIONS": 99})
    located = pd.read_csv(source).query("X != 0")
    assert result["INCIDENTS_USED"] == pytest.approx(len(located), rel=0.01)
    assert result["RATIO"] < 1 and result["ALPHA"] > 0.5
    models = {r["model_of"]: r for r in features(tmp_path / "m.gpkg")}
    assert models["Mischief"]["rr"] < 1
    mischief = models["Mischief"]["n"]
    assert mischief == pytest.approx((located.TYPE == "Mischief").sum(), rel=0.01)
    sm = pytest.importorskip("statsmodels.api", reason="statsmodels is on the developers' Python only")
    out = features(tmp_path / "o.gpkg")
    y, x, area = (np.array([r[k] for r in out], float) for k in ("n", "s_main", "exposure"))
    theirs = sm.NegativeBinomial(y, sm.add_constant(x / 10), exposure=area).fit(disp=0, maxiter=500, gtol=1e-9)
    assert result["RATIO"] == pytest.approx(np.exp(theirs.params[1]), rel=1e-3)
    assert result["ALPHA"] == pytest.approx(theirs.params[2], rel=1e-3)
