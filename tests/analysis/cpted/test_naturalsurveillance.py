"""Who overlooks a place: counted by hand, and by brute force on random towns."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.cpted.naturalsurveillance import (
    ACTIVE,
    ENTRANCE,
    LITTLE,
    NOT,
    OVERLOOKED,
    WELL,
    WINDOW,
    Watchers,
    classes,
    overlook,
)
from hotspot_plugin.analysis.cpted.sampling import Samples
from hotspot_plugin.analysis.cpted.segments import SegmentIndex
from hotspot_plugin.analysis.errors import Cancelled


def places(*rows):
    """Rows of (place, x, y)."""
    owner, x, y = np.array(rows, float).T
    return Samples(x, y, owner.astype(int), np.full(len(x), np.nan))


def watchers(*rows):
    """Rows of (unit, x, y); kinds and hours by unit follow."""
    unit, x, y = np.array(rows, float).T
    units = int(unit.max()) + 1
    kind = np.array([WINDOW, ENTRANCE, ACTIVE] * units)[:units]
    return Watchers(x, y, unit.astype(int), kind, np.ones(units), np.ones(units))


WALL = np.array([(5.0, -20, 5, 20)])


def test_near_seen_and_hidden_by_hand():
    # place 0 has two positions, place 1 one behind the wall, place 2 nothing near, place 3 no position
    samples = places((0, 0, 0), (0, 0, 25), (1, 10, 0), (2, 500, 0))
    who = watchers((0, 0, 10), (1, 4, 0), (2, 4, 29))
    found, by = overlook(samples, 4, who, SegmentIndex(WALL, 10.0), 20.0)
    assert found.watchers.tolist() == [2, 2, 0, 0]
    assert by.near.tolist() == [3, 2, 0, 0] and by.watchers.tolist() == [3, 0, 0, 0]
    assert by.by_kind.tolist() == [[1, 1, 1], [0, 0, 0], [0, 0, 0], [0, 0, 0]]
    assert by.view_share[:2].tolist() == [1.0, 0.0] and np.isnan(by.view_share[2:]).all()
    assert by.seen_share[:3].tolist() == [1.0, 0.0, 0.0] and np.isnan(by.seen_share[3])
    assert by.day[:3].tolist() == [2.0, 0.0, 0.0] and by.positions.tolist() == [2, 1, 1, 0]
    assert found.nearest_day[:3].tolist() == pytest.approx([4.0, np.hypot(4, 4), np.inf])


def test_the_range_is_included_and_no_more():
    who = watchers((0, 0, 0))
    found, _ = overlook(places((0, 30, 0), (0, 30.001, 0)), 1, who, SegmentIndex(np.empty((0, 4)), 10.0), 30.0)
    assert found.watchers.tolist() == [1, 0]


def test_a_watcher_with_several_positions_counts_once():
    who = watchers((0, 0, 0), (0, 1, 0), (0, 2, 0))
    found, by = overlook(places((0, 5, 5)), 1, who, SegmentIndex(np.empty((0, 4)), 10.0), 30.0)
    assert found.watchers.tolist() == [1] and by.near.tolist() == [1] and by.day.tolist() == [1.0]


def test_hours_and_light():
    samples = places((0, 1, 0), (0, 2, 0), (0, 3, 0), (0, 4, 0))
    who = watchers((0, 0, 0), (1, 0, 1))
    who = Watchers(who.x, who.y, who.unit, who.kind, np.array([0.5, 1.0]), np.array([0.0, 0.5]))
    free = SegmentIndex(np.empty((0, 4)), 10.0)
    lit = np.array([1.0, 0.0, np.nan, 1.0])
    found, by = overlook(samples, 1, who, free, 30.0, lit=lit, unlit_weight=0.2)
    assert found.day.tolist() == [1.5] * 4 and found.hours.tolist() == [0.5] * 4
    assert found.night.tolist()[:2] == [0.5, pytest.approx(0.1)] and np.isnan(found.night[2])
    assert by.night[0] == pytest.approx((0.5 + 0.1 + 0.5) / 3)  # the unknown position is left out
    assert by.lit_share[0] == pytest.approx(2 / 3) and by.seen_night[0] == pytest.approx(2 / 3)
    assert by.unknown.tolist() == [1] and by.seen_day[0] == 1.0
    dark, by = overlook(samples, 1, who, free, 30.0)
    assert by.night[0] == 0.5 and np.isnan(by.lit_share[0])
    _, by = overlook(samples, 1, who, free, 30.0, lit=np.full(4, np.nan))
    assert np.isnan(by.night[0]) and np.isnan(by.seen_night[0])  # unknown is not dark


def test_its_own_wall_does_not_hide_a_window():
    house = np.array([(0, 0, 10, 0), (10, 0, 10, 10), (10, 10, 0, 10), (0, 10, 0, 0)], float)
    who = watchers((0, 5, 0.2))  # drawn a little inside
    samples = places((0, 5, -10), (1, 5, 20))
    _, by = overlook(samples, 2, who, SegmentIndex(house, 10.0), 30.0)
    assert by.watchers.tolist() == [1, 0]
    _, by = overlook(samples, 2, who, SegmentIndex(house, 10.0), 30.0, clear=0.0)
    assert by.watchers.tolist() == [0, 0]


def test_agrees_with_brute_force():
    rng = np.random.default_rng(11)
    obstacles = np.repeat(rng.uniform(0, 200, (150, 2)), 2, axis=0).reshape(-1, 4) + rng.uniform(-8, 8, (150, 4))
    samples = places(*sorted((int(p), *xy) for p, xy in zip(rng.integers(0, 20, 300), rng.uniform(0, 200, (300, 2)))))
    who = watchers(*((i // 2, *xy) for i, xy in enumerate(rng.uniform(0, 200, (400, 2)))))
    found, by = overlook(samples, 20, who, SegmentIndex(obstacles, 10.0), 25.0, clear=0.0)

    def crosses(p, q):
        (ax, ay, bx, by_) = obstacles.T
        d = (q[0] - p[0]) * (by_ - ay) - (q[1] - p[1]) * (bx - ax)
        t = ((ax - p[0]) * (by_ - ay) - (ay - p[1]) * (bx - ax)) / d
        u = ((ax - p[0]) * (q[1] - p[1]) - (ay - p[1]) * (q[0] - p[0])) / d
        return bool(((t > 0) & (t < 1) & (u >= 0) & (u <= 1)).any())

    expected, near = [set() for _ in range(300)], [set() for _ in range(300)]
    for i in range(300):
        q = (samples.x[i], samples.y[i])
        for j in np.flatnonzero(np.hypot(who.x - q[0], who.y - q[1]) <= 25.0):
            near[i].add(int(who.unit[j]))
            if not crosses((who.x[j], who.y[j]), q):
                expected[i].add(int(who.unit[j]))
    assert found.watchers.tolist() == [len(e) for e in expected]
    for place in range(20):
        mine = np.flatnonzero(samples.owner == place)
        assert by.watchers[place] == len(set().union(*(expected[i] for i in mine)))
        assert by.near[place] == len(set().union(*(near[i] for i in mine)))
        assert by.day[place] == pytest.approx(np.mean([len(expected[i]) for i in mine]))


def test_classes():
    assert classes([0.0, 0.2, 1.0, 2.9, 3.0, np.nan]).tolist() == [NOT, LITTLE, OVERLOOKED, OVERLOOKED, WELL, -1]


def test_nobody_there_and_stopping():
    nobody = Watchers(np.empty(0), np.empty(0), np.empty(0, int), np.zeros(1, int), np.ones(1), np.ones(1))
    _, by = overlook(places((0, 0, 0)), 1, nobody, SegmentIndex(WALL, 10.0), 20.0)
    assert by.day.tolist() == [0.0] and by.near.tolist() == [0]

    def stop(fraction):
        raise Cancelled()

    with pytest.raises(Cancelled):
        overlook(places((0, 0, 0)), 1, watchers((0, 0, 1)), SegmentIndex(WALL, 10.0), 20.0, progress=stop)
    with pytest.raises(ValueError):
        overlook(places((0, 0, 0)), 1, watchers((0, 0, 1)), SegmentIndex(WALL, 10.0), 0.0)
