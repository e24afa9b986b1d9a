"""The five steps of an evaluation, on a practice town in which the effect is known."""

from __future__ import annotations

import json
from pathlib import Path

import processing
import pytest
from qgis.core import QgsProject, QgsProperty, QgsVectorLayer
from qgis.PyQt.QtCore import QDate, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QLabel, QPushButton, QWidget

from hotspot_plugin.ui.charts import ForestLine
from hotspot_plugin.ui.evaluatesteps import COMPARED, DONE, MOVED, REPORT, RESIDENTS, SURE, EvaluateSteps
from hotspot_plugin.ui.page import Page
from tests.ui.conftest import settle

PERIODS = {"BEFORE_START": "2023-01-01", "BEFORE_END": "2023-12-31", "AFTER_START": "2024-01-01",
           "AFTER_END": "2024-12-31"}


@pytest.fixture(scope="module")
def town(provider, tmp_path_factory):
    """A small town, and its hot spots with their roles."""
    folder = tmp_path_factory.mktemp("town")
    path = folder / "town.gpkg"
    processing.run("hotspot:practicecity", {"SIZE": 1, "DIRTY": False, "OUTPUT": str(path)})
    spots = processing.run("native:buffer", {
        "INPUT": f"{path}|layername=truth_places|subset=\"what\"='hot spot'",
        "DISTANCE": QgsProperty.fromExpression('"radius"'), "OUTPUT": str(folder / "spots.gpkg")})["OUTPUT"]
    treated = processing.run("native:extractbyexpression", {
        "INPUT": spots, "EXPRESSION": "\"role\" = 'treated'", "OUTPUT": str(folder / "treated.gpkg")})["OUTPUT"]
    others = processing.run("native:extractbyexpression", {
        "INPUT": spots, "EXPRESSION": "\"role\" = 'control'", "OUTPUT": str(folder / "others.gpkg")})["OUTPUT"]
    return {"path": str(path), "spots": spots, "treated": treated, "others": others,
            "incidents": f"{path}|layername=incidents"}


class HostPage(Page):
    """A page with nothing but the steps."""

    NAME = "compare"

    def title(self) -> str:
        return "Compare"

    def build(self) -> None:
        self.steps = EvaluateSteps(self)
        self.body.addWidget(self.steps)

    def busy(self, at_work: bool) -> None:
        self.steps._ready()


@pytest.fixture
def host(dock, town, monkeypatch, tmp_path):
    """The steps on a page of the dock, with the town loaded."""
    page = HostPage(dock.session)
    dock.stack.addWidget(page)
    dock.pages["host"] = page
    dock.stack.setCurrentWidget(page)
    page.shown = []
    monkeypatch.setattr(dock.session, "show_file", page.shown.append)
    monkeypatch.setattr(dock.session, "place", lambda stem, suffix: str(
        tmp_path / f"{stem}{len(list(tmp_path.iterdir()))}{suffix}"))
    for name in ("incidents", "survey", "reports"):
        add(name, f"{town['path']}|layername={name}")
    add("spots", town["spots"])
    settle(0.1)
    return page


def add(name, source):
    layer = QgsVectorLayer(source, name, "ogr")
    assert layer.isValid(), source
    QgsProject.instance().addMapLayer(layer)
    return layer


def layer(name):
    return QgsProject.instance().mapLayersByName(name)[0]


def question(areas="spots", role="role"):
    return {"incidents": layer("incidents").id(), "date_field": "dt_from", "areas": layer(areas).id() if areas else "",
            "role_field": role, "before": (QDate(2023, 1, 1), QDate(2023, 12, 31)),
            "after": (QDate(2024, 1, 1), QDate(2024, 12, 31)), "outcome": None}


def press(page, name):
    button = page.findChild(QPushButton, name)
    assert button.isEnabled(), name
    button.click()


