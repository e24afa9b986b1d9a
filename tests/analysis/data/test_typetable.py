"""Tables of crime types: what is accepted, what is refused and with which words."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from hotspot_plugin.analysis.data import typetable
from hotspot_plugin.analysis.data.typetable import COMPANY, OFFICER, REPORTED
from hotspot_plugin.analysis.errors import InputError

SHIPPED = Path(typetable.__file__).parents[2] / "typetables"
HEADER = [*typetable.COLUMNS, "note"]


def table(*rows, header=HEADER, **options):
    columns = {name: [row[k] if k < len(row) else "" for row in rows] for k, name in enumerate(header)}
    return typetable.parse(columns, list(range(2, len(rows) + 2)), name="types.csv", **options)


def shipped(name):
    with open(SHIPPED / f"{name}.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == HEADER
    return table(*rows[1:])


def test_a_row_is_read():
    found = table(["  Theft  from vehicle ", "Vehicle crime", "1.5", "no", "company", "YES", "", "a note"],
                  ["RAPE", "Sexual", "", "1", "", "0", "true"])
    assert found.codes == ["Theft from vehicle", "RAPE"] and found.groups == ["Vehicle crime", "Sexual"]
    np.testing.assert_array_equal(found.harm, [1.5, np.nan])
    assert found.sensitive.tolist() == [0, 1] and found.detected.tolist() == [COMPANY, REPORTED]
    assert found.public_place.tolist() == [1, 0] and found.is_crime.tolist() == [-1, 1]
    assert found.index == {"theft from vehicle": 0, "rape": 1} and found.notes == ["a note", ""]


def test_columns_may_come_in_any_order_and_letters():
    header = ["GROUP", " Code", "Public place", "harm", "Is_Crime", "sensitive", "proactive"]
    found = table(["G", "A", "yes", "2", "no", "yes", "officer"], header=header)
    assert (found.codes, found.groups, found.detected.tolist()) == (["A"], ["G"], [OFFICER])


def test_blank_rows_of_a_spreadsheet_are_passed_over():
    assert len(table(["A", "G"], ["", " ", "", ""], ["B", "G"])) == 2


@pytest.mark.parametrize("text, value", [("12", 12.0), ("0", 0.0), (".5", 0.5), ("1e3", 1000.0), ("+2", 2.0)])
def test_harm_is_a_number(text, value):
    assert table(["A", "G", text]).harm[0] == value


def test_decimal_commas_where_the_comma_is_no_separator():
    assert table(["A", "G", "1,5"], separator=";").harm[0] == 1.5
    with pytest.raises(InputError, match="no number"):
        table(["A", "G", "1,5"])


@pytest.mark.parametrize("rows, words", [
    ([["A", "G"], ["B", "G"], [" a ", "H"]], ["line 4", "'a'", "line 2 already"]),
    ([["A", "G"], ["", "G", "1"]], ["line 3", "code is empty"]),
    ([["A", "", "1"]], ["line 2", "'A' has no group"]),
    ([["A", "G", "-1"]], ["line 2", "-1", "0 or more"]),
    ([["A", "G", "lots"]], ["line 2", "'lots'", "no number"]),
    ([["A", "G", "nan"]], ["line 2", "no number"]),
    ([["A", "G", "inf"]], ["line 2", "no number"]),
    ([["A", "G", "1 000"]], ["line 2", "thousands separator"]),
    ([["A", "G", "1.2.3"]], ["line 2", "no number"]),
    ([["A", "G", "1", "perhaps"]], ["line 2", "'perhaps' in sensitive", "yes or no"]),
    ([["A", "G", "1", "", "sometimes"]], ["line 2", "'sometimes' in proactive", "company"]),
    ([["A", "G", "1", "", "", "x"]], ["line 2", "'x' in public_place"]),
    ([["A", "G", "1", "", "", "", "wahr"]], ["line 2", "'wahr' in is_crime"]),
    ([], ["no types below its first line"]),
    ([["", ""]], ["no types below its first line"]),
])
def test_what_cannot_be_used_is_refused_with_its_line(rows, words):
    with pytest.raises(InputError) as caught:
        table(*rows)
    assert caught.value.parameter == "TABLE"
    for word in ["types.csv", *words]:
        assert word in str(caught.value)


def test_missing_columns_are_named():
    with pytest.raises(InputError, match=r"lacks the column\(s\) harm, is_crime.*found: code, group, sensitive"):
        table(["A", "G", "no", "no", "no"], header=["code", "group", "sensitive", "proactive", "public_place"])


def test_an_own_table_comes_before_a_public_one():
    own = table(["a", "Mine", "7", "yes"], ["c", "Mine", "1"])
    both = own.extended(table(["A", "Theirs", "1"], ["B", "Theirs", "3", "", "yes"]))
    assert both.codes == ["a", "c", "B"] and both.groups == ["Mine", "Mine", "Theirs"]
    assert both.index == {"a": 0, "c": 1, "b": 2} and both.harm.tolist() == [7, 1, 3]
    assert both.detected.tolist() == [REPORTED, REPORTED, OFFICER] and both.sensitive.tolist() == [1, 0, 0]


def test_suggestions_are_alike():
    found = table(["Theft from vehicle", "G"], ["Theft of vehicle", "G"], ["9", "G"], ["Arson", "G"])
    assert typetable.suggestions("Theft-from-vehicle", found)[0] == "Theft from vehicle"
    assert typetable.suggestions("theft from vehicles", found) == ["Theft from vehicle", "Theft of vehicle"]
    assert typetable.suggestions("009", found) == ["9"]
    assert typetable.suggestions("Homicide", found) == [] and typetable.suggestions("--", found) == []


# --- the tables that come with the plugin ----------------------------------------------------
@pytest.mark.parametrize("name", sorted(path.stem for path in SHIPPED.glob("*.csv")))
def test_shipped_tables_are_sound(name):
    found = shipped(name)
    assert len(found) > 4
    if name not in ("example_harm", "template"):
        assert not found.has_harm and np.isnan(found.harm).all(), "no scores are invented for public codes"


def test_the_example_says_that_it_is_one():
    found = shipped("example_harm")
    assert found.has_harm and all(note.startswith("EXAMPLE") for note in found.notes)
    assert found.harm[found.index["bicycle theft"]] == 1


def test_police_uk_has_its_14_categories():
    found = shipped("police_uk")
    official = [
        "Anti-social behaviour", "Bicycle theft", "Burglary", "Criminal damage and arson", "Drugs", "Other crime",
        "Other theft", "Possession of weapons", "Public order", "Robbery", "Shoplifting", "Theft from the person",
        "Vehicle crime", "Violence and sexual offences"]
    assert found.codes[:14] == official
    assert "violent-crime" in found.index and "other-theft" in found.index
    assert found.is_crime[found.index["anti-social behaviour"]] == 0
    assert found.detected[found.index["shoplifting"]] == COMPANY and found.detected[found.index["drugs"]] == OFFICER


def test_nibrs_has_its_offences_and_classes():
    """Counts of the FBI's user manual 2023.0: 71 offences in group A (19 for federal and tribal agencies only)."""
    found = shipped("nibrs")
    group_a = [k for k, code in enumerate(found.codes) if not code.startswith("90")]
    federal = [k for k in group_a if "federal and tribal" in found.notes[k]]
    assert (len(group_a), len(federal)) == (71, 19)
    # group B: 10 offences today, and bad checks, drunkenness, peeping tom, runaway of older years
    assert [c for c in found.codes if c.startswith("90")] == [f"90{letter}" for letter in "ABCDEFGHIJKLMZ"]
    classes = {code: found.groups[found.index[code.casefold()]] for code in found.codes}
    persons = {"09A", "09B", "100", "11A", "11B", "11C", "11D", "13A", "13B", "13C", "36A", "36B", "64A", "64B", "90F"}
    assert {c for c, g in classes.items() if g == "Crimes against persons"} == persons
    property_codes = {"120", "200", "210", "220", "240", "250", "270", "280", "290", "510", "90A"}
    property_codes |= {f"23{letter}" for letter in "ABCDEFGH"} | {f"26{letter}" for letter in "ABCDEFG"}
    assert {c for c, g in classes.items() if g == "Crimes against property"} == property_codes
    assert {c for c, g in classes.items() if g == "Not a crime"} == {"09C", "90I"}
    assert {c for c, g in zip(found.codes, found.is_crime) if g == 0} == {"09C", "90I"}
    sensitive = {c for c, s in zip(found.codes, found.sensitive) if s}
    assert sensitive >= {"11A", "11B", "11C", "11D", "36A", "36B", "64A", "64B", "370", "90F"}


def test_ucr_has_both_parts_by_number_and_name():
    found = shipped("ucr")
    for number in range(1, 30):
        assert str(number) in found.index
    assert all(f"0{number}" in found.index for number in range(1, 10))
    parts = {found.index[str(n)]: n for n in range(1, 30)}
    part_one = sorted(parts[k] for k in parts if found.groups[k].startswith("Part I,"))
    assert part_one == list(range(1, 9))
    assert found.groups[found.index["larceny-theft"]] == "Part I, property"
    assert found.groups[found.index["drug abuse violations"]] == "Part II"
