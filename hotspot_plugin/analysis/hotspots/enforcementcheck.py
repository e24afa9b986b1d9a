"""Hot spots with and without the records that officers began themselves, on the same ground.

Both searches share the grid, the study area, the test and every threshold; only the
incidents differ. A hot spot *stays* if at least half of its area lies in hot spots of the
search without officers' records, else it *vanishes*; a hot spot of that search *appears*
if less than half of its area lies in hot spots of the search with all. Areas are compared
cell by cell, on one grid, so there is no sliver to judge. Its partner is the hot spot of
the other search that shares most of its area.

With fewer incidents weak hot spots vanish whatever is taken away. So as many incidents are
removed at random, again and again, and searched in the same way: how often a given hot spot
vanishes then says whether *these* records made it or any would do. That is the permutation
test of the hypothesis that who began a record has nothing to do with where it lies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from .. import significance
from ..progress import Progress, part, silent
from .findhotspots import Found, Ground, Settings, search
from .growth import Places

#: share of a hot spot's area that must lie in hot spots of the other search
HALF = 0.5
#: what removing records at random does this rarely is beyond chance
LEVEL = 0.05
#: ranks that a briefing looks at
TOP = 10
KEPT, MOVED, VANISHED, APPEARS = "kept", "rank changed", "vanished", "appears"


@dataclass(frozen=True)
class Pairing:
    """How hot spots of one search lie in those of another.

    Attributes
    ----------
    covered : (k,) array
        Share of the area of each that lies in hot spots of the other search.
    partner : (k,) int64 array
        Hot spot of the other search that shares most of its area, the better rank among
        equals; -1 where less than half is covered.
    """

    covered: np.ndarray
    partner: np.ndarray

    @property
    def stays(self) -> np.ndarray:
        """Which are covered by at least half; (k,) bool array."""
        return self.covered >= HALF


@dataclass(frozen=True)
class Thinned:
    """What removing as many incidents at random does; one row a removal.

    Attributes
    ----------
    vanished, appeared : (b,) int64 arrays
        Hot spots that vanish and appear.
    rank : (b, k) array
        Rank of the partner of each hot spot of all incidents; infinite where it vanishes.
    present : (b, l) bool array
        Whether each hot spot that appears without officers' records is there as well.
    rank_corr, top : (b,) arrays
        As in :class:`Comparison`.
    """

    vanished: np.ndarray
    appeared: np.ndarray
    rank: np.ndarray
    present: np.ndarray
    rank_corr: np.ndarray
    top: np.ndarray

    def __len__(self) -> int:
        return len(self.vanished)


@dataclass(frozen=True)
class Comparison:
    """Result of :func:`compare`. First come the k hot spots of all incidents, then the l that appear.

    Attributes
    ----------
    with_all, without : Found
        The two searches; only the second one's hot spots are judged for how stable they are.
    appears : (l,) int64 array
        Numbers, in ``without``, of the hot spots that appear.
    status : (k + l,) array of str
        KEPT, MOVED, VANISHED or APPEARS.
    rank_with, rank_without : (k + l,) masked int64 arrays
        Rank in either search; that of the partner for those that stay.
    rank_low, rank_high : (k + l,) masked int64 arrays
        Between them lie 95 % of the ranks that random removals give to a hot spot of all
        incidents, as long as it stays.
    overlap : (k + l,) array
        Share of the area in hot spots of the other search.
    n, n_made : (k + l,) int64 arrays
        Incidents in the outline, and those of them that officers began.
    share_q : (k + l,) array
        Two-sided probability, corrected for all hot spots, that so many or so few of the
        outline's incidents are officers' if who began them has nothing to do with the place.
    p_thin : (k + l,) array
        Share of random removals in which the same happens: it vanishes, it is there, or (two-sided)
        its rank moves as far; NaN where none was made.
    beyond : (k + l,) bool array
        Vanishes, appears or moves beyond chance: random removals rarely do the same, and
        officers' share of it differs from that elsewhere, even after correction, in the
        direction that explains it (higher where it vanishes or falls, lower where it rises
        or appears). The removals alone would mark one in twenty of the hot spots that stay.
    vanished_p : float
        Share of random removals in which at least as many vanish.
    rank_corr : float
        Spearman's rank correlation of the hot spots that stay; NaN below three.
    top : int
        Of the TOP first hot spots, those whose partner is among the TOP first.
    thinned : Thinned or None
        None where no record was removed.
    """

    with_all: Found
    without: Found
    appears: np.ndarray
    status: np.ndarray
    rank_with: np.ma.MaskedArray
    rank_without: np.ma.MaskedArray
    rank_low: np.ma.MaskedArray
    rank_high: np.ma.MaskedArray
    overlap: np.ndarray
    n: np.ndarray
    n_made: np.ndarray
    share_q: np.ndarray
    p_thin: np.ndarray
    beyond: np.ndarray
    vanished_p: float
    rank_corr: float
    top: int
    thinned: Thinned | None

    def count(self, *kinds: str) -> int:
        """Number of hot spots with one of the statuses."""
        return int(np.isin(self.status, kinds).sum())


def pairing(one: Places, other: Places) -> Pairing:
    """Lay the hot spots of one search over those of another; both on the same grid."""
    k, m = one.count, other.count
    if not k or not m:
        return Pairing(np.zeros(k), np.full(k, -1, dtype=np.int64))
    at = one.grid.index_in((other.col, other.row), one.col, one.row)
    shared = at >= 0
    cells = np.bincount(one.spot, minlength=k)
    covered = np.bincount(one.spot[shared], minlength=k) / cells
    pairs, both = np.unique(one.spot[shared] * np.int64(m) + other.spot[at[shared]], return_counts=True)
    spot, partner = pairs // m, pairs % m
    order = np.lexsort((partner, -both, spot))
    first = order[np.unique(spot[order], return_index=True)[1]]
    best = np.full(k, -1, dtype=np.int64)
    best[spot[first]] = partner[first]
    return Pairing(covered, np.where(covered >= HALF, best, -1))


def rank_correlation(partner: np.ndarray) -> float:
    """Spearman's correlation of rank and partner's rank of the hot spots that stay; NaN below three."""
    stays = np.flatnonzero(partner >= 0)
    if stays.size < 3:
        return float("nan")
    a, b = stats.rankdata(stays), stats.rankdata(partner[stays])
    spread = a.std() * b.std()
    return float(((a - a.mean()) * (b - b.mean())).mean() / spread) if spread > 0 else float("nan")


def explains(places: np.ndarray, n: np.ndarray, n_made: np.ndarray, share: float) -> np.ndarray:
    """Whether officers' share of a hot spot explains what becomes of it.

    Parameters
    ----------
    places : (k,) array
        Above 0 if it loses places or vanishes, below 0 if it gains some or appears, 0 if nothing changes.
    n, n_made : (k,) arrays
        Its incidents, and those of officers.
    share : float
        Officers' share of all incidents.

    Returns
    -------
    (k,) bool array
        Where the share is higher for a loss, lower for a gain. Places side by side are cut anew when
        one of them loses, and a part may rise although officers found much of it.
    """
    return places * np.sign(n_made - share * n) > 0


def compare(
    ground: Ground,
    made: np.ndarray,
    settings: Settings,
    weight: np.ndarray | None = None,
    *,
    draws: int,
    rng: np.random.Generator,
    progress: Progress = silent,
) -> Comparison:
    """Compare the hot spots of all incidents with those without officers' own records.

    Parameters
    ----------
    ground : Ground
    made : (n,) bool array
        Records that officers began.
    settings : Settings
        For both searches and all random removals alike.
    weight : (n,) array, optional
    draws : int
        Random removals.
    rng : numpy.random.Generator
        For the removals, and for the resamples that judge how stable the hot spots without
        officers' records are.

    Returns
    -------
    Comparison
    """
    with_all = search(ground, settings, weight=weight, progress=part(progress, 0.0, 0.03))
    without = search(ground, settings, ~made, weight, with_all.few, rng, part(progress, 0.03, 0.1))
    there = pairing(with_all.places, without.places)
    back = pairing(without.places, with_all.places)
    appears = np.flatnonzero(~back.stays)
    k, extra = with_all.places.count, appears.size
    thinned = None
    if made.any() and k + extra:
        thinned = _thin(ground, int(made.sum()), settings, weight, with_all, without.places.ordered(appears), draws,
                        rng, part(progress, 0.1, 1.0))  # fmt: skip
    rank = np.where(there.stays, there.partner + 1.0, np.inf)
    p_thin, low, high = against_removals(thinned, rank, extra)
    status = np.full(k + extra, APPEARS, dtype=object)
    status[:k] = np.where(there.stays, KEPT, VANISHED)
    n, n_made = _held(ground, made, with_all, without, appears)
    share_q = _share_q(n, n_made, len(made), int(made.sum()))
    places = np.r_[np.sign(rank - np.arange(1, k + 1)), np.full(extra, -1.0)]
    beyond = (np.nan_to_num(p_thin, nan=1.0) < LEVEL) & (share_q < LEVEL)
    beyond &= explains(places, n, n_made, made.mean() if made.size else 0.0)
    status[:k][there.stays & beyond[:k]] = MOVED
    vanished = int((~there.stays).sum())
    none = np.zeros(extra, dtype=np.int64)
    return Comparison(
        with_all, without, appears, status,
        np.ma.masked_array(np.r_[np.arange(1, k + 1), none], np.arange(k + extra) >= k),
        np.ma.masked_array(np.r_[there.partner + 1, appears + 1], np.r_[~there.stays, none > 0]),
        np.ma.masked_array(np.r_[low, none], np.r_[low == 0, none == 0]),
        np.ma.masked_array(np.r_[high, none], np.r_[high == 0, none == 0]),
        np.r_[there.covered, back.covered[appears]], n, n_made, share_q, p_thin, beyond,
        float("nan") if thinned is None else float(_p(thinned.vanished >= vanished)),
        rank_correlation(there.partner), _top(there.partner), thinned,
    )  # fmt: skip


def _thin(
    ground: Ground,
    fewer: int,
    settings: Settings,
    weight: np.ndarray | None,
    with_all: Found,
    new: Places,
    draws: int,
    rng: np.random.Generator,
    progress: Progress,
) -> Thinned:
    """Remove ``fewer`` incidents at random and search again, ``draws`` times."""
    k, n = with_all.places.count, len(ground.x)
    vanished, appeared, top = (np.zeros(draws, dtype=np.int64) for _ in range(3))
    rank, present = np.full((draws, k), np.inf), np.zeros((draws, new.count), dtype=bool)
    corr = np.full(draws, np.nan)
    for draw in range(draws):
        keep = np.ones(n, dtype=bool)
        keep[rng.choice(n, fewer, replace=False, shuffle=False)] = False
        found = search(ground, settings, keep, weight, with_all.few, None,
                       part(progress, draw / draws, (draw + 1) / draws))  # fmt: skip
        there = pairing(with_all.places, found.places)
        rank[draw, there.stays] = there.partner[there.stays] + 1
        vanished[draw] = int((~there.stays).sum())
        appeared[draw] = int((~pairing(found.places, with_all.places).stays).sum())
        present[draw] = pairing(new, found.places).stays
        corr[draw], top[draw] = rank_correlation(there.partner), _top(there.partner)
    return Thinned(vanished, appeared, rank, present, corr, top)


def _p(as_far: np.ndarray) -> np.ndarray:
    """Share of random removals that go as far, the real one counted among them."""
    return (1.0 + as_far.sum(axis=0)) / (1.0 + len(as_far))


def against_removals(
    thinned: Thinned | None, rank: np.ndarray, extra: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How rare random removals make what becomes of each hot spot.

    Parameters
    ----------
    thinned : Thinned or None
    rank : (k,) array
        Rank without officers' records; infinite for those that vanish.
    extra : int
        Hot spots that appear.

    Returns
    -------
    p : (k + extra,) array
        Share of removals, the real one among them, in which it vanishes, takes a rank as far to the same
        side (doubled, for both sides), or is there; NaN without removals.
    low, high : (k,) int64 arrays
        95 % of the ranks while it stays lie between; 0 where it never does.
    """
    k = len(rank)
    low, high = np.zeros(k, dtype=np.int64), np.zeros(k, dtype=np.int64)
    if thinned is None:
        return np.full(k + extra, np.nan), low, high
    gone = np.isinf(thinned.rank)
    same = np.where(np.isinf(rank), _p(gone), np.minimum(
        2.0 * np.minimum(_p(thinned.rank <= rank), _p(thinned.rank >= rank)), 1.0))  # fmt: skip
    for spot in np.flatnonzero(~gone.all(axis=0)).tolist():
        left = np.sort(thinned.rank[~gone[:, spot], spot])
        tail = int(0.025 * left.size)
        low[spot], high[spot] = left[tail], left[left.size - 1 - tail]
    return np.r_[same, _p(thinned.present)], low, high


def _held(
    ground: Ground, made: np.ndarray, with_all: Found, without: Found, appears: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Incidents in each outline, and those of them that officers began."""
    k, extra = with_all.places.count, appears.size
    new = without.places.ordered(appears).locate(ground.x, ground.y)
    counts = []
    for which in (np.ones(len(made), dtype=bool), made):
        old = np.bincount(with_all.spot[which & (with_all.spot >= 0)], minlength=k)
        counts.append(np.r_[old, np.bincount(new[which & (new >= 0)], minlength=extra)].astype(np.int64))
    return counts[0], counts[1]


def _share_q(n: np.ndarray, n_made: np.ndarray, total: int, made: int) -> np.ndarray:
    """Twice the smaller hypergeometric tail of officers' records in each outline, corrected for all outlines."""
    if not n.size:
        return np.zeros(0)
    more, fewer = stats.hypergeom.sf(n_made - 1, total, made, n), stats.hypergeom.cdf(n_made, total, made, n)
    return significance.benjamini_hochberg(np.clip(2.0 * np.minimum(more, fewer), 0.0, 1.0))


def _top(partner: np.ndarray) -> int:
    first = partner[:TOP]
    return int(((first >= 0) & (first < TOP)).sum())
