"""Runs inside the QGIS desktop: a first day with the dock, by clicks on real widgets; writes what it saw.

Started by ``test_dock_desktop.py`` and by ``make screenshots``; the result is ``session.json`` in the folder
HOTSPOT_OUT. HOTSPOT_LOOK names how it looks: dark, mirrored, large or nothing; HOTSPOT_PARTS the chapters.
"""

from __future__ import annotations

import faulthandler
import json
import os
import sys
import time
import traceback
from pathlib import Path

from qgis.core import Qgis, QgsApplication, QgsProject
from qgis.PyQt.QtCore import Qt, QTimer
from qgis.PyQt.QtWidgets import QApplication
from qgis.utils import iface

sys.path.insert(0, os.environ["QGIS_PLUGINPATH"])
OUT = Path(os.environ["HOTSPOT_OUT"])
LOOK = os.environ.get("HOTSPOT_LOOK", "")
PARTS = os.environ.get(
    "HOTSPOT_PARTS", "opening first_map compare evaluate trying questions report answer problems real bring trouble"
).split()
#: seconds of a chapter after which it is written down what every thread is at
STILL = 90
seen: dict = {"qgis": Qgis.QGIS_VERSION, "error": "", "failed": {}, "steps": [], "seconds": {}}


def dress() -> None:
    """Look as the environment wants it."""
    if LOOK == "dark":
        QgsApplication.setUITheme("Night Mapping")
    elif LOOK == "mirrored":
        QApplication.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    elif LOOK == "large":
        font = QApplication.font()
        font.setPointSizeF(font.pointSizeF() * 1.5)
        QApplication.setFont(font)


def session() -> None:
    """Tell the story, chapter by chapter; one that fails is noted, and the next begins."""
    from scripts.dock_story import Story
    from scripts.hand import Hand

    hand = Hand()
    dress()
    hand.arrange()
    data = Path(os.environ.get("HOTSPOT_DATA", "/nowhere"))
    story = Story(hand, OUT, data, LOOK == "large", os.environ.get("HOTSPOT_PICTURES", "1") == "1")
    with open(OUT / "stacks.txt", "w", encoding="utf-8") as stacks:
        for part in PARTS:
            begun = time.monotonic()
            faulthandler.dump_traceback_later(STILL, file=stacks)
            try:
                getattr(story, part)()
                seen["steps"].append(part)
            except Exception:  # the test shall show it, and the other chapters too
                seen["failed"][part] = traceback.format_exc()
                hand.picture(OUT / f"failed-{part}.png")
            seen["seconds"][part] = round(time.monotonic() - begun, 1)
            seen.update(story.told, messages=hand.messages)
            faulthandler.cancel_dump_traceback_later()
            (OUT / "progress.json").write_text(json.dumps(seen, indent=1), encoding="utf-8")


def go() -> None:
    try:
        session()
    except Exception:  # whatever it is, the test shall show it
        seen["error"] = traceback.format_exc()
    (OUT / "session.json").write_text(json.dumps(seen, indent=1), encoding="utf-8")
    # A project with layers would ask whether to save it.
    QgsProject.instance().clear()
    iface.actionExit().trigger()
    QTimer.singleShot(20000, lambda: os._exit(3))


QTimer.singleShot(1500, go)
