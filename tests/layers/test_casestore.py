"""The case file as the dock uses it: rows by the rules of the form, and a plain word at once where it cannot be."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import subprocess
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsGeometry,
    QgsProcessingFeedback,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorLayerUtils,
)
from qgis.PyQt.QtCore import QDate

from hotspot_plugin.analysis.community import inputs as i
from hotspot_plugin.analysis.errors import Cancelled
from hotspot_plugin.analysis.problems import register as r
from hotspot_plugin.compat import is_null
from hotspot_plugin.layers import caseinfo, casesql, casestore, forms, storage
from hotspot_plugin.layers.casestore import CaseError

TODAY = QDate.currentDate().toString("yyyy-MM-dd")
SQUARE = "POLYGON((9 50,9.001 50,9.001 50.001,9 50.001,9 50))"


@pytest.fixture(scope="module")
def blank(provider, tmp_path_factory):
    from qgis import processing

    path = str(tmp_path_factory.mktemp("case") / "case.gpkg")
    processing.run("hotspot:casefile", {"OUTPUT": path, "CRS": "EPSG:25832", "ROLES": "analyst; officer"},
                   feedback=QgsProcessingFeedback())
    return path


@pytest.fixture
def case(blank, tmp_path):
    return str(shutil.copy(blank, tmp_path / "case.gpkg"))


def point(x=500_000.0, y=5_540_000.0):
    return QgsGeometry.fromWkt(f"POINT({x} {y})")


def report(**values):
    return {"category": "light", "concern": 4, "source": "report", "consent": "count", "said": "No lamp here", **values}


def add(path, shape=None, **values):
    return casestore.insert(path, {i.POINT_TABLE: [(shape or point(), report(**values))]})[i.POINT_TABLE][0]


def only(path, table=i.POINT_TABLE):
    (row,) = casestore.rows(path, table, shapes=True)
    return row


def digest(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def sql(path, text):
    with closing(sqlite3.connect(path)) as base, base:
        return base.execute(text).fetchall()


@contextmanager
def at_once(limit=1.0):
    started = time.perf_counter()
    yield
    assert time.perf_counter() - started < limit


def refused(kind, path, text=""):
    """Both ways to write are refused at once, in the same words as the look at the file, and leave it as it is."""
    before = digest(path) if Path(path).is_file() else None
    with at_once():
        health = casestore.probe(path)
    assert health.state == kind and not health.writable and text in health.text, health
    for write in (lambda: add(path), lambda: casestore.change(path, i.POINT_TABLE, "x", {"said": ""}),
                  lambda: casestore.keep(path, "x", 1), lambda: casestore.remove(path, i.POINT_TABLE, "x")):
        with at_once(), pytest.raises(CaseError) as error:
            write()
        assert error.value.kind == kind and error.value.words() == health.text
    assert before is None or digest(path) == before
    assert not list(Path(path).parent.glob(f"{Path(path).name}-*"))
    return health


# --- rows ------------------------------------------------------------------------------------
def test_a_report_is_filled_in_as_the_form_does(case):
    key = add(case, QgsGeometry.fromWkt("POINT(9 50)"))
    row = only(case)
    assert row["input_id"] == key and len(key) == 36 and row["said_on"] == TODAY and row["status"] == "new"
    assert (row["day_part"], row["org"], row["response"], row["wish"], row["ack_on"]) == ("any", "", "", None, None)
    # the same row made by QGIS's own form, but for what is random
    layer = QgsVectorLayer(f"{case}|layername={i.POINT_TABLE}", "x", "ogr")
    context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
    given = {layer.fields().indexOf(k): v for k, v in report().items()}
    own = QgsVectorLayerUtils.createFeature(layer, QgsGeometry(), given, context)
    for name in set(i.COLUMNS) - {"input_id", "voice_id"}:
        value = own[name]
        value = None if is_null(value) else value.toString("yyyy-MM-dd") if isinstance(value, QDate) else value
        assert row[name] == value, name
    own.setAttribute("fid", None)
    assert all(QgsVectorLayerUtils.validateAttribute(layer, own, k)[0] for k in range(1, layer.fields().count()))


@pytest.mark.parametrize("values", [
    {}, {"category": None}, {"concern": 9}, {"said": "mail jo@mail.org"}, {"said": "x" * 501}, {"consent": None},
    {"said_on": "2999-01-01"}, {"voice_id": "Joe"}, {"status": "done"}, {"status": "done", "response": "Lamp repaired"},
    {"org": "call 0171 2345678"}, {"source": "rumour"}, {"status": "acknowledged", "ack_on": "2000-01-01"}])
def test_what_the_form_refuses_is_refused_and_nothing_else(case, values):
    """The same fields as QGIS's own check of the form names."""
    full = casestore.Form(case, i.POINT_TABLE).new(report(**values))
    found = casestore.faults(case, i.POINT_TABLE, report(**values))
    layer = QgsVectorLayer(f"{case}|layername={i.POINT_TABLE}", "x", "ogr")
    feature = casestore.Form(case, i.POINT_TABLE)._feature(full, None)
    feature.setFields(layer.fields(), False)
    theirs = {name for k, name in enumerate(layer.fields().names()) if name != "fid"
              and not QgsVectorLayerUtils.validateAttribute(layer, feature, k)[0]}
    assert set(found) == theirs and all(found.values())
    if found:
        with pytest.raises(CaseError, match="cannot be saved yet") as error:
            add(case, **values)
        assert error.value.kind == "refused" and error.value.fields == found
        assert casestore.count(case, i.POINT_TABLE) == 0
    else:
        add(case, **values)


