"""Coordinates, types, merging, place keys and unknown clock times."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.data import prepareincidents as p
from hotspot_plugin.analysis.errors import InputError
from hotspot_plugin.analysis.timeline import Times


def column(*values):
    out = np.empty(len(values), object)
    out[:] = values
    return out


def test_decimal_comma_point_and_words_for_nothing():
    values, missing = p.read_coordinates(column("6,25722555000", "-75.5", " 12 ", None, "NA", "", "x", "−3,5", "1e2"))
    np.testing.assert_array_equal(values, [6.25722555, -75.5, 12, np.nan, np.nan, np.nan, np.nan, -3.5, 100])
    assert missing.tolist() == [False, False, False, True, True, True, False, False, False]


def test_commas_between_thousands_and_hemispheres():
    values, _ = p.read_coordinates(column("1,176,096.5", "956,123", "1,871,205"))
    assert values.tolist() == [1176096.5, 956123, 1871205]
    values, _ = p.read_coordinates(column("1.176.096,5", "51.5N", "0,12 W", "12.5°"))
    assert values.tolist() == [1176096.5, 51.5, -0.12, 12.5]


def test_every_row_has_one_state():
    x = np.array([0.0, -0.1, np.nan, 0, 200, np.nan])
    y = np.array([51.5, 51.5, 51.5, 0, 10, np.nan])
    missing = np.array([False, False, False, False, False, True])
    assert p.locate(x, y, missing, True).tolist() == [p.PLACED, p.PLACED, p.NO_NUMBERS, p.ZERO, p.PLACED,
                                                      p.NO_COORDINATES]
    many = np.array([10.0, 10, 10]), np.array([95.0, 50, 50])
    assert p.locate(*many, np.zeros(3, bool), True).tolist() == [p.IMPOSSIBLE, p.PLACED, p.PLACED]
    assert p.locate(np.array([0.0, 5e5]), np.array([5e6, 5e6]), np.zeros(2, bool), False).tolist() == [p.ZERO, p.PLACED]


def test_swapped_fields_are_refused_with_the_row():
    y, x = np.array([0, -112.0, -111.9]), np.array([0, 33.4, 33.5])
    with pytest.raises(InputError, match="swapped") as caught:
        p.locate(x, y, np.zeros(3, bool), True)
    assert caught.value.parameter == "Y_FIELD" and "row 2" in str(caught.value)


def test_degrees_are_recognised():
    assert p.looks_geographic(np.array([-122.4, 0, np.nan]), np.array([37.8, 0, 1]))
    assert not p.looks_geographic(np.array([490284.0]), np.array([5458343.0]))
    assert not p.looks_geographic(np.array([np.nan]), np.array([np.nan]))


def test_types():
    types = column("Burglary", " burglary", "Robbery", None, "Assault, aggravated")
    kept, absent = p.select_types(types, ["BURGLARY", "Arson"])
    assert kept.tolist() == [True, True, False, False, False]
    assert absent == ["Arson"]
    with pytest.raises(InputError, match="None of the types Arson occurs. The types are: "):
        p.select_types(types, ["Arson"])
    assert p.list_of("Assault, aggravated", types[[0, 4]]) == ["Assault, aggravated"]
    assert p.list_of("Burglary; Assault, aggravated\nRobbery") == ["Burglary", "Assault, aggravated", "Robbery"]
    assert p.list_of("Burglary, Robbery") == ["Burglary", "Robbery"]


def test_most_serious_row_stands_for_the_incident():
    ids = column("A", "A", "B", None, "A", "B", " ")
    types = column("Theft", "Robbery", "Theft", "Theft", "Murder", "Theft", "Theft")
    rank, unlisted = p.severity_rank(types, ["Murder", "Robbery"])
    assert unlisted == ["Theft"]
    x = np.array([1.0, 2, 3, 4, np.nan, 900, 5])
    merged = p.merge_rows(ids, rank, x, np.zeros(7), np.array([True, True, True, True, False, True, True]))
    assert merged.chosen.tolist() == [2, 3, 4, 6]
    assert merged.rows.tolist() == [2, 1, 3, 1]
    assert merged.rows.sum() == 7
    # the murder has neither place nor date: both come from the next serious row
    assert merged.place_from.tolist() == [2, 3, 1, 6]
    assert merged.date_from.tolist() == [2, 3, 1, 6]
    assert (merged.without_id, merged.apart) == (2, 1)


def test_first_row_and_nothing_to_merge():
    nowhere = np.full(2, np.nan)
    merged = p.merge_rows(column("A", "A"), np.zeros(2, np.int64), nowhere, nowhere, np.ones(2, bool))
    assert merged.chosen.tolist() == [0] and merged.rows.tolist() == [2]
    empty = p.merge_rows(column(), np.zeros(0, np.int64), np.zeros(0), np.zeros(0), np.zeros(0, bool))
    assert len(empty.chosen) == 0


def test_place_keys():
    addresses = column("12 High  St.", "12 high st", "Car Park", "Car park", None, "Withheld",
                       "12 High St", "No Location")
    x = np.array([100.0, 120, 0, 5000, 7.4, np.nan, np.nan, np.nan])
    keys = p.place_keys(addresses, x, np.zeros(8))
    assert keys.tolist() == ["12 HIGH ST", "12 HIGH ST", "CAR PARK @ 0 0", "CAR PARK @ 5000 0", "7 0", "",
                             "12 HIGH ST", ""]
    assert p.place_keys(None, x[:3], np.zeros(3)).tolist() == ["100 0", "120 0", "0 0"]
    assert len(p.place_keys(None, np.zeros(0), np.zeros(0))) == 0


def times(clocks, precision="minute"):
    values = np.array([f"2023-03-04T{c}" for c in clocks], "M8[ms]")
    return Times(values, np.array([precision] * len(values), object), np.zeros(0))


def test_midnight_is_unknown_only_where_it_is_heaped():
    usual = [f"{h:02d}:00" for h in range(24)] * 10 + ["13:37"] * 5
    assert p.known_clock(times(usual)).default_rows == 0
    heaped = p.known_clock(times(usual + ["00:00"] * 50))
    assert (heaped.defaults, heaped.default_rows) == (["00:00"], 60)
    assert p.known_clock(times(usual + ["00:00"] * 50), "none").known.all()
    noon = p.known_clock(times(usual), "12:00; 00:00")
    assert (noon.defaults, noon.default_rows) == (["12:00", "00:00"], 20)
    assert not p.known_clock(times(usual, "day")).known.any()
    with pytest.raises(InputError, match="no clock time"):
        p.known_clock(times(usual), "midnight")


def test_what_a_type_loses():
    types = column(*["A"] * 100, *["B"] * 20, *["C"] * 3, *["D"] * 4)
    located = np.ones(127, bool)
    located[:15] = located[100:104] = False
    located[120:123] = False
    located[123] = False
    table = p.by_type(types, located)
    assert [(t.name, t.rows, t.located) for t in table] == [("A", 100, 85), ("B", 20, 16), ("D", 4, 3), ("C", 3, 0)]
    # exactly 15 % is borne; a few rows are no pattern, but a type that is lost is told
    assert [t.name for t in p.lost_types(table)] == ["C", "B"]
