"""What 'Overlooked streets' reads: places and their positions, watchers, obstacles and light."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from ...analysis.cpted import openinghours
from ...analysis.cpted.naturalsurveillance import ACTIVE, ENTRANCE, WINDOW, Watchers
from ...analysis.cpted.sampling import Samples, along, over
from ...analysis.errors import InputError
from ...layers import rasters
from ...layers.areas import POINT, POLYGON, Areas
from ...layers.nearest import points_of
from ...layers.overlay import line_parts, polygon_index
from ...reports import formats
from ...translation import tr
from . import obstacles as hiding

#: Metres before a watcher within which nothing hides its view.
CLEAR = 0.5
#: Positions, of places and of watchers, above which a run is more likely a mistake than a wish.
_MOST = 3_000_000
#: Names of the foot-candle as the unit of a raster, and what one is in lux (lumens per square foot).
_FOOT_CANDLES, _LUX = ("fc", "ftc", "ft-c", "footcandle", "foot-candle", "foot-candles"), 1.0 / 0.3048**2


@dataclass(frozen=True)
class Group:
    """One layer of watchers as it was given and used.

    Attributes
    ----------
    given, blind, moved : int
        Watchers; those that see nothing because they are inside a building; those moved to its wall.
    hours : (n,) arrays of float
        Shares of day and night of the given watchers.
    """

    kind: int
    layer: str
    given: int
    blind: int
    moved: int
    farthest: float
    day: np.ndarray
    night: np.ndarray


@dataclass(frozen=True)
class Data:
    """All that was read; the positions of places that lie outside of obstacles."""

    layer: Areas
    names: list
    samples: Samples
    hidden: int
    watchers: Watchers
    groups: list
    obstacles: hiding.Obstacles
    lit: np.ndarray | None
    light: str
    radius: float
    limits: tuple


def read(run: Any) -> Data:
    """Read everything."""
    tool = run.tool
    if not any(run.has(name) for name in (tool.WINDOWS, tool.ENTRANCES, tool.ACTIVE)):
        raise InputError(tool.WINDOWS, "Nobody is given who could look. Give windows or buildings, entrances, or active"
                         " places.")
    night = openinghours.night_minutes(run.text(tool.NIGHT))
    if night is None:
        raise InputError(tool.NIGHT, "'{text}' is no begin and end of a night. Write it as 20:00-06:00.",
                         text=run.text(tool.NIGHT))
    limits = _limits(run)
    name_field = run.field(tool.NAME_FIELD)
    layer = run.areas(tool.INPUT, texts=[name_field])
    names = [tr("row {row}").format(row=row + 1) for row in layer.rows]
    if name_field:
        names = [given or other for given, other in zip(layer.columns[name_field], names)]
    layers = {name: run.areas(name, texts=[_hours_field(run, name)])
              for name in (tool.WINDOWS, tool.ENTRANCES, tool.ACTIVE) if run.has(name)}
    windows = layers.get(tool.WINDOWS)
    obstacles = hiding.read(run, also=[windows] if windows is not None and windows.kind == POLYGON else [])
    samples, hidden = _positions(run, layer, obstacles)
    watchers, groups = _watchers(run, layers, obstacles, night)
    lit, light = _light(run, samples)
    return Data(layer, names, samples, hidden, watchers, groups, obstacles, lit, light, run.number(tool.RANGE), limits)


def _limits(run: Any) -> tuple:
    text = run.text(run.tool.LIMITS)
    try:
        some, many = (float(item) for item in text.replace(";", ",").split(","))
    except ValueError:
        some, many = 0.0, 0.0
    if not 0 < some < many < float("inf"):
        raise InputError(run.tool.LIMITS, "'{text}' are no two rising numbers above 0. Write them as 1, 3.", text=text)
    return some, many


def _hours_field(run: Any, name: str) -> str:
    tool = run.tool
    parameter = {tool.ENTRANCES: tool.ENTRANCE_HOURS, tool.ACTIVE: tool.ACTIVE_HOURS}.get(name)
    return run.field(parameter, name) if parameter else ""


# --- positions of the places -----------------------------------------------------------------
def _positions(run: Any, layer: Areas, obstacles: hiding.Obstacles) -> tuple[Samples, int]:
    """Return the positions outside of obstacles, and how many lie inside one."""
    tool, spacing = run.tool, run.number(run.tool.SPACING)
    if layer.kind == POLYGON:
        _refuse_many(tool.SPACING, float(layer.areas_m2.sum()) / spacing**2)
        boxes = np.array([(b.xMinimum(), b.yMinimum(), b.xMaximum(), b.yMaximum())
                          for b in (g.boundingBox() for g in layer.geometries)]).reshape(-1, 4)
        inner = [g.pointOnSurface().asPoint() for g in layer.geometries]
        samples = over(polygon_index(layer), boxes, np.array([(p.x(), p.y()) for p in inner]).reshape(-1, 2), spacing,
                       run.stage(0.0, 0.1))
    elif layer.kind == POINT:
        xy, owner = points_of(layer)
        samples = Samples(xy[:, 0], xy[:, 1], owner, np.full(len(xy), np.nan))
    else:
        _refuse_many(tool.SPACING, float(layer.lengths_m.sum()) / spacing)
        samples = along(*line_parts(layer), spacing)
    # a place that is a point, such as an address, may stand for its building
    reach = run.number(tool.FACADE) if layer.kind == POINT else 0.0
    out = obstacles.outside(samples.x, samples.y, reach, run.stage(0.1, 0.15))
    free = ~out.inside
    samples = replace(samples, x=out.x[free], y=out.y[free], owner=samples.owner[free], at=samples.at[free])
    return samples, int(out.inside.sum())


def _refuse_many(parameter: str, count: float) -> None:
    if count > _MOST:
        raise InputError(parameter, "That makes about {count} positions; {most} at most. Choose a larger spacing, or a"
                         " selection.", count=formats.number(int(count)), most=formats.number(_MOST))


# --- watchers ---------------------------------------------------------------------------------
def _watchers(run: Any, layers: dict, obstacles: hiding.Obstacles, night: np.ndarray) -> tuple[Watchers, list]:
    tool, parts, groups = run.tool, [], []
    units = 0
    for name, kind in ((tool.WINDOWS, WINDOW), (tool.ENTRANCES, ENTRANCE), (tool.ACTIVE, ACTIVE)):
        if name not in layers:
            continue
        layer = layers[name]
        x, y, owner = _outline(run, layer)
        # windows of a facade are watchers of their own; a cafe with a long front is one
        facade = kind == WINDOW and layer.kind != POINT
        unit = np.arange(len(x)) if facade else owner
        count = len(x) if facade else len(layer)
        day, dark = _hours(run, name, layer, night) if not facade else (np.ones(count), np.ones(count))
        out = obstacles.outside(x, y, run.number(tool.FACADE), run.stage(0.15, 0.25))
        seeing = np.zeros(count, bool)
        seeing[unit[~out.inside]] = True
        moved = np.zeros(count, bool)
        moved[unit[np.isfinite(out.moved)]] = True
        farthest = float(np.nanmax(out.moved)) if moved.any() else 0.0
        groups.append(Group(kind, layer.name, count, int((~seeing).sum()), int(moved.sum()), farthest, day, dark))
        free = ~out.inside
        parts.append((out.x[free], out.y[free], unit[free] + units, np.full(count, kind), day, dark))
        units += count
    return Watchers(*(np.concatenate([part[i] for part in parts]) for i in range(6))), groups


def _outline(run: Any, layer: Areas) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return positions from which the features of a layer look: points, or along lines and outlines."""
    if layer.kind == POINT:
        xy, owner = points_of(layer)
        return xy[:, 0], xy[:, 1], owner
    spacing = run.number(run.tool.FACADE_SPACING)
    _refuse_many(run.tool.FACADE_SPACING, float(layer.lengths_m.sum()) / spacing)
    parts = layer.rings() if layer.kind == POLYGON else line_parts(layer)
    made = along(*parts, spacing)
    return made.x, made.y, made.owner


