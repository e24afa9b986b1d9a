"""What background work owes to Qt: its objects die in the main thread, and nothing of the main thread dies in it.

PyQt 5 hears in the main thread that an object which it wrapped has been destroyed. Of one that dies in another thread
it hears later, through the queue of events; by then a new object may lie at the same address, and PyQt takes that one
for dead: "wrapped C/C++ object has been deleted". It concerns whatever C++ made and Python merely looked at: the
provider of a layer, the pages of a layout, the tree of a project. So whoever makes the owner of such an object in a
tool hands it to :func:`keep`: it lives until the tool is done and then dies in the main thread.

The other way round, Python collects garbage in whatever thread happens to ask for memory. Garbage of the main thread,
a context with its layers or a mark on the map, would be destroyed beside events that still know it, and QGIS would
end. So no garbage is collected while a tool of ours works in the background.
"""

from __future__ import annotations

import gc
import threading
from contextlib import contextmanager
from typing import Iterator, TypeVar

from qgis.PyQt.QtCore import QCoreApplication, QObject

_Thing = TypeVar("_Thing", bound=QObject)
_here = threading.local()


class _Garbage:
    """Switches the collection of garbage off as long as anybody wants it so."""

    def __init__(self) -> None:
        self._lock, self._wishes, self._was_on = threading.Lock(), 0, True

    def leave(self) -> None:
        with self._lock:
            if not self._wishes:
                self._was_on = gc.isenabled()
                gc.disable()
            self._wishes += 1

    def collect_again(self) -> None:
        with self._lock:
            self._wishes -= 1
            if not self._wishes and self._was_on:
                gc.enable()


_garbage = _Garbage()


def keep(thing: _Thing) -> _Thing:
    """Keep a new object without a parent until the surrounding :func:`kept` ends; without one nothing is done."""
    things = getattr(_here, "things", None)
    if things is not None:
        things.append(thing)
    return thing


@contextmanager
def kept() -> Iterator[None]:
    """Let what is kept meanwhile die in the main thread, the last first, and leave garbage where it is.

    In the main thread there is no need to.
    """
    if threading.current_thread() is threading.main_thread():
        yield
        return
    outer = getattr(_here, "things", None)
    things: list = []
    _here.things = things
    _garbage.leave()
    try:
        yield
    finally:
        _garbage.collect_again()
        _here.things = outer
        main = QCoreApplication.instance().thread()
        while things:
            # where Python lets go of it, PyQt has it destroyed by the thread that it belongs to
            things[-1].moveToThread(main)
            del things[-1]