@pytest.mark.parametrize("text", ["", "Dark at the corner of 5th", "my name is Joe Smith", "jo@mail.org",
                                  "+49 171 2345678", "I live at 12 Mill Lane"])
def test_personal_words_are_refused_as_the_form_does(case, text):
    assert forms.names_nobody(text) == ("said" not in casestore.faults(case, i.POINT_TABLE, report(said=text)))
    assert forms.names_nobody(text, False) == ("org" not in casestore.faults(case, i.POINT_TABLE, report(org=text)))


def test_a_change_fills_in_the_days_and_takes_them_back(case):
    key = add(case)
    was = only(case)
    now = casestore.change(case, i.POINT_TABLE, key, {"status": "acknowledged"}, was={"status": "new"})
    assert now["ack_on"] == TODAY and now["work_on"] is None and only(case)["ack_on"] == TODAY
    now = casestore.change(case, i.POINT_TABLE, key, {"status": "done", "response": "Lamp repaired"})
    assert (now["ack_on"], now["done_on"]) == (TODAY, TODAY)
    assert casestore.change(case, i.POINT_TABLE, key, {"status": "new"})["ack_on"] is None
    assert only(case)["voice_id"] == was["voice_id"] and only(case)["geometry"].equals(was["geometry"])


def test_stages_role_and_journal_of_a_problem(case):
    key = casestore.insert(case, {r.PROBLEMS: [(None, {"title": "Cars broken into"})]}, "analyst")[r.PROBLEMS][0]
    now = casestore.change(case, r.PROBLEMS, key, {"stage": "analyse", "due_on": QDate(2026, 5, 1), "ch_harm": True},
                           "officer")
    assert (now["scan_on"], now["analyse_on"], now["role"], now["due_on"]) == (TODAY, TODAY, "officer", "2026-05-01")
    (row,) = casestore.rows(case, r.PROBLEMS, where={"stage": ["analyse"], "decision": None, "ch_harm": True})
    assert row["ch_harm"] is True and row["ch_commun"] is False and row["fid"] == 1
    told = [(row["field"], row["old_val"], row["new_val"], row["role"])
            for row in casestore.rows(case, r.JOURNAL, newest=False)]
    assert told[0] == (None, None, None, "analyst") and ("stage", "scan", "analyse", "officer") in told
    with pytest.raises(CaseError, match="Your role"):
        casestore.insert(case, {r.PROBLEMS: [(None, {"title": "Without a role"})]})


