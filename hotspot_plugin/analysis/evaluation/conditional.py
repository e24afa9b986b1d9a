"""Rate ratios with every place as its own control: Poisson counts, the level of the place conditioned away.

Given how many incidents a place had on the days of two states together, each of them fell on a day of the
first state with a probability that holds the ratio and the exposures alone. The estimate is that of a
Poisson regression with an effect for every place (Cameron and Trivedi 2013, section 9.4; it is the
self-controlled case series of Farrington 1995 with places for persons), without fitting these effects.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import special

from .. import significance

#: Up to so many incidents the exact distribution has its say too.
EXACT = 40
_FAR, _STEPS = 25.0, 42


@dataclass(frozen=True)
class Pair:
    """What two states are compared by: places with incidents in them.

    Attributes
    ----------
    first, second : (p,) arrays
        Incidents of each place on the days of the state looked at, and of the one it is compared with.
    first_exposure, second_exposure : (p,) arrays
        Days of each, weighted by what the town as a whole leads to expect on them.
    """

    first: np.ndarray
    second: np.ndarray
    first_exposure: np.ndarray
    second_exposure: np.ndarray

    @staticmethod
    def of(first: np.ndarray, second: np.ndarray, first_exposure: np.ndarray, second_exposure: np.ndarray) -> Pair:
        """Keep the places that say something: incidents, and days of both states."""
        keep = (first + second > 0) & (first_exposure > 0) & (second_exposure > 0)
        return Pair(*(np.asarray(part, float)[keep] for part in (first, second, first_exposure, second_exposure)))

    @cached_property
    def total(self) -> np.ndarray:
        """Incidents of both states by place."""
        return self.first + self.second

    @cached_property
    def offset(self) -> np.ndarray:
        """Log of the first exposure over the second."""
        return np.log(self.first_exposure / self.second_exposure)

    def share(self, beta: float) -> np.ndarray:
        """Probability that an incident of a place falls on the first state, at the log ratio ``beta``."""
        return special.expit(self.offset + beta)

    def score(self, beta: float) -> tuple[float, float, np.ndarray]:
        """Return the score, its variance (the information) and the residual of each place."""
        share = self.share(beta)
        expected = self.total * share
        residual = self.first - expected
        return float(residual.sum()), float(expected @ (1.0 - share)), residual


@dataclass(frozen=True)
class Ratio:
    """A rate ratio with its doubt.

    Attributes
    ----------
    value : float
        NaN where it cannot be estimated, 0 or inf where one state has no incident.
    n_first, n_second : int
        Incidents it rests on.
    places : int
        Places with such incidents.
    phi : float
        How many times more the counts vary than Poisson ones, with the doubt of the town's level included.
    p : float
        Two-sided.
    low, high, low_adjusted, high_adjusted : float
        95 % interval, and the one that allows for the number of looks.
    """

    value: float
    n_first: int
    n_second: int
    places: int
    phi: float
    p: float
    low: float
    high: float
    low_adjusted: float
    high_adjusted: float

    @property
    def known(self) -> bool:
        """Whether there was anything to estimate from."""
        return bool(np.isfinite(self.p))

    @property
    def expected(self) -> float:
        """Incidents that the other state leads to expect; NaN without a ratio above 0."""
        return self.n_first / self.value if self.value > 0 else float("nan")

    @property
    def smallest(self) -> tuple[float, float]:
        """Ratios below and above 1 that would have shown in 8 of 10 cases, from the width of the interval."""
        if not (self.low > 0 and np.isfinite(self.high)):
            return float("nan"), float("nan")
        step = np.log(self.high / self.low) / (2 * 1.959963984540054) * (1.959963984540054 + 0.8416212335729143)
        return float(np.exp(-step)), float(np.exp(step))


def estimate_log_ratio(pair: Pair) -> float:
    """Return the conditional maximum likelihood estimate; -inf or inf where one state has no incident."""
    if not pair.first.sum():
        return -np.inf
    if not pair.second.sum():
        return np.inf
    low, high = -_FAR, _FAR
    beta = 0.0
    for _ in range(_STEPS):  # Newton, held within the bracket that the sign of the score gives
        score, information, _ = pair.score(beta)
        low, high = (beta, high) if score > 0 else (low, beta)
        step = beta + score / information if information > 0 else np.nan
        new = step if low < step < high else (low + high) / 2
        if abs(new - beta) < 1e-12:
            break
        beta = new
    return beta


def overdispersion(pair: Pair, beta: float) -> float:
    """How many times the residuals of places vary more than the model says, not below 1 (sandwich by place)."""
    places = len(pair.first)
    if places < 2 or not np.isfinite(beta):
        return 1.0
    _, information, residual = pair.score(beta)
    if information <= 0:
        return 1.0
    return max(1.0, float((residual**2).sum()) / information * places / (places - 1))


def compare(pair: Pair, looks: int = 1, phi_least: float = 1.0, town_variance: float = 0.0) -> Ratio:
    """Estimate a ratio with its interval.

    Parameters
    ----------
    pair : Pair
    looks : int
        Number of ratios looked at: the adjusted interval holds all of them with 95 % (Bonferroni).
    phi_least : float
        Overdispersion known from elsewhere; the larger one counts.
    town_variance : float
        Variance of the log ratio that comes from the town's level being counted too.

    Returns
    -------
    Ratio
        The interval inverts the score test, which stays right with few incidents; up to 40 incidents
        it is not narrower than the exact one (Clopper and Pearson 1934, for places that differ).
    """
    n_first, n_second = int(round(pair.first.sum())), int(round(pair.second.sum()))
    if n_first + n_second == 0:
        nothing = float("nan")
        return Ratio(nothing, 0, 0, 0, 1.0, nothing, nothing, nothing, nothing, nothing)
    beta = estimate_log_ratio(pair)
    finite = beta if np.isfinite(beta) else 0.0
    phi = max(overdispersion(pair, beta), phi_least)
    phi += town_variance * pair.score(finite)[1]
    at_one = max(phi, max(overdispersion(pair, 0.0), phi_least) + town_variance * pair.score(0.0)[1])
    score, information, _ = pair.score(0.0)
    p = float(significance.two_sided_normal(np.array(score / np.sqrt(at_one * information))))
    exact = n_first + n_second <= EXACT
    if exact:
        below, above = _tails(pair, 0.0)
        p = max(p, min(1.0, 2.0 * min(below, above)))
    ends = [_limits(pair, phi, level, exact) for level in (0.05, 0.05 / max(looks, 1))]
    low, high, low_adjusted, high_adjusted = (float(np.exp(e)) for pair_ in ends for e in pair_)
    return Ratio(float(np.exp(beta)), n_first, n_second, len(pair.first), phi, p, low, high, low_adjusted,
                 high_adjusted)


def _limits(pair: Pair, phi: float, alpha: float, exact: bool) -> tuple[float, float]:
    z = float(special.ndtri(1.0 - alpha / 2.0))

    def distance(beta: float) -> float:
        score, information, _ = pair.score(beta)
        return score / np.sqrt(phi * information) if information > 1e-300 else np.sign(score) * np.inf

    low = -np.inf if not pair.first.sum() else _root(lambda b: distance(b) - z)
    high = np.inf if not pair.second.sum() else _root(lambda b: distance(b) + z)
    if exact:
        if np.isfinite(low):
            low = min(low, _root(lambda b: alpha / 2 - _tails(pair, b)[1]))
        if np.isfinite(high):
            high = max(high, _root(lambda b: _tails(pair, b)[0] - alpha / 2))
    return low, high


def _root(decreasing: object) -> float:
    """Where a function that falls with beta crosses 0."""
    low, high = -_FAR, _FAR
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if decreasing(middle) > 0 else (low, middle)  # type: ignore[operator]
    return (low + high) / 2


def _tails(pair: Pair, beta: float) -> tuple[float, float]:
    """Probability of at most, and of at least, the incidents seen in the first state."""
    mass = np.ones(1)
    for share in np.repeat(pair.share(beta), np.round(pair.total).astype(int)):
        mass = np.convolve(mass, (1.0 - share, share))
    seen = int(round(pair.first.sum()))
    return float(mass[:seen + 1].sum()), float(mass[seen:].sum())


def holm(p: np.ndarray) -> np.ndarray:
    """p-values that allow for the number of tests (Holm 1979); NaN stays NaN."""
    p = np.asarray(p, float)
    out = np.full(p.shape, np.nan)
    tested = np.flatnonzero(np.isfinite(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    raised = p[order] * np.arange(len(order), 0, -1)
    out[order] = np.minimum(1.0, np.maximum.accumulate(raised)) if len(order) else raised
    return out
