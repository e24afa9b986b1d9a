"""Two periods compared: days counted right, words that need more than a percentage, doubts found."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.errors import InputError
from hotspot_plugin.analysis.evaluation import compareperiods as comparing
from hotspot_plugin.analysis.evaluation.compareperiods import Period, compare


def day(text):
    return np.datetime64(text, "D")


def period(start, end):
    return Period(day(start), day(end))


# --- periods ---------------------------------------------------------------------------------
def test_both_ends_are_included_and_leap_days_count():
    assert period("2023-01-01", "2023-12-31").days == 365
    assert period("2024-01-01", "2024-12-31").days == 366
    assert period("2024-02-29", "2024-02-29").days == 1
    held = period("2023-03-01", "2023-03-31").holds(np.array(
        ["2023-02-28T23:59:59", "2023-03-01", "2023-03-31T23:59:59.999", "2023-04-01", "NaT"], "datetime64[ms]"))
    assert held.tolist() == [False, True, True, False, False]


def test_whole_months():
    assert period("2024-02-01", "2024-02-29").whole_months
    assert not period("2023-02-01", "2023-02-27").whole_months
    assert not period("2023-02-02", "2023-02-28").whole_months


@pytest.mark.parametrize(
    ("days", "parameter", "words"),
    [
        (("2023-02-01", "2023-01-01", "2024-01-01", "2024-01-31"), "BEFORE_END", "ends"),
        (("2023-01-01", "2023-01-31", "2024-01-31", "2024-01-01"), "AFTER_END", "ends"),
        (("2024-01-01", "2024-01-31", "2023-01-01", "2023-01-31"), "AFTER_START", "earlier period as BEFORE"),
        (("2023-01-01", "2023-06-30", "2023-06-30", "2023-12-31"), "AFTER_START", "overlap from 2023-06-30"),
    ],
)
def test_periods_that_make_no_sense_are_refused(days, parameter, words):
    with pytest.raises(InputError, match=words) as caught:
        comparing.make_periods(*map(day, days))
    assert caught.value.parameter == parameter


def test_half_months_are_refused_where_dates_say_only_the_month():
    whole = period("2017-07-01", "2017-07-31")
    comparing.refuse_split_months(whole, period("2018-07-01", "2018-07-31"), "layer")
    with pytest.raises(InputError, match="2018-07-01 to 2018-07-31") as caught:
        comparing.refuse_split_months(whole, period("2018-07-10", "2018-07-31"), "layer")
    assert caught.value.parameter == "AFTER_END"


# --- comparison ------------------------------------------------------------------------------
def test_robbery_in_west_yorkshire():
    """PRACTICE: +32 % of all records is +49 % of the located ones (247 to 327 and 201 to 299)."""
    whole, located = compare([247], [327], 31, 31), compare([201], [299], 31, 31)
    assert whole.percent[0] == pytest.approx(32.39, abs=0.01) and located.percent[0] == pytest.approx(48.76, abs=0.01)
    assert whole.percent_low[0] == pytest.approx(11.88, abs=0.01)
    assert whole.percent_high[0] == pytest.approx(56.81, abs=0.01)
    assert whole.beyond_chance()


def test_no_percentage_of_nothing():
    result = compare([0, 4, 0], [7, 0, 0], 30, 30)
    assert np.isnan(result.percent).tolist() == [True, False, True]
    assert result.percent[1] == -100 and result.difference.tolist() == [7, -4, 0]
    assert np.isnan(result.p[2]) and np.isnan(result.q[2]) and result.empty.tolist() == [False, False, True]
    assert result.z[2] == 0


def test_words_need_more_than_a_percentage():
    # 1 to 3 is +200 %; 100 to 104 is certain of nothing; 10 to 14 is no proof; 100 to 160 is
    result = compare([1, 100, 10, 100, 160, 0], [3, 104, 14, 160, 100, 4], 30, 30)
    assert result.code.tolist() == [0, 0, 0, 2, -2, 0]
    assert result.p[5] > 0.04  # 0 to 4 looks striking and is not


def test_a_change_of_four_gets_no_word_however_sure():
    sure = compare([0], [4], 300, 3)  # four in three days after none in 300
    assert sure.p[0] < 1e-3 and sure.code[0] == 0


def test_perhaps_is_for_a_z_that_the_number_of_areas_explains_away():
    previous, current = np.full(400, 20), np.full(400, 20)
    current[0] = 36  # z 3.06, p 0.03
    result = compare(previous, current, 30, 30)
    assert result.z[0] > 3 and result.p[0] < 0.05 and result.q[0] > 0.05
    assert result.code[0] == comparing.PERHAPS_MORE and not result.code[1:].any()


def test_unequal_lengths_are_compared_per_day():
    result = compare([31], [28], 31, 28)
    assert result.percent[0] == pytest.approx(0.0) and result.expected[0] == pytest.approx(28.0)
    assert result.z[0] == pytest.approx(0.0) and result.difference[0] == -3


def test_chance_alone_gives_words_to_few_areas():
    rng = np.random.default_rng(6)
    false = [np.any(np.abs(compare(m, k, 365, 366).code) == 2)
             for m, k in ((rng.poisson(12, 300), rng.poisson(12, 300)) for _ in range(100))]
    assert np.mean(false) <= 0.07


def test_types_that_make_the_change():
    before = np.array(["a"] * 100 + ["b"] * 200 + ["c"] * 50 + [None] * 5, object)
    after = np.array(["a"] * 180 + ["b"] * 215 + ["c"] * 15 + [None] * 5, object)
    types = comparing.by_type(before, after, 30, 30)
    whole = compare([355], [415], 30, 30)
    assert types.names == ["a", "c", "b", ""]
    assert types.result.change.tolist() == [80, -35, 15, 0]
    assert [types.names[i] for i in types.drivers(whole)] == ["a"]
    assert [types.names[i] for i in types.against(whole)] == ["c"]


def test_types_at_unequal_lengths_and_new_types():
    types = comparing.by_type(np.array(["a"] * 31, object), np.array(["a"] * 28 + ["new"] * 9, object), 31, 28)
    assert types.names == ["new", "a"] and types.result.change[1] == pytest.approx(0.0)
    assert np.isnan(types.result.percent[0])


# --- doubts ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("before", "after", "gap"),
    [
        (("2023-01-01", "2023-12-31"), ("2024-01-01", "2024-12-31"), 0),
        (("2023-07-01", "2023-07-31"), ("2024-07-01", "2024-07-31"), 0),
        (("2024-01-01", "2024-01-28"), ("2024-01-29", "2024-02-25"), 28),
        (("2023-12-15", "2024-01-15"), ("2024-12-15", "2025-01-15"), 1),
        (("2023-01-01", "2023-06-30"), ("2023-07-01", "2023-12-31"), 182),
    ],
)
def test_season(before, after, gap):
    assert comparing.season_gap(period(*before), period(*after)) == pytest.approx(gap, abs=1)


def test_silence_at_the_ends_of_a_period():
    rng = np.random.default_rng(1)
    days = day("2024-01-20") + rng.integers(0, 300, 2000).astype("m8[D]")
    start, end = comparing.silent_days(days, period("2024-01-01", "2024-12-31"), False)
    assert start == 19 and end == 47
    few = day("2024-01-20") + np.array([0, 100, 300], "m8[D]")
    assert comparing.silent_days(few, period("2024-01-01", "2024-12-31"), False) == (0, 0)  # chance explains that
    months = np.array(["2024-01-01", "2024-12-01"], "datetime64[D]").repeat(500)
    assert comparing.silent_days(months, period("2024-01-01", "2024-12-31"), True) == (0, 0)


def test_late_records():
    rng = np.random.default_rng(2)
    year = period("2024-01-01", "2024-12-31")
    full = day("2024-01-01") + rng.integers(0, 366, 5000).astype("m8[D]")
    assert comparing.late_drop(full, year, False) is None
    thin = full[(full < day("2024-12-18")) | (rng.random(5000) < 0.4)]
    drop = comparing.late_drop(thin, year, False)
    assert drop.days == 14 and drop.count < 0.6 * drop.expected
    assert comparing.late_drop(thin, period("2024-12-01", "2024-12-31"), False) is None  # too short to tell
