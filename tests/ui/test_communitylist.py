"""Page 'Community input': reports are answered and mapped, layers used and files imported."""

# ruff: noqa: F401, F811 (fixtures come by name)
from __future__ import annotations

import json
from types import SimpleNamespace

from qgis.core import QgsGeometry, QgsPointXY, QgsProject, QgsRectangle
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest

from hotspot_plugin.analysis.community import inputs
from hotspot_plugin.layers import casestore
from tests.ui.community import (
    AREAS,
    POINTS,
    add,
    canvas,
    choose,
    click,
    fill,
    find,
    page,
    quiet,
    ready,
    row,
    seen,
    texts,
    town,
)
from tests.ui.conftest import settle


# --- the list and the answers --------------------------------------------------------------------
def test_empty_file_asks_for_the_first(ready):
    assert seen(ready, "card_empty") and not seen(ready, "newest")
    click(ready, "first_report")
    assert seen(ready, "card_picking")


def test_filters_and_show_more(ready, wait_until, monkeypatch):
    monkeypatch.setattr("hotspot_plugin.ui.communitylist.PAGE", 5)
    newest = ready.newest
    newest.limit = 5
    rows = [row(k) for k in range(8)]
    rows += [row(20, **{inputs.CATEGORY: "theft", inputs.SAID: "A bicycle went"}),
             row(21, **{inputs.STATUS: "acknowledged"})]
    fill(ready, rows, wait_until)
    assert newest.model.rowCount() == 5 and "5 of 10" in texts(ready)
    assert newest.model.rows[0][inputs.INPUT_ID] == "key-21"
    click(ready, "show_more")
    quiet(ready, wait_until)
    assert newest.model.rowCount() == 10 and not seen(ready, "show_more")
    assert newest.status.itemText(newest.status.findData("acknowledged")) == "Acknowledged (1)"
    newest.status.setCurrentIndex(newest.status.findData("acknowledged"))
    quiet(ready, wait_until)
    assert [one[inputs.INPUT_ID] for one in newest.model.rows] == ["key-21"]
    newest.show_all()
    QTest.keyClicks(newest.text, "BICYCLE")
    wait_until(lambda: newest.model.rowCount() == 1)
    QTest.keyClicks(newest.text, " nothing")
    wait_until(lambda: seen(ready, "card_nothing"))
    click(ready, "show_all")
    quiet(ready, wait_until)
    assert newest.model.rowCount() == 5
    spoken = newest.model.data(newest.model.index(0), Qt.ItemDataRole.AccessibleTextRole)
    assert "Acknowledged" in spoken and "Bad street light" in spoken


def test_the_loop_is_closed(dock, ready, wait_until):
    fill(ready, [row(1)], wait_until)
    choose(ready)
    click(ready, "become_acknowledged")
    quiet(ready, wait_until)
    found = casestore.rows(dock.session.case, POINTS)[0]
    assert found[inputs.STATUS] == "acknowledged" and found[inputs.ACK_ON]
    click(ready, "become_done")  # whoever spoke is owed an answer
    assert "owed an answer" in find(ready, "answer_hint").text()
    assert casestore.rows(dock.session.case, POINTS)[0][inputs.STATUS] == "acknowledged"
    QTest.keyClicks(find(ready, "response"), "The lamp was mended")
    click(ready, "become_done")
    quiet(ready, wait_until)
    found = casestore.rows(dock.session.case, POINTS)[0]
    assert (found[inputs.STATUS], found[inputs.RESPONSE]) == ("done", "The lamp was mended") and found[inputs.DONE_ON]
    assert not find(ready, "become_done").isEnabled()
    click(ready, "close_card")


def test_two_people_do_not_overwrite_each_other(dock, ready, wait_until):
    fill(ready, [row(1)], wait_until)
    choose(ready)
    QTest.keyClicks(find(ready, "response"), "Mine")
    casestore.change(dock.session.case, POINTS, "key-1", {inputs.STATUS: "declined", inputs.RESPONSE: "Not our lamp"})
    click(ready, "become_done")
    wait_until(lambda: seen(ready, "card_changed"))
    quiet(ready, wait_until)
    assert "Not our lamp" in texts(ready)
    assert ready.newest.answer.response.toPlainText() == "Mine"
    assert casestore.rows(dock.session.case, POINTS)[0][inputs.STATUS] == "declined"
    ready.reporter.drafts.flush()
    kept = json.loads(ready.reporter.drafts.file("answers").read_text())
    assert kept == {"key-1": "Mine"}
    click(ready, "look_again")
    click(ready, "become_done")  # now knowingly
    quiet(ready, wait_until)
    assert casestore.rows(dock.session.case, POINTS)[0][inputs.RESPONSE] == "Mine"


def test_a_row_that_another_deleted(dock, ready, wait_until):
    fill(ready, [row(1), row(2)], wait_until)
    choose(ready)
    casestore.remove(dock.session.case, POINTS, ready.newest.row()[inputs.INPUT_ID])
    click(ready, "become_acknowledged")
    wait_until(lambda: seen(ready, "card_changed"))
    quiet(ready, wait_until)
    assert ready.newest.model.rowCount() == 1


