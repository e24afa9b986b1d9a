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
