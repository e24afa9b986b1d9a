"""Charts are the same bytes every time, survive any label, and are missed politely."""

from __future__ import annotations

import sys
from xml.etree import ElementTree

import numpy as np
import pytest

from hotspot_plugin.reports import charts

MONTHS = np.arange("2023-01", "2024-07", dtype="datetime64[M]")
CHARTS = {
    "bars": lambda: charts.bar_chart(["Theft of $5 and $6", "B" * 90], [3, -2], "Title", "n", sign=True,
                                     marked=[True, False], legend=("sure", "perhaps")),
    "months": lambda: charts.histogram_by_month(MONTHS, np.arange(18), "Title", "n",
                                                marked=np.arange(18) > 15, legend=("full", "part")),
    "lines": lambda: charts.lines({"a": ([1, 2, 3], [1, 4, 9]), "b": ([1, 2, 3], [2, 2, 2])}, "Title",
                                  band=([1, 2, 3], [0, 0, 0], [1, 2, 3], "chance")),
    "forest": lambda: charts.forest(["a", "b", "c"], [1.3, 0.7, np.nan], [1.1, 0.2, np.nan], [1.6, 9.0, np.nan],
                                    "Title", note="no change"),
    "differences": lambda: charts.forest(["a"], [3.0], [-1.0], [7.0], ratio=False, reference=0.0),
    "week": lambda: charts.week_hours(np.arange(168.0).reshape(7, 24), list("MTWTFSS"), ("here", "city $"), "%",
                                      usual=np.full(24, 1 / 24)),
    "pairs": lambda: charts.paired_dots(["a", "b"], [1, 5], [3, 2], ("before", "after"), "Title"),
}


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_a_drawing_and_always_the_same(name):
    first, second = CHARTS[name](), CHARTS[name]()
    assert first == second
    root = ElementTree.fromstring(first)
    assert root.tag.endswith("svg")
    assert "<dc:date>" not in first and "<script" not in first


@pytest.mark.parametrize("name", CHARTS)
def test_without_matplotlib_there_is_no_chart_and_no_error(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert CHARTS[name]() is None


def test_settings_of_matplotlib_are_left_alone():
    import matplotlib

    before = dict(matplotlib.rcParams)
    CHARTS["bars"]()
    assert dict(matplotlib.rcParams) == before
    assert "matplotlib.pyplot" not in sys.modules or matplotlib.get_backend()


@pytest.mark.filterwarnings("ignore:Glyph")
def test_letters_that_the_font_lacks_stay_text_for_the_browser():
    assert "住宅" in charts.bar_chart(["住宅侵入盗"], [3])
    assert "<text" not in charts.bar_chart(["Einbruch in Häuser, кража"], [3])


def test_nothing_to_show_is_still_a_chart():
    assert charts.bar_chart([], []).startswith("<?xml")
    assert charts.bar_chart(["a"], [0]).startswith("<?xml")
    assert charts.histogram_by_month(MONTHS[:1], [0]).startswith("<?xml")


@pytest.mark.parametrize("colour", [charts.INK, charts.SOFT])
def test_letters_contrast_with_the_white_of_the_picture(colour):
    """At least 4.5 : 1, as WCAG 2.1 asks of text."""
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4
              for v in (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))]
    assert 1.05 / (np.dot(linear, [0.2126, 0.7152, 0.0722]) + 0.05) >= 4.5
