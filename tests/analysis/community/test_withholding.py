"""What few voices say cannot be had by subtraction."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from hotspot_plugin.analysis.community import withholding


def made(rng, counts, n):
    index = [rng.choice(k, n, p=rng.dirichlet(np.full(k, 0.8))) for k in counts]
    return withholding.cells(*index, counts), np.arange(n)


def test_totals_and_distinct_voices():
    table = withholding.cells(np.array([0, 0, 1, -1]), np.array([0, 1, 0, 0]), np.array([0, 0, 0, 0]), (2, 2, 1))
    number, _ = withholding.withhold(table, np.array([7, 7, 8, 9]), 1)
    assert number[:, :, -1].tolist() == [[1, 1, 1], [1, 0, 1], [2, 1, 2]]  # voice 7 named two things, and is one


def test_one_small_cell_takes_another_with_it():
    """12 voices, 9 of light and 3 of drugs: with 5 as the least, 12 less 9 would tell the 3."""
    table = withholding.cells(np.zeros(12, int), np.r_[np.zeros(9, int), np.ones(3, int)], np.zeros(12, int), (1, 2, 1))
    number, shown = withholding.withhold(table, np.arange(12), 5)
    assert number[0, :, -1].tolist() == [9, 3, 12]
    assert shown[0, :, -1].tolist() == [False, False, True]


def test_one_small_area_takes_another_with_it():
    area = np.repeat([0, 1, 2], [3, 8, 30])
    table = withholding.cells(area, np.zeros(41, int), np.zeros(41, int), (3, 1, 1))
    _, shown = withholding.withhold(table, np.arange(41), 5)
    assert shown[:, -1, -1].tolist() == [False, False, True, True]


def test_small_cells_that_hide_one_another_are_enough():
    area = np.repeat([0, 1, 2], [4, 4, 30])
    table = withholding.cells(area, np.zeros(38, int), np.zeros(38, int), (3, 1, 1))
    _, shown = withholding.withhold(table, np.arange(38), 5)
    assert shown[:, -1, -1].tolist() == [False, False, True, True]


def test_no_withheld_number_can_be_computed():
    """A reader who solves all that is shown at once (linear programs) finds no withheld small number."""
    rng = np.random.default_rng(3)
    hidden = 0
    for counts in ((3, 3, 2), (2, 4, 3), (4, 2, 2), (1, 4, 4)):
        table, voice = made(rng, counts, int(rng.integers(60, 140)))
        number, shown = withholding.withhold(table, voice, 5)
        assert not (shown & (number < 5)).any()
        parts = np.arange(int(np.prod(counts))).reshape(counts)

        def members(index, counts=counts, parts=parts):
            row = np.zeros(parts.size)
            row[parts[np.ix_(*[np.arange(k) if i == k else [i] for i, k in zip(index, counts)])].ravel()] = 1
            return row

        known = [members(index) for index in np.argwhere(shown)]
        told = number[shown]
        for index in np.argwhere(~shown & (number > 0) & (number < 5)):
            row = members(index)
            ends = [sign * linprog(sign * row, A_eq=np.array(known), b_eq=told, bounds=(0, None)).fun
                    for sign in (1, -1)]
            assert ends[1] - ends[0] > 0.5, (counts, index, ends)
            hidden += 1
    assert hidden > 40


def test_a_naive_table_would_fail():
    """The check above is one that can fail: hiding the small ones alone is not enough."""
    table = withholding.cells(np.zeros(12, int), np.r_[np.zeros(9, int), np.ones(3, int)], np.zeros(12, int), (1, 2, 1))
    number, _ = withholding.withhold(table, np.arange(12), 5)
    assert number[0, -1, -1] - number[0, 0, -1] == number[0, 1, -1] == 3


def test_cancel():
    def stop(_):
        raise KeyboardInterrupt

    table, voice = made(np.random.default_rng(1), (3, 3, 3), 50)
    with pytest.raises(KeyboardInterrupt):
        withholding.withhold(table, voice, 5, stop)
