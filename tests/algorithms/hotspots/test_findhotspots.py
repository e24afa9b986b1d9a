"""Find hot spots as a user runs it: layers in, layers and words out, refusals in words."""

from __future__ import annotations

import csv
import gzip
import json
import threading
import time

import numpy as np
import pytest
from qgis import processing
from qgis.core import (
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsVectorLayer,
)

from tests.algorithms import samples
from tests.algorithms.hotspots.spotting import SOUTH, WEST, points, table
from tests.algorithms.samples import Listener


def scatter(n, seed=1, side=4_000.0):
    rng = np.random.default_rng(seed)
    return rng.uniform(WEST, WEST + side, n), rng.uniform(SOUTH, SOUTH + side, n)


def town(n=900):
    return samples.incidents(n)


def run(provider, parameters, feedback=None):
    given = {"OUTPUT": "TEMPORARY_OUTPUT", "HOTSPOTS": "TEMPORARY_OUTPUT", **parameters}
    return processing.run("hotspot:findhotspots", given, feedback=feedback or QgsProcessingFeedback())


# --- results --------------------------------------------------------------------------------
def test_the_three_busy_places_of_a_town(provider):
    x, y, columns = town()
    layer = points(x, y, day=columns["dt_from"].astype(str).tolist(), kind=columns["ctype"])
    listener = Listener()
    result = run(provider, {"INPUT": layer, "DATE_FIELD": "day", "TYPE_FIELD": "kind"}, listener)
    spots = table(result["HOTSPOTS"])
    assert result["HOTSPOT_COUNT"] == len(spots["rank"]) >= 3
    assert result["METHOD"] == "exact"
    assert result["CELL_SIZE"] == 150.0
    assert spots["rank"].tolist() == list(range(1, len(spots["rank"]) + 1))
    assert (np.diff(spots["n"].astype(int)) <= 0).all()
    for feature in result["HOTSPOTS"].getFeatures():
        geometry = feature.geometry()
        assert not geometry.isMultipart() or len(geometry.asGeometryCollection()) == 1
        assert geometry.area() <= 100_000
        assert geometry.area() / 1e4 == pytest.approx(feature["area_ha"], abs=1e-3)
        box = QgsFeatureRequest(geometry.boundingBox())
        inside = sum(geometry.intersects(f.geometry()) for f in layer.getFeatures(box))
        assert inside == feature["n"]
        assert feature["n_low"] < feature["n"] < feature["n_high"]
        assert 0 <= feature["stable"] <= 1
        assert feature["tenure"] == "long-standing" or feature["n"] < 40
    held = spots["n"].astype(int).sum()
    assert result["INCIDENT_SHARE"] == pytest.approx(held / 900)
    assert result["CONC_RATIO"] == pytest.approx(result["INCIDENT_SHARE"] / result["AREA_SHARE"])
    assert result["PAI"] is None and result["TEST_SHARE"] is None
    cells = table(result["OUTPUT"])
    assert cells["n"].astype(int).sum() == 900
    assert result["INCIDENTS"] == 900
    assert result["HOT_CELLS"] == (cells["Gi_Bin"].astype(int) >= 2).sum()
    told = " ".join(listener.infos)
    for word in ("Cells of 150 m", "even spread", "A hot spot holds at least", "No boundary is given"):
        assert word in told


def test_sentence_has_number_interval_and_period(provider):
    x, y, columns = town()
    layer = points(x, y, day=columns["dt_from"].astype(str).tolist())
    text = run(provider, {"INPUT": layer, "DATE_FIELD": "day"})["SUMMARY"]
    for part in ("From 2022-01-0", "to 2023-12-", "hot spots", "95 % interval", "900 recorded incidents", "chance"):
        assert part in text


