"""Generate patrol zones, as a user runs it."""

from __future__ import annotations

import itertools
import json
import threading
import time

import numpy as np
import pytest
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
)

from tests.algorithms.patrol.zoning import lines, marked, places, polygons


def points(at, whens=None):
    """A layer of points, with their dates as text where given."""
    return marked(at, when=whens) if whens else marked(at)


@pytest.fixture
def five():
    return polygons(places(5), {"n": [40, 10, 30, 20, None]})


def test_the_largest_come_first(plan, five):
    result, zones = plan(five, ZONES=3)
    assert [z["n"] for z in zones] == [40, 30, 20] and [z["rank"] for z in zones] == [1, 2, 3]
    assert [z["zone_id"] for z in zones] == ["Z1", "Z2", "Z3"]
    assert result["ZONE_COUNT"] == 3 and result["GAP"] == 0 and type(result["ZONE_COUNT"]) is int
    assert result["INCIDENT_SHARE"] == pytest.approx(0.9)  # of those in the areas given
    assert result["ZONE_AREA"] == pytest.approx(3.0) and result["AREA_SHARE"] == pytest.approx(0.6)
    assert result["OFFICER_HOURS"] == pytest.approx(3 * 4 * 20 * 2 / 60)
    assert result["NEXT_ZONE_GAIN"] == 10 and result["NEXT_GAIN"] is None
    assert all(z["residents"] is None and z["peak_days"] is None and z["street_km"] is None for z in zones)
    assert all(z["n_inside"] is None and z["peak_n"] is None for z in zones)


def test_hours_limit_the_number_of_zones(plan, five):
    result, zones = plan(five, BUDGET=6.0)
    assert [z["n"] for z in zones] == [40, 30]
    assert result["OFFICER_HOURS"] == pytest.approx(16 / 3) and zones[0]["hours"] == pytest.approx(8 / 3)
    # 0.67 hours are left of the 2.67 that a zone takes
    assert result["NEXT_COST"] == pytest.approx(2.0) and result["NEXT_GAIN"] == 20
    assert zones[0]["next_gain"] == pytest.approx(30 / (8 / 3)) and zones[1]["next_gain"] == pytest.approx(10.0)


@pytest.mark.parametrize("seed", range(4))
def test_the_choice_is_the_best_of_all(plan, seed):
    rng = np.random.default_rng(seed)
    sides, n = rng.uniform(60, 250, 9), rng.integers(3, 60, 9)
    areas = polygons([(i * 1000, 0, side, side) for i, side in enumerate(sides)], {"n": n})
    result, zones = plan(areas, BUDGET_KIND=0, BUDGET=9.0, ZONES=4, MERGE_DISTANCE=0)
    hectares = sides**2 / 1e4
    best = max(n[list(s)].sum() for k in range(5) for s in itertools.combinations(range(9), k)
               if hectares[list(s)].sum() <= 9.0)
    assert sum(z["n"] for z in zones) == best and result["ZONE_AREA"] <= 9.0 and result["GAP"] == 0
    more = max(n[list(s)].sum() for k in range(5) for s in itertools.combinations(range(9), k)
               if hectares[list(s)].sum() <= 9.0 + result["NEXT_COST"])
    assert result["NEXT_GAIN"] == pytest.approx(more - best)


def test_kilometres_of_street_are_the_budget(plan):
    areas = polygons(places(3), {"n": [30, 20, 15]})
    streets = lines([[(-50, 50), (150, 50)], [(0, 80), (100, 80)], [(1000, 10), (1100, 10)], [(2000, 10), (2100, 10)]])
    result, zones = plan(areas, STREETS=streets, BUDGET_KIND=1, BUDGET=0.2)
    # the first holds 200 m and 30 incidents, the other two 100 m each and 35 together
    assert [z["n"] for z in zones] == [20, 15] and result["STREET_KM"] == pytest.approx(0.2)
    assert zones[0]["street_km"] == pytest.approx(0.1) and zones[0]["next_gain"] == pytest.approx(150)


