"""Reads two periods for 'Compare two periods by area' and has them compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...analysis.errors import InputError
from ...analysis.evaluation import compareperiods as comparing
from ...analysis.evaluation import presets, regression
from ...analysis.evaluation.compareperiods import Comparison, Period, TypeChanges
from ...analysis.windows import police_days
from ...layers import fields, overlay, provenance
from ...layers.areas import Areas
from ...layers.reading import Points
from ...translation import tr

#: Fields that name an area where the user does not choose one.
_NAMES = ("name", "cell_id", "zone_id", "rank")
_UNKNOWN, _NOT_BY_COUNT, _ON_BEFORE, _OTHER_TIME = range(4)


@dataclass(frozen=True)
class Rows:
    """Dated rows of one or more layers.

    Attributes
    ----------
    moments : (n,) array of datetime64[ms]
    types : (n,) object array of str or None
    x, y : (n,) arrays
        NaN for rows without a place.
    precision : (n,) array of str
        What the date says: "minute", "hour", "day" or "month".
    """

    moments: np.ndarray
    types: np.ndarray
    x: np.ndarray
    y: np.ndarray
    precision: np.ndarray

    @property
    def monthly(self) -> bool:
        """Whether most dates say no more than the month."""
        return bool((self.precision == "month").sum() > 0.5 * (~np.isnat(self.moments)).sum())

    @property
    def located(self) -> np.ndarray:
        """Which rows have a place."""
        return np.isfinite(self.x) & np.isfinite(self.y)

    def take(self, mask: np.ndarray) -> Rows:
        """Return the rows of a mask."""
        return Rows(self.moments[mask], self.types[mask], self.x[mask], self.y[mask], self.precision[mask])

    @staticmethod
    def of(points: Points, date_field: str, type_field: str, day_start: int) -> Rows:
        """Take what is needed out of a layer."""
        times = points.times[date_field]
        types = points.columns[type_field] if type_field else np.full(len(points), None, dtype=object)
        precision = np.asarray(times.precision, dtype=object)
        return Rows(police_days(times.values, precision, day_start), types, points.x, points.y, precision)

    @staticmethod
    def joined(parts: list[Rows]) -> Rows:
        """Put rows of several layers together."""
        return Rows(*(np.concatenate([getattr(part, name) for part in parts])
                      for name in ("moments", "types", "x", "y", "precision")))


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
    periods = _given_periods(run)
    date_field = run.field(tool.DATE_FIELD, of=tool.INCIDENTS, schema=fields.DT_FROM)
    if not date_field:
        raise InputError(tool.DATE_FIELD, "Choose the field with the date of the incidents; there is no 'dt_from'.")
    type_field = run.field(tool.TYPE_FIELD, of=tool.INCIDENTS, schema=fields.CTYPE)
    name_field = run.field(tool.NAME_FIELD, of=tool.AREAS) or next(
        (name for name in _NAMES if name in run.source_fields(tool.AREAS)), "")
    areas = run.areas(tool.AREAS, texts=[name_field])
    first = _rows(run, tool.INCIDENTS, tool.UNLOCATED, date_field, type_field)
    second = first
    if run.has(tool.AFTER_INCIDENTS):
        second = _rows(run, tool.AFTER_INCIDENTS, tool.AFTER_UNLOCATED, date_field, type_field)
    elif run.has(tool.AFTER_UNLOCATED):
        raise InputError(tool.AFTER_UNLOCATED, "Give the layer of the later period too (AFTER_INCIDENTS), or put all"
                                               " unlocated incidents into one table (UNLOCATED).")
    monthly = first.monthly or second.monthly
    before_period, after_period = periods or _preset_periods(run, second, monthly)
    if monthly:
        comparing.refuse_split_months(before_period, after_period, run.source(tool.INCIDENTS).sourceName())
    before = _of_period(run, first, before_period, tool.INCIDENTS, "BEFORE_START" if periods else "PRESET")
    after = _of_period(run, second, after_period, tool.AFTER_INCIDENTS if second is not first else tool.INCIDENTS,
                       "AFTER_START" if periods else "AS_OF")
    chosen, on_after, maybe = _chosen_on(run, before_period, after_period)
    names = [str(name or "–") for name in areas.columns[name_field]] if name_field else [
        str(row + 1) for row in areas.rows]
    return Data(
        before_period, after_period, before, after, areas, names, bool(type_field),
        run.has(tool.UNLOCATED) or run.has(tool.AFTER_UNLOCATED), monthly, chosen, maybe,
        run.text(tool.NOTES).strip(), run.choice(tool.PRESET), on_after,
    )


def _given_periods(run: Any) -> tuple[Period, Period] | None:
    """Return the periods of the four dates, None with a preset; refuse what contradicts."""
    tool = run.tool
    names = (tool.BEFORE_START, tool.BEFORE_END, tool.AFTER_START, tool.AFTER_END)
    if run.choice(tool.PRESET) == presets.CUSTOM:
        for name in names:
            if not run.has(name):
                raise InputError(name, "This date is missing. Give all four dates, or choose periods in PRESET.")
        if run.has(tool.AS_OF):
            raise InputError(tool.AS_OF, "A last day belongs to the periods of PRESET, but the four dates are to be"
                                         " used. Leave it empty, or choose periods in PRESET and leave the dates"
                                         " empty.")
        return comparing.make_periods(*(run.date(name) for name in names))
    given = [name for name in names if run.has(name)]
    if given:
        raise InputError(given[0], "The periods are chosen in PRESET, and dates are given too ({names}): it is not"
                                   " clear which hold. Leave the four dates empty, or set PRESET to 0.",
                         names=", ".join(given))
    return None


def _preset_periods(run: Any, rows: Rows, monthly: bool) -> tuple[Period, Period]:
    tool = run.tool
    preset, last = run.choice(tool.PRESET), run.date(tool.AS_OF)
    if last is None:
        last = presets.last_day(rows.moments, rows.precision, monthly)
        run.info(tr("Last complete day of the data: {day}.").format(day=last))
    before, after = presets.make_preset(preset, last, run.integer(tool.FISCAL_START) or presets.FISCAL_START, monthly)
    run.info(tr("Compared: {start} to {end} ({days} days) with {first} to {last} ({more} days).").format(
        start=after.start, end=after.end, days=after.days, first=before.start, last=before.end, more=before.days))
    return before, after


def _rows(run: Any, located: str, unlocated: str, date_field: str, type_field: str) -> Rows:
    points = run.points(located, texts=[type_field], times=[date_field], keep_unlocated=True,
                        progress=run.stage(0.0, 0.4))
    day_start = run.integer(run.tool.DAY_START) or 0
    parts = [Rows.of(points, date_field, type_field, day_start)]
    if run.has(unlocated):
        known = type_field if type_field in run.source_fields(unlocated) else ""
        if type_field and not known:
            run.warn(tr("The unlocated incidents have no field '{field}': their types are not known.").format(
                field=type_field))
        table = run.table(unlocated, texts=[known], times=[date_field])
        parts.append(Rows.of(table, date_field, known, day_start))
    return Rows.joined(parts)


def _of_period(run: Any, rows: Rows, period: Period, source: str, parameter: str) -> Rows:
    found = rows.take(period.holds(rows.moments))
    if len(found.moments):
        return found
    name = run.source(source).sourceName()
    dated = rows.moments[~np.isnat(rows.moments)]
    if not len(dated):
        raise InputError(run.tool.DATE_FIELD, "No row of '{layer}' has a date that can be read. Choose the field with"
                                              " the date of the incidents.", layer=name)
    raise InputError(
        parameter, "No incident of '{layer}' lies between {start} and {end}; its dates run from {first} to {last}."
        " Choose periods within these, or give the layer of the later period as AFTER_INCIDENTS.",
        layer=name, start=str(period.start), end=str(period.end), first=str(dated.min())[:10],
        last=str(dated.max())[:10],
    )


def _chosen_on(run: Any, before: Period, after: Period) -> tuple[bool, bool, bool]:
    """Whether areas were chosen for their count in the earlier period, in the later too, or must be feared to be."""
    choice = run.choice(run.tool.SELECTED_ON)
    if choice != _UNKNOWN:
        return choice == _ON_BEFORE, False, False
    layer = run.tool.parameterAsVectorLayer(run.parameters, run.tool.AREAS, run.context)
    record = provenance.read(layer) if layer is not None else {}
    if record.get("tool") not in provenance.CHOOSING:
        return False, False, False
    found = provenance.days_of_choice(record)
    if found is None:
        return False, False, True
    days = Period(*found)
    run.info(tr("The areas were chosen for their many incidents from {start} to {end}, as their own record says.")
             .format(start=days.start, end=days.end))
    on_before, on_after = (days.start <= period.end and period.start <= days.end for period in (before, after))
    return bool(on_before), bool(on_after), False


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
