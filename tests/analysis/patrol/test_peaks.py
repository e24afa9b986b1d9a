"""Peaks of the week: right windows, honest silence, no peak made by habits of the record."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.errors import InputError
from hotspot_plugin.analysis.patrol.peaks import clock, clock_text, parse_shifts, peak, week_profile, windows

#: incidents by hour of the day of METHODS' worked example; sum 200
HOURS = np.array([5, 3, 2, 1, 1, 1, 2, 4, 6, 7, 8, 9, 11, 10, 9, 10, 12, 14, 16, 18, 17, 15, 11, 8.0])
#: a Monday
MONDAY = np.datetime64("2024-01-01T00:00", "ms")


def at(*minutes):
    return MONDAY + np.array(minutes, dtype="m8[m]")


def profile_of(start, end=None, **known):
    found = clock(start, end, **known)
    return week_profile(found, np.zeros(len(start), int), 1)[0]


@pytest.mark.parametrize("hours, start, share", [(4, 18, 0.33), (6, 16, 0.46), (8, 15, 0.565)])
def test_best_hours_of_the_worked_example(hours, start, share):
    """Circular cumulative sum: best 6 h 16-22 = 46 %."""
    week = np.tile(HOURS / 7, 7)
    found = peak(week, windows([], hours)[0])
    assert (found.days, found.start // 60, found.end // 60) == (7, start, (start + hours) % 24)
    assert found.share == pytest.approx(share) and found.total == pytest.approx(200)


@pytest.mark.parametrize("begin, end, expected", [
    (60, 60, {1: 1.0}),                                        # a point
    (60, 150, {1: 2 / 3, 2: 1 / 3}),                           # 01:00-02:30
    (110, 130, {1: 0.5, 2: 0.5}),                              # 01:50-02:10
    (1410, 1515, {23: 30 / 105, 24: 60 / 105, 25: 15 / 105}),  # 23:30-01:15
    (870, 735, {12: 1 / 3, 13: 4 / 9, 14: 2 / 9}),             # swapped
    (9960, 10200, {166: 0.25, 167: 0.25, 0: 0.25, 1: 0.25}),   # Sunday 22:00 to Monday 02:00
    (120, 180, {2: 1.0}),                                      # an end on the hour touches no further bin
])
def test_aoristic_weights(begin, end, expected):
    """The cases of crimepy's aoristic weights that last no longer than a day."""
    profile = profile_of(at(begin), at(end))
    assert {int(i): pytest.approx(profile[i]) for i in np.flatnonzero(profile)} == expected


def test_a_missing_end_counts_at_the_start_and_a_missing_start_not_at_all():
    profile = profile_of(at(930), np.array(["NaT"], "M8[ms]"))
    assert profile[15] == 1 and profile.sum() == 1
    nothing = clock(np.array(["NaT"], "M8[ms]"), at(930))
    assert nothing.no_date == 1 and not nothing.usable.any()


def test_spans_of_more_than_a_day_are_counted_apart():
    found = clock(at(0, 0, 0), at(1440, 1441, 600))
    assert found.long == 1 and found.usable.tolist() == [True, False, True]


def test_days_and_months_tell_no_time():
    start = at(600, 700, 800, 900)
    found = clock(start, precision=np.array(["minute", "hour", "day", "month"], object))
    assert found.usable.tolist() == [True, True, False, False] and found.no_time == 2
    assert clock(start, time_known=[True, False, True, True]).no_time == 1


def test_a_planted_night_of_the_weekend_is_found():
    rng = np.random.default_rng(1)
    # Friday and Saturday, 22:00 to 04:00 next day
    planted = 4 * 1440 + rng.integers(0, 2, 60) * 1440 + 22 * 60 + rng.integers(0, 360, 60)
    around = rng.integers(0, 10080, 60)
    found = peak(profile_of(at(*planted, *around)), windows([], 6)[0])
    assert (found.first_day, found.days) == (4, 2)
    assert (clock_text(found.start), clock_text(found.end)) == ("22:00", "04:00")
    assert found.share > 0.5 and found.lift > 5 and found.p < 1e-6


