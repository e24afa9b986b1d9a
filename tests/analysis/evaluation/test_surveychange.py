"""Change of opinion between two waves: against known formulas, and how often it is right."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from benchmarks import calibration_surveychange as calibration
from hotspot_plugin.analysis.community.survey import Design
from hotspot_plugin.analysis.evaluation import surveychange as analysis

MARKS = {"share": False, "limits": (1.0, 5.0)}
SHARES = {"share": True, "limits": (0.0, 1.0)}


def marks(n, seed=1, shift=0.0):
    rng = np.random.default_rng(seed)
    return np.clip(np.round(3 + shift + rng.normal(0, 1.1, n)), 1, 5)


def test_new_people_without_weights_are_four_samples():
    """Variance of a difference of differences: sum of s^2 / n; freedom by Welch and Satterthwaite."""
    n = [60, 80, 100, 120]
    y = [marks(k, i, 0.3 * (i == 1)) for i, k in enumerate(n)]
    cell = np.repeat(np.arange(4), n)
    found = analysis.compare(Design(np.ones(360), cell), np.concatenate(y), cell, **MARKS)
    parts = np.array([v.var(ddof=1) / len(v) for v in y])
    value = y[1].mean() - y[0].mean() - y[3].mean() + y[2].mean()
    df = parts.sum() ** 2 / (parts**2 / (np.array(n) - 1)).sum()
    e = found.effect
    assert (e.value, e.se, e.df) == pytest.approx((value, np.sqrt(parts.sum()), df))
    assert e.low == pytest.approx(value - stats.t.ppf(0.975, df) * e.se)
    welch = stats.ttest_ind(y[1], y[0], equal_var=False)
    assert found.treated.p == pytest.approx(welch.pvalue) and found.areas is None
    assert found.size == pytest.approx(value / np.sqrt((60 * y[0].var(ddof=1) + 100 * y[2].var(ddof=1)) / 160))


def test_a_panel_is_the_paired_difference():
    rng = np.random.default_rng(3)
    before = marks(50, 5)
    after = np.clip(before + rng.integers(-1, 3, 50), 1, 5)
    cell, person = np.repeat([0, 1], 50), np.tile(np.arange(50), 2)
    found = analysis.compare(Design(np.ones(100), None, person), np.r_[before, after], cell, across=True, **MARKS)
    paired = stats.ttest_rel(after, before)
    assert not found.compared and found.effect is found.people and not found.control.known
    assert found.effect.value == pytest.approx((after - before).mean())
    assert found.effect.p == pytest.approx(paired.pvalue) and found.effect.df == 49


def test_smallest_change_of_the_planned_survey():
    """608 answers a wave were planned to show a fall from .50 to .42 (Fleiss, Levin and Paik: 608.09)."""
    y = np.r_[np.arange(608) < 304, np.arange(608) < 255].astype(float)
    cell = np.repeat([0, 1], 608)
    found = analysis.compare(Design(np.ones(1216), cell), y, cell, **SHARES)
    assert found.effect.smallest == pytest.approx(0.08, abs=0.0006)
    assert found.size == pytest.approx(2 * (np.arcsin(np.sqrt(255 / 608)) - np.arcsin(np.sqrt(0.5))))


def test_weights_strata_and_clusters_agree_with_the_jackknife():
    rng = np.random.default_rng(8)
    n = 4 * 400
    cell, block = np.repeat(np.arange(4), 400), np.tile(np.arange(400) // 8, 4)
    block = block + 50 * (cell // 2)
    stratum = block % 3 + 3 * (cell // 2)
    w = rng.choice([0.5, 1.0, 2.0], n)
    y = np.clip(np.round(3 + rng.normal(0, 0.5, 100)[block] + rng.normal(0, 1, n)), 1, 5)
    e = analysis.compare(Design(w, stratum, block), y, cell, across=True, **MARKS).effect

    def effect(v):
        m = [np.average(y[cell == k], weights=v[cell == k]) for k in range(4)]
        return m[1] - m[0] - m[3] + m[2]

    variance = 0.0
    for h in np.unique(stratum):
        own = np.unique(block[stratum == h])
        left = []
        for b in own:
            v = np.where(stratum == h, w * len(own) / (len(own) - 1), w)
            left.append(effect(np.where(block == b, 0.0, v)))
        variance += (len(own) - 1) / len(own) * ((np.array(left) - np.mean(left)) ** 2).sum()
    # the interval's own error is a little larger, for the unequal weights of the blocks
    assert effect(w) == pytest.approx(e.value) and 0.98 < e.se / np.sqrt(variance) < 1.08


def test_equal_areas_are_a_t_test_of_their_changes():
    """Donald and Lang: areas of equal size are the observations; a pooled t-test of their changes."""
    rng = np.random.default_rng(2)
    area = np.tile(np.repeat(np.arange(9), 20), 2)
    wave = np.repeat([0, 1], 180)
    cell = 2 * (area >= 3) + wave
    y = np.clip(np.round(3 + 0.8 * rng.normal(size=9)[area] * wave + rng.normal(size=360)), 1, 5)
    found = analysis.compare(Design(np.ones(360), 2 * area + wave), y, cell, area=area, **MARKS)
    change = np.array([y[(area == a) & (wave == 1)].mean() - y[(area == a) & (wave == 0)].mean() for a in range(9)])
    test = stats.ttest_ind(change[:3], change[3:])
    assert found.areas.p == pytest.approx(test.pvalue) and found.areas.df == 7
    assert found.by_areas and found.people.se < found.areas.se
    # with two areas in each wave and role nothing is known of how areas drift
    few = np.isin(area, (0, 3))
    assert analysis.compare(Design(np.ones(few.sum())), y[few], cell[few], area=area[few], **MARKS).areas is None


def test_small_zero_and_missing():
    cell = np.repeat(np.arange(4), 12)
    none = analysis.compare(Design(np.ones(48), cell), np.zeros(48), cell, least=10, **SHARES)
    # nobody agrees anywhere: no certainty from that
    assert none.effect.value == 0 and none.effect.high > 0.2 and none.effect.p == pytest.approx(1.0)
    assert none.unsure and not none.hidden and not none.told
    assert analysis.compare(Design(np.ones(48), cell), np.zeros(48), cell, least=13, **SHARES).hidden
    flat = analysis.compare(Design(np.ones(48), cell), 2.0 + (cell == 1), cell, **MARKS)
    assert flat.effect.value == 1 and flat.effect.se > 0.1
    y = np.where(cell == 3, np.nan, 1.0)
    assert not analysis.compare(Design(np.ones(48), cell), y, cell, **SHARES).compared
    empty = analysis.compare(Design(np.ones(48), cell), np.full(48, np.nan), cell, least=1, **MARKS)
    assert empty.hidden and not empty.effect.known


def test_who_came_back():
    person = np.array([0, 1, 2, 3, -1, 0, 1, 5])
    wave = np.array([0, 0, 0, 0, 0, 1, 1, 1])
    assert analysis.both_waves(person, wave).tolist() == [True, True, False, False, False, True, True, False]
    role = np.repeat([0, 1], 100)
    back = np.r_[np.arange(100) < 90, np.arange(100) < 60].astype(float)
    rates, difference = analysis.came_back(Design(np.ones(200)), back, role)
    assert rates.value.tolist() == [0.9, 0.6] and difference.value == pytest.approx(0.3) and difference.p < 1e-5


@pytest.mark.parametrize("make, n, share", [
    (calibration.simple, 40, True), (calibration.panel, 40, False), (calibration.clustered, 160, False),
    (calibration.drifting, 200, False)])
def test_intervals_hold_the_truth_and_chance_is_no_effect(make, n, share):
    """Some runs; the guide has all lines (docs/calibration-surveychange.md)."""
    none, some = calibration.line(make, n, 160, share)
    assert none["held"] > 0.91 and some["held"] > 0.91 and none["called"] < 0.09
    assert some["called"] > none["called"]
    if make is calibration.drifting:  # areas drift: respondents alone are far too sure
        assert none["people"] < 0.9
