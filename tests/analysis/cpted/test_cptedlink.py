"""Models of incidents on scores, with a known truth."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis import weights
from hotspot_plugin.analysis.cpted import cptedlink
from hotspot_plugin.analysis.significance import benjamini_hochberg


def town(rng, n=400, alpha=0.5, ratio=(0.8, 1.0), confounder=0.0):
    xy = rng.uniform(0, 3000, (n, 2))
    scores = rng.uniform(0, 100, (n, len(ratio)))
    other = rng.normal(0, 1, n)
    scores[:, 1] = np.clip(scores[:, 1] + confounder * 15 * other, 0, 100)
    exposure = rng.uniform(0.05, 0.4, n)
    mu = 40 * exposure * np.exp((scores - 50) / 10 @ np.log(ratio) + 0.5 * bool(confounder) * other)
    y = rng.poisson(mu * (rng.gamma(1 / alpha, alpha, n) if alpha else 1.0)).astype(float)
    return y, scores, other[:, None], exposure, weights.k_nearest(xy, 6)


NO_CONTROLS = np.empty((400, 0))


def test_the_ratio_that_made_the_counts_is_found():
    rng = np.random.default_rng(1)
    inside = np.zeros(2)
    for _ in range(60):
        y, scores, _, exposure, near = town(rng)
        found = cptedlink.link(y, scores, NO_CONTROLS, exposure, near, rng, 99)
        assert found.alpha > 0.2 and not found.problem
        inside += (found.low <= [0.8, 1.0]) & ([0.8, 1.0] <= found.high)
    assert (inside / 60 >= 0.88).all()
    assert found.q[0] < 0.001 and found.joint_p < 0.001 and found.ratio[0] == pytest.approx(0.8, abs=0.06)
    assert found.per_sd[0] == pytest.approx(found.ratio[0] ** (scores[:, 0].std() / 10))


def test_poisson_counts_get_a_poisson_model_that_adds_up():
    rng = np.random.default_rng(3)
    y, scores, _, exposure, near = town(rng, alpha=0)
    found = cptedlink.link(y, scores, NO_CONTROLS, exposure, near, rng, 99)
    assert found.alpha == 0 and found.mu.sum() == pytest.approx(y.sum())
    # twice the unit of exposure changes nothing but the intercept
    again = cptedlink.link(y, scores, NO_CONTROLS, exposure * 1000, near, np.random.default_rng(3), 99)
    assert again.ratio == pytest.approx(found.ratio) and again.mu == pytest.approx(found.mu)


def test_a_control_takes_away_what_is_its_own():
    rng = np.random.default_rng(5)
    y, scores, other, exposure, near = town(rng, confounder=1.0, alpha=0.1)
    without = cptedlink.link(y, scores, NO_CONTROLS, exposure, near, rng, 99)
    with_it = cptedlink.link(y, scores, other, exposure, near, rng, 99)
    assert without.low[1] > 1.0, "the second principle seems to go with crime"
    assert with_it.low[1] < 1.0 < with_it.high[1] and with_it.ratio[2] > 1.4


def test_what_neighbours_share_widens_the_intervals():
    rng = np.random.default_rng(7)
    xy = np.array([(i, j) for i in range(20) for j in range(20)], float) * 100
    near = weights.k_nearest(xy, 6)
    y, scores, _, exposure, _ = town(rng, alpha=0)
    y = rng.poisson(y.mean() * np.exp(1.2 * np.sin(xy[:, 0] / 500))).astype(float)
    scores[:, 0] = 50 + 30 * np.sin(xy[:, 0] / 500 + 1.5) + rng.normal(0, 5, 400)
    found = cptedlink.link(y, scores, NO_CONTROLS, np.ones(400), near, rng, 199)
    assert found.widened and found.moran.p < 0.01 and found.moran.index > 0.2
    mixed = cptedlink.link(rng.permutation(y), scores, NO_CONTROLS, np.ones(400), near, rng, 199)
    assert np.log(found.high[0] / found.low[0]) > 1.2 * np.log(mixed.high[0] / mixed.low[0])


def test_q_values_are_of_all_models():
    rng = np.random.default_rng(9)
    links = []
    for _ in range(3):
        y, scores, other, exposure, near = town(rng)
        links.append(cptedlink.link(y, scores, other, exposure, near, rng, 99))
    links.append(cptedlink.link(np.zeros(400), scores, other, exposure, near, rng, 99))
    found = cptedlink.adjusted(links, 2)
    expected = benjamini_hochberg(np.concatenate([one.p[:2] for one in links[:3]]))
    assert np.concatenate([one.q[:2] for one in found[:3]]) == pytest.approx(expected)
    assert np.isnan(found[0].q[2]), "a control is no question that was asked"
    assert found[3].problem == "few" and np.isnan(found[3].ratio).all()


def test_principles_that_repeat_one_another_have_no_estimate():
    rng = np.random.default_rng(2)
    y, scores, _, exposure, near = town(rng)
    scores[:, 1] = scores[:, 0]
    assert cptedlink.link(y, scores, NO_CONTROLS, exposure, near, rng, 99).problem == "not fitted"
