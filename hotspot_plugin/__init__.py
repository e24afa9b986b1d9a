"""Crime Hotspots: a QGIS plugin for crime hotspot management and community policing."""

from __future__ import annotations


def classFactory(iface):  # noqa: N802 (name given by QGIS)
    """Return the plugin; called by QGIS, with ``iface=None`` where there is no desktop."""
    from .plugin import HotspotPlugin

    return HotspotPlugin(iface)
