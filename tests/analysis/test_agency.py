"""The agency's settings as a text."""

from __future__ import annotations

import json

import pytest

from hotspot_plugin.analysis.agency import Agency, from_json
from hotspot_plugin.analysis.errors import InputError


def read(settings):
    return from_json(settings if isinstance(settings, str) else json.dumps(settings), "SETTINGS", "agency.json")


def test_what_is_written_is_read_again():
    made = Agency("Westborough", "06-14, 14-22, 22-06", 6, "Sunday", 7, "beats.gpkg|layername=beats", "name",
                  "types.csv", "stations.gpkg", "*STATION*", 10, 5, "us", ("en", "es"))
    assert read(made.to_json()) == made
    assert read("{}") == Agency() and not Agency().settled()


def test_other_scripts_stay_as_they_are():
    assert read(Agency(agency="Полиция Łódź").to_json()).agency == "Полиция Łódź"
    assert "Łódź" in Agency(agency="Łódź").to_json()


@pytest.mark.parametrize("settings, words", [
    ("[", "no JSON file"),
    ("[1]", "holds no settings"),
    ({"min_pubic": 10}, "no setting 'min_pubic' (min_public?)"),
    ({"zzz": 1}, "no setting 'zzz'."),
    ({"min_public": 0}, "min_public cannot be '0'"),
    ({"min_public": "10"}, "whole number from 1 to 1000"),
    ({"min_public": True}, "whole number"),
    ({"day_start": 24}, "from 0 to 23"),
    ({"fiscal_start": 13}, "from 1 to 12"),
    ({"week_start": "Mon"}, "Give one of Monday"),
    ({"units": "feet"}, "Give one of metric, us"),
    ({"shifts": "morning"}, "'morning' is not a shift"),
    ({"languages": "en"}, "list of language codes"),
    ({"languages": ["english!"]}, "list of language codes"),
    ({"beats_layer": 5}, "Give a text"),
])
def test_refusals(settings, words):
    with pytest.raises(InputError) as caught:
        read(settings)
    assert caught.value.parameter == "SETTINGS" and words in str(caught.value) and "agency.json" in str(caught.value)


def test_the_week_begins_where_the_agency_says():
    assert Agency().weekdays == list(range(7)) and Agency(week_start="Sunday").weekdays == [6, 0, 1, 2, 3, 4, 5]


def test_null_means_not_settled():
    assert read({"min_public": None, "day_start": 0}) == Agency(day_start=0)
