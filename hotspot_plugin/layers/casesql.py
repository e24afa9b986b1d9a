"""Connections to a case file: short waits, errors in plain words, and the functions that its spatial tables ask for.

A spatial table of a GeoPackage has triggers that keep its index; they call functions which
GDAL has and SQLite has not. With these five a row with a shape is written in the same
transaction as all others, under a lock that was taken before anything else.
"""

from __future__ import annotations

import sqlite3
import struct
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Callable, Iterator

from qgis.core import QgsGeometry, QgsRectangle

from ..analysis.errors import HotspotError
from ..translation import tr

#: Seconds for which another program's lock is waited for.
PATIENCE = 0.3
#: Seconds for which the end of another program's reading is waited for when all is written but for the last step.
LAST_PATIENCE = 3.0
#: Bytes of the box in the head of a shape, by its code.
_BOXES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}


class CaseError(HotspotError):
    """The case file cannot be read or written as asked; nothing was changed.

    Attributes
    ----------
    kind : str
        missing, foreign, damaged, newer, readonly, locked, full, disk, changed (by somebody else), gone (the row), or
        refused (by the rules of the form).
    fields : dict
        Field -> what to do, where the form refuses values.
    row : dict or None
        The row as it stands now, where somebody else changed it.
    """

    def __init__(self, kind: str, text: str, /, *, fields: dict | None = None, row: dict | None = None,
                 **values: object) -> None:
        self.kind, self.fields, self.row = kind, fields or {}, row
        super().__init__(text, **values)

    def words(self) -> str:
        """Return what to show, in the user's language."""
        return tr(self.text).format(**self.values) if self.values else tr(self.text)


def problem(error: BaseException, path: str | Path) -> CaseError:
    """Return an error of SQLite or of the system in plain words, with what to do."""
    text, name = str(error).lower(), Path(path).name
    if "locked" in text or "busy" in text:
        return CaseError("locked", "'{file}' is being written by somebody else, or by another program. Nothing was"
                         " changed here. Save and end editing where it is open, then try again.", file=name)
    if "readonly" in text or "read-only" in text or "permission" in text or "access" in text:
        return CaseError("readonly", "'{file}' can be read but not written. Ask for the right to write to it and to its"
                         " folder, or copy it to a folder of your own.", file=name)
    if "full" in text or "no space" in text or "quota" in text:
        return CaseError("full", "There is no room left on the disk of '{file}'. Nothing was changed. Make room, then"
                         " try again.", file=name)
    if "not a database" in text:
        return CaseError("foreign", "'{file}' is no GeoPackage. It was left as it is. Choose another file.", file=name)
    if "malformed" in text or "corrupt" in text or "disk image" in text:
        return CaseError("damaged", "'{file}' is damaged. It was left as it is. Take the last copy of it, or ask"
                         " whoever looks after your backups.", file=name)
    if "unable to open" in text:
        return CaseError("missing", "'{file}' cannot be opened. See that it is still there and that its drive is"
                         " connected.", file=name)
    if "i/o error" in text or isinstance(error, OSError):
        return CaseError("disk", "'{file}' could not be written ({error}). Nothing was changed. See that there is room"
                         " on the disk and that its drive is connected, then try again.", file=name, error=error)
    return CaseError("damaged", "'{file}' could not be used ({error}). Nothing was changed.", file=name, error=error)


def connect(path: str | Path, readonly: bool = False) -> sqlite3.Connection:
    """Open a file that exists; a write that was cut off is undone by SQLite at the first look at it."""
    mode = "ro" if readonly else "rw"
    base = sqlite3.connect(f"{Path(path).resolve().as_uri()}?mode={mode}", uri=True, timeout=PATIENCE,
                           isolation_level=None)
    for name, function in _FUNCTIONS.items():
        base.create_function(name, 1, function, deterministic=True)
    return base


@contextmanager
def reading(path: str | Path) -> Iterator[sqlite3.Connection]:
    """Open a file to read; all that is read is of one moment."""
    with opened(path) as base:
        base.execute("PRAGMA query_only = 1")
        base.execute("BEGIN")
        yield base
        base.execute("ROLLBACK")


@contextmanager
def writing(path: str | Path) -> Iterator[sqlite3.Connection]:
    """Open a file and write in one transaction: all of it stands on the disk at the end, or nothing.

    Raises
    ------
    CaseError
        At once where somebody else is writing.
    """
    with opened(path) as base:
        base.execute("PRAGMA trusted_schema = 1")  # the triggers of the spatial index call our functions
        base.execute("BEGIN IMMEDIATE")
        try:
            yield base
            base.execute(f"PRAGMA busy_timeout = {int(1000 * LAST_PATIENCE)}")
            base.execute("COMMIT")
        except BaseException:
            if base.in_transaction:
                base.execute("ROLLBACK")
            raise


@contextmanager
def opened(path: str | Path) -> Iterator[sqlite3.Connection]:
    """Open a file; errors come as :class:`CaseError`."""
    base = None
    try:
        base = connect(path)
        yield base
    except (sqlite3.Error, OSError) as error:
        raise problem(error, path) from error
    finally:
        if base is not None:
            base.close()


# --- shapes of a GeoPackage ------------------------------------------------------------------
def to_blob(geometry: QgsGeometry, srs: int) -> bytes:
    """Return a shape as a GeoPackage keeps it: a head with its box, then WKB."""
    if geometry.isEmpty():
        return b"GP\x00\x11" + struct.pack("<i", srs) + bytes(geometry.asWkb())
    box = geometry.boundingBox()
    return b"GP\x00\x03" + struct.pack("<i4d", srs, box.xMinimum(), box.xMaximum(), box.yMinimum(),
                                       box.yMaximum()) + bytes(geometry.asWkb())


def from_blob(blob: bytes | None) -> QgsGeometry | None:
    """Return the shape that a GeoPackage keeps; None where there is none or it cannot be read."""
    if not blob or blob[:2] != b"GP":
        return None
    out = QgsGeometry()
    out.fromWkb(bytes(blob[8 + _BOXES.get(blob[3] >> 1 & 7, 0):]))
    return None if out.isNull() else out


def _is_empty(blob: bytes | None) -> int | None:
    if not blob or blob[:2] != b"GP":
        return None
    return int(bool(blob[3] >> 4 & 1))


def _side(of: Callable[[QgsRectangle], float]) -> Callable[[bytes | None], float | None]:
    def side(blob: bytes | None) -> float | None:
        shape = from_blob(blob)
        return None if shape is None or shape.isEmpty() else of(shape.boundingBox())

    return side


_FUNCTIONS: dict[str, Any] = {
    "ST_IsEmpty": _is_empty, "ST_MinX": _side(QgsRectangle.xMinimum), "ST_MaxX": _side(QgsRectangle.xMaximum),
    "ST_MinY": _side(QgsRectangle.yMinimum), "ST_MaxY": _side(QgsRectangle.yMaximum),
}
