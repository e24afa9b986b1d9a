"""Reads two periods for 'Compare two periods by area' and has them compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...analysis.errors import InputError
from ...analysis.evaluation import compareperiods as comparing
from ...analysis.evaluation import presets, regression
from ...analysis.evaluation.compareperiods import Comparison, Period, TypeChanges
from ...layers import fields, overlay
from ...layers.areas import Areas
from . import design_read
from .design_read import Choice, Rows, TwoPeriods

_UNKNOWN, _NOT_BY_COUNT, _ON_BEFORE, _OTHER_TIME = range(4)


@dataclass(frozen=True)
class Data:
    """All that is compared: the periods, their rows and the areas."""

    before_period: Period
    after_period: Period
    before: Rows
    after: Rows
    areas: Areas
    area_names: list
    types_known: bool
    with_unlocated: bool
    monthly: bool
    chosen_on_before: bool
    maybe_chosen: bool
    notes: str
    preset: int = presets.CUSTOM
    chosen_on_after: bool = False


def read(run: Any) -> Data:
    """Read the periods, the incidents of each, and the areas."""
    tool = run.tool
    name_field = design_read.name_field(run, tool.AREAS, tool.NAME_FIELD)
    areas = run.areas(tool.AREAS, texts=[name_field])
    found = design_read.two_periods(run)
    choice = _chosen_on(run, found)
    return Data(
        found.before_period, found.after_period, found.before, found.after, areas,
        design_read.area_names(areas, name_field), bool(found.type_field),
        run.has(tool.UNLOCATED) or run.has(tool.AFTER_UNLOCATED), found.monthly, choice.on_before, choice.maybe,
        run.text(tool.NOTES).strip(), run.choice(tool.PRESET), choice.on_after,
    )


def _chosen_on(run: Any, found: TwoPeriods) -> Choice:
    choice = run.choice(run.tool.SELECTED_ON)
    if choice != _UNKNOWN:
        return Choice(choice == _ON_BEFORE)
    return design_read.recorded_choice(run, run.tool.AREAS, found.before_period, found.after_period)


@dataclass(frozen=True)
class Result:
    """The comparison of the whole, of the located, of the areas, and of each area and type.

    Attributes
    ----------
    whole, located, inside : Comparison of one pair
    areas : Comparison
    types : TypeChanges or None
    expected : (n,) array
        Count to expect in each area had nothing changed.
    unguarded : Comparison of one pair
        ``inside`` without regard to how the areas were chosen.
    foreseen : Expected or None
        For areas chosen for their count in the earlier period; ``inside`` and ``areas`` then
        tell only a change beyond it.
    """

    whole: Comparison
    located: Comparison
    inside: Comparison
    areas: Comparison
    types: TypeChanges | None
    expected: np.ndarray
    outside: tuple
    unguarded: Comparison
    foreseen: regression.Expected | None

    def columns(self, names: dict) -> dict:
        """Return the fields of the result."""
        a = self.areas
        days_before, days_after = a.days
        code = np.where(a.empty, np.nan, a.code.astype(float))
        return {
            fields.CUR_CNT: a.current, fields.PREV_CNT: a.previous, fields.DIFF_CNT: a.difference,
            fields.PERC: a.percent, fields.PERC_LOW: a.percent_low, fields.PERC_HIGH: a.percent_high,
            fields.CUR_RATE: a.current * 30.0 / days_after, fields.PREV_RATE: a.previous * 30.0 / days_before,
            fields.EXP_CNT: self.expected, fields.Z_SCORE: a.z, fields.P_VALUE: a.p, fields.Q_VALUE: a.q,
            fields.CHG_CODE: np.array([None if c != c else int(c) for c in code], dtype=object),
            fields.CHG_CLASS: np.array([names[None if c != c else int(c)] for c in code], dtype=object),
        }

    def numbers(self, data: Data) -> dict:
        """Return the declared numbers."""
        whole, inside = self.whole, self.inside
        return {
            "BEFORE": whole.previous[0], "AFTER": whole.current[0], "CHANGE": whole.difference[0],
            "PERC": whole.percent[0], "LOW": whole.percent_low[0], "HIGH": whole.percent_high[0],
            "P_VALUE": whole.p[0],
            "LOCATED_BEFORE": data.before.located.mean(), "LOCATED_AFTER": data.after.located.mean(),
            "LOCATED_PERC": self.located.percent[0],
            "AREAS_BEFORE": inside.previous[0], "AREAS_AFTER": inside.current[0], "AREAS_PERC": inside.percent[0],
            "AREAS_EXPECTED": float(self.expected.sum()), "AREAS_P": inside.p[0],
            "OUTSIDE": sum(self.outside),
            "MORE_COUNT": (self.areas.code == comparing.MORE).sum(),
            "FEWER_COUNT": (self.areas.code == comparing.FEWER).sum(),
        }


def compare(run: Any, data: Data) -> Result:
    """Count both periods in the areas and have everything compared."""
    days = data.before_period.days, data.after_period.days
    counts, outside = [], []
    for rows, stage in ((data.before, run.stage(0.45, 0.6)), (data.after, run.stage(0.6, 0.75))):
        located = rows.located
        index = overlay.assign_points(data.areas, rows.x[located], rows.y[located], stage)
        counts.append(comparing.count_in(index, len(data.areas)))
        outside.append(int((index < 0).sum()))
    if not sum(count.sum() for count in counts):
        raise InputError(
            run.tool.AREAS, "None of the {count} located incidents lies in an area of '{name}'. Check that both layers"
            " cover the same place and that their coordinate systems are right.",
            count=sum(outside), name=data.areas.name,
        )
    located = [int(data.before.located.sum()), int(data.after.located.sum())]
    areas = comparing.compare(counts[0], counts[1], *days, run.stage(0.75, 0.88))
    types = comparing.by_type(data.before.types, data.after.types, *days) if data.types_known else None
    inside = unguarded = comparing.compare([counts[0].sum()], [counts[1].sum()], *days)
    expected, foreseen = areas.expected, None
    if data.chosen_on_before:
        where = data.before.located
        side = float(np.sqrt(np.median(data.areas.areas_m2)))
        places = regression.all_places(data.before.x[where], data.before.y[where], side)
        foreseen = regression.expect(counts[0], counts[1], places, days[1] / days[0])
        expected = foreseen.count
        areas = regression.guard(areas, expected, foreseen.p)
        inside = regression.guard(inside, np.array([foreseen.total]), np.array([foreseen.p_total]))
    run.progress(0.9)
    return Result(
        whole=comparing.compare([len(data.before.moments)], [len(data.after.moments)], *days),
        located=comparing.compare([located[0]], [located[1]], *days),
        inside=inside, areas=areas, types=types, expected=expected, outside=(outside[0], outside[1]),
        unguarded=unguarded, foreseen=foreseen,
    )
