"""Bursts: many reports of one kind, place or organisation within a few days, or of one wording.

A campaign is no fault: residents organise. It is told because counts of reports then measure
the campaign. Nothing is dropped.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..progress import Progress, silent

#: lengths of the windows searched, days
WINDOWS = (1, 3, 7)
#: chance that anything is flagged in a file without bursts, over all windows and groups together
LEVEL = 0.01
#: fewest reports of a burst, and how many times the expected number it must hold
FEWEST, TIMES = 5, 3.0
#: letters that a text needs to count as wording, and days between the first and last of the same wording
LETTERS, WORDING_DAYS = 20, 7


@dataclass(frozen=True)
class Burst:
    """One burst.

    Attributes
    ----------
    what : str
        all, category, place, org or wording.
    group : str
        The category, organisation ...; "" for a place or wording.
    first, days : datetime64[D], int
    rows : (k,) array of int
    expected : float
        Reports that the window would hold by the share of the other days; NaN for a wording.
    p : float
        Chance of as many or more in that window, for all windows searched (Bonferroni); NaN for a wording.
    """

    what: str
    group: str
    first: np.datetime64
    days: int
    rows: np.ndarray
    expected: float
    p: float


def find(day: np.ndarray, groups: dict, progress: Progress = silent) -> list:
    """Find windows that hold more of a group's reports than chance would put there.

    Given that a group has ``n`` reports in the file's period, and that the other reports show
    how busy each window was, the group's number in a window is hypergeometric. All reports
    together, and a group that holds most of them, have nothing to be compared with but
    themselves: given what the window and the same weekdays of four weeks before and after hold
    together, the window's number is binomial. Both tails are exact, multiplied by the number
    of windows searched (Bonferroni), so that a file whose reports come independently of one
    another is flagged with a probability of at most :data:`LEVEL`. A window must also hold
    :data:`FEWEST` reports and :data:`TIMES` the expected number.

    Parameters
    ----------
    day : (n,) array of datetime64[D]
        NaT where unknown; these rows are in no burst.
    groups : dict of str to (n,) array of object
        What -> group of each row, None for none. ``{"category": ..., "place": ...}``.

    Returns
    -------
    list of Burst
        The surest first; of overlapping windows of a group only the surest.
    """
    from scipy import stats

    known = np.flatnonzero(~np.isnat(day))
    if len(known) < FEWEST:
        return []
    number = (day[known] - day[known].min()).astype(np.int64)
    period = int(number.max()) + 1
    if period < 2 * max(WINDOWS):
        return []
    every = np.bincount(number, minlength=period)
    total = int(every.sum())
    streams = [("all", "", known)]
    for what, column in groups.items():
        values = column[known]
        some = np.array([v is not None and v != "" for v in values], bool)
        names, code = np.unique(values[some].astype(str), return_inverse=True)
        order = np.argsort(code, kind="stable")
        for name, rows in zip(names, np.split(known[some][order], np.cumsum(np.bincount(code))[:-1])):
            if len(rows) >= FEWEST and len(rows) < len(known):
                streams.append((what, str(name), rows))
    tests = len(streams) * sum(period - w + 1 for w in WINDOWS)
    out: list[Burst] = []
    for k, (what, name, rows) in enumerate(streams):
        if k % 50 == 0:
            progress(k / len(streams))
        n = len(rows)
        own = np.bincount((day[rows] - day[known].min()).astype(np.int64), minlength=period)
        found = []
        for w in WINDOWS:
            here, all_here = _sums(own, w), _sums(every, w)
            # only what could be a burst needs its tail
            at = np.flatnonzero(here >= FEWEST)
            if not len(at):
                continue
            others, other_total = all_here[at] - here[at], total - n
            before_after, windows = _same_weekdays(here, at)
            compared = other_total >= n
            expected = n * others / other_total if compared else before_after / np.maximum(windows, 1)
            # the exact tail is dear, and only asked for where the number is high enough
            high = (here[at] >= TIMES * np.maximum(expected, 1e-9)) & (compared | (windows > 1))
            at, expected = at[high], expected[high]
            p = stats.hypergeom.sf(here[at] - 1, total, n, all_here[at]) if compared else stats.binom.sf(
                here[at] - 1, here[at] + before_after[high], 1 / (1 + windows[high]))
            sure = np.flatnonzero(p * tests <= LEVEL)
            found += [(float(p[j] * tests), w, int(at[j]), float(expected[j])) for j in sure]
        taken = np.zeros(period, bool)
        for p_all, w, start, expected_here in sorted(found):
            if taken[start:start + w].any():
                continue
            taken[start:start + w] = True
            inside = (day[rows] >= day[known].min() + start) & (day[rows] < day[known].min() + start + w)
            out.append(Burst(what, name, day[known].min() + start, w, rows[inside], expected_here, min(p_all, 1.0)))
    return sorted(out, key=lambda b: b.p)


def _same_weekdays(sums: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what the same weekdays of the four weeks before and after hold together, and how many there are."""
    total, windows = np.zeros(len(at)), np.zeros(len(at))
    for shift in (-28, -21, -14, -7, 7, 14, 21, 28):
        other = at + shift
        there = (other >= 0) & (other < len(sums))
        total[there] += sums[other[there]]
        windows += there
    return total, windows


def _sums(counts: np.ndarray, width: int) -> np.ndarray:
    total = np.concatenate([[0], np.cumsum(counts)])
    return total[width:] - total[:-width]


def find_wording(day: np.ndarray, texts: np.ndarray) -> list:
    """Find reports that say the same in the same words within a week: a rule, no test.

    Words of four letters and more count, in any order, without case or signs; at least
    :data:`LETTERS` letters and :data:`FEWEST` reports.
    """
    import re

    groups: dict[str, list] = {}
    for row, text in enumerate(texts):
        if text is None or np.isnat(day[row]):
            continue
        words = sorted(set(re.findall(r"[^\W\d_]{4,}", text.lower())))
        key = " ".join(words)
        if len(key) >= LETTERS:
            groups.setdefault(key, []).append(row)
    out = []
    for rows in groups.values():
        if len(rows) < FEWEST:
            continue
        order = np.array(rows)[np.argsort(day[rows], kind="stable")]
        days = day[order]
        ends = np.searchsorted(days, days + WORDING_DAYS)
        sizes = ends - np.arange(len(order))
        start = int(np.argmax(sizes))
        if sizes[start] >= FEWEST:
            part = order[start:ends[start]]
            length = int((days[ends[start] - 1] - days[start]).astype(int)) + 1
            out.append(Burst("wording", "", days[start], length, np.sort(part), float("nan"), float("nan")))
    return out


def marks(total: int, bursts: list) -> np.ndarray:
    """Return for each row the kinds of burst that it is in, joined with commas; None for none."""
    kinds: list[list] = [[] for _ in range(total)]
    for burst in bursts:
        for row in burst.rows.tolist():
            if burst.what not in kinds[row]:
                kinds[row].append(burst.what)
    out = np.empty(total, object)
    out[:] = [",".join(k) or None for k in kinds]
    return out
