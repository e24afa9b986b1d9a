"""Practice data on the start page: where they go, and how their layers lie in the tree."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from qgis.core import QgsProject
from qgis.PyQt.QtCore import QStandardPaths

from ..translation import tr
from . import caselayers

#: Where the user wants them, among the settings.
SETTING = "practice_folder"
#: From top to bottom; what is not shown at first is there to be switched on.
_SHOWN = ("incidents", "streets", "buildings", "railway", "water", "parks", "beats", "boundary", "ground")
_HIDDEN = ("reports", "survey", "lights", "facilities", "premises", "addresses", "population", "truth_places", "truth",
           "truth_incidents")
_FIRST = ("incidents", "reports", "survey", "lights", "facilities", "premises", "addresses")


def folder(session: Any) -> Path:
    """Return the folder that practice data go into."""
    chosen = str(session.setting(SETTING, "") or "")
    if chosen:
        return Path(chosen)
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(documents or Path.home()) / tr("Crime Hotspots practice")


def new_place(folder: Path) -> Path:
    """Return the path of a town to make; the folder is made.

    Raises
    ------
    OSError
        Where nothing can be written there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        pass  # only trying tells whether one may write: modes and lists of rights do not say all
    number = 1
    while any((folder / f"practice-{number}{end}").exists() for end in (".gpkg", "-case.gpkg", "-case.qgs")):
        number += 1
    return folder / f"practice-{number}.gpkg"


def arrange(town: Path) -> str:
    """Put the layers of the town into a group, incidents on top and ground at the bottom; return the incidents' id."""
    found = caselayers.loaded(str(town))
    root = QgsProject.instance().layerTreeRoot()
    group = root.insertGroup(0, tr("Practice town"))
    rest = [table for table in (*_SHOWN, *_HIDDEN) if table not in _FIRST]
    for table in (*_FIRST, *rest, *sorted(set(found) - {*_SHOWN, *_HIDDEN})):
        node = root.findLayer(found.get(table, ""))
        if node is None:
            continue
        moved = node.clone()
        moved.setItemVisibilityChecked(table not in _HIDDEN)
        moved.setExpanded(False)
        group.addChildNode(moved)
        node.parent().removeChildNode(node)
    if not group.children():
        root.removeChildNode(group)
    return found.get("incidents", "")
