"""Frontage and boundaries: where public land meets private land, how mixed uses are, what lies vacant.

Numbers in, numbers out. Land is given as classes of places along frontages, or as areas of
classes in units.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: whose land a place is
UNKNOWN, PUBLIC, PRIVATE = -1, 0, 1


def entropy(amount: np.ndarray, classes: int) -> np.ndarray:
    """Return how evenly the classes share each unit (Shannon 1948), over the most that they can.

    Parameters
    ----------
    amount : (n, k) array
        Area or length of each class in each unit.
    classes : int
        Number of classes that count: the entropy is divided by its logarithm, so that 1 is
        as mixed as it can be.

    Returns
    -------
    (n,) array
        0 to 1; NaN for a unit without any class, and for all where there are fewer than two.
    """
    amount = np.asarray(amount, dtype=float)
    total = amount.sum(axis=1, keepdims=True)
    share = np.divide(amount, total, out=np.zeros_like(amount), where=total > 0)
    # 0 - x, for -0.0 would be written as such
    value = 0.0 - (share * np.log(np.where(share > 0, share, 1.0))).sum(axis=1)
    if classes < 2:
        return np.full(len(amount), np.nan)
    return np.where(total[:, 0] > 0, value / np.log(classes), np.nan)


def amounts(owner: np.ndarray, kind: np.ndarray, weight: np.ndarray, n: int, classes: int) -> np.ndarray:
    """Add up weights by owner and class; a negative class is none. (n, classes)."""
    used = kind >= 0
    key = owner[used] * np.int64(max(classes, 1)) + kind[used]
    return np.bincount(key, weight[used], minlength=n * classes)[: n * classes].reshape(n, classes)


@dataclass(frozen=True)
class Transition:
    """Where public land meets private land along each frontage.

    Attributes
    ----------
    known : (n,) array
        Metres of frontage for which both sides are known.
    metres : (n,) array
        Metres of it where one side is public and the other private.
    marked : (n,) array
        Metres of these with a barrier.
    """

    known: np.ndarray
    metres: np.ndarray
    marked: np.ndarray

    @property
    def share(self) -> np.ndarray:
        """Share of the known frontage that is a transition, NaN where nothing is known."""
        return _ratio(self.metres, self.known)

    @property
    def marked_share(self) -> np.ndarray:
        """Share of the transition with a barrier, NaN where there is no transition."""
        return _ratio(self.marked, self.metres)


def transition(
    owner: np.ndarray, weight: np.ndarray, one: np.ndarray, other: np.ndarray, barrier: np.ndarray, n: int
) -> Transition:
    """Add up the frontage where public land meets private land.

    Parameters
    ----------
    owner : (k,) int64 array
        Unit of each place along a frontage.
    weight : (k,) array
        Metres that the place stands for.
    one, other : (k,) int64 arrays
        ``PUBLIC``, ``PRIVATE`` or ``UNKNOWN`` on either side.
    barrier : (k,) bool array
        Whether a fence or wall stands there.
    n : int
        Number of units.
    """
    known = (one != UNKNOWN) & (other != UNKNOWN)
    meet = known & (one != other)
    return Transition(*(
        np.bincount(owner[which], weight[which], minlength=n) for which in (known, meet, meet & barrier)))


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
