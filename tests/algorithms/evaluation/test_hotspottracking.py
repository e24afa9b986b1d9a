"""Hot spots over periods as a user follows them."""

from __future__ import annotations

import numpy as np
import processing
import pytest
from qgis.core import QgsFeature, QgsGeometry, QgsProcessingException, QgsRectangle, QgsVectorLayer

from tests.algorithms.evaluation.comparing import EAST, NORTH, incident_layer, many, null, rows_of
from tests.algorithms.samples import Listener


@pytest.fixture
def track(provider):
    """Return a function that runs the tool."""

    def run(last, *earlier, listener=None, **more):
        given = {"INPUT": last, "EARLIER": list(earlier), "OUTPUT": "memory:", "TRACKS": "memory:", **more}
        return processing.run("hotspot:hotspottracking", given, feedback=listener)

    return run


def spots(name, boxes, extra="", values=()):
    """Boxes are (x from, x to, n)."""
    layer = QgsVectorLayer(f"Polygon?crs=EPSG:32630&field=n:integer{extra}", name, "memory")
    features = []
    for i, (left, right, n) in enumerate(boxes):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(EAST + left, NORTH, EAST + right, NORTH + 100)))
        feature.setAttributes([n, *(values[i:i + 1] if values else [])])
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    layer.updateExtents()
    return layer


FIRST = [(0, 100, 20), (300, 400, 15), (600, 700, 12)]
SECOND = [(10, 110, 22), (950, 1050, 9)]
PERIODS = {"PERIOD_FIELD": "p"}
THIRD = [(0, 160, 30), (300, 390, 14), (1100, 1180, 8)]


def test_three_periods_in_layers(track):
    result = track(spots("2023", THIRD), spots("2021", FIRST), spots("2022", SECOND))
    rows = rows_of(result)
    assert [r["event"] for r in rows] == [
        *["In the first period"] * 3, "Stayed", "Came", "Stayed and grew", "Returned", "Moved (by distance)"]
    assert [r["track"] for r in rows] == [1, 2, 3, 1, 4, 1, 2, 4] and rows[5]["period_of"] == "2023"
    assert rows[5]["area_chg"] == pytest.approx(60) and rows[5]["shift_m"] == pytest.approx(20)
    assert (result["PERIODS"], result["TRACK_COUNT"], result["PERSISTENT"]) == (3, 4, 1)
    assert (result["STAYED"], result["MOVED"], result["RETURNED"], result["CAME"], result["WENT"]) == (2, 1, 1, 0, 0)
    assert result["GROUND_SHARED"] == pytest.approx(100 / (200 + 330 - 100))
    tracks = rows_of({"OUTPUT": result["TRACKS"]})
    assert [t["history"] for t in tracks] == ["●●●", "●○●", "●○○", "○●●"]
    assert [t["track_kind"] for t in tracks] == [
        "In all periods", "With gaps, there in the last", "One earlier period only", "Several periods to the last"]
    assert tracks[0]["n_hot"] == 30


def test_one_layer_with_a_period_field_gives_the_same(track):
    boxes = [*THIRD, *FIRST, *SECOND]
    layer = spots("all", boxes, "&field=year:string", ["10"] * 3 + ["8"] * 3 + ["9"] * 2)
    result = track(layer, PERIOD_FIELD="year")
    same = track(spots("10", THIRD), spots("8", FIRST), spots("9", SECOND))
    for name in ("TRACK_COUNT", "PERSISTENT", "STAYED", "MOVED", "RETURNED", "WENT", "GROUND_SHARED"):
        assert result[name] == same[name], name
    assert "(the first: 8; the last: 10)" in result["SUMMARY"]


def test_a_period_without_hot_spots_counts(track):
    listener = Listener()
    result = track(spots("c", FIRST), spots("a", FIRST), spots("b", []), listener=listener)
    assert result["PERIODS"] == 3 and result["RETURNED"] == 3 and result["PERSISTENT"] == 0
    assert any("counts as one without any" in text for text in listener.infos)


@pytest.mark.parametrize("make, more, name, text", [
    (lambda: (spots("a", FIRST),), {}, "EARLIER", "one period only"),
    (lambda: (spots("a", FIRST), spots("b", FIRST)), {"PERIOD_FIELD": "n"}, "PERIOD_FIELD", "given twice"),
    (lambda: (spots("a", FIRST, "&field=p:string", ["1", "1", "1"]),), PERIODS, "PERIOD_FIELD", "one value"),
    (lambda: (spots("a", FIRST, "&field=p:string", ["1", None, "2"]),), PERIODS, "PERIOD_FIELD", "row 2"),
    (lambda: (spots("a", FIRST, "&field=m:integer", [1, 2, 3]), spots("b", FIRST)), {"COUNT_FIELD": "m"}, "COUNT_FIELD",
     "no field 'm'"),
    (lambda: (spots("a", [(0, 9, -3)]), spots("b", FIRST)), {"COUNT_FIELD": "n"}, "COUNT_FIELD", "negative"),
    (lambda: (spots("a", []), spots("b", FIRST)), {}, "INPUT", "no"),
])
def test_refusals(track, make, more, name, text):
    with pytest.raises(QgsProcessingException, match=text) as caught:
        track(*make(), **more)
    assert name in str(caught.value)


