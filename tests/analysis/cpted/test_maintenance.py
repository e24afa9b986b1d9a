"""Reports of disrepair: recency, time to repair with open ones, coming back, and beside elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from hotspot_plugin.analysis.cpted import maintenance as m

#: Leukaemia trial of Miller (1981), as in R's ``survival::aml``: weeks, and whether the event was seen.
MAINTAINED = ([9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161], [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0])
OTHERS = ([5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45], [1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1])


def test_recency_halves():
    assert m.recency(np.array([0.0, 90, 180]), 90).tolist() == [1.0, 0.5, 0.25]


def test_kaplan_meier_of_the_textbook():
    """Table of ``summary(survfit(Surv(time, status) ~ x, data = aml))`` in R."""
    found = m.kaplan_meier(*map(np.array, MAINTAINED))
    assert found.days.tolist() == [9, 13, 18, 23, 31, 34, 48]
    assert found.open_share == pytest.approx([0.909, 0.818, 0.716, 0.614, 0.491, 0.368, 0.184], abs=5e-4)
    assert found.low == pytest.approx([0.7541, 0.6192, 0.4884, 0.3769, 0.2549, 0.1549, 0.0359], abs=5e-5)
    assert found.high[2:] == pytest.approx([1, 0.999, 0.946, 0.875, 0.944], abs=5e-4)
    median, low, high = found.median()
    assert (median, low) == (31, 18) and np.isnan(high)
    other = m.kaplan_meier(*map(np.array, OTHERS))
    assert other.open_share[-1] == 0.0 and np.isnan(other.low[-1])
    median, low, high = other.median()
    assert (median, low) == (23, 8) and np.isnan(high)


def test_without_open_ones_it_is_the_plain_median():
    """R takes the middle of the stretch on which one half is left, as a plain median does."""
    rng = np.random.default_rng(3)
    for size in (1, 2, 5, 8, 101):
        days = rng.integers(0, 40, size).astype(float)
        found = m.kaplan_meier(days, np.ones(size, bool)).median()[0]
        assert found == np.median(days)


def test_leaving_the_hard_ones_open_does_not_shorten_repair():
    days, repaired = np.array([2.0, 3, 4, 50, 60, 70, 80]), np.array([1, 1, 1, 0, 0, 0, 0], bool)
    assert np.isnan(m.kaplan_meier(days, repaired).median()[0])
    assert np.median(days[repaired]) == 3  # what the finished ones alone would say


def test_medians_by_group_equal_one_by_one():
    rng = np.random.default_rng(5)
    group, days = rng.integers(0, 7, 300), rng.integers(0, 60, 300).astype(float)
    repaired = rng.random(300) < 0.7
    group[group == 4] = 3
    found = m.medians(group, days, repaired, 8)
    for k in range(8):
        own = group == k
        expected = m.kaplan_meier(days[own], repaired[own]).median() if own.any() else (np.nan,) * 3
        assert found[k] == pytest.approx(expected, nan_ok=True)


def test_coming_back_by_hand():
    x = np.array([0.0, 3, 0, 200, 0, 0])
    y = np.zeros(6)
    kind = np.array([0, 0, 1, 0, 0, 0])
    opened = np.array([0.0, 15, 15, 15, 41, 10])
    closed = np.array([10.0, 20, np.nan, 18, np.nan, 30])
    # the first: again 3 m away after 5 days; the second: after 21 days; the sixth: after 11
    assert m.came_back(x, y, kind, opened, closed, 5, 30).tolist() == [True, True, False, False, False, True]
    assert m.came_back(x, y, kind, opened, closed, 5, 20).tolist() == [True, False, False, False, False, True]
    # 2 m: only the very spot, where the report of day 10 is not later than the repair of day 10
    assert m.came_back(x, y, kind, opened, closed, 2, 30).tolist() == [False, False, False, False, False, True]


def test_coming_back_equals_every_pair():
    rng = np.random.default_rng(1)
    n = 300
    x, y, kind = rng.uniform(0, 60, n), rng.uniform(0, 60, n), rng.integers(0, 2, n)
    opened = rng.integers(0, 200, n).astype(float)
    closed = np.where(rng.random(n) < 0.6, opened + rng.integers(0, 30, n), np.nan)
    found = m.came_back(x, y, kind, opened, closed, 9.0, 14.0)
    later = opened[None, :] - closed[:, None]
    same = (np.hypot(x[:, None] - x, y[:, None] - y) <= 9.0) & (kind[:, None] == kind)
    assert found.tolist() == (same & (later > 0) & (later <= 14.0)).any(axis=1).tolist()
    assert 0 < found.sum() < np.isfinite(closed).sum()


def test_beside_elsewhere_against_an_exact_binomial():
    n, exposure = np.array([30.0, 2, 0, 0, 5]), np.array([100.0, 100, 100, 3, 0])
    found = m.beside_elsewhere(n, exposure, 130.0, 1300.0)
    for i in range(4):
        share = exposure[i] / 1300.0
        interval = stats.binomtest(int(n[i]), 130, share).proportion_ci(0.95, "exact")
        odds = np.array([interval.low / (1 - interval.low), interval.high / (1 - interval.high)])
        expected = odds * (1300.0 - exposure[i]) / exposure[i]
        assert [found.low[i], found.high[i]] == pytest.approx(expected, rel=1e-6)
        assert found.ratio[i] == pytest.approx((n[i] / exposure[i]) / ((130 - n[i]) / (1300 - exposure[i])))
    assert found.code.tolist() == [m.MORE, m.FEWER, m.FEWER, m.NOTHING, m.NOT_COMPARED]
    assert np.isnan(found.ratio[4]) and np.isnan(found.q[4])


def test_the_same_problem_reported_more_readily_is_not_more():
    """Two halves with the same share of graffiti, one of which reports three times as much of everything."""
    found = m.beside_elsewhere(np.array([300.0, 100.0]), np.array([3000.0, 1000.0]), 400, 4000)
    assert found.code.tolist() == [m.NO_CLEAR, m.NO_CLEAR] and found.ratio == pytest.approx([1, 1])
    by_size = m.beside_elsewhere(np.array([300.0, 100.0]), np.array([10.0, 10.0]), 400, 20)
    assert by_size.code.tolist() == [m.MORE, m.FEWER]
