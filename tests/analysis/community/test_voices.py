"""Voices, not reports."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.community import voices


def texts(*values):
    out = np.empty(len(values), object)
    out[:] = values
    return out


def test_one_loud_neighbour_is_one_voice():
    voice, without = voices.number_voices(texts("a", "a", " a ", "b", None, "", "b"))
    assert without == 2 and len(set(voice[:3].tolist())) == 1 and len(set(voice.tolist())) == 4
    assert voices.count(np.zeros(7, int), voice, 2).tolist() == [4, 0]


def test_what_most_name_with_its_interval():
    # one voice asks for patrol nine times, five others for light once each
    voice = np.r_[np.zeros(9, int), np.arange(1, 6)]
    names = texts(*["patrol"] * 9, *["light"] * 5)
    found = voices.main(np.zeros(14, int), voice, names, 1)
    assert found.names == [("light",)] and (found.most[0], found.of[0]) == (5, 6)
    assert found.share[0] == pytest.approx(5 / 6)
    # Wilson's interval of 5 of 6, as in R: prop.test(5, 6, correct = FALSE)
    assert (round(float(found.low[0]), 3), round(float(found.high[0]), 3)) == (0.436, 0.970)


def test_a_voice_that_names_two_things_counts_for_both():
    voice, names = np.array([0, 0, 1, 2, 3, 4]), texts("light", "repair", "repair", "light", "light", None)
    found = voices.main(np.zeros(6, int), voice, names, 1, least=4)
    assert found.names == [("light",)] and (found.most[0], found.of[0]) == (3, 4)


def test_level_wishes_are_both_named():
    found = voices.main(np.zeros(6, int), np.arange(6), texts(*["talk", "light"] * 3), 1)
    assert found.names == [("light", "talk")] and found.share[0] == 0.5


def test_where_no_two_agree_nothing_is_the_main_wish():
    found = voices.main(np.zeros(6, int), np.arange(6), texts(*"abcdef"), 1)
    assert found.names == [()] and np.isnan(found.share[0]) and found.of[0] == 6


def test_too_few_voices_say_nothing():
    zone, voice = np.array([0] * 5 + [1] * 4 + [1] * 9), np.array([*range(5), *range(4), *[3] * 9])
    found = voices.main(zone, voice, texts(*["light"] * 18), 3)
    assert found.names == [("light",), (), ()] and found.of.tolist() == [5, 4, 0]
    assert np.isnan(found.share[1:]).all() and np.isnan(found.low[1:]).all()
    assert voices.main(zone[:0], voice[:0], texts(), 2).names == [(), ()]


def test_a_mean_of_voices_and_not_of_reports():
    voice, value = np.array([0, 0, 0, 0, 1, 2, 3, 4, 5]), np.array([5.0, 5, 5, 5, 1, 1, 1, 1, np.nan])
    assert voices.mean(np.zeros(9, int), voice, value, 1)[0] == pytest.approx((5 + 4) / 5)
    assert np.isnan(voices.mean(np.zeros(4, int), np.arange(4), np.ones(4), 1)[0])
