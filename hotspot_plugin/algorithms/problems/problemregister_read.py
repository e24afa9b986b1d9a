"""What 'Problem register' reads: places, proposed measures, and a register that exists."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransform, QgsGeometry, QgsVectorLayer

from ...analysis.community import categories
from ...analysis.errors import InputError
from ...analysis.problems import register as r
from ...layers import casefile, fields
from ...layers.areas import POLYGON
from ...translation import tr
from ..community.languages import languages_of
from . import registerwords as words

#: fields that name a place, by preference
_NAMES = ("name", fields.PLACE, fields.PLACE_NAME, fields.ZONE_ID, fields.ADDRESS)
#: what a place says about itself, where the layer has it
_TOLD = (fields.TOP_TYPE, fields.KIND, fields.KIND_WHY, fields.TOP_CONC)
#: corners of a quarter circle around points and ends of lines
_CORNERS = 8
#: what became of a proposal that is to be done
_CHOSEN = "chosen"


@dataclass
class Place:
    """A place to work on; ``told`` is what its layer says, by field."""

    shape: QgsGeometry
    name: str
    rank: int
    row: int
    count: float | None
    told: dict


@dataclass
class Known:
    """An existing register: shapes of places of open problems in its own system, and its problems' number."""

    crs: QgsCoordinateReferenceSystem
    shapes: list
    problems: int
    overdue: int


@dataclass
class Data:
    """What goes into the register."""

    target: Path
    places: list
    measures: dict
    crs: QgsCoordinateReferenceSystem
    title: str
    source: str
    days: tuple
    role: str
    owner: str
    below: int = 0
    widened: int = 0
    uncounted: bool = False
    known: Known | None = None
    roles: list = field(default_factory=list)
    categories: tuple = ()
    languages: tuple = ()


def read(run: Any) -> Data:
    """Read everything; refuse what cannot be used before anything is written."""
    tool = run.tool
    exists, new = run.file(tool.REGISTER), run.file(tool.OUTPUT)
    if exists and new:
        raise InputError(tool.OUTPUT, "A register to add to and a new one are given. Leave one of them empty.")
    if exists and not run.has(tool.INPUT):
        raise InputError(tool.INPUT, "There is nothing to add to the register. Give the new places.")
    if not exists and not new:
        raise InputError(tool.OUTPUT, "No file is given. Name the new register (OUTPUT), or the one to add to"
                         " (REGISTER).")
    target = Path(exists) if exists else casefile.new_target(new, tool.OUTPUT, tr("problems"))
    given = _days(run)
    role = run.text(tool.ROLE).strip() or tr("crime analyst")
    data = Data(target, [], {}, run.crs_value(tool.CRS), run.text(tool.TITLE).strip(), "", given, role,
                run.text(tool.OWNER).strip())
    if exists:
        data.known = _register(run, target)
    else:
        text = run.text(tool.CATEGORIES).strip()
        data.categories = categories.from_text(text, tool.CATEGORIES) if text else categories.default()
        data.languages = languages_of(run, tool.LANGUAGES)
        data.roles = roles_of(run, role, data.owner)
    if run.has(tool.INPUT):
        _places(run, data)
        data.measures = _measures(run)
        data.crs = run.crs
    elif not data.crs.isValid():
        data.crs = QgsCoordinateReferenceSystem("EPSG:4326")
    return data


def roles_of(run: Any, *more: str) -> list:
    """Return the roles to choose from: those given or else those that are common, and those in use."""
    given = [part.strip() for part in re.split(r"[;\n]", run.text(run.tool.ROLES)) if part.strip()]
    return list(dict.fromkeys([*(given or words.roles()), *(role for role in more if role)]))


def _days(run: Any) -> tuple:
    tool = run.tool
    first, last = run.date(tool.BASE_FROM), run.date(tool.BASE_TO)
    if (first is None) != (last is None):
        raise InputError(tool.BASE_TO if last is None else tool.BASE_FROM, "A baseline needs its first and its last"
                         " day. Give both, or none.")
    if first is not None and last < first:
        raise InputError(tool.BASE_TO, "The last day ({last}) is before the first ({first}).", first=first, last=last)
    return (str(first), str(last)) if first is not None else ()


