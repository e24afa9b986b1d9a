"""Street permeability as a user runs it: a small known town, refusals that help, real streets."""

from __future__ import annotations

import numpy as np
import pytest
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsVectorLayer,
)

from tests.algorithms.samples import Listener

EAST, NORTH = 430_000.0, 5_960_000.0


def layer_of(kind, shapes, fields=(), rows=None, crs="EPSG:32630"):
    """A memory layer; shapes are lists of corners in metres from a corner of the town."""
    layer = QgsVectorLayer(f"{kind}?crs={crs}" + "".join(f"&field={f}" for f in fields), kind.lower(), "memory")
    features = []
    for i, corners in enumerate(shapes):
        text = ",".join(f"{EAST + x} {NORTH + y}" for x, y in corners)
        wkt = {"LineString": f"LINESTRING({text})", "Polygon": f"POLYGON(({text}))", "Point": f"POINT({text})"}[kind]
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromWkt(wkt))
        if rows:
            feature.setAttributes(list(rows[i]))
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    layer.updateExtents()
    return layer


def lines(*shapes, **more):
    return layer_of("LineString", shapes, **more)


def grid(columns=4, rows=3, side=100.0):
    out = []
    for r in range(rows):
        for c in range(columns):
            if c + 1 < columns:
                out.append([(c * side, r * side), ((c + 1) * side, r * side)])
            if r + 1 < rows:
                out.append([(c * side, r * side), (c * side, (r + 1) * side)])
    return out


STUBS = [[(0, 0), (-100, 0)], [(300, 200), (400, 200)]]


@pytest.fixture
def run(run_tool):
    def go(streets, listener=None, **more):
        given = {"INPUT": streets, "RADIUS": 0, "EDGE_DISTANCE": 0, "OUTPUT": "TEMPORARY_OUTPUT", **more}
        return run_tool("accesscontrol", given, feedback=listener or QgsProcessingFeedback())

    return go


def rows_of(result, name="OUTPUT"):
    layer = result[name]
    layer = layer if isinstance(layer, QgsVectorLayer) else QgsVectorLayer(layer, "out", "ogr")
    names = layer.fields().names()
    return [dict(zip(names, f.attributes())) for f in layer.getFeatures()]


def null(value):
    return value is None or str(value) == "NULL"


# --- the network -----------------------------------------------------------------------------
def test_reference_numbers(run):
    result = run(lines(*grid(), *STUBS))
    assert (result["NODE_COUNT"], result["STREETS"], result["COMPONENTS"], result["DEAD_ENDS"]) == (14, 19, 1, 2)
    assert result["DEAD_END_SHARE"] == pytest.approx(0.142857, abs=5e-7)
    assert result["ALPHA"] == pytest.approx(0.26087, abs=5e-6)
    assert result["BETA"] == pytest.approx(1.35714, abs=5e-6)
    assert result["GAMMA"] == pytest.approx(0.52778, abs=5e-6)
    assert result["THROUGH_MAX"] == pytest.approx(0.20879, abs=5e-6)
    rows = rows_of(result)
    assert [row["dead_end"] for row in rows].count("dead end") == 2
    assert max(row["thru_rank"] for row in rows) > 0.9 and rows[-1]["deg_to"] == 1
    assert "2 of 14 places where streets meet or end (14 %) are dead ends" in result["SUMMARY"]


def test_ends_at_the_edge_of_the_data_are_not_judged(run):
    inside = [[(400, 400), (430, 430)]]
    outward = [[(1000, 500), (1060, 500)]]
    listener = Listener()
    result = run(lines(*grid(11, 11), *inside, *outward), listener, EDGE_DISTANCE=40, RADIUS=300)
    assert (result["DEAD_ENDS"], result["EDGE_ENDS"]) == (1, 1)
    rows = rows_of(result)
    assert rows[-2]["dead_end"] == "dead end" and rows[-1]["dead_end"] == "edge"
    assert rows[-2]["data_sh"] == pytest.approx(1.0, abs=0.02) and rows[-1]["data_sh"] < 0.65
    assert any("through-movement is too low there" in text for text in listener.warnings)
    area = layer_of("Polygon", [[(-500, -500), (2000, -500), (2000, 2000), (-500, 2000), (-500, -500)]])
    assert run(lines(*grid(11, 11), *outward), EDGE_DISTANCE=40, BOUNDARY=area)["EDGE_ENDS"] == 0


