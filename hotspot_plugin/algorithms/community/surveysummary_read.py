"""What 'Survey results' reads: answers on their scale, the design, areas, groups, the population and the weights."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...analysis.community import surveyscale
from ...analysis.community.survey import Design
from ...analysis.community.surveyscale import Question
from ...analysis.community.surveysummary import Group, Heard, heard
from ...analysis.community.surveyweights import Margin, Raked, rake
from ...analysis.errors import InputError
from ...layers import overlay
from ...layers.areas import POINT, Areas
from ...layers.reading import Points
from ...reports import formats
from ...translation import tr
from . import surveysummary_asked as asked
from . import surveysummary_population as people

#: classes of a group from which it is no group any more
MOST_CLASSES = 40
#: fields that name an area where the user does not choose one
_NAMES = ("area_name", "name")


@dataclass
class Data:
    """What was read; the rows are respondents.

    Attributes
    ----------
    questions : list of Question
    base, design, plain : Design
        With the weights of the drawing, with those of the estimates, and with 1 for each.
    groups : list of Group
        The areas first, where there are any.
    areas : Areas or None
    area_names : list of str
    area_row : (a,) array of int
        Class of each feature of ``areas`` among the areas.
    heard : list of Heard
    raked : Raked or None
    raked_to : list of str
        Variables that were raked to.
    rows : (n,) array of int
        Row numbers in the source.
    total : int
        Rows of the source.
    least : int
    """

    questions: list
    base: Design
    design: Design
    plain: Design
    groups: list
    areas: Areas | None
    area_names: list
    area_row: np.ndarray
    heard: list
    raked: Raked | None
    raked_to: list
    rows: np.ndarray
    total: int
    least: int
    public: bool
    weighted: bool
    layer: str
    period: str
    invited: int | None
    area_group: Group | None = None
    people: Any = None
    invalid_weight: int = 0
    hints: list = field(default_factory=list)
    took_part: Any = None

    @property
    def n(self) -> int:
        """Respondents."""
        return len(self.rows)


def read(run: Any) -> Data:
    """Read everything and make the weights."""
    tool = run.tool
    names = run.fields(tool.QUESTIONS)
    if not names:
        raise InputError(tool.QUESTIONS, "Choose at least one field with the answers to a question.")
    group_fields = run.fields(tool.GROUP_FIELDS)
    twice = [name for name in group_fields if name in names]
    if twice:
        raise InputError(tool.GROUP_FIELDS, "'{field}' is a question and a group at once. Choose it for one of them.",
                         field=twice[0])
    weight_field, stratum, cluster, area_field = (
        run.field(name) for name in (tool.WEIGHT_FIELD, tool.STRATUM_FIELD, tool.CLUSTER_FIELD, tool.AREA_FIELD))
    for name in (stratum, cluster, area_field, *group_fields, *names):
        if name and name == weight_field:
            raise InputError(tool.WEIGHT_FIELD, "'{field}' is chosen as the weight and for something else at once."
                             " Choose another field for one of them.", field=name)
    answered, cells = run.field(tool.RESPONDED_FIELD), run.fields(tool.RESPONSE_CELLS)
    texts = [*names, *group_fields, stratum, cluster, area_field, answered, *cells]
    survey = read_respondents(run, texts, weight_field)
    areas, area_names = _areas(run)
    codes = surveyscale.by_question(run.text(tool.MISSING_CODES), [*names, *group_fields], tool.MISSING_CODES)
    scales = surveyscale.by_question(run.text(tool.SCALE), [*names, *group_fields], tool.SCALE)
    survey, weight, invalid = read_weights(run, survey, weight_field)
    groups, hints = [], []
    area, row = _area_group(run, survey, areas, area_names, area_field)
    if area is not None:
        groups.append(area)
    for name in group_fields:
        group, hint = make_group(survey.columns[name], name, scales.get(name, ""), codes)
        groups.append(group)
        hints += hint
    took_part = None
    if run.has(tool.RESPONDED_FIELD):
        took_part = asked.read(run, survey, weight, groups, _design_of(survey, weight, stratum, cluster))
        keep = took_part.keep
        survey, weight = survey.take(keep, tr("asked, and did not take part")), took_part.weight[keep]
        groups = [Group(g.name, g.classes, g.code[keep], g.real) for g in groups]
        area = groups[0] if area is not None else None
    n = len(survey)
    questions = read_questions(run, survey, names, scales, codes)
    design = _design_of(survey, weight, stratum, cluster)
    found = people.read(run, areas, row, area, groups) if run.has(tool.POPULATION) else None
    listened = [heard(group, found.of(group), design(weight)) for group in groups if found and found.knows(group)]
    margins, raked_to = _margins(run, groups, listened, weight, bool(weight_field))
    raked = rake(weight, margins, run.number(tool.TRIM) or 0.0, progress=run.stage(0.3, 0.31)) if margins else None
    if raked:
        _tell_raked(run, raked, raked_to)
    final = design(raked.weight, raked.design) if raked else design(weight)
    public = run.flag(tool.PUBLIC)
    least = (run.integer(tool.MIN_PUBLIC) or 10) if public else (run.integer(tool.MIN_INTERNAL) or 5)
    return Data(
        questions, design(weight), final, design(np.ones(n)), groups, areas, area_names, row, listened, raked,
        raked_to, survey.rows, survey.account.rows, least, public, bool(weight_field), survey.name,
        run.text(tool.PERIOD).strip(), took_part.asked if took_part else run.integer(tool.INVITED), area, found,
        invalid, hints, took_part)


# --- respondents ---------------------------------------------------------------------------
def read_respondents(run: Any, texts: list, weight_field: str, parameter: str = "INPUT") -> Points:
    """Read one row for each respondent: points, of which some may have no place, or a table."""
    source, options = run.source(parameter), {"texts": list(dict.fromkeys(t for t in texts if t))}
    numbers = [weight_field] if weight_field else []
    from qgis.core import QgsWkbTypes

    kind = QgsWkbTypes.geometryType(source.wkbType())
    spatial = source.wkbType() != QgsWkbTypes.Type.NoGeometry and kind == POINT
    if spatial:
        survey = run.points(parameter, numbers=numbers, keep_unlocated=True, progress=run.stage(0.0, 0.2), **options)
    else:
        survey = run.table(parameter, numbers=numbers, progress=run.stage(0.0, 0.2), **options)
    if not len(survey):
        raise InputError(parameter, "'{layer}' has no rows. Choose the table with one row for each respondent, and"
                         " check its filter and selection.", layer=survey.name)
    return survey


def read_weights(run: Any, survey: Points, weight_field: str) -> tuple[Points, np.ndarray, int]:
    """Return the respondents with a weight, their weights, and how many have none."""
    if not weight_field:
        return survey, np.ones(len(survey)), 0
    weight = survey.columns[weight_field]
    good = np.isfinite(weight) & (weight > 0)
    if not good.any():
        raise InputError(run.tool.WEIGHT_FIELD, "No row has a weight above 0 in '{field}'. Choose the field with the"
                         " weights, or leave it empty.", field=weight_field)
    if not good.all():
        run.warn(tr("{count} respondents have no weight above 0 in '{field}' and count nowhere.").format(
            count=formats.number(int((~good).sum())), field=weight_field))
    kept = survey.take(good, tr("no weight above 0"))
    return kept, weight[good], int((~good).sum())


def _design_of(survey: Points, weight: np.ndarray, stratum: str, cluster: str) -> Any:
    """Return a function from weights (and margins) to a design with the strata and clusters of the survey."""
    strata, units = strata_and_units(survey.columns, stratum, cluster)
    return lambda w, margins=None: Design(w, strata, units, margins)


def strata_and_units(columns: dict, stratum: str, cluster: str) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Return the numbers of the strata and of the clusters of respondents; None where there is no field."""

    def codes(name: str) -> np.ndarray | None:
        if not name:
            return None
        texts = np.array([surveyscale.plain("" if t is None else t) for t in columns[name]], dtype=str)
        return np.unique(texts, return_inverse=True)[1].ravel()

    strata, units = codes(stratum), codes(cluster)
    if units is not None:
        # without a cluster a respondent is one of his own
        blank = np.array([t is None or not str(t).strip() for t in columns[cluster]], dtype=bool)
        units = np.where(blank, units.max(initial=0) + 1 + np.arange(len(units)), units)
    return strata, units


