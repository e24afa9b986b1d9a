"""Whether incidents are spread over areas as they were before: Andresen's spatial point pattern test.

The test is about shares, not about numbers: if every area halves, the pattern is the same. Two
forms are known. In the first (Andresen 2009, 2016) the test incidents are resampled, and an area
is similar where the share of the base incidents lies inside the range of the resampled shares. In
the second (Wheeler, Steenbeek and Andresen 2018) the two shares of an area are compared by a test
of proportions and the p-values are adjusted for the number of areas.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special, stats

from ..progress import Progress, silent
from ..significance import benjamini_yekutieli, permutation_p

#: how an area is judged
CAMPBELL, N_MINUS_1, PLAIN, YATES, FISHER, RESAMPLING = range(6)
#: of the resampling form: samples, and the part of the test incidents in each
SAMPLES, PART = 200, 0.85
LEVEL = 0.05
GAINED, SAME, LOST = 1, 0, -1
#: table entries held at once
_AT_ONCE = 2_000_000


@dataclass(frozen=True)
class Indices:
    """The S indices: how alike two patterns are, from 0 to 1.

    Attributes
    ----------
    whole : float
        Share of all areas that are similar (global S).
    robust : float
        The same among areas with an incident in either period; NaN without any.
    general : float
        Similar areas with incidents, over the number that could be at all: the least of both totals and of the
        areas with incidents (generalised S; Andresen and Malleson 2011 call for it where incidents are few).
    """

    whole: float
    robust: float
    general: float


@dataclass(frozen=True)
class Change:
    """Two patterns compared, area by area.

    Attributes
    ----------
    base, test : (n,) int arrays
    share_base, share_test, difference : (n,) arrays
        Shares of each period, and the later less the earlier.
    low, high : (n,) arrays
        95 % interval of the difference (Newcombe 1998, method 10).
    p, q : (n,) arrays
        Two-sided p-value and its value after Benjamini and Yekutieli; NaN where an area has no incident, and
        everywhere in the resampling form, which knows none.
    code : (n,) int8 array
        GAINED, SAME or LOST share, beyond chance.
    indices : Indices
    """

    base: np.ndarray
    test: np.ndarray
    share_base: np.ndarray
    share_test: np.ndarray
    difference: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray
    q: np.ndarray
    code: np.ndarray
    indices: Indices

    @property
    def empty(self) -> np.ndarray:
        """(n,) array of bool: areas without any incident."""
        return (self.base + self.test) == 0


@dataclass(frozen=True)
class Chance:
    """What the indices would be had nothing but chance parted the incidents between the periods.

    Attributes
    ----------
    draws : int
    p : float
        Of no change of the pattern as a whole: draws with a chi-square as large as the observed one.
    mean, low, high : float
        Mean and the middle 95 % of the robust S over the draws.
    """

    draws: int
    p: float
    mean: float
    low: float
    high: float


def compare(base: np.ndarray, test: np.ndarray, method: int = CAMPBELL) -> Change:
    """Compare two patterns area by area.

    Parameters
    ----------
    base, test : (n,) int arrays
        Incidents of each area in the earlier and the later period; both sums are above 0.
    method : int
        One of the constants of this module. CAMPBELL takes chi-square x (N - 1) / N, and Fisher's exact test where
        an expected number is below 1 (Campbell 2007); N_MINUS_1, PLAIN and YATES are the chi-square tests of
        ``sppt_diff`` in R; FISHER is exact everywhere; RESAMPLING is Andresen's first form.

    Raises
    ------
    ValueError
        If a period has no incident.
    """
    base, test = np.asarray(base, np.int64), np.asarray(test, np.int64)
    if not base.sum() or not test.sum():
        raise ValueError("both periods need an incident")
    p = q = np.full(base.shape, np.nan)
    if method == RESAMPLING:
        code = resampling_code(base, test)
    else:
        p = proportions_p(base, test, method)
        q = benjamini_yekutieli(p)
        direction = np.sign(test / test.sum() - base / base.sum())
        code = np.where(q < LEVEL, direction, 0).astype(np.int8)
    share_base, share_test = base / base.sum(), test / test.sum()
    low, high = difference_interval(base, test)
    return Change(base, test, share_base, share_test, share_test - share_base, low, high, p, q, code,
                  indices(base, test, code))


def indices(base: np.ndarray, test: np.ndarray, code: np.ndarray) -> Indices:
    """Return the S indices of areas of which ``code`` says whether they differ."""
    similar, there = code == 0, (base + test) > 0
    with_incidents = int(there.sum())
    most = min(int(base.sum()), int(test.sum()), with_incidents)
    return Indices(float(similar.mean()), float(similar[there].mean()) if with_incidents else np.nan,
                   min(float((similar & there).sum()) / most, 1.0) if most else np.nan)


def resampling_code(base: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Judge areas by resampling the later incidents, without drawing.

    Of 200 samples of 85 % of the test incidents, without replacement, the five lowest and highest shares of an area
    are dropped; an area differs where the base share is outside of the rest. The number of an area in a sample is
    hypergeometric, so the sixth lowest and sixth highest of 200 are taken from its quantiles: the same data always
    give the same answer.

    Returns
    -------
    (n,) int8 array
        GAINED where the base share lies below the range of the test shares, LOST where above.
    """
    return _samples(int(test.sum()), int(test.max())).code(base, test)


@lru_cache(maxsize=8)
def _samples(total: int, most: int) -> _Samples:
    """Return the ranges for a total; kept, because many draws have the same."""
    return _Samples(total, most)


