"""Plain counts and points with a planted truth."""
from __future__ import annotations

import time

import numpy as np
import pytest

from hotspot_plugin.analysis.training import simulator
from hotspot_plugin.analysis.training.draws import Stream


def test_expected_counts_by_hand():
    measure = simulator.Measure(np.array([True, False, False]), 1, 0.6, np.array([False, True, False]), 0.25, stop=3)
    rates = simulator.rates(np.array([10.0, 20.0, 30.0]), 4, measures=(measure,))
    # 4 of 10 are prevented; 1 of them happens in the ring
    assert rates.tolist() == [[10, 6, 6, 10], [20, 21, 21, 20], [30, 30, 30, 30]]
    spared = simulator.rates(np.array([10.0, 20.0]), 2, measures=(
        simulator.Measure(np.array([True, False]), 1, 0.5, np.array([False, True]), -0.4),))
    assert spared.tolist() == [[10, 5], [20, 18]]


def test_trend_season_and_exposure():
    rates = simulator.rates(np.array([1.0]), 36, trend=0.1, season=0.3, exposure=np.full(36, 2.0))[0]
    assert rates[12:24].sum() / rates[:12].sum() == pytest.approx(1.1)
    assert rates[6] / rates[0] > 1.5 and rates[:12].mean() == pytest.approx(2.0 * 1.1 ** (5.5 / 12), rel=0.02)


def test_counts_have_mean_and_overdispersion():
    expected = np.full((40, 50), 5.0)
    poisson = simulator.counts(Stream(1, "a"), expected, runs=50)
    assert poisson.shape == (50, 40, 50)
    assert poisson.mean() == pytest.approx(5.0, abs=0.03)
    assert poisson.var() / poisson.mean() == pytest.approx(1, abs=0.02)
    wild = simulator.counts(Stream(1, "b"), expected, overdispersion=2.5, runs=50)
    assert wild.mean() == pytest.approx(5.0, abs=0.05) and wild.var() / wild.mean() == pytest.approx(2.5, abs=0.1)
    lasting = simulator.counts(Stream(1, "c"), expected, by_place=0.7, runs=50)
    means = lasting.mean(axis=2).ravel()
    assert np.log(np.maximum(means, 0.1)).std() == pytest.approx(0.7, abs=0.08)


def test_five_hundred_runs_are_quick():
    begin = time.perf_counter()
    simulator.counts(Stream(1, "speed"), np.full((100, 24), 3.0), overdispersion=1.5, runs=500)
    assert time.perf_counter() - begin < 5.0


def test_near_repeats_keep_their_ratio_distance_and_days():
    n = 30_000
    x, y, t, follows = simulator.near_repeats(Stream(4, "near"), np.zeros(n), np.zeros(n), np.zeros(n), 0.25, 70.0, 5.0,
                                              200.0, 14.0)
    # each draws 1/4, and those draw 1/4 again: a third in all
    assert len(x) / n == pytest.approx(1 / 3, abs=0.02)
    first = follows < n
    away = np.hypot(x[first], y[first])
    assert away.max() <= 200.0 and t[first].max() <= 14.0
    # mean of an exponential cut off at c: m - c / (e^(c/m) - 1)
    assert away.mean() == pytest.approx(70 - 200 / np.expm1(200 / 70), rel=0.03)
    assert t[first].mean() == pytest.approx(5 - 14 / np.expm1(14 / 5), rel=0.03)
    later = ~first
    assert (t[later] > t[follows[later] - n]).all()
    with pytest.raises(ValueError):
        simulator.near_repeats(Stream(4, "near"), x, y, t, 1.0, 70.0, 5.0, 200.0, 14.0)


def test_an_intervention_thins_and_moves():
    affected = np.repeat([True, False], 40_000)
    stays, moved = simulator.intervene(Stream(5, "i"), affected, 0.6, 0.25)
    assert stays[40_000:].all() and not moved[40_000:].any() and not (stays & moved).any()
    assert stays[:40_000].mean() == pytest.approx(0.6, abs=0.01)
    assert moved.sum() / (~stays).sum() == pytest.approx(0.25, abs=0.015)
