"""What counts as better between two CPTED scorings."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from hotspot_plugin.analysis.cpted import cptedcompare as compare
from hotspot_plugin.analysis.cpted import cptedscore as scoring


def side(principles, overall=None, low=np.nan, high=np.nan, measured=1.0):
    principles = np.array(principles, float)
    n = len(principles)
    overall = np.nanmean(principles, axis=1) if overall is None else np.asarray(overall, float)
    return compare.Scoring(overall, principles, np.full(n, measured), np.full(n, low), np.full(n, high))


def verdict(before, after, **more):
    return compare.compare(before, after, **more).verdict.tolist()


def test_better_only_beyond_what_weights_could_make():
    before = side([[40.0, 40.0]] * 5)
    after = side([[60.0, 40.0], [80.0, 30.0], [42.0, 44.0], [20.0, 30.0], [60.0, 0.0]])
    assert verdict(before, after) == [compare.BETTER, compare.PERHAPS_BETTER, compare.SAME, compare.WORSE,
                                      compare.PERHAPS_WORSE]
    change = compare.compare(before, after)
    assert change.low.tolist() == [0, -10, 2, -20, -40] and change.high.tolist() == [20, 40, 4, -10, 20]


def test_rank_intervals_apart_decide_too():
    before, after = side([[40.0, 40.0]], low=0.1, high=0.3), side([[80.0, 30.0]], low=0.31, high=0.5)
    assert verdict(before, after) == [compare.BETTER]
    assert verdict(before, after, use_ranks=False) == [compare.PERHAPS_BETTER]
    assert verdict(before, side([[80.0, 30.0]], low=0.3, high=0.5)) == [compare.PERHAPS_BETTER], "they touch"
    # a rank that rose does not make a score that fell better
    assert verdict(before, side([[20.0, 10.0]], low=0.4, high=0.5)) == [compare.WORSE]


def test_other_things_measured_are_not_compared():
    before = side([[40.0, 40.0]], measured=0.9)
    assert verdict(before, side([[90.0, 90.0]], measured=0.79)) == [compare.UNCOMPARABLE]
    assert verdict(before, side([[90.0, 90.0]], measured=0.8)) == [compare.BETTER]
    assert verdict(before, side([[90.0, np.nan]], measured=0.9)) == [compare.UNCOMPARABLE]
    assert verdict(before, side([[90.0, 90.0]], overall=[np.nan], measured=0.9)) == [compare.UNCOMPARABLE]


def test_no_weights_turn_a_sure_change_round():
    """The bound holds for scores made by the scoring itself, whatever the weights of the principles."""
    rng = np.random.default_rng(3)
    points = rng.uniform(0, 100, (2, 200, 3))
    weights = rng.dirichlet(np.ones(3), 50)
    for w in weights:
        scheme = scoring.Scheme(np.arange(3), np.ones(3), w)
        found = [scoring.score(p, scheme) for p in points]
        change = compare.compare(*(compare.Scoring(f.overall, f.principles, f.measured, *np.full((2, 200), np.nan))
                                   for f in found), least=0.001)
        delta = found[1].overall - found[0].overall
        assert (delta >= change.low - 1e-9).all() and (delta <= change.high + 1e-9).all()
        assert (delta[change.verdict == compare.BETTER] > 0).all()
        assert (delta[change.low > 0] > 0).all()


def test_intervals_are_students_and_welchs():
    rng = np.random.default_rng(5)
    one, other = rng.normal(5, 3, 12), rng.normal(2, 6, 30)
    found = compare.mean(one)
    low, high = stats.t.interval(0.95, 11, one.mean(), stats.sem(one))
    assert (found.low, found.high) == pytest.approx((low, high))
    apart = compare.difference(one, np.r_[other, np.nan])
    p = stats.ttest_ind(one, other, equal_var=False).pvalue
    # the interval touches 0 at the level of the test
    half = (apart.high - apart.low) / 2
    assert (abs(apart.value) > half) == (p < 0.05) and apart.value == pytest.approx(one.mean() - other.mean())
    v = np.array([one.var(ddof=1) / 12, other.var(ddof=1) / 30])
    free = v.sum() ** 2 / (v**2 / [11, 29]).sum()
    assert half == pytest.approx(stats.t.ppf(0.975, free) * np.sqrt(v.sum()))
    assert np.isnan(compare.mean(np.array([3.0])).low) and compare.mean(np.array([])).n == 0


def test_partners_are_each_others_best():
    # 0 likes 0 best, 1 likes 0 too but is refused: nobody is matched twice
    found = compare.mutual(np.array([0, 1, 1, 2]), np.array([0, 0, 1, 2]), np.array([0.9, 0.8, 0.6, 0.4]), 0.5, 3, 3)
    assert found.tolist() == [0, -1, -1]
