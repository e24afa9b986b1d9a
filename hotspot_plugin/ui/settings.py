"""How the dock keeps what the user chose."""

from __future__ import annotations

from typing import Any

#: Where it stands in the settings of QGIS.
PREFIX = "crime_hotspots/dock/"
#: The project's variable that holds the path of its case file.
VARIABLE = "crime_hotspots_case"


def yes(value: Any) -> bool:
    """Return a setting as yes or no; QGIS may give it back as a text."""
    return str(value).lower() in ("true", "1")
