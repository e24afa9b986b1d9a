"""A whole practice town: ground, buildings, incidents, people, and the table of what was planted."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from ..progress import Progress, part, silent
from . import townfabric as tf
from . import townincidents as ti
from . import townpeople, townplaces, townplan
from .crimetypes import CAR_PARK, PARK, STREET
from .draws import Stream

#: size: incidents a year
SIZES = {"village": 150, "small town": 2_500, "city": 20_000, "big city": 150_000, "metropolis": 2_000_000}
LEAST, MOST = 100, 2_500_000
_AT = np.log([150.0, 2_500.0, 20_000.0, 150_000.0, 2_000_000.0])
_PER_RESIDENT = (0.075, 0.083, 0.09, 0.1, 0.14)
_SPOTS, _BUSY = (2, 6, 12, 24, 40), (1, 4, 8, 15, 25)
#: share of the incidents that hot spots and repeat locations hold on top of what their places have anyway
_SPOT_SHARE, _BUSY_SHARE = (0.24, 0.25, 0.18, 0.16, 0.16), (0.06, 0.05, 0.04, 0.03, 0.02)
EFFECT, DISPLACED, RING = 0.6, 0.25, 150.0
NEAR_RATIO, NEAR_DISTANCE, NEAR_DAYS, NEAR_MOST_DISTANCE, NEAR_MOST_DAYS = 0.25, 70.0, 5.0, 200.0, 14.0


@dataclass
class Town:
    """A practice town; everything is in metres from its middle and in days from the first one."""

    seed: int
    per_year: float
    years: int
    residents: int
    plan: townplan.Plan
    fabric: tf.Fabric
    places: townplaces.Places
    spots: list
    busy: list
    settings: ti.Settings
    incidents: ti.Incidents
    people: townpeople.People

    def label(self, place: int) -> str:
        """Return what a record would call a place."""
        return label(self.plan, self.fabric, self.places, place)

    def labels(self) -> list:
        """Return the names of all places."""
        return labels(self.plan, self.fabric, self.places)


def residents_of(per_year: float) -> int:
    """Return how many live where so many incidents are recorded a year."""
    return int(round(per_year / float(np.interp(np.log(per_year), _AT, _PER_RESIDENT)), -1))


def make(
    seed: int, per_year: float, years: int = 2, first_day: str = "2023-01-01", trend: float = 0.0,
    effect: float = EFFECT, displaced: float = DISPLACED, progress: Progress = silent,
) -> Town:
    """Make a town.

    Parameters
    ----------
    seed : int
        The same seed and settings make the same town, on every version of numpy.
    per_year : float
        Incidents a year to expect without the intervention, 100 to 2.5 million.
    years : int
        The intervention starts with the last year; of a single year with its second half.
    first_day : str
    trend : float
        Change a year of all rates, as a share.
    effect, displaced : float
        See :class:`~.townincidents.Settings`.
    """
    stream = Stream(seed, "town", int(round(per_year)))
    residents = residents_of(per_year)
    first = np.datetime64(first_day, "D")
    ends = [_later(first, k) for k in range(years + 1)]
    days = int((ends[-1] - first).astype(int))
    start = ends[-2] if years > 1 else first + 183
    plan = townplan.make(stream.sub("plan"), residents, part(progress, 0.0, 0.2))
    fabric = tf.make(stream.sub("fabric"), plan, residents)
    progress(0.3)
    places = townplaces.make(stream.sub("places"), plan, fabric)
    names = labels(plan, fabric, places)
    size = np.log(per_year)
    spots = townplaces.hot_spots(
        stream.sub("hot spots"), plan, places, int(round(float(np.interp(size, _AT, _SPOTS)))),
        per_year * float(np.interp(size, _AT, _SPOT_SHARE)), (48.0, 62.0) if per_year < 600 else (75.0, 115.0), names)
    busy = townplaces.busy_places(
        stream.sub("busy places"), places, spots, int(round(float(np.interp(size, _AT, _BUSY)))),
        per_year * float(np.interp(size, _AT, _BUSY_SHARE)))
    settings = ti.Settings(per_year, days, first, trend, NEAR_RATIO, NEAR_DISTANCE, NEAR_DAYS, NEAR_MOST_DISTANCE,
                           NEAR_MOST_DAYS, start, effect, displaced, RING)
    progress(0.4)
    incidents = ti.make(stream.sub("incidents"), places, spots, busy, settings, part(progress, 0.4, 0.9))
    people = townpeople.make(stream.sub("people"), plan, fabric, places, spots, first, days, start, residents, names)
    progress(1.0)
    return Town(seed, per_year, years, residents, plan, fabric, places, spots, busy, settings, incidents, people)


def digest(town: Town) -> str:
    """Return a fingerprint of a town's numbers, rounded to centimetres and minutes."""
    out = hashlib.sha256()
    plan, inc, people = town.plan, town.incidents, town.people
    for array in (plan.xy, plan.use, plan.beat, plan.street_u, plan.street_v, town.fabric.rings, town.fabric.residents,
                  town.places.x, inc.type, inc.place, inc.moment, inc.begin, inc.end, inc.report, inc.origin, people.x,
                  people.survey["safe_night"], people.reports["concern"]):
        array = np.asarray(array)
        out.update((np.rint(array * 100) if array.dtype.kind == "f" else array).astype("<i8").tobytes())
    out.update("|".join(plan.names + plan.beat_names).encode())
    return out.hexdigest()[:16]


def _later(day: np.datetime64, years: int) -> np.datetime64:
    month = day.astype("M8[M]")
    return (month + 12 * years).astype("M8[D]") + (day - month.astype("M8[D]"))


def label(plan: townplan.Plan, fabric: tf.Fabric, places: townplaces.Places, place: int) -> str:
    """Return what a record would call a place."""
    kind, of = int(places.kind[place]), int(places.of[place])
    if kind == STREET:
        return plan.names[plan.street_line[of]]
    if kind == PARK:
        return f"{plan.quarter_names[plan.quarter[of]]} Park"
    if kind == CAR_PARK:
        return fabric.facilities[of][1]
    return f"{fabric.number[of]} {plan.names[fabric.street[of]]}"


def labels(plan: townplan.Plan, fabric: tf.Fabric, places: townplaces.Places) -> list:
    """Return the names of all places."""
    names = plan.names
    out = [f"{number} {names[street]}" for number, street in zip(fabric.number.tolist(), fabric.street.tolist())]
    return out + [label(plan, fabric, places, k) for k in range(len(out), len(places))]