def test_paths_lead_on_and_through(run):
    culdesac = [[(300, 0), (350, 0)]]
    paths = lines([(350, 0), (400, 50)], [(400, 50), (300, 100)], [(0, 0), (-50, 0)])
    result = run(lines(*grid(), *culdesac), PATHS=paths)
    rows = rows_of(result)
    assert [row["way"] for row in rows[-3:]] == ["cut-through", "cut-through", "blind alley"]
    assert rows[-4]["dead_end"] == "on by path" and rows[-1]["dead_end"] == "dead end"
    assert (result["CUT_THROUGHS"], result["BLIND_ALLEYS"], result["DEAD_ENDS"]) == (2, 1, 1)
    assert "2 lead through from street to street" in result["SUMMARY"]


def test_paths_of_the_same_layer_by_class(run):
    streets = [*grid(), [(0, 0), (50, 50)], [(50, 50), (100, 100)]]
    kinds = [["residential"]] * 17 + [["Footway"], ["footpath"]]
    listener = Listener()
    result = run(lines(*streets, fields=["highway:string"], rows=kinds), listener, CLASS_FIELD="highway",
                 PATH_VALUES="foot*; alley")
    assert (result["CUT_THROUGHS"], result["BLIND_ALLEYS"]) == (2, 0)
    assert any("match nothing" in text and "alley" in text for text in listener.warnings)


def test_ends_apart_are_joined_within_the_tolerance(run):
    apart = lines([(0, 0), (99.4, 0)], [(100, 0), (200, 0)], [(100, 0), (100, 90)])
    assert run(apart)["COMPONENTS"] == 1
    listener = Listener()
    result = run(apart, listener, TOLERANCE=0.1)
    assert result["COMPONENTS"] == 2 and any("not connected" in text for text in listener.warnings)


def test_streets_drawn_across_junctions_are_cut_when_asked(run):
    streets = [[(0, y), (300, y)] for y in (0, 100, 200)] + [[(x, 0), (x, 200)] for x in (0, 100, 200, 300)]
    listener = Listener()
    result = run(lines(*streets), listener)
    assert result["NOT_JOINED"] == 6 + 2 and result["STREETS"] == 7  # crossings, and ends on the middle street
    result = run(lines(*streets), SPLIT=2)
    assert (result["STREETS"], result["NODE_COUNT"], result["NOT_JOINED"]) == (17, 12, 0)
    assert sum(row["street_m"] for row in rows_of(result)) == pytest.approx(900 + 800)
    assert {row["street_row"] for row in rows_of(result)} == set(range(1, 8))


def test_levels_keep_bridges_apart(run):
    streets = lines([(0, 0), (200, 0)], [(100, -100), (100, 100)], fields=["layer:integer"], rows=[[None], [1]])
    assert run(streets, SPLIT=2)["STREETS"] == 4
    listener = Listener()
    assert run(streets, listener, SPLIT=2, LEVEL_FIELD="layer")["STREETS"] == 2
    assert any("levels differ" in text for text in listener.infos)


def test_node_numbers(run):
    streets = lines([(0, 0), (100, 0)], [(100, 0), (200, 0)], [(100, 0), (100, 50)], fields=["a:integer", "b:integer"],
                    rows=[[1, 2], [7, 3], [2, 4]])
    assert run(streets)["COMPONENTS"] == 1
    result = run(streets, FROM_FIELD="a", TO_FIELD="b")
    assert result["COMPONENTS"] == 2 and result["NODE_COUNT"] == 5
    wrong = lines([(0, 0), (100, 0)], [(5000, 0), (5100, 0)], fields=["a:integer", "b:integer"], rows=[[1, 2], [2, 3]])
    listener = Listener()
    assert run(wrong, listener, FROM_FIELD="a", TO_FIELD="b")["COMPONENTS"] == 2
    assert any("cannot be right" in text for text in listener.warnings)


def test_the_radius_and_time(run):
    chain = lines(*([(i * 100, 0), (i * 100 + 100, 0)] for i in range(4)), fields=["kmh:double", "minutes:double"],
                  rows=[[36, 0.5], [36, 0.5], [None, 0.5], [36, 5]])
    assert [row["through"] for row in rows_of(run(chain, RADIUS=100))] == [1.0] * 4
    assert [row["through"] for row in rows_of(run(chain, RADIUS=0))] == [4.0, 6.0, 6.0, 4.0]
    listener = Listener()
    # 36 km/h take 10 s a street: 0.34 minutes reach two of them
    rows = rows_of(run(chain, listener, COST=1, SPEED_FIELD="kmh", RADIUS_MINUTES=0.34))
    assert [row["through"] for row in rows] == [2.0, 3.0, 3.0, 2.0]
    assert any("1 of 4 streets have no usable value" in text for text in listener.warnings)
    rows = rows_of(run(chain, COST=2, MINUTES_FIELD="minutes", RADIUS_MINUTES=1))
    assert [row["through"] for row in rows] == [2.0, 3.0, 2.0, 0.0]


