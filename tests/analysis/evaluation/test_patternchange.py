"""The spatial point pattern test against published numbers and against R's and SciPy's tests."""

from __future__ import annotations

import csv
import itertools

import numpy as np
import pytest
from scipy import stats

from hotspot_plugin.analysis.evaluation import patternchange as sppt
from hotspot_plugin.analysis.significance import benjamini_yekutieli

#: The toy of the README of R's sppt: areas 1, 4, 5, 6, 11, 15.
BASE, TEST = np.array([2, 2, 2, 1, 0, 1]), np.array([2, 1, 2, 2, 1, 1])
#: Two patterns for which R's sppt_diff was computed by its published formula.
EARLY, LATE = np.array([60, 10, 25, 5, 0, 30, 20, 0]), np.array([20, 12, 27, 4, 0, 33, 22, 40])


def test_the_toy_of_sppt_by_resampling():
    found = sppt.compare(BASE, TEST, sppt.RESAMPLING)
    # localS of R is -SIndex: area 4 (SIndex 1) held more of the base
    assert found.code.tolist() == [0, -1, 0, 0, 0, 0]
    assert found.indices.whole == pytest.approx(5 / 6) == found.indices.robust == found.indices.general


@pytest.mark.parametrize("name", ["sppt_toy_java_output.csv", "sppt_toy_java_new_output.csv"])
def test_the_published_run_of_the_java_program(shared_data, name):
    """Its ranges come from 200 random samples; its percentages tell which totals it took."""
    with open(shared_data("known/sppt") / name, encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    base, test = (np.array([int(row[f"Num{kind}Pts"]) for row in rows]) for kind in ("Bse", "Tst"))
    total = round(100 * test[0] / float(rows[0]["PctTstPts"]))
    samples = sppt._Samples(total, int(test.max()))
    samples.code(base, test)
    assert (100 * samples.ends[:, test]).T == pytest.approx(
        np.array([[float(row["ConfLowP"]), float(row["ConfUppP"])] for row in rows])) or total != test.sum()
    if total == test.sum():
        assert sppt.resampling_code(base, test).tolist() == [-int(row["SIndex"]) for row in rows]


def test_ranges_are_those_of_real_samples():
    """Independent: 20,000 sets of 200 samples of 85 % drawn without replacement; the middle of the sixth lowest."""
    rng, test = np.random.default_rng(4), np.array([40, 9, 3, 48])
    size = int(np.floor(0.85 * test.sum() + 0.5))
    drawn = np.sort(rng.multivariate_hypergeometric(test, size, (4000, 200)), axis=1) / size
    samples = sppt._Samples(int(test.sum()), int(test.max()))
    samples.code(test, test)
    for k, count in enumerate(test):
        assert abs(np.median(drawn[:, 5, k]) - samples.ends[0, count]) <= 1.001 / size
        assert abs(np.median(drawn[:, 194, k]) - samples.ends[1, count]) <= 1.001 / size


def test_p_values_of_the_toy():
    p = sppt.proportions_p(BASE, TEST, sppt.N_MINUS_1)
    assert p == pytest.approx([0.895978, 0.466985, 0.895978, 0.610630, 0.345779, 0.931414], abs=1e-6)


def test_p_values_of_crimepy():
    """Durham, shares of 13,953 and 3,250 with Yates' correction."""
    pairs = [(42, 30), (10, 12), (1, 19), (0, 5), (103, 90)]
    base = np.array([b for b, _ in pairs] + [13953 - sum(b for b, _ in pairs)])
    test = np.array([t for _, t in pairs] + [3250 - sum(t for _, t in pairs)])
    assert sppt.proportions_p(base, test, sppt.YATES)[:5] == pytest.approx(
        [1.616077e-06, 6.272142e-05, 3.950509e-17, 4.854684e-05, 1.037903e-22], rel=1e-6)


def test_the_numbers_of_sppt_diff():
    found = sppt.compare(EARLY, LATE, sppt.N_MINUS_1)
    assert found.p[0] == pytest.approx(4.739490461448172e-08, rel=1e-9)
    assert found.indices.whole == 0.75 and found.indices.robust == pytest.approx(0.7142857, abs=1e-7)
    assert np.isnan(found.p[4]) and np.isnan(found.q[4])
    assert found.code.tolist() == [-1, 0, 0, 0, 0, 0, 0, 1]


@pytest.mark.parametrize("method, correct", [(sppt.PLAIN, False), (sppt.YATES, True)])
def test_chi_square_is_that_of_scipy(method, correct):
    p = sppt.proportions_p(EARLY, LATE, method)
    for k in np.flatnonzero(EARLY + LATE):
        table = [[EARLY[k], EARLY.sum() - EARLY[k]], [LATE[k], LATE.sum() - LATE[k]]]
        assert p[k] == pytest.approx(stats.chi2_contingency(table, correction=correct)[1], rel=1e-9)


def test_exact_test_is_fishers():
    p = sppt.proportions_p(EARLY, LATE, sppt.FISHER)
    for k in np.flatnonzero(EARLY + LATE):
        table = [[EARLY[k], EARLY.sum() - EARLY[k]], [LATE[k], LATE.sum() - LATE[k]]]
        assert p[k] == pytest.approx(stats.fisher_exact(table)[1], rel=1e-9)


def test_small_numbers_are_tested_exactly():
    base, test = np.array([1, 50, 200]), np.array([0, 40, 5])
    p, chi, exact = (sppt.proportions_p(base, test, m) for m in (sppt.CAMPBELL, sppt.N_MINUS_1, sppt.FISHER))
    assert p[0] == exact[0] != chi[0]
    assert p[1:].tolist() == chi[1:].tolist()


def test_benjamini_yekutieli_by_its_definition():
    p = np.array([0.01, np.nan, 0.04, 0.03, 0.9])
    known = p[~np.isnan(p)]
    m, c = 4, 1 + 1 / 2 + 1 / 3 + 1 / 4
    by_hand = [min(1.0, min(known[k] * m * c / (known <= known[k]).sum() for k in range(4) if known[k] >= value))
               for value in known]
    q = benjamini_yekutieli(p)
    assert np.isnan(q[1]) and q[~np.isnan(q)] == pytest.approx(by_hand)


def test_all_falling_alike_is_no_change_of_pattern():
    found = sppt.compare(EARLY * 4, EARLY, sppt.CAMPBELL)
    assert not found.code.any() and found.difference == pytest.approx(0)
    assert sppt.by_chance(EARLY * 4, EARLY, sppt.CAMPBELL, np.random.default_rng(1), 99).p > 0.9


def test_chance_keeps_its_level():
    """400 pairs of samples of one pattern: p below .05 in about 5 %, and an area told to change in at most 5 %."""
    rng, shares = np.random.default_rng(7), np.random.default_rng(1).dirichlet(np.full(30, 0.6))
    small = told = 0
    for _ in range(400):
        base, test = rng.multinomial(220, shares), rng.multinomial(90, shares)
        small += sppt.by_chance(base, test, sppt.PLAIN, rng, 99).p < 0.05
        told += bool(sppt.compare(base, test).code.any())
    assert 0.02 <= small / 400 <= 0.085 and told / 400 <= 0.06


def test_a_planted_move_is_found():
    rng, shares = np.random.default_rng(9), np.full(40, 1 / 40)
    moved = shares.copy()
    moved[[3, 5]] = [0.2 / 40, 1.8 / 40]
    found = [sppt.compare(rng.multinomial(8000, shares), rng.multinomial(8000, moved)) for _ in range(20)]
    assert all(f.code[3] == sppt.LOST and f.code[5] == sppt.GAINED for f in found)
    assert np.mean([np.abs(f.code).sum() for f in found]) < 2.2


def test_intervals_cover_the_true_difference():
    rng, misses, tried = np.random.default_rng(11), 0, 0
    early, late = np.array([0.02, 0.1, 0.3, 0.58]), np.array([0.05, 0.1, 0.2, 0.65])
    for _ in range(500):
        low, high = sppt.difference_interval(rng.multinomial(120, early), rng.multinomial(200, late))
        misses += int(((late - early < low) | (late - early > high)).sum())
        tried += 4
    assert 0.93 <= 1 - misses / tried <= 0.975


def test_every_area_in_turn_is_judged_alike():
    for order in itertools.islice(itertools.permutations(range(8)), 0, 40, 13):
        found = sppt.compare(EARLY[list(order)], LATE[list(order)])
        assert found.code.tolist() == sppt.compare(EARLY, LATE).code[list(order)].tolist()
