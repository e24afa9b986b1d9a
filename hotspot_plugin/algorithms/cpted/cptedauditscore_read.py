"""What 'Score CPTED audit' reads: visits with their marks, and the place of each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...analysis.cpted import auditform as a
from ...analysis.cpted import cptedauditscore as analysis
from ...analysis.errors import InputError
from ...layers import fields
from ...layers.areas import Areas
from ...layers.nearest import nearest_feature
from ...layers.reading import Points
from ...reports import formats
from ...translation import tr
from . import auditforms

DAY, NIGHT = 0, 1


@dataclass
class Data:
    """What was read; the rows are visits that count.

    Attributes
    ----------
    items : list of Item
    place, visit, auditor : (n,) arrays of int
        ``visit`` is :data:`DAY` or :data:`NIGHT`.
    auditors : list of str
        Codes.
    weight : (a,) array
        Of the auditors.
    when : (n,) datetime64 array
    marks : (n, k) array
        0 to 2, NaN for none.
    not_applicable : (n, k) array of bool
    who_uses, pushed_out : list of str
        Answers, "" for none.
    layer : Areas or None
        The places.
    x, y : arrays
        Of the places, where there is no layer of them.
    names, keys : list of str
        Of the places.
    read : int
        Rows of the audits.
    by_location : int
        Visits joined by where they are.
    layer_name : str
    """

    items: list
    place: np.ndarray
    visit: np.ndarray
    auditor: np.ndarray
    auditors: list
    weight: np.ndarray
    when: np.ndarray
    marks: np.ndarray
    not_applicable: np.ndarray
    who_uses: list
    pushed_out: list
    layer: Areas | None
    x: np.ndarray
    y: np.ndarray
    names: list
    keys: list
    read: int
    by_location: int
    layer_name: str


def read(run: Any) -> Data:
    """Read the visits and their places."""
    tool = run.tool
    there = run.source_fields(tool.INPUT)
    items = _items(run, there)
    place_field = run.field(tool.PLACE_FIELD) or (a.PLACE_ID if a.PLACE_ID in there else "")
    auditor_field = _needed(run, tool.AUDITOR_FIELD, a.AUDITOR, there, tr("the code of the auditor"))
    visit_field = _needed(run, tool.VISIT_FIELD, a.VISIT, there, tr("whether it was day or night"))
    date_field = run.field(tool.DATE_FIELD) or (a.VISITED if a.VISITED in there else "")
    words = [f for f in (a.WHO_USES, a.PUSHED_OUT) if f in there]
    visits = run.points(tool.INPUT, numbers=[i.name for i in items],
                        texts=list(dict.fromkeys(f for f in (place_field, auditor_field, visit_field, *words) if f)),
                        times=[date_field], keep_unlocated=True, progress=run.stage(0.0, 0.2))
    rows = len(visits)
    visits = _usable(run, visits, auditor_field, visit_field, date_field)
    layer, keys, names, x, y, place, by_location, visits = _placed(run, visits, place_field)
    auditors, auditor = np.unique([str(v).strip() for v in visits.columns[auditor_field]], return_inverse=True)
    visit = np.where(_kind(visits.columns[visit_field]) == NIGHT, NIGHT, DAY)
    when = visits.columns[date_field] if date_field else np.full(len(visits), np.datetime64("NaT", "ms"))
    keep = analysis.newest(place, visit, auditor, when)
    if not keep.all():
        visits = visits.take(keep, tr("an older visit of the same auditor, by day or by night"))
    codes = np.column_stack([visits.columns[i.name] for i in items])
    _refuse_other_codes(tool.INPUT, visits, items, codes)
    found = Data(items, place[keep], visit[keep], auditor[keep], auditors.tolist(), np.ones(len(auditors)), when[keep],
                 np.where(codes <= a.BEST, codes, np.nan), codes == a.NOT_APPLICABLE, _answers(visits, a.WHO_USES),
                 _answers(visits, a.PUSHED_OUT), layer, x, y, names, keys, rows, by_location, visits.name)
    found.weight = _weights(run, found.auditors)
    return found


def _items(run: Any, there: list) -> list:
    tool, own = run.tool, run.file(run.tool.FORM_FILE)
    known = {i.name: i for i in auditforms.read(Path(own), tool.FORM_FILE)} if own else auditforms.shipped()
    items = [known[name] for name in there if name in known]
    if not items:
        raise InputError(tool.INPUT, "'{layer}' has no field that is an item of a form, such as {some}. Choose the"
                         " layer audits of 'Create CPTED audit form', or give the CSV file of your form (FORM_FILE).",
                         layer=run.source(tool.INPUT).sourceName(), some=", ".join(list(known)[:3]))
    return sorted(items, key=lambda item: item.principle)


def _needed(run: Any, parameter: str, usual: str, there: list, what: str) -> str:
    chosen = run.field(parameter) or (usual if usual in there else "")
    if not chosen:
        raise InputError(parameter, "There is no field '{usual}' that says {what}. Choose the field.", usual=usual,
                         what=what)
    return chosen


def _kind(column: np.ndarray) -> np.ndarray:
    """Return DAY, NIGHT, or -1 for what is neither."""
    texts = [str(v or "").strip().lower() for v in column]
    return np.array([DAY if t.startswith("day") else NIGHT if t.startswith("night") else -1 for t in texts], np.int64)


def _usable(run: Any, visits: Points, auditor: str, visit: str, date: str) -> Points:
    tool = run.tool
    visits = visits.take(np.array([bool(str(v or "").strip()) for v in visits.columns[auditor]], bool),
                         tr("no auditor"))
    visits = visits.take(_kind(visits.columns[visit]) >= 0, tr("neither day nor night"))
    for parameter, late in ((tool.FROM_DATE, False), (tool.TO_DATE, True)):
        limit = run.date(parameter)
        if limit is None:
            continue
        if not date:
            raise InputError(parameter, "A day needs the time of the visits. Choose its field (DATE_FIELD).")
        days = visits.columns[date].astype("M8[D]")
        inside = ~np.isnat(days) & ((days <= limit) if late else (days >= limit))
        visits = visits.take(inside, tr("of another day, or without one"))
    if not len(visits):
        raise InputError(tool.INPUT, "No visit can be used: each needs an auditor, day or night, and a place. Choose"
                         " another layer or other days.")
    return visits


def _placed(run: Any, visits: Points, place_field: str) -> tuple:
    """Return layer, keys, names, x, y of the places, the place of each visit, how many by location, and the visits."""
    tool = run.tool
    given = [str(v).strip() if v is not None else "" for v in visits.columns[place_field]] if place_field else [
        ""] * len(visits)
    if run.has(tool.PLACES):
        return _at_places(run, visits, given)
    known = np.array([bool(key) for key in given], bool)
    if not known.any():
        raise InputError(tool.PLACE_FIELD, "No visit says which place it is of. Choose the field with the key of the"
                         " place, or give the layer of the places (PLACES).")
    visits = visits.take(known, tr("no key of the place"))
    keys, place = np.unique([key for key in given if key], return_inverse=True)
    located = np.isfinite(visits.x) & np.isfinite(visits.y)
    number = np.bincount(place[located], minlength=len(keys))
    if not (number > 0).all():
        raise InputError(tool.PLACES, "Place '{key}' has no visit with a location, so that it cannot be drawn. Give the"
                         " layer of the places.", key=str(keys[number == 0][0]))
    x, y = (np.bincount(place[located], v[located], len(keys)) / number for v in (visits.x, visits.y))
    return None, keys.tolist(), keys.tolist(), x, y, place, 0, visits


def _at_places(run: Any, visits: Points, given: list) -> tuple:
    tool = run.tool
    there = run.source_fields(tool.PLACES)
    key_field = run.field(tool.ID_FIELD, tool.PLACES) or (fields.PLACE_ID if fields.PLACE_ID in there else "")
    label = run.field(tool.NAME_FIELD, tool.PLACES) or next((f for f in there if f.lower() == "name"), "")
    layer = run.areas(tool.PLACES, texts=list(dict.fromkeys(f for f in (key_field, label) if f)))
    keys = [tr("row {row}").format(row=row + 1) for row in layer.rows.tolist()]
    index: dict = {}
    if key_field:
        keys = [str(v).strip() if v is not None else keys[i] for i, v in enumerate(layer.columns[key_field])]
        for i, key in enumerate(keys):
            if index.setdefault(key, i) != i:
                raise InputError(tool.ID_FIELD, "'{field}' holds '{key}' twice. A key stands once; choose another"
                                 " field.", field=key_field, key=key)
    names = [str(v or "").strip() or keys[i] for i, v in enumerate(layer.columns[label])] if label else list(keys)
    place = np.array([index.get(key, -1) if key else -1 for key in given], np.int64)
    open_ = np.flatnonzero((place < 0) & np.isfinite(visits.x) & np.isfinite(visits.y))
    if len(open_):
        place[open_] = nearest_feature(layer, visits.x[open_], visits.y[open_], run.number(tool.DISTANCE),
                                       run.stage(0.2, 0.3))[0]
    by_location = int((place[open_] >= 0).sum()) if len(open_) else 0
    if not (place >= 0).any():
        raise InputError(tool.PLACES, "No visit is of one of the {count} places, neither by key nor within {far:g} m."
                         " Choose the layer of the places that were audited.", count=len(layer),
                         far=run.number(tool.DISTANCE))
    visits = visits.take(place >= 0, tr("of none of the places"))
    none = np.empty(0)
    return layer, keys, names, none, none, place[place >= 0], by_location, visits


def _refuse_other_codes(parameter: str, visits: Points, items: list, codes: np.ndarray) -> None:
    wrong = np.argwhere(np.isfinite(codes) & ~np.isin(codes, a.MARKS))
    if len(wrong):
        row, column = wrong[0].tolist()
        raise InputError(parameter, "'{item}' holds {value:g} (row {row}). Marks are 0, 1 and 2; 8 is not applicable, 9"
                         " not seen. Mend this row.", item=items[column].name, value=float(codes[row, column]),
                         row=int(visits.rows[row]) + 1)


def _answers(visits: Points, name: str) -> list:
    return [str(v or "").strip() for v in visits.columns[name]] if name in visits.columns else [""] * len(visits)


def _weights(run: Any, auditors: list) -> np.ndarray:
    parameter, text = run.tool.AUDITOR_WEIGHTS, run.text(run.tool.AUDITOR_WEIGHTS)
    out = np.ones(len(auditors))
    for piece in (p.strip() for p in re.split(r"[;\n]", text) if p.strip()):
        code, equals, number = (part.strip() for part in piece.partition("="))
        try:
            value = float(number)
        except ValueError:
            value = float("nan")
        if not equals or not np.isfinite(value) or value <= 0:
            raise InputError(parameter, "'{piece}' is no weight. Write the code of an auditor, = and a number above 0:"
                             " K01 = 2.", piece=piece)
        if code not in auditors:
            raise InputError(parameter, "There is no auditor '{code}' among {known}.", code=code,
                             known=", ".join(auditors[:20]))
        out[auditors.index(code)] = value
    if text.strip():
        run.info(tr("Weights of the auditors: {list}.").format(list=", ".join(
            f"{code} {formats.number(float(w))}" for code, w in zip(auditors, out))))
    return out
