"""Counts, sums and rates of incidents by area."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Iterable

import numpy as np

#: More types than this are gathered in one column: a table of hundreds of columns serves nobody.
MOST_TYPES = 40
OTHER, NONE = "t_other", "t_none"


@dataclass(frozen=True)
class Tally:
    """What was counted in each area.

    Attributes
    ----------
    n : (m,) ndarray of int64
        Incidents.
    sum : (m,) ndarray of float or None
        Their weights; missing weights add nothing.
    types : dict of str to (m,) ndarray of int64
        Column name -> incidents of that type.
    names : dict of str to str
        Column name -> the type as recorded ("" for all that are missing or gathered).
    """

    n: np.ndarray
    sum: np.ndarray | None
    types: dict[str, np.ndarray]
    names: dict[str, str]


def tally(
    areas: int,
    incident: np.ndarray,
    area: np.ndarray,
    weights: np.ndarray | None = None,
    types: np.ndarray | None = None,
) -> Tally:
    """Count incidents in areas.

    Parameters
    ----------
    areas : int
        Number of areas.
    incident, area : (k,) ndarray of int64
        Pairs: incident i lies in area a.
    weights : (n,) ndarray of float, optional
        One for each incident; NaN adds nothing.
    types : (n,) ndarray of object, optional
        Text or None for each incident.
    """
    n = np.bincount(area, minlength=areas).astype(np.int64)
    total = None
    if weights is not None:
        total = np.bincount(area, weights=np.nan_to_num(weights[incident], nan=0.0), minlength=areas)
    columns: dict[str, np.ndarray] = {}
    names: dict[str, str] = {}
    if types is not None:
        codes, values = type_codes(types)
        names, column_of = type_columns(values, np.bincount(codes, minlength=len(values)))
        counts = np.bincount(column_of[codes[incident]] * areas + area, minlength=len(names) * areas)
        by_column = counts.reshape(len(names), areas).astype(np.int64)
        columns = {name: by_column[i] for i, name in enumerate(names)}
    return Tally(n, total, columns, names)


def type_codes(types: np.ndarray) -> tuple[np.ndarray, list]:
    """Return a code for each text and the sorted texts; None, if there is any, comes last."""
    import pandas as pd

    clean = pd.Series(types, dtype=object).str.strip()
    codes, values = pd.factorize(clean.where(clean != "", None), sort=True)
    found: list = [str(value) for value in values]
    if (codes < 0).any():
        codes = np.where(codes < 0, len(found), codes)
        found.append(None)
    return codes.astype(np.int64), found


def type_columns(values: Iterable[str | None], counts: np.ndarray) -> tuple[dict[str, str], np.ndarray]:
    """Name a column for each type: ``t_`` and at most eight plain characters, all different.

    Parameters
    ----------
    values : iterable of str or None
        The types, sorted.
    counts : (k,) ndarray of int
        Incidents of each type.

    Returns
    -------
    names : dict of str to str
        Column -> type; "" for the gathered ones. At most ``MOST_TYPES`` types have a column
        of their own, the commonest.
    column_of : (k,) ndarray of int64
        Which column each type goes into.
    """
    values = list(values)
    given = [i for i, value in enumerate(values) if value is not None]
    own = set(sorted(given, key=lambda i: (-counts[i], i))[:MOST_TYPES])
    names: dict[str, str] = {}
    columns = []
    for i, value in enumerate(values):
        if value is None:
            name, label = NONE, ""
        elif i not in own:
            name, label = OTHER, ""
        else:
            name, label = _unused(_plain(value), names), value
        names.setdefault(name, label)
        columns.append(list(names).index(name))
    return names, np.array(columns, dtype=np.int64)


def _plain(text: str) -> str:
    """Lower-case letters and digits without accents, the words joined by _."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", ascii_text.lower()).strip("_") or "type"


def _unused(text: str, names: dict[str, str]) -> str:
    taken = {*names, OTHER, NONE}
    name = "t_" + text[:8].rstrip("_")
    number = 2
    while name in taken:
        name = "t_" + text[: 8 - len(str(number))].rstrip("_") + str(number)
        number += 1
    return name


def per_unit(n: np.ndarray, amount: np.ndarray, unit: float, minimum: float = 0.0) -> np.ndarray:
    """Return counts per ``unit`` of an amount; NaN where the amount is missing, 0 or under a minimum.

    Parameters
    ----------
    n : (m,) ndarray of int
    amount : (m,) ndarray of float
        Square metres, metres, residents.
    unit : float
        E.g. 1e6 for a rate per square kilometre.
    minimum : float
        Least amount for which a rate means something.
    """
    amount = np.asarray(amount, dtype=np.float64)
    usable = np.isfinite(amount) & (amount > 0) & (amount >= minimum)
    return np.divide(n * unit, amount, out=np.full(len(amount), np.nan), where=usable)


def many_visit(rate: np.ndarray, times: float = 5.0) -> np.ndarray:
    """Whether a rate per resident is so far above the median that visitors, not residents, must make it.

    Parameters
    ----------
    rate : (m,) ndarray of float
        NaN where there is none.
    times : float
        How many times the median of all rates.

    Returns
    -------
    (m,) ndarray of bool
    """
    known = rate[np.isfinite(rate)]
    if len(known) < 3 or not np.median(known) > 0:
        return np.zeros(len(rate), dtype=bool)
    return np.nan_to_num(rate, nan=0.0) > times * np.median(known)


def count_classes(n: np.ndarray, most: int = 5) -> list[tuple[int, int]]:
    """Return up to five classes of the counts above 0, each some times as high as the one before.

    Crime gathers: with equally many areas in each class the top one would hold 7 as well as 1,000.

    Returns
    -------
    list of (low, high)
        Both ends included, ascending, none without an area; empty where all counts are 0.
    """
    above = n[n > 0]
    if not len(above):
        return []
    limits = float(above.max()) ** (np.arange(1, most + 1) / most)
    ends = np.unique(np.floor(limits + 1e-9).astype(int))
    starts = [1, *(int(end) + 1 for end in ends[:-1])]
    pairs = [(start, int(end)) for start, end in zip(starts, ends)]
    return [(low, high) for low, high in pairs if ((above >= low) & (above <= high)).any()]
