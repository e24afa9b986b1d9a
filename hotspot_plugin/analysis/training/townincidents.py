"""The incidents of a made-up town: what is planted, and what chance makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..progress import Progress, silent
from . import crimetypes as ct
from . import simulator
from . import townplaces as pl
from .draws import Stream

BACKGROUND, HOT_SPOT, BUSY_PLACE, NEAR_REPEAT, DISPLACED = range(5)
ORIGINS = ("background", "hot spot", "repeat location", "near repeat", "displaced")
SOURCES = ("call", "online", "front desk", "officer")
DAY = 1440


@dataclass(frozen=True)
class Settings:
    """What is planted, beside the places.

    Attributes
    ----------
    per_year : float
    days : int
    first_day : numpy datetime64[D]
    trend : float
        Change a year, as a share.
    near_ratio, near_distance, near_days : float
        Further burglaries that each one draws; mean metres and mean days, before the cut.
    near_most_distance, near_most_days : float
    start : numpy datetime64[D]
        Day from which the intervention works.
    effect : float
        What the rate of the types that it works on is multiplied by, in the treated hot spots.
    displaced : float
        Share of the prevented incidents that happen in the ring around instead.
    ring : float
        Width of the ring in metres.
    """

    per_year: float
    days: int
    first_day: np.datetime64
    trend: float
    near_ratio: float
    near_distance: float
    near_days: float
    near_most_distance: float
    near_most_days: float
    start: np.datetime64
    effect: float
    displaced: float
    ring: float


@dataclass
class Incidents:
    """Incidents by report; (n,) arrays.

    Attributes
    ----------
    type, place : int arrays
    moment : int array
        When it really happened, in minutes from the first day.
    begin, end, report : int arrays
        Minutes from the first day: earliest and latest possible, and the report.
    source : int array
        Position in SOURCES.
    origin, planted : int arrays
        Position in ORIGINS, and the number of the hot spot or repeat location; of a near repeat the incident that it
        followed (its position here), else 0.
    prevented, moved : int
        Incidents that the intervention prevented, and those of them that happened elsewhere.
    """

    type: np.ndarray
    place: np.ndarray
    moment: np.ndarray
    begin: np.ndarray
    end: np.ndarray
    report: np.ndarray
    source: np.ndarray
    origin: np.ndarray
    planted: np.ndarray
    prevented: np.ndarray
    moved: np.ndarray

    def __len__(self) -> int:
        return len(self.type)


class Calendar:
    """The days of the period, with the rates that all types share."""

    def __init__(self, settings: Settings) -> None:
        self.days = settings.first_day + np.arange(settings.days)
        self.weekday = (self.days.astype("M8[D]").astype(int) + 3) % 7
        year = self.days.astype("M8[Y]").astype("M8[D]")
        self.of_year = (self.days - year).astype(int)
        self.trend = (1.0 + settings.trend) ** (np.arange(settings.days) / 365.25)

    def draw(self, stream: Stream, n: int, kind: ct.CrimeType, week: np.ndarray) -> np.ndarray:
        """Return n moments in minutes from the first day."""
        rate = self.trend * ct.season(kind, self.of_year) * week.sum(axis=1)[self.weekday]
        day = stream.choose(rate, n)
        return day * DAY + self.minutes(stream, day, week)

    def minutes(self, stream: Stream, day: np.ndarray, week: np.ndarray) -> np.ndarray:
        """Return minutes of the day by the hours of its weekday."""
        steps = np.cumsum(week, axis=1)
        steps = steps / steps[:, -1:]
        chance = stream.uniform(size=len(day))
        weekday = self.weekday[day]
        hour = np.zeros(len(day), np.int64)
        for k in range(7):
            mine = weekday == k
            hour[mine] = np.minimum(np.searchsorted(steps[k], chance[mine], side="right"), 23)
        return hour * 60 + np.floor(stream.uniform(0.0, 60.0, len(day))).astype(np.int64)


def make(
    stream: Stream, places: pl.Places, spots: list, busy: list, settings: Settings, progress: Progress = silent
) -> Incidents:
    """Let incidents happen.

    All planted rates are those of Poisson counts; hot spots and repeat locations come on top of the background, which
    has what is left of ``per_year``.
    """
    years = settings.days / 365.25
    calendar = Calendar(settings)
    weeks = [ct.week(kind) for kind in ct.TYPES]
    share = np.array([kind.share for kind in ct.TYPES])
    share = share / share.sum()
    planted = np.zeros(len(ct.TYPES))
    for spot in spots:
        for number, part in spot.types.items():
            planted[number] += spot.per_year * part
    for one in busy:
        planted[one.type] += one.per_year
    left = settings.per_year - planted.sum()
    blocks: list = []

    def add(number: int, place: np.ndarray, moment: np.ndarray, origin: int, what: Any) -> None:
        n = len(place)
        blocks.append((np.full(n, number, np.int8), place.astype(np.int32), moment,
                       np.full(n, origin, np.int8), what if isinstance(what, np.ndarray) else np.full(n, what,
                                                                                                      np.int32)))

    for number, kind in enumerate(ct.TYPES):
        progress(0.7 * number / len(ct.TYPES))
        part = stream.sub("type", number)
        mean = left * share[number] * years
        if number == ct.BURGLARY:
            mean *= 1.0 - settings.near_ratio
        n = int(part.poisson(np.array([mean]))[0])
        weight = pl.background(places, number)
        place = part.choose(weight, n)
        moment = calendar.draw(part, n, kind, weeks[number])
        if number == ct.BURGLARY:
            blocks.insert(0, _with_near_repeats(part, places, calendar, weeks[number], place, moment, settings))
            continue
        add(number, place, moment, BACKGROUND, 0)
    for spot in spots:
        part = stream.sub("hot spot", spot.number)
        for number, fraction in spot.types.items():
            n = int(part.poisson(np.array([spot.per_year * fraction * years]))[0])
            inside, weight = pl.spot_weights(places, spot, number)
            week = ct.window(spot.first, spot.hours, spot.weekdays, spot.in_window, weeks[number])
            add(number, inside[part.choose(weight, n)], calendar.draw(part, n, ct.TYPES[number], week), HOT_SPOT,
                spot.number)
    for one in busy:
        part = stream.sub("busy", one.number)
        n = int(part.poisson(np.array([one.per_year * years]))[0])
        add(one.type, np.full(n, one.place), calendar.draw(part, n, ct.TYPES[one.type], weeks[one.type]), BUSY_PLACE,
            one.number)
    progress(0.8)
    columns = [np.concatenate(parts) for parts in zip(*blocks)]
    columns, prevented, moved = _intervene(stream.sub("intervention"), places, spots, settings, columns)
    progress(0.9)
    return _recorded(stream.sub("records"), columns, prevented, moved)


def _with_near_repeats(
    stream: Stream, places: pl.Places, calendar: Calendar, week: np.ndarray, place: np.ndarray, moment: np.ndarray,
    settings: Settings,
) -> tuple:
    """Return burglaries and those that follow them as the columns of a block."""
    from scipy.spatial import cKDTree

    x, y, later, follows = simulator.near_repeats(
        stream, places.x[place], places.y[place], moment / DAY, settings.near_ratio, settings.near_distance,
        settings.near_days, settings.near_most_distance, settings.near_most_days)
    homes = np.flatnonzero((places.kind == ct.HOME) & (places.homes > 0))
    tree = cKDTree(np.column_stack([places.x[homes], places.y[homes]]))
    near = homes[tree.query(np.column_stack([x, y]))[1]] if len(x) else np.zeros(0, int)
    day = np.floor(later).astype(np.int64)
    happens = day < settings.days
    # what follows one beyond the last day is beyond it too, so no chain is broken
    minute = np.zeros(len(day), np.int64)
    minute[happens] = calendar.minutes(stream, day[happens], week)
    place = np.concatenate([place, near[happens]])
    origin = np.repeat(np.array([BACKGROUND, NEAR_REPEAT], np.int8), (len(moment), int(happens.sum())))
    number = np.concatenate([np.full(len(moment), -1), np.where(happens, np.cumsum(happens) - 1 + len(moment), -1)])
    number[: len(moment)] = np.arange(len(moment))
    planted = np.concatenate([np.zeros(len(moment), np.int64), number[follows[happens]]])
    moment = np.concatenate([moment, (day * DAY + minute)[happens]])
    return (np.full(len(place), ct.BURGLARY, np.int8), place.astype(np.int32), moment, origin, planted.astype(np.int32))


def treated_places(places: pl.Places, spots: list) -> dict:
    """Return the places of each treated hot spot by its number."""
    return {s.number: pl.within(places, s.x, s.y, 0.0, s.radius) for s in spots if s.treated}


def _intervene(stream: Stream, places: pl.Places, spots: list, settings: Settings, columns: list) -> tuple:
    kind, place, moment, origin, planted = columns
    start = int((settings.start - settings.first_day).astype(int)) * DAY
    number = np.zeros(len(places), np.int32)
    for spot, inside in treated_places(places, spots).items():
        number[inside] = spot
    affected = (number[place] > 0) & np.isin(kind, pl.WORKED_ON) & (moment >= start)
    stays, moved = simulator.intervene(stream, affected, settings.effect, settings.displaced)
    prevented_at = np.bincount(number[place[~stays]], minlength=len(spots) + 1)
    in_hot = np.zeros(len(places), bool)
    for spot in spots:
        in_hot[pl.within(places, spot.x, spot.y, 0.0, spot.radius)] = True
    at = np.flatnonzero(moved)
    of, what = number[place[at]], kind[at]
    weights = {k: pl.background(places, k) for k in np.unique(what).tolist()}
    moved_at = np.zeros(len(spots) + 1, int)
    for spot in spots:
        if not spot.treated:
            continue
        ring = pl.within(places, spot.x, spot.y, spot.radius, spot.radius + settings.ring)
        ring = ring[~in_hot[ring]]
        for number_of, weight in weights.items():
            mine = at[(of == spot.number) & (what == number_of)]
            if len(mine) and len(ring):
                place[mine] = ring[stream.choose(weight[ring] + 1e-9, len(mine))]
                planted[mine], origin[mine], stays[mine] = spot.number, DISPLACED, True
                moved_at[spot.number] += len(mine)
    follows = (origin == NEAR_REPEAT)
    position = np.cumsum(stays) - 1
    # burglaries are not worked on, so whatever a near repeat follows is still there
    planted[follows] = position[planted[follows]]
    return [kind[stays], place[stays], moment[stays], origin[stays], planted[stays]], prevented_at, moved_at


def _recorded(stream: Stream, columns: list, prevented: np.ndarray, moved: np.ndarray) -> Incidents:
    """Give incidents the times and the source that a record has, in the order of the reports."""
    kind, place, moment, origin, planted = columns
    n = len(kind)
    unseen, span, lag, officers = (np.array([getattr(t, name) for t in ct.TYPES])[kind]
                                   for name in ("unseen", "span", "lag", "officers"))
    hidden = stream.uniform(size=n) < unseen
    minutes = np.where(hidden, np.clip(stream.exponential(1.0, n) * span, 0.5, 24.0 * 10) * 60.0, 0.0)
    before = np.floor(minutes * stream.uniform(size=n) / 5) * 5
    begin = np.where(hidden, (moment - before.astype(np.int64)) // 5 * 5, moment)
    end = np.where(hidden, -(-(begin + np.maximum(minutes, 30.0).astype(np.int64)) // 5) * 5, moment)
    end = np.where(hidden, np.maximum(end, moment), moment)
    begin = np.maximum(begin, 0)
    found = stream.uniform(size=n) < officers
    wait = stream.exponential(1.0, n) * np.where(found, 0.2, lag) * 60.0
    report = end + 1 + np.floor(wait).astype(np.int64)
    how = stream.uniform(size=n)
    source = np.where(found, 3, np.where(how < 0.72, 0, np.where(how < 0.92, 1, 2)))
    order = np.lexsort((np.arange(n), moment, report))
    place_of = np.empty(n, np.int64)
    place_of[order] = np.arange(n)
    follows = origin == NEAR_REPEAT
    planted = planted.astype(np.int64)
    planted[follows] = place_of[planted[follows]]
    return Incidents(kind[order], place[order], moment[order], begin[order], end[order], report[order], source[order],
                     origin[order], planted[order], prevented, moved)


def expected_per_year(places: pl.Places, spots: list, busy: list, settings: Settings) -> np.ndarray:
    """Return the incidents a year to expect at every place, before the intervention and near repeats aside."""
    share = np.array([kind.share for kind in ct.TYPES])
    share = share / share.sum()
    left = settings.per_year - sum(s.per_year for s in spots) - sum(b.per_year for b in busy)
    out = np.zeros(len(places))
    for number in range(len(ct.TYPES)):
        weight = pl.background(places, number)
        out += left * share[number] * weight / weight.sum()
    for spot in spots:
        for number, fraction in spot.types.items():
            inside, weight = pl.spot_weights(places, spot, number)
            out[inside] += spot.per_year * fraction * weight / weight.sum()
    for one in busy:
        out[one.place] += one.per_year
    return out
