"""Two Poisson counts: published values, the definition summed in full, and exact intervals."""

from __future__ import annotations

import time

import numpy as np
import pytest
from scipy import stats

from hotspot_plugin.analysis.errors import Cancelled
from hotspot_plugin.analysis.evaluation.rates import e_test, poisson_z, rate_ratio


def summed(k1, k2, n1, n2, pooled=False, most=420):
    """The E-test as Krishnamoorthy and Thomson (2004) define it: the double sum over all counts."""

    def variance(a, b):
        return (a + b) / (n1 + n2) * (1 / n1 + 1 / n2) if pooled else a / n1**2 + b / n2**2

    rate = (k1 + k2) / (n1 + n2)
    i, j = np.mgrid[:most, :most].astype(float)
    chance = stats.poisson.pmf(i, n1 * rate) * stats.poisson.pmf(j, n2 * rate)
    with np.errstate(all="ignore"):
        statistic = np.abs(i / n1 - j / n2) / np.sqrt(variance(i, j))
    statistic[0, 0] = 0.0
    observed = abs(k1 / n1 - k2 / n2) / np.sqrt(variance(k1, k2))
    return chance[statistic >= observed * (1 - 1e-10)].sum()


@pytest.mark.parametrize(
    ("k1", "k2", "p"),
    [
        (3, 0, 0.08837900945483522),  # Krishnamoorthy and Thomson 2004 print .0884
        (6, 2, 0.17487482094370768),  # and .1749
        (20, 10, 0.06883178210810946),
        (10, 5, 0.2061644140757639),  # ptools and crimepy, whose test is the same for equal exposures
        (15, 5, 0.025035114389344547),
    ],
)
def test_published_values(k1, k2, p):
    assert e_test(k1, k2)[0] == pytest.approx(p, abs=1e-12)
    assert e_test(k2, k1)[0] == pytest.approx(p, abs=1e-12)


def test_unequal_exposure_follows_the_paper():
    assert e_test(20, 8, 4, 2)[0] == pytest.approx(0.5892500815, abs=1e-9)
    assert e_test(100, 25, 10, 5)[0] == pytest.approx(summed(100, 25, 10, 5), abs=1e-11)
    assert e_test(100, 25, 10, 5)[0] == pytest.approx(0.000574719, abs=1e-8)


def test_pooled_is_what_ptools_and_crimepy_compute():
    assert e_test(20, 8, 4, 2, pooled=True)[0] == pytest.approx(0.60059, abs=5e-6)
    assert e_test(100, 25, 10, 5, pooled=True)[0] == pytest.approx(0.0015380662884757802, abs=1e-12)
    assert e_test(20, 10, 7, 7, pooled=True)[0] == pytest.approx(e_test(20, 10, 7, 7)[0], abs=1e-12)


def test_pooled_sees_a_rise_after_a_long_quiet_time_where_the_published_one_does_not():
    by_binomial = (3 / 303) ** 4  # all four in one hundredth of the time
    assert by_binomial < 1e-7
    assert e_test(0, 4, 300, 3, pooled=True)[0] < 0.001
    assert e_test(0, 4, 300, 3)[0] > 0.5


def test_equal_rates_and_nothing():
    assert e_test(20, 20)[0] == pytest.approx(1.0)
    assert np.isnan(e_test(0, 0)[0])


def test_against_the_definition(seed=3):
    rng = np.random.default_rng(seed)
    for _ in range(60):
        k1, k2 = rng.integers(0, 60, 2)
        n1, n2 = rng.uniform(10, 60, 2)
        if k1 + k2:
            for pooled in (False, True):
                found = e_test(k1, k2, n1, n2, pooled=pooled)[0]
                assert found == pytest.approx(summed(k1, k2, n1, n2, pooled), abs=1e-10), (k1, k2, n1, n2)


def test_only_the_ratio_of_exposures_matters():
    assert e_test(9, 4, 31, 28)[0] == pytest.approx(e_test(9, 4, 31 / 28, 1.0)[0], abs=1e-12)


