"""Page 'Problems and actions': its states, the list, and a problem opened, by clicks."""

# ruff: noqa: F401, F811 (fixtures come by name)
from __future__ import annotations

import shutil
import sqlite3
from dataclasses import replace

from qgis.core import QgsProject
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QPushButton, QWidget

from hotspot_plugin.analysis.problems import register as r
from hotspot_plugin.layers import casestore
from tests.ui.conftest import settle
from tests.ui.problems import TODAY, click, day, filled, find, open_first, opened, page, said, shown, titles, town


# --- states -----------------------------------------------------------------------------------
def test_without_a_case_file_it_says_what_to_do_first(page, dock, monkeypatch):
    monkeypatch.setattr(dock.session, "ask_save", lambda *a: "")
    wanted = []
    dock.session.wanted.connect(lambda name, hint: wanted.append((name, hint)))
    assert shown(page, "card_no_case") and not page.home.isVisibleTo(page)
    click(page, "make_case")
    assert wanted == [("start", {"make_case": True})]


def test_an_empty_register_says_what_to_do_first(page, dock, case, wait_until):
    dock.session.use_case(case)
    wait_until(lambda: shown(page, "card_empty"))
    assert find(page, QPushButton, "new_problem").isEnabled()
    assert not page.list.isVisibleTo(page)


def test_a_file_that_is_no_case_file_is_told(page, dock, tmp_path, wait_until):
    other = tmp_path / "other.gpkg"
    other.write_text("nothing of ours", encoding="utf-8")
    dock.session.use_case(str(other))
    wait_until(lambda: shown(page, "card_unreadable"))
    assert "other.gpkg" in said(page)
    assert other.read_text(encoding="utf-8") == "nothing of ours"


def test_a_file_without_register_is_told(page, dock, tmp_path, provider, wait_until):
    import processing

    path = str(tmp_path / "reports.gpkg")
    processing.run("hotspot:communitylayer", {"OUTPUT": path})
    dock.session.use_case(path)
    wait_until(lambda: shown(page, "card_no_register"))
    assert shown(page, "make_case")


# --- the list ---------------------------------------------------------------------------------
def test_what_is_overdue_comes_first_and_is_said_in_words(opened):
    assert titles(opened) == ["Thefts at the station", "Noise in the park"]
    assert opened.counts.text() == "2 problems, 1 overdue, 2 actions due within 7 days, 1 closed"
    index = opened.list.model.index(0)
    told = index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert "overdue by 12 days" in told and "2 open actions (1 overdue)" in told and "Respond" in told


def test_rows_grow_by_a_line_where_the_list_becomes_narrow(opened, dock):
    view = opened.list.view
    heights = []
    for wide in (600, 300, 600):
        dock.window().resize(wide, 800)
        settle(0.4)
        heights.append(view.visualRect(opened.list.model.index(0)).height())
    assert heights[1] > heights[0] == heights[2]


def test_the_list_is_filtered_by_stage_owner_due_and_text(opened):
    stage, owner, due = (find(opened, QComboBox, f"filter_{name}") for name in ("stage", "owner", "overdue"))
    stage.setCurrentIndex(stage.findData("closed"))
    assert titles(opened) == ["Old story"]
    stage.setCurrentIndex(stage.findData(""))
    owner.setCurrentIndex(owner.findText("beat officer"))
    assert titles(opened) == ["Thefts at the station"]
    owner.setCurrentIndex(0)
    due.setCurrentIndex(1)
    assert titles(opened) == ["Thefts at the station"]
    due.setCurrentIndex(0)
    QTest.keyClicks(find(opened, QLineEdit, "search"), "PARK")
    assert titles(opened) == ["Noise in the park"]
    QTest.keyClicks(find(opened, QLineEdit, "search"), "x")
    assert titles(opened) == [] and "None of 3 fits" in said(opened)


# --- a problem --------------------------------------------------------------------------------
def test_a_problem_is_opened_by_keyboard_and_left_again(opened, wait_until):
    open_first(opened, wait_until)
    assert "Stage 3 of 4: Respond" in said(opened) and "Overdue by 12 days." in said(opened)
    assert "Repair the lamps" in said(opened) and "crime analyst: Problems: written down" in said(opened)
    click(opened, "back")
    assert opened.home.isVisibleTo(opened) and opened.list.current() == "p1"