def test_a_window_over_the_end_of_the_week():
    # Sunday 22:00 to Monday 04:00
    start = at(*(6 * 1440 + 22 * 60 + np.arange(0, 360, 8)))
    found = peak(profile_of(start), windows([], 6)[0])
    assert (found.first_day, found.days, found.share) == (6, 1, 1.0)


def test_few_incidents_have_no_peak():
    assert peak(profile_of(at(*range(600, 629))), windows([], 6)[0]) is None
    assert peak(profile_of(at(*range(600, 630))), windows([], 6)[0]) is not None


def test_an_even_week_has_no_peak():
    assert peak(np.ones(168), windows([], 6)[0]) is None


def test_chance_seldom_looks_like_a_peak():
    rng = np.random.default_rng(2)
    found = [peak(profile_of(at(*rng.integers(0, 10080, 60))), windows([], 6)[0]).p for _ in range(200)]
    assert np.mean(np.array(found) < 0.05) <= 0.05


def test_midnight_as_a_habit_of_the_record_is_no_peak():
    rng = np.random.default_rng(3)
    day = rng.integers(0, 7, 300) * 1440
    times = np.where(np.arange(300) < 120, 0, 9 * 60 + rng.integers(0, 600, 300))
    found = clock(at(*(day + times)))
    assert found.default == 120 and found.default_times == ["00:00"]
    best = peak(week_profile(found, np.zeros(300, int), 1)[0], windows([], 6)[0])
    assert best.total == 180 and 8 * 60 <= best.start <= 14 * 60


def test_a_busy_midnight_among_busy_nights_is_kept():
    rng = np.random.default_rng(4)
    # rounded to the hour, busiest at midnight
    hours = np.repeat([22, 23, 0, 1, 2, 3], [60, 80, 100, 80, 60, 20])
    start = at(*(rng.integers(0, 7, 400) * 1440 + hours * 60))
    assert clock(start).default == 0


def test_real_thefts_from_vehicles_do_not_peak_at_midnight(shared_data):
    import pandas as pd

    rows = pd.read_csv(shared_data("vancouver/vpd_crime_2023.csv.gz"))
    rows = rows[rows.X > 0]
    parts = rows.rename(columns=str.lower)[["year", "month", "day", "hour", "minute"]]
    found = clock(pd.to_datetime(parts).to_numpy())
    # 1,332 rows say 00:00, three times as many as the full hours around it; 00:01 and 23:59 are habits too
    assert found.default_times == ["00:00", "00:01", "23:59"]
    assert found.default == 1332 + 68 + 22 and found.no_time == 0


def test_shifts():
    assert parse_shifts("06-14,14-22; 22-06") == [(360, 480), (840, 480), (1320, 480)]
    assert parse_shifts("0630-18:30") == [(390, 720)]
    spans, minutes = windows(parse_shifts("06:30-18:30, 18:30-06:30"), 6)
    assert minutes == 30
    night = clock(at(*(np.arange(40) % 7 * 1440 + 19 * 60 + np.arange(40))))
    found = peak(week_profile(night, np.zeros(40, int), 1, minutes)[0], spans)
    assert clock_text(found.start) == "18:30" and clock_text(found.end) == "06:30" and found.share == 1.0
    for wrong in ("6 to 14", "25-03", "06:10-14", "06:75-14"):
        with pytest.raises(InputError, match="shift"):
            parse_shifts(wrong)


def test_zones_are_summed_apart():
    start = at(60, 60, 120, 180)
    profile = week_profile(clock(start), np.array([0, 1, 1, -1]), 2)
    assert profile.sum(axis=1).tolist() == [1, 2] and profile[1, 2] == 1
