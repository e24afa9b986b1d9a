"""What the steps of an evaluation ask of the user."""

from __future__ import annotations

from typing import Any, Callable, Sequence

from qgis.core import QgsFeatureRequest, QgsMapLayerProxyModel, QgsVectorLayerFeatureSource
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QDateEdit,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ..translation import tr
from . import states, theme
from .days import read_one_way

#: Names of fields, without capitals and signs, by which a survey and reports are known.
_WAVE = ("wave", "survey_wave", "round", "welle", "vague", "ola", "onda")
_WEIGHT = ("weight", "wt", "gewicht", "peso", "poids")
_AREA = ("area", "beat", "neighbourhood", "neighborhood", "district", "ward", "zone")
_DATE = ("said_on", "date", "answered_on", "asked_on", "submitted", "created")
#: No questions although they hold numbers.
_NO_QUESTION = ("fid", "id", "practice", "ogc_fid", "objectid", "resp_id", "age", "year", "x", "y", "lat", "lon",
                "concern")


class _Form(QWidget):
    """Labels above their fields, so that it fits a narrow dock."""

    changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(max(3, theme.unit(self) // 3))
        self._labels: dict = {}

    def row(self, text: str, widget: QWidget, name: str, tip: str = "") -> QWidget:
        """Add a field below its label, which its key leads to."""
        widget.setObjectName(name)
        widget.setAccessibleName(text.replace("&", ""))
        if tip:
            widget.setToolTip(tip)
            widget.setAccessibleDescription(tip)
        label = QLabel(text)
        label.setWordWrap(True)
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        label.setBuddy(widget)
        if self._labels:
            self.column.addSpacing(theme.unit(self) // 2)
        self._labels[name] = label
        self.column.addWidget(label)
        self.column.addWidget(widget)
        return widget

    def show_row(self, widget: QWidget, shown: bool) -> None:
        """Show a field with its label, or hide both."""
        self._labels[widget.objectName()].setVisible(shown)
        widget.setVisible(shown)

    def tell(self, *_: Any) -> None:
        """An answer has changed."""
        self.changed.emit()


def _layers(filters: Any, optional: str = "") -> QgsMapLayerComboBox:
    box = QgsMapLayerComboBox()
    box.setFilters(filters)
    box.setAllowEmptyLayer(True, optional)  # at once: QGIS does not hear of the text when it is empty already
    box.setMinimumContentsLength(8)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return box


def show_none(box: QgsMapLayerComboBox) -> None:
    """Choose no layer: QGIS leaves the list without a line where none was chosen already, and its text is not seen."""
    box.setLayer(None)
    if box.currentIndex() < 0:
        box.setCurrentIndex(0)


def _box() -> QComboBox:
    box = QComboBox()
    box.setMinimumContentsLength(8)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return box


def values_job(layer: Any, name: str, most: int = 200) -> Callable:
    """Return a function for a background job: the values of a field, each once, at most so many."""
    source, index = QgsVectorLayerFeatureSource(layer), layer.fields().indexOf(name)

    def read(job: Any) -> list:
        request = QgsFeatureRequest()
        request.setFlags(QgsFeatureRequest.Flag.NoGeometry)
        request.setSubsetOfAttributes([index])
        found: dict = {}
        for feature in source.getFeatures(request):
            value = feature.attribute(index)
            if value is not None and str(value) not in ("", "NULL"):
                found.setdefault(str(value), None)
            if job.isCanceled() or len(found) > most:
                break
        return list(found)

    return read


class WhatWasDone(_Form):
    """Step 1."""

    def __init__(self) -> None:
        super().__init__()
        self.areas = self.row(tr("&Where was something done?"), _layers(QgsMapLayerProxyModel.Filter.PolygonLayer),
                              "done_areas", tr("Layer of the areas. With a field of roles also those to compare with."))
        self.selected = QCheckBox(tr("Only the areas selected on the map"))
        self.selected.setObjectName("done_selected")
        self.column.addWidget(self.selected)
        self.marked = states.label("", "done_marked")
        self.column.addWidget(self.marked)
        self.start = self.row(tr("Since &when?"), QDateEdit(), "done_start", tr("The first day of the measure"))
        self.start.setCalendarPopup(True)
        read_one_way(self.start)
        self.start.setDisplayFormat("yyyy-MM-dd")
        self.chosen = self.row(tr("&How were these areas chosen?"), _box(), "done_chosen", tr(
            "Places chosen because much happened there calm down by themselves. The answers allow for it."))
        for text in (tr("As the layer itself says"), tr("Not for what happened there"),
                     tr("Because much happened there")):
            self.chosen.addItem(text)
        self.measure = self.row(tr("What was &done?"), QLineEdit(), "done_measure")
        self.measure.setPlaceholderText(tr("e.g. twelve new lamps"))
        self.notes = self.row(tr("What else &changed at that time?"), QLineEdit(), "done_notes", tr(
            "Other measures, closures, a new way of recording"))
        self.problem = self.row(tr("&Problem of the case file"), _box(), "done_problem", tr(
            "What was delivered for it goes into the report"))
        self.delivered = states.label("", "done_delivered")
        self.column.addWidget(self.delivered)
        self._note = tr("not chosen")
        self.set_problems([])
        self.areas.layerChanged.connect(self.tell)
        self.selected.toggled.connect(self.tell)
        self.start.dateChanged.connect(self.tell)
        self.chosen.currentIndexChanged.connect(self.tell)
        self.measure.textEdited.connect(self.tell)
        self.notes.textEdited.connect(self.tell)
        self.problem.currentIndexChanged.connect(self._problem)

    def set_problems(self, problems: Sequence) -> None:
        """Show the problems of the case file: (key, title, what was delivered)."""
        now = self.problem.currentData()
        self.problem.blockSignals(True)
        self.problem.clear()
        self.problem.addItem(self._note, None)
        for problem in problems:
            self.problem.addItem(problem[1], problem)
            if now and now[0] == problem[0]:
                self.problem.setCurrentIndex(self.problem.count() - 1)
        self.problem.blockSignals(False)
        self.show_row(self.problem, bool(problems))
        self._show_delivered()

    def _problem(self, *_: Any) -> None:
        self._show_delivered()
        self.tell()

    def _show_delivered(self) -> None:
        chosen = self.problem.currentData()
        self.delivered.setText(chosen[2] if chosen else "")
        self.delivered.setVisible(bool(chosen and chosen[2]))

    def delivered_job(self, path: str) -> Callable:
        """Return a function for a background job that reads the problems, and what was delivered for them."""

        def read(job: Any) -> list:
            from ..analysis.problems import register as r
            from ..layers import casestore

            rows = casestore.rows(path, r.DELIVERIES, columns=[r.PROBLEM_ID, r.MINUTES])
            out = []
            for problem in casestore.rows(path, r.PROBLEMS, columns=[r.PROBLEM_ID, r.TITLE]):
                mine = [row for row in rows if row[r.PROBLEM_ID] == problem[r.PROBLEM_ID]]
                minutes = sum(row[r.MINUTES] or 0 for row in mine)
                text = tr("Written down so far: {number} deliveries, {hours} hours.").format(
                    number=len(mine), hours=round(minutes / 60)) if mine else tr("Nothing was delivered for it yet.")
                out.append((problem[r.PROBLEM_ID], problem[r.TITLE] or "–", text))
            return out

        return read


class ComparedWith(_Form):
    """Step 2."""

    def __init__(self) -> None:
        super().__init__()
        self.given = states.label(tr("Your areas say themselves which of them to compare with."), "compared_given")
        self.column.addWidget(self.given)
        self.candidates = self.row(
            tr("Choose similar areas &from"), _layers(QgsMapLayerProxyModel.Filter.PolygonLayer, tr(
                "squares of the same size, made now")), "compared_from", tr(
                "Beats, cells, or other hot spots. The most similar ones before the start are taken."))
        self.ring = self.row(tr("How far is &next door?"), QSpinBox(), "compared_ring", tr(
            "Trouble may move that far. One or two blocks are usual."))
        self.ring.setRange(0, 2000)
        self.ring.setSingleStep(50)
        self.ring.setSuffix(" " + tr("m"))
        self.ring.setValue(150)
        self.candidates.layerChanged.connect(self.tell)
        self.ring.valueChanged.connect(self.tell)

    def show_given(self, given: bool, rings: bool) -> None:
        """Ask only what the areas do not say themselves."""
        self.given.setVisible(given)
        for widget, shown in ((self.candidates, not given), (self.ring, not rings)):
            self.show_row(widget, shown)


class Residents(_Form):
    """Step 5."""

    def __init__(self, session: Any) -> None:
        super().__init__()
        self.session = session
        self.layers = self.row(tr("&Who was asked?"), _box(), "said_layer", tr(
            "A survey, or what residents reported"))
        self.questions = self.row(tr("&Questions"), QListWidget(), "said_questions", tr(
            "The first one is told, the others stand in the report"))
        self.scale = self.row(tr("What could be &answered"), QLineEdit("1-5"), "said_scale", tr(
            "1-5, or labels from low to high"))
        self.missing = self.row(tr("Values that mean &no answer"), QLineEdit(), "said_missing", tr(
            "Such as 9 or 99; separated by semicolons"))
        self.treated = self.row(tr("Which of these areas did the measure &reach?"), QListWidget(), "said_areas")
        for one in (self.questions, self.treated):
            one.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
            one.itemChanged.connect(self.tell)
        for one in (self.scale, self.missing):
            one.textEdited.connect(self.tell)
        self.layers.currentIndexChanged.connect(self._chosen)
        self._asked = 0

    def find(self) -> bool:
        """Find surveys and reports in the project; return whether there are any."""
        now = self.layers.currentData()
        found = [(kind, layer) for layer in self.session.vector_layers() if (kind := kind_of(layer))]
        found += [(kind, layer) for layer in _tables(self.session) if (kind := kind_of(layer))]
        rank = {"survey": 0, "dated survey": 1, "reports": 2}
        data = sorted({(rank[kind], kind, layer.id(), layer.name()) for kind, layer in found})
        items = [(kind, id) for _, kind, id, _ in data]
        if items != [self.layers.itemData(k) for k in range(self.layers.count())]:
            self.layers.blockSignals(True)
            self.layers.clear()
            for _, kind, id, name in data:
                text = tr("{name} (survey)") if kind != "reports" else tr("{name} (reports)")
                self.layers.addItem(text.format(name=name), (kind, id))
            at = items.index(now) if now in items else 0
            self.layers.setCurrentIndex(at if items else -1)
            self.layers.blockSignals(False)
            if now not in items:
                self._chosen(tell=now is not None)
        return bool(items)

    def _chosen(self, *_: Any, tell: bool = True) -> None:
        kind, id = self.layers.currentData() or ("", "")
        layer = self.session.layer(id)
        is_survey = "survey" in kind and layer is not None
        area = _named(layer, _AREA) if is_survey else ""
        for widget, shown in ((self.questions, is_survey), (self.scale, is_survey), (self.missing, is_survey),
                              (self.treated, is_survey and bool(area))):
            self.show_row(widget, shown)
        for box in (self.questions, self.treated):
            box.blockSignals(True)
            box.clear()
            box.blockSignals(False)
        if is_survey:
            _fill(self.questions, questions_of(layer), checked=4)
            if area:
                self._asked += 1
                asked = self._asked
                self.session.jobs.start(tr("Reading the areas of the survey"), values_job(layer, area),
                                        lambda names: self._names(asked, names))
        if tell:
            self.tell()

    def _names(self, asked: int, names: list) -> None:
        if asked == self._asked:
            _fill(self.treated, sorted(names))

    def asked(self) -> dict:
        """Return what was chosen; an empty layer where there is none."""
        kind, id = self.layers.currentData() or ("", "")
        layer = self.session.layer(id)
        if layer is None:
            return {"layer": "", "kind": ""}
        return {"layer": id, "kind": kind, "wave": _named(layer, _WAVE), "weight": _named(layer, _WEIGHT),
                "date": _named(layer, _DATE), "area": _named(layer, _AREA), "spatial": layer.isSpatial(),
                "questions": _checked(self.questions), "treated": _checked(self.treated),
                "scale": self.scale.text().strip() or "1-5", "missing": self.missing.text().strip()}


class ReportForm(_Form):
    """What the one report asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.question = self.row(tr("The &question"), QLineEdit(), "report_question")
        self.decision = self.row(tr("What shall be &decided with it?"), QPlainTextEdit(), "report_decision", tr(
            "By whom and when; may stay empty"))
        self.decision.setTabChangesFocus(True)
        self.decision.setFixedHeight(self.decision.fontMetrics().lineSpacing() * 3)


# --- fields ---------------------------------------------------------------------------------
def _tables(session: Any) -> list:
    from qgis.core import QgsProject, QgsVectorLayer

    return [layer for layer in QgsProject.instance().mapLayers().values()
            if isinstance(layer, QgsVectorLayer) and layer.isValid()]


def _named(layer: Any, names: Sequence) -> str:
    """Return the field that goes by one of some names."""
    if layer is None:
        return ""
    there = {field.name().lower(): field.name() for field in layer.fields()}
    return next((there[name] for name in names if name in there), "")


def kind_of(layer: Any) -> str:
    """Return "survey", "dated survey", "reports", or "" for a layer with none of these."""
    if _named(layer, ("concern",)) and _named(layer, ("said_on",)):
        return "reports"
    if _named(layer, _WAVE) and questions_of(layer):
        return "survey"
    if _named(layer, _WEIGHT) and _named(layer, _DATE) and questions_of(layer):
        return "dated survey"
    return ""


def questions_of(layer: Any) -> list:
    """Return the fields that can hold answers: whole numbers that are no key, weight or wave."""
    no = {*_NO_QUESTION, *_WAVE, *_WEIGHT}
    return [field.name() for field in layer.fields() if field.isNumeric() and field.name().lower() not in no
            and not field.name().lower().endswith("_id") and field.typeName().lower() not in ("real", "double")]


def _fill(box: QListWidget, texts: Sequence, checked: int = 0) -> None:
    box.blockSignals(True)
    box.clear()
    for number, text in enumerate(texts):
        item = QListWidgetItem(text)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Checked if number < checked else Qt.CheckState.Unchecked)
        box.addItem(item)
    if box.count():
        box.setCurrentRow(0)
    box.blockSignals(False)
    line = max(box.sizeHintForRow(0), box.fontMetrics().lineSpacing())
    box.setFixedHeight(line * min(max(box.count(), 1), 5) + 2 * box.frameWidth() + 2)


def _checked(box: QListWidget) -> list:
    return [box.item(k).text() for k in range(box.count()) if box.item(k).checkState() == Qt.CheckState.Checked]