def _hours(run: Any, name: str, layer: Areas, night: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    field = _hours_field(run, name)
    if not field:
        return np.ones(len(layer)), np.ones(len(layer))
    texts = layer.columns[field]
    day, dark, unreadable = openinghours.shares(texts, night)
    if unreadable.any():
        run.warn(tr("{layer}: the opening hours of {count} of {all} places cannot be read (first: '{first}'); they"
                    " count as always open.").format(
                        layer=layer.name, count=formats.number(int(unreadable.sum())),
                        all=formats.number(len(layer)), first=texts[np.flatnonzero(unreadable)[0]]))
    return day, dark


# --- light ------------------------------------------------------------------------------------
def _light(run: Any, samples: Samples) -> tuple[np.ndarray | None, str]:
    """Return 1, 0 or NaN for lit, unlit and unknown positions, and what that rests on."""
    tool, told = run.tool, []
    if not run.has(tool.LUX) and not run.has(tool.LIGHTS):
        return None, ""
    lit = np.full(len(samples), np.nan)
    if run.has(tool.LUX):
        least = run.number(tool.LUX_LEAST)
        source = run.several(tool.LUX)[0].raster
        lux = rasters.values_at(source, tool.LUX, samples.x, samples.y, run.crs, run.context.transformContext(),
                                run.stage(0.25, 0.28))
        if rasters.unit_of(source, tool.LUX).lower() in _FOOT_CANDLES:
            lux *= _LUX
            run.info(tr("The raster is in foot-candles; it was converted to lux."))
        known = np.isfinite(lux)
        lit[known] = lux[known] >= least
        told.append(tr("lit from {least} lux").format(least=formats.number(least)))
    if run.has(tool.LIGHTS):
        reach = run.number(tool.LIGHT_DISTANCE)
        lights = run.points(tool.LIGHTS, progress=run.stage(0.28, 0.3))
        open_ = np.flatnonzero(np.isnan(lit))
        away = cKDTree(lights.xy).query(np.column_stack([samples.x, samples.y])[open_])[0] if len(open_) else []
        lit[open_] = np.asarray(away) <= reach
        told.append(tr("lit within {reach} of a light").format(reach=run.units.distance(reach)))
    return lit, ", ".join(told)
