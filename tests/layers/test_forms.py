"""Forms: what is set comes back from the file, and mistakes are found when the form is made."""

from __future__ import annotations

import pytest
from qgis.core import QgsVectorLayer

from hotspot_plugin.compat import save_style
from hotspot_plugin.layers import forms
from tests.algorithms import samples


@pytest.fixture
def path(qgis_app, tmp_path):
    from hotspot_plugin.layers import writing

    return samples.save(tmp_path / "x.gpkg", writing.points_from_arrays([0.0], [0.0]), {
        "mark": [1], "said": ["a"], "seen": ["b"]})


def layer(path):
    return QgsVectorLayer(path, "x", "ogr")


QUESTIONS = [forms.choice("mark", "How is it?", [(0, "poor"), (2, "good")], default="2", check='"mark" in (0, 2)',
                          hint="Choose."),
             forms.long_text("said", "What is said?", required=True), forms.photo("seen", "Photo")]
TABS = [("One", [forms.Group("", ["mark"]), forms.Group("More", ["said"], '"mark" = 0')]),
        ("Two", [forms.Group("", ["seen"])])]


def test_the_form_comes_back_from_the_file(path):
    made = layer(path)
    forms.apply(made, QUESTIONS, TABS)
    assert save_style(made, "form") == ""
    again = layer(path)
    at = again.fields().indexOf
    assert again.editorWidgetSetup(at("mark")).type() == "ValueMap"
    assert again.attributeAlias(at("mark")) == "How is it?" and again.constraintDescription(at("mark")) == "Choose."
    assert again.constraintExpression(at("mark")) == '"mark" in (0, 2)'
    assert again.defaultValueDefinition(at("mark")).expression() == "2"
    assert again.editorWidgetSetup(at("seen")).type() == "ExternalResource"
    one, two = again.editFormConfig().tabs()
    assert (one.name(), two.name()) == ("One", "Two") and [c.name() for c in one.children()] == ["mark", "More"]
    assert one.children()[1].visibilityExpression().enabled()
    assert again.editFormConfig().labelOnTop(at("mark"))


def test_mistakes_are_found(path):
    with pytest.raises(ValueError, match="no field other"):
        forms.apply(layer(path), [forms.long_text("other", "?")], [])
    with pytest.raises(ValueError, match="mark: "):
        forms.apply(layer(path), [forms.choice("mark", "?", [(0, "a")], check="mark in (")], [])
    with pytest.raises(ValueError, match="no field gone"):
        forms.apply(layer(path), QUESTIONS, [("One", [forms.Group("", ["gone"])])])