def test_it_holds_its_level():
    """False alarms at 5 %: near the level, for small counts below it."""
    rng = np.random.default_rng(8)
    for days_before, days_after in ((28, 28), (366, 365), (365, 28), (28, 365)):
        for mean in (2.0, 20.0, 1000.0):
            draws = 4000 if mean < 100 else 600
            before, after = rng.poisson(mean * days_before / 28, draws), rng.poisson(mean * days_after / 28, draws)
            p = e_test(before, after, days_before, days_after, pooled=True)
            assert np.nanmean(p < 0.05) < (0.06 if draws == 4000 else 0.08), (days_before, days_after, mean)


def test_many_areas_and_large_counts_are_quick():
    rng = np.random.default_rng(1)
    means = rng.gamma(0.3, 62 / 0.3, 40_000)  # five million incidents, as unevenly as crime lies
    before, after = rng.poisson(means), rng.poisson(means)
    start = time.perf_counter()
    p = e_test(before, after, 365, 366)
    large = e_test([50_000, 31_000], [51_000, 28_000], 365, 366)
    assert time.perf_counter() - start < 10.0
    assert np.isfinite(p[before + after > 0]).all()
    # the normal curve is right to 1 in 1,000 here
    z = (50_000 / 365 - 51_000 / 366) / np.sqrt(50_000 / 365**2 + 51_000 / 366**2)
    assert large[0] == pytest.approx(2 * stats.norm.sf(abs(z)), rel=2e-3)
    assert large[1] < 1e-30


def test_a_long_run_is_cancelled():
    def stop(fraction):
        raise Cancelled

    with pytest.raises(Cancelled):
        e_test([3], [5], progress=stop)


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="exposures"):
        e_test(1, 2, 0, 1)
    with pytest.raises(ValueError, match="negative"):
        e_test(-1, 2)


def test_poisson_z_is_wheelers():
    assert poisson_z(100, 80) == pytest.approx(-2.1114561800016816)
    assert poisson_z(25, 36) == pytest.approx(2.0)
    assert poisson_z(10, 5) == pytest.approx(-1.8524, abs=1e-4)
    assert poisson_z(100, 80, 31, 31) == pytest.approx(-2.1114561800016816)


def test_poisson_z_varies_alike_whatever_the_lengths():
    rng = np.random.default_rng(4)
    for before, after in ((365, 365), (365, 28), (28, 365)):
        z = poisson_z(rng.poisson(before, 20_000), rng.poisson(after, 20_000), before, after)
        assert z.mean() == pytest.approx(0.0, abs=0.1) and z.var() == pytest.approx(2.0, rel=0.05)


def test_rate_ratio_is_exact():
    ratio, low, high = rate_ratio([247], [327])
    share = stats.binomtest(327, 574).proportion_ci(0.95, "exact")  # scipy's Clopper-Pearson
    assert ratio[0] == pytest.approx(327 / 247)
    assert low[0] == pytest.approx(share.low / (1 - share.low), rel=1e-9)
    assert high[0] == pytest.approx(share.high / (1 - share.high), rel=1e-9)


def test_rate_ratio_counts_days():
    ratio, low, high = rate_ratio([365], [366], 365, 366)
    assert ratio[0] == pytest.approx(1.0) and low[0] < 1 < high[0]
    assert rate_ratio([10], [10], 28, 56)[0][0] == pytest.approx(0.5)


def test_rate_ratio_at_the_edges():
    ratio, low, high = rate_ratio([0, 5, 0], [5, 0, 0])
    assert np.isinf(ratio[0]) and np.isinf(high[0]) and low[0] > 0.9
    assert ratio[1] == 0 and low[1] == 0 and high[1] < 1.1
    assert np.isnan([ratio[2], low[2], high[2]]).all()


def test_the_interval_never_holds_less_than_it_says():
    rng = np.random.default_rng(2)
    for mean in (3, 30):
        _, low, high = rate_ratio(rng.poisson(mean, 4000), rng.poisson(1.5 * mean, 4000))
        held = np.isnan(low) | ((low <= 1.5) & (high >= 1.5))
        assert held.mean() >= 0.945
