"""The one way in which a text for the user is translated."""

from __future__ import annotations

from qgis.PyQt.QtCore import QCoreApplication

#: One context for the whole plugin, so that a text of a shared module is translated once.
CONTEXT = "hotspot"


def tr(text: str) -> str:
    """Return the text in the user's language; places for values are filled afterwards."""
    return QCoreApplication.translate(CONTEXT, text)
