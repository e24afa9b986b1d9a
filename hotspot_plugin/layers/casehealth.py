"""Is a case file well: there, ours, whole, writable, and in a place where it is safe to write?"""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass, field
from pathlib import Path

from ..analysis.community import inputs as i
from ..analysis.problems import register as r
from ..translation import tr
from . import caseinfo, casesql, storage
from .casesql import CaseError
from .sql import quoted

#: Bytes below which a disk counts as full.
LEAST_ROOM = 8_000_000
#: Seconds that looking for damage may take.
_LOOK = 0.4
_REGISTER, _INPUT = (*r.TABLES, r.ROLES), (i.POINT_TABLE, i.AREA_TABLE)


@dataclass(frozen=True)
class Health:
    """How a file is.

    Attributes
    ----------
    state : str
        good, missing, foreign, damaged, newer, readonly, locked, full or disk.
    text : str
        What it means and what to do; in the user's language.
    warnings : list of str
        What does not stop work, such as a file on a share.
    practice : bool
        Whether its data were made for practice.
    version : int
        Of the layout; 0 for a register or an input file that was made alone.
    register, community : bool
        Whether it has the tables of problems, and those of residents' reports.
    info : dict
        What the file says of itself.
    """

    state: str
    text: str
    warnings: list = field(default_factory=list)
    practice: bool = False
    version: int = 0
    register: bool = False
    community: bool = False
    info: dict = field(default_factory=dict)

    @property
    def readable(self) -> bool:
        """Whether its rows can be shown."""
        if self.state == "locked":  # some locks let nobody read: then nothing was seen in it
            return self.register or self.community
        return self.state in ("good", "readonly", "full")

    @property
    def writable(self) -> bool:
        """Whether rows can be added and changed."""
        return self.state == "good"


# --- is it well? -----------------------------------------------------------------------------
def probe(path: str | Path) -> Health:
    """Look at a file within a second, and undo what a crash left half written. A foreign file is left as it is."""
    place = Path(path)
    try:
        return _look(place)
    except OSError as error:  # a folder that may not be entered, a drive that is gone
        found = casesql.problem(error, place)
        return Health(found.kind, found.words())


def _look(place: Path) -> Health:
    # never opened by anything but SQLite: closing any handle of a file drops the locks that the process has on it
    if not place.exists():
        return Health("missing", tr("There is no file '{file}'. See that its drive is connected, or choose another"
                                    " file.").format(file=place.name))
    if not place.is_file() or not place.stat().st_size:
        return Health("foreign", tr("'{file}' is no case file. It was left as it is. Choose another file, or make a"
                                    " new one.").format(file=place.name))
    try:
        health = _recognise(place)
    except CaseError as error:
        return Health(error.kind, error.words())
    if health.state != "good":
        return health
    held = storage.of(place)
    state, text = _can_write(place, held)
    warnings = [*_doubts(place, held), *health.warnings]
    return Health(state, text or health.text, warnings, health.practice, health.version, health.register,
                  health.community, health.info)


def is_case(path: str | Path) -> bool:
    """Whether a file is a case file, a register or community input, and not damaged."""
    return probe(path).readable


def _recognise(place: Path) -> Health:
    name = place.name
    with casesql.reading(place) as base:
        tables = {row[0] for row in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        info = caseinfo.read(base)
        columns = {table: {row[1] for row in base.execute(f"PRAGMA table_info({quoted(table)})")}
                   for table in {*_REGISTER, *_INPUT} & tables}
        whole = _look_for_damage(base)
    ours = info.get(caseinfo.KIND) == caseinfo.CASE
    register = r.PROBLEM_ID in columns.get(r.PROBLEMS, ()) and r.JOURNAL in tables
    community = i.INPUT_ID in columns.get(i.POINT_TABLE, ())
    if not (ours or register or community):
        return Health("foreign", tr("'{file}' is a GeoPackage, but no case file. It was left as it is. Choose another"
                                    " file, or make a new one.").format(file=name), info=info)
    version = int(info[caseinfo.VERSION]) if info.get(caseinfo.VERSION, "").isdigit() else 0
    facts = {"practice": info.get(caseinfo.PRACTICE) == "1", "version": version, "register": register,
             "community": community, "info": info}
    if version > caseinfo.FORMAT:
        return Health("newer", tr("'{file}' was made by a newer version of the plugin. It was left as it is. Bring the"
                                  " plugin up to date to open it.").format(file=name), **facts)
    lost = _lost(columns, ours or register, ours or community)
    if lost or not whole:
        return Health("damaged", tr("'{file}' is damaged{what}. It was left as it is. Take the last copy of it, or ask"
                                    " whoever looks after your backups.").format(
            file=name, what=tr(": '{lost}' is missing").format(lost=lost) if lost else ""), **facts)
    return Health("good", tr("'{file}' is ready.").format(file=name), **facts)


def _look_for_damage(base: sqlite3.Connection) -> bool:
    """Return False where the file is damaged, as far as the time given is enough to see."""
    until = time.monotonic() + _LOOK
    base.set_progress_handler(lambda: int(time.monotonic() > until), 20_000)
    try:
        return base.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
    except sqlite3.OperationalError as error:
        if "interrupted" in str(error):
            return True
        raise
    finally:
        base.set_progress_handler(None, 0)


def _lost(columns: dict, register: bool, community: bool) -> str:
    """Return the first table or field that should be there and is not."""
    wanted = {**(r.TABLES if register else {}), **(dict.fromkeys(_INPUT, i.COLUMNS) if community else {})}
    for table, names in wanted.items():
        if table not in columns:
            return table
        for name in names:
            if name not in columns[table]:
                return f"{table}.{name}"
    return ""


def _can_write(place: Path, held: storage.Storage) -> tuple[str, str]:
    try:
        if held.readonly:
            raise casesql.problem(PermissionError("read-only"), place)
        if held.free is not None and held.free < LEAST_ROOM:
            raise casesql.problem(OSError("disk full"), place)
        _try_lock(place)
    except CaseError as error:
        return error.kind, error.words()
    return "good", ""


def _try_lock(place: Path) -> None:
    """Take the lock, begin to write, and take all of it back: a file in a folder that is read-only fails only then."""
    with casesql.opened(place) as base:
        if base.execute("PRAGMA journal_mode").fetchone()[0] == "wal" and not Path(f"{place}-shm").exists():
            base.execute("PRAGMA journal_mode = DELETE")  # left so by a program that ended early
        version = base.execute("PRAGMA user_version").fetchone()[0]
        base.execute("BEGIN IMMEDIATE")
        base.execute(f"PRAGMA user_version = {int(version)}")
        base.execute("ROLLBACK")


def _doubts(place: Path, held: storage.Storage) -> list:
    out = []
    if held.network:
        out.append(tr("This file is on a network share. Let one person write at a time, and copy it to your own"
                      " machine for long work: a connection that breaks in the middle can damage it."))
    if held.cloud:
        out.append(tr("{service} copies this folder elsewhere. Let one person write at a time, and wait until it is in"
                      " step: two copies that are changed at once cannot be put together again.").format(
            service=held.cloud))
    if Path(f"{place}-wal").exists():
        out.append(tr("This file is open for editing in a layer or in another program. Save there before you count on"
                      " what you see here."))
    return out
