"""The page 'Problems and actions' with files, rows, words and clicks that are not as they should be."""

# ruff: noqa: F401, F811 (fixtures come by name)
from __future__ import annotations

import shutil
import sqlite3
import time
from pathlib import Path

import pytest
from qgis.core import QgsGeometry, QgsProject, QgsRectangle, QgsVectorLayer
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QMainWindow, QPlainTextEdit, QPushButton

from hotspot_plugin.analysis.problems import register as r
from hotspot_plugin.layers import caseinfo, casesql, casestore
from tests.ui.conftest import settle
from tests.ui.problems import click, day, filled, find, open_first, opened, page, said, shown, titles, town

HEDGE = "Cut the hedge"


def by_hand(path, *statements):
    """Write as another program would."""
    base = casesql.connect(path)
    base.execute("PRAGMA trusted_schema = 1")
    for one in statements:
        base.execute(*one) if isinstance(one, tuple) else base.execute(one)
    base.close()


@pytest.fixture
def writing(opened, wait_until):
    """The page with a new action half written."""
    open_first(opened, wait_until)
    click(opened, "add_action")
    QTest.keyClicks(find(opened, QLineEdit, r.ACTION), HEDGE)
    return opened


def hedges(path) -> int:
    return casestore.count(path, r.ACTIONS, where={r.ACTION: HEDGE})


def overwrite_page(path, table):
    """Put rubbish over the first page of a table."""
    with sqlite3.connect(path) as base:
        root = base.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
        size = base.execute("PRAGMA page_size").fetchone()[0]
    with open(path, "r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\x99" * size)


# --- the file ---------------------------------------------------------------------------------
def newer(path):
    with casesql.writing(path) as base:
        caseinfo.write(base, caseinfo.VERSION, "99")


@pytest.mark.parametrize("spoil, told", [
    (lambda path: Path(path).unlink(), "There is no file 'case.gpkg'."),
    (lambda path: Path(path).write_text("hello " * 1000, encoding="utf-8"), "'case.gpkg' is no GeoPackage."),
    (newer, "was made by a newer version of the plugin."),
    (lambda path: overwrite_page(path, r.ACTIONS), "'case.gpkg' is damaged."),
], ids=["deleted", "text", "newer", "damaged"])
def test_a_file_that_is_spoilt_while_open_is_told_once_and_what_was_written_stays(writing, filled, wait_until, spoil,
                                                                                  told):
    whole = Path(filled).read_bytes()
    spoil(filled)
    click(writing, "save")
    wait_until(lambda: shown(writing, "card_unreadable") and "Nothing was saved" in said(writing))
    assert said(writing).count(told) == 1, said(writing)
    Path(filled).write_bytes(whole)
    click(writing, "look_again")
    wait_until(lambda: shown(writing, "form_actions"))
    assert find(writing, QLineEdit, r.ACTION).text() == HEDGE
    click(writing, "save")
    wait_until(lambda: hedges(filled) == 1)


def test_damage_in_the_journal_is_told_when_a_problem_is_opened(opened, filled, wait_until):
    overwrite_page(filled, r.JOURNAL)
    opened.open_problem("p1")
    wait_until(lambda: shown(opened, "card_unreadable"))
    assert said(opened).count("is damaged") == 1 and "your backups" in said(opened)


def test_another_file_in_its_place_gets_nothing_of_the_old_one(writing, filled, town, wait_until):
    shutil.copy(town["case"], filled)
    click(writing, "save")
    wait_until(lambda: shown(writing, "card_changed"))
    assert "What this belongs to was deleted" in said(writing) and casestore.count(filled, r.ACTIONS) == 0
    click(writing, "copy_written")
    assert HEDGE in QApplication.clipboard().text()


def test_a_file_that_becomes_full_or_read_only_keeps_the_form(writing, filled, monkeypatch, wait_until):
    real = casesql.connect
    monkeypatch.setattr(casesql, "connect", lambda path, readonly=False: real(path, readonly=True))
    click(writing, "save")
    wait_until(lambda: shown(writing, "card_readonly"))
    assert said(writing).count("can be read but not written") == 1
    assert find(writing, QLineEdit, r.ACTION).text() == HEDGE
    monkeypatch.setattr(casesql, "connect", real)
    click(writing, "look_again")
    wait_until(lambda: not shown(writing, "card_readonly"))

    def full(path, *more, **given):
        raise casesql.problem(sqlite3.OperationalError("database or disk is full"), path)

    with monkeypatch.context() as patch:
        patch.setattr(casestore, "insert", full)
        click(writing, "save")
        wait_until(lambda: "There is no room left on the disk" in said(writing))
        assert find(writing, QLineEdit, r.ACTION).text() == HEDGE
    click(writing, "again")
    wait_until(lambda: hedges(filled) == 1)


