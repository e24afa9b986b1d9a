"""Tables of crime types: what each code belongs to, weighs and means for publication and patrol.

A table has one row a type, with the columns of :data:`COLUMNS`. It is checked in full
before it is used, because a wrong row would go unnoticed into every later result.
"""

from __future__ import annotations

import difflib
import math
import re
import unicodedata
from dataclasses import dataclass
from typing import Sequence

import numpy as np

from ..errors import InputError

#: columns that a table must have; ``note`` may follow
COLUMNS = ("code", "group", "harm", "sensitive", "proactive", "public_place", "is_crime")
NOTE = "note"
#: how an offence becomes known: reported, found by officers, found by a company's staff
REPORTED, OFFICER, COMPANY = 0, 1, 2
#: how yes and no are written
TRUTHS = {"yes": True, "true": True, "1": True, "y": True, "t": True,
          "no": False, "false": False, "0": False, "n": False, "f": False}
_DETECTED = {"officer": OFFICER, "company": COMPANY}
#: what a truth value not stated is kept as
UNKNOWN = -1


@dataclass(frozen=True)
class TypeTable:
    """A checked table of types; row k of all arrays is one type.

    Attributes
    ----------
    codes, groups, notes : list of str
    harm : (m,) array of float
        Not negative; NaN where none is stated.
    sensitive : (m,) array of int8
        1 yes, 0 no.
    detected : (m,) array of int8
        REPORTED, OFFICER or COMPANY.
    public_place, is_crime : (m,) array of int8
        1 yes, 0 no, -1 not stated.
    index : dict
        Folded code -> row.
    """

    codes: list
    groups: list
    harm: np.ndarray
    sensitive: np.ndarray
    detected: np.ndarray
    public_place: np.ndarray
    is_crime: np.ndarray
    notes: list
    index: dict

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def has_harm(self) -> bool:
        """Whether any type has a harm above 0."""
        return bool(np.nansum(self.harm) > 0)

    def extended(self, other: TypeTable) -> TypeTable:
        """Return this table with the types of another one that it does not have itself."""
        new = [k for key, k in other.index.items() if key not in self.index]
        index = {**self.index, **{fold(other.codes[k]): len(self) + i for i, k in enumerate(new)}}
        return TypeTable(
            self.codes + [other.codes[k] for k in new],
            self.groups + [other.groups[k] for k in new],
            np.concatenate([self.harm, other.harm[new]]),
            np.concatenate([self.sensitive, other.sensitive[new]]),
            np.concatenate([self.detected, other.detected[new]]),
            np.concatenate([self.public_place, other.public_place[new]]),
            np.concatenate([self.is_crime, other.is_crime[new]]),
            self.notes + [other.notes[k] for k in new],
            index,
        )


def fold(text: str) -> str:
    """Return what is compared: without spaces around, single spaces within, capitals or small letters alike."""
    return " ".join(unicodedata.normalize("NFC", text).split()).casefold()


def parse(
    columns: dict, lines: Sequence[int], parameter: str = "TABLE", name: str = "", separator: str = ","
) -> TypeTable:
    """Check a table of texts and return it.

    Parameters
    ----------
    columns : dict of str to sequence of str
        The cells by column name, as read.
    lines : (m,) sequence of int
        Line of the file of each row, for the errors.
    parameter, name : str
        Parameter and file that the errors shall name.
    separator : str
        Of the file: where it is no comma, a number may have a decimal comma.

    Raises
    ------
    InputError
        For missing columns, and for the first row with an unusable cell, with its line.
    """
    found = {fold(str(column)).replace(" ", "_"): values for column, values in columns.items()}
    missing = [column for column in COLUMNS if column not in found]
    if missing:
        raise InputError(
            parameter, "'{name}' lacks the column(s) {missing}. The first line must be: {header} (note may be left"
            " out), separated by commas; found: {found}.",
            name=name, missing=", ".join(missing), header=",".join([*COLUMNS, NOTE]), found=", ".join(columns))
    cells = {column: found[column] for column in (*COLUMNS, NOTE) if column in found}
    rows = [k for k in range(len(lines)) if any(str(values[k]).strip() for values in cells.values())]
    if not rows:
        raise InputError(parameter, "'{name}' has no types below its first line. Add one line for each type.",
                         name=name)
    reader = _Reader(cells, lines, parameter, name, separator)
    codes, index = reader.codes(rows)
    return TypeTable(
        codes,
        [reader.group(k) for k in rows],
        np.array([reader.harm(k) for k in rows], float),
        np.array([reader.truth("sensitive", k, 0) for k in rows], np.int8),
        np.array([reader.detected(k) for k in rows], np.int8),
        np.array([reader.truth("public_place", k) for k in rows], np.int8),
        np.array([reader.truth("is_crime", k) for k in rows], np.int8),
        [" ".join(str(cells[NOTE][k]).split()) if NOTE in cells else "" for k in rows],
        index,
    )


