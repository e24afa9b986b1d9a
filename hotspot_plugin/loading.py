"""Parts of the plugin that are imported when they are needed."""

from __future__ import annotations

from typing import Any


def part(module: str, name: str) -> Any:
    """Return a class of a module, given by its full name.

    Not by importlib: QGIS notes at the door of ``import`` what it has to take away when the plugin is unloaded. A
    module that came another way would stay, and go on with the classes of the version before an update.
    """
    return getattr(__import__(module, fromlist=[name]), name)
