"""Whose records make the patrol zones, when they were made, and real data."""

from __future__ import annotations

import json
import threading
import time

import numpy as np
import pytest
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsVectorLayer,
)

from tests.algorithms.patrol.zoning import marked, places, polygons, spread


def record(result):
    return json.loads(result["PROVENANCE"])


def select(source, target, sql):
    """Write what an SQL statement selects of a file."""
    from osgeo import gdal

    done = gdal.VectorTranslate(target, str(source), format="GPKG", SQLDialect="SQLITE", SQLStatement=sql)
    assert done is not None
    del done


def classified(*zones):
    """Incidents of (reported, found by officers, not seen by a patrol) in each zone."""
    at, made, public = [], [], []
    for zone, (reported, officers, hidden) in enumerate(zones):
        count = reported + officers + hidden
        at += spread(count, zone)
        made += [False] * reported + [True] * officers + [False] * hidden
        public += [True] * (reported + officers) + [False] * hidden
    return marked(at, proactive=made, public_pl=public, when=["2024-03-05"] * len(at))


def test_records_that_officers_made_are_left_out_and_ranked_beside(plan, tmp_path):
    page = tmp_path / "zones.html"
    incidents = classified((30, 0, 0), (20, 5, 0), (10, 60, 0))
    result, zones = plan(polygons(places(3)), INCIDENTS=incidents, ZONES=2, REPORT=str(page))
    assert [(z["n"], z["n_inside"], z["n_pro"], z["rank_pro"]) for z in zones] == [(30, 30, 0, 2), (20, 20, 5, None)]
    assert zones[1]["pro_share"] == pytest.approx(0.2)
    assert result["PROACTIVE_SHARE"] == pytest.approx(65 / 125)
    assert result["INCIDENT_SHARE"] == pytest.approx(50 / 60)
    assert "50 of 60 recorded incidents (83.3 %), not counting 65 that officers found themselves," in result["SUMMARY"]
    told = record(result)
    assert "65 of 125 incidents were found by officers themselves and are left out (PROACTIVE)." in told["notes"]
    assert any("hotspot:enforcementcheck" in text for text in told["warnings"])  # above 10 %
    ranks = ("With the records that officers made, Z1 would have rank 2; Z2 would not be chosen, and another place"
             " instead.")
    assert ranks in told["notes"] and ranks in page.read_text(encoding="utf-8")
    table = (tmp_path / "zones_records.csv").read_text(encoding="utf-8-sig").splitlines()
    assert table[1:] == ["Z1,0,0.0,2", "Z2,5,0.2,not chosen"]


def test_they_can_be_kept(plan):
    incidents = classified((30, 0, 0), (20, 5, 0), (10, 60, 0))
    result, zones = plan(polygons(places(3)), INCIDENTS=incidents, ZONES=2, PROACTIVE=1)
    assert [(z["n"], z["n_pro"], z["rank_pro"]) for z in zones] == [(70, 60, None), (30, 0, None)]
    assert any("count along: zones may lie where officers look" in text for text in record(result)["warnings"])


def test_a_small_share_is_told_without_alarm(plan):
    result, _ = plan(polygons(places(2)), INCIDENTS=classified((30, 1, 0), (20, 0, 0)))
    told = record(result)
    assert not any("officers" in text for text in told["warnings"])
    assert any(text.startswith("2.0 % of the incidents (1 of 51)") for text in told["notes"])


def test_what_no_patrol_sees_is_left_out(plan):
    incidents = classified((30, 0, 0), (20, 0, 40))
    result, zones = plan(polygons(places(2)), INCIDENTS=incidents)
    assert [(z["n"], z["n_notpub"]) for z in zones] == [(30, 0), (20, 40)]
    assert any(text.startswith("40 of 90 incidents are of types that a patrol does not see ('public_pl') and are left"
                               " out (NOT_PUBLIC)") for text in record(result)["notes"])
    assert "not counting 40 that no patrol sees," in result["SUMMARY"]
    _, zones = plan(polygons(places(2)), INCIDENTS=incidents, NOT_PUBLIC=1)
    assert [(z["n"], z["kind"]) for z in zones] == [(60, "guardian"), (30, "patrol")]
    assert zones[0]["kind_why"].startswith("67 % happen where no patrol sees them")


def test_what_is_not_known_is_kept(plan):
    incidents = marked(spread(20), proactive=[None, "maybe"] * 10, public_pl=[None] * 20)
    result, zones = plan(polygons(places(1)), INCIDENTS=incidents)
    assert zones[0]["n"] == 20 and result["PROACTIVE_SHARE"] is None