class _Reader:
    """Reads cells; an unusable one is an InputError with its line."""

    def __init__(self, cells: dict, lines: Sequence[int], parameter: str, name: str, separator: str) -> None:
        self.cells, self.lines, self.parameter, self.name, self.separator = cells, lines, parameter, name, separator

    def cell(self, column: str, k: int) -> str:
        return " ".join(str(self.cells[column][k]).split())

    def wrong(self, k: int, text: str, **values: object) -> InputError:
        return InputError(
            self.parameter, "'{name}', line {line}: " + text, name=self.name, line=int(self.lines[k]), **values)

    def codes(self, rows: list) -> tuple[list, dict]:
        codes: list = []
        index: dict = {}
        for k in rows:
            code = self.cell("code", k)
            key = fold(code)
            if not key:
                raise self.wrong(k, "the code is empty. Write the type as it stands in the data, or delete the line.")
            if key in index:
                raise self.wrong(
                    k, "the code '{code}' stands in line {first} already (capitals and spaces do not count). Keep one"
                    " of the two lines.", code=code, first=int(self.lines[rows[index[key]]]))
            index[key] = len(codes)
            codes.append(code)
        return codes, index

    def group(self, k: int) -> str:
        group = self.cell("group", k)
        if not group:
            raise self.wrong(k, "'{code}' has no group. Write the group it belongs to; the code itself if it stands"
                             " alone.", code=self.cell("code", k))
        return group

    def harm(self, k: int) -> float:
        text = self.cell("harm", k)
        if not text:
            return math.nan
        plain = text.replace(",", ".") if self.separator != "," and "." not in text else text
        try:
            value = float(plain) if re.fullmatch(r"[+-]?[\d.]+([eE][+-]?\d+)?", plain) else math.nan
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise self.wrong(k, "the harm of '{code}' is '{value}', which is no number. Write a number such as 12 or"
                             " 0.5, without unit or thousands separator, or leave it empty.",
                             code=self.cell("code", k), value=text)
        if value < 0:
            raise self.wrong(k, "the harm of '{code}' is {value}. No offence takes harm away: write 0 or more, or leave"
                             " it empty.", code=self.cell("code", k), value=text)
        return value

    def truth(self, column: str, k: int, default: int = UNKNOWN) -> int:
        text = self.cell(column, k)
        if not text:
            return default
        if text.casefold() not in TRUTHS:
            raise self.wrong(k, "'{value}' in {column} is neither yes nor no. Write yes or no (true, false, 1, 0 will"
                             " do), or leave it empty.", value=text, column=column)
        return int(TRUTHS[text.casefold()])

    def detected(self, k: int) -> int:
        text = self.cell("proactive", k).casefold()
        if text in _DETECTED:
            return _DETECTED[text]
        if text and text not in TRUTHS:
            raise self.wrong(k, "'{value}' in proactive is none of yes (found by officers), company (found by a"
                             " company's own staff) and no. Write one of them.", value=self.cell("proactive", k))
        return OFFICER if TRUTHS.get(text, False) else REPORTED


def suggestions(name: str, table: TypeTable, limit: int = 3) -> list:
    """Return codes of a table that look like a name, the most alike first; for people to judge, never used.

    Those that differ in punctuation or leading zeros only come first, then those that
    ``difflib`` finds alike by at least three quarters.
    """
    key, compact = fold(name), _compact(name)
    same = [row for other, row in table.index.items() if compact and _compact(other) == compact and other != key]
    near = difflib.get_close_matches(key, table.index, limit, 0.75)
    found = dict.fromkeys([*same, *(table.index[other] for other in near)])
    return [table.codes[row] for row in list(found)[:limit]]


def _compact(text: str) -> str:
    return "".join(c for c in fold(text) if c.isalnum()).lstrip("0")
