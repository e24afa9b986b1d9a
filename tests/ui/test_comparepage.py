"""Compare periods: from the tab to a result, its numbers those of the tools, and every state in between."""

from __future__ import annotations

from pathlib import Path

import processing
import pytest
from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QDate, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from hotspot_plugin.reports import formats
from hotspot_plugin.ui import compareread, comparewords
from hotspot_plugin.ui.comparepage import ComparePage, date_fields
from hotspot_plugin.ui.compareperiods import preset_names

from .conftest import settle


@pytest.fixture(scope="module")
def town(provider, tmp_path_factory):
    """The practice town: a small one, two years."""
    path = str(tmp_path_factory.mktemp("town") / "town.gpkg")
    processing.run("hotspot:practicecity", {"SIZE": 1, "DIRTY": False, "LOAD": False, "OUTPUT": path})
    return path


def add(path: str, name: str) -> QgsVectorLayer:
    layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
    assert layer.isValid()
    QgsProject.instance().addMapLayer(layer)
    return layer


def click(parent, name: str) -> None:
    button = parent.findChild(QPushButton, name)
    assert button is not None and button.isEnabled(), name
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.fixture
def page(dock, town, wait_until):
    """The page with the town's incidents, its weeks counted."""
    add(town, "incidents")
    dock.go("compare")
    page = dock.page("compare")
    wait_until(lambda: page.periods.weeks is not None)
    settle()
    return page


@pytest.fixture
def compared(page, wait_until):
    click(page, "compare")
    wait_until(lambda: page.result.outcome is not None)
    settle()
    return page


def test_from_tab_to_result_with_one_button(compared):
    result = compared.result
    assert result.isVisible()
    assert result.outcome.summary in result.card.text.text()
    assert compared.compare.isEnabled()


def cells(page) -> list:
    table = page.result.table
    page.window().resize(700, 900)  # room for all columns
    settle(0.1)
    return [[table.item(row, column).text() for column in range(4)] for row in range(table.rowCount())]


def test_the_numbers_are_those_of_the_tool(compared, town):
    """The comparison run by hand on the same periods, and its table of types, say what the page shows."""
    question = compared.result.question
    assert [d.toString("yyyy-MM-dd") for pair in (question["before"], question["after"]) for d in pair] == [
        "2023-01-01", "2023-12-31", "2024-01-01", "2024-12-31"]
    by_hand = processing.run("hotspot:compareperiods", {
        "INCIDENTS": f"{town}|layername=incidents", "AREAS": f"{town}|layername=beats",
        "BEFORE_START": "2023-01-01", "BEFORE_END": "2023-12-31", "AFTER_START": "2024-01-01",
        "AFTER_END": "2024-12-31", "OUTPUT": "memory:", "REPORT": str(compared.session.place("byhand", ".html"))})
    whole = compared.result.rows()[0]
    assert (whole.before, whole.after) == (by_hand["BEFORE"], by_hand["AFTER"])
    assert (whole.percent, whole.low, whole.high) == (by_hand["PERC"], by_hand["LOW"], by_hand["HIGH"])
    assert by_hand["SUMMARY"].startswith(compared.result.card.text.text().split(" Most of")[0])
    # with no areas it is by type, as in the tool's own table
    types = compareread.tables(by_hand["REPORT"])["types"]
    assert compared.result.rows()[1:] == types
    shown = cells(compared)
    assert [row[0] for row in shown[1:]] == [row.name for row in types]
    assert shown[0][1:3] == [formats.number(by_hand["BEFORE"]), formats.number(by_hand["AFTER"])]
    assert shown[0][3].startswith(formats.percent(by_hand["PERC"] / 100, 0, sign=True))
    assert sum(int(row.before) for row in types) == by_hand["BEFORE"]


def test_everywhere_leaves_no_area_on_the_map_and_says_it_once(compared):
    assert len(QgsProject.instance().mapLayers()) == 1
    assert "Inside the area" not in compared.result.outcome.summary


