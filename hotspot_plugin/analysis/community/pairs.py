"""Which groups of recorded crime a category of concern can be set beside.

Worry about dark streets beside burglaries compares nothing. So each category names the groups of
crime that it is about, or none, and only these are counted against it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Sequence

from ..data.typetable import fold
from ..errors import InputError

#: Every group that is recorded.
EVERYTHING = "*"
#: Category of community input -> parts of the names of groups or types, in small letters; without any it is compared
#: with nothing.
DEFAULT = {
    "unsafe": (EVERYTHING,),
    "violence": ("violen", "assault", "offence against a person", "against persons", "robbery", "homicide", "murder",
                 "weapon", "battery"),
    "harassment": ("harass", "stalk", "public order", "intimidat", "sexual", "hate"),
    "theft": ("theft", "larceny", "burglary", "break and enter", "breaking", "robbery", "shoplift", "stolen"),
    "vehicle": ("vehicle crime", "theft from vehicle", "theft of vehicle", "motor vehicle theft", "auto theft",
                "from motor vehicle", "car theft"),
    "drugs": ("drug", "narcotic"),
    "disorder": ("disorder", "anti-social", "antisocial", "public order", "nuisance", "disturbance", "drunk", "noise"),
    "damage": ("damage", "mischief", "vandal", "arson", "graffiti", "destruction"),
    "rubbish": (), "light": (), "traffic": (), "other": (),
}


@dataclass(frozen=True)
class Pair:
    """A category, or all of them, and the groups of the first layer that it is set beside.

    Attributes
    ----------
    name : str
        "" for all together.
    categories, groups : frozenset of str or None
        None is every row, whatever it says.
    """

    name: str
    categories: frozenset | None
    groups: frozenset | None


def parse(text: str, parameter: str = "PAIRS") -> dict:
    """Read pairs from a text.

    Parameters
    ----------
    text : str
        A line (or part between semicolons) for each category: ``category = group, group``. ``*`` is every group,
        nothing after the sign none.

    Raises
    ------
    InputError
        For a line without the sign or without a category, or one that stands twice.
    """
    out: dict = {}
    for line in re.split(r"[;\n]", text):
        if not line.strip():
            continue
        category, sign, groups = line.partition("=")
        key = fold(category)
        if not sign or not key:
            raise InputError(parameter, "'{line}' is no pair. Write 'category = group, group' on a line of its own,"
                             " e.g. 'theft = burglary, theft'.", line=line.strip())
        if key in out:
            raise InputError(parameter, "'{category}' stands twice. Put all its groups on one line.",
                             category=category.strip())
        out[key] = tuple(word for part in groups.split(",") if (word := fold(part)))
    if text.strip() and not out:
        raise InputError(parameter, "There is no pair in the text. Write 'category = group, group'.")
    return out


@dataclass(frozen=True)
class Matched:
    """Pairs as the data have them.

    Attributes
    ----------
    pairs : list of Pair
        All together first, then each category that has groups.
    without : list of str
        Categories of the data that are compared with nothing.
    unknown : list of str
        Categories of the data that the table does not have.
    left : list of str
        Groups of the data that no category is about.
    unmatched : list of str
        Categories of the data whose groups are not in the data.
    """

    pairs: list
    without: list
    unknown: list
    left: list
    unmatched: list


def match(table: dict, categories: Sequence[str], groups: Sequence[str]) -> Matched:
    """Match a table of pairs with the categories and groups that the data hold.

    A word of the table means every group whose name holds it, capitals or small letters alike.
    """
    pairs: list = []
    without: list = []
    unknown: list = []
    unmatched: list = []
    used: set = set()
    for category in sorted(set(categories)):
        words = table.get(fold(category))
        if not words:
            (unknown if words is None else without).append(category)
            continue
        found = frozenset(g for g in set(groups) if EVERYTHING in words or any(word in fold(g) for word in words))
        if not found:
            unmatched.append(category)
            continue
        used |= found
        pairs.append(Pair(category, frozenset([category]), found))
    if pairs:
        together = frozenset(pair.name for pair in pairs)
        pairs.insert(0, Pair("", together, frozenset(used)))
    return Matched(pairs, without, unknown, sorted(set(groups) - used), unmatched)
