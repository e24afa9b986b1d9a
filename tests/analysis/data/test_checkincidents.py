"""Findings on places, dates and repeats, each on data with a known fault."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hotspot_plugin.analysis.data import checkincidents as c


@pytest.fixture
def town():
    rng = np.random.default_rng(3)
    return np.column_stack([rng.normal(-1.5, 0.05, 500), rng.normal(53.8, 0.03, 500)])


def test_a_typing_error_is_far_and_a_second_town_is_not(town):
    second = town[:60] + [0.6, 0.4]
    single = np.array([[-0.4, 53.2], [-1.5, 5.38], [np.nan, np.nan]])
    far = c.far_places(np.vstack([town, second, single]))
    assert np.flatnonzero(far).tolist() == [560, 561]


def test_few_or_equal_places_are_never_far():
    assert not c.far_places(np.array([[0.0, 0.0]] * 19 + [[9.0, 9.0]])[:19]).any()
    assert not c.far_places(np.full((50, 2), 3.0)).any()
    assert c.far_places(np.vstack([np.full((50, 2), 3.0), [[4.0, 3.0]]])).sum() == 1


def test_a_county_of_a_hundred_kilometres_has_no_far_place(shared_data):
    rows = pd.read_csv(shared_data("messy_small/northumbria_asb.tab.gz"), sep="\t")
    assert not c.far_places(rows[["longitude", "latitude"]].to_numpy() * [60.0, 111.0]).any()


def test_swapped_and_mirrored(town):
    xy = np.vstack([town, town[:1, ::-1], town[:1] * [-1, 1], [[30.0, 30.0]]])
    suspects = np.zeros(len(xy), bool)
    suspects[-3:] = True
    swapped, mirrored = c.swapped_or_mirrored(xy, suspects)
    assert np.flatnonzero(swapped).tolist() == [500]
    assert np.flatnonzero(mirrored).tolist() == [501]


def test_rounding_of_coordinates():
    rng = np.random.default_rng(1)
    plain = rng.uniform(-90, -89, 1000)
    assert c.coordinate_step(np.round(plain, 3), 2e-8) == pytest.approx(0.001)
    assert c.coordinate_step(np.round(plain, 3) + 1e-9, 2e-8) == pytest.approx(0.001)
    assert c.coordinate_step(plain, 2e-8) == 0
    assert c.coordinate_step(np.round(plain * 1000) * 100, 1e-6) == 100
    assert c.coordinate_step(np.array([1.0, 2.0] * 50), 1e-6) == 0


def test_a_place_of_all_types_is_mixed_and_a_shop_is_not():
    rng = np.random.default_rng(2)
    types = np.array(["Theft", "Assault", "Burglary", "Fraud"], object)[rng.integers(0, 4, 1000)]
    keys = np.array([f"p{k}" for k in range(1000)], object)
    keys[:40], keys[40:90], keys[990:] = "station", "shop", None
    types[40:90] = "Theft"
    first, second = c.busiest_places(keys, types, 2)
    assert (first.row, first.rows, first.top_type, first.top_share, first.mixed) == (40, 50, "Theft", 1.0, False)
    assert (second.row, second.rows, second.types, second.mixed) == (0, 40, 4, True)
    assert second.share == pytest.approx(40 / 990)
    assert c.busiest_places(np.array([None, ""], object), None) == []
    assert c.busiest_places(keys, None, 1)[0].top_type == ""


def days(*texts):
    return np.array(texts, "M8[ms]")


def test_future_and_reversed():
    assert c.future(days("2024-01-01T23:59", "2024-01-02", "NaT"), np.datetime64("2024-01-01")).tolist() == [
        False, True, False]
    start = days("2024-01-02T10:00", "2024-01-02", "2024-01-02T10:00")
    end = days("2024-01-02T09:00", "2024-01-02", "NaT")
    assert c.reversed_spans(start, end).tolist() == [True, False, False]
    assert c.reversed_spans(start, end, np.array(["day"] * 3, object)).tolist() == [False] * 3


def test_new_york_records_of_earlier_years_are_backdated(shared_data):
    """The file holds thefts of 2014 to 2017 and 62 that began in 2010 to 2013 (counted with awk)."""
    rows = pd.read_csv(shared_data("nyc/nyc_vehicle_thefts_2014_2017.csv.gz"))
    start = pd.to_datetime(rows["date_start"]).to_numpy().astype("M8[ms]")
    mask, begin = c.backdated(start)
    assert begin == np.datetime64("2014-01")
    assert mask.sum() == (start < np.datetime64("2014-01-01")).sum() == 62


def test_short_series_are_not_backdated():
    mask, begin = c.backdated(days("2024-01-01", "2024-02-01"))
    assert not mask.any() and np.isnat(begin)


def test_heaping():
    values = days("2024-01-01T00:00", "2024-01-02T12:00", "2024-01-03T13:07", "2024-01-03T14:05", "NaT")
    found = c.heaping(values, np.ones(5, bool))
    assert (found.rows, found.midnight, found.noon, found.full_hour, found.five) == (4, 0.25, 0.25, 0.5, 0.75)
    assert found.by_hour[[0, 12, 13, 14]].tolist() == [1, 1, 1, 1]
    assert c.heaping(values, np.zeros(5, bool)).rows == 0


def test_report_lag_and_complete_to():
    start = np.datetime64("2023-01-01", "ms") + np.arange(365) * np.timedelta64(1, "D")
    lag = np.resize([0] * 18 + [10, 20], 365)
    reported = start + lag * np.timedelta64(1, "D")
    reported[3] = start[3] + np.timedelta64(400, "D")
    reported[5] = start[5] - np.timedelta64(2, "D")
    reported[7] = np.datetime64("NaT")
    found = c.report_lag(start, reported)
    assert (found.rows, found.median, found.negative) == (363, 0.0, 1)
    assert np.flatnonzero(found.late).tolist() == [3]
    last = np.nanmax(reported.astype("M8[D]"))
    assert found.complete_to == last - np.timedelta64(int(np.ceil(found.p95)), "D")
    assert np.isnat(c.report_lag(start[:2], days("NaT", "NaT")).complete_to)


def test_last_full():
    daily = np.repeat(np.datetime64("2023-01-01", "ms") + np.arange(105) * np.timedelta64(1, "D"), 5)
    assert c.last_full(daily, False) == np.datetime64("2023-04-15")
    thin = np.concatenate([daily, np.array(["2023-04-18", "2023-04-22"], "M8[ms]")])
    assert c.last_full(thin, False) == np.datetime64("2023-04-15")
    months = np.repeat(np.array([f"2023-{m:02d}-01" for m in range(1, 13)], "M8[ms]"), [9] * 11 + [2])
    assert c.last_full(months, True) == np.datetime64("2023-11-30")
    assert np.isnat(c.last_full(days("NaT"), False))


def test_gaps():
    daily = np.repeat(np.datetime64("2023-01-01", "ms") + np.arange(100) * np.timedelta64(1, "D"), 12)
    assert c.gaps(daily, False) == []
    hole = daily[(daily < np.datetime64("2023-02-01")) | (daily > np.datetime64("2023-02-03"))]
    assert c.gaps(hole, False) == [(np.datetime64("2023-02-01"), np.datetime64("2023-02-03"))]
    sparse = daily[::40]
    assert c.gaps(sparse, False) == []
    months = np.repeat(np.array(["2023-01-01", "2023-02-01", "2023-04-01", "2023-05-01"], "M8[ms]"), 20)
    assert c.gaps(months, True) == [(np.datetime64("2023-03-01"), np.datetime64("2023-03-31"))]


def test_repeats_need_a_number():
    dates = days("2024-01-01", "2024-01-01", "2024-01-01", "2024-01-02", "2024-01-01")
    types = np.array(["A", "A", "A", "A", "A"], object)
    ids = np.array(["1", "1", "2", "2", None], object)
    found = c.repeats(ids, [dates, types])
    assert found.repeat_id.tolist() == [False, True, False, True, False]
    assert found.same_row.tolist() == [False, True, False, False, False]
    assert found.identical == 3
    without = c.repeats(None, [dates, types])
    assert not without.repeat_id.any() and not without.same_row.any()
    assert without.identical == 3


def test_identical_rows_of_northumbria_are_counted_and_no_error(shared_data):
    """14,005 of 39,706 rows repeat another one in every field; none has a number."""
    rows = pd.read_csv(shared_data("messy_small/northumbria_asb.tab.gz"), sep="\t", dtype=str)
    found = c.repeats(None, [rows[name].to_numpy(object) for name in rows.columns])
    assert (found.identical, len(rows), found.same_row.sum()) == (14_005, 39_706, 0)


def test_codes():
    n = 4
    masks = {c.FAR: np.array([1, 0, 0, 0], bool), c.MIDNIGHT: np.array([1, 1, 0, 0], bool),
             c.SAME_ROW: np.array([0, 0, 1, 0], bool)}
    ok, codes = c.codes_of(masks, n)
    assert ok.tolist() == [False, True, False, True]
    assert codes.tolist() == ["far,default_time", "default_time", "same_row", None]
    ok, codes = c.codes_of({}, 2)
    assert ok.all() and codes.tolist() == [None, None]
