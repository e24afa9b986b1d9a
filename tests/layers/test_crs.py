"""Metres everywhere, or a refusal with the reason."""

from __future__ import annotations

import numpy as np
import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransformContext

from hotspot_plugin.analysis.errors import InputError
from hotspot_plugin.layers import crs as module

CONTEXT = QgsCoordinateTransformContext()


def system(text):
    return QgsCoordinateReferenceSystem(text)


def choose(text, x, y):
    return module.analysis_crs(system(text), np.array(x, float), np.array(y, float), CONTEXT)


def test_a_metric_projection_is_kept():
    chosen = choose("EPSG:27700", [430000, 431000], [433000, 434000])
    assert chosen.crs.authid() == "EPSG:27700" and "own system" in chosen.reason


@pytest.mark.parametrize("longitude, latitude, expected", [
    (-1.55, 53.8, "EPSG:32630"), (-123.1, 49.2, "EPSG:32610"), (151.2, -33.9, "EPSG:32756"),
    (179.9, 10, "EPSG:32660"), (180.1, -10, "EPSG:32701"), (20, 85, "EPSG:32661"), (20, -85, "EPSG:32761"),
])
def test_degrees_go_to_the_zone_of_the_data(longitude, latitude, expected):
    chosen = choose("EPSG:4326", [longitude] * 3, [latitude] * 3)
    assert chosen.crs.authid() == expected and "degrees" in chosen.reason


def test_feet_go_to_metres():
    chosen = choose("EPSG:2263", [1_000_000, 1_010_000], [200_000, 210_000])  # New York, US survey feet
    assert chosen.crs.authid() == "EPSG:32618" and "feet" in chosen.reason


def test_web_mercator_is_metric_by_name_only():
    # at 53.8 degrees north it stretches lengths by 1/cos(53.8) = 1.69
    place = np.array([-1.55]), np.array([53.8])
    x, y = module.transform_points(*place, system("EPSG:4326"), system("EPSG:3857"), CONTEXT)
    assert module.scale_error(system("EPSG:3857"), x[0], y[0], CONTEXT) == pytest.approx(0.69, abs=0.01)
    chosen = choose("EPSG:3857", x, y)
    assert chosen.crs.authid() == "EPSG:32630" and "wrong by" in chosen.reason


def test_no_system_is_refused_with_the_remedy():
    with pytest.raises(InputError, match="no coordinate reference system.*Assign projection"):
        choose("", [1], [2])


def test_data_far_outside_one_zone():
    rng = np.random.default_rng(1)
    near = choose("EPSG:4326", rng.uniform(-3, 2.6, 500), rng.uniform(50, 55, 500))
    assert near.crs.authid() == "EPSG:32630" and "degrees from the middle" in near.warning
    with pytest.raises(InputError, match="degrees of longitude"):
        choose("EPSG:4326", rng.uniform(-20, 20, 500), rng.uniform(50, 55, 500))


def test_one_outlier_does_not_move_the_zone():
    chosen = choose("EPSG:4326", [-1.5] * 999 + [0.0], [53.8] * 999 + [0.0])
    assert chosen.crs.authid() == "EPSG:32630" and not chosen.warning


def test_coordinates_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="do not fit"):
        choose("EPSG:4326", [430000.0] * 5, [433000.0] * 5)


def test_data_on_both_sides_of_the_180th_meridian():
    chosen = choose("EPSG:4326", [179.9, -179.9, 179.95, -179.95], [-17] * 4)
    x, y = module.transform_points(
        np.array([179.95, -179.95]), np.array([-17.0, -17.0]), system("EPSG:4326"), chosen.crs, CONTEXT)
    # 0.1 degrees at 17 S on WGS 84: 10,646 m (Vincenty), UTM scale at 3 degrees from the middle 1.0008
    assert np.hypot(x[1] - x[0], y[1] - y[0]) == pytest.approx(10_654, abs=10)


def test_systems_without_a_number():
    own, kilometres, moon = (QgsCoordinateReferenceSystem() for _ in range(3))
    own.createFromProj("+proj=tmerc +lat_0=53 +lon_0=-1 +k=1 +datum=WGS84 +units=m")
    kilometres.createFromProj("+proj=tmerc +lat_0=53 +lon_0=-1 +k=1 +datum=WGS84 +units=km")
    moon.createFromProj("+proj=longlat +a=1737400 +b=1737400 +no_defs")
    place = np.array([0.0, 1.0])
    chosen = module.analysis_crs(own, place, place, CONTEXT)
    assert chosen.crs == own and "without a name" in chosen.reason
    assert module.analysis_crs(kilometres, place, place, CONTEXT).crs.authid() == "EPSG:32630"
    with pytest.raises(InputError, match="no way"):  # QGIS would take the degrees for metres
        module.analysis_crs(moon, place, place, CONTEXT)
    with pytest.raises(InputError, match="AREAS|no way"):
        module.transform_points(place, place, moon, system("EPSG:32630"), CONTEXT, parameter="AREAS")


def test_a_plan_of_no_known_place_is_taken_with_a_doubt():
    plan = QgsCoordinateReferenceSystem.fromWkt('LOCAL_CS["Plan",UNIT["metre",1]]')
    chosen = module.analysis_crs(plan, np.array([0.0, 900.0]), np.array([0.0, 900.0]), CONTEXT)
    assert chosen.crs == plan and "cannot be checked" in chosen.warning


def test_degrees_in_a_layer_said_to_be_in_metres():
    assert "look like degrees" in choose("EPSG:27700", [-1.5, -1.51], [53.8, 53.81]).warning
    assert not choose("EPSG:27700", [100, 300], [50, 120]).warning


def test_a_known_place_and_a_bad_one_among_many():
    # Worked example of the Ordnance Survey, "A guide to coordinate systems in Great Britain", annexe C:
    # 52°39'27.2531" N, 1°43'4.5177" E (Airy 1830) is E 651409.903, N 313177.270
    x = np.full(120_001, 1 + 43 / 60 + 4.5177 / 3600)
    y = np.full(120_001, 52 + 39 / 60 + 27.2531 / 3600)
    x[7] = np.nan
    y[9] = 1e9
    east, north = module.transform_points(x, y, system("EPSG:4277"), system("EPSG:27700"), CONTEXT)
    good = np.isfinite(east)
    assert (~good).sum() == 2 and not good[[7, 9]].any()
    assert east[0] == pytest.approx(651409.903, abs=0.002) and north[0] == pytest.approx(313177.270, abs=0.002)


def test_cancelling_between_blocks():
    class Stop(Exception):
        pass

    def stop(fraction):
        raise Stop

    with pytest.raises(Stop):
        module.transform_points(np.zeros(10), np.zeros(10), system("EPSG:4326"), system("EPSG:32631"), CONTEXT, stop)
