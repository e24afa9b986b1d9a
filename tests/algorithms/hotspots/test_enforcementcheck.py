"""The officer-initiated activity check as a user runs it, and the notice in 'Find hot spots'."""

from __future__ import annotations

import csv
import gzip
import json
import re
import threading
import time

import numpy as np
import pytest
from qgis import processing
from qgis.core import QgsProcessingContext, QgsProcessingException, QgsProcessingFeedback, QgsVectorLayer

from tests.algorithms import samples
from tests.algorithms.hotspots.spotting import SOUTH, WEST, points, table
from tests.algorithms.samples import Listener

N = 900
#: the town's first three places: rows and how many of them officers found
BUSY = ((0, 120), (130, 90), (260, 60))


def town():
    """The town with officers' records: nearly all of the third place, one in twenty elsewhere."""
    x, y, columns = samples.incidents(N)
    made = np.random.default_rng(3).random(N) < 0.05
    made[260:318] = True
    return x, y, columns, made


def yes_no(made):
    return ["yes" if value else "no" for value in made]


def run(parameters, feedback=None):
    given = {"OUTPUT": "TEMPORARY_OUTPUT", "HOTSPOTS": "TEMPORARY_OUTPUT", "DRAWS": 99, **parameters}
    return processing.run("hotspot:enforcementcheck", given, feedback=feedback or QgsProcessingFeedback())


def find(parameters, feedback=None):
    given = {"OUTPUT": "TEMPORARY_OUTPUT", "HOTSPOTS": "TEMPORARY_OUTPUT", **parameters}
    return processing.run("hotspot:findhotspots", given, feedback=feedback or QgsProcessingFeedback())


@pytest.fixture(scope="module")
def checked(provider, tmp_path_factory):
    """The check of the town: result, the place that officers made, what was told, the report."""
    x, y, columns, made = town()
    layer = points(x, y, proactive=yes_no(made), ctype=columns["ctype"].tolist(),
                   dt_from=columns["dt_from"].astype(str).tolist())
    listener = Listener()
    path = tmp_path_factory.mktemp("check") / "check.html"
    result = run({"INPUT": layer, "REPORT": str(path)}, listener)
    return result, listener, path, (x, y, columns, made)


# --- results --------------------------------------------------------------------------------
def test_the_place_that_officers_made_vanishes_and_the_others_stay(checked):
    result, listener, _, (x, y, _, made) = checked
    spots = table(result["OUTPUT"])
    assert result["SHARE"] == pytest.approx(made.mean())
    assert result["PROACTIVE"] == made.sum() and result["UNKNOWN"] == 0 and result["INCIDENTS"] == N
    assert result["KEPT"] + result["VANISHED"] == result["HOTSPOTS_WITH"]
    assert len(spots["n"]) == result["HOTSPOTS_WITH"] + result["APPEARED"]
    gone = (spots["hs_status"] == "vanished") & (spots["pro_share"].astype(float) > 0.8)
    assert gone.sum() == 1
    spot = int(np.flatnonzero(gone)[0])
    assert spots["beyond"][spot] and spots["p_thin"][spot] == pytest.approx(0.01) and spots["pro_q"][spot] < 1e-10
    assert spots["n"][spot] - spots["n_wo"][spot] > 40
    assert result["BEYOND"] == spots["beyond"].astype(bool).sum() >= 1
    assert re.search(rf"rank {spots['rank_with'][spot]} vanishes \(\d+ % officers'\)", result["SUMMARY"])
    first = spots["rank_with"] == 1
    assert spots["hs_status"][first].tolist() == ["kept"] and spots["rank_wo"][first].tolist() == [1]
    assert "plan with the hot spots without these records" in " ".join(listener.warnings)


def test_the_polygons_hold_the_incidents_counted(checked):
    result, _, _, (x, y, _, made) = checked
    from qgis.core import QgsGeometry, QgsPointXY

    for feature in result["OUTPUT"].getFeatures():
        shape = feature.geometry()
        inside = np.array([shape.contains(QgsGeometry.fromPointXY(QgsPointXY(a, b))) for a, b in zip(x, y)])
        assert inside.sum() == feature["n"]
        assert (inside & ~made).sum() == feature["n_wo"]
        assert shape.area() / 1e4 == pytest.approx(feature["area_ha"], abs=1e-3)


def test_the_summary_says_number_interval_period_and_chance(checked):
    result, _, _, _ = checked
    text = result["SUMMARY"]
    assert text.startswith("From ") and "95 % interval" in text
    assert f"{result['VANISHED']} vanish" in text
    assert f"{result['VANISHED_LOW']} to {result['VANISHED_HIGH']} vanish" in text
    assert ("could be chance" in text) == (result["VANISHED_P"] >= 0.05)