def _places(run: Any, data: Data) -> None:
    tool = run.tool
    there = run.source_fields(tool.INPUT)
    name = run.field(tool.NAME_FIELD) or next((f for f in _NAMES if f in there), "")
    rank = run.field(tool.RANK_FIELD) or (fields.RANK if fields.RANK in there else "")
    count = run.field(tool.COUNT_FIELD) or (fields.N if fields.N in there else "")
    told = [f for f in _TOLD if f in there]
    layer = run.areas(tool.INPUT, numbers=[f for f in dict.fromkeys((rank, count)) if f],
                      texts=list(dict.fromkeys([*([name] if name else []), *told])))
    order = np.arange(len(layer)) + 1.0
    ranks = layer.columns[rank] if rank else order
    ranks = np.where(np.isfinite(ranks), ranks, np.inf)
    first = np.argsort(ranks, kind="stable")[:run.integer(tool.TOP)]
    data.source, data.below = layer.name, len(layer) - len(first)
    counts = layer.columns[count] if count else np.full(len(layer), np.nan)
    data.uncounted = bool(np.isfinite(counts[first]).any()) and not data.days
    width = run.number(tool.RADIUS)
    for index in first.tolist():
        shape = QgsGeometry(layer.geometries[index])
        if layer.kind != POLYGON:
            shape = shape.buffer(width, _CORNERS)
            data.widened += 1
        shape.convertToMultiType()
        number = int(ranks[index]) if np.isfinite(ranks[index]) else index + 1
        label = str(layer.columns[name][index] or "").strip() if name else ""
        data.places.append(Place(
            shape, label, number, int(layer.rows[index]) + 1,
            float(counts[index]) if np.isfinite(counts[index]) else None,
            {f: str(layer.columns[f][index] or "").strip() for f in told}))


def _measures(run: Any) -> dict:
    """Return the chosen measures by the number of their place: (key, words, why, cost)."""
    tool = run.tool
    if not run.has(tool.MEASURES):
        return {}
    needed = (fields.PLACE_NO, fields.MEASURE, fields.MEAS_NAME, fields.PLAN)
    lost = [f for f in needed if f not in run.source_fields(tool.MEASURES)]
    if lost:
        raise InputError(tool.MEASURES, "The table has no field '{field}'. Give the proposals (PROPOSALS) of 'CPTED"
                         " measures and budget'.", field=lost[0])
    there = run.source_fields(tool.MEASURES)
    more = [f for f in (fields.WHY, fields.COST_HIGH) if f in there]
    table = run.table(tool.MEASURES, numbers=[f for f in (fields.PLACE_NO, fields.COST_HIGH) if f in (*needed, *more)],
                      texts=[f for f in (*needed[1:], fields.WHY) if f in (*needed, *more)])
    rows = len(table.columns[fields.PLACE_NO])
    table.columns.setdefault(fields.WHY, [""] * rows)
    table.columns.setdefault(fields.COST_HIGH, [np.nan] * rows)
    taken = {_CHOSEN, tr(_CHOSEN)}  # proposals are written in the language of their maker
    out: dict = {}
    columns = [table.columns[f] for f in (*needed, fields.WHY, fields.COST_HIGH)]
    for place, key, name, plan, why, cost in zip(*columns):
        if plan in taken and np.isfinite(place):
            out.setdefault(int(place), []).append((key, name or key, why or "", float(cost) if np.isfinite(cost)
                                                   else None))
    return out


# --- a register that exists -----------------------------------------------------------------------
def _register(run: Any, path: Path) -> Known:
    tool = run.tool
    if not path.is_file():
        raise InputError(tool.REGISTER, "There is no file '{file}'. Leave REGISTER empty and name a new one (OUTPUT).",
                         file=path.name)
    layers = {}
    for table, columns in r.TABLES.items():
        layer = layers[table] = QgsVectorLayer(f"{path}|layername={table}", table, "ogr")
        lost = [] if layer.isValid() else ["–"]
        lost = lost or [name for name in columns if layer.fields().indexOf(name) < 0]
        if lost:
            raise InputError(tool.REGISTER, "'{file}' is no problem register: table '{table}', field '{field}' is not"
                             " there. Choose a file that this tool made.", file=path.name, table=table, field=lost[0])
    open_ones = {f[r.PROBLEM_ID] for f in layers[r.PROBLEMS].getFeatures() if f[r.STAGE] != "closed"}
    shapes = [f.geometry() for f in layers[r.PLACES].getFeatures() if f[r.PROBLEM_ID] in open_ones and f.hasGeometry()]
    late = sum(1 for f in layers[r.ACTIONS].getFeatures(
        f"\"{r.DUE_ON}\" < to_date(now()) and \"{r.STATE}\" in ('planned', 'under way')"))
    return Known(layers[r.PLACES].crs(), shapes, layers[r.PROBLEMS].featureCount(), late)


def into(run: Any, shape: QgsGeometry, crs: Any, to: Any) -> QgsGeometry:
    """Return a shape in another system."""
    if crs == to:
        return shape
    out = QgsGeometry(shape)
    out.transform(QgsCoordinateTransform(crs, to, run.context.transformContext()))
    return out
