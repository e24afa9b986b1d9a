"""What 'Find hot spots' reads: incidents of the period, the study area, the incidents held back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Sequence

import numpy as np

from ...analysis.errors import InputError
from ...layers import cells, fields, rings
from ...layers.writing import polygons_from_array
from ...translation import tr

#: incidents under which no hot spot can be told
FEWEST = 5
#: share of a type's incidents without a usable place that is worth a warning
LOST = 0.15
#: coordinates looked at for their precision
SAMPLE = 100_000


@dataclass
class Incidents:
    """Incidents that are used; arrays have one entry each.

    Attributes
    ----------
    weight, dates, types, keys : (n,) array or None
        None where there is no such field.
    period : Period or None
    months : float or None
        Length of the period; None without dates.
    area : StudyArea
    outline : QgsGeometry
        The same, to be drawn.
    precision : float
        Metres to which coordinates are rounded; 0 for exact.
    test : tuple of x and y, or None
        Incidents held back, in the study area.
    texts : dict
        Columns that the tool asked for besides.
    """

    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray | None
    dates: np.ndarray | None
    types: np.ndarray | None
    keys: np.ndarray | None
    period: Any
    months: float | None
    area: Any
    outline: Any
    precision: float
    test: tuple | None
    texts: dict

    def __len__(self) -> int:
        return len(self.x)

    def take(self, keep: np.ndarray) -> Incidents:
        """Some of the incidents, in the same study area and period."""
        columns = {name: None if (values := getattr(self, name)) is None else values[keep]
                   for name in ("x", "y", "weight", "dates", "types", "keys")}
        return replace(self, **columns, texts={name: values[keep] for name, values in self.texts.items()})


def read(run: Any, tool: Any, texts: Sequence[str] = ()) -> Incidents:
    """Read everything and leave out, with a count and a reason, what is not used; ``texts`` are more fields to read."""
    weight = run.field(tool.WEIGHT_FIELD)
    kind = run.field(tool.TYPE_FIELD, schema=fields.CTYPE)
    date = run.field(tool.DATE_FIELD, schema=fields.DT_FROM)
    key = fields.PLACE_KEY if fields.PLACE_KEY in run.source_fields(tool.INPUT) else ""
    points = run.points(
        tool.INPUT, numbers=[weight], texts=list(dict.fromkeys([kind, key, *texts])), times=[date],
        keep_unlocated=True, progress=run.stage(0.0, 0.3),
    )  # fmt: skip
    points = _located(run, points, tool.INPUT, kind)
    if weight:
        points = _weighted(run, points, weight, tool.WEIGHT_FIELD)
    run.check()
    points, held, period, months = _by_date(run, points, date, tool)
    run.check()
    area, outline, points = _study_area(run, points, tool, kind)
    _refuse_few(run, points, tool.INPUT)
    incidents = Incidents(
        points.x, points.y, points.columns[weight] if weight else None, points.columns[date] if date else None,
        points.columns[kind] if kind else None, points.columns[key] if key else None, period, months, area, outline,
        _precision(points.x, points.y), None, {name: points.columns[name] for name in texts if name},
    )  # fmt: skip
    if run.has(tool.TEST_INCIDENTS):
        if held is not None:
            raise InputError(tool.TEST_FROM, "Give either a layer of test incidents or the day from which incidents"
                             " are held back, not both.")  # fmt: skip
        held = run.points(tool.TEST_INCIDENTS, progress=run.stage(0.3, 0.35))
    if held is not None:
        inside = area.inside(held.x, held.y)
        if not inside.any():
            name = tool.TEST_INCIDENTS if run.has(tool.TEST_INCIDENTS) else tool.TEST_FROM
            raise InputError(name, "No test incident lies in the study area, so the hot spots cannot be tested.")
        run.info(tr("{count:,} incidents are held back to test the hot spots; {out:,} more lie outside the study area.")
                 .format(count=int(inside.sum()), out=int((~inside).sum())))  # fmt: skip
        incidents = replace(incidents, test=(held.x[inside], held.y[inside]))
    return incidents


def _located(run: Any, points: Any, parameter: str, kind: str) -> Any:
    """The points that have a place; the others are counted, and types told that lose many."""
    located = np.isfinite(points.x) & np.isfinite(points.y)
    if not located.any():
        raise InputError(parameter, "'{layer}' has no point that can be used ({rows} rows read). Choose a layer with"
                         " points, and check its filter and selection.", layer=points.name, rows=len(points))
    _tell_lost_types(run, points, located, kind)
    return _leave_out(run, points, located, tr("no place on the map (none, or masked as 0, 0)"))


def _leave_out(run: Any, points: Any, keep: np.ndarray, reason: str) -> Any:
    """Keep some of the points; the others are counted, with the reason, in the log and the record."""
    if keep.all():
        return points
    count = int((~keep).sum())
    text = tr("{count:,} of {rows:,} incidents are not used: {reason}.").format(
        count=count, rows=len(points), reason=reason)
    run.warn(text) if count > 0.05 * len(points) else run.info(text)
    return points.take(keep, reason)


def _weighted(run: Any, points: Any, field: str, parameter: str) -> Any:
    weight = points.columns[field]
    if (weight < 0).any():
        row = int(points.rows[np.flatnonzero(weight < 0)[0]]) + 1
        raise InputError(parameter, "'{field}' holds negative weights ({count} rows, first: row {row}). A weight says"
                         " how much an incident counts and cannot be negative. Correct them, or choose another field.",
                         field=field, count=int((weight < 0).sum()), row=row)  # fmt: skip
    if not (np.nan_to_num(weight) > 0).any():
        raise InputError(parameter, "'{field}' holds no number above 0, so no incident would count. Choose another"
                         " field, or leave it empty to count every incident once.", field=field)  # fmt: skip
    points = _leave_out(run, points, np.isfinite(weight), tr("no weight in '{field}'").format(field=field))
    return _leave_out(run, points, points.columns[field] > 0, tr("a weight of 0 in '{field}'").format(field=field))


def _by_date(run: Any, points: Any, field: str, tool: Any) -> tuple:
    """Points of the period, points held back or None, the period and its months."""
    from ...analysis.hotspots import period as periods

    as_of, test_from, window = run.date(tool.AS_OF), run.date(tool.TEST_FROM), run.integer(tool.WINDOW) or 0
    if not field:
        if window or as_of is not None or test_from is not None:
            raise InputError(tool.DATE_FIELD, "A window, a last day or a first test day needs dates. Choose the field"
                             " with the date of the incidents.")  # fmt: skip
        return points, None, None, None
    split = periods.split(points.columns[field], points.times[field].precision, as_of, window, test_from)
    held = None
    if test_from is not None:
        if not split.held_out.any():
            raise InputError(tool.TEST_FROM, "No incident is from {day} or later, so nothing is held back to test the"
                             " hot spots. Choose an earlier day.", day=test_from)  # fmt: skip
        held = points.take(split.held_out)
    keep = split.used
    if split.undated.any() and keep[split.undated].any():
        run.info(tr("{count:,} incidents without a date are used: they count for places, not for months.").format(
            count=int(split.undated.sum())))
    dates = points.columns[field]
    period = split.period
    reasons = [(split.held_out, tr("held back for the test"))]
    if not keep[split.undated].any():
        reasons.append((split.undated, tr("no date that can be read")))
    if period is not None:
        day = dates.astype("datetime64[D]")
        reasons += [(~split.undated & (day < period.start) & ~keep, tr("before {day}").format(day=period.start)),
                    (~split.undated & (day > period.end) & ~keep, tr("after {day}").format(day=period.end))]
    dropped = np.zeros(len(points), dtype=bool)
    for which, reason in reasons:
        which = which & ~dropped
        points = _leave_out(run, points, ~which[~dropped], reason)
        dropped |= which
    if split.stray:
        run.warn(tr("{count:,} incidents are dated long before all others and do not count for the length of the"
                    " period. Check their dates.").format(count=split.stray))  # fmt: skip
    return points, held, period, None if period is None else period.months


def _study_area(run: Any, points: Any, tool: Any, kind: str) -> tuple:
    """The study area, its outline, and the points in it."""
    from ...analysis.hotspots import studyarea

    if run.has(tool.BOUNDARY):
        shape = cells.dissolve(run.areas(tool.BOUNDARY))
        vertices, _, starts = rings.from_wkb([shape.asWkb().data()])
        area = studyarea.StudyArea(vertices, starts, True, shape.area())
        inside = area.inside(points.x, points.y, run.stage(0.35, 0.4))
        if not inside.any():
            raise InputError(tool.BOUNDARY, "None of the {count:,} incidents lies within the boundary. Check that both"
                             " layers show the same region and that their coordinate reference systems are right.",
                             count=len(points))  # fmt: skip
        _tell_lost_types(run, points, inside, kind)
        return area, shape, _leave_out(run, points, inside, tr("outside the boundary"))
    near = studyarea.not_outlying(points.x, points.y)
    _tell_lost_types(run, points, near, kind)
    points = _leave_out(run, points, near, tr("far from all others (give a BOUNDARY to decide for yourself)"))
    area = studyarea.hull(points.x, points.y, 500.0)
    run.info(tr("No boundary is given: the study area is the hull of the incidents, a little widened, without what is"
                " farther than {radius:,.0f} m from any of them ({area:,.1f} km2).").format(
                    radius=area.reached.radius, area=area.size / 1e6))  # fmt: skip
    outline = next(polygons_from_array(area.vertices[None]))
    return area, outline, points


def _tell_lost_types(run: Any, points: Any, keep: np.ndarray, field: str) -> None:
    """Say which types lose so many of their incidents that the map cannot show them."""
    lost = np.flatnonzero(~keep)
    if not field or not lost.size:
        return
    labels = points.columns[field]
    names, counts = np.unique(labels[lost].astype(str), return_counts=True)
    for name, count in sorted(zip(names.tolist(), counts.tolist()), key=lambda pair: -pair[1])[:20]:
        total = int((labels == name).sum())
        if count >= 10 and count > max(LOST, 2.0 * lost.size / len(points)) * total:
            run.warn(tr("'{type}' is hardly seen here: {count:,} of its {total:,} incidents ({share:.0%}) have no"
                        " usable place in the study area (masked, or not geocoded?).").format(
                            type=name, count=count, total=total, share=count / total))  # fmt: skip


def _refuse_few(run: Any, points: Any, parameter: str) -> None:
    if len(points) < FEWEST:
        raise InputError(parameter, "Only {count} incidents are left to look at, and a hot spot needs at least {least}."
                         " Take a longer period, a larger area, or fewer restrictions.",
                         count=len(points), least=FEWEST)  # fmt: skip
    if np.ptp(points.x) < 1.0 and np.ptp(points.y) < 1.0:
        raise InputError(parameter, "All {count:,} incidents lie at one place, so there is nothing to compare. Check"
                         " how the coordinates were made: one point for all often stands for an unknown address.",
                         count=len(points))  # fmt: skip


def _precision(x: np.ndarray, y: np.ndarray) -> float:
    from ...analysis.cellsize import coordinate_precision

    step = len(x) // SAMPLE + 1
    return coordinate_precision(x[::step], y[::step])