def test_no_hot_spot_is_a_good_answer(provider, tmp_path):
    result = run(provider, {"INPUT": points(*scatter(300)), "REPORT": str(tmp_path / "report.html")})
    assert result["HOTSPOT_COUNT"] == 0
    assert result["CONC_RATIO"] is None
    assert result["INCIDENT_SHARE"] == 0.0
    assert "could be chance" in result["SUMMARY"]
    assert result["HOTSPOTS"].featureCount() == 0
    assert "could be chance" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_prepared_incidents_need_no_fields(provider, tmp_path):
    x, y, columns = town()
    from hotspot_plugin.layers import writing

    path = samples.save(tmp_path / "incidents.gpkg", writing.points_from_arrays(x, y), columns)
    spots = run(provider, {"INPUT": path})["HOTSPOTS"].fields().names()
    for name in ("top_type", "months_act", "tenure", "places", "place1_sh", "hot_dot"):
        assert name in spots


def test_report_leaves_table_and_map_beside_it(provider, tmp_path):
    x, y, columns = town()
    layer = points(x, y, day=columns["dt_from"].astype(str).tolist())
    result = run(provider, {"INPUT": layer, "DATE_FIELD": "day", "REPORT": str(tmp_path / "report.html")})
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert result["SUMMARY"].split(" (")[0] in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    with open(tmp_path / "report_hotspots.csv", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == result["HOTSPOT_COUNT"]
    assert (tmp_path / "report_map.png").read_bytes().startswith(b"\x89PNG")


def test_held_back_incidents_give_the_pai(provider):
    x, y, columns = town()
    layer = points(x, y, day=columns["dt_from"].astype(str).tolist())
    result = run(provider, {"INPUT": layer, "DATE_FIELD": "day", "TEST_FROM": "2023-01-01"})
    spots = table(result["HOTSPOTS"])
    days = columns["dt_from"].astype("M8[D]")
    late = int((days >= np.datetime64("2023-01-01")).sum())
    assert result["INCIDENTS"] == 900 - late
    assert result["TEST_SHARE"] * late == pytest.approx(spots["n_test"].astype(int).sum(), abs=late * 0.01)
    assert result["PAI"] == pytest.approx(result["TEST_SHARE"] / result["AREA_SHARE"])
    assert result["PAI"] > 5
    early = days < np.datetime64("2023-01-01")
    other = run(provider, {"INPUT": points(x[early], y[early]), "TEST_INCIDENTS": points(x[~early], y[~early])})
    assert other["TEST_SHARE"] > 0.1
    assert other["PAI"] is not None


def test_window_and_last_day(provider):
    x, y, columns = town()
    layer = points(x, y, day=columns["dt_from"].astype(str).tolist())
    result = run(provider, {"INPUT": layer, "DATE_FIELD": "day", "AS_OF": "2023-06-30", "WINDOW": 181})
    days = columns["dt_from"].astype("M8[D]")
    inside = ((days > np.datetime64("2022-12-31")) & (days <= np.datetime64("2023-06-30"))).sum()
    assert result["INCIDENTS"] == inside
    assert result["SUMMARY"].startswith("From January 2023 to June 2023")
    left = json.loads(result["PROVENANCE"])["inputs"]["INPUT"]["left_out"]
    assert sum(entry["count"] for entry in left) == 900 - inside


def test_weights_rank_and_fill_a_field(provider):
    x, y, _ = town()
    weight = np.ones(900)
    weight[260:320] = 4.0  # the third place, 60 incidents
    result = run(provider, {"INPUT": points(x, y, harm=weight), "WEIGHT_FIELD": "harm"})
    spots = table(result["HOTSPOTS"])
    assert (np.diff(spots["sum"].astype(float)) <= 0).all()
    assert spots["n"][0] < spots["n"].max()
    assert table(result["OUTPUT"])["sum"].astype(float).sum() == pytest.approx(weight.sum())


def test_a_boundary_leaves_out_and_counts(provider, tmp_path):
    x, y, _ = town()
    half = QgsVectorLayer("Polygon?crs=EPSG:32630", "half", "memory")
    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromWkt(
        f"POLYGON(({WEST} {SOUTH},{WEST + 2000} {SOUTH},{WEST + 2000} {SOUTH + 4000},{WEST} {SOUTH + 4000},"
        f"{WEST} {SOUTH}))"))  # fmt: skip
    half.dataProvider().addFeatures([feature])
    result = run(provider, {"INPUT": points(x, y), "BOUNDARY": half})
    assert result["INCIDENTS"] == (x < WEST + 2000).sum()
    assert result["AREA_KM2"] == pytest.approx(8.0, rel=0.01)
    left = json.loads(result["PROVENANCE"])["inputs"]["INPUT"]["left_out"]
    assert left[0]["count"] == (x >= WEST + 2000).sum()


