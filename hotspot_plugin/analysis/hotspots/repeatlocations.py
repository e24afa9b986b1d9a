"""Places with many incidents (hot dots): ranks in two windows, what they are made of, chance.

Numbers in, numbers out: which rows belong to which place is decided before (``places.py``), and
what chance alone would make comes from ``lorenz.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import significance
from ..progress import Progress, silent
from . import lorenz

#: false discovery rate up to which a place has more than chance makes
_LEVEL = 0.05
#: rows of an address in each window from which its place is known
_KNOWN_ADDRESS = 5
#: a default place of a geocoder: so many rows, such a share, so many types, so mixed
_MIXED_ROWS, _MIXED_SHARE, _MIXED_TYPES, _MIXED_ENTROPY = 30, 0.01, 3, 0.9


# --- ranks ---------------------------------------------------------------------------------
def ranks(counts: np.ndarray) -> np.ndarray:
    """Rank places by their number: 1 + the number of places that have more; 0 for a count of 0.

    So places with the same number have the same rank, and the next rank is left out.
    """
    counts = np.asarray(counts)
    ascending = np.sort(counts)
    more = len(counts) - np.searchsorted(ascending, counts, side="right")
    return np.where(counts > 0, more + 1, 0)


@dataclass(frozen=True)
class Ranking:
    """All places, and those that are listed.

    Attributes
    ----------
    n, n_before : (k,) int64 arrays
        Incidents of each place in the window and in the one before.
    rank, rank_before : (k,) int64 arrays
        0 for places without any.
    listed : (m,) int64 array
        Places of the list in its order: by rank; places of the same rank by the number
        before, then by the order given.
    chance : lorenz.Chance
        What chance alone would make.
    p, q : (k,) arrays
        Probability that a given place holds so many by chance alone, and the same after
        allowing for the number of places (Benjamini and Hochberg).
    expected : (m,) array
        Incidents that chance gives to the place of each row of the list, in its order.
    """

    n: np.ndarray
    n_before: np.ndarray
    rank: np.ndarray
    rank_before: np.ndarray
    listed: np.ndarray
    chance: lorenz.Chance
    p: np.ndarray
    q: np.ndarray
    expected: np.ndarray

    @property
    def total(self) -> int:
        """Incidents in the window."""
        return int(self.n.sum())

    @property
    def with_incidents(self) -> int:
        """Places with at least one incident in the window."""
        return int((self.n > 0).sum())


def rank_places(
    place: np.ndarray, now: np.ndarray, k: int, tie_order: np.ndarray, least: int, top: int, only_known: bool
) -> Ranking:
    """Count, rank and list places.

    Parameters
    ----------
    place : (n,) int64 array
        Place of each row, 0 to k - 1.
    now : (n,) bool array
        True for rows of the window, False for rows of the one before.
    k : int
        Number of places.
    tie_order : (k,) array
        Decides the order of the list where numbers are equal; must not depend on the order of rows.
    least : int
        Incidents in the window from which a place is listed.
    top : int
        Highest rank listed, with all places of that rank; 0 lists all.
    only_known : bool
        Places without any incident are not known.
    """
    n = np.bincount(place[now], minlength=k)
    n_before = np.bincount(place[~now], minlength=k)
    rank, rank_before = ranks(n), ranks(n_before)
    chosen = (n >= max(least, 1)) & ((rank <= top) | (top <= 0))
    listed = np.flatnonzero(chosen)
    listed = listed[np.lexsort((tie_order[listed], -n_before[listed], rank[listed]))]
    known = int((n > 0).sum()) if only_known else k
    chance = lorenz.Chance.of(int(n.sum()), known, only_known)
    p = np.where(n > 0, chance.tail(n), np.nan if only_known else 1.0)
    return Ranking(
        n, n_before, rank, rank_before, listed, chance, p, significance.benjamini_hochberg(p),
        chance.by_rank(len(listed)),
    )


@dataclass(frozen=True)
class Concentration:
    """How much of all lies at how few places, observed and by chance alone.

    Attributes
    ----------
    places : int
        Places that are known.
    top : int
        Places that "the busiest" stands for.
    share_top, share_top_chance : float
    half, half_chance : float
        Fewest places with half of the incidents.
    share_20, share_20_chance : float
        Share held by the busiest fifth of the places: the 80-20 rule says 0.8.
    gini, gini_chance : float
        Generalised Gini coefficient.
    repeat : int
        Places with the least number of the list or more.
    beyond : int
        Of these, those that have more than chance makes (q below 0.05).
    repeat_share : float
        Share of the incidents at those.
    still, still_of : int
        Of the ``still_of`` busiest places of the window before, those that are so again.
    """

    places: int
    top: int
    share_top: float
    share_top_chance: float
    half: int
    half_chance: float
    share_20: float
    share_20_chance: float
    gini: float
    gini_chance: float
    repeat: int
    beyond: int
    repeat_share: float
    still: int
    still_of: int


def concentration(ranking: Ranking, least: int, top: int) -> Concentration:
    """Sum a ranking up; ``top`` of 0 takes the 20 busiest for "the busiest"."""
    chance, n = ranking.chance, ranking.n
    known = n[n > 0] if chance.only_known else n
    top = min(top or 20, len(known))
    fifth = max(int(round(0.2 * len(known))), 1)
    again = (ranking.rank_before > 0) & (ranking.rank_before <= top)
    repeat = n >= max(least, 1)
    return Concentration(
        places=len(known), top=top,
        share_top=lorenz.held_by(known, top), share_top_chance=chance.held_by(top),
        half=lorenz.places_for(known, 0.5), half_chance=chance.places_for(0.5),
        share_20=lorenz.held_by(known, fifth), share_20_chance=chance.held_by(fifth),
        gini=lorenz.generalised_gini(known), gini_chance=chance.generalised_gini(),
        repeat=int(repeat.sum()), beyond=int((repeat & (ranking.q < _LEVEL)).sum()),
        repeat_share=float(n[repeat].sum() / max(n.sum(), 1)),
        still=int((again & (ranking.rank > 0) & (ranking.rank <= top)).sum()), still_of=int(again.sum()),
    )


# --- what each place is made of ------------------------------------------------------------
def distinct(owner: np.ndarray, value: np.ndarray, k: int) -> np.ndarray:
    """Number of distinct values of each owner.

    Parameters
    ----------
    owner : (n,) int64 array
        0 to k - 1.
    value : (n,) int64 array
        Negative ones are no value.
    """
    used = value >= 0
    span = int(value.max(initial=0)) + 1
    pairs = np.unique(owner[used] * np.int64(span) + value[used])
    return np.bincount(pairs // span, minlength=k)


@dataclass(frozen=True)
class Commonest:
    """The commonest value of each owner (-1 for none), how often it occurs, and how many there are."""

    value: np.ndarray
    times: np.ndarray
    kinds: np.ndarray


def commonest(owner: np.ndarray, value: np.ndarray, k: int) -> Commonest:
    """Return the commonest value of each owner; of equally common ones the lowest.

    Parameters
    ----------
    owner, value : (n,) int64 arrays
        As in :func:`distinct`.
    """
    used = value >= 0
    span = int(value.max(initial=0)) + 1
    pairs, times = np.unique(owner[used] * np.int64(span) + value[used], return_counts=True)
    which, what = pairs // span, pairs % span
    order = np.lexsort((what, -times, which))
    owners, first = np.unique(which[order], return_index=True)
    best, most = np.full(k, -1, dtype=np.int64), np.zeros(k, dtype=np.int64)
    best[owners], most[owners] = what[order][first], times[order][first]
    return Commonest(best, most, np.bincount(which, minlength=k))


def like_a_default(owner: np.ndarray, kind: np.ndarray, k: int, overall: np.ndarray) -> np.ndarray:
    """Which places look like the default of a geocoder: their types are as mixed as everywhere.

    A shop has one kind of crime, a default place has all: at least 30 rows and 1 % of all,
    3 types, and an entropy of the types of at least 90 % of that of all rows.

    Parameters
    ----------
    owner, kind : (n,) int64 arrays
        Place and type of each row of the places looked at; a negative type is none.
    k : int
        Number of places looked at.
    overall : (t,) array
        Rows of each type, in all places.
    """
    used = kind >= 0
    table = np.zeros((k, max(len(overall), 1)))
    np.add.at(table, (owner[used], kind[used]), 1.0)
    rows = np.bincount(owner, minlength=k)
    enough = (rows >= max(_MIXED_ROWS, _MIXED_SHARE * overall.sum())) & ((table > 0).sum(axis=1) >= _MIXED_TYPES)
    return enough & (_entropy(table) >= _MIXED_ENTROPY * _entropy(overall[None, :])[0])


def _entropy(table: np.ndarray) -> np.ndarray:
    share = table / np.maximum(table.sum(axis=1, keepdims=True), 1.0)
    return -(share * np.log(np.where(share > 0, share, 1.0))).sum(axis=1)


def moved(address: np.ndarray, place: np.ndarray, now: np.ndarray) -> tuple[float, int]:
    """Share of the addresses whose incidents lie at another place than in the window before.

    Where it is large the geocoding has changed, and the places of both windows cannot be compared.

    Parameters
    ----------
    address, place : (n,) int64 arrays
        Of each row; a negative address is none.
    now : (n,) bool array
        Rows of the window, the others are of the one before.

    Returns
    -------
    share : float
        Of the addresses with at least 5 rows in each window; NaN if there are none.
    number : int
        How many those are.
    """
    k = int(address.max(initial=-1)) + 1
    rows = [(now if which else ~now) & (address >= 0) for which in (True, False)]
    both = np.minimum(*(np.bincount(address[some], minlength=k) for some in rows)) >= _KNOWN_ADDRESS
    first, second = (commonest(address[some], place[some], k).value for some in rows)
    number = int(both.sum())
    return (float((first != second)[both].mean()) if number else float("nan")), number


@dataclass(frozen=True)
class Makeup:
    """What listed places are made of in the window; one entry a listed place.

    Attributes
    ----------
    days, months : int64 arrays
        Days and calendar months with at least one incident; 0 without dates.
    latest : datetime64[D] array
        Day of the newest incident.
    types : Commonest or None
    default : bool array
        See :func:`like_a_default`.
    addresses : int64 array or None
        Distinct addresses.
    """

    days: np.ndarray
    months: np.ndarray
    latest: np.ndarray
    types: Commonest | None
    default: np.ndarray
    addresses: np.ndarray | None


def makeup(
    ranking: Ranking, place: np.ndarray, moments: np.ndarray | None, kind: np.ndarray | None,
    address: np.ndarray | None, progress: Progress = silent,
) -> Makeup:
    """Look at the rows of the listed places.

    Parameters
    ----------
    ranking : Ranking
    place : (n,) int64 array
        Place of each row of the window.
    moments : (n,) datetime64 array, optional
        NaT for unknown.
    kind, address : (n,) int64 arrays, optional
        Type and address of each row by number, negative for none.
    """
    m = len(ranking.listed)
    number = np.full(len(ranking.n), -1, dtype=np.int64)
    number[ranking.listed] = np.arange(m)
    own = np.flatnonzero(number[place] >= 0)
    owner = number[place[own]]
    progress(0.2)
    days = months = np.zeros(m, dtype=np.int64)
    latest = np.full(m, np.datetime64("NaT", "D"))
    if moments is not None:
        day, month = (moments[own].astype(unit) for unit in ("M8[D]", "M8[M]"))
        dated = ~np.isnat(day)
        count = np.where(dated, day.astype(np.int64), 0)
        origin = int(count[dated].min()) if dated.any() else 0
        days = distinct(owner, np.where(dated, count - origin, -1), m)
        progress(0.4)
        at = np.where(dated, month.astype(np.int64), 0)
        first = int(at[dated].min()) if dated.any() else 0
        months = distinct(owner, np.where(dated, at - first, -1), m)
        newest = np.full(m, np.iinfo(np.int64).min)
        np.maximum.at(newest, owner[dated], count[dated])
        some = newest > np.iinfo(np.int64).min
        latest[some] = newest[some].astype("M8[D]")
    progress(0.6)
    types, default = None, np.zeros(m, dtype=bool)
    if kind is not None:
        types = commonest(owner, kind[own], m)
        # at most a hundred places can hold a hundredth
        busy = np.flatnonzero(ranking.n[ranking.listed] >= max(_MIXED_ROWS, _MIXED_SHARE * ranking.total))
        row = np.full(m, -1, dtype=np.int64)
        row[busy] = np.arange(len(busy))
        chosen = row[owner] >= 0
        overall = np.bincount(kind[kind >= 0], minlength=1)
        default[busy] = like_a_default(row[owner[chosen]], kind[own][chosen], len(busy), overall)
    progress(0.8)
    addresses = None if address is None else distinct(owner, address[own], m)
    return Makeup(days, months, latest, types, default, addresses)