def test_areas_give_a_map_and_a_table(page, town, wait_until):
    beats = add(town, "beats")
    page.areas.areas.setLayer(beats)
    click(page, "compare")
    wait_until(lambda: page.result.outcome is not None)
    result = page.result
    layer = page.session.layer(result.outcome.layers["OUTPUT"])
    assert layer is not None and layer.renderer().type() == "categorizedSymbol"
    counted = {f["name"]: (f["PREV_CNT"], f["CUR_CNT"]) for f in layer.getFeatures()}
    shown = {row.name: (row.before, row.after) for row in result.rows()[1:]}
    assert shown == {name: pair for name, pair in counted.items() if any(pair)}
    assert "could be chance" in " ".join(row[3] for row in cells(page)).lower()
    assert result.forest.rows and result.bars.rows  # lengths differ by a day in a year: still alike
    # and by type, by the keyboard
    result.kind.setFocus()
    QTest.keyClick(result.kind, Qt.Key.Key_Down)
    assert result.kind.currentData() == "types"
    assert result.table.horizontalHeaderItem(0).text() == "Type"
    assert result.layer() is layer
    QgsProject.instance().removeMapLayer(layer.id())
    wait_until(lambda: result.layer() is not None and result.layer().name() == "incidents")
    click(page, "zoom")


def test_the_beats_that_came_with_the_incidents_are_chosen(dock, town, wait_until):
    add(town, "beats")
    add(town, "incidents")
    dock.go("compare")
    page = dock.page("compare")
    wait_until(lambda: page.periods.weeks is not None)
    assert page.areas.layer().name() == "beats"


def test_compare_may_be_pressed_while_the_weeks_are_counted(dock, town, wait_until):
    add(town, "incidents")
    dock.go("compare")
    page = dock.page("compare")
    assert page.periods.work.isVisible() and page.periods.weeks is None
    click(page, "compare")
    wait_until(lambda: page.result.outcome is not None)
    assert page.result.outcome.results["BEFORE"] > 0


def test_histogram_dates_and_preset_stay_in_step(page):
    box = page.periods
    seen = []
    box.changed.connect(lambda: seen.append(box.preset_number()))
    box.preset.setCurrentIndex(1)
    last = box.weeks.complete_to
    assert box.periods()[1] == (last.addDays(-27), last)
    assert box.histogram.after() == box.periods()[1]
    assert box.parameters() == {"PRESET": 1, "AS_OF": last.toString("yyyy-MM-dd")}
    assert "28" in box.told.text()
    # a date by keyboard: own dates now, and the chart follows
    edit = box.dates[0]
    edit.setFocus()
    edit.setDate(edit.date().addDays(-7))
    assert box.preset_number() == 0 and box.histogram.before() == box.periods()[0]
    # an edge by keyboard: the dates follow
    box.histogram.press(box.histogram.handles[0], Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier)
    assert box.dates[0].date() == box.histogram.before()[0]
    assert set(box.parameters()) == {"PRESET", "BEFORE_START", "BEFORE_END", "AFTER_START", "AFTER_END"}
    assert seen[0] == 1 and seen[-1] == 0


def test_every_preset_means_the_days_that_the_tool_takes(page, town):
    """The tool tells its days in its log; the page shows the same, for every choice."""
    from qgis.core import QgsProcessingContext, QgsProcessingFeedback

    for number in range(1, page.periods.preset.count()):
        page.periods.preset.setCurrentIndex(number)
        feedback, context = QgsProcessingFeedback(), QgsProcessingContext()
        page_days = page.periods.periods()
        if number == 1:
            processing.run("hotspot:compareperiods", {
                "INCIDENTS": f"{town}|layername=incidents", "AREAS": f"{town}|layername=beats", "PRESET": number,
                "OUTPUT": "memory:"}, context=context, feedback=feedback)
            days = [d.toString("yyyy-MM-dd") for pair in (page_days[1], page_days[0]) for d in pair]
            assert "Compared: {} to {} (28 days) with {} to {} (28 days).".format(*days) in feedback.textLog()
        assert page_days[0][1] < page_days[1][0]
    names = [page.periods.preset.itemText(i) for i in range(1, page.periods.preset.count())]
    assert names == preset_names()[1:]


