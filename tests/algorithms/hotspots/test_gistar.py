"""The hot spot analysis as a user runs it: layers in, layers out, refusals in words."""

from __future__ import annotations

import json
import threading
import time

import numpy as np
import pytest
from qgis import processing
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsRectangle,
    QgsVectorLayer,
)

from tests.algorithms.samples import Listener

# 200 made-up crimes on 10 x 10 cells of 100 m, row 0 = south (as in tests/analysis/hotspots/test_gistar.py)
TOY = np.array(
    [
        [1, 0, 1, 1, 0, 3, 2, 0, 0, 0], [1, 0, 2, 1, 0, 11, 9, 2, 2, 0], [2, 6, 10, 0, 3, 7, 10, 3, 1, 0],
        [2, 4, 9, 2, 2, 3, 3, 1, 0, 1], [1, 0, 2, 0, 0, 1, 0, 2, 1, 3], [3, 3, 0, 0, 2, 2, 7, 2, 2, 2],
        [0, 0, 0, 1, 0, 1, 15, 7, 3, 0], [1, 0, 0, 2, 3, 2, 2, 6, 1, 0], [0, 1, 1, 1, 0, 1, 0, 2, 0, 1],
        [2, 0, 1, 2, 0, 3, 0, 1, 0, 2],
    ]
)  # fmt: skip
#: R spdep and esda (binary weights), cells within 141.42 m, self included
FIRST = [-1.1109494932694934, -1.0694664501533564, -1.0694664501533564, -1.0694664501533564, 0.6111236858019179]
QUEEN, ROOK, BAND, NEAREST = range(4)
AUTOMATIC, NORMAL, PERMUTATION = range(3)


def cells(values: np.ndarray, size: float = 100.0, points: bool = False, crs: str = "EPSG:32630") -> QgsVectorLayer:
    """Make a layer of square cells, or of their centres, with a field ``n`` and a name."""
    kind = "Point" if points else "Polygon"
    layer = QgsVectorLayer(f"{kind}?crs={crs}&field=name:string&field=n:double", "toy", "memory")
    features = []
    for (row, column), value in np.ndenumerate(np.asarray(values, dtype=object)):
        x, y = 430_000 + column * size, 5_960_000 + row * size
        box = QgsRectangle(x, y, x + size, y + size)
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromPointXY(box.center()) if points else QgsGeometry.fromRect(box))
        feature.setAttributes([f"cell {row} {column}", None if value is None else float(value)])
        features.append(feature)
    added, _ = layer.dataProvider().addFeatures(features)
    assert added
    return layer


def column(layer: QgsVectorLayer, name: str) -> np.ndarray:
    """Return a field's values; NaN for null."""
    index = layer.fields().indexOf(name)
    values = [f.attributes()[index] for f in layer.getFeatures()]
    return np.array([v if isinstance(v, (int, float)) else np.nan for v in values], float)


@pytest.fixture
def gistar(run_tool):
    """Run the tool with defaults; returns results and the output layer."""

    def run(layer, **options):
        context = options.pop("context", QgsProcessingContext())
        feedback = options.pop("feedback", None)
        settings = {"INPUT": layer, "FIELD": "n", "OUTPUT": "memory:", **options}
        results = run_tool("gistar", settings, context=context, feedback=feedback)
        return results, results["OUTPUT"]

    return run