class _Samples:
    """Range of the shares in samples of the test incidents, for each number that an area can have."""

    def __init__(self, total: int, most: int) -> None:
        self.total, self.size = total, max(int(np.floor(PART * total + 0.5)), 1)
        self.ends = np.full((2, most + 1), np.nan)

    def code(self, base: np.ndarray, test: np.ndarray) -> np.ndarray:
        counts = np.unique(test)
        counts = counts[np.isnan(self.ends[0, counts])]
        dropped = int(np.floor(SAMPLES * LEVEL / 2))
        for end, rank in zip(self.ends, (dropped + 1, SAMPLES - dropped)):
            end[counts] = stats.hypergeom.ppf((rank - 0.5) / SAMPLES, self.total, counts, self.size) / self.size
        share = base / base.sum()
        low, high = self.ends[:, test]
        return np.where(share < low - 1e-12, GAINED, np.where(share > high + 1e-12, LOST, SAME)).astype(np.int8)


def proportions_p(base: np.ndarray, test: np.ndarray, method: int) -> np.ndarray:
    """Two-sided p-value that an area has the same share of both periods.

    Parameters
    ----------
    base, test : (n,) int arrays
    method : int
        Any but RESAMPLING; see :func:`compare`.

    Returns
    -------
    (n,) array
        NaN for areas without an incident, and where one area has them all.
    """
    b, t = np.asarray(base, float), np.asarray(test, float)
    big_b, big_t = b.sum(), t.sum()
    n = big_b + big_t
    margin = (b + t) * (n - b - t) * big_b * big_t
    off = np.abs(b * (big_t - t) - t * (big_b - b))
    if method == YATES:
        off = np.maximum(off - n / 2.0, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        score = n * off**2 / margin
    if method in (CAMPBELL, N_MINUS_1):
        score *= (n - 1.0) / n
    p = np.where(margin > 0, special.erfc(np.sqrt(np.maximum(np.nan_to_num(score), 0.0) / 2.0)), np.nan)
    if method in (CAMPBELL, FISHER):
        small = margin > 0
        if method == CAMPBELL:
            inside, outside = b + t, n - b - t
            small &= np.minimum(inside, outside) * min(big_b, big_t) / n < 1.0
        p[small] = fisher_p(np.asarray(base)[small], np.asarray(test)[small], int(big_b), int(big_t))
    return p


def fisher_p(base: np.ndarray, test: np.ndarray, all_base: int, all_test: int) -> np.ndarray:
    """Fisher's exact test, two-sided: all tables no likelier than the observed one.

    Parameters
    ----------
    base, test : (n,) int arrays
    all_base, all_test : int
        Totals of both periods.
    """
    pairs, where = np.unique(np.stack([base, test], axis=1), axis=0, return_inverse=True)
    out = np.empty(len(pairs))
    total = all_base + all_test
    inside = pairs.sum(axis=1)
    first, last = np.maximum(0, inside - all_test), np.minimum(inside, all_base)
    length = last - first + 1
    start = 0
    while start < len(pairs):
        stop = max(start + 1, int(np.searchsorted(np.cumsum(length), np.cumsum(length)[start] + _AT_ONCE)))
        rows = np.arange(start, min(stop, len(pairs)))
        owner = np.repeat(rows, length[rows])
        offset = np.arange(len(owner)) - np.repeat(np.cumsum(length[rows]) - length[rows], length[rows])
        held = first[owner] + offset
        chance = stats.hypergeom.logpmf(held, total, inside[owner], all_base)
        seen = stats.hypergeom.logpmf(pairs[rows, 0], total, inside[rows], all_base)
        # as likely within rounding counts as no likelier, as in R's fisher.test
        kept = np.where(chance <= seen[owner - start] + 1e-7, np.exp(chance), 0.0)
        out[rows] = np.bincount(owner - start, kept, minlength=len(rows))
        start = int(rows[-1]) + 1
    return np.minimum(out, 1.0)[where.reshape(-1)]


def difference_interval(base: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """95 % interval of the later less the earlier share, from Wilson's intervals (Newcombe 1998, method 10)."""
    from ..significance import wilson_interval

    shares, ends = [], []
    for counts in (base, test):
        whole = np.full(counts.shape, counts.sum())
        shares.append(counts / counts.sum())
        ends.append(wilson_interval(counts, whole))
    (early, late), ((l1, u1), (l2, u2)) = shares, ends
    centre = late - early
    return centre - np.hypot(late - l2, u1 - early), centre + np.hypot(u2 - late, early - l1)


def by_chance(
    base: np.ndarray, test: np.ndarray, method: int, rng: np.random.Generator, draws: int = 999,
    progress: Progress = silent,
) -> Chance:
    """Part the incidents of every area between the periods at random, as often as asked.

    Parameters
    ----------
    base, test : (n,) int arrays
    method : int
    rng : numpy.random.Generator
    draws : int
    progress : callable

    Returns
    -------
    Chance
        The p-value counts the observed table as one of the draws.
    """
    together = base + test
    there = together > 0
    together, seen = together[there], np.asarray(test, np.int64)[there]
    total, later = int(together.sum()), int(seen.sum())
    expected = together * (later / total)
    observed = float(((seen - expected) ** 2 / expected).sum())
    as_large, robust, samples = 0, np.empty(draws), _samples(later, int(together.max()))
    for draw in range(draws):
        progress(draw / draws)
        drawn = rng.multivariate_hypergeometric(together, later, method="marginals")
        as_large += float(((drawn - expected) ** 2 / expected).sum()) >= observed * (1 - 1e-12)
        other = together - drawn
        if method == RESAMPLING:
            code = samples.code(other, drawn)
        else:
            code = benjamini_yekutieli(proportions_p(other, drawn, method)) < LEVEL
        robust[draw] = float((code == 0).mean())
    low, high = np.quantile(robust, [0.025, 0.975], method="inverted_cdf")
    return Chance(draws, float(permutation_p(as_large, draws)), float(robust.mean()), float(low), float(high))