def test_areas_with_counts_show_the_share_in_each_zone(plan):
    areas = polygons(places(2), {"n": [35, 70]})
    result, zones = plan(areas, INCIDENTS=classified((30, 5, 0), (10, 60, 0)))
    found = [(z["n"], z["n_inside"], z["n_pro"], z["rank_pro"]) for z in zones]
    assert found == [(70, 10, 60, None), (35, 30, 5, None)]
    assert any("The numbers that the areas carry were not counted here" in t for t in record(result)["warnings"])


def test_hot_spots_tell_the_share_themselves(plan):
    areas = polygons([(0, 0, 100, 100), (150, 0, 100, 100), (1000, 0, 100, 100)], {
        "n": [30, 10, 20], "pro_share": [0.1, 0.5, 0.05]})
    result, zones = plan(areas, MERGE_DISTANCE=60)
    assert [z["pro_share"] for z in zones] == pytest.approx([0.2, 0.05]) and zones[0]["n_pro"] is None
    warning = next(w for w in record(result)["warnings"] if "hotspot:enforcementcheck" in w)
    assert warning.startswith("15.0 % of the zones' incidents were found by officers themselves")
    result, _ = plan(polygons(places(1), {"n": [30], "pro_share": [0.05]}))
    assert not any("officers" in w for w in record(result)["warnings"])


def test_nothing_left_is_refused(run_tool):
    for incidents, message in ((classified((0, 9, 0)), r"PROACTIVE\): No incident is left"),
                               (classified((0, 0, 9)), r"NOT_PUBLIC\): No incident is left")):
        with pytest.raises(QgsProcessingException, match=message):
            run_tool("patrolzones", {"INPUT": polygons(places(1)), "INCIDENTS": incidents, "OUTPUT": "memory:"})


# --- when the zones were chosen ---------------------------------------------------------------
def dated(*zones):
    """Incidents of (number, first day of March 2024) in each zone, one a day."""
    at = [point for zone, (count, _) in enumerate(zones) for point in spread(count, zone)]
    whens = [f"2024-03-{first + i % 5:02d}" for count, first in zones for i in range(count)]
    return marked(at, when=whens)


@pytest.mark.parametrize("columns, chosen", [
    ({}, ("2024-03-02", "2024-03-14")),  # counted here
    ({"n": [12, 9]}, ("2024-03-02", "2024-03-14")),  # the number is that of the incidents given
    ({"n": [99, 50]}, ("", "")),  # of when these are nobody knows
])
def test_the_days_of_the_choice(plan, columns, chosen):
    incidents = dated((12, 2), (9, 10))
    result, _ = plan(polygons(places(2), columns), INCIDENTS=incidents, DATE_FIELD="when")
    assert (result["CHOSEN_FROM"], result["CHOSEN_TO"]) == chosen
    assert record(result)["results"]["CHOSEN_FROM"] == chosen[0]


def test_months_are_whole(plan):
    incidents = marked(spread(12), when=["2024-01", "2024-02"] * 6)
    result, _ = plan(polygons(places(1)), INCIDENTS=incidents, DATE_FIELD="when")
    assert (result["CHOSEN_FROM"], result["CHOSEN_TO"]) == ("2024-01-01", "2024-02-29")


def test_nothing_dated_tells_no_days(plan):
    result, _ = plan(polygons(places(1), {"n": [5]}))
    assert (result["CHOSEN_FROM"], result["CHOSEN_TO"]) == ("", "")
    assert any("is not known" in note for note in record(result)["notes"])


@pytest.fixture(scope="module")
def memphis(shared_data, provider, tmp_path_factory):
    """Robberies of 2019, the precincts, block centroids with residents and two made-up groups, hot spots of January
    to June."""
    from qgis import processing

    path, folder = shared_data("memphis/memphis.gpkg"), tmp_path_factory.mktemp("memphis")
    out = {"incidents": f"{path}|layername=robberies", "boundary": f"{path}|layername=precincts"}
    out["people"] = str(folder / "people.gpkg")
    select(path, out["people"], "select geom, population, population * 0.25 as fourth, case when st_y(geom) > 35.12"
                                " then population else 0 end as north from population")
    out["hotspots"] = str(folder / "hot.gpkg")
    processing.run("hotspot:findhotspots", {
        "INPUT": out["incidents"], "BOUNDARY": out["boundary"], "DATE_FIELD": "date", "AS_OF": "2019-06-30",
        "OUTPUT": "memory:", "HOTSPOTS": out["hotspots"]})
    return out


