"""Opening hours as people write them: minutes counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.cpted.openinghours import night_minutes, shares, week

ALL = [24.0] * 7


@pytest.mark.parametrize(("text", "hours"), [
    ("08:00-18:00", [10.0] * 7),
    ("8am-6pm", [10.0] * 7),
    ("08.00 - 18.00", [10.0] * 7),
    ("08:00\u201318:00", [10.0] * 7),
    ("12 pm-12 am", [12.0] * 7),
    ("daily 8-20", [12.0] * 7),
    ("22:00-02:00", [4.0] * 7),
    ("18:00-26:00", [8.0] * 7),
    ("24/7", ALL),
    ("Mo-Su 00:00-24:00", ALL),
    ("off", [0.0] * 7),
    ("Mo-Fr 08:00-12:00,13:00-18:00; Sa 10:00-14:00", [9, 9, 9, 9, 9, 4, 0]),
    ("Mo-Fr 08:00-18:00, Sa 10:00-14:00", [10, 10, 10, 10, 10, 4, 0]),
    ("Mo,We 9-17", [8, 0, 8, 0, 0, 0, 0]),
    ("Monday to Friday 9:00 am - 5:30 pm", [8.5, 8.5, 8.5, 8.5, 8.5, 0, 0]),
    ("Sa-Mo 10:00-12:00", [2, 0, 0, 0, 0, 2, 2]),
    ("Su-Tu 10:00+", [14, 14, 0, 0, 0, 0, 14]),
    ("Mo-Su 08:00-20:00; PH off", [12.0] * 7),
    ("Mo-Su 08:00-20:00; We off", [12, 12, 0, 12, 12, 12, 12]),
    # the night of Friday reaches into Saturday, though Saturday is closed
    ("Mo-Fr 22:00-02:00; Sa,Su off", [2, 4, 4, 4, 4, 2, 0]),
])
def test_hours_of_each_day(text, hours):
    assert (week(text).sum(axis=1) / 60).tolist() == hours


@pytest.mark.parametrize("text", ["sunrise-sunset", "Apr-Oct 10:00-18:00", "by appointment", "99-3", "", "8",
                                  "25:71-3"])
def test_what_cannot_be_read_is_not_guessed(text):
    assert week(text) is None


def test_nights():
    night = night_minutes("20:00-06:00")
    assert night.sum() == 600 and night[[0, 359, 1200, 1439]].all() and not night[[360, 1199]].any()
    assert night_minutes("22-05").sum() == 420 and night_minutes("00:00-05:00").sum() == 300
    for wrong in ("", "dark", "20:00", "00:00-24:00", "20:00-06:00, 01:00-02:00"):
        assert night_minutes(wrong) is None


def test_shares_of_day_and_night():
    texts = np.array(["08:00-18:00", None, " ", "24/7", "Mo-Fr 21:00-23:00", "by appointment", "off"], object)
    day, night, unreadable = shares(texts, night_minutes("20:00-06:00"))
    assert day.tolist() == pytest.approx([10 / 14, 1, 1, 1, 0, 1, 0])
    assert night.tolist() == pytest.approx([0, 1, 1, 1, 5 * 2 / 70, 1, 0])
    assert np.flatnonzero(unreadable).tolist() == [5]
