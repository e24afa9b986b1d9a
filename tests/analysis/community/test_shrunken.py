"""Shrunken rates against the likelihood maximised otherwise, a brute integral, and known truths."""
from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, special, stats

from hotspot_plugin.analysis.community.shrunken import shrink

#: Male lip cancer in the 56 districts of Scotland 1975-80, observed and expected: the data of Clayton and Kaldor 1987.
OBSERVED = np.array([
    9, 39, 11, 9, 15, 8, 26, 7, 6, 20, 13, 5, 3, 8, 17, 9, 2, 7, 9, 7, 16, 31, 11, 7, 19, 15, 7, 10, 16, 11, 5, 3, 7,
    8, 11, 9, 11, 8, 6, 4, 10, 8, 2, 6, 19, 3, 2, 3, 28, 6, 1, 1, 1, 1, 0, 0])
EXPECTED = np.array([
    1.4, 8.7, 3.0, 2.5, 4.3, 2.4, 8.1, 2.3, 2.0, 6.6, 4.4, 1.8, 1.1, 3.3, 7.8, 4.6, 1.1, 4.2, 5.5, 4.4, 10.5, 22.7,
    8.8, 5.6, 15.5, 12.5, 6.0, 9.0, 14.4, 10.2, 4.8, 2.9, 7.0, 8.5, 12.3, 10.1, 12.7, 9.4, 7.2, 5.3, 18.8, 15.8, 4.3,
    14.6, 50.7, 8.2, 5.6, 9.3, 88.7, 19.6, 3.4, 3.6, 5.7, 7.0, 4.2, 1.8])


@pytest.fixture(scope="module")
def lips():
    return shrink(OBSERVED, EXPECTED)


def test_likeliest_gamma_is_that_of_the_negative_binomial(lips):
    def loss(p):
        size, mean = np.exp(p)
        return -stats.nbinom.logpmf(OBSERVED, size, size / (size + lips.expected * mean)).sum()

    found = optimize.minimize(loss, [0.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12})
    assert np.exp(found.x) == pytest.approx([lips.shape, lips.mean], rel=1e-5)


def test_intervals_are_those_of_a_brute_integral(lips):
    """Posterior over a fine lattice of both parameters, with the same priors."""
    shape, mean = np.meshgrid(np.exp(np.linspace(-2, 4, 250)), np.exp(np.linspace(-0.7, 1.4, 250)), indexing="ij")
    beta, typical = shape / mean, np.median(lips.expected)
    log = sum(stats.nbinom.logpmf(y, shape, beta / (beta + e)) for y, e in zip(OBSERVED, lips.expected))
    share = shape / (shape + typical)
    weight = np.exp(log - log.max()) * share * (1 - share)
    weight /= weight.sum()
    for i in (0, 1, 48, 55):
        a, b = OBSERVED[i] + shape, lips.expected[i] + beta
        assert lips.ratio[i] == pytest.approx((weight * a / b).sum(), rel=2e-4)
        assert (weight * special.gammainc(a, b * lips.low[i])).sum() == pytest.approx(0.025, abs=2e-4)
        assert (weight * special.gammainc(a, b * lips.high[i])).sum() == pytest.approx(0.975, abs=2e-4)
        assert lips.p_not_above[i] == pytest.approx((weight * special.gammainc(a, b)).sum(), rel=2e-3, abs=1e-9)


def test_alike_counts_give_no_false_certainty():
    """Where counts vary no more than chance, the likeliest spread is none; the intervals are still not of no width."""
    few = shrink(np.array([6, 5, 5, 6, 5, 5, 6, 5]), np.ones(8))
    assert few.spread == 0.0 and np.isinf(few.shape)
    assert (few.low < 0.8).all() and (few.high > 1.2).all()
    many = shrink(np.full(500, 100), np.ones(500))
    assert (many.high - many.low < 0.2).all()


def test_missing_and_empty():
    found = shrink(np.array([3.0, np.nan, 5.0, 4.0]), np.array([1.0, 1.0, 0.0, 1.0]))
    assert np.isnan(found.ratio[1:3]).all() and np.isfinite(found.ratio[[0, 3]]).all()
    assert found.expected[[0, 3]] == pytest.approx([3.5, 3.5])
    assert np.isnan(shrink(np.zeros(4), np.ones(4)).ratio).all()
    with pytest.raises(ValueError):
        shrink(np.array([-1.0]), np.ones(1))


@pytest.mark.parametrize("shape", [1.0, 4.0])
def test_intervals_hold_the_truth_as_often_as_they_say(shape):
    rng = np.random.default_rng(4)
    inside = []
    for _ in range(60):
        expected, truth = rng.uniform(3, 30, 25), rng.gamma(shape, 1 / shape, 25)
        count = rng.poisson(expected * truth)
        found = shrink(count, expected)
        truth = truth / found.rate
        inside.append(((found.low <= truth) & (truth <= found.high)).mean())
    assert 0.925 <= np.mean(inside) <= 0.985


def test_cancel_comes_soon():
    class Stopped(Exception):
        pass

    def stop(fraction):
        if fraction > 0.35:
            raise Stopped

    rng = np.random.default_rng(1)
    with pytest.raises(Stopped):
        shrink(rng.poisson(9, 3000), rng.uniform(5, 15, 3000), progress=stop)
