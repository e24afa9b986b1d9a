"""Before, during and after dated events at many places: states of days, counts, town level, placebo dates.

Every place keeps a calendar: each day is before, during or after an event of the place, left out, or of no
use. An incident belongs to the nearest place, so that it counts once, and to the ring of its distance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from ..progress import Progress, silent
from .conditional import Pair

NO_DAY, BEFORE, DURING, AFTER, LEFT_OUT = range(5)
#: Bits of a day, from which its state follows.
_BEFORE, _DURING, _AFTER, _EDGE = 1, 2, 4, 8
#: Weeks from the start (before, during) and the end (after) that are told apart: week 4 to 1 before, weeks 1, 2,
#: 3-4 and later of the event, weeks 1 to 4 after. What lies farther has no week.
WEEKS = 12
_BLOCK = 28
#: Incidents in 28 days from which the town's level is taken to be known.
ENOUGH = 200


@dataclass(frozen=True)
class Windows:
    """Days around an event.

    Attributes
    ----------
    before, after : int
        Days before the start and after the end.
    lead : int
        Days just before the start that are left out.
    lag : int
        Days just after the end that are left out.
    """

    before: int
    after: int
    lead: int = 0
    lag: int = 0


@dataclass(frozen=True)
class Calendar:
    """The state of every day at every place.

    Attributes
    ----------
    state : (p, d) int8 array
    week : (p, d) int8 array
        Week to which the day belongs, -1 for none.
    near : int
        Days that would count, left out because an event near by ran.
    between : int
        Days after one event and before the next of the place, left out.
    kept : (5,) array of int
        Days of each state.
    during_left : float
        Share of the days of events that is left out for an event near by, 0 to 1.
    """

    state: np.ndarray
    week: np.ndarray
    near: int
    between: int
    kept: np.ndarray
    during_left: float


def join_places(one: np.ndarray, other: np.ndarray, count: int) -> np.ndarray:
    """Return the place of each event: those joined by pairs, directly or by others, are one place."""
    links = sparse.coo_matrix((np.ones(len(one)), (one, other)), shape=(count, count))
    return connected_components(links, directed=False)[1].astype(np.int64)


def make_calendar(
    place: np.ndarray, start: np.ndarray, end: np.ndarray, permanent: bool, windows: Windows, days: int, places: int,
    near: tuple[np.ndarray, np.ndarray] | None = None, progress: Progress = silent,
) -> Calendar:
    """Return the state of each day of each place.

    Parameters
    ----------
    place : (n,) array of int
    start, end : (n,) arrays of int
        Days, counted from the first day of the incidents; may lie outside. The day of the start belongs to
        the event, that of the end is left out (the place was repaired some time on it) unless it is the
        day of the start too. ``end`` is not used where the change is permanent.
    permanent : bool
        Events without an end: there is no "during", and "after" follows the day of the start.
    windows : Windows
    days, places : int
    near : (i, j) arrays of int, optional
        Pairs of places so near that the event of one disturbs the days of the other.

    Returns
    -------
    Calendar
        A day on which any event of the place runs is "during", whatever else it would be; then come the days
        left out at the edges, then days both after one event and before another, which are left out too.
        On days when an event runs near by, the days of a place are left out; for permanent changes
        those "before" only, from the day of the other change on.
    """
    bits = np.zeros((places, days), np.uint8)
    week = np.full((places, days), -1, np.int8)
    last = start if permanent else np.maximum(end, start)
    order = np.argsort(-start, kind="stable")

    def mark(row: int, first: int, stop: int, bit: int) -> slice | None:
        first, stop = max(first, 0), min(stop, days)
        if first >= stop:
            return None
        bits[row, first:stop] |= bit
        return slice(first, stop)

    ahead = np.minimum((np.arange(max(windows.before, 1))) // 7, 4)[::-1]  # weeks before, the farthest first
    ahead = np.where(ahead > 3, -1, 3 - ahead).astype(np.int8)
    for step, i in enumerate(order.tolist()):  # the latest start first, so that the next event gives the week
        if step % 4096 == 0:
            progress(0.5 * step / len(order))
        row, s = int(place[i]), int(start[i])
        there = mark(row, s - windows.before, s - windows.lead, _BEFORE)
        if there is not None:
            week[row, there] = ahead[there.start - (s - windows.before):there.stop - (s - windows.before)]
        mark(row, s - windows.lead, s, _EDGE)
        stop = int(last[i])
        mark(row, stop, stop + 1 + windows.lag, _EDGE)
        mark(row, stop + 1 + windows.lag, stop + 1 + windows.after, _AFTER)
        if not permanent:
            mark(row, s, max(stop, s + 1), _DURING)
    state = np.zeros((places, days), np.int8)
    running, edge = (bits & _DURING) > 0, (bits & _EDGE) > 0
    both = (bits & (_BEFORE | _AFTER)) == (_BEFORE | _AFTER)
    state[(bits & _BEFORE) > 0] = BEFORE
    state[(bits & _AFTER) > 0] = AFTER
    between = both & ~running & ~edge
    state[both | edge] = LEFT_OUT
    state[running] = DURING
    progress(0.6)
    _weeks(state, week, place, start, last, permanent, days)
    progress(0.8)
    count, gone = 0, 0.0
    if near is not None and len(near[0]):
        active = edge | running
        if permanent:
            active = np.zeros((places, days), bool)
            for row, s in zip(place.tolist(), start.tolist()):
                active[row, min(max(s, 0), days):] = True
        hit = _hit(active, near, places) & (state > NO_DAY) & (state < LEFT_OUT)
        if permanent:
            hit &= state == BEFORE
        count = int(hit.sum())
        gone = float((hit & (state == DURING)).sum() / max((state == DURING).sum(), 1))
        state[hit] = LEFT_OUT
    week[(state == NO_DAY) | (state == LEFT_OUT)] = -1
    progress(1.0)
    kept = np.bincount(state.ravel(), minlength=5)
    return Calendar(state, week, count, int(between.sum()), kept, gone)


def _hit(active: np.ndarray, near: tuple[np.ndarray, np.ndarray], places: int) -> np.ndarray:
    one, other = near
    links = sparse.csr_matrix((np.ones(len(one), np.float32), (one, other)), shape=(places, places))
    hit = np.zeros(active.shape, bool)
    for first in range(0, active.shape[1], 256):  # a part of the days at a time, to hold memory down
        part = slice(first, first + 256)
        hit[:, part] = (links @ active[:, part].astype(np.float32)) > 0
    return hit


def _weeks(
    state: np.ndarray, week: np.ndarray, place: np.ndarray, start: np.ndarray, last: np.ndarray, permanent: bool,
    days: int,
) -> None:
    """Number the weeks during and after, in the calendar where they stand."""
    for i in np.argsort(last, kind="stable").tolist():
        row, s, stop = int(place[i]), int(start[i]), int(last[i])
        first, end = max(stop + 1, 0), min(stop + 29, days)
        if first < end:
            there = slice(first, end)
            codes = (8 + (np.arange(first, end) - stop - 1) // 7).astype(np.int8)
            after = state[row, there] == AFTER
            week[row, there][after] = codes[after]
        if not permanent:
            first, end = max(s, 0), min(max(stop, s + 1), days)
            if first < end:
                since = (np.arange(first, end) - s) // 7
                week[row, first:end] = np.array([4, 5, 6, 6, 7], np.int8)[np.minimum(since, 4)]
    far = (state == AFTER) & (week < 8)
    week[far] = -1


# --- the level of the town -----------------------------------------------------------------
@dataclass(frozen=True)
class Town:
    """What the town as a whole leads to expect on each day.

    Attributes
    ----------
    level : (d,) array
        Mean 1; all 1 where it is not taken into account.
    blocks : (b,) array
        Incidents in each 28 days that it is known from; inf where it is not taken into account.
    source : str
        "outside" (incidents beyond the rings), "all" (too few of those), "none" (not asked for), or
        "few" (too few at all).
    weekday : bool
        Whether the days of the week are told apart.
    """

    level: np.ndarray
    blocks: np.ndarray
    source: str
    weekday: bool


def town_level(day: np.ndarray, outside: np.ndarray, days: int, first_day: np.datetime64, adjust: bool) -> Town:
    """Season, trend and weekday of the town: a centred mean of 28 days, times the weekday's share of the whole.

    Parameters
    ----------
    day : (n,) array of int
        Day of each incident.
    outside : (n,) array of bool
        Beyond the rings of all places.
    days : int
    first_day : datetime64
    adjust : bool

    Returns
    -------
    Town
    """
    blocks = -(-days // _BLOCK)
    flat = Town(np.ones(days), np.full(blocks, np.inf), "none", False)
    if not adjust:
        return flat
    enough = ENOUGH * days / _BLOCK
    source = "outside" if outside.sum() >= enough else "all" if len(day) >= enough else "few"
    if source == "few":
        return Town(flat.level, flat.blocks, source, False)
    counts = np.bincount(day[outside] if source == "outside" else day, minlength=days).astype(float)
    width = min(_BLOCK, days)
    kernel = np.ones(width)
    smooth = np.convolve(counts, kernel, "same") / np.convolve(np.ones(days), kernel, "same")
    weekdays = days >= 2 * _BLOCK
    if weekdays:
        of_week = (np.arange(days) + int(first_day.astype("M8[D]").astype(int)) + 3) % 7
        share = np.bincount(of_week, counts, 7) / np.maximum(np.bincount(of_week, smooth, 7), 1e-12)
        smooth = smooth * share[of_week]
    level = smooth / smooth.mean()
    held = np.bincount(np.arange(days) // _BLOCK, counts, blocks)
    return Town(np.maximum(level, 1e-9), np.maximum(held, 1.0), source, weekdays)


# --- counts --------------------------------------------------------------------------------
def counts_by_state(codes: np.ndarray, place: np.ndarray, day: np.ndarray, places: int, number: int) -> np.ndarray:
    """Return the incidents of each place by code of their day, (p, number); codes below 0 count nowhere."""
    code = codes[place, day]
    there = code >= 0
    flat = np.bincount(place[there] * number + code[there], minlength=places * number)
    return flat.reshape(places, number)


def exposures(codes: np.ndarray, level: np.ndarray, number: int) -> np.ndarray:
    """Return the days of each place by code, weighted by the level of the town, (p, number)."""
    out = np.empty((len(codes), number))
    for first in range(0, len(codes), 4096):  # some places at a time, to hold memory down
        part = slice(first, first + 4096)
        for code in range(number):
            out[part, code] = (codes[part] == code).astype(np.float32) @ level.astype(np.float32)
    return out


def town_variance(calendar: np.ndarray, town: Town, pair_weights: np.ndarray, first: int, second: int) -> float:
    """Variance of a log ratio that comes from the town's level being known from counts itself.

    Where the events are spread over the year it is next to nothing; where all begin on one day it is that of
    the two counts of the town.

    Parameters
    ----------
    calendar : (p, d) array
        States.
    town : Town
    pair_weights : (p,) array
        Information of each place.
    first, second : int
        States compared.
    """
    if not np.isfinite(town.blocks).all() or pair_weights.sum() <= 0:
        return 0.0
    used = np.flatnonzero(pair_weights > 0)
    weights = pair_weights[used] / pair_weights[used].sum()
    edges = np.arange(0, calendar.shape[1], _BLOCK)
    shares = []
    for code in (first, second):
        by_block = np.add.reduceat((calendar[used] == code) * town.level, edges, axis=1)
        shares.append(weights @ (by_block / np.maximum(by_block.sum(axis=1, keepdims=True), 1e-12)))
    return float((((shares[0] - shares[1]) ** 2) / town.blocks).sum())


def pair_of(counts: np.ndarray, exposure: np.ndarray, first: int, second: int) -> Pair:
    """Return what two codes of the days are compared by."""
    return Pair.of(counts[:, first], counts[:, second], exposure[:, first], exposure[:, second])


# --- placebo dates -------------------------------------------------------------------------
def placebo_scores(
    state: np.ndarray, place: np.ndarray, day: np.ndarray, look: np.ndarray, looks: int, level: np.ndarray,
    contrasts: list[tuple[int, int]], draws: int, rng: np.random.Generator, together: bool = False,
    progress: Progress = silent,
) -> np.ndarray:
    """Standardised scores of each look with the events moved to dates that nobody chose.

    The whole calendar of a place, with its repeated events and the days left out, is moved by a number of
    days drawn at random; what goes over the end of the data comes in at their beginning.

    Parameters
    ----------
    state : (p, d) int8 array
    place, day : (n,) arrays of int
        Of the incidents within the rings.
    look : (n,) array of int
        Ring of each.
    looks : int
        Rings.
    level : (d,) array
        Level of the town.
    contrasts : list of (int, int)
        States compared.
    draws : int
    rng : numpy.random.Generator
    together : bool
        Move all places by the same number of days, which keeps events that came together together.

    Returns
    -------
    (draws, contrasts, looks) array
        Score over its Poisson standard deviation at a ratio of 1; NaN where no incident says anything.
    """
    days = state.shape[1]
    used, at = np.unique(place, return_inverse=True)
    order = np.argsort(at, kind="stable")
    at, day_, look_ = at[order], day[order], look[order]
    bounds = np.searchsorted(at, np.arange(len(used) + 1))
    score = np.zeros((draws, len(contrasts), looks))
    information = np.zeros_like(score)
    common = rng.integers(1, max(days, 2), draws)
    spectrum = np.fft.rfft(level)
    needed = sorted({code for pair in contrasts for code in pair})
    size = max(1, min(256, 8_000_000 // max(draws + 8 * days, 1)))
    for first in range(0, len(used), size):
        progress(first / max(len(used), 1))
        group = slice(first, min(first + size, len(used)))
        rows = used[group]
        width = len(rows)
        shift = np.repeat(common[:, None], width, axis=1) if together else rng.integers(1, max(days, 2), (draws, width))
        calendar = state[rows]
        exposure = {}
        for code in needed:
            there = np.conj(np.fft.rfft((calendar == code).astype(float), axis=1))
            table = np.fft.irfft(spectrum * there, days, axis=1)
            exposure[code] = np.maximum(table[np.arange(width), shift], 0.0)  # (draws, width)
        inside = slice(bounds[group.start], bounds[group.stop])
        for start in range(inside.start, inside.stop, 2048):
            rows_ = slice(start, min(start + 2048, inside.stop))
            here = at[rows_] - first
            code = calendar[here, (day_[rows_] - shift[:, here]) % days]  # (draws, incidents)
            which = np.zeros((code.shape[1], looks))
            which[np.arange(code.shape[1]), look_[rows_]] = 1.0
            for k, (one, other) in enumerate(contrasts):
                e1, e0 = exposure[one], exposure[other]
                # rounding of the transform leaves dust where a place has no such day
                share = np.where((e1 > 1e-6) & (e0 > 1e-6), e1 / np.maximum(e1 + e0, 1e-12), np.nan)[:, here]
                is_one, is_other = code == one, code == other
                part = np.where(is_one, 1.0 - share, np.where(is_other, -share, 0.0))
                spread = np.where(is_one | is_other, share * (1.0 - share), 0.0)
                score[:, k] += np.nan_to_num(part) @ which
                information[:, k] += np.nan_to_num(spread) @ which
    progress(1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(information > 0, score / np.sqrt(information), np.nan)
