"""Units of time around a start."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.errors import InputError
from hotspot_plugin.analysis.evaluation import panel


def day(text):
    return np.datetime64(text, "D")


def test_units_of_days_begin_with_the_start_and_mix_nothing():
    found, mixed = panel.units(day("2023-01-01"), day("2023-12-31"), day("2023-07-05"), panel.DAYS_28)
    assert found.name == "28 days" and not mixed.any() and day("2023-07-05") in found.edges
    assert (np.diff(found.edges).astype(int) == 28).all()
    assert found.edges[0] == day("2023-07-05") - 6 * 28 and found.edges[-1] == day("2023-07-05") + 6 * 28


def test_the_calendar_unit_that_holds_the_start_is_mixed():
    found, mixed = panel.units(day("2022-01-15"), day("2023-12-30"), day("2023-03-10"), panel.MONTH)
    assert found.edges[0] == day("2022-02-01") and found.edges[-1] == day("2023-12-01")  # whole months only
    assert found.edges[:-1][mixed].tolist() == [day("2023-03-01").item()]
    assert not panel.units(day("2022-01-01"), day("2023-12-31"), day("2023-03-01"), panel.MONTH)[1].any()
    quarters, mixed = panel.units(day("2022-02-01"), day("2023-12-31"), day("2023-04-01"), panel.QUARTER)
    assert quarters.edges[0] == day("2022-04-01") and len(quarters) == 7 and not mixed.any()


@pytest.mark.parametrize("start, side", [("2023-01-05", "before"), ("2023-12-20", "from")])
def test_a_start_without_a_whole_unit_on_one_side_is_refused(start, side):
    with pytest.raises(InputError, match=f"lies {side} ") as caught:
        panel.units(day("2023-01-01"), day("2023-12-31"), day(start), panel.MONTH)
    assert caught.value.parameter == "START"


def test_fields_in_order_of_time():
    after, used = panel.of_fields(np.zeros((3, 5)), 4, "FIRST_AFTER")
    assert after.tolist() == [False, False, False, True, True] and used.all()
    for first in (1, 6):
        with pytest.raises(InputError, match="between 2 and"):
            panel.of_fields(np.zeros((3, 5)), first, "FIRST_AFTER")


def test_parts_of_a_panel():
    after, used = np.array([False, False, True, True]), np.array([True, True, False, True])
    found = panel.Panel(np.ones((3, 4)), np.array([0, 1, -1], np.int8), np.ones(4), list("abcd"), after, used)
    assert found.before.sum() == 2 and found.later.tolist() == [False, False, False, True]
    assert found.treated.tolist() == [True, False, False] and found.control.tolist() == [False, True, False]
