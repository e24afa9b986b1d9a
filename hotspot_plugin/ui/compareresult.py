"""What a comparison found: the sentence, its doubts, a table, charts, and what to do with it."""

from __future__ import annotations

from math import isnan
from pathlib import Path
from typing import Any

from qgis.PyQt.QtCore import Qt, QTimer
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QComboBox,
    QHeaderView,
    QLabel,
    QMenu,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ..reports import formats
from ..translation import tr
from . import compareread, comparewords, states, theme
from .charts import Estimate, ForestLine, Pair, PairedBars
from .flow import FlowLayout

#: lines of the table that are seen at once, and lines of a chart
_SEEN, _DRAWN = 15, 6
#: an earlier count below which no percentage is shown: +1,900 % says nothing
_LEAST = 10


class ResultBox(QWidget):
    """The result of one comparison; ``show_result`` fills it."""

    def __init__(self, session: Any) -> None:
        super().__init__()
        self.session, self.outcome = session, None
        self.report, self.tables = "", {}
        self._narrow = False
        self._fitter = QTimer(self)
        self._fitter.setSingleShot(True)
        self._fitter.setInterval(0)
        self._fitter.timeout.connect(self._resized)
        gap = theme.unit(self)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(gap)
        self.card = states.Card("good", "", name="result")
        self.doubts = QVBoxLayout()
        self.doubts.setSpacing(max(2, gap // 2))
        self.column.addWidget(self.card)
        self.column.addLayout(self._buttons(gap))
        self.column.addLayout(self.doubts)
        self.kind_label = QLabel(tr("Sh&ow"))
        self.kind = QComboBox()
        self.kind.setObjectName("result_kind")
        self.kind_label.setBuddy(self.kind)
        self.kind.currentIndexChanged.connect(self._fill)
        row = FlowLayout(spacing=gap)
        row.addWidget(self.kind_label)
        row.addWidget(self.kind)
        self.column.addLayout(row)
        self.table = self._table()
        self.column.addWidget(self.table)
        self.more = states.label("", "result_more")
        self.column.addWidget(self.more)
        self.bars, self.forest = _Bars(), _Forest()
        self.bars.setObjectName("result_bars")
        self.forest.setObjectName("result_forest")
        self.column.addWidget(self.bars)
        self.column.addWidget(self.forest)
        self.hide()

    def _buttons(self, gap: int) -> FlowLayout:
        row = FlowLayout(spacing=gap)
        button = states.button
        self.show_report = button(tr("Show the report"), self._show_report, "show_report", "/mActionShowAllLayers.svg")
        self.export = button(tr("Export…"), self._export, "export", "/mActionFileSaveAs.svg", tr(
            "Saves the report with its tables (CSV) and pictures where you want them"))
        self.zoom = button(tr("Zoom to it"), self._zoom, "zoom", "/mActionZoomToLayer.svg")
        self.repeat = button(tr("Repeat as a command"), self._offer_commands, "repeat", "/mActionEditCopy.svg", tr(
            "Copies what repeats this comparison without the mouse"))
        self.commands = QMenu(self.repeat)
        self.copy_command = self.commands.addAction(
            tr("Copy the command for a shell (qgis_process)"), self._copy_command)
        self.copy_python = self.commands.addAction(tr("Copy the command for Python"), self._copy_python)
        self.link = button(tr("Link to a problem"), self._link, "link_problem", "/mActionLink.svg", tr(
            "Keeps this result with a problem of your case file"))
        self.copied = states.label("", "copied")
        self.copied.hide()
        for one in (self.show_report, self.export, self.zoom, self.repeat, self.link):
            row.addWidget(one)
        row.addWidget(self.copied)
        return row

    def _table(self) -> QTableWidget:
        table = QTableWidget(0, 4)
        table.setObjectName("result_table")
        table.setAccessibleName(tr("Before, after and change"))
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.verticalHeader().hide()
        table.setShowGrid(False)
        table.setAlternatingRowColors(True)
        table.setTabKeyNavigation(False)
        table.setWordWrap(True)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        header = table.horizontalHeader()
        header.setMinimumSectionSize(theme.unit(table))
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2, 3):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        return table

    # --- what it shows ---------------------------------------------------------------------
    def clear(self) -> None:
        """Show nothing."""
        self.outcome = None
        self.hide()

    def show_result(self, outcome: Any, question: dict, tables: dict, everywhere: bool) -> None:
        """Show a run that ended well, with the tables that were read beside its report."""
        self.outcome, self.question, self.everywhere = outcome, question, everywhere
        self.report = str(outcome.results.get("REPORT") or "")
        self.tables = {name: rows for name, rows in tables.items() if rows and not (everywhere and name == "areas")}
        before, after = question["before"], question["after"]
        title = tr("{after} against {before}").format(
            after=comparewords.period(after), before=comparewords.period(before))
        self.card.set_text(title, outcome.summary)
        states.clear(self.doubts)
        for text in outcome.warnings:
            self.doubts.addWidget(states.Card("doubt", "", text, name="result_doubt"))
        self.copied.hide()
        self.show_report.setEnabled(bool(self.report))
        self.export.setEnabled(bool(self.report))
        self.kind.blockSignals(True)
        self.kind.clear()
        for name, text in (("areas", tr("By area")), ("types", tr("By type"))):
            if self.tables.get(name):
                self.kind.addItem(text, name)
        self.kind.blockSignals(False)
        several = self.kind.count() > 1
        self.kind.setVisible(several)
        self.kind_label.setVisible(several)
        self._fill()
        self.refresh()
        self.show()

    def refresh(self) -> None:
        """Bring the buttons up to date with the project."""
        if self.outcome is not None:
            self.zoom.setEnabled(self.layer() is not None)

    def layer(self) -> Any:
        """Return the layer to zoom to: the compared areas, or the incidents."""
        found = self.session.layer(str(self.outcome.layers.get("OUTPUT", "")))
        return found or self.session.layer(self.question["incidents"])

    def rows(self) -> list:
        """Return the lines of the table: the whole first."""
        results = self.outcome.results
        numbers = [_number(results.get(name)) for name in ("BEFORE", "AFTER", "PERC", "LOW", "HIGH")]
        words = tr("Could be chance")
        if numbers[3] > 0:
            words = tr("More")
        elif numbers[4] < 0:
            words = tr("Fewer")
        whole = compareread.Row(tr("All together"), *numbers, words)
        return [whole, *self.tables.get(self.kind.currentData() or "", [])]

    def _fill(self, *_: Any) -> None:
        if self.outcome is None:
            return
        rows, table = self.rows(), self.table
        first = {"areas": tr("Area"), "types": tr("Type")}.get(self.kind.currentData(), tr("Counted"))
        side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        right = int(getattr(side, "value", side))
        shown, self._narrow = rows[:200], self._is_narrow()
        if self._narrow:  # the counts stand below the name
            first += "\n" + _ltr(tr("before → after"))
        table.setHorizontalHeaderLabels([first, tr("Before"), tr("After"), tr("Change")])
        for column in (1, 2):
            table.setColumnHidden(column, self._narrow)
        table.setRowCount(len(shown))
        for at, row in enumerate(shown):
            counts = (formats.number(_whole(row.before)), formats.number(_whole(row.after)))
            name = f"{row.name}\n{_ltr(' → '.join(counts))}" if self._narrow else row.name
            texts = (name, *counts, change(row, self._narrow))
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                if 0 < column < 3:
                    item.setTextAlignment(right)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, text.replace("\n", ", "))
                item.setToolTip(text)
                if not at and column < 3:
                    item.setFont(theme.heading(table.font(), 1.0))
                table.setItem(at, column, item)
        self._fit()
        left = len(rows) - len(shown)
        self.more.setText(tr("{count} more stand in the report.").format(count=formats.number(left)) if left else "")
        self.more.setVisible(left > 0)
        self._draw(rows)

    def _is_narrow(self) -> bool:
        """Whether a change and its interval do not fit into a line of the table beside all else."""
        texts = ("Neighbour", tr("Before") + tr("After") + "0000", "+100 % (−100 to +100)")
        return self.width() < sum(self.fontMetrics().horizontalAdvance(text) for text in texts) + 4 * theme.unit(self)

    def resizeEvent(self, event: Any) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._fitter.start()  # when the table has its width, too

    def _resized(self) -> None:
        if self.outcome is not None and self._narrow != self._is_narrow():
            self._fill()
        else:
            self._fit()

    def _fit(self) -> None:
        """Make the table as high as its lines, so that only long ones scroll."""
        table = self.table
        wide = table.sizeHintForColumn(3) > 0.6 * table.viewport().width()
        table.horizontalHeader().setSectionResizeMode(
            3, QHeaderView.ResizeMode.Stretch if wide else QHeaderView.ResizeMode.ResizeToContents)
        table.resizeRowsToContents()
        high = sum(table.rowHeight(at) for at in range(min(table.rowCount(), _SEEN)))
        table.setFixedHeight(high + table.horizontalHeader().sizeHint().height() + 2 * table.frameWidth() + 2)

    def _draw(self, rows: list) -> None:
        before, after = (comparewords.length(self.question[name]) for name in ("before", "after"))
        alike = abs(before - after) <= 0.01 * max(before, after)
        drawn = rows[1:_DRAWN + 1] or rows[:1]
        # counts of periods of different length cannot be compared: their rates by day can
        self.bars.setPairs([Pair(row.name, _whole(row.before), _whole(row.after)) for row in drawn] if alike else [])
        self.bars.setVisible(alike)
        sure = [row for row in rows[:_DRAWN + 1] if row.before >= _LEAST and not isnan(row.percent)]
        self.forest.setEstimates([Estimate(row.name, row.percent, row.low, row.high) for row in sure])
        self.forest.setVisible(bool(sure))

    # --- what to do with it ----------------------------------------------------------------
    def _show_report(self) -> None:
        if Path(self.report).exists():
            self.session.show_file(self.report)
        else:
            self._say(tr("The report is no longer there: {file}. Compare once more.").format(file=self.report))

    def _export(self) -> None:
        name = Path(self.report).stem + ".html"
        target = self.session.ask_save(tr("Export the report"), tr("Web pages (*.html)"), name)
        if not target:
            return
        target = target if target.lower().endswith((".html", ".htm")) else target + ".html"
        report = self.report
        self.session.jobs.start(tr("Saving the report"), lambda job: compareread.copy_report(report, target),
                                self._exported, self._not_exported)

    def _exported(self, files: list) -> None:
        self._say(tr("Saved: {file}, and {count} tables and pictures beside it.").format(
            file=Path(files[0]).name, count=formats.number(len(files) - 1)))

    def _not_exported(self, text: str) -> None:
        self._say(text)

    def _zoom(self) -> None:
        layer = self.layer()
        if layer is not None:
            self.session.zoom_to(layer.extent(), layer.crs())

    def _offer_commands(self) -> None:
        self.commands.popup(self.repeat.mapToGlobal(self.repeat.rect().bottomLeft()))

    def _copy_command(self) -> None:
        QApplication.clipboard().setText(self.outcome.command)
        self._say(tr("The command is copied. Paste it into a shell."))

    def _copy_python(self) -> None:
        QApplication.clipboard().setText(self.outcome.python)
        self._say(tr("The command is copied. Paste it into the Python console."))

    def _say(self, text: str) -> None:
        self.copied.setText(text)
        self.copied.show()

    def _link(self) -> None:
        results = self.outcome.results
        days = {name: tuple(day.toString("yyyy-MM-dd") for day in self.question[name]) for name in ("before", "after")}
        self.session.go("problems", link={
            "kind": "comparison", "sentence": self.outcome.summary, "before": days["before"], "after": days["after"],
            "value": results.get("PERC"), "report": self.report})


