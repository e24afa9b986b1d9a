"""The chart of differences with two intervals."""

from __future__ import annotations

import numpy as np

from hotspot_plugin.reports import forest

NAN = float("nan")


def test_the_same_numbers_give_the_same_drawing():
    def draw(**more):
        return forest.differences(["All", "Theft $5", "None"], [-118, 3, NAN], [-196, -4, NAN], [-40, 10, NAN],
                                  [-183, -3, NAN], [-53, 9, NAN], title="Difference", sides=("fewer", "more"),
                                  rules=[1], **more)

    drawing = draw()
    assert drawing.startswith("<?xml") and drawing == draw() and drawing != draw(strong=[False, False, False])


def test_all_intervals_are_within_the_picture_unless_one_dwarfs_the_others():
    low, high = forest._bounds(np.array([-5.0, 2]), np.array([-9.0, -1]), np.array([-1.0, 5]), False)
    assert low < -9 and high > 5
    centre = np.zeros(20)
    left, right = np.full(20, -1.0), np.full(20, 1.0)
    left[3] = -500.0
    low, high = forest._bounds(centre, left, right, False)
    assert -10 < low < -1


def test_ratios_have_a_logarithmic_axis():
    low, high = forest._bounds(np.array([0.5]), np.array([0.25]), np.array([1.0]), True)
    assert 0 < low < 0.25 and high > 1.0
    assert forest.differences(["a"], [0.5], [0.25], [1.2], ratio=True).startswith("<?xml")