def test_toy_grid_gives_the_reference_numbers_and_bins(gistar) -> None:
    results, layer = gistar(cells(TOY), METHOD=NORMAL)
    z = column(layer, "GiZScore")
    np.testing.assert_allclose(z[:5], FIRST, rtol=1e-12)
    assert z.argmax() == 26
    assert z.max() == pytest.approx(3.930324602966723, rel=1e-12)
    bins = column(layer, "Gi_Bin")
    assert {int(b): int((bins == b).sum()) for b in np.unique(bins)} == {0: 94, 2: 3, 3: 3}
    assert column(layer, "NNeighbors")[[0, 1, 11]].tolist() == [3, 5, 8]
    assert [f.name() for f in layer.fields()] == ["name", "n", "GiZScore", "GiPValue", "Gi_Bin", "NNeighbors"]
    assert (results["HOT_99"], results["HOT_95"], results["HOT_90"]) == (3, 3, 0)
    assert (results["COLD_99"], results["COLD_95"], results["COLD_90"]) == (0, 0, 0)
    assert (results["TESTED"], results["ISOLATED"], results["DISTANCE_USED"]) == (100, 0, None)


def test_without_control_only_the_bin_changes(gistar) -> None:
    _, with_control = gistar(cells(TOY), METHOD=NORMAL)
    results, without = gistar(cells(TOY), METHOD=NORMAL, FDR=False)
    for name in ("GiZScore", "GiPValue"):
        np.testing.assert_array_equal(column(with_control, name), column(without, name))
    bins = column(without, "Gi_Bin")
    assert {int(b): int((bins == b).sum()) for b in np.unique(bins)} == {-1: 2, 0: 80, 1: 2, 2: 9, 3: 7}
    assert (results["HOT_99"], results["HOT_95"], results["HOT_90"], results["COLD_90"]) == (7, 9, 2, 2)


@pytest.mark.parametrize("points", [False, True])
def test_neighbours_by_distance_and_by_rank_agree_with_corners(gistar, points: bool) -> None:
    layer = cells(TOY, points=points)
    results, band = gistar(layer, METHOD=NORMAL, NEIGHBOURS=BAND, DISTANCE=100 * 2**0.5)
    np.testing.assert_allclose(column(band, "GiZScore")[:5], FIRST, rtol=1e-9)
    assert results["DISTANCE_USED"] == pytest.approx(141.4214, abs=1e-4)
    results, rook = gistar(layer, METHOD=NORMAL, NEIGHBOURS=BAND)  # 0: the shortest that leaves nobody alone
    assert results["DISTANCE_USED"] == pytest.approx(100.0)
    np.testing.assert_allclose(column(rook, "GiZScore")[:2], [-0.8507896026720798, -1.1109494932694934], rtol=1e-9)
    _, nearest = gistar(layer, METHOD=NORMAL, NEIGHBOURS=NEAREST, K=8)
    inner = [11, 45, 78]
    np.testing.assert_allclose(column(nearest, "GiZScore")[inner], column(band, "GiZScore")[inner])


def test_rook_and_the_place_left_out(gistar) -> None:
    _, rook = gistar(cells(TOY), METHOD=NORMAL, NEIGHBOURS=ROOK)
    np.testing.assert_allclose(column(rook, "GiZScore")[:2], [-0.8507896026720798, -1.1109494932694934], rtol=1e-12)
    _, plain = gistar(cells(TOY), METHOD=NORMAL, INCLUDE_SELF=False)
    np.testing.assert_allclose(column(plain, "GiZScore")[:2], [-1.065397054095386, -0.8474202164694009], rtol=1e-12)


def test_automatic_says_how_it_tested_and_keeps_z(gistar) -> None:
    told = Listener()
    _, automatic = gistar(cells(TOY), feedback=told)
    _, normal = gistar(cells(TOY), METHOD=NORMAL)
    np.testing.assert_array_equal(column(automatic, "GiZScore"), column(normal, "GiZScore"))
    assert (column(automatic, "GiPValue") != column(normal, "GiPValue")).mean() > 0.9
    assert any("100 places were tested by the exact distribution" in text for text in told.infos)
    assert any("6.8 neighbours on average" in text for text in told.infos)


def test_the_normal_curve_on_sparse_counts_is_warned_of(gistar) -> None:
    told = Listener()
    gistar(cells(TOY), METHOD=NORMAL, feedback=told)
    assert any("100 places" in text and "automatic" in text for text in told.warnings)