def test_near_areas_become_one_zone_up_to_the_largest(plan):
    areas = polygons([(0, 0, 100, 100), (150, 0, 100, 100), (1000, 0, 100, 100)], {"n": [30, 20, 25]})
    _, zones = plan(areas, MERGE_DISTANCE=60)
    assert [(z["n"], z["areas_in"]) for z in zones] == [(50, 2), (25, 1)]
    assert 2.0 < zones[0]["area_ha"] <= 2.51  # the gap is ground to walk
    _, zones = plan(areas, MERGE_DISTANCE=40)
    assert [z["n"] for z in zones] == [30, 25, 20]
    _, zones = plan(areas, MERGE_DISTANCE=60, MAX_AREA=2.2)
    assert [z["n"] for z in zones] == [30, 25, 20]
    # a budget too small for both takes the heart of the pair
    _, zones = plan(areas, MERGE_DISTANCE=60, BUDGET_KIND=0, BUDGET=1.0)
    assert [z["n"] for z in zones] == [30]


def test_the_boundary_cuts_zones_and_drops_what_lies_outside(plan, five):
    result, zones = plan(five, BOUNDARY=polygons([(-500, -500, 1550, 1000)]))
    assert [(z["n"], round(z["area_ha"], 3)) for z in zones] == [(40, 1.0), (10, 0.5)]
    assert result["AREA_SHARE"] == pytest.approx(1.5 / 155)


def test_incidents_are_counted_where_the_areas_have_no_number(plan):
    incidents = points([(50, 50)] * 3 + [(1050, 50)] * 5 + [(9000, 9000)] * 2)
    result, zones = plan(polygons(places(2)), INCIDENTS=incidents)
    assert [(z["n"], z["n_inside"]) for z in zones] == [(5, 5), (3, 3)]
    assert result["INCIDENT_SHARE"] == pytest.approx(0.8)


def test_a_share_carried_by_the_hot_spots_tells_the_share_of_all(plan):
    result, _ = plan(polygons(places(2), {"n": [30, 10], "share": [0.15, 0.05]}), ZONES=1)
    assert result["INCIDENT_SHARE"] == pytest.approx(0.15)


NIGHT = [f"2024-01-{day:02d} {hour:02d}:{minute:02d}" for day in (5, 6, 12, 13) for hour in (22, 23)
         for minute in (5, 20, 35, 50)]
MORNING = [f"2024-01-{day:02d} 09:{minute:02d}" for day in range(1, 8) for minute in (10, 30)]


def test_peaks(plan):
    whens = NIGHT + MORNING
    incidents = points([(50, 50 + i % 7) for i in range(len(NIGHT))] + [(1050, 50)] * len(MORNING), whens)
    result, zones = plan(polygons(places(2), {"n": [32, 14]}), INCIDENTS=incidents, DATE_FIELD="when", PEAK_HOURS=4)
    assert (zones[0]["peak_days"], zones[0]["peak_share"], zones[0]["peak_n"]) == ("Fri-Sat", 1.0, 32)
    assert zones[0]["peak_from"] <= "22:00" and zones[0]["peak_to"] in ("00:00", "01:00", "02:00", "03:00")
    # fourteen incidents have no peak
    assert (zones[1]["peak_days"], zones[1]["peak_from"], zones[1]["peak_n"]) == (None, None, 14)
    notes = json.loads(result["PROVENANCE"])["notes"]
    assert any("46 incidents with a known time" in note for note in notes)  # the peak of all is told


def test_shifts_are_what_peaks_are_told_in(plan):
    incidents = points([(50, 50)] * len(NIGHT), NIGHT)
    _, zones = plan(polygons(places(1), {"n": [32]}), INCIDENTS=incidents, DATE_FIELD="when",
                    SHIFTS="06-14,14-22,22-06")
    assert (zones[0]["peak_from"], zones[0]["peak_to"]) == ("22:00", "06:00")


def test_months_tell_no_hours(plan):
    whens = [f"2024-{month:02d}" for month in range(1, 13)] * 5
    result, zones = plan(polygons(places(1), {"n": [60]}), INCIDENTS=points([(50, 50)] * 60, whens), DATE_FIELD="when")
    assert zones[0]["peak_days"] is None and zones[0]["peak_n"] == 0
    assert "In 2024, " in result["SUMMARY"]
    assert any("only 0 of 60" in note for note in json.loads(result["PROVENANCE"])["notes"])