@pytest.mark.parametrize("kind", [0, 1])
def test_degrees_and_large_cells(provider, kind):
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(-1.6, -1.2, 400), rng.uniform(53.6, 53.9, 400)
    lon[:30], lat[:30] = -1.4 + rng.normal(0, 5e-4, 30), 53.7 + rng.normal(0, 3e-4, 30)
    result = run(provider, {"INPUT": points(lon, lat, crs="EPSG:4326"), "CELL_SIZE": 1000, "GRID_TYPE": kind})
    assert result["HOTSPOTS"].crs().authid() == "EPSG:32630"
    assert result["HOTSPOT_COUNT"] >= 1
    first = next(result["HOTSPOTS"].getFeatures())
    assert first.geometry().area() <= 100_000
    assert first["n"] >= 20


def test_the_same_seed_gives_the_same_layers(provider):
    x, y, _ = town()
    layer = points(x, y)
    first, second = (table(run(provider, {"INPUT": layer, "SEED": 7})["HOTSPOTS"]) for _ in range(2))
    assert all((first[name] == second[name]).all() for name in first)


def test_doubts_are_told(provider):
    x, y, columns = town()
    x[:120], y[:120] = WEST + 1_000, SOUTH + 1_000  # one address
    month = np.array(["2023-05", "2023-06"], object)[np.arange(900) % 2]
    listener = Listener()
    run(provider, {"INPUT": points(x, y, day=month), "DATE_FIELD": "day"}, listener)
    told = " ".join(listener.warnings)
    for words in ("2.0 months", "month only", "at one single place", "mostly one address"):
        assert words in told
    run(provider, {"INPUT": points(x, y), "DISTANCE": 700}, listener)
    assert "700 m away" in " ".join(listener.warnings)


def test_coarse_coordinates_make_coarse_cells(provider):
    rng = np.random.default_rng(1)
    x, y = np.round(rng.uniform(0, 20_000, (2, 4_000)), -2) + [[WEST], [SOUTH]]
    listener = Listener()
    result = run(provider, {"INPUT": points(x, y), "CELL_SIZE": 50}, listener)
    assert "only precise to about 100 m" in " ".join(listener.warnings)
    assert result["CELL_SIZE"] == 50


# --- refusals -------------------------------------------------------------------------------
X, Y = scatter(40)


@pytest.mark.parametrize(
    ("layer", "settings", "words"),
    [
        (lambda: points([], []), {}, "INPUT"),
        (lambda: points([WEST], [SOUTH]), {}, "Only 1 incidents are left"),
        (lambda: points([WEST] * 30, [SOUTH] * 30), {}, "All 30 incidents lie at one place"),
        (lambda: points(X, Y, w=np.full(40, np.nan)), {"WEIGHT_FIELD": "w"}, "holds no number above 0"),
        (lambda: points(X, Y, w=np.r_[np.ones(39), -2.0]), {"WEIGHT_FIELD": "w"}, "1 rows, first: row 40"),
        (lambda: points(X, Y), {"WINDOW": 28}, "needs dates"),
        (lambda: points(X, Y, d=["2023-01-01"] * 40), {"DATE_FIELD": "d", "WINDOW": 28, "AS_OF": "2020-01-01"},
         "No incident lies in the period from 2019-12-05 to 2020-01-01"),
        (lambda: points(X, Y, d=["2023-01-01"] * 40), {"DATE_FIELD": "d", "TEST_FROM": "2024-01-01"},
         "nothing is held back"),
        (lambda: points(X, Y, d=["soon"] * 40), {"DATE_FIELD": "d", "WINDOW": 28}, "no period can be chosen"),
        (lambda: points(X, Y), {"CELL_SIZE": 1.0}, "larger cells"),
        (lambda: points(X, Y), {"CELL_SIZE": 150, "DISTANCE": 100}, "at least the cell size"),
        (lambda: points(X, Y), {"TYPE_FIELD": "nothing"}, "nothing"),
    ],
)  # fmt: skip
def test_refusals_say_what_to_do(provider, layer, settings, words):
    with pytest.raises(QgsProcessingException, match=words):
        run(provider, {"INPUT": layer(), **settings})


