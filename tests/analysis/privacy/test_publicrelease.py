"""Periods of the calendar, squares with enough homes, and utility figures, each against a plain recomputation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse, stats

from hotspot_plugin.analysis.privacy import publicrelease as analysis
from hotspot_plugin.analysis.privacy.disclosure import OTHER, SHOWN, SMALL, Rules, protect
from hotspot_plugin.analysis.privacy.publicrelease import Span, Table


def days(first, last, a_day=3):
    return np.repeat(np.arange(np.datetime64(first), np.datetime64(last) + 1), a_day)


def names(spans):
    return [span.name for span in spans]


def day(text):
    return np.datetime64(text, "D")


def test_units_of_the_calendar():
    assert analysis.span_of(analysis.period_numbers(np.array([day("2024-02-29")]), 1)[0], 1) == Span(
        "2024-02", day("2024-02-01"), day("2024-02-29"))
    assert analysis.span_of(analysis.period_numbers(np.array([day("2023-12-31")]), 3)[0], 3) == Span(
        "2023-Q4", day("2023-10-01"), day("2023-12-31"))
    assert analysis.span_of(analysis.period_numbers(np.array([day("1969-05-01")]), 12)[0], 12) == Span(
        "1969", day("1969-01-01"), day("1969-12-31"))


def test_a_period_waits_for_its_delay_to_the_day():
    some = days("2024-01-01", "2024-03-31")
    assert names(analysis.periods(some, 1, day("2024-03-28"), 28).ready) == ["2024-01", "2024-02"]
    found = analysis.periods(some, 1, day("2024-03-27"), 28)
    assert names(found.ready) == ["2024-01"] and names(found.recent) == ["2024-02", "2024-03"]


def test_periods_that_the_data_do_not_cover_are_not_released():
    found = analysis.periods(days("2024-01-15", "2024-03-20"), 1, day("2024-12-31"), 28)
    assert names(found.ready) == ["2024-02"] and names(found.partial) == ["2024-01", "2024-03"]


def test_a_quiet_first_of_january_is_no_gap():
    rng = np.random.default_rng(3)
    some = np.sort(rng.choice(days("2024-01-03", "2024-06-29", 1), 40, replace=False))
    assert names(analysis.periods(some, 3, day("2024-12-31"), 28).ready) == ["2024-Q1", "2024-Q2"]


def test_months_without_days_are_whole():
    some = np.repeat(np.array(["2024-01-01", "2024-02-01"], "M8[D]"), 50)
    assert names(analysis.periods(some, 1, day("2024-12-31"), 28, monthly=True).ready) == ["2024-01", "2024-02"]


# --- squares -----------------------------------------------------------------------------------
def test_squares_hold_enough_and_cover_each_place_once():
    rng = np.random.default_rng(4)
    x, y = np.concatenate([rng.normal(0, 700, (4000, 2)), rng.uniform(-6000, 6000, (150, 2))]).T
    weight = np.ones(len(x))
    level, column, row, total, left_out = analysis.merged_cells(x, y, weight, 8, 250.0, 5)
    assert (total >= 8).all() and len(set(level.tolist())) > 2
    side = 250.0 * 2.0**level
    inside = ((x[:, None] >= column * side) & (x[:, None] < (column + 1) * side)
              & (y[:, None] >= row * side) & (y[:, None] < (row + 1) * side))
    assert (inside.sum(axis=1) <= 1).all()
    assert (inside.sum(axis=0) == total).all()
    held = analysis.held_by_cells(level, column, row, 250.0, x, y)
    assert (held == np.where(inside.any(axis=1), inside.argmax(axis=1), -1)).all()
    assert left_out == (held < 0).sum() < 0.06 * len(x)


def test_a_square_is_cut_where_that_loses_few_homes():
    x, y = (np.array(v, dtype=float).repeat(8) for v in ([10, 60, 10, 60], [10, 10, 60, 60]))
    assert analysis.merged_cells(x, y, np.ones(32), 8, 50.0, 1)[0].tolist() == [0] * 4
    level, _, _, total, left_out = analysis.merged_cells(x[:-1], y[:-1], np.ones(31), 8, 50.0, 1)
    assert level.tolist() == [1] and total.tolist() == [31] and left_out == 0  # 7 of 31 would be lost
    level, _, _, total, left_out = analysis.merged_cells(x[:-7], y[:-7], np.ones(25), 8, 50.0, 1)
    assert level.tolist() == [0] * 3 and total.tolist() == [8] * 3 and left_out == 1  # 1 of 25
    level, _, _, _, left_out = analysis.merged_cells(x[:7], y[:7], np.ones(7), 8, 50.0, 1)
    assert not len(level) and left_out == 7


# --- utility -----------------------------------------------------------------------------------
def tables(seed=1, areas=15, groups=4, periods=3, base=5):
    rng = np.random.default_rng(seed)
    size = rng.gamma(1, 8, (areas, groups))
    out = []
    for i in range(periods):
        made = protect(rng.poisson(size), Rules(10, base))
        out.append(Table("ordinary", analysis.span_of(600 + i, 1), list("abcd")[:groups], made.counts, made.values,
                         made.status, 10))
    return out


@pytest.mark.parametrize("groups", [1, 4])
@pytest.mark.parametrize("seed", range(4))
def test_utility_is_a_recomputation(seed, groups):
    some = tables(seed, groups=groups)
    found = analysis.utility(some)
    true, public = [0] * 15, [0] * 15
    shown = in_totals = everything = wrong = cells = 0
    for table in some:
        for area in range(15):
            n = [int(v) for v in table.counts[area, :groups]]
            everything += sum(n)
            for g in range(groups):
                if table.status[area, g] == SHOWN:
                    shown, cells = shown + n[g], cells + 1
                    wrong += abs(n[g] - int(table.values[area, g]))
            column = groups if groups > 1 else 0
            true[area] += sum(n)
            if table.status[area, column] == SHOWN:
                in_totals += sum(n)
                public[area] += int(table.values[area, column])
            else:
                assert table.values[area, column] == -1
                public[area] += 5
    assert found.incidents == everything
    assert found.share_shown == pytest.approx(shown / everything)
    assert found.share_totals == pytest.approx(in_totals / everything)
    assert found.error == pytest.approx(wrong / cells)
    assert found.rank_correlation == pytest.approx(stats.spearmanr(true, public)[0])
    best = [sorted(range(15), key=lambda i: (-totals[i], i))[:7] for totals in (true, public)]
    assert (found.top, found.top_kept) == (7, len(set(best[0]) & set(best[1])))
    assert found.true_totals.tolist() == true and found.public_totals.tolist() == public


def test_hot_areas_are_found_again_in_public():
    """A row of 40 areas with five busy ones together."""
    counts = np.full((40, 1), 12)
    counts[10:15] = 90
    made = protect(counts, Rules(10, 5))
    table = Table("ordinary", analysis.span_of(600, 1), ["a"], made.counts, made.values, made.status, 10)
    near = sparse.diags([np.ones(39), np.ones(39)], [-1, 1]).tocsr()
    found = analysis.utility([table], near)
    assert found.hot >= 3 and found.hot_both == found.hot == found.hot_public
    assert set(np.flatnonzero(analysis.hot_areas(counts[:, 0], near)).tolist()) <= set(range(9, 16))
    assert analysis.utility([table]).hot == -1


def test_nothing_shown_is_no_error():
    made = protect(np.ones((3, 2), dtype=int), Rules(10, 5))
    assert set(made.status.ravel().tolist()) <= {SMALL, OTHER}
    table = Table("ordinary", analysis.span_of(600, 1), ["a", "b"], made.counts, made.values, made.status, 10)
    found = analysis.utility([table])
    assert found.share_shown == 0 and np.isnan(found.error) and np.isnan(found.rank_correlation)
