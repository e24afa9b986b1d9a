"""The maps in the report of 'Generate patrol zones': where all zones lie, and each group close up."""

from __future__ import annotations

from typing import Any

import numpy as np
from qgis.core import (
    QgsMarkerSymbol,
    QgsPalLayerSettings,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
    QgsWkbTypes,
)
from qgis.PyQt.QtGui import QColor

from ...analysis.patrol.response import ENVIRONMENT, GUARDIAN, MANAGER
from ...layers import fields, styling, writing
from ...reports import maps
from ...reports.html import Report
from ...translation import tr
from .patrolzones_facts import Zones
from .patrolzones_input import Given

FIRST, OTHER, PLACE = "#b2182b", "#ef8a62", "#5e3c99"
CHANGE, GUARD = "#2166ac", "#67a9cf"
#: Class of the zones for which something else than patrol is proposed.
_CLASSES = {MANAGER: "place", ENVIRONMENT: "change", GUARDIAN: "guard"}
_STREET, _GROUND, _AREA, _LINE = "#c3c9d2", "#f4f4f1", "#dfe3e8", "#9aa4b1"
#: zones no farther apart than this (metres) share a close-up, and there are at most so many
_TOGETHER, _MOST = 800.0, 4
#: metres of surroundings in a close-up
_AROUND = 200.0
#: lines of a background that still draw quickly
_MOST_LINES = 60_000


def rule(zones: Zones) -> tuple[str, list]:
    """Return the expression and the (value, colour, words) of the classes of zones."""
    first = half(zones)
    # one response for all tells no zone from another, the rank does
    classes = _CLASSES if len(set(zones.columns[fields.KIND]) - {MANAGER}) > 1 else {MANAGER: _CLASSES[MANAGER]}
    apart = " ".join(f"WHEN \"kind\" = '{kind}' THEN '{name}'" for kind, name in classes.items())
    text = f"CASE {apart} WHEN \"rank\" <= {first} THEN 'first' ELSE 'other' END"
    ranks = tr("Rank 1") if first == 1 else tr("Ranks 1 to {last}").format(last=first)
    kinds = list(zones.columns[fields.KIND])
    words = {
        "first": (FIRST, tr("{ranks}: half of the zones' incidents").format(ranks=ranks)),
        "other": (OTHER, tr("The other zones")),
        "place": (PLACE, tr("One place holds most: place manager, not patrol")),
        "change": (CHANGE, tr("Environment proposed: light, repair, sightlines")),
        "guard": (GUARD, tr("Guardians proposed: residents, owners, staff")),
    }
    held = {classes.get(kind, "first" if i < first else "other") for i, kind in enumerate(kinds)}
    return text, [(value, *words[value]) for value in words if value in held]


def half(zones: Zones) -> int:
    """Return how many zones, in rank, hold half of the zones' incidents."""
    running = np.cumsum(np.asarray(zones.columns[fields.N], float))
    return int(np.searchsorted(running, 0.5 * running[-1] - 1e-9)) + 1


def style(zones: Zones, label: str = '"rank"') -> styling.Style:
    """Return the look of the zones: by rank, single places apart, labelled."""
    text, entries = rule(zones)
    return styling.categories("Patrol zones", text, entries, text=label)


def overview(report: Report, run: Any, given: Given, zones: Zones) -> None:
    """Add the map of where the zones lie."""
    report.figure(
        maps.map_png([_marks(run, zones), *_background(run, given)], tr("Patrol zones"), units=run.units),
        tr("Where the zones lie; the number is the rank."), tr("Map of all patrol zones, marked with their rank"))