def test_an_empty_reach_is_an_answer(run):
    result = run(lines(*grid()), RADIUS=50)
    assert result["THROUGH_MAX"] == 0 and result["BUSIEST_SHARE"] is None and "busiest" not in result["SUMMARY"]


# --- what lies along streets and units ---------------------------------------------------------
def test_fences_gaps_and_doors_along_streets(run):
    fences = lines([(0, 8), (40, 8)], [(45, 8), (100, 8)], [(50, 2), (50, 14)])
    walls = lines([(0, -8), (50, -8)])
    doors = layer_of("Point", [[(20, 6)], [(60, 6)], [(60, 80)]])
    listener = Listener()
    result = run(lines([(0, 0), (100, 0)]), listener, BARRIERS=fences, MORE_BARRIERS=walls, ENTRANCES=doors,
                 GAPS="TEMPORARY_OUTPUT")
    row = rows_of(result)[0]
    assert row["bound_l"] == pytest.approx(0.95) and row["bound_r"] == pytest.approx(0.5)
    assert row["bound_sh"] == pytest.approx(0.725) and result["BOUND_SHARE"] == pytest.approx(0.725)
    assert (row["gaps"], row["doors"], result["GAP_COUNT"]) == (1, 2, 1)
    assert row["gap_max"] == pytest.approx(5.0) and row["doors_100m"] == pytest.approx(2.0)
    assert any("1 of 3 entrances" in text for text in listener.warnings)
    gap, = result["GAPS"].getFeatures()
    assert (gap["side"], gap["street_row"]) == ("left", 1) and null(gap["unit_row"])
    assert gap["gap_m"] == pytest.approx(5.0) and gap.geometry().length() == pytest.approx(5.0)
    assert gap.geometry().asPolyline()[0].x() == pytest.approx(EAST + 40)


def test_gaps_need_fences(run):
    listener = Listener()
    assert run(lines([(0, 0), (100, 0)]), listener, GAPS="TEMPORARY_OUTPUT")["GAPS"] is None
    assert any("no gaps to write" in text for text in listener.warnings)


def test_entry_points_of_units(run):
    # a block between centre lines with a cul-de-sac into it; a park that a street and a path run through
    streets = [*grid(3, 2), [(50, 0), (50, 60)], [(300, 50), (500, 50)]]
    block = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
    park = [(350, 0), (450, 0), (450, 100), (350, 100), (350, 0)]
    empty = [(110, 10), (190, 10), (190, 90), (110, 90), (110, 10)]
    units = layer_of("Polygon", [block, park, empty], fields=["name:string"], rows=[["block"], ["park"], ["empty"]])
    paths = lines([(400, 50), (400, -50)])
    doors = layer_of("Point", [[(98, 50)], [(10, 97)], [(60, 40)], [(250, 40)]])
    result = run(lines(*streets), UNITS=units, EDGE_STRIP=10, ENTRANCES=doors, PATHS=paths, SPLIT=1, BARRIERS=lines(
        [(351, 1), (449, 1)], [(449, 1), (449, 99)], [(355, 40), (355, 60)], [(400, 100), (400, 50)]),
        OUTPUT_UNITS="TEMPORARY_OUTPUT")
    rows = {row["name"]: row for row in rows_of(result, "OUTPUT_UNITS")}
    block, park, empty = rows["block"], rows["park"], rows["empty"]
    assert (block["st_in"], block["paths_in"], block["doors"], block["blind_n"]) == (1, 0, 3, 1)
    assert block["entry_100m"] == pytest.approx(1.0) and block["front_m"] == pytest.approx(400)
    assert (park["st_in"], park["paths_in"], park["doors"]) == (2, 1, 0)
    assert park["entry_100m"] == pytest.approx(0.75)
    assert park["bound_sh"] == pytest.approx((98 + 98 + 20) / 400, abs=0.001) and park["gaps"] >= 2
    assert (empty["st_in"], empty["entry_100m"]) == (0, 0.0) and empty["thru_max"] > 0
    assert null(rows_of(result)[0]["data_sh"])
    assert result["UNIT_ENTRIES"] == pytest.approx(100 * 7 / (400 + 400 + 320))


def test_rows_keep_their_attributes(run):
    result = run(lines(*grid(), fields=["name:string"], rows=[[f"S{i}"] for i in range(17)]))
    assert [row["name"] for row in rows_of(result)] == [f"S{i}" for i in range(17)]


def test_what_has_no_length_is_counted(run):
    listener = Listener()
    result = run(lines(*grid(), [(5, 5), (5, 5)]), listener)
    assert result["STREETS"] == 17 and any("have no length" in text for text in listener.infos)


