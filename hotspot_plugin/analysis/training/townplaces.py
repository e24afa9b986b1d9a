"""The places of a made-up town at which incidents happen, and the busy ones that are planted among them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from . import crimetypes as ct
from . import townfabric as tf
from . import townplan as tp
from .draws import Stream


@dataclass
class Places:
    """Addresses, stretches of street, parks and car parks; (p,) arrays.

    Attributes
    ----------
    x, y : metres
    kind : position in the weights of :class:`~.crimetypes.CrimeType`
    use : use of the ground
    beat : patrol beat
    of : building, street segment, block or facility, by kind
    weight : what makes one place busier than another of its kind, whatever the type
    homes : homes at it
    """

    x: np.ndarray
    y: np.ndarray
    kind: np.ndarray
    use: np.ndarray
    beat: np.ndarray
    of: np.ndarray
    weight: np.ndarray
    homes: np.ndarray

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True)
class HotSpot:
    """A planted hot spot.

    Attributes
    ----------
    number : int
        From 1.
    theme, name : str
    x, y, radius : float
    types : dict of type to share
    first, hours, weekdays, in_window : peak
        First hour, length, weekdays from Monday = 0, share of the incidents that the peak holds.
    per_year : float
        Incidents that it has beyond what its places have anyway.
    treated : bool
    """

    number: int
    theme: str
    name: str
    x: float
    y: float
    radius: float
    types: dict
    first: int
    hours: int
    weekdays: tuple
    in_window: float
    per_year: float
    treated: bool


@dataclass(frozen=True)
class BusyPlace:
    """A planted repeat location: a single address that keeps having the same type of incident."""

    number: int
    place: int
    name: str
    type: int
    per_year: float


_ALL, _WORK, _SHOP, _OUT = tuple(range(7)), (0, 1, 2, 3, 4), (0, 1, 2, 3, 4, 5), (4, 5)
#: theme: types by share, first hour, hours, weekdays, kinds of places, uses of the ground
THEMES = {
    "nightlife": ({ct.VIOLENCE: .5, ct.ORDER: .25, ct.DISORDER: .25}, 22, 5, _OUT, (ct.SHOP, ct.STREET), (tp.CENTRE,)),
    "car park": ({ct.VEHICLE: .85, ct.DAMAGE: .15}, 19, 5, _ALL, (ct.CAR_PARK, ct.STREET), (tp.RETAIL, tp.CENTRE)),
    "estate": ({ct.DISORDER: .55, ct.DAMAGE: .3, ct.VIOLENCE: .15}, 18, 4, _ALL, (ct.STREET, ct.HOME), (tp.ESTATE,)),
    "shopping street": ({ct.THEFT: .45, ct.PERSON_THEFT: .2, ct.DISORDER: .35}, 13, 4, _SHOP, (ct.SHOP, ct.STREET),
                        (tp.CENTRE, tp.INNER)),
    "park": ({ct.DISORDER: .6, ct.ROBBERY: .25, ct.VIOLENCE: .15}, 19, 4, _ALL, (ct.PARK, ct.STREET), (tp.PARK,)),
    "homes": ({ct.BURGLARY: 1.0}, 10, 5, _WORK, (ct.HOME,), (tp.SUBURB, tp.INNER)),
    "station": ({ct.BIKE: .3, ct.PERSON_THEFT: .25, ct.DISORDER: .45}, 16, 4, _WORK, (ct.STREET, ct.PUBLIC),
                (tp.INNER, tp.CENTRE, tp.CAMPUS)),
    "back streets": ({ct.VEHICLE: .8, ct.DAMAGE: .2}, 0, 5, _ALL, (ct.STREET, ct.HOME), (tp.INNER, tp.SUBURB)),
    "school run": ({ct.VIOLENCE: .4, ct.DISORDER: .6}, 15, 3, _WORK, (ct.STREET, ct.PUBLIC), (tp.CAMPUS, tp.SUBURB)),
}
#: types on which the intervention works
WORKED_ON = (ct.VIOLENCE, ct.DISORDER, ct.DAMAGE, ct.VEHICLE, ct.ORDER, ct.PERSON_THEFT, ct.ROBBERY, ct.BIKE)
_NEVER_TREATED = ("homes", "shopping street")
#: how many times the rate of a suburb, by use
_BUSY = {tp.INNER: 0.45, tp.ESTATE: 0.75, tp.CAMPUS: 0.4, tp.RETAIL: 0.7, tp.WORKS: 0.0, tp.PARK: 0.1}


def make(stream: Stream, plan: tp.Plan, fabric: tf.Fabric) -> Places:
    """Gather the places of a town."""
    middle = (plan.xy[plan.street_u] + plan.xy[plan.street_v]) / 2
    length = np.hypot(*(plan.xy[plan.street_v] - plan.xy[plan.street_u]).T)
    block_of = _blocks_of_streets(plan)
    parks = np.flatnonzero(plan.use == tp.PARK)
    lots = [(k, x, y) for k, (what, _, x, y) in enumerate(fabric.facilities) if what == "car park"]
    spread = np.repeat(parks, 4)
    corner = np.array([plan.faces[k][(i * 2 + 1) % len(plan.faces[k])] for k in parks.tolist() for i in range(4)], int)
    inside = np.column_stack([plan.cx[spread], plan.cy[spread]]) * 0.5 + plan.xy[corner] * 0.5 if len(parks) else (
        np.zeros((0, 2)))
    lot_xy = np.array([(x, y) for _, x, y in lots]).reshape(-1, 2)
    lot_block = _nearest_block(plan, lot_xy)
    xy = np.round(np.vstack([np.column_stack([fabric.x, fabric.y]), middle, inside, lot_xy]), 2)
    sizes = (len(fabric.x), len(middle), len(spread), len(lots))
    kind = np.repeat([0, ct.STREET, ct.PARK, ct.CAR_PARK], sizes)
    kind[: sizes[0]] = fabric.kind
    block = np.concatenate([fabric.block, block_of, spread, lot_block])
    of = np.concatenate([np.arange(sizes[0]), np.arange(sizes[1]), spread, np.array([k for k, _, _ in lots], int)])
    homes = np.zeros(len(kind))
    homes[: sizes[0]] = fabric.homes
    weight = np.ones(len(kind))
    weight[sizes[0] : sizes[0] + sizes[1]] = np.clip(length / 90.0, 0.2, 2.5)
    weight[: sizes[0]] = np.where(fabric.kind == tf.HOME, np.sqrt(np.maximum(fabric.homes, 0.3)), 1.0)
    weight[fabric.premises] *= 2.2
    # a few places of each kind have most of the trouble: the heavy tail of every town
    weight *= np.exp(0.95 * stream.normal(len(kind)) - 0.45)
    return Places(xy[:, 0], xy[:, 1], kind, plan.use[block], plan.beat[block], of, weight, homes)


def _blocks_of_streets(plan: tp.Plan) -> np.ndarray:
    """Return a block beside each street segment."""
    out: dict = {}
    for number, face in enumerate(plan.faces):
        for i, u in enumerate(face):
            v = face[(i + 1) % len(face)]
            key = (u, v) if u < v else (v, u)
            if plan.use[out.get(key, number)] in (tp.PARK, tp.FIELDS) or key not in out:
                out[key] = number
    any_of: dict = {}
    for (u, v), number in out.items():
        any_of.setdefault(u, number)
        any_of.setdefault(v, number)
    ends = zip(plan.street_u.tolist(), plan.street_v.tolist())
    return np.array([out.get((min(u, v), max(u, v)), any_of.get(u, any_of.get(v, 0))) for u, v in ends], int)


def _nearest_block(plan: tp.Plan, xy: np.ndarray) -> np.ndarray:
    return np.array([int(np.argmin(np.hypot(plan.cx - x, plan.cy - y))) for x, y in xy.tolist()], int)


def background(places: Places, number: int) -> np.ndarray:
    """Return the weight of every place for a type."""
    kind = ct.TYPES[number]
    busy = np.array([1.0 + (kind.centre - 1.0) * (1.0 if use == tp.CENTRE else _BUSY.get(use, 0.0))
                     for use in range(len(tp.USES))])
    out = np.array(kind.places)[places.kind] * busy[places.use] * places.weight
    out[places.use == tp.FIELDS] *= 0.2
    if number == ct.BURGLARY:  # homes that nobody lives in are not burgled as homes
        out[(places.kind == ct.HOME) & (places.homes == 0)] *= 0.3
    return out


def hot_spots(
    stream: Stream, plan: tp.Plan, places: Places, wanted: int, per_year: float, radii: tuple, names: list
) -> list:
    """Plant hot spots of alternating themes, apart from one another and away from the edge of the town.

    Parameters
    ----------
    per_year : float
        Incidents a year of all together.
    radii : (low, high)
        Metres.
    """
    themes = list(THEMES)
    sizes = np.array([1.0 / (1.0 + 0.12 * k) for k in range(wanted)])
    sizes *= per_year / sizes.sum()
    apart = max(4.2 * radii[1], 0.55 * plan.radius / math.sqrt(max(wanted, 1)))
    out: list = []
    treated = 0
    for k in range(wanted):
        theme = themes[k % len(themes)]
        types, first, hours, weekdays, kinds, uses = THEMES[theme]
        at = None
        for least, any_use in ((apart, False), (apart * 0.6, False), (apart * 0.6, True), (0.0, True)):
            good = np.isin(places.kind, kinds) & (any_use | np.isin(places.use, uses))
            good &= np.hypot(places.x, places.y) < 0.85 * plan.radius
            for spot in out:
                good &= np.hypot(places.x - spot.x, places.y - spot.y) > least
            free = np.flatnonzero(good)
            if len(free):
                at = int(free[stream.integer(len(free))])
                break
        if at is None:
            break
        # every second one that can be treated is; the others stay as they are, to compare with
        worth = theme not in _NEVER_TREATED
        is_treated = worth and treated * 2 <= k
        treated += is_treated
        out.append(HotSpot(
            k + 1, theme, names[at] if names else "", float(places.x[at]), float(places.y[at]),
            round(stream.one(*radii), 1), types, first, hours, weekdays, 0.75, float(sizes[k]), bool(is_treated)))
    return out


def within(places: Places, x: float, y: float, low: float, high: float) -> np.ndarray:
    """Return the places from ``low`` (left out, unless 0) to ``high`` metres around a point."""
    away = np.hypot(places.x - x, places.y - y)
    return np.flatnonzero((away <= high) & ((away > low) if low else True))


def spot_weights(places: Places, spot: HotSpot, number: int) -> tuple:
    """Return the places of a hot spot and their weights for a type: most in the middle."""
    inside = within(places, spot.x, spot.y, 0.0, spot.radius)
    possible = np.array(ct.TYPES[number].places)[places.kind[inside]]
    near = np.exp(-1.2 * (np.hypot(places.x[inside] - spot.x, places.y[inside] - spot.y) / spot.radius) ** 2)
    weight = (possible + 0.02) * near * np.minimum(places.weight[inside], 3.0)
    return inside, weight


def busy_places(stream: Stream, places: Places, spots: list, wanted: int, per_year: float) -> list:
    """Plant repeat locations at addresses away from the hot spots."""
    kinds = ((ct.SHOP, ct.SHOPLIFTING), (ct.PUBLIC, ct.VIOLENCE), (ct.HOME, ct.DISORDER), (ct.SHOP, ct.ORDER))
    sizes = 1.0 / (np.arange(wanted) + 1.5)
    sizes *= per_year / sizes.sum()
    far = np.ones(len(places), bool)
    for spot in spots:
        far &= np.hypot(places.x - spot.x, places.y - spot.y) > spot.radius * 2.5 + 150.0
    out: list = []
    for k in range(wanted):
        kind, number = kinds[k % len(kinds)]
        free = np.flatnonzero(far & (places.kind == kind))
        free = free if len(free) else np.flatnonzero(far & np.isin(places.kind, [ct.SHOP, ct.HOME]))
        if not len(free):
            break
        at = int(free[stream.integer(len(free))])
        far[within(places, places.x[at], places.y[at], 0.0, 200.0)] = False
        out.append(BusyPlace(k + 1, at, "", number, float(sizes[k])))
    return out