def close_ups(report: Report, run: Any, given: Given, zones: Zones) -> None:
    """Add a map of each group of zones near one another, the groups of the best ranks first.

    A zone alone is shown only among its streets: its outline by itself tells nothing.
    """
    groups = [g for g in _together(zones) if len(g) > 1 or given.streets is not None]
    if not groups:
        return
    background = _background(run, given)
    layer = run.output_layer(run.tool.OUTPUT)
    label = "\"rank\" || coalesce('\\n' || \"peak_days\" || '\\n' || \"peak_from\" || '-' || \"peak_to\", '')"
    style(zones, label).apply(layer)
    settings = QgsPalLayerSettings(layer.labeling().settings())
    text = settings.format()
    text.setSize(8)
    settings.setFormat(text)
    settings.displayAll = True
    # within the zone even where it bends around other ground
    settings.geometryGeneratorEnabled, settings.geometryGenerator = True, "point_on_surface($geometry)"
    settings.geometryGeneratorType = QgsWkbTypes.GeometryType.PointGeometry
    settings.placement = QgsPalLayerSettings.Placement.OverPoint
    layer.setLabeling(QgsVectorLayerSimpleLabeling(settings))
    report.heading(tr("Close up"))
    for members in groups[:_MOST]:
        run.progress(0.98)
        box = _box(zones, members)
        names = ", ".join(str(zones.columns[fields.ZONE_ID][i]) for i in members)
        title = (tr("Zone {names}") if len(members) == 1 else tr("Zones {names}")).format(names=names)
        near = [_cut(run, part, box) for part in background]
        report.figure(
            maps.map_png([layer, *near], title, height=760, extent=box, units=run.units),
            tr("{zones}, with rank and, where it can be told, peak time.").format(zones=title),
            tr("Close-up of {zones}").format(zones=title), name="closeup")


def _together(zones: Zones) -> list:
    """Group zones that lie near one another, each group in rank, groups by their best rank."""
    left, out = list(range(len(zones.shapes))), []
    while left:
        group = [left.pop(0)]
        for member in group:
            near = [i for i in left if zones.shapes[member].distance(zones.shapes[i]) <= _TOGETHER]
            group += near
            left = [i for i in left if i not in near]
        out.append(sorted(group))
    return out


def _box(zones: Zones, members: list) -> QgsRectangle:
    box = QgsRectangle()
    for i in members:
        box.combineExtentWith(zones.shapes[i].boundingBox())
    box.grow(_AROUND)
    return box


def _background(run: Any, given: Given) -> list:
    layers = []
    if given.streets is not None and len(given.streets.lines) <= _MOST_LINES:
        layers.append(_layer(run, given.streets.lines, "MultiLineString", tr("Streets"), _STREET))
    layers.append(_layer(run, given.areas.geometries, "MultiPolygon", tr("Areas to choose from"), _AREA))
    if given.boundary is not None:
        layers.append(_layer(run, [given.boundary], "MultiPolygon", tr("Within the boundary"), _GROUND))
    return layers


def _layer(run: Any, geometries: list, kind: str, title: str, colour: str) -> QgsVectorLayer:
    layer = writing.memory_layer(kind, title, run.crs, geometries)
    styling.single(title, colour, title, outline=_LINE, width=0.2).apply(layer)
    return layer


def _cut(run: Any, layer: QgsVectorLayer, box: QgsRectangle) -> QgsVectorLayer:
    """Return what of a background lies in a close-up: the legend then names only what is seen."""
    kind = "MultiLineString" if layer.geometryType() == QgsWkbTypes.GeometryType.LineGeometry else "MultiPolygon"
    cut = writing.memory_layer(kind, layer.name(), run.crs, (f.geometry() for f in layer.getFeatures(box)))
    cut.setRenderer(layer.renderer().clone())
    return cut


def _marks(run: Any, zones: Zones) -> QgsVectorLayer:
    """Return a point for each zone: hectares are too small to see on the map of a city."""
    # the last is drawn on top: rank 1
    ranks = np.arange(len(zones.shapes))[::-1]
    kinds = np.asarray(zones.columns[fields.KIND], dtype=object)[ranks]
    inside = (zones.shapes[i].pointOnSurface() for i in ranks)
    layer = writing.memory_layer("Point", tr("Patrol zones"), run.crs, inside,
                                 {fields.RANK: ranks + 1, fields.KIND: kinds})
    style(zones).apply(layer)
    renderer = layer.renderer().clone()
    for position, category in enumerate(renderer.categories()):
        colour = category.symbol().color().name()
        renderer.updateCategorySymbol(position, QgsMarkerSymbol.createSimple(
            {"name": "circle", "color": colour, "outline_color": "white", "outline_width": "0.3", "size": "5"}))
    layer.setRenderer(renderer)
    settings = QgsPalLayerSettings(layer.labeling().settings())
    text = settings.format()
    text.setColor(QColor("white"))
    text.setSize(7.5)
    buffer = text.buffer()
    buffer.setEnabled(False)
    text.setBuffer(buffer)
    settings.setFormat(text)
    settings.placement = QgsPalLayerSettings.Placement.OverPoint
    settings.displayAll = True
    layer.setLabeling(QgsVectorLayerSimpleLabeling(settings))
    return layer
