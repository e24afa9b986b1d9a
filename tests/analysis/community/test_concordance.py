"""Five classes of two counted layers: what they mean, how often they are wrong, and whether layers go together."""
from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from hotspot_plugin.analysis.community import concordance as c
from hotspot_plugin.analysis.community import pairs
from hotspot_plugin.analysis.errors import InputError


def test_every_pair_of_states_has_one_class():
    states = np.array([[a, b] for a in range(4) for b in range(4)])
    got = dict(zip(map(tuple, states.tolist()), c.classify(*states.T).tolist()))
    assert got[(c.HIGH, c.HIGH)] == c.BOTH_HIGH
    assert got[(c.HIGH, c.NOT_HIGH)] == c.FIRST_ONLY and got[(c.NOT_HIGH, c.HIGH)] == c.SECOND_ONLY
    assert got[(c.NOT_HIGH, c.NOT_HIGH)] == c.BOTH_LOW
    assert sum(kind == c.TOO_LITTLE for kind in got.values()) == 12


def test_high_is_where_the_interval_lies_above_the_whole():
    count = np.array([60, 18, 20, 22, 19, 21, 20, 2, 40, 20])
    layer = c.judge(count, np.ones(10), 5, 1.5)
    assert (layer.state[[0, 8]] == c.HIGH).all() and (layer.rates.low[[0, 8]] > 1).all()
    assert ((layer.state == c.HIGH) == (layer.rates.low > 1)).all()
    assert ((layer.state == c.NOT_HIGH) <= (layer.rates.high < 1.5)).all()
    assert layer.state[7] == c.NOT_HIGH
    assert 0 < layer.false_high < 0.05


def test_few_to_expect_is_too_little_to_say():
    exposure = np.array([100.0] * 10 + [2.0, 2.0, np.nan])
    count = np.array([100] * 10 + [0, 12, 5])
    layer = c.judge(count, exposure, 5, 1.5)
    # two to expect and none counted says nothing; twelve counted are many, though all other areas are alike
    assert layer.state[10:].tolist() == [c.UNKNOWN, c.UNCLEAR, c.UNKNOWN]
    count[:10] = [20, 260, 60, 150, 30, 240, 90, 20, 70, 60]
    assert c.judge(count, exposure, 5, 1.5).state[10:].tolist() == [c.UNKNOWN, c.HIGH, c.UNKNOWN]


@pytest.mark.parametrize("truth", ["alike", "gamma", "lognormal", "two kinds"])
def test_areas_no_higher_than_the_city_are_hardly_ever_called_high(truth):
    """Known truth: at most 5 % of the highs are false, and at most 0.5 % of all areas (benchmarks have more)."""
    rng = np.random.default_rng(11)
    high = false = areas = missed = low = 0
    for _ in range(50):
        exposure = rng.uniform(0.5, 1.5, 60) * 12
        rate = {"alike": np.ones(60), "gamma": rng.gamma(3, 1 / 3, 60), "lognormal": np.exp(rng.normal(-0.3, 0.8, 60)),
                "two kinds": np.where(rng.random(60) < 0.1, 3.0, 0.78)}[truth]
        count = rng.poisson(exposure * rate)
        layer = c.judge(count, exposure, 5, 1.5)
        rate = rate / layer.rates.rate
        areas += 60
        high += (layer.state == c.HIGH).sum()
        false += ((layer.state == c.HIGH) & (rate <= 1)).sum()
        low += (layer.state == c.NOT_HIGH).sum()
        missed += ((layer.state == c.NOT_HIGH) & (rate >= 1.5)).sum()
    assert false <= max(0.05 * high, 2) and false <= 0.005 * areas
    assert missed <= 0.03 * low
    if truth != "alike":
        assert high > 0.05 * areas