def test_problem_place_and_action_come_together_or_not_at_all(case):
    rows = {r.PROBLEMS: [(None, {"prob_id": "p1", "title": "Cars broken into"})],
            r.PLACES: [(QgsGeometry.fromWkt(SQUARE), {"prob_id": "p1", "name": "Car park"})],
            r.ACTIONS: [(None, {"prob_id": "p1", "action": "Lamps"})]}
    with pytest.raises(CaseError, match="Who does it") as error:
        casestore.insert(case, rows, "analyst", QgsCoordinateReferenceSystem("EPSG:4326"))
    assert "owner" in error.value.fields
    assert [casestore.count(case, table) for table in (*rows, r.JOURNAL)] == [0, 0, 0, 0]
    rows[r.ACTIONS][0][1]["owner"] = "officer"
    keys = casestore.insert(case, rows, "analyst", QgsCoordinateReferenceSystem("EPSG:4326"))
    assert keys[r.PROBLEMS] == ["p1"] and [len(k) for k in keys.values()] == [1, 1, 1]
    place = only(case, r.PLACES)
    assert place["geometry"].isMultipart() and place["geometry"].area() == pytest.approx(7980, rel=0.02)  # 71.7 x 111 m
    with pytest.raises(CaseError, match="in the file already"):
        casestore.insert(case, {r.PROBLEMS: rows[r.PROBLEMS]}, "analyst")
    assert casestore.insert(case, {r.PROBLEMS: rows[r.PROBLEMS]}, "analyst", known=True) == {r.PROBLEMS: []}
    with pytest.raises(CaseError, match="one area"):
        casestore.insert(case, {r.PLACES: [(point(), {"prob_id": "p1", "name": "Spot"})]}, "analyst")


def test_the_map_finds_what_was_written(case):
    key, crs = add(case), casestore.crs_of(case, i.POINT_TABLE)
    add(case, QgsGeometry.fromWkt("POINT(500100 5540100)"))
    casestore.change(case, i.POINT_TABLE, key, {}, geometry=QgsGeometry.fromWkt("POINT(9 50)"),
                     crs=QgsCoordinateReferenceSystem("EPSG:4326"), context=QgsProject.instance().transformContext())
    layer = QgsVectorLayer(f"{case}|layername={i.POINT_TABLE}", "x", "ogr")
    assert crs.authid() == "EPSG:25832" and layer.featureCount() == 2
    found = list(layer.getFeatures(QgsRectangle(499_990, 5_538_600, 500_010, 5_538_660)))
    assert [f["input_id"] for f in found] == [key] and not list(layer.getFeatures(QgsRectangle(
        499_999, 5_539_999, 500_001, 5_540_001)))
    assert layer.extent().buffered(1e-6).contains(casestore.extent(case, i.POINT_TABLE))
    assert sql(case, "SELECT rtreecheck('rtree_input_points_geom')") == [("ok",)]
    casestore.remove(case, i.POINT_TABLE, key)
    assert casestore.count(case, i.POINT_TABLE) == 1 and len(list(layer.getFeatures())) == 1
    assert sql(case, "SELECT count(*) FROM rtree_input_points_geom") == [(1,)]


