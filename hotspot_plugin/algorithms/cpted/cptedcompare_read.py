"""What 'Compare two CPTED scores' reads: two scored layers, which places are the same, and what was done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...analysis.cpted import cptedcompare as analysis
from ...analysis.cpted.cptedcompare import Scoring
from ...analysis.errors import InputError
from ...layers import fields, shapes
from ...layers.areas import LINE, POINT, POLYGON, Areas
from ...layers.zones import spatial_index
from ...reports import formats
from ...translation import tr
from . import happened

#: Least share of a place that lies on its partner, and of the partner on it.
_OVERLAP = 0.5
_NUMBERS = (fields.SCORE, fields.MEAS_SH, fields.NEED_RANK, fields.NEED_LOW, fields.NEED_HIGH)


@dataclass
class Side:
    """One scoring.

    Attributes
    ----------
    units : Areas
    scoring : Scoring
        Of all its places.
    names, photos, notes : list of str
    principles : list of bool
        Which principles the layer has a field for.
    """

    units: Areas
    scoring: Scoring
    names: list
    photos: list
    notes: list
    principles: list


@dataclass
class Data:
    """What was read.

    Attributes
    ----------
    before, after : Side
    first : (m,) array of int
        Place of ``before`` for each place of ``after``, -1 for none.
    by : str
        How places were matched, in words.
    use_ranks : bool
        Whether both rankings are among the same places.
    done : list of str or None
        What was done at each place of ``after``.
    """

    before: Side
    after: Side
    first: np.ndarray
    by: str
    use_ranks: bool
    done: list | None

    @property
    def matched(self) -> np.ndarray:
        """Which places of ``after`` are matched."""
        return self.first >= 0

    @property
    def only_before(self) -> np.ndarray:
        """Places of ``before`` without a partner."""
        return np.setdiff1d(np.arange(len(self.before.units)), self.first)


def read(run: Any) -> Data:
    """Read both scorings and match their places."""
    tool = run.tool
    id_before = run.field(tool.ID_FIELD, tool.BEFORE)
    id_after = run.field(tool.ID_FIELD_AFTER, tool.AFTER)
    if id_before and not id_after:
        id_after = id_before
        if id_after not in run.source_fields(tool.AFTER):
            raise InputError(tool.ID_FIELD_AFTER, "The later layer has no field '{field}'. Choose the field that names"
                             " the same places there.", field=id_after)
    if id_after and not id_before:
        raise InputError(tool.ID_FIELD, "Choose the field that names the places of the earlier layer too.")
    after, keys_after = _side(run, tool.AFTER, id_after, tool.PHOTO_AFTER, tool.NOTE_AFTER)
    before, keys_before = _side(run, tool.BEFORE, id_before, tool.PHOTO_BEFORE, tool.NOTE_BEFORE)
    run.progress(0.3)
    if id_before:
        first, by = _by_key(tool, keys_before, keys_after), tr("by the field {field}").format(field=id_before)
    else:
        first, by = _by_place(run, before.units, after.units), tr("by where they are")
    if not (first >= 0).any():
        raise InputError(tool.BEFORE, "No place of one layer is found in the other ({by}). Check that both are of the"
                         " same town, and the field that names the places.", by=by)
    count = int((first >= 0).sum())
    same = count >= analysis.SAME_PLACES * max(len(before.units), len(after.units))
    run.info(tr("{count} places are in both scorings, matched {by}; {before} only in the earlier, {after} only in the"
                " later.").format(count=formats.number(count), by=by, before=len(before.units) - count,
                                  after=len(after.units) - count))
    return Data(before, after, first, by, same, _done(run, after.units))


def _side(run: Any, parameter: str, key: str, photo: str, note: str) -> tuple:
    there = run.source_fields(parameter)
    found = happened.scores(run, parameter)
    if fields.SCORE not in there:
        raise InputError(parameter, "The layer has no field 'score'. Take a layer that 'Score CPTED' has written.")
    extra = [run.field(photo, parameter), run.field(note, parameter)]
    label = next((n for n in there if n.lower() == "name"), "") or key
    numbers = list(dict.fromkeys([*(f for f in found if f), *(n for n in _NUMBERS if n in there)]))
    units = run.areas(parameter, numbers=numbers,
                      texts=[n for n in dict.fromkeys([key, label, *extra]) if n and n not in numbers])
    blank = np.full(len(units), np.nan)

    def column(name: str) -> np.ndarray:
        return units.columns[name] if name in units.columns else blank

    overall = column(fields.SCORE)
    for name, values in ((fields.SCORE, overall), *((f, column(f)) for f in found if f)):
        if ((values < 0) | (values > 100)).any():
            raise InputError(parameter, "'{field}' holds values beyond 0 and 100, which are no scores. Take a layer"
                             " that 'Score CPTED' has written.", field=name)
    low, high = analysis.rank_shares(column(fields.NEED_LOW), column(fields.NEED_HIGH), int(np.isfinite(overall).sum()))
    scoring = Scoring(overall, np.column_stack([column(f) if f else blank for f in found]), column(fields.MEAS_SH), low,
                      high)
    texts = [[str(t) if t else "" for t in units.columns[n]] if n else [""] * len(units) for n in extra]
    names = happened.place_names(units, label if label in units.columns and label not in numbers else "")
    keys = [str(k).strip() if k is not None else "" for k in units.columns[key]] if key else []
    return Side(units, scoring, names, *texts, [bool(f) for f in found]), keys


def _by_key(tool: Any, before: list, after: list) -> np.ndarray:
    for parameter, keys in ((tool.ID_FIELD, before), (tool.ID_FIELD_AFTER, after)):
        said = [k for k in keys if k]
        if len(set(said)) < len(said):
            twice = next(k for i, k in enumerate(said) if k in said[:i])
            raise InputError(parameter, "'{key}' names more than one place. Choose a field that names each place once,"
                             " or leave both fields empty to match places by where they are.", key=twice)
    index = {key: i for i, key in enumerate(before) if key}
    return np.array([index.get(key, -1) for key in after], int)


def _by_place(run: Any, before: Areas, after: Areas) -> np.ndarray:
    tool = run.tool
    if before.kind != after.kind:
        raise InputError(tool.AFTER, "One layer has points, lines or areas and the other has not: their places cannot"
                         " be matched by where they are. Choose the field that names them.")
    reach = run.number(tool.DISTANCE)
    if not reach > 0:
        raise InputError(tool.DISTANCE, "The distance must be more than 0 m. 10 m is usual.")
    if before.kind == POINT:
        pairs = shapes.pairs_within(after, before, reach, run.stage(0.3, 0.6))
        return analysis.mutual(pairs.one, pairs.other, -pairs.distance, -reach, len(after), len(before))
    return _by_overlap(run, before, after, reach)


def _by_overlap(run: Any, before: Areas, after: Areas, reach: float) -> np.ndarray:
    """Match areas by shared ground, and lines by the length that runs along one another."""
    index = spatial_index(before.geometries)
    wide = [g.buffer(reach, 4) for g in before.geometries] if before.kind == LINE else before.geometries
    one, other, likeness = [], [], []
    for i, shape in enumerate(after.geometries):
        if i % 64 == 0:
            run.progress(0.3 + 0.3 * i / len(after))
        box = shape.boundingBox()
        if before.kind == LINE:
            around = shape.buffer(reach, 4)
            box = around.boundingBox()
        for j in sorted(index.intersects(box)):
            theirs = before.geometries[j]
            if before.kind == POLYGON:
                shared = shape.intersection(theirs).area()
                parts = shared / max(shape.area(), 1e-9), shared / max(theirs.area(), 1e-9)
            else:
                parts = (shape.intersection(wide[j]).length() / max(shape.length(), 1e-9),
                         theirs.intersection(around).length() / max(theirs.length(), 1e-9))
            one.append(i)
            other.append(j)
            likeness.append(min(parts))
    return analysis.mutual(np.array(one, int), np.array(other, int), np.array(likeness, float), _OVERLAP, len(after),
                           len(before))


def _done(run: Any, units: Areas) -> list | None:
    """Return what was done at each place, in words."""
    tool = run.tool
    if not run.has(tool.DONE):
        return None
    there = run.source_fields(tool.DONE)
    field = run.field(tool.DONE_FIELD, tool.DONE) or next((n for n in there if n.lower() == "measure"), "")
    layer = run.areas(tool.DONE, texts=[field] if field else [])
    what = [str(t) if t else tr("something") for t in layer.columns[field]] if field else [tr("something")] * len(layer)
    pairs = shapes.pairs_within(units, layer, run.number(tool.DONE_DISTANCE), run.stage(0.6, 0.7))
    out: list = [[] for _ in range(len(units))]
    for place, feature in zip(pairs.one.tolist(), pairs.other.tolist()):
        out[place].append(what[feature])
    return ["; ".join(dict.fromkeys(texts)) for texts in out]
