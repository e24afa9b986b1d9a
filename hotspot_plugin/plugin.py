"""What QGIS starts and stops."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication, QTranslator

from .provider import HotspotProvider


class HotspotPlugin:
    """The plugin, with or without a desktop.

    Parameters
    ----------
    iface : QgisInterface or None
        QGIS's desktop; None in ``qgis_process`` and in scripts.
    """

    def __init__(self, iface) -> None:
        self.iface = iface
        self.provider: HotspotProvider | None = None
        self.translator: QTranslator | None = None
        self.desk: Any = None
        self._install_translator()

    def _install_translator(self) -> None:
        locale = QgsApplication.locale()  # what the user chose, or that of the machine
        folder = Path(__file__).parent / "i18n"
        for name in (f"hotspot_{locale}.qm", f"hotspot_{locale[:2]}.qm"):
            if (folder / name).exists():
                self.translator = QTranslator()
                self.translator.load(str(folder / name))
                QCoreApplication.installTranslator(self.translator)
                return

    def initProcessing(self) -> None:  # noqa: N802 (called by QGIS)
        """Add the tools; all that is needed without a desktop."""
        self.provider = HotspotProvider()
        QgsApplication.processingRegistry().addProvider(self.provider)

    def initGui(self) -> None:  # noqa: N802 (called by QGIS)
        """Start on the desktop."""
        from .ui.desk import Desk

        self.initProcessing()
        self.desk = Desk(self.iface)

    def unload(self) -> None:
        """Leave nothing behind."""
        if self.desk is not None:
            self.desk.close_down()
            self.desk = None
        if self.provider is not None:
            QgsApplication.processingRegistry().removeProvider(self.provider)
            self.provider = None
        if self.translator is not None:
            QCoreApplication.removeTranslator(self.translator)
            self.translator = None
