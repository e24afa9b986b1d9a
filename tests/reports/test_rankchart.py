"""The chart of ranks before and after."""

from __future__ import annotations

import re

import numpy as np

from hotspot_plugin.reports.rankchart import rank_changes

NAMES = ("all", "without", "chance")


def draw(before, after, low=None, high=None, strong=None):
    n = len(before)
    empty = [np.nan] * n
    return rank_changes([f"spot {i}" for i in range(n)], before, after, low or empty, high or empty,
                        strong or [False] * n, NAMES, "no hot spot", "Rank")


def test_a_place_without_a_rank_gets_a_column_of_its_own():
    shown, hidden = draw([1, 2], [1, np.nan]), draw([1, 2], [1, 2])
    assert "no hot" in shown
    assert "no hot" not in hidden
    assert all(name in shown for name in ("spot 0", "spot 1", *NAMES))


def test_bars_stand_for_known_ranges_only():
    bars = [len(re.findall('id="patch_', draw([1, 5], [2, 9], *ranges)))
            for ranges in (([np.nan, 4], [np.nan, 7]), ([1, 4], [2, 7]))]
    assert bars[1] == bars[0] + 1


def test_the_same_ranks_give_the_same_bytes():
    assert draw([1, 300, np.nan], [900, 2, 7], strong=[True, False, True]) == draw(
        [1, 300, np.nan], [900, 2, 7], strong=[True, False, True])
