"""Choosing two periods: over the weeks, by dates, or by the presets of the tool; all three stay in step."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QDate, QSize, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QDateEdit,
    QLabel,
    QProgressBar,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ..translation import tr
from . import comparewords, states, theme
from .days import read_one_way
from .fold import EvenLayout
from .histogram import Histogram

#: the number of "by dates" in the list of the tool, and of the one that compares a week with a mean of weeks
CUSTOM, WEEK_AND_MEAN = 0, 3


def preset_names() -> list:
    """Return the choices of the parameter PRESET, as the tool names them."""
    tool = QgsApplication.processingRegistry().algorithmById("hotspot:compareperiods")
    return list(tool.parameterDefinition("PRESET").options()) if tool is not None else []


class PeriodsBox(QWidget):
    """The two periods of a comparison.

    ``changed`` tells that they, or the preset, are others now.
    """

    changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.weeks: Any = None
        self._chosen = False
        gap = theme.unit(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(gap)
        self.histogram = _Chart()
        self.histogram.setObjectName("weeks")
        self.work = QProgressBar()
        self.work.setObjectName("weeks_working")
        self.work.setRange(0, 0)
        self.work.setTextVisible(False)
        self.work.setAccessibleName(tr("Counting incidents by week…"))
        self.work.setMaximumHeight(gap)
        self.work.hide()
        name = QLabel(tr("&Which periods"))
        self.preset = QComboBox()
        self.preset.setObjectName("preset")
        self.preset.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.preset.addItems(preset_names())
        if self.preset.count():
            self.preset.setItemText(CUSTOM, tr("My own dates"))
        name.setBuddy(self.preset)
        column.addWidget(name)
        column.addWidget(self.preset)
        column.addWidget(self.histogram)
        column.addWidget(self.work)
        self.dates: list = []
        self.days = QWidget()
        sides = EvenLayout(spacing=gap)  # beside each other where there is room
        self.days.setLayout(sides)
        words = ((tr("&Before"), tr("Before, first day"), tr("Before, last day")),
                 (tr("A&fter"), tr("After, first day"), tr("After, last day")))
        for side, (short, first, last) in enumerate(words):
            cell = QWidget()
            rows = QVBoxLayout(cell)
            rows.setContentsMargins(0, 0, 0, 0)
            rows.setSpacing(max(2, gap // 2))
            heading = QLabel(short)
            rows.addWidget(heading)
            for at, text in enumerate((first, last)):
                edit = _Date()
                edit.setObjectName(("before", "after")[side] + ("_first", "_last")[at])
                edit.setAccessibleName(text)
                edit.setToolTip(text)
                edit.dateChanged.connect(self._dated)
                rows.addWidget(edit)
                self.dates.append(edit)
            heading.setBuddy(self.dates[2 * side])
            sides.addWidget(cell)
        column.addWidget(self.days)
        self.told = states.label("", "periods_told")
        column.addWidget(self.told)
        order = [self.preset, *self.histogram.handles, *self.dates]
        for one, other in zip(order, order[1:]):
            QWidget.setTabOrder(one, other)
        self.histogram.periodsChanged.connect(self._dragged)
        self.histogram.periodsMoving.connect(self._moving)
        self.preset.currentIndexChanged.connect(self._chose)
        self.clear()

    # --- what is known ---------------------------------------------------------------------
    def clear(self, text: str = "") -> None:
        """Show no weeks; ``text`` says why."""
        self.weeks = None
        self.work.hide()
        self.histogram.clear()
        self.histogram.setEmptyText(text or tr("Choose your incidents first."))
        self._show(None, None)
        self._tell()

    def loading(self) -> None:
        """Show that the weeks are being counted."""
        self.clear(tr("Counting incidents by week…"))
        self.work.show()

    def set_weeks(self, weeks: Any, kept: Any = None) -> None:
        """Show the weeks; ``kept`` are the preset and the four days of last time, else those to begin with."""
        self.weeks = weeks
        self.work.hide()
        self.histogram.setSeries(weeks.starts, weeks.counts, weeks.complete_to)
        for number in range(1, self.preset.count()):
            days = weeks.presets.get(number)
            if days:
                self.preset.setItemData(number, self._days(*days), Qt.ItemDataRole.ToolTipRole)
        preset, periods = _unpacked(kept)
        if preset and preset in weeks.presets:
            periods = weeks.presets[preset]
        elif periods is None:
            preset, periods = CUSTOM, comparewords.default_periods(weeks)
        self._set_preset(preset)
        self._show(*periods)
        if not self._chosen and weeks.first.isValid() and weeks.last.isValid():  # to begin where the data are
            for edit, day in zip(self.dates, (weeks.first, weeks.first, weeks.last, weeks.last)):
                edit.blockSignals(True)
                edit.setDate(day)
                edit.blockSignals(False)
        self._tell()
        self.changed.emit()

    def periods(self) -> tuple:
        """Return before and after as (first, last), None where not chosen."""
        if not self.has_dates():
            return None, None
        days = [edit.date() for edit in self.dates]
        return (days[0], days[1]), (days[2], days[3])

    def has_dates(self) -> bool:
        """Whether both periods are chosen."""
        return all(edit.isEnabled() for edit in self.dates) and self._chosen

    def preset_number(self) -> int:
        """Return the preset, 0 for dates."""
        return max(self.preset.currentIndex(), 0)

    def packed(self) -> list:
        """Return what is to be remembered."""
        before, after = self.periods()
        days = [day.toString("yyyy-MM-dd") for pair in (before, after) if pair for day in pair]
        return [self.preset_number(), *days]

    def parameters(self) -> dict:
        """Return the parameters of the tool that say which periods."""
        before, after = self.periods()
        if self.preset_number() != CUSTOM:
            return {"PRESET": self.preset_number(), "AS_OF": after[1].toString("yyyy-MM-dd")}
        names = ("BEFORE_START", "BEFORE_END", "AFTER_START", "AFTER_END")
        return {"PRESET": CUSTOM,
                **{name: day.toString("yyyy-MM-dd") for name, day in zip(names, (*before, *after))}}

    # --- the three ways --------------------------------------------------------------------
    def _show(self, before: tuple | None, after: tuple | None) -> None:
        self._chosen = before is not None and after is not None
        days = [*(before or ()), *(after or ())] if self._chosen else [QDate.currentDate()] * 4
        for edit, day in zip(self.dates, days):
            edit.blockSignals(True)
            edit.setDate(day)
            edit.setEnabled(self.weeks is not None)
            edit.blockSignals(False)
        self.preset.setEnabled(self.weeks is not None)
        self.days.setVisible(self.weeks is not None)
        self._on_chart(before, after)

    def _on_chart(self, before: tuple | None, after: tuple | None) -> None:
        """Show the periods over the weeks; those that cannot be (overlapping, turned round) are not."""
        if before is None or after is None or comparewords.refusal(before, after):
            self.histogram.setPeriods(None, None)
        else:
            self.histogram.setPeriods(before, after)

    def _dated(self, *_: Any) -> None:
        self._chosen = True
        self._set_preset(CUSTOM)
        self._on_chart(*self.periods())
        self._tell()
        self.changed.emit()

    def _dragged(self, before: tuple | None, after: tuple | None) -> None:
        self._moving(before, after)
        self._tell()
        self.changed.emit()

    def _moving(self, before: tuple | None, after: tuple | None) -> None:
        self._set_preset(CUSTOM)
        self._chosen = before is not None and after is not None
        for at, pair in enumerate((before, after)):
            for edit, day in zip(self.dates[2 * at:], pair or ()):
                edit.blockSignals(True)
                edit.setDate(day)
                edit.blockSignals(False)

    def _chose(self, number: int) -> None:
        days = self.weeks.presets.get(number) if self.weeks is not None else None
        if days:
            self._show(*days)
        self._tell()
        self.changed.emit()

    def _set_preset(self, number: int) -> None:
        self.preset.blockSignals(True)
        self.preset.setCurrentIndex(number)
        self.preset.blockSignals(False)

    def _tell(self) -> None:
        before, after = self.periods()
        refused = "" if self.weeks is None else (
            comparewords.too_short(self.weeks) or comparewords.refusal(before, after))
        self.told.setText(refused or (self._days(before, after) if before else ""))
        self.told.setVisible(bool(self.told.text()))

    @staticmethod
    def _days(before: tuple, after: tuple) -> str:
        return tr("{after} ({days}) against {before} ({more})").format(
            before=comparewords.period(before), after=comparewords.period(after), days=comparewords.days_words(after),
            more=comparewords.days_words(before))


def _unpacked(kept: Any) -> tuple:
    """Return the preset and the periods that were remembered, (0, None) where there are none."""
    if not isinstance(kept, (list, tuple)) or len(kept) != 5 or not isinstance(kept[0], int):
        return CUSTOM, None
    days = [QDate.fromString(str(text), "yyyy-MM-dd") for text in kept[1:]]
    if not all(day.isValid() for day in days):
        return CUSTOM, None
    return kept[0], ((days[0], days[1]), (days[2], days[3]))


class _Chart(Histogram):
    """The weeks, as narrow as the dock."""

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(0, super().minimumSizeHint().height())


class _Date(QDateEdit):
    """A day, with a calendar, that may become narrow."""

    def __init__(self) -> None:
        super().__init__()
        self.setCalendarPopup(True)
        read_one_way(self)
        self.setDisplayFormat("yyyy-MM-dd")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802
        hint = super().sizeHint()
        wide = self.fontMetrics().horizontalAdvance("0000-00-00") + round(0.95 * hint.height())
        return QSize(min(hint.width(), wide), hint.height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return self.sizeHint()

    def wheelEvent(self, event: Any) -> None:  # noqa: N802
        if self.hasFocus():  # who scrolls the page does not change a day
            super().wheelEvent(event)
        else:
            event.ignore()