def test_rank_is_by_the_lower_ends():
    first = c.judge(np.array([90, 20, 20, 20, 60, 20, 20, 20]), np.ones(8), 5, 1.5)
    second = c.judge(np.array([60, 20, 20, 70, 20, 20, 20, 20]), np.ones(8), 5, 1.5)
    kind = c.classify(first.state, second.state)
    assert c.rank(kind, first.rates, second.rates).tolist() == [0, 3, 4]


def test_correlation_is_spearmans_and_independent_areas_count_fully():
    rng = np.random.default_rng(3)
    a, b, xy = rng.normal(size=80), rng.normal(size=80), rng.uniform(0, 1000, (80, 2))
    b = b + 0.6 * a
    got = c.associate(a, b, xy, rng, 199)
    assert got.rho == pytest.approx(stats.spearmanr(a, b)[0], abs=1e-12)
    assert got.effective > 60 and got.low < got.rho < got.high and got.p < 0.02
    assert c.associate(a[:9], b[:9], xy[:9], rng) is None
    assert c.associate(np.ones(20), b[:20], xy[:20], rng) is None


def test_unrelated_but_smooth_layers_are_not_found_to_go_together():
    """Neighbours that are alike make a plain permutation find too much; the effective number of areas does not."""
    rng = np.random.default_rng(8)
    where = np.array([(i, j) for i in range(12) for j in range(12)], float) * 500
    distance = np.hypot(*(where[:, None] - where[None]).transpose(2, 0, 1))
    root = np.linalg.cholesky(np.exp(-distance / 1500) + 1e-9 * np.eye(144))
    found = naive = 0
    for _ in range(80):
        a, b = root @ rng.normal(size=144), root @ rng.normal(size=144)
        found += c.associate(a, b, where, rng, 99).p < 0.05
        naive += stats.spearmanr(a, b)[1] < 0.05
    assert naive > 20 and found <= 9


def test_environment_is_low_among_the_lowest_that_were_measured():
    score = np.array([10.0, 20, 30, 40, 50, 60, 70, 80, 5])
    measured = np.array([1.0] * 8 + [0.2])
    got = c.environment(score, measured, 0.6, 0.25)
    assert got.low.tolist() == [True, True] + [False] * 7 and np.isnan(got.score[8])
    assert np.isnan(c.environment(score[:3], measured[:3], 0.6, 0.25).limit)


# --- pairs -----------------------------------------------------------------------------------------
def test_default_pairs_meet_the_types_of_agencies():
    groups = ["Theft from Vehicle", "Mischief", "Break and Enter Commercial", "Offence Against a Person", "Homicide",
              "Vehicle Collision or Pedestrian Struck (with Injury)"]
    got = pairs.match(pairs.DEFAULT, ["theft", "light", "damage", "violence", "vehicle", "smell"], groups)
    by = {pair.name: pair for pair in got.pairs}
    assert by["damage"].groups == {"Mischief"} and by["vehicle"].groups == {"Theft from Vehicle"}
    assert by["theft"].groups == {"Theft from Vehicle", "Break and Enter Commercial"}
    assert by["violence"].groups == {"Offence Against a Person", "Homicide"}
    assert by[""].groups == set(groups[:5]) and "light" not in by[""].categories
    assert got.without == ["light"] and got.unknown == ["smell"] and got.left == groups[5:]
    british = ["Anti-social behaviour", "Criminal damage and arson", "Robbery", "Public order"]
    got = pairs.match(pairs.DEFAULT, ["disorder", "unsafe"], british)
    assert {p.name: p.groups for p in got.pairs}["disorder"] == {"Anti-social behaviour", "Public order"}
    assert {p.name: p.groups for p in got.pairs}["unsafe"] == set(british)


def test_pairs_are_read_and_refused_in_words():
    assert pairs.parse("Theft = Burglary, theft ; light =\n\n all = *") == {
        "theft": ("burglary", "theft"), "light": (), "all": ("*",)}
    for text, word in (("theft burglary", "is no pair"), ("= x", "is no pair"), ("a = b; A = c", "stands twice")):
        with pytest.raises(InputError) as error:
            pairs.parse(text)
        assert word in str(error.value)