def change(row: Any, narrow: bool = False) -> str:
    """Write a change with its interval, and whether it could be chance, on two lines; on three where it is narrow."""
    if isnan(row.percent) or row.before < _LEAST:
        difference = row.after - row.before
        return f"{_ltr(formats.number(_whole(difference), sign=True))}\n{row.words}"
    decimals = 1 if max(abs(row.low), abs(row.high)) < 10 else 0
    low, high = (_ltr(formats.number(n, decimals, sign=True)) for n in (row.low, row.high))
    value = _ltr(formats.percent(row.percent / 100.0, decimals, sign=True))
    span = tr("({low} to {high})").format(low=low, high=high)
    return f"{value}\n{span}\n{row.words}" if narrow else f"{value} {span}\n{row.words}"


def _ltr(text: str) -> str:
    """Keep the sign of a number on its left where writing goes from right to left."""
    return f"\u2066{text}\u2069" if QApplication.layoutDirection() == Qt.LayoutDirection.RightToLeft else text


def _whole(value: float) -> Any:
    return int(value) if value == value and float(value).is_integer() else value


def _number(value: Any) -> float:
    return float("nan") if value is None or value == "" else float(value)


class _Narrow:
    """A chart as narrow as the dock."""

    def minimumSizeHint(self):  # noqa: N802
        size = super().minimumSizeHint()
        size.setWidth(0)
        return size


class _Bars(_Narrow, PairedBars):
    """Counts."""


class _Forest(_Narrow, ForestLine):
    """Changes."""
