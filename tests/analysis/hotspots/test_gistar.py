"""Gi* and Gi against published numbers, brute force, and chance itself."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from hotspot_plugin.analysis import randomisation, significance, weights
from hotspot_plugin.analysis.errors import Cancelled, InputError
from hotspot_plugin.analysis.hotspots import gistar
from hotspot_plugin.analysis.hotspots.gistar import AUTOMATIC, NORMAL, PERMUTATION, local_g

# pysal/esda, tests/test_getisord.py: six points, neighbours within 15
ESDA_POINTS = np.array([(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)], float)
ESDA_Y = np.array([2, 3, 3.2, 5, 8, 7])
ESDA_STAR = [-1.39727626, -0.28917762, 0.65064964, -0.28917762, 1.23452088, 2.02424331]
ESDA_PLAIN = [-1.01367290, -0.04361589, 1.31558703, -0.31412676, 1.15373986, 1.77833941]

# 200 made-up crimes on 10 x 10 cells of 100 m, row 0 = south; reference scores: R spdep, and esda with binary weights
TOY = np.array(
    [
        [1, 0, 1, 1, 0, 3, 2, 0, 0, 0], [1, 0, 2, 1, 0, 11, 9, 2, 2, 0], [2, 6, 10, 0, 3, 7, 10, 3, 1, 0],
        [2, 4, 9, 2, 2, 3, 3, 1, 0, 1], [1, 0, 2, 0, 0, 1, 0, 2, 1, 3], [3, 3, 0, 0, 2, 2, 7, 2, 2, 2],
        [0, 0, 0, 1, 0, 1, 15, 7, 3, 0], [1, 0, 0, 2, 3, 2, 2, 6, 1, 0], [0, 1, 1, 1, 0, 1, 0, 2, 0, 1],
        [2, 0, 1, 2, 0, 3, 0, 1, 0, 2],
    ]
)  # fmt: skip
TOY_XY = np.array([(100 * column + 50, 100 * row + 50) for row in range(10) for column in range(10)], float)
TOY_VALUES = TOY.ravel().astype(float)


def _queen(columns: int, rows: int) -> object:
    column, row = np.meshgrid(np.arange(columns), np.arange(rows))
    return weights.distance_band(np.stack([column.ravel(), row.ravel()], axis=1).astype(float), np.sqrt(2))


def test_esdas_published_example() -> None:
    near = weights.distance_band(ESDA_POINTS, 15.0)
    np.testing.assert_allclose(local_g(ESDA_Y, near, method=NORMAL).z, ESDA_STAR, atol=6e-9)
    np.testing.assert_allclose(local_g(ESDA_Y, near, star=False, method=NORMAL).z, ESDA_PLAIN, atol=6e-9)


def test_toy_grid_equals_spdep_and_esda() -> None:
    near = weights.distance_band(TOY_XY, 100 * 2**0.5)
    star = local_g(TOY_VALUES, near, method=NORMAL)
    first = [-1.1109494932694934, -1.0694664501533564, -1.0694664501533564, -1.0694664501533564, 0.6111236858019179]
    np.testing.assert_allclose(star.z[:5], first, rtol=1e-12)
    assert star.z.argmax() == 26
    assert star.z.max() == pytest.approx(3.930324602966723, rel=1e-12)
    assert star.z.min() == pytest.approx(-1.9017699691774466, rel=1e-12)
    plain = local_g(TOY_VALUES, near, star=False, method=NORMAL)
    np.testing.assert_allclose(plain.z[:2], [-1.065397054095386, -0.8474202164694009], rtol=1e-12)
    assert star.neighbours[0] == 3
    assert (star.test == gistar.BY_NORMAL).all()


def test_toy_grid_bins_with_and_without_correction() -> None:
    star = local_g(TOY_VALUES, weights.distance_band(TOY_XY, 100 * 2**0.5), method=NORMAL)
    for fdr, expected in ((True, {0: 94, 2: 3, 3: 3}), (False, {-1: 2, 0: 80, 1: 2, 2: 9, 3: 7})):
        values, counts = np.unique(significance.gi_bins(star.z, star.p, fdr), return_counts=True)
        assert dict(zip(values.tolist(), counts.tolist())) == expected


@pytest.mark.parametrize(("name", "distance"), [("rook100", 100.0), ("queen141", 100 * 2**0.5), ("d250", 250.0)])
def test_toy_grid_full_columns(shared_example, name: str, distance: float) -> None:
    reference = np.genfromtxt(shared_example(f"ex02_gistar_{name}.csv"), delimiter=",", names=True)
    star = local_g(reference["count"], weights.distance_band(TOY_XY, distance), method=NORMAL)
    np.testing.assert_array_equal(reference["count"], TOY_VALUES)
    np.testing.assert_allclose(star.z, reference["gistar_z"], rtol=1e-11)
    np.testing.assert_allclose(star.p, reference["p2"], rtol=1e-10)
    np.testing.assert_array_equal(significance.gi_bins(star.z, star.p, True), reference["bin_fdr"])


@pytest.mark.parametrize("star", [True, False])
@pytest.mark.parametrize("values", [[0, 0, 1, 0, 3, 0, 8, 1, 0, 2, 0, 5, 0], [2, 2, 2, 9, 2, 4, 4, 2, 2, 3, 30, 2, 2]])
def test_the_automatic_tail_equals_full_enumeration(star: bool, values: list) -> None:
    values = np.array(values, float)
    n = values.size
    near = weights.distance_band(np.stack([np.arange(float(n)), np.zeros(n)], axis=1), 1.0)
    found = local_g(values, near, star=star)
    small = (found.neighbours + star) * values.mean() < 25
    assert small.all()
    assert (found.test == gistar.BY_EXACT_TAIL).all()
    for i in range(n):
        neighbours = near.indices[near.indptr[i] : near.indptr[i + 1]]
        pool = values if star else np.delete(values, i)
        observed = values[neighbours].sum() + (values[i] if star else 0.0)
        sums = np.array([sum(drawn) for drawn in combinations(pool, neighbours.size + star)])
        tail = (sums >= observed).mean() if found.z[i] > 0 else (sums <= observed).mean()
        assert found.p[i] == pytest.approx(min(1.0, 2 * tail), rel=1e-9)


def test_z_is_the_standardised_sum_of_the_same_null() -> None:
    # mean and variance over all draws of k out of n, by enumeration, give back the formula
    values = np.array([0, 4, 1, 0, 3, 7, 0, 2.5])
    near = weights.distance_band(np.stack([np.arange(8.0), np.zeros(8)], axis=1), 1.0)
    for star in (True, False):
        z = local_g(values, near, star=star, method=NORMAL).z
        for i in range(8):
            neighbours = near.indices[near.indptr[i] : near.indptr[i + 1]]
            pool = values if star else np.delete(values, i)
            sums = np.array([sum(drawn) for drawn in combinations(pool, neighbours.size + star)])
            observed = values[neighbours].sum() + (values[i] if star else 0.0)
            assert z[i] == pytest.approx((observed - sums.mean()) / sums.std(), rel=1e-12)


def test_automatic_is_normal_where_neighbourhoods_are_large() -> None:
    near = _queen(12, 12)
    values = np.random.default_rng(1).poisson(4.0, 144).astype(float)
    found = local_g(values, near)
    expected = (found.neighbours + 1) * values.mean()
    np.testing.assert_array_equal(found.test, np.where(expected < 25, gistar.BY_EXACT_TAIL, gistar.BY_NORMAL))
    assert set(found.test.tolist()) == {gistar.BY_EXACT_TAIL, gistar.BY_NORMAL}
    normal = local_g(values, near, method=NORMAL)
    large = expected >= 25
    np.testing.assert_array_equal(found.p[large], normal.p[large])
    np.testing.assert_array_equal(found.z, normal.z)


def test_the_normal_curve_can_be_left_out_altogether() -> None:
    near = _queen(12, 12)
    values = np.random.default_rng(1).poisson(40.0, 144).astype(float)
    exact = local_g(values, near, exact_below=np.inf)
    normal = local_g(values, near)
    assert (exact.test == gistar.BY_EXACT_TAIL).all()
    assert (normal.test == gistar.BY_NORMAL).all()
    np.testing.assert_allclose(exact.p, normal.p, atol=0.08)  # whole sums against a curve


def test_values_that_are_no_counts_are_drawn_where_they_are_skew() -> None:
    near = _queen(15, 15)
    rng = np.random.default_rng(2)
    even = rng.normal(10.0, 1.0, 225)
    assert (local_g(even, near, rng=rng).test == gistar.BY_NORMAL).all()
    skew = rng.gamma(0.05, 20.0, 225)
    found = local_g(skew, near, rng=np.random.default_rng(3))
    assert (found.test == gistar.BY_DRAWS).all()
    assert found.draws == 99_999
    again = local_g(skew, near, rng=np.random.default_rng(3))
    np.testing.assert_array_equal(found.p, again.p)


def test_drawn_and_exact_p_agree_where_both_can_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    near = _queen(14, 14)
    values = np.random.default_rng(4).negative_binomial(0.3, 0.2, 196).astype(float)
    for star in (True, False):
        exact = local_g(values, near, star=star)
        with monkeypatch.context() as patch:
            patch.setattr(randomisation, "MOST_STEPS", 0)
            drawn = local_g(values, near, star=star, rng=np.random.default_rng(5))
        assert (exact.test == gistar.BY_EXACT_TAIL).all()
        assert (drawn.test == gistar.BY_DRAWS).all()
        np.testing.assert_allclose(drawn.p, exact.p, atol=0.015)
        np.testing.assert_allclose(drawn.p[exact.p < 0.01], exact.p[exact.p < 0.01], atol=1.5e-3)


def test_permutation_p_is_twice_the_tail_of_the_drawn_surroundings() -> None:
    near = _queen(9, 9)
    values = np.random.default_rng(6).poisson(1.0, 81).astype(float)
    values[30:33] += 6
    found = local_g(values, near, method=PERMUTATION, permutations=999, fdr=False, rng=np.random.default_rng(7))
    ge, le = randomisation.permutation_counts(
        values, near, np.ones(81, bool), 999, np.random.default_rng(7), own_stays=True
    )
    expected = np.minimum(1, 2 * (np.where(found.z > 0, ge, le) + 1) / 1000)
    np.testing.assert_allclose(found.p, expected)
    assert found.p.min() >= 0.002
    assert found.draws == 999


def test_permutation_of_gi_follows_the_exact_tail_of_gi() -> None:
    near = _queen(12, 12)
    values = np.random.default_rng(8).poisson(0.8, 144).astype(float)
    exact = local_g(values, near, star=False)
    drawn = local_g(
        values, near, star=False, method=PERMUTATION, permutations=200_000, rng=np.random.default_rng(9)
    )
    np.testing.assert_allclose(drawn.p, exact.p, atol=0.01)


@pytest.mark.parametrize("rate", [0.05, 0.5, 2.0])
def test_chance_alone_is_rarely_called_a_hot_spot(rate: float) -> None:
    """Exact tails keep the share of maps with any place at 95 % after correction near 5 %."""
    near = _queen(30, 30)
    rng = np.random.default_rng(10)
    false, runs = 0, 150
    for _ in range(runs):
        found = local_g(rng.poisson(rate, 900).astype(float), near)
        false += bool((significance.gi_bins(found.z, found.p, True) >= 2).any())
    assert false / runs <= 0.08


def test_the_normal_curve_would_cry_wolf_on_sparse_counts() -> None:
    near = _queen(30, 30)
    rng = np.random.default_rng(11)
    false = 0
    for _ in range(40):
        found = local_g(rng.poisson(0.05, 900).astype(float), near, method=NORMAL)
        false += bool((significance.gi_bins(found.z, found.p, True) >= 2).any())
    assert false / 40 > 0.8


def test_p_values_of_one_place_are_valid_under_chance() -> None:
    near = _queen(8, 8)
    rng = np.random.default_rng(12)
    p = {"exact": [], "drawn": []}
    for _ in range(400):
        values = rng.poisson(1.5, 64).astype(float)
        p["exact"].append(local_g(values, near).p[27])
        p["drawn"].append(
            local_g(values, near, method=PERMUTATION, permutations=199, fdr=False, rng=rng).p[27]
        )
    for found in p.values():
        for level in (0.05, 0.2, 0.5):
            assert np.mean(np.array(found) <= level) <= level + 3 * np.sqrt(level * (1 - level) / 400)


def test_a_planted_cluster_is_found() -> None:
    near = _queen(40, 40)
    values = np.random.default_rng(13).poisson(0.1, 1600).astype(float)
    values[[820, 821, 860, 861]] += 3
    found = local_g(values, near)
    bins = significance.gi_bins(found.z, found.p, True)
    assert (bins[[820, 821, 860, 861]] == 3).all()
    assert (bins == 3).sum() <= 16


def test_isolated_places_have_no_score() -> None:
    xy = np.vstack([TOY_XY, [[50_000.0, 50_000.0]]])
    found = local_g(np.append(TOY_VALUES, 99.0), weights.distance_band(xy, 150.0))
    assert np.isnan(found.z[-1])
    assert np.isnan(found.p[-1])
    assert found.neighbours[-1] == 0
    assert found.test[-1] == gistar.NOT_TESTED
    assert np.isfinite(found.z[:-1]).all()


@pytest.mark.parametrize("method", [AUTOMATIC, NORMAL, PERMUTATION])
@pytest.mark.parametrize("star", [True, False])
def test_a_constant_field_has_no_score(method: str, star: bool) -> None:
    found = local_g(
        np.full(100, 0.1), weights.distance_band(TOY_XY, 150.0), star=star, method=method, fdr=False,
        rng=np.random.default_rng(1),
    )  # fmt: skip
    assert np.isnan(found.z).all()
    assert np.isnan(found.p).all()
    assert (significance.gi_bins(found.z, found.p, True) == 0).all()


def test_others_that_are_all_equal_give_no_gi_even_beside_a_huge_value() -> None:
    values = np.full(100, 0.1)
    values[44] = 1e9
    found = local_g(values, weights.distance_band(TOY_XY, 150.0), star=False, method=NORMAL)
    assert np.isnan(found.z[44])
    assert np.isfinite(np.delete(found.z, 44)).all()


def test_an_extreme_place_does_not_spoil_the_variance_of_the_others() -> None:
    values = TOY_VALUES.copy()
    values[0] = 1e12
    near = weights.distance_band(TOY_XY, 150.0)
    others = TOY_VALUES[1:]
    found = local_g(values, near, star=False, method=NORMAL)
    drawn = near[0].toarray()[0][1:] @ others
    expected = (drawn - 3 * others.mean()) / (others.std() * np.sqrt(3 * (99 - 3) / 98))
    assert found.z[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("star", [True, False])
def test_a_place_whose_neighbours_are_all_others_has_no_score(star: bool) -> None:
    found = local_g(np.arange(6.0), weights.distance_band(np.arange(12.0).reshape(6, 2), 1e3), star=star)
    assert np.isnan(found.z).all()


def test_shift_and_scale_do_not_change_the_score() -> None:
    near = weights.distance_band(TOY_XY, 150.0)
    for star in (True, False):
        base = local_g(TOY_VALUES, near, star=star, method=NORMAL).z
        moved = local_g(TOY_VALUES * 1e-3 + 1e6, near, star=star, method=NORMAL).z
        np.testing.assert_allclose(moved, base, atol=1e-5)


def test_places_without_a_value_are_nobodys_neighbour() -> None:
    near = weights.distance_band(TOY_XY, 150.0)
    values = TOY_VALUES.copy()
    gone = [3, 50, 77]
    values[gone] = np.nan
    kept = np.delete(np.arange(100), gone)
    found = local_g(values, near)
    alone = local_g(TOY_VALUES[kept], weights.distance_band(TOY_XY[kept], 150.0))
    np.testing.assert_array_equal(found.z[kept], alone.z)
    np.testing.assert_array_equal(found.p[kept], alone.p)
    np.testing.assert_array_equal(found.neighbours[kept], alone.neighbours)
    assert np.isnan(found.z[gone]).all()


def test_too_few_permutations_for_the_correction_are_refused_with_the_number_needed() -> None:
    near = _queen(32, 32)
    values = np.random.default_rng(1).poisson(1.0, 1024).astype(float)
    options = {"method": PERMUTATION, "rng": np.random.default_rng(1)}
    with pytest.raises(InputError, match="at least 40959 permutations") as refusal:
        local_g(values, near, permutations=999, **options)
    assert refusal.value.parameter == "PERMUTATIONS"
    with pytest.raises(InputError):
        local_g(values, near, permutations=40_958, **options)
    enough = local_g(values, near, permutations=40_959, **options)
    assert 2 / (enough.draws + 1) <= 0.05 / 1024
    assert local_g(values, near, permutations=99, fdr=False, **options).draws == 99


def test_wrong_use_is_an_error_of_the_program() -> None:
    near = weights.distance_band(TOY_XY, 150.0)
    with pytest.raises(ValueError, match="unknown method"):
        local_g(TOY_VALUES, near, method="magic")
    with pytest.raises(ValueError, match="generator"):
        local_g(TOY_VALUES, near, method=PERMUTATION, fdr=False)


def test_a_cancelled_run_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(randomisation, "_AT_ONCE", 10_000)
    near = _queen(30, 30)
    values = np.random.default_rng(1).gamma(0.1, 10.0, 900)
    calls = []

    def cancel(fraction: float) -> None:
        calls.append(fraction)
        if fraction > 0.05:
            raise Cancelled

    for method in (AUTOMATIC, PERMUTATION):
        calls.clear()
        with pytest.raises(Cancelled):
            local_g(values, near, method=method, permutations=10_000_000, rng=np.random.default_rng(1), progress=cancel)
        assert len(calls) == 2
        assert calls[-1] < 0.95