def test_reading_newest_first_by_status_and_in_order(case):
    for number, day in enumerate(("2026-03-01", "2026-01-01", "2026-02-01")):
        add(case, said=f"n{number}", said_on=day)
    add(case, said="n3", said_on="2026-01-15", status="acknowledged", ack_on="2026-01-20")
    said = [row["said"] for row in casestore.rows(case, i.POINT_TABLE, ["said"], limit=2)]
    assert said == ["n3", "n2"]
    assert casestore.count(case, i.POINT_TABLE, "status") == {"new": 3, "acknowledged": 1}
    ordered = casestore.rows(case, i.POINT_TABLE, ["said"], {"status": "new"}, "said_on", newest=False)
    assert ordered == [{"fid": 2, "said": "n1"}, {"fid": 3, "said": "n2"}, {"fid": 1, "said": "n0"}]
    asked = casestore.form(case, i.POINT_TABLE)
    assert asked["category"].choices["light"] == "Bad street light" and asked["category"].required
    assert list(asked["concern"].choices) == [1, 2, 3, 4, 5] and asked["said"].lines and asked["said_on"].kind == "date"
    with pytest.raises(CaseError, match="has no table 'nowhere'"):
        casestore.rows(case, "nowhere")
    with pytest.raises(ValueError, match="no field nonsense"):
        casestore.change(case, i.POINT_TABLE, "x", {"nonsense": 1})


def test_settings_of_the_dock_are_kept_in_the_file(case):
    assert casestore.kept(case, "layers", {}) == {}
    casestore.keep(case, "layers", {"incidents": {"layer": "Thefts", "weight": None, "ä": 1.5}})
    assert casestore.kept(case, "layers") == {"incidents": {"layer": "Thefts", "weight": None, "ä": 1.5}}
    casestore.keep(case, "layers", None)
    assert casestore.kept(case, "layers") is None and casestore.probe(case).info[caseinfo.KIND] == caseinfo.CASE


# --- two people ------------------------------------------------------------------------------
def test_what_somebody_else_changed_is_not_written_over(case):
    key = add(case)
    was = only(case)
    layer = QgsVectorLayer(f"{case}|layername={i.POINT_TABLE}", "x", "ogr")  # a colleague in plain QGIS
    assert layer.startEditing()
    assert layer.changeAttributeValue(was["fid"], layer.fields().indexOf("concern"), 2) and layer.commitChanges()
    before = sql(case, "SELECT * FROM journal")
    with pytest.raises(CaseError, match="How worried is the person.: 4 → 2") as error:
        casestore.change(case, i.POINT_TABLE, key, {"status": "acknowledged"}, was=was)
    assert error.value.kind == "changed" and error.value.row["concern"] == 2
    assert only(case)["status"] == "new" and sql(case, "SELECT * FROM journal") == before
    assert casestore.change(case, i.POINT_TABLE, key, {"status": "acknowledged"}, was=error.value.row)["concern"] == 2
    casestore.remove(case, i.POINT_TABLE, key)
    with pytest.raises(CaseError, match="deleted by somebody else") as error:
        casestore.change(case, i.POINT_TABLE, key, {"status": "new"})
    assert error.value.kind == "gone"


def test_a_locked_file_is_told_at_once_and_stays_as_it_is(case):
    key = add(case)
    with closing(sqlite3.connect(case)) as other:
        other.execute("BEGIN IMMEDIATE")
        with at_once():
            health = casestore.probe(case)
        assert health.state == "locked" and health.readable and "try again" in health.text
        for write in (lambda: add(case),
                      lambda: casestore.change(case, i.POINT_TABLE, key, {"status": "acknowledged"})):
            with at_once(), pytest.raises(CaseError, match="being written by somebody else") as error:
                write()
            assert error.value.kind == "locked"
        assert only(case)["status"] == "new"  # what stands there can be read
        other.execute("ROLLBACK")
    assert casestore.count(case, i.POINT_TABLE) == 1 and casestore.probe(case).state == "good"


def test_a_lock_that_comes_between_is_told_too(case, monkeypatch):
    """Somebody begins to write after the first look."""
    real = casestore._ready
    other = sqlite3.connect(case)

    def late(path):
        out = real(path)
        other.execute("BEGIN IMMEDIATE")
        return out

    monkeypatch.setattr(casestore, "_ready", late)
    with closing(other), at_once(), pytest.raises(CaseError) as error:
        add(case)
    assert error.value.kind == "locked" and casestore.count(case, i.POINT_TABLE) == 0


