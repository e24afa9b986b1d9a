"""Sizes and colours of the dock, taken from the user's font and palette; nothing here is fixed in pixels."""

from __future__ import annotations

from qgis.core import QgsApplication
from qgis.PyQt.QtGui import QColor, QFont, QFontMetrics, QIcon, QPalette
from qgis.PyQt.QtWidgets import QApplication, QWidget

#: Colours on light and on dark ground, each with a contrast of at least 4.5 to 1; told apart by colour-blind people.
_COLOURS = {
    "calm": ("#1f5f9e", "#8ec5f0"),
    "good": ("#1b6e4f", "#7fd1ae"),
    "doubt": ("#8a5a00", "#f0b429"),
    "problem": ("#a3122f", "#ff9aa8"),
    "quiet": ("#595959", "#b5b5b5"),
    "before": ("#1f5f9e", "#8ec5f0"),
    "after": ("#a34a00", "#f5b27a"),
}
_ICONS = {"calm": "/mIconInfo.svg", "good": "/mIconSuccess.svg", "doubt": "/mIconWarning.svg",
          "problem": "/mIconCritical.svg"}


def is_dark(palette: QPalette | None = None) -> bool:
    """Whether the ground is dark."""
    ground = (palette or QApplication.palette()).color(QPalette.ColorRole.Window)
    return ground.lightness() < 128


def is_styled() -> bool:
    """Whether a style sheet makes QGIS dark: the palettes of single widgets then say nothing."""
    return bool(QApplication.instance().styleSheet()) and is_dark()


def palette(widget: QWidget) -> QPalette:
    """Return the colours that a widget is seen in: its own, or where a style sheet reigns those of QGIS's window."""
    if not is_styled():
        return widget.palette()
    while widget.parentWidget() is not None:
        widget = widget.parentWidget()
    return widget.palette()


def colour(name: str, palette: QPalette | None = None) -> QColor:
    """Return a colour by its meaning: calm, good, doubt, problem, quiet, before or after."""
    return QColor(_COLOURS[name][is_dark(palette)])


def tint(name: str, palette: QPalette) -> QColor:
    """Return the ground of a card: the window's, with a breath of a colour."""
    ground, touch = palette.color(QPalette.ColorRole.Window), colour(name, palette)
    share = 0.16 if is_dark(palette) else 0.08
    return QColor.fromRgbF(*(g * (1 - share) + t * share for g, t in zip(ground.getRgbF()[:3], touch.getRgbF()[:3])))


def unit(widget: QWidget) -> int:
    """Return a length that grows with the user's font: about half the height of a line."""
    return max(4, QFontMetrics(widget.font()).height() // 2)


def heading(font: QFont, larger: float = 1.25) -> QFont:
    """Return the font of a heading."""
    out = QFont(font)
    if font.pointSizeF() > 0:
        out.setPointSizeF(font.pointSizeF() * larger)
    else:
        out.setPixelSize(round(font.pixelSize() * larger))
    out.setBold(True)
    return out


def icon(name: str) -> QIcon:
    """Return an icon of QGIS's theme by its file, such as "/mActionZoomToLayer.svg"; or by a meaning, such as calm."""
    return QgsApplication.getThemeIcon(_ICONS.get(name, name))
