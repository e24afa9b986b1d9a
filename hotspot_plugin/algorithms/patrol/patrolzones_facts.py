"""What the chosen zones hold: ground, people, incidents, peaks, single places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...analysis import overlay
from ...analysis.patrol import patrolzones, peaks
from ...layers import fields, rings
from ...layers.lengths import sums_inside
from ...layers.zones import overlapping
from ...translation import tr
from .patrolzones_choice import Chosen, Options
from .patrolzones_input import Given

#: incidents of a zone below which one busy place says nothing
LEAST_FOR_PLACE = 5
#: share of one place above which a zone is that place
ONE_PLACE = 0.5
PATROL, MANAGER = "patrol", "place manager"


@dataclass
class Zones:
    """The zones in the order of their rank."""

    shapes: list
    columns: dict
    peak: list
    everywhere: peaks.Peak | None
    residents: np.ndarray
    study: float
    total: float

    def numbers(self, chosen: Chosen) -> dict:
        """Return the declared numbers."""
        held = self.columns[fields.SHARE]
        street, people = self.columns[fields.STREET_KM], self.columns[fields.RESIDENTS]
        plan = chosen.plan
        limited = np.isfinite(chosen.budget)
        return {
            "ZONE_COUNT": len(self.shapes),
            "INCIDENT_SHARE": float(np.sum(held)),
            "AREA_SHARE": float(self.columns[fields.AREA_HA].sum() * 1e4 / self.study) if self.study > 0 else None,
            "ZONE_AREA": float(self.columns[fields.AREA_HA].sum()),
            "STREET_KM": float(street.sum()),
            "OFFICER_HOURS": float(self.columns[fields.HOURS].sum()),
            "RESIDENTS": None if np.ma.is_masked(people) else int(people.sum()),
            "GAP": plan.gap,
            "NEXT_COST": plan.more if limited else None,
            "NEXT_GAIN": plan.more_value if limited else None,
            "NEXT_ZONE_GAIN": plan.zone_value,
        }


def describe(run: Any, given: Given, options: Options, chosen: Chosen) -> Zones:
    """Measure the zones chosen and count what lies in them."""
    rows = chosen.plan.chosen.tolist()
    shapes = [options.shapes[i] for i in rows]
    members = [options.of_input[options.candidates.members[i]] for i in rows]
    k = len(rows)
    n = options.value[rows]
    visits = given.visits
    hours = patrolzones.hours_of_zone(visits["visits"], visits["visit"], visits["travel"], visits["crew"])
    street = np.full(k, np.nan)
    if given.streets is not None:
        street = np.array([given.streets.length(shape) / 1000.0 for shape in shapes])
    people = np.full((k, 1), np.nan)
    if given.population is not None:
        people = _people(given, shapes, run.stage(0.8, 0.83))
    zone, n_inside = _inside(given, shapes, run.stage(0.83, 0.86))
    share = (n_inside if given.incidents is not None else n) / given.total if given.total > 0 else np.full(k, np.nan)
    found, everywhere = _peaks(run, given, zone, k)
    place1 = _place_share(given, members, zone, n, k)
    shared = overlapping(shapes)
    if shared > 0.001 * sum(s.area() for s in shapes):
        run.warn(tr("The areas given overlap: zones share {area:.1f} ha of ground, and incidents there count in more"
                    " than one of them.").format(area=shared / 1e4))
    columns = {
        fields.ZONE_ID: np.array([f"Z{i + 1:0{len(str(k))}d}" for i in range(k)], object),
        fields.RANK: np.arange(1, k + 1),
        fields.N: n.astype(np.int64) if np.allclose(n, np.round(n)) else n,
        fields.SHARE: share,
        fields.N_INSIDE: _whole(n_inside),
        fields.AREAS_IN: np.array([len(m) for m in members]),
        fields.AREA_HA: np.array([shape.area() / 1e4 for shape in shapes]),
        fields.STREET_KM: street,
        fields.HOURS: np.full(k, hours),
        fields.RESIDENTS: _whole(people[:, 0]),
        **_peak_columns(found, zone, given, k),
        fields.PLACE1_SH: place1,
        fields.KIND: np.array([MANAGER if p > ONE_PLACE else PATROL for p in place1], object),
        fields.NEXT_GAIN: chosen.plan.next_gain,
    }
    return Zones(shapes, columns, found, everywhere, people, given.study, given.total)


def _whole(values: np.ndarray) -> np.ma.MaskedArray:
    """Return whole numbers, masked where there is none."""
    return np.ma.masked_array(np.round(np.nan_to_num(values)).astype(np.int64), np.isnan(values))


def _people(given: Given, shapes: list, progress: Any) -> np.ndarray:
    clipped = [given.residents[:, i] for i in range(given.residents.shape[1])]
    return sums_inside(shapes, given.population, clipped, progress)


def _inside(given: Given, shapes: list, progress: Any) -> tuple:
    """Return the zone of each incident, and the incidents of each zone (NaN without incidents)."""
    if given.incidents is None:
        return np.empty(0, int), np.full(len(shapes), np.nan)
    vertices, owner, start = rings.from_wkb([bytes(shape.asWkb()) for shape in shapes])
    index = overlay.PolygonIndex(vertices, owner, start, len(shapes))
    zone = index.first(given.incidents.x, given.incidents.y, progress)
    zone[~given.inside] = -1
    return zone, np.bincount(zone[zone >= 0], minlength=len(shapes)).astype(float)


def _peaks(run: Any, given: Given, zone: np.ndarray, k: int) -> tuple:
    """Return the peak of each zone, or None, and that of all incidents."""
    tool = run.tool
    spans, minutes = peaks.windows(peaks.parse_shifts(run.text(tool.SHIFTS)), run.integer(tool.PEAK_HOURS))
    if given.clock is None:
        return [None] * k, None
    profile = peaks.week_profile(given.clock, zone, k, minutes, run.stage(0.86, 0.88))
    everything = peaks.week_profile(given.clock, np.where(given.inside, 0, -1), 1, minutes, run.stage(0.88, 0.9))
    return [peaks.peak(row, spans) for row in profile], peaks.peak(everything[0], spans)


def _peak_columns(found: list, zone: np.ndarray, given: Given, k: int) -> dict:
    def column(get: Any) -> np.ndarray:
        return np.array([np.nan if p is None else get(p) for p in found], float)

    def texts(get: Any) -> np.ndarray:
        out = np.empty(k, object)
        out[:] = [None if p is None else get(p) for p in found]
        return out

    timed = np.full(k, 0)
    if given.clock is not None:
        timed = np.bincount(zone[(zone >= 0) & given.clock.usable], minlength=k)
    return {
        fields.PEAK_DAYS: texts(days_text),
        fields.PEAK_FROM: texts(lambda p: peaks.clock_text(p.start)),
        fields.PEAK_TO: texts(lambda p: peaks.clock_text(p.end)),
        fields.PEAK_SHARE: column(lambda p: p.share),
        fields.PEAK_LIFT: column(lambda p: p.lift),
        fields.PEAK_P: column(lambda p: p.p),
        fields.PEAK_N: np.ma.masked_array(timed, given.clock is None),
    }


def days_text(peak: peaks.Peak) -> str:
    """Write the days of a peak: ``"Fri-Sun"``, ``"Sat"``, ``"every day"``."""
    names = [tr("Mon"), tr("Tue"), tr("Wed"), tr("Thu"), tr("Fri"), tr("Sat"), tr("Sun")]
    if peak.days == 7:
        return tr("every day")
    first, last = names[peak.first_day], names[(peak.first_day + peak.days - 1) % 7]
    return first if peak.days == 1 else f"{first}-{last}"


def _place_share(given: Given, members: list, zone: np.ndarray, n: np.ndarray, k: int) -> np.ndarray:
    """Return the share of the busiest single place, from the incidents or else from the areas."""
    if given.incidents is not None:
        share = patrolzones.busiest_place(zone, given.place, k)
        counts = np.bincount(zone[zone >= 0], minlength=k)
        return np.where(counts >= LEAST_FOR_PLACE, share, np.nan)
    known = given.areas.columns.get(fields.PLACE1_SH)
    if known is None:
        return np.full(k, np.nan)
    # of several areas the busiest place is at least the busiest of one of them
    return np.array([np.nanmax(np.r_[np.nan_to_num(known[m] * given.weight[m]), 0.0]) / n[i]
                     if np.isfinite(known[m]).any() else np.nan for i, m in enumerate(members)])
