"""On which days and hours incidents gather: the weekly peak of a place, where it can be told.

A peak is a window of some hours on some consecutive days of the week. Windows are summed
circularly, so that Saturday 22:00 to Sunday 04:00 is one window and belongs to Saturday.
Among all windows the one is taken that the incidents prefer most clearly over an even
spread: the largest likelihood ratio of Kulldorff's scan statistic (1997), here on the circle
of the week. Fewer than seven days are named only where they beat "every day" by more than
the choice among 42 runs of days can explain.

Only incidents whose time of day is known take part. A time that is a habit of the record
(00:00 for "unknown") makes no peak, and a span of more than a day says nothing of the hour.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import gcd

import numpy as np

from ..errors import InputError
from ..progress import Progress, silent
from ..timeline import HOUR, MINUTE

#: incidents with a known time below which a place has no peak
LEAST_INCIDENTS = 30
#: longest span, hours, that still says something about the hour of the day
LONGEST_SPAN = 24.0
DAYS = 7
_DAY_MINUTES = 1440
_WEEK_MINUTES = DAYS * _DAY_MINUTES
#: minutes of the day that are written where the time is not known
_DEFAULT_TIMES = (0, 1, 720, 1439)
_CHUNK = 50_000


@dataclass(frozen=True)
class Clock:
    """Which incidents tell when in the week they happened.

    Attributes
    ----------
    start, end : (n,) arrays of float
        Minutes since a Monday 00:00, ``end >= start``; NaN where not usable.
    usable : (n,) array of bool
    no_date, no_time, long, default : int
        Incidents left out: without a date; with a date but no time of day; with a span of more
        than a day; with a time that the record writes where none is known.
    default_times : list of str
        Those times, e.g. ``["00:00"]``.
    """

    start: np.ndarray
    end: np.ndarray
    usable: np.ndarray
    no_date: int
    no_time: int
    long: int
    default: int
    default_times: list


@dataclass(frozen=True)
class Peak:
    """A peak of the week.

    Attributes
    ----------
    first_day : int
        0 = Monday; of the police day, where that does not begin at midnight.
    days : int
        Consecutive days, 7 for every day.
    start, end : int
        Minutes of the day; ``end <= start`` means that the window ends on the next day.
    total, inside : float
        Incidents with a known time, and those of them in the window.
    share : float
        ``inside / total``.
    lift : float
        Share divided by the share of the week that the window covers.
    p : float
        Upper bound of the probability that an even spread over the week has a window as full
        as this one somewhere (binomial tail times the number of windows looked at).
    """

    first_day: int
    days: int
    start: int
    end: int
    total: float
    inside: float
    share: float
    lift: float
    p: float


def clock(
    start: np.ndarray,
    end: np.ndarray | None = None,
    precision: np.ndarray | None = None,
    time_known: np.ndarray | None = None,
    longest_span: float = LONGEST_SPAN,
) -> Clock:
    """Find out which incidents tell the time of day.

    Parameters
    ----------
    start : (n,) array of datetime64
        Wall clock; the time, or the earliest time, of the incident.
    end : (n,) array of datetime64, optional
        The latest time; NaT where there is none. A swapped pair is turned round.
    precision : (n,) array of str, optional
        Only ``"minute"`` and ``"hour"`` tell a time of day.
    time_known : (n,) array of bool, optional
        False where the source says that the time is not known.
    longest_span : float
        Hours.
    """
    start = np.asarray(start).astype("M8[m]")
    dated = ~np.isnat(start)
    timed = dated.copy()
    if precision is not None:
        timed &= np.isin(np.asarray(precision, dtype=object).astype(str), (MINUTE, HOUR))
    if time_known is not None:
        timed &= np.asarray(time_known, bool)
    # 1970-01-05 was a Monday
    first = np.where(dated, (start - np.datetime64("1970-01-05", "m")).astype(float), np.nan)
    last = first.copy()
    if end is not None:
        end = np.asarray(end).astype("M8[m]")
        given = dated & ~np.isnat(end)
        last[given] = (end[given] - np.datetime64("1970-01-05", "m")).astype(float)
    low, high = np.fmin(first, last), np.fmax(first, last)
    long = timed & (high - low > longest_span * 60)
    default, names = _default_times(low, timed & ~long & (high == low))
    usable = timed & ~long & ~default
    return Clock(
        np.where(usable, low, np.nan), np.where(usable, high, np.nan), usable, int((~dated).sum()),
        int((dated & ~timed).sum()), int(long.sum()), int(default.sum()), names,
    )


def _default_times(minute: np.ndarray, among: np.ndarray) -> tuple[np.ndarray, list]:
    """Return the incidents at a time that is far fuller than the same minute of the hours around it."""
    of_day = np.full(len(minute), -1, np.int64)
    of_day[among] = (minute[among] % _DAY_MINUTES).astype(np.int64)
    counts = np.bincount(of_day[among], minlength=_DAY_MINUTES)
    default, names = np.zeros(len(minute), bool), []
    for candidate in _DEFAULT_TIMES:
        around = counts[[(candidate + shift * 60) % _DAY_MINUTES for shift in (-2, -1, 1, 2)]].mean()
        if counts[candidate] >= 20 and counts[candidate] > 2.0 * around + 3.0 * np.sqrt(2.0 * around):
            default |= of_day == candidate
            names.append(clock_text(candidate))
    return default, names


def week_profile(
    clock: Clock, zone: np.ndarray, zones: int, minutes: int = 60, progress: Progress = silent
) -> np.ndarray:
    """Sum the incidents of each zone over the week.

    An incident with a span is spread evenly over it (aoristic weights, Ratcliffe 2002): an
    end exactly on the hour does not touch the next bin, a span of no length is one bin.

    Parameters
    ----------
    clock : Clock
    zone : (n,) array of int
        Zone of each incident, -1 for none.
    zones : int
    minutes : int
        Length of a bin; a divisor of 60.

    Returns
    -------
    (zones, 10080 / minutes) array of float
        From Monday 00:00; every usable incident of a zone counts 1 in all.
    """
    bins = _WEEK_MINUTES // minutes
    out = np.zeros(zones * bins)
    rows = np.flatnonzero(clock.usable & (np.asarray(zone) >= 0))
    width = int(LONGEST_SPAN * 60 // minutes) + 1
    steps = np.arange(width)
    for at in range(0, len(rows), _CHUNK):
        progress(at / len(rows))
        some = rows[at : at + _CHUNK]
        low, high = clock.start[some], clock.end[some]
        of_zone = np.asarray(zone)[some].astype(np.int64) * bins
        first = np.floor(low / minutes)
        points = high == low
        out += np.bincount(of_zone[points] + (first[points] % bins).astype(np.int64), minlength=len(out))
        low, high, first, of_zone = low[~points], high[~points], first[~points], of_zone[~points]
        if not len(low):
            continue
        begin = (first[:, None] + steps) * minutes
        share = np.clip(np.minimum(begin + minutes, high[:, None]) - np.maximum(begin, low[:, None]), 0.0, None)
        share /= (high - low)[:, None]
        cell = of_zone[:, None] + ((first[:, None] + steps) % bins).astype(np.int64)
        out += np.bincount(cell.ravel(), share.ravel(), minlength=len(out))
    progress(1.0)
    return out.reshape(zones, bins)


def parse_shifts(text: str) -> list[tuple[int, int]]:
    """Read shifts such as ``"06-14, 14-22, 22-06"`` or ``"06:30-18:30,18:30-06:30"``.

    Returns
    -------
    list of (start, length) in minutes

    Raises
    ------
    InputError
        Names the part that cannot be read.
    """
    shifts = []
    for piece in [p.strip() for p in re.split(r"[,;]", text) if p.strip()]:
        match = re.fullmatch(r"(\d{1,2})(?::?(\d\d))?\s*[-–]\s*(\d{1,2})(?::?(\d\d))?", piece)
        hours = [int(h or 0) for h in match.groups()] if match else [99] * 4
        start, end = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
        if not match or start >= _DAY_MINUTES or end > _DAY_MINUTES or hours[1] > 59 or hours[3] > 59:
            raise InputError("SHIFTS", "'{piece}' is not a shift. Write shifts like 06-14, 14-22, 22-06.", piece=piece)
        length = (end - start) % _DAY_MINUTES or _DAY_MINUTES
        if start % 15 or length % 15:
            raise InputError("SHIFTS", "'{piece}': shifts begin and end on a quarter of an hour here.", piece=piece)
        shifts.append((start, length))
    return shifts


def windows(shifts: list[tuple[int, int]], hours: int) -> tuple[list[tuple[int, int]], int]:
    """Return the windows of the day to look at, and the length of the bins that they need.

    Parameters
    ----------
    shifts : list of (start, length)
        Empty: a window of ``hours`` may begin at every full hour.
    """
    if not shifts:
        return [(hour * 60, hours * 60) for hour in range(24)], 60
    minutes = 60
    for start, length in shifts:
        minutes = gcd(minutes, gcd(start, length))
    return shifts, minutes


def outside_shifts(profile: np.ndarray, shifts: list[tuple[int, int]]) -> float:
    """Return the share of the incidents of a week that lie in none of the shifts.

    Parameters
    ----------
    profile : (bins,) array
        Incidents over the week, whose bins the shifts consist of (:func:`windows`).
    shifts : list of (start, length) in minutes
    """
    total = float(profile.sum())
    minutes = _WEEK_MINUTES // len(profile)
    covered = np.zeros(_DAY_MINUTES // minutes, bool)
    for start, length in shifts:
        covered[(start // minutes + np.arange(length // minutes)) % len(covered)] = True
    return float(profile[~np.tile(covered, DAYS)].sum()) / total if total > 0 else 0.0


def peak(
    profile: np.ndarray, spans: list[tuple[int, int]], least: int = LEAST_INCIDENTS, day_start: int = 0
) -> Peak | None:
    """Find the peak of a week.

    Parameters
    ----------
    profile : (bins,) array
        Incidents over the week (:func:`week_profile`), bins of equal length from Monday 00:00.
    spans : list of (start, length) in minutes
        Windows of the day to choose from, whole bins (:func:`windows`).
    least : int
        Fewer incidents have no peak.
    day_start : int
        Minute at which the police day begins: a window that begins earlier belongs to the day before.

    Returns
    -------
    Peak or None
        None for too few incidents, or where no window is fuller than an even spread.
    """
    total = float(profile.sum())
    if round(total, 6) < least:
        return None
    minutes = _WEEK_MINUTES // len(profile)
    per_day = len(profile) // DAYS
    running = np.r_[0.0, np.cumsum(np.r_[profile, profile])]
    found = []
    for start, length in spans:
        first = np.arange(DAYS) * per_day + start // minutes
        by_day = running[first + length // minutes] - running[first]
        of_days = np.r_[0.0, np.cumsum(np.r_[by_day, by_day])]
        for days in range(1, DAYS + 1):
            covered = days * length / _WEEK_MINUTES
            for day in range(DAYS if days < DAYS else 1):
                inside = float(of_days[day + days] - of_days[day])
                ratio = _likelihood_ratio(inside, total, covered)
                # a run of days is a choice among 42, and must beat "every day" by more than that
                score = ratio - (np.log(42.0) if days < DAYS else 0.0)
                found.append((round(score, 9), days, -start, -day, inside, covered, length, ratio))
    best = max(found)
    if best[7] <= 0.0:
        return None
    _, days, start, day, inside, covered, length, _ = best
    share = inside / total
    first_day = (-day - (days < DAYS and -start < day_start)) % DAYS
    return Peak(first_day, days, -start, (length - start) % _DAY_MINUTES, total, inside, share, share / covered,
                _tail(inside, total, covered, len(found)))


def _likelihood_ratio(inside: float, total: float, covered: float) -> float:
    """Log likelihood ratio of a window that holds more than its part; 0 if it does not."""
    expected = total * covered
    if inside <= expected * (1 + 1e-12) or covered >= 1.0:
        return 0.0
    outside = total - inside
    ratio = inside * np.log(inside / expected)
    return float(ratio + (outside * np.log(outside / (total - expected)) if outside > 1e-9 else 0.0))


def _tail(inside: float, total: float, covered: float, looked_at: int) -> float:
    from scipy.special import bdtrc

    count = int(np.floor(inside + 1e-9))
    if count <= 0:
        return 1.0
    return float(min(1.0, looked_at * bdtrc(count - 1, round(total), covered)))


def clock_text(minute: int) -> str:
    """Write a minute of the day as ``"22:00"``."""
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"