def test_both_searches_are_those_of_find_hot_spots(checked):
    """Like with like: the same places as the other tool finds, with all rows and with the others only."""
    result, _, _, (x, y, columns, made) = checked
    days = columns["dt_from"].astype(str)
    everything = find({"INPUT": points(x, y, dt_from=days.tolist())})
    assert everything["HOTSPOT_COUNT"] == result["HOTSPOTS_WITH"]
    compared = table(result["OUTPUT"])
    of_all = compared["rank_with"] != None  # noqa: E711 - an array of values and None
    assert table(everything["HOTSPOTS"])["n"].tolist() == compared["n"][of_all].tolist()
    box = QgsVectorLayer("Polygon?crs=EPSG:32630", "all", "memory")
    from qgis.core import QgsFeature, QgsGeometry

    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromWkt(
        f"POLYGON(({WEST} {SOUTH},{WEST + 4000} {SOUTH},{WEST + 4000} {SOUTH + 4000},{WEST} {SOUTH + 4000},"
        f"{WEST} {SOUTH}))"))  # fmt: skip
    box.dataProvider().addFeatures([feature])
    rules = {"BOUNDARY": box, "CELL_SIZE": 150, "MIN_COUNT": 8}
    both = run({"INPUT": points(x, y, proactive=yes_no(made)), **rules})
    others = find({"INPUT": points(x[~made], y[~made]), **rules})
    mine, theirs = table(both["HOTSPOTS"]), table(others["HOTSPOTS"])
    for name in ("rank", "n", "share", "area_ha", "places", "place1_sh"):
        assert mine[name].tolist() == theirs[name].tolist(), name
    shapes = [[f.geometry().asWkt(1) for f in layer.getFeatures()] for layer in (both["HOTSPOTS"], others["HOTSPOTS"])]
    assert shapes[0] == shapes[1]


def test_the_hot_spots_without_name_the_rank_before(checked):
    result, _, _, _ = checked
    spots = table(result["HOTSPOTS"])
    assert len(spots["rank"]) == result["HOTSPOTS_WITHOUT"]
    assert spots["rank_with"][0] == 1
    new = (spots["rank_with"] == None).sum()  # noqa: E711
    assert new == result["APPEARED"]
    assert ((spots["stable"].astype(float) >= 0) & (spots["stable"].astype(float) <= 1)).all()