def test_a_layer_in_editing_is_told_and_both_write(case):
    layer = QgsVectorLayer(f"{case}|layername={i.POINT_TABLE}", "x", "ogr")
    assert layer.startEditing()
    health = casestore.probe(case)
    assert health.state == "good" and any("open for editing" in text for text in health.warnings)
    add(case)
    assert layer.rollBack()
    del layer
    assert casestore.probe(case).warnings == [] and casestore.count(case, i.POINT_TABLE) == 1
    assert sql(case, "PRAGMA journal_mode") == [("delete",)]


def test_a_stopped_import_adds_nothing(case):
    def stop():
        stop.left -= 1
        if not stop.left:
            raise Cancelled

    stop.left = 4
    with pytest.raises(Cancelled):
        casestore.insert(case, {i.POINT_TABLE: [(point(k), report()) for k in range(450)]}, check=False, look=stop)
    assert casestore.count(case, i.POINT_TABLE) == casestore.count(case, r.JOURNAL) == 0


# --- files that are not well -----------------------------------------------------------------
def test_what_is_no_case_file_is_told_and_left_alone(case, tmp_path):
    refused("missing", str(tmp_path / "nowhere.gpkg"), "no file")
    for name, content in (("text.gpkg", b"dear diary"), ("empty.gpkg", b""), ("noise.gpkg", bytes(range(256)) * 64)):
        (tmp_path / name).write_bytes(content)
        refused("foreign", str(tmp_path / name), "left as it is")
    (tmp_path / "folder.gpkg").mkdir()
    refused("foreign", str(tmp_path / "folder.gpkg"))
    other = str(tmp_path / "theirs.gpkg")
    from tests.algorithms.samples import save

    save(Path(other), [point()], {"problems": ["a"]})
    refused("foreign", other, "but no case file")
    sql(case, f"UPDATE {caseinfo.TABLE} SET value = '99' WHERE key = 'version'")
    assert "newer version" in refused("newer", case).text


def test_damage_is_told(case, tmp_path):
    half = tmp_path / "half.gpkg"
    half.write_bytes(Path(case).read_bytes()[:-40_000])
    refused("damaged", str(half), "last copy")
    lost = str(shutil.copy(case, tmp_path / "lost.gpkg"))
    sql(lost, "DROP TABLE deliveries")
    assert "'deliveries' is missing" in refused("damaged", lost).text


def test_registers_and_input_files_made_alone_are_taken_for_what_they_hold(run_tool, tmp_path):
    one, two = str(tmp_path / "register.gpkg"), str(tmp_path / "input.gpkg")
    run_tool("problemregister", {"OUTPUT": one})
    run_tool("communitylayer", {"OUTPUT": two})
    first, second = casestore.probe(one), casestore.probe(two)
    assert (first.state, first.register, first.community, first.version) == ("good", True, False, 0)
    assert (second.state, second.register, second.community, second.version) == ("good", False, True, 0)
    add(two, QgsGeometry.fromWkt("POINT(9 50)"))
    key = casestore.insert(one, {r.PROBLEMS: [(None, {"title": "Cars broken into"})]}, "analyst")[r.PROBLEMS][0]
    assert casestore.change(one, r.PROBLEMS, key, {"stage": "analyse"}, "officer")["role"] == "officer"
    casestore.keep(two, "x", [1])
    assert casestore.kept(two, "x") == [1] and casestore.probe(two).version == 0
    assert QgsVectorLayer(f"{two}|layername={i.POINT_TABLE}", "x", "ogr").featureCount() == 1


@contextmanager
def mounted(folder, *options):
    """A file system of its own; the test is passed over where this process may not mount."""
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", *options, "tmpfs", str(folder)], capture_output=True).returncode:
        pytest.skip("this process may not mount")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_read_only_disk_is_told(case, tmp_path):
    """Not even root may write to it."""
    add(case)
    with mounted(tmp_path / "disk") as disk:
        path = str(shutil.copy(case, disk / "case.gpkg"))
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        health = refused("readonly", path, "copy it to a folder of your own")
        assert health.readable and len(casestore.rows(path, i.POINT_TABLE)) == 1


