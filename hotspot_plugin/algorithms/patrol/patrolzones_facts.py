"""What the chosen zones hold: ground, people, incidents, peaks, single places, voices."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...analysis import overlay
from ...analysis.patrol import patrolzones, peaks, response
from ...analysis.patrol.response import PATROL
from ...layers import fields, rings
from ...layers.lengths import sums_inside
from ...layers.zones import overlapping
from ...translation import tr
from .. import proactive
from . import patrolzones_people as people_of
from .patrolzones_choice import Chosen, Options
from .patrolzones_input import Given
from .patrolzones_response import Responses, propose


@dataclass
class Zones:
    """The zones in the order of their rank.

    Attributes
    ----------
    uncovered : float
        Share of all incidents with a known time that lie in none of the shifts.
    ranked_with_made : int
        Zones that would be chosen with the records that officers made; 0 where that was not looked at.
    """

    shapes: list
    columns: dict
    peak: list
    everywhere: peaks.Peak | None
    residents: np.ndarray
    study: float
    total: float
    response: Responses
    heard: people_of.Heard | None = None
    burden: people_of.Burden | None = None
    made_share: float | None = None
    uncovered: float = 0.0
    ranked_with_made: int = 0
    alone: np.ndarray = field(default_factory=lambda: np.empty(0, bool))

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
            "PROACTIVE_SHARE": self.made_share,
            "SINGLE_PLACES": int(self.alone.sum()),
            "NOT_PATROL": sum(kind != PATROL for kind in self.response.kinds),
        }


def describe(run: Any, given: Given, options: Options, chosen: Chosen, with_made: list) -> Zones:
    """Measure the zones chosen and count what lies in them.

    Parameters
    ----------
    with_made : list of arrays
        Areas of each zone, in rank, that would be chosen with the records that officers made.
    """
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
        people = _people(given, shapes, run.stage(0.82, 0.83))
    place, zone = _inside(given, shapes, run.stage(0.83, 0.86))
    n_inside = _held(given, zone, k)
    share = (n_inside if given.incidents is not None else n) / given.total if given.total > 0 else np.full(k, np.nan)
    week = _Week(run, given, zone, k)
    heard = people_of.hear(run, given.reports, shapes, run.stage(0.89, 0.9))
    place1 = _place_share(given, members, zone, n, k)
    shared = overlapping(shapes)
    if shared > 0.001 * sum(s.area() for s in shapes):
        run.warn(tr("The areas given overlap: zones share {area} of ground, and incidents there count in more than one"
                    " of them.").format(area=run.units.area(shared)))
    proposed = propose(given, zone, week.peaks, place1, week.dark, week.timed, heard, peak_text)
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
        **week.columns(),
        fields.PLACE1_SH: place1,
        **proposed.columns(),
        **people_of.columns(heard, k),
        **_records(given, place, members, with_made, k),
        fields.NEXT_GAIN: chosen.plan.next_gain,
    }
    burden = None
    if given.population is not None:
        burden = people_of.Burden(given.groups, people.sum(axis=0), given.residents.sum(axis=0))
    made = None if given.made is None else proactive.share(given.made.take(given.within))
    return Zones(shapes, columns, week.peaks, week.everywhere, people, given.study, given.total, proposed, heard,
                 burden, made, week.uncovered, len(with_made), place1 > response.MOST)


def _whole(values: np.ndarray) -> np.ma.MaskedArray:
    """Return whole numbers, masked where there is none."""
    return np.ma.masked_array(np.round(np.nan_to_num(values)).astype(np.int64), np.isnan(values))


def _people(given: Given, shapes: list, progress: Any) -> np.ndarray:
    clipped = [given.residents[:, i] for i in range(given.residents.shape[1])]
    return sums_inside(shapes, given.population, clipped, progress)


def _inside(given: Given, shapes: list, progress: Any) -> tuple:
    """Return the zone of each incident, and of each one that counts; -1 for none."""
    if given.incidents is None:
        return np.empty(0, int), np.empty(0, int)
    vertices, owner, start = rings.from_wkb([bytes(shape.asWkb()) for shape in shapes])
    index = overlay.PolygonIndex(vertices, owner, start, len(shapes))
    place = index.first(given.incidents.x, given.incidents.y, progress)
    return place, np.where(given.inside, place, -1)


def _held(given: Given, zone: np.ndarray, k: int) -> np.ndarray:
    """Return the incidents of each zone, NaN without incidents."""
    return np.full(k, np.nan) if given.incidents is None else _tally(zone, k).astype(float)


def _tally(zone: np.ndarray, k: int) -> np.ndarray:
    return np.bincount(zone[zone >= 0], minlength=k)


def _records(given: Given, place: np.ndarray, members: list, with_made: list, k: int) -> dict:
    """Return who made the records of each zone, what no patrol sees, and the rank with what officers made."""
    whole, share = np.ma.masked_all(k, np.int64), np.full(k, np.nan)
    out = {fields.N_PRO: whole, fields.PRO_SHARE: share, fields.N_NOTPUB: whole, fields.RANK_PRO: whole.copy()}
    if given.made is not None:
        within = np.where(given.within, place, -1)
        made = _tally(np.where(given.made.made, within, -1), k)
        known = _tally(np.where(given.made.unknown, -1, within), k)
        out[fields.N_PRO] = np.ma.masked_array(made)
        out[fields.PRO_SHARE] = np.where(known > 0, made / np.maximum(known, 1), np.nan)
    elif fields.PRO_SHARE in given.areas.columns and given.weight_name == fields.N:
        # as the hot spots tell it
        own, weight = given.areas.columns[fields.PRO_SHARE], given.weight
        out[fields.PRO_SHARE] = np.array([np.average(own[m], weights=weight[m]) for m in members], float)
    if given.hidden is not None:
        out[fields.N_NOTPUB] = np.ma.masked_array(_tally(np.where(given.hidden & given.within, place, -1), k))
    for i, own in enumerate(members):
        shared = [given.with_made[np.intersect1d(own, other)].sum() for other in with_made]
        if shared and max(shared) >= 0.5 * given.with_made[own].sum():
            out[fields.RANK_PRO][i] = int(np.argmax(shared)) + 1
    return out


class _Week:
    """When in the week the incidents of each zone, and all of them, happen."""

    def __init__(self, run: Any, given: Given, zone: np.ndarray, k: int) -> None:
        self.peaks: list = [None] * k
        self.everywhere = None
        self.known, self.uncovered = given.clock is not None, 0.0
        self.dark, self.timed = np.full(k, np.nan), np.zeros(k)
        if given.clock is None:
            return
        tool = run.tool
        spans, minutes = peaks.windows(given.shifts, run.integer(tool.PEAK_HOURS))
        profile = peaks.week_profile(given.clock, zone, k, minutes, run.stage(0.86, 0.88))
        whole = peaks.week_profile(given.clock, np.where(given.inside, 0, -1), 1, minutes, run.stage(0.88, 0.89))[0]
        self.peaks = [peaks.peak(row, spans, day_start=given.day_start) for row in profile]
        self.everywhere = peaks.peak(whole, spans, day_start=given.day_start)
        self.dark, self.timed = response.dark_shares(profile), _tally(np.where(given.clock.usable, zone, -1), k)
        self.uncovered = peaks.outside_shifts(whole, given.shifts) if given.shifts else 0.0

    def columns(self) -> dict:
        """Return the fields."""

        def column(get: Any) -> np.ndarray:
            return np.array([np.nan if p is None else get(p) for p in self.peaks], float)

        def texts(get: Any) -> np.ndarray:
            out = np.empty(len(self.peaks), object)
            out[:] = [None if p is None else get(p) for p in self.peaks]
            return out

        return {
            fields.PEAK_DAYS: texts(days_text),
            fields.PEAK_FROM: texts(lambda p: peaks.clock_text(p.start)),
            fields.PEAK_TO: texts(lambda p: peaks.clock_text(p.end)),
            fields.PEAK_SHARE: column(lambda p: p.share),
            fields.PEAK_LIFT: column(lambda p: p.lift),
            fields.PEAK_P: column(lambda p: p.p),
            fields.PEAK_N: np.ma.masked_array(self.timed.astype(np.int64), not self.known),
            fields.DARK_SHARE: self.dark,
        }


def peak_text(peak: peaks.Peak) -> str:
    """Write a peak: ``"Fri-Sat, 22:00 to 04:00"``."""
    return tr("{days}, {start} to {end}").format(
        days=days_text(peak), start=peaks.clock_text(peak.start), end=peaks.clock_text(peak.end))


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
        return np.where(counts >= response.LEAST_FOR_SHARE, share, np.nan)
    known = given.areas.columns.get(fields.PLACE1_SH)
    if known is None:
        return np.full(k, np.nan)
    # of several areas the busiest place is at least the busiest of one of them
    return np.array([np.nanmax(np.r_[np.nan_to_num(known[m] * given.weight[m]), 0.0]) / n[i]
                     if np.isfinite(known[m]).any() else np.nan for i, m in enumerate(members)])
