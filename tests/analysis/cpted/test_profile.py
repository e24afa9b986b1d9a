"""Profiles of the CPTED score as tables."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.cpted import profile
from hotspot_plugin.analysis.errors import InputError

GOOD = {"principle": "maintenance", "indicator": "graffiti", "layer": "graffiti", "measure": "count", "low": "5",
        "high": "0"}


def read(*rows):
    names = list(profile.COLUMNS)
    columns = {name: [row.get(name, "") for row in rows] for name in names}
    return profile.parse(names, columns, range(2, 2 + len(rows)), "street.csv")


def test_a_line_and_its_defaults():
    found = read(GOOD).indicators[0]
    assert profile.PRINCIPLES[found.principle] == "maintenance" and found.name == found.layer == "graffiti"
    assert (found.measure, found.distance, found.low, found.high, found.weight) == ("count", 0.0, "5", "0", 1.0)
    assert not found.audited and found.line == 2


def test_a_line_of_a_principle_is_its_weight():
    found = read(GOOD, {"principle": "Maintenance", "weight": "2.5"}, {})
    assert found.principle_weights.tolist() == [1, 1, 1, 2.5, 1] and len(found.indicators) == 1
    assert found.layers == ["graffiti"]


def test_an_audited_indicator_may_share_the_name():
    audited = {"principle": "maintenance", "indicator": "graffiti", "measure": "value", "field": "graffiti_a",
               "low": "0", "high": "2", "evidence": "audited"}
    assert [i.audited for i in read(GOOD, audited).indicators] == [False, True]


@pytest.mark.parametrize("change, words", [
    ({"principle": "beauty"}, "line 2: the principle 'beauty' is none of natural_surveillance"),
    ({"indicator": "Too Bad!"}, "cannot name an indicator"),
    ({"measure": "sum"}, "the measure 'sum' is none of"),
    ({"measure": "mean"}, "needs a field"),
    ({"measure": "mean", "field": "x"}, "needs a distance"),
    ({"layer": ""}, "needs a layer"),
    ({"measure": "value", "field": "x"}, "leave the layer empty"),
    ({"distance": "far"}, "'far' is no number for distance"),
    ({"distance": "-1"}, "below 0"),
    ({"low": "much"}, "'much' is no number for low"),
    ({"high": "pp"}, "no number for high"),
    ({"low": "0"}, "makes no scale"),
    ({"weight": "-2"}, "below 0"),
    ({"weight": "inf"}, "no number for weight"),
    ({"evidence": "guessed"}, "neither measured nor audited"),
])
def test_refusals_name_the_line(change, words):
    with pytest.raises(InputError) as caught:
        read({**GOOD, **change})
    assert words in str(caught.value) and "street.csv" in str(caught.value)


def test_the_same_indicator_twice():
    with pytest.raises(InputError, match="line 3: the indicator 'graffiti' stands in line 2"):
        read(GOOD, GOOD)


def test_columns():
    with pytest.raises(InputError, match="no column low"):
        profile.parse(["principle", "indicator", "measure", "high"], {}, [], "x.csv")
    with pytest.raises(InputError, match="'wieght' is not known"):
        profile.parse([*profile.COLUMNS, "wieght"], {}, [], "x.csv")
    with pytest.raises(InputError, match="no indicator"):
        read({})


def test_comparisons():
    """Saaty's example, METHODS 10."""
    text = "maintenance : access_control = 3; maintenance : territoriality = 5\naccess_control:territoriality=3"
    used = np.array([False, True, True, True, False])
    weights, ratio = profile.compared_weights(text, used, "PAIRS")
    assert weights / weights.sum() == pytest.approx([0, 0.2582850, 0.1047294, 0.6369856, 0], abs=1e-7)
    assert ratio == pytest.approx(0.033199216)
    matrix = profile.parse_pairs("a : b = 1/3", ["a", "b"], "PAIRS")
    assert matrix.tolist() == [[1, 1 / 3], [3, 1]]


@pytest.mark.parametrize("text, words", [
    ("a : b", "no comparison"), ("a : z = 3", "no comparison"), ("a : a = 3", "no comparison"),
    ("a : b = 0", "above 0"), ("a : b = 3; b : a = 3", "compared twice"), ("", "are not compared"),
])
def test_comparisons_that_cannot_be_read(text, words):
    with pytest.raises(InputError, match=words):
        profile.parse_pairs(text, ["a", "b"], "PAIRS")