def answer(page, wait_until, step, name):
    """Press the button of a step, and wait for its answer."""
    press(page, name)
    wait_until(lambda: page.steps.steps[step].state in ("answered", "could not be answered"))
    settle(0.05)
    return page.steps.steps[step].state


def begin(page, wait_until, **how):
    page.steps.begin(question(**how))
    wait_until(lambda: page.session.jobs.running() == 0)
    settle(0.02)


def card_text(page, step):
    return " ".join(one.text() for one in page.steps.steps[step].findChildren(QLabel))


def test_all_steps_say_what_the_tools_say(host, town, wait_until):
    begin(host, wait_until)
    steps = host.steps
    assert steps.answers.given and not steps.answers.rings_given
    steps.done.chosen.setCurrentIndex(1)
    steps.done.measure.setText("Twelve new lamps")
    press(host, "evaluate_done")
    assert steps.steps[DONE].state == "answered" and steps.steps[COMPARED].is_open()
    assert answer(host, wait_until, COMPARED, "evaluate_compare") == "answered"
    plan = json.loads(Path(steps.answers.plan).read_text())
    assert plan["after_start"] == "2024-01-01" and plan["before"] == ["2023-01-01", "2023-12-31"]
    assert plan["outcome"] == "incidents"

    base = {"INCIDENTS": town["incidents"], "BEFORE_START": "2023-01-01", "BEFORE_END": "2023-12-31"}
    areas = processing.run("hotspot:evaluationareas", {
        **base, "INPUT": town["treated"], "CANDIDATES": town["others"], "AS_GIVEN": True, "START": "2024-01-01",
        "SELECTED_ON": 1, "OUTPUT": "TEMPORARY_OUTPUT"})
    mine = steps.outcomes[COMPARED][-1].results
    for name in ("TREATED", "CONTROL", "SMD_WORST", "TREATED_PAST", "CONTROL_PAST", "SUMMARY"):
        assert mine[name] == areas[name]

    assert answer(host, wait_until, MOVED, "evaluate_moved") == "answered"
    moved = processing.run("hotspot:weighteddisplacement", {
        "INPUT": areas["OUTPUT"], "INCIDENTS": town["incidents"], **PERIODS, "OUTPUT": "TEMPORARY_OUTPUT"})
    mine = steps.outcomes[MOVED][0].results
    for name in ("WDD", "LOW", "HIGH", "LOCAL", "DISPLACED", "NET", "DETECTABLE"):
        assert mine[name] == pytest.approx(moved[name]), name
    text = card_text(host, MOVED)
    assert f"{abs(moved['WDD']):.0f} fewer" in text and moved["SUMMARY"] in text and "Next door" in text
    chart = steps.steps[MOVED].findChild(ForestLine)
    expected = moved["TREATED_AFTER"] - moved["LOCAL"]
    assert chart.rows[0].value == pytest.approx(100 * moved["LOCAL"] / expected)

    assert answer(host, wait_until, SURE, "evaluate_sure") == "answered"
    sure = processing.run("hotspot:diffindiff", {
        "INPUT": areas["OUTPUT"], "INCIDENTS": town["incidents"], "START": "2024-01-01", "FROM": "2023-01-01",
        "UNTIL": "2024-12-31", "OUTPUT": "TEMPORARY_OUTPUT"})
    for name in ("EFFECT", "LOW", "HIGH", "TREND_P"):
        assert steps.outcomes[SURE][1].results[name] == pytest.approx(sure[name])
    power = processing.run("hotspot:detectableeffect", {
        **base, "INPUT": areas["OUTPUT"], "AFTER_MONTHS": 12.02, "OUTPUT": "TEMPORARY_OUTPUT"})
    assert steps.outcomes[SURE][0].results["FALL"] == pytest.approx(power["FALL"], rel=0.002)
    assert [round(row.value) for row in steps.steps[SURE].findChild(ForestLine).rows] == [
        round(100 * moved["LOCAL"] / expected), round(sure["EFFECT"])]

    steps.residents.missing.setText("9")
    steps.residents.treated.item(0).setCheckState(Qt.CheckState.Checked)
    assert answer(host, wait_until, RESIDENTS, "evaluate_residents") == "answered"
    said = steps.outcomes[RESIDENTS][0].results
    survey = processing.run("hotspot:surveychange", {
        "INPUT": f"{town['path']}|layername=survey", "WAVE_FIELD": "wave", "WEIGHT_FIELD": "weight",
        "AREA_FIELD": "area", "TREATED": steps.residents.treated.item(0).text(), "MISSING_CODES": "9",
        "QUESTIONS": ["safe_day", "safe_night", "lighting", "trust"], "OUTPUT": "TEMPORARY_OUTPUT"})
    assert (said["EFFECT"], said["LOW"]) == (survey["EFFECT"], survey["LOW"])

    assert answer(host, wait_until, REPORT, "evaluate_report") == "answered"
    made = steps.outcomes[REPORT][0]
    assert made.results["DESIGN_COUNT"] == 2 and made.results["RESULT_COUNT"] == 5
    page = Path(made.results["REPORT"]).read_text(encoding="utf-8")
    assert "Twelve new lamps" in page and host.shown == [made.results["REPORT"]]


