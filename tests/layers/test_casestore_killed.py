"""Ended by force a hundred times in the middle of saving: nothing that was told as saved is lost."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from qgis.core import QgsProcessingFeedback, QgsRectangle, QgsVectorLayer

from hotspot_plugin.analysis.community import inputs as i
from hotspot_plugin.analysis.problems import register as r
from hotspot_plugin.layers import casestore

ROOT = Path(__file__).parents[2]
TURNS = 100
#: Starts once, and splits off a child for each turn before any file is open. A child adds a report or changes one in
#: turn and tells each when it is saved; some milliseconds after the first it is killed, wherever it then is.
SAVING = r"""
import os, random, signal, sys, time
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from qgis.core import QgsApplication, QgsGeometry
app = QgsApplication([], False)
app.initQgis()
from hotspot_plugin.layers import casestore

path, turns, chance = sys.argv[1], int(sys.argv[2]), random.Random(11)


def save(turn, began):
    n = 0
    while True:
        shape = QgsGeometry.fromWkt(f"POINT({500000 + turn} {5540000 + n})")
        values = {"category": "light", "concern": 4, "source": "report", "consent": "count", "said": f"Dark {turn} {n}"}
        (key,) = casestore.insert(path, {"input_points": [(shape, values)]}, "officer")["input_points"]
        os.write(1, f"new {key}\n".encode())
        os.write(began, b"!")
        casestore.change(path, "input_points", key, {"status": "acknowledged"}, "analyst", {"status": "new"})
        os.write(1, f"seen {key}\n".encode())
        n += 1


for turn in range(turns):
    listening, began = os.pipe()
    child = os.fork()
    if not child:
        try:
            save(turn, began)
        except BaseException as error:
            os.write(1, f"failed {error!r}\n".encode())
        os._exit(1)
    os.close(began)
    os.read(listening, 1)
    time.sleep(chance.uniform(0.0, 0.15))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(listening)
    hot = os.path.exists(path + "-journal")
    os.write(1, f"turn {turn} {int(hot)}\n".encode())
os._exit(0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes of POSIX")
def test_killed_a_hundred_times_while_saving(provider, tmp_path):
    from qgis import processing

    path = str(tmp_path / "case.gpkg")
    processing.run("hotspot:casefile", {"OUTPUT": path, "CRS": "EPSG:25832"}, feedback=QgsProcessingFeedback())
    done = subprocess.run([sys.executable, "-c", SAVING, path, str(TURNS)], cwd=ROOT, capture_output=True, text=True,
                          timeout=200)
    assert done.returncode == 0, done.stderr[-2000:]
    told = [line.split() for line in done.stdout.splitlines()]
    assert not [line for line in told if line[0] == "failed"], told
    turns = [line for line in told if line[0] == "turn"]
    new, seen = ({line[1] for line in told if line[0] == kind} for kind in ("new", "seen"))
    assert len(turns) == TURNS and len(new) >= TURNS and seen
    assert any(line[2] == "1" for line in turns)  # some died with a write half done

    assert casestore.probe(path).state == "good" and not Path(f"{path}-journal").exists()
    rows = {row["input_id"]: row for row in casestore.rows(path, i.POINT_TABLE, shapes=True)}
    assert new <= set(rows) and len(set(rows) - new) <= TURNS  # saved, and killed before it could be told
    assert all(rows[key]["status"] == "acknowledged" and rows[key]["ack_on"] for key in seen)
    assert all(row["said"].startswith("Dark") and row["geometry"] is not None for row in rows.values())
    assert all((row["status"] == "acknowledged") == (row["ack_on"] is not None) for row in rows.values())

    entries = casestore.rows(path, r.JOURNAL)
    made = sorted(e[r.ROW_ID] for e in entries if e[r.CHANGE] == "insert")
    changed = sorted(e[r.ROW_ID] for e in entries if e[r.FIELD] == "status")
    assert made == sorted(rows)  # an entry for each row, and no other
    assert changed == sorted(key for key, row in rows.items() if row["status"] == "acknowledged")
    assert {e[r.ROLE] for e in entries} == {"officer", "analyst"}
    with closing(sqlite3.connect(path)) as base:
        assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert base.execute("SELECT rtreecheck('rtree_input_points_geom')").fetchone() == ("ok",)
        assert base.execute("SELECT count(*) FROM case_info WHERE key = 'role_now'").fetchone() == (0,)
    layer = QgsVectorLayer(f"{path}|layername={i.POINT_TABLE}", "x", "ogr")
    assert len(list(layer.getFeatures(QgsRectangle(499_999, 5_539_999, 500_200, 5_550_000)))) == len(rows)


def test_a_write_that_was_cut_off_is_undone_at_the_first_look(provider, tmp_path):
    """A journal left behind by a process that died with pages half written."""
    from qgis import processing

    path = str(tmp_path / "case.gpkg")
    processing.run("hotspot:casefile", {"OUTPUT": path}, feedback=QgsProcessingFeedback())
    casestore.keep(path, "x", "before")
    with closing(sqlite3.connect(path)) as base:
        base.execute("PRAGMA cache_spill = 1")
        base.execute("PRAGMA cache_size = 1")  # pages go to the file before the end
        base.execute("BEGIN IMMEDIATE")
        base.execute("UPDATE case_info SET value = 'after'")
        base.executemany("INSERT INTO roles (role) VALUES (?)", [("x" * 3000,)] * 200)
        for end in ("", "-journal"):
            shutil.copy(path + end, str(tmp_path / "cut.gpkg") + end)
    cut = str(tmp_path / "cut.gpkg")
    assert Path(f"{cut}-journal").stat().st_size > 512 and Path(cut).stat().st_size > Path(path).stat().st_size
    assert casestore.probe(cut).state == "good" and not Path(f"{cut}-journal").exists()
    assert casestore.kept(cut, "x") == "before" and casestore.count(cut, r.ROLES) == 10
