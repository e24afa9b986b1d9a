"""What a handout may say: published counts beside those of a year before, voices, texts of a length."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..community import voices
from ..evaluation.rates import e_test
from ..privacy.disclosure import Rules, rounded
from ..significance import benjamini_hochberg

#: What a count beside that of a year before says.
UP, DOWN, SAME, CHANCE, NO_BEFORE, NONE = "up", "down", "same", "chance", "no_before", "none"
#: A difference that is told has to be beyond chance, and at least so large.
_LEVEL, _LEAST = 0.05, 5
#: Letters of a text on a page of large type; what is longer ends at a word.
LONGEST = 170


def verdicts(now: np.ndarray, before: np.ndarray, days_now: float, days_before: float) -> list:
    """Say of each area how its published number compares with that of a year before.

    Only published numbers are compared, so that the words tell nothing beyond them. More or
    fewer is said where the E-test stays below 0.05 after allowing for all areas
    (Benjamini-Hochberg), and the numbers differ by five: what many sheets say at once must
    not be chance on some of them.

    Parameters
    ----------
    now, before : (n,) arrays of int
        Published numbers, -1 where there is none.
    days_now, days_before : float
        Lengths of the periods.

    Returns
    -------
    list of str
        UP, DOWN, SAME, CHANCE, NO_BEFORE or NONE.
    """
    now, before = np.asarray(now), np.asarray(before)
    both = (now >= 0) & (before >= 0)
    q = np.ones(len(now))
    tested = both & (now + before > 0)
    if tested.any():
        q[tested] = benjamini_hochberg(e_test(now[tested], before[tested], days_now, days_before))
    out = []
    for i in range(len(now)):
        difference = now[i] - before[i]
        if now[i] < 0:
            out.append(NONE)
        elif before[i] < 0:
            out.append(NO_BEFORE)
        elif difference == 0:
            out.append(SAME)
        elif q[i] < _LEVEL and abs(difference) >= _LEAST:
            out.append(UP if difference > 0 else DOWN)
        else:
            out.append(CHANCE)
    return out


@dataclass(frozen=True)
class Said:
    """What residents of one area said, as the public may read it.

    Attributes
    ----------
    voices : int
        Residents, rounded; -1 where they are fewer than the limit.
    topics, wishes : list of (str, int)
        What was named by at least the limit, with rounded voices, most first.
    """

    voices: int
    topics: list
    wishes: list


def said(
    zone: np.ndarray, voice: np.ndarray, category: np.ndarray, wish: np.ndarray, zones: int, rules: Rules
) -> list:
    """Count voices by area; a voice counts once for each thing that it names.

    Parameters
    ----------
    zone : (n,) array of int
        Area of each report, -1 for none.
    voice : (n,) array of int
        Number of the resident.
    category, wish : (n,) object arrays of str or None
    zones : int
    rules : Rules
        What fewer than ``limit`` say is not told; counts are rounded to ``base``.

    Returns
    -------
    list of Said
        One for each area.
    """
    inside = zone >= 0
    zone, voice = zone[inside], voice[inside]
    total = voices.count(zone, voice, zones)
    named = [_named(zone, voice, values[inside], zones, rules) for values in (category, wish)]
    return [Said(int(rounded(total[i], rules.base)) if total[i] >= rules.limit else -1, named[0][i], named[1][i])
            for i in range(zones)]


def _named(zone: np.ndarray, voice: np.ndarray, values: np.ndarray, zones: int, rules: Rules) -> list:
    out: list = [[] for _ in range(zones)]
    for name in sorted({value for value in values if value is not None}):
        here = np.array([value == name for value in values], bool)
        count = voices.count(zone[here], voice[here], zones)
        for i in np.flatnonzero(count >= rules.limit).tolist():
            out[i].append((name, int(rounded(count[i], rules.base)), int(count[i])))
    # what others name comes last, however many they are: it says nothing
    return [[(name, n) for name, n, _ in sorted(entries, key=lambda e: (e[0] == "other", -e[1], e[0]))]
            for entries in out]


def shortened(text: str, longest: int = LONGEST) -> str:
    """Return a text of one line, cut at a word where it is longer than a page of large type can hold."""
    text = " ".join(str(text).split())
    if len(text) <= longest:
        return text
    return text[: longest - 1].rsplit(" ", 1)[0].rstrip(" ,;:.-") + " …"


def without_stop(text: str) -> str:
    """Return a text without a full stop at its end, for a sentence that brings its own."""
    return text.rstrip(" .")
