"""What a layer is for, told by its name and its fields."""

from __future__ import annotations

import pytest

from hotspot_plugin.ui.communityroles import ASKS, ROLES, SHAPES, fields_of, recognise

DAY, TEXT, NUMBER = "date", "text", "integer"


@pytest.mark.parametrize(("name", "geometry", "columns", "role"), [
    ("Crimes 2024", "point", [("Date", DAY), ("Crime type", TEXT)], "incidents"),
    ("incidents (practice data)", "point", [("dt_from", "time"), ("ctype", TEXT)], "incidents"),
    ("Crimes 2024", "point", [("n", NUMBER)], ""),  # without a day nothing can be counted by time
    ("export of anything", "point", [("category", TEXT), ("concern", NUMBER), ("consent", TEXT)], "reports"),
    ("311 requests", "point", [("created", DAY)], "reports"),
    ("Survey 2024", "none", [("area", TEXT), ("weight", "number")], "survey"),
    ("Police beats", "polygon", [("beat", TEXT)], "areas"),
    ("Stadtteile", "polygon", [("name", TEXT)], "areas"),
    ("Hot_spots_2024", "polygon", [], ""),  # "hot spots" in two words is told by the file's table or the tool
    ("hotspots", "polygon", [("rank", NUMBER)], "hotspots"),
    ("Treated areas", "polygon", [("name", TEXT)], "treated"),
    ("Street lights", "point", [], "lights"),
    ("road network", "line", [], "streets"),
    ("roads", "polygon", [], ""),
    ("truth_places", "polygon", [], ""),
    ("Restaurants", "point", [("date", DAY)], ""),
])
def test_role(name, geometry, columns, role):
    assert recognise(name, geometry, columns).role == role


def test_tool_goes_before_the_name_where_the_shape_fits():
    assert recognise("areas", "polygon", [("rank", NUMBER)], tool="hotspot:findhotspots").role == "hotspots"
    assert recognise("beats", "polygon", [], tool="hotspot:prepareincidents").role == "areas"


def test_fields_by_name_and_kind():
    found = fields_of("reports", [("worry", TEXT), ("Concern", NUMBER), ("Category", TEXT), ("Said_On", DAY)])
    assert found == {"concern": "Concern", "category": "Category", "date": "Said_On"}
    assert fields_of("incidents", [("when it was", "time"), ("n", NUMBER)]) == {"date": "when it was"}


def test_every_role_has_its_shapes():
    assert set(SHAPES) == set(ROLES) and set(ASKS) <= set(ROLES)


def test_results_are_not_taken_for_areas_to_begin_with():
    columns = [("name", "text"), ("rank", "integer")]
    assert recognise("Compared areas", "polygon", columns, tool="hotspot:compareperiods").role == ""
    assert recognise("Compared areas", "polygon", columns).role == "areas"
