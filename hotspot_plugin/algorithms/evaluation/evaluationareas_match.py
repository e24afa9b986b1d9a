"""Who is compared with whom: candidates left out and why, pairs, rings, balance, and the plan."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from qgis.core import QgsFeatureRequest, QgsGeometry

from ...analysis.errors import InputError
from ...analysis.evaluation import design
from ...analysis.evaluation import evaluationareas as analysis
from ...layers import fields
from ...translation import tr
from . import design_plan
from . import evaluationareas_ground as ground
from .evaluationareas_read import GIVEN, Data, Group

_MONTH = 365.2425 / 12.0
#: What became of a candidate.
TAKEN, FREE, TREATED_GROUND, TOO_NEAR, OTHER_TREATMENT, BELOW_RULE, NO_NUMBER = range(7)
#: In the order of the parameter UNMATCHED.
LEFT_OUT, KEPT = range(2)
MEASURES = ("weighted displacement difference", "difference in differences", "synthetic control",
            "interrupted time series")


@dataclass(frozen=True)
class Result:
    """The areas of the evaluation.

    Attributes
    ----------
    taken : (k,) int array
        Candidates that are comparison areas.
    pair : (k,) int array
        Treated area of each, -1 where all are compared with all.
    distance : (k,) array
        In standard deviations; NaN without pairs.
    weight : (k,) array
        Of each in the balance.
    alone : (t,) array of bool
        Treated areas without a comparison area.
    short : int
        Comparison areas that are lacking, of treated areas that have at least one.
    role : (t,) int array
        Role code of the treated areas.
    state : (m,) int array
        What became of each candidate.
    features : list of str
        Names of what they were matched on, and then of what is only compared.
    matched : int
        How many of these they were matched on.
    balance : Balance
    chance : float
        Share of the differences in level that is chance.
    limit : float
        Least incidents on the days of choice; NaN without that rule.
    same_rule : bool or None
        The comparison areas were chosen for their many incidents like the treated; None where that is no question.
    rings : list of (Rings, rows) for the treated and the comparison areas
    no_street : int
        Areas without a street, whose ring is by straight distance.
    exclusion : float
        Metres.
    """

    taken: np.ndarray
    pair: np.ndarray
    distance: np.ndarray
    weight: np.ndarray
    alone: np.ndarray
    short: int
    role: np.ndarray
    state: np.ndarray
    features: list
    matched: int
    balance: analysis.Balance
    chance: float
    limit: float
    same_rule: Any
    rings: list
    no_street: int
    exclusion: float

    def words(self, value: float) -> str:
        """Say how alike a standardised difference is."""
        size = abs(value)
        if not np.isfinite(size):
            return tr("does not vary")
        return tr("alike") if size <= analysis.ALIKE else tr("nearly alike") if size <= analysis.NEARLY else tr(
            "not alike")

    @property
    def worst(self) -> float:
        """Largest standardised difference of what they were matched on."""
        values = np.abs(self.balance.after[: self.matched])
        return float(np.nanmax(values)) if np.isfinite(values).any() else float("nan")


def choose(run: Any, data: Data) -> Result:
    """Choose the comparison areas and make the rings."""
    tool = run.tool
    ring = run.number(tool.RING_DISTANCE)
    exclusion = run.number(tool.EXCLUSION)
    exclusion = 2.0 * ring if exclusion is None else exclusion
    own, other = data.treated, data.candidates
    state, limit = _screen(run, data, exclusion)
    names, treated, candidates, matched = _features(data)
    usable = np.flatnonzero(state == FREE)
    given = data.origin == GIVEN
    if not len(usable):
        raise InputError(tool.CANDIDATES, "None of the {count} areas to compare with is left: {why}. Give more of them,"
                         " or a smaller EXCLUSION.", count=len(other), why=_why(state))
    scale = analysis.spread(treated, candidates[usable])
    if given:
        taken, pair = usable, np.full(len(usable), -1)
        distance, short, dropped = np.full(len(usable), np.nan), np.zeros(len(own), int), 0
        weight = np.ones(len(usable))
    else:
        each = run.integer(tool.EACH)
        clash = ground.conflicts([other.geometries[k] for k in usable])
        pairs = analysis.match(treated[:, :matched], candidates[usable][:, :matched], scale[:matched], each,
                               run.number(tool.CALIPER), clash, run.stage(0.55, 0.65))
        taken, pair, distance, short = usable[pairs.candidate], pairs.treated, pairs.distance, pairs.short
        dropped = pairs.dropped
        if not len(taken):
            raise InputError(tool.CALIPER, "No area to compare with differs by {caliper} standard deviations or less"
                             " from a treated one. Allow more, leave CALIPER empty, or give more areas.",
                             caliper=run.number(tool.CALIPER))
        weight = 1.0 / np.bincount(pair, minlength=len(own))[pair]
        short = short - 0
    data.left_out["same ground"] = dropped
    alone = np.zeros(len(own), bool) if given else np.bincount(pair, minlength=len(own)) == 0
    left = alone & (run.choice(tool.UNMATCHED) == LEFT_OUT)
    if left.all():
        raise InputError(tool.UNMATCHED, "No treated area has a comparison area.")
    state[taken] = TAKEN
    balance = analysis.balance(treated, ~alone, candidates[usable], candidates[taken], weight)
    same = None
    if data.rule.by == "count":
        same = bool(data.same_record or (other.choice[taken] >= limit).all())
    role = np.where(left, -1, 0)
    rings, no_street = _rings(run, data, taken, role, ring)
    return Result(taken, pair, distance, weight, alone, int(short[~alone].sum()), role, state, names, matched, balance,
                  analysis.chance_share(other.past.total[usable]), limit, same, rings, no_street, exclusion)


def _screen(run: Any, data: Data, exclusion: float) -> tuple[np.ndarray, float]:
    """Return what became of each candidate, and the least count that the rule of choice asks for."""
    own, other = data.treated, data.candidates
    state = np.full(len(other), FREE)
    limit = float("nan")
    if data.rule.by == "count":
        limit = float(own.choice.min())
        if data.origin != GIVEN and not data.same_record:
            state[other.choice < limit] = BELOW_RULE
    state[np.isnan(other.extra).any(axis=1)] = NO_NUMBER
    run.progress(0.45)
    state[ground.near_any(other.geometries, data.others, 0.0, run.stage(0.45, 0.48))] = OTHER_TREATMENT
    if data.origin != GIVEN:
        state[ground.near_any(other.geometries, own.geometries, exclusion, run.stage(0.48, 0.52))] = TOO_NEAR
    else:
        near = ground.near_any(other.geometries, own.geometries, exclusion, run.stage(0.48, 0.52))
        data.left_out["near given"] = int(near.sum())
    state[ground.near_any(other.geometries, own.geometries, 0.0, run.stage(0.52, 0.55))] = TREATED_GROUND
    return state, limit


def _why(state: np.ndarray) -> str:
    names = {TREATED_GROUND: tr("on treated ground"), TOO_NEAR: tr("too near to a treated area"),
             OTHER_TREATMENT: tr("on the ground of another treatment"), BELOW_RULE: tr("below the rule of choice"),
             NO_NUMBER: tr("without a number to match on")}
    return ", ".join(f"{int((state == code).sum())} {text}" for code, text in names.items() if (state == code).any())


def _features(data: Data) -> tuple[list, np.ndarray, np.ndarray, int]:
    """Return the names of what is compared, its values for both groups, and how many they are matched on."""
    names = [tr("Incidents a year (level)"), tr("Change a year (trend)")]
    own, other = ([g.past.level, g.past.trend] for g in (data.treated, data.candidates))
    if data.rule.days is not None and data.rule.days != data.period:
        names.append(tr("Incidents on the days of choice"))
        own.append(data.treated.choice)
        other.append(data.candidates.choice)
    for k, name in enumerate(data.matched_on):
        names.append(name)
        own.append(data.treated.extra[:, k])
        other.append(data.candidates.extra[:, k])
    matched = len(names)
    names.append(tr("Ground in hectares (not matched)"))
    for values, group in ((own, data.treated), (other, data.candidates)):
        values.append(np.array([g.area() / 1e4 for g in group.geometries]))
    return names, np.column_stack(own), np.column_stack(other), matched


def _rings(run: Any, data: Data, taken: np.ndarray, role: np.ndarray, distance: float) -> tuple[list, int]:
    tool = run.tool
    if not distance > 0:
        return [], 0
    every = [*data.treated.geometries, *(data.candidates.geometries[k] for k in taken)]
    if run.has(tool.STREETS):
        reach: Any = ground.AlongStreets(every, run.areas(tool.STREETS), run.number(tool.STREET_DEPTH), distance,
                                         run.stage(0.65, 0.75))
    else:
        reach = ground.Straight(every)
    t = len(data.treated)
    parts = [np.flatnonzero(role == 0), np.arange(t, len(every))]
    first = ground.rings(parts[0], reach, every, data.others, [], distance, run.stage(0.75, 0.82))
    second = ground.rings(parts[1], reach, every, data.others, [r for r in first.shapes if not r.isEmpty()], distance,
                          run.stage(0.82, 0.9))
    return [(first, parts[0]), (second, parts[1])], int(reach.without_street.sum())


# --- writing --------------------------------------------------------------------------------
@dataclass(frozen=True)
class Layer:
    """What OUTPUT holds, in its order: treated areas, comparison areas, rings around both."""

    shapes: list
    columns: dict
    codes: np.ndarray


def layer(data: Data, result: Result) -> Layer:
    """Return the areas with their fields."""
    own, other, t = data.treated, data.candidates, len(data.treated)
    taken = result.taken
    shapes = [QgsGeometry(g) for g in [*own.geometries, *(other.geometries[k] for k in taken)]]
    codes = [*result.role.tolist(), *[1] * len(taken)]
    inside = np.concatenate([np.arange(t), np.arange(t, t + len(taken))]).tolist()
    around: list = [None] * len(shapes)
    cut: list = [float("nan")] * len(shapes)
    names = [*own.names, *(other.names[k] for k in taken)]
    pair = [*(k + 1 for k in range(t)), *(int(k) + 1 if k >= 0 else None for k in result.pair)]
    for code, (rings, rows) in zip((2, 3), result.rings):
        for k, row in enumerate(rows.tolist()):
            if rings.shapes[k].isNull() or rings.shapes[k].isEmpty():
                continue
            shapes.append(QgsGeometry(rings.shapes[k]))
            codes.append(code)
            around.append(row + 1)
            inside.append(-1)
            cut.append(float(rings.cut_share[k]))
            names.append(names[row])
            pair.append(pair[row])
    areas = np.array(inside) >= 0
    k = int(areas.sum())
    rest = len(shapes) - k
    nan = np.full(rest, np.nan)
    past = np.concatenate([own.past.total, other.past.total[taken]])
    by_rings = _counts(shapes[k:], data)
    columns = {
        fields.ROLE: np.array([design.ROLES[c] if c >= 0 else None for c in codes], object),
        fields.EVAL_ID: np.arange(1, len(shapes) + 1), fields.PAIR_ID: np.array(pair, object),
        fields.AROUND_ID: np.array(around, object), fields.EVAL_NAME: np.array(names, object),
        fields.N_PAST: np.concatenate([past, by_rings]).astype(np.int64),
        fields.LEVEL_YR: np.concatenate([past, by_rings]) * (analysis.YEAR / data.period.days),
        fields.TREND_YR: np.concatenate([own.past.trend, other.past.trend[taken], nan]),
        fields.N_CHOICE: np.ma.masked_array(
            np.concatenate([own.choice, other.choice[taken], np.zeros(rest)]).astype(np.int64),
            (np.arange(len(shapes)) >= k) | (data.rule.days is None)),
        fields.DIST_SD: np.concatenate([np.full(t, np.nan), result.distance, nan]),
        fields.AREA_HA: np.array([g.area() / 1e4 for g in shapes]), fields.CUT_SH: np.array(cut),
    }
    return Layer(shapes, columns, np.array(codes))


def _counts(shapes: list, data: Data) -> np.ndarray:
    from .evaluationareas_read import _group

    if not shapes:
        return np.zeros(0)
    return _group(shapes, [""] * len(shapes), data.rows, data.period, data.units, data.rule,
                  np.zeros((len(shapes), 0))).past.total


def screened(data: Data, result: Result, words: dict) -> tuple[list, dict]:
    """Return all candidates with what became of them."""
    other: Group = data.candidates
    return [QgsGeometry(g) for g in other.geometries], {
        fields.EVAL_NAME: np.array(other.names, object),
        fields.WHY_OUT: np.array([words[int(code)] for code in result.state], object),
        fields.N_PAST: other.past.total.astype(np.int64), fields.LEVEL_YR: other.past.level,
        fields.TREND_YR: other.past.trend,
        fields.N_CHOICE: np.ma.masked_array(other.choice.astype(np.int64), data.rule.days is None),
        fields.AREA_HA: np.array([g.area() / 1e4 for g in other.geometries]),
    }


def write_plan(run: Any, data: Data, codes: np.ndarray) -> None:
    """Write the plan where one is asked for; areas are known by their places as the layer has them."""
    tool = run.tool
    if not run.wants(tool.PLAN_OUT):
        return
    digest = hashlib.sha256()
    for feature in run.output_layer(tool.OUTPUT).getFeatures(QgsFeatureRequest()):
        digest.update(bytes(feature.geometry().asWkb()))

    class Read:
        fingerprint = digest.hexdigest()

    months = run.number(tool.AFTER_MONTHS) or data.period.days / _MONTH
    test = {"measure": MEASURES[run.choice(tool.TEST)], "level": 0.05, "two_sided": True}
    number = [(codes == k).sum() for k in range(len(design.ROLES))]
    path = run.file(tool.PLAN_OUT)
    design_plan.write(path, tool.PLAN_OUT, {**design_plan.content(
        design_plan.fingerprint(Read, codes), number, data.period, data.start, months, run.text(tool.OUTCOME).strip(),
        test), "chosen_by": data.rule.by, "days_of_choice": [str(data.rule.days.start), str(data.rule.days.end)]
        if data.rule.days else None})
    run.outputs[tool.PLAN_OUT] = path
