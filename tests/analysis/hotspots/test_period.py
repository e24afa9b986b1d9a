"""Which incidents belong to the period."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.errors import InputError
from hotspot_plugin.analysis.hotspots import period

DAYS = np.array(["2023-01-01T10:00", "2023-06-30T23:59", "2023-12-31T00:00", "2024-02-01T00:00", "NaT"], "M8[ms]")
BY_DAY, BY_MONTH = np.array(["day"] * 5, object), np.array(["month"] * 5, object)


def test_all_of_it():
    split = period.split(DAYS, BY_DAY)
    assert split.used.all()  # without a choice of days, undated incidents stay
    assert (split.period.start, split.period.end) == (np.datetime64("2023-01-01"), np.datetime64("2024-02-01"))
    assert split.period.months == pytest.approx(397 / (365.25 / 12))


def test_month_only_dates_reach_to_the_end_of_the_month():
    assert period.split(DAYS, BY_MONTH).period.end == np.datetime64("2024-02-29")
    july = period.split(np.array(["2016-07-01"] * 3, "M8[ms]"), np.array(["month"] * 3, object))
    assert july.period.months == pytest.approx(31 / (365.25 / 12))


def test_window_and_last_day_are_both_included():
    split = period.split(DAYS, BY_DAY, np.datetime64("2023-12-31"), 185)
    assert split.period.start == np.datetime64("2023-06-30")
    assert split.used.tolist() == [False, True, True, False, False]
    assert (split.before, split.after) == (1, 1)


def test_held_out_incidents():
    split = period.split(DAYS, BY_DAY, test_from=np.datetime64("2023-12-31"))
    assert split.used.tolist() == [True, True, False, False, False]
    assert split.held_out.tolist() == [False, False, True, True, False]
    assert split.period.end == np.datetime64("2023-12-30")


def test_a_stray_date_does_not_stretch_the_period():
    days = np.r_[np.datetime64("1970-01-01"), np.arange("2023-01-01", "2023-12-31", dtype="M8[D]")].astype("M8[ms]")
    split = period.split(days, np.array(["day"] * days.size, object))
    assert split.stray == 1
    assert split.used.all()
    assert split.period.months == pytest.approx(12, abs=0.1)


@pytest.mark.parametrize(
    ("choice", "name"),
    [({"window": 10, "as_of": np.datetime64("2010-01-01")}, "WINDOW"),
     ({"as_of": np.datetime64("2010-01-01")}, "AS_OF"),
     ({"test_from": np.datetime64("2000-01-01")}, "TEST_FROM")],
)  # fmt: skip
def test_nothing_left_is_refused(choice, name):
    with pytest.raises(InputError) as caught:
        period.split(DAYS, BY_DAY, **choice)
    assert caught.value.parameter == name


def test_no_dates_at_all():
    none = np.array(["NaT"] * 5, "M8[ms]")
    assert period.split(none, BY_DAY).period is None
    with pytest.raises(InputError, match="no period can be chosen"):
        period.split(none, BY_DAY, window=28)