def test_permutations_repeat_with_their_seed(gistar) -> None:
    options = {"METHOD": PERMUTATION, "PERMUTATIONS": 9_999}
    _, first = gistar(cells(TOY), SEED=5, **options)
    _, again = gistar(cells(TOY), SEED=5, **options)
    _, other = gistar(cells(TOY), SEED=6, **options)
    p = column(first, "GiPValue")
    np.testing.assert_array_equal(p, column(again, "GiPValue"))
    assert (p != column(other, "GiPValue")).any()
    np.testing.assert_allclose(p, column(other, "GiPValue"), atol=0.05)
    assert p.min() >= 2 / 10_000


def test_places_without_value_or_neighbour_are_empty_not_zero(gistar) -> None:
    values = TOY.astype(object)
    values[4, 4] = None
    layer = cells(values)
    far = QgsFeature(layer.fields())
    far.setGeometry(QgsGeometry.fromRect(QgsRectangle(500_000, 5_960_000, 500_100, 5_960_100)))
    far.setAttributes(["far", 7.0])
    layer.dataProvider().addFeatures([far])
    told = Listener()
    results, out = gistar(layer, feedback=told)
    for row in (44, 100):
        for name in ("GiZScore", "GiPValue", "Gi_Bin"):
            assert np.isnan(column(out, name)[row])
    assert np.isnan(column(out, "NNeighbors")[44])
    assert column(out, "NNeighbors")[100] == 0
    assert column(out, "NNeighbors")[45] == 7
    assert (results["TESTED"], results["ISOLATED"]) == (99, 1)
    assert any("1 places have no number" in text for text in told.warnings)
    assert any("1 of 100 places have no neighbour" in text for text in told.warnings)


def test_a_constant_field_is_told_and_gives_no_score(gistar) -> None:
    told = Listener()
    results, layer = gistar(cells(np.ones((6, 6))), feedback=told)
    assert np.isnan(column(layer, "GiZScore")).all()
    assert np.isnan(column(layer, "Gi_Bin")).all()
    assert layer.fields().field("Gi_Bin").typeName() in ("integer", "int8")
    assert results["TESTED"] == 0
    assert any("nothing to find" in text for text in told.warnings)


@pytest.mark.parametrize(
    ("points", "options", "words"),
    [
        (True, {"NEIGHBOURS": QUEEN}, r"\(NEIGHBOURS\): Points have no sides or corners"),
        (False, {"METHOD": PERMUTATION, "PERMUTATIONS": 999}, r"\(PERMUTATIONS\): .*at least 3999 permutations"),
        (False, {"NEIGHBOURS": NEAREST, "K": 100}, r"\(K\): .*between 1 and 99"),
        (False, {"FIELD": "nowhere"}, "nowhere"),
        (False, {"FIELD": "name"}, r"\(FIELD\): .*number"),
    ],
)
def test_refusals_name_the_parameter_and_the_remedy(gistar, points: bool, options: dict, words: str) -> None:
    with pytest.raises(QgsProcessingException, match=words):
        gistar(cells(TOY, points=points), **options)


def test_two_places_are_too_few(gistar) -> None:
    with pytest.raises(QgsProcessingException, match="at least 3 are needed"):
        gistar(cells(np.array([[1, 2]])))


def test_places_at_one_point_need_a_distance(gistar) -> None:
    layer = cells(TOY, size=0.0, points=True)
    with pytest.raises(QgsProcessingException, match=r"\(DISTANCE\): .*Give the distance"):
        gistar(layer, NEIGHBOURS=BAND)


