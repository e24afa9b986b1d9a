"""What chance alone would put into a cell and its neighbourhood, for few incidents too.

The null hypothesis is that each incident fell anywhere in the study area, every square
metre alike and independent of all others. The number in a cell is then binomial, and so is
that in its neighbourhood. Both are tested for every cell, and the Benjamini-Hochberg
procedure over all of these tests together keeps the chance of any false hot spot, when
there is none, at the level asked for. No normal curve is involved, so that three incidents
in a village are judged as rightly as three hundred in a city.

With weights (harm, for instance) the sum over a neighbourhood is compound Poisson: a
Poisson number of incidents, each with the weight of a random one. Its exact distribution
is computed by Fourier transform.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse, special

from .. import significance

#: a cell or neighbourhood with fewer incidents is never significant
LEAST_INCIDENTS = 3
#: steps in which sums of weights are counted
LATTICE = 1 << 15
#: expectations are raised to the next step of this ratio: a little on the safe side
EXPECTATION_STEP = 1.05


@dataclass(frozen=True)
class Chance:
    """Result of :func:`against_chance`; one entry a cell.

    Attributes
    ----------
    expected : (m,) array
        Incidents (or weight) that chance puts into the cell.
    p : (m,) array
        Upper tail of the cell or of its neighbourhood, whichever is smaller.
    q : (m,) array
        The same after correction for all tests of all cells (Benjamini-Hochberg).
    critical_cell, critical_near : (m,) arrays
        Least number (or weight) that makes the cell, or its neighbourhood, significant;
        infinite where nothing is.
    """

    expected: np.ndarray
    p: np.ndarray
    q: np.ndarray
    critical_cell: np.ndarray
    critical_near: np.ndarray


def against_chance(
    counts: np.ndarray,
    share: np.ndarray,
    near: sparse.csr_matrix,
    level: float,
    *,
    sums: np.ndarray | None = None,
    incident_weights: np.ndarray | None = None,
) -> Chance:
    """Test every cell and every neighbourhood against an even spread.

    Parameters
    ----------
    counts : (m,) array
        Incidents in each cell.
    share : (m,) array
        Each cell's part of the study area; sums to 1.
    near : (m, m) csr_matrix
        Binary neighbourhoods with the cell itself.
    level : float
        False discovery rate, e.g. 0.05.
    sums, incident_weights : arrays, optional
        Sum of weights in each cell (m,), and the weight of every incident (n,).

    Returns
    -------
    Chance
    """
    counts = np.asarray(counts, dtype=float)
    total = int(round(counts.sum()))
    near_counts = near @ counts
    near_share = np.minimum(near @ share, 1.0)
    if sums is None:
        law: _Numbers | _Sums = _Numbers(total)
        values, near_values = counts, near_counts
        scale = float(total)
    else:
        values, near_values = np.asarray(sums, dtype=float), near @ np.asarray(sums, dtype=float)
        law = _Sums(np.asarray(incident_weights, dtype=float), float(near_values.max(initial=0.0)))
        scale = float(values.sum())
    p_cell = np.ones(counts.size)
    p_near = np.ones(counts.size)
    some, many = counts >= LEAST_INCIDENTS, near_counts >= LEAST_INCIDENTS
    p_cell[some] = law.tail(values[some], share[some])
    p_near[many] = law.tail(near_values[many], near_share[many])
    both = np.concatenate([p_cell, p_near])
    q = significance.benjamini_hochberg(both)
    limit = significance.critical_p(both, level)
    m = counts.size
    return Chance(
        expected=scale * share,
        p=np.minimum(p_cell, p_near),
        q=np.minimum(q[:m], q[m:]),
        critical_cell=law.critical(share, limit),
        critical_near=law.critical(near_share, limit),
    )


class _Numbers:
    """Binomial numbers of incidents."""

    def __init__(self, total: int) -> None:
        self.total = total

    def tail(self, values: np.ndarray, share: np.ndarray) -> np.ndarray:
        """P(X >= value) for values of at least 1."""
        return special.bdtrc(values - 1.0, self.total, share)

    def critical(self, share: np.ndarray, limit: float) -> np.ndarray:
        """Least number with a tail of at most ``limit``."""
        if limit <= 0.0:
            return np.full(share.size, np.inf)
        kinds, which = np.unique(share, return_inverse=True)
        low, high = np.zeros(kinds.size), np.full(kinds.size, float(self.total + 1))
        # the tail falls with the number: halve the range until one number is left
        while np.any(high - low > 1.0):
            middle = np.floor((low + high) / 2.0)
            rare = special.bdtrc(middle - 1.0, self.total, kinds) <= limit
            high, low = np.where(rare, middle, high), np.where(rare, low, middle)
        return np.maximum(high, LEAST_INCIDENTS)[which]


class _Sums:
    """Compound Poisson sums of weights, on a lattice of equal steps."""

    def __init__(self, weights: np.ndarray, largest: float) -> None:
        self.total = weights.size
        self.step = max(largest, float(weights.max())) / (LATTICE - 2)
        at = weights / self.step
        below = np.floor(at).astype(np.int64)
        part = at - below
        # a weight between two steps counts to both, so that its mean is right
        mass = np.bincount(below, 1.0 - part, 4 * LATTICE) + np.bincount(below + 1, part, 4 * LATTICE)
        self.transform = np.fft.rfft(mass / self.total)
        self.tails: dict[int, np.ndarray] = {}

    def tail(self, values: np.ndarray, share: np.ndarray) -> np.ndarray:
        """P(X >= value)."""
        result = np.ones(values.size)
        at = np.clip(np.floor(values / self.step + 1e-9).astype(np.int64), 0, LATTICE)
        kind = self._kind(share)
        for one in np.unique(kind).tolist():
            here = kind == one
            result[here] = self._of_kind(one)[at[here]]
        return result

    def critical(self, share: np.ndarray, limit: float) -> np.ndarray:
        """Least sum with a tail of at most ``limit``."""
        if limit <= 0.0:
            return np.full(share.size, np.inf)
        result = np.empty(share.size)
        kind = self._kind(share)
        for one in np.unique(kind).tolist():
            # tails fall, so the reversed ones rise
            tail = self._of_kind(one)
            result[kind == one] = (tail.size - np.searchsorted(tail[::-1], limit, side="right")) * self.step
        return result

    def _kind(self, share: np.ndarray) -> np.ndarray:
        expected = np.maximum(share * self.total, 1e-6)
        return np.ceil(np.log(expected) / np.log(EXPECTATION_STEP) - 1e-9).astype(np.int64)

    def _of_kind(self, kind: int) -> np.ndarray:
        if kind not in self.tails:
            expected = EXPECTATION_STEP**kind
            mass = np.fft.irfft(np.exp(expected * (self.transform - 1.0)), 4 * LATTICE)[: LATTICE + 1]
            below = np.concatenate([[0.0], np.cumsum(np.maximum(mass, 0.0))])[: LATTICE + 1]
            self.tails[kind] = np.maximum(1.0 - below, 1e-15)
        return self.tails[kind]
