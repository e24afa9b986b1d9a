"""Charts of results: what they say, how high they are, and that they can be drawn in every state."""

from __future__ import annotations

import math

import pytest
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor, QPalette

from hotspot_plugin.ui import theme
from hotspot_plugin.ui.charts import Estimate, ForestLine, Pair, PairedBars

PAIRS = [Pair("Theft", 412, 318, (373, 454), (284, 355)), Pair("Robbery", 0, 12), Pair("Arson", 4, math.nan)]
ESTIMATES = [Estimate("Where something was done", -23, -33, -10), Estimate("Near by", 4, -14, 26),
             Estimate("Robbery", 61, -100, math.inf), Estimate("Arson", math.nan, math.nan, math.nan)]


def colours(widget):
    image = widget.grab().toImage()
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


@pytest.mark.parametrize("direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft])
@pytest.mark.parametrize("width", [240, 320, 1000])
def test_they_are_drawn_at_every_width(qgis_app, direction, width):
    for chart, show, rows in ((PairedBars(), "setPairs", PAIRS), (ForestLine(), "setEstimates", ESTIMATES)):
        chart.setLayoutDirection(direction)
        getattr(chart, show)(rows)
        chart.resize(width, chart.sizeHint().height())
        assert len(colours(chart)) > 5
        high = chart.sizeHint().height()
        getattr(chart, show)(rows[:1])
        assert 0 < chart.sizeHint().height() < high
        chart.clear()
        assert chart.sizeHint().height() == 0 and chart.accessibleDescription() == ""


def test_pairs_in_words(qgis_app):
    chart = PairedBars()
    chart.setPairs(PAIRS, ("2022", "2023"))
    assert chart.accessibleDescription().startswith("Theft: 2022 412 (373 to 454), 2023 318 (284 to 355). Robbery:")
    assert "Arson: 2022 4, 2023 –." in chart.accessibleDescription()


def test_estimates_in_words_say_what_the_interval_allows(qgis_app):
    chart = ForestLine()
    chart.setEstimates(ESTIMATES)
    text = chart.accessibleDescription()
    assert "Where something was done: −23 % (−33 to −10): fewer." in text
    assert "Near by: +4 % (−14 to +26): it could be chance or no change." in text
    assert "Arson: cannot be estimated." in text


def test_the_axis_holds_the_intervals_and_is_the_same_on_both_sides(qgis_app):
    chart = ForestLine()
    for high, reach in ((10, 1.25), (40, 1.5), (95, 2.0), (450, 10.0), (9000, 10.0)):
        chart.setEstimates([Estimate("x", 1, -5, high)])
        assert chart.reach() == reach
    chart.setEstimates([Estimate("x", -50, -66, -25)])
    assert chart.reach() == 3.0


def test_what_is_clear_has_another_mark_and_colour(qgis_app):
    dark = QPalette()
    dark.setColor(QPalette.ColorRole.Window, QColor("#202020"))
    dark.setColor(QPalette.ColorRole.WindowText, QColor("#f0f0f0"))
    for palette in (QPalette(), dark):
        chart = ForestLine()
        chart.setPalette(palette)
        chart.resize(320, 120)
        for estimate, name in ((Estimate("a", -20, -30, -10), "good"), (Estimate("a", 20, 10, 30), "problem"),
                               (Estimate("a", 5, -10, 30), "quiet")):
            chart.setEstimates([estimate])
            assert theme.colour(name, palette).name() in colours(chart)
