"""Periods made from their last day: the days of each preset, leap days, fiscal years, months."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.errors import InputError
from hotspot_plugin.analysis.evaluation import presets


def day(text):
    return np.datetime64(text, "D")


def made(preset, last, **more):
    before, after = presets.make_preset(preset, day(last), **more)
    return tuple(str(value) for period in (before, after) for value in (period.start, period.end))


@pytest.mark.parametrize(
    ("preset", "last", "expected"),
    [
        (presets.LAST_28, "2023-03-31", ("2023-02-04", "2023-03-03", "2023-03-04", "2023-03-31")),
        (presets.LAST_28, "2024-03-10", ("2024-01-15", "2024-02-11", "2024-02-12", "2024-03-10")),
        (presets.SAME_28, "2023-03-31", ("2022-03-04", "2022-03-31", "2023-03-04", "2023-03-31")),
        (presets.SAME_28, "2024-02-29", ("2023-02-01", "2023-02-28", "2024-02-02", "2024-02-29")),
        (presets.SAME_28, "2025-03-10", ("2024-02-12", "2024-03-10", "2025-02-11", "2025-03-10")),
        (presets.WEEK_AND_MEAN, "2023-03-31", ("2023-01-28", "2023-03-24", "2023-03-25", "2023-03-31")),
        (presets.YEAR, "2023-10-05", ("2022-01-01", "2022-10-05", "2023-01-01", "2023-10-05")),
        (presets.YEAR, "2024-02-29", ("2023-01-01", "2023-02-28", "2024-01-01", "2024-02-29")),
        (presets.YEAR, "2024-01-01", ("2023-01-01", "2023-01-01", "2024-01-01", "2024-01-01")),
        (presets.YEAR, "2024-12-31", ("2023-01-01", "2023-12-31", "2024-01-01", "2024-12-31")),
        (presets.FISCAL_YEAR, "2024-03-31", ("2022-04-01", "2023-03-31", "2023-04-01", "2024-03-31")),
        (presets.FISCAL_YEAR, "2024-04-01", ("2023-04-01", "2023-04-01", "2024-04-01", "2024-04-01")),
    ],
)
def test_days_of_each_preset(preset, last, expected):
    assert made(preset, last) == expected


def test_fiscal_years_begin_with_any_month():
    assert made(presets.FISCAL_YEAR, "2024-09-30", fiscal_start=10) == (
        "2022-10-01", "2023-09-30", "2023-10-01", "2024-09-30")
    assert made(presets.FISCAL_YEAR, "2024-02-29", fiscal_start=7) == (
        "2022-07-01", "2023-02-28", "2023-07-01", "2024-02-29")
    for last in ("2024-02-29", "2023-06-30"):
        assert made(presets.FISCAL_YEAR, last, fiscal_start=1) == made(presets.YEAR, last)
    assert str(presets.year_start(day("1969-11-05"), 12)) == "1968-12-01"


def test_lengths_and_order_hold_on_every_day_of_eight_years():
    lengths = {presets.LAST_28: (28, 28), presets.SAME_28: (28, 28), presets.WEEK_AND_MEAN: (56, 7)}
    for last in np.arange(day("2019-01-01"), day("2027-01-01")):
        for preset in range(presets.LAST_28, presets.FISCAL_YEAR + 1):
            before, after = presets.make_preset(preset, last, 7)
            assert before.end < after.start <= after.end == last
            if preset in lengths:
                assert (before.days, after.days) == lengths[preset]
            else:
                assert abs(before.days - after.days) <= 1


def test_dates_of_months_allow_years_to_date_only():
    assert made(presets.YEAR, "2025-03-15", monthly=True) == ("2024-01-01", "2024-02-29", "2025-01-01", "2025-02-28")
    assert made(presets.YEAR, "2024-02-29", monthly=True) == ("2023-01-01", "2023-02-28", "2024-01-01", "2024-02-29")
    for preset in (presets.LAST_28, presets.SAME_28, presets.WEEK_AND_MEAN):
        with pytest.raises(InputError, match="no more than the month") as caught:
            made(preset, "2025-03-31", monthly=True)
        assert caught.value.parameter == "PRESET"


def test_the_last_day_ignores_errors_far_ahead_and_a_day_cut_off():
    moments = np.arange("2024-01-01", "2024-06-30T12", dtype="datetime64[h]").astype("datetime64[ms]")
    precision = np.full(len(moments), "minute", dtype=object)
    assert presets.last_day(moments, precision, False) == day("2024-06-29")
    wrong = np.append(moments, np.array(["2042-01-01", "NaT"], "datetime64[ms]"))
    assert presets.last_day(wrong, np.append(precision, ["day", ""]), False) == day("2024-06-29")
    with pytest.raises(InputError, match="no|No"):
        presets.last_day(np.array(["NaT"], "datetime64[ms]"), np.array([""]), False)
