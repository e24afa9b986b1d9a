"""What several designs of one evaluation say together: effects in one unit, and whether they agree.

Designs that use the same incidents are not independent of one another: their estimates are set side by side and never
pooled, and that they agree says that the answer does not hang on one assumption, not that it is more certain. Results
of one design in several places are pooled where the user says that they are such.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .pooling import Pooled, pool

#: Kinds of results: a design with a comparison (its own past or other areas), one without, another question.
COMPARED, UNCOMPARED, OTHER = "compared", "uncompared", "other"
#: One of several places that are pooled.
PLACE = "place"
#: How designs agree.
NOTHING, ONE, ALL_CLEAR, SOME_CLEAR, NONE_CLEAR, CONTRADICT = "nothing", "one", "all", "some", "none", "contradict"
#: RMSPE before over the mean above which nothing is read off a synthetic control.
POOR_FIT = 0.25

TOOLS = {
    "hotspot:weighteddisplacement": COMPARED, "hotspot:diffindiff": COMPARED, "hotspot:interruptedseries": COMPARED,
    "hotspot:syntheticcontrol": COMPARED, "hotspot:compareperiods": UNCOMPARED, "hotspot:datedevents": OTHER,
    "hotspot:patternchange": OTHER, "hotspot:surveychange": OTHER, "hotspot:surveysummary": OTHER,
    "hotspot:detectableeffect": OTHER, "hotspot:evaluationareas": OTHER, "hotspot:hotspottracking": OTHER,
    "hotspot:patroldosage": OTHER, "hotspot:cptedcompare": OTHER,
}


@dataclass(frozen=True)
class Effect:
    """A change in per cent of what was to be expected, with its 95 % interval; NaN where it is not known.

    Attributes
    ----------
    row : int
        The record that it comes from.
    kind : str
        COMPARED, UNCOMPARED or OTHER.
    value, low, high, p : float
        An end that is not bounded is infinite.
    usable : bool
        False where the tool itself says that nothing should be read off.
    """

    row: int
    kind: str
    value: float
    low: float
    high: float
    p: float
    usable: bool = True

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out no change."""
        return bool(self.low > 0 or self.high < 0)


def _number(results: dict, name: str) -> float:
    value = results.get(name)
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else float("nan")


def effect_of(row: int, record: dict) -> Effect | None:
    """Return the change in the treated areas that a record states, in per cent; None where it states none.

    Parameters
    ----------
    row : int
    record : dict
        As a tool leaves it.
    """
    tool, found = record.get("tool"), record.get("results") or {}
    kind = TOOLS.get(str(tool), OTHER)
    names = {
        "hotspot:diffindiff": ("EFFECT", "LOW", "HIGH"), "hotspot:interruptedseries": ("EFFECT", "LOW", "HIGH"),
        "hotspot:syntheticcontrol": ("PERC", "PERC_LOW", "PERC_HIGH"),
        "hotspot:compareperiods": ("PERC", "LOW", "HIGH"),
        "hotspot:datedevents": ("RATIO", "LOW", "HIGH"),
        "hotspot:weighteddisplacement": ("LOCAL", "LOCAL_LOW", "LOCAL_HIGH"),
    }.get(str(tool))
    if names is None or (tool == "hotspot:compareperiods" and found.get("AREAS_PERC") is not None):
        return None  # with areas its change is that of all the data, and for the areas it states no interval
    value, low, high = (_number(found, name) for name in names)
    if tool == "hotspot:weighteddisplacement":
        # of what the treated areas would have had: what was counted less the difference
        expected = _number(found, "TREATED_AFTER") - value
        weighting = str((record.get("parameters") or {}).get("WEIGHTING") or "0")
        share = 100.0 / expected if expected > 0 and not weighting.startswith("3") else float("nan")
        value, low, high = value * share, low * share, high * share
    if tool == "hotspot:datedevents":
        value, low, high = (100.0 * (v - 1.0) for v in (value, low, high))
    if not np.isfinite(value):
        return None
    usable = not (tool == "hotspot:syntheticcontrol" and _number(found, "FIT") > POOR_FIT)
    # that of the weighted difference is of the areas around as well
    p = float("nan") if tool == "hotspot:weighteddisplacement" else _number(found, "P_VALUE")
    return Effect(row, kind, value, low if np.isfinite(low) else -np.inf, high if np.isfinite(high) else np.inf, p,
                  usable)


@dataclass(frozen=True)
class Agreement:
    """How the designs with a comparison agree.

    Attributes
    ----------
    state : str
        NOTHING, ONE, ALL_CLEAR, SOME_CLEAR, NONE_CLEAR or CONTRADICT.
    number, clear : int
        Designs, and those whose interval leaves out no change.
    least, most : float
        Of the estimates.
    low, high : float
        Changes that all intervals hold; NaN where they have none in common.
    widest_low, widest_high : float
        Changes that at least one interval holds.
    """

    state: str
    number: int
    clear: int
    least: float
    most: float
    low: float
    high: float
    widest_low: float
    widest_high: float


def agreement(effects: list) -> Agreement:
    """Say how the usable designs with a comparison agree.

    They contradict where two are clear in opposite directions, or where two intervals have nothing in common.
    """
    used: list[Any] = [e for e in effects if e.kind == COMPARED and e.usable]
    nan = float("nan")
    if not used:
        return Agreement(NOTHING, 0, 0, nan, nan, nan, nan, nan, nan)
    low, high = max(e.low for e in used), min(e.high for e in used)
    clear = [e for e in used if e.clear]
    apart = low > high or len({e.value > 0 for e in clear}) > 1
    if len(used) == 1:
        state = ONE
    elif apart:
        state = CONTRADICT
    else:
        state = ALL_CLEAR if len(clear) == len(used) else SOME_CLEAR if clear else NONE_CLEAR
    values = [e.value for e in used]
    return Agreement(state, len(used), len(clear), min(values), max(values), nan if low > high else low,
                     nan if low > high else high, min(e.low for e in used), max(e.high for e in used))


def pooled(effects: list, records: list) -> tuple[list, Pooled | None]:
    """Pool the differences in differences of several places.

    Parameters
    ----------
    effects : list of Effect
    records : list of dict
        Of all results; those of 'Difference in differences' state LOG_RATIO and SE.

    Returns
    -------
    list of Effect, Pooled or None
        Places, what is not pooled (OTHER), and last the pooled effect, in per cent, with the row ``len(records)``; None
        and the effects as they were where fewer than two places can be pooled.
    """
    places, values, variances = [], [], []
    for e in effects:
        found = records[e.row].get("results") or {}
        ratio, se = _number(found, "LOG_RATIO"), _number(found, "SE")
        if records[e.row].get("tool") == "hotspot:diffindiff" and np.isfinite(ratio) and se > 0:
            places.append(e.row)
            values.append(ratio)
            variances.append(se**2)
    if len(places) < 2:
        return effects, None
    one = pool(np.array(values), np.array(variances))
    kinds = [PLACE if e.row in places else UNCOMPARED if e.kind == UNCOMPARED else OTHER for e in effects]
    value, low, high = (100.0 * float(np.expm1(v)) for v in (one.value, one.low, one.high))
    return [*(replace(e, kind=kind) for e, kind in zip(effects, kinds)),
            Effect(len(records), COMPARED, value, low, high, one.p)], one