def test_a_layer_in_degrees_is_analysed_in_metres(gistar) -> None:
    layer = cells(TOY)
    degrees = processing.run(
        "native:reprojectlayer", {"INPUT": layer, "TARGET_CRS": "EPSG:4326", "OUTPUT": "memory:"}
    )["OUTPUT"]
    results, out = gistar(degrees, METHOD=NORMAL, NEIGHBOURS=BAND, DISTANCE=141.6)
    np.testing.assert_allclose(column(out, "GiZScore")[:5], FIRST, rtol=1e-9)
    _, corners = gistar(degrees, METHOD=NORMAL)
    np.testing.assert_allclose(column(corners, "GiZScore")[:5], FIRST, rtol=1e-9)
    assert not out.crs().isGeographic()
    assert results["DISTANCE_USED"] == pytest.approx(141.6)


def test_the_result_is_drawn_by_bin_with_words(gistar, tmp_path) -> None:
    path = str(tmp_path / "hot.gpkg")
    gistar(cells(TOY), OUTPUT=path)
    layer = QgsVectorLayer(path, "hot", "ogr")
    assert layer.renderer().classAttribute() == "Gi_Bin"
    labels = [entry.label() for entry in layer.renderer().categories()]
    assert "Hot spot, 99 % confidence" in labels
    assert "Not significant" in labels


def test_the_record_holds_what_a_repetition_needs(gistar) -> None:
    results, _ = gistar(cells(TOY), METHOD=PERMUTATION, PERMUTATIONS=9_999, SEED=42)
    record = json.loads(results["PROVENANCE"])
    text = json.dumps(record)
    assert "gistar" in text
    assert "9999" in text
    assert "42" in text


def test_cancelling_stops_within_a_second(gistar) -> None:
    feedback = QgsProcessingFeedback()
    asked = []

    def cancel():
        asked.append(time.monotonic())
        feedback.cancel()

    timer = threading.Timer(0.5, cancel)
    timer.start()
    with pytest.raises(QgsProcessingException, match="cancelled"):
        gistar(cells(TOY), METHOD=PERMUTATION, PERMUTATIONS=100_000_000, feedback=feedback)
    assert time.monotonic() - asked[0] < 1.0


def test_memphis_robberies_on_a_grid_against_the_formula_with_full_matrices(gistar, shared_data) -> None:
    source = f"{shared_data('memphis/memphis.gpkg')}|layername=robberies"
    metres = processing.run(
        "native:reprojectlayer", {"INPUT": source, "TARGET_CRS": "EPSG:32615", "OUTPUT": "memory:"}
    )["OUTPUT"]
    grid = processing.run(
        "native:creategrid",
        {"TYPE": 2, "EXTENT": metres.extent(), "HSPACING": 1000, "VSPACING": 1000, "CRS": "EPSG:32615",
         "OUTPUT": "memory:"},
    )["OUTPUT"]  # fmt: skip
    counted = processing.run(
        "native:countpointsinpolygon", {"POLYGONS": grid, "POINTS": metres, "FIELD": "n", "OUTPUT": "memory:"}
    )["OUTPUT"]
    results, out = gistar(counted)
    x = column(counted, "n")
    centre = np.array([[f.geometry().centroid().asPoint().x(), f.geometry().centroid().asPoint().y()]
                       for f in counted.getFeatures()])  # fmt: skip
    near = (np.abs(centre[:, None, :] - centre[None, :, :]).max(axis=2) < 1500).astype(float)  # self included
    n, k = x.size, near.sum(axis=1)
    z = (near @ x - x.mean() * k) / (x.std() * np.sqrt((n * k - k**2) / (n - 1)))
    np.testing.assert_allclose(column(out, "GiZScore"), z, rtol=1e-9)
    assert x.sum() > 2000
    assert results["HOT_99"] >= 5
    hot = column(out, "Gi_Bin") >= 2
    assert x[hot].mean() > 3 * x.mean()


def test_point_type_is_kept(gistar) -> None:
    _, out = gistar(cells(TOY, points=True), NEIGHBOURS=NEAREST)
    assert next(out.getFeatures()).geometry().asPoint() == QgsPointXY(430_050, 5_960_050)
