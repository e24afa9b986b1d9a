"""The weighted displacement difference against its published numbers, and what chance does to it."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.evaluation import weighteddisplacement as analysis
from hotspot_plugin.analysis.evaluation.weighteddisplacement import Counts, quotient, wdd

# Wheeler and Ratcliffe (2018), and the tests of Wheeler's R package ptools and Python package crimepy.
# There the order is control, treated, displacement of control, displacement of treated.


def counts(control, treated, of_control=None, of_treated=None, times=1.0, sizes=(1, 1, 1, 1)):
    """Take the published order."""
    moved = of_control is not None
    pairs = [treated, control, of_treated or (0, 0), of_control or (0, 0)]
    order = [sizes[1], sizes[0], sizes[3], sizes[2]]
    return Counts.of(*(np.array([pair[k] for pair in pairs]) for k in (0, 1)), times, np.array(order, float), moved)


PAPER = counts((308, 318), (207, 110), (150, 140), (178, 157))


def test_the_paper():
    found = wdd(PAPER).total
    assert found.value == -118
    assert found.se == pytest.approx(np.sqrt(1568), abs=1e-12)
    assert found.z == pytest.approx(-2.979950006429022, abs=1e-12)
    assert (found.low, found.high) == pytest.approx((-195.6106, -40.3894), abs=1e-4)


def test_area_weights():
    found = wdd(counts((308, 318), (207, 110), (150, 140), (178, 157), sizes=(0.9, 1.2, 1.6, 1.5))).total
    assert found.value == pytest.approx(-99.69444444, abs=1e-8)
    assert found.se == pytest.approx(35.4280755, abs=1e-7)
    assert found.z == pytest.approx(-2.813995483, abs=1e-9)
    assert (found.low, found.high) == pytest.approx((-169.1321965, -30.25669241), abs=1e-7)


def test_time_weights():
    found = wdd(counts((100, 50), (80, 20), times=2.0)).total
    assert found.value == -20 and found.se == pytest.approx(10.723805294763608, abs=1e-12)
    found = wdd(counts((200, 100), (100, 20), times=2.0)).total
    assert found.value == -30 and (found.se, found.low90, found.high90) == pytest.approx((14.0, -53.0, -7.0), abs=0.05)


@pytest.mark.parametrize(("given", "value", "se", "ends"), [
    (((130, 150), (120, 100)), -40, 22.4, (-76.8, -3.2)),
    (((130, 150), (120, 100), (30, 25), (40, 25)), -50, 24.9, (-91.0, -9.0)),
    (((20, 20), (20, 10)), -10, 8.3666, (-23.761833, 3.761833)),
])
def test_the_published_90_per_cent_intervals(given, value, se, ends):
    found = wdd(counts(*given)).total
    assert found.value == value and found.se == pytest.approx(se, abs=0.05)
    assert (found.low90, found.high90) == pytest.approx(ends, abs=0.05)


def test_harm():
    """Five types of crime with weights 3, 2, 5, 7, 10: the sum has the sum of squared weights as its variance."""
    control = np.array([[133, 91], [388, 305], [148, 97], [86, 64], [94, 67]])
    treated = np.array([[130, 74], [327, 202], [398, 190], [144, 92], [183, 96]])
    harm = np.array([3, 2, 5, 7, 10])
    sums, squares = ([np.array([power @ treated[:, k], power @ control[:, k], 0, 0], float) for k in (0, 1)]
                     for power in (harm, harm**2))
    found = wdd(Counts(*sums, *squares, displacement=False)).total
    assert found.value == -1721 and found.se == pytest.approx(304.1036007678962, abs=1e-10)
    assert found.z == pytest.approx(-5.6592555815, abs=1e-9)
    assert (found.low, found.high) == pytest.approx((-2317.0321, -1124.9679), abs=1e-4)


def test_the_parts_add_up():
    found = wdd(PAPER)
    assert found.local.value + found.displaced.value == found.total.value
    assert found.local.se**2 + found.displaced.se**2 == pytest.approx(found.total.se**2)
    assert np.isnan(wdd(counts((1, 2), (3, 4))).displaced.value)


def test_overdispersion_multiplies_the_error_by_its_root():
    assert wdd(PAPER, 4.0).total.se == pytest.approx(2 * wdd(PAPER).total.se)
    # Student's t with ten degrees of freedom: 2.228 (any table)
    assert wdd(PAPER, 1.0, 10).total.high == pytest.approx(-118 + 2.2281389 * np.sqrt(1568), abs=1e-4)


# --- quotient: POP Center's guide 10 (appendix C), Bowers and Johnson 2003, tests of streetlamp ----------------
def test_the_quotient_of_the_papers_counts():
    found = quotient(PAPER)
    assert found.value == pytest.approx(0.25818568834908917, abs=1e-12) and found.why == ""
    assert found.net == pytest.approx(130.5, abs=0.05)


@pytest.mark.parametrize(("treated", "around", "control", "value", "net"), [
    ((100, 70), (80, 90), (500, 500), -1 / 3, 20.0),
    ((100, 90), (80, 95), (500, 500), -1.5, -5.0),
    ((1000, 500), (1000, 1500), (1000, 1000), -1.0, 0.0),  # streetlamp: A 100→50, B 100→150, C 100→100
    ((1000, 500), (1000, 750), (1000, 1000), 0.5, 750.0),
])
def test_published_quotients(treated, around, control, value, net):
    found = quotient(Counts.of(*(np.array([treated[k], control[k], around[k], 0]) for k in (0, 1))))
    assert found.value == pytest.approx(value, abs=1e-12) and found.net == pytest.approx(net, abs=1e-9)


@pytest.mark.parametrize(("treated", "around", "control", "why"), [
    ((100, 120), (80, 70), (500, 500), "no fall"), ((100, 95), (80, 70), (500, 500), "unclear"),
    ((100, 50), (80, 70), (500, 0), "no control")])
def test_a_quotient_that_means_nothing_is_not_defined(treated, around, control, why):
    found = quotient(Counts.of(*(np.array([treated[k], control[k], around[k], 0]) for k in (0, 1))))
    assert found.why == why and np.isnan(found.low)


def test_fiellers_interval_holds_the_quotient():
    """300 draws at a true quotient of -0.4: 95 % of the intervals hold it, within what 300 draws tell."""
    rng, held = np.random.default_rng(4), 0
    mean = np.array([[400.0, 600, 500, 0], [250.0, 600, 560, 0]])
    true = (560 / 600 - 500 / 600) / (250 / 600 - 400 / 600)
    for _ in range(300):
        found = quotient(Counts.of(rng.poisson(mean[0]), rng.poisson(mean[1])))
        held += bool(np.isnan(found.low) or found.low <= true <= found.high)
    assert 0.91 <= held / 300 <= 0.985


# --- overdispersion and calibration -------------------------------------------------------------------
def draw(rng, mean, phi, size):
    """Counts whose variance is phi times their mean."""
    return rng.poisson(mean, size) if phi == 1 else rng.negative_binomial(mean / (phi - 1), 1 / phi, size)


def test_pearsons_statistic_is_that_of_the_two_way_table():
    from scipy.stats import chi2_contingency

    table = np.array([[12, 7, 9], [30, 22, 41], [0, 0, 0]])
    found = analysis.residuals(table)
    known = chi2_contingency(table[:2], correction=False)
    assert found.pearson == pytest.approx(known[0]) and found.free == known[2]


def test_overdispersion_is_found_from_the_time_before_and_what_all_share_is_not_it():
    rng = np.random.default_rng(7)
    season = 1.0 + 0.5 * np.sin(np.arange(26) / 4)
    found = [analysis.dispersion_in_time(np.array([draw(rng, 40 * season, phi, 26) for _ in range(4)])).phi
             for phi in (1, 3) for _ in range(40)]
    assert np.mean(found[:40]) == pytest.approx(1.1, abs=0.1)  # not below 1 in any draw
    assert np.mean(found[40:]) == pytest.approx(3.0, abs=0.25)


def test_areas_that_change_differently_are_overdispersed():
    rng = np.random.default_rng(8)
    codes = np.repeat([0, 1], 20)
    found = [analysis.dispersion_among_areas(draw(rng, 5.0, 3, 40), draw(rng, 5.0, 3, 40), codes).phi
             for _ in range(600)]
    assert np.mean(found) == pytest.approx(3.0, abs=0.15)
    assert analysis.dispersion_among_areas(np.array([5, 9]), np.array([7, 3]), np.array([0, 1])) is None


def test_intervals_hold_what_they_promise():
    """Coverage at 95 %: Poisson counts; overdispersed ones with and without the estimate. 500 draws each."""
    rng, held = np.random.default_rng(5), {}
    for phi, estimate in ((1, False), (1, True), (3, False), (3, True)):
        inside = 0
        for _ in range(500):
            table = draw(rng, 15.0, phi, (4, 26))
            table[:, 13:] = draw(rng, np.array([[9.0], [15], [15], [15]]), phi, (4, 13))
            spread = analysis.dispersion_in_time(table[:, :13]) if estimate else None
            one = wdd(Counts.of(table[:, :13].sum(axis=1), table[:, 13:].sum(axis=1)),
                      *((spread.phi, spread.raw_free) if spread else (1.0,))).total
            inside += one.low <= -6.0 * 13 <= one.high
        held[phi, estimate] = inside / 500
    assert 0.92 <= held[1, False] <= 0.98 and 0.92 <= held[1, True] <= 0.99
    assert held[3, False] < 0.85, "Poisson intervals are far too narrow for overdispersed counts"
    assert 0.92 <= held[3, True] <= 0.98


def test_a_drift_before_is_seen():
    spread = analysis.Dispersion(1.0, np.inf, 1.0, "assumed")
    table = np.tile(np.array([[20], [20], [0], [0]]), 12)
    assert not analysis.half_and_half(table, np.ones(4), False, spread).total.clear
    table[0, 6:] = 8
    assert analysis.half_and_half(table, np.ones(4), False, spread).total.value == -72