def test_a_single_place_asks_for_its_manager(plan):
    spread = [(10 + 10 * (i % 8), 1 * i) for i in range(12)]
    incidents = points([(50, 50)] * 12 + [(1000 + x, y) for x, y in spread])
    result, zones = plan(polygons(places(2), {"n": [12, 12]}), INCIDENTS=incidents)
    kinds = {z["place1_sh"]: z["kind"] for z in zones}
    assert kinds[1.0] == "place manager" and sorted(kinds.values()) == ["patrol", "place manager"]
    # without incidents the hot spots' own field is used
    _, zones = plan(polygons(places(2), {"n": [12, 11], "place1_sh": [0.6, 0.5]}))
    assert [z["kind"] for z in zones] == ["place manager", "patrol"]


def test_residents_and_who_was_not_asked(plan, five, run_tool, tmp_path):
    census = polygons([(0, 0, 50, 100), (1000, 0, 200, 100), (8000, 0, 100, 100)], {"people": [80, 60, 260],
                                                                                   "young": [40, 6, 26]})
    page = tmp_path / "with.html"
    result, zones = plan(five, POPULATION=census, POPULATION_FIELD="people", GROUP_FIELDS=["young"], REPORT=str(page))
    assert {z["n"]: z["residents"] for z in zones} == {40: 80, 10: 30, 30: 0, 20: 0}
    assert result["RESIDENTS"] == 110
    text = page.read_text(encoding="utf-8").replace("\u00a0", " ")
    assert "110 of 400 residents (27.5 %)" in text and "39.1 %" in text and "not checked" not in text
    page = tmp_path / "without.html"
    result, _ = plan(five, REPORT=str(page))
    assert "Who lives there was not checked" in page.read_text(encoding="utf-8")
    assert any("not checked" in w for w in json.loads(result["PROVENANCE"])["warnings"])
    assert result["RESIDENTS"] is None


def test_the_report_and_what_lies_beside_it(plan, five, tmp_path):
    page = tmp_path / "zones.html"
    result, _ = plan(five, BUDGET=9, REPORT=str(page))
    text = page.read_text(encoding="utf-8")
    assert result["SUMMARY"].split(",")[0] in text and "drop visits, not minutes" in text
    assert "What these zones cannot say" in text and "http://" not in text.replace("http://www.w3.org", "")
    names = {p.name for p in tmp_path.iterdir()}
    assert {"zones_map.png", "zones_zones.csv", "zones_visits.csv"} <= names
    assert (tmp_path / "zones_map.png").stat().st_size > 5000


def test_zones_are_styled_and_labelled(run_tool, load_results, five):
    result = load_results("hotspot:patrolzones", {"INPUT": five, "OUTPUT": "TEMPORARY_OUTPUT"})
    layer = QgsProject.instance().mapLayer(result["OUTPUT"])
    labels = [c.label() for c in layer.renderer().categories()]
    assert labels == ["Ranks 1 to 2: half of the zones' incidents", "The other zones"]
    assert layer.labelsEnabled() and layer.labeling().settings().fieldName in ("rank", '"rank"')
    assert layer.attributeAlias(layer.fields().indexOf("peak_days")) == "Days on which incidents gather"
    QgsProject.instance().removeAllMapLayers()


def test_degrees_are_projected(run_tool):
    layer = QgsVectorLayer("Polygon?crs=EPSG:4326&field=n:integer", "areas", "memory")
    feature = QgsFeature(layer.fields())
    feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(-1.5, 53.8, -1.499, 53.801)))
    feature.setAttributes([7])
    layer.dataProvider().addFeatures([feature])
    result = run_tool("patrolzones", {"INPUT": layer, "OUTPUT": "memory:"})
    assert result["OUTPUT"].crs().authid() == "EPSG:32630" and 0.7 < result["ZONE_AREA"] < 0.75


