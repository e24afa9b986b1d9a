"""What 'Profile hot spots' reads: the polygons, all incidents, and which of them lie in which polygon."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ...analysis.data import prepareincidents as preparing
from ...analysis.errors import InputError
from ...analysis.hotspots import hotspotprofile as analysis
from ...analysis.hotspots import places as placing
from ...analysis.hotspots import profiles
from ...analysis.hotspots import windows as timing
from ...analysis.patrol import peaks
from ...analysis.proactive import from_truths
from ...layers import fields, overlay
from ...layers.areas import Areas
from ...layers.reading import Points
from ...translation import tr
from .. import proactive
from . import hotspotprofile_around as around
from .repeatlocations_read import numbered

#: fields that name a hot spot where the user does not choose one
_NAMES = ("name", "zone_id", "rank", "cell_id")
#: metres above which a tolerance would make neighbourhoods, not places
MOST_TOLERANCE = 100.0
#: coordinates looked at for their precision
_SAMPLE = 100_000
_COORDINATES = re.compile(r"-?\d+ -?\d+$")


@dataclass
class Data:
    """All incidents of the window, and those in hot spots.

    An incident that lies in two hot spots has two entries in ``rows``, ``spot`` and ``place``.

    Attributes
    ----------
    areas : Areas
    names : list of str
        Of the hot spots, each once.
    incidents : Points
        All incidents of the window (within the boundary): the city.
    rows, spot, place : (m,) int64 arrays
        Incident, hot spot and place of each entry.
    place_names : list of str
        "" for a place that is not to be named.
    hidden : (n,) bool array
        Incidents whose place is not to be named: of a sensitive type, or perhaps of one.
    hides : bool
        Whether it is known which types are sensitive.
    kind : (n,) int64 array or None
        Number into kinds, -1 for none.
    windows : Windows or None
    clock, week : Clock, Weekdays or None
        None without dates.
    month : (n,) datetime64[M] array or None
    shared, precision : float
        Share of the incidents that share their coordinates with another, and metres to which these are rounded.
    shifts : list of (name, start, length)
    around : Around
        Facilities, residents, voices, scores.
    """

    areas: Areas
    names: list
    incidents: Points
    rows: np.ndarray
    spot: np.ndarray
    place: np.ndarray
    place_names: list
    hidden: np.ndarray
    hides: bool
    kind: np.ndarray | None
    kinds: list
    windows: Any
    monthly: bool
    clock: Any
    week: Any
    month: np.ndarray | None
    shifts: list
    around: Any
    area_layer: str
    recorded: int
    steps: list = field(default_factory=list)
    lost: list = field(default_factory=list)
    shared: float = 0.0
    precision: float = 0.0
    bounded: bool = False

    @property
    def k(self) -> int:
        """Number of hot spots."""
        return len(self.areas)

    @property
    def total(self) -> int:
        """Number of incidents of the city."""
        return len(self.incidents)

    @property
    def inside(self) -> int:
        """Incidents that lie in a hot spot, each once."""
        return len(np.unique(self.rows))


class _Reader:
    """Reads step by step; what is left out is counted."""

    def __init__(self, run: Any) -> None:
        self.run, self.tool, self.steps = run, run.tool, []
        self.points: Points

    def leave_out(self, keep: np.ndarray, reason: str) -> None:
        if keep.all():
            return
        count = int((~keep).sum())
        self.run.info(tr("{count:,} of {rows:,} incidents are not used: {reason}.").format(
            count=count, rows=len(self.points), reason=reason))
        self.steps.append((reason, count))
        self.points = self.points.take(keep, reason)

    def read(self) -> Data:
        run, tool = self.run, self.tool
        _check(run)
        names = run.source_fields(tool.INPUT)
        chosen = run.field(tool.NAME_FIELD) or next((name for name in _NAMES if name in names), "")
        areas = run.areas(tool.INPUT, texts=[chosen])
        self._fields()
        self.points = run.points(
            tool.INCIDENTS, texts=[self.kind, self.address, self.key, self.sensitive, self.proactive, self.time_ok],
            times=[self.date, self.end], keep_unlocated=True, progress=run.stage(0.02, 0.3))
        located = np.isfinite(self.points.x) & np.isfinite(self.points.y)
        if not located.any():
            raise InputError(tool.INCIDENTS, "'{layer}' has no point that can be used ({rows} rows read). Choose a"
                             " layer with points, and check its filter and selection.",
                             layer=self.points.name, rows=len(self.points))
        recorded = len(self.points)
        windows, monthly = self._window()
        located = np.isfinite(self.points.x) & np.isfinite(self.points.y)
        lost = preparing.lost_types(preparing.by_type(self.points.columns[self.kind], located)) if self.kind else []
        run.progress(0.34)
        self.leave_out(located, tr("no place on the map"))
        boundary = self._boundary()
        rows, spot = overlay.polygon_index(areas).pairs(self.points.x, self.points.y, run.stage(0.38, 0.48))
        if not len(rows):
            raise InputError(
                tool.INPUT, "No incident of the window lies in any of the {count} polygons of '{layer}'. Check that"
                " both layers cover the same place, that their coordinate systems are right, and the window.",
                count=len(areas), layer=areas.name)
        self.steps.append((tr("used"), len(self.points)))
        hidden, hides = self._hidden()
        if self.proactive:
            proactive.tell(run, proactive.marks(self.points.columns, self.proactive))
        place, place_names = self._places(rows, hidden)
        run.progress(0.56)
        kind, kinds = numbered(self.points.columns[self.kind]) if self.kind else (None, [])
        clock, week, month = self._clocks()
        run.progress(0.6)
        times = profiles.place_counts(self.points.x, self.points.y)
        return Data(
            areas, _names(run, areas, chosen), self.points, rows, spot, place, place_names,
            hidden, hides, kind, kinds, windows, monthly, clock, week, month, _shifts(run),
            around.read(run, areas, self.points, boundary, run.stage(0.6, 0.75)), areas.name, recorded, self.steps,
            lost, float(times[times > 1].sum() / len(self.points)), _precision(self.points), boundary is not None,
        )

    def _fields(self) -> None:
        run, tool = self.run, self.tool
        names = run.source_fields(tool.INCIDENTS)

        def known(name: str) -> str:
            return name if name in names else ""

        self.kind = run.field(tool.TYPE_FIELD, tool.INCIDENTS, fields.CTYPE)
        self.date = run.field(tool.DATE_FIELD, tool.INCIDENTS, fields.DT_FROM)
        self.end = run.field(tool.END_DATE_FIELD, tool.INCIDENTS, fields.DT_TO if self.date == fields.DT_FROM else None)
        self.chosen_place = run.field(tool.PLACE_FIELD, tool.INCIDENTS)
        self.address = self.chosen_place or known(fields.ADDRESS)
        self.key = "" if self.chosen_place else known(fields.PLACE_KEY)
        self.sensitive, self.proactive = known(fields.SENSITIVE), proactive.field(run, tool.INCIDENTS)
        # what is known about the time belongs to the prepared date, not to another one
        self.time_ok = known(fields.TIME_OK) if self.date == fields.DT_FROM else ""
        if self.end and not self.date:
            raise InputError(tool.DATE_FIELD, "A latest date needs the earliest one too. Choose the field with the date"
                                              " of the incidents.")

    # --- which incidents -------------------------------------------------------------------
    def _window(self) -> tuple:
        run, tool = self.run, self.tool
        window, as_of = run.integer(tool.WINDOW) or 0, run.date(tool.AS_OF)
        if not self.date:
            if window or as_of is not None:
                raise InputError(tool.DATE_FIELD, "A window of days needs dates. Choose the field with the date of the"
                                 " incidents, or set WINDOW to 0 and leave AS_OF empty to use all rows.")
            run.info(tr("No dates are used: all rows count, and nothing is said about hours, days or months."))
            return None, False
        moments, precision = self.points.columns[self.date], self.points.times[self.date].precision
        windows = timing.make_windows(moments, precision, as_of, window)
        undated = np.isnat(moments)
        monthly = bool(np.mean(precision[~undated] == "month") > 0.5)
        if undated.mean() > 0.05:
            run.warn(tr("{count:,} of {rows:,} rows have no date that can be read and are not used.").format(
                count=int(undated.sum()), rows=len(moments)))
        self.leave_out(~undated, tr("no date that can be read"))
        self.leave_out(windows.holds(self.points.columns[self.date]), tr("dated outside the window"))
        if not window and windows.first > windows.start:
            # single records dated long before all others would make the window years too long
            windows = replace(windows, start=min(windows.first, windows.end))
            early = int((self.points.columns[self.date] < windows.start).sum())
            run.warn(tr("{count:,} incidents are dated before {first}, long before nearly all others. They count, but"
                        " the window is told from {first} on. Check their dates, or choose a window.").format(
                            count=early, first=windows.start))
        run.info(tr("Window: {start} to {end}.").format(start=windows.start, end=windows.end))
        return windows, monthly

    def _boundary(self) -> Areas | None:
        run, tool = self.run, self.tool
        if not run.has(tool.BOUNDARY):
            return None
        boundary = run.areas(tool.BOUNDARY)
        inside = overlay.assign_points(boundary, self.points.x, self.points.y, run.stage(0.34, 0.38)) >= 0
        if not inside.any():
            raise InputError(tool.BOUNDARY, "No incident of the window lies within the boundary. Check that both layers"
                             " cover the same area and have the right coordinate reference system.")
        self.leave_out(inside, tr("outside the boundary"))
        return boundary

    def _hidden(self) -> tuple:
        """Which incidents must not have their place named."""
        if not self.sensitive:
            return np.zeros(len(self.points), dtype=bool), False
        marks, strange = from_truths(self.points.columns[self.sensitive], self.sensitive)
        if strange:
            self.run.warn(tr("'{field}' holds '{value}', which is neither yes nor no: such rows are taken as sensitive."
                             ).format(field=self.sensitive, value=strange[0]))
        return marks.made | marks.unknown, True

    # --- places ----------------------------------------------------------------------------
    def _places(self, rows: np.ndarray, hidden: np.ndarray) -> tuple:
        """Return the place of each entry, and the name of each place."""
        run = self.run
        own, back = np.unique(rows, return_inverse=True)
        x, y = self.points.x[own], self.points.y[own]
        keys = None
        if self.chosen_place:
            keys = preparing.place_keys(self.points.columns[self.chosen_place][own], x, y, run.stage(0.48, 0.52))
            mode = tr("by address ({field})").format(field=self.chosen_place)
        elif self.key:
            column = self.points.columns[self.key][own]
            named, texts = numbered(column)
            plain = np.array([bool(_COORDINATES.match(text)) for text in texts] + [True])
            if plain[named].mean() <= 0.5:
                keys, mode = column, tr("by address ({field})").format(field=self.key)
        if keys is not None:
            place = profiles.place_codes(x, y, keys)
        else:
            tolerance = run.number(self.tool.TOLERANCE)
            mode = tr("by coordinates, within {tolerance}").format(tolerance=run.units.distance(tolerance))
            spots = placing.spots(x, y)
            weight = [np.bincount(spots.code, minlength=len(spots))]
            middle = placing.around_busy_points(spots.x, spots.y, weight, tolerance, run.stage(0.5, 0.55))
            place = np.unique(middle, return_inverse=True)[1][spots.code]
        run.info(tr("One place is made {mode}.").format(mode=mode))
        number = int(place.max()) + 1
        first = np.zeros(number, dtype=np.int64)
        first[place[::-1]] = np.arange(len(own))[::-1]
        names = self._place_names(own, place, number, hidden, keys)
        given = [name or (f"{a:.0f} {b:.0f}" if keys is None else "") for name, a, b in zip(
            names, x[first].tolist(), y[first].tolist())]
        return place[back], given

    def _place_names(self, own: np.ndarray, place: np.ndarray, number: int, hidden: np.ndarray, keys: Any) -> list:
        """Name each place by its commonest address among the incidents that may be named."""
        from ...analysis.hotspots.repeatlocations import commonest

        column = self.points.columns[self.address][own] if self.address else keys
        if column is None:
            return [""] * number
        open_ = ~hidden[own]
        code, texts = numbered(column)
        best = commonest(place[open_], code[open_], number).value
        return [preparing.clean_address(texts[i]) if i >= 0 else "" for i in best.tolist()]

    # --- time ------------------------------------------------------------------------------
    def _clocks(self) -> tuple:
        if not self.date:
            return None, None, None
        points = self.points
        start, end = points.columns[self.date], points.columns[self.end] if self.end else None
        precision = points.times[self.date].precision
        known = from_truths(points.columns[self.time_ok])[0].made if self.time_ok else None
        clock = peaks.clock(start, end, precision, known)
        return clock, analysis.weekdays(start, end, precision, clock), start.astype("M8[M]")


def read(run: Any) -> Data:
    """Read everything and leave out, with a count and a reason, what is not used."""
    return _Reader(run).read()


def _precision(points: Points) -> float:
    from ...analysis.cellsize import coordinate_precision

    step = len(points) // _SAMPLE + 1
    return coordinate_precision(points.x[::step], points.y[::step])


def _check(run: Any) -> None:
    tool = run.tool
    tolerance = run.number(tool.TOLERANCE)
    if tolerance > MOST_TOLERANCE:
        raise InputError(tool.TOLERANCE, "Within {tolerance} m lie neighbourhoods, not one place. Choose {most} m or"
                         " less.", tolerance=f"{tolerance:g}", most=f"{MOST_TOLERANCE:g}")


def _names(run: Any, areas: Areas, chosen: str) -> list:
    """Name the hot spots, each name once."""
    texts = areas.columns[chosen] if chosen else [None] * len(areas)
    names: list = []
    used: dict = {}
    for text, row in zip(texts, areas.rows.tolist()):
        name = str(text or "").strip() or str(row + 1)
        used[name] = used.get(name, 0) + 1
        names.append(name if used[name] == 1 else f"{name} ({used[name]})")
    if len(used) < len(names):
        run.info(tr("{layer}: {count} polygons share {names} names; the later ones are numbered.").format(
            layer=areas.name, count=len(names), names=len(used)))
    return names


def _shifts(run: Any) -> list:
    return [(f"{peaks.clock_text(start)}-{peaks.clock_text((start + length) % 1440)}", start, length)
            for start, length in peaks.parse_shifts(run.text(run.tool.SHIFTS))]