def test_a_changed_answer_asks_again_what_rests_on_it(host, wait_until):
    begin(host, wait_until)
    steps = host.steps
    press(host, "evaluate_done")
    assert answer(host, wait_until, COMPARED, "evaluate_compare") == "answered"
    assert answer(host, wait_until, MOVED, "evaluate_moved") == "answered"
    steps.compared.ring.setValue(100)
    assert [one.state for one in steps.steps] == ["answered"] + 5 * ["not yet"]
    assert not steps.buttons[MOVED].isEnabled() and not steps.answers.plan
    assert "earlier answer changed" in steps.steps[MOVED].told.text()
    steps.done.measure.setText("other")
    steps.done.measure.textEdited.emit("other")
    assert steps.steps[DONE].state == "not yet" and not steps.buttons[COMPARED].isEnabled()


def test_layers_and_projects_that_go(host, wait_until):
    begin(host, wait_until)
    steps = host.steps
    press(host, "evaluate_done")
    assert answer(host, wait_until, COMPARED, "evaluate_compare") == "answered"
    QgsProject.instance().removeMapLayer(steps.answers.ground)
    wait_until(lambda: steps.steps[COMPARED].state == "not yet")
    assert not steps.answers.ground and steps.buttons[COMPARED].isEnabled()
    QgsProject.instance().removeMapLayer(layer("survey").id())
    wait_until(lambda: steps.residents.layers.count() == 1)
    QgsProject.instance().removeMapLayer(layer("incidents").id())
    wait_until(lambda: not steps.question)
    assert "incidents are gone" in card_text(host, DONE) and not steps.buttons[DONE].isEnabled()
    QgsProject.instance().clear()
    settle(0.1)
    assert steps.isHidden()


def test_a_project_closed_in_the_middle_is_no_answer(host, wait_until):
    begin(host, wait_until)
    press(host, "evaluate_done")
    press(host, "evaluate_compare")
    QgsProject.instance().clear()
    wait_until(lambda: not host.is_busy())
    settle(0.1)
    assert host.steps.isHidden() and host.steps.steps[COMPARED].state == "not yet"


