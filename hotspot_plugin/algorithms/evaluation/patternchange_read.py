"""Reads two patterns for 'Test change in spatial pattern' and has them compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...analysis.errors import InputError
from ...analysis.evaluation import compareperiods as comparing
from ...analysis.evaluation import design
from ...analysis.evaluation import patternchange as analysis
from ...analysis.progress import part
from ...layers import overlay
from ...layers.areas import Areas
from ...reports import formats
from ...translation import tr
from . import design_read
from .design_read import Choice, TwoPeriods

#: Fewest incidents of each period for which the pattern of a type is looked at.
_LEAST_OF_TYPE = 30
#: Draws for the pattern of a type.
_DRAWS_OF_TYPE = 199


@dataclass(frozen=True)
class Data:
    """Two patterns.

    Attributes
    ----------
    base, test : (n,) int arrays
    known : (m,) array of bool
        Areas of the layer with both counts; only these are compared.
    found : TwoPeriods or None
        None where the counts came from fields.
    outside : tuple of int
        Located incidents of each period in no area.
    area_of : tuple of (m,) int arrays
        Area of each located incident of each period, -1 for none.
    """

    areas: Areas
    names: list
    labels: tuple
    base: np.ndarray
    test: np.ndarray
    method: int
    known: np.ndarray
    found: TwoPeriods | None = None
    choice: Choice = field(default_factory=Choice)
    outside: tuple = (0, 0)
    area_of: tuple = ()

    @property
    def unplaced(self) -> tuple:
        """Incidents of each period without a place."""
        if self.found is None:
            return 0, 0
        return tuple(int((~rows.located).sum()) for rows in (self.found.before, self.found.after))


@dataclass(frozen=True)
class Result:
    """The comparison; ``reversed`` is the robust S with the periods swapped, ``types`` is (name, change, chance)."""

    change: analysis.Change
    chance: analysis.Chance
    reversed: float
    types: list


def read(run: Any) -> Data:
    """Read areas and counts, or areas and incidents."""
    tool = run.tool
    name_field = design_read.name_field(run, tool.AREAS, tool.NAME_FIELD)
    before, after = (run.field(name, of=tool.AREAS) for name in (tool.BEFORE_FIELD, tool.AFTER_FIELD))
    if run.has(tool.INCIDENTS):
        if before or after:
            raise InputError(
                tool.BEFORE_FIELD if before else tool.AFTER_FIELD, "Counts are given twice: by incidents and by fields"
                " of the areas. Leave the fields or INCIDENTS empty.")
        return _from_incidents(run, name_field)
    for name, given in ((tool.BEFORE_FIELD, before), (tool.AFTER_FIELD, after)):
        if not given:
            raise InputError(name, "Choose the fields of the areas with the earlier and the later counts, or give"
                                   " incidents (INCIDENTS) and two periods.")
    return _from_fields(run, name_field, before, after)


def _from_fields(run: Any, name_field: str, before: str, after: str) -> Data:
    tool = run.tool
    if before == after:
        raise InputError(tool.AFTER_FIELD, "'{field}' is chosen twice. Choose the field with the later counts.",
                         field=after)
    areas = run.areas(tool.AREAS, numbers=[before, after], texts=[name_field])
    values = [design.whole_counts(areas.columns[field_], name)
              for field_, name in ((before, tool.BEFORE_FIELD), (after, tool.AFTER_FIELD))]
    known = np.isfinite(values[0]) & np.isfinite(values[1])
    base, test = (np.where(known, counts, 0.0).astype(np.int64) for counts in values)
    for counts, name, field_ in ((base, tool.BEFORE_FIELD, before), (test, tool.AFTER_FIELD, after)):
        if not counts.sum():
            raise InputError(name, "'{field}' holds no incident at all. A pattern needs some: choose another field.",
                             field=field_)
    _refuse_one_area(run, int(known.sum()))
    names = [name for name, used in zip(design_read.area_names(areas, name_field), known) if used]
    return Data(areas, names, (before, after), base[known], test[known], run.choice(tool.METHOD), known)


def _refuse_one_area(run: Any, areas: int) -> None:
    if areas < 2:
        raise InputError(run.tool.AREAS, "There is one area only, and it has all incidents: a share can only change"
                                         " between areas. Give at least two.")


def _from_incidents(run: Any, name_field: str) -> Data:
    tool = run.tool
    areas = run.areas(tool.AREAS, texts=[name_field])
    _refuse_one_area(run, len(areas))
    found = design_read.two_periods(run)
    counts, outside, area_of = [], [], []
    for rows, stage in ((found.before, run.stage(0.4, 0.48)), (found.after, run.stage(0.48, 0.55))):
        located = rows.located
        index = overlay.assign_points(areas, rows.x[located], rows.y[located], stage)
        counts.append(comparing.count_in(index, len(areas)))
        outside.append(int((index < 0).sum()))
        area_of.append(index)
    for count, period in zip(counts, (found.before_period, found.after_period)):
        if not count.sum():
            raise InputError(
                tool.AREAS, "No incident of {period} lies in an area of '{name}'. Check that both layers cover the"
                " same place and that their coordinate systems are right.",
                period=formats.period(period.start, period.end), name=areas.name)
    labels = tuple(formats.period(p.start, p.end) for p in (found.before_period, found.after_period))
    choice = design_read.recorded_choice(run, tool.AREAS, found.before_period, found.after_period)
    return Data(areas, design_read.area_names(areas, name_field), labels, counts[0], counts[1],
                run.choice(tool.METHOD), np.ones(len(areas), bool), found, choice, tuple(outside), tuple(area_of))


def compare(run: Any, data: Data) -> Result:
    """Have the patterns compared, as a whole and for each type."""
    tool = run.tool
    seed, draws = run.integer(tool.SEED), run.integer(tool.DRAWS)
    change = analysis.compare(data.base, data.test, data.method)
    chance = analysis.by_chance(data.base, data.test, data.method, np.random.default_rng(seed), draws,
                                run.stage(0.55, 0.8))
    swapped = analysis.compare(data.test, data.base, data.method).indices.robust
    return Result(change, chance, swapped, _types(run, data, seed))


def _types(run: Any, data: Data, seed: int) -> list:
    if data.found is None or not data.found.type_field:
        return []
    kinds = [np.array([str(t or "") for t in rows.types[rows.located]], dtype=object)
             for rows in (data.found.before, data.found.after)]
    counts: dict = {}
    for period, (names, area) in enumerate(zip(kinds, data.area_of)):
        inside = area >= 0
        unique, code = np.unique(names[inside].astype(str), return_inverse=True)
        table = design.panel(code, area[inside], len(unique), len(data.base))
        for name, row in zip(unique.tolist(), table):
            counts.setdefault(name, [np.zeros(len(data.base), np.int64)] * 2)[period] = row
    order = sorted(counts, key=lambda name: -int(sum(c.sum() for c in counts[name])))
    large = [name for name in order if min(c.sum() for c in counts[name]) >= _LEAST_OF_TYPE]
    out, step = [], run.stage(0.8, 0.9)
    for number, name in enumerate(large):
        base, test = counts[name]
        chance = analysis.by_chance(base, test, data.method, np.random.default_rng(seed), _DRAWS_OF_TYPE,
                                    part(step, number / len(large), (number + 1) / len(large)))
        out.append((name or tr("without a type"), analysis.compare(base, test, data.method), chance))
    return out
