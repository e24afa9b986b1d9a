"""What kind of place a hot spot is."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.hotspots import profiles

SPOT = np.array([0, 0, 0, 0, 1, 1, -1])


def test_counts_have_the_exact_interval():
    n, low, high = profiles.counts(SPOT, 3)
    assert n.tolist() == [4, 2, 0]
    assert low == pytest.approx([1.0899, 0.2422, 0.0], abs=1e-4)  # Garwood, as in the published tables
    assert high == pytest.approx([10.2416, 7.2247, 3.6889], abs=1e-4)


def test_types():
    labels = np.array(["b", "a", "b", None, "b", "a", "c"], object)
    result = profiles.types(SPOT, 3, labels)
    assert result.number.tolist() == [2, 2, 0]
    assert result.top.tolist() == ["b", "a", ""]  # a tie goes to the first in the alphabet
    assert result.top_share == pytest.approx([0.5, 0.5, 0.0])


def test_places_by_coordinates_and_by_key():
    x = np.array([0.0, 0.01, 30.0, 60.0, 5.0, 5.0, 5.0])
    y = np.zeros(7)
    number, first = profiles.places(SPOT, 2, x, y)
    assert number.tolist() == [3, 1]
    assert first == pytest.approx([0.5, 1.0])
    keys = np.array(["A", "A", "A", "", "B", "C", "A"], object)
    number, first = profiles.places(SPOT, 2, x, y, keys)
    assert number.tolist() == [2, 2]
    assert first == pytest.approx([0.75, 0.5])


def test_place_counts_agree_with_place_codes():
    rng = np.random.default_rng(1)
    x, y = rng.integers(0, 20, (2, 500)) * 7.3
    direct = np.bincount(profiles.place_codes(x, y))
    assert sorted(profiles.place_counts(x, y)) == sorted(direct)


def test_months():
    months = np.array(["2023-01", "2023-01", "2023-05", "NaT", "2022-12", "2023-12", "2023-07"], "M8[M]")
    assert profiles.months_active(SPOT, 3, months).tolist() == [2, 2, 0]


def test_tenure():
    start, end = np.datetime64("2023-01-01"), np.datetime64("2023-12-31")
    every = np.array([f"2023-{m:02d}-15" for m in range(1, 13)], "M8[D]")
    late = np.array([f"2023-11-{d:02d}" for d in range(1, 13)], "M8[D]")
    some = np.array(["2023-02-01", "2023-02-09", "2023-06-01", "2023-10-11"], "M8[D]")
    dates = np.concatenate([every, late, some])
    spot = np.repeat([0, 1, 2], [12, 12, 4])
    words = profiles.tenure(spot, 3, dates, start, end)
    assert words.tolist() == [profiles.LONG_STANDING, profiles.RECENT, profiles.ON_AND_OFF]
    short = profiles.tenure(spot, 3, dates, np.datetime64("2023-11-01"), end)
    assert set(short) == {profiles.TOO_EARLY}
