"""What 'Crime summary table' reads: every record with its day, type and area, and the windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...analysis.data import checkincidents as checking
from ...analysis.errors import InputError
from ...analysis.hotspots.windows import make_windows
from ...analysis.temporal import crimesummary as analysis
from ...analysis.windows import last_complete_day, police_days
from ...layers import fields, overlay
from ...translation import tr

#: fields that name an area where the user does not choose one
_NAMES = ("name", "cell_id", "zone_id", "rank")


@dataclass(frozen=True)
class Data:
    """All records, counted.

    Attributes
    ----------
    calendar : Calendar
    lines : Lines
    areas, types : list of str
        Names of the areas (with the lines for records outside of all and without a place) and
        types that the lines number.
    named : int
        How many of the areas are areas of the layer.
    by_area, by_type : bool
        Whether there are lines by area and by type.
    outside, unlocated : int
        Records of all dates outside of all areas, and without a place.
    rows : list of (words, count)
        What became of the records, by date; the counts add up to all records.
    layer, area_layer : str
        Names of the layers.
    """

    calendar: analysis.Calendar
    lines: analysis.Lines
    areas: list
    types: list
    named: int
    by_area: bool
    by_type: bool
    outside: int
    unlocated: int
    rows: list
    layer: str
    area_layer: str


@dataclass(frozen=True)
class _Rows:
    """Records of the layer and of the table of unlocated ones."""

    moments: np.ndarray
    precision: np.ndarray
    kinds: np.ndarray
    x: np.ndarray
    y: np.ndarray

    @property
    def located(self) -> np.ndarray:
        return np.isfinite(self.x) & np.isfinite(self.y)


def read(run: Any) -> Data:
    """Read everything, settle the windows, and count."""
    tool = run.tool
    date = run.field(tool.DATE_FIELD, schema=fields.DT_FROM)
    kind = run.field(tool.TYPE_FIELD, schema=fields.CTYPE)
    if not date:
        raise InputError(tool.DATE_FIELD, "A summary of the last days needs dates. Choose the field with the date of"
                                          " the incidents; there is no 'dt_from'.")
    rows, name = _rows(run, date, kind)
    calendar, day, became = _windows(run, rows)
    run.progress(0.5)
    area, areas, named, area_layer = _areas(run, rows)
    run.progress(0.75)
    code, types = number_types(rows.kinds, bool(kind))
    run.progress(0.8)
    located = rows.located
    counts = analysis.count(area * len(types) + code, len(areas) * len(types), day, calendar, run.stage(0.8, 0.85))
    # one line for all places says nothing that the whole does not say
    by_area = named > 0 or not located.all()
    lines = analysis.make_lines(counts, len(areas), len(types), by_area, bool(kind))
    return Data(
        calendar, lines, areas, types, named, by_area, bool(kind), int((area == named).sum()) if named else 0,
        int((~located).sum()), became, name, area_layer,
    )


def _rows(run: Any, date: str, kind: str) -> tuple[_Rows, str]:
    tool = run.tool
    points = run.points(tool.INPUT, texts=[kind], times=[date], keep_unlocated=True, progress=run.stage(0.0, 0.35))
    parts = [(points, kind)]
    if not (np.isfinite(points.x) & np.isfinite(points.y)).any():
        raise InputError(tool.INPUT, "'{layer}' has no point that can be used ({rows} rows read). Choose a layer with"
                         " points, and check its filter and selection.", layer=points.name, rows=len(points))
    if run.has(tool.UNLOCATED):
        names = run.source_fields(tool.UNLOCATED)
        if date not in names:
            raise InputError(tool.UNLOCATED, "The table of unlocated incidents has no field '{field}', which holds the"
                             " date of the others. Choose a table with the same fields.", field=date)
        known = kind if kind in names else ""
        if kind and not known:
            run.warn(tr("The unlocated incidents have no field '{field}': they count without a type.").format(
                field=kind))
        parts.append((run.table(tool.UNLOCATED, texts=[known], times=[date]), known))

    def joined(take: Any) -> np.ndarray:
        return np.concatenate([take(part, known) for part, known in parts])

    precision = joined(lambda p, _: p.times[date].precision)
    moments = police_days(joined(lambda p, _: p.columns[date]), precision, run.integer(tool.DAY_START) or 0)
    return _Rows(
        moments, precision,
        joined(lambda p, k: p.columns[k] if k else np.full(len(p), None, dtype=object)),
        joined(lambda p, _: p.x), joined(lambda p, _: p.y),
    ), points.name


def _windows(run: Any, rows: _Rows) -> tuple:
    """Return the calendar, the day of each record (NaT where it counts in no window), and what became of them."""
    tool, moments = run.tool, rows.moments
    dated = ~np.isnat(moments)
    if not dated.any():
        raise InputError(tool.DATE_FIELD, "No incident has a date that can be read. Choose the field with the date, or"
                                          " prepare the data with 'Prepare incident data'.")
    monthly = dated & (rows.precision == "month")
    if monthly.sum() > 0.5 * dated.sum():
        raise InputError(
            tool.DATE_FIELD, "Most dates ({share:.0%}) say only the month, so 7 and 28 days cannot be told apart."
            " Choose a field with the day, or compare whole months with 'Compare two periods by area'.",
            share=monthly.sum() / dated.sum())
    good = dated & ~monthly
    times, precision = moments[good], rows.precision[good]
    run.progress(0.37)
    wanted = run.date(tool.AS_OF)
    frame = make_windows(times, precision, wanted, 0)
    run.progress(0.4)
    as_of, first, last = frame.end, frame.first, frame.last
    day = np.where(good, moments.astype("M8[D]"), np.datetime64("NaT", "D"))
    used = good & (day >= first) & (day <= as_of)
    rate = float(used.sum()) / max(int((min(as_of, last) - first) / analysis.DAY) + 1, 1)
    if wanted is not None:
        _refuse_late(tool.AS_OF, wanted, last, rate)
        usual = times < (last + 1).astype("M8[ms]")
        full = last_complete_day(times[usual], precision[usual], False)
        if full < wanted:
            run.warn(tr("The days after {day} seem not to be recorded fully: counts up to {wanted} are probably too"
                        " low.").format(day=full, wanted=wanted))
    else:
        run.info(tr("Last day: {day}, the last that is recorded fully.").format(day=as_of))
    run.progress(0.43)
    gaps = checking.gaps(times[day[good] <= as_of], False)
    calendar = analysis.make_calendar(as_of, first, rate, gaps)
    for a, b in gaps:
        if b >= calendar.earliest:
            run.warn(tr("No record at all from {first} to {last}: windows that miss these days are left empty.").format(
                first=a, last=b))
    if monthly.any():
        run.warn(tr("{count:,} records say only the month and count in no window.").format(count=int(monthly.sum())))
    undated = int((~dated).sum())
    if undated > 0.05 * len(dated):
        run.warn(tr("{count:,} of {rows:,} records have no date that can be read and count in no window.").format(
            count=undated, rows=len(dated)))
    ytd = calendar.spans[analysis.TO_DATE]
    became = [
        (tr("This year to {day}").format(day=as_of), int((good & (day >= ytd.start) & (day <= as_of)).sum())),
        (tr("Before this year"), int((good & (day < ytd.start)).sum())),
        (tr("After {day}").format(day=as_of), int((good & (day > as_of)).sum())),
        (tr("Date says only the month"), int(monthly.sum())),
        (tr("No date that can be read"), undated),
    ]
    return calendar, day, became


def _refuse_late(parameter: str, wanted: np.datetime64, last: np.datetime64, rate: float) -> None:
    """Days after the end of the data are not calm days."""
    silent = int((wanted - last) / analysis.DAY)
    if silent > 0 and np.exp(-rate * silent) < 0.001:
        raise InputError(parameter, "The incidents end on {last}, so days up to {wanted} would count as calm. Choose"
                         " {last} or an earlier day, or leave it empty.", last=last, wanted=wanted)


def _areas(run: Any, rows: _Rows) -> tuple:
    """Return the area of each record, the names, how many are of the layer, and the layer's name."""
    tool, located = run.tool, rows.located
    if not run.has(tool.AREAS):
        return np.where(located, 0, 1), [tr("On the map"), tr("Without a place")], 0, ""
    chosen = run.field(tool.NAME_FIELD, of=tool.AREAS) or next(
        (name for name in _NAMES if name in run.source_fields(tool.AREAS)), "")
    layer = run.areas(tool.AREAS, texts=[chosen])
    if not len(layer):
        raise InputError(tool.AREAS, "'{layer}' has no polygon that can be used. Choose a layer with areas.",
                         layer=layer.name)
    index = overlay.assign_points(layer, rows.x[located], rows.y[located], run.stage(0.5, 0.72))
    if (index < 0).all():
        raise InputError(
            tool.AREAS, "None of the {count} located incidents lies in an area of '{name}'. Check that both layers"
            " cover the same place and that their coordinate systems are right.", count=len(index), name=layer.name)
    if chosen:
        texts = [str(text) if text else tr("area without a name") for text in layer.columns[chosen]]
    else:
        texts = [tr("Area {number}").format(number=row + 1) for row in layer.rows.tolist()]
    names = list(dict.fromkeys(texts))
    if len(names) < len(texts):
        run.info(tr("{layer}: {count} polygons share {names} names; polygons of one name count together.").format(
            layer=layer.name, count=len(texts), names=len(names)))
    position = {name: i for i, name in enumerate(names)}
    number = np.array([position[text] for text in texts] + [len(names)], dtype=np.int64)
    area = np.full(len(located), len(names) + 1, dtype=np.int64)
    area[located] = number[index]
    return area, [*names, tr("Outside all areas"), tr("Without a place")], len(names), layer.name


def number_types(kinds: np.ndarray, known: bool) -> tuple[np.ndarray, list]:
    """Number the types in alphabetic order, those without last."""
    import pandas as pd

    if not known:
        return np.zeros(len(kinds), dtype=np.int64), [tr("All types")]
    codes, found = pd.factorize(kinds)
    texts = [str(text).strip() for text in found]
    names = sorted({text for text in texts if text})
    position = {name: i for i, name in enumerate(names)}
    number = np.array([position.get(text, len(names)) for text in texts] + [len(names)], dtype=np.int64)
    codes = number[codes]
    if (codes == len(names)).any() or not names:
        names.append(tr("without a type"))
    return codes, names
