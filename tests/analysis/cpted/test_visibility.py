"""The visible area and free sight: published numbers, brute force on random scenes, and awkward obstacles."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hotspot_plugin.analysis.cpted.outside import step_outside
from hotspot_plugin.analysis.cpted.segments import SegmentIndex, foot_points
from hotspot_plugin.analysis.cpted.visibility import isovists, line_of_sight
from hotspot_plugin.analysis.errors import Cancelled
from hotspot_plugin.analysis.overlay import PolygonIndex

ORIGIN = np.zeros(1)


def ring(x_min, y_min, x_max, y_max):
    return np.array([(x_min, y_min), (x_max, y_min), (x_max, y_max), (x_min, y_max), (x_min, y_min)], float)


def walls(*rings):
    return np.vstack([np.column_stack([r[:-1], r[1:]]) for r in rings])


def solid(*rings):
    sizes = [len(r) for r in rings]
    return PolygonIndex(np.vstack(rings), np.repeat(np.arange(len(rings)), sizes), np.cumsum([0] + sizes[:-1]),
                        len(rings))


ROOM = walls(ring(-5, -5, 5, 5))


def one(obstacles, radius, x=0.0, y=0.0):
    return isovists(np.array([x]), np.array([y]), np.asarray(obstacles, float), radius)


def area_of(corners):
    x, y = corners[:-1].T
    return 0.5 * float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def scenes(count=120):
    """Random scenes: every second one on whole numbers, so that pieces touch, overlap, repeat and end in a point."""
    rng = np.random.default_rng(7)
    for k in range(count):
        n = int(rng.integers(1, 70))
        obstacles = rng.integers(-10, 11, (n, 4)).astype(float) if k % 2 else rng.uniform(-10, 10, (n, 4))
        if k % 3 == 0:
            obstacles = np.vstack([obstacles, obstacles[: n // 2, [2, 3, 0, 1]]])
        yield obstacles, float(rng.choice([4.0, 9.0, 30.0])), rng.uniform(-8, 8, 2), rng


def brute(p, targets, obstacles):
    """Which targets are seen, by every piece in turn; and how far from a tie each answer is."""
    seen, margin = np.ones(len(targets), bool), np.full(len(targets), np.inf)
    for ax, ay, bx, by in obstacles:
        if (ax, ay) == (bx, by):
            continue
        rx, ry = (targets - p).T
        det = rx * (by - ay) - ry * (bx - ax)
        with np.errstate(divide="ignore", invalid="ignore"):
            t = ((ax - p[0]) * (by - ay) - (ay - p[1]) * (bx - ax)) / det
            u = ((ax - p[0]) * ry - (ay - p[1]) * rx) / det
        seen &= ~((t > 0) & (t < 1) & (u >= 0) & (u <= 1))
        near = np.min(np.abs([t, t - 1, u, u - 1]), axis=0)
        margin = np.fmin(margin, near)
    return seen, margin


# --- published and exact numbers ---------------------------------------------------------------
def test_a_square_room():
    seen = one(ROOM, 20.0)
    assert seen.area[0] == pytest.approx(100.0, abs=1e-9) and seen.perimeter[0] == pytest.approx(40.0, abs=1e-9)
    assert seen.max_view[0] == pytest.approx(math.sqrt(50)) and seen.min_view[0] == 5.0
    assert seen.occlusivity[0] == 0.0


def test_a_wall_in_the_room_hides_ten_and_a_half():
    # the shadow of (2,-1)-(2,1) is the trapezium with sides 2 and 5 and depth 3
    seen = one(np.vstack([ROOM, [(2, -1, 2, 1)]]), 20.0)
    assert seen.area[0] == pytest.approx(89.5, abs=1e-9)
    assert seen.occlusivity[0] == pytest.approx(2 * math.hypot(3, 1.5), abs=1e-9)
    assert seen.perimeter[0] == pytest.approx(40 - 5 + 2 + 2 * math.hypot(3, 1.5), abs=1e-9)
    assert seen.min_view[0] == 2.0
    corners, start = seen.rings()
    assert start.tolist() == [0, len(corners)] and (corners[0] == corners[-1]).all()
    assert area_of(corners) == pytest.approx(89.5, abs=1e-9)


def test_open_ground_is_a_circle_and_the_polygon_nearly_so():
    seen = one(np.empty((0, 4)), 50.0)
    assert seen.area[0] == pytest.approx(math.pi * 2500, rel=1e-12)
    assert seen.perimeter[0] == pytest.approx(math.pi * 100, rel=1e-12)
    corners, _ = seen.rings()
    assert 0 < 1 - area_of(corners) / (math.pi * 2500) < 0.0005
    assert np.hypot(*corners.T).max() <= 50.0 * (1 + 1e-12)


def test_an_endless_wall_cuts_a_segment_off_the_circle():
    # area of the circle beyond a chord at distance d: r^2 acos(d/r) - d sqrt(r^2 - d^2)
    seen = one([(3, -100, 3, 100)], 5.0)
    assert seen.area[0] == pytest.approx(25 * math.pi - (25 * math.acos(0.6) - 3 * 4), rel=1e-12)
    assert seen.perimeter[0] == pytest.approx(2 * 5 * (math.pi - math.acos(0.6)) + 8, rel=1e-12)
    assert seen.occlusivity[0] == 0.0 and seen.max_view[0] == 5.0


def test_crossing_walls_are_seen_up_to_their_crossing():
    # the nearer halves of an X; the hidden ground is a triangle fan of known corners
    seen = one(np.vstack([ROOM, [(1, -2, 3, 2), (3, -2, 1, 2)]]), 20.0)
    # seen: triangle 0,(1,-2),(2,0) and 0,(2,0),(1,2); hidden from (1,-2)..(1,2) on to the walls y=+-5 and x=5
    hidden_fan = 100.0 - _fan(math.atan2(2, 1))
    assert seen.area[0] == pytest.approx(hidden_fan + 2 * 0.5 * (1 * 0 - -2 * 2), abs=1e-9)


def _fan(angle):
    """Area of the room between -angle and angle from the east, angle above 45 degrees."""
    return 2 * (0.5 * 5 * 5 + 0.5 * 5 * (5 - 5 / math.tan(angle)))


# --- properties on random scenes ---------------------------------------------------------------
def test_agrees_with_brute_force_on_random_scenes():
    asked = 0
    for obstacles, radius, p, rng in scenes():
        seen = one(obstacles, radius, *p)
        targets = p + rng.uniform(-radius, radius, (800, 2))
        expected, margin = brute(p, targets, obstacles)
        away = np.hypot(*(targets - p).T)
        clear = (margin > 1e-6) & (np.abs(away - radius) > 1e-6)
        found = seen.sees(np.zeros(800, int), *targets.T)
        assert (found == (expected & (away <= radius)))[clear].all()
        asked += int(clear.sum())
    assert asked > 90_000


def test_areas_agree_with_a_count_of_random_positions():
    inside, total = 0.0, 0.0
    for obstacles, radius, p, rng in scenes(40):
        seen = one(obstacles, radius, *p)
        targets = p + rng.uniform(-radius, radius, (4000, 2))
        expected, _ = brute(p, targets, obstacles)
        share = np.mean(expected & (np.hypot(*(targets - p).T) <= radius))
        spread = 4.5 * math.sqrt(max(share * (1 - share), 1e-3) / 4000) * 4 * radius**2
        assert seen.area[0] == pytest.approx(4 * radius**2 * share, abs=spread)
        inside, total = inside + seen.area[0] / radius**2, total + 4 * share
    assert inside == pytest.approx(total, rel=0.02)


def test_outlines_are_star_shaped_within_range_and_as_large_as_said():
    for obstacles, radius, p, _ in scenes():
        seen = one(obstacles, radius, *p)
        corners, _ = seen.rings(math.radians(0.25))
        x, y = (corners - p).T
        assert np.hypot(x, y).max() <= radius * (1 + 1e-9)
        turn = x[:-1] * y[1:] - x[1:] * y[:-1]  # seen from the viewpoint the outline never goes back
        assert turn.min() >= -1e-9 * radius**2
        ahead = np.sum((corners[:-1] - p) * (corners[1:] - p), axis=1)
        assert np.sum(np.arctan2(turn, ahead)) == pytest.approx(2 * math.pi)  # once around
        assert area_of(corners) == pytest.approx(seen.area[0], rel=1e-5)
        length = np.hypot(*np.diff(corners, axis=0).T).sum()
        assert length == pytest.approx(seen.perimeter[0], rel=1e-4)
        assert seen.max_view[0] == pytest.approx(np.hypot(x, y).max(), rel=1e-9)


def test_many_viewpoints_at_once_are_as_one_by_one():
    rng = np.random.default_rng(3)
    obstacles = np.repeat(rng.uniform(0, 1000, (3000, 2)), 2, axis=0).reshape(-1, 4) + rng.uniform(-15, 15, (3000, 4))
    x, y = rng.uniform(0, 1000, (2, 300))
    x[0], y[0] = -5000, -5000  # far from all
    together = isovists(x, y, obstacles, 60.0)
    for i in range(0, 300, 25):
        alone = one(obstacles, 60.0, x[i], y[i])
        for name in ("area", "perimeter", "max_view", "min_view", "occlusivity"):
            assert getattr(together, name)[i] == pytest.approx(getattr(alone, name)[0], rel=1e-12), name
    assert together.area[0] == pytest.approx(math.pi * 3600) and len(together) == 300


def test_what_is_seen_is_named():
    seen = one(np.vstack([[(9, 9, 9, 9)], ROOM, [(2, -1, 2, 1)]]), 20.0)
    assert sorted(set(seen.segment.tolist())) == [1, 2, 3, 4, 5]  # the row of no length is passed over


# --- awkward obstacles -------------------------------------------------------------------------
def test_doubled_turned_and_pieced_walls_change_nothing():
    plain = one(np.vstack([ROOM, [(2, -1, 2, 1)]]), 20.0)
    odd = np.vstack([ROOM, ROOM[:, [2, 3, 0, 1]], [(2, -1, 2, 0.25), (2, 1, 2, 0.25), (2, -0.5, 2, 0.5), (3, 3, 3, 3),
                                                   (np.nan, 0, 1, 1)]])
    doubled = one(odd, 20.0)
    for name in ("area", "perimeter", "occlusivity", "max_view"):
        assert getattr(doubled, name)[0] == pytest.approx(getattr(plain, name)[0], abs=1e-9), name


def test_a_fence_seen_from_its_end_hides_nothing():
    assert one(np.vstack([ROOM, [(1, 0, 4, 0)]]), 20.0).area[0] == pytest.approx(100.0, abs=1e-9)


def test_a_viewpoint_on_a_fence_sees_both_sides_and_says_so():
    for fence in ([(0, -1, 0, 1)], [(0, 0, 0, 1)], [(-2, -2, 0, 0), (0, 0, 2, -2)]):
        seen = one(np.vstack([ROOM, fence]), 20.0)
        assert seen.touching[0] and seen.area[0] == pytest.approx(100.0, abs=1e-9)
    assert not one(np.vstack([ROOM, [(0.01, -1, 0.01, 1)]]), 20.0).touching[0]


def test_coordinates_of_millions_of_metres():
    far = np.vstack([ROOM, [(2, -1, 2, 1)]]) + np.array([500_000, 5_900_000] * 2)
    seen = one(far, 20.0, 500_000, 5_900_000)
    assert seen.area[0] == pytest.approx(89.5, abs=1e-6)


# --- buildings ----------------------------------------------------------------------------------
HOUSES = (ring(0, 0, 10, 10), ring(10, 0, 20, 10))


def test_places_step_out_of_walls_and_buildings():
    x = np.array([5.0, 0.0, 10.0, 5.0, 30.0, 0.0, 5.0])
    y = np.array([5.0, 5.0, 5.0, 9.0, 5.0, 0.0, -0.0005])
    index = SegmentIndex(walls(*HOUSES), 10.0)
    stay = step_outside(x, y, solid(*HOUSES), index)
    assert stay.inside.tolist() == [True, False, True, True, False, False, False]  # the third is on a party wall
    assert stay.on_wall.tolist() == [False, True, False, False, False, True, True]
    go = step_outside(x, y, solid(*HOUSES), index, 6.0)
    assert not go.inside.any()
    assert go.moved[3] == pytest.approx(1.0) and go.y[3] == pytest.approx(10.01) and np.isnan(go.moved[[1, 4, 5]]).all()
    seen = isovists(go.x, go.y, index, 8.0)
    # before a straight wall half a circle, at the corner three quarters, in the open all
    assert seen.area[3] == pytest.approx(32 * math.pi, rel=0.01) and seen.area[5] == pytest.approx(
        48 * math.pi, rel=0.01)
    assert not seen.touching.any()


def test_foot_points():
    x, y, away = foot_points(np.array([1.0, 9.0]), np.array([2.0, 0.0]), np.array([[0, 0, 4, 0], [0, 0, 4, 0]], float))
    assert (x.tolist(), y.tolist(), away.tolist()) == ([1.0, 4.0], [0.0, 0.0], [2.0, 5.0])


# --- lines of sight ------------------------------------------------------------------------------
def test_lines_of_sight_agree_with_brute_force():
    for obstacles, radius, p, rng in scenes(60):
        targets = p + rng.uniform(-radius, radius, (300, 2))
        expected, margin = brute(p, targets, obstacles)
        found = line_of_sight(np.tile(p, (300, 1)), targets, obstacles, 0.0, 0.0)
        assert (found == expected)[margin > 1e-6].all()


def test_a_line_that_touches_is_blocked_and_one_through_a_joint_too():
    fence = np.array([(5, 0, 5, 3), (5, 0, 5, -3)], float)
    start, end = np.array([[0, 0], [0, 3], [0, 3.001]]), np.array([[10, 0], [10, 3], [10, 3.001]])
    assert line_of_sight(start, end, fence).tolist() == [False, False, True]
    assert not line_of_sight(np.array([[0, 0]]), np.array([[9, 0]]), np.array([[2.0, 0, 4, 0]]))[0]


def test_a_window_on_its_own_wall_sees_out_but_not_through_the_house():
    index = SegmentIndex(walls(HOUSES[0]), 5.0)
    window = np.array([[10.0, 5.0]] * 3)
    street = np.array([[25.0, 5.0], [-15.0, 5.0], [25.0, -20.0]])
    assert line_of_sight(window, street, index, clear_start=0.5).tolist() == [True, False, True]
    behind = np.array([[9.8, 5.0]])  # drawn a little inside
    assert line_of_sight(behind, street[:1], index, clear_start=0.5)[0]
    assert not line_of_sight(behind, street[:1], index)[0]


def test_long_lines_and_a_fine_index():
    rng = np.random.default_rng(5)
    obstacles = rng.uniform(0, 500, (200, 4))
    start, end = rng.uniform(0, 500, (400, 2)), rng.uniform(0, 500, (400, 2))
    coarse = line_of_sight(start, end, SegmentIndex(obstacles, 300.0))
    assert (line_of_sight(start, end, SegmentIndex(obstacles, 3.0)) == coarse).all()
    assert line_of_sight(start, end, np.empty((0, 4))).all() and len(line_of_sight(start[:0], end[:0], obstacles)) == 0


# --- stopping -----------------------------------------------------------------------------------
def test_stops_when_asked():
    rng = np.random.default_rng(2)
    obstacles = rng.uniform(0, 300, (3000, 4))

    def stop(fraction):
        raise Cancelled()

    with pytest.raises(Cancelled):
        isovists(rng.uniform(0, 300, 50), rng.uniform(0, 300, 50), obstacles, 50.0, stop)
    with pytest.raises(Cancelled):
        line_of_sight(rng.uniform(0, 300, (50, 2)), rng.uniform(0, 300, (50, 2)), obstacles, progress=stop)


def test_no_viewpoints():
    seen = isovists(np.empty(0), np.empty(0), ROOM, 10.0)
    assert len(seen) == 0 and len(seen.rings()[0]) == 0


def test_a_radius_must_be_positive():
    with pytest.raises(ValueError):
        one(ROOM, 0.0)
