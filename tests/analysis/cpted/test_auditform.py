"""Forms of audits: read, refused, and in step with the profiles of the CPTED score."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from hotspot_plugin.analysis.cpted import auditform, profile
from hotspot_plugin.analysis.errors import InputError

PLUGIN = Path(auditform.__file__).resolve().parents[2]
KINDS = ("residential_street", "shopping_street", "park", "car_park", "transit_stop")
GOOD = ("maintenance", "condition", "State?", "bad", "worn", "good", "")


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    return rows[0], {name: [row[i] for row in rows[1:]] for i, name in enumerate(rows[0])}, range(2, len(rows) + 1)


def form(*rows):
    columns = {name: [row[i] for row in rows] for i, name in enumerate(auditform.COLUMNS)}
    return auditform.parse(auditform.COLUMNS, columns, range(2, len(rows) + 2), "mine.csv")


def changed(**cells):
    return tuple(cells.get(name, cell) for name, cell in zip(auditform.COLUMNS, GOOD))


@pytest.mark.parametrize("kind", KINDS)
def test_each_form_feeds_the_profile_of_its_kind(kind):
    """Every audited indicator of a profile is an item of the form, under its principle and on its scale of 0 to 2."""
    items = {i.name: i for i in auditform.parse(*read(PLUGIN / "cptedaudits" / f"{kind}.csv"), kind)}
    wanted = [i for i in profile.parse(*read(PLUGIN / "cptedprofiles" / f"{kind}.csv"), kind).indicators if i.audited]
    assert len(wanted) >= 4
    for indicator in wanted:
        assert indicator.measure == profile.VALUE and items[indicator.field].principle == indicator.principle
        assert (float(indicator.low), float(indicator.high)) == (0, auditform.BEST)
    assert {i.principle for i in items.values()} == set(range(len(profile.PRINCIPLES)))
    assert any(i.when == auditform.NIGHT for i in items.values())


def test_an_item_speaks_for_one_principle_in_all_forms():
    found: dict = {}
    for kind in KINDS:
        for item in auditform.parse(*read(PLUGIN / "cptedaudits" / f"{kind}.csv"), kind):
            assert found.setdefault(item.name, item.principle) == item.principle, item.name


def test_a_form_is_ordered_by_principle():
    items = form(GOOD, ("natural surveillance", "sightlines", "?", "a", "b", "c", "NIGHT"))
    assert [(i.name, i.principle, i.when) for i in items] == [("sightlines", 0, "night"), ("condition", 3, "any")]


@pytest.mark.parametrize("cells, text", [
    ({"principle": "beauty"}, "none of"), ({"item": "Too long a name"}, "cannot name"), ({"item": "auditor"}, "cannot"),
    ({"one": ""}, "what 0, 1 and 2 mean"), ({"when": "noon"}, "neither any"),
])
def test_a_wrong_line_is_named(cells, text):
    with pytest.raises(InputError) as caught:
        form(GOOD, changed(**{"item": "other", **cells}))
    said = caught.value.text.format(**caught.value.values)
    assert "line 3" in said and text in said and "Mend" in said


def test_twice_empty_and_without_columns():
    with pytest.raises(InputError, match="already"):
        form(GOOD, GOOD)
    with pytest.raises(InputError, match="holds no item"):
        form()
    with pytest.raises(InputError, match="no column"):
        auditform.parse(["item"], {"item": []}, [], "x")


def test_no_item_is_named_like_a_result_of_another_tool():
    """A number of entrances called like the mark for their state would be scored as one."""
    from hotspot_plugin.layers import fields

    for kind in KINDS:
        for item in auditform.parse(*read(PLUGIN / "cptedaudits" / f"{kind}.csv"), kind):
            assert item.name not in fields.DESCRIPTIONS, item.name
