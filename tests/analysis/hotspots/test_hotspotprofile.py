"""Profiles of hot spots: the rules of the matrix, chance beside them, shares beside the city's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from hotspot_plugin.analysis.errors import Cancelled
from hotspot_plugin.analysis.hotspots import hotspotprofile as profile
from hotspot_plugin.analysis.patrol import peaks


def places_of(*counts):
    """Places of hot spots from their incidents a place."""
    spot = np.concatenate([np.full(sum(c), i) for i, c in enumerate(counts)]).astype(np.int64)
    place = np.concatenate([np.repeat(np.arange(len(c)) + 100 * i, c) for i, c in enumerate(counts)]).astype(np.int64)
    return profile.places(spot, place, len(counts))


# --- space ---------------------------------------------------------------------------------
def test_places_shares_and_repeats():
    found = places_of([12, 5, 2, 1], [1] * 8)
    assert found.n.tolist() == [20, 8] and found.number.tolist() == [4, 8]
    assert found.few.tolist() == [1, 2]  # a fifth of 4 and of 8 places, rounded up
    assert found.first == pytest.approx([0.6, 1 / 8]) and found.few_share == pytest.approx([0.6, 2 / 8])
    assert found.repeat == pytest.approx([16 / 20, 0.0])
    assert found.busiest.tolist() == [0, 100] and found.p[1] == 1.0


def test_rows_of_the_matrix():
    found = places_of(
        [30] + [1] * 20,             # 60 % at one place
        [20, 15, 10] + [1] * 30,     # 60 % at three of 33 places
        [2] * 25,                    # all alike
        [9],                         # nine only
        [12],                        # one place only
        [3, 2, 2, 1, 1, 1],          # half at two places, but chance does that
    )
    assert profile.space_class(found).tolist() == [
        "hotpoint", "clustered", "dispersed", "too few to say", "hotpoint", "dispersed"]
    assert found.few.tolist() == [3, 3, 3, 1, 1, 2]
    assert found.p[5] > 0.05 and found.p[1] < 1e-6 and np.isnan(found.p[4])


def test_hot_spots_without_incidents_have_no_place():
    found = profile.places(np.array([1, 1]), np.array([4, 4]), 3)
    assert found.n.tolist() == [0, 2, 0] and found.busiest.tolist() == [-1, 4, -1]
    assert np.isnan(found.first[[0, 2]]).all() and np.isnan(found.p[[0, 2]]).all()
    assert profile.space_class(found).tolist() == ["too few to say"] * 3


def test_chance_of_places_is_that_of_a_simulation():
    """60 incidents at 40 places alike, of which only those with an incident are known."""
    rng = np.random.default_rng(4)
    most, known, three = [], [], []
    for _ in range(4000):
        counts = np.bincount(rng.integers(0, 40, 60), minlength=40)
        most.append(counts.max())
        known.append((counts > 0).sum())
        three.append(np.sort(counts)[-3:].sum() / 60)
    p, share = profile.chance_of_places(60, int(np.round(np.mean(known))), 6, 3)
    simulated = np.mean(np.array(most) >= 6)
    assert simulated <= p + 0.01 and p == pytest.approx(simulated, abs=0.02)
    assert share == pytest.approx(np.mean(three), abs=0.015)


def test_chance_alone_makes_no_clusters():
    """Of 400 hot spots whose incidents fall on places all alike, at most 5 % are called anything but dispersed."""
    rng = np.random.default_rng(8)
    sizes = rng.integers(10, 120, 400)
    spot = np.repeat(np.arange(400), sizes)
    place = spot * 100 + rng.integers(0, rng.integers(4, 60, 400)[spot])
    words = profile.space_class(profile.places(spot, place, 400))
    assert np.mean(words != "dispersed") <= 0.05


# --- time ----------------------------------------------------------------------------------
def test_columns_of_the_matrix():
    day = np.zeros((5, 24))
    day[0, [22, 23, 0, 1]] = 20.0                      # all within six hours over midnight
    day[1] = 1.0
    day[1, 15:21] = 5.0                                # 30 of 48
    day[2] = 4.0
    day[3, 3] = 29.0
    day[4, 8] = 30.0
    found = profile.fullest_hours(day)
    assert profile.time_class(found).tolist() == ["acute", "focused", "diffused", "too few to say", "acute"]
    assert found.start.tolist()[:3] == [20, 15, 0]     # of equally full ones the earliest that holds all
    assert found.share[:3] == pytest.approx([1.0, 30 / 48, 0.25])
    assert found.p[1] == pytest.approx(24 * stats.binom.sf(29, 48, 0.25))
    assert profile.fullest_hours(np.zeros((1, 24))).start[0] == -1


def test_an_even_day_is_diffused():
    rng = np.random.default_rng(3)
    for n in (30, 40, 80):
        day = rng.multinomial(n, np.full(24, 1 / 24), 500).astype(float)
        assert np.mean(profile.time_class(profile.fullest_hours(day)) != "diffused") <= 0.05, n


def moments(*texts):
    return np.array(texts, "M8[ms]")


def test_weekdays_take_dates_and_spans_of_a_week():
    start = moments("2024-01-06T12:00", "2024-01-01T00:00", "2024-01-03T10:00", "2024-01-01T10:00", "2024-01-01T00:00")
    end = moments("2024-01-08T00:00", "NaT", "NaT", "2024-01-09T10:01", "NaT")
    precision = np.array(["minute", "day", "minute", "minute", "month"], object)
    clock = peaks.clock(start, end, precision)
    week = profile.weekdays(start, end, precision, clock)
    assert week.long == 1 and week.usable.tolist() == [True, True, True, False, False]
    rows = np.arange(5)
    found = profile.weekday_profile(week, rows, np.array([0, 1, 1, 1, 1]), 2)
    # Saturday noon to the midnight before Monday: 12 h and 24 h, and nothing on Monday
    assert found[0] == pytest.approx([0, 0, 0, 0, 0, 1 / 3, 2 / 3])
    assert found[1] == pytest.approx([1, 0, 1, 0, 0, 0, 0])
    # an incident in two zones counts in each
    both = profile.weekday_profile(week, np.array([2, 2]), np.array([0, 1]), 2)
    assert both[:, 2] == pytest.approx([1, 1])


def test_a_habitual_midnight_still_tells_the_day():
    start = np.concatenate([np.repeat(np.datetime64("2024-01-05T00:00", "ms"), 60), moments("2024-01-05T10:17")])
    precision = np.full(61, "minute", object)
    clock = peaks.clock(start, None, precision)
    assert clock.default == 60
    week = profile.weekdays(start, None, precision, clock)
    found = profile.weekday_profile(week, np.arange(61), np.zeros(61, int), 1)
    assert found[0, 4] == pytest.approx(61)


# --- beside the city -------------------------------------------------------------------------
def test_location_quotient_with_interval():
    found = profile.compare([81.0, 0.0, 3.0], [263.0, 20.0, 0.0], [100.0, 50.0, 1.0], 1000)
    # 81 of 263: 0.2553 to 0.3662 (Newcombe 1998, table I); the city has 0.1
    assert found.ratio[0] == pytest.approx(81 / 263 / 0.1)
    assert (found.low[0], found.high[0]) == pytest.approx((2.553, 3.662), abs=5e-4)
    assert found.low[1] == 0.0 and found.high[1] == pytest.approx(0.1611 / 0.05, abs=2e-3)
    assert np.isnan(found.share[2]) and np.isnan(found.ratio[2])
    assert found.p[1] == pytest.approx(2 * stats.binom.cdf(0, 20, 0.05))


def test_what_the_city_does_not_have_is_not_compared():
    found = profile.compare([5.0], [10.0], [np.nan], [np.nan])
    assert found.share[0] == 0.5 and np.isnan([found.ratio[0], found.low[0], found.p[0]]).all()


@pytest.mark.parametrize("n, of, share", [(0, 30, 0.2), (7, 30, 0.2), (30, 30, 0.2), (12, 400, 0.01), (3, 3, 0.9)])
def test_tails_are_those_of_the_binomial(n, of, share):
    assert profile.upper_tail(n, of, share) == pytest.approx(stats.binom.sf(n - 1, of, share))
    assert profile.lower_tail(n, of, share) == pytest.approx(stats.binom.cdf(n, of, share))


def test_tails_between_whole_numbers_lie_between_theirs():
    assert stats.binom.sf(7, 30, 0.2) < profile.upper_tail(7.5, 30, 0.2) < stats.binom.sf(6, 30, 0.2)


def test_each_theme_is_corrected_for_itself():
    q = profile.q_values(np.array([0.01, 0.02, 0.03]), np.array(["a", "a", "b"], object))
    assert q == pytest.approx([0.02, 0.02, 0.03])


def test_busiest_places_in_order():
    spot = np.array([0] * 6 + [1] * 3)
    place = np.array([5, 5, 5, 2, 2, 9, 4, 4, 4])
    owner, which, n = (v.tolist() for v in profile.busiest_places(spot, place, 2, 5))
    assert (owner, which, n) == ([0, 0, 1], [5, 2, 4], [3, 2, 3])
    assert profile.busiest_places(spot, place, 1, 1)[1].tolist() == [5, 4]


def test_the_look_at_places_can_be_cancelled():
    def stop(fraction):
        raise Cancelled

    with pytest.raises(Cancelled):
        profile.places(np.array([0]), np.array([0]), 1, stop)
