"""Neighbourhoods against brute force on small data, and their edge cases."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis import weights
from hotspot_plugin.analysis.errors import Cancelled, InputError


def _squares(columns: int, rows: int, size: float = 100.0, origin: float = 430_000.0) -> tuple:
    column, row = np.meshgrid(np.arange(columns), np.arange(rows))
    column, row = column.ravel(), row.ravel()
    corners = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
    rings = np.stack([np.stack([column + a, row + b], axis=1) for a, b in corners], axis=1) * size + origin
    return rings.reshape(-1, 2), np.repeat(np.arange(columns * rows), 5), np.arange(0, 5 * columns * rows, 5)


def _centres(columns: int, rows: int, size: float = 100.0) -> np.ndarray:
    column, row = np.meshgrid(np.arange(columns), np.arange(rows))
    return np.stack([column.ravel(), row.ravel()], axis=1) * size


def _lattice(columns: int, rows: int, queen: bool) -> np.ndarray:
    step = np.abs(_centres(columns, rows, 1.0)[:, None, :] - _centres(columns, rows, 1.0)[None, :, :])
    near = step.max(axis=2) == 1 if queen else step.sum(axis=2) == 1
    return near.astype(float)


def _is_clean(matrix: object) -> None:
    assert matrix.has_sorted_indices
    assert (matrix.data == 1.0).all()
    assert (matrix.diagonal() == 0.0).all()


@pytest.mark.parametrize("queen", [True, False])
@pytest.mark.parametrize("size", [0.25, 100.0, 25_000.0])
def test_contiguity_of_a_grid_of_any_cell_size(queen: bool, size: float) -> None:
    found = weights.contiguity(*_squares(7, 5, size), queen=queen)
    np.testing.assert_array_equal(found.toarray(), _lattice(7, 5, queen))
    _is_clean(found)


@pytest.mark.parametrize("queen", [True, False])
def test_contiguity_survives_rounding_of_either_sign(queen: bool) -> None:
    vertices, owner, starts = _squares(9, 9)
    vertices = vertices + np.random.default_rng(2).uniform(-2e-4, 2e-4, vertices.shape)
    np.testing.assert_array_equal(weights.contiguity(vertices, owner, starts, queen).toarray(), _lattice(9, 9, queen))


def test_open_rings_and_an_end_mark_give_the_same_sides() -> None:
    vertices, owner, _ = _squares(4, 3)
    keep = np.arange(len(vertices)) % 5 != 4
    starts = np.arange(0, keep.sum() + 1, 4)
    found = weights.contiguity(vertices[keep], owner[keep], starts, queen=False)
    np.testing.assert_array_equal(found.toarray(), _lattice(4, 3, False))


def test_rings_drawn_in_either_direction_share_their_side() -> None:
    clockwise = [(0, 0), (0, 1), (1, 1), (1, 0), (0, 0)]
    same_way = [(1, 0), (1, 1), (2, 1), (2, 0), (1, 0)]
    other_way = same_way[::-1]
    for second in (same_way, other_way):
        found = weights.contiguity(np.array(clockwise + second, float), np.repeat([0, 1], 5), np.array([0, 5]), False)
        assert found[0, 1] == found[1, 0] == 1


def test_a_t_junction_is_not_seen_by_corners_as_documented() -> None:
    left = [(0, 0), (1, 0), (1, 2), (0, 2), (0, 0)]
    right = [(1, 0.5), (2, 0.5), (2, 1.5), (1, 1.5), (1, 0.5)]
    found = weights.contiguity(np.array(left + right, float) * 100, np.repeat([0, 1], 5), np.array([0, 5]), True)
    assert found.nnz == 0


def test_holes_parts_and_areas_without_geometry() -> None:
    hole = [(1, 1), (2, 1), (2, 2), (1, 2), (1, 1)]
    frame = [(0, 0), (3, 0), (3, 3), (0, 3), (0, 0)]
    island = [(9, 9), (10, 9), (10, 10), (9, 10), (9, 9)]
    vertices = np.array(frame + hole + hole + island, float)
    owner = np.repeat([0, 0, 1, 0], 5)
    found = weights.contiguity(vertices, owner, np.arange(0, 20, 5), queen=False, n=4)
    assert found.shape == (4, 4)
    assert found.nnz == 2
    assert found[0, 1] == 1
    assert weights.contiguity(np.empty((0, 2)), np.empty(0, int), np.empty(0, int), n=2).nnz == 0


def test_areas_on_top_of_one_another_are_refused_before_memory_runs_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "MOST_PAIRS", 1000)
    vertices, owner, starts = _squares(1, 1)
    with pytest.raises(InputError, match="million pairs") as refusal:
        weights.contiguity(np.tile(vertices, (50, 1)), np.repeat(np.arange(50), 5), np.arange(0, 250, 5))
    assert refusal.value.parameter == "NEIGHBOURS"


def test_distance_band_equals_brute_force_and_keeps_places_at_one_point() -> None:
    rng = np.random.default_rng(3)
    xy = np.round(rng.uniform(0, 1000, (400, 2)), -1)
    apart = np.hypot(*(xy[:, None, :] - xy[None, :, :]).transpose(2, 0, 1))
    expected = (apart <= 70.0) & ~np.eye(400, dtype=bool)
    found = weights.distance_band(xy, 70.0)
    np.testing.assert_array_equal(found.toarray() > 0, expected)
    _is_clean(found)


def test_a_band_of_one_diagonal_reaches_across_the_corner() -> None:
    # METHODS T20: floating equality at cell * sqrt(2)
    for size in (0.1, 100.0, 333.3):
        found = weights.distance_band(_centres(12, 12, size) + 431_234.567, size * np.sqrt(2))
        np.testing.assert_array_equal(found.toarray(), _lattice(12, 12, True))


def test_too_many_pairs_name_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "MOST_PAIRS", 1000)
    with pytest.raises(InputError, match="shorter distance"):
        weights.distance_band(_centres(20, 20), 1e6)


@pytest.mark.parametrize("k", [1, 4, 7, 59])
def test_k_nearest_keeps_all_that_tie_for_the_last_rank(k: int) -> None:
    rng = np.random.default_rng(4)
    xy = np.round(rng.uniform(0, 100, (60, 2)), -1)  # many equal distances, some equal points
    found = weights.k_nearest(xy, k).toarray() > 0
    apart = np.hypot(*(xy[:, None, :] - xy[None, :, :]).transpose(2, 0, 1))
    np.fill_diagonal(apart, np.inf)
    last = np.sort(apart, axis=1)[:, k - 1]
    np.testing.assert_array_equal(found, apart <= last[:, None] * (1 + 1e-9))


def test_k_nearest_without_ties_is_k_and_does_not_depend_on_row_order() -> None:
    rng = np.random.default_rng(5)
    xy = rng.uniform(0, 100, (300, 2))
    found = weights.k_nearest(xy, 6)
    _is_clean(found)
    assert (weights.neighbour_counts(found) == 6).all()
    order = rng.permutation(300)
    np.testing.assert_array_equal(weights.k_nearest(xy[order], 6).toarray(), found.toarray()[order][:, order])


@pytest.mark.parametrize("k", [0, 5])
def test_k_out_of_range_is_refused(k: int) -> None:
    with pytest.raises(InputError, match="between 1 and 4") as refusal:
        weights.k_nearest(_centres(5, 1), k)
    assert refusal.value.parameter == "K"


def test_default_distance_leaves_nobody_alone() -> None:
    rng = np.random.default_rng(6)
    xy = rng.uniform(0, 5000, (200, 2))
    distance = weights.default_distance(xy)
    assert weights.neighbour_counts(weights.distance_band(xy, distance)).min() >= 1
    assert weights.neighbour_counts(weights.distance_band(xy, distance * 0.999)).min() == 0


def test_default_distance_needs_places_apart() -> None:
    for xy in (np.zeros((1, 2)), np.zeros((4, 2)), np.repeat(_centres(2, 1), 2, axis=0)):
        with pytest.raises(InputError, match="Give the distance") as refusal:
            weights.default_distance(xy)
        assert refusal.value.parameter == "DISTANCE"


def test_the_star_adds_the_place_itself() -> None:
    base = weights.distance_band(_centres(4, 4), 100.0)
    np.testing.assert_array_equal(weights.with_self(base).toarray(), base.toarray() + np.eye(16))
    np.testing.assert_array_equal(weights.neighbour_counts(base), base.toarray().sum(axis=1))


def test_a_cancelled_search_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "_SLICE", 10)
    seen = []

    def cancel(fraction: float) -> None:
        seen.append(fraction)
        if fraction > 0.25:
            raise Cancelled

    xy = _centres(20, 20)
    for search in (
        lambda: weights.k_nearest(xy, 3, progress=cancel),
        lambda: weights.distance_band(xy, 150.0, progress=cancel),
        lambda: weights.nearest_neighbour_distance(xy, progress=cancel),
    ):
        seen.clear()
        with pytest.raises(Cancelled):
            search()
        assert max(seen) < 0.6


def test_progress_reaches_the_end() -> None:
    seen: list[float] = []
    weights.contiguity(*_squares(3, 3), progress=seen.append)
    weights.distance_band(_centres(3, 3), 150.0, progress=seen.append)
    weights.k_nearest(_centres(3, 3), 3, progress=seen.append)
    assert seen.count(1.0) == 3
    assert all(0 <= fraction <= 1 for fraction in seen)
