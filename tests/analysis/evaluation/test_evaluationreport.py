"""Effects of several designs in one unit, and whether they agree."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.evaluation import evaluationreport as analysis
from hotspot_plugin.analysis.evaluation.evaluationreport import COMPARED, OTHER, Effect


def made(*spans, kind=COMPARED, usable=True):
    return [Effect(k, kind, value, low, high, 0.1, usable) for k, (value, low, high) in enumerate(spans)]


@pytest.mark.parametrize("spans, state, clear", [
    ([], analysis.NOTHING, 0),
    ([(-20, -30, -10)], analysis.ONE, 1),
    ([(-20, -30, -10), (-15, -28, -2)], analysis.ALL_CLEAR, 2),
    ([(-20, -30, -10), (-10, -25, 5)], analysis.SOME_CLEAR, 1),
    ([(-5, -30, 20), (3, -25, 40)], analysis.NONE_CLEAR, 0),
    ([(-20, -30, -10), (15, 2, 28)], analysis.CONTRADICT, 2),
    ([(-40, -50, -30), (-10, -20, 5)], analysis.CONTRADICT, 1),  # nothing in common, one of them not clear
    ([(-20, -np.inf, -10), (-15, -28, np.inf)], analysis.SOME_CLEAR, 1),
])
def test_agreement(spans, state, clear):
    found = analysis.agreement(made(*spans))
    assert (found.state, found.clear, found.number) == (state, clear, len(spans))


def test_what_fits_all():
    found = analysis.agreement(made((-20, -30, -10), (-15, -28, -2)))
    assert (found.least, found.most, found.low, found.high) == (-20, -15, -28, -10)
    assert (found.widest_low, found.widest_high) == (-30, -2)


def test_poor_fits_and_other_questions_do_not_count():
    counted = made((-20, -30, -10), (-15, -28, -2))
    more = [*counted, *made((50, 40, 60), kind=OTHER), *made((50, 40, 60), usable=False)]
    assert analysis.agreement(more) == analysis.agreement(counted)


def record(tool, parameters=None, **results):
    return {"tool": f"hotspot:{tool}", "parameters": parameters or {}, "results": results}


def test_changes_in_per_cent():
    """904 counted, 614 fewer than expected: 1,518 were to be expected."""
    wdd = analysis.effect_of(0, record("weighteddisplacement", {"WEIGHTING": "0 (x)"}, LOCAL=-614.0, LOCAL_LOW=-762.0,
                                       LOCAL_HIGH=-466.0, TREATED_AFTER=904, P_VALUE=0.001))
    assert (wdd.value, wdd.low, wdd.high) == pytest.approx(tuple(-v / 15.18 for v in (614, 762, 466)))
    assert wdd.clear and np.isnan(wdd.p)  # its p is of the areas around too
    sizes = record("weighteddisplacement", {"WEIGHTING": "3 (x)"}, LOCAL=-6.0, LOCAL_LOW=-7.0, LOCAL_HIGH=-5.0,
                   TREATED_AFTER=904)
    assert analysis.effect_of(0, sizes) is None
    ratio = analysis.effect_of(0, record("datedevents", RATIO=0.8, LOW=0.6, HIGH=None, P_VALUE=0.3))
    assert (ratio.kind, ratio.value, ratio.high) == (OTHER, pytest.approx(-20), np.inf)
    poor = analysis.effect_of(0, record("syntheticcontrol", PERC=-10.0, PERC_LOW=-20.0, PERC_HIGH=1.0, FIT=0.4))
    assert not poor.usable
    # with areas the change of 'Compare two periods' is that of all the data
    assert analysis.effect_of(0, record("compareperiods", PERC=-3.0, LOW=-5.0, HIGH=-1.0, AREAS_PERC=-39.0)) is None
    assert analysis.effect_of(0, record("diffindiff", EFFECT=None, LOW=None, HIGH=None)) is None
    assert analysis.effect_of(0, record("patternchange", S=0.8)) is None
