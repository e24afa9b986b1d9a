"""Interrupted time series: reference numbers, statsmodels beside, and how often chance makes an effect."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.evaluation import interruptedseries as s

SERIES = np.array([52, 48, 55, 50, 47, 53, 51, 49, 54, 50, 52, 48, 46, 44, 45, 41, 43, 40, 42, 39, 41, 38, 40, 37.0])
AFTER = np.arange(24) >= 12


def test_level_and_slope_of_the_methods_reference():
    """Level -.1080102835, slope -.0151126594 and their errors: segmented Poisson of statsmodels."""
    found = s.fit(SERIES, np.ones(24), np.arange(24.0), AFTER)
    assert found.level.value == pytest.approx(-0.1080102835206791, abs=1e-9)
    assert found.slope.value == pytest.approx(-0.01511265940045521, abs=1e-9)
    assert found.before.value == pytest.approx(-0.0013090412127291229, abs=1e-9)
    # counts vary less than Poisson's and neighbours differ: nothing widens the interval
    assert found.phi == 1.0 and found.level.se == pytest.approx(0.11948921652270607, rel=1e-6)
    assert found.slope.se == pytest.approx(0.01753030296389184, rel=1e-6) and found.free == 20
    expected = np.exp(np.polyval([-0.0013090412127291229, 3.9341011344792056], np.arange(12, 24)))
    assert found.expected[AFTER] == pytest.approx(expected)
    assert found.prevented[0] == pytest.approx(expected.sum() - SERIES[AFTER].sum())
    assert found.whole.value == pytest.approx(np.log(SERIES[AFTER].sum() / expected.sum()))


def test_newey_west_and_durbin_watson_of_the_reference():
    """OLS with HAC of 2 lags and its small-sample factor, and Durbin-Watson 3.1687158: statsmodels."""
    time = np.arange(24.0)
    x = np.column_stack([np.ones(24), time, AFTER, AFTER * (time - 12)]).astype(float)
    bread = np.linalg.inv(x.T @ x)
    beta = bread @ x.T @ SERIES
    rest = SERIES - x @ beta
    assert beta == pytest.approx([51.115384615384606, -0.06643356643356335, -5.254079254079242, -0.6118881118881172])
    errors = np.sqrt(np.diag(s.newey_west(x * rest[:, None], bread, 2)))
    assert errors == pytest.approx([0.6480087969260864, 0.12269945749612661, 1.192836903368944, 0.12879550150531446])
    assert s.durbin_watson(rest) == pytest.approx(3.1687158075472532)


def test_season_unequal_units_and_comparison_are_the_models_of_statsmodels():
    sm = pytest.importorskip("statsmodels.api")
    rng, time = np.random.default_rng(2), np.arange(48.0)
    after, when, days = time >= 30, time / 12, np.tile([31.0, 28, 31, 30], 12)
    wave = np.exp(0.3 * np.sin(2 * np.pi * when))
    y, c = rng.poisson(2 * days * wave * np.where(after, 0.7, 1)), rng.poisson(4 * days * wave)
    x = s.design(time, after, when, 2)
    found = s.fit(y, days, time, after, when, 2)
    peer = sm.GLM(y, x, family=sm.families.Poisson(), offset=np.log(days)).fit()
    assert [found.level.value, found.slope.value] == pytest.approx(peer.params[2:4], abs=1e-7)
    assert found.level.se >= peer.bse[2] * (1 - 1e-6)
    box = sm.stats.acorr_ljungbox(found.residuals, lags=[found.lags])
    assert found.ljung_box == pytest.approx(float(box["lb_pvalue"].iloc[0]))
    both = s.fit(y, days, time, after, control=c)
    peer = sm.GLM(np.column_stack([y, c]), s.design(time, after, None, 0), family=sm.families.Binomial()).fit()
    assert [both.level.value, both.slope.value] == pytest.approx(peer.params[2:4], abs=1e-7)
    assert both.whole.low < np.log(0.7) < both.whole.high
    assert both.expected[after].sum() == pytest.approx(y[after].sum() * np.exp(-both.whole.value), rel=1e-6)


def test_waves_need_years():
    def pairs(units, first_after, each=12):
        return s.season_pairs(np.arange(units) / each, np.arange(units) >= first_after)

    assert (pairs(18, 12), pairs(24, 12), pairs(36, 24), pairs(36, 8), pairs(12, 8, 4)) == (0, 1, 2, 0, 1)
    assert pairs(6, 4, 2) == 0


def test_neighbours_alike_widen_the_interval():
    rng, n = np.random.default_rng(3), 60
    level = np.zeros(n)
    for t in range(1, n):
        level[t] = 0.7 * level[t - 1] + rng.normal(0, 0.25)
    after = np.arange(n) >= 40
    loud = s.fit(rng.poisson(80 * np.exp(level)), np.ones(n), np.arange(n), after)
    calm = s.fit(rng.poisson(np.full(n, 80.0)), np.ones(n), np.arange(n), after)
    assert loud.rho > 0.5 > calm.rho and loud.durbin_watson < 1.5 and loud.free < calm.free
    assert loud.whole.se > 2.5 * calm.whole.se and loud.ljung_box < 0.05
    assert s.fit(np.zeros(n) + (np.arange(n) == 3), np.ones(n), np.arange(n), after) is None


@pytest.mark.parametrize("rho, limit, with_control", [(0.0, 0.05, False), (0.4, 0.07, False), (0.4, 0.07, True)])
def test_chance_is_called_an_effect_no_more_often_than_alpha(rho, limit, with_control):
    """36 months, overdispersed three times; the whole table is in docs/calibration-interruptedseries.md."""
    rng, n, runs, claims, plain = np.random.default_rng(4), 36, 250, 0, 0
    after, when = np.arange(n) >= 24, np.arange(n) / 12
    for _ in range(runs):
        e, level = rng.normal(0, 0.18, n), np.zeros(n)
        level[0] = e[0]
        for t in range(1, n):
            level[t] = rho * level[t - 1] + np.sqrt(1 - rho**2) * e[t]
        wave = 60 * np.exp(0.2 * np.sin(2 * np.pi * when))
        control = rng.poisson(2 * wave) if with_control else None
        found = s.fit(rng.poisson(wave * np.exp(level)), np.full(n, 30.0), np.arange(n), after, when, 1, control)
        claims += found.whole.clear
        plain += abs(found.whole.value) > 1.96 * found.whole.se / np.sqrt(found.phi)
    assert claims <= limit * runs + 2.6 * np.sqrt(limit * (1 - limit) * runs)
    assert plain > claims  # the widening matters
