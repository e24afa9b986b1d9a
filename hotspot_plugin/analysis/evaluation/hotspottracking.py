"""Hot spots followed from one period to the next, by the ground that they share.

Each hot spot of a period is given at most one successor in the next: the pair with most common
ground first, then, among those without any, the pair that lies nearest. What shares ground with a
hot spot that has another successor is a part that split off or was taken in. What comes where a
hot spot had gone before has returned.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..progress import Progress, silent

#: how a hot spot relates to the period before
FIRST, CAME, STAYED, GREW, SHRANK, MOVED, RETURNED, SPLIT = range(8)
#: what became of it in the next period, where it has no successor
LAST, WENT, MERGED, CARRIED_ON = range(4)
#: kinds of tracks
PERSISTENT, RECURRING, NEW, GONE, ONCE, ONGOING = range(6)


@dataclass(frozen=True)
class Pairs:
    """Pairs of hot spots of two periods.

    Attributes
    ----------
    earlier, later : (p,) int arrays
        Hot spots.
    shared : (p,) array
        Common ground over that of the smaller one, 0 to 1.
    distance : (p,) array
        Metres between their edges, 0 where they touch.
    """

    earlier: np.ndarray
    later: np.ndarray
    shared: np.ndarray
    distance: np.ndarray

    def take(self, mask: np.ndarray) -> Pairs:
        """Return the pairs of a mask."""
        return Pairs(self.earlier[mask], self.later[mask], self.shared[mask], self.distance[mask])


@dataclass
class Tracks:
    """The history of each hot spot.

    Attributes
    ----------
    track : (n,) int array
        Numbered from 0 by first appearance, then by the order of the hot spots.
    event : (n,) int array
        FIRST in the first period, else CAME, STAYED, GREW, SHRANK, MOVED, RETURNED or SPLIT.
    fate : (n,) int array
        LAST in the last period, else CARRIED_ON, WENT or MERGED.
    before : (n,) int array
        The hot spot it carries on (of the period before; of any earlier one where it returned), for SPLIT the one it
        parted from; -1 for none.
    shared : (n,) array
        Common ground with it over that of the smaller one; NaN for none.
    shift : (n,) array
        Metres between the middles of both where it carries on; NaN for none.
    """

    track: np.ndarray
    event: np.ndarray
    fate: np.ndarray
    before: np.ndarray
    shared: np.ndarray
    shift: np.ndarray
    merged_into: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))

    @property
    def count(self) -> int:
        """Number of tracks."""
        return int(self.track.max()) + 1 if len(self.track) else 0


def follow(
    period: np.ndarray, area: np.ndarray, middle: np.ndarray, pairs: Pairs, periods: int, overlap: float = 0.2,
    reach: float = 0.0, growth: float = 0.25, progress: Progress = silent,
) -> Tracks:
    """Follow hot spots through the periods.

    Parameters
    ----------
    period : (n,) int array
        Period of each hot spot, from 0.
    area : (n,) array
        Square metres.
    middle : (n, 2) array
        Metres.
    pairs : Pairs
        All pairs of hot spots of different periods that share ground or lie within ``reach``.
    periods : int
        Number of periods, those without a hot spot counted.
    overlap : float
        Least part of the smaller one that two must share to be the same.
    reach : float
        Metres between edges within which one that went and one that came are one that moved; 0 for never.
    growth : float
        Part by which ground must change to be called grown; shrunk is the inverse, so that both are alike.
    progress : callable

    Returns
    -------
    Tracks
    """
    n = len(period)
    event = np.where(period == 0, FIRST, CAME)
    fate = np.where(period == periods - 1, LAST, WENT)
    before, shared = np.full(n, -1, np.int64), np.full(n, np.nan)
    merged = np.full(n, -1, np.int64)
    gap = period[pairs.later] - period[pairs.earlier]
    for step in range(1, periods):
        progress(step / periods)
        near = pairs.take((gap == 1) & (period[pairs.later] == step))
        alike = near.take(near.shared >= overlap)
        # most common ground first; the order of the hot spots settles what is level
        _match(alike, np.lexsort((alike.later, alike.earlier, -alike.shared)), before, fate, shared)
        _parts(alike, event, before, fate, shared, merged)
        if reach > 0:
            free = near.take((near.shared < overlap) & (near.distance <= reach) & (before[near.later] < 0)
                             & (fate[near.earlier] == WENT))
            new = _match(free, np.lexsort((free.later, free.earlier, free.distance)), before, fate, shared)
            event[new] = MOVED
        _returned(pairs.take((gap > 1) & (period[pairs.later] == step) & (pairs.shared >= overlap)), period, event,
                  before, fate, shared)
    carried = (before >= 0) & (event == CAME)
    ratio = np.divide(area, area[before], out=np.ones(n), where=before >= 0)
    grown, shrunk = ratio[carried] >= 1 + growth, ratio[carried] <= 1 / (1 + growth)
    event[carried] = np.select([grown, shrunk], [GREW, SHRANK], STAYED)
    shift = np.where((before >= 0) & (event != SPLIT), np.hypot(*(middle - middle[before]).T), np.nan)
    return Tracks(_number(event, before, period), event, fate, before, shared, shift, merged)


def _match(pairs: Pairs, order: np.ndarray, before: np.ndarray, fate: np.ndarray, shared: np.ndarray) -> list:
    """Give each hot spot at most one successor, in the order given; return the successors."""
    out = []
    for k in order.tolist():
        one, other = int(pairs.earlier[k]), int(pairs.later[k])
        if before[other] < 0 and fate[one] == WENT:
            before[other], shared[other], fate[one] = one, pairs.shared[k], CARRIED_ON
            out.append(other)
    return out


def _parts(pairs: Pairs, event: np.ndarray, before: np.ndarray, fate: np.ndarray, shared: np.ndarray,
           merged: np.ndarray) -> None:
    """Mark what split off from a hot spot that has another successor, and what another one took in."""
    for k in np.lexsort((pairs.later, pairs.earlier, -pairs.shared)).tolist():
        one, other = int(pairs.earlier[k]), int(pairs.later[k])
        if before[other] < 0:
            event[other], before[other], shared[other] = SPLIT, one, pairs.shared[k]
        elif fate[one] == WENT and before[other] != one:
            fate[one], merged[one] = MERGED, other


def _returned(pairs: Pairs, period: np.ndarray, event: np.ndarray, before: np.ndarray, fate: np.ndarray,
              shared: np.ndarray) -> None:
    """Join what comes to what had gone, the latest period first."""
    taken: set = set()
    for k in np.lexsort((pairs.later, pairs.earlier, -pairs.shared, -period[pairs.earlier])).tolist():
        one, other = int(pairs.earlier[k]), int(pairs.later[k])
        if before[other] < 0 and fate[one] == WENT and one not in taken:
            event[other], before[other], shared[other] = RETURNED, one, pairs.shared[k]
            taken.add(one)


def _number(event: np.ndarray, before: np.ndarray, period: np.ndarray) -> np.ndarray:
    track = np.full(len(event), -1, np.int64)
    count = 0
    resumed: set = set()
    for i in np.lexsort((np.arange(len(event)), period)).tolist():
        one = int(before[i])
        # a place can return only once from one hot spot: later ones go on from there
        if one >= 0 and event[i] != SPLIT and one not in resumed:
            track[i] = track[one]
            resumed.add(one)
        else:
            track[i], count = count, count + 1
    return track


def presence(period: np.ndarray, track: np.ndarray, tracks: int, periods: int) -> np.ndarray:
    """Return in which periods each track has a hot spot, as a (tracks, periods) array of bool."""
    out = np.zeros((tracks, periods), bool)
    out[track, period] = True
    return out


def kinds(present: np.ndarray) -> np.ndarray:
    """Return the kind of each track.

    PERSISTENT: in all periods. NEW: in the last one only. ONCE: in one earlier period only. ONGOING: in several
    periods without a gap to the last. RECURRING: with a gap, and there in the last. GONE: in several, not in the last.

    Parameters
    ----------
    present : (k, periods) array of bool
    """
    times, last = present.sum(axis=1), present[:, -1]
    first = present.argmax(axis=1)
    gapless = times == present.shape[1] - first
    return np.select(
        [times == present.shape[1], last & (times == 1), last & gapless, last, times == 1],
        [PERSISTENT, NEW, ONGOING, RECURRING, ONCE], GONE)


def overlap_of_periods(shared_ground: np.ndarray, ground: np.ndarray) -> np.ndarray:
    """Return the common ground of each two periods in a row over the ground of either (Jaccard 1901).

    Parameters
    ----------
    shared_ground : (periods - 1,) array
    ground : (periods,) array
        Square metres, overlaps within a period counted once.
    """
    either = ground[:-1] + ground[1:] - shared_ground
    return np.divide(shared_ground, either, out=np.full(len(either), np.nan), where=either > 0)
