"""Who began a record: read from yes and no, or from sources."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis import proactive


def texts(*values):
    out = np.empty(len(values), object)
    out[:] = values
    return out


def test_yes_and_no_in_all_their_spellings():
    marks, strange = proactive.from_truths(texts("True", "yes", "1", " T ", "false", "No", "0", None, ""), "proactive")
    assert marks.made.tolist() == [True] * 4 + [False] * 5
    assert marks.unknown.tolist() == [False] * 7 + [True] * 2
    assert (marks.n, marks.known, len(marks), strange) == (4, 7, 9, [])
    assert marks.share == pytest.approx(4 / 9) and marks.most == pytest.approx(6 / 9)
    assert marks.much


def test_what_is_not_known_does_not_hide_a_large_share():
    made = np.arange(100) < 8
    marks = proactive.Marks(made, np.arange(100) >= 40)
    assert marks.share == 0.08 and marks.most == 0.68
    assert marks.much  # 8 of the 40 that are known


def test_words_that_are_neither_are_not_known_and_named():
    marks, strange = proactive.from_truths(texts("call", "call", "officer", "no"))
    assert strange == ["call", "officer"]
    assert marks.unknown.tolist() == [True, True, True, False]
    assert marks.share == 0


def test_no_share_where_nothing_is_known():
    marks, _ = proactive.from_truths(texts(None, None))
    assert np.isnan(marks.share) and not marks.much


def test_sources_that_mean_officers():
    marks, absent, found = proactive.from_sources(
        texts("Call", "SELF-INITIATED", None, "Officer ", "Call"), ["self-initiated", "officer", "stop"], "source")
    assert marks.made.tolist() == [False, True, False, True, False]
    assert marks.unknown.tolist() == [False, False, True, False, False]
    assert absent == ["stop"]
    assert list(found.items())[0] == ("Call", 2)
    kept = marks.take(np.array([True, True, False, False, False]))
    assert (kept.n, len(kept), kept.field) == (1, 2, "source")


def test_ten_per_cent_is_not_yet_much():
    made = np.arange(100) < 10
    assert not proactive.Marks(made, np.zeros(100, bool)).much
    made[10] = True
    assert proactive.Marks(made, np.zeros(100, bool)).much
