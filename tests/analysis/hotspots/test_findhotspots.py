"""Find hot spots: chance makes none, a village is found, no hot spot is too large."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from hotspot_plugin.analysis import significance
from hotspot_plugin.analysis.errors import Cancelled, InputError
from hotspot_plugin.analysis.grids import HEXAGON, SQUARE, Grid
from hotspot_plugin.analysis.hotspots import findhotspots, studyarea
from hotspot_plugin.analysis.hotspots.gistar import NORMAL, local_g

WEST, SOUTH = 430_000.0, 430_000.0


def square(side=10_000.0):
    ring = np.array([[0, 0], [side, 0], [side, side], [0, side], [0, 0]]) + (WEST, SOUTH)
    return studyarea.StudyArea(ring, np.zeros(1, int))


def scatter(n, rng, side=10_000.0):
    return rng.uniform(WEST, WEST + side, n), rng.uniform(SOUTH, SOUTH + side, n)


def find(x, y, area, kind=HEXAGON, size=150.0, seed=1, weight=None, **settings):
    chosen = findhotspots.Settings(**{"resamples": 0, **settings})
    return findhotspots.find(x, y, area, Grid(kind, size), chosen, weight=weight, rng=np.random.default_rng(seed))


# --- chance: the full table is in docs/calibration.md ---------------------------------------
@pytest.mark.parametrize(
    ("n", "size", "given"),
    [(60, 150.0, True), (150, 500.0, True), (300, 1_000.0, False), (1_000, 250.0, False), (5_000, 500.0, True)],
)
def test_chance_makes_no_hot_spots(n, size, given):
    # with a true rate of 5 % more than 7 of 40 data sets would be a false failure in 1 of 700
    rng = np.random.default_rng(n)
    wrong = 0
    for _ in range(40):
        x, y = scatter(n, rng)
        wrong += find(x, y, square() if given else studyarea.hull(x, y, 500.0), size=size).places.count > 0
    assert wrong <= 7


@pytest.mark.parametrize(("kind", "size"), [(HEXAGON, 150.0), (HEXAGON, 250.0), (SQUARE, 500.0)])
def test_a_village_of_8_among_150_is_found(kind, size):
    rng = np.random.default_rng(7)
    found = 0
    for _ in range(40):
        x, y = scatter(150, rng, 20_000)
        centre = rng.uniform(500, 19_500, 2)
        x[:8] = WEST + centre[0] + rng.uniform(-50, 50, 8)
        y[:8] = SOUTH + centre[1] + rng.uniform(-50, 50, 8)
        spot = find(x, y, square(20_000), kind, size).spot[:8]
        found += bool((spot >= 0).sum() >= 4)
    assert found >= 36


def test_weights_do_not_make_hot_spots_of_chance():
    rng = np.random.default_rng(3)
    wrong = 0
    for _ in range(30):
        x, y = scatter(300, rng)
        wrong += find(x, y, square(), weight=rng.lognormal(0, 1.5, 300)).places.count > 0
    assert wrong <= 5


# --- what a hot spot is ---------------------------------------------------------------------
def busy_town(seed=2, n=6_000):
    rng = np.random.default_rng(seed)
    x, y = scatter(n, rng)
    for k, m in enumerate((400, 300, 200, 100)):
        x[k * 400 : k * 400 + m] = WEST + 2_000 + 1_700 * k + rng.normal(0, 90, m)
        y[k * 400 : k * 400 + m] = SOUTH + 3_000 + 900 * k + rng.normal(0, 90, m)
    return x, y


@pytest.mark.parametrize("kind", [HEXAGON, SQUARE])
@pytest.mark.parametrize("size", [100.0, 150.0, 250.0, 500.0, 1_000.0])
@pytest.mark.parametrize("hectares", [2.25, 10.0])
def test_places_are_small_whole_and_counted_right(kind, size, hectares):
    x, y = busy_town()
    found = find(x, y, square(), kind, size, max_area=hectares * 1e4, min_count=10)
    places = found.places
    assert places.count > 0
    assert (places.areas <= hectares * 1e4).all()
    n = np.bincount(found.spot[found.spot >= 0], minlength=places.count)
    assert n.min() >= 10
    assert (np.diff(n) <= 0).all()  # ranked
    for spot in range(places.count):  # in one piece, over shared sides
        own = places.spot == spot
        from scipy.sparse.csgraph import connected_components

        sides = places.grid.neighbours(places.col[own], places.row[own], queen=False)
        assert connected_components(sides)[0] == 1
    assert np.array_equal(places.locate(x, y), found.spot)


def test_the_same_data_give_the_same_result_in_any_order():
    x, y = busy_town()
    order = np.random.default_rng(5).permutation(x.size)
    a, b = find(x, y, square(), resamples=20), find(x[order], y[order], square(), resamples=20)
    assert np.array_equal(a.spot[order], b.spot)
    assert np.array_equal(a.stable, b.stable)


def test_many_incidents_are_tested_by_gistar_as_the_tool_of_that_name_does():
    x, y = busy_town(n=20_000)
    found = find(x, y, square(), size=250.0)
    cells = found.cells
    assert not found.few
    assert found.near_expected == pytest.approx(20_000 / (cells.share.sum()) * 7)
    direct = local_g(cells.n, cells.grid.neighbours(cells.col, cells.row), method=NORMAL)
    assert np.allclose(cells.z, direct.z)
    bins = significance.gi_bins(direct.z, direct.p, fdr=True)
    assert (cells.bins <= bins).all()  # the exact test can only take hot cells away
    assert (cells.bins[bins <= 0] == bins[bins <= 0]).all()


def test_few_incidents_have_no_p_of_the_normal_curve():
    x, y = scatter(300, np.random.default_rng(1))
    found = find(x, y, square())
    assert found.few
    assert np.isnan(found.cells.p).all()
    assert np.isfinite(found.cells.chance_p).all()


def test_a_hot_spot_starts_from_a_cell_with_min_cell_incidents():
    x, y = busy_town()
    found = find(x, y, square(), min_cell=30)
    held, _ = found.cells.grid.count((found.places.col, found.places.row), x, y)
    assert np.maximum.reduceat(held, np.flatnonzero(np.diff(found.places.spot, prepend=-1))).min() >= 30
    assert find(x, y, square(), min_cell=3).places.count > found.places.count


def test_weights_change_the_rank():
    x, y = busy_town()
    weight = np.ones(x.size)
    weight[1_200:1_300] = 50.0  # the fourth place, 100 incidents
    found = find(x, y, square(), weight=weight)
    assert (found.spot[1_200:1_300] == 0).mean() > 0.5


def test_stability_tells_a_strong_place_from_a_weak_one():
    rng = np.random.default_rng(4)
    x, y = scatter(150, rng, 20_000)
    x[:20], y[:20] = WEST + 5_000 + rng.uniform(0, 40, 20), SOUTH + 5_000 + rng.uniform(0, 40, 20)
    x[20:25], y[20:25] = WEST + 15_000 + rng.uniform(0, 40, 5), SOUTH + 15_000 + rng.uniform(0, 40, 5)
    found = find(x, y, square(20_000), size=250.0, resamples=200)
    assert found.spot[0] == 0
    assert found.stable[0] > 0.95
    assert found.stable[found.spot[20]] < found.stable[0]
    assert ((found.stable >= 0) & (found.stable <= 1)).all()


def test_stability_of_gistar_places_follows_the_score_itself():
    """The shortcut for a few cells is the same Gi*: with one copy of everything nothing is drawn anew."""
    x, y = busy_town(n=20_000)

    class Same:
        def poisson(self, copies):
            return copies

    settings = findhotspots.Settings(resamples=3)
    found = findhotspots.find(x, y, square(), Grid(HEXAGON, 250.0), settings, rng=Same())
    assert found.places.count > 3
    assert (found.stable == 1.0).all()


def test_least_count_is_the_rule_of_the_help():
    rule = findhotspots.least_count
    assert rule(100_000, 12.0) == 10
    assert rule(100_000, 24.0) == 20
    assert rule(100_000, 1.0) == 5
    assert rule(100_000, None) == 10
    assert rule(150, 12.0) == 5
    assert rule(400, 12.0) == 8


def test_a_distance_without_neighbours_is_refused():
    x, y = scatter(100, np.random.default_rng(1))
    with pytest.raises(InputError, match="at least the cell size") as caught:
        find(x, y, square(), distance=100.0)
    assert caught.value.parameter == "DISTANCE"


def test_a_huge_grid_is_refused_before_it_is_built():
    x, y = scatter(100, np.random.default_rng(1))
    with pytest.raises(InputError, match="larger cells") as caught:
        find(x, y, square(), size=5.0)
    assert caught.value.parameter == "CELL_SIZE"


def test_a_run_can_be_cancelled():
    x, y = busy_town()
    calls = []

    def stop(fraction):
        calls.append(fraction)
        if fraction > 0.5:
            raise Cancelled()

    with pytest.raises(Cancelled):
        findhotspots.find(x, y, square(), Grid(HEXAGON, 150.0), findhotspots.Settings(), rng=np.random.default_rng(1),
                          progress=stop)  # fmt: skip
    assert calls == sorted(calls)


# --- real data ------------------------------------------------------------------------------
def vancouver(path):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [line.rstrip("\n").rsplit(",", 2)[1:] for line in file][1:]
    x, y = np.array([[float(value or 0) for value in row] for row in rows]).T
    return x[x > 0], y[x > 0]


@pytest.mark.parametrize("size", [150.0, 500.0])
def test_vancouver(shared_data, size):
    x, y = vancouver(shared_data("vancouver/vpd_crime_2023.csv.gz"))
    later_x, later_y = vancouver(shared_data("vancouver/vpd_crime_2024.csv.gz"))
    near = studyarea.not_outlying(x, y)
    x, y = x[near], y[near]
    area = studyarea.hull(x, y, 500.0)
    assert area.size / 1e6 == pytest.approx(118.8, rel=0.05)  # the 22 neighbourhoods cover 118.8 km2
    found = find(x, y, area, size=size, min_count=10)
    assert found.places.areas.max() <= 100_000.0
    share = (found.places.locate(later_x, later_y) >= 0).mean()
    land = found.places.areas.sum() / found.cells.area
    assert 0.3 < share < 0.6
    assert land < 0.04
    assert share / land > 10  # cells alone gave 46 % in 3.5 % of the land, a PAI of 13