def test_the_stage_goes_on_with_its_day_and_back(opened, filled, wait_until):
    view = open_first(opened, wait_until)
    view.since.setDate(view.since.date().addDays(-3))
    click(opened, "stage_forward")
    wait_until(lambda: "Stage 4 of 4: Assess" in said(opened))
    row = casestore.rows(filled, r.PROBLEMS, where={r.PROBLEM_ID: "p1"})[0]
    assert row[r.STAGE] == "assess" and row[r.ASSESS_ON] == day(-3)
    click(opened, "stage_back")
    wait_until(lambda: "Stage 3 of 4: Respond" in said(opened))
    assert casestore.rows(filled, r.PROBLEMS, where={r.PROBLEM_ID: "p1"})[0][r.ASSESS_ON] is None
    changes = casestore.rows(filled, r.JOURNAL, where={r.FIELD: r.STAGE})
    assert [row[r.NEW] for row in changes] == ["respond", "assess"]


def test_an_action_is_added_begun_done_and_told_in_the_journal(opened, filled, wait_until):
    open_first(opened, wait_until)
    click(opened, "add_action")
    QTest.keyClicks(find(opened, QLineEdit, r.ACTION), "Ask the railway for a mirror")
    click(opened, "save")
    wait_until(lambda: casestore.count(filled, r.ACTIONS, where={r.PROBLEM_ID: "p1"}) == 3)
    wait_until(lambda: "Ask the railway for a mirror" in said(opened) and not shown(opened, "form_actions"))
    added = casestore.rows(filled, r.ACTIONS, where={r.ACTION: "Ask the railway for a mirror"})[0]
    assert added[r.OWNER] == "beat officer" and added[r.STATE] == "planned" and added[r.VISIBLE] == "internal"
    assert added[r.DUE_ON] is None
    click(opened, "action_under way")
    wait_until(lambda: shown(opened, "action_done"))
    click(opened, "action_done")
    wait_until(lambda: casestore.count(filled, r.ACTIONS, where={r.STATE: "done"}) == 1)
    done = casestore.rows(filled, r.ACTIONS, where={r.STATE: "done"})[0]
    assert done[r.ACTION_ID] == "a1" and done[r.DONE_ON] == TODAY.isoformat()


def test_an_action_is_dropped_with_its_reason_only(opened, filled, wait_until):
    view = open_first(opened, wait_until)
    view.set_state(view.found.actions[0], "dropped")
    settle(0.02)
    click(opened, "save")
    wait_until(lambda: "Say why it was dropped." in said(opened))
    assert casestore.count(filled, r.ACTIONS, where={r.STATE: "dropped"}) == 0
    QTest.keyClicks(find(opened, QPlainTextEdit, r.RESULT), "The lamps are new")
    click(opened, "save")
    wait_until(lambda: casestore.count(filled, r.ACTIONS, where={r.STATE: "dropped"}) == 1)


def test_a_delivery_is_logged(opened, filled, wait_until):
    open_first(opened, wait_until)
    click(opened, "log_delivery")
    QTest.keyClicks(find(opened, QLineEdit, r.MINUTES), "4x")
    click(opened, "save")
    assert "This is no number." in said(opened)
    QTest.keyClick(find(opened, QLineEdit, r.MINUTES), Qt.Key.Key_Backspace)
    QTest.keyClicks(find(opened, QLineEdit, r.MINUTES), "5")
    click(opened, "save")
    wait_until(lambda: casestore.count(filled, r.DELIVERIES) == 1)
    row = casestore.rows(filled, r.DELIVERIES)[0]
    assert (row[r.MINUTES], row[r.PROBLEM_ID], row[r.DELIVERED_ON]) == (45.0, "p1", TODAY.isoformat())
    wait_until(lambda: "45 minutes" in said(opened))


def test_a_change_of_somebody_else_is_told_and_nothing_overwritten(opened, filled, wait_until):
    open_first(opened, wait_until)
    click(opened, "change_what")
    title = find(opened, QLineEdit, r.TITLE)
    title.setText("Thefts in and around the station")
    casestore.change(filled, r.PROBLEMS, "p1", {r.TITLE: "Thefts at platform two"}, "area commander")
    click(opened, "save")
    wait_until(lambda: shown(opened, "card_changed"))
    assert casestore.rows(filled, r.PROBLEMS, where={r.PROBLEM_ID: "p1"})[0][r.TITLE] == "Thefts at platform two"
    click(opened, "look_again")
    wait_until(lambda: "Thefts at platform two" in said(opened))
    click(opened, "change_what")
    assert find(opened, QLineEdit, r.TITLE).text() == "Thefts in and around the station"  # what was typed is not lost


