"""Reads what evaluations are made of: two periods, their incidents, and areas with their roles."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import fields as parts_of
from typing import Any

import numpy as np

from ...analysis.errors import InputError
from ...analysis.evaluation import compareperiods as comparing
from ...analysis.evaluation import design, presets
from ...analysis.evaluation.compareperiods import Period
from ...analysis.overlay import first_of
from ...analysis.progress import Progress, silent
from ...analysis.windows import police_days
from ...layers import fields, overlay, provenance, sources
from ...layers.areas import Areas
from ...layers.reading import Points
from ...translation import tr

#: Fields that name an area where the user does not choose one.
NAMES = ("name", "cell_id", "zone_id", "rank")


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
    harm : (n,) array
        NaN where it is not known.
    """

    moments: np.ndarray
    types: np.ndarray
    x: np.ndarray
    y: np.ndarray
    precision: np.ndarray
    harm: np.ndarray

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
        return Rows(*(getattr(self, part.name)[mask] for part in parts_of(self)))

    @staticmethod
    def of(points: Points, date_field: str, type_field: str, day_start: int, harm_field: str = "") -> Rows:
        """Take what is needed out of a layer."""
        times = points.times[date_field]
        types = points.columns[type_field] if type_field else np.full(len(points), None, dtype=object)
        harm = points.columns[harm_field] if harm_field else np.full(len(points), np.nan)
        precision = np.asarray(times.precision, dtype=object)
        return Rows(police_days(times.values, precision, day_start), types, points.x, points.y, precision, harm)

    @staticmethod
    def joined(several: list[Rows]) -> Rows:
        """Put rows of several layers together."""
        return Rows(*(np.concatenate([getattr(rows, part.name) for rows in several]) for part in parts_of(Rows)))


@dataclass(frozen=True)
class TwoPeriods:
    """Two periods and the rows of each.

    Attributes
    ----------
    before_period, after_period : Period
    before, after : Rows
    every : Rows
        All rows of the layer of the earlier period, whenever they happened: the history.
    type_field : str
        "" where types are not known.
    monthly : bool
        Dates say no more than the month.
    """

    before_period: Period
    after_period: Period
    before: Rows
    after: Rows
    every: Rows
    type_field: str
    monthly: bool


def two_periods(run: Any, harm_field: str = "") -> TwoPeriods:
    """Read the periods that PRESET or the four dates state, and the incidents of each."""
    tool = run.tool
    periods = given_periods(run)
    date_field = run.field(tool.DATE_FIELD, of=tool.INCIDENTS, schema=fields.DT_FROM)
    if not date_field:
        raise InputError(tool.DATE_FIELD, "Choose the field with the date of the incidents; there is no 'dt_from'.")
    type_field = run.field(tool.TYPE_FIELD, of=tool.INCIDENTS, schema=fields.CTYPE)
    first = read_rows(run, tool.INCIDENTS, tool.UNLOCATED, date_field, type_field, harm_field)
    second = first
    if run.has(tool.AFTER_INCIDENTS):
        second = read_rows(run, tool.AFTER_INCIDENTS, tool.AFTER_UNLOCATED, date_field, type_field, harm_field)
    elif run.has(tool.AFTER_UNLOCATED):
        raise InputError(tool.AFTER_UNLOCATED, "Give the layer of the later period too (AFTER_INCIDENTS), or put all"
                                               " unlocated incidents into one table (UNLOCATED).")
    monthly = first.monthly or second.monthly
    before_period, after_period = periods or _preset_periods(run, second, monthly)
    if monthly:
        comparing.refuse_split_months(before_period, after_period, run.source(tool.INCIDENTS).sourceName())
    before = of_period(run, first, before_period, tool.INCIDENTS, "BEFORE_START" if periods else "PRESET")
    after = of_period(run, second, after_period, tool.AFTER_INCIDENTS if second is not first else tool.INCIDENTS,
                      "AFTER_START" if periods else "AS_OF")
    return TwoPeriods(before_period, after_period, before, after, first, type_field, monthly)


def given_periods(run: Any) -> tuple[Period, Period] | None:
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


def read_rows(
    run: Any, located: str, unlocated: str, date_field: str, type_field: str, harm_field: str = ""
) -> Rows:
    """Read the incidents of a layer, and of its table of unlocated ones if there is one."""
    numbers = [harm_field] if harm_field else []
    points = run.points(located, numbers, texts=[type_field], times=[date_field], keep_unlocated=True,
                        progress=run.stage(0.0, 0.4))
    day_start = run.integer(run.tool.DAY_START) or 0
    parts = [Rows.of(points, date_field, type_field, day_start, harm_field)]
    if unlocated and run.has(unlocated):
        there = run.source_fields(unlocated)
        known, harm = (name if name in there else "" for name in (type_field, harm_field))
        if type_field and not known:
            run.warn(tr("The unlocated incidents have no field '{field}': their types are not known.").format(
                field=type_field))
        table = run.table(unlocated, [harm] if harm else [], texts=[known], times=[date_field])
        parts.append(Rows.of(table, date_field, known, day_start, harm))
    return Rows.joined(parts)


