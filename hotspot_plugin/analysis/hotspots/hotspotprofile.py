"""What a hot spot is made of: its places, its hours, its place in the hotspot matrix, beside the whole city.

The hotspot matrix of Ratcliffe (2004) puts a hot spot into one of nine boxes: at one point,
clustered or dispersed in space, and acute, focused or diffused in time, since each box asks
for another response. Ratcliffe leaves the boxes to the analyst's judgement. Here they follow
stated thresholds and a test against chance, and the numbers behind them are given, so that
the analyst can overrule them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from ..patrol.peaks import DAYS, Clock
from ..progress import Progress, silent
from ..significance import benjamini_hochberg, wilson_interval
from .lorenz import Chance
from .profiles import HOT_DOT

HOTPOINT, CLUSTERED, DISPERSED = "hotpoint", "clustered", "dispersed"
ACUTE, FOCUSED, DIFFUSED = "acute", "focused", "diffused"
TOO_FEW = "too few to say"
#: incidents below which nothing is said about space, and about time
LEAST_SPACE, LEAST_TIME = 10, 30
#: share at the few busiest places from which a hot spot is clustered; how many are few, and of how many places
CLUSTERED_SHARE = 0.5
FEW, FEW_OF_ALL = 3, 0.2
#: share in the fullest six hours from which a hot spot is focused, and acute; an even day has a quarter
FOCUSED_SHARE, ACUTE_SHARE = 0.5, 0.75
WINDOW_HOURS = 6
#: probability under which something is more than chance makes
LEVEL = 0.05
#: longest span, hours, that still says something about the day of the week
LONGEST_WEEK_SPAN = 168.0
_DAY_MINUTES = 1440.0
_CHUNK = 50_000


# --- space ---------------------------------------------------------------------------------
@dataclass(frozen=True)
class Places:
    """How the incidents of each hot spot are spread over its places; (k,) arrays.

    Attributes
    ----------
    n, number : int64
        Incidents, and places that have any.
    few : int64
        How many places are few: three, or a fifth of the places (rounded up) where that is less.
    first, few_share : float
        Shares of the incidents at the busiest place, and at the few busiest; NaN without
        incidents.
    few_chance : float
        What chance alone gives to the few busiest: see :func:`chance_of_places`.
    repeat : float
        Share of the incidents that came to a place that had one already: ``(n - number) / n``.
    p : float
        Upper bound of the probability that chance alone puts so many at any one place.
    busiest : int64
        The busiest place; of equally busy ones the lowest number; -1 for none.
    """

    n: np.ndarray
    number: np.ndarray
    few: np.ndarray
    first: np.ndarray
    few_share: np.ndarray
    few_chance: np.ndarray
    repeat: np.ndarray
    p: np.ndarray
    busiest: np.ndarray


def places(spot: np.ndarray, place: np.ndarray, k: int, progress: Progress = silent) -> Places:
    """Look at the places of each hot spot.

    Parameters
    ----------
    spot, place : (m,) int64 arrays
        Hot spot and place of each incident; an incident in two hot spots has two entries.
    k : int
        Number of hot spots.
    """
    n = np.bincount(spot, minlength=k)
    owner, which, times = _ranked(spot, place)
    number = np.bincount(owner, minlength=k)
    begin = np.concatenate([[0], np.cumsum(number)])
    position = np.arange(len(owner)) - begin[owner]
    few = np.minimum(FEW, np.ceil(FEW_OF_ALL * number)).astype(np.int64)
    held = np.bincount(owner, times * (position < few[owner]), minlength=k)
    most, busiest = np.zeros(k, dtype=np.int64), np.full(k, -1, dtype=np.int64)
    top = position == 0
    most[owner[top]], busiest[owner[top]] = times[top], which[top]
    some = np.maximum(n, 1)
    p, by_chance = np.full(k, np.nan), np.full(k, np.nan)
    for i in np.flatnonzero(n):
        progress(i / k)
        p[i], by_chance[i] = chance_of_places(int(n[i]), int(number[i]), int(most[i]), int(few[i]))
    none = np.where(n > 0, 1.0, np.nan)
    return Places(n, number, few, most / some * none, held / some * none, by_chance, (n - number) / some * none, p,
                  busiest)


def chance_of_places(n: int, known: int, most: int, few: int = 1) -> tuple[float, float]:
    """Return what chance alone makes of incidents at places all alike.

    Only places with an incident are known. How many there are in truth follows from the
    zero-truncated Poisson distribution: ``K = n / rate`` with ``rate / (1 - exp(-rate)) = n / known``.

    Parameters
    ----------
    n, known, most : int
        Incidents, places that have any, and incidents at the busiest.
    few : int
        Places that the share is of.

    Returns
    -------
    p : float
        ``min(1, K P(X >= most))`` with X binomial of n and 1 / K: no less than the probability
        that any place of K holds so many. NaN where there is one place only.
    share : float
        Share that the few busiest of the known places are expected to hold.
    """
    chance = Chance.of(n, known, True)
    share = chance.held_by(few)
    if known < 2:
        return float("nan"), share
    if chance.rate <= 0.0:
        return 1.0, share
    total = max(n / chance.rate, float(known))
    return float(min(1.0, total * special.bdtrc(most - 1, n, 1.0 / total))), share


def space_class(found: Places) -> np.ndarray:
    """Put hot spots into the rows of the matrix; (k,) object array.

    ``hotpoint``: more than half of the incidents at one place, and more there than chance makes
    (p below 0.05), or one place only. ``clustered``: half or more at the few busiest places (three, or
    a fifth of the places where that is less), and more at the busiest than chance makes.
    ``dispersed``: the others. Below 10 incidents ``too few to say``.
    """
    beyond = found.p < LEVEL
    words = np.full(len(found.n), DISPERSED, dtype=object)
    words[beyond & (found.few_share >= CLUSTERED_SHARE)] = CLUSTERED
    words[(beyond & (found.first > HOT_DOT)) | (found.number == 1)] = HOTPOINT
    words[found.n < LEAST_SPACE] = TOO_FEW
    return words


# --- time ----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Hours:
    """The fullest six hours of the day of each hot spot; (k,) arrays, NaN or -1 without a known time.

    Attributes
    ----------
    n : int64
        Incidents with a known time of day.
    start : int64
        Hour at which the fullest six begin; of equally full ones the earliest.
    share : float
        Share of the incidents in them; an even day has a quarter.
    p : float
        Upper bound of the probability that an even day has six hours as full as that.
    """

    n: np.ndarray
    start: np.ndarray
    share: np.ndarray
    p: np.ndarray


def fullest_hours(day: np.ndarray) -> Hours:
    """Find the fullest six hours, midnight included.

    Parameters
    ----------
    day : (k, 24) array
        Incidents by hour of the day; spans may have been spread over it.
    """
    day = np.asarray(day, dtype=float)
    k = len(day)
    running = np.concatenate([np.zeros((k, 1)), np.cumsum(np.hstack([day, day]), axis=1)], axis=1)
    inside = running[:, WINDOW_HOURS:WINDOW_HOURS + 24] - running[:, :24]
    # sums of the same hours in another order differ in the last digit
    start = np.round(inside, 6).argmax(axis=1)
    total = day.sum(axis=1)
    n = np.round(total).astype(np.int64)
    most = inside[np.arange(k), start]
    some = n > 0
    covered = WINDOW_HOURS / 24.0
    p = np.full(k, np.nan)
    p[some] = np.minimum(1.0, 24.0 * upper_tail(np.floor(most[some] + 1e-6), n[some], covered))
    share = np.where(some, most / np.where(some, total, 1.0), np.nan)
    return Hours(n, np.where(some, start, -1), share, p)


def time_class(found: Hours) -> np.ndarray:
    """Put hot spots into the columns of the matrix; (k,) object array.

    By the share of the fullest six hours of the day: ``acute`` from three quarters,
    ``focused`` from half, both only where an even day does not make it (p below 0.05);
    ``diffused`` below. With fewer than 30 known times ``too few to say``.
    """
    beyond = found.p < LEVEL
    words = np.full(len(found.n), DIFFUSED, dtype=object)
    words[beyond & (found.share >= FOCUSED_SHARE - 1e-9)] = FOCUSED
    words[beyond & (found.share >= ACUTE_SHARE - 1e-9)] = ACUTE
    words[found.n < LEAST_TIME] = TOO_FEW
    return words


@dataclass(frozen=True)
class Weekdays:
    """On which days of the week incidents lie.

    Attributes
    ----------
    first, last : (n,) float arrays
        Minutes since a Monday 00:00, ``last >= first``; NaN where the day is not known.
    usable : (n,) bool array
    long : int
        Incidents with a span of more than a week.
    """

    first: np.ndarray
    last: np.ndarray
    usable: np.ndarray
    long: int


def weekdays(start: np.ndarray, end: np.ndarray | None, precision: np.ndarray, clock: Clock) -> Weekdays:
    """Find out which incidents tell the day of the week.

    More do than tell the hour: a date is enough, and a span may be a week long.

    Parameters
    ----------
    start, end : (n,) datetime64 arrays
        As for :func:`~hotspot_plugin.analysis.patrol.peaks.clock`.
    precision : (n,) array of str
        Months say nothing of the day.
    clock : Clock
        Of the same incidents. Where it does not know the time of day, the whole day counts.
    """
    monday = np.datetime64("1970-01-05", "m")
    begin = np.asarray(start).astype("M8[m]")
    dated = ~np.isnat(begin) & np.isin(np.asarray(precision, dtype=object).astype(str), ("minute", "hour", "day"))
    first = np.where(dated, (begin - monday).astype(float), np.nan)
    last = first.copy()
    if end is not None:
        finish = np.asarray(end).astype("M8[m]")
        given = dated & ~np.isnat(finish)
        last[given] = (finish[given] - monday).astype(float)
    first, last = np.fmin(first, last), np.fmax(first, last)
    long = dated & (last - first > LONGEST_WEEK_SPAN * 60)
    # a time that is not known, or is a habit of the record, must not draw a span to one end of its day
    whole = dated & ~clock.usable & (last == first)
    first = np.where(whole, np.floor(first / _DAY_MINUTES) * _DAY_MINUTES, first)
    last = np.where(whole, first + _DAY_MINUTES, last)
    usable = dated & ~long
    return Weekdays(np.where(usable, first, np.nan), np.where(usable, last, np.nan), usable, int(long.sum()))


def weekday_profile(
    week: Weekdays, rows: np.ndarray, zone: np.ndarray, zones: int, progress: Progress = silent
) -> np.ndarray:
    """Sum the incidents of each zone over the days of the week, Monday first; (zones, 7) array.

    Spans are spread evenly over their minutes; an end at midnight does not touch the next day.

    Parameters
    ----------
    rows, zone : (m,) int64 arrays
        Incident and its zone; an incident in two zones has two entries.
    """
    out = np.zeros(zones * DAYS)
    own = np.flatnonzero(week.usable[rows])
    steps = np.arange(DAYS + 1)
    for at in range(0, len(own), _CHUNK):
        progress(at / len(own))
        some = own[at:at + _CHUNK]
        low, high = week.first[rows[some]], week.last[rows[some]]
        begin = (np.floor(low / _DAY_MINUTES)[:, None] + steps) * _DAY_MINUTES
        share = np.clip(np.minimum(begin + _DAY_MINUTES, high[:, None]) - np.maximum(begin, low[:, None]), 0.0, None)
        share /= np.where(high > low, high - low, 1.0)[:, None]
        share[high == low, 0] = 1.0
        cell = zone[some][:, None] * DAYS + (begin / _DAY_MINUTES).astype(np.int64) % DAYS
        out += np.bincount(cell.ravel(), share.ravel(), minlength=len(out))
    progress(1.0)
    return out.reshape(zones, DAYS)


def of_rows(clock: Clock, rows: np.ndarray) -> Clock:
    """Return the clock of some incidents, repeated as often as they occur."""
    return replace(clock, start=clock.start[rows], end=clock.end[rows], usable=clock.usable[rows])


# --- beside the city -----------------------------------------------------------------------
@dataclass(frozen=True)
class Compared:
    """Shares in hot spots beside those of the whole data; (m,) arrays.

    Attributes
    ----------
    share, city : float
        Share in the hot spot, and in all incidents; NaN without any.
    ratio, low, high : float
        Location quotient ``share / city`` with its 95 % interval: that of the share (Wilson), over the
        share of the city, which is counted and not estimated.
    p : float
        Two-sided probability of so different a number, had the hot spot the city's shares (binomial,
        the smaller tail twice).
    """

    share: np.ndarray
    city: np.ndarray
    ratio: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray


def compare(n: np.ndarray, of: np.ndarray, city_n: np.ndarray, city_of: np.ndarray) -> Compared:
    """Compare shares in hot spots with those of all incidents, the hot spots included.

    Parameters
    ----------
    n, of : arrays
        Incidents of a kind in the hot spot, of how many; need not be whole numbers where
        spans were spread. An ``of`` that is NaN or 0 is not compared.
    city_n, city_of : arrays
        The same for all incidents.
    """
    n, of, city_n, city_of = (np.asarray(v, dtype=float) for v in np.broadcast_arrays(n, of, city_n, city_of))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(of > 0, n / of, np.nan)
        city = np.where(city_of > 0, city_n / city_of, np.nan)
        low, high = wilson_interval(n, of)
        known = (city > 0) & np.isfinite(share)
        ratio, low, high = (np.where(known, v / city, np.nan) for v in (share, low, high))
        inner = known & (city < 1.0)
        twice = 2.0 * np.minimum(upper_tail(n, of, city), lower_tail(n, of, city))
    p = np.where(inner, np.minimum(1.0, twice), np.where(known, 1.0, np.nan))
    return Compared(share, city, ratio, low, high, p)


def q_values(p: np.ndarray, theme: np.ndarray) -> np.ndarray:
    """Allow for the number of comparisons of each theme (Benjamini and Hochberg)."""
    q = np.full(len(p), np.nan)
    for name in dict.fromkeys(theme.tolist()):
        own = theme == name
        q[own] = benjamini_hochberg(p[own])
    return q


def upper_tail(n: np.ndarray, of: np.ndarray, share: np.ndarray | float) -> np.ndarray:
    """P(X >= n) of a binomial X, also between whole numbers."""
    n, of, share = (np.asarray(v, dtype=float) for v in np.broadcast_arrays(n, of, share))
    inner = (n > 0) & (of > 0)
    tail = special.betainc(np.where(inner, n, 1.0), np.where(inner, np.maximum(of - n, 0.0) + 1.0, 1.0),
                           np.clip(np.nan_to_num(share), 0.0, 1.0))
    return np.where(inner, tail, 1.0)


def lower_tail(n: np.ndarray, of: np.ndarray, share: np.ndarray | float) -> np.ndarray:
    """P(X <= n) of a binomial X, also between whole numbers."""
    n, of, share = (np.asarray(v, dtype=float) for v in np.broadcast_arrays(n, of, share))
    inner = (n < of - 1e-9) & (of > 0)
    below = special.betainc(np.where(inner, of - n, 1.0), np.where(inner, n, 0.0) + 1.0,
                            np.clip(1.0 - np.nan_to_num(share), 0.0, 1.0))
    return np.where(inner, below, 1.0)


# --- tables --------------------------------------------------------------------------------
def counts(spot: np.ndarray, value: np.ndarray, k: int, values: int, weight: np.ndarray | None = None) -> np.ndarray:
    """Count entries by hot spot and value; (k, values) array.

    Parameters
    ----------
    spot, value : (m,) int64 arrays
        Negative values do not count.
    """
    own = value >= 0
    cell = spot[own] * values + value[own]
    return np.bincount(cell, None if weight is None else weight[own], minlength=k * values).reshape(k, values)


def busiest_places(
    spot: np.ndarray, place: np.ndarray, least: int, top: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """List the busiest places of each hot spot.

    Parameters
    ----------
    spot, place : (m,) int64 arrays
    least, top : int
        Fewest incidents of a place, and places a hot spot.

    Returns
    -------
    spot, place, n : (j,) int64 arrays
        By hot spot, then by number; equally busy ones by number of the place.
    """
    owner, which, times = _ranked(spot, place)
    first = np.searchsorted(owner, owner)
    keep = (times >= least) & (np.arange(len(owner)) - first < top)
    return owner[keep], which[keep], times[keep]


def _ranked(spot: np.ndarray, place: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return hot spot, place and incidents of each place, the busiest of each hot spot first."""
    span = np.int64(place.max(initial=0)) + 1
    pairs, times = np.unique(spot * span + place, return_counts=True)
    owner, which = pairs // span, pairs % span
    order = np.lexsort((which, -times, owner))
    return owner[order], which[order], times[order]