def test_what_fails_says_why_and_the_others_go_on(host, wait_until):
    asked = question(areas="", role="")
    host.steps.begin({**asked, "areas": layer("spots").id()})
    steps = host.steps
    steps.done.start.setDate(QDate(2022, 12, 1))
    press(host, "evaluate_done")
    assert steps.steps[DONE].state == "could not be answered" and "2023-01-01" in card_text(host, DONE)
    steps.done.start.setDate(QDate(2023, 1, 10))  # nine days before are too few
    press(host, "evaluate_done")
    assert answer(host, wait_until, COMPARED, "evaluate_compare") == "could not be answered"
    assert "four weeks" in card_text(host, COMPARED) and not steps.buttons[MOVED].isEnabled()
    assert "step 2" in steps.waits[MOVED].text()
    steps.residents.missing.setText("9")
    assert answer(host, wait_until, RESIDENTS, "evaluate_residents") == "answered"
    assert "Nobody elsewhere was compared with" in card_text(host, RESIDENTS)


def test_stopped_is_not_yet(host, wait_until):
    begin(host, wait_until)
    press(host, "evaluate_done")
    press(host, "evaluate_compare")
    stop = host.steps.steps[COMPARED].findChild(QPushButton, "cancel")
    stop.click()
    wait_until(lambda: not host.is_busy())
    assert host.steps.steps[COMPARED].state == "not yet" and host.steps.buttons[COMPARED].isEnabled()


def test_areas_with_rings_are_taken_as_they_are(host, town, wait_until, tmp_path):
    made = processing.run("hotspot:evaluationareas", {
        "INPUT": town["treated"], "CANDIDATES": town["others"], "AS_GIVEN": True, "START": "2024-01-01",
        "INCIDENTS": town["incidents"], "RING_DISTANCE": 100, "SELECTED_ON": 1,
        "OUTPUT": str(tmp_path / "given.gpkg")})["OUTPUT"]
    add("given", made)
    begin(host, wait_until, areas="given")
    steps = host.steps
    assert steps.answers.rings_given and steps.compared.ring.isHidden() and steps.compared.candidates.isHidden()
    press(host, "evaluate_done")
    assert answer(host, wait_until, COMPARED, "evaluate_compare") == "answered"
    assert steps.answers.ground == layer("given").id() and Path(steps.answers.plan).exists()
    assert answer(host, wait_until, MOVED, "evaluate_moved") == "answered"
    direct = processing.run("hotspot:weighteddisplacement", {
        "INPUT": made, "INCIDENTS": town["incidents"], **PERIODS, "OUTPUT": "TEMPORARY_OUTPUT"})
    assert steps.outcomes[MOVED][0].results["WDD"] == pytest.approx(direct["WDD"])
    assert not any("other areas" in text for text in steps.outcomes[MOVED][0].warnings)


def test_reports_of_residents_before_and_after(host, town, wait_until):
    QgsProject.instance().removeMapLayer(layer("survey").id())
    settle(0.1)
    begin(host, wait_until)
    steps = host.steps
    assert steps.residents.asked()["kind"] == "reports" and steps.residents.questions.isHidden()
    press(host, "evaluate_done")
    assert answer(host, wait_until, RESIDENTS, "evaluate_residents") == "answered"
    there = processing.run("native:extractbylocation", {
        "INPUT": f"{town['path']}|layername=reports", "PREDICATE": [0], "INTERSECT": town["treated"],
        "OUTPUT": "TEMPORARY_OUTPUT"})["OUTPUT"]
    direct = processing.run("hotspot:communityconcern", {
        "INPUT": there, "AREAS": town["treated"], "AS_OF": "2023-12-31", "WINDOW": 365, "HALF_LIFE": 0,
        "OUTPUT": "TEMPORARY_OUTPUT"})
    assert steps.outcomes[RESIDENTS][-2].results["MEAN_CONCERN"] == pytest.approx(direct["MEAN_CONCERN"])
    assert f"{direct['MEAN_CONCERN']:.1f} before" in card_text(host, RESIDENTS)


def test_what_is_taken_without_a_choice_is_seen(host, wait_until):
    others = layer("spots").clone()
    QgsProject.instance().addMapLayer(others)
    begin(host, wait_until, role="")
    box = host.steps.compared.candidates
    assert box.currentText() == "squares of the same size, made now"
    box.setLayer(others)
    QgsProject.instance().removeMapLayer(others.id())
    settle(0.5)
    assert box.currentLayer() is None or box.currentText() == box.currentLayer().name()
    if box.currentLayer() is None:
        assert box.currentText() == "squares of the same size, made now"


