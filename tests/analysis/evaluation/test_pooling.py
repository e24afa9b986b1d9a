"""Effects of several places pooled, against R's metafor and a known truth."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hotspot_plugin.analysis.evaluation.pooling import pool

#: Logarithms of five rate ratios and their variances, as given to metafor (rma, method DL and FE).
EFFECTS = [-0.18397973554650898, -0.24099891048018682, -0.31692663786321923, -0.1525605096331245, -0.3065357984945468]
VARIANCES = [0.0397136291873134, 0.01386460713725915, 0.024841755816079412, 0.04506691663857994, 0.04144481854765239]


def test_the_numbers_of_metafor():
    found = pool(EFFECTS, VARIANCES)
    for value, se in ((found.value, found.se), (found.fixed, found.fixed_se)):  # tau² is 0: both are the same
        assert (value, se) == pytest.approx((-0.247740427238349, 0.0737452563799142), abs=1e-12)
    assert found.q == pytest.approx(0.582762071304439, abs=1e-12) and found.i2 == 0.0 == found.tau2
    assert found.low == pytest.approx(found.value - 1.959963984540054 * found.se)


def test_the_numbers_of_the_reference_run(shared_example):
    wanted = json.loads(shared_example("ex11_eval.json").read_text())["meta_IRR"]
    found = pool(wanted["logIRR"], wanted["var"])
    assert (found.fixed, found.fixed_se, found.q, found.q_p, 100 * found.i2, found.tau2, found.value, found.se) == \
        pytest.approx((wanted["FE"], wanted["FE_se"], wanted["Q"], wanted["p_Q"], wanted["I2"], wanted["tau2_DL"],
                       wanted["RE"], wanted["RE_se"]), abs=1e-10)


def test_places_that_differ_are_told_and_widen_the_interval():
    """By hand: w = 10 each, mean 0, Q = 10 (1 + 1) = 20, tau² = (20 - 1) / (20 - 200 / 20) = 1.9."""
    found = pool([-1.0, 1.0], [0.1, 0.1])
    assert (found.q, found.tau2, found.i2) == pytest.approx((20.0, 1.9, 0.95)) and found.q_p < 1e-4
    assert found.value == pytest.approx(0) and found.p == pytest.approx(1) and found.high > 12


def test_intervals_hold_the_truth_with_few_places():
    rng, held = np.random.default_rng(5), 0
    for _ in range(600):
        v = rng.uniform(0.01, 0.09, 5)
        found = pool(-0.3 + rng.normal(0, 0.2, 5) + rng.normal(0, np.sqrt(v)), v)
        held += found.low <= -0.3 <= found.high
    assert 0.93 <= held / 600 <= 0.99


@pytest.mark.parametrize("effects, variances", [([0.1], [0.1]), ([0.1, 0.2], [0.1, 0.0]), ([0.1, np.nan], [0.1, 0.1])])
def test_what_cannot_be_pooled(effects, variances):
    with pytest.raises(ValueError, match="two places"):
        pool(effects, variances)
