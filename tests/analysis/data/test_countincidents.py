"""Counts, type columns and rates by area."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.data import countincidents as counting


def test_tally_counts_sums_and_types():
    incident, area = np.array([0, 1, 2, 3, 3]), np.array([0, 0, 2, 2, 1])
    weights = np.array([1.5, np.nan, 4.0, 2.0, 99.0])
    types = np.array(["Theft", None, "Theft ", "", "Arson"], object)
    counted = counting.tally(4, incident, area, weights, types)
    assert counted.n.tolist() == [2, 1, 2, 0]
    assert counted.sum.tolist() == [1.5, 2.0, 6.0, 0.0]
    assert {name: column.tolist() for name, column in counted.types.items()} == {
        "t_arson": [0, 0, 0, 0], "t_theft": [1, 0, 1, 0], "t_none": [1, 1, 1, 0]}
    assert counted.names == {"t_arson": "Arson", "t_theft": "Theft", "t_none": ""}
    plain = counting.tally(2, incident[:2], area[:2])
    assert plain.sum is None and plain.types == {}


def test_type_columns_are_short_and_different():
    values = ["Theft from Vehicle", "Theft from Person", "Theft-from van", "Ärger & Lärm", "***", "None", "Other"]
    values.sort()
    names, column_of = counting.type_columns([*values, None], np.ones(len(values) + 1, int))
    assert all(len(name) <= 10 and name.isascii() for name in names)
    assert len(set(column_of.tolist())) == len(values) + 1
    assert {"t_theft_fr", "t_theft_f2", "t_theft_f3", "t_arger_la", "t_type", "t_none2", "t_other2"} < set(names)
    assert names["t_none"] == "" and names["t_none2"] == "None"


def test_rare_types_share_a_column():
    values = [f"type {i:03d}" for i in range(60)]
    names, column_of = counting.type_columns(values, np.arange(60))
    assert len(names) == counting.MOST_TYPES + 1
    other = list(names).index(counting.OTHER)
    assert (column_of == other).sum() == 20 and (column_of[:20] == other).all()


def test_rates_are_empty_where_they_mean_nothing():
    n, population = np.array([5, 5, 5, 5, 0, 5]), np.array([1000, 99, 100, 0, 500, np.nan])
    rate = counting.per_unit(n, population, 1e3, 100)
    assert rate[[0, 2, 4]].tolist() == [5.0, 50.0, 0.0]
    assert np.isnan(rate[[1, 3, 5]]).all()
    assert counting.per_unit(np.array([3]), np.array([250_000.0]), 1e6)[0] == 12


def test_few_live_here_many_visit():
    rate = np.array([1.0, 2.0, 3.0, 10.1, np.nan, 9.9])
    assert counting.many_visit(rate).tolist() == [False] * 6
    assert counting.many_visit(np.array([1.0, 2.0, 2.0, 10.1, np.nan])).tolist() == [False, False, False, True, False]
    assert not counting.many_visit(np.array([0.0, 0.0, 0.0, 8.0])).any()
    assert not counting.many_visit(np.array([1.0, 900.0])).any()


@pytest.mark.parametrize(("n", "classes"), [
    ([0, 0], []), ([0, 1, 1], [(1, 1)]), ([1, 1, 1, 1, 2, 9], [(1, 1), (2, 2), (6, 9)]),
    ([1, 5, 40, 100, 1064], [(1, 4), (5, 16), (17, 65), (66, 263), (264, 1064)])])
def test_classes_of_counts(n, classes):
    assert counting.count_classes(np.array(n)) == classes


def test_every_count_has_a_class():
    rng = np.random.default_rng(1)
    for highest in (1, 2, 3, 7, 31, 32, 33, 243, 5000):
        n = rng.integers(0, highest + 1, 200)
        found = counting.count_classes(n)
        held = sum(((n >= low) & (n <= high)).astype(int) for low, high in found)
        assert (held == (n > 0)).all() and found == sorted(found)
