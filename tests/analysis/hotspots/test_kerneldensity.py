"""Kernel density: constants, reference numbers, mass, edges and refusals.

Reference numbers: 200 made-up points from a linear congruential generator, computed with
plain sums over all points; the Gaussian and Epanechnikov values agree with scikit-learn's
KernelDensity to 1e-8, the bandwidths with R's MASS::bandwidth.nrd and the published rules.
"""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.errors import Cancelled, InputError
from hotspot_plugin.analysis.hotspots import kerneldensity as kde
from hotspot_plugin.analysis.hotspots.bandwidth import SPREAD, esri, nrd, rule_bandwidth, scott

AT = np.array([[250.0, 300.0], [700.0, 650.0], [500.0, 500.0], [50.0, 950.0]])
REFERENCE = {
    "quartic": [8.034664861132426e-4, 1.0275302343504228e-3, 1.130151159465764e-4, 7.574388161810081e-5],
    "epanechnikov": [6.764453111817829e-4, 8.708134027518811e-4, 1.1418740681051878e-4, 5.336503276837443e-5],
    "uniform": [4.810016057888393e-4, 6.224726663149685e-4, 9.902974236829045e-5, 2.829421210522584e-5],
    "triangular": [7.29121303064268e-4, 9.46226916425792e-4, 1.1344166442864501e-4, 6.876778035783632e-5],
    "gaussian": [2.800916807393148e-4, 3.306222536147589e-4, 2.2127027621311914e-4, 3.130324485549841e-5],
}
WEIGHTED = [2.188669644062919e-3, 2.765382070615147e-3, 2.9784075075412673e-4, 3.0297552647240325e-4]


def toy_points(n=200, seed=12345):
    """60 % around three centres and 40 % anywhere in a square of 1 km, with weights of 1 to 5."""
    values, state = np.empty(6 * n), seed
    for i in range(6 * n):
        state = (1664525 * state + 1013904223) % 2**32
        values[i] = state / 2**32
    u = values.reshape(n, 6)
    centre = np.minimum((u[:, 0] * 3).astype(int), 2)
    radius, angle = 60 * np.sqrt(-2 * np.log(1 - u[:, 1])), 2 * np.pi * u[:, 2]
    gathered = u[:, 3] < 0.6
    x = np.where(gathered, np.array([250.0, 700, 600])[centre] + radius * np.cos(angle), u[:, 1] * 1000)
    y = np.where(gathered, np.array([300.0, 650, 200])[centre] + radius * np.sin(angle), u[:, 2] * 1000)
    x, y = (np.round(np.clip(values, 0, 999.999), 3) for values in (x, y))
    return x, y, 1 + np.floor(u[:, 5] * 5)


@pytest.fixture(scope="module")
def toy():
    return toy_points()


def exact(frame, *given, **options):
    x, y = (v.ravel() for v in np.meshgrid(*frame.centres()))
    return kde.density_at(np.column_stack([x, y]), *given, **options).reshape(frame.shape)


def around(x, y, cell, margin):
    return kde.frame_of((x.min(), y.min(), x.max(), y.max()), cell, margin)


def test_the_toy_points_are_the_published_ones(toy, shared_example):
    data = np.loadtxt(shared_example("toy_points.csv"), delimiter=",", skiprows=1)
    np.testing.assert_array_equal(np.column_stack(toy), data[:, [1, 2, 4]])


@pytest.mark.parametrize("kernel", kde.KERNELS)
def test_reference_values(toy, kernel):
    np.testing.assert_allclose(kde.density_at(AT, *toy[:2], 150.0, kernel), REFERENCE[kernel], rtol=1e-10)


def test_weighted_reference_values(toy):
    np.testing.assert_allclose(kde.density_at(AT, *toy[:2], 150.0, "quartic", toy[2]), WEIGHTED, rtol=1e-10)


@pytest.mark.parametrize("kernel", kde.KERNELS)
def test_kernels_integrate_to_one_with_the_stated_spread(kernel):
    edge = 8.0 if kernel == "gaussian" else 1.0
    u = np.linspace(0, edge, 400_001)
    middle = (u[1:] + u[:-1]) / 2
    mass = kde.kernel_value(middle, kernel) * 2 * np.pi * middle * (u[1] - u[0])
    assert mass.sum() == pytest.approx(1, abs=1e-6)
    assert (mass * middle**2).sum() / 2 == pytest.approx(SPREAD[kernel] ** -2, abs=1e-5)


def test_the_constant_is_not_that_of_qgis(toy):
    # QGIS writes 116 / (5 pi h2) for 16 / (5 pi h2); its raw value has no constant at all
    raw = 18.931233076342263
    (ours,) = kde.density_at(AT[:1], *toy[:2], 150.0)
    assert ours == pytest.approx(3 / (np.pi * 150**2) * raw)


