"""Hot spots followed through periods: every kind of step, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.evaluation import hotspottracking as t


def follow(boxes, reach=0.0, periods=None, overlap=0.2):
    """Boxes are (period, x from, x to) of one metre height; pairs are found by plain arithmetic."""
    period, left, right = (np.array(column) for column in zip(*boxes))
    rows = []
    for i in range(len(boxes)):
        for j in range(len(boxes)):
            if period[j] > period[i]:
                shared = min(right[i], right[j]) - max(left[i], left[j])
                if shared > 0 or -shared <= reach:
                    rows.append((i, j, max(shared, 0) / min(right[i] - left[i], right[j] - left[j]), max(-shared, 0)))
    table = np.array(rows, float).reshape(-1, 4)
    pairs = t.Pairs(table[:, 0].astype(int), table[:, 1].astype(int), table[:, 2], table[:, 3])
    middle = np.column_stack([(left + right) / 2.0, np.zeros(len(left))])
    return t.follow(period, (right - left).astype(float), middle, pairs, periods or period.max() + 1, overlap, reach)


def test_stay_grow_shrink_come_and_go():
    found = follow([(0, 0, 100), (0, 200, 300), (0, 400, 500), (0, 600, 700),
                    (1, 10, 105), (1, 190, 330), (1, 420, 480), (1, 900, 950)])
    assert found.event.tolist() == [t.FIRST] * 4 + [t.STAYED, t.GREW, t.SHRANK, t.CAME]
    assert found.fate.tolist() == [t.CARRIED_ON] * 3 + [t.WENT] + [t.LAST] * 4
    assert found.track.tolist() == [0, 1, 2, 3, 0, 1, 2, 4]
    assert found.shared[4] == pytest.approx(90 / 95) and found.shift[4] == pytest.approx(7.5)


def test_too_little_common_ground_is_another_one():
    assert follow([(0, 0, 100), (1, 90, 190)], overlap=0.2).event.tolist() == [t.FIRST, t.CAME]
    assert follow([(0, 0, 100), (1, 90, 190)], overlap=0.1).event.tolist() == [t.FIRST, t.STAYED]


def test_split_and_merge():
    split = follow([(0, 0, 100), (1, 0, 60), (1, 70, 100)], overlap=0.5)
    # both parts lie wholly in it: the first in order carries on
    assert split.event.tolist() == [t.FIRST, t.SHRANK, t.SPLIT] and split.track.tolist() == [0, 0, 1]
    merge = follow([(0, 0, 60), (0, 70, 100), (1, 0, 100)], overlap=0.5)
    assert merge.fate.tolist() == [t.CARRIED_ON, t.MERGED, t.LAST] and merge.merged_into[1] == 2
    assert merge.track.tolist() == [0, 1, 0]


def test_moved_only_where_one_went_and_one_came_nearby():
    boxes = [(0, 0, 100), (1, 180, 260)]
    assert follow(boxes, reach=100).event.tolist() == [t.FIRST, t.MOVED]
    assert follow(boxes, reach=100).track.tolist() == [0, 0]
    assert follow(boxes, reach=79).event.tolist() == [t.FIRST, t.CAME]
    assert follow(boxes).event.tolist() == [t.FIRST, t.CAME]
    # one that stayed cannot have moved, however near the new one is
    stayed = follow([(0, 0, 100), (1, 0, 100), (1, 110, 150)], reach=100)
    assert stayed.event.tolist() == [t.FIRST, t.STAYED, t.CAME]


def test_the_nearest_moves_first():
    found = follow([(0, 0, 10), (0, 100, 110), (1, 90, 95), (1, 30, 35)], reach=60)
    assert found.before.tolist() == [-1, -1, 1, 0]


def test_returned_after_a_gap():
    found = follow([(0, 0, 100), (2, 5, 95), (3, 0, 100)])
    assert found.event.tolist() == [t.FIRST, t.RETURNED, t.STAYED] and found.fate[0] == t.WENT
    assert found.track.tolist() == [0, 0, 0]
    # what was taken in has not gone
    kept = follow([(0, 0, 60), (0, 70, 100), (1, 0, 100), (2, 0, 100), (2, 150, 160)], overlap=0.5)
    assert kept.track.tolist() == [0, 1, 0, 0, 2]


def test_each_returns_once():
    found = follow([(0, 0, 100), (2, 0, 40), (2, 60, 100)])
    assert found.event.tolist() == [t.FIRST, t.RETURNED, t.CAME] and found.track.tolist() == [0, 0, 1]


def test_kinds_of_histories():
    present = np.array([[1, 1, 1, 1], [0, 0, 0, 1], [0, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 1], [1, 1, 0, 0]], bool)
    assert t.kinds(present).tolist() == [t.PERSISTENT, t.NEW, t.ONCE, t.ONGOING, t.RECURRING, t.GONE]


def test_jaccard():
    assert t.overlap_of_periods(np.array([20.0, 0.0]), np.array([50.0, 30.0, 0.0])) == pytest.approx([20 / 60, 0.0])
    assert np.isnan(t.overlap_of_periods(np.array([0.0]), np.array([0.0, 0.0]))).all()


def test_nothing_is_lost_in_random_histories():
    """Every track has at most one hot spot a period, and every step is told from both sides alike."""
    rng = np.random.default_rng(3)
    for _ in range(60):
        boxes = [(int(p), float(x), float(x + w)) for p, x, w in zip(
            np.sort(rng.integers(0, 5, 60)), rng.uniform(0, 1500, 60), rng.uniform(20, 90, 60))]
        found = follow(boxes, reach=40, periods=5)
        period = np.array([b[0] for b in boxes])
        present = t.presence(period, found.track, found.count, 5)
        assert present.sum() == len(boxes)
        carried = np.isin(found.event, (t.STAYED, t.GREW, t.SHRANK, t.MOVED))
        assert carried.sum() == (found.fate == t.CARRIED_ON).sum()
        assert (found.track[carried] == found.track[found.before[carried]]).all()
        assert (period[carried] == period[found.before[carried]] + 1).all()
