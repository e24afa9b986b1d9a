"""How the layers of a practice town look: a plain town plan with the incidents on top."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsFillSymbol,
    QgsLineSymbol,
    QgsMarkerSymbol,
    QgsProperty,
    QgsRendererCategory,
    QgsSimpleLineSymbolLayer,
    QgsSymbolLayer,
)

from ...layers.styling import Style
from ...translation import tr

_GROUND = {
    "centre": "#f3dcc9", "inner": "#f1ead9", "estate": "#ece3e0", "suburb": "#f6f2e6", "industry": "#e3e0e6",
    "retail park": "#f0dde4", "campus": "#e2e9ef", "park": "#cfe5bd", "fields": "#e9efdb"}
_WORDS = {
    "centre": "town centre", "inner": "inner quarters", "estate": "housing estates", "suburb": "suburbs",
    "industry": "industry", "retail park": "retail parks", "campus": "school, hospital, college",
    "park": "parks", "fields": "fields"}
_BUILDINGS = {"home": "#cfc4b4", "shop": "#d5a58c", "work": "#b9b4c2", "public": "#a9bccb"}
#: class: widths on the ground in metres of the edge and of the road, colour
_STREETS = {"path": (2.6, 1.6, "#f4efe2"), "local": (9.5, 7.5, "#ffffff"), "collector": (13.0, 10.6, "#fdf3c4"),
            "arterial": (17.5, 14.5, "#f8d48a")}
_TRUTH = {"hot spot": "#b2182b", "ring": "#ef8a62", "repeat location": "#5e3c99", "fear and crime": "#e08214",
          "fear without crime": "#2166ac", "crime without voices": "#1b7837", "campaign": "#8c510a"}
_FACILITIES = ("station", "hospital", "police station", "town hall", "school", "car park", "bus stop")
_FACILITY_COLOURS = ("#23374d", "#b03a3a", "#2b4a8b", "#6a4c93", "#2f7f6f", "#5b7db1", "#8d99a6")


def _fill(colour: str, outline: str = "#00000000", width: float = 0.1, style: str = "solid") -> QgsFillSymbol:
    return QgsFillSymbol.createSimple({
        "color": colour, "outline_color": outline, "outline_width": str(width),
        "outline_style": "no" if outline == "#00000000" else "solid", "style": style})


def _categories(field: str, entries: list) -> Any:
    renderer = QgsCategorizedSymbolRenderer(field)
    for value, symbol, label in entries:
        renderer.addCategory(QgsRendererCategory(value, symbol, label))
    return renderer


def _one(name: str, symbol: Any, label: str, text: str = "") -> Style:
    return Style(name, lambda layer: _categories("1", [(1, symbol(), label)]), text)


def _street(edge: float, road: float, colour: str) -> QgsLineSymbol:
    """A road with its edges, as wide as on the ground but never thinner than a hair."""
    symbol = QgsLineSymbol.createSimple(
        {"line_color": "#b8afa0", "line_width": str(edge), "line_width_unit": "MapUnit", "capstyle": "round"})
    symbol.appendSymbolLayer(QgsSimpleLineSymbolLayer.create(
        {"line_color": colour, "line_width": str(road), "line_width_unit": "MapUnit", "capstyle": "round"}))
    symbol.symbolLayer(1).setRenderingPass(1)
    width = QgsSymbolLayer.Property.PropertyStrokeWidth
    for k, (metres, least) in enumerate(((edge, 0.0), (road, 0.14))):
        # millimetres on paper of so many metres, at the scale of the map
        symbol.symbolLayer(k).setDataDefinedProperty(width, QgsProperty.fromExpression(
            f"max({metres}, {least} * @map_scale / 1000)"))
    return symbol


def _streets(layer: Any) -> Any:
    labels = {"path": tr("path"), "local": tr("street"), "collector": tr("road"), "arterial": tr("main road")}
    renderer = _categories("class", [(k, _street(*v), labels[k]) for k, v in _STREETS.items()])
    renderer.setUsingSymbolLevels(True)
    for k, category in enumerate(renderer.categories()):
        symbol = category.symbol().clone()
        # all edges first, then the roads, the main ones last, so that junctions are open
        symbol.symbolLayer(0).setRenderingPass(0)
        symbol.symbolLayer(1).setRenderingPass(1 + k)
        renderer.updateCategorySymbol(k, symbol)
    return renderer


def _marker(colour: str, size: float, name: str = "circle", outline: str = "white") -> QgsMarkerSymbol:
    return QgsMarkerSymbol.createSimple({"name": name, "color": colour, "outline_color": outline,
                                         "outline_width": "0.15", "size": str(size)})


def styles() -> dict:
    """Return the style of each layer that has one."""
    return {
        "incidents": _one("incidents", lambda: _marker("178,24,43,110", 1.3, outline="#00000000"), tr("incident")),
        "reports": _one("reports", lambda: _marker("#2166ac", 1.7, "triangle"), tr("resident's report")),
        "premises": _one("premises", lambda: _marker("#8e44ad", 1.7, "diamond"), tr("licensed premises")),
        "facilities": Style("facilities", lambda layer: _categories("kind", [
            (kind, _marker(colour, 1.5 if kind == "bus stop" else 2.6, "square"), tr(kind))
            for kind, colour in zip(_FACILITIES, _FACILITY_COLOURS)])),
        "lights": _one("lights", lambda: _marker("#f2c14e", 0.9, outline="#b8860b"), tr("street light")),
        "addresses": _one("addresses", lambda: _marker("#8a8a8a", 0.7, outline="#00000000"), tr("address")),
        "truth_places": Style("truth_places", lambda layer: _categories("what", [
            (what, _fill("255,255,255,0", colour, 0.6), tr(what)) for what, colour in _TRUTH.items()]),
            "case when \"what\" = 'hot spot' then \"number\" end"),
        "streets": Style("streets", _streets),
        "railway": _one("railway", _railway, tr("railway")),
        "buildings": Style("buildings", lambda layer: _categories("kind", [
            (kind, _fill(colour, "#9d9484", 0.06), tr(kind)) for kind, colour in _BUILDINGS.items()])),
        "water": _one("water", lambda: _fill("#a9cfe6", "#7fb2d1", 0.2), tr("river")),
        "parks": _one("parks", lambda: _fill("#cfe5bd", "#a9cc90", 0.2), tr("park")),
        "beats": _one("beats", lambda: _fill("255,255,255,0", "#3b4a63", 0.5), tr("patrol beat"), "name"),
        "population": _one("population", lambda: _fill("255,255,255,0", "#8a8a8a", 0.1), tr("block with residents")),
        "ground": Style("ground", lambda layer: _categories("use", [
            (use, _fill(colour, colour, 0.1), tr(_WORDS[use])) for use, colour in _GROUND.items()])),
        "boundary": _one("boundary", lambda: _fill("255,255,255,0", "#5a5a5a", 0.5), tr("edge of the town")),
    }


def _railway() -> QgsLineSymbol:
    symbol = QgsLineSymbol.createSimple({"line_color": "#4a4a4a", "line_width": "0.9"})
    symbol.appendSymbolLayer(QgsSimpleLineSymbolLayer.create(
        {"line_color": "#ffffff", "line_width": "0.55", "customdash": "2.4;2.4", "use_custom_dash": "1",
         "capstyle": "flat"}))
    return symbol
