"""Grouping and weighing of types, on arrays."""

from __future__ import annotations

import time

import numpy as np
import pytest

from hotspot_plugin.analysis.data.classifyincidents import by_group, classify, distinct, marked_rows
from hotspot_plugin.analysis.errors import Cancelled

from .test_typetable import table

TYPES = table(
    ["Burglary", "Property", "10", "no", "no", "no", "yes"],
    ["Drugs", "Vice", "4", "no", "yes", "", "yes"],
    ["Shoplifting", "Property", "1", "no", "company", "no", "yes"],
    ["Rape", "Sexual", "100", "yes", "no", "", "yes"],
    ["Noise", "Calls", "", "no", "no", "yes", "no"],
)


def texts(*values):
    out = np.empty(len(values), object)
    out[:] = values
    return out


def test_spellings_of_one_type_are_one():
    found = distinct(texts("Theft ", "THEFT", None, "  ", "theft", "Fraud", "Zündeln", "Zu\u0308ndeln"))
    assert found.names == ["Theft", "Fraud", "Zündeln"] and found.counts.tolist() == [3, 1, 2]
    assert found.of_row.tolist() == [0, 0, -1, -1, 0, 1, 2, 2] and found.blank == 2


def test_every_column_is_what_the_table_says():
    result = classify(texts(" burglary", "DRUGS", "Shoplifting", "Rape", "Noise", "Arson", None), TYPES)
    assert result.matched.tolist() == [True] * 5 + [False] * 2
    assert result.group.tolist() == ["Property", "Vice", "Property", "Sexual", "Calls", None, None]
    np.testing.assert_array_equal(result.harm, [10, 0, 0, 100, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(result.left_out, [0, 4, 1, 0, 0, 0, 0])
    assert result.sensitive.tolist() == [False, False, False, True, False, None, None]
    assert result.proactive.tolist() == [False, True, False, False, False, None, None]
    assert result.company.tolist() == [False, False, True, False, False, False, False]
    assert result.public_place.tolist() == [False, None, False, None, True, None, None]
    assert result.is_crime.tolist() == [True, True, True, True, False, None, None]
    assert (result.unmatched, result.types.blank, result.without_harm) == (1, 1, 1)
    assert [result.types.names[k] for k in result.unmatched_types] == ["Arson"]


def test_what_is_found_counts_if_asked_for():
    result = classify(texts("Drugs", "Shoplifting"), TYPES, count_proactive=True)
    assert result.harm.tolist() == [4, 1] and result.left_out.sum() == 0
    assert result.proactive.tolist() == [True, False]


def test_officers_own_records_weigh_nothing_whatever_their_type():
    own = np.array([True, False, True, False])
    result = classify(texts("Burglary", "Burglary", "Arson", "Arson"), TYPES, own)
    assert result.proactive.tolist() == [True, False, True, None]
    np.testing.assert_array_equal(result.harm, [0, 10, 0, np.nan])
    np.testing.assert_array_equal(result.left_out, [10, 0, 0, 0])


def test_a_table_without_harm_weighs_nothing_at_all():
    plain = table(["Drugs", "Vice", "", "", "yes"], ["Theft", "Property"])
    result = classify(texts("Drugs", "Theft"), plain)
    assert np.isnan(result.harm).all() and not plain.has_harm


def test_groups_add_up_to_the_rows():
    rng = np.random.default_rng(3)
    names = texts("Burglary", "Drugs", "Shoplifting", "Rape", "Noise", "Arson", None)
    values = names[rng.integers(0, 7, 5000)]
    result = classify(values, TYPES)
    groups = by_group(result, TYPES)
    assert [g.rows for g in groups] == sorted((g.rows for g in groups), reverse=True)
    assert sum(g.rows for g in groups) + result.unmatched + result.types.blank == 5000
    assert sum(g.harm for g in groups) == pytest.approx(np.nansum(result.harm))
    held = {g.name: g for g in groups}
    plain = values.tolist()
    assert held["Property"].rows == plain.count("Burglary") + plain.count("Shoplifting")
    assert held["Property"].company == plain.count("Shoplifting") and held["Property"].types == 2
    assert held["Vice"].proactive == plain.count("Drugs") and held["Sexual"].sensitive == plain.count("Rape")


def test_marked_rows_and_marks_that_no_row_has():
    rows, absent, found = marked_rows(texts("Officer", "call", None, "OFFICER "), ["officer", "self-initiated"])
    assert rows.tolist() == [True, False, False, True] and absent == ["self-initiated"]
    assert found.names == ["Officer", "call"]


def test_nothing_to_classify():
    result = classify(texts(), TYPES)
    assert len(result) == 0 and by_group(result, TYPES) == []


def test_a_million_rows_are_quick_and_can_be_cancelled():
    values = texts(*TYPES.codes, "Arson", None)[np.random.default_rng(1).integers(0, 7, 1_000_000)]
    calls = []
    start = time.perf_counter()
    result = classify(values, TYPES, progress=calls.append)
    assert time.perf_counter() - start < 5, "about 0.3 s on a usual machine"
    assert len(result) == 1_000_000 and len(calls) >= 10 and calls == sorted(calls)

    def stop(done):
        if done > 0.2:
            raise Cancelled()

    with pytest.raises(Cancelled):
        classify(values, TYPES, progress=stop)
