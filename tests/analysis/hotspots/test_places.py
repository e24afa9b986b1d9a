"""What one place is: equal coordinates, the tolerance, no chains, no matter how rows are ordered."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.errors import Cancelled, InputError
from hotspot_plugin.analysis.hotspots import places


def grouped(x, y, n, tolerance, *more):
    return places.around_busy_points(np.asarray(x, float), np.asarray(y, float), [np.asarray(n), *more], tolerance)


def test_spots_are_equal_in_every_digit():
    x = np.array([497311.4130, 497311.4131, 497311.4130, 0.0, -0.0])
    spots = places.spots(x, np.zeros(5))
    assert len(spots) == 3 and spots.code.tolist() == [0, 1, 0, 2, 2]
    assert spots.x[spots.code].tolist() == x.tolist()


def test_near_pairs_are_those_of_brute_force():
    rng = np.random.default_rng(3)
    x, y = rng.uniform(-300, 300, 700), rng.uniform(-40, 900, 700)
    one, other, distance = places.near_pairs(x, y, 25.0)
    apart = np.hypot(x[:, None] - x, y[:, None] - y)
    wanted = {(i, j) for i, j in np.argwhere(apart <= 25.0).tolist() if i < j}
    assert {(min(p), max(p)) for p in zip(one.tolist(), other.tolist())} == wanted and len(one) == len(wanted)
    assert np.allclose(distance, apart[one, other])


def test_a_distance_equal_to_the_tolerance_counts():
    assert len(places.near_pairs(np.array([0.0, 10.0]), np.zeros(2), 10.0)[0]) == 1
    assert len(places.near_pairs(np.array([0.0, 10.001]), np.zeros(2), 10.0)[0]) == 0


def test_the_busiest_point_is_the_middle_and_a_row_does_not_run_together():
    # points 8 m apart: joined one to the next they would be a place of 80 m
    x = np.arange(11) * 8.0
    n = np.ones(11)
    n[5] = 50
    middle = grouped(x, np.zeros(11), n, 10.0)
    assert middle[4] == middle[6] == 5
    assert np.abs(x - x[middle]).max() <= 10.0 and len(np.unique(middle)) > 3


def test_a_point_goes_to_the_nearest_middle_that_is_busier():
    x, n = [0.0, 9.0, 11.0], [100, 1, 20]
    assert grouped(x, [0, 0, 0], n, 10.0).tolist() == [0, 2, 2]


def test_promises_hold_on_random_points():
    rng = np.random.default_rng(5)
    x, y, n = rng.uniform(0, 400, 1500), rng.uniform(0, 400, 1500), rng.integers(1, 6, 1500)
    middle = grouped(x, y, n, 12.0)
    assert np.hypot(x - x[middle], y - y[middle]).max() <= 12.0 * (1 + 1e-8)
    middles = np.unique(middle)
    assert (middle[middles] == middles).all()
    apart = np.hypot(x[middles][:, None] - x[middles], y[middles][:, None] - y[middles])
    assert apart[~np.eye(len(middles), dtype=bool)].min() > 12.0
    assert (n[middle] >= n).all()


def test_the_order_of_rows_does_not_matter():
    rng = np.random.default_rng(7)
    x, y = np.round(rng.uniform(0, 300, 2000), 0), np.round(rng.uniform(0, 300, 2000), 0)
    shuffle = rng.permutation(2000)
    found = []
    for order in (np.arange(2000), shuffle):
        spots = places.spots(x[order], y[order])
        n = np.bincount(spots.code)
        middle = places.around_busy_points(spots.x, spots.y, [n], 5.0)
        at = np.column_stack([spots.x[middle], spots.y[middle]])[spots.code]
        back = np.empty_like(at)
        back[order] = at
        found.append(back)
    assert np.array_equal(*found)


def test_older_incidents_do_not_change_the_places_of_the_window():
    rng = np.random.default_rng(9)
    x, y = rng.uniform(0, 200, 600), rng.uniform(0, 200, 600)
    now = np.where(rng.random(600) < 0.5, rng.integers(1, 5, 600), 0)
    before = rng.integers(0, 30, 600)
    both = grouped(x, y, now, 10.0, before)
    own = np.flatnonzero(now)
    alone = grouped(x[own], y[own], now[own], 10.0)
    assert np.array_equal(both[own], own[alone])


def test_many_equal_points_in_a_row_need_few_rounds():
    rounds = []
    x = np.arange(50_000) * 7.0
    places.around_busy_points(x, np.zeros(50_000), [np.ones(50_000)], 10.0,
                              lambda f: rounds.append(f) if f == 0.8 else None)
    assert len(rounds) < 60


def test_too_many_pairs_are_refused(monkeypatch):
    monkeypatch.setattr(places, "MOST_PAIRS", 1000)
    x = np.arange(200) * 0.01
    with pytest.raises(InputError, match="smaller distance") as caught:
        places.near_pairs(x, np.zeros(200), 50.0)
    assert caught.value.parameter == "TOLERANCE"


def test_grouping_can_be_cancelled():
    def stop(fraction):
        raise Cancelled()

    with pytest.raises(Cancelled):
        places.around_busy_points(np.arange(10.0), np.zeros(10), [np.ones(10)], 2.0, stop)


def test_nothing_and_one_point():
    assert places.around_busy_points(np.zeros(0), np.zeros(0), [np.zeros(0)], 10.0).tolist() == []
    assert grouped([1.0], [2.0], [3], 10.0).tolist() == [0]
    assert grouped([0.0, 1.0], [0, 0], [1, 1], 0.0).tolist() == [0, 1]
