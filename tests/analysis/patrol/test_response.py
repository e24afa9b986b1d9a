"""Which rule proposes what, in which order."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.patrol import peaks, response
from hotspot_plugin.analysis.patrol.response import (
    ACUTE,
    DARK,
    GUARDED,
    HIDDEN,
    KINDS,
    ONE_PLACE,
    RULES,
    SPREAD,
    UNKNOWN,
    WISH_PATROL,
    WISH_PLACE,
    Evidence,
    rules,
)

PEAK = {"timed": 100.0, "peak_lift": 2.5, "peak_p": 0.001, "peak_days": 2.0, "dark_share": 0.3}
FLAT = {"timed": 100.0, "peak_lift": 1.2, "peak_p": 0.001, "peak_days": 7.0, "dark_share": 0.45}


@pytest.mark.parametrize("evidence, met", [
    ({}, [UNKNOWN]),
    ({"place_share": 0.51}, [ONE_PLACE]),
    ({"place_share": 0.50}, [UNKNOWN]),
    (PEAK, [ACUTE]),
    (FLAT, [SPREAD]),
    ({**PEAK, "peak_p": 0.05}, [UNKNOWN]),
    ({"timed": 100.0, "dark_share": 0.4}, [SPREAD]),
    ({**FLAT, "peak_lift": 1.5}, [ACUTE]),
    ({**FLAT, "peak_lift": 1.49}, [SPREAD]),
    ({**PEAK, "timed": 29.0}, [UNKNOWN]),
    ({**PEAK, "place_share": 0.9}, [ONE_PLACE, ACUTE]),
    ({**PEAK, "wish": "light", "wish_share": 0.6}, [WISH_PLACE, ACUTE]),
    ({**PEAK, "wish": "light", "wish_share": 0.5}, [ACUTE]),
    ({**FLAT, "wish": "patrol", "wish_share": 0.6}, [WISH_PATROL, SPREAD]),
    ({**FLAT, "wish": "talk", "wish_share": 0.9}, [SPREAD]),
    ({**PEAK, "guarded_share": 0.7}, [GUARDED, ACUTE]),
    ({**PEAK, "hidden_share": 0.7}, [HIDDEN, ACUTE]),
    # every night alike, and not the nights of a weekend
    ({**PEAK, "peak_days": 7.0, "dark_share": 0.7}, [DARK, ACUTE]),
    ({**PEAK, "dark_share": 0.7}, [ACUTE]),
    ({**FLAT, "dark_share": 0.6}, [DARK]),
    # of 30 incidents, 18 are just more than 10 of 24 hours explain (Wilson: from 0.423)
    ({**FLAT, "timed": 30.0, "dark_share": 0.6}, [DARK]),
    ({**FLAT, "timed": 30.0, "dark_share": 0.59}, [SPREAD]),
])
def test_rules(evidence, met):
    assert rules(Evidence(**evidence)) == met


def test_the_first_rule_proposes():
    kinds = [KINDS[rule] for rule in RULES]
    assert kinds[0] == "place manager" and set(kinds) == {"place manager", "environment", "guardian", "patrol"}
    assert KINDS[UNKNOWN] == "patrol"


def test_dark_hours_of_a_week():
    week = np.zeros((3, 168))
    week[0, 22::24] = 10  # every night at 22
    week[1, 12::24] = 10
    week[2, 3] = 5  # too few
    assert response.dark_shares(week)[:2].tolist() == [1.0, 0.0] and np.isnan(response.dark_shares(week)[2])
    assert response.dark_hours() == 10
    quarters = np.ones((1, 672))
    assert response.dark_shares(quarters)[0] == pytest.approx(10 / 24)


def test_a_police_day_that_begins_at_six_owns_the_night_before():
    # Saturday 01:00 to 05:00 by the calendar
    start = np.datetime64("2024-01-06T01:00", "m") + (np.arange(40) * 6).astype("m8[m]")
    week = peaks.week_profile(peaks.clock(start), np.zeros(40, int), 1)[0]
    spans, _ = peaks.windows([], 4)
    calendar, police = peaks.peak(week, spans), peaks.peak(week, spans, day_start=360)
    assert (calendar.first_day, calendar.days, calendar.start) == (5, 1, 60)
    assert (police.first_day, police.days, police.start) == (4, 1, 60)
    # a window that begins at the start of the day or later stays where it is
    assert peaks.peak(week, spans, day_start=60).first_day == 5


def test_incidents_outside_all_shifts():
    week = np.ones(168)
    assert peaks.outside_shifts(week, peaks.parse_shifts("06-14,14-22,22-06")) == 0
    assert peaks.outside_shifts(week, peaks.parse_shifts("08-20")) == pytest.approx(0.5)
    assert peaks.outside_shifts(week, peaks.parse_shifts("20-02")) == pytest.approx(0.75)