def test_incidents_need_the_days_of_the_layers(track):
    with pytest.raises(QgsProcessingException, match="record of 'Find hot spots'"):
        track(spots("a", FIRST), spots("b", FIRST), INCIDENTS=incident_layer(many(5, 50, "2023-03-04")))


@pytest.fixture(scope="module")
def found_by_year(provider, tmp_path_factory):
    """Hot spots of three years of a made-up town, as files with their record, and all its incidents."""
    folder, rows, rng = tmp_path_factory.mktemp("years"), [], np.random.default_rng(5)
    for year in (2021, 2022, 2023):
        background = [(8000.0 * rng.random(), f"{year}-{1 + k % 12:02d}-{1 + k % 28:02d}T{k % 24:02d}:10", "Theft")
                      for k in range(150)]
        places = [(1000, 45)] if year == 2022 else [(1000, 45), (5200, 40)]
        mine = background + [(x + k % 20, f"{year}-{1 + k % 12:02d}-{1 + k % 27:02d}T21:10", "Theft")
                             for x, count in places for k in range(count)]
        rows.append(mine)
    files = []
    for year, mine in zip((2021, 2022, 2023), rows):
        path = str(folder / f"y{year}.gpkg")
        processing.run("hotspot:findhotspots", {
            "INPUT": incident_layer(mine), "CELL_SIZE": 100, "HOTSPOTS": path, "OUTPUT": "memory:"})
        files.append(path)
    return files, incident_layer([row for mine in rows for row in mine])


def test_the_same_ground_is_counted_beside(track, found_by_year, tmp_path):
    files, incidents = found_by_year
    listener = Listener()
    # the order given is wrong; the records know better
    result = track(files[2], files[1], files[0], INCIDENTS=incidents, listener=listener,
                   REPORT=str(tmp_path / "report.html"))
    assert any("in the order of the days" in text for text in listener.infos)
    rows = rows_of(result)
    assert result["PERIODS"] == 3 and result["RETURNED"] >= 1 and result["PERSISTENT"] >= 1
    planted = [r for r in rows if r["n_hot"] >= 40]
    assert [r["event"] for r in planted][3:] == ["Stayed", "Returned"] and planted[1]["fate"] == "Went"
    assert planted[1]["n_after"] < 5 and planted[1]["p_after"] < 0.001 and planted[4]["p_before"] < 0.001
    assert all(null(r["n_before"]) for r in rows if r["period_no"] == 1)
    # the rest is noise that lay above the line by luck, and most of it is told so
    p = [r["p_after"] for r in rows if r["fate"] == "Went"]
    p += [r["p_before"] for r in rows if r["event"] in ("Came", "Returned")]
    assert result["COULD_BE_CHANCE"] == sum(not value < 0.05 for value in p) > 0.6 * (len(p) - 2)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "●○●" in page and "regression to the mean" in page


def test_overlapping_periods_are_refused(track, found_by_year):
    files, _ = found_by_year
    with pytest.raises(QgsProcessingException, match="overlap, so the same incidents"):
        track(files[2], files[2], files[0])


def test_other_settings_are_asked_about(track):
    listener = Listener()
    track(spots("a", [(0, 1000, 9)]), spots("b", FIRST), listener=listener)
    assert any("same settings" in text for text in listener.warnings)
    assert any("just above or below the line" in text for text in listener.warnings)


def test_hot_spots_without_ground_are_refused_by_the_layers_name(track):
    points = QgsVectorLayer("Point?crs=EPSG:32630&field=n:integer", "middles", "memory")
    feature = QgsFeature(points.fields())
    feature.setGeometry(QgsGeometry.fromWkt(f"POINT({EAST} {NORTH})"))
    points.dataProvider().addFeatures([feature])
    with pytest.raises(QgsProcessingException, match=r"oldest first \(EARLIER, 'middles'\): .*holds no polygons"):
        track(spots("2023", THIRD), points)


def test_copies_and_another_town_are_told(track):
    listener = Listener()
    far = [(left + 60_000, right + 60_000, n) for left, right, n in FIRST]
    track(spots("2023", THIRD + THIRD[:1]), spots("2022", far), listener=listener)
    assert any("lie 5" in w and "same place" in w for w in listener.warnings)
    assert any("over each other (2023)" in w for w in listener.warnings)
    quiet = Listener()
    track(spots("2023", THIRD), spots("2022", SECOND), listener=quiet)
    assert not any("each other" in w or "same place" in w for w in quiet.warnings)