def test_the_report_shows_ranks_map_and_table(checked):
    result, _, path, _ = checked
    page = path.read_text(encoding="utf-8")
    for words in ("Officer-initiated activity check", "Ranks with and without", "Hot spots of all incidents",
                  "Changed beyond chance", "random removals"):
        assert words in page
    for name in ("check_ranks.svg", "check_map.png", "check_closeup.png"):
        assert (path.parent / name).exists()
    with open(path.parent / "check_compared.csv", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 1 + result["HOTSPOTS_WITH"] + result["APPEARED"]
    assert rows[1][3] == "vanishes" and rows[1][4] == "yes"


def test_the_same_seed_gives_the_same_numbers(provider):
    x, y, _, made = town()
    layer = points(x, y, proactive=yes_no(made))
    first, second = (table(run({"INPUT": layer, "SEED": 4})["OUTPUT"]) for _ in range(2))
    assert all((first[name] == second[name]).all() for name in first)


# --- who found it ---------------------------------------------------------------------------
def test_a_source_field_says_the_same(provider):
    x, y, _, made = town()
    source = np.where(made, np.where(np.arange(N) % 2, "Self-Initiated", "officer"), "Call").tolist()
    listener = Listener()
    by_source = run({"INPUT": points(x, y, how=source), "SOURCE_FIELD": "how",
                     "PROACTIVE_VALUES": "OFFICER; self-initiated; patrol"}, listener)
    by_flag = run({"INPUT": points(x, y, found=yes_no(made)), "PROACTIVE_FIELD": "found"})
    for name in ("SHARE", "HOTSPOTS_WITHOUT", "VANISHED", "VANISHED_P", "RANK_CORR", "BEYOND"):
        assert by_source[name] == by_flag[name]
    assert any("No row has 'patrol' in 'how'" in text for text in listener.warnings)


def test_a_source_given_takes_the_place_of_the_field_proactive(provider):
    x, y, _, made = town()
    source = np.where(made, "officer", "call").tolist()
    layer = points(x, y, source=source, proactive=["no"] * N)
    result = run({"INPUT": layer, "PROACTIVE_VALUES": "officer"})
    assert result["PROACTIVE"] == made.sum()
    both = np.where(np.arange(N) < 50, "yes", "no").tolist()
    result = run({"INPUT": points(x, y, source=source, flag=both), "PROACTIVE_VALUES": "officer",
                  "PROACTIVE_FIELD": "flag"})
    assert result["PROACTIVE"] == (made | (np.arange(N) < 50)).sum()


def test_unknown_values_are_counted_and_stay(provider):
    x, y, _, made = town()
    words = yes_no(made)
    words[500:600] = [None] * 50 + ["perhaps"] * 50
    listener = Listener()
    result = run({"INPUT": points(x, y, proactive=words)}, listener)
    known = np.r_[made[:500], made[600:]]
    assert result["UNKNOWN"] == 100
    assert result["SHARE"] == pytest.approx(known.sum() / N)
    told = " ".join(listener.warnings)
    assert "neither yes nor no count as not known: perhaps" in told
    assert "Of 100 incidents (11.1 %) it is not known" in told
    assert result["INCIDENTS"] == N


def test_no_record_of_officers_is_an_answer(provider, tmp_path):
    x, y, _, _ = town()
    listener = Listener()
    path = tmp_path / "none.html"
    result = run({"INPUT": points(x, y, proactive=["no"] * N), "REPORT": str(path)}, listener)
    assert "does not rest on them" in path.read_text(encoding="utf-8")
    assert (result["SHARE"], result["VANISHED"], result["APPEARED"], result["BEYOND"]) == (0, 0, 0, 0)
    assert result["VANISHED_P"] is None and result["VANISHED_LOW"] is None
    assert result["KEPT"] == result["HOTSPOTS_WITH"] == result["HOTSPOTS_WITHOUT"]
    assert "does not rest on them" in result["SUMMARY"]
    assert any("No incident that is used is marked" in text for text in listener.warnings)


def test_no_hot_spot_either_way(provider, tmp_path):
    rng = np.random.default_rng(1)
    x, y = rng.uniform(WEST, WEST + 4_000, 300), rng.uniform(SOUTH, SOUTH + 4_000, 300)
    path = tmp_path / "empty.html"
    result = run({"INPUT": points(x, y, proactive=yes_no(rng.random(300) < 0.2)), "REPORT": str(path)})
    assert path.exists()
    assert result["HOTSPOTS_WITH"] == 0 and result["OUTPUT"].featureCount() == result["APPEARED"]
    assert "could be chance" in result["SUMMARY"]


def test_a_weight_of_zero_leaves_officers_records_out_and_says_so(provider):
    x, y, _, made = town()
    listener = Listener()
    layer = points(x, y, proactive=yes_no(made), harm=np.where(made, 0.0, 3.0))
    result = run({"INPUT": layer, "WEIGHT_FIELD": "harm"}, listener)
    assert result["PROACTIVE"] == 0 and result["INCIDENTS"] == (~made).sum()
    assert any("no weight of 0 leaves these records out" in text for text in listener.warnings)


# --- refusals -------------------------------------------------------------------------------
X, Y = (np.random.default_rng(2).uniform(0, 4_000, (2, 40)) + [[WEST], [SOUTH]])


@pytest.mark.parametrize(
    ("column", "settings", "words"),
    [
        ({}, {}, "PROACTIVE_FIELD.*Run 'Group and weigh crime types' first.*The fields are"),
        ({"how": ["call"] * 40}, {"SOURCE_FIELD": "how"}, "PROACTIVE_VALUES.*Its values are: call \\(40\\)"),
        ({"how": ["call"] * 40}, {"SOURCE_FIELD": "how", "PROACTIVE_VALUES": "officer; stop"},
         "No incident that is used has 'officer', 'stop' in 'how'. Its values are: call"),
        ({"how": ["call"] * 40}, {"PROACTIVE_VALUES": "officer"}, "SOURCE_FIELD.*no field to look for"),
        ({"proactive": ["call", "officer"] * 20}, {}, "holds neither yes nor no \\(but call, officer\\)"),
        ({"proactive": [None] * 40}, {}, "'proactive' is empty for all incidents"),
        ({"proactive": ["yes"] * 40}, {}, "Officers found 40 of the 40 incidents.*only 0 are left"),
        ({"how": ["officer"] * 37 + ["call"] * 3}, {"SOURCE_FIELD": "how", "PROACTIVE_VALUES": "officer"},
         "SOURCE_FIELD.*37 of the 40.*only 3 are left"),
        ({"proactive": ["no"] * 40}, {"WINDOW": 28}, "needs dates"),
    ],
)  # fmt: skip
def test_refusals_say_what_to_do(provider, column, settings, words):
    with pytest.raises(QgsProcessingException, match=words):
        run({"INPUT": points(X, Y, **(column or {"other": ["a"] * 40})), **settings})


def test_a_running_check_stops_within_a_second(provider):
    rng = np.random.default_rng(5)
    x, y = rng.uniform(WEST, WEST + 20_000, 20_000), rng.uniform(SOUTH, SOUTH + 20_000, 20_000)
    x[:4_000] = WEST + 2_000 + 200 * (np.arange(4_000) % 80) + rng.normal(0, 30, 4_000)
    y[:4_000] = SOUTH + 2_000 + 200 * (np.arange(4_000) % 80) + rng.normal(0, 30, 4_000)
    layer = points(x, y, proactive=yes_no(rng.random(20_000) < 0.3))
    algorithm = provider.algorithm("enforcementcheck").create()
    context, feedback = QgsProcessingContext(), QgsProcessingFeedback(False)
    asked = []

    def stop():
        asked.append(time.perf_counter())
        feedback.cancel()

    threading.Timer(2.0, stop).start()
    _, ok = algorithm.run({"INPUT": layer, "DRAWS": 9999, "CELL_SIZE": 100, "OUTPUT": "TEMPORARY_OUTPUT",
                           "HOTSPOTS": "TEMPORARY_OUTPUT"}, context, feedback)  # fmt: skip
    waited = time.perf_counter() - asked[0]
    assert not ok
    assert waited < 1.0


# --- the notice in 'Find hot spots' -----------------------------------------------------------
def test_find_hot_spots_points_to_the_check_above_ten_per_cent(provider, tmp_path):
    x, y, _, made = town()
    assert 0.10 < made.mean() < 0.25
    listener, path = Listener(), tmp_path / "spots.html"
    result = find({"INPUT": points(x, y, proactive=yes_no(made)), "REPORT": str(path)}, listener)
    assert result["PROACTIVE_SHARE"] == pytest.approx(made.mean())
    warned = [text for text in listener.warnings if "hotspot:enforcementcheck" in text]
    assert len(warned) == 1 and f"({made.sum()} of {N})" in warned[0]
    page = path.read_text(encoding="utf-8")
    assert "hotspot:enforcementcheck" in page and "Found by officers" in page
    spots = table(result["HOTSPOTS"])
    assert spots["pro_share"].astype(float).max() > 0.8


def test_find_hot_spots_only_tells_a_small_share(provider):
    x, y, _, _ = town()
    words = ["true" if i % 20 == 0 else "false" for i in range(N)]
    words[1] = None
    listener = Listener()
    result = find({"INPUT": points(x, y, proactive=words)}, listener)
    assert result["PROACTIVE_SHARE"] == pytest.approx(45 / 900)
    assert any("5.0 % of the incidents (45 of 900)" in text and "of 1 more it is not known, so it may be up to 5.1 %"
               in text for text in listener.infos)
    assert not any("officers" in text for text in listener.warnings)


def test_find_hot_spots_without_the_field_says_nothing(provider):
    x, y, _, _ = town()
    listener = Listener()
    result = find({"INPUT": points(x, y)}, listener)
    assert result["PROACTIVE_SHARE"] is None
    assert "pro_share" not in table(result["HOTSPOTS"])
    assert not any("officers" in text for text in listener.infos + listener.warnings)


# --- real data --------------------------------------------------------------------------------
def test_vancouver_with_a_type_as_the_source(provider, shared_data, tmp_path):
    """At real size and with the mechanics of a type that stands for officers (there is none in these data)."""
    path = tmp_path / "2023.csv"
    path.write_bytes(gzip.decompress(shared_data("vancouver/vpd_crime_2023.csv.gz").read_bytes()))
    layer = QgsVectorLayer(f"file://{path}?delimiter=,&xField=X&yField=Y&crs=EPSG:26910", "2023", "delimitedtext")
    result = run({"INPUT": layer, "SOURCE_FIELD": "TYPE", "PROACTIVE_VALUES": "Mischief", "TYPE_FIELD": "TYPE"})
    found = find({"INPUT": layer})
    assert result["HOTSPOTS_WITH"] == found["HOTSPOT_COUNT"]
    assert result["INCIDENTS"] == found["INCIDENTS"]
    spots = table(result["OUTPUT"])
    assert set(spots["pro_type"][spots["n"].astype(int) > spots["n_wo"].astype(int)]) == {"Mischief"}
    assert 0.1 < result["SHARE"] < 0.25
    assert result["RANK_CORR"] > 0.8 and result["TOP_KEPT"] >= 8
    record = json.loads(result["PROVENANCE"])
    assert record["results"]["VANISHED"] == result["VANISHED"]