@pytest.mark.parametrize("kernel", kde.KERNELS)
@pytest.mark.parametrize("cell", [10.0, 37.0, 150.0])
def test_the_raster_holds_every_incident(toy, kernel, cell):
    x, y, weights = toy
    frame = around(x, y, cell, kde.kernel_reach(150, kernel) + 2 * cell)
    values = kde.density(x, y, frame, 150.0, kernel)
    assert values.sum() * cell**2 == pytest.approx(200, rel=1e-12)
    assert kde.density(x, y, frame, 150.0, kernel, weights).sum() * cell**2 == pytest.approx(weights.sum(), rel=1e-12)
    assert (values >= 0).all() and values[0].max() == 0 and values[-1].max() == 0


@pytest.mark.parametrize(("kernel", "tolerance"), [
    ("quartic", 0.008), ("epanechnikov", 0.008), ("gaussian", 0.001), ("triangular", 0.008), ("uniform", 0.06)])
def test_the_raster_is_near_the_exact_surface(toy, kernel, tolerance):
    x, y, _ = toy
    frame = around(x, y, 15.0, 160.0)
    right = exact(frame, x, y, 150.0, kernel)
    assert np.abs(kde.density(x, y, frame, 150.0, kernel) - right).max() < tolerance * right.max()


def test_cells_out_of_reach_are_exactly_zero(toy):
    x, y, _ = toy
    frame = around(np.append(x, 30_000), np.append(y, 30_000), 15.0, 200.0)
    x, y = np.append(np.repeat(x, 500), 30_000.0), np.append(np.repeat(y, 500), 30_000.0)
    values = kde.density(x, y, frame, 150.0)
    reached = kde.density_at(np.column_stack([v.ravel() for v in np.meshgrid(*frame.centres())]), x[::500], y[::500],
                             150.0 + 2 * 15.0).reshape(frame.shape) > 0  # fmt: skip
    assert not (values[~reached] != 0).any()
    assert values[10:20, -20:-8].max() > 0


@pytest.mark.parametrize("kernel", ["quartic", "gaussian"])
def test_many_tiles_give_what_one_gives(toy, kernel, monkeypatch):
    x, y, weights = toy
    frame = around(x, y, 5.0, 300.0)
    whole = kde.density(x, y, frame, 60.0, kernel, weights)
    inside = np.zeros(frame.shape, bool)
    inside[40:200, 30:150] = True
    share = kde.inside_share(inside, frame, 60.0, kernel)
    monkeypatch.setattr(kde, "_ONE_TILE", 10)
    monkeypatch.setattr(kde, "_TILE", 64)
    monkeypatch.setattr(kde, "_SLICE", 17)
    np.testing.assert_allclose(kde.density(x, y, frame, 60.0, kernel, weights), whole, atol=1e-14 * whole.max())
    np.testing.assert_allclose(kde.inside_share(inside, frame, 60.0, kernel), share, atol=1e-12)


def test_a_part_of_the_raster_is_the_same(toy):
    x, y, weights = toy
    whole, piece = around(x, y, 5.0, 200.0), kde.frame_of((300, 300, 700, 600), 5.0)
    values = kde.density(x, y, whole, 150.0, weights=weights)
    row, column = round((whole.y_max - piece.y_max) / 5), round((piece.x_min - whole.x_min) / 5)
    expected = values[row : row + piece.rows, column : column + piece.columns]
    np.testing.assert_allclose(
        kde.density(x, y, piece, 150.0, weights=weights), expected, atol=1e-14 * values.max()
    )


def test_rasters_of_different_months_fit_cell_on_cell():
    a, b = kde.frame_of((13.0, 27.0, 555.0, 700.0), 30.0, 100.0), kde.frame_of((-211.0, 41.0, 300.0, 300.0), 30.0)
    for one, other in ((a.x_min, b.x_min), (a.y_max, b.y_max)):
        assert (one - other) % 30 == 0


