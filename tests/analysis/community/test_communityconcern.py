"""Concern by voices: published numbers, a second implementation, coverage where the truth is known, who is heard."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from hotspot_plugin.analysis.community import communityconcern as concern
from hotspot_plugin.analysis.community import concernsurface, heard
from hotspot_plugin.analysis.hotspots.kerneldensity import Frame


def the_benchmark():
    path = Path(__file__).resolve().parents[3] / "benchmarks" / "calibration_communityconcern.py"
    spec = importlib.util.spec_from_file_location("calibration_communityconcern", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


bench = the_benchmark()


def one_place(value, weight=None, voice=None):
    value = np.asarray(value, float)
    n = len(value)
    return concern.estimate(np.zeros(n, int), np.arange(n) if voice is None else np.asarray(voice), value,
                            np.ones(n) if weight is None else np.asarray(weight, float), 1)


# --- published numbers ------------------------------------------------------------------------
def test_kish_and_the_linearised_error_as_in_the_reference():
    """The survey example of the methods reference (weights .5 .5 1 1 2 2 3, answers 1 0 1 1 0 1 0), on 1 to 5."""
    found = one_place(1 + 4 * np.array([1, 0, 1, 1, 0, 1, 0]), [0.5, 0.5, 1, 1, 2, 2, 3])
    assert found.effective[0] == pytest.approx(5.128205128205129)
    assert found.se[0] / 4 == pytest.approx(0.2309987373702867)
    assert found.mean[0] == pytest.approx(1 + 4 * 0.45) and found.worried[0] == pytest.approx(0.45)


def test_answers_at_the_ends_have_jeffreys_interval():
    """Brown, Cai and DasGupta (2001): Beta(x + 1/2, n - x + 1/2)."""
    found = one_place([5] * 7 + [1] * 3)
    low, high = stats.beta.ppf([0.025, 0.975], 7.5, 3.5)
    assert (found.low[0], found.high[0]) == pytest.approx((1 + 4 * low, 1 + 4 * high))


def test_a_voice_counts_once_with_the_mean_of_its_own():
    loud = one_place([5, 5, 5, 1, 2], voice=[7, 7, 7, 8, 9])
    assert loud.voices[0] == 3 and loud.mean[0] == pytest.approx((5 + 1 + 2) / 3)
    # a recent report counts more in the own mean, and the voice weighs as its weightiest report
    found = one_place([5, 1, 3], [1.0, 0.25, 0.5], [1, 1, 2])
    own = (5 * 1 + 1 * 0.25) / 1.25
    assert found.mean[0] == pytest.approx((own * 1 + 3 * 0.5) / 1.5)


def test_all_of_one_mind_have_an_interval_with_a_width():
    for n in (1, 5, 50):
        found = one_place([5.0] * n)
        assert found.mean[0] == 5 == found.high[0] and 1 < found.low[0] < 5
    assert one_place([5.0] * 5).high[0] - one_place([5.0] * 5).low[0] > 0.5
    assert np.isnan(one_place([np.nan, np.nan]).mean[0])


# --- a second implementation ------------------------------------------------------------------
@pytest.mark.parametrize(("value", "weight"), [
    ([1, 2, 3, 4, 5, 5, 4], [1, 1, 1, 1, 1, 1, 1]), ([5, 5, 5, 5, 4], [1, 0.8, 0.5, 0.1, 0.9]),
    ([2.5, 1, 1, 1, 1, 3, 1, 1.5, 1, 2, 1, 1], np.linspace(0.2, 1, 12))])
def test_the_interval_is_that_of_the_dirichlet_mean(value, weight):
    """The distribution itself, by 200,000 draws of gamma variables: its two moments miss it by 3 % of the scale."""
    value, weight = np.asarray(value, float), np.asarray(weight, float)
    found = one_place(value, weight)
    worth = np.r_[weight / weight.sum() * weight.sum() ** 2 / (weight**2).sum(), 0.5, 0.5]
    draws = np.random.default_rng(1).gamma(worth, size=(200_000, len(worth)))
    means = draws @ np.r_[value, 1.0, 5.0] / draws.sum(axis=1)
    assert [found.low[0], found.high[0]] == pytest.approx(np.quantile(means, [0.025, 0.975]), abs=0.12)


def test_many_quantiles_are_those_of_scipy():
    a, b = np.array([0.5, 0.5, 7.5, 0.51, 300.0, 2e-3, np.nan]), np.array([0.5, 30.5, 3.5, 80.0, 4.0, 0.4, 1.0])
    for q in (0.025, 0.5, 0.975):
        assert concern.beta_quantile(a, b, q)[:-1] == pytest.approx(stats.beta.ppf(q, a, b)[:-1], rel=1e-6, abs=1e-9)
    assert np.isnan(concern.beta_quantile(a, b, 0.5)[-1])


def test_the_share_worried_is_wilsons():
    found = one_place([5, 4, 3, 1, 4, 2, 5, 5])
    p, n, z = 5 / 8, 8, stats.norm.ppf(0.975)
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    assert found.worried_low[0] == pytest.approx((p + z**2 / (2 * n) - half) / (1 + z**2 / n))


# --- coverage where the truth is known -----------------------------------------------------------
@pytest.mark.parametrize("decay", [False, True])
@pytest.mark.parametrize("name", list(bench.TRUTHS))
def test_intervals_cover_at_their_rate(name, decay):
    """3,000 places a case; a share of 95 % has a standard error of 0.4 points."""
    for voices in (5, 12, 40):
        share = bench.covered(3000, voices, name, decay)["ours"]
        assert 0.92 < share, (voices, share)
        assert share < 0.99 or voices < 20, (voices, share)  # not so wide that it covers always


def test_the_usual_interval_would_fail():
    assert bench.covered(3000, 12, "95 % 5, 5 % 1", False)["t"] < 0.6


def test_areas_alike_are_seldom_called_more_or_less_worried():
    any_, _ = bench.false_classes(300, 60, 12, "worried")
    assert any_ < 0.09


def test_under_heard_is_found_and_seldom_wrong():
    assert bench.under_heard(300, 60, 5.0, 1.0)[0] < 0.08
    wrong, right = bench.under_heard(200, 60, 20.0, 0.3)
    assert wrong < 0.12 and right > 0.85


# --- who is heard -------------------------------------------------------------------------------
def test_under_heard_by_the_exact_test():
    voices, people = np.array([40, 45, 2, 38, 0, 50]), np.array([2000.0, 2200, 1900, 2100, 60, 600])
    found = heard.heard(voices, people)
    assert found.code.tolist() == [heard.AS_ELSEWHERE, heard.AS_ELSEWHERE, heard.UNDER_HEARD, heard.AS_ELSEWHERE,
                                   heard.NOT_COMPARED, heard.HEARD_MORE]
    assert found.per_1000[2] == pytest.approx(2 / 1.9)
    assert found.per_high[2] == pytest.approx(stats.chi2.ppf(0.975, 6) / 2 / 1.9)  # Garwood
    assert np.isnan(found.per_1000[4]) and np.isnan(found.ratio[4])
    rest = (voices.sum() - 2) / (people[people >= 100].sum() - 1900)
    assert found.ratio[2] == pytest.approx(2 / 1900 / rest)


def test_too_few_residents_for_a_verdict_and_a_slight_difference_are_no_class():
    small = heard.heard(np.array([0, 50, 50]), np.array([150.0, 5000, 5000]))
    assert small.code[0] == heard.TOO_LITTLE
    slight = heard.heard(np.array([4000, 5000]), np.array([100_000.0, 100_000]))
    assert (slight.code == heard.AS_ELSEWHERE).all() and slight.q[0] < 1e-6


# --- the surface --------------------------------------------------------------------------------
def test_the_surface_is_the_kernel_weighted_mean_and_hides_the_few():
    rng = np.random.default_rng(2)
    frame = Frame(0.0, 2000.0, 100.0, 20, 20)
    x, y = rng.uniform(0, 1000, 300), rng.uniform(0, 1000, 300)
    value = rng.integers(1, 6, 300).astype(float)
    voice = np.arange(300) // 2
    found = concernsurface.surface(x, y, voice, value, np.ones(300), frame, 500.0, 10)
    # by hand at the middle of the cell in row 15, column 4: (450, 450)
    at = np.floor(x / 100) * 100 + 50, np.floor(y / 100) * 100 + 50
    u = np.hypot(at[0] - 450, at[1] - 450) / 500
    k = np.where(u < 1, (1 - u**2) ** 2, 0)
    means, weights = [], []
    for v in range(150):
        own = (voice == v) & (k > 0)
        if own.any():
            means.append((k[own] * value[own]).sum() / k[own].sum())
            weights.append(k[own].max())
    assert found.mean[15, 4] == pytest.approx(round(np.average(means, weights=weights), 1))
    assert found.voices[15, 4] == len(means) // 5 * 5
    # nothing far from all voices, nor where the weights of those in reach are worth fewer than ten
    assert np.isnan(found.mean[0]).all() and np.isnan(found.voices[0]).all()
    shown = np.isfinite(found.mean)
    assert shown.any() and (found.voices[shown] >= 10).all()


def test_one_household_makes_no_surface():
    frame = Frame(0.0, 1000.0, 100.0, 10, 10)
    many = concernsurface.surface(np.full(40, 500.0), np.full(40, 500.0), np.zeros(40, int), np.full(40, 5.0),
                                  np.ones(40), frame, 500.0, 5)
    assert np.isnan(many.mean).all()
