"""What each light gives, by hand, and outages at a date."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.cpted import lightvalues as values
from hotspot_plugin.analysis.cpted.lightingcoverage import LAMBERT
from hotspot_plugin.analysis.errors import InputError

NAN = np.nan


def days(*texts):
    return np.array([np.datetime64(text) for text in texts], "M8[ms]")


def test_rules_by_type():
    kinds = values.parse_kinds("TYPES", "*sport* = off; *Acorn* = 4.5 m, 3000 lm\n*lamp* = -, 900; *pole* = 9, -")
    assert [kind.pattern for kind in kinds] == ["*sport*", "*acorn*", "*lamp*", "*pole*"]
    assert kinds[0].off and (kinds[1].height, kinds[1].lumens) == (4.5, 3000)
    assert np.isnan(kinds[2].height) and kinds[2].lumens == 900 and np.isnan(kinds[3].lumens)
    types = np.array(["ACORN ", None, "Sports Flood", "Lamp on pole", "?"], object)
    assert values.match_kinds(kinds, types).tolist() == [1, -1, 0, 2, -1]


@pytest.mark.parametrize("line", ["acorn", "*a* = 5", "*a* = 5 ft, 3000", "= 5, 3000", "*a* = 0, 3000", "*a* = 5, x"])
def test_a_rule_that_says_nothing_is_refused(line):
    with pytest.raises(InputError, match="says no height and lumens") as caught:
        values.parse_kinds("TYPES", line)
    assert caught.value.parameter == "TYPES"


def test_a_field_goes_before_the_type_and_the_type_before_the_default():
    kinds = values.parse_kinds("TYPES", "a = 4, 3000; s = off")
    columns = {"candela": np.array([500.0, NAN, NAN, NAN, NAN, NAN]),
               "lumens": np.array([1.0, 2000.0, 0.0, NAN, NAN, NAN]),
               "watts": np.array([NAN, NAN, 40.0, NAN, NAN, NAN]),
               "height": np.array([10.0, NAN, NAN, -3.0, NAN, NAN]),
               "lamps": np.array([1.0, 2.0, 1.0, 1.0, 1.0, 1.0])}
    kind = np.array([0, 0, 0, 0, -1, 1])
    found = values.resolve(6, 8.0, np.full(6, 5000.0), None, columns, kinds, kind, 0.8, 100.0)
    assert found.source.tolist() == [values.BY_CANDELA, values.BY_LUMENS, values.BY_WATTS, values.BY_TYPE,
                                     values.BY_DEFAULT, values.BY_DEFAULT]
    even = 0.8 / (2 * np.pi)
    np.testing.assert_allclose(found.candela, [400, 4000 * even, 4000 * even, 3000 * even, 5000 * even, 0])
    assert found.height.tolist() == [10, 4, 4, 4, 8, 8] and found.height_given.sum() == 1
    assert found.bad == 2 and found.off.tolist() == [False] * 5 + [True]


def test_a_default_in_candela_and_the_cosine_law():
    found = values.resolve(1, 8.0, np.array([5000.0]), 700.0, {}, [], np.array([-1]), 0.8, 100.0)
    assert found.candela[0] == pytest.approx(560)
    found = values.resolve(1, 8.0, np.array([np.pi]), None, {}, [], np.array([-1]), 1.0, 100.0, LAMBERT)
    assert found.candela[0] == pytest.approx(1.0)


def test_yes_in_words():
    assert values.is_yes(np.array(["Yes", "no", None, "1", "LED", "true ", "HPS"], object)).tolist() == [
        True, False, False, True, True, True, False]


def test_an_outage_lasts_until_the_day_before_its_repair():
    begin = days("2012-04-01", "2012-04-01", "2012-04-10", "2012-04-11", "NaT", "2012-04-10T23:30")
    end = days("2012-04-10", "2012-04-11", "NaT", "2012-05-01", "2012-05-01", "2012-04-12")
    assert values.out_on(begin, end, np.datetime64("2012-04-10")).tolist() == [False, True, True, False, False, True]


def test_outages_find_the_nearest_light_or_all_near():
    x, y = np.array([0.0, 10.0, 100.0]), np.zeros(3)
    outage, light = values.lights_of(np.array([6.0, 500.0]), np.zeros(2), x, y, 30.0, every=False)
    assert outage.tolist() == [0] and light.tolist() == [1]
    outage, light = values.lights_of(np.array([6.0, 500.0]), np.zeros(2), x, y, 30.0, every=True)
    assert outage.tolist() == [0, 0] and sorted(light.tolist()) == [0, 1]
    assert len(values.lights_of(np.zeros(0), np.zeros(0), x, y, 30.0, False)[0]) == 0


def test_outages_find_all_lights_of_their_id():
    lights = np.array(["A-1 ", "b", None, "a-1"], object)
    outage, light = values.same_id(np.array(["a-1", None, "B", "?"], object), lights)
    assert list(zip(outage.tolist(), light.tolist())) == [(0, 0), (0, 3), (2, 1)]
    assert len(values.same_id(np.array(["?"], object), np.array([None], object))[0]) == 0
