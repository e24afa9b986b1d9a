"""Estimates of sample surveys: published numbers, another program's numbers, and intervals that hold the truth."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hotspot_plugin.analysis.community import survey, surveyweights
from hotspot_plugin.analysis.community.survey import Design, estimate
from hotspot_plugin.analysis.community.surveysummary import withheld
from hotspot_plugin.analysis.community.surveyweights import Margin, rake
from hotspot_plugin.analysis.errors import InputError

WEIGHTS, ANSWERS = np.array([0.5, 0.5, 1, 1, 2, 2, 3.0]), np.array([1, 0, 1, 1, 0, 1, 0.0])
#: a sample of 60 in 3 strata and 15 clusters, written down without random numbers
I = np.arange(60)  # noqa: E741
STRATUM, PSU, AREA, W = I // 20, I // 4, (I * 5) % 3, 1.0 + (I * 7 % 11) / 4
MARKS = 1.0 + (I * I + 3 * I) % 5
GOOD = (MARKS >= 4).astype(float)


def test_kish_and_taylor(shared_example):
    known = json.loads(shared_example("ex11_eval.json").read_text())["kish"]
    found = estimate(Design(WEIGHTS), ANSWERS, share=True)
    assert survey.kish_effect(WEIGHTS) == found.kish[0] == pytest.approx(known["deff"], abs=1e-12)
    assert found.n[0] / found.kish[0] == pytest.approx(known["neff"], abs=1e-9)
    assert found.value[0] == pytest.approx(known["p"]) and found.se[0] == pytest.approx(known["lin_se"], abs=1e-12)


@pytest.mark.parametrize(("y", "value", "se", "low", "high", "by_area"), [
    (MARKS, 3.044362292051756, 0.15494388889478253, 2.7067685590492703, 3.381956025054242,
     [0.46951990098682317, 0.4487862100330331, 0.4347708689509965]),
    (GOOD, 0.6136783733826248, 0.046331890112842465, 0.5127298567820314, 0.7146268899832181,
     [0.13377326560810102, 0.1311760901463153, 0.123421039713925])])
def test_strata_clusters_and_domains_agree_with_samplics(y, value, se, low, high, by_area):
    # samplics 0.6.1, TaylorEstimator(PopParam.mean).estimate(y, samp_weight=W, stratum=STRATUM, psu=PSU, domain=AREA)
    design = Design(W, STRATUM, PSU)
    found = estimate(design, y)
    assert (found.value[0], found.se[0], found.df[0]) == (pytest.approx(value, 1e-12), pytest.approx(se, 1e-12), 12)
    # without unequal clusters that widen it the interval is Student's, as there
    factor = design.unevenness(np.zeros(60, int), 1)[0][0]
    assert factor == pytest.approx(1.0, abs=0.03)
    assert (found.low[0], found.high[0]) == (pytest.approx(low, abs=0.02), pytest.approx(high, abs=0.02))
    assert estimate(design, y, AREA, 3).se == pytest.approx(np.array(by_area), rel=1e-12)


def test_a_domain_keeps_the_units_without_it():
    """The variance of a domain is not that of a sample cut down to it."""
    inside = (PSU % 3 == 1) & (AREA < 2)
    whole = estimate(Design(W, STRATUM, PSU), MARKS, np.where(inside, 0, -1), 1)
    cut = estimate(Design(W[inside], STRATUM[inside], PSU[inside]), MARKS[inside])
    assert whole.value[0] == pytest.approx(cut.value[0]) and whole.se[0] != pytest.approx(cut.se[0], rel=1e-3)


def test_delete_a_cluster_jackknife_comes_to_the_same():
    """An independent way to the same variance (JKn), which agrees to first order."""
    design = Design(W, STRATUM, PSU)
    spread, whole = 0.0, (W * MARKS).sum() / W.sum()
    for unit in range(15):
        kept = PSU != unit
        size = len(np.unique(PSU[STRATUM == unit // 5]))
        w = np.where((STRATUM == unit // 5) & kept, W * size / (size - 1), W)[kept]
        spread += (size - 1) / size * ((w * MARKS[kept]).sum() / w.sum() - whole) ** 2
    assert np.sqrt(spread) == pytest.approx(estimate(design, MARKS).se[0], rel=0.02)


def test_design_effect_is_one_for_a_simple_sample_and_large_for_like_clusters():
    assert estimate(Design(np.ones(60)), MARKS).deff[0] == pytest.approx(1.0)
    alike = np.repeat(np.arange(10) % 5 + 1.0, 6)  # everybody of a cluster answers alike
    found = estimate(Design(np.ones(60), psu=np.arange(60) // 6), alike)
    assert found.deff[0] == pytest.approx(6.0, rel=0.15) and found.n_eff[0] == pytest.approx(10, rel=0.15)


def test_all_of_one_mind_is_no_certainty():
    found = estimate(Design(np.ones(6)), np.full(6, 5.0), limits=(1, 5))
    assert found.se[0] == 0 and found.high[0] == 5 and 2.5 < found.low[0] < 4
    share = estimate(Design(np.ones(6)), np.ones(6), share=True)
    assert share.high[0] == 1 and share.low[0] == pytest.approx(6 / (6 + 1.959964**2), abs=1e-6)  # Wilson 1927


def test_one_cluster_has_no_interval():
    found = estimate(Design(np.ones(6), psu=np.zeros(6, int)), np.arange(6.0))
    assert np.isnan([found.se[0], found.low[0], found.high[0]]).all()


def test_lonely_strata_do_not_vanish():
    design = Design(np.ones(6), np.array([0, 0, 0, 1, 1, 1]), np.array([0, 1, 2, 3, 3, 3]))
    assert design.lonely == 1 and estimate(design, np.array([1, 2, 3, 9, 9, 9.0])).se[0] > 1


# --- weights -------------------------------------------------------------------------------
def margins():
    age = np.repeat([0, 1], [30, 70])
    side = np.tile([0, 0, 0, 1], 25)
    return [Margin("age", ["young", "old"], age, np.array([0.5, 0.5])),
            Margin("side", ["east", "west"], side, np.array([0.6, 0.4]))]


def test_raking_meets_its_margins():
    made = rake(np.ones(100), margins())
    for margin in margins():
        assert np.bincount(margin.code, made.weight) / 100 == pytest.approx(margin.target, abs=1e-7)
    # what raking leaves alone: the odds ratio of the cells
    cells = np.bincount(margins()[0].code * 2 + margins()[1].code, made.weight)
    plain = np.bincount(margins()[0].code * 2 + margins()[1].code)
    assert cells[0] * cells[3] / cells[1] / cells[2] == pytest.approx(
        plain[0] * plain[3] / plain[1] / plain[2], rel=1e-5)


def test_raking_to_one_margin_is_poststratification():
    """Its variance is that within the classes: a known class share has no doubt."""
    age = margins()[0]
    made = rake(np.ones(100), [age])
    y = age.code.astype(float)
    assert estimate(Design(made.weight, margins=made.design), y).se[0] == pytest.approx(0, abs=1e-9)
    y = np.arange(100.0) % 7
    within = sum(0.25 * np.var(y[age.code == k], ddof=1) / (age.code == k).sum() for k in (0, 1))
    found = estimate(Design(made.weight, margins=made.design), y)
    assert found.se[0] ** 2 == pytest.approx(within * 100 / 99, rel=1e-6)


def test_inverse_response_rates_within_cells():
    cell, came = np.repeat([0, 1, 2], [4, 4, 2]), np.array([1, 1, 1, 0, 1, 0, 0, 0, 0, 0], bool)
    weight = surveyweights.for_response(np.full(10, 2.0), cell, came)
    assert weight == pytest.approx(np.array([8 / 3] * 3 + [0, 8] + [0] * 5))


def test_who_is_not_stated_keeps_the_share():
    age = margins()[0]
    code = age.code.copy()
    code[::10] = -1
    made = rake(np.ones(100), [Margin("age", age.classes, code, age.target)])
    assert made.weight[code < 0].sum() == pytest.approx(10) and made.not_stated == [("age", 10)]
    assert made.weight[code == 0].sum() == pytest.approx(45)


def test_a_limit_holds_and_tells_its_cost():
    age = Margin("age", ["young", "old"], np.repeat([0, 1], [4, 96]), np.array([0.4, 0.6]))
    free, held = rake(np.ones(100), [age]), rake(np.ones(100), [age], 5.0)
    assert free.weight.max() == pytest.approx(10) and held.weight.max() <= 5 + 1e-9
    assert held.trimmed == 4 and held.gap == pytest.approx(0.2, abs=0.01) and held.gap_at[0] == "age"
    assert held.kish < held.kish_untrimmed == pytest.approx(free.kish)


def test_margins_that_cannot_be_met_are_refused():
    age = margins()[0]
    with pytest.raises(InputError, match="Nobody in the survey is in these classes of 'age'.*child"):
        rake(np.ones(100), [Margin("age", ["young", "old", "child"], age.code, np.array([0.4, 0.4, 0.2]))])
    same = Margin("again", ["young", "old"], age.code, np.array([0.9, 0.1]))
    with pytest.raises(InputError, match="cannot be met together"):
        rake(np.ones(100), [age, same])


# --- intervals hold the truth --------------------------------------------------------------
def raked_draw(rng):
    """The young answer half as often, and think otherwise."""
    age = rng.integers(0, 2, 900)
    y = (rng.random(900) < np.where(age, 0.7, 0.3)).astype(float)
    heard = rng.random(900) < np.where(age, 0.4, 0.2)
    made = rake(np.ones(heard.sum()), [Margin("age", ["a", "b"], age[heard], np.array([0.5, 0.5]))])
    return Design(made.weight, margins=made.design), y[heard], 0.5


def cluster_draw(rng):
    """30 clusters of 8 who think alike, in two strata of different size and weight."""
    psu = np.arange(240) // 8
    stratum = psu % 2
    p = np.clip(0.35 + 0.2 * stratum + rng.normal(0, 0.12, 30)[psu], 0, 1)
    y = (rng.random(240) < p).astype(float)
    return Design(np.where(stratum, 0.4, 1.6), stratum, psu), y, 0.35 * 0.8 + 0.55 * 0.2


@pytest.mark.parametrize("draw", [raked_draw, cluster_draw])
def test_intervals_hold_the_truth_at_their_rate(draw):
    rng, held, naive = np.random.default_rng(8), [], []
    for _ in range(500):
        design, y, truth = draw(rng)
        found = estimate(design, y, share=True)
        held.append(found.low[0] <= truth <= found.high[0])
        low, high = survey.share_interval(np.array([y.mean()]), np.array([len(y)]))
        naive.append(low[0] <= truth <= high[0])
    assert 0.925 <= np.mean(held) <= 0.985
    # the test can fail: an interval that knows nothing of the design does not pass
    assert np.mean(naive) < 0.9


def test_areas_all_alike_are_not_called_different():
    from hotspot_plugin.analysis.significance import benjamini_hochberg

    rng, false = np.random.default_rng(3), 0
    for _ in range(200):
        area, y = rng.integers(0, 8, 160), (rng.random(160) < 0.3).astype(float)
        p = survey.beside_others(Design(np.ones(160)), y, area, 8, True).p
        false += bool((benjamini_hochberg(p) < 0.05).any())
    assert false <= 20  # 5 % of 200 are 10; 20 are beyond chance


def test_a_real_difference_is_found():
    area = np.repeat([0, 1, 2, 3], 60)
    y = np.where(area == 2, I.repeat(4) % 5 > 0, I.repeat(4) % 5 > 3).astype(float)
    found = survey.beside_others(Design(np.ones(240)), y, area, 4, True)
    assert found.p[2] < 1e-6 and found.difference[2] > 0.4 and (found.p[[0, 1, 3]] > 1e-6).all()


def test_bounds_take_in_whatever_the_others_think():
    low, high = survey.bounds(np.array([0.6]), np.array([0.75]), (0, 1))
    assert (low[0], high[0]) == (pytest.approx(0.45), pytest.approx(0.70))


def test_one_withheld_class_cannot_be_found_by_subtraction():
    n = np.array([4, 12, 50])
    assert withheld(n, 3, 10, False).tolist() == [True, False, False]
    assert withheld(n, 3, 10, True).tolist() == [True, True, False]
