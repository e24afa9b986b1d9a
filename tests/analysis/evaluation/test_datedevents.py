"""Dated events: the calendar of places, the conditional Poisson model, placebo dates."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from hotspot_plugin.analysis.evaluation import conditional, eventlooks
from hotspot_plugin.analysis.evaluation import datedevents as analysis
from hotspot_plugin.analysis.evaluation.conditional import Pair
from hotspot_plugin.analysis.evaluation.datedevents import AFTER, BEFORE, DURING, LEFT_OUT, NO_DAY, Windows


def example(places=60, seed=3, mean=1.5):
    rng = np.random.default_rng(seed)
    e1, e0 = rng.uniform(3, 30, places), rng.uniform(10, 30, places)
    level = rng.gamma(1.0, mean / 20, places)
    return Pair.of(rng.poisson(level * e1 * 1.4), rng.poisson(level * e0), e1, e0)


# --- the model -----------------------------------------------------------------------------
def test_the_estimate_is_that_of_a_poisson_regression_with_an_effect_for_every_place():
    """statsmodels GLM with a dummy for each place and the exposure as offset: estimate and standard error."""
    sm = pytest.importorskip("statsmodels.api")
    pair = example()
    n = len(pair.first)
    y = np.concatenate([pair.first, pair.second])
    design = np.column_stack([np.repeat([1.0, 0.0], n), np.vstack([np.eye(n), np.eye(n)])])
    offset = np.log(np.concatenate([pair.first_exposure, pair.second_exposure]))
    model = sm.GLM(y, design, family=sm.families.Poisson(), offset=offset).fit(tol=1e-12, maxiter=200)
    beta = conditional.estimate_log_ratio(pair)
    assert beta == pytest.approx(model.params[0], abs=1e-8)
    assert 1 / np.sqrt(pair.score(beta)[1]) == pytest.approx(model.bse[0], rel=1e-5)


def test_with_one_place_it_is_the_exact_test_of_two_poisson_counts():
    """9 against 3 in equal time: two-sided binomial, twice the smaller tail; Clopper-Pearson odds."""
    r = conditional.compare(Pair(*(np.array([v]) for v in (9.0, 3.0, 10.0, 10.0))))
    assert r.value == pytest.approx(3) and r.p == pytest.approx(2 * stats.binom.sf(8, 12, 0.5))
    low, high = stats.beta.ppf(0.025, 9, 4), stats.beta.ppf(0.975, 10, 3)
    assert (r.low, r.high) == pytest.approx((low / (1 - low), high / (1 - high)), rel=1e-6)
    assert r.expected == pytest.approx(3) and r.low_adjusted == r.low


def test_no_incident_on_one_side_gives_an_open_interval_and_none_at_all_gives_nothing():
    none = conditional.compare(Pair(*(np.array([v]) for v in (0.0, 10.0, 10.0, 10.0))), looks=8)
    top = 1 - 0.025 ** 0.1
    assert none.value == 0 and none.low == 0 and none.high == pytest.approx(top / (1 - top), rel=1e-6)
    assert none.high_adjusted > none.high
    all_ = conditional.compare(Pair(*(np.array([v]) for v in (5.0, 0.0, 10.0, 10.0))))
    assert all_.value == np.inf and all_.high == np.inf and all_.low > 0 and np.isnan(all_.smallest[0])
    empty = conditional.compare(Pair.of(*(np.array([v]) for v in (0.0, 0.0, 1.0, 1.0))))
    assert not empty.known and empty.n_first == 0


def test_places_that_vary_more_than_chance_widen_the_interval():
    first = np.array([30.0, 0, 0, 25, 0, 28, 0, 0, 2, 1])
    r = conditional.compare(Pair(first, first[::-1].copy(), np.full(10, 20.0), np.full(10, 20.0)))
    assert r.phi > 10 and r.high / r.low > 5


def test_holm():
    """R: p.adjust(c(.01, .04, .03, .005), "holm") = .03 .06 .06 .02"""
    assert conditional.holm(np.array([0.01, 0.04, np.nan, 0.03, 0.005])) == pytest.approx(
        [0.03, 0.06, np.nan, 0.06, 0.02], nan_ok=True)


# --- the calendar --------------------------------------------------------------------------
def by_hand(place, start, end, permanent, w, days, places, near):
    """The rules of a day, one day and one place at a time."""
    out = np.zeros((places, days), int)
    active = np.zeros((places, days), bool)
    for p in range(places):
        for d in range(days):
            running = edge = before = after = False
            for s, e in ((start[i], start[i] if permanent else end[i]) for i in range(len(place)) if place[i] == p):
                running |= not permanent and (s <= d < e or d == s)
                edge |= s - w.lead <= d < s or e <= d <= e + w.lag
                before |= s - w.before <= d < s - w.lead
                after |= e + w.lag < d <= e + w.after
                active[p, d] |= d >= s if permanent else False
            active[p, d] |= (running or edge) and not permanent
            out[p, d] = (DURING if running else LEFT_OUT if edge or (before and after) else BEFORE if before
                         else AFTER if after else NO_DAY)
    for p, q in zip(*near):
        hit = active[q] & ((out[p] == BEFORE) if permanent else np.isin(out[p], (BEFORE, DURING, AFTER)))
        out[p, hit] = -LEFT_OUT
    return np.abs(out)


@pytest.mark.parametrize("permanent", [False, True])
def test_every_day_of_every_place_has_the_state_that_the_rules_give(permanent):
    rng = np.random.default_rng(11)
    place = rng.integers(0, 5, 14)
    start = rng.integers(-10, 110, 14)
    end = start + rng.integers(0, 15, 14)
    near = (np.array([0, 1, 3, 2, 4]), np.array([1, 0, 4, 0, 2]))
    w = Windows(20, 15, 4, 2)
    got = analysis.make_calendar(place, start, end, permanent, w, 100, 5, near)
    want = by_hand(place, start, end, permanent, w, 100, 5, near)
    assert np.array_equal(got.state, want)
    assert got.kept.tolist() == np.bincount(want.ravel(), minlength=5).tolist() and got.near > 0


def test_weeks_are_counted_from_the_start_and_the_end():
    week = analysis.make_calendar(np.zeros(1, int), np.array([40]), np.array([70]), False, Windows(28, 28, 7), 120,
                                  1).week[0]
    assert (week[39], week[33], week[32], week[26], week[25], week[12], week[11]) == (-1, -1, 2, 2, 1, 0, -1)
    assert (week[40], week[47], week[54], week[68]) == (4, 5, 6, 7)
    assert (week[70], week[71], week[78], week[98], week[99]) == (-1, 8, 9, 11, -1)


def test_the_town_has_its_weekday_and_its_trend_and_flat_without_enough():
    first, days = np.datetime64("2024-01-01"), 364  # a Monday
    counts = np.where(np.arange(days) % 7 == 5, 40, 20) + np.arange(days) // 52
    day = np.repeat(np.arange(days), counts)
    town = analysis.town_level(day, np.ones(len(day), bool), days, first, True)
    assert town.source == "outside" and town.level.mean() == pytest.approx(1, abs=1e-6)
    assert town.level[180:180 + 7].max() / town.level[180:180 + 7].min() == pytest.approx(43 / 23, rel=0.05)
    few = analysis.town_level(day[:500], np.ones(500, bool), days, first, True)
    assert few.source == "few" and (few.level == 1).all()


# --- placebo dates -------------------------------------------------------------------------
def test_a_placebo_is_the_calendar_moved_round():
    rng = np.random.default_rng(2)
    days, places = 90, 4
    state = rng.integers(0, 4, (places, days)).astype(np.int8)
    place, day, ring = rng.integers(0, places, 80), rng.integers(0, days, 80), rng.integers(0, 2, 80)
    level = rng.uniform(0.5, 1.5, days)
    got = analysis.placebo_scores(state, place, day, ring, 2, level, [(DURING, BEFORE)], 5, np.random.default_rng(7),
                                  together=True)
    for draw, shift in enumerate(np.random.default_rng(7).integers(1, days, 5)):
        moved = np.roll(state, shift, axis=1)
        exposure = analysis.exposures(moved, level, 4)
        for k in (0, 1):
            counts = analysis.counts_by_state(moved, place[ring == k], day[ring == k], places, 4)
            score, information, _ = analysis.pair_of(counts, exposure, DURING, BEFORE).score(0.0)
            assert got[draw, 0, k] == pytest.approx(score / np.sqrt(information), abs=1e-5)


# --- how often it is wrong -----------------------------------------------------------------
@pytest.fixture(scope="module")
def calibration():
    path = Path(__file__).resolve().parents[3] / "benchmarks/calibration_datedevents.py"
    spec = importlib.util.spec_from_file_location("calibration_datedevents", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_intervals_hold_the_truth_and_nothing_is_not_claimed(calibration):
    """A few runs of what docs/calibration-datedevents.md has 500 of: repeated, near, bursts, season, an effect."""
    town = calibration.Town("t", places=60, events=3, groups=2, season=0.5, bursts=0.4, a_year=6.0)
    line = calibration.calibrate(town, 25, 99)
    assert line.every > 0.87 and line.together > 0.84 and line.any_claim < 0.16
    found = calibration.calibrate(calibration.Town("u", places=100, a_year=12.0, ratio=2.0), 8, 99)
    assert found.inner >= 0.74 and found.claims == 1.0


def test_the_season_of_the_town_keeps_events_of_one_summer_from_taking_it_for_theirs(calibration):
    wave = {"places": 150, "a_year": 12.0, "season": 0.6, "trend": 0.5, "wave": True}
    bare = calibration.calibrate(calibration.Town("v", adjust=False, **wave), 10, 0)
    held = calibration.calibrate(calibration.Town("v", **wave), 10, 0)
    assert held.together >= 0.8 > bare.together


def test_a_cancelled_run_stops():
    class Stop(Exception):
        pass

    def progress(fraction):
        raise Stop

    counted = eventlooks.Counted(
        analysis.make_calendar(np.zeros(1, int), np.array([40]), np.array([50]), False, Windows(20, 20), 100, 1),
        np.zeros(5, int), np.arange(30, 35), np.zeros(5, int), 1, [(0, np.ones(5, bool))], np.datetime64("2024-01-01"))
    with pytest.raises(Stop):
        eventlooks.compare(counted, progress=progress)
