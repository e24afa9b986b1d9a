"""Synthetic control against its reference weights and against known truths."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import optimize

from hotspot_plugin.analysis.evaluation import syntheticcontrol as sc

#: ex11_eval.py: three donors, one treated, eight units, all before.
DONORS = np.array([[30, 31, 29, 33, 32, 34, 30, 31.], [60, 58, 61, 63, 62, 64, 59, 60.],
                   [20, 22, 21, 20, 23, 22, 21, 20.]])
TREATED = np.array([42, 43, 42, 45, 45, 46, 42, 43.])
BEFORE, NEVER = np.ones(8, bool), np.zeros(8, bool)


def test_reference_weights(shared_example):
    found = sc.fit(TREATED, DONORS, BEFORE, NEVER)
    assert found.weights == pytest.approx([0.4714886, 0.4424315, 0.0860799], abs=2e-7)
    assert (found.gap**2).sum() == pytest.approx(1.42705013, abs=1e-8)
    wanted = json.loads(shared_example("ex11_eval.json").read_text())["synth"]
    assert found.weights == pytest.approx(wanted["nnls"], abs=1e-7)


@pytest.mark.parametrize("noisy", [False, True])
def test_weights_are_those_of_a_general_solver(noisy):
    rng = np.random.default_rng(2)
    donors, series = rng.poisson(9, (7, 15)).astype(float), rng.poisson(9, 15).astype(float)
    before = np.arange(15) < 11
    noise = donors[:, before].mean(axis=1) if noisy else None

    def cost(w):
        return ((series - w @ donors)[before] ** 2).sum() + (0 if noise is None else 11 * (w**2 * noise).sum())

    solved = optimize.minimize(cost, np.full(7, 1 / 7), bounds=[(0, 1)] * 7, method="SLSQP",
                               constraints={"type": "eq", "fun": lambda w: w.sum() - 1}, options={"ftol": 1e-14})
    found = sc.fit(series, donors, before, ~before, noise)
    assert found.weights == pytest.approx(solved.x, abs=1e-4) and found.weights.sum() == pytest.approx(1)
    # Relative: where both stop at the same corner the last bits differ with the linear algebra they were built on.
    assert cost(found.weights) <= solved.fun * (1 + 1e-9)


def test_many_donors_do_not_follow_noise():
    """200 donors, 8 units: the published weights fit nearly exactly and foretell worse."""
    rng, before = np.random.default_rng(3), np.arange(24) < 8
    missed = {False: [], True: []}
    for _ in range(25):
        counts = rng.poisson(rng.gamma(6, 2, 201)[:, None] * np.ones(24)).astype(float)
        counts[0] = rng.poisson(12, 24)
        for noisy in missed:
            found = sc.fit(counts[0], counts[1:], before, ~before, counts[1:, before].mean(axis=1) if noisy else None)
            missed[noisy].append(found.rmspe_after)
            assert noisy or found.rmspe_before < 0.75 * found.rmspe_after
    assert np.mean(missed[True]) < 0.98 * np.mean(missed[False])


def test_all_placebos_of_one_treated_area():
    rng, before = np.random.default_rng(1), np.arange(20) < 14
    counts = rng.poisson(30, (12, 20)).astype(float)
    own, placebos = sc.placebos(counts[:1], counts[1:], before, ~before, rng)
    assert placebos.all_groups and len(placebos.groups) == 11 and placebos.p_ratio >= 1 / 12
    # eleven placebos cannot bound a 95 % interval
    assert placebos.low == -np.inf and placebos.high == np.inf
    ratio = own.rmspe_after / own.rmspe_before
    assert placebos.p_ratio == pytest.approx((1 + (placebos.ratio >= ratio).sum()) / 12)


def test_a_large_effect_is_found_and_held_by_the_interval():
    rng, before = np.random.default_rng(4), np.arange(48) < 36
    rates = rng.gamma(4, 5, 45)[:, None] * (1 + 0.3 * np.sin(np.arange(48) * np.pi / 6))
    counts = rng.poisson(rates).astype(float)
    counts[:4] = np.where(before, counts[:4], rng.poisson(rates[:4] * 0.55))
    own, placebos = sc.placebos(counts[:4], counts[4:], before, ~before, rng, 199)
    truth = -0.45 * rates[:4][:, ~before].mean()
    assert placebos.p_effect <= 0.01 and placebos.low < truth < placebos.high < 0
    assert own.gap[~before].mean() == pytest.approx(truth, rel=0.35)


def test_no_effect_is_found_no_more_often_than_it_may():
    """120 towns without any effect: p at most .05 in about 5 %; the interval holds 0 in about 95 %."""
    rng, before = np.random.default_rng(6), np.arange(30) < 20
    small = missed = 0
    for _ in range(120):
        rates = rng.gamma(3, 4, 30)[:, None] * rng.gamma(20, 1 / 20, (30, 30))
        counts = rng.poisson(rates).astype(float)
        _, placebos = sc.placebos(counts[:2], counts[2:], before, ~before, rng, 59)
        small += placebos.p_effect <= 0.05
        missed += not placebos.low <= 0 <= placebos.high
    assert small <= 13 and missed <= 13


def test_what_cannot_be_fitted():
    with pytest.raises(ValueError, match="time before"):
        sc.fit(TREATED, DONORS, NEVER, BEFORE)
    with pytest.raises(ValueError, match="donor of its own"):
        sc.placebos(TREATED[None], DONORS[:1], BEFORE, NEVER, np.random.default_rng(1))