def test_nobody_was_asked(host, wait_until, dock):
    for name in ("survey", "reports"):
        QgsProject.instance().removeMapLayer(layer(name).id())
    settle(0.1)
    begin(host, wait_until)
    wanted = []
    dock.session.wanted.disconnect()
    dock.session.wanted.connect(lambda page, hint: wanted.append(page))
    host.steps.steps[RESIDENTS].open()
    assert host.steps.nobody.isVisible() and host.steps.buttons[RESIDENTS].isHidden()
    press(host, "ask_them")
    assert wanted == ["community"]


def test_by_keyboard_and_for_screen_readers(host, dock, wait_until):
    begin(host, wait_until)
    steps = host.steps
    head = steps.steps[SURE].head
    assert head.accessibleName() == "Step 4 of 5: How sure are we? not yet"
    dock.window().activateWindow()
    head.setFocus()
    QTest.keyClick(head, Qt.Key.Key_Space)
    assert steps.steps[SURE].is_open()
    QTest.mouseClick(steps.steps[SURE].heading, Qt.MouseButton.LeftButton)
    assert not steps.steps[SURE].is_open()
    press(host, "evaluate_done")
    assert "answered" in steps.steps[DONE].head.accessibleName()
    for widget in (*steps.done.findChildren(QWidget), *steps.residents.findChildren(QWidget)):
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.objectName() and widget.parent() in (
                steps.done, steps.residents):
            assert widget.accessibleName() or widget.text(), widget.objectName()


