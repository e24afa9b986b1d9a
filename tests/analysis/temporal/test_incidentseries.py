"""Periods of the calendar, what is complete, and what the like ones before let expect."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.temporal import crimesummary
from hotspot_plugin.analysis.temporal import incidentseries as analysis
from hotspot_plugin.analysis.temporal.incidentseries import BEGINS, DAILY, ENDS, GAP, LATE, MONTHLY, WEEKLY, WHOLE


def day(text):
    return np.datetime64(text, "D")


def test_weekdays_and_weeks_are_those_of_the_calendar():
    import datetime

    days = np.arange(day("1999-12-20"), day("2001-02-01"))
    assert analysis.weekday(days).tolist() == [d.weekday() for d in days.tolist()]
    for first in range(7):
        starts = analysis.period_starts(days, WEEKLY, first)
        assert (analysis.weekday(starts) == first).all()
        assert ((days - starts).astype(int) >= 0).all() and ((days - starts).astype(int) < 7).all()
    # ISO 8601: weeks from Monday
    iso = [datetime.date.fromisocalendar(*d.isocalendar()[:2], 1) for d in days.tolist()]
    assert analysis.period_starts(days, WEEKLY).tolist() == iso


def test_periods_have_no_gap_and_say_why_they_are_not_complete():
    periods = analysis.make_periods(day("2024-01-03"), day("2024-03-05"), day("2024-02-29"), 5.0, WEEKLY, 0,
                                    [(day("2024-01-20"), day("2024-01-23"))])
    assert (periods.edges[0], periods.ends[-1]) == (day("2024-01-01"), day("2024-03-10"))
    assert (periods.days == 7).all() and len(periods) == 10
    assert periods.state.tolist() == [BEGINS, WHOLE, GAP, GAP, WHOLE, WHOLE, WHOLE, WHOLE, LATE, ENDS]
    months = analysis.make_periods(day("2023-12-02"), day("2024-03-05"), day("2024-02-29"), 0.1, MONTHLY)
    assert months.days.tolist() == [31, 31, 29, 31]
    # one day without a record at the beginning is no gap where there is one in ten days
    assert months.state.tolist() == [WHOLE, WHOLE, WHOLE, ENDS]


@pytest.mark.parametrize("unit", [DAILY, WEEKLY, MONTHLY])
def test_counts_are_those_of_a_loop(unit):
    rng = np.random.default_rng(4)
    days = day("2023-11-15") + rng.integers(0, 120, 500).astype("m8[D]")
    group = rng.integers(0, 3, 500)
    periods = analysis.make_periods(days.min(), days.max(), days.max(), 4.0, unit, 6)
    counts = analysis.count(days, group, 3, periods)
    for g in range(3):
        for i, (a, b) in enumerate(zip(periods.starts, periods.ends)):
            assert counts[g, i] == sum(k == g and a <= d <= b for d, k in zip(days, group))


def test_the_range_is_that_of_the_crime_summary():
    rng = np.random.default_rng(2)
    counts = rng.poisson(40, (1, 21))
    counts[0, -1] = 90
    periods = analysis.make_periods(day("2024-01-01"), day("2024-05-26"), day("2024-05-26"), 5.0, WEEKLY)
    found = analysis.expected(counts, periods)
    low, high = crimesummary.week_limits(counts[0])
    assert np.allclose(found.low[0, 8:], low) and np.allclose(found.high[0, 8:], high)
    assert np.isnan(found.mean[0, :8]).all() and found.flag[0, -1] == 1 and found.compared == 13


def test_days_are_held_against_their_weekday():
    periods = analysis.make_periods(day("2024-01-01"), day("2024-03-31"), day("2024-03-31"), 5.0, DAILY)
    busy = np.where(analysis.weekday(periods.starts) >= 5, 60, 10)[None, :]
    found = analysis.expected(busy, periods)
    assert np.isnan(found.mean[0, :56]).all() and (found.mean[0, 56:] == busy[0, 56:]).all() and not found.flag.any()


def test_what_is_not_complete_is_no_base_and_stands_out_never():
    periods = analysis.make_periods(day("2024-01-01"), day("2024-06-02"), day("2024-05-20"), 5.0, WEEKLY, 0,
                                    [(day("2024-02-05"), day("2024-02-06"))])
    counts = np.full((1, len(periods)), 50)
    counts[0, -2:] = 3
    found = analysis.expected(counts, periods)
    gap = int(np.flatnonzero(periods.state == GAP)[0])
    assert np.isnan(found.mean[0, gap + 1:gap + 9]).all() and found.mean[0, gap + 9] == 50
    assert found.flag[0, -2] == 0 and found.low[0, -2] > 3  # the shortfall is seen, but not called a fall
    assert analysis.expected(counts, analysis.make_periods(day("2023-01-01"), day("2024-06-02"), day("2024-05-20"),
                                                           5.0, MONTHLY)) is None


def test_as_many_stand_out_as_chance_makes():
    """Independent counts at a constant rate: what is told as chance is what happens."""
    rng = np.random.default_rng(11)
    periods = analysis.make_periods(day("2004-01-05"), day("2023-12-31"), day("2023-12-31"), 5.0, WEEKLY)
    counts = rng.poisson(35, (60, len(periods)))
    found = analysis.expected(counts, periods)
    assert found.compared == 60 * (len(periods) - 8)
    assert 0.8 < found.flagged / found.by_chance < 1.25
    inside = (counts >= found.low) & (counts <= found.high)
    assert inside[:, 8:].mean() > 0.99


def test_a_series_that_varies_more_has_a_wider_range():
    """Negative binomial weeks of four times the variance: without the spread a tenth and more would stand out."""
    rng = np.random.default_rng(3)
    periods = analysis.make_periods(day("2004-01-05"), day("2023-12-31"), day("2023-12-31"), 5.0, WEEKLY)
    mean, times = 200.0, 4.0
    size = mean / (times - 1.0)
    counts = rng.negative_binomial(size, size / (size + mean), (30, len(periods)))
    found = analysis.expected(counts, periods)
    assert np.median(found.spread) == pytest.approx(times, rel=0.08)
    assert 0.6 < found.flagged / found.by_chance < 1.6 and found.flagged < 0.01 * found.compared
    narrow = crimesummary.limits(found.mean[:, 8:])[1]
    assert (counts[:, 8:] > narrow).mean() > 0.05