def test_a_boundary_elsewhere_is_refused(provider):
    away = QgsVectorLayer("Polygon?crs=EPSG:32630", "away", "memory")
    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromWkt("POLYGON((0 0,1000 0,1000 1000,0 1000,0 0))"))
    away.dataProvider().addFeatures([feature])
    with pytest.raises(QgsProcessingException, match="None of the 40 incidents lies within the boundary"):
        run(provider, {"INPUT": points(X, Y), "BOUNDARY": away})


def test_nulls_among_weights_are_counted(provider):
    x, y, _ = town()
    weight = np.ones(900)
    weight[:50] = np.nan
    listener = Listener()
    result = run(provider, {"INPUT": points(x, y, w=weight), "WEIGHT_FIELD": "w"}, listener)
    assert result["INCIDENTS"] == 850
    assert any("50 of 900 incidents are not used: no weight in 'w'" in text for text in listener.warnings)


# --- cancelling and real data ---------------------------------------------------------------
def test_a_running_tool_stops_within_a_second(provider):
    x, y = scatter(200_000, side=30_000)
    layer = points(x[:40_000], y[:40_000])
    algorithm = provider.algorithm("findhotspots").create()
    context, feedback = QgsProcessingContext(), QgsProcessingFeedback(False)
    asked = []

    def stop():
        asked.append(time.perf_counter())
        feedback.cancel()

    threading.Timer(0.8, stop).start()
    _, ok = algorithm.run({"INPUT": layer, "CELL_SIZE": 60, "OUTPUT": "TEMPORARY_OUTPUT",
                           "HOTSPOTS": "TEMPORARY_OUTPUT"}, context, feedback)  # fmt: skip
    waited = time.perf_counter() - asked[0]
    assert not ok
    assert waited < 1.0


def test_vancouver_2023_scored_on_2024(provider, shared_data, tmp_path):
    """Hot spots of 10 ha that hold two fifths of the next year's crimes."""
    layers = []
    for year in (2023, 2024):
        path = tmp_path / f"{year}.csv"
        path.write_bytes(gzip.decompress(shared_data(f"vancouver/vpd_crime_{year}.csv.gz").read_bytes()))
        layers.append(QgsVectorLayer(f"file://{path}?delimiter=,&xField=X&yField=Y&crs=EPSG:26910", str(year),
                                     "delimitedtext"))  # fmt: skip
    listener = Listener()
    result = run(provider, {"INPUT": layers[0], "TYPE_FIELD": "TYPE", "TEST_INCIDENTS": layers[1]}, listener)
    assert result["METHOD"] == "gistar"
    assert result["INCIDENTS"] == pytest.approx(32_600, abs=100)
    assert any(text.startswith("4,070 of 36,716 incidents are not used: no place") for text in listener.warnings)
    # masked for privacy: violence is recorded without a place, and the map must not pass for a map of it
    assert any("Offence Against a Person" in text and "(100%)" in text for text in listener.warnings)
    spots = table(result["HOTSPOTS"])
    assert max(spots["area_ha"]) <= 10.0
    assert min(spots["n"]) >= 10
    assert 0.35 < result["TEST_SHARE"] < 0.55
    assert result["AREA_SHARE"] < 0.035
    mall = spots["place1_sh"].astype(float) > 0.9
    assert mall.any() and spots["hot_dot"][mall].all()
