"""Hot spots with and without officers' records: what stays, what chance does, and that chance is not blamed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from hotspot_plugin.analysis.errors import Cancelled
from hotspot_plugin.analysis.grids import HEXAGON, SQUARE, Grid
from hotspot_plugin.analysis.hotspots import enforcementcheck as check
from hotspot_plugin.analysis.hotspots import findhotspots, studyarea
from hotspot_plugin.analysis.hotspots.growth import Places

WEST, SOUTH = 430_000.0, 430_000.0


def square(side=6_000.0):
    ring = np.array([[0, 0], [side, 0], [side, side], [0, side], [0, 0]]) + (WEST, SOUTH)
    return studyarea.StudyArea(ring, np.zeros(1, int))


def town(seed=1, n=2_000):
    """Four busy places; the second is made by officers, the others by the public."""
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(WEST, WEST + 6_000, n), rng.uniform(SOUTH, SOUTH + 6_000, n)
    made = rng.random(n) < 0.05
    for k, m in enumerate((120, 90, 60, 40)):
        rows = slice(k * 200, k * 200 + m)
        x[rows] = WEST + 1_000 + 1_300 * k + rng.normal(0, 60, m)
        y[rows] = SOUTH + 1_500 + 900 * k + rng.normal(0, 60, m)
        made[rows] = rng.random(m) < (0.97 if k == 1 else 0.05)
    return x, y, made


def many_places(seed=8, n=1_500):
    """Sixteen places of 9 to 24 incidents, some barely hot."""
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(WEST, WEST + 6_000, n), rng.uniform(SOUTH, SOUTH + 6_000, n)
    for k in range(16):
        rows = slice(k * 30, k * 30 + 9 + k)
        x[rows] = WEST + 800 + 1_400 * (k % 4) + rng.normal(0, 50, 9 + k)
        y[rows] = SOUTH + 800 + 1_400 * (k // 4) + rng.normal(0, 50, 9 + k)
    return x, y


def run(x, y, made, draws=99, seed=1, size=150.0, kind=HEXAGON, weight=None, progress=None, **settings):
    chosen = findhotspots.Settings(**{"min_count": 10, **settings})
    ground = findhotspots.prepare(x, y, square(), Grid(kind, size), chosen)
    more = {} if progress is None else {"progress": progress}
    return check.compare(ground, made, chosen, weight, draws=draws, rng=np.random.default_rng(seed), **more)


def places(grid, *spots):
    cells = [cell for spot in spots for cell in spot]
    return Places(grid, *(np.array([cell[i] for cell in cells], np.int64) for i in (0, 1)),
                  np.repeat(np.arange(len(spots)), [len(spot) for spot in spots]))


# --- laying one search over the other -------------------------------------------------------
def test_the_partner_shares_most_area_and_half_must_be_covered():
    grid = Grid(SQUARE, 100.0)
    one = places(grid, [(0, 0), (0, 1), (0, 2), (0, 3)], [(5, 5), (5, 6), (5, 7)], [(9, 9)])
    other = places(grid, [(0, 3)], [(0, 1), (0, 2)], [(5, 5)])
    pairs = check.pairing(one, other)
    assert pairs.covered.tolist() == pytest.approx([0.75, 1 / 3, 0.0])
    assert pairs.partner.tolist() == [1, -1, -1]
    assert pairs.stays.tolist() == [True, False, False]


def test_among_equal_partners_the_better_rank_counts():
    grid = Grid(SQUARE, 100.0)
    one = places(grid, [(0, 0), (0, 1)])
    assert check.pairing(one, places(grid, [(0, 1)], [(0, 0)])).partner.tolist() == [0]
    assert check.pairing(one, places(grid, [(7, 7)], [(0, 1)])).partner.tolist() == [1]  # exactly half


def test_no_hot_spots_on_either_side():
    grid = Grid(SQUARE, 100.0)
    some, none = places(grid, [(0, 0)]), places(grid)
    assert check.pairing(some, none).stays.tolist() == [False]
    assert check.pairing(none, some).covered.shape == (0,)


def test_rank_correlation_is_spearmans():
    partner = np.array([2, 0, 1, -1, 1, 7])
    stays = partner >= 0
    expected = stats.spearmanr(np.flatnonzero(stays), partner[stays])[0]
    assert check.rank_correlation(partner) == pytest.approx(expected)
    assert np.isnan(check.rank_correlation(np.array([0, 1])))


# --- the comparison -------------------------------------------------------------------------
def test_a_place_that_officers_made_vanishes_beyond_chance():
    x, y, made = town()
    result = run(x, y, made)
    busy = result.with_all.spot[np.arange(4) * 200]
    second = int(np.bincount(result.with_all.spot[200:290][result.with_all.spot[200:290] >= 0]).argmax())
    assert result.status[second] == check.VANISHED
    assert result.beyond[second] and result.p_thin[second] == pytest.approx(1 / 100)
    assert result.share_q[second] < 1e-6
    assert result.rank_without.mask[second]
    assert result.beyond.sum() == 1
    others = [spot for spot in np.unique(busy).tolist() if spot not in (-1, second)]
    assert len(others) == 3 and set(result.status[others]) <= {check.KEPT}
    # those behind it move up by one, as they do in no random removal; but officers' share of them is as elsewhere
    assert (result.rank_without[others] <= result.rank_with[others]).all()


def test_how_rare_random_removals_make_a_change():
    gone = np.inf
    rank = np.array([[1, 2, 5, gone], [1, 2, 6, gone], [2, 3, gone, gone], [1, 4, 7, gone]])
    none = np.zeros(4)
    thinned = check.Thinned(none, none, rank, np.array([[True], [True], [False], [True]]), none, none)
    p, low, high = check.against_removals(thinned, np.array([1, 4, gone, gone]), 1)
    # of 4 removals and the real one: rank 1 or better in 4, so both sides leave 1; rank 4 or worse in 2, doubled;
    # vanished in 2, in 5; there in 4
    assert p.tolist() == pytest.approx([1.0, 0.8, 0.4, 1.0, 0.8])
    assert low.tolist() == [1, 2, 5, 0] and high.tolist() == [2, 4, 7, 0]
    assert np.isnan(check.against_removals(None, np.array([1.0, gone]), 2)[0]).tolist() == [True] * 4


def test_a_change_that_officers_share_does_not_explain_is_not_blamed_on_it():
    places = np.array([5.0, np.inf, 5.0, -2.0, -1.0, 0.0])
    n, n_made = np.full(6, 100), np.array([40, 90, 5, 2, 50, 80])
    assert check.explains(places, n, n_made, 0.2).tolist() == [True, True, False, True, False, False]


def test_counts_are_those_of_the_outlines():
    x, y, made = town()
    result = run(x, y, made)
    k = result.with_all.places.count
    for spot in range(k):
        inside = result.with_all.places.locate(x, y) == spot
        assert result.n[spot] == inside.sum()
        assert result.n_made[spot] == made[inside].sum()
    assert result.count(check.KEPT, check.MOVED) + result.count(check.VANISHED) == k
    assert result.count(check.APPEARS) == len(result.appears) == len(result.status) - k


def test_both_searches_are_those_of_find_hot_spots():
    x, y, made = town()
    result = run(x, y, made)
    settings = findhotspots.Settings(min_count=10, resamples=0)
    for found, keep in ((result.with_all, np.ones(len(x), bool)), (result.without, ~made)):
        alone = findhotspots.find(x[keep], y[keep], square(), Grid(HEXAGON, 150.0), settings,
                                  rng=np.random.default_rng(5))
        assert np.array_equal(alone.spot, found.spot)
        assert np.array_equal(alone.places.col, found.places.col)
        assert np.array_equal(alone.cells.bins, found.cells.bins)


def test_officers_share_against_fishers_exact_test():
    x, y, made = town()
    result = run(x, y, made)
    tails = []
    for n, of_them in zip(result.n, result.n_made):
        table = [[of_them, n - of_them], [made.sum() - of_them, (~made).sum() - (n - of_them)]]
        tails.append(min(1.0, 2 * min(stats.fisher_exact(table, side)[1] for side in ("greater", "less"))))
    order = np.argsort(tails)
    ranked = np.array(tails)[order] * len(tails) / np.arange(1, len(tails) + 1)
    expected = np.empty(len(tails))
    expected[order] = np.minimum.accumulate(ranked[::-1])[::-1]
    assert result.share_q == pytest.approx(np.minimum(expected, 1.0), rel=1e-6)


def test_marks_at_random_change_nothing_beyond_chance():
    x, y = many_places()
    spots = wrong = vanished = 0
    p = []
    for seed in range(12):
        made = np.random.default_rng(seed).random(len(x)) < 0.3
        result = run(x, y, made, seed=seed + 100, min_count=5)
        spots += len(result.status)
        vanished += result.count(check.VANISHED)
        wrong += int(result.beyond.sum())
        p.append(result.vanished_p)
    assert spots > 120 and vanished > 12  # weak places do vanish, but not for who found what lies there
    assert wrong <= 1
    assert np.mean(np.array(p) < 0.05) <= 0.25  # a true 5 % gives more than 3 of 12 once in 400 times


def test_random_removals_take_away_as_many_and_say_how_many_vanish():
    x, y, made = town()
    result = run(x, y, made)
    thinned = result.thinned
    assert len(thinned) == 99
    assert thinned.rank.shape == (99, result.with_all.places.count)
    assert np.array_equal(np.isinf(thinned.rank).sum(axis=1), thinned.vanished)
    vanished = result.count(check.VANISHED)
    assert result.vanished_p == pytest.approx((1 + (thinned.vanished >= vanished).sum()) / 100)
    stays = result.status == check.KEPT
    k = result.with_all.places.count
    assert (result.rank_low[:k] <= result.rank_high[:k]).all()
    first = int(np.flatnonzero(stays)[0])
    inside = (thinned.rank[:, first] >= result.rank_low[first]) & (thinned.rank[:, first] <= result.rank_high[first])
    assert inside.mean() >= 0.95 - np.isinf(thinned.rank[:, first]).mean()


def test_the_same_seed_gives_the_same_answer_and_the_searches_do_not_depend_on_it():
    x, y = many_places()
    made = np.random.default_rng(0).random(len(x)) < 0.3
    one, same, other = run(x, y, made, 49), run(x, y, made, 49), run(x, y, made, 49, seed=2)
    assert np.array_equal(one.p_thin, same.p_thin)
    assert not np.array_equal(one.thinned.rank, other.thinned.rank)
    assert np.array_equal(one.with_all.spot, other.with_all.spot)
    assert np.array_equal(one.overlap, other.overlap)


def test_without_officers_records_nothing_changes():
    x, y, made = town()
    result = run(x, y, np.zeros_like(made))
    assert result.thinned is None and np.isnan(result.vanished_p)
    assert set(result.status) == {check.KEPT}
    assert np.array_equal(result.rank_with, result.rank_without)
    assert result.overlap.tolist() == [1.0] * len(result.status)
    assert np.isnan(result.p_thin).all() and not result.beyond.any()
    assert result.top == min(check.TOP, len(result.status))


def test_a_place_hidden_by_officers_records_appears():
    # officers' records all over raise what an even spread puts into each cell
    rng = np.random.default_rng(4)
    n = 20_000
    x, y = rng.uniform(WEST, WEST + 6_000, n), rng.uniform(SOUTH, SOUTH + 6_000, n)
    made = np.arange(n) >= 300
    x[:14], y[:14] = WEST + 3_000 + rng.normal(0, 40, 14), SOUTH + 3_000 + rng.normal(0, 40, 14)
    result = run(x, y, made, min_count=8)
    new = np.flatnonzero(result.status == check.APPEARS)
    assert new.size == 1
    assert result.rank_with.mask[new[0]] and result.rank_without[new[0]] == 1
    assert result.overlap[new[0]] < check.HALF
    assert result.n[new[0]] - result.n_made[new[0]] >= 10


def test_the_test_of_all_incidents_is_kept_for_fewer():
    # 30 a neighbourhood with all, 20 without a third: Gi* decides in both
    rng = np.random.default_rng(6)
    x, y = rng.uniform(WEST, WEST + 6_000, 2_000), rng.uniform(SOUTH, SOUTH + 6_000, 2_000)
    result = run(x, y, rng.random(2_000) < 0.34, 9, size=300.0)
    assert not result.with_all.few and not result.without.few
    assert result.without.near_expected < 25 < result.with_all.near_expected


def test_weights_rank_and_thin_with_their_incidents():
    x, y, made = town()
    weight = np.where(np.arange(len(x)) < 200, 5.0, 1.0)
    result = run(x, y, made, 5, weight=weight)
    alone = findhotspots.find(x, y, square(), Grid(HEXAGON, 150.0), findhotspots.Settings(min_count=10, resamples=0),
                              weight=weight, rng=np.random.default_rng(0))
    assert np.array_equal(alone.spot, result.with_all.spot)
    assert result.n.sum() == (alone.spot >= 0).sum()


def test_it_can_be_cancelled_between_two_removals():
    x, y, made = town()
    seen = []

    def stop(done):
        seen.append(done)
        if done > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        run(x, y, made, 99, progress=stop)
    assert seen == sorted(seen) and seen[-1] < 0.4