@pytest.mark.parametrize("columns, parameters, message", [
    ({"count": [1, 2]}, {}, r"WEIGHT_FIELD\): The layer has no field 'n'"),
    ({"n": [1, -2]}, {}, "negative numbers"),
    ({"n": [0, None]}, {}, r"INPUT\): No area holds an incident \(n\)"),
    ({"n": [5, 6]}, {"BUDGET": 1.0}, "1.00 officer-hours a day do not pay for one zone, which takes 2.67.*drop visits"),
    ({"n": [5, 6]}, {"BUDGET": 0.5, "BUDGET_KIND": 0}, "0.500 hectares do not pay for one zone"),
    ({"n": [5, 6]}, {"BUDGET": 2.0, "BUDGET_KIND": 1}, r"STREETS\): A budget in kilometres of street needs"),
    ({"n": [5, 6]}, {"MAX_AREA": 0.5}, r"MAX_AREA\): All areas with incidents are larger than 0.5 hectares"),
    ({"n": [5, 6]}, {"SHIFTS": "morning"}, "'morning' is not a shift. Write shifts like"),
])
def test_refusals_name_the_remedy(run_tool, columns, parameters, message):
    with pytest.raises(QgsProcessingException, match=message):
        run_tool("patrolzones", {"INPUT": polygons(places(2), columns), "OUTPUT": "memory:", **parameters})


def test_layers_that_do_not_meet_are_refused(run_tool, five):
    far = polygons([(90_000, 0, 100, 100)], {"people": [5]})
    for parameters, message in (
        ({"BOUNDARY": far}, "No area with incidents lies within the boundary"),
        ({"STREETS": lines([[(90_000, 0), (90_100, 0)]]), "BUDGET_KIND": 1, "BUDGET": 1}, "No street lies in any area"),
        ({"POPULATION": far}, "Choose the field of the population layer"),
        ({"INCIDENTS": points([(0, 0)]), "BOUNDARY": far}, "No incident lies within the boundary"),
    ):
        with pytest.raises(QgsProcessingException, match=message):
            run_tool("patrolzones", {"INPUT": five, "OUTPUT": "memory:", **parameters})


def test_the_order_of_the_rows_changes_nothing(plan):
    rng = np.random.default_rng(3)
    boxes = [(c * 150, r * 150, 150, 150) for c in range(7) for r in range(7)]
    n = rng.integers(1, 4, 49)
    order = rng.permutation(49)

    def outcome(rows_order):
        areas = polygons([boxes[i] for i in rows_order], {"n": n[rows_order]})
        _, zones = plan(areas, ZONES=4, BUDGET_KIND=0, BUDGET=30)
        return [(z["n"], z["areas_in"]) for z in zones]

    assert outcome(np.arange(49)) == outcome(order)


class Cancelling(QgsProcessingFeedback):
    """Cancels after some seconds and remembers when."""

    def __init__(self, seconds):
        super().__init__()
        self.at = None
        self.timer = threading.Timer(seconds, self.stop)
        self.timer.start()

    def stop(self):
        self.at = time.perf_counter()
        self.cancel()


@pytest.mark.parametrize("side", [28, 63])
@pytest.mark.parametrize("seconds", [0.05, 0.6, 1.5])
def test_cancelled_within_a_second(run_tool, side, seconds):
    rng = np.random.default_rng(side)
    boxes = [(c * 160, r * 160, 150, 150) for c in range(side) for r in range(side)]
    areas = polygons(boxes, {"n": rng.poisson(3, side * side) + 1})
    feedback = Cancelling(seconds)
    parameters = {"INPUT": areas, "OUTPUT": "memory:", "BUDGET_KIND": 0, "BUDGET": 80, "ZONES": 20}
    try:
        run_tool("patrolzones", parameters, feedback=feedback)
    except QgsProcessingException as error:
        assert "cancelled" in str(error)
        assert time.perf_counter() - feedback.at < 1.0
    else:
        assert feedback.at is None, "ran on after it was cancelled"
    finally:
        feedback.timer.cancel()


