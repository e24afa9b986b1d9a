"""Lux by hand, light that is neither lost nor made, and shadows against plain geometry."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.cpted import lightingcoverage as light
from hotspot_plugin.analysis.cpted.segments import foot_points
from hotspot_plugin.analysis.cpted.visibility import line_of_sight
from hotspot_plugin.analysis.errors import Cancelled
from hotspot_plugin.analysis.hotspots.kerneldensity import frame_of


def lights(x, y=None, height=6.0, candela=1000.0, reach=1000.0, spread=light.EVEN):
    x = np.asarray(x, float)
    y = np.zeros(len(x)) if y is None else np.asarray(y, float)
    full = np.ones(len(x))
    return light.Lights(x, y, full * height, full * candela, full * reach, spread)


def shadows(segments, height=np.inf):
    ends = np.asarray(segments, float).reshape(-1, 4)
    return light.Shadows(*ends.T, np.broadcast_to(np.asarray(height, float), len(ends)).copy())


# --- reference numbers: E = I cos^3(gamma) / H^2, I = 1000 cd, H = 6 m -----------------------------------
def test_the_inverse_square_law():
    lux = light.illuminance(1000.0, 6.0, np.array([0.0, 64.0, 144.0]))
    np.testing.assert_allclose(lux, [27.7777777778, 6.0, 2.48452], rtol=1e-5)
    cosine = 6 / np.hypot(6, np.array([0.0, 8.0, 12.0]))
    np.testing.assert_allclose(lux, 1000 * cosine**3 / 36, rtol=1e-12)


def test_the_cosine_law_gives_less_to_the_sides():
    lux = light.illuminance(1000.0, 6.0, np.array([0.0, 64.0]), light.LAMBERT)
    np.testing.assert_allclose(lux, [1000 / 36, 1000 * 0.6**4 / 36])


def test_a_row_of_three_poles():
    """Poles 30 m apart: mean 11.1165, minimum 2.9100, U0 0.26178 at every half metre between the outer poles."""
    x = np.linspace(0, 60, 121)
    lux = light.at_points(x, np.zeros(121), lights([0, 30, 60]))
    assert lux.mean() == pytest.approx(11.1165, abs=1e-4)
    assert lux.min() == pytest.approx(2.9100, abs=1e-4)
    assert lux.min() / lux.mean() == pytest.approx(0.26178, abs=1e-5)


def test_foot_candles():
    assert light.LUX_PER_FOOT_CANDLE == pytest.approx(10.7639, abs=1e-4)


# --- light is neither lost nor made ------------------------------------------------------------------------
@pytest.mark.parametrize("spread", [light.EVEN, light.LAMBERT])
def test_all_lumens_fall_on_the_ground(spread):
    """The part of the lumens within a radius is known: 1 - cos for even light, sin squared for the cosine law."""
    candela = light.candela_of(np.array([5000.0]), spread)[0]
    one = lights([0.0], height=8.0, candela=candela, reach=100.0, spread=spread)
    lux, near = light.raster(frame_of((-100, -100, 100, 100), 0.5), one)
    cosine = 8 / np.hypot(8, 100)
    expected = 5000 * (1 - cosine if spread == light.EVEN else 1 - cosine**2)
    assert lux.sum() * 0.25 == pytest.approx(expected, rel=1e-3)
    assert near.sum() * 0.25 == pytest.approx(np.pi * 100**2, rel=1e-3)


def test_raster_and_points_agree_with_the_plain_sum():
    rng = np.random.default_rng(3)
    n = 60
    given = light.Lights(rng.uniform(0, 300, n), rng.uniform(0, 200, n), rng.uniform(3, 10, n),
                         rng.uniform(100, 900, n) * (rng.random(n) > 0.2), rng.uniform(15, 60, n), light.EVEN)
    frame = frame_of((0, 0, 300, 200), 5.0, 20.0)
    lux, near = light.raster(frame, given)
    x, y = (part.ravel() for part in np.meshgrid(*frame.centres()))
    squared = (x[:, None] - given.x) ** 2 + (y[:, None] - given.y) ** 2
    inside = squared <= given.reach**2
    each = given.candela * given.height / (given.height**2 + squared) ** 1.5
    np.testing.assert_allclose(lux.ravel(), np.where(inside, each, 0).sum(axis=1), atol=1e-12)
    np.testing.assert_array_equal(near.ravel(), inside.any(axis=1))
    np.testing.assert_allclose(light.at_points(x, y, given), lux.ravel(), atol=1e-12)


def test_a_light_that_is_out_is_on_record_but_gives_nothing():
    lux, near = light.raster(frame_of((-10, -10, 10, 10), 5.0), lights([0.0], candela=0.0, reach=30.0))
    assert near.all() and not lux.any()


# --- shadows -----------------------------------------------------------------------------------------------
def plainly_cut(place, at, segments, tall, height):
    """The same with one ray and one obstacle at a time."""
    for (ax, ay, bx, by), h in zip(segments, tall):
        matrix = np.array([[at[0] - place[0], ax - bx], [at[1] - place[1], ay - by]])
        if abs(np.linalg.det(matrix)) < 1e-12:
            continue
        t, u = np.linalg.solve(matrix, [ax - place[0], ay - place[1]])
        if 0 < t < 1 and 0 <= u <= 1 and h > height * (1 - t):
            return True
    return False


def test_shadows_against_plain_geometry():
    rng = np.random.default_rng(9)
    start = rng.uniform(-40, 40, (70, 2))
    segments = np.column_stack([start, start + rng.uniform(-25, 25, (70, 2))])
    tall = np.where(rng.random(70) < 0.5, np.inf, rng.uniform(0.5, 6, 70))
    middle = np.hypot(*(segments[:, :2] + 0.5 * (segments[:, 2:] - segments[:, :2])).T) > 13
    segments, tall = segments[middle], tall[middle]
    at = rng.uniform(-35, 35, (400, 2))
    cut = shadows(segments, tall).cut(0.0, 0.0, 6.0, 60.0, at[:, 0], at[:, 1])
    assert 0.2 < cut.mean() < 0.9
    expected = [plainly_cut((0.0, 0.0), p, segments, tall, 6.0) for p in at]
    np.testing.assert_array_equal(cut, expected)


def test_shadows_agree_with_the_lines_of_sight_of_visible_areas():
    """Obstacles higher than the light cut what another engine says cannot be seen from its foot."""
    rng = np.random.default_rng(4)
    start = rng.uniform(-60, 60, (150, 2))
    segments = np.column_stack([start, start + rng.uniform(-12, 12, (150, 2))])
    lamps, at = rng.uniform(-20, 20, (12, 2)), rng.uniform(-60, 60, (300, 2))
    walls = shadows(segments)
    away = foot_points(np.repeat(lamps[:, 0], 150), np.repeat(lamps[:, 1], 150), np.tile(segments, (12, 1)))[2]
    for lamp in lamps[away.reshape(12, 150).min(axis=1) > 0.31]:
        seen = line_of_sight(np.repeat(lamp[None], 300, axis=0), at, segments)
        np.testing.assert_array_equal(walls.cut(*lamp, 6.0, 150.0, at[:, 0], at[:, 1]), ~seen)
        assert 0 < seen.mean() < 1


def test_a_low_wall_only_shades_what_is_right_behind_it():
    """From 8 m high over a wall of 2 m that is 12 m away the shadow ends at 16 m."""
    wall = shadows([12, -50, 12, 50], 2.0)
    x = np.array([11.9, 12.1, 15.9, 16.1, 30.0])
    np.testing.assert_array_equal(wall.cut(0, 0, 8.0, 50.0, x, np.zeros(5)), [False, True, True, False, False])


def test_no_light_slips_through_the_corner_of_two_walls():
    corner = shadows([[10, -5, 10, 0], [10, 0, 10, 5]])
    assert corner.cut(0, 0, 6.0, 50.0, np.array([20.0]), np.array([0.0])).all()


def test_a_wall_that_carries_the_light_does_not_shade_it():
    wall = shadows([0.1, -50, 0.1, 50])
    assert not wall.cut(0, 0, 6.0, 50.0, np.array([20.0]), np.array([0.0])).any()


def test_shaded_cells_and_points_get_no_light():
    wall = shadows([10, -500, 10, 500])
    frame = frame_of((-30, -30, 30, 30), 5.0)
    lux, _ = light.raster(frame, lights([0.0]), wall)
    x, _ = frame.centres()
    assert not lux[:, x > 10].any() and (lux[:, x < 10] > 0).all()
    np.testing.assert_array_equal(light.at_points(np.array([9.0, 11.0]), np.zeros(2), lights([0.0]), wall) > 0,
                                  [True, False])
    assert wall.rays > 0


@pytest.mark.parametrize("work", [
    lambda given, stop: light.raster(frame_of((0, 0, 100, 100), 5.0), given, progress=stop),
    lambda given, stop: light.at_points(np.arange(9.0), np.zeros(9), given, progress=stop)])
def test_can_be_cancelled(work):
    def stop(fraction):
        raise Cancelled()

    with pytest.raises(Cancelled):
        work(lights([0.0, 30.0]), stop)
