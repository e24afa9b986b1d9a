"""Who is heard: voices of a place beside its residents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..cpted.maintenance import LEVEL, beside_elsewhere
from ..data.countincidents import many_visit
from ..significance import benjamini_hochberg, poisson_interval

#: Expected voices below which even silence could be chance, with the false discovery rate among a few places.
LEAST_EXPECTED = 5.0
#: How many times fewer (or more) voices for its residents a place has, at least, to be called under-heard.
TIMES = 1.5
#: Classes of a place.
NOT_COMPARED, TOO_LITTLE, UNDER_HEARD, AS_ELSEWHERE, HEARD_MORE = range(5)


@dataclass(frozen=True)
class Heard:
    """Voices beside residents; NaN where residents are unknown or too few.

    Attributes
    ----------
    per_1000, per_low, per_high : (k,) arrays
        Voices per 1,000 residents with the exact interval of a Poisson count (Garwood 1936).
    expected : (k,) array
        Voices that the place would have at the rate of everywhere.
    ratio, low, high : (k,) arrays
        Rate here over the rate elsewhere, with its exact 95 % interval.
    q : (k,) array
        Exact two-sided p-value after allowing for the number of places.
    code : (k,) array of int
        :data:`NOT_COMPARED`, :data:`TOO_LITTLE`, :data:`UNDER_HEARD`, :data:`AS_ELSEWHERE` or :data:`HEARD_MORE`.
    visited : (k,) array of bool
        Places with so many voices for their residents that visitors must have made them; they are no measure for
        the others.
    spread : float
        How many times more the rates of the others vary than chance makes them (Pearson's chi-square over its
        degrees of freedom); NaN for fewer than two.
    """

    per_1000: np.ndarray
    per_low: np.ndarray
    per_high: np.ndarray
    expected: np.ndarray
    ratio: np.ndarray
    low: np.ndarray
    high: np.ndarray
    q: np.ndarray
    code: np.ndarray
    visited: np.ndarray
    spread: float


def heard(voices: np.ndarray, residents: np.ndarray, least_residents: float = 100.0, times: float = TIMES) -> Heard:
    """Set the voices of each place beside its residents.

    A place is under-heard where it has clearly fewer voices than its residents would have at the rate of
    everywhere else: exact binomial test, false discovery rate 5 %, and at least ``times`` fewer, because
    voices come in groups and a slight difference proves nothing. Places with more than 5 times the median
    rate are downtowns and the like, where visitors speak: everywhere else is without them.

    Parameters
    ----------
    voices : (k,) array of int
    residents : (k,) array
        NaN where not known.
    least_residents : float
        Places with fewer are not compared and get no rate.
    times : float
    """
    n, people = np.asarray(voices, float), np.asarray(residents, float)
    fine = np.nan_to_num(people) >= max(least_residents, 1e-9)
    with np.errstate(invalid="ignore", divide="ignore"):
        visited = many_visit(np.where(fine, n / people, np.nan))
    own, there = np.where(fine, n, 0.0), np.where(fine, people, 0.0)
    total, everyone = own[~visited].sum(), there[~visited].sum()
    found = beside_elsewhere(own, there, total + np.where(visited, own, 0.0), everyone + np.where(visited, there, 0.0))
    expected = total * there / max(everyone, 1e-300)
    tested = fine & (expected >= LEAST_EXPECTED) & np.isfinite(found.ratio)
    low, high = poisson_interval(n)
    with np.errstate(invalid="ignore", divide="ignore"):
        rate, rate_low, rate_high = (np.where(fine, 1000.0 * v / people, np.nan) for v in (n, low, high))
    # only places of which something could be found are tests
    q = benjamini_hochberg(np.where(tested, found.p, np.nan))
    apart = np.nan_to_num(q, nan=1.0) <= LEVEL
    with np.errstate(invalid="ignore"):
        code = np.where(apart & (found.ratio * times <= 1.0), UNDER_HEARD,
                        np.where(apart & (found.ratio >= times), HEARD_MORE, AS_ELSEWHERE))
    code = np.where(fine, np.where(tested, code, TOO_LITTLE), NOT_COMPARED)
    ratio, ratio_low, ratio_high = (np.where(fine, v, np.nan) for v in (found.ratio, found.low, found.high))
    usual = fine & ~visited & (expected > 0)
    freedom = int(usual.sum()) - 1
    spread = float((((n - expected)[usual]) ** 2 / expected[usual]).sum() / freedom) if freedom > 0 else float("nan")
    return Heard(rate, rate_low, rate_high, np.where(fine, expected, np.nan), ratio, ratio_low, ratio_high, q, code,
                 visited, spread)
