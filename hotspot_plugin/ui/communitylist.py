"""The newest reports: their status, where they are, and what was answered."""

from __future__ import annotations

from typing import Any

from qgis.PyQt.QtCore import QAbstractListModel, QDate, QLocale, QModelIndex, Qt, QTimer
from qgis.PyQt.QtGui import QKeySequence
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QShortcut,
    QVBoxLayout,
    QWidget,
)

from ..analysis.community import inputs
from ..reports import formats
from ..translation import tr
from . import states, theme
from .communityanswer import Answer
from .communitymarks import DAY, ReportLook, status_icon
from .communityreport import attempt, no_case

#: Rows of a page of the list.
PAGE = 200
_COLUMNS = (inputs.INPUT_ID, inputs.CATEGORY, inputs.CONCERN, inputs.DAY_PART, inputs.SAID, inputs.WISH, inputs.SOURCE,
            inputs.SAID_ON, inputs.CONSENT, inputs.STATUS, inputs.RESPONSE, inputs.ACK_ON, inputs.WORK_ON,
            inputs.DONE_ON, inputs.DECLINED_ON)
#: Milliseconds after the last key until the list looks.
_PAUSE = 300


def read(path: str, where: dict, text: str, limit: int, labels: dict | None = None) -> dict:
    """Return the newest rows of both tables and how many there are by status; for the background.

    ``labels`` are the words for each category, which are searched, too.
    """
    from ..layers import casestore

    out, counts, fitting, sought = [], {}, 0, text.strip().lower()
    for table in (inputs.POINT_TABLE, inputs.AREA_TABLE):
        for status, number in casestore.count(path, table, inputs.STATUS).items():
            counts[status] = counts.get(status, 0) + number
        found = casestore.rows(path, table, _COLUMNS, where, inputs.SAID_ON, limit=None if sought else limit + 1)
        if sought:
            found = [row for row in found if any(
                sought in str(row[name] or "").lower()
                for name in (inputs.SAID, inputs.RESPONSE, inputs.CATEGORY, inputs.INPUT_ID))
                or sought in str((labels or {}).get(row[inputs.CATEGORY], "")).lower()]
            fitting += len(found)
        else:
            fitting += casestore.count(path, table, where=where)
        out += [{**row, "table": table} for row in found]
    out.sort(key=lambda row: (row[inputs.SAID_ON] or "", row["fid"]), reverse=True)
    return {"rows": out[:limit], "counts": counts, "fitting": fitting}


class Model(QAbstractListModel):
    """Reports as (two lines, an icon)."""

    ROW = Qt.ItemDataRole.UserRole

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.rows: list = []
        self.words: dict = {}

    def show(self, rows: list, words: dict) -> None:
        """Show other rows."""
        self.beginResetModel()
        self.rows, self.words = rows, words
        self.endResetModel()

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: N802, B008
        return 0 if parent.isValid() else len(self.rows)

    def category(self, row: dict) -> str:
        """Return what a report is about, in words."""
        return str(self.words.get("category", {}).get(row[inputs.CATEGORY]) or row[inputs.CATEGORY] or tr("not stated"))

    def status(self, row: dict) -> str:
        """Return the status in words."""
        return str(self.words.get("status", {}).get(row[inputs.STATUS]) or row[inputs.STATUS] or tr("New"))

    def lines(self, row: dict) -> tuple:
        """Return both lines of a report."""
        concern = row[inputs.CONCERN]
        parts = [self.status(row)]
        if concern:
            parts.append(tr("worry {degree} of 5").format(degree=concern))
        if row["table"] == inputs.AREA_TABLE:
            parts.append(tr("area"))
        return self.category(row), " · ".join(p for p in parts if p)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return "\n".join(self.lines(row))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join([*self.lines(row), day_words(row[inputs.SAID_ON])])
        if role == DAY:
            return day_words(row[inputs.SAID_ON])
        if role == Qt.ItemDataRole.DecorationRole:
            return status_icon(row[inputs.STATUS])
        if role == Qt.ItemDataRole.ToolTipRole:
            return row[inputs.SAID] or None
        return row if role == self.ROW else None


def day_words(text: Any) -> str:
    """Return a day as the user's country writes it."""
    day = QDate.fromString(str(text or ""), Qt.DateFormat.ISODate)
    return QLocale().toString(day, QLocale.FormatType.ShortFormat) if day.isValid() else ""


