"""What is said of results, at its edges."""

from __future__ import annotations

import pytest

from hotspot_plugin.ui import evaluatewords as words
from hotspot_plugin.ui.runner import Outcome


def outcome(tool="weighteddisplacement", **results):
    return Outcome("done", f"hotspot:{tool}", tool, results)


def moved(wdd, low, high, net=(1.0, 9.0), next_door=(0.0, -3.0, 3.0)):
    return words.moved(outcome(
        WDD=wdd, LOW=low, HIGH=high, NET_LOW=net[0], NET_HIGH=net[1], LOCAL=wdd, LOCAL_LOW=low, LOCAL_HIGH=high,
        DISPLACED=next_door[0], DISPLACED_LOW=next_door[1], DISPLACED_HIGH=next_door[2], DETECTABLE=12.4))


def test_fewer_more_and_chance():
    fewer = moved(-40.4, -60.0, -20.0)
    assert fewer.mood == "good" and fewer.headline.startswith("40 fewer incidents than expected")
    assert "Only a fall" not in fewer.text
    more = moved(40.0, 20.0, 60.0, net=(-60.0, -20.0))
    assert more.mood == "doubt" and more.headline.startswith("40 more incidents")
    chance = moved(-10.0, -30.0, 10.0)
    assert chance.mood == "calm" and "could be chance" in chance.headline and "about 12 incidents" in chance.text


def test_fewer_there_but_not_with_next_door():
    found = words.moved(outcome(
        WDD=-76.4, LOW=-165.0, HIGH=12.0, NET_LOW=-59.0, NET_HIGH=133.0, LOCAL=-99.4, LOCAL_LOW=-168.0,
        LOCAL_HIGH=-31.0, DISPLACED=23.0, DISPLACED_LOW=-33.0, DISPLACED_HIGH=79.0, DETECTABLE=129.0))
    assert found.mood == "calm"
    assert found.headline.startswith("99 fewer incidents than expected where something was done; ")
    assert "together with next door it could be chance" in found.headline
    assert "99 fewer (168 fewer to 31 fewer); more than chance" in found.text
    assert "both together is 76 fewer" in found.text


def test_a_refusal_speaks_of_the_fields_that_are_seen():
    said = words.refusal("Codes of no answer (MISSING_CODES): There are values (9) outside. Write them into"
                         " MISSING_CODES: 9. If they are answers, change SCALE.")
    assert said == ("'Values that mean no answer': There are values (9) outside. Write them into 'Values that mean"
                    " no answer': 9. If they are answers, change 'What could be answered'.")
    assert words.refusal("Least cell (MIN_CELL): Too large.") == "Too large."
    assert words.refusal("Too few areas: 2 (of 5).") == "Too few areas: 2 (of 5)."


def test_the_fields_are_called_as_they_are_shown(qgis_app):
    from qgis.PyQt.QtWidgets import QLabel, QWidget

    from hotspot_plugin.ui import evaluateforms as forms

    class Session:
        vector_layers = staticmethod(lambda *_: [])

    shown = set()
    for form in (forms.WhatWasDone(), forms.ComparedWith(), forms.Residents(Session())):
        assert isinstance(form, QWidget)
        shown |= {one.text() for one in form.findChildren(QLabel)}
    assert set(words.asked_as().values()) <= shown


def test_numbers_without_shares_are_no_success():
    found = moved(-129.0, -226.0, -33.0, net=(-166.0, 208.0))
    assert found.mood == "doubt" and "by shares it could be chance" in found.headline
    assert "not be used alone" in found.doubt


@pytest.mark.parametrize(("span", "said"), [
    ((24.0, 2.0, 40.0), "moved there"), ((-24.0, -40.0, -2.0), "gained too"), ((24.0, -41.0, 88.0), "chance")])
def test_next_door(span, said):
    assert said in moved(-40.0, -60.0, -20.0, next_door=span).text.splitlines()[-1]


def test_no_change_is_no_minus_zero():
    assert words.percent(-0.3) == "no change" and words._one(0.4) == "no change"


@pytest.mark.parametrize(("worst", "said", "mood"), [
    (0.05, "They went alike before", "good"), (0.2, "nearly alike", "good"), (0.36, "not alike", "doubt"),
    (None, "cannot be said", "doubt")])
def test_how_alike(worst, said, mood):
    found = words.compared(outcome("evaluationareas", TREATED=3, CONTROL=3, TREATED_PAST=497, CONTROL_PAST=431,
                                   SMD_WORST=worst, TREATED_RINGS=3, WITHOUT_PARTNER=0))
    assert said in found.headline and found.mood == mood


def test_checks_that_fail_are_told():
    found = {"EFFECT": -21.0, "LOW": -40.0, "HIGH": -4.0, "TREND_P": 0.01, "FAKE_P": 0.02, "PLACEBO_COUNT": 0}
    said, doubt = words._other(found)
    assert "21 % fewer" in said and "more than chance" in said
    assert "A check failed" in doubt and " and " in doubt and "too few areas" in doubt
    found.update(TREND_P=0.5, FAKE_P=0.5, PLACEBO_COUNT=999, PLACEBO_P=0.031)
    assert "both checks" in words._other(found)[1] and "3 %" in words._other(found)[1]


def test_nothing_could_be_seen():
    found = words.sure(outcome("detectableeffect", FALL_PERC=None, FALL=None), None, None, "Too few areas.")
    assert found.mood == "doubt" and "not even an end of all" in found.headline and "Too few areas." in found.text


@pytest.mark.parametrize(("seen", "said"), [(305.0, "only a larger one"), (170.0, "a smaller one would often")])
def test_what_could_be_seen_is_measured_by_what_came(seen, said):
    power = outcome("detectableeffect", FALL_PERC=17.8, FALL=122.0, FALL_ALL=163.0)
    found = words.sure(power, None, outcome(DETECTABLE=seen))
    assert "18 % (122 incidents)" in found.headline and said in found.headline


def test_worries_before_and_after():
    def concern(mean, low, high):
        return outcome("communityconcern", MEAN_CONCERN=mean, MEAN_LOW=low, MEAN_HIGH=high, VOICES=40, REPORTS_USED=50)

    less = words.concern(concern(4.0, 3.8, 4.2), concern(3.2, 3.0, 3.4))
    assert less.mood == "good" and "worry less" in less.headline
    assert words.concern(concern(3.2, 3.0, 3.4), concern(4.0, 3.8, 4.2)).mood == "doubt"
    assert "No clear change" in words.concern(concern(3.5, 3.2, 3.8), concern(3.6, 3.3, 3.9)).headline
    assert "Too few" in words.concern(concern(3.5, 3.2, 3.8), concern(None, None, None)).headline
