"""Exact tails under an even spread, of numbers and of sums of weights."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse, stats

from hotspot_plugin.analysis.hotspots import chance


def alone(m):
    return sparse.identity(m, format="csr")


def test_tails_are_binomial_and_corrected_for_all_tests():
    counts = np.array([9.0, 2.0, 0.0, 4.0] + [1.0] * 16)
    share = np.full(20, 0.05)
    result = chance.against_chance(counts, share, alone(20), 0.05)
    expected = stats.binom.sf(counts - 1, 31, 0.05)
    assert result.p[0] == pytest.approx(expected[0])
    assert result.p[3] == pytest.approx(expected[3])
    assert result.p[1] == 1.0  # fewer than three are never tested
    assert result.q[0] == pytest.approx(expected[0] * 40 / 2)  # cell and neighbourhood tie for the first rank
    assert result.expected == pytest.approx(np.full(20, 31 * 0.05))


def test_critical_numbers_are_the_least_that_are_significant():
    counts = np.array([12.0, 8.0] + [1.0] * 98)
    share = np.r_[0.02, np.full(99, 0.98 / 99)]
    result = chance.against_chance(counts, share, alone(100), 0.05)
    for cell in (0, 50):
        least = result.critical_cell[cell]
        assert least == int(least)
        limit = result.p[result.q <= 0.05].max()
        assert stats.binom.sf(least - 1, counts.sum(), share[cell]) <= limit
        assert stats.binom.sf(least - 2, counts.sum(), share[cell]) > limit
    assert np.isinf(chance.against_chance(np.ones(100), share, alone(100), 0.05).critical_cell).all()


def test_equal_weights_are_numbers_again():
    counts = np.array([9.0, 5.0] + [1.0] * 98)
    share = np.full(100, 0.01)
    total = int(counts.sum())
    plain = chance.against_chance(counts, share, alone(100), 0.05)
    summed = chance.against_chance(
        counts, share, alone(100), 0.05, sums=2.5 * counts, incident_weights=np.full(total, 2.5)
    )
    # Poisson instead of binomial, and expectations raised by up to a twentieth: on the safe side
    assert summed.p[0] == pytest.approx(stats.poisson.sf(8, total * 0.01), rel=0.6)
    assert summed.p[0] >= plain.p[0]
    assert summed.p[1] >= plain.p[1]


def test_sums_of_weights_follow_their_law():
    rng = np.random.default_rng(1)
    weights = rng.lognormal(0, 1.2, 200)
    share, m = 0.02, 50
    drawn = rng.poisson(200 * share, 100_000)
    sums = np.array([rng.choice(weights, k).sum() for k in drawn])
    value = float(np.quantile(sums, 0.99))
    counts, observed = np.full(m, 4.0), np.full(m, 1.0)
    observed[0] = value
    result = chance.against_chance(counts, np.full(m, share), alone(m), 0.05, sums=observed, incident_weights=weights)
    assert 0.01 <= result.p[0] < 0.016


def test_neighbourhoods_find_what_no_cell_shows():
    counts = np.zeros(400)
    counts[[100, 101, 102, 103]] = 3.0
    counts[::7] += 1
    rows = np.arange(400)
    near = sparse.csr_matrix((np.abs(rows[:, None] - rows) <= 2).astype(float))
    result = chance.against_chance(counts, np.full(400, 1 / 400), near, 0.05)
    assert result.q[101] < 0.01
    assert result.q[300] > 0.05
