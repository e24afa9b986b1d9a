"""The file of the register: read at the start, kept for this run alone, replaced at the end in one step."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from ...analysis.errors import InputError
from ...analysis.privacy import releases
from ...translation import tr

#: Seconds to wait for another run, and between two looks.
_WAIT, _LOOK = 5.0, 0.2


class Register:
    """A register that no other run can write while this one works.

    Two runs on one register, on one machine or on a shared folder, are kept apart by a lock
    file beside it, which only one of them can make. The register is replaced as a whole by a
    file written beside it, so that a run that fails, or a machine that stops, leaves it as
    it was.
    """

    def __init__(self, run: Any, name: str) -> None:
        self.parameter, self.path = name, Path(run.file(name))
        self.lock = self.path.with_name(self.path.name + ".lock")
        self._pending: list | None = None
        if self.path.is_dir() or not self.path.parent.is_dir():
            raise InputError(name, "'{file}' is in no folder that exists, or is a folder. Choose a file; the first"
                             " release makes it.", file=self.path.name)
        self._take(run)
        try:
            self._before = self._bytes()
            self.tables = releases.read(self._before.decode("utf-8-sig", errors="replace"), name, self.path.name)
        except Exception:
            self.release()
            raise

    def _take(self, run: Any) -> None:
        until = time.monotonic() + _WAIT
        while True:
            run.check()
            try:
                handle = os.open(self.lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
                os.close(handle)
                return
            except FileExistsError:
                if time.monotonic() > until:
                    raise InputError(
                        self.parameter, "Another run is using the register. Wait until it has ended; if there is none"
                        " because a run broke off, delete the file '{file}' beside it.", file=self.lock.name) from None
                time.sleep(_LOOK)
            except OSError as error:
                raise self._refused(error) from error

    def _bytes(self) -> bytes:
        try:
            return self.path.read_bytes() if self.path.exists() else b""
        except OSError as error:
            raise self._refused(error) from error

    def _refused(self, error: OSError) -> InputError:
        return InputError(
            self.parameter, "The register cannot be read or written ({error}). Choose a file in a folder that you may"
            " write to.", error=error.strerror or error)

    @property
    def last(self) -> int:
        """Number of the latest release, 0 without any."""
        return max((table.release for table in self.tables), default=0)

    def add(self, tables: list) -> None:
        """Have tables added when the run has ended well."""
        self._pending = tables

    def commit(self) -> None:
        """Write what was added."""
        if not self._pending:
            return
        if self._bytes() != self._before:
            raise InputError(self.parameter, "The register was changed while this release was made. Do not publish"
                             " this result; run again.")
        beside = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
        try:
            with open(beside, "w", encoding="utf-8", newline="\n") as file:
                file.write(releases.write([*self.tables, *self._pending]))
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, self.path)
        except OSError as error:
            beside.unlink(missing_ok=True)
            raise InputError(
                self.parameter, "The register could not be written ({error}). Do not publish this result: later"
                " releases would not know of it.", error=error.strerror or error) from error
        self._pending = None

    def release(self) -> None:
        """Let other runs have the register."""
        self.lock.unlink(missing_ok=True)


def draft_words() -> str:
    """What a result without a register calls itself."""
    return tr("Draft, not for publication: it is in no register of releases.")