def read_questions(run: Any, survey: Points, names: list, scales: dict, codes: dict) -> list:
    """Put the answers of all questions on their scales; ask about what is outside of them."""
    tool, found, outside = run.tool, [], []
    shares = surveyscale.by_question(run.text(tool.SHARE_OF), names, tool.SHARE_OF)
    for name in names:
        text = scales.get(name, scales.get("", ""))
        if not text:
            raise InputError(tool.SCALE, "Say what can be answered to '{question}', e.g. 1-5, or '{question}: 1-5' on a"
                             " line of its own.", question=name)
        scale = surveyscale.make_scale(text, shares.get(name, shares.get("", "")))
        missing = parts_of(codes.get(name, codes.get("", "")))
        answered = surveyscale.read_question(name, survey.columns[name], scale, missing)
        (found if isinstance(answered, Question) else outside).append(answered)
    if outside:
        raise surveyscale.ask(outside, len(survey))
    if not any((question.answer >= 0).any() for question in found):
        raise InputError(tool.QUESTIONS, "Nobody answered: no row has an answer to any of the questions. Choose the"
                         " fields with the answers.")
    for question in found:
        if not (question.answer >= 0).any():
            raise InputError(tool.QUESTIONS, "Nobody answered '{question}'. Leave it out.", question=question.name)
    return found


