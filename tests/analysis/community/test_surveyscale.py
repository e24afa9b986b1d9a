"""Answers on a scale: read in any script, and what is not on the scale is found and asked about."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.community import surveyscale
from hotspot_plugin.analysis.community.surveyscale import Outside, Question, make_scale, read_question
from hotspot_plugin.analysis.errors import InputError


def texts(*values):
    return np.array(values, object)


def test_scales_are_written_in_three_ways():
    assert make_scale("1-5", "").values.tolist() == [1, 2, 3, 4, 5]
    assert make_scale("-2 to 2", "").values.tolist() == [-2, -1, 0, 1, 2]
    words = make_scale("Never; Sometimes; Often", "")
    assert words.labels == ["Never", "Sometimes", "Often"] and words.good.tolist() == [False, False, True]
    coded = make_scale("3 = good; 1 = bad; 2 = fair", "fair; good")
    assert coded.labels == ["bad", "fair", "good"] and coded.good.tolist() == [False, True, True]


@pytest.mark.parametrize("text", ["5-1", "good", "1 = a; b", "yes; YES", "1-900"])
def test_what_is_no_scale_is_refused(text):
    with pytest.raises(InputError) as caught:
        make_scale(text, "")
    assert caught.value.parameter == "SCALE"


def test_answers_in_any_script_and_as_text():
    found = read_question("q", texts("4", "4.0", "٥", " 3 ", "２", "4,0", None, ""), make_scale("1-5", ""), [])
    assert found.answer.tolist() == [3, 3, 4, 2, 1, 3, -1, -1] and found.missing == [("", 2)]
    found = read_question("q", texts("非常满意", "НЕТ", "нет", "非常满意 "), make_scale("нет; 非常满意", ""), [])
    assert found.answer.tolist() == [1, 0, 0, 1]


def test_numbers_are_no_answer_where_the_scale_has_words_alone():
    assert isinstance(read_question("q", texts("Never", "2"), make_scale("Never; Often", ""), []), Outside)


def test_values_outside_the_scale_are_asked_about():
    found = read_question("q", texts("4", "4", "9", "9", "9", "55", "Don’t know", "2"), make_scale("1-5", ""), [])
    assert isinstance(found, Outside) and found.values == [("9", 3), ("55", 1), ("Don’t know", 1)]
    assert found.likely() == ["9", "Don’t know"]
    told = str(surveyscale.ask([found], 8))
    assert "9 (3x)" in told and "MISSING_CODES: these look so: 9; Don’t know" in told and "55. Mend them" in told
    assert "instead of 3.33" in told


def test_codes_are_counted_by_what_they_mean():
    found = read_question("q", texts("4", "9", "9.0", "99", None), make_scale("1-5", ""), ["9 = don't know", "99"])
    assert isinstance(found, Question) and found.missing == [("9 = don't know", 2), ("99", 1), ("", 1)]
    assert np.nanmean(found.value) == 4


def test_an_answer_cannot_mean_no_answer():
    with pytest.raises(InputError, match="is an answer of the scale"):
        read_question("q", texts("4", "5"), make_scale("1-5", ""), ["5"])


@pytest.mark.parametrize(("value", "looks"), [("9", True), ("99", True), ("-1", True), ("0", True), ("n/a", True),
                                              ("Keine Angabe", True), ("55", False), ("4.5", False), ("very", False)])
def test_what_looks_like_a_code(value, looks):
    assert surveyscale.looks_missing(value, 1, make_scale("1-5", ""), 100) is looks


def test_settings_by_question():
    found = surveyscale.by_question("1-5\nrate: 0-10\nwhy: not = 9", ["rate", "why"], "SCALE")
    assert found == {"": "1-5", "rate": "0-10", "why": "not = 9"}
    with pytest.raises(InputError, match="Two lines are about 'rate'"):
        surveyscale.by_question("rate: 1-5\nrate: 0-10", ["rate"], "SCALE")