def test_a_name_of_a_person_is_refused_in_words(opened, filled, wait_until):
    open_first(opened, wait_until)
    click(opened, "change_what")
    QTest.keyClicks(find(opened, QPlainTextEdit, r.DESCRIPTION), "call 0170 1234567")
    assert "Write it without" in said(opened)
    click(opened, "save")
    wait_until(lambda: find(opened, QPushButton, "save").isEnabled())
    assert not casestore.rows(filled, r.PROBLEMS, where={r.PROBLEM_ID: "p1"})[0][r.DESCRIPTION]


def test_a_half_filled_form_is_there_again(opened, wait_until):
    open_first(opened, wait_until)
    click(opened, "add_action")
    QTest.keyClicks(find(opened, QLineEdit, r.ACTION), "Ask for a mi")
    click(opened, "back")
    open_first(opened, wait_until)
    click(opened, "add_action")
    assert find(opened, QLineEdit, r.ACTION).text() == "Ask for a mi"
    assert "You had not finished this" in said(opened)
    click(opened, "leave_form")
    click(opened, "add_action")
    assert find(opened, QLineEdit, r.ACTION).text() == ""


def test_a_decision_needs_its_reason(opened, filled, wait_until):
    open_first(opened, wait_until)
    click(opened, "change_review")
    box = find(opened, QComboBox, r.DECISION)
    box.setCurrentIndex(box.findData("continue"))
    click(opened, "save")
    wait_until(lambda: "Say why this was decided." in said(opened))
    QTest.keyClicks(find(opened, QPlainTextEdit, r.REASON), "It helps")
    click(opened, "save")
    wait_until(lambda: "Decided: Go on as planned" in said(opened))


# --- trouble ----------------------------------------------------------------------------------
def test_a_locked_file_is_told_and_saving_can_be_tried_again(opened, filled, wait_until):
    open_first(opened, wait_until)
    click(opened, "add_action")
    QTest.keyClicks(find(opened, QLineEdit, r.ACTION), "Wait for the lock")
    other = sqlite3.connect(filled, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    click(opened, "save")
    wait_until(lambda: "is being written by somebody else" in said(opened))
    other.execute("ROLLBACK")
    other.close()
    click(opened, "again")
    wait_until(lambda: casestore.count(filled, r.ACTIONS, where={r.ACTION: "Wait for the lock"}) == 1)


def test_a_problem_that_was_deleted_is_told(opened, filled, wait_until):
    open_first(opened, wait_until)
    casestore.remove(filled, r.PROBLEMS, "p1")
    opened.refresh()
    wait_until(lambda: shown(opened, "card_gone"))
    wait_until(lambda: titles(opened) == ["Noise in the park"])


def test_another_case_file_and_none(opened, dock, case, town, tmp_path, wait_until):
    open_first(opened, wait_until)
    other = tmp_path / "other.gpkg"
    shutil.copy(town["case"], other)
    dock.session.use_case(str(other))
    wait_until(lambda: shown(opened, "card_empty"))
    assert opened.view() is None
    QgsProject.instance().clear()
    wait_until(lambda: shown(opened, "card_no_case"))


def test_a_file_that_can_only_be_read_is_shown_and_nothing_offers_to_write(opened, dock, wait_until):
    dock.session.health = replace(dock.session.health, state="readonly", text="It can only be read.")
    dock.session.caseChanged.emit()
    wait_until(lambda: shown(opened, "card_readonly"))
    assert "It can only be read." in said(opened) and titles(opened)
    assert not find(opened, QPushButton, "new_problem").isEnabled()
    open_first(opened, wait_until)
    for name in ("change_what", "add_action", "log_delivery", "stage_forward", "change_review"):
        assert not find(opened, QPushButton, name).isEnabled(), name
    assert find(opened, QPushButton, "back").isEnabled()


def test_everything_that_can_be_used_has_a_name_for_a_screen_reader(opened, wait_until):
    view = open_first(opened, wait_until)
    view.add_action()
    settle(0.05)
    for one in opened.findChildren(QWidget):
        if one.isVisibleTo(opened) and one.focusPolicy() & Qt.FocusPolicy.TabFocus and one.objectName():
            if not one.objectName().startswith("qt_"):
                assert one.accessibleName() or getattr(one, "text", str)(), one.objectName()


def test_no_page_is_wider_than_a_narrow_dock(opened, dock, wait_until):
    dock.parent().resize(320, 800)
    open_first(opened, wait_until)
    assert opened.widget().width() <= opened.viewport().width() <= 320
    for one in opened.view().findChildren(QPushButton):
        if one.isVisibleTo(opened):
            right = one.mapTo(opened.view(), one.rect().topRight()).x()
            assert right <= opened.viewport().width(), one.objectName()