def test_memphis_zones_pass_on_when_they_were_chosen(run_tool, memphis, tmp_path):
    zones = str(tmp_path / "zones.gpkg")
    result = run_tool("patrolzones", {
        "INPUT": memphis["hotspots"], "INCIDENTS": memphis["incidents"], "DATE_FIELD": "date", "OUTPUT": zones})
    # the hot spots are of half a year, the incidents given of a whole one
    assert (result["CHOSEN_FROM"], result["CHOSEN_TO"]) == ("2019-01-01", "2019-06-30")
    compared = run_tool("compareperiods", {
        "INCIDENTS": memphis["incidents"], "DATE_FIELD": "date", "AREAS": zones, "OUTPUT": "memory:",
        "BEFORE_START": "2019-01-01", "BEFORE_END": "2019-06-30",
        "AFTER_START": "2019-07-01", "AFTER_END": "2019-12-31"})
    told = record(compared)
    assert any("were chosen for their many incidents from 2019-01-01 to 2019-06-30" in note for note in told["notes"])
    assert any("regression to the mean" in warning for warning in told["warnings"])
    # zones made of zones pass it on too
    again = run_tool("patrolzones", {"INPUT": zones, "OUTPUT": "memory:"})
    assert (again["CHOSEN_FROM"], again["CHOSEN_TO"]) == ("2019-01-01", "2019-06-30")


def test_memphis_residents_as_counted_by_qgis(plan, memphis):
    from qgis import processing

    result, zones = plan(memphis["hotspots"], POPULATION=memphis["people"], POPULATION_FIELD="population",
                         GROUP_FIELDS=["fourth", "north"], BOUNDARY=memphis["boundary"])
    points = processing.run("native:reprojectlayer", {
        "INPUT": memphis["people"], "TARGET_CRS": result["OUTPUT"].crs(), "OUTPUT": "memory:"})["OUTPUT"]
    inside = processing.run("native:extractbylocation", {
        "INPUT": points, "PREDICATE": [0], "INTERSECT": result["OUTPUT"], "OUTPUT": "memory:"})["OUTPUT"]
    assert sum(f["population"] for f in inside.getFeatures()) == result["RESIDENTS"] == sum(
        z["residents"] for z in zones)
    notes = record(result)["notes"]
    assert any("'fourth': 25.0 % of the residents of the zones" in n and "1.00 times its share" in n for n in notes)
    north = sum(f["north"] for f in inside.getFeatures())
    assert any(f"'north': {100 * north / result['RESIDENTS']:.1f}" in n for n in notes)


def test_cambridge_sectors_as_boundary_and_areas(plan, shared_data):
    """No crimes there: made-up ones, in real shapes (nested sectors, in feet)."""
    path = shared_data("cambridge_ma/cambridge_ma.gpkg")
    areas, boundary = (f"{path}|layername={name}" for name in ("police_response_districts", "police_sectors"))
    layer = QgsVectorLayer(boundary, "sectors", "ogr")
    box = layer.extent()
    rng = np.random.default_rng(1)
    incidents = QgsVectorLayer(f"Point?crs={layer.crs().authid()}", "made up", "memory")
    features = []
    for x, y in zip(rng.uniform(box.xMinimum(), box.xMaximum(), 800), rng.uniform(box.yMinimum(), box.yMaximum(), 800)):
        feature = QgsFeature()
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(x, y)))
        features.append(feature)
    incidents.dataProvider().addFeatures(features)
    result, zones = plan(areas, INCIDENTS=incidents, BOUNDARY=boundary, MAX_AREA=60, ZONES=5)
    assert len(zones) == 5 and all(z["n"] == z["n_inside"] for z in zones)
    assert result["OUTPUT"].crs().mapUnits() == 0  # metres


@pytest.fixture(scope="module")
def vancouver(shared_data, provider, tmp_path_factory):
    """Incidents of 2023 with types, hot spots, and graffiti as reports of residents that wish for repair."""
    import pandas as pd
    from qgis import processing

    folder = tmp_path_factory.mktemp("vancouver")
    rows = pd.read_csv(shared_data("vancouver/vpd_crime_2023.csv.gz"))
    rows = rows[rows.X > 0].rename(columns={"TYPE": "ctype"})
    parts = rows[["YEAR", "MONTH", "DAY", "HOUR", "MINUTE"]].rename(columns=str.lower)
    rows["when"] = pd.to_datetime(parts).dt.strftime("%Y-%m-%d %H:%M")
    rows["public_pl"] = (~rows.ctype.str.contains("Break and Enter")).map({True: "yes", False: "no"})
    rows[["ctype", "public_pl", "when", "X", "Y"]].to_csv(folder / "incidents.csv", index=False)
    uri = f"file://{folder / 'incidents.csv'}?type=csv&xField=X&yField=Y&crs=EPSG:26910&detectTypes=no&watchFile=no"
    incidents = QgsVectorLayer(uri, "vancouver 2023", "delimitedtext")
    reports = str(folder / "reports.gpkg")
    select(shared_data("vancouver/vancouver.gpkg"), reports,
           "select geom, 'graffiti' as category, 'repair' as wish, min(5, COUNT) as concern from graffiti")
    boundary = f"{shared_data('vancouver/vancouver.gpkg')}|layername=neighbourhoods"
    found = processing.run("hotspot:findhotspots", {
        "INPUT": incidents, "BOUNDARY": boundary, "OUTPUT": "memory:", "HOTSPOTS": "memory:"})
    return {"incidents": incidents, "boundary": boundary, "hotspots": found["HOTSPOTS"], "grid": found["OUTPUT"],
            "reports": reports}


