"""What kind of place each hot spot is: types, single addresses, months, and how long it has been one.

Patrol and problem solving need opposite answers. A spree of a fortnight calls for patrol
now; a place that is hot in every month calls for someone to change it; and where half of
the incidents come from one address, a place manager can do more than a patrol.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from ..significance import poisson_interval

#: share of incidents at one place from which a hot spot is a "hot dot"
HOT_DOT = 0.5
#: months of data under which nothing is said about how long a place has been hot
SHORT = 6.0
#: share of the months in which a long-standing hot spot has incidents
MOST_MONTHS = 0.75
TOO_EARLY, LONG_STANDING, RECENT, ON_AND_OFF = "too early to say", "long-standing", "recent", "on and off"


@dataclass(frozen=True)
class Types:
    """Types in each hot spot: how many, the commonest ("" for none), and its share of incidents."""

    number: np.ndarray
    top: np.ndarray
    top_share: np.ndarray


def counts(spot: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Incidents of each hot spot with the exact 95 % interval of a count (Garwood).

    Parameters
    ----------
    spot : (n,) int64 array
        Hot spot of each incident, or -1.
    k : int
        Number of hot spots.

    Returns
    -------
    n, low, high : (k,) arrays
    """
    n = np.bincount(spot[spot >= 0], minlength=k)
    low, high = poisson_interval(n)
    return n, low, high


def types(spot: np.ndarray, k: int, labels: np.ndarray) -> Types:
    """Commonest type of each hot spot; ties go to the first in the alphabet.

    Parameters
    ----------
    labels : (n,) object array
        Type of each incident; None or "" is no type.
    """
    own = np.flatnonzero(spot >= 0)
    names = np.array(["" if label is None else str(label) for label in labels[own]], dtype=object)
    kinds, code = np.unique(names.astype(str), return_inverse=True) if own.size else (np.array([""]), own)
    table = np.bincount(spot[own] * kinds.size + code, minlength=k * kinds.size).reshape(k, kinds.size)
    n = table.sum(axis=1)
    named = np.where(kinds == "", 0, table)
    most = named.argmax(axis=1)
    largest = named.max(axis=1, initial=0)
    top = np.where(largest > 0, kinds[most], "").astype(object)
    return Types((named > 0).sum(axis=1), top, largest / np.maximum(n, 1))


def places(
    spot: np.ndarray, k: int, x: np.ndarray, y: np.ndarray, keys: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Number of distinct places in each hot spot, and the share of the busiest.

    Parameters
    ----------
    x, y : (n,) arrays
        Metres; incidents within a decimetre are at one place, unless keys tell better.
    keys : (n,) object array, optional
        Key of each incident's place; None or "" falls back on the coordinates.

    Returns
    -------
    number, first_share : (k,) arrays
    """
    own = np.flatnonzero(spot >= 0)
    if own.size == 0:
        return np.zeros(k, dtype=np.int64), np.full(k, np.nan)
    place = place_codes(x[own], y[own], None if keys is None else keys[own])
    pair, times = np.unique(spot[own] * np.int64(own.size) + place, return_counts=True)
    which = pair // own.size
    busiest = np.zeros(k)
    np.maximum.at(busiest, which, times)
    return np.bincount(which, minlength=k), busiest / np.maximum(np.bincount(spot[own], minlength=k), 1)


def place_codes(x: np.ndarray, y: np.ndarray, keys: np.ndarray | None = None) -> np.ndarray:
    """Number the distinct places, 0 to fewer than n; (n,) int64."""
    import pandas as pd  # its hashing numbers a million places in a tenth of the time of a sort

    code = pd.factorize(_spread(x, y))[0]
    if keys is None:
        return code
    named = keys.copy()
    named[keys == ""] = None
    key_code, kinds = pd.factorize(named)
    return pd.factorize(np.where(key_code >= 0, key_code, code + len(kinds)))[0]


def place_counts(x: np.ndarray, y: np.ndarray, keys: np.ndarray | None = None) -> np.ndarray:
    """Incidents at each distinct place, in no particular order; see :func:`place_codes`."""
    if keys is None:
        key = np.sort(_spread(x, y))  # counting runs needs no numbering, which would take most of the time
        starts = np.flatnonzero(np.diff(key, prepend=key[0] - 1))
        return np.diff(np.append(starts, key.size))
    return np.bincount(place_codes(x, y, keys))


def _spread(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """One whole number for each decimetre of the map."""
    column, row = np.round(x * 10.0).astype(np.int64), np.round(y * 10.0).astype(np.int64)
    row -= row.min()
    return (column - column.min()) * (row.max() + 1) + row


def months_active(spot: np.ndarray, k: int, month: np.ndarray) -> np.ndarray:
    """Calendar months in which each hot spot has an incident; (k,) int64.

    Parameters
    ----------
    month : (n,) datetime64[M] array
        NaT for unknown.
    """
    own = np.flatnonzero((spot >= 0) & ~np.isnat(month))
    number = month[own].astype(np.int64)
    number = number - number.min(initial=0)
    pairs = np.unique(spot[own] * (number.max(initial=0) + 1) + number)
    return np.bincount(pairs // (number.max(initial=0) + 1), minlength=k)


def tenure(
    spot: np.ndarray, k: int, dates: np.ndarray, start: np.datetime64, end: np.datetime64
) -> np.ndarray:
    """In words, how long each place has been hot; (k,) object array.

    "recent": more incidents in the last quarter of the period than chance puts there (a
    binomial tail under 5 %) and at least half of all. "long-standing": incidents in three
    quarters of the months of a year or more. "too early to say" for periods under six
    months, "on and off" for all others.

    Parameters
    ----------
    dates : (n,) datetime64 array
        NaT for unknown.
    start, end : datetime64
        First and last day of the period.
    """
    days = float((end - start) / np.timedelta64(1, "D")) + 1.0
    months = days / 30.4375
    words = np.full(k, ON_AND_OFF, dtype=object)
    if months < SHORT:
        words[:] = TOO_EARLY
        return words
    own = np.flatnonzero((spot >= 0) & ~np.isnat(dates))
    n = np.bincount(spot[own], minlength=k)
    late = (dates[own] - start) / np.timedelta64(1, "D") >= 0.75 * days
    last = np.bincount(spot[own], weights=late, minlength=k)
    active = months_active(spot, k, dates.astype("datetime64[M]"))
    if months >= 11.9:
        words[active >= MOST_MONTHS * np.round(months)] = LONG_STANDING
    tail = np.where(last > 0, special.bdtrc(np.maximum(last - 1.0, 0.0), np.maximum(n, 1), 0.25), 1.0)
    words[(last >= 0.5 * n) & (tail < 0.05) & (n > 0)] = RECENT
    return words
