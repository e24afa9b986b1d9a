"""What residents near a place say, counted by voice: one loud neighbour is one voice.

A report names a concern and a wish; a voice is one resident, whatever the number of reports.
A voice counts once for each thing that it names, and shares are of the voices that named
anything at all. What fewer than a minimum of voices say is not told.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..significance import wilson_interval

#: fewest voices of which anything is told within an agency
LEAST_VOICES = 5


@dataclass(frozen=True)
class Main:
    """What most voices of each zone name.

    Attributes
    ----------
    names : list of tuple of str
        The thing named by most; several where they are level, none where too few voices speak or no two agree.
    most, of : (k,) array of int
        Voices that name it, and voices that name anything.
    share, low, high : (k,) array
        Share and its 95 % interval (Wilson 1927); NaN where too few voices speak.
    """

    names: list
    most: np.ndarray
    of: np.ndarray
    share: np.ndarray
    low: np.ndarray
    high: np.ndarray


def number_voices(ids: np.ndarray) -> tuple[np.ndarray, int]:
    """Number the voices of reports.

    Parameters
    ----------
    ids : (n,) object array
        Token of the resident; None or "" is a voice of its own, as nothing tells it from others.

    Returns
    -------
    (n,) array of int, and how many reports have no token
    """
    named = np.array([not (i is None or str(i).strip() == "") for i in ids], bool)
    voice = np.empty(len(ids), np.int64)
    kinds, code = np.unique(np.array([str(i).strip() for i in ids[named]], dtype=str), return_inverse=True)
    voice[named] = code
    voice[~named] = len(kinds) + np.arange(int((~named).sum()))
    return voice, int((~named).sum())


def count(zone: np.ndarray, voice: np.ndarray, zones: int) -> np.ndarray:
    """Return the number of distinct voices in each zone.

    Parameters
    ----------
    zone, voice : (m,) arrays of int
        One entry for each report in each zone that it lies in or near.
    zones : int
    """
    return np.bincount(_pairs(zone, voice)[0], minlength=zones)


def main(zone: np.ndarray, voice: np.ndarray, names: np.ndarray, zones: int, least: int = LEAST_VOICES) -> Main:
    """Find what most voices of each zone name.

    Parameters
    ----------
    zone, voice : (m,) arrays of int
        As in :func:`count`.
    names : (m,) object array of str or None
        What the report names; None names nothing.
    zones : int
    least : int
        Zones in which fewer voices name anything have no main thing.
    """
    said = np.array([name is not None for name in names], bool)
    zone, voice = zone[said], voice[said]
    of = count(zone, voice, zones)
    kinds, code = np.unique(names[said].astype(str), return_inverse=True) if said.any() else (np.array([""]), zone[:0])
    # each voice once for each thing
    once = np.unique(np.column_stack([zone, voice, code]), axis=0)
    table = np.bincount(once[:, 0] * len(kinds) + once[:, 2], minlength=zones * len(kinds)).reshape(zones, len(kinds))
    most = table.max(axis=1)
    # what one voice names is no main thing
    known = (of >= max(least, 1)) & (most >= min(2, max(least, 1)))
    top = [tuple(kinds[row == largest].tolist()) if ok else () for row, largest, ok in zip(table, most, known)]
    share = np.where(known, most / np.maximum(of, 1), np.nan)
    low, high = wilson_interval(most, np.where(known, of, 0))
    return Main(top, most, of, share, low, high)


def mean(zone: np.ndarray, voice: np.ndarray, value: np.ndarray, zones: int, least: int = LEAST_VOICES) -> np.ndarray:
    """Return the mean of each zone's voices, each voice counting with the mean of its own reports.

    Parameters
    ----------
    zone, voice : (m,) arrays of int
        As in :func:`count`.
    value : (m,) array
        NaN for none.
    zones : int
    least : int
        Zones in which fewer voices give a value have NaN.
    """
    known = np.isfinite(value)
    of_pair, pair = _pairs(zone[known], voice[known])
    own = np.bincount(pair, value[known], len(of_pair)) / np.maximum(np.bincount(pair, minlength=len(of_pair)), 1)
    voices = np.bincount(of_pair, minlength=zones)
    total = np.bincount(of_pair, own, zones)
    return np.where(voices >= max(least, 1), total / np.maximum(voices, 1), np.nan)


def _pairs(zone: np.ndarray, voice: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the zone of each distinct (zone, voice), and which of these each entry is."""
    pairs, number = np.unique(np.column_stack([zone, voice]).reshape(-1, 2), axis=0, return_inverse=True)
    return pairs[:, 0].astype(np.int64), np.asarray(number, np.int64).ravel()