def test_a_file_that_is_locked_when_it_is_opened_is_read_as_soon_as_it_is_free(page, dock, filled, wait_until):
    other = sqlite3.connect(filled, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    dock.session.use_case(filled)
    wait_until(lambda: shown(page, "card_unreadable"))
    assert "is being written by somebody else" in said(page)
    other.execute("ROLLBACK")
    other.close()
    click(page, "look_again")
    wait_until(lambda: titles(page))


# --- rows -------------------------------------------------------------------------------------
def test_a_row_that_is_gone_when_its_change_is_saved(opened, filled, wait_until):
    view = open_first(opened, wait_until)
    view.change_action(view.found.actions[0])
    settle(0.05)
    find(opened, QLineEdit, r.ACTION).setText("Repair all lamps")
    casestore.remove(filled, r.ACTIONS, "a1")
    click(opened, "save")
    wait_until(lambda: shown(opened, "card_changed"))
    click(opened, "copy_written")
    assert "Repair all lamps" in QApplication.clipboard().text()
    click(opened, "look_again")
    wait_until(lambda: not shown(opened, "form_actions") and "Repair the lamps" in said(opened))
    assert "Actions: deleted (Repair the lamps)" in said(opened)  # the journal says what became of it


def test_nothing_is_hung_on_a_problem_that_is_gone(writing, filled, wait_until):
    casestore.remove(filled, r.PROBLEMS, "p1")
    click(writing, "save")
    wait_until(lambda: shown(writing, "card_changed"))
    assert hedges(filled) == 0 and find(writing, QLineEdit, r.ACTION).text() == HEDGE
    click(writing, "look_again")
    wait_until(lambda: shown(writing, "card_gone"))
    assert writing.home.isVisibleTo(writing)


def test_pressed_twice_it_is_written_once(writing, filled, wait_until):
    save, line = find(writing, QPushButton, "save"), find(writing, QLineEdit, r.ACTION)
    for _ in range(3):
        QTest.mouseClick(save, Qt.MouseButton.LeftButton)
        QTest.keyClick(line, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    wait_until(lambda: shown(writing, "card_saved") and HEDGE in said(writing))
    assert hedges(filled) == 1
    button = find(writing, QPushButton, "stage_forward")
    button.setFocus()
    for _ in range(2):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    wait_until(lambda: "Stage 4 of 4" in said(writing))
    assert not shown(writing, "card_changed")
    assert writing.window().focusWidget().objectName() == "stage_forward"  # the keyboard goes on where it was


def test_what_other_programs_left_in_the_columns_is_shown_and_stays(opened, filled, wait_until):
    by_hand(filled,
            "UPDATE problems SET due_on = '1900-01-01', stage = 'weird', title = NULL WHERE prob_id = 'p1'",
            "UPDATE problems SET due_on = '9999-12-31', stage = NULL, title = 12, descr = x'ff41' WHERE prob_id = 'p2'",
            "UPDATE problems SET due_on = 'soon', baseline = 'abc' WHERE prob_id = 'p3'",
            "UPDATE actions SET due_on = '2024-13-45', state = 'odd', cost = 'dear', measure_id = 'm'"
            " WHERE action_id = 'a1'", "UPDATE actions SET due_on = '9999-12-31', state = NULL WHERE action_id = 'a2'")
    opened.refresh()
    wait_until(lambda: titles(opened) == ["(without a title)", "12"])
    for key, words in (("p1", "Due: 1 Jan 1900"), ("p2", "Due: 31 Dec 9999"), ("p3", "Before: abc")):
        opened.open_problem(key)
        wait_until(lambda: opened.view() is not None)
        assert any(words in one.text() for one in opened.view().findChildren(QLabel)), key
        opened.back()
    row = casestore.change(filled, r.PROBLEMS, "p3", {r.OWNER: "beat officer"}, "crime analyst")
    assert row[r.BASELINE] == "abc" == casestore.rows(filled, r.PROBLEMS, where={r.PROBLEM_ID: "p3"})[0][r.BASELINE]


def test_nought_is_a_number_and_days_in_the_wrong_order_are_none(opened, filled, wait_until):
    casestore.change(filled, r.PROBLEMS, "p1", {r.MEASURE: "Thefts", r.VALUE: 7.0})
    view = open_first(opened, wait_until)
    click(opened, "change_measured")
    fields = opened._form.form.fields
    for text in ("nan", "1e400", "7 or so"):
        find(opened, QLineEdit, r.VALUE).setText(text)
        click(opened, "save")
        assert "This is no number." in said(opened), text
    find(opened, QLineEdit, r.VALUE).setText("0")
    for name, value in ((r.BASE_FROM, "2024-05-05"), (r.BASE_TO, "2023-05-05")):
        fields[name].set_value(value)
    click(opened, "save")
    wait_until(lambda: "The last day is not before the first." in said(opened))
    fields[r.BASE_TO].set_value("9999-12-31")
    fields[r.BASE_FROM].set_value("1900-01-01")
    click(opened, "save")
    wait_until(lambda: opened.view() is not view and "Now: 0" in said(opened))
    row = casestore.rows(filled, r.PROBLEMS, where={r.PROBLEM_ID: "p1"})[0]
    assert (row[r.VALUE], row[r.BASE_FROM], row[r.BASE_TO]) == (0, "1900-01-01", "9999-12-31")


def test_words_of_all_scripts_come_back_as_they_were(opened, filled, wait_until):
    for text in ("Кражи у вокзала", "قضية عند المحطة", "駅前の盗難", "🚲🔥", "O'Neil's \"corner\"; DROP TABLE x;--",
                 "A & <b>B</b>"):
        click(opened, "new_problem")
        wait_until(lambda: shown(opened, "form_new"))
        find(opened, QLineEdit, r.TITLE).setText(f"{text} 1")
        find(opened, QPlainTextEdit, r.DESCRIPTION).setPlainText(text)
        click(opened, "save")
        wait_until(lambda: opened.view() is not None)
        row = casestore.rows(filled, r.PROBLEMS, limit=1)[0]
        assert (row[r.TITLE], row[r.DESCRIPTION]) == (f"{text} 1", text) and f"{text} 1" in said(opened)
        opened.back()
    click(opened, "new_problem")
    wait_until(lambda: shown(opened, "form_new"))
    find(opened, QLineEdit, r.TITLE).setText("x" * 5000)
    click(opened, "save")
    wait_until(lambda: "At most 120 letters." in said(opened))
    assert find(opened, QLineEdit, r.TITLE).text() == "x" * 5000


def test_places_without_a_shape_or_out_of_this_world(opened, filled, wait_until):
    square = QgsGeometry.fromRect(QgsRectangle(450000, 5400000, 450100, 5400100))
    casestore.insert(filled, {r.PLACES: [(square, {r.PLACE_ID: f"l{k}", r.PROBLEM_ID: "p1", r.NAME: f"n{k}"})
                                         for k in range(4)]}, "crime analyst")
    far = QgsGeometry.fromWkt("Polygon((1 1, 1e300 1, 2 2, 1 1))")
    by_hand(filled, "UPDATE places SET geom = NULL WHERE place_id = 'l0'", *(
        ("UPDATE places SET geom = ? WHERE place_id = ?", (blob, f"l{k}")) for k, blob in enumerate((
            casesql.to_blob(QgsGeometry.fromWkt("Polygon EMPTY"), 4326), b"GP\x00\x01rubbish",
            casesql.to_blob(far, 4326)), 1)))
    click(opened, "show_on_map")
    wait_until(lambda: shown(opened, "card_on_map"))
    view = open_first(opened, wait_until)
    view.folds["journal"].open()
    settle(0.3)
    assert "Place: n0" in said(opened) and "Places: changed on the map (n1)" in said(opened)


def test_five_hundred_problems_are_read_and_filtered_at_once(opened, filled, wait_until):
    rows = [(None, {r.PROBLEM_ID: f"m{k}", r.TITLE: f"Problem {k}", r.STAGE: "scan"}) for k in range(500)]
    casestore.insert(filled, {r.PROBLEMS: rows}, "crime analyst", check=False)
    begin = time.process_time()
    opened.refresh()
    wait_until(lambda: len(opened.register.lines) == 503)
    opened.list.search.setText("Problem 49")
    assert len(titles(opened)) == 11
    assert time.process_time() - begin < 2.0


@pytest.mark.parametrize("statement", ["DELETE FROM roles", "DROP TABLE roles"])
def test_without_a_list_of_roles_ones_own_is_offered(opened, filled, wait_until, statement):
    by_hand(filled, statement)
    opened.refresh()
    settle(0.2)
    assert titles(opened)
    click(opened, "new_problem")
    wait_until(lambda: shown(opened, "form_new"))
    box = find(opened, QComboBox, r.OWNER)
    assert box.findData("crime analyst") > 0


# --- what is half written -----------------------------------------------------------------------
def test_a_draft_does_not_undo_what_somebody_else_changed_meanwhile(opened, filled, wait_until):
    open_first(opened, wait_until)
    click(opened, "change_what")
    find(opened, QLineEdit, r.TITLE).setText("Thefts around the station")
    click(opened, "back")
    casestore.change(filled, r.PROBLEMS, "p1", {r.OWNER: "area commander", r.DUE_ON: day(30)}, "area commander")
    opened.refresh()
    settle(0.2)
    opened.open_problem("p1")
    wait_until(lambda: opened.view() is not None)
    click(opened, "change_what")
    assert find(opened, QLineEdit, r.TITLE).text() == "Thefts around the station"
    click(opened, "save")
    wait_until(lambda: shown(opened, "card_saved"))
    row = casestore.rows(filled, r.PROBLEMS, where={r.PROBLEM_ID: "p1"})[0]
    assert (row[r.TITLE], row[r.OWNER], row[r.DUE_ON]) == ("Thefts around the station", "area commander", day(30))


def test_a_half_written_problem_with_its_area_survives_project_and_plugin(opened, dock, iface, filled, wait_until):
    from hotspot_plugin.ui.dock import HotspotDock

    click(opened, "new_problem")
    wait_until(lambda: shown(opened, "form_new"))
    find(opened, QLineEdit, r.TITLE).setText("Half a sentence")
    where = find(opened, QComboBox, "where")
    where.setCurrentIndex(where.findData("drawn"))
    iface.mapCanvas().setDestinationCrs(casestore.crs_of(filled, r.PLACES))
    click(opened, "draw_place")
    iface.mapCanvas().mapTool().chosen.emit(QgsGeometry.fromRect(QgsRectangle(450000, 5400000, 450100, 5400200)))
    QgsProject.instance().clear()  # the project is closed
    wait_until(lambda: shown(opened, "card_no_case"))
    dock.session.use_case(filled)
    wait_until(lambda: shown(opened, "new_problem"))
    click(opened, "new_problem")
    wait_until(lambda: shown(opened, "form_new"))
    assert find(opened, QLineEdit, r.TITLE).text() == "Half a sentence" and "The area is set." in said(opened)
    window, other = QMainWindow(), HotspotDock(iface)  # the plugin is loaded anew, while the form is open
    opened.drafts.close()
    window.setCentralWidget(other)
    window.show()
    other.go("problems")
    second = other.page("problems")
    wait_until(lambda: second.register is not None and second.register.lines)
    click(second, "new_problem")
    wait_until(lambda: shown(second, "form_new"))
    assert find(second, QLineEdit, r.TITLE).text() == "Half a sentence"
    click(second, "save")
    wait_until(lambda: second.view() is not None)
    places = casestore.rows(filled, r.PLACES, shapes=True)
    assert len(places) == 1 and places[0][casestore.GEOMETRY].area() == pytest.approx(20000)
    # two docks on one file: the other one hears of it when it looks, and does not write over it
    opened.back()
    opened.refresh()
    wait_until(lambda: "Half a sentence" in titles(opened))
    opened.open_problem("p1")
    wait_until(lambda: opened.view() is not None)
    casestore.change(filled, r.PROBLEMS, "p1", {r.STAGE: "assess"}, "somebody")
    click(opened, "stage_forward")
    wait_until(lambda: shown(opened, "card_changed"))
    other.close_down()
    window.close()
    window.deleteLater()


# --- the meeting sheet ------------------------------------------------------------------------
def test_a_sheet_that_is_stopped_and_one_without_anything_public(opened, dock, filled, town, wait_until):
    beats = QgsVectorLayer(f"{town['town']}|layername=beats", "beats", "ogr")
    QgsProject.instance().addMapLayer(beats)
    click(opened, "meeting_sheet")
    click(opened, "make_sheet")
    wait_until(lambda: shown(opened, "cancel"))
    click(opened, "cancel")
    wait_until(lambda: "You stopped it." in said(opened))
    assert find(opened, QPushButton, "make_sheet").isEnabled()
    click(opened, "make_sheet")
    wait_until(lambda: shown(opened, "card_sheet") or shown(opened, "card_problem"))
    assert "has nothing to tell of problems" in said(opened) and "set 'Who may read it?' to public" in said(opened)


def test_a_sheet_of_an_empty_register_without_areas(page, dock, case, wait_until):
    dock.session.use_case(case)
    wait_until(lambda: shown(page, "card_empty"))
    click(page, "meeting_sheet")
    assert not shown(page, "card_empty")
    click(page, "make_sheet")
    wait_until(lambda: shown(page, "card_problem"))
    assert "Choose the areas" in said(page) and find(page, QPushButton, "make_sheet").isEnabled()
