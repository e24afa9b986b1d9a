"""Reads counts by role for the weighted displacement difference, from fields or from incidents."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...analysis.data import typetable
from ...analysis.data.classifyincidents import distinct
from ...analysis.errors import InputError
from ...analysis.evaluation import design
from ...analysis.progress import Progress
from ...layers import fields
from ...layers.areas import POLYGON, Areas
from ...translation import tr
from ..data.classifyincidents_read import read_file
from . import design_plan, design_read
from .design_parameters import BOTH_ON_BEFORE, ON_BEFORE, UNKNOWN
from .design_read import Choice, TwoPeriods

ROLES = design.ROLES
#: Colours of the roles, apart for every kind of colour vision.
COLOURS = ("#b35806", "#2166ac", "#fdb863", "#92c5de")
NO_WEIGHTS, BY_AREA, BY_SIZE, AS_THEY_ARE = range(4)
#: Types told apart; the rest is one row.
_MOST_TYPES = 30


@dataclass(frozen=True)
class Data:
    """Counts of each area before and after, by type.

    Attributes
    ----------
    codes : (n,) int8 array
        Roles of the areas (of the rows of a table).
    names : list of str
    types : list of str
        [""] where types are not known.
    before, after : (types, n) int64 arrays
    harm_before, harm_after, square_before, square_after : (n,) arrays or None
        Sums of harm and of squared harm.
    times : float
        Length of the earlier period over that of the later one.
    sizes : (4,) array
        Area weights of the roles.
    divisors : (n,) array
        What the counts of each area are divided by.
    areas : Areas or None
    periods : TwoPeriods or None
    table : (types, 4, units) array or None
        Counts by type, role and unit of time before.
    units : TimeUnits or None
    choice : Choice
    choice_both : bool
        Comparison areas were chosen in the same way.
    left_out : dict
        Rows without a role, with a missing count, incidents in areas of several roles, outside ...
    kind_before : (m,) int array or None
        Type of each incident of the earlier period.
    dose : (n,) array or None
        How much was done in each area.
    fingerprint : str
        Of the areas and their roles.
    plan : Plan or None
    """

    codes: np.ndarray
    names: list
    types: list
    before: np.ndarray
    after: np.ndarray
    harm_before: np.ndarray | None
    harm_after: np.ndarray | None
    square_before: np.ndarray | None
    square_after: np.ndarray | None
    times: float
    sizes: np.ndarray
    divisors: np.ndarray
    weighting: int
    areas: Areas | None
    periods: TwoPeriods | None
    labels: tuple
    table: np.ndarray | None
    units: design.TimeUnits | None
    choice: Choice
    choice_both: bool
    notes: str
    left_out: dict = field(default_factory=dict)
    kind_before: np.ndarray | None = None
    dose: np.ndarray | None = None
    fingerprint: str = ""
    plan: design_plan.Plan | None = None

    @property
    def displacement(self) -> bool:
        """Whether there are displacement areas."""
        return bool((self.codes >= 2).any())

    @property
    def number(self) -> np.ndarray:
        """(4,) numbers of areas of each role."""
        return np.array([(self.codes == k).sum() for k in range(4)])


def read(run: Any) -> Data:
    """Read the areas, their roles, and their counts."""
    tool = run.tool
    from_fields = run.has(tool.BEFORE_FIELD) or run.has(tool.AFTER_FIELD)
    if from_fields and run.has(tool.INCIDENTS):
        raise InputError(
            tool.INCIDENTS, "Counts are given in fields (BEFORE_FIELD, AFTER_FIELD) and incidents too: it is not clear"
            " which hold. Give one of them.")
    if not from_fields and not run.has(tool.INCIDENTS):
        raise InputError(
            tool.BEFORE_FIELD, "There is nothing to compare. Give the fields with the counts before and after, or the"
            " incidents and their periods.")
    return _from_fields(run) if from_fields else _from_incidents(run)


# --- counts in fields -----------------------------------------------------------------------------
def _from_fields(run: Any) -> Data:
    tool = run.tool
    for name in (tool.BEFORE_FIELD, tool.AFTER_FIELD):
        if not run.has(name):
            raise InputError(name, "Counts before and counts after are both needed. Choose the other field too.")
    before_field, after_field = run.field(tool.BEFORE_FIELD), run.field(tool.AFTER_FIELD)
    if before_field == after_field:
        raise InputError(tool.AFTER_FIELD, "'{field}' is the field of the counts before. Choose the one after.",
                         field=after_field)
    if run.has(tool.TYPE_FIELD) or run.has(tool.HARM_FIELD):
        name = tool.TYPE_FIELD if run.has(tool.TYPE_FIELD) else tool.HARM_FIELD
        raise InputError(name, "This is a field of incidents, but counts are read from fields of the areas. Leave it"
                               " empty; types of counts are named in ROW_TYPE_FIELD.")
    role, type_field = design_read.role_field(run, tool.INPUT), run.field(tool.ROW_TYPE_FIELD)
    name_field = design_read.name_field(run, tool.INPUT, tool.NAME_FIELD)
    size_field = _size_field(run)
    dose_field = run.field(tool.DOSE_FIELD)
    numbers = list(dict.fromkeys(name for name in (before_field, after_field, size_field, dose_field) if name))
    texts = list(dict.fromkeys(text for text in (role, type_field, name_field) if text))
    source, areas = design_read.areas_or_table(run, numbers, texts)
    codes = design.role_codes(source.columns[role], tool.ROLE_FIELD)
    fingerprint = design_plan.fingerprint(source, codes)
    counts = [design.whole_counts(np.asarray(source.columns[name], float), parameter)
              for name, parameter in ((before_field, tool.BEFORE_FIELD), (after_field, tool.AFTER_FIELD))]
    missing = (codes >= 0) & ~(np.isfinite(counts[0]) & np.isfinite(counts[1]))
    left_out = {"missing": int(missing.sum()), "no role": int((codes < 0).sum())}
    if missing.any():
        first = int(np.flatnonzero(missing)[0])
        run.warn(tr("{count} of {rows} areas have no count in '{before}' or '{after}' (first: row {row}). They are left"
                    " out of both periods: a missing count is not 0.").format(
            count=int(missing.sum()), rows=int((codes >= 0).sum()), before=before_field, after=after_field,
            row=int(source.rows[first]) + 1))
    codes = np.where(missing, np.int8(-1), codes)
    design.check_roles(codes, tool.ROLE_FIELD)
    values = [np.nan_to_num(value).astype(np.int64) for value in counts]
    types, index = ([""], np.zeros(len(codes), int))
    if type_field:
        types, index = _types([source.columns[type_field]], run.stage(0.4, 0.5))
    by_type = [np.zeros((len(types), len(codes)), np.int64) for _ in values]
    for out, value in zip(by_type, values):
        out[index, np.arange(len(codes))] = np.where(codes >= 0, value, 0)
    harms = _harm_of_types(run, types)
    harm = [None] * 4 if harms is None else [
        (power[:, None] * out).sum(axis=0) for power in (harms, harms**2) for out in by_type]
    times = (run.number(tool.BEFORE_TIME) or 1.0) / (run.number(tool.AFTER_TIME) or 1.0)
    sizes, divisors, weighting = _weights(run, codes, areas, source.columns.get(size_field) if size_field else None)
    choice = run.choice(tool.SELECTED_ON)
    by_count = choice in (ON_BEFORE, BOTH_ON_BEFORE) or (
        choice == UNKNOWN and design_read.chosen_by_count(run, tool.INPUT))
    return Data(
        codes, design_read.area_names(source, name_field), types, by_type[0], by_type[1], harm[0], harm[1], harm[2],
        harm[3], times, sizes, divisors, weighting, areas, None, (before_field, after_field), None, None,
        Choice(maybe=by_count), choice == BOTH_ON_BEFORE, run.text(tool.NOTES).strip(), left_out, None,
        source.columns[dose_field] if dose_field else None, fingerprint,
        design_plan.read(run, tool.PLAN))


def _size_field(run: Any) -> str:
    tool = run.tool
    weighting = run.choice(tool.WEIGHTING)
    if weighting in (BY_SIZE, AS_THEY_ARE) and not run.has(tool.WEIGHT_FIELD):
        raise InputError(tool.WEIGHT_FIELD, "Choose the field with the sizes, or another way of weighting.")
    if weighting in (NO_WEIGHTS, BY_AREA) and run.has(tool.WEIGHT_FIELD):
        raise InputError(tool.WEIGHT_FIELD, "A field with sizes is given, but WEIGHTING does not use it. Choose there"
                                            " how it is meant, or leave the field empty.")
    return run.field(tool.WEIGHT_FIELD)


def _weights(run: Any, codes: np.ndarray, areas: Areas | None, values: Any) -> tuple[np.ndarray, np.ndarray, int]:
    """Return the area weights of the roles, and what the counts of each area are divided by."""
    tool, weighting = run.tool, run.choice(run.tool.WEIGHTING)
    ones = np.ones(len(codes))
    if weighting == NO_WEIGHTS:
        return np.ones(4), ones, weighting
    if weighting == BY_AREA:
        if areas is None or areas.kind != POLYGON:
            raise InputError(tool.WEIGHTING, "Only polygons have an area. Choose a field with sizes (WEIGHT_FIELD).")
        values = areas.areas_m2
    values = np.asarray(values, float)
    wrong = (codes >= 0) & ~(values > 0)
    if wrong.any():
        raise InputError(
            tool.WEIGHT_FIELD, "Sizes must be above 0, but {count} areas have none (first: row {row}).",
            count=int(wrong.sum()), row=int(np.flatnonzero(wrong)[0]) + 1)
    if weighting == AS_THEY_ARE:
        return np.ones(4), np.where(codes >= 0, values, 1.0), weighting
    total = design.role_sums(np.where(codes >= 0, values, 0.0), codes)
    sizes = np.ones(4)
    sizes[1] = total[1] / total[0]
    if total[2] > 0:
        sizes[3] = total[3] / total[2]
    return sizes, ones, weighting


def _types(columns: list, progress: Progress) -> tuple[list, np.ndarray]:
    """Return the names of types, the most frequent first, and the type of each row; rare ones are one type."""
    found = distinct(np.concatenate(columns), progress)
    blank = len(found.names)
    index = np.where(found.of_row < 0, blank, found.of_row)
    count = np.bincount(index, minlength=blank + 1)
    order = [int(k) for k in np.argsort(-count, kind="stable") if count[k]]
    rank = np.full(blank + 1, -1)
    rank[order] = np.arange(len(order))
    names = [*found.names, tr("without a type")]
    out = [names[k] for k in order]
    if len(out) > _MOST_TYPES:
        out = [*out[: _MOST_TYPES - 1], tr("{count} rarer types").format(count=len(out) - _MOST_TYPES + 1)]
    return out, np.minimum(rank[index], len(out) - 1)


def _harm_of_types(run: Any, types: list) -> np.ndarray | None:
    """Return the harm of each type as HARM_WEIGHTS or TABLE state it, None where neither is given."""
    tool = run.tool
    text, path = run.text(tool.HARM_WEIGHTS).strip(), run.file(tool.TABLE)
    if not text and not path:
        return None
    if types == [""]:
        if not text:
            return None  # a table of the agency says nothing about counts without types
        raise InputError(tool.HARM_WEIGHTS, "Harm is stated by type, but types are not known. Choose the field with the"
                                            " type (TYPE_FIELD or ROW_TYPE_FIELD), or leave this empty.")
    known: dict = {}
    if path:
        table = read_file(run, path)
        known = {key: float(table.harm[k]) if table.detected[k] == typetable.REPORTED else 0.0
                 for key, k in table.index.items() if np.isfinite(table.harm[k])}
    for part in text.replace("\n", ";").split(";"):
        name, equals, value = part.rpartition("=")
        if not part.strip():
            continue
        try:
            known[typetable.fold(name)] = float(value)
        except ValueError:
            equals = ""
        if not equals or not name.strip() or not known.get(typetable.fold(name), -1.0) >= 0:
            raise InputError(tool.HARM_WEIGHTS, "'{part}' cannot be read. Write type = harm, separated by semicolons:"
                                                " Burglary = 5; Robbery = 7. Harm is not negative.", part=part.strip())
    harm = np.array([known.get(typetable.fold(name), np.nan) for name in types])
    if np.isnan(harm).all() and not text:
        run.info(tr("The table of types names none of the types of the data: harm is not added up."))
        return None
    if np.isnan(harm).all():
        raise InputError(tool.HARM_WEIGHTS, "No type of the data ({types}) has a harm there."
                         " Write the types as in the data.", types=", ".join(types[:5]))
    if np.isnan(harm).any():
        lacking = [name for name, value in zip(types, harm) if np.isnan(value)]
        run.warn(tr("{count} types have no harm stated and count as 0 in the sum of harm: {types}.").format(
            count=len(lacking), types=", ".join(lacking[:6])))
    return np.nan_to_num(harm)


# --- incidents ------------------------------------------------------------------------------------
def _from_incidents(run: Any) -> Data:
    tool = run.tool
    if run.has(tool.ROW_TYPE_FIELD):
        raise InputError(tool.ROW_TYPE_FIELD, "This is the type of counts in fields, but incidents are given. Leave it"
                                              " empty; TYPE_FIELD names the type of the incidents.")
    if (run.number(tool.BEFORE_TIME) or 1.0) != (run.number(tool.AFTER_TIME) or 1.0):
        raise InputError(tool.BEFORE_TIME, "The lengths of the periods follow from their dates. Leave BEFORE_TIME and"
                                           " AFTER_TIME at 1 with INCIDENTS.")
    role = design_read.role_field(run, tool.INPUT)
    name_field = design_read.name_field(run, tool.INPUT, tool.NAME_FIELD)
    size_field = _size_field(run)
    dose_field = run.field(tool.DOSE_FIELD)
    areas = run.areas(tool.INPUT, list(dict.fromkeys(name for name in (size_field, dose_field) if name)),
                      list(dict.fromkeys(text for text in (role, name_field) if text)))
    if areas.kind != POLYGON:
        raise InputError(tool.INPUT, "Incidents are counted in polygons. Give areas, or counts in fields.")
    codes = design.role_codes(areas.columns[role], tool.ROLE_FIELD)
    design.check_roles(codes, tool.ROLE_FIELD)
    harm_field = run.field(tool.HARM_FIELD, of=tool.INCIDENTS, schema=fields.HARM)
    stated = run.text(tool.HARM_WEIGHTS).strip()
    if harm_field and stated and run.has(tool.HARM_FIELD):
        raise InputError(tool.HARM_WEIGHTS, "Harm is stated by type and by a field of the incidents: it is not clear"
                                            " which holds. Give one of them.")
    harm_field = "" if stated else harm_field
    found = design_read.two_periods(run, harm_field)
    parts, shared, outside = [], 0, 0
    for rows, stage in ((found.before, run.stage(0.45, 0.55)), (found.after, run.stage(0.55, 0.65))):
        index, several = design_read.assign_by_role(areas, codes, rows.x, rows.y, stage)
        parts.append(index)
        shared += several
        outside += int((index[rows.located] < 0).sum())
    if not sum(int((index >= 0).sum()) for index in parts):
        raise InputError(
            tool.INPUT, "None of the {count} located incidents lies in an area with a role. Check that both layers"
            " cover the same place and that their coordinate systems are right.", count=outside)
    types, kind = [""], [np.zeros(len(index), int) for index in parts]
    if found.type_field:
        types, every = _types([found.before.types, found.after.types], run.stage(0.65, 0.7))
        kind = [every[: len(parts[0])], every[len(parts[0]):]]
    counts = [design.panel(index, k, len(codes), len(types)).T for index, k in zip(parts, kind)]
    harm, without_harm = _harm_of_rows(run, found, parts, kind, types, len(codes), harm_field)
    sizes, divisors, weighting = _weights(run, codes, areas, areas.columns.get(size_field) if size_field else None)
    table, units = _history(run, found, areas, codes, types)
    choice, both = _choice(run, found)
    return Data(
        codes, design_read.area_names(areas, name_field), types, counts[0], counts[1], *harm,
        found.before_period.days / found.after_period.days, sizes, divisors, weighting, areas, found,
        (found.before_period, found.after_period), table, units, choice, both, run.text(tool.NOTES).strip(),
        {"no role": int((codes < 0).sum()), "shared": shared, "outside": outside, "no harm": without_harm,
         "no date": int(np.isnat(found.every.moments).sum()),
         "no place": int(sum((~rows.located).sum() for rows in (found.before, found.after)))},
        kind[0], areas.columns[dose_field] if dose_field else None, design_plan.fingerprint(areas, codes),
        design_plan.read(run, tool.PLAN))


def _harm_of_rows(
    run: Any, found: TwoPeriods, parts: list, kind: list, types: list, areas: int, harm_field: str
) -> tuple[list, int]:
    """Return sums of harm and of squared harm by area, before and after, and the rows without a harm."""
    harms = None if harm_field else _harm_of_types(run, types)
    if harms is None and not harm_field:
        return [None] * 4, 0
    sums, squares, without = [], [], 0
    for rows, index, k in zip((found.before, found.after), parts, kind):
        inside = index >= 0
        values = rows.harm[inside] if harms is None else harms[k[inside]]
        without += int(np.isnan(values).sum())
        if (values < 0).any():
            raise InputError(run.tool.HARM_FIELD, "A harm is negative. Harm is 0 or more.")
        values = np.nan_to_num(values)
        sums.append(np.bincount(index[inside], values, areas))
        squares.append(np.bincount(index[inside], values**2, areas))
    if not sum(float(s.sum()) for s in sums) > 0:
        return [None] * 4, 0
    return [*sums, *squares], without


def _history(run: Any, found: TwoPeriods, areas: Areas, codes: np.ndarray, types: list) -> tuple:
    """Count the time before by type, role and unit of time."""
    first = found.before_period.start
    if run.has(run.tool.HISTORY_START):
        first = run.date(run.tool.HISTORY_START)
        if first > found.before_period.start:
            raise InputError(run.tool.HISTORY_START, "The history starts ({first}) after the earlier period does"
                             " ({start}). Choose an earlier day, or leave it empty.",
                             first=str(first), start=str(found.before_period.start))
    units = design.time_units(first, found.before_period.end, found.monthly)
    if units is None:
        return None, None
    rows = found.every.take(units.of(found.every.moments) >= 0)
    index, _ = design_read.assign_by_role(areas, codes, rows.x, rows.y, run.stage(0.65, 0.8))
    role = np.where(index >= 0, codes[index], -1).astype(np.int64)
    unit = units.of(rows.moments)
    kind = np.zeros(len(role), int)
    if types != [""]:
        place = {typetable.fold(name): k for k, name in enumerate(types)}
        other = len(types) - 1 if len(types) == _MOST_TYPES else -1  # a type of the history alone is none of these
        every = distinct(rows.types, run.stage(0.8, 0.85))
        of_value = np.array([*(place.get(key, other) for key in every.keys), place.get(typetable.fold(
            tr("without a type")), -1)], int)
        kind = of_value[every.of_row]
    flat = np.where((role >= 0) & (kind >= 0), kind * 4 + role, -1)
    return design.panel(flat, unit, 4 * len(types), len(units)).reshape(len(types), 4, len(units)), units


def _choice(run: Any, found: TwoPeriods) -> tuple[Choice, bool]:
    choice = run.choice(run.tool.SELECTED_ON)
    if choice == UNKNOWN:
        recorded = design_read.recorded_choice(run, run.tool.INPUT, found.before_period, found.after_period)
        return recorded, recorded.both
    return Choice(choice in (ON_BEFORE, BOTH_ON_BEFORE)), choice == BOTH_ON_BEFORE


def area_columns(data: Data) -> dict:
    """Return role and counts of each area."""
    used = data.codes >= 0
    roles = np.array([ROLES[code] if code >= 0 else None for code in data.codes], object)
    before, after = (np.where(used, v.sum(axis=0), np.nan) for v in (data.before, data.after))
    whole = [np.array([None if v != v else int(v) for v in values], object)
             for values in (before, after, after - before)]
    return {fields.ROLE: roles, fields.PREV_CNT: whole[0], fields.CUR_CNT: whole[1], fields.DIFF_CNT: whole[2]}