class Newest(QWidget):
    """The list with its filter, and the report that is chosen below it."""

    def __init__(self, page: Any) -> None:
        super().__init__()
        self.page, self.session = page, page.session
        self.limit = PAGE
        self._wanted = 0
        self._select = ""
        self._shown: tuple = ()
        gap = theme.unit(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(gap)
        self.status, self.category = QComboBox(), QComboBox()
        for box, name, text in ((self.status, "filter_status", tr("Status")),
                                (self.category, "filter_category", tr("What it is about"))):
            box.setObjectName(name)
            box.setAccessibleName(text)
            box.setToolTip(text)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(5)
            box.currentIndexChanged.connect(self._filtered)
        row = QHBoxLayout()
        row.setSpacing(gap)
        row.addWidget(self.status, 1)
        row.addWidget(self.category, 1)
        self.text = QLineEdit()
        self.text.setObjectName("filter_text")
        self.text.setClearButtonEnabled(True)
        self.text.setPlaceholderText(tr("Search the words"))
        self.text.setAccessibleName(tr("Search the words"))
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE)
        self._pause.timeout.connect(self._filtered)
        self.text.textChanged.connect(lambda: self._pause.start())
        self.filters = QWidget()
        both = QVBoxLayout(self.filters)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(max(2, gap // 2))
        both.addLayout(row)
        both.addWidget(self.text)
        column.addWidget(self.filters)
        self.state = QVBoxLayout()
        column.addLayout(self.state)
        self.model = Model(self)
        self.view = QListView()
        self.view.setObjectName("newest")
        self.view.setAccessibleName(tr("Newest reports"))
        self.view.setModel(self.model)
        self.view.setItemDelegate(ReportLook(self.view))
        self.view.setUniformItemSizes(True)
        self.view.setAlternatingRowColors(True)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.view.setMinimumHeight(self.fontMetrics().lineSpacing() * 10)
        self.view.selectionModel().currentChanged.connect(self._chosen)
        self.view.activated.connect(lambda index: self.zoom())
        column.addWidget(self.view)
        self.told = states.label("", "told")
        column.addWidget(self.told)
        self.more = states.button(tr("Show more"), self.show_more, "show_more")
        column.addWidget(self.more)
        self.answer = Answer(self)
        column.addWidget(self.answer)
        again = QShortcut(QKeySequence(QKeySequence.StandardKey.Refresh), self)
        again.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        again.activated.connect(self.refresh)
        self._offer({}, {})
        self._empty(None)

    # --- reading -------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Read the rows anew, in the background."""
        session = self.session
        path, health = session.case, session.health
        self._wanted += 1
        if not path:
            self._empty(no_case(session, tr(
                "The case file keeps what residents say, and what became of it. Make one, or open one that is there."),
                "card_no_case"))
            return
        if health is None:
            self._empty(states.Card("quiet", tr("Looking at the case file…"), name="card_loading"))
            return
        if not health.readable:
            self._empty(states.Card("problem", tr("The case file cannot be read"), health.text, [
                states.button(tr("Try again"), session.look_at_case, "again_case", "/mActionRefresh.svg")],
                "card_case_problem"))
            return
        if not health.community:
            self._empty(states.Card("doubt", tr("No reports in this file"), tr(
                "This case file has no place for what residents say. Make a new one, or open another."), [
                    states.button(tr("Make a case file…"), lambda: session.go("start", make_case=True), "make_case")],
                "card_no_tables"))
            return
        where = {name: box.currentData() for name, box in ((inputs.STATUS, self.status), (
            inputs.CATEGORY, self.category)) if box.currentData()}
        text, limit, number = self.text.text(), self.limit, self._wanted
        if self._shown[:1] != (path,):
            self._empty(states.Card("quiet", tr("Reading the reports…"), name="card_loading"))
        labels = dict(self.page.reporter.form.words().get("category", {}))
        session.jobs.start(tr("Reading the reports"), attempt(lambda: read(path, where, text, limit, labels)),
                           lambda found: self._came(number, path, found, bool(where or text.strip())), self._broken)

    def _came(self, number: int, path: str, found: tuple, filtered: bool) -> None:
        if number != self._wanted or path != self.session.case:
            return
        result, error = found
        if error is not None:
            self._broken(error.words())
            return
        chosen = self._select or (self.row() or {}).get(inputs.INPUT_ID)
        self._select = ""
        self._shown = (path,)
        words = self.page.reporter.form.words()
        self._offer(result["counts"], words)
        rows = result["rows"]
        self.model.show(rows, words)
        total = sum(result["counts"].values())
        states.clear(self.state)
        if not total:
            self.state.addWidget(states.Card("calm", tr("Nobody has said anything yet"), tr(
                "Press 'Report a concern' and write down the first, or import what was collected elsewhere."), [
                    states.button(tr("Report a concern"), self.page.reporter.start, "first_report",
                                  "/mActionAddMarker.svg"),
                    states.button(tr("Import…"), self.page.services.ask_import, "first_import",
                                  "/mActionFileOpen.svg")], "card_empty"))
        elif not rows:
            self.state.addWidget(states.Card("quiet", tr("Nothing fits"), tr(
                "No report fits what you look for."), [
                    states.button(tr("Show all"), self.show_all, "show_all")], "card_nothing"))
        self.filters.setVisible(bool(total))
        self.view.setVisible(bool(rows))
        self.told.setVisible(bool(rows))
        self.told.setText(tr("1 report") if result["fitting"] == 1 else tr("{shown} of {all} reports").format(
            shown=formats.number(len(rows)), all=formats.number(result["fitting"])))
        self.more.setVisible(result["fitting"] > len(rows))
        place = next((k for k, row in enumerate(rows) if row[inputs.INPUT_ID] == chosen), -1)
        if place >= 0:
            self.view.setCurrentIndex(self.model.index(place))
        self._chosen()

    def _broken(self, text: str) -> None:
        self._empty(states.Card("problem", tr("The reports cannot be read"), text, [
            states.button(tr("Try again"), self.again, "again_list", "/mActionRefresh.svg")], "card_list_problem"))

    def again(self) -> None:
        """Look at the file again, and at its rows."""
        self.session.look_at_case()
        self.refresh()

    def _empty(self, card: Any) -> None:
        self._shown = ()
        states.clear(self.state)
        if card is not None:
            self.state.addWidget(card)
        self.model.show([], {})
        for one in (self.filters, self.view, self.told, self.more):
            one.setVisible(False)
        self._chosen()

    def _offer(self, counts: dict, words: dict) -> None:
        """Fill the filters, each status with how many there are."""
        total = sum(counts.values())
        kinds = [(tr("All ({count})").format(count=total), None)] + [
            (tr("{status} ({count})").format(status=words.get("status", {}).get(s, s), count=counts.get(s, 0)), s)
            for s in inputs.STATUSES]
        about = [(tr("Everything"), None)] + [(text, v) for v, text in words.get("category", {}).items()]
        for box, entries in ((self.status, kinds), (self.category, about)):
            before = box.currentData()
            box.blockSignals(True)
            box.clear()
            for text, value in entries:
                box.addItem(str(text), value)
                if value and box is self.status:
                    box.setItemIcon(box.count() - 1, status_icon(value))
            box.setCurrentIndex(max(0, box.findData(before) if before else 0))
            box.blockSignals(False)

    def _filtered(self, *_: Any) -> None:
        self._pause.stop()
        self.limit = PAGE
        self.refresh()

    def show_all(self) -> None:
        """Take the filters away."""
        for box in (self.status, self.category):
            box.blockSignals(True)
            box.setCurrentIndex(0)
            box.blockSignals(False)
        self.text.blockSignals(True)
        self.text.clear()
        self.text.blockSignals(False)
        self._filtered()

    def show_more(self) -> None:
        """Show as many again."""
        self.limit += PAGE
        self.refresh()

    # --- the one chosen ------------------------------------------------------------------------
    def row(self) -> dict | None:
        """Return the report that is chosen."""
        index = self.view.currentIndex()
        return self.model.rows[index.row()] if index.isValid() and index.row() < len(self.model.rows) else None

    def _chosen(self, *_: Any) -> None:
        self.answer.show_row(self.row())

    def zoom(self) -> None:
        """Show on the map where the report is."""
        row, path = self.row(), self.session.case
        if row is None:
            return

        def shape() -> tuple:
            from ..layers import casestore

            found = casestore.rows(path, row["table"], [], {inputs.INPUT_ID: row[inputs.INPUT_ID]}, limit=1,
                                   shapes=True)
            return (found[0][casestore.GEOMETRY] if found else None), casestore.crs_of(path, row["table"])

        def came(found: tuple) -> None:
            if found[1] is not None:
                self.page.tell_problem(found[1].words())
            elif found[0][0] is None:
                self.page.tell(states.Card("doubt", tr("No place"), tr("This report has no place on the map.")))
            else:
                box = found[0][0].boundingBox()
                self.session.zoom_to(box, found[0][1])
                canvas = self.session.iface.mapCanvas() if self.session.iface else None
                if canvas is not None:
                    canvas.flashGeometries([found[0][0]], found[0][1])

        self.session.jobs.start(tr("Looking for the place"), attempt(shape), came, self.page.tell_problem)

    def open_form(self) -> None:
        """Open the full form of QGIS; the layer comes into the project where it is not there."""
        row = self.row()
        if row is not None and self.session.iface:
            self.session.case_layers.add(lambda found: self._form(row, found), [row["table"]])

    def _form(self, row: dict, found: dict) -> None:
        layer = self.session.layer(found.get(row["table"], ""))
        feature = layer.getFeature(row["fid"]) if layer is not None else None
        if feature is None or not feature.isValid():
            self.page.tell_problem(tr("The report is no longer in the file, or the file cannot be read."))
            return
        self.session.iface.openFeatureForm(layer, feature, False, False)
