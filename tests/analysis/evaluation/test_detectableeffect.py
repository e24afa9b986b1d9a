"""The smallest detectable change: closed forms, simulation, and the sizes of surveys."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.evaluation import detectableeffect as analysis
from hotspot_plugin.analysis.evaluation.detectableeffect import Design, Survey


def plan(*counts, **more):
    return Design(np.array([*counts, *[0.0] * (4 - len(counts))]), **more)


@pytest.mark.parametrize(("count", "fall"), [(200, 75.41347676636417), (50, 35.889843689620584)])
def test_closed_form(count, fall):
    """x = (z_α/2 + z_β) √(2T - x + 2C)."""
    found = analysis.smallest_fall(plan(count, count))
    assert found == pytest.approx(fall, abs=1e-10)
    assert found == pytest.approx(2.8015852 * np.sqrt(4 * count - found), abs=1e-5)
    assert plan(count, count).power_of(found, False) == pytest.approx(0.8, abs=1e-12)


def test_what_cannot_be_seen_has_no_number():
    assert np.isnan(analysis.smallest_fall(plan(5, 5)))
    assert np.isnan(analysis.smallest_fall(plan(50, 50, 40, 40, moved=1.0), True)), "all of it moves"
    assert np.isfinite(analysis.smallest_rise(plan(5, 5)))


@pytest.mark.parametrize(("counts", "more", "displacement", "phi"), [
    ((200, 200), {}, False, 1.0), ((200, 150), {"times": 0.5}, False, 1.0),
    ((200, 200, 150, 150), {"moved": 0.3}, True, 1.0), ((200, 200), {"phi": 2.0}, False, 2.0),
    ((200, 400), {"sizes": np.array([1.0, 2.0, 1.0, 1.0])}, False, 1.0),
    ((200, 200), {"two_sided": False, "alpha": 0.1}, False, 1.0),
])
def test_simulation_finds_it_in_eight_of_ten(counts, more, displacement, phi):
    """4,000 draws of each design, judged as the tool that evaluates does."""
    from hotspot_plugin.analysis.evaluation.weighteddisplacement import Counts, quantile

    rng, n = np.random.default_rng(2), 4000
    made = plan(*counts, **more)
    fall = analysis.smallest_fall(made, displacement)

    def draw(mean):
        return rng.poisson(mean, n) if phi == 1.0 else rng.negative_binomial(mean / (phi - 1), 1 / phi, n)

    mean = made.counts * made.times
    mean[0] -= fall
    mean[2] += made.moved * fall if displacement else 0.0
    before, after = (np.array([draw(m) if m > 0 else np.zeros(n, int) for m in means]) for means in (made.counts, mean))
    sizes = made.sizes if made.sizes is not None else np.ones(4)
    z = np.array([_z(Counts.of(before[:, i], after[:, i], 1 / made.times, sizes, displacement), phi) for i in range(n)])
    level = quantile(0.95) if made.two_sided else quantile(0.8)
    found = np.mean(-z > level) if not made.two_sided else np.mean(np.abs(z) > level)
    assert found == pytest.approx(0.8, abs=0.025)


def _z(counts, phi):
    from hotspot_plugin.analysis.evaluation.weighteddisplacement import wdd

    return wdd(counts, phi).total.z


def test_how_much_longer():
    made = plan(50, 50)
    times = analysis.times_needed(made, 0.2)
    assert analysis.smallest_fall(made.scaled(times)) == pytest.approx(0.2 * 50 * times)
    later = analysis.later_needed(made, 0.6)
    assert np.isfinite(later) and later > 1.0
    longer = plan(50, 50, times=later)
    assert analysis.smallest_fall(longer) == pytest.approx(0.6 * 50 * later, rel=1e-6)
    assert np.isinf(analysis.later_needed(made, 0.2)), "the time before alone is too uncertain"
    # as the later period grows without end, the error of the time before is what is left: z √(2/50)
    limit = analysis.smallest_fall(plan(50, 50, times=1e7)) / 5e8
    assert limit == pytest.approx(2.8015852 * np.sqrt(2 / 50), rel=1e-3)


# --- surveys -------------------------------------------------------------------------------------------
def test_two_proportions():
    """.42 against .50 with 80 %: 608.09 (Fleiss, Levin and Paik's formula without continuity correction)."""
    assert Survey(0.42).answers(0.5) == pytest.approx(608.0890201425912, abs=1e-9)
    assert Survey(0.5).answers(0.42) == Survey(0.42).answers(0.5)
    rng = np.random.default_rng(6)
    first, second = (rng.binomial(609, p, 200_000) / 609 for p in (0.42, 0.5))
    middle = (first + second) / 2
    assert np.mean(np.abs(first - second) > 1.959964 * np.sqrt(2 * middle * (1 - middle) / 609)) == pytest.approx(
        0.8, abs=0.01)


def test_design_effect_response_and_comparison():
    plain = Survey(0.42).answers(0.5)
    clustered = Survey(0.42, cluster=20, likeness=0.05, weighting=1.365)
    assert clustered.design_effect == pytest.approx(1.365 * 1.95)
    assert clustered.answers(0.5) == pytest.approx(plain * 1.365 * 1.95)
    assert Survey(0.42, response=0.25).asked(0.5) == pytest.approx(plain * 4)
    assert Survey(0.42, comparison=True).answers(0.5) / plain == pytest.approx(2.0, abs=0.05)
    assert Survey(0.42, panel=0.5).answers(0.5) / plain == pytest.approx(0.5, abs=0.01)


def test_the_smallest_change_is_the_inverse():
    survey = Survey(0.42, cluster=10, likeness=0.1)
    for rise in (True, False):
        change = survey.smallest_change(500, rise)
        assert survey.answers(0.42 + (change if rise else -change)) == pytest.approx(500, rel=1e-6)
    assert np.isnan(Survey(0.98).smallest_change(10, True))
