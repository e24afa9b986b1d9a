"""The register: what it holds, and what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from hotspot_plugin.analysis.errors import InputError
from hotspot_plugin.analysis.privacy import releases
from hotspot_plugin.analysis.privacy.disclosure import OTHER, SHOWN, SMALL, Rules, protect
from hotspot_plugin.analysis.privacy.publicrelease import MONTH, QUARTER, YEAR, period_numbers, span_of
from hotspot_plugin.analysis.privacy.releases import ORDINARY, SENSITIVE, Published

AREAS = {"names": ["North", "South", "West"], "places": [[8.0, 50.1, 2.0], [8.0, 50.0, 3.0], [7.9, 50.0, 1.5]]}
COUNTS = np.array([[3, 25], [0, 40], [18, 61]])


def span(text, months=MONTH):
    return span_of(int(period_numbers(np.array([np.datetime64(text, "D")]), months)[0]), months)


def published(kind=ORDINARY, when=None, groups=("Theft", "Violence"), sensitive=(), counts=COUNTS):
    made = protect(counts, Rules(10, 5))
    return Published(kind, when or span("2024-01-01"), AREAS, list(groups), releases.public_values(
        made.values, made.status), 10, 5, list(sensitive), 1)


def ask(tables, kind=ORDINARY, when=None, areas=AREAS, shares=None, wholly=None):
    shares = shares or {"Theft": 0.4, "Violence": 0.6}
    return releases.earlier(tables, kind, when or span("2024-01-01"), areas, shares,
                            set(shares) if wholly is None else set(wholly), "REGISTER")


def test_a_register_reads_as_it_was_written():
    (back,) = releases.read(releases.write([published()]), "REGISTER", "r.json")
    first = published()
    assert (back.values == first.values).all()
    assert replace(back, values=0) == replace(first, values=0)
    assert releases.read("", "REGISTER", "r.json") == []


def test_a_register_holds_no_number_that_was_not_published():
    text = releases.write([published(counts=np.array([[7, 25], [8, 40], [6, 61]]))])
    (table,) = json.loads(text)["tables"]
    numbers = {v for row in table["values"] for v in row}
    assert numbers <= {-2, -1, *range(10, 1000, 5)}
    assert set(table) == {"release", "kind", "period", "first", "last", "limit", "base", "groups", "sensitive",
                          "areas", "values"}


def test_a_register_does_not_tell_small_numbers_from_those_withheld_with_them():
    made = protect(np.array([[4, 50, 60], [40, 55, 65], [70, 45, 80]]), Rules(10, 1))
    assert {SMALL, OTHER, SHOWN} <= set(made.status.ravel().tolist())
    values = releases.public_values(made.values, made.status)
    assert len(set(values[(made.status == SMALL) | (made.status == OTHER)].tolist())) == 1
    assert set(releases.status_of(values).ravel().tolist()) == {SHOWN, OTHER}


@pytest.mark.parametrize("text", ["no json", "{}", "[]", '{"format": "hotspot public releases", "version": 1}',
                                  '{"format": "another", "version": 1, "tables": []}'])
def test_another_file_is_refused(text):
    with pytest.raises(InputError, match="is no register"):
        releases.read(text, "REGISTER", "r.json")


def test_a_damaged_register_is_refused():
    broken = json.loads(releases.write([published()]))
    broken["tables"][0]["values"].pop()
    with pytest.raises(InputError, match="damaged"):
        releases.read(json.dumps(broken), "REGISTER", "r.json")
    broken["version"] = 99
    with pytest.raises(InputError, match="newer version"):
        releases.read(json.dumps(broken), "REGISTER", "r.json")


def test_the_same_period_again_is_the_same_table():
    table = published()
    assert ask([table]) is table
    assert ask([table], when=span("2024-02-01")) is None
    turned = {"names": AREAS["names"][::-1], "places": AREAS["places"][::-1]}
    assert ask([table], areas=turned) is table
    assert ask([table], shares={"Theft": 0.995, "Fraud": 0.005}) is table  # a late record


@pytest.mark.parametrize("when", [span("2024-01-01", QUARTER), span("2024-01-01", YEAR)])
def test_a_longer_period_over_a_published_one_is_refused(when):
    with pytest.raises(InputError, match="overlaps 2024-01"):
        ask([published()], when=when)
    with pytest.raises(InputError, match="overlaps"):
        ask([published(when=when)])


def test_other_areas_for_a_published_period_are_refused():
    for areas in (
        {"names": AREAS["names"][:2], "places": AREAS["places"][:2]},  # a part of the town
        {"names": [*AREAS["names"], "East"], "places": [*AREAS["places"], [8.2, 50.0, 1.0]]},
        {"names": AREAS["names"], "places": [[8.0, 50.1, 2.3], *AREAS["places"][1:]]},  # a border was moved
        {"names": AREAS["names"], "places": [[8.1, 50.1, 2.0], *AREAS["places"][1:]]},
    ):
        with pytest.raises(InputError, match="other areas"):
            ask([published()], areas=areas)
        assert ask([published()], areas=areas, when=span("2024-02-01")) is None


def test_other_groups_for_a_published_period_are_refused():
    with pytest.raises(InputError, match="other groups"):
        ask([published()], shares={"Theft from shops": 0.2, "Theft": 0.2, "Violence": 0.6})


def test_a_group_that_becomes_sensitive_is_not_published_twice():
    year = span("2024-05-05", YEAR)
    with pytest.raises(InputError, match="were counted as ordinary"):
        ask([published()], SENSITIVE, year, shares={"Violence": 1.0})
    with pytest.raises(InputError, match="were counted as sensitive"):
        ask([published(SENSITIVE, year, sensitive=["Theft", "Violence"])])
    # a group with sensitive and other incidents, marked in both releases
    mixed = published(sensitive=["Violence"])
    assert ask([mixed], SENSITIVE, year, shares={"Violence": 1.0}, wholly=()) is None
    with pytest.raises(InputError, match="published twice"):
        ask([mixed], SENSITIVE, year, shares={"Violence": 1.0})


def test_marks_that_move_between_releases_are_seen_by_the_numbers_that_fall():
    table = published()  # 20 thefts, 125 acts of violence
    assert releases.fallen(table, np.array([25, 130])) == ""
    assert releases.fallen(table, np.array([21, 114])) == ""
    assert releases.fallen(table, np.array([21, 100])) == "Violence"
    one = replace(table, values=np.array([[-1, 25, 30], [-2, -2, -2]]))  # of one area, the counts themselves
    assert releases.fallen(one, np.array([0, 5])) == "Violence"