def test_narrow_and_from_right_to_left(host, dock, wait_until, qgis_app):
    from qgis.PyQt.QtWidgets import QApplication

    QApplication.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        dock.window().resize(320, 700)
        begin(host, wait_until)
        host.steps.steps[RESIDENTS].open()
        settle(0.1)
        assert host.widget().width() <= host.viewport().width() <= 320
        for step in host.steps.steps:
            assert step.minimumSizeHint().width() <= host.viewport().width(), step.objectName()
        assert host.steps.steps[SURE].head.arrowType() == Qt.ArrowType.LeftArrow
    finally:
        QApplication.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def test_the_report_is_saved_and_linked(host, dock, wait_until, tmp_path, monkeypatch):
    begin(host, wait_until)
    press(host, "evaluate_done")
    assert answer(host, wait_until, COMPARED, "evaluate_compare") == "answered"
    assert answer(host, wait_until, MOVED, "evaluate_moved") == "answered"
    assert answer(host, wait_until, REPORT, "evaluate_report") == "answered"
    monkeypatch.setattr(dock.session, "ask_save", lambda *what: str(tmp_path / "mine"))
    press(host, "evaluate_save")
    assert (tmp_path / "mine.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    wanted = []
    dock.session.wanted.disconnect()
    dock.session.wanted.connect(lambda page, hint: wanted.append((page, hint)))
    press(host, "evaluate_link")
    assert wanted[0][0] == "problems" and wanted[0][1]["link"]["report"] == host.shown[0]
    assert wanted[0][1]["link"]["after"] == ("2024-01-01", "2024-12-31")
    chart = host.steps.steps[MOVED].findChild(ForestLine)
    assert wanted[0][1]["link"]["value"] == chart.rows[0].value


def test_only_the_selected_areas_and_others_like_them(host, town, wait_until):
    beats = add("beats", f"{town['path']}|layername=beats")
    beats.selectByIds([1, 2, 3])
    settle(0.1)
    begin(host, wait_until, areas="beats", role="")
    steps = host.steps
    assert "3 areas" in steps.done.selected.text()
    steps.done.selected.setChecked(True)
    assert steps.compared.candidates.currentLayer() == beats
    steps.done.chosen.setCurrentIndex(1)
    press(host, "evaluate_done")
    assert answer(host, wait_until, COMPARED, "evaluate_compare") == "answered"
    found = steps.outcomes[COMPARED][0].results
    assert found["TREATED"] + found["WITHOUT_PARTNER"] == 3 and found["CONTROL"] == found["TREATED"]
    assert "no similar one was found" in card_text(host, COMPARED)


def test_waves_by_their_days_and_doses_of_the_case_file(host, dock, town, wait_until, tmp_path):
    survey = layer("survey")
    QgsProject.instance().removeMapLayer(survey.id())
    dated = processing.run("native:deletecolumn", {
        "INPUT": f"{town['path']}|layername=survey", "COLUMN": ["wave"], "OUTPUT": str(tmp_path / "dated.gpkg")})
    add("dated", dated["OUTPUT"])
    case = str(tmp_path / "case.gpkg")
    processing.run("hotspot:casefile", {"INPUT": f"{town['path']}|layername=beats", "OUTPUT": case})
    from hotspot_plugin.layers import casestore

    key = casestore.insert(case, {"problems": [(None, {"title": "Dark car park"})]}, check=False)["problems"][0]
    casestore.insert(case, {"deliveries": [(None, {"prob_id": key, "minutes": 90.0, "deliv_on": "2024-02-01"}),
                                           (None, {"prob_id": key, "minutes": 30.0, "deliv_on": "2024-03-01"})]},
                     check=False)
    dock.session.use_case(case)
    wait_until(lambda: dock.session.case_works)
    begin(host, wait_until)
    steps = host.steps
    wait_until(lambda: steps.done.problem.count() == 2)
    steps.done.problem.setCurrentIndex(1)
    assert steps.done.delivered.text() == "Written down so far: 2 deliveries, 2 hours."
    press(host, "evaluate_done")
    assert steps.answers.problem == key and "2 deliveries" in steps.answers.dose
    assert steps.residents.asked()["kind"] == "dated survey"
    steps.residents.missing.setText("9")
    wait_until(lambda: steps.residents.treated.count() > 0)
    assert answer(host, wait_until, RESIDENTS, "evaluate_residents") == "answered"
    said = steps.outcomes[RESIDENTS][-1].results
    assert said["TREATED_BEFORE"] and said["RESPONDENTS"] > 200


def test_below_a_comparison(dock, town, wait_until, monkeypatch, tmp_path):
    for name in ("incidents", "survey"):
        add(name, f"{town['path']}|layername={name}")
    spots = add("spots", town["treated"])
    monkeypatch.setattr(dock.session, "place", lambda stem, suffix: str(
        tmp_path / f"{stem}{len(list(tmp_path.iterdir()))}{suffix}"))
    monkeypatch.setattr(dock.session, "show_file", lambda path: None)
    dock.go("compare")
    page = dock.page("compare")
    wait_until(lambda: page.periods.weeks is not None)
    page.areas.choose(spots.id())
    settle()
    assert page.steps.isHidden()
    press(page, "compare")
    wait_until(lambda: page.result.outcome is not None and page.steps.isVisible())
    wait_until(lambda: page.session.jobs.running() == 0)
    steps = page.steps
    assert steps.answers.areas == spots.id() and steps.answers.start == page.result.question["after"][0]
    steps.done.chosen.setCurrentIndex(1)
    press(page, "evaluate_done")
    for step, name in ((COMPARED, "evaluate_compare"), (MOVED, "evaluate_moved"), (REPORT, "evaluate_report")):
        assert answer(page, wait_until, step, name) == "answered"
    assert steps.outcomes[REPORT][0].results["RESULT_COUNT"] == 3  # the comparison is among them
    dock.window().resize(420, 900)
    settle(0.1)
    assert page.widget().width() <= page.viewport().width()
