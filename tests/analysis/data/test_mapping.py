"""Fields found by name, spelled as the export spells them, and remembered."""

from __future__ import annotations

import pytest

from hotspot_plugin.analysis.data import mapping
from hotspot_plugin.analysis.errors import InputError

POLICE_UK = ["Crime ID", "Month", "Reported by", "Falls within", "Longitude", "Latitude", "Location", "LSOA code",
             "LSOA name", "Crime type", "Last outcome category", "Context"]
VANCOUVER = ["TYPE", "YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "HUNDRED_BLOCK", "NEIGHBOURHOOD", "X", "Y"]


def test_usual_names_are_found():
    assert mapping.guess(POLICE_UK, False) == {
        "X_FIELD": "Longitude", "Y_FIELD": "Latitude", "ID_FIELD": "Crime ID", "TYPE_FIELD": "Crime type",
        "ADDRESS_FIELD": "Location", "DATE_FIELD": "Month"}
    found = mapping.guess(VANCOUVER, False)
    assert found["X_FIELD"] == "X" and found["TYPE_FIELD"] == "TYPE" and found["ADDRESS_FIELD"] == "HUNDRED_BLOCK"
    assert [found[f"{p}_FIELD"] for p in ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE")] == VANCOUVER[1:6]
    assert "DATE_FIELD" not in found


def test_chosen_fields_are_neither_replaced_nor_used_twice():
    names = ["date", "month", "longitude", "latitude", "x", "y"]
    found = mapping.guess(names, False, {"DATE_FIELD": "month", "X_FIELD": "x"})
    assert "DATE_FIELD" not in found and "X_FIELD" not in found
    assert mapping.guess(["longitude", "latitude"], True) == {}


def test_a_wrong_field_is_refused_with_the_nearest_name():
    assert mapping.check({"X_FIELD": "LONGITUDE"}, ["longitude"]) == {"X_FIELD": "longitude"}
    with pytest.raises(InputError, match="Did you mean 'longitude'") as caught:
        mapping.check({"X_FIELD": "longitud"}, ["longitude", "latitude"])
    assert caught.value.parameter == "X_FIELD"


def test_names_in_words():
    assert mapping.parse_names("X_FIELD=lon ; y_field = lat\nDATE_FIELD=Crime date") == {
        "X_FIELD": "lon", "Y_FIELD": "lat", "DATE_FIELD": "Crime date"}
    with pytest.raises(InputError, match="not understood"):
        mapping.parse_names("LON=x")


def test_round_trip():
    fields = {"X_FIELD": "lon", "Y_FIELD": "lät"}
    settings = {"CRS": "EPSG:4326", "DATE_ORDER": "dmy", "ROWS_PER": 2}
    assert mapping.loads(mapping.dumps(fields, {**settings, "TYPES": ""})) == (fields, settings)


@pytest.mark.parametrize("text", [
    "no json", "[]", '{"kind": "other"}', '{"kind": "KIND", "version": 9}',
    '{"kind": "KIND", "version": 1, "fields": {"COLOUR": "x"}}', '{"kind": "KIND", "version": 1, "fields": 7}'])
def test_other_files_are_no_mapping(text):
    with pytest.raises(InputError, match="no mapping written by this tool"):
        mapping.loads(text.replace("KIND", mapping.KIND))
