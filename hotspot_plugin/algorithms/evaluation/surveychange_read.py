"""What 'Perceptions before and after' reads: two waves, their roles and areas, answers, groups and weights."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...analysis.community import surveyscale
from ...analysis.community.surveyscale import Question, plain
from ...analysis.errors import InputError
from ...analysis.evaluation.design import role_codes
from ...layers import fields as names_of
from ...reports import formats
from ...translation import tr
from ..community import surveysummary_read as survey_read
from . import design_read

_EARLIER = {"before", "pre", "baseline", "first", "wave 1", "w1", "t0", "vorher", "avant", "antes", "prima", "до"}
_LATER = {"after", "post", "follow-up", "followup", "endline", "second", "wave 2", "w2", "t1", "nachher", "après",
          "después", "despues", "depois", "dopo", "после"}


@dataclass
class Rows:
    """Rows of both waves.

    Attributes
    ----------
    columns : dict
    x, y : (n,) arrays
        NaN without a place.
    """

    columns: dict
    x: np.ndarray
    y: np.ndarray

    def __len__(self) -> int:
        return len(self.x)

    def take(self, keep: np.ndarray) -> Rows:
        """Return the rows of a mask."""
        return Rows({name: column[keep] for name, column in self.columns.items()}, self.x[keep], self.y[keep])


@dataclass
class Data:
    """What was read; the rows are those that count.

    Attributes
    ----------
    questions : list of Question
    wave, role : (n,) arrays of int
        0 before and 1 after; 0 treated and 1 comparison.
    area : (n,) array of int or None
        -1 for unknown.
    area_counts : (int, int)
        Treated and comparison areas with respondents.
    weight : (n,) array
    stratum, unit, person : (n,) arrays of int or None
    groups : list of Group
    left_out : dict of str to int
        Why rows were left out.
    waves : (str, str)
        Names of the waves.
    """

    questions: list[Question]
    wave: np.ndarray
    role: np.ndarray
    area: np.ndarray | None
    area_counts: tuple
    weight: np.ndarray
    stratum: np.ndarray | None
    unit: np.ndarray | None
    person: np.ndarray | None
    groups: list
    left_out: dict
    waves: tuple
    layer: str
    least: int
    public: bool
    notes: str
    weighted: bool
    hints: list = field(default_factory=list)

    @property
    def cell(self) -> np.ndarray:
        """(n,) array: 0 treated before, 1 treated after, 2 comparison before, 3 comparison after."""
        return 2 * self.role + self.wave

    @property
    def compared(self) -> bool:
        """Whether there are comparison areas."""
        return bool((self.role == 1).any())


def read(run: Any) -> Data:
    """Read everything."""
    tool = run.tool
    names, group_fields = run.fields(tool.QUESTIONS), run.fields(tool.GROUP_FIELDS)
    if not names:
        raise InputError(tool.QUESTIONS, "Choose at least one field with the answers to a question.")
    twice = [name for name in group_fields if name in names]
    if twice:
        raise InputError(tool.GROUP_FIELDS, "'{field}' is a question and a group at once. Choose it for one of them.",
                         field=twice[0])
    weight, stratum, cluster, person, area, role, wave = (run.field(name) for name in (
        tool.WEIGHT_FIELD, tool.STRATUM_FIELD, tool.CLUSTER_FIELD, tool.PERSON_FIELD, tool.AREA_FIELD, tool.ROLE_FIELD,
        tool.WAVE_FIELD))
    named = bool(run.text(tool.TREATED).strip())
    _one_role(run, role, named, area)
    if not role and not named and not run.has(tool.AREAS):
        role = run.field(tool.ROLE_FIELD, schema=names_of.ROLE)
    texts = [t for t in (*names, *group_fields, stratum, cluster, person, area, role, wave) if t]
    rows, weights, waves, wave_code, left, layer = _both(run, texts, weight, wave)
    role_code, area_code = _roles(run, rows, role, area, named)
    used = (wave_code >= 0) & (role_code >= 0)
    left[tr("in another wave")] = int((wave_code < 0).sum())
    left[tr("in an area without a role, around the areas, or outside all")] = int(
        ((wave_code >= 0) & (role_code < 0)).sum())
    people = None
    if person:
        people = _people(run, rows.columns[person], np.where(used, wave_code, -1), person, waves)
        left[tr("without a person")] = int((used & (people < 0)).sum())
        used &= people >= 0
    rows, wave_code, role_code, weights = rows.take(used), wave_code[used], role_code[used], weights[used]
    area_code = None if area_code is None else area_code[used]
    _both_there(wave_code, role_code, waves, tool, named, role)
    codes = surveyscale.by_question(run.text(tool.MISSING_CODES), [*names, *group_fields], tool.MISSING_CODES)
    scales = surveyscale.by_question(run.text(tool.SCALE), [*names, *group_fields], tool.SCALE)
    questions = survey_read.read_questions(run, rows, names, scales, codes)
    groups, hints = [], []
    for name in group_fields:
        group, hint = survey_read.make_group(rows.columns[name], name, scales.get(name, ""), codes)
        groups.append(group)
        hints += hint
    strata, units = survey_read.strata_and_units(rows.columns, stratum, cluster)
    public = run.flag(tool.PUBLIC)
    least = (run.integer(tool.MIN_PUBLIC) or 10) if public else (run.integer(tool.MIN_INTERNAL) or 5)
    counts = (0, 0) if area_code is None else tuple(
        len(np.unique(area_code[(role_code == k) & (area_code >= 0)])) for k in (0, 1))
    for reason, count in left.items():
        if count:
            run.info(tr("{count} rows are left out: {reason}.").format(count=formats.number(count), reason=reason))
    return Data(questions, wave_code, role_code, area_code, counts, weights, strata, units,
                None if people is None else people[used], groups, {k: v for k, v in left.items() if v}, waves, layer,
                least, public, run.text(tool.NOTES).strip(), bool(weight), hints)


# --- waves ---------------------------------------------------------------------------------
def _both(run: Any, texts: list, weight: str, wave: str) -> tuple:
    """Read the layer or both; return rows, weights, names of the waves, wave of each row, what is left out, layer."""
    tool, parts, weights, lost = run.tool, [], [], 0
    apart = run.has(tool.AFTER_INPUT)
    if apart and wave:
        raise InputError(tool.WAVE_FIELD, "A layer for each wave and a wave field are given: it is not clear which"
                         " holds. Leave one of them empty.")
    if not apart and not wave:
        raise InputError(tool.WAVE_FIELD, "Choose the field that says which wave a row belongs to, or give the later"
                         " wave as a layer of its own (AFTER_INPUT).")
    for parameter in (tool.INPUT, tool.AFTER_INPUT)[: 1 + apart]:
        lacking = [name for name in (*texts, weight) if name and name not in run.source_fields(parameter)]
        if lacking:
            raise InputError(parameter, "'{layer}' lacks the field '{field}'. Both waves need the same fields: rename"
                             " it with 'Refactor fields'.", layer=run.source(parameter).sourceName(), field=lacking[0])
        survey = survey_read.read_respondents(run, texts, weight, parameter)
        survey, own, invalid = survey_read.read_weights(run, survey, weight)
        parts.append(survey)
        weights.append(own)
        lost += invalid
    columns = {name: np.concatenate([part.columns[name] for part in parts]) for name in dict.fromkeys(texts)}
    rows = Rows(columns, *(np.concatenate([getattr(part, axis) for part in parts]) for axis in "xy"))
    layer = " · ".join(dict.fromkeys(part.name for part in parts))
    left = {tr("no weight above 0"): lost}
    if apart:
        code = np.repeat([0, 1], [len(part) for part in parts])
        return rows, np.concatenate(weights), (tr("before"), tr("after")), code, left, layer
    code, waves = _waves(run, rows.columns[wave], wave)
    return rows, np.concatenate(weights), waves, code, left, layer


def _waves(run: Any, texts: np.ndarray, name: str) -> tuple[np.ndarray, tuple]:
    """Return the wave of each row, and the names of both."""
    tool = run.tool
    keys = np.array(["" if t is None else plain(t) for t in texts], dtype=object)
    kinds = sorted({key for key in keys if key}, key=survey_read.in_order)
    first = {key: str(text).strip() for key, text in zip(keys[::-1], texts[::-1]) if key}
    given = [[plain(part) for part in survey_read.parts_of(run.text(parameter))] for parameter in (
        tool.BEFORE, tool.AFTER)]
    for parameter, values in zip((tool.BEFORE, tool.AFTER), given):
        wrong = [value for value in values if value not in kinds]
        if wrong:
            raise InputError(parameter, "'{value}' is no value of '{field}'. Its values are: {values}.", value=wrong[0],
                             field=name, values=", ".join(first[k] for k in kinds[:8]) or "none")
    both = [value for value in given[0] if value in given[1]]
    if both:
        raise InputError(tool.AFTER, "'{value}' is named for both waves. Name it for one.", value=both[0])
    if not all(given):
        given = _found(tool, kinds, given, name, first)
        run.info(tr("Waves by '{field}': first {before}, then {after}.").format(
            field=name, before=first[given[0][0]], after=first[given[1][0]]))
    code = np.select([np.isin(keys, given[0]), np.isin(keys, given[1])], [0, 1], -1)
    return code.astype(np.int64), tuple(", ".join(first[value] for value in values) for values in given)


def _found(tool: Any, kinds: list, given: list, name: str, first: dict) -> list:
    """Find the waves where there are two values whose order is plain."""
    if len(kinds) == 2:
        for k in (0, 1):
            if len(given[k]) == 1 and not given[1 - k]:
                other = [next(kind for kind in kinds if kind != given[k][0])]
                return [given[0], other] if k == 0 else [other, given[1]]
        for order in (kinds, kinds[::-1]):
            if order[0] in _EARLIER or order[1] in _LATER:
                return [[order[0]], [order[1]]]
        numbers = [surveyscale.as_number(kind) for kind in kinds]
        if np.isfinite(numbers).all():
            order = np.argsort(numbers)
            return [[kinds[order[0]]], [kinds[order[1]]]]
    raise InputError(tool.BEFORE, "Say which values of '{field}' are the earlier wave (BEFORE) and which the later"
                     " (AFTER). Its values are: {values}.", field=name,
                     values=", ".join(first[k] for k in kinds[:10]) or "none")


def _people(run: Any, texts: np.ndarray, wave: np.ndarray, name: str, waves: tuple) -> np.ndarray:
    """Return the number of each person, -1 for unknown; refuse people who are twice in a wave."""
    keys = np.array(["" if t is None else plain(t) for t in texts], dtype=str)
    code = np.unique(keys, return_inverse=True)[1].ravel().astype(np.int64)
    code = np.where(keys == "", -1, code)
    known = (code >= 0) & (wave >= 0)
    pairs, times = np.unique(np.column_stack([code[known], wave[known]]), axis=0, return_counts=True)
    if (times > 1).any():
        person, at = pairs[np.flatnonzero(times > 1)[0]]
        raise InputError(
            run.tool.PERSON_FIELD, "{count} people are in one wave more than once, such as '{person}' in '{wave}'. Each"
            " person must have one row in each wave: remove the repeats, or leave the field empty if it names"
            " no people.", count=int((times > 1).sum()), person=str(texts[np.flatnonzero(code == person)[0]]),
            wave=waves[at])
    if not len(np.intersect1d(pairs[pairs[:, 1] == 0, 0], pairs[pairs[:, 1] == 1, 0])):
        raise InputError(run.tool.PERSON_FIELD, "Nobody of '{field}' is in both waves, so this is no panel. Leave the"
                         " field empty: the waves then count as surveys of different people.", field=name)
    return code


# --- roles ---------------------------------------------------------------------------------
def _one_role(run: Any, role: str, named: bool, area: str) -> None:
    tool = run.tool
    given = [name for name, there in ((tool.ROLE_FIELD, bool(role)), (tool.TREATED, named),
                                      (tool.AREAS, run.has(tool.AREAS))) if there]
    if len(given) > 1:
        raise InputError(given[-1], "Roles are given twice ({names}): it is not clear which hold. Give one of them.",
                         names=", ".join(given))
    if named and not area:
        raise InputError(tool.AREA_FIELD, "Choose the field of the survey with the names of the areas; TREATED says"
                         " which of them were treated.")


def _roles(run: Any, rows: Rows, role: str, area: str, named: bool) -> tuple[np.ndarray, np.ndarray | None]:
    """Return role (0 treated, 1 comparison, -1 none) and area of each row."""
    tool, n = run.tool, len(rows)
    keys = np.array(["" if t is None else plain(t) for t in rows.columns[area]], dtype=object) if area else None
    if run.has(tool.AREAS):
        return _of_areas(run, rows, area, keys)
    code = None
    if keys is not None:
        code = np.unique(keys.astype(str), return_inverse=True)[1].ravel().astype(np.int64)
        code = np.where(keys == "", -1, code)
    if role:
        roles = role_codes(rows.columns[role], tool.ROLE_FIELD).astype(np.int64)
        return np.where(roles <= 1, roles, -1), code
    if named:
        treated = [plain(part) for part in survey_read.parts_of(run.text(tool.TREATED))]
        wrong = [value for value in treated if value not in set(keys)]
        if wrong:
            shown = sorted({str(t).strip() for t in rows.columns[area] if t is not None})
            raise InputError(tool.TREATED, "'{name}' is no area of '{field}'. Its areas are: {names}.", name=wrong[0],
                             field=area, names=", ".join(shown[:12]))
        return np.where(keys == "", -1, np.where(np.isin(keys, treated), 0, 1)).astype(np.int64), code
    return np.zeros(n, dtype=np.int64), code


def _of_areas(run: Any, rows: Rows, area: str, keys: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Take role and area from the polygons, by name or by place."""
    tool = run.tool
    role_field = run.field(tool.AREA_ROLE, of=tool.AREAS, schema=names_of.ROLE)
    if not role_field:
        raise InputError(tool.AREA_ROLE, "Choose the field of the areas that says which are treated and which are"
                         " compared (treated, control); there is no field 'role'.")
    name_field = design_read.name_field(run, tool.AREAS, tool.AREA_NAME)
    areas = run.areas(tool.AREAS, texts=[t for t in (role_field, name_field) if t])
    roles = role_codes(areas.columns[role_field], tool.AREA_ROLE).astype(np.int64)
    names = [plain(name) for name in design_read.area_names(areas, name_field)]
    order = {key: i for i, key in enumerate(dict.fromkeys(names))}
    number = np.array([order[key] for key in names], dtype=np.int64)
    if keys is None:
        located = np.isfinite(rows.x) & np.isfinite(rows.y)
        if not located.any():
            raise InputError(tool.AREAS, "The respondents have no place on the map, so they cannot be given to areas."
                             " Choose the field that names their area (AREA_FIELD), or a point layer.")
        held = np.full(len(rows), -1, dtype=np.int64)
        held[located], several = design_read.assign_by_role(areas, roles, rows.x[located], rows.y[located],
                                                            run.stage(0.2, 0.3))
        if several:
            run.info(tr("{count} respondents live in areas of two roles; they count as treated.").format(count=several))
    else:
        if not name_field:
            raise InputError(tool.AREA_NAME, "Choose the field with the names of the areas, to which '{field}' of the"
                             " survey belongs.", field=area)
        for key in order:
            own = {int(roles[i]) for i in np.flatnonzero(number == order[key])}
            if len(own) > 1:
                raise InputError(tool.AREA_ROLE, "The area '{name}' has several roles. Give all its parts one role.",
                                 name=key)
        row = {key: i for i, key in enumerate(names)}
        held = np.array([row.get(key, -1) for key in keys], dtype=np.int64)
        lost = sorted({str(t).strip() for t, k in zip(rows.columns[area], held) if k < 0 and t is not None})
        if lost and (held >= 0).any():
            run.warn(tr("{count} respondents name an area that the layer does not have ({values}); they are left"
                        " out.").format(count=int((held < 0).sum()), values=", ".join(lost[:6])))
        if not (held >= 0).any():
            raise InputError(tool.AREA_FIELD, "No value of '{field}' is the name of an area ({values}; the areas are"
                             " {names}). Choose the matching field of the areas (AREA_NAME).", field=area,
                             values=", ".join(lost[:4]) or "-", names=", ".join(names[:4]))
    role = np.where(held >= 0, roles[np.maximum(held, 0)], -1)
    return np.where(role <= 1, role, -1), np.where(held >= 0, number[np.maximum(held, 0)], -1)


def _both_there(wave: np.ndarray, role: np.ndarray, waves: tuple, tool: Any, named: bool, role_field: str) -> None:
    """Refuse a wave without anybody of a role."""
    blame = tool.TREATED if named else tool.ROLE_FIELD if role_field else tool.AREAS
    if not (role == 0).any():
        raise InputError(blame, "No respondent lives in a treated area. Mark the areas where something was done with"
                         " the role 'treated'.")
    for k, words in ((0, "treated"), (1, "comparison")):
        for w in (0, 1):
            if (role == k).any() and not ((role == k) & (wave == w)).any():
                raise InputError(
                    tool.WAVE_FIELD, "Nobody in the {role} areas belongs to the wave '{wave}', so there is no change to"
                    " tell. Check the values of the waves and the areas.", role=words, wave=waves[w])
