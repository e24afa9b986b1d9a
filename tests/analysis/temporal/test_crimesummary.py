"""Windows, sums and changes of the crime summary against what can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.temporal import crimesummary as summary
from hotspot_plugin.analysis.temporal.crimesummary import BEFORE, LAST_TO_DATE, NOW, TO_DATE, WEEK, YEAR_AGO

DAY = np.timedelta64(1, "D")


def day(text):
    return np.datetime64(text, "D")


def calendar(as_of="2024-12-31", first="2023-01-01", rate=50.0, missing=()):
    return summary.make_calendar(day(as_of), day(first), rate, missing)


# --- windows ---------------------------------------------------------------------------------
def test_windows_are_laid_back_from_the_last_day():
    spans = calendar().spans
    days = [(str(s.start), str(s.end), s.days, s.covered) for s in spans]
    assert days == [
        ("2024-12-25", "2024-12-31", 7, True), ("2024-12-04", "2024-12-31", 28, True),
        ("2024-11-06", "2024-12-03", 28, True), ("2023-12-04", "2023-12-31", 28, True),
        ("2024-01-01", "2024-12-31", 366, True), ("2023-01-01", "2023-12-31", 365, True)]
    assert calendar().leap and len(calendar().weeks) == 21
    base = calendar().base
    assert (str(base.start), str(base.end), base.days) == ("2024-10-30", "2024-12-24", 56)


@pytest.mark.parametrize("given, days", [
    ("2024-02-29", (60, 59)), ("2024-02-28", (59, 59)), ("2025-03-01", (60, 61)), ("2023-06-30", (181, 181))])
def test_leap_years_show_in_the_days(given, days):
    made = calendar(given, "2020-01-01")
    assert (made.spans[TO_DATE].days, made.spans[LAST_TO_DATE].days) == days
    assert made.leap == (days[0] != days[1])


def test_what_the_data_do_not_reach_is_not_covered():
    covered = [span.covered for span in calendar("2024-03-10", "2024-01-01").spans]
    assert covered == [True, True, True, False, True, False]
    # at one record a week some days without any are no gap
    assert calendar("2024-03-10", "2024-01-03", rate=0.2).spans[TO_DATE].covered
    assert not calendar("2024-03-10", "2024-01-03", rate=20.0).spans[TO_DATE].covered


def test_a_gap_empties_the_windows_it_is_in():
    made = calendar(missing=[(day("2024-11-10"), day("2024-11-12"))])
    covered = [span.covered for span in made.spans]
    assert covered == [True, True, False, True, True, True]  # 3 of 366 days are no matter
    assert not made.base.covered and [w.covered for w in made.weeks].count(False) == 1


# --- counts ----------------------------------------------------------------------------------
def brute(days, spans):
    return [int(((days >= s.start) & (days <= s.end)).sum()) for s in spans]


def test_counts_equal_brute_force():
    rng = np.random.default_rng(3)
    made = calendar("2024-02-29", "2022-01-01")
    days = day("2022-06-01") + rng.integers(0, 720, 4000) * DAY
    days[::50] = np.datetime64("NaT")
    group = rng.integers(0, 6, 4000)
    counts = summary.count(group, 7, days, made)
    for g in range(7):
        own = days[group == g]
        assert counts.windows[g].tolist() == brute(own, made.spans)
        assert counts.weeks[g].tolist() == brute(own, made.weeks)
        assert counts.every[g] == len(own)
    assert (counts.weeks[:, -1] == counts.windows[:, WEEK]).all()


def test_lines_of_each_level_add_up():
    rng = np.random.default_rng(4)
    made = calendar()
    areas, types = 5, 4
    group = rng.integers(0, 3, 900) * types + rng.integers(0, 3, 900)
    counts = summary.count(group, areas * types, day("2023-01-01") + rng.integers(0, 731, 900) * DAY, made)
    lines = summary.make_lines(counts, areas, types, True, True)
    levels = [(lines.area < 0) & (lines.type < 0), (lines.area < 0) & (lines.type >= 0),
              (lines.area >= 0) & (lines.type < 0), (lines.area >= 0) & (lines.type >= 0)]
    assert [int(level.sum()) for level in levels] == [1, 4, 5, 9]
    for level in levels:
        assert lines.counts.every[level].sum() == 900
        assert (lines.counts.windows[level].sum(axis=0) == counts.windows.sum(axis=0)).all()
        assert (lines.counts.weeks[level].sum(axis=0) == counts.weeks.sum(axis=0)).all()
    assert len(summary.make_lines(counts, areas, types, False, False)) == 1


# --- changes ---------------------------------------------------------------------------------
def spans(before=28, now=28, covered=True):
    return (summary.Span(day("2023-01-01"), day("2023-01-01") + (before - 1) * DAY, covered),
            summary.Span(day("2024-01-01"), day("2024-01-01") + (now - 1) * DAY))


def test_z_of_published_examples():
    change = summary.compare(np.array([100, 25, 10]), np.array([80, 36, 5]), *spans())
    assert change.z == pytest.approx([-2.1114561800016816, 2.0, -1.8524], abs=1e-4)
    assert change.flag.tolist() == [0, 0, 0]
    assert change.percent[0] == pytest.approx(-20.0) and np.isnan(change.percent[1:]).all()


def test_only_three_z_and_five_incidents_stand_out():
    change = summary.compare(np.array([0, 0, 100, 64, 400]), np.array([4, 5, 132, 100, 300]), *spans())
    assert change.flag.tolist() == [0, 1, 0, 1, -1]  # 0 to 4 has a z of 4, but is 4 incidents
    assert np.isnan(change.percent[:2]).all()


def test_lengths_count():
    change = summary.compare(np.array([365, 365]), np.array([366, 450]), *spans(365, 366))
    assert change.z[0] == pytest.approx(0.0, abs=1e-9) and change.percent[0] == pytest.approx(0.0)
    assert change.flag.tolist() == [0, 1]


def test_what_is_not_covered_is_unknown_not_nothing():
    change = summary.compare(np.array([0]), np.array([50]), *spans(covered=False))
    assert np.isnan(change.z[0]) and np.isnan(change.percent[0]) and change.flag[0] == 0 and change.tested == 0


def test_limits_of_a_week():
    low, high = summary.limits(np.array([16.0, 1.0, 0.0]))
    assert low.tolist() == [6.25, 0.0, 0.0] and high.tolist() == [30.25, 6.25, 2.25]
    weeks = np.full((3, 21), 16)
    weeks[:, -1] = [30, 31, 6]
    week = summary.last_week(weeks, calendar())
    assert week.mean.tolist() == [16.0] * 3 and week.flag.tolist() == [0, 1, -1]
    assert (np.sign(week.z) == [1, 1, -1]).all()
    low, high = summary.week_limits(weeks[0])
    assert len(low) == 13 and low[0] == 6.25 and high[-1] == 30.25
    unknown = summary.last_week(weeks, calendar(first="2024-12-20"))
    assert np.isnan(unknown.mean).all() and np.isnan(unknown.low).all() and not unknown.flag.any()


def test_flags_by_chance_are_as_many_as_come_out():
    """Counts at a constant rate, small and large: about as many flags as foretold, in both comparisons."""
    rng = np.random.default_rng(5)
    rates = np.repeat([1.0, 4.0, 12.0, 60.0, 1500.0], 4000)
    before, now = rng.poisson(rates), rng.poisson(rates)
    change = summary.compare(before, now, *spans())
    assert np.abs(change.flag).sum() == pytest.approx(change.by_chance, rel=0.1)
    weeks = rng.poisson(rates[:, None], (len(rates), 21))
    week = summary.last_week(weeks, calendar())
    assert np.abs(week.flag).sum() == pytest.approx(week.by_chance, rel=0.2)
    assert week.by_chance < 0.01 * len(rates) < change.by_chance < 0.04 * len(rates)


def test_sparkline():
    covered = np.ones(5, dtype=bool)
    assert summary.sparkline(np.array([0, 1, 7, 14, 14]), covered) == "▁▂▅██"
    assert summary.sparkline(np.zeros(5, int), covered) == "▁▁▁▁▁"
    covered[0] = False
    assert summary.sparkline(np.array([0, 0, 0, 1, 2]), covered) == "·▁▁▅█"
    assert summary.sparkline(np.zeros(2, int), np.zeros(2, bool)) == "··"


def test_cancelling_is_heard():
    class Stop(Exception):
        pass

    def stop(fraction):
        raise Stop

    with pytest.raises(Stop):
        summary.count(np.zeros(3, int), 1, np.full(3, day("2024-12-31")), calendar(), stop)
    assert NOW < BEFORE < YEAR_AGO
