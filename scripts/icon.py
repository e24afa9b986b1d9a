"""Draw the plugin's icon: a small grid of hexagons that grows warmer to one hot cell.

Writes ``hotspot.svg`` (toolbox, menus) and ``icon.png`` (plugin manager) into the plugin's icons folder.
"""

from __future__ import annotations

import math
from pathlib import Path

from qgis.PyQt.QtCore import QByteArray
from qgis.PyQt.QtGui import QGuiApplication, QImage, QPainter
from qgis.PyQt.QtSvg import QSvgRenderer

ICONS = Path(__file__).resolve().parent.parent / "hotspot_plugin" / "icons"
SIZE, RADIUS, GAP = 64.0, 9.9, 0.8
#: axial column, row, colour: from quiet to hot
CELLS = [
    (0, 0, "#a50f15"),
    (1, 0, "#ef6548"),
    (0, 1, "#ef6548"),
    (-1, 1, "#fdbb84"),
    (-1, 0, "#fdd49e"),
    (0, -1, "#fdbb84"),
    (1, -1, "#fdd49e"),
]


def hexagon(x: float, y: float, radius: float) -> str:
    """Return the corners of a hexagon that stands on a point, as SVG text."""
    corners = [math.radians(60 * k + 30) for k in range(6)]
    return " ".join(f"{x + radius * math.cos(a):.2f},{y + radius * math.sin(a):.2f}" for a in corners)


def svg() -> str:
    """Return the drawing."""
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE:g} {SIZE:g}" width="64" height="64">']
    for column, row, colour in CELLS:
        x = SIZE / 2 + RADIUS * math.sqrt(3) * (column + row / 2)
        y = SIZE / 2 + RADIUS * 1.5 * row
        parts.append(f'<polygon points="{hexagon(x, y, RADIUS - GAP)}" fill="{colour}"/>')
    # The ring of a patrol around the hot cell, and the place itself.
    parts.append('<circle cx="32" cy="32" r="29.6" fill="none" stroke="#1f3a5f" stroke-width="3.2"')
    parts.append(' stroke-linecap="round" stroke-dasharray="33.2 13.3" transform="rotate(-108 32 32)"/>')
    parts.append('<circle cx="32" cy="32" r="3.2" fill="#ffffff"/></svg>')
    return "\n".join(parts) + "\n"


def main() -> None:
    """Write both files."""
    text = svg()
    (ICONS / "hotspot.svg").write_text(text, encoding="utf-8")
    application = QGuiApplication(["icon", "-platform", "offscreen"])
    image = QImage(128, 128, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(text.encode())).render(painter)
    painter.end()
    image.save(str(ICONS / "icon.png"))
    application.quit()


if __name__ == "__main__":
    main()