def parts_of(text: str) -> list:
    """Split a list at its semicolons."""
    return [part for part in re.split(r"[;；]", text) if part.strip()]


# --- groups --------------------------------------------------------------------------------
def make_group(texts: np.ndarray, name: str, labels: str, codes: dict) -> tuple[Group, list]:
    """Make the classes of a field; blanks and the codes given for it are 'not stated'."""
    own = {surveyscale.plain(part.partition("=")[0]) for part in parts_of(codes.get(name, ""))}
    words = {surveyscale.plain(a): b.strip() for a, sign, b in
             (part.partition("=") for part in parts_of(labels)) if sign}
    keys = np.array(["" if t is None or surveyscale.plain(t) in own else surveyscale.plain(t) for t in texts], object)
    first: dict = {}
    for key, text in zip(keys, texts):
        if key:
            first.setdefault(key, words.get(key, str(text).strip()))
    if not first:
        raise InputError("GROUP_FIELDS", "The field '{field}' says nothing of any respondent. Leave it out.",
                         field=name)
    if len(first) > MOST_CLASSES:
        raise InputError(
            "GROUP_FIELDS", "The field '{field}' has {count} different values, too many for groups. Make classes of it"
            " first (such as ages 18-34, 35-54, 55 and over) with the field calculator.", field=name, count=len(first))
    order = sorted(first, key=in_order)
    number = {key: i for i, key in enumerate(order)}
    code = np.array([number.get(key, len(order)) for key in keys], dtype=np.int64)
    classes = [first[key] for key in order]
    unknown = [tr("(not stated)")] if (code == len(order)).any() else []
    general = [part.partition("=")[0].strip() for part in parts_of(codes.get("", ""))]
    like = [c for c in general if surveyscale.plain(c) in number]
    hints = [tr("'{code}' is a value of the group '{field}', where it counts as a class. If it means not stated there"
                " too, add the line '{field}: {code}' to MISSING_CODES.").format(code=code, field=name)
             for code in like[:1]]
    return Group(name, classes + unknown, code, len(order)), hints


def in_order(text: str) -> tuple:
    """Sort numbers by size, ages by their first number, and other texts by their letters."""
    number = re.match(r"\D{0,2}(\d[\d,]*)", text)
    if re.match(r"^(<|under|below|less than|up to|unter|bis|moins|menos)\W*\d", text):
        return 0, -1.0, text
    return (0, float(number.group(1).replace(",", "")), text) if number else (1, 0.0, text)


def _areas(run: Any) -> tuple[Areas | None, list]:
    tool = run.tool
    if not run.has(tool.AREAS):
        return None, []
    name_field = run.field(tool.AREA_NAME, of=tool.AREAS) or next(
        (name for name in _NAMES if name in run.source_fields(tool.AREAS)), "")
    areas = run.areas(tool.AREAS, texts=[name_field])
    if not len(areas):
        raise InputError(tool.AREAS, "'{layer}' has no polygon that can be used. Choose a layer of areas, and check its"
                         " filter and selection.", layer=areas.name)
    return areas, [str(name or "–").strip() for name in areas.columns[name_field]] if name_field else [
        str(row + 1) for row in areas.rows]


