"""Fences and walls as tools read them: lines from one or two layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.cpted.frontage import Lines
from ...layers.areas import LINE
from ...layers.overlay import line_parts


def read_barriers(run: Any, *names: str) -> tuple[Lines | None, int]:
    """Return the lines of the layers given, None without any, and the number of features.

    The outlines of polygons count as lines.
    """
    vertices, owner, starts, count, corners = [], [], [], 0, 0
    for name in names:
        if not run.has(name):
            continue
        layer = run.areas(name)
        found, of, begin = line_parts(layer) if layer.kind == LINE else layer.rings()
        vertices.append(found)
        owner.append(of + count)
        starts.append(begin + corners)
        count, corners = count + len(layer), corners + len(found)
    if not vertices:
        return None, 0
    return Lines(np.concatenate(vertices), np.concatenate(owner), np.concatenate(starts)), count
