"""Agreement of auditors and means of marks."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.cpted import cptedauditscore as s


def table(first, second, k=3):
    return np.bincount(np.asarray(first) * k + np.asarray(second), minlength=k * k).reshape(k, k)


def test_reference_numbers_of_three_marks():
    """Ten places, three of them one mark apart: kappa 7/13 = .53846154, quadratic 8/11 = .72727273 (scikit-learn).

    By hand: seven of ten alike, .35 by chance; squared distances .3, and 1.1 by chance.
    """
    first = [0, 1, 1, 1, 1, 1, 2, 2, 2, 2]
    second = [0, 0, 0, 1, 1, 1, 1, 2, 2, 2]
    found = table(first, second)
    assert s.kappa(found, weighted=False) == pytest.approx(.53846154, abs=5e-9)
    assert s.kappa(found) == pytest.approx(.72727273, abs=5e-9)


def test_published_examples():
    """Tests of scikit-learn's cohen_kappa_score, from Artstein and Poesio, and the table in Cohen's article of 1960."""
    first = [0] * 46 + [1] * 44 + [2] * 10
    assert s.kappa(table(first, [0] * 52 + [1] * 32 + [2] * 16), weighted=False) == pytest.approx(.8013, abs=5e-5)
    near = table(first, [0] * 50 + [1] * 40 + [2] * 10)
    assert s.kappa(near, weighted=False) == pytest.approx(.9315, abs=5e-5)
    assert s.kappa(near) == pytest.approx(.9541, abs=5e-5)
    assert s.kappa(np.array([[20, 5], [10, 15]]), weighted=False) == pytest.approx(0.4)


def test_all_alike_is_no_evidence():
    assert np.isnan(s.kappa(table([1, 1, 1], [1, 1, 1]))) and np.isnan(s.kappa(np.zeros((3, 3))))
    assert s.kappa(table([0, 1, 2], [0, 1, 2])) == 1.0 and s.kappa(table([0, 2], [2, 0])) == -1.0


def test_several_tables_at_once():
    rng = np.random.default_rng(2)
    tables = rng.integers(0, 9, (5, 3, 3))
    assert s.kappa(tables) == pytest.approx([float(s.kappa(t)) for t in tables])


def test_agreement_of_pairs_and_its_interval():
    rng = np.random.default_rng(4)
    true = rng.integers(0, 3, 200)
    noisy = [np.clip(true + rng.choice([-1, 0, 1], 200, p=[.1, .8, .1]), 0, 2).astype(float) for _ in range(2)]
    found = s.agreement(*noisy, np.arange(200), rng)
    assert found.n == found.places == 200 and found.same == (noisy[0] == noisy[1]).mean()
    assert found.kappa == float(s.kappa(table(*(v.astype(int) for v in noisy))))
    assert found.low < found.kappa < found.high and found.high - found.low < 0.2
    # large-sample standard error of Fleiss, Cohen and Everitt (1969) for the same table
    error = _asymptotic(table(*(v.astype(int) for v in noisy)))
    assert (found.high - found.low) / 3.92 == pytest.approx(error, rel=.15)
    few = s.agreement(*(v[:20] for v in noisy), np.arange(20), rng)
    assert few.high - few.low > found.high - found.low


def _asymptotic(counts):
    p = counts / counts.sum()
    w = 1 - np.subtract.outer(np.arange(3), np.arange(3)) ** 2 / 4.0
    row, column = p.sum(axis=1), p.sum(axis=0)
    po, pe = (w * p).sum(), (w * np.outer(row, column)).sum()
    mean_row, mean_column = w @ column, row @ w
    inner = (p * (w * (1 - pe) - (mean_row[:, None] + mean_column[None, :]) * (1 - po)) ** 2).sum()
    return np.sqrt((inner - (po * pe - 2 * pe + po) ** 2) / (counts.sum() * (1 - pe) ** 4))


def test_interchangeable_auditors_have_no_order():
    rng = np.random.default_rng(0)
    first, second = np.array([0.0, 1, 2, 2, 0]), np.array([0.0, 2, 2, 1, 1])
    swapped = s.agreement(np.where([1, 0, 1, 0, 1], second, first), np.where([1, 0, 1, 0, 1], first, second),
                          np.arange(5), rng, interchangeable=True)
    assert swapped.kappa == s.agreement(first, second, np.arange(5), rng, interchangeable=True).kappa


def test_one_place_has_no_interval_and_nothing_seen_no_pair():
    rng = np.random.default_rng(0)
    lone = s.agreement(np.array([0.0, 2]), np.array([0.0, 2]), np.array([5, 5]), rng)
    assert lone.kappa == 1.0 and np.isnan(lone.low)
    assert s.agreement(np.array([np.nan]), np.array([1.0]), np.array([0]), rng).n == 0


def test_pairs_are_of_one_place_and_one_kind_of_visit():
    place, visit = np.array([0, 0, 0, 0, 1, 2, 2]), np.array([0, 0, 1, 0, 0, 0, 1])
    auditor = np.array([3, 1, 1, 2, 1, 1, 2])
    first, second = s.pairs_of(place, visit, auditor)
    assert sorted(zip(first.tolist(), second.tolist())) == [(1, 0), (1, 3), (3, 0)]


def test_the_newest_visit_counts():
    when = np.array(["2024-01-01", "2025-01-01", "NaT", "2024-05-01"], "M8[ms]")
    assert s.newest(np.zeros(4, int), np.array([0, 0, 0, 1]), np.zeros(4, int), when).tolist() == [
        False, True, False, True]


def test_means_by_auditor_then_by_weight():
    nan = np.nan
    marks = np.array([[0.0, 2, nan], [2, nan, nan], [2, nan, nan], [nan, nan, nan]])
    none = np.zeros((4, 3), bool)
    none[0, 2] = none[3, 0] = True  # n.a. by the only one who looked; and n.a. beside no mark at the other place
    place, auditor = np.array([0, 0, 0, 1]), np.array([0, 0, 1, 0])
    found = s.mean_marks(place, auditor, marks, none, np.array([1.0, 3.0]), 3)
    # the first auditor's mean is 1, the second's is 2 and weighs three times as much
    assert found.mean[0].tolist()[:2] == [1.75, 2.0] and np.isnan(found.mean[0, 2])
    assert found.applies.tolist() == [[True, True, False], [False, True, True], [True, True, True]]
    every = np.ones(3, bool)
    assert found.seen_share(every).tolist() == [1.0, 0.0, 0.0]
    assert np.isnan(s.Marks(np.full((1, 1), nan), np.zeros((1, 1), bool)).seen_share(np.ones(1, bool))[0])
