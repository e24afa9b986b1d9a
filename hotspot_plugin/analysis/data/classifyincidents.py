"""Give each incident the group, harm and marks that a table states for its type.

Offences that become known because officers or a company's staff look for them measure how
much somebody looked, not how much harm there was: the Cambridge consensus (Sherman and
Cambridge University associates 2020, Cambridge Journal of Evidence-Based Policing 4, 1-14)
leaves them out of an index of harm and reports them apart. So they weigh nothing here
unless that is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..progress import Progress, silent
from .typetable import COMPANY, OFFICER, UNKNOWN, TypeTable, fold

_CHUNK = 100_000


@dataclass(frozen=True)
class Distinct:
    """The distinct values of a column, spellings that differ in spaces and capitals taken together.

    Attributes
    ----------
    names : list of str
        First spelling of each value.
    keys : list of str
        Folded, as they are compared.
    counts : (k,) array of int
    of_row : (n,) array of int
        Value of each row; -1 for null and blank.
    """

    names: list
    keys: list
    counts: np.ndarray
    of_row: np.ndarray

    @property
    def blank(self) -> int:
        """Rows without a value."""
        return int((self.of_row < 0).sum())


def distinct(values: np.ndarray, progress: Progress = silent) -> Distinct:
    """Return the distinct values of a column of texts.

    Parameters
    ----------
    values : (n,) array of str or None
    """
    n = len(values)
    raw: dict = {}
    of_raw = np.empty(n, np.int64)
    for start in range(0, n, _CHUNK):
        progress(start / n)
        block = values[start : start + _CHUNK].tolist()
        # the length is read before the value goes in, so that a new one gets the next number
        of_raw[start : start + len(block)] = [raw.setdefault(value, len(raw)) for value in block]
    names: list = []
    seen: dict = {}
    to_value = np.full(len(raw) + 1, -1, np.int64)
    for value, position in raw.items():
        key = fold(value) if value is not None else ""
        if key:
            to_value[position] = seen.setdefault(key, len(seen))
            if len(seen) > len(names):
                names.append(" ".join(value.split()))
    of_row = to_value[of_raw]
    counts = np.bincount(of_row[of_row >= 0], minlength=len(names))
    return Distinct(names, list(seen), counts, of_row)


@dataclass(frozen=True)
class Classified:
    """Incidents with what the table says of them; arrays of n rows unless stated.

    Attributes
    ----------
    types : Distinct
    entry : (k,) array of int
        Row of the table of each distinct type; -1 if it has none.
    matched : array of bool
    group : array of object
        None where the type is not in the table.
    harm : array of float
        Weight of the row; NaN where the table states none.
    left_out : array of float
        Harm that the row would have had if found offences counted; 0 elsewhere.
    sensitive, public_place, is_crime : masked array of bool
        Masked where not known.
    proactive : masked array of bool
        Found by officers, by the table or by the row's own source.
    company : array of bool
        Found by a company's staff.
    """

    types: Distinct
    entry: np.ndarray
    matched: np.ndarray
    group: np.ndarray
    harm: np.ndarray
    left_out: np.ndarray
    sensitive: np.ma.MaskedArray
    proactive: np.ma.MaskedArray
    public_place: np.ma.MaskedArray
    is_crime: np.ma.MaskedArray
    company: np.ndarray

    def __len__(self) -> int:
        return len(self.matched)

    @property
    def unmatched(self) -> int:
        """Rows whose type is not in the table; rows without a type are not among them."""
        return int((~self.matched).sum()) - self.types.blank

    @property
    def unmatched_types(self) -> np.ndarray:
        """Distinct types that are not in the table, the commonest first."""
        missing = np.flatnonzero(self.entry < 0)
        return missing[np.argsort(-self.types.counts[missing], kind="stable")]

    @property
    def without_harm(self) -> int:
        """Rows whose type is in the table, without a harm there."""
        return int((self.matched & np.isnan(self.harm)).sum())


def classify(
    values: np.ndarray,
    table: TypeTable,
    initiated: np.ndarray | None = None,
    count_proactive: bool = False,
    progress: Progress = silent,
) -> Classified:
    """Look the types of incidents up in a table.

    Parameters
    ----------
    values : (n,) array of str or None
        Type of each incident. A type is the table's if both are the same after removing
        spaces around and letting capitals be small letters; nothing is guessed.
    table : TypeTable
    initiated : (n,) array of bool, optional
        Rows that officers began themselves, by what the data say.
    count_proactive : bool
        Let offences found by officers or company staff keep their harm.
    progress : Progress
    """
    types = distinct(values, lambda done: progress(0.6 * done))
    entry = np.array([table.index.get(key, -1) for key in types.keys], np.int64)
    # the last place of each array below belongs to what is not in the table
    row = np.append(entry, -1)[types.of_row]
    progress(0.7)
    matched = row >= 0
    found = np.zeros(len(row), bool) if initiated is None else np.asarray(initiated, bool)
    detected = np.append(table.detected, UNKNOWN)[row]
    officer, company = (detected == OFFICER) | found, detected == COMPANY
    progress(0.8)
    harm = np.append(table.harm, np.nan)[row]
    left_out = np.zeros(len(row))
    if not count_proactive and table.has_harm:
        nothing = officer | company
        left_out[nothing] = np.nan_to_num(harm[nothing])
        harm[nothing] = 0.0
    progress(0.9)
    groups = np.empty(len(table) + 1, object)
    groups[:-1] = table.groups
    return Classified(
        types, entry, matched, groups[row], harm, left_out,
        _truth(table.sensitive, row),
        np.ma.MaskedArray(officer, ~matched & ~found),
        _truth(table.public_place, row),
        _truth(table.is_crime, row),
        company,
    )


def _truth(states: np.ndarray, row: np.ndarray) -> np.ma.MaskedArray:
    state = np.append(states, UNKNOWN)[row]
    return np.ma.MaskedArray(state == 1, state == UNKNOWN)


@dataclass(frozen=True)
class GroupCount:
    """What a group holds."""

    name: str
    types: int
    rows: int
    sensitive: int
    proactive: int
    company: int
    harm: float


def by_group(result: Classified, table: TypeTable) -> list:
    """Return a GroupCount for each group with rows, the largest first."""
    names = list(dict.fromkeys(table.groups))
    number = {name: k for k, name in enumerate(names)}
    of_entry = np.array([number[name] for name in table.groups], np.int64)
    known = result.entry >= 0
    of_type = np.where(known, of_entry[np.where(known, result.entry, 0)], -1)
    of_row = np.append(of_type, -1)[result.types.of_row]
    some = of_row >= 0

    def total(weights: np.ndarray) -> np.ndarray:
        return np.bincount(of_row[some], np.asarray(weights, float)[some], len(names))

    rows = total(np.ones(len(result)))
    kinds = np.bincount(of_type[known], minlength=len(names))
    sensitive, proactive = total(result.sensitive.filled(False)), total(result.proactive.filled(False))
    company, harm = total(result.company), total(np.nan_to_num(result.harm))
    order = [k for k in np.argsort(-rows, kind="stable") if rows[k]]
    return [
        GroupCount(names[k], int(kinds[k]), int(rows[k]), int(sensitive[k]), int(proactive[k]), int(company[k]),
                   float(harm[k])) for k in order
    ]


def marked_rows(sources: np.ndarray, marks: list, progress: Progress = silent) -> tuple[np.ndarray, list, Distinct]:
    """Return which rows have one of some source values, the marks that no row has, and the distinct sources.

    Parameters
    ----------
    sources : (n,) array of str or None
    marks : list of str
        Compared like types.
    """
    found = distinct(sources, progress)
    keys = {fold(mark) for mark in marks}
    chosen = np.append(np.array([key in keys for key in found.keys], bool), False)
    absent = [mark for mark in marks if fold(mark) not in set(found.keys)]
    return chosen[found.of_row], absent, found
