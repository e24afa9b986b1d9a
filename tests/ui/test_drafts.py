"""Drafts of forms: the latest is kept, whole, whenever the program ends."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hotspot_plugin.ui.drafts import Drafts

ROOT = Path(__file__).parents[2]
#: Types a letter every few milliseconds; tells what it typed, and what it knows to be on the disk.
TYPING = r"""
import os, sys
from hotspot_plugin.ui.drafts import Drafts
tell = lambda text: os.write(1, text.encode())  # in one piece, or not at all
drafts, n = Drafts(sys.argv[1]), 0
while True:
    n += 1
    tell(f"typed {n}\n")
    drafts.keep("report", {"said": "a" * n, "count": n})
    if drafts.flush(): tell(f"safe {n}\n")
"""


@pytest.fixture
def drafts(tmp_path):
    made = Drafts(tmp_path / "deep" / "drafts")
    yield made
    made.close()


def test_a_draft_is_kept_found_again_and_dropped(drafts):
    assert drafts.get("report") is None and not drafts.folder.exists()
    values = {"said": "dunkle Ecke – »ça«", "concern": 4, "at": [9.1, 50.2], "day": None}
    drafts.keep("report", values)
    assert drafts.get("report") == values  # before it is on the disk
    assert drafts.flush()
    again = Drafts(drafts.folder)
    assert again.get("report") == values and again.get("other") is None
    drafts.drop("report")
    assert drafts.get("report") is None and drafts.flush()
    assert not list(drafts.folder.iterdir()) and Drafts(drafts.folder).get("report") is None


def test_only_the_latest_counts_and_keeping_does_not_wait(drafts, monkeypatch):
    slow, written = Drafts._write, []

    def write(self, name, text):
        time.sleep(0.05)
        written.append(text)
        slow(self, name, text)

    monkeypatch.setattr(Drafts, "_write", write)
    started = time.perf_counter()
    for n in range(500):
        drafts.keep("report", {"n": n})
    assert time.perf_counter() - started < 0.25  # 25 s if each were waited for
    assert drafts.flush() and json.loads(drafts.file("report").read_text()) == {"n": 499}
    assert len(written) < 20
    drafts.keep("report", {"n": 499})  # nothing new
    assert drafts.flush() and len(written) < 20


def test_a_damaged_draft_is_a_note_and_no_error(drafts):
    drafts.folder.mkdir(parents=True)
    for text in ("{\"said\": \"a", "[1, 2]", "\x00\x00"):
        drafts.file("report").write_text(text)
        assert drafts.get("report") is None
    assert drafts.notes and all("Begin it anew" in note for note in drafts.notes)
    drafts.keep("report", {"said": "b"})
    assert drafts.flush() and Drafts(drafts.folder).get("report") == {"said": "b"}


def test_a_folder_that_cannot_be_written_is_a_note(tmp_path):
    (tmp_path / "file").write_text("no folder")
    drafts = Drafts(tmp_path / "file" / "drafts")
    drafts.keep("report", {"said": "a"})
    assert drafts.flush() and "cannot be kept" in drafts.notes[0] and drafts.get("report") == {"said": "a"}
    assert drafts.close()


def test_names_become_files_that_cannot_leave_the_folder(drafts):
    assert drafts.file("../../x y").parent == drafts.folder
    assert drafts.file("a/b") != drafts.file("a_b")


def test_closing_writes_what_is_left_and_ends_the_thread(tmp_path):
    drafts = Drafts(tmp_path)
    drafts.keep("report", {"said": "a"})
    thread = drafts._thread
    assert drafts.close() and not thread.is_alive() and Drafts(tmp_path).get("report") == {"said": "a"}
    drafts.keep("report", {"said": "late"})
    assert Drafts(tmp_path).get("report") == {"said": "a"} and drafts.close()


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_killed_while_typing_only_the_last_keystroke_is_lost(tmp_path):
    chance = random.Random(7)
    for turn in range(5):
        folder = tmp_path / str(turn)
        child = subprocess.Popen(
            [sys.executable, "-c", TYPING, str(folder)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert child.stdout.readline() == "typed 1\n"
        time.sleep(chance.uniform(0.02, 0.3))
        child.send_signal(signal.SIGKILL)
        told = [line.split() for line in ("typed 1\n" + child.stdout.read()).splitlines() if " " in line]
        child.wait()
        child.stdout.close()
        typed = max(int(n) for what, n in told if what == "typed")
        safe = max((int(n) for what, n in told if what == "safe"), default=0)
        found = Drafts(folder).get("report") or {"said": "", "count": 0}
        assert found["said"] == "a" * found["count"]
        assert max(safe, typed - 1) <= found["count"] <= typed + 1, (turn, safe, typed, found["count"])
