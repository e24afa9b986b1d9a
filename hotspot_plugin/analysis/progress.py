"""Progress and cancelling for long computations, without knowing who watches.

A ``Progress`` is called with the fraction done (0 to 1). It raises
:class:`~hotspot_plugin.analysis.errors.Cancelled` when the run shall stop, so a
computation only needs to call it often enough (about every 0.3 s).
"""

from __future__ import annotations

from typing import Callable

Progress = Callable[[float], None]


def silent(fraction: float) -> None:
    """A progress that nobody watches and nobody cancels."""


def part(progress: Progress, start: float, end: float) -> Progress:
    """Return a progress whose 0 to 1 fills ``start`` to ``end`` of the given one."""
    span = end - start
    return lambda fraction: progress(start + span * fraction)
