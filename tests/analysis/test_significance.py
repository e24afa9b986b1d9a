"""p-values, false discoveries and intervals against closed forms and published values."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis import significance as sig


def test_two_sided_normal_is_two_sided_and_survives_the_far_tail() -> None:
    z = np.array([0.0, 1.959963984540054, -1.959963984540054, 2.5758293035489004, 10.0, np.nan])
    p = sig.two_sided_normal(z)
    np.testing.assert_allclose(p[:4], [1.0, 0.05, 0.05, 0.01], rtol=1e-12)
    assert p[4] == pytest.approx(1.523970604832094e-23, rel=1e-10)
    assert np.isnan(p[5])


def test_permutation_p_is_never_zero_and_names_its_side() -> None:
    assert sig.permutation_p(0, 999) == pytest.approx(0.001)
    assert sig.permutation_p(949, 999, count_le=60, alternative=sig.LESS) == pytest.approx(0.061)
    both = sig.permutation_p(np.array([0, 500, 999]), 999, count_le=np.array([999, 520, 0]), alternative=sig.TWO_SIDED)
    np.testing.assert_allclose(both, [0.002, 1.0, 0.002])


@pytest.mark.parametrize(
    "options", [{"draws": 0}, {"draws": 9, "alternative": "less"}, {"draws": 9, "alternative": "?", "count_le": 1}]
)
def test_permutation_p_refuses_what_has_no_meaning(options: dict) -> None:
    with pytest.raises(ValueError):
        sig.permutation_p(1, **options)


def test_benjamini_hochberg_equals_r_p_adjust() -> None:
    # R: p.adjust(c(.01, .02, .03, .04, .05), "BH") and p.adjust(c(.001, .3, .02, .9), "BH")
    np.testing.assert_allclose(sig.benjamini_hochberg([0.01, 0.02, 0.03, 0.04, 0.05]), 0.05)
    np.testing.assert_allclose(sig.benjamini_hochberg([0.001, 0.3, 0.02, 0.9]), [0.004, 0.4, 0.04, 0.9])


def test_benjamini_hochberg_does_not_count_a_missing_test() -> None:
    q = sig.benjamini_hochberg(np.array([np.nan, 0.01, np.nan, 0.02]))
    np.testing.assert_allclose(q, [np.nan, 0.02, np.nan, 0.02])
    assert np.isnan(sig.benjamini_hochberg(np.array([np.nan]))).all()
    assert sig.benjamini_hochberg(np.array([])).size == 0


def test_bins_agree_with_q_values_on_random_p() -> None:
    rng = np.random.default_rng(1)
    p = np.concatenate([rng.random(500), rng.random(40) ** 6])
    z = rng.normal(size=p.size)
    q = sig.benjamini_hochberg(p)
    expected = np.sum([q <= level for level in sig.BIN_LEVELS], axis=0) * np.sign(z)
    np.testing.assert_array_equal(sig.gi_bins(z, p, fdr=True), expected)


def test_bins_without_correction_use_the_plain_levels() -> None:
    z = np.array([2.6, -2.6, 2.0, -1.7, 1.0, np.nan, 0.0])
    p = sig.two_sided_normal(z)
    np.testing.assert_array_equal(sig.gi_bins(z, p, fdr=False), [3, -3, 2, -1, 0, 0, 0])
    assert sig.gi_bins(z, p, fdr=True).dtype == np.int8


def test_critical_p_keeps_the_step_up_rule() -> None:
    # p(3) = 0.03 <= 0.05 * 3/5 although p(2) = 0.025 > 0.05 * 2/5: step-up keeps all three
    assert sig.critical_p(np.array([0.001, 0.025, 0.03, 0.2, 0.9]), 0.05) == 0.03
    assert sig.critical_p(np.array([0.5, 0.9]), 0.05) == -1.0
    assert sig.critical_p(np.array([np.nan]), 0.05) == -1.0


def test_draws_needed_lets_one_place_alone_pass() -> None:
    for tests in (1, 30, 1024, 10_000):
        draws = sig.draws_needed(tests)
        assert 2 / (draws + 1) <= 0.05 / tests < 2 / draws
    assert sig.draws_needed(1024) == 40_959


def test_poisson_interval_is_garwoods() -> None:
    # Garwood's (1936) 95 % limits as R prints them: poisson.test(n)$conf.int
    low, high = sig.poisson_interval(np.array([0, 1, 2, 5, 10, 20, 100]))
    np.testing.assert_allclose(low, [0, 0.0253, 0.2422, 1.6235, 4.7954, 12.2165, 81.3640], atol=5e-5)
    np.testing.assert_allclose(high, [3.6889, 5.5716, 7.2247, 11.6683, 18.3904, 30.8884, 121.6268], atol=6e-5)


def test_poisson_interval_holds_its_level_by_the_definition() -> None:
    from scipy.stats import poisson

    low, high = sig.poisson_interval(np.arange(1, 60), level=0.9)
    np.testing.assert_allclose(poisson.sf(np.arange(1, 60) - 1, low), 0.05, rtol=1e-9)
    np.testing.assert_allclose(poisson.cdf(np.arange(1, 60), high), 0.05, rtol=1e-9)
    assert np.isnan(sig.poisson_interval(np.array([np.nan]))[0]).all()
    with pytest.raises(ValueError):
        sig.poisson_interval(np.array([-1]))
    with pytest.raises(ValueError):
        sig.poisson_interval(np.array([1]), level=95)
