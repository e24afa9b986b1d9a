"""Mix and transition by hand."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.cpted import frontage
from hotspot_plugin.analysis.cpted import territoriality as analysis
from hotspot_plugin.analysis.cpted.territoriality import PRIVATE, PUBLIC, UNKNOWN

from .test_frontage import FENCES, STREET, lines


def test_entropy_by_hand():
    found = analysis.entropy(np.array([[1, 1, 0], [1, 0, 0], [2, 2, 2], [0, 0, 0], [3, 1, 0]]), 3)
    # ln 2 / ln 3, nothing mixed, all even, nothing known, (3/4 ln 4/3 + 1/4 ln 4) / ln 3
    by_hand = (0.75 * np.log(4 / 3) + 0.25 * np.log(4)) / np.log(3)
    assert found[[0, 1, 2, 4]] == pytest.approx([np.log(2) / np.log(3), 0.0, 1.0, by_hand])
    assert np.isnan(found[3]) and np.isnan(analysis.entropy(np.ones((2, 1)), 1)).all()
    assert not np.signbit(found[1])


def test_entropy_is_that_of_scipy():
    from scipy.stats import entropy

    amount = np.random.default_rng(1).uniform(0, 5, (20, 6))
    expected = entropy(amount, axis=1) / np.log(6)
    assert analysis.entropy(amount, 6) == pytest.approx(expected)


def test_amounts():
    found = analysis.amounts(np.array([0, 0, 2, 2]), np.array([1, 1, 0, -1]), np.array([2.0, 3.0, 4.0, 9.0]), 3, 2)
    assert found.tolist() == [[0, 5], [0, 0], [4, 0]]


def test_transition_by_hand():
    one = np.array([PUBLIC, PUBLIC, PUBLIC, PRIVATE, PUBLIC])
    other = np.array([PRIVATE, PRIVATE, PUBLIC, PRIVATE, UNKNOWN])
    found = analysis.transition(np.array([0, 0, 0, 1, 1]), np.array([2.0, 3.0, 5.0, 4.0, 9.0]), one, other,
                                np.array([True, False, True, True, True]), 3)
    assert found.share[:2].tolist() == [0.5, 0.0] and np.isnan(found.share[2])
    assert found.marked_share[0] == pytest.approx(0.4) and np.isnan(found.marked_share[1:]).all()


def test_places_along_a_line():
    found = frontage.stations(lines([(0, 0), (5, 0), (5, 3)]), 2.0)
    assert found.weight.sum() == pytest.approx(8.0) and len(found.weight) == 3 + 2
    assert found.along.tolist() == pytest.approx([5 / 6, 2.5, 25 / 6, 5.75, 7.25])
    x, y = found.beside(2.0)
    assert (x[1], y[1]) == (2.5, 2.0) and (x[-1], y[-1]) == (3.0, 2.25)


def test_whether_a_place_is_covered():
    cover = frontage.cover(STREET, 1, FENCES, 0.0, 15.0, 1.0)
    part = np.zeros(5, dtype=np.int64)
    assert cover.holds(part, np.array([10.0, 31.5, 60.2, 80.0, 95.0])).tolist() == [True, False, True, False, True]
    assert not frontage.cover(STREET, 1, None, 0.0, 15.0).holds(part, np.zeros(5)).any()
