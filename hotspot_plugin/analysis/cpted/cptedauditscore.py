"""Scores of audits on site, and how far auditors agree.

Agreement on an item is Cohen's kappa with quadratic weights (Cohen, Psychological Bulletin
70, 1968): 1 is full agreement, 0 what chance would give with the same use of the marks, and
a mark of 0 beside one of 2 weighs four times as much as 0 beside 1. Its interval is by the
bootstrap over places, because visits of one place are not independent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..progress import Progress, silent

#: Number of marks: 0, 1 and 2.
MARKS = 3
_CHUNK = 200


def kappa(tables: np.ndarray, weighted: bool = True) -> np.ndarray:
    """Return Cohen's kappa of tables of agreement.

    Parameters
    ----------
    tables : (..., k, k) array
        Number of cases by the mark of the first and of the second auditor.
    weighted : bool
        Quadratic weights; False is the plain kappa, for which any difference is a difference.

    Returns
    -------
    (...) array
        NaN where all marks are one and the same, or there are none: chance then agrees as well.
    """
    tables = np.asarray(tables, dtype=float)
    k = tables.shape[-1]
    apart = np.subtract.outer(np.arange(k), np.arange(k)).astype(float)
    cost = apart**2 if weighted else (apart != 0).astype(float)
    total = tables.sum(axis=(-1, -2))
    seen = (tables * cost).sum(axis=(-1, -2))
    rows, columns = tables.sum(axis=-1), tables.sum(axis=-2)
    chance = np.einsum("...i,ij,...j->...", rows, cost, columns)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(chance > 0, 1.0 - seen * total / chance, np.nan)


@dataclass(frozen=True)
class Agreement:
    """How far auditors agree on an item.

    Attributes
    ----------
    n, places : int
        Pairs of marks, and the places that they are of.
    same : float
        Share of the pairs with the same mark.
    kappa, low, high : float
        Quadratic kappa with its 95 % interval; NaN where it is not defined.
    plain : float
        Kappa without weights.
    """

    n: int
    places: int
    same: float
    kappa: float
    low: float
    high: float
    plain: float


def agreement(
    first: np.ndarray, second: np.ndarray, place: np.ndarray, rng: np.random.Generator, draws: int = 999,
    interchangeable: bool = False,
) -> Agreement:
    """Measure the agreement of pairs of marks.

    Parameters
    ----------
    first, second : (n,) arrays
        Marks of 0, 1 or 2 of two auditors on the same visit; NaN drops the pair.
    place : (n,) array of int
    rng : numpy.random.Generator
    draws : int
        Of the bootstrap.
    interchangeable : bool
        The pairs are of several auditors, none of whom is always the first: each pair counts half in either order.
    """
    known = np.isfinite(first) & np.isfinite(second)
    one, two = first[known].astype(np.int64), second[known].astype(np.int64)
    where, at = np.unique(place[known], return_inverse=True)
    n, places = len(one), len(where)
    if not n:
        return Agreement(0, 0, *(float("nan"),) * 5)
    cells = at * MARKS**2 + one * MARKS + two
    by_place = np.bincount(cells, minlength=places * MARKS**2).reshape(places, MARKS, MARKS).astype(float)
    if interchangeable:
        by_place = (by_place + by_place.transpose(0, 2, 1)) / 2.0
    whole = by_place.sum(axis=0)
    drawn = _bootstrap(by_place.reshape(places, -1), rng, draws)
    drawn = drawn[np.isfinite(drawn)]
    low, high = np.quantile(drawn, [0.025, 0.975]) if places > 1 and len(drawn) > draws / 2 else (np.nan, np.nan)
    return Agreement(n, places, float((one == two).mean()), float(kappa(whole)), float(low), float(high),
                     float(kappa(whole, weighted=False)))


def _bootstrap(by_place: np.ndarray, rng: np.random.Generator, draws: int) -> np.ndarray:
    places = len(by_place)
    share = np.full(places, 1.0 / places)
    out = [kappa((rng.multinomial(places, share, min(_CHUNK, draws - start)) @ by_place).reshape(-1, MARKS, MARKS))
           for start in range(0, draws, _CHUNK)]
    return np.concatenate(out)


def pairs_of(
    place: np.ndarray, visit: np.ndarray, auditor: np.ndarray, progress: Progress = silent
) -> tuple[np.ndarray, np.ndarray]:
    """Return all pairs of visits of two auditors to the same place, both by day or both by night.

    Parameters
    ----------
    place, visit, auditor : (n,) arrays of int
        One row for an auditor, place and kind of visit.

    Returns
    -------
    first, second : (m,) arrays of int
        Rows, that of the auditor with the smaller number first.
    """
    order = np.lexsort((auditor, visit, place))
    group = np.ones(len(order), dtype=bool)
    group[1:] = (np.diff(place[order]) != 0) | (np.diff(visit[order]) != 0)
    start = np.flatnonzero(group)
    end = np.append(start[1:], len(order))
    first, second = [], []
    for number, (low, high) in enumerate(zip(start.tolist(), end.tolist())):
        if number % 1000 == 0:
            progress(number / len(start))
        if high - low > 1:
            i, j = np.triu_indices(high - low, 1)
            first.append(order[low:high][i])
            second.append(order[low:high][j])
    none = np.empty(0, dtype=np.int64)
    return (np.concatenate(first), np.concatenate(second)) if first else (none, none)


def newest(
    place: np.ndarray, visit: np.ndarray, auditor: np.ndarray, when: np.ndarray
) -> np.ndarray:
    """Tell which rows are the newest of their auditor, place and kind of visit.

    Parameters
    ----------
    place, visit, auditor : (n,) arrays of int
    when : (n,) datetime64 array
        NaT is older than all; of equals the last row counts.

    Returns
    -------
    (n,) array of bool
    """
    stamp = np.where(np.isnat(when), np.iinfo(np.int64).min, when.astype("M8[ms]").astype(np.int64))
    order = np.lexsort((np.arange(len(place)), stamp, auditor, visit, place))
    last = np.ones(len(order), dtype=bool)
    key = np.column_stack([place, visit, auditor])[order]
    last[:-1] = (key[1:] != key[:-1]).any(axis=1)
    out = np.zeros(len(place), dtype=bool)
    out[order[last]] = True
    return out


@dataclass(frozen=True)
class Marks:
    """Mean marks of places.

    Attributes
    ----------
    mean : (p, k) array
        0 to 2; NaN where the item does not apply or was not seen.
    applies : (p, k) array of bool
        Not where those who looked said that the item does not apply, and nobody gave a mark.
    """

    mean: np.ndarray
    applies: np.ndarray

    def seen_share(self, items: np.ndarray) -> np.ndarray:
        """Return the share of the items that apply which was seen, NaN where none applies."""
        count = (self.applies & items).sum(axis=1)
        seen = (np.isfinite(self.mean) & items).sum(axis=1)
        return np.divide(seen, count, out=np.full(len(count), np.nan), where=count > 0)


def mean_marks(
    place: np.ndarray, auditor: np.ndarray, marks: np.ndarray, not_applicable: np.ndarray, weight: np.ndarray, p: int
) -> Marks:
    """Average marks: of each auditor first, so that two visits do not outvote one, then over auditors by weight.

    Parameters
    ----------
    place, auditor : (n,) arrays of int
        Of each visit.
    marks : (n, k) array
        NaN where there is no mark.
    not_applicable : (n, k) array of bool
    weight : (a,) array
        Of the auditors, above 0.
    p : int
        Number of places.
    """
    k, a = marks.shape[1], len(weight)
    mean, applies = np.full((p, k), np.nan), np.ones((p, k), dtype=bool)
    key = place * a + auditor
    keys, at = np.unique(key, return_inverse=True)
    for i in range(k):
        known = np.isfinite(marks[:, i])
        number = np.bincount(at[known], minlength=len(keys))
        total = np.bincount(at[known], marks[known, i], len(keys))
        some = number > 0
        own = keys[some] // a
        heavy = weight[keys[some] % a]
        sums = np.bincount(own, heavy * total[some] / number[some], p)
        has = np.bincount(own, heavy, p)
        mean[:, i] = np.divide(sums, has, out=np.full(p, np.nan), where=has > 0)
        applies[:, i] = ~((np.bincount(place[not_applicable[:, i]], minlength=p) > 0) & (has == 0))
    return Marks(mean, applies)
