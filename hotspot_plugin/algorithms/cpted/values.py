"""Lists of values that a user writes, and which rows have one of them."""

from __future__ import annotations

import fnmatch
import re

import numpy as np


def matches(values: np.ndarray, wanted: str) -> tuple[np.ndarray, list]:
    """Tell which values are on a list such as ``"footway; path; *alley*"``.

    Parameters
    ----------
    values : (n,) array of object
        Texts, None for null.
    wanted : str
        Values separated by semicolons or lines, without regard to capitals; ``*`` stands for
        any letters.

    Returns
    -------
    found : (n,) bool array
    unmatched : list of str
        Entries of the list that no value has.
    """
    entries = [entry.strip() for entry in re.split(r"[;\n]", wanted) if entry.strip()]
    distinct, inverse = np.unique([("" if v is None else str(v).strip().casefold()) for v in values],
                                  return_inverse=True)
    hit = np.zeros(len(distinct), dtype=bool)
    unmatched = []
    for entry in entries:
        rule = re.compile(fnmatch.translate(entry.casefold()))
        own = np.array([bool(text) and rule.match(text) is not None for text in distinct.tolist()], dtype=bool)
        hit |= own
        if not own.any():
            unmatched.append(entry)
    return hit[inverse], unmatched
