"""Places chosen for their high counts are not praised for the fall that nothing caused."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from hotspot_plugin.analysis.evaluation import regression
from hotspot_plugin.analysis.evaluation.compareperiods import compare
from hotspot_plugin.analysis.evaluation.regression import Places


@pytest.fixture(scope="module")
def calibration():
    path = Path(__file__).resolve().parents[3] / "benchmarks" / "calibration_compareperiods.py"
    spec = importlib.util.spec_from_file_location("calibration_compareperiods", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("city", "mean"), [("20 x 20 places", 3.0), ("20 x 20 places", 10.0),
                                            ("40 x 40 places around a bay", 10.0)])
def test_the_top_20_of_pure_noise_have_not_changed(calibration, city, mean):
    """A claim in at most 5 % of 500 runs; more lines in docs/calibration-regression.md."""
    found = calibration.line(500, city, mean)
    guarded, plain = (calibration.share(found, what) for what in ("guarded", "plain"))
    print(f"{city}, {mean:g} a place: guarded {guarded:.1%}, unguarded {plain:.1%}")
    assert guarded <= 0.05 and plain > 0.9
    assert calibration.share(found, "guarded areas") <= 0.05
    assert np.mean([run["expected"] for run in found]) == pytest.approx(
        np.mean([run["after"] for run in found]), rel=0.03)


def test_unequal_periods_are_guarded_too(calibration):
    found = calibration.line(100, "20 x 20 places", 10.0, (56, 7))
    assert calibration.share(found, "guarded") <= 0.05 < 0.8 < calibration.share(found, "plain")


def test_a_real_fall_is_still_told(calibration):
    found = calibration.line(40, "20 x 20 places", 10.0, effect=0.5)
    assert calibration.share(found, "guarded") == 1.0
    lasting = calibration.line(40, "20 x 20 places", 10.0, effect=0.5, shape=0.5)
    assert calibration.share(lasting, "guarded") >= 0.95


def test_the_page_of_the_guide_holds_what_must_be_reached():
    page = (Path(__file__).resolve().parents[3] / "docs" / "calibration-regression.md").read_text(encoding="utf-8")
    noise = page.split("## Pure noise")[1].split("## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in noise.splitlines() if " places" in line
            and line.startswith("|")]
    assert "500 runs" in page and len(rows) == 14
    assert all(float(row[7].rstrip("%")) <= 5.0 for row in rows)


def test_the_expectation_is_what_comes():
    """Chosen for a high count among places that differ, the later count is the shrunken one."""
    rng = np.random.default_rng(5)
    rates = rng.gamma(0.5, 6.0, 60_000)
    before, after = rng.poisson(rates), rng.poisson(rates)
    chosen = before >= 15
    places = Places(before.mean(), before.var(ddof=1), len(before))
    found = regression.expect(before[chosen], after[chosen], places, 1.0)
    assert before[chosen].sum() > 1.1 * after[chosen].sum()  # the fall that nothing caused
    assert found.total == pytest.approx(after[chosen].sum(), rel=0.02)
    assert found.low <= after[chosen].sum() <= found.high
    assert np.mean(found.p < 0.05) <= 0.055


def test_the_share_is_hauers_and_none_where_chance_explains_all():
    assert Places(2.0, 8.0, 1000).share == pytest.approx(0.75)
    assert Places(3.0, 2.9, 1000).share == 0.0 and Places(3.0, 3.2, 100).share == 0.0
    assert Places(0.0, 0.0, 50).share == 0.0 and Places(2.0, 8.0, 1).share == 0.0
    assert regression.expect([9, 8], [3, 3], Places(3.0, 2.9, 1000), 0.5).count.tolist() == [1.5, 1.5]


def test_probabilities_are_poisson_where_places_are_alike():
    found = regression.expect([30], [14], Places(6.0, 6.0, 10**9), 1.0)
    assert found.p[0] == pytest.approx(2.0 * stats.poisson.sf(13, 6.0), rel=1e-5)
    assert regression.expect([30], [0], Places(6.0, 6.0, 10**9), 1.0).p[0] == pytest.approx(
        2.0 * np.exp(-6.0), rel=1e-5)
    # all places together: a sum of gammas of one scale
    lasting = regression.expect([20, 30], [5, 5], Places(2.0, 8.0, 10**9), 0.5)
    share, mean = 0.75, 0.75 * 50 + 0.25 * 4.0
    size, chance = mean / share, (1 / share) / (1 / share + 0.5)
    assert lasting.p_total == pytest.approx(2.0 * stats.nbinom.cdf(10, size, chance), rel=1e-4)


def test_words_need_both_changes():
    # plain fall that the expectation explains; beyond it; a rise beyond both; between the two; nothing at all
    pair = compare([60, 60, 20, 60, 0], [30, 4, 70, 45, 0], 365, 365)
    expected, p = np.array([30.0, 30.0, 10.0, 30.0, 1.0]), np.array([1.0, 1e-7, 1e-9, 0.01, 0.4])
    guarded = regression.guard(pair, expected, p)
    assert pair.code.tolist() == [-2, -2, 2, 0, 0]
    assert guarded.code.tolist() == [0, -2, 2, 0, 0]
    assert guarded.p[0] == 1.0 and guarded.p[3] == 1.0 and np.isnan(guarded.p[4])
    assert guarded.percent is pair.percent and guarded.z is pair.z


def test_all_places_count_empty_cells_but_not_the_sea():
    rng = np.random.default_rng(3)
    x, y = rng.uniform(0, 10_000, 8000), rng.uniform(0, 10_000, 8000)
    places = regression.all_places(x, y, 100.0)
    assert places.mean == pytest.approx(0.8, rel=0.05) and places.variance == pytest.approx(places.mean, rel=0.1)
    sea = (x > 4000) & (x < 7000)
    assert regression.all_places(x[~sea], y[~sea], 250.0).share == 0.0


def test_places_that_do_not_fill_a_grid():
    one = regression.all_places(np.array([5.0]), np.array([7.0]), 100.0)
    assert (one.mean, one.number, one.share) == (1.0, 1, 0.0)
    row = regression.all_places(np.linspace(0, 10_000, 300), np.full(300, 50.0), 100.0)
    assert row.number > 90 and row.mean == pytest.approx(3.0, rel=0.05)
    wide = regression.all_places(np.array([0.0, 1e9]), np.array([0.0, 1e9]), 1.0)
    assert np.isfinite(wide.mean)
