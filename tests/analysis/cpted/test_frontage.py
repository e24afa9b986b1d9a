"""Barriers along a frontage: by hand, and against counting along the line."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.cpted import frontage


def lines(*parts):
    count = [len(part) for part in parts]
    vertices = np.concatenate([np.asarray(part, float) for part in parts])
    return frontage.Lines(vertices, np.repeat(np.arange(len(parts)), count), np.cumsum([0, *count[:-1]]))


STREET = lines([(0, 0), (100, 0)])
FENCES = lines(
    [(0, 5), (30, 5)], [(33, 5), (60, 5)], [(60.5, 5), (70, 8)],  # along the left side, with a gap and a crack
    [(80, 0.5), (80, 20)],  # between two plots: it covers nothing of the frontage
    [(10, -6), (20, -6)],  # on the right
    [(90, 5), (130, 40)],  # leads away, and out of reach
    [(0, 40), (100, 40)],  # out of reach
)


def test_each_side_by_hand():
    left = frontage.cover(STREET, 1, FENCES, 0.0, 15.0, 1.0)
    assert left.covered == pytest.approx([30 + 37 + 10]) and left.share == pytest.approx([0.77])
    assert left.gaps.tolist() == [2] and left.widest == pytest.approx([20.0])
    assert list(zip(left.gap_from, left.gap_to)) == [(30.0, 33.0), (70.0, 90.0)]
    right = frontage.cover(STREET, 1, FENCES, -15.0, 0.0, 1.0)
    assert right.covered == pytest.approx([10.0]) and right.gaps.tolist() == [0] and np.isnan(right.widest[0])


def test_direction_of_drawing_swaps_the_sides():
    turned = lines([(100, 0), (0, 0)])
    assert frontage.cover(turned, 1, FENCES, -15.0, 0.0).covered == pytest.approx([77.0])


def test_a_wider_least_gap_closes_gaps():
    found = frontage.cover(STREET, 1, FENCES, 0.0, 15.0, 5.0)
    assert found.covered == pytest.approx([80.0]) and found.gaps.tolist() == [1]


def test_a_closed_outline_has_no_begin():
    plot = lines([(0, 0), (40, 0), (40, 40), (0, 40), (0, 0)])
    walls = lines([(5, 1), (40, 1)], [(39, 0), (39, 40)], [(40, 40), (0, 40)], [(0, 40), (0, 20)])
    found = frontage.cover(plot, 1, walls, -3.0, 3.0, 1.0)
    assert found.covered == pytest.approx([135.0]) and found.gaps.tolist() == [1]
    assert found.widest == pytest.approx([25.0])
    assert (found.gap_from[0], found.gap_to[0]) == (140.0, 165.0)
    whole = frontage.cover(plot, 1, plot, -3.0, 3.0, 1.0)
    assert whole.share == pytest.approx([1.0]) and whole.gaps.tolist() == [0]


def test_gaps_as_lines_go_on_across_the_begin():
    plot = lines([(0, 0), (40, 0), (40, 40), (0, 40), (0, 0)])
    line, = frontage.stretches(plot, np.array([0]), np.array([140.0]), np.array([165.0]))
    assert line.tolist() == [[0, 20], [0, 0], [5, 0]]
    line, = frontage.stretches(STREET, np.array([0]), np.array([30.0]), np.array([33.0]), 4.0)
    assert line.tolist() == [[30, 4], [33, 4]]


def test_without_barriers():
    found = frontage.cover(STREET, 2, None, 0.0, 15.0)
    assert found.share[0] == 0.0 and np.isnan(found.share[1]) and found.length.tolist() == [100.0, 0.0]


def test_random_barriers_against_counting_along_the_line():
    """At a thousand places of each frontage a look square to the left must meet a barrier as often as measured."""
    rng = np.random.default_rng(4)
    begin = rng.uniform(0, 400, (40, 2))
    turn = rng.uniform(0, 2 * np.pi, 40)
    streets = np.stack([begin, begin + 80 * np.column_stack([np.cos(turn), np.sin(turn)])], axis=1)
    c = rng.uniform(0, 400, (300, 2))
    d = c + rng.normal(0, 15, (300, 2))
    found = frontage.cover(lines(*streets), 40, lines(*np.stack([c, d], axis=1)), 0.0, 20.0, 0.0)
    share = np.zeros(40)
    for i, (a, b) in enumerate(streets):
        run = (b - a) / 80.0
        left = np.array([-run[1], run[0]])
        at = a + (np.arange(1000)[:, None] + 0.5) / 1000 * (b - a)
        # a + s * left = c + u * (d - c)
        e = d - c
        area = left[0] * e[:, 1] - left[1] * e[:, 0]
        gap = c[None] - at[:, None]
        s = (gap[..., 0] * e[:, 1] - gap[..., 1] * e[:, 0]) / area
        u = (gap[..., 0] * left[1] - gap[..., 1] * left[0]) / area
        share[i] = ((s >= 0) & (s <= 20.0) & (u >= 0) & (u <= 1)).any(axis=1).mean()
    assert found.share == pytest.approx(share, abs=0.004) and share.max() > 0.5