def dated(run: Any, rows: Rows, source: str) -> np.ndarray:
    """Return the moments that are known; refuse incidents without any."""
    found = rows.moments[~np.isnat(rows.moments)]
    if len(found):
        return found
    name = run.source(source).sourceName()
    if not len(rows.moments):
        raise InputError(source, "'{layer}' has no rows. Choose the layer with the incidents, and check its filter and"
                                 " selection.", layer=name)
    raise InputError(run.tool.DATE_FIELD, "No row of '{layer}' has a date that can be read. Choose the field with"
                                          " the date of the incidents.", layer=name)


def of_period(run: Any, rows: Rows, period: Period, source: str, parameter: str) -> Rows:
    """Return the rows of a period; refuse one without any."""
    found = rows.take(period.holds(rows.moments))
    if len(found.moments):
        return found
    moments = dated(run, rows, source)
    raise InputError(
        parameter, "No incident of '{layer}' lies between {start} and {end}; its dates run from {first} to {last}."
        " Choose periods within these, or give the layer of the later period as AFTER_INCIDENTS.",
        layer=run.source(source).sourceName(), start=str(period.start), end=str(period.end),
        first=str(moments.min())[:10], last=str(moments.max())[:10],
    )


@dataclass(frozen=True)
class Choice:
    """Whether areas were chosen for their count in the earlier period, in the later, or must be feared to be.

    ``both`` says that comparison areas were chosen by the same rule.
    """

    on_before: bool = False
    on_after: bool = False
    maybe: bool = False
    both: bool = False


def recorded_choice(run: Any, areas: str, before: Period, after: Period) -> Choice:
    """Read how areas were chosen from the record that their layer carries."""
    layer = sources.layer_of(run.tool, run.parameters, areas, run.context)
    record = provenance.read(layer) if layer is not None else {}
    if not provenance.chosen_by_count(record):
        return Choice()
    found = provenance.days_of_choice(record)
    if found is None:
        return Choice(maybe=True)
    days = Period(*found)
    run.info(tr("The areas were chosen for their many incidents from {start} to {end}, as their own record says.")
             .format(start=days.start, end=days.end))
    return Choice(*(design.overlap_days(days, period) > 0 for period in (before, after)),
                  both=provenance.chosen_alike(record))


def chosen_by_count(run: Any, areas: str) -> bool:
    """Whether the record of a layer says that its areas were chosen for their many incidents, whenever that was."""
    layer = sources.layer_of(run.tool, run.parameters, areas, run.context)
    return layer is not None and provenance.chosen_by_count(provenance.read(layer))


def name_field(run: Any, areas: str, parameter: str) -> str:
    """Return the field that names the areas, chosen or found, or ""."""
    return run.field(parameter, of=areas) or next((name for name in NAMES if name in run.source_fields(areas)), "")


def area_names(areas: Any, field: str) -> list:
    """Return the names of areas; their row numbers without a field."""
    return [str(name or "–") for name in areas.columns[field]] if field else [str(row + 1) for row in areas.rows]


def role_field(run: Any, areas: str) -> str:
    """Return the field with the roles, chosen or found; refuse a layer without one."""
    field = run.field(run.tool.ROLE_FIELD, of=areas, schema=fields.ROLE)
    if not field:
        raise InputError(
            run.tool.ROLE_FIELD, "Choose the field that says which areas are treated and which are compared ({roles});"
            " there is no field 'role'.", roles=", ".join(design.ROLES))
    return field


def assign_by_role(
    areas: Areas, codes: np.ndarray, x: np.ndarray, y: np.ndarray, progress: Progress = silent
) -> tuple[np.ndarray, int]:
    """Return the area of each position, and how many positions lie in areas of more than one role.

    Where areas overlap, a position belongs to the treated one first, then to the comparison area, then to the
    displacement areas, each in the layer's order: what is counted twice would count for and against. Areas
    without a role hold nothing.
    """
    position, area = overlay.polygon_index(areas).pairs(x, y, progress)
    used = codes[area] >= 0
    position, area = position[used], area[used]
    order = np.lexsort((area, codes[area], position))
    position, area = position[order], area[order]
    index = first_of(len(x), position, area)
    several = position[codes[area] != codes[index[position]]]
    return index, int(len(np.unique(several)))


def areas_or_table(run: Any, numbers: list, texts: list) -> tuple[Any, Areas | None]:
    """Read INPUT as areas, or as a table where it has no geometry."""
    from qgis.core import QgsWkbTypes

    if run.source(run.tool.INPUT).wkbType() == QgsWkbTypes.Type.NoGeometry:
        table = run.table(run.tool.INPUT, numbers, texts)
        if not len(table):
            raise InputError(run.tool.INPUT, "'{layer}' has no row.", layer=table.name)
        return table, None
    areas = run.areas(run.tool.INPUT, numbers, texts)
    return areas, areas