def test_edge_correction_makes_an_even_field_even():
    rng = np.random.default_rng(3)
    side, per_m2 = 3000.0, 0.02
    n = int(side**2 * per_m2)
    x, y = rng.uniform(0, side, (2, n))
    frame = kde.frame_of((-600, -600, side + 600, side + 600), 30.0)
    cx, cy = np.meshgrid(*frame.centres())
    inside = (cx > 0) & (cx < side) & (cy > 0) & (cy < side)
    values = kde.density(x, y, frame, 300.0)
    corrected = values[inside] / kde.inside_share(inside, frame, 300.0, "quartic")[inside]
    edge = (np.minimum(cx, side - cx) < 100)[inside]
    assert values[inside][edge].mean() < 0.75 * per_m2
    assert corrected[edge].mean() == pytest.approx(per_m2, rel=0.02)
    assert np.abs(corrected / per_m2 - 1).max() < 0.25
    # by hand: half of the kernel lies outside of a straight side, three quarters of it at a corner
    share = kde.inside_share(inside, frame, 300.0, "quartic")
    middle = share[share.shape[0] // 2]
    assert (middle[19] + middle[20]) / 2 == pytest.approx(0.5, abs=1e-9)
    assert share[19:21, 19:21].mean() == pytest.approx(0.25, abs=1e-9)


def test_bandwidth_rules(toy):
    x, y, _ = toy
    assert nrd(x, y) == pytest.approx((362.60098875717836, 365.4065662556428), rel=1e-12)
    assert scott(x, y) == pytest.approx((102.03851446537806, 102.82802406142747), rel=1e-12)
    assert esri(x, y) == pytest.approx(108.99643830027132, rel=1e-12)


def test_rules_for_kernels(toy):
    x, y, _ = toy
    # the mean of both axes, not R's mean(x, trim = y), which forgets y
    assert rule_bandwidth("nrd", x, y, "quartic") == pytest.approx(364.0037775064106)
    assert rule_bandwidth("nrd", x, y, "gaussian") == pytest.approx(364.0037775064106 / 4)
    assert rule_bandwidth("scott", x, y, "gaussian") == pytest.approx(102.43326926340277)
    assert rule_bandwidth("scott", x, y, "quartic") == pytest.approx(102.43326926340277 * 8**0.5)
    assert rule_bandwidth("esri", x, y, "quartic") == pytest.approx(108.99643830027132)
    assert rule_bandwidth("esri", x, y, "gaussian") == pytest.approx(108.99643830027132 / 8**0.5)
    same = np.full(9, 5.0)
    assert [rule_bandwidth(rule, same, same, "quartic") for rule in ("scott", "nrd", "esri")] == [0, 0, 0]
    assert np.isnan(rule_bandwidth("scott", x[:1], y[:1], "quartic"))
    with pytest.raises(ValueError, match="unknown rule"):
        rule_bandwidth("best", x, y, "quartic")


@pytest.mark.parametrize(("cell", "bandwidth", "extent", "words"), [
    (0.0, 300.0, 1e3, "more than 0 m"),
    (301.0, 300.0, 1e3, "larger than the bandwidth of 300 m. Give 30 m"),
    (1.0, 300.0, 1e3, "at least 1.5 m"),
    (30.0, 300.0, 5e6, "at least 710 m"),
])
def test_rasters_that_make_no_sense_are_refused_before_they_are_built(cell, bandwidth, extent, words):
    with pytest.raises(InputError, match=words.replace(".", r"\.")) as caught:
        kde.plan_frame("CELL_SIZE", (0, 0, extent, extent), bandwidth, cell, bandwidth, "quartic")
    assert caught.value.parameter == "CELL_SIZE"


def test_the_named_cell_size_is_enough():
    extent = (0.0, 0.0, 5e6, 5e6)
    least = kde.smallest_cell(extent, 300.0)
    assert kde.frame_of(extent, least, 300.0).cells <= kde.MOST_CELLS < kde.frame_of(extent, 0.97 * least, 300.0).cells


@pytest.mark.parametrize("weights", [[1, -1, 2], [1, np.inf, 2]])
def test_weights_that_make_no_density_are_refused(weights):
    with pytest.raises(InputError, match=r"1 values of 'w'.*row 9"):
        kde.check_weights("WEIGHT_FIELD", np.array(weights, float), np.array([7, 8, 9]), "w")
    with pytest.raises(InputError, match="0 or missing"):
        kde.check_weights("WEIGHT_FIELD", np.array([0.0, np.nan]), np.arange(2), "w")


def test_typical_is_the_mean_above_zero():
    assert kde.typical(np.array([0.0, 2.0, 4.0, np.nan])) == 3
    assert kde.typical(np.zeros(3)) == 0


def test_can_be_cancelled_at_any_tile(toy, monkeypatch):
    monkeypatch.setattr(kde, "_ONE_TILE", 10)
    monkeypatch.setattr(kde, "_TILE", 128)
    x, y, _ = toy
    asked = []

    def stop(fraction):
        asked.append(fraction)
        if len(asked) == 5:
            raise Cancelled()

    with pytest.raises(Cancelled):
        kde.density(x, y, around(x, y, 5.0, 200.0), 100.0, progress=stop)
    assert len(asked) == 5
