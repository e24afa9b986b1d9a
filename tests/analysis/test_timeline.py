"""Dates as agencies write them: what is read, what is refused, what stays open."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.timeline import (
    combine,
    detect_precision,
    from_parts,
    from_values,
    parse_clocks,
    parse_texts,
)

ONE = [
    ("2019-01-02T03:04:05.123Z", "2019-01-02T03:04:05.123", "minute"),
    ("2019-01-02 03:04", "2019-01-02T03:04", "minute"),
    ("2019-01-02T03:04:05.1234567", "2019-01-02T03:04:05.123", "minute"),
    ("2019-01-02 3:04 PM", "2019-01-02T15:04", "minute"),
    ("2016-07", "2016-07-01", "month"),
    ("201607", "2016-07-01", "month"),
    ("07/2016", "2016-07-01", "month"),
    ("July 2016", "2016-07-01", "month"),
    ("2019/1/2", "2019-01-02", "day"),
    ("2019.01.02", "2019-01-02", "day"),
    ("20190131", "2019-01-31", "day"),
    ("20190131T123000", "2019-01-31T12:30", "minute"),
    ("201901311230", "2019-01-31T12:30", "minute"),
    ("20190131123059", "2019-01-31T12:30:59", "minute"),
    ("31122019", "2019-12-31", "day"),
    ("12312019", "2019-12-31", "day"),
    ("13/4/2019", "2019-04-13", "day"),
    ("4/13/2019", "2019-04-13", "day"),
    ("05/05/2019", "2019-05-05", "day"),
    ("31.12.19 23:59", "2019-12-31T23:59", "minute"),
    ("31-12-1969", "1969-12-31", "day"),
    ("31-12-69", "1969-12-31", "day"),
    ("31-12-68", "2068-12-31", "day"),
    ("25.12.2019, 13:30", "2019-12-25T13:30", "minute"),
    ("1-Apr-12", "2012-04-01", "day"),
    ("01APR2019:12:30:00", "2019-04-01T12:30", "minute"),
    ("Apr 1 2012 3:45PM", "2012-04-01T15:45", "minute"),
    ("April 1, 2012", "2012-04-01", "day"),
    ("Monday, January 5, 2015", "2015-01-05", "day"),
    ("Thu Apr 04 12:30:00 2019", "2019-04-04T12:30", "minute"),
    ("1 de abril de 2019", "2019-04-01", "day"),
    ("1er février 2019", "2019-02-01", "day"),
    ("1. März 2019 14.30 Uhr", "2019-03-01T14:30", "minute"),
    ("12/25/2019 12:05:00 AM", "2019-12-25T00:05", "minute"),
    ("12/25/2019 12:05:00 PM", "2019-12-25T12:05", "minute"),
    ("25/12/2019 1:05 p.m.", "2019-12-25T13:05", "minute"),
    ("12/25/2019 1:05\u202fPM", "2019-12-25T13:05", "minute"),
    ("2019-01-02 14h30", "2019-01-02T14:30", "minute"),
    ("2019-01-02 1430", "2019-01-02T14:30", "minute"),
    ("2019-01-02T14", "2019-01-02T14:00", "hour"),
    ("43466.5", "2019-01-01T12:00", "minute"),
    ("43467", "2019-01-02", "day"),
    (20190131, "2019-01-31", "day"),
    (43467.0, "2019-01-02", "day"),
    ("1546344000", "2019-01-01T12:00", "minute"),
    ("1546344000000", "2019-01-01T12:00", "minute"),
    (" 2019-01-02 ", "2019-01-02", "day"),
]


@pytest.mark.parametrize(("text", "value", "precision"), ONE)
def test_writings(text, value, precision):
    times = parse_texts([text])
    assert times.values[0] == np.datetime64(value, "ms")
    assert times.precision[0] == precision
    assert (times.ambiguous, times.unreadable, times.missing) == (0, 0, 0)


@pytest.mark.parametrize("text", ["foo", "2019", "2019-02-30", "2019-13-01", "31/31/2019", "8:00", "25:61", "01022019",
                                  "2019-01-02 25:00", "12/2019/01", "123456789", "x" * 200, "2019-01-02 12:30 ZZTOP"])
def test_what_is_no_date_is_unreadable_not_missing(text):
    times = parse_texts([None, "", "2019-05-06 07:08", text])
    assert (times.unreadable, times.first_unreadable, times.missing) == (1, text, 2)
    assert np.isnat(times.values[3])
    assert times.precision[3] == ""


def test_missing_words_are_missing():
    times = parse_texts(["NA", "NULL", "n/a", "-", None, float("nan"), "<Null>", "unknown"])
    assert times.missing == 8
    assert times.unreadable == 0
    assert times.order == ""


def test_a_part_above_twelve_decides_for_the_whole_column():
    day = parse_texts(["03/04/2019", "13/04/2019"])
    assert (day.order, day.ambiguous) == ("dmy", 0)
    assert day.values[0] == np.datetime64("2019-04-03")
    month = parse_texts(["03/04/2019 1:00", "04/13/2019 2:00"])
    assert (month.order, month.ambiguous) == ("mdy", 0)
    assert month.values[0] == np.datetime64("2019-03-04T01:00")


def test_open_order_is_reported_and_never_guessed():
    times = parse_texts(["03/04/2019", "03/04/2019", "05/06/2019", "07/07/2019"])
    assert (times.order, times.ambiguous, times.first_ambiguous, times.unreadable) == ("open", 3, "03/04/2019", 0)
    assert np.isnat(times.values[:3]).all()
    assert times.values[3] == np.datetime64("2019-07-07")
    assert parse_texts(["03/04/2019"], order="dmy").values[0] == np.datetime64("2019-04-03")
    assert parse_texts(["03/04/2019"], order="mdy").values[0] == np.datetime64("2019-03-04")
    assert parse_texts(["03-04-19"], order="ymd").values[0] == np.datetime64("2003-04-19")


def test_contradicting_values_are_reported():
    times = parse_texts(["03/04/2019", "04/13/2019", "13/04/2019", "14/04/2019"])
    assert (times.order, times.ambiguous, times.conflicting) == ("mixed", 1, 1)
    assert times.values[1] == times.values[2] == np.datetime64("2019-04-13")
    told = parse_texts(["03/04/2019", "04/13/2019", "13/04/2019"], order="dmy")
    assert (told.unreadable, told.first_unreadable, told.ambiguous) == (1, "04/13/2019", 0)


def test_mixed_writings_share_one_order():
    times = parse_texts(["2019-04-13", "3/4/2019", "1-Apr-12", "2016-07", "25.12.2019"])
    assert times.order == "dmy"
    assert times.values.astype("M8[D]").astype(str).tolist() == ["2019-04-13", "2019-04-03", "2012-04-01", "2016-07-01",
                                                                 "2019-12-25"]
    assert times.precision.tolist() == ["day", "day", "day", "month", "day"]


def test_offset_is_kept_apart_and_never_applied():
    times = parse_texts(["2019-06-01T12:30:00+02:00", "2019-06-01T12:30:00Z", "2019-06-01T12:30:00-0530",
                         "2019-06-01 12:30:00+00", "2019-06-01 12:30 EDT", "2019-06-01T12:30:00"])
    assert (times.values == np.datetime64("2019-06-01T12:30")).all()
    np.testing.assert_array_equal(times.offset_minutes, [120, 0, -330, 0, -240, np.nan])


def test_precision_of_a_column_of_midnights():
    assert set(parse_texts(["2019-01-05 00:00:00", "2019-02-07 00:00:00"]).precision) == {"day"}
    mixed = parse_texts(["2019-01-05 00:00:00", "2019-02-07 12:10:00"])
    assert set(mixed.precision) == {"minute"}


def test_precision_of_first_days():
    months = np.array(["2022-01-01", "2022-02-01", "2022-03-01", "2022-04-01", "2022-05-01"], "M8[ms]")
    assert set(detect_precision(months)) == {"month"}
    assert set(detect_precision(months[:3])) == {"day"}
    assert set(detect_precision(np.repeat(months[:1], 30))) == {"month"}
    assert set(detect_precision(np.repeat(months[:1], 10))) == {"day"}
    assert set(parse_texts([str(m)[:10] for m in months]).precision) == {"month"}
    assert detect_precision(np.array(["NaT", "2022-01-01T10:01"], "M8[ms]")).tolist() == ["", "minute"]
    hours = np.datetime64("2022-01-01T01", "ms") + np.arange(25) * np.timedelta64(1, "h")
    assert set(detect_precision(hours)) == {"hour"}
    assert from_values(hours).order == "iso"


def test_parts():
    times = from_parts([2023, 2023, 24, "2023", 2023, None], ["Jan", 2, 3, "4", 2, None], [5, 6, 7, 31, 28, None],
                       [12, None, 24, 1, 23, None], [30, None, 0, 1, 59, None])
    assert times.values.astype("M8[m]").astype(str).tolist() == ["2023-01-05T12:30", "2023-02-06T00:00",
                                                                 "2024-03-08T00:00", "NaT", "2023-02-28T23:59", "NaT"]
    assert times.precision.tolist() == ["minute", "day", "minute", "", "minute", ""]
    assert (times.unreadable, times.first_unreadable, times.missing) == (1, "2023-4-31-1-1", 1)
    assert from_parts([2023] * 2, [1, 2]).precision.tolist() == ["month", "month"]
    assert from_parts(["2023"], ["1"], ["5"], ["14"]).precision.tolist() == ["hour"]


def test_clocks():
    texts = ["14:30", "2:30 PM", "14.30", "14h30", "0.604166667", "1899-12-30T14:30:00", "2:30 p.m.", "14:30:00.000"]
    clock, precision, _ = parse_clocks(texts)
    assert clock.tolist() == [14 * 3_600_000 + 30 * 60_000] * len(texts)
    assert set(precision) == {"minute"}
    military, kinds, _ = parse_clocks([1430, 905, 5, 0, "2400", "2575", "x", None])
    assert (military // 60_000).tolist() == [870, 545, 5, 0, 1440, -1, -1, -1]
    assert kinds.tolist() == ["minute"] * 5 + ["", "", ""]
    hours, kinds, _ = parse_clocks(["14", "9", "0"])
    assert (hours // 3_600_000).tolist() == [14, 9, 0]
    assert set(kinds) == {"hour"}


def test_combine():
    dates = parse_texts(["2019-01-02", "2019-01-03", None, "2019-01-05"])
    times = combine(dates, ["14:30", "", "12:00", "2400"])
    assert times.values.astype("M8[m]").astype(str).tolist() == ["2019-01-02T14:30", "2019-01-03T00:00", "NaT",
                                                                 "2019-01-06T00:00"]
    assert times.precision.tolist() == ["minute", "day", "", "minute"]
    assert times.no_clock == 1
    with pytest.raises(ValueError):
        combine(dates, ["1:00"])


def test_datetimes_pass_through():
    times = parse_texts(np.array(["2019-01-02T03:04", "NaT"], "M8[s]"))
    assert times.values.dtype == "M8[ms]"
    assert times.precision.tolist() == ["minute", ""]
    assert times.missing == 1


def test_a_million_distinct_texts_equal_numpy():
    rng = np.random.default_rng(7)
    expected = np.datetime64("2015-01-01", "s") + rng.integers(0, 5 * 365 * 86_400, 200_000).astype("m8[s]")
    iso = np.datetime_as_string(expected)
    times = parse_texts(iso.astype(object))
    np.testing.assert_array_equal(times.values, expected.astype("M8[ms]"))
    american = [f"{t[5:7]}/{t[8:10]}/{t[:4]} {t[11:]}" for t in iso.tolist()]
    times = parse_texts(american)
    assert times.order == "mdy"
    np.testing.assert_array_equal(times.values, expected.astype("M8[ms]"))


def test_empty_column():
    times = parse_texts([])
    assert len(times) == 0
    assert times.order == ""
    assert len(from_parts([], [])) == 0
