"""Dates and periods in words."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.reports import formats


@pytest.mark.parametrize(("first", "last", "monthly", "short", "opening"), [
    ("2017-07-01", "2017-07-31", False, "July 2017", "In July 2017"),
    ("2017-07-01", "2017-07-01", True, "July 2017", "In July 2017"),
    ("2023-01-01", "2023-12-31", False, "2023", "In 2023"),
    ("2022-01-01", "2023-12-31", False, "2022 to 2023", "From 2022 to 2023"),
    ("2023-02-01", "2024-02-29", False, "February 2023 to February 2024", "From February 2023 to February 2024"),
    ("2023-02-01", "2024-02-28", False, "2023-02-01 to 2024-02-28", "From 2023-02-01 to 2024-02-28"),
    ("2023-01-05", "2023-01-05", False, "2023-01-05", "On 2023-01-05"),
])
def test_periods_in_words(first, last, monthly, short, opening):
    assert formats.period(first, last, monthly) == short
    assert formats.during(np.datetime64(first, "ms"), np.datetime64(last, "ms"), monthly) == opening


def test_units_of_the_reader():
    """Exact: a foot is 0.3048 m, a mile 1609.344 m, an acre 4046.8564224 m2."""
    metric, us = formats.Units(), formats.Units("us")
    assert (metric.distance(250), us.distance(250)) == ("250 m", "820 ft")
    assert (metric.distance(7.5), us.distance(3.0)) == ("7.5 m", "9.8 ft")
    assert (metric.length(3219), us.length(3218.688)) == ("3.2 km", "2.0 mi")
    assert (metric.area(121_405.7), us.area(121_405.692672)) == ("12 ha", "30 acres")
    assert (metric.area(22_500), us.area(4046.8564224)) == ("2.3 ha", "1.0 acres")
    assert (metric.land(115e6), us.land(2_589_988.110336)) == ("115 km²", "1.0 sq mi")
    assert metric.distance(None) == us.area(float("nan")) == us.length(None) == metric.land(None) == formats.NOTHING
