"""Exact tails against full enumeration; random draws against a plain re-telling of them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from hotspot_plugin.analysis import randomisation, weights
from hotspot_plugin.analysis.errors import Cancelled

VALUES = [
    np.array([0, 0, 0, 1, 1, 2, 5, 0, 9]),
    np.array([3, 3, 4, 7, 7, 12, 3, 5]),  # no zero: the smallest value takes its place
    np.array([-4, 0, 2, 2, 10, -4, 6]),
    np.array([0, 10, 30, 10, 0, 0, 50]),  # common unit of 10
]


def _enumerated(values: np.ndarray, size: int) -> np.ndarray:
    return np.array([sum(drawn) for drawn in combinations(values.tolist(), size)])


@pytest.mark.parametrize("values", VALUES)
@pytest.mark.parametrize("lower_top", [0, 4])
def test_exact_tails_equal_full_enumeration(values: np.ndarray, lower_top: int) -> None:
    population = randomisation.Population.of(values)
    sizes = np.arange(values.size + 1)
    most = int(population.in_steps(np.sort(values)[::-1].cumsum().max(), values.size))
    top = max(1, int(population.in_steps(values.sum(), values.size)) - lower_top) if lower_top else most + 3
    upper, lower = randomisation.exact_tails(population, sizes, top)
    for size in sizes:
        sums = population.in_steps(_enumerated(values, size), size)
        np.testing.assert_allclose(upper[size, :-1], [(sums >= s).mean() for s in range(top + 1)], atol=1e-13)
        np.testing.assert_allclose(lower[size, :-1], [(sums <= s).mean() for s in range(top + 1)], atol=1e-13)


@pytest.mark.parametrize("values", VALUES)
def test_leaving_the_own_value_out_equals_enumeration_of_the_others(values: np.ndarray) -> None:
    values = np.tile(values, 2)  # the recursion is for sizes up to a quarter of n
    population = randomisation.Population.of(values)
    size = values.size // 4
    everything = population.in_steps(np.sort(values)[-size:].sum(), size)
    tails = randomisation.exact_tails(population, np.arange(size + 1), int(everything))
    for i, own in enumerate(values):
        sums = population.in_steps(_enumerated(np.delete(values, i), size), size)
        wanted = np.unique(sums)
        high, low = randomisation.leave_own_out(
            tails, population, np.full(wanted.size, population.in_steps(own, 1)), size, wanted
        )
        np.testing.assert_allclose(high, [(sums >= s).mean() for s in wanted], atol=1e-12)
        np.testing.assert_allclose(low, [(sums <= s).mean() for s in wanted], atol=1e-12)


def test_of_zeros_and_ones_the_sum_is_hypergeometric_far_into_the_tail() -> None:
    values = np.repeat([0, 1], [39_700, 300])
    upper, lower = randomisation.exact_tails(randomisation.Population.of(values), np.array([9, 500]), 40)
    at = np.arange(41)
    for row, size in enumerate((9, 500)):
        expected = stats.hypergeom(40_000, 300, size)
        np.testing.assert_allclose(upper[row, :41], expected.sf(at - 1), rtol=1e-7, atol=1e-60)
        np.testing.assert_allclose(lower[row, :41], expected.cdf(at), rtol=1e-9)
    assert upper[1, 40] < 1e-25


def test_mean_and_variance_of_the_exact_sum() -> None:
    values = np.random.default_rng(1).negative_binomial(0.4, 0.1, 900)
    population = randomisation.Population.of(values)
    top = int(np.sort(values)[-9:].sum())
    upper, _ = randomisation.exact_tails(population, np.array([9]), top)
    mass = -np.diff(upper[0])
    at = np.arange(top + 1)
    assert mass @ at == pytest.approx(9 * values.mean(), rel=1e-9)
    variance = 9 * values.var() * (900 - 9) / 899
    assert mass @ at**2 - (mass @ at) ** 2 == pytest.approx(variance, rel=1e-9)


@pytest.mark.parametrize(("n", "width"), [(40, 13), (40, 14), (40, 40), (6, 2), (1000, 3)])
def test_random_ids_are_distinct_and_every_one_equally_likely(n: int, width: int) -> None:
    rows = 40_000
    ids = randomisation.random_ids(np.random.default_rng(5), n, rows, width)
    assert ids.shape == (rows, width)
    assert (np.diff(np.sort(ids, axis=1), axis=1) > 0).all()
    for column in (0, width - 1):
        seen = np.bincount(ids[:, column], minlength=n)
        assert stats.chisquare(seen).pvalue > 1e-4


def test_random_ids_are_equally_likely_as_ordered_pairs_and_triples() -> None:
    # The redrawing of repeats must not favour any order: all 7 * 6 * 5 ordered triples occur alike.
    ids = randomisation.random_ids(np.random.default_rng(6), 10, 72_000, 3).astype(int)
    _, seen = np.unique(ids @ [100, 10, 1], return_counts=True)
    assert seen.size == 10 * 9 * 8
    assert stats.chisquare(seen).pvalue > 1e-4


@pytest.mark.parametrize("own_stays", [True, False])
def test_counts_equal_a_plain_loop_over_places_and_draws(own_stays: bool) -> None:
    rng = np.random.default_rng(7)
    xy = rng.uniform(0, 100, (90, 2))
    near = weights.distance_band(xy, 18.0)
    values = np.round(rng.gamma(0.5, 3.0, 90), 1)
    degree = np.diff(near.indptr)
    which = (degree > 0) & (np.arange(90) % 7 > 0)
    draws = 400
    found = randomisation.permutation_counts(
        values, near, which, draws, np.random.default_rng(8), own_stays=own_stays, star=True
    )
    ids = randomisation.random_ids(np.random.default_rng(8), 90, draws, int(degree[which].max()) + 1)
    for i in range(90):
        if not which[i]:
            assert found[0][i] == found[1][i] == 0
            continue
        neighbours = near.indices[near.indptr[i] : near.indptr[i + 1]]
        observed = values[neighbours].sum() + (0 if own_stays else values[i])
        if own_stays:
            sums = np.array([values[[j for j in row if j != i][: degree[i]]].sum() for row in ids])
        else:
            sums = values[ids[:, : degree[i] + 1]].sum(axis=1)
        assert found[0][i] == (sums >= observed - 1e-9).sum()
        assert found[1][i] == (sums <= observed + 1e-9).sum()


@pytest.mark.parametrize("complete", [False, True])
def test_drawn_tails_approach_the_exact_ones(complete: bool) -> None:
    values = np.array([0, 0, 1, 0, 3, 0, 8, 1, 0, 2, 0, 5], float)
    xy = np.stack([np.arange(12.0), np.zeros(12)], axis=1)
    near = weights.distance_band(xy, 2.0)
    draws = 60_000
    which = np.ones(12, bool)
    ge, le = randomisation.permutation_counts(
        values, near, which, draws, np.random.default_rng(9), own_stays=not complete, star=complete
    )
    for i in range(12):
        neighbours = near.indices[near.indptr[i] : near.indptr[i + 1]]
        own = values[i] if complete else 0.0
        pool = values if complete else np.delete(values, i)
        sums = _enumerated(pool.astype(int), neighbours.size + (1 if complete else 0))
        observed = values[neighbours].sum() + own
        for count, exact in ((ge[i], (sums >= observed).mean()), (le[i], (sums <= observed).mean())):
            assert abs(count / draws - exact) < 5 * np.sqrt(max(exact * (1 - exact), 1e-9) / draws) + 1e-12


def test_places_with_all_others_as_neighbours_always_reach_their_sum() -> None:
    values = np.array([1.0, 2.0, 4.0, 8.0])
    near = weights.distance_band(np.arange(8.0).reshape(4, 2), 100.0)
    ge, le = randomisation.permutation_counts(
        values, near, np.ones(4, bool), 50, np.random.default_rng(1), own_stays=True
    )
    assert (ge == 50).all()
    assert (le == 50).all()


def test_work_is_known_before_it_is_done() -> None:
    small = randomisation.Population.of(np.repeat([0, 1, 7], [90, 9, 1]))
    large = randomisation.Population.of(np.arange(5000) * 1000 + np.arange(5000) % 7)
    assert small.work(9, 20)[0] < 1e4
    assert large.work(2000, 4_000_000)[0] > randomisation.MOST_STEPS


def test_cancelled_while_drawing_and_while_tabulating() -> None:
    def cancel(fraction: float) -> None:
        raise Cancelled

    values = np.random.default_rng(1).poisson(2.0, 60)
    near = weights.k_nearest(np.random.default_rng(2).uniform(0, 1, (60, 2)), 5)
    with pytest.raises(Cancelled):
        randomisation.permutation_counts(
            values, near, np.ones(60, bool), 999, np.random.default_rng(1), own_stays=True, progress=cancel
        )
    with pytest.raises(Cancelled):
        randomisation.exact_tails(randomisation.Population.of(values), np.array([6]), 30, progress=cancel)
