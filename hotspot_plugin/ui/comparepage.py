"""Compare periods: what changed between two periods, in which areas, and whether it is more than chance."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import QgsMapLayerProxyModel, QgsProcessingUtils, QgsProject, QgsVectorLayerFeatureSource
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QComboBox, QLabel, QSizePolicy, QVBoxLayout

from ..compat import field_kind
from ..layers import fields
from ..translation import tr
from . import compareread, comparewords, states, theme
from .compareareas import AreasBox
from .compareperiods import WEEK_AND_MEAN, PeriodsBox
from .compareresult import ResultBox
from .page import Page, plain

#: What is remembered with the project.
_INCIDENTS, _DATE, _PERIODS = "compare_incidents", "compare_date", "compare_periods"
#: Milliseconds after which rows that came, went or changed are counted.
_SETTLE = 400


class ComparePage(Page):
    """Before and after."""

    NAME = "compare"

    def title(self) -> str:
        return tr("Compare periods")

    def words(self) -> str:
        return tr("What changed between two periods, and is it more than chance?")

    def build(self) -> None:
        gap = theme.unit(self)
        self._series_run: Any = None
        self._series_of: tuple = ()
        self._waiting = False
        self._question: dict = {}
        self._parameters: dict = {}
        self._watched = ""
        #: what the tool told of the dates, until others are counted
        self._told: list = []
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(_SETTLE)
        self._again.timeout.connect(self._count_again)
        self.empty = states.Card("calm", tr("No incidents yet"), tr(
            "Open practice data, or add the layer in which each point is one incident."),
            [states.button(tr("Go to the start page"), lambda: self.session.go("start"), "go_start",
                           "/mActionNewPage.svg")], "card_empty")
        self.body.addWidget(self.empty)
        self.form = states.Card("quiet", "", name="compare_form")
        self.form.body.setSpacing(gap)
        self._incident_rows(self.form.body)
        self.periods = PeriodsBox()
        self.periods.changed.connect(self._periods_changed)
        self.form.body.insertWidget(self.form.body.count() - 1, self.periods)
        self.areas = AreasBox(self)
        self.areas.changed.connect(self._areas_changed)
        self.form.body.insertWidget(self.form.body.count() - 1, self.areas)
        self.doubts = QVBoxLayout()
        self.doubts.setSpacing(max(2, gap // 2))
        self.form.body.insertLayout(self.form.body.count() - 1, self.doubts)
        self.compare = states.button(tr("Compare"), self.run_comparison, "compare", "/mActionStart.svg", tr(
            "Counts both periods and says whether the change is more than chance"), primary=True)
        self.form.buttons.addWidget(self.compare)
        self.body.addWidget(self.form)
        self.result = ResultBox(self.session)
        self.body.addWidget(self.result)
        self.steps = self._steps()

    def _incident_rows(self, column: Any) -> None:
        name = QLabel(tr("&Incidents"))
        self.incidents = QgsMapLayerComboBox()
        self.incidents.setObjectName("incidents")
        self.incidents.setFilters(QgsMapLayerProxyModel.Filter.PointLayer)
        self.incidents.setAllowEmptyLayer(True)
        self.incidents.setAccessibleName(tr("Layer with your incidents"))
        self.incidents.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.incidents.setLayer(None)
        name.setBuddy(self.incidents)
        self.date_label = QLabel(tr("&Date"))
        self.date = QComboBox()
        self.date.setObjectName("date_field")
        self.date.setAccessibleName(tr("Field with the date of the incident"))
        self.date.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.date_label.setBuddy(self.date)
        at = column.count() - 1
        for number, one in enumerate((name, self.incidents, self.date_label, self.date)):
            column.insertWidget(at + number, one)
        self.trouble = QVBoxLayout()
        column.insertLayout(at + 4, self.trouble)
        self.incidents.layerChanged.connect(self._layer_chosen)
        self.date.currentIndexChanged.connect(self._date_chosen)

    def _steps(self) -> Any:
        """Return the careful steps that follow a comparison, where they are."""
        try:
            from .evaluatesteps import EvaluateSteps
        except ImportError:
            return None
        steps = EvaluateSteps(self)
        self.body.addWidget(steps)
        steps.hide()
        return steps

    # --- the layer and its dates -----------------------------------------------------------
    def refresh(self) -> None:
        layers = [layer for layer in self.session.vector_layers() if _is_points(layer)]
        self.empty.setVisible(not layers)
        self.form.setVisible(bool(layers))
        gone = bool(self._series_of) and self.session.layer(self._series_of[0]) is None
        if gone:  # the list has gone on to another layer, which nobody has chosen
            self._forget()
            self.incidents.setLayer(None)
        if not layers:
            self.periods.clear()
        elif self.incidents.currentLayer() is None:
            best = self._best(layers)
            if best is not None:
                self.incidents.setLayer(best)
        if self.incidents.currentLayer() is not None and not self._series_of:
            self._layer_chosen()
        self.areas.refresh()
        self.result.refresh()
        if self.result.outcome is not None and self._gone(self.result.question):
            self._forget_result()
        if self.is_busy() and self._question and self._gone(self._question):
            self._run.cancel()
        self._ready()

    def _best(self, layers: list) -> Any:
        """Return the layer that was chosen last time, or that looks most like incidents."""
        kept = self.session.layer(self.session.recall(_INCIDENTS, ""))
        if kept in layers:
            return kept
        start = getattr(self.session.window, "pages", {}).get("start")
        chosen = start.incidents.currentLayer() if start is not None else None
        if chosen in layers and date_fields(chosen):
            return chosen

        def likely(layer: Any) -> tuple:
            name = layer.name().lower()
            words = ("incident", "crime", "offence", "offense", tr("incidents").lower())
            return (layer.fields().indexOf(fields.DT_FROM) >= 0, any(word in name for word in words),
                    bool(date_fields(layer)))

        best = max(layers, key=likely)
        return best if any(likely(best)) or len(layers) == 1 else None

    def _layer_chosen(self, *_: Any) -> None:
        layer = self.incidents.currentLayer()
        names = date_fields(layer) if layer is not None else []
        kept = self.session.recall(_DATE, "")
        self.date.blockSignals(True)
        self.date.clear()
        self.date.addItems(names)
        if kept in names:
            self.date.setCurrentIndex(names.index(kept))
        self.date.blockSignals(False)
        self.date.setVisible(len(names) > 1)
        self.date_label.setVisible(len(names) > 1)
        self._watch(layer)
        states.clear(self.trouble)
        if layer is None:
            self._forget()
            self.periods.clear()
        elif not names:
            self._forget()
            self.periods.clear(tr("There are no dates to show."))
            self.trouble.addWidget(states.Card("doubt", tr("No dates"), tr(
                "'{layer}' has no field with dates, so periods cannot be told apart. Choose another layer, or make its"
                " dates readable with 'Prepare incident data'.").format(layer=layer.name()), name="card_no_dates"))
        else:
            self._count()
        self._ready()

    def _watch(self, layer: Any) -> None:
        """Hear of other rows in the layer that is chosen: of another filter, and of what is saved."""
        id = layer.id() if layer is not None else ""
        if id == self._watched:
            return
        before, self._watched = self.session.layer(self._watched), id
        if before is not None:
            before.subsetStringChanged.disconnect(self._rows_changed)
            before.afterCommitChanges.disconnect(self._rows_changed)
        if layer is not None:
            layer.subsetStringChanged.connect(self._rows_changed)
            layer.afterCommitChanges.connect(self._rows_changed)

    def _rows_changed(self) -> None:
        if not self._closed:
            self._again.start()

    def _count_again(self) -> None:
        """Count the weeks anew; the periods stay, for the user chose them."""
        if self._series_of and self.session.layer(self._series_of[0]) is not None and not self._waiting:
            kept = self.periods.packed() if self.periods.has_dates() else None
            self._count(again=True, kept=kept)
            self._ready()

    def _date_chosen(self, *_: Any) -> None:
        if self.incidents.currentLayer() is not None and self.date.currentText():
            self._count()
        self._ready()

    def _forget(self) -> None:
        """Let go of the weeks, and of a run that counts them."""
        self._series_of, self._waiting = (), False
        self._told = []
        if self._series_run is not None:
            run, self._series_run = self._series_run, None
            run.cancel()

    # --- the weeks -------------------------------------------------------------------------
    def _count(self, again: bool = False, kept: Any = None) -> None:
        layer, date = self.incidents.currentLayer(), self.date.currentText()
        wanted = (layer.id(), date)
        if wanted == self._series_of and not again:
            return
        self._forget()
        self._series_of = wanted
        if self.areas.layer() is None:
            self.areas.begin_with(layer)
        states.clear(self.trouble)
        self.periods.loading()
        path = QgsProcessingUtils.generateTempFilename("weeks.gpkg")
        run = self._series_run = self.session.runner.run("incidentseries", {
            "INPUT": layer.id(), "DATE_FIELD": date, "UNIT": 1, "OUTPUT": path})
        run.ended.connect(lambda outcome: self._counted(run, wanted, path, outcome, kept))

    def _counted(self, run: Any, wanted: tuple, path: str, outcome: Any, kept: Any) -> None:
        if self._closed or wanted != self._series_of or run is not self._series_run:
            return
        self._series_run = None
        if outcome.state != "done":
            self._no_weeks(compareread.lost(self.session.layer(wanted[0])) or plain(outcome.text)
                           or tr("Counting the weeks was stopped."))
            return
        self._told = [text.strip() for text in outcome.warnings if text.strip()]
        days = tuple(outcome.results.get(name) for name in ("FIRST", "LAST", "COMPLETE_TO"))
        settings, presets = self._settings(), self.periods.preset.count()
        self.session.jobs.start(
            tr("Reading the weeks"), lambda job: compareread.weeks(path, days, settings, presets),
            lambda weeks: self._weeks_read(wanted, weeks, kept), self._no_weeks)

    @staticmethod
    def _settings() -> str:
        from ..algorithms.agency import VARIABLE

        project = QgsProject.instance()
        path = str(project.customVariables().get(VARIABLE) or "")
        return str(Path(project.absolutePath() or ".") / path) if path else ""

    def _weeks_read(self, wanted: tuple, weeks: Any, kept: Any) -> None:
        if self._closed or wanted != self._series_of:
            return
        if kept is None and (self.session.recall(_INCIDENTS), self.session.recall(_DATE)) == wanted:
            kept = self.session.recall(_PERIODS)
        self.periods.set_weeks(weeks, kept)
        self._ready()
        if self._waiting:
            self._waiting = False
            self.run_comparison()

    def _no_weeks(self, text: str) -> None:
        self._waiting = False
        self.periods.clear(tr("The weeks could not be counted."))
        states.clear(self.trouble)
        self.trouble.addWidget(states.Card("problem", tr("The weeks could not be counted"), text, [
            states.button(tr("Try again"), lambda: self._count(again=True), "again", "/mActionRefresh.svg")],
            "card_no_weeks"))
        self._ready()

    # --- before the run --------------------------------------------------------------------
    def _periods_changed(self) -> None:
        self._doubt()
        self._ready()

    def _areas_changed(self) -> None:
        self._doubt()

    def _doubt(self) -> None:
        before, after = self.periods.periods()
        found = []
        if before is not None and not comparewords.refusal(before, after):
            found += comparewords.doubts(before, after, self.periods.weeks,
                                         self.periods.preset_number() == WEEK_AND_MEAN)
        if self.areas.chosen_by_count():
            found.append(comparewords.chosen_by_count())
        self._show_doubts(found)

    def _show_doubts(self, found: list) -> None:
        """Show doubts about the periods below those about the dates."""
        states.clear(self.doubts)
        for name, title, text in [*(("dates", tr("About these dates"), text) for text in self._told), *found]:
            self.doubts.addWidget(states.Card("doubt", title, text, name=f"doubt_{name}"))

    def _ready(self) -> None:
        before, after = self.periods.periods()
        loading = bool(self._series_of) and self.periods.weeks is None and self._series_run is not None
        chosen = self.incidents.currentLayer() is not None and not comparewords.refusal(before, after)
        self.compare.setEnabled((loading or chosen) and not self.is_busy() and not self._waiting)

    def busy(self, at_work: bool) -> None:
        self._ready()

    # --- the run ---------------------------------------------------------------------------
    def run_comparison(self) -> None:
        """Compare what is chosen; while the weeks are still counted, as soon as they are."""
        layer = self.incidents.currentLayer()
        if layer is None or self.is_busy():
            return
        if self.periods.weeks is None:
            self._waiting = True
            self._ready()
            return
        before, after = self.periods.periods()
        if comparewords.refusal(before, after):
            return
        self.session.remember(_INCIDENTS, layer.id())
        self.session.remember(_DATE, self.date.currentText())
        self.session.remember(_PERIODS, self.periods.packed())
        self.areas.remember()
        self._question = {
            "incidents": layer.id(), "date_field": self.date.currentText(), "areas": self.areas.marked_id(),
            "role_field": fields.ROLE if self.areas.marked_id() else "", "before": before, "after": after}
        self._parameters = self.periods.parameters()
        self._forget_result()
        areas = self.areas.layer()
        if areas is not None:
            self._start(areas.id(), False)
            return
        # nobody said where: one area that holds all
        points, crs, kind = QgsVectorLayerFeatureSource(layer), layer.crs(), layer.providerType()
        # these know how far they reach, but not of what is not saved yet; others cannot be opened once more
        knows = kind in ("ogr", "spatialite", "postgres", "mssql", "oracle") and not layer.isModified()
        place = (layer.source(), kind) if knows else ()
        target = QgsProcessingUtils.generateTempFilename("everywhere.gpkg")
        self._waiting = True
        self._ready()
        self.session.jobs.start(tr("Looking where the incidents are"), lambda job: compareread.everywhere(
            place, points, crs, target, job.isCanceled), lambda path: self._start(path, True), self._no_area)

    def _no_area(self, text: str) -> None:
        self._waiting = False
        self._ready()
        self.tell_problem(compareread.lost(self.incidents.currentLayer()) or text, again=self.run_comparison)

    def _start(self, areas: str, everywhere: bool) -> None:
        self._waiting = False
        question = self._question
        if self._closed or self._gone(question):
            self._ready()
            return
        parameters = {
            "INCIDENTS": question["incidents"], "AREAS": areas, "DATE_FIELD": question["date_field"],
            **self._parameters, "REPORT": self.session.place(tr("comparison"), ".html")}
        if everywhere:  # an area that holds everything is nothing to look at on the map
            parameters["OUTPUT"] = QgsProcessingUtils.generateTempFilename("compared.gpkg")
        self.run_tool("compareperiods", parameters, lambda outcome: self._compared(outcome, question, everywhere),
                      tr("Comparing the two periods…"), lambda outcome: self._not_compared(
                          outcome, question, "" if everywhere else areas))

    def _not_compared(self, outcome: Any, question: dict, areas: str) -> None:
        """Say nothing of layers that the user took away, and what has become of a file that is no longer there."""
        if self._gone(question):
            self.tell(None)
            return
        lost = compareread.lost(self.session.layer(question["incidents"])) or compareread.lost(
            self.session.layer(areas))
        if areas and self.session.layer(areas) is None:
            lost = tr("The areas were taken off the map. Choose others, or compare everywhere.")
        if outcome.state == "failed" and lost:
            self.tell_problem(lost, again=self.run_comparison)

    def _compared(self, outcome: Any, question: dict, everywhere: bool) -> None:
        report = str(outcome.results.get("REPORT") or "")
        self.session.jobs.start(
            tr("Reading the tables"), lambda job: compareread.tables(report) if report else {},
            lambda tables: self._show(outcome, question, tables, everywhere),
            lambda text: self._show(outcome, question, {}, everywhere))

    def _show(self, outcome: Any, question: dict, tables: dict, everywhere: bool) -> None:
        if self._closed or self._gone(question):
            return
        self._show_doubts([])  # the tool has told them again, with its numbers
        self.result.show_result(outcome, question, tables, everywhere)
        if self.steps is not None:
            self.steps.show()
            self.steps.begin({**question, "outcome": outcome})
        self.ensureWidgetVisible(self.result.card)
        self.result.card.title.setFocus()

    def _gone(self, question: dict) -> bool:
        """Whether the incidents have left the project since."""
        return self.session.layer(question["incidents"]) is None

    def _forget_result(self) -> None:
        self.result.clear()
        if self.steps is not None:
            self.steps.forget()

    # --- coming and going ------------------------------------------------------------------
    def arrive(self, incidents: str = "", areas: str = "", **hint: Any) -> None:
        layer = self.session.layer(incidents)
        if layer is not None:
            self.incidents.setLayer(layer)
        if areas:
            self.areas.choose(areas)

    def close_down(self) -> None:
        self._forget()
        self._again.stop()
        self._watch(None)
        self.areas.close_down()
        if self.steps is not None and hasattr(self.steps, "close_down"):
            self.steps.close_down()
        super().close_down()


def _is_points(layer: Any) -> bool:
    from qgis.core import QgsWkbTypes

    return layer.geometryType() == QgsWkbTypes.GeometryType.PointGeometry


def date_fields(layer: Any) -> list:
    """Return the fields of a layer that hold dates, the one of prepared incidents first."""
    names = [field.name() for field in layer.fields() if field_kind(field) in ("date", "time")]
    return sorted(names, key=lambda name: name != fields.DT_FROM)
