"""Pairs, balance and the past of areas, against enumeration and hand-made numbers."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from hotspot_plugin.analysis.evaluation import design
from hotspot_plugin.analysis.evaluation import evaluationareas as analysis
from hotspot_plugin.analysis.evaluation.compareperiods import Period
from hotspot_plugin.analysis.streetreach import StreetReach


def test_pairs_are_the_best_of_all():
    """Against all possible assignments of 8 candidates to 3 treated areas."""
    rng = np.random.default_rng(4)
    treated, candidates, scale = rng.normal(0, 1, (3, 2)), rng.normal(0, 1, (8, 2)), np.array([1.0, 2.0])
    pairs = analysis.match(treated, candidates, scale, 1)
    cost = np.sqrt((((treated[:, None] - candidates[None]) / scale) ** 2).mean(axis=2))
    best = min(sum(cost[i, k] for i, k in enumerate(order)) for order in itertools.permutations(range(8), 3))
    assert pairs.distance.sum() == pytest.approx(best) and len(set(pairs.candidate)) == 3
    assert not pairs.short.any()


def test_more_for_each_and_no_candidate_twice():
    rng = np.random.default_rng(5)
    pairs = analysis.match(rng.normal(0, 1, (4, 1)), rng.normal(0, 1, (30, 1)), np.ones(1), 3)
    assert np.bincount(pairs.treated).tolist() == [3] * 4 and len(set(pairs.candidate)) == 12
    assert all(np.all(np.diff(pairs.distance[pairs.treated == i]) >= 0) for i in range(4))
    few = analysis.match(np.zeros((4, 1)), np.zeros((6, 1)), np.ones(1), 3)
    assert len(few.candidate) == 6 and few.short.sum() == 6


def test_a_caliper_holds_for_each_feature():
    treated, candidates = np.array([[0.0, 0.0], [10.0, 10.0]]), np.array([[0.1, 3.0], [10.2, 10.1], [0.6, 0.1]])
    pairs = analysis.match(treated, candidates, np.ones(2), 1, 0.5)
    assert list(zip(pairs.treated, pairs.candidate)) == [(1, 1)] and pairs.short.tolist() == [1, 0]
    wide = analysis.match(treated, candidates, np.ones(2), 1, 0.7)
    assert sorted(zip(wide.treated, wide.candidate)) == [(0, 2), (1, 1)]


def test_of_areas_on_the_same_ground_one_is_taken():
    candidates = np.array([[1.0], [1.1], [5.0]])
    pairs = analysis.match(np.array([[1.0], [1.2]]), candidates, np.ones(1), 1, None, [{1}, {0}, set()])
    assert {0, 2} == set(pairs.candidate) or {1, 2} == set(pairs.candidate)
    assert pairs.dropped == 1


def test_balance_by_hand():
    """Means 6 and 2, variances 8 and 2: the pooled deviation is the root of 5 (Austin 2009, eq. 1)."""
    treated, candidates = np.array([[4.0], [8.0]]), np.array([[1.0], [3.0]])
    found = analysis.balance(treated, np.array([True, True]), candidates, candidates, np.ones(2))
    assert found.before[0] == found.after[0] == pytest.approx(4 / np.sqrt(5))
    assert found.ratio[0] == pytest.approx(8 / 2)
    paired = analysis.balance(treated, np.array([True, False]), candidates, candidates[1:], np.ones(1))
    assert paired.before[0] == pytest.approx(4 / np.sqrt(5))  # all treated, against all
    assert paired.after[0] == pytest.approx(1 / np.sqrt(5))  # the paired one, against its own
    # two for one area count half each
    weighed = analysis.balance(treated, np.ones(2, bool), candidates, np.array([[4.0], [6.0], [8.0]]),
                               np.array([0.5, 0.5, 1.0]))
    assert weighed.chosen[0] == pytest.approx((2 + 3 + 8) / 2)


def test_level_and_trend_of_a_line():
    """One incident more in each 28 days: 13.04 units a year, each 13.04 a year more than the one before."""
    first, last = np.datetime64("2022-01-03"), np.datetime64("2022-01-03") + 28 * 10 - 1
    units = design.time_units(first, last, False, 4)
    moments = np.concatenate([np.repeat(units.edges[k] + 3, k + 1) for k in range(10)]).astype("M8[ms]")
    late = np.append(moments, last + np.timedelta64(1, "D"))
    past = analysis.past(np.zeros(len(late), int), late, 2, Period(first, last), units)
    assert past.total.tolist() == [55, 0] and past.counts[0].tolist() == list(range(1, 11))
    year = 365.2425
    assert past.level[0] == pytest.approx(55 * year / 280) and past.trend[0] == pytest.approx((year / 28) ** 2)
    assert past.trend[1] == 0


def test_share_of_chance():
    rng = np.random.default_rng(6)
    assert analysis.chance_share(rng.poisson(20, 4000)) > 0.9
    level = rng.gamma(4, 25, 4000)  # variance 2,500, mean 100: chance is 100 of 2,600
    assert analysis.chance_share(rng.poisson(level)) == pytest.approx(100 / 2600, rel=0.2)


def test_reach_along_streets():
    """A cross with a bridge: the bridge has no common corner, an end that touches a line is joined."""
    lines = [np.array([[0.0, 0], [200, 0]]), np.array([[100.0, 0], [100, 150]]), np.array([[50.0, -80], [50, 80]])]
    start = np.cumsum([0, 2, 2])
    net = StreetReach(np.concatenate(lines), start)
    metres = net.within(np.flatnonzero(np.hypot(*net.xy.T) < 0.1), 180.0)
    ends = {tuple(np.round(xy).astype(int)): m for xy, m in zip(net.xy, metres)}
    assert ends[(180, 0)] == pytest.approx(180) and ends[(100, 80)] == pytest.approx(180)
    assert not np.isfinite(ends[(190, 0)]) and not np.isfinite(ends[(50, 20)])
    length = np.hypot(*(net.last - net.first).T)
    assert length[net.pieces(metres, 180.0)].sum() == pytest.approx(180 + 80)
