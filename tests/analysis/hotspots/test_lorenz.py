"""Concentration and its counterpart under chance: published numbers, exact forms, simulation."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.hotspots import lorenz

#: documentation of the R package lorenzgini: counts, Gini, generalised, unbiased Gini, unbiased generalised
PUBLISHED = [
    ([10, 8, 2] + [0] * 7, 0.78, 0.78, None),
    ([5, 2, 1] + [0] * 7, 0.80, 0.75, 0.857143),
    ([10] + [0] * 9, 0.90, 0.90, 1.0),
    ([10] + [0] * 99, 0.99, 0.90, 1.0),
]


@pytest.mark.parametrize(("counts", "plain", "general", "unbiased"), PUBLISHED)
def test_gini_is_the_published_one(counts, plain, general, unbiased):
    assert lorenz.gini(counts) == pytest.approx(plain, abs=1e-9)
    assert lorenz.generalised_gini(counts) == pytest.approx(general, abs=1e-9)
    if unbiased is not None:
        assert lorenz.generalised_gini(counts, unbiased=True) == pytest.approx(unbiased, abs=1e-6)


def test_gini_does_not_depend_on_order_and_is_zero_for_equal_counts():
    assert lorenz.gini([0, 2, 8, 10]) == lorenz.gini([10, 0, 8, 2])
    assert lorenz.gini([3, 3, 3]) == pytest.approx(0.0)
    # as even as few incidents on many places can be
    assert lorenz.generalised_gini([1] * 40 + [0] * 960) == pytest.approx(0.0)
    assert np.isnan(lorenz.gini([])) and np.isnan(lorenz.generalised_gini([0, 0]))


def test_shares():
    counts = [50, 20, 10, 10, 5, 5]
    assert lorenz.held_by(counts, 1) == 0.5 and lorenz.held_by(counts, 2) == pytest.approx(0.7)
    assert lorenz.held_by(counts, 99) == 1.0 and np.isnan(lorenz.held_by([0], 1))
    assert [lorenz.places_for(counts, share) for share in (0.5, 0.51, 0.8, 1.0)] == [1, 2, 3, 6]
    assert lorenz.places_for([], 0.5) == 0


def test_forty_crimes_on_a_thousand_segments():
    """The trap: pure chance puts 100 % of 40 crimes into the top 4 % of 1,000 segments."""
    chance = lorenz.Chance.of(40, 1000, only_known=False)
    assert chance.held_by(40) == pytest.approx(1.0, abs=0.005)
    assert chance.places_for(0.5) == pytest.approx(19.2, abs=0.2)
    assert chance.generalised_gini() == pytest.approx(0.037, abs=0.005)
    # and where only the places with a crime are known, chance gives one to each
    known = lorenz.Chance.of(40, 40, only_known=True)
    assert known.rate == 0.0 and known.by_rank(3).tolist() == [1.0, 1.0, 1.0]
    assert known.tail(np.array([1, 2])).tolist() == [1.0, 0.0] and known.places_for(0.5) == pytest.approx(20.0)


@pytest.mark.parametrize(("incidents", "places"), [(40, 1000), (200, 50), (1000, 3000), (5000, 300)])
def test_chance_is_what_throwing_incidents_gives(incidents, places):
    rng = np.random.default_rng(11)
    draws = rng.multinomial(incidents, np.full(places, 1 / places), size=1500)
    thrown = np.sort(draws, axis=1)[:, ::-1]
    chance = lorenz.Chance.of(incidents, places, only_known=False)
    assert chance.by_rank(5) == pytest.approx(thrown[:, :5].mean(axis=0), rel=0.02)
    for top in (1, 5, places // 5):
        assert chance.held_by(top) == pytest.approx(thrown[:, :top].sum(axis=1).mean() / incidents, rel=0.02)
    assert chance.reaching(3) == pytest.approx((draws >= 3).sum(axis=1).mean(), rel=0.15, abs=0.05)
    half = np.mean([lorenz.places_for(row, 0.5) for row in draws[:200]])
    assert chance.places_for(0.5) == pytest.approx(half, rel=0.02, abs=0.6)
    gini = np.mean([lorenz.generalised_gini(row) for row in draws[:200]])
    assert chance.generalised_gini() == pytest.approx(gini, abs=0.01)


def test_chance_where_only_places_with_incidents_are_known():
    rng = np.random.default_rng(13)
    draws = rng.poisson(1.5, (400, 2000))
    tops, rates = [], []
    for row in draws:
        known = row[row > 0]
        chance = lorenz.Chance.of(int(known.sum()), len(known), only_known=True)
        rates.append(chance.rate)
        tops.append((lorenz.held_by(known, 20), chance.held_by(20)))
    assert np.mean(rates) == pytest.approx(1.5, abs=0.01)
    observed, expected = np.mean(tops, axis=0)
    assert expected == pytest.approx(observed, rel=0.01)


def test_tails_are_exact():
    chance = lorenz.Chance(10, 2.0, False)
    assert chance.tail(np.array([0, 1, 2])) == pytest.approx([1, 1 - np.exp(-2), 1 - 3 * np.exp(-2)])
    known = lorenz.Chance(10, 2.0, True)
    assert known.mean == pytest.approx(2 / (1 - np.exp(-2)))
    assert known.tail(np.array([1, 2])) == pytest.approx([1, (1 - 3 * np.exp(-2)) / (1 - np.exp(-2))])
    assert lorenz.Chance.of(round(known.mean * 10**6), 10**6, True).rate == pytest.approx(2.0, abs=1e-5)


def test_chance_adds_up():
    chance = lorenz.Chance.of(5000, 700, only_known=False)
    assert chance.by_rank(700).sum() == pytest.approx(5000, rel=1e-4)
    places, held = chance.curve()
    assert places[-1] == 700 and held[-1] == pytest.approx(5000, rel=1e-9)
    assert chance.held_by(700) == pytest.approx(1.0) and chance.held_by(0) == 0.0
    assert np.isnan(lorenz.Chance.of(0, 10, False).held_by(3))