def test_a_file_opened_read_only_is_told(case, monkeypatch):
    """The same where nothing can be mounted: SQLite itself may not write."""
    add(case)
    real = casesql.connect
    monkeypatch.setattr(casesql, "connect", lambda path, readonly=False: real(path, readonly=True))
    refused("readonly", case)
    assert only(case)["said"] == "No lamp here"


def test_a_full_disk_is_told_and_loses_nothing(case, tmp_path, monkeypatch):
    with mounted(tmp_path / "disk", "-o", "size=2m") as disk:
        path = str(shutil.copy(case, disk / "case.gpkg"))
        refused("full", path, "Make room")
        from hotspot_plugin.layers import casehealth

        monkeypatch.setattr(casehealth, "LEAST_ROOM", 0)  # it looked as if there were room
        key, many = add(path), [(point(k), report(said="x" * 400)) for k in range(400)]
        (disk / "film").write_bytes(b"\0" * max(0, storage.of(disk).free - 12_288))
        with at_once(), pytest.raises(CaseError) as error:
            casestore.insert(path, {i.POINT_TABLE: many}, check=False)
        assert error.value.kind in ("full", "disk") and "Nothing was changed" in error.value.words()
        (disk / "film").unlink()
        assert [row["input_id"] for row in casestore.rows(path, i.POINT_TABLE)] == [key]
        assert sql(path, "PRAGMA integrity_check") == [("ok",)] and casestore.probe(path).state == "good"


def test_a_file_that_may_not_grow_is_told_and_loses_nothing(case, monkeypatch):
    """The same where nothing can be mounted."""
    key, real = add(case), casesql.connect

    def tight(path, readonly=False):
        base = real(path, readonly)
        base.execute("PRAGMA max_page_count = 1")  # not less than what is there
        return base

    monkeypatch.setattr(casesql, "connect", tight)
    with pytest.raises(CaseError) as error:
        casestore.insert(case, {i.POINT_TABLE: [(point(k), report(said="x" * 400)) for k in range(400)]}, check=False)
    assert error.value.kind == "full" and [row["input_id"] for row in casestore.rows(case, i.POINT_TABLE)] == [key]


# --- where it lies ---------------------------------------------------------------------------
@pytest.mark.parametrize("system, network", [
    ("cifs", True), ("smb3", True), ("nfs4", True), ("fuse.sshfs", True), ("9p", True), ("fuse.rclone", True),
    ("vboxsf", True), ("smbfs", True), ("ext4", False), ("NTFS", False), ("apfs", False), ("fuse.exfat", False),
    ("tmpfs", False), ("fuseblk", False), ("btrfs", False)])
def test_shares_are_known_by_their_file_system(system, network):
    assert storage.is_network(system) is network


def test_shares_and_clouds_are_told_and_do_not_stop_work(case, monkeypatch):
    assert storage._is_remote("\\\\server\\share\\case.gpkg") and storage._is_remote("//server/share/case.gpkg")
    assert not storage._is_remote("\\\\?\\C:\\case.gpkg") and storage._is_remote("\\\\?\\UNC\\server\\x.gpkg")
    assert storage.cloud("C:\\Users\\a\\OneDrive - City Police\\case.gpkg") == "OneDrive"
    assert storage.cloud("/home/a/Dropbox/x/case.gpkg") == "Dropbox" and storage.cloud("/home/a/dropboxes/c.gpkg") == ""
    from hotspot_plugin.layers import casehealth

    held = storage.Storage("cifs", True, "Dropbox", 10**9, False)
    monkeypatch.setattr(casehealth.storage, "of", lambda path: held)
    health = casestore.probe(case)
    assert health.state == "good" and len(health.warnings) == 2
    assert "network share" in health.warnings[0] and "Dropbox copies" in health.warnings[1]
    add(case)
    assert sql(case, "PRAGMA journal_mode") == [("delete",)]
