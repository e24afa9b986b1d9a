"""How unevenly incidents are spread over places, beside what chance alone would make of it.

Chance alone makes an uneven spread too: of 40 crimes on 1,000 street segments the busiest 4 %
of the segments hold 100 %, for the other 96 % cannot have any. So each figure of this module has
its counterpart under chance, where all places are alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

#: standard deviations beyond which a binomial number is taken as certain
_CERTAIN = 9.0
#: places up to which their number is taken as binomial
_FEW = 30.0
#: probability under which no place of all is expected to hold so much
_NEVER = 1e-9


def gini(counts: np.ndarray) -> float:
    """Gini coefficient of counts, places without any included.

    ``sum((2 i - n - 1) x_(i)) / (n sum(x))`` over the counts in ascending order; NaN without
    any incident.
    """
    values = np.sort(np.asarray(counts, dtype=float))
    n, total = values.size, values.sum()
    if n == 0 or total <= 0:
        return float("nan")
    return float(((2.0 * np.arange(1, n + 1) - n - 1.0) * values).sum() / (n * total))


def generalised_gini(counts: np.ndarray, unbiased: bool = False) -> float:
    """Gini coefficient that allows for fewer incidents than places.

    ``G' = max(1, n / c) (G - 1) + 1`` with n places and c incidents (Bernasco and Steenbeek
    2017): 0 where the incidents lie as evenly as so few can.

    Parameters
    ----------
    counts : (n,) array
        Incidents at each place, with those that have none.
    unbiased : bool
        Multiply by ``min(n, c) / (min(n, c) - 1)``, so that 1 can be reached.

    Returns
    -------
    float
        NaN without any incident, or where the correction is undefined.
    """
    values = np.asarray(counts, dtype=float)
    n, total = values.size, float(values.sum())
    if n == 0 or total <= 0:
        return float("nan")
    value = max(1.0, n / total) * (gini(values) - 1.0) + 1.0
    if unbiased:
        fewer = min(float(n), total)
        return value * fewer / (fewer - 1.0) if fewer > 1.0 else float("nan")
    return value


def held_by(counts: np.ndarray, top: int) -> float:
    """Share of all incidents that the ``top`` busiest places hold; NaN without any incident."""
    values = np.sort(np.asarray(counts, dtype=float))[::-1]
    total = values.sum()
    return float(values[: max(int(top), 0)].sum() / total) if total > 0 else float("nan")


def places_for(counts: np.ndarray, share: float) -> int:
    """Fewest places that hold at least ``share`` (0 to 1) of all incidents."""
    running = np.cumsum(np.sort(np.asarray(counts, dtype=float))[::-1])
    if running.size == 0 or running[-1] <= 0:
        return 0
    return int(np.searchsorted(running, share * running[-1] * (1.0 - 1e-12))) + 1


@dataclass(frozen=True)
class Chance:
    """Incidents at places that are all alike: independent Poisson numbers of one mean.

    Attributes
    ----------
    places : int
    rate : float
        Mean of the Poisson distribution.
    only_known : bool
        Places without any incident are not known, so only numbers from 1 occur: the
        distribution is the zero-truncated one.
    """

    places: int
    rate: float
    only_known: bool

    @staticmethod
    def of(incidents: int, places: int, only_known: bool) -> Chance:
        """Return the distribution under which ``places`` hold ``incidents`` on average.

        With only the places known that have an incident, the rate that best explains them
        solves ``rate / (1 - exp(-rate)) = incidents / places``.
        """
        mean = incidents / max(places, 1)
        if not only_known:
            return Chance(places, mean, False)
        if mean <= 1.0 + 1e-12:
            return Chance(places, 0.0, True)
        rate = mean + float(special.lambertw(-mean * np.exp(-mean)).real)
        return Chance(places, max(rate, 0.0), True)

    @property
    def mean(self) -> float:
        """Incidents that one of the places holds on average."""
        if not self.only_known:
            return self.rate
        return 1.0 if self.rate == 0.0 else self.rate / -np.expm1(-self.rate)

    def tail(self, n: np.ndarray) -> np.ndarray:
        """Probability that a given place holds ``n`` incidents or more (one-sided, upper tail)."""
        n = np.asarray(n, dtype=float)
        if not self.only_known:
            return np.where(n <= 0, 1.0, special.pdtrc(np.maximum(n, 1.0) - 1.0, self.rate))
        if self.rate == 0.0:
            return np.where(n <= 1, 1.0, 0.0)
        upper = special.pdtrc(np.maximum(n, 1.0) - 1.0, self.rate) / -np.expm1(-self.rate)
        return np.where(n <= 1, 1.0, np.minimum(upper, 1.0))

    def levels(self) -> np.ndarray:
        """P(X >= 1), P(X >= 2), ... as long as any of all places can be expected to reach it."""
        most = int(self.mean + 12.0 * np.sqrt(self.mean + 1.0) + 40.0)
        tails = self.tail(np.arange(1, most + 1))
        return tails[tails * max(self.places, 1) > _NEVER]

    def by_rank(self, ranks: int) -> np.ndarray:
        """Incidents that the busiest, the second, ... place is expected to hold; (ranks,) array.

        The expected order statistics: ``E X_(r) = sum over x >= 1 of P(B_x >= r)`` with B_x the
        number of places that reach x. Where that is small it is binomial; else normal, with
        the variance that is left once the number of all incidents is given, without which few
        incidents on many places would seem to be less crowded than they are.
        """
        expected = np.zeros(max(ranks, 0))
        for x, p in enumerate(self.levels(), start=1):
            middle = self.places * p
            spread = np.sqrt(max(self._variance(x, p), 0.0)) if middle > _FEW else np.sqrt(middle)
            sure = int(np.clip(np.floor(middle - _CERTAIN * spread - 2.0), 0, ranks))
            last = int(np.clip(np.ceil(middle + _CERTAIN * spread + 2.0), 0, min(ranks, self.places)))
            expected[:sure] += 1.0
            if last > sure and middle > _FEW:
                expected[sure:last] += special.ndtr((middle - np.arange(sure, last) - 0.5) / max(spread, 1e-3))
            elif last > sure:
                expected[sure:last] += special.bdtrc(np.arange(sure, last), self.places, p)
        return expected

    def _variance(self, x: int, p: float) -> float:
        """Variance of the number of places that reach x, given the number of all incidents."""
        scale = -np.expm1(-self.rate) if self.only_known else 1.0
        if self.rate <= 0.0:
            return 0.0
        together = self.rate * (special.pdtrc(x - 2.0, self.rate) if x > 1 else 1.0) / scale - self.mean * p
        return self.places * (p * (1.0 - p) - together**2 / (self.mean * (1.0 + self.rate - self.mean)))

    def held_by(self, top: int) -> float:
        """Share of all incidents that the ``top`` busiest places are expected to hold."""
        total = self.places * self.mean
        if total <= 0 or top <= 0:
            return float("nan") if total <= 0 else 0.0
        if top >= self.places:
            return 1.0
        return float(min(self.by_rank(int(top)).sum() / total, 1.0))

    def curve(self) -> tuple[np.ndarray, np.ndarray]:
        """Corners of the cumulative curve: number of the busiest places, and the incidents they hold."""
        tails = self.levels()
        # rounding in the far tail must not leave a negative number of places
        exactly = np.maximum(tails - np.append(tails[1:], 0.0), 0.0)[::-1]
        number = np.arange(1, len(tails) + 1)[::-1]
        places = np.concatenate([[0.0], np.cumsum(self.places * exactly)])
        held = np.concatenate([[0.0], np.cumsum(self.places * exactly * number)])
        return np.append(places, float(self.places)), np.append(held, held[-1])

    def places_for(self, share: float) -> float:
        """Number of the busiest places that are expected to hold ``share`` of the incidents."""
        places, held = self.curve()
        rising = np.append(True, np.diff(held) > 0)
        return float(np.interp(share * held[-1], held[rising], places[rising])) if held[-1] > 0 else float("nan")

    def reaching(self, n: int) -> float:
        """Number of places that are expected to hold ``n`` incidents or more."""
        return float(self.places * self.tail(np.array([n]))[0])

    def generalised_gini(self) -> float:
        """The generalised Gini coefficient to expect; see :func:`generalised_gini`."""
        places, held = self.curve()
        if held[-1] <= 0:
            return float("nan")
        # the area under the curve of the busiest first lies above the diagonal
        area = float(np.sum(np.diff(places) * (held[1:] + held[:-1])) / 2.0 / (places[-1] * held[-1]))
        return max(1.0, self.places / held[-1]) * (2.0 * area - 2.0) + 1.0
