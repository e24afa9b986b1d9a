"""Nobody can work out a small number: attackers of another make than the method try, and fail."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
from scipy.optimize import linprog

from hotspot_plugin.analysis.errors import Cancelled
from hotspot_plugin.analysis.privacy.disclosure import (
    ABSENT,
    OTHER,
    SHOWN,
    SMALL,
    Rules,
    audit,
    protect,
    reader_knows,
    rounded,
    with_totals,
)


def worlds(number, seed=1, sizes=(1, 5), scales=(3, 10, 30)):
    rng = np.random.default_rng(seed)
    for _ in range(number):
        shape = rng.integers(*sizes, 2)
        counts = rng.poisson(rng.gamma(0.7, rng.choice(scales), shape))
        yield counts, Rules(int(rng.choice([3, 5, 10])), int(rng.choice([1, 3, 5])))


def fits(shown_value, base, n):
    """Written from the definition: a published number stands for all counts that round to it."""
    return (n + base // 2) // base * base == shown_value


def possible(made, most):
    """Enumerate all tables that a reader of the published numbers must think possible; sets by (row, column)."""
    rules, values = made.rules, made.values
    n, k = (size - 1 for size in made.counts.shape)

    def allowed(row, column, top):
        if made.status[row, column] != SHOWN:
            return range(top + 1)
        return [v for v in range(rules.limit, top + 1) if fits(values[row, column], rules.base, v)]

    cells = [allowed(r, c, most) for r in range(n) for c in range(k)]
    tables = np.array(list(itertools.product(*cells))).reshape(-1, n, k)
    keep = np.ones(len(tables), dtype=bool)
    full = np.zeros((len(tables), n + 1, k + 1), dtype=int)
    full[:, :n, :k] = tables
    full[:, n, :k], full[:, :n, k], full[:, n, k] = tables.sum(1), tables.sum(2), tables.sum((1, 2))
    for r, c in [(n, c) for c in range(k + 1)] + [(r, k) for r in range(n)]:
        if made.status[r, c] == SHOWN:
            low = rounded(full[:, r, c], rules.base) == values[r, c]
            keep &= low & (full[:, r, c] >= rules.limit)
    return {(r, c): set(full[keep, r, c].tolist()) for r in range(n + 1) for c in range(k + 1)}


@pytest.mark.parametrize("seed", range(40))
def test_enumeration_of_all_tables_excludes_no_value_of_a_small_number(seed):
    rng = np.random.default_rng(seed)
    shape = [(1, 3), (2, 2), (3, 1), (2, 1), (1, 2)][seed % 5]
    counts = rng.integers(0, 9, shape)
    rules = Rules(3, int(rng.choice([1, 2, 3])))
    made = protect(counts, rules)
    sets = possible(made, 18)
    for place in np.argwhere(made.status == SMALL):
        assert sets[tuple(place)] >= set(range(rules.limit)), (counts, made.status)


def ranges(made):
    """Least and largest value of each number by a linear program of another form: minimise and maximise it."""
    n, k = (size - 1 for size in made.counts.shape)
    sums, lower, upper, rows = [], [], [], {}
    for r in range(n + 1):
        for c in range(k + 1):
            pattern = np.zeros((n, k))
            pattern[slice(None) if r == n else r, slice(None) if c == k else c] = 1
            rows[r, c] = pattern.ravel()
            if made.status[r, c] == SHOWN:
                stands_for = [v for v in range(int(made.values[r, c]) + 10) if v >= made.rules.limit
                              and fits(made.values[r, c], made.rules.base, v)]
                sums.append(pattern.ravel())
                lower.append(min(stands_for))
                upper.append(max(stands_for))
    sums = np.array(sums).reshape(-1, n * k)
    limits = {"A_ub": np.vstack([sums, -sums]), "b_ub": np.concatenate([upper, -np.array(lower)])} if len(sums) else {}
    for (r, c), row in rows.items():
        if made.status[r, c] == SMALL:
            low = linprog(row, bounds=(0, None), method="highs", **limits)
            high = linprog(-row, bounds=(0, None), method="highs", **limits)
            yield (r, c), low.fun, np.inf if high.status == 3 else -high.fun


@pytest.mark.parametrize("seed", range(6))
def test_bounds_of_small_numbers_hold_all_small_values(seed):
    for counts, rules in worlds(25, seed):
        made = protect(counts, rules)
        for place, low, high in ranges(made):
            assert low < 1e-6 and high > rules.limit - 1 - 1e-6, (place, counts, made.status)


def test_all_small_numbers_are_withheld_zeros_too_and_shown_ones_are_rounded():
    for counts, rules in worlds(60, 9):
        made = protect(counts, rules)
        full = with_totals(counts)
        assert (made.counts == full).all()
        part = made.status != ABSENT
        assert ((made.status == SMALL) == (part & (full < rules.limit))).all()
        assert (full[made.status == OTHER] >= rules.limit).all()
        shown = made.status == SHOWN
        assert (np.abs(made.values - full)[shown] <= rules.base // 2).all()
        assert (made.values[shown] % rules.base == 0).all()
        assert (made.values[~shown] == -1).all()


def test_the_published_example_of_complementary_suppression(shared_example):
    """One area of five groups, limit 5, no rounding: 3 is small and 8, the smallest other, goes with it."""
    reference = json.loads(shared_example("ex12_privacy.json").read_text())["suppress"]
    made = protect(np.array([reference["row"]]), Rules(5, 1))
    withheld = made.status[0, :-1] != SHOWN
    zeros = np.array(reference["row"]) == 0  # withheld here, where the example shows them
    assert (withheld == (np.array(reference["final"]) | zeros)).all()
    assert made.values[0, -1] == reference["total"]


def test_one_small_number_in_an_unrounded_table_takes_a_rectangle_with_it():
    counts = np.array([[4, 50, 60], [40, 55, 65], [70, 45, 80]])
    made = protect(counts, Rules(10, 1))
    hidden = made.status[:-1, :-1] != SHOWN
    assert hidden.sum() == 4 and hidden[0, 0]
    assert (hidden.sum(axis=0) != 1).all() and (hidden.sum(axis=1) != 1).all()
    assert (made.status[-1] == SHOWN).all() and (made.status[:, -1] == SHOWN).all()


def test_the_audit_finds_what_a_single_withheld_number_gives_away():
    counts = np.array([[4, 50], [40, 55]])
    status = np.full((3, 3), SHOWN)
    status[0, 0] = SMALL
    assert audit(counts, status, Rules(10, 1)) == [(0, 0, 1), (0, 0, -1)]
    assert audit(counts, status, Rules(10, 5))  # rounding alone leaves 4 give or take too little
    assert not audit(counts, protect(counts, Rules(10, 1)).status, Rules(10, 1))


def test_two_small_numbers_do_not_protect_each_other_by_being_two():
    """9 and 9 with their sum published would be 9 and 9."""
    made = protect(np.array([[9, 9, 40]]), Rules(10, 1))
    assert made.status.tolist() == [[SMALL, SMALL, OTHER, SHOWN], [ABSENT] * 4]


def test_the_shortcut_never_claims_more_than_the_linear_program():
    for counts, rules in worlds(40, 4, sizes=(3, 9)):
        made = protect(counts, rules)
        assert audit(counts, made.status, rules) == []


def test_what_a_reader_knows_of_a_rounded_number():
    low, high = reader_knows(np.array([10, 15, -1, -1]), np.array([SHOWN, SHOWN, SMALL, OTHER]), Rules(10, 5))
    assert low.tolist() == [10, 13, 0, 0] and high.tolist() == [12, 17, 9, np.inf]


def test_a_large_table_costs_little_and_shows_nearly_all_that_is_large():
    rng = np.random.default_rng(2)
    counts = rng.poisson(rng.gamma(1, 20, (300, 10)) * rng.gamma(1, 1, (300, 1)))
    made = protect(counts, Rules(10, 5))
    assert (made.status == OTHER).sum() < 0.01 * (made.status == SHOWN).sum()
    assert made.proofs == (made.status == SMALL).sum() > 500


def test_it_can_be_cancelled():
    def stop(fraction):
        raise Cancelled()

    with pytest.raises(Cancelled):
        protect(np.arange(12).reshape(3, 4), Rules(), stop)
