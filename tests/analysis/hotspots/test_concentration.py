"""Prediction accuracy: published numbers of crimepy/ptools (Wheeler)."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.hotspots import concentration


def test_small_example_of_crimepy():
    result = concentration.pai([6, 3, 0], [3, 2, 1])
    assert result.pai == pytest.approx([2, 1.5, 1])
    assert result.pei == pytest.approx([1, 1, 1])
    assert result.rri == pytest.approx([0.5, 5 / 9, 2 / 3])


def test_example_of_the_ptools_documentation():
    result = concentration.pai([6, 7, 3, 2, 1, 0], [8, 4, 4, 2, 1, 0])
    assert (result.order + 1).tolist() == [1, 3, 2, 4, 5, 6]  # ties: fewer observed first
    assert result.pai == pytest.approx([1.894736842, 1.421052632, 1.684210526, 1.421052632, 1.2, 1])
    assert result.pei == pytest.approx([0.857142857, 0.692307692, 1, 1, 1, 1])
    assert result.rri == pytest.approx([4 / 3, 4 / 3, 1, 1, 1, 1])
    # area under the hit curve, with the origin
    x, y = np.r_[0, result.area_share], np.r_[0, result.hit_rate]
    assert (np.diff(x) * (y[1:] + y[:-1]) / 2).sum() == pytest.approx(0.6798245614)


def test_unequal_areas_never_make_an_efficiency_over_1():
    rng = np.random.default_rng(1)
    observed, area = rng.poisson(3, 50), rng.uniform(1, 9, 50)
    result = concentration.pai(observed, observed / area, area)
    assert (result.pei <= 1 + 1e-12).all()


def test_ratio_and_its_empty_cases():
    assert concentration.ratio(46, 100, 3.5, 100.0) == pytest.approx(13.142857)
    assert np.isnan(concentration.ratio(0, 0, 1.0, 10.0))
    assert np.isnan(concentration.ratio(0, 10, 0.0, 10.0))
    with pytest.raises(ValueError, match="same length"):
        concentration.pai([1, 2], [1])


def test_interval_of_a_share_is_wilsons():
    # Newcombe (1998), table I: 81 of 263 and 0 of 20
    assert concentration.share_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert concentration.share_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