@pytest.fixture(scope="module")
def vancouver(shared_data, provider, tmp_path_factory):
    """Incidents of 2023, the city's boundary, and the hot spots found in them."""
    import pandas as pd
    from qgis import processing

    rows = pd.read_csv(shared_data("vancouver/vpd_crime_2023.csv.gz"))
    rows = rows[rows.X > 0]
    parts = rows[["YEAR", "MONTH", "DAY", "HOUR", "MINUTE"]].rename(columns=str.lower)
    rows["when"] = pd.to_datetime(parts).dt.strftime("%Y-%m-%d %H:%M")
    path = tmp_path_factory.mktemp("vancouver") / "incidents.csv"
    rows[["TYPE", "when", "X", "Y"]].to_csv(path, index=False)
    uri = f"file://{path}?type=csv&xField=X&yField=Y&crs=EPSG:26910&detectTypes=no&spatialIndex=no&watchFile=no"
    incidents = QgsVectorLayer(uri, "vancouver 2023", "delimitedtext")
    boundary = f"{shared_data('vancouver/vancouver.gpkg')}|layername=neighbourhoods"
    found = processing.run("hotspot:findhotspots", {
        "INPUT": incidents, "BOUNDARY": boundary, "OUTPUT": "memory:", "HOTSPOTS": "memory:"})
    return {"incidents": incidents, "boundary": boundary, "hotspots": found["HOTSPOTS"], "grid": found["OUTPUT"]}


def test_vancouver_hot_spots_become_zones(plan, vancouver):
    result, zones = plan(vancouver["hotspots"], INCIDENTS=vancouver["incidents"], DATE_FIELD="when",
                         BOUNDARY=vancouver["boundary"], ZONES=10)
    assert result["ZONE_COUNT"] == 10 and result["GAP"] == 0
    assert max(z["area_ha"] for z in zones) <= 10.0 + 1e-6
    # a quarter of the located crime on less than one per cent of the land
    assert result["INCIDENT_SHARE"] > 0.2 and result["AREA_SHARE"] < 0.01
    assert [z["n"] for z in zones] == sorted((z["n"] for z in zones), reverse=True)
    assert all(z["peak_days"] for z in zones) and all(0 < z["peak_share"] <= 1 for z in zones)
    # midnight stands for "unknown" in these data: no zone may peak there on its account
    warnings = json.loads(result["PROVENANCE"])["notes"]
    assert any("written at 00:00" in w for w in warnings)
    # two blocks (a shopping mall each) hold nearly all of their zones
    assert sum(z["kind"] == "place manager" for z in zones) >= 1


def test_vancouver_choice_by_hectares_equals_milp(plan, vancouver):
    from scipy.optimize import Bounds, LinearConstraint, milp

    features = list(vancouver["hotspots"].getFeatures())
    n = np.array([f["n"] for f in features], float)
    hectares = np.array([f.geometry().area() / 1e4 for f in features])
    result, zones = plan(vancouver["hotspots"], BUDGET_KIND=0, BUDGET=55.5, ZONES=9, MERGE_DISTANCE=0)
    best = milp(-n, constraints=[LinearConstraint(hectares[None, :], -np.inf, 55.5),
                                 LinearConstraint(np.ones((1, len(n))), 0, 9)],
                bounds=Bounds(0, 1), integrality=np.ones(len(n)), options={"mip_rel_gap": 0})
    assert sum(z["n"] for z in zones) == round(-best.fun)
    assert result["ZONE_AREA"] <= 55.5 + 1e-6 and len(zones) <= 9


def test_vancouver_grid_of_thousands_of_cells(plan, vancouver):
    result, zones = plan(vancouver["grid"], INCIDENTS=vancouver["incidents"], BUDGET_KIND=0, BUDGET=60, ZONES=12)
    assert result["ZONE_AREA"] <= 60.0 + 1e-6 and result["GAP"] == 0
    assert max(z["area_ha"] for z in zones) <= 10.0 + 1e-6
    # what the zones were chosen for is what is counted in their ground
    assert all(z["n_inside"] >= z["n"] for z in zones)
    layer = result["OUTPUT"]
    shapes = [f.geometry() for f in layer.getFeatures()]
    assert all(a.intersection(b).area() < 1 for a, b in itertools.combinations(shapes, 2))
