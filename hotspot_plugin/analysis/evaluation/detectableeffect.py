"""How small a change could be seen at all: power of a weighted displacement difference, and of surveys.

Before a measure is tried these numbers tell whether counting can answer at all. A difference x is
seen with power 1 - β where

    x = (z_α + z_β) · √(variance if the change is x),

the variance being that of :func:`~hotspot_plugin.analysis.evaluation.weighteddisplacement.wdd`, so that the
tool that plans and the tool that judges agree.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import special


@dataclass(frozen=True)
class Design:
    """What will be compared.

    Attributes
    ----------
    counts : (4,) array
        Counts of the time before by role, in the order of ``design.ROLES``.
    times : float
        Length of the later period over that of the earlier one.
    sizes : (4,) array
        Area weights: counts are divided by them.
    phi : float
        Overdispersion.
    alpha : float
        Level of the test.
    power : float
    two_sided : bool
    moved : float
        Share of the change that shows up in the displacement areas with the opposite sign, 0 to 1.
    """

    counts: np.ndarray
    times: float = 1.0
    sizes: np.ndarray | None = None
    phi: float = 1.0
    alpha: float = 0.05
    power: float = 0.8
    two_sided: bool = True
    moved: float = 0.0

    @property
    def z_alpha(self) -> float:
        """Critical value of the test."""
        return float(special.ndtri(1.0 - self.alpha / (2.0 if self.two_sided else 1.0)))

    @property
    def z_sum(self) -> float:
        """Critical value and the value of the power together."""
        return self.z_alpha + float(special.ndtri(self.power))

    @property
    def base(self) -> float:
        """Incidents to be expected in the treated areas in the later period with nothing done."""
        return float(self.counts[0] * self.times)

    def variance(self, change: np.ndarray | float, displacement: bool) -> np.ndarray | float:
        """Return the variance of the difference where the treated areas fall by ``change`` incidents."""
        roles = slice(0, 4 if displacement else 2)
        sizes = np.ones(4) if self.sizes is None else np.asarray(self.sizes, float)
        k = self.times
        expected = self.counts[roles] * (k**2 + k) / sizes[roles] ** 2
        here = -1.0 / sizes[0] ** 2 + (self.moved / sizes[2] ** 2 if displacement else 0.0)
        return self.phi * (expected.sum() + here * np.asarray(change, float))

    def seen(self, displacement: bool) -> float:
        """Return the share of the change in the treated areas that the difference shows."""
        return 1.0 - self.moved if displacement else 1.0

    def power_of(self, change: np.ndarray | float, displacement: bool) -> np.ndarray:
        """Return the probability that a fall by ``change`` incidents (negative: a rise) is found.

        Parameters
        ----------
        change : (n,) array
            At most :attr:`base`.
        displacement : bool
            Judge the whole difference, not only the treated against the comparison areas.

        Returns
        -------
        (n,) array
        """
        change = np.asarray(change, float)
        ratio = np.abs(change) * self.seen(displacement) / np.sqrt(self.variance(change, displacement))
        return special.ndtr(ratio - self.z_alpha)

    def scaled(self, factor: float) -> Design:
        """Return the design with so many times the incidents: more areas, or longer periods on both sides."""
        return replace(self, counts=self.counts * factor)


def smallest_fall(plan: Design, displacement: bool = False) -> float:
    """Return the smallest fall (in incidents of the later period) that is found with the power asked for.

    Parameters
    ----------
    plan : Design
    displacement : bool

    Returns
    -------
    float
        Solves x = z √(2T - x + 2C) for equal periods and no weights. NaN where not even a fall to nothing is found.
    """
    found = _root(plan, displacement, -1.0)
    return found if found <= plan.base else float("nan")


def smallest_rise(plan: Design, displacement: bool = False) -> float:
    """Return the smallest rise that is found; larger than the smallest fall, for more incidents vary more."""
    return _root(plan, displacement, 1.0)


def _root(plan: Design, displacement: bool, sign: float) -> float:
    """Positive root of (s x)² = z² (v0 + sign · v1 · x)."""
    square, seen = plan.z_sum**2, plan.seen(displacement)
    if seen <= 0:
        return float("nan")
    start = float(plan.variance(0.0, displacement))
    slope = float(plan.variance(sign * -1.0, displacement)) - start
    half = square * slope / (2.0 * seen**2)
    return float(half + np.sqrt(half**2 + square * start / seen**2))


def times_needed(plan: Design, share: float, displacement: bool = False) -> float:
    """Return how many times the incidents are needed to find a fall by a share.

    Parameters
    ----------
    plan : Design
    share : float
        0 to 1, of what would have happened in the treated areas.
    displacement : bool

    Returns
    -------
    float
        2 means twice as long on both sides, or twice as many areas of the kind. Infinite where all of it moves.
    """
    change = share * plan.base
    shown = change * plan.seen(displacement)
    if shown <= 0:
        return float("inf")
    return float(plan.z_sum**2 * plan.variance(change, displacement) / shown**2)


def later_needed(plan: Design, share: float, displacement: bool = False) -> float:
    """Return how long the later period must be where the earlier one stays as it is.

    Parameters
    ----------
    plan, share, displacement
        As in :func:`times_needed`.

    Returns
    -------
    float
        Length of the later period over that of the earlier one; infinite where the time before is too
        short to tell however long one waits.
    """
    def lacking(times: float) -> float:
        longer = replace(plan, times=times)
        change = share * longer.base
        return (change * plan.seen(displacement)) ** 2 - plan.z_sum**2 * float(longer.variance(change, displacement))

    low, high = 1e-6, 1e6
    if lacking(high) < 0:
        return float("inf")
    for _ in range(80):
        middle = np.sqrt(low * high)
        low, high = (low, middle) if lacking(middle) >= 0 else (middle, high)
    return float(high)


# --- surveys -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Survey:
    """A question asked before and after, answered yes or no.

    Attributes
    ----------
    before : float
        Share of yes before, 0 to 1.
    alpha, power : float
    two_sided : bool
    cluster : float
        Answers from each cluster (block, building, meeting); 1 without clusters.
    likeness : float
        Intra-cluster correlation of answers, 0 to 1.
    weighting : float
        Design effect of weights (Kish 1965), 1 without.
    response : float
        Share of those asked who answer, 0 to 1.
    panel : float
        Correlation of the two answers of the same person; 0 for new people in each wave.
    comparison : bool
        The same survey in comparison areas: the difference of two differences is judged.
    """

    before: float
    alpha: float = 0.05
    power: float = 0.8
    two_sided: bool = True
    cluster: float = 1.0
    likeness: float = 0.0
    weighting: float = 1.0
    response: float = 1.0
    panel: float = 0.0
    comparison: bool = False

    @property
    def design_effect(self) -> float:
        """How many times more answers are needed than from a simple sample."""
        return self.weighting * (1.0 + (self.cluster - 1.0) * self.likeness)

    def answers(self, after: float) -> float:
        """Return the answers needed in each wave (and each area, with comparison areas) to find a share.

        Two independent proportions with the pooled variance under the null (Fleiss, Levin and Paik 2003), times
        the design effect. For a panel the covariance of the two answers is taken off.

        Parameters
        ----------
        after : float
            Share of yes after, 0 to 1.

        Returns
        -------
        float
            Not rounded; infinite for no change.
        """
        first, second = self.before, after
        if first == second:
            return float("inf")
        middle = (first + second) / 2.0
        kept = 1.0 - self.panel
        none = 2.0 * middle * (1.0 - middle) * kept
        change = (first * (1.0 - first) + second * (1.0 - second)
                  - 2.0 * self.panel * np.sqrt(first * (1.0 - first) * second * (1.0 - second)))
        z_alpha = special.ndtri(1.0 - self.alpha / (2.0 if self.two_sided else 1.0))
        z_beta = special.ndtri(self.power)
        if self.comparison:  # the comparison areas stay at the share before, and add their own noise
            still = 2.0 * first * (1.0 - first) * kept
            none, change = none + still, change + still
        number = (z_alpha * np.sqrt(none) + z_beta * np.sqrt(change)) ** 2 / (first - second) ** 2
        return float(number * self.design_effect)

    def asked(self, after: float) -> float:
        """Return how many people to ask in each wave: answers over the share who answer."""
        return self.answers(after) / self.response

    def smallest_change(self, answers: float, rise: bool) -> float:
        """Return the smallest change of the share that so many answers in each wave would show.

        Parameters
        ----------
        answers : float
            In each wave (and each area, with comparison areas).
        rise : bool
            Otherwise a fall.

        Returns
        -------
        float
            Points as a share, 0 to 1; NaN where not even all or nobody would be enough.
        """
        end = 1.0 - self.before if rise else self.before
        sign = 1.0 if rise else -1.0
        low, high = 0.0, end
        if self.answers(self.before + sign * end * (1.0 - 1e-9)) > answers:
            return float("nan")
        for _ in range(60):
            middle = (low + high) / 2.0
            low, high = (low, middle) if self.answers(self.before + sign * middle) <= answers else (middle, high)
        return high