# --- refusals ----------------------------------------------------------------------------------
def test_refusals_name_the_remedy(run):
    streets = lines(*grid(), fields=["kmh:double", "kind:string", "n:integer"], rows=[[None, "path", 1]] * 17)
    for given, words in (
        ({"FROM_FIELD": "n"}, r"TO_FIELD.*Choose the other one"),
        ({"FROM_FIELD": "n", "TO_FIELD": "n", "SPLIT": 1}, r"SPLIT.*cannot be cut"),
        ({"COST": 1}, r"SPEED_FIELD.*measure ways by length"),
        ({"COST": 1, "SPEED_FIELD": "kmh"}, r"SPEED_FIELD.*No street has a value above 0"),
        ({"CLASS_FIELD": "kind"}, r"PATH_VALUES.*Give both"),
        ({"CLASS_FIELD": "kind", "PATH_VALUES": "path"}, r"PATH_VALUES.*All lines would be paths"),
        ({"TOLERANCE": 60}, r"TOLERANCE.*25 m at most"),
    ):
        with pytest.raises(QgsProcessingException, match=words):
            run(streets, **given)


def test_a_street_without_length_alone_is_refused(run):
    with pytest.raises(QgsProcessingException, match="No street has any length"):
        run(lines([(5, 5), (5, 5)]))


# --- real streets --------------------------------------------------------------------------------
@pytest.fixture
def cambridge(shared_data):
    path = shared_data("cambridge_ma/cambridge_ma.gpkg")
    return lambda name: f"{path}|layername={name}"


def test_cambridge(run, cambridge, tmp_path):
    listener = Listener()
    result = run(cambridge("street_centerlines"), listener, RADIUS=1000, EDGE_DISTANCE=30, EDGE_STRIP=12,
                 UNITS=cambridge("blocks_2020"), BARRIERS=cambridge("fences"), MORE_BARRIERS=cambridge("walls"),
                 OUTPUT_UNITS="TEMPORARY_OUTPUT", NODES="TEMPORARY_OUTPUT", REPORT=str(tmp_path / "r.html"))
    assert (result["STREETS"], result["NODE_COUNT"], result["COMPONENTS"]) == (2644, 1872, 2)
    assert result["DEAD_ENDS"] + result["EDGE_ENDS"] == 309 and 30 < result["EDGE_ENDS"] < 80
    assert 0.25 < result["BOUND_SHARE"] < 0.4
    assert len(rows_of(result, "OUTPUT_UNITS")) == 1044 and len(rows_of(result, "NODES")) == 1872
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "Massachusetts Ave" in page and "are dead ends" in page


def test_cambridge_through_movement_is_that_of_networkx(run, cambridge):
    """On the real streets of a part of the town, without a radius, against the public function of networkx."""
    nx = pytest.importorskip("networkx", reason="networkx is on the developers' Python only")
    streets = QgsVectorLayer(cambridge("street_centerlines"), "streets", "ogr")
    assert streets.setSubsetString("\"ZIP_Left\" = '02139'")
    result = run(streets)
    layer = result["OUTPUT"]
    graph, rows = nx.Graph(), []
    corners = {}
    for feature in layer.getFeatures():
        line = feature.geometry()
        points = line.asMultiPolyline()[0] if line.isMultipart() else line.asPolyline()
        ends = []
        for point in (points[0], points[-1]):
            # joined as the tool joins: within a metre, here by looking at all that are known
            at = (point.x(), point.y())
            near = next((k for k, v in corners.items() if np.hypot(v[0] - at[0], v[1] - at[1]) <= 1.0), None)
            near = len(corners) if near is None else near
            corners.setdefault(near, at)
            ends.append(near)
        metres, share = feature["street_m"], feature["thru_share"]
        rows.append((ends[0], ends[1], metres, share))
        a, b = ends
        if a != b and (not graph.has_edge(a, b) or graph[a][b]["metres"] > metres):
            graph.add_edge(a, b, metres=metres)
    assert len(corners) == result["NODE_COUNT"] > 400
    expected = nx.edge_betweenness_centrality(graph, weight="metres", normalized=False)
    pairs = sum(len(part) * (len(part) - 1) // 2 for part in nx.connected_components(graph))
    seen = 0
    for a, b, metres, share in rows:
        if a != b and graph[a][b]["metres"] == metres:
            value = expected[(a, b)] if (a, b) in expected else expected[(b, a)]
            assert share == pytest.approx(value / pairs, abs=1e-9)
            seen += 1
    assert seen > 0.98 * len(rows) > 500
