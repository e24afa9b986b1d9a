"""The choice of candidates within a budget is the best there is, or says how far off it can be."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest

from hotspot_plugin.analysis.errors import Cancelled
from hotspot_plugin.analysis.patrol.selection import choose


def best_by_trying_all(value, cost, group, budget, most):
    """Largest value and, of those, least cost, by trying every permitted set."""
    best = (0.0, 0.0)
    for size in range(1, most + 1):
        for members in itertools.combinations(range(len(value)), size):
            members = list(members)
            if len(set(group[members])) == size and cost[members].sum() <= budget * (1 + 1e-9):
                best = max(best, (value[members].sum(), -cost[members].sum()))
    return best[0], -best[1]


def best_by_milp(value, cost, group, budget, most):
    """The optimum of the same problem by HiGHS."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    n = len(value)
    same = (group[None, :] == np.unique(group)[:, None]).astype(float)
    constraints = [LinearConstraint(cost[None, :], -np.inf, budget), LinearConstraint(np.ones((1, n)), 0, most),
                   LinearConstraint(same, 0, 1)]
    found = milp(-value, constraints=constraints, bounds=Bounds(0, 1), integrality=np.ones(n),
                 options={"mip_rel_gap": 1e-9})
    return -found.fun


def check_permitted(selection, value, cost, group, budget, most):
    chosen = selection.chosen
    assert len(chosen) <= most and len(set(group[chosen])) == len(chosen)
    assert cost[chosen].sum() <= budget * (1 + 1e-9)
    assert selection.value == pytest.approx(value[chosen].sum())
    assert selection.cost == pytest.approx(cost[chosen].sum())


@pytest.mark.parametrize("seed", range(60))
def test_equals_trying_all_sets(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 13))
    value = rng.integers(0, 30, n).astype(float) if seed % 2 else rng.random(n) * 30
    cost = rng.integers(1, 6, n).astype(float) if seed % 3 else rng.random(n) * 5
    group = rng.integers(0, max(1, n // (1 + seed % 3)), n)
    budget, most = float(rng.random() * cost.sum()), int(rng.integers(1, 6))
    selection = choose(value, cost, group, budget, most)
    expected, least_cost = best_by_trying_all(value, cost, group, budget, most)
    check_permitted(selection, value, cost, group, budget, most)
    assert selection.value == pytest.approx(expected)
    assert selection.cost == pytest.approx(least_cost)  # the cheaper of equal choices
    assert selection.gap == 0.0 and selection.bound == pytest.approx(expected)


@pytest.mark.parametrize("seed, n, most", [(1, 100, 5), (2, 300, 20), (3, 800, 12), (4, 800, 60)])
def test_equals_milp(seed, n, most):
    rng = np.random.default_rng(seed)
    cost = rng.gamma(2.0, 2.0, n) + 0.1
    value = np.round(cost * rng.gamma(3.0, 2.0, n))
    group = np.sort(rng.integers(0, n // 3, n))
    budget = 0.1 * cost.sum()
    selection = choose(value, cost, group, budget, most)
    check_permitted(selection, value, cost, group, budget, most)
    assert selection.gap == 0.0
    assert selection.value == pytest.approx(best_by_milp(value, cost, group, budget, most), rel=1e-7)


def test_a_textbook_knapsack():
    """Kreher and Stinson's P01 and P07, as published with their optimal selections by J. Burkardt (FSU)."""
    weights = np.array([23, 31, 29, 44, 53, 38, 63, 85, 89, 82], float)
    profits = np.array([92, 57, 49, 68, 60, 43, 67, 84, 87, 72], float)
    first = choose(profits, weights, np.arange(10), 165, 10)
    assert first.value == 309 and first.cost == 165
    assert first.chosen.tolist() == [0, 1, 2, 3, 5]
    weights = np.array([70, 73, 77, 80, 82, 87, 90, 94, 98, 106, 110, 113, 115, 118, 120], float)
    profits = np.array([135, 139, 149, 150, 156, 163, 173, 184, 192, 201, 210, 214, 221, 229, 240], float)
    assert choose(profits, weights, np.arange(15), 750, 15).value == 1458


def test_without_a_budget_the_largest_are_taken():
    value = np.array([5.0, 9, 1, 7, 7, 0])
    selection = choose(value, np.full(6, 2.0), np.arange(6), np.inf, 3)
    assert selection.chosen.tolist() == [1, 3, 4] and selection.value == 23
    assert choose(value, np.zeros(6), np.arange(6), 0.0, 9).value == 29


def test_nothing_fits():
    for selection in (choose(np.array([5.0]), np.array([2.0]), np.array([0]), 1.0, 3),
                      choose(np.array([5.0]), np.array([2.0]), np.array([0]), 9.0, 0),
                      choose(np.empty(0), np.empty(0), np.empty(0, int), 9.0, 3)):
        assert len(selection.chosen) == 0 and selection.value == 0 and selection.gap == 0


def test_equal_choices_are_settled_the_same_way_each_time():
    value, cost = np.full(40, 3.0), np.full(40, 1.5)
    runs = [choose(value, cost, np.arange(40), 15.0, 20).chosen.tolist() for _ in range(3)]
    assert runs[0] == runs[1] == runs[2] and len(runs[0]) == 10


def test_bad_numbers_are_refused():
    for value, cost, budget in (([np.nan], [1.0], 1.0), ([1.0], [-1.0], 1.0), ([1.0], [1.0], -1.0)):
        with pytest.raises(ValueError):
            choose(np.array(value), np.array(cost), np.array([0]), budget, 1)


def test_where_the_best_cannot_be_proved_the_gap_is_true():
    # value = cost + a constant: the hardest family of knapsacks (Pisinger 2005)
    rng = np.random.default_rng(5)
    cost = rng.random(60) * 100 + 1
    value = cost + 10
    exact = choose(value, cost, np.arange(60), cost.sum() * 0.37, 25)
    rough = choose(value, cost, np.arange(60), cost.sum() * 0.37, 25, most_plans=10)
    assert rough.value <= exact.value * (1 + 1e-9) <= rough.bound * (1 + 2e-9)
    assert rough.gap == pytest.approx((rough.bound - rough.value) / rough.bound) if rough.gap else True
    assert 0 <= rough.gap < 0.05


@pytest.mark.parametrize("n", [800, 4000])
def test_is_quick_and_can_be_cancelled(n):
    rng = np.random.default_rng(n)
    cost = rng.gamma(2.0, 2.0, n) + 0.1
    value = np.round(cost * rng.gamma(3.0, 2.0, n)) + 1
    group = np.repeat(np.arange(n // 4), 4)
    calls = [time.perf_counter()]
    selection = choose(value, cost, group, 0.02 * cost.sum(), 30, progress=lambda f: calls.append(time.perf_counter()))
    calls.append(time.perf_counter())
    assert selection.gap == 0.0
    assert max(np.diff(calls)) < 0.8 and calls[-1] - calls[0] < 20

    def cancel(fraction):
        raise Cancelled

    with pytest.raises(Cancelled):
        choose(value, cost, group, 0.02 * cost.sum(), 30, progress=cancel)
