"""Candidate zones and the plan: what the docstring defines is what comes out."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest
from scipy import sparse

from hotspot_plugin.analysis.errors import Cancelled
from hotspot_plugin.analysis.patrol.grouping import grow
from hotspot_plugin.analysis.patrol.patrolzones import busiest_place, drop_visits, hours_of_zone, plan


def cells(columns, rows, size=100.0):
    """Boxes of a grid of square cells, row by row, and which of them touch."""
    at = np.array([(c, r) for r in range(rows) for c in range(columns)])
    box = np.hstack([at * size, (at + 1) * size]).astype(float)
    apart = np.abs(at[:, None, :] - at[None, :, :]).max(axis=2)
    return box, sparse.csr_matrix((apart == 1).astype(float))


def hull_area(box):
    def measure(members):
        frame = box[list(members)]
        return float(np.prod(frame[:, 2:].max(axis=0) - frame[:, :2].min(axis=0)))

    return measure


def grown(weight, columns, rows, largest, measure=None, near=None):
    box, touching = cells(columns, rows)
    area = np.full(len(box), 10_000.0)
    weight = np.asarray(weight, float)
    return grow(weight, area, box, touching if near is None else near, largest,
                measure or (lambda members: 10_000.0 * len(members)))


def test_a_zone_grows_from_the_densest_area_and_stops_at_the_largest():
    # 0 1 2   hold   1 2 7
    # 3 4 5          1 8 9
    found = grown([1, 2, 7, 1, 8, 9], 3, 2, 40_000)
    growths = {label: [m for m, g in zip(found.members, found.group) if g == label] for label in set(found.group)}
    assert growths[5] == [[5], [5, 4], [5, 4, 2], [5, 4, 2, 1]]
    assert growths[0] == [[0], [0, 3]]
    # every area belongs to exactly one growth
    longest = [max(members, key=len) for members in growths.values()]
    assert sorted(itertools.chain.from_iterable(longest)) == list(range(6))


def test_no_candidate_is_larger_than_the_largest_zone():
    rng = np.random.default_rng(1)
    box, _ = cells(12, 12)
    found = grown(rng.integers(1, 20, 144), 12, 12, 65_000, hull_area(box))
    assert max(hull_area(box)(members) for members in found.members) <= 65_000
    assert max(len(members) for members in found.members) == 6


def test_zones_are_compact_and_no_snakes():
    weight = np.full(30, 1.0)
    found = grown(weight, 30, 1, 100_000)
    # 10 cells in a row are 1,000 m long; the circle of twice the largest area is 505 m across
    assert max(len(members) for members in found.members) == 4


def test_areas_far_apart_stay_apart():
    found = grown([5, 5, 5, 5], 4, 1, 1e6, near=sparse.csr_matrix((4, 4)))
    assert found.members == [[0], [1], [2], [3]]


def test_the_order_of_the_rows_changes_nothing():
    rng = np.random.default_rng(2)
    weight = rng.integers(1, 4, 64).astype(float)  # full of ties
    box, near = cells(8, 8)
    area = np.full(64, 10_000.0)
    shuffle = rng.permutation(64)

    def zones(order):
        found = grow(weight[order], area, box[order], near[order][:, order], 40_000, lambda m: 10_000.0 * len(m))
        return [tuple(sorted(order[m].tolist())) for m in found.members]

    assert zones(np.arange(64)) == zones(shuffle)


def test_growing_can_be_cancelled():
    def cancel(fraction):
        raise Cancelled

    box, near = cells(3, 3)
    with pytest.raises(Cancelled):
        grow(np.ones(9), np.full(9, 1e4), box, near, 4e4, lambda m: 1e4 * len(m), cancel)


def test_officer_hours():
    """Koper: officer minutes = spots x visits x (minutes of a visit + travel), for each officer of a crew."""
    assert hours_of_zone(4, 15, 5, 2) == pytest.approx(4 * 20 * 2 / 60)
    assert hours_of_zone(1, 15, 0, 1) == 0.25


def test_a_plan_by_officer_hours_takes_the_largest_and_tells_the_next():
    value, cost = np.array([40.0, 10, 30, 20]), np.full(4, 2.0)
    result = plan(value, cost, np.arange(4), budget=5.0, zones=10)
    assert result.chosen.tolist() == [0, 2] and result.value == 70 and result.cost == 4 and result.gap == 0
    # one hour is left, so one more hour pays for the zone of 20
    assert result.more == 1.0 and result.more_value == 20
    assert result.next_gain.tolist() == [15.0, 20.0]
    assert result.zone_value == 0  # the hours, not the number, are the limit


def test_the_number_of_zones_can_be_the_limit():
    value, cost = np.array([40.0, 10, 30, 20]), np.full(4, 2.0)
    result = plan(value, cost, np.arange(4), budget=np.inf, zones=2)
    assert result.chosen.tolist() == [0, 2] and result.zone_value == 20 and result.more == 0
    assert result.next_gain.tolist() == [15.0, 10.0]
    assert plan(value, cost, np.arange(4), 100.0, 2).more_value == 0


@pytest.mark.parametrize("seed", range(12))
def test_the_next_hectare_is_the_difference_of_two_best_plans(seed):
    rng = np.random.default_rng(seed)
    value, cost = rng.integers(1, 30, 9).astype(float), rng.random(9) * 4 + 0.5

    def best(budget, zones):
        sums = [(value[list(s)].sum()) for k in range(zones + 1) for s in itertools.combinations(range(9), k)
                if cost[list(s)].sum() <= budget]
        return max(sums)

    result = plan(value, cost, np.arange(9), 6.0, 3)
    assert result.value == best(6.0, 3)
    assert result.more_value == pytest.approx(best(6.0 + result.more, 3) - best(6.0, 3))
    assert result.zone_value == pytest.approx(best(6.0, 4) - best(6.0, 3))


def test_fewer_visits_reach_more_zones():
    value = np.array([40.0, 10, 30, 20])
    table = drop_visits(value, np.arange(4), hours=8.0, zones=10, visits=4, hours_per_visit=1.0)
    assert table.visits.tolist() == [4, 3, 2, 1]
    assert table.zones.tolist() == [2, 2, 4, 4]
    assert table.value.tolist() == [70, 70, 100, 100]
    assert table.hours.tolist() == [8, 6, 8, 4]


def test_the_busiest_place_of_a_zone():
    zone = np.array([0, 0, 0, 0, 1, 1, -1, 2])
    place = np.array([7, 7, 7, 3, 1, 2, 7, -1])
    assert busiest_place(zone, place, 4).tolist()[:3] == [0.75, 0.5, 0.0]
    assert np.isnan(busiest_place(zone, place, 4)[3])


@pytest.mark.parametrize("side", [29, 64])
def test_a_plan_over_many_areas_is_quick_and_never_silent_for_long(side):
    rng = np.random.default_rng(side)
    box, near = cells(side, side, 150.0)
    n = side * side
    weight = rng.poisson(3.0, n) + 1.0
    calls = [time.perf_counter()]

    def watch(fraction):
        calls.append(time.perf_counter())

    found = grow(weight, np.full(n, 22_500.0), box, near, 1e5, lambda m: 22_500.0 * len(m), watch)
    value = np.array([weight[m].sum() for m in found.members])
    cost = np.array([2.25 * len(m) for m in found.members])
    result = plan(value, cost, found.group, 100.0, 20, progress=watch)
    calls.append(time.perf_counter())
    assert result.gap == 0 and result.cost <= 100
    assert max(np.diff(calls)) < 0.8 and calls[-1] - calls[0] < 30
