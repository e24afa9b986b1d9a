"""Random numbers that are the same on every version of numpy.

The methods of ``numpy.random.Generator`` may change their streams between versions (NEP 19); the bits of PCG64 and the
uniform doubles made of them do not. So everything here is made of uniform doubles by inverse transformation, and every
part of a town has a stream of its own: a part that draws more does not change the others.
"""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

#: means up to which Poisson counts are inverted exactly in one piece
_EXACT = 25.0
#: means from which the Cornish-Fisher expansion is used, whose error is below 1 part in 10,000 there
_LARGE = 2_000.0


class Stream:
    """A stream of random numbers by a seed and a name.

    Parameters
    ----------
    seed : int
        At least 0.
    *name : str or int
        What the numbers are for; another name is another stream.
    """

    def __init__(self, seed: int, *name: object) -> None:
        self.seed, self.name = int(seed), name
        entropy = [self.seed, zlib.crc32("/".join(map(str, name)).encode())]
        self._generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy)))

    def sub(self, *name: object) -> Stream:
        """Return the stream of a part."""
        return Stream(self.seed, *self.name, *name)

    def uniform(self, low: float = 0.0, high: float = 1.0, size: Any = None) -> Any:
        """Return uniform numbers in [low, high)."""
        return low + (high - low) * self._generator.random(size)

    def one(self, low: float = 0.0, high: float = 1.0) -> float:
        """Return one uniform number."""
        return float(low + (high - low) * self._generator.random())

    def integer(self, below: int) -> int:
        """Return one whole number from 0 to below it."""
        return min(int(self._generator.random() * below), below - 1)

    def normal(self, size: Any = None) -> Any:
        """Return standard normal numbers (Box and Muller)."""
        u, v = self._generator.random(size), self._generator.random(size)
        return np.sqrt(-2.0 * np.log1p(-u)) * np.cos(2.0 * np.pi * v)

    def exponential(self, mean: float = 1.0, size: Any = None) -> Any:
        """Return exponential numbers."""
        return -mean * np.log1p(-self._generator.random(size))

    def choose(self, weights: np.ndarray, size: int) -> np.ndarray:
        """Return ``size`` positions drawn with replacement by weight, as int64."""
        steps = np.cumsum(np.asarray(weights, float))
        if not len(steps) or not steps[-1] > 0:
            raise ValueError("weights that sum to 0 choose nothing")
        found = np.searchsorted(steps, self._generator.random(size) * steps[-1], side="right")
        return np.minimum(found, len(steps) - 1)

    def order(self, n: int) -> np.ndarray:
        """Return the numbers 0 to n - 1 in random order."""
        return np.argsort(self._generator.random(n), kind="stable")

    def sample(self, weights: np.ndarray, n: int) -> np.ndarray:
        """Return n different positions, the heavier the likelier (Efraimidis and Spirakis); fewer where not so many."""
        weights = np.asarray(weights, float)
        with np.errstate(divide="ignore"):
            keys = np.where(weights > 0, np.log1p(-self._generator.random(len(weights))) / np.maximum(weights, 1e-300),
                            -np.inf)
        best = np.argsort(-keys, kind="stable")[:n]
        return best[np.isfinite(keys[best])]

    def poisson(self, mean: np.ndarray) -> np.ndarray:
        """Return Poisson counts of the means, as int64.

        Exact by inversion up to 2,000, as sums of parts above 25; above 2,000 by the Cornish-Fisher expansion.
        """
        mean = np.asarray(mean, float)
        flat = np.maximum(mean.ravel(), 0.0)
        out = np.zeros(len(flat), np.int64)
        large = flat > _LARGE
        if large.any():
            z, m = self.normal(int(large.sum())), flat[large]
            out[large] = np.maximum(np.rint(m + np.sqrt(m) * z + (z * z - 1.0) / 6.0), 0).astype(np.int64)
        parts = np.where(large, 0, np.ceil(flat / _EXACT)).astype(int)
        for k in range(int(parts.max()) if len(parts) else 0):
            now = np.flatnonzero(parts > k)
            out[now] += self._inverted(flat[now] / parts[now])
        return out.reshape(mean.shape)

    def _inverted(self, mean: np.ndarray) -> np.ndarray:
        u = self._generator.random(len(mean))
        count = np.zeros(len(mean), np.int64)
        chance = np.exp(-mean)
        total = chance.copy()
        left = np.flatnonzero(u > total)
        k = 0
        while len(left) and k < 200:
            k += 1
            chance[left] *= mean[left] / k
            total[left] += chance[left]
            count[left] = k
            left = left[u[left] > total[left]]
        return count
