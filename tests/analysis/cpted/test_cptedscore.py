"""The CPTED score against published and independently computed numbers."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hotspot_plugin.analysis.cpted import cptedscore as scoring
from hotspot_plugin.analysis.cpted.cptedscore import ANY, GEOMETRIC, NOT_SCORED, Scheme
from hotspot_plugin.analysis.errors import Cancelled, InputError

#: Five places by light, vacancy (less is better), frontage and graffiti (less is better).
X = np.array([[12, 3, 0.8, 40], [30, 1, 0.5, 55], [22, 4, 0.9, 10], [8, 0, 0.2, 80], [18, 2, 0.6, 35.0]])
#: Anchors at the least and largest of these, as the reference computation has it.
Z = np.column_stack([
    scoring.on_scale(X[:, 0], 8, 30), scoring.on_scale(X[:, 1], 4, 0), scoring.on_scale(X[:, 2], 0.2, 0.9),
    scoring.on_scale(X[:, 3], 80, 10)])


def scheme(k=4, principle=None, weights=None, among=None, **more):
    principle = np.zeros(k, int) if principle is None else np.asarray(principle)
    return Scheme(principle, np.ones(k) if weights is None else np.asarray(weights, float),
                  np.ones(principle.max() + 1) if among is None else np.asarray(among, float), **more)


def test_saaty_example():
    """METHODS 10 [X]: judgements 1, 3, 5 / 3."""
    found = scoring.pairwise_weights(np.array([[1, 3, 5], [1 / 3, 1, 3], [1 / 5, 1 / 3, 1]]))
    assert found.weights == pytest.approx([0.6369856, 0.2582850, 0.1047294], abs=1e-7)
    assert found.largest == pytest.approx(3.0385110905581745)
    assert found.ratio == pytest.approx(0.033199215998426276)


def test_six_principles_and_a_contradiction(shared_example):
    expected = json.loads(shared_example("ex10_cpted.json").read_text())
    rows = [[1, 2, 3, 3, 4, 5], [1 / 2, 1, 2, 2, 3, 4], [1 / 3, 1 / 2, 1, 1, 2, 3], [1 / 3, 1 / 2, 1, 1, 2, 3],
            [1 / 4, 1 / 3, 1 / 2, 1 / 2, 1, 2], [1 / 5, 1 / 4, 1 / 3, 1 / 3, 1 / 2, 1]]
    found = scoring.pairwise_weights(np.array(rows))
    six = expected["ahp6_cpted(surv,access,terr,maint,activity,image)"]
    assert found.weights == pytest.approx(six["w_eig"]) and found.ratio == pytest.approx(six["CR"])
    wrong = scoring.pairwise_weights(np.array([[1, 5, 1 / 3], [1 / 5, 1, 4], [3, 1 / 4, 1]]))
    assert wrong.ratio == pytest.approx(expected["ahp_inconsistent"]["CR"]) and wrong.ratio > scoring.MOST_INCONSISTENT


@pytest.mark.parametrize("matrix", [
    [[1, 2], [2, 1]], [[1, -1], [-1, 1]], [[1, 2, 3], [1 / 2, 1, 2]], np.ones((11, 11)), [[1, np.nan], [1, 1]],
])
def test_comparisons_that_are_none(matrix):
    with pytest.raises(InputError):
        scoring.pairwise_weights(np.array(matrix, float))


def test_scale_and_means_equal_the_reference(shared_example):
    expected = json.loads(shared_example("ex10_cpted.json").read_text())
    assert Z / 100 == pytest.approx(np.array(expected["entropy"]["Z"]))
    equal = scoring.score(Z, scheme())
    assert equal.overall / 100 == pytest.approx(expected["scores"]["equal"])
    weights = expected["entropy"]["w"]
    linear = scoring.score(Z, scheme(weights=weights))
    assert linear.overall / 100 == pytest.approx(expected["scores"]["linear_entropy"])
    geometric = scoring.score(Z, scheme(weights=weights, mean=GEOMETRIC, floor=1.0))
    assert geometric.overall / 100 == pytest.approx(expected["scores"]["geo_floor0.01"])
    # METHODS 10: the two means order the places differently
    assert "".join("ABCDE"[i] for i in np.argsort(-linear.overall)) == "BCEAD"
    assert "".join("ABCDE"[i] for i in np.argsort(-geometric.overall)) == "BEACD"


def test_first_rank_acceptability(shared_example):
    expected = json.loads(shared_example("ex10_cpted.json").read_text())
    weights = np.random.default_rng(2024).dirichlet(np.ones(4), 20000)
    assert scoring.rank_acceptability(Z, weights).round(4) == pytest.approx(expected["smaa_rank1_acceptability"])


def test_beyond_the_anchors_and_less_is_better():
    assert scoring.on_scale(np.array([-5, 0, 5, 10, 99, np.nan]), 0, 10).tolist()[:5] == [0, 0, 50, 100, 100]
    assert np.isnan(scoring.on_scale(np.array([np.nan]), 0, 10)).all()
    assert scoring.on_scale(np.array([0, 5, 10]), 10, 0).tolist() == [100, 50, 0]
    for low, high in ((3, 3), (np.nan, 1)):
        with pytest.raises(InputError, match="two different numbers"):
            scoring.on_scale(np.array([1.0]), low, high)


def test_what_is_missing_counts_for_nothing():
    points = np.array([[80.0, np.nan, 20.0, np.nan], [80.0, 80.0, 20.0, 20.0], [np.nan] * 4])
    plan = scheme(principle=[0, 0, 1, 1], least_share=0.5)
    found = scoring.score(points, plan)
    assert found.principles[0].tolist() == found.principles[1].tolist() == [80, 20]
    assert found.overall[:2].tolist() == [50, 50] and found.measured.tolist() == [0.5, 1, 0]
    assert np.isnan(found.overall[2]) and found.classes.tolist() == [2, 2, NOT_SCORED]
    assert found.weakest.tolist() == [1, 1, -1] and np.isnan(found.rank[2])
    # a place with too little evidence is not scored, and never in the middle
    assert scoring.score(points, scheme(principle=[0, 0, 1, 1], least_share=0.6)).classes.tolist() == [-1, 2, -1]


def test_a_whole_principle_missing():
    points = np.array([[90.0, np.nan], [90.0, 10.0]])
    found = scoring.score(points, scheme(2, principle=[0, 1], among=[3, 1], least_share=0.6))
    assert found.measured.tolist() == [0.75, 1] and found.overall.tolist() == [90, 70]
    assert np.isnan(found.principles[0, 1])


def test_classes_at_their_bounds_and_ties():
    found = scoring.score(np.array([[0.0], [19.99], [20], [60], [80], [100], [60]]), scheme(1))
    assert found.classes.tolist() == [0, 0, 1, 3, 4, 4, 3]
    assert found.rank.tolist() == [1, 2, 3, 4, 6, 7, 4]


def test_weights_without_any():
    with pytest.raises(InputError, match="All weights are 0"):
        scoring.score(Z, scheme(weights=np.zeros(4)))


def test_rank_interval_holds_the_rank_and_grows_with_doubt():
    rng = np.random.default_rng(3)
    points = rng.uniform(0, 100, (60, 6))
    points[3] = 0.0
    plan = scheme(6, principle=[0, 0, 1, 1, 2, 2])
    found = scoring.score(points, plan)
    near = scoring.rank_interval(points, plan, np.random.default_rng(1), spread=0.1)
    far = scoring.rank_interval(points, plan, np.random.default_rng(1), kind=ANY)
    assert ((near.low <= found.rank) & (found.rank <= near.high)).all()
    assert (far.high - far.low).mean() > 2 * (near.high - near.low).mean()
    assert near.low[3] == near.high[3] == far.high[3] == 1 and far.lowest_tenth[3] == 1
    same = scoring.rank_interval(points, plan, np.random.default_rng(1), spread=0.1)
    assert (same.low == near.low).all()


def test_rank_interval_leaves_out_what_is_not_scored_and_stops():
    points = np.array([[10.0, 20], [np.nan, np.nan], [90, 80]])
    found = scoring.rank_interval(points, scheme(2), np.random.default_rng(1), draws=20)
    assert found.low[[0, 2]].tolist() == [1, 2] and np.isnan(found.low[1])

    def stop(fraction):
        raise Cancelled()

    with pytest.raises(Cancelled):
        scoring.rank_interval(points, scheme(2), np.random.default_rng(1), progress=stop)


def test_anchors_by_number_and_percentile():
    values = np.array([0.0, 5, 10, np.nan])
    assert scoring.anchors("2", " 8.5 ", values) == (2, 8.5, False)
    assert scoring.anchors("p0", "P50", values) == (0, 5, True)
    for wrong in ("p101", "many", ""):
        with pytest.raises(InputError, match="no anchor"):
            scoring.anchors(wrong, "1", values)
