"""The map of each handout: the area with a thick outline, its neighbours, and the published numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from qgis.core import (
    QgsFillSymbol,
    QgsLineSymbol,
    QgsPalLayerSettings,
    QgsSingleSymbolRenderer,
    QgsTextBufferSettings,
    QgsTextFormat,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
)
from qgis.PyQt.QtGui import QColor, QFont

from ...layers import styling, writing
from ...reports import handoutmap
from ...reports.handout import family

#: White is "not shown"; the others are told apart in grey as well, and letters on them can be read.
_WHITE, _SHADES = "#ffffff", ("#edf2f7", "#cfdeeb", "#a8c5de", "#7ba9ce")
_OUTLINE, _STREET = "#5a6675", "#8f9aa6"


class Maps:
    """Draws the maps of all areas with layers that are made once.

    Parameters
    ----------
    run : Run
    names : list of str
    shapes : list of QgsGeometry
    values : (n,) array of int
        Published totals, -1 where none is shown.
    write : callable
        Returns the text of a number.
    streets : list of QgsGeometry
    """

    def __init__(self, run: Any, names: list, shapes: list, values: np.ndarray, write: Any, streets: list) -> None:
        self.run, self.names, self.shapes = run, names, shapes
        self.labels = [name if value < 0 else f"{name}\n{write(int(value))}" for name, value in zip(names, values)]
        self.classes = _classes(values)
        self.streets = self._streets(streets)

    def draw(self, index: int) -> bytes:
        """Return the map of an area as PNG."""
        self.run.check()
        extent = handoutmap.extent_around(self.shapes[index].boundingBox())
        near = [i for i, shape in enumerate(self.shapes) if shape.boundingBox().intersects(extent)]
        others = self._areas(near, [self.labels[i] if i != index else "" for i in near], 8.0, False)
        own = self._areas([index], [self.labels[index]], 10.5, True)
        layers = [own, *([self.streets] if self.streets is not None else []), others]
        return handoutmap.draw(layers, extent, self.run.units)

    def _areas(self, rows: list, labels: list, points: float, own: bool) -> QgsVectorLayer:
        columns = {"label": np.array(labels, dtype=object), "shade": np.array([self.classes[i] for i in rows])}
        layer = self._layer("MultiPolygon", [self.shapes[i] for i in rows], columns)
        if own:
            symbol = QgsFillSymbol.createSimple(
                {"style": "no", "outline_color": "#111111", "outline_width": "0.9", "outline_style": "solid"})
            layer.setRenderer(QgsSingleSymbolRenderer(symbol))
        else:
            entries = [(k, colour, str(k)) for k, colour in enumerate((_WHITE, *_SHADES))]
            styling.categories("", "shade", entries).apply(layer)
        _label(layer, points, own)
        return layer

    def _streets(self, shapes: list) -> QgsVectorLayer | None:
        if not shapes:
            return None
        layer = self._layer("MultiLineString", shapes, {"n": np.ones(len(shapes), dtype=np.int64)})
        symbol = QgsLineSymbol.createSimple({"line_color": _STREET, "line_width": "0.18"})
        layer.setRenderer(QgsSingleSymbolRenderer(symbol))
        return layer

    def _layer(self, kind: str, shapes: list, columns: dict) -> QgsVectorLayer:
        geometries = []
        for shape in shapes:
            copy = type(shape)(shape)
            copy.convertToMultiType()
            geometries.append(copy)
        return writing.memory_layer(kind, "map", self.run.crs, geometries, columns, lambda fraction: self.run.check())


def _classes(values: np.ndarray) -> list:
    """Return the shade of each area: 0 without a number, then 1 to 4 by quarters of the shown numbers."""
    values = np.asarray(values)
    shown = values >= 0
    out = np.zeros(len(values), dtype=np.int64)
    if shown.any():
        limits = np.quantile(values[shown], [0.25, 0.5, 0.75])
        out[shown] = 1 + np.searchsorted(limits, values[shown], side="left")
    return out.tolist()


def _label(layer: QgsVectorLayer, points: float, bold: bool) -> None:
    settings = QgsPalLayerSettings()
    settings.fieldName = "label"
    settings.placement = QgsPalLayerSettings.Placement.Horizontal
    settings.multilineAlign = QgsPalLayerSettings.MultiLineAlign.MultiCenter
    settings.priority = 10 if bold else 5
    settings.displayAll = bold
    text = QgsTextFormat()
    font = QFont(family())
    font.setBold(bold)
    text.setFont(font)
    text.setSize(points)
    text.setColor(QColor("#111111"))
    halo = QgsTextBufferSettings()
    halo.setEnabled(True)
    halo.setSize(0.7)
    halo.setColor(QColor("white"))
    text.setBuffer(halo)
    settings.setFormat(text)
    layer.setLabeling(QgsVectorLayerSimpleLabeling(settings))
    layer.setLabelsEnabled(True)