def test_zoom_and_full_form(dock, ready, canvas, wait_until, monkeypatch):
    fill(ready, [row(60)], wait_until)
    choose(ready)
    click(ready, "zoom")
    quiet(ready, wait_until)
    assert canvas.center().distance(QgsPointXY(500_420, 100_000)) < 1
    opened = []
    monkeypatch.setattr(dock.session, "iface", SimpleNamespace(
        mapCanvas=lambda: canvas, openFeatureForm=lambda *given: opened.append(given)))
    click(ready, "open_form")
    wait_until(lambda: opened)
    layer, feature, *_ = opened[0]
    assert feature[inputs.INPUT_ID] == "key-60" and QgsProject.instance().mapLayer(layer.id()) is layer


# --- layers ------------------------------------------------------------------------------------------
def test_practice_layers_are_recognised_and_choices_kept(dock, ready, town, wait_until):
    layers = add(town, "incidents", "reports", "beats", "streets", "lights", "survey", "truth_places")
    ready.show_layers()
    quiet(ready, wait_until)
    table = ready.layers
    assert {name: table.of(layer).role for name, layer in layers.items()} == {
        "incidents": "incidents", "reports": "reports", "beats": "areas", "streets": "streets", "lights": "lights",
        "survey": "survey", "truth_places": ""}
    assert table.of(layers["beats"]).fields == {"name": "name", "population": "residents"}
    item = next(table.tree.topLevelItem(k) for k in range(table.tree.topLevelItemCount())
                if table.tree.topLevelItem(k).text(0) == "reports")
    table.tree.setCurrentItem(item)
    table.weight.setValue(2.5)
    quiet(ready, wait_until)
    kept = casestore.kept(dock.session.case, "layers")
    assert kept["town.gpkg|reports"]["weight"] == 2.5
    table.role.setCurrentIndex(table.role.findData("incidents"))
    quiet(ready, wait_until)
    assert table.of(layers["reports"]).role == "incidents"
    click(ready, "forget_role")
    assert table.of(layers["reports"]).role == "reports" and table.of(layers["reports"]).weight == 1
    # the layer goes while it is shown
    QgsProject.instance().removeMapLayer(layers.pop("reports").id())
    settle(0.3)
    assert table.layer() is None and table.tree.topLevelItemCount() == 6


def test_choices_are_kept_in_the_project_without_a_case_file(dock, page, town):
    layers = add(town, "beats")
    page.layers._set(layers["beats"], {"role": "treated", "fields": {}, "weight": 1})
    assert dock.session.recall("layers")["town.gpkg|beats"]["role"] == "treated"
    assert page.layers.of(layers["beats"]).role == "treated"


# --- tools -------------------------------------------------------------------------------------------
def test_map_of_worries_from_several_layers(dock, ready, town, wait_until):
    add(town, "reports", "beats")
    casestore.insert(dock.session.case, {AREAS: [(QgsGeometry.fromRect(QgsRectangle(500_000, 1e5, 500_050, 100_050)), {
        inputs.CATEGORY: "light", inputs.CONCERN: 5, inputs.CONSENT: "count", inputs.SOURCE: "walk"})]})
    click(ready, "map_concern")
    wait_until(lambda: seen(ready, "card_concern") or seen(ready, "again"), 60)
    shown = texts(ready)
    assert "From 2 layers" in shown and "fewer than 5 voices" in shown and "middle" in shown
    assert any("oncern" in layer.name() for layer in QgsProject.instance().mapLayers().values())
    seen_files = []
    dock.session.show_file = seen_files.append
    click(ready, "show_report")
    assert seen_files[0].endswith(".html")


def test_map_of_worries_without_any_report(ready, wait_until):
    click(ready, "map_concern")
    wait_until(lambda: seen(ready, "card_no_reports"))


def test_import_is_told_in_words(dock, ready, tmp_path, wait_until):
    path = tmp_path / "export.csv"
    path.write_text("id,lon,lat,category,concern,date,consent,comment\n" + "".join(
        f"{k},{2.99 + k / 1000},0.9,Drugs,4,2024-03-0{k},yes,{text}\n" for k, text in (
            (1, "dark"), (2, "mail me at a@b.org"), (3, "loud"))), encoding="utf-8")
    dock.session.ask_open = lambda *given: str(path)
    click(ready, "import")
    wait_until(lambda: seen(ready, "card_imported") or seen(ready, "again"), 60)
    shown = texts(ready)
    assert "3 rows were read." in shown and "3 reports were added" in shown and "Personal data were removed" in shown
    quiet(ready, wait_until)
    assert ready.newest.model.rowCount() == 3
    click(ready, "import")
    wait_until(lambda: "3 were in it already" in texts(ready), 60)


def test_new_layers_for_input(ready, wait_until):
    ready.show_layers()
    click(ready, "new_input")
    wait_until(lambda: seen(ready, "card_new"))
    names = {layer.source().partition("layername=")[2] for layer in QgsProject.instance().mapLayers().values()}
    assert {POINTS, AREAS} <= names
