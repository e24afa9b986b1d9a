"""Forms of CPTED audits: which items are judged, for which principle, and what 0, 1 and 2 mean.

A form is a table that can be read, edited and shared. Marks follow the usual checklists:
0 poor, 1 middling, 2 good; an item that does not apply here, or was not seen, has no mark
and neither lowers nor raises anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Sequence

from ..errors import InputError
from .profile import PRINCIPLES

PARAMETER = "FORM_FILE"
COLUMNS = ("principle", "item", "question", "zero", "one", "two", "when")
ANY, DAY, NIGHT = WHEN = ("any", "day", "night")
#: Codes of an item beside the marks.
BEST, NOT_APPLICABLE, NOT_SEEN = 2, 8, 9
MARKS = (0, 1, 2, NOT_APPLICABLE, NOT_SEEN)
#: Fields of an audit that are no items.
AUDIT_ID, PLACE_ID, AUDITOR, VISIT, VISITED, FORM = "audit_id", "place_id", "auditor", "visit", "visited", "form"
WHO_USES, PUSHED_OUT, REMARK, PHOTO_1, PHOTO_2 = "who_uses", "pushed_out", "remark", "photo_1", "photo_2"
RESERVED = (AUDIT_ID, PLACE_ID, AUDITOR, VISIT, VISITED, FORM, WHO_USES, PUSHED_OUT, REMARK, PHOTO_1, PHOTO_2,
            "fid", "geom", "name", "double")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,9}")


@dataclass(frozen=True)
class Item:
    """A line of a form.

    Attributes
    ----------
    principle : int
        Index into :data:`~hotspot_plugin.analysis.cpted.profile.PRINCIPLES`.
    name : str
        Field of the audits and of the scored places; the profiles of the CPTED score read it under this name.
    question : str
    answers : (str, str, str)
        What 0, 1 and 2 mean.
    when : str
        ``"any"``, ``"day"`` or ``"night"``: visits on which it can be judged.
    """

    principle: int
    name: str
    question: str
    answers: tuple
    when: str


def parse(names: Sequence[str], columns: dict, lines: Sequence[int], file: str) -> tuple:
    """Read a form; parameters as of :func:`hotspot_plugin.analysis.cpted.profile.parse`.

    Returns
    -------
    tuple of Item

    Raises
    ------
    InputError
        Names the line and what is wrong with it.
    """
    lower = {str(name).strip().lower(): name for name in names}
    missing = [name for name in COLUMNS[:-1] if name not in lower]
    if missing:
        raise InputError(PARAMETER, "'{file}' has no column {missing}. A form has the columns {columns}.",
                         file=file, missing=", ".join(missing), columns=", ".join(COLUMNS))
    items: list = []
    seen: dict = {}
    for row, line in enumerate(lines):
        cells = {name: str(columns[lower[name]][row] or "").strip() if name in lower else "" for name in COLUMNS}
        if not any(cells.values()):
            continue
        item = _item(cells, file, line)
        if item.name in seen:
            raise _wrong(file, line, "the item '{given}' stands in line {other} already", given=item.name,
                         other=seen[item.name])
        seen[item.name] = line
        items.append(item)
    if not items:
        raise InputError(PARAMETER, "'{file}' holds no item. Give at least one line.", file=file)
    return tuple(sorted(items, key=lambda item: item.principle))


def _item(cells: dict, file: str, line: int) -> Item:
    principle = cells["principle"].lower().replace(" ", "_")
    if principle not in PRINCIPLES:
        raise _wrong(file, line, "the principle '{given}' is none of {known}", given=cells["principle"],
                     known=", ".join(PRINCIPLES))
    name = cells["item"].lower()
    if not _NAME.fullmatch(name) or name in RESERVED:
        raise _wrong(file, line, "'{given}' cannot name an item: use at most ten lower-case letters, digits and _, and"
                     " none of {reserved}", given=cells["item"], reserved=", ".join(RESERVED))
    answers = (cells["zero"], cells["one"], cells["two"])
    if not cells["question"] or not all(answers):
        raise _wrong(file, line, "the item '{given}' needs a question and what 0, 1 and 2 mean", given=name)
    when = cells["when"].lower() or ANY
    if when not in WHEN:
        raise _wrong(file, line, "'{given}' is neither any, day nor night", given=cells["when"])
    return Item(PRINCIPLES.index(principle), name, cells["question"], answers, when)


def _wrong(file: str, line: int, text: str, **values: object) -> InputError:
    return InputError(PARAMETER, "'{file}', line {line}: " + text + ". Mend this line of the form.", file=file,
                      line=line, **values)
