"""Categories of an agency's own: what residents may say that something is about."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import Sequence

from ..errors import InputError
from .inputs import CATEGORIES
from .pairs import DEFAULT

_KEY = re.compile(r"[a-z][a-z0-9_]{0,29}")
#: More in one list cannot be chosen from on a phone.
MOST = 40


@dataclass(frozen=True)
class Category:
    """A category.

    Attributes
    ----------
    key : str
        What is kept in the data.
    label : str
        What is read in the form; "" for the plugin's own word.
    groups : tuple of str
        Groups of crime that it is set beside.
    """

    key: str
    label: str
    groups: tuple = ()


def default() -> tuple:
    """Return the plugin's categories."""
    return tuple(Category(key, "", DEFAULT[key]) for key in CATEGORIES)


def from_text(text: str, parameter: str) -> tuple:
    """Read categories from lines of ``key, label, group, group``; a semicolon parts like a new line.

    Parameters
    ----------
    text, parameter : str

    Raises
    ------
    InputError
        As :func:`from_rows`.
    """
    rows = list(csv.reader(io.StringIO(re.sub(r"[;\n]+", "\n", text)), skipinitialspace=True))
    return from_rows([(i + 1, row) for i, row in enumerate(rows) if any(cell.strip() for cell in row)], parameter)


def from_rows(rows: Sequence[tuple], parameter: str) -> tuple:
    """Read categories from numbered rows of key, label, groups.

    Parameters
    ----------
    rows : list of (int, list of str)
        Number of the line and its cells; a first row that begins with "key" is the header.
    parameter : str

    Raises
    ------
    InputError
        For a key that cannot be kept, one that stands twice, or too many.
    """
    out: list = []
    for line, row in rows:
        cells = [(cell or "").strip() for cell in row]
        if not out and cells[0].lower() == "key":
            continue
        key = cells[0]
        if not _KEY.fullmatch(key):
            raise InputError(parameter, "Line {line}: '{key}' cannot be a key. Write small letters, digits and _ (at"
                             " most 30), then the label: light, Bad street light, …", line=line, key=key)
        if any(known.key == key for known in out):
            raise InputError(parameter, "Line {line}: '{key}' stands twice. Give each category a key of its own.",
                             line=line, key=key)
        groups = tuple(word for cell in cells[2:] for part in cell.split("|") if (word := part.strip().lower()))
        out.append(Category(key, cells[1] if len(cells) > 1 else "", groups))
    if not out:
        raise InputError(parameter, "There is no category. Write one on each line: key, label, group of crime.")
    if len(out) > MOST:
        raise InputError(parameter, "{count} categories are too many for a list on a phone. Keep at most {most}.",
                         count=len(out), most=MOST)
    return tuple(out)


def pairs(categories: Sequence[Category]) -> str:
    """Return the text by which 'Compare crime with community concern' sets categories beside groups of crime."""
    return "; ".join(f"{c.key} = {', '.join(c.groups)}" for c in categories)
