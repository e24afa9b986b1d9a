"""Near shapes against a look at all pairs."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis import nearness
from hotspot_plugin.analysis.errors import Cancelled
from hotspot_plugin.analysis.nearness import Shapes


def shapes(rng, count, pieces, length, points=0.0, size=1000.0):
    """Return shapes of some pieces that hang together; a share of them are points."""
    start, end, owner = [], [], []
    for shape in range(count):
        at = rng.uniform(0, size, 2)
        for _ in range(rng.integers(1, pieces + 1)):
            to = at if rng.random() < points else at + rng.normal(0, length, 2)
            start.append(at)
            end.append(to)
            owner.append(shape)
            at = to
    return Shapes(np.array(start), np.array(end), np.array(owner), count)


def all_distances(one, other):
    i, j = (a.ravel() for a in np.meshgrid(range(len(one.owner)), range(len(other.owner)), indexing="ij"))
    away = nearness.piece_distance(one.start[i], one.end[i], other.start[j], other.end[j])
    out = np.full((one.count, other.count), np.inf)
    np.minimum.at(out, (one.owner[i], other.owner[j]), away)
    return out


def test_distance_of_pieces():
    """By hand: crossing, touching, parallel, at an angle, and points."""
    cases = [
        ((0, 0, 10, 0), (5, -5, 5, 5), 0), ((0, 0, 10, 0), (10, 0, 20, 5), 0), ((0, 0, 10, 0), (0, 3, 10, 3), 3),
        ((0, 0, 10, 0), (13, 4, 20, 9), 5), ((0, 0, 0, 0), (3, 4, 3, 4), 5), ((0, 0, 10, 0), (5, 2, 5, 2), 2),
        ((0, 0, 10, 0), (4, 0, 6, 0), 0), ((0, 0, 4, 0), (6, 0, 9, 0), 2),
    ]
    one, other = (np.array([case[k] for case in cases], float) for k in (0, 1))
    found = nearness.piece_distance(one[:, :2], one[:, 2:], other[:, :2], other[:, 2:])
    assert found == pytest.approx([case[2] for case in cases])
    turned = nearness.piece_distance(other[:, 2:], other[:, :2], one[:, :2], one[:, 2:])
    assert turned == pytest.approx(found)


@pytest.mark.parametrize("reach", [0.0, 15.0, 120.0])
@pytest.mark.parametrize("seed", range(4))
def test_pairs_equal_all_pairs(seed, reach):
    rng = np.random.default_rng(seed)
    one = shapes(rng, 60, 4, 40, points=0.3 * seed)
    other = shapes(rng, 80, 3, 90, points=0.2)
    every = all_distances(one, other)
    found = nearness.pairs_within(one, other, reach)
    expected = np.argwhere(every <= reach + 1e-9)
    assert np.column_stack([found.one, found.other]).tolist() == expected.tolist()
    assert found.distance == pytest.approx(every[found.one, found.other], abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_nearest_equals_all_pairs(seed):
    rng = np.random.default_rng(seed)
    one = shapes(rng, 70, 4, 60, points=0.3 * seed, size=4000)
    other = shapes(rng, 25, 3, 150, points=0.3, size=4000)
    every = all_distances(one, other)
    shape, distance = nearness.nearest(one, other)
    assert distance == pytest.approx(every.min(axis=1), abs=1e-6)
    assert every[np.arange(70), shape] == pytest.approx(distance, abs=1e-6)


def test_a_shape_without_pieces_is_near_nothing():
    one = Shapes(np.array([[0.0, 0]]), np.array([[0.0, 0]]), np.array([1]), 3)
    none = Shapes(np.empty((0, 2)), np.empty((0, 2)), np.empty(0, int), 2)
    shape, distance = nearness.nearest(one, one)
    assert shape.tolist() == [-1, 1, -1] and np.isnan(distance[[0, 2]]).all()
    assert nearness.nearest(one, none)[0].tolist() == [-1, -1, -1]
    assert len(nearness.pairs_within(one, none, 10).one) == 0


def test_joined_keeps_the_least():
    one = Shapes(np.array([[0.0, 0]]), np.array([[0.0, 0]]), np.array([0]), 2)
    other = Shapes(np.array([[3.0, 4]]), np.array([[3.0, 4]]), np.array([2]), 4)
    found = nearness.joined(nearness.pairs_within(one, other, 9), np.array([0, 1]), np.array([2, 3]), 4)
    assert (found.one.tolist(), found.other.tolist(), found.distance.tolist()) == ([0, 1], [2, 3], [0, 0])


def test_it_can_be_stopped():
    rng = np.random.default_rng(1)
    one = shapes(rng, 30, 3, 50)

    def stop(fraction):
        raise Cancelled()

    for call in (lambda: nearness.nearest(one, one, stop), lambda: nearness.pairs_within(one, one, 50, stop)):
        with pytest.raises(Cancelled):
            call()
