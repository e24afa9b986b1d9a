"""What 'Frontage and boundaries' reads: units, fences, land with uses and owners, vacant places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...analysis.cpted.frontage import Lines
from ...analysis.cpted.territoriality import PRIVATE, PUBLIC, UNKNOWN
from ...analysis.errors import InputError
from ...layers.areas import LINE, POLYGON, Areas
from ...reports import formats
from ...translation import tr
from .barriers import read_barriers
from .values import matches

#: metres from a street's centre line, and inside the edge of an area, where that is left empty
_STREET, _EDGE = 15.0, 3.0


@dataclass(frozen=True)
class Classes:
    """A column of the land as numbered classes.

    Attributes
    ----------
    names : list of str
    of : (f,) int64 array
        Class of each feature of the land, -1 for none.
    """

    names: list
    of: np.ndarray


@dataclass(frozen=True)
class Land:
    """Polygons of land.

    Attributes
    ----------
    layer : Areas
    uses, owners : Classes or None
    access : (f,) int64 array
        Public, private or unknown, of each feature.
    vacant : (f,) bool array or None
    """

    layer: Areas
    uses: Classes | None
    owners: Classes | None
    access: np.ndarray
    vacant: np.ndarray | None

    @property
    def told(self) -> Classes:
        """The uses, else the owners: what says which land is known."""
        return self.uses if self.uses is not None else self.owners


@dataclass(frozen=True)
class Data:
    """What the tool works on."""

    units: Areas
    distance: float
    barriers: Lines | None
    barrier_count: int
    land: Land | None
    vacant: Areas | None
    uncovered: int

    @property
    def streets(self) -> bool:
        """Whether the units are street lines."""
        return self.units.kind == LINE

    @property
    def transition(self) -> bool:
        """Whether public is told from private land."""
        return self.land is not None and bool((self.land.access == PUBLIC).any())


def read(run: Any) -> Data:
    """Read all layers."""
    tool = run.tool
    if not any(run.has(name) for name in (tool.BARRIERS, tool.MORE_BARRIERS, tool.LAND, tool.VACANT)):
        raise InputError(
            tool.BARRIERS, "There is nothing to measure. Give fences or walls, land with its use, or vacant places.")
    units = run.areas(tool.INPUT)
    distance = run.number(tool.DISTANCE)
    if distance is None:
        distance = _STREET if units.kind == LINE else _EDGE
        where = tr("the centre line") if units.kind == LINE else tr("the edge")
        run.info(tr("DISTANCE is empty: {metres} from {where} are taken.").format(
            metres=run.units.distance(distance), where=where))
    if not distance > 0:
        raise InputError(tool.DISTANCE, "The distance must be above 0 m.")
    barriers, count = read_barriers(run, tool.BARRIERS, tool.MORE_BARRIERS)
    land = _land(run) if run.has(tool.LAND) else _no_land(run)
    vacant = run.areas(tool.VACANT) if run.has(tool.VACANT) else None
    if vacant is not None and vacant.kind == POLYGON and land is not None and land.vacant is not None:
        raise InputError(tool.VACANT, "Vacant land is given twice, by its use and as polygons, and would count twice."
                         " Leave VACANT_VALUES or VACANT empty.")
    return Data(units, distance, barriers, count, land, vacant, (PUBLIC, PRIVATE, UNKNOWN)[run.choice(tool.UNCOVERED)])


def _no_land(run: Any) -> None:
    tool = run.tool
    for name in (tool.PUBLIC_VALUES, tool.VACANT_VALUES):
        if run.text(name).strip():
            raise InputError(name, "These are values of the land's use. Choose the layer of land (LAND) and its field"
                             " of use (USE_FIELD) too.")


def _land(run: Any) -> Land:
    tool = run.tool
    use, owner = run.field(tool.USE_FIELD, tool.LAND), run.field(tool.OWNER_FIELD, tool.LAND)
    if not use and not owner:
        raise InputError(tool.USE_FIELD, "The land needs a field of its use, or of its owner. Choose one.")
    layer = run.areas(tool.LAND, texts=list(dict.fromkeys(name for name in (use, owner) if name)))
    uses = _classes(layer.columns[use]) if use else None
    owners = _classes(layer.columns[owner]) if owner else None
    found = {}
    for name in (tool.PUBLIC_VALUES, tool.VACANT_VALUES):
        wanted = run.text(name)
        if not wanted.strip():
            continue
        # whose land it is may stand in either field
        columns = [layer.columns[column] for column in (use, owner) if column]
        if name == tool.VACANT_VALUES:
            columns = columns[:1]
        hits = [matches(column, wanted) for column in columns]
        found[name] = np.any([hit for hit, _ in hits], axis=0)
        unmatched = [value for value in hits[0][1] if all(value in other for _, other in hits)]
        if unmatched:
            run.warn(tr("{name}: these values match no land: {values}.").format(
                name=name, values="; ".join(unmatched)))
        if not found[name].any():
            raise InputError(name, "No land has one of these values. The values are: {values}.",
                             values="; ".join(_classes(columns[0]).names[:20]))
    access = np.full(len(layer), UNKNOWN)
    if tool.PUBLIC_VALUES in found:
        known = np.zeros(len(layer), dtype=bool)
        for classes in (uses, owners):
            known |= (classes.of >= 0) if classes is not None else False
        access = np.where(found[tool.PUBLIC_VALUES], PUBLIC, np.where(known, PRIVATE, UNKNOWN))
    empty = int((uses.of < 0).sum()) if uses is not None else 0
    if empty:
        run.info(tr("{count} of {of} pieces of land have no use and count as unknown.").format(
            count=formats.number(empty), of=formats.number(len(layer))))
    return Land(layer, uses, owners, access, found.get(tool.VACANT_VALUES))


def _classes(values: np.ndarray) -> Classes:
    texts = [" ".join(str(v).split()) if v is not None else "" for v in values]
    folded = np.array([text.casefold() for text in texts], dtype=object)
    names, first, number = np.unique(folded.astype(str), return_index=True, return_inverse=True)
    blank = len(names) > 0 and names[0] == ""
    return Classes([texts[i] for i in first[int(blank):]], number - int(blank))
