"""Looks through every column of an export for personal data and cleans those that are kept."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...analysis.errors import InputError
from ...analysis.privacy import personal
from ...analysis.privacy.personalcolumns import PLACE, column_kind
from ...analysis.privacy.personalpatterns import ADDRESS, KINDS
from ...analysis.timeline import Times, parse_texts
from ...reports import formats
from ...translation import tr
from ..data.prepareincidents_input import Export
from .importcommunityinput_read import Choices, shown

#: columns whose content is no text: not looked through where they are what they should be
_MEASURES = {"X_FIELD", "Y_FIELD", "GEOPOINT_FIELD", "DATE_FIELD", "ACK_FIELD", "WORK_FIELD", "DONE_FIELD",
             "DECLINED_FIELD", "UPDATED_FIELD"}
#: columns of running text, in which weaker signs count
_FREE = {"TEXT_FIELD", "RESPONSE_FIELD"}
#: columns whose texts are written as they are
_WRITTEN = {"ID_FIELD", "TEXT_FIELD", "ORG_FIELD", "RESPONSE_FIELD", "PLACE_FIELD"}
#: columns of which words may reach a result, a report or the mapping
_KEPT = {"ID_FIELD", "CATEGORY_FIELD", "CONCERN_FIELD", "DAY_PART_FIELD", "TEXT_FIELD", "WISH_FIELD", "SOURCE_FIELD",
         "ORG_FIELD", "LANG_FIELD", "CONSENT_FIELD", "STATUS_FIELD", "RESPONSE_FIELD", "PLACE_FIELD"}


@dataclass
class Scan:
    """What was found.

    Attributes
    ----------
    columns : dict
        Column -> kind of personal data, for columns that are personal by their names (and hold anything).
    cells : dict
        Column -> number of filled cells, for these.
    values : dict
        (column, kind) -> number of cells in which it was found, for all other columns.
    clean : dict
        Column -> texts without what was found, for columns of which something is kept.
    touched : dict
        Column -> mask of the rows in which something was found.
    places : list of str
        Columns that hold the address of a place.
    """

    columns: dict = field(default_factory=dict)
    cells: dict = field(default_factory=dict)
    values: Counter = field(default_factory=Counter)
    clean: dict = field(default_factory=dict)
    touched: dict = field(default_factory=dict)
    places: list = field(default_factory=list)

    @property
    def total(self) -> int:
        """Cells with personal data."""
        return sum(self.cells.values()) + sum(self.values.values())

    def by_kind(self) -> dict:
        """Return kind -> cells, in the order in which kinds are told."""
        counts: Counter = Counter()
        for column, kind in self.columns.items():
            counts[kind] += self.cells[column]
        for (_, kind), cells in self.values.items():
            counts[kind] += cells
        return {kind: counts[kind] for kind in KINDS if counts[kind]}

    def words(self) -> str:
        """Return what was found in words, e.g. "12 e-mail address, 3 phone number"."""
        return ", ".join(f"{tr(KINDS[kind])}: {formats.number(count)}" for kind,
                         count in self.by_kind().items())

    def rows(self) -> list:
        """Return (column, kind, cells, whether the whole column) for a table."""
        whole = [(c, k, self.cells[c], True) for c, k in self.columns.items()]
        return sorted(whole + [(c, k, n, False) for (c, k), n in self.values.items()], key=lambda r: (-r[2], r[0]))


def scan(run: Any, export: Export, choices: Choices) -> Scan:
    """Look through all columns, used or not.

    Raises
    ------
    InputError
        Where personal data shall stop the import and there are any; counts only, no values.
    """
    found = Scan()
    role_of = {name: role for role, name in choices.fields.items()}
    portal = choices.system == "Open311"
    words = {kind: tr("[removed: {what}]").format(what=tr(word)) for kind, word in KINDS.items()}
    for k, name in enumerate(export.names):
        run.progress(0.4 + 0.15 * k / max(len(export.names), 1))
        column = export.columns[name]
        if isinstance(column, Times):
            continue
        role = role_of.get(name, "")
        kind = column_kind(name, portal)
        # what the user says is the place's is the place's
        if role == "PLACE_FIELD" and kind == ADDRESS:
            kind = PLACE
        filled = np.array([t is not None and t.strip() != "" for t in column], bool)
        if not filled.any():
            continue
        if kind == PLACE:
            found.places.append(name)
        elif kind:
            if role in _WRITTEN:
                raise InputError(
                    role, "The column '{field}' holds personal data by its name ({kind}) and cannot be taken over."
                          " Choose"
                    " another column, or rename it in the export if it does not.", field=shown(name),
                    kind=tr(KINDS[kind]))
            found.columns[name], found.cells[name] = kind, int(filled.sum())
            continue
        _values(found, name, column, role, words, run)
    if found.total and run.choice("PERSONAL") == 1:
        places = "; ".join(f"{shown(c)}: {tr(KINDS[k])} ({n})" for c, k, n, _ in found.rows()[:30])
        raise InputError(
            "PERSONAL", "The export holds personal data, and nothing was written. Cells by column: {found}. Remove"
                        " them in"
            " the export, or let this tool remove them (PERSONAL 0).", found=places)
    return found


def _values(found: Scan, name: str, column: np.ndarray, role: str, words: dict, run: Any) -> None:
    """Look through the different texts of a column."""
    import pandas as pd

    codes, uniques = pd.factorize(np.asarray(column, object))
    texts = [str(u) for u in uniques]
    if role in _MEASURES and _measured(texts):
        return
    numeric = pd.to_numeric(pd.Series([t.replace(",", ".") for t in texts], dtype=object), errors="coerce").notna()
    spaced = sum(len(t.split()) >= 4 for t in texts)
    free = role in _FREE or spaced >= 0.3 * len(texts)
    lookup, hit = np.empty(len(texts) + 1, object), np.zeros(len(texts) + 1, bool)
    lookup[-1] = None
    rows = np.bincount(codes[codes >= 0], minlength=len(texts))
    for k, text in enumerate(texts):
        if k % 500 == 0:
            run.check()
        lookup[k] = text
        if numeric[k] and role not in _FREE and len(text) < 16 and not text.strip().startswith("+"):
            continue
        cleaned, counts = personal.clean(text, free, words)
        if counts:
            lookup[k], hit[k] = cleaned, True
            for kind in counts:
                found.values[name, kind] += int(rows[k])
    _phones(found, name, texts, rows, numeric, lookup, hit, words)
    if hit.any():
        found.touched[name] = hit[codes]
    if role in _KEPT:
        found.clean[name] = lookup[codes]


def _phones(found: Scan, name: str, texts: list, rows: np.ndarray, numeric: Any, lookup: np.ndarray, hit: np.ndarray,
            words: dict) -> None:
    """Tell a column of bare numbers in which nearly all are phone numbers by their running-text shape."""
    bare = [k for k in range(len(texts)) if numeric[k] and texts[k].strip().isdigit() and not hit[k]]
    if len(bare) < 5 or len(bare) < 0.8 * len(texts):
        return
    kinds: dict = {}
    for k in bare:
        first = personal.find(texts[k].strip())
        if first:
            kinds.setdefault(first[0].kind, []).append(k)
    for kind, those in kinds.items():
        # one in ten numbers passes a check digit by chance, and one in three may begin like a phone number
        if len(those) >= 0.8 * len(bare):
            for k in those:
                lookup[k], hit[k] = words[kind], True
                found.values[name, kind] += int(rows[k])


def _measured(texts: list) -> bool:
    """Whether nearly all texts are numbers, places or dates."""
    some = [t for t in texts if t.strip()][:2000]
    if not some:
        return True
    numbers = sum(bool(re.fullmatch(r"[\s\d.,+\-°'NSEWnsew\[\]()]+", t)) for t in some)
    if numbers >= 0.99 * len(some):
        return True
    times = parse_texts(np.array(some, object), "dmy")
    return bool((~np.isnat(times.values)).sum() >= 0.99 * len(some))