def test_the_fiscal_year_is_the_agencys(page, tmp_path):
    last = QDate(2024, 12, 31)
    file = tmp_path / "agency.json"
    processing.run("hotspot:agencysettings", {"FISCAL_START": 7, "OUTPUT": str(file)})
    assert compareread._presets(last, str(file), 6)[5][1] == (QDate(2024, 7, 1), last)
    for unknown in ("", str(tmp_path / "gone.json")):  # April, as the tools take it
        assert compareread._presets(last, unknown, 6)[5] == (
            (QDate(2023, 4, 1), QDate(2023, 12, 31)), (QDate(2024, 4, 1), last))


def doubts(page) -> set:
    return {page.doubts.itemAt(i).widget().objectName() for i in range(page.doubts.count())}


def set_days(page, *texts) -> None:
    for edit, text in zip(page.periods.dates, texts):
        edit.setDate(QDate.fromString(text, "yyyy-MM-dd"))


def test_doubts_are_told_as_soon_as_periods_are_chosen(page):
    assert doubts(page) == set()
    set_days(page, "2023-01-01", "2023-02-28", "2023-07-01", "2023-12-31")
    assert {"doubt_lengths", "doubt_season"} <= doubts(page)
    set_days(page, "2023-12-20", "2023-12-22", "2024-12-20", "2024-12-22")
    assert doubts(page) == {"doubt_few"}
    set_days(page, "2023-12-09", "2024-01-08", "2024-12-09", "2025-01-08")
    assert "doubt_beyond" in doubts(page)
    set_days(page, "2023-01-01", "2024-02-01", "2024-01-01", "2024-12-31")
    assert "overlap" in page.periods.told.text() and not page.compare.isEnabled()
    set_days(page, "2023-01-01", "2022-02-01", "2024-01-01", "2024-12-31")
    assert "before it begins" in page.periods.told.text() and not page.compare.isEnabled()
    assert page.periods.histogram.before() is None


def test_weeks_that_are_not_complete_are_told():
    days = [QDate(2024, 1, 1).addDays(7 * n) for n in range(40)]
    weeks = compareread.Weeks(days, [50] * 40, days[0], days[-1].addDays(6), days[-2], {})
    found = comparewords.doubts((days[0], days[9]), (days[29], days[-1]), weeks)
    assert "incomplete" in [name for name, *_ in found]
    # a year and its year: whole years have no season; two months half a year apart have
    assert comparewords.season_gap((QDate(2022, 1, 1), QDate(2022, 12, 31)),
                                   (QDate(2023, 4, 1), QDate(2024, 3, 31))) == 0


def test_the_season_is_counted_as_the_tool_counts_it():
    import numpy as np

    from hotspot_plugin.analysis.evaluation.compareperiods import Period, season_gap

    rng = np.random.default_rng(3)
    for first, size, second, other in rng.integers(1, 500, (200, 4)):
        pairs = [(QDate(2020, 1, 1).addDays(int(a)), QDate(2020, 1, 1).addDays(int(a + n)))
                 for a, n in ((first, size), (second, other))]
        periods = [Period(*(np.datetime64(d.toString("yyyy-MM-dd"), "D") for d in pair)) for pair in pairs]
        assert comparewords.season_gap(*pairs) == season_gap(*periods)


