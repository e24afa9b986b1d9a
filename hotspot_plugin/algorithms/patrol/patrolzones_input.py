"""What 'Generate patrol zones' was given: layers read, shares of what, times of day."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from qgis.core import QgsGeometry

from ...analysis.errors import InputError
from ...analysis.hotspots import profiles, studyarea
from ...analysis.patrol import patrolzones, peaks
from ...analysis.timeline import MONTH
from ...layers import fields, provenance
from ...layers.areas import Areas
from ...layers.lengths import LinesInside
from ...layers.overlay import polygon_index
from ...layers.reading import Points
from ...layers.zones import polygons_only
from ...reports import formats
from ...translation import tr
from .. import proactive
from .patrolzones_people import Reports, read_population, read_reports

#: Kinds of budget in the order of the parameter's options.
KINDS = (patrolzones.HECTARES, patrolzones.KILOMETRES, patrolzones.HOURS)
#: What is done with some incidents, in the order of the parameter's options.
LEAVE_OUT, KEEP = range(2)
#: Metres around incidents on one line or spot, where no boundary is given (as in 'Find hot spots').
_REACH = 500.0
#: Square metres; smaller holes of the boundary are filled.
_HOLE = 1e4
#: Share of the areas whose number is that of the incident layer, from which it is the layer they were counted of.
_COUNTED_OF = 0.95


@dataclass
class Given:
    """What a run was given.

    Attributes
    ----------
    weight : (n,) array
        Incidents of each area; NaN or 0 takes no part.
    total, total_of : float, str
        All incidents that shares refer to, and of what: ``"incidents"``, ``"share"``, ``"areas"``.
    weight_total : float
        All incidents that the areas' numbers were counted of; NaN where it is not known.
    study, study_of : float, str
        Square metres that the share of land refers to, of ``"boundary"``, ``"hull"``, ``"areas"``.
    clock : Clock or None
        None without dates.
    inside : (i,) array of bool
        Incidents that count: within the boundary, and not left out.
    within : (i,) array of bool
        All incidents within the boundary.
    made : Marks or None
        Which incidents officers found themselves.
    hidden, guarded : (i,) array of bool, or None where it is not known
        Incidents of types that a patrol does not see; thefts from homes and vehicles.
    place : (i,) array of int
        Number of each incident's place.
    residents : (p, 1 + groups) array
        Residents, and those of the groups, of each census area within the boundary.
    with_made : (n,) array or None
        ``weight`` with the records that officers made, where these are left out of it.
    reports : Reports or None
        Reports of residents.
    chosen_on : tuple of datetime64[D]
        First and last day of the incidents that the areas' numbers are of; empty where not known.
    shifts, day_start : list, int
        Shifts as (start, length) and the start of the police day, in minutes.
    """

    areas: Areas
    weight: np.ndarray
    weight_name: str
    total: float = 0.0
    weight_total: float = np.nan
    total_of: str = "areas"
    study: float = 0.0
    study_of: str = "areas"
    incidents: Points | None = None
    inside: np.ndarray = field(default_factory=lambda: np.empty(0, bool))
    within: np.ndarray = field(default_factory=lambda: np.empty(0, bool))
    made: Any = None
    hidden: np.ndarray | None = None
    guarded: np.ndarray | None = None
    place: np.ndarray = field(default_factory=lambda: np.empty(0, int))
    clock: peaks.Clock | None = None
    boundary: QgsGeometry | None = None
    streets: LinesInside | None = None
    population: Areas | None = None
    residents: np.ndarray = field(default_factory=lambda: np.empty((0, 1)))
    groups: list = field(default_factory=list)
    visits: dict = field(default_factory=dict)
    days: tuple = ()
    by_month: bool = False
    with_made: np.ndarray | None = None
    reports: Reports | None = None
    chosen_on: tuple = ()
    shifts: list = field(default_factory=list)
    day_start: int = 0

    def shared_places(self) -> float:
        """Return the share of the incidents that lie exactly where another one lies."""
        if self.incidents is None or not len(self.incidents):
            return 0.0
        counts = profiles.place_counts(self.incidents.x[self.inside], self.incidents.y[self.inside])
        return float(counts[counts > 1].sum() / max(self.inside.sum(), 1))

    def period_text(self) -> str:
        """Return the period of the incidents in words."""
        if not self.days:
            return tr("In the period of the data")
        return formats.during(*self.days, self.by_month)


def read(run: Any) -> Given:
    """Read all layers and settings."""
    tool = run.tool
    names = run.source_fields(tool.INPUT)
    weight_name = run.field(tool.WEIGHT_FIELD) or (fields.N if fields.N in names else "")
    if not weight_name and not run.has(tool.INCIDENTS):
        raise InputError(
            tool.WEIGHT_FIELD, "The layer has no field 'n'. Choose the field that holds the number of incidents, or"
            " give incidents to be counted in the areas.")
    carried = [n for n in (fields.N, fields.SHARE, fields.PLACE1_SH, fields.PRO_SHARE) if n in names]
    areas = run.areas(tool.INPUT, numbers=list(dict.fromkeys([weight_name, *carried])))
    given = Given(areas, np.zeros(len(areas)), weight_name, visits=_visits(run))
    given.shifts, given.day_start = peaks.parse_shifts(run.text(tool.SHIFTS)), 60 * (run.integer(tool.DAY_START) or 0)
    if run.has(tool.BOUNDARY):
        boundary = run.areas(tool.BOUNDARY)
        # districts drawn apart leave hairs between them, which are no hole in the area
        given.boundary = polygons_only(QgsGeometry.unaryUnion(boundary.geometries)).removeInteriorRings(_HOLE)
    _read_incidents(run, given, boundary if run.has(tool.BOUNDARY) else None)
    given.weight = areas.columns[weight_name].copy() if weight_name else _counted(given, given.inside)
    if not weight_name and given.made is not None and given.made.n and _leaves_out(run, tool.PROACTIVE):
        hidden = given.hidden if given.hidden is not None and _leaves_out(run, tool.NOT_PUBLIC) else False
        given.with_made = _counted(given, given.inside | (given.within & given.made.made & ~np.asarray(hidden)))
    if (given.weight < 0).any():
        raise InputError(tool.WEIGHT_FIELD, "'{field}' holds negative numbers. Choose a field with numbers of"
                         " incidents or weights of at least 0.", field=weight_name)
    run.check()
    _totals(given)
    run.check()
    if run.has(tool.STREETS):
        given.streets = LinesInside(run.areas(tool.STREETS), run.stage(0.08, 0.1))
    elif run.choice(tool.BUDGET_KIND) == KINDS.index(patrolzones.KILOMETRES) and run.has(tool.BUDGET):
        raise InputError(tool.STREETS, "A budget in kilometres of street needs the streets. Choose a layer of street"
                         " lines, or another kind of budget.")
    given.population, given.residents, given.groups = read_population(run, given.boundary)
    given.reports = read_reports(run)
    given.chosen_on = _chosen_on(run, given)
    return given


def _visits(run: Any) -> dict:
    tool = run.tool
    visits = {"visit": run.number(tool.VISIT_MIN), "visits": run.integer(tool.VISITS_DAY),
              "travel": run.number(tool.TRAVEL_MIN), "crew": run.number(tool.CREW)}
    if visits["visit"] < patrolzones.SHORTEST_VISIT:
        run.warn(tr("A visit of {minutes:g} minutes is shorter than what has been shown to work (12 to 20). Where hours"
                    " are short, drop visits, not minutes.").format(minutes=visits["visit"]))
    elif visits["visit"] > patrolzones.LONGEST_VISIT:
        run.warn(tr("A visit of {minutes:g} minutes is longer than what has been shown to work (12 to 20): more and"
                    " shorter visits do more.").format(minutes=visits["visit"]))
    return visits


def _read_incidents(run: Any, given: Given, boundary: Areas | None) -> None:
    tool = run.tool
    if not run.has(tool.INCIDENTS):
        return
    start = run.field(tool.DATE_FIELD, tool.INCIDENTS, fields.DT_FROM)
    end = run.field(tool.END_DATE_FIELD, tool.INCIDENTS, fields.DT_TO if start == fields.DT_FROM else None)
    names = run.source_fields(tool.INCIDENTS)
    place = [fields.PLACE_KEY] if fields.PLACE_KEY in names else []
    # what is known about the time belongs to the prepared date, not to another one
    known = [fields.TIME_OK] if fields.TIME_OK in names and start == fields.DT_FROM else []
    made, public = proactive.field(run, tool.INCIDENTS), fields.PUBLIC_PL if fields.PUBLIC_PL in names else ""
    kind = run.field(tool.TYPE_FIELD, tool.INCIDENTS, fields.CTYPE)
    points = run.points(tool.INCIDENTS, numbers=known, texts=list(dict.fromkeys([*place, made, public, kind])),
                        times=[start, end] if end else [start])
    given.incidents = points
    given.inside = np.ones(len(points), bool)
    if boundary is not None:
        given.inside = polygon_index(boundary).first(points.x, points.y, run.stage(0.05, 0.1)) >= 0
        outside = int((~given.inside).sum())
        if outside:
            run.info(tr("{count} of {rows} incidents lie outside the boundary and are not counted.").format(
                count=outside, rows=len(points)))
        if not given.inside.any():
            raise InputError(tool.INCIDENTS, "No incident lies within the boundary. Check that both layers cover the"
                             " same area and have the right coordinate reference system.")
    given.within = given.inside
    _leave_out(run, given, made, public)
    given.guarded = _guarded(run, given, kind)
    run.check()
    given.place = profiles.place_codes(points.x, points.y, points.columns[place[0]] if place else None)
    run.check()
    if start:
        dates = points.columns[start][given.inside]
        if (~np.isnat(dates)).any():
            given.days = (np.nanmin(dates), np.nanmax(dates))
            given.by_month = MONTH in points.precision[start]
        time_known = points.columns[fields.TIME_OK] == 1 if known else None
        given.clock = peaks.clock(points.columns[start], points.columns[end] if end else None,
                                  points.precision[start], time_known)


def _leaves_out(run: Any, parameter: str) -> bool:
    return run.choice(parameter) == LEAVE_OUT


def _leave_out(run: Any, given: Given, made: str, public: str) -> None:
    """Leave out what officers found themselves, and what no patrol sees, and say so."""
    from ...analysis.proactive import from_truths

    tool, columns = run.tool, given.incidents.columns
    given.made = proactive.marks(columns, made)
    proactive.tell(run, given.made.take(given.within) if made else None)
    if public:
        seen = from_truths(columns[public], public)[0]
        given.hidden = ~seen.made & ~seen.unknown
    parts = []
    for parameter, marked, left, kept in (
        (tool.PROACTIVE, given.made.made if made else None,
         tr("{count} of {rows} incidents were found by officers themselves and are left out ({parameter})."),
         tr("{count} of {rows} incidents were found by officers themselves and count along: zones may lie where"
            " officers look ({parameter}).")),
        (tool.NOT_PUBLIC, given.hidden,
         tr("{count} of {rows} incidents are of types that a patrol does not see ('public_pl') and are left out"
            " ({parameter})."),
         tr("{count} of {rows} incidents are of types that a patrol does not see ('public_pl') and count along"
            " ({parameter}).")),
    ):
        count = 0 if marked is None else int((marked & given.within).sum())
        if not count:
            continue
        out = _leaves_out(run, parameter)
        (run.info if out else run.warn)((left if out else kept).format(
            count=formats.number(count), rows=formats.number(int(given.within.sum())), parameter=parameter))
        if not out:
            continue
        parts.append(parameter)
        given.inside = given.inside & ~marked
        if not given.inside.any():
            raise InputError(parameter, "No incident is left: all {count} are left out here or before. Keep them, or"
                             " take other incidents.", count=formats.number(int(given.within.sum())))
    if parts and given.weight_name:
        run.warn(tr("The numbers that the areas carry were not counted here. They still hold what is left out of"
                    " shares, peaks and places ({parameters}), unless it was left out when the areas were made.")
                 .format(parameters=", ".join(parts)))


def _guarded(run: Any, given: Given, kind: str) -> np.ndarray | None:
    """Return which incidents are thefts from homes or of and from vehicles; None where types are not known."""
    from ...analysis.data.classifyincidents import distinct

    parts = [part.strip().lower() for part in run.text(run.tool.GUARDIAN_TYPES).split(",") if part.strip()]
    if not kind or not parts:
        return None
    found = distinct(given.incidents.columns[kind])
    hit = [any(part in key for part in parts) for key in found.keys]
    names = [name for name, yes in zip(found.names, hit) if yes]
    if names:
        run.info(tr("Thefts from homes or vehicles, for the response proposed: {types} ({parameter}).").format(
            types=", ".join(names), parameter=run.tool.GUARDIAN_TYPES))
    return np.append(np.array(hit, bool), False)[found.of_row]


def _counted(given: Given, mask: np.ndarray) -> np.ndarray:
    points = given.incidents
    owner = polygon_index(given.areas).first(points.x, points.y)
    return np.bincount(owner[(owner >= 0) & mask], minlength=len(given.areas)).astype(float)


def _chosen_on(run: Any, given: Given) -> tuple:
    """Return the days of the incidents for which the areas, and so the zones, are chosen."""
    if not given.weight_name:
        return _whole_days(given)
    days = provenance.days_of_choice(run.tool.record_of_areas)
    if days is not None:
        run.info(tr("The areas were chosen for their incidents from {start} to {end}, as their own record says.")
                 .format(start=days[0], end=days[1]))
        return days
    if not given.days:
        return ()
    # areas without such a record: their numbers may be those of the incidents given
    for mask in (given.within, given.inside):
        same = _counted(given, mask) == given.weight
        if same[np.nan_to_num(given.weight) > 0].mean() >= _COUNTED_OF:
            return _whole_days(given)
    return ()


def _whole_days(given: Given) -> tuple:
    if not given.days:
        return ()
    first, last = (np.datetime64(day, "D") for day in given.days)
    return (first, (last.astype("M8[M]") + 1).astype("M8[D]") - 1) if given.by_month else (first, last)


def _totals(given: Given) -> None:
    columns, weight = given.areas.columns, np.nan_to_num(given.weight)
    given.total, given.study = float(weight.sum()), float(given.areas.areas_m2.sum())
    share = columns.get(fields.SHARE)
    if share is not None and given.weight_name == fields.N and 0 < np.nansum(share) <= 1 + 1e-6:
        given.weight_total = float(weight.sum() / np.nansum(share))
    if given.incidents is not None:
        given.total, given.total_of = float(given.inside.sum()), "incidents"
        if not given.weight_name:
            given.weight_total = given.total
    elif np.isfinite(given.weight_total):
        given.total, given.total_of = given.weight_total, "share"
    if given.boundary is not None:
        given.study, given.study_of = given.boundary.area(), "boundary"
    elif given.incidents is not None:
        x, y = given.incidents.x, given.incidents.y
        usual = studyarea.not_outlying(x, y)
        given.study, given.study_of = studyarea.hull(x[usual], y[usual], _REACH).size, "hull"
