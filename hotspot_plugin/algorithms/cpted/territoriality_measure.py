"""What 'Frontage and boundaries' measures of each unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from qgis.core import QgsGeometry

from ...analysis.cpted import frontage
from ...analysis.cpted import territoriality as analysis
from ...analysis.cpted.frontage import Lines, Stations
from ...analysis.cpted.territoriality import PUBLIC, Transition
from ...analysis.progress import Progress
from ...layers import fields
from ...layers.areas import POLYGON, Areas
from ...layers.overlay import line_parts, polygon_index
from ...layers.shapes import pairs_within
from ...layers.zones import spatial_index
from .accesscontrol_measure import along_outline, outlines, sides
from .territoriality_read import Classes, Data

#: metres between places along a frontage from which one looks to either side
STEP = 2.0
#: pieces of land may overlap one another by so much of a unit before it is told
_OVERLAP = 0.02
#: square metres that two layers share only because they were drawn apart
_SLIVER = 1.0
#: share of the known land from which a use is counted
_LEAST = 0.01


@dataclass(frozen=True)
class Result:
    """All that was measured; entries are one for each unit.

    Attributes
    ----------
    length, covered : (n,) arrays or None
        Metres of frontage, and of it with a barrier; the latter None without barriers.
    gaps, widest : (n,) arrays or None
    left, right : (n,) arrays or None
        Shares of both sides of a street.
    transition : Transition or None
    whole, known : (n,) arrays
        Square metres of the unit (metres of both sides of a street), and those with land of known use.
    uses, owners : (n, k) arrays or None
        The same by class.
    public : (n,) array or None
    vacant : (n,) array or None
    of_vacant : (n,) array or None
        What ``vacant`` is a share of.
    vacant_places : (n,) int64 array or None
    vacant_in_all : int or None
        Vacant places in or along any unit, each once.
    overlaps : int
        Units in which pieces of land lie over one another.
    """

    length: np.ndarray
    covered: np.ndarray | None
    gaps: np.ndarray | None
    widest: np.ndarray | None
    left: np.ndarray | None
    right: np.ndarray | None
    transition: Transition | None
    whole: np.ndarray
    known: np.ndarray | None
    uses: np.ndarray | None
    owners: np.ndarray | None
    public: np.ndarray | None
    vacant: np.ndarray | None
    of_vacant: np.ndarray | None
    vacant_places: np.ndarray | None
    vacant_in_all: int | None
    overlaps: int


@dataclass(frozen=True)
class _Ground:
    """Amount of each piece of land in each unit: rows (unit, land, amount)."""

    unit: np.ndarray
    land: np.ndarray
    amount: np.ndarray


def measure(run: Any, data: Data) -> Result:
    """Measure all units."""
    units, n = data.units, len(data.units)
    lines = Lines(*line_parts(units)) if data.streets else outlines(units)
    least_gap = run.number(run.tool.MIN_GAP)
    covers: list = []
    covered = gaps = widest = left = right = None
    if data.barriers is not None:
        progress = run.stage(0.1, 0.3)
        if data.streets:
            both = sides(lines, n, data.barriers, data.distance, least_gap, progress)
            covers, left, right = [both.left, both.right], both.left.share, both.right.share
            covered, gaps, widest = both.covered, both.gaps, both.widest
        else:
            edge = along_outline(lines, n, data.barriers, data.distance, least_gap, progress)
            covers, covered, gaps, widest = [edge], edge.covered, edge.gaps, edge.widest
    base = frontage.cover(lines, n, None, 0.0, 0.0).length
    length = 2.0 * base if data.streets else base
    whole = length if data.streets else units.areas_m2
    run.check()
    places = frontage.stations(lines, STEP)
    run.check()
    looks = _looks(data, places, run.stage(0.3, 0.45))
    moved = _transition(data, places, looks, covers, n) if data.transition else None
    ground = None
    if data.land is not None:
        ground = (_beside(places, looks) if data.streets else
                  _inside(units, data.land.layer, run.stage(0.45, 0.8)))
    vacant, of_vacant, number, in_all = _vacant(run, data, places, ground, whole)
    return Result(
        length, covered, gaps, widest, left, right, moved, whole, *_shares(data, ground, n), vacant, of_vacant, number,
        in_all, _overlaps(data, ground, whole),
    )


def _looks(data: Data, places: Stations, progress: Progress) -> list:
    """Return the piece of land to the left and the right of each place, -1 for none; empty without land."""
    if data.land is None:
        return []
    index = polygon_index(data.land.layer)
    return [index.first(*places.beside(by), progress) for by in (data.distance, -data.distance)]


def _access(data: Data, land: np.ndarray) -> np.ndarray:
    return np.where(land >= 0, data.land.access[land], data.uncovered)


def _transition(data: Data, places: Stations, looks: list, covers: list, n: int) -> Transition:
    left, right = (_access(data, land) for land in looks)
    held = [cover.holds(places.part, places.along) for cover in covers]
    if not data.streets:
        barrier = held[0] if held else np.zeros(len(left), dtype=bool)
        return analysis.transition(places.owner, places.weight, left, right, barrier, n)
    # the street itself is public; each of its sides is a frontage
    barrier = np.concatenate(held) if held else np.zeros(2 * len(left), dtype=bool)
    side = np.concatenate([left, right])
    return analysis.transition(np.tile(places.owner, 2), np.tile(places.weight, 2), np.full(len(side), PUBLIC), side,
                               barrier, n)


def _beside(places: Stations, looks: list) -> _Ground:
    land = np.concatenate(looks)
    own = land >= 0
    return _Ground(np.tile(places.owner, 2)[own], land[own], np.tile(places.weight, 2)[own])


def _inside(units: Areas, layer: Areas, progress: Progress) -> _Ground:
    """Return the square metres of each piece of land in each unit."""
    index = spatial_index(layer.geometries)
    unit, land, amount = [], [], []
    for i, polygon in enumerate(units.geometries):
        if i % 20 == 0:
            progress(i / len(units))
        engine = QgsGeometry.createGeometryEngine(polygon.constGet())
        engine.prepareGeometry()
        for j in index.intersects(polygon.boundingBox()):
            piece = layer.geometries[j]
            if engine.contains(piece.constGet()):
                area = piece.area()
            elif engine.intersects(piece.constGet()):
                area = piece.intersection(polygon).area()
            else:
                continue
            if area > _SLIVER:
                unit.append(i)
                land.append(j)
                amount.append(area)
    return _Ground(np.array(unit, dtype=np.int64), np.array(land, dtype=np.int64), np.array(amount, dtype=float))


def _sum(ground: _Ground, chosen: np.ndarray, n: int) -> np.ndarray:
    """Add up the amount of the pieces of land that are chosen, by unit."""
    used = chosen[ground.land]
    return np.bincount(ground.unit[used], ground.amount[used], minlength=n)


def _shares(data: Data, ground: _Ground | None, n: int) -> tuple:
    """Return known, uses, owners and public amounts."""
    if ground is None:
        return None, None, None, None
    land = data.land

    def by(classes: Classes | None) -> np.ndarray | None:
        if classes is None:
            return None
        return analysis.amounts(ground.unit, classes.of[ground.land], ground.amount, n, len(classes.names))

    known = _sum(ground, land.told.of >= 0, n)
    public = _sum(ground, land.access == PUBLIC, n) if data.transition else None
    return known, by(land.uses), by(land.owners), public


def _vacant(run: Any, data: Data, places: Stations, ground: _Ground | None, whole: np.ndarray) -> tuple:
    """Return the vacant amount, what it is a share of, and the number of vacant places of each unit and of all."""
    n, land, layer = len(data.units), data.land, data.vacant
    amount = of = number = in_all = None
    if land is not None and land.vacant is not None:
        amount, of = _sum(ground, land.vacant, n), _sum(ground, land.told.of >= 0, n)
        pairs = np.unique(np.column_stack([ground.unit, ground.land])[land.vacant[ground.land]], axis=0)
        number, in_all = np.bincount(pairs[:, 0], minlength=n), len(np.unique(pairs[:, 1]))
    if layer is None:
        return amount, of, number, in_all
    if layer.kind == POLYGON:
        of = whole
        if data.streets:
            index = polygon_index(layer)
            held = np.concatenate([index.first(*places.beside(by)) >= 0 for by in (data.distance, -data.distance)])
            amount = np.bincount(np.tile(places.owner, 2)[held], np.tile(places.weight, 2)[held], minlength=n)
        else:
            inside = _inside(data.units, layer, run.stage(0.8, 0.85))
            amount = np.bincount(inside.unit, inside.amount, minlength=n)
        amount = np.minimum(amount, whole)
    pairs = pairs_within(data.units, layer, data.distance if data.streets else 0.0, run.stage(0.85, 0.88))
    here = np.bincount(pairs.one, minlength=n)
    alone = len(np.unique(pairs.other))
    return amount, of, here if number is None else number + here, alone if in_all is None else in_all + alone


def _overlaps(data: Data, ground: _Ground | None, whole: np.ndarray) -> int:
    if ground is None or data.streets:
        return 0
    held = np.bincount(ground.unit, ground.amount, minlength=len(whole))
    return int((held > whole * (1.0 + _OVERLAP)).sum())


# --- columns -------------------------------------------------------------------------------
def ratio(part: np.ndarray | None, whole: np.ndarray | None) -> np.ndarray | None:
    """Return a share, NaN where there is nothing to share, None where it was not measured."""
    if part is None or whole is None:
        return None
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)


def columns(data: Data, result: Result) -> dict:
    """Return the fields of the units; those that were not measured are left out."""
    land = data.land
    out = {
        fields.FRONT_M: result.length,
        fields.BOUND_SH: ratio(result.covered, result.length), fields.BOUND_L: result.left,
        fields.BOUND_R: result.right, fields.GAPS: result.gaps, fields.GAP_MAX: result.widest,
        fields.TRANS_SH: None if result.transition is None else result.transition.share,
        fields.MARK_SH: (None if result.transition is None or data.barriers is None
                         else result.transition.marked_share),
        fields.LAND_SH: None if result.known is None else np.minimum(ratio(result.known, result.whole), 1.0),
        fields.PUB_SH: ratio(result.public, result.known),
        fields.VAC_SH: ratio(result.vacant, result.of_vacant), fields.VAC_N: result.vacant_places,
    }
    if result.uses is not None:
        best = np.array([*land.uses.names, None], dtype=object)
        top = np.where(result.uses.sum(axis=1) > 0, result.uses.argmax(axis=1), len(land.uses.names))
        out |= {fields.USE_MIX: mix(result.uses), fields.N_USES: number_of(result.uses),
                fields.TOP_USE: best[top]}
    if result.owners is not None:
        out |= {fields.OWN_MIX: mix(result.owners), fields.N_OWNERS: number_of(result.owners)}
    return {name: values for name, values in out.items() if values is not None}


def number_of(amount: np.ndarray) -> np.ndarray:
    """Return how many classes hold at least a hundredth of each unit's known land, (n,)."""
    return (amount > np.maximum(_LEAST * amount.sum(axis=1, keepdims=True), 0.0)).sum(axis=1)


def mix(amount: np.ndarray) -> np.ndarray:
    """Return the entropy over that of all classes that occur in any unit, alike."""
    return analysis.entropy(amount, int((amount.sum(axis=0) > 0).sum()))