def test_default_periods_are_years_where_the_data_reach_else_four_weeks():
    def weeks(first: QDate, last: QDate) -> compareread.Weeks:
        starts = [first.addDays(7 * n) for n in range(first.daysTo(last) // 7 + 1)]
        return compareread.Weeks(starts, [9] * len(starts), first, last, last, {})

    day = QDate
    assert comparewords.default_periods(weeks(day(2022, 1, 3), day(2024, 5, 20))) == (
        (day(2022, 5, 1), day(2023, 4, 30)), (day(2023, 5, 1), day(2024, 4, 30)))
    assert comparewords.default_periods(weeks(day(2024, 1, 1), day(2024, 5, 20))) == (
        (day(2024, 3, 26), day(2024, 4, 22)), (day(2024, 4, 23), day(2024, 5, 20)))
    assert comparewords.default_periods(weeks(day(2024, 5, 1), day(2024, 5, 1))) == (None, None)
    assert comparewords.default_periods(compareread.Weeks([], [], day(), day(), day(), {})) == (None, None)


def test_an_empty_project_leads_to_the_start_page(dock):
    dock.go("compare")
    page = dock.page("compare")
    assert page.empty.isVisible() and not page.form.isVisible()
    click(page, "go_start")
    assert dock.stack.currentWidget() is dock.page("start")


def memory(fields: str, name: str = "incidents") -> QgsVectorLayer:
    layer = QgsVectorLayer(f"Point?crs=EPSG:32631{fields}", name, "memory")
    QgsProject.instance().addMapLayer(layer)
    return layer


def test_a_layer_without_dates_is_told(dock):
    memory("&field=kind:string")
    dock.go("compare")
    page = dock.page("compare")
    assert page.trouble.itemAt(0).widget().objectName() == "card_no_dates"
    assert not page.compare.isEnabled()


def test_a_layer_without_rows_is_told_and_can_be_tried_again(dock, wait_until):
    memory("&field=day:date")
    dock.go("compare")
    page = dock.page("compare")
    wait_until(lambda: page.trouble.count() > 0)
    card = page.trouble.itemAt(0).widget()
    assert card.objectName() == "card_no_weeks" and "has no incident" in card.text.text()
    assert not page.compare.isEnabled()
    click(page, "again")
    assert page.periods.work.isVisible()
    wait_until(lambda: page.trouble.count() > 0)


def test_several_date_fields_can_be_chosen(dock, town, wait_until):
    layer = add(town, "incidents")
    dock.go("compare")
    page = dock.page("compare")
    assert page.date.currentText() == "dt_from"
    assert page.date.isVisible() == (len(date_fields(layer)) > 1)


def test_the_tools_refusal_is_told_in_its_words(page, wait_until):
    set_days(page, "2019-01-01", "2019-02-01", "2024-01-01", "2024-02-01")
    assert "doubt_beyond" in doubts(page)
    click(page, "compare")
    wait_until(lambda: page.news.count() > 0 and page.news.itemAt(0).widget().mood == "problem")
    assert "No incident of 'incidents' lies between 2019-01-01" in page.news.itemAt(0).widget().text.text()
    assert page.compare.isEnabled() and page.result.outcome is None


def test_a_run_can_be_stopped(page, wait_until):
    click(page, "compare")
    wait_until(lambda: page.is_busy())
    assert not page.compare.isEnabled()
    click(page, "cancel")
    wait_until(lambda: not page.is_busy())
    assert page.news.itemAt(0).widget().title.text() == "Stopped"
    assert page.compare.isEnabled()


def test_the_report_is_shown_saved_and_repeated(compared, tmp_path, monkeypatch, wait_until):
    shown = []
    monkeypatch.setattr(compared.session, "show_file", shown.append)
    click(compared, "show_report")
    assert shown == [compared.result.report] and Path(shown[0]).exists()
    target = tmp_path / "mine"
    monkeypatch.setattr(compared.session, "ask_save", lambda *a: str(target))
    click(compared, "export")
    wait_until(lambda: compared.result.copied.isVisible())
    assert (tmp_path / "mine.html").exists() and (tmp_path / "mine_types.csv").exists()
    page = (tmp_path / "mine.html").read_text(encoding="utf-8")
    assert Path(shown[0]).stem + "_" not in page
    compared.result.copy_command.trigger()
    text = QApplication.clipboard().text()
    assert text.startswith("qgis_process run hotspot:compareperiods") and "2023-01-01" in text
    compared.result.copy_python.trigger()
    assert QApplication.clipboard().text().startswith("processing.run(")
    # a place that cannot be written is told
    monkeypatch.setattr(compared.session, "ask_save", lambda *a: str(tmp_path / "nowhere" / "x.html"))
    click(compared, "export")
    wait_until(lambda: "could not be saved" in compared.result.copied.text())


def test_a_result_goes_to_a_problem(compared, monkeypatch):
    asked = []
    monkeypatch.setattr(compared.session, "go", lambda page, **hint: asked.append((page, hint)))
    click(compared, "link_problem")
    page, hint = asked[0]
    link = hint["link"]
    assert page == "problems" and link["kind"] == "comparison"
    assert link["value"] == compared.result.outcome.results["PERC"]
    assert link["before"] == ("2023-01-01", "2023-12-31") and link["sentence"] == compared.result.outcome.summary


def test_layers_that_go_take_what_shows_them_along(compared, wait_until):
    QgsProject.instance().removeAllMapLayers()
    wait_until(lambda: compared.empty.isVisible())
    assert not compared.result.isVisible() and compared.periods.weeks is None


def test_another_project_while_it_works(page, wait_until):
    click(page, "compare")
    settle(0.02)
    QgsProject.instance().clear()
    wait_until(lambda: page.empty.isVisible() and not page.session.runner.running())
    settle(0.2)
    assert not page.result.isVisible()


def test_what_was_chosen_comes_back_with_the_project(compared, town, wait_until):
    page = compared
    page.periods.preset.setCurrentIndex(2)
    page.result.clear()
    click(page, "compare")
    wait_until(lambda: page.result.outcome is not None)
    other = ComparePage(page.session)
    other.refresh()
    wait_until(lambda: other.periods.weeks is not None)
    assert other.periods.preset_number() == 2
    assert other.periods.periods() == page.periods.periods()
    other.close_down()
    other.deleteLater()


def test_it_fits_a_narrow_dock_and_every_widget_has_a_name(compared):
    window = compared.window()
    window.resize(320, 900)
    settle(0.2)
    assert window.width() <= 330
    results = compared.result.outcome.results
    first = compared.result.table.item(0, 0).text()
    assert first == f"All together\n{formats.number(results['BEFORE'])} → {formats.number(results['AFTER'])}"
    assert compared.result.table.isColumnHidden(1) and compared.result.table.horizontalScrollBar().maximum() == 0
    wide = compared.viewport().width()
    for widget in compared.widget().findChildren(QWidget):
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            right = widget.mapTo(compared.widget(), widget.rect().topRight()).x()
            assert right <= wide + 1, (widget.objectName(), right, wide)
            named = widget.accessibleName() or widget.toolTip() or (hasattr(widget, "text") and widget.text()) or any(
                label.buddy() is widget for label in compared.widget().findChildren(QLabel))
            assert named or widget.parent().inherits("QDateEdit"), widget.objectName() or widget


def test_tab_goes_from_top_to_bottom(compared):
    order, widget = [], compared.incidents
    while True:
        if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            order.append(widget.objectName())
        widget = widget.nextInFocusChain()
        if widget is compared.incidents:
            break
    wanted = ["incidents", "date_field", "preset", "beforeFirst", "beforeLast", "afterFirst", "afterLast",
              "before_first", "before_last", "after_first", "after_last", "areas", "take_hotspots", "draw_area",
              "compare", "show_report", "export", "zoom", "repeat", "link_problem", "result_table"]
    assert [name for name in order if name in wanted] == wanted
