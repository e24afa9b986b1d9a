"""Roles of areas, units of time and counts that all evaluations share."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.errors import InputError
from hotspot_plugin.analysis.evaluation import design

DAY = np.datetime64


def test_roles_are_read_whatever_their_spelling():
    words = np.array(["Treated", "control ", "treated displacement", "control-displacement", None, "", "Comparison",
                      "excluded"], object)
    assert design.role_codes(words).tolist() == [0, 1, 2, 3, -1, -1, 1, -1]


def test_an_unknown_role_is_refused_with_its_row():
    with pytest.raises(InputError, match="'beat' is no role .first in row 2"):
        design.role_codes(np.array(["treated", "beat"], object))


@pytest.mark.parametrize(("codes", "kind", "words"), [
    ([1, 1], "pair", "'treated'"), ([0, 0], "pair", "'control'"), ([0, 1, 2], "pair", "'control_displacement'"),
    ([0, 1, 3], "pair", "'treated_displacement'"), ([0, 1], "needed", "'treated_displacement'")])
def test_areas_that_cannot_be_compared_are_refused(codes, kind, words):
    with pytest.raises(InputError, match=words):
        design.check_roles(np.array(codes), displacement=kind)


def test_sums_by_role_leave_out_areas_without_one():
    values = np.array([[1, 2], [3, 4], [5, 6], [100, 100]])
    assert design.role_sums(values, np.array([0, 0, 3, -1])).tolist() == [[4, 6], [0, 0], [0, 0], [5, 6]]


def test_units_end_with_the_period_and_hold_every_moment_once():
    units = design.time_units(DAY("2023-01-01"), DAY("2023-12-31"), False)
    assert len(units) == 13 and units.name == "28 days" and units.edges[-1] == DAY("2024-01-01")
    moments = np.array(["2023-12-31T23:59", "2024-01-01T00:00", "2023-01-01T00:00", "NaT"], "datetime64[ms]")
    assert units.of(moments).tolist() == [12, -1, -1, -1]  # 1 January fills no unit
    assert design.time_units(DAY("2023-01-01"), DAY("2023-03-31"), False).name == "7 days"
    assert design.time_units(DAY("2023-01-01"), DAY("2023-01-31"), False) is None
    assert len(design.time_units(DAY("2023-01-01"), DAY("2023-12-31"), True)) == 12


def test_panel_counts():
    table = design.panel(np.array([0, 0, 1, -1, 1]), np.array([0, 1, 1, 0, -1]), 2, 2)
    assert table.tolist() == [[1, 1], [0, 1]]


@pytest.mark.parametrize(("value", "words"), [(-1.0, "negative"), (2.5, "no whole number")])
def test_what_is_no_count_is_refused(value, words):
    with pytest.raises(InputError, match=words):
        design.whole_counts(np.array([3.0, np.nan, value]), "BEFORE_FIELD")