def _area_group(
    run: Any, survey: Points, areas: Areas | None, names: list, area_field: str,
) -> tuple[Group | None, np.ndarray]:
    """Give respondents to areas: by the field where there is one, else by where they are."""
    tool, none = run.tool, np.zeros(0, dtype=np.int64)
    if areas is None:
        if not area_field:
            return None, none
        return make_group(survey.columns[area_field], _area_word(run), "", {})[0], none
    # features of one name are one area
    keys = [surveyscale.plain(name) for name in names]
    order = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    row = np.array([order[key] for key in keys], dtype=np.int64)
    first = dict(zip(reversed(keys), reversed(names)))
    shown = [first[key] for key in order]
    k = len(order)
    if area_field:
        texts = ["" if t is None else surveyscale.plain(t) for t in survey.columns[area_field]]
        code = np.array([k + 1 if not t else order.get(t, k) for t in texts], dtype=np.int64)
        lost = sorted({str(t).strip() for t, c in zip(survey.columns[area_field], code) if c == k})
        if (code < k).sum() == 0:
            raise InputError(tool.AREA_FIELD, "No value of '{field}' is the name of an area ({values}; the areas are"
                             " {names}). Choose the matching field of the areas (AREA_NAME).", field=area_field,
                             values=", ".join(lost[:4]) or "-", names=", ".join(shown[:4]))
        if lost:
            run.warn(tr("{count} respondents name an area that the layer does not have ({values}): they count for the"
                        " whole and in no area.").format(count=int((code == k).sum()), values=", ".join(lost[:6])))
    else:
        located = np.isfinite(survey.x) & np.isfinite(survey.y)
        if not located.any():
            raise InputError(tool.AREAS, "The respondents have no place on the map, so they cannot be given to areas."
                             " Choose the field that names their area (AREA_FIELD), or a point layer.")
        held = overlay.assign_points(areas, survey.x, survey.y, run.stage(0.2, 0.25))
        code = np.where(held >= 0, row[np.maximum(held, 0)], np.where(located, k, k + 1)).astype(np.int64)
        _tell_places(run, code, k)
    classes, kinds = list(shown), (tr("(outside all areas)"), tr("(no place known)"))
    for label, value in zip(kinds, (k, k + 1)):
        if (code == value).any():
            code = np.where(code == value, len(classes), code)
            classes.append(label)
    return Group(_area_word(run), classes, code, k), row


def _area_word(run: Any) -> str:
    """Name the group of the areas, which no group field may have too."""
    word = tr("area")
    return word if word not in run.fields(run.tool.GROUP_FIELDS) else tr("area of residence")


def _tell_places(run: Any, code: np.ndarray, k: int) -> None:
    for value, text in ((k + 1, tr("{count} of {rows} respondents have no place: they count for the whole and in no"
                                   " area.")),
                        (k, tr("{count} of {rows} respondents live outside all areas: they count for the whole and in"
                               " no area."))):
        count = int((code == value).sum())
        if count:
            told = text.format(count=formats.number(count), rows=formats.number(len(code)))
            run.warn(told) if count > 0.1 * len(code) else run.info(told)


def _tell_raked(run: Any, raked: Raked, names: list) -> None:
    run.info(tr("Weights: raked to {names}; design effect of the weights {before} before, {after} after; {count} held"
                " at the limit.").format(
        names=", ".join(names), before=formats.number(raked.kish_before, 2), after=formats.number(raked.kish, 2),
        count=raked.trimmed))
    for name, count in raked.not_stated:
        run.info(tr("Weights: {count} respondents do not state '{margin}' and keep their share of it.").format(
            count=formats.number(count), margin=name))


# --- margins -------------------------------------------------------------------------------
def _margins(
    run: Any, groups: list, listened: list[Heard], weight: np.ndarray, weighted: bool,
) -> tuple[list, list]:
    """Return the margins to rake to: those of the table, and those of the population layer where it shall be."""
    tool, found = run.tool, {}
    by_name = {surveyscale.plain(group.name): group for group in groups}
    if run.has(tool.MARGINS):
        found = people.margins_of_table(run, by_name)
    choice = run.choice(tool.RAKE)
    if choice == 1 or (choice == 0 and not weighted):
        for each in listened:
            key = surveyscale.plain(each.group.name)
            if key not in found:
                margin = people.margin_of_heard(run, each)
                if margin is not None:
                    found[key] = margin
    elif choice == 2 and found:
        raise InputError(tool.RAKE, "No weighting was chosen, but margins are given (MARGINS). Leave one of them out.")
    margins: list[Margin] = list(found.values())
    return margins, [margin.name for margin in margins]
