"""Boxes for a day: as the user writes days, empty where no day is set, and read in one direction in every language."""

from __future__ import annotations

from typing import Any

from qgis.gui import QgsDateEdit
from qgis.PyQt.QtCore import QLocale, Qt
from qgis.PyQt.QtWidgets import QApplication

from ..translation import tr


def day_format() -> str:
    """Return the user's short format of days, with four digits of the year."""
    form = QLocale().dateFormat(QLocale.FormatType.ShortFormat)
    return form if "yyyy" in form else form.replace("yy", "yyyy")


def read_one_way(box: Any) -> Any:
    """Keep year, month and day of a box in the order of their format, and return the box.

    Qt turns the order around where lines run from right to left, though numbers are read from the left there too.
    """
    box.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    if box.calendarPopup():
        box.calendarWidget().setLayoutDirection(QApplication.layoutDirection())
    return box


def day_box(name: str, empty: bool = True) -> QgsDateEdit:
    """Return a box for a day; ``empty``: no day may be set, and none is to begin with."""
    out = QgsDateEdit()
    out.setObjectName(name)
    out.setAllowNull(empty)
    out.setCalendarPopup(True)
    read_one_way(out)
    out.setDisplayFormat(day_format())
    if empty:
        out.setNullRepresentation(tr("no day"))
        out.clear()
    return out
