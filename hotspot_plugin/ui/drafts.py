"""Half-filled forms that survive a crash: small files in the user's profile, written by a thread of the background.

A form may keep its draft at every keystroke: the call only remembers it. The thread writes
the latest of each into a file beside, brings it to the disk, and puts it in the place of the
old one in a single step; whenever the machine stops, one of the two is there, whole.
"""

from __future__ import annotations

import json
import os
import re
import threading
import time
from pathlib import Path

from qgis.core import QgsApplication

from ..translation import tr

_NOTHING = object()
#: Drafts of programs that were ended leave these; they are swept away when they are a day old.
_HALF = ".half"
_DAY = 86_400
#: Days after which a draft is swept away that nobody came back to: its row or its case file may be gone.
_KEPT_DAYS = 180


def default_folder() -> Path:
    """Return the folder of drafts in the user's profile."""
    return Path(QgsApplication.qgisSettingsDirPath()) / "crime_hotspots" / "drafts"


class Drafts:
    """The drafts of all forms of the dock; a draft holds whatever JSON knows.

    Parameters
    ----------
    folder : Path, optional
        That of the profile if None. It is made when the first draft is written.

    Attributes
    ----------
    notes : list of str
        What could not be read or written, to be told in passing.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        self.folder = Path(folder) if folder is not None else default_folder()
        self.notes: list = []
        self._latest: dict = {}  # name -> JSON text, or nothing where it was dropped
        self._waiting: dict = {}  # what of it is not on the disk yet
        self._busy = self._closed = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def keep(self, name: str, values: dict) -> None:
        """Keep the latest state of a form; returns at once."""
        text = json.dumps(values, ensure_ascii=False)
        with self._changed:
            if not self._closed and self._latest.get(name) != text:
                self._latest[name] = text
                self._ask(name, text)

    def get(self, name: str) -> dict | None:
        """Return the draft of a form; None where there is none, or it cannot be read, of which there is a note then."""
        with self._changed:
            known = self._latest.get(name)
        if known is _NOTHING:
            return None
        try:
            found = json.loads(self.file(name).read_text(encoding="utf-8") if known is None else known)
            if not isinstance(found, dict):
                raise ValueError(type(found).__name__)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            self._note(tr("A form that was not finished could not be read again ({error}). Begin it anew.").format(
                error=error))
            return None
        return found

    def drop(self, name: str) -> None:
        """Forget a draft, because its form was saved or emptied; returns at once."""
        with self._changed:
            if not self._closed and self._latest.get(name) is not _NOTHING:
                self._latest[name] = _NOTHING
                self._ask(name, _NOTHING)

    def names(self) -> list:
        """Return the names of the drafts that this object was given."""
        with self._changed:
            return [name for name, text in self._latest.items() if text is not _NOTHING]

    def file(self, name: str) -> Path:
        """Return the file of a draft."""
        return self.folder / (re.sub(r"[^A-Za-z0-9_-]", lambda c: f"%{ord(c.group()):x}", name) + ".json")

    def flush(self, seconds: float = 5.0) -> bool:
        """Wait until all is on the disk; return whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and not self._busy, seconds)

    def close(self, seconds: float = 5.0) -> bool:
        """Write what is left and end the thread; nothing is kept after that."""
        done = self.flush(seconds)
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(seconds)
            self._thread = None
        return done

    # --- the thread --------------------------------------------------------------------------
    def _ask(self, name: str, text: object) -> None:
        self._waiting[name] = text
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="crime hotspots drafts", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def _work(self) -> None:
        self._sweep()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if not self._waiting:
                    return
                name, text = self._waiting.popitem()
                self._busy = True
            try:
                self._write(name, text)
            except OSError as error:
                self._note(tr("What you write cannot be kept for the case of a crash ({error}).").format(
                    error=error.strerror or error))
            finally:
                with self._changed:
                    self._busy = False
                    self._changed.notify_all()

    def _write(self, name: str, text: object) -> None:
        target = self.file(name)
        if text is _NOTHING:
            target.unlink(missing_ok=True)
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        half = target.with_suffix(f".{os.getpid()}{_HALF}")
        with open(half, "w", encoding="utf-8") as out:
            out.write(str(text))
            out.flush()
            os.fsync(out.fileno())
        os.replace(half, target)

    def _sweep(self) -> None:
        for ending, days in ((_HALF, 1), (".json", _KEPT_DAYS)):
            for left in self.folder.glob(f"*{ending}"):
                try:
                    if time.time() - left.stat().st_mtime > days * _DAY:
                        left.unlink()
                except OSError:  # another QGIS took it away, or still writes it
                    continue

    def _note(self, text: str) -> None:
        with self._changed:
            if text not in self.notes:
                self.notes.append(text)