def test_vancouver_graffiti_as_voices(plan, vancouver):
    from qgis import processing

    result, zones = plan(vancouver["hotspots"], INCIDENTS=vancouver["incidents"], DATE_FIELD="when",
                         BOUNDARY=vancouver["boundary"], COMMUNITY=vancouver["reports"], DISTANCE=100, ZONES=8)
    # counted anew by QGIS: reports within 100 m of each zone (rounded corners of a buffer of 200 sides apart)
    near = processing.run("native:buffer", {
        "INPUT": result["OUTPUT"], "DISTANCE": 100, "SEGMENTS": 50, "OUTPUT": "memory:"})["OUTPUT"]
    reports = processing.run("native:reprojectlayer", {
        "INPUT": vancouver["reports"], "TARGET_CRS": near.crs(), "OUTPUT": "memory:"})["OUTPUT"]
    counted = processing.run("native:countpointsinpolygon", {
        "POLYGONS": near, "POINTS": reports, "FIELD": "counted", "OUTPUT": "memory:"})["OUTPUT"]
    known = [f["counted"] for f in counted.getFeatures()]
    assert [z["voices"] or 0 for z in zones] == pytest.approx([k if k >= 5 else 0 for k in known], abs=2)
    heard = [z for z in zones if z["voices"]]
    assert heard and all(z["top_wish"] == "repair" and z["top_conc"] == "graffiti" for z in heard)
    kinds = {z["kind"] for z in heard}
    assert kinds <= {"environment", "place manager"} and "environment" in kinds
    # a mall is asked for its manager whatever residents wish
    assert all(z["kind"] == "place manager" for z in zones if z["place1_sh"] > 0.5)


def test_vancouver_types_that_no_patrol_sees(plan, vancouver):
    given = {"INCIDENTS": vancouver["incidents"], "DATE_FIELD": "when", "BOUNDARY": vancouver["boundary"], "ZONES": 6}
    cells = QgsVectorLayer("Polygon?crs=EPSG:26910", "cells", "memory")
    features = list(vancouver["grid"].getFeatures())
    for feature in features:
        feature.setFields(cells.fields(), True)
    cells.dataProvider().addFeatures(features)
    left, zones = plan(cells, **given)
    kept, with_them = plan(cells, **given, NOT_PUBLIC=1)
    # 1,832 + 1,193 break-ins are located, two of them outside the boundary
    assert any(text.startswith("3,02") and "are left out (NOT_PUBLIC)" in text for text in record(left)["notes"])
    assert [z["n"] for z in zones] != [z["n"] for z in with_them]
    assert sum(z["n"] for z in zones) < sum(z["n"] for z in with_them)
    assert all(z["n_inside"] >= z["n"] for z in zones + with_them)


@pytest.mark.parametrize("seconds", [0.05, 0.3, 0.8])
def test_cancelled_within_a_second_with_many_reports(run_tool, seconds):
    rng = np.random.default_rng(1)
    boxes = [(c * 160, r * 160, 150, 150) for c in range(40) for r in range(40)]
    at = rng.uniform(0, 6400, (20_000, 2)).tolist()
    incidents = marked(at, proactive=(rng.random(len(at)) < 0.3).tolist())
    reports = marked(at, wish=["light"] * len(at), voice_id=[f"v{i // 2}" for i in range(len(at))])
    feedback = QgsProcessingFeedback()
    cancelled = []

    def stop():
        cancelled.append(time.perf_counter())
        feedback.cancel()

    timer = threading.Timer(seconds, stop)
    timer.start()
    try:
        run_tool("patrolzones", {"INPUT": polygons(boxes), "INCIDENTS": incidents, "COMMUNITY": reports, "ZONES": 20,
                                 "BUDGET_KIND": 0, "BUDGET": 80, "OUTPUT": "memory:"}, feedback=feedback)
    except QgsProcessingException as error:
        assert "cancelled" in str(error) and time.perf_counter() - cancelled[0] < 1.0
    finally:
        timer.cancel()
