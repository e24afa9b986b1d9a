"""The window and the one before it, and the last day that is recorded fully."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.errors import InputError
from hotspot_plugin.analysis.hotspots import windows as timing


def day(text):
    return np.datetime64(text, "D")


def every(hours, first, last):
    start, end = np.datetime64(first, "ms"), np.datetime64(last, "ms")
    return np.arange(start, end, np.timedelta64(hours * 3600_000, "ms"))


def made(moments, precision="minute", as_of=None, window=365):
    return timing.make_windows(moments, np.full(len(moments), precision, object), as_of, window)


def test_two_windows_of_the_same_length():
    windows = made(every(1, "2022-01-01", "2025-01-01"), as_of=day("2024-12-31"), window=366)
    assert (windows.start, windows.end, windows.before) == (day("2024-01-01"), day("2024-12-31"), day("2022-12-31"))
    assert windows.days == 366 and windows.covered and windows.complete
    moments = np.array(["2023-12-31T23:59", "2024-01-01T00:00", "2024-12-31T23:59", "2025-01-01", "NaT"], "M8[ms]")
    assert windows.holds(moments).tolist() == [False, True, True, False, False]
    assert windows.holds_before(moments).tolist() == [True, False, False, False, False]


def test_by_default_the_window_ends_on_the_last_complete_day():
    assert made(every(1, "2023-01-01", "2025-01-01")).end == day("2024-12-31")
    # an export made at noon: nothing for twelve hours where 24 a day are usual
    assert made(every(1, "2023-01-01", "2024-12-31T12:00")).end == day("2024-12-30")
    # with one incident in two days twelve silent hours say nothing
    assert made(every(48, "2022-01-01", "2024-12-31T12:00")).end == day("2024-12-30")
    late = np.concatenate([every(1, "2023-01-01", "2024-12-01"), every(30, "2024-12-01", "2024-12-22")])
    assert made(late).end < day("2024-12-08")  # weeks with a few late entries only


def test_days_without_a_time_are_complete():
    moments = every(24, "2023-01-01", "2025-01-01")
    assert made(moments, "day").end == day("2024-12-31")


def test_whole_months_where_dates_say_no_more():
    months = np.repeat(np.arange("2023-01", "2025-01", dtype="M8[M]"), 40).astype("M8[ms]")
    windows = made(months, "month")
    assert (windows.start, windows.end, windows.before) == (day("2024-01-01"), day("2024-12-31"), day("2023-01-01"))
    assert windows.covered
    assert made(months, "month", day("2024-06-15"), 90).end == day("2024-05-31")
    assert made(months, "month", day("2024-06-15"), 90).start == day("2024-03-01")


def test_a_window_before_that_the_data_do_not_reach_is_not_compared():
    assert not made(every(1, "2023-06-01", "2025-01-01")).covered
    # a few backdated records do not make a year of data
    backdated = np.concatenate([every(240, "2021-01-01", "2023-06-01"), every(1, "2023-06-01", "2025-01-01")])
    assert not made(backdated).covered


def test_all_days_have_no_window_before():
    windows = made(every(5, "2023-01-01", "2025-01-01"), window=0)
    assert windows.start == day("2023-01-01") and np.isnat(windows.before) and not windows.covered
    assert not windows.holds_before(every(5, "2022-01-01", "2025-01-01")).any()


def test_dates_of_the_far_future_are_strays():
    moments = np.append(every(1, "2023-01-01", "2025-01-01"), np.datetime64("2044-05-05", "ms"))
    windows = made(moments)
    assert windows.end == day("2024-12-31") and windows.strays == 1 and not windows.holds(moments)[-1]


def test_an_end_after_the_data_is_told():
    assert not made(every(1, "2023-01-01", "2025-01-01"), as_of=day("2025-03-01")).complete


def test_refusals_name_the_remedy():
    nothing = np.full(3, np.datetime64("NaT", "ms"))
    with pytest.raises(InputError, match="WINDOW to 0") as caught:
        made(nothing)
    assert caught.value.parameter == "DATE_FIELD"
    with pytest.raises(InputError, match="dates run from 2023-01-01 to 2024-12-31") as caught:
        made(every(1, "2023-01-01", "2025-01-01"), as_of=day("2019-01-01"))
    assert caught.value.parameter == "AS_OF"
